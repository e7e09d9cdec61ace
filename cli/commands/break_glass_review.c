/*
 * countersign break-glass review: somebody who did not have it says what was done with emergency access.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    *ret_document = json_pack("{s:s, s:s, s:s}", "break_glass", options_argument(options, 0), "conclusion",
                              options_text(options, "conclusion"), "note", options_text(options, "note"));
    return *ret_document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "break-glass-review", make_document);
}

static const struct option_spec options_of_break_glass_review[] = {
    {"conclusion", 0, "justified|unjustified", "what the review comes to", OPTION_REQUIRED},
    {"note", 0, "TEXT", "what was looked at and found", OPTION_REQUIRED},
    GOVERN_ROWS,
    {0},
};

const struct command command_break_glass_review = {
    .name = "break-glass review",
    .summary = "concludes on emergency access",
    .arguments = "ACCESS",
    .text = "By an officer or an auditor, after it is over. Until it is reviewed, past the days of the policy, those "
            "who had it do "
            "nothing in the book.",
    .example =
        "countersign break-glass review BG-1 --conclusion justified --note \"CN-812 to CN-815 against the ticket\"",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_break_glass_review,
    .run = run,
};

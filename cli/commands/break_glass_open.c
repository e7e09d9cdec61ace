/*
 * countersign break-glass open: two officers lend functions to named users for hours. What is made under it is flagged, and
 * somebody outside it has to review it.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    json_t *entities = govern_texts(options, "entity");
    if (entities != NULL && json_array_size(entities) == 0)
        json_array_append_new(entities, json_string("*"));
    *ret_document = json_pack("{s:o, s:o, s:o, s:s, s:s}", "users", govern_texts(options, "user"), "functions",
                              govern_texts(options, "function"), "entities", entities, "ticket",
                              options_text(options, "ticket"), "reason", options_text(options, "reason"));
    if (*ret_document != NULL) {
        enum status status = govern_set_time(options, "until", *ret_document, "until", err);
        if (status != STATUS_OK)
            return status;
    }
    return *ret_document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "break-glass", make_document);
}

static const struct option_spec options_of_break_glass_open[] = {
    {"user", 0, "USER", "who gets it", OPTION_REPEATS | OPTION_REQUIRED},
    {"function", 0, "FUNCTION", "what: a function that prepares or approves", OPTION_REPEATS | OPTION_REQUIRED},
    {"entity", 0, "ENTITY", "for this entity; all where not given", OPTION_REPEATS},
    {"until", 0, "TIME", "when it ends, at most the hours of the policy from the second signature", OPTION_REQUIRED},
    {"ticket", 0, "TEXT", "the incident", OPTION_REQUIRED},
    {"reason", 0, "TEXT", "why it cannot wait", OPTION_REQUIRED},
    GOVERN_ROWS,
    {0},
};

const struct command command_break_glass_open = {
    .name = "break-glass open",
    .summary = "lends functions in an emergency",
    .arguments = "",
    .text = "One officer submits it, another approves. Documents made under it are posted with --emergency.",
    .example = "countersign break-glass open --user tom --function credit-note.approve.2 --until 2026-03-31T22:00:00Z "
               "--ticket INC-77 --reason \"Manager in hospital, close tonight\"",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .options = options_of_break_glass_open,
    .run = run,
};

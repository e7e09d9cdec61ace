/*
 * countersign period close: closes a month, softly or for good; a dry run first tells what the close would leave behind.
 */
#include "cli/close_report.h"
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/period.h"
#include "cli/session.h"

/* What a close would leave behind is told before what would be decided. */
static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    bool soft = options_flag(options, "soft"), hard = options_flag(options, "hard");
    if (soft && hard)
        return err_set(err, STATUS_INPUT, "either --soft or --hard, not both");
    json_t *document = NULL;
    enum status status = period_document(options, hard ? "hard" : "soft", &document, err);
    if (status == STATUS_OK && session_cli(session)->dry_run)
        status = close_report(session, options_argument(options, 0), options_argument(options, 1), err);
    if (status == STATUS_OK)
        *ret_document = document;
    else
        json_decref(document);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "period", make_document);
}

static const struct option_spec options_of_period_close[] = {
    {"soft", 0, NULL, "closed but for exceptions; can be opened again (this is what happens without --hard)", 0},
    {"hard", 0, NULL, "closed for good: no exception, never open again", 0},
    {"reason", 0, "TEXT", "why", OPTION_REQUIRED},
    GOVERN_ROWS,
    {0},
};

const struct command command_period_close = {
    .name = "period close",
    .summary = "closes a month",
    .arguments = "ENTITY YYYY-MM",
    .text = "One closer of the entity does it, at once; what still waits with a date in the month is refused when it "
            "comes to "
            "be posted.\n"
            "With --dry-run: what waits and whose turn it is, what that comes to by kind and account (for accrual), "
            "how old "
            "the feeds are, which exceptions hold.",
    .example = "countersign period close US01 2026-06 --soft --reason \"Month end\" --dry-run",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 2,
    .arguments_max = 2,
    .options = options_of_period_close,
    .run = run,
};

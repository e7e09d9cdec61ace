/*
 * countersign period exception: lets one user into one closed month for some days; a second person has to sign.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/period.h"

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    json_t *document = NULL;
    enum status status = period_document(options, "open", &document, err);
    if (status == STATUS_OK && json_object_set_new(document, "user", json_string(options_text(options, "user"))) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory for a document");
    if (status == STATUS_OK)
        status = govern_set_time(options, "until", document, "until", err);
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

static const struct option_spec options_of_period_exception[] = {
    {"user", 0, "USER", "who may prepare documents of the month", OPTION_REQUIRED},
    {"until", 0, "TIME", "when the exception ends", OPTION_REQUIRED},
    {"reason", 0, "TEXT", "why", OPTION_REQUIRED},
    GOVERN_ROWS,
    {0},
};

const struct command command_period_exception = {
    .name = "period exception",
    .summary = "lets a user into a closed month",
    .arguments = "ENTITY YYYY-MM",
    .text =
        "For one user, one month and the days that the policy allows. Another closer of the entity, or a governance "
        "officer, has to approve; documents under it are flagged, and have to be posted before it ends. Closing the "
        "month again ends it at once.",
    .example = "countersign period exception US01 2026-06 --user maria.lopez --until 2026-07-06 --reason \"Credit for "
               "invoice 581483\"",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 2,
    .arguments_max = 2,
    .options = options_of_period_exception,
    .run = run,
};

/*
 * countersign show: a document as an approver has to see it.
 */
#include "cli/commands.h"
#include "cli/compose_options.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/session.h"

static enum status show(struct session *session, const char *number, struct err *err)
{
    const struct facts *facts = NULL;
    json_t *record = NULL;
    enum status status = session_begin_facts(session, &facts, err);
    if (status != STATUS_OK)
        return status;
    status = find_document(facts, number, &record, err);
    if (status == STATUS_OK)
        status = present_document(session, facts, record, err);
    json_decref(record);
    session_end_facts(session);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    struct err err = {0};
    enum status status = session_open(cli, options, SESSION_READ, &session, &err);
    for (size_t i = 0; status == STATUS_OK && i < options_argument_count(options); i++)
        status = show(session, options_argument(options, i), &err);
    session_close(session);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

const struct command command_show = {
    .name = "show",
    .summary = "shows whole documents",
    .arguments = "DOCUMENT...",
    .text = "Amounts, what the invoices have left, reason, evidence and where it lies, the customer's last "
            "twelve\n"
            "months, who did what and when, every control and its answer, the ledger lines, the content hash.",
    .example = "countersign show CN-42",
    .group = GROUP_APPROVERS,
    .flags = COMMAND_BOOK,
    .arguments_min = 1,
    .arguments_max = ARGUMENTS_ANY,
    .run = run,
};

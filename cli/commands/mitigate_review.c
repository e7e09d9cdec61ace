/*
 * countersign mitigate review: the reviewer of a mitigation answers for what was done under it. The number of uses that the
 * books have goes into the statement, so that nothing done meanwhile is looked past.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/session.h"
#include "ledger/books.h"
#include "ledger/schema.h"

/* How often it was used; 0, which the rule refuses, where there is no such mitigation. */
static enum status read_uses(struct session *session, const char *number, int64_t *ret_uses, struct err *err)
{
    const struct facts *facts = NULL;
    json_t *record = NULL;
    struct books_key key = books_key(number);
    enum status status = session_begin_facts(session, &facts, err);
    if (status == STATUS_OK)
        status = books_get(facts->books, BOOKS_MITIGATIONS, &key, &record, err);
    if (status == STATUS_NOT_FOUND)
        status = err_set(err, STATUS_NOT_FOUND, "there is no mitigation %s; see 'countersign conflicts'", number);
    if (status == STATUS_OK)
        *ret_uses = member_integer(record, "uses");
    if (status == STATUS_OK && *ret_uses == 0)
        status = err_set(err, STATUS_INPUT, "mitigation %s was not used yet: there is nothing to review", number);
    json_decref(record);
    session_end_facts(session);
    return status;
}

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    const char *number = options_argument(options, 0);
    int64_t uses = 0;
    enum status status = read_uses(session, number, &uses, err);
    if (status != STATUS_OK)
        return status;
    *ret_document = json_pack("{s:s, s:s, s:I}", "conclusion", options_text(options, "conclusion"), "mitigation",
                              number, "uses", (json_int_t)uses);
    return *ret_document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "mitigation-review", make_document);
}

static const struct option_spec options_of_review[] = {
    {"conclusion", 0, "TEXT", "what the review found", OPTION_REQUIRED},
    GOVERN_ROWS,
    {0},
};

const struct command command_mitigate_review = {
    .name = "mitigate review",
    .summary = "answers for what was done under a mitigation",
    .arguments = "MITIGATION",
    .text = "Only its reviewer may. 'log' and 'show' tell what was done; the decisions on it carry C-24.",
    .example = "countersign mitigate review MI-1 --conclusion \"Four credits, each with its contract\"",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_review,
    .run = run,
};

/*
 * Withdraw, reject, return: one statement over a list of documents, each named by number, version and content hash, so
 * that an amendment in between is noticed.
 */
#include "cli/answering.h"

#include "cli/compose_options.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/session.h"
#include "ledger/schema.h"

static enum status add_item(const struct facts *facts, const char *number, const char *reason, json_t *items,
                            struct err *err)
{
    json_t *record = NULL;
    enum status status = find_document(facts, number, &record, err);
    if (status != STATUS_OK)
        return status;
    json_t *item = json_pack("{s:O, s:s, s:s, s:I}", "content", json_object_get(record, "content"), "document", number,
                             "reason", reason, "version", (json_int_t)member_integer(record, "version"));
    json_decref(record);
    if (item == NULL)
        return err_set(err, STATUS_INPUT, "--reason: cannot hold this text");
    return json_array_append_new(items, item) == 0 ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
}

static enum status collect(struct session *session, json_t *items, struct err *err)
{
    const struct options *options = session_options(session);
    const struct facts *facts = NULL;
    enum status status = session_begin_facts(session, &facts, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; status == STATUS_OK && i < options_argument_count(options); i++)
        status = add_item(facts, options_argument(options, i), options_text(options, "reason"), items, err);
    session_end_facts(session);
    return status;
}

int answering_run(struct cli *cli, const struct options *options, enum verb verb)
{
    struct session *session = NULL;
    struct err err = {0};
    json_t *items = json_array();
    json_t *body = json_pack("{s:O}", "items", items);
    int answered = EXIT_DONE;
    enum status status = body != NULL ? STATUS_OK : err_set(&err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_WRITE, &session, &err);
    if (status == STATUS_OK)
        status = collect(session, items, &err);
    answered = status == STATUS_OK ? present_submit(session, verb, body, verb != VERB_WITHDRAW) : cli_error(cli, &err);
    session_close(session);
    json_decref(body);
    json_decref(items);
    return answered;
}

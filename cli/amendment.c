/*
 * Amendments: reads the version that stands, changes what the options say, sends the whole as the next version.
 */
#include "cli/amendment.h"

#include "cli/compose_options.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/session.h"
#include "ledger/schema.h"

static enum status read_version(struct session *session, const char *number, json_t **ret_record, struct err *err)
{
    const struct facts *facts = NULL;
    enum status status = session_begin_facts(session, &facts, err);
    if (status != STATUS_OK)
        return status;
    status = find_document(facts, number, ret_record, err);
    session_end_facts(session);
    return status;
}

static int amend(struct session *session, const char *number)
{
    json_t *record = NULL, *content = NULL;
    struct err err = {0};
    enum status status = read_version(session, number, &record, &err);
    if (status == STATUS_OK) {
        const struct compose_about about = {.before = json_object_get(record, "document")};
        status = compose_from_options(session, &about, &content, &err);
    }
    if (status != STATUS_OK) {
        json_decref(record);
        return cli_error(session_cli(session), &err);
    }
    json_t *body = json_pack("{s:[{s:o, s:s, s:I}]}", "amendments", "content", content, "document", number, "version",
                             (json_int_t)member_integer(record, "version"));
    int answered = present_submit(session, VERB_AMEND, body, false);
    json_decref(body);
    json_decref(record);
    return answered;
}

int amendment_run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    struct err err = {0};
    if (session_open(cli, options, SESSION_WRITE, &session, &err) != STATUS_OK)
        return cli_error(cli, &err);
    int answered = amend(session, options_argument(options, 0));
    session_close(session);
    return answered;
}

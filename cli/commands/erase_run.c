/*
 * countersign erase run: removes the files of an erasure that is in force. The journal keeps the hash, which tells nothing.
 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"
#include "controls/facts_govern.h"
#include "ledger/beside.h"
#include "ledger/schema.h"

static enum status erase_all(struct session *session, const json_t *personal, size_t *ret_gone, struct err *err)
{
    enum status status = STATUS_OK;
    *ret_gone = 0;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(personal); i++) {
        struct hash hash;
        status = hash_from_hex(json_string_value(json_array_get(personal, i)), &hash);
        if (status == STATUS_OK)
            status = personal_erase(session_book_dir(session), &hash, err);
        *ret_gone += status == STATUS_OK;
        if (status == STATUS_NOT_FOUND) /* erased already */
            status = STATUS_OK;
    }
    return status;
}

static enum status erase(struct session *session, size_t *ret_gone, struct err *err)
{
    const char *number = options_argument(session_options(session), 0);
    const struct facts *facts = NULL;
    json_t *record = NULL;
    char customer[ID_BYTES_MAX + 1] = "";
    enum status status = session_begin_facts(session, &facts, err);
    if (status == STATUS_OK)
        status = facts_document(facts, number, &record, err);
    const json_t *personal = json_object_get(json_object_get(record, "document"), "personal");
    if (status == STATUS_OK && (personal == NULL || strcmp(member_text(record, "state"), "in-force") != 0))
        status = err_set(err, STATUS_INPUT, "%s is no erasure in force", number);
    /* A hold that came after the erasure still stops what has not been removed. */
    if (status == STATUS_OK)
        status = facts_held_personal(facts, personal, customer, err);
    session_end_facts(session);
    if (status == STATUS_OK && customer[0] != '\0')
        status = err_set(err, STATUS_REFUSED, "customer %s is under legal hold by now: nothing was erased", customer);
    if (status == STATUS_OK)
        status = erase_all(session, personal, ret_gone, err);
    json_decref(record);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    size_t gone = 0;
    struct err err = {0};
    enum status status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = erase(session, &gone, &err);
    session_close(session);
    if (status != STATUS_OK)
        return cli_error(cli, &err);
    if (cli->json)
        return out_json(cli, json_pack("{s:I}", "erased", (json_int_t)gone));
    fprintf(cli->out, "%zu record%s erased; copies in backups and snapshots are yours to remove\n", gone,
            gone == 1 ? "" : "s");
    return EXIT_DONE;
}

const struct command command_erase_run = {
    .name = "erase run",
    .summary = "removes what an erasure in force names",
    .arguments = "ERASURE",
    .text = "Done again it removes what is still there.",
    .example = "countersign erase run ER-1",
    .group = GROUP_OPERATORS,
    .flags = COMMAND_BOOK,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};

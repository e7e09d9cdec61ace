/*
 * countersign key list: enrolled keys with their states, of one user or all.
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/table.h"
#include "ledger/books.h"
#include "ledger/schema.h"

struct listing {
    struct cli *cli;
    const struct facts *facts;
    struct table *table;
};

static enum status show_key(void *context, const char *key_text, const json_t *record, struct err *err)
{
    struct listing *listing = context;
    char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1], state[STATE_BYTES];
    (void)err;
    govern_fingerprint(key_text, fingerprint);
    govern_key_state(listing->facts, record, state);
    if (listing->cli->json) {
        json_t *object =
            json_pack("{s:s, s:s, s:s, s:s, s:s}", "fingerprint", fingerprint, "from", member_text(record, "from"),
                      "key", key_text, "state", state, "user", member_text(record, "user"));
        if (object != NULL && member_text(record, "since") != NULL)
            json_object_set(object, "since", json_object_get(record, "since"));
        (void)out_json(listing->cli, object);
        return STATUS_OK;
    }
    const char *cells[] = {member_text(record, "user"), fingerprint, "", state, member_text(record, "since")};
    table_row(listing->table, cells);
    table_cell(listing->table, 2, "%.10s", member_text(record, "from"));
    return STATUS_OK;
}

static enum status step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct listing *listing = context;
    (void)key;
    (void)ret_more;
    return govern_each_key(listing->facts, member_text(record, "user"), show_key, listing, err);
}

static enum status list(struct session *session, const char *user, struct err *err)
{
    static const struct column columns[] = {
        {"USER", 0}, {"KEY", 0}, {"ENROLLED", 0}, {"STATE", 0}, {"COMPROMISED SINCE", 0}, {0}};
    struct listing listing = {.cli = session_cli(session), .table = table_new(session_cli(session), columns)};
    const struct books_walk walk = {.table = BOOKS_USERS, .step = step, .context = &listing};
    enum status status = session_begin_facts(session, &listing.facts, err);
    if (status == STATUS_OK && user != NULL)
        status = govern_check_user(listing.facts, user, err);
    if (status == STATUS_OK)
        status = user != NULL ? govern_each_key(listing.facts, user, show_key, &listing, err)
                              : books_each(listing.facts->books, &walk, err);
    if (status == STATUS_OK && !listing.cli->json)
        status = table_print(listing.table, err);
    session_end_facts(session);
    table_free(listing.table);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    struct err err = {0};
    enum status status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = list(session, options_argument(options, 0), &err);
    session_close(session);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

const struct command command_key_list = {
    .name = "key list",
    .summary = "lists enrolled keys",
    .arguments = "[USER]",
    .example = "countersign key list maria.lopez",
    .group = GROUP_EVERYONE,
    .flags = COMMAND_BOOK,
    .arguments_max = 1,
    .run = run,
};

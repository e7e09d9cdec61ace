/*
 * countersign book-key list: keys that sign or signed checkpoints.
 */
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

static enum status step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct listing *listing = context;
    char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1];
    (void)key;
    (void)ret_more;
    (void)err;
    if (listing->cli->json) {
        (void)out_json(listing->cli, json_deep_copy(record));
        return STATUS_OK;
    }
    govern_fingerprint(member_text(record, "key"), fingerprint);
    const char *cells[] = {fingerprint, NULL, NULL};
    table_row(listing->table, cells);
    table_cell(listing->table, 1, "%lld", (long long)member_integer(record, "from"));
    if (json_object_get(record, "retired") != NULL)
        table_cell(listing->table, 2, "%lld", (long long)member_integer(record, "retired"));
    return STATUS_OK;
}

static enum status list(struct session *session, struct err *err)
{
    static const struct column columns[] = {{"KEY", 0}, {"FROM ENTRY", COLUMN_RIGHT}, {"TO ENTRY", COLUMN_RIGHT}, {0}};
    struct listing listing = {.cli = session_cli(session), .table = table_new(session_cli(session), columns)};
    const struct books_walk walk = {.table = BOOKS_BOOK_KEYS, .step = step, .context = &listing};
    enum status status = session_begin_facts(session, &listing.facts, err);
    if (status == STATUS_OK)
        status = books_each(listing.facts->books, &walk, err);
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
        status = list(session, &err);
    session_close(session);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

const struct command command_book_key_list = {
    .name = "book-key list",
    .summary = "lists the keys that sign checkpoints",
    .arguments = "",
    .example = "countersign book-key list",
    .group = GROUP_EVERYONE,
    .flags = COMMAND_BOOK,
    .run = run,
};

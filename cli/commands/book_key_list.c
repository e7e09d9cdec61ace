/*
 * countersign book-key list: keys that sign or signed checkpoints.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/listing.h"
#include "cli/output.h"
#include "ledger/schema.h"

static enum status row(struct listing *listing, struct slice key, const json_t *record, struct err *err)
{
    char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1];
    (void)key;
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

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {{"KEY", 0}, {"FROM ENTRY", COLUMN_RIGHT}, {"TO ENTRY", COLUMN_RIGHT}, {0}};
    static const struct listing_form form = {.columns = columns, .table = BOOKS_BOOK_KEYS, .row = row};
    return listing_run(cli, options, &form);
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

/*
 * countersign book-key list: keys that sign or signed checkpoints.
 */
#include <stdio.h>

#include "cli/book.h"
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/listing.h"
#include "cli/output.h"
#include "cli/reading.h"
#include "ledger/checkpoint.h"
#include "ledger/schema.h"

/* As C2SP has it: origin, id, type and key, for witnesses and for whoever checks a receipt with other tools. */
static enum status vkey_row(struct listing *listing, struct slice name, const json_t *record, struct err *err)
{
    const struct book *book = session_book(listing->session);
    char origin[NOTE_NAME_BYTES_MAX + 1], vkey[NOTE_VKEY_TEXT_MAX];
    struct public_key public;
    struct note_key key;
    uint64_t epoch = 0;
    (void)name;
    if (json_object_get(record, "retired") != NULL)
        return STATUS_OK;
    enum status status = books_epoch(listing->facts->books, &epoch, err);
    if (status == STATUS_OK)
        status = sshkey_parse(member_text(record, "key"), &public, err);
    if (status != STATUS_OK)
        return status;
    checkpoint_origin(member_text(book_charter(book), "name"), book_id(book), epoch, origin);
    status = note_key_init(NOTE_ED25519, origin, public.ed25519, &key, err);
    if (status != STATUS_OK)
        return status;
    note_key_format(&key, vkey);
    if (listing->cli->json)
        (void)out_json(listing->cli, json_pack("{s:s}", "vkey", vkey));
    else
        fprintf(listing->cli->out, "%s\n", vkey);
    return STATUS_OK;
}

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

static enum status vkeys_collect(struct listing *listing, struct err *err)
{
    enum status status = reading_table_check(listing->facts, BOOKS_BOOK_KEYS, err);
    return status == STATUS_OK ? listing_each(listing, BOOKS_BOOK_KEYS, NULL, vkey_row, err) : status;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {{"KEY", 0}, {"FROM ENTRY", COLUMN_RIGHT}, {"TO ENTRY", COLUMN_RIGHT}, {0}};
    static const struct listing_form form = {.columns = columns, .table = BOOKS_BOOK_KEYS, .row = row};
    static const struct listing_form vkeys = {.columns = columns, .table = BOOKS_BOOK_KEYS, .collect = vkeys_collect};
    return listing_run(cli, options, options_flag(options, "vkeys") ? &vkeys : &form);
}

static const struct option_spec options_of_book_key_list[] = {
    {"vkeys", 0, NULL, "only the keys in force, a line each, as witnesses and other tools for signed notes take them",
     0},
    {0},
};

const struct command command_book_key_list = {
    .name = "book-key list",
    .summary = "lists the keys that sign checkpoints",
    .arguments = "",
    .example = "countersign book-key list",
    .group = GROUP_EVERYONE,
    .flags = COMMAND_BOOK,
    .options = options_of_book_key_list,
    .run = run,
};

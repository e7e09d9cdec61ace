/*
 * The live books against what the journal makes of itself: every record of every table, named in words. The books hold
 * nothing that is not in the journal, so any difference is a changed file or a fault of ours (DESIGN 5).
 *
 * Books that are behind or ahead of what was replayed (a crash between two commits, a writer at work) are compared with a
 * replay up to their own watermark.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify/parts.h"
#include "ledger/books.h"
#include "ledger/books_open.h"
#include "ledger/currency.h"
#include "ledger/durable.h"
#include "ledger/fold.h"
#include "ledger/journal.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/tables.h"

enum { DIFFERENCES_MAX = 10000, KEY_TEXT_BYTES = 160, PART_MAX = 6, VALUE_TEXT_BYTES = 80 };

/* Texts of a key, in order; numbers and what is no text are left out. */
struct key_parts {
    char text[KEY_TEXT_BYTES];
    const char *parts[PART_MAX];
    size_t count;
};

static void split_key(struct slice key, struct key_parts *ret_parts)
{
    size_t length = key.length < KEY_TEXT_BYTES - 1 ? key.length : KEY_TEXT_BYTES - 1;
    *ret_parts = (struct key_parts){.count = 0};
    for (size_t i = 0; i < length; i++)
        ret_parts->text[i] = (char)(key.bytes[i] == 0 || isprint(key.bytes[i]) ? key.bytes[i] : '?');
    for (size_t i = 0; i < length && ret_parts->count < PART_MAX;) {
        ret_parts->parts[ret_parts->count] = ret_parts->text + i;
        if (ret_parts->text[i] != '\0')
            ret_parts->count++;
        i += strlen(ret_parts->text + i) + 1;
    }
}

static const char *part(const struct key_parts *parts, size_t index)
{
    return index < parts->count ? parts->parts[index] : "?";
}

/* What a record is about: "customer 16446 in US01", "document CN-42". */
static void name_record(const char *table, struct slice key, char ret_name[static KEY_TEXT_BYTES])
{
    struct key_parts parts;
    split_key(key, &parts);
    if (strcmp(table, "balances") == 0)
        snprintf(ret_name, KEY_TEXT_BYTES, "customer %.40s (%.20s, %.8s)", part(&parts, 1), part(&parts, 0),
                 part(&parts, 2));
    else if (strcmp(table, "invoices") == 0)
        snprintf(ret_name, KEY_TEXT_BYTES, "invoice %.60s (%.20s)", part(&parts, 1), part(&parts, 0));
    else if (strcmp(table, "accounts") == 0)
        snprintf(ret_name, KEY_TEXT_BYTES, "account %.40s (%.20s, %.8s)", part(&parts, 1), part(&parts, 0),
                 part(&parts, 2));
    else if (strcmp(table, "customers") == 0)
        snprintf(ret_name, KEY_TEXT_BYTES, "customer %.60s (%.20s)", part(&parts, 1), part(&parts, 0));
    else if (strcmp(table, "documents") == 0)
        snprintf(ret_name, KEY_TEXT_BYTES, "document %.64s", part(&parts, 0));
    else if (strcmp(table, "entries") == 0 && key.length == 8)
        snprintf(ret_name, KEY_TEXT_BYTES, "entry %llu", (unsigned long long)books_key_number(key, 0));
    else
        snprintf(ret_name, KEY_TEXT_BYTES, "%.30s %.40s %.40s %.40s", table, part(&parts, 0),
                 parts.count > 1 ? parts.parts[1] : "", parts.count > 2 ? parts.parts[2] : "");
}

/* A member as a person reads it. Integers under a key that ends in a currency are minor units. */
static void show_value(const json_t *value, const char *currency, char ret_text[static VALUE_TEXT_BYTES])
{
    int digits = currency != NULL ? currency_digits(currency) : -1;
    if (value == NULL) {
        snprintf(ret_text, VALUE_TEXT_BYTES, "nothing");
    } else if (json_is_integer(value) && digits >= 0) {
        char money[MONEY_TEXT_MAX];
        money_format_grouped(json_integer_value(value), digits, money);
        snprintf(ret_text, VALUE_TEXT_BYTES, "%s", money);
    } else if (json_is_integer(value)) {
        snprintf(ret_text, VALUE_TEXT_BYTES, "%lld", (long long)json_integer_value(value));
    } else if (json_is_string(value)) {
        snprintf(ret_text, VALUE_TEXT_BYTES, "%.70s", json_string_value(value));
    } else {
        snprintf(ret_text, VALUE_TEXT_BYTES, "other values");
    }
}

static bool is_money(const char *table)
{
    return strcmp(table, "balances") == 0 || strcmp(table, "accounts") == 0 || strcmp(table, "open_items") == 0;
}

static const char *currency_of(const char *table, const struct key_parts *parts, const json_t *record,
                               const char *member)
{
    if (is_money(table))
        return parts->count > 2 ? parts->parts[2] : NULL;
    bool amount = strcmp(member, "open") == 0 || strcmp(member, "pending") == 0 || strcmp(member, "gross") == 0;
    return strcmp(table, "invoices") == 0 && amount ? member_text(record, "currency") : NULL;
}

/* The first member that differs, by name; false when both are alike but for their bytes. */
static bool first_member(const json_t *live, const json_t *replayed, const char **ret_member)
{
    const char *member = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)(uintptr_t)replayed, member, value)
    {
        json_t *other = json_object_get(live, member);
        if (other == NULL || !json_equal(other, value)) {
            *ret_member = member;
            return true;
        }
    }
    json_object_foreach((json_t *)(uintptr_t)live, member, value) if (json_object_get(replayed, member) == NULL)
    {
        *ret_member = member;
        return true;
    }
    return false;
}

static void tell_changed(struct verify *verify, const struct tables_difference *difference, const char *name)
{
    json_t *live = json_loadb((const char *)difference->a->bytes, difference->a->length, 0, NULL);
    json_t *replayed = json_loadb((const char *)difference->b->bytes, difference->b->length, 0, NULL);
    const char *member = NULL;
    struct key_parts parts;
    split_key(difference->key, &parts);
    if (live != NULL && replayed != NULL && first_member(live, replayed, &member)) {
        const char *currency = currency_of(difference->table, &parts, replayed, member);
        bool balance = strcmp(difference->table, "balances") == 0 && strcmp(member, "open") == 0;
        char in_books[VALUE_TEXT_BYTES], by_replay[VALUE_TEXT_BYTES];
        show_value(json_object_get(live, member), currency, in_books);
        show_value(json_object_get(replayed, member), currency, by_replay);
        finding_whole(&verify->findings, CHECK_BOOKS, "%s: %s %s in the books, %s by replay", name,
                      balance ? "balance" : member, in_books, by_replay);
    } else {
        finding_whole(&verify->findings, CHECK_BOOKS, "%s: differs between the books and the replay", name);
    }
    json_decref(live);
    json_decref(replayed);
}

struct telling {
    struct verify *verify;
    uint64_t count;
};

static bool tell(void *context, const struct tables_difference *difference)
{
    struct telling *telling = context;
    char name[KEY_TEXT_BYTES];
    telling->count++;
    if (difference->table[0] == '~')
        snprintf(name, sizeof name, "the watermark");
    else
        name_record(difference->table, difference->key, name);
    if (difference->table[0] == '~')
        finding_whole(&telling->verify->findings, CHECK_BOOKS, "%s is not that of the last entry", name);
    else if (difference->a == NULL)
        finding_whole(&telling->verify->findings, CHECK_BOOKS, "%s: is not in the books", name);
    else if (difference->b == NULL)
        finding_whole(&telling->verify->findings, CHECK_BOOKS, "%s: is in the books, and in no entry", name);
    else
        tell_changed(telling->verify, difference, name);
    return telling->count < DIFFERENCES_MAX;
}

static enum status notice(struct verify *verify, const char *text)
{
    snprintf(verify->result->notice, sizeof verify->result->notice, "%s", text);
    return STATUS_OK;
}

static bool is_fatal(enum status status)
{
    return status == STATUS_MEMORY || status == STATUS_FULL || status == STATUS_IO || status == STATUS_BUSY ||
           status == STATUS_PERMISSION;
}

static enum status compare(struct verify *verify, struct tables_txn *live, struct tables *replayed, struct err *err)
{
    struct tables_txn *txn = NULL;
    struct telling telling = {.verify = verify};
    const struct tables_listener listener = {.report = tell, .context = &telling};
    struct err what = {.status = STATUS_OK};
    uint64_t differences = 0;
    enum status status = tables_read_begin(replayed, &txn, err);
    if (status != STATUS_OK)
        return status;
    status = tables_equal(live, txn, &listener, &differences, &what);
    tables_abort(txn);
    if (is_fatal(status))
        return err_set(err, status, "%s", what.text);
    if (status != STATUS_OK)
        finding_whole(&verify->findings, CHECK_BOOKS, "%s", what.text);
    verify->result->books_equal = status == STATUS_OK && differences == 0;
    return STATUS_OK;
}

static enum status fold_at(struct journal_snapshot *snapshot, struct tables *tables, uint64_t seq, struct err *err)
{
    struct tables_txn *txn = NULL;
    struct entry entry;
    const char *bytes = NULL;
    size_t length = 0;
    enum status status = journal_entry(snapshot, seq, &bytes, &length, err);
    if (status == STATUS_OK)
        status = entry_read(slice_of(bytes, length), &entry, err);
    if (status != STATUS_OK)
        return status;
    status = verify_decision_form(&entry.statement, entry.decision, err);
    if (status == STATUS_OK)
        status = tables_write_begin(tables, &txn, err);
    if (status == STATUS_OK)
        status = fold_entry(txn, &entry, err);
    entry_done(&entry);
    if (status != STATUS_OK) {
        tables_abort(txn);
        return status;
    }
    return tables_commit(txn, err);
}

/* The live books, and the journal that they are of. */
struct live {
    struct journal *journal;
    struct tables *tables;
    struct tables_txn *txn;
};

/* Tables beside the replay's, up to the watermark that the live books have. */
static enum status compare_elsewhere(struct verify *verify, const struct live *live, uint64_t size, struct err *err)
{
    const struct tables_options options = books_layout(journal_map_bytes(live->journal));
    struct path dir;
    struct tables *tables = NULL;
    struct journal_snapshot *snapshot = NULL;
    struct err what = {.status = STATUS_OK};
    enum status status = path_set(&dir, err, "%s/other", verify->options->scratch_dir);
    if (status == STATUS_OK)
        status = tables_create_scratch(dir.text, &options, &tables, err);
    if (status == STATUS_OK)
        status = journal_read_begin(live->journal, &snapshot, err);
    if (status != STATUS_OK)
        goto done;
    for (uint64_t seq = 0; status == STATUS_OK && seq < size; seq++)
        status = fold_at(snapshot, tables, seq, &what);
    if (is_fatal(status))
        status = err_set(err, status, "%s", what.text);
    else if (status != STATUS_OK) {
        finding_whole(&verify->findings, CHECK_BOOKS, "the books hold %llu entries, and those do not fold: %s",
                      (unsigned long long)size, what.text);
        status = STATUS_OK;
    } else {
        status = compare(verify, live->txn, tables, err);
    }
done:
    journal_read_end(snapshot);
    tables_close(tables);
    return status;
}

static enum status compare_at_watermark(struct verify *verify, struct live *live, struct tables *replayed,
                                        struct err *err)
{
    struct tables_watermark watermark = {.size = 0};
    struct err what = {.status = STATUS_OK};
    enum status status = tables_read_begin(live->tables, &live->txn, err);
    if (status != STATUS_OK)
        return status;
    status = tables_watermark_get(live->txn, &watermark, &what);
    if (status == STATUS_CORRUPT) {
        finding_whole(&verify->findings, CHECK_BOOKS, "%s", what.text);
        status = STATUS_OK;
    } else if (status == STATUS_OK && watermark.size == verify->next_seq) {
        status = compare(verify, live->txn, replayed, err);
    } else if (status == STATUS_OK) {
        status = compare_elsewhere(verify, live, watermark.size, err);
    } else if (status == STATUS_NOT_FOUND) {
        status = notice(verify, "the books are empty: the next command rebuilds them");
    }
    tables_abort(live->txn);
    return status;
}

enum status verify_books(struct verify *verify, struct journal *journal, struct tables *replayed, struct err *err)
{
    struct tables_options options = books_layout(journal_map_bytes(journal));
    options.read_only = true;
    options.whole = true;
    struct path dir;
    struct live live = {.journal = journal};
    struct err what = {.status = STATUS_OK};
    if (verify->options->books != NULL) { /* whoever answers for them has them in step */
        live.tables = verify->options->books->tables;
        return compare_at_watermark(verify, &live, replayed, err);
    }
    enum status status = path_set(&dir, err, "%s/books", verify->options->book_dir);
    if (status != STATUS_OK)
        return status;
    status = tables_open(dir.text, &options, &live.tables, &what);
    if (status == STATUS_NOT_FOUND)
        return notice(verify, "there are no books: the next command builds them");
    if (status == STATUS_CORRUPT || status == STATUS_INPUT) {
        finding_whole(&verify->findings, CHECK_BOOKS, "%s", what.text);
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        return err_set(err, status, "%s", what.text);
    switch (tables_trust(live.tables)) {
    case TABLES_OK:
        status = compare_at_watermark(verify, &live, replayed, err);
        break;
    case TABLES_FRESH:
        status = notice(verify, "the books are empty: the next command rebuilds them");
        break;
    case TABLES_UNCLEAN_BOOT:
        status = notice(verify, "the system stopped before the books were synced: the next command rebuilds them");
        break;
    case TABLES_SUSPECT:
        finding_whole(&verify->findings, CHECK_BOOKS, "a checksum in the books has failed: rebuild them");
        break;
    case TABLES_OLDER:
        status = notice(verify, "an earlier release made the books: the next command rebuilds them");
        break;
    case TABLES_NEWER:
        status = notice(verify, "a later release made the books: use that one, or rebuild them with this one");
        break;
    }
    tables_close(live.tables);
    return status;
}

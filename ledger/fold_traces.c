/*
 * What documents leave behind for later ones to be judged by: debt written off, what was reversed, rebills and the invoices
 * that close them. Knows no rule: whether a write-off blocks anything is the policy's word.
 */
#include <string.h>

#include "ledger/books.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

static bool kind_is(const json_t *record, const char *kind)
{
    return strcmp(member_text(record, "kind"), kind) == 0;
}

/* Under the customer's group, as of now. */
static enum status write_off_mark(const struct fold *fold, const json_t *record, bool there, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    char group[ID_BYTES_MAX + 1];
    enum status status = fold_customer_group(fold, document, group, err);
    if (status != STATUS_OK)
        return status;
    struct books_key key = books_key_pair(group, member_text(record, "number"));
    return there ? books_put_new(fold->txn, BOOKS_WRITTEN_OFF, &key,
                                 json_pack("{s:s, s:s}", "customer", member_text(document, "customer"), "reason",
                                           member_text(document, "reason")),
                                 err)
                 : books_delete(fold->txn, BOOKS_WRITTEN_OFF, &key, err);
}

enum status fold_written_off_move(const struct fold *fold, const json_t *record, const char *from, const char *to,
                                  struct err *err)
{
    json_t *row = NULL;
    struct books_key key = books_key_pair(from, member_text(record, "number"));
    if (!kind_is(record, "write-off"))
        return STATUS_OK;
    enum status status = books_get(fold->txn, BOOKS_WRITTEN_OFF, &key, &row, err);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK; /* waits, or was reversed */
    if (status == STATUS_OK)
        status = books_delete(fold->txn, BOOKS_WRITTEN_OFF, &key, err);
    key = books_key_pair(to, member_text(record, "number"));
    if (status == STATUS_OK)
        status = books_put(fold->txn, BOOKS_WRITTEN_OFF, &key, row, err);
    json_decref(row);
    return status;
}

void reposting_key(const json_t *document, struct books_key *ret_key)
{
    *ret_key = books_key_pair(member_text(document, "entity"), member_text(document, "currency"));
    books_key_add_text(ret_key, member_text(document, "amount"));
}

static enum status reversal_note(const struct fold *fold, const json_t *original, struct err *err)
{
    const json_t *document = json_object_get(original, "document");
    char time[INSTANT_TEXT_BYTES];
    struct books_key key;
    instant_format(fold->time_ms, time);
    reposting_key(document, &key);
    books_key_add_number(&key, fold->seq);
    books_key_add_text(&key, member_text(original, "number"));
    return books_put_new(fold->txn, BOOKS_REVERSALS, &key,
                         json_pack("{s:s, s:s}", "document", member_text(original, "number"), "time", time), err);
}

static const json_t *intended(const json_t *record)
{
    return json_object_get(json_object_get(record, "document"), "invoice");
}

enum status fold_rebill_mark(const struct fold *fold, const json_t *record, bool there, struct err *err)
{
    if (!kind_is(record, "rebill"))
        return STATUS_OK;
    struct books_key key = books_key_pair(member_text(record, "entity"), member_text(intended(record), "ref"));
    return there ? books_put_new(fold->txn, BOOKS_REBILLS, &key,
                                 json_pack("{s:s}", "document", member_text(record, "number")), err)
                 : books_delete(fold->txn, BOOKS_REBILLS, &key, err);
}

static struct books_key open_rebill_key(const json_t *record)
{
    const json_t *first = json_object_get(record, "first");
    struct books_key key = books_key(member_text(record, "entity"));
    books_key_add_number(&key, (uint64_t)member_integer(first, "seq"));
    books_key_add_number(&key, (uint64_t)member_integer(first, "index"));
    return key;
}

enum status fold_posted(const struct fold *fold, const json_t *record, struct err *err)
{
    if (kind_is(record, "write-off"))
        return write_off_mark(fold, record, true, err);
    if (!kind_is(record, "rebill"))
        return STATUS_OK;
    const struct books_key key = open_rebill_key(record);
    return books_put_new(fold->txn, BOOKS_OPEN_REBILLS, &key,
                         json_pack("{s:s}", "document", member_text(record, "number")), err);
}

enum status fold_reversed(const struct fold *fold, const json_t *original, struct err *err)
{
    enum status status = reversal_note(fold, original, err);
    if (status == STATUS_OK && kind_is(original, "write-off"))
        status = write_off_mark(fold, original, false, err);
    if (status == STATUS_OK && kind_is(original, "rebill")) {
        const struct books_key key = open_rebill_key(original);
        status = books_delete(fold->txn, BOOKS_OPEN_REBILLS, &key, err);
        if (status == STATUS_OK)
            status = fold_rebill_mark(fold, original, false, err);
    }
    return status;
}

enum status fold_rebill_close(const struct fold *fold, const char *entity, const char *ref, const char *invoice,
                              struct err *err)
{
    json_t *rebill = NULL, *record = NULL;
    struct books_key key = books_key_pair(entity, ref);
    enum status status = books_get(fold->txn, BOOKS_REBILLS, &key, &rebill, err);
    if (status == STATUS_OK) {
        key = books_key(member_text(rebill, "document"));
        status = books_get(fold->txn, BOOKS_DOCUMENTS, &key, &record, err);
    }
    if (status == STATUS_NOT_FOUND)
        status = err_set(err, STATUS_CORRUPT, "an invoice closes a rebill %s that is not in the books", ref);
    if (status == STATUS_OK) {
        json_object_set_new(record, "rebilled",
                            json_pack("{s:s, s:I}", "invoice", invoice, "seq", (json_int_t)fold->seq));
        status = books_put(fold->txn, BOOKS_DOCUMENTS, &key, record, err);
    }
    if (status == STATUS_OK) {
        key = open_rebill_key(record);
        status = books_delete(fold->txn, BOOKS_OPEN_REBILLS, &key, err);
    }
    json_decref(record);
    json_decref(rebill);
    return status;
}

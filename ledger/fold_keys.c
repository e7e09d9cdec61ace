/*
 * Keys beyond enrolment: what becomes of what a compromised key has signed (C-52), and the keys that sign checkpoints.
 */
#include <string.h>

#include "ledger/books.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/statement.h"

enum status fold_affirmation(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document"), *rows = json_object_get(document, "rows");
    enum status status = STATUS_OK;
    char time[INSTANT_TEXT_BYTES];
    instant_format(fold->time_ms, time);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *number = member_text(row, "document");
        struct books_key key = books_key_pair(member_text(document, "key"), number != NULL ? "document" : "entry");
        if (number != NULL)
            books_key_add_text(&key, number);
        else
            books_key_add_number(&key, (uint64_t)member_integer(row, "entry"));
        status = books_put_new(fold->txn, BOOKS_AFFIRMATIONS, &key,
                               json_pack("{s:s, s:s, s:O, s:s}", "affirmation", member_text(record, "number"), "by",
                                         fold->statement->actor, "conclusion", json_object_get(row, "conclusion"),
                                         "time", time),
                               err);
    }
    return status;
}

/* A book key signs checkpoints of more entries than `from`, and of `retired` entries at most. */
static enum status book_key_put(const struct fold *fold, const char *text, struct err *err)
{
    struct books_key key = books_key(text);
    return books_put_new(fold->txn, BOOKS_BOOK_KEYS, &key,
                         json_pack("{s:I, s:s}", "from", (json_int_t)fold->seq, "key", text), err);
}

enum status fold_book_keys_found(const struct fold *fold, const json_t *texts, struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(texts); i++)
        status = book_key_put(fold, json_string_value(json_array_get(texts, i)), err);
    return status;
}

enum status fold_book_key(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    const char *retires = member_text(document, "retires");
    json_t *old = NULL;
    enum status status = book_key_put(fold, member_text(document, "key"), err);
    if (status != STATUS_OK || retires == NULL)
        return status;
    struct books_key key = books_key(retires);
    status = books_get(fold->txn, BOOKS_BOOK_KEYS, &key, &old, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "a book key to retire is not in the books");
    if (status != STATUS_OK)
        return status;
    json_object_set_new(old, "retired", json_integer((json_int_t)fold->seq));
    return books_put_new(fold->txn, BOOKS_BOOK_KEYS, &key, old, err);
}

/*
 * Releases, legal holds and erasures in the books, and documents that are only there to be found again.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/books.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

enum { EXE_CHARS = 16 }; /* what an entry's gate says of the executable's hash */

enum status fold_release(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    char exe[EXE_CHARS + 1];
    snprintf(exe, sizeof exe, "%s", member_text(document, "exe"));
    struct books_key key = books_key(exe);
    return books_put_new(fold->txn, BOOKS_PROGRAMS, &key,
                         json_pack("{s:O, s:O, s:s, s:O, s:I}", "commit", json_object_get(document, "commit"), "exe",
                                   json_object_get(document, "exe"), "number", member_text(record, "number"), "release",
                                   json_object_get(document, "release"), "seq", (json_int_t)fold->seq),
                         err);
}

enum status fold_legal_hold(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document"), *customers = json_object_get(document, "customers");
    bool on = strcmp(member_text(document, "state"), "on") == 0;
    enum status status = STATUS_OK;
    char time[INSTANT_TEXT_BYTES];
    instant_format(fold->time_ms, time);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(customers); i++) {
        struct books_key key = books_key(json_string_value(json_array_get(customers, i)));
        status = on ? books_put_new(fold->txn, BOOKS_HOLDS, &key,
                                    json_pack("{s:s, s:s}", "number", member_text(record, "number"), "time", time), err)
                    : books_delete(fold->txn, BOOKS_HOLDS, &key, err);
    }
    return status;
}

enum status fold_erasure(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *personal = json_object_get(json_object_get(record, "document"), "personal");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(personal); i++) {
        struct books_key key = books_key(json_string_value(json_array_get(personal, i)));
        status = books_put_new(fold->txn, BOOKS_ERASURES, &key,
                               json_pack("{s:s}", "number", member_text(record, "number")), err);
    }
    return status;
}

enum status fold_record_only(const struct fold *fold, const json_t *record, struct err *err)
{
    (void)fold;
    (void)record;
    (void)err;
    return STATUS_OK;
}

/*
 * Exchange rates in the books: one record for each base, currency and date. A document that supersedes another one puts
 * its rates in that one's place; whether it may is asked before (C-10).
 */
#include <string.h>

#include "ledger/books.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

enum status fold_rates(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document"), *rates = json_object_get(document, "rates");
    const char *date = member_text(document, "date");
    int32_t days;
    enum status status = date_parse(date, strlen(date), &days, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(rates); i++) {
        const json_t *rate = json_array_get(rates, i);
        struct books_key key = books_key_pair(member_text(document, "base"), member_text(rate, "currency"));
        books_key_add_number(&key, (uint64_t)days);
        status = books_put_new(
            fold->txn, BOOKS_RATES, &key,
            json_pack("{s:s, s:s}", "document", member_text(record, "number"), "rate", member_text(rate, "rate")), err);
    }
    return status;
}

/*
 * Meters in the books: contracts and reads as the feeds bring them, in the order of each meter and by the invoice that
 * billed them; what corrections made of reads, and what they moved. A reversal takes its original's part away again.
 */
#include <string.h>

#include "ledger/books.h"
#include "ledger/currency.h"
#include "ledger/fold.h"
#include "ledger/fold_feed.h"
#include "ledger/fold_parts.h"
#include "ledger/money.h"
#include "ledger/schema.h"

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory to fold meters");
}

void meter_reads_key(struct books_key *ret_key, const char *entity, const char *contract, const char *device,
                     const char *meter)
{
    *ret_key = books_key_pair(entity, contract);
    books_key_add_text(ret_key, device);
    books_key_add_text(ret_key, meter);
}

void meter_bill_key(struct books_key *ret_key, const char *entity, const char *contract, const char *invoice,
                    const char *line)
{
    *ret_key = books_key_pair(entity, contract);
    books_key_add_text(ret_key, invoice);
    books_key_add_text(ret_key, line != NULL ? line : "");
}

void meter_term_key(struct books_key *key, const json_t *term)
{
    const char *device = member_text(term, "device");
    books_key_add_text(key, device != NULL ? "device" : "pool");
    books_key_add_text(key, device != NULL ? device : member_text(term, "pool"));
    books_key_add_text(key, member_text(term, "meter"));
}

enum status fold_feed_contract(const struct fold_file *file, const json_t *record, struct err *err)
{
    struct books_key key = books_key_pair(file->entity, member_text(record, "contract"));
    return books_put(file->fold->txn, BOOKS_CONTRACTS, &key, record, err);
}

enum status fold_feed_read(const struct fold_file *file, const json_t *record, struct err *err)
{
    const char *id = member_text(record, "read"), *date = member_text(record, "date");
    const char *contract = member_text(record, "contract"), *invoice = member_text(record, "invoice");
    struct books_key key = books_key_pair(file->entity, id);
    enum status status = books_put(file->fold->txn, BOOKS_READS, &key, record, err);
    meter_reads_key(&key, file->entity, contract, member_text(record, "device"), member_text(record, "meter"));
    books_key_add_text(&key, date);
    books_key_add_text(&key, id);
    if (status == STATUS_OK)
        status = books_put_new(file->fold->txn, BOOKS_METER_READS, &key,
                               json_pack("{s:s, s:s}", "date", date, "read", id), err);
    if (status != STATUS_OK || invoice == NULL)
        return status;
    meter_bill_key(&key, file->entity, contract, invoice, member_text(record, "line"));
    books_key_add_text(&key, id);
    return books_put_new(file->fold->txn, BOOKS_BILL_READS, &key, json_pack("{s:s}", "read", id), err);
}

/* Puts what a document says of a read last among its corrections, or takes it out. */
static enum status read_settle(const struct fold *fold, const json_t *record, const json_t *said, int sign,
                               struct err *err)
{
    const char *number = member_text(record, "number");
    json_t *read = NULL;
    struct books_key key = books_key_pair(member_text(record, "entity"), member_text(said, "read"));
    enum status status = books_get(fold->txn, BOOKS_READS, &key, &read, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "read %s is not in the books", member_text(said, "read"));
    if (status != STATUS_OK)
        return status;
    json_t *before = json_object_get(read, "corrections"), *corrections = json_array();
    bool whole = corrections != NULL;
    for (size_t i = 0; i < json_array_size(before); i++)
        if (strcmp(member_text(json_array_get(before, i), "document"), number) != 0)
            whole = json_array_append(corrections, json_array_get(before, i)) == 0 && whole;
    if (sign > 0) {
        json_t *one = json_copy((json_t *)said);
        json_object_del(one, "read");
        whole = one != NULL && json_object_set_new(one, "document", json_string(number)) == 0 && whole;
        whole = json_array_append_new(corrections, one) == 0 && whole;
    }
    whole = json_object_set_new(read, "corrections", corrections) == 0 && whole;
    if (!whole) {
        json_decref(read);
        return no_memory(err);
    }
    return books_put_new(fold->txn, BOOKS_READS, &key, read, err);
}

static enum status charge_settle(const struct fold *fold, const json_t *document, const json_t *charge, int sign,
                                 struct err *err)
{
    const char *billed_text = member_text(charge, "billed"), *corrected_text = member_text(charge, "corrected");
    int digits = currency_digits(member_text(document, "currency"));
    json_t *settled = NULL;
    int64_t billed, corrected, sum = 0;
    struct books_key key;
    meter_bill_key(&key, member_text(document, "entity"), member_text(document, "contract"),
                   member_text(charge, "invoice"), member_text(charge, "line"));
    meter_term_key(&key, charge);
    enum status status = money_parse(billed_text, strlen(billed_text), digits, &billed, err);
    if (status == STATUS_OK)
        status = money_parse(corrected_text, strlen(corrected_text), digits, &corrected, err);
    if (status == STATUS_OK)
        status = sign > 0 ? money_sub(corrected, billed, &sum, err) : money_sub(billed, corrected, &sum, err);
    if (status == STATUS_OK)
        status = books_get(fold->txn, BOOKS_SETTLED, &key, &settled, err);
    if (status == STATUS_NOT_FOUND)
        status = STATUS_OK;
    if (status == STATUS_OK)
        status = money_add(sum, member_integer(settled, "minor"), &sum, err);
    json_decref(settled);
    return status == STATUS_OK
               ? books_put_new(fold->txn, BOOKS_SETTLED, &key, json_pack("{s:I}", "minor", (json_int_t)sum), err)
               : status;
}

enum status fold_meter(const struct fold *fold, const json_t *record, int sign, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    const json_t *reads = json_object_get(document, "reads"), *charges = json_object_get(document, "charges");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(reads); i++)
        status = read_settle(fold, record, json_array_get(reads, i), sign, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(charges); i++)
        status = charge_settle(fold, document, json_array_get(charges, i), sign, err);
    return status;
}

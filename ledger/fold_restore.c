/*
 * The verb `restore`: a new epoch, what the officers said was lost, and how far each series of numbers had come, so that
 * what is given a second time can be told later.
 */
#include "ledger/books.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/statement.h"

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory to fold a restore");
}

static enum status number_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    (void)ret_more;
    return json_object_setn(context, (const char *)key.bytes, key.length, json_object_get(record, "last")) == 0
               ? STATUS_OK
               : no_memory(err);
}

static enum status restore_put(const struct fold *fold, const json_t *result, json_t *numbers, struct err *err)
{
    const json_t *body = fold->statement->body, *lost = json_object_get(body, "lost");
    char time[INSTANT_TEXT_BYTES];
    struct books_key key = books_key(NULL);
    books_key_add_number(&key, fold->seq);
    instant_format(fold->time_ms, time);
    return books_put_new(fold->txn, BOOKS_RESTORES, &key,
                         json_pack("{s:O, s:O, s:O, s:O, s:O, s:I, s:s, s:O}", "epoch",
                                   json_object_get(result, "epoch"), "from", json_object_get(lost, "from"), "numbers",
                                   numbers, "officers", json_object_get(result, "officers"), "reason",
                                   json_object_get(body, "reason"), "seq", (json_int_t)fold->seq, "time", time, "to",
                                   json_object_get(lost, "to")),
                         err);
}

enum status fold_restore(const struct fold *fold, const json_t *result, struct err *err)
{
    json_t *numbers = json_object();
    const struct books_walk walk = {.table = BOOKS_NUMBERS, .step = number_step, .context = numbers};
    struct books_key key = books_key("epoch");
    enum status status = numbers != NULL ? books_each(fold->txn, &walk, err) : no_memory(err);
    if (status == STATUS_OK)
        status = restore_put(fold, result, numbers, err);
    if (status == STATUS_OK)
        status = books_put_new(fold->txn, BOOKS_META, &key,
                               json_pack("{s:O}", "epoch", json_object_get(result, "epoch")), err);
    json_decref(numbers);
    return status;
}

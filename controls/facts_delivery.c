/*
 * Facts about deliveries; see the header.
 */
#include "controls/facts_delivery.h"

#include <string.h>

#include "controls/facts_parts.h"
#include "ledger/limits.h"
#include "ledger/schema.h"

enum status facts_delivery(const struct facts *facts, const char *entity, const char *delivery, json_t **ret_record,
                           struct err *err)
{
    struct books_key key = books_key_pair(entity, delivery);
    return facts_get(facts, BOOKS_DELIVERIES, &key, ret_record, err);
}

struct outbox_walk {
    const struct facts *facts;
    books_step *step;
    void *context;
};

static enum status outbox_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct outbox_walk *walk = context;
    char entity[ID_BYTES_MAX + 1];
    json_t *delivery = NULL;
    const uint8_t *end = memchr(key.bytes, 0, key.length);
    if (end == NULL || end - key.bytes > ID_BYTES_MAX)
        return err_set(err, STATUS_CORRUPT, "books: a key of the outbox without its entity");
    memcpy(entity, key.bytes, (size_t)(end - key.bytes) + 1);
    enum status status = facts_delivery(walk->facts, entity, member_text(record, "delivery"), &delivery, err);
    if (status == STATUS_OK && delivery == NULL)
        status = err_set(err, STATUS_CORRUPT, "books: delivery %s is not there", member_text(record, "delivery"));
    if (status == STATUS_OK)
        status = walk->step(walk->context, key, delivery, ret_more, err);
    json_decref(delivery);
    return status;
}

enum status facts_outbox(const struct facts *facts, const char *entity, books_step *step, void *context,
                         struct err *err)
{
    struct outbox_walk outbox = {.facts = facts, .step = step, .context = context};
    struct books_key prefix = books_key(entity);
    if (entity != NULL)
        books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_OUTBOX, .prefix = entity != NULL ? &prefix : NULL, .step = outbox_step, .context = &outbox};
    return books_each(facts->books, &walk, err);
}

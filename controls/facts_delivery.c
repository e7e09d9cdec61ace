/*
 * Facts about deliveries; see the header.
 */
#include "controls/facts_delivery.h"

#include <string.h>

#include "controls/facts_parts.h"
#include "ledger/instant.h"
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

/* The first of an entity's is its oldest: rows stand as they were posted. */
static enum status oldest_step(void *context, struct slice key, const json_t *delivery, bool *ret_more, struct err *err)
{
    struct outbox_depth *depth = context;
    const char *time = member_text(delivery, "time");
    int64_t ms;
    (void)key;
    *ret_more = false;
    enum status status = instant_parse(time, strlen(time), &ms, err);
    if (status == STATUS_OK && (depth->oldest_ms < 0 || ms < depth->oldest_ms))
        depth->oldest_ms = ms;
    return status;
}

/* The next entity after this one ("": the first) that has something in the outbox. errors NOT_FOUND. */
static enum status next_entity(struct tables_cursor *cursor, char entity[static ID_BYTES_MAX + 1], struct err *err)
{
    char past[ID_BYTES_MAX + 2];
    struct tables_record record;
    size_t length = strlen(entity);
    memcpy(past, entity, length);
    past[length] = 1; /* above the zero that closes it in its keys, below all that a longer name goes on with */
    enum status status = length == 0 ? tables_first(cursor, &record, err)
                                     : tables_from(cursor, slice_of(past, length + 1), &record, err);
    if (status != STATUS_OK)
        return status;
    const uint8_t *end = memchr(record.key.bytes, 0, record.key.length);
    if (end == NULL || end == record.key.bytes || end - record.key.bytes > ID_BYTES_MAX)
        return err_set(err, STATUS_CORRUPT, "books: a key of the outbox without its entity");
    memcpy(entity, record.key.bytes, (size_t)(end - record.key.bytes) + 1);
    return STATUS_OK;
}

enum status facts_outbox_depth(const struct facts *facts, struct outbox_depth *ret_depth, struct err *err)
{
    struct outbox_depth depth = {.oldest_ms = -1};
    struct tables_cursor *cursor = NULL;
    char entity[ID_BYTES_MAX + 1] = "";
    enum status status = tables_count(facts->books, BOOKS_OUTBOX, &depth.count, err);
    if (status == STATUS_OK)
        status = tables_scan(facts->books, BOOKS_OUTBOX, slice_of(NULL, 0), &cursor, err);
    while (status == STATUS_OK) {
        status = next_entity(cursor, entity, err);
        if (status == STATUS_OK)
            status = facts_outbox(facts, entity, oldest_step, &depth, err);
    }
    tables_scan_close(cursor);
    if (status == STATUS_NOT_FOUND) {
        *ret_depth = depth;
        status = STATUS_OK;
    }
    return status;
}

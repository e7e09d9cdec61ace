/*
 * Looking back: links into a document, and a person's acts on a group of customers; see the header.
 */
#include "controls/facts_history.h"

#include <stdio.h>
#include <string.h>

#include "ledger/instant.h"
#include "ledger/schema.h"

struct linked_walk {
    number_step *step;
    void *context;
};

static enum status linked_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct linked_walk *walk = context;
    (void)key;
    return walk->step(walk->context, member_text(record, "number"), ret_more, err);
}

enum status facts_linked(const struct facts *facts, const char *number, number_step *step, void *context,
                         struct err *err)
{
    struct linked_walk walk = {.step = step, .context = context};
    struct books_key prefix = books_key(number);
    books_key_close(&prefix);
    const struct books_walk books = {.table = BOOKS_LINKED, .prefix = &prefix, .step = linked_step, .context = &walk};
    return books_each(facts->books, &books, err);
}

struct past_walk {
    const struct facts *facts;
    const char *person;
    int64_t after_ms;
    past_step *step;
    void *context;
    const char *entity, *customer; /* of the group's member at hand */
    bool more;
};

static enum status past_row(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct past_walk *walk = context;
    const char *time = member_text(record, "time");
    int64_t time_ms;
    enum status status = instant_parse(time, strlen(time), &time_ms, err);
    if (status != STATUS_OK)
        return status;
    if (time_ms <= walk->after_ms) {
        *ret_more = false;
        return STATUS_OK;
    }
    const struct past_act act = {.entity = walk->entity,
                                 .customer = walk->customer,
                                 .function = member_text(record, "function"),
                                 .document = member_text(record, "document"),
                                 .feed = member_text(record, "feed"),
                                 .sequence = member_integer(record, "sequence"),
                                 .time = time,
                                 .seq = books_key_number(key, 9)};
    status = walk->step(walk->context, &act, &walk->more, err);
    *ret_more = walk->more;
    return status;
}

static enum status past_member(void *context, struct slice key, const json_t *place, bool *ret_more, struct err *err)
{
    struct past_walk *walk = context;
    (void)key;
    walk->entity = member_text(place, "entity");
    walk->customer = member_text(place, "customer");
    struct books_key prefix = books_key_pair(walk->entity, walk->customer);
    books_key_add_text(&prefix, walk->person);
    books_key_close(&prefix);
    const struct books_walk books = {
        .table = BOOKS_HISTORY, .prefix = &prefix, .backward = true, .step = past_row, .context = walk};
    enum status status = books_each(walk->facts->books, &books, err);
    *ret_more = walk->more;
    return status;
}

/* Most people never touch a limit or cash: they are known by one look-up. */
static enum status acted_since(const struct facts *facts, const char *person, int64_t after_ms, bool *ret_acted,
                               struct err *err)
{
    json_t *record = NULL;
    int64_t time_ms;
    struct books_key key = books_key(person);
    enum status status = books_look(facts->books, BOOKS_ACTED, &key, &record, err);
    *ret_acted = false;
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status != STATUS_OK)
        return status;
    const char *time = member_text(record, "time");
    status = instant_parse(time, strlen(time), &time_ms, err);
    json_decref(record);
    *ret_acted = status == STATUS_OK && time_ms > after_ms;
    return status;
}

enum status facts_history(const struct facts *facts, const char *person, const char *group, int64_t after_ms,
                          past_step *step, void *context, struct err *err)
{
    struct past_walk walk = {
        .facts = facts, .person = person, .after_ms = after_ms, .step = step, .context = context, .more = true};
    bool acted = false;
    enum status status = acted_since(facts, person, after_ms, &acted, err);
    if (status != STATUS_OK || !acted)
        return status;
    struct books_key prefix = books_key(group);
    books_key_close(&prefix);
    const struct books_walk books = {.table = BOOKS_GROUPS, .prefix = &prefix, .step = past_member, .context = &walk};
    return books_each(facts->books, &books, err);
}

enum status facts_customer_of(const struct facts *facts, const json_t *document, json_t **ret_customer, struct err *err)
{
    const char *entity = member_text(document, "entity"), *customer = member_text(document, "customer");
    const char *reverses = member_text(document, "reverses");
    json_t *original = NULL;
    enum status status = STATUS_OK;
    *ret_customer = NULL;
    if (customer == NULL && reverses != NULL) {
        status = facts_document(facts, reverses, &original, err);
        customer = member_text(json_object_get(original, "document"), "customer");
    }
    if (status == STATUS_OK && entity != NULL && customer != NULL)
        status = facts_customer(facts, entity, customer, ret_customer, err);
    json_decref(original);
    return status;
}

/*
 * Keys that were in other hands, keys of the book, releases and legal holds, read from the books.
 */
#include <stdio.h>
#include <string.h>

#include "controls/facts_govern.h"
#include "controls/facts_parts.h"
#include "ledger/schema.h"

/* Instants of one fixed form compare as text. */
static enum status key_compromised(const struct facts *facts, const char *key_text, const char *time, bool *ret_is,
                                   struct err *err)
{
    json_t *record = NULL;
    enum status status = facts_key(facts, key_text, &record, err);
    const char *since = member_text(record, "since");
    if (status == STATUS_OK)
        *ret_is = since != NULL && strcmp(time, since) >= 0;
    json_decref(record);
    return status;
}

static enum status entry_get(const struct facts *facts, uint64_t seq, json_t **ret_record, struct err *err)
{
    struct books_key key = books_key(NULL);
    books_key_add_number(&key, seq);
    return facts_get(facts, BOOKS_ENTRIES, &key, ret_record, err);
}

/* wanted NULL: any key. */
static enum status suspect_find(const struct facts *facts, uint64_t seq, const char *wanted, bool *ret_suspect,
                                char *ret_key, struct err *err)
{
    json_t *entry = NULL;
    bool suspect = false;
    enum status status = entry_get(facts, seq, &entry, err);
    const json_t *keys = json_object_get(entry, "keys");
    for (size_t i = 0; status == STATUS_OK && !suspect && i < json_array_size(keys); i++) {
        const char *text = json_string_value(json_array_get(keys, i));
        if (wanted != NULL && strcmp(text, wanted) != 0)
            continue;
        status = key_compromised(facts, text, member_text(entry, "time"), &suspect, err);
        if (status == STATUS_OK && suspect && ret_key != NULL)
            snprintf(ret_key, PUBLIC_KEY_TEXT_MAX, "%s", text);
    }
    json_decref(entry);
    if (status == STATUS_OK)
        *ret_suspect = suspect;
    return status;
}

enum status facts_suspect(const struct facts *facts, uint64_t seq, bool *ret_suspect,
                          char ret_key[static PUBLIC_KEY_TEXT_MAX], struct err *err)
{
    return suspect_find(facts, seq, NULL, ret_suspect, ret_key, err);
}

enum status facts_suspect_under(const struct facts *facts, uint64_t seq, const char *key_text, bool *ret_suspect,
                                struct err *err)
{
    return suspect_find(facts, seq, key_text, ret_suspect, NULL, err);
}

enum status facts_document_suspect(const struct facts *facts, const json_t *record, const char *key_text,
                                   bool *ret_suspect, struct err *err)
{
    const json_t *approvals = json_object_get(record, "approvals");
    bool suspect = false;
    enum status status = facts_suspect_under(facts, (uint64_t)member_integer(record, "seq"), key_text, &suspect, err);
    if (status == STATUS_OK && !suspect)
        status = facts_suspect_under(facts, (uint64_t)member_integer(json_object_get(record, "first"), "seq"), key_text,
                                     &suspect, err);
    for (size_t i = 0; status == STATUS_OK && !suspect && i < json_array_size(approvals); i++)
        status = facts_suspect_under(facts, (uint64_t)member_integer(json_array_get(approvals, i), "seq"), key_text,
                                     &suspect, err);
    if (status == STATUS_OK)
        *ret_suspect = suspect;
    return status;
}

enum status facts_affirmation(const struct facts *facts, const char *key_text, const char *number, uint64_t seq,
                              json_t **ret_record, struct err *err)
{
    struct books_key key = books_key_pair(key_text, number != NULL ? "document" : "entry");
    if (number != NULL)
        books_key_add_text(&key, number);
    else
        books_key_add_number(&key, seq);
    return facts_get(facts, BOOKS_AFFIRMATIONS, &key, ret_record, err);
}

enum status facts_recovery(const struct facts *facts, json_t **ret_recovery, struct err *err)
{
    json_t *charter = NULL;
    struct books_key key = books_key("charter");
    enum status status = facts_get(facts, BOOKS_META, &key, &charter, err);
    if (status == STATUS_OK)
        *ret_recovery = json_incref(json_object_get(charter, "recovery"));
    json_decref(charter);
    return status;
}

enum status facts_book_key(const struct facts *facts, const char *key_text, json_t **ret_record, struct err *err)
{
    struct books_key key = books_key(key_text);
    return facts_get(facts, BOOKS_BOOK_KEYS, &key, ret_record, err);
}

enum status facts_hold(const struct facts *facts, const char *customer, json_t **ret_record, struct err *err)
{
    struct books_key key = books_key(customer);
    return facts_get(facts, BOOKS_HOLDS, &key, ret_record, err);
}

struct held_find {
    const struct facts *facts;
    const json_t *hashes;
    bool found; /* one of the hashes belongs to the customer that is looked at */
    char customer[ID_BYTES_MAX + 1];
};

static enum status document_step(void *context, struct slice key, const json_t *item, bool *ret_more, struct err *err)
{
    struct held_find *find = context;
    json_t *record = NULL;
    (void)key;
    enum status status = facts_document(find->facts, member_text(item, "number"), &record, err);
    const json_t *evidence = json_object_get(json_object_get(record, "document"), "evidence");
    for (size_t i = 0; status == STATUS_OK && !find->found && i < json_array_size(evidence); i++) {
        const char *name = member_text(json_array_get(evidence, i), "name");
        find->found = name != NULL && facts_text_in(find->hashes, name);
    }
    json_decref(record);
    *ret_more = !find->found;
    return status;
}

static enum status customer_look(struct held_find *find, const char *entity, const char *customer, struct err *err)
{
    json_t *record = NULL;
    struct books_key prefix = books_key_pair(entity, customer);
    books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_CUSTOMER_DOCS, .prefix = &prefix, .step = document_step, .context = find};
    enum status status = facts_customer(find->facts, entity, customer, &record, err);
    const char *personal = member_text(record, "personal");
    if (status == STATUS_OK && personal != NULL)
        find->found = facts_text_in(find->hashes, personal);
    json_decref(record);
    return status == STATUS_OK && !find->found ? books_each(find->facts->books, &walk, err) : status;
}

static enum status hold_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct held_find *find = context;
    const struct policy *policy = find->facts->policy;
    enum status status = STATUS_OK;
    (void)record;
    snprintf(find->customer, sizeof find->customer, "%.*s", (int)key.length, (const char *)key.bytes);
    for (size_t i = 0; status == STATUS_OK && !find->found && i < policy->entity_count; i++)
        status = customer_look(find, policy->entities[i].entity, find->customer, err);
    *ret_more = !find->found;
    return status;
}

enum status facts_held_personal(const struct facts *facts, const json_t *hashes,
                                char ret_customer[static ID_BYTES_MAX + 1], struct err *err)
{
    struct held_find find = {.facts = facts, .hashes = hashes};
    const struct books_walk walk = {.table = BOOKS_HOLDS, .step = hold_step, .context = &find};
    enum status status = books_each(facts->books, &walk, err);
    if (status == STATUS_OK)
        snprintf(ret_customer, ID_BYTES_MAX + 1, "%s", find.found ? find.customer : "");
    return status;
}

enum status facts_key_of_book(const struct facts *facts, const char *key_text, bool *ret_is, struct err *err)
{
    json_t *recovery = NULL, *of_book = NULL;
    enum status status = facts_recovery(facts, &recovery, err);
    if (status == STATUS_OK)
        status = facts_book_key(facts, key_text, &of_book, err);
    if (status == STATUS_OK)
        *ret_is = of_book != NULL || facts_text_in(json_object_get(recovery, "keys"), key_text);
    json_decref(of_book);
    json_decref(recovery);
    return status;
}

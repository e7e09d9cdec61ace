/*
 * Rows of an access review, taken from the books of grants, delegations, users and keys. A grant or delegation that is
 * revoked, over or suspended by an earlier review is none; one that is still to begin is. The hash is over canonical rows,
 * one a line, so that it can be made again from the journal alone.
 */
#include "ledger/population.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/books.h"
#include "ledger/canon.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

struct gathering {
    struct tables_txn *txn;
    const json_t *entities;
    char time[INSTANT_TEXT_BYTES];
    json_t *rows;
    json_t *keys; /* of the user whose row is made */
};

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory for the rows of a review");
}

static bool text_in(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
            return true;
    return false;
}

static bool in_scope(const struct gathering *gathering, const json_t *entities)
{
    if (text_in(gathering->entities, "*") || text_in(entities, "*"))
        return true;
    for (size_t i = 0; i < json_array_size(entities); i++)
        if (text_in(gathering->entities, json_string_value(json_array_get(entities, i))))
            return true;
    return false;
}

/* Instants of one fixed form compare as text. */
static bool is_over(const struct gathering *gathering, const json_t *record, const char *member)
{
    const char *end = member_text(record, member);
    return end != NULL && strcmp(gathering->time, end) >= 0;
}

static enum status key_step(void *context, struct slice key, const json_t *ignored, bool *ret_more, struct err *err)
{
    struct gathering *gathering = context;
    const uint8_t *zero = memchr(key.bytes, 0, key.length);
    struct books_key whole = {.length = 0};
    json_t *record = NULL;
    (void)ignored;
    (void)ret_more;
    if (zero == NULL)
        return err_set(err, STATUS_CORRUPT, "books: a user's key has no text; run rebuild");
    whole.length = key.length - (size_t)(zero + 1 - key.bytes);
    memcpy(whole.bytes, zero + 1, whole.length);
    enum status status = books_get(gathering->txn, BOOKS_KEYS, &whole, &record, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "books: a user's key is not among the keys; run rebuild");
    if (status == STATUS_OK && json_object_get(record, "revoked") == NULL && !is_over(gathering, record, "until") &&
        json_array_append_new(gathering->keys, json_stringn((const char *)whole.bytes, whole.length)) != 0)
        status = no_memory(err);
    json_decref(record);
    return status;
}

/* The members of a grant or delegation that a row takes over as they are, where they stand. */
static bool members_copy(json_t *row, const json_t *record, const char *const names[])
{
    bool all = row != NULL;
    for (size_t i = 0; all && names[i] != NULL; i++)
        all = json_object_get(record, names[i]) == NULL ||
              json_object_set(row, names[i], json_object_get(record, names[i])) == 0;
    return all;
}

static enum status user_get(const struct gathering *gathering, const char *user, json_t **ret_user, struct err *err)
{
    struct books_key key = books_key(user);
    enum status status = books_look(gathering->txn, BOOKS_USERS, &key, ret_user, err);
    return status == STATUS_NOT_FOUND ? err_set(err, STATUS_CORRUPT, "user %s is not in the books", user) : status;
}

/* Whose: the user that holds it. names: what else of the record the row tells. */
static enum status row_add(struct gathering *gathering, const json_t *record, const char *whose,
                           const char *const names[], struct err *err)
{
    json_t *user = NULL;
    struct books_key prefix = books_key(whose);
    books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_USER_KEYS, .prefix = &prefix, .step = key_step, .context = gathering};
    gathering->keys = json_array();
    enum status status = gathering->keys != NULL ? user_get(gathering, whose, &user, err) : no_memory(err);
    if (status == STATUS_OK)
        status = books_each(gathering->txn, &walk, err);
    if (status == STATUS_OK) {
        json_t *row = json_pack("{s:O, s:O, s:O, s:O, s:O}", "grant", json_object_get(record, "number"), "keys",
                                gathering->keys, "person", json_object_get(user, "person"), "sort",
                                json_object_get(user, "sort"), "user", json_object_get(user, "user"));
        if (!members_copy(row, record, names) || json_array_append(gathering->rows, row) != 0)
            status = no_memory(err);
        json_decref(row);
    }
    json_decref(gathering->keys);
    json_decref(user);
    return status;
}

/* Neither revoked, nor over, nor suspended by an earlier review. */
static bool stands(const struct gathering *gathering, const json_t *record)
{
    const json_t *review = json_object_get(record, "review");
    return json_object_get(record, "revoked") == NULL && !is_over(gathering, record, "to") &&
           (review == NULL || !is_over(gathering, review, "until"));
}

static bool grant_counts(const struct gathering *gathering, const json_t *grant)
{
    return stands(gathering, grant) && in_scope(gathering, json_object_get(grant, "entities"));
}

static enum status grant_step(void *context, struct slice key, const json_t *grant, bool *ret_more, struct err *err)
{
    static const char *const names[] = {"entities", "from", "role", "to", NULL};
    struct gathering *gathering = context;
    (void)key;
    (void)ret_more;
    return grant_counts(gathering, grant) ? row_add(gathering, grant, member_text(grant, "user"), names, err)
                                          : STATUS_OK;
}

struct giving {
    const struct gathering *gathering;
    bool in_scope;
};

/* A grant of who gave a delegation: what is delegated is exercised where that one may. */
static enum status giver_step(void *context, struct slice key, const json_t *ignored, bool *ret_more, struct err *err)
{
    struct giving *giving = context;
    const uint8_t *zero = memchr(key.bytes, 0, key.length);
    struct books_key number = {.length = 0};
    json_t *grant = NULL;
    (void)ignored;
    if (zero == NULL)
        return err_set(err, STATUS_CORRUPT, "books: a user's grant has no number; run rebuild");
    number.length = key.length - (size_t)(zero + 1 - key.bytes);
    memcpy(number.bytes, zero + 1, number.length);
    enum status status = books_get(giving->gathering->txn, BOOKS_GRANTS, &number, &grant, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "books: a user's grant is not among the grants; run rebuild");
    giving->in_scope = status == STATUS_OK && grant_counts(giving->gathering, grant);
    *ret_more = !giving->in_scope;
    json_decref(grant);
    return status;
}

static enum status delegation_step(void *context, struct slice key, const json_t *delegation, bool *ret_more,
                                   struct err *err)
{
    static const char *const names[] = {"currency",  "from",  "from_person", "from_user",
                                        "functions", "limit", "to",          NULL};
    struct gathering *gathering = context;
    struct giving giving = {.gathering = gathering, .in_scope = text_in(gathering->entities, "*")};
    struct books_key prefix = books_key(member_text(delegation, "from_user"));
    enum status status = STATUS_OK;
    (void)key;
    (void)ret_more;
    books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_USER_GRANTS, .prefix = &prefix, .step = giver_step, .context = &giving};
    if (!stands(gathering, delegation))
        return STATUS_OK;
    if (!giving.in_scope)
        status = books_each(gathering->txn, &walk, err);
    return status == STATUS_OK && giving.in_scope
               ? row_add(gathering, delegation, member_text(delegation, "to_user"), names, err)
               : status;
}

/* SHA-256 of the canonical rows, each closed by a line feed. */
static enum status rows_hash(const json_t *rows, struct hash *ret_hash, struct err *err)
{
    enum status status = STATUS_OK;
    char *all = NULL;
    size_t used = 0;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(rows); i++) {
        char *bytes = NULL;
        size_t length = 0;
        status = canon_encode(json_array_get(rows, i), &bytes, &length, err);
        char *grown = status == STATUS_OK ? realloc(all, used + length + 1) : NULL;
        if (grown != NULL) {
            all = grown;
            memcpy(all + used, bytes, length);
            all[used + length] = '\n';
            used += length + 1;
        } else if (status == STATUS_OK) {
            status = no_memory(err);
        }
        free(bytes);
    }
    if (status == STATUS_OK)
        hash_of(all != NULL ? all : "", used, ret_hash);
    free(all);
    return status;
}

enum status population_read(struct tables_txn *txn, int64_t time_ms, const json_t *entities,
                            struct population *ret_population, struct err *err)
{
    struct gathering gathering = {.txn = txn, .entities = entities, .rows = json_array()};
    /* DG before GR: the rows of both are sorted by number. */
    const struct books_walk delegations = {.table = BOOKS_DELEGATIONS, .step = delegation_step, .context = &gathering};
    const struct books_walk grants = {.table = BOOKS_GRANTS, .step = grant_step, .context = &gathering};
    struct population population = {.rows = gathering.rows};
    instant_format(time_ms, gathering.time);
    enum status status = gathering.rows != NULL ? books_each(txn, &delegations, err) : no_memory(err);
    if (status == STATUS_OK)
        status = books_each(txn, &grants, err);
    if (status == STATUS_OK)
        status = rows_hash(population.rows, &population.hash, err);
    if (status == STATUS_OK)
        *ret_population = population;
    else
        population_done(&population);
    return status;
}

bool population_delegated(const json_t *row)
{
    return member_text(row, "role") == NULL;
}

void population_done(struct population *population)
{
    if (population == NULL)
        return;
    json_decref(population->rows);
    population->rows = NULL;
}

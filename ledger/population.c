/*
 * Rows of an access review, taken from the books of grants, users and keys. A grant that is revoked, over or suspended by
 * an earlier review is none; one that is still to begin is. The hash is over canonical rows, one a line, so that it can be
 * made again from the journal alone.
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

static enum status row_add(struct gathering *gathering, const json_t *grant, const json_t *user, struct err *err)
{
    struct books_key prefix = books_key(member_text(grant, "user"));
    books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_USER_KEYS, .prefix = &prefix, .step = key_step, .context = gathering};
    gathering->keys = json_array();
    if (gathering->keys == NULL)
        return no_memory(err);
    enum status status = books_each(gathering->txn, &walk, err);
    json_t *row = json_pack("{s:O, s:O, s:O, s:O, s:O, s:O, s:O}", "entities", json_object_get(grant, "entities"),
                            "grant", json_object_get(grant, "number"), "keys", gathering->keys, "person",
                            json_object_get(grant, "person"), "role", json_object_get(grant, "role"), "sort",
                            json_object_get(user, "sort"), "user", json_object_get(grant, "user"));
    json_decref(gathering->keys);
    for (size_t i = 0; row != NULL && i < 2; i++) {
        static const char *const ends[] = {"from", "to"};
        if (json_object_get(grant, ends[i]) != NULL)
            json_object_set(row, ends[i], json_object_get(grant, ends[i]));
    }
    if (status == STATUS_OK && json_array_append_new(gathering->rows, row) != 0)
        return no_memory(err);
    if (status != STATUS_OK)
        json_decref(row);
    return status;
}

static enum status grant_step(void *context, struct slice key, const json_t *grant, bool *ret_more, struct err *err)
{
    struct gathering *gathering = context;
    const json_t *review = json_object_get(grant, "review");
    json_t *user = NULL;
    (void)key;
    (void)ret_more;
    if (json_object_get(grant, "revoked") != NULL || is_over(gathering, grant, "to") ||
        (review != NULL && is_over(gathering, review, "until")) ||
        !in_scope(gathering, json_object_get(grant, "entities")))
        return STATUS_OK;
    struct books_key user_key = books_key(member_text(grant, "user"));
    enum status status = books_get(gathering->txn, BOOKS_USERS, &user_key, &user, err);
    if (status == STATUS_NOT_FOUND)
        status = err_set(err, STATUS_CORRUPT, "user %s is not in the books", member_text(grant, "user"));
    if (status == STATUS_OK)
        status = row_add(gathering, grant, user, err);
    json_decref(user);
    return status;
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
    const struct books_walk walk = {.table = BOOKS_GRANTS, .step = grant_step, .context = &gathering};
    struct population population = {.rows = gathering.rows};
    instant_format(time_ms, gathering.time);
    enum status status = gathering.rows != NULL ? books_each(txn, &walk, err) : no_memory(err);
    if (status == STATUS_OK)
        status = rows_hash(population.rows, &population.hash, err);
    if (status == STATUS_OK)
        *ret_population = population;
    else
        population_done(&population);
    return status;
}

void population_done(struct population *population)
{
    if (population == NULL)
        return;
    json_decref(population->rows);
    population->rows = NULL;
}

/*
 * Which policy was in force when: what the calendar of an entity and its functional currency are asked of. Policies are few
 * and kept in memory.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/sql/parts.h"
#include "ledger/books.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

static enum status policy_load(struct tables_txn *txn, const char *hash, struct policy **ret_policy, struct err *err)
{
    json_t *compiled = NULL;
    struct books_key key = books_key(hash);
    enum status status = books_get(txn, BOOKS_COMPILED, &key, &compiled, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "policy %s is not in the books", hash);
    if (status == STATUS_OK)
        status = policy_read(compiled, ret_policy, err);
    json_decref(compiled);
    return status;
}

enum status sql_policy_get(struct sql *sql, struct tables_txn *txn, const char *hash, const struct policy **ret_policy,
                           struct err *err)
{
    struct policy *policy = NULL;
    for (size_t i = sql->policy_count; i > 0; i--)
        if (strcmp(sql->policies[i - 1].hash, hash) == 0) {
            *ret_policy = sql->policies[i - 1].policy;
            return STATUS_OK;
        }
    struct sql_policy *grown = realloc(sql->policies, (sql->policy_count + 1) * sizeof *grown);
    if (grown == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a policy");
    sql->policies = grown;
    enum status status = strlen(hash) == HASH_HEX_CHARS ? policy_load(txn, hash, &policy, err)
                                                        : err_set(err, STATUS_CORRUPT, "'%s' names no policy", hash);
    if (status != STATUS_OK)
        return status;
    struct sql_policy *one = &sql->policies[sql->policy_count++];
    memcpy(one->hash, hash, HASH_HEX_CHARS + 1);
    one->policy = policy;
    *ret_policy = policy;
    return STATUS_OK;
}

struct reigns {
    struct sql *sql;
    struct tables_txn *txn;
};

static enum status time_member(const json_t *record, const char *name, int64_t *ret_ms, struct err *err)
{
    const char *text = member_text(record, name);
    return text != NULL ? instant_parse(text, strlen(text), ret_ms, err)
                        : err_set(err, STATUS_CORRUPT, "books: a record lacks %s", name);
}

static enum status reign_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct reigns *reigns = context;
    struct sql *sql = reigns->sql;
    struct sql_reign reign = {.policy = NULL};
    json_t *entry = NULL;
    (void)key;
    (void)ret_more;
    struct books_key seq = books_key(NULL);
    books_key_add_number(&seq, (uint64_t)member_integer(record, "seq"));
    enum status status = books_get(reigns->txn, BOOKS_ENTRIES, &seq, &entry, err);
    if (status == STATUS_OK)
        status = time_member(entry, "time", &reign.approved_ms, err);
    json_decref(entry);
    if (status == STATUS_OK)
        status = time_member(record, "effective", &reign.effective_ms, err);
    if (status == STATUS_OK)
        status = sql_policy_get(sql, reigns->txn, member_text(record, "hash"), &reign.policy, err);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? err_set(err, STATUS_CORRUPT, "books: a policy came by no entry") : status;
    struct sql_reign *grown = realloc(sql->reigns, (sql->reign_count + 1) * sizeof *grown);
    if (grown == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a policy");
    sql->reigns = grown;
    sql->reigns[sql->reign_count++] = reign;
    return STATUS_OK;
}

enum status sql_reigns_read(struct sql *sql, struct tables_txn *txn, struct err *err)
{
    struct reigns reigns = {.sql = sql, .txn = txn};
    const struct books_walk walk = {.table = BOOKS_POLICIES, .step = reign_step, .context = &reigns};
    return books_each(txn, &walk, err);
}

const struct policy *sql_policy_at(const struct sql *sql, int64_t time_ms)
{
    const struct sql_reign *best = sql->reign_count > 0 ? &sql->reigns[0] : NULL;
    for (size_t i = 1; i < sql->reign_count; i++) {
        const struct sql_reign *one = &sql->reigns[i];
        if (one->approved_ms <= time_ms && one->effective_ms <= time_ms && one->effective_ms >= best->effective_ms)
            best = one;
    }
    return best != NULL ? best->policy : NULL;
}

const struct policy_entity *sql_entity_at(const struct sql *sql, int64_t time_ms, const char *entity)
{
    const struct policy *policy = sql_policy_at(sql, time_ms);
    return policy != NULL && entity != NULL ? policy_find_entity(policy, entity) : NULL;
}

void sql_policies_done(struct sql *sql)
{
    for (size_t i = 0; i < sql->policy_count; i++)
        policy_free(sql->policies[i].policy);
    free(sql->policies);
    free(sql->reigns);
}

/*
 * Fiscal years; see the header. In a journal the policy in force is found by its hash, which the head's decision names: backwards
 * from the entry that put it in force to the one that brought its text.
 */
#include "audit/fiscal.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "audit/bundle/pack_look.h"
#include "ledger/canon.h"
#include "ledger/entry.h"
#include "ledger/hash.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "ledger/slice.h"
#include "ledger/statement.h"

static bool is_asked(const struct fiscal_entities *entities, const char *entity)
{
    for (size_t i = 0; i < entities->count; i++)
        if (entity != NULL && strcmp(entities->entities[i], entity) == 0)
            return true;
    return entities->count == 0;
}

static bool is_known(const json_t *list, const char *entity)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *known = member_text(json_array_get(list, i), "entity");
        if (known != NULL && strcmp(known, entity) == 0)
            return true;
    }
    return false;
}

int fiscal_month(const json_t *compiled, const struct fiscal_entities *entities)
{
    const json_t *list = json_object_get(compiled, "entities");
    int found = FISCAL_UNKNOWN;
    for (size_t i = 0; i < entities->count; i++)
        if (!is_known(list, entities->entities[i]))
            return FISCAL_UNKNOWN;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entity = json_array_get(list, i);
        const int month = (int)member_integer(entity, "fiscal_month");
        if (!is_asked(entities, member_text(entity, "entity")))
            continue;
        if (found != FISCAL_UNKNOWN && found != month)
            return FISCAL_DIFFER;
        found = month;
    }
    return found;
}

/* Whether this is the policy of that hash. */
static bool is_policy(const json_t *compiled, const char *hash)
{
    char hex[HASH_HEX_CHARS + 1];
    struct hash of;
    if (compiled == NULL || canon_hash(compiled, &of, NULL) != STATUS_OK)
        return false;
    hash_to_hex(&of, hex);
    return strcmp(hex, hash) == 0;
}

/* The policy of that hash among what an entry brings; NULL: it is not there. Lends from the entry. */
static const json_t *policy_in(const struct entry *entry, const char *hash)
{
    const struct statement *statement = &entry->statement;
    const json_t *compiled = json_object_get(json_object_get(statement->body, "policy"), "compiled");
    if (statement->verb == VERB_CHARTER)
        return is_policy(compiled, hash) ? compiled : NULL;
    for (size_t i = 0; i < json_array_size(statement_list(statement)); i++) {
        compiled = json_object_get(statement_document(statement, i), "compiled");
        if (is_policy(compiled, hash))
            return compiled;
    }
    return NULL;
}

/* Whether an entry can bring a policy, as its bytes tell. */
static bool may_bring(struct slice bytes)
{
    return pack_look_has(bytes, "kind", "policy") || pack_look_does(bytes, "charter");
}

static enum status entry_ask(struct journal_snapshot *snapshot, uint64_t seq, const char *hash,
                             const struct fiscal_entities *entities, int *ret_month, bool *ret_found, struct err *err)
{
    const char *bytes = NULL;
    size_t length = 0;
    struct entry entry;
    enum status status = journal_entry(snapshot, seq, &bytes, &length, err);
    if (status != STATUS_OK || !may_bring(slice_of(bytes, length)))
        return status;
    status = entry_at(snapshot, seq, &entry, err);
    if (status != STATUS_OK)
        return status;
    const json_t *compiled = policy_in(&entry, hash);
    *ret_found = compiled != NULL;
    if (compiled != NULL)
        *ret_month = fiscal_month(compiled, entities);
    entry_done(&entry);
    return STATUS_OK;
}

/* Which policy the newest entry was decided by, and since which entry that is in force. */
static enum status head_policy(struct journal_snapshot *snapshot, char ret_hash[static HASH_HEX_CHARS + 1],
                               uint64_t *ret_seq, struct err *err)
{
    struct journal_head head;
    struct entry entry;
    enum status status = journal_head(snapshot, &head, err);
    if (status == STATUS_OK && head.size == 0)
        status = err_set(err, STATUS_NOT_FOUND, "the book has no entry, and so no policy");
    if (status == STATUS_OK)
        status = entry_at(snapshot, head.size - 1, &entry, err);
    if (status != STATUS_OK)
        return status;
    const json_t *policy = json_object_get(entry.decision, "policy");
    const char *hash = member_text(policy, "hash");
    const uint64_t seq = (uint64_t)member_integer(policy, "seq");
    if (hash == NULL || strlen(hash) != HASH_HEX_CHARS || seq >= head.size) {
        status = err_set(err, STATUS_CORRUPT, "entry %llu names no policy that it was decided by",
                         (unsigned long long)(head.size - 1));
    } else {
        memcpy(ret_hash, hash, HASH_HEX_CHARS + 1);
        *ret_seq = seq;
    }
    entry_done(&entry);
    return status;
}

enum status fiscal_month_of_journal(struct journal *journal, const struct fiscal_entities *entities, int *ret_month,
                                    struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    char hash[HASH_HEX_CHARS + 1];
    uint64_t seq = 0;
    bool found = false;
    enum status status = journal_read_begin(journal, &snapshot, err);
    if (status == STATUS_OK)
        status = head_policy(snapshot, hash, &seq, err);
    for (uint64_t left = seq + 1; status == STATUS_OK && !found && left > 0; left--)
        status = entry_ask(snapshot, left - 1, hash, entities, ret_month, &found, err);
    if (status == STATUS_OK && !found)
        status = err_set(err, STATUS_CORRUPT, "policy %.16s is not in the journal: run countersign audit verify", hash);
    journal_read_end(snapshot);
    return status;
}

enum status fiscal_period_of_journal(struct journal *journal, const struct fiscal_entities *entities, const char *text,
                                     struct audit_period *ret_period, struct err *err)
{
    int month = FISCAL_UNKNOWN;
    enum status status = fiscal_month_of_journal(journal, entities, &month, err);
    return status == STATUS_OK ? audit_period_parse(text, month, ret_period, err) : status;
}

/*
 * Governance in the books: the charter, and what enrolments, rotations, revocations, grants and policies do
 * when they come into force.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/books.h"
#include "ledger/canon.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/statement.h"

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory to fold a document");
}

enum status fold_key_put(const struct fold *fold, const struct user_new *user, struct err *err)
{
    char time[INSTANT_TEXT_BYTES];
    instant_format(fold->time_ms, time);
    json_t *record = json_pack("{s:s, s:I, s:s}", "from", time, "seq", (json_int_t)fold->seq, "user", user->user);
    if (record == NULL)
        return no_memory(err);
    if (user->until != NULL)
        json_object_set_new(record, "until", json_string(user->until));
    struct books_key key = books_key(user->key);
    enum status status = books_put_new(fold->txn, BOOKS_KEYS, &key, record, err);
    if (status != STATUS_OK)
        return status;
    key = books_key_pair(user->user, user->key);
    return books_put_new(fold->txn, BOOKS_USER_KEYS, &key, json_object(), err);
}

enum status fold_user_put(const struct fold *fold, const struct user_new *user, struct err *err)
{
    struct books_key key = books_key(user->user);
    enum status status = books_put_new(
        fold->txn, BOOKS_USERS, &key,
        json_pack("{s:s, s:s, s:s}", "person", user->person, "sort", user->sort, "user", user->user), err);
    if (status != STATUS_OK)
        return status;
    key = books_key_pair(user->person, user->user);
    status = books_put_new(fold->txn, BOOKS_PERSONS, &key, json_object(), err);
    if (status == STATUS_OK)
        status = fold_alive(fold, user->user, err);
    return status == STATUS_OK ? fold_key_put(fold, user, err) : status;
}

enum status fold_grant_put(const struct fold *fold, const struct grant_new *grant, struct err *err)
{
    json_t *user = NULL;
    char time[INSTANT_TEXT_BYTES];
    instant_format(fold->time_ms, time);
    struct books_key key = books_key(grant->user);
    enum status status = books_look(fold->txn, BOOKS_USERS, &key, &user, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "user %s is not in the books", grant->user);
    if (status != STATUS_OK)
        return status;
    json_t *record =
        json_pack("{s:O, s:s, s:s, s:s, s:s, s:s}", "entities", grant->entities, "number", grant->number, "person",
                  member_text(user, "person"), "role", grant->role, "since", time, "user", grant->user);
    json_decref(user);
    if (record == NULL)
        return no_memory(err);
    if (grant->from != NULL)
        json_object_set_new(record, "from", json_string(grant->from));
    if (grant->to != NULL)
        json_object_set_new(record, "to", json_string(grant->to));
    key = books_key(grant->number);
    status = books_put_new(fold->txn, BOOKS_GRANTS, &key, record, err);
    if (status != STATUS_OK)
        return status;
    key = books_key_pair(grant->user, grant->number);
    return books_put_new(fold->txn, BOOKS_USER_GRANTS, &key, json_object(), err);
}

static enum status policy_put(const struct fold *fold, const json_t *policy, const char *effective, const char *number,
                              struct err *err)
{
    struct hash hash;
    char hex[HASH_HEX_CHARS + 1];
    json_t *compiled = json_object_get(policy, "compiled");
    enum status status = canon_hash(compiled, &hash, err);
    if (status != STATUS_OK)
        return status;
    hash_to_hex(&hash, hex);
    struct books_key key = books_key(hex);
    status = books_put(fold->txn, BOOKS_COMPILED, &key, compiled, err);
    if (status != STATUS_OK)
        return status;
    key = books_key(NULL);
    books_key_add_number(&key, fold->seq);
    books_key_add_text(&key, number);
    return books_put_new(fold->txn, BOOKS_POLICIES, &key,
                         json_pack("{s:s, s:s, s:o?, s:s, s:I}", "document", number, "effective", effective,
                                   "hard_days", fold_hard_days(compiled), "hash", hex, "seq", (json_int_t)fold->seq),
                         err);
}

static enum status officers_put(const struct fold *fold, const json_t *officers, struct err *err)
{
    enum status status = STATUS_OK;
    json_t *all = json_pack("[s]", "*");
    if (all == NULL)
        return no_memory(err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(officers); i++) {
        const json_t *officer = json_array_get(officers, i);
        char number[32];
        snprintf(number, sizeof number, "GR-0.%zu", i + 1);
        const struct user_new user = {.user = member_text(officer, "user"),
                                      .person = member_text(officer, "person"),
                                      .sort = "human",
                                      .key = member_text(officer, "key")};
        status = fold_user_put(fold, &user, err);
        const struct grant_new grant = {.number = number, .user = user.user, .role = "OFFICER", .entities = all};
        if (status == STATUS_OK)
            status = fold_grant_put(fold, &grant, err);
    }
    json_decref(all);
    return status;
}

enum status fold_charter(const struct fold *fold, struct err *err)
{
    const json_t *body = fold->statement->body;
    char time[INSTANT_TEXT_BYTES], hex[HASH_HEX_CHARS + 1];
    instant_format(fold->time_ms, time);
    hash_to_hex(&fold->statement->hash, hex);
    /* The policy stands among the policies; here it would only be carried along by every opening. */
    json_t *charter = json_copy((json_t *)body);
    if (charter == NULL)
        return no_memory(err);
    json_object_del(charter, "policy");
    struct books_key key = books_key("charter");
    enum status status = books_put_new(fold->txn, BOOKS_META, &key, charter, err);
    key = books_key("book");
    if (status == STATUS_OK)
        status = books_put_new(fold->txn, BOOKS_META, &key, json_pack("{s:s}", "id", hex), err);
    if (status == STATUS_OK)
        status = policy_put(fold, json_object_get(body, "policy"), time, "", err);
    if (status == STATUS_OK)
        status = fold_entities_first(fold, json_object_get(json_object_get(body, "policy"), "compiled"), err);
    if (status == STATUS_OK)
        status = officers_put(fold, json_object_get(body, "officers"), err);
    return status == STATUS_OK ? fold_book_keys_found(fold, json_object_get(body, "book_keys"), err) : status;
}

/* Ends a key now; since (may be NULL) is the time from which it may have been in other hands. */
enum status fold_key_revoke(const struct fold *fold, const char *key_text, const char *since, struct err *err)
{
    json_t *record = NULL;
    char time[INSTANT_TEXT_BYTES];
    instant_format(fold->time_ms, time);
    struct books_key key = books_key(key_text);
    enum status status = books_get(fold->txn, BOOKS_KEYS, &key, &record, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "a key to revoke is not in the books");
    if (status != STATUS_OK)
        return status;
    json_object_set_new(record, "revoked", json_pack("{s:I, s:s}", "seq", (json_int_t)fold->seq, "time", time));
    if (since != NULL)
        json_object_set_new(record, "since", json_string(since));
    return books_put_new(fold->txn, BOOKS_KEYS, &key, record, err);
}

static enum status rotation_fold(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    const char *old = member_text(document, "old");
    enum status status = old != NULL ? fold_key_revoke(fold, old, NULL, err) : STATUS_OK;
    const struct user_new user = {.user = member_text(document, "user"),
                                  .key = member_text(document, "new"),
                                  .until = member_text(document, "until")};
    return status == STATUS_OK ? fold_key_put(fold, &user, err) : status;
}

enum status fold_grant_revoke(const struct fold *fold, const char *number, struct err *err)
{
    json_t *record = NULL;
    char time[INSTANT_TEXT_BYTES];
    instant_format(fold->time_ms, time);
    struct books_key key = books_key(number);
    bool delegated = false;
    enum status status = books_get(fold->txn, BOOKS_GRANTS, &key, &record, err);
    if (status == STATUS_NOT_FOUND) {
        status = fold_delegation_revoke(fold, number, &delegated, err);
        return status != STATUS_OK || delegated ? status
                                                : err_set(err, STATUS_CORRUPT, "grant %s is not in the books", number);
    }
    if (status != STATUS_OK)
        return status;
    json_object_set_new(record, "revoked", json_string(time));
    return books_put_new(fold->txn, BOOKS_GRANTS, &key, record, err);
}

static enum status enrolment_fold(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    const struct user_new user = {.user = member_text(document, "user"),
                                  .person = member_text(document, "person"),
                                  .sort = member_text(document, "sort"),
                                  .key = member_text(document, "key"),
                                  .until = member_text(document, "until")};
    return fold_user_put(fold, &user, err);
}

static enum status grant_fold(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    const struct grant_new grant = {.number = member_text(record, "number"),
                                    .user = member_text(document, "user"),
                                    .role = member_text(document, "role"),
                                    .from = member_text(document, "from"),
                                    .to = member_text(document, "to"),
                                    .entities = json_object_get(document, "entities")};
    return fold_grant_put(fold, &grant, err);
}

static enum status key_revocation_fold(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    return fold_key_revoke(fold, member_text(document, "key"), member_text(document, "since"), err);
}

static enum status revocation_fold(const struct fold *fold, const json_t *record, struct err *err)
{
    const char *number = member_text(json_object_get(record, "document"), "grant");
    return strncmp(number, "MI-", 3) == 0 ? fold_mitigation_revoke(fold, number, err)
                                          : fold_grant_revoke(fold, number, err);
}

static enum status policy_fold(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    return policy_put(fold, document, member_text(document, "effective"), member_text(record, "number"), err);
}

/* What each kind does when it comes into force: one row a kind, its function here or in a fold_*.c of its own. */
/* clang-format off: one row a line */
static const struct {
    const char *kind;
    fold_effect *effect;
} effects[] = {
    {"credit-limit", fold_limit_set},
    {"temporary-limit", fold_limit_kept},
    {"hold-release", fold_limit_kept},
    {"dispute", fold_case_open},
    {"inquiry", fold_case_open},
    {"exception", fold_case_open},
    {"case-note", fold_case_note},
    {"enrolment", enrolment_fold},
    {"key-rotation", rotation_fold},
    {"key-revocation", key_revocation_fold},
    {"grant", grant_fold},
    {"revocation", revocation_fold},
    {"policy", policy_fold},
    {"book-key", fold_book_key},
    {"release", fold_release},
    {"break-glass", fold_break_glass},
    {"review", fold_review},
    {"erasure", fold_erasure},
    {"legal-hold", fold_legal_hold},
    {"attestation", fold_attestation},
    {"break-glass-review", fold_break_glass_review},
    {"affirmation", fold_affirmation},
    {"seed", fold_record_only},
    {"disposition", fold_record_only},
    {"test-run", fold_record_only},
    {"delegation", fold_delegation},
    {"reactivation", fold_reactivation},
    {"related", fold_related},
    {"mitigation", fold_mitigation},
    {"mitigation-review", fold_mitigation_review},
    {"rates", fold_rates},
    {"entity", fold_entity},
    {"period", fold_period},
};
/* clang-format on */

const json_t *fold_answer(const json_t *record, const char *control, const char *code)
{
    const json_t *controls = json_object_get(record, "controls");
    for (size_t i = 0; i < json_array_size(controls); i++) {
        const json_t *answer = json_array_get(controls, i);
        if (strcmp(member_text(answer, "control"), control) == 0 && strcmp(member_text(answer, "code"), code) == 0)
            return answer;
    }
    return NULL;
}

enum status fold_in_force(const struct fold *fold, const json_t *record, struct err *err)
{
    const char *kind = member_text(record, "kind");
    for (size_t i = 0; i < sizeof effects / sizeof effects[0]; i++)
        if (strcmp(effects[i].kind, kind) == 0)
            return effects[i].effect(fold, record, err);
    return err_set(err, STATUS_CORRUPT, "nothing of kind %s can be in force", kind);
}

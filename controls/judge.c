/*
 * Judging: a statement's members one by one, each against the books that the one before has left. What is decided here is
 * a pure function of statement, time and books; the gate makes it an entry, the auditor's replay repeats it. The acts on
 * documents are in judge_act.c; this room has the policy in force, whole statements, and charters.
 */
#include "controls/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/control.h"
#include "controls/feed.h"
#include "controls/judge_act.h"
#include "controls/kind.h"
#include "controls/rules/governance.h"
#include "ledger/books.h"
#include "ledger/canon.h"
#include "ledger/entry.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/sshkey.h"
#include "ledger/sshsig.h"
#include "ledger/statement.h"
#include "ledger/tables.h"

enum { POLICY_CACHE = 16 }; /* policies kept read; more than a book has in force in a year */

struct judge {
    struct policy *policies[POLICY_CACHE];
    size_t count;
};

enum status judge_new(struct judge **ret_judge, struct err *err)
{
    *ret_judge = calloc(1, sizeof **ret_judge);
    return *ret_judge != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
}

void judge_free(struct judge *judge)
{
    if (judge == NULL)
        return;
    for (size_t i = 0; i < judge->count; i++)
        policy_free(judge->policies[i]);
    free(judge);
}

struct in_force {
    int64_t time_ms;
    int64_t effective_ms;
    char hash[HASH_HEX_CHARS + 1];
    uint64_t seq;
    bool found;
};

/* Entries come in order, so a later one with the same time of effect replaces an earlier one. */
static enum status in_force_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct in_force *best = context;
    const char *text = member_text(record, "effective");
    int64_t effective;
    (void)key;
    (void)ret_more;
    enum status status = instant_parse(text, strlen(text), &effective, err);
    if (status != STATUS_OK || effective > best->time_ms || (best->found && effective < best->effective_ms))
        return status;
    best->effective_ms = effective;
    best->seq = (uint64_t)member_integer(record, "seq");
    best->found = true;
    snprintf(best->hash, sizeof best->hash, "%s", member_text(record, "hash"));
    return STATUS_OK;
}

static enum status policy_load(struct judge *judge, struct tables_txn *txn, const char *hash,
                               const struct policy **ret_policy, struct err *err)
{
    json_t *compiled = NULL;
    struct policy *policy = NULL;
    struct books_key key = books_key(hash);
    enum status status = books_get(txn, BOOKS_COMPILED, &key, &compiled, err);
    if (status == STATUS_OK)
        status = policy_read(compiled, &policy, err);
    json_decref(compiled);
    if (status != STATUS_OK)
        return status;
    if (judge->count ==
        POLICY_CACHE) { /* the oldest goes; the one in force was just asked for, so it is not that one */
        policy_free(judge->policies[0]);
        memmove(&judge->policies[0], &judge->policies[1], (POLICY_CACHE - 1) * sizeof judge->policies[0]);
        judge->count--;
    }
    judge->policies[judge->count++] = policy;
    *ret_policy = policy;
    return STATUS_OK;
}

enum status judge_policy(struct judge *judge, struct tables_txn *txn, int64_t time_ms, const struct policy **ret_policy,
                         uint64_t *ret_seq, struct err *err)
{
    struct in_force best = {.time_ms = time_ms};
    struct books_walk walk = {.table = BOOKS_POLICIES, .step = in_force_step, .context = &best};
    enum status status = books_each(txn, &walk, err);
    if (status != STATUS_OK)
        return status;
    if (!best.found)
        return err_set(err, STATUS_CORRUPT, "no policy is in force; the books are not those of a chartered book");
    *ret_seq = best.seq;
    for (size_t i = 0; i < judge->count; i++) {
        char hex[HASH_HEX_CHARS + 1];
        hash_to_hex(&judge->policies[i]->hash, hex);
        if (strcmp(hex, best.hash) == 0) {
            *ret_policy = judge->policies[i];
            return STATUS_OK;
        }
    }
    return policy_load(judge, txn, best.hash, ret_policy, err);
}

/* Whether the text stands in the list, or in the member of its objects, before place `before`. */
static bool key_stands(const json_t *list, const char *member, const char *text, size_t before)
{
    for (size_t i = 0; i < json_array_size(list) && i < before; i++) {
        const json_t *item = json_array_get(list, i);
        const char *one = member != NULL ? member_text(item, member) : json_string_value(item);
        if (strcmp(one, text) == 0)
            return true;
    }
    return false;
}

static enum status officers_check(const json_t *body, struct err *err)
{
    const json_t *officers = json_object_get(body, "officers");
    for (size_t i = 0; i < json_array_size(officers); i++) {
        const json_t *officer = json_array_get(officers, i);
        static const char *const unique[] = {"key", "person", "user"};
        for (size_t m = 0; m < sizeof unique / sizeof unique[0]; m++)
            if (key_stands(officers, unique[m], member_text(officer, unique[m]), i))
                return err_set(
                    err, STATUS_REFUSED,
                    "officers[%zu].%s: founding officers are different persons with different users and keys", i,
                    unique[m]);
        if (i > 0 && strcmp(member_text(json_array_get(officers, i - 1), "user"), member_text(officer, "user")) > 0)
            return err_set(err, STATUS_INPUT, "officers: have to be sorted by user");
    }
    return STATUS_OK;
}

/* New officers, one of whom acts. */
static enum status recover_check(const struct statement *statement, struct err *err)
{
    const json_t *officers = json_object_get(statement->body, "officers");
    enum status status = officers_check(statement->body, err);
    if (status != STATUS_OK) {
        err_prefix(err, "body.");
        return STATUS_INPUT;
    }
    return key_stands(officers, "user", statement->actor, SIZE_MAX)
               ? STATUS_OK
               : err_set(err, STATUS_INPUT, "actor: has to be one of the new officers");
}

enum status judge_check_form(const struct statement *statement, struct err *err)
{
    const json_t *list = statement_list(statement);
    switch (statement->verb) {
    case VERB_FEED:
        return feed_check_form(statement, err);
    case VERB_SUBMIT:
    case VERB_AMEND:
        break;
    case VERB_APPROVE:
    case VERB_CHARTER:
    case VERB_WITHDRAW:
    case VERB_REJECT:
    case VERB_RETURN:
        return STATUS_OK;
    case VERB_RECOVER:
        return recover_check(statement, err);
    case VERB_CLOCK:
    case VERB_RESTORE:
        return STATUS_OK;
    case VERB_COUNT:
        return err_set(err, STATUS_INPUT, "do: nothing is judged of %s", verb_name(statement->verb));
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        char path[64];
        snprintf(path, sizeof path,
                 statement->verb == VERB_SUBMIT ? "body.documents[%zu]" : "body.amendments[%zu].content", i);
        enum status status = kind_check_document(statement_document(statement, i), path, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* One decision under construction. */
struct deciding {
    struct judge *judge;
    const struct judged *judged;
    struct facts facts;
    char book[HASH_HEX_CHARS + 1];
    struct actor actor;
    json_t *results;
    json_t *controls; /* of the whole statement */
    bool refused;     /* as a whole */
    bool any_refused;
};

static struct fold fold_of(const struct deciding *deciding)
{
    return (struct fold){.txn = *deciding->judged->txn,
                         .statement = deciding->judged->statement,
                         .seq = deciding->judged->seq,
                         .time_ms = deciding->judged->time_ms};
}

static enum status facts_take(struct deciding *deciding, struct err *err)
{
    const struct judged *judged = deciding->judged;
    json_t *charter = NULL;
    struct books_key key = books_key("charter");
    enum status status = books_look(*judged->txn, BOOKS_META, &key, &charter, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "the books hold no charter");
    if (status != STATUS_OK)
        return status;
    deciding->facts = (struct facts){.books = *judged->txn,
                                     .book = judged->statement->book,
                                     .engine = (int)member_integer(charter, "engine"),
                                     .seq = judged->seq,
                                     .time_ms = judged->time_ms};
    json_decref(charter);
    return judge_policy(deciding->judge, *judged->txn, judged->time_ms, &deciding->facts.policy,
                        &deciding->facts.policy_seq, err);
}

static enum status statement_controls(struct deciding *deciding, struct err *err)
{
    const struct request request = {.stage = STAGE_STATEMENT,
                                    .statement = deciding->judged->statement,
                                    .signatures = deciding->judged->signatures,
                                    .actor = deciding->actor};
    struct answers answers;
    enum status status = answers_init(&answers, err);
    if (status == STATUS_OK)
        status = controls_judge(&request, &deciding->facts, &answers, err);
    if (status == STATUS_OK) {
        deciding->controls = json_incref(answers.list);
        deciding->refused = answers.denied;
    }
    answers_done(&answers);
    return status;
}

static enum status member_judge(struct deciding *deciding, size_t index, json_t **ret_result, struct err *err)
{
    const struct act act = {.statement = deciding->judged->statement,
                            .signatures = deciding->judged->signatures,
                            .actor = &deciding->actor,
                            .facts = &deciding->facts,
                            .index = index};
    switch (deciding->judged->statement->verb) {
    case VERB_SUBMIT:
        return act_submit(&act, ret_result, err);
    case VERB_AMEND:
        return act_amend(&act, ret_result, err);
    case VERB_APPROVE:
        return act_approve(&act, ret_result, err);
    case VERB_WITHDRAW:
    case VERB_REJECT:
    case VERB_RETURN:
        return act_end(&act, ret_result, err);
    case VERB_FEED: {
        const struct request request = {.stage = STAGE_FEED,
                                        .statement = act.statement,
                                        .signatures = act.signatures,
                                        .actor = deciding->actor,
                                        .seq = deciding->facts.seq,
                                        .time_ms = deciding->facts.time_ms};
        return feed_judge(&request, &deciding->facts, ret_result, err);
    }
    case VERB_RECOVER:
    case VERB_CLOCK: /* judged as a whole; what is left is to happen */
        *ret_result = json_pack("{s:[], s:s}", "controls", "outcome", "in-force");
        return *ret_result != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
    case VERB_RESTORE: {
        const struct request request = {.stage = STAGE_STATEMENT,
                                        .statement = act.statement,
                                        .signatures = act.signatures,
                                        .actor = deciding->actor};
        return restore_result(&request, &deciding->facts, ret_result, err);
    }
    case VERB_CHARTER:
    case VERB_COUNT:
        break;
    }
    return err_set(err, STATUS_INPUT, "do: nothing is judged of %s", verb_name(deciding->judged->statement->verb));
}

static size_t member_count(const struct statement *statement)
{
    const json_t *list = statement_list(statement);
    return list == NULL ? 1 : json_array_size(list);
}

/* Takes back what this statement has done to the books, and does again what its first count results say. */
static enum status fold_again(struct deciding *deciding, size_t count, struct err *err)
{
    const struct judged *judged = deciding->judged;
    tables_abort(*judged->txn);
    *judged->txn = NULL;
    enum status status = tables_write_begin(judged->tables, judged->txn, err);
    if (status == STATUS_OK && judged->restore != NULL)
        status = judged->restore(judged->restore_context, *judged->txn, err);
    if (status != STATUS_OK)
        return status;
    deciding->facts.books = *judged->txn;
    const struct fold fold = fold_of(deciding);
    status = fold_begin(&fold, err);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = fold_result(&fold, i, json_array_get(deciding->results, i), err);
    return status;
}

/* A result refused after all, with the members that a refused one of its verb has. */
static enum status result_refuse(const json_t *result, const char *const answer[2], json_t **ret_result,
                                 struct err *err)
{
    static const char *const kept[] = {"content", "count", "level", "total"};
    struct answers answers = {.list = NULL};
    enum status status = answers_init(&answers, err);
    if (status == STATUS_OK)
        status = answer_deny(&answers, answer[0], answer[1], NULL, err);
    json_t *refused =
        status == STATUS_OK ? json_pack("{s:O, s:s}", "controls", answers.list, "outcome", "refused") : NULL;
    for (size_t i = 0; refused != NULL && i < sizeof kept / sizeof kept[0]; i++) {
        json_t *member = json_object_get(result, kept[i]);
        if (member != NULL && json_object_set(refused, kept[i], member) != 0)
            status = err_set(err, STATUS_MEMORY, "no memory");
    }
    answers_done(&answers);
    if (status == STATUS_OK && refused == NULL)
        status = err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK)
        *ret_result = refused;
    else
        json_decref(refused);
    return status;
}

/* Totals of the books that no record can hold are a refusal like any other: seen, and without effect. */
static enum status books_refuse(struct deciding *deciding, size_t index, struct err *err)
{
    static const char *const answer[2] = {"C-44", "books-too-large"};
    enum verb verb = deciding->judged->statement->verb;
    const json_t *result = json_array_get(deciding->results, index);
    json_t *refused = NULL;
    enum status status = result_refuse(result, answer, &refused, err);
    /* Items are named by their request number in any case, documents only once they have one. */
    if (status == STATUS_OK && verb != VERB_SUBMIT && verb != VERB_AMEND && verb != VERB_FEED &&
        json_object_set(refused, "document", json_object_get(result, "document")) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK && json_array_set(deciding->results, index, refused) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory");
    json_decref(refused);
    return status == STATUS_OK ? fold_again(deciding, index, err) : status;
}

static enum status members_judge(struct deciding *deciding, struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < member_count(deciding->judged->statement); i++) {
        json_t *result = NULL;
        status = member_judge(deciding, i, &result, err);
        if (status == STATUS_OK && json_array_append_new(deciding->results, result) != 0)
            return err_set(err, STATUS_MEMORY, "no memory");
        const struct fold fold = fold_of(deciding);
        if (status == STATUS_OK)
            status = fold_result(&fold, i, result, err);
        if (status == STATUS_LIMIT && result != NULL) {
            status = books_refuse(deciding, i, err);
            result = json_array_get(deciding->results, i);
        }
        if (status == STATUS_OK && strcmp(member_text(result, "outcome"), "refused") == 0)
            deciding->any_refused = true;
    }
    return status;
}

/* All or none: what had been admitted is taken back with the transaction, and each member says that it is refused. */
static enum status atomic_refuse(struct deciding *deciding, struct err *err)
{
    static const char *const answer[2] = {"C-12", "atomic"};
    enum status status = fold_again(deciding, 0, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(deciding->results); i++) {
        json_t *refused = NULL;
        const json_t *result = json_array_get(deciding->results, i);
        const char *outcome = member_text(result, "outcome");
        if (strcmp(outcome, "refused") == 0 || strcmp(outcome, "repeat") == 0)
            continue;
        status = result_refuse(result, answer, &refused, err);
        if (status == STATUS_OK && json_array_set_new(deciding->results, i, refused) != 0)
            status = err_set(err, STATUS_MEMORY, "no memory");
    }
    return status;
}

static json_t *decision_make(const struct facts *facts, const char *outcome, json_t *answers, json_t *results)
{
    char hex[HASH_HEX_CHARS + 1];
    hash_to_hex(&facts->policy->hash, hex);
    return json_pack("{s:O, s:i, s:s, s:{s:s, s:I}, s:O}", "controls", answers, "engine", facts->engine, "outcome",
                     outcome, "policy", "hash", hex, "seq", (json_int_t)facts->policy_seq, "results", results);
}

/* Who acts: a user of the book, or one of the officers that a recovery brings. */
static enum status actor_take(struct deciding *deciding, struct err *err)
{
    const struct statement *statement = deciding->judged->statement;
    const json_t *officers = json_object_get(statement->body, "officers");
    enum status status = facts_actor(&deciding->facts, statement->actor, &deciding->actor, err);
    if (status != STATUS_NOT_FOUND || statement->verb != VERB_RECOVER)
        return status;
    for (size_t i = 0; i < json_array_size(officers); i++) {
        const json_t *officer = json_array_get(officers, i);
        if (strcmp(member_text(officer, "user"), statement->actor) != 0)
            continue;
        snprintf(deciding->actor.user, sizeof deciding->actor.user, "%s", statement->actor);
        snprintf(deciding->actor.person, sizeof deciding->actor.person, "%s", member_text(officer, "person"));
        snprintf(deciding->actor.sort, sizeof deciding->actor.sort, "human");
    }
    return STATUS_OK;
}

enum status judge_statement(struct judge *judge, const struct judged *judged, json_t **ret_decision, struct err *err)
{
    struct deciding deciding = {.judge = judge, .judged = judged, .results = json_array()};
    const json_t *atomic = json_object_get(judged->statement->body, "atomic");
    json_t *decision = NULL;
    enum status status = deciding.results != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK)
        status = facts_take(&deciding, err);
    if (status == STATUS_OK)
        status = actor_take(&deciding, err);
    if (status == STATUS_OK) {
        const struct fold fold = fold_of(&deciding);
        status = fold_begin(&fold, err);
    }
    if (status == STATUS_OK)
        status = statement_controls(&deciding, err);
    if (status == STATUS_OK && !deciding.refused)
        status = members_judge(&deciding, err);
    if (status == STATUS_OK && json_is_true(atomic) && deciding.any_refused)
        status = atomic_refuse(&deciding, err);
    if (status == STATUS_OK) {
        decision =
            decision_make(&deciding.facts, deciding.refused ? "refused" : "done", deciding.controls, deciding.results);
        if (decision == NULL)
            status = err_set(err, STATUS_MEMORY, "no memory for a decision");
    }
    json_decref(deciding.controls);
    json_decref(deciding.results);
    if (status == STATUS_OK)
        *ret_decision = decision;
    return status;
}

enum status judge_under(struct judge *judge, const struct judged *judged, const struct policy *policy, size_t index,
                        json_t **ret_result, struct err *err)
{
    struct deciding deciding = {.judge = judge, .judged = judged};
    enum status status = facts_take(&deciding, err);
    deciding.facts.policy = policy;
    if (status == STATUS_OK)
        status = facts_actor(&deciding.facts, judged->statement->actor, &deciding.actor, err);
    return status == STATUS_OK ? member_judge(&deciding, index, ret_result, err) : status;
}

static enum status other_keys_check(const json_t *body, struct err *err)
{
    const json_t *officers = json_object_get(body, "officers"), *book_keys = json_object_get(body, "book_keys");
    const json_t *recovery = json_object_get(body, "recovery"), *recovery_keys = json_object_get(recovery, "keys");
    int64_t threshold = member_integer(recovery, "threshold");
    size_t count = json_array_size(recovery_keys);
    for (size_t i = 0; i < json_array_size(book_keys); i++) {
        const char *text = json_string_value(json_array_get(book_keys, i));
        if (key_stands(officers, "key", text, SIZE_MAX) || key_stands(book_keys, NULL, text, i))
            return err_set(err, STATUS_REFUSED, "book_keys[%zu]: a book key is nobody's own key and stands once", i);
        if (strncmp(text, "ssh-ed25519 ", 12) != 0)
            return err_set(err, STATUS_REFUSED, "book_keys[%zu]: checkpoints are signed by plain Ed25519 keys", i);
    }
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(recovery_keys, i));
        if (key_stands(officers, "key", text, SIZE_MAX) || key_stands(book_keys, NULL, text, SIZE_MAX) ||
            key_stands(recovery_keys, NULL, text, i))
            return err_set(err, STATUS_REFUSED,
                           "recovery.keys[%zu]: a recovery key is nobody's own key and stands once", i);
    }
    if ((count == 0) != (threshold == 0) || threshold > (int64_t)count)
        return err_set(err, STATUS_REFUSED,
                       "recovery.threshold: has to be from 1 to the number of recovery keys, 0 without any");
    return STATUS_OK;
}

/* Exactly the founding officers sign, each with the key that the charter gives. */
static enum status charter_signers_check(const json_t *body, const struct signature_list *signatures, struct err *err)
{
    const json_t *officers = json_object_get(body, "officers");
    for (size_t i = 0; i < json_array_size(officers); i++) {
        bool signed_by = false;
        for (size_t s = 0; s < signatures->count && !signed_by; s++) {
            struct sshsig sshsig;
            char text[PUBLIC_KEY_TEXT_MAX];
            enum status status = sshsig_parse(signatures->items[s].bytes, signatures->items[s].length, &sshsig, err);
            if (status != STATUS_OK)
                return status;
            sshkey_format(&sshsig.key, text);
            signed_by = strcmp(text, member_text(json_array_get(officers, i), "key")) == 0;
        }
        if (!signed_by)
            return err_set(err, STATUS_REFUSED, "officer %s has not signed the charter",
                           member_text(json_array_get(officers, i), "user"));
    }
    return signatures->count == json_array_size(officers)
               ? STATUS_OK
               : err_set(err, STATUS_REFUSED, "somebody who is no founding officer has signed the charter");
}

/* Who is bound to verification as an officer shows with the charter that his key can. */
static enum status charter_verification_check(const struct policy *policy, const struct signature_list *signatures,
                                              struct err *err)
{
    if (!policy_verifies(policy, "govern.access") && !policy_verifies(policy, "govern.policy"))
        return STATUS_OK;
    for (size_t i = 0; i < signatures->count; i++) {
        struct sshsig sshsig;
        char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1];
        enum status status = sshsig_parse(signatures->items[i].bytes, signatures->items[i].length, &sshsig, err);
        if (status != STATUS_OK)
            return status;
        if (sshsig.key.type == KEY_SK_ED25519 && (sshsig.signature.flags & SIGNATURE_USER_VERIFIED) != 0)
            continue;
        sshkey_fingerprint(&sshsig.key, fingerprint);
        return err_set(
            err, STATUS_REFUSED,
            "the policy asks officers for security keys that verify their user, by PIN or finger, and %s has "
            "signed without",
            fingerprint);
    }
    return STATUS_OK;
}

enum status judge_charter(const struct statement *statement, const struct signature_list *signatures,
                          json_t **ret_decision, struct err *err)
{
    const json_t *compiled = json_object_get(json_object_get(statement->body, "policy"), "compiled");
    struct policy *policy = NULL;
    json_t *answers = NULL, *results = NULL, *decision = NULL;
    enum status status = officers_check(statement->body, err);
    if (status == STATUS_OK)
        status = other_keys_check(statement->body, err);
    if (status == STATUS_OK)
        status = charter_signers_check(statement->body, signatures, err);
    if (status == STATUS_OK)
        status = policy_read(compiled, &policy, err);
    if (status == STATUS_OK)
        status = charter_verification_check(policy, signatures, err);
    if (status == STATUS_OK) {
        const struct facts facts = {.policy = policy, .engine = (int)member_integer(statement->body, "engine")};
        answers = json_array();
        results = json_pack("[{s:s}]", "outcome", "in-force");
        decision = answers != NULL && results != NULL ? decision_make(&facts, "done", answers, results) : NULL;
        if (decision == NULL)
            status = err_set(err, STATUS_MEMORY, "no memory");
    }
    json_decref(answers);
    json_decref(results);
    policy_free(policy);
    if (status == STATUS_OK)
        *ret_decision = decision;
    return status;
}

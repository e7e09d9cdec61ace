/*
 * `recover` and `clock`. Recovery keys re-enrol officers and correct the clock and can do nothing else; new officers are
 * two persons at least, who hold nothing that officers may not hold; a clock goes back only when the head is ahead.
 */
#include "controls/rules/governance.h"

#include <stdlib.h>

#include "controls/facts_govern.h"
#include "controls/rules/common.h"
#include "ledger/entry.h"
#include "ledger/instant.h"
#include "ledger/sshsig.h"

enum { TRUE_TIME_MS_MAX = 3600000 }; /* the largest skew that a charter can permit */

bool signer_text(const struct signature_list *list, size_t index, char ret_text[static PUBLIC_KEY_TEXT_MAX])
{
    struct sshsig sshsig;
    if (sshsig_parse(list->items[index].bytes, list->items[index].length, &sshsig, NULL) != STATUS_OK)
        return false;
    sshkey_format(&sshsig.key, ret_text);
    return true;
}

static bool key_in(const json_t *keys, const char *text)
{
    for (size_t i = 0; i < json_array_size(keys); i++)
        if (strcmp(json_string_value(json_array_get(keys, i)), text) == 0)
            return true;
    return false;
}

enum status is_recovery_key(const struct facts *facts, const char *key_text, bool *ret_is, struct err *err)
{
    json_t *recovery = NULL;
    enum status status = facts_recovery(facts, &recovery, err);
    if (status == STATUS_OK)
        *ret_is = key_in(json_object_get(recovery, "keys"), key_text);
    json_decref(recovery);
    return status;
}

enum status recovery_signed(const struct request *request, const struct facts *facts,
                            struct recovery_signed *ret_signed, struct err *err)
{
    json_t *recovery = NULL;
    struct recovery_signed found = {.count = 0};
    enum status status = facts_recovery(facts, &recovery, err);
    if (status != STATUS_OK)
        return status;
    found.threshold = member_integer(recovery, "threshold");
    for (size_t i = 0; i < request->signatures->count; i++) {
        char text[PUBLIC_KEY_TEXT_MAX];
        if (signer_text(request->signatures, i, text) && key_in(json_object_get(recovery, "keys"), text))
            found.count++;
    }
    json_decref(recovery);
    *ret_signed = found;
    return STATUS_OK;
}

enum status is_officer_key(const struct facts *facts, const char *key_text, bool *ret_is,
                           char ret_person[static ID_BYTES_MAX + 1], struct err *err)
{
    json_t *key = NULL;
    struct actor actor;
    bool valid = false, may = false;
    enum status status = facts_key(facts, key_text, &key, err);
    const char *user = member_text(key, "user");
    if (status == STATUS_OK && user != NULL)
        status = facts_key_valid(facts, key_text, user, &valid, err);
    if (status == STATUS_OK && valid)
        status = facts_user_may(facts, user, "govern.access", "", &may, err);
    if (status == STATUS_OK && may)
        status = facts_actor(facts, user, &actor, err);
    if (status == STATUS_OK && may)
        snprintf(ret_person, ID_BYTES_MAX + 1, "%s", actor.person);
    if (status == STATUS_OK)
        *ret_is = may;
    json_decref(key);
    return status;
}

struct duty_find {
    struct answers *answers;
    const char *user;
};

static enum status duty_step(void *context, const struct held_function *held, bool *ret_more, struct err *err)
{
    struct duty_find *find = context;
    enum function_class class = function_class(held->function, NULL, NULL);
    if (class == FUNCTION_GOVERN || class == FUNCTION_READ)
        return STATUS_OK;
    *ret_more = false;
    return answer_deny(
        find->answers, "C-31", "recovery-duties",
        json_pack("{s:s, s:s, s:s}", "function", held->function, "grant", held->grant, "user", find->user), err);
}

static enum status new_officer_judge(const struct facts *facts, const json_t *officer, struct answers *answers,
                                     struct err *err)
{
    struct duty_find find = {.answers = answers, .user = member_text(officer, "user")};
    json_t *user = NULL;
    enum status status = facts_user(facts, find.user, &user, err);
    if (status == STATUS_OK && user != NULL &&
        (strcmp(member_text(user, "person"), member_text(officer, "person")) != 0 ||
         strcmp(member_text(user, "sort"), "human") != 0))
        status = answer_deny(answers, "C-31", "recovery-user", json_pack("{s:s}", "user", find.user), err);
    json_decref(user);
    return status == STATUS_OK && !answers->denied
               ? facts_person_functions(facts, member_text(officer, "person"), duty_step, &find, err)
               : status;
}

static enum status recover_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                 struct err *err)
{
    const json_t *officers = json_object_get(request->statement->body, "officers");
    struct recovery_signed signatures = {.count = 0};
    enum status status = STATUS_OK;
    if (request->signatures != NULL) { /* else a dry run: nothing is signed yet */
        status = recovery_signed(request, facts, &signatures, err);
        if (status == STATUS_OK && (signatures.threshold == 0 || signatures.count < signatures.threshold))
            return answer_deny(answers, "C-31", "recovery-keys",
                               json_pack("{s:I, s:I}", "signed", (json_int_t)signatures.count, "threshold",
                                         (json_int_t)signatures.threshold),
                               err);
    }
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < json_array_size(officers); i++)
        status = new_officer_judge(facts, json_array_get(officers, i), answers, err);
    return status;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The members of a set, sorted, as a list; gives. */
static enum status sorted_members(const json_t *set, json_t **ret_list, struct err *err)
{
    const char *names[SIGNATURES_MAX], *name = NULL;
    size_t count = 0;
    json_t *value = NULL, *list = json_array();
    json_object_foreach((json_t *)(uintptr_t)set, name, value) names[count++] = name;
    qsort(names, count, sizeof names[0], by_text);
    bool all = list != NULL;
    for (size_t i = 0; all && i < count; i++)
        all = json_array_append_new(list, json_string(names[i])) == 0;
    if (!all) {
        json_decref(list);
        return err_set(err, STATUS_MEMORY, "no memory for the officers");
    }
    *ret_list = list;
    return STATUS_OK;
}

enum status officers_signed(const struct request *request, const struct facts *facts, json_t **ret_users,
                            int64_t *ret_persons, struct err *err)
{
    json_t *users = json_object(), *persons = json_object();
    enum status status = users != NULL && persons != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
    size_t count = request->signatures != NULL ? request->signatures->count : 0;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        char text[PUBLIC_KEY_TEXT_MAX], person[ID_BYTES_MAX + 1];
        json_t *key = NULL;
        bool is = false;
        if (signer_text(request->signatures, i, text))
            status = is_officer_key(facts, text, &is, person, err);
        if (status == STATUS_OK && is)
            status = facts_key(facts, text, &key, err);
        if (status == STATUS_OK && is &&
            (json_object_set_new(users, member_text(key, "user"), json_true()) != 0 ||
             json_object_set_new(persons, person, json_true()) != 0))
            status = err_set(err, STATUS_MEMORY, "no memory for the officers");
        json_decref(key);
    }
    if (status == STATUS_OK)
        status = sorted_members(users, ret_users, err);
    if (status == STATUS_OK)
        *ret_persons = (int64_t)json_object_size(persons);
    json_decref(users);
    json_decref(persons);
    return status;
}

/* Different officers, or enough recovery keys. */
static enum status clock_signers_judge(const struct request *request, const struct facts *facts,
                                       struct answers *answers, struct err *err)
{
    struct recovery_signed signatures = {.count = 0};
    json_t *users = NULL;
    int64_t officers = 0;
    enum status status = recovery_signed(request, facts, &signatures, err);
    if (status == STATUS_OK)
        status = officers_signed(request, facts, &users, &officers, err);
    json_decref(users);
    if (status != STATUS_OK || officers >= 2 || (signatures.threshold > 0 && signatures.count >= signatures.threshold))
        return status;
    return answer_deny(answers, "C-31", "clock-signers",
                       json_pack("{s:I, s:I, s:I}", "officers", (json_int_t)officers, "signed",
                                 (json_int_t)signatures.count, "threshold", (json_int_t)signatures.threshold),
                       err);
}

static enum status clock_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                               struct err *err)
{
    const json_t *body = request->statement->body, *head = json_object_get(body, "head");
    const char *said_time = member_text(body, "true_time");
    char hash[HASH_HEX_CHARS + 1], now[INSTANT_TEXT_BYTES];
    struct books_key key = books_key(NULL);
    json_t *entry = NULL;
    int64_t true_ms;
    enum status status = request->signatures != NULL ? clock_signers_judge(request, facts, answers, err) : STATUS_OK;
    if (status == STATUS_OK)
        status = facts_entry_hash(facts, facts->seq - 1, hash, err);
    if (status == STATUS_OK &&
        ((uint64_t)member_integer(head, "seq") != facts->seq - 1 || strcmp(member_text(head, "hash"), hash) != 0))
        status =
            answer_deny(answers, "C-31", "clock-head", json_pack("{s:I}", "head", (json_int_t)(facts->seq - 1)), err);
    if (status == STATUS_OK)
        status = instant_parse(said_time, strlen(said_time), &true_ms, err);
    if (status == STATUS_OK && llabs(true_ms - facts->time_ms) > TRUE_TIME_MS_MAX)
        status = answer_deny(answers, "C-31", "clock-time", json_pack("{s:s}", "true_time", said_time), err);
    books_key_add_number(&key, facts->seq - 1);
    if (status == STATUS_OK)
        status = books_get(facts->books, BOOKS_ENTRIES, &key, &entry, err);
    instant_format(facts->time_ms, now);
    /* Instants of one fixed form compare as text. */
    if (status == STATUS_OK && strcmp(member_text(entry, "time"), now) <= 0)
        status = answer_deny(answers, "C-31", "clock-right",
                             json_pack("{s:O}", "head_time", json_object_get(entry, "time")), err);
    json_decref(entry);
    return status;
}

enum status governance_verbs_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                   struct err *err)
{
    if (request->statement->verb == VERB_RECOVER)
        return recover_judge(request, facts, answers, err);
    if (request->statement->verb == VERB_RESTORE)
        return restore_judge(request, facts, answers, err);
    return request->statement->verb == VERB_CLOCK ? clock_judge(request, facts, answers, err) : STATUS_OK;
}

bool governance_verbs_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (restore_sentence(answer, ret_text))
        return true;
    if (code_is(answer, "recovery-keys"))
        snprintf(ret_text, SENTENCE_BYTES, "%lld recovery keys have signed, the charter asks for %lld",
                 (long long)member_integer(answer, "signed"), (long long)member_integer(answer, "threshold"));
    else if (code_is(answer, "recovery-user"))
        snprintf(ret_text, SENTENCE_BYTES, "%s is the user of another person, or no human being", said(answer, "user"));
    else if (code_is(answer, "recovery-duties"))
        snprintf(ret_text, SENTENCE_BYTES, "%s holds %s by grant %s, which no officer may; choose another person",
                 said(answer, "user"), said(answer, "function"), said(answer, "grant"));
    else if (code_is(answer, "clock-signers"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "a clock is set back by two officers (%lld signed) or by %lld recovery keys (%lld signed)",
                 (long long)member_integer(answer, "officers"), (long long)member_integer(answer, "threshold"),
                 (long long)member_integer(answer, "signed"));
    else if (code_is(answer, "clock-head"))
        snprintf(ret_text, SENTENCE_BYTES, "the last entry is %lld, and not the one that was named",
                 (long long)member_integer(answer, "head"));
    else if (code_is(answer, "clock-time"))
        snprintf(ret_text, SENTENCE_BYTES, "%s is not the time of the clock here; set the clock right first",
                 said(answer, "true_time"));
    else if (code_is(answer, "clock-right"))
        snprintf(ret_text, SENTENCE_BYTES, "the last entry is of %s, which is not ahead: nothing is to be set back",
                 said(answer, "head_time"));
    else
        return false;
    return true;
}

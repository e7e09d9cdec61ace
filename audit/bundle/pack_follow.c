/*
 * What follows the entries of a part. Documents about keys, roles and policies are kept from their submission on with the
 * entries that acted on them, and filed under whom they are about when they come into force (FORMAT.md section 5.3).
 * Guarantees that with the entries it names, whoever reads a part knows each key before it signs; and what it does not name
 * (a key that a recovery ended, a grant that a review took away) changes only what such a reader is told he cannot see.
 */
#include "audit/bundle/pack_follow.h"

#include <stdio.h>
#include <string.h>

#include "audit/bundle/pack_look.h"
#include "audit/verify/register.h"
#include "ledger/entry.h"
#include "ledger/schema.h"
#include "ledger/sshkey.h"
#include "ledger/sshsig.h"

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory for what a part of a book needs");
}

enum status pack_follow_init(struct pack_follow *follow, struct err *err)
{
    *follow = (struct pack_follow){.waiting = json_object(),
                                   .grants = json_object(),
                                   .users = json_object(),
                                   .policies = json_object(),
                                   .erased = json_object()};
    if (follow->waiting == NULL || follow->grants == NULL || follow->users == NULL || follow->policies == NULL ||
        follow->erased == NULL)
        return no_memory(err);
    return key_register_new(&follow->keys, err);
}

void pack_follow_done(struct pack_follow *follow)
{
    key_register_free(follow->keys);
    json_decref(follow->waiting);
    json_decref(follow->grants);
    json_decref(follow->users);
    json_decref(follow->policies);
    json_decref(follow->erased);
    *follow = (struct pack_follow){.keys = NULL};
}

static bool text_is(const char *text, const char *wanted)
{
    return text != NULL && strcmp(text, wanted) == 0;
}

static enum status file_under(struct pack_follow *follow, const char *user, uint64_t seq, struct err *err)
{
    if (user == NULL)
        return STATUS_OK;
    json_t *list = json_object_get(follow->users, user);
    if (list == NULL) {
        list = json_array();
        if (list == NULL || json_object_set_new(follow->users, user, list) != 0)
            return no_memory(err);
    }
    return json_array_append_new(list, json_integer((json_int_t)seq)) == 0 ? STATUS_OK : no_memory(err);
}

static enum status grant_add(struct pack_follow *follow, const char *number, const char *user, const char *role,
                             struct err *err)
{
    return json_object_set_new(follow->grants, number, json_pack("{s:s, s:s}", "role", role, "user", user)) == 0
               ? STATUS_OK
               : no_memory(err);
}

/* Whom a document is about; NULL: nobody here. */
static const char *user_of(const struct pack_follow *follow, const json_t *document)
{
    const char *kind = member_text(document, "kind");
    struct key_standing standing;
    if (text_is(kind, "enrolment") || text_is(kind, "key-rotation") || text_is(kind, "grant"))
        return member_text(document, "user");
    if (text_is(kind, "revocation"))
        return member_text(json_object_get(follow->grants, member_text(document, "grant")), "user");
    if (!text_is(kind, "key-revocation"))
        return NULL;
    key_register_look(follow->keys, member_text(document, "key"), 0, &standing);
    return standing.user;
}

static const char *const kinds[] = {"enrolment",  "key-rotation", "key-revocation", "grant",
                                    "revocation", "policy",       "erasure",        NULL};

static bool concerns(const json_t *document)
{
    const char *kind = member_text(document, "kind");
    for (size_t i = 0; kind != NULL && kinds[i] != NULL; i++) {
        if (strcmp(kind, kinds[i]) == 0)
            return true;
    }
    return false;
}

bool pack_follow_wants(const struct pack_follow *follow, struct slice bytes)
{
    if (pack_look_does(bytes, "charter") || pack_look_does(bytes, "recover") ||
        pack_look_names(bytes, "document", follow->waiting))
        return true;
    for (size_t i = 0; kinds[i] != NULL; i++) {
        if (pack_look_has(bytes, "kind", kinds[i]))
            return true;
    }
    return false;
}

/* What is kept of a document: not a policy's text, which is large, but where it stands. */
static json_t *record_of(const struct pack_follow *follow, const json_t *document, const struct entry *entry,
                         size_t index)
{
    json_t *record = json_pack("{s:O, s:I, s:I, s:[]}", "kind", json_object_get(document, "kind"), "text",
                               (json_int_t)entry->seq, "index", (json_int_t)index, "seqs");
    const char *user = user_of(follow, document);
    const json_t *role = json_object_get(document, "role"), *personal = json_object_get(document, "personal");
    bool whole = record != NULL;
    if (whole && user != NULL)
        whole = json_object_set_new(record, "user", json_string(user)) == 0;
    if (whole && role != NULL)
        whole = json_object_set(record, "role", (json_t *)role) == 0;
    if (whole && personal != NULL)
        whole = json_object_set(record, "personal", (json_t *)personal) == 0;
    if (whole)
        return record;
    json_decref(record);
    return NULL;
}

static enum status erase(struct pack_follow *follow, const json_t *record, struct err *err)
{
    const json_t *list = json_object_get(record, "personal");
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (json_object_set_new(follow->erased, json_string_value(json_array_get(list, i)), json_true()) != 0)
            return no_memory(err);
    }
    return STATUS_OK;
}

static enum status in_force(struct pack_follow *follow, const char *number, json_t *record, const struct entry *entry,
                            struct err *err)
{
    const char *kind = member_text(record, "kind"), *user = member_text(record, "user");
    const json_t *seqs = json_object_get(record, "seqs");
    enum status status = STATUS_OK;
    if (text_is(kind, "erasure"))
        return erase(follow, record, err);
    if (text_is(kind, "policy")) {
        char at[24];
        snprintf(at, sizeof at, "%llu", (unsigned long long)entry->seq);
        return json_object_set(follow->policies, at, record) == 0 ? STATUS_OK : no_memory(err);
    }
    if (text_is(kind, "grant"))
        status = grant_add(follow, number, user, member_text(record, "role"), err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(seqs); i++)
        status = file_under(follow, user, (uint64_t)json_integer_value(json_array_get(seqs, i)), err);
    return status;
}

/* A document that matters comes, or comes again in another version: the entries before it stay with it. */
static enum status submitted(struct pack_follow *follow, const struct entry *entry, size_t index, const char *number,
                             struct err *err)
{
    const json_t *document = statement_document(&entry->statement, index);
    if (!concerns(document))
        return STATUS_OK;
    const json_t *before = json_object_get(follow->waiting, number);
    json_t *record = record_of(follow, document, entry, index);
    if (record == NULL)
        return no_memory(err);
    if (before != NULL && json_object_set(record, "seqs", json_object_get(before, "seqs")) != 0) {
        json_decref(record);
        return no_memory(err);
    }
    return json_object_set_new(follow->waiting, number, record) == 0 ? STATUS_OK : no_memory(err);
}

/* What an entry did to one document that is kept. */
static enum status acted(struct pack_follow *follow, const struct entry *entry, const json_t *result, struct err *err)
{
    const char *number = member_text(result, "document"), *outcome = member_text(result, "outcome");
    json_t *record = json_object_get(follow->waiting, number);
    if (record == NULL || text_is(outcome, "refused") || text_is(outcome, "repeat"))
        return STATUS_OK;
    if (json_array_append_new(json_object_get(record, "seqs"), json_integer((json_int_t)entry->seq)) != 0)
        return no_memory(err);
    if (text_is(outcome, "waiting") || text_is(outcome, "approved") || text_is(outcome, "returned"))
        return STATUS_OK;
    json_incref(record);
    json_object_del(follow->waiting, number);
    enum status status = text_is(outcome, "in-force") ? in_force(follow, number, record, entry, err) : STATUS_OK;
    json_decref(record);
    return status;
}

/* Founding officers, or those of a recovery. */
static enum status officers(struct pack_follow *follow, const struct entry *entry, struct err *err)
{
    const json_t *list = json_object_get(entry->statement.body, "officers");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(list); i++) {
        const char *user = member_text(json_array_get(list, i), "user");
        char number[48];
        snprintf(number, sizeof number, "GR-%llu.%zu", (unsigned long long)entry->seq, i + 1);
        status = grant_add(follow, number, user, "OFFICER", err);
        if (status == STATUS_OK)
            status = file_under(follow, user, entry->seq, err);
    }
    return status;
}

/* It is about everybody who ever was an officer: their keys and grants end. */
static enum status recovered(struct pack_follow *follow, const struct entry *entry, struct err *err)
{
    const char *number = NULL;
    json_t *grant = NULL;
    enum status status = STATUS_OK;
    if (json_array_size(json_object_get(entry->decision, "results")) != 1)
        return STATUS_OK; /* refused */
    json_object_foreach(follow->grants, number, grant)
    {
        if (status == STATUS_OK && text_is(member_text(grant, "role"), "OFFICER"))
            status = file_under(follow, member_text(grant, "user"), entry->seq, err);
    }
    return status == STATUS_OK ? officers(follow, entry, err) : status;
}

static enum status chartered(struct pack_follow *follow, const struct entry *entry, struct err *err)
{
    json_t *record =
        json_pack("{s:[I], s:I, s:I}", "seqs", (json_int_t)0, "text", (json_int_t)0, "index", (json_int_t)0);
    if (record == NULL || json_object_set_new(follow->policies, "0", record) != 0)
        return no_memory(err);
    return officers(follow, entry, err);
}

enum status pack_follow_apply(struct pack_follow *follow, const struct entry *entry, struct err *err)
{
    const json_t *results = json_object_get(entry->decision, "results");
    const enum verb verb = entry->statement.verb;
    enum status status = key_register_apply(follow->keys, entry, err);
    if (status == STATUS_OK && verb == VERB_CHARTER)
        return chartered(follow, entry, err);
    if (status == STATUS_OK && verb == VERB_RECOVER)
        return recovered(follow, entry, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(results); i++) {
        const json_t *result = json_array_get(results, i);
        const char *number = member_text(result, "document"), *outcome = member_text(result, "outcome");
        bool comes =
            (verb == VERB_SUBMIT || verb == VERB_AMEND) && !text_is(outcome, "refused") && !text_is(outcome, "repeat");
        if (number == NULL)
            continue;
        if (comes)
            status = submitted(follow, entry, i, number, err);
        if (status == STATUS_OK)
            status = acted(follow, entry, result, err);
    }
    return status;
}

enum status pack_signature_key(const struct signature_blob *blob, char ret_text[static PACK_KEY_TEXT], struct err *err)
{
    struct sshsig sshsig;
    static_assert((int)PACK_KEY_TEXT >= (int)PUBLIC_KEY_TEXT_MAX, "room for a key");
    enum status status = sshsig_parse(blob->bytes, blob->length, &sshsig, err);
    if (status == STATUS_OK)
        sshkey_format(&sshsig.key, ret_text);
    return status;
}

/* Those whose keys may sign beside the actor's (FORMAT.md section 3): of a rotation the old key's, of acts of two the others. */
enum status pack_follow_signers(const struct pack_follow *follow, const struct entry *entry, pack_follow_user *step,
                                void *context, struct err *err)
{
    const enum verb verb = entry->statement.verb;
    enum status status = entry->statement.actor[0] != '\0' ? step(context, entry->statement.actor, err) : STATUS_OK;
    const size_t count = json_array_size(statement_list(&entry->statement));
    for (size_t i = 0; status == STATUS_OK && (verb == VERB_SUBMIT || verb == VERB_AMEND) && i < count; i++) {
        const json_t *document = statement_document(&entry->statement, i);
        if (text_is(member_text(document, "kind"), "key-rotation") && member_text(document, "old") != NULL)
            status = step(context, member_text(document, "user"), err);
    }
    bool several = verb == VERB_CLOCK || verb == VERB_RESTORE;
    for (size_t i = 0; status == STATUS_OK && several && i < entry->signatures->count; i++) {
        char text[PACK_KEY_TEXT];
        struct key_standing standing;
        status = pack_signature_key(&entry->signatures->items[i], text, err);
        if (status == STATUS_OK)
            key_register_look(follow->keys, text, 0, &standing);
        if (status == STATUS_OK && standing.user != NULL)
            status = step(context, standing.user, err);
    }
    return status;
}

const json_t *pack_follow_user_entries(const struct pack_follow *follow, const char *user)
{
    return json_object_get(follow->users, user);
}

const json_t *pack_follow_policy(const struct pack_follow *follow, uint64_t seq)
{
    char at[24];
    snprintf(at, sizeof at, "%llu", (unsigned long long)seq);
    return json_object_get(follow->policies, at);
}

bool pack_follow_erased(const struct pack_follow *follow, const char *hex)
{
    return hex != NULL && json_object_get(follow->erased, hex) != NULL;
}

/*
 * What follows the entries of a part. Documents that govern are kept from their submission on with the entries that acted on
 * them, and filed when they come into force (FORMAT.md section 5.3): under the user they are about, under their own number where
 * decisions name them, under the number of what they end or review. Guarantees that with the entries it names, whoever reads a
 * part knows each key before it signs, the book's included, and what each decision says that it rested on.
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
#include "ledger/text.h"

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
                                   .erased = json_object(),
                                   .permits = json_object(),
                                   .affirmed = json_object(),
                                   .always = json_object()};
    if (follow->waiting == NULL || follow->grants == NULL || follow->users == NULL || follow->policies == NULL ||
        follow->erased == NULL || follow->permits == NULL || follow->affirmed == NULL || follow->always == NULL)
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
    json_decref(follow->permits);
    json_decref(follow->affirmed);
    json_decref(follow->always);
    *follow = (struct pack_follow){.keys = NULL};
}

/* The list under a name, made where there is none; NULL without memory. */
static json_t *list_of(json_t *lists, const char *name)
{
    json_t *list = json_object_get(lists, name);
    if (list != NULL)
        return list;
    list = json_array();
    return list != NULL && json_object_set_new(lists, name, list) == 0 ? list : NULL;
}

static enum status file_one(json_t *lists, const char *name, uint64_t seq, struct err *err)
{
    if (name == NULL)
        return STATUS_OK;
    json_t *list = list_of(lists, name);
    return list != NULL && json_array_append_new(list, json_integer((json_int_t)seq)) == 0 ? STATUS_OK : no_memory(err);
}

/* All the entries about a document. */
static enum status file_all(json_t *lists, const char *name, const json_t *seqs, struct err *err)
{
    if (name == NULL || seqs == NULL)
        return STATUS_OK;
    json_t *list = list_of(lists, name);
    return list != NULL && json_array_extend(list, (json_t *)(uintptr_t)seqs) == 0 ? STATUS_OK : no_memory(err);
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
    if (text_is(kind, "enrolment") || text_is(kind, "key-rotation") || text_is(kind, "grant") ||
        text_is(kind, "reactivation"))
        return member_text(document, "user");
    if (text_is(kind, "revocation"))
        return member_text(json_object_get(follow->grants, member_text(document, "grant")), "user");
    if (!text_is(kind, "key-revocation"))
        return NULL;
    key_register_look(follow->keys, member_text(document, "key"), 0, &standing);
    return standing.user;
}

static const char *const kinds[] = {"affirmation", "attestation",        "book-key",     "break-glass",
                                    "delegation",  "break-glass-review", "enrolment",    "erasure",
                                    "grant",       "key-revocation",     "key-rotation", "mitigation",
                                    "period",      "mitigation-review",  "policy",       "rates",
                                    "review",      "reactivation",       "revocation",   NULL};

/* Those that decisions name by their number, or that others here are about. */
static const char *const permit_kinds[] = {"affirmation", "break-glass", "delegation", "mitigation",
                                           "period",      "rates",       "review",     NULL};

static bool is_one_of(const char *const names[], const char *name)
{
    for (size_t i = 0; name != NULL && names[i] != NULL; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

bool pack_follow_wants(const struct pack_follow *follow, struct slice bytes)
{
    if (pack_look_does(bytes, "charter") || pack_look_does(bytes, "recover") || pack_look_does(bytes, "clock") ||
        pack_look_does(bytes, "restore") || pack_look_names(bytes, "document", follow->waiting))
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
    static const char *const kept[] = {"break_glass", "grant", "mitigation", "personal",
                                       "review",      "role",  "rows",       NULL};
    json_t *record = json_pack("{s:O, s:I, s:I, s:[]}", "kind", json_object_get(document, "kind"), "text",
                               (json_int_t)entry->seq, "index", (json_int_t)index, "seqs");
    const char *user = user_of(follow, document);
    bool whole = record != NULL;
    if (whole && user != NULL)
        whole = json_object_set_new(record, "user", json_string(user)) == 0;
    for (size_t i = 0; whole && kept[i] != NULL; i++) {
        json_t *member = json_object_get(document, kept[i]);
        whole = member == NULL || json_object_set(record, kept[i], member) == 0;
    }
    if (!whole) {
        json_decref(record);
        return NULL;
    }
    return record;
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

static json_t *permit_seqs(const struct pack_follow *follow, const char *number)
{
    return json_object_get(json_object_get(follow->permits, number), "seqs");
}

/* What ends or reviews a document that has a number of its own stands with it. */
static enum status add_to_permit(struct pack_follow *follow, const char *number, const json_t *seqs, struct err *err)
{
    json_t *list = permit_seqs(follow, number);
    return list == NULL || json_array_extend(list, (json_t *)(uintptr_t)seqs) == 0 ? STATUS_OK : no_memory(err);
}

/* An access review took away what it was asked about: with it stands the review that asked. */
static enum status attested(struct pack_follow *follow, const json_t *record, const json_t *seqs, struct err *err)
{
    const json_t *rows = json_object_get(record, "rows"), *review = permit_seqs(follow, member_text(record, "review"));
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *number = member_text(row, "grant");
        const char *user = member_text(json_object_get(follow->grants, number), "user");
        if (!text_is(member_text(row, "decision"), "remove"))
            continue;
        status = user != NULL ? file_all(follow->users, user, review, err) : STATUS_OK;
        if (status == STATUS_OK && user == NULL && review != NULL)
            status = add_to_permit(follow, number, review, err);
        if (status == STATUS_OK)
            status = user != NULL ? file_all(follow->users, user, seqs, err) : add_to_permit(follow, number, seqs, err);
    }
    return status;
}

/* What a suspect key signed counts by this: the document, where it governs, has one more entry about it. */
static enum status affirmed(struct pack_follow *follow, const char *number, const json_t *record, const json_t *seqs,
                            struct err *err)
{
    const json_t *rows = json_object_get(record, "rows");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *document = member_text(row, "document");
        json_t *waiting = document == NULL ? NULL : json_object_get(follow->waiting, document);
        char entry[24];
        snprintf(entry, sizeof entry, "%lld", (long long)member_integer(row, "entry"));
        const char *what = document != NULL ? document : entry;
        json_t *numbers = json_object_get(follow->affirmed, what);
        if (numbers == NULL &&
            ((numbers = json_object()) == NULL || json_object_set_new(follow->affirmed, what, numbers) != 0))
            return no_memory(err);
        if (json_object_set_new(numbers, number, json_true()) != 0 ||
            (waiting != NULL && json_array_extend(json_object_get(waiting, "seqs"), (json_t *)(uintptr_t)seqs) != 0))
            return no_memory(err);
    }
    return STATUS_OK;
}

/* Kinds that are about others, or about everybody. */
static enum status other_in_force(struct pack_follow *follow, const char *number, const json_t *record,
                                  const json_t *seqs, struct err *err)
{
    const char *kind = member_text(record, "kind");
    if (text_is(kind, "erasure"))
        return erase(follow, record, err);
    if (text_is(kind, "book-key"))
        return file_all(follow->always, "book-key", seqs, err);
    if (text_is(kind, "attestation"))
        return attested(follow, record, seqs, err);
    if (text_is(kind, "mitigation-review"))
        return add_to_permit(follow, member_text(record, "mitigation"), seqs, err);
    if (text_is(kind, "break-glass-review"))
        return add_to_permit(follow, member_text(record, "break_glass"), seqs, err);
    if (text_is(kind, "revocation") && member_text(record, "user") == NULL)
        return add_to_permit(follow, member_text(record, "grant"), seqs, err);
    return text_is(kind, "affirmation") ? affirmed(follow, number, record, seqs, err) : STATUS_OK;
}

static enum status in_force(struct pack_follow *follow, const char *number, json_t *record, const struct entry *entry,
                            struct err *err)
{
    const char *kind = member_text(record, "kind"), *user = member_text(record, "user");
    const json_t *seqs = json_object_get(record, "seqs");
    enum status status = STATUS_OK;
    if (text_is(kind, "policy")) {
        char at[24];
        snprintf(at, sizeof at, "%llu", (unsigned long long)entry->seq);
        return json_object_set(follow->policies, at, record) == 0 ? STATUS_OK : no_memory(err);
    }
    if (is_one_of(permit_kinds, kind) &&
        json_object_set_new(follow->permits, number, json_pack("{s:s, s:O}", "kind", kind, "seqs", seqs)) != 0)
        return no_memory(err);
    if (text_is(kind, "grant"))
        status = grant_add(follow, number, user, member_text(record, "role"), err);
    if (status == STATUS_OK)
        status = file_all(follow->users, user, seqs, err);
    return status == STATUS_OK ? other_in_force(follow, number, record, seqs, err) : status;
}

/* A document that matters comes, or comes again in another version: the entries before it stay with it. */
static enum status submitted(struct pack_follow *follow, const struct entry *entry, size_t index, const char *number,
                             struct err *err)
{
    const json_t *document = statement_document(&entry->statement, index);
    if (!is_one_of(kinds, member_text(document, "kind")))
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
            status = file_one(follow->users, user, entry->seq, err);
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
            status = file_one(follow->users, member_text(grant, "user"), entry->seq, err);
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
    if (status == STATUS_OK && (verb == VERB_CLOCK || verb == VERB_RESTORE))
        return json_array_size(results) != 1
                   ? STATUS_OK /* refused */
                   : file_one(follow->always, verb == VERB_CLOCK ? "clock" : "restore", entry->seq, err);
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

const json_t *pack_follow_permit(const struct pack_follow *follow, const char *number)
{
    return json_object_get(follow->permits, number);
}

const json_t *pack_follow_affirmed(const struct pack_follow *follow, const char *what)
{
    return json_object_get(follow->affirmed, what);
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

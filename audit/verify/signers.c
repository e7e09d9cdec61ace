/*
 * Who signed: every signature good, the actor's key among them and valid at this place, new keys proving possession.
 * Implements FORMAT.md sections 3 and 5 ("signed by") over the register that the journal's own decisions make.
 *
 * A key that was ever the actor's may sign what is then refused: refusals of leavers are evidence, not faults.
 */
#include <stdio.h>
#include <string.h>

#include "audit/verify/known_keys.h"
#include "audit/verify/parts.h"
#include "ledger/schema.h"
#include "ledger/text.h"

/* An entry and the keys of its signatures. */
struct signing {
    const struct verify_item *item;
    const struct known_key *keys[SIGNATURES_MAX];
    size_t count;
};

static void check_good(struct verify *verify, const struct signing *signing, size_t index)
{
    const struct verify_item *item = signing->item;
    struct key_standing standing = {.user = NULL};
    if (item->signatures[index].good)
        return;
    key_register_look(verify->keys, signing->keys[index]->text, item->facts.time_ms, &standing);
    if (standing.user != NULL)
        finding_at(&verify->findings, CHECK_SIGNATURES, item->seq, "%s's signature does not cover these bytes",
                   standing.user);
    else
        finding_at(&verify->findings, CHECK_SIGNATURES, item->seq, "the signature of key %s does not cover these bytes",
                   signing->keys[index]->fingerprint);
}

static bool has_signed(const struct signing *signing, const char *key)
{
    for (size_t i = 0; key != NULL && i < signing->count; i++)
        if (strcmp(signing->keys[i]->text, key) == 0)
            return true;
    return false;
}

static void check_charter(struct verify *verify, const struct signing *signing)
{
    const struct verify_item *item = signing->item;
    const json_t *officers = json_object_get(item->entry.statement.body, "officers");
    for (size_t i = 0; i < json_array_size(officers); i++) {
        const json_t *officer = json_array_get(officers, i);
        if (!has_signed(signing, member_text(officer, "key")))
            finding_at(&verify->findings, CHECK_SIGNATURES, item->seq, "the charter is not signed by its officer %s",
                       member_text(officer, "user"));
    }
}

static void check_actor(struct verify *verify, const struct signing *signing)
{
    const struct verify_item *item = signing->item;
    const char *actor = item->facts.actor;
    bool mine = false, alive = false, revoked = false;
    for (size_t i = 0; i < signing->count; i++) {
        struct key_standing standing;
        key_register_look(verify->keys, signing->keys[i]->text, item->facts.time_ms, &standing);
        if (!text_is(standing.user, actor))
            continue;
        mine = true;
        revoked = revoked || standing.revoked;
        alive = alive || (!standing.revoked && !standing.over);
    }
    if (!mine)
        finding_after(&verify->findings, CHECK_SIGNATURES, item->seq, "is not signed by a key of %s", actor);
    else if (!alive && !item->facts.no_effect)
        finding_after(&verify->findings, CHECK_SIGNATURES, item->seq, "%s signed with a key that %s", actor,
                      revoked ? "was revoked before" : "was past its end");
}

static int64_t recovery_count(const struct verify *verify, const struct signing *signing)
{
    const json_t *keys = json_object_get(json_object_get(verify->charter, "recovery"), "keys");
    int64_t count = 0;
    for (size_t i = 0; i < json_array_size(keys); i++)
        count += has_signed(signing, json_string_value(json_array_get(keys, i)));
    return count;
}

/* `recover`: enough recovery keys, and the new officers' own. */
static void check_recovery(struct verify *verify, const struct signing *signing)
{
    const struct verify_item *item = signing->item;
    const json_t *officers = json_object_get(item->entry.statement.body, "officers");
    int64_t threshold = member_integer(json_object_get(verify->charter, "recovery"), "threshold");
    if (json_array_size(json_object_get(item->entry.decision, "results")) != 1)
        return; /* refused */
    if (threshold == 0 || recovery_count(verify, signing) < threshold)
        finding_at(&verify->findings, CHECK_SIGNATURES, item->seq, "officers were made anew by too few recovery keys");
    for (size_t i = 0; i < json_array_size(officers); i++) {
        const json_t *officer = json_array_get(officers, i);
        if (!has_signed(signing, member_text(officer, "key")))
            finding_at(&verify->findings, CHECK_SIGNATURES, item->seq, "the new key of %s has not signed",
                       member_text(officer, "user"));
    }
}

/* Whether valid keys of two users are among the signers. */
static bool two_users(const struct verify *verify, const struct signing *signing)
{
    const char *first = NULL;
    bool two = false;
    for (size_t i = 0; i < signing->count; i++) {
        struct key_standing standing;
        key_register_look(verify->keys, signing->keys[i]->text, signing->item->facts.time_ms, &standing);
        if (standing.user == NULL || standing.revoked || standing.over)
            continue;
        two = two || (first != NULL && strcmp(first, standing.user) != 0);
        first = standing.user;
    }
    return two;
}

/* `clock`: enough recovery keys, or valid keys of two users; that these are officers is for the replay. */
static void check_clock(struct verify *verify, const struct signing *signing)
{
    const struct verify_item *item = signing->item;
    int64_t threshold = member_integer(json_object_get(verify->charter, "recovery"), "threshold");
    if (json_array_size(json_object_get(item->entry.decision, "results")) != 1)
        return; /* refused */
    if (!two_users(verify, signing) && (threshold == 0 || recovery_count(verify, signing) < threshold))
        finding_at(&verify->findings, CHECK_SIGNATURES, item->seq,
                   "the clock was set back by fewer than two officers or the recovery keys");
}

/* `restore`: valid keys of two users; that these are officers and two persons is for the replay. */
static void check_restore(struct verify *verify, const struct signing *signing)
{
    const struct verify_item *item = signing->item;
    if (json_array_size(json_object_get(item->entry.decision, "results")) == 1 && !two_users(verify, signing))
        finding_at(&verify->findings, CHECK_SIGNATURES, item->seq, "what was lost is said by fewer than two officers");
}

/* A key that comes into the register has to prove that somebody holds it. */
static void check_new_keys(struct verify *verify, const struct signing *signing)
{
    const struct verify_item *item = signing->item;
    const json_t *results = json_object_get(item->entry.decision, "results");
    for (size_t i = 0; i < json_array_size(results); i++) {
        const json_t *document = statement_document(&item->entry.statement, i);
        const char *outcome = member_text(json_array_get(results, i), "outcome");
        const char *kind = member_text(document, "kind");
        const char *key = text_is(kind, "enrolment")      ? member_text(document, "key")
                          : text_is(kind, "book-key")     ? member_text(document, "key")
                          : text_is(kind, "key-rotation") ? member_text(document, "new")
                                                          : NULL;
        if (key == NULL || text_is(outcome, "refused") || text_is(outcome, "repeat") || has_signed(signing, key))
            continue;
        finding_at(&verify->findings, CHECK_SIGNATURES, item->seq, "the new key of %s has not signed",
                   member_text(document, "user") != NULL ? member_text(document, "user") : "the book");
    }
}

/* Each key once in words; who signed is remembered when a key is met first. */
static enum status signing_begin(struct verify *verify, const struct verify_item *item, struct signing *ret_signing,
                                 struct err *err)
{
    *ret_signing = (struct signing){.item = item};
    for (size_t i = 0; i < item->signature_count; i++) {
        bool first = false;
        const struct known_key **known = &ret_signing->keys[ret_signing->count];
        enum status status = known_keys_get(verify->known, &item->signatures[i].key, known, &first, err);
        if (status != STATUS_OK)
            return status;
        if (first && (json_object_set_new(verify->signers, (*known)->text, json_true()) != 0 ||
                      json_object_set_new(verify->signed_here, (*known)->text, json_true()) != 0))
            return err_set(err, STATUS_MEMORY, "no memory for keys");
        ret_signing->count++;
    }
    return STATUS_OK;
}

/* What the entry changes in the register. Without a tree it can only be an approval of something that waited. */
static enum status register_follow(struct verify *verify, const struct verify_item *item, struct err *err)
{
    enum status status = STATUS_OK;
    if (item->whole)
        return key_register_apply(verify->keys, &item->entry, err);
    for (size_t i = 0; status == STATUS_OK && item->facts.verb == VERB_APPROVE && i < item->result_count; i++) {
        const struct item_result *one = &item->results[i];
        char number[ID_BYTES_MAX + 1];
        snprintf(number, sizeof number, "%.*s", (int)one->document.length, (const char *)one->document.bytes);
        if (slice_is(one->outcome, "in-force"))
            status = key_register_approved(verify->keys, number, item->facts.seq, item->facts.time_ms, err);
    }
    return status;
}

static void check_signers(struct verify *verify, const struct signing *signing)
{
    const enum verb verb = signing->item->facts.verb;
    if (verb == VERB_CHARTER)
        check_charter(verify, signing);
    else if (verify->chartered && verb == VERB_RECOVER)
        check_recovery(verify, signing);
    else if (verify->chartered && verb == VERB_CLOCK)
        check_clock(verify, signing);
    else if (verify->chartered && verb == VERB_RESTORE)
        check_restore(verify, signing);
    else if (verify->chartered)
        check_actor(verify, signing);
}

enum status verify_signers(struct verify *verify, const struct verify_item *item, struct err *err)
{
    struct signing signing;
    if (!item->readable)
        return STATUS_OK;
    if (item->starved)
        return err_set(err, STATUS_MEMORY, "no memory for signatures");
    enum status status = signing_begin(verify, item, &signing, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < signing.count; i++)
        check_good(verify, &signing, i);
    verify->result->signatures += signing.count;
    verify->result->keys = json_object_size(verify->signers);
    check_signers(verify, &signing);
    if (!item->sound)
        return STATUS_OK;
    if (item->whole)
        check_new_keys(verify, &signing);
    return register_follow(verify, item, err);
}

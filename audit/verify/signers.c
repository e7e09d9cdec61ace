/*
 * Who signed: every signature good, the actor's key among them and valid at this place, new keys proving possession.
 * Implements FORMAT.md sections 3 and 5 ("signed by") over the register that the journal's own decisions make.
 *
 * A key that was ever the actor's may sign what is then refused: refusals of leavers are evidence, not faults.
 */
#include <string.h>

#include "audit/verify/parts.h"
#include "ledger/schema.h"
#include "ledger/text.h"

/* Nothing of it took effect. */
static bool is_refused(const json_t *decision)
{
    const json_t *results = json_object_get(decision, "results");
    for (size_t i = 0; i < json_array_size(results); i++)
        if (!text_is(member_text(json_array_get(results, i), "outcome"), "refused"))
            return false;
    return true;
}

static void check_good(struct verify *verify, const struct verify_item *item, size_t index)
{
    const struct item_signature *seen = &item->signatures[index];
    struct key_standing standing = {.user = NULL};
    if (seen->good)
        return;
    key_register_look(verify->keys, seen->key, item->entry.time_ms, &standing);
    if (standing.user != NULL)
        finding_at(&verify->findings, CHECK_SIGNATURES, item->seq, "%s's signature does not cover these bytes",
                   standing.user);
    else
        finding_at(&verify->findings, CHECK_SIGNATURES, item->seq, "the signature of key %s does not cover these bytes",
                   seen->fingerprint);
}

static bool has_signed(const struct verify_item *item, const char *key)
{
    for (size_t i = 0; key != NULL && i < item->entry.signatures->count; i++)
        if (strcmp(item->signatures[i].key, key) == 0)
            return true;
    return false;
}

static void check_charter(struct verify *verify, const struct verify_item *item)
{
    const json_t *officers = json_object_get(item->entry.statement.body, "officers");
    for (size_t i = 0; i < json_array_size(officers); i++) {
        const json_t *officer = json_array_get(officers, i);
        if (!has_signed(item, member_text(officer, "key")))
            finding_at(&verify->findings, CHECK_SIGNATURES, item->seq, "the charter is not signed by its officer %s",
                       member_text(officer, "user"));
    }
}

static void check_actor(struct verify *verify, const struct verify_item *item)
{
    const char *actor = item->entry.statement.actor;
    bool mine = false, alive = false, revoked = false;
    for (size_t i = 0; i < item->entry.signatures->count; i++) {
        struct key_standing standing;
        key_register_look(verify->keys, item->signatures[i].key, item->entry.time_ms, &standing);
        if (!text_is(standing.user, actor))
            continue;
        mine = true;
        revoked = revoked || standing.revoked;
        alive = alive || (!standing.revoked && !standing.over);
    }
    if (!mine)
        finding_after(&verify->findings, CHECK_SIGNATURES, item->seq, "is not signed by a key of %s", actor);
    else if (!alive && !is_refused(item->entry.decision))
        finding_after(&verify->findings, CHECK_SIGNATURES, item->seq, "%s signed with a key that %s", actor,
                      revoked ? "was revoked before" : "was past its end");
}

static int64_t recovery_count(const struct verify *verify, const struct verify_item *item)
{
    const json_t *keys = json_object_get(json_object_get(verify->charter, "recovery"), "keys");
    int64_t count = 0;
    for (size_t i = 0; i < json_array_size(keys); i++)
        count += has_signed(item, json_string_value(json_array_get(keys, i)));
    return count;
}

/* `recover`: enough recovery keys, and the new officers' own. */
static void check_recovery(struct verify *verify, const struct verify_item *item)
{
    const json_t *officers = json_object_get(item->entry.statement.body, "officers");
    int64_t threshold = member_integer(json_object_get(verify->charter, "recovery"), "threshold");
    if (json_array_size(json_object_get(item->entry.decision, "results")) != 1)
        return; /* refused */
    if (threshold == 0 || recovery_count(verify, item) < threshold)
        finding_at(&verify->findings, CHECK_SIGNATURES, item->seq, "officers were made anew by too few recovery keys");
    for (size_t i = 0; i < json_array_size(officers); i++) {
        const json_t *officer = json_array_get(officers, i);
        if (!has_signed(item, member_text(officer, "key")))
            finding_at(&verify->findings, CHECK_SIGNATURES, item->seq, "the new key of %s has not signed",
                       member_text(officer, "user"));
    }
}

/* Whether valid keys of two users are among the signers. */
static bool two_users(const struct verify *verify, const struct verify_item *item)
{
    const char *first = NULL;
    bool two = false;
    for (size_t i = 0; i < item->entry.signatures->count; i++) {
        struct key_standing standing;
        key_register_look(verify->keys, item->signatures[i].key, item->entry.time_ms, &standing);
        if (standing.user == NULL || standing.revoked || standing.over)
            continue;
        two = two || (first != NULL && strcmp(first, standing.user) != 0);
        first = standing.user;
    }
    return two;
}

/* `clock`: enough recovery keys, or valid keys of two users; that these are officers is for the replay. */
static void check_clock(struct verify *verify, const struct verify_item *item)
{
    int64_t threshold = member_integer(json_object_get(verify->charter, "recovery"), "threshold");
    if (json_array_size(json_object_get(item->entry.decision, "results")) != 1)
        return; /* refused */
    if (!two_users(verify, item) && (threshold == 0 || recovery_count(verify, item) < threshold))
        finding_at(&verify->findings, CHECK_SIGNATURES, item->seq,
                   "the clock was set back by fewer than two officers or the recovery keys");
}

/* `restore`: valid keys of two users; that these are officers and two persons is for the replay. */
static void check_restore(struct verify *verify, const struct verify_item *item)
{
    if (json_array_size(json_object_get(item->entry.decision, "results")) == 1 && !two_users(verify, item))
        finding_at(&verify->findings, CHECK_SIGNATURES, item->seq, "what was lost is said by fewer than two officers");
}

/* A key that comes into the register has to prove that somebody holds it. */
static void check_new_keys(struct verify *verify, const struct verify_item *item)
{
    const json_t *results = json_object_get(item->entry.decision, "results");
    for (size_t i = 0; i < json_array_size(results); i++) {
        const json_t *document = statement_document(&item->entry.statement, i);
        const char *outcome = member_text(json_array_get(results, i), "outcome");
        const char *kind = member_text(document, "kind");
        const char *key = text_is(kind, "enrolment")      ? member_text(document, "key")
                          : text_is(kind, "book-key")     ? member_text(document, "key")
                          : text_is(kind, "key-rotation") ? member_text(document, "new")
                                                          : NULL;
        if (key == NULL || text_is(outcome, "refused") || text_is(outcome, "repeat") || has_signed(item, key))
            continue;
        finding_at(&verify->findings, CHECK_SIGNATURES, item->seq, "the new key of %s has not signed",
                   member_text(document, "user") != NULL ? member_text(document, "user") : "the book");
    }
}

enum status verify_signers(struct verify *verify, const struct verify_item *item, struct err *err)
{
    if (!item->readable)
        return STATUS_OK;
    if (item->signatures == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for signatures");
    for (size_t i = 0; i < item->entry.signatures->count; i++) {
        check_good(verify, item, i);
        if (json_object_set_new(verify->signers, item->signatures[i].key, json_true()) != 0 ||
            json_object_set_new(verify->signed_here, item->signatures[i].key, json_true()) != 0)
            return err_set(err, STATUS_MEMORY, "no memory for keys");
    }
    verify->result->signatures += item->entry.signatures->count;
    verify->result->keys = json_object_size(verify->signers);
    if (item->entry.statement.verb == VERB_CHARTER)
        check_charter(verify, item);
    else if (verify->chartered && item->entry.statement.verb == VERB_RECOVER)
        check_recovery(verify, item);
    else if (verify->chartered && item->entry.statement.verb == VERB_CLOCK)
        check_clock(verify, item);
    else if (verify->chartered && item->entry.statement.verb == VERB_RESTORE)
        check_restore(verify, item);
    else if (verify->chartered)
        check_actor(verify, item);
    if (!item->sound)
        return STATUS_OK;
    check_new_keys(verify, item);
    return key_register_apply(verify->keys, &item->entry, err);
}

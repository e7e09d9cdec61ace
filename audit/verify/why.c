/*
 * Why each entry of a part is there, held against what it does. What an entry shows by itself is judged as it comes; whether the
 * part is about that document, whether anybody acts by that name, whether any decision rests on that delegation, when all have
 * come. Every reason of every entry is judged; one that nobody knows is a finding.
 */
#include "audit/verify/why.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/bundle/manifest.h"
#include "audit/verify/parts.h"
#include "audit/verify/why_facts.h"
#include "ledger/schema.h"
#include "ledger/text.h"

struct why {
    struct verify *verify;
    const struct bundle_manifest *manifest;
    struct why_facts facts;
    size_t next;     /* of the manifest's reasons */
    json_t *claims;  /* reason -> number of the first entry that gives it: judged at the end, once */
    json_t *reviews; /* list of {reason, review, seq}: entries about a review, there for what it removed */
};

/* A reason as it is judged: "document CN-2" is of the sort "document", and what is "CN-2"; NULL: it is one word. */
struct reason {
    const char *text, *what;
    char sort[WHY_REASON_BYTES];
};

enum verdict { VERDICT_NO, VERDICT_YES, VERDICT_CLAIM }; /* CLAIM: as far as the entry goes; the rest at the end */

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory for why entries are there");
}

enum status why_new(struct verify *verify, const struct bundle_manifest *manifest, struct why **ret_why,
                    struct err *err)
{
    struct why *why = calloc(1, sizeof *why);
    if (why == NULL)
        return no_memory(err);
    why->verify = verify;
    why->manifest = manifest;
    why->claims = json_object();
    why->reviews = json_array();
    enum status status = why_facts_init(&why->facts, manifest, err);
    if (status == STATUS_OK && (why->claims == NULL || why->reviews == NULL))
        status = no_memory(err);
    if (status != STATUS_OK)
        why_free(why);
    else
        *ret_why = why;
    if (status == STATUS_OK && manifest->why == NULL && manifest->count > 0)
        finding_whole(&verify->findings, CHECK_BUNDLE,
                      "MANIFEST.json: why: is missing: each entry of a part is there for a reason");
    return status;
}

void why_free(struct why *why)
{
    if (why == NULL)
        return;
    why_facts_done(&why->facts);
    json_decref(why->claims);
    json_decref(why->reviews);
    free(why);
}

static void tell(struct why *why, uint64_t seq, const char *reason, const char *what)
{
    finding_whole(&why->verify->findings, CHECK_BUNDLE, "MANIFEST.json: why of entry %llu: '%.80s': %s",
                  (unsigned long long)seq, reason, what);
}

/* ---- what an entry shows by itself ---- */

static bool submits(const struct verify_item *item)
{
    return item->entry.statement.verb == VERB_SUBMIT || item->entry.statement.verb == VERB_AMEND;
}

/* Document number i that an entry acts on; NULL: none. */
static const char *acted_on(const struct verify_item *item, size_t i)
{
    return member_text(json_array_get(json_object_get(item->entry.decision, "results"), i), "document");
}

static size_t act_count(const struct verify_item *item)
{
    return json_array_size(json_object_get(item->entry.decision, "results"));
}

static bool acts_on(const struct verify_item *item, const char *number)
{
    for (size_t i = 0; i < act_count(item); i++)
        if (text_is(acted_on(item, i), number))
            return true;
    return false;
}

static bool acts_on_kind(const struct why *why, const struct verify_item *item, const char *kind)
{
    for (size_t i = 0; i < act_count(item); i++)
        if (why_is_of_kind(&why->facts, acted_on(item, i), kind))
            return true;
    return false;
}

static bool is_verb(const struct verify_item *item, enum verb verb)
{
    return item->entry.statement.verb == verb && (verb == VERB_CHARTER ? item->seq == 0 : act_count(item) == 1);
}

/* A feed that was let in and brought that record. */
static bool brings(const struct verify_item *item, const struct reason *reason)
{
    const json_t *body = item->entry.statement.body, *records = json_object_get(body, "records");
    const json_t *result = json_array_get(json_object_get(item->entry.decision, "results"), 0);
    const char *entity = member_text(body, "entity");
    char feed[WHY_REASON_BYTES + 1];
    size_t length = entity == NULL ? 0 : strlen(entity);
    snprintf(feed, sizeof feed, "%ss", reason->sort);
    if (item->entry.statement.verb != VERB_FEED || !text_is(member_text(body, "feed"), feed) || entity == NULL ||
        strncmp(reason->what, entity, length) != 0 || reason->what[length] != '/' ||
        text_is(member_text(result, "outcome"), "refused"))
        return false;
    for (size_t i = 0; i < json_array_size(records); i++)
        if (text_is(member_text(json_array_get(records, i), reason->sort), reason->what + length + 1))
            return true;
    return false;
}

/* A review of which an attestation will have to have removed it; NULL: none. */
static const char *review_of(const struct why *why, const struct verify_item *item)
{
    for (size_t i = 0; i < act_count(item); i++)
        if (why_is_kind(&why->facts, acted_on(item, i), "review"))
            return acted_on(item, i);
    return NULL;
}

static bool about_user(const struct why *why, const struct verify_item *item, const char *user)
{
    if (is_verb(item, VERB_RECOVER))
        return true;
    for (size_t i = 0; i < act_count(item); i++)
        if (why_is_of_user(&why->facts, acted_on(item, i), user))
            return true;
    return false;
}

static bool about_document(const struct why *why, const struct verify_item *item, const char *number)
{
    for (size_t i = 0; i < act_count(item); i++)
        if (why_is_of_document(&why->facts, acted_on(item, i), number))
            return true;
    return false;
}

/* Reasons of one word. */
static enum verdict judge_word(const struct why *why, const struct verify_item *item, const char *word)
{
    bool good = text_is(word, "charter")    ? is_verb(item, VERB_CHARTER)
                : text_is(word, "clock")    ? is_verb(item, VERB_CLOCK)
                : text_is(word, "restore")  ? is_verb(item, VERB_RESTORE)
                : text_is(word, "book-key") ? acts_on_kind(why, item, "book-key")
                : text_is(word, "policy")   ? acts_on_kind(why, item, "policy")
                : text_is(word, "period")   ? why_is_inside(&why->facts, &item->entry)
                                            : false;
    return good ? VERDICT_YES : VERDICT_NO;
}

/* Of the part itself: what was asked for, and what is linked to it. */
static enum verdict judge_part(const struct why *why, const struct verify_item *item, const struct reason *reason)
{
    const json_t *scope = json_object_get(why->manifest->json, "scope");
    const enum bundle_sort sort = why->manifest->sort;
    char own[48];
    snprintf(own, sizeof own, "entry %llu", (unsigned long long)item->seq);
    if (text_is(reason->sort, "sample") && strcmp(reason->what, own) == 0)
        return sort == BUNDLE_SAMPLE ? VERDICT_YES : VERDICT_NO;
    if (!acts_on(item, reason->what))
        return VERDICT_NO;
    if (text_is(reason->sort, "seed"))
        return text_is(member_text(scope, "seed"), reason->what) ? VERDICT_YES : VERDICT_NO;
    if (text_is(reason->sort, "sample"))
        return sort == BUNDLE_SAMPLE ? VERDICT_CLAIM : VERDICT_NO;
    bool led = sort != BUNDLE_PERIOD || (submits(item) && !why_is_inside(&why->facts, &item->entry));
    return led ? VERDICT_CLAIM : VERDICT_NO;
}

static enum verdict judge(const struct why *why, const struct verify_item *item, const struct reason *reason)
{
    bool good = false;
    if (reason->what == NULL)
        return judge_word(why, item, reason->sort);
    if (text_is(reason->sort, "document") || text_is(reason->sort, "sample") || text_is(reason->sort, "seed"))
        return judge_part(why, item, reason);
    if (text_is(reason->sort, "invoice") || text_is(reason->sort, "customer"))
        return brings(item, reason) ? VERDICT_YES : VERDICT_NO;
    if (text_is(reason->sort, "signer"))
        good = about_user(why, item, reason->what);
    else
        good = why_is_kind(&why->facts, reason->what, reason->sort) && about_document(why, item, reason->what);
    return good ? VERDICT_CLAIM : VERDICT_NO;
}

static enum status judge_reason(struct why *why, const struct verify_item *item, const char *text, struct err *err)
{
    struct reason reason = {.text = text};
    const char *space = strchr(text, ' '), *review = review_of(why, item);
    size_t length = space == NULL ? strlen(text) : (size_t)(space - text);
    snprintf(reason.sort, sizeof reason.sort, "%.*s", (int)(length < WHY_REASON_BYTES ? length : 0), text);
    reason.what = space == NULL ? NULL : space + 1;
    enum verdict verdict = judge(why, item, &reason);
    if (verdict == VERDICT_NO && review != NULL) {
        json_t *later = json_pack("{s:s, s:s, s:I}", "reason", text, "review", review, "seq", (json_int_t)item->seq);
        return json_array_append_new(why->reviews, later) == 0 ? STATUS_OK : no_memory(err);
    }
    if (verdict == VERDICT_NO)
        tell(why, item->seq, text, "the entry does not belong to it");
    if (verdict != VERDICT_CLAIM || json_object_get(why->claims, text) != NULL)
        return STATUS_OK;
    return json_object_set_new(why->claims, text, json_integer((json_int_t)item->seq)) == 0 ? STATUS_OK
                                                                                            : no_memory(err);
}

static void skip_to(struct why *why, int64_t seq)
{
    for (; why->next < json_array_size(why->manifest->why); why->next++) {
        const json_t *one = json_array_get(why->manifest->why, why->next);
        if (member_integer(one, "seq") >= seq)
            return;
        tell(why, (uint64_t)member_integer(one, "seq"),
             json_string_value(json_array_get(json_object_get(one, "why"), 0)), "there is no such entry here");
    }
}

enum status why_entry(struct why *why, const struct verify_item *item, struct err *err)
{
    enum status status = item->sound ? why_facts_add(&why->facts, &item->entry, err) : STATUS_OK;
    if (status != STATUS_OK || why->manifest->why == NULL)
        return status;
    skip_to(why, (int64_t)item->seq);
    const json_t *one = json_array_get(why->manifest->why, why->next);
    if (one == NULL || member_integer(one, "seq") != (int64_t)item->seq) {
        finding_whole(&why->verify->findings, CHECK_BUNDLE, "MANIFEST.json: why: gives no reason for entry %llu",
                      (unsigned long long)item->seq);
        return STATUS_OK;
    }
    why->next++;
    const json_t *texts = json_object_get(one, "why");
    for (size_t i = 0; item->sound && status == STATUS_OK && i < json_array_size(texts); i++)
        status = judge_reason(why, item, json_string_value(json_array_get(texts, i)), err);
    return status;
}

/* ---- what all of them show ---- */

/* Whose keys signed, besides those who act. */
static bool has_signed(const struct verify *verify, const char *user)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(verify->signers, key, value)
    {
        struct key_standing standing;
        key_register_look(verify->keys, key, 0, &standing);
        if (text_is(standing.user, user))
            return true;
    }
    return false;
}

/* NULL: the claim is borne out. */
static const char *claim_problem(const struct why *why, const char *text)
{
    const char *what = strchr(text, ' ') + 1;
    const size_t length = (size_t)(what - text);
    if (strncmp(text, "document ", length) == 0)
        return why_is_about(&why->facts, what) ? NULL : "the bundle is not about that document";
    if (strncmp(text, "sample ", length) == 0)
        return json_object_get(why->facts.asked, what) != NULL ? NULL : "it is none of the sample";
    if (strncmp(text, "signer ", length) == 0)
        return json_object_get(why->facts.users, what) != NULL || has_signed(why->verify, what)
                   ? NULL
                   : "nobody of that name acts or signs here";
    if (strncmp(text, "affirmation ", length) == 0)
        return why_is_affirmed(&why->facts, what) ? NULL : "it affirms nothing that is here";
    return json_object_get(why->facts.named, what) != NULL ? NULL : "no decision here names it";
}

void why_end(struct why *why)
{
    const char *text = NULL;
    json_t *seq = NULL;
    skip_to(why, INT64_MAX);
    json_object_foreach(why->claims, text, seq)
    {
        const char *problem = claim_problem(why, text);
        if (problem != NULL)
            tell(why, (uint64_t)json_integer_value(seq), text, problem);
    }
    for (size_t i = 0; i < json_array_size(why->reviews); i++) {
        const json_t *one = json_array_get(why->reviews, i);
        const char *reason = member_text(one, "reason");
        if (!why_has_removed(&why->facts, member_text(one, "review"), reason))
            tell(why, (uint64_t)member_integer(one, "seq"), reason, "no attestation here removed anything of it");
    }
}

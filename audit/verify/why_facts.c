/*
 * What the entries of a part say of one another: which documents link to those that were asked for, whom enrolments, grants and
 * what ended them are about, what decisions name. Grows with the documents that govern and those that were asked for.
 */
#include "audit/verify/why_facts.h"

#include <stdio.h>
#include <string.h>

#include "ledger/entry.h"
#include "ledger/fold.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/text.h"

static const char *const kinds[] = {"affirmation",
                                    "attestation",
                                    "book-key",
                                    "break-glass",
                                    "break-glass-review",
                                    "delegation",
                                    "enrolment",
                                    "grant",
                                    "key-revocation",
                                    "key-rotation",
                                    "mitigation",
                                    "mitigation-review",
                                    "period",
                                    "policy",
                                    "rates",
                                    "reactivation",
                                    "review",
                                    "revocation",
                                    NULL};

static const char *const naming[] = {"break_glass", "exception", "mitigation", "relaxed", NULL};

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory for why entries are there");
}

static bool has(const json_t *set, const char *text)
{
    return text != NULL && json_object_get(set, text) != NULL;
}

static void days_read(struct why_facts *facts, const json_t *scope)
{
    const char *from = member_text(scope, "from"), *to = member_text(scope, "to");
    facts->from = INT32_MAX;
    facts->to = INT32_MIN;
    if (from == NULL || to == NULL)
        return;
    if (date_parse(from, strlen(from), &facts->from, NULL) != STATUS_OK ||
        date_parse(to, strlen(to), &facts->to, NULL) != STATUS_OK)
        facts->from = INT32_MAX;
}

enum status why_facts_init(struct why_facts *facts, const struct bundle_manifest *manifest, struct err *err)
{
    const json_t *scope = json_object_get(manifest->json, "scope"), *documents = json_object_get(scope, "documents");
    *facts = (struct why_facts){.manifest = manifest,
                                .asked = json_object(),
                                .linked = json_object(),
                                .inside = json_object(),
                                .users = json_object(),
                                .named = json_object(),
                                .governs = json_object(),
                                .removed = json_object()};
    bool whole = facts->asked != NULL && facts->linked != NULL && facts->inside != NULL && facts->users != NULL &&
                 facts->named != NULL && facts->governs != NULL && facts->removed != NULL;
    enum status status = whole ? STATUS_OK : no_memory(err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(documents); i++)
        status = member_mark(facts->asked, json_string_value(json_array_get(documents, i)), err);
    if (status == STATUS_OK)
        status = member_mark(facts->asked, member_text(scope, "seed"), err);
    days_read(facts, scope);
    return status;
}

void why_facts_done(struct why_facts *facts)
{
    json_decref(facts->asked);
    json_decref(facts->linked);
    json_decref(facts->inside);
    json_decref(facts->users);
    json_decref(facts->named);
    json_decref(facts->governs);
    json_decref(facts->removed);
}

bool why_is_inside(const struct why_facts *facts, const struct entry *entry)
{
    int32_t day = date_from_instant(entry->time_ms, 0);
    return facts->from <= day && day <= facts->to;
}

static enum status link_add(struct why_facts *facts, const char *own, const char *other, struct err *err)
{
    enum status status = has(facts->asked, own) ? member_mark(facts->linked, other, err) : STATUS_OK;
    return status == STATUS_OK && has(facts->asked, other) ? member_mark(facts->linked, own, err) : status;
}

static enum status links_add(struct why_facts *facts, const char *number, const json_t *document, struct err *err)
{
    const json_t *links = json_object_get(document, "links");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(links); i++)
        status = link_add(facts, number, member_text(json_array_get(links, i), "document"), err);
    for (size_t i = 0; status == STATUS_OK && document_naming[i] != NULL; i++)
        status = link_add(facts, number, member_text(document, document_naming[i]), err);
    return status;
}

/* Not a policy's text, which is large. */
static enum status governs_add(struct why_facts *facts, const char *number, const json_t *document, struct err *err)
{
    static const char *const kept[] = {"break_glass", "grant", "kind", "mitigation", "review", "rows", "user", NULL};
    const char *kind = member_text(document, "kind");
    bool wanted = false;
    for (size_t i = 0; kinds[i] != NULL; i++)
        wanted = wanted || text_is(kind, kinds[i]);
    if (!wanted)
        return STATUS_OK;
    json_t *copy = json_object();
    bool whole = copy != NULL;
    for (size_t i = 0; whole && kept[i] != NULL; i++) {
        json_t *member = json_object_get(document, kept[i]);
        whole = member == NULL || json_object_set(copy, kept[i], member) == 0;
    }
    if (whole)
        return json_object_set_new(facts->governs, number, copy) == 0 ? STATUS_OK : no_memory(err);
    json_decref(copy);
    return no_memory(err);
}

static enum status officers_add(struct why_facts *facts, const struct entry *entry, struct err *err)
{
    const json_t *officers = json_object_get(entry->statement.body, "officers");
    for (size_t i = 0; i < json_array_size(officers); i++) {
        char number[48];
        const char *user = member_text(json_array_get(officers, i), "user");
        snprintf(number, sizeof number, "GR-%llu.%zu", (unsigned long long)entry->seq, i + 1);
        if (user != NULL &&
            json_object_set_new(facts->governs, number, json_pack("{s:s, s:s}", "kind", "grant", "user", user)) != 0)
            return no_memory(err);
    }
    return STATUS_OK;
}

/* What an attestation removed, by the reason for which it and its review are there. */
static enum status removals_add(struct why_facts *facts, const json_t *document, struct err *err)
{
    const json_t *rows = json_object_get(document, "rows");
    const char *review = member_text(document, "review");
    enum status status = STATUS_OK;
    for (size_t i = 0; review != NULL && status == STATUS_OK && i < json_array_size(rows); i++) {
        const char *number = member_text(json_array_get(rows, i), "grant");
        const json_t *held = number == NULL ? NULL : json_object_get(facts->governs, number);
        bool grant = text_is(member_text(held, "kind"), "grant");
        char text[WHY_REASON_BYTES];
        if (held == NULL || !text_is(member_text(json_array_get(rows, i), "decision"), "remove"))
            continue;
        snprintf(text, sizeof text, "%s %s %s", review, grant ? "signer" : member_text(held, "kind"),
                 grant ? member_text(held, "user") : number);
        status = member_mark(facts->removed, text, err);
    }
    return status;
}

static enum status names_add(struct why_facts *facts, const json_t *answers, struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < json_array_size(answers); i++)
        for (size_t j = 0; status == STATUS_OK && naming[j] != NULL; j++)
            status = member_mark(facts->named, member_text(json_array_get(answers, i), naming[j]), err);
    return status;
}

static enum status result_add(struct why_facts *facts, const struct entry *entry, size_t index, struct err *err)
{
    const json_t *result = json_array_get(json_object_get(entry->decision, "results"), index);
    const json_t *document = statement_document(&entry->statement, index);
    const json_t *item = document != NULL ? document : json_array_get(statement_list(&entry->statement), index);
    const char *number = member_text(result, "document");
    enum status status = member_mark(facts->users, member_text(item, "behalf"), err);
    if (status == STATUS_OK)
        status = names_add(facts, json_object_get(result, "controls"), err);
    if (status == STATUS_OK)
        status = member_mark(facts->named, member_text(result, "delegation"), err);
    if (status == STATUS_OK)
        status = member_mark(facts->named, member_text(json_object_get(result, "rate"), "document"), err);
    if (status == STATUS_OK && why_is_inside(facts, entry))
        status = member_mark(facts->inside, number, err);
    if (status != STATUS_OK || document == NULL || number == NULL)
        return status;
    status = links_add(facts, number, document, err);
    if (status == STATUS_OK)
        status = governs_add(facts, number, document, err);
    return status == STATUS_OK && text_is(member_text(document, "kind"), "attestation")
               ? removals_add(facts, document, err)
               : status;
}

enum status why_facts_add(struct why_facts *facts, const struct entry *entry, struct err *err)
{
    const json_t *decision = entry->decision;
    const enum verb verb = entry->statement.verb;
    enum status status = member_mark(facts->users, entry->statement.actor, err);
    if (status == STATUS_OK && (verb == VERB_CHARTER || verb == VERB_RECOVER))
        status = officers_add(facts, entry, err);
    if (status == STATUS_OK)
        status = names_add(facts, json_object_get(decision, "controls"), err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(json_object_get(decision, "results")); i++)
        status = result_add(facts, entry, i, err);
    return status;
}

bool why_is_about(const struct why_facts *facts, const char *number)
{
    if (facts->manifest->sort == BUNDLE_PERIOD)
        return has(facts->inside, number);
    return has(facts->asked, number) || has(facts->linked, number);
}

static const json_t *governing(const struct why_facts *facts, const char *number)
{
    return number == NULL ? NULL : json_object_get(facts->governs, number);
}

bool why_is_kind(const struct why_facts *facts, const char *number, const char *kind)
{
    return text_is(member_text(governing(facts, number), "kind"), kind);
}

bool why_is_of_kind(const struct why_facts *facts, const char *number, const char *kind)
{
    const json_t *rows = json_object_get(governing(facts, number), "rows");
    if (why_is_kind(facts, number, kind))
        return true;
    for (size_t i = 0; why_is_kind(facts, number, "affirmation") && i < json_array_size(rows); i++)
        if (why_is_kind(facts, member_text(json_array_get(rows, i), "document"), kind))
            return true;
    return false;
}

/* Whether a document by itself is about a user, or ends a grant that is. */
static bool is_of(const struct why_facts *facts, const json_t *document, const char *user)
{
    static const char *const personal[] = {"enrolment",    "grant",        "key-revocation",
                                           "key-rotation", "reactivation", NULL};
    const char *kind = member_text(document, "kind");
    for (size_t i = 0; personal[i] != NULL; i++)
        if (text_is(kind, personal[i]))
            return text_is(member_text(document, "user"), user);
    if (!text_is(kind, "revocation"))
        return false;
    const json_t *ended = governing(facts, member_text(document, "grant"));
    return text_is(member_text(ended, "kind"), "grant") && text_is(member_text(ended, "user"), user);
}

bool why_is_of_user(const struct why_facts *facts, const char *number, const char *user)
{
    const json_t *document = governing(facts, number), *rows = json_object_get(document, "rows");
    bool removes = text_is(member_text(document, "kind"), "attestation");
    if (is_of(facts, document, user))
        return true;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *named = member_text(row, removes ? "grant" : "document");
        if ((!removes || text_is(member_text(row, "decision"), "remove")) &&
            is_of(facts, governing(facts, named), user))
            return true;
    }
    return false;
}

bool why_is_of_document(const struct why_facts *facts, const char *number, const char *other)
{
    const json_t *document = governing(facts, number), *rows = json_object_get(document, "rows");
    bool removes = text_is(member_text(document, "kind"), "attestation");
    if (text_is(number, other) || text_is(member_text(document, "grant"), other) ||
        text_is(member_text(document, "mitigation"), other) || text_is(member_text(document, "break_glass"), other))
        return true;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (text_is(member_text(row, removes ? "grant" : "document"), other) &&
            (!removes || text_is(member_text(row, "decision"), "remove")))
            return true;
    }
    return false;
}

bool why_has_removed(const struct why_facts *facts, const char *review, const char *reason)
{
    char text[WHY_REASON_BYTES];
    int length = snprintf(text, sizeof text, "%s %s", review, reason);
    return length > 0 && (size_t)length < sizeof text && has(facts->removed, text);
}

/* The manifest's list is sorted. */
static bool is_here(const struct bundle_manifest *manifest, int64_t seq)
{
    size_t low = 0, high = json_array_size(manifest->why);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int64_t there = member_integer(json_array_get(manifest->why, middle), "seq");
        if (there == seq)
            return true;
        if (there < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

bool why_is_affirmed(const struct why_facts *facts, const char *number)
{
    const json_t *document = governing(facts, number), *rows = json_object_get(document, "rows");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *named = member_text(row, "document");
        if (named != NULL ? why_is_about(facts, named) : is_here(facts->manifest, member_integer(row, "entry")))
            return true;
    }
    return false;
}

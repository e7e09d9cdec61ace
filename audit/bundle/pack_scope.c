/*
 * Which entries a part of a book has (BUNDLE.md section 4). The journal is read three times in order, so that it works the
 * same wherever the book lies, and in memory that grows with the part: once for the documents that the part is about, once for
 * the entries that act on them, once for the feeds that brought their invoices and customers. Then what follows them is found
 * in the few entries that govern (pack_trail.c).
 */
#include <stdio.h>
#include <string.h>

#include "audit/bundle/pack_look.h"
#include "audit/bundle/pack_parts.h"
#include "audit/bundle/pack_trail.h"
#include "ledger/entry.h"
#include "ledger/fold.h"
#include "ledger/instant.h"
#include "ledger/journal.h"
#include "ledger/limits.h"
#include "ledger/schema.h"
#include "ledger/slice.h"
#include "ledger/text.h"

struct choosing {
    struct pack_work *work;
    json_t *asked;   /* documents named in the request, or acted on in the period -> whether one was seen */
    json_t *parties; /* "US01/581483" -> "invoice", and the same of customers in `customers` */
    json_t *customers;
    struct pack_trail trail;
};

enum { SEQ_TEXT = 24, PARTY_BYTES = 2 * ID_BYTES_MAX + 2 };

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory for a selection");
}

static bool has(const json_t *set, const char *text)
{
    return text != NULL && json_object_get(set, text) != NULL;
}

static bool submits(const struct entry *entry)
{
    return entry->statement.verb == VERB_SUBMIT || entry->statement.verb == VERB_AMEND;
}

static bool in_period(const struct pack_scope *scope, const struct entry *entry)
{
    int32_t day = date_from_instant(entry->time_ms, 0);
    return scope->from <= day && day <= scope->to;
}

/* ---- first reading: the documents ---- */

/* Each document that another one names: by a link, or as what it reverses, recovers, settles. */
typedef enum status named_step(struct choosing *choosing, const char *own, const char *other, struct err *err);

static enum status each_named(struct choosing *choosing, const json_t *document, const char *own, named_step *step,
                              struct err *err)
{
    const json_t *links = json_object_get(document, "links");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(links); i++)
        status = step(choosing, own, member_text(json_array_get(links, i), "document"), err);
    for (size_t i = 0; status == STATUS_OK && document_naming[i] != NULL; i++)
        status = step(choosing, own, member_text(document, document_naming[i]), err);
    return status;
}

static enum status link_seen(struct choosing *choosing, const char *own, const char *other, struct err *err)
{
    enum status status = STATUS_OK;
    if (has(choosing->asked, own))
        status = member_mark(choosing->work->about, other, err);
    if (status == STATUS_OK && has(choosing->asked, other))
        status = member_mark(choosing->work->about, own, err);
    return status;
}

static bool of_days(const struct pack_scope *scope, struct slice bytes)
{
    int32_t day = pack_look_day(bytes);
    return day < 0 || (scope->from <= day && day <= scope->to);
}

/* Of a period, what is of its days; else what names a document that was asked for, as its own or as another. */
static bool may_find(const struct choosing *choosing, struct slice bytes)
{
    const struct pack_scope *scope = choosing->work->request->scope;
    if (scope->sort == PACK_PERIOD)
        return of_days(scope, bytes);
    for (size_t i = 0; document_naming[i] != NULL; i++) {
        if (pack_look_names(bytes, document_naming[i], choosing->asked))
            return true;
    }
    return pack_look_names(bytes, "document", choosing->asked);
}

static enum status find_documents(void *context, uint64_t seq, struct slice bytes, struct err *err)
{
    struct choosing *choosing = context;
    const struct pack_scope *scope = choosing->work->request->scope;
    struct entry entry;
    if (!may_find(choosing, bytes))
        return STATUS_OK;
    enum status status = pack_entry_read(seq, bytes, &entry, err);
    if (status != STATUS_OK)
        return status;
    const json_t *results = json_object_get(entry.decision, "results");
    bool wanted = scope->sort != PACK_PERIOD || in_period(scope, &entry);
    for (size_t i = 0; status == STATUS_OK && wanted && i < json_array_size(results); i++) {
        const char *number = member_text(json_array_get(results, i), "document");
        if (number == NULL)
            continue;
        if (scope->sort == PACK_PERIOD)
            status = member_mark(choosing->work->about, number, err);
        else if (submits(&entry))
            status = each_named(choosing, statement_document(&entry.statement, i), number, link_seen, err);
        if (status == STATUS_OK && submits(&entry) && has(choosing->asked, number))
            status = json_object_set_new(choosing->asked, number, json_true()) == 0 ? STATUS_OK : no_memory(err);
    }
    entry_done(&entry);
    return status;
}

static enum status ask(struct choosing *choosing, const char *number, struct err *err)
{
    return json_object_set_new(choosing->asked, number, json_false()) == 0 &&
                   json_object_set_new(choosing->work->about, number, json_true()) == 0
               ? STATUS_OK
               : no_memory(err);
}

static enum status ask_all(struct choosing *choosing, struct err *err)
{
    const struct pack_scope *scope = choosing->work->request->scope;
    enum status status = scope->seed != NULL ? ask(choosing, scope->seed, err) : STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < scope->document_count; i++)
        status = ask(choosing, scope->documents[i], err);
    return status;
}

static enum status all_found(const struct choosing *choosing, struct err *err)
{
    const struct pack_result *result = &choosing->work->result;
    const struct pack_scope *scope = choosing->work->request->scope;
    const char *number = NULL;
    json_t *seen = NULL;
    if (scope->entry_count > 0 && scope->entries[scope->entry_count - 1] >= result->checkpoint.size)
        return err_set(err, STATUS_NOT_FOUND, "entry %llu is not under the newest issued checkpoint, which is of %llu",
                       (unsigned long long)scope->entries[scope->entry_count - 1],
                       (unsigned long long)result->checkpoint.size);
    json_object_foreach(choosing->asked, number, seen)
    {
        if (!json_is_true(seen))
            return err_set(err, STATUS_NOT_FOUND,
                           "there is no document %s in the %llu entries under the newest issued checkpoint%s", number,
                           (unsigned long long)result->checkpoint.size,
                           result->beyond > 0 ? "; if it came after them, have one issued first: `countersign "
                                                "checkpoint --key BOOKKEY`"
                                              : "");
    }
    return STATUS_OK;
}

/* ---- second reading: the entries ---- */

static enum status party(json_t *set, const char *entity, const char *id, struct err *err)
{
    char text[PARTY_BYTES];
    if (entity == NULL || id == NULL)
        return STATUS_OK;
    snprintf(text, sizeof text, "%s/%s", entity, id);
    return member_mark(set, text, err);
}

static enum status parties_of_list(struct choosing *choosing, const char *entity, const json_t *list, struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(list); i++)
        status = party(choosing->parties, entity, member_text(json_array_get(list, i), "invoice"), err);
    return status;
}

/* Invoices and customers that a document names; a rebill's `invoice` is only intended. */
static enum status parties_of(struct choosing *choosing, const json_t *document, struct err *err)
{
    const char *entity = member_text(document, "entity");
    const json_t *to = json_object_get(document, "to"), *invoice = json_object_get(document, "invoice");
    enum status status = party(choosing->customers, entity, member_text(document, "customer"), err);
    if (status == STATUS_OK && json_is_object(to))
        status = party(choosing->customers, entity, member_text(to, "customer"), err);
    if (status == STATUS_OK && json_is_string(invoice))
        status = party(choosing->parties, entity, json_string_value(invoice), err);
    if (status == STATUS_OK)
        status = parties_of_list(choosing, entity, json_object_get(document, "allocations"), err);
    if (status == STATUS_OK && json_is_object(to))
        status = parties_of_list(choosing, entity, json_object_get(to, "allocations"), err);
    if (status == STATUS_OK)
        status = parties_of_list(choosing, entity, json_object_get(document, "charges"), err);
    return status;
}

static const char *sort_of(const struct choosing *choosing, const char *number)
{
    const struct pack_scope *scope = choosing->work->request->scope;
    if (scope->sort != PACK_SAMPLE || !has(choosing->asked, number))
        return "document";
    return text_is(scope->seed, number) ? "seed" : "sample";
}

/* Whether the part is about what an entry did to a document: of a period, only what led to what was done in it. */
static enum status choose_results(struct choosing *choosing, const struct entry *entry, bool in, bool *ret_any,
                                  struct err *err)
{
    struct pack_work *work = choosing->work;
    const json_t *results = json_object_get(entry->decision, "results");
    enum status status = STATUS_OK;
    bool of_time = work->request->scope->sort == PACK_PERIOD, later = false;
    if (of_time)
        later = date_from_instant(entry->time_ms, 0) > work->request->scope->to;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(results); i++) {
        const char *number = member_text(json_array_get(results, i), "document");
        if (!has(work->about, number) || (of_time && !in && (later || !submits(entry))))
            continue;
        if (!of_time || !in)
            status = pack_chosen_add(&work->chosen, entry->seq, sort_of(choosing, number), number, err);
        if (status == STATUS_OK && submits(entry))
            status = parties_of(choosing, statement_document(&entry->statement, i), err);
        *ret_any = true;
    }
    return status;
}

/* An item of a sample that has no document: the entry, with the invoices and customers of what it submits. */
static enum status choose_drawn(struct choosing *choosing, const struct entry *entry, struct err *err)
{
    char what[SEQ_TEXT + 8];
    snprintf(what, sizeof what, "entry %llu", (unsigned long long)entry->seq);
    enum status status = pack_chosen_add(&choosing->work->chosen, entry->seq, "sample", what, err);
    size_t count = submits(entry) ? json_array_size(statement_list(&entry->statement)) : 0;
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = parties_of(choosing, statement_document(&entry->statement, i), err);
    return status;
}

/* Whether an entry can be one of the part, or one that others follow. */
static bool may_enter(const struct pack_work *work, uint64_t seq, struct slice bytes)
{
    const struct pack_scope *scope = work->request->scope;
    if (scope->sort == PACK_PERIOD && of_days(scope, bytes))
        return true;
    return pack_drawn(work, seq) || pack_look_names(bytes, "document", work->about) ||
           pack_follow_wants(&work->follow, bytes);
}

static enum status find_entries(void *context, uint64_t seq, struct slice bytes, struct err *err)
{
    struct choosing *choosing = context;
    struct pack_work *work = choosing->work;
    struct entry entry;
    if (!may_enter(work, seq, bytes))
        return STATUS_OK;
    enum status status = pack_entry_read(seq, bytes, &entry, err);
    if (status != STATUS_OK)
        return status;
    bool in = work->request->scope->sort == PACK_PERIOD && in_period(work->request->scope, &entry);
    bool any = in || pack_drawn(work, seq);
    status = pack_follow_apply(&work->follow, &entry, err);
    if (status == STATUS_OK && in)
        status = pack_chosen_add(&work->chosen, seq, "period", NULL, err);
    if (status == STATUS_OK && any && !in)
        status = choose_drawn(choosing, &entry, err);
    if (status == STATUS_OK)
        status = choose_results(choosing, &entry, in, &any, err);
    if (status == STATUS_OK && any)
        status = pack_trail_note(&choosing->trail, &entry, err);
    entry_done(&entry);
    return status;
}

/* ---- third reading: the feeds ---- */

static enum status find_records(struct choosing *choosing, const struct entry *entry, bool *ret_any, struct err *err)
{
    const json_t *body = entry->statement.body, *records = json_object_get(body, "records");
    const char *feed = member_text(body, "feed"), *entity = member_text(body, "entity");
    bool invoices = text_is(feed, "invoices");
    const char *member = invoices ? "invoice" : "customer";
    const json_t *set = invoices ? choosing->parties : choosing->customers;
    const json_t *result = json_array_get(json_object_get(entry->decision, "results"), 0);
    enum status status = STATUS_OK;
    if ((!invoices && !text_is(feed, "customers")) || result == NULL ||
        text_is(member_text(result, "outcome"), "refused"))
        return STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(records); i++) {
        char text[PARTY_BYTES];
        snprintf(text, sizeof text, "%s/%s", entity, member_text(json_array_get(records, i), member));
        if (!has(set, text))
            continue;
        status = pack_chosen_add(&choosing->work->chosen, entry->seq, member, text, err);
        *ret_any = true;
    }
    return status;
}

static enum status find_feeds(void *context, uint64_t seq, struct slice bytes, struct err *err)
{
    struct choosing *choosing = context;
    struct entry entry;
    bool any = false;
    if (!pack_look_does(bytes, "feed"))
        return STATUS_OK;
    enum status status = pack_entry_read(seq, bytes, &entry, err);
    if (status != STATUS_OK)
        return status;
    if (entry.statement.verb == VERB_FEED)
        status = find_records(choosing, &entry, &any, err);
    if (status == STATUS_OK && any)
        status = pack_trail_note(&choosing->trail, &entry, err);
    entry_done(&entry);
    return status;
}

static enum status readings(struct choosing *choosing, struct err *err)
{
    struct pack_work *work = choosing->work;
    struct journal_snapshot *snapshot = NULL;
    enum status status = ask_all(choosing, err);
    if (status == STATUS_OK)
        status = pack_each(work, "looking for documents", find_documents, choosing, err);
    if (status == STATUS_OK)
        status = all_found(choosing, err);
    if (status == STATUS_OK)
        status = pack_each(work, "looking for entries", find_entries, choosing, err);
    if (status == STATUS_OK)
        status = pack_each(work, "looking for invoices", find_feeds, choosing, err);
    if (status == STATUS_OK && work->chosen.count == 0)
        return STATUS_OK; /* nothing, and so nothing follows */
    if (status == STATUS_OK)
        status = journal_read_begin(work->request->journal, &snapshot, err);
    if (status == STATUS_OK)
        status = pack_trail_follow(&choosing->trail, snapshot, err);
    journal_read_end(snapshot);
    return status == STATUS_OK ? pack_chosen_sort(&work->chosen, err) : status;
}

enum status pack_choose(struct pack_work *work, struct err *err)
{
    struct choosing choosing = {
        .work = work, .asked = json_object(), .parties = json_object(), .customers = json_object()};
    enum status status = pack_trail_init(&choosing.trail, work, err);
    if (status == STATUS_OK && (choosing.asked == NULL || choosing.parties == NULL || choosing.customers == NULL))
        status = no_memory(err);
    if (status == STATUS_OK)
        status = readings(&choosing, err);
    pack_trail_done(&choosing.trail);
    json_decref(choosing.asked);
    json_decref(choosing.parties);
    json_decref(choosing.customers);
    return status;
}

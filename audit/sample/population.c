/*
 * Populations from entries; see the header. Every document of the filter's kinds and entities is followed from its first
 * version to its last, since state, amount, reason and date are those it has before the place; the others only hold their
 * number's place, so that numbers are found by counting. Kinds, entities and days of entry never change and are asked first.
 */
#include "audit/sample/population.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/currency.h"
#include "ledger/entry.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"

enum { ITEMS_MAX = 1 << 27, NONE = 0 };

/* What a filter may ask of a document's version. */
struct version {
    int64_t minor;
    bool has_amount, fits; /* fits: reason, customer, currency, date, amount */
};

struct document {
    struct sample_item item;
    struct version version;
    int64_t until_ms;
    const char *state; /* a constant */
    bool flagged;      /* one of the filter's controls answered */
    bool entered;      /* let in within the days of the filter */
};

/* Documents of one kind, by number: place in documents plus 1, NONE where the filter leaves it out. */
struct series {
    uint32_t *places;
    size_t count, room;
};

struct sample_collector {
    const struct sample_filter *filter;
    char base[SAMPLE_CURRENCY_BYTES];
    int digits; /* of the amounts; -1: before the charter */
    int64_t low_minor, high_minor;
    struct series series[KIND_COUNT];
    struct document *documents;
    size_t document_count, document_room;
    struct sample_item *items; /* of decisions */
    size_t item_count, item_room;
};

enum status sample_collector_new(const struct sample_filter *filter, struct sample_collector **ret_collector,
                                 struct err *err)
{
    struct sample_collector *collector = calloc(1, sizeof *collector);
    if (collector == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a population");
    collector->filter = filter;
    collector->digits = -1;
    *ret_collector = collector;
    return STATUS_OK;
}

void sample_collector_free(struct sample_collector *collector)
{
    if (collector == NULL)
        return;
    for (size_t i = 0; i < KIND_COUNT; i++)
        free(collector->series[i].places);
    free(collector->documents);
    free(collector->items);
    free(collector);
}

/* Room for one more of size bytes; a lack of it leaves the list as it was. */
static enum status grow(void **list, size_t count, size_t *room, size_t size, struct err *err)
{
    if (count < *room)
        return STATUS_OK;
    size_t wanted = *room == 0 ? 256 : *room * 2;
    if (wanted > ITEMS_MAX)
        return err_set(err, STATUS_LIMIT, "more than %d items in the population: narrow it", ITEMS_MAX);
    void *larger = realloc(*list, wanted * size);
    if (larger == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a population of %zu items", wanted);
    *list = larger;
    *room = wanted;
    return STATUS_OK;
}

static bool fits(const struct sample_words *words, const char *word)
{
    for (size_t i = 0; i < words->count; i++)
        if (word != NULL && strcmp(words->words[i], word) == 0)
            return true;
    return words->count == 0;
}

static const char *member_or_empty(const json_t *object, const char *name)
{
    const char *text = member_text(object, name);
    return text != NULL ? text : "";
}

static enum status corrupt(uint64_t seq, const char *number, const char *what, struct err *err)
{
    return err_set(err, STATUS_CORRUPT, "entry %" PRIu64 ": %.64s %s: run countersign audit verify", seq,
                   number != NULL ? number : "a document without a number", what);
}

/* Amounts of the filter, once it is known in which currency they are. */
static enum status take_charter(struct sample_collector *collector, const struct entry *entry, struct err *err)
{
    const struct sample_filter *filter = collector->filter;
    const json_t *policy = json_object_get(entry->statement.body, "policy");
    const char *base = member_or_empty(json_object_get(policy, "compiled"), "base");
    const char *currency = filter->currency != NULL ? filter->currency : base;
    snprintf(collector->base, sizeof collector->base, "%.3s", currency);
    collector->digits = currency_digits(collector->base);
    if (collector->digits < 0)
        return err_set(err, STATUS_INPUT, "%.16s is no currency of ISO 4217", currency);
    enum status status = STATUS_OK;
    if (filter->has_low)
        status = money_parse(filter->low_text, strlen(filter->low_text), collector->digits, &collector->low_minor, err);
    if (status == STATUS_OK && filter->has_high)
        status =
            money_parse(filter->high_text, strlen(filter->high_text), collector->digits, &collector->high_minor, err);
    if (status != STATUS_OK)
        err_prefix(err, "the amounts to choose by, in %s: ", collector->base);
    return status;
}

/* What lowers the customer's debt is above zero; what raises it again, or undoes, is below (SAMPLING.md section 3). */
static bool takes_back(const json_t *document)
{
    const char *kind = member_or_empty(document, "kind");
    return strcmp(member_or_empty(document, "direction"), "up") == 0 || strcmp(kind, "reversal") == 0 ||
           strcmp(kind, "recovery") == 0 || strcmp(member_or_empty(document, "charge"), "credit-balance") == 0;
}

static enum status read_version(const struct sample_collector *collector, const json_t *document, const json_t *result,
                                struct version *ret_version, struct err *err)
{
    const struct sample_filter *filter = collector->filter;
    const char *amount =
        member_text(filter->currency != NULL ? document : result, filter->currency != NULL ? "amount" : "base");
    const char *date = member_text(document, "date");
    int32_t day = -1;
    struct version version = {.fits = fits(&filter->reasons, member_text(document, "reason")) &&
                                      fits(&filter->customers, member_text(document, "customer"))};
    enum status status = STATUS_OK;
    if (filter->currency != NULL && strcmp(member_or_empty(document, "currency"), filter->currency) != 0)
        version.fits = false;
    else if (amount != NULL)
        status = money_parse(amount, strlen(amount), collector->digits, &version.minor, err);
    if (status == STATUS_OK && filter->has_dated && date != NULL)
        status = date_parse(date, strlen(date), &day, err);
    if (status != STATUS_OK)
        return status;
    version.has_amount = amount != NULL && version.fits;
    if (version.has_amount && takes_back(document) && !filter->absolute)
        version.minor = -version.minor;
    if (filter->has_dated && (day < filter->dated_from || day > filter->dated_to))
        version.fits = false;
    if (filter->has_low && (!version.has_amount || version.minor < collector->low_minor))
        version.fits = false;
    if (filter->has_high && (!version.has_amount || version.minor > collector->high_minor))
        version.fits = false;
    *ret_version = version;
    return STATUS_OK;
}

static bool answered(const struct sample_filter *filter, const json_t *answers)
{
    for (size_t i = 0; i < json_array_size(answers); i++)
        if (fits(&filter->controls, member_text(json_array_get(answers, i), "control")))
            return true;
    return false;
}

/* Whether one of the filter's controls answered in this decision. */
static bool flags(const struct sample_filter *filter, const json_t *decision, const json_t *result)
{
    return filter->controls.count == 0 || answered(filter, json_object_get(result, "controls")) ||
           answered(filter, json_object_get(decision, "controls"));
}

static bool is_entered(const struct sample_filter *filter, int64_t time_ms)
{
    int32_t day = date_from_instant(time_ms, 0);
    return !filter->has_entered || (day >= filter->entered_from && day <= filter->entered_to);
}

/* A constant for a state or outcome that a filter can name. */
static const char *state_named(const char *word)
{
    static const char *const states[] = {"waiting",  "posted",   "in-force", "returned", "withdrawn",
                                         "rejected", "approved", "refused",  "repeat"};
    for (size_t i = 0; word != NULL && i < sizeof states / sizeof states[0]; i++)
        if (strcmp(states[i], word) == 0)
            return states[i];
    return "other";
}

/* Where a member of a statement stands in the journal, and what became of it. */
struct place {
    const struct entry *entry;
    const json_t *result;
    uint32_t index;
};

static const json_t *decision_of(const struct place *place)
{
    return place->entry->decision;
}

static enum status add_decision(struct sample_collector *collector, const struct place *place,
                                const struct sample_item *about, const struct version *version, struct err *err)
{
    const struct sample_filter *filter = collector->filter;
    const char *outcome = state_named(member_text(place->result, "outcome"));
    if (!filter->decisions || !version->fits || !fits(&filter->states, outcome) ||
        !is_entered(filter, place->entry->time_ms) || !flags(filter, decision_of(place), place->result))
        return STATUS_OK;
    enum status status =
        grow((void **)&collector->items, collector->item_count, &collector->item_room, sizeof *collector->items, err);
    if (status != STATUS_OK)
        return status;
    struct sample_item *item = &collector->items[collector->item_count++];
    *item = *about;
    item->seq = place->entry->seq;
    item->index = place->index;
    item->minor = version->minor;
    item->has_amount = version->has_amount;
    return STATUS_OK;
}

static struct document *document_find(struct sample_collector *collector, enum kind_id kind, uint64_t number)
{
    const struct series *series = &collector->series[kind];
    uint32_t place = number <= series->count ? series->places[number - 1] : NONE;
    return place == NONE ? NULL : &collector->documents[place - 1];
}

static bool is_of_interest(const struct sample_filter *filter, const json_t *document)
{
    return fits(&filter->kinds, member_text(document, "kind")) &&
           fits(&filter->entities, member_text(document, "entity"));
}

/* A new request number: the next of its kind, or the book does not fit itself. */
static enum status admit(struct sample_collector *collector, const struct place *place, const json_t *content,
                         struct document **ret_document, struct err *err)
{
    const char *text = member_text(place->result, "document");
    struct sample_item item = {.seq = place->entry->seq, .index = place->index};
    if (!sample_number_parse(text, &item.kind, &item.number) || item.number != collector->series[item.kind].count + 1)
        return corrupt(place->entry->seq, text, "is not the next number of its kind", err);
    struct series *series = &collector->series[item.kind];
    enum status status = grow((void **)&series->places, series->count, &series->room, sizeof *series->places, err);
    if (status == STATUS_OK)
        status = grow((void **)&collector->documents, collector->document_count, &collector->document_room,
                      sizeof *collector->documents, err);
    if (status != STATUS_OK)
        return status;
    series->places[series->count++] = NONE;
    *ret_document = NULL;
    if (!is_of_interest(collector->filter, content))
        return STATUS_OK;
    struct document *document = &collector->documents[collector->document_count++];
    series->places[series->count - 1] = (uint32_t)collector->document_count;
    *document = (struct document){
        .item = item, .state = "other", .entered = is_entered(collector->filter, place->entry->time_ms)};
    *ret_document = document;
    return STATUS_OK;
}

/* The state that a decision leaves, and until when it waits. Refused acts change nothing. */
static enum status move_on(struct document *document, const struct place *place, struct err *err)
{
    const char *outcome = member_text(place->result, "outcome"), *until = member_text(place->result, "until");
    if (outcome == NULL || strcmp(outcome, "refused") == 0 || strcmp(outcome, "repeat") == 0)
        return STATUS_OK;
    document->state = strcmp(outcome, "approved") == 0 ? "waiting" : state_named(outcome);
    return until == NULL ? STATUS_OK : instant_parse(until, strlen(until), &document->until_ms, err);
}

/* A member of submit or amend. */
static enum status take_version(struct sample_collector *collector, const struct place *place, struct err *err)
{
    const struct statement *statement = &place->entry->statement;
    const json_t *content = statement_document(statement, place->index);
    const char *outcome = member_or_empty(place->result, "outcome");
    bool admitted = strcmp(outcome, "refused") != 0 && strcmp(outcome, "repeat") != 0;
    struct document *document = NULL;
    struct sample_item about = {.kind = KIND_UNKNOWN};
    struct version version = {.fits = false};
    const char *number = member_text(place->result, "document");
    enum status status = STATUS_OK;
    if (number == NULL)
        number = member_text(json_array_get(statement_list(statement), place->index), "document");
    if (statement->verb == VERB_SUBMIT && admitted)
        status = admit(collector, place, content, &document, err);
    else if (sample_number_parse(number, &about.kind, &about.number))
        document = document_find(collector, about.kind, about.number);
    if (status != STATUS_OK || !is_of_interest(collector->filter, content))
        return status;
    status = read_version(collector, content, place->result, &version, err);
    if (status != STATUS_OK)
        return status;
    if (document != NULL) {
        about = document->item;
        document->flagged = document->flagged || flags(collector->filter, decision_of(place), place->result);
        if (admitted) {
            document->version = version;
            status = move_on(document, place, err);
        }
    }
    return status == STATUS_OK ? add_decision(collector, place, &about, &version, err) : status;
}

/* A member of approve, withdraw, reject or return: about a document that is there, or refused. */
static enum status take_act(struct sample_collector *collector, const struct place *place, struct err *err)
{
    const char *text = member_text(place->result, "document");
    enum kind_id kind = KIND_UNKNOWN;
    uint64_t number = 0;
    bool parsed = sample_number_parse(text, &kind, &number);
    if (!parsed || number > collector->series[kind].count)
        return strcmp(member_or_empty(place->result, "outcome"), "refused") == 0
                   ? STATUS_OK /* of a document that there is not: nothing of the population */
                   : corrupt(place->entry->seq, text, "was never submitted", err);
    struct document *document = document_find(collector, kind, number);
    if (document == NULL)
        return STATUS_OK;
    document->flagged = document->flagged || flags(collector->filter, decision_of(place), place->result);
    enum status status = move_on(document, place, err);
    return status == STATUS_OK ? add_decision(collector, place, &document->item, &document->version, err) : status;
}

static enum status take_member(struct sample_collector *collector, const struct place *place, struct err *err)
{
    switch (place->entry->statement.verb) {
    case VERB_SUBMIT:
    case VERB_AMEND:
        return take_version(collector, place, err);
    case VERB_APPROVE:
    case VERB_WITHDRAW:
    case VERB_REJECT:
    case VERB_RETURN:
        return take_act(collector, place, err);
    case VERB_CHARTER:
    case VERB_FEED:
    case VERB_RECOVER:
    case VERB_CLOCK:
    case VERB_RESTORE:
    case VERB_COUNT:
        break;
    }
    return STATUS_OK;
}

/* A statement that was refused as a whole: each of its members was, by what was answered to all. */
static enum status take_refused(struct sample_collector *collector, const struct entry *entry, struct err *err)
{
    const json_t *list = statement_list(&entry->statement);
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(list); i++) {
        const char *number = member_text(json_array_get(list, i), "document");
        json_t *result = json_pack("{s:s}", "outcome", "refused");
        if (result == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for a decision");
        if (number != NULL)
            json_object_set_new(result, "document", json_string(number));
        const struct place place = {.entry = entry, .result = result, .index = (uint32_t)i};
        status = take_member(collector, &place, err);
        json_decref(result);
    }
    return status;
}

enum status sample_collector_take(struct sample_collector *collector, const struct entry *entry, struct err *err)
{
    const json_t *results = json_object_get(entry->decision, "results");
    const json_t *list = statement_list(&entry->statement);
    enum status status = STATUS_OK;
    if (entry->statement.verb == VERB_CHARTER)
        return take_charter(collector, entry, err);
    if (collector->digits < 0)
        return err_set(err, STATUS_CORRUPT, "the book does not begin with its charter: run countersign audit verify");
    if (strcmp(member_or_empty(entry->decision, "outcome"), "refused") == 0)
        return take_refused(collector, entry, err);
    if (list != NULL && json_array_size(results) != json_array_size(list))
        return corrupt(entry->seq, "the statement", "has not one result for each member", err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(list); i++) {
        const struct place place = {.entry = entry, .result = json_array_get(results, i), .index = (uint32_t)i};
        status = take_member(collector, &place, err);
    }
    return status;
}

static bool document_fits(const struct sample_filter *filter, const struct document *document, int64_t time_ms)
{
    bool lapsed = strcmp(document->state, "waiting") == 0 && document->until_ms < time_ms;
    char number[SAMPLE_ID_BYTES];
    sample_item_document(&document->item, number);
    return document->entered && document->version.fits && document->flagged &&
           fits(&filter->states, lapsed ? "lapsed" : document->state) && fits(&filter->documents, number);
}

static enum status keep_documents(struct sample_collector *collector, int64_t time_ms,
                                  struct sample_population *population, struct err *err)
{
    population->items = calloc(collector->document_count + 1, sizeof *population->items);
    if (population->items == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a population");
    for (size_t i = 0; i < collector->document_count; i++) {
        const struct document *document = &collector->documents[i];
        if (!document_fits(collector->filter, document, time_ms))
            continue;
        struct sample_item *item = &population->items[population->count++];
        *item = document->item;
        item->minor = document->version.minor;
        item->has_amount = document->version.has_amount;
    }
    return STATUS_OK;
}

static void keep_decisions(struct sample_collector *collector, struct sample_population *population)
{
    const struct sample_filter *filter = collector->filter;
    population->items = collector->items;
    collector->items = NULL;
    for (size_t i = 0; i < collector->item_count; i++) {
        char number[SAMPLE_ID_BYTES];
        sample_item_document(&population->items[i], number);
        if (fits(&filter->documents, number))
            population->items[population->count++] = population->items[i];
    }
}

/* A document that was asked for by name has to be there: a slip must not make a smaller population. */
static enum status all_named(const struct sample_filter *filter, const struct sample_population *population,
                             struct err *err)
{
    for (size_t i = 0; i < filter->documents.count; i++) {
        bool found = false;
        for (size_t j = 0; j < population->count && !found; j++) {
            char number[SAMPLE_ID_BYTES];
            sample_item_document(&population->items[j], number);
            found = strcmp(number, filter->documents.words[i]) == 0;
        }
        if (!found)
            return err_set(
                err, STATUS_NOT_FOUND,
                "%.64s is not in the population: it is later than its end, or the other conditions leave it out",
                filter->documents.words[i]);
    }
    return STATUS_OK;
}

enum status sample_collector_end(struct sample_collector *collector, int64_t time_ms,
                                 struct sample_population *ret_population, struct err *err)
{
    struct sample_population population = {.decisions = collector->filter->decisions, .digits = collector->digits};
    enum status status = STATUS_OK;
    snprintf(population.currency, sizeof population.currency, "%s", collector->base);
    if (collector->filter->decisions)
        keep_decisions(collector, &population);
    else
        status = keep_documents(collector, time_ms, &population, err);
    if (status == STATUS_OK)
        status = all_named(collector->filter, &population, err);
    if (status == STATUS_OK)
        status = sample_population_seal(&population, err);
    if (status == STATUS_OK)
        *ret_population = population;
    else
        sample_population_done(&population);
    return status;
}

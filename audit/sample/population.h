/*
 * The population of a sample: the documents, or the decisions, of the entries before a place in the journal that a filter
 * leaves (SAMPLING.md section 3). Taken from the journal's entries one by one; kept are an id and an amount of each item.
 * What the stored decisions say is believed: that they are right is the question of a re-performance.
 */
#ifndef AUDIT_SAMPLE_POPULATION_H
#define AUDIT_SAMPLE_POPULATION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "controls/functions.h"
#include "ledger/hash.h"
#include "ledger/status.h"

struct entry;
struct sample_collector;

enum { SAMPLE_ID_BYTES = 48, SAMPLE_CURRENCY_BYTES = 4 };

/* A list of words, one of which has to fit; count 0: any. */
struct sample_words {
    const char *const *words;
    size_t count;
};

/* Borrowed texts. Days are of the UTC calendar, both included. */
struct sample_filter {
    bool decisions; /* items are decisions on documents; else the documents themselves */
    struct sample_words kinds, entities, reasons, customers;
    struct sample_words states;   /* of documents before the place: posted, waiting, ...; of decisions: their outcome */
    struct sample_words controls; /* that answered: in any decision about the document; in the decision */
    struct sample_words documents; /* request numbers, each of which has to be there */
    const char *currency; /* of the documents, and then of the amounts; NULL: any, and amounts are in base currency */
    bool absolute;        /* what takes back counts as what it takes back: amounts without sign */
    bool has_entered, has_dated, has_low, has_high;
    int32_t entered_from, entered_to; /* day of the entry that let the document in, or of the decision */
    int32_t dated_from, dated_to;     /* the document's date */
    const char *low_text, *high_text; /* amounts as given, for when the currency is known */
};

struct sample_item {
    uint64_t seq;    /* of the decision, or of the entry that let the document in */
    uint64_t number; /* of the document among its kind; 0: it has none */
    int64_t minor;   /* below zero: it takes back */
    uint32_t index;
    enum kind_id kind; /* KIND_UNKNOWN where the number is 0 */
    bool has_amount;
};

struct sample_sum {
    uint64_t count;
    int64_t minor;
};

struct sample_population {
    bool decisions;
    struct sample_item *items; /* by seq, then index */
    size_t count;
    char currency[SAMPLE_CURRENCY_BYTES];
    int digits;
    struct sample_sum positive, negative, zero, bare; /* bare: without an amount */
    struct hash hash;                                 /* SAMPLING.md section 3 */
};

/* out *ret_collector: gives, sample_collector_free. filter: kept. errors MEMORY. */
MUST_USE enum status sample_collector_new(const struct sample_filter *filter, struct sample_collector **ret_collector,
                                          struct err *err);
void sample_collector_free(struct sample_collector *collector);

/* Takes an entry, in order from 0 on. errors CORRUPT (decision and numbers do not fit each other), INPUT (an amount of the
 * filter), LIMIT, MEMORY. */
MUST_USE enum status sample_collector_take(struct sample_collector *collector, const struct entry *entry,
                                           struct err *err);

/*
 * The population before an entry of that time.
 *
 * out     fills *ret_population; sample_population_done releases it.
 * errors  NOT_FOUND (a document of the filter is not there), LIMIT (the sum is beyond what amounts can be), MEMORY.
 */
MUST_USE enum status sample_collector_end(struct sample_collector *collector, int64_t time_ms,
                                          struct sample_population *ret_population, struct err *err);
void sample_population_done(struct sample_population *population);

/* Sums and hash over items, which are in order; for sample_collector_end and tests. errors LIMIT. */
MUST_USE enum status sample_population_seal(struct sample_population *population, struct err *err);

/* "CN-2" of a document, "8.0" of a decision. */
void sample_item_id(const struct sample_population *population, const struct sample_item *item,
                    char ret_id[static SAMPLE_ID_BYTES]);
/* The request number; "" where it has none. */
void sample_item_document(const struct sample_item *item, char ret_number[static SAMPLE_ID_BYTES]);

/* "CN-12": its kind and 12. Answers false, nothing filled, for what is no request number; text may be NULL. */
bool sample_number_parse(const char *text, enum kind_id *ret_kind, uint64_t *ret_number);

/* The filter as the header of a selection has it; gives, NULL without memory. */
json_t *sample_filter_json(const struct sample_filter *filter);

#endif

/*
 * Journaled exchange rates as facts: which rate is in force for a date, and amounts converted by it (C-10, FORMAT.md 6.6).
 * A rate counts from its date on until a later one, for rate_days_max days at most; nothing is ever inverted or crossed.
 */
#ifndef CONTROLS_FACTS_RATES_H
#define CONTROLS_FACTS_RATES_H

#include <jansson.h>
#include <stdint.h>

#include "ledger/limits.h"
#include "ledger/money.h"
#include "ledger/status.h"

struct facts;

enum rate_verdict {
    RATE_SAME,  /* both currencies are one: nothing to convert */
    RATE_FOUND, /* in force */
    RATE_NONE,  /* the book has none on or before the date */
    RATE_OLD    /* the latest is older than rate_days_max: its date, text and document stand here, to be told */
};

struct facts_rate {
    enum rate_verdict verdict;
    char base[4], currency[4]; /* base units for one unit of currency */
    int32_t wanted;            /* the date that it was asked for, days since 1970 */
    int32_t date;              /* the rate's own */
    int64_t days_max;
    int64_t trillionths;
    char text[MONEY_TEXT_MAX];
    char document[ID_BYTES_MAX + 1]; /* the request number of the document that brought it */
};

/*
 * The latest rate of a currency in a base on or before a date.
 *
 * in      entity: whose rate_days_max counts; NULL: the policy's.
 * out     *ret_rate: fills; "there is none" is a verdict.
 * errors  CORRUPT, IO, MEMORY.
 * cost    one look-up.
 */
MUST_USE enum status facts_rate(const struct facts *facts, const char *entity, const char *const pair[2], int32_t date,
                                struct facts_rate *ret_rate, struct err *err);

/* Converts minor units of rate->currency into those of rate->base. The verdict is SAME or FOUND. errors LIMIT. */
MUST_USE enum status rate_convert(const struct facts_rate *rate, int64_t minor, int64_t *ret_minor, struct err *err);

/* {base, date, document, rate} of FORMAT.md; gives, NULL without memory. */
json_t *rate_to_json(const struct facts_rate *rate);

/* The rate by which an invoice was booked: that of its date; and the one at which it stands in the books on a date. */
struct invoice_rates {
    struct facts_rate booked, carried;
};

/*
 * The rates of an invoice in the functional currency: booked at the invoice's date; carried at the end of the last month
 * before the date, or as booked when the invoice is younger than that (DOMAIN 1.8).
 *
 * in      invoice: its record, borrowed; date: of the document that touches it.
 */
MUST_USE enum status facts_invoice_rates(const struct facts *facts, const char *entity, const char *functional,
                                         const json_t *invoice, int32_t date, struct invoice_rates *ret_rates,
                                         struct err *err);

/*
 * What went to rounding in an entity so far in the calendar month of a date: absolute, in minor units of its functional
 * currency.
 */
MUST_USE enum status facts_rounding(const struct facts *facts, const char *entity, int32_t date, int64_t *ret_minor,
                                    struct err *err);

#endif

/*
 * Facts about credit: limits, what a customer owes, orders that are held, releases. Time is facts->time_ms: a temporary
 * limit counts from the first moment of its `from` to the last of its `to` by the entity's calendar, a release until it
 * expires.
 */
#ifndef CONTROLS_FACTS_LIMITS_H
#define CONTROLS_FACTS_LIMITS_H

#include "controls/facts.h"
#include "ledger/currency.h"

/* What a customer stands for, in the currency of the limit; other currencies are not in it. */
struct exposure {
    char currency[CURRENCY_CODE_BYTES];
    int64_t limit_minor;     /* the permanent limit */
    int64_t temporary_minor; /* the highest temporary limit that counts now; -1: none */
    char temporary[ID_BYTES_MAX + 1];
    int64_t open_minor;     /* what invoices have open */
    int64_t account_minor;  /* what stands on the account; below zero: in the customer's favour */
    int64_t held_minor;     /* orders that are held */
    int64_t released_minor; /* of those, the orders with a release that counts now */
};

/* errors LIMIT (a sum leaves 64 bits), NOT_FOUND (no such customer), of the facts. cost O(held orders and temporary limits). */
MUST_USE enum status facts_exposure(const struct facts *facts, const char *entity, const char *customer,
                                    struct exposure *ret_exposure, struct err *err);

/* The limit that counts now, permanent or temporary. */
int64_t exposure_limit(const struct exposure *exposure);
/* Invoices, account and held orders together. errors LIMIT. */
MUST_USE enum status exposure_total(const struct exposure *exposure, int64_t *ret_minor, struct err *err);

/* NULL when no feed brought it; gives. */
MUST_USE enum status facts_order(const struct facts *facts, const char *entity, const char *order, json_t **ret_record,
                                 struct err *err);

/* The release of an order, other than not_number (may be NULL), that stands in the way of another: one that waits, is in
 * force and has not expired, or was consumed. NULL when there is none; gives the document's record. */
MUST_USE enum status facts_release(const struct facts *facts, const char *entity, const char *order,
                                   const char *not_number, json_t **ret_record, struct err *err);

/* Whether the record is of a release in force that has not expired. errors CORRUPT. */
MUST_USE enum status facts_release_counts(const struct facts *facts, const json_t *record, bool *ret_counts,
                                          struct err *err);

/* A customer's temporary limits that wait or came into force, by number. step: key and {number}, as for books_each. */
MUST_USE enum status facts_temporary_each(const struct facts *facts, const char *entity, const char *customer,
                                          books_step *step, void *context, struct err *err);

/* A part of an amount in base currency: base * part / whole, rounded up. whole above zero. errors LIMIT. */
MUST_USE enum status base_share(int64_t base_minor, int64_t part_minor, int64_t whole_minor, int64_t *ret_minor,
                                struct err *err);

/*
 * Adds up what temporary limits (what they are above the permanent limit) and hold releases of a group granted, in base
 * currency: those submitted in the window before the query's place, its kinds and group, the document itself left out.
 *
 * errors  LIMIT, CORRUPT.
 */
MUST_USE enum status facts_limits_granted(const struct facts *facts, const struct window_query *query,
                                          struct window_sum *ret_sum, struct err *err);

#endif

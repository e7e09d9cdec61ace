/*
 * Ledger lines in an entity's functional currency (FORMAT.md 6.5, DOMAIN 1.8): net and tax at the rate by which the invoice
 * was booked, receivables at what they are carried at, the difference to the account for exchange differences, and what
 * conversion leaves over to the account for rounding.
 */
#ifndef CONTROLS_KINDS_FUNCTIONAL_H
#define CONTROLS_KINDS_FUNCTIONAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "controls/facts.h"
#include "controls/facts_rates.h"
#include "ledger/status.h"

/* What the lines of one document come to in functional currency, while they are made. */
struct functional {
    bool wanted;          /* the entity keeps its books in another currency than the document's */
    const char *currency; /* the entity's */
    int digits;
    int64_t fx_minor;       /* booked less carried, over all allocations */
    int64_t rounding_minor; /* parts converted one by one less the allocation converted whole */
};

/* Whether and how a document's lines need it. Lends from the policy. */
struct functional functional_begin(const json_t *document, const struct facts *facts);

/* Converts by a rate that has to be in force. errors NOT_FOUND (C-10 denies that), LIMIT. */
MUST_USE enum status functional_convert(const struct facts_rate *rate, int64_t minor, int64_t *ret_minor,
                                        struct err *err);

/* The rate of the document's own date: of what touches no invoice. */
MUST_USE enum status functional_rate(const json_t *document, const struct facts *facts, struct facts_rate *ret_rate,
                                     struct err *err);

/*
 * Adds the lines of the differences: amount zero in the document's currency, an amount in functional currency.
 *
 * in      debit: the side on which a difference above zero stands.
 */
MUST_USE enum status functional_differences(const struct functional *functional, const json_t *document,
                                            const struct facts *facts, bool debit, json_t *lines, struct err *err);

/*
 * Lines that a kind made without functional amounts get them: those of an invoice as it is carried, the others at the rate
 * of the document's date, and the difference to the account for exchange differences. Lines that have them stay.
 *
 * errors  NOT_FOUND (no rate: C-10 denies that), LIMIT.
 */
MUST_USE enum status functional_complete(const json_t *document, const struct facts *facts, json_t *lines,
                                         struct err *err);

#endif

/*
 * How an amount on an invoice divides into the net and the tax of each of its tax codes (FORMAT.md section 6): the shares of
 * an invoice. What postings took of them stands in the invoice's record as `credited`, so that each credit is split over
 * what the ones before left, and the last one takes exactly the rest.
 */
#ifndef LEDGER_TAX_SHARES_H
#define LEDGER_TAX_SHARES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/status.h"

enum {
    TAX_CODES_MAX = 64, /* of one invoice, FORMAT.md 5.4; also of all invoices of one document */
    TAX_SHARES_MAX = 2 * TAX_CODES_MAX
};

struct tax_shares {
    size_t count;                  /* two for each tax code of the invoice, in its order */
    int64_t minor[TAX_SHARES_MAX]; /* net, tax, net, tax, ... */
    int64_t loose_minor;           /* what belongs to no code: of an invoice of nothing but zeros */
};

/*
 * What is left of each share: what was billed, in absolute value, less `credited`; below zero when more was taken.
 *
 * in      invoice: its record in the books; borrowed.
 * errors  CORRUPT (an amount), LIMIT (more than TAX_CODES_MAX codes, sums), INPUT.
 */
MUST_USE enum status tax_shares_left(const json_t *invoice, struct tax_shares *ret_left, struct err *err);

/* An amount taken from an invoice, or put on top of it. */
struct tax_taking {
    int64_t amount_minor;
    const char *line;    /* an invoice line it is about; NULL: none */
    const json_t *taxes; /* how the document itself states the split, {code, net, tax}; NULL: in proportion */
    bool up;
};

/*
 * Divides an amount and notes the parts in invoice's `credited` (with up: takes them away again), in this record only.
 *
 * A stated split is taken as it stands, codes that the invoice has not left aside. Up is split by what was billed. Else a
 * line of the invoice that is named goes to its own tax code by its own net and tax, within what is left of them; the
 * rest by what is left of all shares; each in proportion, largest remainder first, ties to the earlier.
 *
 * out     *ret_parts: not negative.
 * errors  as tax_shares_left, MEMORY.
 */
MUST_USE enum status tax_shares_take(json_t *invoice, const struct tax_taking *taking, struct tax_shares *ret_parts,
                                     struct err *err);

/* Adds parts, times sign, to a list of integers that stands in record as name. errors LIMIT, MEMORY. */
MUST_USE enum status tax_shares_note(json_t *record, const char *name, const struct tax_shares *parts, int sign,
                                     struct err *err);
/* The list as shares; none is all zeros. */
void tax_shares_read(const json_t *list, struct tax_shares *ret_shares);

#endif

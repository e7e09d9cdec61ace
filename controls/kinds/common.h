/*
 * What kinds share: the members common to all documents, those of money documents, their amounts and ledger lines.
 */
#ifndef CONTROLS_KINDS_COMMON_H
#define CONTROLS_KINDS_COMMON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "controls/kind.h"

extern const struct schema document_schema; /* FORMAT.md 5.2, all documents */
extern const struct schema money_schema;    /* the same and the members of money documents */
extern const struct schema allocation_schema;
extern const struct schema stated_tax_schema; /* {code, net, tax}, amounts in the document's currency */

/* Form of a list of stated taxes: no code twice, nothing below zero, nothing for nothing. out *ret_sum: net and tax. */
MUST_USE enum status taxes_check(const json_t *taxes, const char *currency, int64_t *ret_sum, struct err *err);

/* Form of a money document: every amount in its currency's digits, no invoice line twice, amounts above zero. */
MUST_USE enum status money_check(const json_t *document, struct err *err);
/* Reads its amounts and places. */
MUST_USE enum status money_measure(const json_t *document, const struct facts *facts, struct measure *ret_measure,
                                   struct err *err);
/* A member that holds an amount of the document's currency. errors INPUT names the member. */
MUST_USE enum status money_member(const json_t *document, const char *name, int64_t *ret_minor, struct err *err);

struct money_lines_options {
    bool debit; /* the reason's side is dr: the invoices are reduced */
    bool split_tax;
    bool account;     /* the whole amount moves the customer's account, no invoice */
    bool reason_last; /* receivables stand first */
};

/*
 * The ledger lines of a document that moves invoices: its amount to the reason's account (and, with tax, split over each
 * invoice's tax codes in proportion to what earlier credits left of it,
 * largest remainder first, or as the document states it), against receivables, one line an allocation; an on-account
 * part against the customer's account.
 *
 * out     *ret_lines: gives.
 */
MUST_USE enum status money_lines(const json_t *document, const struct facts *facts,
                                 const struct money_lines_options *options, json_t **ret_lines, struct err *err);

/* The lines of a transfer: the side that gives, then the one that receives; each names its customer. Gives. */
MUST_USE enum status money_lines_transfer(const json_t *document, const struct facts *facts, json_t **ret_lines,
                                          struct err *err);

/* Appends to lines the payment of a document's invoices out of the customer's account: Dr the account, Cr receivables. */
MUST_USE enum status money_lines_payment(const json_t *document, const struct facts *facts, json_t *lines,
                                         struct err *err);

#endif

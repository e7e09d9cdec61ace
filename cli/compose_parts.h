/*
 * The parts of composing a document, for its own rooms only.
 */
#ifndef CLI_COMPOSE_PARTS_H
#define CLI_COMPOSE_PARTS_H

#include "cli/compose.h"
#include "controls/functions.h"

/* The text of a field, NULL where it was not given. */
const char *compose_given(const struct compose *compose, enum compose_field field);

/* Notes the field and returns INPUT with the text. */
MUST_USE enum status compose_wrong(struct compose *compose, enum compose_field field, struct err *err,
                                   const char *format, ...) PRINTF_LIKE(4, 5);

/* Sets a member. errors INPUT (a text that JSON cannot hold). */
MUST_USE enum status compose_set_text(json_t *document, const char *name, const char *text, struct err *err);

/* Ids are checked before the books are asked with them. errors INPUT. */
MUST_USE enum status compose_check_id(struct compose *compose, enum compose_field field, const char *text,
                                      struct err *err);

/* Sets a member to what was given, else leaves it, else to otherwise (NULL: leaves it out). */
MUST_USE enum status compose_set_plain(struct compose *compose, json_t *document, enum compose_field field,
                                       const char *otherwise, struct err *err);
/* The effective date: given, as it was, or the entity's today. */
MUST_USE enum status compose_set_date(struct compose *compose, json_t *document, struct err *err);
MUST_USE enum status compose_set_customer(struct compose *compose, json_t *document, struct err *err);
/* The customer's currency, and with limit what a limit replaces. */
MUST_USE enum status compose_take_customer(struct compose *compose, json_t *document, bool limit, struct err *err);
/* Limit and previous. */
MUST_USE enum status compose_fill_limit(struct compose *compose, json_t *document, struct err *err);

/* compose_limits.c, compose_work.c: what these kinds have of their own; errors as compose_document. */
MUST_USE enum status compose_fill_permanent(struct compose *compose, json_t *document, struct err *err);
MUST_USE enum status compose_fill_temporary(struct compose *compose, json_t *document, struct err *err);
MUST_USE enum status compose_fill_release(struct compose *compose, json_t *document, struct err *err);
MUST_USE enum status compose_fill_case(struct compose *compose, json_t *document, enum kind_id kind, struct err *err);
MUST_USE enum status compose_fill_note(struct compose *compose, json_t *document, struct err *err);

/* compose_amounts.c: errors as compose_document. */

/* Sets a member to an amount in the document's currency. */
MUST_USE enum status compose_set_amount(struct compose *compose, json_t *document, enum compose_field field,
                                        const char *text, struct err *err);
/* The list of allocations, amounts that were not given as "" for now; customer and currency follow from the invoices. */
MUST_USE enum status compose_set_allocations(struct compose *compose, json_t *document, struct err *err);
/* Amount, on_account and allocations made to agree. */
MUST_USE enum status compose_settle_amounts(struct compose *compose, json_t *document, struct err *err);

/* compose_money.c: errors as compose_document. */

/* The split that is stated, where one is. */
MUST_USE enum status compose_set_taxes(struct compose *compose, json_t *document, struct err *err);
/* A list of taxes from a field that was given: CODE=NET+TAX, blank-separated. *ret_list: gives. */
MUST_USE enum status compose_taxes(struct compose *compose, enum compose_field field, const char *currency,
                                   json_t **ret_list, struct err *err);
/* Before the amounts: the write-off, its customer and currency. */
MUST_USE enum status compose_fill_recovery(struct compose *compose, json_t *document, struct err *err);
/* After the amounts: the intended invoice. */
MUST_USE enum status compose_fill_rebill(struct compose *compose, json_t *document, struct err *err);
/* In place of the amounts: a credit balance. */
bool compose_gives_balance(const json_t *document);
MUST_USE enum status compose_fill_balance(struct compose *compose, json_t *document, struct err *err);

#endif

/*
 * Facts about cases: disputes, inquiries, exceptions. As in facts.h, "not there" is an answer.
 */
#ifndef CONTROLS_FACTS_WORK_H
#define CONTROLS_FACTS_WORK_H

#include "controls/facts.h"

/* A case by its request number, as fold_work.c keeps it; *ret_case is NULL when there is none; gives. */
MUST_USE enum status facts_case(const struct facts *facts, const char *number, json_t **ret_case, struct err *err);

/*
 * The first dispute of an invoice that nobody has resolved, closed or voided; "" when there is none.
 *
 * errors  CORRUPT, IO.
 * cost    O(disputes of the invoice).
 */
MUST_USE enum status facts_dispute_open(const struct facts *facts, const char *entity, const char *invoice,
                                        char ret_number[static ID_BYTES_MAX + 1], struct err *err);

/* How many disputes the invoice has ever had, void ones too; not_number (may be NULL) is left out. */
MUST_USE enum status facts_disputes_count(const struct facts *facts, const char *entity, const char *invoice,
                                          const char *not_number, int64_t *ret_count, struct err *err);

/* Whether a case in this state still waits for an outcome. */
bool case_is_open(const json_t *one);

#endif

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

/* How many disputes the invoice has ever had, void ones too. One that is still to be approved is none yet. */
MUST_USE enum status facts_disputes_count(const struct facts *facts, const char *entity, const char *invoice,
                                          int64_t *ret_count, struct err *err);

/* What a dispute is of, and what came of it so far, in one currency. */
struct dispute_credit {
    bool known;             /* what it is of: its amount, else its line's or invoice's gross; false: neither is there */
    char currency[4];       /* of the amounts */
    int64_t whole_minor;    /* what it is of */
    int64_t credited_minor; /* what posted credit notes and corrections down that name it take of it */
    bool nothing_left;      /* it names no amount, and its invoice has nothing open any more */
};
/* errors  LIMIT (a sum leaves 64 bits).  cost O(documents that name the dispute). */
MUST_USE enum status facts_dispute_credit(const struct facts *facts, const char *number,
                                          struct dispute_credit *ret_credit, struct err *err);

/* Whether a document names this dispute as the one that it settles. */
bool document_settles(const json_t *document, const char *number);

/* Whether a case in this state still waits for an outcome. */
bool case_is_open(const json_t *one);

#endif

/*
 * What a rebill changes besides the price: whom it bills, under which tax, and from when the debt ages.
 */
#ifndef CONTROLS_RULES_REBILL_H
#define CONTROLS_RULES_REBILL_H

#include "controls/control.h"
#include "ledger/status.h"

/* C-02: one level more for another customer, else for other tax codes than those of the invoices that are credited. */
MUST_USE enum status rebill_level_judge(const struct request *request, const struct facts *facts,
                                        struct answers *answers, struct err *err);

/* C-40: another date or due date than that of an invoice that is credited is flagged. */
MUST_USE enum status rebill_age_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                      struct err *err);

#endif

/*
 * Cases as they are shown: state, clock, disputed amount.
 */
#ifndef CLI_CASES_H
#define CLI_CASES_H

#include <jansson.h>

#include "cli/block.h"
#include "controls/facts.h"
#include "ledger/status.h"

/* Calls step for the record in BOOKS_CASES of each case: with all false only of those that are neither closed nor void. */
typedef enum status cases_step(void *context, const json_t *one, struct err *err);
MUST_USE enum status cases_each(const struct facts *facts, const char *entity, bool all, cases_step *step,
                                void *context, struct err *err);

/* What a dispute is about: its amount, else what its invoice has open. false: neither is known. errors of the facts. */
MUST_USE enum status case_amount(const struct facts *facts, const json_t *one, bool *ret_has, int64_t *ret_minor,
                                 char ret_currency[static 4], struct err *err);

/*
 * What is disputed of each invoice of an entity now, never more than it has open: an object, invoice -> minor units.
 *
 * out     *ret_disputed: gives.
 * cost    O(open cases of the entity).
 */
MUST_USE enum status cases_disputed(const struct facts *facts, const char *entity, json_t **ret_disputed,
                                    struct err *err);
/* Of one customer in a currency: of such an object, the sum. errors LIMIT, of the facts. */
MUST_USE enum status cases_disputed_sum(const struct facts *facts, const char *entity, const char *customer,
                                        const char *currency, int64_t *ret_minor, struct err *err);

/* "in 3 d", "12 h late", "" once resolved. */
enum { CLOCK_BYTES = 48 };
void case_clock(const json_t *one, int64_t now_ms, char ret_text[static CLOCK_BYTES]);

/* The lines of `show` for a case and its notes; *ret_case (may be left NULL) for --json: gives. */
MUST_USE enum status case_show(struct block *block, const struct facts *facts, const char *number, json_t **ret_case,
                               struct err *err);

#endif

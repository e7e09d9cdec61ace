/*
 * `audit sample` on its command line: what is to be drawn from, how much, and by which method.
 */
#ifndef CLI_SAMPLE_OPTIONS_H
#define CLI_SAMPLE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/sample/evaluate.h"
#include "audit/sample/file.h"
#include "audit/sample/population.h"
#include "cli/options.h"
#include "ledger/status.h"

/*
 * --unit, --kind, --entity, --reason, --customer, --state, --control, --document, --currency, --absolute, --min, --max; of
 * --period and --effective whether they are periods.
 *
 * out     *ret_filter: lends from options.
 * errors  INPUT: names the option.
 */
MUST_USE enum status sample_filter_read(const struct options *options, struct sample_filter *ret_filter,
                                        struct err *err);

/*
 * The days of --period and --effective, which take the fiscal years of the entities that are asked for.
 *
 * errors  INPUT: names the option; those of fiscal_period_of_journal.
 */
struct journal;
MUST_USE enum status sample_filter_days(const struct options *options, struct journal *journal,
                                        struct sample_filter *filter, struct err *err);

/* --method, --confidence, --distribution, --tolerable-rate, --expected-deviations, --expected-rate, --because; amounts
 * come later, when their currency is known. */
MUST_USE enum status sample_plan_read(const struct options *options, struct sample_plan *ret_plan, struct err *err);

/* --tolerable-amount and --expected-amount in a currency of so many digits. */
MUST_USE enum status sample_plan_amounts(const struct options *options, int digits, struct sample_plan *plan,
                                         struct err *err);

/*
 * How much is drawn from a population: --size or --interval, else planned; --strata, --top.
 *
 * out     *ret_selection: all but the draw value; plan: how it came about.
 * errors  INPUT, LIMIT.
 */
MUST_USE enum status sample_selection_read(const struct options *options, const struct sample_population *population,
                                           struct sample_plan *plan, struct sample_selection *ret_selection,
                                           struct err *err);

/* What --confidence and the tolerable values say, 0 where they are not given. digits: of --tolerable-amount. */
MUST_USE enum status sample_criteria_read(const struct options *options, int digits,
                                          struct sample_criteria *ret_criteria, struct err *err);

/* An amount of an option; untouched where not given. errors INPUT: names the option. */
MUST_USE enum status sample_amount_read(const struct options *options, const char *name, int digits, int64_t *ret_minor,
                                        struct err *err);

#endif

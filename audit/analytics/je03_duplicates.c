/*
 * JE-03 Duplicates: the same customer, amount and direction within some days, neither of them reversed. C-38 flags them as they are
 * submitted; here they are looked at over the whole population, whatever the policy's days were.
 */
#include "audit/analytics/analytics.h"

static const struct analytic_parameter parameters[] = {
    {"days", 30, 1, 3660, "days between the two at most"},
    {NULL, 0, 0, 0, NULL},
};

const struct analytic analytic_je03 = {
    .id = "JE-03",
    .title = "Duplicates",
    .question = "What looks as if it had been posted twice?",
    .source = "AICPA audit data analytics (duplicates)",
    .cadence = ANALYTIC_MONTHLY,
    .parameters = parameters,
    .sql = "WITH " ANALYTIC_POPULATION ", "
           "standing AS (SELECT *, lag(number) OVER same AS before, lag(day) OVER same AS before_day FROM pop "
           "WHERE reversed_by IS NULL WINDOW same AS (PARTITION BY entity, customer, currency, amount_minor, direction "
           "ORDER BY day, first_seq, first_idx)) "
           "SELECT 'JE-03/' || before || '/' || number AS key, number AS document, entity, person, "
           "(day_number(day) - day_number(before_day)) || ' days' AS metric, :days || ' days' AS threshold, "
           "before || ' and ' || number || ': ' || amount_text(amount_minor, currency) || ' ' || currency || ', "
           "customer ' || customer "
           "AS text FROM standing WHERE before IS NOT NULL AND day_number(day) - day_number(before_day) <= :days ORDER "
           "BY key",
};

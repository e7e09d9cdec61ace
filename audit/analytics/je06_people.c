/*
 * JE-06 People who seldom post: what was prepared by somebody who prepared hardly anything in a year, where others did the work.
 */
#include "audit/analytics/analytics.h"

static const struct analytic_parameter parameters[] = {
    {"count_max", 3, 1, 1000,
     "documents of a person in the year before, this one included, up to which he seldom posts"},
    {"count_min", 100, 2, 100000000, "documents of the entity in that year from which on people are looked at"},
    {NULL, 0, 0, 0, NULL},
};

const struct analytic analytic_je06 = {
    .id = "JE-06",
    .title = "People who seldom post",
    .question = "What was posted by people who usually do not?",
    .source = "AS 2401 (entries by people who typically do not post)",
    .cadence = ANALYTIC_MONTHLY,
    .parameters = parameters,
    .sql = "WITH " ANALYTIC_POPULATION ", "
           "everything AS (SELECT number, count(*) OVER (PARTITION BY entity, person ORDER BY day_number(day) "
           "RANGE BETWEEN 364 PRECEDING AND CURRENT ROW) AS own, count(*) OVER (PARTITION BY entity ORDER BY "
           "day_number(day) "
           "RANGE BETWEEN 364 PRECEDING AND CURRENT ROW) AS n FROM document WHERE posted_seq IS NOT NULL AND kind IN "
           "('credit-note', "
           "'correction', 'write-off', 'rebill', 'recovery', 'adjustment')) "
           "SELECT 'JE-06/' || p.number AS key, p.number AS document, p.entity AS entity, p.person AS person, e.own || "
           "' of ' || e.n "
           "AS metric, :count_max AS threshold, p.person || ' prepared ' || e.own || ' of ' || e.n || ' documents of "
           "the year before' AS text "
           "FROM pop p JOIN everything e ON e.number = p.number WHERE e.own <= :count_max AND e.n >= :count_min ORDER "
           "BY key",
};

/*
 * JE-04 Dates: an effective date far before the day of submission, or after that of posting. The gate refuses what lies in the future
 * (C-40), so that one would be a wrong decision.
 */
#include "audit/analytics/analytics.h"

static const struct analytic_parameter parameters[] = {
    {"days", 30, 0, 3660, "days between effective date and submission at most"},
    {NULL, 0, 0, 0, NULL},
};

const struct analytic analytic_je04 = {
    .id = "JE-04",
    .title = "Backdated and post-dated",
    .question = "What takes effect long before it was written, or after?",
    .source = "AICPA audit data analytics (post-dated entries)",
    .cadence = ANALYTIC_MONTHLY,
    .parameters = parameters,
    .sql = "WITH " ANALYTIC_POPULATION ", "
           "dated AS (SELECT *, day_number(local_day(submitted_at, entity)) - day_number(day) AS lag, "
           "day_number(day) - day_number(local_day(posted_at, entity)) AS ahead FROM pop) "
           "SELECT 'JE-04/' || number AS key, number AS document, entity, person, "
           "CASE WHEN ahead > 0 THEN ahead || ' days ahead' ELSE lag || ' days back' END AS metric, :days || ' days' "
           "AS threshold, "
           "'effective ' || day || ', submitted ' || local_day(submitted_at, entity) || ', posted ' || "
           "local_day(posted_at, entity) "
           "AS text FROM dated WHERE lag > :days OR ahead > 0 ORDER BY key",
};

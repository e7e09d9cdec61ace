/*
 * JE-01 Numbers: each series of request numbers and of legal numbers runs from 1 without a gap and without a number twice. The gate
 * gives them so; this looks at what is there. The period asked for makes no difference: a gap has none.
 */
#include "audit/analytics/analytics.h"

static const struct analytic_parameter parameters[] = {{NULL, 0, 0, 0, NULL}};

const struct analytic analytic_je01 = {
    .id = "JE-01",
    .title = "Gaps in numbers",
    .question = "Is every number of every series there, once?",
    .source = "AICPA audit data analytics (gaps in journal numbers)",
    .cadence = ANALYTIC_MONTHLY,
    .parameters = parameters,
    .sql = "WITH given AS (SELECT prefix AS series, CAST(substr(number, length(prefix) + 2) AS INTEGER) AS n, entity "
           "FROM document "
           "UNION ALL SELECT rtrim(legal_number, '0123456789'), CAST(replace(legal_number, rtrim(legal_number, "
           "'0123456789'), '') "
           "AS INTEGER), entity FROM document WHERE legal_number IS NOT NULL), "
           "series AS (SELECT series, count(*) AS given, count(DISTINCT n) AS different, max(n) AS last FROM given "
           "GROUP BY series) "
           "SELECT 'JE-01/' || series AS key, NULL AS document, NULL AS entity, NULL AS person, given || ' of ' || "
           "last AS metric, "
           "'dense' AS threshold, 'series ' || series || ': ' || given || ' numbers, ' || different || ' different "
           "ones, the last is ' || "
           "last AS text FROM series WHERE given <> last OR different <> last ORDER BY key",
};

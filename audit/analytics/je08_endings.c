/*
 * JE-08 Consistent endings: many amounts of one preparer end in the same two digits. Whole amounts are left to C-46.
 */
#include "audit/analytics/analytics.h"

static const struct analytic_parameter parameters[] = {
    {"count_min", 20, 2, 1000000, "documents of a preparer from which on endings are looked at"},
    {"share_percent", 25, 1, 100, "percent of them with the same ending: more is told"},
    {NULL, 0, 0, 0, NULL},
};

const struct analytic analytic_je08 = {
    .id = "JE-08",
    .title = "Consistent endings",
    .question = "Whose amounts end in the same digits?",
    .source = "AS 2401 (consistent ending numbers)",
    .cadence = ANALYTIC_MONTHLY,
    .parameters = parameters,
    .sql = "WITH " ANALYTIC_POPULATION ", "
           "ending AS (SELECT entity, person, printf('%02d', amount_minor % 100) AS digits, scale FROM pop), "
           "own AS (SELECT entity, person, count(*) AS n FROM ending GROUP BY entity, person), "
           "most AS (SELECT e.entity, e.person, e.digits, count(*) AS k, o.n FROM ending e JOIN own o ON o.entity = "
           "e.entity "
           "AND o.person = e.person WHERE e.digits <> '00' GROUP BY e.entity, e.person, e.digits) "
           "SELECT 'JE-08/' || :label || '/' || entity || '/' || person || '/' || digits AS key, NULL AS document, "
           "entity, person, "
           "k || ' of ' || n AS metric, :share_percent || ' %' AS threshold, "
           "k || ' of ' || n || ' amounts of ' || person || ' end in ' || digits AS text "
           "FROM most WHERE n >= :count_min AND k * 100 > n * :share_percent ORDER BY key",
};

/*
 * JE-05 Seldom used accounts: an account of the ledger that hardly anything was posted to while others took much.
 */
#include "audit/analytics/analytics.h"

static const struct analytic_parameter parameters[] = {
    {"count_max", 3, 1, 1000, "lines of an account up to which it is seldom used"},
    {"count_min", 100, 2, 100000000, "lines of an entity from which on accounts are looked at"},
    {NULL, 0, 0, 0, NULL},
};

const struct analytic analytic_je05 = {
    .id = "JE-05",
    .title = "Seldom used accounts",
    .question = "Which accounts took only a line or two?",
    .source = "AS 2401 (seldom-used accounts)",
    .cadence = ANALYTIC_MONTHLY,
    .parameters = parameters,
    .sql = "WITH part AS (SELECT * FROM line WHERE (:from IS NULL OR day >= :from) AND (:to IS NULL OR day <= :to) "
           "AND (:entity IS NULL OR entity = :entity)), "
           "total AS (SELECT entity, count(*) AS n FROM part GROUP BY entity), "
           "used AS (SELECT p.entity, p.account, count(*) AS k, group_concat(DISTINCT p.number) AS numbers, t.n FROM "
           "part p "
           "JOIN total t ON t.entity = p.entity GROUP BY p.entity, p.account) "
           "SELECT 'JE-05/' || :label || '/' || entity || '/' || account AS key, "
           "CASE WHEN instr(numbers, ',') = 0 THEN numbers END AS document, entity, NULL AS person, k || ' of ' || n "
           "AS metric, "
           ":count_max AS threshold, 'account ' || account || ': ' || k || CASE k WHEN 1 THEN ' line' ELSE ' lines' "
           "END || ', of ' || "
           "numbers AS text FROM used WHERE k <= :count_max AND n >= :count_min ORDER BY key",
};

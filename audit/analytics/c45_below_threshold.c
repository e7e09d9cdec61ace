/*
 * C-45 Just below a threshold: more amounts lie right at or below a limit of authority than right above it, more than chance
 * puts there. A limit is inclusive, so what equals it lies below. Looked at for each limit of each row of the authority table, over
 * everybody, for each preparer and for each customer; one-sided binomial test at a half.
 */
#include "audit/analytics/analytics.h"
#include "audit/sample/probability.h"

static const struct analytic_parameter parameters[] = {
    {"delta_percent", 5, 1, 50, "percent of the limit to either side that are looked at"},
    {"count_min", 10, 2, 1000000, "amounts below the limit from which on it is looked at"},
    {"risk_ppm", 10000, 1, 500000, "millionths: how likely chance alone may be"},
    {NULL, 0, 0, 0, NULL},
};

static bool unusual(const struct sql_row *row, const int64_t *values)
{
    int64_t below = 0, near = 0;
    for (size_t i = 0; i < row->count; i++) {
        if (row->names[i][0] == 'k' && row->names[i][1] == '\0')
            below = row->cells[i].integer;
        if (row->names[i][0] == 'n' && row->names[i][1] == '\0')
            near = row->cells[i].integer;
    }
    /* At a half, as many or more below are as likely as as many or fewer above. */
    return below >= values[1] && binomial_at_most(near, near - below, PROBABILITY_ONE / 2, (int32_t)values[2]);
}

const struct analytic analytic_c45 = {
    .id = "C-45",
    .title = "Just below a threshold",
    .question = "Do amounts gather right below a limit of authority?",
    .source = "DOMAIN 2D; AS 2401",
    .cadence = ANALYTIC_MONTHLY,
    .parameters = parameters,
    .sql = "WITH " ANALYTIC_POPULATION ", "
           "tier AS (SELECT DISTINCT p.hash, json_extract(r.value, '$.row') AS authority, json_extract(r.value, "
           "'$.entities') AS entities, "
           "minor(json_extract(t.value, '$.upto'), json_extract(p.compiled, '$.base')) AS at, json_extract(p.compiled, "
           "'$.base') AS base "
           "FROM policy p, json_each(p.compiled, '$.authority') r, json_each(r.value, '$.tiers') t "
           "WHERE json_extract(t.value, '$.upto') IS NOT NULL), "
           "limits AS (SELECT * FROM tier WHERE at > 0), "
           "belongs AS (SELECT DISTINCT p.hash, json_extract(r.value, '$.reason') AS reason, json_extract(r.value, "
           "'$.row') AS authority "
           "FROM policy p, json_each(p.compiled, '$.reasons') r), "
           "near AS (SELECT d.number, d.entity, d.person, d.customer, l.authority, l.at, l.base, d.base_minor <= l.at "
           "AS below "
           "FROM pop d JOIN entry e ON e.seq = d.seq JOIN belongs b ON b.hash = e.policy AND b.reason = d.reason "
           "JOIN limits l ON l.hash = e.policy AND l.authority = b.authority "
           "AND (l.entities = '[]' OR instr(l.entities, '\"' || d.entity || '\"') > 0) "
           "WHERE d.base_minor > l.at - l.at * :delta_percent / 100 AND d.base_minor <= l.at + l.at * :delta_percent / "
           "100), "
           "seen AS (SELECT 'all' AS who, entity, NULL AS person, authority, at, base, sum(below) AS k, count(*) AS n "
           "FROM near GROUP BY entity, authority, at, base "
           "UNION ALL SELECT 'person ' || person, entity, person, authority, at, base, sum(below), count(*) "
           "FROM near GROUP BY entity, person, authority, at, base "
           "UNION ALL SELECT 'customer ' || customer, entity, NULL, authority, at, base, sum(below), count(*) "
           "FROM near GROUP BY entity, customer, authority, at, base) "
           "SELECT 'C-45/' || :label || '/' || entity || '/' || authority || '/' || amount_text(at, base) || '/' || "
           "who AS key, "
           "NULL AS document, entity, person, k || ' of ' || n AS metric, amount_text(at, base) || ' ' || base AS "
           "threshold, "
           "k || ' amounts up to ' || :delta_percent || ' percent below ' || amount_text(at, base) || ' ' || base || ' "
           "(' || authority || "
           "'), ' || (n - k) || ' as far above: ' || who AS text, k, n "
           "FROM seen ORDER BY key",
    .unusual = unusual,
};

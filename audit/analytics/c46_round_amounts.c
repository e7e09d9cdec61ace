/*
 * C-46 Round and repeated amounts: a preparer has far more round amounts under a reason than the reason has altogether (more than
 * three standard errors), or posts the same amount again and again.
 */
#include "audit/analytics/analytics.h"

static const struct analytic_parameter parameters[] = {
    {"count_min", 10, 2, 1000000, "documents of a preparer under a reason from which on they are looked at"},
    {"errors", 3, 1, 10, "standard errors above the share of the reason"},
    {"repeats", 5, 2, 1000, "the same amount so often by one preparer"},
    {"repeat_days", 90, 1, 3660, "days within which they are counted"},
    {NULL, 0, 0, 0, NULL},
};

const struct analytic analytic_c46 = {
    .id = "C-46",
    .title = "Round and repeated amounts",
    .question = "Who posts more round amounts than their reason explains, or the same amount again and again?",
    .source = "DOMAIN 2D; AS 2401 (round numbers)",
    .cadence = ANALYTIC_MONTHLY,
    .parameters = parameters,
    .sql = "WITH " ANALYTIC_POPULATION ", "
           "step AS (SELECT 100 AS step UNION ALL SELECT 1000), "
           "marked AS (SELECT d.entity, d.reason, d.person, s.step, d.amount_minor % (s.step * d.scale) = 0 AS round "
           "FROM pop d, step s), "
           "base AS (SELECT entity, reason, step, sum(round) AS x, count(*) AS n FROM marked GROUP BY entity, reason, "
           "step), "
           "own AS (SELECT entity, reason, person, step, sum(round) AS x, count(*) AS n FROM marked "
           "GROUP BY entity, reason, person, step), "
           /* x - n X / N above z standard errors sqrt(n p (1 - p)), multiplied out with N: no division. */
           "shares AS (SELECT o.*, b.x AS bx, b.n AS bn FROM own o JOIN base b ON b.entity = o.entity AND b.reason = "
           "o.reason "
           "AND b.step = o.step WHERE o.n >= :count_min AND o.x * b.n > o.n * b.x "
           "AND 1.0 * (o.x * b.n - o.n * b.x) * (o.x * b.n - o.n * b.x) > 1.0 * :errors * :errors * o.n * b.x * (b.n - "
           "b.x)), "
           "runs AS (SELECT d.*, count(*) OVER (PARTITION BY d.entity, d.person, d.currency, d.amount_minor "
           "ORDER BY day_number(d.day) RANGE BETWEEN :repeat_days - 1 PRECEDING AND CURRENT ROW) AS times FROM pop d), "
           "most AS (SELECT entity, person, currency, amount_minor, max(times) AS times, max(number) AS last FROM runs "
           "GROUP BY entity, person, currency, amount_minor) "
           "SELECT 'C-46/' || :label || '/' || entity || '/' || reason || '/' || step || '/' || person AS key, NULL AS "
           "document, entity, "
           "person, x || ' of ' || n AS metric, bx || ' of ' || bn AS threshold, "
           "x || ' of ' || n || ' amounts under ' || reason || ' are multiples of ' || step || ', of everybody''s ' || "
           "bx || ' of ' || bn "
           "AS text FROM shares "
           "UNION ALL SELECT 'C-46/' || :label || '/' || entity || '/' || currency || '/' || amount_text(amount_minor, "
           "currency) || '/' || "
           "person, NULL, entity, person, times || ' times', :repeats || ' in ' || :repeat_days || ' days', "
           "amount_text(amount_minor, currency) || ' ' || currency || ' posted ' || times || ' times within ' || "
           ":repeat_days || ' days' "
           "FROM most WHERE times >= :repeats ORDER BY key",
};

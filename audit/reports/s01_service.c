/*
 * S-01 Service levels. Cases by kind and owner: in time is resolved before they were due; days are calendar days from opening
 * to resolution. Approvals by level and approver: in time is signed before the level could have been signed by the one above
 * (escalation_days of the policy in force when the level began to wait, the entity's own where it has one; business days of the
 * entity, C-18); days are business days from when the level began to wait (submission of the version, or the signature before).
 * running: neither done nor late.
 */
#include "audit/reports/reports.h"

static const struct report_column columns[] = {
    {.name = "measure"},
    {.name = "owner"},
    {.name = "n", .type = REPORT_COUNT},
    {.name = "in_time", .type = REPORT_COUNT},
    {.name = "late", .type = REPORT_COUNT},
    {.name = "running", .type = REPORT_COUNT},
    {.name = "in_time_share", .type = REPORT_PERCENT},
    {.name = "days_average"},
    {.name = "days_max", .type = REPORT_COUNT},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"period", "day", "day it was opened or began to wait, UTC"},
    {"entity", "entity", NULL},
    {"kind", "kind", NULL},
    {"user", "user", NULL},
    {NULL, NULL, NULL},
};

static const char population[] =
    "SELECT c.opened_at AS day, c.entity, c.kind, c.owner AS user FROM case_ c UNION ALL SELECT v.time, d.entity, "
    "d.kind, a.user FROM act a "
    "JOIN document d ON d.number = a.number JOIN version v ON v.number = a.number AND v.version = a.version "
    "WHERE a.verb = 'approve' AND a.counts = 1 AND d.entity IS NOT NULL";

static const char sql[] =
    "WITH RECURSIVE "
    "span AS (SELECT date(min(time)) AS first, date(max(time), '+1 day') AS last FROM entry), "
    "calendar AS (SELECT first AS day, last FROM span UNION ALL SELECT date(day, '+1 day'), last FROM calendar WHERE "
    "day < last), "
    "business AS MATERIALIZED (SELECT e.entity, k.day, sum(business_day(k.day, e.entity)) OVER (PARTITION BY e.entity "
    "ORDER BY k.day) AS n FROM calendar k JOIN entity e), "
    "signed AS MATERIALIZED (SELECT a.seq, a.idx, a.level, a.user, a.time, d.entity, d.kind, v.time AS day, "
    "coalesce((SELECT max(o.seq) FROM act o WHERE o.number = a.number AND o.version = a.version AND o.verb = 'approve' "
    "AND o.outcome <> 'refused' AND (o.seq, o.idx) < (a.seq, a.idx)), v.seq) AS since_seq FROM act a "
    "JOIN document d ON d.number = a.number JOIN version v ON v.number = a.number AND v.version = a.version "
    "WHERE a.verb = 'approve' AND a.counts = 1 AND d.entity IS NOT NULL), "
    "rule AS MATERIALIZED (SELECT p.hash, e.entity, max(coalesce((SELECT o.value ->> '$.parameters.escalation_days' "
    "FROM json_each(p.compiled, '$.entities') o WHERE o.value ->> 'entity' = e.entity), "
    "p.compiled ->> '$.parameters.escalation_days', 3)) AS days FROM policy p JOIN entity e GROUP BY 1, 2), "
    "done AS (SELECT c.kind AS measure, c.owner, c.resolved_at IS NOT NULL AND (c.due IS NULL OR c.resolved_at < "
    "c.due) AS in_time, coalesce(c.resolved_at, b.last_time) >= c.due AS late, "
    "day_number(local_day(coalesce(c.resolved_at, b.last_time), c.entity)) - day_number(local_day(c.opened_at, "
    "c.entity)) AS days, c.opened_at AS day, c.entity, c.kind, c.owner AS user "
    "FROM case_ c JOIN book b WHERE c.state <> 'VOID' "
    "UNION ALL SELECT 'approval level ' || s.level, s.user, y.n - x.n <= rule.days, y.n - x.n > rule.days, y.n - x.n, "
    "s.day, s.entity, s.kind, s.user FROM signed s JOIN entry w ON w.seq = s.since_seq "
    "JOIN rule ON rule.hash = w.policy AND rule.entity = s.entity "
    "JOIN business x ON x.entity = s.entity AND x.day = local_day(w.time, s.entity) JOIN business y ON y.entity = "
    "s.entity AND y.day = local_day(s.time, s.entity)) "
    "SELECT measure, owner, count(*) AS n, sum(in_time) AS in_time, sum(coalesce(late, 0)) AS late, sum(NOT in_time "
    "AND NOT coalesce(late, 0)) AS running, "
    "printf('%d.%02d', sum(in_time) * 10000 / count(*) / 100, sum(in_time) * 10000 / count(*) % 100) AS in_time_share, "
    "printf('%d.%d', sum(days) * 10 / count(*) / 10, sum(days) * 10 / count(*) % 10) AS days_average, max(days) AS "
    "days_max FROM done "
    "WHERE (:period_from IS NULL OR substr(day, 1, 10) BETWEEN :period_from AND :period_to) AND (:entity IS NULL OR "
    "entity = :entity) AND (:kind IS NULL OR kind = :kind) "
    "AND (:user IS NULL OR user = :user) GROUP BY measure, owner ORDER BY measure, owner";

const struct report report_s01 = {
    .id = "S-01",
    .version = 2,
    .title = "Service levels",
    .question = "Which cases and approvals were done in time, by whom, and how long did they take?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
    .population = population,
};

/*
 * R-14 User access review pack: a row for each grant and delegation that stands at the head or that the latest review of it
 * covered. limits are the kinds and levels that the role may approve under the policy in force. A decision is the manager's
 * where who gave it is the person's manager by HR at the head, else the role owner's (an officer); executed_at is when what was
 * not kept ended.
 */
#include "audit/reports/reports.h"

static const struct report_column columns[] = {
    {.name = "user"},
    {.name = "person"},
    {.name = "kind"},
    {.name = "roles"},
    {.name = "limits"},
    {.name = "delegations"},
    {.name = "last_event", .type = REPORT_INSTANT},
    {.name = "manager_decision"},
    {.name = "role_owner_decision"},
    {.name = "at", .type = REPORT_INSTANT},
    {.name = "executed_at", .type = REPORT_INSTANT},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"period", "at", "day of the decision, UTC"},
    {"user", "user", NULL},
    {NULL, NULL, NULL},
};

static const char sql[] =
    "WITH now AS (SELECT b.last_time AS t, (SELECT policy FROM entry ORDER BY seq DESC LIMIT 1) AS policy FROM book "
    "b), "
    "chief AS (SELECT p.person, p.manager FROM person_event p WHERE p.change IN ('join', 'move') AND NOT EXISTS "
    "(SELECT 1 FROM person_event o "
    "WHERE o.person = p.person AND o.change IN ('join', 'move') AND (o.day, o.event, o.entity) > (p.day, p.event, "
    "p.entity))), "
    "latest AS (SELECT r.* FROM review_row r JOIN review v ON v.number = r.review WHERE NOT EXISTS (SELECT 1 FROM "
    "review_row o JOIN review w "
    "ON w.number = o.review WHERE o.row = r.row AND (w.opened_at, w.number) > (v.opened_at, v.number))), "
    "held AS (SELECT g.number, g.user, g.person, g.role, g.role || ' (' || g.entities || ')' AS roles, NULL AS "
    "delegations, "
    "coalesce(g.revoked_at, g.suspended_at) AS ended, g.since FROM role_grant g JOIN now WHERE (g.revoked_at IS NULL "
    "AND "
    "coalesce(g.to_time, '9999') > now.t) OR g.number IN (SELECT row FROM latest) "
    "UNION ALL SELECT d.number, d.to_user, d.to_person, NULL, NULL, d.number || ' from ' || d.from_user || ': ' || "
    "replace(d.functions, ',', ' '), "
    "d.revoked_at, d.since FROM delegation d JOIN now WHERE (d.revoked_at IS NULL AND d.to_time > now.t) OR d.number "
    "IN (SELECT row FROM latest)) "
    "SELECT h.user, h.person, u.sort AS kind, h.roles, (SELECT group_concat(kind || ' ' || levels, ', ') FROM (SELECT "
    "substr(f.function, 1, instr(f.function, '.approve.') - 1) AS kind, group_concat(substr(f.function, -1), '+') AS "
    "levels FROM role_function f JOIN now "
    "WHERE f.policy = now.policy AND f.role = h.role AND f.function GLOB '*.approve.[0-9]' GROUP BY 1 ORDER BY 1)) AS "
    "limits, h.delegations, "
    "u.last_at AS last_event, CASE WHEN a.person = c.manager THEN coalesce(r.decision, '') || ' by ' || r.by END AS "
    "manager_decision, "
    "CASE WHEN r.row IS NULL THEN NULL WHEN r.by IS NULL THEN 'not answered' WHEN a.person IS NOT c.manager THEN "
    "r.decision || ' by ' || r.by "
    "END AS role_owner_decision, r.at, CASE WHEN r.row IS NOT NULL AND r.decision IS NOT 'keep' THEN h.ended END AS "
    "executed_at "
    "FROM held h JOIN user u ON u.user = h.user LEFT JOIN latest r ON r.row = h.number LEFT JOIN user a ON a.user = "
    "r.by "
    "LEFT JOIN chief c ON c.person = h.person ORDER BY h.user, h.since, length(h.number), h.number";

const struct report report_r14 = {
    .id = "R-14",
    .version = 1,
    .title = "User access review pack",
    .question = "Which account holds which right, when was it used last, who decided in the latest review that it "
                "stays, and was that carried out?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
};

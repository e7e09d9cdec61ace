/*
 * R-04 Approval log: every approval, rejection and return, refused ones too, with the role and the limit that the approver had at
 * that moment, and whether what took effect is what was signed (C-04). `limit` is what the document's row of the authority table
 * lets that level sign, in the base currency; empty where the level has no upper bound or the document no row.
 */
#include "audit/reports/reports.h"

static const struct report_column columns[] = {
    {.name = "doc_id"},
    {.name = "level", .type = REPORT_COUNT},
    {.name = "approver"},
    {.name = "person"},
    {.name = "role"},
    {.name = "limit", .type = REPORT_AMOUNT, .currency = "base_currency"},
    {.name = "on_behalf_of"},
    {.name = "delegation_id"},
    {.name = "decision"},
    {.name = "at", .type = REPORT_INSTANT},
    {.name = "approved_hash", .type = REPORT_HASH},
    {.name = "posted_hash", .type = REPORT_HASH},
    {.name = "match"},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"period", "at", "time of the act, UTC"}, {"entity", "entity", NULL}, {"kind", "kind", NULL},
    {"customer", "customer", NULL},           {"user", "approver", NULL}, {NULL, NULL, NULL},
};

static const char sql[] =
    "SELECT a.number AS doc_id, a.level, a.user AS approver, a.person, "
    "(SELECT group_concat(role, ' ') FROM (SELECT DISTINCT g.role FROM role_grant g JOIN role_function f ON f.policy = "
    "e.policy AND "
    "f.role = g.role WHERE g.user = coalesce(a.behalf, a.user) AND g.since_seq < a.seq AND coalesce(g.from_time, "
    "a.time) <= a.time "
    "AND (g.to_time IS NULL OR g.to_time > a.time) AND (g.revoked_at IS NULL OR g.revoked_at > a.time) AND (d.entity "
    "IS NULL OR "
    "g.entities = '*' OR instr(',' || g.entities || ',', ',' || d.entity || ',') > 0) AND (f.function = d.kind || "
    "'.approve.' || "
    "a.level OR (d.entity IS NULL AND f.function IN ('govern.access', 'govern.policy'))) ORDER BY 1)) AS role, "
    "(SELECT CASE WHEN count(*) > count(t.value ->> 'upto') THEN NULL ELSE max(CAST(replace(t.value ->> 'upto', '.', "
    "'') AS INTEGER)) "
    "END FROM policy p, json_each(p.compiled, '$.reasons') r, json_each(p.compiled, '$.authority') w, "
    "json_each(w.value, '$.tiers') t "
    "WHERE p.hash = e.policy AND p.seq = e.policy_seq AND r.value ->> 'reason' = d.reason AND w.value ->> 'row' = "
    "r.value ->> 'row' "
    "AND (w.value -> 'entities' IS NULL OR w.value -> 'entities' = '[]' OR EXISTS (SELECT 1 FROM json_each(w.value, "
    "'$.entities') x "
    "WHERE x.value = d.entity)) AND coalesce((SELECT max(l.value) FROM json_each(t.value, '$.levels') l), 0) <= "
    "a.level) AS \"limit\", "
    "b.base AS base_currency, a.behalf AS on_behalf_of, a.delegation AS delegation_id, "
    "CASE WHEN a.outcome = 'refused' THEN a.verb || ' refused' WHEN a.verb = 'approve' THEN 'approved' ELSE a.outcome "
    "END AS decision, "
    "a.time AS at, a.content AS approved_hash, CASE WHEN d.posted_seq IS NOT NULL THEN d.content END AS posted_hash, "
    "CASE WHEN d.posted_seq IS NULL OR a.verb <> 'approve' OR a.outcome = 'refused' THEN NULL WHEN a.content = "
    "d.content THEN 'yes' "
    "WHEN a.counts = 0 THEN 'no: an earlier version, does not count' ELSE 'NO' END AS match, "
    "d.entity, d.kind, d.customer "
    "FROM act a JOIN entry e ON e.seq = a.seq JOIN book b LEFT JOIN document d ON d.number = a.number "
    "WHERE a.verb IN ('approve', 'reject', 'return') ORDER BY a.seq, a.idx";

const struct report report_r04 = {
    .id = "R-04",
    .version = 1,
    .title = "Approval log",
    .question = "Who approved, rejected or returned what, with which role and limit then, and is it what took effect?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
};

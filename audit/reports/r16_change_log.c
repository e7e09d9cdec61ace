/*
 * R-16 Change log: a row for each thing that changed. Of a policy these are the members of its compiled form that differ
 * (authority is the matrix of authority, entities have the calendars), of lists only the values that went or came; of a
 * document with several rows each row; of a value beyond 4,000 characters the first 200 and how many there are. A program that
 * let entries in with another executable, release or engine than the one before is a change too, with the release document that
 * permits it, and so are the charter and a recovery of access. effective_from is from when it counts; ticket is the document's
 * ticket, else its client's reference.
 */
#include "audit/reports/reports.h"

static const struct report_column columns[] = {
    {.name = "change_id"},
    {.name = "object"},
    {.name = "before"},
    {.name = "after"},
    {.name = "proposed_by"},
    {.name = "approved_by"},
    {.name = "effective_from", .type = REPORT_INSTANT},
    {.name = "ticket"},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"period", "effective_from", "instant from which it counts, UTC"},
    {"kind", "kind", NULL},
    {"user", "proposed_by", NULL},
    {NULL, NULL, NULL},
};

static const char sql[] =
    "WITH rule AS (SELECT p.seq, p.number, p.effective, p.compiled, row_number() OVER (ORDER BY p.seq, p.number) AS n "
    "FROM policy p), "
    "part AS (SELECT r.n, s.key AS section, s.type AS sort, v.key AS place, "
    "v.value, v.type AS value_type FROM rule r JOIN json_each(r.compiled) s JOIN json_each(CASE WHEN s.type IN "
    "('array', "
    "'object') THEN s.value ELSE json_array(s.value) END) v), "
    "named AS (SELECT n, section, value, CASE WHEN sort = 'object' THEN place WHEN sort <> 'array' THEN '' WHEN "
    "section = 'conflicts' THEN value ->> 'a' || ' x ' "
    "|| (value ->> 'b') WHEN section = 'authority' THEN value ->> 'row' || CASE WHEN value -> 'entities' IN ('[]') "
    "THEN '' ELSE ' ' || (value -> 'entities') END "
    "WHEN value_type = 'object' AND section IN ('accounts', 'duties', 'entities', 'reasons', 'roles', 'taxes', "
    "'exclusive') THEN value ->> CASE section WHEN "
    "'accounts' THEN 'account' WHEN 'duties' THEN 'duty' WHEN 'entities' THEN 'entity' WHEN 'reasons' THEN 'reason' "
    "WHEN 'roles' THEN 'role' WHEN "
    "'taxes' THEN 'code' ELSE 'set' END ELSE CAST(value AS TEXT) END AS name, value_type FROM part), "
    "leaf AS (SELECT n, section, name, m.key AS member, m.type AS type, CASE WHEN m.type IN ('array', 'object') THEN "
    "m.value ELSE json_quote(m.value) END AS value "
    "FROM named q JOIN json_each(CASE WHEN q.value_type = 'object' THEN q.value ELSE json_object('', q.value) END) m "
    "WHERE q.value_type <> 'object' OR m.atom IS NOT q.name), "
    "moved AS (SELECT a.n + a.after_too AS n, a.section, a.name, a.member, max(CASE WHEN a.after_too = 1 THEN a.value "
    "END) AS before, max(CASE WHEN a.after_too = 0 "
    "THEN a.value END) AS after, min(a.type) AS type FROM (SELECT *, 0 AS after_too FROM leaf WHERE n > 1 UNION ALL "
    "SELECT *, 1 FROM leaf) a "
    "GROUP BY 1, 2, 3, 4 HAVING before IS NOT after), "
    "policy_change AS (SELECT r.seq, 0 AS idx, 'policy' AS kind, r.number, 'policy ' || m.section || CASE WHEN m.name "
    "<> '' THEN ' ' || m.name ELSE '' END || CASE "
    "WHEN m.member <> '' THEN ' ' || m.member ELSE '' END AS object, "
    "CASE WHEN m.type = 'array' AND m.before IS NOT NULL AND m.after IS NOT NULL THEN (SELECT json_group_array(CASE "
    "WHEN b.type IN ('array', 'object') THEN json(b.value) "
    "ELSE b.value END) FROM json_each(m.before) b WHERE b.value NOT IN (SELECT value FROM json_each(m.after))) ELSE "
    "m.before END AS before, "
    "CASE WHEN m.type = 'array' AND m.before IS NOT NULL AND m.after IS NOT NULL THEN (SELECT json_group_array(CASE "
    "WHEN b.type IN ('array', 'object') THEN json(b.value) "
    "ELSE b.value END) FROM json_each(m.after) b WHERE b.value NOT IN (SELECT value FROM json_each(m.before))) ELSE "
    "m.after END AS after, r.effective AS effective_from "
    "FROM moved m JOIN rule r ON r.n = m.n), "
    "stated AS (SELECT d.*, (SELECT group_concat(user, ' ') FROM (SELECT a.user FROM act a WHERE a.number = d.number "
    "AND a.verb = 'approve' AND a.counts = 1 "
    "ORDER BY a.seq, a.idx)) AS signers FROM document d WHERE d.posted_seq IS NOT NULL), "
    "program AS (SELECT seq, time, release, exe, engine, lag(release) OVER w AS old_release, lag(exe) OVER w AS "
    "old_exe, lag(engine) OVER w AS old_engine "
    "FROM entry WINDOW w AS (ORDER BY seq)), "
    "change AS (SELECT seq, idx, kind, number, object, before, after, effective_from FROM policy_change "
    "UNION ALL SELECT 0, 0, 'charter', NULL, 'policy', NULL, hash, effective FROM policy WHERE seq = 0 "
    "UNION ALL SELECT g.since_seq, 0, CASE g.since_seq WHEN 0 THEN 'charter' ELSE 'recovery' END, CASE WHEN "
    "g.since_seq > 0 THEN 'entry ' || g.since_seq END, 'role ' || "
    "g.role || ' of ' || g.user || ' (' || g.person || ')', NULL, g.entities, g.since FROM role_grant g WHERE g.number "
    "NOT IN (SELECT number FROM document) "
    "UNION ALL SELECT e.seq, 1, 'recovery', 'entry ' || e.seq, 'role ' || g.role || ' of ' || g.user || ' (' || "
    "g.person || ')', g.entities, 'revoked', g.revoked_at "
    "FROM role_grant g JOIN entry e ON e.time = g.revoked_at AND e.verb = 'recover' WHERE g.revocation IS NULL "
    "UNION ALL SELECT k.ended_seq, 1, 'recovery', 'entry ' || k.ended_seq, 'key of ' || k.user, k.fingerprint, "
    "'ended', k.ended_at FROM key k "
    "WHERE k.ended_seq IS NOT NULL AND k.ended_by IS NULL "
    "UNION ALL SELECT k.since_seq, 0, CASE k.since_seq WHEN 0 THEN 'charter' ELSE 'recovery' END, CASE WHEN "
    "k.since_seq > 0 THEN 'entry ' || k.since_seq END, 'key of ' || k.user, "
    "NULL, k.fingerprint, k.since FROM key k WHERE k.key NOT IN (SELECT coalesce(d.document ->> 'new', d.document ->> "
    "'key') FROM stated d WHERE d.kind IN ('enrolment', 'key-rotation')) "
    "UNION ALL SELECT d.posted_seq, d.idx, d.kind, d.number, 'account ' || (d.document ->> 'user'), NULL, (d.document "
    "->> 'person') || ', ' || (d.document ->> "
    "'sort') || ', ' || coalesce((SELECT fingerprint FROM key k WHERE k.key = d.document ->> 'key'), d.document ->> "
    "'key'), d.posted_at FROM stated d WHERE d.kind = 'enrolment' "
    "UNION ALL SELECT d.posted_seq, d.idx, d.kind, d.number, 'key of ' || (d.document ->> 'user'), (SELECT fingerprint "
    "FROM key k WHERE k.key = d.document ->> 'old'), "
    "coalesce((SELECT fingerprint FROM key k WHERE k.key = d.document ->> 'new'), d.document ->> 'new'), d.posted_at "
    "FROM stated d WHERE d.kind = 'key-rotation' "
    "UNION ALL SELECT d.posted_seq, d.idx, d.kind, d.number, 'key of ' || (d.document ->> 'user'), coalesce((SELECT "
    "fingerprint FROM key k WHERE k.key = d.document ->> "
    "'key'), d.document ->> 'key'), coalesce('suspect since ' || (d.document ->> 'since'), 'revoked'), d.posted_at "
    "FROM stated d WHERE d.kind = 'key-revocation' "
    "UNION ALL SELECT d.posted_seq, d.idx, d.kind, d.number, 'role ' || (d.document ->> 'role') || ' of ' || "
    "(d.document ->> 'user'), NULL, (SELECT "
    "group_concat(value, ',') FROM json_each(d.document, '$.entities')) || coalesce(' until ' || (d.document ->> "
    "'to'), ''), max(coalesce(d.document ->> 'from', "
    "d.posted_at), d.posted_at) FROM stated d WHERE d.kind = 'grant' "
    "UNION ALL SELECT d.posted_seq, d.idx, d.kind, d.number, coalesce('role ' || g.role || ' of ' || g.user, "
    "d.document ->> 'grant'), coalesce(g.entities, "
    "d.document ->> 'grant'), 'revoked', d.posted_at FROM stated d LEFT JOIN role_grant g ON g.number = d.document ->> "
    "'grant' WHERE d.kind = 'revocation' "
    "UNION ALL SELECT d.posted_seq, d.idx, d.kind, d.number, coalesce('role ' || g.role || ' of ' || g.user, j.value "
    "->> 'grant'), coalesce(g.entities, "
    "j.value ->> 'grant'), 'removed by review', d.posted_at FROM stated d JOIN json_each(d.document, '$.rows') j LEFT "
    "JOIN role_grant g ON g.number = j.value ->> 'grant' "
    "WHERE d.kind = 'attestation' AND j.value ->> 'decision' = 'remove' "
    "UNION ALL SELECT p.seq, d.idx, d.kind, p.number, 'calendar ' || p.entity || ' ' || p.period || coalesce(' for ' "
    "|| p.user, ''), coalesce((SELECT o.state FROM "
    "period_event o WHERE o.entity = p.entity AND o.period = p.period AND o.user IS NULL AND o.seq < p.seq ORDER BY "
    "o.seq DESC LIMIT 1), 'open'), p.state || "
    "coalesce(' until ' || p.until, ''), p.time FROM period_event p JOIN stated d ON d.number = p.number "
    "UNION ALL SELECT d.posted_seq, d.idx, d.kind, d.number, 'rate ' || (j.value ->> 'currency') || ' in ' || "
    "(d.document ->> 'base') || ' from ' || (d.document ->> "
    "'date'), (SELECT o.rate FROM rate o WHERE o.base = d.document ->> 'base' AND o.currency = j.value ->> 'currency' "
    "AND o.day < d.document ->> 'date' ORDER BY "
    "o.day DESC LIMIT 1), j.value ->> 'rate', d.posted_at FROM stated d JOIN json_each(d.document, '$.rates') j WHERE "
    "d.kind = 'rates' "
    "UNION ALL SELECT p.seq, 0, 'program', 'entry ' || p.seq, 'program', p.old_release || ' ' || p.old_exe || ', "
    "engine ' || p.old_engine, p.release || ' ' || p.exe || "
    "', engine ' || p.engine || CASE WHEN EXISTS (SELECT 1 FROM release r WHERE substr(r.exe, 1, 16) = p.exe AND r.seq "
    "< p.seq) THEN '' ELSE "
    "', NOT APPROVED by a release document' END, p.time FROM program p "
    "WHERE p.old_release IS NOT NULL AND (p.release <> p.old_release OR p.exe <> p.old_exe OR p.engine <> "
    "p.old_engine) "
    "UNION ALL SELECT r.seq, 0, 'restore', 'entry ' || r.seq, 'journal', 'entries ' || r.from_seq || ' to ' || "
    "r.to_seq, 'lost; epoch ' || r.epoch, r.time FROM restore r "
    "UNION ALL SELECT d.posted_seq, d.idx, d.kind, d.number, d.kind || coalesce(' ' || (d.document ->> 'entity'), ' ' "
    "|| (d.document ->> 'release'), ' ' || "
    "(d.document ->> 'user'), ' ' || (d.document ->> 'person'), ' ' || (d.document ->> 'from_user') || ' for ' || "
    "(d.document ->> 'to_user'), ' ' || (d.document ->> "
    "'group'), ''), CASE d.kind WHEN 'release' THEN (SELECT o.release || ' ' || o.exe FROM release o WHERE o.seq < "
    "d.posted_seq ORDER BY o.seq DESC LIMIT 1) END, "
    "json_remove(d.document, '$.channel', '$.kind', '$.ref', '$.reason', '$.note', '$.evidence', '$.links', "
    "'$.ticket', '$.effective'), max(coalesce(d.document ->> 'from', d.posted_at), d.posted_at) FROM stated d WHERE "
    "d.kind IN ('book-key', 'delegation', 'entity', 'release', 'related', 'mitigation', "
    "'break-glass', 'reactivation', 'legal-hold', 'erasure')) "
    "SELECT coalesce(c.number, 'charter') AS change_id, c.object, CASE WHEN length(c.before) > 4000 THEN "
    "substr(c.before, 1, 200) || ' ... (' || length(c.before) || "
    "' characters)' ELSE c.before END AS before, CASE WHEN length(c.after) > 4000 THEN substr(c.after, 1, 200) || ' "
    "... (' || length(c.after) || ' characters)' ELSE c.after END "
    "AS after, coalesce(d.user, CASE c.kind WHEN 'recovery' THEN (SELECT e.actor FROM entry e WHERE e.seq = c.seq) "
    "WHEN 'restore' THEN (SELECT r.officers FROM restore r "
    "WHERE r.seq = c.seq) END) AS proposed_by, CASE c.kind WHEN 'program' THEN (SELECT r.number || ' by ' || "
    "r.approved_by FROM release r JOIN entry e ON e.seq = c.seq "
    "WHERE substr(r.exe, 1, 16) = e.exe AND r.seq < c.seq ORDER BY r.seq LIMIT 1) WHEN 'recovery' THEN (SELECT "
    "group_concat(coalesce(g.user, 'recovery key ' || "
    "g.fingerprint), ' ') FROM signature g WHERE g.seq = c.seq) ELSE d.signers END AS approved_by, c.effective_from, "
    "coalesce(d.document ->> 'ticket', d.ref) AS ticket, c.kind "
    "FROM change c LEFT JOIN stated d ON d.number = c.number ORDER BY c.seq, c.idx, c.kind, c.object, c.number";

const struct report report_r16 = {
    .id = "R-16",
    .version = 1,
    .title = "Change log",
    .question = "What changed of policy, authority, reasons, roles, keys, calendars, rates and programs: from what to "
                "what, by whose proposal and approval, from when on?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
};

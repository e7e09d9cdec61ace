/*
 * R-12 Conflicts of duties, of what stands at the head under the policy in force: a row a person and floor, a person and pair
 * of duties, a person and exclusive set. Everything counts that the person holds over all accounts and entities, inherited,
 * delegated, suspended or of a later day too. role_a is what holds the first duty of the rule, the earliest grant of it.
 * severity is the policy's word: floor and never cannot be mitigated.
 */
#include "audit/reports/reports.h"

static const struct report_column columns[] = {
    {.name = "person"},
    {.name = "accounts"},
    {.name = "role_a"},
    {.name = "role_b"},
    {.name = "rule"},
    {.name = "severity"},
    {.name = "since", .type = REPORT_INSTANT},
    {.name = "mitigation_id"},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"user", "person", NULL},
    {NULL, NULL, NULL},
};

static const char sql[] =
    "WITH now AS (SELECT b.last_time AS t, (SELECT policy FROM entry ORDER BY seq DESC LIMIT 1) AS policy FROM book "
    "b), "
    "compiled AS (SELECT p.compiled AS c FROM policy p JOIN now ON now.policy = p.hash ORDER BY p.seq DESC LIMIT 1), "
    "held AS (SELECT g.person, g.user, g.role, f.function, max(g.since, coalesce(g.from_time, g.since)) AS since FROM "
    "role_grant g "
    "JOIN now JOIN role_function f ON f.policy = now.policy AND f.role = g.role WHERE g.revoked_at IS NULL AND "
    "coalesce(g.to_time, '9999') > now.t "
    "UNION ALL SELECT d.to_person, d.to_user, d.number, j.value, max(d.since, d.from_time) FROM delegation d JOIN now "
    "JOIN json_each('[\"' || replace(d.functions, ',', '\",\"') || '\"]') j WHERE d.revoked_at IS NULL AND d.to_time > "
    "now.t), "
    "duty AS (SELECT h.person, h.user, h.role, h.since, j.value ->> 'duty' AS duty FROM held h JOIN compiled JOIN "
    "json_each(c, '$.duties') j "
    "JOIN json_each(j.value, '$.functions') f ON f.value = h.function GROUP BY 1, 2, 3, 4, 5), "
    "side AS (SELECT person, duty, group_concat(DISTINCT user) AS users, min(since || ' ' || role) AS first FROM duty "
    "GROUP BY person, duty), "
    "act AS (SELECT DISTINCT function FROM held), apart AS (SELECT a.function AS a, b.function AS b, "
    "duty_floor(a.function, b.function) AS floor "
    "FROM act a JOIN act b ON a.function < b.function WHERE floor IS NOT NULL), "
    "fallen AS (SELECT x.person, p.floor, min(x.since || ' ' || x.role) AS first_a, min(y.since || ' ' || y.role) AS "
    "first_b "
    "FROM apart p JOIN held x ON x.function = p.a JOIN held y ON y.function = p.b AND y.person = x.person GROUP BY "
    "x.person, p.floor), "
    "pair AS (SELECT a.person, j.value ->> 'a' AS a, j.value ->> 'b' AS b, j.value ->> 'mode' AS mode, a.first AS "
    "first_a, b.first AS first_b "
    "FROM compiled JOIN json_each(c, '$.conflicts') j JOIN side a ON a.duty = j.value ->> 'a' JOIN side b ON b.duty = "
    "j.value ->> 'b' AND "
    "b.person = a.person WHERE mode <> 'document'), "
    "many AS (SELECT s.person, j.value ->> 'set' AS name, count(*) AS held, j.value ->> 'fewer_than' AS fewer_than, "
    "min(s.first) AS first_a, "
    "max(s.first) AS first_b FROM compiled JOIN json_each(c, '$.exclusive') j JOIN json_each(j.value, '$.duties') m "
    "JOIN side s ON s.duty = m.value "
    "GROUP BY s.person, name HAVING held >= fewer_than), "
    "clash AS (SELECT person, first_a, first_b, floor AS rule, 'floor' AS severity, 0 AS rank, NULL AS a, NULL AS b "
    "FROM fallen "
    "UNION ALL SELECT person, first_a, first_b, a || ' x ' || b, mode, 1, a, b FROM pair "
    "UNION ALL SELECT person, first_a, first_b, name || ': ' || held || ' of fewer than ' || fewer_than, 'exclusive', "
    "2, NULL, NULL FROM many) "
    "SELECT k.person, (SELECT group_concat(user, ' ') FROM (SELECT DISTINCT h.user FROM held h WHERE h.person = "
    "k.person ORDER BY 1)) AS accounts, "
    "substr(k.first_a, 26) AS role_a, substr(k.first_b, 26) AS role_b, k.rule, k.severity, "
    "max(substr(k.first_a, 1, 24), substr(k.first_b, 1, 24)) AS since, "
    "(SELECT m.number FROM mitigation m JOIN now WHERE m.person = k.person AND m.a = min(k.a, k.b) AND m.b = max(k.a, "
    "k.b) AND "
    "m.revoked_at IS NULL AND m.until > now.t ORDER BY m.since DESC, m.number DESC LIMIT 1) AS mitigation_id "
    "FROM clash k ORDER BY k.person, k.rank, k.rule";

const struct report report_r12 = {
    .id = "R-12",
    .version = 1,
    .title = "Conflicts of duties",
    .question = "Who holds, over all accounts, duties that the policy in force or a floor keeps apart, since when, and "
                "what mitigates it?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
};

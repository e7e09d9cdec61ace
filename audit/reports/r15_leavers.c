/*
 * R-15 Joiner, mover and leaver test: a row for each time from joining or moving to the next move or to leaving, as HR said,
 * and one for persons with accounts of whom HR said nothing. first_grant is the first one of that time. revoke is from when the
 * last of the grants from before its end did not count any more: revoked, or by what HR said (from the day after a leave and
 * from a move on, once the file was there; FORMAT.md 5.4, People). lag_days: days that it came too late, 0 in time.
 * events_after_end: entries signed by the person's accounts after that, refused ones too; of a move none are counted.
 */
#include "audit/reports/reports.h"

static const struct report_column columns[] = {
    {.name = "person"},
    {.name = "hr_start", .type = REPORT_DATE},
    {.name = "hr_end", .type = REPORT_DATE},
    {.name = "first_grant", .type = REPORT_INSTANT},
    {.name = "revoke"},
    {.name = "lag_days", .type = REPORT_COUNT},
    {.name = "events_after_end", .type = REPORT_COUNT},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"period", "hr_end", "last day by HR"},
    {"entity", "entity", NULL},
    {NULL, NULL, NULL},
};

static const char sql[] =
    "WITH fact AS (SELECT p.entity, p.event, p.person, p.change, p.day, p.time, lead(p.change) OVER w AS then_change, "
    "lead(p.day) OVER w AS then_day, lead(p.time) OVER w AS then_time FROM person_event p WINDOW w AS (PARTITION BY "
    "p.person ORDER BY p.day, p.event, "
    "p.entity)), "
    "spell AS (SELECT entity, person, day AS hr_start, then_change AS how, then_day AS hr_end, then_time AS known FROM "
    "fact WHERE change <> 'leave' "
    "UNION ALL SELECT DISTINCT NULL, u.person, NULL, NULL, NULL, NULL FROM user u WHERE u.person NOT IN (SELECT person "
    "FROM person_event)), "
    "ending AS (SELECT s.*, CASE s.how WHEN 'leave' THEN date(s.hr_end, '+1 day') ELSE s.hr_end END AS out_from, "
    "local_day(s.known, s.entity) AS known_day, (SELECT CASE WHEN count(*) > 0 AND count(*) = count(g.revoked_at) THEN "
    "max(g.revoked_at) END "
    "FROM role_grant g WHERE g.person = s.person AND local_day(g.since, coalesce(s.entity, '')) <= coalesce(s.hr_end, "
    "'9999')) AS revoked, "
    "(SELECT min(g.since) FROM role_grant g WHERE g.person = s.person AND (s.hr_start IS NULL OR local_day(g.since, "
    "s.entity) >= s.hr_start) AND "
    "(s.hr_end IS NULL OR local_day(g.since, s.entity) <= s.hr_end)) AS first_grant FROM spell s) "
    "SELECT e.person, e.hr_start, e.hr_end, e.first_grant, CASE WHEN e.hr_end IS NULL THEN NULL WHEN e.revoked IS NOT "
    "NULL AND "
    "local_day(e.revoked, e.entity) < max(e.out_from, e.known_day) THEN e.revoked WHEN e.known_day > e.out_from THEN "
    "e.known ELSE e.out_from END AS "
    "revoke, CASE WHEN e.hr_end IS NULL THEN NULL ELSE max(0, min(day_number(max(e.out_from, e.known_day)), "
    "day_number(coalesce(local_day(e.revoked, "
    "e.entity), '9999-12-31'))) - day_number(e.out_from)) END AS lag_days, CASE e.how WHEN 'leave' THEN (SELECT "
    "count(*) FROM entry t WHERE "
    "t.person = e.person AND local_day(t.time, e.entity) >= e.out_from AND NOT EXISTS (SELECT 1 FROM fact j WHERE "
    "j.person = e.person AND j.change = "
    "'join' AND j.day > e.hr_end AND local_day(t.time, j.entity) >= j.day)) END AS events_after_end, e.entity "
    "FROM ending e ORDER BY e.person, e.hr_start, e.hr_end";

const struct report report_r15 = {
    .id = "R-15",
    .version = 1,
    .title = "Joiner, mover and leaver test",
    .question =
        "Was access given after people came and gone when they left, and was anything tried with it afterwards?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
};

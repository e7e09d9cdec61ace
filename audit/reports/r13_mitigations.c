/*
 * R-13 Mitigations and exceptions: mitigations of conflicts of duties, and exceptions that let a user work in a closed month
 * (used: documents posted under it, as in R-17; its reviewer is who approved it). Emergency access is R-18. result says how it
 * stands at the head and what of its uses nobody has answered for.
 */
#include "audit/reports/reports.h"

static const struct report_column columns[] = {
    {.name = "id"},
    {.name = "rule"},
    {.name = "owner"},
    {.name = "reviewer"},
    {.name = "expiry", .type = REPORT_INSTANT},
    {.name = "uses", .type = REPORT_COUNT},
    {.name = "last_review", .type = REPORT_INSTANT},
    {.name = "result"},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"period", "since", "day from which it was in force, UTC"},
    {"user", "reviewer", NULL},
    {NULL, NULL, NULL},
};

static const char sql[] =
    "SELECT m.number AS id, m.a || ' x ' || m.b || ' by ' || m.person || ', control ' || m.control AS rule, m.owner, "
    "m.reviewer, "
    "m.until AS expiry, m.uses, m.last_review, CASE WHEN m.revoked_at IS NOT NULL THEN 'revoked ' || m.revoked_at "
    "WHEN m.until <= b.last_time THEN 'ended' ELSE 'in force' END || CASE WHEN m.uses > m.answered THEN ', ' || "
    "(m.uses - m.answered) || "
    "' uses NOT ANSWERED FOR' WHEN m.uses > 0 THEN ', all uses answered for' ELSE ', not used' END AS result, m.since, "
    "d.first_seq, d.first_idx "
    "FROM mitigation m JOIN book b JOIN document d ON d.number = m.number "
    "UNION ALL SELECT p.number, 'closed month ' || p.entity || ' ' || p.period || ' for ' || p.user, p.by, "
    "p.approved_by, p.until, "
    "(SELECT count(*) FROM document d WHERE d.entity = p.entity AND d.period = p.period AND d.user = p.user AND "
    "d.submitted_at >= p.time AND "
    "d.submitted_at < p.until AND d.posted_seq IS NOT NULL), NULL, CASE WHEN p.until <= b.last_time THEN 'ended' ELSE "
    "'in force' END, "
    "p.time, d.first_seq, d.first_idx FROM period_event p JOIN book b JOIN document d ON d.number = p.number WHERE "
    "p.user IS NOT NULL "
    "ORDER BY first_seq, first_idx";

const struct report report_r13 = {
    .id = "R-13",
    .version = 1,
    .title = "Mitigations and exceptions",
    .question =
        "What was permitted against a rule, for whom and until when, how often was it used, and who looked at it?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
};

/*
 * R-17 Period events: months that were closed, closed for good and opened again, and exceptions that let one user work in a closed
 * month. A month that nothing was said about is open. docs_posted_under_exception counts what that user submitted into the month
 * between the exception and its end and that was posted.
 */
#include "audit/reports/reports.h"

static const struct report_column columns[] = {
    {.name = "entity"},       {.name = "period"},
    {.name = "from_state"},   {.name = "to_state"},
    {.name = "by"},           {.name = "at", .type = REPORT_INSTANT},
    {.name = "exception_id"}, {.name = "docs_posted_under_exception", .type = REPORT_COUNT},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"period", "first_day", "the month itself"},
    {"entity", "entity", NULL},
    {"user", "by", NULL},
    {NULL, NULL, NULL},
};

static const char sql[] =
    "SELECT p.entity, p.period, coalesce((SELECT o.state FROM period_event o WHERE o.entity = p.entity AND o.period = "
    "p.period AND "
    "o.user IS NULL AND o.seq < p.seq ORDER BY o.seq DESC LIMIT 1), 'open') AS from_state, "
    "CASE WHEN p.user IS NOT NULL THEN 'open for ' || p.user || ' until ' || p.until ELSE p.state END AS to_state, "
    "p.by, p.time AS at, "
    "CASE WHEN p.user IS NOT NULL THEN p.number END AS exception_id, "
    "CASE WHEN p.user IS NOT NULL THEN (SELECT count(*) FROM document d WHERE d.entity = p.entity AND d.period = "
    "p.period AND d.user = "
    "p.user AND d.submitted_at >= p.time AND d.submitted_at < p.until AND d.posted_seq IS NOT NULL) END AS "
    "docs_posted_under_exception, p.period || '-01' AS first_day "
    "FROM period_event p ORDER BY p.seq, p.number";

const struct report report_r17 = {
    .id = "R-17",
    .version = 1,
    .title = "Period events",
    .question = "Which months were closed and opened again, by whom, and what was posted under exceptions?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
};

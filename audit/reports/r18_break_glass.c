/*
 * R-18 Emergency access (break-glass): actions are documents submitted, amended or approved under it, refused ones too. A
 * review that did not come by its day shows as LATE in conclusion.
 */
#include "audit/reports/reports.h"

static const struct report_column columns[] = {
    {.name = "id"},
    {.name = "opened_by"},
    {.name = "second"},
    {.name = "reason"},
    {.name = "scope"},
    {.name = "start", .type = REPORT_INSTANT},
    {.name = "end", .type = REPORT_INSTANT},
    {.name = "actions", .type = REPORT_COUNT},
    {.name = "reviewer"},
    {.name = "reviewed_at", .type = REPORT_INSTANT},
    {.name = "conclusion"},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"period", "start", "day on which it began, UTC"},
    {"user", "opened_by", NULL},
    {NULL, NULL, NULL},
};

static const char sql[] =
    "SELECT g.number AS id, g.opened_by, g.second, g.reason || ' (' || g.ticket || ')' AS reason, replace(g.users, "
    "',', ' ') || ': ' || "
    "replace(g.functions, ',', ' ') || ' in ' || g.entities AS scope, g.since AS start, g.until AS \"end\", g.uses AS "
    "actions, g.reviewer, g.reviewed_at, "
    "coalesce(g.conclusion, CASE WHEN b.last_time >= g.review_by THEN 'not reviewed, LATE since ' ELSE 'to be reviewed "
    "by ' END || g.review_by) || CASE WHEN "
    "g.reviewed_at >= g.review_by THEN ', LATE' ELSE '' END AS conclusion "
    "FROM break_glass g JOIN book b JOIN document d ON d.number = g.number ORDER BY d.first_seq, d.first_idx";

const struct report report_r18 = {
    .id = "R-18",
    .version = 1,
    .title = "Emergency access",
    .question =
        "Who opened emergency access with whom, for what, what was done under it, and who looked at it afterwards?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
};

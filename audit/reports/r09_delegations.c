/*
 * R-09 Delegations: who let whom act for him, for what and until when, and what was done with it.
 */
#include "audit/reports/reports.h"

static const struct report_column columns[] = {
    {.name = "id"},
    {.name = "from"},
    {.name = "to"},
    {.name = "scope"},
    {.name = "limit", .type = REPORT_AMOUNT, .currency = "currency"},
    {.name = "valid_from", .type = REPORT_INSTANT},
    {.name = "valid_to", .type = REPORT_INSTANT},
    {.name = "granted_by"},
    {.name = "used_n", .type = REPORT_COUNT},
    {.name = "amount", .type = REPORT_AMOUNT, .currency = "base_currency"},
    {.name = "revoked_at", .type = REPORT_INSTANT},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"period", "valid_from", "first day of the delegation, UTC"},
    {"user", "from", NULL},
    {NULL, NULL, NULL},
};

static const char sql[] =
    "WITH used AS (SELECT a.delegation, a.number FROM act a WHERE a.delegation IS NOT NULL AND a.outcome <> 'refused' "
    "UNION ALL SELECT v.delegation, v.number FROM version v WHERE v.delegation IS NOT NULL AND v.outcome <> 'refused') "
    "SELECT g.number AS id, g.from_user AS \"from\", g.to_user AS \"to\", replace(g.functions, ',', ' ') AS scope, "
    "g.limit_minor AS "
    "\"limit\", g.currency, g.from_time AS valid_from, g.to_time AS valid_to, g.granted_by, (SELECT count(*) FROM used "
    "u WHERE "
    "u.delegation = g.number) AS used_n, (SELECT sum(d.base_minor) FROM used u JOIN document d ON d.number = u.number "
    "WHERE "
    "u.delegation = g.number) AS amount, b.base AS base_currency, g.revoked_at "
    "FROM delegation g JOIN book b ORDER BY g.since, CAST(substr(g.number, 4) AS INTEGER), g.number";

const struct report report_r09 = {
    .id = "R-09",
    .version = 1,
    .title = "Delegations",
    .question = "Who let whom act for him, for what, until when, and how was it used?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
    .total = "amount",
    .total_currency = "base_currency",
};

/*
 * R-06 Cumulative exposure: each document whose levels were raised by what adds up over an invoice, a customer group or a person
 * (C-06 to C-08), with the sum, the threshold that it passed, the level that this asked for and the level that was obtained. The last
 * answer of each control about a document counts.
 */
#include "audit/reports/reports.h"

static const struct report_column columns[] = {
    {.name = "group_key"},
    {.name = "window"},
    {.name = "documents", .type = REPORT_COUNT},
    {.name = "sum", .type = REPORT_AMOUNT, .currency = "base_currency"},
    {.name = "limit", .type = REPORT_AMOUNT, .currency = "base_currency"},
    {.name = "level_required", .type = REPORT_COUNT},
    {.name = "level_obtained", .type = REPORT_COUNT},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"period", "time", "time of the decision, UTC"},
    {"entity", "entity", NULL},
    {"kind", "kind", NULL},
    {"customer", "customer", NULL},
    {"user", "user", NULL},
    {"control", "control", NULL},
    {NULL, NULL, NULL},
};

static const char sql[] =
    "SELECT CASE n.control WHEN 'C-06' THEN 'invoice ' || (n.inputs ->> 'invoice') WHEN 'C-07' THEN 'customer group ' "
    "|| (n.inputs ->> "
    "'group') ELSE 'person ' || (n.inputs ->> 'person') END || ', ' || n.number AS group_key, n.inputs ->> 'window' AS "
    "window, "
    "n.inputs ->> 'count' AS documents, CAST(replace(n.inputs ->> 'sum', '.', '') AS INTEGER) AS sum, "
    "CAST(replace(n.inputs ->> 'limit', '.', '') AS INTEGER) AS \"limit\", b.base AS base_currency, "
    "(SELECT max(value) FROM json_each('[' || n.levels || ']')) AS level_required, "
    "coalesce((SELECT max(a.level) FROM act a WHERE a.number = n.number AND a.counts = 1), 0) AS level_obtained, "
    "e.time, n.control, d.entity, d.kind, d.customer, d.user "
    "FROM answer n JOIN entry e ON e.seq = n.seq JOIN book b JOIN document d ON d.number = n.number "
    "WHERE n.code = 'sum' AND n.control IN ('C-06', 'C-07', 'C-08') AND NOT EXISTS (SELECT 1 FROM answer o WHERE "
    "o.number = n.number "
    "AND o.control = n.control AND o.code = n.code AND (o.seq, o.idx, o.n) > (n.seq, n.idx, n.n)) ORDER BY n.seq, "
    "n.idx, n.n";

const struct report report_r06 = {
    .id = "R-06",
    .version = 1,
    .title = "Cumulative exposure",
    .question = "Where did sums over invoices, customer groups and persons ask for a higher level than the single "
                "amount, and was it "
                "obtained?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
};

/*
 * R-08 Duplicate candidates: each document that C-38 saw beside an earlier one: the same on the same invoice (refused, or let in as
 * meant and signed one level higher), or only alike (flagged). The disposition is what an auditor recorded about the document, else
 * what became of it.
 */
#include "audit/reports/reports.h"

static const struct report_column columns[] = {
    {.name = "pair_ids"},
    {.name = "customer"},
    {.name = "invoice"},
    {.name = "amount", .type = REPORT_AMOUNT, .currency = "currency"},
    {.name = "days_apart", .type = REPORT_COUNT},
    {.name = "match_rule"},
    {.name = "disposition"},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"period", "time", "time of the later document, UTC"},
    {"entity", "entity", NULL},
    {"kind", "kind", NULL},
    {"customer", "customer", NULL},
    {"user", "user", NULL},
    {NULL, NULL, NULL},
};

static const char sql[] =
    "SELECT coalesce(n.number, '(' || v.ref || ')') || ' ' || (n.inputs ->> 'document') AS pair_ids, v.customer, "
    "coalesce(n.inputs ->> 'invoice', (SELECT group_concat(invoice, ' ') FROM (SELECT a.invoice FROM allocation a "
    "WHERE a.number = "
    "n.number ORDER BY a.n))) AS invoice, v.amount_minor AS amount, v.currency, "
    "CAST(julianday(substr(v.time, 1, 10)) - julianday(substr(o.submitted_at, 1, 10)) AS INTEGER) AS days_apart, "
    "n.code AS "
    "match_rule, coalesce((SELECT group_concat(p.conclusion, '; ') FROM disposition p WHERE p.about = n.number), "
    "CASE WHEN v.outcome = 'refused' THEN 'refused' WHEN n.answer = 'need' THEN 'meant, one level more: ' || d.state "
    "ELSE d.state END) AS "
    "disposition, v.time, v.entity, v.kind, v.user "
    "FROM answer n JOIN version v ON v.seq = n.seq AND v.idx = n.idx LEFT JOIN document d ON d.number = n.number "
    "LEFT JOIN document o ON o.number = n.inputs ->> 'document' "
    "WHERE n.control = 'C-38' AND n.code <> 'ref-taken' AND n.inputs ->> 'document' IS NOT NULL ORDER BY n.seq, n.idx, "
    "n.n";

const struct report report_r08 = {
    .id = "R-08",
    .version = 1,
    .title = "Duplicate candidates",
    .question = "Which documents are the same as an earlier one or look like it, and what became of them?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
    .total = "amount",
    .total_currency = "currency",
};

/*
 * R-07 Preparer x approver matrix: who approves whose documents how often. Its population is every approval that counts at the
 * head of a correction or limit; share is of the preparer's approvals. The flag names the control (C-09) that saw the pair as it
 * approved.
 */
#include "audit/reports/reports.h"

static const struct report_column columns[] = {
    {.name = "preparer"},
    {.name = "approver"},
    {.name = "n", .type = REPORT_COUNT},
    {.name = "share", .type = REPORT_PERCENT},
    {.name = "amount", .type = REPORT_AMOUNT, .currency = "base_currency"},
    {.name = "flag"},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"period", "time", "time of the approval, UTC"},
    {"entity", "entity", NULL},
    {"kind", "kind", NULL},
    {"customer", "customer", NULL},
    {NULL, NULL, NULL},
};

#define APPROVALS                                                                                                      \
    "SELECT d.user AS preparer, a.user AS approver, a.number, a.seq, a.idx, a.time, d.entity, d.kind, d.customer, "    \
    "coalesce(d.base_minor, 0) AS base_minor FROM act a JOIN document d ON d.number = a.number WHERE a.verb = "        \
    "'approve' AND a.counts = 1 AND d.entity IS NOT NULL AND d.customer IS NOT NULL"

static const char sql[] =
    "WITH approval AS (" APPROVALS
    " AND (:period_from IS NULL OR substr(a.time, 1, 10) BETWEEN :period_from AND :period_to) "
    "AND (:entity IS NULL OR d.entity = :entity) AND (:kind IS NULL OR d.kind = :kind) "
    "AND (:customer IS NULL OR d.customer = :customer)), "
    "pair AS (SELECT preparer, approver, count(*) AS n, sum(base_minor) AS amount, sum(EXISTS (SELECT 1 FROM answer w "
    "WHERE "
    "w.seq = approval.seq AND w.idx = approval.idx AND w.control = 'C-09')) AS seen FROM approval GROUP BY preparer, "
    "approver), "
    "total AS (SELECT preparer, sum(n) AS n FROM pair GROUP BY preparer) "
    "SELECT p.preparer, p.approver, p.n, printf('%d.%02d', p.n * 10000 / t.n / 100, p.n * 10000 / t.n % 100) AS share, "
    "p.amount, "
    "b.base AS base_currency, CASE WHEN p.seen > 0 THEN 'C-09 in ' || p.seen || ' of ' || p.n END AS flag "
    "FROM pair p JOIN total t ON t.preparer = p.preparer JOIN book b ORDER BY p.preparer, p.approver";

const struct report report_r07 = {
    .id = "R-07",
    .version = 1,
    .title = "Preparer and approver matrix",
    .question = "Who approves whose documents, how often, and over what amount?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
    .population = APPROVALS,
    .total = "amount",
    .total_currency = "base_currency",
};

/*
 * R-02 Correction register: every correction that was admitted, whatever became of it, as it stands at the head. The population
 * from which auditors sample. Refused attempts have no request number and stand in R-05.
 */
#include "audit/reports/reports.h"

static const struct report_column columns[] = {
    {.name = "seq", .type = REPORT_COUNT},
    {.name = "doc_id"},
    {.name = "type"},
    {.name = "entity"},
    {.name = "customer"},
    {.name = "group"},
    {.name = "invoice"},
    {.name = "currency"},
    {.name = "amount", .type = REPORT_AMOUNT, .currency = "currency"},
    {.name = "functional", .type = REPORT_AMOUNT, .currency = "functional_currency"},
    {.name = "reporting", .type = REPORT_AMOUNT, .currency = "base_currency"},
    {.name = "reason"},
    {.name = "document_date", .type = REPORT_DATE},
    {.name = "effective", .type = REPORT_DATE},
    {.name = "period"},
    {.name = "entered_by"},
    {.name = "entered_at", .type = REPORT_INSTANT},
    {.name = "channel"},
    {.name = "state"},
    {.name = "approvals", .type = REPORT_COUNT},
    {.name = "posted_at", .type = REPORT_INSTANT},
    {.name = "policy_version"},
    {.name = "content_hash", .type = REPORT_HASH},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"period", "effective", "effective date, in the entity's calendar"},
    {"entity", "entity", NULL},
    {"kind", "type", NULL},
    {"customer", "customer", NULL},
    {"user", "entered_by", NULL},
    {NULL, NULL, NULL},
};

static const char sql[] =
    "SELECT d.seq, d.number AS doc_id, d.kind AS type, d.entity, d.customer, d.customer_group AS \"group\", "
    "(SELECT group_concat(invoice, ' ') FROM (SELECT a.invoice FROM allocation a WHERE a.number = d.number ORDER BY "
    "a.n)) AS "
    "invoice, d.currency, d.amount_minor AS amount, "
    "CASE WHEN d.currency = e.currency THEN d.amount_minor ELSE (SELECT sum(l.functional_minor) FROM line l WHERE "
    "l.number = "
    "d.number AND l.side = 'dr' AND l.difference IS NULL) END AS functional, e.currency AS functional_currency, "
    "d.base_minor AS reporting, b.base AS base_currency, d.reason, local_day(d.submitted_at, d.entity) AS "
    "document_date, "
    "d.day AS effective, d.period, d.user AS entered_by, v.time AS entered_at, d.channel, d.state, d.approvals, "
    "d.posted_at, "
    "coalesce(p.policy_seq, v.policy_seq) AS policy_version, d.content AS content_hash, "
    "CASE d.direction WHEN 'down' THEN 'credit' WHEN 'up' THEN 'debit' END AS side "
    "FROM document d JOIN book b LEFT JOIN entity e ON e.entity = d.entity JOIN entry v ON v.seq = d.seq "
    "LEFT JOIN entry p ON p.seq = d.posted_seq "
    "WHERE d.prefix IN ('CN', 'IC', 'WO', 'RV', 'RB', 'RC', 'AJ') ORDER BY d.first_seq, d.first_idx";

const struct report report_r02 = {
    .id = "R-02",
    .version = 1,
    .title = "Correction register",
    .question = "Which corrections were admitted, by whom, over which amounts, and what became of each?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
    .total = "amount",
    .total_currency = "currency",
    .total_side = "side",
};

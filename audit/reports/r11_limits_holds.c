/*
 * R-11 Credit-limit and hold register: permanent and temporary limits and releases of held orders, as they stand at the head.
 * exposure is what the customer stood for when it was decided (open invoices, account and held orders, FORMAT.md section 6), and
 * over_percent by how much that was above the new limit, of a release above the limit that counted. renewals counts the temporary
 * limits of the customer before this one. The book keeps no risk class: the column is empty.
 */
#include "audit/reports/reports.h"

static const struct report_column columns[] = {
    {.name = "customer"},
    {.name = "old", .type = REPORT_AMOUNT, .currency = "currency"},
    {.name = "new", .type = REPORT_AMOUNT, .currency = "currency"},
    {.name = "kind"},
    {.name = "valid_to"},
    {.name = "exposure", .type = REPORT_AMOUNT, .currency = "currency"},
    {.name = "over_percent", .type = REPORT_PERCENT},
    {.name = "risk_class"},
    {.name = "requested_by"},
    {.name = "approvers"},
    {.name = "expired_at"},
    {.name = "renewals", .type = REPORT_COUNT},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"period", "day", "effective date, in the entity's calendar"},
    {"entity", "entity", NULL},
    {"kind", "kind", NULL},
    {"customer", "customer", NULL},
    {"user", "user", NULL},
    {NULL, NULL, NULL},
};

static const char sql[] =
    "WITH held AS (SELECT d.*, CAST(replace(d.document ->> 'previous', '.', '') AS INTEGER) AS old_minor, "
    "d.amount_minor AS new_minor, CASE d.kind WHEN 'temporary-limit' THEN d.document ->> 'to' "
    "WHEN 'hold-release' THEN d.document ->> 'expires' ELSE d.document ->> 'review' END AS valid_to, "
    "(SELECT sum(CAST(replace(value, '.', '') AS INTEGER)) FROM json_each(d.exposure) "
    "WHERE key IN ('open', 'account', 'held')) AS exposure_minor, "
    "CASE d.kind WHEN 'hold-release' THEN (SELECT max(CAST(replace(value, '.', '') AS INTEGER)) "
    "FROM json_each(d.exposure) WHERE key IN ('limit', 'temporary')) ELSE d.amount_minor END AS bound_minor "
    "FROM document d WHERE d.kind IN ('credit-limit', 'temporary-limit', 'hold-release')) "
    "SELECT h.customer, h.old_minor AS old, h.new_minor AS new, h.currency, h.kind, h.valid_to, "
    "h.exposure_minor AS exposure, "
    "CASE WHEN h.bound_minor > 0 AND h.exposure_minor > h.bound_minor THEN printf('%d.%02d', "
    "(h.exposure_minor - h.bound_minor) * 100 / h.bound_minor, "
    "((h.exposure_minor - h.bound_minor) * 10000 / h.bound_minor) % 100) END AS over_percent, "
    "NULL AS risk_class, coalesce(h.requested_by, h.user) AS requested_by, "
    "(SELECT group_concat(user, ' ') FROM (SELECT a.user FROM act a WHERE a.number = h.number AND a.counts = 1 "
    "ORDER BY a.seq, a.idx)) AS approvers, "
    "CASE WHEN h.state NOT IN ('waiting', 'returned', 'in-force', 'posted') THEN coalesce(h.ended_at, h.state) "
    "WHEN h.kind <> 'credit-limit' AND h.valid_to < substr(b.last_time, 1, length(h.valid_to)) THEN h.valid_to END "
    "AS expired_at, "
    "(SELECT count(*) FROM document o WHERE o.kind = 'temporary-limit' AND h.kind = 'temporary-limit' AND "
    "o.entity = h.entity AND o.customer = h.customer AND (o.first_seq, o.first_idx) < (h.first_seq, h.first_idx) AND "
    "o.posted_seq IS NOT NULL) AS renewals, "
    "h.entity, h.day, h.user "
    "FROM held h JOIN book b ORDER BY h.first_seq, h.first_idx";

const struct report report_r11 = {
    .id = "R-11",
    .version = 2,
    .title = "Credit-limit and hold register",
    .question = "Which limits were set, raised for a time or released from hold, for whom, and who approved?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
    .total = "new",
    .total_currency = "currency",
};

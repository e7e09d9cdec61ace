/*
 * R-11 Credit-limit and hold register: permanent and temporary limits and releases of held orders, as they stand at the head.
 * exposure is what the customer's invoices have open at the head, and over_percent by how much that is above the new limit; renewals
 * counts the temporary limits of the customer before this one. The book keeps no risk class: the column is empty.
 */
#include "audit/reports/reports.h"

static const struct report_column columns[] = {
    {.name = "customer"},
    {.name = "old", .type = REPORT_AMOUNT, .currency = "currency"},
    {.name = "new", .type = REPORT_AMOUNT, .currency = "currency"},
    {.name = "kind"},
    {.name = "valid_to"},
    {.name = "exposure", .type = REPORT_AMOUNT, .currency = "customer_currency"},
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
    "CAST(replace(CASE d.kind WHEN 'hold-release' THEN d.document ->> 'amount' ELSE d.document ->> 'limit' END, '.', "
    "'') AS INTEGER) AS "
    "new_minor, CASE d.kind WHEN 'temporary-limit' THEN d.document ->> 'to' WHEN 'hold-release' THEN d.document ->> "
    "'expires' ELSE "
    "d.document ->> 'review' END AS valid_to, (SELECT sum(i.open_minor) FROM invoice i WHERE i.entity = d.entity AND "
    "i.customer = "
    "d.customer) AS open_minor FROM document d WHERE d.kind IN ('credit-limit', 'temporary-limit', 'hold-release')) "
    "SELECT h.customer, h.old_minor AS old, h.new_minor AS new, h.currency, h.kind, h.valid_to, h.open_minor AS "
    "exposure, c.currency AS "
    "customer_currency, CASE WHEN h.kind <> 'hold-release' AND h.new_minor > 0 AND h.open_minor > h.new_minor AND "
    "c.currency = "
    "h.currency THEN printf('%d.%02d', (h.open_minor - h.new_minor) * 100 / h.new_minor, ((h.open_minor - h.new_minor) "
    "* 10000 / "
    "h.new_minor) % 100) END AS over_percent, NULL AS risk_class, coalesce(h.requested_by, h.user) AS requested_by, "
    "(SELECT group_concat(user, ' ') FROM (SELECT a.user FROM act a WHERE a.number = h.number AND a.counts = 1 ORDER "
    "BY a.seq, a.idx)) "
    "AS approvers, CASE WHEN h.state NOT IN ('waiting', 'returned', 'in-force', 'posted') THEN coalesce(h.ended_at, "
    "h.state) WHEN "
    "h.kind <> 'credit-limit' AND h.valid_to < substr(b.last_time, 1, length(h.valid_to)) THEN h.valid_to END AS "
    "expired_at, "
    "(SELECT count(*) FROM document o WHERE o.kind = 'temporary-limit' AND h.kind = 'temporary-limit' AND o.entity = "
    "h.entity AND "
    "o.customer = h.customer AND (o.first_seq, o.first_idx) < (h.first_seq, h.first_idx) AND o.posted_seq IS NOT NULL) "
    "AS renewals, "
    "h.entity, h.day, h.user "
    "FROM held h JOIN book b LEFT JOIN customer c ON c.entity = h.entity AND c.customer = h.customer ORDER BY "
    "h.first_seq, h.first_idx";

const struct report report_r11 = {
    .id = "R-11",
    .version = 1,
    .title = "Credit-limit and hold register",
    .question = "Which limits were set, raised for a time or released from hold, for whom, and who approved?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
    .total = "new",
    .total_currency = "currency",
};

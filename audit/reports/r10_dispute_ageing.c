/*
 * R-10 Dispute ageing: days from the day it was opened to the day it was resolved, else to the book's last entry, both in the
 * entity's calendar. amount is what the dispute says, else what it is of: its line or its invoice, whole.
 */
#include "audit/reports/reports.h"

static const struct report_column columns[] = {
    {.name = "id"},
    {.name = "customer"},
    {.name = "invoice"},
    {.name = "amount", .type = REPORT_AMOUNT, .currency = "currency"},
    {.name = "opened", .type = REPORT_INSTANT},
    {.name = "owner"},
    {.name = "days", .type = REPORT_COUNT},
    {.name = "reopened_n", .type = REPORT_COUNT},
    {.name = "outcome"},
    {.name = "credit_id"},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"period", "opened", "day it was opened, UTC"},
    {"entity", "entity", NULL},
    {"customer", "customer", NULL},
    {"user", "owner", NULL},
    {NULL, NULL, NULL},
};

static const char sql[] =
    "SELECT c.number AS id, c.customer, c.invoice, coalesce(c.amount_minor, n.net_minor + n.tax_minor, i.gross_minor) "
    "AS amount, "
    "coalesce(c.currency, i.currency) AS currency, c.opened_at AS opened, c.owner, "
    "day_number(local_day(coalesce(c.resolved_at, c.closed_at, b.last_time), c.entity)) - "
    "day_number(local_day(c.opened_at, c.entity)) AS days, "
    "c.reopened AS reopened_n, coalesce(c.outcome, c.state) AS outcome, c.settled_by AS credit_id, c.entity "
    "FROM case_ c JOIN book b JOIN document d ON d.number = c.number "
    "LEFT JOIN invoice i ON i.entity = c.entity AND i.invoice = c.invoice "
    "LEFT JOIN invoice_line n ON n.entity = c.entity AND n.invoice = c.invoice AND n.line = d.document ->> 'line' "
    "WHERE c.kind = 'dispute' ORDER BY d.first_seq, d.first_idx";

const struct report report_r10 = {
    .id = "R-10",
    .version = 1,
    .title = "Dispute ageing",
    .question = "How old is each dispute, who owns it, what came of it, and which document settled it?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
    .total = "amount",
    .total_currency = "currency",
};

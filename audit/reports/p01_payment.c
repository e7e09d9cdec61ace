/*
 * P-01 Payment pattern: cash applied to invoices, by customer and currency. Days run from the due date to the day of the
 * receipt, below zero where it was early; their average is weighted by the amounts, rounded toward zero. late_share is the
 * share of the amount that came after the due date.
 */
#include "audit/reports/reports.h"

static const struct report_column columns[] = {
    {.name = "entity"},
    {.name = "customer"},
    {.name = "currency"},
    {.name = "invoices", .type = REPORT_COUNT},
    {.name = "payments", .type = REPORT_COUNT},
    {.name = "amount", .type = REPORT_AMOUNT, .currency = "currency"},
    {.name = "late", .type = REPORT_AMOUNT, .currency = "currency"},
    {.name = "late_share", .type = REPORT_PERCENT},
    {.name = "days_average"},
    {.name = "days_max"},
    {.name = "overdue_now", .type = REPORT_AMOUNT, .currency = "currency"},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"period", "day", "day of the receipt"},
    {"entity", "entity", NULL},
    {"customer", "customer", NULL},
    {NULL, NULL, NULL},
};

static const char population[] = "SELECT r.day, r.entity, i.customer FROM application p JOIN receipt r ON r.entity = "
                                 "p.entity AND r.receipt = p.receipt JOIN invoice i ON i.entity = p.entity AND "
                                 "i.invoice = p.invoice";

static const char sql[] =
    "WITH paid AS (SELECT i.entity, i.customer, i.currency, i.invoice, p.amount_minor AS minor, day_number(r.day) - "
    "day_number(i.due) AS days FROM application p JOIN receipt r ON "
    "r.entity = p.entity AND r.receipt = p.receipt JOIN invoice i ON i.entity = p.entity AND i.invoice = p.invoice "
    "WHERE (:period_from IS NULL OR r.day BETWEEN :period_from AND :period_to) AND (:entity IS NULL OR i.entity = "
    ":entity) AND (:customer IS NULL OR i.customer = :customer)), "
    "payer AS (SELECT entity, customer, currency, count(DISTINCT invoice) AS invoices, count(*) AS payments, "
    "sum(minor) AS amount, sum(CASE WHEN days > 0 THEN minor ELSE 0 END) AS late, "
    "sum(minor * days) AS weighted, max(days) AS days_max FROM paid GROUP BY entity, customer, currency) "
    "SELECT y.entity, y.customer, y.currency, y.invoices, y.payments, y.amount, y.late, CASE WHEN y.amount > 0 THEN "
    "printf('%d.%02d', y.late * 10000 / y.amount / 100, y.late * 10000 / "
    "y.amount % 100) END AS late_share, CASE WHEN y.amount > 0 THEN CASE WHEN y.weighted < 0 THEN '-' ELSE '' END || "
    "printf('%d.%d', abs(y.weighted) * 10 / y.amount / 10, "
    "abs(y.weighted) * 10 / y.amount % 10) END AS days_average, y.days_max, (SELECT coalesce(sum(i.open_minor), 0) "
    "FROM invoice i JOIN book b WHERE i.entity = y.entity AND i.customer = "
    "y.customer AND i.currency = y.currency AND i.due < local_day(b.last_time, i.entity) AND i.open_minor > 0) AS "
    "overdue_now "
    "FROM payer y ORDER BY y.entity, y.customer, y.currency";

const struct report report_p01 = {
    .id = "P-01",
    .version = 1,
    .title = "Payment pattern",
    .question = "How late does each customer pay, how much of it, and what is overdue now?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
    .population = population,
    .total = "amount",
    .total_currency = "currency",
};

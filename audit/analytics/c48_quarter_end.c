/*
 * C-48 Around the end of a quarter: large credits and write-offs in the first and last days of a fiscal quarter, and credits early
 * in a quarter for invoices of the last days of the one before (sales that were pulled forward). Large is what belongs to the top of
 * the period asked for, or is above an amount.
 */
#include "audit/analytics/analytics.h"

static const struct analytic_parameter parameters[] = {
    {"days", 5, 1, 15, "days at either end of a quarter"},
    {"top_percent", 5, 1, 50, "percent of the documents: the largest of them count as large"},
    {"amount", 25000, 1, 1000000000, "units of the base currency from which on an amount is large anyway"},
    {"credit_days", 10, 1, 90, "days after the quarter's end in which a credit of its last invoices is looked at"},
    {NULL, 0, 0, 0, NULL},
};

/* A quarter ends with every third month of the fiscal year; last: days of a month that are left on a day, itself included. */
#define LAST(day)          "(day_number(date(" day ", 'start of month', '+1 month')) - day_number(" day "))"
#define MONTH(day, entity) "(CAST(substr(fiscal_period(" day ", " entity "), 2) AS INTEGER) % 3)"

const struct analytic analytic_c48 = {
    .id = "C-48",
    .title = "Around the end of a quarter",
    .question = "What large credits stand at the ends of a quarter, and which take back its last sales?",
    .source = "DOMAIN 2D; AS 2401 (period end)",
    .cadence = ANALYTIC_QUARTERLY,
    .parameters = parameters,
    .sql =
        "WITH " ANALYTIC_POPULATION ", "
        "down AS (SELECT d.*, row_number() OVER (ORDER BY d.base_minor DESC, d.number) AS rank, count(*) OVER () AS n "
        "FROM pop d "
        "WHERE d.direction = 'down'), "
        "edge AS (SELECT *, CASE WHEN " MONTH("day", "entity") " = 0 AND " LAST(
            "day") " <= :days THEN 'last' "
                   "WHEN " MONTH(
                       "day",
                       "entity") " = 1 AND CAST(substr(day, 9, 2) AS INTEGER) <= :days THEN 'first' END AS at FROM "
                                 "down), "
                                 "early AS (SELECT DISTINCT d.number, d.entity, d.person, d.day, d.base_minor, "
                                 "i.invoice, i.day AS billed "
                                 "FROM down d JOIN allocation a ON a.number = d.number JOIN invoice i ON i.entity = "
                                 "d.entity AND i.invoice = a.invoice "
                                 "WHERE " MONTH("i.day", "d.entity") " = 0 AND " LAST("i.day") " <= :days AND " MONTH(
                                     "d.day",
                                     "d.entity") " = 1 "
                                                 "AND day_number(d.day) - day_number(i.day) - " LAST(
                                                     "i.day") " + 1 BETWEEN 1 AND :credit_days) "
                                                              "SELECT 'C-48/edge/' || number AS key, number AS "
                                                              "document, entity, person, "
                                                              "amount_text(base_minor, (SELECT base FROM book)) AS "
                                                              "metric, 'top ' || :top_percent || ' percent, or ' || "
                                                              ":amount AS threshold, "
                                                              "amount_text(base_minor, (SELECT base FROM book)) || ' "
                                                              "on ' || day || ', in the ' || at || ' ' || :days || ' "
                                                              "days of a quarter' "
                                                              "AS text FROM edge WHERE at IS NOT NULL AND (rank * 100 "
                                                              "<= n * :top_percent OR base_minor >= "
                                                              ":amount * (SELECT scale FROM currency WHERE currency = "
                                                              "(SELECT base FROM book))) "
                                                              "UNION ALL SELECT 'C-48/early/' || number || '/' || "
                                                              "invoice, number, entity, person, billed || ' to ' || "
                                                              "day, "
                                                              ":credit_days || ' days', 'credits invoice ' || invoice "
                                                              "|| ' of ' || billed || ', the last ' || :days || "
                                                              "' days of a quarter, on ' || day FROM early ORDER BY "
                                                              "key",
};

/*
 * C-50 Concentration, and customers that are new or asleep: one preparer, approver, customer or reason stands for a large share of
 * what an entity gave away; credits to a customer who has just been created, or who has bought nothing for a year. Customers of an
 * entity's first file are not new: the book is.
 */
#include "audit/analytics/analytics.h"

static const struct analytic_parameter parameters[] = {
    {"share_percent", 40, 1, 100, "percent of the amount: a larger share is told"},
    {"count_min", 20, 2, 1000000, "documents of an entity from which on shares are looked at"},
    {"new_days", 30, 0, 3660, "days in which a customer is new"},
    {"asleep_days", 365, 1, 3660, "days without an invoice after which a customer is asleep"},
    {NULL, 0, 0, 0, NULL},
};

const struct analytic analytic_c50 = {
    .id = "C-50",
    .title = "Concentration, new and sleeping customers",
    .question =
        "Does one person, customer or reason stand for most of it, and who is credited that is new or buys nothing?",
    .source = "DOMAIN 2D",
    .cadence = ANALYTIC_MONTHLY,
    .parameters = parameters,
    .sql =
        "WITH " ANALYTIC_POPULATION ", "
        "down AS (SELECT * FROM pop WHERE direction = 'down'), "
        "total AS (SELECT entity, sum(base_minor) AS sum, count(*) AS n FROM down GROUP BY entity), "
        "part AS (SELECT entity, 'preparer' AS what, person AS id, person, sum(base_minor) AS sum, count(*) AS n FROM "
        "down "
        "GROUP BY entity, person UNION ALL "
        "SELECT d.entity, 'approver', a.person, a.person, sum(d.base_minor), count(*) FROM down d JOIN act a ON "
        "a.number = d.number "
        "AND a.verb = 'approve' AND a.counts = 1 GROUP BY d.entity, a.person UNION ALL "
        "SELECT entity, 'customer', customer, NULL, sum(base_minor), count(*) FROM down GROUP BY entity, customer "
        "UNION ALL "
        "SELECT entity, 'reason', reason, NULL, sum(base_minor), count(*) FROM down GROUP BY entity, reason), "
        "first_file AS (SELECT entity, min(seq) AS seq FROM customer GROUP BY entity), "
        "fresh AS (SELECT d.number, d.entity, d.person, d.customer, d.day, substr(c.since, 1, 10) AS since FROM down d "
        "JOIN customer c ON c.entity = d.entity AND c.customer = d.customer JOIN first_file f ON f.entity = d.entity "
        "WHERE c.seq > f.seq AND day_number(d.day) - day_number(c.since) < :new_days), "
        "asleep AS (SELECT d.number, d.entity, d.person, d.customer, d.day, (SELECT max(i.day) FROM invoice i "
        "WHERE i.entity = d.entity AND i.customer = d.customer AND i.day <= d.day) AS last FROM down d) "
        "SELECT 'C-50/' || :label || '/' || p.entity || '/' || what || '/' || id AS key, NULL AS document, p.entity AS "
        "entity, person, "
        "printf('%d.%02d %%', p.sum * 10000 / t.sum / 100, p.sum * 10000 / t.sum % 100) AS metric, "
        ":share_percent || ' %' AS threshold, what || ' ' || id || ' stands for ' || amount_text(p.sum, b.base) || ' "
        "of ' || "
        "amount_text(t.sum, b.base) || ' ' || b.base || ' in ' || p.n || ' of ' || t.n || ' documents' AS text "
        "FROM part p JOIN total t ON t.entity = p.entity JOIN book b "
        "WHERE t.n >= :count_min AND t.sum > 0 AND p.sum > t.sum * :share_percent / 100 "
        "UNION ALL SELECT 'C-50/new/' || number, number, entity, person, "
        "(day_number(day) - day_number(since)) || ' days', :new_days || ' days', "
        "'customer ' || customer || ' came on ' || since || ', credited as of ' || day FROM fresh "
        "UNION ALL SELECT 'C-50/asleep/' || number, number, entity, person, coalesce(last, 'never'), :asleep_days || ' "
        "days', "
        "'customer ' || customer || ' was last billed ' || coalesce('on ' || last, 'never') || ', credited as of ' || "
        "day "
        "FROM asleep WHERE last IS NULL OR day_number(day) - day_number(last) > :asleep_days ORDER BY key",
};

/*
 * L-01 Leakage by cause: what stands posted and lowers what customers owe (credit notes, corrections, write-offs, adjustments;
 * neither reversed ones nor transfers), in the base currency, by reason and by the root cause of the dispute that it settles.
 * share is of the entity's month.
 */
#include "audit/reports/reports.h"

static const struct report_column columns[] = {
    {.name = "entity"},
    {.name = "period"},
    {.name = "root_cause"},
    {.name = "reason"},
    {.name = "title"},
    {.name = "count", .type = REPORT_COUNT},
    {.name = "amount", .type = REPORT_AMOUNT, .currency = "base_currency"},
    {.name = "share", .type = REPORT_PERCENT},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"period", "day", "effective date, in the entity's calendar"},
    {"entity", "entity", NULL},
    {"kind", "kind", NULL},
    {"customer", "customer", NULL},
    {NULL, NULL, NULL},
};

static const char population[] = "SELECT d.number, d.day, d.entity, d.kind, d.customer FROM document d WHERE d.state = "
                                 "'posted' AND d.direction = 'down' AND d.kind IN ('credit-note', 'correction', "
                                 "'write-off', 'adjustment') AND coalesce(d.document ->> 'charge', '') <> 'transfer'";

static const char sql[] =
    "WITH given AS (SELECT d.entity, d.period, d.reason, coalesce(d.base_minor, d.amount_minor) AS minor, (SELECT "
    "c.root_cause FROM link k JOIN case_ c ON c.number = k.other "
    "WHERE k.number = d.number AND k.rel = 'dispute' ORDER BY k.other LIMIT 1) AS root_cause FROM document d WHERE "
    "d.state = 'posted' AND d.direction = 'down' AND d.kind IN ('credit-note', 'correction', 'write-off', "
    "'adjustment') AND coalesce(d.document ->> 'charge', '') <> 'transfer' "
    "AND (:period_from IS NULL OR d.day BETWEEN :period_from AND :period_to) AND (:entity IS NULL OR d.entity = "
    ":entity) AND (:kind IS NULL OR d.kind = :kind) "
    "AND (:customer IS NULL OR d.customer = :customer)), "
    "month AS (SELECT entity, period, sum(minor) AS total FROM given GROUP BY entity, period) "
    "SELECT g.entity, g.period, g.root_cause, g.reason, r.title, count(*) AS count, sum(g.minor) AS amount, b.base AS "
    "base_currency, "
    "CASE WHEN m.total > 0 THEN printf('%d.%02d', CAST(sum(g.minor) * 10000 / m.total AS INTEGER) / 100, "
    "CAST(sum(g.minor) * 10000 / m.total AS INTEGER) % 100) END AS share "
    "FROM given g JOIN book b JOIN month m ON m.entity = g.entity AND m.period = g.period LEFT JOIN reason r ON "
    "r.reason = g.reason "
    "GROUP BY g.entity, g.period, g.root_cause, g.reason ORDER BY g.entity, g.period, amount DESC, g.root_cause, "
    "g.reason";

const struct report report_l01 = {
    .id = "L-01",
    .version = 1,
    .title = "Leakage by cause",
    .question = "Why was how much given away, by entity and month?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
    .population = population,
    .total = "amount",
    .total_currency = "base_currency",
};

/*
 * R-03 Completeness and tie-out: what was posted, as the documents have it (journal), as their ledger lines have it (extract:
 * what they move of receivables; of a transfer what it moves from one side to the other), and as the ERP acknowledged it (GL:
 * documents whose delivery it took, of which each acknowledgement had to bear amount and currency). difference is journal less
 * GL. A ledger file from the ERP is tied out line by line by audit completeness.
 */
#include "audit/reports/reports.h"

static const struct report_column columns[] = {
    {.name = "entity"},
    {.name = "period"},
    {.name = "type"},
    {.name = "currency"},
    {.name = "count_journal", .type = REPORT_COUNT},
    {.name = "count_extract", .type = REPORT_COUNT},
    {.name = "count_gl", .type = REPORT_COUNT},
    {.name = "sum_journal", .type = REPORT_AMOUNT, .currency = "currency"},
    {.name = "sum_extract", .type = REPORT_AMOUNT, .currency = "currency"},
    {.name = "sum_gl", .type = REPORT_AMOUNT, .currency = "currency"},
    {.name = "difference", .type = REPORT_AMOUNT, .currency = "currency"},
    {.name = "explanation"},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"period", "day", "effective date, in the entity's calendar"},
    {"entity", "entity", NULL},
    {"kind", "kind", NULL},
    {NULL, NULL, NULL},
};

static const char population[] =
    "SELECT d.number, d.day, d.entity, d.kind FROM document d WHERE d.posted_seq IS NOT NULL AND d.prefix IN ('CN', "
    "'IC', 'WO', 'RV', 'RB', 'RC', 'AJ') "
    "UNION ALL SELECT l.number, l.day, l.entity, NULL FROM line l LEFT JOIN document d ON d.number = l.number AND "
    "d.posted_seq IS NOT NULL WHERE d.number IS NULL GROUP BY l.number";

static const char sql[] =
    "WITH moved AS (SELECT l.number, sum(l.signed_minor) AS net, sum(max(l.signed_minor, 0)) AS up FROM line l "
    "WHERE l.customer IS NOT NULL GROUP BY l.number), "
    "sent AS (SELECT number, max(state = 'acknowledged') AS taken, group_concat(DISTINCT state) AS states FROM "
    "delivery GROUP BY number), "
    "item AS (SELECT d.entity, d.period, d.day, d.kind, d.currency, 1 AS journal, d.amount_minor, EXISTS (SELECT 1 "
    "FROM line l "
    "WHERE l.number = d.number) AS lines, CASE WHEN m.net <> 0 THEN abs(m.net) ELSE coalesce(m.up, 0) END AS "
    "moved_minor, "
    "coalesce(s.taken, 0) AS taken, CASE WHEN s.taken THEN NULL ELSE coalesce(s.states, 'not delivered') END AS open "
    "FROM document d "
    "LEFT JOIN moved m ON m.number = d.number LEFT JOIN sent s ON s.number = d.number "
    "WHERE d.posted_seq IS NOT NULL AND d.prefix IN ('CN', 'IC', 'WO', 'RV', 'RB', 'RC', 'AJ') "
    "UNION ALL SELECT l.entity, l.period, l.day, NULL, l.currency, 0, 0, 1, sum(CASE WHEN l.customer IS NOT NULL THEN "
    "abs(l.signed_minor) "
    "ELSE 0 END), 0, NULL FROM line l LEFT JOIN document d ON d.number = l.number AND d.posted_seq IS NOT NULL "
    "WHERE d.number IS NULL GROUP BY l.number), "
    "added AS (SELECT entity, period, kind, currency, sum(journal) AS count_journal, sum(lines) AS count_extract, "
    "sum(taken) AS count_gl, "
    "sum(amount_minor) AS sum_journal, sum(moved_minor) AS sum_extract, sum(taken * amount_minor) AS sum_gl, "
    "group_concat(DISTINCT open) AS open, sum(journal AND (NOT lines OR moved_minor <> amount_minor)) AS unlike FROM "
    "item "
    "WHERE (:period_from IS NULL OR day BETWEEN :period_from AND :period_to) AND (:entity IS NULL OR entity = :entity) "
    "AND (:kind IS NULL OR kind = :kind) GROUP BY entity, period, kind, currency) "
    "SELECT entity, period, coalesce(kind, '(no document)') AS type, currency, count_journal, count_extract, count_gl, "
    "sum_journal, "
    "sum_extract, sum_gl, sum_journal - sum_gl AS difference, "
    "CASE WHEN unlike > 0 OR count_journal <> count_extract THEN max(unlike, abs(count_extract - count_journal)) || "
    "' documents and their ledger lines DIFFER' "
    "WHEN count_gl = count_journal THEN 'ties' ELSE (count_journal - count_gl) || ' not acknowledged: ' || open END AS "
    "explanation "
    "FROM added ORDER BY entity, period, type, currency";

const struct report report_r03 = {
    .id = "R-03",
    .version = 1,
    .title = "Completeness and tie-out",
    .question = "Is every posted document in the ledger lines, and has the general ledger acknowledged it?",
    .columns = columns,
    .filters = filters,
    .sql = sql,
    .population = population,
    .total = "sum_journal",
    .total_currency = "currency",
};

/*
 * Lists at the end of the period report: what waits, the largest, reasons, customers, months.
 */
#include <string.h>

#include "audit/report/page_parts.h"

struct list {
    const char *caption, *sql;
    const struct page_column *columns;
};

static const struct list lists[] = {
    {"What waits",
     PAGE_CORRECTIONS
     "SELECT number, kind, customer, base_minor, user, substr(submitted_at, 1, 16), note FROM doc WHERE state = "
     "'waiting' ORDER BY submitted_at, number LIMIT 25",
     (const struct page_column[]){{"Document", PAGE_TEXT},
                                  {"Kind", PAGE_TEXT},
                                  {"Customer", PAGE_TEXT},
                                  {"Amount", PAGE_MONEY},
                                  {"Prepared by", PAGE_TEXT},
                                  {"Submitted, UTC", PAGE_DAY},
                                  {"Note", PAGE_TEXT},
                                  {NULL, PAGE_TEXT}}},
    {"The largest posted",
     PAGE_CORRECTIONS "SELECT number, legal_number, kind, customer, base_minor, reason, user, approvals, day FROM doc "
                      "WHERE posted_seq IS NOT "
                      "NULL ORDER BY base_minor DESC, number LIMIT 15",
     (const struct page_column[]){{"Document", PAGE_TEXT},
                                  {"Legal number", PAGE_TEXT},
                                  {"Kind", PAGE_TEXT},
                                  {"Customer", PAGE_TEXT},
                                  {"Amount", PAGE_MONEY},
                                  {"Reason", PAGE_TEXT},
                                  {"Prepared by", PAGE_TEXT},
                                  {"Approvals", PAGE_COUNT},
                                  {"Effective", PAGE_DAY},
                                  {NULL, PAGE_TEXT}}},
    {"Why",
     PAGE_CORRECTIONS
     "SELECT reason, count(*), sum(CASE direction WHEN 'down' THEN base_minor END), sum(CASE direction WHEN 'up' THEN "
     "base_minor END), max(base_minor) FROM doc WHERE posted_seq IS NOT NULL GROUP BY reason ORDER BY 2 DESC, 1",
     (const struct page_column[]){{"Reason", PAGE_TEXT},
                                  {"Posted", PAGE_COUNT},
                                  {"Down", PAGE_MONEY},
                                  {"Up", PAGE_MONEY},
                                  {"The largest", PAGE_MONEY},
                                  {NULL, PAGE_TEXT}}},
    {"Customers with most",
     PAGE_CORRECTIONS "SELECT entity, customer, customer_group, count(*), sum(base_minor) FROM doc WHERE posted_seq IS "
                      "NOT NULL GROUP BY 1, 2, 3 "
                      "ORDER BY 5 DESC, 1, 2 LIMIT 15",
     (const struct page_column[]){{"Entity", PAGE_TEXT},
                                  {"Customer", PAGE_TEXT},
                                  {"Group", PAGE_TEXT},
                                  {"Posted", PAGE_COUNT},
                                  {"Amount", PAGE_MONEY},
                                  {NULL, PAGE_TEXT}}},
    {"Months closed and opened",
     "SELECT entity, period, CASE WHEN user IS NOT NULL THEN 'open for ' || user || ' until ' || until ELSE state END, "
     "by, substr(time, 1, 16), "
     "reason FROM period_event WHERE substr(time, 1, 10) BETWEEN :period_from AND :period_to AND (:entity IS NULL OR "
     "entity = :entity) ORDER "
     "BY seq, number",
     (const struct page_column[]){{"Entity", PAGE_TEXT},
                                  {"Month", PAGE_TEXT},
                                  {"To", PAGE_TEXT},
                                  {"By", PAGE_TEXT},
                                  {"At, UTC", PAGE_DAY},
                                  {"Reason", PAGE_TEXT},
                                  {NULL, PAGE_TEXT}}},
};

enum status page_lists(struct page *page, struct err *err)
{
    enum status status = STATUS_OK;
    page_section(page, "Lists", true);
    page_note(
        page,
        "R-02 has every correction, R-04 every approval, R-05 every answer of a control (countersign audit report).");
    for (size_t i = 0; status == STATUS_OK && i < sizeof lists / sizeof lists[0]; i++) {
        json_t *rows = NULL;
        status = page_ask(page, lists[i].sql, &rows, err);
        if (status == STATUS_OK)
            page_table(page, lists[i].caption, lists[i].columns, rows);
        json_decref(rows);
    }
    return status;
}

/*
 * What the rooms of the period report share: questions whose answers are kept, and pieces of the page. For report_page*.c only.
 */
#ifndef AUDIT_REPORT_PAGE_PARTS_H
#define AUDIT_REPORT_PAGE_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/emit.h"
#include "audit/report/chart.h"
#include "audit/report/period.h"
#include "audit/report/source.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/status.h"

enum { PAGE_BINDINGS_MAX = 16, PAGE_CELL_BYTES = 64, PAGE_BUCKETS_MAX = CHART_CATEGORIES_MAX };

/* A stretch of the period: a week or a month. */
struct page_bucket {
    char first[DATE_TEXT_BYTES]; /* its Monday or its first */
    char label[16];              /* "5 Jan" */
};

struct page {
    const struct report_source *source;
    struct report_binding bindings[PAGE_BINDINGS_MAX + 1];
    struct emit emit; /* of the body */
    char base[8];     /* currency of all amounts on the page */
    int digits;
    bool weeks; /* buckets are weeks, else months */
    struct page_bucket buckets[PAGE_BUCKETS_MAX];
    size_t bucket_count;
};

/* The corrections of the period, the entity's if one was asked for: begins every question. Binds what page.bindings has. */
#define PAGE_CORRECTIONS                                                                                               \
    "WITH doc AS (SELECT * FROM document WHERE prefix IN ('CN', 'IC', 'WO', 'RV', 'RB', 'RC', 'AJ') AND day BETWEEN "  \
    ":period_from AND :period_to AND (:entity IS NULL OR entity = :entity)) "

/* Answers, in the period by their entries' time, of what concerns the entity. */
#define PAGE_ANSWERS                                                                                                   \
    "WITH ans AS (SELECT n.*, e.time, coalesce(v.entity, d.entity) AS entity FROM answer n JOIN entry e ON e.seq = "   \
    "n.seq LEFT JOIN version v ON v.seq = n.seq AND v.idx = n.idx LEFT JOIN document d ON d.number = n.number WHERE "  \
    "substr(e.time, 1, 10) BETWEEN :period_from AND :period_to AND (:entity IS NULL OR coalesce(v.entity, d.entity) "  \
    "= :entity)) "

/* A list of rows, each a list of strings (null for nothing), in the order of the question's columns; gives. */
MUST_USE enum status page_ask(struct page *page, const char *sql, json_t **ret_rows, struct err *err);

/* A cell as text, "" for null; as a whole number, 0 for null. Lends from rows. */
const char *page_text(const json_t *rows, size_t row, size_t column);
int64_t page_number(const json_t *rows, size_t row, size_t column);

/* Minor units of the base currency for people. */
const char *page_money(const struct page *page, int64_t minor, char ret_text[static MONEY_TEXT_MAX]);
/* 90061 -> "1 d 1 h". */
const char *page_duration(int64_t seconds, char ret_text[static PAGE_CELL_BYTES]);

enum page_type { PAGE_TEXT, PAGE_COUNT, PAGE_MONEY, PAGE_DAY, PAGE_PERCENT };

struct page_column {
    const char *title;
    enum page_type type;
};

/* A table of rows of page_ask; columns close with a NULL title. Where there are none, says so. */
void page_table(struct page *page, const char *caption, const struct page_column *columns, const json_t *rows);

void page_section(struct page *page, const char *title, bool new_page);
void page_note(struct page *page, const char *text);
void page_caption(struct page *page, const char *text); /* of the chart just drawn */

/* The sections, in order. */
MUST_USE enum status page_figures(struct page *page, struct err *err);
MUST_USE enum status page_corrections(struct page *page, struct err *err);
MUST_USE enum status page_ageing(struct page *page, struct err *err);
MUST_USE enum status page_thresholds(struct page *page, struct err *err);
MUST_USE enum status page_matrix(struct page *page, struct err *err);
MUST_USE enum status page_digits(struct page *page, struct err *err);
MUST_USE enum status page_controls(struct page *page, struct err *err);
MUST_USE enum status page_lists(struct page *page, struct err *err);

#endif

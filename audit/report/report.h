/*
 * Reports: questions that auditors ask, answered from the tables of a book (embed/book.sql) or from a verification. One file a
 * report in audit/reports/, one row of the table below. Each comes with a header block that says what was asked of what, how much
 * there is and what was left out, so that a reader can judge whether it is complete and accurate (IPE; AS 1105.10).
 *
 * To add one: copy a file of audit/reports/, register it in table.c, test it in tests/test_report.c, list it in the README.
 */
#ifndef AUDIT_REPORT_H
#define AUDIT_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/export/export.h"
#include "ledger/hash.h"
#include "ledger/status.h"

struct report_binding;
struct report_source;
struct verify_result;

/* A verification, and which of its findings about signatures say that a key was none that could sign. */
struct report_verified {
    const struct verify_result *result;
    uint64_t unknown_keys;
};

enum {
    REPORT_COLUMNS_MAX = 32,
    REPORT_PARAMETERS_MAX = 8,
    REPORT_CURRENCIES_MAX = 200, /* ISO 4217 has fewer with minor units */
    REPORT_DERIVED_BYTES = 2048, /* of a cell that C makes: a control's sentence has 512 */
    REPORT_REASONS_MAX = 8,      /* why a row was left out */
    REPORT_CERTIFY_BYTES = 2048  /* room for the one row of a certificate */
};

enum report_type {
    REPORT_TEXT,
    REPORT_COUNT,   /* a whole number, below 2^53 */
    REPORT_AMOUNT,  /* SQL gives minor units; the cell is the exact decimal of its currency */
    REPORT_DATE,    /* YYYY-MM-DD */
    REPORT_INSTANT, /* as the journal has it, UTC */
    REPORT_HASH,    /* hexadecimal */
    REPORT_PERCENT  /* 12.34 */
};

/* What a source hands over for each row: names[i] is values[i], NULL for nothing. Lent during the step. */
struct report_row {
    size_t count;
    const char *const *names;
    const char *const *values;
};

typedef enum status report_row_step(void *context, const struct report_row *row, struct err *err);

/* A table of columns ends with a row whose name is NULL. SQL may give more columns than these: for filters, totals and derive. */
struct report_column {
    const char *name; /* as DOMAIN 4.5 has it, in snake_case; the SQL's column of that name */
    enum report_type type;
    const char *currency; /* AMOUNT: the SQL's column with its currency */
    /* NULL: the cell is the SQL's value. Else it is made from the row. errors MEMORY, LIMIT. */
    const char *(*derive)(const struct report_row *row, char ret_text[static REPORT_DERIVED_BYTES]);
};

/*
 * What a report may be asked for, beside everything. A filter looks at a column of the population: `period` keeps the days in
 * it, the others what is equal. Ends with a row whose parameter is NULL.
 */
struct report_filter {
    const char *parameter; /* of report_parameters[] */
    const char *column;
    const char *meaning; /* period: "effective date" */
};

struct report {
    const char *id; /* "R-02" */
    int version;    /* one more whenever a column or its meaning changes */
    const char *title;
    const char *question; /* what it answers, one sentence */
    const struct report_column *columns;
    const struct report_filter *filters;
    /*
     * The rows. It may name :period_from, :period_to (days), :entity, :kind, :user, :control, :customer, NULL where not given, and has
     * to order its rows.
     */
    const char *sql;
    /* NULL: the population is the rows of sql, and the engine filters them. Else sql filters (it adds up) and this gives the
     * population with the columns of filters. */
    const char *population;
    /* Totals, of the columns of the rows: amount in minor units, its currency, debit or credit (NULL: neither). NULL: none. */
    const char *total, *total_currency, *total_side;
    /* NULL where sql is there: one row from a verification, in room[0..REPORT_CERTIFY_BYTES), aligned as malloc does. */
    void (*certify)(const struct report_verified *verified, void *room, const struct report_row **ret_row);
    /*
     * NULL where sql or certify is there: hands each row to step, in an order that leaves no choice. It chooses by itself what the
     * bindings ask for: those of sql, and :period as it was typed. Filters then only say what it can be asked for, and all of its
     * rows are the population.
     */
    enum status (*rows)(const struct report_source *source, const struct report_binding *bindings,
                        report_row_step *step, void *context, struct err *err);
};

/* What is asked of one. */
struct report_ask {
    const struct report *report;
    const char *values[REPORT_PARAMETERS_MAX]; /* by report_parameters[], as typed; NULL where not given */
    int64_t now_ms;                            /* run at */
    const char *by;                            /* run by */
    const struct report_verified *verified;    /* for a report that certifies one; else NULL */
};

/* In order of their ids. Lends for ever. */
extern const struct report *const reports[];
extern const size_t report_count;
/* NULL when there is none. */
const struct report *report_find(const char *id);

/* The words that --period, --entity and so on are, in the order in which they filter; closed by NULL. */
extern const char *const report_parameters[];

/* A value under its name; NULL when the row has none. Lends as the row. */
const char *report_value(const struct report_row *row, const char *name);
/* "document_date" -> "Document date". */
enum { REPORT_TITLE_BYTES = 64 };
const char *report_column_title(const char *name, char ret_title[static REPORT_TITLE_BYTES]);
/* "amount". Lends for ever. */
const char *report_type_name(enum report_type type);

#endif

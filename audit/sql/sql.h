/*
 * A book as SQL tables (audit/sql/SQL.md; the schema is audit/embed/book.sql): filled from the journal's entries, each compared
 * with its hash, and asked in SQL. For reports, exports and tests of whole populations. Only what was built here is asked:
 * no database from outside is ever opened.
 *
 * Functions beside SQLite's own: amount_text(minor, currency), local_day(instant, entity), local_time(instant, entity),
 * fiscal_year(day, entity), fiscal_period(day, entity), business_day(day, entity), day_number(day or instant), weekday(day),
 * convert(minor, currency, into, rate), duty_floor(function, function). See SQL.md.
 */
#ifndef AUDIT_SQL_H
#define AUDIT_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/status.h"

struct journal;
struct sql;

struct sql_options {
    const char *path;        /* a new file, kept; NULL: one in scratch_dir without a name, gone with sql_close */
    const char *scratch_dir; /* where the books of the replay are built for the time being; NULL: as scratch_make */
    const char *release;     /* of this program, for the table book */
    const char *exe;
    uint64_t size; /* the tables of the first so many entries, as they were then; 0: of all */
    /* How many entries are in, of how many. May be NULL. */
    void (*progress)(void *context, uint64_t done, uint64_t total);
    void *context;
};

/*
 * Builds the tables of a whole book, as they are at its head. The same book and release give the same bytes.
 *
 * in      options: borrowed until return.
 * out     *ret_sql: gives, sql_close.
 * after   on an error there is no file at path that was not there before.
 * errors  EXISTS (path), CORRUPT (an entry is not what it was, or cannot be folded: audit verify says more), LIMIT, IO,
 *         FULL, PERMISSION, MEMORY, those of the journal.
 * cost    O(entries); memory does not grow with them. Disk in scratch_dir: about as much as the book.
 */
MUST_USE enum status sql_build(struct journal *journal, const struct sql_options *options, struct sql **ret_sql,
                               struct err *err);
/* NULL is fine. */
void sql_close(struct sql *sql);

enum sql_type { SQL_NULL, SQL_INTEGER, SQL_TEXT };

struct sql_cell {
    enum sql_type type;
    int64_t integer;  /* SQL_INTEGER */
    const char *text; /* SQL_TEXT: closed by a NUL; otherwise NULL. Lends during the step */
    size_t length;
};

struct sql_row {
    size_t count;
    const char *const *names; /* names[0..count) of the columns */
    const struct sql_cell *cells;
};

/* A named parameter and its value: {":entity", sql_text("US01")}. */
struct sql_binding {
    const char *name;
    struct sql_cell value;
};

/* text may be NULL: then it is SQL_NULL. Borrowed. */
struct sql_cell sql_text(const char *text);
struct sql_cell sql_integer(int64_t integer);

/* Takes a row. Answers false in *ret_more to stop. */
typedef enum status sql_step(void *context, const struct sql_row *row, bool *ret_more, struct err *err);

struct sql_question {
    const char *text; /* one SELECT; NULL ends nothing: required */
    const struct sql_binding
        *bindings; /* closed by a NULL name; NULL: none. Names that the text has not are passed over */
    sql_step *step;
    sql_step *heads; /* called once before the first row, with the names alone (cells NULL); may be NULL */
    void *context;   /* of both */
};

/*
 * Asks.
 *
 * errors  INPUT (the text; a parameter without value; a column with a real number or a blob: amounts are integers and text),
 *         LIMIT (a sum leaves 64 bits), IO, MEMORY, those of the step.
 */
MUST_USE enum status sql_query(struct sql *sql, const struct sql_question *question, struct err *err);

/* The first cell of the first row as an integer, 0 where there is none or it is null. errors as sql_query. */
MUST_USE enum status sql_number(struct sql *sql, const char *text, const struct sql_binding *bindings,
                                int64_t *ret_number, struct err *err);

#endif

/*
 * Reports of a book for tests: its tables, and the rows of a report as CSV.
 */
#ifndef TESTS_SUPPORT_REPORT_ROWS_H
#define TESTS_SUPPORT_REPORT_ROWS_H

#include <stddef.h>

#include "tests/support/company.h"

struct sql;

/* The tables as they are now; sql_close ends them. */
struct sql *tables_of(struct company *company);

/* A report's body, good until the next; period, kind and control may be NULL. */
const char *body_of(struct sql *sql, const char *id, const char *period, const char *kind, const char *control);

/* The same after statements that change the tables, for what no gate lets into a book; the tables are as before afterwards. */
const char *body_altered(struct sql *sql, const char *statements, const char *id, const char *kind);

/* Rows below the heading; whether a text stands in it. */
size_t rows_in(const char *body);
void has(const char *body, const char *text);

#endif

/*
 * Reports' questions answered by the tables of a book.
 */
#ifndef AUDIT_REPORT_SQL_H
#define AUDIT_REPORT_SQL_H

#include "audit/report/source.h"

struct sql;

/* Lends from sql, which has to stay open as long. errors of its query: those of sql_query. */
struct report_source report_source_sql(struct sql *sql);

#endif

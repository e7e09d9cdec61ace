/*
 * Reports of a book for tests: its tables, and the rows of a report as CSV.
 */
#include "tests/support/report_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "audit/report/run.h"
#include "audit/report/sql.h"
#include "audit/report/write.h"
#include "audit/sql/parts.h"
#include "audit/sql/sql.h"

struct sql *tables_of(struct company *company)
{
    struct sql *sql = NULL;
    struct err err = {.status = STATUS_OK};
    char path[300]; /* some tests write to it over a connection of their own */
    snprintf(path, sizeof path, "%s/tables.sqlite", company->dir);
    (void)remove(path);
    const struct sql_options options = {.path = path, .release = "test", .exe = "0000000000000000"};
    if (sql_build(gate_books(company->gate)->journal, &options, &sql, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    return sql;
}

static enum status keep(void *context, struct slice bytes, struct err *err)
{
    char *body = context;
    (void)err;
    assert_true(strlen(body) + bytes.length < 65536);
    strncat(body, (const char *)bytes.bytes, bytes.length);
    return STATUS_OK;
}

/* Values as report_parameters: period entity kind customer user control. */
const char *body_of(struct sql *sql, const char *id, const char *period, const char *kind, const char *control)
{
    static char body[65536];
    const struct report_source source = report_source_sql(sql);
    struct report_facts facts = {.checkpoints = NULL};
    struct report_made *made = NULL;
    struct err err = {.status = STATUS_OK};
    const struct report_ask ask = {
        .report = report_find(id), .by = "audrey", .values = {period, NULL, kind, NULL, NULL, control}};
    assert_non_null(ask.report);
    assert_int_equal(report_facts_query(&source, &facts, &err), STATUS_OK);
    if (report_make(&ask, &source, &facts, &made, &err) != STATUS_OK)
        fail_msg("%s: %s", id, err.text);
    const struct report_rows rows = report_made_rows(made);
    const struct export_sink sink = {.write = keep, .context = body};
    body[0] = '\0';
    assert_int_equal(report_write(REPORT_CSV, report_made_header(made), &rows, &sink, &err), STATUS_OK);
    report_made_free(made);
    report_facts_done(&facts);
    return body;
}

const char *body_altered(struct sql *sql, const char *statements, const char *id, const char *kind)
{
    sqlite3 *reading = sql->db, *writing = NULL;
    assert_int_equal(sqlite3_open(sql->path.text, &writing), SQLITE_OK);
    sql->db = writing;
    assert_int_equal(sql_functions_add(sql, NULL), STATUS_OK);
    assert_int_equal(sqlite3_exec(writing, "SAVEPOINT s", NULL, NULL, NULL), SQLITE_OK);
    if (sqlite3_exec(writing, statements, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(writing));
    const char *body = body_of(sql, id, NULL, kind, NULL);
    assert_int_equal(sqlite3_exec(writing, "ROLLBACK TO s; RELEASE s", NULL, NULL, NULL), SQLITE_OK);
    sql->db = reading;
    sqlite3_close(writing);
    return body;
}

size_t rows_in(const char *body)
{
    size_t rows = 0;
    for (const char *at = strstr(body, "\r\n"); at != NULL; at = strstr(at + 2, "\r\n"))
        rows++;
    return rows - 1;
}

void has(const char *body, const char *text)
{
    if (strstr(body, text) == NULL)
        fail_msg("no '%s' in\n%s", text, body);
}

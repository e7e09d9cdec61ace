/*
 * The connection: questions in, typed cells out. Real numbers and blobs are refused, so that no amount ever becomes a
 * float on its way into a report, and SQLite's own overflow of a sum comes out as an error.
 */
#include "audit/sql/sql.h"

#include <stdlib.h>
#include <string.h>

#include "audit/sql/parts.h"

enum { COLUMNS_MAX = 200 }; /* of one question: far above any report's, low enough for the stack */

enum status sql_fail(const struct sql *sql, int code, const char *doing, struct err *err)
{
    const char *text = sql->db != NULL ? sqlite3_errmsg(sql->db) : sqlite3_errstr(code);
    switch (code & 0xFF) {
    case SQLITE_NOMEM:
        return err_set(err, STATUS_MEMORY, "%s: no memory", doing);
    case SQLITE_FULL:
        return err_set(err, STATUS_FULL, "%s: the disk is full: free some space or raise the quota", doing);
    case SQLITE_CONSTRAINT:
        return err_set(err, STATUS_CORRUPT, "%s: %s; audit verify says more", doing, text);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN: /* SQLite keeps no cause of a sync or of a new file: one without room is here, too */
        return err_set(err, STATUS_IO, "%s: %s: look whether its disk is full or fails", doing, text);
    case SQLITE_TOOBIG:
        return err_set(err, STATUS_LIMIT, "%s: %s", doing, text);
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
        return err_set(err, STATUS_PERMISSION, "%s: %s", doing, text);
    case SQLITE_ERROR:
        return err_set(err, strcmp(text, "integer overflow") == 0 ? STATUS_LIMIT : STATUS_INPUT, "%s: %s", doing, text);
    default:
        return err_set(err, STATUS_IO, "%s: %s", doing, text);
    }
}

enum status sql_run(struct sql *sql, const char *text, const char *what, struct err *err)
{
    int code = sqlite3_exec(sql->db, text, NULL, NULL, NULL);
    return code == SQLITE_OK ? STATUS_OK : sql_fail(sql, code, what, err);
}

void sql_close(struct sql *sql)
{
    if (sql == NULL)
        return;
    (void)sqlite3_close(sql->db);
    sql_policies_done(sql);
    free(sql);
}

struct sql_cell sql_text(const char *text)
{
    return (struct sql_cell){
        .type = text != NULL ? SQL_TEXT : SQL_NULL, .text = text, .length = text != NULL ? strlen(text) : 0};
}

struct sql_cell sql_integer(int64_t integer)
{
    return (struct sql_cell){.type = SQL_INTEGER, .integer = integer};
}

static int cell_bind(sqlite3_stmt *statement, int place, const struct sql_cell *cell)
{
    switch (cell->type) {
    case SQL_NULL:
        return sqlite3_bind_null(statement, place);
    case SQL_INTEGER:
        return sqlite3_bind_int64(statement, place, cell->integer);
    case SQL_TEXT:
        return sqlite3_bind_text64(statement, place, cell->text, cell->length, SQLITE_STATIC, SQLITE_UTF8);
    }
    return SQLITE_MISUSE;
}

/* Each parameter of the text by its name. */
static enum status bind_all(struct sql *sql, sqlite3_stmt *statement, const struct sql_binding *bindings,
                            struct err *err)
{
    for (int place = 1; place <= sqlite3_bind_parameter_count(statement); place++) {
        const char *name = sqlite3_bind_parameter_name(statement, place);
        const struct sql_binding *found = NULL;
        for (const struct sql_binding *one = bindings; name != NULL && one != NULL && one->name != NULL; one++)
            if (strcmp(one->name, name) == 0)
                found = one;
        if (found == NULL)
            return err_set(err, STATUS_INPUT, "the question has a parameter %s without a value",
                           name != NULL ? name : "?");
        int code = cell_bind(statement, place, &found->value);
        if (code != SQLITE_OK)
            return sql_fail(sql, code, name, err);
    }
    return STATUS_OK;
}

static enum status cell_read(sqlite3_stmt *statement, int place, struct sql_cell *ret_cell, struct err *err)
{
    switch (sqlite3_column_type(statement, place)) {
    case SQLITE_NULL:
        *ret_cell = (struct sql_cell){.type = SQL_NULL};
        return STATUS_OK;
    case SQLITE_INTEGER:
        *ret_cell = sql_integer(sqlite3_column_int64(statement, place));
        return STATUS_OK;
    case SQLITE_TEXT: {
        const char *text = (const char *)sqlite3_column_text(statement, place);
        if (text == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for a cell");
        *ret_cell =
            (struct sql_cell){.type = SQL_TEXT, .text = text, .length = (size_t)sqlite3_column_bytes(statement, place)};
        return STATUS_OK;
    }
    default:
        return err_set(err, STATUS_INPUT, "column %s is neither integer nor text: amounts are exact here",
                       sqlite3_column_name(statement, place));
    }
}

static enum status rows_take(struct sql *sql, sqlite3_stmt *statement, const struct sql_question *question,
                             struct err *err)
{
    const char *names[COLUMNS_MAX];
    struct sql_cell cells[COLUMNS_MAX] = {{.type = SQL_NULL}};
    struct sql_row row = {.count = (size_t)sqlite3_column_count(statement), .names = names};
    enum status status = STATUS_OK;
    bool more = true;
    if (row.count > COLUMNS_MAX)
        return err_set(err, STATUS_LIMIT, "a question of %zu columns: the most is %d", row.count, COLUMNS_MAX);
    for (size_t i = 0; i < row.count; i++)
        if ((names[i] = sqlite3_column_name(statement, (int)i)) == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for the name of a column");
    if (question->heads != NULL)
        status = question->heads(question->context, &row, &more, err);
    row.cells = cells;
    while (status == STATUS_OK && more) {
        int code = sqlite3_step(statement);
        if (code == SQLITE_DONE)
            break;
        if (code != SQLITE_ROW)
            return sql_fail(sql, code, "asking the tables", err);
        for (size_t i = 0; status == STATUS_OK && i < row.count; i++)
            status = cell_read(statement, (int)i, &cells[i], err);
        if (status == STATUS_OK)
            status = question->step(question->context, &row, &more, err);
    }
    return status;
}

enum status sql_query(struct sql *sql, const struct sql_question *question, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    const char *rest = NULL;
    int code = sqlite3_prepare_v2(sql->db, question->text, -1, &statement, &rest);
    if (code != SQLITE_OK)
        return sql_fail(sql, code, "the question", err);
    enum status status = STATUS_OK;
    if (statement == NULL || !sqlite3_stmt_readonly(statement) || rest[strspn(rest, " \t\r\n;")] != '\0')
        status = err_set(err, STATUS_INPUT, "a question is one SELECT");
    if (status == STATUS_OK)
        status = bind_all(sql, statement, question->bindings, err);
    if (status == STATUS_OK)
        status = rows_take(sql, statement, question, err);
    (void)sqlite3_finalize(statement);
    return status;
}

static enum status number_step(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    int64_t *ret_number = context;
    *ret_more = false;
    if (row->count == 0 || row->cells[0].type == SQL_TEXT)
        return err_set(err, STATUS_INPUT, "the question's answer is no number");
    *ret_number = row->cells[0].integer;
    return STATUS_OK;
}

enum status sql_number(struct sql *sql, const char *text, const struct sql_binding *bindings, int64_t *ret_number,
                       struct err *err)
{
    int64_t number = 0;
    const struct sql_question question = {.text = text, .bindings = bindings, .step = number_step, .context = &number};
    enum status status = sql_query(sql, &question, err);
    if (status == STATUS_OK)
        *ret_number = number;
    return status;
}

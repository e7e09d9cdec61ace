/*
 * How a test is run: its question is asked, each row that is an exception is handed on with what somebody
 * concluded about it, and everything asked and found goes into one hash (ANALYTICS.md section 3).
 */
#include "audit/analytics/analytic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/sql/sql.h"
#include "ledger/canon.h"

enum { BINDINGS = ANALYTIC_PARAMETERS_MAX + 5, NAME_BYTES = 48 };

/* What a question is asked with. */
struct asked {
    struct sql_binding bindings[BINDINGS];
    char names[ANALYTIC_PARAMETERS_MAX][NAME_BYTES];
    int64_t values[ANALYTIC_PARAMETERS_MAX];
};

static void asked_fill(const struct analytic *analytic, const struct analytic_scope *scope, struct asked *ret_asked)
{
    size_t at = 0;
    *ret_asked = (struct asked){.values = {0}};
    ret_asked->bindings[at++] = (struct sql_binding){":from", sql_text(scope->from)};
    ret_asked->bindings[at++] = (struct sql_binding){":to", sql_text(scope->to)};
    ret_asked->bindings[at++] = (struct sql_binding){":entity", sql_text(scope->entity)};
    ret_asked->bindings[at++] = (struct sql_binding){":label", sql_text(scope->label)};
    for (size_t i = 0; i < ANALYTIC_PARAMETERS_MAX && analytic->parameters[i].name != NULL; i++) {
        ret_asked->values[i] = scope->values != NULL ? scope->values[i] : analytic->parameters[i].value;
        snprintf(ret_asked->names[i], NAME_BYTES, ":%s", analytic->parameters[i].name);
        ret_asked->bindings[at++] = (struct sql_binding){ret_asked->names[i], sql_integer(ret_asked->values[i])};
    }
}

enum status analytic_asked(const struct analytic *analytic, const struct analytic_scope *scope, char **ret_text,
                           struct err *err)
{
    size_t length = 0;
    struct asked asked;
    asked_fill(analytic, scope, &asked);
    FILE *text = open_memstream(ret_text, &length);
    if (text == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a test");
    fprintf(text, "%s", scope->label);
    if (scope->entity != NULL)
        fprintf(text, " %s", scope->entity);
    for (size_t i = 0; i < ANALYTIC_PARAMETERS_MAX && analytic->parameters[i].name != NULL; i++)
        fprintf(text, " %s=%lld", analytic->parameters[i].name, (long long)asked.values[i]);
    return fclose(text) == 0 ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a test");
}

struct run {
    struct sql *sql;
    const struct analytic *analytic;
    const int64_t *values;
    FILE *hashed;
    analytic_step *step;
    void *context;
    struct analytic_result result;
};

/* A test's question with the latest conclusion about each of what it finds, in one: asked of each by itself, they would be looked
 * through as often as there are exceptions. */
static char *joined(const struct analytic *analytic)
{
    char *text = NULL;
    const int length = asprintf(&text,
                                "WITH answer AS MATERIALIZED (SELECT about, number AS answer_number, conclusion AS "
                                "answer_text, user AS answer_by, time AS answer_at, max(seq) FROM "
                                "disposition GROUP BY about) SELECT found.*, answer_number, answer_text, answer_by, "
                                "answer_at FROM (%s) AS found LEFT JOIN answer "
                                "ON about = found.key ORDER BY found.key",
                                analytic->sql);
    return length >= 0 ? text : NULL;
}

static enum status hash_line(FILE *hashed, json_t *line, struct err *err)
{
    char *bytes = NULL;
    enum status status =
        line == NULL ? err_set(err, STATUS_MEMORY, "no memory for a test") : canon_encode(line, &bytes, NULL, err);
    if (status == STATUS_OK)
        fprintf(hashed, "%s\n", bytes);
    free(bytes);
    json_decref(line);
    return status;
}

static json_t *exception_line(const struct analytic_exception *exception)
{
    return json_pack("{s:s*, s:s*, s:s, s:s, s:s*, s:s, s:s}", "document", exception->document, "entity",
                     exception->entity, "key", exception->key, "metric", exception->metric, "person", exception->person,
                     "text", exception->text, "threshold", exception->threshold);
}

static const char *cell(const struct sql_row *row, const char *name)
{
    for (size_t i = 0; i < row->count; i++)
        if (strcmp(row->names[i], name) == 0)
            return row->cells[i].type == SQL_TEXT ? row->cells[i].text : NULL;
    return NULL;
}

/* Text of a cell that a test gives as text or as a number. */
static const char *cell_text(const struct sql_row *row, const char *name, char room[static NAME_BYTES])
{
    for (size_t i = 0; i < row->count; i++)
        if (strcmp(row->names[i], name) == 0 && row->cells[i].type == SQL_INTEGER) {
            snprintf(room, NAME_BYTES, "%lld", (long long)row->cells[i].integer);
            return room;
        }
    const char *text = cell(row, name);
    return text != NULL ? text : "";
}

static enum status exception_row(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    struct run *run = context;
    char metric[NAME_BYTES], threshold[NAME_BYTES];
    *ret_more = true;
    if (run->analytic->unusual != NULL && !run->analytic->unusual(row, run->values))
        return STATUS_OK;
    struct analytic_exception exception = {.key = cell(row, "key"),
                                           .document = cell(row, "document"),
                                           .entity = cell(row, "entity"),
                                           .person = cell(row, "person"),
                                           .metric = cell_text(row, "metric", metric),
                                           .threshold = cell_text(row, "threshold", threshold),
                                           .text = cell(row, "text"),
                                           .disposition = cell(row, "answer_number"),
                                           .conclusion = cell(row, "answer_text"),
                                           .by = cell(row, "answer_by"),
                                           .at = cell(row, "answer_at")};
    if (exception.key == NULL || exception.text == NULL)
        return err_set(err, STATUS_INPUT, "%s: an exception has no key", run->analytic->id);
    if (run->result.exceptions == ANALYTIC_EXCEPTIONS_MAX)
        return err_set(err, STATUS_LIMIT,
                       "%s: more than %d exceptions: ask for a shorter period, or change its parameters",
                       run->analytic->id, ANALYTIC_EXCEPTIONS_MAX);
    run->result.exceptions++;
    run->result.answered += exception.disposition != NULL;
    enum status status = hash_line(run->hashed, exception_line(&exception), err);
    if (status == STATUS_OK && run->step != NULL)
        status = run->step(run->context, &exception, err);
    return status;
}

static enum status head_row(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    struct run *run = context;
    const json_int_t size = row->cells[1].integer;
    *ret_more = false;
    return hash_line(
        run->hashed,
        json_pack("{s:s, s:s, s:I}", "book", row->cells[0].text, "control", run->analytic->id, "to", size - 1), err);
}

static enum status run_hashed(struct run *run, const struct analytic_scope *scope, struct err *err)
{
    struct asked asked;
    char *words = NULL;
    const struct sql_question head = {.text = "SELECT book, size FROM book", .step = head_row, .context = run};
    asked_fill(run->analytic, scope, &asked);
    run->values = asked.values;
    char *text = joined(run->analytic);
    const struct sql_question question = {
        .text = text, .bindings = asked.bindings, .step = exception_row, .context = run};
    enum status status =
        text != NULL ? sql_query(run->sql, &head, err) : err_set(err, STATUS_MEMORY, "no memory for a test");
    if (status == STATUS_OK)
        status = analytic_asked(run->analytic, scope, &words, err);
    if (status == STATUS_OK)
        status = hash_line(run->hashed, json_pack("{s:s}", "asked", words), err);
    if (status == STATUS_OK)
        status = sql_query(run->sql, &question, err);
    run->values = NULL;
    free(words);
    free(text);
    return status;
}

enum status analytic_run(struct sql *sql, const struct analytic *analytic, const struct analytic_scope *scope,
                         analytic_step *step, void *context, struct analytic_result *ret_result, struct err *err)
{
    struct run run = {.sql = sql, .analytic = analytic, .step = step, .context = context};
    char *bytes = NULL;
    size_t length = 0;
    run.hashed = open_memstream(&bytes, &length);
    if (run.hashed == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a test");
    enum status status = run_hashed(&run, scope, err);
    if (status != STATUS_OK)
        err_prefix(err, "%s: ", analytic->id);
    if (fclose(run.hashed) != 0 && status == STATUS_OK)
        status = err_set(err, STATUS_MEMORY, "no memory for a test");
    if (status == STATUS_OK) {
        hash_of(bytes, length, &run.result.hash);
        *ret_result = run.result;
    }
    free(bytes);
    return status;
}

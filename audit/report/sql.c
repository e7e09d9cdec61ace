/*
 * The source of reports that are asked of a book: cells become text, whole numbers in decimal.
 */
#include "audit/report/sql.h"

#include <inttypes.h>
#include <stdio.h>

#include "audit/sql/sql.h"

enum { COLUMNS_MAX = 64, BINDINGS_MAX = 16, NAME_BYTES = 32, NUMBER_BYTES = 24 };

struct asking {
    report_row_step *step;
    void *context;
};

static enum status on_row(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    const struct asking *asking = context;
    const char *values[COLUMNS_MAX];
    char numbers[COLUMNS_MAX][NUMBER_BYTES];
    (void)ret_more;
    invariant(row->count <= COLUMNS_MAX); /* the questions are ours */
    for (size_t i = 0; i < row->count; i++) {
        values[i] = row->cells[i].type == SQL_NULL ? NULL : row->cells[i].text;
        if (row->cells[i].type == SQL_INTEGER) {
            snprintf(numbers[i], NUMBER_BYTES, "%" PRId64, row->cells[i].integer);
            values[i] = numbers[i];
        }
    }
    const struct report_row out = {.count = row->count, .names = row->names, .values = values};
    return asking->step(asking->context, &out, err);
}

static enum status query(void *context, const char *sql, const struct report_binding *bindings, report_row_step *step,
                         void *step_context, struct err *err)
{
    struct asking asking = {.step = step, .context = step_context};
    char names[BINDINGS_MAX][NAME_BYTES];
    struct sql_binding bound[BINDINGS_MAX + 1];
    size_t count = 0;
    for (; bindings[count].name != NULL; count++) {
        invariant(count < BINDINGS_MAX);
        snprintf(names[count], NAME_BYTES, ":%s", bindings[count].name);
        bound[count] = (struct sql_binding){.name = names[count], .value = sql_text(bindings[count].value)};
    }
    bound[count] = (struct sql_binding){.name = NULL};
    const struct sql_question question = {.text = sql, .bindings = bound, .step = on_row, .context = &asking};
    return sql_query(context, &question, err);
}

struct report_source report_source_sql(struct sql *sql)
{
    return (struct report_source){.query = query, .context = sql, .sql = sql};
}

/*
 * R-20 Analytics exceptions: what every test of whole populations (audit/analytics/analytic.h, as it is without other parameters) finds in the
 * documents of a period, with what an auditor concluded about each. doc_id is the document, else the key of what was found. It asks
 * more than one question, so it makes its rows itself.
 */
#include <string.h>

#include "audit/analytics/scope.h"
#include "audit/report/source.h"
#include "audit/reports/reports.h"

enum { CELLS = 7 };

static const struct report_column columns[] = {
    {.name = "test"},
    {.name = "doc_id"},
    {.name = "metric"},
    {.name = "threshold"},
    {.name = "disposition"},
    {.name = "by"},
    {.name = "at", .type = REPORT_INSTANT},
    {.name = NULL},
};

static const struct report_filter filters[] = {
    {"period", "period", "effective date, in the entity's calendar"},
    {"entity", "entity", NULL},
    {"control", "test", NULL},
    {NULL, NULL, NULL},
};

struct walk {
    const struct analytic *analytic;
    report_row_step *step;
    void *context;
};

static enum status on_exception(void *context, const struct analytic_exception *exception, struct err *err)
{
    static const char *const names[CELLS] = {"test", "doc_id", "metric", "threshold", "disposition", "by", "at"};
    const struct walk *walk = context;
    const char *const values[CELLS] = {
        walk->analytic->id,    exception->document != NULL ? exception->document : exception->key,
        exception->metric,     exception->threshold,
        exception->conclusion, exception->by,
        exception->at,
    };
    const struct report_row row = {.count = CELLS, .names = names, .values = values};
    return walk->step(walk->context, &row, err);
}

static const char *bound(const struct report_binding *bindings, const char *name)
{
    for (; bindings->name != NULL; bindings++)
        if (strcmp(bindings->name, name) == 0)
            return bindings->value;
    return NULL;
}

static enum status rows(const struct report_source *source, const struct report_binding *bindings,
                        report_row_step *step, void *context, struct err *err)
{
    const char *period = bound(bindings, "period"), *entity = bound(bindings, "entity");
    const char *only = bound(bindings, "control");
    enum status status = STATUS_OK;
    invariant(source->sql != NULL);
    if (only != NULL && analytic_find(only) == NULL)
        return err_set(err, STATUS_INPUT, "--control: no such test: countersign audit test --list names them");
    for (size_t i = 0; status == STATUS_OK && i < analytic_count; i++) {
        struct walk walk = {.analytic = analytics[i], .step = step, .context = context};
        struct analytic_asking asking;
        struct analytic_result result;
        if (only != NULL && strcmp(only, analytics[i]->id) != 0)
            continue;
        status = analytic_asking_set(source->sql, analytics[i], period, entity, &asking, err);
        if (status == STATUS_OK)
            status = analytic_run(source->sql, analytics[i], &asking.scope, on_exception, &walk, &result, err);
    }
    return status;
}

const struct report report_r20 = {
    .id = "R-20",
    .version = 1,
    .title = "Analytics exceptions",
    .question = "What did the tests of whole populations find, and what was concluded about it?",
    .columns = columns,
    .filters = filters,
    .rows = rows,
};

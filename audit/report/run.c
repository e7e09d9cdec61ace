/*
 * Two passes over the rows of a source: one that counts, adds up and hashes, one that hands rows on. Filters are judged here and
 * not in each report's SQL, so that what was left out is counted by its reason (DOMAIN 4.5, the footer).
 */
#include "audit/report/run.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "audit/emit.h"
#include "audit/report/header.h"
#include "audit/report/period.h"
#include "ledger/currency.h"
#include "ledger/decimal.h"
#include "ledger/money.h"
#include "ledger/text.h"

enum {
    PARAMETER_BYTES_MAX = 200, /* ids have 64, a pair of days 22 */
    PARAMETER_PERIOD = 0,      /* their places in report_parameters */
    PARAMETER_ENTITY = 1,
    BINDINGS_MAX = REPORT_PARAMETERS_MAX + 3,
    DAY_CHARS = 10
};

struct report_made {
    struct report_ask ask;
    const struct report_source *source;
    const struct report_facts *facts;
    struct audit_period period;
    struct report_binding bindings[BINDINGS_MAX + 1];
    struct report_counts counts;
    json_t *header;
};

/* One walk over the rows. */
struct pass {
    struct report_made *made;
    report_cells_step *step; /* NULL: counting */
    void *context;
    struct emit *body; /* counting: where the rows are hashed */
};

static bool asked(const struct report_made *made, const struct report_filter *filter, size_t *ret_parameter)
{
    for (size_t i = 0; report_parameters[i] != NULL; i++)
        if (strcmp(report_parameters[i], filter->parameter) == 0) {
            *ret_parameter = i;
            return made->ask.values[i] != NULL;
        }
    return false;
}

/* The parameter by which a row falls out; NULL: it stays. */
static const char *left_out(const struct report_made *made, const struct report_row *row)
{
    for (const struct report_filter *filter = made->ask.report->filters; filter->parameter != NULL; filter++) {
        size_t parameter = 0;
        const char *value = report_value(row, filter->column);
        if (!asked(made, filter, &parameter))
            continue;
        if (value == NULL)
            return filter->parameter;
        if (parameter != PARAMETER_PERIOD && strcmp(value, made->ask.values[parameter]) != 0)
            return filter->parameter;
        if (parameter == PARAMETER_PERIOD &&
            (strncmp(value, made->period.from, DAY_CHARS) < 0 || strncmp(value, made->period.to, DAY_CHARS) > 0))
            return filter->parameter;
    }
    return NULL;
}

static void count_left_out(struct report_counts *counts, const char *reason)
{
    for (size_t i = 0; i < counts->excluded_count; i++)
        if (strcmp(counts->excluded[i].reason, reason) == 0) {
            counts->excluded[i].count++;
            return;
        }
    invariant(counts->excluded_count < REPORT_REASONS_MAX);
    counts->excluded[counts->excluded_count++] = (struct report_excluded){.reason = reason, .count = 1};
}

/* The total of a currency, made where it is new; sorted. */
static struct report_total *total_of(struct report_counts *counts, const char *currency)
{
    size_t at = 0;
    while (at < counts->total_count && strcmp(counts->totals[at].currency, currency) < 0)
        at++;
    if (at < counts->total_count && strcmp(counts->totals[at].currency, currency) == 0)
        return &counts->totals[at];
    if (counts->total_count == REPORT_CURRENCIES_MAX)
        return NULL;
    memmove(&counts->totals[at + 1], &counts->totals[at], (counts->total_count - at) * sizeof counts->totals[0]);
    counts->total_count++;
    counts->totals[at] = (struct report_total){.debit_minor = 0};
    memcpy(counts->totals[at].currency, currency, CURRENCY_CODE_BYTES);
    return &counts->totals[at];
}

static enum status minor_read(const char *text, int64_t *ret_minor, struct err *err)
{
    const bool negative = text[0] == '-';
    uint64_t magnitude = 0;
    enum status status = decimal_parse(text + negative, strlen(text + negative), &magnitude, err);
    if (status == STATUS_OK)
        *ret_minor = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    return status;
}

static enum status add_totals(struct report_made *made, const struct report_row *row, struct err *err)
{
    const struct report *report = made->ask.report;
    const char *amount = report->total != NULL ? report_value(row, report->total) : NULL;
    const char *currency = report->total != NULL ? report_value(row, report->total_currency) : NULL;
    const char *side = report->total_side != NULL ? report_value(row, report->total_side) : NULL;
    int64_t minor = 0, absolute = 0;
    if (amount == NULL || currency == NULL || currency_digits(currency) < 0)
        return STATUS_OK;
    struct report_total *total = total_of(&made->counts, currency);
    enum status status =
        total != NULL ? minor_read(amount, &minor, err) : err_set(err, STATUS_LIMIT, "totals of too many currencies");
    if (status == STATUS_OK)
        status = money_abs(minor, &absolute, err);
    if (status == STATUS_OK)
        status = money_add(total->absolute_minor, absolute, &total->absolute_minor, err);
    if (status == STATUS_OK && side != NULL && strcmp(side, "debit") == 0)
        status = money_add(total->debit_minor, minor, &total->debit_minor, err);
    if (status == STATUS_OK && side != NULL && strcmp(side, "credit") == 0)
        status = money_add(total->credit_minor, minor, &total->credit_minor, err);
    return status;
}

/* Room for the cells of a row. */
struct line {
    const char *cells[REPORT_COLUMNS_MAX];
    char amounts[REPORT_COLUMNS_MAX][MONEY_TEXT_MAX];
    char derived[REPORT_COLUMNS_MAX][REPORT_DERIVED_BYTES];
};

static enum status amount_cell(const struct report_row *row, const struct report_column *column,
                               char ret_text[static MONEY_TEXT_MAX], struct err *err)
{
    const char *value = report_value(row, column->name), *currency = report_value(row, column->currency);
    const int digits = currency != NULL ? currency_digits(currency) : -1;
    int64_t minor = 0;
    ret_text[0] = '\0';
    if (value == NULL)
        return STATUS_OK;
    if (digits < 0)
        return err_set(err, STATUS_CORRUPT, "%s: an amount without a currency", column->name);
    enum status status = minor_read(value, &minor, err);
    if (status == STATUS_OK)
        money_format(minor, digits, ret_text);
    return status;
}

static enum status cells_make(const struct report *report, const struct report_row *row, struct line *line,
                              size_t *ret_count, struct err *err)
{
    enum status status = STATUS_OK;
    size_t count = 0;
    for (const struct report_column *column = report->columns; status == STATUS_OK && column->name != NULL; column++) {
        invariant(count < REPORT_COLUMNS_MAX);
        const char *cell = NULL;
        if (column->derive != NULL) {
            cell = column->derive(row, line->derived[count]);
        } else if (column->type == REPORT_AMOUNT) {
            status = amount_cell(row, column, line->amounts[count], err);
            cell = line->amounts[count];
        } else {
            cell = report_value(row, column->name);
        }
        line->cells[count++] = cell != NULL ? cell : "";
    }
    *ret_count = count;
    return status;
}

static enum status pass_row(struct pass *pass, const struct report_row *row, struct err *err)
{
    struct report_made *made = pass->made;
    struct line line;
    size_t count = 0;
    enum status status = cells_make(made->ask.report, row, &line, &count, err);
    if (status != STATUS_OK)
        return status;
    if (pass->step != NULL)
        return pass->step(pass->context, line.cells, err);
    made->counts.rows++;
    emit_csv_row(pass->body, line.cells, count);
    return add_totals(made, row, err);
}

static enum status on_row(void *context, const struct report_row *row, struct err *err)
{
    struct pass *pass = context;
    struct report_counts *counts = &pass->made->counts;
    if (pass->made->ask.report->population != NULL)
        return pass_row(pass, row, err);
    const char *reason = pass->made->ask.report->rows == NULL ? left_out(pass->made, row) : NULL;
    if (pass->step == NULL) {
        counts->population++;
        if (reason != NULL)
            count_left_out(counts, reason);
    }
    return reason == NULL ? pass_row(pass, row, err) : STATUS_OK;
}

static enum status on_population(void *context, const struct report_row *row, struct err *err)
{
    struct report_made *made = context;
    const char *reason = left_out(made, row);
    (void)err;
    made->counts.population++;
    if (reason != NULL)
        count_left_out(&made->counts, reason);
    return STATUS_OK;
}

static enum status certificate(struct pass *pass, struct err *err)
{
    _Alignas(16) unsigned char room[REPORT_CERTIFY_BYTES];
    const struct report_row *row = NULL;
    const struct report_ask *ask = &pass->made->ask;
    invariant(ask->verified != NULL);
    ask->report->certify(ask->verified, room, &row);
    return on_row(pass, row, err);
}

static enum status pass_run(struct pass *pass, struct err *err)
{
    const struct report *report = pass->made->ask.report;
    const struct report_source *source = pass->made->source;
    if (report->certify != NULL)
        return certificate(pass, err);
    enum status status = report->rows != NULL
                             ? report->rows(source, pass->made->bindings, on_row, pass, err)
                             : source->query(source->context, report->sql, pass->made->bindings, on_row, pass, err);
    if (status != STATUS_OK)
        err_prefix(err, "report %s: ", report->id);
    return status;
}

static void emit_titles(struct emit *emit, const struct report *report)
{
    const char *names[REPORT_COLUMNS_MAX];
    size_t count = 0;
    for (const struct report_column *column = report->columns; column->name != NULL; column++)
        names[count++] = column->name;
    emit_csv_row(emit, names, count);
}

static enum status count_all(struct report_made *made, struct err *err)
{
    const struct report *report = made->ask.report;
    struct emit body;
    struct hash_stream stream;
    struct pass pass = {.made = made, .body = &body};
    emit_begin(&body, NULL);
    body.hash = &stream;
    hash_stream_init(&stream);
    emit_titles(&body, report);
    enum status status = pass_run(&pass, err);
    if (status == STATUS_OK && report->population != NULL)
        status =
            made->source->query(made->source->context, report->population, made->bindings, on_population, made, err);
    if (status == STATUS_OK)
        status = emit_end(&body, err);
    if (status == STATUS_OK)
        hash_stream_end(&stream, &made->counts.body);
    return status;
}

/* "it takes --period, --entity". */
static void takes(const struct report *report, char *ret_text, size_t bytes)
{
    ret_text[0] = '\0';
    for (const struct report_filter *filter = report->filters; filter->parameter != NULL; filter++)
        text_add(ret_text, bytes, "%s--%s", ret_text[0] != '\0' ? ", " : "it takes ", filter->parameter);
    if (ret_text[0] == '\0')
        text_add(ret_text, bytes, "it takes none");
}

static enum status parameters_check(const struct report_ask *ask, struct err *err)
{
    char text[256];
    for (size_t i = 0; report_parameters[i] != NULL; i++) {
        bool taken = ask->values[i] == NULL;
        for (const struct report_filter *filter = ask->report->filters; filter->parameter != NULL; filter++)
            taken = taken || strcmp(filter->parameter, report_parameters[i]) == 0;
        takes(ask->report, text, sizeof text);
        if (!taken)
            return err_set(err, STATUS_INPUT, "--%s: %s has nothing to choose by it; %s", report_parameters[i],
                           ask->report->id, text);
        if (ask->values[i] != NULL && (ask->values[i][0] == '\0' || strlen(ask->values[i]) > PARAMETER_BYTES_MAX))
            return err_set(err, STATUS_INPUT, "--%s: 1 to %d bytes", report_parameters[i], PARAMETER_BYTES_MAX);
        if (ask->values[i] != NULL && text_check(ask->values[i], strlen(ask->values[i]), err) != STATUS_OK) {
            err_prefix(err, "--%s: ", report_parameters[i]);
            return STATUS_INPUT;
        }
    }
    return STATUS_OK;
}

static enum status bind(struct report_made *made, struct err *err)
{
    static const char *const names[] = {"period_from", "period_to"};
    const char *period = made->ask.values[PARAMETER_PERIOD];
    size_t count = 2;
    made->bindings[0].name = names[0];
    made->bindings[1].name = names[1];
    for (size_t i = PARAMETER_PERIOD + 1; report_parameters[i] != NULL; i++)
        made->bindings[count++] = (struct report_binding){.name = report_parameters[i], .value = made->ask.values[i]};
    made->bindings[count] = (struct report_binding){.name = "period", .value = period};
    if (period == NULL)
        return STATUS_OK;
    enum status status =
        report_period_read(made->source, period, made->ask.values[PARAMETER_ENTITY], &made->period, err);
    if (status != STATUS_OK)
        return status;
    made->bindings[0].value = made->period.from;
    made->bindings[1].value = made->period.to;
    return STATUS_OK;
}

enum status report_make(const struct report_ask *ask, const struct report_source *source,
                        const struct report_facts *facts, struct report_made **ret_made, struct err *err)
{
    enum status status = parameters_check(ask, err);
    struct report_made *made = status == STATUS_OK ? calloc(1, sizeof *made) : NULL;
    if (made == NULL)
        return status == STATUS_OK ? err_set(err, STATUS_MEMORY, "no memory for a report") : status;
    made->ask = *ask;
    made->source = source;
    made->facts = facts;
    status = bind(made, err);
    if (status == STATUS_OK)
        status = count_all(made, err);
    if (status == STATUS_OK)
        status = report_header_make(ask, facts, ask->values[PARAMETER_PERIOD] != NULL ? &made->period : NULL,
                                    &made->counts, &made->header, err);
    if (status == STATUS_OK)
        *ret_made = made;
    else
        report_made_free(made);
    return status;
}

const json_t *report_made_header(const struct report_made *made)
{
    return made->header;
}

const struct report_binding *report_made_bindings(const struct report_made *made)
{
    return made->bindings;
}

static enum status walk(void *context, report_cells_step *step, void *step_context, struct err *err)
{
    struct pass pass = {.made = context, .step = step, .context = step_context};
    return pass_run(&pass, err);
}

struct report_rows report_made_rows(struct report_made *made)
{
    return (struct report_rows){.walk = walk, .context = made};
}

void report_made_free(struct report_made *made)
{
    if (made == NULL)
        return;
    json_decref(made->header);
    free(made);
}

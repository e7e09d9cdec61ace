/*
 * countersign exceptions: everything that is late, unanswered or left half done, in one table. What is late is asked at
 * the time of the book's last entry, so that the same book always shows the same; --as-of asks at another time.
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/exceptions.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "cli/table.h"
#include "ledger/instant.h"

struct report {
    struct cli *cli;
    int64_t now_ms;
    struct table *table;
    const struct exception_source *source; /* whose rows come now */
    size_t count;
};

static void row_json(const struct report *report, const struct exception_row *row)
{
    char since[INSTANT_TEXT_BYTES], due[INSTANT_TEXT_BYTES], amount[MONEY_TEXT_MAX];
    instant_format(row->since_ms, since);
    json_t *object =
        json_pack("{s:I, s:s, s:s, s:s*, s:s*, s:s, s:s*}", "age_ms", (json_int_t)(report->now_ms - row->since_ms),
                  "exception", report->source->name, "number", row->number, "entity", row->entity, "owner", row->owner,
                  "since", since, "note", row->note);
    if (object != NULL && row->due_ms != EXCEPTION_NO_DUE) {
        instant_format(row->due_ms, due);
        json_object_set_new(object, "due", json_string(due));
    }
    if (object != NULL && row->currency != NULL) {
        json_object_set_new(object, "amount", json_string(reading_amount(row->amount_minor, row->currency, amount)));
        json_object_set_new(object, "currency", json_string(row->currency));
    }
    (void)out_json(report->cli, object);
}

static enum status step(void *context, const struct exception_row *row, struct err *err)
{
    struct report *report = context;
    char age[AGE_BYTES], due[INSTANT_TEXT_BYTES] = "", amount[MONEY_SHOWN_BYTES] = "";
    (void)err;
    report->count++;
    if (report->cli->json) {
        row_json(report, row);
        return STATUS_OK;
    }
    present_age(report->now_ms - row->since_ms, age);
    if (row->due_ms != EXCEPTION_NO_DUE) {
        instant_format(row->due_ms, due);
        due[16] = '\0';
        due[10] = ' ';
    }
    if (row->currency != NULL)
        present_minor(row->amount_minor, row->currency, amount);
    const char *cells[] = {report->source->title, row->number, row->entity, row->owner, age, due, amount, row->note};
    table_row(report->table, cells);
    return STATUS_OK;
}

static enum status collect_all(struct report *report, struct session *session, const struct options *options,
                               const char *entity, struct err *err)
{
    const struct facts *facts = NULL;
    const char *only = options_text(options, "only");
    enum status status = session_begin_facts(session, &facts, err);
    struct facts asked = {.time_ms = 0};
    if (status == STATUS_OK) {
        asked = *facts;
        status = reading_as_of(facts, options, &asked.time_ms, err);
    }
    if (status == STATUS_OK) /* accounts, keys and reviews are governance */
        status = reading_table_check(&asked, BOOKS_GRANTS, err);
    if (status == STATUS_OK && entity != NULL)
        status = reading_entity_check(&asked, entity, err);
    report->now_ms = asked.time_ms;
    struct exceptions all = {.session = session, .facts = &asked, .entity = entity, .step = step, .context = report};
    for (size_t i = 0; status == STATUS_OK && exception_sources[i] != NULL; i++) {
        report->source = exception_sources[i];
        if (only == NULL || strcmp(only, report->source->name) == 0)
            status = report->source->collect(&all, err);
    }
    session_end_facts(session);
    return status;
}

static enum status print(const struct report *report, struct err *err)
{
    char time[INSTANT_TEXT_BYTES];
    enum status status = table_print(report->table, err);
    instant_format(report->now_ms, time);
    if (status == STATUS_OK)
        fprintf(report->cli->out, "%zu exception%s at %.10s %.5s\n", report->count, report->count == 1 ? "" : "s", time,
                time + 11);
    return status;
}

static enum status options_check(const struct options *options, const char **ret_entity, struct err *err)
{
    const char *only = options_text(options, "only");
    char names[512] = "";
    size_t used = 0;
    if (only == NULL || exception_source_find(only) != NULL)
        return reading_code_option(options, "entity", ret_entity, err);
    for (size_t i = 0; exception_sources[i] != NULL && used < sizeof names; i++)
        used +=
            (size_t)snprintf(names + used, sizeof names - used, "%s%s", i > 0 ? ", " : "", exception_sources[i]->name);
    return err_set(err, STATUS_INPUT, "--only: one of %s", names);
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {{"WHAT", 0},
                                            {"NUMBER", 0},
                                            {"ENTITY", 0},
                                            {"OWNER", COLUMN_CUT},
                                            {"AGE", COLUMN_RIGHT},
                                            {"DUE", 0},
                                            {"AMOUNT", COLUMN_RIGHT},
                                            {"", COLUMN_WRAP},
                                            {0}};
    struct report report = {.cli = cli};
    struct session *session = NULL;
    struct err err = {0};
    const char *entity = NULL;
    report.table = table_new(cli, columns);
    enum status status = options_check(options, &entity, &err);
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = collect_all(&report, session, options, entity, &err);
    if (status == STATUS_OK && !cli->json)
        status = print(&report, &err);
    session_close(session);
    table_free(report.table);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct option_spec options_of_exceptions[] = {
    {"entity", 0, "CODE", "one legal entity", 0},
    {"only", 0, "SOURCE", "one sort of exception, e.g. waiting", 0},
    {"as-of", 0, "TIME", "what is late at this time; at that of the last entry when not given", 0},
    {0},
};

const struct command command_exceptions = {
    .name = "exceptions",
    .summary = "lists what is late, unanswered or half done",
    .arguments = "",
    .text =
        "Documents that wait longer than the policy allows, files of feeds that were not finished, postings that the "
        "ERP has not acknowledged, and what "
        "other duties leave open: accounts of leavers, emergency access and grants that nobody reviewed in time, acts "
        "of keys that were in other hands, keys that end within 30, 14 or 3 days, numbers that lost documents may bear "
        "too. Nothing is late by a timer: lateness is asked "
        "at the time of the last entry.",
    .example = "countersign exceptions --entity US01 --as-of 2026-09-30",
    .group = GROUP_EVERYONE,
    .flags = COMMAND_BOOK,
    .options = options_of_exceptions,
    .run = run,
};

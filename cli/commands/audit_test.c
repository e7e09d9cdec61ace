/*
 * countersign audit test: tests of whole populations, what they find, and runs of them put on record.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/analytics/scope.h"
#include "audit/sql/sql.h"
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/report_book.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/test_runs.h"

enum { SHOWN = 40 };

/* A run of several tests over one book. */
struct testing {
    struct cli *cli;
    const struct options *options;
    struct report_book book;
    struct table *found, *summary;
    json_t *runs; /* documents for --record */
    const struct analytic *analytic;
    uint64_t exceptions, open, shown;
};

static enum status exception_seen(void *context, const struct analytic_exception *exception, struct err *err)
{
    struct testing *testing = context;
    const bool all = options_flag(testing->options, "all");
    (void)err;
    if (testing->cli->json) {
        (void)out_json(testing->cli,
                       json_pack("{s:s*, s:s*, s:s*, s:s*, s:s*, s:s, s:s, s:s*, s:s, s:s, s:s}", "at", exception->at,
                                 "by", exception->by, "conclusion", exception->conclusion, "disposition",
                                 exception->disposition, "document", exception->document, "key", exception->key,
                                 "metric", exception->metric, "person", exception->person, "test",
                                 testing->analytic->id, "text", exception->text, "threshold", exception->threshold));
        return STATUS_OK;
    }
    if (exception->disposition != NULL && !all)
        return STATUS_OK;
    if (testing->shown++ >= SHOWN && !all)
        return STATUS_OK;
    const char *const cells[] = {exception->key, exception->text, exception->conclusion};
    table_row(testing->found, cells);
    return STATUS_OK;
}

/* What goes on record of a run: all that it takes to run it again, and what came out. */
static json_t *run_document(const struct testing *testing, const char *asked, const struct analytic_result *result)
{
    char hash[HASH_HEX_CHARS + 1];
    hash_to_hex(&result->hash, hash);
    return json_pack("{s:s, s:I, s:i, s:s, s:s, s:I}", "control", testing->analytic->id, "count",
                     (json_int_t)result->exceptions, "from", 0, "note", asked, "result", hash, "to",
                     (json_int_t)testing->book.facts.last_seq);
}

static enum status test_run(struct testing *testing, const struct analytic_asking *asking, struct err *err)
{
    struct analytic_result result;
    char hash[HASH_HEX_CHARS + 1];
    char *asked = NULL;
    enum status status =
        analytic_run(testing->book.sql, testing->analytic, &asking->scope, exception_seen, testing, &result, err);
    if (status == STATUS_OK)
        status = analytic_asked(testing->analytic, &asking->scope, &asked, err);
    if (status != STATUS_OK)
        return status;
    hash_to_hex(&result.hash, hash);
    testing->exceptions += result.exceptions;
    testing->open += result.exceptions - result.answered;
    const char *const cells[] = {testing->analytic->id, testing->analytic->title, NULL, NULL, asked, NULL};
    table_row(testing->summary, cells);
    table_cell(testing->summary, 2, "%llu", (unsigned long long)result.exceptions);
    table_cell(testing->summary, 3, "%llu", (unsigned long long)(result.exceptions - result.answered));
    table_cell(testing->summary, 5, "%.16s", hash);
    if (testing->cli->json)
        (void)out_json(testing->cli, json_pack("{s:I, s:s, s:I, s:s, s:s}", "answered", (json_int_t)result.answered,
                                               "asked", asked, "exceptions", (json_int_t)result.exceptions, "result",
                                               hash, "test", testing->analytic->id));
    if (json_array_append_new(testing->runs, run_document(testing, asked, &result)) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory for a run");
    free(asked);
    return status;
}

/* --parameter C-45.delta_percent=3: those of this test. */
static enum status parameters_take(const struct testing *testing, struct analytic_asking *asking, struct err *err)
{
    size_t count = 0;
    const size_t id = strlen(testing->analytic->id);
    const char *const *texts = options_list(testing->options, "parameter", &count);
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        if (strncmp(texts[i], testing->analytic->id, id) == 0 && texts[i][id] == '.')
            status =
                analytic_asking_parameter(testing->analytic, texts[i] + id + 1, strlen(texts[i]) - id - 1, asking, err);
    if (status != STATUS_OK)
        err_prefix(err, "--parameter: ");
    return status;
}

static bool is_asked(const struct options *options, const char *id)
{
    const size_t count = options_argument_count(options);
    for (size_t i = 0; i < count; i++)
        if (strcmp(options_argument(options, i), id) == 0)
            return true;
    return count == 0;
}

static enum status tests_run(struct testing *testing, struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < analytic_count; i++) {
        struct analytic_asking asking;
        testing->analytic = analytics[i];
        if (!is_asked(testing->options, analytics[i]->id))
            continue;
        status = analytic_asking_set(testing->book.sql, analytics[i], options_text(testing->options, "period"),
                                     options_text(testing->options, "entity"), &asking, err);
        if (status == STATUS_OK)
            status = parameters_take(testing, &asking, err);
        if (status == STATUS_OK)
            status = test_run(testing, &asking, err);
    }
    return status;
}

/* Words that name no test, and parameters of none. */
static enum status words_check(const struct options *options, struct err *err)
{
    size_t count = 0;
    const char *const *texts = options_list(options, "parameter", &count);
    for (size_t i = 0; i < options_argument_count(options); i++)
        if (analytic_find(options_argument(options, i)) == NULL)
            return err_set(err, STATUS_INPUT, "no such test: countersign audit test --list names them");
    for (size_t i = 0; i < count; i++) {
        char id[16] = "";
        const size_t length = strcspn(texts[i], ".");
        if (length < sizeof id)
            memcpy(id, texts[i], length);
        if (texts[i][length] != '.' || analytic_find(id) == NULL)
            return err_set(err, STATUS_INPUT, "--parameter: write TEST.NAME=NUMBER, as in C-45.delta_percent=3");
        if (!is_asked(options, id))
            return err_set(err, STATUS_INPUT, "--parameter: %s is not among the tests that are run", id);
    }
    return STATUS_OK;
}

static enum status show(struct testing *testing, struct err *err)
{
    if (testing->cli->json)
        return STATUS_OK;
    enum status status = table_print(testing->found, err);
    if (status == STATUS_OK && testing->shown > SHOWN && !options_flag(testing->options, "all"))
        fprintf(testing->cli->out, "and %llu more: --all shows them\n", (unsigned long long)(testing->shown - SHOWN));
    if (status == STATUS_OK && testing->shown > 0)
        fputc('\n', testing->cli->out);
    if (status == STATUS_OK)
        status = table_print(testing->summary, err);
    if (status == STATUS_OK)
        fprintf(testing->cli->out, "%llu exceptions, %llu without a conclusion; entries 0 to %llu\n",
                (unsigned long long)testing->exceptions, (unsigned long long)testing->open,
                (unsigned long long)testing->book.facts.last_seq);
    return status;
}

/* The runs as documents, one statement. With a server the session goes on: nobody is asked for a passphrase twice. */
static int record(struct testing *testing)
{
    struct session *session = NULL;
    struct err err = {0};
    json_t *runs = json_incref(testing->runs);
    if (testing->book.source.session != NULL)
        return govern_submit(testing->book.source.session, "test-run", runs);
    report_book_close(&testing->book);
    enum status status = session_open(testing->cli, testing->options, SESSION_WRITE, &session, &err);
    int answer = EXIT_DONE;
    if (status == STATUS_OK) {
        answer = govern_submit(session, "test-run", runs);
    } else {
        json_decref(runs);
        answer = cli_error(testing->cli, &err);
    }
    session_close(session);
    return answer;
}

static int run_tests(struct cli *cli, const struct options *options)
{
    static const struct column found[] = {{"EXCEPTION", 0}, {"WHAT", COLUMN_WRAP}, {"CONCLUSION", COLUMN_WRAP}, {0}};
    static const struct column summary[] = {
        {"TEST", 0},   {"TITLE", 0}, {"EXCEPTIONS", COLUMN_RIGHT}, {"OPEN", COLUMN_RIGHT}, {"ASKED", COLUMN_WRAP},
        {"RESULT", 0}, {0}};
    struct testing testing = {.cli = cli, .options = options, .runs = json_array()};
    struct err err = {0};
    testing.found = table_new(cli, found);
    testing.summary = table_new(cli, summary);
    enum status status = words_check(options, &err);
    if (status == STATUS_OK)
        status = report_book_open(cli, options, &testing.book, &err);
    if (status == STATUS_OK)
        status = tests_run(&testing, &err);
    if (status == STATUS_OK)
        status = show(&testing, &err);
    int answer = status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
    if (status == STATUS_OK && options_flag(options, "record"))
        answer = record(&testing);
    if (answer == EXIT_DONE && testing.open > 0)
        answer = EXIT_REFUSED;
    report_book_close(&testing.book);
    table_free(testing.summary);
    table_free(testing.found);
    json_decref(testing.runs);
    return answer;
}

static int list(struct cli *cli)
{
    static const struct column columns[] = {
        {"TEST", 0}, {"TITLE", 0}, {"ANSWERS", COLUMN_WRAP}, {"DUE", 0}, {"PARAMETERS", COLUMN_WRAP}, {0}};
    struct table *table = table_new(cli, columns);
    struct err err = {0};
    for (size_t i = 0; i < analytic_count; i++) {
        const struct analytic *analytic = analytics[i];
        char parameters[512] = "";
        size_t at = 0;
        for (const struct analytic_parameter *one = analytic->parameters; one->name != NULL; one++)
            at += (size_t)snprintf(parameters + at, sizeof parameters - at, "%s%s=%lld", at > 0 ? " " : "", one->name,
                                   (long long)one->value);
        const char *due = analytic->cadence == ANALYTIC_MONTHLY ? "monthly" : "quarterly";
        const char *const cells[] = {analytic->id, analytic->title, analytic->question, due, parameters};
        if (cli->json)
            (void)out_json(cli, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "answers", analytic->question, "due", due,
                                          "parameters", parameters, "source", analytic->source, "test", analytic->id,
                                          "title", analytic->title));
        else
            table_row(table, cells);
    }
    enum status status = cli->json ? STATUS_OK : table_print(table, &err);
    table_free(table);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static int missed(struct cli *cli, const struct options *options)
{
    struct report_book book;
    struct err err = {0};
    uint64_t count = 0;
    enum status status = report_book_open(cli, options, &book, &err);
    if (status == STATUS_OK)
        status = test_runs_missed(cli, &book, &count, &err);
    report_book_close(&book);
    if (status != STATUS_OK)
        return cli_error(cli, &err);
    if (!cli->json)
        fprintf(cli->out, "%llu %s\n", (unsigned long long)count, count == 1 ? "run was missed" : "runs were missed");
    return count == 0 ? EXIT_DONE : EXIT_REFUSED;
}

static int run(struct cli *cli, const struct options *options)
{
    const char *check = options_text(options, "check");
    const int forms = options_flag(options, "list") + options_flag(options, "missed") + (check != NULL);
    struct err err = {0};
    if (forms > 1 || (forms == 1 && (options_flag(options, "record") || options_argument_count(options) > 0))) {
        enum status status = err_set(&err, STATUS_INPUT, "--list, --missed and --check stand alone");
        return status != STATUS_OK ? cli_usage_error(cli, &err) : EXIT_DONE;
    }
    if (options_flag(options, "list"))
        return list(cli);
    if (options_flag(options, "missed"))
        return missed(cli, options);
    return check != NULL ? test_run_check(cli, options, check) : run_tests(cli, options);
}

static const struct option_spec options_of_audit_test[] = {
    {"period", 0, "PERIOD", "effective dates: " AUDIT_PERIOD_FORMS " (all)", 0},
    {"entity", 0, "CODE", "only this entity", 0},
    {"parameter", 0, "TEST.NAME=N", "another number than the test's own", OPTION_REPEATS},
    {"all", 0, NULL, "show every exception, those with a conclusion too", 0},
    {"record", 0, NULL, "put each run on record, signed", 0},
    {"check", 0, "RUN", "run again what stands on record as this run (TR-1), over the book as it was then", 0},
    {"missed", 0, NULL, "months and quarters for which a test has no run on record", 0},
    {"list", 0, NULL, "name the tests, what each answers, and their parameters", 0},
    GOVERN_ROWS,
    {0},
};

const struct command command_audit_test = {
    .name = "audit test",
    .summary = "looks through whole populations for what should be looked at",
    .arguments = "[TEST]...",
    .text =
        "All tests, or those named. An exception is a place to look at, not a proof of wrong: what somebody concludes "
        "about "
        "it is put on record under its name (countersign audit record disposition --about NAME --conclusion TEXT), and "
        "answers for it from then on. A run that is put on record says what was asked, up to which entry, and the hash "
        "of "
        "what was found, so that anybody finds the same again. audit/analytics/ANALYTICS.md has the tests.\n\nExit "
        "status 1 when "
        "an "
        "exception has no conclusion, or a run was missed; 3 when a run on record finds something else.",
    .example = "countersign audit test --period 2026-Q3 --record",
    .group = GROUP_AUDITORS,
    .flags = COMMAND_BOOK | COMMAND_WRITES,
    .arguments_max = 32,
    .options = options_of_audit_test,
    .run = run,
};

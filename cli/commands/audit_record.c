/*
 * countersign audit record: a seed before a sample is drawn, a disposition of an exception, the run of a test. Signed by an
 * auditor; nothing in the books changes.
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"

static enum status set_number(const struct options *options, const char *option, const char *member, json_t *document,
                              struct err *err)
{
    int64_t number = -1;
    enum status status = options_number(options, option, 0, INT64_C(9007199254740991), &number, err);
    if (status == STATUS_OK && number >= 0 && json_object_set_new(document, member, json_integer(number)) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory for a document");
    return status;
}

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    static const char *const texts[] = {"about", "conclusion", "control", "purpose", "result", "seed"};
    static const struct {
        const char *option, *member;
    } numbers[] = {{"count", "count"}, {"first", "from"}, {"last", "to"}}; /* --to is where a statement is left */
    const struct options *options = session_options(session);
    json_t *document = json_object();
    enum status status = document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
    for (size_t i = 0; status == STATUS_OK && i < sizeof texts / sizeof texts[0]; i++)
        if (options_text(options, texts[i]) != NULL)
            json_object_set_new(document, texts[i], json_string(options_text(options, texts[i])));
    for (size_t i = 0; status == STATUS_OK && i < sizeof numbers / sizeof numbers[0]; i++)
        status = set_number(options, numbers[i].option, numbers[i].member, document, err);
    if (status == STATUS_OK)
        *ret_document = document;
    else
        json_decref(document);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    static const char *const kinds[] = {"seed", "disposition", "test-run"};
    const char *kind = options_argument(options, 0);
    struct err err = {0};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i], kind) == 0)
            return govern_run(cli, options, kind, make_document);
    enum status status = err_set(&err, STATUS_INPUT, "%s is none of seed, disposition, test-run", kind);
    return status != STATUS_OK ? cli_usage_error(cli, &err) : EXIT_DONE;
}

static const struct option_spec options_of_audit_record[] = {
    {"seed", 0, "TEXT", "seed: what the selection starts from", 0},
    {"purpose", 0, "TEXT", "seed: what will be drawn with it", 0},
    {"about", 0, "TEXT", "disposition: the exception", 0},
    {"conclusion", 0, "TEXT", "disposition: what became of it", 0},
    {"control", 0, "TEXT", "test-run: the test", 0},
    {"first", 0, "ENTRY", "test-run: the first entry looked at", 0},
    {"last", 0, "ENTRY", "test-run: the last one", 0},
    {"result", 0, "HASH", "test-run: SHA-256 of the result", 0},
    {"count", 0, "NUMBER", "test-run: exceptions found", 0},
    GOVERN_ROWS,
    {0},
};

const struct command command_audit_record = {
    .name = "audit record",
    .summary = "puts audit work on record",
    .arguments = "seed|disposition|test-run",
    .example = "countersign audit record seed --seed 314159 --purpose \"25 credit notes of Q1\"",
    .group = GROUP_AUDITORS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_audit_record,
    .run = run,
};

/*
 * countersign policy check: compiles a policy file and says what is wrong with it, place by place. Needs no book; with
 * --staff it also asks the people of one whether they can work under it.
 */
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/policy_staff.h"
#include "cli/policy_text.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "controls/policy.h"
#include "ledger/canon.h"

static int show_good(struct cli *cli, const char *path, const struct policy_text *text)
{
    char hex[HASH_HEX_CHARS + 1];
    struct hash hash;
    struct err err = {0};
    if (canon_hash(text->compiled, &hash, &err) != STATUS_OK)
        return cli_error(cli, &err);
    hash_to_hex(&hash, hex);
    if (cli->json)
        return out_json(cli, json_pack("{s:i, s:s, s:s, s:I}", "errors", 0, "file", path, "hash", hex, "warnings",
                                       (json_int_t)text->warnings));
    terminal_printf(cli->out, "%s: no error, %zu %s", path, text->warnings,
                    text->warnings == 1 ? "warning" : "warnings");
    fprintf(cli->out, "\n  compiles to  %s\n", hex);
    return EXIT_DONE;
}

struct gaps {
    struct cli *cli;
    struct table *table;
    size_t count;
};

static void show_gap(void *context, const char *where, const char *gap)
{
    struct gaps *gaps = context;
    const char *cells[] = {where, gap};
    gaps->count++;
    if (gaps->cli->json)
        (void)out_json(gaps->cli, json_pack("{s:s, s:s}", "gap", gap, "where", where));
    else
        table_row(gaps->table, cells);
}

/* What the people of the book cannot do under the policy. */
static enum status show_staff(struct cli *cli, const struct options *options, const json_t *compiled, struct err *err)
{
    static const struct column columns[] = {{"WHERE", 0}, {"GAP", COLUMN_WRAP}, {0}};
    struct gaps gaps = {.cli = cli, .table = table_new(cli, columns)};
    struct session *session = NULL;
    struct policy *policy = NULL;
    const struct facts *facts = NULL;
    enum status status = policy_read(compiled, &policy, err);
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &session, err);
    if (status == STATUS_OK)
        status = session_begin_facts(session, &facts, err);
    if (status == STATUS_OK)
        status = policy_staff(facts, policy, show_gap, &gaps, err);
    if (status == STATUS_OK && !cli->json)
        status = table_print(gaps.table, err);
    if (status == STATUS_OK && !cli->json && gaps.count == 0)
        fprintf(cli->out, "everything can be prepared and signed by the people of the book\n");
    session_end_facts(session);
    session_close(session);
    policy_free(policy);
    table_free(gaps.table);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    const char *path = options_argument(options, 0), *book = cli_book(cli, options);
    bool staff = options_flag(options, "staff");
    if (staff && (book == NULL || book[0] == '\0'))
        return cli_fail(cli, STATUS_INPUT, "--staff: whose? name a book with --book");
    struct policy_text text = {.yaml = NULL};
    struct err err = {0};
    int answer;
    if (policy_text_read(cli, path, &text, &err) == STATUS_OK)
        answer = show_good(cli, path, &text);
    else if (text.errors > 0)
        answer =
            cli_fail(cli, STATUS_INPUT, "%s: %zu %s, %zu %s", path, text.errors, text.errors == 1 ? "error" : "errors",
                     text.warnings, text.warnings == 1 ? "warning" : "warnings");
    else
        answer = cli_error(cli, &err);
    if (answer == EXIT_DONE && staff && show_staff(cli, options, text.compiled, &err) != STATUS_OK)
        answer = cli_error(cli, &err);
    policy_text_done(&text);
    return answer;
}

static const struct option_spec options_of_policy_check[] = {
    {"staff", 0, NULL, "also: whom of the book it leaves without work, and what nobody could prepare or sign", 0},
    {0},
};

const struct command command_policy_check = {
    .name = "policy check",
    .summary = "says what is wrong with a policy file",
    .arguments = "FILE.yaml",
    .text = "Each finding has file, line and column; errors end with status 2, warnings do not. With --staff the book "
            "says who "
            "holds what: roles that nobody holds, levels that nobody could sign, tiers that take more persons than "
            "there are.",
    .example = "countersign policy check draft.yaml",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_LOOKS,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_policy_check,
    .run = run,
};

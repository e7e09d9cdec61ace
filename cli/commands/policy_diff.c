/*
 * countersign policy diff: what a policy file would change against the policy in force, in a controller's words.
 */
#include "cli/policy_diff.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/policy_text.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "controls/policy.h"

struct shown {
    struct cli *cli;
    struct table *table;
    size_t count;
};

static void show_change(void *context, const char *what, const char *change)
{
    struct shown *shown = context;
    const char *cells[] = {what, change};
    shown->count++;
    if (shown->cli->json)
        (void)out_json(shown->cli, json_pack("{s:s, s:s}", "change", change, "what", what));
    else
        table_row(shown->table, cells);
}

static enum status show(struct session *session, const struct policy *after, struct err *err)
{
    static const struct column columns[] = {{"WHAT", 0}, {"CHANGE", COLUMN_WRAP}, {0}};
    struct shown shown = {.cli = session_cli(session), .table = table_new(session_cli(session), columns)};
    const struct facts *facts = NULL;
    enum status status = session_begin_facts(session, &facts, err);
    if (status == STATUS_OK) {
        policy_diff(facts->policy, after, show_change, &shown);
        session_end_facts(session);
        status = shown.cli->json ? STATUS_OK : table_print(shown.table, err);
    }
    if (status == STATUS_OK && !shown.cli->json)
        fprintf(shown.cli->out, shown.count == 0 ? "nothing would change\n" : "%zu %s\n", shown.count,
                shown.count == 1 ? "change" : "changes");
    table_free(shown.table);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct policy_text text = {.yaml = NULL};
    struct policy *after = NULL;
    struct session *session = NULL;
    struct err err = {0};
    enum status status = policy_text_read(cli, options_argument(options, 0), &text, &err);
    if (status == STATUS_OK)
        status = policy_read(text.compiled, &after, &err);
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = show(session, after, &err);
    session_close(session);
    policy_free(after);
    policy_text_done(&text);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

const struct command command_policy_diff = {
    .name = "policy diff",
    .summary = "shows what a policy file would change",
    .arguments = "FILE.yaml",
    .text = "Compares meanings with the policy in force: another order, or another way of writing the same, "
            "is no change.",
    .example = "countersign policy diff draft.yaml",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};

/*
 * countersign policy show: the policy in force, now or at another time, as tables; or its text, to start a change from.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/block.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/policy_book.h"
#include "cli/policy_show.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "ledger/schema.h"

static enum status show_head(struct cli *cli, const struct policy_of_book *policy, struct err *err)
{
    const char *number = member_text(policy->record, "document");
    char seq[GROUPED_BYTES];
    struct block *block = block_new(cli);
    block_head(block, STYLE_STRONG, number != NULL && number[0] != '\0' ? number : "charter", "%s",
               policy->policy->name);
    block_line(block, "in force", "since %s", member_text(policy->record, "effective"));
    block_line(block, "hash", "%s", member_text(policy->record, "hash"));
    block_line(block, "entry", "%s", terminal_group_integer((int64_t)policy->seq, seq));
    enum status status = block_print(block, err);
    block_free(block);
    return status;
}

static enum status show_json(struct cli *cli, const struct facts *facts, const struct policy_of_book *policy,
                             struct err *err)
{
    json_t *compiled = NULL;
    enum status status = policy_of_book_compiled(facts, policy, &compiled, err);
    if (status != STATUS_OK)
        return status;
    json_t *object = json_copy(policy->record);
    if (object == NULL || json_object_set(object, "compiled", compiled) != 0) {
        json_decref(object);
        object = NULL;
    }
    json_decref(compiled);
    (void)out_json(cli, object);
    return STATUS_OK;
}

static enum status show_yaml(struct session *session, const struct facts *facts, const struct policy_of_book *policy,
                             struct err *err)
{
    struct cli *cli = session_cli(session);
    char *yaml = NULL;
    enum status status = policy_of_book_yaml(session, facts, policy, &yaml, err);
    for (char *line = yaml; status == STATUS_OK && *line != '\0';) {
        size_t length = strcspn(line, "\n");
        bool more = line[length] == '\n';
        line[length] = '\0';
        terminal_print_text(cli->out, line);
        if (more)
            fputc('\n', cli->out);
        line += length + (more ? 1 : 0);
    }
    free(yaml);
    return status;
}

static enum status show(struct session *session, int64_t time_ms, struct err *err)
{
    struct cli *cli = session_cli(session);
    const struct options *options = session_options(session);
    const struct facts *facts = NULL;
    const char *section = options_argument(options, 0);
    struct policy_of_book policy = {.record = NULL};
    enum status status = session_begin_facts(session, &facts, err);
    if (status == STATUS_OK)
        status = policy_of_book(session, facts, time_ms, &policy, err);
    if (status == STATUS_OK && cli->json) {
        status = show_json(cli, facts, &policy, err);
    } else if (status == STATUS_OK && options_flag(options, "yaml")) {
        status = show_yaml(session, facts, &policy, err);
    } else if (status == STATUS_OK && section != NULL) {
        status = policy_show_section(cli, policy.policy, section, err);
    } else if (status == STATUS_OK) {
        status = show_head(cli, &policy, err);
        if (status == STATUS_OK)
            status = policy_show(cli, policy.policy, err);
    }
    policy_of_book_done(&policy);
    session_end_facts(session);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    struct err err = {0};
    const char *when = options_text(options, "when");
    int64_t time_ms = 0;
    enum status status = when != NULL ? session_read_time(when, &time_ms, &err) : STATUS_OK;
    if (status != STATUS_OK)
        err_prefix(&err, "--when: ");
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = show(session, when != NULL ? time_ms : session_time(session), &err);
    session_close(session);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct option_spec options_of_policy_show[] = {
    {"when", 0, "TIME", "the policy in force at this time instead of now", 0},
    {"yaml", 0, NULL, "the text that was compiled, to start a change from", 0},
    {0},
};

const struct command command_policy_show = {
    .name = "policy show",
    .summary = "shows the policy in force",
    .arguments = "[SECTION]",
    .text = "Sections: authority, cumulative, reasons, roles, duties, conflicts, entities, accounts, "
            "numbers. In the "
            "authority table a cell is the amount above which the level signs.",
    .example = "countersign policy show authority",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .arguments_max = 1,
    .options = options_of_policy_show,
    .run = run,
};

/*
 * countersign policy propose: submits a policy file as a document that a second officer has to approve. It comes into
 * force on the next day of every entity at the earliest.
 */
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/policy_text.h"
#include "cli/session.h"
#include "controls/compiler/compile.h"
#include "ledger/base64.h"
#include "ledger/instant.h"

/* The first instant at which every entity of the policy in force has its next day. */
static enum status next_day(struct session *session, int64_t *ret_ms, struct err *err)
{
    const struct facts *facts = NULL;
    enum status status = session_begin_facts(session, &facts, err);
    if (status != STATUS_OK)
        return status;
    *ret_ms = facts->time_ms;
    for (size_t i = 0; i < facts->policy->entity_count; i++) {
        int64_t midnight = entity_next_midnight(&facts->policy->entities[i], facts->time_ms);
        *ret_ms = midnight > *ret_ms ? midnight : *ret_ms;
    }
    session_end_facts(session);
    return STATUS_OK;
}

static enum status text_propose(struct session *session, const struct policy_text *text, json_t **ret_document,
                                struct err *err)
{
    const char *given = options_text(session_options(session), "effective");
    char effective[INSTANT_TEXT_BYTES];
    char *yaml = NULL;
    int64_t time_ms = 0;
    enum status status = given != NULL ? session_read_time(given, &time_ms, err) : next_day(session, &time_ms, err);
    if (status != STATUS_OK && given != NULL)
        err_prefix(err, "--effective: ");
    if (status == STATUS_OK)
        status = base64_encode_new(text->yaml, text->length, &yaml, err);
    if (status != STATUS_OK)
        return status;
    instant_format(time_ms, effective);
    *ret_document = json_pack("{s:O, s:i, s:s, s:s}", "compiled", text->compiled, "compiler", COMPILER_VERSION,
                              "effective", effective, "yaml", yaml);
    free(yaml);
    return *ret_document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a policy");
}

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    struct policy_text text = {.yaml = NULL};
    enum status status =
        policy_text_read(session_cli(session), options_argument(session_options(session), 0), &text, err);
    if (status == STATUS_OK)
        status = text_propose(session, &text, ret_document, err);
    policy_text_done(&text);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "policy", make_document);
}

static const struct option_spec options_of_policy_propose[] = {
    {"effective", 0, "TIME", "when it comes into force; next midnight of all entities where not given", 0},
    GOVERN_ROWS,
    {0},
};

const struct command command_policy_propose = {
    .name = "policy propose",
    .summary = "submits a policy for a second officer to approve",
    .arguments = "FILE.yaml",
    .text = "The document carries the text and what it compiles to. Whoever approves compiles it again "
            "before signing.",
    .example = "countersign policy propose draft.yaml --effective 2026-10-01",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_policy_propose,
    .run = run,
};

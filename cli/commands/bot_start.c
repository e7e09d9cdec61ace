/*
 * countersign bot start: proposes to give a stopped bot what it held when it was stopped; a second officer has to approve.
 */
#include "cli/bots.h"
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"
#include "ledger/limits.h"
#include "ledger/schema.h"

static json_t *grant_again(const json_t *grant)
{
    json_t *document = json_pack("{s:O, s:O, s:O}", "entities", json_object_get(grant, "entities"), "role",
                                 json_object_get(grant, "role"), "user", json_object_get(grant, "user"));
    if (document != NULL && member_text(grant, "to") != NULL)
        json_object_set(document, "to", json_object_get(grant, "to"));
    return document;
}

static enum status collect_user(const struct facts *facts, const char *user, json_t *documents, struct err *err)
{
    json_t *held = json_array(), *grants = json_array();
    enum status status = held != NULL && grants != NULL ? bots_held(facts, user, held, err)
                                                        : err_set(err, STATUS_MEMORY, "no memory for a list of grants");
    if (status == STATUS_OK && json_array_size(held) == 0) /* of one that runs nothing is missing */
        status = bots_held_before(facts, user, grants, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(grants); i++)
        if (json_array_append_new(documents, grant_again(json_array_get(grants, i))) != 0)
            status = err_set(err, STATUS_MEMORY, "no memory for a document");
    json_decref(held);
    json_decref(grants);
    return status;
}

static enum status collect(struct session *session, json_t *documents, struct err *err)
{
    const struct facts *facts = NULL;
    json_t *users = NULL;
    enum status status = session_begin_facts(session, &facts, err);
    if (status == STATUS_OK)
        status = bots_asked(facts, session_options(session), &users, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(users); i++)
        status = collect_user(facts, json_string_value(json_array_get(users, i)), documents, err);
    session_end_facts(session);
    json_decref(users);
    if (status == STATUS_OK && json_array_size(documents) > DOCUMENTS_MAX)
        status = err_set(err, STATUS_LIMIT, "%zu grants are more than a statement takes, %d: name the bots one by one",
                         json_array_size(documents), DOCUMENTS_MAX);
    if (status == STATUS_OK && json_array_size(documents) == 0)
        status = err_set(err, STATUS_NOT_FOUND,
                         "nothing to give back: it was not stopped, or never held anything; "
                         "'countersign grant' gives a role");
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    json_t *documents = json_array();
    struct err err = {0};
    int answered;
    enum status status = session_open(cli, options, SESSION_WRITE, &session, &err);
    if (status == STATUS_OK)
        status = collect(session, documents, &err);
    answered = status == STATUS_OK ? govern_submit(session, "grant", json_incref(documents)) : cli_error(cli, &err);
    json_decref(documents);
    session_close(session);
    return answered;
}

static const struct option_spec options_of_bot_start[] = {
    {"all", 0, NULL, "every bot that was stopped", 0},
    {0},
};

const struct command command_bot_start = {
    .name = "bot start",
    .summary = "gives a stopped bot back what it held",
    .arguments = "[BOT]",
    .text = "An officer proposes the grants that were taken back last; they count when a second officer has approved.",
    .example = "countersign bot start bot.invoices",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES,
    .arguments_max = 1,
    .options = options_of_bot_start,
    .run = run,
};

/*
 * countersign bot stop: switches a bot off, or all of them, at once and by one person: every grant that it holds is taken
 * back in one statement.
 */
#include "cli/bots.h"
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"
#include "ledger/limits.h"

static enum status collect(struct session *session, json_t **ret_users, json_t *documents, struct err *err)
{
    const struct options *options = session_options(session);
    const struct facts *facts = NULL;
    json_t *users = NULL, *numbers = json_array();
    enum status status = numbers != NULL ? session_begin_facts(session, &facts, err)
                                         : err_set(err, STATUS_MEMORY, "no memory for a list of grants");
    if (status == STATUS_OK)
        status = bots_asked(facts, options, &users, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(users); i++)
        status = bots_held(facts, json_string_value(json_array_get(users, i)), numbers, err);
    session_end_facts(session);
    if (status == STATUS_OK && json_array_size(numbers) > DOCUMENTS_MAX)
        status = err_set(err, STATUS_LIMIT, "the bots hold %zu grants, a statement takes back %d: name them one by one",
                         json_array_size(numbers), DOCUMENTS_MAX);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(numbers); i++)
        if (json_array_append_new(documents, json_pack("{s:O, s:s}", "grant", json_array_get(numbers, i), "reason",
                                                       options_text(options, "reason"))) != 0)
            status = err_set(err, STATUS_MEMORY, "no memory for a document");
    json_decref(numbers);
    if (status == STATUS_OK)
        *ret_users = users;
    else
        json_decref(users);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    json_t *users = NULL, *documents = json_array();
    struct err err = {0};
    int answered = EXIT_DONE;
    enum status status = session_open(cli, options, SESSION_WRITE, &session, &err);
    if (status == STATUS_OK)
        status = collect(session, &users, documents, &err);
    if (status == STATUS_OK && json_array_size(documents) > 0)
        answered = govern_submit(session, "revocation", json_incref(documents));
    else if (status == STATUS_OK && !cli->json)
        fputs("nothing to take back: no grant of theirs counts\n", cli->out);
    if (status == STATUS_OK && answered <= EXIT_REFUSED)
        status = bots_say_pending(session, users, &err);
    if (status != STATUS_OK)
        answered = cli_error(cli, &err);
    json_decref(documents);
    json_decref(users);
    session_close(session);
    return answered;
}

static const struct option_spec options_of_bot_stop[] = {
    {"all", 0, NULL, "every bot of the book", 0},
    {"reason", 0, "TEXT", "why", OPTION_REQUIRED},
    {0},
};

const struct command command_bot_stop = {
    .name = "bot stop",
    .summary = "switches a bot off, at once",
    .arguments = "[BOT]",
    .text =
        "One officer, or the bot's owner, takes back all that it was granted. What it signs from then on is refused, "
        "and shows\n"
        "under its name (a server lets it read nothing more); what it prepared before and still waits is listed, for "
        "a person\n"
        "to reject, or to approve as ever.",
    .example = "countersign bot stop bot.invoices --reason \"Credits the same invoices again and again\"",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES,
    .arguments_max = 1,
    .options = options_of_bot_stop,
    .run = run,
};

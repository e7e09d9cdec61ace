/*
 * countersign delegate: gives another person some of one's functions for an absence. The one who delegates prepares it, or
 * an officer does where the absence was not foreseen; the manager or an officer signs.
 */
#include "cli/commands.h"
#include "cli/compose.h"
#include "cli/govern.h"
#include "cli/session.h"
#include "ledger/instant.h"

static enum status set_limit(const struct options *options, const char *base, json_t *document, struct err *err)
{
    const char *text = options_text(options, "limit");
    char amount[MONEY_TEXT_MAX];
    if (text == NULL)
        return STATUS_OK;
    enum status status = compose_amount(text, base, amount, err);
    if (status != STATUS_OK)
        err_prefix(err, "--limit: ");
    else if (json_object_set_new(document, "limit", json_string(amount)) != 0 ||
             json_object_set_new(document, "currency", json_string(base)) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory");
    return status;
}

/* What the books say of it: from when it counts where nothing is said, and the currency of limits. */
static enum status fill(struct session *session, json_t *document, struct err *err)
{
    const struct options *options = session_options(session);
    const struct facts *facts = NULL;
    char now[INSTANT_TEXT_BYTES];
    enum status status = session_begin_facts(session, &facts, err);
    if (status != STATUS_OK)
        return status;
    instant_format(facts->time_ms, now);
    json_object_set_new(document, "from", json_string(now));
    status = set_limit(options, facts->policy->base, document, err);
    session_end_facts(session);
    if (status == STATUS_OK)
        status = govern_set_time(options, "from", document, "from", err);
    if (status == STATUS_OK)
        status = govern_set_time(options, "until", document, "to", err);
    return status;
}

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    const char *of = options_text(options, "of");
    json_t *document = json_pack("{s:o, s:s, s:s, s:s}", "functions", govern_texts(options, "functions"), "from_user",
                                 of != NULL ? of : session_user(session), "reason", options_text(options, "reason"),
                                 "to_user", options_argument(options, 0));
    enum status status =
        document != NULL ? fill(session, document, err) : err_set(err, STATUS_MEMORY, "no memory for a document");
    if (status == STATUS_OK)
        *ret_document = document;
    else
        json_decref(document);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "delegation", make_document);
}

static const struct option_spec options_of_delegate[] = {
    {"functions", 0, "FUNCTION", "what the other may do: write-off.approve.2; repeat for several",
     OPTION_REQUIRED | OPTION_REPEATS},
    {"until", 0, "TIME", "when it ends; the policy says how long it may be", OPTION_REQUIRED},
    {"from", 0, "TIME", "from when; at once where not given", 0},
    {"limit", 0, "AMOUNT", "up to this amount, in the base currency", 0},
    {"of", 0, "USER", "an officer: whose functions, where the absence was not foreseen", 0},
    {"reason", 0, "TEXT", "why", OPTION_REQUIRED},
    GOVERN_ROWS,
    {0},
};

const struct command command_delegate = {
    .name = "delegate",
    .summary = "lets another person act for you while you are away",
    .arguments = "USER",
    .text = "Your manager by HR or an officer has to sign. What the other does with --behalf counts as both "
            "persons': you sign nothing of it yourself, and what is delegated is not delegated on. It ends with its "
            "date, with 'grant revoke', and when you lose the function or leave.",
    .example = "countersign delegate tom.reed --functions credit-note.approve.1 --until 2026-08-15 --reason \"Leave\"",
    .group = GROUP_APPROVERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_delegate,
    .run = run,
};

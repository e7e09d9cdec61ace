/*
 * From options to a document: which option is which field, and how an error in a field names its option.
 */
#include "cli/compose_options.h"

#include <string.h>

#include "cli/output.h"
#include "cli/present.h"
#include "ledger/schema.h"
#include "ledger/text.h"

static const char *const option_names[COMPOSE_FIELD_COUNT] = {
    [COMPOSE_REF] = "ref",
    [COMPOSE_ENTITY] = "entity",
    [COMPOSE_CUSTOMER] = "customer",
    [COMPOSE_CURRENCY] = "currency",
    [COMPOSE_AMOUNT] = "amount",
    [COMPOSE_REASON] = "reason",
    [COMPOSE_DATE] = "date",
    [COMPOSE_ALLOCATIONS] = "invoice",
    [COMPOSE_ON_ACCOUNT] = "on-account",
    [COMPOSE_DIRECTION] = "direction",
    [COMPOSE_FIELD] = "field",
    [COMPOSE_METHOD] = "method",
    [COMPOSE_LIMIT] = "limit",
    [COMPOSE_PREVIOUS] = "previous",
    [COMPOSE_DUPLICATE_OF] = "duplicate-of",
    [COMPOSE_NOTE] = "note",
    [COMPOSE_EVIDENCE] = "evidence",
    [COMPOSE_REQUESTED_BY] = "requested-by",
    [COMPOSE_TAXES] = "taxes",
    [COMPOSE_CASE] = "case",
    [COMPOSE_CHARGE] = "charge",
    [COMPOSE_RECOVERS] = "recovers",
    [COMPOSE_RECEIPT] = "receipt",
    [COMPOSE_BILL_TO] = "bill-to",
    [COMPOSE_BILL_DATE] = "bill-date",
    [COMPOSE_BILL_DUE] = "bill-due",
    [COMPOSE_BILL_REF] = "bill-ref",
    [COMPOSE_BILL_TAXES] = "bill-taxes",
    [COMPOSE_FROM] = "from",
    [COMPOSE_TO] = "until",
    [COMPOSE_REVIEW] = "review",
    [COMPOSE_ORDER] = "order",
    [COMPOSE_EXPIRES] = "expires",
    [COMPOSE_OWNER] = "owner",
    [COMPOSE_PROMISED] = "promised",
    [COMPOSE_CUSTOMER_REF] = "customer-ref",
    [COMPOSE_ABOUT] = "about",
    [COMPOSE_DISPUTE] = "dispute",
    [COMPOSE_BEHALF] = "behalf",
    [COMPOSE_OUTCOME] = "outcome",
    [COMPOSE_ROOT_CAUSE] = "root-cause",
    [COMPOSE_SETTLED_BY] = "settled-by",
    [COMPOSE_TO_CUSTOMER] = "to-customer",
    [COMPOSE_TO_ALLOCATIONS] = "to-invoice",
};

static void read_values(const struct options *options, struct compose *compose)
{
    for (int field = 0; field < COMPOSE_FIELD_COUNT; field++) {
        const char *name = option_names[field];
        if (name == NULL || !options_has(options, name))
            continue;
        if (field == COMPOSE_ALLOCATIONS)
            compose->allocations.items = options_list(options, name, &compose->allocations.count);
        else if (field == COMPOSE_TO_ALLOCATIONS)
            compose->to_allocations.items = options_list(options, name, &compose->to_allocations.count);
        else if (field == COMPOSE_EVIDENCE)
            compose->evidence.items = options_list(options, name, &compose->evidence.count);
        else
            compose->values[field] = options_text(options, name);
    }
}

enum status compose_channel(const struct facts *facts, const char *user, const char **ret_channel, struct err *err)
{
    struct actor actor = {.sort = ""};
    enum status status = facts_actor(facts, user, &actor, err);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    *ret_channel = strcmp(actor.sort, "bot") == 0 ? "bot" : "cli";
    return STATUS_OK;
}

enum status compose_bot_run(struct session *session, const char *channel, const char **ret_run, struct err *err)
{
    const struct options *options = session_options(session);
    const char *given = options_has(options, "run") ? options_text(options, "run") : NULL;
    bool bot = strcmp(channel, "bot") == 0;
    if (given != NULL && !bot)
        return err_set(err, STATUS_INPUT, "--run: only a bot's documents name a run, and %s is none",
                       session_user(session));
    if (bot)
        *ret_run = given != NULL ? given : session_cli(session)->environment.run;
    return STATUS_OK;
}

/* What a command has no option for is an argument. */
static void name_option(const struct options *options, const struct compose *compose, struct err *err)
{
    if (compose->wrong >= COMPOSE_FIELD_COUNT)
        return;
    const char *name = option_names[compose->wrong];
    if (name != NULL && options_has(options, name))
        err_prefix(err, "--%s: ", name);
    else if (compose->wrong == COMPOSE_REVERSES)
        err_prefix(err, "document: ");
    else
        err_prefix(err, "%s: ", compose_field_name(compose->wrong));
}

enum status compose_from_options(struct session *session, const struct compose_about *about, json_t **ret_document,
                                 struct err *err)
{
    char ref[SESSION_ID_BYTES];
    struct cli *cli = session_cli(session);
    struct compose compose = {.before = about->before,
                              .book = session_book(session),
                              .keep_evidence = !cli->dry_run,
                              .wrong = COMPOSE_FIELD_COUNT};
    read_values(session_options(session), &compose);
    compose.values[COMPOSE_KIND] = about->kind;
    compose.values[COMPOSE_REVERSES] = about->reverses;
    if (about->of_case != NULL)
        compose.values[COMPOSE_CASE] = about->of_case;
    compose.values[COMPOSE_STATE] = about->state;
    if (about->ref != NULL)
        compose.values[COMPOSE_REF] = about->ref;
    if (compose.values[COMPOSE_REF] == NULL) {
        /* A ref of one's own is for sending again, which a salted name would make another document. */
        session_new_id(session, "R", ref);
        compose.values[COMPOSE_REF] = ref;
        compose.random = &cli->random;
    }
    compose.user = session_user(session);
    enum status status = session_begin_facts(session, &compose.facts, err);
    if (status != STATUS_OK)
        return status;
    status = compose_channel(compose.facts, session_user(session), &compose.channel, err);
    if (status == STATUS_OK)
        status = compose_bot_run(session, compose.channel, &compose.run, err);
    if (options_has(session_options(session), "emergency") && options_flag(session_options(session), "emergency"))
        compose.channel = "break-glass";
    if (status == STATUS_OK)
        status = compose_document(&compose, ret_document, err);
    session_end_facts(session);
    if (status != STATUS_OK)
        name_option(session_options(session), &compose, err);
    return status;
}

int compose_post(struct session *session, const struct compose_about *about)
{
    json_t *document = NULL;
    struct err err = {0};
    if (compose_from_options(session, about, &document, &err) != STATUS_OK)
        return cli_error(session_cli(session), &err);
    json_t *body = json_pack("{s:b, s:[o]}", "atomic", false, "documents", document);
    int answered = present_submit(session, VERB_SUBMIT, body, false);
    json_decref(body);
    return answered;
}

int compose_run(struct cli *cli, const struct options *options, const struct compose_about *about)
{
    struct session *session = NULL;
    struct err err = {0};
    if (session_open(cli, options, SESSION_WRITE, &session, &err) != STATUS_OK)
        return cli_error(cli, &err);
    int answered = compose_post(session, about);
    session_close(session);
    return answered;
}

enum status find_document(const struct facts *facts, const char *number, json_t **ret_record, struct err *err)
{
    char shown[TEXT_SHOW_MAX];
    json_t *record = NULL;
    text_show(number, strlen(number), shown);
    if (!text_is_id(number, strlen(number)))
        return err_set(err, STATUS_INPUT, "\"%s\" is no request number, which look like CN-42", shown);
    enum status status = facts_document(facts, number, &record, err);
    if (status == STATUS_OK && record == NULL)
        status = err_set(err, STATUS_NOT_FOUND, "document %s is not in the books", shown);
    if (status == STATUS_OK)
        *ret_record = record;
    return status;
}

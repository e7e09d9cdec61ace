/*
 * countersign approve: signs documents, after saying what is signed. The content hash is taken from the bytes that the
 * preparer signed; a policy is compiled again from its YAML, and nothing is signed unless both agree.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/compose_options.h"
#include "cli/output.h"
#include "cli/policy_text.h"
#include "cli/present.h"
#include "cli/recorded.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "cli/waiting.h"
#include "ledger/currency.h"
#include "ledger/money.h"
#include "ledger/schema.h"

static enum status check_waits(const json_t *record, struct err *err)
{
    const char *state = member_text(record, "state");
    if (strcmp(state, "waiting") == 0)
        return STATUS_OK;
    return err_set(err, STATUS_INPUT, "%s is %s: there is nothing to approve", member_text(record, "number"), state);
}

static void say_content(struct session *session, const json_t *record, int level)
{
    struct cli *cli = session_cli(session);
    const json_t *document = json_object_get(record, "document");
    const char *reason = member_text(document, "reason");
    char summary[SUMMARY_BYTES], hash[HASH_SHOWN_BYTES];
    if (cli->json)
        return;
    present_summary(document, summary);
    present_hash(member_text(record, "content"), hash);
    terminal_printf(cli->out, "You sign this content: %s   %s  %s%s%s  at level %d", hash,
                    member_text(record, "number"), summary, reason != NULL ? "  " : "", reason != NULL ? reason : "",
                    level);
    fputc('\n', cli->out);
    (void)fflush(cli->out);
}

/* Adds a document's amount to the sums, currency by currency. Sums beyond 64 bits are left out; each document is told. */
static void sum_add(json_t *sums, const json_t *document)
{
    const char *amount = member_text(document, "amount"), *currency = member_text(document, "currency");
    int64_t minor = 0, sum = 0;
    if (amount == NULL || currency == NULL || currency_digits(currency) < 0 ||
        money_parse(amount, strlen(amount), currency_digits(currency), &minor, NULL) != STATUS_OK ||
        money_add(member_integer(sums, currency), minor, &sum, NULL) != STATUS_OK)
        return;
    json_object_set_new(sums, currency, json_integer(sum));
}

/* A list is summed, so that nobody signs twenty lines without seeing what they come to. */
static void say_sums(struct session *session, const json_t *records)
{
    struct cli *cli = session_cli(session);
    json_t *sums = json_object(), *sum = NULL;
    const char *currency = NULL;
    for (size_t i = 0; i < json_array_size(records); i++)
        sum_add(sums, json_object_get(json_array_get(records, i), "document"));
    if (!cli->json && json_array_size(records) > 1) {
        fprintf(cli->out, "in all %zu documents", json_array_size(records));
        json_object_foreach(sums, currency, sum)
        {
            char money[MONEY_SHOWN_BYTES];
            present_minor(json_integer_value(sum), currency, money);
            fprintf(cli->out, ", %s", money);
        }
        fputc('\n', cli->out);
        (void)fflush(cli->out);
    }
    json_decref(sums);
}

/* in: record, read in this session's facts. A user who may not sign at any level gets the gate's refusal on record. */
static enum status add_item(struct recorded *recorded, const struct facts *facts, const json_t *record, json_t *items,
                            struct err *err)
{
    struct session *session = recorded->session;
    const json_t *result = NULL;
    int level = 0;
    enum status status = check_waits(record, err);
    if (status == STATUS_OK)
        status = recorded_version(recorded, record, &result, err);
    if (status != STATUS_OK)
        return status;
    if (strcmp(member_text(record, "kind"), "policy") == 0)
        status = policy_document_check(json_object_get(record, "document"), err);
    if (status != STATUS_OK)
        err_prefix(err, "%s: ", member_text(record, "number"));
    if (status == STATUS_OK)
        status = waiting_level_of(facts, record, session_user(session), &level, err);
    if (status != STATUS_OK)
        return status;
    if (level == 0)
        level = waiting_lowest_level(record);
    json_t *item = json_pack("{s:O, s:O, s:i, s:I}", "content", json_object_get(record, "content"), "document",
                             json_object_get(record, "number"), "level", level, "version",
                             (json_int_t)member_integer(record, "version"));
    if (json_array_append_new(items, item) != 0)
        return err_set(err, STATUS_MEMORY, "no memory");
    say_content(session, record, level);
    return STATUS_OK;
}

static enum status named_records(struct session *session, const struct facts *facts, json_t *records, struct err *err)
{
    const struct options *options = session_options(session);
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < options_argument_count(options); i++) {
        json_t *record = NULL;
        status = find_document(facts, options_argument(options, i), &record, err);
        if (status == STATUS_OK)
            json_array_append_new(records, record);
    }
    return status;
}

/* Fills items from the arguments, or from what waits for this user. */
static enum status collect(struct session *session, json_t *items, size_t *ret_list_max, struct err *err)
{
    const struct facts *facts = NULL;
    json_t *records = NULL;
    struct recorded recorded;
    enum status status = session_begin_facts(session, &facts, err);
    if (status != STATUS_OK)
        return status;
    recorded_init(&recorded, session);
    if (options_flag(session_options(session), "inbox")) {
        status = waiting_list(facts, session_user(session), &records, err);
    } else {
        records = json_array();
        status = named_records(session, facts, records, err);
    }
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(records); i++)
        status = add_item(&recorded, facts, json_array_get(records, i), items, err);
    if (status == STATUS_OK)
        say_sums(session, records);
    *ret_list_max = facts->policy->approve_list_max;
    recorded_done(&recorded);
    json_decref(records);
    session_end_facts(session);
    return status;
}

/* items[from..] in one signature, at most list_max of them. */
static int approve_list(struct session *session, const json_t *items, size_t from, size_t list_max)
{
    json_t *list = json_array();
    for (size_t i = from; i < json_array_size(items) && i < from + list_max; i++)
        json_array_append(list, json_array_get(items, i));
    json_t *body = json_pack("{s:o}", "items", list);
    int answered = present_submit(session, VERB_APPROVE, body, true);
    json_decref(body);
    return answered;
}

static int approve(struct session *session)
{
    struct cli *cli = session_cli(session);
    struct err err = {0};
    json_t *items = json_array();
    size_t list_max = 1;
    int answered = EXIT_DONE;
    enum status status = collect(session, items, &list_max, &err);
    if (status == STATUS_OK && json_array_size(items) > list_max &&
        options_text(session_options(session), "to") != NULL)
        status = err_set(&err, STATUS_LIMIT, "--to: one list holds %zu documents at most", list_max);
    if (status != STATUS_OK) {
        json_decref(items);
        return cli_error(cli, &err);
    }
    if (json_array_size(items) == 0 && !cli->json) {
        terminal_printf(cli->out, "nothing waits for %s", session_user(session));
        fputc('\n', cli->out);
    }
    for (size_t from = 0; from < json_array_size(items) && answered <= EXIT_REFUSED; from += list_max) {
        int one = approve_list(session, items, from, list_max);
        answered = one > answered ? one : answered;
    }
    json_decref(items);
    return answered;
}

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    struct err err = {0};
    bool named = options_argument_count(options) > 0;
    if (named == options_flag(options, "inbox")) {
        (void)!err_set(&err, STATUS_INPUT,
                       named ? "--inbox names its documents itself"
                             : "which? name documents, or --inbox for all that wait for you");
        return cli_usage_error(cli, &err);
    }
    if (session_open(cli, options, SESSION_WRITE, &session, &err) != STATUS_OK)
        return cli_error(cli, &err);
    int answered = approve(session);
    session_close(session);
    return answered;
}

static const struct option_spec options_of_approve[] = {
    {"inbox", 0, NULL, "everything that waits for you", 0},
    {0},
};

const struct command command_approve = {
    .name = "approve",
    .summary = "signs documents that wait for approval",
    .arguments = "[DOCUMENT...]",
    .text = "One signature covers the content hash of every document in the list, each at the lowest open "
            "level that\n"
            "you may sign. The policy says how many documents one list may hold; more take more signatures.",
    .example = "countersign approve CN-42 WO-7",
    .group = GROUP_APPROVERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_max = ARGUMENTS_ANY,
    .options = options_of_approve,
    .run = run,
};

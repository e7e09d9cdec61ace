/*
 * countersign inbox: what waits for this user, why, and for how long it may.
 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/key_ending.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/reading.h"
#include "cli/recorded.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/waiting.h"
#include "controls/control.h"
#include "controls/escalation.h"
#include "controls/kind.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

enum { WHY_BYTES = 640 };

struct inbox {
    struct session *session;
    struct recorded recorded;
    struct cli *cli;
    const struct facts *facts;
    const char *behalf; /* whose; NULL: one's own */
    bool all;
    int64_t oldest_ms;
};

static int64_t age_of(const struct inbox *inbox, const json_t *record)
{
    int64_t time = inbox->facts->time_ms;
    bool returned = strcmp(member_text(record, "state"), "returned") == 0;
    const char *text = member_text(returned ? json_object_get(record, "ended") : record, "time");
    if (text == NULL || instant_parse(text, strlen(text), &time, NULL) != STATUS_OK)
        return 0;
    return inbox->facts->time_ms - time;
}

static int highest_level(const json_t *record)
{
    const json_t *levels = json_object_get(record, "levels"), *approvals = json_object_get(record, "approvals");
    int highest = 0;
    for (size_t i = 0; i < json_array_size(levels); i++) {
        int level = (int)json_integer_value(json_array_get(levels, i));
        highest = level > highest ? level : highest;
    }
    for (size_t i = 0; i < json_array_size(approvals); i++) {
        int level = (int)member_integer(json_array_get(approvals, i), "level");
        highest = level > highest ? level : highest;
    }
    return highest;
}

/* What asked for the levels, in the width of a column; `show` has the whole sentence. */
static void why_brief(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char amount[GROUPED_BYTES];
    const char *sum = member_text(answer, "sum"), *window = member_text(answer, "window");
    const char *limit = member_text(answer, "limit");
    if (sum != NULL && window != NULL && strcmp(window, "life") == 0)
        snprintf(ret_text, SENTENCE_BYTES, "invoice's total %s", terminal_group_decimal(sum, amount));
    else if (sum != NULL && window != NULL && strcmp(window, "quarter") == 0)
        snprintf(ret_text, SENTENCE_BYTES, "quarter's total %s", terminal_group_decimal(sum, amount));
    else if (sum != NULL && window != NULL)
        snprintf(ret_text, SENTENCE_BYTES, "%.*s-day total %s", (int)strcspn(window, " "), window,
                 terminal_group_decimal(sum, amount));
    else if (limit != NULL)
        snprintf(ret_text, SENTENCE_BYTES, "above %s", terminal_group_decimal(limit, amount));
    else
        answer_sentence(answer, ret_text);
}

/* What it may be a duplicate of, in a few words: "; may be a duplicate of CN-1". */
static void add_alike(const json_t *answers, char ret_text[static WHY_BYTES])
{
    for (size_t i = 0; i < json_array_size(answers); i++) {
        const json_t *answer = json_array_get(answers, i);
        size_t used = strlen(ret_text);
        if (strcmp(member_text(answer, "control"), "C-38") == 0 && strcmp(member_text(answer, "answer"), "flag") == 0)
            snprintf(ret_text + used, WHY_BYTES - used, "; may be a duplicate of %s", member_text(answer, "document"));
    }
}

/* "level 2 of 2, <the sentence of the last control that asked for a level>; what else is to be looked at" */
static enum status why_you(struct inbox *inbox, const json_t *record, char ret_text[static WHY_BYTES], struct err *err)
{
    const json_t *result = NULL;
    char sentence[SENTENCE_BYTES] = "";
    enum status status = recorded_version(&inbox->recorded, record, &result, err);
    if (status == STATUS_PERMISSION) {
        snprintf(ret_text, WHY_BYTES, "level %d of %d; came with documents of books that you may not read",
                 waiting_lowest_level(record), highest_level(record));
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        return status;
    const json_t *list = json_object_get(result, "controls");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *answer = member_text(json_array_get(list, i), "answer");
        if (answer != NULL && strcmp(answer, "need") == 0)
            why_brief(json_array_get(list, i), sentence);
    }
    int64_t since_ms = 0, due_ms = INT64_MAX;
    if (member_text(record, "entity")[0] != '\0')
        status = escalation_times(inbox->facts, record, &since_ms, &due_ms, err);
    snprintf(ret_text, WHY_BYTES, "level %d of %d%s%s%s", waiting_lowest_level(record), highest_level(record),
             inbox->facts->time_ms >= due_ms ? ", overdue: a higher level may sign" : "",
             sentence[0] != '\0' ? ", " : "", sentence);
    add_alike(list, ret_text);
    return status;
}

/* from: who prepared it, or who sent it here. */
static void add_row(struct table *table, const struct inbox *inbox, const json_t *record, const char *from,
                    const char *why)
{
    const json_t *document = json_object_get(record, "document");
    const char *name = member_text(record, "kind");
    const struct kind *kind = name != NULL ? kind_find(name) : NULL;
    char money[MONEY_SHOWN_BYTES], age[AGE_BYTES];
    const char *amount = member_text(document, "amount");
    present_money(amount != NULL ? amount : member_text(document, "limit"), member_text(document, "currency"), money);
    present_age(age_of(inbox, record), age);
    const char *customer = member_text(document, "customer");
    const char *receives = member_text(json_object_get(document, "to"), "customer");
    char both[2 * ID_BYTES_MAX + sizeof " > "];
    if (customer != NULL && receives != NULL && strcmp(customer, receives) != 0) {
        snprintf(both, sizeof both, "%s > %s", customer, receives);
        customer = both;
    }
    const char *const cells[] = {member_text(record, "number"),
                                 kind != NULL ? kind->title : name,
                                 money,
                                 customer != NULL ? customer : member_text(document, "user"),
                                 from,
                                 age,
                                 why};
    table_row(table, cells);
}

static enum status print_json(const struct inbox *inbox, const json_t *record, const char *why, struct err *err)
{
    static const char *const of_record[] = {"content",  "entity", "kind",  "levels",
                                            "preparer", "time",   "until", "version"};
    static const char *const of_document[] = {"amount", "currency", "customer", "limit", "reason", "user"};
    const json_t *document = json_object_get(record, "document");
    json_t *object = json_pack("{s:I, s:O, s:i, s:s}", "age_ms", (json_int_t)age_of(inbox, record), "document",
                               json_object_get(record, "number"), "level", waiting_lowest_level(record), "why", why);
    if (object == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    for (size_t i = 0; i < sizeof of_record / sizeof of_record[0]; i++)
        json_object_set(object, of_record[i], json_object_get(record, of_record[i]));
    for (size_t i = 0; i < sizeof of_document / sizeof of_document[0]; i++)
        json_object_set(object, of_document[i], json_object_get(document, of_document[i]));
    if (json_is_object(json_object_get(document, "to")))
        json_object_set(object, "to", json_object_get(document, "to"));
    if (strcmp(member_text(record, "state"), "returned") == 0)
        json_object_set(object, "returned", json_object_get(record, "ended"));
    (void)out_json(inbox->cli, object);
    return STATUS_OK;
}

/* What came back to this user (returned), or passed on from a leaver: none of it waits for a signature. */
static enum status print_own(struct inbox *inbox, const json_t *records, bool returned, struct err *err)
{
    const struct column columns[] = {{returned ? "RETURNED TO YOU" : "PASSED ON TO YOU", 0},
                                     {"KIND", 0},
                                     {"AMOUNT", COLUMN_RIGHT},
                                     {"CUSTOMER", COLUMN_CUT},
                                     {returned ? "BY" : "FROM", COLUMN_CUT},
                                     {"AGE", COLUMN_RIGHT},
                                     {returned ? "WHY" : "WHAT NOW", COLUMN_WRAP},
                                     {NULL, 0}};
    struct table *table = inbox->cli->json ? NULL : table_new(inbox->cli, columns);
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(records); i++) {
        const json_t *record = json_array_get(records, i), *ended = json_object_get(record, "ended");
        char why[NOTE_BYTES_MAX + 64];
        if (returned)
            snprintf(why, sizeof why, "%.10s: %s", member_text(ended, "time"), member_text(ended, "reason"));
        else
            snprintf(why, sizeof why, "%s; its maker left: withdraw it, or amend it in the maker's stead",
                     member_text(record, "state"));
        if (inbox->cli->json)
            status = print_json(inbox, record, why, err);
        else
            add_row(table, inbox, record, returned ? member_text(ended, "user") : member_text(record, "preparer"), why);
    }
    if (status == STATUS_OK && table != NULL)
        status = table_print(table, err);
    table_free(table);
    return status;
}

static enum status print_rows(struct inbox *inbox, const json_t *records, struct err *err)
{
    static const struct column columns[] = {
        {"DOCUMENT", 0},      {"KIND", 0},           {"AMOUNT", COLUMN_RIGHT}, {"CUSTOMER", COLUMN_CUT},
        {"FROM", COLUMN_CUT}, {"AGE", COLUMN_RIGHT}, {"WHY YOU", COLUMN_WRAP}, {NULL, 0},
    };
    static const struct column columns_of_all[] = {
        {"DOCUMENT", 0},      {"KIND", 0},           {"AMOUNT", COLUMN_RIGHT},   {"CUSTOMER", COLUMN_CUT},
        {"FROM", COLUMN_CUT}, {"AGE", COLUMN_RIGHT}, {"WAITS FOR", COLUMN_WRAP}, {NULL, 0},
    };
    struct table *table = inbox->cli->json ? NULL : table_new(inbox->cli, inbox->all ? columns_of_all : columns);
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(records); i++) {
        const json_t *record = json_array_get(records, i);
        char why[WHY_BYTES];
        int64_t age = age_of(inbox, record);
        inbox->oldest_ms = age > inbox->oldest_ms ? age : inbox->oldest_ms;
        status = why_you(inbox, record, why, err);
        if (status == STATUS_OK && inbox->cli->json)
            status = print_json(inbox, record, why, err);
        else if (status == STATUS_OK)
            add_row(table, inbox, record, member_text(record, "preparer"), why);
    }
    if (status == STATUS_OK && table != NULL)
        status = table_print(table, err);
    table_free(table);
    return status;
}

/* Whose signature waits has to have a key when it is wanted. */
static void print_warnings(const struct inbox *inbox, const json_t *warnings)
{
    for (size_t i = 0; i < json_array_size(warnings); i++) {
        terminal_printf(inbox->cli->out, "%s", member_text(json_array_get(warnings, i), "text"));
        fputc('\n', inbox->cli->out);
    }
}

static void print_deadline(const struct inbox *inbox, size_t count, size_t returned, json_t *warnings)
{
    char age[AGE_BYTES];
    if (inbox->cli->json) {
        (void)out_json(inbox->cli,
                       json_pack("{s:{s:I, s:I, s:I, s:i, s:O*}}", "inbox", "waiting", (json_int_t)count, "returned",
                                 (json_int_t)returned, "oldest_ms", (json_int_t)inbox->oldest_ms, "lapse_days",
                                 inbox->facts->policy->lapse_days, "warnings",
                                 json_array_size(warnings) > 0 ? warnings : NULL));
        return;
    }
    if (count == 0) {
        terminal_printf(inbox->cli->out, "nothing waits%s%s", inbox->all ? "" : " for ",
                        inbox->all ? "" : session_user(inbox->session));
    } else {
        present_age(inbox->oldest_ms, age);
        terminal_printf(inbox->cli->out, "%zu waiting, oldest %s of %d days allowed", count, age,
                        inbox->facts->policy->lapse_days);
    }
    if (returned > 0)
        fprintf(inbox->cli->out, ", %zu returned", returned);
    fputc('\n', inbox->cli->out);
    print_warnings(inbox, warnings);
}

static enum status show_inbox(struct inbox *inbox, struct err *err)
{
    json_t *records = NULL, *passed_on = NULL, *returned = NULL, *warnings = NULL;
    enum status status = session_begin_facts(inbox->session, &inbox->facts, err);
    if (status != STATUS_OK)
        return status;
    const char *user = inbox->behalf != NULL ? inbox->behalf : session_user(inbox->session);
    recorded_init(&inbox->recorded, inbox->session);
    status = waiting_list(inbox->facts, inbox->all ? NULL : user, &records, err);
    if (status == STATUS_OK)
        status = print_rows(inbox, records, err);
    bool own = !inbox->all && inbox->behalf == NULL;
    if (status == STATUS_OK && own)
        status = waiting_returned(inbox->facts, user, &returned, err);
    if (status == STATUS_OK)
        status = print_own(inbox, returned, true, err);
    if (status == STATUS_OK && own)
        status = waiting_passed_on(inbox->facts, user, &passed_on, err);
    if (status == STATUS_OK)
        status = print_own(inbox, passed_on, false, err);
    if (status == STATUS_OK && own)
        status = key_endings_of_user(inbox->facts, user, &warnings, err);
    if (status == STATUS_OK)
        print_deadline(inbox, json_array_size(records), json_array_size(returned), warnings);
    json_decref(warnings);
    json_decref(returned);
    json_decref(passed_on);
    json_decref(records);
    recorded_done(&inbox->recorded);
    session_end_facts(inbox->session);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct inbox inbox = {.cli = cli, .all = options_flag(options, "all")};
    struct err err = {0};
    enum status status = STATUS_OK;
    if (!inbox.all && cli_user(cli, options) == NULL)
        status = err_set(&err, STATUS_INPUT, "whose? give --as USER, set COUNTERSIGN_USER, or --all");
    if (status == STATUS_OK)
        status = reading_id_option(options, "behalf", &inbox.behalf, &err);
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &inbox.session, &err);
    if (status == STATUS_OK)
        status = show_inbox(&inbox, &err);
    session_close(inbox.session);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct option_spec options_of_inbox[] = {
    {"all", 0, NULL, "everything that waits, whoever may sign it", 0},
    {"behalf", 0, "USER", "what waits for somebody who delegated to you", 0},
    {0},
};

const struct command command_inbox = {
    .name = "inbox",
    .summary = "lists what waits for your signature, and what was returned to you",
    .arguments = "",
    .text =
        "Documents whose lowest open level you could sign now, the nearest deadline first. A document "
        "that nobody\n"
        "signs in time lapses; nothing is ever approved by waiting. Where a level waits longer than the policy "
        "says, a\n"
        "higher one may sign it and sees it here. What you made and others returned is shown with by whom, when and\n"
        "why: amend or withdraw it. What somebody who left had waiting or returned is shown to the\n"
        "successor that HR names, else to the manager.",
    .example = "countersign inbox --as priya.nair",
    .group = GROUP_APPROVERS,
    .flags = COMMAND_BOOK,
    .options = options_of_inbox,
    .run = run,
};

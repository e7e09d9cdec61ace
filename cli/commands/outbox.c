/*
 * countersign outbox: what was posted and the ERP has not acknowledged just once.
 */
#include "cli/commands.h"
#include "cli/delivery.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "cli/table.h"
#include "controls/facts_delivery.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

struct report {
    struct cli *cli;
    const struct facts *facts; /* at the time that is asked about */
    struct table *table;
    size_t count;
};

static enum status step(void *context, struct slice key, const json_t *delivery, bool *ret_more, struct err *err)
{
    struct report *report = context;
    char entity[ID_BYTES_MAX + 1], state[DELIVERY_STATE_BYTES], age[AGE_BYTES], due[INSTANT_TEXT_BYTES] = "";
    char amount[MONEY_SHOWN_BYTES], plain[MONEY_TEXT_MAX];
    const char *currency = member_text(delivery, "currency");
    int64_t since = 0;
    size_t at = 0;
    (void)ret_more;
    enum status status = reading_key_text(key, &at, entity, err);
    if (status == STATUS_OK)
        status = delivery_since(delivery, &since, err);
    if (status != STATUS_OK)
        return status;
    int64_t due_ms = delivery_due(report->facts, entity, since);
    if (due_ms != 0)
        instant_format(due_ms, due);
    report->count++;
    delivery_state(delivery, state);
    if (report->cli->json) {
        json_t *object = json_copy((json_t *)(uintptr_t)delivery);
        if (object != NULL) {
            json_object_set_new(object, "amount",
                                json_string(reading_amount(member_integer(delivery, "amount"), currency, plain)));
            json_object_set_new(object, "entity", json_string(entity));
            json_object_set_new(object, "text", json_string(state));
            if (due_ms != 0)
                json_object_set_new(object, "due", json_string(due));
        }
        (void)out_json(report->cli, object);
        return STATUS_OK;
    }
    due[due_ms != 0 ? 10 : 0] = '\0';
    present_age(report->facts->time_ms - since, age);
    present_minor(member_integer(delivery, "amount"), currency, amount);
    const char *cells[] = {
        member_text(delivery, "delivery"), member_text(delivery, "document"), amount, age, due, state};
    table_row(report->table, cells);
    return STATUS_OK;
}

static enum status list(struct report *report, struct session *session, const struct options *options,
                        const char *entity, struct err *err)
{
    const struct facts *facts = NULL;
    struct facts asked;
    enum status status = session_begin_facts(session, &facts, err);
    if (status != STATUS_OK)
        return status;
    asked = *facts;
    report->facts = &asked;
    status = reading_as_of(facts, options, &asked.time_ms, err);
    if (status == STATUS_OK)
        status = facts_outbox(&asked, entity, step, report, err);
    report->facts = NULL;
    session_end_facts(session);
    if (status == STATUS_OK && !report->cli->json) {
        status = table_print(report->table, err);
        fprintf(report->cli->out, "%zu deliver%s not in the ERP\n", report->count, report->count == 1 ? "y" : "ies");
    }
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {{"DELIVERY", 0},
                                            {"DOCUMENT", 0},
                                            {"AMOUNT", COLUMN_RIGHT},
                                            {"AGE", COLUMN_RIGHT},
                                            {"DUE", 0},
                                            {"", COLUMN_WRAP},
                                            {0}};
    struct report report = {.cli = cli};
    struct session *session = NULL;
    struct err err = {0};
    const char *entity = NULL;
    report.table = table_new(cli, columns);
    enum status status = reading_code_option(options, "entity", &entity, &err);
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = list(&report, session, options, entity, &err);
    session_close(session);
    table_free(report.table);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct option_spec options_of_outbox[] = {
    {"entity", 0, "CODE", "one legal entity", 0},
    {"as-of", 0, "TIME", "age and lateness at this time; at that of the last entry when not given", 0},
    {0},
};

const struct command command_outbox = {
    .name = "outbox",
    .summary = "lists what was posted and the ERP has not acknowledged",
    .arguments = "",
    .text = "Each posted document is one delivery, with its ledger lines. It stays here until the feed of "
            "acknowledgements says\n"
            "under which number the ERP has it; what the ERP rejected, and what it has twice, stays too.",
    .example = "countersign outbox --entity US01",
    .group = GROUP_FEEDS,
    .flags = COMMAND_BOOK,
    .options = options_of_outbox,
    .run = run,
};

/*
 * countersign disputes: the cases that are open, with owner, age, clock and amount; inquiries and exceptions too with
 * --kind.
 */
#include <string.h>

#include "cli/cases.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "cli/table.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

struct report {
    struct cli *cli;
    const struct facts *facts; /* with the time asked for */
    const char *kind;          /* "all": every kind */
    const char *customer, *owner;
    struct table *table;
    size_t count;
};

static bool wanted(const struct report *report, const json_t *one)
{
    const char *customer = member_text(one, "customer");
    return (strcmp(report->kind, "all") == 0 || strcmp(report->kind, member_text(one, "kind")) == 0) &&
           (report->owner == NULL || strcmp(report->owner, member_text(one, "owner")) == 0) &&
           (report->customer == NULL || (customer != NULL && strcmp(report->customer, customer) == 0));
}

static enum status age_of(const struct report *report, const json_t *one, int64_t *ret_ms, struct err *err)
{
    const char *opened = member_text(one, "opened");
    int64_t opened_ms = 0;
    enum status status = instant_parse(opened, strlen(opened), &opened_ms, err);
    *ret_ms = report->facts->time_ms - opened_ms;
    return status;
}

static void show_json(const struct report *report, const json_t *one, int64_t age_ms, const char *amount,
                      const char *currency)
{
    json_t *object = json_copy((json_t *)one);
    if (object != NULL)
        json_object_set_new(object, "age_ms", json_integer(age_ms));
    if (object != NULL && amount != NULL) {
        json_object_set_new(object, "amount", json_string(amount));
        json_object_set_new(object, "currency", json_string(currency));
    }
    (void)out_json(report->cli, object);
}

static enum status step(void *context, const json_t *one, struct err *err)
{
    struct report *report = context;
    char age[AGE_BYTES], clock[CLOCK_BYTES], money[MONEY_SHOWN_BYTES] = "", amount[MONEY_TEXT_MAX], currency[4] = "";
    int64_t age_ms = 0, minor = 0;
    bool has = false;
    if (!wanted(report, one))
        return STATUS_OK;
    enum status status = age_of(report, one, &age_ms, err);
    if (status == STATUS_OK)
        status = case_amount(report->facts, one, &has, &minor, currency, err);
    if (status != STATUS_OK)
        return status;
    report->count++;
    if (report->cli->json) {
        show_json(report, one, age_ms, has ? reading_amount(minor, currency, amount) : NULL, currency);
        return STATUS_OK;
    }
    present_age(age_ms, age);
    case_clock(one, report->facts->time_ms, clock);
    if (has)
        present_minor(minor, currency, money);
    const char *outcome = member_text(one, "outcome");
    const char *cells[] = {member_text(one, "number"),        member_text(one, "kind"),    member_text(one, "entity"),
                           member_text(one, "customer"),      member_text(one, "invoice"), money,
                           member_text(one, "owner"),         member_text(one, "state"),   age,
                           clock[0] != '\0' ? clock : outcome};
    table_row(report->table, cells);
    return STATUS_OK;
}

static enum status list(struct report *report, struct session *session, const struct options *options,
                        const char *entity, struct err *err)
{
    const struct facts *facts = NULL;
    struct facts asked = {.time_ms = 0};
    enum status status = session_begin_facts(session, &facts, err);
    if (status == STATUS_OK) {
        asked = *facts;
        status = reading_as_of(facts, options, &asked.time_ms, err);
    }
    report->facts = &asked;
    if (status == STATUS_OK && entity != NULL)
        status = reading_entity_check(&asked, entity, err);
    if (status == STATUS_OK)
        status = cases_each(&asked, entity, options_flag(options, "all"), step, report, err);
    if (status == STATUS_OK && !report->cli->json) {
        status = table_print(report->table, err);
        fprintf(report->cli->out, "%zu %s\n", report->count, report->count == 1 ? "case" : "cases");
    }
    report->facts = NULL;
    session_end_facts(session);
    return status;
}

static enum status options_read(struct report *report, const struct options *options, const char **ret_entity,
                                struct err *err)
{
    static const char *const kinds[] = {"dispute", "inquiry", "exception", "all"};
    const char *kind = options_text(options, "kind");
    bool known = kind == NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && !known; i++)
        known = strcmp(kinds[i], kind) == 0;
    if (!known)
        return err_set(err, STATUS_INPUT, "--kind: dispute, inquiry, exception or all");
    report->kind = kind != NULL ? kind : "dispute";
    enum status status = reading_id_option(options, "customer", &report->customer, err);
    if (status == STATUS_OK)
        status = reading_id_option(options, "owner", &report->owner, err);
    return status == STATUS_OK ? reading_code_option(options, "entity", ret_entity, err) : status;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {{"CASE", 0},
                                            {"KIND", 0},
                                            {"ENTITY", 0},
                                            {"CUSTOMER", 0},
                                            {"INVOICE", 0},
                                            {"AMOUNT", COLUMN_RIGHT},
                                            {"OWNER", 0},
                                            {"STATE", 0},
                                            {"AGE", COLUMN_RIGHT},
                                            {"DUE", 0},
                                            {0}};
    struct report report = {.cli = cli};
    struct session *session = NULL;
    struct err err = {0};
    const char *entity = NULL;
    report.table = table_new(cli, columns);
    enum status status = options_read(&report, options, &entity, &err);
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = list(&report, session, options, entity, &err);
    session_close(session);
    table_free(report.table);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct option_spec options_of_disputes[] = {
    {"entity", 0, "CODE", "one legal entity", 0},
    {"customer", 0, "ID", "of one customer", 0},
    {"owner", 0, "USER", "of one owner", 0},
    {"kind", 0, "KIND", "dispute, inquiry, exception or all; disputes when not given", 0},
    {"all", 0, NULL, "those too that are closed or void", 0},
    {"as-of", 0, "TIME", "the clock at this time; at that of the last entry when not given", 0},
    {0},
};

const struct command command_disputes = {
    .name = "disputes",
    .summary = "lists disputes and other cases with owner, age and clock",
    .arguments = "",
    .text = "AMOUNT is what is disputed, or what the invoice has open. DUE is how long there is until the policy wants "
            "the case resolved, in business days of the entity; once it is resolved, its outcome.",
    .example = "countersign disputes --owner maria.lopez",
    .group = GROUP_EVERYONE,
    .flags = COMMAND_BOOK,
    .options = options_of_disputes,
    .run = run,
};

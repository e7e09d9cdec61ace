/*
 * countersign statement: one customer's account between two dates, each movement with the balance after it, for each
 * entity and currency apart.
 */
#include <jansson.h>
#include <string.h>

#include "cli/account.h"
#include "cli/cases.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

struct shown {
    struct cli *cli;
    const char *customer;
    const char *entity;
    int32_t from, to;
    bool any; /* something was printed, or there was nothing to print of a known customer */
};

/* One currency of one entity: movements[0..count) and what they come to. */
struct section {
    const struct movement *movements;
    size_t count;
    int64_t opening_minor;
    int64_t charged_minor;  /* what was added in the period */
    int64_t credited_minor; /* what was taken off, below zero */
};

static const struct column columns[] = {
    {"DATE", 0}, {"WHAT", 0}, {"NUMBER", 0}, {"LEGAL NUMBER", 0}, {"AMOUNT", COLUMN_RIGHT}, {"BALANCE", COLUMN_RIGHT},
    {0},
};

static void show_movement(const struct shown *shown, struct table *table, const struct movement *movement,
                          int64_t balance_minor)
{
    char date[DATE_TEXT_BYTES], amount[MONEY_TEXT_MAX], balance[MONEY_TEXT_MAX];
    date_format(movement->date, date);
    if (shown->cli->json) {
        json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "amount",
                                   reading_amount(movement->minor, movement->currency, amount), "balance",
                                   reading_amount(balance_minor, movement->currency, balance), "currency",
                                   movement->currency, "customer", shown->customer, "date", date, "entity",
                                   shown->entity, "number", movement->id, "what", movement->what);
        if (object != NULL && movement->legal[0] != '\0')
            json_object_set_new(object, "legal", json_string(movement->legal));
        (void)out_json(shown->cli, object);
        return;
    }
    const char *cells[] = {date,
                           movement->what,
                           movement->id,
                           movement->legal,
                           reading_grouped(movement->minor, movement->currency, amount),
                           reading_grouped(balance_minor, movement->currency, balance)};
    table_row(table, cells);
}

static void show_balance(const struct shown *shown, struct table *table, const char *what, int32_t date,
                         const struct section *section, int64_t minor)
{
    char text[MONEY_TEXT_MAX], shown_date[DATE_TEXT_BYTES] = "";
    bool bounded = date > 0 && date < DATE_MAX;
    if (shown->cli->json)
        return;
    if (bounded)
        date_format(date, shown_date);
    const char *cells[] = {shown_date, what, "", "", "", reading_grouped(minor, section->movements[0].currency, text)};
    table_row(table, cells);
    table_style(table, 1, STYLE_STRONG);
    table_style(table, 5, STYLE_STRONG);
}

static void show_totals(const struct shown *shown, const struct section *section, int64_t closing_minor)
{
    const char *currency = section->movements[0].currency;
    char opening[MONEY_TEXT_MAX], charged[MONEY_TEXT_MAX], credited[MONEY_TEXT_MAX], closing[MONEY_TEXT_MAX];
    if (shown->cli->json) {
        (void)out_json(shown->cli, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "charged",
                                             reading_amount(section->charged_minor, currency, charged), "closing",
                                             reading_amount(closing_minor, currency, closing), "credited",
                                             reading_amount(section->credited_minor, currency, credited), "currency",
                                             currency, "customer", shown->customer, "entity", shown->entity, "opening",
                                             reading_amount(section->opening_minor, currency, opening), "total", 1));
        return;
    }
    fprintf(shown->cli->out, "%s + %s charged %s%s credited = %s %s\n",
            reading_grouped(section->opening_minor, currency, opening),
            reading_grouped(section->charged_minor, currency, charged), section->credited_minor < 0 ? "- " : "+ ",
            reading_grouped(section->credited_minor < 0 ? -section->credited_minor : 0, currency, credited),
            reading_grouped(closing_minor, currency, closing), currency);
}

static enum status show_rows(const struct shown *shown, struct section *section, struct table *table,
                             int64_t *ret_closing, struct err *err)
{
    int64_t balance = 0;
    bool opened = false;
    for (size_t i = 0; i < section->count && section->movements[i].date <= shown->to; i++) {
        const struct movement *movement = &section->movements[i];
        if (movement->date >= shown->from && !opened) {
            opened = true;
            section->opening_minor = balance;
            show_balance(shown, table, "brought forward", shown->from, section, balance);
        }
        enum status status = money_add(balance, movement->minor, &balance, err);
        if (status == STATUS_OK && opened)
            status = movement->minor >= 0
                         ? money_add(section->charged_minor, movement->minor, &section->charged_minor, err)
                         : money_add(section->credited_minor, movement->minor, &section->credited_minor, err);
        if (status != STATUS_OK)
            return status;
        if (opened)
            show_movement(shown, table, movement, balance);
    }
    if (!opened) {
        section->opening_minor = balance;
        show_balance(shown, table, "brought forward", shown->from, section, balance);
    }
    *ret_closing = balance;
    return STATUS_OK;
}

/* Invoices of the section that are disputed now, whatever the dates. */
static enum status show_disputed(const struct shown *shown, const struct facts *facts, const struct section *section,
                                 struct err *err)
{
    json_t *disputed = NULL;
    enum status status = cases_disputed(facts, shown->entity, &disputed, err);
    for (size_t i = 0; status == STATUS_OK && i < section->count; i++) {
        const struct movement *movement = &section->movements[i];
        char numbers[DISPUTES_TEXT_BYTES], money[MONEY_SHOWN_BYTES], amount[MONEY_TEXT_MAX];
        int64_t minor = member_integer(disputed, movement->id);
        if (strcmp(movement->what, "invoice") != 0 || minor == 0)
            continue;
        status = cases_of_invoice(facts, shown->entity, movement->id, numbers, err);
        present_minor(minor, movement->currency, money);
        if (status == STATUS_OK && shown->cli->json)
            (void)out_json(shown->cli,
                           json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "currency", movement->currency, "customer",
                                     shown->customer, "disputed", reading_amount(minor, movement->currency, amount),
                                     "disputes", numbers, "entity", shown->entity, "invoice", movement->id));
        else if (status == STATUS_OK)
            terminal_printf(shown->cli->out, "disputed   invoice %s   %s   %s", movement->id, money, numbers);
        if (status == STATUS_OK && !shown->cli->json)
            fputc('\n', shown->cli->out);
    }
    json_decref(disputed);
    return status;
}

static enum status show_section(struct shown *shown, const struct facts *facts, struct section *section,
                                struct err *err)
{
    struct table *table = table_new(shown->cli, columns);
    int64_t closing = 0;
    if (!shown->cli->json) {
        terminal_printf(shown->cli->out, "customer %s   %s   %s", shown->customer, shown->entity,
                        section->movements[0].currency);
        fputc('\n', shown->cli->out);
    }
    enum status status = show_rows(shown, section, table, &closing, err);
    if (status == STATUS_OK) {
        show_balance(shown, table, "balance", shown->to, section, closing);
        if (!shown->cli->json)
            status = table_print(table, err);
    }
    if (status == STATUS_OK)
        show_totals(shown, section, closing);
    if (status == STATUS_OK)
        status = show_disputed(shown, facts, section, err);
    table_free(table);
    return status;
}

static enum status show_entity(struct shown *shown, const struct facts *facts, struct err *err)
{
    struct account account = {.count = 0};
    json_t *customer = NULL;
    enum status status = facts_customer(facts, shown->entity, shown->customer, &customer, err);
    if (status == STATUS_OK && customer != NULL) {
        shown->any = true;
        status = account_read(facts, shown->entity, shown->customer, &account, err);
    }
    for (size_t i = 0; status == STATUS_OK && i < account.count;) {
        struct section section = {.movements = &account.movements[i]};
        while (i < account.count && strcmp(account.movements[i].currency, section.movements[0].currency) == 0) {
            section.count++;
            i++;
        }
        status = show_section(shown, facts, &section, err);
    }
    if (status == STATUS_OK && customer != NULL && account.count == 0 && !shown->cli->json) {
        terminal_printf(shown->cli->out, "customer %s   %s   nothing was ever billed", shown->customer, shown->entity);
        fputc('\n', shown->cli->out);
    }
    json_decref(customer);
    account_done(&account);
    return status;
}

static enum status show_all(struct shown *shown, struct session *session, const char *entity, struct err *err)
{
    const struct facts *facts = NULL;
    json_t *entities = NULL;
    enum status status = session_begin_facts(session, &facts, err);
    if (status == STATUS_OK)
        status = reading_entities(facts, entity, &entities, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(entities); i++) {
        shown->entity = json_string_value(json_array_get(entities, i));
        status = show_entity(shown, facts, err);
    }
    if (status == STATUS_OK && !shown->any)
        status = reading_no_customer(shown->customer, entity, err);
    json_decref(entities);
    session_end_facts(session);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct shown shown = {.cli = cli, .from = 0, .to = DATE_MAX};
    struct session *session = NULL;
    struct err err = {0};
    const char *entity = NULL;
    enum status status = reading_id_option(options, "customer", &shown.customer, &err);
    if (status == STATUS_OK)
        status = reading_code_option(options, "entity", &entity, &err);
    if (status == STATUS_OK)
        status = reading_date_option(options, "from", &shown.from, &err);
    if (status == STATUS_OK)
        status = reading_date_option(options, "to", &shown.to, &err);
    if (status == STATUS_OK && shown.from > shown.to)
        status = err_set(&err, STATUS_INPUT, "--from is after --to");
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = show_all(&shown, session, entity, &err);
    session_close(session);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct option_spec options_of_statement[] = {
    {"customer", 0, "ID", "whose account", OPTION_REQUIRED},
    {"entity", 0, "CODE", "one legal entity", 0},
    {"from", 0, "DATE", "the first day shown; what was before is brought forward", 0},
    {"to", 0, "DATE", "the last day shown", 0},
    {0},
};

const struct command command_statement = {
    .name = "statement",
    .summary = "shows a customer's account, movement by movement",
    .arguments = "",
    .text = "Invoices, cash and posted corrections by their dates, each with the balance after it. Above "
            "zero the customer "
            "owes; below zero it is in the customer's favour.",
    .example = "countersign statement --customer 16446 --from 2026-07-01 --to 2026-09-30",
    .group = GROUP_EVERYONE,
    .flags = COMMAND_BOOK,
    .options = options_of_statement,
    .run = run,
};

/*
 * countersign balance: what customers owe: what their invoices have open, and what stands on their account (negative: in
 * their favour), with totals for each entity and currency.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cases.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "cli/table.h"
#include "ledger/currency.h"
#include "ledger/schema.h"

struct sum {
    char entity[ID_BYTES_MAX + 1];
    char currency[CURRENCY_CODE_BYTES];
    int64_t open_minor;
    int64_t account_minor;
    int64_t disputed_minor;
    int64_t customers;
};

enum { SUMS_MAX = 1000 }; /* entities times currencies */

struct balance {
    struct cli *cli;
    const char *customer; /* NULL: all */
    struct table *table;
    struct sum *sums;
    size_t sum_count;
    int64_t rows;
    bool disputes;    /* something is disputed: there is a column for it */
    json_t *disputed; /* "entity/customer/currency" -> minor units */
};

static enum status sum_find(struct balance *balance, const char *entity, const char *currency, struct sum **ret_sum,
                            struct err *err)
{
    for (size_t i = 0; i < balance->sum_count; i++) {
        struct sum *sum = &balance->sums[i];
        if (strcmp(sum->entity, entity) == 0 && strcmp(sum->currency, currency) == 0) {
            *ret_sum = sum;
            return STATUS_OK;
        }
    }
    if (balance->sum_count == SUMS_MAX)
        return err_set(err, STATUS_LIMIT, "more than %d entities and currencies; name one with --entity", SUMS_MAX);
    struct sum *sum = &balance->sums[balance->sum_count++];
    snprintf(sum->entity, sizeof sum->entity, "%s", entity);
    snprintf(sum->currency, sizeof sum->currency, "%.*s", CURRENCY_CODE_BYTES - 1, currency);
    *ret_sum = sum;
    return STATUS_OK;
}

struct line {
    const char *entity;
    const char *customer;
    const char *currency;
    int64_t open_minor;
    int64_t account_minor;
    int64_t disputed_minor;
};

enum { DISPUTED_NAME_BYTES = 3 * (ID_BYTES_MAX + 1) };

/* Codes of currencies hold no '/', so the name is of one customer only. */
static const char *disputed_name(const char *entity, const char *customer, const char *currency,
                                 char ret_name[static DISPUTED_NAME_BYTES])
{
    snprintf(ret_name, DISPUTED_NAME_BYTES, "%s/%s/%s", entity, currency, customer);
    return ret_name;
}

static enum status disputed_add(struct balance *balance, const struct facts *facts, const char *entity, struct err *err)
{
    json_t *disputed = NULL, *minor;
    const char *invoice;
    enum status status = cases_disputed(facts, entity, &disputed, err);
    json_object_foreach(disputed, invoice, minor)
    {
        char name[DISPUTED_NAME_BYTES];
        json_t *record = NULL;
        int64_t sum = 0;
        if (status == STATUS_OK)
            status = facts_invoice(facts, entity, invoice, &record, err);
        if (status != STATUS_OK)
            break;
        disputed_name(entity, member_text(record, "customer"), member_text(record, "currency"), name);
        status = money_add(member_integer(balance->disputed, name), json_integer_value(minor), &sum, err);
        if (status == STATUS_OK && json_object_set_new(balance->disputed, name, json_integer(sum)) != 0)
            status = err_set(err, STATUS_MEMORY, "no memory for the disputes");
        json_decref(record);
    }
    json_decref(disputed);
    return status;
}

/* What is disputed of each customer; the column stands there only where something is. */
static enum status disputed_read(struct balance *balance, const struct facts *facts, const json_t *entities,
                                 struct err *err)
{
    static const struct column columns[] = {{"ENTITY", 0},
                                            {"CUSTOMER", 0},
                                            {"", 0},
                                            {"OPEN", COLUMN_RIGHT},
                                            {"ON ACCOUNT", COLUMN_RIGHT},
                                            {"BALANCE", COLUMN_RIGHT},
                                            {0},
                                            {0}};
    struct column with[sizeof columns / sizeof columns[0]];
    enum status status = STATUS_OK;
    balance->disputed = json_object();
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(entities); i++)
        status = disputed_add(balance, facts, json_string_value(json_array_get(entities, i)), err);
    balance->disputes = json_object_size(balance->disputed) > 0;
    memcpy(with, columns, sizeof with);
    if (balance->disputes)
        with[6] = (struct column){"DISPUTED", COLUMN_RIGHT};
    balance->table = table_new(balance->cli, with);
    return status;
}

static enum status line_sum(const struct line *line, int64_t *ret_minor, struct err *err)
{
    return money_add(line->open_minor, line->account_minor, ret_minor, err);
}

static enum status show_line(struct balance *balance, const struct line *line, struct err *err)
{
    char open[MONEY_TEXT_MAX], account[MONEY_TEXT_MAX], sum[MONEY_TEXT_MAX], disputed[MONEY_TEXT_MAX];
    int64_t minor;
    enum status status = line_sum(line, &minor, err);
    if (status != STATUS_OK)
        return status;
    if (balance->cli->json) {
        json_t *object = json_pack(
            "{s:s, s:s, s:s, s:s, s:s, s:s*}", "account", reading_amount(line->account_minor, line->currency, account),
            "balance", reading_amount(minor, line->currency, sum), "currency", line->currency, "entity", line->entity,
            "open", reading_amount(line->open_minor, line->currency, open), "customer", line->customer);
        if (object != NULL && balance->disputes)
            json_object_set_new(object, "disputed",
                                json_string(reading_amount(line->disputed_minor, line->currency, disputed)));
        if (object != NULL && line->customer == NULL)
            json_object_set_new(object, "total", json_true());
        (void)out_json(balance->cli, object);
        return STATUS_OK;
    }
    const char *cells[] = {line->entity,
                           line->customer != NULL ? line->customer : "total",
                           line->currency,
                           reading_grouped(line->open_minor, line->currency, open),
                           reading_grouped(line->account_minor, line->currency, account),
                           reading_grouped(minor, line->currency, sum),
                           line->disputed_minor != 0 ? reading_grouped(line->disputed_minor, line->currency, disputed)
                                                     : ""};
    table_row(balance->table, cells);
    if (line->customer == NULL)
        for (size_t i = 1; i + (balance->disputes ? 0 : 1) < sizeof cells / sizeof cells[0]; i++)
            table_style(balance->table, i, STYLE_STRONG);
    return STATUS_OK;
}

static enum status step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct balance *balance = context;
    char entity[ID_BYTES_MAX + 1], customer[ID_BYTES_MAX + 1], currency[ID_BYTES_MAX + 1];
    struct sum *sum = NULL;
    size_t at = 0;
    (void)ret_more;
    enum status status = reading_key_text(key, &at, entity, err);
    if (status == STATUS_OK)
        status = reading_key_text(key, &at, customer, err);
    if (status == STATUS_OK)
        status = reading_key_text(key, &at, currency, err);
    if (status == STATUS_OK)
        status = sum_find(balance, entity, currency, &sum, err);
    struct line line = {.entity = entity,
                        .customer = customer,
                        .currency = currency,
                        .open_minor = member_integer(record, "open"),
                        .account_minor = member_integer(record, "account")};
    if (status == STATUS_OK && balance->disputes) {
        char name[DISPUTED_NAME_BYTES];
        line.disputed_minor = member_integer(balance->disputed, disputed_name(entity, customer, currency, name));
        status = money_add(sum->disputed_minor, line.disputed_minor, &sum->disputed_minor, err);
    }
    if (status == STATUS_OK)
        status = money_add(sum->open_minor, line.open_minor, &sum->open_minor, err);
    if (status == STATUS_OK)
        status = money_add(sum->account_minor, line.account_minor, &sum->account_minor, err);
    if (status != STATUS_OK)
        return status;
    sum->customers++;
    balance->rows++;
    return show_line(balance, &line, err);
}

static enum status walk_entity(struct balance *balance, const struct facts *facts, const char *entity, struct err *err)
{
    struct books_key prefix = balance->customer != NULL ? books_key_pair(entity, balance->customer) : books_key(entity);
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_BALANCES, .prefix = &prefix, .step = step, .context = balance};
    return books_each(facts->books, &walk, err);
}

/* A customer that is known but has never had anything owes nothing. */
static enum status show_none(struct balance *balance, const struct facts *facts, const json_t *entities,
                             const char *entity, struct err *err)
{
    bool found = false;
    for (size_t i = 0; i < json_array_size(entities); i++) {
        json_t *customer = NULL;
        const char *name = json_string_value(json_array_get(entities, i));
        enum status status = facts_customer(facts, name, balance->customer, &customer, err);
        if (status == STATUS_OK && customer != NULL) {
            const struct line line = {
                .entity = name, .customer = balance->customer, .currency = member_text(customer, "currency")};
            status = show_line(balance, &line, err);
            found = true;
        }
        json_decref(customer);
        if (status != STATUS_OK)
            return status;
    }
    return found ? STATUS_OK : reading_no_customer(balance->customer, entity, err);
}

static enum status show_sums(struct balance *balance, struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < balance->sum_count; i++) {
        const struct sum *sum = &balance->sums[i];
        const struct line line = {.entity = sum->entity,
                                  .currency = sum->currency,
                                  .open_minor = sum->open_minor,
                                  .account_minor = sum->account_minor,
                                  .disputed_minor = sum->disputed_minor};
        if (sum->customers > 1 || balance->cli->json)
            status = show_line(balance, &line, err);
    }
    return status;
}

static enum status read_balances(struct balance *balance, struct session *session, const char *entity, struct err *err)
{
    const struct facts *facts = NULL;
    json_t *entities = NULL;
    enum status status = session_begin_facts(session, &facts, err);
    if (status == STATUS_OK)
        status = reading_entities(facts, entity, &entities, err);
    if (status == STATUS_OK)
        status = disputed_read(balance, facts, entities, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(entities); i++)
        status = walk_entity(balance, facts, json_string_value(json_array_get(entities, i)), err);
    if (status == STATUS_OK && balance->rows == 0 && balance->customer != NULL)
        status = show_none(balance, facts, entities, entity, err);
    if (status == STATUS_OK && balance->customer == NULL)
        status = show_sums(balance, err);
    json_decref(entities);
    session_end_facts(session);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct balance balance = {.cli = cli};
    const char *entity = NULL;
    struct session *session = NULL;
    struct err err = {0};
    enum status status = reading_id_option(options, "customer", &balance.customer, &err);
    if (status == STATUS_OK)
        status = reading_code_option(options, "entity", &entity, &err);
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &session, &err);
    balance.sums = calloc(SUMS_MAX, sizeof *balance.sums);
    if (status == STATUS_OK && balance.sums == NULL)
        status = err_set(&err, STATUS_MEMORY, "no memory for the sums");
    if (status == STATUS_OK)
        status = read_balances(&balance, session, entity, &err);
    if (status == STATUS_OK && !cli->json)
        status = table_print(balance.table, &err);
    table_free(balance.table);
    json_decref(balance.disputed);
    free(balance.sums);
    session_close(session);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct option_spec options_of_balance[] = {
    {"customer", 0, "ID", "one customer", 0},
    {"entity", 0, "CODE", "one legal entity", 0},
    {0},
};

const struct command command_balance = {
    .name = "balance",
    .summary = "shows what customers owe",
    .arguments = "",
    .text = "OPEN is what invoices have open, ON ACCOUNT what stands on the customer's account: below zero "
            "it is in the "
            "customer's favour. BALANCE is their sum, DISPUTED what of the open is disputed.",
    .example = "countersign balance --customer 16446",
    .group = GROUP_EVERYONE,
    .flags = COMMAND_BOOK,
    .options = options_of_balance,
    .run = run,
};

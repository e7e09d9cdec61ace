/*
 * countersign aging: how long what invoices have open has been due, by customer with totals for each entity and currency,
 * or invoice by invoice for one customer. Reads the list of open items, which is in the order that is shown.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/aging.h"
#include "cli/cases.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

/* An open item, as its key and record say. */
struct item {
    char customer[ID_BYTES_MAX + 1];
    char currency[ID_BYTES_MAX + 1];
    char invoice[ID_BYTES_MAX + 1];
    int32_t due;
    int64_t open_minor;
};

enum { CURRENCIES_MAX = 200 }; /* ISO 4217 has fewer */

struct total {
    char currency[CURRENCY_CODE_BYTES];
    struct aging aging;
    int64_t disputed_minor;
};

struct report {
    struct cli *cli;
    const char *customer; /* NULL: all */
    bool totals_only;
    bool has_date;
    int32_t as_of;

    const char *entity; /* being walked */
    struct table *table;
    struct total *totals; /* of the entity */
    size_t total_count;
    struct item row; /* whose customer and currency the sums below are of */
    struct aging sums;
    int64_t row_disputed_minor;
    bool has_row;

    bool disputes;    /* somewhere something is disputed: there is a column for it */
    json_t *disputed; /* of the entity: invoice -> minor units */
    const struct facts *facts;
};

/* What is disputed of what a row shows, and by which disputes where it is an invoice. */
struct disputed {
    int64_t minor;
    char numbers[DISPUTES_TEXT_BYTES];
};

static enum status item_read(struct slice key, const json_t *record, struct item *ret_item, struct err *err)
{
    char entity[ID_BYTES_MAX + 1];
    size_t at = 0;
    enum status status = reading_key_text(key, &at, entity, err);
    if (status == STATUS_OK)
        status = reading_key_text(key, &at, ret_item->customer, err);
    if (status == STATUS_OK)
        status = reading_key_text(key, &at, ret_item->currency, err);
    if (status == STATUS_OK && at + 9 > key.length)
        status = err_set(err, STATUS_CORRUPT, "an open item's key is too short; run rebuild");
    if (status != STATUS_OK)
        return status;
    uint64_t due = books_key_number(key, key.length - at - 8);
    if (due > DATE_MAX)
        return err_set(err, STATUS_CORRUPT, "an open item's key holds no date; run rebuild");
    ret_item->due = (int32_t)due;
    ret_item->open_minor = member_integer(record, "open");
    at += 9;
    return reading_key_text(key, &at, ret_item->invoice, err);
}

static void show_json(const struct report *report, const struct item *item, const struct aging *aging,
                      const struct disputed *disputed, bool total)
{
    char text[MONEY_TEXT_MAX], as_of[DATE_TEXT_BYTES], due[DATE_TEXT_BYTES];
    date_format(report->as_of, as_of);
    json_t *object = json_pack("{s:s, s:s, s:s, s:s}", "as_of", as_of, "currency", item->currency, "entity",
                               report->entity, "total", reading_amount(aging->total_minor, item->currency, text));
    for (int i = 0; object != NULL && i < AGING_BUCKETS; i++)
        json_object_set_new(object, aging_bucket_key(i),
                            json_string(reading_amount(aging->minor[i], item->currency, text)));
    if (object != NULL && report->disputes)
        json_object_set_new(object, "disputed", json_string(reading_amount(disputed->minor, item->currency, text)));
    if (object != NULL && disputed->numbers[0] != '\0')
        json_object_set_new(object, "disputes", json_string(disputed->numbers));
    if (object != NULL && !total)
        json_object_set_new(object, "customer", json_string(item->customer));
    if (object != NULL && item->invoice[0] != '\0') {
        date_format(item->due, due);
        json_object_set_new(object, "due", json_string(due));
        json_object_set_new(object, "invoice", json_string(item->invoice));
    }
    (void)out_json(report->cli, object);
}

/* A row: of an invoice, of a customer (no invoice), or the total. */
static void show(const struct report *report, const struct item *item, const struct aging *aging,
                 const struct disputed *disputed, bool total)
{
    char amounts[AGING_BUCKETS + 2][MONEY_TEXT_MAX], due[DATE_TEXT_BYTES] = "";
    const char *cells[AGING_BUCKETS + 6];
    size_t count = 0;
    if (report->cli->json) {
        show_json(report, item, aging, disputed, total);
        return;
    }
    if (report->customer != NULL && !total)
        date_format(item->due, due);
    cells[count++] = report->entity;
    cells[count++] = total ? "total" : report->customer != NULL ? item->invoice : item->customer;
    if (report->customer != NULL)
        cells[count++] = due;
    cells[count++] = item->currency;
    for (int i = 0; i < AGING_BUCKETS; i++) {
        bool none = aging->minor[i] == 0;
        cells[count++] = none ? "" : reading_grouped(aging->minor[i], item->currency, amounts[i]);
    }
    if (report->customer == NULL)
        cells[count++] = reading_grouped(aging->total_minor, item->currency, amounts[AGING_BUCKETS]);
    if (report->disputes)
        cells[count++] =
            disputed->minor == 0 ? "" : reading_grouped(disputed->minor, item->currency, amounts[AGING_BUCKETS + 1]);
    if (report->disputes && report->customer != NULL)
        cells[count++] = disputed->numbers;
    table_row(report->table, cells);
    for (size_t i = 1; total && i < count; i++)
        table_style(report->table, i, STYLE_STRONG);
}

static void end_row(struct report *report)
{
    const struct disputed disputed = {.minor = report->row_disputed_minor};
    if (report->has_row && report->customer == NULL && !report->totals_only)
        show(report, &report->row, &report->sums, &disputed, false);
    report->has_row = false;
    report->row_disputed_minor = 0;
    report->sums = (struct aging){.total_minor = 0};
}

static enum status total_find(struct report *report, const char *currency, struct total **ret_total, struct err *err)
{
    for (size_t i = 0; i < report->total_count; i++) {
        if (strcmp(report->totals[i].currency, currency) == 0) {
            *ret_total = &report->totals[i];
            return STATUS_OK;
        }
    }
    if (report->total_count == CURRENCIES_MAX)
        return err_set(err, STATUS_LIMIT, "more than %d currencies", CURRENCIES_MAX);
    struct total *total = &report->totals[report->total_count++];
    *total = (struct total){.aging = {.total_minor = 0}};
    snprintf(total->currency, sizeof total->currency, "%.3s", currency);
    *ret_total = total;
    return STATUS_OK;
}

static enum status step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct report *report = context;
    struct item item;
    struct total *total = NULL;
    (void)ret_more;
    enum status status = item_read(key, record, &item, err);
    if (status == STATUS_OK)
        status = total_find(report, item.currency, &total, err);
    if (status != STATUS_OK)
        return status;
    int bucket = aging_bucket(item.due, report->as_of);
    if (report->has_row &&
        (strcmp(report->row.customer, item.customer) != 0 || strcmp(report->row.currency, item.currency) != 0))
        end_row(report);
    report->row = item;
    report->row.invoice[0] = '\0';
    report->has_row = true;
    status = aging_add(&report->sums, bucket, item.open_minor, err);
    if (status == STATUS_OK)
        status = aging_add(&total->aging, bucket, item.open_minor, err);
    struct disputed disputed = {.minor = member_integer(report->disputed, item.invoice)};
    if (status == STATUS_OK && disputed.minor != 0)
        status = cases_of_invoice(report->facts, report->entity, item.invoice, disputed.numbers, err);
    if (status == STATUS_OK)
        status = money_add(report->row_disputed_minor, disputed.minor, &report->row_disputed_minor, err);
    if (status == STATUS_OK)
        status = money_add(total->disputed_minor, disputed.minor, &total->disputed_minor, err);
    if (status == STATUS_OK && report->customer != NULL) {
        struct aging one = {.total_minor = item.open_minor};
        one.minor[bucket] = item.open_minor;
        show(report, &item, &one, &disputed, false);
    }
    return status;
}

static enum status walk_entity(struct report *report, const struct facts *facts, const char *entity, struct err *err)
{
    struct books_key prefix = report->customer != NULL ? books_key_pair(entity, report->customer) : books_key(entity);
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_OPEN_ITEMS, .prefix = &prefix, .step = step, .context = report};
    report->entity = entity;
    report->total_count = 0;
    if (!report->has_date)
        report->as_of = reading_date(facts, entity, facts->time_ms);
    json_decref(report->disputed);
    report->disputed = NULL;
    report->facts = facts;
    enum status status = cases_disputed(facts, entity, &report->disputed, err);
    if (status == STATUS_OK)
        status = books_each(facts->books, &walk, err);
    if (status != STATUS_OK)
        return status;
    end_row(report);
    for (size_t i = 0; i < report->total_count; i++) {
        struct item item = {.due = 0};
        snprintf(item.currency, sizeof item.currency, "%s", report->totals[i].currency);
        const struct disputed disputed = {.minor = report->totals[i].disputed_minor};
        show(report, &item, &report->totals[i].aging, &disputed, true);
    }
    return STATUS_OK;
}

/* A name that is nobody's is an error, not an empty report. */
static enum status check_customer(const struct report *report, const struct facts *facts, const json_t *entities,
                                  const char *entity, struct err *err)
{
    for (size_t i = 0; i < json_array_size(entities); i++) {
        json_t *customer = NULL;
        enum status status =
            facts_customer(facts, json_string_value(json_array_get(entities, i)), report->customer, &customer, err);
        bool found = customer != NULL;
        json_decref(customer);
        if (status != STATUS_OK || found)
            return status;
    }
    return reading_no_customer(report->customer, entity, err);
}

static struct table *make_table(const struct report *report)
{
    struct column columns[AGING_BUCKETS + 8];
    size_t count = 0;
    columns[count++] = (struct column){"ENTITY", 0};
    columns[count++] = (struct column){report->customer != NULL ? "INVOICE" : "CUSTOMER", 0};
    if (report->customer != NULL)
        columns[count++] = (struct column){"DUE", 0};
    columns[count++] = (struct column){"", 0};
    for (int i = 0; i < AGING_BUCKETS; i++)
        columns[count++] = (struct column){aging_bucket_name(i), COLUMN_RIGHT};
    if (report->customer == NULL)
        columns[count++] = (struct column){"TOTAL", COLUMN_RIGHT};
    if (report->disputes)
        columns[count++] = (struct column){"DISPUTED", COLUMN_RIGHT};
    if (report->disputes && report->customer != NULL)
        columns[count++] = (struct column){"DISPUTE", 0};
    columns[count] = (struct column){NULL, 0};
    return table_new(report->cli, columns);
}

/* A column for what is disputed stands there only where something is. */
static enum status begin_table(struct report *report, const struct facts *facts, const json_t *entities,
                               struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(entities); i++) {
        json_t *disputed = NULL;
        status = cases_disputed(facts, json_string_value(json_array_get(entities, i)), &disputed, err);
        report->disputes = report->disputes || json_object_size(disputed) > 0;
        json_decref(disputed);
    }
    report->table = make_table(report);
    return status;
}

static enum status read_items(struct report *report, struct session *session, const char *entity, struct err *err)
{
    const struct facts *facts = NULL;
    json_t *entities = NULL;
    enum status status = session_begin_facts(session, &facts, err);
    if (status == STATUS_OK)
        status = reading_entities(facts, entity, &entities, err);
    if (status == STATUS_OK && report->customer != NULL)
        status = check_customer(report, facts, entities, entity, err);
    if (status == STATUS_OK)
        status = begin_table(report, facts, entities, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(entities); i++)
        status = walk_entity(report, facts, json_string_value(json_array_get(entities, i)), err);
    if (status == STATUS_OK && !report->cli->json) {
        char as_of[DATE_TEXT_BYTES];
        status = table_print(report->table, err);
        date_format(report->as_of, as_of);
        if (status == STATUS_OK && report->table != NULL)
            fprintf(report->cli->out, "days past due on %s\n", as_of);
    }
    json_decref(entities);
    session_end_facts(session);
    return status;
}

static enum status options_read(struct report *report, const struct options *options, const char **ret_entity,
                                struct err *err)
{
    enum status status = reading_id_option(options, "customer", &report->customer, err);
    if (status == STATUS_OK)
        status = reading_code_option(options, "entity", ret_entity, err);
    if (status == STATUS_OK)
        status = reading_date_option(options, "as-of", &report->as_of, err);
    report->has_date = options_text(options, "as-of") != NULL;
    report->totals_only = options_flag(options, "totals");
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct report report = {.cli = cli};
    struct session *session = NULL;
    struct err err = {0};
    const char *entity = NULL;
    enum status status = options_read(&report, options, &entity, &err);
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &session, &err);
    report.totals = calloc(CURRENCIES_MAX, sizeof *report.totals);
    if (status == STATUS_OK && report.totals == NULL)
        status = err_set(&err, STATUS_MEMORY, "no memory for the totals");
    if (status == STATUS_OK)
        status = read_items(&report, session, entity, &err);
    table_free(report.table);
    free(report.totals);
    json_decref(report.disputed);
    session_close(session);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct option_spec options_of_aging[] = {
    {"customer", 0, "ID", "the invoices of one customer", 0},
    {"entity", 0, "CODE", "one legal entity", 0},
    {"as-of", 0, "DATE", "count the days up to this date instead of today", 0},
    {"totals", 0, NULL, "only the totals of each entity and currency", 0},
    {0},
};

const struct command command_aging = {
    .name = "aging",
    .summary = "shows how long what is open has been due",
    .arguments = "",
    .text = "Ages what invoices have open now; --as-of counts the days up to another date, it does not bring "
            "back what was "
            "open then. An invoice is current up to its due date. Where "
            "something is disputed, DISPUTED is how much of it.",
    .example = "countersign aging --entity US01 --as-of 2026-09-30",
    .group = GROUP_EVERYONE,
    .flags = COMMAND_BOOK,
    .options = options_of_aging,
    .run = run,
};

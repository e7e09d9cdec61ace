/*
 * countersign exposure: what a customer, and its group, stands for: limits, what is open, held orders, what is left.
 */
#include <string.h>

#include "cli/cases.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "cli/table.h"
#include "controls/facts_limits.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

struct report {
    struct cli *cli;
    const struct facts *facts; /* with the time asked for */
    const char *entity;        /* being walked */
    const char *customer;
    const char *group; /* of the customer in this entity; NULL: only the customer itself */
    struct table *table;
    struct exposure sums; /* of the group, in the currency of its first row; others are told apart */
    size_t rows;
    bool mixed;
    bool found;
};

struct row {
    const char *customer; /* NULL: the group's sum */
    const struct exposure *exposure;
    int64_t disputed_minor, total_minor, available_minor;
};

static void row_json(const struct report *report, const struct row *row)
{
    const struct exposure *exposure = row->exposure;
    const struct {
        const char *name;
        int64_t minor;
    } amounts[] = {{"account", exposure->account_minor}, {"available", row->available_minor},
                   {"disputed", row->disputed_minor},    {"exposure", row->total_minor},
                   {"held", exposure->held_minor},       {"limit", exposure->limit_minor},
                   {"open", exposure->open_minor},       {"released", exposure->released_minor}};
    char text[MONEY_TEXT_MAX];
    json_t *object = json_pack("{s:s, s:s, s:s*, s:s*}", "currency", exposure->currency, "entity", report->entity,
                               "customer", row->customer, "group", row->customer == NULL ? report->group : NULL);
    for (size_t i = 0; object != NULL && i < sizeof amounts / sizeof amounts[0]; i++)
        json_object_set_new(object, amounts[i].name,
                            json_string(reading_amount(amounts[i].minor, exposure->currency, text)));
    if (object != NULL && exposure->temporary_minor >= 0) {
        json_object_set_new(object, "temporary",
                            json_string(reading_amount(exposure->temporary_minor, exposure->currency, text)));
        json_object_set_new(object, "temporary_limit", json_string(exposure->temporary));
    }
    (void)out_json(report->cli, object);
}

static void row_show(const struct report *report, const struct row *row)
{
    const struct exposure *exposure = row->exposure;
    const char *currency = exposure->currency;
    char texts[8][MONEY_TEXT_MAX], group[ID_BYTES_MAX + 8];
    if (report->cli->json) {
        row_json(report, row);
        return;
    }
    snprintf(group, sizeof group, "group %s", report->group != NULL ? report->group : "");
    const char *cells[] = {
        report->entity,
        row->customer != NULL ? row->customer : group,
        currency,
        reading_grouped(exposure->limit_minor, currency, texts[0]),
        exposure->temporary_minor >= 0 ? reading_grouped(exposure->temporary_minor, currency, texts[1]) : "",
        reading_grouped(exposure->open_minor, currency, texts[2]),
        reading_grouped(exposure->account_minor, currency, texts[3]),
        reading_grouped(exposure->held_minor, currency, texts[4]),
        reading_grouped(exposure->released_minor, currency, texts[5]),
        reading_grouped(row->disputed_minor, currency, texts[6]),
        reading_grouped(row->available_minor, currency, texts[7])};
    table_row(report->table, cells);
    if (row->available_minor < 0)
        table_style(report->table, 10, STYLE_WARN);
}

/* What is left of the limit that counts, below zero when it is exceeded. */
static enum status row_count(const struct exposure *exposure, struct row *row, struct err *err)
{
    enum status status = exposure_total(exposure, &row->total_minor, err);
    return status == STATUS_OK ? money_sub(exposure_limit(exposure), row->total_minor, &row->available_minor, err)
                               : status;
}

/* Limits add up as they count now. */
static enum status sum_add(struct report *report, const struct exposure *one, struct err *err)
{
    struct exposure *sums = &report->sums;
    if (report->rows++ == 0)
        snprintf(sums->currency, sizeof sums->currency, "%s", one->currency);
    if (strcmp(sums->currency, one->currency) != 0) {
        report->mixed = true;
        return STATUS_OK;
    }
    enum status status = money_add(sums->limit_minor, exposure_limit(one), &sums->limit_minor, err);
    if (status == STATUS_OK)
        status = money_add(sums->open_minor, one->open_minor, &sums->open_minor, err);
    if (status == STATUS_OK)
        status = money_add(sums->account_minor, one->account_minor, &sums->account_minor, err);
    if (status == STATUS_OK)
        status = money_add(sums->held_minor, one->held_minor, &sums->held_minor, err);
    return status == STATUS_OK ? money_add(sums->released_minor, one->released_minor, &sums->released_minor, err)
                               : status;
}

static enum status customer_show(struct report *report, const char *customer, struct err *err)
{
    struct exposure exposure;
    struct row row = {.customer = customer, .exposure = &exposure};
    enum status status = facts_exposure(report->facts, report->entity, customer, &exposure, err);
    if (status == STATUS_OK)
        status =
            cases_disputed_sum(report->facts, report->entity, customer, exposure.currency, &row.disputed_minor, err);
    if (status == STATUS_OK)
        status = row_count(&exposure, &row, err);
    if (status == STATUS_OK)
        status = sum_add(report, &exposure, err);
    if (status == STATUS_OK)
        row_show(report, &row);
    return status;
}

static enum status group_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct report *report = context;
    (void)key;
    (void)ret_more;
    return strcmp(member_text(record, "group"), report->group) == 0
               ? customer_show(report, member_text(record, "customer"), err)
               : STATUS_OK;
}

static enum status group_show(struct report *report, struct err *err)
{
    struct books_key prefix = books_key(report->entity);
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_CUSTOMERS, .prefix = &prefix, .step = group_step, .context = report};
    struct row row = {.exposure = &report->sums};
    report->rows = 0;
    report->mixed = false;
    report->sums = (struct exposure){.temporary_minor = -1};
    enum status status = books_each(report->facts->books, &walk, err);
    if (status == STATUS_OK)
        status = row_count(&report->sums, &row, err);
    if (status == STATUS_OK && report->rows > 1 && !report->mixed)
        row_show(report, &row);
    return status;
}

static enum status entity_show(struct report *report, bool alone, struct err *err)
{
    json_t *customer = NULL;
    enum status status = facts_customer(report->facts, report->entity, report->customer, &customer, err);
    if (status == STATUS_OK && customer != NULL) {
        report->found = true;
        report->group = alone ? NULL : member_text(customer, "group");
        status = alone ? customer_show(report, report->customer, err) : group_show(report, err);
    }
    report->group = NULL;
    json_decref(customer);
    return status;
}

static enum status show_all(struct report *report, struct session *session, const struct options *options,
                            struct err *err)
{
    const struct facts *facts = NULL;
    json_t *entities = NULL;
    const char *entity = options_text(options, "entity");
    struct facts asked = {.time_ms = 0};
    enum status status = session_begin_facts(session, &facts, err);
    if (status == STATUS_OK) {
        asked = *facts;
        status = reading_as_of(facts, options, &asked.time_ms, err);
    }
    report->facts = &asked;
    if (status == STATUS_OK)
        status = reading_entities(&asked, entity, &entities, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(entities); i++) {
        report->entity = json_string_value(json_array_get(entities, i));
        status = entity_show(report, !options_flag(options, "group"), err);
    }
    if (status == STATUS_OK && !report->found)
        status = reading_no_customer(report->customer, entity, err);
    json_decref(entities);
    report->facts = NULL;
    session_end_facts(session);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {{"ENTITY", 0},
                                            {"CUSTOMER", 0},
                                            {"", 0},
                                            {"LIMIT", COLUMN_RIGHT},
                                            {"TEMPORARY", COLUMN_RIGHT},
                                            {"OPEN", COLUMN_RIGHT},
                                            {"ON ACCOUNT", COLUMN_RIGHT},
                                            {"HELD", COLUMN_RIGHT},
                                            {"RELEASED", COLUMN_RIGHT},
                                            {"DISPUTED", COLUMN_RIGHT},
                                            {"AVAILABLE", COLUMN_RIGHT},
                                            {0}};
    struct report report = {.cli = cli, .customer = options_argument(options, 0)};
    struct session *session = NULL;
    struct err err = {0};
    const char *entity = NULL;
    report.table = table_new(cli, columns);
    enum status status = reading_code_option(options, "entity", &entity, &err);
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = show_all(&report, session, options, &err);
    if (status == STATUS_OK && !cli->json)
        status = table_print(report.table, &err);
    session_close(session);
    table_free(report.table);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct option_spec options_of_exposure[] = {
    {"entity", 0, "CODE", "one legal entity", 0},
    {"group", 0, NULL, "every customer of its group, and their sum", 0},
    {"as-of", 0, "TIME", "which limits and releases count at this time; at that of the last entry when not given", 0},
    {0},
};

const struct command command_exposure = {
    .name = "exposure",
    .summary = "shows a customer's limit and what stands against it",
    .arguments = "CUSTOMER",
    .text = "AVAILABLE is the limit that counts now (a temporary one where it is higher) less what is open, on account "
            "and held; RELEASED is what of the held orders has a release, DISPUTED what of the open is disputed.",
    .example = "countersign exposure 16446 --group",
    .group = GROUP_EVERYONE,
    .flags = COMMAND_BOOK,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_exposure,
    .run = run,
};

/*
 * countersign trial balance: what documents moved on each ledger account, by currency, and the entity's total in its
 * functional currency.
 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "cli/table.h"
#include "ledger/books.h"
#include "ledger/money.h"
#include "ledger/schema.h"

struct trial {
    struct cli *cli;
    struct table *table;
    const struct facts *facts;
    const char *entity;     /* the one that is walked */
    const char *functional; /* its currency */
    int64_t dr_minor, cr_minor;
    size_t rows;
};

struct row {
    const char *account, *currency;
    int64_t dr_minor, cr_minor, functional_dr, functional_cr;
};

static void show(struct trial *trial, const struct row *row)
{
    char dr[MONEY_TEXT_MAX], cr[MONEY_TEXT_MAX], own_dr[MONEY_TEXT_MAX], own_cr[MONEY_TEXT_MAX];
    const struct policy_account *account =
        row->account != NULL ? policy_find_account(trial->facts->policy, row->account) : NULL;
    if (trial->cli->json) {
        json_t *object =
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "cr", reading_amount(row->cr_minor, row->currency, cr),
                      "currency", row->currency, "dr", reading_amount(row->dr_minor, row->currency, dr), "entity",
                      trial->entity, "functional_cr", reading_amount(row->functional_cr, trial->functional, own_cr),
                      "functional_dr", reading_amount(row->functional_dr, trial->functional, own_dr));
        if (object != NULL && row->account != NULL)
            json_object_set_new(object, "account", json_string(row->account));
        else if (object != NULL)
            json_object_set_new(object, "total", json_true());
        (void)out_json(trial->cli, object);
        return;
    }
    const char *cells[] = {trial->entity,
                           row->account != NULL ? row->account : "total",
                           account != NULL ? account->title : "",
                           row->currency,
                           reading_grouped(row->dr_minor, row->currency, dr),
                           reading_grouped(row->cr_minor, row->currency, cr),
                           trial->functional,
                           reading_grouped(row->functional_dr, trial->functional, own_dr),
                           reading_grouped(row->functional_cr, trial->functional, own_cr)};
    table_row(trial->table, cells);
}

static enum status step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct trial *trial = context;
    char entity[ID_BYTES_MAX + 1], account[ID_BYTES_MAX + 1], currency[ID_BYTES_MAX + 1];
    size_t at = 0;
    (void)ret_more;
    enum status status = reading_key_text(key, &at, entity, err);
    if (status == STATUS_OK)
        status = reading_key_text(key, &at, account, err);
    if (status == STATUS_OK)
        status = reading_key_text(key, &at, currency, err);
    if (status != STATUS_OK)
        return status;
    bool own = strcmp(currency, trial->functional) == 0;
    const struct row row = {.account = account,
                            .currency = currency,
                            .dr_minor = member_integer(record, "dr"),
                            .cr_minor = member_integer(record, "cr"),
                            .functional_dr = member_integer(record, own ? "dr" : "functional_dr"),
                            .functional_cr = member_integer(record, own ? "cr" : "functional_cr")};
    status = money_add(trial->dr_minor, row.functional_dr, &trial->dr_minor, err);
    if (status == STATUS_OK)
        status = money_add(trial->cr_minor, row.functional_cr, &trial->cr_minor, err);
    trial->rows++;
    if (status == STATUS_OK)
        show(trial, &row);
    return status;
}

static enum status walk_entity(struct trial *trial, const char *entity, struct err *err)
{
    const struct policy_entity *known = policy_find_entity(trial->facts->policy, entity);
    if (known == NULL)
        return STATUS_OK;
    trial->entity = entity;
    trial->functional = known->currency;
    trial->dr_minor = trial->cr_minor = 0;
    trial->rows = 0;
    struct books_key prefix = books_key(entity);
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_ACCOUNTS, .prefix = &prefix, .step = step, .context = trial};
    enum status status = books_each(trial->facts->books, &walk, err);
    const struct row total = {.currency = known->currency,
                              .dr_minor = trial->dr_minor,
                              .cr_minor = trial->cr_minor,
                              .functional_dr = trial->dr_minor,
                              .functional_cr = trial->cr_minor};
    if (status == STATUS_OK && trial->rows > 0)
        show(trial, &total);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {{"ENTITY", 0},
                                            {"ACCOUNT", 0},
                                            {"TITLE", COLUMN_WRAP},
                                            {"", 0},
                                            {"DR", COLUMN_RIGHT},
                                            {"CR", COLUMN_RIGHT},
                                            {"", 0},
                                            {"DR", COLUMN_RIGHT},
                                            {"CR", COLUMN_RIGHT},
                                            {0}};
    struct trial trial = {.cli = cli};
    struct session *session = NULL;
    const char *entity = NULL;
    json_t *entities = NULL;
    struct err err = {0};
    trial.table = table_new(cli, columns);
    enum status status = reading_code_option(options, "entity", &entity, &err);
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = session_begin_facts(session, &trial.facts, &err);
    if (status == STATUS_OK) {
        status = reading_entities(trial.facts, entity, &entities, &err);
        for (size_t i = 0; status == STATUS_OK && i < json_array_size(entities); i++)
            status = walk_entity(&trial, json_string_value(json_array_get(entities, i)), &err);
        session_end_facts(session);
    }
    if (status == STATUS_OK && !cli->json)
        status = table_print(trial.table, &err);
    json_decref(entities);
    session_close(session);
    table_free(trial.table);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct option_spec options_of_trial_balance[] = {
    {"entity", 0, "CODE", "one legal entity", 0},
    {0},
};

const struct command command_trial_balance = {
    .name = "trial balance",
    .summary = "shows what documents moved on each account",
    .arguments = "",
    .text = "First in the currency of the documents, then in the entity's own. The totals of both sides are the same.",
    .example = "countersign trial balance --entity US01",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .options = options_of_trial_balance,
    .run = run,
};

/*
 * countersign meter: a contract with its meters, pools and reads, what was billed by them, and what they come to as they
 * stand now.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/block.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "cli/table.h"
#include "controls/facts_meter.h"
#include "controls/meter.h"
#include "ledger/schema.h"
#include "ledger/text.h"

struct showing {
    struct cli *cli;
    const struct facts *facts;
    const char *entity;
    json_t *contract;
    json_t *bills; /* key -> {device or pool, invoice, line?, meter} */
    json_t *json;  /* with --json */
};

static const char *term_name(const json_t *term)
{
    const char *device = member_text(term, "device");
    return device != NULL ? device : member_text(term, "pool");
}

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory to show a contract");
}

static enum status show_terms(const struct showing *showing, struct err *err)
{
    static const struct column columns[] = {{"DEVICE OR POOL", 0},       {"METER", 0},           {"POOL", 0},
                                            {"ALLOWANCE", COLUMN_RIGHT}, {"RATE", COLUMN_RIGHT}, {0}};
    static const char *const lists[] = {"pools", "meters"};
    struct table *table = table_new(showing->cli, columns);
    for (size_t l = 0; l < 2; l++) {
        const json_t *list = json_object_get(showing->contract, lists[l]);
        for (size_t i = 0; i < json_array_size(list); i++) {
            const json_t *term = json_array_get(list, i), *allowance = json_object_get(term, "allowance");
            char text[GROUPED_BYTES];
            const char *cells[] = {
                term_name(term), member_text(term, "meter"), l == 1 ? member_text(term, "pool") : NULL,
                allowance != NULL ? terminal_group_integer(json_integer_value(allowance), text) : NULL,
                member_text(term, "rate")};
            table_row(table, cells);
        }
    }
    enum status status = table_print(table, err);
    table_free(table);
    return status;
}

static enum status bill_note(struct showing *showing, const json_t *meter, const json_t *read, struct err *err)
{
    const char *invoice = member_text(read, "invoice"), *line = member_text(read, "line"),
               *pool = member_text(meter, "pool");
    char key[4 * ID_BYTES_MAX];
    if (invoice == NULL)
        return STATUS_OK;
    snprintf(key, sizeof key, "%s %s %s %s", invoice, line != NULL ? line : "",
             pool != NULL ? pool : member_text(meter, "device"), member_text(meter, "meter"));
    json_t *bill = json_pack("{s:s, s:s, s:s}", pool != NULL ? "pool" : "device",
                             pool != NULL ? pool : member_text(meter, "device"), "invoice", invoice, "meter",
                             member_text(meter, "meter"));
    if (bill != NULL && line != NULL)
        json_object_set_new(bill, "line", json_string(line));
    return json_object_set_new(showing->bills, key, bill) == 0 ? STATUS_OK : no_memory(err);
}

static void read_row(struct table *table, const json_t *read)
{
    const json_t *standing = read_standing(read);
    char came[GROUPED_BYTES], value[GROUPED_BYTES];
    const char *invoice = member_text(read, "invoice");
    const char *cells[] = {member_text(read, "date"),
                           member_text(read, "read"),
                           member_text(read, "device"),
                           member_text(read, "meter"),
                           terminal_group_integer(member_integer(standing, "value"), value),
                           member_text(standing, "source"),
                           standing != read ? terminal_group_integer(member_integer(read, "value"), came) : NULL,
                           standing != read ? member_text(standing, "document") : NULL,
                           invoice};
    table_row(table, cells);
}

static enum status show_reads(struct showing *showing, struct err *err)
{
    static const struct column columns[] = {{"DATE", 0},
                                            {"READ", 0},
                                            {"DEVICE", 0},
                                            {"METER", 0},
                                            {"VALUE", COLUMN_RIGHT},
                                            {"SOURCE", 0},
                                            {"CAME AS", COLUMN_RIGHT},
                                            {"CORRECTED BY", 0},
                                            {"INVOICE", 0},
                                            {0}};
    const json_t *meters = json_object_get(showing->contract, "meters");
    struct table *table = table_new(showing->cli, columns);
    json_t *all = json_array();
    enum status status = all != NULL ? STATUS_OK : no_memory(err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(meters); i++) {
        const json_t *meter = json_array_get(meters, i);
        const struct meter_place place = {.entity = showing->entity,
                                          .contract = member_text(showing->contract, "contract"),
                                          .device = member_text(meter, "device"),
                                          .meter = member_text(meter, "meter")};
        json_t *reads = NULL;
        status = facts_meter_reads(showing->facts, &place, &reads, err);
        for (size_t r = 0; status == STATUS_OK && r < json_array_size(reads); r++) {
            read_row(table, json_array_get(reads, r));
            status = bill_note(showing, meter, json_array_get(reads, r), err);
        }
        json_array_extend(all, reads);
        json_decref(reads);
    }
    if (status == STATUS_OK && showing->json == NULL)
        status = table_print(table, err);
    table_free(table);
    if (showing->json != NULL)
        json_object_set(showing->json, "reads", all);
    json_decref(all);
    return status;
}

static enum status bill_row(struct showing *showing, const json_t *bill, struct table *table, json_t *list,
                            struct err *err)
{
    const char *currency = member_text(showing->contract, "currency"), *invoice = member_text(bill, "invoice");
    const struct meter_bill at = {.entity = showing->entity,
                                  .contract = member_text(showing->contract, "contract"),
                                  .invoice = invoice,
                                  .line = member_text(bill, "line")};
    struct meter_billed billed;
    char clicks[GROUPED_BYTES], text[MONEY_TEXT_MAX], right[MONEY_TEXT_MAX];
    enum status status = meter_billed(showing->facts, &at, bill, &billed, err);
    if (status != STATUS_OK)
        return status;
    if (showing->json != NULL) {
        json_t *one = json_deep_copy(bill);
        json_object_set_new(one, "clicks", json_integer((json_int_t)billed.clicks));
        json_object_set_new(one, "billed", json_string(reading_amount(billed.billed_minor, currency, text)));
        json_object_set_new(one, "comes_to", json_string(reading_amount(billed.corrected_minor, currency, text)));
        return json_array_append_new(list, one) == 0 ? STATUS_OK : no_memory(err);
    }
    const char *cells[] = {invoice,
                           at.line,
                           term_name(bill),
                           member_text(bill, "meter"),
                           terminal_group_integer(billed.clicks, clicks),
                           reading_grouped(billed.billed_minor, currency, text),
                           reading_grouped(billed.corrected_minor, currency, right)};
    table_row(table, cells);
    if (billed.billed_minor != billed.corrected_minor)
        table_style(table, 6, STYLE_WARN);
    return STATUS_OK;
}

static int key_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum status show_bills(struct showing *showing, struct err *err)
{
    static const struct column columns[] = {{"INVOICE", 0},
                                            {"LINE", 0},
                                            {"DEVICE OR POOL", 0},
                                            {"METER", 0},
                                            {"CLICKS", COLUMN_RIGHT},
                                            {"BILLED", COLUMN_RIGHT},
                                            {"COMES TO", COLUMN_RIGHT},
                                            {0}};
    struct table *table = table_new(showing->cli, columns);
    size_t count = json_object_size(showing->bills), at = 0;
    const char **keys = calloc(count + 1, sizeof *keys), *key;
    json_t *list = json_array(), *bill;
    enum status status = keys != NULL && list != NULL ? STATUS_OK : no_memory(err);
    json_object_foreach(showing->bills, key, bill)
    {
        if (keys != NULL)
            keys[at++] = key;
    }
    if (keys != NULL)
        qsort(keys, count, sizeof *keys, key_compare);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = bill_row(showing, json_object_get(showing->bills, keys[i]), table, list, err);
    if (status == STATUS_OK && showing->json == NULL)
        status = table_print(table, err);
    if (showing->json != NULL)
        json_object_set(showing->json, "bills", list);
    table_free(table);
    json_decref(list);
    free(keys);
    return status;
}

static enum status show_head(const struct showing *showing, struct err *err)
{
    const json_t *contract = showing->contract;
    struct block *block = block_new(showing->cli);
    block_head(block, STYLE_STRONG, member_text(contract, "contract"), "contract   customer %s   %s   %s",
               member_text(contract, "customer"), showing->entity, member_text(contract, "currency"));
    block_line(block, "from", "%s", member_text(contract, "from"));
    enum status status = block_print(block, err);
    block_free(block);
    return status;
}

static enum status show_contract(struct showing *showing, struct err *err)
{
    enum status status = STATUS_OK;
    showing->bills = json_object();
    if (showing->cli->json)
        showing->json = json_pack("{s:O, s:s}", "contract", showing->contract, "entity", showing->entity);
    if (showing->bills == NULL || (showing->cli->json && showing->json == NULL))
        status = no_memory(err);
    if (status == STATUS_OK && showing->json == NULL) {
        status = show_head(showing, err);
        if (status == STATUS_OK)
            status = show_terms(showing, err);
    }
    if (status == STATUS_OK)
        status = show_reads(showing, err);
    if (status == STATUS_OK)
        status = show_bills(showing, err);
    if (status == STATUS_OK && showing->json != NULL)
        (void)out_json(showing->cli, json_incref(showing->json));
    json_decref(showing->bills);
    json_decref(showing->json);
    showing->bills = showing->json = NULL;
    return status;
}

/* In every entity that has it. */
static enum status show(struct showing *showing, const json_t *entities, const char *id, struct err *err)
{
    enum status status = STATUS_OK;
    bool found = false;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(entities); i++) {
        showing->entity = json_string_value(json_array_get(entities, i));
        status = facts_contract(showing->facts, showing->entity, id, &showing->contract, err);
        if (status == STATUS_OK && showing->contract != NULL) {
            found = true;
            status = show_contract(showing, err);
        }
        json_decref(showing->contract);
        showing->contract = NULL;
    }
    if (status == STATUS_OK && !found)
        status = err_set(err, STATUS_NOT_FOUND, "contract %s is not in the books", id);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct showing showing = {.cli = cli};
    const char *entity = NULL, *id = options_argument(options, 0);
    struct session *session = NULL;
    json_t *entities = NULL;
    struct err err = {0};
    enum status status = reading_code_option(options, "entity", &entity, &err);
    if (status == STATUS_OK && !text_is_id(id, strlen(id)))
        status = err_set(&err, STATUS_INPUT, "a contract: letters, digits and . _ : / @ -, at most %d", ID_BYTES_MAX);
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = session_begin_facts(session, &showing.facts, &err);
    if (status == STATUS_OK) {
        status = reading_entities(showing.facts, entity, &entities, &err);
        if (status == STATUS_OK)
            status = show(&showing, entities, id, &err);
        session_end_facts(session);
    }
    json_decref(entities);
    session_close(session);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct option_spec options_of_meter[] = {
    {"entity", 0, "CODE", "one legal entity", 0},
    {0},
};

const struct command command_meter = {
    .name = "meter",
    .summary = "shows a contract's meters, reads and bills",
    .arguments = "CONTRACT",
    .text = "BILLED is what the reads came to when they were brought, and what corrections moved since; COMES TO is "
            "what they make as they stand. Both are without tax. VALUE and SOURCE are those of the latest correction.",
    .example = "countersign meter K-7001",
    .group = GROUP_EVERYONE,
    .flags = COMMAND_BOOK,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_meter,
    .run = run,
};

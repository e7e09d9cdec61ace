/*
 * countersign entity list: the legal entities of the policy in force, whether they are open, and what the feeds brought.
 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/output.h"
#include "cli/reading.h"
#include "controls/facts_opening.h"
#include "controls/facts_period.h"
#include "ledger/schema.h"

enum { LOADED_BYTES = 512 };

/* "4 customers, 25 invoices 13,789.15 USD" */
static void loaded_text(const json_t *opening, char ret_text[static LOADED_BYTES])
{
    int used = snprintf(ret_text, LOADED_BYTES, "%lld customers", (long long)member_integer(opening, "customers"));
    const json_t *rows = json_object_get(opening, "opening");
    for (size_t i = 0; i < json_array_size(rows) && used >= 0 && used < LOADED_BYTES; i++) {
        const json_t *row = json_array_get(rows, i);
        char total[GROUPED_BYTES];
        used += snprintf(ret_text + used, LOADED_BYTES - (size_t)used, ", %lld invoices %s %s",
                         (long long)member_integer(row, "count"),
                         terminal_group_decimal(member_text(row, "total"), total), member_text(row, "currency"));
    }
}

/* An entity whose books a server keeps from this user has no figures here, rather than none in its books. */
static enum status opening_read(const struct facts *facts, const char *entity, json_t **ret_opening, struct err *err)
{
    enum status status = reading_entity_check(facts, entity, err);
    if (status == STATUS_OK)
        return facts_opening(facts, entity, ret_opening, err);
    return status == STATUS_PERMISSION ? STATUS_OK : status;
}

static enum status entity_print(const struct listing *listing, const struct policy_entity *entity, struct err *err)
{
    char loaded[LOADED_BYTES] = "not for you to read";
    json_t *opening = NULL;
    bool opened = false;
    enum status status = facts_entity_opened(listing->facts, entity->entity, &opened, err);
    if (status == STATUS_OK)
        status = opening_read(listing->facts, entity->entity, &opening, err);
    if (status != STATUS_OK)
        return status;
    if (listing->cli->json) {
        json_t *object = opening != NULL ? opening : json_object();
        json_object_set_new(object, "currency", json_string(entity->currency));
        json_object_set_new(object, "entity", json_string(entity->entity));
        json_object_set_new(object, "open", json_boolean(opened));
        (void)out_json(listing->cli, object);
        return STATUS_OK;
    }
    if (opening != NULL)
        loaded_text(opening, loaded);
    const char *const cells[] = {entity->entity, entity->currency, opened ? "open" : "opening balances to be tied out",
                                 loaded};
    table_row(listing->table, cells);
    json_decref(opening);
    return STATUS_OK;
}

static enum status collect(struct listing *listing, struct err *err)
{
    const struct policy *policy = listing->facts->policy;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < policy->entity_count; i++)
        status = entity_print(listing, &policy->entities[i], err);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {
        {"ENTITY", 0}, {"CURRENCY", 0}, {"STATE", 0}, {"IN THE BOOKS", COLUMN_WRAP}, {0}};
    static const struct listing_form form = {.columns = columns, .collect = collect};
    return listing_run(cli, options, &form);
}

const struct command command_entity_list = {
    .name = "entity list",
    .summary = "lists the legal entities and what was loaded for them",
    .arguments = "",
    .example = "countersign entity list",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .run = run,
};

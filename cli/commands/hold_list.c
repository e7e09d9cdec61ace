/*
 * countersign hold list: customers under legal hold.
 */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/output.h"
#include "ledger/limits.h"
#include "ledger/schema.h"

static enum status row(struct listing *listing, struct slice key, const json_t *record, struct err *err)
{
    char customer[ID_BYTES_MAX + 1];
    (void)err;
    snprintf(customer, sizeof customer, "%.*s", (int)key.length, (const char *)key.bytes);
    if (listing->cli->json) {
        json_t *object = json_deep_copy(record);
        json_object_set_new(object, "customer", json_string(customer));
        (void)out_json(listing->cli, object);
        return STATUS_OK;
    }
    const char *cells[] = {customer, member_text(record, "number"), NULL};
    table_row(listing->table, cells);
    table_cell(listing->table, 2, "%.10s", member_text(record, "time"));
    return STATUS_OK;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {{"CUSTOMER", 0}, {"HOLD", 0}, {"SINCE", 0}, {0}};
    static const struct listing_form form = {.columns = columns, .table = BOOKS_HOLDS, .row = row};
    return listing_run(cli, options, &form);
}

const struct command command_hold_list = {
    .name = "hold list",
    .summary = "lists customers under legal hold",
    .arguments = "",
    .example = "countersign hold list",
    .group = GROUP_EVERYONE,
    .flags = COMMAND_BOOK,
    .run = run,
};

/*
 * countersign hold list: customers under legal hold.
 */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/table.h"
#include "ledger/books.h"
#include "ledger/limits.h"
#include "ledger/schema.h"

struct listing {
    struct cli *cli;
    const struct facts *facts;
    struct table *table;
};

static enum status step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct listing *listing = context;
    char customer[ID_BYTES_MAX + 1];
    (void)ret_more;
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

static enum status list(struct session *session, struct err *err)
{
    static const struct column columns[] = {{"CUSTOMER", 0}, {"HOLD", 0}, {"SINCE", 0}, {0}};
    struct listing listing = {.cli = session_cli(session), .table = table_new(session_cli(session), columns)};
    const struct books_walk walk = {.table = BOOKS_HOLDS, .step = step, .context = &listing};
    enum status status = session_begin_facts(session, &listing.facts, err);
    if (status == STATUS_OK)
        status = books_each(listing.facts->books, &walk, err);
    if (status == STATUS_OK && !listing.cli->json)
        status = table_print(listing.table, err);
    session_end_facts(session);
    table_free(listing.table);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    struct err err = {0};
    enum status status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = list(session, &err);
    session_close(session);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
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

/*
 * countersign release list: approved releases of the program.
 */
#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/output.h"
#include "ledger/schema.h"

static enum status row(struct listing *listing, struct slice key, const json_t *record, struct err *err)
{
    (void)key;
    (void)err;
    if (listing->cli->json) {
        (void)out_json(listing->cli, json_deep_copy(record));
        return STATUS_OK;
    }
    const char *cells[] = {member_text(record, "number"), member_text(record, "release"), member_text(record, "commit"),
                           member_text(record, "exe")};
    table_row(listing->table, cells);
    return STATUS_OK;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {{"DOCUMENT", 0}, {"RELEASE", 0}, {"COMMIT", 0}, {"EXECUTABLE", 0}, {0}};
    static const struct listing_form form = {.columns = columns, .table = BOOKS_PROGRAMS, .row = row};
    return listing_run(cli, options, &form);
}

const struct command command_release_list = {
    .name = "release list",
    .summary = "lists approved releases",
    .arguments = "",
    .example = "countersign release list",
    .group = GROUP_EVERYONE,
    .flags = COMMAND_BOOK,
    .run = run,
};

/*
 * countersign release list: approved releases of the program.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/table.h"
#include "ledger/books.h"
#include "ledger/schema.h"

struct listing {
    struct cli *cli;
    const struct facts *facts;
    struct table *table;
};

static enum status step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct listing *listing = context;
    (void)key;
    (void)ret_more;
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

static enum status list(struct session *session, struct err *err)
{
    static const struct column columns[] = {{"DOCUMENT", 0}, {"RELEASE", 0}, {"COMMIT", 0}, {"EXECUTABLE", 0}, {0}};
    struct listing listing = {.cli = session_cli(session), .table = table_new(session_cli(session), columns)};
    const struct books_walk walk = {.table = BOOKS_PROGRAMS, .step = step, .context = &listing};
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

const struct command command_release_list = {
    .name = "release list",
    .summary = "lists approved releases",
    .arguments = "",
    .example = "countersign release list",
    .group = GROUP_EVERYONE,
    .flags = COMMAND_BOOK,
    .run = run,
};

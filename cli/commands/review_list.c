/*
 * countersign review list: reviews of access, and when the next is due.
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

struct row_count {
    size_t open;
};

static enum status count_step(void *context, struct slice key, const json_t *row, bool *ret_more, struct err *err)
{
    struct row_count *count = context;
    (void)key;
    (void)ret_more;
    (void)err;
    count->open += json_object_get(row, "decision") == NULL;
    return STATUS_OK;
}

static enum status step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct listing *listing = context;
    struct row_count count = {.open = 0};
    struct books_key prefix = books_key(member_text(record, "number"));
    (void)key;
    (void)ret_more;
    books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_REVIEW_ROWS, .prefix = &prefix, .step = count_step, .context = &count};
    enum status status = books_each(listing->facts->books, &walk, err);
    if (status != STATUS_OK)
        return status;
    if (listing->cli->json) {
        json_t *object = json_deep_copy(record);
        json_object_set_new(object, "open", json_integer((json_int_t)count.open));
        (void)out_json(listing->cli, object);
        return STATUS_OK;
    }
    const char *cells[] = {member_text(record, "number"), NULL, member_text(record, "user"), NULL, NULL, NULL, NULL};
    table_row(listing->table, cells);
    table_cell(listing->table, 1, "%.10s", member_text(record, "time"));
    table_cell(listing->table, 3, "%.10s", member_text(record, "until"));
    table_cell(listing->table, 4, "%lld", (long long)member_integer(record, "rows"));
    table_cell(listing->table, 5, "%zu", count.open);
    table_cell(listing->table, 6, "%.16s", member_text(record, "population"));
    return STATUS_OK;
}

static enum status list(struct session *session, struct err *err)
{
    static const struct column columns[] = {
        {"REVIEW", 0},          {"OPENED", 0},     {"BY", 0}, {"ANSWERS BY", 0}, {"GRANTS", COLUMN_RIGHT},
        {"OPEN", COLUMN_RIGHT}, {"POPULATION", 0}, {0}};
    struct listing listing = {.cli = session_cli(session), .table = table_new(session_cli(session), columns)};
    const struct books_walk walk = {.table = BOOKS_REVIEWS, .step = step, .context = &listing};
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

const struct command command_review_list = {
    .name = "review list",
    .summary = "lists reviews of access",
    .arguments = "",
    .example = "countersign review list",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .run = run,
};

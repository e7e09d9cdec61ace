/*
 * countersign review list: reviews of access, and when the next is due.
 */
#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/output.h"
#include "ledger/schema.h"

static enum status count_open(void *context, struct slice key, const json_t *row, bool *ret_more, struct err *err)
{
    size_t *open = context;
    (void)key;
    (void)ret_more;
    (void)err;
    *open += json_object_get(row, "decision") == NULL;
    return STATUS_OK;
}

static enum status row(struct listing *listing, struct slice key, const json_t *record, struct err *err)
{
    size_t open = 0;
    struct books_key prefix = books_key(member_text(record, "number"));
    (void)key;
    books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_REVIEW_ROWS, .prefix = &prefix, .step = count_open, .context = &open};
    enum status status = books_each(listing->facts->books, &walk, err);
    if (status != STATUS_OK)
        return status;
    if (listing->cli->json) {
        json_t *object = json_deep_copy(record);
        json_object_set_new(object, "open", json_integer((json_int_t)open));
        (void)out_json(listing->cli, object);
        return STATUS_OK;
    }
    const char *cells[] = {member_text(record, "number"), NULL, member_text(record, "user"), NULL, NULL, NULL, NULL};
    table_row(listing->table, cells);
    table_cell(listing->table, 1, "%.10s", member_text(record, "time"));
    table_cell(listing->table, 3, "%.10s", member_text(record, "until"));
    table_cell(listing->table, 4, "%lld", (long long)member_integer(record, "rows"));
    table_cell(listing->table, 5, "%zu", open);
    table_cell(listing->table, 6, "%.16s", member_text(record, "population"));
    return STATUS_OK;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {
        {"REVIEW", 0},          {"OPENED", 0},     {"BY", 0}, {"ANSWERS BY", 0}, {"GRANTS", COLUMN_RIGHT},
        {"OPEN", COLUMN_RIGHT}, {"POPULATION", 0}, {0}};
    static const struct listing_form form = {.columns = columns, .table = BOOKS_REVIEWS, .row = row};
    return listing_run(cli, options, &form);
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

/*
 * countersign break-glass list: emergency access, its uses and reviews.
 */
#include <stdint.h>

#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/output.h"
#include "cli/reading.h"
#include "ledger/schema.h"

static enum status use_step(void *context, struct slice key, const json_t *use, bool *ret_more, struct err *err)
{
    (void)key;
    (void)ret_more;
    return json_array_append((json_t *)context, (json_t *)(uintptr_t)use) == 0
               ? STATUS_OK
               : err_set(err, STATUS_MEMORY, "no memory for uses");
}

static void show(struct listing *listing, const json_t *record, size_t uses)
{
    const json_t *review = json_object_get(record, "review");
    char users[512], functions[512];
    reading_texts(json_object_get(record, "users"), users, sizeof users);
    reading_texts(json_object_get(record, "functions"), functions, sizeof functions);
    const char *cells[] = {member_text(record, "number"), users, functions, NULL, NULL, NULL, NULL, NULL};
    table_row(listing->table, cells);
    table_cell(listing->table, 3, "%.16s", member_text(record, "from"));
    table_cell(listing->table, 4, "%.16s", member_text(record, "until"));
    table_cell(listing->table, 5, "%zu", uses);
    table_cell(listing->table, 6, "%.16s", member_text(record, "review_by"));
    if (review != NULL)
        table_cell(listing->table, 7, "%s by %s, %.10s", member_text(review, "conclusion"), member_text(review, "by"),
                   member_text(review, "time"));
    else
        table_cell(listing->table, 7, "not yet");
}

static enum status row(struct listing *listing, struct slice key, const json_t *record, struct err *err)
{
    json_t *uses = json_array();
    struct books_key prefix = books_key(member_text(record, "number"));
    (void)key;
    books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_BREAK_GLASS_USES, .prefix = &prefix, .step = use_step, .context = uses};
    enum status status = books_each(listing->facts->books, &walk, err);
    if (status == STATUS_OK && listing->cli->json) {
        json_t *object = json_deep_copy(record);
        json_object_set(object, "uses", uses);
        (void)out_json(listing->cli, object);
    } else if (status == STATUS_OK) {
        show(listing, record, json_array_size(uses));
    }
    json_decref(uses);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {{"ACCESS", 0},    {"USERS", COLUMN_WRAP}, {"FUNCTIONS", COLUMN_WRAP},
                                            {"FROM", 0},      {"UNTIL", 0},           {"USES", COLUMN_RIGHT},
                                            {"REVIEW BY", 0}, {"REVIEWED", 0},        {0}};
    static const struct listing_form form = {.columns = columns, .table = BOOKS_BREAK_GLASS, .row = row};
    return listing_run(cli, options, &form);
}

const struct command command_break_glass_list = {
    .name = "break-glass list",
    .summary = "lists emergency access and its reviews",
    .arguments = "",
    .example = "countersign break-glass list",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .run = run,
};

/*
 * countersign break-glass list: emergency access, its uses and reviews.
 */
#include <stdint.h>
#include <stdio.h>

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

static enum status use_step(void *context, struct slice key, const json_t *use, bool *ret_more, struct err *err)
{
    (void)key;
    (void)ret_more;
    return json_array_append((json_t *)context, (json_t *)(uintptr_t)use) == 0
               ? STATUS_OK
               : err_set(err, STATUS_MEMORY, "no memory for uses");
}

static void texts_join(const json_t *list, struct table *table, size_t column)
{
    char text[512] = "";
    size_t used = 0;
    for (size_t i = 0; i < json_array_size(list) && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i > 0 ? ", " : "",
                                 json_string_value(json_array_get(list, i)));
    table_cell(table, column, "%s", text);
}

static void show(struct listing *listing, const json_t *record, size_t uses)
{
    const json_t *review = json_object_get(record, "review");
    const char *cells[] = {member_text(record, "number"), NULL, NULL, NULL, NULL, NULL, NULL, NULL};
    table_row(listing->table, cells);
    texts_join(json_object_get(record, "users"), listing->table, 1);
    texts_join(json_object_get(record, "functions"), listing->table, 2);
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

static enum status step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct listing *listing = context;
    json_t *uses = json_array();
    struct books_key prefix = books_key(member_text(record, "number"));
    (void)key;
    (void)ret_more;
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

static enum status list(struct session *session, struct err *err)
{
    static const struct column columns[] = {{"ACCESS", 0},    {"USERS", COLUMN_WRAP}, {"FUNCTIONS", COLUMN_WRAP},
                                            {"FROM", 0},      {"UNTIL", 0},           {"USES", COLUMN_RIGHT},
                                            {"REVIEW BY", 0}, {"REVIEWED", 0},        {0}};
    struct listing listing = {.cli = session_cli(session), .table = table_new(session_cli(session), columns)};
    const struct books_walk walk = {.table = BOOKS_BREAK_GLASS, .step = step, .context = &listing};
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

const struct command command_break_glass_list = {
    .name = "break-glass list",
    .summary = "lists emergency access and its reviews",
    .arguments = "",
    .example = "countersign break-glass list",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .run = run,
};

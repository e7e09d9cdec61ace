/*
 * countersign grant list: who holds which role, where and until when.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/listing.h"
#include "cli/output.h"
#include "cli/reading.h"
#include "ledger/schema.h"

static enum status row(struct listing *listing, struct slice key, const json_t *record, struct err *err)
{
    char state[STATE_BYTES], entities[512];
    (void)key;
    (void)err;
    if (listing_asks_other(listing, "user", member_text(record, "user")) ||
        listing_asks_other(listing, "role", member_text(record, "role")))
        return STATUS_OK;
    govern_grant_state(listing->facts, record, state);
    if (listing_hides(listing, state))
        return STATUS_OK;
    if (listing->cli->json) {
        json_t *object = json_copy((json_t *)record);
        if (object != NULL)
            json_object_set_new(object, "state", json_string(state));
        (void)out_json(listing->cli, object);
        return STATUS_OK;
    }
    reading_texts(json_object_get(record, "entities"), entities, sizeof entities);
    const char *cells[] = {member_text(record, "number"),
                           member_text(record, "user"),
                           member_text(record, "person"),
                           member_text(record, "role"),
                           entities,
                           state};
    table_row(listing->table, cells);
    return STATUS_OK;
}

static enum status collect(struct listing *listing, struct err *err)
{
    const char *ignored = NULL;
    enum status status = reading_id_option(listing->options, "user", &ignored, err);
    if (status == STATUS_OK)
        status = reading_code_option(listing->options, "role", &ignored, err);
    return status == STATUS_OK ? listing_each(listing, BOOKS_GRANTS, NULL, row, err) : status;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {
        {"GRANT", 0}, {"USER", 0}, {"PERSON", 0}, {"ROLE", 0}, {"ENTITIES", COLUMN_WRAP}, {"STATE", 0}, {0}};
    static const struct listing_form form = {.columns = columns, .collect = collect};
    return listing_run(cli, options, &form);
}

static const struct option_spec options_of_grant_list[] = {
    {"user", 0, "USER", "of one user", 0},
    {"role", 0, "ROLE", "of one role", 0},
    {"all", 0, NULL, "those that were revoked or are over too", 0},
    {0},
};

const struct command command_grant_list = {
    .name = "grant list",
    .summary = "lists who holds which role",
    .arguments = "",
    .example = "countersign grant list --role MANAGER",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .options = options_of_grant_list,
    .run = run,
};

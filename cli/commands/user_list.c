/*
 * countersign user list: who is enrolled, with the keys that count and the roles that are held.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/listing.h"
#include "cli/output.h"
#include "cli/reading.h"
#include "ledger/schema.h"

/* What a user holds that counts now. */
struct holding {
    const struct facts *facts;
    size_t keys;
    json_t *roles;
};

static enum status count_key(void *context, const char *key_text, const json_t *record, struct err *err)
{
    struct holding *holding = context;
    char state[STATE_BYTES];
    (void)key_text;
    (void)err;
    govern_key_state(holding->facts, record, state);
    holding->keys += govern_state_counts(state);
    return STATUS_OK;
}

static enum status take_role(void *context, const json_t *grant, bool *ret_more, struct err *err)
{
    struct holding *holding = context;
    (void)ret_more;
    char state[STATE_BYTES];
    govern_grant_state(holding->facts, grant, state);
    if (govern_state_counts(state) && json_array_append(holding->roles, json_object_get(grant, "role")) != 0)
        return err_set(err, STATUS_MEMORY, "no memory for a user's roles");
    return STATUS_OK;
}

static void show_user(struct listing *listing, const json_t *record, const struct holding *holding)
{
    char roles[1024];
    if (listing->cli->json) {
        (void)out_json(listing->cli, json_pack("{s:I, s:s, s:O, s:s, s:s}", "keys", (json_int_t)holding->keys, "person",
                                               member_text(record, "person"), "roles", holding->roles, "sort",
                                               member_text(record, "sort"), "user", member_text(record, "user")));
        return;
    }
    reading_texts(holding->roles, roles, sizeof roles);
    const char *cells[] = {member_text(record, "user"), member_text(record, "person"), member_text(record, "sort"), "",
                           roles};
    table_row(listing->table, cells);
    table_cell(listing->table, 3, "%zu", holding->keys);
    if (holding->keys == 0)
        table_style(listing->table, 3, STYLE_WARN);
}

static enum status row(struct listing *listing, struct slice key, const json_t *record, struct err *err)
{
    const char *user = member_text(record, "user");
    struct holding holding = {.facts = listing->facts, .roles = json_array()};
    (void)key;
    if (holding.roles == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a user's roles");
    enum status status = govern_each_key(listing->facts, user, count_key, &holding, err);
    if (status == STATUS_OK)
        status = facts_each_grant(listing->facts, user, take_role, &holding, err);
    if (status == STATUS_OK)
        show_user(listing, record, &holding);
    json_decref(holding.roles);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {
        {"USER", 0}, {"PERSON", 0}, {"SORT", 0}, {"KEYS", COLUMN_RIGHT}, {"ROLES", COLUMN_WRAP}, {0}};
    static const struct listing_form form = {.columns = columns, .table = BOOKS_USERS, .row = row};
    return listing_run(cli, options, &form);
}

const struct command command_user_list = {
    .name = "user list",
    .summary = "lists users with their persons, valid keys and roles",
    .arguments = "",
    .example = "countersign user list",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .run = run,
};

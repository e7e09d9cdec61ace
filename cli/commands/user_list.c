/*
 * countersign user list: who is enrolled, with the keys that count and the roles that are held.
 */
#include <string.h>

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
    size_t keys; /* of the user at hand: valid ones */
    json_t *roles;
};

static enum status count_key(void *context, const char *key_text, const json_t *record, struct err *err)
{
    struct listing *listing = context;
    char state[STATE_BYTES];
    (void)key_text;
    (void)err;
    govern_key_state(listing->facts, record, state);
    if (govern_state_counts(state))
        listing->keys++;
    return STATUS_OK;
}

static enum status take_role(void *context, struct slice key, const json_t *ignored, bool *ret_more, struct err *err)
{
    struct listing *listing = context;
    const uint8_t *zero = memchr(key.bytes, '\0', key.length);
    char number[ID_BYTES_MAX + 1], state[STATE_BYTES];
    json_t *grant = NULL;
    (void)ignored;
    (void)ret_more;
    size_t begin = zero != NULL ? (size_t)(zero - key.bytes) + 1 : key.length;
    if (key.length - begin > ID_BYTES_MAX)
        return err_set(err, STATUS_CORRUPT, "a grant's number is too long; run rebuild");
    memcpy(number, key.bytes + begin, key.length - begin);
    number[key.length - begin] = '\0';
    enum status status = facts_grant(listing->facts, number, &grant, err);
    if (status != STATUS_OK || grant == NULL)
        return status;
    govern_grant_state(listing->facts, grant, state);
    if (govern_state_counts(state))
        json_array_append(listing->roles, json_object_get(grant, "role"));
    json_decref(grant);
    return STATUS_OK;
}

static void show_user(struct listing *listing, const json_t *record)
{
    char roles[1024] = "";
    size_t used = 0;
    if (listing->cli->json) {
        (void)out_json(listing->cli, json_pack("{s:I, s:s, s:O, s:s, s:s}", "keys", (json_int_t)listing->keys, "person",
                                               member_text(record, "person"), "roles", listing->roles, "sort",
                                               member_text(record, "sort"), "user", member_text(record, "user")));
        return;
    }
    for (size_t i = 0; i < json_array_size(listing->roles) && used < sizeof roles; i++)
        used += (size_t)snprintf(roles + used, sizeof roles - used, "%s%s", i > 0 ? ", " : "",
                                 json_string_value(json_array_get(listing->roles, i)));
    const char *cells[] = {member_text(record, "user"), member_text(record, "person"), member_text(record, "sort"), "",
                           roles};
    table_row(listing->table, cells);
    table_cell(listing->table, 3, "%zu", listing->keys);
    if (listing->keys == 0)
        table_style(listing->table, 3, STYLE_WARN);
}

static enum status step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct listing *listing = context;
    const char *user = member_text(record, "user");
    struct books_key prefix = books_key(user);
    books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_USER_GRANTS, .prefix = &prefix, .step = take_role, .context = listing};
    (void)key;
    (void)ret_more;
    listing->keys = 0;
    listing->roles = json_array();
    if (listing->roles == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a user's roles");
    enum status status = govern_each_key(listing->facts, user, count_key, listing, err);
    if (status == STATUS_OK)
        status = books_each(listing->facts->books, &walk, err);
    if (status == STATUS_OK)
        show_user(listing, record);
    json_decref(listing->roles);
    listing->roles = NULL;
    return status;
}

static enum status list(struct session *session, struct err *err)
{
    static const struct column columns[] = {
        {"USER", 0}, {"PERSON", 0}, {"SORT", 0}, {"KEYS", COLUMN_RIGHT}, {"ROLES", COLUMN_WRAP}, {0}};
    struct listing listing = {.cli = session_cli(session), .table = table_new(session_cli(session), columns)};
    const struct books_walk walk = {.table = BOOKS_USERS, .step = step, .context = &listing};
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

const struct command command_user_list = {
    .name = "user list",
    .summary = "lists users with their persons, valid keys and roles",
    .arguments = "",
    .example = "countersign user list",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .run = run,
};

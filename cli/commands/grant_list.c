/*
 * countersign grant list: who holds which role, where and until when.
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "cli/table.h"
#include "ledger/books.h"
#include "ledger/schema.h"

struct listing {
    struct cli *cli;
    const struct facts *facts;
    struct table *table;
    const char *user; /* NULL: all */
    const char *role;
    bool all; /* those too that no longer count, or not yet */
    size_t hidden;
};

static enum status step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct listing *listing = context;
    const json_t *entities = json_object_get(record, "entities");
    char state[STATE_BYTES], text[512] = "";
    size_t used = 0;
    (void)key;
    (void)ret_more;
    (void)err;
    if ((listing->user != NULL && strcmp(member_text(record, "user"), listing->user) != 0) ||
        (listing->role != NULL && strcmp(member_text(record, "role"), listing->role) != 0))
        return STATUS_OK;
    govern_grant_state(listing->facts, record, state);
    if (!listing->all && (strncmp(state, "revoked", 7) == 0 || strncmp(state, "over", 4) == 0)) {
        listing->hidden++;
        return STATUS_OK;
    }
    if (listing->cli->json) {
        json_t *object = json_copy((json_t *)record);
        if (object != NULL)
            json_object_set_new(object, "state", json_string(state));
        (void)out_json(listing->cli, object);
        return STATUS_OK;
    }
    for (size_t i = 0; i < json_array_size(entities) && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i > 0 ? ", " : "",
                                 json_string_value(json_array_get(entities, i)));
    const char *cells[] = {member_text(record, "number"),
                           member_text(record, "user"),
                           member_text(record, "person"),
                           member_text(record, "role"),
                           text,
                           state};
    table_row(listing->table, cells);
    return STATUS_OK;
}

static enum status list(struct session *session, struct listing *listing, struct err *err)
{
    const struct books_walk walk = {.table = BOOKS_GRANTS, .step = step, .context = listing};
    enum status status = session_begin_facts(session, &listing->facts, err);
    if (status == STATUS_OK)
        status = books_each(listing->facts->books, &walk, err);
    if (status == STATUS_OK && !listing->cli->json)
        status = table_print(listing->table, err);
    if (status == STATUS_OK && !listing->cli->json && listing->hidden > 0)
        fprintf(listing->cli->out, "%zu revoked or over; --all shows them\n", listing->hidden);
    session_end_facts(session);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {
        {"GRANT", 0}, {"USER", 0}, {"PERSON", 0}, {"ROLE", 0}, {"ENTITIES", COLUMN_WRAP}, {"STATE", 0}, {0}};
    struct listing listing = {.cli = cli, .all = options_flag(options, "all")};
    struct session *session = NULL;
    struct err err = {0};
    listing.table = table_new(cli, columns);
    enum status status = reading_id_option(options, "user", &listing.user, &err);
    if (status == STATUS_OK)
        status = reading_code_option(options, "role", &listing.role, &err);
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = list(session, &listing, &err);
    session_close(session);
    table_free(listing.table);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
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

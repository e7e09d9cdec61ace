/*
 * countersign key list: enrolled keys with their states, of one user or all.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/listing.h"
#include "cli/output.h"
#include "ledger/schema.h"

static enum status show_key(void *context, const char *key_text, const json_t *record, struct err *err)
{
    struct listing *listing = context;
    char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1], state[STATE_BYTES];
    (void)err;
    govern_fingerprint(key_text, fingerprint);
    govern_key_state(listing->facts, record, state);
    if (listing->cli->json) {
        json_t *object =
            json_pack("{s:s, s:s, s:s, s:s, s:s}", "fingerprint", fingerprint, "from", member_text(record, "from"),
                      "key", key_text, "state", state, "user", member_text(record, "user"));
        if (object != NULL && member_text(record, "since") != NULL)
            json_object_set(object, "since", json_object_get(record, "since"));
        (void)out_json(listing->cli, object);
        return STATUS_OK;
    }
    const char *cells[] = {member_text(record, "user"), fingerprint, "", state, member_text(record, "since")};
    table_row(listing->table, cells);
    table_cell(listing->table, 2, "%.10s", member_text(record, "from"));
    return STATUS_OK;
}

static enum status row(struct listing *listing, struct slice key, const json_t *record, struct err *err)
{
    (void)key;
    return govern_each_key(listing->facts, member_text(record, "user"), show_key, listing, err);
}

static enum status collect(struct listing *listing, struct err *err)
{
    const char *user = options_argument(listing->options, 0);
    if (user == NULL)
        return listing_each(listing, BOOKS_USERS, NULL, row, err);
    enum status status = govern_check_user(listing->facts, user, err);
    return status == STATUS_OK ? govern_each_key(listing->facts, user, show_key, listing, err) : status;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {
        {"USER", 0}, {"KEY", 0}, {"ENROLLED", 0}, {"STATE", 0}, {"COMPROMISED SINCE", 0}, {0}};
    static const struct listing_form form = {.columns = columns, .collect = collect};
    return listing_run(cli, options, &form);
}

const struct command command_key_list = {
    .name = "key list",
    .summary = "lists enrolled keys",
    .arguments = "[USER]",
    .example = "countersign key list maria.lopez",
    .group = GROUP_EVERYONE,
    .flags = COMMAND_BOOK,
    .arguments_max = 1,
    .run = run,
};

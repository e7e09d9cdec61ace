/*
 * countersign key list: enrolled keys with their states, of one user or all.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/key_ending.h"
#include "cli/listing.h"
#include "cli/output.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

enum { ENDING_DAYS_MAX = 36600 };

/* Whether a key is among those that --ending asks for; all are where it is not given. */
static enum status ending_check(const struct listing *listing, const json_t *record, bool *ret_listed, struct err *err)
{
    int64_t days = 0, end_ms = 0;
    if (options_text(listing->options, "ending") == NULL)
        return STATUS_OK;
    enum status status = options_number(listing->options, "ending", 0, ENDING_DAYS_MAX, &days, err);
    return status == STATUS_OK ? govern_key_ends(listing->facts, record, days, ret_listed, &end_ms, err) : status;
}

static enum status show_key(void *context, const char *key_text, const json_t *record, struct err *err)
{
    struct listing *listing = context;
    char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1], state[STATE_BYTES], end[INSTANT_TEXT_BYTES];
    struct key_ending ending;
    bool listed = true;
    enum status status = ending_check(listing, record, &listed, err);
    if (status == STATUS_OK)
        status = key_ending_of(listing->facts, record, &ending, err);
    if (status != STATUS_OK || !listed)
        return status;
    govern_fingerprint(key_text, fingerprint);
    govern_key_state(listing->facts, record, state);
    if (listing->cli->json) {
        json_t *object =
            json_pack("{s:s, s:s, s:s, s:s, s:s}", "fingerprint", fingerprint, "from", member_text(record, "from"),
                      "key", key_text, "state", state, "user", member_text(record, "user"));
        if (object != NULL && member_text(record, "since") != NULL)
            json_object_set(object, "since", json_object_get(record, "since"));
        if (object != NULL && ending.end_ms < INT64_MAX) {
            instant_format(ending.end_ms, end);
            json_object_set_new(object, "ends", json_string(end));
        }
        if (object != NULL && ending.stage_days > 0)
            json_object_set_new(object, "stage", json_integer(ending.stage_days));
        (void)out_json(listing->cli, object);
        return STATUS_OK;
    }
    const char *cells[] = {member_text(record, "user"),        fingerprint, "", state, member_text(record, "since"),
                           key_ending_words(ending.stage_days)};
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
        {"USER", 0}, {"KEY", 0}, {"ENROLLED", 0}, {"STATE", 0}, {"COMPROMISED SINCE", 0}, {"", COLUMN_WRAP}, {0}};
    static const struct listing_form form = {.columns = columns, .collect = collect};
    return listing_run(cli, options, &form);
}

static const struct option_spec options_of_key_list[] = {
    {"ending", 0, "DAYS", "keys that count now and end within so many days", 0},
    {0},
};

const struct command command_key_list = {
    .name = "key list",
    .summary = "lists enrolled keys",
    .arguments = "[USER]",
    .text = "A key ends by the date it was enrolled with, or by the policy's key_days_max.",
    .example = "countersign key list --ending 60",
    .group = GROUP_EVERYONE,
    .flags = COMMAND_BOOK,
    .arguments_max = 1,
    .options = options_of_key_list,
    .run = run,
};

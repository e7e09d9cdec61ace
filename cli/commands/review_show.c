/*
 * countersign review show: the rows of a review as they were put to be attested, with who answered what and when.
 */
#include <stdint.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/listing.h"
#include "cli/output.h"
#include "controls/facts_govern.h"
#include "ledger/schema.h"

/* The last thing that each user did: one walk back over the entries, newest first, until every user was met. */
static enum status entry_step(void *context, struct slice key, const json_t *entry, bool *ret_more, struct err *err)
{
    json_t *last = context;
    (void)key;
    (void)ret_more;
    if (json_object_get(last, member_text(entry, "actor")) == NULL &&
        json_object_set(last, member_text(entry, "actor"), json_object_get(entry, "time")) != 0)
        return err_set(err, STATUS_MEMORY, "no memory for users");
    return STATUS_OK;
}

/* When a removal ended it, or since when nobody's answer has. */
static enum status executed(const struct listing *listing, const json_t *row, char ret_text[static STATE_BYTES],
                            struct err *err)
{
    json_t *grant = NULL;
    enum status status = facts_reviewed(listing->facts, member_text(row, "grant"), &grant, err);
    if (status == STATUS_OK)
        govern_grant_state(listing->facts, grant, ret_text);
    json_decref(grant);
    return status;
}

static enum status review_row(struct listing *listing, struct slice key, const json_t *row, struct err *err)
{
    char state[STATE_BYTES] = "";
    (void)key;
    const char *decision = member_text(row, "decision");
    const json_t *last = json_object_get(listing->own, member_text(row, "user"));
    if (options_flag(listing->options, "open") && decision != NULL)
        return STATUS_OK;
    enum status status = executed(listing, row, state, err);
    if (status != STATUS_OK)
        return status;
    if (listing->cli->json) {
        json_t *object = json_deep_copy(row);
        json_object_set_new(object, "state", json_string(state));
        if (last != NULL)
            json_object_set(object, "last_entry", (json_t *)(uintptr_t)last);
        (void)out_json(listing->cli, object);
        return STATUS_OK;
    }
    const char *cells[] = {member_text(row, "grant"),
                           member_text(row, "user"),
                           member_text(row, "person"),
                           NULL,
                           NULL,
                           decision != NULL ? decision : "open",
                           member_text(row, "by"),
                           NULL,
                           state};
    table_row(listing->table, cells);
    const char *role = member_text(row, "role");
    table_cell(listing->table, 3, "%s%s", role != NULL ? role : "delegation by ",
               role != NULL ? "" : member_text(row, "from_user"));
    table_cell(listing->table, 4, "%.10s", last != NULL ? json_string_value(last) : "never");
    table_cell(listing->table, 7, "%.10s", member_text(row, "time") != NULL ? member_text(row, "time") : "");
    return STATUS_OK;
}

static enum status head(const struct listing *listing, const char *number, struct err *err)
{
    json_t *review = NULL;
    enum status status = facts_review(listing->facts, number, &review, err);
    if (status == STATUS_OK && review == NULL)
        status = err_set(err, STATUS_NOT_FOUND, "there is no review %s; see 'countersign review list'", number);
    if (status == STATUS_OK && !listing->cli->json)
        fprintf(listing->cli->out, "%s   opened %.10s by %s   answers by %.10s   %lld rows   population %s\n\n", number,
                member_text(review, "time"), member_text(review, "user"), member_text(review, "until"),
                (long long)member_integer(review, "rows"), member_text(review, "population"));
    json_decref(review);
    return status;
}

static enum status collect(struct listing *listing, struct err *err)
{
    const char *number = options_argument(listing->options, 0);
    json_t *last = json_object(); /* user -> time of the last entry */
    struct books_key prefix = books_key(number);
    books_key_close(&prefix);
    const struct books_walk entries = {.table = BOOKS_ENTRIES, .backward = true, .step = entry_step, .context = last};
    enum status status = head(listing, number, err);
    if (status == STATUS_OK)
        status = books_each(listing->facts->books, &entries, err);
    listing->own = last;
    if (status == STATUS_OK)
        status = listing_each(listing, BOOKS_REVIEW_ROWS, &prefix, review_row, err);
    json_decref(last);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {{"GRANT", 0},    {"USER", 0}, {"PERSON", 0}, {"ROLE", 0}, {"LAST ENTRY", 0},
                                            {"DECISION", 0}, {"BY", 0},   {"AT", 0},     {"NOW", 0},  {0}};
    static const struct listing_form form = {.columns = columns, .collect = collect};
    return listing_run(cli, options, &form);
}

static const struct option_spec options_of_review_show[] = {
    {"open", 0, NULL, "only what nobody has answered", 0},
    {0},
};

const struct command command_review_show = {
    .name = "review show",
    .summary = "shows the rows of a review and their answers",
    .arguments = "REVIEW",
    .example = "countersign review show AR-1 --open",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_review_show,
    .run = run,
};

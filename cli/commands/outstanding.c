/*
 * countersign outstanding: what governance has left open: emergency access and access reviews past their days, grants that are
 * suspended, suspect documents in force, keys about to end.
 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/suspects.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "controls/facts_govern.h"
#include "ledger/books.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

#define DAY_MS   INT64_C(86400000)
#define MONTH_MS (INT64_C(3044) * DAY_MS / 100)

struct listing {
    struct cli *cli;
    const struct facts *facts;
    struct table *table;
    char now[INSTANT_TEXT_BYTES];
    char last_review[INSTANT_TEXT_BYTES]; /* when the latest one was opened */
    int64_t ending_ms;                    /* keys that end before this */
    size_t count;
};

static void say(struct listing *listing, const char *control, const char *what, const char *about)
{
    listing->count++;
    if (listing->cli->json) {
        (void)out_json(listing->cli, json_pack("{s:s, s:s, s:s}", "about", about, "control", control, "what", what));
        return;
    }
    const char *cells[] = {control, about, what};
    table_row(listing->table, cells);
}

static enum status break_glass_step(void *context, struct slice key, const json_t *record, bool *ret_more,
                                    struct err *err)
{
    struct listing *listing = context;
    const char *review_by = member_text(record, "review_by");
    char text[128];
    (void)key;
    (void)ret_more;
    (void)err;
    if (json_object_get(record, "review") != NULL || strcmp(listing->now, review_by) < 0)
        return STATUS_OK;
    snprintf(text, sizeof text, "was to be reviewed by %.16s; its users are suspended", review_by);
    say(listing, "C-51", text, member_text(record, "number"));
    return STATUS_OK;
}

static enum status grant_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct listing *listing = context;
    const json_t *review = json_object_get(record, "review");
    char text[128];
    (void)key;
    (void)ret_more;
    (void)err;
    if (review == NULL || json_object_get(record, "revoked") != NULL ||
        strcmp(listing->now, member_text(review, "until")) < 0)
        return STATUS_OK;
    const char *role = member_text(record, "role");
    snprintf(text, sizeof text, "%s of %s is suspended, nobody attested it in %s", role != NULL ? role : "delegation",
             member_text(record, role != NULL ? "user" : "from_user"), member_text(review, "number"));
    say(listing, "C-30", text, member_text(record, "number"));
    return STATUS_OK;
}

static enum status row_step(void *context, struct slice key, const json_t *row, bool *ret_more, struct err *err)
{
    struct listing *listing = context;
    json_t *grant = NULL;
    (void)ret_more;
    enum status status = facts_reviewed(listing->facts, member_text(row, "grant"), &grant, err);
    /* Rows with a term are told as suspended grants; these are the officers'. */
    if (status == STATUS_OK && json_object_get(row, "decision") == NULL && json_object_get(grant, "review") == NULL &&
        json_object_get(grant, "revoked") == NULL) {
        char text[128];
        snprintf(text, sizeof text, "the officer's grant %s waits for its attestation", member_text(row, "grant"));
        char number[ID_BYTES_MAX + 1];
        snprintf(number, sizeof number, "%s", (const char *)key.bytes);
        say(listing, "C-30", text, number);
    }
    json_decref(grant);
    return status;
}

static enum status review_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct listing *listing = context;
    const char *time = member_text(record, "time");
    (void)key;
    (void)ret_more;
    if (strcmp(time, listing->last_review) > 0)
        snprintf(listing->last_review, sizeof listing->last_review, "%s", time);
    if (strcmp(listing->now, member_text(record, "until")) < 0)
        return STATUS_OK;
    struct books_key prefix = books_key(member_text(record, "number"));
    books_key_close(&prefix);
    const struct books_walk rows = {
        .table = BOOKS_REVIEW_ROWS, .prefix = &prefix, .step = row_step, .context = listing};
    return books_each(listing->facts->books, &rows, err);
}

static enum status suspect_say(void *context, const struct suspect *suspect, struct err *err)
{
    char text[160], about[ID_BYTES_MAX + 1];
    (void)err;
    if (suspect->settled)
        return STATUS_OK;
    snprintf(text, sizeof text, "%s in entry %llu with a key of %s that was in other hands: %s", suspect->act,
             (unsigned long long)suspect->seq, suspect->user,
             suspect->conclusion != NULL ? "to be reversed" : "to be affirmed or reversed");
    snprintf(about, sizeof about, "%s", suspect->document != NULL ? suspect->document : "");
    say(context, "C-52", text, about);
    return STATUS_OK;
}

static enum status key_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct listing *listing = context;
    char text[128], end[INSTANT_TEXT_BYTES];
    int64_t end_ms = INT64_MAX;
    (void)key;
    (void)ret_more;
    enum status status = facts_key_end(listing->facts, record, &end_ms, err);
    if (status != STATUS_OK || json_object_get(record, "revoked") != NULL || end_ms > listing->ending_ms ||
        end_ms <= listing->facts->time_ms)
        return status;
    instant_format(end_ms, end);
    snprintf(text, sizeof text, "a key ends on %.10s; rotate it before", end);
    say(listing, "C-52", text, member_text(record, "user"));
    return STATUS_OK;
}

/* Nobody has opened a review for longer than the policy allows. */
static void review_due(struct listing *listing)
{
    int64_t months = policy_parameter(listing->facts->policy, NULL, PARAMETER_REVIEW_MONTHS), last = 0;
    char text[128];
    if (months == 0)
        return;
    if (listing->last_review[0] != '\0' &&
        instant_parse(listing->last_review, strlen(listing->last_review), &last, NULL) == STATUS_OK &&
        listing->facts->time_ms - last <= months * MONTH_MS)
        return;
    snprintf(text, sizeof text, "access is reviewed every %lld months; the last review was opened %.10s",
             (long long)months, last > 0 ? listing->last_review : "never");
    say(listing, "C-30", text, "");
}

static enum status list(struct session *session, struct listing *listing, struct err *err)
{
    const struct books_walk walks[] = {
        {.table = BOOKS_BREAK_GLASS, .step = break_glass_step, .context = listing},
        {.table = BOOKS_GRANTS, .step = grant_step, .context = listing},
        {.table = BOOKS_DELEGATIONS, .step = grant_step, .context = listing},
        {.table = BOOKS_REVIEWS, .step = review_step, .context = listing},
        {.table = BOOKS_KEYS, .step = key_step, .context = listing},
    };
    int64_t days = 30;
    enum status status = options_number(session_options(session), "days", 0, 3660, &days, err);
    if (status == STATUS_OK)
        status = session_begin_facts(session, &listing->facts, err);
    if (status != STATUS_OK)
        return status;
    instant_format(listing->facts->time_ms, listing->now);
    listing->ending_ms = listing->facts->time_ms + days * DAY_MS;
    for (size_t i = 0; status == STATUS_OK && i < sizeof walks / sizeof walks[0]; i++)
        status = books_each(listing->facts->books, &walks[i], err);
    if (status == STATUS_OK)
        review_due(listing);
    if (status == STATUS_OK)
        status = suspects_each(session, listing->facts, suspect_say, listing, err);
    if (status == STATUS_OK && !listing->cli->json)
        status = table_print(listing->table, err);
    session_end_facts(session);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {{"CONTROL", 0}, {"ABOUT", 0}, {"WHAT", COLUMN_WRAP}, {0}};
    struct listing listing = {.cli = cli, .table = table_new(cli, columns)};
    struct session *session = NULL;
    struct err err = {0};
    enum status status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = list(session, &listing, &err);
    session_close(session);
    table_free(listing.table);
    if (status != STATUS_OK)
        return cli_error(cli, &err);
    return listing.count == 0 ? EXIT_DONE : EXIT_REFUSED;
}

static const struct option_spec options_of_outstanding[] = {
    {"days", 0, "NUMBER", "keys that end within so many days; 30 where not given", 0},
    {0},
};

const struct command command_outstanding = {
    .name = "outstanding",
    .summary = "lists what governance has left open",
    .arguments = "",
    .text =
        "Emergency access and access reviews past their days, suspended grants, suspect documents, keys about to end. "
        "Ends with status 1 when there is anything.",
    .example = "countersign outstanding --days 14",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .options = options_of_outstanding,
    .run = run,
};

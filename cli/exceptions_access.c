/*
 * What reviews of access have left open: emergency access that nobody has reviewed in time (C-51), grants that nobody has
 * answered for in time, and the review that is due (C-30).
 */
#include <stdio.h>
#include <string.h>

#include "cli/exceptions.h"
#include "controls/facts_govern.h"
#include "ledger/books.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

#define MONTH_MS (INT64_C(3044) * INSTANT_DAY_MS / 100) /* on average */

static enum status instant_read(const json_t *record, const char *name, int64_t *ret_ms, struct err *err)
{
    const char *text = member_text(record, name);
    return instant_parse(text, strlen(text), ret_ms, err);
}

/* Until its review the users of an access are suspended. */
static enum status emergency_step(void *context, struct slice key, const json_t *access, bool *ret_more,
                                  struct err *err)
{
    const struct exceptions *asked = context;
    struct exception_row row = {
        .number = member_text(access, "number"), .entity = "", .note = "not reviewed; its users are suspended"};
    json_t *document = NULL;
    (void)key;
    (void)ret_more;
    if (json_object_get(access, "review") != NULL)
        return STATUS_OK;
    enum status status = instant_read(access, "from", &row.since_ms, err);
    if (status == STATUS_OK)
        status = instant_read(access, "review_by", &row.due_ms, err);
    if (status != STATUS_OK || asked->facts->time_ms < row.due_ms)
        return status;
    status = facts_document(asked->facts, row.number, &document, err);
    row.owner = member_text(document, "preparer");
    if (status == STATUS_OK)
        status = exception_add(asked, &row, err);
    json_decref(document);
    return status;
}

static enum status emergency_collect(struct exceptions *asked, struct err *err)
{
    const struct books_walk walk = {.table = BOOKS_BREAK_GLASS, .step = emergency_step, .context = asked};
    return books_each(asked->facts->books, &walk, err);
}

const struct exception_source exceptions_emergency = {
    .name = "emergency", .title = "emergency not reviewed", .collect = emergency_collect};

struct reviewing {
    struct exceptions *asked;
    const json_t *review; /* at hand */
    json_t *latest;       /* grant -> {open, review}: of the latest review that asks about it */
    int64_t last_ms;      /* when the latest review was opened, else when the book was */
};

static enum status row_step(void *context, struct slice key, const json_t *row, bool *ret_more, struct err *err)
{
    struct reviewing *reviewing = context;
    const char *grant = member_text(row, "grant");
    const json_t *other = json_object_get(json_object_get(reviewing->latest, grant), "review");
    (void)key;
    (void)ret_more;
    if (other != NULL && member_integer(other, "seq") > member_integer(reviewing->review, "seq"))
        return STATUS_OK;
    return json_object_set_new(reviewing->latest, grant,
                               json_pack("{s:b, s:O}", "open", json_object_get(row, "decision") == NULL, "review",
                                         reviewing->review)) == 0
               ? STATUS_OK
               : err_set(err, STATUS_MEMORY, "no memory for the rows of reviews");
}

static enum status review_step(void *context, struct slice key, const json_t *review, bool *ret_more, struct err *err)
{
    struct reviewing *reviewing = context;
    struct books_key prefix = books_key(member_text(review, "number"));
    int64_t opened_ms = 0;
    (void)key;
    (void)ret_more;
    books_key_close(&prefix);
    const struct books_walk rows = {
        .table = BOOKS_REVIEW_ROWS, .prefix = &prefix, .step = row_step, .context = reviewing};
    enum status status = instant_read(review, "time", &opened_ms, err);
    if (status == STATUS_OK && opened_ms > reviewing->last_ms)
        reviewing->last_ms = opened_ms;
    reviewing->review = review;
    return status == STATUS_OK ? books_each(reviewing->asked->facts->books, &rows, err) : status;
}

/* A grant or delegation whose row nobody has answered. Those of officers go on; all others are suspended after the term. */
static enum status grant_add(const struct reviewing *reviewing, const char *number, const json_t *review,
                             struct err *err)
{
    char note[4 * ID_BYTES_MAX];
    json_t *grant = NULL;
    struct exception_row row = {.number = number, .entity = "", .owner = member_text(review, "user"), .note = note};
    enum status status = instant_read(review, "time", &row.since_ms, err);
    if (status == STATUS_OK)
        status = instant_read(review, "until", &row.due_ms, err);
    if (status != STATUS_OK || reviewing->asked->facts->time_ms < row.due_ms)
        return status;
    status = facts_reviewed(reviewing->asked->facts, number, &grant, err);
    if (status == STATUS_OK && grant != NULL && json_object_get(grant, "revoked") == NULL) {
        const char *role = member_text(grant, "role"); /* a delegation has none */
        snprintf(note, sizeof note, "%s of %s %s in %s", role != NULL ? role : "delegation",
                 member_text(grant, role != NULL ? "user" : "from_user"),
                 json_object_get(grant, "review") != NULL ? "is suspended, nobody attested it"
                                                          : "waits for its attestation",
                 member_text(review, "number"));
        status = exception_add(reviewing->asked, &row, err);
    }
    json_decref(grant);
    return status;
}

/* Nobody has opened a review for longer than the policy allows. */
static enum status due_add(const struct reviewing *reviewing, struct err *err)
{
    int64_t months = policy_parameter(reviewing->asked->facts->policy, NULL, PARAMETER_REVIEW_MONTHS);
    char note[64];
    const struct exception_row row = {.number = "review",
                                      .entity = "",
                                      .owner = "",
                                      .since_ms = reviewing->last_ms,
                                      .due_ms = reviewing->last_ms + months * MONTH_MS,
                                      .note = note};
    if (months == 0 || reviewing->asked->facts->time_ms <= row.due_ms)
        return STATUS_OK;
    snprintf(note, sizeof note, "access is reviewed every %lld months", (long long)months);
    return exception_add(reviewing->asked, &row, err);
}

static enum status reviews_read(struct reviewing *reviewing, struct err *err)
{
    const struct books_walk walk = {.table = BOOKS_REVIEWS, .step = review_step, .context = reviewing};
    json_t *birth = NULL;
    enum status status = exception_entry(reviewing->asked, 0, &birth, err);
    if (status == STATUS_OK)
        status = instant_read(birth, "time", &reviewing->last_ms, err);
    json_decref(birth);
    return status == STATUS_OK ? books_each(reviewing->asked->facts->books, &walk, err) : status;
}

static enum status reviews_collect(struct exceptions *asked, struct err *err)
{
    struct reviewing reviewing = {.asked = asked, .latest = json_object()};
    const char *number;
    json_t *row;
    enum status status = reviews_read(&reviewing, err);
    json_object_foreach(reviewing.latest, number, row)
    {
        if (status == STATUS_OK && json_is_true(json_object_get(row, "open")))
            status = grant_add(&reviewing, number, json_object_get(row, "review"), err);
    }
    if (status == STATUS_OK)
        status = due_add(&reviewing, err);
    json_decref(reviewing.latest);
    return status;
}

const struct exception_source exceptions_reviews = {
    .name = "reviews", .title = "access not reviewed", .collect = reviews_collect};

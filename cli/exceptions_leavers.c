/*
 * Accounts of persons who have left by HR and whose grants or keys nobody has revoked (C-29, report R-15). They count for
 * nothing any more; that they still stand is what somebody has to see to, by the day after the last day.
 */
#include <stdio.h>

#include "cli/exceptions.h"
#include "cli/govern.h"
#include "controls/facts_people.h"
#include "ledger/books.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

struct leaving {
    struct exceptions *asked;
    const struct facts *facts;
    size_t grants, keys; /* of the user at hand */
};

static enum status key_step(void *context, const char *key_text, const json_t *record, struct err *err)
{
    struct leaving *leaving = context;
    char state[STATE_BYTES];
    (void)key_text;
    (void)err;
    govern_key_state(leaving->facts, record, state);
    leaving->keys += govern_state_counts(state);
    return STATUS_OK;
}

static enum status grant_step(void *context, const json_t *grant, bool *ret_more, struct err *err)
{
    struct leaving *leaving = context;
    (void)ret_more;
    char state[STATE_BYTES];
    (void)err;
    govern_grant_state(leaving->facts, grant, state);
    leaving->grants += govern_state_counts(state);
    return STATUS_OK;
}

static enum status user_step(void *context, struct slice key, const json_t *user, bool *ret_more, struct err *err)
{
    struct leaving *leaving = context;
    struct hr_person hr = {.left = false};
    char note[96];
    (void)key;
    (void)ret_more;
    enum status status = facts_hr_person(leaving->facts, member_text(user, "person"), &hr, err);
    if (status != STATUS_OK || !hr.left)
        return status;
    leaving->grants = 0;
    leaving->keys = 0;
    status = govern_each_key(leaving->facts, member_text(user, "user"), key_step, leaving, err);
    if (status == STATUS_OK)
        status = facts_each_grant(leaving->facts, member_text(user, "user"), grant_step, leaving, err);
    if (status != STATUS_OK || leaving->grants + leaving->keys == 0)
        return status;
    snprintf(note, sizeof note, "%zu %s, %zu %s not revoked", leaving->grants,
             leaving->grants == 1 ? "grant" : "grants", leaving->keys, leaving->keys == 1 ? "key" : "keys");
    const struct exception_row row = {.number = member_text(user, "user"),
                                      .entity = "",
                                      .owner = hr.successor,
                                      .since_ms = hr.left_ms,
                                      .due_ms = hr.left_ms + INSTANT_DAY_MS,
                                      .note = note};
    return exception_add(leaving->asked, &row, err);
}

static enum status collect(struct exceptions *asked, struct err *err)
{
    struct leaving leaving = {.asked = asked, .facts = asked->facts};
    const struct books_walk walk = {.table = BOOKS_USERS, .step = user_step, .context = &leaving};
    return books_each(asked->facts->books, &walk, err);
}

const struct exception_source exceptions_leavers = {
    .name = "leavers", .title = "left, not revoked", .collect = collect};

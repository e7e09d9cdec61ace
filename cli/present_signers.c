/*
 * Who could sign a document at a level now: the gate's own questions about an approval, asked of everybody
 * beforehand. The gate's answer at the time is the one that counts.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/present.h"
#include "controls/judge_act.h"
#include "ledger/schema.h"

struct signers {
    const struct facts *facts;
    const json_t *record;
    int level;
    json_t *users;
};

static enum status may_sign(const struct signers *signers, const json_t *user, bool *ret_may, struct err *err)
{
    struct actor actor;
    *ret_may = false;
    enum status status = facts_actor(signers->facts, member_text(user, "user"), &actor, err);
    return status == STATUS_OK && strcmp(actor.sort, "human") == 0
               ? act_may_approve(signers->facts, signers->record, &actor, signers->level, ret_may, err)
               : status;
}

static enum status user_step(void *context, struct slice key, const json_t *user, bool *ret_more, struct err *err)
{
    struct signers *signers = context;
    bool may = false;
    (void)key;
    (void)ret_more;
    enum status status = may_sign(signers, user, &may, err);
    if (status == STATUS_OK && may &&
        json_array_append_new(signers->users, json_string(member_text(user, "user"))) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory for a list of users");
    return status;
}

enum status present_could_sign(const struct facts *facts, const json_t *record, int level, json_t **ret_users,
                               struct err *err)
{
    struct signers signers = {.facts = facts, .record = record, .level = level, .users = json_array()};
    if (signers.users == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a list of users");
    /* Keys are the users themselves, so the walk's order is the sorted one. */
    const struct books_walk walk = {.table = BOOKS_USERS, .step = user_step, .context = &signers};
    enum status status = books_each(facts->books, &walk, err);
    if (status == STATUS_OK)
        *ret_users = signers.users;
    else
        json_decref(signers.users);
    return status;
}

enum status present_may_sign(const struct facts *facts, const json_t *record, int level, const char *user,
                             bool *ret_may, struct err *err)
{
    const struct signers signers = {.facts = facts, .record = record, .level = level};
    json_t *known = NULL;
    bool may = false;
    enum status status = facts_user(facts, user, &known, err);
    if (status == STATUS_OK && known != NULL)
        status = may_sign(&signers, known, &may, err);
    json_decref(known);
    if (status == STATUS_OK)
        *ret_may = may;
    return status;
}

/*
 * Who could sign a document at a level now: the gate's own questions about an approval, asked of everybody who holds the
 * function, beforehand. The gate's answer at the time is the one that counts.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/present.h"
#include "controls/judge_act.h"
#include "controls/kind.h"
#include "ledger/schema.h"

struct signers {
    const struct facts *facts;
    const json_t *record;
    char function[FUNCTION_NAME_BYTES];
    const char *entity;
    int level;
    json_t *users;
};

static enum status function_needed(const struct facts *facts, const json_t *record, int level,
                                   char ret_name[static FUNCTION_NAME_BYTES], struct err *err)
{
    const char *name = member_text(record, "kind");
    const struct kind *kind = name != NULL ? kind_find(name) : NULL;
    enum kind_id authority;
    if (kind == NULL)
        return err_set(err, STATUS_NOT_FOUND, "this program has no kind of document '%s'", name != NULL ? name : "");
    enum status status = kind_authority(kind, json_object_get(record, "document"), facts, &authority, err);
    if (status == STATUS_OK)
        kind_function(kind, authority, level, ret_name);
    return status;
}

/* Whoever lacks the function is not worth the other questions. */
static enum status may_sign(const struct signers *signers, const json_t *user, bool *ret_may, struct err *err)
{
    struct actor actor;
    *ret_may = false;
    enum status status = facts_actor(signers->facts, member_text(user, "user"), &actor, err);
    if (status != STATUS_OK || strcmp(actor.sort, "human") != 0)
        return status;
    status = facts_user_may(signers->facts, actor.user, signers->function, signers->entity, ret_may, err);
    return status == STATUS_OK && *ret_may
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

static enum status signers_init(const struct facts *facts, const json_t *record, int level, struct signers *ret_signers,
                                struct err *err)
{
    const char *entity = member_text(record, "entity");
    *ret_signers =
        (struct signers){.facts = facts, .record = record, .entity = entity != NULL ? entity : "", .level = level};
    return function_needed(facts, record, level, ret_signers->function, err);
}

enum status present_could_sign(const struct facts *facts, const json_t *record, int level, json_t **ret_users,
                               struct err *err)
{
    struct signers signers;
    enum status status = signers_init(facts, record, level, &signers, err);
    if (status != STATUS_OK)
        return status;
    signers.users = json_array();
    if (signers.users == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a list of users");
    /* Keys are the users themselves, so the walk's order is the sorted one. */
    const struct books_walk walk = {.table = BOOKS_USERS, .step = user_step, .context = &signers};
    status = books_each(facts->books, &walk, err);
    if (status == STATUS_OK)
        *ret_users = signers.users;
    else
        json_decref(signers.users);
    return status;
}

enum status present_may_sign(const struct facts *facts, const json_t *record, int level, const char *user,
                             bool *ret_may, struct err *err)
{
    struct signers signers;
    json_t *known = NULL;
    bool may = false;
    enum status status = signers_init(facts, record, level, &signers, err);
    if (status == STATUS_OK)
        status = facts_user(facts, user, &known, err);
    if (status == STATUS_OK && known != NULL)
        status = may_sign(&signers, known, &may, err);
    json_decref(known);
    if (status == STATUS_OK)
        *ret_may = may;
    return status;
}

/*
 * Who could sign a document at a level now. The same questions that the gate will ask of an approval (function, maker,
 * a second signature of one person), asked of everybody beforehand; the gate's answer is the one that counts.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/present.h"
#include "controls/kind.h"
#include "ledger/schema.h"

struct signers {
    const struct facts *facts;
    const json_t *record;
    char function[FUNCTION_NAME_BYTES];
    const char *entity;
    bool or_officer; /* a governance officer can be the second person too */
    json_t *users;
};

static bool holds_person(const json_t *list, const char *person)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *other = member_text(json_array_get(list, i), "person");
        if (other != NULL && strcmp(other, person) == 0)
            return true;
    }
    return false;
}

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

static enum status may_sign(const struct signers *signers, const char *user, const char *person, bool *ret_may,
                            struct err *err)
{
    *ret_may = false;
    if (holds_person(json_object_get(signers->record, "makers"), person) ||
        holds_person(json_object_get(signers->record, "approvals"), person))
        return STATUS_OK;
    enum status status = facts_user_may(signers->facts, user, signers->function, signers->entity, ret_may, err);
    return status == STATUS_OK && !*ret_may && signers->or_officer
               ? facts_user_may(signers->facts, user, "govern.policy", "", ret_may, err)
               : status;
}

static enum status user_step(void *context, struct slice key, const json_t *user, bool *ret_more, struct err *err)
{
    struct signers *signers = context;
    const char *sort = member_text(user, "sort");
    bool may = false;
    (void)key;
    (void)ret_more;
    if (sort == NULL || strcmp(sort, "human") != 0)
        return STATUS_OK;
    enum status status = may_sign(signers, member_text(user, "user"), member_text(user, "person"), &may, err);
    if (status == STATUS_OK && may &&
        json_array_append_new(signers->users, json_string(member_text(user, "user"))) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory for a list of users");
    return status;
}

static enum status signers_init(const struct facts *facts, const json_t *record, int level, struct signers *ret_signers,
                                struct err *err)
{
    const char *entity = member_text(record, "entity");
    *ret_signers = (struct signers){.facts = facts, .record = record, .entity = entity != NULL ? entity : ""};
    const char *name = member_text(record, "kind");
    const struct kind *kind = name != NULL ? kind_find(name) : NULL;
    ret_signers->or_officer = kind != NULL && kind->by_entity;
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
    if (status == STATUS_OK && known != NULL && strcmp(member_text(known, "sort"), "human") == 0)
        status = may_sign(&signers, user, member_text(known, "person"), &may, err);
    json_decref(known);
    if (status == STATUS_OK)
        *ret_may = may;
    return status;
}

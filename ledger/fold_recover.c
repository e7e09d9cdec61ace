/*
 * The verb `recover`: new officers from the recovery keys. Every grant of the officers' role ends, and every key of those
 * who held one, so that whoever has the old keys has nothing; then the new officers begin, each with a key and a grant.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/books.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/statement.h"

struct ending {
    json_t *list;  /* grants, or keys, to end */
    json_t *users; /* whose keys end */
};

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory to fold new officers");
}

static enum status grant_step(void *context, struct slice key, const json_t *grant, bool *ret_more, struct err *err)
{
    struct ending *ending = context;
    (void)key;
    (void)ret_more;
    if (strcmp(member_text(grant, "role"), "OFFICER") != 0 || json_object_get(grant, "revoked") != NULL)
        return STATUS_OK;
    return json_array_append(ending->list, json_object_get(grant, "number")) == 0 &&
                   json_object_set_new(ending->users, member_text(grant, "user"), json_true()) == 0
               ? STATUS_OK
               : no_memory(err);
}

static enum status key_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct ending *ending = context;
    (void)ret_more;
    if (json_object_get(record, "revoked") != NULL ||
        json_object_get(ending->users, member_text(record, "user")) == NULL)
        return STATUS_OK;
    return json_array_append_new(ending->list, json_stringn((const char *)key.bytes, key.length)) == 0 ? STATUS_OK
                                                                                                       : no_memory(err);
}

/* Walks first, then writes: a walk must not change its table. */
static enum status old_end(const struct fold *fold, struct err *err)
{
    struct ending grants = {.list = json_array(), .users = json_object()};
    struct ending keys = {.list = json_array(), .users = grants.users};
    const struct books_walk grant_walk = {.table = BOOKS_GRANTS, .step = grant_step, .context = &grants};
    const struct books_walk key_walk = {.table = BOOKS_KEYS, .step = key_step, .context = &keys};
    enum status status = grants.list != NULL && keys.list != NULL && grants.users != NULL ? STATUS_OK : no_memory(err);
    if (status == STATUS_OK)
        status = books_each(fold->txn, &grant_walk, err);
    if (status == STATUS_OK)
        status = books_each(fold->txn, &key_walk, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(grants.list); i++)
        status = fold_grant_revoke(fold, json_string_value(json_array_get(grants.list, i)), err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(keys.list); i++)
        status = fold_key_revoke(fold, json_string_value(json_array_get(keys.list, i)), NULL, err);
    json_decref(grants.list);
    json_decref(keys.list);
    json_decref(grants.users);
    return status;
}

static enum status officer_put(const struct fold *fold, const json_t *officer, size_t place, struct err *err)
{
    const struct user_new user = {.user = member_text(officer, "user"),
                                  .person = member_text(officer, "person"),
                                  .sort = "human",
                                  .key = member_text(officer, "key")};
    char number[48];
    bool known = false;
    snprintf(number, sizeof number, "GR-%llu.%zu", (unsigned long long)fold->seq, place + 1);
    struct books_key key = books_key(user.user);
    enum status status = books_has(fold->txn, BOOKS_USERS, &key, &known, err);
    if (status == STATUS_OK)
        status = known ? fold_key_put(fold, &user, err) : fold_user_put(fold, &user, err);
    if (status == STATUS_OK) /* an officer who slept is awake again */
        status = fold_alive(fold, user.user, err);
    struct grant_new grant = {
        .number = number, .user = user.user, .role = "OFFICER", .entities = json_pack("[s]", "*")};
    if (grant.entities == NULL)
        return no_memory(err);
    if (status == STATUS_OK)
        status = fold_grant_put(fold, &grant, err);
    json_decref(grant.entities);
    return status;
}

enum status fold_recover(const struct fold *fold, struct err *err)
{
    const json_t *officers = json_object_get(fold->statement->body, "officers");
    enum status status = old_end(fold, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(officers); i++)
        status = officer_put(fold, json_array_get(officers, i), i, err);
    return status;
}

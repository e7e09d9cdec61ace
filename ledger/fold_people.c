/*
 * Persons in the books: HR's events as they came, delegations and what was done under them, when each account was last used,
 * and what each person has waiting. Folds decisions and knows no rules: which event counts when, and what a delegation
 * carries, is asked of controls/facts_people.h and facts_delegation.h.
 */
#include <string.h>

#include "ledger/books.h"
#include "ledger/fold.h"
#include "ledger/fold_feed.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/statement.h"

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory to fold what persons do");
}

enum status fold_feed_people(const struct fold_file *file, const json_t *record, struct err *err)
{
    json_t *event = json_copy((json_t *)record);
    if (event == NULL || json_object_set_new(event, "entity", json_string(file->entity)) != 0) {
        json_decref(event);
        return no_memory(err);
    }
    struct books_key key = books_key_pair(member_text(record, "person"), file->entity);
    books_key_add_text(&key, member_text(record, "event"));
    enum status status = books_put_new(file->fold->txn, BOOKS_PEOPLE, &key, event, err);
    if (status != STATUS_OK)
        return status;
    key = books_key_pair(file->entity, member_text(record, "event"));
    return books_put_new(file->fold->txn, BOOKS_PEOPLE_EVENTS, &key,
                         json_pack("{s:s}", "person", member_text(record, "person")), err);
}

enum status fold_alive(const struct fold *fold, const char *user, struct err *err)
{
    char time[INSTANT_TEXT_BYTES];
    struct books_key key = books_key(user);
    instant_format(fold->time_ms, time);
    return books_put_new(fold->txn, BOOKS_ACTIVITY, &key,
                         json_pack("{s:I, s:s}", "seq", (json_int_t)fold->seq, "time", time), err);
}

/* Acts on reactivations keep nobody's account alive: else asking for one would be one (FORMAT.md 6.5). */
static bool about_reactivation(const struct statement *statement)
{
    const json_t *list = statement_list(statement);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *kind = member_text(statement_document(statement, i), "kind");
        const char *number = member_text(json_array_get(list, i), "document");
        if ((statement->verb == VERB_SUBMIT && kind != NULL && strcmp(kind, "reactivation") == 0) ||
            (statement->verb == VERB_APPROVE && number != NULL && strncmp(number, "RA-", 3) == 0))
            return true;
    }
    return false;
}

enum status fold_activity(const struct fold *fold, bool refused, struct err *err)
{
    const struct statement *statement = fold->statement;
    if (refused || statement->verb == VERB_CHARTER || about_reactivation(statement))
        return STATUS_OK;
    return fold_alive(fold, statement->actor, err);
}

enum status fold_reactivation(const struct fold *fold, const json_t *record, struct err *err)
{
    return fold_alive(fold, member_text(json_object_get(record, "document"), "user"), err);
}

enum status fold_person_of(const struct fold *fold, const char *user, json_t **ret_person, struct err *err)
{
    json_t *record = NULL;
    struct books_key key = books_key(user);
    enum status status = books_look(fold->txn, BOOKS_USERS, &key, &record, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "user %s is not in the books", user);
    if (status == STATUS_OK)
        *ret_person = json_incref(json_object_get(record, "person"));
    json_decref(record);
    return status;
}

enum status fold_delegation(const struct fold *fold, const json_t *record, struct err *err)
{
    static const char *const copied[] = {"currency", "from",   "from_user", "functions",
                                         "limit",    "reason", "to",        "to_user"};
    const json_t *document = json_object_get(record, "document");
    const char *number = member_text(record, "number");
    json_t *from_person = NULL, *to_person = NULL;
    char time[INSTANT_TEXT_BYTES];
    instant_format(fold->time_ms, time);
    enum status status = fold_person_of(fold, member_text(document, "from_user"), &from_person, err);
    if (status == STATUS_OK)
        status = fold_person_of(fold, member_text(document, "to_user"), &to_person, err);
    json_t *delegation = json_pack("{s:O?, s:s, s:s, s:O?}", "from_person", from_person, "number", number, "since",
                                   time, "to_person", to_person);
    for (size_t i = 0; delegation != NULL && i < sizeof copied / sizeof copied[0]; i++)
        if (json_object_get(document, copied[i]) != NULL)
            json_object_set(delegation, copied[i], json_object_get(document, copied[i]));
    struct books_key key = books_key(number);
    if (status == STATUS_OK)
        status = books_put(fold->txn, BOOKS_DELEGATIONS, &key, delegation, err);
    key = books_key_pair(member_text(document, "from_user"), number);
    if (status == STATUS_OK)
        status = books_put_new(fold->txn, BOOKS_USER_DELEGATIONS, &key, json_object(), err);
    key = books_key_pair(member_text(document, "to_user"), number);
    if (status == STATUS_OK)
        status = books_put_new(fold->txn, BOOKS_USER_DELEGATIONS, &key, json_object(), err);
    json_decref(delegation);
    json_decref(from_person);
    json_decref(to_person);
    return status;
}

enum status fold_delegation_revoke(const struct fold *fold, const char *number, bool *ret_there, struct err *err)
{
    json_t *record = NULL;
    char time[INSTANT_TEXT_BYTES];
    instant_format(fold->time_ms, time);
    struct books_key key = books_key(number);
    enum status status = books_get(fold->txn, BOOKS_DELEGATIONS, &key, &record, err);
    *ret_there = status == STATUS_OK;
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    json_object_set_new(record, "revoked", json_string(time));
    return books_put_new(fold->txn, BOOKS_DELEGATIONS, &key, record, err);
}

enum status fold_behalf(const struct fold *fold, const char *user, json_t **ret_behalf, struct err *err)
{
    json_t *person = NULL;
    *ret_behalf = NULL;
    if (user == NULL)
        return STATUS_OK;
    enum status status = fold_person_of(fold, user, &person, err);
    if (status == STATUS_OK) {
        *ret_behalf = json_pack("{s:O, s:s}", "person", person, "user", user);
        if (*ret_behalf == NULL)
            status = no_memory(err);
    }
    json_decref(person);
    return status;
}

enum status fold_delegated(const struct fold *fold, size_t index, const json_t *result, struct err *err)
{
    const char *delegation = member_text(result, "delegation");
    if (delegation == NULL)
        return STATUS_OK;
    json_t *use = json_pack("{s:s}", "document", member_text(result, "document"));
    if (use == NULL)
        return no_memory(err);
    json_object_set(use, "level", json_object_get(result, "level"));
    struct books_key key = books_key(delegation);
    books_key_add_number(&key, fold->seq);
    books_key_add_number(&key, index);
    return books_put_new(fold->txn, BOOKS_DELEGATED, &key, use, err);
}

enum status fold_undecided(const struct fold *fold, const json_t *record, struct err *err)
{
    const char *state = member_text(record, "state"), *number = member_text(record, "number");
    const json_t *makers = json_object_get(record, "makers");
    bool there = strcmp(state, "waiting") == 0 || strcmp(state, "returned") == 0;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(makers); i++) {
        struct books_key key = books_key_pair(member_text(json_array_get(makers, i), "person"), number);
        status = there ? books_put_new(fold->txn, BOOKS_UNDECIDED, &key, json_object(), err)
                       : books_delete(fold->txn, BOOKS_UNDECIDED, &key, err);
    }
    return status;
}

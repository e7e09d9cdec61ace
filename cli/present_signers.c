/*
 * Who could sign a document at a level now. The same questions that the gate will ask of an approval (function, maker,
 * a second signature of one person), asked of everybody beforehand; the gate's answer is the one that counts.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/present.h"
#include "controls/escalation.h"
#include "controls/facts_people.h"
#include "controls/kind.h"
#include "ledger/schema.h"

struct signers {
    const struct facts *facts;
    const json_t *record;
    char function[FUNCTION_NAME_BYTES];
    const char *entity;
    const struct kind *kind;
    enum kind_id authority;
    int level;
    json_t *users;
};

static bool is_person(const char *other, const char *person)
{
    return other != NULL && strcmp(other, person) == 0;
}

/* As who signed or for whom somebody did. */
static bool holds_person(const json_t *list, const char *person)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        if (is_person(member_text(one, "person"), person) ||
            is_person(member_text(json_object_get(one, "behalf"), "person"), person))
            return true;
    }
    return false;
}

/* C-05: whoever reports to a maker signs nothing of it. */
static enum status reports_to_maker(const struct signers *signers, const char *person, bool *ret_reports, struct err *err)
{
    const json_t *makers = json_object_get(signers->record, "makers");
    bool used = false;
    enum status status = facts_people_used(signers->facts, &used, err);
    *ret_reports = false;
    for (size_t i = 0; status == STATUS_OK && used && !*ret_reports && i < json_array_size(makers); i++) {
        enum reporting reporting = REPORTING_NO;
        status = facts_reports_to(signers->facts, person, member_text(json_array_get(makers, i), "person"), &reporting, err);
        *ret_reports = reporting == REPORTING_YES;
    }
    return status;
}

/* Holds the level, or a higher one where that has waited too long; a manager, where HR's manager may sign. */
static enum status holds_function(const struct signers *signers, const char *user, const char *person, bool *ret_may,
                                  struct err *err)
{
    const json_t *document = json_object_get(signers->record, "document");
    const char *about = member_text(document, "from_user");
    enum status status = facts_user_may(signers->facts, user, signers->function, signers->entity, ret_may, err);
    if (status != STATUS_OK || *ret_may)
        return status;
    if (signers->kind->by_manager)
        return facts_manages_user(signers->facts, person, about != NULL ? about : member_text(document, "user"), ret_may,
                                  err);
    const struct escalation_ask ask = {
        .record = signers->record, .authority = signers->authority, .level = signers->level};
    struct escalation escalation;
    status = escalation_find(signers->facts, &ask, user, &escalation, err);
    *ret_may = escalation.by_level != 0;
    return status;
}

static enum status function_needed(struct signers *signers, struct err *err)
{
    const char *name = member_text(signers->record, "kind");
    signers->kind = name != NULL ? kind_find(name) : NULL;
    if (signers->kind == NULL)
        return err_set(err, STATUS_NOT_FOUND, "this program has no kind of document '%s'", name != NULL ? name : "");
    enum status status = kind_authority(signers->kind, json_object_get(signers->record, "document"), signers->facts,
                                        &signers->authority, err);
    if (status == STATUS_OK)
        kind_function(signers->kind, signers->authority, signers->level, signers->function);
    return status;
}

static enum status may_sign(const struct signers *signers, const char *user, const char *person, bool *ret_may,
                            struct err *err)
{
    bool out = false;
    *ret_may = false;
    if (holds_person(json_object_get(signers->record, "makers"), person) ||
        holds_person(json_object_get(signers->record, "approvals"), person))
        return STATUS_OK;
    enum status status = facts_dormant(signers->facts, user, "human", &out, err);
    if (status == STATUS_OK && !out)
        status = reports_to_maker(signers, person, &out, err);
    return status == STATUS_OK && !out ? holds_function(signers, user, person, ret_may, err) : status;
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
    *ret_signers = (struct signers){
        .facts = facts, .record = record, .entity = entity != NULL ? entity : "", .level = level};
    return function_needed(ret_signers, err);
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

/*
 * Staffing of a policy; see the header. Asks the gate's own question (facts_user_may) under the policy at hand, so that
 * whoever has left or is suspended counts here as little as there.
 */
#include "cli/policy_staff.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/functions.h"
#include "controls/kind.h"
#include "ledger/money.h"
#include "ledger/schema.h"

enum { WHERE_BYTES = 128, GAP_BYTES = 512 };

struct holder {
    char user[ID_BYTES_MAX + 1], person[ID_BYTES_MAX + 1];
    bool human;
};

struct staff {
    struct facts facts; /* under the policy at hand */
    const struct policy *policy;
    policy_gap *report;
    void *context;
    struct holder *holders;
    size_t count, capacity;
};

static void gap(const struct staff *staff, const char *where, const char *format, ...) PRINTF_LIKE(3, 4);
static void gap(const struct staff *staff, const char *where, const char *format, ...)
{
    char text[GAP_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    staff->report(staff->context, where, text);
}

static enum status holder_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct staff *staff = context;
    (void)key;
    (void)ret_more;
    if (staff->count == staff->capacity) {
        size_t capacity = staff->capacity == 0 ? 64 : staff->capacity * 2;
        struct holder *holders = realloc(staff->holders, capacity * sizeof *holders);
        if (holders == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for the users");
        staff->holders = holders;
        staff->capacity = capacity;
    }
    struct holder *holder = &staff->holders[staff->count++];
    snprintf(holder->user, sizeof holder->user, "%s", member_text(record, "user"));
    snprintf(holder->person, sizeof holder->person, "%s", member_text(record, "person"));
    holder->human = strcmp(member_text(record, "sort"), "human") == 0;
    return STATUS_OK;
}

static enum status may(const struct staff *staff, size_t holder, const char *function, const char *entity,
                       bool *ret_may, struct err *err)
{
    return facts_user_may(&staff->facts, staff->holders[holder].user, function, entity, ret_may, err);
}

/* Who can sign each level of one kind in one entity. */
struct signers {
    bool *at[LEVELS_MAX]; /* by holder */
    size_t taken[LEVELS_MAX];
};

static enum status signers_find(const struct staff *staff, enum kind_id kind, const char *entity,
                                struct signers *signers, struct err *err)
{
    char function[FUNCTION_NAME_BYTES];
    enum status status = STATUS_OK;
    for (int level = 0; status == STATUS_OK && level < LEVELS_MAX; level++) {
        signers->at[level] = calloc(staff->count + 1, sizeof(bool));
        if (signers->at[level] == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for the signers");
        snprintf(function, sizeof function, "%s.approve.%d", kind_name(kind), level + 1);
        for (size_t i = 0; status == STATUS_OK && i < staff->count; i++)
            if (staff->holders[i].human)
                status = may(staff, i, function, entity, &signers->at[level][i], err);
    }
    return status;
}

static void signers_done(struct signers *signers)
{
    for (int level = 0; level < LEVELS_MAX; level++)
        free(signers->at[level]);
}

static bool same_person(const struct staff *staff, size_t a, size_t b)
{
    return strcmp(staff->holders[a].person, staff->holders[b].person) == 0;
}

/* One step of a matching of levels to persons (an augmenting path): tried is by holder. */
static bool level_match(const struct staff *staff, struct signers *signers, int level, uint16_t levels, bool *tried)
{
    for (size_t i = 0; i < staff->count; i++) {
        int other = -1;
        if (!signers->at[level][i] || tried[i])
            continue;
        for (size_t k = 0; k < staff->count; k++)
            tried[k] = tried[k] || same_person(staff, i, k);
        for (int n = 0; n < LEVELS_MAX; n++)
            if ((levels & 1U << n) != 0 && signers->taken[n] != SIZE_MAX && same_person(staff, signers->taken[n], i))
                other = n;
        if (other < 0 || level_match(staff, signers, other, levels, tried)) {
            signers->taken[level] = i;
            return true;
        }
    }
    return false;
}

/* The first level that finds no person of its own, from 1; 0 when each has one. */
static int level_missing(const struct staff *staff, struct signers *signers, uint16_t levels)
{
    for (int level = 0; level < LEVELS_MAX; level++)
        signers->taken[level] = SIZE_MAX;
    for (int level = 0; level < LEVELS_MAX; level++) {
        if ((levels & 1U << level) == 0)
            continue;
        bool *tried = calloc(staff->count + 1, sizeof *tried);
        bool found = tried != NULL && level_match(staff, signers, level, levels, tried);
        free(tried);
        if (!found)
            return level + 1;
    }
    return 0;
}

static bool anybody(const struct staff *staff, const struct signers *signers, int level)
{
    for (size_t i = 0; i < staff->count; i++)
        if (signers->at[level - 1][i])
            return true;
    return false;
}

/* The first tier of a row that nobody or not enough persons can sign; larger ones are no better. */
static void row_check(const struct staff *staff, struct signers *signers, const struct policy_row *row,
                      const char *where)
{
    char above[MONEY_TEXT_MAX];
    for (size_t i = 0; i < row->tier_count; i++) {
        int missing = level_missing(staff, signers, row->tiers[i].levels);
        if (missing == 0)
            continue;
        money_format_grouped(i == 0 ? 0 : row->tiers[i - 1].upto_minor, staff->policy->base_digits, above);
        if (anybody(staff, signers, missing))
            gap(staff, where, "row %s above %s: its levels take more persons than there are; level %d is left over",
                row->row, above, missing);
        else
            gap(staff, where, "row %s above %s: nobody may sign level %d", row->row, above, missing);
        return;
    }
}

static enum status preparers_check(const struct staff *staff, enum kind_id kind, const char *entity, const char *where,
                                   struct err *err)
{
    char function[FUNCTION_NAME_BYTES];
    bool found = false;
    enum status status = STATUS_OK;
    snprintf(function, sizeof function, "%s.prepare", kind_name(kind));
    for (size_t i = 0; status == STATUS_OK && !found && i < staff->count; i++)
        status = may(staff, i, function, entity, &found, err);
    if (status == STATUS_OK && !found)
        gap(staff, where, "nobody may prepare it");
    return status;
}

/* Rows that reasons for this kind lead to, each once. */
static enum status kind_check(const struct staff *staff, enum kind_id kind, const char *entity, struct err *err)
{
    struct signers signers = {.at = {NULL}};
    char where[WHERE_BYTES];
    bool served = false;
    snprintf(where, sizeof where, "%s, %s", entity, kind_name(kind));
    enum status status = signers_find(staff, kind, entity, &signers, err);
    for (size_t i = 0; status == STATUS_OK && i < staff->policy->row_count; i++) {
        const struct policy_row *row = &staff->policy->rows[i];
        bool leads = false;
        for (size_t k = 0; k < staff->policy->reason_count; k++)
            leads = leads || ((staff->policy->reasons[k].kinds >> kind & 1) != 0 &&
                              policy_find_row(staff->policy, staff->policy->reasons[k].row, entity) == row);
        served = served || leads;
        if (leads)
            row_check(staff, &signers, row, where);
    }
    if (status == STATUS_OK && served && kind != KIND_REVERSAL)
        status = preparers_check(staff, kind, entity, where, err);
    signers_done(&signers);
    return status;
}

struct roles {
    const struct staff *staff;
    bool *held; /* by role of the policy */
};

static enum status role_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct roles *roles = context;
    const struct policy *policy = roles->staff->policy;
    const struct policy_role *role = policy_find_role(policy, member_text(record, "role"));
    char where[WHERE_BYTES];
    (void)key;
    (void)ret_more;
    (void)err;
    if (json_object_get(record, "revoked") != NULL)
        return STATUS_OK;
    if (role != NULL) {
        roles->held[role - policy->roles] = true;
        return STATUS_OK;
    }
    snprintf(where, sizeof where, "grant %s", member_text(record, "number"));
    gap(roles->staff, where, "%s holds %s, which this policy does not have: it would give nothing",
        member_text(record, "user"), member_text(record, "role"));
    return STATUS_OK;
}

static enum status roles_check(const struct staff *staff, struct err *err)
{
    struct roles roles = {.staff = staff, .held = calloc(staff->policy->role_count + 1, sizeof(bool))};
    const struct books_walk walk = {.table = BOOKS_GRANTS, .step = role_step, .context = &roles};
    char where[WHERE_BYTES];
    if (roles.held == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the roles");
    enum status status = books_each(staff->facts.books, &walk, err);
    for (size_t i = 0; status == STATUS_OK && i < staff->policy->role_count; i++) {
        snprintf(where, sizeof where, "role %s", staff->policy->roles[i].role);
        if (!roles.held[i])
            gap(staff, where, "nobody holds it");
    }
    free(roles.held);
    return status;
}

enum status policy_staff(const struct facts *facts, const struct policy *policy, policy_gap *report, void *context,
                         struct err *err)
{
    struct staff staff = {.facts = *facts, .policy = policy, .report = report, .context = context};
    const struct books_walk users = {.table = BOOKS_USERS, .step = holder_step, .context = &staff};
    staff.facts.policy = policy;
    enum status status = books_each(facts->books, &users, err);
    for (size_t i = 0; status == STATUS_OK && i < policy->entity_count; i++)
        for (int kind = 0; status == STATUS_OK && kind <= KIND_EXCEPTION; kind++)
            status = kind_check(&staff, (enum kind_id)kind, policy->entities[i].entity, err);
    if (status == STATUS_OK)
        status = roles_check(&staff, err);
    free(staff.holders);
    return status;
}

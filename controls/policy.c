/*
 * Look-ups in a policy that has been read. Its lists are sorted by their ids, which policy_check demands, so a look-up
 * is a binary search. Knows no JSON; decides nothing.
 */
#include "controls/policy.h"

#include <stdlib.h>
#include <string.h>

#include "controls/functions.h"

/* Each list's member begins with the pointer to its id, so one comparison serves them all. */
static int compare_id(const void *id, const void *member)
{
    const char *member_id = NULL;
    memcpy(&member_id, member, sizeof member_id);
    return strcmp(id, member_id);
}

static_assert(offsetof(struct policy_entity, entity) == 0, "searched by compare_id");
static_assert(offsetof(struct policy_reason, reason) == 0, "searched by compare_id");
static_assert(offsetof(struct policy_role, role) == 0, "searched by compare_id");
static_assert(offsetof(struct policy_account, account) == 0, "searched by compare_id");
static_assert(offsetof(struct policy_tax, code) == 0, "searched by compare_id");
static_assert(offsetof(struct policy_row, row) == 0, "searched by compare_id");

static const void *find(const char *id, const void *list, size_t count, size_t size)
{
    return count == 0 ? NULL : bsearch(id, list, count, size, compare_id);
}

const struct policy_entity *policy_find_entity(const struct policy *policy, const char *entity)
{
    return find(entity, policy->entities, policy->entity_count, sizeof policy->entities[0]);
}

const struct policy_reason *policy_find_reason(const struct policy *policy, const char *reason)
{
    return find(reason, policy->reasons, policy->reason_count, sizeof policy->reasons[0]);
}

const struct policy_role *policy_find_role(const struct policy *policy, const char *role)
{
    return find(role, policy->roles, policy->role_count, sizeof policy->roles[0]);
}

const struct policy_account *policy_find_account(const struct policy *policy, const char *account)
{
    return find(account, policy->accounts, policy->account_count, sizeof policy->accounts[0]);
}

const struct policy_tax *policy_find_tax(const struct policy *policy, const char *code)
{
    return find(code, policy->taxes, policy->tax_count, sizeof policy->taxes[0]);
}

static int compare_text(const void *text, const void *member)
{
    const char *const *other = member;
    return strcmp(text, *other);
}

static bool list_has(const char *text, const char *const *list, size_t count)
{
    return count > 0 && bsearch(text, list, count, sizeof list[0], compare_text) != NULL;
}

const struct policy_row *policy_find_row(const struct policy *policy, const char *row, const char *entity)
{
    const struct policy_row *hit = find(row, policy->rows, policy->row_count, sizeof policy->rows[0]);
    if (hit == NULL)
        return NULL;
    while (hit > policy->rows && strcmp(hit[-1].row, row) == 0)
        hit--;
    const struct policy_row *others = NULL;
    const struct policy_row *end = policy->rows + policy->row_count;
    for (; hit < end && strcmp(hit->row, row) == 0; hit++) {
        if (hit->entity_count == 0)
            others = hit;
        else if (list_has(entity, hit->entities, hit->entity_count))
            return hit;
    }
    return others;
}

bool role_has_function(const struct policy_role *role, const char *function)
{
    return list_has(function, role->functions, role->function_count);
}

bool duty_has_function(const struct policy_duty *duty, const char *function)
{
    return list_has(function, duty->functions, duty->function_count);
}

bool conflict_joins(const struct policy_conflict *conflict, const char *a, const char *b)
{
    return (duty_has_function(conflict->a, a) && duty_has_function(conflict->b, b)) ||
           (duty_has_function(conflict->a, b) && duty_has_function(conflict->b, a));
}

uint16_t row_levels(const struct policy_row *row, int64_t amount_minor)
{
    invariant(amount_minor >= 0);
    size_t tier = 0;
    while (tier + 1 < row->tier_count && amount_minor > row->tiers[tier].upto_minor)
        tier++;
    return row->tiers[tier].levels;
}

bool policy_verifies(const struct policy *policy, const char *function)
{
    int level = 0;
    bool approves = function_class(function, NULL, &level) == FUNCTION_APPROVE;
    return (approves && policy->verified_level > 0 && level >= policy->verified_level) ||
           list_has(function, policy->verified, policy->verified_count);
}

int64_t policy_parameter(const struct policy *policy, const char *entity, enum policy_parameter parameter)
{
    const struct policy_entity *own = entity != NULL ? policy_find_entity(policy, entity) : NULL;
    return own != NULL ? own->parameters[parameter] : policy->parameters[parameter];
}

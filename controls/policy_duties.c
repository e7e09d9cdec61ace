/*
 * Whether a policy's roles, duties and conflicts hold the floors that no policy can lower, and are of use. A role is
 * judged alone; what several roles of one person add up to is judged when a grant is.
 */
#include "controls/policy_duties.h"

#include <string.h>

#include "controls/functions.h"

enum { WORD_BITS = 64, SET_WORDS = FUNCTION_NUMBERS / WORD_BITS };
static_assert(FUNCTION_NUMBERS % WORD_BITS == 0, "a set fills its words");

/* A set of functions, by function_number. */
struct function_set {
    uint64_t words[SET_WORDS];
};

static void set_add(struct function_set *set, const char *const *functions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int number = function_number(functions[i]);
        if (number >= 0)
            set->words[number / WORD_BITS] |= UINT64_C(1) << number % WORD_BITS;
    }
}

static struct function_set set_of(const char *const *functions, size_t count)
{
    struct function_set set = {{0}};
    set_add(&set, functions, count);
    return set;
}

static bool sets_meet(const struct function_set *a, const struct function_set *b)
{
    uint64_t common = 0;
    for (int i = 0; i < SET_WORDS; i++)
        common |= a->words[i] & b->words[i];
    return common != 0;
}

static bool set_has(const struct function_set *set, const char *function)
{
    int number = function_number(function);
    return number >= 0 && (set->words[number / WORD_BITS] >> number % WORD_BITS & 1) != 0;
}

/* What the functions of a role are, with one of each class to name in a finding. */
struct role_sorts {
    const char *first[FUNCTION_READ + 1]; /* by class; NULL when the role has none */
    uint64_t prepares;                    /* kinds */
    uint64_t approves;
};

static void role_sort(const struct policy_role *role, struct role_sorts *ret_sorts)
{
    *ret_sorts = (struct role_sorts){.prepares = 0};
    for (size_t i = 0; i < role->function_count; i++) {
        enum kind_id kind = KIND_UNKNOWN;
        enum function_class class = function_class(role->functions[i], &kind, NULL);
        if (ret_sorts->first[class] == NULL)
            ret_sorts->first[class] = role->functions[i];
        if (class == FUNCTION_PREPARE)
            ret_sorts->prepares |= UINT64_C(1) << kind;
        if (class == FUNCTION_APPROVE)
            ret_sorts->approves |= UINT64_C(1) << kind;
    }
}

/* Classes that never stand together in one role, whatever the conflicts say. */
static const struct {
    enum function_class a, b;
    const char *why;
} apart[] = {
    {FUNCTION_APPROVE, FUNCTION_GOVERN, "approvers are no governance officers"},
    {FUNCTION_APPROVE, FUNCTION_CLOSE, "approvers close no periods"},
    {FUNCTION_PREPARE, FUNCTION_GOVERN, "governance officers do no business"},
    {FUNCTION_CLOSE, FUNCTION_GOVERN, "governance officers close no periods"},
    {FUNCTION_FEED, FUNCTION_GOVERN, "governance officers feed no records"},
    {FUNCTION_AUDIT, FUNCTION_GOVERN, "governance officers are not auditors"},
    {FUNCTION_OPERATE, FUNCTION_GOVERN, "administrators hold no other function"},
    {FUNCTION_OPERATE, FUNCTION_PREPARE, "administrators hold no other function"},
    {FUNCTION_OPERATE, FUNCTION_APPROVE, "administrators hold no other function"},
    {FUNCTION_OPERATE, FUNCTION_CLOSE, "administrators hold no other function"},
    {FUNCTION_OPERATE, FUNCTION_FEED, "administrators hold no other function"},
    {FUNCTION_OPERATE, FUNCTION_AUDIT, "administrators hold no other function"},
    {FUNCTION_OPERATE, FUNCTION_READ, "administrators hold no other function"},
    {FUNCTION_AUDIT, FUNCTION_PREPARE, "auditors write nothing but their own work"},
    {FUNCTION_AUDIT, FUNCTION_APPROVE, "auditors write nothing but their own work"},
    {FUNCTION_AUDIT, FUNCTION_CLOSE, "auditors write nothing but their own work"},
    {FUNCTION_AUDIT, FUNCTION_FEED, "auditors write nothing but their own work"},
    {FUNCTION_FEED, FUNCTION_PREPARE, "a feed can do nothing else"},
    {FUNCTION_FEED, FUNCTION_APPROVE, "a feed can do nothing else"},
    {FUNCTION_FEED, FUNCTION_CLOSE, "a feed can do nothing else"},
    {FUNCTION_OVERRIDE, FUNCTION_GOVERN, "governance officers do no business"},
    {FUNCTION_OVERRIDE, FUNCTION_OPERATE, "administrators hold no other function"},
    {FUNCTION_OVERRIDE, FUNCTION_AUDIT, "auditors write nothing but their own work"},
    {FUNCTION_OVERRIDE, FUNCTION_FEED, "a feed can do nothing else"},
};

/* The path of a function within its role; of the list of roles that it comes from, when it is not the role's own. */
static const char *function_place(char path[static POLICY_PATH_BYTES], const struct policy *policy, size_t i,
                                  const char *function)
{
    size_t k = 0;
    while (k < policy->roles[i].own_count && strcmp(policy->roles[i].own[k], function) != 0)
        k++;
    if (k == policy->roles[i].own_count)
        return policy_place(path, "roles[%zu].inherits", i);
    return policy_place(path, "roles[%zu].functions[%zu]", i, k);
}

static void role_floors_check(const struct policy *policy, struct policy_findings *findings, size_t i)
{
    char path[POLICY_PATH_BYTES];
    const struct policy_role *role = &policy->roles[i];
    struct role_sorts sorts;
    role_sort(role, &sorts);
    for (size_t k = 0; k < sizeof apart / sizeof apart[0]; k++) {
        const char *a = sorts.first[apart[k].a];
        const char *b = sorts.first[apart[k].b];
        if (a != NULL && b != NULL)
            policy_error(findings, function_place(path, policy, i, a), "role %s joins %s and %s: %s", role->role, a, b,
                         apart[k].why);
    }
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        if ((sorts.prepares & sorts.approves & UINT64_C(1) << kind) != 0)
            policy_error(findings, policy_place(path, "roles[%zu].functions", i),
                         "role %s joins preparing and approving %s", role->role, kind_name((enum kind_id)kind));
    }
}

static void officer_check(const struct policy *policy, struct policy_findings *findings)
{
    char path[POLICY_PATH_BYTES];
    const struct policy_role *officer = policy_find_role(policy, "OFFICER");
    if (officer == NULL) {
        policy_error(findings, "roles", "role OFFICER is missing: founding officers hold it");
        return;
    }
    if (officer->function_count != 2 || !role_has_function(officer, "govern.access") ||
        !role_has_function(officer, "govern.policy"))
        policy_error(findings, policy_place(path, "roles[%zu].functions", (size_t)(officer - policy->roles)),
                     "role OFFICER holds exactly govern.access and govern.policy");
}

/* A role that by itself trips a conflict of mode never. */
static void role_conflicts_check(const struct policy *policy, struct policy_findings *findings, size_t i,
                                 const struct function_set *duties)
{
    char path[POLICY_PATH_BYTES];
    const struct policy_role *role = &policy->roles[i];
    const struct function_set set = set_of(role->functions, role->function_count);
    for (size_t k = 0; k < policy->conflict_count; k++) {
        const struct policy_conflict *conflict = &policy->conflicts[k];
        if (conflict->mode != CONFLICT_NEVER || conflict->a == NULL || conflict->b == NULL ||
            conflict->a == conflict->b)
            continue;
        if (sets_meet(&set, &duties[conflict->a - policy->duties]) &&
            sets_meet(&set, &duties[conflict->b - policy->duties]))
            policy_error(findings, policy_place(path, "roles[%zu].functions", i),
                         "role %s joins the duties %s and %s, which nobody may hold together", role->role,
                         conflict->a->duty, conflict->b->duty);
    }
}

/* Whether a role comes back to itself by inheriting. */
static bool role_in_cycle(const struct policy *policy, size_t which)
{
    bool taken[POLICY_ROWS_MAX] = {false};
    size_t queue[POLICY_ROWS_MAX], queued = 0;
    queue[queued++] = which;
    for (size_t next = 0; next < queued; next++) {
        const struct policy_role *role = &policy->roles[queue[next]];
        for (size_t k = 0; k < role->inherit_count; k++) {
            const struct policy_role *parent = policy_find_role(policy, role->inherits[k]);
            if (parent == &policy->roles[which])
                return true;
            if (parent == NULL || taken[parent - policy->roles])
                continue;
            taken[parent - policy->roles] = true;
            queue[queued++] = (size_t)(parent - policy->roles);
        }
    }
    return false;
}

/* The roles that a role inherits are there, and none leads back to it. */
static void inheritance_check(const struct policy *policy, struct policy_findings *findings, size_t i)
{
    char path[POLICY_PATH_BYTES];
    const struct policy_role *role = &policy->roles[i];
    for (size_t k = 0; k < role->inherit_count; k++)
        if (policy_find_role(policy, role->inherits[k]) == NULL)
            policy_error(findings, policy_place(path, "roles[%zu].inherits[%zu]", i, k), "role %s is not in roles",
                         role->inherits[k]);
    if (role_in_cycle(policy, i))
        policy_error(findings, policy_place(path, "roles[%zu].inherits", i), "role %s inherits from itself",
                     role->role);
    else if (role->function_count == 0)
        policy_error(findings, policy_place(path, "roles[%zu].functions", i),
                     "role %s has no function, of its own or inherited", role->role);
}

static void roles_check(const struct policy *policy, struct policy_findings *findings,
                        const struct function_set *duties, const struct function_set *covered)
{
    char path[POLICY_PATH_BYTES];
    for (size_t i = 0; i < policy->role_count; i++) {
        const struct policy_role *role = &policy->roles[i];
        int order = i == 0 ? -1 : strcmp(role[-1].role, role->role);
        if (order == 0)
            policy_error(findings, policy_place(path, "roles[%zu].role", i), "%s stands twice", role->role);
        else if (order > 0)
            policy_error(findings, policy_place(path, "roles[%zu]", i), "the list is not sorted by role");
        role_floors_check(policy, findings, i);
        role_conflicts_check(policy, findings, i, duties);
        inheritance_check(policy, findings, i);
        for (size_t k = 0; k < role->own_count; k++) {
            enum function_class class = function_class(role->own[k], NULL, NULL);
            bool moves = class == FUNCTION_PREPARE || class == FUNCTION_APPROVE || class == FUNCTION_FEED;
            if (moves && !set_has(covered, role->own[k]))
                policy_warning(findings, policy_place(path, "roles[%zu].functions[%zu]", i, k),
                               "%s is in no duty, so no conflict can stop whoever holds it", role->own[k]);
        }
    }
}

/* A duty may name more than today's roles hold: it is there before somebody can. */
static void duties_check(const struct policy *policy, struct policy_findings *findings)
{
    char path[POLICY_PATH_BYTES];
    for (size_t i = 0; i < policy->duty_count; i++) {
        const struct policy_duty *duty = &policy->duties[i];
        int order = i == 0 ? -1 : strcmp(duty[-1].duty, duty->duty);
        if (order == 0)
            policy_error(findings, policy_place(path, "duties[%zu].duty", i), "%s stands twice", duty->duty);
        else if (order > 0)
            policy_error(findings, policy_place(path, "duties[%zu]", i), "the list is not sorted by duty");
    }
}

/* Both duties there, different, without a common function, and the pair in order. */
static void conflict_check(const struct policy *policy, struct policy_findings *findings, size_t i,
                           const struct function_set *duties)
{
    char path[POLICY_PATH_BYTES];
    const struct policy_conflict *conflict = &policy->conflicts[i];
    policy_place(path, "conflicts[%zu]", i);
    if (conflict->a == NULL || conflict->b == NULL) {
        policy_error(findings, policy_place(path, "conflicts[%zu].%s", i, conflict->a == NULL ? "a" : "b"),
                     "the duty is not in duties");
        return;
    }
    if (conflict->a == conflict->b) {
        policy_error(findings, path, "duty %s in conflict with itself", conflict->a->duty);
        return;
    }
    if (strcmp(conflict->a->duty, conflict->b->duty) > 0)
        policy_error(findings, path, "the duties of a pair are sorted");
    if (sets_meet(&duties[conflict->a - policy->duties], &duties[conflict->b - policy->duties]))
        policy_error(findings, path, "duties %s and %s have a function in common", conflict->a->duty,
                     conflict->b->duty);
    if (i == 0 || conflict[-1].a == NULL || conflict[-1].b == NULL)
        return;
    int order = strcmp(conflict[-1].a->duty, conflict->a->duty);
    if (order == 0)
        order = strcmp(conflict[-1].b->duty, conflict->b->duty);
    if (order == 0)
        policy_error(findings, path, "duties %s and %s stand twice", conflict->a->duty, conflict->b->duty);
    else if (order > 0)
        policy_error(findings, path, "the list is not sorted by a, b");
}

static void conflicts_check(const struct policy *policy, struct policy_findings *findings,
                            const struct function_set *duties)
{
    for (size_t i = 0; i < policy->conflict_count; i++)
        conflict_check(policy, findings, i, duties);
}

static size_t duties_held(const struct policy *policy, const struct policy_exclusive *exclusive,
                          const struct function_set *set, const struct function_set *duties)
{
    size_t held = 0;
    for (size_t i = 0; i < exclusive->duty_count; i++)
        held += exclusive->duties[i] != NULL && sets_meet(set, &duties[exclusive->duties[i] - policy->duties]) ? 1 : 0;
    return held;
}

/* Each set in order, its duties there, its number of use; and no role that by itself holds too many of them. */
static void exclusives_check(const struct policy *policy, struct policy_findings *findings,
                             const struct function_set *duties)
{
    char path[POLICY_PATH_BYTES];
    for (size_t i = 0; i < policy->exclusive_count; i++) {
        const struct policy_exclusive *one = &policy->exclusives[i];
        int order = i == 0 ? -1 : strcmp(one[-1].set, one->set);
        if (order == 0)
            policy_error(findings, policy_place(path, "exclusive[%zu].set", i), "%s stands twice", one->set);
        else if (order > 0)
            policy_error(findings, policy_place(path, "exclusive[%zu]", i), "the list is not sorted by set");
        for (size_t k = 0; k < one->duty_count; k++)
            if (one->duties[k] == NULL)
                policy_error(findings, policy_place(path, "exclusive[%zu].duties[%zu]", i, k),
                             "the duty is not in duties");
        if (one->fewer_than > one->duty_count)
            policy_error(findings, policy_place(path, "exclusive[%zu].fewer_than", i),
                         "the set has %zu duties, so nobody could ever hold %zu", one->duty_count, one->fewer_than);
        for (size_t k = 0; k < policy->role_count; k++) {
            const struct policy_role *role = &policy->roles[k];
            const struct function_set set = set_of(role->functions, role->function_count);
            size_t held = duties_held(policy, one, &set, duties);
            if (held >= one->fewer_than)
                policy_error(findings, policy_place(path, "roles[%zu].functions", k),
                             "role %s joins %zu duties of the set %s, of which one person holds fewer than %zu",
                             role->role, held, one->set, one->fewer_than);
        }
    }
}

/* A reason serves a kind, so somebody has to be able to prepare it. */
static void preparers_check(const struct policy *policy, struct policy_findings *findings)
{
    char path[POLICY_PATH_BYTES];
    uint64_t prepares = 0;
    for (size_t i = 0; i < policy->role_count; i++) {
        struct role_sorts sorts;
        role_sort(&policy->roles[i], &sorts);
        prepares |= sorts.prepares;
    }
    for (size_t i = 0; i < policy->reason_count; i++) {
        for (int kind = 0; kind < KIND_COUNT; kind++) {
            uint64_t bit = UINT64_C(1) << kind;
            if ((policy->reasons[i].kinds & bit) == 0)
                continue;
            if ((prepares & bit) == 0)
                policy_warning(findings, policy_place(path, "reasons[%zu].kinds", i),
                               "reason %s serves %s, which no role may prepare", policy->reasons[i].reason,
                               kind_name((enum kind_id)kind));
        }
    }
}

void policy_duties_check(const struct policy *policy, struct policy_findings *findings)
{
    struct function_set duties[POLICY_DUTIES_MAX];
    struct function_set covered = {{0}};
    invariant(policy->duty_count <= POLICY_DUTIES_MAX);
    for (size_t i = 0; i < policy->duty_count; i++) {
        duties[i] = set_of(policy->duties[i].functions, policy->duties[i].function_count);
        set_add(&covered, policy->duties[i].functions, policy->duties[i].function_count);
    }
    officer_check(policy, findings);
    roles_check(policy, findings, duties, &covered);
    duties_check(policy, findings);
    conflicts_check(policy, findings, duties);
    exclusives_check(policy, findings, duties);
    preparers_check(policy, findings);
}

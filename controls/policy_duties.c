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

/* The path of a function within its role. */
static const char *function_place(char path[static POLICY_PATH_BYTES], const struct policy *policy, size_t i,
                                  const char *function)
{
    size_t k = 0;
    while (k + 1 < policy->roles[i].function_count && strcmp(policy->roles[i].functions[k], function) != 0)
        k++;
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
        for (size_t k = 0; k < role->function_count; k++) {
            enum function_class class = function_class(role->functions[k], NULL, NULL);
            bool moves = class == FUNCTION_PREPARE || class == FUNCTION_APPROVE || class == FUNCTION_FEED;
            if (moves && !set_has(covered, role->functions[k]))
                policy_warning(findings, policy_place(path, "roles[%zu].functions[%zu]", i, k),
                               "%s is in no duty, so no conflict can stop whoever holds it", role->functions[k]);
        }
    }
}

static void duties_check(const struct policy *policy, struct policy_findings *findings, const struct function_set *held)
{
    char path[POLICY_PATH_BYTES];
    for (size_t i = 0; i < policy->duty_count; i++) {
        const struct policy_duty *duty = &policy->duties[i];
        int order = i == 0 ? -1 : strcmp(duty[-1].duty, duty->duty);
        if (order == 0)
            policy_error(findings, policy_place(path, "duties[%zu].duty", i), "%s stands twice", duty->duty);
        else if (order > 0)
            policy_error(findings, policy_place(path, "duties[%zu]", i), "the list is not sorted by duty");
        for (size_t k = 0; k < duty->function_count; k++) {
            if (!set_has(held, duty->functions[k]))
                policy_warning(findings, policy_place(path, "duties[%zu].functions[%zu]", i, k), "no role has %s",
                               duty->functions[k]);
        }
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
                            const struct function_set *duties, const struct function_set *held)
{
    char path[POLICY_PATH_BYTES];
    for (size_t i = 0; i < policy->conflict_count; i++) {
        const struct policy_conflict *conflict = &policy->conflicts[i];
        conflict_check(policy, findings, i, duties);
        if (conflict->a == NULL || conflict->b == NULL)
            continue;
        if (!sets_meet(&duties[conflict->a - policy->duties], held) ||
            !sets_meet(&duties[conflict->b - policy->duties], held))
            policy_warning(findings, policy_place(path, "conflicts[%zu]", i), "no roles can bring %s and %s together",
                           conflict->a->duty, conflict->b->duty);
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
    struct function_set held = {{0}};
    invariant(policy->duty_count <= POLICY_DUTIES_MAX);
    for (size_t i = 0; i < policy->duty_count; i++) {
        duties[i] = set_of(policy->duties[i].functions, policy->duties[i].function_count);
        set_add(&covered, policy->duties[i].functions, policy->duties[i].function_count);
    }
    for (size_t i = 0; i < policy->role_count; i++)
        set_add(&held, policy->roles[i].functions, policy->roles[i].function_count);
    officer_check(policy, findings);
    roles_check(policy, findings, duties, &covered);
    duties_check(policy, findings, &held);
    conflicts_check(policy, findings, duties, &held);
    preparers_check(policy, findings);
}

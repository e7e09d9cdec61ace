/*
 * The conflict matrix of the trade, F1 to F16, as a table; the shipped policies have to say the same, pair by pair and for
 * every function that there is. H: never. D: not on one document. M: mitigated. '.': nothing keeps the two apart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "controls/functions.h"
#include "controls/policy.h"
#include "tests/support/company.h"

enum { COUNT = 16 };

static const struct {
    const char *duty;
    const char *row; /* F1 to F16 */
} matrix[COUNT] = {
    {"MASTER", "-HHHMHHHHHM.MHHH"},
    {"LIMIT_PREPARE", "H-HDMDDDHMDD.HHH"},
    {"LIMIT_APPROVE", "HH-DHHDHDHHHHHHH"},
    {"HOLD_RELEASE", "HDD-HMMMMHMD.HHH"},
    {"BILLING", "MMHH-DHMHHD.HHHH"},
    {"CREDIT_PREPARE", "HDHMD-HDHHDDHHHH"},
    {"CREDIT_APPROVE", "HDDMHH-HDHHHHHHH"},
    {"WRITE_OFF_PREPARE", "HDHMMDH-HHDDHHHH"},
    {"WRITE_OFF_APPROVE", "HHDMHHDH-HHHHHHH"},
    {"CASH", "HMHHHHHHH-DHHHHH"},
    {"DISPUTE", "MDHMDDHDHD-..HHH"},
    {"CONTACT", ".DHD.DHDHH.-.HHH"},
    {"PERIOD", "M.H.HHHHHH..-HHH"},
    {"POLICY", "HHHHHHHHHHHHH-DH"},
    {"ACCESS", "HHHHHHHHHHHHHD-H"},
    {"AUDIT", "HHHHHHHHHHHHHHH-"},
};

/* Where each function of business belongs; kinds by their name, approvals at levels 1 to 5. */
static const struct {
    const char *kind, *prepare, *approve;
} kinds[] = {
    {"credit-limit", "LIMIT_PREPARE", "LIMIT_APPROVE"},
    {"temporary-limit", "LIMIT_PREPARE", "LIMIT_APPROVE"},
    {"hold-release", "HOLD_RELEASE", "HOLD_RELEASE"},
    {"credit-note", "CREDIT_PREPARE", "CREDIT_APPROVE"},
    {"correction", "CREDIT_PREPARE", "CREDIT_APPROVE"},
    {"reversal", "CREDIT_PREPARE", "CREDIT_APPROVE"},
    {"rebill", "CREDIT_PREPARE", "CREDIT_APPROVE"},
    {"adjustment", "CREDIT_PREPARE", "CREDIT_APPROVE"},
    {"write-off", "WRITE_OFF_PREPARE", "WRITE_OFF_APPROVE"},
    {"recovery", "WRITE_OFF_PREPARE", "WRITE_OFF_APPROVE"},
    {"dispute", "CASES", "CASES"}, /* opening one says nothing about it yet; working and resolving it is F11 */
    {"exception", "DISPUTE", "DISPUTE"},
    {"inquiry", "CONTACT", "CONTACT"},
    {"case-note", "DISPUTE", "DISPUTE"},
};
static const struct {
    const char *function, *duty;
} plain[] = {
    {"feed.customers", "MASTER"}, {"feed.invoices", "BILLING"}, {"feed.contracts", "BILLING"},
    {"feed.orders", "BILLING"},   {"feed.reads", "BILLING"},    {"feed.cash", "CASH"},
    {"feed.contacts", "CONTACT"}, {"feed.people", "ACCESS"},    {"period.close", "PERIOD"},
    {"govern.policy", "POLICY"},  {"govern.access", "ACCESS"},  {"audit.read", "AUDIT"},
    {"audit.commit", "AUDIT"},
};

static const struct policy_duty *duty_named(const struct policy *policy, const char *duty)
{
    for (size_t i = 0; i < policy->duty_count; i++)
        if (strcmp(policy->duties[i].duty, duty) == 0)
            return &policy->duties[i];
    fail_msg("no duty %s", duty);
    return NULL;
}

/* How two functions are kept apart, over all pairs that join them; '!' when two pairs do. */
static char apart(const struct policy *policy, const char *a, const char *b)
{
    char found = '.';
    for (size_t i = 0; i < policy->conflict_count; i++) {
        static const char marks[] = {[CONFLICT_NEVER] = 'H', [CONFLICT_DOCUMENT] = 'D', [CONFLICT_MITIGATED] = 'M'};
        if (conflict_joins(&policy->conflicts[i], a, b))
            found = found == '.' ? marks[policy->conflicts[i].mode] : '!';
    }
    return found;
}

static void matrix_is_itself_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(strlen(matrix[i].row), COUNT);
        for (size_t k = 0; k < COUNT; k++)
            assert_int_equal(matrix[i].row[k], matrix[k].row[i]);
        assert_int_equal(matrix[i].row[i], '-');
    }
}

/* Every function of one duty against every function of every other one. */
static void policy_says_the_same(const char *path)
{
    json_t *body = company_policy_body(path);
    struct policy *policy = NULL;
    struct err err;
    assert_int_equal(policy_read(json_object_get(body, "compiled"), &policy, &err), STATUS_OK);
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = 0; k < COUNT; k++) {
            const struct policy_duty *a = duty_named(policy, matrix[i].duty), *b = duty_named(policy, matrix[k].duty);
            for (size_t x = 0; x < a->function_count; x++)
                for (size_t y = 0; y < b->function_count; y++) {
                    char says = apart(policy, a->functions[x], b->functions[y]);
                    if (says != (i == k ? '.' : matrix[i].row[k]))
                        fail_msg("%s: %s with %s is %c, the matrix says %c", path, a->functions[x], b->functions[y],
                                 says, matrix[i].row[k]);
                }
        }
    policy_free(policy);
    json_decref(body);
}

static void shipped_policies_have_the_matrix(void **state)
{
    (void)state;
    policy_says_the_same("controls/policies/us.yaml");
    policy_says_the_same("controls/policies/uk.yaml");
}

static void holds(const struct policy *policy, const char *function, const char *duty)
{
    for (size_t i = 0; i < policy->duty_count; i++) {
        bool wanted = strcmp(policy->duties[i].duty, duty) == 0;
        if (duty_has_function(&policy->duties[i], function) != wanted)
            fail_msg("%s %s in duty %s", function, wanted ? "is not" : "is", policy->duties[i].duty);
    }
}

/* Each function that there is stands in exactly one duty; a new kind without one fails here. */
static void every_function_has_its_duty(void **state)
{
    static const char *const paths[] = {"controls/policies/us.yaml", "controls/policies/uk.yaml"};
    (void)state;
    for (size_t p = 0; p < 2; p++) {
        json_t *body = company_policy_body(paths[p]);
        struct policy *policy = NULL;
        struct err err;
        size_t worked = 0;
        assert_int_equal(policy_read(json_object_get(body, "compiled"), &policy, &err), STATUS_OK);
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
            char function[64];
            snprintf(function, sizeof function, "%s.prepare", kinds[i].kind);
            holds(policy, function, kinds[i].prepare);
            for (int level = 1; level <= 5; level++) {
                snprintf(function, sizeof function, "%s.approve.%d", kinds[i].kind, level);
                holds(policy, function, kinds[i].approve);
            }
        }
        for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
            holds(policy, plain[i].function, plain[i].duty);
        for (int kind = 0; kind < KIND_COUNT; kind++) {
            char function[64];
            snprintf(function, sizeof function, "%s.prepare", kind_name((enum kind_id)kind));
            worked += function_class(function, NULL, NULL) == FUNCTION_PREPARE ? 1 : 0;
        }
        assert_int_equal(worked, sizeof kinds / sizeof kinds[0]);
        policy_free(policy);
        json_decref(body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matrix_is_itself_whole),
        cmocka_unit_test(shipped_policies_have_the_matrix),
        cmocka_unit_test(every_function_has_its_duty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

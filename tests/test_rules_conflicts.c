/*
 * C-20 beyond one grant (inherited roles, exclusive sets, waiting grants, owners, policies), C-24 mitigations and their
 * reviews, C-26 second users.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/schema.h"
#include "tests/support/closing.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define POLICY "tests/policies/duties.yaml"

static json_t *text(const char *value)
{
    return json_string(value);
}

static json_t *grant(struct company *company, const char *user, const char *role)
{
    return company_submit(company, "olga", company_grant_document(company, user, role));
}

static void in_force(struct company *company, json_t *document)
{
    char *number = company_wait(company, "olga", document);
    expect_done(company_approve(company, "oscar", number, 1), "in-force");
    free(number);
}

static json_t *enrol_try(struct company *company, const char *user, const char *person, const char *sort)
{
    struct company_user *one = company_new_user(company, user);
    json_t *decision = company_do_with(
        company, "olga", VERB_SUBMIT,
        json_pack("{s:b, s:[o]}", "atomic", 0, "documents", company_enrolment(company, user, person, sort, one->key)),
        user);
    json_t *result = json_incref(json_array_get(json_object_get(decision, "results"), 0));
    json_decref(decision);
    return result;
}

static void enrol(struct company *company, const char *user, const char *person, const char *sort)
{
    json_t *result = enrol_try(company, user, person, sort);
    expect_done(company_approve(company, "oscar", result_number(result), 1), "in-force");
    json_decref(result);
}

static void roles_bring_what_they_inherit(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    /* At second hand, each function of it. */
    expect_answer(grant(&company, "ana", "HEAD_OF_BILLING"), "refused", "C-20", "floor");
    expect_answer(grant(&company, "ana", "HEAD_OF_BILLING"), "refused", "C-20", "conflict");
    enrol(&company, "zoe", "P-77", "human");
    in_force(&company, company_grant_document(&company, "zoe", "HEAD_OF_BILLING"));
    char *number = company_post(&company, "zoe", company_credit_note(&company, "16446", "581483", "10.00"), 0);
    free(number);
    number = company_wait(&company, "zoe", company_write_off(&company, "10442", "40117", "10.00"));
    free(number);
    expect_answer(grant(&company, "zoe", "TEAM_LEAD"), "refused", "C-20", "floor");
    company_close(&company);
}

static void sets_have_a_cardinality(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    in_force(&company, company_grant_document(&company, "maria", "COLLECTIONS_SPECIALIST")); /* two of three */
    golden(grant(&company, "maria2", "CREDIT_ANALYST"), "refused", "C-20", "exclusive");
    /* One person, one duty fewer. */
    expect_no_answer(grant(&company, "joe", "CREDIT_ANALYST"), "waiting", "C-20", "exclusive");
    company_close(&company);
}

static void grants_that_wait_are_told(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    enrol(&company, "zoe", "P-77", "human");
    expect_no_answer(grant(&company, "zoe", "BILLING_SPECIALIST"), "waiting", "C-20", "waiting");
    golden(grant(&company, "zoe", "TEAM_LEAD"), "waiting", "C-20", "waiting");
    expect_no_answer(grant(&company, "joe", "COLLECTIONS_SPECIALIST"), "waiting", "C-20", "waiting");
    /* What has been withdrawn is told no more. */
    json_t *result = grant(&company, "cora", "CREDIT_ANALYST");
    expect_done(company_end(&company, "olga", VERB_WITHDRAW, result_number(result)), "withdrawn");
    json_decref(result);
    expect_no_answer(grant(&company, "cora", "BILLING_SPECIALIST"), "waiting", "C-20", "exclusive");
    company_close(&company);
}

static void owners_and_second_users(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    golden(enrol_try(&company, "feedx", "P-11", "feed"), "refused", "C-20", "owner");
    expect_answer(enrol_try(&company, "bot2", "P-01", "bot"), "refused", "C-20", "owner"); /* an officer's */
    expect_no_answer(enrol_try(&company, "bot3", "P-21", "bot"), "waiting", "C-20", "owner");
    expect_no_answer(enrol_try(&company, "feedy", "P-31", "feed"), "waiting", "C-20", "owner");
    golden(enrol_try(&company, "maria3", "P-11", "human"), "waiting", "C-26", "second-user");
    expect_no_answer(enrol_try(&company, "nina", "P-88", "human"), "waiting", "C-26", "second-user");
    expect_no_answer(enrol_try(&company, "bot4", "P-11", "bot"), "waiting", "C-26", "second-user");
    expect_no_answer(enrol_try(&company, "person", "P-31", "human"), "waiting", "C-26", "second-user"); /* feeds only */
    company_close(&company);
}

static json_t *mitigation(struct company *company, const char *person, const char *until)
{
    json_t *document = company_document(company, "mitigation");
    company_with(document, "person", text(person));
    company_with(document, "a", text("HOLD_RELEASE"));
    company_with(document, "b", text("CREDIT_PREPARE"));
    company_with(document, "control", text("MON-7"));
    company_with(document, "owner", text("P-24"));
    company_with(document, "reviewer", text("P-23"));
    company_with(document, "reason", text("Two people in this office"));
    return company_with(document, "until", text(until));
}

static json_t *review(struct company *company, const char *user, const char *number, int uses)
{
    json_t *document = company_with(company_document(company, "mitigation-review"), "mitigation", text(number));
    company_with(document, "uses", json_integer(uses));
    return company_submit(company, user, company_with(document, "conclusion", text("Looked at each; in order")));
}

static void mitigations_have_a_form(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-01-10T00:00:00.000Z");
    const char *until = "2026-07-09T00:00:00.000Z"; /* 180 days */
    golden(company_submit(&company, "olga",
                          company_with(mitigation(&company, "P-11", until), "a", text("CREDIT_APPROVE"))),
           "refused", "C-24", "not-mitigable");
    company_at(&company, "2026-01-10T00:00:10.000Z");
    expect_answer(
        company_submit(&company, "olga", company_with(mitigation(&company, "P-11", until), "a", text("NONE"))),
        "refused", "C-24", "not-mitigable");
    golden(
        company_submit(&company, "olga", company_with(mitigation(&company, "P-11", until), "reviewer", text("P-24"))),
        "refused", "C-24", "not-independent");
    expect_answer(company_submit(&company, "olga", mitigation(&company, "P-24", until)), "refused", "C-24",
                  "not-independent");
    expect_answer(company_submit(&company, "olga", mitigation(&company, "P-23", until)), "refused", "C-24",
                  "not-independent");
    golden(company_submit(&company, "olga", mitigation(&company, "P-999", until)), "refused", "C-24", "unknown-person");
    company_at(&company, "2026-01-11T00:00:00.000Z");
    golden(company_submit(&company, "olga", mitigation(&company, "P-11", "2026-07-10T00:00:00.001Z")), "refused",
           "C-24", "until");
    company_at(&company, "2026-01-12T00:00:00.000Z");
    expect_no_answer(company_submit(&company, "olga", mitigation(&company, "P-11", "2026-07-11T00:00:00.000Z")),
                     "waiting", "C-24", "until"); /* exactly 180 days */
    expect_answer(company_submit(&company, "olga", mitigation(&company, "P-11", "2026-01-11T00:00:00.000Z")), "refused",
                  "C-24", "until");
    /* Over in the moment in which it would begin; of the two duties, either may stand first. */
    company_at(&company, "2026-01-13T00:00:00.000Z");
    expect_answer(company_submit(&company, "olga", mitigation(&company, "P-11", "2026-01-13T00:00:00.000Z")), "refused",
                  "C-24", "until");
    json_t *turned =
        company_with(mitigation(&company, "P-11", "2026-01-13T00:00:01.001Z"), "a", text("CREDIT_PREPARE"));
    expect_done(company_submit(&company, "olga", company_with(turned, "b", text("HOLD_RELEASE"))), "waiting");
    expect_answer(company_submit(&company, "maria", mitigation(&company, "P-11", "2026-02-11T00:00:00.000Z")),
                  "refused", "C-31", "not-an-officer");
    company_close(&company);
}

static void mitigated_pairs_need_one(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    golden(grant(&company, "maria", "HOLD_CLERK"), "refused", "C-24", "no-mitigation");
    char *number = company_wait(&company, "olga", mitigation(&company, "P-11", "2026-03-01T00:00:00.000Z"));
    expect_answer(grant(&company, "maria", "HOLD_CLERK"), "refused", "C-24", "no-mitigation"); /* it waits */
    expect_answer(company_approve(&company, "olga", number, 1), "refused", "C-01", "own-document");
    expect_done(company_approve(&company, "oscar", number, 1), "in-force");
    expect_answer(grant(&company, "joe", "HOLD_CLERK"), "refused", "C-24", "no-mitigation"); /* another person's */
    /* Before both are held there is nothing to count. */
    expect_no_answer(company_submit(&company, "maria", company_credit_note(&company, "16446", "581483", "1.00")),
                     "posted", "C-24", "use");
    golden(grant(&company, "maria2", "HOLD_CLERK"), "waiting", "C-24", "mitigated");
    in_force(&company, company_grant_document(&company, "maria2", "HOLD_CLERK"));
    golden(company_submit(&company, "maria", company_credit_note(&company, "16446", "581483", "2.00")), "posted",
           "C-24", "use");
    expect_no_answer(company_submit(&company, "joe", company_credit_note(&company, "16446", "581483", "3.00")),
                     "posted", "C-24", "use");
    free(number);
    company_close(&company);
}

static void reviewers_answer_in_time(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    in_force(&company, mitigation(&company, "P-11", "2026-03-01T00:00:00.000Z"));
    in_force(&company, company_grant_document(&company, "maria", "HOLD_CLERK"));
    golden(review(&company, "priya", "MI-9", 1), "refused", "C-24", "unknown-mitigation");
    golden(review(&company, "priya", "MI-1", 1), "refused", "C-24", "uses"); /* nothing was done yet */
    company_at(&company, "2026-01-06T12:00:00.000Z");
    expect_answer(company_submit(&company, "maria", company_credit_note(&company, "16446", "581483", "1.00")), "posted",
                  "C-24", "use");
    company_at(&company, "2026-01-16T12:00:00.000Z"); /* ten days later to the millisecond */
    expect_answer(company_submit(&company, "maria", company_credit_note(&company, "16446", "581483", "2.00")), "posted",
                  "C-24", "use");
    company_at(&company, "2026-01-16T12:00:00.001Z");
    golden(company_submit(&company, "maria", company_credit_note(&company, "16446", "581483", "3.00")), "refused",
           "C-24", "review-late");
    golden(review(&company, "dora", "MI-1", 2), "refused", "C-24", "not-the-reviewer");
    expect_answer(review(&company, "maria", "MI-1", 2), "refused", "C-24", "not-the-reviewer");
    expect_answer(review(&company, "priya", "MI-1", 1), "refused", "C-24", "uses"); /* one was looked past */
    expect_done(review(&company, "priya", "MI-1", 2), "in-force"); /* priya is no officer, and nobody signs with her */
    expect_answer(review(&company, "priya", "MI-1", 2), "refused", "C-24", "uses"); /* answered for */
    expect_answer(company_submit(&company, "maria", company_credit_note(&company, "16446", "581483", "4.00")), "posted",
                  "C-24", "use");
    company_close(&company);
}

static void mitigations_end(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    in_force(&company, mitigation(&company, "P-11", "2026-01-08T00:00:00.000Z"));
    in_force(&company, mitigation(&company, "P-12", "2026-03-08T00:00:00.000Z"));
    in_force(&company, company_grant_document(&company, "maria", "HOLD_CLERK"));
    in_force(&company, company_grant_document(&company, "joe", "HOLD_CLERK"));
    company_at(&company, "2026-01-07T23:59:59.999Z");
    expect_answer(company_submit(&company, "maria", company_credit_note(&company, "16446", "581483", "1.00")), "posted",
                  "C-24", "use");
    company_at(&company, "2026-01-08T00:00:00.000Z");
    expect_answer(company_submit(&company, "maria", company_credit_note(&company, "16446", "581483", "2.00")),
                  "refused", "C-24", "no-mitigation");
    /* Taken back by one officer, like a grant, at once. */
    expect_answer(company_submit(&company, "joe", company_credit_note(&company, "16446", "581483", "3.00")), "posted",
                  "C-24", "use");
    json_t *end = company_with(company_document(&company, "revocation"), "grant", text("MI-2"));
    expect_done(company_submit(&company, "olga", company_with(end, "reason", text("The control failed"))), "in-force");
    expect_answer(company_submit(&company, "joe", company_credit_note(&company, "16446", "581483", "4.00")), "refused",
                  "C-24", "no-mitigation");
    end = company_with(company_document(&company, "revocation"), "grant", text("MI-2"));
    expect_answer(company_submit(&company, "olga", company_with(end, "reason", text("Again"))), "refused", "C-31",
                  "unknown-grant");
    company_close(&company);
}

/* The policy in force with another mode for one pair. */
static json_t *policy_with(struct company *company, const char *a, const char *b, const char *mode)
{
    json_t *body = company_policy_body(POLICY);
    json_t *document = company_document(company, "policy"), *compiled = json_object_get(body, "compiled");
    json_t *conflicts = json_object_get(compiled, "conflicts");
    bool found = false;
    for (size_t i = 0; i < json_array_size(conflicts); i++) {
        json_t *pair = json_array_get(conflicts, i);
        if (strcmp(member_text(pair, "a"), a) != 0 || strcmp(member_text(pair, "b"), b) != 0)
            continue;
        json_object_set_new(pair, "mode", text(mode));
        found = true;
    }
    assert_true(found);
    json_object_update(document, body);
    json_decref(body);
    return company_with(document, "effective", text("2026-02-01T05:00:00.000Z"));
}

static void policies_meet_what_is_held(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    in_force(&company, company_grant_document(&company, "maria2", "CREDIT_ANALYST"));
    golden(company_submit(&company, "olga", policy_with(&company, "CREDIT_PREPARE", "LIMIT_PREPARE", "never")),
           "refused", "C-20", "policy-conflict");
    /* Mitigated would do, once it is. */
    json_t *mitigated = policy_with(&company, "CREDIT_PREPARE", "LIMIT_PREPARE", "mitigated");
    expect_answer(company_submit(&company, "olga", mitigated), "refused", "C-20", "policy-conflict");
    /* Nobody holds these two. */
    char *number = company_wait(&company, "olga", policy_with(&company, "DISPUTE", "WRITE_OFF_PREPARE", "never"));
    /* Asked again at the second signature: meanwhile somebody holds both. */
    in_force(&company, company_grant_document(&company, "cora", "DISPUTE_CLERK"));
    expect_answer(company_approve(&company, "oscar", number, 1), "refused", "C-20", "policy-conflict");
    free(number);
    company_close(&company);
}

/* Who approves credits under a mitigation uses that one, and does not want one of preparing them. */
static void approving_is_not_preparing(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    static const char *const duties[] = {"CREDIT_APPROVE", "WRITE_OFF_APPROVE"};
    for (size_t i = 0; i < 2; i++)
        in_force(&company,
                 company_with(mitigation(&company, "P-21", "2026-03-01T00:00:00.000Z"), "b", text(duties[i])));
    in_force(&company, company_grant_document(&company, "ana", "HOLD_CLERK"));
    char *credit = company_wait(&company, "maria", company_credit_note(&company, "10442", "40251", "500.00"));
    expect_answer(company_approve(&company, "ana", credit, 1), "posted", "C-24", "use");
    free(credit);
    company_close(&company);
}

/* What a mitigation allows is no conflict of a new policy, as long as it lasts. */
static void policies_meet_what_is_mitigated(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    in_force(&company, mitigation(&company, "P-11", "2026-01-20T00:00:00.000Z"));
    in_force(&company, company_grant_document(&company, "maria", "HOLD_CLERK"));
    company_at(&company, "2026-01-19T23:59:59.999Z");
    free(company_wait(&company, "olga", policy_with(&company, "DISPUTE", "WRITE_OFF_PREPARE", "never")));
    company_at(&company, "2026-01-20T00:00:00.000Z");
    json_t *policy = policy_with(&company, "DISPUTE", "WRITE_OFF_PREPARE", "never");
    expect_answer(company_submit(&company, "olga", policy), "refused", "C-20", "policy-conflict");
    company_close(&company);
}

static void conflicts_are(struct company *company, size_t named, int count)
{
    json_t *result = company_submit(company, "olga", policy_with(company, "CREDIT_PREPARE", "LIMIT_PREPARE", "never"));
    const json_t *answer = json_array_get(json_object_get(result, "controls"), 0);
    assert_int_equal(json_array_size(json_object_get(answer, "conflicts")), named);
    assert_int_equal(member_integer(answer, "count"), count);
    expect_answer(result, "refused", "C-20", "policy-conflict");
}

/* Twenty are named, the others are counted. */
static void many_conflicts_are_counted(void **state)
{
    enum { NAMED = 20 };
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    for (int i = 0; i <= NAMED; i++) {
        char user[16], person[16];
        snprintf(user, sizeof user, "clerk%d", i);
        snprintf(person, sizeof person, "P-6%02d", i);
        if (i == NAMED)
            conflicts_are(&company, NAMED, NAMED);
        closing_hire(&company, user, person, "BILLING_SPECIALIST", "US01");
        in_force(&company, company_grant_document(&company, user, "CREDIT_ANALYST"));
    }
    conflicts_are(&company, NAMED, NAMED + 1);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policies_meet_what_is_mitigated),
        cmocka_unit_test(many_conflicts_are_counted),
        cmocka_unit_test(approving_is_not_preparing),
        cmocka_unit_test(roles_bring_what_they_inherit),
        cmocka_unit_test(sets_have_a_cardinality),
        cmocka_unit_test(grants_that_wait_are_told),
        cmocka_unit_test(owners_and_second_users),
        cmocka_unit_test(mitigations_have_a_form),
        cmocka_unit_test(mitigated_pairs_need_one),
        cmocka_unit_test(reviewers_answer_in_time),
        cmocka_unit_test(mitigations_end),
        cmocka_unit_test(policies_meet_what_is_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

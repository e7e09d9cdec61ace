/*
 * C-17: what a delegation may be, what it carries, when it ends, and that whoever acts for another acts as both. Each refusal
 * with the nearest case that is let in.
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
#include "tests/support/people.h"

#define SIGN_1  "credit-note.approve.1"
#define SIGN_2  "credit-note.approve.2"
#define PREPARE "credit-note.prepare"

static json_t *note(struct company *company, const char *amount)
{
    return company_credit_note(company, "10442", "40251", amount);
}

static json_t *delegation(struct company *company, const char *from, const char *to, const char *function)
{
    json_t *more =
        json_pack("{s:s, s:s, s:[s], s:s, s:s, s:s}", "from_user", from, "to_user", to, "functions", function, "from",
                  "2026-01-05T09:00:00.000Z", "to", "2026-02-04T09:00:00.000Z", "reason", "leave");
    json_t *document = company_document(company, "delegation");
    json_object_update(document, more);
    json_decref(more);
    return document;
}

/* In force: submitted by one, signed by oscar. Returns the number, to be freed. */
static char *delegated(struct company *company, const char *by, json_t *document)
{
    json_t *result = expect(company_submit(company, by, document), "waiting");
    char *number = strdup(result_number(result));
    json_decref(result);
    expect_done(company_approve(company, "oscar", number, 1), "in-force");
    return number;
}

static json_t *approve_for(struct company *company, const char *user, const char *behalf, const char *number, int level)
{
    json_t *record = company_record(company, number);
    json_t *body = json_pack("{s:[{s:s, s:s, s:s, s:i, s:I}]}", "items", "behalf", behalf, "content",
                             member_text(record, "content"), "document", number, "level", level, "version",
                             (json_int_t)member_integer(record, "version"));
    json_decref(record);
    json_t *decision = company_do(company, user, VERB_APPROVE, body);
    json_t *result = json_incref(json_array_get(json_object_get(decision, "results"), 0));
    if (result == NULL)
        return decision;
    json_decref(decision);
    return result;
}

static json_t *revocation(struct company *company, const char *number)
{
    return company_with(company_with(company_document(company, "revocation"), "grant", json_string(number)), "reason",
                        json_string("back"));
}

static void a_delegate_signs(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    char *number = company_wait(&company, "joe", note(&company, "300.00"));
    golden(approve_for(&company, "vera", "ana", number, 1), "refused", "C-17", "no-delegation");
    expect_answer(approve_for(&company, "vera", "nobody", number, 1), "refused", "C-17", "no-delegation");
    char *given = delegated(&company, "ana", delegation(&company, "ana", "vera", SIGN_1));
    expect_answer(company_approve(&company, "vera", number, 1), "refused", "C-02", "no-authority");
    expect_answer(approve_for(&company, "dora", "ana", number, 1), "refused", "C-17", "no-delegation");
    json_t *result = expect(approve_for(&company, "vera", "ana", number, 1), "posted");
    assert_string_equal(member_text(result, "delegation"), given);
    json_decref(result);
    json_t *record = company_record(&company, number);
    const json_t *approval = json_array_get(json_object_get(record, "approvals"), 0);
    assert_string_equal(member_text(approval, "person"), "P-25");
    assert_string_equal(member_text(json_object_get(approval, "behalf"), "person"), "P-21");
    json_decref(record);
    free(number);
    /* Another function of the same giver is not in it. */
    number = company_wait(&company, "cora", company_write_off(&company, "16446", "581483", "300.00"));
    expect_answer(approve_for(&company, "vera", "ana", number, 1), "refused", "C-17", "no-delegation");
    free(number);
    free(given);
    company_close(&company);
}

/* The two persons count: whoever prepared it, and whoever the delegate signs for, sign nothing of it. */
static void both_persons_count(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    char *given = delegated(&company, "priya", delegation(&company, "priya", "ana", SIGN_2));
    char *number = company_wait(&company, "joe", note(&company, "2600.00"));
    expect_done(company_approve(&company, "ana", number, 1), "approved");
    expect_answer(approve_for(&company, "ana", "priya", number, 2), "refused", "C-03", "signed-already");
    expect_done(company_approve(&company, "priya", number, 2), "posted");
    free(number);
    /* ana signs for priya; priya signs nothing more of it, and ana neither. */
    number = company_wait(&company, "cora", company_write_off(&company, "16446", "581483", "600.00"));
    free(number);
    number = company_wait(
        &company, "joe",
        company_with(company_credit_note(&company, "16446", "581483", "2600.00"), "requested_by", json_string("P-23")));
    expect_done(company_approve(&company, "tom", number, 1), "approved");
    expect_answer(approve_for(&company, "ana", "priya", number, 2), "refused", "C-01", "own-document");
    free(number);
    number = company_wait(&company, "joe", company_credit_note(&company, "16446", "581484", "500.00"));
    expect_done(company_approve(&company, "tom", number, 1), "approved");
    expect_done(approve_for(&company, "ana", "priya", number, 2), "posted");
    free(number);
    free(given);
    company_close(&company);
}

static void a_document_for_another(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    json_t *document = company_with(note(&company, "300.00"), "behalf", json_string("joe"));
    expect_answer(company_submit(&company, "cora", document), "refused", "C-17", "no-delegation");
    char *given = delegated(&company, "joe", delegation(&company, "joe", "cora", PREPARE));
    expect_answer(company_submit(&company, "cora", note(&company, "300.00")), "refused", "C-02", "no-function");
    document = company_with(note(&company, "300.00"), "behalf", json_string("joe"));
    json_t *result = expect(company_submit(&company, "cora", document), "waiting");
    char *number = strdup(result_number(result));
    assert_string_equal(member_text(result, "delegation"), given);
    json_decref(result);
    json_t *record = company_record(&company, number);
    assert_int_equal(json_array_size(json_object_get(record, "makers")), 2);
    json_decref(record);
    /* The one acted for is a maker as much as the one who acts: he may withdraw it. */
    expect_answer(company_end(&company, "maria", VERB_WITHDRAW, number), "refused", "C-01", "not-yours");
    expect_done(company_end(&company, "joe", VERB_WITHDRAW, number), "withdrawn");
    free(number);
    free(given);
    company_close(&company);
}

static void what_a_delegation_may_be(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    json_t *(*const make)(struct company *, const char *, const char *, const char *) = delegation;
    golden(company_submit(&company, "olga", make(&company, "nobody", "vera", SIGN_1)), "refused", "C-17",
           "unknown-user");
    golden(company_submit(&company, "joe", make(&company, "joe", "bot1", PREPARE)), "refused", "C-17", "no-human");
    golden(company_submit(&company, "maria", make(&company, "maria", "maria2", PREPARE)), "refused", "C-17",
           "same-person");
    golden(company_submit(&company, "ana", make(&company, "ana", "vera", "read.books")), "refused", "C-17",
           "not-delegable");
    golden(company_submit(&company, "ana", make(&company, "ana", "vera", SIGN_2)), "refused", "C-17", "not-held");
    golden(company_submit(&company, "ana", make(&company, "ana", "joe", SIGN_1)), "refused", "C-17", "conflict");
    expect_answer(company_submit(&company, "vera", make(&company, "ana", "vera", SIGN_1)), "refused", "C-31",
                  "not-an-officer");
    json_t *document = company_with(make(&company, "ana", "vera", SIGN_1), "limit", json_string("100.00"));
    golden(company_submit(&company, "ana", company_with(document, "currency", json_string("EUR"))), "refused", "C-17",
           "limit-currency");
    /* 30 days are let in, a millisecond more is not. */
    document = company_with(make(&company, "ana", "vera", SIGN_1), "to", json_string("2026-02-04T09:00:00.001Z"));
    golden(company_submit(&company, "ana", document), "refused", "C-17", "too-long");
    expect_done(company_submit(&company, "ana", make(&company, "ana", "vera", SIGN_1)), "waiting");
    document = company_with(make(&company, "ana", "vera", SIGN_1), "from", json_string("2026-01-01T09:00:00.000Z"));
    golden(company_submit(&company, "ana", company_with(document, "to", json_string("2026-01-05T09:01:00.000Z"))),
           "refused", "C-17", "in-the-past");
    /* It ends in the very moment in which it is submitted; a millisecond later is not over. */
    company_at(&company, "2026-01-06T09:00:00.000Z");
    document = company_with(make(&company, "ana", "vera", SIGN_1), "to", json_string("2026-01-06T09:00:00.000Z"));
    expect_answer(company_submit(&company, "ana", document), "refused", "C-17", "in-the-past");
    company_at(&company, "2026-01-06T09:00:00.000Z");
    document = company_with(make(&company, "ana", "vera", SIGN_1), "to", json_string("2026-01-06T09:00:00.001Z"));
    expect_no_answer(company_submit(&company, "ana", document), "waiting", "C-17", "in-the-past");
    company_close(&company);
}

/* One given and two received at a time; what does not overlap does not count. */
static void so_many_at_a_time(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    char *first = delegated(&company, "ana", delegation(&company, "ana", "vera", SIGN_1));
    golden(company_submit(&company, "ana", delegation(&company, "ana", "carl", SIGN_1)), "refused", "C-17",
           "too-many-out");
    json_t *later =
        company_with(delegation(&company, "ana", "carl", SIGN_1), "from", json_string("2026-02-04T09:00:00.000Z"));
    expect_done(company_submit(&company, "ana", company_with(later, "to", json_string("2026-02-05T09:00:00.000Z"))),
                "waiting");
    char *second = delegated(&company, "tom", delegation(&company, "tom", "vera", SIGN_1));
    json_t *result = company_submit(&company, "priya", delegation(&company, "priya", "vera", SIGN_2));
    golden(result, "refused", "C-17", "too-many-in");
    /* Two that wait are judged again when they come into force. */
    result = company_submit(&company, "priya", delegation(&company, "priya", "carl", SIGN_2));
    char *third = strdup(result_number(result));
    json_decref(result);
    result = company_submit(&company, "priya", delegation(&company, "priya", "carl", SIGN_2));
    char *fourth = strdup(result_number(result));
    json_decref(result);
    expect_done(company_approve(&company, "oscar", third, 1), "in-force");
    expect_answer(company_approve(&company, "oscar", fourth, 1), "refused", "C-17", "too-many-out");
    free(first);
    free(second);
    free(third);
    free(fourth);
    company_close(&company);
}

/* What is delegated is not delegated on, and counts as held when roles are granted. */
static void nothing_is_passed_on(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    char *given = delegated(&company, "ana", delegation(&company, "ana", "vera", SIGN_1));
    golden(company_submit(&company, "vera", delegation(&company, "vera", "carl", SIGN_1)), "refused", "C-17",
           "sub-delegation");
    free(delegated(&company, "vera", delegation(&company, "vera", "carl", "credit-note.approve.4")));
    /* Of what she gave nothing is hers to give on. */
    expect_answer(company_submit(&company, "vera", delegation(&company, "vera", "carl", SIGN_2)), "refused", "C-17",
                  "not-held");
    struct company_user *zoe = company_new_user(&company, "zoe");
    json_t *result = company_do_with(&company, "olga", VERB_SUBMIT,
                                     json_pack("{s:b, s:[o]}", "atomic", 0, "documents",
                                               company_enrolment(&company, "zoe", "P-77", "human", zoe->key)),
                                     "zoe");
    expect_done(
        company_approve(&company, "oscar", result_number(json_array_get(json_object_get(result, "results"), 0)), 1),
        "in-force");
    json_decref(result);
    char *other = delegated(&company, "tom", delegation(&company, "tom", "zoe", SIGN_1));
    expect_answer(company_submit(&company, "olga", company_grant_document(&company, "zoe", "BILLING_SPECIALIST")),
                  "refused", "C-20", "conflict");
    expect_done(company_submit(&company, "olga", company_grant_document(&company, "zoe", "READER")), "waiting");
    free(given);
    free(other);
    company_close(&company);
}

/* What the policy gives to nobody any more is not held, whoever was lent it. */
static void what_no_role_has_is_not_lent(void **state)
{
    static const struct edit without[] = {{"functions: [credit-limit.prepare, read.books]", "functions: [read.books]"},
                                          {NULL, NULL}};
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    closing_hire(&company, "zoe", "P-77", "READER", "US01");
    free(delegated(&company, "adam", delegation(&company, "adam", "zoe", "credit-limit.prepare")));
    expect_answer(company_submit(&company, "olga", company_grant_document(&company, "zoe", "MANAGER")), "refused",
                  "C-20", "conflict");
    closing_policy_of(&company, "tests/policies/people.yaml", without, "2026-01-06T06:00:00.000Z");
    expect_done(company_submit(&company, "olga", company_grant_document(&company, "zoe", "MANAGER")), "waiting");
    company_close(&company);
}

static void a_limit_binds(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    json_t *document = company_with(delegation(&company, "ana", "vera", SIGN_1), "limit", json_string("500.00"));
    char *given = delegated(&company, "ana", company_with(document, "currency", json_string("USD")));
    char *small = company_wait(&company, "joe", note(&company, "500.00"));
    char *large = company_wait(&company, "joe", note(&company, "500.01"));
    golden(approve_for(&company, "vera", "ana", large, 1), "refused", "C-17", "above-limit");
    expect_done(approve_for(&company, "vera", "ana", small, 1), "posted");
    free(given);
    free(small);
    free(large);
    company_close(&company);
}

/* A delegation ends with its date, at once when revoked, and with what its giver has to give. */
static void delegations_end(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    char *given = delegated(&company, "ana", delegation(&company, "ana", "vera", SIGN_1));
    char *number = company_wait(&company, "joe", note(&company, "300.00"));
    expect_answer(company_submit(&company, "vera", revocation(&company, given)), "refused", "C-31", "not-an-officer");
    expect_done(company_submit(&company, "ana", revocation(&company, given)), "in-force");
    expect_answer(company_submit(&company, "ana", revocation(&company, given)), "refused", "C-31", "unknown-grant");
    golden(approve_for(&company, "vera", "ana", number, 1), "refused", "C-17", "delegation-over");
    free(given);
    given = delegated(&company, "ana", delegation(&company, "ana", "vera", SIGN_1));
    expect_done(company_submit(&company, "owen", revocation(&company, given)), "in-force");
    free(given);
    given = delegated(&company, "ana", delegation(&company, "ana", "vera", SIGN_1));
    /* Her role is taken: what she gave carries nothing. */
    expect_done(company_submit(&company, "olga", revocation(&company, "GR-5")), "in-force");
    golden(approve_for(&company, "vera", "ana", number, 1), "refused", "C-17", "function-lost");
    json_decref(company_grant(&company, "ana", "TEAM_LEAD"));
    expect_done(approve_for(&company, "vera", "ana", number, 1), "posted");
    free(number);
    company_at(&company, "2026-02-01T09:00:00.000Z");
    number = company_wait(&company, "joe", company_credit_note(&company, "16447", "700001", "300.00"));
    char *other = company_wait(&company, "joe", company_credit_note(&company, "16447", "700001", "150.00"));
    company_at(&company, "2026-02-04T08:59:59.999Z");
    expect_done(approve_for(&company, "vera", "ana", number, 1), "posted");
    company_at(&company, "2026-02-04T09:00:00.000Z");
    expect_answer(approve_for(&company, "vera", "ana", other, 1), "refused", "C-17", "delegation-over");
    free(number);
    free(other);
    free(given);
    company_close(&company);
}

/* By HR: the manager signs it and takes it back, two officers do without the one who is absent, and a leaver's ends. */
static void managers_and_leavers(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    people_events(&company, 1,
                  json_pack("[o, o, o, o]", people_event("E1", "join", "P-21", "2026-01-01", "P-23", NULL),
                            people_event("E2", "join", "P-23", "2026-01-01", "P-25", NULL),
                            people_event("E3", "join", "P-25", "2026-01-01", NULL, NULL),
                            people_event("E4", "leave", "P-21", "2026-01-08", NULL, NULL)));
    json_t *result = expect(company_submit(&company, "ana", delegation(&company, "ana", "vera", SIGN_1)), "waiting");
    char *given = strdup(result_number(result));
    json_decref(result);
    expect_answer(company_approve(&company, "dora", given, 1), "refused", "C-31", "not-an-officer");
    expect_done(company_approve(&company, "priya", given, 1), "in-force");
    expect_answer(company_submit(&company, "dora", revocation(&company, given)), "refused", "C-31", "not-an-officer");
    expect_done(company_submit(&company, "priya", revocation(&company, given)), "in-force");
    free(given);
    given = delegated(&company, "olga", delegation(&company, "ana", "vera", SIGN_1)); /* without ana */
    char *number = company_wait(&company, "joe", note(&company, "300.00"));
    char *other = company_wait(&company, "joe", note(&company, "301.00"));
    company_at(&company, "2026-01-09T04:59:59.999Z");
    expect_done(approve_for(&company, "vera", "ana", number, 1), "posted");
    company_at(&company, "2026-01-09T05:00:00.000Z");
    expect_answer(approve_for(&company, "vera", "ana", other, 1), "refused", "C-17", "function-lost");
    expect_answer(company_submit(&company, "olga", delegation(&company, "tom", "ana", SIGN_1)), "refused", "C-29",
                  "to-leaver");
    free(number);
    free(other);
    free(given);
    company_close(&company);
}

/* A delegate who reports to a maker signs nothing, nor one who acts for such a person. */
static void no_subordinate_by_delegation(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    char *given = delegated(&company, "ana", delegation(&company, "ana", "vera", SIGN_1));
    people_events(&company, 1,
                  json_pack("[o, o, o]", people_event("E1", "join", "P-21", "2026-01-01", "P-12", NULL),
                            people_event("E2", "join", "P-25", "2026-01-01", NULL, NULL),
                            people_event("E3", "join", "P-12", "2026-01-01", NULL, NULL)));
    char *number = company_wait(&company, "joe", note(&company, "300.00"));
    char *other = company_wait(&company, "maria", note(&company, "301.00"));
    expect_answer(approve_for(&company, "vera", "ana", number, 1), "refused", "C-05", "subordinate");
    expect_done(approve_for(&company, "vera", "ana", other, 1), "posted");
    free(number);
    free(other);
    free(given);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delegate_signs),
        cmocka_unit_test(both_persons_count),
        cmocka_unit_test(a_document_for_another),
        cmocka_unit_test(what_a_delegation_may_be),
        cmocka_unit_test(so_many_at_a_time),
        cmocka_unit_test(nothing_is_passed_on),
        cmocka_unit_test(a_limit_binds),
        cmocka_unit_test(delegations_end),
        cmocka_unit_test(what_no_role_has_is_not_lent),
        cmocka_unit_test(managers_and_leavers),
        cmocka_unit_test(no_subordinate_by_delegation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

/*
 * C-30: who may do what is attested by somebody else; silence suspends, a removal acts at once, officers are not lost to
 * silence, and the population that a review was opened over is the one that the decision states.
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
#include "tests/support/company.h"
#include "tests/support/golden.h"
#include "tests/support/people.h"

#define POLICY "tests/policies/govern.yaml"

static json_t *review(struct company *company, const char *entity)
{
    return company_with(company_document(company, "review"), "entities", json_pack("[s]", entity));
}

static json_t *attestation(struct company *company, const char *number, const char *grant, const char *decision)
{
    json_t *document = company_with(company_document(company, "attestation"), "review", json_string(number));
    return company_with(document, "rows", json_pack("[{s:s, s:s}]", "decision", decision, "grant", grant));
}

/* The number of a user's grant of a role. */
static const char *grant_of(struct company *company, const char *user, char ret_number[static 32])
{
    for (int i = 1; i < 40; i++) {
        snprintf(ret_number, 32, "GR-%d", i);
        struct books_key key = books_key(ret_number);
        json_t *record = company_books(company, BOOKS_GRANTS, &key);
        bool found = record != NULL && strcmp(member_text(record, "user"), user) == 0;
        json_decref(record);
        if (found)
            return ret_number;
    }
    fail_msg("%s has no grant", user);
    return ret_number;
}

static const json_t *answer_of(const json_t *result, const char *code)
{
    const json_t *controls = json_object_get(result, "controls");
    for (size_t i = 0; i < json_array_size(controls); i++)
        if (strcmp(member_text(json_array_get(controls, i), "code"), code) == 0)
            return json_array_get(controls, i);
    fail_msg("no %s", code);
    return NULL;
}

static void the_population_is_stated(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    expect_answer(company_submit(&company, "maria", review(&company, "*")), "refused", "C-31", "not-an-officer");
    /* Nobody but the officers has anything to do with that entity, and a review puts no term on theirs. */
    golden(company_submit(&company, "olga", review(&company, "XX99")), "in-force", "C-30", "opened");
    json_t *result = expect(company_submit(&company, "olga", review(&company, "US01")), "in-force");
    const json_t *opened = answer_of(result, "opened");
    struct books_key key = books_key("AR-2");
    json_t *record = company_books(&company, BOOKS_REVIEWS, &key);
    assert_int_equal(member_integer(opened, "rows"), member_integer(record, "rows"));
    assert_string_equal(member_text(opened, "population"), member_text(record, "population"));
    assert_int_equal(json_array_size(json_object_get(opened, "officers")), 3);
    json_decref(record);
    golden(company_submit(&company, "oscar", review(&company, "*")), "refused", "C-30", "review-open");
    json_decref(result);
    company_close(&company);
}

static void nobody_attests_himself(void **state)
{
    struct company company = {.dir = ""};
    char maria[32], bot[32];
    (void)state;
    company_open(&company, POLICY);
    expect_done(company_submit(&company, "olga", review(&company, "*")), "in-force");
    grant_of(&company, "maria", maria);
    grant_of(&company, "bot1", bot);
    golden(company_submit(&company, "oscar", attestation(&company, "AR-9", maria, "keep")), "refused", "C-30",
           "unknown-review");
    golden(company_submit(&company, "oscar", attestation(&company, "AR-1", "GR-999", "keep")), "refused", "C-30",
           "unknown-row");
    golden(company_submit(&company, "ana", attestation(&company, "AR-1", maria, "keep")), "refused", "C-30",
           "not-an-attester");
    golden(company_submit(&company, "olga", attestation(&company, "AR-1", "GR-0.1", "keep")), "refused", "C-30",
           "own-row");
    /* Another officer's row; and removing it is the two officers' matter. */
    expect_done(company_submit(&company, "olga", attestation(&company, "AR-1", "GR-0.2", "keep")), "in-force");
    golden(company_submit(&company, "olga", attestation(&company, "AR-1", "GR-0.3", "remove")), "refused", "C-30",
           "officer-row");
    expect_done(company_submit(&company, "olga", attestation(&company, "AR-1", maria, "keep")), "in-force");
    expect_answer(company_submit(&company, "olga", attestation(&company, "AR-1", maria, "keep")), "refused", "C-30",
                  "unknown-row");
    /* A removal acts at once. */
    expect_done(company_submit(&company, "olga", attestation(&company, "AR-1", bot, "remove")), "in-force");
    expect_answer(company_submit(&company, "bot1", company_credit_note(&company, "10442", "40251", "1.00")), "refused",
                  "C-02", "no-function");
    company_close(&company);
}

static void silence_suspends(void **state)
{
    struct company company = {.dir = ""};
    char maria[32], joe[32];
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-02-01T12:00:00.000Z");
    expect_done(company_submit(&company, "olga", review(&company, "*")), "in-force");
    grant_of(&company, "maria", maria);
    grant_of(&company, "joe", joe);
    expect_done(company_submit(&company, "olga", attestation(&company, "AR-1", joe, "keep")), "in-force");
    /* Fifteen days: the last millisecond counts, the first after it does not. */
    company_at(&company, "2026-02-16T11:59:59.999Z");
    expect_done(company_submit(&company, "maria", company_credit_note(&company, "10442", "40251", "1.00")), "posted");
    company_at(&company, "2026-02-16T12:00:00.000Z");
    golden(company_submit(&company, "maria", company_credit_note(&company, "10442", "40251", "1.01")), "refused",
           "C-30", "suspended");
    expect_done(company_submit(&company, "joe", company_credit_note(&company, "10442", "40251", "1.02")), "posted");
    /* Officers were not answered either and still act; approvers do not. */
    char *waits = company_wait(&company, "joe", company_credit_note(&company, "16447", "700001", "300.00"));
    expect_answer(company_approve(&company, "ana", waits, 1), "refused", "C-30", "suspended");
    /* A second review may begin, since what is suspended is no part of it; the first is still answered, late. */
    golden(company_submit(&company, "oscar", attestation(&company, "AR-1", maria, "keep")), "in-force", "C-30", "late");
    expect_done(company_submit(&company, "maria", company_credit_note(&company, "10442", "40251", "1.03")), "posted");
    expect_done(company_submit(&company, "olga", review(&company, "*")), "in-force");
    free(waits);
    company_close(&company);
}

static void a_suspended_grant_still_stands_against_duties(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-02-01T12:00:00.000Z");
    expect_done(company_submit(&company, "olga", review(&company, "*")), "in-force");
    company_at(&company, "2026-03-01T12:00:00.000Z");
    /* maria's specialist role is suspended: she must not get its opposite meanwhile, and have both when it is attested. */
    json_t *result =
        expect(company_submit(&company, "olga", company_grant_document(&company, "maria2", "TEAM_LEAD")), "refused");
    json_decref(result);
    /* Granted again, she acts. */
    json_decref(company_grant(&company, "maria", "BILLING_SPECIALIST"));
    expect_done(company_submit(&company, "maria", company_credit_note(&company, "10442", "40251", "1.00")), "posted");
    company_close(&company);
}

/* An answer in the millisecond in which the review ends is late, the one before is not. */
static void answers_are_late_from_the_end_on(void **state)
{
    struct company company = {.dir = ""};
    char maria[32], joe[32];
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-02-01T12:00:00.000Z");
    expect_done(company_submit(&company, "olga", review(&company, "*")), "in-force");
    grant_of(&company, "maria", maria);
    grant_of(&company, "joe", joe);
    company_at(&company, "2026-02-16T11:59:59.999Z");
    expect_no_answer(company_submit(&company, "olga", attestation(&company, "AR-1", joe, "keep")), "in-force", "C-30",
                     "late");
    company_at(&company, "2026-02-16T12:00:00.000Z");
    expect_answer(company_submit(&company, "olga", attestation(&company, "AR-1", maria, "keep")), "in-force", "C-30",
                  "late");
    company_close(&company);
}

/* Of two grants in the order in which rows stand. */
static json_t *attesting_both(struct company *company, const char *one, const char *other)
{
    const bool turned = strcmp(one, other) > 0;
    json_t *document = attestation(company, "AR-1", turned ? other : one, "keep");
    json_array_append_new(json_object_get(document, "rows"),
                          json_pack("{s:s, s:s}", "decision", "keep", "grant", turned ? one : other));
    return document;
}

/* A manager, who is no officer, answers for his own people, and for nobody else beside them. */
static void managers_attest_their_own(void **state)
{
    struct company company = {.dir = ""};
    char maria[32], joe[32], cora[32], adam[32];
    (void)state;
    people_open(&company);
    people_events(&company, 1,
                  json_pack("[o, o, o]", people_event("H-1", "join", "P-11", "2026-01-05", "P-22", NULL),
                            people_event("H-2", "join", "P-12", "2026-01-05", "P-22", NULL),
                            people_event("H-3", "join", "P-13", "2026-01-05", "P-22", NULL)));
    expect_done(company_submit(&company, "olga", review(&company, "*")), "in-force");
    grant_of(&company, "maria", maria);
    grant_of(&company, "joe", joe);
    grant_of(&company, "cora", cora);
    grant_of(&company, "adam", adam);
    expect_answer(company_submit(&company, "tom", attestation(&company, "AR-1", adam, "keep")), "refused", "C-30",
                  "not-an-attester");
    expect_answer(company_submit(&company, "tom", attesting_both(&company, maria, adam)), "refused", "C-30",
                  "not-an-attester");
    expect_done(company_submit(&company, "tom", attestation(&company, "AR-1", maria, "keep")), "in-force");
    expect_done(company_submit(&company, "tom", attesting_both(&company, joe, cora)), "in-force");
    company_close(&company);
}

static void a_review_needs_somebody(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_found(&company, POLICY);
    json_t *document = review(&company, "*");
    expect_done(company_submit(&company, "olga", document), "in-force");
    company_close(&company);
}

/* A signature at level 1 lent, from 5 January to 4 February; limit NULL: whatever the amount. Returns the number, to be freed. */
static char *lent_by(struct company *company, const char *from, const char *to, const char *limit)
{
    json_t *more = json_pack("{s:s, s:s, s:[s], s:s, s:s, s:s}", "from_user", from, "to_user", to, "functions",
                             "credit-note.approve.1", "from", "2026-01-05T09:00:00.000Z", "to",
                             "2026-02-04T09:00:00.000Z", "reason", "leave");
    json_t *document = company_document(company, "delegation");
    json_object_update(document, more);
    json_decref(more);
    if (limit != NULL)
        company_with(company_with(document, "limit", json_string(limit)), "currency", json_string("USD"));
    char *number = company_wait(company, from, document);
    expect_done(company_approve(company, "oscar", number, 1), "in-force");
    return number;
}

static char *lent(struct company *company, const char *to)
{
    return lent_by(company, "ana", to, NULL);
}

static json_t *approve_for(struct company *company, const char *user, const char *behalf, const char *number)
{
    json_t *record = company_record(company, number);
    json_t *body = json_pack("{s:[{s:s, s:s, s:s, s:i, s:I}]}", "items", "behalf", behalf, "content",
                             member_text(record, "content"), "document", number, "level", 1, "version",
                             (json_int_t)member_integer(record, "version"));
    json_decref(record);
    json_t *decision = company_do(company, user, VERB_APPROVE, body);
    json_t *result = json_incref(json_array_get(json_object_get(decision, "results"), 0));
    json_decref(decision);
    return result;
}

/* Everybody keeps every grant; delegations are left unanswered. */
static void keep_grants(struct company *company, const char *review)
{
    for (int i = 1; i < 40; i++) {
        char number[32];
        snprintf(number, sizeof number, "GR-%d", i);
        json_decref(company_submit(company, "olga", attestation(company, review, number, "keep")));
    }
}

static void delegations_are_rows(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    json_t *result = expect(company_submit(&company, "olga", review(&company, "XX99")), "in-force");
    long long before = member_integer(answer_of(result, "opened"), "rows");
    json_decref(result);
    char *given = lent(&company, "vera");
    /* ana's own grant is for US01: what she lends is in reviews of it, and of everything. */
    result = expect(company_submit(&company, "olga", review(&company, "XX99")), "in-force");
    assert_int_equal(member_integer(answer_of(result, "opened"), "rows"), before);
    json_decref(result);
    expect_done(company_submit(&company, "olga", review(&company, "*")), "in-force");
    struct books_key key = books_key_pair("AR-3", given);
    json_t *row = company_books(&company, BOOKS_REVIEW_ROWS, &key);
    assert_string_equal(member_text(row, "from_user"), "ana");
    assert_string_equal(member_text(row, "from_person"), "P-21");
    assert_string_equal(member_text(row, "user"), "vera");
    assert_string_equal(member_text(row, "person"), "P-25");
    assert_string_equal(member_text(row, "sort"), "human");
    assert_int_equal(json_array_size(json_object_get(row, "keys")), 1);
    assert_null(json_object_get(row, "role"));
    json_decref(row);
    /* Another review of what waits for its answer is for later. */
    result = expect(company_submit(&company, "olga", review(&company, "*")), "refused");
    assert_string_equal(member_text(answer_of(result, "review-open"), "grant"), given);
    json_decref(result);
    /* What is removed, or was taken back, ends at once and has no row to answer any more. */
    char *waits = company_wait(&company, "joe", company_credit_note(&company, "10442", "40251", "300.00"));
    expect_done(company_submit(&company, "oscar", attestation(&company, "AR-3", given, "remove")), "in-force");
    expect_answer(approve_for(&company, "vera", "ana", waits), "refused", "C-17", "delegation-over");
    expect_answer(company_submit(&company, "oscar", attestation(&company, "AR-3", given, "keep")), "refused", "C-30",
                  "unknown-row");
    keep_grants(&company, "AR-3");
    result = expect(company_submit(&company, "olga", review(&company, "*")), "in-force");
    key = books_key_pair("AR-5", given);
    assert_null(company_books(&company, BOOKS_REVIEW_ROWS, &key));
    json_decref(result);
    free(waits);
    free(given);
    company_close(&company);
}

static void an_entity_takes_the_delegations_of_its_own(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    char *given = lent(&company, "vera");
    struct books_key key = books_key_pair("AR-1", given);
    expect_done(company_submit(&company, "olga", review(&company, "US01")), "in-force");
    json_t *row = company_books(&company, BOOKS_REVIEW_ROWS, &key);
    assert_non_null(row);
    json_decref(row);
    free(given);
    company_close(&company);
}

static void silence_suspends_delegations(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    char *given = lent(&company, "vera"), *small = lent_by(&company, "tom", "dora", "100.00");
    company_at(&company, "2026-01-10T12:00:00.000Z");
    expect_done(company_submit(&company, "olga", review(&company, "*")), "in-force");
    keep_grants(&company, "AR-1");
    company_at(&company, "2026-01-20T12:00:00.000Z");
    char *first = company_wait(&company, "joe", company_credit_note(&company, "10442", "40251", "300.00"));
    char *second = company_wait(&company, "joe", company_credit_note(&company, "10442", "40251", "301.00"));
    char *third = company_wait(&company, "joe", company_credit_note(&company, "10442", "40251", "302.00"));
    /* What is refused for its limit while it stands is not suspended. */
    json_t *above = expect(approve_for(&company, "dora", "tom", first), "refused");
    assert_true(result_has(above, "C-17", "above-limit"));
    assert_false(result_has(above, "C-30", "suspended"));
    json_decref(above);
    company_at(&company, "2026-01-25T11:59:59.999Z");
    expect_done(approve_for(&company, "vera", "ana", first), "posted");
    company_at(&company, "2026-01-25T12:00:00.000Z");
    json_t *result = expect(approve_for(&company, "vera", "ana", second), "refused");
    assert_true(result_has(result, "C-30", "suspended"));
    assert_true(result_has(result, "C-17", "delegation-over"));
    assert_string_equal(member_text(answer_of(result, "suspended"), "grant"), given);
    json_decref(result);
    /* Who lent it signs as before, and a suspended one still counts as lent. */
    expect_done(company_approve(&company, "ana", third, 1), "posted");
    json_t *more = json_pack("{s:s, s:s, s:[s], s:s, s:s, s:s}", "from_user", "ana", "to_user", "dora", "functions",
                             "credit-note.approve.1", "from", "2026-01-25T13:00:00.000Z", "to",
                             "2026-02-01T09:00:00.000Z", "reason", "leave");
    json_t *document = company_document(&company, "delegation");
    json_object_update(document, more);
    json_decref(more);
    expect_answer(company_submit(&company, "ana", document), "refused", "C-17", "too-many-out");
    /* A late answer brings it back. */
    expect_answer(company_submit(&company, "oscar", attestation(&company, "AR-1", given, "keep")), "in-force", "C-30",
                  "late");
    expect_done(approve_for(&company, "vera", "ana", second), "posted");
    free(small);
    free(third);
    free(second);
    free(first);
    free(given);
    company_close(&company);
}

/* HR's manager attests what the own people hold, and what they have lent. */
static void managers_attest(void **state)
{
    struct company company = {.dir = ""};
    char ana[32], tom[32], vera[32], priya[32];
    (void)state;
    people_open(&company);
    people_events(&company, 1,
                  json_pack("[o, o, o, o]", people_event("E-1", "join", "P-21", "2025-12-01", "P-23", NULL),
                            people_event("E-2", "join", "P-22", "2025-12-01", "P-23", NULL),
                            people_event("E-3", "join", "P-23", "2025-12-01", "P-25", NULL),
                            people_event("E-4", "join", "P-25", "2025-12-01", "P-26", NULL)));
    char *given = lent(&company, "vera"), *upwards;
    expect_done(company_submit(&company, "olga", review(&company, "*")), "in-force");
    grant_of(&company, "ana", ana);
    grant_of(&company, "tom", tom);
    grant_of(&company, "vera", vera);
    grant_of(&company, "priya", priya);
    /* One's own people, directly: not oneself, not one's manager, not theirs and others' in one. */
    expect_answer(company_submit(&company, "priya", attestation(&company, "AR-1", priya, "keep")), "refused", "C-30",
                  "not-an-attester");
    expect_answer(company_submit(&company, "priya", attestation(&company, "AR-1", vera, "keep")), "refused", "C-30",
                  "not-an-attester");
    expect_answer(company_submit(&company, "vera", attestation(&company, "AR-1", ana, "keep")), "refused", "C-30",
                  "not-an-attester");
    json_t *two = company_with(company_document(&company, "attestation"), "review", json_string("AR-1"));
    const char *low = strcmp(ana, vera) < 0 ? ana : vera, *high = low == ana ? vera : ana;
    company_with(
        two, "rows",
        json_pack("[{s:s, s:s}, {s:s, s:s}]", "decision", "keep", "grant", low, "decision", "keep", "grant", high));
    expect_answer(company_submit(&company, "priya", two), "refused", "C-30", "not-an-attester");
    expect_done(company_submit(&company, "priya", attestation(&company, "AR-1", ana, "keep")), "in-force");
    expect_done(company_submit(&company, "priya", attestation(&company, "AR-1", tom, "remove")), "in-force");
    expect_answer(company_submit(&company, "tom", company_credit_note(&company, "10442", "40251", "1.00")), "refused",
                  "C-02", "no-function");
    /* Of a delegation the manager of who lent it, not of who got it. */
    expect_answer(company_submit(&company, "carl", attestation(&company, "AR-1", given, "keep")), "refused", "C-30",
                  "not-an-attester");
    expect_done(company_submit(&company, "priya", attestation(&company, "AR-1", given, "remove")), "in-force");
    /* But not one that was lent to the manager. */
    upwards = lent(&company, "priya");
    expect_done(company_submit(&company, "olga", review(&company, "XX99")), "in-force");
    keep_grants(&company, "AR-1");
    expect_done(company_submit(&company, "olga", review(&company, "*")), "in-force");
    expect_answer(company_submit(&company, "priya", attestation(&company, "AR-3", upwards, "keep")), "refused", "C-30",
                  "own-row");
    expect_done(company_submit(&company, "oscar", attestation(&company, "AR-3", upwards, "keep")), "in-force");
    free(upwards);
    free(given);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_population_is_stated),
        cmocka_unit_test(nobody_attests_himself),
        cmocka_unit_test(silence_suspends),
        cmocka_unit_test(a_suspended_grant_still_stands_against_duties),
        cmocka_unit_test(managers_attest_their_own),
        cmocka_unit_test(a_review_needs_somebody),
        cmocka_unit_test(answers_are_late_from_the_end_on),
        cmocka_unit_test(delegations_are_rows),
        cmocka_unit_test(an_entity_takes_the_delegations_of_its_own),
        cmocka_unit_test(silence_suspends_delegations),
        cmocka_unit_test(managers_attest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

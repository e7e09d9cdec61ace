/*
 * C-20, C-22, C-25, C-32: duties that one person may not join, on the whole and on one chain of documents; bots; those who
 * operate and audit.
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

#define POLICY "tests/policies/rules.yaml"

static json_t *text(const char *value)
{
    return json_string(value);
}

static json_t *grant(struct company *company, const char *user, const char *role)
{
    return company_submit(company, "olga", company_grant_document(company, user, role));
}

static void revoke(struct company *company, const char *grant_number)
{
    json_t *document = company_with(company_document(company, "revocation"), "grant", text(grant_number));
    expect_done(company_submit(company, "olga", company_with(document, "reason", text("moved"))), "in-force");
}

static void nobody_joins_what_is_kept_apart(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    golden(grant(&company, "maria", "TEAM_LEAD"), "refused", "C-20", "floor");
    /* The other way round, and over all accounts of the person. */
    expect_answer(grant(&company, "ana", "BILLING_SPECIALIST"), "refused", "C-20", "floor");
    expect_answer(grant(&company, "maria2", "TEAM_LEAD"), "refused", "C-20", "floor");
    expect_answer(grant(&company, "olga", "TEAM_LEAD"), "refused", "C-20", "floor");
    expect_answer(grant(&company, "olga", "BILLING_SPECIALIST"), "refused", "C-20", "floor");
    expect_answer(grant(&company, "ana", "PERIOD_CLOSER"), "refused", "C-20", "floor");
    golden(grant(&company, "maria", "PERIOD_CLOSER"), "refused", "C-20", "conflict");
    golden(grant(&company, "maria", "KING"), "refused", "C-20", "unknown-role");
    golden(grant(&company, "nemo", "READER"), "refused", "C-20", "unknown-user");
    golden(company_submit(&company, "olga",
                          company_with(company_grant_document(&company, "maria", "READER"), "entities",
                                       json_pack("[s, s]", "US01", "US09"))),
           "refused", "C-20", "unknown-entity");
    /* Preparing credits and preparing write-offs are apart on one document only; limits beside credits, too. */
    expect_done(grant(&company, "maria", "COLLECTIONS_SPECIALIST"), "waiting");
    expect_no_answer(grant(&company, "maria2", "READER"), "waiting", "C-20", "conflict");
    /* Future grants count: one that begins in a year bars the other today. */
    json_t *future = company_with(company_grant_document(&company, "maria2", "READER"), "role", text("CREDIT_ANALYST"));
    company_with(future, "from", text("2027-01-05T00:00:00.000Z"));
    char *number = company_wait(&company, "olga", future);
    expect_done(company_approve(&company, "oscar", number, 1), "in-force");
    expect_answer(grant(&company, "maria", "AUDITOR"), "refused", "C-20", "conflict");
    expect_answer(grant(&company, "cora", "MANAGER"), "refused", "C-20", "conflict");
    free(number);
    company_close(&company);
}

static void ended_grants_count_no_more(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    json_t *until = company_with(company_grant_document(&company, "maria2", "COLLECTIONS_SPECIALIST"), "to",
                                 text("2026-02-01T00:00:00.000Z"));
    char *number = company_wait(&company, "olga", until);
    expect_done(company_approve(&company, "oscar", number, 1), "in-force");
    expect_answer(grant(&company, "maria", "PERIOD_CLOSER"), "refused", "C-20", "conflict");
    company_at(&company, "2026-01-31T23:59:59.999Z");
    expect_done(
        company_submit(&company, "maria2",
                       company_with(company_write_off(&company, "10442", "40117", "1.00"), "date", text("2026-01-31"))),
        "waiting");
    company_at(&company, "2026-02-01T00:00:00.000Z");
    expect_answer(
        company_submit(&company, "maria2",
                       company_with(company_write_off(&company, "10442", "40117", "2.00"), "date", text("2026-01-31"))),
        "refused", "C-02", "no-function");
    /* Revoked: the billing specialist's grant gone, the person may become a team lead. */
    struct books_key key = books_key("maria");
    json_t *user = company_books(&company, BOOKS_USERS, &key);
    json_decref(user);
    revoke(&company, "GR-1");
    expect_done(grant(&company, "maria", "TEAM_LEAD"), "waiting");
    free(number);
    company_close(&company);
}

/* Each alone fits; in force one after the other, the second no longer does. */
static void two_grants_that_wait(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *one = company_wait(&company, "olga", company_grant_document(&company, "maria2", "COLLECTIONS_SPECIALIST"));
    struct company_user *zoe = company_new_user(&company, "zoe");
    json_t *enrolled = company_do_with(&company, "olga", VERB_SUBMIT,
                                       json_pack("{s:b, s:[o]}", "atomic", 0, "documents",
                                                 company_enrolment(&company, "zoe", "P-77", "human", zoe->key)),
                                       "zoe");
    json_decref(
        company_approve(&company, "oscar", result_number(json_array_get(json_object_get(enrolled, "results"), 0)), 1));
    json_decref(enrolled);
    char *prepares = company_wait(&company, "olga", company_grant_document(&company, "zoe", "BILLING_SPECIALIST"));
    char *approves = company_wait(&company, "olga", company_grant_document(&company, "zoe", "TEAM_LEAD"));
    expect_done(company_approve(&company, "oscar", prepares, 1), "in-force");
    expect_answer(company_approve(&company, "oscar", approves, 1), "refused", "C-20", "floor");
    expect_done(company_approve(&company, "oscar", one, 1), "in-force");
    free(one);
    free(prepares);
    free(approves);
    company_close(&company);
}

static void those_who_operate_and_audit(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    golden(grant(&company, "ada", "AUDITOR"), "refused", "C-32", "administrator");
    expect_answer(grant(&company, "audrey", "BILLING_SPECIALIST"), "refused", "C-32", "administrator");
    expect_answer(grant(&company, "olga", "ADMINISTRATOR"), "refused", "C-32", "administrator");
    expect_no_answer(grant(&company, "ada", "READER"), "waiting", "C-32", "administrator");
    company_close(&company);
}

/* A policy that gives a role more makes no administrator of business of whoever holds it. */
static void a_policy_joins_nothing_with_operating(void **state)
{
    struct company company = {.dir = ""};
    json_t *body = company_policy_body(POLICY), *roles = json_object_get(json_object_get(body, "compiled"), "roles"),
           *role;
    size_t i;
    (void)state;
    company_open(&company, POLICY);
    char *number = company_wait(&company, "olga", company_grant_document(&company, "ada", "READER"));
    expect_done(company_approve(&company, "oscar", number, 1), "in-force");
    json_array_foreach(roles, i, role)
    {
        if (strcmp(member_text(role, "role"), "READER") == 0)
            json_object_set_new(role, "functions", json_pack("[s, s]", "credit-note.prepare", "read.books"));
    }
    json_t *document = company_document(&company, "policy");
    json_object_update(document, body);
    company_with(document, "effective", text("2026-02-01T05:00:00.000Z"));
    json_t *result = company_submit(&company, "olga", document);
    const json_t *answers = json_object_get(result, "controls"), *answer = NULL;
    for (i = 0; i < json_array_size(answers) && answer == NULL; i++)
        if (strcmp(member_text(json_array_get(answers, i), "control"), "C-32") == 0)
            answer = json_array_get(answers, i);
    assert_non_null(answer);
    assert_string_equal(member_text(answer, "person"), "P-41");
    assert_string_equal(member_text(answer, "function"), "operate");
    assert_string_equal(member_text(answer, "held"), "credit-note.prepare");
    assert_string_equal(member_text(answer, "grant"), number);
    expect_answer(result, "refused", "C-32", "administrator");
    free(number);
    json_decref(body);
    company_close(&company);
}

static void bots_prepare_within_limits(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    golden(company_submit(&company, "bot1", company_credit_note(&company, "16446", "581483", "500.01")), "refused",
           "C-25", "bot-amount");
    char *own = company_wait(&company, "bot1", company_credit_note(&company, "16446", "581483", "500.00"));
    golden(company_approve(&company, "bot1", own, 1), "refused", "C-25", "bot-approves");
    expect_answer(company_approve(&company, "joe", own, 1), "refused", "C-01", "own-document"); /* its owner made it */
    expect_answer(company_end(&company, "bot1", VERB_REJECT, own), "refused", "C-25", "bot-approves");
    golden(company_submit(&company, "bot1", company_grant_document(&company, "bot1", "TEAM_LEAD")), "refused", "C-25",
           "bot-governs");
    /* That made three documents today; the day is UTC's. */
    golden(company_submit(&company, "bot1", company_credit_note(&company, "16446", "581484", "1.00")), "refused",
           "C-25", "bot-count");
    expect_done(company_end(&company, "bot1", VERB_WITHDRAW, own), "withdrawn");
    company_at(&company, "2026-01-05T23:59:59.999Z");
    expect_answer(company_submit(&company, "bot1", company_credit_note(&company, "16446", "581484", "1.00")), "refused",
                  "C-25", "bot-count");
    company_at(&company, "2026-01-06T00:00:00.000Z");
    json_t *body = json_pack("{s:b, s:[o, o, o, o]}", "atomic", 0, "documents",
                             company_credit_note(&company, "16446", "581484", "1.00"),
                             company_credit_note(&company, "16446", "581484", "2.00"),
                             company_credit_note(&company, "16446", "581484", "3.00"),
                             company_credit_note(&company, "16446", "581484", "4.00"));
    json_t *decision = company_do(&company, "bot1", VERB_SUBMIT, body);
    assert_string_equal(member_text(json_array_get(json_object_get(decision, "results"), 2), "outcome"), "posted");
    expect_answer(json_incref(json_array_get(json_object_get(decision, "results"), 3)), "refused", "C-25", "bot-count");
    json_decref(decision);
    golden(grant(&company, "bot1", "TEAM_LEAD"), "refused", "C-25", "role");
    expect_answer(grant(&company, "feedc", "READER"), "refused", "C-25", "role");
    expect_answer(grant(&company, "joe", "FEED_CASH"), "refused", "C-25", "role");
    expect_done(grant(&company, "bot1", "READER"), "waiting");
    free(own);
    company_close(&company);
}

static json_t *linked(json_t *document, const char *rel, const char *number)
{
    json_t *links = json_object_get(document, "links");
    if (links == NULL) {
        links = json_array();
        company_with(document, "links", links);
    }
    json_array_append_new(links, json_pack("{s:s, s:s}", "document", number, "rel", rel));
    return document;
}

static void chains_know_who_acted(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    json_t *other = company_grant(&company, "maria", "COLLECTIONS_SPECIALIST");
    char *credit = company_post(&company, "maria", company_credit_note(&company, "10442", "40251", "10.00"), 0);
    golden(company_submit(&company, "maria",
                          linked(company_write_off(&company, "10442", "40251", "10.00"), "corrects", credit)),
           "refused", "C-22", "same-person");
    expect_no_answer(company_submit(&company, "maria", company_write_off(&company, "10442", "40251", "10.00")),
                     "waiting", "C-22", "same-person");
    expect_no_answer(company_submit(&company, "cora",
                                    linked(company_write_off(&company, "10442", "40251", "11.00"), "corrects", credit)),
                     "waiting", "C-22", "same-person");
    /* Through one that is linked to it. */
    char *second = company_post(
        &company, "joe", linked(company_credit_note(&company, "10442", "40251", "12.00"), "supersedes", credit), 0);
    expect_answer(company_submit(&company, "maria",
                                 linked(company_write_off(&company, "10442", "40251", "13.00"), "corrects", second)),
                  "refused", "C-22", "same-person");
    /* Who has moved to the approvers does not approve the reversal of what was prepared before. */
    revoke(&company, "GR-1");
    revoke(&company, json_string_value(other));
    json_decref(other);
    json_decref(company_grant(&company, "maria", "TEAM_LEAD"));
    char *reversal = company_wait(&company, "joe", company_reversal(&company, credit));
    expect_answer(company_approve(&company, "maria", reversal, 1), "refused", "C-22", "same-person");
    free(credit);
    free(second);
    free(reversal);
    company_close(&company);
}

static void chains_have_an_end(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char hubs[5][16];
    for (int hub = 0; hub < 5; hub++) {
        json_t *document = company_credit_note(&company, "10442", "40251", "1.00");
        char amount[16], link[16];
        snprintf(amount, sizeof amount, "1.%02d", hub);
        json_decref(document);
        document = company_credit_note(&company, "10442", "40251", amount);
        for (int i = 0; i < 49; i++) { /* documents that need not be there */
            snprintf(link, sizeof link, "CN-%d", 1000 + hub * 49 + i);
            linked(document, "supersedes", link);
        }
        char *number = company_wait(&company, "joe", document);
        snprintf(hubs[hub], sizeof hubs[hub], "%s", number);
        free(number);
    }
    json_t *four = company_credit_note(&company, "10442", "40251", "2.00"),
           *five = company_credit_note(&company, "10442", "40251", "3.00");
    for (int hub = 0; hub < 5; hub++) {
        if (hub < 4)
            linked(four, "supersedes", hubs[hub]);
        linked(five, "supersedes", hubs[hub]);
    }
    expect_no_answer(company_submit(&company, "maria", four), "posted", "C-22", "chain-too-long"); /* exactly 200 */
    golden(company_submit(&company, "maria", five), "refused", "C-22", "chain-too-long");
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_joins_what_is_kept_apart),
        cmocka_unit_test(ended_grants_count_no_more),
        cmocka_unit_test(two_grants_that_wait),
        cmocka_unit_test(a_policy_joins_nothing_with_operating),
        cmocka_unit_test(those_who_operate_and_audit),
        cmocka_unit_test(bots_prepare_within_limits),
        cmocka_unit_test(chains_know_who_acted),
        cmocka_unit_test(chains_have_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

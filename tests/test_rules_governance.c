/*
 * C-26, C-31, C-52: users, keys, roles and policies under two officers; keys enrolled with proof, rotated by their owner,
 * revoked at once, and what a key that is over can still do, which is to leave a trace.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/instant.h"
#include "ledger/schema.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define POLICY "tests/policies/rules.yaml"

static json_t *text(const char *value)
{
    return json_string(value);
}

static json_t *signed_too(struct company *company, const char *user, json_t *document, const char *other)
{
    return company_first(company_do_with(company, user, VERB_SUBMIT, company_one(document), other));
}

static json_t *rotation(struct company *company, const char *user, const char *new_user)
{
    json_t *document = company_with(company_document(company, "key-rotation"), "user", text(user));
    company_with(document, "old", text(company_user(company, user)->key));
    return company_with(document, "new", text(company_user(company, new_user)->key));
}

static json_t *key_revocation(struct company *company, const char *user, const char *key)
{
    json_t *document = company_with(company_document(company, "key-revocation"), "user", text(user));
    return company_with(company_with(document, "key", text(key)), "reason", text("lost"));
}

static json_t *revocation(struct company *company, const char *grant)
{
    return company_with(company_with(company_document(company, "revocation"), "grant", text(grant)), "reason",
                        text("left"));
}

static void a_key_is_one_users(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_new_user(&company, "zoe");
    golden(signed_too(&company, "olga",
                      company_enrolment(&company, "zoe", "P-77", "human", company_user(&company, "joe")->key), "joe"),
           "refused", "C-26", "key-in-use");
    golden(signed_too(&company, "olga",
                      company_enrolment(&company, "joe", "P-12", "human", company_user(&company, "zoe")->key), "zoe"),
           "refused", "C-26", "user-exists");
    golden(signed_too(&company, "olga",
                      company_enrolment(&company, "zoe", "P-77", "human", company_user(&company, "book-key")->key),
                      "book-key"),
           "refused", "C-26", "key-of-book");
    /* Two enrolments of one key wait; the second is refused when the first is in force. */
    json_t *result = expect(
        signed_too(&company, "olga",
                   company_enrolment(&company, "zoe", "P-77", "human", company_user(&company, "zoe")->key), "zoe"),
        "waiting");
    json_t *other = expect(
        signed_too(&company, "olga",
                   company_enrolment(&company, "zoe2", "P-77", "human", company_user(&company, "zoe")->key), "zoe"),
        "waiting");
    expect_done(company_approve(&company, "oscar", result_number(result), 1), "in-force");
    expect_answer(company_approve(&company, "oscar", result_number(other), 1), "refused", "C-26", "key-in-use");
    json_decref(result);
    json_decref(other);
    company_close(&company);
}

static void two_officers(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    json_t *result = company_submit(&company, "olga", company_grant_document(&company, "maria2", "READER"));
    char *number = strdup(result_number(result));
    golden(result, "waiting", "C-31", "second-officer");
    expect_answer(company_approve(&company, "olga", number, 1), "refused", "C-01", "own-document");
    golden(company_approve(&company, "ana", number, 1), "refused", "C-31", "not-an-officer");
    expect_answer(company_end(&company, "ana", VERB_REJECT, number), "refused", "C-31", "not-an-officer");
    expect_answer(company_approve(&company, "oscar", number, 2), "refused", "C-02", "level-not-asked");
    expect_answer(company_submit(&company, "ana", company_grant_document(&company, "maria2", "READER")), "refused",
                  "C-31", "not-an-officer");
    expect_done(company_approve(&company, "owen", number, 1), "in-force");
    /* One officer takes away, at once; nobody takes away what is not there. */
    golden(company_submit(&company, "olga", revocation(&company, "GR-999")), "refused", "C-31", "unknown-grant");
    expect_answer(company_submit(&company, "olga", revocation(&company, "MI-9")), "refused", "C-31", "unknown-grant");
    expect_done(company_submit(&company, "oscar", revocation(&company, number)), "in-force");
    expect_answer(company_submit(&company, "oscar", revocation(&company, number)), "refused", "C-31", "unknown-grant");
    expect_answer(company_submit(&company, "maria", revocation(&company, "GR-2")), "refused", "C-31", "not-an-officer");
    /* An officer's end takes two officers, and leaves two. */
    json_t *end = expect(company_submit(&company, "olga", revocation(&company, "GR-0.3")), "waiting");
    expect_answer(company_approve(&company, "olga", result_number(end), 1), "refused", "C-01", "own-document");
    expect_done(company_approve(&company, "oscar", result_number(end), 1), "in-force");
    json_decref(end);
    golden(company_submit(&company, "olga", revocation(&company, "GR-0.2")), "refused", "C-31", "last-officers");
    expect_answer(
        company_submit(&company, "olga", key_revocation(&company, "oscar", company_user(&company, "oscar")->key)),
        "refused", "C-31", "last-officers");
    expect_answer(
        company_submit(&company, "oscar", key_revocation(&company, "oscar", company_user(&company, "oscar")->key)),
        "refused", "C-31", "last-officers");
    /* An officer without the role is none. */
    expect_answer(company_submit(&company, "owen", revocation(&company, "GR-2")), "refused", "C-31", "not-an-officer");
    free(number);
    company_close(&company);
}

static void enrolment_proves_possession(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    struct company_user *zoe = company_new_user(&company, "zoe");
    golden(company_submit(&company, "olga", company_enrolment(&company, "zoe", "P-77", "human", zoe->key)), "refused",
           "C-52", "no-possession");
    golden(signed_too(&company, "maria", company_credit_note(&company, "10442", "40251", "1.00"), "zoe"), "refused",
           "C-52", "foreign-signature");
    /* Its key is over at its end, not a millisecond before. */
    json_t *document = company_with(company_enrolment(&company, "zoe", "P-77", "human", zoe->key), "until",
                                    text("2026-02-01T00:00:00.000Z"));
    json_t *result = expect(signed_too(&company, "olga", document, "zoe"), "waiting");
    expect_done(company_approve(&company, "oscar", result_number(result), 1), "in-force");
    json_decref(result);
    json_decref(company_grant(&company, "zoe", "BILLING_SPECIALIST"));
    company_at(&company, "2026-01-31T23:59:59.999Z");
    expect_done(company_submit(&company, "zoe", company_credit_note(&company, "10442", "40251", "1.00")), "posted");
    company_at(&company, "2026-02-01T00:00:00.000Z");
    golden(company_first(company_do(&company, "zoe", VERB_SUBMIT,
                                    company_one(company_credit_note(&company, "10442", "40251", "2.00")))),
           "refused", "C-52", "key-not-valid");
    company_close(&company);
}

static void keys_are_rotated_by_their_owner(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    struct company_user *fresh = company_new_user(&company, "maria-new");
    golden(signed_too(&company, "olga", rotation(&company, "maria", "maria-new"), "maria-new"), "refused", "C-31",
           "not-the-owner");
    expect_answer(company_submit(&company, "maria", rotation(&company, "maria", "maria-new")), "refused", "C-52",
                  "no-possession");
    expect_answer(signed_too(&company, "maria",
                             company_with(rotation(&company, "maria", "maria-new"), "old", text(fresh->key)),
                             "maria-new"),
                  "refused", "C-31", "unknown-key");
    golden(signed_too(
               &company, "maria",
               company_with(rotation(&company, "maria", "maria-new"), "old", text(company_user(&company, "joe")->key)),
               "maria-new"),
           "refused", "C-31", "unknown-key");
    expect_answer(signed_too(&company, "maria",
                             company_with(rotation(&company, "maria", "maria-new"), "new",
                                          text(company_user(&company, "book-key")->key)),
                             "book-key"),
                  "refused", "C-26", "key-of-book");
    /* The owner may think better of it. */
    json_t *result =
        expect(signed_too(&company, "maria", rotation(&company, "maria", "maria-new"), "maria-new"), "waiting");
    expect_answer(company_end(&company, "joe", VERB_WITHDRAW, result_number(result)), "refused", "C-01", "not-yours");
    expect_done(company_end(&company, "maria", VERB_WITHDRAW, result_number(result)), "withdrawn");
    json_decref(result);
    result = expect(signed_too(&company, "maria", rotation(&company, "maria", "maria-new"), "maria-new"), "waiting");
    expect_answer(company_approve(&company, "ana", result_number(result), 1), "refused", "C-31", "not-an-officer");
    expect_done(company_approve(&company, "oscar", result_number(result), 1), "in-force");
    json_decref(result);
    /* The old key leaves a trace and does nothing; the new one acts. */
    expect_answer(company_first(company_do(&company, "maria", VERB_SUBMIT,
                                           company_one(company_credit_note(&company, "10442", "40251", "1.00")))),
                  "refused", "C-52", "key-not-valid");
    struct gate_answer answer;
    struct err err;
    const struct company_act act = {.user = "maria",
                                    .verb = VERB_SUBMIT,
                                    .body = company_one(company_credit_note(&company, "10442", "40251", "1.00")),
                                    .signer = &fresh->signer};
    assert_int_equal(company_act(&company, &act, &answer, &err), STATUS_OK);
    expect_done(json_incref(json_array_get(json_object_get(answer.decision, "results"), 0)), "posted");
    gate_answer_done(&answer);
    company_close(&company);
}

/* The user signs with the key of that name from now on. */
static void rotates(struct company *company, const char *user, const char *new_user)
{
    struct company_user *fresh = company_new_user(company, new_user), *had = company_user(company, user);
    json_t *result = expect(signed_too(company, user, rotation(company, user, new_user), new_user), "waiting");
    expect_done(company_approve(company, "oscar", result_number(result), 1), "in-force");
    json_decref(result);
    const struct company_user old = *had;
    had->signer = fresh->signer;
    fresh->signer = old.signer;
    snprintf(had->key, sizeof had->key, "%s", fresh->key);
    snprintf(fresh->key, sizeof fresh->key, "%s", old.key);
}

/* A second user of P-12 is told of, whichever of joe's keys is the one that signs, and not when none does. */
static void a_second_user_beside_keys_that_went(void **state)
{
    static const char *const keys[] = {"joe-2", "joe-3", "joe-4", "joe-5"};
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_new_user(&company, "joseph");
    const char *key = company_user(&company, "joseph")->key;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        rotates(&company, "joe", keys[i]);
        expect_answer(
            signed_too(&company, "olga", company_enrolment(&company, "joseph", "P-12", "human", key), "joseph"),
            "waiting", "C-26", "second-user");
    }
    expect_done(company_submit(&company, "joe", key_revocation(&company, "joe", company_user(&company, "joe")->key)),
                "in-force");
    expect_no_answer(
        signed_too(&company, "olga", company_enrolment(&company, "joseph", "P-12", "human", key), "joseph"), "waiting",
        "C-26", "second-user");
    company_close(&company);
}

/* One officer is left, since the keys of the others ran out: taking from one of those what does nothing any more takes no
 * officer away. */
static void who_is_no_officer_any_more_can_end(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, "tests/policies/govern.yaml");
    company_at(&company, "2026-12-01T12:00:00.000Z");
    rotates(&company, "olga", "olga-2");
    company_at(&company, "2027-02-01T12:00:00.000Z");
    expect_done(company_submit(&company, "olga", revocation(&company, "GR-0.3")), "waiting");
    expect_answer(company_submit(&company, "olga", revocation(&company, "GR-0.1")), "refused", "C-31", "last-officers");
    company_close(&company);
}

static void keys_are_revoked_at_once(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    expect_answer(
        company_submit(&company, "maria", key_revocation(&company, "joe", company_user(&company, "joe")->key)),
        "refused", "C-31", "not-an-officer");
    expect_answer(
        company_submit(&company, "olga", key_revocation(&company, "maria", company_user(&company, "joe")->key)),
        "refused", "C-31", "unknown-key");
    char *waits = company_wait(&company, "joe", company_credit_note(&company, "10442", "40251", "300.00"));
    expect_done(company_submit(&company, "joe", key_revocation(&company, "joe", company_user(&company, "joe")->key)),
                "in-force");
    expect_answer(company_first(company_do(&company, "joe", VERB_SUBMIT,
                                           company_one(company_credit_note(&company, "10442", "40251", "1.00")))),
                  "refused", "C-52", "key-not-valid");
    /* What was signed before stands. */
    expect_done(company_approve(&company, "ana", waits, 1), "posted");
    expect_done(company_submit(&company, "olga", key_revocation(&company, "cora", company_user(&company, "cora")->key)),
                "in-force");
    expect_answer(
        company_submit(&company, "olga", key_revocation(&company, "cora", company_user(&company, "cora")->key)),
        "refused", "C-31", "unknown-key");
    free(waits);
    company_close(&company);
}

static void leavers_act_no_more(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *waits = company_wait(&company, "maria", company_credit_note(&company, "10442", "40251", "300.00"));
    expect_done(company_submit(&company, "olga", revocation(&company, "GR-1")), "in-force");
    expect_answer(company_submit(&company, "maria", company_credit_note(&company, "10442", "40251", "1.00")), "refused",
                  "C-02", "no-function");
    expect_answer(company_amend(&company, "maria", waits, company_credit_note(&company, "10442", "40251", "2.00")),
                  "refused", "C-02", "no-function");
    expect_done(company_end(&company, "maria", VERB_WITHDRAW, waits), "withdrawn");
    /* An approver who left between: his signature was good when he gave it, and no more are. */
    char *two = company_wait(&company, "joe", company_credit_note(&company, "10442", "40251", "2600.00"));
    expect_done(company_approve(&company, "ana", two, 1), "approved");
    expect_done(company_submit(&company, "olga", revocation(&company, "GR-5")), "in-force");
    char *three = company_wait(&company, "joe", company_credit_note(&company, "10442", "40251", "10.00"));
    expect_answer(company_approve(&company, "ana", three, 1), "refused", "C-02", "no-authority");
    expect_done(company_approve(&company, "priya", two, 2), "posted");
    free(waits);
    free(two);
    free(three);
    company_close(&company);
}

static json_t *policy_document(struct company *company, const char *effective)
{
    json_t *charter_policy = company_policy_body(POLICY);
    json_t *document = company_document(company, "policy");
    json_object_update(document, charter_policy);
    json_decref(charter_policy);
    return company_with(document, "effective", text(effective));
}

/* More policies than are remembered: each is in force from its day on, and the charter's no more. */
static void policies_follow_each_other(void **state)
{
    enum { POLICIES = 18 };
    struct company company = {.dir = ""};
    int64_t last = 0;
    (void)state;
    company_open(&company, POLICY);
    for (int day = 10; day < 10 + POLICIES; day++) {
        char effective[INSTANT_TEXT_BYTES], now[INSTANT_TEXT_BYTES], name[32];
        snprintf(now, sizeof now, "2026-01-%02dT12:00:00.000Z", day);
        snprintf(effective, sizeof effective, "2026-01-%02dT05:00:00.000Z", day + 1);
        snprintf(name, sizeof name, "Policy of day %d", day);
        company_at(&company, now);
        json_t *document = policy_document(&company, effective);
        json_object_set_new(json_object_get(document, "compiled"), "name", json_string(name));
        char *number = company_wait(&company, "olga", document);
        expect_done(company_approve(&company, "oscar", number, 1), "in-force");
        free(number);
        json_t *decision = company_do(&company, "maria", VERB_SUBMIT,
                                      company_one(company_credit_note(&company, "10442", "40251", "1.00")));
        const int64_t seq = member_integer(json_object_get(decision, "policy"), "seq");
        assert_true(day == 10 ? seq == 0 : seq > last);
        last = seq;
        json_decref(decision);
    }
    company_close(&company);
}

static void a_policy_waits_for_the_next_day(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-01-10T12:00:00.000Z");
    /* The next day of the last of the entities: New York's midnight is 05:00 here. */
    golden(company_submit(&company, "olga", policy_document(&company, "2026-01-11T04:59:59.999Z")), "refused", "C-31",
           "too-early");
    json_t *result =
        expect(company_submit(&company, "olga", policy_document(&company, "2026-01-11T05:00:00.000Z")), "waiting");
    /* Approved too late, it would act on the same day. */
    char *number = strdup(result_number(result));
    json_decref(result);
    company_at(&company, "2026-01-11T05:00:00.000Z");
    expect_answer(company_approve(&company, "oscar", number, 1), "refused", "C-31", "too-early");
    json_t *bad = policy_document(&company, "2026-02-01T00:00:00.000Z");
    json_object_del(json_object_get(bad, "compiled"), "base");
    golden(company_submit(&company, "olga", bad), "refused", "C-31", "policy-invalid");
    expect_answer(company_submit(&company, "ada", policy_document(&company, "2026-02-01T00:00:00.000Z")), "refused",
                  "C-31", "not-an-officer");
    free(number);
    company_close(&company);
}

/* The number of the one grant that a user holds. */
static void grant_of(struct company *company, const char *user, char ret_number[static 16])
{
    ret_number[0] = '\0';
    for (int i = 1; i < 100 && ret_number[0] == '\0'; i++) {
        char number[16];
        snprintf(number, sizeof number, "GR-%d", i);
        const struct books_key key = books_key(number);
        json_t *grant = company_books(company, BOOKS_GRANTS, &key);
        if (grant != NULL && strcmp(member_text(grant, "user"), user) == 0 && member_text(grant, "revoked") == NULL)
            snprintf(ret_number, 16, "%s", number);
        json_decref(grant);
    }
    assert_string_not_equal(ret_number, "");
}

/* bot1 is joe's (P-12): he stops it alone, at once; nobody else but an officer, and no person's access but that way. */
static void a_bot_is_stopped_by_its_owner(void **state)
{
    struct company company = {.dir = ""};
    char bot[16], joe[16], feed[16];
    (void)state;
    company_open(&company, "tests/policies/rules.yaml");
    grant_of(&company, "bot1", bot);
    grant_of(&company, "joe", joe);
    grant_of(&company, "feedi", feed);
    expect_answer(company_submit(&company, "maria", revocation(&company, bot)), "refused", "C-31", "not-an-officer");
    expect_answer(company_submit(&company, "ana", revocation(&company, bot)), "refused", "C-31", "not-an-officer");
    expect_answer(company_submit(&company, "bot1", revocation(&company, bot)), "refused", "C-25", "bot-governs");
    expect_answer(company_submit(&company, "joe", revocation(&company, joe)), "refused", "C-31", "not-an-officer");
    expect_answer(company_submit(&company, "joe", revocation(&company, feed)), "refused", "C-31", "not-an-officer");
    char *before = company_post(&company, "bot1", company_credit_note(&company, "10442", "40251", "10.00"), 0);
    expect_done(company_submit(&company, "joe", revocation(&company, bot)), "in-force");
    expect_answer(company_submit(&company, "bot1", company_credit_note(&company, "10442", "40251", "11.00")), "refused",
                  "C-02", "no-function");
    expect_answer(company_submit(&company, "joe", company_grant_document(&company, "bot1", "BILLING_SPECIALIST")),
                  "refused", "C-31", "not-an-officer");
    expect_done(company_submit(&company, "olga", company_grant_document(&company, "bot1", "BILLING_SPECIALIST")),
                "waiting");
    expect_answer(company_submit(&company, "bot1", company_credit_note(&company, "10442", "40251", "12.00")), "refused",
                  "C-02", "no-function");
    free(before);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_one_users),
        cmocka_unit_test(two_officers),
        cmocka_unit_test(a_bot_is_stopped_by_its_owner),
        cmocka_unit_test(enrolment_proves_possession),
        cmocka_unit_test(keys_are_rotated_by_their_owner),
        cmocka_unit_test(a_second_user_beside_keys_that_went),
        cmocka_unit_test(who_is_no_officer_any_more_can_end),
        cmocka_unit_test(keys_are_revoked_at_once),
        cmocka_unit_test(leavers_act_no_more),
        cmocka_unit_test(policies_follow_each_other),
        cmocka_unit_test(a_policy_waits_for_the_next_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

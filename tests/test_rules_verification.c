/*
 * C-52, verification: where the policy asks that the key which signs has verified its user. Each case that trips stands
 * beside the one that differs in the flag, the level, the function or the person alone and does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/gate.h"
#include "ledger/hash.h"
#include "ledger/instant.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "tests/support/closing.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"
#include "tests/support/soft_fido.h"

#define POLICY  "tests/policies/rules.yaml"
#define TOUCH   SIGNATURE_USER_PRESENT
#define VERIFY  (SIGNATURE_USER_PRESENT | SIGNATURE_USER_VERIFIED)
#define PLAIN   0
#define NEXTDAY "2026-01-06T05:00:00.000Z"

enum { HANDS_MAX = 8 };

/* Who has a security key, beside the plain one that everybody has. */
struct hands {
    struct soft_fido soft[HANDS_MAX];
    char user[HANDS_MAX][32];
    struct signer signer[HANDS_MAX];
    size_t count;
};

/* The signer of a user's security key, set to answer so; NULL for PLAIN: the user's own plain one. */
static const struct signer *hand(struct hands *hands, const char *user, uint8_t flags)
{
    for (size_t i = 0; flags != PLAIN && i < hands->count; i++) {
        hands->soft[i].flags = flags;
        if (strcmp(hands->user[i], user) == 0)
            return &hands->signer[i];
    }
    assert_int_equal(flags, PLAIN);
    return NULL;
}

static json_t *act_as(struct company *company, struct hands *hands, const struct company_act *act, uint8_t flags)
{
    struct gate_answer answer = {.decision = NULL};
    struct company_act signed_act = *act;
    struct err err;
    signed_act.signer = hand(hands, act->user, flags);
    if (company_act(company, &signed_act, &answer, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    json_t *decision = json_incref(answer.decision);
    gate_answer_done(&answer);
    return company_first(decision);
}

static json_t *submit(struct company *company, struct hands *hands, const char *user, json_t *document, uint8_t flags)
{
    return act_as(company, hands,
                  &(const struct company_act){.user = user, .verb = VERB_SUBMIT, .body = company_one(document)}, flags);
}

static json_t *approve(struct company *company, struct hands *hands, const char *user, const char *number, int level,
                       uint8_t flags)
{
    json_t *record = company_record(company, number);
    json_t *body = json_pack("{s:[{s:O, s:s, s:i, s:O}]}", "items", "content", json_object_get(record, "content"),
                             "document", number, "level", level, "version", json_object_get(record, "version"));
    json_decref(record);
    return act_as(company, hands, &(const struct company_act){.user = user, .verb = VERB_APPROVE, .body = body}, flags);
}

/* A further key for a user, of two officers. */
static void hand_out(struct company *company, struct hands *hands, const char *user)
{
    char key[PUBLIC_KEY_TEXT_MAX];
    size_t place = hands->count++;
    assert_true(place < HANDS_MAX);
    snprintf(hands->user[place], sizeof hands->user[place], "%s", user);
    hands->signer[place] = soft_fido_signer(&hands->soft[place], (uint8_t)(100 + place), TOUCH);
    sshkey_format(&hands->signer[place].key, key);
    json_t *document = company_with(company_document(company, "key-rotation"), "user", json_string(user));
    company_with(document, "new", json_string(key));
    struct gate_answer answer = {.decision = NULL};
    struct err err;
    if (company_try(company, "olga", VERB_SUBMIT, company_one(document), &hands->signer[place], &answer, &err) !=
        STATUS_OK)
        fail_msg("%s", err.text);
    json_t *result = expect(json_incref(json_array_get(json_object_get(answer.decision, "results"), 0)), "waiting");
    expect_done(company_approve(company, "oscar", result_number(result), 1), "in-force");
    json_decref(result);
    gate_answer_done(&answer);
}

static json_t *credit(struct company *company, const char *amount)
{
    return company_credit_note(company, "10442", "40251", amount);
}

static void verify_from(struct company *company, const char *verification)
{
    char text[200];
    snprintf(text, sizeof text, "verification: %s\nbots: {", verification);
    closing_policy(company, (const struct edit[]){{"bots: {", text}, {NULL, NULL}}, NEXTDAY);
}

static void approvals_from_a_level(void **state)
{
    struct company company = {.dir = ""};
    struct hands hands = {.count = 0};
    (void)state;
    company_open(&company, POLICY);
    closing_hire(&company, "mona", "P-61", "MANAGER", "US01");
    hand_out(&company, &hands, "priya");
    hand_out(&company, &hands, "mona");
    hand_out(&company, &hands, "ana");
    verify_from(&company, "{ from_level: 2 }");
    /* Preparing, and the level below, take any key. */
    char *number = company_wait(&company, "maria", credit(&company, "2600.00"));
    expect_done(company_approve(&company, "ana", number, 1), "approved");
    golden(approve(&company, &hands, "priya", number, 2, PLAIN), "refused", "C-52", "not-verified");
    expect_answer(approve(&company, &hands, "priya", number, 2, TOUCH), "refused", "C-52", "not-verified");
    /* Another's verified signature beside one's own is nothing; one's own beside one's own counts. */
    json_t *record = company_record(&company, number);
    json_t *body = json_pack("{s:[{s:O, s:s, s:i, s:O}]}", "items", "content", json_object_get(record, "content"),
                             "document", number, "level", 2, "version", json_object_get(record, "version"));
    json_decref(record);
    struct company_act act = {.user = "priya", .verb = VERB_APPROVE, .body = json_incref(body)};
    act.extra = hand(&hands, "ana", VERIFY);
    expect_answer(act_as(&company, &hands, &act, PLAIN), "refused", "C-52", "foreign-signature");
    act.body = body;
    act.extra = hand(&hands, "priya", VERIFY);
    expect_done(act_as(&company, &hands, &act, PLAIN), "posted");
    /* A reversal takes its original's levels. */
    char *reversal = company_wait(&company, "maria", company_reversal(&company, number));
    expect_done(company_approve(&company, "tom", reversal, 1), "approved");
    expect_answer(approve(&company, &hands, "mona", reversal, 2, TOUCH), "refused", "C-52", "not-verified");
    expect_done(approve(&company, &hands, "mona", reversal, 2, VERIFY), "approved");
    free(reversal);
    free(number);
    company_close(&company);
}

static void functions_by_name(void **state)
{
    struct company company = {.dir = ""};
    struct hands hands = {.count = 0};
    (void)state;
    company_open(&company, POLICY);
    closing_closers(&company);
    hand_out(&company, &hands, "maria");
    hand_out(&company, &hands, "cleo");
    verify_from(&company, "{ functions: [credit-note.prepare, correction.approve.1, period.close] }");
    expect_answer(submit(&company, &hands, "maria", credit(&company, "1.00"), PLAIN), "refused", "C-52",
                  "not-verified");
    expect_answer(submit(&company, &hands, "maria", credit(&company, "1.00"), TOUCH), "refused", "C-52",
                  "not-verified");
    expect_done(submit(&company, &hands, "maria", credit(&company, "1.00"), VERIFY), "posted");
    /* Another kind, and approving what was prepared so. */
    expect_done(
        submit(&company, &hands, "maria", company_correction(&company, "10442", "40251", "1.50", "down"), PLAIN),
        "posted");
    json_t *result = expect(submit(&company, &hands, "maria", credit(&company, "300.00"), VERIFY), "waiting");
    char *number = strdup(result_number(result));
    json_decref(result);
    expect_done(company_approve(&company, "ana", number, 1), "posted");
    free(number);
    /* What is amended is prepared again. */
    result = expect(submit(&company, &hands, "maria", credit(&company, "301.00"), VERIFY), "waiting");
    number = strdup(result_number(result));
    json_decref(result);
    expect_answer(company_amend(&company, "maria", number, credit(&company, "302.00")), "refused", "C-52",
                  "not-verified");
    /* To take it back is not asked for. */
    expect_done(company_end(&company, "maria", VERB_WITHDRAW, number), "withdrawn");
    free(number);
    /* A month is closed with it, and not opened without, by an officer neither. */
    expect_answer(submit(&company, &hands, "cleo", closing_period(&company, "2025-12", "soft"), TOUCH), "refused",
                  "C-52", "not-verified");
    expect_done(submit(&company, &hands, "cleo", closing_period(&company, "2025-12", "soft"), VERIFY), "in-force");
    result = expect(submit(&company, &hands, "cleo", closing_period(&company, "2025-12", "open"), VERIFY), "waiting");
    expect_answer(company_approve(&company, "oscar", result_number(result), 1), "refused", "C-52", "not-verified");
    expect_answer(company_approve(&company, "clive", result_number(result), 1), "refused", "C-52", "not-verified");
    json_decref(result);
    company_close(&company);
}

static json_t *rotation(struct company *company, const char *user, const char *new_key)
{
    json_t *document = company_with(company_document(company, "key-rotation"), "user", json_string(user));
    company_with(document, "old", json_string(company_user(company, user)->key));
    return company_with(document, "new", json_string(company_user(company, new_key)->key));
}

/* A policy that asks it of officers; not submitted. */
static json_t *strict_policy(struct company *company, const char *verification)
{
    char path[VARIANT_PATH_BYTES], text[200];
    snprintf(text, sizeof text, "verification: %s\nbots: {", verification);
    variant_make(((const struct edit[]){{"bots: {", text}, {NULL, NULL}}), path);
    json_t *document = company_document(company, "policy"), *body = company_policy_body(path);
    json_object_update(document, body);
    json_decref(body);
    variant_done(path);
    return company_with(document, "effective", json_string(NEXTDAY));
}

static void officers_show_it_before_they_are_bound(void **state)
{
    struct company company = {.dir = ""};
    struct hands hands = {.count = 0};
    (void)state;
    company_open(&company, POLICY);
    hand_out(&company, &hands, "olga");
    hand_out(&company, &hands, "oscar");
    company_new_user(&company, "olga-new");
    company_new_user(&company, "maria-new");
    expect_answer(submit(&company, &hands, "olga", strict_policy(&company, "{ functions: [govern.access] }"), PLAIN),
                  "refused", "C-52", "not-verified");
    expect_answer(submit(&company, &hands, "olga", strict_policy(&company, "{ functions: [govern.policy] }"), TOUCH),
                  "refused", "C-52", "not-verified");
    json_t *result = expect(
        submit(&company, &hands, "olga", strict_policy(&company, "{ functions: [govern.access] }"), VERIFY), "waiting");
    expect_answer(approve(&company, &hands, "oscar", result_number(result), 1, TOUCH), "refused", "C-52",
                  "not-verified");
    expect_done(approve(&company, &hands, "oscar", result_number(result), 1, VERIFY), "in-force");
    json_decref(result);
    /* Not yet in force: a touch will do. */
    result = expect(submit(&company, &hands, "olga", company_grant_document(&company, "maria2", "READER"), TOUCH),
                    "waiting");
    company_at(&company, NEXTDAY);
    expect_answer(approve(&company, &hands, "oscar", result_number(result), 1, TOUCH), "refused", "C-52",
                  "not-verified");
    expect_done(approve(&company, &hands, "oscar", result_number(result), 1, VERIFY), "in-force");
    json_decref(result);
    expect_answer(submit(&company, &hands, "olga", company_grant_document(&company, "joe", "READER"), PLAIN), "refused",
                  "C-52", "not-verified");
    /* A new key that verifies its user signs its own enrolment: that is not the officer's verification. */
    struct soft_fido new_soft;
    const struct signer new_signer = soft_fido_signer(&new_soft, 77, VERIFY);
    static const uint8_t officers_flags[] = {PLAIN, TOUCH, VERIFY};
    for (size_t i = 0; i < 3; i++) {
        char key[PUBLIC_KEY_TEXT_MAX];
        sshkey_format(&new_signer.key, key);
        json_t *document = company_with(company_document(&company, "key-rotation"), "user", json_string("joe"));
        struct company_act act = {.user = "olga", .verb = VERB_SUBMIT, .extra = &new_signer};
        act.body = company_one(company_with(document, "new", json_string(key)));
        result = act_as(&company, &hands, &act, officers_flags[i]);
        if (officers_flags[i] == VERIFY)
            expect_done(result, "waiting");
        else
            expect_answer(result, "refused", "C-52", "not-verified");
    }
    /* What is policy's, and business, is not access. */
    expect_done(submit(&company, &hands, "maria", credit(&company, "1.00"), PLAIN), "posted");
    /* One's own plain key is replaced with itself; the second officer's is looked at. So is an officer's own. */
    static const char *const own[][2] = {{"maria", "maria-new"}, {"olga", "olga-new"}};
    for (size_t i = 0; i < 2; i++) {
        json_t *decision = company_do_with(&company, own[i][0], VERB_SUBMIT,
                                           company_one(rotation(&company, own[i][0], own[i][1])), own[i][1]);
        result = expect(company_first(decision), "waiting");
        expect_answer(company_approve(&company, "owen", result_number(result), 1), "refused", "C-52", "not-verified");
        expect_done(approve(&company, &hands, "oscar", result_number(result), 1, VERIFY), "in-force");
        json_decref(result);
    }
    company_close(&company);
}

static json_t *officer(const char *user, const char *person, const struct signer *signer)
{
    char key[PUBLIC_KEY_TEXT_MAX];
    sshkey_format(&signer->key, key);
    return json_pack("{s:s, s:s, s:s}", "key", key, "person", person, "user", user);
}

static json_t *together(struct company *company, const char *actor, enum verb verb, json_t *body,
                        const char *const signers[])
{
    struct gate_answer answer = {.decision = NULL};
    struct err err;
    if (company_signed_by(company, actor, verb, body, signers, &answer, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    json_t *decision = json_incref(answer.decision);
    gate_answer_done(&answer);
    return company_first(decision);
}

/* `recover` and `clock` bring and take officers: the same is asked of them. */
static void what_officers_sign_together(void **state)
{
    struct company company = {.dir = "", .recovery = true};
    struct hands hands = {.count = 0};
    struct soft_fido soft[2];
    (void)state;
    company_open(&company, POLICY);
    hand_out(&company, &hands, "olga");
    hand_out(&company, &hands, "oscar");
    json_t *result = expect(
        submit(&company, &hands, "olga", strict_policy(&company, "{ functions: [govern.policy] }"), VERIFY), "waiting");
    expect_done(approve(&company, &hands, "oscar", result_number(result), 1, VERIFY), "in-force");
    json_decref(result);
    company_at(&company, NEXTDAY);
    static const char *const names[] = {"nina", "noah"};
    for (size_t i = 0; i < 2; i++) {
        struct company_user *user = company_new_user(&company, names[i]);
        signer_close(&user->signer);
        user->signer = soft_fido_signer(&soft[i], (uint8_t)(200 + i), VERIFY);
    }
    for (size_t i = 0; i < 3; i++) {
        /* One of them was touched only, then the other, then neither. */
        soft[0].flags = i == 0 ? TOUCH : VERIFY;
        soft[1].flags = i == 1 ? TOUCH : VERIFY;
        json_t *body =
            json_pack("{s:[o, o]}", "officers", officer("nina", "P-91", &company_user(&company, "nina")->signer),
                      officer("noah", "P-92", &company_user(&company, "noah")->signer));
        result = together(&company, "nina", VERB_RECOVER, body,
                          (const char *const[]){"recovery1", "recovery2", "nina", "noah", NULL});
        if (i < 2)
            expect_answer(result, "refused", "C-52", "not-verified");
        else
            expect_done(result, "in-force");
    }
    company_close(&company);
}

static json_t *clock_body(struct company *company)
{
    char time[INSTANT_TEXT_BYTES], leaf[HASH_HEX_CHARS + 1];
    const struct journal_head head = company_head(company);
    hash_to_hex(&head.leaf, leaf);
    instant_format(company->now_ms, time);
    return json_pack("{s:{s:s, s:I}, s:s, s:s}", "head", "hash", leaf, "seq", (json_int_t)head.size - 1, "reason",
                     "the clock was ahead", "true_time", time);
}

static void a_clock_that_officers_set(void **state)
{
    struct company company = {.dir = "", .recovery = true};
    struct hands hands = {.count = 0};
    static const char *const names[] = {"olga", "oscar"};
    static const char *const keys[] = {"olga-sk", "oscar-sk"};
    (void)state;
    company_open(&company, POLICY);
    for (size_t i = 0; i < 2; i++) {
        hand_out(&company, &hands, names[i]);
        struct company_user *user = company_new_user(&company, keys[i]);
        signer_close(&user->signer);
        user->signer = hands.signer[i];
    }
    json_t *result = expect(
        submit(&company, &hands, "olga", strict_policy(&company, "{ functions: [govern.access] }"), VERIFY), "waiting");
    expect_done(approve(&company, &hands, "oscar", result_number(result), 1, VERIFY), "in-force");
    json_decref(result);
    company_at(&company, "2026-03-01T12:00:00.000Z");
    expect_done(company_submit(&company, "joe", credit(&company, "1.00")), "posted");
    const int64_t back_ms = company.now_ms - INT64_C(30) * 86400000;
    for (size_t i = 0; i < 4; i++) {
        struct gate_answer answer = {.decision = NULL};
        struct err err;
        company.now_ms = back_ms;
        hands.soft[0].flags = i == 0 ? TOUCH : VERIFY;
        hands.soft[1].flags = i == 1 ? TOUCH : VERIFY;
        enum status status =
            company_signed_by(&company, "olga", VERB_CLOCK, clock_body(&company),
                              (const char *const[]){"olga-sk", i == 2 ? "oscar" : "oscar-sk", NULL}, &answer, &err);
        /* One that is refused is no entry: it would itself set the clock back. */
        assert_int_equal(status, i < 3 ? STATUS_REFUSED : STATUS_OK);
        if (status == STATUS_OK)
            gate_answer_done(&answer);
        else
            assert_non_null(strstr(err.text, i == 2 ? "this one is none" : "only touched"));
    }
    company.unchecked = true; /* setting a clock back is a finding of every verification */
    company_close(&company);
}

/* In a dry run nothing is signed: it says with what it would have to be. */
static void a_dry_run_says_what_it_takes(void **state)
{
    struct company company = {.dir = ""};
    struct err err;
    struct statement statement;
    json_t *decision = NULL;
    (void)state;
    company_open(&company, POLICY);
    verify_from(&company, "{ functions: [credit-note.prepare] }");
    json_t *body = json_pack("{s:b, s:[o, o]}", "atomic", 0, "documents", credit(&company, "1.00"),
                             company_correction(&company, "10442", "40251", "1.50", "down"));
    const struct statement_head head = {.verb = VERB_SUBMIT,
                                        .actor = "maria",
                                        .book = gate_book_id(company.gate),
                                        .id = "dry",
                                        .at_ms = company.now_ms + 1000};
    assert_int_equal(statement_make(&head, body, &statement, &err), STATUS_OK);
    json_decref(body);
    assert_int_equal(gate_dry_run(company.gate, slice_of(statement.bytes, statement.length), &decision, &err),
                     STATUS_OK);
    const json_t *results = json_object_get(decision, "results");
    golden(json_incref(json_array_get(results, 0)), "posted", "C-52", "verification");
    expect_no_answer(json_incref(json_array_get(results, 1)), "posted", "C-52", "verification");
    json_decref(decision);
    statement_done(&statement);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(approvals_from_a_level),
        cmocka_unit_test(functions_by_name),
        cmocka_unit_test(officers_show_it_before_they_are_bound),
        cmocka_unit_test(what_officers_sign_together),
        cmocka_unit_test(a_clock_that_officers_set),
        cmocka_unit_test(a_dry_run_says_what_it_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

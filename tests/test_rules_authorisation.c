/*
 * C-01 to C-04 and C-12: who may make, who may sign, in what order, and what exactly. Each case that trips stands beside one
 * that comes as close as possible and does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/control.h"
#include "controls/kind.h"
#include "controls/policy.h"
#include "ledger/schema.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define POLICY "tests/policies/rules.yaml"

/* A statement that is refused as a whole: its decision. */
static json_t *act(struct company *company, struct company_act what)
{
    struct gate_answer answer;
    struct err err;
    if (company_act(company, &what, &answer, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    json_t *decision = json_incref(answer.decision);
    gate_answer_done(&answer);
    return decision;
}

static json_t *item(struct company *company, const char *number, int level)
{
    json_t *record = company_record(company, number);
    json_t *body = json_pack("{s:s, s:s, s:i, s:I}", "content", member_text(record, "content"), "document", number,
                             "level", level, "version", (json_int_t)member_integer(record, "version"));
    json_decref(record);
    return body;
}

static json_t *first(json_t *decision)
{
    json_t *result = json_incref(json_array_get(json_object_get(decision, "results"), 0));
    json_decref(decision);
    return result;
}

static void nobody_signs_his_own(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *number = company_wait(&company, "maria", company_credit_note(&company, "16446", "581483", "2500.00"));
    golden(company_approve(&company, "maria", number, 1), "refused", "C-01", "own-document");
    expect_answer(company_approve(&company, "maria2", number, 1), "refused", "C-01", "own-document");
    expect_answer(company_end(&company, "maria2", VERB_REJECT, number), "refused", "C-01", "own-document");
    golden(company_end(&company, "joe", VERB_WITHDRAW, number), "refused", "C-01", "not-yours");
    /* Who asked for it is a maker, who amends it is one, and so is a bot's owner. */
    json_t *asked =
        company_with(company_credit_note(&company, "16446", "581484", "500.00"), "requested_by", json_string("P-21"));
    char *second = company_wait(&company, "maria", asked);
    expect_answer(company_approve(&company, "ana", second, 1), "refused", "C-01", "own-document");
    expect_done(company_approve(&company, "tom", second, 1), "approved"); /* the group's sum takes a manager too */
    expect_done(company_approve(&company, "priya", second, 2), "posted");
    /* The same person's other account may withdraw. */
    expect_done(company_end(&company, "maria2", VERB_WITHDRAW, number), "withdrawn");
    free(second);
    free(number);
    company_close(&company);
}

static void amount_asks_levels(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    expect_no_answer(company_submit(&company, "maria", company_credit_note(&company, "10442", "40251", "200.00")),
                     "posted", "C-02", "amount");
    golden(company_submit(&company, "maria", company_credit_note(&company, "16446", "581484", "200.01")), "waiting",
           "C-02", "amount");
    json_t *result = expect(
        company_submit(&company, "maria", company_credit_note(&company, "16446", "581483", "2500.00")), "waiting");
    assert_int_equal(
        levels_from_json(json_object_get(json_array_get(json_object_get(result, "controls"), 0), "levels")), 1);
    json_decref(result);
    company_close(&company);
    company_open(&company, POLICY);
    result = expect(company_submit(&company, "maria", company_credit_note(&company, "16446", "581483", "2500.01")),
                    "waiting");
    assert_int_equal(levels_from_json(json_object_get(result, "levels")), 3);
    json_decref(result);
    company_close(&company);
}

static void on_account_is_a_track_of_its_own(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    json_t *document = company_credit_note(&company, "10442", "40251", "100.00");
    company_with(company_with(document, "amount", json_string("100.01")), "on_account", json_string("0.01"));
    golden(company_submit(&company, "maria", document), "waiting", "C-02", "on-account");
    company_close(&company);
}

static void functions_are_held_by_grants(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    golden(company_submit(&company, "cora", company_credit_note(&company, "10442", "40251", "100.00")), "refused",
           "C-02", "no-function");
    expect_answer(company_submit(&company, "maria2", company_credit_note(&company, "10442", "40251", "100.00")),
                  "refused", "C-02", "no-function");
    json_t *document =
        company_with(company_credit_note(&company, "10442", "40251", "100.00"), "entity", json_string("US02"));
    golden(company_submit(&company, "maria", document), "refused", "C-02", "unknown-entity");
    /* An entity of the policy that the grant does not reach. */
    document = company_with(company_credit_note(&company, "10442", "40251", "100.00"), "entity", json_string("DE01"));
    expect_answer(company_submit(&company, "maria", document), "refused", "C-02", "no-function");
    char *number = company_wait(&company, "maria", company_credit_note(&company, "10442", "40251", "3000.00"));
    golden(company_approve(&company, "priya", number, 1), "refused", "C-02", "no-authority");
    golden(company_approve(&company, "priya", number, 2), "refused", "C-02", "level-order");
    golden(company_approve(&company, "dora", number, 3), "refused", "C-02", "level-not-asked");
    expect_answer(company_end(&company, "cora", VERB_REJECT, number), "refused", "C-02", "no-authority");
    expect_done(company_approve(&company, "ana", number, 1), "approved");
    golden(company_approve(&company, "ana", number, 2), "refused", "C-03", "signed-already");
    expect_answer(company_approve(&company, "tom", number, 1), "refused", "C-02", "level-not-asked");
    expect_done(company_approve(&company, "priya", number, 2), "posted");
    free(number);
    company_close(&company);
}

static void approval_is_of_one_version(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *number = company_wait(&company, "maria", company_credit_note(&company, "10442", "40251", "500.00"));
    json_t *old = item(&company, number, 1);
    expect_done(company_amend(&company, "maria", number, company_credit_note(&company, "10442", "40251", "501.00")),
                "waiting");
    golden(first(company_do(&company, "ana", VERB_APPROVE, json_pack("{s:[O]}", "items", old))), "refused", "C-04",
           "content");
    /* The right version number with the old content, and the other way round. */
    json_object_set_new(old, "version", json_integer(2));
    expect_answer(first(company_do(&company, "ana", VERB_APPROVE, json_pack("{s:[O]}", "items", old))), "refused",
                  "C-04", "content");
    json_decref(old);
    json_t *new_item = company_with(item(&company, number, 1), "version", json_integer(1));
    expect_answer(first(company_do(&company, "ana", VERB_APPROVE, json_pack("{s:[o]}", "items", new_item))), "refused",
                  "C-04", "content");
    json_t *ghost = company_with(item(&company, number, 1), "document", json_string("CN-99"));
    golden(first(company_do(&company, "ana", VERB_APPROVE, json_pack("{s:[o]}", "items", ghost))), "refused", "C-04",
           "unknown-document");
    expect_done(company_approve(&company, "ana", number, 1), "posted");
    golden(company_approve(&company, "tom", number, 1), "refused", "C-04", "not-waiting");
    expect_answer(company_end(&company, "maria", VERB_WITHDRAW, number), "refused", "C-04", "not-waiting");
    expect_answer(company_amend(&company, "maria", number, company_credit_note(&company, "10442", "40251", "9.00")),
                  "refused", "C-04", "not-waiting");
    free(number);
    company_close(&company);
}

static void amendment_keeps_what_the_number_says(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *number = company_wait(&company, "maria", company_credit_note(&company, "10442", "40251", "500.00"));
    json_t *other_year =
        company_with(company_credit_note(&company, "10442", "40251", "500.00"), "date", json_string("2025-12-31"));
    golden(company_amend(&company, "maria", number, other_year), "refused", "C-04", "amendment-changes");
    expect_answer(
        company_amend(&company, "maria", number, company_correction(&company, "10442", "40251", "500.00", "down")),
        "refused", "C-04", "amendment-changes");
    json_t *same_year =
        company_with(company_credit_note(&company, "10442", "40251", "500.00"), "date", json_string("2026-01-01"));
    expect_done(company_amend(&company, "maria", number, same_year), "waiting");
    free(number);
    company_close(&company);
}

static void what_the_signer_saw(void **state)
{
    struct company company = {.dir = ""};
    struct gate_answer before;
    struct err err;
    (void)state;
    company_open(&company, POLICY);
    json_t *body =
        json_pack("{s:b, s:[o]}", "atomic", 0, "documents", company_credit_note(&company, "10442", "40251", "1.00"));
    assert_int_equal(company_try(&company, "maria", VERB_SUBMIT, body, NULL, &before, &err), STATUS_OK);
    char *number = company_wait(&company, "maria", company_credit_note(&company, "10442", "40251", "500.00"));
    json_t *record = company_record(&company, number);
    assert_int_equal(member_integer(record, "seq"), before.seq + 1);
    json_decref(record);
    golden(act(&company, (struct company_act){.user = "ana",
                                              .verb = VERB_APPROVE,
                                              .body = json_pack("{s:[o]}", "items", item(&company, number, 1)),
                                              .seen_null = true}),
           "refused", "C-04", "seen-missing");
    golden(act(&company, (struct company_act){.user = "ana",
                                              .verb = VERB_APPROVE,
                                              .body = json_pack("{s:[o]}", "items", item(&company, number, 1)),
                                              .seen_hash = &before.leaf,
                                              .seen_seq = before.seq + 1}),
           "refused", "C-04", "unknown-seen");
    golden(first(act(&company, (struct company_act){.user = "ana",
                                                    .verb = VERB_APPROVE,
                                                    .body = json_pack("{s:[o]}", "items", item(&company, number, 1)),
                                                    .seen_hash = &before.leaf,
                                                    .seen_seq = before.seq})),
           "refused", "C-04", "seen-before");
    /* To reject and to return asks for it, too; to withdraw does not. */
    static const enum verb ends[] = {VERB_REJECT, VERB_RETURN, VERB_WITHDRAW};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        json_t *reasoned = company_with(item(&company, number, 1), "reason", json_string("because"));
        json_object_del(reasoned, "level");
        json_t *unseen = act(&company, (struct company_act){.user = "ana",
                                                            .verb = ends[i],
                                                            .body = json_pack("{s:[o]}", "items", reasoned),
                                                            .seen_null = true});
        if (ends[i] != VERB_WITHDRAW)
            expect_answer(unseen, "refused", "C-04", "seen-missing");
        else
            expect_answer(first(unseen), "refused", "C-01", "not-yours");
    }
    /* An entry of the future is unknown, too; a submission may do without. */
    expect_answer(act(&company, (struct company_act){.user = "ana",
                                                     .verb = VERB_APPROVE,
                                                     .body = json_pack("{s:[o]}", "items", item(&company, number, 1)),
                                                     .seen_hash = &before.leaf,
                                                     .seen_seq = 100000}),
                  "refused", "C-04", "unknown-seen");
    expect_done(first(act(&company, (struct company_act){.user = "maria",
                                                         .verb = VERB_SUBMIT,
                                                         .seen_null = true,
                                                         .body = json_pack("{s:b, s:[o]}", "atomic", 0, "documents",
                                                                           company_credit_note(&company, "10442",
                                                                                               "40251", "2.00"))})),
                "waiting"); /* with the 500.00 it takes a team lead */
    expect_answer(
        act(&company, (struct company_act){.user = "olga",
                                           .verb = VERB_SUBMIT,
                                           .seen_null = true,
                                           .body = json_pack("{s:b, s:[o]}", "atomic", 0, "documents",
                                                             company_grant_document(&company, "maria2", "READER"))}),
        "refused", "C-04", "seen-missing");
    /* Seen at the very entry of the version: enough. */
    json_t *exact = company_record(&company, number);
    struct books_key key = books_key(NULL);
    books_key_add_number(&key, (uint64_t)member_integer(exact, "seq"));
    json_t *entry = company_books(&company, BOOKS_ENTRIES, &key);
    struct hash leaf;
    assert_int_equal(hash_from_hex(member_text(entry, "hash"), &leaf), STATUS_OK);
    expect_done(
        first(act(&company, (struct company_act){.user = "ana",
                                                 .verb = VERB_APPROVE,
                                                 .body = json_pack("{s:[o]}", "items", item(&company, number, 1)),
                                                 .seen_hash = &leaf,
                                                 .seen_seq = (uint64_t)member_integer(exact, "seq")})),
        "posted");
    json_decref(exact);
    json_decref(entry);
    gate_answer_done(&before);
    free(number);
    company_close(&company);
}

static void lists_are_short_and_all_or_none(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *number[4];
    json_t *items = json_array();
    for (int i = 0; i < 4; i++) {
        char amount[16];
        snprintf(amount, sizeof amount, "%d.00", 301 + i);
        number[i] = company_wait(&company, "maria", company_credit_note(&company, "10442", "40251", amount));
        json_array_append_new(items, item(&company, number[i], 1));
    }
    golden(company_do(&company, "ana", VERB_APPROVE, json_pack("{s:O}", "items", items)), "refused", "C-12",
           "list-too-long");
    json_array_remove(items, 3);
    expect_done(first(company_do(&company, "ana", VERB_APPROVE, json_pack("{s:o}", "items", items))), "posted");
    json_t *bad = company_credit_note(&company, "10442", "40252", "1.00");
    json_t *body = json_pack("{s:b, s:[o, o]}", "atomic", 1, "documents",
                             company_credit_note(&company, "10442", "40251", "2.00"), json_incref(bad));
    golden(first(company_do(&company, "maria", VERB_SUBMIT, body)), "refused", "C-12", "atomic");
    /* Not atomic: the good one stands. What an atomic statement lost binds nothing, so its number is free again. */
    body = json_pack("{s:b, s:[o, o]}", "atomic", 0, "documents",
                     company_credit_note(&company, "10442", "40251", "3.00"), bad);
    json_t *result = expect(first(company_do(&company, "maria", VERB_SUBMIT, body)), "waiting");
    assert_string_equal(result_number(result), "CN-5");
    json_decref(result);
    for (int i = 0; i < 4; i++)
        free(number[i]);
    company_close(&company);
}

/* The policy's check leaves no entity without that row, so only a policy that is not checked shows the answer. */
static void no_row_is_refused(void **state)
{
    struct answers answers;
    struct err err;
    struct policy_tier tier = {.upto_minor = INT64_MAX};
    struct policy_row row = {.row = "BILLING", .tiers = &tier, .tier_count = 1};
    struct policy_reason reason = {.reason = "PRICE_ERR", .row = "BILLING", .kinds = 1};
    struct policy_entity entity = {.entity = "US01"};
    const struct policy policy = {.base = "USD",
                                  .base_digits = 2,
                                  .on_account_row = "ON_ACCOUNT",
                                  .entities = &entity,
                                  .entity_count = 1,
                                  .rows = &row,
                                  .row_count = 1,
                                  .reasons = &reason,
                                  .reason_count = 1};
    const struct facts facts = {.policy = &policy};
    const struct request request = {
        .stage = STAGE_POST,
        .kind = kind_by_id(KIND_CREDIT_NOTE),
        .measure = {
            .entity = "US01", .reason = "PRICE_ERR", .in_base = true, .amount_minor = 1, .on_account_base_minor = 1}};
    (void)state;
    assert_int_equal(answers_init(&answers, &err), STATUS_OK);
    assert_int_equal(control_find("C-02")->judge(&request, &facts, &answers, &err), STATUS_OK);
    assert_true(answers.denied);
    golden(json_pack("{s:O, s:s}", "controls", answers.list, "outcome", "refused"), "refused", "C-02", "no-row");
    answers_done(&answers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_signs_his_own),
        cmocka_unit_test(amount_asks_levels),
        cmocka_unit_test(on_account_is_a_track_of_its_own),
        cmocka_unit_test(functions_are_held_by_grants),
        cmocka_unit_test(approval_is_of_one_version),
        cmocka_unit_test(amendment_keeps_what_the_number_says),
        cmocka_unit_test(what_the_signer_saw),
        cmocka_unit_test(lists_are_short_and_all_or_none),
        cmocka_unit_test(no_row_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

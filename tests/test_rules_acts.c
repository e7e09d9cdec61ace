/*
 * Acts from one end to the other: what gets in, what is sent again, what lapses, what a new policy changes for those who wait,
 * and that what does not get in leaves no trace.
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
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define POLICY "tests/policies/rules.yaml"

static json_t *text(const char *value)
{
    return json_string(value);
}

static json_t *one(json_t *document)
{
    return json_pack("{s:b, s:[o]}", "atomic", 0, "documents", document);
}

static json_t *credit(struct company *company, const char *invoice, const char *amount)
{
    return company_credit_note(company, "10442", invoice, amount);
}

/* Not let in: that status, and the journal is as it was. */
static void shut_out(struct company *company, struct company_act act, enum status wanted)
{
    struct gate_answer answer;
    struct err err;
    uint64_t before = company_head(company).size;
    enum status status = company_act(company, &act, &answer, &err);
    if (status != wanted)
        fail_msg("wanted %s: %s %s", status_name(wanted), status_name(status), status != STATUS_OK ? err.text : "");
    assert_int_not_equal(err.text[0], '\0');
    assert_int_equal(company_head(company).size, before);
}

static void state_is(struct company *company, const char *number, const char *state)
{
    json_t *record = company_record(company, number);
    assert_string_equal(member_text(record, "state"), state);
    json_decref(record);
}

static void the_same_again(void **state)
{
    struct company company = {.dir = ""};
    struct gate_answer first, again;
    struct err err;
    (void)state;
    company_open(&company, POLICY);
    json_t *body = one(credit(&company, "40251", "10.00"));
    struct company_act act = {.user = "maria",
                              .verb = VERB_SUBMIT,
                              .body = json_incref(body),
                              .id = "my-1",
                              .at_ms = company.now_ms + 5000,
                              .seen_null = true};
    assert_int_equal(company_act(&company, &act, &first, &err), STATUS_OK);
    assert_false(first.repeated);
    expect_done(company_submit(&company, "maria", credit(&company, "40251", "11.00")), "posted");
    act.body = json_incref(body);
    uint64_t before = company_head(&company).size;
    assert_int_equal(company_act(&company, &act, &again, &err), STATUS_OK);
    assert_true(again.repeated);
    assert_int_equal(again.seq, first.seq);
    assert_int_equal(again.time_ms, first.time_ms);
    assert_true(hash_equal(&again.leaf, &first.leaf));
    assert_true(json_equal(again.decision, first.decision));
    assert_int_equal(company_head(&company).size, before);
    gate_answer_done(&again);
    gate_answer_done(&first);
    /* The same id for other bytes; another user's id is another id. */
    company.now_ms += 10000;
    shut_out(&company,
             (struct company_act){
                 .user = "maria", .verb = VERB_SUBMIT, .body = json_incref(body), .id = "my-1", .seen_null = true},
             STATUS_EXISTS);
    act = (struct company_act){.user = "joe", .verb = VERB_SUBMIT, .body = body, .id = "my-1", .seen_null = true};
    assert_int_equal(company_act(&company, &act, &again, &err), STATUS_OK);
    expect_done(json_incref(json_array_get(json_object_get(again.decision, "results"), 0)), "repeat");
    gate_answer_done(&again);
    company_close(&company);
}

static void what_does_not_get_in(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    struct company_user *stranger = company_new_user(&company, "stranger");
    char other_book[65];
    memset(other_book, 'a', 64);
    other_book[64] = '\0';
    shut_out(
        &company,
        (struct company_act){.user = "stranger", .verb = VERB_SUBMIT, .body = one(credit(&company, "40251", "1.00"))},
        STATUS_PERMISSION);
    shut_out(&company,
             (struct company_act){.user = "maria",
                                  .verb = VERB_SUBMIT,
                                  .body = one(credit(&company, "40251", "1.00")),
                                  .signer = &stranger->signer},
             STATUS_PERMISSION);
    shut_out(&company,
             (struct company_act){.user = "maria",
                                  .verb = VERB_SUBMIT,
                                  .body = one(credit(&company, "40251", "1.00")),
                                  .signer = &company_user(&company, "joe")->signer},
             STATUS_PERMISSION);
    shut_out(&company,
             (struct company_act){
                 .user = "maria", .verb = VERB_SUBMIT, .body = one(credit(&company, "40251", "1.00")), .flipped = true},
             STATUS_SIGNATURE);
    shut_out(
        &company,
        (struct company_act){
            .user = "maria", .verb = VERB_SUBMIT, .body = one(credit(&company, "40251", "1.00")), .book = other_book},
        STATUS_INPUT);
    shut_out(
        &company,
        (struct company_act){.user = "maria", .verb = VERB_SUBMIT, .body = one(company_document(&company, "dispute"))},
        STATUS_INPUT);
    shut_out(
        &company,
        (struct company_act){.user = "maria", .verb = VERB_SUBMIT, .body = one(company_document(&company, "gift"))},
        STATUS_INPUT);
    shut_out(&company,
             (struct company_act){.user = "maria",
                                  .verb = VERB_SUBMIT,
                                  .body = one(company_with(credit(&company, "40251", "1.00"), "colour", text("red")))},
             STATUS_INPUT);
    shut_out(&company,
             (struct company_act){.user = "maria", .verb = VERB_SUBMIT, .body = one(credit(&company, "40251", "1.0"))},
             STATUS_INPUT);
    shut_out(&company,
             (struct company_act){.user = "maria", .verb = VERB_SUBMIT, .body = one(credit(&company, "40251", "0.00"))},
             STATUS_INPUT);
    shut_out(&company,
             (struct company_act){
                 .user = "maria", .verb = VERB_SUBMIT, .body = one(credit(&company, "40251", "92233720368547758.08"))},
             STATUS_LIMIT);
    shut_out(
        &company,
        (struct company_act){.user = "maria",
                             .verb = VERB_SUBMIT,
                             .body = one(company_allocate(credit(&company, "40251", "1.00"), "40251", NULL, "1.00"))},
        STATUS_INPUT);
    shut_out(&company,
             (struct company_act){
                 .user = "maria", .verb = VERB_SUBMIT, .body = json_pack("{s:b, s:[]}", "atomic", 0, "documents")},
             STATUS_INPUT);
    shut_out(&company,
             (struct company_act){.user = "maria",
                                  .verb = VERB_RESTORE,
                                  .body = json_pack("{s:s, s:{s:i, s:i}, s:s}", "checkpoint", "e", "lost", "from", 0,
                                                    "to", 0, "reason", "x")},
             STATUS_INPUT);
    /* A simulated clock does not go back, not by a millisecond; it may stand. */
    int64_t head = company.now_ms;
    expect_done(company_submit(&company, "maria", credit(&company, "40251", "1.00")), "posted");
    head = company.now_ms;
    shut_out(
        &company,
        (struct company_act){
            .user = "maria", .verb = VERB_SUBMIT, .body = one(credit(&company, "40251", "2.00")), .at_ms = head - 1},
        STATUS_CLOCK);
    company.now_ms = head - 1000;
    expect_done(company_submit(&company, "maria", credit(&company, "40251", "2.00")), "posted");
    company_close(&company);
}

static int64_t gate_clock_ms;

static int64_t gate_clock(void *context)
{
    (void)context;
    return gate_clock_ms;
}

static void a_real_clock(void **state)
{
    struct company company = {.dir = "", .real_now = gate_clock};
    struct gate_answer answer;
    struct err err;
    (void)state;
    assert_int_equal(instant_parse("2026-01-05T09:00:00.000Z", 24, &gate_clock_ms, &err), STATUS_OK);
    company_found(&company, POLICY);
    int64_t skew = 300000;
    const char *const officer = "olga";
    struct company_act act = {.user = officer,
                              .verb = VERB_SUBMIT,
                              .at_ms = gate_clock_ms + skew,
                              .body = one(company_grant_document(&company, officer, "READER"))};
    assert_int_equal(company_act(&company, &act, &answer, &err), STATUS_OK);
    assert_int_equal(answer.time_ms, gate_clock_ms);
    gate_answer_done(&answer);
    act = (struct company_act){.user = officer,
                               .verb = VERB_SUBMIT,
                               .at_ms = gate_clock_ms - skew,
                               .body = one(company_grant_document(&company, officer, "READER"))};
    assert_int_equal(company_act(&company, &act, &answer, &err), STATUS_OK);
    gate_answer_done(&answer);
    shut_out(&company,
             (struct company_act){.user = officer,
                                  .verb = VERB_SUBMIT,
                                  .at_ms = gate_clock_ms + skew + 1,
                                  .body = one(company_grant_document(&company, officer, "READER"))},
             STATUS_CLOCK);
    shut_out(&company,
             (struct company_act){.user = officer,
                                  .verb = VERB_SUBMIT,
                                  .at_ms = gate_clock_ms - skew - 1,
                                  .body = one(company_grant_document(&company, officer, "READER"))},
             STATUS_CLOCK);
    /* Behind the head by 5 s: the entry takes the head's time. By a millisecond more: nothing is written. */
    gate_clock_ms -= 5000;
    act = (struct company_act){.user = officer,
                               .verb = VERB_SUBMIT,
                               .at_ms = gate_clock_ms,
                               .body = one(company_grant_document(&company, officer, "READER"))};
    assert_int_equal(company_act(&company, &act, &answer, &err), STATUS_OK);
    assert_int_equal(answer.time_ms, gate_clock_ms + 5000);
    gate_answer_done(&answer);
    gate_clock_ms -= 1;
    shut_out(&company,
             (struct company_act){.user = officer,
                                  .verb = VERB_SUBMIT,
                                  .at_ms = gate_clock_ms,
                                  .body = one(company_grant_document(&company, officer, "READER"))},
             STATUS_CLOCK);
    company_close(&company);
}

static void refusals_are_entries(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    uint64_t before = company_head(&company).size;
    expect_done(company_submit(&company, "cora", credit(&company, "40251", "1.00")), "refused");
    assert_int_equal(company_head(&company).size, before + 1);
    company_reopen(&company);
    expect_done(company_submit(&company, "maria", credit(&company, "40251", "1.00")), "posted");
    company_close(&company);
}

static void refusals_have_a_day(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company.unchecked = true; /* a thousand entries are judged again often enough elsewhere */
    company_at(&company, "2026-01-06T00:00:00.000Z");
    for (int i = 0; i < 1000; i++)
        expect_done(company_submit(&company, "cora", credit(&company, "40251", "1.00")), "refused");
    shut_out(&company,
             (struct company_act){.user = "cora", .verb = VERB_SUBMIT, .body = one(credit(&company, "40251", "1.00"))},
             STATUS_REFUSED);
    /* What is not refused gets in, others' refusals do, and the next day his. */
    expect_done(company_submit(&company, "cora", company_write_off(&company, "10442", "40117", "1.00")), "waiting");
    expect_done(company_submit(&company, "adam", credit(&company, "40251", "1.00")), "refused");
    company_at(&company, "2026-01-07T00:00:00.000Z");
    expect_done(company_submit(&company, "cora", credit(&company, "40251", "1.00")), "refused");
    company_close(&company);
}

static void waiting_lapses(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *number = company_wait(&company, "maria", credit(&company, "40117", "900.00"));
    json_t *record = company_record(&company, number);
    int64_t until;
    assert_int_equal(instant_parse(member_text(record, "until"), 24, &until, NULL), STATUS_OK);
    assert_int_equal(until, company.now_ms + INT64_C(14) * 86400000);
    json_decref(record);
    company.now_ms = until - 1000; /* exactly its last instant: it still waits */
    expect_answer(company_submit(&company, "cora", company_write_off(&company, "10442", "40117", "0.01")), "refused",
                  "C-35", "over-credit");
    state_is(&company, number, "waiting");
    company.now_ms = until + 1 - 1000;
    expect_answer(company_approve(&company, "ana", number, 1), "refused", "C-04", "not-waiting");
    state_is(&company, number, "lapsed");
    json_t *invoice = company_invoice_record(&company, "40117");
    assert_int_equal(member_integer(invoice, "pending"), 0);
    json_decref(invoice);
    expect_answer(company_amend(&company, "maria", number, credit(&company, "40117", "1.00")), "refused", "C-04",
                  "not-waiting");
    /* The number stays taken: the next is a new one, and the legal series has no gap. */
    json_t *result = expect(company_submit(&company, "maria", credit(&company, "40117", "900.00")), "waiting");
    assert_string_equal(result_number(result), "CN-2");
    expect_done(company_approve(&company, "ana", result_number(result), 1), "posted");
    record = company_record(&company, "CN-2");
    assert_string_equal(member_text(record, "legal"), "US01-CN-2026-000001");
    json_decref(record);
    json_decref(result);
    free(number);
    company_close(&company);
}

/* More than fit in any fixed bound lapse in one entry: the book goes on. */
static void many_lapse_at_once(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    for (int batch = 0; batch < 2; batch++) {
        json_t *documents = json_array();
        for (int i = 0; i < 150; i++) {
            char amount[16];
            snprintf(amount, sizeof amount, "0.%02d", i % 100 + 1 > 99 ? 99 : i % 100 + 1);
            json_t *document = company_money(&company, "credit-note", "10442", amount, "PRICE_ERR", "price-sheet");
            json_array_append_new(documents, company_with(document, "on_account", text(amount)));
        }
        json_decref(
            company_do(&company, "maria", VERB_SUBMIT, json_pack("{s:b, s:o}", "atomic", 0, "documents", documents)));
    }
    state_is(&company, "CN-300", "waiting");
    company.now_ms += INT64_C(20) * 86400000;
    expect_done(company_submit(&company, "maria", credit(&company, "40251", "1.00")), "posted");
    state_is(&company, "CN-300", "lapsed");
    company_close(&company);
}

static void amendment_voids_approvals(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *number = company_wait(&company, "maria", credit(&company, "40251", "2600.00"));
    expect_done(company_approve(&company, "ana", number, 1), "approved");
    json_t *first = company_record(&company, number);
    json_t *content = credit(&company, "40251", "2601.00");
    expect_done(company_amend(&company, "joe", number, json_incref(content)), "waiting");
    json_t *record = company_record(&company, number);
    assert_int_equal(json_array_size(json_object_get(record, "approvals")), 0);
    assert_int_equal(member_integer(record, "version"), 2);
    assert_string_not_equal(member_text(record, "content"), member_text(first, "content"));
    assert_string_not_equal(member_text(record, "until"), member_text(first, "until"));
    json_decref(first);
    json_decref(record);
    expect_answer(company_approve(&company, "priya", number, 2), "refused", "C-02", "level-order");
    expect_answer(company_approve(&company, "joe", number, 1), "refused", "C-01",
                  "own-document"); /* who amends makes it */
    /* The amendment again is a repeat, though the version it names is gone. */
    json_t *again =
        json_pack("{s:[{s:o, s:s, s:i}]}", "amendments", "content", content, "document", number, "version", 1);
    json_t *decision = company_do(&company, "joe", VERB_AMEND, again);
    expect_done(json_incref(json_array_get(json_object_get(decision, "results"), 0)), "repeat");
    json_decref(decision);
    expect_done(company_approve(&company, "ana", number, 1), "approved");
    expect_done(company_approve(&company, "priya", number, 2), "posted");
    free(number);
    company_close(&company);
}

/* An amendment within one's own authority posts at once; one for another customer moves all that counts it. */
static void amended_to_another_customer(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *number = company_wait(&company, "maria", credit(&company, "40117", "600.00"));
    expect_done(company_amend(&company, "maria", number, company_credit_note(&company, "16447", "700001", "20.00")),
                "posted");
    json_t *invoice = company_invoice_record(&company, "40117");
    assert_int_equal(member_integer(invoice, "pending"), 0);
    assert_int_equal(member_integer(invoice, "open"), 90000);
    json_decref(invoice);
    invoice = company_invoice_record(&company, "700001");
    assert_int_equal(member_integer(invoice, "open"), 48000);
    json_decref(invoice);
    json_t *record = company_record(&company, number);
    struct books_key key = books_key_pair("US01", "10442");
    books_key_add_number(&key, (uint64_t)member_integer(json_object_get(record, "first"), "seq"));
    books_key_add_number(&key, 0);
    assert_null(company_books(&company, BOOKS_CUSTOMER_DOCS, &key));
    key = books_key_pair("US01", "16447");
    books_key_add_number(&key, (uint64_t)member_integer(json_object_get(record, "first"), "seq"));
    books_key_add_number(&key, 0);
    json_t *listed = company_books(&company, BOOKS_CUSTOMER_DOCS, &key);
    assert_non_null(listed);
    json_decref(listed);
    json_decref(record);
    expect_no_answer(company_submit(&company, "maria", credit(&company, "40117", "180.00")), "posted", "C-07", "sum");
    free(number);
    company_close(&company);
}

/* The policy in force at posting governs: it may ask for more, and the document waits again. */
static void a_stricter_policy_between(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-01-08T12:00:00.000Z");
    char *number = company_wait(&company, "maria", credit(&company, "40251", "300.00"));
    char *loose = company_wait(&company, "maria", company_credit_note(&company, "16446", "581483", "300.00"));
    json_t *policy = company_policy_body(POLICY);
    json_t *rows = json_object_get(json_object_get(policy, "compiled"), "authority"), *row;
    size_t i;
    json_array_foreach(rows, i, row)
    {
        json_t *tiers = json_object_get(row, "tiers"), *tier;
        size_t k;
        if (strcmp(member_text(row, "row"), "BILLING") != 0)
            continue;
        json_array_foreach(tiers, k, tier)
        {
            if (k == 1)
                json_object_set_new(tier, "levels", json_pack("[i, i]", 1, 2));
        }
    }
    json_t *document = company_document(&company, "policy");
    json_object_update(document, policy);
    json_decref(policy);
    char *change =
        company_wait(&company, "olga", company_with(document, "effective", text("2026-01-09T05:00:00.000Z")));
    expect_done(company_approve(&company, "oscar", change, 1), "in-force");
    company_at(&company, "2026-01-09T04:59:59.999Z"); /* not yet */
    expect_done(company_approve(&company, "ana", loose, 1), "posted");
    company_at(&company, "2026-01-09T05:00:00.000Z");
    json_t *result = expect(company_approve(&company, "ana", number, 1), "approved");
    assert_int_equal(json_integer_value(json_array_get(json_object_get(result, "levels"), 0)), 2);
    assert_int_equal(json_array_size(json_object_get(result, "levels")), 1);
    json_decref(result);
    expect_answer(company_approve(&company, "tom", number, 1), "refused", "C-02", "level-not-asked");
    expect_answer(company_approve(&company, "ana", number, 2), "refused", "C-03", "signed-already");
    expect_done(company_approve(&company, "priya", number, 2), "posted");
    free(number);
    free(loose);
    free(change);
    company_close(&company);
}

static void balances_follow(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    free(company_post(&company, "cora", company_write_off(&company, "10442", "40117", "900.00"), 2));
    json_t *document =
        company_with(company_with(company_credit_note(&company, "16446", "581484", "110.00"), "amount", text("160.00")),
                     "on_account", text("50.00"));
    free(company_post(&company, "maria", document, 2));
    struct books_key key = books_key_pair("US01", "16446");
    books_key_add_text(&key, "USD");
    json_t *balance = company_books(&company, BOOKS_BALANCES, &key);
    assert_int_equal(member_integer(balance, "open"), 646960 + 100000 - 11000);
    assert_int_equal(member_integer(balance, "account"), -5000);
    json_decref(balance);
    /* Gone from the open items, not from the invoices. */
    key = books_key_pair("US01", "10442");
    books_key_add_text(&key, "USD");
    balance = company_books(&company, BOOKS_BALANCES, &key);
    assert_int_equal(member_integer(balance, "open"), 322055);
    json_decref(balance);
    key = books_key_pair("US01", "2200");
    books_key_add_text(&key, "USD");
    json_t *tax = company_books(&company, BOOKS_ACCOUNTS, &key);
    assert_int_equal(member_integer(tax, "dr"), 1000);
    json_decref(tax);
    key = books_key_pair("US01", "1290");
    books_key_add_text(&key, "USD");
    json_t *allowance = company_books(&company, BOOKS_ACCOUNTS, &key);
    assert_int_equal(member_integer(allowance, "dr"), 90000);
    json_decref(allowance);
    company_close(&company);
}

/* A dry run decides as the gate would, and leaves nothing. */
static void a_dry_run_leaves_nothing(void **state)
{
    struct company company = {.dir = ""};
    struct err err;
    struct statement statement;
    json_t *decision = NULL;
    (void)state;
    company_open(&company, POLICY);
    json_t *body = json_pack("{s:b, s:[o, o]}", "atomic", 1, "documents", credit(&company, "40251", "300.00"),
                             credit(&company, "40252", "1.00"));
    const struct statement_head head = {.verb = VERB_SUBMIT,
                                        .actor = "maria",
                                        .book = gate_book_id(company.gate),
                                        .id = "dry",
                                        .at_ms = company.now_ms + 1};
    assert_int_equal(statement_make(&head, body, &statement, &err), STATUS_OK);
    json_decref(body);
    uint64_t before = company_head(&company).size;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(gate_dry_run(company.gate, slice_of(statement.bytes, statement.length), &decision, &err),
                         STATUS_OK);
        expect_answer(json_incref(json_array_get(json_object_get(decision, "results"), 0)), "refused", "C-12",
                      "atomic");
        json_decref(decision);
    }
    statement_done(&statement);
    assert_int_equal(company_head(&company).size, before);
    expect_done(company_submit(&company, "maria", credit(&company, "40251", "1.00")), "posted");
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_again),
        cmocka_unit_test(what_does_not_get_in),
        cmocka_unit_test(a_real_clock),
        cmocka_unit_test(refusals_are_entries),
        cmocka_unit_test(refusals_have_a_day),
        cmocka_unit_test(waiting_lapses),
        cmocka_unit_test(many_lapse_at_once),
        cmocka_unit_test(amendment_voids_approvals),
        cmocka_unit_test(amended_to_another_customer),
        cmocka_unit_test(a_stricter_policy_between),
        cmocka_unit_test(balances_follow),
        cmocka_unit_test(a_dry_run_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

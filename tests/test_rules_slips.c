/*
 * Cases that deliberate slips of the rules survived until they were asked here: classes of account, who audits and reads, grants to the
 * millisecond, feeds at their edges, money without a smaller part.
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
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define POLICY "tests/policies/rules.yaml"

static void classes_of_account(void **state)
{
    static const struct {
        enum kind_id kind;
        enum account_class class;
        bool fits;
    } cases[] = {
        {KIND_CREDIT_NOTE, ACCOUNT_REVENUE, true},  {KIND_CREDIT_NOTE, ACCOUNT_TAX, true},
        {KIND_CREDIT_NOTE, ACCOUNT_ROUNDING, true}, {KIND_CREDIT_NOTE, ACCOUNT_ALLOWANCE, false},
        {KIND_CREDIT_NOTE, ACCOUNT_EXPENSE, false}, {KIND_CORRECTION, ACCOUNT_LIABILITY, false},
        {KIND_WRITE_OFF, ACCOUNT_ALLOWANCE, true},  {KIND_WRITE_OFF, ACCOUNT_EXPENSE, true},
        {KIND_WRITE_OFF, ACCOUNT_LIABILITY, true},  {KIND_WRITE_OFF, ACCOUNT_REVENUE, false},
        {KIND_WRITE_OFF, ACCOUNT_TAX, false},       {KIND_WRITE_OFF, ACCOUNT_CASH, false},
    };
    struct policy_account account = {.account = "1000"};
    struct policy_reason reason = {.reason = "SOME", .row = "BILLING", .account = "1000"};
    const struct policy policy = {.base = "USD",
                                  .base_digits = 2,
                                  .accounts = &account,
                                  .account_count = 1,
                                  .reasons = &reason,
                                  .reason_count = 1};
    const struct facts facts = {.policy = &policy};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct request request = {
            .stage = STAGE_POST, .kind = kind_by_id(cases[i].kind), .measure = {.entity = "US01", .reason = "SOME"}};
        struct answers answers;
        account.class = cases[i].class;
        assert_int_equal(answers_init(&answers, NULL), STATUS_OK);
        assert_int_equal(control_find("C-27")->judge(&request, &facts, &answers, NULL), STATUS_OK);
        assert_int_equal(answers.denied, !cases[i].fits);
        answers_done(&answers);
    }
}

static void who_audits_may_read(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    expect_done(company_submit(&company, "olga", company_grant_document(&company, "audrey", "READER")), "waiting");
    expect_answer(company_submit(&company, "olga", company_grant_document(&company, "audrey", "ADMINISTRATOR")),
                  "refused", "C-32", "administrator");
    company_close(&company);
}

static json_t *write_off(struct company *company, const char *amount)
{
    return company_submit(company, "maria2", company_write_off(company, "10442", "40117", amount));
}

static void a_grant_begins_to_the_millisecond(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    json_t *grant = company_with(company_grant_document(&company, "maria2", "COLLECTIONS_SPECIALIST"), "from",
                                 json_string("2026-01-20T12:00:00.000Z"));
    char *number = company_wait(&company, "olga", grant);
    expect_done(company_approve(&company, "oscar", number, 1), "in-force");
    company_at(&company, "2026-01-20T11:59:59.999Z");
    expect_answer(write_off(&company, "1.00"), "refused", "C-02", "no-function");
    company_at(&company, "2026-01-20T12:00:00.000Z");
    expect_done(write_off(&company, "1.00"), "waiting");
    free(number);
    company_close(&company);
}

static void feeds_to_the_edge(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    const struct company_file master = {.user = "feedc", .feed = "customers", .sequence = 2};
    json_t *nothing = company_with(company_customer("55", "55"), "limit", json_string("0.00"));
    expect_done(company_feed(&company, &master, json_pack("[o]", nothing)), "closed");
    /* What an unfinished file staged is void when part 1 begins anew, even if that closes the file at once. */
    json_t *applied = json_pack("[{s:s, s:s}]", "amount", "500.00", "invoice", "40117");
    struct company_file cash = {
        .user = "feedm", .feed = "cash", .total = "900.00", .sequence = 1, .count = 2, .more = true};
    expect_done(
        company_feed(&company, &cash, json_pack("[o]", company_cash("R-1", "10442", "500.00", json_incref(applied)))),
        "open");
    cash = (struct company_file){.user = "feedm", .feed = "cash", .total = "500.00", .sequence = 1};
    expect_done(company_feed(&company, &cash, json_pack("[o]", company_cash("R-1", "10442", "500.00", applied))),
                "closed");
    company_close(&company);
}

/* The test policy in yen, which have no smaller part: amounts without a dot. */
static void policy_in_yen(char *path, size_t bytes)
{
    static char text[1 << 20];
    FILE *file = fopen(POLICY, "rb");
    assert_non_null(file);
    size_t length = fread(text, 1, sizeof text - 1, file);
    assert_int_equal(fclose(file), 0);
    text[length] = '\0';
    snprintf(path, bytes, "%s/countersign-yen-XXXXXX", getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    file = fdopen(descriptor, "wb");
    assert_non_null(file);
    for (const char *at = text; *at != '\0'; at++) {
        if (strncmp(at, "USD", 3) == 0) {
            fputs("JPY", file);
            at += 2;
        } else if (strncmp(at, ".00", 3) == 0 && at > text && at[-1] >= '0' && at[-1] <= '9') {
            at += 2;
        } else {
            fputc(*at, file);
        }
    }
    assert_int_equal(fclose(file), 0);
}

static json_t *yen(struct company *company, const char *amount)
{
    json_t *document = company_credit_note(company, "10442", "Y-1", amount);
    return company_with(document, "currency", json_string("JPY"));
}

static void money_without_a_smaller_part(void **state)
{
    struct company company = {.dir = ""};
    char path[300];
    (void)state;
    policy_in_yen(path, sizeof path);
    company_open(&company, path);
    assert_int_equal(remove(path), 0);
    json_t *manifest = json_pack("{s:i, s:s, s:i, s:s}", "count", 1, "currency", "JPY", "sequence", 2, "total", "1001");
    json_decref(
        company_do(&company, "feedi", VERB_FEED,
                   json_pack("{s:s, s:s, s:o, s:b, s:i, s:[o]}", "entity", "US01", "feed", "invoices", "file", manifest,
                             "last", 1, "part", 1, "records", company_invoice("Y-1", "10442", "910", "91", "1001"))));
    expect_done(company_submit(&company, "maria", yen(&company, "199")), "posted");
    expect_done(company_submit(&company, "maria", yen(&company, "1")), "posted"); /* 200 in all: still within her own */
    char *number = company_wait(&company, "maria", yen(&company, "2"));
    json_t *invoice = company_invoice_record(&company, "Y-1");
    assert_int_equal(json_integer_value(json_object_get(invoice, "open")), 801);
    assert_int_equal(json_integer_value(json_object_get(invoice, "pending")), 2);
    json_decref(invoice);
    expect_answer(company_submit(&company, "maria", yen(&company, "800")), "refused", "C-35", "over-credit");
    expect_done(company_approve(&company, "ana", number, 1), "posted");
    free(number);
    company.unchecked = true; /* the check's own arithmetic is in cents */
    company_close(&company);
}

static void thousands_are_grouped(void **state)
{
    char text[SENTENCE_BYTES];
    json_t *answer =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "control", "C-35", "code", "over-credit", "invoice", "I-1",
                  "amount", "1234.00", "open", "1.00", "pending", "1234567.89", "remaining", "-399.99");
    (void)state;
    answer_sentence(answer, text);
    assert_non_null(strstr(text, "credit 1,234.00,"));
    assert_non_null(strstr(text, " -399.99 left"));
    assert_non_null(strstr(text, "(1,234,567.89 is pending)"));
    json_object_set_new(answer, "remaining", json_string("-1399.99"));
    json_object_set_new(answer, "amount", json_string("999"));
    answer_sentence(answer, text);
    assert_non_null(strstr(text, "credit 999,"));
    assert_non_null(strstr(text, " -1,399.99 left"));
    /* Of a control that nobody here knows, its code; without one, a question mark. */
    json_object_set_new(answer, "control", json_string("C-99"));
    answer_sentence(answer, text);
    assert_string_equal(text, "over-credit");
    json_object_clear(answer);
    answer_sentence(answer, text);
    assert_string_equal(text, "?");
    json_decref(answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_of_account),
        cmocka_unit_test(who_audits_may_read),
        cmocka_unit_test(a_grant_begins_to_the_millisecond),
        cmocka_unit_test(feeds_to_the_edge),
        cmocka_unit_test(money_without_a_smaller_part),
        cmocka_unit_test(thousands_are_grouped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

/*
 * C-38, its soft half: corrections of a customer that look like an earlier one by amount, or by the customer's reference, are let in and
 * flagged. Each that is flagged stands beside one that comes as close as possible and is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/alike.h"
#include "ledger/schema.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"
#include "tests/support/money_documents.h"

#define POLICY "tests/policies/rules.yaml"
#define CASES  "tests/policies/limits.yaml" /* with disputes and inquiries */
#define DAY_MS INT64_C(86400000)

static json_t *text(const char *value)
{
    return json_string(value);
}

static json_t *maria(struct company *company, json_t *document)
{
    return company_submit(company, "maria", document);
}

/* For 10442, whose 40117 and 40251 are open. */
static json_t *credit(struct company *company, const char *invoice, const char *amount)
{
    return company_credit_note(company, "10442", invoice, amount);
}

/* of 10442, 100.00 each. */
static void more_invoices(struct company *company)
{
    const struct company_file file = {.user = "feedi", .feed = "invoices", .total = "900.00", .sequence = 2};
    json_t *records = json_array();
    for (int i = 1; i <= 9; i++) {
        char invoice[8];
        snprintf(invoice, sizeof invoice, "A-%d", i);
        json_array_append_new(records, company_invoice(invoice, "10442", "100.00", "0.00", "100.00"));
    }
    expect_done(company_feed(company, &file, records), "closed");
}

static json_t *referred(json_t *document, const char *reference)
{
    return company_with(document, "customer_ref", text(reference));
}

static const json_t *answer_of(const json_t *result, const char *code)
{
    const json_t *controls = json_object_get(result, "controls");
    for (size_t i = 0; i < json_array_size(controls); i++)
        if (strcmp(member_text(json_array_get(controls, i), "code"), code) == 0)
            return json_array_get(controls, i);
    return NULL;
}

/* Admitted, and flagged as like this document and so many in all; number NULL: not flagged. Releases the result. */
static void alike(json_t *result, const char *code, const char *number, int count)
{
    const json_t *answer = answer_of(result, code);
    if (result_number(result) == NULL)
        json_dumpf(result, stderr, JSON_COMPACT);
    assert_non_null(result_number(result));
    if (number == NULL) {
        assert_null(answer);
    } else {
        assert_non_null(answer);
        assert_string_equal(member_text(answer, "answer"), "flag");
        assert_string_equal(member_text(answer, "document"), number);
        assert_int_equal(member_integer(answer, "count"), count);
    }
    json_decref(result);
}

static void same_amount(json_t *result, const char *number, int count)
{
    alike(result, "same-amount", number, count);
}

static void amounts(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    more_invoices(&company);
    same_amount(maria(&company, credit(&company, "40251", "10.00")), NULL, 0);
    /* Another invoice, another kind, another person: the same. */
    golden(maria(&company, credit(&company, "40117", "10.00")), "posted", "C-38", "same-amount");
    same_amount(company_submit(&company, "joe", company_correction(&company, "10442", "A-1", "10.00", "down")), "CN-2",
                2);
    same_amount(company_submit(&company, "cora", company_write_off(&company, "10442", "A-2", "10.00")), "IC-1", 3);
    /* A minor unit, another customer even of a group, the other way: not the same. */
    same_amount(maria(&company, credit(&company, "40251", "10.01")), NULL, 0);
    same_amount(maria(&company, credit(&company, "40251", "9.99")), NULL, 0);
    same_amount(maria(&company, company_credit_note(&company, "16446", "581484", "10.00")), NULL, 0);
    same_amount(maria(&company, company_credit_note(&company, "16447", "700001", "10.00")), NULL, 0);
    same_amount(maria(&company, company_correction(&company, "10442", "A-3", "10.00", "up")), NULL, 0);
    same_amount(maria(&company, company_correction(&company, "10442", "A-4", "10.00", "up")), "IC-2", 1);
    /* Several invoices count by what they come to. */
    json_t *two = company_money(&company, "credit-note", "10442", "10.00", "PRICE_ERR", "price-sheet");
    company_allocate(company_allocate(two, "40251", NULL, "4.00"), "40117", NULL, "6.00");
    same_amount(maria(&company, two), "WO-1", 4);
    company_close(&company);
}

/* Rebills go down, a credit balance that is given up goes up; adjustments go where they say, recoveries nowhere. */
static void directions_of_the_other_kinds(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    json_t *note = company_money(&company, "credit-note", "10442", "900.00", "PRICE_ERR", "price-sheet");
    char *paid = money_post(&company, "maria", company_with(note, "on_account", text("900.00")), NULL);
    same_amount(maria(&company, money_rebill(&company, "10442", "850.00", "2025-12-01", "2025-12-31")), paid, 1);
    same_amount(maria(&company, money_adjustment(&company, "credit-balance", "CREDIT_BAL", NULL, "900.00")), NULL, 0);
    same_amount(maria(&company, money_adjustment(&company, "finance", "LATE_FEE", "up", "900.00")), "AJ-1", 1);
    json_t *down =
        expect(maria(&company, money_adjustment(&company, "finance", "LATE_FEE", "down", "900.00")), "refused");
    assert_string_equal(member_text(answer_of(down, "same-amount"), "document"), "RB-1"); /* the hard half refuses it */
    assert_int_equal(member_integer(answer_of(down, "same-amount"), "count"), 2);
    json_decref(down);
    free(paid);
    company_close(&company);
}

/* It is said when a version is let in, and not once more when that is posted. */
static void said_once(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    same_amount(maria(&company, credit(&company, "40251", "300.00")), NULL, 0);
    same_amount(maria(&company, credit(&company, "40117", "300.00")), "CN-1", 1);
    json_t *result = expect(company_approve(&company, "tom", "CN-2", 1), "posted");
    assert_null(answer_of(result, "same-amount"));
    json_decref(result);
    company_close(&company);
}

static void documents_of_one_statement(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    json_t *list = json_pack("[o, o]", credit(&company, "40251", "12.00"), credit(&company, "40117", "12.00"));
    json_t *decision =
        company_do(&company, "maria", VERB_SUBMIT, json_pack("{s:b, s:o}", "atomic", true, "documents", list));
    const json_t *results = json_object_get(decision, "results");
    assert_null(answer_of(json_array_get(results, 0), "same-amount"));
    assert_string_equal(member_text(answer_of(json_array_get(results, 1), "same-amount"), "document"), "CN-1");
    json_decref(decision);
    company_close(&company);
}

/* Thirty times 86,400 s, from submission to submission. */
static void thirty_days(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    same_amount(maria(&company, credit(&company, "40251", "10.00")), NULL, 0);
    int64_t first = company.now_ms;
    same_amount(maria(&company, credit(&company, "40251", "20.00")), NULL, 0);
    company.now_ms = first + 30 * DAY_MS - 1001;
    same_amount(maria(&company, credit(&company, "40117", "10.00")), "CN-1", 1);
    assert_int_equal(company.now_ms, first + 30 * DAY_MS - 1);
    /* CN-2 came a second after CN-1; a millisecond earlier than this and it would count. */
    same_amount(maria(&company, credit(&company, "40117", "20.00")), "CN-2", 1);
    company_close(&company);
}

static void the_thirtieth_day_is_out(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    same_amount(maria(&company, credit(&company, "40251", "10.00")), NULL, 0);
    company.now_ms += 30 * DAY_MS - 1000;
    same_amount(maria(&company, credit(&company, "40117", "10.00")), NULL, 0);
    company_close(&company);
}

/* What ended without effect, or was taken back, is like nothing; what waits or is returned and comes again is. */
static void only_what_lives(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *number = company_wait(&company, "maria", credit(&company, "40251", "300.00"));
    same_amount(maria(&company, credit(&company, "40117", "300.00")), number, 1); /* CN-2 */
    expect_done(company_end(&company, "maria", VERB_WITHDRAW, number), "withdrawn");
    expect_done(company_end(&company, "tom", VERB_REJECT, "CN-2"), "rejected");
    same_amount(maria(&company, company_correction(&company, "10442", "40117", "300.00", "down")), NULL, 0); /* IC-1 */
    expect_done(company_end(&company, "tom", VERB_RETURN, "IC-1"), "returned");
    same_amount(maria(&company, credit(&company, "40251", "300.00")), NULL, 0); /* CN-3 */
    same_amount(
        company_amend(&company, "maria", "IC-1", company_correction(&company, "10442", "40117", "300.00", "down")),
        "CN-3", 1);
    free(number);
    /* Its own versions are not others, and the version before is gone. */
    same_amount(
        company_amend(&company, "maria", "IC-1", company_correction(&company, "10442", "40117", "301.00", "down")),
        NULL, 0);
    same_amount(
        company_amend(&company, "maria", "IC-1", company_correction(&company, "10442", "40117", "301.00", "down")),
        NULL, 0);
    same_amount(company_amend(&company, "maria", "CN-3", credit(&company, "40251", "302.00")), NULL, 0);
    same_amount(maria(&company, credit(&company, "40117", "300.00")), NULL, 0);
    /* What lapses, 14 days later. */
    company.now_ms += 14 * DAY_MS;
    same_amount(maria(&company, credit(&company, "40117", "302.00")), NULL, 0);
    company_close(&company);
}

static void reversed_is_gone(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *number = company_post(&company, "maria", credit(&company, "40251", "30.00"), 0);
    char *reversal = company_wait(&company, "maria", company_reversal(&company, number));
    same_amount(maria(&company, credit(&company, "40117", "30.00")), number, 1);
    expect_done(company_end(&company, "maria", VERB_WITHDRAW, reversal), "withdrawn");
    free(reversal);
    reversal = company_wait(&company, "maria", company_reversal(&company, number));
    expect_done(company_approve(&company, "tom", reversal, 1), "approved");
    expect_done(company_approve(&company, "priya", reversal, 2), "posted");
    same_amount(maria(&company, credit(&company, "40251", "30.00")), "CN-2", 1);
    free(reversal);
    free(number);
    company_close(&company);
}

/* The one that the hard half answers for is not told twice; others are. */
static void not_told_twice(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    same_amount(maria(&company, credit(&company, "40251", "10.00")), NULL, 0);
    json_t *again = company_with(credit(&company, "40251", "10.00"), "links",
                                 json_pack("[{s:s, s:s}]", "document", "CN-1", "rel", "duplicate-of"));
    json_t *result = expect(maria(&company, again), "waiting");
    assert_non_null(answer_of(result, "acknowledged"));
    same_amount(result, NULL, 0);
    same_amount(maria(&company, credit(&company, "40117", "10.00")), "CN-2", 2);
    result = expect(maria(&company, credit(&company, "40251", "10.00")), "refused");
    assert_non_null(answer_of(result, "duplicate"));
    assert_int_equal(member_integer(answer_of(result, "same-amount"), "count"), 2);
    json_decref(result);
    company_close(&company);
}

/* rules.yaml with another number of days, in a file made for this run. */
static void open_with_days(struct company *company, const char *days)
{
    static char policy[1 << 20];
    static const char before[] = "\nparameters:\n";
    char path[] = "/tmp/countersign-alike-XXXXXX";
    FILE *file = fopen(POLICY, "rb");
    assert_non_null(file);
    policy[fread(policy, 1, sizeof policy - 1, file)] = '\0';
    fclose(file);
    const char *place = strstr(policy, before);
    assert_non_null(place);
    place += sizeof before - 1;
    int made = mkstemp(path);
    assert_true(made >= 0);
    file = fdopen(made, "wb");
    fprintf(file, "%.*s  duplicate_days: %s\n%s", (int)(place - policy), policy, days, place);
    fclose(file);
    company_open(company, path);
    remove(path);
}

static void days_are_the_policys(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_with_days(&company, "0");
    same_amount(maria(&company, referred(credit(&company, "40251", "10.00"), "A-1")), NULL, 0);
    json_t *result = expect(maria(&company, referred(credit(&company, "40117", "10.00"), "A-1")), "posted");
    assert_null(answer_of(result, "same-reference"));
    same_amount(result, NULL, 0);
    company_close(&company);
    company = (struct company){.dir = ""};
    open_with_days(&company, "1");
    same_amount(maria(&company, credit(&company, "40251", "10.00")), NULL, 0);
    same_amount(maria(&company, credit(&company, "40251", "20.00")), NULL, 0);
    company.now_ms += DAY_MS - 2001;
    same_amount(maria(&company, credit(&company, "40117", "10.00")), "CN-1", 1);
    company.now_ms += 1;
    same_amount(maria(&company, credit(&company, "40117", "20.00")), NULL, 0);
    company_close(&company);
}

static void what_is_left_of_references(void **state)
{
    static const struct {
        const char *reference, *left;
    } cases[] = {
        {"DN 0042/2011-007", "dn4220117"},
        {"dn-42.2011 7", "dn4220117"},
        {"DN42", "dn42"},
        {"DN420", "dn420"},
        {"DN-402", "dn402"},
        {"000", ""},
        {"-- / --", ""},
        {"A00B", "ab"},
        {"Z\xc3\x9c-01", "z\xc3\x9c"
                         "1"},
        {"@[`{/:", ""},
    };
    char left[CUSTOMER_REF_BYTES_MAX + 1];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        alike_reference(cases[i].reference, left);
        assert_string_equal(left, cases[i].left);
    }
}

static void same_reference(json_t *result, const char *number, int count)
{
    alike(result, "same-reference", number, count);
}

static json_t *case_of(struct company *company, const char *kind, const char *reference)
{
    json_t *document = company_document(company, kind);
    json_t *more = json_pack("{s:s, s:s, s:s, s:s}", "customer", "10442", "entity", "US01", "owner", "joe", "reason",
                             strcmp(kind, "inquiry") == 0 ? "INQ_BILL" : "PRICE_ERR");
    json_object_update(document, more);
    json_decref(more);
    return referred(document, reference);
}

static void references(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    same_reference(maria(&company, referred(credit(&company, "40251", "10.00"), "DN 0042")), NULL, 0);
    golden(maria(&company, referred(credit(&company, "40117", "11.00"), "dn-42")), "posted", "C-38", "same-reference");
    same_reference(maria(&company, referred(company_correction(&company, "10442", "40117", "12.00", "up"), "DN/42")),
                   "CN-2", 2);
    /* A digit, a letter, another customer, none at all, nothing left of it. */
    same_reference(maria(&company, referred(credit(&company, "40251", "13.00"), "DN 0043")), NULL, 0);
    same_reference(maria(&company, referred(credit(&company, "40251", "14.00"), "DN 0042A")), NULL, 0);
    same_reference(maria(&company, referred(company_credit_note(&company, "16446", "581484", "15.00"), "DN 0042")),
                   NULL, 0);
    same_reference(maria(&company, credit(&company, "40251", "16.00")), NULL, 0);
    same_reference(maria(&company, referred(credit(&company, "40251", "17.00"), "-")), NULL, 0);
    same_reference(maria(&company, referred(credit(&company, "40251", "18.00"), "-")), NULL, 0);
    /* Thirty days, as for amounts. */
    company.now_ms += 30 * DAY_MS - 9000;
    same_reference(maria(&company, referred(credit(&company, "40251", "19.00"), "DN42")), "IC-1", 2);
    company_close(&company);
}

/* A dispute and what settles it bear one reference by nature; two disputes, or two credits, do not. */
static void references_of_disputes(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, CASES);
    same_reference(maria(&company, case_of(&company, "inquiry", "C 7")), NULL, 0);
    same_reference(maria(&company, case_of(&company, "dispute", "C 7")), NULL, 0);
    same_reference(maria(&company, case_of(&company, "inquiry", "C 7")), NULL, 0);
    same_reference(maria(&company, referred(credit(&company, "40251", "10.00"), "C 7")), NULL, 0);
    same_reference(maria(&company, case_of(&company, "dispute", "c-07")), "DS-1", 1);
    /* One that was opened in error is like nothing; one that was closed still is. */
    json_t *note = company_document(&company, "case-note");
    json_t *more = json_pack("{s:s, s:s, s:s}", "case", "DS-2", "entity", "US01", "state", "VOID");
    json_object_update(note, more);
    json_decref(more);
    expect_done(company_submit(&company, "joe", note), "in-force");
    same_reference(maria(&company, case_of(&company, "dispute", "C7")), "DS-1", 1);
    company_close(&company);
}

static void form(void **state)
{
    struct company company = {.dir = ""};
    struct err err = {.text = ""};
    struct gate_answer answer;
    char longest[CUSTOMER_REF_BYTES_MAX + 2];
    (void)state;
    company_open(&company, POLICY);
    memset(longest, 'x', sizeof longest);
    longest[CUSTOMER_REF_BYTES_MAX] = '\0';
    same_reference(maria(&company, referred(credit(&company, "40251", "10.00"), longest)), NULL, 0);
    longest[CUSTOMER_REF_BYTES_MAX] = 'x';
    longest[CUSTOMER_REF_BYTES_MAX + 1] = '\0';
    const char *const wrong[] = {longest, ""};
    for (size_t i = 0; i < 2; i++)
        assert_int_not_equal(company_try(&company, "maria", VERB_SUBMIT,
                                         json_pack("{s:b, s:[o]}", "atomic", false, "documents",
                                                   referred(credit(&company, "40117", "11.00"), wrong[i])),
                                         NULL, &answer, &err),
                             STATUS_OK);
    company_close(&company);
}

/* What a decision noted is kept for those who look through it, of the current version. */
static void noted(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    struct books_key key = books_key("CN-2");
    same_amount(maria(&company, credit(&company, "40251", "300.00")), NULL, 0);
    same_amount(maria(&company, credit(&company, "40117", "300.00")), "CN-1", 1);
    json_t *kept = company_books(&company, BOOKS_LOOKALIKES, &key);
    assert_string_equal(member_text(json_array_get(json_object_get(kept, "answers"), 0), "code"), "same-amount");
    json_decref(kept);
    same_amount(company_amend(&company, "maria", "CN-2", credit(&company, "40117", "301.00")), NULL, 0);
    assert_null(company_books(&company, BOOKS_LOOKALIKES, &key));
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts),
        cmocka_unit_test(directions_of_the_other_kinds),
        cmocka_unit_test(said_once),
        cmocka_unit_test(documents_of_one_statement),
        cmocka_unit_test(thirty_days),
        cmocka_unit_test(the_thirtieth_day_is_out),
        cmocka_unit_test(only_what_lives),
        cmocka_unit_test(reversed_is_gone),
        cmocka_unit_test(not_told_twice),
        cmocka_unit_test(days_are_the_policys),
        cmocka_unit_test(what_is_left_of_references),
        cmocka_unit_test(references),
        cmocka_unit_test(references_of_disputes),
        cmocka_unit_test(form),
        cmocka_unit_test(noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

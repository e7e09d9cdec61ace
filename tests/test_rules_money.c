/*
 * C-10, C-11, C-13, C-27, C-34, C-35, C-37, C-38, C-40, C-43, C-44: amounts, what is left of invoices, reasons, duplicates,
 * dates, reversals. Each case that trips stands beside one that comes as close as possible and does not.
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

#define POLICY  "tests/policies/rules.yaml"
#define LARGEST "92233720368547758.07"

static json_t *text(const char *value)
{
    return json_string(value);
}

static json_t *maria(struct company *company, json_t *document)
{
    return company_submit(company, "maria", document);
}

static json_t *cora(struct company *company, json_t *document)
{
    return company_submit(company, "cora", document);
}

static json_t *credit(struct company *company, const char *invoice, const char *amount)
{
    return company_credit_note(company, "10442", invoice, amount);
}

static void invoice_is(struct company *company, const char *invoice, long long open, long long pending)
{
    json_t *record = company_invoice_record(company, invoice);
    assert_int_equal(member_integer(record, "open"), open);
    assert_int_equal(member_integer(record, "pending"), pending);
    json_decref(record);
}

static void answers_of(const char *control, const struct request *request, const struct facts *facts, const char *code)
{
    struct answers answers;
    struct err err;
    assert_int_equal(answers_init(&answers, &err), STATUS_OK);
    assert_int_equal(control_find(control)->judge(request, facts, &answers, &err), STATUS_OK);
    assert_true(answers.denied);
    golden(json_pack("{s:O, s:s}", "controls", answers.list, "outcome", "refused"), "refused", control, code);
    answers_done(&answers);
}

/* An invoice with two lines: 250.00 and 150.00. */
static void lined_invoice(struct company *company, int sequence)
{
    const struct company_file file = {.user = "feedi", .feed = "invoices", .total = "400.00", .sequence = sequence};
    json_t *lines = json_pack("[{s:s, s:s, s:s, s:s}, {s:s, s:s, s:s, s:s}]", "code", "NONE", "line", "1", "net",
                              "250.00", "tax", "0.00", "code", "NONE", "line", "2", "net", "150.00", "tax", "0.00");
    expect_done(company_feed(company, &file,
                             json_pack("[o]", company_with(company_invoice("L-1", "10442", "400.00", "0.00", "400.00"),
                                                           "lines", lines))),
                "closed");
}

static void amounts_are_gross_and_in_base_currency(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    golden(maria(&company, company_with(credit(&company, "40251", "1.00"), "currency", text("EUR"))), "refused", "C-10",
           "no-rate");
    golden(maria(&company, company_with(credit(&company, "40251", "100.00"), "amount", text("100.01"))), "refused",
           "C-11", "not-the-sum");
    json_t *document = company_money(&company, "credit-note", "10442", LARGEST, "PRICE_ERR", "price-sheet");
    company_allocate(company_allocate(document, "40251", NULL, LARGEST), "40117", NULL, "0.01");
    golden(maria(&company, document), "refused", "C-11", "sum-too-large");
    document = company_with(company_with(credit(&company, "40251", "100.00"), "amount", text("100.01")), "on_account",
                            text("0.01"));
    expect_done(maria(&company, document), "waiting");
    company_close(&company);
}

static void limits_are_changed_from_what_they_are(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    golden(company_submit(&company, "adam",
                          company_with(company_limit(&company, "16446", "20000.00"), "previous", text("10000.01"))),
           "refused", "C-13", "stale-limit");
    golden(company_submit(&company, "adam",
                          company_with(company_limit(&company, "16446", "20000.00"), "currency", text("EUR"))),
           "refused", "C-13", "other-currency");
    /* Two wait; when the first is in force the second stands on stale grounds. */
    char *up = company_wait(&company, "adam", company_limit(&company, "16446", "25000.00"));
    char *more = company_wait(&company, "adam", company_limit(&company, "16446", "25000.01"));
    expect_done(company_approve(&company, "ana", up, 1), "in-force");
    expect_done(company_approve(&company, "ana", more, 1), "approved");
    expect_answer(company_approve(&company, "priya", more, 2), "refused", "C-13", "stale-limit");
    struct books_key key = books_key_pair("US01", "16446");
    json_t *customer = company_books(&company, BOOKS_CUSTOMERS, &key);
    assert_string_equal(member_text(customer, "limit_text"), "25000.00");
    json_decref(customer);
    /* Down takes one level, whatever the height. */
    json_t *down = company_with(company_limit(&company, "16446", "24999.99"), "previous", text("25000.00"));
    free(company_post(&company, "adam", down, 1));
    free(up);
    free(more);
    company_close(&company);
}

static void accounts_come_from_the_policy(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    golden(
        cora(&company, company_with(company_write_off(&company, "10442", "40117", "10.00"), "method", text("direct"))),
        "refused", "C-27", "method");
    json_t *direct =
        company_with(company_write_off(&company, "10442", "40117", "10.00"), "reason", text("BAD_DEBT_DIRECT"));
    expect_answer(cora(&company, json_incref(direct)), "refused", "C-27", "method");
    json_object_set_new(direct, "ref", text("direct-2"));
    expect_done(cora(&company, company_with(direct, "method", text("direct"))), "waiting");
    /* A tax code that the policy does not know shows when the lines are made. */
    const struct company_file file = {.user = "feedi", .feed = "invoices", .total = "110.00", .sequence = 2};
    json_t *invoice = company_invoice("T-1", "16446", "100.00", "10.00", "110.00");
    json_object_set_new(json_array_get(json_object_get(invoice, "taxes"), 0), "code", text("VAT"));
    expect_done(company_feed(&company, &file, json_pack("[o]", invoice)), "closed");
    golden(maria(&company, company_credit_note(&company, "16446", "T-1", "11.00")), "refused", "C-27", "no-account");
    /* The answer about the lines stands in catalogue order before one that came first. */
    json_t *evidence = json_pack("[o]", company_evidence(&company, "price-sheet"));
    expect_done(maria(&company, company_with(company_credit_note(&company, "16446", "581483", "1.00"), "evidence",
                                             json_incref(evidence))),
                "posted");
    expect_answer(
        maria(&company, company_with(company_credit_note(&company, "16446", "T-1", "12.00"), "evidence", evidence)),
        "refused", "C-37", "evidence-reused");
    company_close(&company);
}

/* The policy's check and the way in which lines are made leave no way there, so the controls are asked themselves. */
static void what_no_book_can_show(void **state)
{
    struct policy_account cash = {.account = "1000", .class = ACCOUNT_CASH};
    struct policy_reason reason = {.reason = "PRICE_ERR", .row = "BILLING", .kinds = 1, .account = "1000"};
    const struct policy policy = {
        .base = "USD", .base_digits = 2, .accounts = &cash, .account_count = 1, .reasons = &reason, .reason_count = 1};
    const struct facts facts = {.policy = &policy};
    struct request request = {.stage = STAGE_POST,
                              .kind = kind_by_id(KIND_CREDIT_NOTE),
                              .measure = {.entity = "US01", .reason = "PRICE_ERR"}};
    (void)state;
    answers_of("C-27", &request, &facts, "account-class");
    json_t *lines =
        json_pack("[{s:s, s:s, s:s, s:s}, {s:s, s:s, s:s, s:s}]", "account", "1", "amount", "10.00", "currency", "USD",
                  "side", "dr", "account", "2", "amount", "9.99", "currency", "USD", "side", "cr");
    request.stage = STAGE_LINES;
    request.lines = lines;
    answers_of("C-44", &request, &facts, "unbalanced");
    /* Two currencies balance each for itself. */
    json_object_set_new(json_array_get(lines, 1), "amount", text("10.00"));
    json_object_set_new(json_array_get(lines, 1), "currency", text("EUR"));
    struct answers answers;
    assert_int_equal(answers_init(&answers, NULL), STATUS_OK);
    assert_int_equal(control_find("C-44")->judge(&request, &facts, &answers, NULL), STATUS_OK);
    assert_true(answers.denied);
    answers_done(&answers);
    json_decref(lines);
}

/* What lines of 10.00 EUR, debit and credit, answer with these functional amounts (NULL: none): the difference; NULL: they are
 * let in. */
static void functional_is(const char *debit, const char *credit, const char *difference)
{
    const struct policy_entity entity = {.entity = "US01", .currency = "USD"};
    const struct policy policy = {.base = "USD", .base_digits = 2, .entities = &entity, .entity_count = 1};
    const struct facts facts = {.policy = &policy};
    json_t *lines = json_pack("[{s:s, s:s, s:s, s:s, s:s*}, {s:s, s:s, s:s, s:s, s:s*}]", "account", "1", "amount",
                              "10.00", "currency", "EUR", "side", "dr", "functional", debit, "account", "2", "amount",
                              "10.00", "currency", "EUR", "side", "cr", "functional", credit);
    const struct request request = {
        .stage = STAGE_LINES, .kind = kind_by_id(KIND_CREDIT_NOTE), .measure = {.entity = "US01"}, .lines = lines};
    struct answers answers;
    struct err err;
    assert_int_equal(answers_init(&answers, &err), STATUS_OK);
    assert_int_equal(control_find("C-44")->judge(&request, &facts, &answers, &err), STATUS_OK);
    assert_int_equal(answers.denied, difference != NULL);
    const json_t *answer = json_array_get(answers.list, 0);
    if (difference != NULL) {
        assert_string_equal(member_text(answer, "code"), "unbalanced");
        assert_string_equal(member_text(answer, "currency"), "USD");
        assert_string_equal(member_text(answer, "difference"), difference);
    }
    answers_done(&answers);
    json_decref(lines);
}

/* Functional amounts balance for themselves, and all lines have one or none has; debit is above. */
static void functional_amounts_balance(void **state)
{
    (void)state;
    functional_is(NULL, NULL, NULL);
    functional_is("11.00", "11.00", NULL);
    functional_is("11.00", "10.99", "0.01");
    functional_is("11.00", "11.01", "-0.01");
    functional_is("11.00", NULL, "11.00");
    functional_is(NULL, "0.00", "0.00");
}

static void customers_are_known(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    golden(maria(&company, company_credit_note(&company, "99999", "581483", "1.00")), "refused", "C-34",
           "unknown-customer");
    golden(maria(&company, company_credit_note(&company, "16447", "581483", "1.00")), "refused", "C-35",
           "other-customer");
    golden(maria(&company, credit(&company, "40252", "1.00")), "refused", "C-35", "unknown-invoice");
    company_close(&company);
}

static void no_more_than_remains(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    golden(maria(&company, credit(&company, "40117", "900.01")), "refused", "C-35", "over-credit");
    char *waits = company_wait(&company, "maria", credit(&company, "40117", "800.00"));
    invoice_is(&company, "40117", 90000, 80000);
    expect_answer(cora(&company, company_write_off(&company, "10442", "40117", "100.01")), "refused", "C-35",
                  "over-credit");
    char *rest = company_wait(&company, "cora", company_write_off(&company, "10442", "40117", "100.00"));
    invoice_is(&company, "40117", 90000, 90000);
    /* Amended, it may take what it holds itself, and no more. */
    expect_answer(company_amend(&company, "maria", waits, credit(&company, "40117", "800.01")), "refused", "C-35",
                  "over-credit");
    expect_done(company_amend(&company, "maria", waits, credit(&company, "40117", "799.99")), "waiting");
    invoice_is(&company, "40117", 90000, 89999);
    /* Returned, it holds nothing; withdrawn then, nothing is released a second time. */
    expect_done(company_end(&company, "ana", VERB_RETURN, rest), "returned");
    invoice_is(&company, "40117", 90000, 79999);
    expect_done(company_end(&company, "cora", VERB_WITHDRAW, rest), "withdrawn");
    invoice_is(&company, "40117", 90000, 79999);
    /* Cash between: posting is refused, and the approval is not recorded. */
    const struct company_file file = {.user = "feedm", .feed = "cash", .total = "500.00", .sequence = 1};
    expect_done(
        company_feed(&company, &file,
                     json_pack("[o]", company_cash("R-1", "10442", "500.00",
                                                   json_pack("[{s:s, s:s}]", "amount", "500.00", "invoice", "40117")))),
        "closed");
    expect_answer(company_approve(&company, "ana", waits, 1), "refused", "C-35", "over-credit");
    invoice_is(&company, "40117", 40000, 79999);
    expect_done(company_end(&company, "ana", VERB_REJECT, waits), "rejected");
    invoice_is(&company, "40117", 40000, 0);
    free(waits);
    free(rest);
    company_close(&company);
}

static void lines_have_a_rest_of_their_own(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    lined_invoice(&company, 2);
    json_t *over = company_money(&company, "credit-note", "10442", "150.01", "PRICE_ERR", "price-sheet");
    golden(maria(&company, company_allocate(over, "L-1", "2", "150.01")), "refused", "C-35", "over-line");
    json_t *no_line = company_money(&company, "credit-note", "10442", "1.00", "PRICE_ERR", "price-sheet");
    golden(maria(&company, company_allocate(no_line, "L-1", "3", "1.00")), "refused", "C-35", "unknown-line");
    json_t *whole = company_money(&company, "credit-note", "10442", "150.00", "PRICE_ERR", "price-sheet");
    char *number = company_wait(&company, "maria", company_allocate(whole, "L-1", "2", "150.00"));
    json_t *more = company_money(&company, "credit-note", "10442", "0.01", "PRICE_ERR", "price-sheet");
    expect_answer(maria(&company, company_allocate(more, "L-1", "2", "0.01")), "refused", "C-35", "over-line");
    /* Reversed, the line is free again. */
    json_t *reversal = company_reversal(&company, number);
    free(company_post(&company, "maria", reversal, 2));
    json_t *again = company_money(&company, "credit-note", "10442", "150.00", "PRICE_ERR", "price-sheet");
    expect_done(maria(&company, company_allocate(again, "L-1", "2", "150.00")), "waiting");
    invoice_is(&company, "L-1", 40000, 15000);
    /* Two allocations that overflow together. */
    json_t *huge =
        company_with(company_with(company_money(&company, "correction", "10442", LARGEST, "PRICE_ERR", "price-sheet"),
                                  "direction", text("up")),
                     "field", text("price"));
    golden(maria(&company, company_allocate(company_allocate(huge, "L-1", "1", LARGEST), "L-1", "2", "0.01")),
           "refused", "C-35", "sum-too-large");
    free(number);
    company_close(&company);
}

static void currencies_of_invoice_and_document(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    json_t *manifest =
        json_pack("{s:i, s:s, s:i, s:s}", "count", 1, "currency", "EUR", "sequence", 2, "total", "100.00");
    json_decref(company_do(&company, "feedi", VERB_FEED,
                           json_pack("{s:s, s:s, s:o, s:b, s:i, s:[o]}", "entity", "US01", "feed", "invoices", "file",
                                     manifest, "last", 1, "part", 1, "records",
                                     company_invoice("E-1", "10442", "100.00", "0.00", "100.00"))));
    golden(maria(&company, credit(&company, "E-1", "1.00")), "refused", "C-35", "other-currency");
    company_close(&company);
}

/* What waits upwards holds nothing, so an amendment downwards has the rest of the invoice and no more. */
static void turning_round_gains_nothing(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *number = company_wait(&company, "maria", company_correction(&company, "10442", "40117", "2500.00", "up"));
    free(company_post(&company, "cora", company_write_off(&company, "10442", "40117", "850.00"), 2));
    expect_answer(
        company_amend(&company, "maria", number, company_correction(&company, "10442", "40117", "50.01", "down")),
        "refused", "C-35", "over-credit");
    expect_done(
        company_amend(&company, "maria", number, company_correction(&company, "10442", "40117", "50.00", "down")),
        "waiting");
    invoice_is(&company, "40117", 5000, 5000);
    free(number);
    company_close(&company);
}

/* To reverse what was billed more takes from the invoice. */
static void reversal_of_a_rise_takes_from_the_invoice(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *up = company_post(&company, "maria", company_correction(&company, "10442", "40117", "100.00", "up"), 0);
    invoice_is(&company, "40117", 100000, 0);
    char *credited = company_wait(&company, "maria", credit(&company, "40117", "900.01"));
    expect_answer(maria(&company, company_reversal(&company, up)), "refused", "C-35", "over-credit");
    expect_done(company_amend(&company, "maria", credited, credit(&company, "40117", "900.00")), "waiting");
    char *reversal = company_wait(&company, "maria", company_reversal(&company, up));
    expect_done(company_approve(&company, "ana", credited, 1),
                "posted"); /* 100.00 are left, just what the reversal takes */
    free(company_wait(&company, "maria", credit(&company, "40117", "0.01")));
    expect_done(company_approve(&company, "ana", reversal, 1), "approved");
    expect_answer(company_approve(&company, "priya", reversal, 2), "refused", "C-35", "over-credit");
    invoice_is(&company, "40117", 10000, 1);
    free(up);
    free(credited);
    free(reversal);
    company_close(&company);
}

static void reasons_ask_their_evidence(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    json_t *bare = credit(&company, "40251", "1.00");
    json_object_del(bare, "evidence");
    golden(maria(&company, bare), "refused", "C-37", "evidence");
    expect_answer(maria(&company, company_with(credit(&company, "40251", "1.01"), "evidence",
                                               json_pack("[o]", company_evidence(&company, "price-list")))),
                  "refused", "C-37", "evidence");
    golden(maria(&company, company_with(credit(&company, "40251", "1.00"), "reason", text("WEATHER"))), "refused",
           "C-37", "unknown-reason");
    golden(maria(&company, company_with(credit(&company, "40251", "1.00"), "reason", text("BAD_DEBT"))), "refused",
           "C-37", "other-kind");
    json_t *kind = json_pack("[o]", company_evidence(&company, "correspondence"));
    json_t *note =
        company_with(company_with(credit(&company, "40251", "1.00"), "reason", text("GOODWILL")), "evidence", kind);
    company_with(note, "note", text("nineteen characters"));
    golden(maria(&company, json_incref(note)), "refused", "C-37", "note");
    json_object_set_new(note, "note", text("twenty characters...")); /* the refused one bound nothing: the same ref */
    expect_done(maria(&company, note), "waiting");
    json_t *same = json_pack("[o]", company_evidence(&company, "price-sheet"));
    char *first = company_wait(&company, "maria",
                               company_with(credit(&company, "40251", "300.00"), "evidence", json_incref(same)));
    golden(maria(&company, company_with(credit(&company, "40251", "301.00"), "evidence", json_incref(same))), "waiting",
           "C-37", "evidence-reused");
    /* An amendment may keep its own. */
    json_t *own = json_pack("[o]", company_evidence(&company, "price-sheet"));
    char *alone = company_wait(&company, "maria",
                               company_with(credit(&company, "40251", "302.00"), "evidence", json_incref(own)));
    expect_no_answer(company_amend(&company, "maria", alone,
                                   company_with(credit(&company, "40251", "303.00"), "evidence", json_incref(own))),
                     "waiting", "C-37", "evidence-reused");
    expect_done(company_end(&company, "maria", VERB_WITHDRAW, alone), "withdrawn");
    expect_no_answer(maria(&company, company_with(credit(&company, "40251", "304.00"), "evidence", own)), "waiting",
                     "C-37", "evidence-reused");
    json_decref(same);
    free(first);
    free(alone);
    company_close(&company);
}

static json_t *meaning(json_t *document, const char *first, const char *second)
{
    json_t *links = json_pack("[{s:s, s:s}]", "document", first, "rel", "duplicate-of");
    if (second != NULL)
        json_array_append_new(links, json_pack("{s:s, s:s}", "document", second, "rel", "duplicate-of"));
    return company_with(document, "links", links);
}

static void no_correction_is_made_twice(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *first = company_post(&company, "maria", credit(&company, "40251", "10.00"), 0);
    golden(company_submit(&company, "joe", credit(&company, "40251", "10.00")), "refused", "C-38", "duplicate");
    expect_done(maria(&company, credit(&company, "40251", "10.01")), "posted");
    expect_done(maria(&company, credit(&company, "40117", "10.00")), "posted");
    golden(maria(&company, meaning(credit(&company, "40251", "10.00"), first, NULL)), "waiting", "C-38",
           "acknowledged");
    /* Naming another one does not help, nor does one that is acknowledged hide one that is not. */
    expect_answer(maria(&company, meaning(credit(&company, "40251", "10.00"), "CN-2", NULL)), "refused", "C-38",
                  "duplicate");
    json_t *two = company_money(&company, "credit-note", "10442", "20.00", "PRICE_ERR", "price-sheet");
    company_allocate(company_allocate(two, "40251", NULL, "10.00"), "40117", NULL, "10.00");
    expect_answer(maria(&company, meaning(two, first, NULL)), "refused", "C-38", "duplicate");
    two = company_money(&company, "credit-note", "10442", "20.00", "PRICE_ERR", "price-sheet");
    company_allocate(company_allocate(two, "40251", NULL, "10.00"), "40117", NULL, "10.00");
    json_t *result = expect(maria(&company, meaning(two, first, "CN-3")), "waiting");
    size_t more = 0;
    for (size_t i = 0; i < json_array_size(json_object_get(result, "controls")); i++)
        more +=
            strcmp(member_text(json_array_get(json_object_get(result, "controls"), i), "code"), "acknowledged") == 0;
    assert_int_equal(more, 1); /* one level more, however many */
    json_decref(result);
    /* One level more than the amount asks. */
    char *large = company_post(&company, "maria", company_credit_note(&company, "16446", "581483", "300.00"), 1);
    result = expect(maria(&company, meaning(company_credit_note(&company, "16446", "581483", "300.00"), large, NULL)),
                    "waiting");
    assert_int_equal(levels_from_json(json_object_get(result, "levels")), 3);
    json_decref(result);
    /* Reversed ones count no more. */
    char *lone = company_post(&company, "maria", company_credit_note(&company, "16446", "581484", "5.00"), 1);
    char *reversal = company_wait(&company, "maria", company_reversal(&company, lone));
    expect_answer(maria(&company, company_credit_note(&company, "16446", "581484", "5.00")), "refused", "C-38",
                  "duplicate");
    expect_done(company_approve(&company, "tom", reversal, 1), "approved");
    expect_done(company_approve(&company, "priya", reversal, 2), "posted");
    expect_no_answer(maria(&company, company_credit_note(&company, "16446", "581484", "5.00")), "waiting", "C-38",
                     "duplicate");
    free(reversal);
    free(first);
    free(large);
    free(lone);
    company_close(&company);
}

static void refs_are_given_once(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    json_t *document = credit(&company, "40251", "10.00");
    expect_done(maria(&company, json_incref(document)), "posted");
    json_t *result = expect(maria(&company, json_incref(document)), "repeat");
    assert_string_equal(result_number(result), "CN-1");
    json_decref(result);
    json_t *changed = json_deep_copy(document);
    json_object_set_new(changed, "note", text("changed"));
    golden(maria(&company, changed), "refused", "C-38", "ref-taken");
    invoice_is(&company, "40251", 321055, 0);
    json_decref(document);
    company_close(&company);
}

static void dates_are_not_ahead(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-01-08T04:59:59.999Z"); /* New York: still the 7th */
    golden(maria(&company, company_with(credit(&company, "40251", "1.00"), "date", text("2026-01-08"))), "refused",
           "C-40", "forward-dated");
    company_at(&company, "2026-01-08T05:00:00.000Z");
    expect_done(maria(&company, company_with(credit(&company, "40251", "1.00"), "date", text("2026-01-08"))), "posted");
    company_close(&company);
}

static void reversals_mirror_once(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *small = company_post(&company, "maria", credit(&company, "40251", "100.00"), 0);
    golden(maria(&company, company_reversal(&company, "CN-77")), "refused", "C-43", "unknown-document");
    golden(maria(&company, company_with(company_reversal(&company, small), "entity", text("DE01"))), "refused", "C-43",
           "other-entity");
    char *limit = company_post(&company, "adam", company_limit(&company, "16446", "9000.00"), 1);
    golden(maria(&company, company_reversal(&company, limit)), "refused", "C-43", "not-reversible");
    char *waits = company_wait(&company, "maria", credit(&company, "40251", "400.00"));
    golden(maria(&company, company_reversal(&company, waits)), "refused", "C-43", "not-posted");
    json_t *result = expect(maria(&company, company_reversal(&company, small)), "waiting");
    char *reversal = strdup(result_number(result));
    golden(result, "waiting", "C-43", "mirror");
    golden(maria(&company, company_reversal(&company, small)), "refused", "C-43", "reversal-waits");
    expect_done(company_approve(&company, "ana", reversal, 1), "approved");
    expect_done(company_approve(&company, "priya", reversal, 2), "posted");
    invoice_is(&company, "40251", 322055, 40000);
    expect_answer(maria(&company, company_reversal(&company, small)), "refused", "C-43", "not-posted");
    expect_answer(maria(&company, company_reversal(&company, reversal)), "refused", "C-43", "not-reversible");
    /* The original's approvers do not approve its reversal. */
    expect_done(company_approve(&company, "ana", waits, 1), "posted");
    char *second = company_wait(&company, "maria", company_reversal(&company, waits));
    golden(company_approve(&company, "ana", second, 1), "refused", "C-43", "same-approver");
    expect_done(company_approve(&company, "tom", second, 1), "approved");
    expect_done(company_approve(&company, "priya", second, 2), "posted");
    invoice_is(&company, "40251", 322055, 0);
    free(small);
    free(limit);
    free(waits);
    free(reversal);
    free(second);
    company_close(&company);
}

static void more_tax_codes_than_can_be_counted(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    json_t *records = json_array(),
           *document = company_money(&company, "credit-note", "10442", "65.00", "PRICE_ERR", "price-sheet");
    for (int i = 0; i < 65; i++) {
        char id[16], code[16];
        snprintf(id, sizeof id, "X-%02d", i);
        snprintf(code, sizeof code, "C%02d", i);
        json_t *invoice = company_invoice(id, "10442", "1.00", "1.00", "2.00");
        json_object_set_new(json_array_get(json_object_get(invoice, "taxes"), 0), "code", text(code));
        json_array_append_new(records, invoice);
        company_allocate(document, id, NULL, "1.00");
    }
    const struct company_file file = {.user = "feedi", .feed = "invoices", .total = "130.00", .sequence = 2};
    expect_done(company_feed(&company, &file, records), "closed");
    golden(maria(&company, document), "refused", "C-44", "lines-too-large");
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_gross_and_in_base_currency),
        cmocka_unit_test(limits_are_changed_from_what_they_are),
        cmocka_unit_test(accounts_come_from_the_policy),
        cmocka_unit_test(what_no_book_can_show),
        cmocka_unit_test(functional_amounts_balance),
        cmocka_unit_test(customers_are_known),
        cmocka_unit_test(no_more_than_remains),
        cmocka_unit_test(lines_have_a_rest_of_their_own),
        cmocka_unit_test(currencies_of_invoice_and_document),
        cmocka_unit_test(turning_round_gains_nothing),
        cmocka_unit_test(reversal_of_a_rise_takes_from_the_invoice),
        cmocka_unit_test(reasons_ask_their_evidence),
        cmocka_unit_test(no_correction_is_made_twice),
        cmocka_unit_test(refs_are_given_once),
        cmocka_unit_test(dates_are_not_ahead),
        cmocka_unit_test(reversals_mirror_once),
        cmocka_unit_test(more_tax_codes_than_can_be_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

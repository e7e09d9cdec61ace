/*
 * Recoveries, adjustments and rebills: what they post, what they hold, what refuses them (C-02, C-27, C-34, C-35, C-38, C-40,
 * C-43, C-44). Each case that trips stands beside one that comes as close as possible and does not.
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
#include "ledger/schema.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"
#include "tests/support/money_documents.h"

static json_t *text(const char *value)
{
    return json_string(value);
}

static json_t *cora(struct company *company, json_t *document)
{
    return company_submit(company, "cora", document);
}

static json_t *maria(struct company *company, json_t *document)
{
    return company_submit(company, "maria", document);
}

/* 600.00 on account of 10442, of a receipt of 1,000.00 that paid 400.00 of 40251. */
static void cash(struct company *company)
{
    json_t *applied = json_pack("[{s:s, s:s}]", "amount", "400.00", "invoice", "40251");
    money_file(company, "feedm", "cash", 1, "1000.00",
               json_pack("[o]", company_cash("R-9", "10442", "1000.00", applied)));
    money_account_is(company, "10442", -60000, 0);
}

static void recovery_reinstates_and_pays(void **state)
{
    struct company company = {.dir = ""};
    json_t *result = NULL;
    (void)state;
    money_open(&company, MONEY_POLICY);
    char *off = money_written_off(&company, "40117", "500.00");
    money_open_is(&company, "40117", 40000);
    cash(&company);
    char *first = money_post(&company, "cora", money_recovery(&company, off, "40117", "200.00"), &result);
    money_lines_are(result, "dr 1200 200.00; cr 1290 200.00; dr 2150 200.00; cr 1200 200.00");
    json_decref(result);
    money_open_is(&company, "40117", 40000);
    money_account_is(&company, "10442", -40000, 0);
    money_ledger_is(&company, "1290", 30000);
    /* A second one, of what is left but a cent; it waits, and holds. */
    char *second = company_wait(&company, "cora", money_recovery(&company, off, "40117", "299.99"));
    money_account_is(&company, "10442", -40000, 29999);
    golden(cora(&company, money_recovery(&company, off, "40117", "0.02")), "refused", "C-35", "over-recovery");
    expect_done(company_amend(&company, "cora", second, money_recovery(&company, off, "40117", "300.00")), "waiting");
    expect_answer(company_amend(&company, "cora", second, money_recovery(&company, off, "40117", "300.01")), "refused",
                  "C-35", "over-recovery");
    expect_answer(cora(&company, money_recovery(&company, off, "40117", "0.01")), "refused", "C-35", "over-recovery");
    expect_done(company_end(&company, "cora", VERB_WITHDRAW, second), "withdrawn");
    money_account_is(&company, "10442", -40000, 0);
    /* What is recovered of a write-off stands in the way of its reversal; reversed itself, it can be had again. */
    golden(cora(&company, company_reversal(&company, off)), "refused", "C-43", "recovered");
    free(money_post(&company, "cora", company_reversal(&company, first), NULL));
    money_account_is(&company, "10442", -60000, 0);
    money_ledger_is(&company, "1290", 50000);
    char *third = company_wait(&company, "cora", money_recovery(&company, off, "40117", "500.00"));
    expect_answer(cora(&company, company_reversal(&company, off)), "refused", "C-43", "recovered");
    expect_done(company_end(&company, "cora", VERB_WITHDRAW, third), "withdrawn");
    char *reversal = company_wait(&company, "cora", company_reversal(&company, off));
    golden(cora(&company, money_recovery(&company, off, "40117", "1.00")), "refused", "C-35", "reversal-waits");
    expect_done(company_approve(&company, "tom", reversal, 1), "approved");
    free(reversal);
    free(third);
    free(second);
    free(first);
    free(off);
    company_close(&company);
}

static void recovery_of_what_was_given_up(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    char *off = money_written_off(&company, "40117", "500.00");
    golden(cora(&company, money_recovery(&company, off, "40117", "10.00")), "refused", "C-35", "unknown-receipt");
    cash(&company);
    golden(cora(&company, money_recovery(&company, "WO-77", "40117", "10.00")), "refused", "C-35", "not-written-off");
    char *credit = money_post(&company, "maria", company_credit_note(&company, "10442", "40117", "10.00"), NULL);
    expect_answer(cora(&company, money_recovery(&company, credit, "40117", "10.00")), "refused", "C-35",
                  "not-written-off");
    /* Another invoice than the one that was written off. */
    expect_answer(cora(&company, money_recovery(&company, off, "40251", "0.01")), "refused", "C-35", "over-recovery");
    /* Another customer's receipt. */
    money_file(&company, "feedm", "cash", 2, "50.00",
               json_pack("[o]", company_cash("R-8", "16446", "50.00", json_array())));
    expect_answer(cora(&company, company_with(money_recovery(&company, off, "40117", "10.00"), "receipt", text("R-8"))),
                  "refused", "C-35", "unknown-receipt");
    /* What the receipt has left, and then what the account has. */
    char *more = money_written_off(&company, "40251", "400.00");
    json_t *both = money_recovery(&company, off, "40117", "500.00");
    free(company_wait(&company, "cora", both));
    golden(cora(&company, money_recovery(&company, more, "40251", "100.01")), "refused", "C-35", "over-receipt");
    char *rest = company_wait(&company, "cora", money_recovery(&company, more, "40251", "100.00"));
    expect_done(company_end(&company, "cora", VERB_WITHDRAW, rest), "withdrawn");
    free(rest);
    char *given =
        company_wait(&company, "joe", money_adjustment(&company, "credit-balance", "CREDIT_BAL", NULL, "99.99"));
    golden(cora(&company, money_recovery(&company, more, "40251", "0.02")), "refused", "C-35", "over-account");
    expect_no_answer(cora(&company, money_recovery(&company, more, "40251", "0.01")), "waiting", "C-35",
                     "over-account");
    /* The allowance was used, so expense is not where it goes; nor does a recovery hit revenue. */
    expect_answer(cora(&company, company_with(money_recovery(&company, more, "40251", "0.01"), "reason",
                                              text("RECOVERED_DIRECT"))),
                  "refused", "C-27", "method");
    expect_answer(
        cora(&company, company_with(money_recovery(&company, more, "40251", "0.01"), "reason", text("PRICE_ERR"))),
        "refused", "C-27", "account-class");
    free(given);
    free(more);
    free(credit);
    free(off);
    company_close(&company);
}

static void adjustments_move_what_their_charge_says(void **state)
{
    static const struct {
        const char *charge, *reason, *direction, *lines;
    } rows[] = {
        {"finance", "LATE_FEE", "down", "dr 4050 20.00; cr 1200 20.00"},
        {"finance", "LATE_FEE", "up", "cr 4050 20.00; dr 1200 20.00"},
        {"freight", "FREIGHT_ADJ", "down", "dr 4040 20.00; cr 1200 20.00"},
        {"discount", "DISCOUNT_ADJ", "down", "dr 4020 20.00; cr 1200 20.00"},
        {"fx", "FX_DIFF", "down", "dr 7910 20.00; cr 1200 20.00"},
        {"fx", "FX_DIFF", "up", "cr 7910 20.00; dr 1200 20.00"},
        {"small-balance", "SMALL_ADJ", "up", "cr 6800 20.00; dr 1200 20.00"},
    };
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *result = NULL,
               *document = money_adjustment(&company, rows[i].charge, rows[i].reason, rows[i].direction, "20.00");
        if (strcmp(rows[i].direction, "up") == 0 && strcmp(rows[i].charge, "small-balance") != 0)
            company_with(document, "links",
                         json_pack("[{s:s, s:s}]", "document", i == 1 ? "AJ-1" : "AJ-5", "rel", "duplicate-of"));
        free(money_post(&company, "maria", document, &result));
        money_lines_are(result, rows[i].lines);
        json_decref(result);
    }
    money_open_is(&company, "40251", 322055 - 8000 + 6000);
    expect_answer(maria(&company, money_adjustment(&company, "freight", "FX_DIFF", "down", "1.00")), "refused", "C-27",
                  "account-class");
    expect_answer(maria(&company, money_adjustment(&company, "small-balance", "LATE_FEE", "down", "1.00")), "refused",
                  "C-27", "account-class");
    expect_answer(maria(&company, money_adjustment(&company, "finance", "LATE_FEE", "down", "3200.56")), "refused",
                  "C-35", "over-credit");
    company_close(&company);
}

static void credit_balances_are_given_up_once(void **state)
{
    struct company company = {.dir = ""};
    json_t *result = NULL;
    (void)state;
    money_open(&company, MONEY_POLICY);
    expect_answer(maria(&company, money_adjustment(&company, "credit-balance", "CREDIT_BAL", NULL, "0.01")), "refused",
                  "C-35", "over-account");
    cash(&company);
    char *waits =
        company_wait(&company, "maria", money_adjustment(&company, "credit-balance", "CREDIT_BAL", NULL, "400.00"));
    expect_answer(maria(&company, money_adjustment(&company, "credit-balance", "CREDIT_BAL", NULL, "200.01")),
                  "refused", "C-35", "over-account");
    /* Amended it may take what it holds itself. */
    expect_done(company_amend(&company, "maria", waits,
                              money_adjustment(&company, "credit-balance", "CREDIT_BAL", NULL, "600.00")),
                "waiting");
    money_account_is(&company, "10442", -60000, 60000);
    expect_done(company_end(&company, "maria", VERB_WITHDRAW, waits), "withdrawn");
    char *given = money_post(&company, "maria",
                             money_adjustment(&company, "credit-balance", "CREDIT_BAL", NULL, "600.00"), &result);
    money_lines_are(result, "cr 2190 600.00; dr 2150 600.00");
    json_decref(result);
    money_account_is(&company, "10442", 0, 0);
    /* It takes two persons at the least, whatever the amount. */
    free(money_post(&company, "maria", company_reversal(&company, given), NULL));
    result =
        expect(maria(&company, money_adjustment(&company, "credit-balance", "CREDIT_BAL", NULL, "0.01")), "waiting");
    assert_int_equal(levels_from_json(json_object_get(result, "levels")), 3);
    json_decref(result);
    free(given);
    free(waits);
    company_close(&company);
}

/* Credit put on account, taken from there since: its note is reversed no more. */
static void account_credit_is_reversed_while_it_stands(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    json_t *note = company_money(&company, "credit-note", "10442", "50.00", "PRICE_ERR", "price-sheet");
    char *credit = money_post(&company, "maria", company_with(note, "on_account", text("50.00")), NULL);
    char *waits =
        company_wait(&company, "joe", money_adjustment(&company, "credit-balance", "CREDIT_BAL", NULL, "0.01"));
    expect_answer(maria(&company, company_reversal(&company, credit)), "refused", "C-35", "over-account");
    expect_done(company_end(&company, "joe", VERB_WITHDRAW, waits), "withdrawn");
    free(money_post(&company, "maria", company_reversal(&company, credit), NULL));
    money_account_is(&company, "10442", 0, 0);
    free(waits);
    free(credit);
    company_close(&company);
}

static size_t levels_of(json_t *result)
{
    size_t count = json_array_size(json_object_get(result, "levels"));
    json_decref(result);
    return count;
}

static void rebills_raise_what_they_change(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    expect_answer(maria(&company, money_rebill(&company, "99999", "850.00", "2025-12-01", "2025-12-31")), "refused",
                  "C-34", "unknown-customer");
    json_t *same = maria(&company, money_rebill(&company, "10442", "850.00", "2025-12-01", "2025-12-31"));
    assert_false(result_has(same, "C-40", "re-aged"));
    char *number = strdup(result_number(same));
    assert_int_equal(levels_of(same), 1);
    golden(maria(&company, money_rebill(&company, "10442", "849.00", "2025-12-01", "2025-12-31")), "refused", "C-38",
           "rebill-ref");
    golden(
        company_amend(&company, "maria", number, money_rebill(&company, "10442", "850.00", "2025-12-02", "2025-12-31")),
        "waiting", "C-40", "re-aged");
    expect_answer(
        company_amend(&company, "maria", number, money_rebill(&company, "10442", "850.00", "2025-12-01", "2026-01-31")),
        "waiting", "C-40", "re-aged");
    json_t *other =
        company_amend(&company, "maria", number, money_rebill(&company, "16447", "850.00", "2025-12-01", "2025-12-31"));
    golden(json_incref(other), "waiting", "C-02", "rebill-customer");
    assert_int_equal(levels_of(other), 2);
    json_t *taxed = money_rebill(&company, "10442", "850.00", "2025-12-01", "2025-12-31");
    json_object_set_new(json_array_get(json_object_get(json_object_get(taxed, "invoice"), "taxes"), 0), "code",
                        text("NONE"));
    other = company_amend(&company, "maria", number, taxed);
    golden(json_incref(other), "waiting", "C-02", "rebill-tax");
    assert_int_equal(levels_of(other), 2);
    free(number);
    company_close(&company);
}

static json_t *bill(struct company *company, int sequence, const char *total, json_t *record)
{
    const struct company_file file = {.user = "feedi", .feed = "invoices", .total = total, .sequence = sequence};
    return company_feed(company, &file, json_pack("[o]", record));
}

static size_t open_rebills(struct company *company)
{
    struct tables_txn *txn = NULL;
    struct err err;
    uint64_t count = 0;
    assert_int_equal(tables_read_begin(gate_books(company->gate)->tables, &txn, &err), STATUS_OK);
    assert_int_equal(tables_count(txn, BOOKS_OPEN_REBILLS, &count, &err), STATUS_OK);
    tables_abort(txn);
    return (size_t)count;
}

static void rebills_are_closed_by_what_was_intended(void **state)
{
    struct company company = {.dir = ""};
    json_t *result = NULL;
    (void)state;
    money_open(&company, MONEY_POLICY);
    char *waits =
        company_wait(&company, "maria", money_rebill(&company, "10442", "850.00", "2025-12-01", "2025-12-31"));
    golden(bill(&company, 2, "850.00", money_rebilled("N-1", "10442", "850.00", "2025-12-01", "2025-12-31")), "refused",
           "C-44", "unknown-rebill");
    assert_int_equal(open_rebills(&company), 0);
    result = company_approve(&company, "ana", waits, 1);
    expect_done(json_incref(result), "posted");
    money_lines_are(result, "dr 4000 900.00; cr 1200 900.00");
    json_decref(result);
    assert_int_equal(open_rebills(&company), 1);
    money_open_is(&company, "40117", 0);
    golden(bill(&company, 2, "849.99", money_rebilled("N-1", "10442", "849.99", "2025-12-01", "2025-12-31")), "refused",
           "C-44", "rebill-differs");
    expect_answer(bill(&company, 2, "850.00", money_rebilled("N-1", "16447", "850.00", "2025-12-01", "2025-12-31")),
                  "refused", "C-44", "rebill-differs");
    expect_answer(bill(&company, 2, "850.00", money_rebilled("N-1", "10442", "850.00", "2025-12-01", "2026-01-01")),
                  "refused", "C-44", "rebill-differs");
    expect_answer(bill(&company, 2, "850.00", money_rebilled("N-1", "10442", "850.00", "2025-12-02", "2025-12-31")),
                  "refused", "C-44", "rebill-differs");
    json_t *split = money_rebilled("N-1", "10442", "850.00", "2025-12-01", "2025-12-31");
    json_t *tax = json_array_get(json_object_get(split, "taxes"), 0);
    json_object_set_new(tax, "net", text("849.99"));
    json_object_set_new(tax, "tax", text("0.01"));
    expect_answer(bill(&company, 2, "850.00", split), "refused", "C-44", "rebill-differs");
    json_t *codes = money_rebilled("N-1", "10442", "850.00", "2025-12-01", "2025-12-31");
    json_object_set_new(json_array_get(json_object_get(codes, "taxes"), 0), "net", text("849.00"));
    json_array_append_new(json_object_get(codes, "taxes"),
                          json_pack("{s:s, s:s, s:s}", "code", "NONE", "net", "1.00", "tax", "0.00"));
    result = bill(&company, 2, "850.00", codes);
    assert_string_equal(member_text(json_array_get(json_object_get(result, "controls"), 0), "member"), "taxes");
    expect_answer(result, "refused", "C-44", "rebill-differs");
    const struct company_file foreign = {
        .user = "feedi", .feed = "invoices", .total = "850.00", .sequence = 2, .currency = "EUR"};
    result = company_feed(&company, &foreign,
                          json_pack("[o]", money_rebilled("N-1", "10442", "850.00", "2025-12-01", "2025-12-31")));
    assert_string_equal(member_text(json_array_get(json_object_get(result, "controls"), 0), "member"), "currency");
    expect_answer(result, "refused", "C-44", "rebill-differs");
    /* Two invoices of one file for it, over two parts. */
    const struct company_file part = {
        .user = "feedi", .feed = "invoices", .total = "1700.00", .sequence = 2, .count = 2, .more = true};
    struct company_file rest = part;
    rest.part = 2;
    rest.more = false;
    expect_done(company_feed(&company, &part,
                             json_pack("[o]", money_rebilled("N-1", "10442", "850.00", "2025-12-01", "2025-12-31"))),
                "open");
    golden(company_feed(&company, &rest,
                        json_pack("[o]", money_rebilled("N-2", "10442", "850.00", "2025-12-01", "2025-12-31"))),
           "refused", "C-44", "rebill-closed");
    expect_done(bill(&company, 2, "850.00", money_rebilled("N-1", "10442", "850.00", "2025-12-01", "2025-12-31")),
                "closed");
    assert_int_equal(open_rebills(&company), 0);
    money_open_is(&company, "N-1", 85000);
    expect_answer(bill(&company, 3, "850.00", money_rebilled("N-2", "10442", "850.00", "2025-12-01", "2025-12-31")),
                  "refused", "C-44", "rebill-closed");
    golden(maria(&company, company_reversal(&company, waits)), "refused", "C-43", "rebilled");
    free(waits);
    company_close(&company);
}

static void reversed_rebills_intend_nothing(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    char *rebill =
        money_post(&company, "maria", money_rebill(&company, "10442", "850.00", "2025-12-01", "2025-12-31"), NULL);
    const struct company_file part = {
        .user = "feedi", .feed = "invoices", .total = "950.00", .sequence = 2, .count = 2, .more = true};
    struct company_file rest = part;
    rest.part = 2;
    rest.more = false;
    expect_done(company_feed(&company, &part,
                             json_pack("[o]", money_rebilled("N-1", "10442", "850.00", "2025-12-01", "2025-12-31"))),
                "open");
    char *reversal = company_wait(&company, "maria", company_reversal(&company, rebill));
    expect_done(company_approve(&company, "tom", reversal, 1), "approved");
    expect_done(company_approve(&company, "priya", reversal, 2), "posted");
    assert_int_equal(open_rebills(&company), 0);
    money_open_is(&company, "40117", 90000);
    expect_answer(
        company_feed(&company, &rest, json_pack("[o]", company_invoice("N-2", "10442", "100.00", "0.00", "100.00"))),
        "refused", "C-44", "unknown-rebill");
    /* Its reference is free again. */
    free(money_post(&company, "maria",
                    company_with(money_rebill(&company, "10442", "850.00", "2025-12-01", "2025-12-31"), "links",
                                 json_pack("[{s:s, s:s}]", "document", rebill, "rel", "supersedes")),
                    NULL));
    free(reversal);
    free(rebill);
    company_close(&company);
}

/* Reversed here, posted there: seen when it is submitted, for as many days as the policy says. */
static void what_goes_elsewhere_is_flagged(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    char *credit = money_post(&company, "maria", company_credit_note(&company, "10442", "40251", "77.00"), NULL);
    char *reversal = money_post(&company, "maria", company_reversal(&company, credit), NULL);
    expect_no_answer(maria(&company, company_credit_note(&company, "10442", "40117", "77.00")), "posted", "C-43",
                     "reposted");
    expect_no_answer(maria(&company, company_credit_note(&company, "16446", "581483", "1.01")), "posted", "C-43",
                     "reposted");
    golden(maria(&company, company_credit_note(&company, "16446", "581483", "77.00")), "waiting", "C-43", "reposted");
    json_t *reason = company_with(company_credit_note(&company, "10442", "40251", "77.00"), "reason", text("QTY"));
    json_object_set_new(reason, "evidence", json_pack("[o]", company_evidence(&company, "delivery-note")));
    expect_answer(maria(&company, reason), "waiting", "C-43", "reposted");
    json_t *record = company_record(&company, reversal);
    char time[32];
    snprintf(time, sizeof time, "%s", member_text(json_object_get(record, "posted"), "time"));
    json_decref(record);
    memcpy(time + 8, "10", 2); /* of the 5th: five days, to the millisecond */
    company_at(&company, time);
    expect_no_answer(maria(&company, company_credit_note(&company, "16446", "581484", "77.00")), "waiting", "C-43",
                     "reposted");
    free(reversal);
    free(credit);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recovery_reinstates_and_pays),
        cmocka_unit_test(recovery_of_what_was_given_up),
        cmocka_unit_test(adjustments_move_what_their_charge_says),
        cmocka_unit_test(credit_balances_are_given_up_once),
        cmocka_unit_test(account_credit_is_reversed_while_it_stands),
        cmocka_unit_test(rebills_raise_what_they_change),
        cmocka_unit_test(rebills_are_closed_by_what_was_intended),
        cmocka_unit_test(reversed_rebills_intend_nothing),
        cmocka_unit_test(what_goes_elsewhere_is_flagged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

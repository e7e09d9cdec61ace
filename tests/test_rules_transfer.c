/*
 * Transfers between customers and invoices: what they post and hold, how their reversal mirrors them, and that the controls
 * see both customers (C-06, C-07, C-11, C-19, C-23, C-27, C-34, C-35, C-40, C-42, C-43). Each case that trips stands beside one
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

#include "controls/kind.h"
#include "ledger/schema.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"
#include "tests/support/money_documents.h"

/* Customer and invoice of a side; invoice NULL: the customer's account. */
struct side {
    const char *customer, *invoice;
};

static json_t *text(const char *value)
{
    return json_string(value);
}

static json_t *transfer(struct company *company, struct side from, struct side to, const char *amount)
{
    json_t *document = company_money(company, "adjustment", from.customer, amount, "TRANSFER", "remittance");
    json_t *receives = json_pack("{s:[], s:s}", "allocations", "customer", to.customer);
    company_with(document, "charge", text("transfer"));
    if (from.invoice != NULL)
        company_allocate(document, from.invoice, NULL, amount);
    if (to.invoice != NULL)
        company_allocate(receives, to.invoice, NULL, amount);
    return company_with(document, "to", receives);
}

static const struct side from_484 = {"16446", "581484"}, from_483 = {"16446", "581483"}, to_251 = {"10442", "40251"},
                         to_117 = {"10442", "40117"}, account_446 = {"16446", NULL}, account_442 = {"10442", NULL},
                         to_001 = {"16447", "700001"};

static json_t *maria(struct company *company, json_t *document)
{
    return company_submit(company, "maria", document);
}

static long long pending_of(struct company *company, const char *invoice)
{
    json_t *record = company_invoice_record(company, invoice);
    long long pending = member_integer(record, "pending");
    json_decref(record);
    return pending;
}

static void debt_moves(void **state)
{
    struct company company = {.dir = ""};
    json_t *result = NULL;
    (void)state;
    money_open(&company, MONEY_POLICY);
    char *waits = company_wait(&company, "maria", transfer(&company, from_484, to_251, "400.00"));
    assert_int_equal(pending_of(&company, "581484"), 40000);
    assert_int_equal(pending_of(&company, "40251"), 0);
    /* What waits is taken: 600.00 are left, and not a cent more. */
    expect_answer(maria(&company, transfer(&company, from_484, to_251, "600.01")), "refused", "C-35", "over-credit");
    expect_done(company_amend(&company, "maria", waits, transfer(&company, from_484, to_251, "1000.00")), "waiting");
    expect_answer(company_amend(&company, "maria", waits, transfer(&company, from_484, to_251, "1000.01")), "refused",
                  "C-35", "over-credit");
    expect_done(company_end(&company, "maria", VERB_WITHDRAW, waits), "withdrawn");
    assert_int_equal(pending_of(&company, "581484"), 0);
    char *first = money_post(&company, "maria", transfer(&company, from_484, to_251, "1000.00"), &result);
    money_lines_are(result, "cr 1200 1000.00; dr 1200 1000.00");
    const json_t *lines = json_object_get(result, "lines");
    assert_string_equal(member_text(json_array_get(lines, 0), "customer"), "16446");
    assert_string_equal(member_text(json_array_get(lines, 1), "customer"), "10442");
    json_decref(result);
    money_open_is(&company, "581484", 0);
    money_open_is(&company, "40251", 422055);
    money_ledger_is(&company, "1200", 0);
    /* Reversed once, as long as the invoice that received has it open. */
    char *on = money_post(&company, "maria", transfer(&company, to_251, to_117, "3220.56"), NULL);
    expect_answer(maria(&company, company_reversal(&company, first)), "refused", "C-35", "over-credit");
    free(money_post(&company, "maria", company_reversal(&company, on), NULL));
    free(money_post(&company, "maria", company_reversal(&company, first), NULL));
    expect_answer(maria(&company, company_reversal(&company, first)), "refused", "C-43", "not-posted");
    money_open_is(&company, "581484", 100000);
    money_open_is(&company, "40251", 322055);
    money_open_is(&company, "40117", 90000);
    money_ledger_is(&company, "1200", 0);
    free(waits);
    free(first);
    free(on);
    company_close(&company);
}

static void debt_moves_to_an_account(void **state)
{
    struct company company = {.dir = ""};
    json_t *result = NULL;
    (void)state;
    money_open(&company, MONEY_POLICY);
    char *number = money_post(&company, "maria", transfer(&company, from_484, account_442, "250.00"), &result);
    money_lines_are(result, "cr 1200 250.00; dr 2150 250.00");
    json_decref(result);
    money_account_is(&company, "10442", 25000, 0);
    free(money_post(&company, "maria", company_reversal(&company, number), NULL));
    money_account_is(&company, "10442", 0, 0);
    money_open_is(&company, "581484", 100000);
    free(number);
    company_close(&company);
}

static void credit_moves(void **state)
{
    struct company company = {.dir = ""};
    json_t *result = NULL;
    (void)state;
    money_open(&company, MONEY_POLICY);
    money_file(&company, "feedm", "cash", 1, "2000.00",
               json_pack("[o]", company_cash("R-1", "16446", "2000.00", json_array())));
    money_account_is(&company, "16446", -200000, 0);
    /* Held on the account it leaves, and on the invoice that it will pay; no more than either has. */
    char *waits = company_wait(&company, "maria", transfer(&company, account_446, to_117, "700.00"));
    money_account_is(&company, "16446", -200000, 70000);
    assert_int_equal(pending_of(&company, "40117"), 70000);
    expect_answer(maria(&company, transfer(&company, account_446, to_117, "200.01")), "refused", "C-35", "over-credit");
    expect_answer(maria(&company, transfer(&company, account_446, to_251, "1300.01")), "refused", "C-35",
                  "over-account");
    expect_done(company_amend(&company, "maria", waits, transfer(&company, account_446, to_117, "900.00")), "waiting");
    expect_answer(company_amend(&company, "maria", waits, transfer(&company, account_446, to_117, "900.01")), "refused",
                  "C-35", "over-credit");
    assert_int_equal(pending_of(&company, "40117"), 90000);
    expect_done(company_approve(&company, "ana", waits, 1), "approved");
    result = company_approve(&company, "priya", waits, 2);
    assert_string_equal(result_outcome(result), "posted");
    money_lines_are(result, "dr 2150 900.00; cr 1200 900.00");
    json_decref(result);
    money_open_is(&company, "40117", 0);
    money_account_is(&company, "16446", -110000, 0);
    assert_int_equal(pending_of(&company, "40117"), 0);
    /* From account to account; the reversal takes it from there again, if it is still there. */
    char *moved = money_post(&company, "maria", transfer(&company, account_446, account_442, "1100.00"), &result);
    money_lines_are(result, "dr 2150 1100.00; cr 2150 1100.00");
    json_decref(result);
    money_account_is(&company, "16446", 0, 0);
    money_account_is(&company, "10442", -110000, 0);
    char *spent = money_post(&company, "maria", transfer(&company, account_442, from_484, "0.01"), NULL);
    expect_answer(maria(&company, company_reversal(&company, moved)), "refused", "C-35", "over-account");
    free(money_post(&company, "maria", company_reversal(&company, spent), NULL));
    free(money_post(&company, "maria", company_reversal(&company, moved), NULL));
    free(money_post(&company, "maria", company_reversal(&company, waits), NULL));
    money_account_is(&company, "16446", -200000, 0);
    money_account_is(&company, "10442", 0, 0);
    money_open_is(&company, "40117", 90000);
    free(waits);
    free(moved);
    free(spent);
    company_close(&company);
}

static void what_no_transfer_may_be(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    money_file(&company, "feedi", "invoices", 2, "10.00",
               json_pack("[o]", company_with(company_invoice("300001", "10442", "10.00", "0.00", "10.00"), "date",
                                             text("2026-01-07"))));
    /* Another customer's invoice, on either side; no such invoice; no such customer. */
    expect_answer(maria(&company, transfer(&company, (struct side){"16446", "40117"}, to_251, "1.00")), "refused",
                  "C-35", "other-customer");
    expect_answer(maria(&company, transfer(&company, from_484, (struct side){"10442", "581483"}, "1.00")), "refused",
                  "C-35", "other-customer");
    expect_answer(maria(&company, transfer(&company, from_484, (struct side){"10442", "999"}, "1.00")), "refused",
                  "C-35", "unknown-invoice");
    expect_answer(maria(&company, transfer(&company, from_484, (struct side){"99999", NULL}, "1.00")), "refused",
                  "C-34", "unknown-customer");
    /* Both sides add up to the amount. */
    json_t *uneven = transfer(&company, from_484, to_251, "5.00");
    company_with(json_array_get(json_object_get(json_object_get(uneven, "to"), "allocations"), 0), "amount",
                 text("4.99"));
    expect_answer(maria(&company, uneven), "refused", "C-11", "not-the-sum");
    /* Its reason moves receivables, and no other charge's does. */
    expect_answer(
        maria(&company, company_with(transfer(&company, from_484, to_251, "5.00"), "reason", text("SMALL_ADJ"))),
        "refused", "C-27", "account-class");
    expect_answer(maria(&company, money_adjustment(&company, "small-balance", "TRANSFER", "down", "5.00")), "refused",
                  "C-27", "account-class");
    /* Not before the invoice that receives: a day before it, and on its day. */
    company_at(&company, "2026-01-07T15:00:00.000Z");
    const struct side late = {"10442", "300001"};
    expect_answer(maria(&company, company_with(transfer(&company, from_484, late, "5.00"), "date", text("2026-01-06"))),
                  "refused", "C-40", "before-original");
    expect_no_answer(
        maria(&company, company_with(transfer(&company, from_484, late, "5.00"), "date", text("2026-01-07"))),
        "waiting", "C-40", "before-original");
    company_close(&company);
}

static void form_is(struct company *company, json_t *document, enum status wanted)
{
    struct err err;
    (void)company;
    assert_int_equal(kind_check_document(document, "documents[0]", &err), wanted);
    json_decref(document);
}

static void what_is_no_form(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    const struct side same = {"16446", "581484"}, own = {"16446", "581483"};
    form_is(&company, transfer(&company, from_484, own, "1.00"), STATUS_OK);
    form_is(&company, transfer(&company, from_484, same, "1.00"), STATUS_INPUT);
    form_is(&company, transfer(&company, from_484, account_446, "1.00"), STATUS_INPUT);
    form_is(&company, transfer(&company, account_446, own, "1.00"), STATUS_INPUT);
    form_is(&company, transfer(&company, account_446, account_446, "1.00"), STATUS_INPUT);
    form_is(&company, company_with(transfer(&company, from_484, own, "1.00"), "direction", text("up")), STATUS_INPUT);
    form_is(&company, company_with(transfer(&company, from_484, own, "1.00"), "charge", text("freight")), STATUS_INPUT);
    json_t *lacks = transfer(&company, from_484, own, "1.00");
    json_object_del(lacks, "to");
    form_is(&company, lacks, STATUS_INPUT);
    json_t *line = transfer(&company, from_484, own, "1.00");
    company_with(json_array_get(json_object_get(line, "allocations"), 0), "line", text("1"));
    form_is(&company, line, STATUS_INPUT);
    company_close(&company);
}

/* 2,500.00 is where level 3 begins: in the group that gives, and in the one that receives. */
static void it_adds_up_in_both_groups(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    free(company_wait(&company, "maria", transfer(&company, from_483, to_251, "2000.00")));
    const struct side within = {"10442", "40117"};
    expect_no_answer(maria(&company, transfer(&company, within, to_251, "500.00")), "waiting", "C-07", "sum");
    expect_answer(company_submit(&company, "joe", transfer(&company, within, to_251, "0.01")), "waiting", "C-07",
                  "sum");
    /* The group that gives has 2,000.00: two of its customers count once there. */
    expect_no_answer(maria(&company, transfer(&company, from_484, to_001, "500.00")), "waiting", "C-07", "sum");
    expect_answer(company_submit(&company, "joe", transfer(&company, from_484, to_001, "0.01")), "waiting", "C-07",
                  "sum");
    company_close(&company);
}

/* The group that gives has nothing yet; the one that receives is at 2,000.00 by a credit note. */
static void it_adds_up_where_it_goes(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    free(company_wait(&company, "maria", company_credit_note(&company, "10442", "40251", "2000.00")));
    expect_no_answer(maria(&company, transfer(&company, from_484, to_251, "500.00")), "waiting", "C-07", "sum");
    expect_answer(company_submit(&company, "joe", transfer(&company, from_484, to_251, "0.01")), "waiting", "C-07",
                  "sum");
    company_close(&company);
}

static void it_adds_up_on_both_invoices(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    char *first = company_wait(&company, "maria", transfer(&company, from_483, to_251, "2000.00"));
    expect_no_answer(maria(&company, transfer(&company, from_484, to_251, "500.00")), "waiting", "C-06", "sum");
    expect_answer(maria(&company, transfer(&company, from_484, to_251, "0.01")), "waiting", "C-06", "sum");
    expect_done(company_end(&company, "maria", VERB_WITHDRAW, first), "withdrawn");
    expect_no_answer(maria(&company, transfer(&company, from_484, to_251, "0.02")), "waiting", "C-06", "sum");
    free(first);
    company_close(&company);
}

static json_t *related(struct company *company, const char *customer, const char *group)
{
    json_t *document = company_document(company, "related");
    company_with(document, "customers", json_pack("[{s:s, s:s}]", "customer", customer, "entity", "US01"));
    return company_with(company_with(document, "group", text(group)), "reason", text("Register of relations"));
}

static void in_force(struct company *company, json_t *document)
{
    json_t *result = company_submit(company, "olga", document);
    expect_done(company_approve(company, "oscar", result_number(result), 1), "in-force");
    json_decref(result);
}

/* One group becomes two: the transfer within it counts in both from then on; and in one again when they join. */
static void groups_part_and_join(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    const struct side out = {"16447", "700001"};
    free(company_wait(&company, "maria", transfer(&company, from_483, to_001, "2400.00")));
    in_force(&company, related(&company, "16446", "G2"));
    /* 2,500.00 are the most in either. */
    expect_no_answer(maria(&company, transfer(&company, from_484, from_483, "100.00")), "waiting", "C-07", "sum");
    expect_answer(maria(&company, transfer(&company, from_484, from_483, "0.01")), "waiting", "C-07", "sum");
    expect_no_answer(maria(&company, transfer(&company, out, to_251, "100.00")), "waiting", "C-07", "sum");
    expect_answer(maria(&company, transfer(&company, out, to_251, "0.01")), "waiting", "C-07", "sum");
    /* Who received takes it along to another group as well. */
    in_force(&company, related(&company, "10442", "G3"));
    expect_no_answer(maria(&company, transfer(&company, to_251, to_117, "2399.99")), "waiting", "C-07", "sum");
    expect_answer(maria(&company, transfer(&company, to_251, to_117, "0.02")), "waiting", "C-07", "sum");
    in_force(&company, related(&company, "16446", "G1"));
    /* 2,400 + 2 x 100.01 are G1's now, each once. */
    json_t *result = maria(&company, transfer(&company, from_484, from_483, "1.00"));
    const json_t *answers = json_object_get(result, "controls");
    const char *sum = "";
    for (size_t i = 0; i < json_array_size(answers); i++)
        if (strcmp(member_text(json_array_get(answers, i), "control"), "C-07") == 0)
            sum = member_text(json_array_get(answers, i), "sum");
    assert_string_equal(sum, "2601.02");
    json_decref(result);
    company_close(&company);
}

/* Who applied the cash of the customer that receives prepares and signs no transfer to him, nor its reversal. */
static void cash_bars_transfers(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    money_file(&company, "feedm", "cash", 1, "100.00",
               json_pack("[o]", company_cash("R-1", "10442", "100.00",
                                             json_pack("[{s:s, s:s}]", "amount", "100.00", "invoice", "40251"))));
    json_t *revocation = company_with(company_document(&company, "revocation"), "grant", text("GR-14"));
    expect_done(company_submit(&company, "olga", company_with(revocation, "reason", text("moved"))), "in-force");
    money_hire(&company, "pete", "P-33", "human", "BILLING_SPECIALIST");
    expect_answer(company_submit(&company, "pete", transfer(&company, from_484, to_251, "1.00")), "refused", "C-23",
                  "cash-history");
    expect_answer(company_submit(&company, "pete", transfer(&company, to_117, from_484, "1.00")), "refused", "C-23",
                  "cash-history");
    expect_no_answer(company_submit(&company, "pete", transfer(&company, from_484, to_001, "1.00")), "waiting", "C-23",
                     "cash-history");
    char *posted = money_post(&company, "maria", transfer(&company, from_484, to_251, "2.00"), NULL);
    expect_answer(company_submit(&company, "pete", company_reversal(&company, posted)), "refused", "C-23",
                  "cash-history");
    free(posted);
    company_close(&company);
}

/* The register of relations, a related party and a write-off of the customer that receives. */
static void the_receiving_customer_counts(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    in_force(&company,
             company_with(related(&company, "10442", "10442"), "persons", json_pack("[s, s]", "P-12", "P-22")));
    expect_answer(company_submit(&company, "joe", transfer(&company, from_484, to_251, "1.00")), "refused", "C-19",
                  "related-person");
    expect_no_answer(company_submit(&company, "joe", transfer(&company, from_484, to_001, "1.00")), "waiting", "C-19",
                     "related-person");
    char *waits = company_wait(&company, "maria", transfer(&company, from_484, to_251, "2.00"));
    expect_answer(company_approve(&company, "tom", waits, 1), "refused", "C-19", "related-person");
    expect_done(company_approve(&company, "ana", waits, 1), "approved");
    expect_done(company_approve(&company, "priya", waits, 2), "posted");
    expect_answer(company_submit(&company, "joe", company_reversal(&company, waits)), "refused", "C-19",
                  "related-person");
    in_force(&company, company_with(related(&company, "10442", "10442"), "party", json_true()));
    expect_answer(maria(&company, transfer(&company, from_484, to_251, "3.00")), "waiting", "C-19", "related-party");
    json_t *within = maria(&company, transfer(&company, to_117, to_251, "4.00"));
    int answers = 0;
    for (size_t i = 0; i < json_array_size(json_object_get(within, "controls")); i++)
        answers += strcmp(member_text(json_array_get(json_object_get(within, "controls"), i), "control"), "C-19") == 0;
    assert_int_equal(answers, 1);
    json_decref(within);
    char *posted = money_post(&company, "maria", transfer(&company, to_117, to_251, "5.00"), NULL);
    json_t *reversal = maria(&company, company_reversal(&company, posted));
    assert_string_equal(result_outcome(reversal), "waiting");
    for (size_t i = 0; i < json_array_size(json_object_get(reversal, "controls")); i++)
        answers +=
            strcmp(member_text(json_array_get(json_object_get(reversal, "controls"), i), "control"), "C-19") == 0;
    assert_int_equal(answers, 2);
    json_decref(reversal);
    free(posted);
    free(waits);
    company_close(&company);
}

static void nothing_to_or_from_written_off(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    json_t *off = company_money(&company, "write-off", "10442", "10.00", "BANKRUPT", "court-filing");
    company_with(company_with(off, "method", text("allowance")), "case", text("SDNY 26-1"));
    free(money_post(&company, "cora", company_allocate(off, "40117", NULL, "10.00"), NULL));
    expect_answer(maria(&company, transfer(&company, from_484, to_251, "1.00")), "refused", "C-42", "written-off");
    expect_answer(maria(&company, transfer(&company, to_251, from_484, "1.00")), "refused", "C-42", "written-off");
    expect_no_answer(maria(&company, transfer(&company, from_484, to_001, "1.00")), "waiting", "C-42", "written-off");
    company_close(&company);
}

/* An approval given before the invoice that receives moved is stale (C-16). */
static void an_approval_rests_on_both_sides(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    char *waits = company_wait(&company, "maria", transfer(&company, from_484, to_251, "5.00"));
    expect_done(company_approve(&company, "ana", waits, 1), "approved");
    free(money_post(&company, "joe", company_credit_note(&company, "10442", "40251", "1.00"), NULL));
    json_t *result = company_approve(&company, "priya", waits, 2);
    assert_string_not_equal(result_outcome(result), "posted");
    json_decref(result);
    free(waits);
    company_close(&company);
}

/* What customers owe, invoices and accounts together: no transfer changes it. */
static int64_t owed(struct company *company)
{
    static const char *const customers[] = {"16446", "16447", "10442"};
    int64_t sum = 0;
    for (size_t i = 0; i < sizeof customers / sizeof customers[0]; i++) {
        struct books_key key = books_key_pair("US01", customers[i]);
        books_key_add_text(&key, "USD");
        json_t *balance = company_books(company, BOOKS_BALANCES, &key);
        sum += member_integer(balance, "open") + member_integer(balance, "account");
        json_decref(balance);
    }
    return sum;
}

static unsigned below(uint64_t *random, unsigned bound)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(*random >> 33) % bound;
}

/* One act of somebody on something; answers whether it was let in without refusal. */
static bool any_act(struct company *company, uint64_t *random)
{
    static const struct side places[] = {{"16446", "581483"}, {"16446", "581484"}, {"16447", "700001"},
                                         {"10442", "40117"},  {"10442", "40251"},  {"16446", NULL},
                                         {"16447", NULL},     {"10442", NULL}};
    static const char *const approvers[] = {"ana", "priya", "dora", "tom", "mona", "dan"};
    char number[32], amount[32];
    json_t *result = NULL;
    unsigned what = below(random, 10);
    snprintf(number, sizeof number, "AJ-%u", 1 + below(random, 40));
    snprintf(amount, sizeof amount, "%u.%02u", 1 + below(random, 400), below(random, 100));
    json_t *document = transfer(company, places[below(random, 8)], places[below(random, 8)], amount);
    bool formed = kind_check_document(document, "", NULL) == STATUS_OK;
    const struct books_key key = books_key(number);
    json_t *record = company_books(company, BOOKS_DOCUMENTS, &key);
    const char *state = record != NULL ? member_text(record, "state") : "";
    long long level = json_integer_value(json_array_get(json_object_get(record, "levels"), 0));
    if (what < 4 && formed)
        result = company_submit(company, what < 2 ? "maria" : "joe", json_incref(document));
    else if (what < 8 && strcmp(state, "waiting") == 0)
        result = company_approve(company, approvers[level - 1 + 3 * below(random, 2)], number, (int)level);
    else if (what == 8 && strcmp(state, "waiting") == 0)
        result = formed ? company_amend(company, "maria", number, json_incref(document))
                        : company_end(company, "maria", VERB_WITHDRAW, number);
    else if (what == 9 && strcmp(state, "posted") == 0)
        result = company_submit(company, "maria", company_reversal(company, number));
    bool done = result != NULL && strcmp(result_outcome(result), "refused") != 0;
    json_decref(record);
    json_decref(document);
    json_decref(result);
    return done;
}

static void nothing_comes_of_nothing(void **state)
{
    struct company company = {.dir = ""};
    uint64_t random = 20260105;
    unsigned done = 0;
    (void)state;
    money_open(&company, MONEY_POLICY);
    money_file(&company, "feedm", "cash", 1, "2000.00",
               json_pack("[o, o]", company_cash("R-1", "16446", "1500.00", json_array()),
                         company_cash("R-2", "10442", "500.00", json_array())));
    const int64_t before = owed(&company);
    for (unsigned i = 0; i < 400; i++) {
        done += any_act(&company, &random);
        assert_int_equal(owed(&company), before);
    }
    assert_in_range(done, 150, 400);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(debt_moves),
        cmocka_unit_test(debt_moves_to_an_account),
        cmocka_unit_test(credit_moves),
        cmocka_unit_test(what_no_transfer_may_be),
        cmocka_unit_test(what_is_no_form),
        cmocka_unit_test(it_adds_up_in_both_groups),
        cmocka_unit_test(it_adds_up_where_it_goes),
        cmocka_unit_test(it_adds_up_on_both_invoices),
        cmocka_unit_test(groups_part_and_join),
        cmocka_unit_test(cash_bars_transfers),
        cmocka_unit_test(the_receiving_customer_counts),
        cmocka_unit_test(nothing_to_or_from_written_off),
        cmocka_unit_test(an_approval_rests_on_both_sides),
        cmocka_unit_test(nothing_comes_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

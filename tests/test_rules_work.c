/*
 * C-33, C-37's demand for a dispute and the duty of resolving one (C-22): disputes, inquiries and exceptions from opening to
 * closing. Each case that trips stands beside one that comes as close as possible and does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/facts_people.h"
#include "controls/facts_work.h"
#include "ledger/schema.h"
#include "tests/support/closing.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"
#include "tests/support/people.h"

#define POLICY "tests/policies/limits.yaml"

static json_t *text(const char *value)
{
    return json_string(value);
}

static json_t *dispute(struct company *company, const char *invoice, const char *owner)
{
    json_t *document = company_document(company, "dispute");
    json_t *more = json_pack("{s:s, s:s, s:s, s:s, s:s}", "customer", "16446", "entity", "US01", "invoice", invoice,
                             "owner", owner, "reason", "PRICE_ERR");
    json_object_update(document, more);
    json_decref(more);
    return document;
}

static json_t *note(struct company *company, const char *number, const char *state)
{
    json_t *document = company_document(company, "case-note");
    json_t *more = json_pack("{s:s, s:s, s:s}", "case", number, "entity", "US01", "state", state);
    json_object_update(document, more);
    json_decref(more);
    return document;
}

static json_t *resolved(struct company *company, const char *number, const char *outcome)
{
    return company_with(note(company, number, "RESOLVED"), "outcome", text(outcome));
}

static json_t *linked(json_t *document, const char *number)
{
    return company_with(document, "links", json_pack("[{s:s, s:s}]", "document", number, "rel", "dispute"));
}

static char *opened(struct company *company, const char *user, json_t *document)
{
    json_t *result = expect(company_submit(company, user, document), "in-force");
    char *number = strdup(result_number(result));
    json_decref(result);
    return number;
}

static void moved(struct company *company, const char *user, json_t *document)
{
    expect_done(company_submit(company, user, document), "in-force");
}

static void case_is(struct company *company, const char *number, const char *member, const char *wanted)
{
    struct books_key key = books_key(number);
    json_t *one = company_books(company, BOOKS_CASES, &key);
    assert_non_null(one);
    const char *value = member_text(one, member);
    if (wanted == NULL)
        assert_null(value);
    else
        assert_string_equal(value, wanted);
    json_decref(one);
}

/* What facts_dispute_open answers of an invoice. */
static void disputed(struct company *company, const char *invoice, const char *wanted)
{
    struct tables_txn *txn = NULL;
    struct err err;
    char number[ID_BYTES_MAX + 1];
    assert_int_equal(tables_read_begin(gate_books(company->gate)->tables, &txn, &err), STATUS_OK);
    const struct facts facts = {.books = txn};
    assert_int_equal(facts_dispute_open(&facts, "US01", invoice, number, &err), STATUS_OK);
    assert_string_equal(number, wanted);
    tables_abort(txn);
}

static void a_case_needs_an_owner_who_can_work_it(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    golden(company_submit(&company, "maria", dispute(&company, "581483", "ana")), "refused", "C-33", "owner");
    expect_answer(company_submit(&company, "maria", dispute(&company, "581483", "nobody")), "refused", "C-33", "owner");
    expect_answer(company_submit(&company, "ana", dispute(&company, "581483", "maria")), "refused", "C-02",
                  "no-function");
    char *number = opened(&company, "maria", dispute(&company, "581483", "joe"));
    case_is(&company, number, "state", "OPEN");
    case_is(&company, number, "owner", "joe");
    expect_answer(
        company_submit(&company, "joe", company_with(note(&company, number, "ASSIGNED"), "owner", text("ana"))),
        "refused", "C-33", "owner");
    free(number);
    company_close(&company);
}

static void its_invoice_is_the_customers(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    golden(company_submit(&company, "maria", dispute(&company, "40117", "joe")), "refused", "C-33", "not-the-invoice");
    expect_answer(company_submit(&company, "maria", dispute(&company, "999", "joe")), "refused", "C-33",
                  "not-the-invoice");
    json_t *euros =
        company_with(company_with(dispute(&company, "581483", "joe"), "amount", text("5.00")), "currency", text("EUR"));
    expect_answer(company_submit(&company, "maria", euros), "refused", "C-33", "not-the-invoice");
    expect_answer(
        company_submit(&company, "maria", company_with(dispute(&company, "581483", "joe"), "customer", text("99"))),
        "refused", "C-34", "unknown-customer");
    company_close(&company);
}

/* Twenty business days from Monday 2026-01-05: New York's midnight after Monday 2026-02-02. */
static void the_clock_runs_in_business_days(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-01-06T04:59:59.999Z");
    json_t *result = expect(company_submit(&company, "maria", dispute(&company, "581483", "joe")), "in-force");
    assert_string_equal(member_text(result, "due"), "2026-02-03T05:00:00.000Z");
    case_is(&company, result_number(result), "due", "2026-02-03T05:00:00.000Z");
    json_decref(result);
    company_at(&company, "2026-01-06T05:00:00.000Z");
    result = expect(company_submit(&company, "maria", dispute(&company, "581484", "joe")), "in-force");
    assert_string_equal(member_text(result, "due"), "2026-02-04T05:00:00.000Z");
    json_decref(result);
    json_t *inquiry = company_with(dispute(&company, "581483", "joe"), "kind", text("inquiry"));
    json_object_del(inquiry, "invoice");
    result = expect(company_submit(&company, "maria", company_with(inquiry, "reason", text("INQ_BILL"))), "in-force");
    assert_string_equal(member_text(result, "due"), "2026-01-14T05:00:00.000Z");
    json_decref(result);
    company_close(&company);
}

static void a_third_dispute_of_an_invoice_is_flagged(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *first = opened(&company, "maria", dispute(&company, "581483", "joe"));
    moved(&company, "joe", note(&company, first, "VOID"));
    expect_no_answer(company_submit(&company, "maria", dispute(&company, "581483", "joe")), "in-force", "C-33",
                     "re-disputed");
    expect_no_answer(company_submit(&company, "maria", dispute(&company, "581484", "joe")), "in-force", "C-33",
                     "re-disputed");
    /* The void one counts: on and off is what hides age. */
    golden(company_submit(&company, "maria", dispute(&company, "581483", "joe")), "in-force", "C-33", "re-disputed");
    free(first);
    company_close(&company);
}

static void an_old_dispute_is_flagged(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-02-02T15:00:00.000Z");
    char *number = opened(&company, "maria", dispute(&company, "581483", "joe"));
    company_at(&company, "2026-04-03T15:00:00.000Z");
    expect_no_answer(company_submit(&company, "joe", note(&company, number, "AWAIT_CUSTOMER")), "in-force", "C-33",
                     "too-old");
    company_at(&company, "2026-04-03T15:00:00.002Z");
    golden(company_submit(&company, "joe", note(&company, number, "AWAIT_INTERNAL")), "in-force", "C-33", "too-old");
    free(number);
    company_close(&company);
}

static void it_moves_along_its_states(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *number = opened(&company, "maria", dispute(&company, "581483", "joe"));
    golden(company_submit(&company, "joe", note(&company, "DS-9", "ASSIGNED")), "refused", "C-33", "no-case");
    expect_answer(
        company_submit(&company, "joe", company_with(note(&company, number, "ASSIGNED"), "entity", text("DE01"))),
        "refused", "C-02", "no-function");
    golden(company_submit(&company, "joe", note(&company, number, "CLOSED")), "refused", "C-33", "state");
    golden(company_submit(&company, "cora", note(&company, number, "AWAIT_CUSTOMER")), "refused", "C-33", "not-owner");
    disputed(&company, "581483", number);
    moved(&company, "cora", company_with(note(&company, number, "ASSIGNED"), "owner", text("cora")));
    case_is(&company, number, "owner", "cora");
    moved(&company, "cora", note(&company, number, "AWAIT_CUSTOMER"));
    moved(&company, "cora", note(&company, number, "AWAIT_INTERNAL"));
    moved(&company, "cora", resolved(&company, number, "INVALID_PAY"));
    disputed(&company, "581483", "");
    expect_answer(company_submit(&company, "cora", note(&company, number, "AWAIT_CUSTOMER")), "refused", "C-33",
                  "state");
    golden(company_submit(&company, "cora", note(&company, number, "CLOSED")), "refused", "C-33", "own-case");
    /* Taken up again it has no outcome, and stands in the way again. */
    moved(&company, "maria", note(&company, number, "ASSIGNED"));
    case_is(&company, number, "outcome", NULL);
    disputed(&company, "581483", number);
    moved(&company, "cora", resolved(&company, number, "SETTLED"));
    moved(&company, "joe", note(&company, number, "CLOSED"));
    case_is(&company, number, "state", "CLOSED");
    expect_answer(company_submit(&company, "joe", note(&company, number, "ASSIGNED")), "refused", "C-33", "state");
    expect_answer(company_submit(&company, "joe", note(&company, number, "VOID")), "refused", "C-33", "state");
    free(number);
    company_close(&company);
}

/* HR's feed is in use, and knows nothing of a user whom nobody enrolled: neither do we. */
static void an_owner_whom_nobody_knows(void **state)
{
    static const struct edit people[] = {
        {"  - role: FEED_CASH\n",
         "  - role: FEED_PEOPLE\n    title: Brings people in from HR\n    functions: [feed.people]\n"
         "  - role: FEED_CASH\n"},
        {NULL, NULL}};
    struct company company = {.dir = ""};
    struct tables_txn *txn = NULL;
    struct hr_person person = {.known = false};
    struct err err;
    char path[VARIANT_PATH_BYTES];
    (void)state;
    variant_make_of(POLICY, people, path);
    company_open(&company, path);
    struct policy *policy = company_policy(path);
    variant_done(path);
    closing_hire(&company, "feedp", "P-34", "FEED_PEOPLE", "US01");
    people_events(&company, 1, json_pack("[o]", people_event("E1", "leave", "P-13", "2026-01-02", NULL, NULL)));
    expect_answer(company_submit(&company, "maria", dispute(&company, "581483", "nobody")), "refused", "C-33", "owner");
    expect_answer(company_submit(&company, "maria", dispute(&company, "581483", "cora")), "refused", "C-33", "owner");
    assert_int_equal(tables_read_begin(gate_books(company.gate)->tables, &txn, &err), STATUS_OK);
    const struct facts facts = {.books = txn, .policy = policy, .time_ms = company.now_ms};
    assert_int_equal(facts_hr_user(&facts, "cora", &person, &err), STATUS_OK);
    assert_true(person.known && person.left);
    assert_int_equal(facts_hr_user(&facts, "nobody", &person, &err), STATUS_OK);
    assert_true(!person.known && !person.left);
    assert_int_equal(person.moved_ms, -1);
    tables_abort(txn);
    policy_free(policy);
    expect_done(company_submit(&company, "maria", dispute(&company, "581483", "joe")), "in-force");
    company_close(&company);
}

static void who_opened_it_does_not_void_it(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *number = opened(&company, "maria", dispute(&company, "581483", "maria"));
    expect_answer(company_submit(&company, "maria", note(&company, number, "VOID")), "refused", "C-33", "own-case");
    /* Her second account is the same person. */
    json_t *grant = company_grant(&company, "maria2", "BILLING_SPECIALIST");
    expect_answer(company_submit(&company, "maria2", note(&company, number, "VOID")), "refused", "C-33", "own-case");
    disputed(&company, "581483", number);
    moved(&company, "joe", note(&company, number, "VOID"));
    disputed(&company, "581483", "");
    json_decref(grant);
    free(number);
    company_close(&company);
}

static void outcomes_fit_and_are_borne_out(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *number = opened(&company, "maria", dispute(&company, "581483", "joe"));
    golden(company_submit(&company, "joe", resolved(&company, number, "ANSWERED")), "refused", "C-33", "other-outcome");
    /* One that names no dispute, one that does but waits, and that one posted. */
    json_t *result =
        expect(company_submit(&company, "maria", company_credit_note(&company, "16446", "581483", "11.00")), "posted");
    json_t *settled =
        company_with(resolved(&company, number, "CREDIT_PARTIAL"), "settled_by", text(result_number(result)));
    json_decref(result);
    expect_answer(company_submit(&company, "joe", settled), "refused", "C-33", "not-settled");
    char *waits =
        company_wait(&company, "maria", linked(company_credit_note(&company, "16446", "581483", "300.00"), number));
    settled = company_with(resolved(&company, number, "CREDIT_PARTIAL"), "settled_by", text(waits));
    golden(company_submit(&company, "joe", settled), "refused", "C-33", "not-settled");
    expect_done(company_approve(&company, "ana", waits, 1), "posted");
    settled = company_with(resolved(&company, number, "WRITTEN_OFF"), "settled_by", text(waits));
    expect_answer(company_submit(&company, "joe", settled), "refused", "C-33", "not-settled");
    settled = company_with(resolved(&company, number, "REBILL"), "settled_by", text(waits));
    expect_answer(company_submit(&company, "joe", settled), "refused", "C-33", "not-settled");
    moved(&company, "joe", company_with(resolved(&company, number, "CREDIT_PARTIAL"), "settled_by", text(waits)));
    case_is(&company, number, "settled_by", waits);
    /* Taken up again and settled otherwise: any document bears that out, if it names the dispute. */
    moved(&company, "joe", company_with(note(&company, number, "ASSIGNED"), "owner", text("joe")));
    settled = company_with(resolved(&company, number, "SETTLED"), "settled_by", text("CN-1"));
    expect_answer(company_submit(&company, "joe", settled), "refused", "C-33", "not-settled");
    moved(&company, "joe", company_with(resolved(&company, number, "SETTLED"), "settled_by", text(waits)));
    free(waits);
    free(number);
    company_close(&company);
}

/* Preparing the credit and resolving the dispute that it settles are kept apart by the policy. */
static void who_credits_does_not_resolve(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *number = opened(&company, "joe", dispute(&company, "581483", "maria"));
    json_t *credit = linked(company_credit_note(&company, "16446", "581483", "20.00"), number);
    json_t *result = expect(company_submit(&company, "maria", credit), "posted");
    json_t *settled =
        company_with(resolved(&company, number, "CREDIT_PARTIAL"), "settled_by", text(result_number(result)));
    expect_answer(company_submit(&company, "maria", json_incref(settled)), "refused", "C-22", "same-person");
    moved(&company, "cora", company_with(note(&company, number, "ASSIGNED"), "owner", text("cora")));
    moved(&company, "cora", company_with(settled, "ref", text("by-cora")));
    json_decref(result);
    free(number);
    company_close(&company);
}

/* A credit for a dispute, posted. Returns its number, to be freed. */
static char *credited(struct company *company, const char *number, json_t *document)
{
    return company_post(company, "maria", linked(document, number), 0);
}

static json_t *in_full(struct company *company, const char *number, const char *by)
{
    return company_submit(company, "joe",
                          company_with(resolved(company, number, "CREDIT_FULL"), "settled_by", text(by)));
}

static json_t *of_amount(json_t *document, const char *amount)
{
    return company_with(company_with(document, "amount", text(amount)), "currency", text("USD"));
}

static void full_is_the_whole_amount(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *number = opened(&company, "maria", of_amount(dispute(&company, "581483", "joe"), "50.00"));
    char *most = credited(&company, number, company_credit_note(&company, "16446", "581483", "49.99"));
    free(company_post(&company, "maria", company_credit_note(&company, "16446", "581483", "5.00"), 0)); /* not for it */
    /* Nor is one that names it for another reason. */
    json_t *other = company_credit_note(&company, "16446", "581483", "6.00");
    company_with(other, "links", json_pack("[{s:s, s:s}]", "document", number, "rel", "corrects"));
    free(company_post(&company, "maria", other, 0));
    golden(in_full(&company, number, most), "refused", "C-33", "not-full");
    char *rest = credited(&company, number, company_credit_note(&company, "16446", "581483", "0.01"));
    expect_done(in_full(&company, number, most), "in-force");
    free(rest);
    free(most);
    free(number);
    /* What was reversed is no credit; nor is a rise, whoever names it. */
    number = opened(&company, "maria", of_amount(dispute(&company, "581484", "joe"), "30.00"));
    most = credited(&company, number, company_credit_note(&company, "16446", "581484", "20.00"));
    rest = credited(&company, number, company_correction(&company, "16446", "581484", "10.00", "down"));
    char *reversal = company_wait(&company, "maria", company_reversal(&company, most));
    expect_done(company_approve(&company, "ana", reversal, 1), "approved");
    expect_done(company_approve(&company, "priya", reversal, 2), "posted");
    expect_answer(in_full(&company, number, rest), "refused", "C-33", "not-full");
    char *up = credited(&company, number, company_correction(&company, "16446", "581484", "25.00", "up"));
    expect_answer(in_full(&company, number, up), "refused", "C-33", "not-settled");
    expect_answer(in_full(&company, number, rest), "refused", "C-33", "not-full");
    /* Of another invoice it counts nothing, of the customer's account all. */
    json_t *two = company_money(&company, "credit-note", "16446", "34.99", "PRICE_ERR", "price-sheet");
    company_allocate(company_allocate(two, "581484", NULL, "4.99"), "581483", NULL, "15.00");
    two = linked(company_with(two, "on_account", text("15.00")), number);
    free(company_post(&company, "maria", two, 2));
    expect_answer(in_full(&company, number, rest), "refused", "C-33", "not-full"); /* 10.00 + 4.99 + 15.00 */
    free(credited(&company, number, company_credit_note(&company, "16446", "581484", "0.01")));
    expect_done(in_full(&company, number, rest), "in-force");
    free(up);
    free(reversal);
    free(rest);
    free(most);
    free(number);
    company_close(&company);
}

static void full_is_the_whole_invoice(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    const struct company_file file = {.user = "feedi", .feed = "invoices", .total = "150.00", .sequence = 2};
    json_t *lines = json_pack("[{s:s, s:s, s:s, s:s}, {s:s, s:s, s:s, s:s}]", "code", "NONE", "line", "1", "net",
                              "60.00", "tax", "0.00", "code", "NONE", "line", "2", "net", "40.00", "tax", "0.00");
    json_t *lined = company_with(company_invoice("L-1", "16446", "100.00", "0.00", "100.00"), "lines", lines);
    expect_done(company_feed(&company, &file,
                             json_pack("[o, o]", lined, company_invoice("L-2", "16446", "50.00", "0.00", "50.00"))),
                "closed");
    /* Without an amount: what it had, or nothing left of it. */
    char *number = opened(&company, "maria", dispute(&company, "L-2", "joe"));
    char *most = credited(&company, number, company_credit_note(&company, "16446", "L-2", "49.99"));
    expect_answer(in_full(&company, number, most), "refused", "C-33", "not-full");
    free(company_post(&company, "maria", company_credit_note(&company, "16446", "L-2", "0.01"), 0));
    expect_done(in_full(&company, number, most), "in-force");
    free(most);
    free(number);
    /* Of a line: what that line had. */
    number = opened(&company, "maria", company_with(dispute(&company, "L-1", "joe"), "line", text("2")));
    json_t *credit = company_money(&company, "credit-note", "16446", "59.99", "PRICE_ERR", "price-sheet");
    most = credited(&company, number,
                    company_allocate(company_allocate(credit, "L-1", "1", "20.00"), "L-1", "2", "39.99"));
    expect_answer(in_full(&company, number, most), "refused", "C-33", "not-full");
    credit = company_money(&company, "credit-note", "16446", "0.01", "PRICE_ERR", "price-sheet");
    free(credited(&company, number, company_allocate(credit, "L-1", "2", "0.01")));
    expect_done(in_full(&company, number, most), "in-force");
    free(most);
    free(number);
    /* Of no invoice, and no amount: there is nothing to hold it against. */
    json_t *open = dispute(&company, "581483", "joe");
    json_object_del(open, "invoice");
    number = opened(&company, "maria", open);
    most = credited(&company, number, company_credit_note(&company, "16446", "581483", "1.00"));
    expect_done(in_full(&company, number, most), "in-force");
    free(most);
    free(number);
    /* Of no invoice, but an amount: the whole of each credit. */
    open = of_amount(dispute(&company, "581483", "joe"), "7.00");
    json_object_del(open, "invoice");
    number = opened(&company, "maria", open);
    most = credited(&company, number, company_credit_note(&company, "16446", "581483", "3.00"));
    expect_answer(in_full(&company, number, most), "refused", "C-33", "not-full");
    free(credited(&company, number, company_credit_note(&company, "16446", "581484", "4.00")));
    expect_done(in_full(&company, number, most), "in-force");
    free(most);
    free(number);
    company_close(&company);
}

static void a_credit_names_an_open_dispute_of_its_own(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *number = opened(&company, "joe", dispute(&company, "581483", "joe"));
    golden(company_submit(&company, "maria", linked(company_credit_note(&company, "16446", "581484", "10.00"), number)),
           "refused", "C-33", "other-dispute");
    expect_answer(
        company_submit(&company, "maria", linked(company_credit_note(&company, "10442", "40117", "10.00"), number)),
        "refused", "C-33", "other-dispute");
    expect_answer(
        company_submit(&company, "maria", linked(company_credit_note(&company, "16446", "581483", "10.00"), "DS-9")),
        "refused", "C-33", "other-dispute");
    expect_done(
        company_submit(&company, "maria", linked(company_credit_note(&company, "16446", "581483", "10.00"), number)),
        "posted");
    /* One that waits is refused at its last signature when the dispute has gone meanwhile. */
    char *waits =
        company_wait(&company, "maria", linked(company_credit_note(&company, "16446", "581483", "300.00"), number));
    moved(&company, "joe", resolved(&company, number, "INVALID_PAY"));
    expect_answer(company_approve(&company, "ana", waits, 1), "refused", "C-33", "other-dispute");
    free(waits);
    free(number);
    company_close(&company);
}

static void a_reason_may_demand_a_dispute(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    json_t *service =
        company_with(company_credit_note(&company, "16446", "581483", "10.00"), "reason", text("SERVICE"));
    company_with(service, "evidence", json_pack("[o]", company_evidence(&company, "ticket")));
    golden(company_submit(&company, "maria", json_deep_copy(service)), "refused", "C-37", "dispute");
    /* The claim itself asks for neither evidence nor another dispute. */
    char *number = opened(&company, "joe", company_with(dispute(&company, "581483", "joe"), "reason", text("SERVICE")));
    expect_done(company_submit(&company, "maria", linked(company_with(service, "ref", text("with")), number)),
                "posted");
    free(number);
    company_close(&company);
}

static void inquiries_and_exceptions_are_worked_too(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    json_t *exception = company_document(&company, "exception");
    json_t *more = json_pack("{s:s, s:s, s:s, s:s}", "about", "US01/customers/7", "entity", "US01", "owner", "joe",
                             "reason", "EXC_FEED");
    json_object_update(exception, more);
    json_decref(more);
    char *number = opened(&company, "maria", exception);
    expect_answer(company_submit(&company, "joe", resolved(&company, number, "INVALID_PAY")), "refused", "C-33",
                  "other-outcome");
    moved(&company, "joe", resolved(&company, number, "ACCEPTED"));
    moved(&company, "maria", note(&company, number, "CLOSED"));
    /* A reason of one kind does not serve another. */
    expect_answer(
        company_submit(&company, "maria", company_with(dispute(&company, "581483", "joe"), "reason", text("EXC_FEED"))),
        "refused", "C-37", "other-kind");
    free(number);
    company_close(&company);
}

/* What the form of a case and its notes asks, before any rule. */
static void forms_are_asked_first(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    struct {
        json_t *document;
        const char *error;
    } cases[] = {
        {company_with(dispute(&company, "581483", "joe"), "amount", text("5.00")),
         "amount and currency stand together"},
        {company_with(dispute(&company, "581483", "joe"), "line", text("1")), NULL},
        {note(&company, "DS-1", "RESOLVED"), "a case is resolved with one"},
        {company_with(note(&company, "DS-1", "ASSIGNED"), "outcome", text("SETTLED")), "only a case that is resolved"},
        {company_with(note(&company, "DS-1", "CLOSED"), "owner", text("joe")), "only a case that is assigned"},
        {resolved(&company, "DS-1", "CREDIT_FULL"), "names the document that settled it"},
        {company_with(resolved(&company, "DS-1", "INVALID_PAY"), "settled_by", text("CN-1")), "settled by no document"},
        {note(&company, "DS-1", "OPEN"), "state"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gate_answer answer;
        struct err err = {0};
        enum status status =
            company_try(&company, "joe", VERB_SUBMIT,
                        json_pack("{s:b, s:[o]}", "atomic", 0, "documents", cases[i].document), NULL, &answer, &err);
        if (cases[i].error == NULL) {
            assert_int_equal(status, STATUS_OK);
            gate_answer_done(&answer);
            continue;
        }
        assert_int_equal(status, STATUS_INPUT);
        if (strstr(err.text, cases[i].error) == NULL)
            fail_msg("%s: %s", cases[i].error, err.text);
    }
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_case_needs_an_owner_who_can_work_it),
        cmocka_unit_test(its_invoice_is_the_customers),
        cmocka_unit_test(the_clock_runs_in_business_days),
        cmocka_unit_test(a_third_dispute_of_an_invoice_is_flagged),
        cmocka_unit_test(an_old_dispute_is_flagged),
        cmocka_unit_test(it_moves_along_its_states),
        cmocka_unit_test(who_opened_it_does_not_void_it),
        cmocka_unit_test(an_owner_whom_nobody_knows),
        cmocka_unit_test(outcomes_fit_and_are_borne_out),
        cmocka_unit_test(who_credits_does_not_resolve),
        cmocka_unit_test(full_is_the_whole_amount),
        cmocka_unit_test(full_is_the_whole_invoice),
        cmocka_unit_test(a_credit_names_an_open_dispute_of_its_own),
        cmocka_unit_test(a_reason_may_demand_a_dispute),
        cmocka_unit_test(inquiries_and_exceptions_are_worked_too),
        cmocka_unit_test(forms_are_asked_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

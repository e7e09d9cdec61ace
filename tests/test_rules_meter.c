/*
 * Meter billing (C-11 and C-44): contracts and reads by feed, corrections of reads that move exactly what the reads make,
 * and the arithmetic of clicks.
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
#include "controls/facts_meter.h"
#include "controls/meter.h"
#include "controls/policy.h"
#include "ledger/schema.h"
#include "ledger/usage.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define POLICY "tests/policies/meter.yaml"

/* Invoices M-1 to M-3 of 16446, each 500.00 and 10 % tax; L-1 with two lines of other tax. */
static json_t *invoices(void)
{
    json_t *list = json_array();
    for (int i = 1; i <= 3; i++) {
        char id[8];
        snprintf(id, sizeof id, "M-%d", i);
        json_array_append_new(list, company_invoice(id, "16446", "500.00", "50.00", "550.00"));
    }
    json_t *lined = company_invoice("L-1", "16446", "300.00", "20.00", "320.00");
    json_object_set_new(lined, "lines",
                        json_pack("[{s:s, s:s, s:s, s:s}, {s:s, s:s, s:s, s:s}]", "code", "SALES_TAX", "line", "1",
                                  "net", "200.00", "tax", "20.00", "code", "NONE", "line", "2", "net", "100.00", "tax",
                                  "0.00"));
    json_array_append_new(list, lined);
    return list;
}

/* K-1: SN1 and SN2 bw in pool P1, 3,000 clicks, 0.0125; SN3 bw by itself, 100 clicks, 0.01. */
static json_t *contract(const char *id, const char *customer)
{
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:[{s:s, s:s, s:s}, {s:s, s:s, s:s}, {s:i, s:s, s:s, s:s}], s:[{s:i, s:s, s:s, "
        "s:s}]}",
        "contract", id, "currency", "USD", "customer", customer, "from", "2025-09-01", "meters", "device", "SN1",
        "meter", "bw", "pool", "P1", "device", "SN2", "meter", "bw", "pool", "P1", "allowance", 100, "device", "SN3",
        "meter", "bw", "rate", "0.01", "pools", "allowance", 3000, "meter", "bw", "pool", "P1", "rate", "0.0125");
}

struct one_read {
    const char *read, *device, *date;
    int value;
    const char *source, *invoice; /* invoice NULL: none */
};

static json_t *read_record(const struct one_read *read)
{
    json_t *record =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i}", "contract", "K-1", "date", read->date, "device", read->device,
                  "meter", "bw", "read", read->read, "source", read->source, "value", read->value);
    if (read->invoice != NULL)
        json_object_set_new(record, "invoice", json_string(read->invoice));
    return record;
}

static json_t *bring(struct company *company, const char *feed, int sequence, json_t *records)
{
    const struct company_file file = {.user = "feedr", .feed = feed, .sequence = sequence};
    return company_feed(company, &file, records);
}

static json_t *bring_read(struct company *company, int sequence, const struct one_read *read)
{
    return bring(company, "reads", sequence, json_pack("[o]", read_record(read)));
}

/* Pool: M-1 4,500 clicks 18.75, M-2 4,500 clicks 18.75, M-3 5,000 clicks 25.00. SN3: M-1 250, 1.50; M-2 101, 0.01. */
static void open_company(struct company *company)
{
    static const struct one_read reads[] = {
        {"A0", "SN1", "2025-09-30", 10000, "technician", NULL}, {"A1", "SN1", "2025-10-31", 12000, "remote", "M-1"},
        {"A2", "SN1", "2025-11-30", 15000, "estimated", "M-2"}, {"A3", "SN1", "2025-12-31", 16000, "remote", "M-3"},
        {"B0", "SN2", "2025-09-30", 50000, "technician", NULL}, {"B1", "SN2", "2025-10-31", 52500, "remote", "M-1"},
        {"B2", "SN2", "2025-11-30", 54000, "remote", "M-2"},    {"B3", "SN2", "2025-12-31", 58000, "remote", "M-3"},
        {"D0", "SN3", "2025-09-30", 1000, "remote", NULL},      {"D1", "SN3", "2025-10-31", 1250, "customer", "M-1"},
        {"D2", "SN3", "2025-11-30", 1351, "manual", "M-2"},
    };
    json_t *list = json_array();
    company_open(company, POLICY);
    struct company_user *feedr = company_new_user(company, "feedr");
    json_t *enrolment = company_enrolment(company, "feedr", "P-34", "feed", feedr->key);
    json_t *decision = company_do_with(company, "olga", VERB_SUBMIT,
                                       json_pack("{s:b, s:[o]}", "atomic", 0, "documents", enrolment), "feedr");
    const char *number = result_number(json_array_get(json_object_get(decision, "results"), 0));
    expect_done(company_approve(company, "oscar", number, 1), "in-force");
    json_decref(decision);
    json_decref(company_grant(company, "feedr", "FEED_METERS"));
    for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++)
        json_array_append_new(list, read_record(&reads[i]));
    const struct company_file file = {.user = "feedi", .feed = "invoices", .total = "1970.00", .sequence = 2};
    expect_done(company_feed(company, &file, invoices()), "closed");
    expect_done(bring(company, "contracts", 1, json_pack("[o, o]", contract("K-1", "16446"), contract("K-2", "10442"))),
                "closed");
    expect_done(bring(company, "reads", 1, list), "closed");
}

/* A correction of reads: both lists are stolen; one allocation for each (invoice, amount) pair up to NULL. */
static json_t *correction(struct company *company, const char *direction, json_t *reads, json_t *charges,
                          const char *const *allocations)
{
    int64_t cents = 0;
    char amount[32];
    json_t *document = company_money(company, "correction", "16446", "0.01", "METER", "meter-log");
    json_object_set_new(document, "direction", json_string(direction));
    json_object_set_new(document, "field", json_string("meter"));
    json_object_set_new(document, "contract", json_string("K-1"));
    json_object_set_new(document, "reads", reads);
    json_object_set_new(document, "charges", charges);
    for (size_t i = 0; allocations[i] != NULL; i += 2) {
        company_allocate(document, allocations[i], NULL, allocations[i + 1]);
        cents += (int64_t)(strtoll(allocations[i + 1], NULL, 10) * 100 +
                           strtoll(strchr(allocations[i + 1], '.') + 1, NULL, 10));
    }
    snprintf(amount, sizeof amount, "%lld.%02lld", (long long)(cents / 100), (long long)(cents % 100));
    return company_with(document, "amount", json_string(amount));
}

#define ALLOCATIONS(...) ((const char *const[]){__VA_ARGS__, NULL})

static json_t *said(const char *read, int value, const char *source)
{
    return json_pack("{s:s, s:s, s:i}", "read", read, "source", source, "value", value);
}

static json_t *pool(const char *invoice, const char *billed, const char *corrected)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "billed", billed, "corrected", corrected, "invoice", invoice, "meter",
                     "bw", "pool", "P1");
}

static json_t *device(const char *invoice, const char *billed, const char *corrected)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "billed", billed, "corrected", corrected, "device", "SN3", "invoice",
                     invoice, "meter", "bw");
}

/* The true-up of A2 from 15,000 to 14,000: M-2 falls by 12.50, M-3 rises by 12.50, with 10 % tax. */
static json_t *fall(struct company *company)
{
    return correction(company, "down", json_pack("[o]", said("A2", 14000, "technician")),
                      json_pack("[o]", pool("M-2", "18.75", "6.25")), ALLOCATIONS("M-2", "13.75"));
}

static json_t *rise(struct company *company)
{
    return correction(company, "up", json_pack("[o]", said("A2", 14000, "technician")),
                      json_pack("[o]", pool("M-3", "25.00", "37.50")), ALLOCATIONS("M-3", "13.75"));
}

static void one_read_is_an_atomic_set(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_company(&company);
    json_t *decision =
        company_do(&company, "maria", VERB_SUBMIT,
                   json_pack("{s:b, s:[o, o]}", "atomic", 1, "documents", fall(&company), rise(&company)));
    for (size_t i = 0; i < 2; i++)
        assert_string_equal(result_outcome(json_array_get(json_object_get(decision, "results"), i)), "posted");
    json_decref(decision);
    /* Once: nothing is left of it. */
    expect_answer(company_submit(&company, "maria", fall(&company)), "refused", "C-11", "not-the-usage");
    /* With one half missing, or a cent of it wrong, neither is in. */
    company_close(&company);
    open_company(&company);
    json_t *wrong = company_with(rise(&company), "charges", json_pack("[o]", pool("M-3", "25.00", "37.51")));
    decision = company_do(&company, "maria", VERB_SUBMIT,
                          json_pack("{s:b, s:[o, o]}", "atomic", 1, "documents", fall(&company), wrong));
    for (size_t i = 0; i < 2; i++)
        assert_string_equal(result_outcome(json_array_get(json_object_get(decision, "results"), i)), "refused");
    json_decref(decision);
    /* Each half alone is right, too, in either order. */
    expect_done(company_submit(&company, "maria", rise(&company)), "posted");
    expect_done(company_submit(&company, "maria", fall(&company)), "posted");
    company_close(&company);
}

static void amounts_are_what_the_reads_make(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_company(&company);
    json_t *(*const make)(struct company *) = fall;
    golden(company_submit(&company, "maria",
                          company_with(make(&company), "charges", json_pack("[o]", pool("M-2", "18.75", "6.26")))),
           "refused", "C-11", "not-the-usage");
    /* One charge too many is told as the document states it. */
    json_t *result =
        company_submit(&company, "maria",
                       company_with(make(&company), "charges",
                                    json_pack("[o, o]", pool("M-2", "18.75", "6.25"), device("M-2", "0.01", "0.00"))));
    const json_t *answer = json_array_get(json_object_get(result, "controls"), 0);
    assert_true(json_is_false(json_object_get(answer, "expected")));
    assert_string_equal(member_text(answer, "billed"), "0.01");
    char sentence[SENTENCE_BYTES];
    answer_sentence(answer, sentence);
    assert_non_null(strstr(sentence, "moves meter bw on invoice M-2 from 0.01"));
    assert_non_null(strstr(sentence, "nothing of it goes this way"));
    expect_answer(result, "refused", "C-11", "not-the-usage");
    golden(company_submit(&company, "maria",
                          correction(&company, "down", json_pack("[o]", said("A2", 14000, "technician")),
                                     json_pack("[o]", pool("M-2", "18.75", "6.25")), ALLOCATIONS("M-2", "13.76"))),
           "refused", "C-11", "not-the-difference");
    expect_answer(
        company_submit(&company, "maria",
                       correction(&company, "down", json_pack("[o]", said("A2", 14000, "technician")),
                                  json_pack("[o]", pool("M-2", "18.75", "6.25")), ALLOCATIONS("M-3", "13.75"))),
        "refused", "C-11", "not-the-difference");
    /* Nothing of it goes up but M-3. */
    expect_answer(company_submit(&company, "maria", company_with(make(&company), "direction", json_string("up"))),
                  "refused", "C-11", "not-the-usage");
    company_close(&company);
}

static void counters_do_not_run_backwards(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_company(&company);
    /* D1 stands at 1,250, the actual read before at 1,000: 1,000 is as low as it goes. */
    golden(company_submit(&company, "maria",
                          correction(&company, "down", json_pack("[o]", said("D1", 999, "technician")),
                                     json_pack("[o]", device("M-1", "1.50", "0.00")), ALLOCATIONS("M-1", "1.65"))),
           "refused", "C-11", "below-actual");
    json_t *decision =
        company_do(&company, "maria", VERB_SUBMIT,
                   json_pack("{s:b, s:[o, o]}", "atomic", 1, "documents",
                             correction(&company, "down", json_pack("[o]", said("D1", 1000, "technician")),
                                        json_pack("[o]", device("M-1", "1.50", "0.00")), ALLOCATIONS("M-1", "1.65")),
                             correction(&company, "up", json_pack("[o]", said("D1", 1000, "technician")),
                                        json_pack("[o]", device("M-2", "0.01", "2.51")), ALLOCATIONS("M-2", "2.75"))));
    assert_string_equal(result_outcome(json_array_get(json_object_get(decision, "results"), 1)), "posted");
    json_decref(decision);
    /* The read after it, 1,351, is as high as it goes. */
    golden(company_submit(&company, "maria",
                          correction(&company, "up", json_pack("[o]", said("D1", 1352, "technician")),
                                     json_pack("[o]", device("M-1", "0.00", "2.52")), ALLOCATIONS("M-1", "2.77"))),
           "refused", "C-11", "below-previous");
    expect_no_answer(
        company_submit(&company, "maria",
                       correction(&company, "up", json_pack("[o]", said("D1", 1351, "technician")),
                                  json_pack("[o]", device("M-1", "0.00", "2.51")), ALLOCATIONS("M-1", "2.76"))),
        "posted", "C-11", "below-previous");
    company_close(&company);
}

static void an_exchanged_counter_wants_evidence(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_company(&company);
    /* D2 at 101 after the old counter's 1,500: 250 + 101 clicks, 251 over, 2.51 instead of 0.01. */
    json_t *replaced = json_pack("{s:s, s:{s:i, s:i}, s:s, s:i}", "read", "D2", "replaced", "final", 1500, "start", 0,
                                 "source", "technician", "value", 101);
    json_t *document = correction(&company, "up", json_pack("[O]", replaced),
                                  json_pack("[o]", device("M-2", "0.01", "2.51")), ALLOCATIONS("M-2", "2.75"));
    golden(company_submit(&company, "maria", document), "refused", "C-11", "not-replaced");
    document = correction(&company, "up", json_pack("[o]", replaced), json_pack("[o]", device("M-2", "0.01", "2.51")),
                          ALLOCATIONS("M-2", "2.75"));
    json_array_append_new(json_object_get(document, "evidence"), company_evidence(&company, "meter-replaced"));
    expect_done(company_submit(&company, "maria", document), "posted");
    company_close(&company);
}

static void an_estimate_is_trued_up_once(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_company(&company);
    json_t *result = expect(company_submit(&company, "maria", fall(&company)), "posted");
    char *number = strdup(result_number(result));
    json_decref(result);
    const char *const *moved = ALLOCATIONS("M-2", "0.14");
    json_t *again = correction(&company, "down", json_pack("[o]", said("A2", 13990, "technician")),
                               json_pack("[o]", pool("M-2", "6.25", "6.12")), moved);
    golden(company_submit(&company, "maria", again), "refused", "C-11", "trued-up");
    /* The reversal of what stands brings the estimate back, and leaves it to be trued up. */
    free(company_post(&company, "maria", company_reversal(&company, number), 2));
    again = correction(&company, "down", json_pack("[o]", said("A2", 13990, "technician")),
                       json_pack("[o]", pool("M-2", "18.75", "6.12")), ALLOCATIONS("M-2", "13.89"));
    expect_done(company_submit(&company, "maria", again), "posted");
    free(number);
    company_close(&company);
}

/* A read that was no estimate can be corrected again, and starts from what it was corrected to. */
static void a_second_correction_starts_from_the_first(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_company(&company);
    expect_done(company_submit(&company, "maria",
                               correction(&company, "up", json_pack("[o]", said("D2", 1400, "technician")),
                                          json_pack("[o]", device("M-2", "0.01", "0.50")), ALLOCATIONS("M-2", "0.54"))),
                "posted");
    expect_answer(
        company_submit(&company, "maria",
                       correction(&company, "up", json_pack("[o]", said("D2", 1450, "technician")),
                                  json_pack("[o]", device("M-2", "0.01", "1.00")), ALLOCATIONS("M-2", "1.09"))),
        "refused", "C-11", "not-the-usage");
    expect_done(company_submit(&company, "maria",
                               correction(&company, "up", json_pack("[o]", said("D2", 1450, "technician")),
                                          json_pack("[o]", device("M-2", "0.50", "1.00")), ALLOCATIONS("M-2", "0.55"))),
                "posted");
    company_close(&company);
}

static void reads_are_of_one_contract(void **state)
{
    static const struct one_read other = {"K2", "SN1", "2025-10-31", 5, "remote", NULL};
    struct company company = {.dir = ""};
    (void)state;
    open_company(&company);
    json_t *record = company_with(read_record(&other), "contract", json_string("K-2"));
    expect_done(bring(&company, "reads", 2, json_pack("[o]", record)), "closed");
    golden(company_submit(&company, "maria",
                          correction(&company, "down", json_pack("[o]", said("Z9", 14000, "technician")),
                                     json_pack("[o]", pool("M-2", "18.75", "6.25")), ALLOCATIONS("M-2", "13.75"))),
           "refused", "C-11", "unknown-read");
    golden(company_submit(&company, "maria",
                          correction(&company, "down",
                                     json_pack("[o, o]", said("A2", 14000, "technician"), said("K2", 5, "remote")),
                                     json_pack("[o]", pool("M-2", "18.75", "6.25")), ALLOCATIONS("M-2", "13.75"))),
           "refused", "C-11", "other-contract");
    golden(company_submit(&company, "maria", company_with(fall(&company), "contract", json_string("K-2"))), "refused",
           "C-11", "unknown-contract");
    company_close(&company);
}

static void reads_come_in_order(void **state)
{
    static const struct one_read late = {"E1", "SN1", "2025-12-31", 17000, "remote", NULL},
                                 next = {"E1", "SN1", "2026-01-01", 17000, "remote", NULL},
                                 unknown = {"E2", "SN9", "2026-01-01", 1, "remote", NULL},
                                 early = {"E3", "SN3", "2025-08-31", 1, "remote", NULL};
    struct company company = {.dir = ""};
    (void)state;
    open_company(&company);
    golden(bring_read(&company, 2, &late), "refused", "C-44", "read-order");
    expect_answer(bring_read(&company, 2, &early), "refused", "C-44", "read-order");
    golden(bring_read(&company, 2, &unknown), "refused", "C-44", "unknown-meter");
    golden(
        bring(&company, "reads", 2, json_pack("[o]", company_with(read_record(&next), "contract", json_string("K-9")))),
        "refused", "C-44", "unknown-contract");
    expect_answer(
        bring(&company, "reads", 2, json_pack("[o]", company_with(read_record(&next), "invoice", json_string("M-9")))),
        "refused", "C-44", "unknown-invoice");
    expect_answer(bring(&company, "reads", 2,
                        json_pack("[o]", company_with(read_record(&next), "invoice", json_string("40117")))),
                  "refused", "C-44", "other-customer");
    json_t *lined = company_with(read_record(&next), "invoice", json_string("L-1"));
    golden(bring(&company, "reads", 2, json_pack("[o]", company_with(lined, "line", json_string("3")))), "refused",
           "C-44", "unknown-line");
    expect_done(bring_read(&company, 2, &next), "closed");
    expect_answer(bring_read(&company, 3, &next), "refused", "C-44", "exists");
    company_close(&company);
}

/* A4 to 19,999 on line 1, D3 to 1,501 on line 2. */
static json_t *on_lines(struct company *company, const char *corrected)
{
    json_t *document =
        correction(company, "down", json_pack("[o, o]", said("A4", 19999, "remote"), said("D3", 1501, "remote")),
                   json_pack("[o, o]", company_with(pool("L-1", "12.50", corrected), "line", json_string("1")),
                             company_with(device("L-1", "1.00", "0.50"), "line", json_string("2"))),
                   ALLOCATIONS("L-1", "0.01", "L-1", "0.50"));
    json_t *allocations = json_object_get(document, "allocations");
    json_object_set_new(json_array_get(allocations, 0), "line", json_string("1"));
    json_object_set_new(json_array_get(allocations, 1), "line", json_string("2"));
    return document;
}

/* What a line's tax is goes with what is moved on it: 10 % on line 1, none on line 2. */
static void the_tax_is_that_of_the_line(void **state)
{
    static const struct one_read next = {"A4", "SN1", "2026-01-02", 20000, "remote", "L-1"},
                                 other = {"D3", "SN3", "2026-01-02", 1551, "remote", "L-1"};
    struct company company = {.dir = ""};
    (void)state;
    open_company(&company);
    expect_done(bring(&company, "reads", 2,
                      json_pack("[o, o]", company_with(read_record(&next), "line", json_string("1")),
                                company_with(read_record(&other), "line", json_string("2")))),
                "closed");
    /* 4,000 clicks: 12.50; 3,999: 12.4875, to the even cent 12.49. 200 clicks: 1.00; 150: 0.50. */
    json_t *result = company_submit(&company, "maria", on_lines(&company, "12.48"));
    assert_string_equal(member_text(json_array_get(json_object_get(result, "controls"), 0), "line"), "1");
    expect_answer(result, "refused", "C-11", "not-the-usage");
    expect_done(company_submit(&company, "maria", on_lines(&company, "12.49")), "posted");
    /* Told by its line: as the reads came, moved by what was posted. */
    const struct meter_bill at = {.entity = "US01", .contract = "K-1", .invoice = "L-1", .line = "1"};
    struct meter_billed billed = {.clicks = 0};
    struct tables_txn *txn = NULL;
    struct err err = {0};
    json_t *term = json_pack("{s:s, s:s}", "meter", "bw", "pool", "P1");
    assert_int_equal(tables_read_begin(gate_books(company.gate)->tables, &txn, &err), STATUS_OK);
    const struct facts facts = {.books = txn};
    assert_int_equal(meter_billed(&facts, &at, term, &billed, &err), STATUS_OK);
    assert_int_equal(billed.clicks, 3999);
    assert_int_equal(billed.billed_minor, 1249);
    assert_int_equal(billed.corrected_minor, 1249);
    tables_abort(txn);
    json_decref(term);
    company_close(&company);
}

/* Two terms on one line of a bill move that line once; and a counter's first read moves what came after it. */
static void one_line_is_moved_once(void **state)
{
    static const struct one_read next = {"A4", "SN1", "2026-01-02", 20000, "remote", "L-1"},
                                 other = {"D3", "SN3", "2026-01-02", 1551, "remote", "L-1"};
    struct company company = {.dir = ""};
    struct tables_txn *txn = NULL;
    struct meter_outcome outcome = {.code = NULL};
    struct err err = {0};
    (void)state;
    open_company(&company);
    expect_done(bring(&company, "reads", 2,
                      json_pack("[o, o]", company_with(read_record(&next), "line", json_string("1")),
                                company_with(read_record(&other), "line", json_string("1")))),
                "closed");
    struct policy *policy = company_policy(POLICY);
    json_t *reads = json_pack("[o, o]", said("A4", 19999, "remote"), said("D3", 1501, "remote"));
    const struct meter_claim claim = {
        .entity = "US01", .customer = "16446", .currency = "USD", .contract = "K-1", .reads = reads};
    assert_int_equal(tables_read_begin(gate_books(company.gate)->tables, &txn, &err), STATUS_OK);
    const struct facts facts = {.books = txn, .policy = policy};
    if (meter_compute(&facts, &claim, &outcome, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    tables_abort(txn);
    assert_null(outcome.code);
    assert_int_equal(json_array_size(outcome.down.charges), 2);
    json_t *wanted = json_pack("[{s:s, s:s, s:s}]", "amount", "0.56", "invoice", "L-1", "line", "1");
    assert_true(json_equal(outcome.down.allocations, wanted)); /* 0.51 and 10 % */
    meter_outcome_done(&outcome);
    json_decref(wanted);
    json_decref(reads);
    policy_free(policy);
    /* 1,000 clicks fewer on M-1, whose first read is on no bill. */
    expect_done(company_submit(&company, "maria",
                               correction(&company, "down", json_pack("[o]", said("A0", 11000, "technician")),
                                          json_pack("[o]", pool("M-1", "18.75", "6.25")), ALLOCATIONS("M-1", "13.75"))),
                "posted");
    company_close(&company);
}

/* Two reads, one after the other: the second is reached from the first as well, and is told once. */
static void a_read_is_told_once(void **state)
{
    struct company company = {.dir = ""};
    struct tables_txn *txn = NULL;
    struct meter_outcome outcome = {.code = NULL};
    struct err err = {0};
    (void)state;
    open_company(&company);
    struct policy *policy = company_policy(POLICY);
    json_t *reads = json_pack("[o, o]", said("D1", 1200, "remote"), said("D2", 1340, "remote"));
    const struct meter_claim claim = {
        .entity = "US01", .customer = "16446", .currency = "USD", .contract = "K-1", .reads = reads};
    assert_int_equal(tables_read_begin(gate_books(company.gate)->tables, &txn, &err), STATUS_OK);
    const struct facts facts = {.books = txn, .policy = policy};
    if (meter_compute(&facts, &claim, &outcome, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    tables_abort(txn);
    assert_null(outcome.code);
    assert_int_equal(json_array_size(outcome.rows), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *row = json_array_get(outcome.rows, i);
        assert_string_equal(member_text(row, "read"), i == 0 ? "D1" : "D2");
        assert_int_equal(member_integer(row, "usage"), i == 0 ? 250 : 101);
        assert_int_equal(member_integer(row, "usage_corrected"), i == 0 ? 200 : 140);
    }
    meter_outcome_done(&outcome);
    json_decref(reads);
    policy_free(policy);
    company_close(&company);
}

static void clicks_are_rounded_half_to_even(void **state)
{
    static const struct {
        int64_t clicks, allowance;
        const char *rate;
        int digits;
        int64_t minor;
    } cases[] = {
        {1, 0, "0.005", 2, 0},
        {3, 0, "0.005", 2, 2},
        {5, 0, "0.005", 2, 2},
        {1, 0, "0.005001", 2, 1},
        {100, 100, "9", 2, 0},
        {101, 100, "9", 2, 900},
        {-5, 0, "9", 2, 0},
        {3, 0, "0.5", 0, 2},
        {1, 0, "0.5", 0, 0},
        {1, 0, "0.000001", 3, 0},
        {500, 0, "0.000001", 3, 0},
        {501, 0, "0.000001", 3, 1},
        {1000000000000, 0, "0.000001", 2, 100000000},
    };
    struct err err;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct usage_rate rate = {.allowance = cases[i].allowance, .digits = cases[i].digits};
        int64_t minor = -1;
        assert_int_equal(usage_parse_rate(cases[i].rate, strlen(cases[i].rate), &rate.trillionths, &err), STATUS_OK);
        assert_int_equal(usage_charge(cases[i].clicks, &rate, &minor, &err), STATUS_OK);
        assert_int_equal(minor, cases[i].minor);
    }
    const struct usage_rate dear = {.trillionths = INT64_MAX, .digits = 2};
    int64_t minor = -1;
    assert_int_equal(usage_charge(INT64_MAX, &dear, &minor, &err), STATUS_LIMIT);
    assert_int_equal(minor, -1);
    static const char *const bad[] = {"0", "0.0", "-1", "1.", ".5", "01", "1.10", "0.0000001", "1e2", ""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(usage_parse_rate(bad[i], strlen(bad[i]), &minor, &err), STATUS_INPUT);
}

static void tax_goes_in_proportion(void **state)
{
    static const int64_t cases[][4] = {{125, 500, 50, 12},   {375, 500, 50, 38},   {125, -500, -50, 12},
                                       {125, -500, 50, -12}, {-125, 500, 50, -12}, {125, 0, 50, 0},
                                       {125, 500, 0, 0},     {100, 3, 1, 33}};
    struct err err;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t minor = -1;
        assert_int_equal(usage_tax(cases[i][0], cases[i][1], cases[i][2], &minor, &err), STATUS_OK);
        assert_int_equal(minor, cases[i][3]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_read_is_an_atomic_set),     cmocka_unit_test(amounts_are_what_the_reads_make),
        cmocka_unit_test(counters_do_not_run_backwards), cmocka_unit_test(an_exchanged_counter_wants_evidence),
        cmocka_unit_test(an_estimate_is_trued_up_once),  cmocka_unit_test(a_second_correction_starts_from_the_first),
        cmocka_unit_test(reads_are_of_one_contract),     cmocka_unit_test(reads_come_in_order),
        cmocka_unit_test(the_tax_is_that_of_the_line),   cmocka_unit_test(one_line_is_moved_once),
        cmocka_unit_test(a_read_is_told_once),           cmocka_unit_test(clicks_are_rounded_half_to_even),
        cmocka_unit_test(tax_goes_in_proportion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

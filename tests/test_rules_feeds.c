/*
 * Feeds (C-44, and C-02 and C-25 where they ask who): files in order, whole, by users who do nothing else; records that create
 * and never change; cash that is applied once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/schema.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define POLICY "tests/policies/rules.yaml"

static json_t *invoice(const char *id, const char *gross)
{
    return company_invoice(id, "10442", gross, "0.00", gross);
}

static json_t *cash(const char *receipt, const char *amount, const char *invoice_id, const char *applied)
{
    return company_cash(receipt, "10442", amount, json_pack("[{s:s, s:s}]", "amount", applied, "invoice", invoice_id));
}

static json_t *bring(struct company *company, struct company_file file, json_t *records)
{
    return company_feed(company, &file, records);
}

#define INVOICES .user = "feedi", .feed = "invoices"
#define CASH     .user = "feedm", .feed = "cash"

static void who_brings_files(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    const struct company_file by_maria = {.user = "maria", .feed = "invoices", .total = "1.00", .sequence = 2};
    json_t *result = expect(company_feed(&company, &by_maria, json_pack("[o]", invoice("N-1", "1.00"))), "refused");
    assert_true(result_has(result, "C-02", "no-function"));
    golden(result, "refused", "C-25", "not-a-feed");
    expect_answer(bring(&company,
                        (struct company_file){.user = "feedc", .feed = "invoices", .total = "1.00", .sequence = 2},
                        json_pack("[o]", invoice("N-1", "1.00"))),
                  "refused", "C-02", "no-function");
    expect_answer(bring(&company, (struct company_file){INVOICES, .entity = "US09", .total = "1.00", .sequence = 2},
                        json_pack("[o]", invoice("N-1", "1.00"))),
                  "refused", "C-02", "unknown-entity");
    golden(company_submit(&company, "feedi", company_credit_note(&company, "10442", "40251", "1.00")), "refused",
           "C-25", "feed-acts");
    company_close(&company);
}

static void files_come_in_order(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    golden(bring(&company, (struct company_file){INVOICES, .total = "1.00", .sequence = 3},
                 json_pack("[o]", invoice("N-1", "1.00"))),
           "refused", "C-44", "file-sequence");
    expect_answer(bring(&company, (struct company_file){INVOICES, .total = "1.00", .sequence = 1},
                        json_pack("[o]", invoice("N-1", "1.00"))),
                  "refused", "C-44", "file-sequence");
    golden(bring(&company, (struct company_file){INVOICES, .total = "1.00", .sequence = 2, .part = 2},
                 json_pack("[o]", invoice("N-1", "1.00"))),
           "refused", "C-44", "file-part");
    expect_done(bring(&company,
                      (struct company_file){INVOICES, .total = "3.00", .sequence = 2, .count = 2, .more = true},
                      json_pack("[o]", invoice("N-1", "1.00"))),
                "open");
    golden(bring(&company, (struct company_file){INVOICES, .total = "3.01", .sequence = 2, .count = 2, .part = 2},
                 json_pack("[o]", invoice("N-2", "2.00"))),
           "refused", "C-44", "file-manifest");
    expect_answer(bring(&company,
                        (struct company_file){INVOICES, .total = "3.00", .sequence = 2, .count = 2, .part = 3},
                        json_pack("[o]", invoice("N-2", "2.00"))),
                  "refused", "C-44", "file-part");
    /* Not usable before the last part. */
    assert_null(company_invoice_record(&company, "N-1"));
    expect_answer(company_submit(&company, "maria", company_credit_note(&company, "10442", "N-1", "0.50")), "refused",
                  "C-35", "unknown-invoice");
    expect_answer(bring(&company,
                        (struct company_file){INVOICES, .total = "3.00", .sequence = 2, .count = 2, .part = 2},
                        json_pack("[o]", invoice("N-1", "2.00"))),
                  "refused", "C-44", "exists");
    golden(bring(&company, (struct company_file){INVOICES, .total = "3.00", .sequence = 2, .count = 2, .part = 2},
                 json_pack("[o]", invoice("N-2", "2.01"))),
           "refused", "C-44", "file-total");
    golden(bring(&company, (struct company_file){INVOICES, .total = "3.00", .sequence = 2, .count = 2, .part = 2},
                 json_pack("[o, o]", invoice("N-2", "1.00"), invoice("N-3", "1.00"))),
           "refused", "C-44", "file-count");
    /* Refused parts changed nothing; part 1 begins anew, and what it held before is void. */
    expect_done(bring(&company,
                      (struct company_file){INVOICES, .total = "7.00", .sequence = 2, .count = 2, .more = true},
                      json_pack("[o]", invoice("N-5", "3.00"))),
                "open");
    expect_done(bring(&company, (struct company_file){INVOICES, .total = "7.00", .sequence = 2, .count = 2, .part = 2},
                      json_pack("[o]", invoice("N-6", "4.00"))),
                "closed");
    assert_null(company_invoice_record(&company, "N-1"));
    json_t *record = company_invoice_record(&company, "N-5");
    assert_int_equal(member_integer(record, "open"), 300);
    json_decref(record);
    expect_done(bring(&company, (struct company_file){INVOICES, .total = "0.00", .sequence = 3}, json_array()),
                "closed");
    company_close(&company);
}

static void records_create_and_never_change(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    golden(bring(&company, (struct company_file){INVOICES, .total = "2.00", .sequence = 2},
                 json_pack("[o, o]", invoice("N-1", "1.00"), invoice("40251", "1.00"))),
           "refused", "C-44", "exists");
    expect_answer(bring(&company, (struct company_file){INVOICES, .total = "2.00", .sequence = 2},
                        json_pack("[o, o]", invoice("N-1", "1.00"), invoice("N-1", "1.00"))),
                  "refused", "C-44", "exists");
    golden(bring(&company, (struct company_file){INVOICES, .total = "1.00", .sequence = 2},
                 json_pack("[o]", company_invoice("N-1", "77777", "1.00", "0.00", "1.00"))),
           "refused", "C-44", "unknown-customer");
    expect_answer(bring(&company, (struct company_file){.user = "feedc", .feed = "customers", .sequence = 2},
                        json_pack("[o]", company_customer("16446", "G9"))),
                  "refused", "C-44", "exists");
    company_close(&company);
}

static void cash_is_applied_once(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    golden(bring(&company, (struct company_file){CASH, .total = "1.00", .sequence = 1},
                 json_pack("[o]", cash("R-1", "1.00", "40252", "1.00"))),
           "refused", "C-44", "unknown-invoice");
    golden(bring(&company, (struct company_file){CASH, .total = "1.00", .sequence = 1},
                 json_pack("[o]", cash("R-1", "1.00", "700001", "1.00"))),
           "refused", "C-44", "other-customer");
    golden(bring(&company, (struct company_file){CASH, .total = "901.00", .sequence = 1},
                 json_pack("[o]", cash("R-1", "901.00", "40117", "900.01"))),
           "refused", "C-44", "over-applied");
    /* Twice in one part. */
    expect_answer(
        bring(&company, (struct company_file){CASH, .total = "901.00", .sequence = 1},
              json_pack("[o, o]", cash("R-1", "500.00", "40117", "500.00"), cash("R-2", "401.00", "40117", "400.01"))),
        "refused", "C-44", "over-applied");
    /* Twice in two parts. */
    expect_done(bring(&company, (struct company_file){CASH, .total = "901.00", .sequence = 1, .count = 2, .more = true},
                      json_pack("[o]", cash("R-1", "500.00", "40117", "500.00"))),
                "open");
    expect_answer(bring(&company, (struct company_file){CASH, .total = "901.00", .sequence = 1, .count = 2, .part = 2},
                        json_pack("[o]", cash("R-2", "401.00", "40117", "400.01"))),
                  "refused", "C-44", "over-applied");
    /* Credited since it was staged: the earlier part is named. */
    expect_done(company_submit(&company, "maria", company_credit_note(&company, "10442", "40117", "200.00")), "posted");
    expect_done(bring(&company, (struct company_file){CASH, .total = "700.01", .sequence = 1, .count = 2, .more = true},
                      json_pack("[o]", cash("R-1", "700.01", "40117", "700.00"))),
                "open");
    expect_done(company_submit(&company, "joe", company_correction(&company, "10442", "40251", "0.01", "up")),
                "waiting");
    char *more = company_post(&company, "maria", company_credit_note(&company, "10442", "40117", "0.02"), 1);
    json_t *result =
        expect(bring(&company, (struct company_file){CASH, .total = "700.01", .sequence = 1, .count = 1, .part = 2},
                     json_array()),
               "refused");
    json_decref(result);
    result =
        expect(bring(&company, (struct company_file){CASH, .total = "700.01", .sequence = 1, .count = 2, .part = 2},
                     json_pack("[o]", company_cash("R-9", "10442", "0.01", json_array()))),
               "refused");
    json_t *answer = json_array_get(json_object_get(result, "controls"), 0);
    assert_string_equal(member_text(answer, "code"), "over-applied");
    assert_int_equal(member_integer(answer, "record"), 0);
    json_decref(result);
    free(more);
    /* What is left, to the cent; the rest of the money goes on account. */
    expect_done(bring(&company, (struct company_file){CASH, .total = "700.00", .sequence = 1, .count = 2, .more = true},
                      json_pack("[o]", cash("R-1", "400.00", "40117", "400.00"))),
                "open");
    expect_done(bring(&company, (struct company_file){CASH, .total = "700.00", .sequence = 1, .count = 2, .part = 2},
                      json_pack("[o]", cash("R-2", "300.00", "40117", "299.98"))),
                "closed");
    json_t *record = company_invoice_record(&company, "40117");
    assert_int_equal(member_integer(record, "open"), 0);
    json_decref(record);
    struct books_key key = books_key_pair("US01", "10442");
    books_key_add_text(&key, "USD");
    record = company_books(&company, BOOKS_BALANCES, &key);
    assert_int_equal(member_integer(record, "account"), -2);
    json_decref(record);
    company_close(&company);
}

/* Form: refused before anything is judged, and no entry. */
static void form_of_records(void **state)
{
    struct company company = {.dir = ""};
    struct gate_answer answer;
    struct err err;
    (void)state;
    company_open(&company, POLICY);
    static const char *const bodies[] = {
        "{'records':[{'customer':'10442','date':'2025-12-01','due':'2025-12-31','gross':'2.00','invoice':'N',"
        "'taxes':[{'code':'NONE','net':'1.00','tax':'0.00'}]}]}",
        "{'records':[{'customer':'10442','date':'2025-12-01','due':'2025-12-31','gross':'1.0','invoice':'N','"
        "taxes':[{'code':'NONE','net':'1.00','tax':'0.00'}]}]}",
        "{'records':[{'customer':'10442','date':'2025-12-01','due':'2025-12-31','gross':'1.00','invoice':'N',"
        "'lines':[],'taxes':[{'code':'NONE','net':'1.00','tax':'0.00'}]}]}",
        "{'records':[{'customer':'10442','date':'2025-12-01','due':'2025-12-31','gross':'1.00','invoice':'N',"
        "'taxes':[]}]}",
        "{'file':{'count':0,'sequence':2}}",
        "{'feed':'reads'}",
        "{'records':[{'amount':'1.00','applied':[],'customer':'1','date':'2026-01-01','receipt':'R'}]}",
        "{'extra':1}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        char *json = strdup(bodies[i]);
        for (char *c = json; *c != '\0'; c++)
            *c = *c == '\'' ? '"' : *c;
        json_t *change = json_loads(json, 0, NULL);
        assert_non_null(change);
        json_t *body = json_pack("{s:s, s:s, s:{s:i, s:s, s:i, s:s}, s:b, s:i, s:[]}", "entity", "US01", "feed",
                                 "invoices", "file", "count", 1, "currency", "USD", "sequence", 2, "total", "1.00",
                                 "last", 1, "part", 1, "records");
        json_object_update(body, change);
        json_decref(change);
        enum status status = company_try(&company, "feedi", VERB_FEED, body, NULL, &answer, &err);
        if (status != STATUS_INPUT)
            fail_msg("%s: %s", json, status_name(status));
        free(json);
    }
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_brings_files),
        cmocka_unit_test(files_come_in_order),
        cmocka_unit_test(records_create_and_never_change),
        cmocka_unit_test(cash_is_applied_once),
        cmocka_unit_test(form_of_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

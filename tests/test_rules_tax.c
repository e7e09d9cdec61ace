/*
 * C-36, and C-35 by tax code: how amounts are split over net and tax, stated splits, tax alone; rounding, currencies without
 * decimals and with three, amounts at the edge of what can be counted.
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
#include "ledger/schema.h"
#include "ledger/tax_shares.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"
#include "tests/support/money_documents.h"

#define LARGEST "92233720368547758.07"

static json_t *text(const char *value)
{
    return json_string(value);
}

static json_t *maria(struct company *company, json_t *document)
{
    return company_submit(company, "maria", document);
}

static json_t *tax(const char *code, const char *net, const char *amount)
{
    return json_pack("{s:s, s:s, s:s}", "code", code, "net", net, "tax", amount);
}

/* 100.00 net of SALES_TAX with 20.00, 50.00 net of NONE, two lines. X-2: 100.00 and 20.00. */
static void taxed_invoices(struct company *company)
{
    json_t *two = company_invoice("X-1", "10442", "100.00", "20.00", "170.00");
    json_array_append_new(json_object_get(two, "taxes"), tax("NONE", "50.00", "0.00"));
    json_t *lines = json_pack("[{s:s, s:s, s:s, s:s}, {s:s, s:s, s:s, s:s}]", "code", "SALES_TAX", "line", "1", "net",
                              "100.00", "tax", "20.00", "code", "NONE", "line", "2", "net", "50.00", "tax", "0.00");
    json_t *one = company_invoice("X-2", "10442", "100.00", "20.00", "120.00");
    money_file(company, "feedi", "invoices", 2, "290.00", json_pack("[o, o]", company_with(two, "lines", lines), one));
}

static json_t *credit(struct company *company, const char *invoice, const char *line, const char *amount)
{
    return company_allocate(company_money(company, "credit-note", "10442", amount, "PRICE_ERR", "price-sheet"), invoice,
                            line, amount);
}

/* A credit note that states its split, of one code. */
static json_t *stating(struct company *company, const char *amount, json_t *taxes)
{
    return company_with(credit(company, "X-1", NULL, amount), "taxes", taxes);
}

/* The same for goodwill, which waits whatever the amount. */
static json_t *waiting(struct company *company, const char *amount, json_t *taxes)
{
    json_t *document = company_with(stating(company, amount, taxes), "reason", text("GOODWILL"));
    json_object_set_new(document, "evidence", json_pack("[o]", company_evidence(company, "correspondence")));
    return company_with(document, "note", text("a note of more than twenty characters"));
}

static json_t *tax_alone(struct company *company, const char *amount)
{
    json_t *document = stating(company, amount, json_pack("[o]", tax("SALES_TAX", "0.00", amount)));
    json_object_set_new(document, "reason", text("TAX"));
    json_object_set_new(document, "evidence", json_pack("[o]", company_evidence(company, "exemption-certificate")));
    return document;
}

/* Thirds of an invoice: the last one takes what the others left of net and tax. */
static void rounding_leaves_nothing(void **state)
{
    struct company company = {.dir = ""};
    json_t *result = NULL;
    (void)state;
    money_open(&company, MONEY_POLICY);
    taxed_invoices(&company);
    char *first = money_post(&company, "maria", credit(&company, "X-2", NULL, "40.00"), &result);
    money_lines_are(result, "dr 4000 33.33; dr 2200 6.67; cr 1200 40.00");
    json_decref(result);
    free(money_post(&company, "joe",
                    company_with(credit(&company, "X-2", NULL, "40.00"), "links",
                                 json_pack("[{s:s, s:s}]", "document", first, "rel", "duplicate-of")),
                    &result));
    money_lines_are(result, "dr 4000 33.34; dr 2200 6.66; cr 1200 40.00");
    json_decref(result);
    json_t *last = credit(&company, "X-2", NULL, "40.00");
    company_with(last, "links",
                 json_pack("[{s:s, s:s}, {s:s, s:s}]", "document", first, "rel", "duplicate-of", "document", "CN-2",
                           "rel", "duplicate-of"));
    free(money_post(&company, "joe", last, &result));
    money_lines_are(result, "dr 4000 33.33; dr 2200 6.67; cr 1200 40.00");
    json_decref(result);
    money_open_is(&company, "X-2", 0);
    money_ledger_is(&company, "2200", 2000);
    money_ledger_is(&company, "4000", 10000);
    free(first);
    company_close(&company);
}

/* A line is credited under its own tax code; what is reversed is there again. */
static void lines_have_their_own_tax(void **state)
{
    struct company company = {.dir = ""};
    json_t *result = NULL;
    (void)state;
    money_open(&company, MONEY_POLICY);
    taxed_invoices(&company);
    char *number = money_post(&company, "maria", credit(&company, "X-1", "2", "50.00"), &result);
    money_lines_are(result, "dr 4000 50.00; cr 1200 50.00");
    json_decref(result);
    free(money_post(&company, "maria", credit(&company, "X-1", "1", "119.99"), &result));
    money_lines_are(result, "dr 4000 99.99; dr 2200 20.00; cr 1200 119.99");
    json_decref(result);
    free(money_post(&company, "maria", company_reversal(&company, number), NULL));
    free(money_post(&company, "maria", credit(&company, "X-1", NULL, "50.01"), &result));
    money_lines_are(result, "dr 4000 50.01; cr 1200 50.01");
    json_decref(result);
    money_open_is(&company, "X-1", 0);
    free(number);
    company_close(&company);
}

static void stated_splits_keep_the_ratio(void **state)
{
    struct company company = {.dir = ""};
    json_t *result = NULL;
    (void)state;
    money_open(&company, MONEY_POLICY);
    taxed_invoices(&company);
    golden(maria(&company, stating(&company, "12.02", json_pack("[o]", tax("SALES_TAX", "10.00", "2.02")))), "refused",
           "C-36", "ratio");
    expect_answer(maria(&company, stating(&company, "11.98", json_pack("[o]", tax("SALES_TAX", "10.00", "1.98")))),
                  "refused", "C-36", "ratio");
    free(money_post(&company, "maria", stating(&company, "12.01", json_pack("[o]", tax("SALES_TAX", "10.00", "2.01"))),
                    &result));
    money_lines_are(result, "dr 4000 10.00; dr 2200 2.01; cr 1200 12.01");
    json_decref(result);
    expect_done(maria(&company, stating(&company, "11.99", json_pack("[o]", tax("SALES_TAX", "10.00", "1.99")))),
                "posted");
    golden(maria(&company, stating(&company, "12.00", json_pack("[o]", tax("VAT", "10.00", "2.00")))), "refused",
           "C-36", "unknown-code");
    /* Of a code without tax, all the net is left and no more; what waits counts. */
    char *waits =
        company_wait(&company, "maria", waiting(&company, "49.99", json_pack("[o]", tax("NONE", "49.99", "0.00"))));
    golden(maria(&company, stating(&company, "0.02", json_pack("[o]", tax("NONE", "0.02", "0.00")))), "refused", "C-35",
           "over-code");
    expect_answer(company_amend(&company, "maria", waits,
                                waiting(&company, "50.01", json_pack("[o]", tax("NONE", "50.01", "0.00")))),
                  "refused", "C-35", "over-code");
    expect_done(company_amend(&company, "maria", waits,
                              waiting(&company, "50.00", json_pack("[o]", tax("NONE", "50.00", "0.00")))),
                "waiting");
    /* In proportion, what is left for it is the other code. */
    free(money_post(&company, "maria", credit(&company, "X-1", NULL, "60.00"), &result));
    json_decref(result);
    expect_answer(company_approve(&company, "ana", waits, 1), "refused", "C-35", "over-code");
    free(waits);
    company_close(&company);
}

static void tax_alone_takes_its_own_reason(void **state)
{
    struct company company = {.dir = ""};
    json_t *result = NULL;
    (void)state;
    money_open(&company, MONEY_POLICY);
    taxed_invoices(&company);
    golden(maria(&company, stating(&company, "5.00", json_pack("[o]", tax("SALES_TAX", "0.00", "5.00")))), "refused",
           "C-36", "tax-alone");
    json_t *net = tax_alone(&company, "12.00");
    json_object_set_new(net, "taxes", json_pack("[o]", tax("SALES_TAX", "10.00", "2.00")));
    golden(maria(&company, net), "refused", "C-36", "not-tax-alone");
    expect_answer(maria(&company, tax_alone(&company, "20.01")), "refused", "C-35", "over-code");
    /* Its row asks one level more than a billing error of that size. */
    free(money_post(&company, "maria", tax_alone(&company, "20.00"), &result));
    money_lines_are(result, "dr 2200 20.00; cr 1200 20.00");
    json_decref(result);
    /* The rest of the invoice bears no tax any more. */
    free(money_post(&company, "maria", credit(&company, "X-1", NULL, "150.00"), &result));
    money_lines_are(result, "dr 4000 150.00; cr 1200 150.00");
    json_decref(result);
    company_close(&company);
}

/* A correction upwards adds by what was billed, and can be credited again; an adjustment upwards is no tax base. */
static void more_was_billed(void **state)
{
    struct company company = {.dir = ""};
    json_t *result = NULL;
    (void)state;
    money_open(&company, MONEY_POLICY);
    taxed_invoices(&company);
    free(money_post(&company, "maria", credit(&company, "X-2", NULL, "120.00"), NULL));
    json_t *up = company_correction(&company, "10442", "X-2", "12.00", "up");
    char *number = money_post(&company, "maria", up, &result);
    money_lines_are(result, "cr 4000 10.00; cr 2200 2.00; dr 1200 12.00");
    json_decref(result);
    json_t *fee = money_adjustment(&company, "finance", "LATE_FEE", "up", "3.00");
    json_object_set_new(json_array_get(json_object_get(fee, "allocations"), 0), "invoice", text("X-2"));
    free(money_post(&company, "maria", fee, NULL));
    money_open_is(&company, "X-2", 1500);
    expect_answer(maria(&company, credit(&company, "X-2", NULL, "15.00")), "refused", "C-35", "over-code");
    free(money_post(&company, "maria",
                    company_with(credit(&company, "X-2", NULL, "12.00"), "links",
                                 json_pack("[{s:s, s:s}]", "document", number, "rel", "duplicate-of")),
                    &result));
    money_lines_are(result, "dr 4000 10.00; dr 2200 2.00; cr 1200 12.00");
    json_decref(result);
    expect_answer(maria(&company, credit(&company, "X-2", NULL, "0.01")), "refused", "C-35", "over-code");
    free(number);
    company_close(&company);
}

/* A correction that states its split, of one code. */
static json_t *correcting(struct company *company, const char *invoice, const char *amount, const char *direction,
                          json_t *taxes)
{
    return company_with(company_correction(company, "10442", invoice, amount, direction), "taxes", taxes);
}

/* What a correction downwards states is held for it while it waits, and is its own when it is posted; one upwards holds
 * nothing. */
static void a_stated_correction_takes_once(void **state)
{
    struct company company = {.dir = ""};
    json_t *result = NULL;
    (void)state;
    money_open(&company, MONEY_POLICY);
    taxed_invoices(&company);
    char *up = company_wait(
        &company, "joe",
        correcting(&company, "X-2", "600.00", "up", json_pack("[o]", tax("SALES_TAX", "500.00", "100.00"))));
    json_t *whole =
        correcting(&company, "X-2", "120.00", "down", json_pack("[o]", tax("SALES_TAX", "100.00", "20.00")));
    char *down = company_wait(&company, "maria", whole);
    expect_answer(maria(&company, credit(&company, "X-2", NULL, "0.01")), "refused", "C-35", "over-credit");
    result = company_approve(&company, "ana", down, 1);
    money_lines_are(result, "dr 4000 100.00; dr 2200 20.00; cr 1200 120.00");
    json_decref(result);
    money_open_is(&company, "X-2", 0);
    free(up);
    free(down);
    company_close(&company);
}

/* An amount on a line of an invoice: shares of it that are left, and what its net and tax take of them. */
static void a_line_takes_within_its_code(void **state)
{
    static const struct {
        const char *net, *tax, *code; /* of the line */
        int net_left, tax_left;       /* of SALES_TAX; of NONE 5000 and 0 are left */
        int amount;
        int net_part, tax_part, none_part;
    } rows[] = {
        {"100.00", "20.00", "SALES_TAX", 10000, 2000, 1200, 1000, 200, 0}, /* in its own proportion */
        {"100.00", "20.00", "SALES_TAX", 10000, 100, 1200, 1100, 100, 0},  /* no more tax than is left */
        {"100.00", "20.00", "SALES_TAX", 900, 2000, 1200, 900, 300, 0},    /* no more net than is left */
        {"100.00", "20.00", "SALES_TAX", 900, 300, 1200, 900, 300, 0},     /* just all of it */
        {"100.00", "20.00", "SALES_TAX", 900, 299, 1200, 174, 58, 968},    /* too much: split as the rest is */
        {"0.00", "0.00", "SALES_TAX", 10000, 2000, 1200, 706, 141, 353},   /* a line of nothing */
        {"100.00", "20.00", "SALES_TAX", 10000, -1, 1200, 800, 0, 400},    /* an overdrawn code */
        {"100.00", "20.00", "OTHER", 10000, 2000, 1200, 706, 141, 353},    /* a code that the invoice has not */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tax_shares parts;
        struct err err = {.text = ""};
        json_t *invoice = json_pack("{s:s, s:[i, i, i, i], s:[o, o], s:[{s:s, s:s, s:s, s:s}]}", "currency", "USD",
                                    "credited", 10000 - rows[i].net_left, 2000 - rows[i].tax_left, 0, 0, "taxes",
                                    tax("SALES_TAX", "100.00", "20.00"), tax("NONE", "50.00", "0.00"), "lines", "code",
                                    rows[i].code, "line", "1", "net", rows[i].net, "tax", rows[i].tax);
        const struct tax_taking taking = {.amount_minor = rows[i].amount, .line = "1"};
        assert_int_equal(tax_shares_take(invoice, &taking, &parts, &err), STATUS_OK);
        if (parts.minor[0] != rows[i].net_part || parts.minor[1] != rows[i].tax_part ||
            parts.minor[2] != rows[i].none_part || parts.minor[3] != 0)
            fail_msg("row %zu: %lld %lld %lld %lld", i, (long long)parts.minor[0], (long long)parts.minor[1],
                     (long long)parts.minor[2], (long long)parts.minor[3]);
        json_decref(invoice);
    }
}

/* What is left of a code may be more than 64 bits hold together: then the line has no room of its own to be held to. */
static void shares_have_bounds(void **state)
{
    (void)state;
    struct tax_shares left;
    struct err err = {.text = ""};
    json_t *taxes = json_array(), *invoice = json_pack("{s:s, s:o}", "currency", "USD", "taxes", taxes);
    for (size_t i = 0; i < TAX_CODES_MAX; i++)
        json_array_append_new(taxes, tax("SALES_TAX", "1.00", "0.20"));
    assert_int_equal(tax_shares_left(invoice, &left, &err), STATUS_OK);
    assert_int_equal(left.count, TAX_SHARES_MAX);
    json_array_append_new(taxes, tax("SALES_TAX", "1.00", "0.20"));
    assert_int_equal(tax_shares_left(invoice, &left, &err), STATUS_LIMIT);
    assert_string_equal(err.text, "an invoice has more than 64 tax codes");
    json_decref(invoice);
    struct tax_shares parts;
    const struct tax_taking taking = {.amount_minor = 1200, .line = "1"};
    invoice = json_pack("{s:s, s:[o], s:[{s:s, s:s, s:s, s:s}]}", "currency", "USD", "taxes",
                        tax("SALES_TAX", LARGEST, "0.01"), "lines", "code", "SALES_TAX", "line", "1", "net", "1.00",
                        "tax", "1.00");
    assert_int_equal(tax_shares_take(invoice, &taking, &parts, &err), STATUS_OK);
    assert_true(parts.minor[0] + parts.minor[1] == 1200 && parts.loose_minor == 0);
    assert_int_equal(parts.minor[1], 0); /* in proportion to what is left, not to the line */
    json_decref(invoice);
}

/* A code that was billed at nothing bears neither net nor tax, upwards as little as downwards. */
static void a_code_of_nothing_stays_at_nothing(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    json_t *record = company_invoice("Z-1", "10442", "100.00", "20.00", "120.00");
    json_array_append_new(json_object_get(record, "taxes"), tax("NONE", "0.00", "0.00"));
    json_t *nothing = company_invoice("Z-2", "10442", "0.00", "0.00", "0.00");
    money_file(&company, "feedi", "invoices", 2, "120.00", json_pack("[o, o]", record, nothing));
    expect_answer(
        maria(&company, correcting(&company, "Z-1", "10.00", "up", json_pack("[o]", tax("NONE", "10.00", "0.00")))),
        "refused", "C-36", "ratio");
    /* An invoice of nothing, that a correction raised, can be credited again. */
    char *number = money_post(&company, "maria", company_correction(&company, "10442", "Z-2", "10.00", "up"), NULL);
    json_t *again = company_with(credit(&company, "Z-2", NULL, "10.00"), "links",
                                 json_pack("[{s:s, s:s}]", "document", number, "rel", "duplicate-of"));
    free(money_post(&company, "maria", again, NULL));
    money_open_is(&company, "Z-2", 0);
    free(number);
    company_close(&company);
}

/* A reversed rise can leave a code overdrawn; the others are credited all the same. */
static void an_overdrawn_code_is_no_other_codes_matter(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    json_t *record = company_invoice("O-1", "10442", "100.00", "0.00", "200.00");
    json_array_append_new(json_object_get(record, "taxes"), tax("NONE", "100.00", "0.00"));
    money_file(&company, "feedi", "invoices", 2, "200.00", json_pack("[o]", record));
    json_t *taking = json_pack("[o]", tax("SALES_TAX", "100.00", "0.00"));
    free(money_post(&company, "maria", company_with(credit(&company, "O-1", NULL, "100.00"), "taxes", taking), NULL));
    char *up = money_post(&company, "maria", company_correction(&company, "10442", "O-1", "80.00", "up"), NULL);
    taking = json_pack("[o]", tax("SALES_TAX", "40.00", "0.00"));
    free(money_post(&company, "maria", company_with(credit(&company, "O-1", NULL, "40.00"), "taxes", taking), NULL));
    free(money_post(&company, "maria", company_reversal(&company, up), NULL));
    money_open_is(&company, "O-1", 6000);
    taking = json_pack("[o]", tax("SALES_TAX", "0.01", "0.00"));
    expect_answer(maria(&company, company_with(credit(&company, "O-1", NULL, "0.01"), "taxes", taking)), "refused",
                  "C-35", "over-code");
    taking = json_pack("[o]", tax("NONE", "10.00", "0.00"));
    free(money_post(&company, "maria", company_with(credit(&company, "O-1", NULL, "10.00"), "taxes", taking), NULL));
    money_open_is(&company, "O-1", 5000);
    free(up);
    company_close(&company);
}

static void forms_are_checked(void **state)
{
    struct company company = {.dir = ""};
    struct err err;
    (void)state;
    money_open(&company, MONEY_POLICY);
    static const struct {
        const char *amount, *net, *tax, *wrong;
    } rows[] = {{"12.00", "10.00", "2.01", "add up"}, {"12.00", "10.0", "2.00", "2 digits"},
                {"12.00", "-0.00", "12.00", "-0"},    {"12.00", "-1.00", "13.00", "zero or more"},
                {"0.01", "0.00", "0.00", "above"},    {"12.00", "10.00", "2", "2 digits"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *document =
            stating(&company, rows[i].amount, json_pack("[o]", tax("SALES_TAX", rows[i].net, rows[i].tax)));
        assert_int_equal(kind_check_document(document, "documents[0]", &err), STATUS_INPUT);
        if (strstr(err.text, rows[i].wrong) == NULL)
            fail_msg("%s", err.text);
        json_decref(document);
    }
    json_t *twice =
        stating(&company, "2.00", json_pack("[o, o]", tax("NONE", "1.00", "0.00"), tax("NONE", "1.00", "0.00")));
    assert_int_equal(kind_check_document(twice, "documents[0]", &err), STATUS_INPUT);
    json_decref(twice);
    json_t *several = company_money(&company, "credit-note", "10442", "2.00", "PRICE_ERR", "price-sheet");
    company_allocate(company_allocate(several, "X-1", NULL, "1.00"), "X-2", NULL, "1.00");
    company_with(several, "taxes", json_pack("[o]", tax("NONE", "2.00", "0.00")));
    assert_int_equal(kind_check_document(several, "documents[0]", &err), STATUS_INPUT);
    json_decref(several);
    company_close(&company);
}

struct thirds {
    const char *policy, *currency;
    const char *limit, *gross, *net, *tax, *third, *wrong; /* wrong: a digit too many or too few */
    const char *lines[3];
};

/* A company in another currency: an invoice credited in thirds, to the last minor unit. */
static void thirds_in(const struct thirds *thirds)
{
    struct company company = {.dir = ""};
    const struct company_file masters = {.user = "feedc", .feed = "customers", .sequence = 2};
    json_t *links = json_array();
    struct err err;
    money_open(&company, thirds->policy);
    json_t *customer = company_with(company_customer("K-1", "K-1"), "currency", text(thirds->currency));
    expect_done(
        company_feed(&company, &masters, json_pack("[o]", company_with(customer, "limit", text(thirds->limit)))),
        "closed");
    json_t *manifest = json_pack("{s:i, s:s, s:i, s:s}", "count", 1, "currency", thirds->currency, "sequence", 2,
                                 "total", thirds->gross);
    json_decref(company_do(&company, "feedi", VERB_FEED,
                           json_pack("{s:s, s:s, s:o, s:b, s:i, s:[o]}", "entity", "US01", "feed", "invoices", "file",
                                     manifest, "last", 1, "part", 1, "records",
                                     company_invoice("K-100", "K-1", thirds->net, thirds->tax, thirds->gross))));
    /* A third of the invoice under an amount of all of it. */
    json_t *short_of = company_money(&company, "credit-note", "K-1", thirds->gross, "PRICE_ERR", "price-sheet");
    company_with(company_allocate(short_of, "K-100", NULL, thirds->third), "currency", text(thirds->currency));
    expect_answer(maria(&company, short_of), "refused", "C-11", "not-the-sum");
    for (size_t i = 0; i < 3; i++) {
        json_t *result = NULL;
        json_t *note = company_money(&company, "credit-note", "K-1", thirds->third, "PRICE_ERR", "price-sheet");
        company_with(company_allocate(note, "K-100", NULL, thirds->third), "currency", text(thirds->currency));
        char *number = money_post(&company, "maria", company_with(note, "links", json_deep_copy(links)), &result);
        json_array_append_new(links, json_pack("{s:s, s:s}", "document", number, "rel", "duplicate-of"));
        money_lines_are(result, thirds->lines[i]);
        json_decref(result);
        free(number);
    }
    money_open_is(&company, "K-100", 0);
    json_t *wrong = company_money(&company, "credit-note", "K-1", thirds->wrong, "PRICE_ERR", "price-sheet");
    company_with(company_allocate(wrong, "K-100", NULL, thirds->wrong), "currency", text(thirds->currency));
    assert_int_equal(kind_check_document(wrong, "documents[0]", &err), STATUS_INPUT);
    json_decref(wrong);
    json_decref(links);
    company_close(&company);
}

static void yen_have_no_decimals(void **state)
{
    (void)state;
    thirds_in(&(const struct thirds){.policy = "tests/policies/money_jpy.yaml",
                                     .currency = "JPY",
                                     .limit = "100000",
                                     .gross = "111",
                                     .net = "101",
                                     .tax = "10",
                                     .third = "37",
                                     .wrong = "1.0",
                                     .lines = {"dr 4000 34; dr 2200 3; cr 1200 37", "dr 4000 34; dr 2200 3; cr 1200 37",
                                               "dr 4000 33; dr 2200 4; cr 1200 37"}});
}

static void dinars_have_three(void **state)
{
    (void)state;
    thirds_in(&(const struct thirds){.policy = "tests/policies/money_kwd.yaml",
                                     .currency = "KWD",
                                     .limit = "1000.000",
                                     .gross = "1.200",
                                     .net = "1.000",
                                     .tax = "0.200",
                                     .third = "0.400",
                                     .wrong = "1.00",
                                     .lines = {"dr 4000 0.333; dr 2200 0.067; cr 1200 0.400",
                                               "dr 4000 0.334; dr 2200 0.066; cr 1200 0.400",
                                               "dr 4000 0.333; dr 2200 0.067; cr 1200 0.400"}});
}

/* Amounts at the edge of 64 bits are counted, or refused; sums beyond it never wrap. */
static void amounts_at_the_edge(void **state)
{
    struct company company = {.dir = ""};
    struct err err;
    (void)state;
    money_open(&company, MONEY_POLICY);
    money_file(&company, "feedc", "customers", 2, NULL, json_pack("[o]", company_customer("L-1", "L-1")));
    money_file(&company, "feedi", "invoices", 2, LARGEST,
               json_pack("[o]", company_invoice("E-1", "L-1", LARGEST, "0.00", LARGEST)));
    char *waits = company_wait(&company, "maria", company_credit_note(&company, "L-1", "E-1", LARGEST));
    expect_answer(maria(&company, company_credit_note(&company, "L-1", "E-1", "0.01")), "refused", "C-06",
                  "sum-too-large");
    expect_answer(maria(&company, company_credit_note(&company, "16446", "581483", "0.01")), "refused", "C-08",
                  "sum-too-large");
    json_t *too_large = company_credit_note(&company, "L-1", "E-1", "92233720368547758.08");
    assert_int_equal(kind_check_document(too_large, "documents[0]", &err), STATUS_LIMIT);
    json_decref(too_large);
    json_t *zero = company_credit_note(&company, "L-1", "E-1", "-0.00");
    assert_int_equal(kind_check_document(zero, "documents[0]", &err), STATUS_INPUT);
    json_decref(zero);
    /* Net and tax that are too large together. */
    json_t *taxes = json_pack("[o]", tax("SALES_TAX", LARGEST, "0.01"));
    json_t *sum = company_with(company_credit_note(&company, "L-1", "E-1", LARGEST), "taxes", taxes);
    assert_int_equal(kind_check_document(sum, "documents[0]", &err), STATUS_LIMIT);
    json_decref(sum);
    free(waits);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounding_leaves_nothing),
        cmocka_unit_test(lines_have_their_own_tax),
        cmocka_unit_test(stated_splits_keep_the_ratio),
        cmocka_unit_test(tax_alone_takes_its_own_reason),
        cmocka_unit_test(more_was_billed),
        cmocka_unit_test(a_stated_correction_takes_once),
        cmocka_unit_test(a_line_takes_within_its_code),
        cmocka_unit_test(shares_have_bounds),
        cmocka_unit_test(a_code_of_nothing_stays_at_nothing),
        cmocka_unit_test(an_overdrawn_code_is_no_other_codes_matter),
        cmocka_unit_test(forms_are_checked),
        cmocka_unit_test(yen_have_no_decimals),
        cmocka_unit_test(dinars_have_three),
        cmocka_unit_test(amounts_at_the_edge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

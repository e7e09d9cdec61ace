/*
 * A company lives for a year: 365 days of feeds, corrections of every kind, limits, disputes, closes, a new policy, an
 * entity acquired, people who come, move and leave. Whatever kind of document this engine has, the year brings at least one
 * of it into force. At the end everything is judged and folded again.
 *
 * COUNTERSIGN_YEAR=<seed>:<days> takes another walk; COUNTERSIGN_YEAR_SHOW=1 tells what the days' documents were refused for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controls/kind.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "tests/support/company_check.h"
#include "tests/support/golden.h"
#include "tests/support/year.h"

enum { DAYS = 365, CHECK_EVERY = 61 };

static json_t *text(const char *value)
{
    return json_string(value);
}

/* A document of a kind with more members, which are stolen. */
static json_t *document_of(struct year *year, const char *kind, json_t *more)
{
    json_t *document = company_document(&year->company, kind);
    assert_non_null(more);
    json_object_update(document, more);
    json_decref(more);
    return document;
}

static json_t *linked(json_t *document, const char *rel, const char *number)
{
    return company_with(document, "links", json_pack("[{s:s, s:s}]", "document", number, "rel", rel));
}

static const char *biller(struct year *year)
{
    static const char *const billers[] = {"maria", "joe", "maria", "mia", "lena", "bot1"};
    const char *one = billers[year_below(year, 6)];
    return strcmp(one, "lena") == 0 && year->day > 240 ? "joe" : one;
}

/* A name with a number that no other has. Lends until the next call. */
static const char *fresh(struct year *year, const char *prefix)
{
    static char name[32];
    snprintf(name, sizeof name, "%s-%u", prefix, ++year->ids);
    return name;
}

static void settled(struct year *year, const char *name, char *number)
{
    if (number != NULL && name != NULL)
        year_note(year, name, number);
    free(number);
}

/* ---- feeds ---- */

static json_t *invoice_record(struct year *year, const char *invoice, const char *customer, int64_t net)
{
    char date[16], due[16], texts[3][YEAR_AMOUNT_BYTES];
    json_t *record = company_invoice(invoice, customer, year_amount(net, texts[0]), year_amount(net / 10, texts[1]),
                                     year_amount(net + net / 10, texts[2]));
    company_with(record, "date", text(year_date(year, 0, date)));
    return company_with(record, "due", text(year_date(year, 30, due)));
}

static void feed_invoices(struct year *year)
{
    json_t *records = json_array();
    int64_t total = 0;
    for (unsigned i = 0; i < 1 + year_below(year, 2); i++) {
        const char *invoice = fresh(year, "I");
        size_t count = json_array_size(year->payers);
        const char *customer = json_string_value(json_array_get(year->payers, year_below(year, (unsigned)count)));
        int64_t net = 1000 * (20 + (int64_t)year_below(year, 300));
        total += net + net / 10;
        json_array_append_new(records, invoice_record(year, invoice, customer, net));
        json_array_append_new(year->invoices, json_pack("{s:s, s:s}", "customer", customer, "invoice", invoice));
    }
    year_feed(year, "feedi", "invoices", total, true, records);
}

static void feed_customers(struct year *year)
{
    const char *customer = fresh(year, "C");
    json_array_append_new(year->payers, text(customer));
    year_feed(year, "feedc", "customers", 0, false, json_pack("[o]", company_customer(customer, customer)));
}

/* Old debt of somebody who does not pay. */
static void feed_debtor(struct year *year)
{
    char invoice[32];
    const char *customer = fresh(year, "B");
    year_feed(year, "feedc", "customers", 0, false, json_pack("[o]", company_customer(customer, customer)));
    snprintf(invoice, sizeof invoice, "I-%s", customer);
    year_feed(year, "feedi", "invoices", 50000, true,
              json_pack("[o]", company_invoice(invoice, customer, "500.00", "0.00", "500.00")));
    json_array_append_new(year->debtors, text(customer));
}

static void feed_cash(struct year *year)
{
    char texts[2][YEAR_AMOUNT_BYTES], date[16];
    int64_t open = 0;
    json_t *invoice = year_invoice(year, 2000, &open);
    if (invoice == NULL)
        return;
    int64_t applied = year_below(year, 2) != 0 ? open : open / 2, over = year_below(year, 4) == 0 ? 7500 : 0;
    json_t *list =
        json_pack("[{s:s, s:s}]", "amount", year_amount(applied, texts[0]), "invoice", member_text(invoice, "invoice"));
    json_t *record =
        company_cash(fresh(year, "R"), member_text(invoice, "customer"), year_amount(applied + over, texts[1]), list);
    company_with(record, "date", text(year_date(year, 0, date)));
    if (over != 0)
        year_note(year, "on-account", member_text(invoice, "customer"));
    year_feed(year, "feedm", "cash", applied + over, true, json_pack("[o]", record));
    json_decref(invoice);
}

static void feed_contacts(struct year *year)
{
    json_t *records = json_array();
    char date[16];
    for (size_t i = 0; i < json_array_size(year->debtors); i++)
        json_array_append_new(records,
                              json_pack("{s:s, s:s, s:s, s:s, s:s}", "channel", "call", "contact", fresh(year, "T"),
                                        "customer", json_string_value(json_array_get(year->debtors, i)), "date",
                                        year_date(year, 0, date), "outcome", "reached"));
    year_feed(year, "feedt", "contacts", 0, false, records);
}

static json_t *event(const char *id, const char *change, const char *person, const char *date)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "change", change, "date", date, "event", id, "person", person);
}

/* Who reports to whom. */
static void feed_people(struct year *year)
{
    static const char *const lines[][2] = {
        {"P-11", "P-21"}, {"P-12", "P-21"}, {"P-61", "P-21"}, {"P-62", "P-21"}, {"P-84", "P-21"}, {"P-13", "P-22"},
        {"P-64", "P-22"}, {"P-14", "P-71"}, {"P-65", "P-71"}, {"P-21", "P-23"}, {"P-22", "P-27"}, {"P-23", "P-24"},
        {"P-27", "P-28"}, {"P-24", "P-25"}, {"P-28", "P-25"}, {"P-71", "P-72"}, {"P-72", "P-73"}, {"P-73", "P-25"},
        {"P-25", "P-26"}, {"P-26", NULL},   {"P-51", "P-25"}, {"P-52", "P-25"}, {"P-63", "P-25"}, {"P-01", NULL},
        {"P-02", NULL},   {"P-03", NULL},   {"P-74", "P-75"}, {"P-75", "P-76"}, {"P-76", "P-25"},
    };
    json_t *records = json_array();
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char id[16];
        snprintf(id, sizeof id, "EV-%zu", i);
        json_t *joins = event(id, "join", lines[i][0], "2025-12-01");
        if (lines[i][1] != NULL)
            company_with(joins, "manager", text(lines[i][1]));
        json_array_append_new(records, joins);
    }
    year_feed(year, "feedp", "people", 0, false, records);
}

/* ---- money ---- */

static json_t *money(struct year *year, const char *kind, const json_t *invoice, int64_t amount, const char *reason)
{
    static const char *const evidence[][2] = {
        {"PRICE_ERR", "price-sheet"}, {"QTY", "delivery-note"},        {"SERVICE", "ticket"},
        {"METER", "meter-log"},       {"DISCOUNT_ADJ", "remittance"},  {"SMALL_ADJ", "aging"},
        {"FX_DIFF", "remittance"},    {"CREDIT_BAL", "search-letter"}, {"TIME_BARRED", "counsel-opinion"},
        {"BAD_DEBT", "dunning-log"},  {"RECOVERED", "remittance"},
    };
    const char *sort = "correspondence";
    char words[YEAR_AMOUNT_BYTES];
    for (size_t i = 0; i < sizeof evidence / sizeof evidence[0]; i++)
        if (strcmp(evidence[i][0], reason) == 0)
            sort = evidence[i][1];
    return company_money(&year->company, kind, member_text(invoice, "customer"), year_amount(amount, words), reason,
                         sort);
}

static json_t *on_invoice(json_t *document, const json_t *invoice, int64_t amount)
{
    char words[YEAR_AMOUNT_BYTES];
    return company_allocate(document, member_text(invoice, "invoice"), NULL, year_amount(amount, words));
}

/* An odd amount, so that no two documents look alike. */
static int64_t some_of(struct year *year, int64_t open)
{
    int64_t most = open < 40000 ? open : year_below(year, 8) == 0 ? open : 40000;
    return 100 + year_below(year, (unsigned)(most - 100));
}

static json_t *a_credit_note(struct year *year)
{
    static const char *const reasons[] = {"PRICE_ERR", "QTY", "SERVICE", "GOODWILL"};
    int64_t open = 0;
    json_t *invoice = year_invoice(year, 2000, &open);
    if (invoice == NULL)
        return NULL;
    const char *reason = reasons[year_below(year, 4)];
    int64_t amount = some_of(year, open);
    json_t *document = on_invoice(money(year, "credit-note", invoice, amount, reason), invoice, amount);
    if (strcmp(reason, "GOODWILL") == 0)
        company_with(document, "note", text("the customer was kept waiting for months"));
    json_decref(invoice);
    return document;
}

static void credit_note(struct year *year)
{
    json_t *document = a_credit_note(year);
    if (document != NULL)
        settled(year, "credit-note", year_settle(year, biller(year), document));
}

/* On two invoices of one customer, or with a rest on account. */
static void credit_note_wide(struct year *year)
{
    int64_t open = 0, other_open = 0;
    char words[YEAR_AMOUNT_BYTES];
    json_t *invoice = year_invoice(year, 3000, &open), *other = NULL;
    for (int i = 0; i < 20 && invoice != NULL && other == NULL; i++) {
        other = year_invoice(year, 3000, &other_open);
        if (other != NULL && (strcmp(member_text(other, "customer"), member_text(invoice, "customer")) != 0 ||
                              strcmp(member_text(other, "invoice"), member_text(invoice, "invoice")) == 0)) {
            json_decref(other);
            other = NULL;
        }
    }
    if (invoice != NULL) {
        int64_t first = 1000 + year_below(year, 1000), second = 1000 + year_below(year, 1000);
        json_t *document = on_invoice(money(year, "credit-note", invoice, first + second, "PRICE_ERR"), invoice, first);
        bool two = other != NULL && strcmp(member_text(other, "invoice"), member_text(invoice, "invoice")) > 0;
        if (two)
            on_invoice(document, other, second);
        else
            company_with(document, "on_account", text(year_amount(second, words)));
        settled(year, two ? "on-two" : "on-account-note", year_settle(year, "maria", document));
    }
    json_decref(other);
    json_decref(invoice);
}

static void correction(struct year *year)
{
    int64_t open = 0;
    json_t *invoice = year_invoice(year, 2000, &open);
    if (invoice == NULL)
        return;
    bool up = year_below(year, 3) == 0;
    int64_t amount = some_of(year, open);
    json_t *document = on_invoice(money(year, "correction", invoice, amount, "QTY"), invoice, amount);
    company_with(document, "direction", text(up ? "up" : "down"));
    settled(year, up ? "correction-up" : "correction",
            year_settle(year, biller(year), company_with(document, "field", text("quantity"))));
    json_decref(invoice);
}

/* Old debt: by the book once it is half a year due, before that as time-barred now and then. */
static void write_off(struct year *year)
{
    char invoice[32];
    size_t count = json_array_size(year->debtors);
    if (count == 0)
        return;
    const char *customer = json_string_value(json_array_get(year->debtors, year_below(year, (unsigned)count)));
    snprintf(invoice, sizeof invoice, "I-%s", customer);
    json_t *record = company_invoice_record(&year->company, invoice);
    int64_t free_ = member_integer(record, "open") - member_integer(record, "pending");
    if (free_ > 0) {
        int64_t amount = year->day > 180 || free_ < 20000 ? free_ : free_ / 2;
        json_t *document = money(year, "write-off", record, amount, year->day > 180 ? "BAD_DEBT" : "TIME_BARRED");
        on_invoice(company_with(document, "method", text("allowance")), record, amount);
        char *number = year_settle(year, "cora", document);
        if (number != NULL)
            year_note(year, "written-off-of", invoice);
        if (number != NULL && year->day > 180)
            year_note(year, "bad-debt", number);
        settled(year, "write-off", number);
    }
    json_decref(record);
}

/* The debtor pays after all, some of it. */
static void recovery(struct year *year)
{
    const char *off = year_noted(year, "write-off"), *of = year_noted(year, "written-off-of");
    char date[16], receipt[32];
    if (off == NULL)
        return;
    json_t *invoice = company_invoice_record(&year->company, of);
    snprintf(receipt, sizeof receipt, "%s", fresh(year, "R"));
    json_t *record = company_cash(receipt, member_text(invoice, "customer"), "40.00", json_array());
    company_with(record, "date", text(year_date(year, 0, date)));
    year_feed(year, "feedm", "cash", 4000, true, json_pack("[o]", record));
    json_t *document = on_invoice(money(year, "recovery", invoice, 4000, "RECOVERED"), invoice, 4000);
    company_with(company_with(document, "recovers", text(off)), "receipt", text(receipt));
    settled(year, "recovery", year_settle(year, "cora", document));
    json_decref(invoice);
}

static void adjustment(struct year *year)
{
    static const char *const rows[][3] = {{"finance", "LATE_FEE", "down"},     {"finance", "LATE_FEE", "up"},
                                          {"freight", "FREIGHT_ADJ", "down"},  {"discount", "DISCOUNT_ADJ", "down"},
                                          {"fx", "FX_DIFF", "down"},           {"fx", "FX_DIFF", "up"},
                                          {"small-balance", "SMALL_ADJ", "up"}};
    int64_t open = 0;
    json_t *invoice = year_invoice(year, 3000, &open);
    const char *const *row = rows[year_below(year, 7)];
    if (invoice == NULL)
        return;
    int64_t amount = 500 + year_below(year, 2000);
    json_t *document = on_invoice(money(year, "adjustment", invoice, amount, row[1]), invoice, amount);
    company_with(company_with(document, "charge", text(row[0])), "direction", text(row[2]));
    settled(year, "adjustment", year_settle(year, biller(year), document));
    json_decref(invoice);
}

/* A credit balance given up. */
static void credit_balance(struct year *year)
{
    const char *customer = year_noted(year, "on-account");
    if (customer == NULL)
        return;
    json_t *of = json_pack("{s:s}", "customer", customer);
    json_t *document = money(year, "adjustment", of, 1000 + year_below(year, 1000), "CREDIT_BAL");
    settled(year, "credit-balance",
            year_settle(year, "maria", company_with(document, "charge", text("credit-balance"))));
    json_decref(of);
}

static void reversal(struct year *year)
{
    static const char *const names[] = {"credit-note", "correction", "adjustment", "on-two", "credit-balance"};
    const char *number = year_noted(year, names[year_below(year, 5)]);
    if (number == NULL)
        return;
    json_t *document = company_reversal(&year->company, number);
    settled(year, "reversal",
            year_settle(year, biller(year),
                        company_with(document, "evidence",
                                     json_pack("[o]", company_evidence(&year->company, "correspondence")))));
}

/* Credited whole, billed anew, and closed by the invoice that the feed brings. */
static void rebill(struct year *year)
{
    int64_t open = 0;
    char date[16], due[16], words[YEAR_AMOUNT_BYTES], ref[32], invoice_id[32];
    json_t *invoice = year_invoice(year, 5000, &open);
    if (invoice == NULL)
        return;
    const char *customer = member_text(invoice, "customer");
    snprintf(ref, sizeof ref, "%s", fresh(year, "RB-REF"));
    json_t *document = on_invoice(money(year, "rebill", invoice, open, "PRICE_ERR"), invoice, open);
    company_with(document, "invoice",
                 json_pack("{s:s, s:s, s:s, s:s, s:s, s:[{s:s, s:s, s:s}]}", "customer", customer, "date",
                           year_date(year, 0, date), "due", year_date(year, 30, due), "gross",
                           year_amount(open - 1000, words), "ref", ref, "taxes", "code", "SALES_TAX", "net", words,
                           "tax", "0.00"));
    char *number = year_settle(year, "joe", document);
    if (number != NULL) {
        snprintf(invoice_id, sizeof invoice_id, "%s", fresh(year, "I"));
        json_t *record = company_invoice(invoice_id, customer, words, "0.00", words);
        company_with(company_with(record, "date", text(date)), "due", text(due));
        year_feed(year, "feedi", "invoices", open - 1000, true,
                  json_pack("[o]", company_with(record, "rebills", text(ref))));
        json_array_append_new(year->invoices, json_pack("{s:s, s:s}", "customer", customer, "invoice", invoice_id));
    }
    settled(year, "rebill", number);
    json_decref(invoice);
}

/* ---- meters: 0.10 a click, nothing allowed; every other month's read was wrong by 100 clicks ---- */

static json_t *read_of(const char *id, const char *date, int64_t value, const char *invoice)
{
    json_t *record = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "contract", "K-1", "date", date, "device", "SN1",
                               "meter", "bw", "read", id, "source", "remote", "value", (json_int_t)value);
    return invoice != NULL ? company_with(record, "invoice", text(invoice)) : record;
}

static void contract(struct year *year)
{
    char date[16];
    year_feed(year, "feedr", "contracts", 0, false,
              json_pack("[{s:s, s:s, s:s, s:s, s:[{s:i, s:s, s:s, s:s}], s:[]}]", "contract", "K-1", "currency", "USD",
                        "customer", "10442", "from", "2025-12-01", "meters", "allowance", 0, "device", "SN1", "meter",
                        "bw", "rate", "0.1", "pools"));
    year_feed(year, "feedr", "reads", 0, false,
              json_pack("[o]", read_of("A-0", year_date(year, 0, date), 10000, NULL)));
    json_object_set_new(year->numbers, "counter", json_integer(10000));
    json_object_set_new(year->numbers, "reads", json_integer(0));
}

static void meter_correct(struct year *year, const char *read, const char *invoice, int64_t value, int64_t billed)
{
    bool up = year_below(year, 2) != 0;
    char words[2][YEAR_AMOUNT_BYTES];
    json_t *of = json_pack("{s:s, s:s}", "customer", "10442", "invoice", invoice);
    json_t *document = on_invoice(money(year, "correction", of, 1000, "METER"), of, 1000);
    company_with(company_with(document, "direction", text(up ? "up" : "down")), "field", text("meter"));
    company_with(document, "contract", text("K-1"));
    company_with(document, "reads",
                 json_pack("[{s:s, s:s, s:I}]", "read", read, "source", "technician", "value",
                           (json_int_t)(up ? value + 100 : value - 100)));
    company_with(document, "charges",
                 json_pack("[{s:s, s:s, s:s, s:s, s:s}]", "billed", year_amount(billed, words[0]), "corrected",
                           year_amount(up ? billed + 1000 : billed - 1000, words[1]), "device", "SN1", "invoice",
                           invoice, "meter", "bw"));
    settled(year, up ? "meter-up" : "meter-down", year_settle(year, "maria", document));
    json_decref(of);
}

static void meter(struct year *year)
{
    char read[32], invoice[32], date[16], due[16], words[YEAR_AMOUNT_BYTES];
    int64_t clicks = 1000 + 10 * (int64_t)year_below(year, 100), billed = clicks * 10;
    json_int_t value = json_integer_value(json_object_get(year->numbers, "counter")) + (json_int_t)clicks;
    json_int_t number = json_integer_value(json_object_get(year->numbers, "reads")) + 1;
    json_object_set_new(year->numbers, "counter", json_integer(value));
    json_object_set_new(year->numbers, "reads", json_integer(number));
    snprintf(read, sizeof read, "A-%lld", (long long)number);
    snprintf(invoice, sizeof invoice, "M-%lld", (long long)number);
    json_t *record = company_invoice(invoice, "10442", year_amount(billed, words), "0.00", words);
    company_with(company_with(record, "date", text(year_date(year, 0, date))), "due", text(year_date(year, 30, due)));
    year_feed(year, "feedi", "invoices", billed, true, json_pack("[o]", record));
    year_feed(year, "feedr", "reads", 0, false, json_pack("[o]", read_of(read, date, value, invoice)));
    if (number % 2 == 1)
        meter_correct(year, read, invoice, value, billed);
}

/* ---- credit ---- */

/* What the books have as the permanent limit of a customer; lends until the next call. */
static const char *limit_of(struct year *year, const char *customer)
{
    static char words[YEAR_AMOUNT_BYTES];
    struct books_key key = books_key_pair("US01", customer);
    json_t *record = company_books(&year->company, BOOKS_CUSTOMERS, &key);
    snprintf(words, sizeof words, "%s", member_text(record, "limit_text"));
    json_decref(record);
    return words;
}

static void limit(struct year *year)
{
    char words[YEAR_AMOUNT_BYTES];
    size_t count = json_array_size(year->payers);
    const char *customer = json_string_value(json_array_get(year->payers, year_below(year, (unsigned)count)));
    json_t *document =
        company_limit(&year->company, customer, year_amount(800000 + 10000 * (int64_t)year_below(year, 100), words));
    settled(year, "limit",
            year_settle(year, "adam", company_with(document, "previous", text(limit_of(year, customer)))));
}

static void temporary(struct year *year)
{
    char date[16], to[16];
    json_t *document = company_limit(&year->company, "16446", "30000.00");
    json_object_del(document, "review");
    company_with(company_with(document, "kind", text("temporary-limit")), "reason", text("CL_TEMP_ORDER"));
    company_with(document, "previous", text(limit_of(year, "16446")));
    company_with(document, "evidence", json_pack("[o]", company_evidence(&year->company, "order-confirmation")));
    company_with(company_with(document, "from", text(year_date(year, 0, date))), "to", text(year_date(year, 14, to)));
    settled(year, "temporary", year_settle(year, "adam", document));
}

static json_t *order(const char *id, const char *customer, const char *date, const char *state)
{
    return json_pack("[{s:s, s:s, s:s, s:s, s:s}]", "amount", "750.00", "customer", customer, "date", date, "order", id,
                     "state", state);
}

static void hold(struct year *year)
{
    char id[32], date[16], until[32];
    size_t count = json_array_size(year->payers);
    const char *customer = json_string_value(json_array_get(year->payers, year_below(year, (unsigned)count)));
    snprintf(id, sizeof id, "%s", fresh(year, "O"));
    year_feed(year, "feedo", "orders", 75000, true, order(id, customer, year_date(year, 0, date), "held"));
    json_t *of = json_pack("{s:s}", "customer", customer);
    json_t *document = money(year, "hold-release", of, 75000, "HOLD_REL_CRITICAL");
    json_object_del(document, "allocations");
    company_with(company_with(document, "order", text(id)), "expires", text(year_instant(year, 2, until)));
    char *number = year_settle(year, year_below(year, 3) == 0 ? "mia" : "alan", document);
    year_feed(year, "feedo", "orders", 75000, true,
              order(id, customer, date, number != NULL ? "delivered" : "cancelled"));
    settled(year, "hold", number);
    json_decref(of);
}

/* ---- cases ---- */

static bool moved(struct year *year, const char *user, const char *number, const char *state, json_t *more)
{
    json_t *document =
        document_of(year, "case-note", json_pack("{s:s, s:s, s:s}", "case", number, "entity", "US01", "state", state));
    if (more != NULL) {
        json_object_update(document, more);
        json_decref(more);
    }
    char *note = year_settle(year, user, document);
    bool done = note != NULL;
    free(note);
    return done;
}

static void dispute(struct year *year)
{
    int64_t open = 0;
    json_t *invoice = year_invoice(year, 2000, &open);
    if (invoice == NULL)
        return;
    json_t *document = document_of(year, "dispute",
                                   json_pack("{s:s, s:s, s:s, s:s, s:s}", "customer", member_text(invoice, "customer"),
                                             "entity", "US01", "invoice", member_text(invoice, "invoice"), "owner",
                                             "carla", "reason", "PRICE_ERR"));
    company_with(document, "evidence", json_pack("[o]", company_evidence(&year->company, "price-sheet")));
    char *number = year_settle(year, "maria", document);
    if (number != NULL) {
        moved(year, "carla", number, "ASSIGNED", json_pack("{s:s}", "owner", "carla"));
        moved(year, "carla", number, year_below(year, 2) != 0 ? "AWAIT_CUSTOMER" : "AWAIT_INTERNAL", NULL);
        json_t *credit = on_invoice(money(year, "credit-note", invoice, 1500, "PRICE_ERR"), invoice, 1500);
        char *settles = year_settle(year, "joe", linked(credit, "dispute", number));
        if (settles != NULL)
            moved(year, "carla", number, "RESOLVED",
                  json_pack("{s:s, s:s, s:s}", "outcome", "CREDIT_PARTIAL", "root_cause", "price", "settled_by",
                            settles));
        else
            moved(year, "carla", number, "RESOLVED", json_pack("{s:s}", "outcome", "INVALID_PAY"));
        moved(year, "cora", number, "CLOSED", NULL);
        free(settles);
    }
    settled(year, "dispute", number);
    json_decref(invoice);
}

static void inquiry(struct year *year)
{
    json_t *document = document_of(year, "inquiry",
                                   json_pack("{s:s, s:s, s:s, s:s}", "customer", "16447", "entity", "US01", "owner",
                                             "carla", "reason", "INQ_BILL"));
    char *number = year_settle(year, "cora", document);
    if (number != NULL) {
        moved(year, "carla", number, "RESOLVED", json_pack("{s:s}", "outcome", "ANSWERED"));
        moved(year, "cora", number, "CLOSED", NULL);
    }
    settled(year, "inquiry", number);
}

static void exception(struct year *year)
{
    json_t *document = document_of(year, "exception",
                                   json_pack("{s:s, s:s, s:s, s:s}", "about", "US01/customers/1", "entity", "US01",
                                             "owner", "carla", "reason", "EXC_FEED"));
    char *number = year_settle(year, "cora", document);
    if (number != NULL && !moved(year, "joe", number, "VOID", NULL))
        moved(year, "carla", number, "AWAIT_INTERNAL", NULL);
    settled(year, "exception", number);
}

/* ---- other ends than posting ---- */

static void ends(struct year *year)
{
    json_t *document = a_credit_note(year);
    if (document == NULL)
        return;
    char *number = year_wait(year, "joe", json_incref(document));
    if (number != NULL) {
        switch (year_below(year, 4)) {
        case 0:
            json_decref(company_end(&year->company, "joe", VERB_WITHDRAW, number));
            break;
        case 1:
            json_decref(company_end(&year->company, "ana", VERB_REJECT, number));
            break;
        case 2:
            json_decref(company_end(&year->company, "ana", VERB_RETURN, number));
            json_object_set_new(document, "note", text("looked at once more, with the price list at hand"));
            json_object_set_new(document, "ref", text(fresh(year, "again")));
            json_decref(company_amend(&year->company, "joe", number, json_deep_copy(document)));
            if (year_sign(year, number))
                year_note(year, "amended", number);
            break;
        default: /* nobody ever signs it: it lapses */
            year_note(year, "lapses", number);
        }
    }
    json_decref(document);
    free(number);
}

/* ---- periods ---- */

static json_t *period(struct year *year, const char *month, const char *state)
{
    return document_of(
        year, "period",
        json_pack("{s:s, s:s, s:s, s:s}", "entity", "US01", "period", month, "reason", "month end", "state", state));
}

/* The third closes the month before softly, the fourth has an exception, the sixth closes hard. */
static void periods(struct year *year)
{
    char date[16], month[16], last[16], until[32];
    int day_of_month = atoi(year_date(year, 0, date) + 8);
    if (day_of_month != 3 && day_of_month != 4 && day_of_month != 6)
        return;
    year_date(year, -7, month);
    year_date(year, -day_of_month, last);
    month[7] = '\0';
    if (day_of_month == 3) {
        free(year_settle(year, "cleo", period(year, month, "soft")));
    } else if (day_of_month == 6) {
        free(year_settle(year, "clive", period(year, month, "hard")));
    } else {
        json_t *document = period(year, month, "open");
        company_with(company_with(document, "user", text("maria")), "until", text(year_instant(year, 1, until)));
        free(year_settle(year, "cleo", document));
        json_t *late = a_credit_note(year);
        if (late != NULL)
            settled(year, "late", year_settle(year, "maria", company_with(late, "date", text(last))));
    }
}

/* ---- people and access ---- */

static void grants(struct year *year)
{
    static const char *const officers[] = {"olga", "oscar", "owen"};
    const char *officer = officers[year_below(year, 3)];
    char *number = year_settle(year, officer, company_grant_document(&year->company, "maria2", "READER"));
    if (number != NULL) {
        json_t *end =
            document_of(year, "revocation", json_pack("{s:s, s:s}", "grant", number, "reason", "no longer needed"));
        free(year_settle(year, officer, end));
    }
    settled(year, "grant", number);
}

static void rotation(struct year *year)
{
    static const char *const users[] = {"maria", "joe", "ana", "cora", "priya", "adam"};
    char name[32];
    struct company *company = &year->company;
    const char *user = users[year_below(year, 6)];
    snprintf(name, sizeof name, "%s", fresh(year, "key"));
    struct company_user *next = company_new_user(company, name), *old = company_user(company, user);
    json_t *document = document_of(year, "key-rotation",
                                   json_pack("{s:s, s:s, s:s}", "new", next->key, "old", old->key, "user", user));
    json_t *result =
        year_do(year, user, VERB_SUBMIT, json_pack("{s:b, s:[o]}", "atomic", 0, "documents", document), name);
    if (result_number(result) != NULL && year_sign(year, result_number(result))) {
        const struct company_user kept = *old;
        old->signer = next->signer;
        memcpy(old->key, next->key, sizeof old->key);
        next->signer = kept.signer;
        memcpy(next->key, kept.key, sizeof next->key);
    }
    json_decref(result);
}

static void key_lost(struct year *year)
{
    json_t *document = document_of(year, "key-revocation",
                                   json_pack("{s:s, s:s, s:s}", "key", company_user(&year->company, "nora")->key,
                                             "reason", "lost", "user", "nora"));
    free(year_settle(year, "owen", document));
}

static void delegation(struct year *year)
{
    char from[32], to[32];
    json_t *document = document_of(year, "delegation",
                                   json_pack("{s:s, s:s, s:[s], s:s, s:s, s:s}", "from_user", "ana", "to_user", "vera",
                                             "functions", "credit-note.approve.1", "from", year_instant(year, 0, from),
                                             "to", year_instant(year, 14, to), "reason", "leave"));
    settled(year, "delegation", year_settle(year, "ana", document));
}

/* vera signs for ana while she is away; once back, ana takes it away. */
static void delegate(struct year *year)
{
    const char *given = year_noted(year, "delegation");
    json_t *document = given != NULL ? a_credit_note(year) : NULL;
    if (document == NULL)
        return;
    char *number = year_wait(year, "joe", document);
    if (number != NULL) {
        json_t *record = company_record(&year->company, number);
        json_t *item =
            json_pack("{s:s, s:s, s:s, s:i, s:I}", "behalf", "ana", "content", member_text(record, "content"),
                      "document", number, "level", 1, "version", (json_int_t)member_integer(record, "version"));
        json_t *result = year_do(year, "vera", VERB_APPROVE, json_pack("{s:[o]}", "items", item), NULL);
        if (strcmp(result_outcome(result), "refused") != 0)
            year_note(year, "delegated", number);
        json_decref(result);
        json_decref(record);
        year_sign(year, number);
    }
    free(number);
    json_t *end = document_of(year, "revocation", json_pack("{s:s, s:s}", "grant", given, "reason", "back"));
    free(year_settle(year, "ana", end));
    json_object_del(year->numbers, "delegation");
}

static void mitigate(struct year *year)
{
    static const char *const pairs[] = {"CREDIT_PREPARE", "DISPUTE"};
    char until[32];
    for (size_t i = 0; i < 2; i++) {
        json_t *document = document_of(year, "mitigation",
                                       json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "a", "HOLD_RELEASE", "b",
                                                 pairs[i], "control", "MON-7", "owner", "P-24", "person", "P-62",
                                                 "reason", "Two people in this office", "reviewer", "P-23", "until",
                                                 year_instant(year, 170, until)));
        settled(year, pairs[i], year_settle(year, "olga", document));
    }
    char *number = year_settle(year, "olga", company_grant_document(&year->company, "mia", "CREDIT_ANALYST"));
    free(number);
}

static void mitigation_reviews(struct year *year)
{
    static const char *const pairs[] = {"CREDIT_PREPARE", "DISPUTE"};
    for (size_t i = 0; i < 2; i++) {
        const char *number = year_noted(year, pairs[i]);
        if (number == NULL)
            continue;
        struct books_key key = books_key(number);
        json_t *record = company_books(&year->company, BOOKS_MITIGATIONS, &key);
        json_int_t uses = (json_int_t)member_integer(record, "uses");
        if (uses > json_integer_value(json_object_get(record, "answered")))
            free(year_settle(year, "priya",
                             document_of(year, "mitigation-review",
                                         json_pack("{s:s, s:s, s:I}", "conclusion", "Looked at each; in order",
                                                   "mitigation", number, "uses", uses))));
        json_decref(record);
    }
}

static void related(struct year *year)
{
    size_t count = json_array_size(year->payers);
    const char *customer = json_string_value(json_array_get(year->payers, year_below(year, (unsigned)count)));
    json_t *document = document_of(year, "related",
                                   json_pack("{s:[{s:s, s:s}], s:s, s:s}", "customers", "customer", customer, "entity",
                                             "US01", "group", fresh(year, "G"), "reason", "Register of relations"));
    free(year_settle(year, "olga", document));
}

static void mover(struct year *year)
{
    char date[16];
    year_feed(year, "feedp", "people", 0, false,
              json_pack("[o]", company_with(event("EV-M", "move", "P-61", year_date(year, 0, date)), "manager",
                                            text("P-22"))));
}

static void mover_granted(struct year *year)
{
    free(year_settle(year, "oscar", company_grant_document(&year->company, "lena", "BILLING_SPECIALIST")));
}

/* Her document waits; the feed says that she has left, and joe follows her. */
static void leaver(struct year *year)
{
    char date[16];
    int64_t open = 0;
    json_t *invoice = year_invoice(year, 40000, &open);
    if (invoice != NULL)
        settled(year, "left",
                year_wait(year, "lena",
                          on_invoice(money(year, "credit-note", invoice, 33333, "PRICE_ERR"), invoice, 33333)));
    json_decref(invoice);
    year_feed(year, "feedp", "people", 0, false,
              json_pack("[o]", company_with(event("EV-L", "leave", "P-61", year_date(year, 0, date)), "successor",
                                            text("P-12"))));
}

static void leaver_followed(struct year *year)
{
    const char *number = year_noted(year, "left");
    json_t *document = a_credit_note(year);
    if (document != NULL) { /* gone is gone */
        char *none = year_settle(year, "lena", document);
        assert_null(none);
    }
    if (number == NULL)
        return;
    json_t *result = expect(company_end(&year->company, "joe", VERB_WITHDRAW, number), "withdrawn");
    json_decref(result);
}

/* ---- policy, entity ---- */

static json_t *policy_with_entity(void)
{
    static char was[1 << 17], now[1 << 17];
    static const char mark[] = "timezone: America/New_York }\n";
    char path[64] = "/tmp/countersign-year-XXXXXX";
    FILE *from = fopen("controls/policies/us.yaml", "rb");
    assert_non_null(from);
    size_t length = fread(was, 1, sizeof was - 1, from);
    assert_int_equal(fclose(from), 0);
    was[length] = '\0';
    char *at = strstr(was, mark);
    assert_non_null(at);
    int before = (int)(at + strlen(mark) - was);
    snprintf(now, sizeof now,
             "%.*s  - { entity: AC01, currency: USD, fiscal_year_begins: 1, timezone: America/New_York }\n%s", before,
             was, was + before);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, now, strlen(now)), strlen(now));
    assert_int_equal(close(fd), 0);
    json_t *body = company_policy_body(path);
    assert_int_equal(unlink(path), 0);
    return body;
}

static void policy(struct year *year)
{
    char effective[32];
    json_t *document = document_of(year, "policy", policy_with_entity());
    settled(year, "policy",
            year_settle(year, "olga", company_with(document, "effective", text(year_instant(year, 2, effective)))));
}

static void hire_there(struct year *year, const char *user, const char *person, const char *sort, const char *role)
{
    struct company_user *one = company_new_user(&year->company, user);
    json_t *document = company_enrolment(&year->company, user, person, sort, one->key);
    json_t *result =
        year_do(year, "olga", VERB_SUBMIT, json_pack("{s:b, s:[o]}", "atomic", 0, "documents", document), user);
    assert_true(year_sign(year, result_number(result)));
    json_decref(result);
    json_t *grant = company_grant_document(&year->company, user, role);
    char *number = year_settle(year, "olga", company_with(grant, "entities", json_pack("[s]", "AC01")));
    assert_non_null(number);
    free(number);
}

static void entity(struct year *year)
{
    hire_there(year, "feeda", "P-81", "feed", "FEED_CUSTOMERS");
    hire_there(year, "feedb", "P-82", "feed", "FEED_INVOICES");
    hire_there(year, "bert", "P-84", "human", "BILLING_SPECIALIST");
    const struct company_file customers = {.user = "feeda", .feed = "customers", .entity = "AC01"};
    year_feed_of(year, &customers, json_pack("[o, o]", company_customer("A1", "A1"), company_customer("A2", "A2")));
    const struct company_file invoices = {.user = "feedb", .feed = "invoices", .total = "70000.00", .entity = "AC01"};
    year_feed_of(year, &invoices,
                 json_pack("[o, o]", company_invoice("AI1", "A1", "50000.00", "0.00", "50000.00"),
                           company_invoice("AI2", "A2", "20000.00", "0.00", "20000.00")));
    json_t *document =
        document_of(year, "entity",
                    json_pack("{s:s, s:s, s:i, s:[{s:i, s:s, s:s}]}", "entity", "AC01", "currency", "USD", "customers",
                              2, "opening", "count", 2, "currency", "USD", "total", "70000.00"));
    settled(year, "entity", year_settle(year, "olga", document));
}

static void acquired_note(struct year *year)
{
    json_t *of = json_pack("{s:s, s:s}", "customer", "A1", "invoice", "AI1");
    int64_t amount = 100 + year_below(year, 5000);
    json_t *document = on_invoice(money(year, "credit-note", of, amount, "PRICE_ERR"), of, amount);
    settled(year, "acquired", year_settle(year, "bert", company_with(document, "entity", text("AC01"))));
    json_decref(of);
}

/* ---- the year ---- */

/* What happens when: on the first day, and every so many days from there (0: once). Of one day, in this order. */
static const struct step {
    int first, every;
    void (*take)(struct year *year);
} steps[] = {
    {0, 0, feed_people},       {1, 0, contract},         {0, 1, feed_invoices},    {3, 20, feed_customers},
    {5, 25, feed_debtor},      {2, 2, feed_cash},        {6, 25, feed_contacts},   {25, 30, meter},
    {0, 1, credit_note},       {4, 6, credit_note_wide}, {2, 5, correction},       {20, 15, write_off},
    {50, 30, recovery},        {3, 4, adjustment},       {30, 30, credit_balance}, {9, 11, reversal},
    {7, 18, rebill},           {6, 15, limit},           {10, 40, temporary},      {12, 14, hold},
    {4, 9, dispute},           {8, 21, inquiry},         {13, 30, exception},      {5, 6, ends},
    {0, 1, periods},           {15, 30, grants},         {40, 60, rotation},       {200, 0, key_lost},
    {60, 120, delegation},     {66, 120, delegate},      {11, 175, mitigate},      {13, 7, mitigation_reviews},
    {45, 90, related},         {100, 0, mover},          {104, 0, mover_granted},  {250, 0, leaver},
    {252, 0, leaver_followed}, {170, 0, policy},         {175, 0, entity},         {180, 12, acquired_note},
};

static void day_live(struct year *year)
{
    year_hour(year, 14);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        int since = year->day - steps[i].first;
        if (since == 0 || (since > 0 && steps[i].every > 0 && since % steps[i].every == 0))
            steps[i].take(year);
    }
}

/*
 * Kinds that no year brings in force, each with its reason; empty, as engine 0 has none such. What comes with other kinds
 * gets a step above.
 */
static const char *const not_expected[] = {NULL};

static bool expected(const char *name)
{
    for (size_t i = 0; not_expected[i] != NULL; i++)
        if (strcmp(not_expected[i], name) == 0)
            return false;
    return true;
}

static const char *const unfinished[] = {"waiting", "returned", "withdrawn", "rejected", "lapsed"};
enum { UNFINISHED = sizeof unfinished / sizeof unfinished[0] };

/* A row of the table: what took effect (and was reversed or used up since, maybe), then what did not. Returns the first. */
static json_int_t kind_print(const char *name, const json_t *states, json_int_t ret_sums[static UNFINISHED])
{
    json_int_t done = 0, counts[UNFINISHED];
    const char *state;
    json_t *count;
    json_object_foreach((json_t *)states, state, count) done += json_integer_value(count);
    for (size_t i = 0; i < UNFINISHED; i++) {
        counts[i] = json_integer_value(json_object_get(states, unfinished[i]));
        done -= counts[i];
        ret_sums[i] += counts[i];
    }
    print_message("%-18s %9lld", name, (long long)done);
    for (size_t i = 0; i < UNFINISHED; i++)
        print_message(" %9lld", (long long)counts[i]);
    print_message("%s\n", done == 0 && expected(name) ? "  never in effect" : "");
    return done;
}

/* Prints the table. True when all kinds took effect, and documents ended in every other way, too. */
static bool kinds_complete(const json_t *kinds)
{
    bool complete = true;
    json_int_t sums[UNFINISHED] = {0};
    print_message("%-18s %9s", "kind", "in effect");
    for (size_t i = 0; i < UNFINISHED; i++)
        print_message(" %9s", unfinished[i]);
    print_message("\n");
    for (int id = 0; id < KIND_COUNT; id++) {
        const char *name = kind_name((enum kind_id)id);
        if (kind_find(name) == NULL)
            continue;
        if (kind_print(name, json_object_get(kinds, name), sums) == 0 && expected(name))
            complete = false;
    }
    for (size_t i = 0; i < UNFINISHED; i++)
        complete = complete && (sums[i] > 0 || strcmp(unfinished[i], "returned") == 0); /* those are amended */
    return complete;
}

static void refusals_print(const struct year *year)
{
    const char *name;
    json_t *count;
    json_object_foreach(year->refused, name, count)
    {
        print_message("refused %4lld  %s\n", (long long)json_integer_value(count), name);
    }
}

/* What the days are about, beyond kinds: each of it took effect at least once. */
static bool courses_complete(const struct year *year)
{
    static const char *const names[] = {
        "credit-note", "on-account-note", "on-two",     "correction",     "correction-up", "meter-up", "meter-down",
        "bad-debt",    "recovery",        "adjustment", "credit-balance", "reversal",      "rebill",   "amended",
        "late",        "delegated",       "left",       "acquired",       "lapses"};
    bool complete = true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (year_noted(year, names[i]) == NULL) {
            print_message("never happened: %s\n", names[i]);
            complete = false;
        }
    return complete;
}

/* Nothing is credited beyond what is open, and nothing waits for more than that. */
static void invoices_check(const struct year *year)
{
    for (size_t i = 0; i < json_array_size(year->invoices); i++) {
        const char *invoice = member_text(json_array_get(year->invoices, i), "invoice");
        json_t *record = company_invoice_record((struct company *)&year->company, invoice);
        int64_t open = member_integer(record, "open"), pending = member_integer(record, "pending");
        if (open < 0 || pending < 0 || member_integer(record, "gross") <= 0)
            fail_msg("invoice %s has %" PRId64 " open, %" PRId64 " pending", invoice, open, pending);
        json_decref(record);
    }
}

static void a_year_with_every_kind(void **state)
{
    unsigned long long seed = 20261231;
    int days = DAYS;
    const char *other = getenv("COUNTERSIGN_YEAR");
    struct year year;
    (void)state;
    if (other != NULL) {
        char *end = NULL;
        seed = strtoull(other, &end, 10);
        days = *end == ':' ? atoi(end + 1) : DAYS;
    }
    year_open(&year, seed);
    for (year.day = 0; year.day < days; year.day++) {
        day_live(&year);
        if (year.day % CHECK_EVERY == 0) {
            company_check_books(&year.company);
            invoices_check(&year);
        }
    }
    invoices_check(&year);
    json_t *kinds = year_documents(&year);
    print_message("seed %llu, %d days: %u statements, %u refused as a whole\n", seed, days, year.let_in,
                  year.wholly_refused);
    bool complete = kinds_complete(kinds);
    complete = courses_complete(&year) && complete;
    refusals_print(&year);
    json_decref(kinds);
    assert_true(days < DAYS || complete);
    year_close(&year);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_year_with_every_kind)};
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

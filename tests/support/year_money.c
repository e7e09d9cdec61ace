/*
 * The year's money documents; see the header.
 */
#include "tests/support/year_steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/schema.h"

static json_t *text(const char *value)
{
    return json_string(value);
}

json_t *year_money(struct year *year, const char *kind, const json_t *invoice, int64_t amount, const char *reason)
{
    static const char *const evidence[][2] = {
        {"PRICE_ERR", "price-sheet"}, {"QTY", "delivery-note"},           {"SERVICE", "ticket"},
        {"METER", "meter-log"},       {"DISCOUNT_ADJ", "remittance"},     {"SMALL_ADJ", "aging"},
        {"FX_DIFF", "remittance"},    {"CREDIT_BAL", "search-letter"},    {"TIME_BARRED", "counsel-opinion"},
        {"BAD_DEBT", "dunning-log"},  {"RECOVERED", "remittance"},        {"BANKRUPT", "court-filing"},
        {"SMALL_BAL", "aging"},       {"BAD_DEBT_DIRECT", "dunning-log"}, {"RECOVERED_DIRECT", "remittance"},
        {"DAMAGED", "return-note"},   {"TRANSFER", "remittance"},
    };
    const char *sort = "correspondence";
    char words[YEAR_AMOUNT_BYTES];
    for (size_t i = 0; i < sizeof evidence / sizeof evidence[0]; i++)
        if (strcmp(evidence[i][0], reason) == 0)
            sort = evidence[i][1];
    return company_money(&year->company, kind, member_text(invoice, "customer"), year_amount(amount, words), reason,
                         sort);
}

json_t *year_on_invoice(json_t *document, const json_t *invoice, int64_t amount)
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

json_t *year_credit_note(struct year *year)
{
    static const char *const reasons[] = {"PRICE_ERR", "QTY", "SERVICE", "GOODWILL", "DAMAGED"};
    int64_t open = 0;
    json_t *invoice = year_invoice(year, 2000, &open);
    if (invoice == NULL)
        return NULL;
    const char *reason = reasons[year_below(year, 5)];
    int64_t amount = some_of(year, open);
    json_t *document = year_on_invoice(year_money(year, "credit-note", invoice, amount, reason), invoice, amount);
    if (strcmp(reason, "GOODWILL") == 0)
        company_with(document, "note", text("the customer was kept waiting for months"));
    json_decref(invoice);
    return document;
}

void year_step_credit_note(struct year *year)
{
    json_t *document = year_credit_note(year);
    if (document != NULL)
        year_settled(year, "credit-note", year_settle(year, year_biller(year), document));
}

/* On two invoices of one customer, or with a rest on account. */
void year_step_credit_note_wide(struct year *year)
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
        json_t *document =
            year_on_invoice(year_money(year, "credit-note", invoice, first + second, "PRICE_ERR"), invoice, first);
        bool two = other != NULL && strcmp(member_text(other, "invoice"), member_text(invoice, "invoice")) > 0;
        if (two)
            year_on_invoice(document, other, second);
        else
            company_with(document, "on_account", text(year_amount(second, words)));
        year_settled(year, two ? "on-two" : "on-account-note", year_settle(year, "maria", document));
    }
    json_decref(other);
    json_decref(invoice);
}

void year_step_correction(struct year *year)
{
    int64_t open = 0;
    json_t *invoice = year_invoice(year, 2000, &open);
    if (invoice == NULL)
        return;
    bool up = year_below(year, 3) == 0;
    int64_t amount = some_of(year, open);
    json_t *document = year_on_invoice(year_money(year, "correction", invoice, amount, "QTY"), invoice, amount);
    company_with(document, "direction", text(up ? "up" : "down"));
    year_settled(year, up ? "correction-up" : "correction",
                 year_settle(year, year_biller(year), company_with(document, "field", text("quantity"))));
    json_decref(invoice);
}

/* Old debt: by the book once it is half a year due, before that as time-barred now and then. */
void year_step_write_off(struct year *year)
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
        json_t *document = year_money(year, "write-off", record, amount, year->day > 180 ? "BAD_DEBT" : "TIME_BARRED");
        year_on_invoice(company_with(document, "method", text("allowance")), record, amount);
        char *number = year_settle(year, "cora", document);
        if (number != NULL)
            year_note(year, "written-off-of", invoice);
        if (number != NULL && year->day > 180)
            year_note(year, "bad-debt", number);
        year_settled(year, "write-off", number);
    }
    json_decref(record);
}

/* The debtor pays after all, some of it. */
void year_step_recovery(struct year *year)
{
    const char *off = year_noted(year, "write-off"), *of = year_noted(year, "written-off-of");
    char date[16], receipt[32];
    if (off == NULL)
        return;
    json_t *invoice = company_invoice_record(&year->company, of);
    snprintf(receipt, sizeof receipt, "%s", year_fresh(year, "R"));
    json_t *record = company_cash(receipt, member_text(invoice, "customer"), "40.00", json_array());
    company_with(record, "date", text(year_date(year, 0, date)));
    year_feed(year, "feedm", "cash", 4000, true, json_pack("[o]", record));
    json_t *document = year_on_invoice(year_money(year, "recovery", invoice, 4000, "RECOVERED"), invoice, 4000);
    company_with(company_with(document, "recovers", text(off)), "receipt", text(receipt));
    year_settled(year, "recovery", year_settle(year, "cora", document));
    json_decref(invoice);
}

void year_step_adjustment(struct year *year)
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
    json_t *document = year_on_invoice(year_money(year, "adjustment", invoice, amount, row[1]), invoice, amount);
    company_with(company_with(document, "charge", text(row[0])), "direction", text(row[2]));
    year_settled(year, "adjustment", year_settle(year, year_biller(year), document));
    json_decref(invoice);
}

/* A credit balance given up. */
void year_step_credit_balance(struct year *year)
{
    const char *customer = year_noted(year, "on-account");
    if (customer == NULL)
        return;
    json_t *of = json_pack("{s:s}", "customer", customer);
    json_t *document = year_money(year, "adjustment", of, 1000 + year_below(year, 1000), "CREDIT_BAL");
    year_settled(year, "credit-balance",
                 year_settle(year, "maria", company_with(document, "charge", text("credit-balance"))));
    json_decref(of);
}

/* What was booked on the wrong invoice goes to another, of another customer most often; so does credit on an account. */
void year_step_transfer(struct year *year)
{
    char words[YEAR_AMOUNT_BYTES];
    int64_t open = 0, room = 0;
    const char *creditor = year_below(year, 4) == 0 ? year_noted(year, "on-account") : NULL;
    json_t *from = creditor != NULL ? json_pack("{s:s}", "customer", creditor) : year_invoice(year, 3000, &open);
    json_t *to = year_invoice(year, 3000, &room);
    const char *given = member_text(from, "invoice");
    if (from != NULL && to != NULL && (given == NULL || strcmp(given, member_text(to, "invoice")) != 0) &&
        (given != NULL || strcmp(creditor, member_text(to, "customer")) != 0)) {
        int64_t amount = 300 + year_below(year, 1000);
        json_t *document = year_money(year, "adjustment", from, amount, "TRANSFER");
        if (given != NULL)
            year_on_invoice(document, from, amount);
        company_with(company_with(document, "charge", text("transfer")), "to",
                     json_pack("{s:[{s:s, s:s}], s:s}", "allocations", "amount", year_amount(amount, words), "invoice",
                               member_text(to, "invoice"), "customer", member_text(to, "customer")));
        year_settled(year, given != NULL ? "transfer" : "transfer of credit",
                     year_settle(year, year_biller(year), document));
    }
    json_decref(from);
    json_decref(to);
}

void year_step_reversal(struct year *year)
{
    static const char *const names[] = {"credit-note", "correction",     "adjustment",
                                        "on-two",      "credit-balance", "transfer"};
    const char *number = year_noted(year, names[year_below(year, 6)]);
    if (number == NULL)
        return;
    json_t *document = company_reversal(&year->company, number);
    year_settled(year, "reversal",
                 year_settle(year, year_biller(year),
                             company_with(document, "evidence",
                                          json_pack("[o]", company_evidence(&year->company, "correspondence")))));
}

/* Credited whole, billed anew, and closed by the invoice that the feed brings. */
void year_step_rebill(struct year *year)
{
    int64_t open = 0;
    char date[16], due[16], words[YEAR_AMOUNT_BYTES], ref[32], invoice_id[32];
    json_t *invoice = year_invoice(year, 5000, &open);
    if (invoice == NULL)
        return;
    const char *customer = member_text(invoice, "customer");
    snprintf(ref, sizeof ref, "%s", year_fresh(year, "RB-REF"));
    json_t *document = year_on_invoice(year_money(year, "rebill", invoice, open, "PRICE_ERR"), invoice, open);
    company_with(document, "invoice",
                 json_pack("{s:s, s:s, s:s, s:s, s:s, s:[{s:s, s:s, s:s}]}", "customer", customer, "date",
                           year_date(year, 0, date), "due", year_date(year, 30, due), "gross",
                           year_amount(open - 1000, words), "ref", ref, "taxes", "code", "SALES_TAX", "net", words,
                           "tax", "0.00"));
    char *number = year_settle(year, "joe", document);
    if (number != NULL) {
        snprintf(invoice_id, sizeof invoice_id, "%s", year_fresh(year, "I"));
        json_t *record = company_invoice(invoice_id, customer, words, "0.00", words);
        company_with(company_with(record, "date", text(date)), "due", text(due));
        year_feed(year, "feedi", "invoices", open - 1000, true,
                  json_pack("[o]", company_with(record, "rebills", text(ref))));
        json_array_append_new(year->invoices, json_pack("{s:s, s:s}", "customer", customer, "invoice", invoice_id));
    }
    year_settled(year, "rebill", number);
    json_decref(invoice);
}

/* Meters: 0.10 a click, nothing allowed; every other month's read was wrong by 100 clicks. */

static json_t *read_of(const char *id, const char *date, int64_t value, const char *invoice)
{
    json_t *record = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "contract", "K-1", "date", date, "device", "SN1",
                               "meter", "bw", "read", id, "source", "remote", "value", (json_int_t)value);
    return invoice != NULL ? company_with(record, "invoice", text(invoice)) : record;
}

void year_step_contract(struct year *year)
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
    bool up =
        year_noted(year, "meter-up") == NULL || (year_noted(year, "meter-down") != NULL && year_below(year, 2) != 0);
    char words[2][YEAR_AMOUNT_BYTES];
    json_t *of = json_pack("{s:s, s:s}", "customer", "10442", "invoice", invoice);
    json_t *document = year_on_invoice(year_money(year, "correction", of, 1000, "METER"), of, 1000);
    company_with(company_with(document, "direction", text(up ? "up" : "down")), "field", text("meter"));
    company_with(document, "contract", text("K-1"));
    company_with(document, "reads",
                 json_pack("[{s:s, s:s, s:I}]", "read", read, "source", "technician", "value",
                           (json_int_t)(up ? value + 100 : value - 100)));
    company_with(document, "charges",
                 json_pack("[{s:s, s:s, s:s, s:s, s:s}]", "billed", year_amount(billed, words[0]), "corrected",
                           year_amount(up ? billed + 1000 : billed - 1000, words[1]), "device", "SN1", "invoice",
                           invoice, "meter", "bw"));
    year_settled(year, up ? "meter-up" : "meter-down", year_settle(year, "maria", document));
    json_decref(of);
}

void year_step_meter(struct year *year)
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

/*
 * The year's other currencies: an entity that keeps its books in euros, with a customer in pounds, and customers of the first
 * one in yen and dinars; the rates of all; debt given up directly, and recovered; see the header.
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

#include "ledger/money.h"
#include "ledger/schema.h"

#define ABROAD "EU01"

/* Who is billed in what. */
static const struct market {
    const char *entity, *customer, *currency, *limit;
    int digits;
    int64_t unit; /* minor units that are worth about a dollar */
} markets[] = {
    {ABROAD, "E1", "EUR", "20000.00", 2, 100},
    {ABROAD, "E2", "GBP", "20000.00", 2, 100},
    {"US01", "Y1", "JPY", "3000000", 0, 150},
    {"US01", "W1", "KWD", "6000.000", 3, 300},
};
enum { MARKETS = sizeof markets / sizeof markets[0] };

static const char *biller(const struct market *market)
{
    return strcmp(market->entity, ABROAD) == 0 ? "beata" : "maria";
}

static json_t *text(const char *value)
{
    return json_string(value);
}

static json_t *in(json_t *record, const char *entity, const char *currency)
{
    return company_with(company_with(record, "entity", text(entity)), "currency", text(currency));
}

/* The rates of a day against a base; what is worth more than the base and what less. */
static void rates_bring(struct year *year, const char *base, const char *const currencies[], const char *const whole[])
{
    char date[16], rate[32];
    json_t *list = json_array();
    for (size_t i = 0; currencies[i] != NULL; i++) {
        snprintf(rate, sizeof rate, "%s%u1", whole[i], 100 + year_below(year, 899));
        json_array_append_new(list, json_pack("{s:s, s:s}", "currency", currencies[i], "rate", rate));
    }
    free(year_settle(
        year, "olga",
        year_document(year, "rates",
                      json_pack("{s:s, s:s, s:o}", "base", base, "date", year_date(year, 0, date), "rates", list))));
}

void year_step_rates(struct year *year)
{
    static const char *const home[] = {"EUR", "GBP", "JPY", "KWD", NULL}, *const whole[] = {"1.", "1.", "0.00", "3."};
    static const char *const abroad[] = {"GBP", NULL}, *const more[] = {"1.1"};
    rates_bring(year, "USD", home, whole);
    rates_bring(year, "EUR", abroad, more);
}

void year_step_abroad_open(struct year *year)
{
    static const char *const grants[][2] = {
        {"feedc", "FEED_CUSTOMERS"},
        {"feedi", "FEED_INVOICES"},
        {"feedm", "FEED_CASH"},
        {"feedt", "FEED_CONTACTS"},
        {"feede", "FEED_ACKNOWLEDGEMENTS"},
        {"tom", "TEAM_LEAD"},
        {"cora", "COLLECTIONS_SPECIALIST"},
        {"ana", "TEAM_LEAD"},
        {"priya", "MANAGER"},
        {"dora", "DIRECTOR"},
        {"vera", "VP_FINANCE"},
        {"carl", "CFO"},
    };
    for (size_t i = 0; i < sizeof grants / sizeof grants[0]; i++) {
        json_t *grant = company_grant_document(&year->company, grants[i][0], grants[i][1]);
        char *number = year_settle(year, "olga", company_with(grant, "entities", json_pack("[s]", ABROAD)));
        assert_non_null(number);
        free(number);
    }
    year_hire(year, "beata", "P-85", "BILLING_SPECIALIST", ABROAD);
    year_hire(year, "gina", "P-86", "BILLING_SPECIALIST", ABROAD);
    for (size_t i = 0; i < MARKETS; i++) {
        const struct company_file file = {.user = "feedc", .feed = "customers", .entity = markets[i].entity};
        json_t *record = company_customer(markets[i].customer, markets[i].customer);
        company_with(company_with(record, "limit", text(markets[i].limit)), "currency", text(markets[i].currency));
        year_feed_of(year, &file, json_pack("[o]", record));
    }
}

/* An invoice of a market, from 200 to 1,200 dollars' worth with a fifth of tax. */
static void bill(struct year *year, const struct market *market)
{
    char date[16], due[16], net[MONEY_TEXT_MAX], tax[MONEY_TEXT_MAX], gross[MONEY_TEXT_MAX], name[32];
    int64_t net_minor = market->unit * (200 + (int64_t)year_below(year, 1000)) + year_below(year, 100);
    money_format(net_minor, market->digits, net);
    money_format(net_minor / 5, market->digits, tax);
    money_format(net_minor + net_minor / 5, market->digits, gross);
    const char *invoice = year_fresh(year, market->currency);
    json_t *record = company_invoice(invoice, market->customer, net, tax, gross);
    company_with(company_with(record, "date", text(year_date(year, 0, date))), "due", text(year_date(year, 30, due)));
    const struct company_file file = {
        .user = "feedi", .feed = "invoices", .total = gross, .entity = market->entity, .currency = market->currency};
    snprintf(name, sizeof name, "bill %s", market->currency);
    year_note(year, name, invoice);
    year_feed_of(year, &file, json_pack("[o]", record));
}

void year_step_abroad_bills(struct year *year)
{
    for (size_t i = 0; i < MARKETS; i++)
        bill(year, &markets[i]);
}

/* A credit note or a correction on the latest invoice of a market, mostly of a month before the rates went on. */
void year_step_abroad_note(struct year *year)
{
    const struct market *market = &markets[year_below(year, MARKETS)];
    char name[32], amount[MONEY_TEXT_MAX];
    snprintf(name, sizeof name, "bill %s", market->currency);
    const char *invoice = year_noted(year, name);
    if (invoice == NULL)
        return;
    const struct books_key key = books_key_pair(market->entity, invoice);
    json_t *record = company_books(&year->company, BOOKS_INVOICES, &key);
    int64_t free_ = member_integer(record, "open") - member_integer(record, "pending");
    json_decref(record);
    if (free_ < 20)
        return;
    bool correction = year_below(year, 3) == 0;
    money_format(1 + year_below(year, (unsigned)(free_ / 3)), market->digits, amount);
    json_t *document = correction ? company_correction(&year->company, market->customer, invoice, amount, "down")
                                  : company_credit_note(&year->company, market->customer, invoice, amount);
    year_settled(year, market->currency,
                 year_settle(year, biller(market), in(document, market->entity, market->currency)));
}

/* Whatever gina prepares ana signs, until she no longer may: then tom does. */
void year_step_pair(struct year *year)
{
    const struct market *market = &markets[0];
    const char *invoice = year_noted(year, "bill EUR");
    assert_non_null(invoice);
    for (int i = 0; i < 5; i++) {
        char amount[16];
        snprintf(amount, sizeof amount, "1.%u%d", 1 + year_below(year, 8), i);
        json_t *note = company_with(company_credit_note(&year->company, market->customer, invoice, amount), "reason",
                                    text("GOODWILL"));
        company_with(note, "evidence", json_pack("[o]", company_evidence(&year->company, "correspondence")));
        company_with(note, "note", text("the customer was kept waiting for months"));
        char *number = year_wait(year, "gina", in(note, market->entity, market->currency));
        if (number == NULL)
            continue; /* the invoice is paid by now */
        json_decref(year_approve(year, "ana", number, 1));
        if (year_sign(year, number))
            year_note(year, "pair", number);
        free(number);
    }
}

/* What was posted at the rates that were is reversed at them. */
void year_step_abroad_reversal(struct year *year)
{
    const struct market *market = &markets[year_below(year, MARKETS)];
    const char *number = year_noted(year, market->currency);
    if (number == NULL)
        return;
    json_t *document = company_with(company_reversal(&year->company, number), "entity", text(market->entity));
    company_with(document, "evidence", json_pack("[o]", company_evidence(&year->company, "correspondence")));
    year_settled(year, "reversal abroad", year_settle(year, biller(market), document));
}

/* Debt of a winter ago, one contact: there it is enough. Given up against expense; a part is paid after all. */
void year_step_abroad_write_off(struct year *year)
{
    char customer[32], invoice[32], date[16], receipt[32];
    snprintf(customer, sizeof customer, "%s", year_fresh(year, "ED"));
    snprintf(invoice, sizeof invoice, "I-%s", customer);
    snprintf(receipt, sizeof receipt, "R-%s", customer);
    struct company_file file = {.user = "feedc", .feed = "customers", .entity = ABROAD, .currency = "EUR"};
    year_feed_of(year, &file,
                 json_pack("[o]", company_with(company_customer(customer, customer), "currency", text("EUR"))));
    file.user = "feedi", file.feed = "invoices", file.total = "80.00";
    year_feed_of(year, &file, json_pack("[o]", company_invoice(invoice, customer, "80.00", "0.00", "80.00")));
    json_t *of = json_pack("{s:s, s:s}", "customer", customer, "invoice", invoice);
    json_t *document = year_on_invoice(year_money(year, "write-off", of, 8000, "BAD_DEBT_DIRECT"), of, 8000);
    in(company_with(document, "method", text("direct")), ABROAD, "EUR");
    json_t *once_more = json_deep_copy(document);
    year_refused_by(year, "cora", document, "C-41", "contacts");
    file.user = "feedt", file.feed = "contacts", file.total = NULL;
    year_feed_of(year, &file,
                 json_pack("[{s:s, s:s, s:s, s:s, s:s}]", "channel", "call", "contact", year_fresh(year, "T"),
                           "customer", customer, "date", year_date(year, 0, date), "outcome", "reached"));
    char *off = year_settle(year, "cora", company_with(once_more, "ref", text(year_fresh(year, "direct"))));
    if (off != NULL) {
        file.user = "feedm", file.feed = "cash", file.total = "20.00";
        json_t *cash = company_with(company_cash(receipt, customer, "20.00", json_array()), "date", text(date));
        year_feed_of(year, &file, json_pack("[o]", cash));
        json_t *back = year_on_invoice(year_money(year, "recovery", of, 2000, "RECOVERED_DIRECT"), of, 2000);
        company_with(company_with(back, "recovers", text(off)), "receipt", text(receipt));
        year_settled(year, "direct recovery", year_settle(year, "cora", in(back, ABROAD, "EUR")));
    }
    year_settled(year, "direct", off);
    json_decref(of);
}

/*
 * What the feeds bring in the course of the year, and what its steps share; see the header.
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
#include "tests/support/people.h"

static json_t *text(const char *value)
{
    return json_string(value);
}

/* A document of a kind with more members, which are stolen. */
json_t *year_document(struct year *year, const char *kind, json_t *more)
{
    json_t *document = company_document(&year->company, kind);
    assert_non_null(more);
    json_object_update(document, more);
    json_decref(more);
    return document;
}

json_t *year_linked(json_t *document, const char *rel, const char *number)
{
    return company_with(document, "links", json_pack("[{s:s, s:s}]", "document", number, "rel", rel));
}

const char *year_biller(struct year *year)
{
    static const char *const billers[] = {"maria", "joe", "maria", "mia", "lena", "bot1"};
    const char *one = billers[year_below(year, 6)];
    return strcmp(one, "lena") == 0 && year->day > 240 ? "joe" : one;
}

/* A name with a number that no other has. Lends until the next call. */
const char *year_fresh(struct year *year, const char *prefix)
{
    static char name[32];
    snprintf(name, sizeof name, "%s-%u", prefix, ++year->ids);
    return name;
}

void year_settled(struct year *year, const char *name, char *number)
{
    if (number != NULL && name != NULL)
        year_note(year, name, number);
    free(number);
}

static json_t *invoice_record(struct year *year, const char *invoice, const char *customer, int64_t net)
{
    char date[16], due[16], texts[3][YEAR_AMOUNT_BYTES];
    json_t *record = company_invoice(invoice, customer, year_amount(net, texts[0]), year_amount(net / 10, texts[1]),
                                     year_amount(net + net / 10, texts[2]));
    company_with(record, "date", text(year_date(year, 0, date)));
    return company_with(record, "due", text(year_date(year, 30, due)));
}

void year_step_feed_invoices(struct year *year)
{
    json_t *records = json_array();
    int64_t total = 0;
    for (unsigned i = 0; i < 1 + year_below(year, 2); i++) {
        const char *invoice = year_fresh(year, "I");
        size_t count = json_array_size(year->payers);
        const char *customer = json_string_value(json_array_get(year->payers, year_below(year, (unsigned)count)));
        int64_t net = 1000 * (20 + (int64_t)year_below(year, 300));
        total += net + net / 10;
        json_array_append_new(records, invoice_record(year, invoice, customer, net));
        json_array_append_new(year->invoices, json_pack("{s:s, s:s}", "customer", customer, "invoice", invoice));
    }
    year_feed(year, "feedi", "invoices", total, true, records);
}

void year_step_feed_customers(struct year *year)
{
    const char *customer = year_fresh(year, "C");
    json_array_append_new(year->payers, text(customer));
    year_feed(year, "feedc", "customers", 0, false, json_pack("[o]", company_customer(customer, customer)));
}

/* Old debt of somebody who does not pay. */
void year_step_feed_debtor(struct year *year)
{
    char invoice[32];
    const char *customer = year_fresh(year, "B");
    year_feed(year, "feedc", "customers", 0, false, json_pack("[o]", company_customer(customer, customer)));
    snprintf(invoice, sizeof invoice, "I-%s", customer);
    year_feed(year, "feedi", "invoices", 50000, true,
              json_pack("[o]", company_invoice(invoice, customer, "500.00", "0.00", "500.00")));
    json_array_append_new(year->debtors, text(customer));
}

void year_step_feed_cash(struct year *year)
{
    char texts[2][YEAR_AMOUNT_BYTES], date[16];
    int64_t open = 0;
    json_t *invoice = year_invoice(year, 2000, &open);
    if (invoice == NULL)
        return;
    int64_t applied = year_below(year, 2) != 0 ? open : open / 2, over = year_below(year, 4) == 0 ? 7500 : 0;
    json_t *list =
        json_pack("[{s:s, s:s}]", "amount", year_amount(applied, texts[0]), "invoice", member_text(invoice, "invoice"));
    json_t *record = company_cash(year_fresh(year, "R"), member_text(invoice, "customer"),
                                  year_amount(applied + over, texts[1]), list);
    company_with(record, "date", text(year_date(year, 0, date)));
    if (over != 0)
        year_note(year, "on-account", member_text(invoice, "customer"));
    year_feed(year, "feedm", "cash", applied + over, true, json_pack("[o]", record));
    json_decref(invoice);
}

void year_step_feed_contacts(struct year *year)
{
    json_t *records = json_array();
    char date[16];
    for (size_t i = 0; i < json_array_size(year->debtors); i++)
        json_array_append_new(records, json_pack("{s:s, s:s, s:s, s:s, s:s}", "channel", "call", "contact",
                                                 year_fresh(year, "T"), "customer",
                                                 json_string_value(json_array_get(year->debtors, i)), "date",
                                                 year_date(year, 0, date), "outcome", "reached"));
    year_feed(year, "feedt", "contacts", 0, false, records);
}

/* Who reports to whom. */
void year_step_feed_people(struct year *year)
{
    static const char *const lines[][2] = {
        {"P-11", "P-21"}, {"P-12", "P-21"}, {"P-61", "P-21"}, {"P-62", "P-21"}, {"P-85", "P-22"}, {"P-86", "P-22"},
        {"P-84", "P-21"}, {"P-13", "P-22"}, {"P-64", "P-22"}, {"P-14", "P-71"}, {"P-65", "P-71"}, {"P-21", "P-23"},
        {"P-22", "P-27"}, {"P-23", "P-24"}, {"P-27", "P-28"}, {"P-24", "P-25"}, {"P-28", "P-25"}, {"P-71", "P-72"},
        {"P-72", "P-73"}, {"P-73", "P-25"}, {"P-25", "P-26"}, {"P-26", NULL},   {"P-51", "P-25"}, {"P-52", "P-25"},
        {"P-63", "P-25"}, {"P-01", NULL},   {"P-02", NULL},   {"P-03", NULL},   {"P-74", "P-75"}, {"P-75", "P-76"},
        {"P-76", "P-25"},
    };
    json_t *records = json_array();
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char id[16];
        snprintf(id, sizeof id, "EV-%zu", i);
        json_t *joins = people_event(id, "join", lines[i][0], "2025-12-01", lines[i][1], NULL);
        json_array_append_new(records, joins);
    }
    year_feed(year, "feedp", "people", 0, false, records);
}

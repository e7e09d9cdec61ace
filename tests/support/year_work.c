/*
 * The year's limits, hold releases, cases, and documents that end without effect; see the header.
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

void year_step_limit(struct year *year)
{
    char words[YEAR_AMOUNT_BYTES];
    size_t count = json_array_size(year->payers);
    const char *customer = json_string_value(json_array_get(year->payers, year_below(year, (unsigned)count)));
    json_t *document =
        company_limit(&year->company, customer, year_amount(800000 + 10000 * (int64_t)year_below(year, 100), words));
    year_settled(year, "limit",
                 year_settle(year, "adam", company_with(document, "previous", text(limit_of(year, customer)))));
}

void year_step_temporary(struct year *year)
{
    char date[16], to[16];
    json_t *document = company_limit(&year->company, "16446", "30000.00");
    json_object_del(document, "review");
    company_with(company_with(document, "kind", text("temporary-limit")), "reason", text("CL_TEMP_ORDER"));
    company_with(document, "previous", text(limit_of(year, "16446")));
    company_with(document, "evidence", json_pack("[o]", company_evidence(&year->company, "order-confirmation")));
    company_with(company_with(document, "from", text(year_date(year, 0, date))), "to", text(year_date(year, 31, to)));
    year_refused_by(year, "adam", json_deep_copy(document), "C-14", "too-long-new");
    company_with(company_with(document, "ref", text(year_fresh(year, "shorter"))), "to", text(year_date(year, 14, to)));
    year_settled(year, "temporary", year_settle(year, "adam", document));
}

static json_t *order(const char *id, const char *customer, const char *date, const char *state)
{
    return json_pack("[{s:s, s:s, s:s, s:s, s:s}]", "amount", "750.00", "customer", customer, "date", date, "order", id,
                     "state", state);
}

void year_step_hold(struct year *year)
{
    char id[32], date[16], until[32];
    size_t count = json_array_size(year->payers);
    const char *customer = json_string_value(json_array_get(year->payers, year_below(year, (unsigned)count)));
    snprintf(id, sizeof id, "%s", year_fresh(year, "O"));
    year_feed(year, "feedo", "orders", 75000, true, order(id, customer, year_date(year, 0, date), "held"));
    json_t *of = json_pack("{s:s}", "customer", customer);
    json_t *document = year_money(year, "hold-release", of, 75000, "HOLD_REL_CRITICAL");
    json_object_del(document, "allocations");
    company_with(company_with(document, "order", text(id)), "expires", text(year_instant(year, 2, until)));
    char *number = year_settle(year, year_below(year, 3) == 0 ? "mia" : "alan", document);
    year_feed(year, "feedo", "orders", 75000, true,
              order(id, customer, date, number != NULL ? "delivered" : "cancelled"));
    year_settled(year, "hold", number);
    json_decref(of);
}

static bool moved(struct year *year, const char *user, const char *number, const char *state, json_t *more)
{
    json_t *document = year_document(year, "case-note",
                                     json_pack("{s:s, s:s, s:s}", "case", number, "entity", "US01", "state", state));
    if (more != NULL) {
        json_object_update(document, more);
        json_decref(more);
    }
    char *note = year_settle(year, user, document);
    bool done = note != NULL;
    free(note);
    return done;
}

void year_step_dispute(struct year *year)
{
    int64_t open = 0;
    json_t *invoice = year_invoice(year, 2000, &open);
    if (invoice == NULL)
        return;
    json_t *document = year_document(
        year, "dispute",
        json_pack("{s:s, s:s, s:s, s:s, s:s}", "customer", member_text(invoice, "customer"), "entity", "US01",
                  "invoice", member_text(invoice, "invoice"), "owner", "carla", "reason", "PRICE_ERR"));
    company_with(document, "evidence", json_pack("[o]", company_evidence(&year->company, "price-sheet")));
    char *number = year_settle(year, "maria", document);
    if (number != NULL) {
        moved(year, "carla", number, "ASSIGNED", json_pack("{s:s}", "owner", "carla"));
        moved(year, "carla", number, year_below(year, 2) != 0 ? "AWAIT_CUSTOMER" : "AWAIT_INTERNAL", NULL);
        json_t *credit = year_on_invoice(year_money(year, "credit-note", invoice, 1500, "PRICE_ERR"), invoice, 1500);
        char *settles = year_settle(year, "joe", year_linked(credit, "dispute", number));
        if (settles != NULL)
            moved(year, "carla", number, "RESOLVED",
                  json_pack("{s:s, s:s, s:s}", "outcome", "CREDIT_PARTIAL", "root_cause", "price", "settled_by",
                            settles));
        else
            moved(year, "carla", number, "RESOLVED", json_pack("{s:s}", "outcome", "INVALID_PAY"));
        moved(year, "cora", number, "CLOSED", NULL);
        free(settles);
    }
    year_settled(year, "dispute", number);
    json_decref(invoice);
}

void year_step_inquiry(struct year *year)
{
    json_t *document = year_document(year, "inquiry",
                                     json_pack("{s:s, s:s, s:s, s:s}", "customer", "16447", "entity", "US01", "owner",
                                               "carla", "reason", "INQ_BILL"));
    char *number = year_settle(year, "cora", document);
    if (number != NULL) {
        moved(year, "carla", number, "RESOLVED", json_pack("{s:s}", "outcome", "ANSWERED"));
        moved(year, "cora", number, "CLOSED", NULL);
    }
    year_settled(year, "inquiry", number);
}

void year_step_exception(struct year *year)
{
    json_t *document = year_document(year, "exception",
                                     json_pack("{s:s, s:s, s:s, s:s}", "about", "US01/customers/1", "entity", "US01",
                                               "owner", "carla", "reason", "EXC_FEED"));
    char *number = year_settle(year, "cora", document);
    if (number != NULL && !moved(year, "joe", number, "VOID", NULL))
        moved(year, "carla", number, "AWAIT_INTERNAL", NULL);
    year_settled(year, "exception", number);
}

void year_step_ends(struct year *year)
{
    json_t *document = year_credit_note(year);
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
            json_object_set_new(document, "ref", text(year_fresh(year, "again")));
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

void year_refused_by(struct year *year, const char *user, json_t *document, const char *control, const char *code)
{
    json_t *result = year_submit(year, user, document);
    if (!result_has(result, control, code)) {
        char *shown = json_dumps(result, 0);
        fail_msg("day %d: not refused by %s %s: %s", year->day, control, code, shown);
    }
    assert_string_equal(result_outcome(result), "refused");
    json_decref(result);
}

/* More than is open, a month long closed, the same once more, and a kind that is not hers. */
void year_step_wrong(struct year *year)
{
    int64_t open = 0;
    json_t *invoice = year_invoice(year, 2000, &open);
    if (invoice == NULL)
        return;
    json_t *over = year_money(year, "credit-note", invoice, open + 1, "PRICE_ERR");
    year_refused_by(year, "maria", year_on_invoice(over, invoice, open + 1), "C-35", "over-credit");
    json_t *late = year_money(year, "credit-note", invoice, 1111, "PRICE_ERR");
    company_with(year_on_invoice(late, invoice, 1111), "date", text("2026-01-15"));
    year_refused_by(year, "maria", late, "C-39", "hard-closed");
    json_t *once = year_on_invoice(year_money(year, "credit-note", invoice, 1999, "QTY"), invoice, 1999);
    json_t *again = company_with(json_deep_copy(once), "ref", text(year_fresh(year, "twice")));
    json_t *other = company_with(json_deep_copy(once), "ref", text(year_fresh(year, "hers")));
    char *number = year_settle(year, "joe", once);
    if (number != NULL)
        year_refused_by(year, "maria", again, "C-38", "duplicate");
    else
        json_decref(again);
    year_refused_by(year, "cora", other, "C-02", "no-function");
    free(number);
    json_decref(invoice);
}

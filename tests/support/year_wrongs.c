/*
 * What people try in the course of the year and must not: each control that nothing else in it meets is met here, by somebody
 * who is stopped by it, or let through with what it says; see the header.
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

static void has(struct year *year, json_t *result, const char *control, const char *code)
{
    if (!result_has(result, control, code)) {
        char *shown = json_dumps(result, 0);
        fail_msg("day %d: %s %s does not answer: %s", year->day, control, code, shown);
    }
    json_decref(result);
}

static json_t *note_on(struct year *year, const json_t *invoice, int64_t amount, const char *reason)
{
    return year_on_invoice(year_money(year, "credit-note", invoice, amount, reason), invoice, amount);
}

/* Money that is not what the document says it is. */
void year_step_wrong_money(struct year *year)
{
    json_t *invoice = year_debt(year, "V", 60000), *taxed;
    json_t *other = company_with(note_on(year, invoice, 1777, "PRICE_ERR"), "currency", text("CHF"));
    year_refused_by(year, "maria", other, "C-10", "no-rate");
    other = company_with(note_on(year, invoice, 1777, "PRICE_ERR"), "amount", text("17.78"));
    year_refused_by(year, "maria", other, "C-11", "not-the-sum");
    taxed = json_pack("[{s:s, s:s, s:s}]", "code", "SALES_TAX", "net", "0.00", "tax", "17.77");
    year_refused_by(year, "maria", company_with(note_on(year, invoice, 1777, "PRICE_ERR"), "taxes", taxed), "C-36",
                    "tax-alone");
    other = year_on_invoice(year_money(year, "write-off", invoice, 1777, "TIME_BARRED"), invoice, 1777);
    year_refused_by(year, "cora", company_with(other, "method", text("direct")), "C-27", "method");
    other = company_with(note_on(year, invoice, 1777, "PRICE_ERR"), "customer", text("NOBODY"));
    year_refused_by(year, "maria", other, "C-34", "unknown-customer");
    year_refused_by(year, "ada", note_on(year, invoice, 1777, "PRICE_ERR"), "C-02", "no-function");
    json_t *release = year_money(year, "hold-release", invoice, 75000, "HOLD_REL_CRITICAL");
    char until[32];
    json_object_del(release, "allocations");
    company_with(company_with(release, "order", text("NONE")), "expires", text(year_instant(year, 2, until)));
    year_refused_by(year, "alan", release, "C-15", "unknown-order");
    json_decref(invoice);
}

/* A related person keeps away from a related party, whose documents take a level more. */
void year_step_wrong_customers(struct year *year)
{
    json_t *debt = year_debt(year, "K", 50000);
    json_t *related =
        year_document(year, "related",
                      json_pack("{s:[{s:s, s:s}], s:s, s:b, s:[s], s:s}", "customers", "customer",
                                member_text(debt, "customer"), "entity", "US01", "group", member_text(debt, "customer"),
                                "party", 1, "persons", "P-12", "reason", "joe's brother runs it"));
    free(year_settle(year, "olga", related));
    year_refused_by(year, "joe", note_on(year, debt, 1500, "PRICE_ERR"), "C-19", "related-person");
    json_t *result = year_submit(year, "maria", note_on(year, debt, 1500, "PRICE_ERR"));
    json_t *kept = json_incref(result);
    has(year, result, "C-19", "related-party");
    if (result_number(kept) != NULL)
        year_sign(year, result_number(kept));
    json_decref(kept);
    json_decref(debt);
}

static json_t *signed_by(struct year *year, const char *user, const char *number, int level, const char *behalf)
{
    json_t *record = company_record(&year->company, number);
    json_t *item = json_pack("{s:s, s:s, s:i, s:I}", "content", member_text(record, "content"), "document", number,
                             "level", level, "version", (json_int_t)member_integer(record, "version"));
    json_decref(record);
    if (behalf != NULL)
        company_with(item, "behalf", text(behalf));
    return year_do(year, user, VERB_APPROVE, json_pack("{s:[o]}", "items", item), NULL);
}

/* Twice, for somebody who did not ask for it, what is done already, and what lapsed since the last time. */
void year_step_wrong_signatures(struct year *year)
{
    json_t *debt = year_debt(year, "Q", 500000);
    const char *lapsed = year_noted(year, "abandoned");
    if (lapsed != NULL)
        has(year, signed_by(year, "ana", lapsed, 1, NULL), "C-16", "lapsed");
    char *number = year_wait(year, "joe", note_on(year, debt, 300000, "PRICE_ERR"));
    assert_non_null(number);
    has(year, signed_by(year, "dora", number, 1, "tom"), "C-17", "no-delegation");
    json_decref(signed_by(year, "ana", number, 1, NULL));
    has(year, signed_by(year, "ana", number, 2, NULL), "C-03", "signed-already");
    assert_true(year_sign(year, number));
    has(year, signed_by(year, "dora", number, 3, NULL), "C-04", "not-waiting");
    free(number);
    number = year_wait(year, "maria", note_on(year, debt, 30000, "QTY"));
    assert_non_null(number);
    year_settled(year, "abandoned", number);
    number = year_wait(year, "maria", note_on(year, debt, 40000, "SERVICE"));
    assert_non_null(number);
    year_settled(year, "slow", number);
    json_decref(debt);
}

/* Nobody signed at level 1 for a week: whoever signs at level 2 may. */
void year_step_escalated(struct year *year)
{
    const char *slow = year_noted(year, "slow");
    assert_non_null(slow);
    has(year, signed_by(year, "mona", slow, 1, NULL), "C-18", "escalated");
}

/* A list of which one is wrong, a file out of its turn, a key and a role that somebody has already. */
void year_step_wrong_lists(struct year *year)
{
    int64_t open = 0;
    json_t *invoice = year_invoice(year, 30000, &open);
    assert_non_null(invoice);
    json_t *list =
        json_pack("[o, o]", note_on(year, invoice, 1666, "PRICE_ERR"), note_on(year, invoice, open + 1, "QTY"));
    has(year, year_do(year, "maria", VERB_SUBMIT, json_pack("{s:b, s:o}", "atomic", 1, "documents", list), NULL),
        "C-12", "atomic");
    json_t *file =
        json_pack("{s:s, s:s, s:{s:i, s:i}, s:b, s:i, s:[o]}", "entity", "US01", "feed", "customers", "file", "count",
                  1, "sequence", 9999, "last", 1, "part", 1, "records", company_customer("LATER", "LATER"));
    has(year, year_do(year, "feedc", VERB_FEED, file, NULL), "C-44", "file-sequence");
    year_refused_by(year, "olga", company_grant_document(&year->company, "joe", "TEAM_LEAD"), "C-20", "conflict");
    year_refused_by(year, "olga", company_grant_document(&year->company, "ada", "BILLING_SPECIALIST"), "C-32",
                    "administrator");
    const char *key = company_user(&year->company, "maria")->key;
    json_t *twin = company_enrolment(&year->company, year_fresh(year, "twin"), "P-99", "human", key);
    has(year, year_do(year, "olga", VERB_SUBMIT, json_pack("{s:b, s:[o]}", "atomic", 0, "documents", twin), "maria"),
        "C-26", "key-in-use");
    json_decref(invoice);
}

/* Whoever settled a dispute prepares no credit for it; nor does anybody work another's case. */
void year_step_wrong_cases(struct year *year)
{
    int64_t open = 0;
    json_t *invoice = year_invoice(year, 2000, &open);
    assert_non_null(invoice);
    json_t *document =
        year_document(year, "dispute",
                      json_pack("{s:s, s:s, s:s, s:s, s:s}", "customer", member_text(invoice, "customer"), "entity",
                                "US01", "invoice", member_text(invoice, "invoice"), "owner", "joe", "reason", "QTY"));
    company_with(document, "evidence", json_pack("[o]", company_evidence(&year->company, "delivery-note")));
    char *number = year_settle(year, "maria", document);
    assert_non_null(number);
    json_t *state = json_pack("{s:s, s:s, s:s}", "case", number, "entity", "US01", "state", "AWAIT_CUSTOMER");
    year_refused_by(year, "carla", year_document(year, "case-note", json_incref(state)), "C-33", "not-owner");
    free(year_settle(year, "joe", year_document(year, "case-note", state)));
    year_refused_by(year, "joe", year_linked(note_on(year, invoice, 1500, "QTY"), "dispute", number), "C-22",
                    "same-person");
    free(number);
    json_decref(invoice);
}

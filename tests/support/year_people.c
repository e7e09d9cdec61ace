/*
 * The year's closes, people, access, policy and acquisition; see the header.
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
#include "tests/support/golden.h"
#include "tests/support/people.h"

static json_t *text(const char *value)
{
    return json_string(value);
}

static json_t *period(struct year *year, const char *month, const char *state)
{
    return year_document(
        year, "period",
        json_pack("{s:s, s:s, s:s, s:s}", "entity", "US01", "period", month, "reason", "month end", "state", state));
}

/* A note of a month before. */
static json_t *late_note(struct year *year, const char *date)
{
    json_t *note = year_credit_note(year);
    assert_non_null(note);
    return company_with(note, "date", text(date));
}

/*
 * The third closes the month before softly, the fourth has an exception for one user and a day, the fifth is past it, the
 * sixth closes hard.
 */
void year_step_periods(struct year *year)
{
    char date[16], month[16], last[16], until[32];
    int day_of_month = atoi(year_date(year, 0, date) + 8);
    if (day_of_month < 3 || day_of_month > 6 || year->day < 3)
        return;
    year_date(year, -7, month);
    year_date(year, -day_of_month, last);
    month[7] = '\0';
    if (day_of_month == 3) {
        free(year_settle(year, "cleo", period(year, month, "soft")));
    } else if (day_of_month == 6) {
        free(year_settle(year, "clive", period(year, month, "hard")));
    } else if (day_of_month == 5) {
        year_hour(year, 15);
        year_refused_by(year, "maria", late_note(year, last), "C-39", "exception-ended");
    } else {
        json_t *document = company_with(period(year, month, "open"), "user", text("maria"));
        json_t *longer = company_with(json_deep_copy(document), "until", text(year_instant(year, 6, until)));
        year_refused_by(year, "cleo", longer, "C-39", "exception-too-long");
        document = company_with(document, "ref", text(year_fresh(year, "late")));
        free(year_settle(year, "cleo", company_with(document, "until", text(year_instant(year, 1, until)))));
        year_refused_by(year, "joe", late_note(year, last), "C-39", "soft-closed");
        year_settled(year, "late", year_settle(year, "maria", late_note(year, last)));
    }
}

void year_step_grants(struct year *year)
{
    static const char *const officers[] = {"olga", "oscar", "owen"};
    const char *officer = officers[year_below(year, 3)];
    char *number = year_settle(year, officer, company_grant_document(&year->company, "maria2", "READER"));
    if (number != NULL) {
        json_t *end =
            year_document(year, "revocation", json_pack("{s:s, s:s}", "grant", number, "reason", "no longer needed"));
        free(year_settle(year, officer, end));
    }
    year_settled(year, "grant", number);
}

void year_step_rotation(struct year *year)
{
    static const char *const users[] = {"maria", "joe", "ana", "cora", "priya", "adam"};
    char name[32];
    struct company *company = &year->company;
    const char *user = users[year_below(year, 6)];
    snprintf(name, sizeof name, "%s", year_fresh(year, "key"));
    struct company_user *next = company_new_user(company, name), *old = company_user(company, user);
    json_t *document = year_document(year, "key-rotation",
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

void year_step_key_lost(struct year *year)
{
    json_t *document = year_document(year, "key-revocation",
                                     json_pack("{s:s, s:s, s:s}", "key", company_user(&year->company, "nora")->key,
                                               "reason", "lost", "user", "nora"));
    free(year_settle(year, "owen", document));
}

void year_step_delegation(struct year *year)
{
    char from[32], to[32];
    json_t *document =
        year_document(year, "delegation",
                      json_pack("{s:s, s:s, s:[s], s:s, s:s, s:s}", "from_user", "ana", "to_user", "vera", "functions",
                                "credit-note.approve.1", "from", year_instant(year, 0, from), "to",
                                year_instant(year, 14, to), "reason", "leave"));
    year_settled(year, "delegation", year_settle(year, "ana", document));
}

/* vera signs for ana while she is away; once back, ana takes it away. */
void year_step_delegate(struct year *year)
{
    const char *given = year_noted(year, "delegation");
    json_t *document = given != NULL ? year_credit_note(year) : NULL;
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
    json_t *end = year_document(year, "revocation", json_pack("{s:s, s:s}", "grant", given, "reason", "back"));
    free(year_settle(year, "ana", end));
    json_object_del(year->numbers, "delegation");
}

void year_step_mitigate(struct year *year)
{
    static const char *const pairs[] = {"CREDIT_PREPARE", "DISPUTE"};
    char until[32];
    for (size_t i = 0; i < 2; i++) {
        json_t *document = year_document(year, "mitigation",
                                         json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "a", "HOLD_RELEASE", "b",
                                                   pairs[i], "control", "MON-7", "owner", "P-24", "person", "P-62",
                                                   "reason", "Two people in this office", "reviewer", "P-23", "until",
                                                   year_instant(year, 170, until)));
        year_settled(year, pairs[i], year_settle(year, "olga", document));
    }
    char *number = year_settle(year, "olga", company_grant_document(&year->company, "mia", "CREDIT_ANALYST"));
    free(number);
}

void year_step_mitigation_reviews(struct year *year)
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
                             year_document(year, "mitigation-review",
                                           json_pack("{s:s, s:s, s:I}", "conclusion", "Looked at each; in order",
                                                     "mitigation", number, "uses", uses))));
        json_decref(record);
    }
}

void year_step_related(struct year *year)
{
    size_t count = json_array_size(year->payers);
    const char *customer = json_string_value(json_array_get(year->payers, year_below(year, (unsigned)count)));
    json_t *document =
        year_document(year, "related",
                      json_pack("{s:[{s:s, s:s}], s:s, s:s}", "customers", "customer", customer, "entity", "US01",
                                "group", year_fresh(year, "G"), "reason", "Register of relations"));
    free(year_settle(year, "olga", document));
}

void year_step_mover(struct year *year)
{
    char date[16];
    year_feed(year, "feedp", "people", 0, false,
              json_pack("[o]", people_event("EV-M", "move", "P-61", year_date(year, 0, date), "P-22", NULL)));
}

void year_step_mover_granted(struct year *year)
{
    free(year_settle(year, "oscar", company_grant_document(&year->company, "lena", "BILLING_SPECIALIST")));
}

/* Her document waits; the feed says that she has left, and joe follows her. */
void year_step_leaver(struct year *year)
{
    char date[16];
    int64_t open = 0;
    json_t *invoice = year_invoice(year, 40000, &open);
    if (invoice != NULL)
        year_settled(
            year, "left",
            year_wait(year, "lena",
                      year_on_invoice(year_money(year, "credit-note", invoice, 33333, "PRICE_ERR"), invoice, 33333)));
    json_decref(invoice);
    year_feed(year, "feedp", "people", 0, false,
              json_pack("[o]", people_event("EV-L", "leave", "P-61", year_date(year, 0, date), NULL, "P-12")));
}

void year_step_leaver_followed(struct year *year)
{
    const char *number = year_noted(year, "left");
    json_t *document = year_credit_note(year);
    if (document != NULL) { /* gone is gone */
        char *none = year_settle(year, "lena", document);
        assert_null(none);
    }
    if (number == NULL)
        return;
    json_t *result = expect(company_end(&year->company, "joe", VERB_WITHDRAW, number), "withdrawn");
    json_decref(result);
}

void year_hire(struct year *year, const char *user, const char *person, const char *role, const char *entity)
{
    const char *sort = strncmp(role, "FEED_", 5) == 0 ? "feed" : "human";
    struct company_user *one = company_new_user(&year->company, user);
    json_t *document = company_enrolment(&year->company, user, person, sort, one->key);
    json_t *result =
        year_do(year, "olga", VERB_SUBMIT, json_pack("{s:b, s:[o]}", "atomic", 0, "documents", document), user);
    assert_true(year_sign(year, result_number(result)));
    json_decref(result);
    json_t *grant = company_grant_document(&year->company, user, role);
    char *number = year_settle(year, "olga", company_with(grant, "entities", json_pack("[s]", entity)));
    assert_non_null(number);
    free(number);
}

void year_step_entity(struct year *year)
{
    year_hire(year, "feeda", "P-81", "FEED_CUSTOMERS", "AC01");
    year_hire(year, "feedb", "P-82", "FEED_INVOICES", "AC01");
    year_hire(year, "bert", "P-84", "BILLING_SPECIALIST", "AC01");
    const struct company_file customers = {.user = "feeda", .feed = "customers", .entity = "AC01"};
    year_feed_of(year, &customers, json_pack("[o, o]", company_customer("A1", "A1"), company_customer("A2", "A2")));
    const struct company_file invoices = {.user = "feedb", .feed = "invoices", .total = "70000.00", .entity = "AC01"};
    year_feed_of(year, &invoices,
                 json_pack("[o, o]", company_invoice("AI1", "A1", "50000.00", "0.00", "50000.00"),
                           company_invoice("AI2", "A2", "20000.00", "0.00", "20000.00")));
    json_t *document =
        year_document(year, "entity",
                      json_pack("{s:s, s:s, s:i, s:[{s:i, s:s, s:s}]}", "entity", "AC01", "currency", "USD",
                                "customers", 2, "opening", "count", 2, "currency", "USD", "total", "70000.00"));
    year_settled(year, "entity", year_settle(year, "olga", document));
}

void year_step_acquired_note(struct year *year)
{
    json_t *of = json_pack("{s:s, s:s}", "customer", "A1", "invoice", "AI1");
    int64_t amount = 100 + year_below(year, 5000);
    json_t *document = year_on_invoice(year_money(year, "credit-note", of, amount, "PRICE_ERR"), of, amount);
    year_settled(year, "acquired", year_settle(year, "bert", company_with(document, "entity", text("AC01"))));
    json_decref(of);
}

/*
 * Money documents for tests; see the header.
 */
#include "tests/support/money_documents.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/schema.h"
#include "tests/support/golden.h"

void money_hire(struct company *company, const char *user, const char *person, const char *sort, const char *role)
{
    struct company_user *new_user = company_new_user(company, user);
    json_t *decision = company_do_with(company, "olga", VERB_SUBMIT,
                                       json_pack("{s:b, s:[o]}", "atomic", 0, "documents",
                                                 company_enrolment(company, user, person, sort, new_user->key)),
                                       user);
    const char *number = member_text(json_array_get(json_object_get(decision, "results"), 0), "document");
    assert_non_null(number);
    expect_done(company_approve(company, "oscar", number, 1), "in-force");
    json_decref(decision);
    if (role != NULL)
        json_decref(company_grant(company, user, role));
}

void money_open(struct company *company, const char *policy)
{
    company_open(company, policy);
    money_hire(company, "mona", "P-51", "human", "MANAGER");
    money_hire(company, "dan", "P-52", "human", "DIRECTOR");
    money_hire(company, "feedt", "P-53", "feed", "FEED_CONTACTS");
}

void money_file(struct company *company, const char *user, const char *feed, int sequence, const char *total,
                json_t *records)
{
    const struct company_file file = {.user = user, .feed = feed, .total = total, .sequence = sequence};
    expect_done(company_feed(company, &file, records), "closed");
}

json_t *money_contact(const char *contact, const char *customer, const char *date, const char *until)
{
    json_t *record = json_pack("{s:s, s:s, s:s, s:s, s:s}", "channel", "call", "contact", contact, "customer", customer,
                               "date", date, "outcome", until != NULL ? "promise-to-pay" : "reached");
    return until != NULL ? company_with(record, "until", json_string(until)) : record;
}

json_t *money_recovery(struct company *company, const char *recovers, const char *invoice, const char *amount)
{
    json_t *document = company_money(company, "recovery", "10442", amount, "RECOVERED", "remittance");
    company_with(company_with(document, "recovers", json_string(recovers)), "receipt", json_string("R-9"));
    return company_allocate(document, invoice, NULL, amount);
}

json_t *money_adjustment(struct company *company, const char *charge, const char *reason, const char *direction,
                         const char *amount)
{
    static const struct {
        const char *reason, *evidence;
    } rows[] = {{"DISCOUNT_ADJ", "remittance"},
                {"SMALL_ADJ", "aging"},
                {"FX_DIFF", "remittance"},
                {"CREDIT_BAL", "search-letter"}};
    const char *evidence = "correspondence";
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].reason, reason) == 0)
            evidence = rows[i].evidence;
    json_t *document = company_money(company, "adjustment", "10442", amount, reason, evidence);
    company_with(document, "charge", json_string(charge));
    if (direction == NULL)
        return document;
    return company_allocate(company_with(document, "direction", json_string(direction)), "40251", NULL, amount);
}

json_t *money_rebill(struct company *company, const char *customer, const char *net, const char *date, const char *due)
{
    json_t *document = company_money(company, "rebill", "10442", "900.00", "PRICE_ERR", "price-sheet");
    json_t *invoice =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:[{s:s, s:s, s:s}]}", "customer", customer, "date", date, "due", due,
                  "gross", net, "ref", "RB-REF-1", "taxes", "code", "SALES_TAX", "net", net, "tax", "0.00");
    return company_allocate(company_with(document, "invoice", invoice), "40117", NULL, "900.00");
}

json_t *money_rebilled(const char *invoice, const char *customer, const char *net, const char *date, const char *due)
{
    json_t *record = company_invoice(invoice, customer, net, "0.00", net);
    company_with(company_with(record, "date", json_string(date)), "due", json_string(due));
    return company_with(record, "rebills", json_string("RB-REF-1"));
}

char *money_post(struct company *company, const char *user, json_t *document, json_t **ret_result)
{
    static const char *const people[2][5] = {{"ana", "priya", "dora", "vera", "carl"},
                                             {"tom", "mona", "dan", "vera", "carl"}};
    const char *const *approvers = people[strcmp(member_text(document, "kind"), "reversal") == 0];
    json_t *result = company_submit(company, user, document);
    const char *text = result_number(result);
    if (text == NULL) {
        char *shown = json_dumps(result, 0);
        fail_msg("not admitted: %s", shown);
    }
    char *number = strdup(text);
    for (int rounds = 0; rounds < 6 && strcmp(result_outcome(result), "posted") != 0; rounds++) {
        int level = (int)json_integer_value(json_array_get(json_object_get(result, "levels"), 0));
        json_decref(result);
        assert_in_range(level, 1, 5);
        result = company_approve(company, approvers[level - 1], number, level);
        if (strcmp(result_outcome(result), "refused") == 0) {
            char *shown = json_dumps(result, 0);
            fail_msg("%s at level %d: %s", number, level, shown);
        }
    }
    assert_string_equal(result_outcome(result), "posted");
    if (ret_result != NULL)
        *ret_result = result;
    else
        json_decref(result);
    return number;
}

char *money_written_off(struct company *company, const char *invoice, const char *amount)
{
    json_t *document = company_money(company, "write-off", "10442", amount, "TIME_BARRED", "counsel-opinion");
    company_allocate(company_with(document, "method", json_string("allowance")), invoice, NULL, amount);
    return money_post(company, "cora", document, NULL);
}

void money_open_is(struct company *company, const char *invoice, long long open)
{
    json_t *record = company_invoice_record(company, invoice);
    assert_int_equal(member_integer(record, "open"), open);
    json_decref(record);
}

void money_account_is(struct company *company, const char *customer, long long account, long long pending)
{
    struct books_key key = books_key_pair("US01", customer);
    books_key_add_text(&key, "USD");
    json_t *record = company_books(company, BOOKS_BALANCES, &key);
    assert_int_equal(member_integer(record, "account"), account);
    assert_int_equal(member_integer(record, "pending"), pending);
    json_decref(record);
}

void money_ledger_is(struct company *company, const char *account, long long balance)
{
    struct books_key key = books_key_pair("US01", account);
    books_key_add_text(&key, "USD");
    json_t *record = company_books(company, BOOKS_ACCOUNTS, &key);
    assert_int_equal(member_integer(record, "dr") - member_integer(record, "cr"), balance);
    json_decref(record);
}

void money_lines_are(const json_t *result, const char *lines)
{
    const json_t *list = json_object_get(result, "lines");
    char text[2048] = "";
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *line = json_array_get(list, i);
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%s %s %s", i > 0 ? "; " : "", member_text(line, "side"),
                 member_text(line, "account"), member_text(line, "amount"));
    }
    assert_string_equal(text, lines);
}

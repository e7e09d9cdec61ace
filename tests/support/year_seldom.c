/*
 * What the year meets now and then: amounts for the highest levels, small balances, insolvencies, a review that nobody answers
 * for one, officers who are lost and recovered; see the header.
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

json_t *year_debt(struct year *year, const char *prefix, int64_t amount)
{
    char customer[32], invoice[32], words[3][YEAR_AMOUNT_BYTES];
    snprintf(customer, sizeof customer, "%s", year_fresh(year, prefix));
    snprintf(invoice, sizeof invoice, "I-%s", customer);
    year_feed(year, "feedc", "customers", 0, false, json_pack("[o]", company_customer(customer, customer)));
    year_feed(year, "feedi", "invoices", amount, true,
              json_pack("[o]", company_invoice(invoice, customer, year_amount(amount - amount / 11, words[0]),
                                               year_amount(amount / 11, words[1]), year_amount(amount, words[2]))));
    return json_pack("{s:s, s:s}", "customer", customer, "invoice", invoice);
}

/* In turn what four levels sign and what five do. */
void year_step_large(struct year *year)
{
    json_t *of = year_debt(year, "L", 90000000);
    bool five = year_noted(year, "four levels") != NULL && year_noted(year, "five levels") == NULL;
    int64_t amount = (five ? 51000000 : 12000000) + year_below(year, 1000000);
    year_settled(year, five ? "five levels" : "four levels",
                 year_settle(year, "maria",
                             year_on_invoice(year_money(year, "credit-note", of, amount, "PRICE_ERR"), of, amount)));
    json_decref(of);
}

static json_t *given_up(struct year *year, const json_t *of, int64_t amount, const char *reason)
{
    json_t *document = year_on_invoice(year_money(year, "write-off", of, amount, reason), of, amount);
    return company_with(document, "method", text(strcmp(reason, "SMALL_BAL") == 0 ? "direct" : "allowance"));
}

/* Each within her own authority, the second of a day no longer. */
void year_step_busy(struct year *year)
{
    for (int i = 0; i < 2; i++) {
        json_t *of = year_debt(year, "D", 50000);
        year_settled(
            year, "busy",
            year_settle(year, "lena",
                        year_on_invoice(year_money(year, "credit-note", of, 15000 + i, "PRICE_ERR"), of, 15000 + i)));
        json_decref(of);
    }
}

/* A cent above what is small, a part of what is, and what is. */
void year_step_small_balance(struct year *year)
{
    json_t *more = year_debt(year, "S", 2501), *small = year_debt(year, "S", 2500);
    year_refused_by(year, "cora", given_up(year, more, 2501, "SMALL_BAL"), "C-41", "not-small");
    year_refused_by(year, "cora", given_up(year, small, 2499, "SMALL_BAL"), "C-41", "not-whole");
    year_settled(year, "small-balance", year_settle(year, "cora", given_up(year, small, 2500, "SMALL_BAL")));
    json_decref(more);
    json_decref(small);
}

void year_step_insolvency(struct year *year)
{
    json_t *of = year_debt(year, "N", 80000);
    json_t *document = given_up(year, of, 80000, "BANKRUPT");
    json_t *complete = json_deep_copy(document);
    year_refused_by(year, "cora", document, "C-41", "no-case");
    company_with(company_with(complete, "case", text("26-10442 (Bankr. S.D.N.Y.)")), "ref",
                 text(year_fresh(year, "insolvent")));
    char *number = year_settle(year, "cora", complete);
    if (number != NULL) /* whose debt was given up gets no credit */
        year_refused_by(year, "maria", year_on_invoice(year_money(year, "credit-note", of, 100, "QTY"), of, 100),
                        "C-42", "written-off");
    year_settled(year, "insolvent", number);
    json_decref(of);
}

/* Nobody answered for alan's grant: it sleeps until somebody does. */
void year_step_review_late(struct year *year)
{
    const char *review = year_noted(year, "review"), *grant = year_noted(year, "unanswered");
    assert_non_null(review);
    assert_non_null(grant);
    char *number = year_settle(year, "alan", company_limit(&year->company, "16446", "9000.00"));
    assert_null(number);
    number = year_settle(year, "olga", year_attestation(year, review, grant));
    assert_non_null(number);
    free(number);
}

/* The last day: the officers' keys are gone; the charter's recovery keys make two others. */
void year_step_recover(struct year *year)
{
    static const char *const names[][2] = {{"nina", "P-91"}, {"noah", "P-92"}};
    static const char *const signers[] = {"recovery1", "recovery3", "nina", "noah", NULL};
    struct company *company = &year->company;
    struct gate_answer answer = {.decision = NULL};
    struct err err;
    json_t *list = json_array();
    for (size_t i = 0; i < 2; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "key", company_new_user(company, names[i][0])->key,
                                              "person", names[i][1], "user", names[i][0]));
    if (company_signed_by(company, "nina", VERB_RECOVER, json_pack("{s:o}", "officers", list), signers, &answer,
                          &err) != STATUS_OK)
        fail_msg("%s", err.text);
    gate_answer_done(&answer);
    char *old = year_settle(year, "olga", company_grant_document(company, "maria2", "READER"));
    assert_null(old);
    json_t *result = year_submit(year, "nina", company_grant_document(company, "maria2", "READER"));
    assert_non_null(result_number(result));
    json_decref(year_approve(year, "noah", result_number(result), 1));
    year_note(year, "recovered", result_number(result));
    json_decref(result);
}

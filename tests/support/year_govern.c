/*
 * The year's acts of governance that come seldom: releases, reviews of access, emergency access, a stolen key, holds
 * and erasures, and what auditors put on record; see the header.
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

#define HASH "3333333333333333333333333333333333333333333333333333333333333333"

void year_step_release(struct year *year)
{
    free(
        year_settle(year, "oscar",
                    year_document(year, "release",
                                  json_pack("{s:s, s:s, s:s}", "release", "1.2.0", "commit", "4f2c9d1", "exe", HASH))));
}

json_t *year_attestation(struct year *year, const char *review, const char *grant)
{
    return year_document(
        year, "attestation",
        json_pack("{s:s, s:[{s:s, s:s}]}", "review", review, "rows", "decision", "keep", "grant", grant));
}

/* Two officers answer for every grant between them, since nobody does for himself; what was given later is no row.
   One row has no answer. */
void year_step_review(struct year *year)
{
    enum { GRANTS = 120 };
    static const char *const numbering[] = {"GR-0.%d", "GR-%d"};
    char *review = year_settle(year, "olga", year_document(year, "review", json_pack("{s:[s]}", "entities", "*")));
    if (review == NULL)
        return;
    for (int i = 0; i < 2 * GRANTS; i++) {
        char grant[32];
        snprintf(grant, sizeof grant, numbering[i / GRANTS], 1 + i % GRANTS);
        const struct books_key row = books_key_pair(review, grant);
        json_t *record = company_books(&year->company, BOOKS_REVIEW_ROWS, &row);
        if (record == NULL)
            continue;
        bool silent = strcmp(member_text(record, "user"), "alan") == 0;
        json_decref(record);
        if (silent) {
            year_note(year, "unanswered", grant);
            continue;
        }
        char *answer = year_settle(year, "olga", year_attestation(year, review, grant));
        if (answer == NULL)
            answer = year_settle(year, "oscar", year_attestation(year, review, grant));
        assert_non_null(answer);
        free(answer);
    }
    year_settled(year, "review", review);
}

/* Two officers lend vera what she needs for two hours; she prepares with it (C-05 then keeps those below
   her from signing: it lapses), and an auditor reviews it the next day. */
void year_step_emergency(struct year *year)
{
    char date[16], until[32];
    snprintf(until, sizeof until, "%sT16:00:00.000Z", year_date(year, 0, date));
    json_t *document = year_document(year, "break-glass",
                                     json_pack("{s:[s], s:[s], s:[s], s:s, s:s, s:s}", "users", "vera", "functions",
                                               "credit-note.prepare", "entities", "US01", "until", until, "ticket",
                                               "INC-77", "reason", "nobody else is there"));
    year_settled(year, "emergency", year_settle(year, "olga", document));
    json_t *note = year_credit_note(year);
    if (note != NULL)
        year_settled(year, "emergency note",
                     year_wait(year, "vera", company_with(note, "channel", json_string("break-glass"))));
}

void year_step_emergency_review(struct year *year)
{
    const char *access = year_noted(year, "emergency");
    if (access == NULL)
        return;
    json_t *document = year_document(year, "break-glass-review",
                                     json_pack("{s:s, s:s}", "break_glass", access, "conclusion", "justified"));
    free(year_settle(year, "audrey", company_with(document, "note", json_string("against the ticket"))));
}

/* What mia's stolen key signed waits until an officer affirms it. */
void year_step_stolen_key(struct year *year)
{
    char since[32];
    const char *key = company_user(&year->company, "mia")->key;
    json_t *note = year_credit_note(year);
    char *number = note != NULL ? year_wait(year, "mia", note) : NULL;
    if (number == NULL)
        return;
    json_t *lost = year_document(year, "key-revocation",
                                 json_pack("{s:s, s:s, s:s, s:s}", "key", key, "reason", "laptop stolen", "since",
                                           year_instant(year, -1, since), "user", "mia"));
    free(year_settle(year, "owen", lost));
    assert_false(year_sign(year, number));
    json_t *affirmed = year_document(
        year, "affirmation",
        json_pack("{s:s, s:[{s:s, s:s}]}", "key", key, "rows", "conclusion", "affirm", "document", number));
    free(year_settle(year, "olga", affirmed));
    year_settled(year, "affirmed", year_sign(year, number) ? number : NULL);
}

void year_step_hold_and_erasure(struct year *year)
{
    static const char *const states[] = {"on", "off"};
    const char *customer = member_text(json_array_get(year->invoices, 0), "customer");
    for (int i = 0; i < 2; i++)
        free(year_settle(year, "olga",
                         year_document(year, "legal-hold",
                                       json_pack("{s:[s], s:s, s:s}", "customers", customer, "state", states[i],
                                                 "reason", "a case"))));
    free(year_settle(
        year, "oscar",
        year_document(year, "erasure", json_pack("{s:[s], s:s}", "personal", HASH, "reason", "asked for"))));
}

void year_step_audit(struct year *year)
{
    free(year_settle(year, "audrey",
                     year_document(year, "seed", json_pack("{s:s, s:s}", "seed", "314159", "purpose", "25 notes"))));
    free(year_settle(
        year, "audrey",
        year_document(year, "disposition", json_pack("{s:s, s:s}", "about", "CN-1", "conclusion", "isolated"))));
    free(year_settle(year, "audrey",
                     year_document(year, "test-run",
                                   json_pack("{s:s, s:i, s:i, s:i, s:s}", "control", "C-45", "from", 0, "to", 4,
                                             "count", 0, "result", HASH))));
}

/*
 * C-16 and what changes under a document that waits: approvals that go stale, policies that ask for more or take away what
 * the document stands on, entities that come in, feeds that grow old.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/control.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "tests/support/closing.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define POLICY "tests/policies/rules.yaml"

static const struct edit short_approvals[] = {{"parameters:\n", "parameters:\n  approval_days: 10\n"},
                                              {"approval: { lapse_days: 14", "approval: { lapse_days: 30"},
                                              {0}};

static void open_with(struct company *company, const struct edit *edits)
{
    char path[VARIANT_PATH_BYTES];
    variant_make(edits, path);
    company_open(company, path);
    variant_done(path);
}

static json_t *levels_of(const char *first)
{
    return json_loads(first, 0, NULL);
}

/* An approval that has to leave the document waiting for exactly these levels. */
static json_t *waits_for(json_t *result, const char *levels)
{
    json_t *wanted = levels_of(levels);
    expect(result, "approved");
    if (!json_equal(json_object_get(result, "levels"), wanted))
        fail_msg("waits for %s, not %s", json_dumps(json_object_get(result, "levels"), 0), levels);
    json_decref(wanted);
    return result;
}

static void an_approval_expires(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_with(&company, short_approvals);
    company_at(&company, "2026-01-06T12:00:00.000Z");
    char *timely = company_wait(&company, "maria", closing_note(&company, "40251", "2600.00", "2026-01-06"));
    char *stale = company_wait(&company, "maria", closing_note(&company, "581483", "2600.00", "2026-01-06"));
    company_at(&company, "2026-01-07T12:00:00.000Z");
    expect_done(company_approve(&company, "ana", timely, 1), "approved");
    company_at(&company, "2026-01-07T12:00:00.000Z");
    expect_done(company_approve(&company, "ana", stale, 1), "approved");
    company_at(&company, "2026-01-17T12:00:00.000Z"); /* ten days to the millisecond */
    expect_no_answer(company_approve(&company, "priya", timely, 2), "posted", "C-16", "expired");
    company_at(&company, "2026-01-17T12:00:00.001Z");
    golden(waits_for(company_approve(&company, "priya", stale, 2), "[1]"), "approved", "C-16", "expired");
    /* Set aside, not struck out: the books keep it, and its giver can sign again. */
    json_t *record = company_record(&company, stale);
    assert_int_equal(json_array_size(json_object_get(record, "approvals")), 1);
    assert_int_equal(json_array_size(json_object_get(record, "aside")), 1);
    json_decref(record);
    expect_answer(company_approve(&company, "priya", stale, 1), "refused", "C-03", "signed-already");
    expect_answer(company_approve(&company, "tom", stale, 2), "refused", "C-02", "level-not-asked");
    expect_done(company_approve(&company, "ana", stale, 1), "posted");
    free(timely);
    free(stale);
    company_close(&company);
}

static void signing_what_lapsed(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-01-06T12:00:00.000Z");
    char *timely = company_wait(&company, "maria", closing_note(&company, "40251", "300.00", "2026-01-06"));
    company_at(&company, "2026-01-06T12:00:00.000Z");
    char *late = company_wait(&company, "maria", closing_note(&company, "581483", "300.00", "2026-01-06"));
    company_at(&company, "2026-01-20T12:00:00.000Z");
    expect_done(company_approve(&company, "ana", timely, 1), "posted");
    company_at(&company, "2026-01-20T12:00:00.001Z");
    golden(company_approve(&company, "ana", late, 1), "refused", "C-16", "lapsed");
    expect_answer(company_approve(&company, "ana", timely, 1), "refused", "C-04", "not-waiting");
    free(timely);
    free(late);
    company_close(&company);
}

/* A receipt for an invoice of a customer; files of cash in order. */
static void cash(struct company *company, int sequence, const char *customer, const char *invoice, const char *amount)
{
    char receipt[16];
    snprintf(receipt, sizeof receipt, "RC%d", sequence);
    const struct company_file file = {.user = "feedm", .feed = "cash", .total = amount, .sequence = sequence};
    json_t *applied = json_pack("[{s:s, s:s}]", "amount", amount, "invoice", invoice);
    expect_done(company_feed(company, &file, json_pack("[o]", company_cash(receipt, customer, amount, applied))),
                "closed");
}

static void what_was_seen_has_to_hold(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *other = company_wait(&company, "maria", closing_note(&company, "40251", "2600.00", "2026-01-05"));
    char *number = company_wait(&company, "maria", closing_note(&company, "581483", "2600.00", "2026-01-05"));
    expect_done(company_approve(&company, "ana", number, 1), "approved");
    expect_done(company_approve(&company, "ana", other, 1), "approved");
    cash(&company, 1, "16446", "581484", "1.00"); /* the same customer, another invoice */
    cash(&company, 2, "16446", "581483", "0.01");
    golden(waits_for(company_approve(&company, "priya", number, 2), "[1]"), "approved", "C-16", "changed");
    expect_done(company_approve(&company, "priya", other, 2), "posted");
    /* Again, and the second signature has seen it. */
    expect_done(company_approve(&company, "ana", number, 1), "posted");
    free(number);
    free(other);
    company_close(&company);
}

static void what_waited_in_sight_changes_nothing(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *known = company_wait(&company, "maria", closing_note(&company, "581483", "250.00", "2026-01-05"));
    char *number = company_wait(&company, "maria", closing_note(&company, "581483", "2600.00", "2026-01-05"));
    char *held = company_wait(&company, "maria", closing_note(&company, "581483", "2601.00", "2026-01-05"));
    expect_done(company_approve(&company, "ana", number, 1), "approved");
    expect_done(company_approve(&company, "ana", held, 1), "approved");
    /* One that waited when ana looked is posted; she had it before her. */
    expect_done(company_approve(&company, "tom", known, 1), "posted");
    expect_no_answer(company_approve(&company, "priya", number, 2), "posted", "C-16", "changed");
    /* One that came afterwards she had not. */
    char *later = company_wait(&company, "joe", closing_note(&company, "581483", "1.00", "2026-01-05"));
    expect_done(company_approve(&company, "tom", later, 1), "approved");
    expect_done(company_approve(&company, "priya", later, 2), "posted");
    expect_answer(company_approve(&company, "priya", held, 2), "approved", "C-16", "changed");
    free(known);
    free(number);
    free(held);
    free(later);
    company_close(&company);
}

static void who_signs_has_to_have_seen_it(void **state)
{
    struct company company = {.dir = ""};
    struct gate_answer answer;
    struct hash seen;
    struct err err;
    char hex[65];
    (void)state;
    company_open(&company, POLICY);
    char *number = company_wait(&company, "maria", closing_note(&company, "581483", "300.00", "2026-01-05"));
    json_t *record = company_record(&company, number);
    uint64_t seq = (uint64_t)member_integer(record, "seq");
    struct books_key key = books_key(NULL);
    books_key_add_number(&key, seq);
    json_t *entry = company_books(&company, BOOKS_ENTRIES, &key);
    snprintf(hex, sizeof hex, "%s", member_text(entry, "hash"));
    assert_int_equal(hash_from_hex(hex, &seen), STATUS_OK);
    json_decref(entry);
    cash(&company, 1, "16446", "581483", "0.01");
    const struct company_act act = {.user = "ana",
                                    .verb = VERB_APPROVE,
                                    .body = json_pack("{s:[{s:O, s:s, s:i, s:i}]}", "items", "content",
                                                      json_object_get(record, "content"), "document", number, "level",
                                                      1, "version", 1),
                                    .seen_hash = &seen,
                                    .seen_seq = seq};
    assert_int_equal(company_act(&company, &act, &answer, &err), STATUS_OK);
    golden(json_incref(json_array_get(json_object_get(answer.decision, "results"), 0)), "refused", "C-16",
           "seen-changed");
    gate_answer_done(&answer);
    expect_done(company_approve(&company, "ana", number, 1), "posted");
    json_decref(record);
    free(number);
    company_close(&company);
}

static void a_changed_limit_counts_too(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *number = company_wait(&company, "maria", closing_note(&company, "581483", "2600.00", "2026-01-05"));
    char *other = company_wait(&company, "maria", closing_note(&company, "40251", "2600.00", "2026-01-05"));
    expect_done(company_approve(&company, "ana", number, 1), "approved");
    expect_done(company_approve(&company, "ana", other, 1), "approved");
    free(company_post(&company, "adam", company_limit(&company, "16446", "12000.00"), 1));
    expect_answer(company_approve(&company, "priya", number, 2), "approved", "C-16", "changed");
    expect_done(company_approve(&company, "priya", other, 2), "posted");
    free(number);
    free(other);
    company_close(&company);
}

static void role_revoke(struct company *company, const char *user, const char *role)
{
    for (int number = 1; number < 100; number++) {
        char grant[16];
        snprintf(grant, sizeof grant, "GR-%d", number);
        struct books_key key = books_key(grant);
        json_t *record = company_books(company, BOOKS_GRANTS, &key);
        bool it = record != NULL && strcmp(member_text(record, "user"), user) == 0 &&
                  strcmp(member_text(record, "role"), role) == 0;
        json_decref(record);
        if (!it)
            continue;
        json_t *revocation = company_with(company_document(company, "revocation"), "grant", json_string(grant));
        expect_done(company_submit(company, "olga", company_with(revocation, "reason", json_string("left"))),
                    "in-force");
        return;
    }
    fail_msg("%s is no %s", user, role);
}

/* Whoever has to look again is told at what. */
static void what_changed_is_said(void **state)
{
    static const struct {
        const char *fact, *said;
    } rows[] = {{"open", " changed what invoice K-7 has open after "},
                {"dispute", " changed the dispute of invoice K-7 after "},
                {"limit", " changed the limit of customer K-7 after "},
                {"related", " changed the related-party flag of customer K-7 after "}};
    char text[SENTENCE_BYTES];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *answer = json_pack("{s:s, s:s, s:i, s:i, s:s, s:s}", "control", "C-16", "code", "seen-changed", "entry",
                                   9, "seen", 8, "fact", rows[i].fact, "id", "K-7");
        answer_sentence(answer, text);
        if (strstr(text, rows[i].said) == NULL)
            fail_msg("%s: %s", rows[i].fact, text);
        json_decref(answer);
    }
}

static void who_lost_the_role_has_signed(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    closing_hire(&company, "nora", "P-71", "TEAM_LEAD", "US01");
    char *number = company_wait(&company, "maria", closing_note(&company, "581483", "2600.00", "2026-01-05"));
    char *next = company_wait(&company, "maria", closing_note(&company, "40251", "300.00", "2026-01-05"));
    expect_done(company_approve(&company, "nora", number, 1), "approved");
    role_revoke(&company, "nora", "TEAM_LEAD");
    expect_answer(company_approve(&company, "nora", next, 1), "refused", "C-02", "no-authority");
    expect_done(company_approve(&company, "priya", number, 2), "posted");
    free(number);
    free(next);
    company_close(&company);
}

static void the_policy_at_posting_governs(void **state)
{
    /* BILLING of every entity: a third level from 2,500.00 on. */
    static const struct edit stricter[] = {
        {"- { upto: 25000.00, levels: [1, 2] }", "- { upto: 2550.00, levels: [1, 2] }"}, {0}};
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *number = company_wait(&company, "maria", closing_note(&company, "581483", "2600.00", "2026-01-05"));
    char *less = company_wait(&company, "joe", closing_note(&company, "40251", "2550.00", "2026-01-05"));
    expect_done(company_approve(&company, "ana", number, 1), "approved");
    expect_done(company_approve(&company, "ana", less, 1), "approved");
    closing_policy(&company, stricter, "2026-01-06T06:00:00.000Z");
    /* Between levels 1 and 2 a third has come to be needed; one cent less and it is not. */
    expect_answer(waits_for(company_approve(&company, "priya", number, 2), "[3]"), "approved", "C-02", "amount");
    expect_done(company_approve(&company, "priya", less, 2), "posted");
    expect_done(company_approve(&company, "dora", number, 3), "posted");
    free(number);
    free(less);
    company_close(&company);
}

static void an_entitys_row_is_halved(void **state)
{
    static const struct edit halved[] = {
        {"- row: BILLING                # errors of billing, proven",
         "- row: BILLING\n    entities: [US01]\n    tiers:\n      - { upto: 100.00, levels: [] }\n      - { upto: "
         "1250.00, levels: "
         "[1] }\n      - { upto: 12500.00, levels: [1, 2] }\n      - { levels: [1, 2, 3] }\n  - row: BILLING"},
        {0}};
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *above = company_wait(&company, "maria", closing_note(&company, "40251", "1250.01", "2026-01-05"));
    char *at = company_wait(&company, "joe", closing_note(&company, "581483", "1250.00", "2026-01-05"));
    closing_policy(&company, halved, "2026-01-06T06:00:00.000Z");
    json_decref(waits_for(company_approve(&company, "ana", above, 1), "[2]"));
    expect_done(company_approve(&company, "ana", at, 1), "posted");
    expect_done(company_approve(&company, "priya", above, 2), "posted");
    free(above);
    free(at);
    company_close(&company);
}

static void the_policy_takes_the_ground_away(void **state)
{
    static const struct edit no_reason[] = {
        {"  - reason: PRICE_ERR\n    title: Pricing error\n    kinds: [credit-note, "
         "correction]\n    row: BILLING\n    account: 4000\n    evidence: [price-sheet]\n",
         ""},
        {0}};
    static const struct edit other_row[] = {
        {"kinds: [credit-note, correction]\n    row: BILLING\n    account: 4000\n    "
         "evidence: [price-sheet]",
         "kinds: [credit-note, correction]\n    row: GOODWILL\n    account: 4000\n    "
         "evidence: [price-sheet]"},
        {0}};
    static const struct edit no_entity[] = {
        {"  - { entity: US01, currency: USD, fiscal_year_begins: 1, timezone: America/New_York }\n", ""}, {0}};
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *number = company_wait(&company, "maria", closing_note(&company, "581483", "300.00", "2026-01-05"));
    char *second = company_wait(&company, "maria", closing_note(&company, "40251", "400.00", "2026-01-05"));
    closing_policy(&company, no_reason, "2026-01-06T06:00:00.000Z");
    expect_answer(company_approve(&company, "ana", number, 1), "refused", "C-37", "unknown-reason");
    expect_answer(company_submit(&company, "maria", closing_note(&company, "581483", "1.00", "2026-01-06")), "refused",
                  "C-37", "unknown-reason");
    /* What to do: amend it to a reason that there is. */
    json_t *amended = closing_note(&company, "581483", "300.00", "2026-01-05");
    company_with(amended, "reason", json_string("QTY"));
    company_with(amended, "evidence", json_pack("[o]", company_evidence(&company, "delivery-note")));
    expect_done(company_amend(&company, "maria", number, amended), "waiting");
    expect_done(company_approve(&company, "ana", number, 1), "posted");
    /* The reason back, under another row: 400.00 of goodwill takes one level, so it is posted; 600.00 would take two. */
    closing_policy(&company, other_row, "2026-01-07T06:00:00.000Z");
    char *third = company_wait(&company, "joe", closing_note(&company, "40251", "600.00", "2026-01-06"));
    json_t *record = company_record(&company, third);
    assert_int_equal(json_array_size(json_object_get(record, "levels")), 2);
    json_decref(record);
    closing_policy(&company, no_entity, "2026-01-08T06:00:00.000Z");
    expect_answer(company_approve(&company, "ana", second, 1), "refused", "C-02", "unknown-entity");
    free(number);
    free(second);
    free(third);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_approval_expires),
        cmocka_unit_test(signing_what_lapsed),
        cmocka_unit_test(what_was_seen_has_to_hold),
        cmocka_unit_test(what_waited_in_sight_changes_nothing),
        cmocka_unit_test(who_signs_has_to_have_seen_it),
        cmocka_unit_test(a_changed_limit_counts_too),
        cmocka_unit_test(what_changed_is_said),
        cmocka_unit_test(who_lost_the_role_has_signed),
        cmocka_unit_test(the_policy_at_posting_governs),
        cmocka_unit_test(an_entitys_row_is_halved),
        cmocka_unit_test(the_policy_takes_the_ground_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

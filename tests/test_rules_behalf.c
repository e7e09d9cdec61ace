/*
 * C-08 and C-09 when somebody acts for another (C-17): what is approved or posted on behalf uses up the bounds of both persons,
 * the one who acts and the one who is acted for, and shows in the pairs of both. Each at its edge and one cent beyond it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/schema.h"
#include "tests/support/closing.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define SIGN    "credit-note.approve.1"
#define PREPARE "credit-note.prepare"

/* rules.yaml without windows over customers, invoices and preparers, with these parameters. */
static void open_with(struct company *company, const char *parameters)
{
    char path[VARIANT_PATH_BYTES];
    const struct edit edits[] = {
        {"  - { by: invoice, span: life, kinds: [credit-note, correction, write-off] }\n", ""},
        {"  - { by: customer, span: 30 days, kinds: [credit-note, correction, write-off] }\n", ""},
        {"  - { by: customer, span: quarter, kinds: [credit-note, correction, write-off] }\n", ""},
        {"kinds: [credit-note] }\n", "kinds: [rebill] }\n"},
        {"  automatic_day_max: 0.00\n  automatic_month_max: 0.00\n  pair_need_percent: 100\n", parameters},
        {0}};
    variant_make(edits, path);
    company_open(company, path);
    variant_done(path);
}

static void delegate(struct company *company, const char *from, const char *to, const char *function)
{
    json_t *document = company_document(company, "delegation");
    json_t *more =
        json_pack("{s:s, s:s, s:[s], s:s, s:s, s:s}", "from_user", from, "to_user", to, "functions", function, "from",
                  "2026-01-05T09:00:00.000Z", "to", "2026-02-03T09:00:00.000Z", "reason", "leave");
    json_object_update(document, more);
    json_decref(more);
    char *number = company_wait(company, from, document);
    expect_done(company_approve(company, "oscar", number, 1), "in-force");
    free(number);
}

static json_t *approve_for(struct company *company, const char *user, const char *behalf, const char *number)
{
    json_t *record = company_record(company, number);
    json_t *item = json_pack("{s:s, s:s, s:s, s:i, s:I}", "behalf", behalf, "content", member_text(record, "content"),
                             "document", number, "level", 1, "version", (json_int_t)member_integer(record, "version"));
    json_decref(record);
    json_t *decision = company_do(company, user, VERB_APPROVE, json_pack("{s:[o]}", "items", item));
    json_t *result = json_incref(json_array_get(json_object_get(decision, "results"), 0));
    json_decref(decision);
    return result;
}

/* The persons that a control's code answers about, under a member, in order, each followed by a blank. */
static void answers_about(json_t *result, const char *code, const char *name, const char *persons)
{
    char text[128] = "";
    const json_t *list = json_object_get(result, "controls");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *answer = json_array_get(list, i);
        if (strcmp(member_text(answer, "code"), code) != 0)
            continue;
        strncat(text, member_text(answer, name), 16);
        strcat(text, " ");
    }
    if (strcmp(text, persons) != 0)
        fail_msg("%s answers about '%s', not '%s': %s", code, text, persons, json_dumps(result, 0));
    json_decref(result);
}

static char *waits(struct company *company, const char *user, const char *amount)
{
    return company_wait(company, user, company_credit_note(company, "10442", "40251", amount));
}

static void a_delegate_uses_up_both_bounds(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_with(&company, "  automatic_day_max: 0.00\n  automatic_month_max: 0.00\n  pair_need_percent: 100\n"
                        "  approver_sum_max: 1000.00\n  approver_days: 7\n");
    delegate(&company, "ana", "vera", SIGN);
    delegate(&company, "tom", "vera", SIGN);
    static const char *const amounts[] = {"600.00", "400.01", "400.00", "400.02", "399.99", "600.01"};
    char *numbers[6];
    for (size_t i = 0; i < 6; i++)
        numbers[i] = waits(&company, i % 2 == 0 ? "maria" : "joe", amounts[i]);
    expect_done(approve_for(&company, "vera", "ana", numbers[0]), "posted");
    /* ana's own, and again for her: of both, though each of them signed only that one. */
    answers_about(company_approve(&company, "ana", numbers[1], 1), "approver-sum", "person", "P-21 ");
    answers_about(approve_for(&company, "vera", "ana", numbers[1]), "approver-sum", "person", "P-25 P-21 ");
    expect_done(company_approve(&company, "ana", numbers[2], 1), "posted"); /* ana 1,000.00, vera 600.00 */
    /* For tom, who signed nothing yet: vera's own bound. */
    answers_about(approve_for(&company, "vera", "tom", numbers[3]), "approver-sum", "person", "P-25 ");
    expect_done(approve_for(&company, "vera", "tom", numbers[4]), "posted"); /* vera 999.99, tom 399.99 */
    /* vera's use counts in tom's. */
    expect_done(company_approve(&company, "tom", numbers[5], 1), "posted"); /* tom 1,000.00 */
    answers_about(company_approve(&company, "tom", numbers[3], 1), "approver-sum", "person", "P-22 ");
    answers_about(approve_for(&company, "vera", "ana", numbers[3]), "approver-sum", "person", "P-25 P-21 ");
    /* Seven days on all of them begin anew. */
    company_at(&company, "2026-01-12T10:00:00.000Z");
    expect_done(approve_for(&company, "vera", "tom", numbers[3]), "posted");
    for (size_t i = 0; i < 6; i++)
        free(numbers[i]);
    company_close(&company);
}

static json_t *post_for(struct company *company, const char *user, const char *behalf, const char *amount)
{
    bool marias = strcmp(user, "maria") == 0 || (behalf != NULL && strcmp(behalf, "maria") == 0);
    json_t *note = company_credit_note(company, marias ? "16446" : "10442", marias ? "581483" : "40251", amount);
    return company_submit(company, user, behalf != NULL ? company_with(note, "behalf", json_string(behalf)) : note);
}

static void who_posts_for_another_uses_up_both_days(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_with(&company, "  automatic_day_max: 500.00\n  automatic_month_max: 0.00\n  pair_need_percent: 100\n");
    delegate(&company, "joe", "cora", PREPARE);
    delegate(&company, "maria", "cora", PREPARE);
    expect_done(post_for(&company, "cora", "joe", "200.00"), "posted");
    expect_done(post_for(&company, "cora", "joe", "150.00"), "posted"); /* both have 350.00 */
    answers_about(expect(post_for(&company, "joe", NULL, "150.01"), "waiting"), "automatic-day", "person", "P-12 ");
    expect_done(post_for(&company, "joe", NULL, "149.99"), "posted"); /* joe 499.99 */
    answers_about(expect(post_for(&company, "cora", "joe", "0.02"), "waiting"), "automatic-day", "person", "P-12 ");
    expect_done(post_for(&company, "cora", "joe", "0.01"), "posted"); /* joe 500.00, cora 350.01 */
    /* For maria: what maria has left is not what cora has. */
    answers_about(expect(post_for(&company, "cora", "maria", "150.00"), "waiting"), "automatic-day", "person", "P-13 ");
    expect_done(post_for(&company, "cora", "maria", "149.98"), "posted"); /* cora 499.99 */
    expect_done(post_for(&company, "maria", NULL, "200.00"), "posted");
    answers_about(expect(post_for(&company, "maria", NULL, "150.03"), "waiting"), "automatic-day", "person", "P-11 ");
    expect_done(post_for(&company, "maria", NULL, "150.02"), "posted"); /* maria 500.00 */
    company_close(&company);
}

static void pairs_of_both_persons(void **state)
{
    struct company company = {.dir = ""};
    char *numbers[8];
    (void)state;
    open_with(&company, "  automatic_day_max: 0.00\n  automatic_month_max: 0.00\n  pair_count_min: 4\n  pair_days: 10\n"
                        "  pair_flag_percent: 50\n  pair_need_percent: 75\n");
    delegate(&company, "ana", "vera", SIGN);
    delegate(&company, "tom", "vera", SIGN);
    delegate(&company, "joe", "cora", PREPARE);
    for (int i = 0; i < 8; i++) {
        char amount[16];
        snprintf(amount, sizeof amount, "20%d.00", i + 1);
        json_t *note = company_credit_note(&company, "10442", "40251", amount);
        numbers[i] = i < 4   ? company_wait(&company, "maria", note)
                     : i < 7 ? company_wait(&company, "cora", company_with(note, "behalf", json_string("joe")))
                             : company_wait(&company, "joe", note);
    }
    for (int i = 0; i < 3; i++)
        expect_done(approve_for(&company, "vera", "ana", numbers[i]), "posted");
    /* The fourth would be four of four of ana's, and of vera's, for whomever she signs. */
    answers_about(company_approve(&company, "ana", numbers[3], 1), "pair-refused", "approver", "P-21 ");
    answers_about(approve_for(&company, "vera", "tom", numbers[3]), "pair-refused", "approver", "P-25 ");
    answers_about(approve_for(&company, "vera", "ana", numbers[3]), "pair-refused", "approver", "P-25 P-21 ");
    expect_no_answer(company_approve(&company, "tom", numbers[3], 1), "posted", "C-09", "pair");
    /* What cora prepared for joe is joe's as well, though he prepared one only. */
    for (int i = 4; i < 7; i++)
        expect_done(company_approve(&company, "tom", numbers[i], 1), "posted");
    answers_about(company_approve(&company, "tom", numbers[7], 1), "pair-refused", "person", "P-12 ");
    expect_no_answer(company_approve(&company, "ana", numbers[7], 1), "posted", "C-09", "pair");
    for (int i = 0; i < 8; i++)
        free(numbers[i]);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delegate_uses_up_both_bounds),
        cmocka_unit_test(who_posts_for_another_uses_up_both_days),
        cmocka_unit_test(pairs_of_both_persons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

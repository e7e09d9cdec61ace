/*
 * C-51: emergency access is lent by two officers for hours, shows in everything that is made with it, relaxes what the
 * policy lists and never more than the closed list, and is reviewed by somebody else or its users stop.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "controls/relaxable.h"
#include "ledger/schema.h"
#include "tests/support/closing.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define POLICY "tests/policies/govern.yaml"

/* A Thursday. */
#define OPENED "2026-02-05T12:00:00.000Z"

static json_t *access_document(struct company *company, const char *user, const char *function, const char *until)
{
    json_t *document = company_with(company_document(company, "break-glass"), "users", json_pack("[s]", user));
    company_with(document, "functions", json_pack("[s]", function));
    company_with(document, "entities", json_pack("[s]", "US01"));
    company_with(document, "until", json_string(until));
    company_with(document, "ticket", json_string("INC-77"));
    return company_with(document, "reason", json_string("nobody else is there"));
}

static void open_access(struct company *company, const char *user, const char *function, const char *until)
{
    json_t *result =
        expect(company_submit(company, "olga", access_document(company, user, function, until)), "waiting");
    expect_done(company_approve(company, "oscar", result_number(result), 1), "in-force");
    json_decref(result);
}

static json_t *emergency(json_t *document)
{
    return company_with(document, "channel", json_string("break-glass"));
}

static json_t *reviewed(struct company *company, const char *access)
{
    json_t *document =
        company_with(company_document(company, "break-glass-review"), "break_glass", json_string(access));
    company_with(document, "conclusion", json_string("justified"));
    return company_with(document, "note", json_string("CN-1 against the ticket"));
}

static void what_can_be_lent(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, OPENED);
    golden(company_submit(&company, "olga",
                          access_document(&company, "maria", "write-off.prepare", "2026-02-05T16:00:00.001Z")),
           "refused", "C-51", "too-long");
    company_at(&company, "2026-02-05T12:01:00.000Z");
    golden(company_submit(&company, "olga",
                          access_document(&company, "maria", "write-off.prepare", "2026-02-05T12:01:00.000Z")),
           "refused", "C-51", "over");
    golden(company_submit(&company, "olga",
                          access_document(&company, "nobody", "write-off.prepare", "2026-02-05T14:00:00.000Z")),
           "refused", "C-51", "unknown-user");
    golden(company_submit(&company, "olga",
                          access_document(&company, "bot1", "write-off.prepare", "2026-02-05T14:00:00.000Z")),
           "refused", "C-51", "not-human");
    golden(company_submit(&company, "olga",
                          access_document(&company, "owen", "write-off.prepare", "2026-02-05T14:00:00.000Z")),
           "refused", "C-51", "officer");
    golden(company_submit(&company, "olga",
                          access_document(&company, "maria", "govern.access", "2026-02-05T14:00:00.000Z")),
           "refused", "C-51", "function");
    expect_answer(company_submit(&company, "maria",
                                 access_document(&company, "maria", "write-off.prepare", "2026-02-05T14:00:00.000Z")),
                  "refused", "C-31", "not-an-officer");
    /* Exactly four hours; the second officer signs a second later and it is less. One officer alone does not. */
    company_at(&company, "2026-02-05T12:02:00.000Z");
    json_t *result = company_submit(
        &company, "olga", access_document(&company, "maria", "write-off.prepare", "2026-02-05T16:02:00.000Z"));
    char *number = strdup(result_number(result));
    golden(result, "waiting", "C-51", "opened");
    expect_answer(company_approve(&company, "olga", number, 1), "refused", "C-01", "own-document");
    expect_answer(company_submit(&company, "maria", emergency(company_write_off(&company, "10442", "40251", "20.00"))),
                  "refused", "C-51", "no-access");
    expect_done(company_approve(&company, "oscar", number, 1), "in-force");
    free(number);
    company_close(&company);
}

static void each_use_shows(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, OPENED);
    open_access(&company, "maria", "write-off.prepare", "2026-02-05T14:00:00.000Z");
    golden(company_submit(&company, "maria", company_write_off(&company, "10442", "40251", "20.00")), "refused", "C-51",
           "channel");
    json_t *result =
        company_submit(&company, "maria", emergency(company_write_off(&company, "10442", "40251", "20.00")));
    char *number = strdup(result_number(result));
    golden(result, "waiting", "C-51", "used");
    /* What it does not lend, her second account, another person. */
    golden(company_submit(&company, "maria", emergency(company_limit(&company, "10442", "12000.00"))), "refused",
           "C-51", "no-access");
    expect_answer(company_submit(&company, "maria2", emergency(company_write_off(&company, "10442", "40251", "21.00"))),
                  "refused", "C-51", "no-access");
    expect_answer(company_submit(&company, "joe", emergency(company_credit_note(&company, "10442", "40251", "21.00"))),
                  "refused", "C-51", "no-access");
    /* Maker and checker stay two persons, whatever is lent. */
    open_access(&company, "maria", "write-off.approve.1", "2026-02-05T14:00:00.000Z");
    expect_answer(company_approve(&company, "maria", number, 1), "refused", "C-01", "own-document");
    /* The last millisecond. */
    company_at(&company, "2026-02-05T13:59:59.999Z");
    expect_answer(company_submit(&company, "maria", emergency(company_write_off(&company, "10442", "40251", "22.00"))),
                  "waiting", "C-51", "used");
    expect_answer(company_submit(&company, "maria", emergency(company_write_off(&company, "10442", "40251", "23.00"))),
                  "refused", "C-51", "no-access");
    struct books_key key = books_key("BG-1");
    json_t *record = company_books(&company, BOOKS_BREAK_GLASS, &key);
    assert_string_equal(member_text(record, "review_by"), "2026-02-10T05:00:00.000Z"); /* Monday's end in New York */
    json_decref(record);
    free(number);
    company_close(&company);
}

static void approving_under_it_shows(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, OPENED);
    char *waits = company_wait(&company, "joe", company_credit_note(&company, "10442", "40251", "300.00"));
    expect_answer(company_approve(&company, "cora", waits, 1), "refused", "C-02", "no-authority");
    open_access(&company, "cora", "credit-note.approve.1", "2026-02-05T14:00:00.000Z");
    expect_answer(company_approve(&company, "cora", waits, 1), "posted", "C-51", "used");
    free(waits);
    company_close(&company);
}

static void what_it_relaxes(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, OPENED);
    json_t *bare = company_credit_note(&company, "10442", "40251", "20.00");
    json_object_del(bare, "evidence");
    expect_answer(company_submit(&company, "maria", bare), "refused", "C-37", "evidence");
    open_access(&company, "maria", "credit-note.prepare", "2026-02-05T14:00:00.000Z");
    bare = company_credit_note(&company, "10442", "40251", "20.00");
    json_object_del(bare, "evidence");
    json_t *result = expect(company_submit(&company, "maria", emergency(bare)), "posted");
    const json_t *controls = json_object_get(result, "controls");
    assert_true(result_has(result, "C-37", "evidence"));
    assert_string_equal(member_text(json_array_get(controls, 0), "answer"), "flag");
    assert_string_equal(member_text(json_array_get(controls, 0), "relaxed"), "BG-1");
    json_decref(result);
    /* Not without the channel, and not what the policy does not list: an invoice is not credited beyond what it has. */
    bare = company_credit_note(&company, "10442", "40251", "21.00");
    json_object_del(bare, "evidence");
    expect_answer(company_submit(&company, "maria", bare), "refused", "C-37", "evidence");
    expect_answer(
        company_submit(&company, "maria", emergency(company_credit_note(&company, "10442", "40251", "9000.00"))),
        "refused", "C-35", "over-credit");
    company_close(&company);
    static const char *const floor[] = {"C-01", "C-03", "C-04", "C-20", "C-31", "C-32", "C-35", "C-44", "C-51", "C-52"};
    for (size_t i = 0; i < sizeof floor / sizeof floor[0]; i++)
        assert_false(control_relaxable(floor[i]));
    assert_true(code_relaxable("C-39", "soft-closed"));
    assert_false(code_relaxable("C-39", "hard-closed"));
    assert_false(code_relaxable("C-38", "ref-taken"));
}

/* Monday's end where the access is: in Berlin, or, for every entity, where it comes last. */
static void it_is_reviewed_by_the_entitys_calendar(void **state)
{
    static const char *const rows[][2] = {
        {"US01", "2026-02-10T05:00:00.000Z"}, {"DE01", "2026-02-09T23:00:00.000Z"}, {"*", "2026-02-10T05:00:00.000Z"}};
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, OPENED);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *document = access_document(&company, "maria", "write-off.prepare", "2026-02-05T14:00:00.000Z");
        json_t *result =
            company_submit(&company, "olga", company_with(document, "entities", json_pack("[s]", rows[i][0])));
        const json_t *answer = json_array_get(json_object_get(result, "controls"), 0);
        for (size_t j = 0; strcmp(member_text(answer, "code"), "opened") != 0; j++)
            assert_non_null(answer = json_array_get(json_object_get(result, "controls"), j));
        assert_string_equal(member_text(answer, "review_by"), rows[i][1]);
        expect_done(result, "waiting");
    }
    company_close(&company);
}

/* Not a millisecond before it is over, and from then on. */
static void it_is_reviewed_when_it_is_over(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, OPENED);
    open_access(&company, "maria", "write-off.prepare", "2026-02-05T14:00:00.000Z");
    company_at(&company, "2026-02-05T13:59:59.999Z");
    expect_answer(company_submit(&company, "owen", reviewed(&company, "BG-1")), "refused", "C-51", "still-open");
    company_at(&company, "2026-02-05T14:00:00.000Z");
    expect_done(company_submit(&company, "owen", reviewed(&company, "BG-1")), "in-force");
    company_close(&company);
}

static const json_t *answer_of(const json_t *result, const char *control)
{
    const json_t *list = json_object_get(result, "controls"), *found = NULL;
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(member_text(json_array_get(list, i), "control"), control) == 0)
            found = json_array_get(list, i);
    return found;
}

/* A month closed softly: what is let in under emergency access can be signed while that lasts, and no longer. Who signs is
 * another person than who prepared, also where the policy lets one person do both sides of a chain. */
static void what_it_relaxes_can_be_signed(void **state)
{
    static const struct edit relaxed[] = {{"parameters:\n", "break_glass: { controls: [C-22, C-39] }\nparameters:\n"},
                                          {0}};
    struct company company = {.dir = ""};
    char path[VARIANT_PATH_BYTES];
    (void)state;
    variant_make(relaxed, path);
    company_open(&company, path);
    variant_done(path);
    closing_closers(&company);
    company_at(&company, OPENED);
    char *reversed = company_post(&company, "joe", company_credit_note(&company, "10442", "40251", "300.00"), 1);
    expect_done(company_submit(&company, "cleo", closing_period(&company, "2026-01", "soft")), "in-force");
    expect_done(company_submit(&company, "cleo", closing_period(&company, "2025-12", "hard")), "in-force");
    open_access(&company, "maria", "credit-note.prepare", "2026-02-05T14:00:00.000Z");
    open_access(&company, "maria", "reversal.prepare", "2026-02-05T14:00:00.000Z");
    expect_answer(company_submit(&company, "joe", emergency(closing_note(&company, "581483", "300.00", "2026-01-31"))),
                  "refused", "C-39", "soft-closed");
    expect_answer(company_submit(&company, "maria", closing_note(&company, "581483", "300.00", "2026-01-31")),
                  "refused", "C-39", "soft-closed");
    expect_answer(
        company_submit(&company, "maria", emergency(closing_note(&company, "581483", "300.00", "2025-12-31"))),
        "refused", "C-39", "hard-closed");
    char *two[2];
    for (int i = 0; i < 2; i++) {
        json_t *note = emergency(closing_note(&company, "581483", i == 0 ? "300.00" : "301.00", "2026-01-31"));
        json_t *result = company_submit(&company, "maria", note);
        two[i] = strdup(result_number(result));
        expect_answer(result, "waiting", "C-39", "soft-closed");
    }
    json_t *result = expect(company_approve(&company, "ana", two[0], 1), "posted");
    const json_t *answer = answer_of(result, "C-39");
    assert_string_equal(member_text(answer, "answer"), "flag");
    assert_string_equal(member_text(answer, "relaxed"), "BG-1");
    json_decref(result);
    /* Who signed the write-off signs no credit that corrects it, though C-22 is relaxed for who prepares. */
    char *lost = company_post(&company, "cora", company_write_off(&company, "10442", "40117", "20.00"), 1);
    json_t *credit = company_credit_note(&company, "10442", "40117", "300.00");
    company_with(credit, "links", json_pack("[{s:s, s:s}]", "document", lost, "rel", "corrects"));
    char *linked = company_wait(&company, "maria", emergency(credit));
    result = expect(company_approve(&company, "ana", linked, 1), "refused");
    answer = answer_of(result, "C-22");
    assert_string_equal(member_text(answer, "code"), "same-person");
    assert_string_equal(member_text(answer, "answer"), "deny");
    json_decref(result);
    /* Who signed the original signs no reversal, in an emergency neither. */
    char *reversal = company_wait(&company, "maria", emergency(company_reversal(&company, reversed)));
    expect_answer(company_approve(&company, "ana", reversal, 1), "refused", "C-43", "same-approver");
    company_at(&company, "2026-02-05T14:00:00.000Z");
    expect_answer(company_approve(&company, "ana", two[1], 1), "refused", "C-39", "soft-closed");
    for (int i = 0; i < 2; i++)
        free(two[i]);
    free(linked);
    free(lost);
    free(reversal);
    free(reversed);
    company_close(&company);
}

static void somebody_else_reviews_it(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, OPENED);
    open_access(&company, "maria", "write-off.prepare", "2026-02-05T14:00:00.000Z");
    golden(company_submit(&company, "owen", reviewed(&company, "BG-1")), "refused", "C-51", "still-open");
    company_at(&company, "2026-02-05T14:00:00.000Z");
    golden(company_submit(&company, "maria", reviewed(&company, "BG-1")), "refused", "C-51", "not-a-reviewer");
    golden(company_submit(&company, "owen", reviewed(&company, "BG-7")), "refused", "C-51", "unknown-access");
    /* Two business days, of which Saturday and Sunday are none. */
    company_at(&company, "2026-02-10T04:59:59.999Z");
    expect_done(company_submit(&company, "maria", company_credit_note(&company, "10442", "40251", "1.00")), "posted");
    company_at(&company, "2026-02-10T05:00:00.000Z");
    json_t *body =
        json_pack("{s:b, s:[o]}", "atomic", 0, "documents", company_credit_note(&company, "10442", "40251", "2.00"));
    golden(company_do(&company, "maria", VERB_SUBMIT, body), "refused", "C-51", "not-reviewed");
    /* Her other account is the same person; others go on. */
    body = json_pack("{s:b, s:[o]}", "atomic", 0, "documents", company_credit_note(&company, "10442", "40251", "2.00"));
    expect_answer(company_do(&company, "maria2", VERB_SUBMIT, body), "refused", "C-51", "not-reviewed");
    expect_done(company_submit(&company, "joe", company_credit_note(&company, "10442", "40251", "2.00")), "posted");
    expect_done(company_submit(&company, "audrey", reviewed(&company, "BG-1")), "in-force");
    golden(company_submit(&company, "owen", reviewed(&company, "BG-1")), "refused", "C-51", "reviewed-already");
    expect_done(company_submit(&company, "maria", company_credit_note(&company, "10442", "40251", "3.00")), "posted");
    company_close(&company);
}

static void nobody_reviews_his_own(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, OPENED);
    /* zoe had it, and becomes an auditor while it runs. */
    struct company_user *zoe = company_new_user(&company, "zoe");
    json_t *body = json_pack("{s:b, s:[o]}", "atomic", 0, "documents",
                             company_enrolment(&company, "zoe", "P-77", "human", zoe->key));
    json_t *decision = company_do_with(&company, "olga", VERB_SUBMIT, body, "zoe");
    char *number = strdup(result_number(json_array_get(json_object_get(decision, "results"), 0)));
    json_decref(decision);
    expect_done(company_approve(&company, "oscar", number, 1), "in-force");
    open_access(&company, "zoe", "write-off.prepare", "2026-02-05T14:00:00.000Z");
    json_decref(company_grant(&company, "zoe", "AUDITOR"));
    company_at(&company, "2026-02-05T14:00:00.000Z");
    golden(company_submit(&company, "zoe", reviewed(&company, "BG-1")), "refused", "C-51", "own-use");
    expect_done(company_submit(&company, "audrey", reviewed(&company, "BG-1")), "in-force");
    free(number);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_be_lent),
        cmocka_unit_test(each_use_shows),
        cmocka_unit_test(approving_under_it_shows),
        cmocka_unit_test(what_it_relaxes),
        cmocka_unit_test(it_is_reviewed_by_the_entitys_calendar),
        cmocka_unit_test(it_is_reviewed_when_it_is_over),
        cmocka_unit_test(what_it_relaxes_can_be_signed),
        cmocka_unit_test(somebody_else_reviews_it),
        cmocka_unit_test(nobody_reviews_his_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

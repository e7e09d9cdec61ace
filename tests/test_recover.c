/*
 * `recover` and `clock`, book keys, holds and erasures, suspect keys: the acts of governance that come seldom and have to be
 * right then.
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
#include "ledger/hash.h"
#include "ledger/instant.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "tests/support/closing.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define POLICY "tests/policies/govern.yaml"

static json_t *officer(struct company *company, const char *user, const char *person)
{
    return json_pack("{s:s, s:s, s:s}", "key", company_user(company, user)->key, "person", person, "user", user);
}

/* Lets in a statement of several signers; gives its decision. */
static json_t *together(struct company *company, const char *actor, enum verb verb, json_t *body,
                        const char *const signers[])
{
    struct gate_answer answer = {.decision = NULL};
    struct err err;
    if (company_signed_by(company, actor, verb, body, signers, &answer, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    json_t *decision = json_incref(answer.decision);
    gate_answer_done(&answer);
    return decision;
}

static json_t *two_new(struct company *company)
{
    return json_pack("{s:[o, o]}", "officers", officer(company, "nina", "P-91"), officer(company, "noah", "P-92"));
}

static void recovery_makes_officers(void **state)
{
    struct company company = {.dir = "", .recovery = true};
    (void)state;
    company_open(&company, POLICY);
    company_new_user(&company, "nina");
    company_new_user(&company, "noah");
    /* The charter asks for two of three recovery keys, and the new keys sign too. */
    golden(together(&company, "nina", VERB_RECOVER, two_new(&company),
                    (const char *const[]){"recovery1", "nina", "noah", NULL}),
           "refused", "C-31", "recovery-keys");
    expect_answer(together(&company, "nina", VERB_RECOVER, two_new(&company),
                           (const char *const[]){"recovery1", "recovery2", "nina", NULL}),
                  "refused", "C-52", "no-possession");
    expect_answer(together(&company, "nina", VERB_RECOVER, two_new(&company),
                           (const char *const[]){"recovery1", "recovery2", "nina", "noah", "olga", NULL}),
                  "refused", "C-52", "foreign-signature");
    golden(together(&company, "nina", VERB_RECOVER,
                    json_pack("{s:[o, o]}", "officers", officer(&company, "nina", "P-91"),
                              json_pack("{s:s, s:s, s:s}", "key", company_user(&company, "noah")->key, "person", "P-92",
                                        "user", "olga")),
                    (const char *const[]){"recovery1", "recovery2", "nina", "noah", NULL}),
           "refused", "C-31", "recovery-user");
    golden(together(&company, "nina", VERB_RECOVER,
                    json_pack("{s:[o, o]}", "officers", officer(&company, "nina", "P-11"),
                              officer(&company, "noah", "P-92")),
                    (const char *const[]){"recovery1", "recovery2", "nina", "noah", NULL}),
           "refused", "C-31", "recovery-duties");
    expect_answer(together(&company, "nina", VERB_RECOVER,
                           json_pack("{s:[o, o]}", "officers", officer(&company, "nina", "P-91"),
                                     json_pack("{s:s, s:s, s:s}", "key", company_user(&company, "olga")->key, "person",
                                               "P-92", "user", "noah")),
                           (const char *const[]){"recovery1", "recovery2", "nina", "olga", NULL}),
                  "refused", "C-26", "key-in-use");
    expect_done(company_first(together(&company, "nina", VERB_RECOVER, two_new(&company),
                                       (const char *const[]){"recovery3", "recovery2", "nina", "noah", NULL})),
                "in-force");
    /* The old officers have nothing left; the new ones govern. */
    expect_answer(
        company_do(&company, "olga", VERB_SUBMIT, company_one(company_grant_document(&company, "maria2", "READER"))),
        "refused", "C-52", "key-not-valid");
    json_t *result =
        expect(company_submit(&company, "nina", company_grant_document(&company, "maria2", "READER")), "waiting");
    expect_done(company_approve(&company, "noah", result_number(result), 1), "in-force");
    json_decref(result);
    company_close(&company);
}

static void recovery_is_the_charters(void **state)
{
    struct company company = {.dir = ""};
    struct gate_answer answer = {.decision = NULL};
    struct err err;
    (void)state;
    /* A charter without recovery keys: whoever signs is no one. */
    company_open(&company, POLICY);
    company_new_user(&company, "nina");
    company_new_user(&company, "noah");
    assert_int_equal(company_signed_by(&company, "nina", VERB_RECOVER, two_new(&company),
                                       (const char *const[]){"nina", "noah", NULL}, &answer, &err),
                     STATUS_PERMISSION);
    assert_int_equal(company_signed_by(&company, "olga", VERB_RECOVER, two_new(&company),
                                       (const char *const[]){"olga", "nina", "noah", NULL}, &answer, &err),
                     STATUS_INPUT);
    company_close(&company);
}

static json_t *clock_body(struct company *company, int64_t time_ms, int64_t off)
{
    const struct journal_head head = company_head(company);
    char hex[HASH_HEX_CHARS + 1], time[INSTANT_TEXT_BYTES];
    hash_to_hex(&head.leaf, hex);
    instant_format(time_ms, time);
    return json_pack("{s:{s:s, s:I}, s:s, s:s}", "head", "hash", hex, "seq", (json_int_t)head.size - 1 + off, "reason",
                     "the clock was a month ahead", "true_time", time);
}

static enum status clock_try(struct company *company, json_t *body, const char *const signers[])
{
    struct gate_answer answer = {.decision = NULL};
    struct err err;
    enum status status = company_signed_by(company, "olga", VERB_CLOCK, body, signers, &answer, &err);
    gate_answer_done(&answer);
    return status;
}

static void a_clock_goes_back_once(void **state)
{
    struct company company = {.dir = "", .recovery = true};
    const char *const two[] = {"olga", "oscar", NULL};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-03-01T12:00:00.000Z");
    expect_done(company_submit(&company, "joe", company_credit_note(&company, "10442", "40251", "1.00")), "posted");
    int64_t ahead = company.now_ms, true_ms = ahead - INT64_C(30) * 86400000;
    /* What is refused leaves no entry that would itself set the clock back. */
    company.now_ms = true_ms;
    assert_int_equal(clock_try(&company, clock_body(&company, true_ms, 0), (const char *const[]){"olga", NULL}),
                     STATUS_REFUSED);
    assert_int_equal(clock_try(&company, clock_body(&company, true_ms, 0), (const char *const[]){"olga", "joe", NULL}),
                     STATUS_REFUSED);
    assert_int_equal(
        clock_try(&company, clock_body(&company, true_ms, 0), (const char *const[]){"olga", "recovery1", NULL}),
        STATUS_REFUSED);
    assert_int_equal(clock_try(&company, clock_body(&company, true_ms, -1), two), STATUS_REFUSED);
    assert_int_equal(clock_try(&company, clock_body(&company, true_ms + INT64_C(3700000), 0), two), STATUS_REFUSED);
    struct gate_answer answer = {.decision = NULL};
    struct err err;
    assert_int_equal(company_try(&company, "joe", VERB_SUBMIT,
                                 company_one(company_credit_note(&company, "10442", "40251", "2.00")), NULL, &answer,
                                 &err),
                     STATUS_CLOCK);
    expect_done(company_first(together(&company, "olga", VERB_CLOCK, clock_body(&company, company.now_ms, 0), two)),
                "in-force");
    expect_done(company_submit(&company, "joe", company_credit_note(&company, "10442", "40251", "2.00")), "posted");
    company.unchecked = true; /* setting a clock back is a finding of every verification */
    company_close(&company);
}

/* A company that does not ask for look-alikes is told of none, not even of those that a clock set back puts after now. */
static void no_days_are_none_after_a_clock_went_back(void **state)
{
    static const char *const days[] = {"duplicate_days: 0, key_days_max: 366", "duplicate_days: 1, key_days_max: 366"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct edit edits[] = {{"key_days_max: 366", days[i]}, {0}};
        struct company company = {.dir = "", .recovery = true};
        char path[VARIANT_PATH_BYTES];
        variant_make_of(POLICY, edits, path);
        company_open(&company, path);
        variant_done(path);
        company_at(&company, "2026-03-01T12:00:00.000Z");
        expect_done(company_submit(&company, "joe", company_credit_note(&company, "10442", "40251", "1.00")), "posted");
        company.now_ms -= INT64_C(30) * 86400000;
        expect_done(company_first(together(&company, "olga", VERB_CLOCK, clock_body(&company, company.now_ms, 0),
                                           (const char *const[]){"olga", "oscar", NULL})),
                    "in-force");
        json_t *result = company_submit(&company, "joe", company_credit_note(&company, "10442", "40117", "1.00"));
        assert_int_equal(result_has(result, "C-38", "same-amount"), i == 1);
        expect_done(result, "posted");
        company.unchecked = true;
        company_close(&company);
    }
}

static void recovery_keys_set_a_clock_back(void **state)
{
    struct company company = {.dir = "", .recovery = true};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-03-01T12:00:00.000Z");
    expect_done(company_submit(&company, "joe", company_credit_note(&company, "10442", "40251", "1.00")), "posted");
    company.now_ms -= INT64_C(30) * 86400000;
    expect_done(company_first(together(&company, "olga", VERB_CLOCK, clock_body(&company, company.now_ms, 0),
                                       (const char *const[]){"recovery1", "recovery3", NULL})),
                "in-force");
    company.unchecked = true;
    company_close(&company);
}

static void a_clock_says_what_is(void **state)
{
    struct company company = {.dir = "", .recovery = true};
    const char *const two[] = {"olga", "oscar", NULL};
    (void)state;
    company_open(&company, POLICY);
    golden(together(&company, "olga", VERB_CLOCK, clock_body(&company, company.now_ms, 0), two), "refused", "C-31",
           "clock-right");
    golden(together(&company, "olga", VERB_CLOCK, clock_body(&company, company.now_ms, 0),
                    (const char *const[]){"olga", NULL}),
           "refused", "C-31", "clock-signers");
    golden(together(&company, "olga", VERB_CLOCK, clock_body(&company, company.now_ms, -1), two), "refused", "C-31",
           "clock-head");
    golden(together(&company, "olga", VERB_CLOCK, clock_body(&company, company.now_ms + INT64_C(3700000), 0), two),
           "refused", "C-31", "clock-time");
    company_close(&company);
}

/* Equal is not ahead; an hour off the clock that decides is let in, a millisecond more is not. Each statement takes a second. */
static void a_clock_is_right_to_the_millisecond(void **state)
{
    enum { SECOND = 1000, HOUR = 3600000 };
    struct company company = {.dir = "", .recovery = true};
    const char *const two[] = {"olga", "oscar", NULL};
    (void)state;
    company_open(&company, POLICY);
    for (int off = 0; off < 2; off++) {
        int64_t said = company.now_ms + SECOND + HOUR + off;
        json_t *decision = together(&company, "olga", VERB_CLOCK, clock_body(&company, said, 0), two);
        assert_int_equal(result_has(decision, "C-31", "clock-time"), off == 1);
        json_decref(decision);
        said = company.now_ms + SECOND - HOUR - off;
        decision = together(&company, "olga", VERB_CLOCK, clock_body(&company, said, 0), two);
        assert_int_equal(result_has(decision, "C-31", "clock-time"), off == 1);
        json_decref(decision);
    }
    company.now_ms -= SECOND; /* the next one bears the time of the last */
    expect_answer(together(&company, "olga", VERB_CLOCK, clock_body(&company, company.now_ms + SECOND, 0), two),
                  "refused", "C-31", "clock-right");
    company_close(&company);
}

static void in_force_by(struct company *company, const char *user, json_t *document, const char *other)
{
    json_t *result =
        expect(company_first(company_do_with(company, user, VERB_SUBMIT, company_one(document), other)), "waiting");
    expect_done(company_approve(company, "oscar", result_number(result), 1), "in-force");
    json_decref(result);
}

static int64_t gate_clock(void *context)
{
    const struct company *company = context;
    return company->now_ms;
}

/* A book with the system's clock, which was a month ahead once: what it is set back to is what the system says then. */
static void a_real_clock_goes_back_too(void **state)
{
    struct company company = {.dir = "", .real_now = gate_clock};
    const char *const two[] = {"olga", "oscar", NULL};
    struct gate_answer answer = {.decision = NULL};
    struct err err;
    (void)state;
    company_open(&company, POLICY);
    const int64_t true_ms = company.now_ms;
    company.now_ms += INT64_C(30) * 86400000;
    expect_done(company_submit(&company, "joe", company_credit_note(&company, "10442", "40251", "1.00")), "posted");
    company.now_ms = true_ms;
    assert_int_equal(company_try(&company, "joe", VERB_SUBMIT,
                                 company_one(company_credit_note(&company, "10442", "40251", "2.00")), NULL, &answer,
                                 &err),
                     STATUS_CLOCK);
    assert_non_null(strstr(err.text, "behind the last entry"));
    expect_done(company_first(together(&company, "olga", VERB_CLOCK, clock_body(&company, company.now_ms, 0), two)),
                "in-force");
    expect_done(company_submit(&company, "joe", company_credit_note(&company, "10442", "40251", "2.00")), "posted");
    company.unchecked = true;
    company_close(&company);
}

/* Two keys of one officer are one officer, and where the charter has no recovery keys, none stands in for the second. */
static void a_clock_takes_two_persons(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    struct company_user *again = company_new_user(&company, "olga-2");
    in_force_by(&company, "owen", company_enrolment(&company, "olga-2", "P-01", "human", again->key), "olga-2");
    json_t *grant =
        company_with(company_grant_document(&company, "olga-2", "OFFICER"), "entities", json_pack("[s]", "*"));
    in_force_by(&company, "owen", grant, NULL);
    expect_answer(together(&company, "olga", VERB_CLOCK, clock_body(&company, company.now_ms, 0),
                           (const char *const[]){"olga", "olga-2", NULL}),
                  "refused", "C-31", "clock-signers");
    expect_answer(together(&company, "olga", VERB_CLOCK, clock_body(&company, company.now_ms, 0),
                           (const char *const[]){"olga", NULL}),
                  "refused", "C-31", "clock-signers");
    static const char *const pairs[][3] = {{"olga", "oscar", NULL}, {"oscar", "olga-2", NULL}};
    for (size_t i = 0; i < 2; i++)
        expect_no_answer(together(&company, pairs[i][0], VERB_CLOCK, clock_body(&company, company.now_ms, 0), pairs[i]),
                         "refused", "C-31", "clock-signers");
    company_close(&company);
}

static void recovery_says_where_its_form_is_wrong(void **state)
{
    struct company company = {.dir = "", .recovery = true};
    struct gate_answer answer = {.decision = NULL};
    struct err err;
    (void)state;
    company_open(&company, POLICY);
    company_new_user(&company, "nina");
    company_new_user(&company, "noah");
    json_t *turned =
        json_pack("{s:[o, o]}", "officers", officer(&company, "noah", "P-92"), officer(&company, "nina", "P-91"));
    assert_int_equal(company_signed_by(&company, "nina", VERB_RECOVER, turned,
                                       (const char *const[]){"recovery1", "recovery2", "nina", "noah", NULL}, &answer,
                                       &err),
                     STATUS_INPUT);
    assert_string_equal(err.text, "body.officers: have to be sorted by user");
    company_close(&company);
}

/* Recovery may name somebody who has a user already, but no bot. */
static void recovery_takes_who_is_there(void **state)
{
    struct company company = {.dir = "", .recovery = true};
    (void)state;
    company_open(&company, POLICY);
    company_new_user(&company, "nina-2");
    company_new_user(&company, "noah");
    struct company_user *nina = company_new_user(&company, "nina");
    in_force_by(&company, "olga", company_enrolment(&company, "nina", "P-91", "human", nina->key), "nina");
    struct company_user *robot = company_new_user(&company, "nina-bot");
    in_force_by(&company, "olga", company_enrolment(&company, "nina-bot", "P-91", "bot", robot->key), "nina-bot");
    json_decref(company_grant(&company, "nina", "READER")); /* reading is no duty that governing is kept from */
    static const char *const users[] = {"nina-bot", "nina"};
    for (size_t i = 0; i < 2; i++) {
        json_t *named = company_with(officer(&company, "nina-2", "P-91"), "user", json_string(users[i]));
        json_t *decision = together(&company, "noah", VERB_RECOVER,
                                    json_pack("{s:[o, o]}", "officers", named, officer(&company, "noah", "P-92")),
                                    (const char *const[]){"recovery1", "recovery2", "nina-2", "noah", NULL});
        if (i == 0)
            expect_answer(decision, "refused", "C-31", "recovery-user");
        else
            expect_done(company_first(decision), "in-force");
    }
    company_close(&company);
}

static json_t *compromise(struct company *company, const char *user, const char *since)
{
    json_t *document = company_with(company_document(company, "key-revocation"), "user", json_string(user));
    company_with(document, "key", json_string(company_user(company, user)->key));
    company_with(document, "since", json_string(since));
    return company_with(document, "reason", json_string("laptop stolen"));
}

static json_t *affirmation(struct company *company, const char *user, const char *number, const char *conclusion)
{
    json_t *document =
        company_with(company_document(company, "affirmation"), "key", json_string(company_user(company, user)->key));
    return company_with(document, "rows", json_pack("[{s:s, s:s}]", "conclusion", conclusion, "document", number));
}

static void what_a_stolen_key_signed_is_suspect(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-02-01T12:00:00.000Z");
    char *before = company_wait(&company, "joe", company_credit_note(&company, "10442", "40251", "300.00"));
    company_at(&company, "2026-02-02T12:00:00.000Z");
    char *during = company_wait(&company, "joe", company_credit_note(&company, "16446", "581483", "400.00"));
    char *two = company_wait(&company, "maria", company_credit_note(&company, "16446", "581484", "600.00"));
    company_at(&company, "2026-02-03T12:00:00.000Z");
    /* From the very instant of the second one on. */
    expect_done(company_submit(&company, "olga", compromise(&company, "joe", "2026-02-02T12:00:00.000Z")), "in-force");
    expect_done(company_approve(&company, "ana", before, 1), "posted");
    golden(company_approve(&company, "ana", during, 1), "refused", "C-52", "suspect-document");
    golden(company_submit(&company, "olga", affirmation(&company, "joe", before, "affirm")), "refused", "C-52",
           "not-suspect");
    expect_answer(company_submit(&company, "olga", affirmation(&company, "maria", two, "affirm")), "refused", "C-52",
                  "not-suspect");
    json_t *of_entry = affirmation(&company, "joe", before, "affirm");
    json_object_set_new(of_entry, "rows", json_pack("[{s:s, s:i}]", "conclusion", "affirm", "entry", 2));
    json_t *unsuspect = company_submit(&company, "olga", of_entry);
    char sentence[SENTENCE_BYTES];
    answer_sentence(json_array_get(json_object_get(unsuspect, "controls"), 0), sentence);
    assert_non_null(strstr(sentence, "entry 2 was not signed with this key"));
    expect_answer(unsuspect, "refused", "C-52", "not-suspect");
    expect_answer(company_submit(&company, "ana", affirmation(&company, "joe", during, "affirm")), "refused", "C-31",
                  "not-an-officer");
    expect_done(company_submit(&company, "olga", affirmation(&company, "joe", during, "reverse")), "in-force");
    expect_answer(company_approve(&company, "ana", during, 1), "refused", "C-52", "suspect-document");
    expect_done(company_submit(&company, "oscar", affirmation(&company, "joe", during, "affirm")), "in-force");
    expect_done(company_approve(&company, "ana", during, 1), "posted");
    expect_done(company_approve(&company, "ana", two, 1), "posted");
    free(before);
    free(during);
    free(two);
    company_close(&company);
}

static void suspect_approvals_do_not_count(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-02-02T12:00:00.000Z");
    char *two = company_wait(&company, "joe", company_credit_note(&company, "16446", "581483", "2600.00"));
    char *own = company_wait(&company, "joe", company_credit_note(&company, "10442", "40251", "2700.00"));
    expect_done(company_approve(&company, "ana", two, 1), "approved");
    expect_done(company_approve(&company, "ana", own, 1), "approved");
    expect_done(company_submit(&company, "olga", compromise(&company, "ana", "2026-02-02T12:00:00.000Z")), "in-force");
    golden(company_approve(&company, "priya", two, 2), "refused", "C-52", "suspect-approval");
    /* An amendment asks for the approvals anew; the affirmed one counts. */
    expect_done(company_submit(&company, "olga", affirmation(&company, "ana", two, "affirm")), "in-force");
    expect_done(company_approve(&company, "priya", two, 2), "posted");
    expect_done(company_amend(&company, "joe", own, company_credit_note(&company, "10442", "40251", "2701.00")),
                "waiting");
    expect_done(company_approve(&company, "tom", own, 1), "approved");
    expect_done(company_approve(&company, "priya", own, 2), "posted");
    free(two);
    free(own);
    company_close(&company);
}

static void officers_do_not_affirm_their_own(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-02-02T12:00:00.000Z");
    json_t *result =
        expect(company_submit(&company, "owen", company_grant_document(&company, "maria2", "READER")), "waiting");
    char *number = strdup(result_number(result));
    json_decref(result);
    /* owen's further key is there first, so that two officers are left and he is one of them. */
    company_new_user(&company, "owen-2");
    json_t *more = company_with(company_document(&company, "key-rotation"), "user", json_string("owen"));
    company_with(more, "new", json_string(company_user(&company, "owen-2")->key));
    result =
        expect(company_first(company_do_with(&company, "olga", VERB_SUBMIT, company_one(more), "owen-2")), "waiting");
    expect_done(company_approve(&company, "oscar", result_number(result), 1), "in-force");
    json_decref(result);
    result =
        expect(company_submit(&company, "owen", compromise(&company, "owen", "2026-02-02T12:00:00.000Z")), "in-force");
    json_decref(result);
    /* The one key is over, the other still acts. */
    struct gate_answer answer;
    struct err err;
    const struct company_act act = {.user = "owen",
                                    .verb = VERB_SUBMIT,
                                    .body = company_one(affirmation(&company, "owen", number, "affirm")),
                                    .signer = &company_user(&company, "owen-2")->signer};
    assert_int_equal(company_act(&company, &act, &answer, &err), STATUS_OK);
    golden(json_incref(json_array_get(json_object_get(answer.decision, "results"), 0)), "refused", "C-52", "own-act");
    gate_answer_done(&answer);
    expect_answer(company_approve(&company, "olga", number, 1), "refused", "C-52", "suspect-document");
    expect_done(company_submit(&company, "olga", affirmation(&company, "owen", number, "affirm")), "in-force");
    expect_done(company_approve(&company, "oscar", number, 1), "in-force");
    free(number);
    company_close(&company);
}

static void keys_end_with_their_days(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY); /* key_days_max: 366 */
    int64_t hired = company.now_ms;
    company.now_ms = hired + INT64_C(360) * 86400000;
    expect_done(company_submit(&company, "joe", company_credit_note(&company, "10442", "40251", "1.00")), "posted");
    company.now_ms = hired + INT64_C(367) * 86400000;
    expect_answer(
        company_do(&company, "joe", VERB_SUBMIT, company_one(company_credit_note(&company, "10442", "40251", "2.00"))),
        "refused", "C-52", "key-not-valid");
    company_close(&company);
}

static json_t *book_key(struct company *company, const char *key, const char *retires)
{
    json_t *document =
        company_with(company_document(company, "book-key"), "key", json_string(company_user(company, key)->key));
    return retires == NULL ? document
                           : company_with(document, "retires", json_string(company_user(company, retires)->key));
}

static void book_keys_change_under_two(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_new_user(&company, "book-2");
    expect_answer(
        company_first(company_do(&company, "olga", VERB_SUBMIT, company_one(book_key(&company, "book-2", NULL)))),
        "refused", "C-52", "no-possession");
    expect_answer(company_first(company_do_with(&company, "olga", VERB_SUBMIT,
                                                company_one(book_key(&company, "joe", NULL)), "joe")),
                  "refused", "C-26", "key-in-use");
    expect_answer(company_first(company_do_with(&company, "olga", VERB_SUBMIT,
                                                company_one(book_key(&company, "book-key", NULL)), "book-key")),
                  "refused", "C-26", "key-of-book");
    golden(company_first(company_do_with(&company, "olga", VERB_SUBMIT,
                                         company_one(book_key(&company, "book-2", "joe")), "book-2")),
           "refused", "C-31", "unknown-book-key");
    json_t *result =
        expect(company_first(company_do_with(&company, "olga", VERB_SUBMIT,
                                             company_one(book_key(&company, "book-2", "book-key")), "book-2")),
               "waiting");
    expect_done(company_approve(&company, "oscar", result_number(result), 1), "in-force");
    json_decref(result);
    struct books_key key = books_key(company_user(&company, "book-key")->key);
    json_t *record = company_books(&company, BOOKS_BOOK_KEYS, &key);
    assert_true(json_object_get(record, "retired") != NULL);
    json_decref(record);
    company_close(&company);
}

static json_t *hold(struct company *company, const char *customer, const char *state)
{
    json_t *document = company_with(company_document(company, "legal-hold"), "customers", json_pack("[s]", customer));
    return company_with(company_with(document, "state", json_string(state)), "reason", json_string("a case"));
}

static json_t *erasure(struct company *company, const char *hash)
{
    json_t *document = company_with(company_document(company, "erasure"), "personal", json_pack("[s]", hash));
    return company_with(document, "reason", json_string("asked for"));
}

static void nothing_is_erased_under_hold(void **state)
{
    struct company company = {.dir = ""};
    static const char name[] = "1111111111111111111111111111111111111111111111111111111111111111";
    static const char own[] = "3333333333333333333333333333333333333333333333333333333333333333";
    (void)state;
    company_open(&company, POLICY);
    json_t *note = company_credit_note(&company, "10442", "40251", "5.00");
    json_object_set_new(json_array_get(json_object_get(note, "evidence"), 0), "name", json_string(name));
    expect_done(company_submit(&company, "joe", note), "posted");
    golden(company_submit(&company, "olga", hold(&company, "10442", "off")), "refused", "C-31", "no-hold");
    json_t *early = expect(company_submit(&company, "olga", erasure(&company, name)), "waiting");
    /* One officer puts it on, at once; what was proposed before is caught when it would be in force. */
    expect_done(company_submit(&company, "olga", hold(&company, "10442", "on")), "in-force");
    golden(company_approve(&company, "oscar", result_number(early), 1), "refused", "C-31", "legal-hold");
    json_decref(early);
    /* So is what the customer's own record has: a name. */
    json_t *named = company_with(company_customer("10443", "10443"), "personal", json_string(own));
    const struct company_file file = {.user = "feedc", .feed = "customers", .sequence = 2};
    expect_done(company_feed(&company, &file, json_pack("[o]", named)), "closed");
    expect_done(company_submit(&company, "olga", hold(&company, "10443", "on")), "in-force");
    expect_answer(company_submit(&company, "olga", erasure(&company, own)), "refused", "C-31", "legal-hold");
    /* Another customer's is none of it. */
    json_t *result =
        expect(company_submit(&company, "olga",
                              erasure(&company, "2222222222222222222222222222222222222222222222222222222222222222")),
               "waiting");
    expect_done(company_approve(&company, "oscar", result_number(result), 1), "in-force");
    json_decref(result);
    result = expect(company_submit(&company, "olga", hold(&company, "10442", "off")), "waiting");
    expect_done(company_approve(&company, "oscar", result_number(result), 1), "in-force");
    json_decref(result);
    result = expect(company_submit(&company, "olga", erasure(&company, name)), "waiting");
    expect_done(company_approve(&company, "oscar", result_number(result), 1), "in-force");
    json_decref(result);
    company_close(&company);
}

static void auditors_put_on_record(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    json_t *seed = company_with(company_document(&company, "seed"), "seed", json_string("314159"));
    expect_done(company_submit(&company, "audrey", company_with(seed, "purpose", json_string("25 credit notes"))),
                "in-force");
    seed = company_with(company_document(&company, "seed"), "seed", json_string("314159"));
    expect_answer(company_submit(&company, "olga", company_with(seed, "purpose", json_string("25 credit notes"))),
                  "refused", "C-31", "not-an-officer");
    json_t *disposition = company_with(company_document(&company, "disposition"), "about", json_string("CN-1"));
    expect_done(company_submit(&company, "audrey", company_with(disposition, "conclusion", json_string("isolated"))),
                "in-force");
    json_t *run = company_with(company_document(&company, "test-run"), "control", json_string("C-45"));
    company_with(run, "from", json_integer(0));
    company_with(run, "to", json_integer(4));
    company_with(run, "count", json_integer(0));
    company_with(run, "result", json_string("3333333333333333333333333333333333333333333333333333333333333333"));
    expect_done(company_submit(&company, "audrey", run), "in-force");
    company_close(&company);
}

static void a_further_key_is_for_a_user(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_new_user(&company, "joe-2");
    json_t *more = company_with(company_document(&company, "key-rotation"), "user", json_string("nobody"));
    company_with(more, "new", json_string(company_user(&company, "joe-2")->key));
    golden(company_first(company_do_with(&company, "olga", VERB_SUBMIT, company_one(more), "joe-2")), "refused", "C-31",
           "unknown-user");
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recovery_makes_officers),
        cmocka_unit_test(recovery_is_the_charters),
        cmocka_unit_test(no_days_are_none_after_a_clock_went_back),
        cmocka_unit_test(a_clock_goes_back_once),
        cmocka_unit_test(a_real_clock_goes_back_too),
        cmocka_unit_test(recovery_keys_set_a_clock_back),
        cmocka_unit_test(a_clock_is_right_to_the_millisecond),
        cmocka_unit_test(a_clock_takes_two_persons),
        cmocka_unit_test(recovery_says_where_its_form_is_wrong),
        cmocka_unit_test(recovery_takes_who_is_there),
        cmocka_unit_test(a_clock_says_what_is),
        cmocka_unit_test(what_a_stolen_key_signed_is_suspect),
        cmocka_unit_test(suspect_approvals_do_not_count),
        cmocka_unit_test(officers_do_not_affirm_their_own),
        cmocka_unit_test(keys_end_with_their_days),
        cmocka_unit_test(book_keys_change_under_two),
        cmocka_unit_test(nothing_is_erased_under_hold),
        cmocka_unit_test(auditors_put_on_record),
        cmocka_unit_test(a_further_key_is_for_a_user),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

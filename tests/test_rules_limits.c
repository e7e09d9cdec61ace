/*
 * C-13, C-14, C-15 and the feed of orders: limits permanent and temporary, hold releases and what uses them up. Each case
 * that trips stands beside one that comes as close as possible and does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/facts_limits.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "tests/support/closing.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define POLICY "tests/policies/limits.yaml"

static json_t *text(const char *value)
{
    return json_string(value);
}

static json_t *adam(struct company *company, json_t *document)
{
    return company_submit(company, "adam", document);
}

/* From the limit that the books have to another. */
static json_t *limit(struct company *company, const char *customer, const char *previous, const char *to)
{
    return company_with(company_limit(company, customer, to), "previous", text(previous));
}

static json_t *temporary(struct company *company, const char *to_limit, const char *from, const char *to)
{
    json_t *document = company_limit(company, "16446", to_limit);
    json_object_del(document, "review");
    company_with(company_with(document, "kind", text("temporary-limit")), "reason", text("CL_TEMP_ORDER"));
    company_with(document, "evidence", json_pack("[o]", company_evidence(company, "order-confirmation")));
    return company_with(company_with(document, "from", text(from)), "to", text(to));
}

static json_t *release(struct company *company, const char *order, const char *amount, const char *expires)
{
    json_t *document = company_money(company, "hold-release", "16446", amount, "HOLD_REL_CRITICAL", "correspondence");
    json_object_del(document, "allocations");
    return company_with(company_with(document, "order", text(order)), "expires", text(expires));
}

static json_t *order(const char *id, const char *amount, const char *state)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "amount", amount, "customer", "16446", "date", "2026-01-05", "order",
                     id, "state", state);
}

/* One order in a file of its own. */
static json_t *orders(struct company *company, int sequence, json_t *record)
{
    char total[32];
    snprintf(total, sizeof total, "%s", member_text(record, "amount"));
    const struct company_file file = {.user = "feedi", .feed = "orders", .total = total, .sequence = sequence};
    return company_feed(company, &file, json_pack("[o]", record));
}

static char *number_of(json_t *result, const char *outcome)
{
    char *number = strdup(result_number(expect(result, outcome)));
    json_decref(result);
    return number;
}

/* Submitted by adam and approved at level 1 by ana, in force. */
static char *in_force(struct company *company, json_t *document)
{
    char *number = number_of(adam(company, document), "waiting");
    expect_done(company_approve(company, "ana", number, 1), "in-force");
    return number;
}

static void state_is(struct company *company, const char *number, const char *state)
{
    json_t *record = company_record(company, number);
    assert_string_equal(member_text(record, "state"), state);
    json_decref(record);
}

static void levels_are(json_t *result, int count)
{
    assert_int_equal(json_array_size(json_object_get(expect(result, "waiting"), "levels")), count);
    json_decref(result);
}

static void rises_are_judged_by_their_height(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    /* A quarter more is not steep, a cent above it is. */
    expect_no_answer(adam(&company, limit(&company, "16446", "10000.00", "12500.00")), "waiting", "C-13", "jump");
    golden(adam(&company, limit(&company, "16446", "10000.00", "12500.01")), "waiting", "C-13", "jump");
    levels_are(adam(&company, limit(&company, "16446", "10000.00", "12500.00")), 1);
    levels_are(adam(&company, limit(&company, "16446", "10000.00", "12500.01")), 2);
    levels_are(adam(&company, limit(&company, "16446", "10000.00", "25000.00")), 2);
    levels_are(adam(&company, limit(&company, "16446", "10000.00", "25000.01")), 3);
    /* Down, or confirmed as it is: one level, whatever the row says of zero. */
    golden(adam(&company, limit(&company, "16446", "10000.00", "9999.99")), "waiting", "C-13", "decrease");
    levels_are(adam(&company, limit(&company, "16446", "10000.00", "10000.00")), 1);
    /* From nothing, a cent is steep. */
    free(in_force(&company, limit(&company, "16446", "10000.00", "0.00")));
    levels_are(adam(&company, limit(&company, "16446", "0.00", "0.01")), 2);
    company_close(&company);
}

/* A part of a sum in another currency, up to the next minor unit, as far as 64 bits go. */
static void shares_are_rounded_up(void **state)
{
    int64_t share = 0;
    struct err err = {0};
    (void)state;
    assert_int_equal(base_share(10, 1, 3, &share, &err), STATUS_OK);
    assert_int_equal(share, 4);
    assert_int_equal(base_share(9, 1, 3, &share, &err), STATUS_OK);
    assert_int_equal(share, 3);
    assert_int_equal(base_share(INT64_MAX, 3, 3, &share, &err), STATUS_OK);
    assert_int_equal(share, INT64_MAX);
    assert_int_equal(base_share(INT64_MAX, 3, 2, &share, &err), STATUS_LIMIT);
}

/* Nobody's orders are released, and nobody's limit is told. */
static void an_unknown_customer_has_no_exposure(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    json_t *unknown = release(&company, "SO-1", "10.00", "2026-01-20T00:00:00.000Z");
    expect_answer(adam(&company, company_with(unknown, "customer", text("99999"))), "refused", "C-34",
                  "unknown-customer");
    expect_answer(adam(&company, limit(&company, "99999", "0.00", "10.00")), "refused", "C-34", "unknown-customer");
    company_close(&company);
}

static void the_next_review_is_in_sight(void **state)
{
    struct company company = {.dir = ""};
    char date[DATE_TEXT_BYTES], review[DATE_TEXT_BYTES];
    (void)state;
    company_open(&company, POLICY);
    int32_t today = date_from_instant(company.now_ms, -300);
    date_format(today, date);
    date_format(today + 366, review);
    expect_done(adam(&company, company_with(limit(&company, "16446", "10000.00", "12000.00"), "review", text(review))),
                "waiting");
    date_format(today + 367, review);
    golden(adam(&company, company_with(limit(&company, "16446", "10000.00", "12000.00"), "review", text(review))),
           "refused", "C-13", "review-late");
    struct gate_answer answer;
    struct err err = {0};
    json_t *same = company_with(limit(&company, "16446", "10000.00", "12000.00"), "review", text(date));
    assert_int_equal(company_try(&company, "adam", VERB_SUBMIT,
                                 json_pack("{s:b, s:[o]}", "atomic", 0, "documents", same), NULL, &answer, &err),
                     STATUS_INPUT);
    assert_non_null(strstr(err.text, "review: has to be after the date"));
    company_close(&company);
}

static void what_was_granted_lately_adds_up(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-03-02T15:00:00.000Z");
    expect_done(orders(&company, 1, order("O-1", "4999.99", "held")), "closed");
    expect_done(orders(&company, 2, order("O-2", "10000.00", "held")), "closed");
    expect_done(orders(&company, 3, order("O-3", "0.01", "held")), "closed");
    expect_done(orders(&company, 4, order("O-4", "0.01", "held")), "closed");
    /* 10,000 of limit, 4,999.99 and 10,000 released, 0.01 more: 25,000 exactly. */
    free(in_force(&company, release(&company, "O-1", "4999.99", "2026-03-05T15:00:00.000Z")));
    free(in_force(&company, release(&company, "O-2", "10000.00", "2026-03-05T15:00:00.000Z")));
    char *exact = number_of(adam(&company, release(&company, "O-3", "0.01", "2026-03-05T15:00:00.000Z")), "waiting");
    json_t *result = adam(&company, release(&company, "O-4", "0.01", "2026-03-05T15:00:00.000Z"));
    json_t *levels = json_object_get(result, "levels");
    assert_int_equal(json_array_size(levels), 3); /* the sum asks for two, the fourth release for one more */
    golden(result, "waiting", "C-13", "total");
    /* The excess of a temporary limit counts too, here 2,000 with what the releases granted. */
    expect_answer(adam(&company, temporary(&company, "12000.00", "2026-03-02", "2026-03-20")), "waiting", "C-13",
                  "total");
    free(exact);
    company_close(&company);
}

static void it_counts_for_ninety_days(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-03-02T15:00:00.000Z");
    expect_done(orders(&company, 1, order("O-1", "15000.00", "held")), "closed");
    company_at(&company, "2026-03-02T16:00:00.000Z");
    free(in_force(&company, release(&company, "O-1", "15000.00", "2026-03-05T15:00:00.000Z")));
    company_at(&company, "2026-05-31T15:59:59.999Z");
    expect_answer(adam(&company, temporary(&company, "12000.00", "2026-05-31", "2026-06-20")), "waiting", "C-13",
                  "total");
    company_at(&company, "2026-05-31T16:00:01.000Z");
    expect_no_answer(adam(&company, temporary(&company, "12000.00", "2026-05-31", "2026-06-20")), "waiting", "C-13",
                     "total");
    company_close(&company);
}

static void a_sum_beyond_counting_is_refused(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-03-02T15:00:00.000Z");
    expect_done(orders(&company, 1, order("O-1", "92233720368547758.07", "held")), "closed");
    golden(adam(&company, release(&company, "O-1", "92233720368547758.07", "2026-03-05T15:00:00.000Z")), "refused",
           "C-13", "sum-too-large");
    company_close(&company);
}

static void temporary_limits_are_short_and_higher(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-03-02T15:00:00.000Z");
    golden(adam(&company, temporary(&company, "10000.00", "2026-03-02", "2026-03-09")), "refused", "C-14", "not-above");
    expect_done(adam(&company, temporary(&company, "10000.01", "2026-03-02", "2026-03-09")), "waiting");
    /* A customer of two months gets thirty days. */
    expect_done(adam(&company, temporary(&company, "11000.00", "2026-03-02", "2026-04-01")), "waiting");
    golden(adam(&company, temporary(&company, "11000.00", "2026-03-02", "2026-04-02")), "refused", "C-14",
           "too-long-new");
    expect_answer(adam(&company, company_with(temporary(&company, "11000.00", "2026-03-02", "2026-03-09"), "previous",
                                              text("10000.01"))),
                  "refused", "C-13", "stale-limit");
    company_close(&company);
}

/* The customers came on the first day of the company, 2026-01-05 at the entity. */
static void after_a_year_they_may_be_longer(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    struct books_key key = books_key_pair("US01", "16446");
    json_t *customer = company_books(&company, BOOKS_CUSTOMERS, &key);
    char day[DATE_TEXT_BYTES], to[DATE_TEXT_BYTES];
    int64_t since;
    const char *since_text = member_text(customer, "since");
    struct err err;
    assert_int_equal(instant_parse(since_text, strlen(since_text), &since, &err), STATUS_OK);
    int32_t came = date_from_instant(since, -300);
    json_decref(customer);
    company.now_ms = since + 363 * INSTANT_DAY_MS;
    date_format(came + 364, day);
    date_format(came + 364 + 31, to);
    expect_answer(adam(&company, temporary(&company, "11000.00", day, to)), "refused", "C-14", "too-long-new");
    date_format(came + 365, day);
    date_format(came + 365 + 60, to);
    expect_done(adam(&company, temporary(&company, "11000.00", day, to)), "waiting");
    date_format(came + 365 + 61, to);
    golden(adam(&company, temporary(&company, "11000.00", day, to)), "refused", "C-14", "too-long");
    company_close(&company);
}

static void a_last_day_that_is_over_is_refused(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-03-02T15:00:00.000Z");
    json_t *late =
        company_with(temporary(&company, "11000.00", "2026-02-20", "2026-03-01"), "date", text("2026-02-20"));
    golden(adam(&company, late), "refused", "C-14", "over");
    char *today = number_of(adam(&company, temporary(&company, "11000.00", "2026-03-02", "2026-03-02")), "waiting");
    char *again = number_of(adam(&company, temporary(&company, "11000.00", "2026-03-02", "2026-03-02")), "waiting");
    company_at(&company, "2026-03-03T04:59:59.999Z"); /* the last millisecond of the day in New York */
    expect_done(company_approve(&company, "ana", today, 1), "in-force");
    company_at(&company, "2026-03-03T05:00:00.000Z");
    expect_answer(company_approve(&company, "ana", again, 1), "refused", "C-14", "over");
    free(today);
    free(again);
    company_close(&company);
}

static void it_is_renewed_twice_and_no_more(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-03-02T15:00:00.000Z");
    free(in_force(&company, temporary(&company, "11000.00", "2026-03-02", "2026-03-06")));
    free(in_force(&company, temporary(&company, "11000.00", "2026-03-07", "2026-03-13")));
    /* The third touches the second by the gap of thirty days to the day. */
    char *second = in_force(&company, temporary(&company, "11000.00", "2026-04-12", "2026-04-18"));
    golden(adam(&company, temporary(&company, "11000.00", "2026-04-19", "2026-04-25")), "refused", "C-14", "renewals");
    expect_answer(adam(&company, temporary(&company, "11000.00", "2026-05-18", "2026-05-25")), "refused", "C-14",
                  "renewals");
    /* A day further on it begins a row of its own. */
    expect_done(adam(&company, temporary(&company, "11000.00", "2026-05-19", "2026-05-25")), "waiting");
    /* The same before the row: by the gap to the day, and a day before that. */
    company_close(&company);
    company_open(&company, POLICY);
    company_at(&company, "2026-03-02T15:00:00.000Z");
    free(in_force(&company, temporary(&company, "11000.00", "2026-04-12", "2026-04-18")));
    free(in_force(&company, temporary(&company, "11000.00", "2026-04-19", "2026-04-20")));
    free(in_force(&company, temporary(&company, "11000.00", "2026-04-21", "2026-04-22")));
    expect_answer(adam(&company, temporary(&company, "11000.00", "2026-03-03", "2026-03-13")), "refused", "C-14",
                  "renewals");
    expect_done(adam(&company, temporary(&company, "11000.00", "2026-03-03", "2026-03-12")), "waiting");
    free(second);
    company_close(&company);
}

/* Those of one statement count in their order, and one of a single day counts too. */
static void renewals_of_one_statement_count(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-03-02T15:00:00.000Z");
    json_t *decision = company_do(&company, "adam", VERB_SUBMIT,
                                  json_pack("{s:b, s:[o, o, o, o]}", "atomic", 0, "documents",
                                            temporary(&company, "11000.00", "2026-03-02", "2026-03-02"),
                                            temporary(&company, "11000.00", "2026-03-07", "2026-03-13"),
                                            temporary(&company, "11000.00", "2026-03-14", "2026-03-20"),
                                            temporary(&company, "11000.00", "2026-03-21", "2026-03-27")));
    const json_t *results = json_object_get(decision, "results");
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(result_outcome(json_array_get(results, i)), "waiting");
    assert_true(result_has(json_array_get(results, 3), "C-14", "renewals"));
    json_decref(decision);
    company_close(&company);
}

/* An amendment moves a limit to where the row is full: that is judged as if it were new. */
static void an_amendment_does_not_get_into_a_full_row(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-03-02T15:00:00.000Z");
    free(in_force(&company, temporary(&company, "11000.00", "2026-03-02", "2026-03-06")));
    free(in_force(&company, temporary(&company, "11000.00", "2026-03-07", "2026-03-13")));
    free(in_force(&company, temporary(&company, "11000.00", "2026-03-14", "2026-03-20")));
    char *far = number_of(adam(&company, temporary(&company, "11000.00", "2026-08-01", "2026-08-10")), "waiting");
    expect_answer(company_amend(&company, "adam", far, temporary(&company, "11000.00", "2026-03-21", "2026-03-27")),
                  "refused", "C-14", "renewals");
    expect_done(company_amend(&company, "adam", far, temporary(&company, "11000.00", "2026-08-02", "2026-08-10")),
                "waiting");
    free(far);
    company_close(&company);
}

/* The second of a statement was submitted after the first, whatever the policy has come to say when the first is signed. */
static void the_later_of_one_statement_does_not_count(void **state)
{
    static const struct edit none[] = {{"parameters:\n", "parameters:\n  temporary_limit_renewals_max: 0\n"}, {0}};
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-03-02T15:00:00.000Z");
    json_t *decision = company_do(&company, "adam", VERB_SUBMIT,
                                  json_pack("{s:b, s:[o, o]}", "atomic", 0, "documents",
                                            temporary(&company, "11000.00", "2026-03-02", "2026-03-13"),
                                            temporary(&company, "11000.00", "2026-03-14", "2026-03-20")));
    const json_t *results = json_object_get(decision, "results");
    closing_policy_of(&company, POLICY, none, "2026-03-03T06:00:00.000Z");
    expect_answer(company_approve(&company, "ana", result_number(json_array_get(results, 1)), 1), "refused", "C-14",
                  "renewals");
    expect_done(company_approve(&company, "ana", result_number(json_array_get(results, 0)), 1), "in-force");
    json_decref(decision);
    company_close(&company);
}

/* Beyond so many the row is not looked at any more, and nothing is let in that was not looked at. */
static void there_is_an_end_to_temporary_limits(void **state)
{
    enum { MOST = 128, APART = 31 };
    struct company company = {.dir = ""};
    json_t *documents = json_array();
    char day[DATE_TEXT_BYTES];
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-03-02T15:00:00.000Z");
    int32_t today = date_from_instant(company.now_ms, -300);
    for (int32_t i = 0; i < MOST + 2; i++) {
        date_format(today + i * APART, day);
        json_array_append_new(documents, temporary(&company, "11000.00", day, day));
    }
    json_t *decision =
        company_do(&company, "adam", VERB_SUBMIT, json_pack("{s:b, s:o}", "atomic", 0, "documents", documents));
    const json_t *results = json_object_get(decision, "results");
    for (size_t i = 0; i <= MOST; i++)
        assert_string_equal(result_outcome(json_array_get(results, i)), "waiting");
    golden(json_incref(json_array_get(results, MOST + 1)), "refused", "C-14", "too-many");
    json_decref(decision);
    company_close(&company);
}

static void a_permanent_change_begins_a_new_row(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-03-02T15:00:00.000Z");
    for (int i = 0; i < 3; i++)
        free(in_force(&company, temporary(&company, "11000.00", "2026-03-02", "2026-03-13")));
    expect_answer(adam(&company, temporary(&company, "11000.00", "2026-03-14", "2026-03-20")), "refused", "C-14",
                  "renewals");
    free(in_force(&company, limit(&company, "16446", "10000.00", "10500.00")));
    json_t *after =
        company_with(temporary(&company, "11000.00", "2026-03-14", "2026-03-20"), "previous", text("10500.00"));
    expect_done(adam(&company, after), "waiting");
    company_close(&company);
}

/* A rise that needs no signature stands in the same statement: the temporary limit before it is of the old row, the one
 * behind it of the new one. */
static void a_permanent_change_of_the_same_statement(void **state)
{
    static const struct edit automatic[] = {
        {"- { upto: 25000.00, levels: [1] }\n      - { upto: 250000.00, levels: [1, 2] }",
         "- { upto: 250000.00, levels: [] }"},
        {0}};
    static const bool first[] = {true, false};
    char path[VARIANT_PATH_BYTES];
    (void)state;
    variant_make_of(POLICY, automatic, path);
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
        struct company company = {.dir = ""};
        company_open(&company, path);
        company_at(&company, "2026-03-02T15:00:00.000Z");
        json_t *permanent = limit(&company, "16446", "10000.00", "10500.00");
        json_t *one = company_with(temporary(&company, "11000.00", "2026-03-02", "2026-03-06"), "previous",
                                   text(first[i] ? "10500.00" : "10000.00"));
        json_t *decision = company_do(&company, "adam", VERB_SUBMIT,
                                      json_pack("{s:b, s:[o, o]}", "atomic", 0, "documents", first[i] ? permanent : one,
                                                first[i] ? one : permanent));
        const json_t *results = json_object_get(decision, "results");
        for (size_t j = 0; j < 2; j++)
            assert_string_equal(result_outcome(json_array_get(results, j)), "in-force");
        for (int more = 0; more < 2; more++)
            expect_done(adam(&company, company_with(temporary(&company, "11000.00", "2026-03-07", "2026-03-13"),
                                                    "previous", text("10500.00"))),
                        "in-force");
        json_t *last =
            company_with(temporary(&company, "11000.00", "2026-03-14", "2026-03-20"), "previous", text("10500.00"));
        if (first[i])
            expect_answer(adam(&company, last), "refused", "C-14", "renewals");
        else
            expect_done(adam(&company, last), "in-force");
        json_decref(decision);
        company_close(&company);
    }
    variant_done(path);
}

/* What the result of a limit document tells of the customer. */
static void told(struct company *company, const char *member, const char *wanted)
{
    json_t *result = expect(adam(company, limit(company, "16446", "10000.00", "10000.00")), "waiting");
    const char *value = member_text(json_object_get(result, "exposure"), member);
    assert_int_equal(value == NULL, wanted == NULL);
    if (wanted != NULL)
        assert_string_equal(value, wanted);
    json_decref(result);
}

static void it_lapses_by_itself(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-03-02T15:00:00.000Z");
    told(&company, "temporary", NULL);
    told(&company, "limit", "10000.00");
    told(&company, "open", "7469.60");
    told(&company, "account", "0.00");
    told(&company, "held", "0.00");
    free(in_force(&company, temporary(&company, "12000.00", "2026-03-03", "2026-03-06")));
    company_at(&company, "2026-03-03T04:59:59.999Z");
    told(&company, "temporary", NULL);
    company_at(&company, "2026-03-03T05:00:00.000Z");
    told(&company, "temporary", "12000.00");
    company_at(&company, "2026-03-07T04:59:59.999Z");
    told(&company, "temporary", "12000.00");
    company_at(&company, "2026-03-07T05:00:00.000Z");
    told(&company, "temporary", NULL);
    company_close(&company);
}

static void a_release_names_its_order(void **state)
{
    struct company company = {.dir = ""};
    const char *expires = "2026-03-05T15:00:00.000Z";
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-03-02T15:00:00.000Z");
    golden(adam(&company, release(&company, "O-1", "500.00", expires)), "refused", "C-15", "unknown-order");
    expect_done(orders(&company, 1, order("O-1", "500.00", "held")), "closed");
    golden(adam(&company, release(&company, "O-1", "500.01", expires)), "refused", "C-15", "other-order");
    expect_answer(adam(&company, company_with(release(&company, "O-1", "500.00", expires), "customer", text("16447"))),
                  "refused", "C-15", "other-order");
    char *first = number_of(adam(&company, release(&company, "O-1", "500.00", expires)), "waiting");
    golden(adam(&company, release(&company, "O-1", "500.00", expires)), "refused", "C-15", "released");
    expect_done(company_end(&company, "ana", VERB_REJECT, first), "rejected");
    free(in_force(&company, release(&company, "O-1", "500.00", expires)));
    expect_answer(adam(&company, release(&company, "O-1", "500.00", expires)), "refused", "C-15", "released");
    expect_done(orders(&company, 2, order("O-2", "500.00", "cancelled")), "closed");
    golden(adam(&company, release(&company, "O-2", "500.00", expires)), "refused", "C-15", "not-held");
    free(first);
    company_close(&company);
}

static void it_expires_to_the_millisecond(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    expect_done(orders(&company, 1, order("O-1", "500.00", "held")), "closed");
    company_at(&company, "2026-03-02T15:00:00.000Z");
    golden(adam(&company, release(&company, "O-1", "500.00", "2026-03-02T15:00:00.000Z")), "refused", "C-15",
           "expired");
    company_at(&company, "2026-03-02T15:00:01.000Z");
    golden(adam(&company, release(&company, "O-1", "500.00", "2026-03-07T15:00:01.001Z")), "refused", "C-15",
           "too-long");
    company_at(&company, "2026-03-02T15:00:02.000Z");
    char *longest =
        number_of(adam(&company, release(&company, "O-1", "500.00", "2026-03-07T15:00:02.000Z")), "waiting");
    company_at(&company, "2026-03-07T15:00:02.000Z");
    expect_answer(company_approve(&company, "ana", longest, 1), "refused", "C-15", "expired");
    free(longest);
    company_close(&company);
}

static void delivery_uses_it_up(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-03-02T15:00:00.000Z");
    expect_done(orders(&company, 1, order("O-1", "500.00", "held")), "closed");
    expect_done(orders(&company, 2, order("O-2", "500.00", "held")), "closed");
    told(&company, "held", "1000.00");
    char *one = in_force(&company, release(&company, "O-1", "500.00", "2026-03-05T15:00:00.000Z"));
    char *two = in_force(&company, release(&company, "O-2", "500.00", "2026-03-05T15:00:30.000Z"));
    company_at(&company, "2026-03-05T14:59:59.999Z");
    expect_no_answer(orders(&company, 3, order("O-1", "500.00", "delivered")), "closed", "C-15", "not-released");
    state_is(&company, one, "consumed");
    /* The same order again, and a second release for it. */
    expect_answer(orders(&company, 4, order("O-1", "500.00", "delivered")), "refused", "C-44", "exists");
    expect_answer(adam(&company, release(&company, "O-1", "500.00", "2026-03-08T15:00:00.000Z")), "refused", "C-15",
                  "not-held");
    company_at(&company, "2026-03-05T15:00:30.000Z");
    golden(orders(&company, 4, order("O-2", "500.00", "delivered")), "closed", "C-15", "not-released");
    state_is(&company, two, "in-force");
    told(&company, "held", "0.00");
    free(one);
    free(two);
    company_close(&company);
}

static void an_expired_release_makes_room_for_another(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-03-02T15:00:00.000Z");
    expect_done(orders(&company, 1, order("O-1", "500.00", "held")), "closed");
    char *one = in_force(&company, release(&company, "O-1", "500.00", "2026-03-05T15:00:00.000Z"));
    company_at(&company, "2026-03-05T14:59:59.999Z");
    expect_answer(adam(&company, release(&company, "O-1", "500.00", "2026-03-09T15:00:00.000Z")), "refused", "C-15",
                  "released");
    company_at(&company, "2026-03-05T15:00:00.000Z");
    char *two = in_force(&company, release(&company, "O-1", "500.00", "2026-03-09T15:00:00.000Z"));
    expect_no_answer(orders(&company, 2, order("O-1", "500.00", "delivered")), "closed", "C-15", "not-released");
    state_is(&company, one, "in-force");
    state_is(&company, two, "consumed");
    free(one);
    free(two);
    company_close(&company);
}

static void the_fourth_in_thirty_days_asks_for_more(void **state)
{
    struct company company = {.dir = ""};
    char id[16];
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-03-02T15:00:00.000Z");
    for (int i = 1; i <= 5; i++) {
        snprintf(id, sizeof id, "O-%d", i);
        expect_done(orders(&company, i, order(id, "1.00", "held")), "closed");
    }
    company_at(&company, "2026-03-02T16:00:00.000Z");
    free(number_of(adam(&company, release(&company, "O-1", "1.00", "2026-03-05T15:00:00.000Z")), "waiting"));
    free(number_of(adam(&company, release(&company, "O-2", "1.00", "2026-03-05T15:00:00.000Z")), "waiting"));
    expect_no_answer(adam(&company, release(&company, "O-3", "1.00", "2026-03-05T15:00:00.000Z")), "waiting", "C-15",
                     "count");
    golden(adam(&company, release(&company, "O-4", "1.00", "2026-03-05T15:00:00.000Z")), "waiting", "C-15", "count");
    /* When it is amended the others count, and itself once. */
    char *fifth = number_of(adam(&company, release(&company, "O-5", "1.00", "2026-03-05T15:00:00.000Z")), "waiting");
    expect_answer(company_amend(&company, "adam", fifth, release(&company, "O-5", "1.00", "2026-03-06T15:00:00.000Z")),
                  "waiting", "C-15", "count");
    expect_done(company_approve(&company, "ana", fifth, 1), "approved");
    expect_done(company_approve(&company, "priya", fifth, 2), "in-force");
    free(fifth);
    company_close(&company);
}

static void releases_count_for_thirty_days(void **state)
{
    struct company company = {.dir = ""};
    char id[16];
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-03-02T15:00:00.000Z");
    for (int i = 1; i <= 5; i++) {
        snprintf(id, sizeof id, "O-%d", i);
        expect_done(orders(&company, i, order(id, "1.00", "held")), "closed");
    }
    company_at(&company, "2026-03-02T16:00:00.000Z");
    for (int i = 1; i <= 3; i++) {
        snprintf(id, sizeof id, "O-%d", i);
        free(in_force(&company, release(&company, id, "1.00", "2026-03-05T15:00:00.000Z")));
    }
    /* The first was submitted at 16:00:00.000; thirty days later it is just outside, a millisecond before just inside. */
    company_at(&company, "2026-04-01T15:59:59.999Z");
    expect_answer(adam(&company, release(&company, "O-4", "1.00", "2026-04-03T15:00:00.000Z")), "waiting", "C-15",
                  "count");
    company_close(&company);
    struct company other = {.dir = ""};
    company_open(&other, POLICY);
    company_at(&other, "2026-03-02T15:00:00.000Z");
    for (int i = 1; i <= 5; i++) {
        snprintf(id, sizeof id, "O-%d", i);
        expect_done(orders(&other, i, order(id, "1.00", "held")), "closed");
    }
    company_at(&other, "2026-03-02T16:00:00.000Z");
    for (int i = 1; i <= 3; i++) {
        snprintf(id, sizeof id, "O-%d", i);
        free(in_force(&other, release(&other, id, "1.00", "2026-03-05T15:00:00.000Z")));
    }
    company_at(&other, "2026-04-01T16:00:00.000Z");
    expect_no_answer(adam(&other, release(&other, "O-4", "1.00", "2026-04-03T15:00:00.000Z")), "waiting", "C-15",
                     "count");
    company_close(&other);
}

static void an_order_comes_again_unchanged_or_not_at_all(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    expect_done(orders(&company, 1, order("O-1", "500.00", "held")), "closed");
    golden(orders(&company, 2, order("O-1", "500.01", "delivered")), "refused", "C-44", "order-differs");
    expect_answer(orders(&company, 2, company_with(order("O-1", "500.00", "delivered"), "date", text("2026-01-06"))),
                  "refused", "C-44", "order-differs");
    expect_answer(orders(&company, 2, company_with(order("O-1", "500.00", "delivered"), "customer", text("16447"))),
                  "refused", "C-44", "order-differs");
    expect_answer(orders(&company, 2, order("O-1", "500.00", "held")), "refused", "C-44", "exists");
    expect_answer(orders(&company, 2, company_with(order("O-2", "500.00", "held"), "customer", text("99999"))),
                  "refused", "C-44", "unknown-customer");
    expect_done(orders(&company, 2, order("O-1", "500.00", "cancelled")), "closed");
    expect_answer(orders(&company, 3, order("O-1", "500.00", "delivered")), "refused", "C-44", "exists");
    expect_no_answer(orders(&company, 3, order("O-9", "500.00", "delivered")), "closed", "C-15", "not-released");
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rises_are_judged_by_their_height),
        cmocka_unit_test(shares_are_rounded_up),
        cmocka_unit_test(an_unknown_customer_has_no_exposure),
        cmocka_unit_test(the_next_review_is_in_sight),
        cmocka_unit_test(what_was_granted_lately_adds_up),
        cmocka_unit_test(it_counts_for_ninety_days),
        cmocka_unit_test(a_sum_beyond_counting_is_refused),
        cmocka_unit_test(temporary_limits_are_short_and_higher),
        cmocka_unit_test(after_a_year_they_may_be_longer),
        cmocka_unit_test(a_last_day_that_is_over_is_refused),
        cmocka_unit_test(it_is_renewed_twice_and_no_more),
        cmocka_unit_test(renewals_of_one_statement_count),
        cmocka_unit_test(an_amendment_does_not_get_into_a_full_row),
        cmocka_unit_test(the_later_of_one_statement_does_not_count),
        cmocka_unit_test(there_is_an_end_to_temporary_limits),
        cmocka_unit_test(a_permanent_change_begins_a_new_row),
        cmocka_unit_test(a_permanent_change_of_the_same_statement),
        cmocka_unit_test(it_lapses_by_itself),
        cmocka_unit_test(a_release_names_its_order),
        cmocka_unit_test(it_expires_to_the_millisecond),
        cmocka_unit_test(delivery_uses_it_up),
        cmocka_unit_test(an_expired_release_makes_room_for_another),
        cmocka_unit_test(the_fourth_in_thirty_days_asks_for_more),
        cmocka_unit_test(releases_count_for_thirty_days),
        cmocka_unit_test(an_order_comes_again_unchanged_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

/*
 * C-39, C-40 and the closers' part of C-31: months closed, opened and excepted, by documents and by the calendar; honest
 * dates, over time zones, changes of the clock, leap days and quarter ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/instant.h"
#include "ledger/schema.h"
#include "tests/support/closing.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define POLICY "tests/policies/rules.yaml"

static const struct edit calendar[] = {{"parameters:\n", "parameters:\n  period_soft_days: 3\n  period_hard_days: 8\n"},
                                       {0}};

static void close_month(struct company *company, const char *month, const char *state)
{
    expect_done(company_submit(company, "cleo", closing_period(company, month, state)), "in-force");
}

/* Let in, whatever its sums ask for. No two are duplicates. */
static void note_admitted(struct company *company, const char *date)
{
    char amount[16];
    snprintf(amount, sizeof amount, "1.%02u", company->ids % 100);
    json_t *result = company_submit(company, "maria", closing_note(company, "581483", amount, date));
    if (strcmp(result_outcome(result), "posted") != 0 && strcmp(result_outcome(result), "waiting") != 0)
        fail_msg("%s: %s", date, json_dumps(result, 0));
    json_decref(result);
}

static void note_refused(struct company *company, const char *date, const char *control, const char *code)
{
    expect_answer(company_submit(company, "maria", closing_note(company, "581483", "0.99", date)), "refused", control,
                  code);
}

static void one_closes_two_open(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    closing_closers(&company);
    note_admitted(&company, "2025-12-31");
    golden(company_submit(&company, "ana", closing_period(&company, "2025-12", "soft")), "refused", "C-31",
           "not-a-closer");
    expect_answer(company_submit(&company, "olga", closing_period(&company, "2025-12", "soft")), "refused", "C-31",
                  "not-a-closer");
    close_month(&company, "2025-12", "soft");
    golden(company_submit(&company, "maria", closing_note(&company, "581483", "1.00", "2025-12-31")), "refused", "C-39",
           "soft-closed");
    note_admitted(&company, "2026-01-01");
    golden(company_submit(&company, "cleo", closing_period(&company, "2025-12", "soft")), "refused", "C-39",
           "closed-already");
    json_t *result = company_submit(&company, "cleo", closing_period(&company, "2025-12", "open"));
    char *number = strdup(result_number(result));
    golden(result, "waiting", "C-31", "second-closer");
    expect_answer(company_approve(&company, "cleo", number, 1), "refused", "C-01", "own-document");
    expect_answer(company_approve(&company, "ana", number, 1), "refused", "C-31", "not-a-closer");
    note_refused(&company, "2025-12-31", "C-39", "soft-closed");
    expect_done(company_approve(&company, "clive", number, 1), "in-force");
    note_admitted(&company, "2025-12-31");
    golden(company_submit(&company, "cleo", closing_period(&company, "2025-12", "open")), "refused", "C-39",
           "open-already");
    free(number);
    /* An officer is a second person, not a first; an opening that comes too late opens nothing. */
    close_month(&company, "2025-12", "soft");
    char *first = company_wait(&company, "cleo", closing_period(&company, "2025-12", "open"));
    char *other = company_wait(&company, "clive", closing_period(&company, "2025-12", "open"));
    expect_done(company_approve(&company, "oscar", first, 1), "in-force");
    expect_answer(company_approve(&company, "oscar", other, 1), "refused", "C-39", "open-already");
    free(first);
    free(other);
    company_close(&company);
}

static void hard_is_for_ever(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    closing_closers(&company);
    char *waits = company_wait(&company, "maria", closing_note(&company, "581483", "300.00", "2025-12-31"));
    golden(company_submit(&company, "cleo", closing_period(&company, "2026-01", "hard")), "refused", "C-39",
           "too-early");
    expect_answer(company_submit(&company, "cleo", closing_period(&company, "2026-02", "soft")), "refused", "C-39",
                  "too-early");
    close_month(&company, "2025-12", "hard");
    golden(company_submit(&company, "maria", closing_note(&company, "581483", "1.00", "2025-12-31")), "refused", "C-39",
           "hard-closed");
    note_admitted(&company, "2026-01-01");
    expect_answer(company_approve(&company, "ana", waits, 1), "refused", "C-39", "hard-closed");
    free(waits);
    golden(company_submit(&company, "cleo", closing_period(&company, "2025-12", "open")), "refused", "C-39",
           "never-again");
    expect_answer(company_submit(&company, "cleo", closing_period(&company, "2025-12", "soft")), "refused", "C-39",
                  "never-again");
    expect_answer(
        company_submit(&company, "cleo", closing_exception(&company, "2025-12", "maria", "2026-01-07T00:00:00.000Z")),
        "refused", "C-39", "never-again");
    expect_answer(company_submit(&company, "cleo", closing_period(&company, "2025-12", "hard")), "refused", "C-39",
                  "closed-already");
    golden(company_submit(&company, "cleo",
                          company_with(closing_period(&company, "2025-12", "soft"), "entity", json_string("XX99"))),
           "refused", "C-39", "unknown-entity");
    /* The current month can be closed softly from its first day on, for good from the day after its last. */
    close_month(&company, "2026-01", "soft");
    company_at(&company, "2026-02-01T04:59:59.000Z");
    expect_answer(company_submit(&company, "cleo", closing_period(&company, "2026-01", "hard")), "refused", "C-39",
                  "too-early");
    close_month(&company, "2026-01", "hard");
    /* Another entity has its own months, and its own closers. */
    json_t *other = company_with(closing_period(&company, "2025-12", "soft"), "entity", json_string("DE01"));
    expect_answer(company_submit(&company, "cleo", other), "refused", "C-31", "not-a-closer");
    company_close(&company);
}

/* Submits an exception by cleo; clive signs. */
static char *except(struct company *company, const char *month, const char *user, const char *until)
{
    char *number = company_wait(company, "cleo", closing_exception(company, month, user, until));
    expect_done(company_approve(company, "clive", number, 1), "in-force");
    return number;
}

static void an_exception_is_for_one_user_and_month(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    closing_closers(&company);
    close_month(&company, "2025-12", "soft");
    company_at(&company, "2026-01-05T12:00:00.000Z");
    golden(
        company_submit(&company, "cleo", closing_exception(&company, "2025-12", "maria", "2026-01-10T12:00:00.001Z")),
        "refused", "C-39", "exception-too-long");
    company_at(&company, "2026-01-05T13:00:00.000Z");
    free(except(&company, "2025-12", "maria", "2026-01-10T13:00:00.000Z"));
    golden(
        company_submit(&company, "cleo", closing_exception(&company, "2025-12", "maria", "2026-01-05T13:00:00.000Z")),
        "refused", "C-39", "exception-past");
    golden(
        company_submit(&company, "cleo", closing_exception(&company, "2025-12", "nobody", "2026-01-07T13:00:00.000Z")),
        "refused", "C-39", "unknown-user");
    golden(company_submit(&company, "cleo", closing_exception(&company, "2025-12", "cleo", "2026-01-07T13:00:00.000Z")),
           "refused", "C-39", "own-exception");
    char *own =
        company_wait(&company, "cleo", closing_exception(&company, "2025-12", "clive", "2026-01-07T13:00:00.000Z"));
    expect_answer(company_approve(&company, "clive", own, 1), "refused", "C-39", "own-exception");
    free(own);
    expect_answer(
        company_submit(&company, "cleo", closing_exception(&company, "2026-01", "maria", "2026-01-07T13:00:00.000Z")),
        "refused", "C-39", "open-already");
    golden(company_submit(&company, "maria", closing_note(&company, "581483", "1.00", "2025-12-31")), "posted", "C-39",
           "under-exception");
    expect_answer(company_submit(&company, "joe", closing_note(&company, "581483", "2.00", "2025-12-31")), "refused",
                  "C-39", "soft-closed");
    /* What waits was prepared under it; it has to be posted under it too. */
    char *early = company_wait(&company, "maria", closing_note(&company, "581483", "300.00", "2025-12-31"));
    char *late = company_wait(&company, "maria", closing_note(&company, "40251", "300.00", "2025-12-31"));
    expect_answer(company_approve(&company, "ana", early, 1), "posted", "C-39", "under-exception");
    company_at(&company, "2026-01-10T12:59:59.999Z");
    expect_answer(company_submit(&company, "maria", closing_note(&company, "581483", "4.00", "2025-12-31")), "waiting",
                  "C-39", "under-exception");
    company_at(&company, "2026-01-10T13:00:00.000Z");
    golden(company_submit(&company, "maria", closing_note(&company, "581483", "5.00", "2025-12-31")), "refused", "C-39",
           "exception-ended");
    expect_answer(company_approve(&company, "tom", late, 1), "refused", "C-39", "exception-ended");
    free(early);
    free(late);
    /* Closing again ends the exceptions that were given; without any there is nothing to close. */
    free(except(&company, "2025-12", "maria", "2026-01-12T13:00:00.000Z"));
    expect_answer(company_submit(&company, "maria", closing_note(&company, "581483", "6.00", "2025-12-31")), "waiting",
                  "C-39", "under-exception");
    close_month(&company, "2025-12", "soft");
    note_refused(&company, "2025-12-31", "C-39", "exception-ended");
    expect_answer(company_submit(&company, "cleo", closing_period(&company, "2025-12", "soft")), "refused", "C-39",
                  "closed-already");
    company_close(&company);
}

/* Not the first of two either; and of what does not wait it is said that it does not wait, not that its month is closed. */
static void nothing_is_signed_in_a_closed_month(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    closing_closers(&company);
    char *two = company_wait(&company, "maria", closing_note(&company, "581483", "2600.00", "2025-12-31"));
    char *gone = company_wait(&company, "maria", closing_note(&company, "40251", "300.00", "2025-12-31"));
    expect_done(company_end(&company, "maria", VERB_WITHDRAW, gone), "withdrawn");
    close_month(&company, "2025-12", "hard");
    expect_answer(company_approve(&company, "ana", two, 1), "refused", "C-39", "hard-closed");
    expect_no_answer(company_approve(&company, "ana", gone, 1), "refused", "C-39", "hard-closed");
    free(two);
    free(gone);
    company_close(&company);
}

/* The calendar's last month has no day after it; it is too early for it all the same. */
static void the_last_month_of_all(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    closing_closers(&company);
    expect_answer(company_submit(&company, "cleo", closing_period(&company, "9999-12", "hard")), "refused", "C-39",
                  "too-early");
    expect_answer(company_submit(&company, "cleo", closing_period(&company, "9999-11", "hard")), "refused", "C-39",
                  "too-early");
    company_close(&company);
}

static void an_exception_ends_after_now(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    closing_closers(&company);
    close_month(&company, "2025-12", "soft");
    company_at(&company, "2026-01-05T13:30:00.000Z");
    expect_answer(
        company_submit(&company, "cleo", closing_exception(&company, "2025-12", "maria", "2026-01-05T13:30:00.000Z")),
        "refused", "C-39", "exception-past");
    company_at(&company, "2026-01-05T13:31:00.000Z");
    expect_done(
        company_submit(&company, "cleo", closing_exception(&company, "2025-12", "maria", "2026-01-05T13:31:00.001Z")),
        "waiting");
    company_close(&company);
}

static void another_months_exception_is_none(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    closing_closers(&company);
    company_at(&company, "2026-02-03T12:00:00.000Z");
    close_month(&company, "2026-01", "soft");
    close_month(&company, "2025-12", "soft");
    free(except(&company, "2025-12", "maria", "2026-02-06T12:00:00.000Z"));
    note_refused(&company, "2026-01-31", "C-39", "soft-closed");
    note_admitted(&company, "2025-12-31");
    company_close(&company);
}

static void what_waits_over_the_close_is_amended(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    closing_closers(&company);
    char *posted = company_post(&company, "maria", closing_note(&company, "40251", "100.00", "2026-01-05"), 0);
    company_at(&company, "2026-02-02T12:00:00.000Z");
    char *number = company_wait(&company, "maria", closing_note(&company, "581483", "300.00", "2026-01-31"));
    close_month(&company, "2026-01", "soft");
    expect_answer(company_approve(&company, "ana", number, 1), "refused", "C-39", "soft-closed");
    expect_done(company_amend(&company, "maria", number, closing_note(&company, "581483", "300.00", "2026-02-01")),
                "waiting");
    json_t *result = expect(company_approve(&company, "ana", number, 1), "posted");
    assert_string_equal(member_text(result, "number"), "US01-CN-2026-000002");
    json_decref(result);
    /* A reversal has a date too. */
    json_t *reversal = company_with(company_reversal(&company, posted), "date", json_string("2026-01-31"));
    company_with(reversal, "evidence", json_pack("[o]", company_evidence(&company, "correspondence")));
    expect_answer(company_submit(&company, "joe", json_deep_copy(reversal)), "refused", "C-39", "soft-closed");
    company_with(reversal, "date", json_string("2026-02-01"));
    expect_no_answer(company_submit(&company, "joe", reversal), "waiting", "C-39", "soft-closed");
    free(number);
    free(posted);
    company_close(&company);
}

static void the_calendar_closes_too(void **state)
{
    struct company company = {.dir = ""};
    char path[VARIANT_PATH_BYTES];
    (void)state;
    variant_make(calendar, path);
    company_open(&company, path);
    variant_done(path);
    closing_closers(&company);
    /* An opening from before the calendar's day does not hold it off. */
    company_at(&company, "2026-02-02T12:00:00.000Z");
    close_month(&company, "2026-01", "soft");
    char *opened = company_wait(&company, "cleo", closing_period(&company, "2026-01", "open"));
    expect_done(company_approve(&company, "clive", opened, 1), "in-force");
    free(opened);
    company_at(&company, "2026-02-04T04:59:59.999Z");
    note_admitted(&company, "2026-01-31");
    company_at(&company, "2026-02-04T05:00:00.000Z");
    note_refused(&company, "2026-01-31", "C-39", "soft-closed");
    note_admitted(&company, "2026-02-01");
    opened = company_wait(&company, "cleo", closing_period(&company, "2026-01", "open"));
    expect_done(company_approve(&company, "clive", opened, 1), "in-force");
    free(opened);
    note_admitted(&company, "2026-01-31");
    company_at(&company, "2026-02-09T04:59:59.999Z");
    note_admitted(&company, "2026-01-31");
    company_at(&company, "2026-02-09T05:00:00.000Z");
    note_refused(&company, "2026-01-31", "C-39", "hard-closed");
    expect_answer(company_submit(&company, "cleo", closing_period(&company, "2026-01", "open")), "refused", "C-39",
                  "never-again");
    /* No later policy opens what was closed for good: months that were not yet are another matter. */
    static const struct edit none[] = {{0}};
    closing_policy(&company, none, "2026-02-11T06:00:00.000Z");
    note_refused(&company, "2026-01-31", "C-39", "hard-closed");
    note_refused(&company, "2025-12-31", "C-39", "hard-closed");
    close_month(&company, "2026-01", "hard");
    company_at(&company, "2026-03-20T12:00:00.000Z");
    note_admitted(&company, "2026-02-28");
    /* Under the next one they are again, and the month that it finds open in its time. */
    closing_policy(&company, calendar, "2026-03-25T06:00:00.000Z");
    note_refused(&company, "2026-02-28", "C-39", "hard-closed");
    note_admitted(&company, "2026-03-24");
    company_close(&company);
}

/* Of two policies that are to come the one that was let in last may be in force first: then the other ends it. */
static void a_calendar_lasts_as_long_as_its_policy(void **state)
{
    static const struct edit none[] = {{0}};
    static const char *const ends[] = {"2026-02-09T05:00:00.000Z", "2026-02-09T05:00:00.001Z"};
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct company company = {.dir = ""};
        company_open(&company, POLICY);
        closing_policy_ahead(&company, POLICY, none, ends[i]);
        closing_policy_ahead(&company, POLICY, calendar, "2026-02-02T06:00:00.000Z");
        company_at(&company, "2026-02-08T12:00:00.000Z");
        note_refused(&company, "2026-01-31", "C-39", "soft-closed");
        /* January closes for good where the ninth of February begins, in New York: if the calendar is still there. */
        company_at(&company, "2026-02-10T12:00:00.000Z");
        if (i == 0)
            note_admitted(&company, "2026-01-31");
        else
            note_refused(&company, "2026-01-31", "C-39", "hard-closed");
        company_close(&company);
    }
}

static void a_day_begins_where_the_entity_is(void **state)
{
    struct company company = {.dir = ""};
    char path[VARIANT_PATH_BYTES];
    (void)state;
    variant_make(calendar, path);
    company_open(&company, path);
    variant_done(path);
    closing_closers(&company);
    /* New York has daylight time from 2026-03-08 on: April begins at 04:00Z, its fourth day too. */
    company_at(&company, "2026-04-01T03:59:59.999Z");
    expect_answer(company_submit(&company, "maria", closing_note(&company, "581483", "1.00", "2026-04-01")), "refused",
                  "C-40", "forward-dated");
    company_at(&company, "2026-04-01T04:00:00.000Z");
    note_admitted(&company, "2026-04-01");
    company_at(&company, "2026-04-04T03:59:59.999Z");
    note_admitted(&company, "2026-03-31");
    company_at(&company, "2026-04-04T04:00:00.000Z");
    note_refused(&company, "2026-03-31", "C-39", "soft-closed");
    /* The hour that comes twice, on 2026-11-01, belongs to one day. */
    company_at(&company, "2026-11-01T03:59:59.999Z");
    note_refused(&company, "2026-11-01", "C-40", "forward-dated");
    company_at(&company, "2026-11-01T04:00:00.000Z");
    note_admitted(&company, "2026-11-01");
    company_at(&company, "2026-11-02T04:59:59.999Z");
    note_refused(&company, "2026-11-02", "C-40", "forward-dated");
    company_at(&company, "2026-11-02T05:00:00.000Z");
    note_admitted(&company, "2026-11-02");
    company_close(&company);
}

static void leap_days_and_years(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    closing_closers(&company);
    company_at(&company, "2028-02-29T04:59:59.999Z");
    expect_answer(company_submit(&company, "maria", closing_note(&company, "581483", "1.00", "2028-02-29")), "refused",
                  "C-40", "forward-dated");
    company_at(&company, "2028-02-29T05:00:00.000Z");
    note_admitted(&company, "2028-02-29");
    company_at(&company, "2028-03-01T04:59:59.999Z");
    expect_answer(company_submit(&company, "cleo", closing_period(&company, "2028-02", "hard")), "refused", "C-39",
                  "too-early");
    company_at(&company, "2028-03-01T05:00:00.000Z");
    close_month(&company, "2028-02", "hard");
    note_refused(&company, "2028-02-29", "C-39", "hard-closed");
    note_admitted(&company, "2028-03-01");
    company_close(&company);
}

static void backdating_takes_one_level_more(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-01-20T12:00:00.000Z");
    expect_no_answer(company_submit(&company, "maria", closing_note(&company, "581483", "1.00", "2026-01-15")),
                     "posted", "C-40", "backdated");
    json_t *late = company_submit(&company, "maria", closing_note(&company, "581483", "2.00", "2026-01-14"));
    assert_true(result_has(late, "C-40", "late-entry"));
    golden(late, "waiting", "C-40", "backdated");
    golden(company_submit(&company, "maria", closing_note(&company, "40251", "3.00", "2026-01-14")), "waiting", "C-40",
           "late-entry");
    /* Waiting makes it no older. */
    char *number = company_wait(&company, "maria", closing_note(&company, "40251", "300.00", "2026-01-15"));
    company_at(&company, "2026-01-22T12:00:00.000Z");
    expect_no_answer(company_approve(&company, "ana", number, 1), "posted", "C-40", "backdated");
    free(number);
    company_close(&company);
}

static void each_entity_has_its_parameters(void **state)
{
    static const struct edit strict[] = {
        {"timezone: Europe/Berlin }", "timezone: Europe/Berlin, parameters: { backdate_days: 0 } }"}, {0}};
    struct company company = {.dir = ""};
    char path[VARIANT_PATH_BYTES];
    (void)state;
    variant_make(strict, path);
    company_open(&company, path);
    variant_done(path);
    closing_hire(&company, "bert", "P-61", "BILLING_SPECIALIST", "DE01");
    closing_hire(&company, "feedd", "P-62", "FEED_CUSTOMERS", "DE01");
    closing_hire(&company, "feede", "P-63", "FEED_INVOICES", "DE01");
    const struct company_file customers = {.user = "feedd", .feed = "customers", .sequence = 1, .entity = "DE01"};
    expect_done(company_feed(&company, &customers, json_pack("[o]", company_customer("20001", "20001"))), "closed");
    const struct company_file invoices = {
        .user = "feede", .feed = "invoices", .total = "500.00", .sequence = 1, .entity = "DE01"};
    expect_done(
        company_feed(&company, &invoices, json_pack("[o]", company_invoice("D1", "20001", "500.00", "0.00", "500.00"))),
        "closed");
    company_at(&company, "2026-01-06T23:30:00.000Z"); /* the 7th in Berlin, the 6th in New York */
    json_t *note = company_credit_note(&company, "20001", "D1", "1.00");
    company_with(company_with(note, "entity", json_string("DE01")), "date", json_string("2026-01-07"));
    expect_no_answer(company_submit(&company, "bert", note), "posted", "C-40", "backdated");
    note = company_credit_note(&company, "20001", "D1", "2.00");
    company_with(company_with(note, "entity", json_string("DE01")), "date", json_string("2026-01-06"));
    expect_answer(company_submit(&company, "bert", note), "waiting", "C-40", "backdated");
    expect_answer(company_submit(&company, "maria", closing_note(&company, "581483", "1.00", "2026-01-07")), "refused",
                  "C-40", "forward-dated");
    expect_no_answer(company_submit(&company, "maria", closing_note(&company, "581483", "1.00", "2026-01-05")),
                     "posted", "C-40", "backdated");
    company_close(&company);
}

static void nothing_is_dated_before_its_original(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    golden(company_submit(&company, "maria", closing_note(&company, "581483", "1.00", "2025-11-30")), "refused", "C-40",
           "before-original");
    expect_no_answer(company_submit(&company, "maria", closing_note(&company, "581483", "1.00", "2025-12-01")),
                     "waiting", "C-40", "before-original");
    char *posted = company_post(&company, "maria", closing_note(&company, "40251", "100.00", "2026-01-04"), 0);
    json_t *reversal = company_with(company_reversal(&company, posted), "date", json_string("2026-01-03"));
    company_with(reversal, "evidence", json_pack("[o]", company_evidence(&company, "correspondence")));
    expect_answer(company_submit(&company, "joe", json_deep_copy(reversal)), "refused", "C-40", "before-original");
    company_with(reversal, "date", json_string("2026-01-04"));
    expect_no_answer(company_submit(&company, "joe", reversal), "waiting", "C-40", "before-original");
    free(posted);
    company_close(&company);
}

/* Form: a month, an exception whole or not at all. */
static void form(struct company *company, json_t *document, const char *text)
{
    struct gate_answer answer;
    struct err err;
    assert_int_equal(company_try(company, "cleo", VERB_SUBMIT,
                                 json_pack("{s:b, s:[o]}", "atomic", 0, "documents", document), NULL, &answer, &err),
                     STATUS_INPUT);
    if (strstr(err.text, text) == NULL)
        fail_msg("%s does not say %s", err.text, text);
}

static void a_period_has_its_form(void **state)
{
    static const char *const months[] = {"2026", "2026-13", "2026-00", "2026-1", "26-01", "2026-001", "1969-12"};
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    closing_closers(&company);
    for (size_t i = 0; i < sizeof months / sizeof months[0]; i++)
        form(&company, closing_period(&company, months[i], "soft"), "period: ");
    json_t *exception = closing_exception(&company, "2025-12", "maria", "2026-01-07T13:00:00.000Z");
    json_t *endless = json_deep_copy(exception), *everybody = json_deep_copy(exception);
    json_object_del(endless, "until");
    json_object_del(everybody, "user");
    form(&company, endless, "until: ");
    form(&company, everybody, "user: ");
    form(&company, company_with(exception, "state", json_string("soft")), "state: ");
    json_t *groundless = closing_period(&company, "2025-12", "soft");
    json_object_del(groundless, "reason");
    form(&company, groundless, "reason");
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_closes_two_open),
        cmocka_unit_test(hard_is_for_ever),
        cmocka_unit_test(an_exception_is_for_one_user_and_month),
        cmocka_unit_test(nothing_is_signed_in_a_closed_month),
        cmocka_unit_test(the_last_month_of_all),
        cmocka_unit_test(an_exception_ends_after_now),
        cmocka_unit_test(another_months_exception_is_none),
        cmocka_unit_test(what_waits_over_the_close_is_amended),
        cmocka_unit_test(the_calendar_closes_too),
        cmocka_unit_test(a_calendar_lasts_as_long_as_its_policy),
        cmocka_unit_test(a_day_begins_where_the_entity_is),
        cmocka_unit_test(leap_days_and_years),
        cmocka_unit_test(backdating_takes_one_level_more),
        cmocka_unit_test(each_entity_has_its_parameters),
        cmocka_unit_test(nothing_is_dated_before_its_original),
        cmocka_unit_test(a_period_has_its_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

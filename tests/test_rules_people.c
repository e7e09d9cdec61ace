/*
 * C-05, C-18, C-28, C-29 and what HR says: who may sign for whom, what goes up when nobody signs, accounts that sleep, and
 * persons who move and leave. Each rule with the case that it refuses and the nearest one that it lets pass.
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
#include "tests/support/company.h"
#include "tests/support/golden.h"
#include "tests/support/people.h"

static json_t *note(struct company *company, const char *amount)
{
    return company_credit_note(company, "10442", "40251", amount);
}

static json_t *goodwill(struct company *company, const char *amount)
{
    json_t *document = company_money(company, "credit-note", "10442", amount, "GOODWILL", "correspondence");
    company_with(document, "note", json_string("the customer was kept waiting for months"));
    return company_allocate(document, "40251", NULL, amount);
}

/* Nobody who reports to a maker signs; an equal does, and a superior. */
static void no_subordinate_signs(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    /* tom reports to joe through P-50, ana does not. */
    people_events(&company, 1,
                  json_pack("[o, o, o, o, o]", people_event("E1", "join", "P-12", "2026-01-01", NULL, NULL),
                            people_event("E2", "join", "P-50", "2026-01-01", "P-12", NULL),
                            people_event("E3", "join", "P-22", "2026-01-01", "P-50", NULL),
                            people_event("E4", "join", "P-21", "2026-01-01", "P-23", NULL),
                            people_event("E5", "join", "P-23", "2026-01-01", NULL, NULL)));
    char *number = company_wait(&company, "joe", note(&company, "300.00"));
    golden(company_approve(&company, "tom", number, 1), "refused", "C-05", "subordinate");
    expect_done(company_approve(&company, "ana", number, 1), "posted");
    free(number);
    number = company_wait(&company, "maria", note(&company, "301.00"));
    expect_done(company_approve(&company, "tom", number, 1), "posted");
    free(number);
    /* Whom HR does not know signs nothing; officers are flagged, since nobody else could put it right. */
    number = company_wait(&company, "maria", note(&company, "2000.00"));
    expect_done(company_approve(&company, "ana", number, 1), "approved");
    expect_done(company_approve(&company, "priya", number, 2), "posted");
    free(number);
    people_events(&company, 2, json_pack("[o]", people_event("E6", "leave", "P-22", "2026-01-04", NULL, NULL)));
    json_t *result = company_submit(&company, "olga", company_grant_document(&company, "maria2", "READER"));
    number = strdup(result_number(result));
    json_decref(result);
    expect_answer(company_approve(&company, "oscar", number, 1), "in-force", "C-05", "unknown-person");
    free(number);
    number = company_wait(&company, "cora", company_write_off(&company, "16446", "581483", "600.00"));
    expect_done(company_approve(&company, "ana", number, 1), "approved");
    people_events(&company, 3, json_pack("[o]", people_event("E7", "move", "P-23", "2026-01-05", "P-99", NULL)));
    expect_done(company_approve(&company, "priya", number, 2), "posted");
    free(number);
    company_close(&company);
}

static void who_is_unknown_signs_nothing(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    char *number = company_wait(&company, "joe", note(&company, "300.00"));
    char *other = company_wait(&company, "joe", note(&company, "300.01"));
    expect_done(company_approve(&company, "ana", number, 1), "posted"); /* HR is not in the book yet */
    people_events(&company, 1, json_pack("[o]", people_event("E1", "join", "P-22", "2026-01-06", NULL, NULL)));
    golden(company_approve(&company, "ana", other, 1), "refused", "C-05", "unknown-person");
    /* Who joins tomorrow is not known today. */
    company_at(&company, "2026-01-06T04:59:59.999Z");
    expect_answer(company_approve(&company, "tom", other, 1), "refused", "C-05", "unknown-person");
    company_at(&company, "2026-01-06T05:00:00.000Z");
    expect_done(company_approve(&company, "tom", other, 1), "posted");
    free(number);
    free(other);
    company_close(&company);
}

static json_t *chain_of(const char *letter, int count, const char *top)
{
    json_t *records = json_array();
    for (int i = 1; i <= count; i++) {
        char person[16], manager[16], event[16];
        snprintf(person, sizeof person, "%s-%d", letter, i);
        snprintf(manager, sizeof manager, "%s-%d", letter, i + 1);
        snprintf(event, sizeof event, "E%s%d", letter, i);
        json_array_append_new(records,
                              people_event(event, "join", person, "2026-01-01", i < count ? manager : top, NULL));
    }
    return records;
}

static void circles_are_refused(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    golden(people_file(&company, 1,
                       json_pack("[o, o, o]", people_event("E1", "join", "P-11", "2026-01-01", "P-21", NULL),
                                 people_event("E2", "join", "P-21", "2026-01-01", "P-23", NULL),
                                 people_event("E3", "move", "P-23", "2026-02-01", "P-11", NULL))),
           "refused", "C-05", "manager-cycle");
    /* One link less is a chain; the circle would close with a later file too. */
    people_events(&company, 1,
                  json_pack("[o, o]", people_event("E1", "join", "P-11", "2026-01-01", "P-21", NULL),
                            people_event("E2", "join", "P-21", "2026-01-01", "P-23", NULL)));
    expect_answer(
        people_file(&company, 2, json_pack("[o]", people_event("E3", "move", "P-23", "2026-02-01", "P-11", NULL))),
        "refused", "C-05", "manager-cycle");
    /* Neither over two parts of one file. */
    const struct company_file first = {
        .user = "feedp", .feed = "people", .sequence = 2, .part = 1, .count = 2, .more = true};
    const struct company_file second = {.user = "feedp", .feed = "people", .sequence = 2, .part = 2, .count = 2};
    expect_done(company_feed(&company, &first,
                             json_pack("[o]", people_event("E3", "join", "P-60", "2026-01-01", "P-61", NULL))),
                "open");
    expect_answer(company_feed(&company, &second,
                               json_pack("[o]", people_event("E4", "join", "P-61", "2026-01-01", "P-60", NULL))),
                  "refused", "C-05", "manager-cycle");
    /* Two chains, each short enough, that a third file joins at their ends. */
    people_events(&company, 2, chain_of("A", 20, NULL));
    people_events(&company, 3, chain_of("B", 20, NULL));
    people_events(&company, 4,
                  json_pack("[o, o]", people_event("E9", "move", "A-20", "2026-01-02", "B-1", NULL),
                            people_event("E10", "join", "P-22", "2026-01-02", "A-16", NULL)));
    char *number = company_wait(&company, "maria", note(&company, "300.00"));
    expect_done(company_approve(&company, "tom", number, 1), "posted"); /* 26 managers */
    free(number);
    people_events(&company, 5, json_pack("[o]", people_event("E11", "join", "C-1", "2026-01-02", "P-22", NULL)));
    people_events(&company, 6, json_pack("[o]", people_event("E12", "move", "B-20", "2026-01-02", "D-1", NULL)));
    people_events(&company, 7, chain_of("D", 8, NULL));
    number = company_wait(&company, "maria", note(&company, "301.00"));
    golden(company_approve(&company, "tom", number, 1), "refused", "C-05", "chain-endless");
    free(number);
    company_close(&company);
}

static void chain_mode_asks_for_a_manager(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    char *number = company_wait(&company, "maria", goodwill(&company, "100.00"));
    golden(company_approve(&company, "ana", number, 1), "refused", "C-05", "no-people");
    people_events(&company, 1,
                  json_pack("[o, o, o, o]", people_event("E1", "join", "P-11", "2026-01-01", "P-22", NULL),
                            people_event("E2", "join", "P-22", "2026-01-01", "P-23", NULL),
                            people_event("E3", "join", "P-21", "2026-01-01", "P-23", NULL),
                            people_event("E4", "join", "P-23", "2026-01-01", NULL, NULL)));
    golden(company_approve(&company, "ana", number, 1), "refused", "C-05", "not-on-chain");
    expect_done(company_approve(&company, "tom", number, 1), "posted");
    free(number);
    /* Another row asks nothing of the kind. */
    number = company_wait(&company, "maria", note(&company, "300.00"));
    expect_done(company_approve(&company, "ana", number, 1), "posted");
    free(number);
    company_close(&company);
}

static json_t *in_emergency(json_t *document)
{
    return company_with(document, "channel", json_string("break-glass"));
}

/* The day of leaving is the last one that counts, in the calendar of the entity. */
static void leavers_act_no_more(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    people_events(&company, 1,
                  json_pack("[o, o]", people_event("E1", "leave", "P-11", "2026-01-07", NULL, NULL),
                            people_event("E2", "leave", "P-12", "2026-01-07", NULL, NULL)));
    company_at(&company, "2026-01-08T04:59:59.000Z"); /* New York: still the 7th */
    expect_done(company_submit(&company, "maria", note(&company, "1.00")), "posted");
    company_at(&company, "2026-01-08T04:59:59.999Z");
    expect_done(company_submit(&company, "bot1", note(&company, "1.01")), "posted");
    company_at(&company, "2026-01-08T05:00:00.000Z");
    golden(people_whole(&company, "maria", note(&company, "2.00")), "refused", "C-29", "left");
    expect_answer(people_whole(&company, "maria2", note(&company, "2.00")), "refused", "C-29", "left");
    expect_answer(people_whole(&company, "bot1", note(&company, "2.00")), "refused", "C-29", "left");
    expect_done(company_submit(&company, "cora", company_write_off(&company, "16446", "581483", "20.00")), "waiting");
    /* Nothing is given to a leaver any more. */
    golden(company_submit(&company, "olga", company_grant_document(&company, "maria2", "READER")), "refused", "C-29",
           "to-leaver");
    expect_done(company_submit(&company, "olga", company_grant_document(&company, "cora", "READER")), "waiting");
    /* Who comes back acts again. */
    people_events(&company, 2, json_pack("[o]", people_event("E3", "join", "P-11", "2026-01-10", NULL, NULL)));
    expect_answer(people_whole(&company, "maria", note(&company, "2.00")), "refused", "C-29", "left");
    company_at(&company, "2026-01-10T05:00:00.000Z");
    expect_done(company_submit(&company, "maria", note(&company, "2.00")), "posted");
    company_close(&company);
}

/* Emergency access that began before the last day ends with it, whatever its hours say; a mover keeps it, for it is no grant. */
static void leavers_have_no_emergency(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    people_events(&company, 1,
                  json_pack("[o, o]", people_event("E1", "leave", "P-11", "2026-01-07", NULL, NULL),
                            people_event("E2", "move", "P-12", "2026-01-07", NULL, NULL)));
    company_at(&company, "2026-01-08T04:00:00.000Z");
    json_t *access =
        json_pack("{s:[s, s], s:[s], s:[s], s:s, s:s, s:s}", "users", "joe", "maria", "functions", "write-off.prepare",
                  "entities", "US01", "until", "2026-01-08T07:59:00.000Z", "ticket", "INC-7", "reason", "nobody else");
    json_t *document = company_document(&company, "break-glass");
    json_object_update(document, access);
    char *number = company_wait(&company, "olga", document);
    expect_done(company_approve(&company, "oscar", number, 1), "in-force");
    company_at(&company, "2026-01-08T04:59:59.999Z");
    expect_answer(
        company_submit(&company, "maria", in_emergency(company_write_off(&company, "10442", "40251", "20.00"))),
        "waiting", "C-51", "used");
    company_at(&company, "2026-01-08T05:00:00.000Z");
    json_t *result =
        expect(people_whole(&company, "maria", in_emergency(company_write_off(&company, "10442", "40251", "21.00"))),
               "refused");
    assert_true(result_has(result, "C-29", "left"));
    json_decref(result);
    expect_answer(company_submit(&company, "joe", in_emergency(company_write_off(&company, "10442", "40251", "22.00"))),
                  "waiting", "C-51", "used");
    /* Nor is it opened for one who has left. */
    document = company_document(&company, "break-glass");
    json_object_update(document, access);
    expect_answer(company_submit(&company, "olga", document), "refused", "C-29", "to-leaver");
    free(number);
    json_decref(access);
    company_close(&company);
}

/* Files in any order come to the same: the date decides. */
static void the_later_date_counts(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    people_events(&company, 1,
                  json_pack("[o, o, o]", people_event("E9", "join", "P-11", "2026-01-20", NULL, NULL),
                            people_event("E3", "leave", "P-11", "2026-01-07", NULL, NULL),
                            people_event("E5", "leave", "P-11", "2026-02-28", NULL, NULL)));
    people_events(&company, 2, json_pack("[o]", people_event("E7", "join", "P-11", "2026-01-01", NULL, NULL)));
    company_at(&company, "2026-01-07T12:00:00.000Z");
    expect_done(company_submit(&company, "maria", note(&company, "1.00")), "posted");
    company_at(&company, "2026-01-08T12:00:00.000Z");
    expect_answer(people_whole(&company, "maria", note(&company, "2.00")), "refused", "C-29", "left");
    company_at(&company, "2026-01-20T12:00:00.000Z");
    expect_done(company_submit(&company, "maria", note(&company, "2.00")), "posted");
    company_at(&company, "2026-03-01T12:00:00.000Z");
    expect_answer(people_whole(&company, "maria", note(&company, "3.00")), "refused", "C-29", "left");
    company_close(&company);
}

static void a_late_leave_shows_what_was_done(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    company_at(&company, "2026-01-08T04:59:59.999Z");
    expect_done(company_submit(&company, "joe", note(&company, "1.00")), "posted");
    company_at(&company, "2026-01-08T05:00:00.000Z");
    expect_done(company_submit(&company, "maria", note(&company, "2.00")), "posted");
    json_t *result = people_file(&company, 1,
                                 json_pack("[o, o]", people_event("E1", "leave", "P-11", "2026-01-07", NULL, NULL),
                                           people_event("E2", "leave", "P-13", "2026-01-07", NULL, NULL)));
    golden(result, "closed", "C-29", "acted-after");
    expect_no_answer(
        people_file(&company, 2, json_pack("[o]", people_event("E3", "leave", "P-14", "2026-01-07", NULL, NULL))),
        "closed", "C-29", "acted-after");
    company_close(&company);
}

static void movers_are_granted_again(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    people_events(&company, 1,
                  json_pack("[o, o]", people_event("E1", "move", "P-11", "2026-01-06", NULL, NULL),
                            people_event("E2", "move", "P-12", "2026-01-06", NULL, NULL)));
    company_at(&company, "2026-01-06T05:00:00.000Z"); /* the first instant of the move: this grant counts */
    json_decref(company_grant(&company, "joe", "BILLING_SPECIALIST"));
    company_at(&company, "2026-01-20T04:59:59.999Z");
    expect_done(company_submit(&company, "maria", note(&company, "1.00")), "posted");
    company_at(&company, "2026-01-20T05:00:00.000Z");
    golden(company_submit(&company, "maria", note(&company, "2.00")), "refused", "C-29", "moved");
    expect_done(company_submit(&company, "joe", note(&company, "2.00")), "posted");
    json_decref(company_grant(&company, "maria", "BILLING_SPECIALIST"));
    expect_done(company_submit(&company, "maria", note(&company, "3.00")), "posted");
    company_close(&company);
}

static void who_signs_nothing_is_suspended(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    company_at(&company, "2026-01-06T12:00:00.000Z");
    expect_done(company_submit(&company, "maria", note(&company, "1.00")), "posted");
    company_at(&company, "2026-01-07T12:00:00.000Z");
    expect_done(company_submit(&company, "joe", note(&company, "2.00")), "posted");
    company_at(&company, "2026-03-07T12:00:00.000Z"); /* 60 days, to the millisecond */
    expect_done(company_submit(&company, "maria", note(&company, "3.00")), "posted");
    /* A refusal keeps nobody awake. */
    company_at(&company, "2026-03-07T12:00:00.500Z");
    expect_done(company_submit(&company, "joe", note(&company, "999999.00")), "refused");
    company_at(&company, "2026-03-08T12:00:00.001Z");
    golden(people_whole(&company, "joe", note(&company, "4.00")), "refused", "C-28", "dormant");
    expect_answer(people_whole(&company, "bot1", note(&company, "4.00")), "refused", "C-28", "dormant");
    expect_answer(people_whole(&company, "olga", company_grant_document(&company, "maria2", "READER")), "refused",
                  "C-28", "dormant");
    /* A statement without a list of items wakes nobody either. */
    json_t *decision = company_do(&company, "feedp", VERB_FEED,
                                  json_pack("{s:s, s:s, s:{s:i, s:i}, s:b, s:i, s:[o]}", "entity", "US01", "feed",
                                            "people", "file", "count", 1, "sequence", 1, "last", 1, "part", 1,
                                            "records", people_event("E1", "join", "P-22", "2026-01-06", NULL, NULL)));
    assert_true(result_has(decision, "C-28", "dormant"));
    json_decref(decision);
    company_close(&company);
}

static json_t *reactivation(struct company *company, const char *user)
{
    return company_with(company_with(company_document(company, "reactivation"), "user", json_string(user)), "reason",
                        json_string("back from leave"));
}

/* All officers sleep; two of them still wake an account, one does not. */
static void two_wake_an_account(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    company_at(&company, "2026-06-01T12:00:00.000Z");
    json_t *result = expect(company_submit(&company, "joe", reactivation(&company, "joe")), "waiting");
    char *number = strdup(result_number(result));
    json_decref(result);
    expect_answer(company_approve(&company, "joe", number, 1), "refused", "C-01", "own-document");
    expect_answer(company_approve(&company, "ana", number, 1), "refused", "C-31", "not-an-officer");
    expect_answer(people_whole(&company, "joe", note(&company, "1.00")), "refused", "C-28", "dormant");
    expect_done(company_approve(&company, "oscar", number, 1), "in-force");
    expect_done(company_submit(&company, "joe", note(&company, "1.00")), "posted");
    free(number);
    expect_answer(people_whole(&company, "oscar", company_grant_document(&company, "joe", "READER")), "refused", "C-28",
                  "dormant");
    /* The owner asks for a bot, nobody asks for another, and there has to be one. */
    expect_done(company_submit(&company, "joe", reactivation(&company, "bot1")), "waiting");
    expect_answer(company_submit(&company, "joe", reactivation(&company, "maria")), "refused", "C-31",
                  "not-an-officer");
    golden(company_submit(&company, "olga", reactivation(&company, "nobody")), "refused", "C-28", "unknown-user");
    result = expect(company_submit(&company, "olga", reactivation(&company, "oscar")), "waiting");
    expect_done(company_approve(&company, "owen", result_number(result), 1), "in-force");
    json_decref(result);
    expect_done(company_submit(&company, "oscar", company_grant_document(&company, "joe", "READER")), "waiting");
    /* Bots sleep sooner: 30 days. */
    result = expect(company_submit(&company, "oscar", reactivation(&company, "bot1")), "waiting");
    expect_done(company_approve(&company, "owen", result_number(result), 1), "in-force");
    json_decref(result);
    const int64_t woken_ms = company.now_ms;
    company.now_ms = woken_ms + INT64_C(30) * 86400000 - 1000;
    expect_done(company_submit(&company, "bot1", note(&company, "2.00")), "posted");
    company.now_ms += INT64_C(30) * 86400000 + 1 - 1000;
    expect_answer(people_whole(&company, "bot1", note(&company, "3.00")), "refused", "C-28", "dormant");
    company_close(&company);
}

/* The manager by HR signs for his own report, and for nobody else's. */
static void a_manager_wakes_his_report(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    people_events(&company, 1,
                  json_pack("[o, o]", people_event("E1", "join", "P-12", "2026-01-01", "P-21", NULL),
                            people_event("E2", "join", "P-21", "2026-01-01", NULL, NULL)));
    company_at(&company, "2026-04-01T12:00:00.000Z");
    json_t *result = expect(company_submit(&company, "joe", reactivation(&company, "joe")), "waiting");
    expect_answer(company_approve(&company, "tom", result_number(result), 1), "refused", "C-31", "not-an-officer");
    expect_done(company_approve(&company, "ana", result_number(result), 1), "in-force");
    json_decref(result);
    company_close(&company);
}

/* What a leaver has waiting or returned passes to the successor, else to the manager, and on when that one goes too. */
static void documents_pass_on(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    char *waits = company_wait(&company, "joe", note(&company, "300.00"));
    char *returned = company_wait(&company, "joe", note(&company, "301.00"));
    char *other = company_wait(&company, "joe", note(&company, "302.00"));
    expect_done(company_end(&company, "ana", VERB_RETURN, returned), "returned");
    people_events(&company, 1,
                  json_pack("[o, o, o]", people_event("E1", "join", "P-12", "2026-01-01", "P-23", NULL),
                            people_event("E3", "join", "P-21", "2026-01-01", "P-23", NULL),
                            people_event("E2", "leave", "P-12", "2026-01-06", NULL, "P-11")));
    expect_answer(company_end(&company, "maria", VERB_WITHDRAW, waits), "refused", "C-01", "not-yours");
    company_at(&company, "2026-01-07T12:00:00.000Z");
    expect_answer(company_end(&company, "cora", VERB_WITHDRAW, waits), "refused", "C-01", "not-yours");
    expect_answer(company_end(&company, "priya", VERB_WITHDRAW, waits), "refused", "C-01", "not-yours");
    expect_done(company_end(&company, "maria", VERB_WITHDRAW, waits), "withdrawn");
    json_t *result = company_amend(&company, "maria", returned, note(&company, "303.00"));
    expect_done(result, "waiting");
    /* Having amended it she is a maker, and the leaver still is. */
    json_t *record = company_record(&company, returned);
    assert_int_equal(json_array_size(json_object_get(record, "makers")), 2);
    json_decref(record);
    expect_done(company_approve(&company, "ana", returned, 1), "posted");
    people_events(&company, 2, json_pack("[o]", people_event("E4", "leave", "P-11", "2026-01-08", NULL, "P-13")));
    company_at(&company, "2026-01-09T12:00:00.000Z");
    expect_answer(company_end(&company, "adam", VERB_WITHDRAW, other), "refused", "C-01", "not-yours");
    expect_done(company_end(&company, "cora", VERB_WITHDRAW, other), "withdrawn");
    free(waits);
    free(returned);
    free(other);
    company_close(&company);
}

/* Monday's document: three business days are over when Thursday is; Friday's first instant lets the next level up sign. */
static void a_level_goes_up(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    people_open(&company);
    char *number = company_wait(&company, "joe", note(&company, "2600.00")); /* levels 1 and 2 */
    company_at(&company, "2026-01-09T04:59:59.999Z");
    expect_answer(company_approve(&company, "priya", number, 1), "refused", "C-02", "no-authority");
    company_at(&company, "2026-01-09T05:00:00.000Z");
    expect_answer(company_approve(&company, "cora", number, 1), "refused", "C-02", "no-authority");
    golden(company_approve(&company, "priya", number, 1), "approved", "C-18", "escalated");
    /* She signed one level; the next waits anew, and takes somebody else. */
    expect_answer(company_approve(&company, "priya", number, 2), "refused", "C-03", "signed-already");
    expect_answer(company_approve(&company, "dora", number, 2), "refused", "C-02", "no-authority");
    company_at(&company, "2026-01-15T05:00:00.000Z");
    expect_answer(company_approve(&company, "dora", number, 2), "posted", "C-18", "escalated");
    free(number);
    /* In time there is nothing to say, and a lower level never signs for a higher one. */
    number = company_wait(&company, "joe", company_credit_note(&company, "16447", "700001", "300.00"));
    company_at(&company, "2026-01-26T05:00:00.000Z");
    expect_no_answer(company_approve(&company, "ana", number, 1), "posted", "C-18", "escalated");
    free(number);
    number = company_wait(&company, "cora", company_write_off(&company, "16446", "581483", "600.00"));
    expect_done(company_approve(&company, "tom", number, 1), "approved");
    company_at(&company, "2026-02-02T05:00:00.000Z");
    expect_answer(company_approve(&company, "ana", number, 2), "refused", "C-02", "no-authority");
    free(number);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_subordinate_signs),     cmocka_unit_test(who_is_unknown_signs_nothing),
        cmocka_unit_test(circles_are_refused),      cmocka_unit_test(chain_mode_asks_for_a_manager),
        cmocka_unit_test(leavers_act_no_more),      cmocka_unit_test(leavers_have_no_emergency),
        cmocka_unit_test(the_later_date_counts),    cmocka_unit_test(a_late_leave_shows_what_was_done),
        cmocka_unit_test(movers_are_granted_again), cmocka_unit_test(who_signs_nothing_is_suspended),
        cmocka_unit_test(two_wake_an_account),      cmocka_unit_test(a_manager_wakes_his_report),
        cmocka_unit_test(documents_pass_on),        cmocka_unit_test(a_level_goes_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

/*
 * Reports of rights and limits on a small book, by what is known to have happened: limits and releases of held orders with what the
 * customer stood for, exceptions to closed months, decisions of managers, floors between duties, restores, and service levels under
 * two policies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/sql/sql.h"
#include "tests/support/closing.h"
#include "tests/support/golden.h"
#include "tests/support/people.h"
#include "tests/support/report_rows.h"

#define POLICY_US "controls/policies/us.yaml"

static json_t *more(json_t *document, json_t *members)
{
    json_object_update(document, members);
    json_decref(members);
    return document;
}

/* Signed level by level until it takes effect. */
static void take_effect(struct company *company, const char *user, json_t *document)
{
    static const char *const signers[] = {"rita", "rob", "ray"};
    char *number = company_wait(company, user, document);
    bool waits = true;
    for (int i = 0; waits; i++) {
        assert_true(i < 3);
        json_t *result = company_approve(company, signers[i], number, i + 1);
        waits = strcmp(result_outcome(result), "approved") == 0;
        if (!waits && strcmp(result_outcome(result), "in-force") != 0)
            fail_msg("%s", json_dumps(result, 0));
        json_decref(result);
    }
    free(number);
}

/* 16446 has 7,469.60 of invoices open, and a limit of 10,000.00. */
static void limits(struct company *company)
{
    const struct company_file file = {.user = "feedo", .feed = "orders", .total = "5000.00", .sequence = 1};
    closing_hire(company, "feedo", "P-35", "FEED_ORDERS", "US01");
    closing_hire(company, "rita", "P-61", "CREDIT_RISK_1", "US01");
    closing_hire(company, "rob", "P-62", "CREDIT_RISK_2", "US01");
    closing_hire(company, "ray", "P-63", "CREDIT_RISK_3", "US01");
    json_t *order = json_pack("{s:s, s:s, s:s, s:s, s:s}", "amount", "5000.00", "customer", "16446", "date",
                              "2026-01-05", "order", "O-1", "state", "held");
    expect_done(company_feed(company, &file, json_pack("[o]", order)), "closed");
    json_t *release =
        more(company_money(company, "hold-release", "16446", "5000.00", "HOLD_REL_CRITICAL", "correspondence"),
             json_pack("{s:s, s:s}", "order", "O-1", "expires", "2026-01-09T12:00:00.000Z"));
    json_object_del(release, "allocations");
    take_effect(company, "adam", release);
    json_t *temporary =
        more(company_limit(company, "16446", "11000.00"),
             json_pack("{s:s, s:s, s:s, s:s, s:[o]}", "kind", "temporary-limit", "reason", "CL_TEMP_ORDER", "from",
                       "2026-01-05", "to", "2026-01-20", "evidence", company_evidence(company, "order-confirmation")));
    json_object_del(temporary, "review");
    take_effect(company, "adam", temporary);
    take_effect(company, "adam", company_limit(company, "16446", "12500.00"));
}

/* Two business days under the policy that allows three, and two under one that allows one. */
static void approvals(struct company *company)
{
    static const struct edit shorter[] = {{"\nparameters:\n", "\nparameters:\n  escalation_days: 1\n"}, {NULL, NULL}};
    company_at(company, "2026-01-06T15:00:00.000Z"); /* Tuesday */
    char *before = company_wait(company, "joe", company_credit_note(company, "10442", "40251", "2600.00"));
    company_at(company, "2026-01-08T15:00:00.000Z");
    json_decref(company_approve(company, "tom", before, 1));
    closing_policy_of(company, POLICY_US, shorter, "2026-01-12T12:00:00.000Z");
    company_at(company, "2026-01-13T15:00:00.000Z"); /* Tuesday */
    char *after = company_wait(company, "joe", company_credit_note(company, "16447", "700001", "400.00"));
    company_at(company, "2026-01-15T15:00:00.000Z");
    json_decref(company_approve(company, "tom", after, 1));
    free(before);
    free(after);
}

/* January is closed; maria may still work in it for a day, joe is let and does not. */
static void exceptions(struct company *company)
{
    closing_closers(company);
    company_at(company, "2026-02-03T15:00:00.000Z");
    expect_done(company_submit(company, "cleo", closing_period(company, "2026-01", "soft")), "in-force");
    static const char *const users[][2] = {{"maria", "2026-02-04T15:00:00.000Z"}, {"joe", "2026-02-07T00:00:00.000Z"}};
    for (size_t i = 0; i < 2; i++) {
        json_t *result =
            company_submit(company, "cleo", closing_exception(company, "2026-01", users[i][0], users[i][1]));
        expect_done(company_approve(company, "clive", result_number(expect(result, "waiting")), 1), "in-force");
        json_decref(result);
    }
    free(company_post(company, "maria", closing_note(company, "581483", "21.00", "2026-01-31"), 1));
    free(company_post(company, "maria", closing_note(company, "581484", "22.00", "2026-02-03"),
                      1)); /* in the open month */
    company_at(company, "2026-02-05T15:00:00.000Z");
}

/* The number of the first grant of a role to a user. */
static void grant_of(struct sql *sql, const char *user, char ret_number[static 16])
{
    char pattern[64];
    const char *body = body_of(sql, "R-16", NULL, "grant", NULL);
    snprintf(pattern, sizeof pattern, " of %s,", user);
    const char *at = strstr(body, pattern);
    assert_non_null(at);
    while (at > body && at[-1] != '\n')
        at--;
    snprintf(ret_number, 16, "%.*s", (int)strcspn(at, ","), at);
}

static json_t *attestation(struct company *company, const char *grant, const char *decision)
{
    return more(company_document(company, "attestation"),
                json_pack("{s:s, s:[{s:s, s:s}]}", "review", "AR-1", "rows", "decision", decision, "grant", grant));
}

/* tom is the manager of maria and joe by HR: he answers for maria's right, an officer for joe's, nobody for cora's. */
static void review(struct company *company)
{
    char maria[16], joe[16];
    closing_hire(company, "feedp", "P-34", "FEED_PEOPLE", "US01");
    people_events(company, 1,
                  json_pack("[o, o]", people_event("H-1", "join", "P-11", "2026-01-05", "P-22", NULL),
                            people_event("H-2", "join", "P-12", "2026-01-05", "P-22", NULL)));
    expect_done(company_submit(company, "olga",
                               company_with(company_document(company, "review"), "entities", json_pack("[s]", "*"))),
                "in-force");
    struct sql *sql = tables_of(company);
    grant_of(sql, "maria", maria);
    grant_of(sql, "joe", joe);
    sql_close(sql);
    expect_done(company_submit(company, "tom", attestation(company, maria, "keep")), "in-force");
    expect_done(company_submit(company, "olga", attestation(company, joe, "remove")), "in-force");
}

static void of_limits(struct sql *sql)
{
    const char *body = body_of(sql, "R-11", NULL, NULL, NULL);
    /* Above the limit that counted, of 10,000.00; above the new one; below it. */
    has(body, "16446,,5000.00,hold-release,2026-01-09T12:00:00.000Z,12469.60,24.69,,adam,rita,2026-01-09T12:00:00.000Z,"
              "0\r\n");
    has(body, "16446,10000.00,11000.00,temporary-limit,2026-01-20,12469.60,13.36,,adam,rita,2026-01-20,0\r\n");
    has(body, "16446,10000.00,12500.00,credit-limit,2026-07-04,12469.60,,,adam,rita,,0\r\n");
    assert_int_equal(rows_in(body), 3);
}

static void of_exceptions(struct sql *sql)
{
    const char *body = body_of(sql, "R-13", NULL, NULL, NULL);
    has(body, "PE-2,closed month US01 2026-01 for maria,cleo,clive,2026-02-04T15:00:00.000Z,1,,ended\r\n");
    has(body, "PE-3,closed month US01 2026-01 for joe,cleo,clive,2026-02-07T00:00:00.000Z,0,,in force\r\n");
    assert_int_equal(rows_in(body), 2);
    assert_int_equal(rows_in(body_of(sql, "R-13", "2026-01", NULL, NULL)), 0);
}

static void of_reviews(struct sql *sql)
{
    const char *body = body_of(sql, "R-14", NULL, NULL, NULL);
    has(body, "maria,P-11,human,BILLING_SPECIALIST (US01),,,2026-02-03T15:00:07.000Z,keep by "
              "tom,,2026-02-05T15:00:06.000Z,\r\n");
    has(body,
        "joe,P-12,human,BILLING_SPECIALIST (US01),,,2026-01-13T15:00:00.000Z,,remove by olga,2026-02-05T15:00:07.000Z,"
        "2026-02-05T15:00:07.000Z\r\n");
    has(body, "cora,P-13,human,COLLECTIONS_SPECIALIST (US01),,,,,not answered,,\r\n");
}

static void of_floors(struct sql *sql)
{
    assert_int_equal(rows_in(body_of(sql, "R-12", NULL, NULL, NULL)), 0);
    /* The other account of who prepares approves. */
    const char *body =
        body_altered(sql,
                     "INSERT INTO role_grant SELECT 'GR-99', 'maria2', 'P-11', 'TEAM_LEAD', 'US01', NULL, "
                     "NULL, '2026-01-07T00:00:00.000Z', 9, 'olga', 'oscar', NULL, NULL, NULL, NULL",
                     "R-12", NULL);
    has(body, "P-11,maria maria2,TEAM_LEAD,BILLING_SPECIALIST,prepare-approve,floor,2026-01-07T00:00:00.000Z,\r\n");
    has(body, "P-11,maria maria2,TEAM_LEAD,BILLING_SPECIALIST,CREDIT_APPROVE x CREDIT_PREPARE,never,");
    assert_true(strstr(body, ",floor,") < strstr(body, ",never,"));
    /* Revoked, it is none. */
    assert_int_equal(
        rows_in(body_altered(sql,
                             "INSERT INTO role_grant SELECT 'GR-99', 'maria2', 'P-11', 'TEAM_LEAD', 'US01', "
                             "NULL, NULL, '2026-01-07T00:00:00.000Z', 9, 'olga', 'oscar', "
                             "'2026-01-08T00:00:00.000Z', NULL, NULL, NULL",
                             "R-12", NULL)),
        0);
}

static void of_restores(struct sql *sql)
{
    assert_int_equal(rows_in(body_of(sql, "R-16", NULL, "restore", NULL)), 0);
    const char *body = body_altered(sql,
                                    "INSERT INTO restore VALUES (20, 1, 18, 19, 'olga,oscar', 'the disk', "
                                    "'2026-01-06T00:00:00.000Z')",
                                    "R-16", "restore");
    has(body, "entry 20,journal,entries 18 to 19,lost; epoch 1,\"olga,oscar\",,2026-01-06T00:00:00.000Z,\r\n");
    assert_int_equal(rows_in(body), 1);
}

static void of_service(struct sql *sql)
{
    const char *body = body_of(sql, "S-01", NULL, NULL, NULL);
    has(body, "approval level 1,tom,2,1,1,0,50.00,2.0,2\r\n"); /* in time under the one policy, late under the other */
    has(body_of(sql, "S-01", "2026-01-06", NULL, NULL), "approval level 1,tom,1,1,0,0,100.00,2.0,2\r\n");
    has(body_of(sql, "S-01", "2026-01-13", NULL, NULL), "approval level 1,tom,1,0,1,0,0.00,2.0,2\r\n");
}

static void reports_say_what_happened(void **state)
{
    struct company company = {.unchecked = true}; /* the gate is not what is tested */
    (void)state;
    company_open(&company, POLICY_US);
    limits(&company);
    approvals(&company);
    exceptions(&company);
    review(&company);
    struct sql *sql = tables_of(&company);
    of_limits(sql);
    of_exceptions(sql);
    of_reviews(sql);
    of_floors(sql);
    of_restores(sql);
    of_service(sql);
    sql_close(sql);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_say_what_happened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

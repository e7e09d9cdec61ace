/*
 * Money documents of the company's tests: people, files and documents that the rooms on recoveries, rebills, adjustments,
 * write-offs and taxes share. Policy tests/policies/money.yaml.
 */
#ifndef TESTS_SUPPORT_MONEY_DOCUMENTS_H
#define TESTS_SUPPORT_MONEY_DOCUMENTS_H

#include <jansson.h>
#include <stdbool.h>

#include "tests/support/company.h"

#define MONEY_POLICY "tests/policies/money.yaml"

/* The company under MONEY_POLICY (or another), and mona (MANAGER), dan (DIRECTOR), feedt (FEED_CONTACTS). */
void money_open(struct company *company, const char *policy);

/* Enrols a human or a feed and grants the role (NULL: none). */
void money_hire(struct company *company, const char *user, const char *person, const char *sort, const char *role);

/* Brings one file of one part; records are stolen; total NULL: a feed without. Has to close. */
void money_file(struct company *company, const char *user, const char *feed, int sequence, const char *total,
                json_t *records);

/* A contact of collections; until NULL: no promise. */
json_t *money_contact(const char *contact, const char *customer, const char *date, const char *until);

/* Documents, with fresh evidence of the kind that their reason wants. */
json_t *money_recovery(struct company *company, const char *recovers, const char *invoice, const char *amount);
json_t *money_adjustment(struct company *company, const char *charge, const char *reason, const char *direction,
                         const char *amount);
/* Credits an invoice of 10442 whole (900.00 of 40117) and intends one of net for customer, dated and due as given. */
json_t *money_rebill(struct company *company, const char *customer, const char *net, const char *date, const char *due);
/* The intended invoice as the feed brings it. */
json_t *money_rebilled(const char *invoice, const char *customer, const char *net, const char *date, const char *due);

/* Submits and approves at every level that is asked, by ana, priya, dora, vera, carl (a reversal by
 * tom, mona, dan, vera, carl): has to be posted. The number, to be
 * freed; *ret_result (may be NULL) the posting's result, a new reference. */
char *money_post(struct company *company, const char *user, json_t *document, json_t **ret_result);
/* A write-off of an invoice of 10442 for a reason without preconditions, posted. */
char *money_written_off(struct company *company, const char *invoice, const char *amount);

/* What the books say an invoice has open, a customer has on account (negative: in favour), an account has (dr - cr). */
void money_open_is(struct company *company, const char *invoice, long long open);
void money_account_is(struct company *company, const char *customer, long long account, long long pending);
void money_ledger_is(struct company *company, const char *account, long long balance);

/* The result's ledger lines as "dr 1200 100.00; cr 4000 100.00", compared. */
void money_lines_are(const json_t *result, const char *lines);

#endif

/*
 * C-22 both ways along a chain, C-23 a customer's history, C-19 related persons and parties, C-34 groups of customers that
 * share something.
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
#include "tests/support/folder.h"
#include "tests/support/golden.h"

#define POLICY "tests/policies/duties.yaml"

static json_t *text(const char *value)
{
    return json_string(value);
}

static void in_force(struct company *company, json_t *document)
{
    char *number = company_wait(company, "olga", document);
    expect_done(company_approve(company, "oscar", number, 1), "in-force");
    free(number);
}

static void grants(struct company *company, const char *user, const char *role)
{
    in_force(company, company_grant_document(company, user, role));
}

static json_t *linked(json_t *document, const char *rel, const char *number)
{
    return company_with(document, "links", json_pack("[{s:s, s:s}]", "document", number, "rel", rel));
}

static void chains_go_both_ways(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *credit = company_wait(&company, "maria", company_credit_note(&company, "10442", "40251", "1000.00"));
    char *write_off = company_wait(&company, "cora",
                                   linked(company_write_off(&company, "10442", "40251", "300.00"), "corrects", credit));
    char *other = company_wait(&company, "cora", company_write_off(&company, "10442", "40117", "300.00"));
    /* The write-off names the credit note; the credit note does not know of it. */
    expect_done(company_approve(&company, "ana", write_off, 1), "approved");
    expect_answer(company_approve(&company, "ana", credit, 1), "refused", "C-22", "same-person");
    /* Linked to nothing, the same two acts stand beside each other; and another person may. */
    expect_done(company_approve(&company, "tom", other, 1), "approved");
    expect_done(company_approve(&company, "tom", credit, 1), "posted");
    /* Two steps away: a reversal names the credit note. Who approved the write-off does not approve that either. */
    char *reversal = company_wait(&company, "joe", company_reversal(&company, credit));
    expect_answer(company_approve(&company, "ana", reversal, 1), "refused", "C-22", "same-person");
    free(credit);
    free(write_off);
    free(other);
    free(reversal);
    company_close(&company);
}

/* A link that an amendment takes out binds nobody any more; who asked for a document counts as its maker. */
static void amendments_and_requesters(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    grants(&company, "maria2", "COLLECTIONS_SPECIALIST");
    char *credit = company_wait(&company, "joe", company_credit_note(&company, "10442", "40251", "1000.00"));
    json_t *asked = linked(company_write_off(&company, "10442", "40251", "300.00"), "corrects", credit);
    char *write_off = company_wait(&company, "cora", company_with(asked, "requested_by", text("P-11")));
    /* maria asked for the write-off that names the credit note: she does not amend that. */
    json_t *mine = company_credit_note(&company, "10442", "40251", "900.00");
    expect_answer(company_amend(&company, "maria", credit, mine), "refused", "C-22", "same-person");
    /* Out with the link. */
    expect_done(company_amend(&company, "cora", write_off, company_write_off(&company, "10442", "40251", "310.00")),
                "waiting");
    mine = company_credit_note(&company, "10442", "40251", "800.00");
    expect_no_answer(company_amend(&company, "maria", credit, mine), "waiting", "C-22", "same-person");
    free(credit);
    free(write_off);
    company_close(&company);
}

static void limits_bar_credits(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    grants(&company, "adam", "BILLING_SPECIALIST");
    company_at(&company, "2026-01-06T12:00:00.000Z");
    char *limit = company_wait(&company, "adam", company_limit(&company, "16447", "12000.00"));
    /* 16446 is of the same group; 10442 is not. */
    golden(company_submit(&company, "adam", company_credit_note(&company, "16446", "581483", "1.00")), "refused",
           "C-23", "limit-history");
    expect_no_answer(company_submit(&company, "adam", company_credit_note(&company, "10442", "40251", "1.00")),
                     "posted", "C-23", "limit-history");
    expect_no_answer(company_submit(&company, "maria", company_credit_note(&company, "16446", "581483", "1.00")),
                     "posted", "C-23", "limit-history");
    /* Approvers, too. */
    expect_done(company_approve(&company, "ana", limit, 1), "in-force");
    char *credit = company_wait(&company, "maria", company_credit_note(&company, "16446", "581483", "1000.00"));
    json_t *refused = company_approve(&company, "ana", credit, 1);
    const json_t *history = json_array_get(json_object_get(refused, "controls"), 0);
    assert_string_equal(member_text(history, "function"), "credit-note.approve.1");
    assert_string_equal(member_text(history, "then"), "credit-limit.approve.1");
    expect_answer(refused, "refused", "C-23", "limit-history");
    expect_done(company_approve(&company, "tom", credit, 1), "posted");
    /* And its reversal, which has no customer of its own. */
    char *reversal = company_wait(&company, "joe", company_reversal(&company, credit));
    expect_answer(company_approve(&company, "ana", reversal, 1), "refused", "C-23", "limit-history");
    /* Ninety days later to the millisecond the window has passed; one earlier it has not. */
    company_at(&company, "2026-04-06T11:59:59.999Z");
    expect_answer(company_submit(&company, "adam",
                                 company_with(company_credit_note(&company, "16446", "581483", "2.00"), "date",
                                              text("2026-04-06"))),
                  "refused", "C-23", "limit-history");
    company_at(&company, "2026-04-06T12:00:00.000Z");
    expect_no_answer(company_submit(&company, "adam",
                                    company_with(company_credit_note(&company, "16446", "581483", "2.00"), "date",
                                                 text("2026-04-06"))),
                     "waiting", "C-23", "limit-history");
    free(limit);
    free(credit);
    free(reversal);
    company_close(&company);
}

/* The policy of these tests, without the pair of duties that keeps limits from credits. */
static char *policy_without_the_pair(const struct folder *folder)
{
    static const char pair[] = " CREDIT_PREPARE,", before[] = "  - duty: LIMIT_PREPARE\n";
    size_t length = 0;
    char *text = (char *)folder_read(POLICY, &length), *path = folder_path(folder, "policy.yaml");
    char *at = strstr(strstr(text, before), pair);
    assert_non_null(at);
    memset(at, ' ', sizeof pair - 1);
    folder_write(path, (const uint8_t *)text, length);
    free(text);
    return path;
}

/* Only what the policy keeps apart. */
static void what_is_not_kept_apart_bars_nothing(void **state)
{
    struct company company = {.dir = ""};
    struct folder folder;
    (void)state;
    folder_make(&folder);
    char *path = policy_without_the_pair(&folder);
    company_open(&company, path);
    grants(&company, "adam", "BILLING_SPECIALIST");
    char *limit = company_wait(&company, "adam", company_limit(&company, "16446", "12000.00"));
    expect_no_answer(company_submit(&company, "adam", company_credit_note(&company, "16446", "581483", "1.00")),
                     "posted", "C-23", "limit-history");
    free(limit);
    company_close(&company);
    free(path);
    folder_remove(&folder);
}

static void what_was_withdrawn_bars_nobody(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    grants(&company, "adam", "BILLING_SPECIALIST");
    char *limit = company_wait(&company, "adam", company_limit(&company, "16446", "12000.00"));
    expect_done(company_end(&company, "adam", VERB_WITHDRAW, limit), "withdrawn");
    expect_no_answer(company_submit(&company, "adam", company_credit_note(&company, "16446", "581483", "1.00")),
                     "posted", "C-23", "limit-history");
    free(limit);
    company_close(&company);
}

static void revoke(struct company *company, const char *grant_number)
{
    json_t *document = company_with(company_document(company, "revocation"), "grant", text(grant_number));
    expect_done(company_submit(company, "olga", company_with(document, "reason", text("moved"))), "in-force");
}

static void cash_bars_credits(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    const struct company_file file = {.user = "feedm", .feed = "cash", .total = "100.00", .sequence = 1};
    expect_done(
        company_feed(&company, &file,
                     json_pack("[o]", company_cash("R-1", "10442", "100.00",
                                                   json_pack("[{s:s, s:s}]", "amount", "100.00", "invoice", "40251")))),
        "closed");
    /* The person behind the cash feed moves to billing. */
    struct books_key key = books_key("feedm");
    json_t *user = company_books(&company, BOOKS_USERS, &key);
    assert_string_equal(member_text(user, "person"), "P-33");
    json_decref(user);
    revoke(&company, "GR-14");
    struct company_user *pete = company_new_user(&company, "pete");
    json_t *enrolled = company_do_with(&company, "olga", VERB_SUBMIT,
                                       json_pack("{s:b, s:[o]}", "atomic", 0, "documents",
                                                 company_enrolment(&company, "pete", "P-33", "human", pete->key)),
                                       "pete");
    expect_done(
        company_approve(&company, "oscar", result_number(json_array_get(json_object_get(enrolled, "results"), 0)), 1),
        "in-force");
    json_decref(enrolled);
    grants(&company, "pete", "BILLING_SPECIALIST");
    golden(company_submit(&company, "pete", company_credit_note(&company, "10442", "40251", "1.00")), "refused", "C-23",
           "cash-history");
    expect_no_answer(company_submit(&company, "pete", company_credit_note(&company, "16446", "581483", "1.00")),
                     "posted", "C-23", "cash-history");
    company_close(&company);
}

/* Says who belongs together, officers olga and oscar. customers: ids of US01, blank-separated. */
static json_t *related(struct company *company, const char *customers, const char *group)
{
    json_t *document = company_document(company, "related"), *list = json_array();
    char copy[256], *rest = NULL;
    snprintf(copy, sizeof copy, "%s", customers);
    for (char *one = strtok_r(copy, " ", &rest); one != NULL; one = strtok_r(NULL, " ", &rest))
        json_array_append_new(list, json_pack("{s:s, s:s}", "customer", one, "entity", "US01"));
    company_with(document, "customers", list);
    company_with(document, "group", text(group));
    return company_with(document, "reason", text("Register of relations"));
}

static void nobody_deals_with_himself(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *waits = company_wait(&company, "joe", company_credit_note(&company, "10442", "40251", "1000.00"));
    in_force(&company,
             company_with(related(&company, "10442", "10442"), "persons", json_pack("[s, s]", "P-12", "P-22")));
    golden(company_submit(&company, "joe", company_credit_note(&company, "10442", "40251", "1.00")), "refused", "C-19",
           "related-person");
    expect_answer(company_submit(&company, "bot1", company_credit_note(&company, "10442", "40251", "1.00")), "refused",
                  "C-19", "related-person"); /* his bot */
    expect_no_answer(company_submit(&company, "joe", company_credit_note(&company, "16446", "581483", "1.00")),
                     "posted", "C-19", "related-person");
    expect_answer(company_submit(&company, "maria",
                                 company_with(company_credit_note(&company, "10442", "40251", "1.01"), "requested_by",
                                              text("P-12"))),
                  "refused", "C-19", "related-person");
    char *credit = company_wait(&company, "maria", company_credit_note(&company, "10442", "40251", "500.00"));
    expect_answer(company_approve(&company, "tom", credit, 1), "refused", "C-19", "related-person");
    expect_done(company_approve(&company, "ana", credit, 1), "posted");
    /* What waited when the relation was recorded is not posted. */
    expect_answer(company_approve(&company, "ana", waits, 1), "refused", "C-19", "related-person");
    /* An empty list clears the register. */
    in_force(&company, company_with(related(&company, "10442", "10442"), "persons", json_array()));
    expect_done(company_approve(&company, "ana", waits, 1), "posted");
    free(waits);
    free(credit);
    company_close(&company);
}

static void related_parties_take_one_more(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    in_force(&company, company_with(related(&company, "10442", "10442"), "party", json_true()));
    golden(company_submit(&company, "maria", company_credit_note(&company, "10442", "40251", "100.00")), "waiting",
           "C-19", "related-party");
    expect_no_answer(company_submit(&company, "maria", company_credit_note(&company, "16446", "581483", "100.00")),
                     "posted", "C-19", "related-party");
    in_force(&company, company_with(related(&company, "10442", "10442"), "party", json_false()));
    expect_no_answer(company_submit(&company, "maria", company_credit_note(&company, "10442", "40117", "50.00")),
                     "posted", "C-19", "related-party");
    expect_answer(company_submit(&company, "olga", related(&company, "10442 99999", "X")), "refused", "C-34",
                  "unknown-customer");
    expect_answer(company_submit(&company, "maria", related(&company, "10442", "X")), "refused", "C-31",
                  "not-an-officer");
    company_close(&company);
}

static json_t *with_attribute(json_t *customer, const char *name, const char *digit)
{
    char hash[65];
    json_t *list = json_object_get(customer, "attributes");
    memset(hash, digit[0], 64);
    hash[64] = '\0';
    if (list == NULL) {
        list = json_array();
        company_with(customer, "attributes", list);
    }
    json_array_append_new(list, json_pack("{s:s, s:s}", "hash", hash, "name", name));
    return customer;
}

static void bring(struct company *company, int sequence, json_t *records)
{
    const struct company_file file = {.user = "feedc", .feed = "customers", .sequence = sequence};
    expect_done(company_feed(company, &file, records), "closed");
}

static void invoices(struct company *company, int sequence, json_t *records, const char *total)
{
    const struct company_file file = {.user = "feedi", .feed = "invoices", .total = total, .sequence = sequence};
    expect_done(company_feed(company, &file, records), "closed");
}

static void group_is(struct company *company, const char *customer, const char *group)
{
    struct books_key key = books_key_pair("US01", customer);
    json_t *record = company_books(company, BOOKS_CUSTOMERS, &key);
    assert_string_equal(member_text(record, "group"), group);
    json_decref(record);
}

static json_t *credit_of(struct company *company, const char *customer, const char *amount)
{
    char invoice[32];
    snprintf(invoice, sizeof invoice, "I-%s", customer);
    return company_submit(company, "maria", company_credit_note(company, customer, invoice, amount));
}

static void who_shares_is_one_group(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    json_t *a = with_attribute(company_customer("A", "A"), "tax_id", "1");
    json_t *b = with_attribute(company_customer("B", "B"), "email_domain", "2");
    json_t *c = company_customer("C", "C");
    bring(&company, 2, json_pack("[o, o, o]", a, b, c));
    invoices(&company, 2,
             json_pack("[o, o, o]", company_invoice("I-A", "A", "1000.00", "0.00", "1000.00"),
                       company_invoice("I-B", "B", "1000.00", "0.00", "1000.00"),
                       company_invoice("I-C", "C", "1000.00", "0.00", "1000.00")),
             "3000.00");
    expect_done(credit_of(&company, "A", "150.00"), "posted");
    expect_done(credit_of(&company, "B", "150.00"), "posted"); /* groups of their own: 150.00 each */
    expect_done(credit_of(&company, "C", "150.00"), "posted");
    group_is(&company, "A", "A");
    group_is(&company, "B", "B");
    /* D has A's tax id and B's domain: the three are one, under the name that came first among them. */
    const struct company_file file = {.user = "feedc", .feed = "customers", .sequence = 3};
    json_t *d = with_attribute(company_customer("D", "D"), "email_domain", "2");
    golden(company_feed(&company, &file, json_pack("[o]", with_attribute(d, "tax_id", "1"))), "closed", "C-34",
           "shared");
    group_is(&company, "B", "B");
    group_is(&company, "A", "B");
    group_is(&company, "D", "B");
    group_is(&company, "C", "C");
    /* The sums are the group's: 150.00 + 150.00 and one cent more. */
    expect_answer(credit_of(&company, "A", "0.01"), "waiting", "C-07", "sum");
    expect_no_answer(credit_of(&company, "C", "50.00"), "posted", "C-07", "sum"); /* 200.00, the tier's end */
    /* Whoever names A or D as a parent later comes to the same group; an attribute of nobody's does not. */
    bring(&company, 4,
          json_pack("[o, o, o]", company_customer("E", "A"), company_customer("F", "D"),
                    with_attribute(company_customer("G", "G"), "tax_id", "3")));
    group_is(&company, "E", "B");
    group_is(&company, "F", "B");
    group_is(&company, "G", "G");
    company_close(&company);
}

static void officers_join_and_part(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    char *credit = company_post(&company, "maria", company_credit_note(&company, "10442", "40251", "150.00"), 0);
    char *other = company_post(&company, "maria", company_credit_note(&company, "16446", "581483", "150.00"), 0);
    in_force(&company, related(&company, "10442 16446 16447", "HOUSE"));
    group_is(&company, "10442", "HOUSE");
    group_is(&company, "16447", "HOUSE");
    expect_answer(company_submit(&company, "maria", company_credit_note(&company, "10442", "40251", "0.01")), "waiting",
                  "C-07", "sum");
    /* Parted again, each has its own sum; what waits goes with its customer. */
    in_force(&company, related(&company, "10442", "10442"));
    expect_no_answer(company_submit(&company, "maria", company_credit_note(&company, "10442", "40251", "49.99")),
                     "posted", "C-07", "sum");
    expect_no_answer(company_submit(&company, "maria", company_credit_note(&company, "16447", "700001", "50.00")),
                     "posted", "C-07", "sum");
    expect_answer(company_submit(&company, "maria", company_credit_note(&company, "16447", "700001", "0.01")),
                  "waiting", "C-07", "sum");
    free(credit);
    free(other);
    company_close(&company);
}

/* A file of many that share something says so of the first twenty; all of them are one group. */
static void twenty_who_share_are_named(void **state)
{
    struct company company = {.dir = ""};
    json_t *records = json_array();
    size_t named = 0;
    (void)state;
    company_open(&company, POLICY);
    bring(&company, 2, json_pack("[o]", with_attribute(company_customer("A", "A"), "tax_id", "1")));
    for (int i = 10; i < 32; i++) {
        char name[16];
        snprintf(name, sizeof name, "S%d", i);
        json_array_append_new(records, with_attribute(company_customer(name, name), "tax_id", "1"));
    }
    const struct company_file file = {.user = "feedc", .feed = "customers", .sequence = 3};
    json_t *result = expect(company_feed(&company, &file, records), "closed");
    const json_t *answers = json_object_get(result, "controls");
    for (size_t i = 0; i < json_array_size(answers); i++)
        named += strcmp(member_text(json_array_get(answers, i), "code"), "shared") == 0;
    assert_int_equal(named, 20);
    json_decref(result);
    group_is(&company, "S31", "A");
    company_close(&company);
}

/* Several parts: attributes count when the file closes; ids decide the order then. */
static void parts_close_before_they_count(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    const struct company_file one = {.user = "feedc", .feed = "customers", .sequence = 2, .count = 2, .more = true};
    const struct company_file two = {.user = "feedc", .feed = "customers", .sequence = 2, .count = 2, .part = 2};
    expect_done(
        company_feed(&company, &one, json_pack("[o]", with_attribute(company_customer("Z", "Z"), "tax_id", "4"))),
        "open");
    expect_done(
        company_feed(&company, &two, json_pack("[o]", with_attribute(company_customer("Y", "Y"), "tax_id", "4"))),
        "closed");
    group_is(&company, "Y", "Y");
    group_is(&company, "Z", "Y");
    company_close(&company);
}

/* Also where others have to sign after him. */
static void whoever_is_related_signs_no_level(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    in_force(&company, company_with(related(&company, "10442", "10442"), "persons", json_pack("[s]", "P-22")));
    char *credit = company_wait(&company, "maria", company_credit_note(&company, "10442", "40251", "2600.00"));
    expect_answer(company_approve(&company, "tom", credit, 1), "refused", "C-19", "related-person");
    expect_done(company_approve(&company, "ana", credit, 1), "approved");
    expect_done(company_approve(&company, "priya", credit, 2), "posted");
    free(credit);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_is_related_signs_no_level),
        cmocka_unit_test(chains_go_both_ways),
        cmocka_unit_test(amendments_and_requesters),
        cmocka_unit_test(limits_bar_credits),
        cmocka_unit_test(what_is_not_kept_apart_bars_nothing),
        cmocka_unit_test(what_was_withdrawn_bars_nobody),
        cmocka_unit_test(cash_bars_credits),
        cmocka_unit_test(nobody_deals_with_himself),
        cmocka_unit_test(related_parties_take_one_more),
        cmocka_unit_test(who_shares_is_one_group),
        cmocka_unit_test(officers_join_and_part),
        cmocka_unit_test(parts_close_before_they_count),
        cmocka_unit_test(twenty_who_share_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

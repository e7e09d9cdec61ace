/*
 * Deliveries to the ERP (C-44, FORMAT.md 5.4): every posting is one, and what the ERP says of it counts when it can be true.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/books.h"
#include "ledger/schema.h"
#include "tests/support/closing.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

static const struct edit with_ledger[] = {
    {"    functions: [feed.cash]\n", "    functions: [feed.cash, feed.acknowledgements]\n"},
    {"duty: CASH, title: Cash application, functions: [feed.cash]",
     "duty: CASH, title: Cash application, functions: [feed.cash, feed.acknowledgements]"},
    {0}};

static void open_company(struct company *company)
{
    char path[VARIANT_PATH_BYTES];
    variant_make(with_ledger, path);
    company_open(company, path);
    variant_done(path);
}

static json_t *answer_of(const char *delivery, const char *amount, const char *state, const char *text)
{
    json_t *record =
        json_pack("{s:s, s:s, s:s, s:s}", "amount", amount, "date", "2026-01-09", "delivery", delivery, "state", state);
    json_object_set_new(record, strcmp(state, "rejected") == 0 ? "reason" : "erp", json_string(text));
    return record;
}

static json_t *says(struct company *company, int sequence, json_t *record)
{
    char total[32];
    snprintf(total, sizeof total, "%s", member_text(record, "amount"));
    const struct company_file file = {
        .user = "feedm", .feed = "acknowledgements", .total = total, .sequence = sequence};
    return company_feed(company, &file, json_pack("[o]", record));
}

/* The delivery's id of a document, and its record; both are the caller's. */
static json_t *delivery_of(struct company *company, const char *number, char ret_id[static 65])
{
    json_t *record = company_record(company, number);
    ret_id[0] = '\0';
    if (member_text(record, "delivery") != NULL)
        snprintf(ret_id, 65, "%s", member_text(record, "delivery"));
    json_decref(record);
    const struct books_key key = books_key_pair("US01", ret_id);
    return company_books(company, BOOKS_DELIVERIES, &key);
}

static void state_is(struct company *company, const char *number, const char *state, size_t erp_count)
{
    char id[65];
    json_t *delivery = delivery_of(company, number, id);
    assert_non_null(delivery);
    assert_string_equal(member_text(delivery, "state"), state);
    assert_int_equal(json_array_size(json_object_get(delivery, "erp")), erp_count);
    struct books_key key = books_key("US01");
    books_key_add_number(&key, (uint64_t)member_integer(delivery, "seq"));
    books_key_add_text(&key, member_text(delivery, "number"));
    json_t *waits = company_books(company, BOOKS_OUTBOX, &key);
    assert_true((waits == NULL) == (strcmp(state, "acknowledged") == 0));
    json_decref(waits);
    json_decref(delivery);
}

static void a_posting_is_delivered_and_nothing_else(void **state)
{
    struct company company = {.dir = ""};
    char id[65], reversal[65];
    (void)state;
    open_company(&company);
    char *posted = company_post(&company, "maria", company_credit_note(&company, "10442", "40251", "100.00"), 0);
    json_t *delivery = delivery_of(&company, posted, id);
    assert_int_equal(strlen(id), strlen("US01-CN-2026-000001.0123456789abcdef"));
    assert_memory_equal(id, "US01-CN-2026-000001.", 20);
    assert_int_equal(member_integer(delivery, "amount"), 10000);
    json_decref(delivery);
    char *waits = company_wait(&company, "maria", company_credit_note(&company, "10442", "40251", "2000.00"));
    assert_null(delivery_of(&company, waits, id));
    char *back = company_post(&company, "maria", company_reversal(&company, posted), 2);
    json_decref(delivery_of(&company, posted, id));
    json_decref(delivery_of(&company, back, reversal));
    assert_string_not_equal(id, reversal);
    state_is(&company, back, "open", 0);
    free(back);
    free(waits);
    free(posted);
    company_close(&company);
}

static void what_the_erp_says_has_to_fit(void **state)
{
    struct company company = {.dir = ""};
    char id[65], other[65];
    (void)state;
    open_company(&company);
    char *posted = company_post(&company, "maria", company_credit_note(&company, "10442", "40251", "100.00"), 0);
    json_decref(delivery_of(&company, posted, id));
    snprintf(other, sizeof other, "%s", id);
    other[strlen(other) - 1] = other[strlen(other) - 1] == '0' ? '1' : '0';
    golden(says(&company, 1, answer_of("US01-CN-2026-000009.0123456789abcdef", "100.00", "posted", "4711")), "refused",
           "C-44", "unknown-delivery");
    expect_answer(says(&company, 1, answer_of(other, "100.00", "posted", "4711")), "refused", "C-44",
                  "unknown-delivery");
    golden(says(&company, 1, answer_of(id, "100.01", "posted", "4711")), "refused", "C-44", "delivery-differs");
    const struct company_file euros = {
        .user = "feedm", .feed = "acknowledgements", .total = "100.00", .sequence = 1, .currency = "EUR"};
    expect_answer(company_feed(&company, &euros, json_pack("[o]", answer_of(id, "100.00", "posted", "4711"))),
                  "refused", "C-44", "delivery-differs");
    golden(says(&company, 1, answer_of(id, "100.00", "reversed", "4711")), "refused", "C-44", "unknown-erp");
    const struct company_file maria = {.user = "maria", .feed = "acknowledgements", .total = "100.00", .sequence = 1};
    expect_answer(company_feed(&company, &maria, json_pack("[o]", answer_of(id, "100.00", "posted", "4711"))),
                  "refused", "C-25", "not-a-feed");
    const struct company_file twice = {.user = "feedm", .feed = "acknowledgements", .total = "200.00", .sequence = 1};
    expect_answer(company_feed(&company, &twice,
                               json_pack("[o, o]", answer_of(id, "100.00", "posted", "4711"),
                                         answer_of(id, "100.00", "posted", "4711"))),
                  "refused", "C-44", "exists");
    state_is(&company, posted, "open", 0);
    expect_done(says(&company, 1, answer_of(id, "100.00", "posted", "4711")), "closed");
    state_is(&company, posted, "acknowledged", 1);
    free(posted);
    company_close(&company);
}

static void the_same_again_changes_nothing_another_number_is_flagged(void **state)
{
    struct company company = {.dir = ""};
    char id[65];
    (void)state;
    open_company(&company);
    char *posted = company_post(&company, "maria", company_credit_note(&company, "10442", "40251", "100.00"), 0);
    json_decref(delivery_of(&company, posted, id));
    expect_done(says(&company, 1, answer_of(id, "100.00", "rejected", "Period 01 is closed")), "closed");
    state_is(&company, posted, "rejected", 0);
    expect_no_answer(says(&company, 2, answer_of(id, "100.00", "posted", "4711")), "closed", "C-44", "erp-twice");
    state_is(&company, posted, "acknowledged", 1);
    expect_no_answer(says(&company, 3, answer_of(id, "100.00", "posted", "4711")), "closed", "C-44", "erp-twice");
    expect_done(says(&company, 4, answer_of(id, "100.00", "rejected", "Reference is there already")), "closed");
    state_is(&company, posted, "acknowledged", 1);
    golden(says(&company, 5, answer_of(id, "100.00", "posted", "4712")), "closed", "C-44", "erp-twice");
    state_is(&company, posted, "twice", 2);
    expect_answer(says(&company, 6, answer_of(id, "100.00", "reversed", "4713")), "refused", "C-44", "unknown-erp");
    expect_done(says(&company, 6, answer_of(id, "100.00", "reversed", "4711")), "closed");
    state_is(&company, posted, "acknowledged", 1);
    expect_done(says(&company, 7, answer_of(id, "100.00", "rejected", "Reference is there already")), "closed");
    expect_done(says(&company, 8, answer_of(id, "100.00", "reversed", "4712")), "closed");
    state_is(&company, posted, "open", 0);
    expect_no_answer(says(&company, 9, answer_of(id, "100.00", "posted", "4714")), "closed", "C-44", "erp-twice");
    state_is(&company, posted, "acknowledged", 1);
    free(posted);
    company_close(&company);
}

static void a_file_in_parts_counts_when_it_closes(void **state)
{
    struct company company = {.dir = ""};
    char first[65], second[65];
    (void)state;
    open_company(&company);
    char *one = company_post(&company, "maria", company_credit_note(&company, "10442", "40251", "100.00"), 0);
    char *two = company_post(&company, "maria", company_credit_note(&company, "10442", "40251", "50.00"), 0);
    json_decref(delivery_of(&company, one, first));
    json_decref(delivery_of(&company, two, second));
    struct company_file file = {
        .user = "feedm", .feed = "acknowledgements", .total = "150.00", .sequence = 1, .count = 2, .more = true};
    expect_done(company_feed(&company, &file, json_pack("[o]", answer_of(first, "100.00", "posted", "1"))), "open");
    state_is(&company, one, "open", 0);
    file.more = false;
    file.part = 2;
    expect_answer(company_feed(&company, &file, json_pack("[o]", answer_of(first, "100.00", "posted", "1"))), "refused",
                  "C-44", "exists");
    expect_done(company_feed(&company, &file, json_pack("[o]", answer_of(second, "50.00", "posted", "2"))), "closed");
    state_is(&company, one, "acknowledged", 1);
    state_is(&company, two, "acknowledged", 1);
    free(two);
    free(one);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_posting_is_delivered_and_nothing_else),
        cmocka_unit_test(what_the_erp_says_has_to_fit),
        cmocka_unit_test(the_same_again_changes_nothing_another_number_is_flagged),
        cmocka_unit_test(a_file_in_parts_counts_when_it_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

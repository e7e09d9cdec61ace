/*
 * C-25, what a bot may do of itself: its day's sum to the minor unit, over waiting, posted and ended documents, lists and
 * amendments; the kinds and reasons that the policy leaves it; the run that it names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/schema.h"
#include "tests/support/closing.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define BOTS "bots: { document_max: 500.00, documents_per_day_max: 3 }"
#define SUM  "bots: { document_max: 500.00, documents_per_day_max: 20, sum_per_day_max: 1000.00 }"
enum { COUNTED_DAY = 20458, DAY_MS = 86400000 }; /* 2026-01-05, in days since 1970 */

#define NEXTDAY "2026-01-06T00:00:00.000Z"

static void open_with(struct company *company, const char *bots)
{
    char path[VARIANT_PATH_BYTES];
    variant_make(((const struct edit[]){{BOTS, bots}, {NULL, NULL}}), path);
    company_open(company, path);
    variant_done(path);
}

static json_t *credit(struct company *company, const char *amount)
{
    return company_credit_note(company, "16446", "581483", amount);
}

static json_t *by_bot(struct company *company, const char *amount)
{
    return company_submit(company, "bot1", credit(company, amount));
}

/* The same of another invoice, so that it is no duplicate (C-38). */
static json_t *by_bot_again(struct company *company, const char *amount)
{
    return company_submit(company, "bot1", company_credit_note(company, "16446", "581484", amount));
}

/* Let in, posted or waiting; gives the request number. */
static char *let_in(json_t *result)
{
    assert_string_not_equal(member_text(result, "outcome"), "refused");
    char *number = strdup(member_text(result, "document"));
    json_decref(result);
    return number;
}

static void is_let_in(json_t *result)
{
    free(let_in(result));
}

static void refused_for_sum(json_t *result, const char *amount, const char *sum)
{
    const json_t *answer = NULL;
    for (size_t i = 0; i < json_array_size(json_object_get(result, "controls")); i++) {
        const json_t *one = json_array_get(json_object_get(result, "controls"), i);
        if (strcmp(member_text(one, "code"), "bot-sum") == 0)
            answer = one;
    }
    assert_non_null(answer);
    assert_string_equal(member_text(answer, "amount"), amount);
    assert_string_equal(member_text(answer, "sum"), sum);
    assert_string_equal(member_text(answer, "limit"), "1000.00");
    expect_answer(result, "refused", "C-25", "bot-sum");
}

static void a_day_has_a_sum(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_with(&company, SUM);
    char *first = let_in(by_bot(&company, "500.00"));
    is_let_in(by_bot(&company, "400.00"));
    is_let_in(by_bot(&company, "99.99"));
    golden(by_bot(&company, "0.02"), "refused", "C-25", "bot-sum");
    refused_for_sum(by_bot(&company, "0.02"), "0.02", "1000.01");
    is_let_in(by_bot(&company, "0.01"));
    refused_for_sum(by_bot(&company, "0.01"), "0.01", "1000.01");
    /* What became of a document makes no room: neither its end nor its approval, nor that of what another sends back. */
    expect_done(company_end(&company, "bot1", VERB_WITHDRAW, first), "withdrawn");
    refused_for_sum(by_bot(&company, "0.01"), "0.01", "1000.01");
    is_let_in(company_submit(&company, "joe", credit(&company, "300.00"))); /* its owner has his own day */
    company_at(&company, "2026-01-05T23:59:59.999Z");
    refused_for_sum(by_bot(&company, "0.01"), "0.01", "1000.01");
    company_at(&company, NEXTDAY);
    is_let_in(by_bot(&company, "500.00"));
    is_let_in(by_bot_again(&company, "500.00"));
    refused_for_sum(by_bot_again(&company, "0.01"), "0.01", "1000.01");
    free(first);
    company_close(&company);
}

/* What a bot prepared on a day is known to be too much even where 64 bits do not hold it. */
static void a_sum_over_everything_stays_over_it(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_with(&company, SUM);
    is_let_in(by_bot(&company, "0.01"));
    struct tables_txn *txn = NULL;
    struct books_key key = books_key_pair("bot1", "2026-01-05");
    json_t *counter = company_books(&company, BOOKS_COUNTERS, &key), *after = NULL;
    json_object_set_new(counter, "sum", json_integer(INT64_MAX - 10));
    struct statement statement = {.actor = "bot1"};
    assert_int_equal(tables_write_begin(gate_books(company.gate)->tables, &txn, NULL), STATUS_OK);
    assert_int_equal(books_put(txn, BOOKS_COUNTERS, &key, counter, NULL), STATUS_OK);
    const struct fold fold = {.txn = txn, .statement = &statement, .time_ms = (int64_t)COUNTED_DAY * DAY_MS};
    static const char *const bases[] = {"0.10", "0.01"}; /* the last cent there is room for, and one more */
    for (size_t i = 0; i < 2; i++) {
        json_t *result = json_pack("{s:s}", "base", bases[i]);
        assert_int_equal(fold_prepared(&fold, result, NULL), STATUS_OK);
        json_decref(result);
        assert_int_equal(books_get(txn, BOOKS_COUNTERS, &key, &after, NULL), STATUS_OK);
        assert_true(member_integer(after, "sum") == INT64_MAX);
        json_decref(after);
    }
    company.unchecked = true; /* the books are another's from here on */
    assert_int_equal(tables_commit(txn, NULL), STATUS_OK);
    expect_answer(by_bot(&company, "0.02"), "refused", "C-25", "bot-sum");
    json_decref(counter);
    company_close(&company);
}

static void what_is_refused_adds_nothing(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_with(&company, SUM);
    expect_answer(by_bot(&company, "500.01"), "refused", "C-25", "bot-amount");
    expect_answer(company_submit(&company, "bot1", company_credit_note(&company, "16446", "999999", "500.00")),
                  "refused", "C-35", "unknown-invoice");
    /* Sent again under its ref it is a repeat, and adds nothing either. */
    json_t *one = company_with(credit(&company, "500.00"), "ref", json_string("again"));
    is_let_in(company_submit(&company, "bot1", json_incref(one)));
    expect_done(company_submit(&company, "bot1", one), "repeat");
    is_let_in(by_bot_again(&company, "500.00"));
    refused_for_sum(by_bot(&company, "0.01"), "0.01", "1000.01");
    company_close(&company);
}

static json_t *three(struct company *company, bool atomic, const char *third)
{
    json_t *body = json_pack("{s:b, s:[o, o, o]}", "atomic", atomic, "documents", credit(company, "500.00"),
                             credit(company, "499.99"), credit(company, third));
    json_t *decision = company_do(company, "bot1", VERB_SUBMIT, body);
    json_t *results = json_incref(json_object_get(decision, "results"));
    json_decref(decision);
    return results;
}

static void a_list_counts_as_it_goes(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_with(&company, SUM);
    /* All or none: the two that would have been let in leave no trace in the sum. */
    json_t *results = three(&company, true, "0.02");
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(member_text(json_array_get(results, i), "outcome"), "refused");
    refused_for_sum(json_incref(json_array_get(results, 2)), "0.02", "1000.01");
    json_decref(results);
    results = three(&company, false, "0.02");
    is_let_in(json_incref(json_array_get(results, 0)));
    is_let_in(json_incref(json_array_get(results, 1)));
    refused_for_sum(json_incref(json_array_get(results, 2)), "0.02", "1000.01");
    json_decref(results);
    is_let_in(by_bot(&company, "0.01"));
    company_at(&company, NEXTDAY);
    is_let_in(by_bot_again(&company, "500.00"));
    is_let_in(by_bot_again(&company, "499.99"));
    is_let_in(by_bot_again(&company, "0.01"));
    company_close(&company);
}

static void an_amendment_prepares_again(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_with(&company, SUM);
    char *mine = let_in(by_bot(&company, "300.00"));
    char *owners = let_in(company_submit(&company, "joe", credit(&company, "310.00")));
    expect_done(company_amend(&company, "bot1", mine, credit(&company, "400.00")), "waiting");
    refused_for_sum(company_amend(&company, "bot1", mine, credit(&company, "300.01")), "300.01", "1000.01");
    expect_done(company_amend(&company, "joe", owners, credit(&company, "500.00")), "waiting"); /* no bot */
    expect_done(company_amend(&company, "bot1", mine, credit(&company, "300.00")), "waiting");
    refused_for_sum(by_bot(&company, "0.01"), "0.01", "1000.01");
    free(mine);
    free(owners);
    company_close(&company);
}

static void without_a_bound_there_is_no_sum(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_with(&company, "bots: { document_max: 500.00, documents_per_day_max: 20 }");
    is_let_in(by_bot(&company, "500.00"));
    is_let_in(by_bot(&company, "499.00"));
    is_let_in(by_bot(&company, "498.00"));
    company_close(&company);
}

static void some_kinds_and_some_reasons(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_with(&company, "bots: { document_max: 500.00, documents_per_day_max: 20, kinds: [credit-note, reversal], "
                        "reasons: [PRICE_ERR, QTY] }");
    golden(company_submit(&company, "bot1", company_correction(&company, "16446", "581483", "1.00", "down")), "refused",
           "C-25", "bot-kind");
    expect_no_answer(company_submit(&company, "joe", company_correction(&company, "16446", "581483", "1.00", "down")),
                     "posted", "C-25", "bot-kind");
    golden(company_submit(&company, "bot1", company_with(credit(&company, "1.00"), "reason", json_string("CANCELLED"))),
           "refused", "C-25", "bot-reason");
    char *mine = let_in(by_bot(&company, "450.00"));
    expect_answer(company_amend(&company, "bot1", mine,
                                company_with(credit(&company, "1.00"), "reason", json_string("CANCELLED"))),
                  "refused", "C-25", "bot-reason");
    free(mine);
    company_close(&company);
}

static json_t *ran(json_t *document)
{
    char hash[65];
    memset(hash, 'a', 64);
    hash[64] = '\0';
    return company_with(document, "run", json_pack("{s:s, s:s}", "id", "nightly-7", "sha256", hash));
}

static void every_run_is_named(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_with(&company, "bots: { document_max: 500.00, documents_per_day_max: 20, run: required }");
    golden(by_bot(&company, "450.00"), "refused", "C-25", "bot-run");
    char *mine = let_in(company_submit(&company, "bot1", ran(credit(&company, "450.00"))));
    json_t *record = company_record(&company, mine);
    assert_string_equal(member_text(json_object_get(json_object_get(record, "document"), "run"), "id"), "nightly-7");
    json_decref(record);
    expect_answer(company_amend(&company, "bot1", mine, credit(&company, "440.00")), "refused", "C-25", "bot-run");
    is_let_in(company_amend(&company, "bot1", mine, ran(credit(&company, "440.00"))));
    is_let_in(company_submit(&company, "joe", credit(&company, "430.00"))); /* persons have none */
    free(mine);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_has_a_sum),
        cmocka_unit_test(a_sum_over_everything_stays_over_it),
        cmocka_unit_test(what_is_refused_adds_nothing),
        cmocka_unit_test(a_list_counts_as_it_goes),
        cmocka_unit_test(an_amendment_prepares_again),
        cmocka_unit_test(without_a_bound_there_is_no_sum),
        cmocka_unit_test(some_kinds_and_some_reasons),
        cmocka_unit_test(every_run_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

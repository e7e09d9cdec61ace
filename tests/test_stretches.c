/*
 * What replays a book writes its own tables a thousand entries at a time: a book of exactly so many ends between two stretches.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "audit/simulate.h"
#include "audit/sql/sql.h"
#include "controls/policy.h"
#include "ledger/journal.h"
#include "tests/support/company.h"

#define POLICY "tests/policies/rules.yaml"

enum { STRETCH = 1000 }; /* COMMIT_ENTRIES of audit/sql/build.c, COMMIT_EVERY of audit/simulate.c */

static struct company company;
static int64_t documents;

static int setup(void **state)
{
    (void)state;
    company = (struct company){.unchecked = true};
    company_open(&company, POLICY);
    while (company_head(&company).size < STRETCH) {
        json_decref(company_submit(&company, "maria", company_credit_note(&company, "16446", "581483", "0.01")));
        documents++;
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    company_close(&company);
    return 0;
}

static int64_t number_in(struct sql *sql, const char *question)
{
    struct err err = {.status = STATUS_OK};
    int64_t number = -1;
    if (sql_number(sql, question, NULL, &number, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    return number;
}

static void tables_of_a_whole_stretch(void **state)
{
    struct sql *sql = NULL;
    struct err err = {.status = STATUS_OK};
    struct sql_options options = {.release = "1", .exe = "0"};
    struct journal *journal = gate_books(company.gate)->journal;
    (void)state;
    if (sql_build(journal, &options, &sql, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    assert_int_equal(number_in(sql, "SELECT COUNT(*) FROM entry"), STRETCH);
    assert_int_equal(number_in(sql, "SELECT COUNT(*) FROM document WHERE kind = 'credit-note'"),
                     number_in(sql, "SELECT COUNT(*) FROM version WHERE number LIKE 'CN-%'"));
    sql_close(sql);
    options.size = STRETCH + 1;
    sql = NULL;
    assert_int_equal(sql_build(journal, &options, &sql, &err), STATUS_INPUT);
    assert_string_equal(err.text, "the journal has 1000 entries, not 1001");
    assert_null(sql);
}

static void hear(void *context, const struct simulated *simulated)
{
    (void)context;
    (void)simulated;
    fail_msg("the same policy decides otherwise");
}

static void step(void *context, uint64_t done, uint64_t total)
{
    *(uint64_t *)context = done;
    assert_int_equal(total, STRETCH);
}

static void the_same_policy_over_a_whole_stretch(void **state)
{
    struct policy *policy = NULL;
    struct simulate_totals totals;
    struct err err = {.status = STATUS_OK};
    uint64_t done = 0;
    json_t *body = company_policy_body(POLICY);
    (void)state;
    assert_int_equal(policy_read(json_object_get(body, "compiled"), &policy, &err), STATUS_OK);
    const struct simulate_options options = {.journal = gate_books(company.gate)->journal,
                                             .policy = policy,
                                             .report = hear,
                                             .progress = step,
                                             .context = &done};
    if (simulate_policy(&options, &totals, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    assert_int_equal(done, STRETCH);
    assert_int_equal(totals.documents, documents);
    assert_int_equal(totals.changes[SIMULATED_SAME], documents);
    policy_free(policy);
    json_decref(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_of_a_whole_stretch),
        cmocka_unit_test(the_same_policy_over_a_whole_stretch),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

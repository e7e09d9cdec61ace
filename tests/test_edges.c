/*
 * Amounts and dates at their edges: each tier of each authority row of the shipped policies, zero, the bound and one minor
 * unit over it; yen and dinars; leap days, ends of quarters and changes of the clock in windows; amounts and sums as large
 * as 64 bits. Each is answered by a decision.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/kind.h"
#include "controls/policy.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "tests/support/closing.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define US      "controls/policies/us.yaml"
#define UK      "controls/policies/uk.yaml"
#define JPY     "tests/policies/money_jpy.yaml"
#define KWD     "tests/policies/money_kwd.yaml"
#define LARGEST "92233720368547758.07"
#define HALF    "50000000000000000.00"

/* Every row of every shipped policy asks for a tier's levels up to its bound and for more from one minor unit above it. */
static void each_bound_of_each_row(void **state)
{
    static const char *const paths[] = {US, UK, JPY, KWD};
    (void)state;
    for (size_t p = 0; p < sizeof paths / sizeof paths[0]; p++) {
        struct policy *policy = company_policy(paths[p]);
        assert_true(policy->row_count > 8);
        for (size_t r = 0; r < policy->row_count; r++) {
            const struct policy_row *row = &policy->rows[r];
            assert_int_equal(row_levels(row, 0), row->tiers[0].levels);
            assert_int_equal(row_levels(row, 1), row->tiers[0].levels);
            for (size_t t = 0; t + 1 < row->tier_count; t++) {
                int64_t bound = row->tiers[t].upto_minor;
                assert_int_equal(row_levels(row, bound - 1), row->tiers[t].levels);
                assert_int_equal(row_levels(row, bound), row->tiers[t].levels);
                assert_int_equal(row_levels(row, bound + 1), row->tiers[t + 1].levels);
                assert_true(row->tiers[t].levels < row->tiers[t + 1].levels);
            }
            assert_int_equal(row->tiers[row->tier_count - 1].upto_minor, INT64_MAX);
            assert_int_equal(row_levels(row, INT64_MAX), row->tiers[row->tier_count - 1].levels);
        }
        policy_free(policy);
    }
}

/* The levels that C-02 asks for the amount; 0 when it asks for none. */
static uint16_t asked_levels(const json_t *result)
{
    const json_t *list = json_object_get(result, "controls");
    uint16_t levels = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *answer = json_array_get(list, i), *asked = json_object_get(answer, "levels");
        if (strcmp(member_text(answer, "control"), "C-02") != 0 || strcmp(member_text(answer, "code"), "amount") != 0)
            continue;
        for (size_t l = 0; l < json_array_size(asked); l++)
            levels |= (uint16_t)(1U << (json_integer_value(json_array_get(asked, l)) - 1));
    }
    return levels;
}

struct probe {
    struct company company;
    const struct policy *policy;
    unsigned count; /* customers so far: each amount goes to a customer of its own, so that nothing adds up */
};

/* A customer E-n with an invoice E-n larger than all that is tried. */
static void probe_customer(struct probe *probe, char ret_id[static 16])
{
    char gross[MONEY_TEXT_MAX], zero[MONEY_TEXT_MAX], limit[MONEY_TEXT_MAX];
    int digits = probe->policy->base_digits;
    const char *base = probe->policy->base;
    money_format(INT64_C(1000000000000), digits, gross);
    money_format(0, digits, zero);
    money_format(0, digits, limit);
    int sequence = (int)++probe->count + 1;
    snprintf(ret_id, 16, "E-%u", probe->count);
    json_t *customer = company_with(company_customer(ret_id, ret_id), "currency", json_string(base));
    const struct company_file file = {.user = "feedc", .feed = "customers", .sequence = sequence};
    company_with(customer, "limit", json_string(limit));
    expect_done(company_feed(&probe->company, &file, json_pack("[o]", customer)), "closed");
    json_t *manifest =
        json_pack("{s:i, s:s, s:i, s:s}", "count", 1, "currency", base, "sequence", sequence, "total", gross);
    json_decref(
        company_do(&probe->company, "feedi", VERB_FEED,
                   json_pack("{s:s, s:s, s:o, s:b, s:i, s:[o]}", "entity", "US01", "feed", "invoices", "file", manifest,
                             "last", 1, "part", 1, "records", company_invoice(ret_id, ret_id, gross, zero, gross))));
}

/* One amount through the gate: decided, and C-02 asks for these levels. */
static void probe_amount(struct probe *probe, const struct policy_reason *reason, enum kind_id kind, int64_t minor,
                         uint16_t levels)
{
    char id[16], amount[MONEY_TEXT_MAX], previous[MONEY_TEXT_MAX];
    json_t *document;
    probe_customer(probe, id);
    money_format(minor, probe->policy->base_digits, amount);
    money_format(0, probe->policy->base_digits, previous);
    if (kind == KIND_CREDIT_LIMIT)
        document = company_with(company_limit(&probe->company, id, amount), "previous", json_string(previous));
    else if (kind == KIND_WRITE_OFF)
        document = company_write_off(&probe->company, id, id, amount);
    else
        document = company_credit_note(&probe->company, id, id, amount);
    company_with(company_with(document, "reason", json_string(reason->reason)), "currency",
                 json_string(probe->policy->base));
    const char *user = kind == KIND_CREDIT_LIMIT ? "adam" : kind == KIND_WRITE_OFF ? "cora" : "maria";
    json_t *result = company_submit(&probe->company, user, document);
    if (asked_levels(result) != levels)
        fail_msg("%s %s: %s", reason->reason, amount, json_dumps(result, 0));
    json_decref(result);
}

/* Each row that a reason of these kinds leads to, at each bound and one minor unit over it. */
static unsigned probe_rows(struct probe *probe, enum kind_id kind)
{
    unsigned rows = 0;
    const struct policy_row *seen[POLICY_ROWS_MAX];
    for (size_t i = 0; i < probe->policy->reason_count; i++) {
        const struct policy_reason *reason = &probe->policy->reasons[i];
        const struct policy_row *row = policy_find_row(probe->policy, reason->row, "US01");
        bool again = (reason->kinds >> kind & 1) == 0;
        for (unsigned s = 0; s < rows && !again; s++)
            again = seen[s] == row;
        if (again)
            continue;
        seen[rows++] = row;
        probe_amount(probe, reason, kind, 1, row->tiers[0].levels);
        for (size_t t = 0; t + 1 < row->tier_count; t++) {
            probe_amount(probe, reason, kind, row->tiers[t].upto_minor, row->tiers[t].levels);
            probe_amount(probe, reason, kind, row->tiers[t].upto_minor + 1, row->tiers[t + 1].levels);
        }
        probe_amount(probe, reason, kind, INT64_MAX, row->tiers[row->tier_count - 1].levels);
    }
    return rows;
}

static void probe_policy(const char *path)
{
    struct probe probe = {.count = 0};
    struct policy *policy = company_policy(path);
    probe.policy = policy;
    company_open(&probe.company, path);
    assert_int_equal(probe_rows(&probe, KIND_CREDIT_NOTE), 4);
    assert_int_equal(probe_rows(&probe, KIND_WRITE_OFF), 3);
    assert_int_equal(probe_rows(&probe, KIND_CREDIT_LIMIT), 1);
    company_close(&probe.company);
    policy_free(policy);
}

static void dollars_through_the_gate(void **state)
{
    (void)state;
    probe_policy(US);
}

static void yen_through_the_gate(void **state)
{
    (void)state;
    probe_policy(JPY);
}

static void dinars_through_the_gate(void **state)
{
    (void)state;
    probe_policy(KWD);
}

static json_t *credit(struct company *company, const char *customer, const char *invoice, const char *amount)
{
    return company_submit(company, "maria", company_credit_note(company, customer, invoice, amount));
}

/* Thirty days are thirty times 86,400 seconds, over a 29 February and over the hours that clocks skip and repeat. */
static void windows_over_leap_days_and_clock_changes(void **state)
{
    static const struct {
        const char *from, *last, *out;
    } rows[] = {
        {"2028-02-01T12:00:00.000Z", "2028-03-02T11:59:59.999Z", "2028-03-02T12:00:00.000Z"}, /* 29 February between */
        {"2027-02-01T12:00:00.000Z", "2027-03-03T11:59:59.999Z", "2027-03-03T12:00:00.000Z"}, /* none */
        {"2028-02-29T12:00:00.000Z", "2028-03-30T11:59:59.999Z", "2028-03-30T12:00:00.000Z"}, /* on it, and 12 March */
        {"2026-10-20T12:00:00.000Z", "2026-11-19T11:59:59.999Z", "2026-11-19T12:00:00.000Z"}, /* 1 November */
    };
    (void)state;
    static const struct edit only_days[] = {
        {"  - { by: customer, span: quarter, kinds: [credit-note, correction, write-off] }\n", ""}, {0}};
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        struct company company = {.dir = ""};
        char path[VARIANT_PATH_BYTES];
        variant_make(only_days, path);
        company_open(&company, path);
        variant_done(path);
        company_at(&company, rows[i / 2].from);
        expect_done(credit(&company, "16446", "581483", "150.00"), "posted");
        company_at(&company, i % 2 == 0 ? rows[i / 2].last : rows[i / 2].out);
        json_t *note = company_credit_note(&company, "16447", "700001", "50.01");
        if (i % 2 == 0)
            expect_answer(company_submit(&company, "joe", note), "waiting", "C-07", "sum");
        else
            expect_no_answer(company_submit(&company, "joe", note), "posted", "C-07", "sum");
        company_close(&company);
    }
}

/* A quarter of New York begins at 05:00Z in winter and 04:00Z in summer. */
static void quarters_end_where_the_entity_is(void **state)
{
    static const struct {
        const char *before, *after;
    } rows[] = {{"2026-04-01T03:59:59.999Z", "2026-04-01T04:00:00.000Z"},
                {"2026-07-01T03:59:59.999Z", "2026-07-01T04:00:00.000Z"},
                {"2026-10-01T03:59:59.999Z", "2026-10-01T04:00:00.000Z"},
                {"2027-01-01T04:59:59.999Z", "2027-01-01T05:00:00.000Z"},
                {"2028-04-01T03:59:59.999Z", "2028-04-01T04:00:00.000Z"}};
    struct policy *policy = company_policy(US);
    const struct policy_entity *entity = policy_find_entity(policy, "US01");
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t before, after;
        struct err err;
        assert_int_equal(instant_parse(rows[i].before, strlen(rows[i].before), &before, &err), STATUS_OK);
        assert_int_equal(instant_parse(rows[i].after, strlen(rows[i].after), &after, &err), STATUS_OK);
        assert_int_equal(entity_quarter_start(entity, after), after);
        assert_true(entity_quarter_start(entity, before) < before - 80 * INT64_C(86400000));
        assert_int_equal(entity_date(entity, after), entity_date(entity, before) + 1);
        assert_int_equal(entity_next_midnight(entity, before), after);
    }
    policy_free(policy);
}

static void file(struct company *company, const char *user, const char *feed, int sequence, const char *total,
                 json_t *record)
{
    const struct company_file one = {.user = user, .feed = feed, .total = total, .sequence = sequence};
    expect_done(company_feed(company, &one, json_pack("[o]", record)), "closed");
}

/* Whatever holds the largest amounts is decided: refused by name, or waiting. */
static void decided(json_t *result)
{
    const char *outcome = result_outcome(result);
    if (strcmp(outcome, "refused") != 0 && strcmp(outcome, "waiting") != 0 && strcmp(outcome, "posted") != 0 &&
        strcmp(outcome, "approved") != 0)
        fail_msg("%s", json_dumps(result, 0));
    json_decref(result);
}

static void the_largest_amounts_are_decided(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, US);
    file(&company, "feedc", "customers", 2, NULL, company_customer("B-1", "B-1"));
    file(&company, "feedc", "customers", 3, NULL, company_customer("B-2", "B-2"));
    file(&company, "feedi", "invoices", 2, LARGEST, company_invoice("B-1", "B-1", LARGEST, "0.00", LARGEST));
    file(&company, "feedi", "invoices", 3, HALF, company_invoice("B-2", "B-2", HALF, "0.00", HALF));
    char *waits = company_wait(&company, "maria", company_credit_note(&company, "B-1", "B-1", LARGEST));
    expect_answer(credit(&company, "B-1", "B-1", "0.01"), "refused", "C-06", "sum-too-large");
    expect_answer(company_submit(&company, "maria", company_correction(&company, "B-1", "B-1", "0.01", "up")),
                  "refused", "C-06", "sum-too-large");
    free(waits);
    decided(company_submit(&company, "adam", company_limit(&company, "B-1", LARGEST)));
    decided(company_submit(&company, "adam", company_limit(&company, "B-2", HALF)));
    decided(company_submit(&company, "cora", company_write_off(&company, "B-2", "B-2", HALF)));
    decided(company_submit(&company, "maria", company_correction(&company, "B-2", "B-2", LARGEST, "up")));
    decided(company_submit(&company, "maria", company_correction(&company, "B-2", "B-2", HALF, "down")));
    company_close(&company);
}

/* What an account adds up to over customers leaves 64 bits: the second posting. */
static void ledger_totals_at_the_edge(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, US);
    for (int i = 1; i <= 2; i++) {
        char id[8];
        snprintf(id, sizeof id, "B-%d", i);
        file(&company, "feedc", "customers", i + 1, NULL, company_customer(id, id));
        file(&company, "feedi", "invoices", i + 1, HALF, company_invoice(id, id, HALF, "0.00", HALF));
    }
    free(company_post(&company, "maria", company_credit_note(&company, "B-1", "B-1", HALF), 5));
    char *second = company_wait(&company, "joe", company_credit_note(&company, "B-2", "B-2", HALF));
    static const char *const approvers[] = {"ana", "priya", "dora", "vera", "carl"};
    for (int level = 1; level <= 4; level++)
        decided(company_approve(&company, approvers[level - 1], second, level));
    expect_answer(company_approve(&company, approvers[4], second, 5), "refused", "C-44", "books-too-large");
    free(second);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_bound_of_each_row),
        cmocka_unit_test(dollars_through_the_gate),
        cmocka_unit_test(yen_through_the_gate),
        cmocka_unit_test(dinars_through_the_gate),
        cmocka_unit_test(windows_over_leap_days_and_clock_changes),
        cmocka_unit_test(quarters_end_where_the_entity_is),
        cmocka_unit_test(the_largest_amounts_are_decided),
        cmocka_unit_test(ledger_totals_at_the_edge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * C-06 to C-08: what adds up decides the levels. Windows end at the document's own place, begin exactly n days of 86,400 s or
 * at a local midnight before it, and hold what waits, what is posted and what was reversed, never what came to nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/control.h"
#include "ledger/schema.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define POLICY      "tests/policies/rules.yaml"
#define LARGEST     "92233720368547758.07"
#define HALF        "50000000000000000.00"
#define MONEY_KINDS "kinds: [credit-note, correction, write-off]"

/* rules.yaml with one window alone, so that the others do not speak: files made for this run. */
static char folder[256];
static const struct {
    const char *name, *window;
} alone[] = {
    {"invoice", "{ by: invoice, span: life, " MONEY_KINDS " }"},
    {"days", "{ by: customer, span: 30 days, " MONEY_KINDS " }"},
    {"quarter", "{ by: customer, span: quarter, " MONEY_KINDS " }"},
    {"preparer", "{ by: preparer, span: 7 days, kinds: [credit-note] }"},
};

static int policies_write(void **state)
{
    static char text[1 << 20];
    (void)state;
    FILE *file = fopen(POLICY, "rb");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    const char *begin = strstr(text, "\ncumulative:\n"), *end = strstr(text, "\n# Why a document is made");
    assert_true(begin != NULL && end != NULL);
    snprintf(folder, sizeof folder, "%s/countersign-policies-XXXXXX",
             getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < sizeof alone / sizeof alone[0]; i++) {
        char path[320];
        snprintf(path, sizeof path, "%s/%s.yaml", folder, alone[i].name);
        file = fopen(path, "wb");
        assert_non_null(file);
        fprintf(file, "%.*s\ncumulative:\n  - %s\n%s", (int)(begin - text), text, alone[i].window, end);
        fclose(file);
    }
    return 0;
}

static int policies_remove(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof alone / sizeof alone[0]; i++) {
        char path[320];
        snprintf(path, sizeof path, "%s/%s.yaml", folder, alone[i].name);
        remove(path);
    }
    return remove(folder);
}

static void open_alone(struct company *company, const char *window)
{
    char path[320];
    snprintf(path, sizeof path, "%s/%s.yaml", folder, window);
    company_open(company, path);
}

static json_t *credit(struct company *company, const char *customer, const char *invoice, const char *amount)
{
    return company_submit(company, "maria", company_credit_note(company, customer, invoice, amount));
}

/* What the control's answer says under a name, as text; fails when there is none. */
static void input_is(const json_t *result, const char *control, const char *name, const char *value)
{
    const json_t *list = json_object_get(result, "controls");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *answer = json_array_get(list, i);
        if (strcmp(member_text(answer, "control"), control) != 0)
            continue;
        const json_t *input = json_object_get(answer, name);
        if (json_is_integer(input)) {
            assert_int_equal(json_integer_value(input), strtoll(value, NULL, 10));
            return;
        }
        assert_string_equal(json_string_value(input), value);
        return;
    }
    fail_msg("%s did not answer", control);
}

static void an_invoice_adds_up_for_ever(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "invoice");
    expect_done(credit(&company, "10442", "40251", "150.00"), "posted");
    expect_done(credit(&company, "10442", "40251", "50.00"), "posted"); /* 200.00 exactly */
    company_at(&company, "2029-01-05T09:00:00.000Z");
    golden(credit(&company, "10442", "40251", "0.01"), "waiting", "C-06", "sum");
    expect_no_answer(credit(&company, "10442", "40117", "200.00"), "posted", "C-06", "sum");
    company_close(&company);
}

static void lines_of_one_invoice_add_up(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "invoice");
    const struct company_file file = {.user = "feedi", .feed = "invoices", .total = "400.00", .sequence = 2};
    json_t *lines = json_pack("[{s:s, s:s, s:s, s:s}, {s:s, s:s, s:s, s:s}]", "code", "NONE", "line", "1", "net",
                              "250.00", "tax", "0.00", "code", "NONE", "line", "2", "net", "150.00", "tax", "0.00");
    json_t *invoice = company_with(company_invoice("L-1", "10442", "400.00", "0.00", "400.00"), "lines", lines);
    expect_done(company_feed(&company, &file, json_pack("[o]", invoice)), "closed");
    json_t *document = company_money(&company, "credit-note", "10442", "150.00", "PRICE_ERR", "price-sheet");
    company_allocate(company_allocate(document, "L-1", "1", "100.00"), "L-1", "2", "50.00");
    expect_done(company_submit(&company, "maria", document), "posted");
    json_t *result = expect(credit(&company, "10442", "L-1", "50.01"), "waiting");
    input_is(result, "C-06", "sum", "200.01");
    input_is(result, "C-06", "count", "2");
    json_decref(result);
    company_close(&company);
}

static void thirty_days_to_the_millisecond(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "days");
    company_at(&company, "2026-02-01T12:00:00.000Z");
    expect_done(credit(&company, "16446", "581483", "150.00"), "posted");
    company_at(&company, "2026-03-03T11:59:59.999Z");
    golden(credit(&company, "16447", "700001", "50.01"), "waiting", "C-07", "sum");
    company_close(&company);
    open_alone(&company, "days");
    company_at(&company, "2026-02-01T12:00:00.000Z");
    expect_done(credit(&company, "16446", "581483", "150.00"), "posted");
    company_at(&company, "2026-03-03T12:00:00.000Z"); /* exactly 30 days: no longer in it */
    expect_no_answer(credit(&company, "16447", "700001", "50.01"), "posted", "C-07", "sum");
    /* Another customer's group has a window of its own; 200.00 exactly asks for nobody. */
    expect_done(credit(&company, "10442", "40251", "150.00"), "posted");
    expect_done(credit(&company, "10442", "40251", "50.00"), "posted");
    company_close(&company);
}

static void a_quarter_begins_at_local_midnight(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "quarter");
    company_at(&company, "2026-04-01T03:59:59.999Z"); /* New York: still March */
    expect_done(credit(&company, "16446", "581483", "150.00"), "posted");
    company_at(&company, "2026-04-01T04:00:00.000Z");
    expect_no_answer(credit(&company, "16446", "581483", "60.00"), "posted", "C-07", "sum");
    company_at(&company, "2026-07-01T03:59:59.999Z"); /* the last instant of the same quarter, 91 days later */
    json_t *result = expect(credit(&company, "16446", "581484", "140.01"), "waiting");
    input_is(result, "C-07", "sum", "200.01");
    input_is(result, "C-07", "count", "2");
    input_is(result, "C-07", "window", "quarter");
    json_decref(result);
    company_close(&company);
}

static void what_a_person_prepares_adds_up(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "preparer");
    expect_done(credit(&company, "16446", "581483", "150.00"), "posted");
    /* His bot and he are one person; another person is not. */
    expect_no_answer(company_submit(&company, "joe", company_credit_note(&company, "10442", "40251", "199.99")),
                     "posted", "C-08", "sum");
    golden(credit(&company, "10442", "40117", "50.01"), "waiting", "C-08", "sum");
    expect_answer(company_submit(&company, "bot1", company_credit_note(&company, "10442", "40117", "0.02")), "waiting",
                  "C-08", "sum");
    company_close(&company);
}

static void strictest_sum_counts(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    /* Five of 2,499.00 on two customers of a group, by two preparers. */
    expect_answer(credit(&company, "16446", "581483", "2499.00"), "waiting", "C-02", "amount");
    json_t *result =
        expect(company_submit(&company, "joe", company_credit_note(&company, "16447", "700001", "2.00")), "waiting");
    assert_int_equal(levels_from_json(json_object_get(result, "levels")), 3);
    input_is(result, "C-07", "sum", "2501.00");
    input_is(result, "C-07", "limit", "2500.00");
    input_is(result, "C-07", "group", "G1");
    json_decref(result);
    company_close(&company);
}

static void what_ends_counts_no_more(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "days");
    char *one = company_wait(&company, "maria", company_credit_note(&company, "16446", "581483", "500.00"));
    expect_answer(credit(&company, "16446", "581484", "1.00"), "waiting", "C-07", "sum"); /* what waits counts */
    expect_done(company_end(&company, "ana", VERB_REJECT, one), "rejected");
    expect_no_answer(credit(&company, "16446", "581484", "2.00"), "posted", "C-07", "sum");
    char *two = company_wait(&company, "maria", company_credit_note(&company, "10442", "40251", "500.00"));
    expect_done(company_end(&company, "ana", VERB_RETURN, two), "returned");
    expect_no_answer(credit(&company, "10442", "40251", "3.00"), "posted", "C-07", "sum");
    /* Amended, it stands at the amendment's place, so it sees the one between. */
    json_t *result = expect(
        company_amend(&company, "maria", two, company_credit_note(&company, "10442", "40251", "198.00")), "waiting");
    input_is(result, "C-07", "sum", "201.00");
    json_decref(result);
    expect_done(company_end(&company, "maria", VERB_WITHDRAW, two), "withdrawn");
    expect_no_answer(credit(&company, "10442", "40251", "197.00"), "posted", "C-07", "sum");
    /* A lapsed one, too: fourteen days and a millisecond later. */
    char *three = company_wait(&company, "maria", company_credit_note(&company, "10442", "40117", "600.00"));
    company.now_ms += INT64_C(14) * 86400000 - 1000 + 1;
    result = expect(credit(&company, "10442", "40251", "0.01"), "waiting");
    input_is(result, "C-07", "sum", "200.01");
    json_decref(result);
    json_t *record = company_record(&company, three);
    assert_string_equal(member_text(record, "state"), "lapsed");
    json_decref(record);
    free(one);
    free(two);
    free(three);
    company_close(&company);
}

static void what_is_reversed_goes_on_counting(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "days");
    char *number = company_post(&company, "maria", company_credit_note(&company, "10442", "40251", "150.00"), 0);
    free(company_post(&company, "maria", company_reversal(&company, number), 2));
    json_t *result = expect(credit(&company, "10442", "40251", "60.00"), "waiting");
    input_is(result, "C-07", "sum", "210.00");
    json_decref(result);
    free(number);
    company_close(&company);
}

static void the_list_itself_counts_in_order(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "days");
    json_t *body = json_pack("{s:b, s:[o, o, o]}", "atomic", 0, "documents",
                             company_credit_note(&company, "10442", "40251", "100.00"),
                             company_credit_note(&company, "10442", "40251", "99.00"),
                             company_credit_note(&company, "10442", "40251", "2.00"));
    json_t *decision = company_do(&company, "maria", VERB_SUBMIT, body);
    const json_t *results = json_object_get(decision, "results");
    assert_string_equal(member_text(json_array_get(results, 0), "outcome"), "posted");
    assert_string_equal(member_text(json_array_get(results, 1), "outcome"), "posted");
    assert_string_equal(member_text(json_array_get(results, 2), "outcome"), "waiting");
    input_is(json_array_get(results, 2), "C-07", "count", "3");
    json_decref(decision);
    company_close(&company);
}

/* Later ones do not count, so who waits does not need more because somebody came after. */
static void later_ones_do_not_count(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "days");
    char *one = company_wait(&company, "maria", company_credit_note(&company, "10442", "40251", "500.00"));
    char *two = company_wait(&company, "maria", company_credit_note(&company, "10442", "40251", "2100.00"));
    expect_done(company_approve(&company, "ana", one, 1), "posted");
    expect_done(company_approve(&company, "ana", two, 1), "approved");
    expect_done(company_approve(&company, "priya", two, 2), "posted");
    free(one);
    free(two);
    company_close(&company);
}

static void sums_beyond_all_bounds(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    /* What the invoice would have open then is counted, too. */
    expect_answer(company_submit(&company, "maria", company_correction(&company, "16446", "581483", LARGEST, "up")),
                  "refused", "C-35", "sum-too-large");
    expect_done(company_submit(&company, "maria", company_correction(&company, "16446", "581483", HALF, "up")),
                "waiting");
    golden(company_submit(&company, "maria", company_correction(&company, "16446", "581483", HALF, "up")), "refused",
           "C-06", "sum-too-large");
    golden(company_submit(&company, "joe", company_correction(&company, "16447", "700001", HALF, "up")), "refused",
           "C-07", "sum-too-large");
    json_t *document = company_money(&company, "credit-note", "10442", LARGEST, "PRICE_ERR", "price-sheet");
    expect_done(company_submit(&company, "maria", company_with(document, "on_account", json_string(LARGEST))),
                "waiting");
    golden(credit(&company, "10442", "40251", "0.01"), "refused", "C-08", "sum-too-large");
    company_close(&company);
}

/* Totals that no record can hold keep a statement out, whole and without a trace; the book goes on. */
static void totals_beyond_all_bounds(void **state)
{
    struct company company = {.dir = ""};
    struct gate_answer answer;
    struct err err;
    (void)state;
    company_open(&company, POLICY);
    json_t *body = json_pack("{s:s, s:s, s:{s:i, s:s, s:i, s:s}, s:b, s:i, s:[o, o]}", "entity", "US01", "feed",
                             "invoices", "file", "count", 2, "currency", "USD", "sequence", 2, "total", LARGEST, "last",
                             1, "part", 1, "records", company_invoice("Z-1", "10442", HALF, "0.00", HALF),
                             company_invoice("Z-2", "10442", HALF, "0.00", HALF));
    assert_int_equal(company_try(&company, "feedi", VERB_FEED, body, NULL, &answer, &err), STATUS_LIMIT);
    /* One after the other the file's totals fit, but not what the customer has open. */
    for (int i = 1; i <= 2; i++) {
        char id[8];
        snprintf(id, sizeof id, "Z-%d", i);
        body = json_pack("{s:s, s:s, s:{s:i, s:s, s:i, s:s}, s:b, s:i, s:[o]}", "entity", "US01", "feed", "invoices",
                         "file", "count", 1, "currency", "USD", "sequence", i + 1, "total", HALF, "last", 1, "part", 1,
                         "records", company_invoice(id, "10442", HALF, "0.00", HALF));
        enum status status = company_try(&company, "feedi", VERB_FEED, body, NULL, &answer, &err);
        assert_int_equal(status, i == 1 ? STATUS_OK : STATUS_LIMIT);
        if (status == STATUS_OK)
            gate_answer_done(&answer);
    }
    expect_done(credit(&company, "10442", "40251", "1.00"), "posted");
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_invoice_adds_up_for_ever),     cmocka_unit_test(lines_of_one_invoice_add_up),
        cmocka_unit_test(thirty_days_to_the_millisecond),  cmocka_unit_test(a_quarter_begins_at_local_midnight),
        cmocka_unit_test(what_a_person_prepares_adds_up),  cmocka_unit_test(strictest_sum_counts),
        cmocka_unit_test(what_ends_counts_no_more),        cmocka_unit_test(what_is_reversed_goes_on_counting),
        cmocka_unit_test(the_list_itself_counts_in_order), cmocka_unit_test(later_ones_do_not_count),
        cmocka_unit_test(sums_beyond_all_bounds),          cmocka_unit_test(totals_beyond_all_bounds),
    };
    return cmocka_run_group_tests(tests, policies_write, policies_remove) != 0;
}

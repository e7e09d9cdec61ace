/*
 * C-06 to C-09: what adds up decides the levels. Windows end at the document's own place, begin exactly n days of 86,400 s or
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
    const char *name, *window, *more;
    bool unasked; /* the row BILLING asks for nobody */
} alone[] = {
    {"invoice", "{ by: invoice, span: life, " MONEY_KINDS " }", NULL, false},
    {"days", "{ by: customer, span: 30 days, " MONEY_KINDS " }", NULL, false},
    {"quarter", "{ by: customer, span: quarter, " MONEY_KINDS " }", NULL, false},
    {"preparer", "{ by: preparer, span: 7 days, kinds: [credit-note] }", NULL, false},
    {"leave-out", "{ by: customer, span: 30 days, reversed: leave-out, " MONEY_KINDS " }", NULL, false},
    {"automatic", "{ by: invoice, span: life, kinds: [write-off] }",
     "parameters: { dormant_bot_days: 0, dormant_days: 0, automatic_day_max: 500.00, automatic_month_max: 1000.00 }",
     false},
    {"unasked", "{ by: invoice, span: life, kinds: [write-off] }",
     "parameters: { dormant_bot_days: 0, dormant_days: 0, automatic_day_max: 500.00, automatic_month_max: 1000.00 }",
     true},
    {"approver", "{ by: invoice, span: life, kinds: [write-off] }",
     "parameters: { dormant_bot_days: 0, dormant_days: 0, automatic_day_max: 0.00, automatic_month_max: 0.00, "
     "approver_sum_max: 1000.00, approver_days: 7 }",
     false},
    {"pair", "{ by: invoice, span: life, kinds: [write-off] }",
     "parameters: { dormant_bot_days: 0, dormant_days: 0, automatic_day_max: 0.00, automatic_month_max: 0.00, "
     "pair_count_min: 4, pair_days: 10, "
     "pair_flag_percent: 50, pair_need_percent: 75 }",
     false},
};

/* The end of rules.yaml, its parameters replaced; what was posted in error is an error. */
static void end_write(FILE *file, const char *end, const char *more)
{
    static const char error[] = "    title: Document posted in error\n";
    static const char neutral[] =
        "parameters: { dormant_bot_days: 0, dormant_days: 0, automatic_day_max: 0.00, automatic_month_max: 0.00 }";
    const char *place = strstr(end, error), *parameters = strstr(end, "\nparameters:");
    assert_true(place != NULL && parameters != NULL && parameters > place);
    place += sizeof error - 1;
    fprintf(file, "%.*s    error: yes\n%.*s\n%s\n", (int)(place - end), end, (int)(parameters - place), place,
            more != NULL ? more : neutral);
}

/* The part before; unasked: with other tiers of the row BILLING. */
static void begin_write(FILE *file, const char *text, const char *end, bool unasked)
{
    static const char row[] = "    tiers:\n", next[] = "  - row: BILLING_RAISED";
    const char *billing = strstr(text, "  - row: BILLING ");
    const char *from = strstr(billing, row) + sizeof row - 1, *to = strstr(from, next);
    assert_true(billing < from && from < to && to < end);
    if (unasked)
        fprintf(file, "%.*s      - { levels: [] }\n%.*s", (int)(from - text), text, (int)(end - to), to);
    else
        fprintf(file, "%.*s", (int)(end - text), text);
}

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
        begin_write(file, text, begin, alone[i].unasked);
        fprintf(file, "\ncumulative:\n  - %s\n", alone[i].window);
        end_write(file, end, alone[i].more);
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

/* Totals that no record can hold are refused, seen and without effect; the book goes on. */
static void totals_beyond_all_bounds(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    struct company_file file = {.user = "feedi", .feed = "invoices", .total = LARGEST, .sequence = 2};
    golden(company_feed(&company, &file,
                        json_pack("[o, o]", company_invoice("Z-1", "10442", HALF, "0.00", HALF),
                                  company_invoice("Z-2", "10442", HALF, "0.00", HALF))),
           "refused", "C-44", "total-too-large");
    /* One after the other the file's totals fit, but not what the customer has open. */
    file.total = HALF;
    expect_done(company_feed(&company, &file, json_pack("[o]", company_invoice("Z-1", "10442", HALF, "0.00", HALF))),
                "closed");
    file.sequence = 3;
    golden(company_feed(&company, &file, json_pack("[o]", company_invoice("Z-2", "10442", HALF, "0.00", HALF))),
           "refused", "C-44", "books-too-large");
    /* Another customer's has room, and the same sequence is next. */
    expect_done(company_feed(&company, &file, json_pack("[o]", company_invoice("Z-2", "16447", HALF, "0.00", HALF))),
                "closed");
    expect_done(credit(&company, "10442", "40251", "1.00"), "posted");
    company_close(&company);
}

/* In the middle of a list: what came before it stays, and what follows is judged without it. */
static void books_too_large_in_a_list(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "invoice");
    static const char *const amounts[] = {HALF, HALF};
    char *numbers[2];
    for (int i = 0; i < 2; i++) {
        json_t *document = company_money(&company, "credit-note", "10442", amounts[i], "PRICE_ERR", "price-sheet");
        numbers[i] = company_wait(&company, "maria", company_with(document, "on_account", json_string(amounts[i])));
    }
    for (int i = 0; i < 2; i++) {
        static const char *const approvers[] = {"ana", "priya", "dora", "vera", "carl"};
        for (int level = 1; level <= 4; level++)
            expect_done(company_approve(&company, approvers[level - 1], numbers[i], level), "approved");
    }
    expect_done(company_approve(&company, "carl", numbers[0], 5), "posted");
    expect_answer(company_approve(&company, "carl", numbers[1], 5), "refused", "C-44", "books-too-large");
    /* It waits as before. */
    json_t *record = company_record(&company, numbers[1]);
    assert_string_equal(member_text(record, "state"), "waiting");
    json_decref(record);
    expect_done(company_end(&company, "maria", VERB_WITHDRAW, numbers[1]), "withdrawn");
    free(numbers[0]);
    free(numbers[1]);
    company_close(&company);
}

/* A credit on account of HALF that has all levels but the last. Returns its number, to be freed. */
static char *nearly_posted(struct company *company)
{
    static const char *const approvers[] = {"ana", "priya", "dora", "vera"};
    json_t *document = company_money(company, "credit-note", "10442", HALF, "PRICE_ERR", "price-sheet");
    char *number = company_wait(company, "maria", company_with(document, "on_account", json_string(HALF)));
    for (int level = 1; level <= 4; level++)
        expect_done(company_approve(company, approvers[level - 1], number, level), "approved");
    return number;
}

static json_t *item_of(struct company *company, const char *number)
{
    json_t *record = company_record(company, number);
    json_t *item = json_pack("{s:s, s:s, s:i, s:I}", "content", member_text(record, "content"), "document", number,
                             "level", 5, "version", (json_int_t)member_integer(record, "version"));
    json_decref(record);
    return item;
}

static void state_is(struct company *company, const char *number, const char *state)
{
    json_t *record = company_record(company, number);
    assert_string_equal(member_text(record, "state"), state);
    json_decref(record);
}

/* What came before it in one statement stays as it was done: the books are made again up to there. */
static void books_too_large_after_another(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "invoice");
    char *one = nearly_posted(&company), *two = nearly_posted(&company);
    char *other = company_wait(&company, "joe", company_credit_note(&company, "16446", "581483", "300.00"));
    json_t *decision = company_do(&company, "carl", VERB_APPROVE,
                                  json_pack("{s:[o, o]}", "items", item_of(&company, one), item_of(&company, two)));
    const json_t *results = json_object_get(decision, "results");
    assert_string_equal(result_outcome(json_array_get(results, 0)), "posted");
    assert_string_equal(result_outcome(json_array_get(results, 1)), "refused");
    assert_true(result_has(json_array_get(results, 1), "C-44", "books-too-large"));
    json_decref(decision);
    state_is(&company, one, "posted");
    state_is(&company, two, "waiting");
    /* And the next statement finds both so. */
    expect_done(company_approve(&company, "ana", other, 1), "posted");
    expect_done(company_end(&company, "maria", VERB_WITHDRAW, two), "withdrawn");
    free(one);
    free(two);
    free(other);
    company_close(&company);
}

static void every_maker_is_bound(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "preparer");
    /* joe asks, maria prepares: both are bound by it. */
    expect_done(company_submit(&company, "maria",
                               company_with(company_credit_note(&company, "16446", "581483", "150.00"), "requested_by",
                                            json_string("P-12"))),
                "posted");
    json_t *result =
        expect(company_submit(&company, "joe", company_credit_note(&company, "10442", "40251", "50.01")), "waiting");
    input_is(result, "C-08", "person", "P-12");
    input_is(result, "C-08", "sum", "200.01");
    char *number = strdup(result_number(result));
    json_decref(result);
    expect_done(company_end(&company, "joe", VERB_WITHDRAW, number), "withdrawn");
    expect_no_answer(company_submit(&company, "joe", company_credit_note(&company, "10442", "40251", "50.00")),
                     "posted", "C-08", "sum");
    free(number);
    company_close(&company);
    /* Who amends what another began has made it, too. */
    open_alone(&company, "preparer");
    number = company_wait(&company, "maria", company_credit_note(&company, "10442", "40251", "500.00"));
    expect_done(company_amend(&company, "joe", number, company_credit_note(&company, "10442", "40251", "199.00")),
                "posted");
    expect_answer(company_submit(&company, "joe", company_credit_note(&company, "16446", "581483", "1.01")), "waiting",
                  "C-08", "sum");
    expect_answer(credit(&company, "16446", "581484", "1.01"), "waiting", "C-08", "sum");
    free(number);
    company_close(&company);
}

/* A reversal leaves its original in the window, unless the window says so and the reversal's reason is an error. */
static void reversed_errors_may_be_left_out(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "leave-out");
    char *number = company_post(&company, "maria", company_credit_note(&company, "10442", "40251", "150.00"), 0);
    json_t *result = expect(credit(&company, "10442", "40251", "50.01"), "waiting");
    char *waits = strdup(result_number(result));
    json_decref(result);
    expect_done(company_end(&company, "maria", VERB_WITHDRAW, waits), "withdrawn");
    free(company_post(&company, "maria", company_reversal(&company, number), 2));
    expect_no_answer(credit(&company, "10442", "40251", "60.00"), "posted", "C-07", "sum");
    /* What is not reversed goes on counting. */
    result = expect(credit(&company, "10442", "40251", "140.01"), "waiting");
    input_is(result, "C-07", "sum", "200.01");
    input_is(result, "C-07", "count", "2");
    json_decref(result);
    free(number);
    free(waits);
    company_close(&company);
}

static void returned_and_resubmitted(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "days");
    char *one = company_wait(&company, "maria", company_credit_note(&company, "16446", "581483", "2499.00"));
    expect_done(company_end(&company, "ana", VERB_RETURN, one), "returned");
    /* Another takes its place; when the first comes back, it sees the other. */
    char *two = company_wait(&company, "maria", company_credit_note(&company, "16446", "581483", "2499.00"));
    json_t *result = expect(
        company_amend(&company, "maria", one, company_credit_note(&company, "16446", "581483", "2498.00")), "waiting");
    assert_int_equal(levels_from_json(json_object_get(result, "levels")), 3);
    input_is(result, "C-07", "sum", "4997.00");
    json_decref(result);
    /* An amendment that goes over to another customer leaves the window of the first. */
    expect_done(company_amend(&company, "maria", one, company_credit_note(&company, "10442", "40251", "2498.00")),
                "waiting");
    result = expect(credit(&company, "16446", "581484", "1.00"), "waiting");
    input_is(result, "C-07", "sum", "2500.00");
    json_decref(result);
    result = expect(credit(&company, "10442", "40117", "3.00"), "waiting");
    input_is(result, "C-07", "sum", "2501.00");
    json_decref(result);
    free(one);
    free(two);
    company_close(&company);
}

/* Up and down add up in gross: +24,000 and -1,900 are 25,900, which takes the next level. */
static void up_and_down_do_not_cancel(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "days");
    for (int atomic = 0; atomic <= 1; atomic++) {
        const char *customer = atomic ? "10442" : "16446", *invoice = atomic ? "40251" : "581483";
        json_t *body = json_pack("{s:b, s:[o, o]}", "atomic", atomic, "documents",
                                 company_correction(&company, customer, invoice, "24000.00", "up"),
                                 company_correction(&company, customer, invoice, "1900.00", "down"));
        json_t *decision = company_do(&company, "maria", VERB_SUBMIT, body);
        const json_t *second = json_array_get(json_object_get(decision, "results"), 1);
        assert_string_equal(result_outcome(second), "waiting");
        input_is(second, "C-07", "sum", "25900.00");
        json_decref(decision);
    }
    company_close(&company);
}

static void the_automatic_tier_of_a_day(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "automatic");
    company_at(&company, "2026-03-08T05:00:00.000Z"); /* midnight in New York; the clocks go forward on this day */
    expect_done(credit(&company, "16446", "581483", "200.00"), "posted");
    expect_done(credit(&company, "10442", "40251", "199.00"), "posted");
    golden(credit(&company, "16446", "581484", "101.01"), "waiting", "C-08", "automatic-day");
    expect_done(credit(&company, "16446", "581484", "101.00"), "posted"); /* 500.00 exactly */
    /* Another person has a day of his own; so has his bot, as him. */
    expect_done(company_submit(&company, "bot1", company_credit_note(&company, "10442", "40251", "200.00")), "posted");
    expect_done(company_submit(&company, "joe", company_credit_note(&company, "10442", "40251", "190.00")), "posted");
    expect_answer(company_submit(&company, "bot1", company_credit_note(&company, "10442", "40251", "111.00")),
                  "waiting", "C-08", "automatic-day");
    /* What is signed by a second person does not count. */
    json_t *result = expect(credit(&company, "16446", "581483", "900.00"), "waiting");
    expect_done(company_approve(&company, "ana", result_number(result), 1), "posted");
    json_decref(result);
    company_at(&company, "2026-03-09T03:59:59.999Z"); /* still the day of 23 hours */
    expect_answer(credit(&company, "16446", "581484", "0.01"), "waiting", "C-08", "automatic-day");
    company_at(&company, "2026-03-09T04:00:00.000Z");
    expect_done(credit(&company, "16446", "581484", "0.02"), "posted");
    company_close(&company);
}

/* Of a row that never asks for anybody, level 1 is asked beyond it. */
static void the_automatic_tier_of_a_row_without_levels(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "unasked");
    expect_done(credit(&company, "10442", "40251", "500.00"), "posted");
    json_t *result = expect(credit(&company, "10442", "40251", "0.01"), "waiting");
    input_is(result, "C-08", "limit", "500.00");
    assert_int_equal(levels_from_json(json_object_get(result, "levels")), 1);
    json_decref(result);
    company_close(&company);
}

/* Whoever asked for it has made it, too. */
static void the_automatic_tier_of_who_asks(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "automatic");
    for (int i = 0; i < 3; i++) {
        char amount[32];
        snprintf(amount, sizeof amount, "16%d.00", i);
        expect_done(credit(&company, "16446", "581483", amount), "posted"); /* 483.00 by maria, P-11 */
    }
    static const char *const amounts[] = {"17.00", "0.01"};
    for (size_t i = 0; i < 2; i++) {
        json_t *asked = company_with(company_credit_note(&company, "10442", "40251", amounts[i]), "requested_by",
                                     json_string("P-11"));
        json_t *result = company_submit(&company, "joe", asked);
        assert_int_equal(result_has(result, "C-08", "automatic-day"), i == 1);
        expect_done(result, i == 0 ? "posted" : "waiting");
    }
    company_close(&company);
}

/* A tier's bound is what the amounts above it are above; an amount of just that size is above the one before. */
static void a_bound_is_the_one_below(void **state)
{
    static const char *const rows[][2] = {{"200.01", "200.00"}, {"2500.00", "200.00"}, {"2500.01", "2500.00"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct company company = {.dir = ""};
        open_alone(&company, "preparer");
        json_t *result = credit(&company, "10442", "40251", rows[i][0]);
        const json_t *answer = json_array_get(json_object_get(result, "controls"), 0);
        assert_string_equal(member_text(answer, "code"), "amount");
        assert_string_equal(member_text(answer, "limit"), rows[i][1]);
        expect_done(result, "waiting");
        company_close(&company);
    }
}

static void the_automatic_tier_of_a_month(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "automatic");
    static const char *const days[] = {"2028-02-28T12:00:00.000Z", "2028-02-29T12:00:00.000Z",
                                       "2028-03-01T12:00:00.000Z", "2028-03-02T12:00:00.000Z",
                                       "2028-03-03T12:00:00.000Z"};
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        char amount[32];
        company_at(&company, days[i]);
        snprintf(amount, sizeof amount, "19%zu.00", i);
        expect_done(credit(&company, "16446", "581483", amount), "posted"); /* 190.00 to 194.00: 960.00 */
    }
    company_at(&company, "2028-03-29T11:59:59.999Z");
    golden(credit(&company, "10442", "40251", "40.01"), "waiting", "C-08", "automatic-month");
    company_at(&company, "2028-03-29T12:00:00.000Z"); /* thirty days over a leap day: the first has left */
    expect_done(credit(&company, "10442", "40251", "190.00"), "posted");
    company_close(&company);
}

static void what_a_person_approves_adds_up(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "approver");
    company_at(&company, "2026-02-01T12:00:00.000Z");
    char *one = company_wait(&company, "maria", company_credit_note(&company, "16446", "581483", "600.00"));
    char *two = company_wait(&company, "joe", company_credit_note(&company, "10442", "40251", "400.01"));
    char *three = company_wait(&company, "joe", company_credit_note(&company, "10442", "40251", "400.00"));
    company_at(&company, "2026-02-02T12:00:00.000Z");
    expect_done(company_approve(&company, "ana", one, 1), "posted");
    golden(company_approve(&company, "ana", two, 1), "refused", "C-08", "approver-sum");
    expect_done(company_approve(&company, "ana", three, 1), "posted"); /* 1,000.00 exactly */
    expect_done(company_approve(&company, "tom", two, 1), "posted");
    /* In one list, too: the second of two. */
    char *four = company_wait(&company, "maria", company_credit_note(&company, "16446", "581483", "500.00"));
    company_at(&company, "2026-02-09T11:59:59.999Z");
    expect_answer(company_approve(&company, "ana", four, 1), "refused", "C-08", "approver-sum");
    company_at(&company, "2026-02-09T12:00:00.000Z"); /* seven days: the first approval has left, the other not */
    expect_done(company_approve(&company, "ana", four, 1), "posted");
    free(one);
    free(two);
    free(three);
    free(four);
    company_close(&company);
}

/* Of maria's approved documents more than half by ana is flagged, more than three quarters refused, from four on. */
static void pairs_are_seen_and_stopped(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "pair");
    char *numbers[9];
    for (int i = 0; i < 9; i++) {
        char amount[32];
        snprintf(amount, sizeof amount, "20%d.00", i + 1);
        numbers[i] = company_wait(&company, "maria", company_credit_note(&company, "10442", "40251", amount));
    }
    for (int i = 0; i < 3; i++)
        expect_no_answer(company_approve(&company, "ana", numbers[i], 1), "posted", "C-09", "pair");
    expect_answer(company_approve(&company, "ana", numbers[3], 1), "refused", "C-09", "pair-refused");
    expect_no_answer(company_approve(&company, "tom", numbers[3], 1), "posted", "C-09", "pair");
    golden(company_approve(&company, "ana", numbers[4], 1), "refused", "C-09", "pair-refused"); /* 4 of 5 */
    expect_done(company_approve(&company, "tom", numbers[4], 1), "posted");
    golden(company_approve(&company, "ana", numbers[5], 1), "posted", "C-09", "pair"); /* 4 of 6 */
    expect_done(company_approve(&company, "tom", numbers[6], 1), "posted");
    expect_no_answer(company_approve(&company, "tom", numbers[7], 1), "posted", "C-09",
                     "pair"); /* 4 of 8: half is not more */
    /* What ana and maria did ten days ago is over. */
    company_at(&company, "2026-01-20T09:00:00.000Z");
    char *late = company_wait(&company, "maria", company_credit_note(&company, "10442", "40251", "211.00"));
    expect_no_answer(company_approve(&company, "ana", late, 1), "posted", "C-09", "pair");
    for (int i = 0; i < 9; i++)
        free(numbers[i]);
    free(late);
    company_close(&company);
}

/* Three quarters exactly are flagged, and not refused. */
static void three_quarters_are_not_more(void **state)
{
    static const char *const approvers[] = {"ana", "tom", "ana", "ana"};
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "pair");
    for (size_t i = 0; i < 4; i++) {
        char amount[32];
        snprintf(amount, sizeof amount, "20%zu.00", i + 1);
        char *number = company_wait(&company, "maria", company_credit_note(&company, "10442", "40251", amount));
        json_t *result = company_approve(&company, approvers[i], number, 1);
        assert_int_equal(result_has(result, "C-09", "pair"), i == 3);
        expect_done(result, "posted");
        free(number);
    }
    company_close(&company);
}

/* vera may sign level 1 for ana. */
static void vera_stands_in(struct company *company)
{
    json_t *document = company_document(company, "delegation");
    json_t *more = json_pack("{s:s, s:s, s:[s], s:s, s:s, s:s}", "from_user", "ana", "to_user", "vera", "functions",
                             "credit-note.approve.1", "from", "2026-01-05T09:00:00.000Z", "to",
                             "2026-02-04T09:00:00.000Z", "reason", "leave");
    json_object_update(document, more);
    json_decref(more);
    char *number = company_wait(company, "ana", document);
    expect_done(company_approve(company, "oscar", number, 1), "in-force");
    free(number);
}

static json_t *for_ana(struct company *company, const char *number)
{
    json_t *record = company_record(company, number);
    json_t *body = json_pack("{s:[{s:s, s:s, s:s, s:i, s:i}]}", "items", "behalf", "ana", "content",
                             member_text(record, "content"), "document", number, "level", 1, "version", 1);
    json_decref(record);
    json_t *decision = company_do(company, "vera", VERB_APPROVE, body);
    json_t *result = json_incref(json_array_get(json_object_get(decision, "results"), 0));
    json_decref(decision);
    return result;
}

/* Whoever signs for another uses up what that one may approve, and goes on being the other half of his pairs. */
static void a_delegate_adds_to_both(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    open_alone(&company, "approver");
    vera_stands_in(&company);
    char *one = company_wait(&company, "maria", company_credit_note(&company, "16446", "581483", "600.00"));
    char *two = company_wait(&company, "joe", company_credit_note(&company, "10442", "40251", "400.01"));
    char *three = company_wait(&company, "joe", company_credit_note(&company, "10442", "40251", "400.00"));
    expect_done(company_approve(&company, "ana", one, 1), "posted");
    expect_answer(for_ana(&company, two), "refused", "C-08", "approver-sum");
    expect_done(for_ana(&company, three), "posted");
    free(one);
    free(two);
    free(three);
    company_close(&company);
    open_alone(&company, "pair");
    vera_stands_in(&company);
    for (int i = 0; i < 4; i++) {
        char amount[32];
        snprintf(amount, sizeof amount, "20%d.00", i + 1);
        char *number = company_wait(&company, "maria", company_credit_note(&company, "10442", "40251", amount));
        if (i < 3)
            expect_done(company_approve(&company, "ana", number, 1), "posted");
        else
            expect_answer(for_ana(&company, number), "refused", "C-09", "pair-refused");
        free(number);
    }
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_automatic_tier_of_a_row_without_levels),
        cmocka_unit_test(the_automatic_tier_of_who_asks),
        cmocka_unit_test(a_bound_is_the_one_below),
        cmocka_unit_test(three_quarters_are_not_more),
        cmocka_unit_test(a_delegate_adds_to_both),
        cmocka_unit_test(an_invoice_adds_up_for_ever),
        cmocka_unit_test(lines_of_one_invoice_add_up),
        cmocka_unit_test(thirty_days_to_the_millisecond),
        cmocka_unit_test(a_quarter_begins_at_local_midnight),
        cmocka_unit_test(what_a_person_prepares_adds_up),
        cmocka_unit_test(strictest_sum_counts),
        cmocka_unit_test(what_ends_counts_no_more),
        cmocka_unit_test(what_is_reversed_goes_on_counting),
        cmocka_unit_test(the_list_itself_counts_in_order),
        cmocka_unit_test(later_ones_do_not_count),
        cmocka_unit_test(sums_beyond_all_bounds),
        cmocka_unit_test(totals_beyond_all_bounds),
        cmocka_unit_test(books_too_large_in_a_list),
        cmocka_unit_test(books_too_large_after_another),
        cmocka_unit_test(every_maker_is_bound),
        cmocka_unit_test(reversed_errors_may_be_left_out),
        cmocka_unit_test(returned_and_resubmitted),
        cmocka_unit_test(up_and_down_do_not_cancel),
        cmocka_unit_test(the_automatic_tier_of_a_day),
        cmocka_unit_test(the_automatic_tier_of_a_month),
        cmocka_unit_test(what_a_person_approves_adds_up),
        cmocka_unit_test(pairs_are_seen_and_stopped),
    };
    return cmocka_run_group_tests(tests, policies_write, policies_remove) != 0;
}

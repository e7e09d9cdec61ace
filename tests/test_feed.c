/*
 * CSV into the records and statements of feeds, and the arithmetic of ageing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "cli/aging.h"
#include "cli/feed_file.h"
#include "controls/feed_sort.h"
#include "ledger/instant.h"
#include "ledger/limits.h"
#include "ledger/schema.h"
#include "ledger/statement.h"

extern const struct feed_format feed_customers, feed_invoices, feed_cash;

static char path[] = "/tmp/countersign_feed_XXXXXX";

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void write_file(const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* What was read: each record in compact JSON, and each problem without the file's name. */
struct seen {
    char records[4096];
    char problems[4096];
    int64_t sum_minor;
    size_t count;
    enum status status;
};

static void note(void *context, const struct err *err)
{
    struct seen *seen = context;
    size_t used = strlen(seen->problems);
    assert_int_equal(strncmp(err->text, path, strlen(path)), 0);
    snprintf(seen->problems + used, sizeof seen->problems - used, "%s\n", err->text + strlen(path));
}

static void read_feed(const struct feed_format *format, const char *text, struct seen *seen)
{
    struct feed_reader *reader = NULL;
    struct err err;
    bool more = true;
    *seen = (struct seen){.count = 0};
    write_file(text);
    assert_int_equal(feed_reader_open(path, format, note, seen, &reader, &err), STATUS_OK);
    for (;;) {
        struct feed_record made = {.record = NULL};
        seen->status = feed_reader_next(reader, &made, &more, &err);
        if (seen->status != STATUS_OK || !more)
            break;
        char *json = json_dumps(made.record, JSON_COMPACT | JSON_SORT_KEYS);
        size_t used = strlen(seen->records);
        snprintf(seen->records + used, sizeof seen->records - used, "%s%s%s\n", json, made.name != NULL ? " " : "",
                 made.name != NULL ? made.name : "");
        assert_string_equal(made.id, member_text(made.record, feed_format_sort(format)->id));
        seen->sum_minor += made.amount_minor;
        seen->count++;
        free(json);
        feed_record_done(&made);
    }
    feed_reader_close(reader);
}

static void customers_become_records(void **state)
{
    struct seen seen;
    (void)state;
    read_feed(&feed_customers,
              "name,customer,group,currency,limit,terms_days,related\n"
              "\"Smith, Jones\",16446,G1,USD,10000,30,no\n"
              ",20001,,JPY,0,0,yes\n",
              &seen);
    assert_string_equal(seen.problems, "");
    assert_string_equal(seen.records, "{\"currency\":\"USD\",\"customer\":\"16446\",\"group\":\"G1\","
                                      "\"limit\":\"10000.00\",\"terms_days\":30} Smith, "
                                      "Jones\n"
                                      "{\"currency\":\"JPY\",\"customer\":\"20001\",\"group\":\"20001\","
                                      "\"limit\":\"0\",\"related\":true,\"terms_days\":"
                                      "0}\n");
}

static void rows_of_one_invoice_are_its_taxes(void **state)
{
    struct seen seen;
    (void)state;
    read_feed(&feed_invoices,
              "invoice,customer,date,due,currency,tax_code,net,tax\n"
              "A,C,2026-01-01,2026-01-31,USD,FULL,100.00,8.25\n"
              "A,C,2026-01-01,2026-01-31,USD,NONE,1,0\n"
              "B,C,2026-01-01,2026-01-31,USD,FULL,-10.00,-0.83\n",
              &seen);
    assert_string_equal(seen.problems, "");
    assert_string_equal(
        seen.records, "{\"customer\":\"C\",\"date\":\"2026-01-01\",\"due\":\"2026-01-31\",\"gross\":\"109.25\","
                      "\"invoice\":\"A\",\"taxes\":[{\"code\":\"FULL\",\"net\":\"100.00\",\"tax\":\"8.25\"},{\"code\":"
                      "\"NONE\",\"net\":\"1.00\",\"tax\":\"0.00\"}]}\n"
                      "{\"customer\":\"C\",\"date\":\"2026-01-01\",\"due\":\"2026-01-31\",\"gross\":\"-10.83\","
                      "\"invoice\":\"B\",\"taxes\":[{\"code\":\"FULL\",\"net\":\"-10.00\",\"tax\":\"-0.83\"}]}\n");
    assert_int_equal(seen.sum_minor, 10925 - 1083);
}

static void rows_of_one_receipt_are_what_it_was_applied_to(void **state)
{
    struct seen seen;
    (void)state;
    read_feed(&feed_cash,
              "receipt,customer,date,currency,amount,invoice,applied\n"
              "R,C,2026-01-01,USD,10.00,A,4.00\n"
              "R,C,2026-01-01,USD,10.00,B,6.00\n"
              "S,C,2026-01-01,USD,5.00,,\n",
              &seen);
    assert_string_equal(seen.problems, "");
    assert_string_equal(seen.records, "{\"amount\":\"10.00\",\"applied\":[{\"amount\":\"4.00\",\"invoice\":\"A\"},{"
                                      "\"amount\":\"6.00\",\"invoice\":"
                                      "\"B\"}],\"customer\":\"C\",\"date\":\"2026-01-01\",\"receipt\":\"R\"}\n"
                                      "{\"amount\":\"5.00\",\"applied\":[],\"customer\":\"C\",\"date\":\"2026-01-01\","
                                      "\"receipt\":\"S\"}\n");
    assert_int_equal(seen.sum_minor, 1500);
}

static void every_problem_has_its_place(void **state)
{
    static const struct {
        const struct feed_format *format;
        const char *row;
        const char *problems;
    } cases[] = {
        {&feed_customers, "c 1,,USD,1.00,0,,", ":2:1: customer \"c 1\": letters, digits and . _ : / @ -, at most 64\n"},
        {&feed_customers, ",,USD,1.00,0,,", ":2:1: customer is missing\n"},
        {&feed_customers, "C,,usd,1.00,0,,", ":2:3: currency \"usd\": three capital letters of ISO 4217\n"},
        {&feed_customers, "C,,USD,-1.00,0,,", ":2:4: limit \"-1.00\": zero or more\n"},
        {&feed_customers, "C,,USD,\"1,00\",0,,", ":2:4: limit \"1,00\": use a dot, 1.00\n"},
        {&feed_customers, "C,,USD,1.001,0,,", ":2:4: limit \"1.001\": USD has 2 decimals\n"},
        {&feed_customers, "C,,USD,1.00,-1,,", ":2:5: terms_days \"-1\": a number of days, 0 to 3650\n"},
        {&feed_customers, "C,,USD,1.00,3651,,", ":2:5: terms_days \"3651\": a number of days, 0 to 3650\n"},
        {&feed_customers, "C,,USD,1.00,0,true,", ":2:6: related \"true\": yes or no\n"},
        {&feed_customers, "C,x y,EUR,,0,,",
         ":2:2: group \"x y\": letters, digits and . _ : / @ -, at most 64\n:2:4: limit is missing\n"},
        {&feed_invoices, "A,C,2026-02-29,2026-03-01,USD,T,1.00,0.00",
         ":2:3: date \"2026-02-29\": a date is written YYYY-MM-DD\n"},
        {&feed_invoices, "A,C,2026-02-28,,USD,t,1.00,",
         ":2:4: due is missing\n:2:8: tax is missing\n:2:6: tax_code \"t\": a code of A-Z, 0-9, - and _\n"},
        {&feed_invoices, "A,C,2026-02-28,2026-02-28,USD,T,1.00,0.00\nA,D,2026-02-28,2026-02-28,USD,T,1.00,0.00",
         ":3:2: customer \"D\": the row before says C for the same invoice\n:3:6: tax_code T: stands twice "
         "in one "
         "invoice\n"},
        {&feed_invoices, "A,C,2026-02-28,2026-02-28,USD,T,92233720368547758.07,0.01",
         ":2:7: net the sum is too large\n"},
        {&feed_cash, "R,C,2026-01-01,USD,0.00,,", ":2:5: amount \"0.00\": has to be above zero\n"},
        {&feed_cash, "R,C,2026-01-01,USD,1.00,A,1.01",
         ":2:7: applied \"1.01\": more is applied than the receipt's amount\n"},
        {&feed_cash, "R,C,2026-01-01,USD,1.00,,1.00", ":2:6: invoice is missing: to which invoice was it applied?\n"},
        {&feed_cash, "R,C,2026-01-01,USD,1.00,A,", ":2:7: applied is missing\n"},
        {&feed_cash, "R,C,2026-01-01,USD,2.00,A,1.00\nR,C,2026-01-01,USD,3.00,B,1.00",
         ":3:5: amount \"3.00\": the row before says another amount for the same receipt\n"},
    };
    static const struct {
        const struct feed_format *format;
        const char *header;
    } headers[] = {
        {&feed_customers, "customer,group,currency,limit,terms_days,related,name"},
        {&feed_invoices, "invoice,customer,date,due,currency,tax_code,net,tax"},
        {&feed_cash, "receipt,customer,date,currency,amount,invoice,applied"},
    };
    struct seen seen;
    char text[1024];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t j = 0; j < sizeof headers / sizeof headers[0]; j++)
            if (headers[j].format == cases[i].format)
                snprintf(text, sizeof text, "%s\n%s\n", headers[j].header, cases[i].row);
        read_feed(cases[i].format, text, &seen);
        if (strstr(cases[i].problems, "too large") != NULL)
            assert_int_equal(strncmp(seen.problems, ":2:7: net ", 10), 0);
        else
            assert_string_equal(seen.problems, cases[i].problems);
        assert_string_equal(seen.records, "");
    }
}

/* A row that is wrong takes the rows of its record with it, and none of the others. */
static void good_records_around_a_bad_one_are_read(void **state)
{
    struct seen seen;
    (void)state;
    read_feed(&feed_invoices,
              "invoice,customer,date,due,currency,tax_code,net,tax\n"
              "A,C,2026-01-01,2026-01-31,USD,T,1.00,0.00\n"
              "B,C,2026-01-01,2026-01-31,USD,T,1.00,0.00\n"
              "B,C,2026-01-01,2026-01-31,USD,U,x,0.00\n"
              "D,C,2026-01-01,2026-01-31,USD,T,1.00,0.00\n",
              &seen);
    assert_int_equal(seen.count, 2);
    assert_non_null(strstr(seen.problems, ":4:7: net amount 'x'"));
    assert_null(strstr(seen.records, "\"B\""));
}

static void a_file_that_is_no_csv_stops_the_reading(void **state)
{
    struct seen seen;
    (void)state;
    read_feed(&feed_invoices,
              "invoice,customer,date,due,currency,tax_code,net,tax\n"
              "A,C,2026-01-01,2026-01-31,USD,T,1.00,0.00\n"
              "B,\"C,2026-01-01\n",
              &seen);
    assert_int_equal(seen.status, STATUS_INPUT);
}

/* Cuts count records of about `width` bytes; checks every body as the gate would read it. */
static void cut(int64_t count, size_t width, const int64_t *sizes, size_t parts)
{
    const struct feed_manifest manifest = {.format = &feed_invoices,
                                           .entity = "US01",
                                           .sequence = 7,
                                           .count = count,
                                           .total_minor = 123,
                                           .currency = "USD"};
    struct feed_cutter cutter;
    struct err err;
    char book[HASH_HEX_CHARS + 1] = "";
    char *padding = calloc(1, width + 1);
    memset(book, 'a', HASH_HEX_CHARS);
    int64_t part = 0, total = 0;
    memset(padding, 'x', width);
    assert_int_equal(feed_cutter_init(&cutter, &manifest, &err), STATUS_OK);
    for (int64_t i = 0; i <= count; i++) {
        json_t *body = NULL, *record = json_pack("{s:s}", "invoice", padding);
        if (i == count) {
            assert_int_equal(feed_cutter_add(&cutter, record, &body, &err), STATUS_LIMIT);
            json_decref(record);
            break;
        }
        assert_int_equal(feed_cutter_add(&cutter, record, &body, &err), STATUS_OK);
        json_decref(record);
        for (; body != NULL; body = feed_cutter_more(&cutter)) {
            const struct statement_head head = {
                .verb = VERB_FEED, .actor = "feedi", .book = book, .id = "S-1", .at_ms = 0};
            struct statement statement;
            int64_t size = (int64_t)json_array_size(json_object_get(body, "records"));
            assert_true((size_t)part < parts);
            assert_int_equal(size, sizes[part]);
            part++;
            total += size;
            assert_int_equal(json_integer_value(json_object_get(body, "part")), part);
            assert_int_equal(json_is_true(json_object_get(body, "last")), total == count);
            assert_int_equal(member_integer(json_object_get(body, "file"), "count"), count);
            assert_int_equal(member_integer(json_object_get(body, "file"), "sequence"), 7);
            assert_string_equal(member_text(json_object_get(body, "file"), "total"), "1.23");
            assert_int_equal(statement_make(&head, body, &statement, &err), STATUS_OK);
            assert_true(statement.length <= STATEMENT_BYTES_MAX);
            statement_done(&statement);
            json_decref(body);
        }
    }
    assert_int_equal(part, (int64_t)parts);
    assert_int_equal(total, count);
    feed_cutter_done(&cutter);
    free(padding);
}

static void records_are_cut_into_statements(void **state)
{
    (void)state;
    cut(1, 20, (int64_t[]){1}, 1);
    cut(999, 20, (int64_t[]){999}, 1);
    cut(1000, 20, (int64_t[]){1000}, 1);
    cut(1001, 20, (int64_t[]){1000, 1}, 2);
    cut(2000, 20, (int64_t[]){1000, 1000}, 2);
    cut(2001, 20, (int64_t[]){1000, 1000, 1}, 3);
    cut(3, 400000, (int64_t[]){2, 1}, 2);  /* by size, the last one alone */
    cut(2, 1000000, (int64_t[]){1, 1}, 2); /* both become ready at once */
    cut(5, 400000, (int64_t[]){2, 2, 1}, 3);
}

static void a_record_over_a_statement_is_refused(void **state)
{
    const struct feed_manifest manifest = {.format = &feed_customers, .entity = "US01", .sequence = 1, .count = 1};
    struct feed_cutter cutter;
    struct err err;
    json_t *body = NULL;
    char *padding = calloc(1, STATEMENT_BYTES_MAX);
    (void)state;
    memset(padding, 'x', STATEMENT_BYTES_MAX - 1);
    json_t *record = json_pack("{s:s}", "customer", padding);
    assert_int_equal(feed_cutter_init(&cutter, &manifest, &err), STATUS_OK);
    assert_int_equal(feed_cutter_add(&cutter, record, &body, &err), STATUS_LIMIT);
    assert_null(body);
    feed_cutter_done(&cutter);
    json_decref(record);
    free(padding);
}

static void an_empty_file_is_one_statement(void **state)
{
    const struct feed_manifest manifest = {.format = &feed_customers, .entity = "US01", .sequence = 3};
    struct feed_cutter cutter;
    struct err err;
    json_t *body = NULL;
    (void)state;
    assert_int_equal(feed_cutter_init(&cutter, &manifest, &err), STATUS_OK);
    assert_int_equal(feed_cutter_empty(&cutter, &body, &err), STATUS_OK);
    char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(text,
                        "{\"entity\":\"US01\",\"feed\":\"customers\",\"file\":{\"count\":0,\"sequence\":3},\"last\":"
                        "true,\"part\":1,\"records\":[]}");
    free(text);
    json_decref(body);
    feed_cutter_done(&cutter);
}

static void buckets_begin_the_day_after(void **state)
{
    static const struct {
        int32_t days;
        int bucket;
    } cases[] = {{-100000, 0}, {-1, 0}, {0, 0},  {1, 1},   {30, 1},  {31, 2},    {60, 2},
                 {61, 3},      {90, 3}, {91, 4}, {180, 4}, {181, 5}, {100000, 5}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(aging_bucket(1000000, 1000000 + cases[i].days), cases[i].bucket);
    assert_int_equal(aging_bucket(0, DATE_MAX), 5);
    assert_int_equal(aging_bucket(DATE_MAX, 0), 0);
}

static void sums_of_buckets_are_checked(void **state)
{
    struct aging aging = {.total_minor = 0};
    struct err err;
    (void)state;
    assert_int_equal(aging_add(&aging, 1, 500, &err), STATUS_OK);
    assert_int_equal(aging_add(&aging, 1, -200, &err), STATUS_OK);
    assert_int_equal(aging_add(&aging, 5, 50, &err), STATUS_OK);
    assert_int_equal(aging.minor[1], 300);
    assert_int_equal(aging.minor[5], 50);
    assert_int_equal(aging.total_minor, 350);
    assert_int_equal(aging_add(&aging, 0, INT64_MAX, &err), STATUS_LIMIT);
    assert_int_equal(aging.minor[0], 0);
    assert_int_equal(aging.total_minor, 350);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(customers_become_records),
        cmocka_unit_test(rows_of_one_invoice_are_its_taxes),
        cmocka_unit_test(rows_of_one_receipt_are_what_it_was_applied_to),
        cmocka_unit_test(every_problem_has_its_place),
        cmocka_unit_test(good_records_around_a_bad_one_are_read),
        cmocka_unit_test(a_file_that_is_no_csv_stops_the_reading),
        cmocka_unit_test(records_are_cut_into_statements),
        cmocka_unit_test(a_record_over_a_statement_is_refused),
        cmocka_unit_test(an_empty_file_is_one_statement),
        cmocka_unit_test(buckets_begin_the_day_after),
        cmocka_unit_test(sums_of_buckets_are_checked),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file) != 0;
}

/*
 * Decisions in a second against the size of the book; README.md says what is measured. Uses the company of the tests, so
 * what is timed is what is tested: the whole gate.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ledger/money.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define DAY_MS INT64_C(86400000)
#define CPU    CLOCK_PROCESS_CPUTIME_ID

enum { BATCH = 1000, EACH = 10, BATCHES = 7, SINGLES = 300, MANY = 1000, VERIFIED = 10, SIZES = 3 };

struct bench {
    struct company company;
    size_t customers, next, documents; /* fed; of which the first have documents; documents so far */
    int file_customers, file_invoices;
};

struct measured {
    size_t documents;
    double batch, single, many, verify; /* a second of the processor */
};

/* What is measured is processor time, so that others on the machine matter little. */
static double seconds(clockid_t clock)
{
    struct timespec now;
    assert_int_equal(clock_gettime(clock, &now), 0);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The next thousand customers, each with an invoice. */
static void feed(struct bench *bench)
{
    json_t *customers = json_array(), *invoices = json_array();
    char customer[32], invoice[32];
    for (size_t i = 0; i < BATCH; i++, bench->customers++) {
        snprintf(customer, sizeof customer, "C%zu", bench->customers);
        snprintf(invoice, sizeof invoice, "I%zu", bench->customers);
        json_array_append_new(customers, company_customer(customer, customer));
        json_array_append_new(invoices, company_invoice(invoice, customer, "100.00", "0.00", "100.00"));
    }
    const struct company_file first = {.user = "feedc", .feed = "customers", .sequence = ++bench->file_customers};
    const struct company_file second = {
        .user = "feedi", .feed = "invoices", .total = "100000.00", .sequence = ++bench->file_invoices};
    expect_done(company_feed(&bench->company, &first, customers), "closed");
    expect_done(company_feed(&bench->company, &second, invoices), "closed");
}

/* A correction upwards of a few cents; the amount differs from all others of the invoice. */
static json_t *document_of(struct bench *bench, size_t customer, size_t cents)
{
    char name[32], invoice[32], amount[MONEY_TEXT_MAX];
    snprintf(name, sizeof name, "C%zu", customer);
    snprintf(invoice, sizeof invoice, "I%zu", customer);
    money_format((int64_t)cents, 2, amount);
    return company_correction(&bench->company, name, invoice, amount, "up");
}

/* All have to end in the outcome. Returns how long it took. */
static double submit(struct bench *bench, const char *user, json_t *documents, const char *outcome)
{
    size_t count = json_array_size(documents);
    double begin = seconds(CPU);
    json_t *decision =
        company_do(&bench->company, user, VERB_SUBMIT, json_pack("{s:b, s:o}", "atomic", 0, "documents", documents));
    double took = seconds(CPU) - begin;
    const json_t *results = json_object_get(decision, "results");
    assert_int_equal(json_array_size(results), count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(result_outcome(json_array_get(results, i)), outcome);
    json_decref(decision);
    bench->documents += count;
    return took;
}

/* A day: a thousand documents in one statement, ten of each customer, on customers that had none before. */
static double batch(struct bench *bench)
{
    json_t *documents = json_array();
    if (bench->customers < bench->next + BATCH / EACH)
        feed(bench);
    for (size_t i = 0; i < BATCH; i++)
        json_array_append_new(documents, document_of(bench, bench->next + i / EACH, 1 + i % EACH));
    double took = submit(bench, "maria", documents, "posted");
    bench->next += BATCH / EACH;
    bench->company.now_ms += DAY_MS;
    return took;
}

static double single(struct bench *bench, const char *user, size_t customer, size_t cents, const char *outcome)
{
    return submit(bench, user, json_pack("[o]", document_of(bench, customer, cents)), outcome);
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, ascending);
    return values[count / 2];
}

/* MANY documents of today in each window of a customer that had none; they wait once their sum is high. */
static void crowd(struct bench *bench, size_t customer)
{
    json_t *documents = json_array();
    for (size_t i = 0; i < MANY; i++)
        json_array_append_new(documents, document_of(bench, customer, 1000 + i));
    json_t *decision =
        company_do(&bench->company, "joe", VERB_SUBMIT, json_pack("{s:b, s:o}", "atomic", 0, "documents", documents));
    const json_t *results = json_object_get(decision, "results");
    for (size_t i = 0; i < MANY; i++)
        assert_string_not_equal(result_outcome(json_array_get(results, i)), "refused");
    json_decref(decision);
    bench->documents += MANY;
}

static double verify_rate(void)
{
    unsigned char public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES], message[1024] = {0};
    unsigned char signature[crypto_sign_BYTES];
    double times[SINGLES];
    crypto_sign_keypair(public, secret);
    crypto_sign_detached(signature, NULL, message, sizeof message, secret);
    for (size_t i = 0; i < SINGLES; i++) {
        int good = 0;
        double begin = seconds(CPU);
        for (int k = 0; k < VERIFIED; k++)
            good += crypto_sign_verify_detached(signature, message, sizeof message, public) == 0;
        times[i] = seconds(CPU) - begin;
        assert_int_equal(good, VERIFIED);
    }
    return VERIFIED / median(times, SINGLES);
}

/* The medians of what a document takes; customers of single documents come from all over the book. */
static void measure(struct bench *bench, size_t size, struct measured *ret)
{
    double times[SINGLES];
    const size_t stride = (bench->next - SIZES) / SINGLES;
    bench->company.now_ms += 100 * DAY_MS; /* all windows of the customers are over, but for their invoice's */
    ret->documents = bench->documents;
    for (size_t i = 0; i < BATCHES; i++)
        times[i] = batch(bench);
    ret->batch = BATCH / median(times, BATCHES);
    for (size_t i = 0; i < SINGLES; i++)
        times[i] = single(bench, "maria", SIZES + stride * i, 100 + size, "posted");
    ret->single = 1 / median(times, SINGLES);
    crowd(bench, size);
    for (size_t i = 0; i < SINGLES; i++)
        times[i] = single(bench, "joe", size, 3000 + i, "waiting");
    ret->many = 1 / median(times, SINGLES);
    ret->verify = verify_rate();
}

/* A rate, its cost against that of the smallest book, its cost in verifications. */
static void column(double rate, double first, double verify)
{
    printf(" | %6.0f | %5.2f | %6.1f", rate, first / rate, verify / rate);
}

static void print(const struct measured *measured, size_t count)
{
    printf(
        "\n| documents | batch/s | x10^4 | verify | single/s | x10^4 | verify | many/s | x10^4 | verify | verify/s |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        const struct measured *one = &measured[i], *first = &measured[0];
        printf("| %zu", one->documents);
        column(one->batch, first->batch, one->verify);
        column(one->single, first->single, one->verify);
        column(one->many, first->many, one->verify);
        printf(" | %6.0f |\n", one->verify);
    }
}

static void run(void **state)
{
    size_t sizes[SIZES] = {10000, 100000, 1000000};
    static struct bench bench;
    struct measured measured[SIZES];
    const char *full = getenv("FULL");
    size_t count = full != NULL && full[0] != '\0' ? SIZES : SIZES - 1;
    double begin = seconds(CLOCK_MONOTONIC);
    (void)state;
    if (count == SIZES &&
        strtoul(full, NULL, 10) > sizes[SIZES - 2]) /* the last size, when it is more than the others */
        sizes[SIZES - 1] = strtoul(full, NULL, 10);
    bench = (struct bench){
        .file_customers = 1, .file_invoices = 1, .next = SIZES, .company = {.map_bytes = UINT64_C(1) << 35}};
    company_open(&bench.company, "tests/policies/currency.yaml");
    bench.company.unchecked = true;
    for (size_t i = 0; i < count; i++) {
        while (bench.documents < sizes[i]) {
            batch(&bench);
            if ((bench.next - SIZES) % 1000 == 0)
                fprintf(stderr, "%zu documents after %.0f s\n", bench.documents, seconds(CLOCK_MONOTONIC) - begin);
        }
        measure(&bench, i, &measured[i]);
        fprintf(stderr, "%zu documents: batch %.0f/s, single %.0f/s, many %.0f/s\n", measured[i].documents,
                measured[i].batch, measured[i].single, measured[i].many);
    }
    print(measured, count);
    company_close(&bench.company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(run)};
    if (getenv("TMPDIR") == NULL && access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 1);
    return sodium_init() < 0 || cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

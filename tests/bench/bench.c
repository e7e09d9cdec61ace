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

enum { BATCH = 1000, EACH = 10, SINGLES = 300, MANY = 1000, SIZES = 3 };

struct bench {
    struct company company;
    size_t customers, next; /* fed so far; documents so far */
    int file_customers, file_invoices;
};

struct measured {
    size_t documents;
    double batch, single, many;
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double verify_rate(void)
{
    unsigned char public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES], message[1024] = {0};
    unsigned char signature[crypto_sign_BYTES];
    int good = 0;
    crypto_sign_keypair(public, secret);
    crypto_sign_detached(signature, NULL, message, sizeof message, secret);
    double begin = seconds();
    for (int i = 0; i < 5000; i++)
        good += crypto_sign_verify_detached(signature, message, sizeof message, public) == 0;
    assert_int_equal(good, 5000);
    return 5000 / (seconds() - begin);
}

static json_t *invoice_of(size_t n)
{
    char invoice[32], customer[32];
    snprintf(invoice, sizeof invoice, "I%zu", n);
    snprintf(customer, sizeof customer, "C%zu", n);
    return company_invoice(invoice, customer, "100.00", "0.00", "100.00");
}

/* The next thousand customers, each with an invoice. */
static void feed(struct bench *bench)
{
    json_t *customers = json_array(), *invoices = json_array();
    for (size_t i = 0; i < BATCH; i++) {
        char customer[32];
        snprintf(customer, sizeof customer, "C%zu", bench->customers + i);
        json_array_append_new(customers, company_customer(customer, customer));
        json_array_append_new(invoices, invoice_of(bench->customers + i));
    }
    const struct company_file first = {.user = "feedc", .feed = "customers", .sequence = ++bench->file_customers};
    const struct company_file second = {
        .user = "feedi", .feed = "invoices", .total = "100000.00", .sequence = ++bench->file_invoices};
    expect_done(company_feed(&bench->company, &first, customers), "closed");
    expect_done(company_feed(&bench->company, &second, invoices), "closed");
    bench->customers += BATCH;
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

/* A day: a thousand documents in one statement. */
static void batch(struct bench *bench)
{
    json_t *documents = json_array();
    for (size_t i = 0; i < BATCH; i++, bench->next++)
        json_array_append_new(documents, document_of(bench, 1 + bench->next / EACH, 1 + bench->next % EACH));
    json_t *decision =
        company_do(&bench->company, "maria", VERB_SUBMIT, json_pack("{s:b, s:o}", "atomic", 0, "documents", documents));
    const json_t *last = json_array_get(json_object_get(decision, "results"), BATCH - 1);
    assert_string_equal(result_outcome(last), "posted");
    json_decref(decision);
}

/* Customer 0 gets documents until its windows hold MANY of them, all submitted today. */
static void crowd(struct bench *bench, size_t *cents)
{
    for (size_t done = 0; done < MANY; done += BATCH) {
        json_t *documents = json_array();
        for (size_t i = 0; i < BATCH; i++)
            json_array_append_new(documents, document_of(bench, 0, ++*cents));
        json_decref(company_do(&bench->company, "joe", VERB_SUBMIT,
                               json_pack("{s:b, s:o}", "atomic", 0, "documents", documents)));
    }
}

static void measure(struct bench *bench, struct measured *ret)
{
    size_t cents = 0;
    bench->company.now_ms +=
        100 * DAY_MS; /* another quarter: what customer 0 had before is over, but for its invoice */
    double begin = seconds();
    batch(bench);
    ret->batch = BATCH / (seconds() - begin);
    begin = seconds();
    for (size_t i = 0; i < SINGLES; i++)
        json_decref(company_submit(&bench->company, "maria", document_of(bench, 1 + i, 100 + bench->next % 1000)));
    ret->single = SINGLES / (seconds() - begin);
    cents = bench->next;
    crowd(bench, &cents);
    begin = seconds();
    for (size_t i = 0; i < SINGLES; i++)
        json_decref(company_submit(&bench->company, "joe", document_of(bench, 0, ++cents)));
    ret->many = SINGLES / (seconds() - begin);
    ret->documents = bench->next;
}

static void print(const struct measured *measured, size_t count, double verify)
{
    printf("\n%12s %22s %22s %22s\n", "documents", "batch/s   x10^4 /verify", "single/s   x10^4 /verify",
           "many/s   x10^4 /verify");
    for (size_t i = 0; i < count; i++) {
        const struct measured *one = &measured[i], *first = &measured[0];
        printf("%12zu %9.0f %6.2f %6.1f %9.0f %6.2f %6.1f %9.0f %6.2f %6.1f\n", one->documents, one->batch,
               first->batch / one->batch, verify / one->batch, one->single, first->single / one->single,
               verify / one->single, one->many, first->many / one->many, verify / one->many);
    }
    printf("\n%.0f Ed25519 verifications a second; x10^4: cost against the smallest book; /verify: cost in "
           "verifications\n",
           verify);
}

static void run(void **state)
{
    static const size_t sizes[SIZES] = {10000, 100000, 1000000};
    static struct bench bench;
    struct measured measured[SIZES];
    size_t count = getenv("FULL") != NULL && getenv("FULL")[0] != '\0' ? SIZES : SIZES - 1;
    double begin = seconds();
    (void)state;
    bench = (struct bench){.file_customers = 1, .file_invoices = 1, .company = {.map_bytes = UINT64_C(1) << 35}};
    company_open(&bench.company, "tests/policies/currency.yaml");
    bench.company.unchecked = true;
    for (size_t i = 0; i < count; i++) {
        while (bench.next < sizes[i]) {
            if (bench.customers <= 1 + (bench.next + 2 * BATCH) / EACH)
                feed(&bench);
            batch(&bench);
            bench.company.now_ms += DAY_MS;
            if (bench.next % 10000 == 0)
                fprintf(stderr, "%zu documents after %.0f s\n", bench.next, seconds() - begin);
        }
        measure(&bench, &measured[i]);
        fprintf(stderr, "%zu documents: batch %.0f/s, single %.0f/s, many %.0f/s\n", measured[i].documents,
                measured[i].batch, measured[i].single, measured[i].many);
    }
    print(measured, count, verify_rate());
    company_close(&bench.company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(run)};
    if (getenv("TMPDIR") == NULL && access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 1);
    return sodium_init() < 0 || cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

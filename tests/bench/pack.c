/*
 * What it costs to pack a bundle, of a whole book and of parts of it, as the book grows; README.md says what is measured. The
 * book is made by the company of the tests through the whole gate, one document a statement.
 *
 *   FULL=1 pack      also with a million entries (or FULL=300000)
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

#include "audit/pack.h"
#include "controls/issue.h"
#include "ledger/checkpoint.h"
#include "ledger/instant.h"
#include "ledger/journal.h"
#include "ledger/money.h"
#include "tests/support/company.h"
#include "tests/support/folder.h"
#include "tests/support/golden.h"

enum { FED = 1000, DAY = 500, SAMPLE = 60, SIZES = 3, KIB = 1024, NUMBER_BYTES = 24 };

struct bench {
    struct company company;
    size_t entries, customers;
    int file_customers, file_invoices;
    long own_kib; /* the most that was seen */
};

static double seconds(clockid_t clock)
{
    struct timespec at;
    assert_int_equal(clock_gettime(clock, &at), 0);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void feed(struct bench *bench)
{
    json_t *customers = json_array(), *invoices = json_array();
    char customer[32], invoice[32];
    for (size_t i = 0; i < FED; i++, bench->customers++) {
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
    bench->entries += 2;
}

/* One correction, signed by itself, of another customer each time. */
static void post(struct bench *bench)
{
    char name[32], invoice[32], amount[MONEY_TEXT_MAX];
    size_t turn = bench->entries / FED, customer = bench->entries % FED + turn % (bench->customers / FED) * FED;
    snprintf(name, sizeof name, "C%zu", customer);
    snprintf(invoice, sizeof invoice, "I%zu", customer);
    money_format((int64_t)(1 + turn), 2, amount);
    json_t *document = company_correction(&bench->company, name, invoice, amount, "up");
    expect_done(company_submit(&bench->company, "maria", document), "posted");
    if (++bench->entries % DAY == 0)
        bench->company.now_ms += INT64_C(86400000);
}

static void grow(struct bench *bench, size_t entries)
{
    double begin = seconds(CLOCK_MONOTONIC);
    bench->entries = company_head(&bench->company).size;
    while (bench->customers < entries / 50) /* fifty documents a customer, at most */
        feed(bench);
    while (bench->entries < entries) {
        post(bench);
        if (bench->entries % 20000 == 0)
            fprintf(stderr, "%zu entries after %.0f s\n", bench->entries, seconds(CLOCK_MONOTONIC) - begin);
    }
}

/* ---------------------------------------------------------------- packing */

static long status_kib(const char *name)
{
    char line[256];
    long kib = 0;
    FILE *file = fopen("/proc/self/status", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            kib = strtol(line + strlen(name), NULL, 10);
    if (file != NULL)
        (void)fclose(file);
    return kib;
}

static enum status look_at_memory(void *context, const char *what, uint64_t done, uint64_t total, struct err *err)
{
    struct bench *bench = context;
    long own = status_kib("RssAnon:");
    (void)what, (void)done, (void)total, (void)err;
    bench->own_kib = own > bench->own_kib ? own : bench->own_kib;
    return STATUS_OK;
}

/* What the process had before is taken off. */
static void measure(struct bench *bench, const char *what, const struct pack_scope *scope)
{
    const struct pack_maker maker = {.at_ms = bench->company.now_ms,
                                     .by = "audrey",
                                     .exe = "0000000000000000",
                                     .release = "bench",
                                     .signer = &company_user(&bench->company, "audrey")->signer};
    struct folder folder;
    struct pack_result result;
    struct err err = {.text = ""};
    folder_make(&folder);
    char *to = folder_path(&folder, "bundle");
    const struct pack_request request = {.journal = gate_books(bench->company.gate)->journal,
                                         .to = to,
                                         .scope = scope,
                                         .maker = &maker,
                                         .step = look_at_memory,
                                         .context = bench};
    long before = status_kib("RssAnon:");
    bench->own_kib = before;
    double begin = seconds(CLOCK_MONOTONIC), worked = seconds(CLOCK_PROCESS_CPUTIME_ID);
    if (pack_bundle(&request, &result, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    double took = seconds(CLOCK_MONOTONIC) - begin;
    worked = seconds(CLOCK_PROCESS_CPUTIME_ID) - worked;
    printf("| %llu | %s | %llu | %.2f | %.2f | %.1f | %.1f |\n", (unsigned long long)result.checkpoint.size, what,
           (unsigned long long)result.entries, took, worked, (double)result.bytes / KIB / KIB,
           (double)(bench->own_kib - before) / KIB);
    (void)fflush(stdout);
    free(to);
    folder_remove(&folder);
}

static void measure_all(struct bench *bench)
{
    static char numbers[SAMPLE][NUMBER_BYTES];
    const char *drawn[SAMPLE];
    struct checkpoint checkpoint;
    struct err err = {.text = ""};
    char note[CHECKPOINT_NOTE_MAX];
    const struct signer *custodian = &company_user(&bench->company, "book-key")->signer;
    if (issue_checkpoint(bench->company.gate, custodian, &checkpoint, note, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < SAMPLE; i++) {
        snprintf(numbers[i], sizeof numbers[i], "IC-%zu", 1 + i * (bench->entries - 100) / SAMPLE);
        drawn[i] = numbers[i];
    }
    int32_t today = date_from_instant(bench->company.now_ms, 0);
    const struct pack_scope whole = {.sort = PACK_BOOK};
    const struct pack_scope since = {.sort = PACK_EXTENSION, .after_size = bench->entries - 1000};
    const struct pack_scope days = {.sort = PACK_PERIOD, .from = today - 4, .to = today};
    const struct pack_scope sample = {.sort = PACK_SAMPLE, .documents = drawn, .document_count = SAMPLE};
    measure(bench, "the whole book", &whole);
    measure(bench, "the last 1,000 entries", &since);
    measure(bench, "five days", &days);
    measure(bench, "a sample of 60", &sample);
}

static void run(void **state)
{
    size_t sizes[SIZES] = {10000, 100000, 1000000};
    static struct bench bench;
    const char *full = getenv("FULL");
    size_t count = full != NULL && full[0] != '\0' ? SIZES : SIZES - 1;
    (void)state;
    if (count == SIZES && strtoul(full, NULL, 10) > sizes[SIZES - 2])
        sizes[SIZES - 1] = strtoul(full, NULL, 10);
    bench = (struct bench){.file_customers = 1, .file_invoices = 1, .company = {.map_bytes = UINT64_C(1) << 35}};
    company_open(&bench.company, "tests/policies/currency.yaml");
    bench.company.unchecked = true;
    printf("\n| book | bundle | entries | s | processor s | MiB | own MiB |\n|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        grow(&bench, sizes[i]);
        measure_all(&bench);
    }
    company_close(&bench.company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(run)};
    if (getenv("TMPDIR") == NULL && access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 1);
    return sodium_init() < 0 || cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

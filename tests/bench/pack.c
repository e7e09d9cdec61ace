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

#include "audit/bundle/pack.h"
#include "controls/issue.h"
#include "ledger/checkpoint.h"
#include "ledger/instant.h"
#include "ledger/journal.h"
#include "tests/support/folder.h"
#include "tests/support/grown_book.h"

enum { SAMPLE = 60, SIZES = 3, KIB = 1024, NUMBER_BYTES = 24 };

struct bench {
    struct grown_book book;
    long own_kib; /* the most that was seen */
};

static double seconds(clockid_t clock)
{
    struct timespec at;
    assert_int_equal(clock_gettime(clock, &at), 0);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

/* ---------------------------------------------------------------- packing */

static enum status look_at_memory(void *context, const char *what, uint64_t done, uint64_t total, struct err *err)
{
    struct bench *bench = context;
    long own = grown_book_memory_kib("RssAnon:");
    (void)what, (void)done, (void)total, (void)err;
    bench->own_kib = own > bench->own_kib ? own : bench->own_kib;
    return STATUS_OK;
}

/* What the process had before is taken off. */
static void measure(struct bench *bench, const char *what, const struct pack_scope *scope)
{
    const struct pack_maker maker = {.at_ms = bench->book.company.now_ms,
                                     .by = "audrey",
                                     .exe = "0000000000000000",
                                     .release = "bench",
                                     .signer = &company_user(&bench->book.company, "audrey")->signer};
    struct folder folder;
    struct pack_result result;
    struct err err = {.text = ""};
    folder_make(&folder);
    char *to = folder_path(&folder, "bundle");
    const struct pack_request request = {.journal = gate_books(bench->book.company.gate)->journal,
                                         .to = to,
                                         .scope = scope,
                                         .maker = &maker,
                                         .step = look_at_memory,
                                         .context = bench};
    long before = grown_book_memory_kib("RssAnon:");
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
    const struct signer *custodian = &company_user(&bench->book.company, "book-key")->signer;
    if (issue_checkpoint(bench->book.company.gate, custodian, &checkpoint, note, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < SAMPLE; i++) {
        snprintf(numbers[i], sizeof numbers[i], "IC-%zu", 1 + i * (bench->book.entries - 100) / SAMPLE);
        drawn[i] = numbers[i];
    }
    int32_t today = date_from_instant(bench->book.company.now_ms, 0);
    const struct pack_scope whole = {.sort = PACK_BOOK};
    const struct pack_scope since = {.sort = PACK_EXTENSION, .after_size = bench->book.entries - 1000};
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
    bench = (struct bench){.own_kib = 0};
    grown_book_open(&bench.book);
    printf("\n| book | bundle | entries | s | processor s | MiB | own MiB |\n|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        grown_book_to(&bench.book, sizes[i]);
        measure_all(&bench);
    }
    company_close(&bench.book.company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(run)};
    if (getenv("TMPDIR") == NULL && access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 1);
    return sodium_init() < 0 || cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

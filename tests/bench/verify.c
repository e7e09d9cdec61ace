/*
 * What it costs to verify a book, against what the same processors take to check as many signatures in the same run;
 * README.md says what is measured. The book is made by the company of the tests through the whole gate, one document a
 * statement, so that an entry is what a specialist's is.
 *
 *   FULL=1 verify      also with a million entries (or FULL=300000), not from a bundle
 *   SMALL=10000 verify a book of so many, and no larger one
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "audit/bundle/pack.h"
#include "audit/prove.h"
#include "audit/scratch.h"
#include "audit/verify/verify.h"
#include "controls/issue.h"
#include "ledger/checkpoint.h"
#include "ledger/journal.h"
#include "ledger/receipt.h"
#include "tests/support/grown_book.h"

enum {
    THREADS_MAX = 64, /* processors */
    RAW = 8000,       /* signatures that each thread checks */
    RAW_BYTES = 600,  /* of a message, as an entry has */
    PROOFS = 1000,
    SIZES = 3,
    BUNDLE_MAX = 100000, /* entries of a book that is verified from a bundle, six times */
    NEW = 1000,          /* entries that come after a bundle was verified */
    KIB = 1024
};

struct bench {
    struct grown_book book;
    unsigned threads;
    const char *bundle, *state; /* what is verified instead of the book, and what goes on from where; may be NULL */
};

/* In memory that the verifying process shares. */
struct measured {
    double seconds;
    long own_kib, resident_kib; /* the most that was seen */
    struct verify_result result;
    enum status status;
    struct err err;
};

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

/* ---------------------------------------------------------------- the machine */

struct raw {
    unsigned char public[crypto_sign_PUBLICKEYBYTES], signature[crypto_sign_BYTES], message[RAW_BYTES];
};

static void *raw_check(void *context)
{
    const struct raw *raw = context;
    size_t good = 0;
    for (size_t i = 0; i < RAW; i++)
        good += crypto_sign_verify_detached(raw->signature, raw->message, sizeof raw->message, raw->public) == 0;
    return good == RAW ? context : NULL;
}

/* Signatures a second, on as many threads as verification has. */
static double raw_rate(const struct bench *bench)
{
    struct raw raw = {.message = {0}};
    unsigned char secret[crypto_sign_SECRETKEYBYTES];
    pthread_t threads[THREADS_MAX];
    crypto_sign_keypair(raw.public, secret);
    crypto_sign_detached(raw.signature, NULL, raw.message, sizeof raw.message, secret);
    double begin = grown_book_now();
    for (unsigned i = 0; i < bench->threads; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, raw_check, &raw), 0);
    for (unsigned i = 0; i < bench->threads; i++) {
        void *good = NULL;
        assert_int_equal(pthread_join(threads[i], &good), 0);
        assert_non_null(good);
    }
    return RAW * (double)bench->threads / (grown_book_now() - begin);
}

/* ---------------------------------------------------------------- verification, in a process of its own */

static void look_at_memory(void *context, const struct verify_position *position)
{
    struct measured *measured = context;
    long own = grown_book_memory_kib("RssAnon:"), resident = grown_book_memory_kib("VmRSS:");
    (void)position;
    measured->own_kib = own > measured->own_kib ? own : measured->own_kib;
    measured->resident_kib = resident > measured->resident_kib ? resident : measured->resident_kib;
}

static void verify_here(const struct bench *bench, bool fast, struct measured *measured)
{
    struct path scratch;
    struct err err;
    must(scratch_make(NULL, &scratch, &err), &err);
    const struct verify_options options = {.book_dir = bench->book.company.book,
                                           .bundle_dir = bench->bundle,
                                           .state_dir = bench->state,
                                           .fast = fast,
                                           .threads = bench->threads,
                                           .scratch_dir = scratch.text,
                                           .progress = look_at_memory,
                                           .context = measured};
    double begin = grown_book_now();
    measured->status = bench->bundle != NULL ? verify_bundle(&options, &measured->result, &measured->err)
                                             : verify_book(&options, &measured->result, &measured->err);
    measured->seconds = grown_book_now() - begin;
    scratch_remove(&scratch);
}

static struct measured verify_apart(struct bench *bench, bool fast)
{
    int how = 0;
    struct measured *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(shared != MAP_FAILED);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        verify_here(bench, fast, shared);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &how, 0), pid);
    assert_int_equal(how, 0);
    struct measured measured = *shared;
    munmap(shared, sizeof *shared);
    must(measured.status, &measured.err);
    assert_int_equal(measured.result.finding_count, 0);
    return measured;
}

/* The machine's rate is taken before and after; others who work on it move both. */
static void measure(struct bench *bench, const char *what, bool fast)
{
    double raw = raw_rate(bench);
    struct measured measured = verify_apart(bench, fast);
    raw = (raw + raw_rate(bench)) / 2;
    double rate = (double)measured.result.signatures / measured.seconds;
    printf("| %llu | %s | %.2f | %.0f | %.0f | %.2f | %.1f | %.1f |\n", (unsigned long long)measured.result.entries,
           what, measured.seconds, rate, raw, rate / raw, (double)measured.own_kib / KIB,
           (double)measured.resident_kib / KIB);
    (void)fflush(stdout);
}

static void measure_book(struct bench *bench)
{
    printf("\n| entries | verification | s | signatures/s | Ed25519/s | ratio | own MiB | resident MiB |\n"
           "|---|---|---|---|---|---|---|---|\n");
    gate_close(bench->book.company.gate); /* the process that verifies opens the book itself */
    bench->book.company.gate = NULL;
    measure(bench, "bytes, chain, tree, signatures", true);
    measure(bench, "and every decision again", false);
    company_reopen(&bench->book.company);
}

/* ---------------------------------------------------------------- bundles */

/* A checkpoint of all there is, and the book or what came after `after` packed on it. The gate is open before and after. */
static void pack(struct bench *bench, uint64_t after, const char *to)
{
    char note[CHECKPOINT_NOTE_MAX];
    struct checkpoint checkpoint;
    struct pack_result result;
    struct err err;
    const struct signer *custodian = &company_user(&bench->book.company, "book-key")->signer;
    const struct pack_scope scope = {.sort = after > 0 ? PACK_EXTENSION : PACK_BOOK, .after_size = after};
    const struct pack_maker maker = {.at_ms = bench->book.company.now_ms,
                                     .by = "maria",
                                     .exe = "0000000000000000",
                                     .release = "bench",
                                     .signer = &company_user(&bench->book.company, "maria")->signer};
    const struct pack_request request = {
        .journal = gate_books(bench->book.company.gate)->journal, .to = to, .scope = &scope, .maker = &maker};
    must(issue_checkpoint(bench->book.company.gate, custodian, &checkpoint, note, &err), &err);
    must(pack_bundle(&request, &result, &err), &err);
}

static int system_in(const struct path *folder, const char *command)
{
    char line[PATH_BYTES_MAX + 256];
    snprintf(line, sizeof line, "cd '%s' && %s", folder->text, command);
    return system(line);
}

static void measure_one(struct bench *bench, const char *what, const char *bundle, const char *state)
{
    bench->bundle = bundle;
    bench->state = state;
    struct measured measured = verify_apart(bench, false);
    bench->bundle = bench->state = NULL;
    printf("| %llu | %s | %.2f | %.1f | %.1f |\n", (unsigned long long)measured.result.entries, what, measured.seconds,
           (double)measured.own_kib / KIB, (double)measured.resident_kib / KIB);
    (void)fflush(stdout);
}

/* Today's book against yesterday's: all of it again, or only what is new. */
static void measure_bundles(struct bench *bench)
{
    struct path folder, yesterday, today, since, state, again;
    struct err err;
    must(scratch_make(NULL, &folder, &err), &err);
    must(path_set(&yesterday, &err, "%s/yesterday", folder.text), &err);
    must(path_set(&today, &err, "%s/today", folder.text), &err);
    must(path_set(&since, &err, "%s/since", folder.text), &err);
    must(path_set(&state, &err, "%s/state", folder.text), &err);
    must(path_set(&again, &err, "%s/again", folder.text), &err);
    uint64_t before = bench->book.entries;
    printf("\n| entries | verification | s | own MiB | resident MiB |\n|---|---|---|---|---|\n");
    pack(bench, 0, yesterday.text);
    grown_book_to(&bench->book, bench->book.entries + NEW);
    pack(bench, 0, today.text);
    pack(bench, before, since.text);
    gate_close(bench->book.company.gate);
    bench->book.company.gate = NULL;
    measure_one(bench, "a bundle of the book", yesterday.text, NULL);
    measure_one(bench, "and a state is kept", yesterday.text, state.text);
    assert_int_equal(system_in(&folder, "cp -a state again"), 0);
    measure_one(bench, "a thousand entries more, all verified again", today.text, NULL);
    measure_one(bench, "from the state on, a bundle of the book", today.text, state.text);
    measure_one(bench, "from the state on, a bundle of what is new", since.text, again.text);
    company_reopen(&bench->book.company);
    assert_int_equal(system_in(&folder, "rm -rf yesterday today since state again"), 0);
    scratch_remove(&folder);
}

/* ---------------------------------------------------------------- proofs */

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The receipts of entries from all over the book, made and checked again. */
static void measure_proofs(struct bench *bench)
{
    static double made[PROOFS], checked[PROOFS];
    char note[CHECKPOINT_NOTE_MAX];
    struct checkpoint checkpoint;
    struct err err;
    const struct signer *custodian = &company_user(&bench->book.company, "book-key")->signer;
    must(issue_checkpoint(bench->book.company.gate, custodian, &checkpoint, note, &err), &err);
    struct journal *journal = gate_books(bench->book.company.gate)->journal;
    for (size_t i = 0; i < PROOFS; i++) {
        struct journal_snapshot *snapshot = NULL;
        struct receipt receipt;
        struct hash leaf;
        char *text = NULL;
        size_t length = 0;
        uint64_t seq = checkpoint.head.size / PROOFS * i, size = 0;
        double begin = grown_book_now();
        must(prove_entry(journal, seq, &text, &length, &size, &err), &err);
        made[i] = grown_book_now() - begin;
        must(journal_read_begin(journal, &snapshot, &err), &err);
        must(journal_node(snapshot, 0, seq, &leaf, &err), &err);
        journal_read_end(snapshot);
        begin = grown_book_now();
        must(receipt_parse(text, length, &receipt, &err), &err);
        must(tree_verify_inclusion(&checkpoint.head, seq, &leaf, &receipt.proof, &err), &err);
        checked[i] = grown_book_now() - begin;
        free(text);
    }
    qsort(made, PROOFS, sizeof *made, ascending);
    qsort(checked, PROOFS, sizeof *checked, ascending);
    printf("\n| entries | | |\n|---|---|---|\n| %llu | receipt made: p50 %.0f us, p99 %.0f us | checked: p50 %.0f us, "
           "p99 %.0f us |\n",
           (unsigned long long)checkpoint.head.size, made[PROOFS / 2] * 1e6, made[PROOFS - PROOFS / 100] * 1e6,
           checked[PROOFS / 2] * 1e6, checked[PROOFS - PROOFS / 100] * 1e6);
}

static void run(void **state)
{
    size_t sizes[SIZES] = {10000, 100000, 1000000};
    static struct bench bench;
    const char *full = getenv("FULL");
    size_t count = full != NULL && full[0] != '\0' ? SIZES : SIZES - 1;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    (void)state;
    const char *small = getenv("SMALL"); /* one book of so many entries */
    if (small != NULL && small[0] != '\0') {
        sizes[0] = strtoul(small, NULL, 10);
        count = 1;
    }
    if (count == SIZES && strtoul(full, NULL, 10) > sizes[SIZES - 2])
        sizes[SIZES - 1] = strtoul(full, NULL, 10);
    bench = (struct bench){.threads = processors < 1             ? 1
                                      : processors > THREADS_MAX ? THREADS_MAX
                                                                 : (unsigned)processors};
    grown_book_open(&bench.book);
    printf("\n%u threads\n", bench.threads);
    for (size_t i = 0; i < count; i++) {
        grown_book_to(&bench.book, sizes[i]);
        measure_book(&bench);
        if (sizes[i] <= BUNDLE_MAX)
            measure_bundles(&bench);
        measure_proofs(&bench);
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

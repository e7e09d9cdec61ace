/*
 * Verifies a book of the bench, and says what as many signature checks with nothing round them took right before and after.
 *
 *   verify fast|full|unsigned DIR [THREADS]   bytes, chain, tree and signatures; every decision again too; all but the signatures
 *   verify prepare DIR                        packs DIR's book, verifies that bundle, keeps the state, lets a thousand entries in
 *                                             and packs what is new
 *   verify since DIR SCRATCH                  verifies what is new from that state on
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/bundle/pack.h"
#include "audit/scratch.h"
#include "audit/verify/verify.h"
#include "controls/issue.h"
#include "ledger/checkpoint.h"
#include "tests/bench/shared/made_book.h"
#include "tests/bench/shared/measure.h"

enum { RAW = 4000, NEW = 1000 };

static bool signatures_pass; /* for `unsigned`: what is left of verification without Ed25519 */

/* The linker puts it in the place of libsodium's, here alone (Makefile). */
int __real_crypto_sign_verify_detached(const unsigned char *signature, const unsigned char *message,
                                       unsigned long long length, const unsigned char *key);
int __wrap_crypto_sign_verify_detached(const unsigned char *signature, const unsigned char *message,
                                       unsigned long long length, const unsigned char *key);
int __wrap_crypto_sign_verify_detached(const unsigned char *signature, const unsigned char *message,
                                       unsigned long long length, const unsigned char *key)
{
    return signatures_pass ? 0 : __real_crypto_sign_verify_detached(signature, message, length, key);
}

struct memory {
    long own_kib, resident_kib; /* the most that was seen */
};

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

static void look_at_memory(void *context, const struct verify_position *position)
{
    struct memory *memory = context;
    long own = memory_kib("RssAnon:"), resident = memory_kib("VmRSS:");
    (void)position;
    memory->own_kib = own > memory->own_kib ? own : memory->own_kib;
    memory->resident_kib = resident > memory->resident_kib ? resident : memory->resident_kib;
}

static void say(void *context, const struct finding *finding)
{
    (void)context;
    fprintf(stderr, "finding: %s\n", finding->text);
}

static double verify(struct verify_options *options, struct memory *memory, struct verify_result *ret_result)
{
    struct path scratch;
    struct err err;
    must(scratch_make(NULL, &scratch, &err), &err);
    options->scratch_dir = scratch.text;
    options->progress = look_at_memory;
    options->context = memory;
    options->report = say;
    double begin = seconds_now();
    must(options->bundle_dir != NULL ? verify_bundle(options, ret_result, &err)
                                     : verify_book(options, ret_result, &err),
         &err);
    double took = seconds_now() - begin;
    scratch_remove(&scratch);
    if (ret_result->finding_count != 0)
        fail_msg("%llu findings in a book that has none", (unsigned long long)ret_result->finding_count);
    return took;
}

/* The rate of bare checks is the mean of before and after, since others who work on the machine move it. */
static void measure(struct verify_options *options, json_t *line)
{
    struct memory memory = {0};
    struct verify_result result;
    double raw = raw_verify_rate(options->threads, RAW);
    double took = verify(options, &memory, &result);
    raw = (raw + raw_verify_rate(options->threads, RAW)) / 2;
    tell(line, "count", (double)result.entries);
    tell(line, "documents", (double)result.documents);
    tell(line, "seconds", took);
    tell(line, "signature_rate", (double)result.signatures / took);
    tell(line, "raw_rate", raw);
    tell(line, "own_kib", (double)memory.own_kib);
    tell(line, "resident_kib", (double)memory.resident_kib);
}

/* ---------------------------------------------------------------- from where the last verification stopped */

/* A checkpoint of all there is, and the book, or what came after `after`, packed on it. */
static void pack(struct made_book *book, uint64_t after, const char *name)
{
    char note[CHECKPOINT_NOTE_MAX], to[COMPANY_COPY_BYTES];
    struct checkpoint checkpoint;
    struct pack_result result;
    struct err err;
    const struct signer *custodian = &company_user(&book->company, "book-key")->signer;
    const struct pack_scope scope = {.sort = after > 0 ? PACK_EXTENSION : PACK_BOOK, .after_size = after};
    const struct pack_maker maker = {.at_ms = book->company.now_ms,
                                     .by = "maria",
                                     .exe = "0000000000000000",
                                     .release = "bench",
                                     .signer = &company_user(&book->company, "maria")->signer};
    const struct pack_request request = {
        .journal = gate_books(book->company.gate)->journal, .to = to, .scope = &scope, .maker = &maker};
    snprintf(to, sizeof to, "%s/%s", book->company.dir, name);
    must(issue_checkpoint(book->company.gate, custodian, &checkpoint, note, &err), &err);
    must(pack_bundle(&request, &result, &err), &err);
}

static void prepare_since(const char *dir, json_t *line)
{
    static struct made_book book;
    struct memory memory = {0};
    struct verify_result result;
    char bundle[COMPANY_COPY_BYTES], state[COMPANY_COPY_BYTES];
    made_book_open(&book, dir);
    pack(&book, 0, "yesterday");
    uint64_t before = company_head(&book.company).size;
    made_book_rest(&book);
    snprintf(bundle, sizeof bundle, "%s/yesterday", dir);
    snprintf(state, sizeof state, "%s/state", dir);
    struct verify_options options = {.bundle_dir = bundle, .state_dir = state, .threads = processors()};
    tell(line, "seconds", verify(&options, &memory, &result));
    tell(line, "count", (double)before);
    company_reopen(&book.company);
    made_book_singles(&book, before + NEW);
    pack(&book, before, "since");
    made_book_close(&book);
}

/* A state is written to, so each time a copy. Five milliseconds are left out: what it may take whatever is new. */
static void verify_since(const char *dir, const char *scratch, json_t *line)
{
    char bundle[COMPANY_COPY_BYTES], state[COMPANY_COPY_BYTES], command[4 * COMPANY_COPY_BYTES];
    snprintf(bundle, sizeof bundle, "%s/since", dir);
    snprintf(state, sizeof state, "%s/state-again", scratch);
    snprintf(command, sizeof command, "rm -rf '%s' && cp -a '%s/state' '%s'", state, dir, state);
    if (system(command) != 0)
        fail_msg("the state cannot be copied: is the disk full?");
    struct verify_options options = {.bundle_dir = bundle, .state_dir = state, .threads = processors()};
    measure(&options, line);
    double took = json_number_value(json_object_get(line, "seconds"));
    tell(line, "count", NEW);
    tell(line, "seconds_less_5ms", took > 0.005 ? took - 0.005 : 0);
    tell(line, "raw_seconds", NEW / json_number_value(json_object_get(line, "raw_rate")));
}

static void work(int argc, char **argv, json_t *line)
{
    char book[COMPANY_COPY_BYTES];
    if (argc < 3)
        bench_usage("usage: verify fast|full|unsigned DIR [THREADS]; verify prepare DIR; verify since DIR SCRATCH");
    if (strcmp(argv[1], "prepare") == 0) {
        prepare_since(argv[2], line);
        return;
    }
    if (strcmp(argv[1], "since") == 0) {
        verify_since(argv[2], argc > 3 ? argv[3] : argv[2], line);
        return;
    }
    snprintf(book, sizeof book, "%s/book", argv[2]);
    struct verify_options options = {.book_dir = book,
                                     .fast = strcmp(argv[1], "full") != 0,
                                     .threads = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : processors()};
    if (options.threads < 1 || options.threads > THREADS_MAX)
        bench_usage("verify: 1 to 64 threads");
    struct memory memory = {0};
    struct verify_result result;
    signatures_pass = strcmp(argv[1], "unsigned") == 0;
    if (!signatures_pass) {
        measure(&options, line);
        return;
    }
    tell(line, "seconds", verify(&options, &memory, &result));
    tell(line, "count", (double)result.entries);
}

int main(int argc, char **argv)
{
    return bench_run(work, argc, argv);
}

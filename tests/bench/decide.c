/*
 * What the gate takes over statements, on a book of the bench that is written to. Between the statements nothing is measured:
 * there they are made and signed, and where SYNCS=1 is in the environment as many bytes as an entry has are written to the same
 * file system and synced, once for each.
 *
 *   decide single DIR COUNT      statements of one document, on customers from all over the book whose windows are nearly empty
 *   decide many DIR COUNT        the same on a customer who has a thousand documents in each window
 *   decide list DIR COUNT EACH   statements of EACH documents, ten of each new customer
 *   decide approve DIR COUNT     approvals of one document each
 *   decide stream DIR COUNT      statements of one document that come by themselves, let in by group, checked beside it
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/schema.h"
#include "tests/bench/shared/made_book.h"
#include "tests/bench/shared/measure.h"
#include "tests/support/golden.h"

enum {
    QUIET_DAYS = 100, /* as long as no window by customer is */
    MANY = 1000,
    FEW_CENTS = 100,
    MANY_CENTS = 3000,
    WAITING_CENTS = 20500, /* above the preparer's own authority, and below the next step for several in one window */
    ALL_MAX = 1 << 20
};

struct bench {
    struct made_book book;
    size_t count, each;
    int raw_fd; /* -1: no raw syncs */
    struct samples clock, worked, raw;
};

/* Lets one in and keeps what it took; a sample of the processor's time is a document's. */
static void measure_one(struct bench *bench, struct prepared *prepared, const char *outcome)
{
    size_t documents = json_array_size(statement_list(&prepared->statement));
    struct taken taken = submit(&bench->book, prepared, outcome, NULL);
    samples_add(&bench->clock, taken.clock);
    samples_add(&bench->worked, taken.worked / (double)documents);
    prepared_done(prepared);
    if (bench->raw_fd >= 0)
        samples_add(&bench->raw, raw_sync(bench->raw_fd));
}

/* The count-th part of the customers who have documents. */
static size_t stride(const struct bench *bench)
{
    size_t stride = bench->book.next / bench->count;
    return stride == 0 ? 1 : stride;
}

static void measure_single(struct bench *bench)
{
    size_t turn = ++bench->book.turn;
    made_book_wait(&bench->book, QUIET_DAYS);
    for (size_t i = 0; i < bench->count; i++) {
        struct prepared prepared;
        size_t customer = stride(bench) * i % bench->book.next, over = stride(bench) * i / bench->book.next;
        json_t *document = made_book_correction(&bench->book, customer, FEW_CENTS + turn + 100 * over);
        prepare_submit(&bench->book, "maria", json_pack("[o]", document), &prepared);
        measure_one(bench, &prepared, "posted");
    }
}

/* They wait, since their sum is above what the preparer may do alone. */
static void measure_many(struct bench *bench)
{
    struct prepared prepared;
    if (bench->book.next == bench->book.customers)
        made_book_feed(&bench->book);
    size_t customer = bench->book.next++;
    json_t *documents = json_array();
    for (size_t i = 0; i < MANY; i++)
        json_array_append_new(documents, made_book_correction(&bench->book, customer, MANY_CENTS / 2 + i));
    prepare_submit(&bench->book, "joe", documents, &prepared);
    submit(&bench->book, &prepared, NULL, NULL);
    prepared_done(&prepared);
    for (size_t i = 0; i < bench->count; i++) {
        prepare_submit(&bench->book, "joe",
                       json_pack("[o]", made_book_correction(&bench->book, customer, MANY_CENTS + i)), &prepared);
        measure_one(bench, &prepared, "waiting");
    }
}

static void measure_list(struct bench *bench)
{
    for (size_t i = 0; i < bench->count; i++) {
        struct prepared prepared;
        json_t *documents = json_array();
        size_t customers = (bench->each + EACH - 1) / EACH;
        while (bench->book.customers < bench->book.next + customers)
            made_book_feed(&bench->book);
        for (size_t k = 0; k < bench->each; k++)
            json_array_append_new(documents,
                                  made_book_correction(&bench->book, bench->book.next + k / EACH, 1 + k % EACH));
        bench->book.next += customers;
        prepare_submit(&bench->book, "maria", documents, &prepared);
        measure_one(bench, &prepared, "posted");
        made_book_wait(&bench->book, 1);
    }
}

/* The documents wait before time is taken; content and version of each are signed, by one of two in turn (C-09). */
static void measure_approve(struct bench *bench)
{
    struct prepared prepared;
    json_t *documents = json_array(), *decision = NULL, *result;
    size_t i;
    while (bench->book.customers < bench->book.next + bench->count)
        made_book_feed(&bench->book);
    for (i = 0; i < bench->count; i++)
        json_array_append_new(documents, made_book_correction(&bench->book, bench->book.next++, WAITING_CENTS));
    prepare_submit(&bench->book, "maria", documents, &prepared);
    submit(&bench->book, &prepared, "waiting", &decision);
    prepared_done(&prepared);
    json_array_foreach(json_object_get(decision, "results"), i, result)
    {
        const char *number = result_number(result);
        json_t *record = company_record(&bench->book.company, number);
        json_t *body =
            json_pack("{s:[{s:s, s:s, s:i, s:I}]}", "items", "content", member_text(record, "content"), "document",
                      number, "level", 1, "version", (json_int_t)member_integer(record, "version"));
        json_decref(record);
        prepare(&bench->book, i % 2 == 0 ? "ana" : "tom", VERB_APPROVE, body, &prepared);
        measure_one(bench, &prepared, "posted");
    }
    json_decref(decision);
}

/* ---------------------------------------------------------------- statements that come by themselves */

/* Checked on all processors, in any order; let in by one, in theirs. */
struct stream {
    const struct gate *gate;
    struct prepared *prepared;
    struct statement *checked;
    size_t count;
    atomic_size_t next;
    pthread_mutex_t lock;
    pthread_cond_t more;
    bool *is_checked;
};

static void *check_some(void *context)
{
    struct stream *stream = context;
    struct err err;
    for (size_t i = atomic_fetch_add(&stream->next, 1); i < stream->count; i = atomic_fetch_add(&stream->next, 1)) {
        const struct prepared *prepared = &stream->prepared[i];
        enum status status = gate_check(stream->gate, slice_of(prepared->statement.bytes, prepared->statement.length),
                                        &prepared->signatures, &stream->checked[i], &err);
        if (status != STATUS_OK) {
            fprintf(stderr, "statement %zu: %s\n", i, err.text);
            _exit(1);
        }
        pthread_mutex_lock(&stream->lock);
        stream->is_checked[i] = true;
        pthread_cond_signal(&stream->more);
        pthread_mutex_unlock(&stream->lock);
    }
    return NULL;
}

static void let_in(struct bench *bench, struct stream *stream, size_t from, size_t count)
{
    static struct gate_submission submissions[GATE_GROUP_MAX];
    for (size_t i = 0; i < count; i++) {
        pthread_mutex_lock(&stream->lock);
        while (!stream->is_checked[from + i])
            pthread_cond_wait(&stream->more, &stream->lock);
        pthread_mutex_unlock(&stream->lock);
        submissions[i] = (struct gate_submission){.statement = &stream->checked[from + i],
                                                  .signatures = &stream->prepared[from + i].signatures};
    }
    gate_submit_group(bench->book.company.gate, submissions, count);
    for (size_t i = 0; i < count; i++) {
        if (submissions[i].status != STATUS_OK)
            fail_msg("statement %zu: %s", from + i, submissions[i].err.text);
        const json_t *result = json_array_get(json_object_get(submissions[i].answer.decision, "results"), 0);
        if (strcmp(result_outcome(result), "posted") != 0)
            fail_msg("statement %zu: a document is %s, not posted", from + i, result_outcome(result));
        gate_answer_done(&submissions[i].answer);
    }
}

static double run_stream(struct bench *bench, struct stream *stream)
{
    pthread_t threads[THREADS_MAX];
    unsigned count = processors();
    double begin = seconds_now();
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, check_some, stream), 0);
    for (size_t at = 0; at < stream->count; at += GATE_GROUP_MAX)
        let_in(bench, stream, at, stream->count - at < GATE_GROUP_MAX ? stream->count - at : GATE_GROUP_MAX);
    double took = seconds_now() - begin;
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    return took;
}

static void measure_stream(struct bench *bench, json_t *line)
{
    size_t turn = ++bench->book.turn;
    struct stream stream = {.gate = bench->book.company.gate,
                            .prepared = calloc(bench->count, sizeof *stream.prepared),
                            .checked = calloc(bench->count, sizeof *stream.checked),
                            .is_checked = calloc(bench->count, sizeof *stream.is_checked),
                            .count = bench->count,
                            .lock = PTHREAD_MUTEX_INITIALIZER,
                            .more = PTHREAD_COND_INITIALIZER};
    assert_true(stream.prepared != NULL && stream.checked != NULL && stream.is_checked != NULL);
    made_book_wait(&bench->book, QUIET_DAYS);
    for (size_t i = 0; i < bench->count; i++) {
        size_t customer = stride(bench) * i % bench->book.next, over = stride(bench) * i / bench->book.next;
        json_t *document = made_book_correction(&bench->book, customer, FEW_CENTS + turn + 100 * over);
        prepare_submit(&bench->book, "maria", json_pack("[o]", document), &stream.prepared[i]);
    }
    double raw = raw_verify_rate(processors(), ENTRY_BYTES);
    tell(line, "seconds", run_stream(bench, &stream));
    tell(line, "raw_rate", (raw + raw_verify_rate(processors(), ENTRY_BYTES)) / 2);
    tell(line, "count", (double)bench->count);
    for (size_t i = 0; i < bench->count; i++) {
        statement_done(&stream.checked[i]);
        prepared_done(&stream.prepared[i]);
    }
    free(stream.prepared);
    free(stream.checked);
    free(stream.is_checked);
}

/* ---------------------------------------------------------------- */

static void tell_all(struct bench *bench, json_t *line)
{
    double verify = raw_verify_seconds();
    tell(line, "count", (double)(bench->count * bench->each));
    tell(line, "seconds", samples_sum(&bench->clock));
    samples_tell(&bench->clock, line, "");
    samples_tell(&bench->raw, line, "raw");
    tell(line, "worked_us", samples_part(&bench->worked, 0.5) * 1e6);
    tell(line, "verify_us", verify * 1e6);
    samples_done(&bench->clock);
    samples_done(&bench->raw);
    samples_done(&bench->worked);
}

static void work(int argc, char **argv, json_t *line)
{
    static struct bench bench;
    const char *what = argc > 1 ? argv[1] : "";
    const char *syncs = getenv("SYNCS");
    if (argc < 4)
        bench_usage("usage: decide single|many|approve|stream DIR COUNT; decide list DIR COUNT EACH");
    bench = (struct bench){
        .count = strtoul(argv[3], NULL, 10), .each = argc > 4 ? strtoul(argv[4], NULL, 10) : 1, .raw_fd = -1};
    if (bench.count < 1 || bench.count > ALL_MAX || bench.each < 1 || bench.each > MANY)
        bench_usage("decide: COUNT is 1 to 1048576, EACH 1 to 1000");
    made_book_open(&bench.book, argv[2]);
    if (bench.book.next == 0)
        bench_usage("decide: the book has no customer with documents");
    if (syncs != NULL && syncs[0] == '1')
        bench.raw_fd = raw_sync_file(argv[2]);
    if (strcmp(what, "single") == 0)
        measure_single(&bench);
    else if (strcmp(what, "many") == 0)
        measure_many(&bench);
    else if (strcmp(what, "list") == 0)
        measure_list(&bench);
    else if (strcmp(what, "approve") == 0)
        measure_approve(&bench);
    else if (strcmp(what, "stream") == 0)
        measure_stream(&bench, line);
    else
        bench_usage("decide: one of single, many, list, approve, stream");
    if (bench.clock.count > 0)
        tell_all(&bench, line);
    made_book_close(&bench.book);
    if (bench.raw_fd >= 0)
        (void)close(bench.raw_fd);
}

int main(int argc, char **argv)
{
    return bench_run(work, argc, argv);
}

/*
 * The rooms behind a server's loop, in this process: the writer's queue and groups, tries that get their turn and take none
 * away, the door of the book, what happens when it is damaged, gone or somebody else's after a write, snapshots that end
 * with it, and a tail that has to be there. And buckets of time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "cli/server/histogram.h"
#include "cli/server/job.h"
#include "cli/server/open_book.h"
#include "cli/server/writer.h"
#include "ledger/schema.h"
#include "ledger/sshsig.h"
#include "ledger/store.h"
#include "ledger/tables_layout.h"
#include "tests/support/company.h"

enum { MANY = 600, TRIES = 40 };

struct stage {
    struct company company;
    struct gate_facts facts;
    struct gate_options gate_options;
    struct cli cli;
    struct open_book *book;
    struct writer *writer;
    int64_t reopen_seconds;
    bool stands; /* the clock that measures */
    atomic_uint notified;
};

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

static int64_t no_time(void *context)
{
    (void)context;
    return 0;
}

static int64_t monotonic_us(void *context)
{
    struct timespec now;
    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void notified(void *context)
{
    struct stage *stage = context;
    atomic_fetch_add(&stage->notified, 1);
}

/* A company whose gate is closed: its book is the stage's. */
static struct stage *stage_found(void)
{
    struct stage *stage = calloc(1, sizeof *stage);
    assert_non_null(stage);
    company_open(&stage->company, NULL);
    return stage;
}

static void stage_open(struct stage *stage)
{
    struct err err;
    gate_close(stage->company.gate);
    stage->company.gate = NULL;
    stage->facts =
        (struct gate_facts){.release = "test", .exe = "0123456789abcdef", .mode = "served", .os_user = "tester"};
    stage->gate_options = (struct gate_options){.facts = &stage->facts, .now_ms = no_time};
    stage->cli = (struct cli){.now_ms = no_time, .monotonic_us = stage->stands ? no_time : monotonic_us};
    must(open_book_open(stage->company.book, &stage->gate_options, &stage->book, &err), &err);
    const struct writer_options options = {.book = stage->book,
                                           .cli = &stage->cli,
                                           .reopen_seconds = stage->reopen_seconds,
                                           .notify = notified,
                                           .context = stage};
    must(writer_start(&options, &stage->writer, &err), &err);
}

static void stage_close(struct stage *stage)
{
    writer_stop(stage->writer);
    writer_free(stage->writer);
    open_book_close(stage->book);
    company_reopen(&stage->company);
    company_close(&stage->company);
    free(stage);
}

/* A job whose statement is checked; the gate of the company has to be open. */
static struct job *make_job(struct stage *stage, const char *id, enum job_next next)
{
    struct company *company = &stage->company;
    struct job *job = job_new(NULL, 0);
    struct statement made;
    struct err err;
    uint8_t blob[SSHSIG_BYTES_MAX];
    size_t length;
    json_t *body =
        json_pack("{s:b, s:[o]}", "atomic", 0, "documents", company_credit_note(company, "10442", "40251", "1.00"));
    const struct statement_head about = {
        .verb = VERB_SUBMIT, .actor = "maria", .book = gate_book_id(company->gate), .id = id, .at_ms = company->now_ms};
    must(statement_make(&about, body, &made, &err), &err);
    json_decref(body);
    job->request.signatures = calloc(1, sizeof *job->request.signatures);
    assert_non_null(job->request.signatures);
    must(sshsig_sign(&company_user(company, "maria")->signer, made.bytes, made.length, blob, &length, &err), &err);
    must(signature_list_add(job->request.signatures, slice_of(blob, length), &err), &err);
    must(gate_check(company->gate, slice_of(made.bytes, made.length), job->request.signatures, &job->statement, &err),
         &err);
    job->request.bytes = malloc(made.length);
    assert_non_null(job->request.bytes);
    memcpy(job->request.bytes, made.bytes, made.length);
    job->request.length = made.length;
    statement_done(&made);
    job->has_statement = true;
    job->submission = (struct gate_submission){.statement = &job->statement, .signatures = job->request.signatures};
    job->next = next;
    return job;
}

/* Waits until so many are back. out: linked, in their order. */
static struct job *take_back(struct stage *stage, size_t count)
{
    struct job *first = NULL, **last = &first;
    for (int left = 20000; count > 0; left--) {
        struct job *job = writer_done(stage->writer);
        const struct timespec pause = {.tv_nsec = 1000000};
        if (left == 0)
            fail_msg("%zu jobs did not come back", count);
        if (job == NULL)
            nanosleep(&pause, NULL);
        for (; job != NULL; job = job->next_job) {
            *last = job;
            last = &job->next_job;
            count--;
        }
    }
    return first;
}

static void many_come_back_in_groups(void **state)
{
    struct stage *stage = stage_found();
    struct job *jobs[MANY];
    struct writer_facts facts;
    uint64_t next = 0;
    unsigned came = 0;
    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        char id[32];
        snprintf(id, sizeof id, "W-%zu", i);
        jobs[i] = make_job(stage, id, JOB_SUBMITS);
    }
    stage_open(stage);
    for (size_t i = 0; i < MANY; i++)
        writer_push(stage->writer, jobs[i]);
    struct job *job = take_back(stage, MANY);
    while (job != NULL) {
        struct job *following = job->next_job;
        if (job->err.status != STATUS_OK)
            fail_msg("%s: %s", status_name(job->err.status), job->err.text);
        assert_ptr_equal(job, jobs[came]); /* in the order in which they were pushed */
        assert_true(came == 0 || job->submission.answer.seq == next);
        next = job->submission.answer.seq + 1;
        assert_true(job->taken_us > 0 && job->done_us >= job->taken_us);
        job_free(job);
        came++;
        job = following;
    }
    assert_int_equal(came, MANY);
    writer_tell(stage->writer, &facts);
    assert_true(facts.head.size == next && facts.statements == MANY && facts.waiting == 0);
    assert_true(facts.groups >= 3 && facts.groups < MANY / 2);
    assert_true(facts.failures == 0 && facts.reopened == 0 && facts.waiting_max > 0 && facts.waiting_max <= MANY);
    assert_true(atomic_load(&stage->notified) >= facts.groups);
    stage_close(stage);
}

/* Whoever asks while many submit is answered before all of them are, and they are not held up until all have asked. */
static void questions_get_their_turn(void **state)
{
    struct stage *stage = stage_found();
    struct job *jobs[MANY], *tries[TRIES];
    size_t place = 0, first_try = SIZE_MAX, last_try = 0, last_submit = 0;
    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        char id[32];
        snprintf(id, sizeof id, "Q-%zu", i);
        jobs[i] = make_job(stage, id, JOB_SUBMITS);
    }
    for (size_t i = 0; i < TRIES; i++)
        tries[i] = make_job(stage, "try", JOB_TRIES);
    stage_open(stage);
    for (size_t i = 0; i < TRIES; i++)
        writer_push(stage->writer, tries[i]);
    for (size_t i = 0; i < MANY; i++)
        writer_push(stage->writer, jobs[i]);
    struct job *job = take_back(stage, MANY + TRIES);
    while (job != NULL) {
        struct job *following = job->next_job;
        assert_int_equal(job->err.status, STATUS_OK);
        if (job->next == JOB_TRIES) {
            assert_non_null(json_object_get(job->decision, "outcome"));
            first_try = place < first_try ? place : first_try;
            last_try = place;
        } else {
            last_submit = place;
        }
        job_free(job);
        place++;
        job = following;
    }
    assert_true(first_try < last_submit);
    assert_true(last_try < MANY + TRIES);
    stage_close(stage);
}

static void hurrying_refuses_the_rest(void **state)
{
    struct stage *stage = stage_found();
    struct job *first = make_job(stage, "H-1", JOB_SUBMITS), *second = make_job(stage, "H-2", JOB_TRIES);
    (void)state;
    stage_open(stage);
    writer_hurry(stage->writer);
    writer_push(stage->writer, first);
    writer_push(stage->writer, second);
    struct job *job = take_back(stage, 2);
    while (job != NULL) {
        struct job *following = job->next_job;
        assert_int_equal(job->err.status, STATUS_BUSY);
        job_free(job);
        job = following;
    }
    stage_close(stage);
}

/* Puts other bytes in the place of the record of who signs every statement here; a checksum tells. */
static void damage(struct stage *stage)
{
    struct store *store = gate_books(open_book_gate(stage->book))->tables->store;
    const struct books_key key = books_key("maria");
    struct store_txn *txn = NULL;
    struct slice value;
    struct err err;
    char copy[4096];
    must(store_write_begin(store, &txn, &err), &err);
    must(store_get(txn, BOOKS_USERS, slice_of(key.bytes, key.length), &value, &err), &err);
    assert_true(value.length <= sizeof copy);
    memcpy(copy, value.bytes, value.length);
    copy[value.length - 1] ^= 1;
    must(store_put(txn, BOOKS_USERS, slice_of(key.bytes, key.length), slice_of(copy, value.length), &err), &err);
    must(store_commit(txn, &err), &err);
}

/* One job, and what came of it. */
static enum status status_of(struct stage *stage, struct job *pushed)
{
    writer_push(stage->writer, pushed);
    struct job *job = take_back(stage, 1);
    assert_ptr_equal(job, pushed);
    enum status status = job->err.status;
    job_free(job);
    return status;
}

/* What cannot be read is answered so, once, and the book opened again, which mends it: after who writes and after who only asks. */
static void a_damaged_book_is_opened_again(void **state)
{
    struct stage *stage = stage_found();
    struct job *whole = make_job(stage, "D-0", JOB_SUBMITS), *written = make_job(stage, "D-1", JOB_SUBMITS),
               *asked = make_job(stage, "try", JOB_TRIES), *mended = make_job(stage, "D-2", JOB_SUBMITS);
    struct writer_facts facts;
    (void)state;
    stage_open(stage);
    writer_tell(stage->writer, &facts);
    const uint64_t size = facts.head.size;
    assert_int_equal(status_of(stage, whole), STATUS_OK);
    writer_tell(stage->writer, &facts);
    assert_true(facts.head.size == size + 1); /* of a group of one too */
    damage(stage);
    assert_int_equal(status_of(stage, written), STATUS_CORRUPT);
    writer_tell(stage->writer, &facts);
    assert_true(facts.failures == 1 && facts.reopened == 1 && !facts.reopening && !facts.failed);
    assert_true(facts.groups == 2 && facts.statements == 2);
    assert_int_equal(facts.err.status, STATUS_CORRUPT);
    damage(stage);
    assert_int_equal(status_of(stage, asked), STATUS_CORRUPT);
    writer_tell(stage->writer, &facts);
    assert_true(facts.failures == 2 && facts.reopened == 2 && facts.groups == 2);
    assert_int_equal(status_of(stage, mended), STATUS_OK);
    stage_close(stage);
}

/* Nobody waits for a book to come back that is not there. */
static void a_book_that_is_gone_is_not_waited_for(void **state)
{
    struct stage *stage = stage_found();
    struct job *first = make_job(stage, "G-1", JOB_SUBMITS), *second = make_job(stage, "G-2", JOB_SUBMITS),
               *asked = make_job(stage, "try", JOB_TRIES);
    struct writer_facts facts;
    char journal[340], away[320];
    (void)state;
    snprintf(journal, sizeof journal, "%s/journal/data.mdb", stage->company.book);
    snprintf(away, sizeof away, "%s-moved", stage->company.book);
    stage->reopen_seconds = 15;
    stage_open(stage);
    damage(stage);
    assert_int_equal(rename(journal, away), 0);
    const int64_t before_us = monotonic_us(NULL);
    assert_int_equal(status_of(stage, first), STATUS_CORRUPT);
    assert_true(monotonic_us(NULL) - before_us < 10 * 1000000);
    writer_tell(stage->writer, &facts);
    assert_true(facts.failed && !facts.reopening && facts.failures == 1 && facts.reopened == 0);
    assert_int_equal(facts.err.status, STATUS_NOT_FOUND);
    assert_non_null(strstr(facts.err.text, "after a failed write the book could not be opened again: "));
    assert_int_equal(status_of(stage, second), STATUS_NOT_FOUND); /* refused with the reason */
    assert_int_equal(status_of(stage, asked), STATUS_NOT_FOUND);
    assert_int_equal(rename(away, journal), 0);
    stage->company.unchecked = true;
    stage_close(stage);
}

/* In the book's place lies a copy that a server of its own holds. Returns what it holds it by. */
static int put_held_copy(struct stage *stage)
{
    char away[320], command[1024];
    snprintf(away, sizeof away, "%s-moved", stage->company.book);
    assert_int_equal(rename(stage->company.book, away), 0);
    snprintf(command, sizeof command, "cp -r '%s' '%s'", away, stage->company.book);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, "%s/served", stage->company.book);
    int fd = open(command, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    return fd;
}

/* A book that somebody else has is tried again until he is done, or until the time that was given is over. */
static void a_book_that_is_busy_is_waited_for(void **state)
{
    (void)state;
    for (int waits = 0; waits < 2; waits++) {
        struct stage *stage = stage_found();
        struct job *job = make_job(stage, "B-1", JOB_SUBMITS), *next = make_job(stage, "B-2", JOB_SUBMITS);
        struct writer_facts facts;
        stage->reopen_seconds = waits * 60;
        stage->stands = waits == 0; /* no time is given, and none goes by: once is all */
        stage_open(stage);
        damage(stage);
        int held = put_held_copy(stage);
        writer_push(stage->writer, job);
        if (waits == 1) {
            const struct timespec pause = {.tv_nsec = 50000000};
            do {
                nanosleep(&pause, NULL);
                writer_tell(stage->writer, &facts);
            } while (!facts.reopening);
            nanosleep(&pause, NULL);
            assert_int_equal(flock(held, LOCK_UN), 0);
        }
        job = take_back(stage, 1);
        assert_int_equal(job->err.status, STATUS_CORRUPT);
        job_free(job);
        writer_tell(stage->writer, &facts);
        assert_true(facts.failures == 1 && facts.failed == (waits == 0) && facts.reopened == (unsigned)waits);
        if (waits == 0)
            assert_int_equal(facts.err.status, STATUS_BUSY);
        assert_int_equal(status_of(stage, next), waits == 0 ? STATUS_BUSY : STATUS_OK);
        close(held);
        stage->company.unchecked = true;
        stage_close(stage);
    }
}

static struct snapshot_owner owner_of(struct stage *stage, const char *user)
{
    return (struct snapshot_owner){.user = user, .key = company_user(&stage->company, user)->key, .now_us = 1};
}

static void snapshots_end_with_the_book(void **state)
{
    struct stage *stage = stage_found();
    struct snapshot *books = NULL, *journal = NULL, *again = NULL;
    struct journal_head head, past;
    struct gate *gate = NULL;
    struct err err;
    uint64_t count = 0;
    size_t table = 0;
    (void)state;
    stage_open(stage);
    const struct snapshot_owner audrey = owner_of(stage, "audrey");
    must(open_book_enter(stage->book, &gate, &err), &err);
    must(snapshot_begin(stage->book, false, &audrey, &books, &err), &err);
    must(snapshot_begin(stage->book, true, &audrey, &journal, &err), &err);
    assert_true(snapshot_head(books).size == snapshot_head(journal).size);
    assert_true(reader_audits(snapshot_reader(books)));
    must(store_table_named(snapshot_store(journal), "entries", &table), &err);
    must(store_count(snapshot_store(journal), table, &count, &err), &err);
    assert_true(count == snapshot_head(journal).size && !snapshot_has_ended(journal));
    must(open_book_head(gate, &head, &err), &err);
    open_book_leave(stage->book);
    must(open_book_reopen(stage->book, &head, &past, &err), &err);
    assert_true(past.size == head.size && hash_equal(&past.leaf, &head.leaf));
    must(open_book_enter(stage->book, &gate, &err), &err);
    assert_true(snapshot_has_ended(books) && snapshot_has_ended(journal));
    must(snapshot_begin(stage->book, false, &audrey, &again, &err), &err);
    snapshot_free(again);
    open_book_leave(stage->book);
    snapshot_free(books);
    snapshot_free(journal);
    stage_close(stage);
}

/* What was acknowledged and is not there, or is something else, ends it: the door stays shut until it is mended. */
static void a_lost_tail_shuts_the_door(void **state)
{
    struct stage *stage = stage_found();
    struct journal_head head, past;
    struct gate *gate = NULL;
    struct err err;
    (void)state;
    stage_open(stage);
    must(open_book_head(open_book_gate(stage->book), &head, &err), &err);
    struct journal_head longer = head, other = head;
    longer.size++;
    other.leaf.bytes[0] ^= 1;
    assert_int_equal(open_book_reopen(stage->book, &longer, &past, &err), STATUS_CORRUPT);
    assert_int_equal(open_book_enter(stage->book, &gate, &err), STATUS_BUSY);
    assert_int_equal(open_book_reopen(stage->book, &other, &past, &err), STATUS_CORRUPT);
    assert_int_equal(open_book_enter(stage->book, &gate, &err), STATUS_BUSY);
    must(open_book_reopen(stage->book, &head, &past, &err), &err);
    must(open_book_enter(stage->book, &gate, &err), &err);
    open_book_leave(stage->book);
    stage_close(stage);
}

struct visitor {
    struct stage *stage;
    atomic_bool stops;
    unsigned busy, read;
};

static void *visit(void *context)
{
    struct visitor *visitor = context;
    struct snapshot *snapshot = NULL;
    const struct snapshot_owner maria = owner_of(visitor->stage, "maria");
    while (!atomic_load(&visitor->stops)) {
        struct gate *gate = NULL;
        struct err err;
        uint64_t count;
        if (open_book_enter(visitor->stage->book, &gate, &err) != STATUS_OK) {
            visitor->busy++;
            continue;
        }
        if (snapshot != NULL && snapshot_has_ended(snapshot)) {
            snapshot_free(snapshot);
            snapshot = NULL;
        }
        if (snapshot == NULL)
            must(snapshot_begin(visitor->stage->book, visitor->read % 2 == 0, &maria, &snapshot, &err), &err);
        must(store_count(snapshot_store(snapshot), 0, &count, &err), &err);
        visitor->read++;
        open_book_leave(visitor->stage->book);
    }
    snapshot_free(snapshot);
    return NULL;
}

/* Readers on several threads while it is opened again and again: none reads what is closed. */
static void readers_survive_opening_again(void **state)
{
    struct stage *stage = stage_found();
    struct visitor visitors[3] = {{.stage = stage}, {.stage = stage}, {.stage = stage}};
    pthread_t threads[3];
    struct journal_head head, past;
    struct err err;
    (void)state;
    stage_open(stage);
    must(open_book_head(open_book_gate(stage->book), &head, &err), &err);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, visit, &visitors[i]), 0);
    for (int i = 0; i < 20; i++) {
        const struct timespec pause = {.tv_nsec = 2000000};
        must(open_book_reopen(stage->book, &head, &past, &err), &err);
        nanosleep(&pause, NULL);
    }
    for (size_t i = 0; i < 3; i++) {
        atomic_store(&visitors[i].stops, true);
        pthread_join(threads[i], NULL);
        assert_true(visitors[i].read > 0);
    }
    stage_close(stage);
}

static void buckets_tell_quantiles(void **state)
{
    static struct histogram histogram;
    (void)state;
    assert_int_equal(histogram_quantile_us(&histogram, 500), 0);
    for (int64_t us = 1; us <= 1000; us++)
        histogram_add(&histogram, us);
    for (unsigned permille = 100; permille <= 1000; permille += 100) {
        int64_t found = histogram_quantile_us(&histogram, permille);
        assert_true(found >= permille && found <= (int64_t)permille * 9 / 8);
    }
    assert_int_equal(histogram_quantile_us(&histogram, 1000), 1000);
    assert_int_equal(histogram.max_us, 1000);
    assert_int_equal(histogram_below(&histogram, 7), 7);
    assert_int_equal(histogram_below(&histogram, INT64_MAX), 1000);
    assert_true(histogram.sum_us == 500500 && histogram.count == 1000);
    histogram_add(&histogram, -5);
    histogram_add(&histogram, INT64_MAX);
    assert_int_equal(histogram.count, 1002);
    assert_int_equal(histogram_quantile_us(&histogram, 0), 0);
    /* Each value stands in a bucket that ends at most an eighth above it. */
    for (int64_t us = 1; us < INT64_C(1) << 38; us = us * 3 / 2 + 1) {
        static struct histogram one;
        memset(&one, 0, sizeof one);
        histogram_add(&one, us);
        one.max_us = INT64_MAX;
        int64_t end = histogram_quantile_us(&one, 500);
        assert_true(end >= us && end - us <= us / 8);
    }
}

/* Where a bucket ends, and where the last one does. */
static void buckets_have_ends(void **state)
{
    static const struct {
        int64_t us, end;
    } rows[] = {{-1, 0},  {0, 0},   {7, 7},   {8, 8},   {15, 15}, {16, 17},     {17, 17},
                {18, 19}, {31, 31}, {32, 35}, {35, 35}, {36, 39}, {1023, 1023}, {1024, 1151}};
    const int64_t last = (INT64_C(1) << 39) - 1;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct histogram one = {.count = 0};
        histogram_add(&one, rows[i].us);
        assert_int_equal(one.max_us, rows[i].us > 0 ? rows[i].us : 0);
        assert_int_equal(one.sum_us, one.max_us);
        assert_int_equal(histogram_quantile_us(&one, 0), one.max_us);
        one.max_us = INT64_MAX;
        assert_int_equal(histogram_quantile_us(&one, 0), rows[i].end);
        assert_int_equal(histogram_quantile_us(&one, 1000), rows[i].end);
        assert_int_equal(histogram_below(&one, rows[i].end), 1);
        assert_int_equal(histogram_below(&one, rows[i].end - 1), 0);
    }
    for (int64_t us = last; us <= last + 1; us++) {
        struct histogram one = {.count = 0};
        histogram_add(&one, us);
        assert_int_equal(one.count, 1);
        assert_int_equal(one.counts[HISTOGRAM_BUCKETS - 1], 1);
        assert_int_equal(histogram_quantile_us(&one, 500), last);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_come_back_in_groups),
        cmocka_unit_test(questions_get_their_turn),
        cmocka_unit_test(a_damaged_book_is_opened_again),
        cmocka_unit_test(a_book_that_is_gone_is_not_waited_for),
        cmocka_unit_test(a_book_that_is_busy_is_waited_for),
        cmocka_unit_test(hurrying_refuses_the_rest),
        cmocka_unit_test(snapshots_end_with_the_book),
        cmocka_unit_test(a_lost_tail_shuts_the_door),
        cmocka_unit_test(readers_survive_opening_again),
        cmocka_unit_test(buckets_tell_quantiles),
        cmocka_unit_test(buckets_have_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

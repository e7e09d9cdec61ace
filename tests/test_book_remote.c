/*
 * A book behind a server through the port: what is read is what is there, in few round trips; what is written is there once,
 * wherever the line is cut; what may not be read is said, and never taken for missing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/book.h"
#include "cli/book_remote_parts.h"
#include "ledger/books.h"
#include "ledger/canon.h"
#include "ledger/entry.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "ledger/sshsig.h"
#include "ledger/tables.h"
#include "tests/support/answerer.h"
#include "tests/support/cli_stub.h"
#include "tests/support/company.h"
#include "tests/support/walks.h"

enum { ENTRIES = 400, LONG_ENTRIES = 100 };

/* A company, a server of its book, and maria who opens it from afar. */
struct scene {
    struct company company;
    struct answerer answerer;
    struct cli_stub stub;
    struct book_options options;
    char home[64];
    struct book *book;
    struct err err;
};

static int64_t real_us(void *context)
{
    struct timespec now;
    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

static enum status offer(void *context, const struct public_key **ret_offered, size_t *ret_count, struct err *err)
{
    struct scene *scene = context;
    (void)err;
    *ret_offered = &company_user(&scene->company, "maria")->signer.key;
    *ret_count = 1;
    return STATUS_OK;
}

static enum status choose(void *context, size_t chosen, const struct signer **ret_signer, struct err *err)
{
    struct scene *scene = context;
    (void)err;
    (void)chosen;
    *ret_signer = &company_user(&scene->company, "maria")->signer;
    return STATUS_OK;
}

static void scene_open_with(struct scene *scene, int entries)
{
    memset(scene, 0, sizeof *scene);
    company_open(&scene->company, NULL);
    for (int i = 0; i < entries; i++)
        json_decref(
            company_submit(&scene->company, "maria", company_credit_note(&scene->company, "10442", "40251", "1.00")));
    cli_stub_init(&scene->stub);
    scene->stub.cli.monotonic_us = real_us;
    snprintf(scene->home, sizeof scene->home, "/tmp/book_remote.XXXXXX");
    assert_non_null(mkdtemp(scene->home));
    scene->stub.cli.environment.state_home = scene->home;
    scene->options = (struct book_options){
        .user = "maria", .offer = offer, .choose = choose, .key_context = scene, .wait_ms = 3000, .writes = true};
    answerer_start(&scene->answerer, scene->company.gate, scene->company.dir);
}

static enum status try_open(struct scene *scene)
{
    return book_open(&scene->stub.cli, scene->answerer.address, &scene->options, &scene->book, &scene->err);
}

static void scene_open(struct scene *scene, int entries)
{
    scene_open_with(scene, entries);
    must(try_open(scene), &scene->err);
}

static void scene_close(struct scene *scene)
{
    char command[128];
    book_close(scene->book);
    answerer_stop(&scene->answerer);
    cli_stub_done(&scene->stub);
    company_close(&scene->company);
    snprintf(command, sizeof command, "rm -rf %s", scene->home);
    assert_int_equal(system(command), 0);
}

static struct remote *remote_of(struct scene *scene)
{
    return ((struct book_remote *)scene->book->self)->remote;
}

static void it_is_the_same_book(void **state)
{
    struct scene scene;
    struct tables_txn *here = NULL, *there = NULL;
    uint64_t differences = 1;
    (void)state;
    scene_open(&scene, 5);
    assert_string_equal(book_id(scene.book), gate_book_id(scene.company.gate));
    assert_true(json_equal((json_t *)(uintptr_t)book_charter(scene.book),
                           (json_t *)(uintptr_t)gate_charter(scene.company.gate)));
    assert_true(book_is_simulated(scene.book));
    must(tables_read_begin(gate_books(scene.company.gate)->tables, &here, &scene.err), &scene.err);
    must(tables_read_begin(book_books(scene.book)->tables, &there, &scene.err), &scene.err);
    must(tables_equal(here, there, NULL, &differences, &scene.err), &scene.err);
    assert_int_equal(differences, 0);
    for (size_t table = 0; table < BOOKS_TABLE_COUNT; table++)
        walks_have_to_equal(here, there, table);
    tables_abort(here);
    tables_abort(there);
    scene_close(&scene);
}

static void a_journal_is_read_in_few_round_trips(void **state)
{
    struct scene scene;
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head;
    const char *bytes;
    size_t length;
    (void)state;
    scene_open(&scene, ENTRIES);
    const uint64_t before = remote_counts(remote_of(&scene)).waits;
    assert_true(before <= 12);
    must(journal_read_begin(book_books(scene.book)->journal, &snapshot, &scene.err), &scene.err);
    must(journal_head(snapshot, &head, &scene.err), &scene.err);
    for (uint64_t seq = head.size; seq > head.size - ENTRIES; seq--)
        must(journal_entry(snapshot, seq - 1, &bytes, &length, &scene.err), &scene.err);
    for (uint64_t seq = head.size - ENTRIES; seq < head.size; seq++)
        must(journal_entry_checked(snapshot, seq, &bytes, &length, &scene.err), &scene.err);
    journal_read_end(snapshot);
    const uint64_t after = remote_counts(remote_of(&scene)).waits;
    print_message("open: %llu round trips; %d entries back and forth: %llu\n", (unsigned long long)before, ENTRIES,
                  (unsigned long long)(after - before));
    assert_true(after - before <= 12);
    scene_close(&scene);
}

/* Gets here and there in a small table take two round trips, and what is missing costs none. */
static void a_small_table_is_fetched_whole(void **state)
{
    static const char *const users[] = {"maria", "joe", "ana", "nobody", "priya", "carl", "olga", "zzz", "aaa"};
    struct scene scene;
    struct tables_txn *txn = NULL;
    (void)state;
    scene_open(&scene, 0);
    must(tables_read_begin(book_books(scene.book)->tables, &txn, &scene.err), &scene.err);
    const uint64_t before = remote_counts(remote_of(&scene)).requests;
    for (size_t i = 0; i < sizeof users / sizeof users[0]; i++) {
        const struct books_key key = books_key(users[i]);
        bool has = false;
        must(books_has(txn, BOOKS_USERS, &key, &has, &scene.err), &scene.err);
        assert_int_equal(has, i != 3 && i < 7);
    }
    assert_int_equal(remote_counts(remote_of(&scene)).requests - before, 3);
    tables_abort(txn);
    scene_close(&scene);
}

static void hidden_records_are_not_missing(void **state)
{
    struct scene scene;
    struct tables_txn *txn = NULL;
    struct tables_cursor *cursor = NULL;
    struct tables_record record;
    struct slice value;
    unsigned count = 0;
    (void)state;
    scene_open_with(&scene, 0);
    scene.answerer.hidden_table = "users";
    scene.answerer.hidden_prefix = "ma";
    must(try_open(&scene), &scene.err);
    must(tables_read_begin(book_books(scene.book)->tables, &txn, &scene.err), &scene.err);
    assert_true(book_passed(scene.book) == 0);
    must(tables_scan(txn, BOOKS_USERS, slice_of("", 0), &cursor, &scene.err), &scene.err);
    while (tables_next(cursor, &record, &scene.err) == STATUS_OK) {
        assert_true(memcmp(record.key.bytes, "ma", 2) != 0);
        count++;
    }
    tables_scan_close(cursor);
    const uint64_t passed = book_passed(scene.book);
    assert_true(passed > 0);
    assert_true(count > 10);
    assert_int_equal(tables_get(txn, BOOKS_USERS, slice_of("joe", 3), &value, &scene.err), STATUS_OK);
    assert_int_equal(tables_get(txn, BOOKS_USERS, slice_of("maria", 5), &value, &scene.err), STATUS_PERMISSION);
    assert_non_null(strstr(scene.err.text, "users maria: it is not yours to read"));
    assert_int_equal(tables_get(txn, BOOKS_USERS, slice_of("ma\0ria\0", 7), &value, &scene.err), STATUS_PERMISSION);
    assert_non_null(strstr(scene.err.text, "users ma ria: it is"));
    assert_int_equal(tables_get(txn, BOOKS_USERS, slice_of("ma\x01\x02", 4), &value, &scene.err), STATUS_PERMISSION);
    assert_non_null(strstr(scene.err.text, "users: it is"));
    assert_int_equal(tables_get(txn, BOOKS_USERS, slice_of("maria2", 6), &value, &scene.err), STATUS_PERMISSION);
    assert_int_equal(tables_get(txn, BOOKS_USERS, slice_of("mzz", 3), &value, &scene.err), STATUS_NOT_FOUND);
    assert_true(book_passed(scene.book) == passed); /* gets pass over nothing */
    tables_abort(txn);
    book_close(scene.book);
    scene.book = NULL;
    assert_non_null(strstr(cli_stub_err(&scene.stub), "left out: you read US01"));
    scene_close(&scene);
}

/* The keys of a table that a walk finds, one after the other; its status at the end. */
static enum status walk_users(struct scene *scene, bool down, char *ret_keys, size_t size)
{
    struct tables_txn *txn = NULL;
    struct tables_cursor *cursor = NULL;
    struct tables_record record;
    size_t used = 0;
    must(tables_read_begin(book_books(scene->book)->tables, &txn, &scene->err), &scene->err);
    enum status status = tables_scan(txn, BOOKS_USERS, slice_of("", 0), &cursor, &scene->err);
    ret_keys[0] = '\0';
    while (status == STATUS_OK) {
        status = down ? tables_prev(cursor, &record, &scene->err) : tables_next(cursor, &record, &scene->err);
        if (status == STATUS_OK)
            used += (size_t)snprintf(ret_keys + used, size - used, "%.*s ", (int)record.key.length,
                                     (const char *)record.key.bytes);
    }
    tables_scan_close(cursor);
    tables_abort(txn);
    return status;
}

/* However little a server passes over at once: asked on, it comes to the same. */
static void walks_are_asked_on(void **state)
{
    static const char *const prefixes[] = {"ma", "a", "t", "", "feed"};
    char whole[2][1024], pieces[1024];
    (void)state;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        for (size_t most = 0; most < 4; most++) {
            struct scene scene;
            scene_open_with(&scene, 0);
            scene.answerer.hidden_table = "users";
            scene.answerer.hidden_prefix = prefixes[i];
            scene.answerer.pass_max = most;
            must(try_open(&scene), &scene.err);
            for (int down = 0; down < 2; down++) {
                char *keys = most == 0 ? whole[down] : pieces;
                assert_int_equal(walk_users(&scene, down == 1, keys, sizeof pieces), STATUS_NOT_FOUND);
                if (most == 0)
                    assert_true((strlen(keys) > 0) == (prefixes[i][0] != '\0'));
                else
                    assert_string_equal(keys, whole[down]);
            }
            book_close(scene.book);
            scene.book = NULL;
            assert_non_null(strstr(cli_stub_err(&scene.stub), "left out: you read US01"));
            scene_close(&scene);
        }
    }
}

/* A get asks for neighbours, but not for what lies behind a long stretch of what may not be read. */
static void gets_are_not_asked_on(void **state)
{
    struct scene scene;
    struct tables_txn *txn = NULL;
    struct slice value;
    (void)state;
    scene_open_with(&scene, 0);
    scene.answerer.hidden_table = "users";
    scene.answerer.hidden_prefix = "";
    scene.answerer.pass_max = 1;
    must(try_open(&scene), &scene.err);
    must(tables_read_begin(book_books(scene.book)->tables, &txn, &scene.err), &scene.err);
    unsigned before = atomic_load(&scene.answerer.requests);
    for (int i = 0; i < 8; i++) {
        const uint8_t key = (uint8_t)('a' + i);
        assert_int_equal(tables_get(txn, BOOKS_USERS, slice_of(&key, 1), &value, &scene.err), STATUS_PERMISSION);
    }
    assert_in_range(atomic_load(&scene.answerer.requests) - before, 8, 18);
    tables_abort(txn);
    scene_close(&scene);
}

static void a_server_that_gets_no_further_is_left(void **state)
{
    struct scene scene;
    char keys[1024];
    (void)state;
    scene_open_with(&scene, 0);
    scene.answerer.hidden_table = "users";
    scene.answerer.hidden_prefix = "";
    scene.answerer.pass_max = 1;
    scene.answerer.stays = true;
    must(try_open(&scene), &scene.err);
    for (int down = 0; down < 2; down++) {
        assert_int_equal(walk_users(&scene, down == 1, keys, sizeof keys), STATUS_CORRUPT);
        assert_non_null(strstr(scene.err.text, "goes no further"));
    }
    assert_true(atomic_load(&scene.answerer.requests) < 40);
    scene_close(&scene);
}

/* The status of a scan of the users whose names begin so, and how many requests its first step took. */
static enum status scan_users(struct scene *scene, const char *prefix, unsigned *ret_requests)
{
    struct tables_txn *txn = NULL;
    struct tables_cursor *cursor = NULL;
    struct tables_record record;
    must(tables_read_begin(book_books(scene->book)->tables, &txn, &scene->err), &scene->err);
    const unsigned before = atomic_load(&scene->answerer.requests);
    enum status status = tables_scan(txn, BOOKS_USERS, slice_of(prefix, strlen(prefix)), &cursor, &scene->err);
    if (status == STATUS_OK)
        status = tables_next(cursor, &record, &scene->err);
    *ret_requests = atomic_load(&scene->answerer.requests) - before;
    tables_scan_close(cursor);
    tables_abort(txn);
    return status;
}

/* A scan may begin at the very record that is passed over: to have reached that one is to have got somewhere. */
static void a_scan_may_begin_at_what_is_hidden(void **state)
{
    static const char *const begins[] = {"maria", "maria2", "map", "m"};
    unsigned requests;
    (void)state;
    for (size_t most = 0; most < 3; most++) {
        struct scene scene;
        scene_open_with(&scene, 0);
        scene.answerer.hidden_table = "users";
        scene.answerer.hidden_prefix = "ma";
        scene.answerer.pass_max = most;
        must(try_open(&scene), &scene.err);
        for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
            assert_int_equal(scan_users(&scene, begins[i], &requests), STATUS_NOT_FOUND);
        must(scan_users(&scene, "j", &requests), &scene.err);
        scene_close(&scene);
    }
}

/* What has reached a place before the one that was asked about is not asked on even once. */
static void a_server_that_goes_back_is_left(void **state)
{
    struct scene scene;
    unsigned requests;
    (void)state;
    scene_open_with(&scene, 0);
    scene.answerer.hidden_table = "users";
    scene.answerer.hidden_prefix = "";
    scene.answerer.pass_max = 1;
    scene.answerer.stays = true;
    must(try_open(&scene), &scene.err);
    assert_int_equal(scan_users(&scene, "maria", &requests), STATUS_CORRUPT);
    assert_int_equal(requests, 1);
    scene_close(&scene);
}

/* What needs everything is refused at once, or where it would pass over something after all; it never seems to be missing. */
static void all_is_read_or_nothing(void **state)
{
    char keys[1024];
    (void)state;
    for (size_t most = 0; most < 3; most++) {
        struct scene scene;
        scene_open_with(&scene, 0);
        scene.answerer.hidden_table = "users";
        scene.answerer.hidden_prefix = "ma";
        scene.answerer.pass_max = most;
        must(try_open(&scene), &scene.err);
        assert_int_equal(book_read_all(scene.book, "audit verify", &scene.err), STATUS_PERMISSION);
        assert_non_null(strstr(scene.err.text, "audit.read: maria does not hold"));
        book_close(scene.book);
        scene.book = NULL;
        scene.answerer.everything = true;
        must(try_open(&scene), &scene.err);
        must(book_read_all(scene.book, "audit verify", &scene.err), &scene.err);
        assert_int_equal(walk_users(&scene, false, keys, sizeof keys), STATUS_PERMISSION);
        assert_non_null(strstr(scene.err.text, "audit.read"));
        assert_int_equal(walk_users(&scene, true, keys, sizeof keys), STATUS_PERMISSION);
        scene_close(&scene);
    }
}

/* A journal with holes must not look like one that was cut. */
static void a_walk_over_hidden_entries_ends(void **state)
{
    struct scene scene;
    struct journal_snapshot *snapshot = NULL;
    struct journal_walk *walk = NULL;
    struct slice bytes;
    uint64_t seq = 0;
    enum status status = STATUS_OK;
    (void)state;
    scene_open_with(&scene, 0);
    scene.answerer.hidden_table = "entries";
    scene.answerer.hidden_prefix = "\0\0\0\0\0\0\0\x03";
    must(try_open(&scene), &scene.err);
    must(journal_read_begin(book_books(scene.book)->journal, &snapshot, &scene.err), &scene.err);
    must(journal_walk_begin(snapshot, 0, &walk, &scene.err), &scene.err);
    while (status == STATUS_OK)
        status = journal_walk_next(walk, &seq, &bytes, &scene.err);
    assert_int_equal(status, STATUS_PERMISSION);
    journal_walk_end(walk);
    journal_read_end(snapshot);
    scene_close(&scene);
}

static enum status submit(struct scene *scene, struct gate_answer *ret_answer)
{
    struct company_user *maria = company_user(&scene->company, "maria");
    struct signature_list *list = calloc(1, sizeof *list);
    struct statement statement;
    uint8_t blob[SSHSIG_BYTES_MAX];
    size_t length = 0;
    char id[32];
    json_t *note = company_credit_note(&scene->company, "10442", "40251", "1.00");
    json_t *body = json_pack("{s:b, s:[o]}", "atomic", 1, "documents", note);
    snprintf(id, sizeof id, "remote-%u", scene->company.ids++);
    scene->company.now_ms += 1000;
    const struct statement_head head = {
        .verb = VERB_SUBMIT, .actor = "maria", .book = book_id(scene->book), .id = id, .at_ms = scene->company.now_ms};
    must(statement_make(&head, body, &statement, &scene->err), &scene->err);
    must(sshsig_sign(&maria->signer, statement.bytes, statement.length, blob, &length, &scene->err), &scene->err);
    must(signature_list_add(list, slice_of(blob, length), &scene->err), &scene->err);
    enum status status =
        book_submit(scene->book, slice_of(statement.bytes, statement.length), list, ret_answer, &scene->err);
    statement_done(&statement);
    json_decref(body);
    free(list);
    return status;
}

static uint64_t size_of(struct scene *scene)
{
    struct journal_head head = {0};
    must(book_wait(scene->book, 0, 0, &head, &scene->err), &scene->err);
    return head.size;
}

/* As a new snapshot of the books has it. */
static uint64_t size_read(struct scene *scene)
{
    struct tables_txn *txn = NULL;
    struct tables_watermark mark = {.size = 0};
    must(tables_read_begin(book_books(scene->book)->tables, &txn, &scene->err), &scene->err);
    must(tables_watermark_get(txn, &mark, &scene->err), &scene->err);
    tables_abort(txn);
    return mark.size;
}

static void what_was_sent_is_read_at_once(void **state)
{
    struct scene scene;
    struct gate_answer answer = {.seq = 0};
    (void)state;
    scene_open(&scene, 0);
    const uint64_t before = size_read(&scene);
    must(submit(&scene, &answer), &scene.err);
    assert_int_equal(answer.seq, before);
    assert_int_equal(size_read(&scene), before + 1);
    gate_answer_done(&answer);
    scene_close(&scene);
}

static void submit_once(struct scene *scene, bool repeated)
{
    struct gate_answer answer = {.seq = 0};
    const uint64_t size = size_of(scene);
    must(submit(scene, &answer), &scene->err);
    assert_int_equal(answer.seq, size);
    assert_int_equal(answer.repeated, repeated);
    assert_int_equal(size_of(scene), size + 1);
    gate_answer_done(&answer);
}

/* As in a directory; the protocol has no form for it. */
static void what_nobody_signed_is_not_sent(void **state)
{
    struct scene scene;
    struct gate_answer answer;
    struct signature_list *none = calloc(1, sizeof *none);
    (void)state;
    scene_open(&scene, 0);
    const unsigned before = atomic_load(&scene.answerer.requests);
    assert_int_equal(book_submit(scene.book, slice_of("{}", 2), none, &answer, &scene.err), STATUS_PERMISSION);
    assert_non_null(strstr(scene.err.text, "not signed by a key of its actor"));
    assert_int_equal(atomic_load(&scene.answerer.requests), before);
    free(none);
    scene_close(&scene);
}

static void what_is_sent_is_there_once(void **state)
{
    struct scene scene;
    (void)state;
    scene_open(&scene, 0);
    submit_once(&scene, false);
    atomic_store(&scene.answerer.cut_before, 2); /* size_of asks first */
    submit_once(&scene, false);
    atomic_store(&scene.answerer.cut_after, 2);
    submit_once(&scene, true);
    atomic_store(&scene.answerer.stop_saying, 2);
    submit_once(&scene, false);
    assert_int_equal(atomic_load(&scene.answerer.connections), 4);
    assert_int_equal(atomic_load(&scene.answerer.proven), 4);
    scene_close(&scene);
}

/* The server goes away and does not come back. */
static void silence_after_sending_is_unknown(void **state)
{
    struct scene scene;
    struct gate_answer answer = {.seq = 0};
    (void)state;
    scene_open(&scene, 0);
    submit_once(&scene, false);
    atomic_store(&scene.answerer.cut_after, 1);
    atomic_store(&scene.answerer.stopped, false);
    scene.answerer.greeting = "{\"error\":{\"status\":\"permission\",\"text\":\"not any more\"},\"id\":0}";
    assert_int_equal(submit(&scene, &answer), STATUS_UNKNOWN);
    assert_int_equal(answer.seq, UINT64_MAX);
    assert_non_null(strstr(scene.err.text, "may be recorded"));
    assert_non_null(strstr(scene.err.text, "not any more"));
    scene_close(&scene);
}

/* What was begun on a line that is gone says so; what begins anew does not notice. */
static void snapshots_die_with_their_line(void **state)
{
    struct scene scene;
    struct tables_txn *txn = NULL;
    struct journal_snapshot *snapshot = NULL;
    struct slice value;
    (void)state;
    scene_open(&scene, 0);
    must(tables_read_begin(book_books(scene.book)->tables, &txn, &scene.err), &scene.err);
    atomic_store(&scene.answerer.cut_before, 1);
    assert_int_equal(tables_get(txn, BOOKS_USERS, slice_of("joe", 3), &value, &scene.err), STATUS_IO);
    assert_int_equal(tables_get(txn, BOOKS_USERS, slice_of("joe", 3), &value, &scene.err), STATUS_IO);
    assert_non_null(strstr(scene.err.text, "try again"));
    must(journal_read_begin(book_books(scene.book)->journal, &snapshot, &scene.err), &scene.err);
    assert_int_equal(tables_get(txn, BOOKS_USERS, slice_of("joe", 3), &value, &scene.err), STATUS_IO);
    assert_non_null(strstr(scene.err.text, "try again"));
    journal_read_end(snapshot);
    tables_abort(txn);
    must(tables_read_begin(book_books(scene.book)->tables, &txn, &scene.err), &scene.err);
    must(tables_get(txn, BOOKS_USERS, slice_of("joe", 3), &value, &scene.err), &scene.err);
    tables_abort(txn);
    scene_close(&scene);
}

static void strangers_and_other_books_are_told(void **state)
{
    struct scene scene;
    char other[HASH_HEX_CHARS + 1];
    (void)state;
    scene_open_with(&scene, 0);
    scene.options.user = "stranger";
    assert_int_equal(try_open(&scene), STATUS_PERMISSION);
    assert_non_null(strstr(scene.err.text, "never enrolled"));
    scene.options.user = "maria";
    must(try_open(&scene), &scene.err);
    book_close(scene.book);
    scene.book = NULL;
    snprintf(other, sizeof other, "%s", gate_book_id(scene.company.gate));
    other[0] = other[0] == 'a' ? 'b' : 'a';
    scene.answerer.book = other;
    const unsigned proven = atomic_load(&scene.answerer.proven);
    assert_int_equal(try_open(&scene), STATUS_CORRUPT);
    assert_non_null(strstr(scene.err.text, "another book answers"));
    assert_non_null(strstr(scene.err.text, scene.home));
    assert_int_equal(atomic_load(&scene.answerer.proven), proven);
    scene.answerer.book = NULL;
    must(try_open(&scene), &scene.err);
    scene_close(&scene);
}

/* What is kept of long walks stays within its bound. */
static void long_walks_do_not_keep_all(void **state)
{
    struct scene scene;
    struct journal_snapshot *snapshot = NULL;
    struct journal_walk *walk = NULL;
    struct slice bytes;
    uint64_t seq = 0, next = 0;
    (void)state;
    scene_open(&scene, LONG_ENTRIES);
    for (int round = 0; round < 3; round++) {
        must(journal_read_begin(book_books(scene.book)->journal, &snapshot, &scene.err), &scene.err);
        must(journal_walk_begin(snapshot, 0, &walk, &scene.err), &scene.err);
        for (next = 0; journal_walk_next(walk, &seq, &bytes, &scene.err) == STATUS_OK; next++)
            assert_int_equal(seq, next);
        assert_int_equal(next, size_of(&scene));
        journal_walk_end(walk);
        journal_read_end(snapshot);
    }
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_same_book),
        cmocka_unit_test(a_journal_is_read_in_few_round_trips),
        cmocka_unit_test(a_small_table_is_fetched_whole),
        cmocka_unit_test(hidden_records_are_not_missing),
        cmocka_unit_test(walks_are_asked_on),
        cmocka_unit_test(gets_are_not_asked_on),
        cmocka_unit_test(a_server_that_gets_no_further_is_left),
        cmocka_unit_test(a_scan_may_begin_at_what_is_hidden),
        cmocka_unit_test(a_server_that_goes_back_is_left),
        cmocka_unit_test(all_is_read_or_nothing),
        cmocka_unit_test(a_walk_over_hidden_entries_ends),
        cmocka_unit_test(what_was_sent_is_read_at_once),
        cmocka_unit_test(what_nobody_signed_is_not_sent),
        cmocka_unit_test(what_is_sent_is_there_once),
        cmocka_unit_test(silence_after_sending_is_unknown),
        cmocka_unit_test(snapshots_die_with_their_line),
        cmocka_unit_test(strangers_and_other_books_are_told),
        cmocka_unit_test(long_walks_do_not_keep_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

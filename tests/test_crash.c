/*
 * A process that makes a book, appends, puts evidence and personal data and writes the books' tables is killed at every
 * single call that changes a file, in turn. After each death: no book, or a whole one; every acknowledged entry there,
 * nothing half; the tree over the entries is that of RFC 6962; the next append works. The same program is worker and
 * driver: `test_crash work DIR` works and writes a byte to descriptor 3 for everything that was acknowledged.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger/append.h"
#include "ledger/beside.h"
#include "ledger/birth.h"
#include "ledger/tables.h"
#include "ledger/tree.h"
#include "tests/support/folder.h"
#include "tests/support/sanitized.h"

enum { ACK_FD = 3, BATCHES = 5, BATCH = 3, POINTS_MIN = 60, POINTS_MAX = 2000, BIG_ENTRY_BYTES = 20000 };

static const char *const table_names[] = {"records"};
static const struct tables_options tables_options = {.names = table_names, .count = 1, .map_bytes = 1 << 26};
static const uint8_t salt[PERSONAL_SALT_BYTES] = "salt";

/* ---- the worker ---- */

static void need(enum status status, const struct err *err)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "worker: %s\n", err->text);
    _exit(2);
}

static void acknowledge(char what)
{
    if (write(ACK_FD, &what, 1) != 1)
        _exit(3);
}

static size_t entry_bytes(uint64_t seq)
{
    return seq % 4 == 3 ? BIG_ENTRY_BYTES : 200 + (size_t)seq;
}

static void append_batch(struct journal *journal, uint64_t count)
{
    static uint8_t bytes[BIG_ENTRY_BYTES];
    struct append *append = NULL;
    struct journal_head head;
    struct err err = {0};
    need(append_begin(journal, NULL, &append, &err), &err);
    need(journal_head(append_snapshot(append), &head, &err), &err);
    for (uint64_t seq = head.size; seq < head.size + count; seq++) {
        memset(bytes, (int)('a' + seq % 26), sizeof bytes);
        need(append_entry(append, slice_of(bytes, entry_bytes(seq)), NULL, NULL, &err), &err);
    }
    need(append_commit(append, &err), &err);
}

static void write_tables(const char *dir, uint64_t size)
{
    struct tables *tables = NULL;
    struct tables_txn *txn = NULL;
    struct tables_watermark watermark = {.size = size};
    struct err err = {0};
    char *books = NULL;
    if (asprintf(&books, "%s/books", dir) < 0)
        _exit(4);
    need(tables_open(books, &tables_options, &tables, &err), &err);
    free(books);
    need(tables_write_begin(tables, &txn, &err), &err);
    for (uint64_t i = 0; i < size; i++)
        need(tables_put(txn, 0, slice_of(&i, sizeof i), slice_of(&size, sizeof size), &err), &err);
    need(tables_watermark_set(txn, &watermark, &err), &err);
    need(tables_commit(txn, &err), &err);
    acknowledge('t');
    need(tables_sync_close(tables, &err), &err);
}

static void put_beside(const char *dir, const char *source)
{
    struct evidence evidence;
    struct hash hash;
    struct err err = {0};
    need(evidence_put(dir, source, 1 << 20, &evidence, &err), &err);
    acknowledge('e');
    need(personal_put(dir, salt, slice_of("Ada", 3), &hash, &err), &err);
    acknowledge('p');
    need(personal_erase(dir, &hash, &err), &err);
    acknowledge('x');
}

static int work(const char *dir, const char *source)
{
    const struct birth_options options = {.map_bytes = 1 << 26, .nonce = 7};
    struct birth *birth = NULL;
    struct journal *journal = NULL;
    struct err err = {0};
    need(birth_begin(dir, &options, &birth, &err), &err);
    append_batch(birth_journal(birth), 1);
    need(birth_finish(birth, &err), &err);
    acknowledge('b');
    need(journal_open(dir, NULL, &journal, &err), &err);
    for (uint64_t batch = 0; batch < BATCHES; batch++) {
        append_batch(journal, BATCH);
        acknowledge('a');
        write_tables(dir, 1 + (batch + 1) * BATCH);
    }
    journal_close(journal);
    put_beside(dir, source);
    return 0;
}

/* ---- the driver ---- */

struct run {
    const char *program;
    const char *dir;
    const char *source;
    const char *log;
    int point; /* 0: not killed */
    bool torn;
    char acks[256];
};

static void exec_worker(const struct run *run, int ack)
{
    char preload[512], number[32];
    if (dup2(ack, ACK_FD) != ACK_FD)
        _exit(126);
    snprintf(preload, sizeof preload, "%s/killpoint.so", getenv("PRELOAD_DIR"));
    snprintf(number, sizeof number, "%d", run->point);
    setenv("LD_PRELOAD", preload, 1);
    setenv("KILLPOINT_N", number, 1);
    if (run->torn)
        setenv("KILLPOINT_TORN", "1", 1);
    if (run->log != NULL)
        setenv("KILLPOINT_LOG", run->log, 1);
    execl(run->program, run->program, "work", run->dir, run->source, (char *)NULL);
    _exit(127);
}

/* Runs the worker; its wait status. */
static int run_worker(struct run *run)
{
    int pipe_ends[2], status = 0;
    size_t used = 0;
    assert_int_equal(pipe(pipe_ends), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        exec_worker(run, pipe_ends[1]);
    close(pipe_ends[1]);
    for (ssize_t got = 1; got > 0 && used < sizeof run->acks - 1; used += (size_t)got) {
        got = read(pipe_ends[0], run->acks + used, sizeof run->acks - 1 - used);
        assert_true(got >= 0);
    }
    run->acks[used] = '\0';
    close(pipe_ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static unsigned count_acks(const struct run *run, char what)
{
    unsigned count = 0;
    for (const char *ack = run->acks; *ack != '\0'; ack++)
        count += *ack == what;
    return count;
}

/* RFC 6962 from the definition: split at the largest power of two below the size. */
static void root_by_definition(const struct hash *leaves, uint64_t size, struct hash *ret_root)
{
    struct hash left, right;
    uint64_t split = 1;
    if (size == 1) {
        *ret_root = leaves[0];
        return;
    }
    while (split * 2 < size)
        split *= 2;
    root_by_definition(leaves, split, &left);
    root_by_definition(leaves + split, size - split, &right);
    tree_node(&left, &right, ret_root);
}

/* Everything that a reader could ask of the journal; answers its size. */
static uint64_t check_journal(struct journal *journal)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head = {0};
    struct hash leaves[64], expected, root;
    struct err err = {0};
    assert_int_equal(journal_read_begin(journal, &snapshot, &err), STATUS_OK);
    assert_int_equal(journal_head(snapshot, &head, &err), STATUS_OK);
    assert_true(head.size > 0 && head.size <= 64);
    for (uint64_t seq = 0; seq < head.size; seq++) {
        const char *bytes = NULL;
        size_t length = 0;
        assert_int_equal(journal_entry_checked(snapshot, seq, &bytes, &length, &err), STATUS_OK);
        assert_int_equal(length, entry_bytes(seq));
        assert_int_equal(bytes[length - 1], 'a' + (int)(seq % 26));
        tree_leaf(bytes, length, &leaves[seq]);
    }
    struct tree_reader reader = journal_tree(snapshot);
    assert_int_equal(tree_root(&reader, head.size, &root, &err), STATUS_OK);
    root_by_definition(leaves, head.size, &expected);
    assert_memory_equal(root.bytes, expected.bytes, HASH_BYTES);
    journal_read_end(snapshot);
    return head.size;
}

static void check_tables(const struct run *run)
{
    struct tables *tables = NULL;
    struct tables_txn *txn = NULL;
    struct tables_watermark watermark = {0};
    struct err err = {0};
    uint64_t count = 0;
    char books[300];
    snprintf(books, sizeof books, "%s/books", run->dir);
    enum status status = tables_open(books, &tables_options, &tables, &err);
    if (status == STATUS_CORRUPT && count_acks(run, 't') == 0) { /* half made: drop it, and it is as new */
        assert_int_equal(tables_drop(books, &err), STATUS_OK);
        status = tables_open(books, &tables_options, &tables, &err);
    }
    if (status != STATUS_OK)
        fail_msg("%s", err.text);
    enum tables_trust trust = tables_trust(tables);
    assert_true(trust == TABLES_OK || trust == TABLES_FRESH);
    assert_int_equal(tables_read_begin(tables, &txn, &err), STATUS_OK);
    if (trust == TABLES_OK)
        assert_int_equal(tables_watermark_get(txn, &watermark, &err), STATUS_OK);
    assert_int_equal(tables_count(txn, 0, &count, &err), STATUS_OK);
    assert_int_equal(count, watermark.size);
    assert_true(watermark.size >= (count_acks(run, 't') > 0 ? 1 + count_acks(run, 't') * BATCH : 0));
    for (uint64_t i = 0; i < count; i++) {
        struct slice value = {0};
        assert_int_equal(tables_get(txn, 0, slice_of(&i, sizeof i), &value, &err), STATUS_OK);
        assert_memory_equal(value.bytes, &watermark.size, sizeof watermark.size);
    }
    tables_abort(txn);
    assert_int_equal(tables_sync_close(tables, &err), STATUS_OK);
}

static void check_beside(const struct run *run)
{
    struct hash hash;
    struct personal personal = {0};
    struct err err = {0};
    uint64_t bytes = 0;
    size_t length = 0;
    uint8_t record[PERSONAL_SALT_BYTES + 3];
    uint8_t *content = folder_read(run->source, &length);
    hash_of(content, length, &hash);
    free(content);
    enum status status = evidence_verify(run->dir, &hash, &bytes, &err);
    assert_true(status == STATUS_OK || (status == STATUS_NOT_FOUND && count_acks(run, 'e') == 0));
    memcpy(record, salt, sizeof salt);
    memcpy(record + sizeof salt, "Ada", 3);
    hash_of(record, sizeof record, &hash);
    status = personal_get(run->dir, &hash, &personal, &err);
    if (count_acks(run, 'x') > 0)
        assert_int_equal(status, STATUS_NOT_FOUND);
    else if (status == STATUS_OK)
        assert_memory_equal(personal.payload.bytes, "Ada", 3);
    else /* not there yet, or overwritten on its way out */
        assert_true(status == STATUS_NOT_FOUND || count_acks(run, 'p') > 0);
    personal_done(&personal);
}

static void check_after(const struct run *run)
{
    struct stat facts;
    struct journal *journal = NULL;
    struct err err = {0};
    if (stat(run->dir, &facts) != 0) { /* no book: then none was acknowledged */
        assert_string_equal(run->acks, "");
        assert_int_equal(journal_open(run->dir, NULL, &journal, &err), STATUS_NOT_FOUND);
        return;
    }
    if (journal_open(run->dir, NULL, &journal, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    uint64_t size = check_journal(journal);
    assert_int_equal((size - 1) % BATCH, 0); /* whole batches */
    assert_true(size >= 1 + count_acks(run, 'a') * BATCH);
    assert_true(size <= 1 + (count_acks(run, 'a') + 1) * BATCH);
    append_batch(journal, 2);
    assert_int_equal(check_journal(journal), size + 2);
    journal_close(journal);
    check_tables(run);
    check_beside(run);
}

static const char *program;

static void one_point(struct run *run, int point)
{
    struct folder folder;
    folder_make(&folder);
    char *dir = folder_path(&folder, "book");
    run->dir = dir;
    run->point = point;
    int status = run_worker(run);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        fail_msg("at point %d the worker was not killed: %x", point, (unsigned)status);
    check_after(run);
    free(dir);
    folder_remove(&folder);
}

static void killed_at_every_call(void **state)
{
    struct folder folder;
    size_t length = 0;
    (void)state;
    folder_make(&folder);
    char *dir = folder_path(&folder, "book");
    char *source = folder_path(&folder, "evidence.pdf");
    char *log = folder_path(&folder, "calls");
    char *content = calloc(1, 100001);
    memset(content, 'x', 100000);
    folder_write(source, content, 100000);
    struct run run = {.program = program, .dir = dir, .source = source, .log = log};
    assert_int_equal(run_worker(&run), 0);
    assert_string_equal(run.acks, "batatatatatepx");
    check_after(&run);
    uint8_t *calls = folder_read(log, &length);
    calls[length] = '\0';
    int points = (int)strtol((const char *)calls, NULL, 10);
    assert_true(points >= POINTS_MIN && points <= POINTS_MAX);
    print_message("%d calls\n", points);
    run.log = NULL;
    for (int point = 1; point <= points; point++) {
        run.torn = false;
        one_point(&run, point);
        run.torn = true;
        one_point(&run, point);
    }
    free(calls);
    free(content);
    free(log);
    free(source);
    free(dir);
    folder_remove(&folder);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "work") == 0)
        return work(argv[2], argv[3]);
    if (SANITIZED || getenv("PRELOAD_DIR") == NULL) {
        puts(SANITIZED ? "a sanitizer wants to be the first library loaded; the debug build runs this"
                       : "PRELOAD_DIR does not name where killpoint.so is");
        return 77;
    }
    program = argv[0];
    if (access("/dev/shm", W_OK) == 0) /* a killed process loses nothing that is in memory: the same, and faster */
        setenv("TMPDIR", "/dev/shm", 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_at_every_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

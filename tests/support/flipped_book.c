/*
 * A book whose files are changed under its readers, and what they answer. Whoever is asked runs in a child: it may crash, hang
 * or fill its memory, and what it does to the files is undone before the next question.
 */
#include "tests/support/flipped_book.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/fault.h"
#include "cli/output.h"
#include "controls/gate.h"
#include "ledger/beside.h"
#include "ledger/books.h"
#include "ledger/books_open.h"
#include "ledger/journal.h"
#include "ledger/tables.h"
#include "tests/support/cli_stub.h"
#include "tests/support/folder.h"
#include "tests/support/sanitized.h"

enum { CPU_SECONDS_MAX = SANITIZED ? 60 : 10, WALL_SECONDS_MAX = SANITIZED ? 120 : 30, CRASHED = 1000 };
#define DATA_BYTES_MAX                                                                                                 \
    ((rlim_t)2 << 30) /* of a child: a page that says it holds four gigabytes is no reason to take them */

static const char *const question_names[ASK_COUNT] = {
    "audit verify", "show",      "balance",      "log",      "aging",
    "inbox",        "statement", "audit export", "the gate", "audit verify after it"};
static const char *const outcome_names[OUTCOME_COUNT] = {"same", "in words", "WRONG", "CRASH", "HANG"};

const char *flipped_question_name(enum flipped_question question)
{
    return question_names[question];
}

const char *flipped_outcome_name(enum flipped_outcome outcome)
{
    return outcome_names[outcome];
}

/* ---------------------------------------------------------------- the book's files */

static struct flipped_book *taking; /* nftw has no context */

static int take_file(const char *path, const struct stat *facts, int kind, struct FTW *walk)
{
    struct flipped_book *flipped = taking;
    const char *name = path + strlen(flipped->book.dir) + 1;
    (void)walk;
    if (kind != FTW_F)
        return 0;
    assert_true(flipped->file_count < FLIPPED_FILES_MAX);
    struct flipped_file *file = &flipped->files[flipped->file_count++];
    assert_true(snprintf(file->name, sizeof file->name, "%s", name) < (int)sizeof file->name);
    file->bytes = folder_read(path, &file->length);
    file->mode = (unsigned)facts->st_mode & 07777;
    file->hole = 0;
    file->gone = false;
    while (strstr(path, "/lock.mdb") != NULL && file->length > 1 && file->bytes[file->length - 1] == 0) {
        file->length--;
        file->hole++;
    }
    return 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct flipped_file *)a)->name, ((const struct flipped_file *)b)->name);
}

static void take_files(struct flipped_book *flipped)
{
    taking = flipped;
    assert_int_equal(nftw(flipped->book.dir, take_file, 16, FTW_PHYS), 0);
    qsort(flipped->files, flipped->file_count, sizeof flipped->files[0], compare_names);
}

static void files_free(struct flipped_file *files, size_t *count)
{
    for (size_t i = 0; i < *count; i++)
        free(files[i].bytes);
    *count = 0;
}

void flipped_book_take(struct flipped_book *flipped)
{
    files_free(flipped->files, &flipped->file_count);
    take_files(flipped);
}

void flipped_book_restore(struct flipped_book *flipped)
{
    files_free(flipped->files, &flipped->file_count);
    for (size_t i = 0; i < flipped->whole_count; i++) {
        struct flipped_file *file = &flipped->files[i];
        *file = flipped->whole[i];
        file->bytes = malloc(file->length + 1);
        memcpy(file->bytes, flipped->whole[i].bytes, file->length);
    }
    flipped->file_count = flipped->whole_count;
    flipped_book_lay(flipped);
}

struct flipped_file *flipped_file(struct flipped_book *flipped, const char *name)
{
    for (size_t i = 0; i < flipped->file_count; i++)
        if (strcmp(flipped->files[i].name, name) == 0)
            return &flipped->files[i];
    fail_msg("the book has no file %s", name);
    return NULL;
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *walk)
{
    (void)facts;
    (void)walk;
    if (kind == FTW_DP || kind == FTW_D)
        (void)rmdir(path);
    else
        (void)unlink(path);
    return 0;
}

void flipped_book_lay(const struct flipped_book *flipped)
{
    char path[SCRATCH_PATH_BYTES + 128];
    (void)nftw(flipped->book.dir, remove_one, 16, FTW_PHYS | FTW_DEPTH);
    assert_int_equal(mkdir(flipped->book.dir, 0700), 0);
    for (size_t i = 0; i < flipped->file_count; i++) {
        const struct flipped_file *file = &flipped->files[i];
        if (file->gone)
            continue;
        snprintf(path, sizeof path, "%s/%s", flipped->book.dir, file->name);
        for (char *slash = path + strlen(flipped->book.dir) + 1; (slash = strchr(slash, '/')) != NULL; *slash++ = '/') {
            *slash = '\0';
            (void)mkdir(path, 0700);
        }
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, file->mode);
        assert_true(fd >= 0 && write(fd, file->bytes, file->length) == (ssize_t)file->length);
        if (file->hole > 0)
            assert_int_equal(ftruncate(fd, (off_t)(file->length + file->hole)), 0);
        close(fd);
    }
}

/* ---------------------------------------------------------------- who is asked, in the child */

static int ask_command(const struct flipped_book *flipped, const char *const words[])
{
    struct cli_stub stub;
    struct flipped_answer *now = flipped->now;
    cli_stub_init(&stub);
    stub.now_ms = flipped->book.now_ms;
    stub.cli.in = fopen("/dev/null", "r");
    int status = cli_stub_run(&stub, words);
    size_t used = strlen(now->out);
    snprintf(now->out + used, sizeof now->out - used, "%s", cli_stub_out(&stub));
    used = strlen(now->err);
    snprintf(now->err + used, sizeof now->err - used, "%s", cli_stub_err(&stub));
    cli_stub_done(&stub);
    return status;
}

static int ask_verify(const struct flipped_book *flipped)
{
    char scratch[SCRATCH_PATH_BYTES];
    scratch_path(&flipped->book.scratch, "", scratch);
    const char *const words[] = {"audit",     "verify", "--json",    "--book", flipped->book.dir,
                                 "--scratch", scratch,  "--threads", "1",      NULL};
    return ask_command(flipped, words);
}

static int64_t no_clock(void *context)
{
    (void)context;
    abort();
}

/* Statements by several people, one after the other; what the gate answers, number and hash of the entry included. */
static int ask_gate(const struct flipped_book *flipped)
{
    static const struct gate_facts facts = {
        .release = "test", .exe = "0123456789abcdef", .mode = "embedded", .os_user = "tester"};
    const struct gate_options options = {.facts = &facts, .now_ms = no_clock, .wait_ms = 1000};
    struct flipped_answer *now = flipped->now;
    struct gate *gate = NULL;
    struct err err = {.status = STATUS_OK};
    enum status status = gate_open(flipped->book.dir, &options, &gate, &err);
    size_t used = 0;
    for (size_t i = 0; i < FLIPPED_STATEMENTS && status == STATUS_OK; i++) {
        const struct flipped_statement *one = &flipped->statements[i];
        struct gate_answer answer = {.seq = 0};
        char leaf[HASH_HEX_CHARS + 1];
        status =
            gate_submit(gate, slice_of(one->statement.bytes, one->statement.length), one->signatures, &answer, &err);
        if (status != STATUS_OK)
            break;
        char *text = json_dumps(answer.decision, JSON_SORT_KEYS | JSON_COMPACT);
        hash_to_hex(&answer.leaf, leaf);
        used += (size_t)snprintf(now->out + used, sizeof now->out - used, "%llu %s %d %s\n",
                                 (unsigned long long)answer.seq, leaf, answer.repeated, text);
        free(text);
        gate_answer_done(&answer);
    }
    if (status != STATUS_OK)
        snprintf(now->err, sizeof now->err, "%s", err.text);
    gate_close(gate);
    return exit_status_of(status);
}

static int ask(const struct flipped_book *flipped, enum flipped_question question)
{
    const char *dir = flipped->book.dir;
    const char *const show[] = {"show", "CN-1", "CN-2", "CN-3", "CN-4", "CN-5", "--book", dir, NULL};
    const char *const balance[] = {"balance", "--book", dir, NULL};
    const char *const list[] = {"log", "--limit", "1000", "--book", dir, NULL};
    const char *const aging[] = {"aging", "--book", dir, NULL};
    const char *const inbox[] = {"inbox", "--book", dir, "--as", "ana", NULL};
    const char *const statement[] = {"statement", "--customer", "C-1", "--book", dir, NULL};
    const char *const export[] = {"audit", "export", "--out", "-", "--book", dir, NULL};
    const char *const *const commands[ASK_COUNT] = {
        [ASK_SHOW] = show,   [ASK_BALANCE] = balance,     [ASK_LOG] = list,     [ASK_AGING] = aging,
        [ASK_INBOX] = inbox, [ASK_STATEMENT] = statement, [ASK_EXPORT] = export};
    if (question == ASK_GATE)
        return ask_gate(flipped);
    if (commands[question] != NULL)
        return ask_command(flipped, commands[question]);
    return ask_verify(flipped);
}

_Noreturn static void child(const struct flipped_book *flipped, enum flipped_question question, int errors)
{
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    const struct rlimit no_core = {.rlim_cur = 0, .rlim_max = 0};
    const struct rlimit cpu = {.rlim_cur = CPU_SECONDS_MAX, .rlim_max = CPU_SECONDS_MAX + 1};
    const struct rlimit data = {.rlim_cur = DATA_BYTES_MAX, .rlim_max = DATA_BYTES_MAX};
    for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
        (void)signal(deadly[i], SIG_DFL);
    setrlimit(RLIMIT_CORE, &no_core);
    setrlimit(RLIMIT_CPU, &cpu);
    if (!SANITIZED)
        setrlimit(RLIMIT_DATA, &data);
    alarm(WALL_SECONDS_MAX);
    dup2(errors, STDERR_FILENO);
    if (!SANITIZED)
        fault_tell();
    _exit(ask(flipped, question));
}

void flipped_book_ask(struct flipped_book *flipped, enum flipped_question question)
{
    struct flipped_answer *now = flipped->now;
    int wait_status = 0;
    int errors = memfd_create("errors", MFD_CLOEXEC);
    assert_true(errors >= 0);
    now->out[0] = now->err[0] = '\0';
    now->status = 0;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        child(flipped, question, errors);
    while (waitpid(pid, &wait_status, 0) < 0)
        assert_int_equal(errno, EINTR);
    now->status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : CRASHED + WTERMSIG(wait_status);
    size_t used = strlen(now->err);
    ssize_t got = pread(errors, now->err + used, sizeof now->err - used - 1, 0);
    if (got > 0)
        now->err[used + (size_t)got] = '\0';
    close(errors);
}

enum flipped_outcome flipped_book_judge(const struct flipped_book *flipped, enum flipped_question question)
{
    const struct flipped_answer *now = flipped->now, *pristine = flipped->pristine[question];
    if (now->status >= CRASHED)
        return now->status == CRASHED + SIGXCPU || now->status == CRASHED + SIGALRM ? OUTCOME_HANG : OUTCOME_CRASH;
    if (now->status == pristine->status && strcmp(now->out, pristine->out) == 0)
        return OUTCOME_SAME;
    if (question == ASK_SHOW && now->status == EXIT_DONE && strstr(now->out, "NAME DAMAGED") != NULL)
        return OUTCOME_WORD;
    /* Whoever finds the journal changed under the books makes them anew of what is there, and says so. */
    if (strstr(now->err, "which is not in this journal any more") != NULL)
        return OUTCOME_WORD;
    /* A digit for a digit: nothing tells the journal from a later release's, and nothing is done with it. */
    if (now->status == EXIT_USAGE && strstr(now->err, "this program knows") != NULL)
        return OUTCOME_WORD;
    bool verify = question == ASK_VERIFY || question == ASK_VERIFY_AFTER;
    if (now->status == EXIT_INTEGRITY && (verify || now->err[0] != '\0'))
        return OUTCOME_WORD;
    return now->status == EXIT_ENVIRONMENT && now->err[0] != '\0' ? OUTCOME_WORD : OUTCOME_WRONG;
}

bool flipped_names(const struct flipped_book *flipped, uint64_t seq)
{
    bool names = false;
    json_t *said = json_loads(flipped->now->out, 0, NULL), *one = NULL;
    size_t i = 0;
    json_array_foreach(json_object_get(said, "findings"), i, one)
    {
        const json_t *entry = json_object_get(one, "entry");
        names = names || (entry != NULL && (uint64_t)json_integer_value(entry) == seq);
    }
    json_decref(said);
    return names;
}

/* ---------------------------------------------------------------- making it */

static struct flipped_answer *answer_new(void)
{
    void *room = mmap(NULL, sizeof(struct flipped_answer), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(room != MAP_FAILED);
    return room;
}

static json_t *credit_with_evidence(const struct small_book *book)
{
    static const char evidence[] = "the price that was agreed on\n";
    char path[SCRATCH_PATH_BYTES], hex[HASH_HEX_CHARS + 1];
    struct evidence put;
    struct hash hash;
    struct err err = {.status = STATUS_OK};
    const uint8_t salt[PERSONAL_SALT_BYTES] = {1, 2, 3};
    scratch_write(&book->scratch, "price.txt", evidence, sizeof evidence - 1);
    if (evidence_put(book->dir, scratch_path(&book->scratch, "price.txt", path), EVIDENCE_BYTES_MAX, &put, &err) !=
            STATUS_OK ||
        personal_put(book->dir, salt, slice_of("price.txt", 9), &hash, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    hash_to_hex(&put.hash, hex);
    json_t *piece = json_pack("{s:i, s:s, s:s, s:s}", "bytes", (int)put.bytes, "kind", "price-list", "media",
                              "text/plain", "sha256", hex);
    hash_to_hex(&hash, hex);
    json_object_set_new(piece, "name", json_string(hex));
    return json_pack("{s:[{s:s, s:s}], s:s, s:s, s:s, s:s, s:s, s:[o], s:s, s:s, s:s, s:s}", "allocations", "amount",
                     "40.00", "invoice", "I-1", "amount", "40.00", "channel", "cli", "currency", "USD", "customer",
                     "C-1", "date", "2026-07-01", "evidence", piece, "entity", "US01", "kind", "credit-note", "reason",
                     "PRICE_ERR", "ref", "r-7");
}

static json_t *submit_one(json_t *document)
{
    return json_pack("{s:b, s:[o]}", "atomic", 0, "documents", document);
}

static json_t *small_credit(const char *ref, const char *amount)
{
    return json_pack("{s:[{s:s, s:s}], s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "allocations", "amount", amount,
                     "invoice", "I-1", "amount", amount, "channel", "cli", "currency", "USD", "customer", "C-1", "date",
                     "2026-07-01", "entity", "US01", "kind", "credit-note", "reason", "PRICE_ERR", "ref", ref);
}

static void statement_add(struct flipped_book *flipped, size_t index, enum small_user who, json_t *body, enum verb verb)
{
    struct flipped_statement *one = &flipped->statements[index];
    one->signatures = calloc(1, sizeof *one->signatures);
    small_book_statement(&flipped->book, who, verb, body, &one->statement);
    small_book_sign(&flipped->book, &one->statement, 1U << who, one->signatures);
}

static json_t *item_of(struct flipped_book *flipped, const char *number, int level)
{
    struct tables_txn *txn = NULL;
    json_t *record = NULL;
    struct books_key key = books_key(number);
    struct err err = {.status = STATUS_OK};
    small_book_open(&flipped->book);
    assert_int_equal(tables_read_begin(gate_books(flipped->book.gate)->tables, &txn, &err), STATUS_OK);
    assert_int_equal(books_get(txn, BOOKS_DOCUMENTS, &key, &record, &err), STATUS_OK);
    tables_abort(txn);
    small_book_close(&flipped->book);
    json_t *item = json_pack("{s:O, s:s, s:i, s:O}", "content", json_object_get(record, "content"), "document", number,
                             "level", level, "version", json_object_get(record, "version"));
    json_decref(record);
    return json_pack("{s:[o]}", "items", item);
}

/* What the gate will be asked: it posts, asks for levels, refuses, approves, refuses a maker. */
static void statements_make(struct flipped_book *flipped)
{
    statement_add(flipped, 0, USER_MARIA, submit_one(small_credit("r-8", "150.00")), VERB_SUBMIT);
    statement_add(flipped, 1, USER_ANA, item_of(flipped, "CN-4", 1), VERB_APPROVE);
    statement_add(flipped, 2, USER_MARIA, item_of(flipped, "CN-4", 2), VERB_APPROVE);
    statement_add(flipped, 3, USER_MARIA, submit_one(small_credit("r-1", "77.00")), VERB_SUBMIT);
    statement_add(flipped, 4, USER_ANA, submit_one(small_credit("r-9", "1.00")), VERB_SUBMIT);
}

/* Where the file of the journal is mapped while it is open. */
static uintptr_t mapped_at(const char *path)
{
    char line[1024];
    unsigned long start = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    assert_non_null(maps);
    while (start == 0 && fgets(line, sizeof line, maps) != NULL)
        if (strstr(line, path) != NULL)
            start = strtoul(line, NULL, 16);
    fclose(maps);
    return start;
}

static void places_find(struct flipped_book *flipped)
{
    char path[SCRATCH_PATH_BYTES + 32];
    struct journal *journal = NULL;
    struct journal_snapshot *snapshot = NULL;
    struct err err = {.status = STATUS_OK};
    snprintf(path, sizeof path, "%s/journal/data.mdb", flipped->book.dir);
    const struct journal_options options = {.read_only = true};
    assert_int_equal(journal_open(flipped->book.dir, &options, &journal, &err), STATUS_OK);
    assert_int_equal(journal_read_begin(journal, &snapshot, &err), STATUS_OK);
    uintptr_t start = mapped_at(path);
    const struct flipped_file *file = flipped_file(flipped, "journal/data.mdb");
    for (uint64_t seq = 0; seq <= flipped->book.head_seq; seq++) {
        struct flipped_place *place = &flipped->entries[flipped->entry_count++];
        const char *bytes = NULL;
        assert_int_equal(journal_entry(snapshot, seq, &bytes, &place->length, &err), STATUS_OK);
        place->at = (size_t)((uintptr_t)bytes - start);
        assert_true(place->at + place->length <= file->length);
        assert_memory_equal(file->bytes + place->at, bytes, place->length);
    }
    journal_read_end(snapshot);
    journal_close(journal);
}

void flipped_book_make(struct flipped_book *flipped)
{
    char note[2048];
    memset(flipped, 0, sizeof *flipped);
    small_book_make(&flipped->book);
    small_book_open(&flipped->book);
    json_decref(small_book_document(&flipped->book, USER_MARIA, credit_with_evidence(&flipped->book), 0));
    small_book_close(&flipped->book);
    small_book_checkpoint(&flipped->book, true, note);
    statements_make(flipped);
    take_files(flipped);
    memcpy(flipped->whole, flipped->files, sizeof flipped->whole);
    flipped->whole_count = flipped->file_count;
    flipped->file_count = 0;
    flipped_book_restore(flipped);
    places_find(flipped);
    flipped->now = answer_new();
    for (enum flipped_question question = 0; question < ASK_COUNT; question++) {
        if (question != ASK_VERIFY_AFTER)
            flipped_book_lay(flipped);
        flipped_book_ask(flipped, question);
        flipped->pristine[question] = answer_new();
        *flipped->pristine[question] = *flipped->now;
        if (flipped->now->status != EXIT_DONE || strlen(flipped->now->out) == sizeof flipped->now->out - 1)
            fail_msg("%s of a whole book: %d %s %s", question_names[question], flipped->now->status, flipped->now->err,
                     flipped->now->out);
    }
}

void flipped_book_free(struct flipped_book *flipped)
{
    files_free(flipped->files, &flipped->file_count);
    files_free(flipped->whole, &flipped->whole_count);
    for (size_t i = 0; i < FLIPPED_STATEMENTS; i++) {
        statement_done(&flipped->statements[i].statement);
        free(flipped->statements[i].signatures);
    }
    for (size_t i = 0; i < ASK_COUNT; i++)
        munmap(flipped->pristine[i], sizeof *flipped->pristine[i]);
    munmap(flipped->now, sizeof *flipped->now);
    small_book_free(&flipped->book);
}

/*
 * The journal and its books as they are found, read and left as they are. A file that ends whoever reads it (LMDB believes its
 * pages) must not end the doctor, so a child reads all of it first.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/book.h"
#include "cli/doctor.h"
#include "cli/session.h"
#include "ledger/beside.h"
#include "ledger/books.h"
#include "ledger/durable.h"
#include "ledger/entry.h"
#include "ledger/instant.h"
#include "ledger/lost.h"
#include "ledger/schema.h"

enum status doctor_time_of(struct journal_snapshot *snapshot, uint64_t seq, int64_t *ret_ms, struct err *err)
{
    struct entry entry = {.seq = 0};
    enum status status = entry_at(snapshot, seq, &entry, err);
    if (status == STATUS_OK)
        *ret_ms = entry.time_ms;
    if (status == STATUS_OK)
        entry_done(&entry);
    return status;
}

/*
 * The release that let an entry in. In canonical bytes a quote within a text is escaped and keys are sorted, so that these
 * words stand nowhere but before an entry's gate, or a document's evidence.
 */
static void take_release(struct doctor_book *state, uint64_t seq, struct slice bytes)
{
    static const char gate[] = ",\"gate\":{\"exe\":\"", release[] = "\",\"release\":\"";
    char name[DOCTOR_RELEASE_BYTES];
    const char *end = (const char *)bytes.bytes + bytes.length;
    const char *at = memmem(bytes.bytes, bytes.length, gate, sizeof gate - 1);
    at = at == NULL ? NULL : memmem(at, (size_t)(end - at), release, sizeof release - 1);
    if (at == NULL)
        return;
    at += sizeof release - 1;
    const char *quote = memchr(at, '"', (size_t)(end - at));
    if (quote == NULL || (size_t)(quote - at) >= sizeof name)
        return;
    memcpy(name, at, (size_t)(quote - at));
    name[quote - at] = '\0';
    if (state->newest_release[0] != '\0' && !doctor_release_later(name, state->newest_release))
        return;
    memcpy(state->newest_release, name, sizeof name);
    state->newest_release_seq = seq;
}

/* Each file that an entry's documents name, looked for by its name. */
static void take_evidence(struct doctor_book *state, const char *book_dir, struct slice bytes)
{
    static const char list[] = "\"evidence\":[", name[] = "\"sha256\":\"";
    const char *at = (const char *)bytes.bytes, *end = at + bytes.length;
    while ((at = memmem(at, (size_t)(end - at), list, sizeof list - 1)) != NULL) {
        at += sizeof list - 1;
        const char *close = memchr(at, ']', (size_t)(end - at));
        close = close == NULL ? end : close;
        while ((at = memmem(at, (size_t)(close - at), name, sizeof name - 1)) != NULL) {
            char hex[HASH_HEX_CHARS + 1] = "";
            struct hash hash;
            at += sizeof name - 1;
            if ((size_t)(close - at) < HASH_HEX_CHARS)
                break;
            memcpy(hex, at, HASH_HEX_CHARS);
            if (hash_from_hex(hex, &hash) != STATUS_OK)
                continue;
            state->evidence_named++;
            state->evidence_missing += !evidence_exists(book_dir, &hash);
        }
        at = close;
    }
}

static enum status walk(struct journal_snapshot *snapshot, const char *book_dir, struct doctor_facts *facts,
                        struct err *err)
{
    struct doctor_book *state = &facts->state;
    struct doctor_personal *personal = NULL;
    struct journal_walk *step = NULL;
    enum status status = doctor_personal_begin(&facts->files, &personal, err);
    if (status == STATUS_OK)
        status = journal_walk_begin(snapshot, 0, &step, err);
    while (status == STATUS_OK) {
        uint64_t seq = 0;
        struct slice bytes;
        status = journal_walk_next(step, &seq, &bytes, err);
        if (status != STATUS_OK)
            break;
        take_release(state, seq, bytes);
        take_evidence(state, book_dir, bytes);
        doctor_personal_take(personal, bytes);
    }
    journal_walk_end(step);
    if (status == STATUS_NOT_FOUND) {
        doctor_personal_end(personal, &facts->files, facts->host.now_ms);
        return STATUS_OK;
    }
    doctor_personal_free(personal);
    return status;
}

static void take_charter(struct doctor_book *state, const json_t *charter, const char *book_dir)
{
    struct path path;
    const char *salt = member_text(charter, "salt"), *clock = member_text(charter, "clock");
    state->skew_ms = member_integer(charter, "skew_seconds") * 1000;
    state->engine = member_integer(charter, "engine");
    state->simulated = clock != NULL && strcmp(clock, "simulated") == 0;
    state->salt_named = salt != NULL;
    state->salt_there = salt != NULL && book_dir != NULL &&
                        path_set(&path, NULL, "%s/personal/%s", book_dir, salt) == STATUS_OK &&
                        access(path.text, F_OK) == 0;
}

/* While there is no entry behind those that were kept, none can have answered. */
static enum status look_mark(struct journal_snapshot *snapshot, uint64_t size, struct doctor_book *state,
                             struct err *err)
{
    enum status status = journal_lost(snapshot, &state->lost, err);
    state->lost_marked = status == STATUS_OK;
    state->lost_due = state->lost_marked && size <= state->lost.kept;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status look_journal(struct journal *journal, const char *book_dir, struct doctor_facts *facts,
                                struct err *err)
{
    struct doctor_book *state = &facts->state;
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head = {.size = 0};
    struct entry charter = {.seq = 0};
    struct path path;
    struct stat stat_of_file;
    enum status status = journal_read_begin(journal, &snapshot, err);
    if (status == STATUS_OK)
        status = journal_head(snapshot, &head, err);
    if (status == STATUS_OK)
        status = entry_at(snapshot, 0, &charter, err);
    if (status == STATUS_OK) {
        take_charter(state, charter.statement.body, book_dir);
        state->first_ms = charter.time_ms;
        entry_done(&charter);
        status = doctor_time_of(snapshot, head.size - 1, &state->head_ms, err);
    }
    if (status == STATUS_OK)
        status = look_mark(snapshot, head.size, state, err);
    if (status == STATUS_OK)
        status = walk(snapshot, book_dir, facts, err);
    journal_read_end(snapshot);
    state->entries = head.size;
    state->map_bytes = journal_map_bytes(journal);
    if (path_set(&path, NULL, "%s/journal/data.mdb", book_dir) == STATUS_OK && stat(path.text, &stat_of_file) == 0)
        state->file_bytes = (uint64_t)stat_of_file.st_size;
    return status;
}

/* How far the tables go, and whether they know of an answer for what was lost. */
static enum status look_inside_tables(struct journal *journal, struct tables *tables, struct doctor_book *state,
                                      struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    struct tables_txn *txn = NULL;
    struct tables_watermark mark = {.size = 0};
    enum status status = journal_read_begin(journal, &snapshot, err);
    if (status == STATUS_OK)
        status = tables_read_begin(tables, &txn, err);
    if (status == STATUS_OK) {
        status = tables_watermark_get(txn, &mark, err);
        if (status == STATUS_NOT_FOUND)
            status = STATUS_OK;
    }
    if (status == STATUS_OK)
        status = lost_unanswered(snapshot, txn, &state->lost_due, &state->lost, err);
    state->behind = state->entries > mark.size ? state->entries - mark.size : 0;
    tables_abort(txn);
    journal_read_end(snapshot);
    return status;
}

static enum status look_tables(struct journal *journal, const char *book_dir, struct doctor_book *state,
                               struct err *err)
{
    struct path path;
    struct tables *tables = NULL;
    struct tables_options layout = books_layout(journal_map_bytes(journal));
    layout.read_only = true;
    enum status status = path_set(&path, err, "%s/books", book_dir);
    if (status == STATUS_OK)
        status = tables_open(path.text, &layout, &tables, err);
    if (status == STATUS_OK) {
        state->trust = tables_trust(tables);
        if (state->trust <= TABLES_OK)
            status = look_inside_tables(journal, tables, state, err);
    }
    tables_close(tables);
    return status;
}

/* Whoever opens a store first makes its lock file; made by another account, the owner could not open it any more. */
static enum status lock_is_there(const char *book_dir, const char *store, uid_t owner, struct err *err)
{
    struct path path;
    enum status status = path_set(&path, err, "%s/%s/lock.mdb", book_dir, store);
    if (status != STATUS_OK || geteuid() == owner || access(path.text, F_OK) == 0)
        return status;
    return err_set(err, STATUS_PERMISSION, "%s: is not there, and has to be its owner's: run doctor as account %u",
                   path.text, (unsigned)owner);
}

/* Opens, calls, closes: in the child for the sake of what might happen, then for what is there. */
static void look_all(struct cli *cli, const struct doctor_order *order, struct doctor_facts *facts)
{
    const struct journal_options read_only = {.read_only = true};
    struct doctor_book *state = &facts->state;
    struct journal *journal = NULL;
    struct err err = {0};
    enum status status = lock_is_there(order->book, "journal", facts->owner, &err);
    if (status == STATUS_OK)
        status = journal_open(order->book, &read_only, &journal, &err);
    if (status == STATUS_OK)
        status = look_journal(journal, order->book, facts, &err);
    state->opened = status == STATUS_OK;
    facts->no_memory = facts->no_memory || status == STATUS_MEMORY;
    if (state->opened) {
        struct err tables_err = {0};
        enum status of_tables = lock_is_there(order->book, "books", facts->owner, &tables_err);
        if (of_tables == STATUS_OK)
            of_tables = look_tables(journal, order->book, state, &tables_err);
        state->tables_opened = of_tables == STATUS_OK;
        facts->no_memory = facts->no_memory || of_tables == STATUS_MEMORY;
        memcpy(state->tables_why, tables_err.text, sizeof state->tables_why);
        doctor_look_checkpoints(order, journal, facts);
        doctor_look_backup(cli, order, journal, facts);
    } else {
        memcpy(state->why, err.text, sizeof state->why);
        memcpy(facts->checkpoints.why, "not without the journal", sizeof "not without the journal");
        memcpy(facts->backup.why, "nothing to hold a backup against", sizeof "nothing to hold a backup against");
    }
    journal_close(journal);
}

/* Whether a child that reads all of it comes back. One that had no memory says nothing of the files. */
static bool can_be_read(struct cli *cli, const struct doctor_order *order, struct doctor_facts *facts)
{
    int ended = 0;
    pid_t child = fork();
    if (child == 0) {
        struct doctor_facts tried = *facts;
        look_all(cli, order, &tried);
        _exit(tried.no_memory ? EXIT_ENVIRONMENT : EXIT_DONE);
    }
    while (child > 0 && waitpid(child, &ended, 0) < 0)
        if (errno != EINTR)
            return true;
    facts->no_memory = child > 0 && WIFEXITED(ended) && WEXITSTATUS(ended) == EXIT_ENVIRONMENT;
    return child < 0 || facts->no_memory || (WIFEXITED(ended) && WEXITSTATUS(ended) == EXIT_DONE);
}

void doctor_look_book(struct cli *cli, const struct doctor_order *order, struct doctor_facts *facts)
{
    facts->backup.given = order->backup != NULL;
    if (can_be_read(cli, order, facts)) {
        if (!facts->no_memory)
            look_all(cli, order, facts);
        return;
    }
    snprintf(facts->state.why, sizeof facts->state.why,
             "%s: whatever reads the files of this book is ended by them: they are damaged", order->book);
    snprintf(facts->checkpoints.why, sizeof facts->checkpoints.why, "not without the journal");
    snprintf(facts->backup.why, sizeof facts->backup.why, "nothing to hold a backup against");
}

/* What a server answers: head, charter, what is lost; checkpoints as far as this user may read them. */
static enum status look_far(struct cli *cli, const struct doctor_order *order, struct doctor_facts *facts,
                            struct err *err)
{
    struct doctor_book *state = &facts->state;
    struct books *books = session_books(order->session);
    struct journal_head head = {.size = 0};
    struct journal_snapshot *snapshot = NULL;
    take_charter(state, book_charter(session_book(order->session)), NULL);
    enum status status = session_head(order->session, &head, err);
    if (status == STATUS_OK)
        status = books_lost(books, &state->lost_due, &state->lost, err);
    if (status == STATUS_OK)
        status = journal_read_begin(books->journal, &snapshot, err);
    if (status == STATUS_OK)
        status = doctor_time_of(snapshot, head.size - 1, &state->head_ms, err);
    if (status == STATUS_PERMISSION) {
        state->head_ms = DOCTOR_UNKNOWN;
        status = STATUS_OK;
    }
    journal_read_end(snapshot);
    state->opened = state->tables_opened = status == STATUS_OK;
    state->trust = TABLES_OK;
    state->entries = head.size;
    if (status == STATUS_OK) {
        doctor_look_checkpoints(order, books->journal, facts);
        facts->backup.given = order->backup != NULL;
        doctor_look_backup(cli, order, books->journal, facts);
    }
    return status;
}

static enum status looked(const struct doctor_facts *facts, struct err *err)
{
    return facts->no_memory || facts->host.no_memory
               ? err_set(err, STATUS_MEMORY, "%s: no memory to look at it", facts->book)
               : STATUS_OK;
}

enum status doctor_look(struct cli *cli, const struct doctor_order *order, struct doctor_facts *ret_facts,
                        struct err *err)
{
    struct doctor_facts *facts = ret_facts;
    facts->book = order->book;
    facts->far = facts->served = order->session != NULL;
    facts->checkpoints.since_ms = facts->checkpoints.uncosigned_since_ms = DOCTOR_UNKNOWN;
    doctor_look_host(cli, order, facts);
    if (facts->far) {
        enum status of_server = look_far(cli, order, facts, err);
        return of_server == STATUS_OK ? looked(facts, err) : of_server;
    }
    enum status status = doctor_look_files(order, facts, err);
    if (status == STATUS_OK)
        doctor_look_book(cli, order, facts);
    return status == STATUS_OK ? looked(facts, err) : status;
}

void doctor_facts_done(struct doctor_facts *facts)
{
    for (size_t i = 0; i < facts->files.count; i++)
        free(facts->files.items[i].path);
    free(facts->files.items);
    facts->files = (struct doctor_files){.items = NULL};
}

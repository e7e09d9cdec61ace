/*
 * The gate behind a door: who is inside is counted, and the door is shut while the gate is opened again. Guarantees that no
 * transaction outlives the handles it reads from.
 *
 * Policies that readers go by are read by judges of this room's own, since the gate's belongs to the thread that writes;
 * one judge is shared by all snapshots until it has read a few policies, and freed with the last snapshot that knows it.
 */
#include "cli/server/open_book.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "controls/judge.h"
#include "ledger/books.h"
#include "ledger/books_open.h"
#include "ledger/durable.h"
#include "ledger/instant.h"
#include "ledger/limits.h"
#include "ledger/schema.h"
#include "ledger/tables.h"

enum {
    READS_PER_JUDGE = 8,   /* policies, below the number that a judge keeps: none is freed under a reader */
    BEHIND_TRIES = 2000,   /* for the books to reach the journal: */
    BEHIND_PAUSE_US = 1000 /* a commit of the books follows that of the journal at once */
};

struct lawyer {
    struct judge *judge;
    const struct policy *last;
    unsigned changes; /* how often another policy was asked for */
    unsigned readers;
};

struct open_book {
    pthread_mutex_t mutex;
    pthread_cond_t left;
    struct gate *gate; /* NULL: closed */
    bool shut;
    unsigned inside;
    struct snapshot *snapshots;
    struct lawyer *lawyer;
    const struct gate_options *options;
    struct path dir;
    char id[HASH_HEX_CHARS + 1];
    char name[NAME_BYTES_MAX + 1];
    bool simulated;
    uint64_t map_bytes;
};

struct snapshot {
    struct open_book *book;
    struct snapshot *next, *prev; /* of those that have not ended */
    struct tables_txn *books;
    struct journal_snapshot *journal; /* NULL: of the books */
    struct journal_head head;
    struct lawyer *lawyer;
    struct facts facts;
    struct reader *reader;
    int64_t begun_us;
    bool ended;
};

static enum status gate_again(struct open_book *book, struct err *err)
{
    return gate_open(book->dir.text, book->options, &book->gate, err);
}

enum status open_book_open(const char *dir, const struct gate_options *options, struct open_book **ret_book,
                           struct err *err)
{
    struct open_book *book = calloc(1, sizeof *book);
    if (book == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    invariant(pthread_mutex_init(&book->mutex, NULL) == 0 && pthread_cond_init(&book->left, NULL) == 0);
    book->options = options;
    /* Absolute, so that error texts name it in one way (outward.h); what is not there is told as it was given. */
    char *whole = realpath(dir, NULL);
    enum status status = path_set(&book->dir, err, "%s", whole != NULL ? whole : dir);
    free(whole);
    if (status == STATUS_OK)
        status = gate_again(book, err);
    if (status != STATUS_OK) {
        open_book_close(book);
        return status;
    }
    snprintf(book->id, sizeof book->id, "%s", gate_book_id(book->gate));
    snprintf(book->name, sizeof book->name, "%s", member_text(gate_charter(book->gate), "name"));
    book->simulated = gate_is_simulated(book->gate);
    book->map_bytes = journal_map_bytes(gate_books(book->gate)->journal);
    *ret_book = book;
    return STATUS_OK;
}

static void lawyer_free(struct lawyer *lawyer)
{
    if (lawyer != NULL)
        judge_free(lawyer->judge);
    free(lawyer);
}

void open_book_close(struct open_book *book)
{
    if (book == NULL)
        return;
    invariant(book->inside == 0 && book->snapshots == NULL);
    lawyer_free(book->lawyer);
    gate_close(book->gate);
    (void)pthread_cond_destroy(&book->left);
    (void)pthread_mutex_destroy(&book->mutex);
    free(book);
}

const char *open_book_id(const struct open_book *book)
{
    return book->id;
}

const char *open_book_name(const struct open_book *book)
{
    return book->name;
}

const char *open_book_dir(const struct open_book *book)
{
    return book->dir.text;
}

uint64_t open_book_map_bytes(const struct open_book *book)
{
    return book->map_bytes;
}

bool open_book_is_simulated(const struct open_book *book)
{
    return book->simulated;
}

enum status open_book_enter(struct open_book *book, struct gate **ret_gate, struct err *err)
{
    pthread_mutex_lock(&book->mutex);
    bool shut = book->shut;
    book->inside += !shut;
    struct gate *gate = shut ? NULL : book->gate; /* while it is shut, the gate is with who opens it */
    pthread_mutex_unlock(&book->mutex);
    if (shut)
        return err_set(err, STATUS_BUSY, "the book is being opened again after a failed write: try again in a moment");
    *ret_gate = gate;
    return STATUS_OK;
}

void open_book_leave(struct open_book *book)
{
    pthread_mutex_lock(&book->mutex);
    invariant(book->inside > 0);
    book->inside--;
    pthread_cond_signal(&book->left);
    pthread_mutex_unlock(&book->mutex);
}

struct gate *open_book_gate(struct open_book *book)
{
    return book->gate;
}

/* The mutex is held by those who call the next three, or nobody else is there. */
static void lawyer_leave(struct open_book *book, struct lawyer *lawyer)
{
    if (lawyer == NULL)
        return;
    lawyer->readers--;
    if (lawyer->readers == 0 && lawyer != book->lawyer)
        lawyer_free(lawyer);
}

static void snapshot_end(struct snapshot *snapshot)
{
    if (snapshot->ended)
        return;
    reader_close(snapshot->reader);
    tables_abort(snapshot->books);
    journal_read_end(snapshot->journal);
    lawyer_leave(snapshot->book, snapshot->lawyer);
    if (snapshot->prev != NULL)
        snapshot->prev->next = snapshot->next;
    else if (snapshot->book->snapshots == snapshot)
        snapshot->book->snapshots = snapshot->next;
    if (snapshot->next != NULL)
        snapshot->next->prev = snapshot->prev;
    snapshot->ended = true;
}

/* A judge that has room for another policy. */
static enum status lawyer_call(struct open_book *book, struct lawyer **ret_lawyer, struct err *err)
{
    enum status status = STATUS_OK;
    if (book->lawyer != NULL && book->lawyer->changes >= READS_PER_JUDGE) {
        struct lawyer *full = book->lawyer;
        book->lawyer = NULL;
        if (full->readers == 0)
            lawyer_free(full);
    }
    if (book->lawyer == NULL) {
        struct lawyer *lawyer = calloc(1, sizeof *lawyer);
        status = lawyer != NULL ? judge_new(&lawyer->judge, err) : err_set(err, STATUS_MEMORY, "no memory");
        if (status != STATUS_OK)
            lawyer_free(lawyer);
        else
            book->lawyer = lawyer;
    }
    *ret_lawyer = book->lawyer;
    return status;
}

static enum status check_tail(struct open_book *book, const struct journal_head *acknowledged,
                              struct journal_head *ret_head, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head = {.size = 0};
    struct hash leaf = {{0}};
    enum status status = journal_read_begin(gate_books(book->gate)->journal, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    status = journal_head(snapshot, &head, err);
    bool there = status == STATUS_OK && head.size >= acknowledged->size;
    if (there && acknowledged->size > 0) {
        status = journal_node(snapshot, 0, acknowledged->size - 1, &leaf, err);
        there = status == STATUS_OK && hash_equal(&leaf, &acknowledged->leaf);
    }
    journal_read_end(snapshot);
    if (status == STATUS_OK && !there)
        status = err_set(err, STATUS_CORRUPT, "entry %llu, which was acknowledged, is not in the journal any more",
                         (unsigned long long)acknowledged->size - 1);
    if (status == STATUS_OK)
        *ret_head = head;
    return status;
}

enum status open_book_reopen(struct open_book *book, const struct journal_head *acknowledged,
                             struct journal_head *ret_head, struct err *err)
{
    pthread_mutex_lock(&book->mutex);
    book->shut = true;
    while (book->inside > 0)
        pthread_cond_wait(&book->left, &book->mutex);
    while (book->snapshots != NULL)
        snapshot_end(book->snapshots);
    pthread_mutex_unlock(&book->mutex);
    gate_close(book->gate);
    book->gate = NULL;
    enum status status = gate_again(book, err);
    if (status == STATUS_OK && strcmp(gate_book_id(book->gate), book->id) != 0)
        status = err_set(err, STATUS_CORRUPT, "%s: another book lies there now", book->dir.text);
    if (status == STATUS_OK)
        status = check_tail(book, acknowledged, ret_head, err);
    pthread_mutex_lock(&book->mutex);
    book->shut = status != STATUS_OK;
    pthread_mutex_unlock(&book->mutex);
    return status;
}

enum status open_book_head(struct gate *gate, struct journal_head *ret_head, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    enum status status = journal_read_begin(gate_books(gate)->journal, &snapshot, err);
    if (status == STATUS_OK)
        status = journal_head(snapshot, ret_head, err);
    journal_read_end(snapshot);
    return status;
}

/* Where the books stand; what is judged or read has to be of one moment. */
static enum status books_begin(struct snapshot *snapshot, struct err *err)
{
    struct tables_watermark mark = {.size = 0};
    struct books *books = gate_books(snapshot->book->gate);
    enum status status = tables_read_begin(books->tables, &snapshot->books, err);
    if (status == STATUS_OK)
        status = tables_watermark_get(snapshot->books, &mark, err);
    if (status != STATUS_OK)
        return status;
    snapshot->facts.books = snapshot->books;
    snapshot->facts.seq = mark.size;
    if (snapshot->journal == NULL)
        snapshot->head = (struct journal_head){.size = mark.size, .leaf = mark.leaf};
    return STATUS_OK;
}

/* Who may read an entry stands in the books, which follow the journal. */
static enum status journal_begin(struct snapshot *snapshot, struct err *err)
{
    enum status status = journal_read_begin(gate_books(snapshot->book->gate)->journal, &snapshot->journal, err);
    if (status == STATUS_OK)
        status = journal_head(snapshot->journal, &snapshot->head, err);
    if (status == STATUS_OK)
        status = books_begin(snapshot, err);
    for (int left = BEHIND_TRIES; status == STATUS_OK && snapshot->facts.seq < snapshot->head.size; left--) {
        const struct timespec pause = {.tv_nsec = BEHIND_PAUSE_US * 1000};
        if (left == 0)
            return err_set(err, STATUS_BUSY, "the books are behind the journal: try again in a moment");
        tables_abort(snapshot->books);
        snapshot->books = NULL;
        (void)nanosleep(&pause, NULL);
        status = books_begin(snapshot, err);
    }
    return status;
}

/* A simulated book's time is that of its last entry. */
static enum status time_now(struct snapshot *snapshot, int64_t now_ms, struct err *err)
{
    json_t *record = NULL;
    struct books_key key = books_key(NULL);
    snapshot->facts.time_ms = now_ms;
    if (!snapshot->book->simulated || snapshot->facts.seq == 0)
        return STATUS_OK;
    books_key_add_number(&key, snapshot->facts.seq - 1);
    enum status status = books_get(snapshot->books, BOOKS_ENTRIES, &key, &record, err);
    const char *text = member_text(record, "time");
    if (status == STATUS_OK)
        status = text != NULL ? instant_parse(text, strlen(text), &snapshot->facts.time_ms, err) : STATUS_NOT_FOUND;
    json_decref(record);
    return status == STATUS_NOT_FOUND
               ? err_set(err, STATUS_CORRUPT, "the books do not hold the time of their last entry; run rebuild")
               : status;
}

static enum status reader_of(struct snapshot *snapshot, const struct snapshot_owner *owner, struct err *err)
{
    struct open_book *book = snapshot->book;
    struct lawyer *lawyer = NULL;
    snapshot->facts.book = book->id;
    enum status status = time_now(snapshot, owner->now_ms, err);
    if (status != STATUS_OK)
        return status;
    pthread_mutex_lock(&book->mutex);
    status = lawyer_call(book, &lawyer, err);
    if (status == STATUS_OK)
        status = judge_policy(lawyer->judge, snapshot->books, snapshot->facts.time_ms, &snapshot->facts.policy,
                              &snapshot->facts.policy_seq, err);
    if (status == STATUS_OK) {
        lawyer->changes += lawyer->last != snapshot->facts.policy;
        lawyer->last = snapshot->facts.policy;
        lawyer->readers++;
        snapshot->lawyer = lawyer;
    }
    pthread_mutex_unlock(&book->mutex);
    return status == STATUS_OK && owner->user != NULL
               ? reader_open(&snapshot->facts, owner->user, owner->key, &snapshot->reader, err)
               : status;
}

enum status snapshot_begin(struct open_book *book, bool journal, const struct snapshot_owner *owner,
                           struct snapshot **ret_snapshot, struct err *err)
{
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (snapshot == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a snapshot");
    snapshot->book = book;
    snapshot->begun_us = owner->now_us;
    enum status status = journal ? journal_begin(snapshot, err) : books_begin(snapshot, err);
    if (status == STATUS_OK)
        status = reader_of(snapshot, owner, err);
    pthread_mutex_lock(&book->mutex);
    snapshot->next = book->snapshots;
    if (book->snapshots != NULL)
        book->snapshots->prev = snapshot;
    book->snapshots = snapshot;
    pthread_mutex_unlock(&book->mutex);
    if (status == STATUS_OK)
        *ret_snapshot = snapshot;
    else
        snapshot_free(snapshot);
    return status == STATUS_NOT_FOUND ? err_set(err, STATUS_CORRUPT, "the books hold no watermark; run rebuild")
                                      : status;
}

void snapshot_free(struct snapshot *snapshot)
{
    if (snapshot == NULL)
        return;
    struct open_book *book = snapshot->book;
    pthread_mutex_lock(&book->mutex);
    snapshot_end(snapshot);
    pthread_mutex_unlock(&book->mutex);
    free(snapshot);
}

bool snapshot_has_ended(const struct snapshot *snapshot)
{
    return snapshot->ended;
}

bool snapshot_is_journal(const struct snapshot *snapshot)
{
    return snapshot->journal != NULL;
}

struct store_txn *snapshot_store(const struct snapshot *snapshot)
{
    return snapshot->journal != NULL ? journal_store(snapshot->journal) : tables_store(snapshot->books);
}

const struct facts *snapshot_facts(const struct snapshot *snapshot)
{
    return &snapshot->facts;
}

struct reader *snapshot_reader(const struct snapshot *snapshot)
{
    return snapshot->reader;
}

struct journal_head snapshot_head(const struct snapshot *snapshot)
{
    return snapshot->head;
}

int64_t snapshot_begun_us(const struct snapshot *snapshot)
{
    return snapshot->begun_us;
}

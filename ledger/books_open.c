/*
 * Keeping the books in step with the journal: the watermark is compared with the journal at each opening, missing entries
 * are folded, everything is rebuilt when in doubt (DESIGN 4, 5).
 */
#include "ledger/books_open.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/books.h"
#include "ledger/entry.h"
#include "ledger/fold.h"
#include "ledger/journal.h"
#include "ledger/tables.h"
#include "ledger/writelock.h"

enum { FOLD_BATCH = 2000 }; /* entries folded in one transaction: bounds dirty pages, amortises the commit */

static enum status entry_fold_at(struct journal_snapshot *snapshot, struct tables_txn *txn, uint64_t seq,
                                 struct err *err)
{
    const char *bytes;
    size_t length;
    struct entry entry;
    enum status status = journal_entry_checked(snapshot, seq, &bytes, &length, err);
    if (status != STATUS_OK)
        return status;
    status = entry_read(slice_of(bytes, length), &entry, err);
    if (status != STATUS_OK) {
        err_prefix(err, "entry %llu: ", (unsigned long long)seq);
        return err == NULL ? STATUS_CORRUPT : (err->status = STATUS_CORRUPT);
    }
    status = entry_check_place(snapshot, &entry, seq, err);
    if (status == STATUS_OK)
        status = fold_entry(txn, &entry, err);
    entry_done(&entry);
    return status;
}

/*
 * Folds up to FOLD_BATCH entries below size in one transaction. Where to go on is read inside it: another process may
 * have folded the same entries while this one waited for the books.
 */
static enum status batch_fold(struct books *books, struct journal_snapshot *snapshot, uint64_t size,
                              uint64_t *ret_applied, struct err *err)
{
    struct tables_txn *txn = NULL;
    struct tables_watermark mark = {.size = 0};
    enum status status = tables_write_begin(books->tables, &txn, err);
    if (status == STATUS_OK)
        status = tables_watermark_get(txn, &mark, err);
    if (status == STATUS_NOT_FOUND)
        status = STATUS_OK;
    uint64_t from = mark.size, to = from;
    if (status == STATUS_OK && from < size)
        to = size - from < FOLD_BATCH ? size : from + FOLD_BATCH;
    for (uint64_t seq = from; status == STATUS_OK && seq < to; seq++)
        status = entry_fold_at(snapshot, txn, seq, err);
    if (status != STATUS_OK || from == to) {
        tables_abort(txn);
    } else {
        status = tables_commit(txn, err);
        books->applied += to - from;
    }
    if (status == STATUS_OK)
        *ret_applied = to;
    return status;
}

static enum status mark_get(struct books *books, struct tables_watermark *ret_mark, struct err *err)
{
    struct tables_txn *txn = NULL;
    struct tables_watermark mark = {.size = 0};
    enum status status = tables_read_begin(books->tables, &txn, err);
    if (status != STATUS_OK)
        return status;
    status = tables_watermark_get(txn, &mark, err);
    tables_abort(txn);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    *ret_mark = mark;
    return STATUS_OK;
}

/* Whether the entry that the books say they stand at is in the journal. */
static enum status mark_check(const struct tables_watermark *mark, struct journal_snapshot *snapshot, uint64_t size,
                              bool *ret_found, struct err *err)
{
    struct hash leaf;
    *ret_found = mark->size <= size;
    if (mark->size == 0 || mark->size > size)
        return STATUS_OK;
    enum status status = journal_node(snapshot, 0, mark->size - 1, &leaf, err);
    if (status == STATUS_OK)
        *ret_found = hash_equal(&leaf, &mark->leaf);
    return status;
}

static enum status catch_up_from(struct books *books, struct journal_snapshot *snapshot, uint64_t begun, uint64_t size,
                                 const struct books_options *options, struct err *err)
{
    enum status status = STATUS_OK;
    for (uint64_t applied = begun; status == STATUS_OK && applied < size;) {
        status = batch_fold(books, snapshot, size, &applied, err);
        if (status == STATUS_OK && options != NULL && options->progress != NULL)
            options->progress(options->progress_context, applied - begun, size - begun);
    }
    return status;
}

/* The watermark is read before the journal: an entry is in the journal before it is in the books. */
static enum status step_in(struct books *books, const struct books_options *options, bool *ret_in_doubt,
                           struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head;
    struct tables_watermark mark;
    bool found = false;
    enum status status = mark_get(books, &mark, err);
    *ret_in_doubt = status == STATUS_CORRUPT;
    if (status != STATUS_OK)
        return *ret_in_doubt ? STATUS_OK : status;
    status = journal_read_begin(books->journal, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    status = journal_head(snapshot, &head, err);
    if (status == STATUS_OK)
        status = mark_check(&mark, snapshot, head.size, &found, err);
    *ret_in_doubt = status == STATUS_OK && !found;
    if (*ret_in_doubt)
        books->strayed = mark.size;
    if (status == STATUS_OK && found && mark.size < head.size) {
        if (options != NULL && options->read_only)
            status = err_set(err, STATUS_BUSY,
                             "the books are %llu entries behind the journal; run any writing command or rebuild",
                             (unsigned long long)(head.size - mark.size));
        else
            status = catch_up_from(books, snapshot, mark.size, head.size, options, err);
    }
    journal_read_end(snapshot);
    return status;
}

enum status books_catch_up(struct books *books, const struct books_options *options, struct err *err)
{
    bool in_doubt = false;
    enum status status = step_in(books, options, &in_doubt, err);
    if (status == STATUS_OK && in_doubt)
        status = err_set(err, STATUS_CORRUPT, "the books do not belong to this journal; run rebuild");
    return status;
}

/*
 * Opens what is there and brings it in step. In doubt: the tables cannot be believed, or not be opened, or an earlier release
 * made them. Those of a later one are left alone: who goes back to an earlier release says so.
 */
static enum status open_live(const char *dir, struct books *books, const struct books_options *options,
                             bool *ret_in_doubt, struct err *err)
{
    struct tables_options layout = books_layout(journal_map_bytes(books->journal));
    layout.whole = options != NULL && options->whole;
    enum status status = tables_open(dir, &layout, &books->tables, err);
    if (status == STATUS_OK && tables_trust(books->tables) == TABLES_NEWER)
        return err_set(
            err, STATUS_INPUT,
            "%s: a later release of countersign made these books: use that one, or make them anew with this one: "
            "countersign rebuild",
            dir);
    *ret_in_doubt = status == STATUS_CORRUPT || status == STATUS_INPUT ||
                    (status == STATUS_OK && tables_trust(books->tables) > TABLES_OK);
    if (*ret_in_doubt)
        return STATUS_OK;
    return status == STATUS_OK ? step_in(books, options, ret_in_doubt, err) : status;
}

static enum status drop_and_fold(const char *dir, struct books *books, const struct books_options *options,
                                 struct err *err)
{
    bool in_doubt = false;
    enum status status = tables_drop(dir, err);
    if (status == STATUS_OK)
        status = open_live(dir, books, options, &in_doubt, err);
    if (status == STATUS_OK && in_doubt)
        status = err_set(err, STATUS_CORRUPT, "%s: books just made cannot be believed: is the disk sound?", dir);
    books->rebuilt = true;
    return status;
}

/* Under the writer's lock; who waited for it may find that the one before has rebuilt them. */
static enum status rebuild(const char *book_dir, const char *dir, struct books *books,
                           const struct books_options *options, struct err *err)
{
    struct writelock lock = {.fd = -1};
    bool in_doubt = true;
    if (options->read_only)
        return err_set(err, STATUS_BUSY, "%s: the books must be rebuilt; run any writing command or rebuild", dir);
    tables_close(books->tables);
    books->tables = NULL;
    enum status status = writelock_take(book_dir, options->wait_ms, &lock, err);
    if (status == STATUS_OK && !options->rebuild)
        status = open_live(dir, books, options, &in_doubt, err);
    if (status == STATUS_OK && in_doubt) {
        tables_close(books->tables);
        books->tables = NULL;
        status = drop_and_fold(dir, books, options, err);
    }
    writelock_release(&lock);
    return status;
}

static enum status open_book(const char *book_dir, struct books *books, const struct books_options *options,
                             struct err *err)
{
    char dir[4096];
    bool in_doubt = options->rebuild;
    if (snprintf(dir, sizeof dir, "%s/books", book_dir) >= (int)sizeof dir)
        return err_set(err, STATUS_LIMIT, "%s: the path is too long", book_dir);
    enum status status = in_doubt ? STATUS_OK : open_live(dir, books, options, &in_doubt, err);
    return status == STATUS_OK && in_doubt ? rebuild(book_dir, dir, books, options, err) : status;
}

enum status books_open(const char *book_dir, struct journal *journal, const struct books_options *options,
                       struct books **ret_books, struct err *err)
{
    struct books *books = calloc(1, sizeof *books);
    if (books == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the books");
    books->journal = journal;
    enum status status = open_book(book_dir, books, options, err);
    if (status != STATUS_OK)
        books_close(books, false);
    else
        *ret_books = books;
    return status;
}

void books_close(struct books *books, bool clean)
{
    if (books == NULL)
        return;
    if (clean && books->tables != NULL) {
        /* Failing to mark costs a rebuild at the next boot, never an entry. */
        enum status status = tables_sync_close(books->tables, NULL);
        (void)status;
    } else {
        tables_close(books->tables);
    }
    free(books);
}

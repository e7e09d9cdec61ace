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

enum { FOLD_BATCH = 2000 }; /* entries folded in one transaction: bounds dirty pages, amortises the commit */

static enum status entry_fold_at(struct journal_snapshot *snapshot, struct tables_txn *txn, uint64_t seq, struct err *err)
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
    status = fold_entry(txn, &entry, err);
    entry_done(&entry);
    return status;
}

/* Folds [from, to) in one transaction. */
static enum status batch_fold(struct books *books, struct journal_snapshot *snapshot, uint64_t from, uint64_t to,
                              struct err *err)
{
    struct tables_txn *txn = NULL;
    enum status status = tables_write_begin(books->tables, &txn, err);
    for (uint64_t seq = from; status == STATUS_OK && seq < to; seq++)
        status = entry_fold_at(snapshot, txn, seq, err);
    if (status != STATUS_OK) {
        tables_abort(txn);
        return status;
    }
    return tables_commit(txn, err);
}

/* How much of the journal the books hold; FOUND false when the watermark is not in the journal. */
static enum status watermark_locate(struct books *books, struct journal_snapshot *snapshot, uint64_t size,
                                    uint64_t *ret_applied, bool *ret_found, struct err *err)
{
    struct tables_txn *txn = NULL;
    struct tables_watermark mark = {.size = 0};
    struct hash leaf;
    enum status status = tables_read_begin(books->tables, &txn, err);
    if (status != STATUS_OK)
        return status;
    status = tables_watermark_get(txn, &mark, err);
    tables_abort(txn);
    if (status == STATUS_NOT_FOUND)
        status = STATUS_OK;
    if (status != STATUS_OK)
        return status;
    *ret_applied = mark.size;
    *ret_found = mark.size <= size;
    if (mark.size == 0 || mark.size > size)
        return STATUS_OK;
    status = journal_node(snapshot, 0, mark.size - 1, &leaf, err);
    if (status == STATUS_OK)
        *ret_found = hash_equal(&leaf, &mark.leaf);
    return status;
}

static enum status catch_up_from(struct books *books, struct journal_snapshot *snapshot, uint64_t applied, uint64_t size,
                                 const struct books_options *options, struct err *err)
{
    enum status status = STATUS_OK;
    for (uint64_t from = applied; status == STATUS_OK && from < size; from += FOLD_BATCH) {
        uint64_t to = size - from < FOLD_BATCH ? size : from + FOLD_BATCH;
        status = batch_fold(books, snapshot, from, to, err);
        if (options != NULL && options->progress != NULL)
            options->progress(options->progress_context, to - applied, size - applied);
    }
    if (status == STATUS_OK)
        books->applied += size - applied;
    return status;
}

static enum status step_in(struct books *books, const struct books_options *options, bool *ret_in_doubt, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head;
    uint64_t applied = 0;
    bool found = false;
    enum status status = journal_read_begin(books->journal, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    status = journal_head(snapshot, &head, err);
    if (status == STATUS_OK)
        status = watermark_locate(books, snapshot, head.size, &applied, &found, err);
    *ret_in_doubt = status == STATUS_CORRUPT || (status == STATUS_OK && !found);
    if (status == STATUS_OK && found && applied < head.size) {
        if (options != NULL && options->read_only)
            status = err_set(err, STATUS_BUSY, "the books are %llu entries behind the journal; run any writing command or rebuild",
                             (unsigned long long)(head.size - applied));
        else
            status = catch_up_from(books, snapshot, applied, head.size, options, err);
    }
    journal_read_end(snapshot);
    return *ret_in_doubt ? STATUS_OK : status;
}

enum status books_catch_up(struct books *books, const struct books_options *options, struct err *err)
{
    bool in_doubt = false;
    enum status status = step_in(books, options, &in_doubt, err);
    if (status == STATUS_OK && in_doubt)
        status = err_set(err, STATUS_CORRUPT, "the books do not belong to this journal; run rebuild");
    return status;
}

static enum status tables_reopen(const char *dir, const struct tables_options *options, struct books *books, struct err *err)
{
    tables_close(books->tables);
    books->tables = NULL;
    enum status status = tables_drop(dir, err);
    if (status == STATUS_OK)
        status = tables_open(dir, options, &books->tables, err);
    books->rebuilt = true;
    return status;
}

static enum status tables_trusted(const char *dir, const struct tables_options *layout, bool rebuild, struct books *books,
                                  struct err *err)
{
    enum status status = STATUS_OK;
    if (!rebuild) {
        status = tables_open(dir, layout, &books->tables, err);
        if (status == STATUS_CORRUPT || status == STATUS_INPUT)
            rebuild = true;
        else if (status != STATUS_OK)
            return status;
        else
            rebuild = tables_trust(books->tables) > TABLES_OK;
    }
    return rebuild ? tables_reopen(dir, layout, books, err) : status;
}

enum status books_open(const char *book_dir, struct journal *journal, const struct books_options *options,
                       struct books **ret_books, struct err *err)
{
    static const struct books_options defaults = {.read_only = false};
    const struct tables_options layout = {.names = books_table_names(), .count = BOOKS_TABLE_COUNT};
    char dir[4096];
    bool in_doubt = false;
    if (options == NULL)
        options = &defaults;
    if (snprintf(dir, sizeof dir, "%s/books", book_dir) >= (int)sizeof dir)
        return err_set(err, STATUS_LIMIT, "%s: the path is too long", book_dir);
    struct books *books = calloc(1, sizeof *books);
    if (books == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the books");
    books->journal = journal;
    enum status status = options->scratch_dir != NULL
                             ? tables_create_scratch(options->scratch_dir, &layout, &books->tables, err)
                             : tables_trusted(dir, &layout, options->rebuild, books, err);
    if (status == STATUS_OK && options->scratch_dir == NULL)
        status = step_in(books, options, &in_doubt, err);
    if (status == STATUS_OK && in_doubt) {
        status = tables_reopen(dir, &layout, books, err);
        if (status == STATUS_OK)
            status = books_catch_up(books, options, err);
    }
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

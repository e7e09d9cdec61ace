/*
 * A book's own files as the source of a verification: its journal in one snapshot, its live books to compare. Guarantees that
 * nothing is written, and that a file that is no store any more is a finding.
 */
#include <stdlib.h>

#include "audit/verify/parts.h"
#include "audit/verify/source.h"
#include "audit/verify/verify.h"
#include "ledger/books_open.h"
#include "ledger/journal.h"
#include "ledger/timestamps.h"

struct journal_source {
    struct journal *journal; /* the caller's, or of mine */
    struct journal *mine;
    const char *dir;                 /* the book's */
    const struct verify_stamps *far; /* time stamps of a server's book; NULL: they lie in dir */
    struct journal_snapshot *snapshot;
    struct journal_walk *walk;
};

static enum status next(void *context, struct source_entry *ret_entry, struct err *err)
{
    struct journal_source *source = context;
    enum status status = STATUS_OK;
    if (source->walk == NULL)
        status = journal_walk_begin(source->snapshot, 0, &source->walk, err);
    if (status == STATUS_OK)
        status = journal_walk_next(source->walk, &ret_entry->seq, &ret_entry->bytes, err);
    return status;
}

static enum status again(void *context, struct err *err)
{
    struct journal_source *source = context;
    (void)err;
    journal_walk_end(source->walk);
    source->walk = NULL;
    return STATUS_OK;
}

static enum status node(void *context, unsigned level, uint64_t index, struct hash *ret_hash, struct err *err)
{
    const struct journal_source *source = context;
    return journal_node(source->snapshot, level, index, ret_hash, err);
}

static enum status issued_count(void *context, uint64_t *ret_count, struct err *err)
{
    const struct journal_source *source = context;
    return journal_checkpoint_count(source->snapshot, ret_count, err);
}

static enum status issued(void *context, uint64_t number, struct journal_checkpoint *ret_checkpoint, struct err *err)
{
    const struct journal_source *source = context;
    return journal_checkpoint(source->snapshot, number, ret_checkpoint, err);
}

static enum status lost(void *context, struct journal_lost *ret_lost, struct err *err)
{
    const struct journal_source *source = context;
    return journal_lost(source->snapshot, ret_lost, err);
}

/* Beside the journal in a directory, or from its server. */
static enum status stamp(void *context, const char *name, uint8_t *ret_reply, size_t *ret_length, struct err *err)
{
    const struct journal_source *source = context;
    return source->far != NULL ? source->far->get(source->far->context, name, ret_reply, ret_length, err)
                               : timestamps_get(source->dir, name, ret_reply, ret_length, err);
}

static enum status stamps(void *context, timestamps_step *step, void *step_context, struct err *err)
{
    const struct journal_source *source = context;
    return source->far != NULL ? source->far->each(source->far->context, step, step_context, err)
                               : timestamps_each(source->dir, step, step_context, err);
}

static enum status compare(struct verify *verify, struct tables *replayed, struct err *err)
{
    const struct journal_source *source = verify->source->context;
    return verify_books(verify, source->journal, replayed, err);
}

static enum status source_open(const struct verify_options *options, struct journal_source *source, struct err *err)
{
    const struct journal_options how = {.read_only = true, .unchecked = true};
    enum status status = STATUS_OK;
    if (options->books != NULL)
        source->journal = options->books->journal;
    else
        status = journal_open(options->book_dir, &how, &source->mine, err);
    if (status != STATUS_OK)
        return status;
    if (options->books == NULL)
        source->journal = source->mine;
    return journal_read_begin(source->journal, &source->snapshot, err);
}

enum status verify_book(const struct verify_options *options, struct verify_result *ret_result, struct err *err)
{
    struct journal_source journal = {.dir = options->book_dir, .far = options->books != NULL ? options->stamps : NULL};
    const bool has_stamps = options->books == NULL || options->stamps != NULL;
    struct verify_source source = {.context = &journal,
                                   .what = "the journal",
                                   .next = next,
                                   .again = again,
                                   .node = node,
                                   .issued_count = issued_count,
                                   .issued = issued,
                                   .stamp = has_stamps ? stamp : NULL,
                                   .stamps = has_stamps ? stamps : NULL,
                                   .lost = lost,
                                   .compare = compare};
    struct verify *verify = NULL;
    struct journal_head head = {.size = 0};
    struct err what = {.status = STATUS_OK};
    enum status status = verify_new(options, ret_result, &verify, err);
    if (status != STATUS_OK)
        return status;
    /* A journal that cannot be opened for what it holds is a finding, and all there is to find. */
    status = source_open(options, &journal, &what);
    if (status == STATUS_CORRUPT) {
        finding_whole(&verify->findings, CHECK_ENTRIES, "%s", what.text);
        status = STATUS_OK;
        goto done;
    }
    if (status != STATUS_OK) {
        status = err_set(err, status, "%s", what.text);
        goto done;
    }
    if (journal_look_at(journal.journal, &what) != STATUS_OK)
        finding_whole(&verify->findings, CHECK_ENTRIES, "%s", what.text);
    if (journal_head(journal.snapshot, &head, &what) != STATUS_OK)
        finding_whole(&verify->findings, CHECK_TREE, "%s", what.text);
    source.size = head.size;
    source.map_bytes = journal_map_bytes(journal.journal);
    verify->source = &source;
    status = verify_run(verify, err);
    ret_result->complete = status == STATUS_OK;
done:
    verify_free(verify);
    journal_walk_end(journal.walk);
    journal_read_end(journal.snapshot);
    journal_close(journal.mine);
    return status;
}

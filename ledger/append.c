/*
 * Writing the journal: one batch, one writer, one synced commit. Guarantees that on OK the bytes are on disk, that a
 * batch is wholly there or wholly absent, and that it stands on the head which this process saw before. What entries
 * say, and whether they may be written, is for the gate.
 *
 * Two locks: the book's (writelock.h), which can be waited for with a limit and names its holder, and below it LMDB's
 * own. Both are taken and dropped per batch.
 */
#include "ledger/append.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/journal_layout.h"
#include "ledger/limits.h"
#include "ledger/tree.h"
#include "ledger/writelock.h"

enum { META_NAME_MAX = 64 };

struct append {
    struct journal *journal;
    struct journal_snapshot snapshot; /* of the writing transaction */
    struct journal_head head;
    struct writelock lock;
    enum status failed; /* of an earlier call; only abort is left then */
    struct err first;   /* what it said */
};

static void remember_head(struct append *append)
{
    append->journal->seen_size = append->head.size;
    append->journal->seen_leaf = append->head.leaf;
    append->journal->hashed = true;
}

/* The last entry is one that this handle wrote or looked at: its bytes were hashed then. */
static bool is_known(const struct append *append)
{
    return append->journal->hashed && append->head.size == append->journal->seen_size &&
           hash_equal(&append->head.leaf, &append->journal->seen_leaf);
}

/* Its tree's own last leaf is what the last entry hashes to, and the head seen before still stands below it. */
static enum status check_head(struct append *append, const struct journal_head *expected, struct err *err)
{
    const struct journal *journal = append->journal;
    const char *dir = journal->dir.text;
    const char *bytes = NULL;
    size_t length = 0;
    struct hash leaf = {0};
    enum status status = journal_head(&append->snapshot, &append->head, err);
    if (status == STATUS_OK && append->head.size > 0 && !is_known(append))
        status = journal_entry_checked(&append->snapshot, append->head.size - 1, &bytes, &length, err);
    if (status != STATUS_OK)
        return status;
    if (append->head.size < journal->seen_size)
        return err_set(err, STATUS_CORRUPT, "%s: has %llu entries where this process has seen %llu: it was put back",
                       dir, (unsigned long long)append->head.size, (unsigned long long)journal->seen_size);
    if (journal->seen_size > 0)
        status = journal_node(&append->snapshot, 0, journal->seen_size - 1, &leaf, err);
    if (status != STATUS_OK)
        return status;
    if (!hash_equal(&leaf, &journal->seen_leaf))
        return err_set(err, STATUS_CORRUPT, "%s: seq %llu is not the entry that this process has seen there", dir,
                       (unsigned long long)(journal->seen_size - 1));
    if (expected != NULL && (expected->size != append->head.size || !hash_equal(&expected->leaf, &append->head.leaf)))
        return err_set(err, STATUS_EXISTS, "%s: has %llu entries, and %llu were expected: look again", dir,
                       (unsigned long long)append->head.size, (unsigned long long)expected->size);
    remember_head(append);
    return STATUS_OK;
}

enum status append_begin(struct journal *journal, const struct append_options *options, struct append **ret_append,
                         struct err *err)
{
    uint32_t wait_ms = options == NULL ? APPEND_WAIT_MS_DEFAULT : options->wait_ms;
    if (wait_ms > APPEND_WAIT_MS_MAX)
        return err_set(err, STATUS_LIMIT, "a writer waits %d ms at most", APPEND_WAIT_MS_MAX);
    struct append *append = calloc(1, sizeof *append);
    if (append == NULL)
        return err_set(err, STATUS_MEMORY, "%s: no memory", journal->dir.text);
    append->journal = journal;
    append->lock.fd = -1;
    append->snapshot.journal = journal;
    enum status status = writelock_take(journal->dir.text, wait_ms, &append->lock, err);
    if (status == STATUS_OK)
        status = store_clear_readers(journal->store, err);
    if (status == STATUS_OK)
        status = store_write_begin(journal->store, &append->snapshot.txn, err);
    if (status == STATUS_OK)
        status = check_head(append, options == NULL ? NULL : options->expected, err);
    if (status != STATUS_OK) {
        append_abort(append);
        return status;
    }
    *ret_append = append;
    return STATUS_OK;
}

struct journal_snapshot *append_snapshot(struct append *append)
{
    return &append->snapshot;
}

/* Repeats what went wrong first. */
static enum status refuse(const struct append *append, struct err *err)
{
    return err_set(err, append->failed, "%s", append->first.text);
}

/* Remembers what went wrong inside the transaction. */
static enum status keep(struct append *append, enum status status, const struct err *what, struct err *err)
{
    if (status == STATUS_OK)
        return STATUS_OK;
    append->failed = status;
    append->first = *what;
    return refuse(append, err);
}

/* The hashes that one entry completes, as they come from the leaf up. */
struct completed {
    uint8_t bytes[TREE_LEVELS * HASH_BYTES];
    size_t length;
};

static enum status collect_node(void *context, unsigned level, uint64_t index, const struct hash *hash, struct err *err)
{
    struct completed *completed = context;
    (void)index;
    (void)err;
    invariant(level < TREE_LEVELS && completed->length == (size_t)level * HASH_BYTES);
    memcpy(completed->bytes + completed->length, hash->bytes, HASH_BYTES);
    completed->length += HASH_BYTES;
    return STATUS_OK;
}

static enum status write_entry(struct append *append, struct slice bytes, const struct hash *leaf, struct err *err)
{
    uint64_t seq = append->head.size;
    struct journal_key key = journal_key_of(seq);
    struct slice key_slice = slice_of(key.bytes, sizeof key.bytes);
    struct completed completed = {.length = 0};
    const struct tree_reader reader = journal_tree(&append->snapshot);
    const struct tree_emitter emitter = {.node = collect_node, .context = &completed};
    enum status status = tree_append(&reader, seq, leaf, &emitter, err);
    if (status == STATUS_OK)
        status = store_append(append->snapshot.txn, JOURNAL_ENTRIES, key_slice, bytes, err);
    if (status == STATUS_OK)
        status = store_append(append->snapshot.txn, JOURNAL_NODES, key_slice,
                              slice_of(completed.bytes, completed.length), err);
    if (status == STATUS_EXISTS || status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "%s: seq %llu cannot stand at the end: the store is damaged",
                       append->journal->dir.text, (unsigned long long)seq);
    return status;
}

enum status append_entry(struct append *append, struct slice bytes, uint64_t *ret_seq, struct hash *ret_leaf,
                         struct err *err)
{
    struct err what;
    struct hash leaf;
    if (append->failed != STATUS_OK)
        return refuse(append, err);
    if (bytes.length == 0 || bytes.length > ENTRY_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "an entry has 1 to %d bytes, not %zu", ENTRY_BYTES_MAX, bytes.length);
    tree_leaf(bytes.bytes, bytes.length, &leaf);
    enum status status = keep(append, write_entry(append, bytes, &leaf, &what), &what, err);
    if (status != STATUS_OK)
        return status;
    if (ret_seq != NULL)
        *ret_seq = append->head.size;
    if (ret_leaf != NULL)
        *ret_leaf = leaf;
    append->head.size++;
    append->head.leaf = leaf;
    return STATUS_OK;
}

/* The pair to what a reader will do with it: a checkpoint that this journal does not bear out is not recorded. */
static enum status check_checkpoint(struct append *append, const struct journal_checkpoint *checkpoint, struct err *err)
{
    struct hash root;
    if (checkpoint->note.length == 0 || checkpoint->note.length > JOURNAL_NOTE_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "a checkpoint's note has 1 to %d bytes, not %zu", JOURNAL_NOTE_BYTES_MAX,
                       checkpoint->note.length);
    if (checkpoint->size == 0 || checkpoint->size > append->head.size)
        return err_set(err, STATUS_INPUT, "%s: has %llu entries, the checkpoint is of %llu", append->journal->dir.text,
                       (unsigned long long)append->head.size, (unsigned long long)checkpoint->size);
    const struct tree_reader reader = journal_tree(&append->snapshot);
    enum status status = tree_root(&reader, checkpoint->size, &root, err);
    if (status == STATUS_OK && !hash_equal(&root, &checkpoint->root))
        return err_set(err, STATUS_INPUT, "%s: the checkpoint of size %llu has another root than the journal",
                       append->journal->dir.text, (unsigned long long)checkpoint->size);
    return status;
}

static enum status write_checkpoint(struct append *append, const struct journal_checkpoint *checkpoint, struct err *err)
{
    uint64_t number = 0;
    struct store_room room = {.length = JOURNAL_CHECKPOINT_HEAD_BYTES + checkpoint->note.length};
    enum status status = store_count(append->snapshot.txn, JOURNAL_CHECKPOINTS, &number, err);
    struct journal_key key = journal_key_of(number);
    if (status == STATUS_OK)
        status =
            store_reserve(append->snapshot.txn, JOURNAL_CHECKPOINTS, slice_of(key.bytes, sizeof key.bytes), &room, err);
    if (status != STATUS_OK)
        return status;
    struct journal_key size = journal_key_of(checkpoint->size);
    memcpy(room.bytes, size.bytes, JOURNAL_NUMBER_BYTES);
    memcpy(room.bytes + JOURNAL_NUMBER_BYTES, checkpoint->root.bytes, HASH_BYTES);
    memcpy(room.bytes + JOURNAL_CHECKPOINT_HEAD_BYTES, checkpoint->note.bytes, checkpoint->note.length);
    return STATUS_OK;
}

enum status append_checkpoint(struct append *append, const struct journal_checkpoint *checkpoint, struct err *err)
{
    struct err what;
    if (append->failed != STATUS_OK)
        return refuse(append, err);
    enum status status = check_checkpoint(append, checkpoint, err);
    if (status != STATUS_OK)
        return status;
    return keep(append, write_checkpoint(append, checkpoint, &what), &what, err);
}

enum status append_meta_put(struct append *append, const char *name, struct slice value, struct err *err)
{
    struct err what;
    size_t length = strnlen(name, META_NAME_MAX + 1);
    if (append->failed != STATUS_OK)
        return refuse(append, err);
    if (length == 0 || length > META_NAME_MAX || value.length > JOURNAL_META_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "metadata has a name of 1 to %d characters and up to %d bytes", META_NAME_MAX,
                       JOURNAL_META_BYTES_MAX);
    return keep(append, store_put(append->snapshot.txn, JOURNAL_META, slice_of(name, length), value, &what), &what,
                err);
}

enum status append_commit(struct append *append, struct err *err)
{
    enum status status = append->failed;
    if (status != STATUS_OK) {
        status = refuse(append, err);
    } else {
        status = store_commit(append->snapshot.txn, err);
        append->snapshot.txn = NULL;
    }
    if (status == STATUS_OK)
        remember_head(append);
    append_abort(append);
    return status;
}

void append_abort(struct append *append)
{
    if (append == NULL)
        return;
    store_abort(append->snapshot.txn);
    writelock_release(&append->lock);
    free(append);
}

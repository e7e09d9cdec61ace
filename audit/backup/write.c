/*
 * Writing a backup, from one snapshot. Guarantees that what it wrote is a chain and a tree by itself: each entry is read,
 * hashed, and held against the entry before and the stored tree before its bytes go out, and every checkpoint against the
 * root of the entries that went out. What it leaves: signatures and decisions, which whoever restores verifies.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/backup/parts.h"
#include "ledger/base64.h"
#include "ledger/canon.h"
#include "ledger/checksum.h"
#include "ledger/entry.h"

enum { PROGRESS_EVERY = 256 };

struct writer {
    const struct backup_writing *asked;
    struct journal_snapshot *snapshot;
    struct journal_head head;
    struct tree_frontier frontier;
    struct backup_place place; /* of what has gone out */
    struct hash_stream sum;
    uint64_t bytes;
};

static unsigned long long number(uint64_t value)
{
    return (unsigned long long)value;
}

static enum status line_out(struct writer *writer, struct slice line, struct err *err)
{
    const struct export_sink *sink = writer->asked->sink;
    enum status status = sink->write(sink->context, line, err);
    if (status == STATUS_OK)
        status = sink->write(sink->context, slice_of("\n", 1), err);
    hash_stream_add(&writer->sum, line);
    hash_stream_add(&writer->sum, slice_of("\n", 1));
    writer->bytes += line.length + 1;
    return status;
}

/* json: stolen. */
static enum status json_out(struct writer *writer, json_t *json, struct err *err)
{
    char *text = NULL;
    size_t length = 0;
    enum status status =
        json != NULL ? canon_encode(json, &text, &length, err) : err_set(err, STATUS_MEMORY, "no memory for a backup");
    if (status == STATUS_OK)
        status = line_out(writer, slice_of(text, length), err);
    free(text);
    json_decref(json);
    return status;
}

/* Every subtree that an entry completes is the stored one. */
static enum status check_node(void *context, unsigned level, uint64_t index, const struct hash *hash, struct err *err)
{
    struct writer *writer = context;
    struct hash stored;
    enum status status = journal_node(writer->snapshot, level, index, &stored, err);
    if (status == STATUS_OK && !hash_equal(hash, &stored))
        status = err_set(err, STATUS_CORRUPT,
                         level == 0 ? "entry %llu: its bytes are not those that were hashed"
                                    : "entry %llu: the stored tree over it is not that of the entries",
                         number(writer->place.size));
    return status;
}

static enum status check_entry(struct writer *writer, uint64_t seq, struct slice bytes, struct err *err)
{
    struct entry entry;
    const struct tree_emitter emitter = {.node = check_node, .context = writer};
    if (seq != writer->place.size)
        return err_set(err, STATUS_CORRUPT, "entry %llu is missing", number(writer->place.size));
    enum status status = entry_read(bytes, &entry, err);
    if (status == STATUS_MEMORY)
        return status;
    if (status != STATUS_OK) {
        err_prefix(err, "entry %llu: ", number(seq));
        return err == NULL ? STATUS_CORRUPT : (err->status = STATUS_CORRUPT);
    }
    if (entry.seq != seq)
        status = err_set(err, STATUS_CORRUPT, "entry %llu: says that it is entry %llu", number(seq), number(entry.seq));
    else if (!hash_equal(&entry.prev, &writer->place.head))
        status = err_set(err, STATUS_CORRUPT, "entry %llu: hash of the previous entry differs", number(seq));
    if (status == STATUS_OK)
        status = tree_frontier_add(&writer->frontier, &entry.leaf, &emitter, err);
    if (status == STATUS_OK)
        writer->place.head = entry.leaf;
    entry_done(&entry);
    return status;
}

static enum status entries_out(struct writer *writer, struct err *err)
{
    const struct backup_writing *asked = writer->asked;
    struct journal_walk *walk = NULL;
    enum status status = journal_walk_begin(writer->snapshot, writer->place.size, &walk, err);
    while (status == STATUS_OK && writer->place.size < writer->head.size) {
        uint64_t seq = 0;
        struct slice bytes;
        status = journal_walk_next(walk, &seq, &bytes, err);
        if (status == STATUS_NOT_FOUND)
            status = err_set(err, STATUS_CORRUPT, "entry %llu is missing", number(writer->place.size));
        if (status == STATUS_OK)
            status = check_entry(writer, seq, bytes, err);
        if (status == STATUS_OK)
            status = line_out(writer, bytes, err);
        writer->place.size++;
        if (status == STATUS_OK && asked->progress != NULL && writer->place.size % PROGRESS_EVERY == 0)
            status = asked->progress(asked->context, writer->place.size, writer->head.size, err);
    }
    journal_walk_end(walk);
    tree_frontier_root(&writer->frontier, &writer->place.root);
    return status;
}

/* One that the book handed out binds it to a root at that size. */
static enum status check_checkpoint(struct writer *writer, uint64_t index, struct journal_checkpoint *ret_checkpoint,
                                    struct err *err)
{
    const struct tree_reader reader = journal_tree(writer->snapshot);
    struct hash root;
    enum status status = journal_checkpoint(writer->snapshot, index, ret_checkpoint, err);
    if (status != STATUS_OK)
        return status;
    if (ret_checkpoint->size > writer->head.size)
        return err_set(err, STATUS_CORRUPT, "checkpoint %llu is of %llu entries, the journal has %llu", number(index),
                       number(ret_checkpoint->size), number(writer->head.size));
    status = tree_root(&reader, ret_checkpoint->size, &root, err);
    return status == STATUS_OK && !hash_equal(&root, &ret_checkpoint->root)
               ? err_set(err, STATUS_CORRUPT, "checkpoint %llu has another root at %llu entries than the journal",
                         number(index), number(ret_checkpoint->size))
               : status;
}

static enum status checkpoint_out(struct writer *writer, uint64_t index, struct err *err)
{
    struct journal_checkpoint checkpoint;
    enum status status = check_checkpoint(writer, index, &checkpoint, err);
    if (status != STATUS_OK)
        return status;
    size_t room = BASE64_CHARS(checkpoint.note.length) + 1;
    char *text = malloc(room);
    status = text != NULL ? base64_encode(checkpoint.note.bytes, checkpoint.note.length, text, room, err)
                          : err_set(err, STATUS_MEMORY, "no memory for a checkpoint");
    if (status == STATUS_OK)
        status = json_out(writer, json_pack("{s:s, s:I}", "checkpoint", text, "number", (json_int_t)index), err);
    free(text);
    return status;
}

static enum status checkpoints_out(struct writer *writer, struct err *err)
{
    uint64_t count = 0;
    struct journal_checkpoint newest;
    enum status status = journal_checkpoint_count(writer->snapshot, &count, err);
    if (status == STATUS_OK && count < writer->place.checkpoints)
        status = err_set(err, STATUS_INPUT, "the earlier backup has %llu checkpoints, this book %llu: it is of another",
                         number(writer->place.checkpoints), number(count));
    if (status == STATUS_OK && count > 0)
        status = check_checkpoint(writer, count - 1, &newest, err);
    for (; status == STATUS_OK && writer->place.checkpoints < count; writer->place.checkpoints++)
        status = checkpoint_out(writer, writer->place.checkpoints, err);
    return status;
}

static enum status trailer_out(struct writer *writer, bool *ret_lost, struct err *err)
{
    struct backup_trailer trailer = {.place = writer->place};
    enum status status = journal_lost(writer->snapshot, &trailer.lost, err);
    trailer.has_lost = status == STATUS_OK;
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    hash_stream_end(&writer->sum, &trailer.sha256);
    *ret_lost = trailer.has_lost;
    return json_out(writer, backup_trailer_make(&trailer), err);
}

/* The place that is gone on from has to be one of this journal. */
static enum status begin_after(struct writer *writer, const struct backup_place *after, struct err *err)
{
    struct hash leaf, root;
    const struct tree_reader reader = journal_tree(writer->snapshot);
    tree_frontier_init(&writer->frontier);
    if (after == NULL || after->size == 0)
        return STATUS_OK;
    if (after->size > writer->head.size)
        return err_set(err, STATUS_INPUT, "the earlier backup has %llu entries, this book %llu: it is of another state",
                       number(after->size), number(writer->head.size));
    enum status status = journal_node(writer->snapshot, 0, after->size - 1, &leaf, err);
    if (status == STATUS_OK)
        status = tree_frontier_load(&reader, after->size, &writer->frontier, err);
    if (status != STATUS_OK)
        return status;
    tree_frontier_root(&writer->frontier, &root);
    if (!hash_equal(&leaf, &after->head) || !hash_equal(&root, &after->root))
        return err_set(err, STATUS_INPUT, "the earlier backup's %llu entries are not those of this book",
                       number(after->size));
    writer->place = *after;
    return STATUS_OK;
}

static enum status book_id(struct writer *writer, char ret_book[static HASH_HEX_CHARS + 1], struct err *err)
{
    struct entry entry;
    if (writer->head.size == 0)
        return err_set(err, STATUS_CORRUPT, "the journal has no charter");
    enum status status = entry_at(writer->snapshot, 0, &entry, err);
    if (status != STATUS_OK) {
        err_prefix(err, "entry 0: ");
        return status;
    }
    hash_to_hex(&entry.statement.hash, ret_book);
    entry_done(&entry);
    return STATUS_OK;
}

enum status backup_write(const struct backup_writing *writing, struct backup_written *ret_written, struct err *err)
{
    struct writer writer = {.asked = writing};
    struct backup_written written = {.bytes = 0};
    hash_stream_init(&writer.sum);
    enum status status = journal_read_begin(writing->journal, &writer.snapshot, err);
    if (status == STATUS_OK)
        status = journal_head(writer.snapshot, &writer.head, err);
    if (status == STATUS_OK)
        status = book_id(&writer, written.book, err);
    if (status == STATUS_OK)
        status = begin_after(&writer, writing->after, err);
    written.begin = writer.place;
    if (status == STATUS_OK)
        status = json_out(&writer, backup_header_make(written.book, &writer.place), err);
    if (status == STATUS_OK)
        status = entries_out(&writer, err);
    if (status == STATUS_OK && !hash_equal(&writer.place.head, &writer.head.leaf))
        status = err_set(err, STATUS_CORRUPT, "the last entry is not the journal's head");
    if (status == STATUS_OK)
        status = checkpoints_out(&writer, err);
    if (status == STATUS_OK)
        status = trailer_out(&writer, &written.lost_known, err);
    journal_read_end(writer.snapshot);
    written.end = writer.place;
    written.bytes = writer.bytes;
    if (status == STATUS_OK)
        *ret_written = written;
    return status;
}

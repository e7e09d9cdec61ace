/*
 * Reading a backup back: line by line, each held against the ones before it. Guarantees that on OK the file's entries go on
 * exactly where the files before ended, and are those that its last line speaks of. Nothing in it is believed for being
 * written there.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/backup/parts.h"
#include "ledger/checksum.h"
#include "ledger/entry.h"
#include "ledger/limits.h"

enum { FILL_BYTES = 256 << 10, PROGRESS_EVERY = 256 };

struct reader {
    struct backup_reading *reading;
    struct backup_place place; /* so far */
    struct tree_frontier frontier;
    struct hash_stream sum; /* of the lines before */
    uint64_t line;          /* the one that is looked at, from 1 */
    bool ended;             /* the last line was read */
    struct backup_trailer trailer;

    uint8_t *buffer;
    size_t room, used, at; /* bytes [at, used) are unread */
    bool source_ended;
};

static unsigned long long number(uint64_t value)
{
    return (unsigned long long)value;
}

/* Puts file and line before what is wrong, and gives it the status of damage. */
static enum status place_error(const struct reader *reader, enum status status, struct err *err)
{
    if (status == STATUS_OK || status == STATUS_MEMORY || err == NULL)
        return status;
    err_prefix(err, "%s: line %llu: ", reader->reading->name, number(reader->line));
    return err->status;
}

static enum status buffer_grow(struct reader *reader, struct err *err)
{
    size_t room = reader->room == 0 ? FILL_BYTES : reader->room * 2;
    if (reader->room > (size_t)ENTRY_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "is longer than any line of a backup");
    uint8_t *buffer = realloc(reader->buffer, room);
    if (buffer == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a line of the backup");
    reader->buffer = buffer;
    reader->room = room;
    return STATUS_OK;
}

static enum status fill(struct reader *reader, struct err *err)
{
    const struct backup_source *source = reader->reading->source;
    size_t got = 0;
    enum status status = STATUS_OK;
    memmove(reader->buffer, reader->buffer + reader->at, reader->used - reader->at);
    reader->used -= reader->at;
    reader->at = 0;
    if (reader->used == reader->room)
        status = buffer_grow(reader, err);
    if (status == STATUS_OK)
        status = source->read(source->context, reader->buffer + reader->used, reader->room - reader->used, &got, err);
    reader->used += got;
    reader->source_ended = status == STATUS_OK && got == 0;
    return status;
}

/* The next line without its LF; lends until the next call. out *ret_line.bytes NULL at the end. errors CORRUPT: the end has no LF. */
static enum status next_line(struct reader *reader, struct slice *ret_line, struct err *err)
{
    size_t looked = 0;
    enum status status = STATUS_OK;
    reader->line++;
    while (status == STATUS_OK) {
        const uint8_t *from = reader->buffer + reader->at;
        size_t left = reader->used - reader->at;
        const uint8_t *end = left > looked ? memchr(from + looked, '\n', left - looked) : NULL;
        if (end != NULL) {
            *ret_line = slice_of(from, (size_t)(end - from));
            reader->at += (size_t)(end - from) + 1;
            return STATUS_OK;
        }
        if (reader->source_ended) {
            *ret_line = (struct slice){.bytes = NULL};
            return left == 0 ? STATUS_OK : err_set(err, STATUS_CORRUPT, "ends in the middle: the file was cut off");
        }
        looked = left;
        status = fill(reader, err);
    }
    return status;
}

static void sum_line(struct reader *reader, struct slice line)
{
    hash_stream_add(&reader->sum, line);
    hash_stream_add(&reader->sum, slice_of("\n", 1));
}

/* A file that begins anywhere in a journal that is there: its tree up to that place is the journal's. */
static enum status begin_known(struct reader *reader, const struct backup_place *after, struct err *err)
{
    struct hash root;
    enum status status = tree_frontier_load(reader->reading->known, after->size, &reader->frontier, err);
    if (status != STATUS_OK)
        return err_set(err, STATUS_INPUT, "goes on after %llu entries, which this book does not have",
                       number(after->size));
    tree_frontier_root(&reader->frontier, &root);
    if (!hash_equal(&root, &after->root))
        return err_set(err, STATUS_INPUT, "goes on after %llu entries that are not those of this book",
                       number(after->size));
    reader->place = *after;
    return STATUS_OK;
}

static enum status begin_next(struct reader *reader, const struct backup_place *after, struct err *err)
{
    const struct backup_place *before = &reader->place;
    if (after->size == before->size && after->checkpoints == before->checkpoints &&
        hash_equal(&after->head, &before->head) && hash_equal(&after->root, &before->root))
        return STATUS_OK;
    if (before->size == 0)
        return err_set(err, STATUS_INPUT,
                       "goes on after %llu entries: give the backups that have them first, in their order",
                       number(after->size));
    if (after->size == 0)
        return err_set(err, STATUS_INPUT, "begins with entry 0 again, and the backups before it have %llu entries",
                       number(before->size));
    if (after->size != before->size)
        return err_set(err, STATUS_INPUT, "goes on after %llu entries, and the backups before it have %llu",
                       number(after->size), number(before->size));
    return err_set(err, STATUS_INPUT, "goes on after %llu entries of another history than the backups before it",
                   number(after->size));
}

static enum status header_take(struct reader *reader, struct slice line, struct err *err)
{
    struct backup_reading *reading = reader->reading;
    struct backup_place after;
    char book[HASH_HEX_CHARS + 1];
    enum status status = backup_header_read(line, book, &after, err);
    if (status == STATUS_MEMORY)
        return status;
    if (status != STATUS_OK)
        return err_set(err, STATUS_INPUT, "is not how a backup begins");
    if (reading->book[0] != '\0' && strcmp(reading->book, book) != 0)
        return err_set(err, STATUS_INPUT, "is of the book %.16s..., the others are of %.16s...", book, reading->book);
    status =
        reading->known != NULL && after.size > 0 ? begin_known(reader, &after, err) : begin_next(reader, &after, err);
    if (status == STATUS_OK)
        memcpy(reading->book, book, sizeof book);
    return status;
}

/* The charter makes the book's id; every other entry stands on the hash of the one before. */
static enum status entry_place(struct reader *reader, const struct entry *entry, struct err *err)
{
    char hex[HASH_HEX_CHARS + 1];
    uint64_t seq = reader->place.size;
    if (entry->seq != seq)
        return err_set(err, STATUS_CORRUPT, "is entry %llu, and entry %llu was to come", number(entry->seq),
                       number(seq));
    hash_to_hex(&entry->statement.hash, hex);
    if (seq == 0 && strcmp(hex, reader->reading->book) != 0)
        return err_set(err, STATUS_CORRUPT, "entry 0 is not the charter of the book that the first line names");
    if (hash_equal(&entry->prev, &reader->place.head))
        return STATUS_OK;
    return seq == 0 ? err_set(err, STATUS_CORRUPT, "entry 0 names an entry before it")
                    : err_set(err, STATUS_CORRUPT,
                              "entry %llu has not the hash that entry %llu names: one of the two was changed",
                              number(seq - 1), number(seq));
}

static enum status entry_take(struct reader *reader, struct slice line, struct err *err)
{
    const struct backup_steps *steps = reader->reading->steps;
    uint64_t seq = reader->place.size;
    struct entry entry;
    enum status status = entry_read(line, &entry, err);
    if (status == STATUS_MEMORY)
        return status;
    if (status != STATUS_OK) {
        err_prefix(err, "entry %llu: ", number(seq));
        return err == NULL ? STATUS_CORRUPT : (err->status = STATUS_CORRUPT);
    }
    status = entry_place(reader, &entry, err);
    if (status == STATUS_OK)
        status = tree_frontier_add(&reader->frontier, &entry.leaf, NULL, err);
    if (status == STATUS_OK && steps != NULL && steps->entry != NULL)
        status = steps->entry(steps->context, &entry, line, err);
    reader->place.head = entry.leaf;
    reader->place.size++;
    entry_done(&entry);
    if (status == STATUS_OK && steps != NULL && steps->progress != NULL && reader->place.size % PROGRESS_EVERY == 0)
        status = steps->progress(steps->context, reader->place.size, 0, err);
    return status;
}

static enum status checkpoint_take(struct reader *reader, struct slice line, struct err *err)
{
    const struct backup_steps *steps = reader->reading->steps;
    uint64_t index = 0;
    char *note = NULL;
    size_t length = 0;
    enum status status = backup_checkpoint_read(line, &index, &note, &length, err);
    if (status == STATUS_INPUT || status == STATUS_LIMIT)
        return err_set(err, STATUS_CORRUPT, "checkpoint %llu cannot be read", number(reader->place.checkpoints));
    if (status == STATUS_OK && index != reader->place.checkpoints)
        status = err_set(err, STATUS_CORRUPT, "is checkpoint %llu, and number %llu was to come", number(index),
                         number(reader->place.checkpoints));
    if (status == STATUS_OK && steps != NULL && steps->checkpoint != NULL)
        status = steps->checkpoint(steps->context, index, slice_of(note, length), err);
    reader->place.checkpoints++;
    free(note);
    return status;
}

static enum status trailer_take(struct reader *reader, struct slice line, struct err *err)
{
    const struct backup_place *here = &reader->place, *said = &reader->trailer.place;
    struct hash sum;
    enum status status = backup_trailer_read(line, &reader->trailer, err);
    if (status == STATUS_MEMORY)
        return status;
    if (status != STATUS_OK)
        return err_set(err, STATUS_CORRUPT, "is not how a backup ends");
    reader->ended = true;
    tree_frontier_root(&reader->frontier, &reader->place.root);
    hash_stream_end(&reader->sum, &sum);
    if (said->size != here->size)
        return err_set(err, STATUS_CORRUPT, "the backup ends with %llu entries, here are %llu", number(said->size),
                       number(here->size));
    if (!hash_equal(&said->head, &here->head))
        return err_set(err, STATUS_CORRUPT, "entry %llu is not the one with which the backup ended: it was changed",
                       number(here->size - 1));
    if (!hash_equal(&said->root, &here->root))
        return err_set(err, STATUS_CORRUPT, "the root that the backup ended with is not that of its entries");
    if (said->checkpoints != here->checkpoints)
        return err_set(err, STATUS_CORRUPT, "the backup ends with %llu checkpoints, here are %llu",
                       number(said->checkpoints), number(here->checkpoints));
    return hash_equal(&sum, &reader->trailer.sha256)
               ? STATUS_OK
               : err_set(err, STATUS_CORRUPT,
                         "a line before it was changed since it was written: a checkpoint, or the first line");
}

static enum status line_take(struct reader *reader, struct slice line, struct err *err)
{
    enum status status = STATUS_OK;
    if (reader->ended)
        return err_set(err, STATUS_CORRUPT, "stands after the end of the backup");
    if (reader->line == 1) {
        status = header_take(reader, line, err);
        sum_line(reader, line);
        return status;
    }
    switch (backup_line_sort(line)) {
    case BACKUP_LINE_CHECKPOINT:
        status = checkpoint_take(reader, line, err);
        break;
    case BACKUP_LINE_TRAILER:
        return trailer_take(reader, line, err);
    case BACKUP_LINE_ENTRY:
    case BACKUP_LINE_OTHER: /* what was an entry says best itself what is wrong with it */
        status = entry_take(reader, line, err);
        break;
    }
    sum_line(reader, line);
    return status;
}

static enum status read_lines(struct reader *reader, struct err *err)
{
    struct slice line = {.bytes = NULL};
    enum status status = STATUS_OK;
    do {
        status = next_line(reader, &line, err);
        if (status == STATUS_OK && line.bytes != NULL)
            status = line_take(reader, line, err);
    } while (status == STATUS_OK && line.bytes != NULL);
    if (status == STATUS_OK && reader->line == 1)
        status = err_set(err, STATUS_INPUT, "the file is empty");
    else if (status == STATUS_OK && !reader->ended)
        status = err_set(err, STATUS_CORRUPT, "the file was cut off after %llu entries: its last line is missing",
                         number(reader->place.size));
    return place_error(reader, status, err);
}

enum status backup_read(struct backup_reading *reading, struct err *err)
{
    struct reader reader = {.reading = reading, .place = reading->place, .frontier = reading->frontier};
    if (reading->place.size == 0)
        tree_frontier_init(&reader.frontier);
    hash_stream_init(&reader.sum);
    enum status status = buffer_grow(&reader, err);
    if (status == STATUS_OK)
        status = read_lines(&reader, err);
    if (status == STATUS_OK) {
        reading->place = reader.place;
        reading->frontier = reader.frontier;
        reading->has_lost = reader.trailer.has_lost;
        reading->lost = reader.trailer.lost;
    }
    free(reader.buffer);
    return status;
}

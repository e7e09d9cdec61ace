/*
 * Lines of entries.jsonl. The file is read once, forward, and hashed on the way, so that what is verified is what the
 * manifest names. Each line tells its number; one line is read ahead, so that a single line which is changed, dropped, doubled
 * or moved gives a finding about that line and not about all after it. Memory: two lines and a block.
 */
#include "audit/bundle/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/checksum.h"
#include "ledger/limits.h"

enum { BLOCK_BYTES = 1 << 16, LINE_ROOM = 4096 };

struct line {
    uint8_t *bytes;
    size_t length;
    uint64_t number; /* from 1 */
    bool there, has_seq;
    uint64_t seq;
};

struct bundle_lines {
    int fd;
    struct bundle_range range;
    struct finding_list *findings;
    struct hash_stream hash;
    uint64_t bytes; /* read so far */
    bool cut;       /* given up before the end */
    bool begun, told_end;
    uint8_t block[BLOCK_BYTES];
    size_t at, filled;
    uint64_t line_number, handed; /* lines read; entries handed on */
    uint64_t next_seq;            /* the lowest that can come */
    struct line ahead;
};

static unsigned long long number(uint64_t value)
{
    return (unsigned long long)value;
}

enum status bundle_lines_new(int fd, const struct bundle_range *range, struct finding_list *findings,
                             struct bundle_lines **ret_lines, struct err *err)
{
    struct bundle_lines *lines = calloc(1, sizeof *lines);
    if (lines == NULL) {
        close(fd);
        return err_set(err, STATUS_MEMORY, "no memory for entries");
    }
    lines->fd = fd;
    lines->range = *range;
    lines->findings = findings;
    lines->next_seq = range->first;
    hash_stream_init(&lines->hash);
    *ret_lines = lines;
    return STATUS_OK;
}

void bundle_lines_free(struct bundle_lines *lines)
{
    if (lines == NULL)
        return;
    free(lines->ahead.bytes);
    close(lines->fd);
    free(lines);
}

bool bundle_peek_seq(struct slice bytes, uint64_t *ret_seq)
{
    static const char name[] = "\"seq\":";
    const size_t name_length = sizeof name - 1;
    bool in_text = false;
    unsigned depth = 0;
    for (size_t i = 0; i < bytes.length; i++) {
        uint8_t byte = bytes.bytes[i];
        if (in_text) {
            i += byte == '\\';
            in_text = byte != '"';
            continue;
        }
        depth += byte == '{' || byte == '[';
        depth -= depth > 0 && (byte == '}' || byte == ']');
        in_text = byte == '"';
        bool is_name = in_text && depth == 1 && bytes.length - i > name_length && i > 0 &&
                       (bytes.bytes[i - 1] == ',' || bytes.bytes[i - 1] == '{') &&
                       memcmp(bytes.bytes + i, name, name_length) == 0;
        if (!is_name)
            continue;
        uint64_t seq = 0;
        size_t digit = i + name_length, first = digit;
        for (; digit < bytes.length && bytes.bytes[digit] >= '0' && bytes.bytes[digit] <= '9' && digit - first < 17;
             digit++)
            seq = seq * 10 + (uint64_t)(bytes.bytes[digit] - '0');
        *ret_seq = seq;
        return digit > first && digit < bytes.length && (bytes.bytes[digit] == ',' || bytes.bytes[digit] == '}');
    }
    return false;
}

/* The next block of the file. At the end nothing is filled. */
static enum status fill(struct bundle_lines *lines, struct err *err)
{
    ssize_t got = 0;
    do
        got = read(lines->fd, lines->block, BLOCK_BYTES);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        lines->cut = true;
        return err_set(err, STATUS_IO, "entries.jsonl: %s", strerror(errno));
    }
    lines->at = 0;
    lines->filled = (size_t)got;
    lines->bytes += (uint64_t)got;
    hash_stream_add(&lines->hash, slice_of(lines->block, lines->filled));
    return STATUS_OK;
}

static enum status line_add(struct line *line, size_t *room, const uint8_t *bytes, size_t length, struct err *err)
{
    if (length == 0)
        return STATUS_OK;
    if (line->bytes == NULL || line->length + length > *room) {
        size_t wanted = *room == 0 ? LINE_ROOM : *room;
        while (wanted < line->length + length)
            wanted *= 2;
        uint8_t *grown = realloc(line->bytes, wanted);
        if (grown == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for an entry");
        line->bytes = grown;
        *room = wanted;
    }
    memcpy(line->bytes + line->length, bytes, length);
    line->length += length;
    return STATUS_OK;
}

/* A line without its LF; there is false at the end of the file. One that no entry can have ends the reading. */
static enum status line_read(struct bundle_lines *lines, struct line *ret_line, struct err *err)
{
    struct line line = {.number = lines->line_number + 1};
    size_t room = 0;
    enum status status = STATUS_OK;
    for (bool ended = false; !ended && !lines->cut;) {
        if (lines->at == lines->filled) {
            status = fill(lines, err);
            if (status != STATUS_OK || lines->filled == 0)
                break;
        }
        const uint8_t *from = lines->block + lines->at;
        const uint8_t *newline = memchr(from, '\n', lines->filled - lines->at);
        size_t length = newline == NULL ? lines->filled - lines->at : (size_t)(newline - from);
        if (line.length + length > ENTRY_BYTES_MAX) {
            finding_whole(lines->findings, CHECK_ENTRIES,
                          "entries.jsonl:%llu: is longer than an entry can be, nothing is read from here on",
                          number(line.number));
            lines->cut = true;
            break;
        }
        status = line_add(&line, &room, from, length, err);
        if (status != STATUS_OK)
            break;
        line.there = true;
        ended = newline != NULL;
        lines->at += length + (ended ? 1 : 0);
    }
    if (status != STATUS_OK || lines->cut) {
        free(line.bytes);
        *ret_line = (struct line){.there = false};
        return status;
    }
    if (line.there && lines->filled == 0)
        finding_whole(lines->findings, CHECK_ENTRIES, "entries.jsonl:%llu: does not end in a newline: it is cut off",
                      number(line.number));
    lines->line_number += line.there ? 1 : 0;
    line.has_seq = line.there && bundle_peek_seq(slice_of(line.bytes, line.length), &line.seq);
    *ret_line = line;
    return STATUS_OK;
}

/* The line at hand, the one after it becoming the one ahead. */
static enum status line_take(struct bundle_lines *lines, struct line *ret_line, struct err *err)
{
    enum status status = lines->begun ? STATUS_OK : line_read(lines, &lines->ahead, err);
    if (status != STATUS_OK)
        return status;
    lines->begun = true;
    *ret_line = lines->ahead;
    lines->ahead = (struct line){.there = false};
    if (!ret_line->there)
        return STATUS_OK;
    status = line_read(lines, &lines->ahead, err);
    if (status != STATUS_OK)
        free(ret_line->bytes);
    return status;
}

/* Two neighbours that changed places are put back. */
static void unswap(struct bundle_lines *lines, struct line *line)
{
    struct line *ahead = &lines->ahead;
    bool swapped = line->there && ahead->there && line->has_seq && ahead->has_seq && ahead->seq < line->seq &&
                   ahead->seq >= lines->next_seq && (!lines->range.dense || ahead->seq == lines->next_seq);
    if (!swapped)
        return;
    finding_at(lines->findings, CHECK_ENTRIES, line->seq, "stands before entry %llu, in line %llu of entries.jsonl",
               number(ahead->seq), number(line->number));
    struct line first = *ahead;
    *ahead = *line;
    *line = first;
}

/* Which entry a line is to be taken for. False: none, which has been told. */
static bool line_place(struct bundle_lines *lines, const struct line *line, uint64_t *ret_seq)
{
    struct finding_list *findings = lines->findings;
    uint64_t next = lines->next_seq, last = lines->range.last;
    const struct line *ahead = &lines->ahead;
    bool full = lines->range.dense ? next > last || lines->range.count == 0 : lines->handed == lines->range.count;
    *ret_seq = line->has_seq ? line->seq : next;
    if (lines->range.dense && !full && (!line->has_seq || line->seq != next) &&
        (!line->has_seq || (ahead->there && ahead->has_seq && ahead->seq == next + 1) ||
         (!ahead->there && next == last))) {
        *ret_seq = next; /* in its place, whatever it calls itself */
        return true;
    }
    if (!line->has_seq)
        finding_whole(findings, CHECK_ENTRIES, "entries.jsonl:%llu: is no entry with a number", number(line->number));
    else if (line->seq < next && line->seq >= lines->range.first)
        finding_at(findings, CHECK_ENTRIES, line->seq,
                   "stands again, or behind entry %llu, in line %llu of entries.jsonl", number(next - 1),
                   number(line->number));
    else if (line->seq < next || line->seq > last || full)
        finding_at(findings, CHECK_ENTRIES, line->seq,
                   "is in line %llu of entries.jsonl, beyond what the manifest says", number(line->number));
    else
        return true;
    return false;
}

static void tell_end(struct bundle_lines *lines)
{
    if (lines->told_end || lines->cut)
        return;
    lines->told_end = true;
    if (lines->handed < lines->range.count)
        finding_whole(lines->findings, CHECK_ENTRIES,
                      "entries.jsonl: has %llu entries, the manifest says %llu up to %llu", number(lines->handed),
                      number(lines->range.count), number(lines->range.last));
}

enum status bundle_lines_next(struct bundle_lines *lines, struct source_entry *ret_entry, struct err *err)
{
    for (;;) {
        struct line line = {.there = false};
        uint64_t seq = 0;
        enum status status = line_take(lines, &line, err);
        if (status != STATUS_OK)
            return status;
        if (!line.there) {
            tell_end(lines);
            return STATUS_NOT_FOUND;
        }
        /* In its place, whatever it calls itself: the one ahead goes on after it. */
        bool misnamed = lines->range.dense && lines->ahead.has_seq && lines->ahead.seq == lines->next_seq + 1;
        if (!misnamed)
            unswap(lines, &line);
        if (!line_place(lines, &line, &seq)) {
            free(line.bytes);
            continue;
        }
        lines->next_seq = seq + 1;
        lines->handed++;
        *ret_entry = (struct source_entry){.seq = seq, .bytes = slice_of(line.bytes, line.length), .owned = line.bytes};
        return STATUS_OK;
    }
}

bool bundle_lines_hash(const struct bundle_lines *lines, uint64_t *ret_bytes, struct hash *ret_hash)
{
    struct hash_stream copy = lines->hash;
    hash_stream_end(&copy, ret_hash);
    *ret_bytes = lines->bytes;
    return !lines->cut;
}

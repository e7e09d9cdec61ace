/*
 * The bytes of a connection up to the next LF. Guarantees that no byte is looked at twice for an LF, and that memory is
 * bounded by the longest line and what one read of a socket brings.
 */
#include "cli/server/frame.h"

#include <stdlib.h>
#include <string.h>

enum { FRAME_KEEP_BYTES = 4096 }; /* a larger buffer is not kept once it is empty */

size_t frame_bytes(const struct frame *frame)
{
    return frame->end - frame->begin;
}

void frame_done(struct frame *frame)
{
    free(frame->bytes);
    *frame = (struct frame){.bytes = NULL};
}

static void move_to_front(struct frame *frame)
{
    if (frame->begin == 0)
        return;
    memmove(frame->bytes, frame->bytes + frame->begin, frame_bytes(frame));
    frame->end -= frame->begin;
    frame->seen -= frame->begin;
    frame->begin = 0;
}

enum status frame_add(struct frame *frame, struct slice bytes, struct err *err)
{
    size_t needed = frame_bytes(frame) + bytes.length;
    if (bytes.length == 0)
        return STATUS_OK;
    if (frame->size - frame->end < bytes.length && frame->bytes != NULL)
        move_to_front(frame);
    if (frame->bytes == NULL || frame->size < needed) {
        size_t size = frame->size * 2 > needed ? frame->size * 2 : needed;
        uint8_t *more = realloc(frame->bytes, size);
        if (more == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for a message");
        frame->bytes = more;
        frame->size = size;
    }
    memcpy(frame->bytes + frame->end, bytes.bytes, bytes.length);
    frame->end += bytes.length;
    return STATUS_OK;
}

enum status frame_cut(struct frame *frame, size_t bytes_max, char **ret_line, size_t *ret_length, struct err *err)
{
    const uint8_t *feed =
        frame->end > frame->seen ? memchr(frame->bytes + frame->seen, '\n', frame->end - frame->seen) : NULL;
    size_t length = feed != NULL ? (size_t)(feed - frame->bytes) - frame->begin : frame_bytes(frame);
    if (length >= bytes_max)
        return err_set(err, STATUS_LIMIT, "a message has at most %zu bytes", bytes_max);
    if (feed == NULL) {
        frame->seen = frame->end;
        return STATUS_NOT_FOUND;
    }
    char *line = malloc(length + 1);
    if (line == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a message");
    memcpy(line, frame->bytes + frame->begin, length);
    line[length] = '\0';
    frame->begin += length + 1;
    frame->seen = frame->begin;
    if (frame->begin == frame->end && frame->size > FRAME_KEEP_BYTES)
        frame_done(frame);
    *ret_line = line;
    *ret_length = length;
    return STATUS_OK;
}

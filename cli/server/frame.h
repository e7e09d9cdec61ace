/*
 * Lines out of bytes as they come from a socket, each at most so long (PROTOCOL.md section 1).
 */
#ifndef CLI_SERVER_FRAME_H
#define CLI_SERVER_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/slice.h"
#include "ledger/status.h"

/* All zero is an empty one. It takes no memory while it is empty. */
struct frame {
    uint8_t *bytes;
    size_t begin; /* of what is not cut yet */
    size_t end;
    size_t seen; /* up to here there is no LF */
    size_t size;
};

/* Adds bytes at the end; copied. errors MEMORY. */
MUST_USE enum status frame_add(struct frame *frame, struct slice bytes, struct err *err);

/*
 * Cuts the first line off.
 *
 * in      bytes_max: of a line with its LF.
 * out     *ret_line: gives (free), *ret_length bytes without LF, closed by a NUL that is not counted.
 * errors  NOT_FOUND (no whole line yet; err is left alone), LIMIT (it is too long, or will be), MEMORY.
 */
MUST_USE enum status frame_cut(struct frame *frame, size_t bytes_max, char **ret_line, size_t *ret_length,
                               struct err *err);

/* How many bytes are held. */
size_t frame_bytes(const struct frame *frame);

void frame_done(struct frame *frame);

#endif

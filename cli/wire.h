/*
 * Messages between the command line and a server, as both ends read and write them (PROTOCOL.md): their bounds, their form,
 * and errors in them. Nothing here knows a socket.
 */
#ifndef CLI_WIRE_H
#define CLI_WIRE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/slice.h"
#include "ledger/status.h"

enum {
    WIRE_VERSION = 1,
    WIRE_MESSAGE_MAX = 6 << 20,   /* bytes of a line with its LF */
    WIRE_UNPROVEN_MAX = 64 << 10, /* the same before the proof */
    WIRE_ANSWER_MAX = 12 << 20,   /* of an answer: one record of the largest size, in base64 */
    WIRE_DEPTH_MAX = 20,          /* nesting: a decision within its answer */
    WIRE_OUTSTANDING_MAX = 64,    /* requests without an answer, of one connection */
    WIRE_SNAPSHOTS_MAX = 4,       /* of one connection */
    WIRE_RECORDS_MAX = 1000,      /* of one answer */
    WIRE_RECORD_BYTES = 1 << 20,  /* about so many of keys and values in one answer */
    WIRE_PASSED_MAX = 5000,       /* records that one seek passes over because they may not be read */
    WIRE_PASSED_BYTES = 4 << 20,  /* about so many of their keys and values */
    WIRE_KEYS_MAX = 256,          /* that a client may offer */
    WIRE_WAIT_MS_MAX = 60000
};

/*
 * Reads a line as a message.
 *
 * in      line: without its LF.
 * out     *ret_message: gives, an object.
 * errors  INPUT (no JSON object, a key twice, a real number), LIMIT (too deep), MEMORY.
 */
MUST_USE enum status wire_parse(struct slice line, json_t **ret_message, struct err *err);

/*
 * A message as a line, its LF included.
 *
 * in      message: stolen; NULL is MEMORY, so that json_pack can stand in the call.
 * out     *ret_line: gives (free), closed by a NUL that *ret_length does not count.
 */
MUST_USE enum status wire_print(json_t *message, char **ret_line, size_t *ret_length, struct err *err);

/* Bytes as the text of a member. NULL: no memory. */
json_t *wire_bytes(struct slice bytes);
/* The bytes of such a text. out *ret_bytes: gives (free). errors INPUT (no text, not base64), LIMIT, MEMORY. */
MUST_USE enum status wire_bytes_read(const json_t *text, size_t bytes_max, uint8_t **ret_bytes, size_t *ret_length,
                                     struct err *err);

/* {"error": {"status", "text"}, "id"} of what failed. NULL: no memory. */
json_t *wire_error(int64_t id, const struct err *err);
/* What an answer says of failing: OK when it has no error, else its status and text in err. errors also INPUT (no such form). */
MUST_USE enum status wire_error_read(const json_t *answer, struct err *err);

#endif

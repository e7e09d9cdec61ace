/*
 * What a time-stamp reply is called: by the note that it is about, so that it stays with its checkpoint whatever becomes of
 * numbers. Implements FORMAT.md section 9 (`timestamps`).
 */
#include <inttypes.h>
#include <stdio.h>

#include "ledger/hash.h"
#include "ledger/timestamps.h"

enum { NAME_HEX = 16 };

void timestamps_name(uint64_t size, struct slice note, char ret_name[static TIMESTAMP_NAME_BYTES])
{
    struct hash hash;
    char hex[HASH_HEX_CHARS + 1];
    hash_of(note.bytes, note.length, &hash);
    hash_to_hex(&hash, hex);
    snprintf(ret_name, TIMESTAMP_NAME_BYTES, "%" PRIu64 "-%.*s.tsr", size, NAME_HEX, hex);
}

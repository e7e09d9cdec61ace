/*
 * What a time-stamp reply is called: by the note that it is about, so that it stays with its checkpoint whatever becomes of
 * numbers. Implements FORMAT.md section 9 (`timestamps`).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/hash.h"
#include "ledger/timestamps.h"

enum { NAME_HEX = 16, SIZE_DIGITS = 19 };

void timestamps_name(uint64_t size, struct slice note, char ret_name[static TIMESTAMP_NAME_BYTES])
{
    struct hash hash;
    char hex[HASH_HEX_CHARS + 1];
    hash_of(note.bytes, note.length, &hash);
    hash_to_hex(&hash, hex);
    snprintf(ret_name, TIMESTAMP_NAME_BYTES, "%" PRIu64 "-%.*s.tsr", size, NAME_HEX, hex);
}

bool timestamps_is_name(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > SIZE_DIGITS || (text[0] == '0' && digits > 1) || text[digits] != '-')
        return false;
    const char *hex = text + digits + 1;
    return strspn(hex, "0123456789abcdef") == NAME_HEX && strcmp(hex + NAME_HEX, ".tsr") == 0;
}

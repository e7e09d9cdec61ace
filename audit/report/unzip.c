/*
 * A part of a workbook's archive, unpacked with zlib (which the library that writes workbooks is built on). It understands what
 * that library writes: one disk, no encryption, sizes in the directory. Source: PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12, 4.3.16.
 */
#include "audit/report/read.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

enum {
    END_BYTES = 22,
    END_SEARCH_BYTES = END_BYTES + 65535, /* with the longest comment */
    ENTRY_BYTES = 46,
    LOCAL_BYTES = 30,
    PARTS_MAX = 1000,
    METHOD_STORED = 0,
    METHOD_DEFLATED = 8
};

static uint32_t little(const uint8_t *at, int bytes)
{
    uint32_t value = 0;
    for (int i = bytes; i > 0; i--)
        value = value << 8 | at[i - 1];
    return value;
}

static bool has(struct slice archive, uint64_t at, uint64_t bytes)
{
    return at <= archive.length && bytes <= archive.length - at;
}

static bool end_find(struct slice archive, size_t *ret_at)
{
    for (size_t back = END_BYTES; back <= archive.length && back <= END_SEARCH_BYTES; back++)
        if (memcmp(archive.bytes + archive.length - back, "PK\x05\x06", 4) == 0) {
            *ret_at = archive.length - back;
            return true;
        }
    return false;
}

struct part {
    uint32_t method, packed_bytes, bytes, local_at;
};

static bool part_find(struct slice archive, const char *name, struct part *ret_part)
{
    size_t end = 0;
    if (!end_find(archive, &end))
        return false;
    uint64_t at = little(archive.bytes + end + 16, 4);
    for (uint32_t left = little(archive.bytes + end + 10, 2); left > 0 && left <= PARTS_MAX; left--) {
        if (!has(archive, at, ENTRY_BYTES) || memcmp(archive.bytes + at, "PK\x01\x02", 4) != 0)
            return false;
        const uint8_t *entry = archive.bytes + at;
        const uint32_t name_bytes = little(entry + 28, 2);
        if (!has(archive, at + ENTRY_BYTES, name_bytes))
            return false;
        if (name_bytes == strlen(name) && memcmp(entry + ENTRY_BYTES, name, name_bytes) == 0) {
            *ret_part = (struct part){.method = little(entry + 10, 2),
                                      .packed_bytes = little(entry + 20, 4),
                                      .bytes = little(entry + 24, 4),
                                      .local_at = little(entry + 42, 4)};
            return true;
        }
        at += ENTRY_BYTES + name_bytes + little(entry + 30, 2) + little(entry + 32, 2);
    }
    return false;
}

static bool inflate_all(const uint8_t *packed, uint32_t packed_bytes, char *to, uint32_t bytes)
{
    z_stream stream = {.next_in = (uint8_t *)(uintptr_t)packed,
                       .avail_in = packed_bytes,
                       .next_out = (uint8_t *)to,
                       .avail_out = bytes};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return false;
    const int ended = inflate(&stream, Z_FINISH);
    const bool whole = ended == Z_STREAM_END && stream.total_out == bytes;
    (void)inflateEnd(&stream);
    return whole;
}

enum status report_unzip(struct slice archive, const char *name, char **ret_bytes, size_t *ret_length, struct err *err)
{
    struct part part;
    if (!part_find(archive, name, &part))
        return err_set(err, STATUS_INPUT, "no workbook of ours: it has no part %s", name);
    if (part.bytes > REPORT_PART_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "the workbook's part %s is larger than %d bytes", name,
                       REPORT_PART_BYTES_MAX);
    if (!has(archive, part.local_at, LOCAL_BYTES))
        return err_set(err, STATUS_INPUT, "the workbook's part %s lies outside the file", name);
    const uint8_t *local = archive.bytes + part.local_at;
    const uint64_t at = (uint64_t)part.local_at + LOCAL_BYTES + little(local + 26, 2) + little(local + 28, 2);
    if (!has(archive, at, part.packed_bytes) || (part.method == METHOD_STORED && part.packed_bytes != part.bytes) ||
        (part.method != METHOD_STORED && part.method != METHOD_DEFLATED))
        return err_set(err, STATUS_INPUT, "the workbook's part %s is damaged", name);
    char *bytes = malloc((size_t)part.bytes + 1);
    if (bytes == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for %s", name);
    bool whole = true;
    if (part.method == METHOD_STORED)
        memcpy(bytes, archive.bytes + at, part.bytes);
    else
        whole = inflate_all(archive.bytes + at, part.packed_bytes, bytes, part.bytes);
    if (!whole) {
        free(bytes);
        return err_set(err, STATUS_INPUT, "the workbook's part %s cannot be unpacked", name);
    }
    bytes[part.bytes] = '\0';
    *ret_bytes = bytes;
    *ret_length = part.bytes;
    return STATUS_OK;
}

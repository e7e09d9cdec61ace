/*
 * Hashes and bytes of a report against what they should be; see the header.
 */
#include "audit/report/compare.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "audit/report/header.h"

enum { FOUND_BYTES = 512 };

void report_found(const struct report_checking *checking, const char *format, ...)
{
    char text[FOUND_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    checking->found(checking->context, text);
}

static enum status compare(void *context, struct slice bytes, struct err *err)
{
    struct report_compare *compared = context;
    (void)err;
    for (size_t i = 0; i < bytes.length && !compared->differs; i++) {
        const uint64_t at = compared->at + i;
        if (at >= compared->file.length || compared->file.bytes[at] != bytes.bytes[i]) {
            compared->differs = true;
            compared->differs_at = at;
        }
    }
    compared->at += bytes.length;
    return STATUS_OK;
}

struct export_sink report_compare_sink(struct report_compare *compared)
{
    return (struct export_sink){.write = compare, .context = compared};
}

void report_compare_end(struct report_compare *compared, const char *what, const struct report_checking *checking)
{
    uint64_t line = 1, column = 1;
    if (!compared->differs && compared->at < compared->file.length) {
        compared->differs = true;
        compared->differs_at = compared->at;
    }
    for (uint64_t i = 0; i < compared->differs_at && i < compared->file.length; i++) {
        column = compared->file.bytes[i] == '\n' ? 1 : column + 1;
        line += compared->file.bytes[i] == '\n';
    }
    if (compared->differs)
        report_found(checking,
                     "it differs from what %s, from byte %" PRIu64 " on (line %" PRIu64 ", column %" PRIu64 ")", what,
                     compared->differs_at, line, column);
}

enum status report_check_hashes(const struct report_checking *checking, const json_t *header, const struct hash *body,
                                struct err *err)
{
    char hex[HASH_HEX_CHARS + 1];
    bool good = false;
    enum status status = report_header_sealed(header, &good, err);
    if (status != STATUS_OK)
        return status;
    if (!good)
        report_found(checking, "the header block was changed: its hash is not header_sha256");
    hash_to_hex(body, hex);
    if (strcmp(hex, report_header_member(header, "body_sha256")) != 0)
        report_found(checking, "the body was changed: its hash is %s, and body_sha256 is %s", hex,
                     report_header_member(header, "body_sha256"));
    return STATUS_OK;
}

/*
 * Reports checked by themselves, and the comparison with one that is run again; see the header.
 */
#include "audit/report_check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "audit/emit.h"
#include "audit/report_header.h"
#include "audit/report_read.h"

enum { FOUND_BYTES = 512 };

static void tell(const struct report_checking *checking, const char *format, ...) PRINTF_LIKE(2, 3);

static void tell(const struct report_checking *checking, const char *format, ...)
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
    struct report_compare *compare = context;
    (void)err;
    for (size_t i = 0; i < bytes.length && !compare->differs; i++) {
        const uint64_t at = compare->at + i;
        if (at >= compare->file.length || compare->file.bytes[at] != bytes.bytes[i]) {
            compare->differs = true;
            compare->differs_at = at;
        }
    }
    compare->at += bytes.length;
    return STATUS_OK;
}

struct export_sink report_compare_sink(struct report_compare *compared)
{
    return (struct export_sink){.write = compare, .context = compared};
}

bool report_compare_end(struct report_compare *compared, const char *what, report_finding *found, void *context)
{
    char text[FOUND_BYTES];
    uint64_t line = 1, column = 1;
    if (!compared->differs && compared->at < compared->file.length) {
        compared->differs = true;
        compared->differs_at = compared->at;
    }
    if (!compared->differs)
        return true;
    for (uint64_t i = 0; i < compared->differs_at && i < compared->file.length; i++) {
        column = compared->file.bytes[i] == '\n' ? 1 : column + 1;
        line += compared->file.bytes[i] == '\n';
    }
    snprintf(text, sizeof text, "the file differs from what %s, from byte %" PRIu64 " on (line %" PRIu64 ", column %" PRIu64 ")",
             what, compared->differs_at, line, column);
    found(context, text);
    return false;
}

static enum status check_header(const struct report_checking *checking, const json_t *header, struct err *err)
{
    bool good = false;
    enum status status = report_header_sealed(header, &good, err);
    if (status == STATUS_OK && !good)
        tell(checking, "the header block was changed: its hash is not header_sha256");
    return status;
}

static void check_body(const struct report_checking *checking, const json_t *header, const struct hash *body)
{
    char hex[HASH_HEX_CHARS + 1];
    hash_to_hex(body, hex);
    if (strcmp(hex, report_header_member(header, "body_sha256")) != 0)
        tell(checking, "the rows were changed: their hash is %s, and body_sha256 is %s", hex,
             report_header_member(header, "body_sha256"));
}

/* The body's hash is that of the CSV. */
static enum status to_hash(void *context, struct slice bytes, struct err *err)
{
    (void)err;
    hash_stream_add(context, bytes);
    return STATUS_OK;
}

static enum status check_copy(const struct report_checking *checking, struct report_copy *copy, struct err *err)
{
    struct hash_stream stream;
    struct hash body;
    const struct export_sink hashing = {.write = to_hash, .context = &stream};
    const struct report_rows rows = report_copy_rows(copy);
    struct report_compare compared = {.file = checking->file};
    const struct export_sink comparing = report_compare_sink(&compared);
    hash_stream_init(&stream);
    enum status status = check_header(checking, copy->header, err);
    if (status == STATUS_OK)
        status = report_write(REPORT_CSV, copy->header, &rows, &hashing, err);
    if (status == STATUS_OK) {
        hash_stream_end(&stream, &body);
        check_body(checking, copy->header, &body);
        if ((json_int_t)json_array_size(copy->rows) != json_integer_value(json_object_get(copy->header, "rows")))
            tell(checking, "it has %zu rows, and its header block says %lld", json_array_size(copy->rows),
                 (long long)json_integer_value(json_object_get(copy->header, "rows")));
        status = report_write(checking->format, copy->header, &rows, &comparing, err);
    }
    if (status == STATUS_OK)
        (void)report_compare_end(&compared, "its own header block and rows give", checking->found, checking->context);
    return status;
}

static enum status check_csv(const struct report_checking *checking, json_t **ret_header, struct err *err)
{
    json_t *header = NULL;
    struct hash body;
    struct report_compare compared = {.file = checking->sidecar};
    const struct export_sink comparing = report_compare_sink(&compared);
    enum status status = report_read_sidecar(checking->sidecar, &header, err);
    if (status == STATUS_OK)
        status = check_header(checking, header, err);
    if (status == STATUS_OK) {
        hash_of(checking->file.bytes, checking->file.length, &body);
        check_body(checking, header, &body);
        status = report_write_sidecar(header, &comparing, err);
    }
    if (status == STATUS_OK)
        (void)report_compare_end(&compared, "the header block beside it gives", checking->found, checking->context);
    if (status == STATUS_OK)
        *ret_header = header;
    else
        json_decref(header);
    return status;
}

enum status report_check(const struct report_checking *checking, json_t **ret_header, struct err *err)
{
    struct report_copy copy = {.header = NULL};
    if (checking->format == REPORT_CSV)
        return check_csv(checking, ret_header, err);
    enum status status = report_read(checking->format, checking->file, &copy, err);
    if (status == STATUS_OK)
        status = check_copy(checking, &copy, err);
    if (status == STATUS_OK)
        *ret_header = json_incref(copy.header);
    report_copy_done(&copy);
    return status;
}

/*
 * A report read back from its file: header block and rows, so that it can be hashed again, written again and compared. Files are
 * anybody's: nothing is believed, sizes are bounded.
 */
#ifndef AUDIT_REPORT_READ_H
#define AUDIT_REPORT_READ_H

#include <jansson.h>
#include <stddef.h>

#include "audit/report/run.h"
#include "audit/report/write.h"
#include "ledger/slice.h"
#include "ledger/status.h"

enum {
    REPORT_FILE_BYTES_MAX = 256 << 20, /* a million rows and more */
    REPORT_PART_BYTES_MAX = 1 << 30    /* what a part of a workbook may unpack to */
};

struct report_copy {
    json_t *header;
    json_t *rows; /* list of lists of strings, as many as the header has columns */
};

/* The format by a file's first bytes; what is none of the others is CSV. */
enum report_format report_sniff(struct slice bytes);

/*
 * Reads JSON, HTML or XLSX.
 *
 * in      bytes: borrowed.
 * out     *ret_copy: gives, report_copy_done.
 * errors  INPUT (no report: says what is missing), LIMIT, MEMORY.
 */
MUST_USE enum status report_read(enum report_format format, struct slice bytes, struct report_copy *ret_copy,
                                 struct err *err);
/* The header block that a page has as data. errors INPUT, MEMORY. */
MUST_USE enum status report_html_header(struct slice bytes, json_t **ret_header, struct err *err);
/* The header beside a CSV. errors INPUT, MEMORY. */
MUST_USE enum status report_read_sidecar(struct slice bytes, json_t **ret_header, struct err *err);
void report_copy_done(struct report_copy *copy);

/* Lends until report_copy_done. */
struct report_rows report_copy_rows(struct report_copy *copy);

/* A part of a workbook, unpacked; gives, free. errors INPUT (no such part, a damaged archive), LIMIT, MEMORY. */
MUST_USE enum status report_unzip(struct slice archive, const char *name, char **ret_bytes, size_t *ret_length,
                                  struct err *err);
/* The rows of a workbook's sheets. errors as report_read. */
MUST_USE enum status report_xlsx_read(struct slice bytes, struct report_copy *ret_copy, struct err *err);

/* Text between tags as it was before html_text or the workbook escaped it; gives a string, NULL without memory. */
json_t *report_unescape(const char *text, size_t length);

/* Whether this can be the header of a report at all. errors INPUT: says what it lacks. */
MUST_USE enum status report_header_form(const json_t *header, struct err *err);

#endif

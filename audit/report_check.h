/*
 * Whether a report is still what was written: its two hashes, and each byte against what its own header and rows give. That shows
 * every change but one by somebody who makes all of it anew: against that there is the book, from which it can be run again.
 */
#ifndef AUDIT_REPORT_CHECK_H
#define AUDIT_REPORT_CHECK_H

#include <jansson.h>
#include <stdint.h>

#include "audit/export.h"
#include "audit/report_write.h"
#include "ledger/slice.h"
#include "ledger/status.h"

/* Is handed each finding: one sentence without a full stop. Lent during the call. */
typedef void report_finding(void *context, const char *text);

struct report_checking {
    enum report_format format;
    struct slice file;
    struct slice sidecar; /* of a CSV */
    report_finding *found;
    void *context;
};

/*
 * Checks a file by itself.
 *
 * out     *ret_header: gives; what the file says of itself.
 * errors  INPUT (no report), LIMIT, MEMORY, IO (the scratch file of a workbook).
 */
MUST_USE enum status report_check(const struct report_checking *checking, json_t **ret_header, struct err *err);

/* A sink that compares what comes with a file: for a report that is run again. */
struct report_compare {
    struct slice file;
    uint64_t at;      /* bytes that came */
    bool differs;
    uint64_t differs_at; /* the first byte that differs */
};
struct export_sink report_compare_sink(struct report_compare *compare);
/* After the last byte: tells one finding where anything differs, or the file is longer. what: "the book". */
bool report_compare_end(struct report_compare *compare, const char *what, report_finding *found, void *context);

#endif

/*
 * What checking a report is made of: hashes against what its header block says, and a sink that compares what is written anew with
 * the file, byte for byte.
 */
#ifndef AUDIT_REPORT_COMPARE_H
#define AUDIT_REPORT_COMPARE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "audit/export/export.h"
#include "audit/report/write.h"
#include "ledger/hash.h"
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

void report_found(const struct report_checking *checking, const char *format, ...) PRINTF_LIKE(2, 3);

/* The header's own hash, and that of a body. errors MEMORY. */
MUST_USE enum status report_check_hashes(const struct report_checking *checking, const json_t *header,
                                         const struct hash *body, struct err *err);

/* A sink that compares what comes with a file. */
struct report_compare {
    struct slice file;
    uint64_t at; /* bytes that came */
    bool differs;
    uint64_t differs_at; /* the first byte that differs */
};
struct export_sink report_compare_sink(struct report_compare *compare);

/* After the last byte: one finding where anything differs, or the file is longer. what: "the book gives". */
void report_compare_end(struct report_compare *compare, const char *what, const struct report_checking *checking);

#endif

/*
 * entries.jsonl, line by line: what lies in it, in the order of the numbers that its entries bear, and the hash of all of it.
 */
#ifndef AUDIT_BUNDLE_LINES_H
#define AUDIT_BUNDLE_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/findings.h"
#include "audit/verify/source.h"
#include "ledger/hash.h"
#include "ledger/status.h"

struct bundle_lines;

/* What has to be in the file. */
struct bundle_range {
    bool dense; /* every entry from first to last; false: some of them */
    uint64_t count, first, last;
};

/*
 * Reads from fd, which is taken, by read(2) alone. findings: borrowed until the end; takes what is wrong with lines.
 *
 * errors  MEMORY; fd is closed then.
 */
MUST_USE enum status bundle_lines_new(int fd, const struct bundle_range *range, struct finding_list *findings,
                                      struct bundle_lines **ret_lines, struct err *err);
void bundle_lines_free(struct bundle_lines *lines);

/*
 * The next entry, its bytes owned by the taker. A line that is out of order, there twice, or too long is named and left out;
 * one whose entry calls itself by another number than its place is handed on as that of its place.
 *
 * errors  NOT_FOUND (the end), IO, MEMORY.
 */
MUST_USE enum status bundle_lines_next(struct bundle_lines *lines, struct source_entry *ret_entry, struct err *err);

/* After the end: length and hash of what was read; false when not all of it was. */
bool bundle_lines_hash(const struct bundle_lines *lines, uint64_t *ret_bytes, struct hash *ret_hash);

/* The number that the bytes of an entry bear, without taking them apart. False: none is found. */
bool bundle_peek_seq(struct slice bytes, uint64_t *ret_seq);

#endif

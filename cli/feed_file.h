/*
 * Feeds in CSV: rows of a file read into the records of FORMAT.md 5.4, every problem with its place, and records cut into
 * the bodies of feed statements. Knows the file only: whether an id is there already is the caller's question.
 */
#ifndef CLI_FEED_FILE_H
#define CLI_FEED_FILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/feed_record.h"
#include "ledger/currency.h"
#include "ledger/limits.h"
#include "ledger/status.h"

struct facts;
struct feed_format; /* feed_parts.h */
struct feed_sort;

/* The format of a feed by FORMAT.md's word. Lends for ever. errors INPUT: names the feeds there are. */
MUST_USE enum status feed_format_find(const char *name, const struct feed_format **ret_format, struct err *err);
const char *feed_format_name(const struct feed_format *format);
/* What the gate knows of it: the member that names a record, the total. Lends for ever. */
const struct feed_sort *feed_format_sort(const struct feed_format *format);

/* NULL and half-built ones too. */
void feed_record_done(struct feed_record *record);

struct feed_reader;

/*
 * Opens a file of a feed and reads its header.
 *
 * in      format: kept. report, context: kept; called once for each problem. path: kept.
 * errors  those of csv_open.
 */
MUST_USE enum status feed_reader_open(const char *path, const struct feed_format *format, feed_report *report,
                                      void *context, struct feed_reader **ret_reader, struct err *err);
void feed_reader_close(struct feed_reader *reader);

/*
 * The next record that has no problem; those that have are reported and passed over.
 *
 * out     *ret_record: fills, feed_record_done; *ret_more false after the last.
 * errors  those of csv_next (the rest of the file cannot be read), MEMORY.
 */
MUST_USE enum status feed_reader_next(struct feed_reader *reader, struct feed_record *ret_record, bool *ret_more,
                                      struct err *err);

/* How many problems were reported so far. */
int64_t feed_reader_problems(const struct feed_reader *reader);

/* Reports a problem of a record that only the caller can see: "invoices.csv:17: invoice 581483: ...". */
void feed_reader_problem(struct feed_reader *reader, const struct feed_record *record, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Reports what the books say against a record beyond its id and its customer. facts: borrowed. errors of the facts. */
MUST_USE enum status feed_reader_check(struct feed_reader *reader, const struct facts *facts, const char *entity,
                                       const struct feed_record *record, struct err *err);

/* The manifest of one file of a feed. */
struct feed_manifest {
    const struct feed_format *format;
    const char *entity;
    int64_t sequence;
    int64_t count;
    int64_t total_minor;                /* of a feed with a total */
    char currency[CURRENCY_CODE_BYTES]; /* of a feed with a total */
};

/*
 * Cuts records into bodies of at most DOCUMENTS_MAX records and below STATEMENT_BYTES_MAX.
 *
 * Add every record, in order; whenever *ret_body is not NULL, submit it before the next. The record that completes
 * manifest.count closes the file; a file of no records is one body, from feed_cutter_empty.
 */
struct feed_cutter {
    struct feed_manifest manifest;
    int64_t part;   /* of the body made last */
    int64_t added;  /* records so far */
    json_t *kept;   /* records of the part being filled */
    size_t bytes;   /* their size as JSON */
    json_t *second; /* the closing part, when the last record did not fit into the one before */
};

MUST_USE enum status feed_cutter_init(struct feed_cutter *cutter, const struct feed_manifest *manifest,
                                      struct err *err);
void feed_cutter_done(struct feed_cutter *cutter);

/*
 * in      record: a new reference is taken.
 * out     *ret_body: gives, or NULL while the part is not full. After it, feed_cutter_more has the next one, if any.
 * errors  LIMIT (one record over the size of a statement; more records than the manifest says), MEMORY.
 */
MUST_USE enum status feed_cutter_add(struct feed_cutter *cutter, json_t *record, json_t **ret_body, struct err *err);
/* A body that became ready together with the one before; gives, NULL when there is none. */
json_t *feed_cutter_more(struct feed_cutter *cutter);
/* The one body of a file without records; gives. errors MEMORY. */
MUST_USE enum status feed_cutter_empty(struct feed_cutter *cutter, json_t **ret_body, struct err *err);

#endif

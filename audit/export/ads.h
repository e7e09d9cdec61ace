/*
 * A period of an entity in the form of the AICPA's Audit Data Standards (audit/export/ADS.md): pipe-delimited files, one for each table,
 * and MANIFEST.json, which says what is in each and that opening receivables and movements make the closing ones. The questions
 * stand in audit/embed/ads.sql; their column names are the headers.
 */
#ifndef AUDIT_ADS_H
#define AUDIT_ADS_H

#include "audit/export/export.h"
#include "ledger/instant.h"
#include "ledger/status.h"

struct sql;

/* Effective days, both included. */
struct ads_period {
    char from[DATE_TEXT_BYTES], to[DATE_TEXT_BYTES];
};

/*
 * Reads a period: "2026", "2026-Q3", "2026-07" or "2026-07-01..2026-09-30"; quarters and years are the calendar's.
 *
 * errors  INPUT: says what it may be.
 */
MUST_USE enum status ads_period_read(const char *text, struct ads_period *ret_period, struct err *err);

/* Where the files go. open: the next file by its name; close: it, whatever came of it. errors IO, FULL, EXISTS. */
struct ads_folder {
    enum status (*open)(void *context, const char *name, struct export_sink *ret_sink, struct err *err);
    enum status (*close)(void *context, enum status status, struct err *err);
    void *context;
};

/*
 * Writes all files.
 *
 * in      entity: NULL where the book has one only.
 * errors  INPUT (entity is NULL and the book has several), NOT_FOUND (no such entity), LIMIT (an id longer than the standard
 *         has room for; a sum over 64 bits), CORRUPT (receivables do not tie out), those of the folder, IO, MEMORY.
 * source  AICPA Audit Data Standards, Order to Cash Subledger, General Ledger and Base Standards, 2015.
 */
MUST_USE enum status ads_write(struct sql *sql, const char *entity, const struct ads_period *period,
                               const struct ads_folder *folder, struct err *err);

#endif

/*
 * A period of an entity in the form of the AICPA's Audit Data Standards (audit/export/ADS.md): pipe-delimited files, one for each table,
 * and MANIFEST.json, which says what is in each and that opening receivables and movements make the closing ones. The questions
 * stand in audit/embed/ads.sql; their column names are the headers.
 */
#ifndef AUDIT_ADS_H
#define AUDIT_ADS_H

#include "audit/export/export.h"
#include "audit/period.h"
#include "ledger/status.h"

struct sql;

/* Where the files go. open: the next file by its name; close: it, whatever came of it. errors IO, FULL, EXISTS. */
struct ads_folder {
    enum status (*open)(void *context, const char *name, struct export_sink *ret_sink, struct err *err);
    enum status (*close)(void *context, enum status status, struct err *err);
    void *context;
};

/*
 * Writes all files.
 *
 * in      entity: NULL where the book has one only. period: of effective dates.
 * errors  INPUT (entity is NULL and the book has several), NOT_FOUND (no such entity), LIMIT (an id longer than the standard
 *         has room for; a sum over 64 bits), CORRUPT (receivables do not tie out), those of the folder, IO, MEMORY.
 * source  AICPA Audit Data Standards, Order to Cash Subledger, General Ledger and Base Standards, 2015.
 */
MUST_USE enum status ads_write(struct sql *sql, const char *entity, const struct audit_period *period,
                               const struct ads_folder *folder, struct err *err);

#endif

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

struct signer;
struct sql;

/* Where the files go. open: the next file by its name; close: it, whatever came of it. errors IO, FULL, EXISTS. */
struct ads_folder {
    enum status (*open)(void *context, const char *name, struct export_sink *ret_sink, struct err *err);
    enum status (*close)(void *context, enum status status, struct err *err);
    void *context;
};

/* What is exported, and by whom. Borrowed. */
struct ads_ask {
    const char *entity;                /* NULL where the book has one only */
    const struct audit_period *period; /* of effective dates */
    const char *by;                    /* user whose key signs the manifest */
    const struct signer *signer;
};

/*
 * Writes all files, then MANIFEST.json, its signature in MANIFEST.json.sig, and allowed_signers to check it with.
 *
 * errors  INPUT (entity is NULL and the book has several), NOT_FOUND (no such entity), LIMIT (an id longer than the standard
 *         has room for; a sum over 64 bits), CORRUPT (receivables do not tie out), those of the folder and the signer, IO, MEMORY.
 * source  AICPA Audit Data Standards, Order to Cash Subledger, General Ledger and Base Standards, 2015.
 */
MUST_USE enum status ads_write(struct sql *sql, const struct ads_ask *ask, const struct ads_folder *folder,
                               struct err *err);

#endif

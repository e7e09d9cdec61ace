/*
 * Files of audit/embed/ that are built into the program as they are: pages, styles, the tables of a book in SQL.
 */
#ifndef AUDIT_EMBED_H
#define AUDIT_EMBED_H

#include "ledger/slice.h"

/* Lend for ever. */
struct slice embed_book_sql(void);
struct slice embed_book_feeds_sql(void);
struct slice embed_book_fill_sql(void);
struct slice embed_book_views_sql(void);
struct slice embed_ads_sql(void);
struct slice embed_report_css(void);
/* evidence.html without data, made of audit/page/ (BUNDLE.md section 5). */
struct slice embed_evidence_html(void);

#endif

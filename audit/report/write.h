/*
 * A report in its formats. Each shows the same header block and the same rows, and the body's hash is that of the CSV in all of
 * them. Nothing but header and rows goes into a file, so that it can be made again from what it says and compared.
 */
#ifndef AUDIT_REPORT_WRITE_H
#define AUDIT_REPORT_WRITE_H

#include <jansson.h>
#include <stdbool.h>

#include "audit/emit.h"
#include "audit/export/export.h"
#include "audit/report/run.h"
#include "ledger/status.h"

enum report_format { REPORT_CSV, REPORT_JSON, REPORT_XLSX, REPORT_HTML, REPORT_FORMAT_COUNT };

/* "csv". Lends for ever. */
const char *report_format_name(enum report_format format);

/*
 * Writes it.
 *
 * in      header, rows: borrowed. XLSX: a scratch file of its own, gone afterwards.
 * errors  LIMIT (XLSX: more rows or longer cells than a sheet has), IO, FULL, MEMORY, those of rows and sink.
 */
MUST_USE enum status report_write(enum report_format format, const json_t *header, const struct report_rows *rows,
                                  const struct export_sink *sink, struct err *err);

/* The header block beside a CSV: canonical JSON and a line feed. errors as report_write. */
MUST_USE enum status report_write_sidecar(const json_t *header, const struct export_sink *sink, struct err *err);

/* The format's own rooms. */
MUST_USE enum status report_html_write(const json_t *header, const struct report_rows *rows,
                                       const struct export_sink *sink, struct err *err);
MUST_USE enum status report_xlsx_write(const json_t *header, const struct report_rows *rows,
                                       const struct export_sink *sink, struct err *err);

/* Parts of a page, for the period report too: up to <main>, and what stands behind </main> with the header block. */
MUST_USE enum status report_html_begin(struct emit *emit, const json_t *header, bool charts, struct err *err);
MUST_USE enum status report_html_end(struct emit *emit, const json_t *header, struct err *err);
/* A cell's text as a page shows it: amounts and counts with commas, which no other type of cell gains. */
enum { REPORT_SHOWN_BYTES = 64 };
const char *report_html_shown(enum report_type type, const char *cell, char ret_text[static REPORT_SHOWN_BYTES]);

#endif

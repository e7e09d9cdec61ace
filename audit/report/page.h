/*
 * The period report: one page about a time, for people. Figures first, then charts with the tables that they are drawn from. Its
 * header block is that of the correction register of the same time and entity, whose population it is about; its body is
 * what stands between <main> and </main>.
 */
#ifndef AUDIT_REPORT_PAGE_H
#define AUDIT_REPORT_PAGE_H

#include <jansson.h>
#include <stdbool.h>

#include "audit/report/compare.h"
#include "audit/report/run.h"
#include "ledger/status.h"

#define REPORT_PAGE_ID "PERIOD"

struct report_page;

/*
 * Makes it.
 *
 * in      ask: report is not looked at; a period is needed, an entity may be given, nothing else. The others as report_make.
 * out     *ret_page: gives, report_page_free.
 * errors  INPUT (no period, another parameter), those of report_make.
 */
MUST_USE enum status report_page_make(const struct report_ask *ask, const struct report_source *source,
                                      const struct report_facts *facts, struct report_page **ret_page, struct err *err);
/* Lends until report_page_free. */
const json_t *report_page_header(const struct report_page *page);
/* errors of the sink, MEMORY. */
MUST_USE enum status report_page_write(const struct report_page *page, const struct export_sink *sink, struct err *err);
void report_page_free(struct report_page *page);

/* Whether a page is one of these, and the check of it by itself; errors as report_check. */
bool report_page_is(struct slice file);
MUST_USE enum status report_page_check(const struct report_checking *checking, json_t **ret_header, struct err *err);

#endif

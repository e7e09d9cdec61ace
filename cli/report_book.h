/*
 * A book opened for reports: its tables, what stands in every header about it, and who asks when.
 */
#ifndef CLI_REPORT_BOOK_H
#define CLI_REPORT_BOOK_H

#include "audit/report/facts.h"
#include "audit/report/run.h"
#include "audit/report/source.h"
#include "cli/cli.h"
#include "cli/journal_source.h"
#include "cli/options.h"
#include "cli/program.h"
#include "ledger/slice.h"
#include "ledger/status.h"

struct finding;
struct sql;
struct verify_result;

struct report_book {
    struct journal_source source;
    struct sql *sql;
    struct report_source rows;
    struct report_facts facts;
    struct program program;       /* points into itself: a report_book is not copied */
    struct verify_result *result; /* of a certificate */
    struct report_verified verified;
    int64_t now_ms;
    const char *by;
};

/*
 * Opens the journal and makes its tables.
 *
 * after   close with report_book_close, also on an error.
 * errors  those of journal_source_open and sql_build; INPUT (--at on a real book).
 */
MUST_USE enum status report_book_open(struct cli *cli, const struct options *options, struct report_book *book,
                                      struct err *err);

/* Verifies the book in a child process instead, for a certificate; the book may be in any state. errors as audit verify. */
MUST_USE enum status report_book_verify(struct cli *cli, const struct options *options, struct report_book *book,
                                        struct err *err);

void report_book_close(struct report_book *book);

/* EXIT_DONE, or EXIT_INTEGRITY where a certificate tells of findings. */
int report_book_exit(const struct report_book *book);

/* A sink (audit/export/export.h) into a struct outlet. */
enum status report_to_outlet(void *context, struct slice bytes, struct err *err);

#endif

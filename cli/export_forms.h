/*
 * Exports of a book in the forms of other programs: an SQLite database (audit/sql/SQL.md), the AICPA's Audit Data Standards
 * (audit/export/ADS.md), journals of hledger and beancount. All are made of one projection of the book.
 */
#ifndef CLI_EXPORT_FORMS_H
#define CLI_EXPORT_FORMS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "audit/period.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "ledger/status.h"

struct journal;
struct session;

/* Rows of the options' table that name these forms: for a command's own. */
#define EXPORT_FORM_OPTIONS                                                                                            \
    {"sqlite", 0, "FILE", "a new SQLite database of the whole book, with views; see audit/sql/SQL.md", 0},             \
        {"ads", 0, "DIR", "a new directory of AICPA Audit Data Standards files, signed with --key; with --period", 0}, \
        {"period", 0, "PERIOD", "of --ads, effective dates: " AUDIT_PERIOD_FORMS, 0},                                  \
        {"entity", 0, "CODE", "of --ads: the legal entity, where the book has several", 0},                            \
        {"hledger", 0, "FILE", "the ledger lines as a new journal of hledger", 0},                                     \
        {"beancount", 0, "FILE", "the ledger lines as a new file of beancount", 0},                                    \
    {                                                                                                                  \
        "scratch", 0, "DIR", "where books are built for the time being (TMPDIR, or /tmp)", 0                           \
    }

/* Whether one of these forms is asked for. errors INPUT: options that do not go together. */
MUST_USE enum status export_forms_asked(const struct options *options, bool *ret_asked, struct err *err);

/* Where they are made of. */
struct export_from {
    struct cli *cli;
    const struct options *options;
    struct journal *journal; /* who opened it may read all of it */
    struct session *session; /* whose user signs the manifest of --ads; NULL without it */
};

/*
 * Makes the forms that the options ask for. What is at a name is whole or nothing, and nothing is replaced.
 *
 * out     *ret_written: gives, form -> where it is.
 * errors  EXISTS, INPUT (a period, an entity), those of sql_build and session_signer, IO, FULL.
 */
MUST_USE enum status export_forms_write(const struct export_from *from, json_t **ret_written, struct err *err);

#endif

/*
 * The ledger lines of a book as a journal of plain-text accounting: hledger's or beancount's (audit/export/PLAINTEXT.md). One
 * transaction a posted document; each line has the document's currency, and where the entity's is another one, its price in it.
 */
#ifndef AUDIT_PLAINTEXT_H
#define AUDIT_PLAINTEXT_H

#include "audit/export/export.h"
#include "ledger/status.h"

struct sql;

enum plaintext_form { PLAINTEXT_HLEDGER, PLAINTEXT_BEANCOUNT };

/*
 * Writes all of a book's ledger lines.
 *
 * errors  those of the sink, IO, MEMORY.
 * cost    O(lines).
 */
MUST_USE enum status plaintext_write(struct sql *sql, enum plaintext_form form, const struct export_sink *sink,
                                     struct err *err);

#endif

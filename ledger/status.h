/*
 * What every function that can fail returns, and the text that goes with it.
 *
 * A status names the class of a failure, which is what a caller can act on and what the command line turns into an
 * exit status (DESIGN 9). An err carries the sentence for a person: what, where, and what would fix it. It is filled
 * once, where the cause is known; upper rooms may prefix it, never replace it. It never holds what may be a secret.
 */
#ifndef LEDGER_STATUS_H
#define LEDGER_STATUS_H

#include <stdarg.h>
#include <stddef.h>

#define MUST_USE                         __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_index, first) __attribute__((format(printf, format_index, first)))

enum status {
    STATUS_OK = 0,
    STATUS_INPUT,     /* malformed or impossible input: syntax, form, range, grammar */
    STATUS_LIMIT,     /* a documented maximum is exceeded */
    STATUS_NOT_FOUND, /* no such key, record, entry or file */
    STATUS_EXISTS,    /* it is there already */
    STATUS_REFUSED,   /* a control or a rule of the book says no */
    STATUS_SIGNATURE, /* a signature or key does not verify */
    STATUS_CORRUPT,   /* stored bytes are not what they were when written */
    STATUS_IO,        /* the system failed to read or write */
    STATUS_FULL,      /* disk or map is full */
    STATUS_BUSY,      /* another writer holds the book */
    STATUS_CLOCK,     /* the clock is behind the journal's head, or out of the permitted skew */
    STATUS_MEMORY,    /* no memory */
    STATUS_UNKNOWN,   /* a commit failed in a way that leaves its outcome open: reopen and look by id */
    STATUS_PERMISSION /* not allowed in */
};

enum { ERR_TEXT_BYTES = 1024 };

struct err {
    enum status status;
    char text[ERR_TEXT_BYTES];
};

/*
 * Fills err (which may be NULL) and returns status, so that a failure is one line: return err_set(err, STATUS_X, ...).
 * Text over ERR_TEXT_BYTES is cut at a character boundary.
 */
MUST_USE enum status err_set(struct err *err, enum status status, const char *format, ...) PRINTF_LIKE(3, 4);

/* Puts a prefix before the text that is there, e.g. "corrections.csv:17: ". Keeps the status. err may be NULL. */
void err_prefix(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* The class as a lower-case word, e.g. "corrupt". Lends for ever. */
const char *status_name(enum status status);

/*
 * For our own mistakes only, always compiled in: prints file, line and condition and aborts. Bytes from disk, network,
 * user or clock never go here; they return a status.
 */
#define invariant(condition) ((condition) ? (void)0 : invariant_failed(__FILE__, __LINE__, #condition))
_Noreturn void invariant_failed(const char *file, int line, const char *condition);

#endif

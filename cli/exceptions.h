/*
 * Exceptions: what is late, unanswered or left half done, from every corner of the book, as one list. A source is one
 * function that walks the books and gives a row for each exception. To add one: a file cli/exceptions_<topic>.c with its
 * constant, a declaration here, a line in the table of cli/exceptions.c.
 */
#ifndef CLI_EXCEPTIONS_H
#define CLI_EXCEPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "controls/facts.h"
#include "ledger/status.h"

enum { EXCEPTION_NO_DUE = 0 }; /* due_ms of what has no deadline */

/* One exception. Texts are borrowed for the call of the step; "" or NULL where there is nothing to say. */
struct exception_row {
    const char *number; /* what one types to look further: a request number, "customers 7, part 2" */
    const char *entity;
    const char *owner;    /* the user who has to act, or who began it */
    int64_t since_ms;     /* its age counts from here */
    int64_t due_ms;       /* by when it should have been done; EXCEPTION_NO_DUE */
    int64_t amount_minor; /* where currency is given */
    const char *currency;
    const char *note; /* a few words more */
};

/* Takes one row. errors of the taker. */
typedef enum status exception_step(void *context, const struct exception_row *row, struct err *err);

struct exception_source {
    const char *name;  /* for --only and --json: "waiting" */
    const char *title; /* the first column: "waits too long" */

    /*
     * Calls step for each exception there is at facts->time_ms, in an order of its own.
     *
     * in      facts; entity: only of this one; NULL: of all, and those of none.
     * errors  of the facts and of the step.
     */
    enum status (*collect)(const struct facts *facts, const char *entity, exception_step *step, void *context,
                           struct err *err);
};

/* The table, in the order shown; ends with NULL. Lends for ever. */
extern const struct exception_source *const exception_sources[];

/* NULL when there is none of that name. */
const struct exception_source *exception_source_find(const char *name);

/* One line each. */
extern const struct exception_source exceptions_waiting;
extern const struct exception_source exceptions_feeds;
extern const struct exception_source exceptions_rebills;
extern const struct exception_source exceptions_cases;
extern const struct exception_source exceptions_orders;
extern const struct exception_source exceptions_alike;
extern const struct exception_source exceptions_leavers;

/* Whether a thing of `of` ("" or NULL: of no entity) belongs to what was asked. */
bool exception_in(const char *entity, const char *of);

#endif

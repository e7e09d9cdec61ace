/*
 * Exceptions: what is late, unanswered or left half done, from every corner of the book, as one list. A source is one
 * function that walks the books and gives a row for each exception. To add one: a file cli/exceptions_<topic>.c with its
 * constant, a declaration here, a line in the table of cli/exceptions.c.
 */
#ifndef CLI_EXCEPTIONS_H
#define CLI_EXCEPTIONS_H

#include <jansson.h>
#include <stdint.h>

#include "cli/session.h"
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

/* What is asked of every source. */
struct exceptions {
    struct session *session;
    const struct facts *facts; /* at the time that is asked about */
    const char *entity;        /* only of this one; NULL: of all, and those of none */
    exception_step *step;
    void *context;
};

struct exception_source {
    const char *name;  /* for --only and --json: "waiting" */
    const char *title; /* the first column: "waits too long" */

    /* Adds each exception there is at asked->facts->time_ms, in an order of its own. errors of the facts and the step. */
    enum status (*collect)(struct exceptions *asked, struct err *err);
};

/* Gives the step a row, unless another entity was asked for. errors of the step. */
MUST_USE enum status exception_add(const struct exceptions *asked, const struct exception_row *row, struct err *err);

/* The books' line of an entry that they name, for who signed it and when. out: gives. errors CORRUPT (no such entry). */
MUST_USE enum status exception_entry(const struct exceptions *asked, uint64_t seq, json_t **ret_entry, struct err *err);

/* The table, in the order shown; ends with NULL. Lends for ever. */
extern const struct exception_source *const exception_sources[];

/* NULL when there is none of that name. */
const struct exception_source *exception_source_find(const char *name);

/* One line each. */
extern const struct exception_source exceptions_waiting;
extern const struct exception_source exceptions_feeds;
extern const struct exception_source exceptions_rebills;
extern const struct exception_source exceptions_deliveries;
extern const struct exception_source exceptions_cases;
extern const struct exception_source exceptions_orders;
extern const struct exception_source exceptions_alike;
extern const struct exception_source exceptions_leavers;
extern const struct exception_source exceptions_emergency;
extern const struct exception_source exceptions_reviews;
extern const struct exception_source exceptions_suspects;
extern const struct exception_source exceptions_keys;
extern const struct exception_source exceptions_restores;

#endif

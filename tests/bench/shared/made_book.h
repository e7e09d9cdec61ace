/*
 * Books of the bench: made once a run, left in a directory, opened there again by each program that measures. The company is
 * that of the tests with the policy tests/policies/currency.yaml, so what is timed is what is tested.
 *
 * Customers are C0, C1, ... with an invoice I0, I1, ... of 100.00 each, due on 2025-12-31. DIR/book is the book, DIR/made.json
 * what has to be known to go on: {at, customers, entries, documents, ids, next, now_ms, sequence, turn, users}.
 */
#ifndef TESTS_BENCH_SHARED_MADE_BOOK_H
#define TESTS_BENCH_SHARED_MADE_BOOK_H

#include <jansson.h>
#include <stddef.h>

#include "ledger/entry.h"
#include "ledger/statement.h"
#include "tests/support/company.h"

enum { FED = 1000, EACH = 10 }; /* customers of a file; documents of a customer in lists */

struct made_book {
    struct company company;
    size_t entries, documents; /* in the journal; let in by this room */
    size_t customers, next;    /* fed; how many of them, from the first on, have documents */
    size_t turn;               /* of those that go over the customers again: tells amounts apart */
    int sequence;              /* of the last file of customers, and of invoices */
};

/* A new book under TMPDIR, with the cast of company.h. */
void made_book_begin(struct made_book *book);
/* Closes it and moves it to a directory that is not there yet. */
void made_book_leave(struct made_book *book, const char *dir);

/* One that was left; closed where it is. */
void made_book_open(struct made_book *book, const char *dir);
void made_book_close(struct made_book *book);

/* Closes the gate, for whoever opens the files himself, and takes note of where the book is. */
void made_book_rest(struct made_book *book);

/* A thousand customers more, each with an invoice. */
void made_book_feed(struct made_book *book);
/* Lets days pass. */
void made_book_wait(struct made_book *book, int days);

/* A correction upwards; C-38 refuses the same amount for the same invoice a second time. */
json_t *made_book_correction(struct made_book *book, size_t customer, size_t cents);

/* A statement, signed, that is yet to be let in. */
struct prepared {
    struct statement statement;
    struct signature_list signatures;
};
/* body is stolen. */
void prepare(struct made_book *book, const char *user, enum verb verb, json_t *body, struct prepared *ret_prepared);
/* Documents (stolen) in one statement. */
void prepare_submit(struct made_book *book, const char *user, json_t *documents, struct prepared *ret_prepared);
void prepared_done(struct prepared *prepared);

/* What the gate took over a statement, by the clock and of the processor, in seconds. */
struct taken {
    double clock, worked;
};

/* Lets it in; each document has to end in the outcome (NULL: in any but "refused"). ret_decision may be NULL; gives. */
struct taken submit(struct made_book *book, const struct prepared *prepared, const char *outcome,
                    json_t **ret_decision);

/* Until the book has so many documents: a thousand in one statement, ten of each of a hundred new customers, a day. */
void made_book_lists(struct made_book *book, size_t documents);
/* Until the journal has so many entries: one correction each, signed by itself, of another customer each time. */
void made_book_singles(struct made_book *book, size_t entries);

#endif

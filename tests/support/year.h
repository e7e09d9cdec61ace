/*
 * A company that lives for a year: people who do what the day asks for, officers who wake accounts that slept, feeds that
 * count their files, and a count of what took effect and of what was refused. Policy controls/policies/us.yaml.
 */
#ifndef TESTS_SUPPORT_YEAR_H
#define TESTS_SUPPORT_YEAR_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/support/company.h"

enum { YEAR_AMOUNT_BYTES = 32 };

struct year {
    struct company company;
    uint64_t random;
    int32_t begins; /* the first day */
    int day;        /* from 0 */
    unsigned ids;
    json_t *files;       /* "US01/cash" -> the latest sequence */
    json_t *invoices;    /* of US01, in order, {customer, invoice}; not those of debtors */
    json_t *debtors;     /* customers that never pay */
    json_t *payers;      /* and those that do */
    json_t *answered;    /* "C-02 amount" -> how often, whatever the answer */
    json_t *refused;     /* "C-01 own-document" -> how often */
    json_t *numbers;     /* what later steps go back to: name -> request number */
    json_t *checkpoints; /* signed and cosigned notes, in order */
    unsigned let_in, wholly_refused;
};

/* The cast of company_open and those the year needs besides; customers and invoices to begin with. */
void year_open(struct year *year, unsigned long long seed);
/* Asks everything of the book and closes it. */
void year_close(struct year *year);
/*
 * Leaves the book in a new directory dir as dir/book, closed, and beside it what an auditor brings: book.id, N.note (the
 * checkpoints, cosigned), witness.vkey and audrey.key (passphrase pass). year_close then asks nothing of it: whoever gets it will.
 */
void year_leave(struct year *year, const char *dir);

unsigned year_below(struct year *year, unsigned bound);
/* The date so many days from today, at the entity. */
const char *year_date(const struct year *year, int days, char ret_text[static 16]);
const char *year_instant(const struct year *year, int days, char ret_text[static 32]);
/* The clock stands at that hour (UTC) of today. */
void year_hour(struct year *year, int hour);

/*
 * A statement: body is stolen; extra (may be NULL) is another user whose key signs too. An account that sleeps is woken by two
 * officers, and tries again. Returns the first result, the decision when it was refused as a whole.
 */
json_t *year_do(struct year *year, const char *user, enum verb verb, json_t *body, const char *extra);
json_t *year_submit(struct year *year, const char *user, json_t *document);
json_t *year_approve(struct year *year, const char *user, const char *number, int level);

/* Has everybody sign who may, wrong ones among them, until it takes effect. True when it did. */
bool year_sign(struct year *year, const char *number);
/* Both of them. Returns the number, to be freed; NULL: refused, or it waits still. */
char *year_settle(struct year *year, const char *user, json_t *document);
/* Submits; the number of what waits, to be freed, or NULL. */
char *year_wait(struct year *year, const char *user, json_t *document);

/* Brings the next file; records are stolen. Returns whether it closed. */
bool year_feed(struct year *year, const char *user, const char *feed, int64_t total, bool has_total, json_t *records);
bool year_feed_of(struct year *year, const struct company_file *file, json_t *records);

/* Minor units in words. Returns ret_text. */
const char *year_amount(int64_t minor, char ret_text[static YEAR_AMOUNT_BYTES]);
/* A living invoice with so much free at least; new reference, NULL when there is none. *ret_free: open less pending. */
json_t *year_invoice(struct year *year, int64_t least, int64_t *ret_free);
/* What a document is remembered by; NULL when it is not. */
void year_note(struct year *year, const char *name, const char *number);
const char *year_noted(const struct year *year, const char *name);

/* Documents posted or in force, by kind and by state: kind -> {state -> count}; new reference. */
json_t *year_documents(struct year *year);

#endif

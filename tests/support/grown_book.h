/*
 * A book that grows, for benches: one correction a statement, each of another customer, through the whole gate, so that an
 * entry is what a specialist's is.
 */
#ifndef TESTS_SUPPORT_GROWN_BOOK_H
#define TESTS_SUPPORT_GROWN_BOOK_H

#include <stddef.h>

#include "tests/support/company.h"

struct grown_book {
    struct company company;
    size_t entries, customers;
    int file_customers, file_invoices;
};

/* With the cast of company.h, and room for 32 GiB. company_close ends it. */
void grown_book_open(struct grown_book *book);

/* Until the journal has so many entries at least; says on standard error how far it is. */
void grown_book_to(struct grown_book *book, size_t entries);

/* Seconds of a clock that does not go back. */
double grown_book_now(void);

/* A line of what the system says of this process's memory: "RssAnon:". */
long grown_book_memory_kib(const char *name);

#endif

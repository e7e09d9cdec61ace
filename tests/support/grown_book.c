/*
 * A book that grows, for benches: one correction a statement, each of another customer, through the whole gate.
 */
#include "tests/support/grown_book.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ledger/money.h"
#include "tests/support/golden.h"

enum { FED = 1000, DAY = 500 }; /* customers of a file; entries of a day */

double grown_book_now(void)
{
    struct timespec at;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &at), 0);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

long grown_book_memory_kib(const char *name)
{
    char line[256];
    long kib = 0;
    FILE *file = fopen("/proc/self/status", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            kib = strtol(line + strlen(name), NULL, 10);
    if (file != NULL)
        (void)fclose(file);
    return kib;
}

void grown_book_open(struct grown_book *book)
{
    *book = (struct grown_book){.file_customers = 1, .file_invoices = 1, .company = {.map_bytes = UINT64_C(1) << 35}};
    company_open(&book->company, "tests/policies/currency.yaml");
    book->company.unchecked = true;
}

static void feed(struct grown_book *book)
{
    json_t *customers = json_array(), *invoices = json_array();
    char customer[32], invoice[32];
    for (size_t i = 0; i < FED; i++, book->customers++) {
        snprintf(customer, sizeof customer, "C%zu", book->customers);
        snprintf(invoice, sizeof invoice, "I%zu", book->customers);
        json_array_append_new(customers, company_customer(customer, customer));
        json_array_append_new(invoices, company_invoice(invoice, customer, "100.00", "0.00", "100.00"));
    }
    const struct company_file first = {.user = "feedc", .feed = "customers", .sequence = ++book->file_customers};
    const struct company_file second = {
        .user = "feedi", .feed = "invoices", .total = "100000.00", .sequence = ++book->file_invoices};
    expect_done(company_feed(&book->company, &first, customers), "closed");
    expect_done(company_feed(&book->company, &second, invoices), "closed");
    book->entries += 2;
}

/* One correction, signed by itself, of another customer each time. */
static void post(struct grown_book *book)
{
    char name[32], invoice[32], amount[MONEY_TEXT_MAX];
    size_t turn = book->entries / FED, customer = book->entries % FED + turn % (book->customers / FED) * FED;
    snprintf(name, sizeof name, "C%zu", customer);
    snprintf(invoice, sizeof invoice, "I%zu", customer);
    money_format((int64_t)(1 + turn), 2, amount);
    json_t *document = company_correction(&book->company, name, invoice, amount, "up");
    expect_done(company_submit(&book->company, "maria", document), "posted");
    if (++book->entries % DAY == 0)
        book->company.now_ms += INT64_C(86400000);
}

void grown_book_to(struct grown_book *book, size_t entries)
{
    double begin = grown_book_now();
    book->entries = company_head(&book->company).size;
    while (book->customers <
           entries / 25) /* few enough documents of each that no cumulative limit asks for an approval */
        feed(book);
    while (book->entries < entries) {
        post(book);
        if (book->entries % 20000 == 0)
            fprintf(stderr, "%zu entries after %.0f s\n", book->entries, grown_book_now() - begin);
    }
}

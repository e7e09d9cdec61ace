/*
 * Makes a book for the bench, of which the other programs measure copies; shared/made_book.h says what it consists of.
 *
 *   book list DOCUMENTS DIR      corrections, a thousand in one statement, ten on each customer
 *   book single ENTRIES DIR      one correction a statement, each signed by itself
 *   book signed ENTRIES DIR      such entries without their decisions having been made: for form, chain, tree, signatures
 *   book people CUSTOMERS DIR    forty specialists and so many customers without documents, for the server
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/append.h"
#include "ledger/schema.h"
#include "tests/bench/shared/made_book.h"
#include "tests/bench/shared/measure.h"
#include "tests/support/closing.h"

enum { SPECIALISTS = 40, WAITING = 50, COMMIT = 1000, STEP = 500000, NUMBER_BYTES = 32 };

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

/* ---------------------------------------------------------------- entries that nobody decided */

/* What is the same in each: a decision that the gate made, in which only the number changes. */
struct mould {
    json_t *decision, *result;
    struct gate_facts facts;
    size_t request, posting;                             /* numbers of the last one */
    char requests[NUMBER_BYTES], postings[NUMBER_BYTES]; /* what stands before them: "IC", "US01-IC-2026" */
};

static size_t number_take(const char *number, char ret_series[static NUMBER_BYTES])
{
    const char *dash = strrchr(number, '-');
    assert_non_null(dash);
    snprintf(ret_series, NUMBER_BYTES, "%.*s", (int)(dash - number), number);
    return strtoul(dash + 1, NULL, 10);
}

static void mould_make(struct made_book *book, struct mould *mould)
{
    struct prepared prepared;
    *mould = (struct mould){
        .facts = {.release = "bench", .exe = "0000000000000000", .mode = "embedded", .os_user = "bench"}};
    made_book_feed(book);
    prepare_submit(book, "maria", json_pack("[o]", made_book_correction(book, 0, 1)), &prepared);
    submit(book, &prepared, "posted", &mould->decision);
    prepared_done(&prepared);
    mould->result = json_array_get(json_object_get(mould->decision, "results"), 0);
    mould->request = number_take(result_number(mould->result), mould->requests);
    mould->posting = number_take(member_text(mould->result, "number"), mould->postings);
}

static void append_one(struct made_book *book, struct mould *mould, struct append *append, struct journal_head *head)
{
    struct prepared prepared;
    char number[2 * NUMBER_BYTES], *bytes = NULL;
    size_t length = 0;
    struct err err;
    json_t *document = made_book_correction(book, 0, 1);
    prepare_submit(book, "maria", json_pack("[o]", document), &prepared);
    snprintf(number, sizeof number, "%s-%zu", mould->requests, ++mould->request);
    json_object_set_new(mould->result, "document", json_string(number));
    snprintf(number, sizeof number, "%s-%06zu", mould->postings, ++mould->posting);
    json_object_set_new(mould->result, "number", json_string(number));
    const struct entry_parts parts = {.decision = mould->decision,
                                      .gate = &mould->facts,
                                      .prev = &head->leaf,
                                      .seq = head->size,
                                      .signatures = &prepared.signatures,
                                      .statement = &prepared.statement,
                                      .time_ms = book->company.now_ms};
    must(entry_make(&parts, &bytes, &length, &err), &err);
    must(append_entry(append, slice_of(bytes, length), NULL, &head->leaf, &err), &err);
    head->size++;
    free(bytes);
    prepared_done(&prepared);
}

static void make_signed(struct made_book *book, size_t entries)
{
    struct mould mould;
    struct err err;
    double begin = seconds_now();
    mould_make(book, &mould);
    struct journal_head head = company_head(&book->company);
    struct journal *journal = gate_books(book->company.gate)->journal;
    while (head.size < entries) {
        struct append *append = NULL;
        must(append_begin(journal, NULL, &append, &err), &err);
        for (size_t i = 0; i < COMMIT && head.size < entries; i++)
            append_one(book, &mould, append, &head);
        must(append_commit(append, &err), &err);
        if (head.size % STEP < COMMIT)
            fprintf(stderr, "%zu entries after %.0f s\n", (size_t)head.size, seconds_now() - begin);
    }
    json_decref(mould.decision);
}

/* ---------------------------------------------------------------- what waits for approval */

/* On a customer of his own, whom no list and nobody else's measurement comes to. */
static void make_waiting(struct made_book *book)
{
    struct prepared prepared;
    json_t *documents = json_array();
    for (size_t i = 0; i < WAITING; i++) {
        char amount[32];
        snprintf(amount, sizeof amount, "2%02zu.00", i);
        json_array_append_new(documents, company_correction(&book->company, "16446", "581483", amount, "up"));
    }
    prepare_submit(book, "maria", documents, &prepared);
    submit(book, &prepared, NULL, NULL);
    prepared_done(&prepared);
}

/* ---------------------------------------------------------------- who works at a server */

static void make_people(struct made_book *book, size_t customers)
{
    for (size_t i = 0; i < SPECIALISTS; i++) {
        char user[16], person[16];
        snprintf(user, sizeof user, "s%zu", i);
        snprintf(person, sizeof person, "P-S%zu", i);
        closing_hire(&book->company, user, person, "BILLING_SPECIALIST", "US01");
    }
    while (book->customers < customers)
        made_book_feed(book);
}

static void work(int argc, char **argv, json_t *line)
{
    static struct made_book book;
    if (argc != 4)
        bench_usage("usage: book list|single|signed|people COUNT DIR");
    const char *sort = argv[1];
    size_t count = strtoul(argv[2], NULL, 10);
    double begin = seconds_now();
    made_book_begin(&book);
    if (strcmp(sort, "list") == 0) {
        made_book_lists(&book, count);
        make_waiting(&book);
    } else if (strcmp(sort, "single") == 0)
        made_book_singles(&book, count);
    else if (strcmp(sort, "signed") == 0)
        make_signed(&book, count);
    else if (strcmp(sort, "people") == 0)
        make_people(&book, count);
    else
        bench_usage("book: the sort is one of list, single, signed, people");
    made_book_leave(&book, argv[3]);
    tell(line, "count", (double)count);
    tell(line, "entries", (double)book.entries);
    tell(line, "seconds", seconds_now() - begin);
}

int main(int argc, char **argv)
{
    return bench_run(work, argc, argv);
}

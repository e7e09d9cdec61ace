/*
 * Books of the bench; see the header.
 */
#include "tests/bench/shared/made_book.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/sshsig.h"
#include "tests/bench/shared/measure.h"
#include "tests/support/golden.h"

#define DAY_MS   INT64_C(86400000)
#define POLICY   "tests/policies/currency.yaml"
#define MAP_SIZE (UINT64_C(1) << 36)

enum { LIST = 1000, DAY = 500, CUSTOMER_SHARE = 25, STEP = 20000, SECOND_MS = 1000 };

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

/* ---------------------------------------------------------------- come and go */

void made_book_begin(struct made_book *book)
{
    *book = (struct made_book){.sequence = 1, .company = {.map_bytes = MAP_SIZE}};
    company_open(&book->company, POLICY);
    book->company.unchecked = book->company.keep = true;
}

/* Beside the book, so that whoever opens it again goes on where this one stopped. */
static void note(const struct made_book *book)
{
    char path[COMPANY_COPY_BYTES], at[INSTANT_TEXT_BYTES];
    json_t *users = json_array();
    for (size_t i = 0; i < book->company.user_count; i++)
        json_array_append_new(users, json_string(book->company.users[i].user));
    instant_format(book->company.now_ms + SECOND_MS, at);
    json_t *made = json_pack("{s:s, s:I, s:I, s:I, s:i, s:I, s:I, s:i, s:I, s:o}", "at", at, "customers",
                             (json_int_t)book->customers, "documents", (json_int_t)book->documents, "entries",
                             (json_int_t)book->entries, "ids", (int)book->company.ids, "next", (json_int_t)book->next,
                             "now_ms", (json_int_t)book->company.now_ms, "sequence", book->sequence, "turn",
                             (json_int_t)book->turn, "users", users);
    snprintf(path, sizeof path, "%s/made.json", book->company.dir);
    if (made == NULL || json_dump_file(made, path, JSON_SORT_KEYS) != 0)
        fail_msg("%s cannot be written: is the disk full?", path);
    json_decref(made);
}

void made_book_rest(struct made_book *book)
{
    book->entries = company_head(&book->company).size;
    gate_close(book->company.gate);
    book->company.gate = NULL;
    note(book);
}

void made_book_close(struct made_book *book)
{
    if (book->company.gate != NULL)
        made_book_rest(book);
    company_close(&book->company);
}

void made_book_leave(struct made_book *book, const char *dir)
{
    made_book_close(book);
    if (rename(book->company.dir, dir) != 0)
        fail_msg("%s cannot be moved to %s: %s", book->company.dir, dir, strerror(errno));
}

static size_t member_size(const json_t *made, const char *name)
{
    return (size_t)json_integer_value(json_object_get(made, name));
}

void made_book_open(struct made_book *book, const char *dir)
{
    char path[COMPANY_COPY_BYTES];
    json_error_t error;
    const json_t *users, *user;
    size_t i;
    snprintf(path, sizeof path, "%s/made.json", dir);
    json_t *made = json_load_file(path, 0, &error);
    if (made == NULL)
        fail_msg("%s: %s", path, error.text);
    *book = (struct made_book){.entries = member_size(made, "entries"),
                               .documents = member_size(made, "documents"),
                               .customers = member_size(made, "customers"),
                               .next = member_size(made, "next"),
                               .turn = member_size(made, "turn"),
                               .sequence = (int)member_size(made, "sequence"),
                               .company = {.ids = (unsigned)member_size(made, "ids"),
                                           .now_ms = json_integer_value(json_object_get(made, "now_ms")),
                                           .unchecked = true,
                                           .keep = true}};
    snprintf(book->company.dir, sizeof book->company.dir, "%s", dir);
    snprintf(book->company.book, sizeof book->company.book, "%s/book", dir);
    users = json_object_get(made, "users");
    json_array_foreach(users, i, user) company_new_user(&book->company, json_string_value(user));
    json_decref(made);
    company_reopen(&book->company);
}

/* ---------------------------------------------------------------- what they consist of */

void made_book_feed(struct made_book *book)
{
    json_t *customers = json_array(), *invoices = json_array();
    char customer[32], invoice[32];
    for (size_t i = 0; i < FED; i++, book->customers++) {
        snprintf(customer, sizeof customer, "C%zu", book->customers);
        snprintf(invoice, sizeof invoice, "I%zu", book->customers);
        json_array_append_new(customers, company_customer(customer, customer));
        json_array_append_new(invoices, company_invoice(invoice, customer, "100.00", "0.00", "100.00"));
    }
    const struct company_file first = {.user = "feedc", .feed = "customers", .sequence = ++book->sequence};
    const struct company_file second = {
        .user = "feedi", .feed = "invoices", .total = "100000.00", .sequence = book->sequence};
    expect_done(company_feed(&book->company, &first, customers), "closed");
    expect_done(company_feed(&book->company, &second, invoices), "closed");
}

void made_book_wait(struct made_book *book, int days)
{
    book->company.now_ms += days * DAY_MS;
}

json_t *made_book_correction(struct made_book *book, size_t customer, size_t cents)
{
    char name[32], invoice[32], amount[MONEY_TEXT_MAX];
    snprintf(name, sizeof name, "C%zu", customer);
    snprintf(invoice, sizeof invoice, "I%zu", customer);
    money_format((int64_t)cents, 2, amount);
    return company_correction(&book->company, name, invoice, amount, "up");
}

/* ---------------------------------------------------------------- statements */

void prepare(struct made_book *book, const char *user, enum verb verb, json_t *body, struct prepared *ret_prepared)
{
    char id[32];
    uint8_t blob[SSHSIG_BYTES_MAX];
    size_t length = 0;
    struct err err;
    const struct journal_head seen = company_head(&book->company);
    book->company.now_ms += SECOND_MS;
    snprintf(id, sizeof id, "s-%06u", ++book->company.ids);
    const struct statement_head head = {.verb = verb,
                                        .actor = user,
                                        .book = gate_book_id(book->company.gate),
                                        .id = id,
                                        .at_ms = book->company.now_ms,
                                        .seen_hash = &seen.leaf,
                                        .seen_seq = seen.size - 1};
    must(statement_make(&head, body, &ret_prepared->statement, &err), &err);
    json_decref(body);
    must(sshsig_sign(&company_user(&book->company, user)->signer, ret_prepared->statement.bytes,
                     ret_prepared->statement.length, blob, &length, &err),
         &err);
    ret_prepared->signatures.count = 0;
    must(signature_list_add(&ret_prepared->signatures, slice_of(blob, length), &err), &err);
}

void prepare_submit(struct made_book *book, const char *user, json_t *documents, struct prepared *ret_prepared)
{
    book->documents += json_array_size(documents);
    prepare(book, user, VERB_SUBMIT, json_pack("{s:b, s:o}", "atomic", 0, "documents", documents), ret_prepared);
}

void prepared_done(struct prepared *prepared)
{
    statement_done(&prepared->statement);
}

static void check_outcomes(const json_t *decision, const char *outcome)
{
    const json_t *results = json_object_get(decision, "results"), *result;
    size_t i;
    if (json_array_size(results) == 0) {
        char *text = json_dumps(decision, 0);
        fail_msg("a statement is not let in: %.400s", text);
    }
    json_array_foreach(results, i, result)
    {
        const char *found = result_outcome(result);
        if (outcome != NULL ? strcmp(found, outcome) != 0 : strcmp(found, "refused") == 0) {
            char *text = json_dumps(result, 0);
            fail_msg("a document is %s, not %s: %.400s", found, outcome != NULL ? outcome : "let in", text);
        }
    }
}

struct taken submit(struct made_book *book, const struct prepared *prepared, const char *outcome, json_t **ret_decision)
{
    struct gate_answer answer;
    struct err err;
    double worked = seconds_worked(), begin = seconds_now();
    must(gate_submit(book->company.gate, slice_of(prepared->statement.bytes, prepared->statement.length),
                     &prepared->signatures, &answer, &err),
         &err);
    struct taken taken = {.clock = seconds_now() - begin, .worked = seconds_worked() - worked};
    check_outcomes(answer.decision, outcome);
    if (ret_decision != NULL)
        *ret_decision = json_incref(answer.decision);
    gate_answer_done(&answer);
    return taken;
}

/* ---------------------------------------------------------------- making them large */

void made_book_lists(struct made_book *book, size_t documents)
{
    double begin = seconds_now();
    while (book->documents < documents) {
        struct prepared prepared;
        json_t *list = json_array();
        if (book->customers < book->next + LIST / EACH)
            made_book_feed(book);
        size_t count = documents - book->documents < LIST ? documents - book->documents : LIST;
        for (size_t i = 0; i < count; i++)
            json_array_append_new(list, made_book_correction(book, book->next + i / EACH, 1 + i % EACH));
        prepare_submit(book, "maria", list, &prepared);
        submit(book, &prepared, "posted", NULL);
        prepared_done(&prepared);
        book->next += (count + EACH - 1) / EACH;
        made_book_wait(book, 1);
        if (book->documents % STEP == 0)
            fprintf(stderr, "%zu documents after %.0f s\n", book->documents, seconds_now() - begin);
    }
}

void made_book_singles(struct made_book *book, size_t entries)
{
    double begin = seconds_now();
    while (book->customers <
           entries / CUSTOMER_SHARE) /* few enough of each that no cumulative limit asks for approval */
        made_book_feed(book);
    for (size_t at = company_head(&book->company).size; at < entries; at++) {
        struct prepared prepared;
        size_t turn = at / FED, customer = at % FED + turn % (book->customers / FED) * FED;
        prepare_submit(book, "maria", json_pack("[o]", made_book_correction(book, customer, 1 + turn)), &prepared);
        submit(book, &prepared, "posted", NULL);
        prepared_done(&prepared);
        if (at % DAY == 0)
            made_book_wait(book, 1);
        if (at % STEP == 0)
            fprintf(stderr, "%zu entries after %.0f s\n", at, seconds_now() - begin);
    }
    book->next = book->customers;
}

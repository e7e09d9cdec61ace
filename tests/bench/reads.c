/*
 * What it takes to answer a reader from a book of the bench, on average.
 *
 *   reads open DIR          the books open already: a balance, all balances, ageing, a customer's documents in the journal, as
 *                           the commands walk them
 *   reads commands DIR      whole commands in this process, from their words to the end of their output, the opening included
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/aging.h"
#include "cli/reading.h"
#include "ledger/books.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "tests/bench/shared/made_book.h"
#include "tests/bench/shared/measure.h"
#include "tests/support/cli_stub.h"

#define TIME_SECONDS 0.15 /* that each kind of question is asked for, at least once */

struct reader {
    struct made_book book;
    struct tables_txn *txn;
    struct journal_snapshot *snapshot;
    size_t asked, rows; /* questions so far; rows seen */
    int64_t open_minor;
    struct aging aging;
    int32_t today;
};

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

static void customer_of(const struct reader *reader, char ret_name[static 32])
{
    snprintf(ret_name, 32, "C%zu", reader->asked * 7919 % reader->book.next);
}

/* ---------------------------------------------------------------- with the books open */

static void ask_balance(struct reader *reader)
{
    char customer[32];
    json_t *record = NULL;
    struct err err;
    customer_of(reader, customer);
    struct books_key key = books_key_pair("US01", customer);
    books_key_add_text(&key, "USD");
    must(books_get(reader->txn, BOOKS_BALANCES, &key, &record, &err), &err);
    reader->open_minor += member_integer(record, "open");
    reader->rows++;
    json_decref(record);
}

static enum status balance_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct reader *reader = context;
    char text[ID_BYTES_MAX + 1];
    size_t at = 0;
    (void)ret_more;
    enum status status = reading_key_text(key, &at, text, err);
    if (status == STATUS_OK)
        status = money_add(reader->open_minor, member_integer(record, "open"), &reader->open_minor, err);
    reader->rows++;
    return status;
}

static enum status aging_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct reader *reader = context;
    char text[ID_BYTES_MAX + 1];
    size_t at = 0;
    enum status status = STATUS_OK;
    (void)ret_more;
    for (int i = 0; status == STATUS_OK && i < 3; i++) /* entity, customer, currency; then the date */
        status = reading_key_text(key, &at, text, err);
    if (status != STATUS_OK)
        return status;
    int32_t due = (int32_t)books_key_number(key, key.length - at - 8);
    reader->rows++;
    return aging_add(&reader->aging, aging_bucket(due, reader->today), member_integer(record, "open"), err);
}

static void walk(struct reader *reader, enum books_table table, books_step *step)
{
    struct err err;
    struct books_key prefix = books_key("US01");
    books_key_close(&prefix);
    const struct books_walk all = {.table = table, .prefix = &prefix, .step = step, .context = reader};
    must(books_each(reader->txn, &all, &err), &err);
}

static void ask_balances(struct reader *reader)
{
    reader->open_minor = 0;
    walk(reader, BOOKS_BALANCES, balance_step);
}

static void ask_aging(struct reader *reader)
{
    reader->aging = (struct aging){.total_minor = 0};
    walk(reader, BOOKS_OPEN_ITEMS, aging_step);
}

static enum status document_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct reader *reader = context;
    const char *bytes = NULL;
    size_t length = 0;
    (void)record;
    (void)ret_more;
    reader->rows++;
    return journal_entry(reader->snapshot, books_key_number(key, 9), &bytes, &length, err);
}

static void ask_documents(struct reader *reader)
{
    char customer[32];
    struct err err;
    customer_of(reader, customer);
    struct books_key prefix = books_key_pair("US01", customer);
    books_key_close(&prefix);
    const struct books_walk all = {
        .table = BOOKS_CUSTOMER_DOCS, .prefix = &prefix, .step = document_step, .context = reader};
    must(books_each(reader->txn, &all, &err), &err);
}

static void ask_open(struct reader *reader, json_t *line)
{
    static const struct {
        const char *name;
        void (*ask)(struct reader *reader);
    } questions[] = {{"balance_us", ask_balance},
                     {"balances_us", ask_balances},
                     {"aging_us", ask_aging},
                     {"documents_us", ask_documents}};
    struct books *books = gate_books(reader->book.company.gate);
    struct err err;
    must(tables_read_begin(books->tables, &reader->txn, &err), &err);
    must(journal_read_begin(books->journal, &reader->snapshot, &err), &err);
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        struct samples samples = {.count = 0};
        for (double end = seconds_now() + TIME_SECONDS; samples.count == 0 || seconds_now() < end;) {
            reader->rows = 0;
            reader->asked++;
            double begin = seconds_now();
            questions[i].ask(reader);
            samples_add(&samples, seconds_now() - begin);
            assert_true(reader->rows > 0);
        }
        tell(line, questions[i].name, samples_part(&samples, 0.5) * 1e6);
        samples_done(&samples);
    }
    journal_read_end(reader->snapshot);
    tables_abort(reader->txn);
}

/* ---------------------------------------------------------------- whole commands in this process */

static void ask_command(const struct reader *reader, const char *name, const char *const *words, json_t *line)
{
    struct samples samples = {.count = 0};
    struct cli_stub stub;
    const char *all[16] = {NULL};
    size_t count = 0;
    for (; words[count] != NULL; count++)
        all[count] = words[count];
    all[count++] = "--book";
    all[count++] = reader->book.company.book;
    for (double end = seconds_now() + TIME_SECONDS; samples.count == 0 || seconds_now() < end;) {
        cli_stub_init(&stub);
        double begin = seconds_now();
        int answer = cli_stub_run(&stub, all);
        samples_add(&samples, seconds_now() - begin);
        if (answer != 0)
            fail_msg("countersign %s: %s", words[0], cli_stub_err(&stub));
        cli_stub_done(&stub);
    }
    tell(line, name, samples_part(&samples, 0.5) * 1e6);
    samples_done(&samples);
}

static void ask_commands(struct reader *reader, json_t *line)
{
    char customer[32];
    customer_of(reader, customer);
    const char *const balance[] = {"balance", "--customer", customer, NULL}, *const balances[] = {"balance", NULL},
                      *const aging[] = {"aging", NULL}, *const inbox[] = {"inbox", "--as", "ana", NULL},
                      *const log[] = {"log", "--customer", customer, NULL}, *const status[] = {"status", NULL};
    made_book_rest(&reader->book);
    ask_command(reader, "balance_us", balance, line);
    ask_command(reader, "balances_us", balances, line);
    ask_command(reader, "aging_us", aging, line);
    ask_command(reader, "inbox_us", inbox, line);
    ask_command(reader, "log_us", log, line);
    ask_command(reader, "status_us", status, line);
}

static void work(int argc, char **argv, json_t *line)
{
    static struct reader reader;
    if (argc != 3)
        bench_usage("usage: reads open|commands DIR");
    made_book_open(&reader.book, argv[2]);
    reader.today = (int32_t)(reader.book.company.now_ms / 86400000);
    tell(line, "documents", (double)reader.book.documents);
    tell(line, "customers", (double)reader.book.next);
    if (strcmp(argv[1], "open") == 0)
        ask_open(&reader, line);
    else if (strcmp(argv[1], "commands") == 0)
        ask_commands(&reader, line);
    else
        bench_usage("reads: one of open, commands");
    made_book_close(&reader.book);
}

int main(int argc, char **argv)
{
    return bench_run(work, argc, argv);
}

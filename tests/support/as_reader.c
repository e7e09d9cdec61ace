/*
 * A book through one user's eyes; see the header.
 */
#include "tests/support/as_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "controls/judge.h"
#include "controls/read_access.h"
#include "ledger/checksum.h"
#include "ledger/journal.h"
#include "ledger/journal_layout.h"
#include "ledger/tables.h"
#include "ledger/tables_layout.h"

/* What is answered for: one of the two stores. */
struct answering {
    struct as_reader *as;
    struct store *store;
    bool journal;
};

struct as_reader {
    struct judge *judge;
    struct facts truth; /* what the rights were read from */
    struct reader *rights;
    struct answering of_books, of_journal;
    struct books books;
    struct facts facts;
    bool begun;
};

struct answered {
    struct answering *answering;
    struct store_txn *txn;
};

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

static enum status answer_begin(void *context, void **ret_snapshot, struct err *err)
{
    struct answered *answered = calloc(1, sizeof *answered);
    assert_non_null(answered);
    answered->answering = context;
    enum status status = store_read_begin(answered->answering->store, &answered->txn, err);
    assert_int_equal(status, STATUS_OK);
    *ret_snapshot = answered;
    return status;
}

static void answer_end(void *context, void *snapshot)
{
    struct answered *answered = snapshot;
    (void)context;
    store_abort(answered->txn);
    free(answered);
}

static size_t table_named(const struct answered *answered, const char *name)
{
    size_t table = 0;
    assert_int_equal(store_table_named(answered->txn, name, &table), STATUS_OK);
    return table;
}

static enum status may(const struct answered *answered, size_t table, const struct store_record *record, bool *ret_may,
                       struct err *err)
{
    struct reader *rights = answered->answering->as->rights;
    struct slice value = record->value;
    if (answered->answering->journal) {
        *ret_may = true;
        return table == JOURNAL_ENTRIES ? reader_may_entry(rights, record->value, ret_may, err) : STATUS_OK;
    }
    if (value.bytes != NULL)
        value = slice_of(value.bytes + CHECKSUM_BYTES, value.length - CHECKSUM_BYTES);
    return reader_may_record(rights, table, record->key, value, ret_may, err);
}

static enum status answer_get(void *snapshot, const char *name, struct slice key, struct slice *ret_value,
                              struct err *err)
{
    const struct answered *answered = snapshot;
    const size_t table = table_named(answered, name);
    struct store_record record = {.key = key};
    bool allowed = false;
    enum status found = store_get(answered->txn, table, key, &record.value, err);
    if (found != STATUS_OK && found != STATUS_NOT_FOUND)
        return found;
    if (found == STATUS_NOT_FOUND && answered->answering->journal)
        return found;
    enum status status = may(answered, table, &record, &allowed, err);
    if (status == STATUS_OK && !allowed)
        return err_set(err, STATUS_PERMISSION, "%s: this is not for you", name);
    *ret_value = record.value;
    return status == STATUS_OK ? found : status;
}

static enum status answer_seek(void *snapshot, const char *name, enum store_seek seek, struct slice key,
                               struct store_record *ret_record, struct err *err)
{
    const struct answered *answered = snapshot;
    const size_t table = table_named(answered, name);
    const bool back = seek == STORE_SEEK_LAST || seek == STORE_SEEK_BEFORE;
    bool allowed = false;
    for (;;) {
        enum status status = store_seek(answered->txn, table, seek, key, ret_record, err);
        if (status == STATUS_OK)
            status = may(answered, table, ret_record, &allowed, err);
        if (status != STATUS_OK || allowed)
            return status;
        key = ret_record->key;
        seek = back ? STORE_SEEK_BEFORE : STORE_SEEK_AFTER;
    }
}

static enum status answer_count(void *snapshot, const char *name, uint64_t *ret_count, struct err *err)
{
    const struct answered *answered = snapshot;
    const size_t table = table_named(answered, name);
    if (!answered->answering->journal && !reader_may_count(answered->answering->as->rights, table))
        return err_set(err, STATUS_PERMISSION, "%s: how many there are is not for you", name);
    return store_count(answered->txn, table, ret_count, err);
}

static struct store_remote remote_of(struct answering *answering)
{
    return (struct store_remote){.name = "as a reader",
                                 .context = answering,
                                 .begin = answer_begin,
                                 .end = answer_end,
                                 .get = answer_get,
                                 .seek = answer_seek,
                                 .count = answer_count};
}

/* The facts that rights are read from: the whole truth. */
static void truth_begin(struct company *company, struct judge *judge, struct facts *ret_truth)
{
    struct err err;
    struct tables_watermark mark;
    *ret_truth = (struct facts){.book = gate_book_id(company->gate), .time_ms = company->now_ms};
    must(tables_read_begin(gate_books(company->gate)->tables, &ret_truth->books, &err), &err);
    must(tables_watermark_get(ret_truth->books, &mark, &err), &err);
    must(judge_policy(judge, ret_truth->books, ret_truth->time_ms, &ret_truth->policy, &ret_truth->policy_seq, &err),
         &err);
    ret_truth->seq = mark.size;
}

static const char *key_of(struct company *company, const char *user, const char *key_text)
{
    return key_text != NULL ? key_text : company_user(company, user)->key;
}

struct as_reader *as_reader_open(struct company *company, const char *user, const char *key_text)
{
    struct err err;
    struct as_reader *as = calloc(1, sizeof *as);
    assert_non_null(as);
    must(judge_new(&as->judge, &err), &err);
    truth_begin(company, as->judge, &as->truth);
    must(reader_open(&as->truth, user, key_of(company, user, key_text), &as->rights, &err), &err);
    as->of_books = (struct answering){.as = as, .store = gate_books(company->gate)->tables->store};
    as->of_journal = (struct answering){.as = as, .store = gate_books(company->gate)->journal->store, .journal = true};
    const struct store_remote books = remote_of(&as->of_books), journal = remote_of(&as->of_journal);
    const struct tables_options layout = books_layout(0);
    must(tables_open_remote(&books, &layout, &as->books.tables, &err), &err);
    must(journal_open_remote(&journal, &as->books.journal, &err), &err);
    return as;
}

void as_reader_close(struct as_reader *as)
{
    if (as == NULL)
        return;
    as_reader_facts_end(as);
    tables_close(as->books.tables);
    journal_close(as->books.journal);
    reader_close(as->rights);
    tables_abort(as->truth.books);
    judge_free(as->judge);
    free(as);
}

struct reader *as_reader_rights(struct as_reader *as)
{
    return as->rights;
}

struct books *as_reader_books(struct as_reader *as)
{
    return &as->books;
}

const struct facts *as_reader_facts(struct as_reader *as)
{
    struct err err;
    as_reader_facts_end(as);
    as->facts = as->truth;
    must(tables_read_begin(as->books.tables, &as->facts.books, &err), &err);
    as->begun = true;
    return &as->facts;
}

void as_reader_facts_end(struct as_reader *as)
{
    if (as->begun)
        tables_abort(as->facts.books);
    as->begun = false;
}

enum status as_reader_try(struct company *company, const char *user, const char *key_text, struct err *err)
{
    struct judge *judge = NULL;
    struct facts truth;
    struct reader *reader = NULL;
    must(judge_new(&judge, err), err);
    truth_begin(company, judge, &truth);
    enum status status = reader_open(&truth, user, key_of(company, user, key_text), &reader, err);
    reader_close(reader);
    tables_abort(truth.books);
    judge_free(judge);
    return status;
}

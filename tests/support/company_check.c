/*
 * What has to hold of any book, whatever a test has done to it: every entry comes out the same when its statement is let in
 * again, books that are folded or made anew equal the live ones, and the live ones agree with themselves.
 */
#include "tests/support/company_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "controls/control.h"
#include "ledger/books.h"
#include "ledger/books_open.h"
#include "ledger/currency.h"
#include "ledger/entry.h"
#include "ledger/fold.h"
#include "ledger/journal.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/tables.h"
#include "tests/support/company_again.h"

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

static bool difference_show(void *context, const struct tables_difference *difference)
{
    (void)context;
    print_message("table %s: key of %zu bytes\n  live   %.*s\n  replay %.*s\n", difference->table,
                  difference->key.length, difference->a != NULL ? (int)difference->a->length : 7,
                  difference->a != NULL ? (const char *)difference->a->bytes : "nothing",
                  difference->b != NULL ? (int)difference->b->length : 7,
                  difference->b != NULL ? (const char *)difference->b->bytes : "nothing");
    return true;
}

static void tables_have_to_equal(struct company *company, struct tables *other, const char *what)
{
    static const struct tables_listener listener = {.report = difference_show};
    struct tables_txn *live = NULL, *replayed = NULL;
    uint64_t differences = 0;
    struct err err;
    must(tables_read_begin(gate_books(company->gate)->tables, &live, &err), &err);
    must(tables_read_begin(other, &replayed, &err), &err);
    must(tables_equal(live, replayed, &listener, &differences, &err), &err);
    tables_abort(live);
    tables_abort(replayed);
    if (differences != 0)
        fail_msg("%s: %llu differences from the live books", what, (unsigned long long)differences);
}

static void entry_fold(struct tables *tables, const struct entry *entry)
{
    struct err err;
    struct tables_txn *txn = NULL;
    must(tables_write_begin(tables, &txn, &err), &err);
    must(fold_entry(txn, entry, &err), &err);
    must(tables_commit(txn, &err), &err);
}

/* Every entry again, twice: folded from its decision, and let in by another gate in groups. */
static void replays_have_to_equal(struct company *company)
{
    struct journal *journal = gate_books(company->gate)->journal;
    const struct tables_options layout = books_layout(journal_map_bytes(journal));
    struct err err;
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head;
    struct tables *folded = NULL;
    char folded_dir[320];
    snprintf(folded_dir, sizeof folded_dir, "%s/folded-%u", company->dir, ++company->replays);
    must(tables_create_scratch(folded_dir, &layout, &folded, &err), &err);
    must(journal_read_begin(journal, &snapshot, &err), &err);
    must(journal_head(snapshot, &head, &err), &err);
    for (uint64_t seq = 0; seq < head.size; seq++) {
        struct entry entry = company_entry(snapshot, seq);
        entry_fold(folded, &entry);
        entry_done(&entry);
    }
    tables_have_to_equal(company, folded, "folded again");
    tables_close(folded);
    struct gate *again = company_again(company, snapshot, head.size);
    tables_have_to_equal(company, gate_books(again)->tables, "let in again");
    gate_close(again);
    journal_read_end(snapshot);
}

/* What the live books say of themselves, gathered table by table. */
struct agreeing {
    json_t *open;       /* entity|customer|currency -> sum of what invoices have open */
    json_t *pending;    /* entity|invoice, and entity|customer|currency -> what waiting documents take */
    json_t *shares;     /* entity|invoice -> the net and tax of what was posted */
    json_t *recovering; /* write-off -> what living recoveries take */
    json_t *numbers;    /* series -> {count, highest} */
    json_t *waiting;    /* number -> true */
    json_t *receivable; /* entity|currency -> what feeds and lines say is owed */
    size_t open_items, open_invoices;
};

static void count_up(json_t *sums, const char *key, json_int_t delta)
{
    json_object_set_new(sums, key, json_integer(json_integer_value(json_object_get(sums, key)) + delta));
}

static void key_text(struct slice key, char ret_text[static 512])
{
    for (size_t i = 0; i < key.length && i < 511; i++)
        ret_text[i] = key.bytes[i] == 0 ? '|' : (char)key.bytes[i];
    ret_text[key.length < 511 ? key.length : 511] = '\0';
}

static enum status invoice_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct agreeing *agreeing = context;
    char text[512], balance[512];
    (void)ret_more;
    (void)err;
    key_text(key, text);
    snprintf(balance, sizeof balance, "%.*s|%s|%s", (int)strcspn(text, "|"), text, member_text(record, "customer"),
             member_text(record, "currency"));
    count_up(agreeing->open, balance, (json_int_t)member_integer(record, "open"));
    count_up(agreeing->pending, text, -(json_int_t)member_integer(record, "pending"));
    for (size_t i = 0; i < json_array_size(json_object_get(record, "credited")); i++)
        count_up(agreeing->shares, text, -json_integer_value(json_array_get(json_object_get(record, "credited"), i)));
    agreeing->open_invoices += member_integer(record, "open") != 0;
    return STATUS_OK;
}

static enum status open_item_step(void *context, struct slice key, const json_t *record, bool *ret_more,
                                  struct err *err)
{
    struct agreeing *agreeing = context;
    (void)key;
    (void)ret_more;
    (void)err;
    agreeing->open_items++;
    assert_int_not_equal(member_integer(record, "open"), 0);
    return STATUS_OK;
}

static enum status balance_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct agreeing *agreeing = context;
    char text[512];
    (void)ret_more;
    (void)err;
    key_text(key, text);
    count_up(agreeing->open, text, -(json_int_t)member_integer(record, "open"));
    count_up(agreeing->pending, text, -(json_int_t)member_integer(record, "pending"));
    return STATUS_OK;
}

static enum status account_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct agreeing *agreeing = context;
    char text[512], both[512];
    (void)ret_more;
    (void)err;
    key_text(key, text);
    snprintf(both, sizeof both, "%.*s%s", (int)strcspn(text, "|"), text, strrchr(text, '|'));
    count_up(agreeing->receivable, both, (json_int_t)(member_integer(record, "dr") - member_integer(record, "cr")));
    return STATUS_OK;
}

static enum status waiting_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct agreeing *agreeing = context;
    (void)key;
    (void)ret_more;
    (void)err;
    json_object_set_new(agreeing->waiting, member_text(record, "number"), json_true());
    return STATUS_OK;
}

static void number_note(struct agreeing *agreeing, const char *number)
{
    char series[80];
    const char *dash = strrchr(number, '-');
    snprintf(series, sizeof series, "%.*s", (int)(dash - number), number);
    json_t *one = json_object_get(agreeing->numbers, series);
    if (one == NULL) {
        one = json_pack("{s:i, s:i}", "count", 0, "highest", 0);
        json_object_set_new(agreeing->numbers, series, one);
    }
    json_int_t n = strtoll(dash + 1, NULL, 10);
    count_up(one, "count", 1);
    if (n > json_integer_value(json_object_get(one, "highest")))
        json_object_set_new(one, "highest", json_integer(n));
}

/* The approvals of a document that took effect: distinct persons, none of them a maker. */
static void persons_check(const json_t *record)
{
    const json_t *approvals = json_object_get(record, "approvals"), *makers = json_object_get(record, "makers");
    for (size_t i = 0; i < json_array_size(approvals); i++) {
        const char *person = member_text(json_array_get(approvals, i), "person");
        for (size_t m = 0; m < json_array_size(makers); m++)
            if (strcmp(member_text(json_array_get(makers, m), "person"), person) == 0)
                fail_msg("%s was approved by its maker %s", member_text(record, "number"), person);
        for (size_t k = 0; k < i; k++)
            if (strcmp(member_text(json_array_get(approvals, k), "person"), person) == 0)
                fail_msg("%s was approved twice by %s", member_text(record, "number"), person);
    }
}

static void lines_check(const json_t *record)
{
    const json_t *lines = json_object_get(record, "lines");
    int64_t sum = 0, functional_sum = 0, minor;
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        const char *text = member_text(line, "amount"), *functional = member_text(line, "functional");
        int digits = currency_digits(member_text(line, "currency")), sign = strcmp(member_text(line, "side"), "dr");
        assert_int_equal(money_parse(text, strlen(text), digits, &minor, NULL), STATUS_OK);
        assert_true(minor > 0 || member_text(line, "difference") != NULL);
        sum += sign == 0 ? minor : -minor;
        if (functional == NULL)
            continue;
        const char *dot = strchr(functional, '.');
        assert_int_equal(
            money_parse(functional, strlen(functional), dot != NULL ? (int)strlen(dot + 1) : 0, &minor, NULL),
            STATUS_OK);
        functional_sum += sign == 0 ? minor : -minor;
    }
    if (sum != 0 || functional_sum != 0)
        fail_msg("%s does not balance", member_text(record, "number"));
}

static void side_pending_note(struct agreeing *agreeing, const json_t *record, const json_t *document)
{
    const json_t *allocations = json_object_get(document, "allocations");
    const char *direction = member_text(document, "direction");
    const char *charge = member_text(document, "charge"), *currency = member_text(document, "currency");
    bool recovers = member_text(document, "recovers") != NULL;
    char key[200];
    if (recovers || (charge != NULL && strcmp(charge, "credit-balance") == 0) ||
        (json_is_object(json_object_get(document, "to")) && json_array_size(allocations) == 0)) {
        const char *text = member_text(document, "amount");
        int64_t minor;
        assert_int_equal(money_parse(text, strlen(text), currency_digits(currency), &minor, NULL), STATUS_OK);
        snprintf(key, sizeof key, "%s|%s|%s", member_text(record, "entity"), member_text(document, "customer"),
                 currency);
        count_up(agreeing->pending, key, (json_int_t)minor);
    }
    if (recovers || (direction != NULL && strcmp(direction, "up") == 0))
        return;
    for (size_t i = 0; i < json_array_size(allocations); i++) {
        const json_t *allocation = json_array_get(allocations, i);
        const char *text = member_text(allocation, "amount");
        int64_t minor;
        assert_int_equal(
            money_parse(text, strlen(text), currency_digits(member_text(document, "currency")), &minor, NULL),
            STATUS_OK);
        snprintf(key, sizeof key, "%s|%s", member_text(record, "entity"), member_text(allocation, "invoice"));
        count_up(agreeing->pending, key, (json_int_t)minor);
    }
}

/* A transfer holds on both sides: what is taken, and what the invoices that credit is put on are reduced by. */
static void pending_note(struct agreeing *agreeing, const json_t *record)
{
    const json_t *document = json_object_get(record, "document"), *to = json_object_get(document, "to");
    side_pending_note(agreeing, record, document);
    if (!json_is_object(to) || json_array_size(json_object_get(document, "allocations")) > 0)
        return;
    json_t *side = json_pack("{s:O, s:O}", "allocations", json_object_get(to, "allocations"), "currency",
                             json_object_get(document, "currency"));
    side_pending_note(agreeing, record, side);
    json_decref(side);
}

/* What a document left in the records of others while it lives: shares of invoices, parts of a write-off. */
static void traces_note(struct agreeing *agreeing, const json_t *record)
{
    const char *state = member_text(record, "state"), *invoice;
    const json_t *document = json_object_get(record, "document");
    const char *recovers = member_text(document, "recovers"), *amount = member_text(document, "amount");
    json_t *list;
    char key[200];
    int64_t minor;
    json_object_foreach(json_object_get(record, "recovering"), invoice, list)
    {
        count_up(agreeing->recovering, member_text(record, "number"), -json_integer_value(list));
    }
    if (recovers != NULL && (strcmp(state, "waiting") == 0 || strcmp(state, "posted") == 0)) {
        int digits = currency_digits(member_text(document, "currency"));
        assert_int_equal(money_parse(amount, strlen(amount), digits, &minor, NULL), STATUS_OK);
        count_up(agreeing->recovering, recovers, (json_int_t)minor);
    }
    if (strcmp(state, "posted") != 0)
        return;
    json_object_foreach(json_object_get(record, "shares"), invoice, list)
    {
        snprintf(key, sizeof key, "%s|%s", member_text(record, "entity"), invoice);
        for (size_t i = 0; i < json_array_size(list); i++)
            count_up(agreeing->shares, key, json_integer_value(json_array_get(list, i)));
    }
}

static enum status document_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct agreeing *agreeing = context;
    const char *state = member_text(record, "state"), *number = member_text(record, "number");
    bool waits = strcmp(state, "waiting") == 0;
    (void)key;
    (void)ret_more;
    (void)err;
    number_note(agreeing, number);
    if (member_text(record, "legal") != NULL)
        number_note(agreeing, member_text(record, "legal"));
    persons_check(record);
    lines_check(record);
    traces_note(agreeing, record);
    if (waits != (json_object_get(agreeing->waiting, number) != NULL))
        fail_msg("%s is %s, but %s among those that wait", number, state, waits ? "not" : "stands");
    if (waits) {
        pending_note(agreeing, record);
        assert_int_not_equal(json_array_size(json_object_get(record, "levels")), 0);
    } else {
        assert_int_equal(json_array_size(json_object_get(record, "levels")), 0);
    }
    return STATUS_OK;
}

static void each(struct tables_txn *txn, enum books_table table, books_step *step, void *context)
{
    struct err err;
    const struct books_walk walk = {.table = table, .step = step, .context = context};
    must(books_each(txn, &walk, &err), &err);
}

static void all_zero(const json_t *sums, const char *what)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)sums, key, value)
    {
        if (json_integer_value(value) != 0)
            fail_msg("%s: %s is off by %lld", what, key, (long long)json_integer_value(value));
    }
}

void company_check_books(struct company *company)
{
    struct err err;
    struct tables_txn *txn = NULL;
    struct agreeing agreeing = {.open = json_object(),
                                .pending = json_object(),
                                .shares = json_object(),
                                .recovering = json_object(),
                                .numbers = json_object(),
                                .waiting = json_object(),
                                .receivable = json_object()};
    must(tables_read_begin(gate_books(company->gate)->tables, &txn, &err), &err);
    each(txn, BOOKS_INVOICES, invoice_step, &agreeing);
    each(txn, BOOKS_OPEN_ITEMS, open_item_step, &agreeing);
    each(txn, BOOKS_BALANCES, balance_step, &agreeing);
    each(txn, BOOKS_ACCOUNTS, account_step, &agreeing);
    each(txn, BOOKS_WAITING, waiting_step, &agreeing);
    each(txn, BOOKS_DOCUMENTS, document_step, &agreeing);
    tables_abort(txn);
    assert_int_equal(agreeing.open_items, agreeing.open_invoices);
    all_zero(agreeing.open, "what customers and their invoices have open");
    all_zero(agreeing.pending, "what is pending on invoices and accounts");
    all_zero(agreeing.shares, "net and tax that credits took");
    all_zero(agreeing.recovering, "what is recovered of write-offs");
    all_zero(agreeing.receivable, "accounts, debit less credit");
    const char *series;
    json_t *one;
    json_object_foreach(agreeing.numbers, series, one)
    {
        if (member_integer(one, "count") != member_integer(one, "highest"))
            fail_msg("numbers %s are not dense: %lld of %lld", series, (long long)member_integer(one, "count"),
                     (long long)member_integer(one, "highest"));
    }
    json_decref(agreeing.open);
    json_decref(agreeing.pending);
    json_decref(agreeing.shares);
    json_decref(agreeing.recovering);
    json_decref(agreeing.numbers);
    json_decref(agreeing.waiting);
    json_decref(agreeing.receivable);
}

void company_check(struct company *company)
{
    company_check_books(company);
    replays_have_to_equal(company);
}

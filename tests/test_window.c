/*
 * Rows of windows: walked from the store and from memory, which have to come to the same whatever was written in between. What is
 * expected is counted here, in a plain array.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/books.h"
#include "ledger/window.h"
#include "tests/support/scratch.h"

enum { ROWS = 400, TURNS = 3000, GROUPS = 3 };

struct row {
    uint64_t seq, index;
    int64_t time_ms;
    bool there;
};

struct world {
    struct scratch dir;
    struct tables *tables;
    struct tables_txn *txn;
    struct row rows[GROUPS][ROWS];
    size_t count[GROUPS];
    uint64_t random;
};

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

static void begin(struct world *world)
{
    struct err err;
    must(tables_write_begin(world->tables, &world->txn, &err), &err);
}

static void commit(struct world *world)
{
    struct err err;
    must(tables_commit(world->txn, &err), &err);
}

static void open_world(struct world *world)
{
    struct err err;
    const struct tables_options layout = books_layout(0);
    memset(world, 0, sizeof *world);
    world->random = 7;
    scratch_open(&world->dir);
    must(tables_open(world->dir.path, &layout, &world->tables, &err), &err);
    begin(world);
}

static void close_world(struct world *world)
{
    tables_abort(world->txn);
    tables_close(world->tables);
    scratch_close(&world->dir);
}

static uint64_t below(struct world *world, uint64_t bound)
{
    world->random = world->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (world->random >> 33) % bound;
}

static struct books_key group_key(size_t group)
{
    char name[16];
    snprintf(name, sizeof name, "G%zu", group);
    return books_key_pair("c", name);
}

static struct books_key row_key(size_t group, const struct row *row)
{
    struct books_key key = group_key(group);
    books_key_add_number(&key, row->seq);
    books_key_add_number(&key, row->index);
    return key;
}

static void put(struct world *world, size_t group, const struct row *row)
{
    char number[32], amount[32];
    struct err err;
    struct books_key key = row_key(group, row);
    snprintf(number, sizeof number, "CN-%llu", (unsigned long long)row->seq);
    snprintf(amount, sizeof amount, "%llu.00", (unsigned long long)(row->seq * 10 + row->index));
    const struct window_row one = {
        .time_ms = row->time_ms, .amount_text = amount, .kind = "credit-note", .number = number, .reversal = ""};
    must(window_row_put(world->txn, &key, &one, &err), &err);
}

static void add(struct world *world, size_t group)
{
    size_t count = world->count[group];
    if (count == ROWS)
        return;
    struct row *row = &world->rows[group][count], before = {.seq = 1, .time_ms = 1000};
    if (count > 0)
        before = world->rows[group][count - 1];
    /* A clock that is set back now and then. */
    *row = (struct row){.seq = before.seq + below(world, 2),
                        .index = before.index + 1,
                        .time_ms = before.time_ms + (int64_t)below(world, 20) - (below(world, 40) == 0 ? 100 : 0),
                        .there = true};
    row->time_ms = row->time_ms < 1 ? 1 : row->time_ms;
    world->count[group]++;
    put(world, group, row);
}

static void take_away(struct world *world, size_t group, bool again)
{
    struct err err;
    if (world->count[group] == 0)
        return;
    struct row *row = &world->rows[group][below(world, world->count[group])];
    struct books_key key = row_key(group, row);
    must(books_delete(world->txn, BOOKS_WINDOWS, &key, &err), &err);
    row->there = again;
    if (again)
        put(world, group, row);
}

struct seen {
    const struct row *rows;
    size_t next, count; /* the row expected next is below `next` */
    char text[64];
};

static enum status see(void *context, const struct row_place *place, const struct window_row *row, struct err *err)
{
    struct seen *seen = context;
    (void)err;
    while (seen->next > 0 && !seen->rows[seen->next - 1].there)
        seen->next--;
    assert_true(seen->next > 0);
    const struct row *wanted = &seen->rows[--seen->next];
    assert_true(place->seq == wanted->seq && place->index == wanted->index && row->time_ms == wanted->time_ms);
    snprintf(seen->text, sizeof seen->text, "%llu.00", (unsigned long long)(wanted->seq * 10 + wanted->index));
    assert_string_equal(row->amount_text, seen->text);
    seen->count++;
    return STATUS_OK;
}

/* As many as there are from the place down to the first that is too early. */
static void walk(struct world *world, struct tables_txn *txn, size_t group, uint64_t before, int64_t after_ms)
{
    const struct row *rows = world->rows[group];
    struct books_key key = group_key(group);
    const struct window_part part = {.group = &key, .before_seq = before, .before_index = 0, .after_ms = after_ms};
    struct err err;
    size_t end = world->count[group], wanted = 0;
    while (end > 0 && rows[end - 1].seq >= before)
        end--;
    for (size_t i = end; i-- > 0 && (!rows[i].there || rows[i].time_ms > after_ms);)
        wanted += rows[i].there;
    struct seen seen = {.rows = rows, .next = end};
    must(window_walk(txn, &part, see, &seen, &err), &err);
    assert_int_equal(seen.count, wanted);
}

static void memory_and_store_say_the_same(void **state)
{
    static struct world world;
    (void)state;
    open_world(&world);
    for (int turn = 0; turn < TURNS; turn++) {
        size_t group = below(&world, GROUPS), what = below(&world, 40);
        if (what < 20)
            add(&world, group);
        else if (what == 20)
            take_away(&world, group, false);
        else if (what == 21)
            take_away(&world, group, true);
        else if (what == 22) {
            commit(&world);
            begin(&world);
        }
        const struct row *last = &world.rows[group][world.count[group] == 0 ? 0 : world.count[group] - 1];
        uint64_t before = below(&world, 4) == 0 ? below(&world, last->seq + 2) : last->seq + 1;
        walk(&world, world.txn, group, before, last->time_ms - (int64_t)below(&world, 3000));
    }
    commit(&world);
    struct err err;
    must(tables_read_begin(world.tables, &world.txn, &err), &err); /* which keeps nothing */
    for (size_t group = 0; group < GROUPS; group++)
        walk(&world, world.txn, group, UINT64_MAX, -1);
    close_world(&world);
}

static enum status stop(void *context, const struct row_place *place, const struct window_row *row, struct err *err)
{
    (void)place, (void)row;
    return --*(int *)context == 0 ? err_set(err, STATUS_LIMIT, "enough") : STATUS_OK;
}

static void a_step_that_fails_ends_the_walk(void **state)
{
    static struct world world;
    struct err err;
    (void)state;
    open_world(&world);
    for (int i = 0; i < 5; i++)
        add(&world, 0);
    struct books_key key = group_key(0);
    const struct window_part part = {.group = &key, .before_seq = UINT64_MAX, .after_ms = -1};
    for (int turn = 0; turn < 3; turn++) { /* the first reads the store */
        int left = 2;
        assert_int_equal(window_walk(world.txn, &part, stop, &left, &err), STATUS_LIMIT);
        assert_int_equal(left, 0);
    }
    close_world(&world);
}

/* What does not fit into memory is walked in the store. */
static void a_group_may_be_of_any_size(void **state)
{
    static struct world world;
    struct err err;
    (void)state;
    open_world(&world);
    for (uint64_t i = 1; i <= ROW_LIST_ROWS_MAX + 10; i++) {
        const struct row row = {.seq = i, .time_ms = (int64_t)i, .there = true};
        put(&world, 0, &row);
    }
    struct books_key key = group_key(0);
    const struct window_part all = {.group = &key, .before_seq = UINT64_MAX, .after_ms = -1};
    const struct window_part few = {.group = &key, .before_seq = UINT64_MAX, .after_ms = ROW_LIST_ROWS_MAX};
    for (int turn = 0; turn < 2; turn++) {
        int left = -1;
        must(window_walk(world.txn, &all, stop, &left, &err), &err);
        assert_int_equal(left, -1 - ROW_LIST_ROWS_MAX - 10);
        left = -1;
        must(window_walk(world.txn, &few, stop, &left, &err), &err);
        assert_int_equal(left, -11);
    }
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_and_store_say_the_same),
        cmocka_unit_test(a_step_that_fails_ends_the_walk),
        cmocka_unit_test(a_group_may_be_of_any_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

/*
 * The form of a window's row: eight bytes of time, big-endian, then amount, kind, number and reason
 * of reversal, each closed by a zero byte.
 */
#include "ledger/window.h"

#include <string.h>

#include "ledger/limits.h"
#include "ledger/money.h"
#include "ledger/record_cache.h"

enum { TIME_BYTES = WINDOW_TIME_BYTES, ROW_BYTES_MAX = WINDOW_ROW_BYTES_MAX, PLACE_BYTES = 2 * (1 + 8) };

static size_t text_add(uint8_t bytes[static ROW_BYTES_MAX], size_t used, const char *text)
{
    size_t length = strlen(text) + 1;
    invariant(used + length <= ROW_BYTES_MAX);
    memcpy(bytes + used, text, length);
    return used + length;
}

static struct row_place place_of(struct slice key)
{
    return (struct row_place){.seq = books_key_number(key, 9), .index = books_key_number(key, 0)};
}

/* A row behind the last one of its group goes to those in memory too; any other write under the group forgets them. */
static enum status row_put(struct tables_txn *txn, const struct books_key *key, struct slice value, struct err *err)
{
    const struct slice group = slice_of(key->bytes, key->length - PLACE_BYTES);
    const struct row_place place = place_of(slice_of(key->bytes, key->length));
    struct row_list *rows = record_cache_rows_take(tables_cache(txn), BOOKS_WINDOWS, group);
    enum status status = books_put_bytes(txn, BOOKS_WINDOWS, key, value, err);
    if (rows != NULL && status == STATUS_OK && row_list_before(rows, place.seq, place.index) == rows->count &&
        row_list_add(rows, place, value))
        record_cache_rows_keep(tables_cache(txn), BOOKS_WINDOWS, group, rows);
    else
        row_list_free(rows);
    return status;
}

enum status window_row_put(struct tables_txn *txn, const struct books_key *key, const struct window_row *row,
                           struct err *err)
{
    uint8_t bytes[ROW_BYTES_MAX];
    uint64_t time = (uint64_t)row->time_ms;
    for (int i = TIME_BYTES - 1; i >= 0; i--, time >>= 8)
        bytes[i] = (uint8_t)(time & 0xFF);
    size_t used = text_add(bytes, TIME_BYTES, row->amount_text);
    used = text_add(bytes, used, row->kind);
    used = text_add(bytes, used, row->number);
    used = text_add(bytes, used, row->reversal);
    return row_put(txn, key, slice_of(bytes, used), err);
}

/* The next text of a row; NULL when it is not closed. */
static const char *text_take(struct slice *rest)
{
    const char *text = (const char *)rest->bytes;
    const uint8_t *end = rest->length > 0 ? memchr(rest->bytes, 0, rest->length) : NULL;
    if (end == NULL)
        return NULL;
    size_t length = (size_t)(end + 1 - rest->bytes);
    *rest = slice_of(rest->bytes + length, rest->length - length);
    return text;
}

enum status window_row_read(struct slice value, struct window_row *ret_row, struct err *err)
{
    struct window_row row = {.time_ms = 0};
    uint64_t time = 0;
    if (value.length < TIME_BYTES)
        return err_set(err, STATUS_CORRUPT, "books: a row of a window is too short; run rebuild");
    for (int i = 0; i < TIME_BYTES; i++)
        time = time << 8 | value.bytes[i];
    struct slice rest = slice_of(value.bytes + TIME_BYTES, value.length - TIME_BYTES);
    row.time_ms = (int64_t)time;
    row.amount_text = text_take(&rest);
    row.kind = text_take(&rest);
    row.number = text_take(&rest);
    row.reversal = text_take(&rest);
    if (row.amount_text == NULL || row.kind == NULL || row.number == NULL || row.reversal == NULL || rest.length != 0)
        return err_set(err, STATUS_CORRUPT, "books: a row of a window is not whole; run rebuild");
    *ret_row = row;
    return STATUS_OK;
}

struct part_walk {
    const struct window_part *part;
    window_step *step;
    void *context;
    struct row_list *filling; /* NULL: not kept */
    bool ended;               /* by a row that is too early */
};

/* One row for the part; one that stands behind it is none of its. */
static enum status part_row(struct part_walk *walk, const struct row_place *place, struct slice value, struct err *err)
{
    struct window_row row;
    enum status status = window_row_read(value, &row, err);
    if (status != STATUS_OK)
        return status;
    walk->ended = row.time_ms <= walk->part->after_ms;
    return walk->ended ? STATUS_OK : walk->step(walk->context, place, &row, err);
}

static enum status store_step(void *context, struct slice key, struct slice value, bool *ret_more, struct err *err)
{
    struct part_walk *walk = context;
    const struct row_place place = place_of(key);
    enum status status = part_row(walk, &place, value, err);
    *ret_more = !walk->ended;
    return status;
}

static enum status walk_store(struct tables_txn *txn, struct part_walk *walk, struct err *err)
{
    struct books_key prefix = *walk->part->group, before = prefix;
    books_key_close(&prefix);
    books_key_add_number(&before, walk->part->before_seq);
    books_key_add_number(&before, walk->part->before_index);
    const struct books_walk books = {.table = BOOKS_WINDOWS,
                                     .prefix = &prefix,
                                     .backward = true,
                                     .before = &before,
                                     .bytes_step = store_step,
                                     .context = walk};
    return books_each(txn, &books, err);
}

/* From the group's end down to the first row that ends the part, which is kept too: it says where. */
static enum status fill_step(void *context, struct slice key, struct slice value, bool *ret_more, struct err *err)
{
    struct part_walk *walk = context;
    const struct window_part *part = walk->part;
    const struct row_place place = place_of(key);
    struct window_row row;
    enum status status = window_row_read(value, &row, err);
    if (status != STATUS_OK)
        return status;
    if (!row_list_add(walk->filling, place, value)) {
        row_list_free(walk->filling);
        walk->filling = NULL;
        *ret_more = false;
        return STATUS_OK;
    }
    const bool is_before =
        place.seq != part->before_seq ? place.seq < part->before_seq : place.index < part->before_index;
    *ret_more = !is_before || row.time_ms > part->after_ms;
    walk->filling->whole = *ret_more; /* until the last call, which is the first row's or this one's */
    return STATUS_OK;
}

/* The group's last rows, as far down as the part goes. out: *ret_rows: gives; NULL: too many, or no memory. */
static enum status rows_read(struct tables_txn *txn, const struct window_part *part, struct row_list **ret_rows,
                             struct err *err)
{
    struct part_walk walk = {.part = part, .filling = row_list_new()};
    struct books_key prefix = *part->group;
    books_key_close(&prefix);
    const struct books_walk books = {
        .table = BOOKS_WINDOWS, .prefix = &prefix, .backward = true, .bytes_step = fill_step, .context = &walk};
    if (walk.filling != NULL)
        walk.filling->whole = true; /* an empty group's */
    enum status status = walk.filling != NULL ? books_each(txn, &books, err) : STATUS_OK;
    if (status == STATUS_OK && walk.filling != NULL)
        row_list_turn(walk.filling);
    if (status != STATUS_OK) {
        row_list_free(walk.filling);
        walk.filling = NULL;
    }
    *ret_rows = walk.filling;
    return status;
}

/* Whether the rows in memory go down as far as the part: to the group's first one, or to one that would end any walk before. */
static bool reaches(const struct row_list *rows, const struct window_part *part)
{
    struct window_row row;
    if (rows->whole)
        return true;
    return row_list_before(rows, part->before_seq, part->before_index) > 0 &&
           window_row_read(row_list_value(rows, 0), &row, NULL) == STATUS_OK && row.time_ms <= part->after_ms;
}

static enum status walk_rows(const struct row_list *rows, struct part_walk *walk, struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = row_list_before(rows, walk->part->before_seq, walk->part->before_index);
         status == STATUS_OK && !walk->ended && i-- > 0;)
        status = part_row(walk, &rows->rows[i], row_list_value(rows, i), err);
    return status;
}

#ifdef BOOKS_CACHE_CHECKED
struct rows_check {
    const struct row_list *rows;
    size_t left;
};

static enum status check_step(void *context, struct slice key, struct slice value, bool *ret_more, struct err *err)
{
    struct rows_check *check = context;
    const struct row_place place = place_of(key);
    (void)err;
    if (check->left == 0) {
        invariant(!check->rows->whole);
        *ret_more = false;
        return STATUS_OK;
    }
    const struct row_place *row = &check->rows->rows[--check->left];
    const struct slice kept = row_list_value(check->rows, check->left);
    invariant(row->seq == place.seq && row->index == place.index && kept.length == value.length &&
              memcmp(kept.bytes, value.bytes, value.length) == 0);
    return STATUS_OK;
}

/* In builds for tests: the rows in memory are those of the store. */
static void rows_check(struct tables_txn *txn, const struct books_key *group, const struct row_list *rows)
{
    struct rows_check check = {.rows = rows, .left = rows->count};
    struct books_key prefix = *group;
    books_key_close(&prefix);
    const struct books_walk books = {
        .table = BOOKS_WINDOWS, .prefix = &prefix, .backward = true, .bytes_step = check_step, .context = &check};
    if (books_each(txn, &books, NULL) == STATUS_OK)
        invariant(check.left == 0);
}
#else
static void rows_check(struct tables_txn *txn, const struct books_key *group, const struct row_list *rows)
{
    (void)txn, (void)group, (void)rows;
}
#endif

enum status window_walk(struct tables_txn *txn, const struct window_part *part, window_step *step, void *context,
                        struct err *err)
{
    struct part_walk walk = {.part = part, .step = step, .context = context};
    const struct slice group = slice_of(part->group->bytes, part->group->length);
    struct record_cache *cache = tables_cache(txn);
    struct row_list *rows = record_cache_rows_take(cache, BOOKS_WINDOWS, group);
    enum status status = STATUS_OK;
    if (cache == NULL)
        return walk_store(txn, &walk, err);
    if (rows != NULL)
        rows_check(txn, part->group, rows);
    if (rows == NULL || !reaches(rows, part)) {
        row_list_free(rows);
        status = rows_read(txn, part, &rows, err);
    }
    if (status == STATUS_OK)
        status = rows != NULL ? walk_rows(rows, &walk, err) : walk_store(txn, &walk, err);
    if (rows != NULL)
        record_cache_rows_keep(cache, BOOKS_WINDOWS, group, rows);
    return status;
}

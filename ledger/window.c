/*
 * The form of a window's row: eight bytes of time, big-endian, then amount, kind, number and reason
 * of reversal, each closed by a zero byte.
 */
#include "ledger/window.h"

#include <string.h>

#include "ledger/limits.h"
#include "ledger/money.h"

enum { TIME_BYTES = WINDOW_TIME_BYTES, ROW_BYTES_MAX = WINDOW_ROW_BYTES_MAX };

static size_t text_add(uint8_t bytes[static ROW_BYTES_MAX], size_t used, const char *text)
{
    size_t length = strlen(text) + 1;
    invariant(used + length <= ROW_BYTES_MAX);
    memcpy(bytes + used, text, length);
    return used + length;
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
    return books_put_bytes(txn, BOOKS_WINDOWS, key, slice_of(bytes, used), err);
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

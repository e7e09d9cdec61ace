/*
 * Walking two tables side by side; see the header.
 */
#include "tests/support/walks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

static void keys_have_to_equal(const struct tables_record *a, const struct tables_record *b)
{
    assert_int_equal(a->key.length, b->key.length);
    assert_memory_equal(a->key.bytes, b->key.bytes, a->key.length);
    assert_int_equal(a->value.length, b->value.length);
    assert_memory_equal(a->value.bytes, b->value.bytes, a->value.length);
}

void walks_have_to_equal(struct tables_txn *here, struct tables_txn *there, size_t table)
{
    struct tables_cursor *a = NULL, *b = NULL, *c = NULL, *d = NULL;
    struct tables_record x, y, z;
    struct err err;
    must(tables_scan(here, table, slice_of("", 0), &a, &err), &err);
    must(tables_scan(there, table, slice_of("", 0), &b, &err), &err);
    for (;;) {
        enum status status = tables_prev(a, &x, &err);
        assert_int_equal(tables_prev(b, &y, &err), status);
        if (status != STATUS_OK)
            break;
        keys_have_to_equal(&x, &y);
        must(tables_scan(here, table, slice_of(x.key.bytes, 1), &c, &err), &err);
        must(tables_scan(there, table, slice_of(x.key.bytes, 1), &d, &err), &err);
        must(tables_from(d, x.key, &z, &err), &err);
        keys_have_to_equal(&x, &z);
        must(tables_until(d, x.key, &z, &err), &err);
        keys_have_to_equal(&x, &z);
        must(tables_first(c, &y, &err), &err);
        must(tables_first(d, &z, &err), &err);
        keys_have_to_equal(&y, &z);
        status = tables_next(c, &y, &err);
        assert_int_equal(tables_next(d, &z, &err), status);
        if (status == STATUS_OK)
            keys_have_to_equal(&y, &z);
        must(tables_last(c, &y, &err), &err);
        must(tables_last(d, &z, &err), &err);
        keys_have_to_equal(&y, &z);
        tables_scan_close(c);
        tables_scan_close(d);
    }
    tables_scan_close(a);
    tables_scan_close(b);
}

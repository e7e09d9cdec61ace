/*
 * Runs of records: what a run answers, what it leaves open, what it forgets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/remote_runs.h"
#include "cli/wire.h"

static struct slice text(const char *key)
{
    return slice_of(key, strlen(key));
}

/* Records with the letters of keys as keys and values. */
static json_t *records_of(const char *keys)
{
    json_t *records = json_array();
    for (; *keys != '\0'; keys++)
        json_array_append_new(records,
                              json_pack("[o, o]", wire_bytes(slice_of(keys, 1)), wire_bytes(slice_of(keys, 1))));
    return records;
}

static enum status add(struct runs *runs, struct runs_answer answer, const char *keys)
{
    struct err err;
    json_t *records = records_of(keys);
    answer.records = records;
    enum status status = runs_add(runs, &answer, &err);
    json_decref(records);
    return status;
}

static void up_is(struct runs *runs, const char *from, char expected)
{
    struct store_record record = {.key = {0}};
    enum runs_found found = runs_up(runs, 0, text(from), &record);
    char got = found == RUNS_UNKNOWN ? '?' : found == RUNS_NONE ? '-' : (char)record.key.bytes[0];
    if (got != expected)
        fail_msg("from '%s' up: %c, expected %c", from, got, expected);
}

static void down_is(struct runs *runs, const char *before, char expected)
{
    struct store_record record = {.key = {0}};
    enum runs_found found = runs_down(runs, 0, text(before != NULL ? before : ""), before == NULL, &record);
    char got = found == RUNS_UNKNOWN ? '?' : found == RUNS_NONE ? '-' : (char)record.key.bytes[0];
    if (got != expected)
        fail_msg("before '%s' down: %c, expected %c", before != NULL ? before : "the end", got, expected);
}

static void at_is(struct runs *runs, const char *key, char expected)
{
    struct slice value = {0};
    enum runs_found found = runs_at(runs, 0, text(key), &value);
    char got = found == RUNS_UNKNOWN ? '?' : found == RUNS_NONE ? '-' : (char)value.bytes[0];
    if (got != expected)
        fail_msg("at '%s': %c, expected %c", key, got, expected);
}

static void an_upward_run_knows_its_stretch(void **state)
{
    struct runs *runs = NULL;
    (void)state;
    assert_int_equal(runs_new(1 << 20, &runs, NULL), STATUS_OK);
    up_is(runs, "", '?');
    assert_int_equal(
        add(runs, (struct runs_answer){.stretch = {.from = text("d"), .to_end = true}, .more = true}, "fhk"),
        STATUS_OK);
    up_is(runs, "c", '?');
    up_is(runs, "d", 'f');
    up_is(runs, "f", 'f');
    up_is(runs, "fa", 'h');
    up_is(runs, "k", 'k');
    up_is(runs, "ka", '?');
    at_is(runs, "c", '?');
    at_is(runs, "d", '-');
    at_is(runs, "h", 'h');
    at_is(runs, "ha", '-');
    at_is(runs, "k", 'k');
    at_is(runs, "l", '?');
    down_is(runs, "k", 'h');
    down_is(runs, "h", 'f');
    down_is(runs, "f", '?'); /* what lies before d is not known */
    down_is(runs, "l", '?');
    down_is(runs, NULL, '?');
    assert_int_equal(add(runs, (struct runs_answer){.stretch = {.from = text("l"), .to_end = true}}, ""), STATUS_OK);
    up_is(runs, "l", '-');
    up_is(runs, "z", '-');
    assert_int_equal(add(runs, (struct runs_answer){.stretch = {.to = text("b")}}, ""), STATUS_OK);
    at_is(runs, "", '-'); /* no key is empty, and a record that is not there has none */
    runs_free(runs);
}

static void a_downward_run_knows_its_stretch(void **state)
{
    struct runs *runs = NULL;
    (void)state;
    assert_int_equal(runs_new(1 << 20, &runs, NULL), STATUS_OK);
    assert_int_equal(
        add(runs, (struct runs_answer){.stretch = {.to = text("m")}, .downward = true, .more = true}, "khf"),
        STATUS_OK);
    down_is(runs, "m", 'k');
    down_is(runs, "l", 'k');
    down_is(runs, "ma", '?');
    down_is(runs, "f", '?');
    up_is(runs, "f", 'f');
    up_is(runs, "e", '?');
    up_is(runs, "ka", '?'); /* it may be m */
    at_is(runs, "l", '-');
    at_is(runs, "m", '?');
    assert_int_equal(add(runs, (struct runs_answer){.stretch = {.to = text("f")}, .downward = true}, "b"), STATUS_OK);
    down_is(runs, "b", '-');
    down_is(runs, "c", 'b');
    down_is(runs, "f", 'b');
    assert_int_equal(add(runs, (struct runs_answer){.stretch = {.to_end = true}, .downward = true, .more = true}, "zy"),
                     STATUS_OK);
    down_is(runs, NULL, 'z');
    down_is(runs, "z", 'y');
    up_is(runs, "za", '-');
    runs_free(runs);
}

static void what_was_passed_over_is_open(void **state)
{
    struct runs *runs = NULL;
    (void)state;
    assert_int_equal(runs_new(1 << 20, &runs, NULL), STATUS_OK);
    assert_int_equal(add(runs, (struct runs_answer){.stretch = {.to_end = true, .passed = true}}, "ac"), STATUS_OK);
    at_is(runs, "a", 'a');
    assert_true(runs_passed(runs));
    at_is(runs, "b", '?');
    assert_true(runs_hide(runs, 0, text("b")));
    assert_false(runs_hide(runs, 1, text("b")));
    up_is(runs, "b", 'c');
    up_is(runs, "d", '-');
    assert_int_equal(runs_add_one(runs, 0, text("b"), NULL, NULL), STATUS_OK);
    at_is(runs, "b", '-');
    json_t *value = json_string("eA==");
    assert_int_equal(runs_add_one(runs, 0, text("e"), value, NULL), STATUS_OK);
    at_is(runs, "e", 'x');
    json_decref(value);
    runs_free(runs);
}

static void answers_out_of_order_are_none(void **state)
{
    static const struct runs_answer all = {.stretch = {.to_end = true}},
                                    more = {.stretch = {.to_end = true}, .more = true};
    struct runs *runs = NULL;
    (void)state;
    assert_int_equal(runs_new(1 << 20, &runs, NULL), STATUS_OK);
    assert_int_equal(add(runs, all, "ba"), STATUS_CORRUPT);
    assert_int_equal(add(runs, all, "aa"), STATUS_CORRUPT);
    assert_int_equal(add(runs, more, ""), STATUS_CORRUPT);
    assert_int_equal(add(runs, (struct runs_answer){.stretch = {.from = text("c"), .to_end = true}}, "bd"),
                     STATUS_CORRUPT);
    assert_int_equal(add(runs, (struct runs_answer){.stretch = {.to = text("c")}, .downward = true}, "ca"),
                     STATUS_CORRUPT);
    assert_int_equal(add(runs, (struct runs_answer){.stretch = {.to = text("c")}, .downward = true}, "ab"),
                     STATUS_CORRUPT);
    assert_int_equal(runs_bytes(runs), 0);
    runs_free(runs);
}

/* A key may be the stretch's first, and as long as any; the stretch then begins just after one of these. */
static void a_stretch_has_its_first_key(void **state)
{
    uint8_t longest[STORE_KEY_BYTES_MAX];
    struct runs *runs = NULL;
    struct slice value;
    struct err err;
    (void)state;
    assert_int_equal(runs_new(1 << 20, &runs, NULL), STATUS_OK);
    assert_int_equal(add(runs, (struct runs_answer){.stretch = {.from = text("d"), .to = text("f")}}, "de"), STATUS_OK);
    up_is(runs, "d", 'd');
    at_is(runs, "d", 'd');
    memset(longest, 'x', sizeof longest);
    const struct slice key = slice_of(longest, sizeof longest);
    const struct runs_key at = runs_key(key, false), after = runs_key(key, true);
    assert_int_equal(runs_slice(&after).length, RUNS_KEY_BYTES_MAX);
    assert_int_equal(runs_compare(runs_slice(&at), runs_slice(&after)), -1);
    json_t *records = json_pack("[[o, o]]", wire_bytes(key), wire_bytes(text("v")));
    const struct runs_answer whole = {.stretch = {.from = runs_slice(&at), .to = runs_slice(&after)},
                                      .records = records};
    assert_int_equal(runs_add(runs, &whole, &err), STATUS_OK);
    json_decref(records);
    assert_int_equal(runs_at(runs, 0, key, &value), RUNS_RECORD);
    assert_int_equal(add(runs, (struct runs_answer){.stretch = {.from = runs_slice(&after), .to_end = true}}, "z"),
                     STATUS_OK);
    up_is(runs, "y", 'z');
    runs_free(runs);
}

/* As many bytes as may be held, and as many runs; the next one is one too many. */
static void as_much_is_kept_as_is_said(void **state)
{
    enum { RUNS = 4096 };
    struct runs *runs = NULL;
    struct slice value;
    size_t held = 0;
    (void)state;
    for (size_t most = 1 << 20; most > 0; most = most == 1 << 20 ? held : most == held ? held - 1 : 0) {
        assert_int_equal(runs_new(most, &runs, NULL), STATUS_OK);
        assert_int_equal(runs_add_one(runs, 0, text("a"), NULL, NULL), STATUS_OK);
        assert_int_equal(runs_add_one(runs, 0, text("b"), NULL, NULL), STATUS_OK);
        held = most == 1 << 20 ? runs_bytes(runs) : held;
        assert_int_equal(runs_at(runs, 0, text("a"), &value), most >= held ? RUNS_NONE : RUNS_UNKNOWN);
        assert_int_equal(runs_at(runs, 0, text("b"), &value), RUNS_NONE);
        runs_free(runs);
    }
    for (int count = RUNS; count <= RUNS + 1; count++) {
        char key[16];
        assert_int_equal(runs_new(64 << 20, &runs, NULL), STATUS_OK);
        for (int i = 0; i < count; i++) {
            snprintf(key, sizeof key, "%05d", i);
            assert_int_equal(runs_add_one(runs, 0, text(key), NULL, NULL), STATUS_OK);
        }
        assert_int_equal(runs_at(runs, 0, text("00000"), &value), count == RUNS ? RUNS_NONE : RUNS_UNKNOWN);
        assert_int_equal(runs_at(runs, 0, text("00001"), &value), RUNS_NONE);
        runs_free(runs);
    }
}

/* The run of a table that was looked at last, whatever was asked of other tables since. */
static void the_newest_run_of_a_table_is_told(void **state)
{
    struct runs *runs = NULL;
    struct runs_newest newest;
    (void)state;
    assert_int_equal(runs_new(1 << 20, &runs, NULL), STATUS_OK);
    assert_false(runs_newest(runs, 0, &newest));
    assert_int_equal(
        add(runs, (struct runs_answer){.stretch = {.from = text("a"), .to = text("e")}, .more = false}, "bd"),
        STATUS_OK);
    assert_int_equal(add(runs, (struct runs_answer){.stretch = {.table = 1, .to_end = true}}, "xyz"), STATUS_OK);
    assert_true(runs_newest(runs, 0, &newest));
    assert_true(newest.count == 2 && !newest.to_end && !newest.used);
    assert_true(runs_compare(newest.from, text("a")) == 0 && runs_compare(newest.to, text("e")) == 0);
    assert_true(runs_newest(runs, 1, &newest) && newest.count == 3 && newest.to_end);
    assert_false(runs_newest(runs, 2, &newest));
    for (unsigned asked = 0; asked < 3; asked++) { /* more than the one for which it was fetched */
        assert_true(runs_newest(runs, 0, &newest));
        assert_int_equal(newest.used, asked > 1);
        up_is(runs, "b", 'b');
    }
    runs_free(runs);
}

/* The ones looked at longest ago go; what was just answered stays. */
static void too_much_is_forgotten(void **state)
{
    struct runs *runs = NULL;
    struct slice kept = {0}, value;
    char key[16];
    json_t *large = NULL;
    char *bytes = calloc(1, 4096);
    (void)state;
    large = wire_bytes(slice_of(bytes, 4096));
    assert_int_equal(runs_new(64 << 10, &runs, NULL), STATUS_OK);
    assert_int_equal(runs_add_one(runs, 0, text("kept"), large, NULL), STATUS_OK);
    for (int i = 0; i < 100; i++) {
        snprintf(key, sizeof key, "key-%03d", i);
        assert_int_equal(runs_add_one(runs, 0, text(key), large, NULL), STATUS_OK);
        assert_true(runs_bytes(runs) <= 64 << 10);
        assert_int_equal(runs_at(runs, 0, text("kept"), &value), RUNS_RECORD);
        assert_true(kept.bytes == NULL || kept.bytes == value.bytes);
        kept = value;
    }
    assert_int_equal(runs_at(runs, 0, text("key-000"), &value), RUNS_UNKNOWN);
    assert_int_equal(runs_at(runs, 0, text("key-099"), &value), RUNS_RECORD);
    json_decref(large);
    free(bytes);
    runs_free(runs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_upward_run_knows_its_stretch),   cmocka_unit_test(a_downward_run_knows_its_stretch),
        cmocka_unit_test(what_was_passed_over_is_open),      cmocka_unit_test(answers_out_of_order_are_none),
        cmocka_unit_test(a_stretch_has_its_first_key),       cmocka_unit_test(as_much_is_kept_as_is_said),
        cmocka_unit_test(the_newest_run_of_a_table_is_told), cmocka_unit_test(too_much_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

/*
 * Compact JSON against jansson's own, on values that each say something; fuzz_canon has whatever else there is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/compact.h"

static const size_t all = JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY;

/* Takes value. Both write the same, and what is written reads back as it was. */
static void same_bytes(json_t *value)
{
    char *bytes = NULL, *wanted = json_dumps(value, all);
    size_t length = 0;
    assert_non_null(wanted);
    assert_int_equal(compact_write(value, false, &bytes, &length), STATUS_OK);
    assert_string_equal(bytes, wanted);
    assert_int_equal(length, strlen(wanted));
    json_t *again = compact_read(bytes, length, NULL);
    assert_true(json_equal(value, again));
    json_decref(again);
    json_decref(value);
    free(wanted);
    free(bytes);
}

static void what_is_written_is_what_jansson_writes(void **state)
{
    char text[3] = "x";
    (void)state;
    for (int c = 1; c < 0x80; c++) { /* each character by itself and before another */
        text[0] = (char)c;
        text[1] = c % 2 == 0 ? 'y' : '\0';
        same_bytes(json_string(text));
    }
    same_bytes(json_pack("[s, s, s]", "\xE2\x82\xAC \xF0\x9F\x92\xB6 \xC3\xA9\x7F\"", "",
                         "a longer text of nothing unusual, / included"));
    same_bytes(json_pack("[I, I, I, i, i]", (json_int_t)INT64_MIN, (json_int_t)INT64_MAX,
                         (json_int_t)999999999999999999, 0, -1));
    same_bytes(json_pack("{s:[], s:{}, s:b, s:b, s:n}", "b", "a", "ab", 1, "aa", 0, "a-"));
    same_bytes(json_pack("{s:i, s:i, s:i}", "Z\n\"", 1, "\xC3\xA9", 2, "", 3));
}

static void any_number_of_members_is_sorted(void **state)
{
    (void)state;
    for (size_t count = 0; count < 80; count++) {
        json_t *object = json_object();
        for (size_t i = 0; i < count; i++) {
            char key[16];
            snprintf(key, sizeof key, "%zx", (i * 37 + 11) % 101);
            json_object_set_new(object, key, json_integer((json_int_t)i));
        }
        same_bytes(object);
    }
}

/* The reader takes these by itself or leaves them to jansson; either way it has to say what that says. */
static void what_is_read_is_what_jansson_reads(void **state)
{
    static const char *const texts[] = {"{}",
                                        "[]",
                                        "[1]",
                                        "{\"a\":1}",
                                        "{\"a\":1,\"b\":2}",
                                        "{\"b\":1,\"a\":2}",
                                        "{\"a\":1,\"a\":2}",
                                        "{\"a\":1,}",
                                        "[1,]",
                                        "[,1]",
                                        "{\"a\"}",
                                        "{\"a\":}",
                                        "{,}",
                                        "{\"a\":1 }",
                                        " {\"a\" : 1}",
                                        "[1",
                                        "[",
                                        "{",
                                        "{\"a",
                                        "\"",
                                        "\"a\"",
                                        "1",
                                        "-",
                                        "-0",
                                        "0",
                                        "00",
                                        "01",
                                        "1.0",
                                        "1e3",
                                        "[1.5]",
                                        "999999999999999999",
                                        "1000000000000000000",
                                        "9223372036854775807",
                                        "9223372036854775808",
                                        "-9223372036854775808",
                                        "true",
                                        "tru",
                                        "truer",
                                        "null",
                                        "nul",
                                        "false",
                                        "[true,false,null]",
                                        "\"\\n\"",
                                        "\"\\u0041\"",
                                        "\"\\u0000\"",
                                        "\"\x01\"",
                                        "\"\x7F\"",
                                        "\"\xC3\xA9\"",
                                        "\"\xC3\"",
                                        "\"\xC0\x80\"",
                                        "\"\xED\xA0\x80\"",
                                        "{\"a\\n\":1}",
                                        "",
                                        " ",
                                        "[1] ",
                                        "[1]x",
                                        "[[[[]]]]",
                                        "{\"a\":{\"b\":[{\"c\":\"d\"}]}}",
                                        "\xEF\xBB\xBF{}",
                                        "'a'",
                                        "[1 2]"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_error_t error = {.line = -2}, wanted_error = {.line = -2};
        json_t *value = compact_read(texts[i], strlen(texts[i]), &error);
        json_t *wanted =
            json_loadb(texts[i], strlen(texts[i]), JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &wanted_error);
        if ((value == NULL) != (wanted == NULL) || (value != NULL && !json_equal(value, wanted)))
            fail_msg("%s", texts[i]);
        if (value == NULL)
            assert_string_equal(error.text, wanted_error.text);
        json_decref(value);
        json_decref(wanted);
    }
}

static json_t *nested(unsigned depth)
{
    json_t *value = json_array();
    for (unsigned i = 1; i < depth; i++)
        value = json_pack("[o]", value);
    return value;
}

static void depth_has_an_end(void **state)
{
    char *bytes = NULL;
    size_t length = 0;
    (void)state;
    same_bytes(nested(64));
    json_t *deep = nested(65);
    assert_int_equal(compact_write(deep, false, &bytes, &length), STATUS_INPUT);
    char *text = json_dumps(deep, all);
    json_t *again = compact_read(text, strlen(text), NULL); /* jansson goes on */
    assert_true(json_equal(deep, again));
    json_decref(again);
    free(text);
    json_decref(deep);
}

/* Takes value. */
static void outside_the_profile(json_t *value)
{
    char *bytes = NULL;
    size_t length = 0;
    assert_non_null(value);
    assert_int_equal(compact_write(value, true, &bytes, &length), STATUS_INPUT);
    assert_null(bytes);
    json_decref(value);
}

static void the_profile_is_held_where_it_is_asked_for(void **state)
{
    char *bytes = NULL;
    size_t length = 0;
    (void)state;
    outside_the_profile(json_pack("{s:i}", "A", 1));
    outside_the_profile(json_pack("{s:i}", "", 1));
    outside_the_profile(json_pack("[s]", "\n"));
    outside_the_profile(json_pack("[s]", "\xE2\x80\xAE"));
    outside_the_profile(json_integer(INT64_C(9007199254740992)));
    outside_the_profile(json_integer(INT64_C(-9007199254740992)));
    outside_the_profile(nested(17));
    json_t *good = json_pack("{s:s, s:I, s:o}", "a.b-c_9", "\xE2\x82\xAC\"\\", "i",
                             (json_int_t)INT64_C(9007199254740991), "n", nested(15));
    assert_int_equal(compact_write(good, true, &bytes, &length), STATUS_OK);
    free(bytes);
    json_decref(good);
    json_t *real = json_pack("[f]", 1.5);
    assert_int_equal(compact_write(real, false, &bytes, &length), STATUS_INPUT);
    json_decref(real);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_what_jansson_writes),    cmocka_unit_test(any_number_of_members_is_sorted),
        cmocka_unit_test(what_is_read_is_what_jansson_reads),        cmocka_unit_test(depth_has_an_end),
        cmocka_unit_test(the_profile_is_held_where_it_is_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

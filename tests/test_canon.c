/*
 * Canonical JSON through the tree: what comes back, the words of the refusals, and what canon_encode will not write.
 * Which bytes are accepted is the corpus's matter: tests/test_scan.c replays it on both readers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/canon.h"
#include "ledger/limits.h"

static void value_and_bytes_go_both_ways(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[1,-2,true,null],\"b\":{\"c\":\"\xE2\x82\xAC \\\"\\\\/\"}}";
    json_t *value = NULL;
    char *bytes = NULL;
    size_t length = 0;
    struct err err;
    assert_int_equal(canon_parse(text, sizeof text - 1, 100, &value, &err), STATUS_OK);
    assert_string_equal(json_string_value(json_object_get(json_object_get(value, "b"), "c")), "\xE2\x82\xAC \"\\/");
    assert_true(json_integer_value(json_array_get(json_object_get(value, "a"), 1)) == -2);
    assert_int_equal(canon_encode(value, &bytes, &length, &err), STATUS_OK);
    assert_int_equal(length, sizeof text - 1);
    assert_string_equal(bytes, text);
    free(bytes);
    assert_int_equal(canon_encode(value, &bytes, NULL, NULL), STATUS_OK);
    free(bytes);
    json_decref(value);
}

static void members_are_written_sorted(void **state)
{
    (void)state;
    static const char *const keys[] = {"b", "aa", "_", "a", "0", ".", "ab", "-"};
    json_t *value = json_object();
    char *bytes = NULL;
    struct hash hash, want;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        assert_int_equal(json_object_set_new(value, keys[i], json_integer(1)), 0);
    static const char sorted[] = "{\"-\":1,\".\":1,\"0\":1,\"_\":1,\"a\":1,\"aa\":1,\"ab\":1,\"b\":1}";
    assert_int_equal(canon_encode(value, &bytes, NULL, NULL), STATUS_OK);
    assert_string_equal(bytes, sorted);
    assert_int_equal(canon_hash(value, &hash, NULL), STATUS_OK);
    hash_of(sorted, sizeof sorted - 1, &want);
    assert_true(hash_equal(&hash, &want));
    free(bytes);
    json_decref(value);
}

static void refusals_say_where_and_what(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum status status;
        const char *error;
    } cases[] = {
        {"{\"a\":\"\xE2\x80\xAE\"}", STATUS_INPUT, "byte 6: character U+202E is not allowed"},
        {"{\"a\":\"\xFF\"}", STATUS_INPUT, "byte 6: not UTF-8 (0xFF)"},
        {"[]", STATUS_INPUT, "the whole must be an object"},
        {"{\"a\":{\"b\":[1,2,3.5]}}", STATUS_INPUT,
         "member 'a.b[2]': numbers are integers without fraction or exponent; amounts are text"},
        {"{\"a\":{\"x\":[[],{\"y\":1}]},\"b\":{\"c\":[1],\"d\":1.5}}", STATUS_INPUT,
         "member 'b.d': numbers are integers without fraction or exponent; amounts are text"},
        {"{\"a\":{\"b\":9007199254740992}}", STATUS_INPUT, "member 'a.b': integers lie within +-(2^53-1)"},
        {"{\"a\":[{\"Bad\":1}]}", STATUS_INPUT, "member 'a[0].Bad': names are made of a-z 0-9 _ . -"},
        {"{\"\":1}", STATUS_INPUT, "member '': names are made of a-z 0-9 _ . -"},
        {"{\"a\":\"\\u202e\"}", STATUS_INPUT, "member 'a': byte 0: character U+202E is not allowed"},
        {"{\"a\":-0}", STATUS_INPUT, "byte 5: not canonical (members sorted, no blanks, no needless escapes, no -0)"},
        {"{\"a\":1} ", STATUS_INPUT, "byte 7: not canonical (members sorted, no blanks, no needless escapes, no -0)"},
        {"{\"b\":1,\"a\":1}", STATUS_INPUT,
         "byte 2: not canonical (members sorted, no blanks, no needless escapes, no -0)"},
        {"{\"a\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}", STATUS_LIMIT,
         "member 'a[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]': objects and arrays nest deeper than 16"},
        {"{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\":1}", STATUS_LIMIT,
         "member 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa': names have at most 64 "
         "bytes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *value = NULL;
        struct err err = {.text = ""};
        assert_int_equal(canon_parse(cases[i].text, strlen(cases[i].text), 1000, &value, &err), cases[i].status);
        assert_string_equal(err.text, cases[i].error);
        assert_int_equal(err.status, cases[i].status);
        assert_null(value);
    }
}

static void syntax_errors_name_a_byte(void **state)
{
    (void)state;
    struct err duplicate = {.text = ""};
    json_t *none = NULL;
    assert_int_equal(canon_parse("{\"a\":1,\"a\":2}", 13, 1000, &none, &duplicate), STATUS_INPUT);
    assert_non_null(strstr(duplicate.text, "duplicate"));
    static const char *const texts[] = {"{\"a\":1,\"a\":2}", "{\"a\":", "{\"a\":01}", "{\"a\":12345678901234567890}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        json_t *value = NULL;
        struct err err = {.text = ""};
        assert_int_equal(canon_parse(texts[i], strlen(texts[i]), 1000, &value, &err), STATUS_INPUT);
        assert_memory_equal(err.text, "byte ", 5);
        assert_null(value);
    }
}

static void size_is_bounded(void **state)
{
    (void)state;
    json_t *value = NULL;
    assert_int_equal(canon_parse("{\"a\":1}", 7, 7, &value, NULL), STATUS_OK);
    json_decref(value);
    value = NULL;
    assert_int_equal(canon_parse("{\"a\":1}", 7, 6, &value, NULL), STATUS_LIMIT);
    assert_null(value);
}

/* Builds {"a": inner} and wants it refused. Takes inner. */
static void refuse_encoding(json_t *inner, enum status want)
{
    json_t *value = json_object();
    char *bytes = NULL;
    struct hash hash;
    struct err err = {.text = ""};
    assert_non_null(inner);
    assert_int_equal(json_object_set_new(value, "a", inner), 0);
    assert_int_equal(canon_encode(value, &bytes, NULL, &err), want);
    assert_memory_equal(err.text, "member 'a", 9);
    assert_int_equal(canon_hash(value, &hash, NULL), want);
    assert_null(bytes);
    json_decref(value);
}

static void nothing_outside_the_profile_is_written(void **state)
{
    (void)state;
    char *bytes = NULL;
    refuse_encoding(json_real(1.0), STATUS_INPUT);
    refuse_encoding(json_integer(CANON_INTEGER_MAX + 1), STATUS_INPUT);
    refuse_encoding(json_integer(-CANON_INTEGER_MAX - 1), STATUS_INPUT);
    refuse_encoding(json_string("a\nb"), STATUS_INPUT);
    refuse_encoding(json_stringn("a\0b", 3), STATUS_INPUT);
    refuse_encoding(json_string_nocheck("\xFF"), STATUS_INPUT);
    refuse_encoding(json_pack("{s:i}", "Upper", 1), STATUS_INPUT);
    json_t *deep = json_array();
    for (int i = 0; i < JSON_DEPTH_MAX - 1; i++)
        deep = json_pack("[o]", deep);
    assert_int_equal(canon_depth(deep), JSON_DEPTH_MAX);
    refuse_encoding(deep, STATUS_LIMIT);
    json_t *array = json_array();
    assert_int_equal(canon_encode(array, &bytes, NULL, NULL), STATUS_INPUT);
    assert_null(bytes);
    json_decref(array);
}

static void depth_counts_containers(void **state)
{
    (void)state;
    json_t *value = json_integer(1);
    assert_int_equal(canon_depth(value), 0);
    for (unsigned i = 1; i <= JSON_DEPTH_MAX + 3; i++) {
        value = i % 2 == 0 ? json_pack("[so]", "x", value) : json_pack("{s:i,s:o}", "a", 1, "b", value);
        assert_int_equal(canon_depth(value), i <= JSON_DEPTH_MAX ? i : JSON_DEPTH_MAX + 1);
    }
    json_decref(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(value_and_bytes_go_both_ways),
        cmocka_unit_test(members_are_written_sorted),
        cmocka_unit_test(refusals_say_where_and_what),
        cmocka_unit_test(syntax_errors_name_a_byte),
        cmocka_unit_test(size_is_bounded),
        cmocka_unit_test(nothing_outside_the_profile_is_written),
        cmocka_unit_test(depth_counts_containers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

/*
 * Text safety: strict UTF-8, forbidden code points by number, the grammars.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/limits.h"
#include "ledger/text.h"

static size_t encode(uint32_t code_point, char *ret_bytes)
{
    unsigned char *out = (unsigned char *)ret_bytes;
    if (code_point < 0x80) {
        out[0] = (unsigned char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (unsigned char)(0xC0 | code_point >> 6);
        out[1] = (unsigned char)(0x80 | (code_point & 0x3F));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (unsigned char)(0xE0 | code_point >> 12);
        out[1] = (unsigned char)(0x80 | (code_point >> 6 & 0x3F));
        out[2] = (unsigned char)(0x80 | (code_point & 0x3F));
        return 3;
    }
    out[0] = (unsigned char)(0xF0 | code_point >> 18);
    out[1] = (unsigned char)(0x80 | (code_point >> 12 & 0x3F));
    out[2] = (unsigned char)(0x80 | (code_point >> 6 & 0x3F));
    out[3] = (unsigned char)(0x80 | (code_point & 0x3F));
    return 4;
}

static void every_code_point_reads_back_or_is_refused(void **state)
{
    (void)state;
    for (uint32_t code_point = 0; code_point <= 0x110000; code_point++) {
        char bytes[4];
        uint32_t back = 0xFFFFFFFF;
        size_t length = encode(code_point, bytes);
        size_t step = text_step(bytes, length, &back);
        if ((code_point >= 0xD800 && code_point <= 0xDFFF) || code_point > 0x10FFFF) {
            assert_int_equal(step, 0);
        } else {
            assert_int_equal(step, length);
            assert_int_equal(back, code_point);
            assert_int_equal(text_step(bytes, length - 1, &back), 0);
        }
    }
}

/* Every sequence of up to three bytes is either the one encoding of its code point, or refused. */
static void no_other_bytes_are_utf8(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 1u << 24; i += (i & 0xFF) == 0xFF ? 1 : 3) {
        char bytes[3] = {(char)(i >> 16), (char)(i >> 8), (char)i};
        char again[4];
        uint32_t code_point = 0;
        size_t step = text_step(bytes, 3, &code_point);
        if (step != 0) {
            assert_int_equal(encode(code_point, again), step);
            assert_memory_equal(again, bytes, step);
        }
    }
    uint32_t code_point = 0;
    assert_int_equal(text_step("\xF0\x8F\xBF\xBF", 4, &code_point), 0); /* overlong U+FFFF */
    assert_int_equal(text_step("\xF4\x90\x80\x80", 4, &code_point), 0); /* U+110000 */
    assert_int_equal(text_step("\xF5\x80\x80\x80", 4, &code_point), 0);
    assert_int_equal(text_step("\xF0\x9F\x98\x20", 4, &code_point), 0);
    assert_int_equal(text_step("\xF0\x9F\x98\x80", 4, &code_point), 4);
}

static void forbidden_code_points_are_these(void **state)
{
    (void)state;
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0x0, 0x1F},      {0x7F, 0x9F},     {0x61C, 0x61C},   {0x200E, 0x200F},
                  {0x2028, 0x2029}, {0x202A, 0x202E}, {0x2066, 0x2069}, {0xFEFF, 0xFEFF}};
    uint32_t forbidden = 0;
    for (uint32_t code_point = 0; code_point <= 0x10FFFF; code_point++)
        forbidden += text_forbidden(code_point) ? 1 : 0;
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        for (uint32_t at = ranges[i].first; at <= ranges[i].last; at++)
            assert_true(text_forbidden(at));
        forbidden -= ranges[i].last - ranges[i].first + 1;
    }
    assert_int_equal(forbidden, 0);
}

/* Every byte at every place of a word and around it. */
static void plain_runs_end_where_they_must(void **state)
{
    (void)state;
    for (size_t length = 0; length <= 20; length++) {
        for (size_t at = 0; at < length; at++) {
            for (int byte = 0; byte < 256; byte++) {
                char text[20];
                memset(text, 'x', sizeof text);
                text[at] = (char)byte;
                size_t want = byte < 0x20 || byte >= 0x7F || byte == '"' || byte == '\\' ? at : length;
                assert_int_equal(text_plain_run(text, length), want);
                text[at] = 'x';
                text[length - 1] = (char)byte; /* a second one behind does not hide the first */
                text[at] = '"';
                assert_int_equal(text_plain_run(text, length), at);
            }
        }
    }
    assert_int_equal(text_plain_run("", 0), 0);
}

static void refusals_name_byte_and_character(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(text_check("", 0, &err), STATUS_OK);
    assert_int_equal(text_check("Zo\xC3\xAB \xE2\x82\xAC \xF0\x9F\x98\x80", 13, &err), STATUS_OK);
    assert_int_equal(text_check("ab\xE2\x80\xAE", 5, &err), STATUS_INPUT);
    assert_string_equal(err.text, "byte 2: character U+202E is not allowed");
    assert_int_equal(text_check("abc\xC0\x80", 5, &err), STATUS_INPUT);
    assert_string_equal(err.text, "byte 3: not UTF-8 (0xC0)");
    assert_int_equal(text_check("a\0b", 3, &err), STATUS_INPUT);
    assert_string_equal(err.text, "byte 1: character U+0000 is not allowed");
}

static void grammars_are_exact(void **state)
{
    (void)state;
    static const char *const ids[] = {"a", "9", "Maria.K", "inv:2026/07-1", "bot@acme", "A_b"};
    static const char *const no_ids[] = {"", ".a", "-a", "@a", "a b", "a+b", "a\xC3\xA9", "a\n", "a\"", "a'"};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        assert_true(text_is_id(ids[i], strlen(ids[i])));
    for (size_t i = 0; i < sizeof no_ids / sizeof no_ids[0]; i++)
        assert_false(text_is_id(no_ids[i], strlen(no_ids[i])));
    assert_false(text_is_id("a\0b", 3));
    assert_false(text_is_id("\0", 1));

    char full[128];
    memset(full, 'A', sizeof full);
    assert_true(text_is_id(full, ID_BYTES_MAX));
    assert_false(text_is_id(full, ID_BYTES_MAX + 1));
    assert_true(text_is_code(full, TEXT_CODE_BYTES_MAX));
    assert_false(text_is_code(full, TEXT_CODE_BYTES_MAX + 1));
    memset(full, 'a', sizeof full);
    assert_true(text_is_key(full, JSON_KEY_BYTES_MAX));
    assert_false(text_is_key(full, JSON_KEY_BYTES_MAX + 1));

    assert_true(text_is_code("US01", 4));
    assert_true(text_is_code("BILLING_ERROR-2", 15));
    assert_false(text_is_code("", 0));
    assert_false(text_is_code("us01", 4));
    assert_false(text_is_code("_A", 2));
    assert_false(text_is_code("-A", 2));
    assert_false(text_is_code("A.B", 3));
    assert_false(text_is_code("A\0", 2));

    assert_true(text_is_key("a", 1));
    assert_true(text_is_key("write-off.limit_2", 17));
    assert_true(text_is_key("-", 1));
    assert_false(text_is_key("", 0));
    assert_false(text_is_key("A", 1));
    assert_false(text_is_key("a/b", 3));
    assert_false(text_is_key("a\0", 2));
}

static void shown_text_is_printable_and_bounded(void **state)
{
    (void)state;
    char shown[TEXT_SHOW_MAX];
    char input[400];
    text_show("12,50", 5, shown);
    assert_string_equal(shown, "12,50");
    text_show("a\x1B[31m\xE2\x80\xAE", 9, shown);
    assert_string_equal(shown, "a\\x1B[31m\\xE2\\x80\\xAE");
    text_show("", 0, shown);
    assert_string_equal(shown, "");
    for (size_t length = 0; length <= sizeof input; length++) {
        for (int fill = 0; fill < 2; fill++) {
            memset(input, fill == 0 ? 'x' : '\x01', sizeof input);
            text_show(input, length, shown);
            assert_true(strlen(shown) < TEXT_SHOW_MAX);
            bool is_cut = strstr(shown, "...") != NULL;
            assert_true(is_cut || strlen(shown) == length * (fill == 0 ? 1 : 4));
        }
    }
}

static void added_text_ends_where_its_room_does(void **state)
{
    char text[8] = "";
    (void)state;
    text_add(text, sizeof text, "%s", "abc");
    text_add(text, sizeof text, ", %d", 12);
    assert_string_equal(text, "abc, 12");
    text_add(text, sizeof text, "more");
    assert_string_equal(text, "abc, 12");
    text[5] = '\0';
    text_add(text, sizeof text, "%s", "wxyz");
    assert_string_equal(text, "abc, wx");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_reads_back_or_is_refused),
        cmocka_unit_test(no_other_bytes_are_utf8),
        cmocka_unit_test(forbidden_code_points_are_these),
        cmocka_unit_test(plain_runs_end_where_they_must),
        cmocka_unit_test(refusals_name_byte_and_character),
        cmocka_unit_test(grammars_are_exact),
        cmocka_unit_test(shown_text_is_printable_and_bounded),
        cmocka_unit_test(added_text_ends_where_its_room_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

/*
 * JSON lines in: strings only, each with its byte; what is wrong with a line concerns that line. The fuzzer's questions are
 * asked here of cuts and flips of a good line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/jsonl.h"

static const struct csv_column columns[] = {
    {"kind", CSV_REQUIRED}, {"amount", 0}, {"evidence", CSV_LIST}, {"note", 0}, {0}};

static struct jsonl *open_text(const char *text, size_t length, FILE **ret_file)
{
    struct jsonl *jsonl = NULL;
    struct err err;
    *ret_file = fmemopen((void *)(uintptr_t)text, length, "r");
    assert_non_null(*ret_file);
    assert_int_equal(jsonl_open("f.jsonl", *ret_file, columns, &jsonl, &err), STATUS_OK);
    return jsonl;
}

/* The one row of a text. */
static void row_of(const char *text, struct jsonl_row *ret_row, char ret_evidence[static 64])
{
    FILE *file = NULL;
    bool more = false;
    struct err err;
    struct jsonl *jsonl = open_text(text, strlen(text), &file);
    assert_int_equal(jsonl_next(jsonl, ret_row, &more, &err), STATUS_OK);
    assert_true(more);
    snprintf(ret_evidence, 64, "%s", ret_row->bad ? "" : ret_row->fields[2].text);
    for (size_t i = 0; i < 4; i++)
        ret_row->fields[i].text = ret_row->fields[i].present ? "?" : "";
    jsonl_close(jsonl);
    fclose(file);
}

static void bad_at(const char *text, int64_t column, const char *what)
{
    struct jsonl_row row;
    char evidence[64];
    row_of(text, &row, evidence);
    if (!row.bad || row.bad_column != column || strstr(row.err.text, what) == NULL)
        fail_msg("%s: %lld: %s", text, (long long)row.bad_column, row.bad ? row.err.text : "is good");
}

static void rows_have_values_and_places(void **state)
{
    static const char text[] = "\xEF\xBB\xBF{\"kind\":\"a\"}\n"
                               "\n  \t\r\n"
                               "{ \"note\" : \"\\u00e9\\ud83d\\ude00\\n\\\"\" , \"kind\":\"b\",\"amount\":\"\" }\r\n"
                               "{\"kind\":\"c\",\"evidence\":[\"x:1\", \"y:2\"]}";
    FILE *file = NULL;
    struct jsonl_row row;
    struct err err;
    bool more = false;
    (void)state;
    struct jsonl *jsonl = open_text(text, sizeof text - 1, &file);
    assert_int_equal(jsonl_next(jsonl, &row, &more, &err), STATUS_OK);
    assert_true(more && !row.bad);
    assert_string_equal(row.fields[0].text, "a");
    assert_int_equal(row.fields[0].column, 12); /* three bytes of mark, {"kind": */
    assert_int_equal(jsonl_next(jsonl, &row, &more, &err), STATUS_OK);
    /* A line feed is no text of ours, wherever it comes from. */
    assert_true(more && row.bad);
    assert_int_equal(row.line, 4);
    assert_int_equal(jsonl_next(jsonl, &row, &more, &err), STATUS_OK);
    assert_true(more && !row.bad);
    assert_int_equal(row.number, 3);
    assert_int_equal(row.line, 5);
    assert_string_equal(row.fields[2].text, "x:1 y:2");
    assert_false(row.fields[3].present);
    assert_int_equal(jsonl_next(jsonl, &row, &more, &err), STATUS_OK);
    assert_false(more);
    jsonl_close(jsonl);
    fclose(file);
}

static void values_are_strings(void **state)
{
    struct jsonl_row row;
    char evidence[64];
    (void)state;
    row_of("{\"kind\":\"\\u00e9\\ud83d\\ude00\\\\\\/\"}", &row, evidence);
    assert_false(row.bad);
    assert_int_equal(row.fields[0].length, 8);
    row_of("{\"kind\":\"k\",\"evidence\":[]}", &row, evidence);
    assert_true(!row.bad && !row.fields[2].present);
    row_of("{\"kind\":\"k\",\"evidence\":\"x:1 y:2\"}", &row, evidence);
    assert_string_equal(evidence, "x:1 y:2");
    bad_at("{\"kind\":1}", 9, "\"12.50\"");
    bad_at("{\"kind\":-1.5e3}", 9, "\"12.50\"");
    bad_at("{\"kind\":true}", 9, "string");
    bad_at("{\"kind\":null}", 9, "left out");
    bad_at("{\"kind\":{}}", 9, "object");
    bad_at("{\"kind\":[\"a\"]}", 9, "no list");
    bad_at("{\"kind\":\"k\",\"evidence\":[[\"a\"]]}", 25, "a string");
    bad_at("{\"kind\":\"k\",\"evidence\":[\"a b\"]}", 25, "no blank");
    bad_at("{\"kind\":\"k\",\"evidence\":[\"\"]}", 25, "not empty");
    bad_at("{\"kind\":\"k\",\"evidence\":[\"a\",]}", 29, "a string");
}

static void objects_are_whole(void **state)
{
    (void)state;
    bad_at("[]", 1, "'{'");
    bad_at("{", 2, "the line ends");
    bad_at("{}", 1, "lacks kind");
    bad_at("{\"kind\":\"a\"", 12, "the line ends");
    bad_at("{\"kind\":\"a\",}", 13, "in quotes");
    bad_at("{\"kind\" \"a\"}", 9, "':'");
    bad_at("{'kind':'a'}", 2, "in quotes");
    bad_at("{\"kind\":\"a\"} {}", 14, "a line of its own");
    bad_at("{\"kind\":\"a\",\"kind\":\"b\"}", 13, "a second 'kind'");
    bad_at("{\"kind\":\"a\",\"Kind\":\"b\"}", 13, "unknown member 'Kind'");
    bad_at("{\"k\\u0069nd\":\"a\",\"kind\":\"b\"}", 18, "a second 'kind'");
    bad_at("{\"kind\":\"a}", 9, "does not end");
    bad_at("{\"kind\":\"\\x\"}", 10, "escape");
    bad_at("{\"kind\":\"\\u12g4\"}", 10, "hex");
    bad_at("{\"kind\":\"\\u0000\"}", 10, "NUL");
    bad_at("{\"kind\":\"\\udc00\"}", 10, "surrogate");
    bad_at("{\"kind\":\"\\ud800x\"}", 10, "surrogate");
    bad_at("{\"kind\":\"\\ud800\\u0041\"}", 10, "surrogate");
    bad_at("{\"kind\":\"\xC3\x28\"}", 9, "UTF-8");
    bad_at("{\"kind\":\"\xE2\x80\xAE\"}", 9, "U+202E");
    bad_at("{\"kind\":\"\\u202e\"}", 9, "U+202E");
    bad_at("{\"kind\":\"\x01\"}", 10, "control");
}

/* Every cut and every flipped bit: an answer, a place within the line, texts that end where they say. */
static void nothing_harms_the_reader(void **state)
{
    static const char good[] =
        "{\"kind\":\"\\ud83d\\ude00x\",\"amount\":\"12.50\",\"evidence\":[\"a:1\",\"b:2\"],\"note\":\"n\"}";
    char text[sizeof good];
    (void)state;
    for (size_t cut = 1; cut < sizeof good; cut++) {
        for (int bit = -1; bit < 8; bit++) {
            FILE *file = NULL;
            struct jsonl_row row;
            struct err err;
            bool more = false;
            size_t length = bit < 0 ? cut : sizeof good - 1;
            memcpy(text, good, sizeof good);
            if (bit >= 0)
                text[cut - 1] = (char)(text[cut - 1] ^ (1 << bit));
            struct jsonl *jsonl = open_text(text, length, &file);
            while (jsonl_next(jsonl, &row, &more, &err) == STATUS_OK && more) {
                for (size_t i = 0; !row.bad && i < 4; i++)
                    assert_int_equal(strlen(row.fields[i].text), row.fields[i].length);
                assert_true(!row.bad || (row.bad_column >= 1 && row.bad_column <= (int64_t)length + 1));
            }
            jsonl_close(jsonl);
            fclose(file);
        }
    }
}

static void a_long_line_is_passed_over(void **state)
{
    size_t room = 3 * (size_t)CSV_ROW_BYTES_MAX;
    char *text = malloc(room);
    FILE *file = NULL;
    struct jsonl_row row;
    struct err err;
    bool more = false;
    (void)state;
    assert_non_null(text);
    memset(text, 'x', room);
    memcpy(text + 2 * (size_t)CSV_ROW_BYTES_MAX, "\n{\"kind\":\"k\"}\n", 14);
    /* A value that is too long, in a line that is not. */
    memset(text, 'x', CSV_FIELD_BYTES_MAX + 100);
    memcpy(text, "{\"kind\":\"", 9);
    memcpy(text + 9 + CSV_FIELD_BYTES_MAX + 1, "\"}", 3);
    bad_at(text, 9, "a string of more than");
    memset(text, 'x', CSV_FIELD_BYTES_MAX + 100);
    struct jsonl *jsonl = open_text(text, 2 * (size_t)CSV_ROW_BYTES_MAX + 14, &file);
    assert_int_equal(jsonl_next(jsonl, &row, &more, &err), STATUS_OK);
    assert_true(row.bad && strstr(row.err.text, "a line of more than") != NULL);
    assert_int_equal(jsonl_next(jsonl, &row, &more, &err), STATUS_OK);
    assert_true(!row.bad && row.line == 2);
    jsonl_close(jsonl);
    fclose(file);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_have_values_and_places), cmocka_unit_test(values_are_strings),
        cmocka_unit_test(objects_are_whole),           cmocka_unit_test(nothing_harms_the_reader),
        cmocka_unit_test(a_long_line_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

/*
 * Base64: RFC 4648's own vectors, and that every text but the one is refused, by both readers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/base64.h"

/* Both readers, which have to say the same. */
static enum status decode(const char *text, size_t text_length, void *ret_bytes, size_t bytes_max, size_t *ret_length,
                          struct err *err)
{
    uint8_t public[16];
    size_t length = *ret_length;
    enum status status = base64_decode(text, text_length, ret_bytes, bytes_max, ret_length, err);
    assert_true(bytes_max <= sizeof public);
    assert_int_equal(base64_decode_public(text, text_length, public, bytes_max, &length, NULL), status);
    assert_int_equal(length, *ret_length);
    if (status == STATUS_OK)
        assert_memory_equal(public, ret_bytes, length);
    return status;
}

static void vectors_of_rfc_4648(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char text[16];
        char bytes[16];
        size_t length = 99;
        assert_int_equal(BASE64_CHARS(i), strlen(texts[i]));
        assert_int_equal(base64_encode("foobar", i, text, BASE64_CHARS(i) + 1, NULL), STATUS_OK);
        assert_string_equal(text, texts[i]);
        assert_int_equal(base64_encode("foobar", i, text, BASE64_CHARS(i), NULL), STATUS_LIMIT);
        assert_int_equal(decode(texts[i], strlen(texts[i]), bytes, i, &length, NULL), STATUS_OK);
        assert_int_equal(length, i);
        assert_memory_equal(bytes, "foobar", i);
        if (i > 0)
            assert_int_equal(decode(texts[i], strlen(texts[i]), bytes, i - 1, &length, NULL), STATUS_LIMIT);
    }
}

static void other_texts_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"Z",    "Zg",       "Zg=",  "Zg===",    "Zh==",     "Zm9=",       "=",     "==",
                                      "====", "A===",     "Z===", "Zg==Zg==", "Zm9v\n",   "Zm9v Zm9v",  " Zm9v", "Zm-v",
                                      "Zm_v", "Zm9v====", "Zm*v", "Zg=A",     "Zm9v=AAA", "\303\2519v", "Z\n9v"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint8_t bytes[16];
        size_t length = 99;
        if (decode(bad[i], strlen(bad[i]), bytes, sizeof bytes, &length, NULL) != STATUS_INPUT || length != 99)
            fail_msg("'%s' was read", bad[i]);
    }
    uint8_t bytes[16];
    size_t length = 99;
    assert_int_equal(decode("Zm9\0", 4, bytes, sizeof bytes, &length, NULL), STATUS_INPUT);
}

/* Of all texts of four characters of a small alphabet exactly those are read that are written. */
static void one_text_for_given_bytes(void **state)
{
    (void)state;
    static const char alphabet[] = "AQgw8Bbz09+/=-_ \n";
    const size_t count = sizeof alphabet; /* the NUL too */
    for (size_t i = 0; i < count * count * count * count; i++) {
        char text[] = {alphabet[i % count], alphabet[i / count % count], alphabet[i / count / count % count],
                       alphabet[i / count / count / count]};
        char again[5];
        uint8_t bytes[3];
        size_t length = 0;
        if (decode(text, 4, bytes, sizeof bytes, &length, NULL) == STATUS_OK) {
            assert_int_equal(base64_encode(bytes, length, again, sizeof again, NULL), STATUS_OK);
            assert_memory_equal(again, text, 4);
        }
    }
}

/* libsodium alone reads some bytes that are not ASCII. */
static void only_the_alphabet_is_read(void **state)
{
    (void)state;
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t at = 0; at < 4; at++) {
        for (int byte = 0; byte < 256; byte++) {
            char text[] = {'Z', 'm', '9', 'v'};
            uint8_t bytes[3];
            size_t length = 0;
            text[at] = (char)byte;
            bool is_read = decode(text, 4, bytes, sizeof bytes, &length, NULL) == STATUS_OK;
            bool is_due = memchr(alphabet, byte, sizeof alphabet - 1) != NULL;
            if (is_read != is_due)
                fail_msg("byte 0x%02X at %zu", byte, at);
        }
    }
}

static void buffers_are_given(void **state)
{
    (void)state;
    uint8_t all[256];
    char *text = NULL;
    uint8_t *bytes = NULL;
    size_t length = 0;
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (uint8_t)i;
    for (size_t i = 0; i <= sizeof all; i++) {
        assert_int_equal(base64_encode_new(all, i, &text, NULL), STATUS_OK);
        assert_int_equal(strlen(text), BASE64_CHARS(i));
        assert_int_equal(base64_decode_new(text, strlen(text), i, &bytes, &length, NULL), STATUS_OK);
        assert_int_equal(length, i);
        assert_memory_equal(bytes, all, i);
        free(bytes);
        bytes = NULL;
        if (i > 0)
            assert_int_equal(base64_decode_new(text, strlen(text), i - 1, &bytes, &length, NULL), STATUS_LIMIT);
        assert_null(bytes);
        free(text);
    }
    assert_int_equal(base64_decode_new("Zg=", 3, 100, &bytes, &length, NULL), STATUS_INPUT);
    assert_int_equal(base64_decode_new("Zh==", 4, 100, &bytes, &length, NULL), STATUS_INPUT);
    assert_int_equal(base64_encode_new(all, SIZE_MAX, &text, NULL), STATUS_LIMIT);
    assert_null(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_of_rfc_4648),      cmocka_unit_test(other_texts_are_refused),
        cmocka_unit_test(one_text_for_given_bytes), cmocka_unit_test(only_the_alphabet_is_read),
        cmocka_unit_test(buffers_are_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

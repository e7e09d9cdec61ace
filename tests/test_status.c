/*
 * Error texts: cut at a character, prefixed without losing the status.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/hash.h"
#include "ledger/status.h"

static void text_names_place_and_keeps_status(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(err_set(&err, STATUS_INPUT, "amount '%s': use a dot", "12,50"), STATUS_INPUT);
    err_prefix(&err, "%s:%d:%d: ", "corrections.csv", 17, 5);
    assert_string_equal(err.text, "corrections.csv:17:5: amount '12,50': use a dot");
    assert_int_equal(err.status, STATUS_INPUT);
    assert_int_equal(err_set(NULL, STATUS_IO, "nobody listens"), STATUS_IO);
}

static void long_text_is_cut_at_a_character(void **state)
{
    (void)state;
    char euro[3 * 400 + 1];
    for (size_t i = 0; i < 400; i++)
        memcpy(euro + 3 * i, "\xE2\x82\xAC", 3);
    euro[1200] = '\0';
    struct err err;
    assert_int_equal(err_set(&err, STATUS_INPUT, "%s", euro), STATUS_INPUT);
    assert_int_equal(strlen(err.text) % 3, 0);
    assert_true(strlen(err.text) >= ERR_TEXT_BYTES - 4);
    err_prefix(&err, "x: ");
    assert_memory_equal(err.text, "x: \xE2\x82\xAC", 6);
    assert_int_equal((strlen(err.text) - 3) % 3, 0);
}

static void hash_hex_is_strict(void **state)
{
    (void)state;
    struct hash hash, back;
    char hex[HASH_HEX_CHARS + 1];
    hash_of("", 0, &hash);
    hash_to_hex(&hash, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_int_equal(hash_from_hex(hex, &back), STATUS_OK);
    assert_true(hash_equal(&hash, &back));
    assert_int_equal(hash_from_hex("E3", &back), STATUS_INPUT);
    hex[0] = 'E';
    assert_int_equal(hash_from_hex(hex, &back), STATUS_INPUT);
    assert_int_equal(hash_from_hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8550", &back),
                     STATUS_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_names_place_and_keeps_status),
        cmocka_unit_test(long_text_is_cut_at_a_character),
        cmocka_unit_test(hash_hex_is_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

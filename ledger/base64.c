/*
 * Strict base64. libsodium's coder works in constant time, so keys may pass; it refuses unused bits that are not zero
 * and what is outside the alphabet, but of ASCII only: as 1.0.18 compares signed chars, it reads some bytes from 0x80 up
 * as if they were of the alphabet. So length and ASCII are checked here before it runs. What everybody may read, signatures
 * above all, is decoded by a table instead.
 */
#include "ledger/base64.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>

enum status base64_encode(const void *bytes, size_t length, char *ret_text, size_t text_max, struct err *err)
{
    if (length > SIZE_MAX / 2 || text_max < BASE64_CHARS(length) + 1)
        return err_set(err, STATUS_LIMIT, "base64 of %zu bytes does not fit", length);
    sodium_bin2base64(ret_text, text_max, bytes, length, sodium_base64_VARIANT_ORIGINAL);
    return STATUS_OK;
}

/* Bytes that a text of this length and ending stands for; it is a multiple of four. */
static size_t decoded_length(const char *text, size_t text_length)
{
    if (text_length == 0)
        return 0;
    size_t padding = text[text_length - 1] != '=' ? 0 : text[text_length - 2] != '=' ? 1 : 2;
    return text_length / 4 * 3 - padding;
}

/* No early end: the text may be a secret. */
static bool is_ascii(const char *text, size_t length)
{
    unsigned any = 0;
    for (size_t i = 0; i < length; i++)
        any |= (unsigned char)text[i];
    return any < 0x80;
}

enum status base64_decode(const char *text, size_t text_length, void *ret_bytes, size_t bytes_max, size_t *ret_length,
                          struct err *err)
{
    if (text_length % 4 != 0)
        return err_set(err, STATUS_INPUT, "base64 of %zu characters: a multiple of 4 is due", text_length);
    size_t length = decoded_length(text, text_length);
    if (length > bytes_max)
        return err_set(err, STATUS_LIMIT, "base64 of %zu bytes, at most %zu are allowed", length, bytes_max);
    if (text_length == 0) {
        *ret_length = 0;
        return STATUS_OK;
    }
    size_t written = 0;
    if (!is_ascii(text, text_length) ||
        sodium_base642bin(ret_bytes, bytes_max, text, text_length, NULL, &written, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        written != length)
        return err_set(err, STATUS_INPUT, "not base64 as RFC 4648 section 4 has it");
    *ret_length = length;
    return STATUS_OK;
}

enum { DIGITS = 64, NO_DIGIT = 0x80 };

/* The value of a digit; NO_DIGIT for any other byte. */
static uint8_t digit_value(char c)
{
    static const uint8_t values[256] = {
        ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
        ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
        ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
        ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
        ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
        ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
        ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
        ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = DIGITS};
    const uint8_t from_one = values[(unsigned char)c]; /* so that what is not named is none */
    return from_one == 0 ? NO_DIGIT : (uint8_t)(from_one - 1);
}

bool base64_is_digit(char c)
{
    return digit_value(c) != NO_DIGIT;
}

/* Four characters, 1 to 3 bytes of them. False for any other form: a byte outside the alphabet, or bits that are left over. */
static bool four_decode(const char text[static 4], size_t bytes, uint8_t *ret_bytes)
{
    const uint8_t a = digit_value(text[0]), b = digit_value(text[1]);
    const uint8_t c = bytes > 1 ? digit_value(text[2]) : 0, d = bytes > 2 ? digit_value(text[3]) : 0;
    if (((a | b | c | d) & NO_DIGIT) != 0 || (bytes == 1 && (b & 0x0F) != 0) || (bytes == 2 && (c & 0x03) != 0))
        return false;
    ret_bytes[0] = (uint8_t)(a << 2 | b >> 4);
    if (bytes > 1)
        ret_bytes[1] = (uint8_t)(b << 4 | c >> 2);
    if (bytes > 2)
        ret_bytes[2] = (uint8_t)(c << 6 | d);
    return true;
}

enum status base64_decode_public(const char *text, size_t text_length, void *ret_bytes, size_t bytes_max,
                                 size_t *ret_length, struct err *err)
{
    uint8_t *bytes = ret_bytes;
    bool good = true;
    if (text_length % 4 != 0)
        return err_set(err, STATUS_INPUT, "base64 of %zu characters: a multiple of 4 is due", text_length);
    const size_t length = decoded_length(text, text_length);
    if (length > bytes_max)
        return err_set(err, STATUS_LIMIT, "base64 of %zu bytes, at most %zu are allowed", length, bytes_max);
    for (size_t at = 0, done = 0; good && at < text_length; at += 4, done += 3)
        good = four_decode(text + at, length - done < 3 ? length - done : 3, bytes + done);
    if (!good)
        return err_set(err, STATUS_INPUT, "not base64 as RFC 4648 section 4 has it");
    *ret_length = length;
    return STATUS_OK;
}

enum status base64_encode_new(const void *bytes, size_t length, char **ret_text, struct err *err)
{
    if (length > SIZE_MAX / 2)
        return err_set(err, STATUS_LIMIT, "base64 of %zu bytes does not fit", length);
    size_t text_max = BASE64_CHARS(length) + 1;
    char *text = malloc(text_max);
    if (text == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for base64 of %zu bytes", length);
    enum status status = base64_encode(bytes, length, text, text_max, err);
    if (status != STATUS_OK) {
        free(text);
        return status;
    }
    *ret_text = text;
    return STATUS_OK;
}

enum status base64_decode_new(const char *text, size_t text_length, size_t bytes_max, uint8_t **ret_bytes,
                              size_t *ret_length, struct err *err)
{
    size_t room = text_length / 4 * 3;
    if (room > 2 && room - 2 > bytes_max)
        return err_set(err, STATUS_LIMIT, "base64 of %zu bytes or so, at most %zu are allowed", room, bytes_max);
    uint8_t *bytes = malloc(room + 1);
    if (bytes == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for %zu bytes", room);
    enum status status = base64_decode(text, text_length, bytes, room < bytes_max ? room : bytes_max, ret_length, err);
    if (status != STATUS_OK) {
        sodium_memzero(bytes, room);
        free(bytes);
        return status;
    }
    *ret_bytes = bytes;
    return STATUS_OK;
}

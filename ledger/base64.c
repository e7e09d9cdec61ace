/*
 * Strict base64. libsodium's coder works in constant time, so keys may pass; it refuses unused bits that are not zero
 * and what is outside the alphabet, but of ASCII only: as 1.0.18 compares signed chars, it reads some bytes from 0x80 up
as if they were of the alphabet. So length and ASCII are checked here before it runs.
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

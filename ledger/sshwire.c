/*
 * Bounded reading and writing of the SSH wire encoding (RFC 4251 section 5). Guarantees that no read passes
 * the end of the bytes given and no write the end of the storage given, whatever lengths stand in the bytes.
 * Knows nothing of keys or signatures; those rooms decide what must stand where.
 */
#include "ledger/sshwire.h"

#include <string.h>

static void reader_skip(struct sshwire_reader *reader, size_t length)
{
    reader->at += length;
    reader->left -= length;
}

bool sshwire_get_u8(struct sshwire_reader *reader, uint8_t *ret_value)
{
    if (reader->left < 1)
        return false;
    *ret_value = reader->at[0];
    reader_skip(reader, 1);
    return true;
}

bool sshwire_get_u32(struct sshwire_reader *reader, uint32_t *ret_value)
{
    if (reader->left < 4)
        return false;
    const uint8_t *at = reader->at;
    *ret_value = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    reader_skip(reader, 4);
    return true;
}

bool sshwire_get_string(struct sshwire_reader *reader, struct sshwire_reader *ret_string)
{
    struct sshwire_reader ahead = *reader;
    uint32_t length = 0;
    if (!sshwire_get_u32(&ahead, &length) || ahead.left < length)
        return false;
    *ret_string = (struct sshwire_reader){.at = ahead.at, .left = length};
    reader_skip(&ahead, length);
    *reader = ahead;
    return true;
}

bool sshwire_expect(struct sshwire_reader *reader, const void *bytes, size_t length)
{
    if (reader->left < length || memcmp(reader->at, bytes, length) != 0)
        return false;
    reader_skip(reader, length);
    return true;
}

bool sshwire_expect_string(struct sshwire_reader *reader, const char *text)
{
    struct sshwire_reader ahead = *reader;
    struct sshwire_reader inside = {0};
    if (!sshwire_get_string(&ahead, &inside) || !sshwire_is_text(&inside, text))
        return false;
    *reader = ahead;
    return true;
}

bool sshwire_is_text(const struct sshwire_reader *string, const char *text)
{
    return string->left == strlen(text) && memcmp(string->at, text, string->left) == 0;
}

void sshwire_put_bytes(struct sshwire_writer *writer, const void *bytes, size_t length)
{
    if (writer->full || writer->size - writer->used < length) {
        writer->full = true;
        return;
    }
    if (length > 0)
        memcpy(writer->bytes + writer->used, bytes, length);
    writer->used += length;
}

void sshwire_put_u8(struct sshwire_writer *writer, uint8_t value)
{
    sshwire_put_bytes(writer, &value, 1);
}

void sshwire_put_u32(struct sshwire_writer *writer, uint32_t value)
{
    const uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
    sshwire_put_bytes(writer, bytes, sizeof bytes);
}

void sshwire_put_string(struct sshwire_writer *writer, const void *bytes, size_t length)
{
    if (length > UINT32_MAX) {
        writer->full = true;
        return;
    }
    sshwire_put_u32(writer, (uint32_t)length);
    sshwire_put_bytes(writer, bytes, length);
}

void sshwire_put_text(struct sshwire_writer *writer, const char *text)
{
    sshwire_put_string(writer, text, strlen(text));
}

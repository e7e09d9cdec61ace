/*
 * The wire encoding that OpenSSH's keys, signatures and agent messages share: bounded reading and writing of
 * bytes, big-endian integers and length-prefixed strings. Source: RFC 4251 section 5.
 */
#ifndef LEDGER_SSHWIRE_H
#define LEDGER_SSHWIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/status.h"

/* What is left to read of somebody else's bytes. A read that fails changes nothing. */
struct sshwire_reader {
    const uint8_t *at;
    size_t left;
};

/* A caller's storage that fills up; once something did not fit, full stays true and nothing more is written.
 */
struct sshwire_writer {
    uint8_t *bytes;
    size_t size;
    size_t used;
    bool full;
};

/* Each read answers false when the bytes left are too few. */
MUST_USE bool sshwire_get_u8(struct sshwire_reader *reader, uint8_t *ret_value);
MUST_USE bool sshwire_get_u32(struct sshwire_reader *reader, uint32_t *ret_value);

/* out  *ret_string: the string's inside, lent until the bytes under reader go. */
MUST_USE bool sshwire_get_string(struct sshwire_reader *reader, struct sshwire_reader *ret_string);

/* Reads length bytes and answers whether they are these; on a difference nothing is read. */
MUST_USE bool sshwire_expect(struct sshwire_reader *reader, const void *bytes, size_t length);

/* Reads a string and answers whether its inside is text (a C string, its NUL not counted). */
MUST_USE bool sshwire_expect_string(struct sshwire_reader *reader, const char *text);

/* Whether a string's inside is text. */
bool sshwire_is_text(const struct sshwire_reader *string, const char *text);

void sshwire_put_bytes(struct sshwire_writer *writer, const void *bytes, size_t length);
void sshwire_put_u8(struct sshwire_writer *writer, uint8_t value);
void sshwire_put_u32(struct sshwire_writer *writer, uint32_t value);
void sshwire_put_string(struct sshwire_writer *writer, const void *bytes, size_t length);
void sshwire_put_text(struct sshwire_writer *writer, const char *text);

#endif

/*
 * A run of bytes that belongs to somebody else: pointer and length together, so that neither travels alone.
 */
#ifndef LEDGER_SLICE_H
#define LEDGER_SLICE_H

#include <stddef.h>
#include <stdint.h>

struct slice {
    const uint8_t *bytes;
    size_t length;
};

static inline struct slice slice_of(const void *bytes, size_t length)
{
    return (struct slice){.bytes = bytes, .length = length};
}

#endif

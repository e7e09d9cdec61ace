/*
 * The statements that every peer keeps, for those of them that are no C programs.
 *
 *   peer_statements COUNT     so many on standard output, 600 bytes each, one after the other, by one person after the other
 */
#include <sodium.h>
#include <stdio.h>

#include "tests/bench/peer/work.h"

int main(int argc, char **argv)
{
    uint8_t bytes[PEER_STATEMENT_BYTES];
    if (sodium_init() < 0 || argc != 2)
        peer_fail("usage: peer_statements COUNT");
    const size_t count = peer_number("COUNT", argv[1], PEER_COUNT_MAX);
    for (size_t i = 0; i < count; i++) {
        peer_work_statement(i + 1, (unsigned)(i % PEER_PEOPLE), bytes);
        if (fwrite(bytes, sizeof bytes, 1, stdout) != 1)
            peer_fail("the statements cannot be written");
    }
    if (fflush(stdout) != 0)
        peer_fail("the statements cannot be written");
    return 0;
}

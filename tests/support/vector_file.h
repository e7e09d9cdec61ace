/*
 * Golden vectors as files, read whole; and a small generator of repeatable random numbers for mutation tests.
 */
#ifndef TESTS_SUPPORT_VECTOR_FILE_H
#define TESTS_SUPPORT_VECTOR_FILE_H

#include <stddef.h>
#include <stdint.h>

/* The bytes of a file under the root of the tree, with a closing NUL. Gives (free). Fails the test when it can't. */
char *vector_file(const char *path, size_t *ret_length);

/* xorshift64*: *state is never 0. */
uint64_t vector_random(uint64_t *state);

#endif

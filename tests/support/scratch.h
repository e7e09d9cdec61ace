/*
 * For tests that need files: a directory of their own, copies of files, and children that may crash.
 */
#ifndef TESTS_SUPPORT_SCRATCH_H
#define TESTS_SUPPORT_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scratch {
    char dir[256];
};

/* Makes a directory under TMPDIR or /tmp; ends the test program if that fails. */
void scratch_make(struct scratch *scratch);

/* Removes the directory and all in it. */
void scratch_remove(const struct scratch *scratch);

/* A path below it. The caller frees. */
char *scratch_path(const struct scratch *scratch, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The bytes of a file; the caller frees. Ends the program on failure. */
uint8_t *scratch_read(const char *path, size_t *ret_length);
void scratch_write(const char *path, const void *bytes, size_t length);

/*
 * Runs work in a child with default signals and no standard error, and answers its exit status, or 1000 + the signal
 * that ended it. Nothing that must not cross a fork may be open.
 */
int scratch_child(int (*work)(void *context), void *context);

#endif

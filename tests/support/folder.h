/*
 * For tests that need files: a directory of their own, copies of files, and children that may crash.
 */
#ifndef TESTS_SUPPORT_FOLDER_H
#define TESTS_SUPPORT_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct folder {
    char dir[256];
};

/* Makes a directory under TMPDIR or /tmp; ends the test program if that fails. */
void folder_make(struct folder *folder);

/* Removes the directory and all in it. */
void folder_remove(const struct folder *folder);

/* A path below it. The caller frees. */
char *folder_path(const struct folder *folder, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The bytes of a file, and a NUL behind them; the caller frees. Ends the program on failure. */
uint8_t *folder_read(const char *path, size_t *ret_length);
void folder_write(const char *path, const void *bytes, size_t length);

/*
 * Runs work in a child with default signals and no standard error, and answers its exit status, or 1000 + the signal
 * that ended it. Nothing that must not cross a fork may be open.
 */
int folder_child(int (*work)(void *context), void *context);

#endif

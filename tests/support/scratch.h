/*
 * A directory for one test program's files, and running the system's tools in it.
 */
#ifndef TESTS_SUPPORT_SCRATCH_H
#define TESTS_SUPPORT_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

enum { SCRATCH_PATH_BYTES = 256 };

struct scratch {
    char path[SCRATCH_PATH_BYTES];
};

/* Makes a directory of mode 0700 under TMPDIR. Ends the program if that fails. */
void scratch_open(struct scratch *ret_scratch);

/* Removes it with all that is in it. */
void scratch_close(struct scratch *scratch);

/* The path of name in it, in ret_path. Returns ret_path. */
const char *scratch_path(const struct scratch *scratch, const char *name, char ret_path[static SCRATCH_PATH_BYTES]);

/* Runs a shell command inside the directory, silently. Returns its exit status, or -1. */
int scratch_run(const struct scratch *scratch, const char *format, ...) __attribute__((format(printf, 2, 3)));

void scratch_write(const struct scratch *scratch, const char *name, const void *bytes, size_t length);

/* Reads any file; ends with a NUL that is not counted. Returns its length, or -1 if it is not there or too long. */
long scratch_read_file(const char *path, char *ret_bytes, size_t size);
long scratch_read(const struct scratch *scratch, const char *name, char *ret_bytes, size_t size);

bool scratch_exists(const struct scratch *scratch, const char *name);

#endif

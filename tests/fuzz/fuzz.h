/*
 * What every target is made of: one function that takes any bytes, and properties that must hold of what is read from them. A
 * property that does not hold ends the program, which a fuzzer keeps as a finding and tests/test_corpus.c as a failure.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Among the tests it has the name of its file (Makefile). Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(property) ((property) ? (void)0 : must_not_fail(#property, __FILE__, __LINE__))

static inline void must_not_fail(const char *property, const char *file, int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, property);
    abort();
}

/* The bytes again with a closing NUL, and exactly so long that a sanitizer sees a step over the end. Gives. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    must(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

/* Takes count bytes off the front as a number; what is missing counts as zero. */
static inline uint64_t fuzz_take(const uint8_t **data, size_t *size, unsigned count)
{
    uint64_t value = 0;
    for (; count > 0; count--) {
        value = value << 8 | (*size > 0 ? **data : 0);
        *data += *size > 0 ? 1 : 0;
        *size -= *size > 0 ? 1 : 0;
    }
    return value;
}

/* A target's own directory, for readers that open files; removed at the end. */
static char fuzz_dir_path[64];

static inline void fuzz_dir_remove(void)
{
    char command[96];
    snprintf(command, sizeof command, "rm -rf '%s'", fuzz_dir_path);
    must(system(command) == 0);
}

static inline const char *fuzz_dir(void)
{
    if (fuzz_dir_path[0] == '\0') {
        snprintf(fuzz_dir_path, sizeof fuzz_dir_path, "%s/fuzz_XXXXXX",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        must(mkdtemp(fuzz_dir_path) != NULL && atexit(fuzz_dir_remove) == 0);
    }
    return fuzz_dir_path;
}

/* A file in it, of mode 0600, with these bytes. Returns ret_path. */
static inline const char *fuzz_file(const char *name, const void *bytes, size_t size, char ret_path[static 160])
{
    snprintf(ret_path, 160, "%s/%s", fuzz_dir(), name);
    FILE *file = fopen(ret_path, "w");
    must(file != NULL && chmod(ret_path, 0600) == 0);
    must(fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
    return ret_path;
}

#endif

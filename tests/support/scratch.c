/*
 * A scratch directory for tests. Trouble here is trouble of the machine, not of the code under test: it aborts.
 */
#include "tests/support/scratch.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void demand(bool holds, const char *what)
{
    if (holds)
        return;
    perror(what);
    abort();
}

void scratch_open(struct scratch *ret_scratch)
{
    const char *root = getenv("TMPDIR");
    snprintf(ret_scratch->path, sizeof ret_scratch->path, "%s/countersign-XXXXXX", root == NULL ? "/tmp" : root);
    demand(mkdtemp(ret_scratch->path) != NULL, "mkdtemp");
}

void scratch_close(struct scratch *scratch)
{
    demand(scratch_run(scratch, "rm -rf '%s'", scratch->path) == 0, "rm");
}

const char *scratch_path(const struct scratch *scratch, const char *name, char ret_path[static SCRATCH_PATH_BYTES])
{
    int used = snprintf(ret_path, SCRATCH_PATH_BYTES, "%s/%s", scratch->path, name);
    demand(used > 0 && used < SCRATCH_PATH_BYTES, "scratch path");
    return ret_path;
}

int scratch_run(const struct scratch *scratch, const char *format, ...)
{
    char command[4096];
    int head = snprintf(command, sizeof command, "cd '%s' && exec >/dev/null 2>&1; ", scratch->path);
    va_list args;
    va_start(args, format);
    int tail = vsnprintf(command + head, sizeof command - (size_t)head, format, args);
    va_end(args);
    demand(tail > 0 && (size_t)(head + tail) < sizeof command, "scratch command");
    int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void scratch_write(const struct scratch *scratch, const char *name, const void *bytes, size_t length)
{
    char path[SCRATCH_PATH_BYTES];
    FILE *file = fopen(scratch_path(scratch, name, path), "wb");
    demand(file != NULL && fwrite(bytes, 1, length, file) == length && fclose(file) == 0, path);
}

long scratch_read_file(const char *path, char *ret_bytes, size_t size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return -1;
    size_t length = fread(ret_bytes, 1, size, file);
    fclose(file);
    if (length >= size)
        return -1;
    ret_bytes[length] = '\0';
    return (long)length;
}

long scratch_read(const struct scratch *scratch, const char *name, char *ret_bytes, size_t size)
{
    char path[SCRATCH_PATH_BYTES];
    return scratch_read_file(scratch_path(scratch, name, path), ret_bytes, size);
}

bool scratch_exists(const struct scratch *scratch, const char *name)
{
    char path[SCRATCH_PATH_BYTES];
    return access(scratch_path(scratch, name, path), F_OK) == 0;
}

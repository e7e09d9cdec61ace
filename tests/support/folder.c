/*
 * Scratch directories and children for tests. Fails loudly: a test without its files says nothing.
 */
#include "tests/support/folder.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void must(bool fine, const char *what)
{
    if (fine)
        return;
    perror(what);
    abort();
}

void folder_make(struct folder *folder)
{
    const char *base = getenv("TMPDIR");
    snprintf(folder->dir, sizeof folder->dir, "%.200s/countersign.XXXXXX", base != NULL ? base : "/tmp");
    must(mkdtemp(folder->dir) != NULL, "mkdtemp");
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
    (void)facts;
    (void)kind;
    (void)place;
    return remove(path);
}

void folder_remove(const struct folder *folder)
{
    must(nftw(folder->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0, folder->dir);
}

char *folder_path(const struct folder *folder, const char *format, ...)
{
    char *name = NULL, *path = NULL;
    va_list args;
    va_start(args, format);
    must(vasprintf(&name, format, args) >= 0, "vasprintf");
    va_end(args);
    must(asprintf(&path, "%s/%s", folder->dir, name) >= 0, "asprintf");
    free(name);
    return path;
}

uint8_t *folder_read(const char *path, size_t *ret_length)
{
    struct stat facts;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    must(fd >= 0 && fstat(fd, &facts) == 0, path);
    uint8_t *bytes = malloc((size_t)facts.st_size + 1);
    must(bytes != NULL && read(fd, bytes, (size_t)facts.st_size) == facts.st_size, path);
    close(fd);
    bytes[facts.st_size] = 0;
    *ret_length = (size_t)facts.st_size;
    return bytes;
}

void folder_write(const char *path, const void *bytes, size_t length)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(fd >= 0 && write(fd, bytes, length) == (ssize_t)length, path);
    close(fd);
}

int folder_child(int (*work)(void *context), void *context)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    must(child >= 0, "fork");
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(null, STDERR_FILENO);
        for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
            signal(signals[i], SIG_DFL); /* cmocka catches them */
        _exit(work(context));
    }
    must(waitpid(child, &status, 0) == child, "waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/*
 * Preloaded into a program under test: counts its calls that change files or make changes durable, and kills it at one
 * of them, so that a driver can stop it at every such point in turn.
 *
 *     KILLPOINT_N      kill with SIGKILL at the n-th call, from 1, before it is done; 0 or unset: never
 *     KILLPOINT_TORN   set: a write is half done first
 *     KILLPOINT_LOG    file to write the number of calls to when the program ends, and on a second line a letter for each
 *                      of the first KINDS_MAX: w for a write, which can be torn, else .
 *
 * What it shows is a killed process, whose writes stay in the system's cache; losing power would also lose what was not
 * synced.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { KINDS_MAX = 4096 };

static atomic_long calls;
static char kinds[KINDS_MAX + 1];

static bool is_file(int fd)
{
    struct stat facts;
    return fstat(fd, &facts) == 0 && (S_ISREG(facts.st_mode) || S_ISDIR(facts.st_mode));
}

static bool is_last(char kind)
{
    const char *wanted = getenv("KILLPOINT_N");
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (number <= KINDS_MAX)
        kinds[number - 1] = kind;
    return wanted != NULL && strtol(wanted, NULL, 10) == number;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

static void count(void)
{
    if (is_last('.'))
        die();
}

static bool torn(void)
{
    return getenv("KILLPOINT_TORN") != NULL;
}

__attribute__((destructor)) static void log_calls(void)
{
    const char *path = getenv("KILLPOINT_LOG");
    FILE *log = path == NULL ? NULL : fopen(path, "w");
    if (log == NULL)
        return;
    fprintf(log, "%ld\n%s\n", atomic_load(&calls), kinds);
    fclose(log);
}

/* ISO C has no conversion from an object pointer to a function pointer; POSIX promises it. */
#define NEXT(name)                                                                                                     \
    __typeof__(name) *next = NULL;                                                                                     \
    void *symbol = dlsym(RTLD_NEXT, #name);                                                                            \
    memcpy(&next, &symbol, sizeof next)

ssize_t write(int fd, const void *bytes, size_t length)
{
    NEXT(write);
    if (is_file(fd) && is_last('w')) {
        if (torn())
            (void)!next(fd, bytes, length / 2);
        die();
    }
    return next(fd, bytes, length);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at)
{
    NEXT(pwrite);
    if (is_file(fd) && is_last('w')) {
        if (torn())
            (void)!next(fd, bytes, length / 2, at);
        die();
    }
    return next(fd, bytes, length, at);
}

static void half_of_parts(int fd, const struct iovec *parts, int number)
{
    for (int i = 0; i < (number + 1) / 2; i++)
        (void)!syscall(SYS_write, fd, parts[i].iov_base,
                       i + 1 < (number + 1) / 2 ? parts[i].iov_len : parts[i].iov_len / 2);
}

ssize_t writev(int fd, const struct iovec *parts, int number)
{
    NEXT(writev);
    if (is_file(fd) && is_last('w')) {
        if (torn())
            half_of_parts(fd, parts, number);
        die();
    }
    return next(fd, parts, number);
}

ssize_t pwritev(int fd, const struct iovec *parts, int number, off_t at)
{
    NEXT(pwritev);
    if (is_file(fd) && is_last('w')) {
        if (torn() && lseek(fd, at, SEEK_SET) == at)
            half_of_parts(fd, parts, number);
        die();
    }
    return next(fd, parts, number, at);
}

int fsync(int fd)
{
    NEXT(fsync);
    count();
    return next(fd);
}

int fdatasync(int fd)
{
    NEXT(fdatasync);
    count();
    return next(fd);
}

int msync(void *address, size_t length, int flags)
{
    NEXT(msync);
    count();
    return next(address, length, flags);
}

int ftruncate(int fd, off_t length)
{
    NEXT(ftruncate);
    count();
    return next(fd, length);
}

int fallocate(int fd, int mode, off_t at, off_t length)
{
    NEXT(fallocate);
    count();
    return next(fd, mode, at, length);
}

int fchmod(int fd, mode_t mode)
{
    NEXT(fchmod);
    count();
    return next(fd, mode);
}

int rename(const char *from, const char *to)
{
    NEXT(rename);
    count();
    return next(from, to);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    NEXT(renameat);
    count();
    return next(from_dir, from, to_dir, to);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    NEXT(renameat2);
    count();
    return next(from_dir, from, to_dir, to, flags);
}

int link(const char *from, const char *to)
{
    NEXT(link);
    count();
    return next(from, to);
}

int unlink(const char *path)
{
    NEXT(unlink);
    count();
    return next(path);
}

int rmdir(const char *path)
{
    NEXT(rmdir);
    count();
    return next(path);
}

int mkdir(const char *path, mode_t mode)
{
    NEXT(mkdir);
    count();
    return next(path, mode);
}

int mkostemp(char *template, int flags)
{
    NEXT(mkostemp);
    count();
    return next(template, flags);
}

int open(const char *path, int flags, ...)
{
    NEXT(open);
    mode_t mode = 0;
    if ((flags & O_CREAT) != 0) {
        va_list args;
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
        count();
    }
    return next(path, flags, mode);
}

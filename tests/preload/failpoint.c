/*
 * Preloaded into a program under test: while the file that FAILPOINT names is there, calls that write to or read a file fail as its one
 * line says, so that a driver can break a disk under a program that runs, and mend it.
 *
 *     sync EIO journal/data.mdb     fsync and fdatasync of files whose path ends so
 *     write ENOSPC journal          write, pwrite, pwritev and fallocate of files whose path has that in it
 *     read EIO evidence             read and pread of the same
 *     sync HOLD journal/data.mdb    it waits until the file is gone, and goes well then
 *     once sync EIO journal         the first such call only; then the file is removed
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static bool path_has(int fd, const char *part)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0)
        return false;
    path[length] = '\0';
    return strstr(path, part) != NULL;
}

/* Whether this call is to fail; errno says how. */
static bool fails(int fd, const char *call)
{
    const char *name = getenv("FAILPOINT");
    char text[256], kind[16], how[16], part[128];
    int file = name != NULL ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return false;
    ssize_t length = syscall(SYS_read, file, text, sizeof text - 1);
    close(file);
    text[length > 0 ? length : 0] = '\0';
    bool once = strncmp(text, "once ", 5) == 0;
    if (sscanf(text + (once ? 5 : 0), "%15s %15s %127s", kind, how, part) != 3 || strcmp(kind, call) != 0 ||
        !path_has(fd, part))
        return false;
    if (once && unlink(name) != 0) /* somebody else was first */
        return false;
    while (strcmp(how, "HOLD") == 0 && access(name, F_OK) == 0)
        (void)usleep(5000);
    errno = strcmp(how, "ENOSPC") == 0 ? ENOSPC : EIO;
    return strcmp(how, "HOLD") != 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int fd)
{
    return fails(fd, "sync") ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return fails(fd, "sync") ? -1 : (int)syscall(SYS_fdatasync, fd);
}

ssize_t read(int fd, void *bytes, size_t length)
{
    return fails(fd, "read") ? -1 : syscall(SYS_read, fd, bytes, length);
}

ssize_t pread(int fd, void *bytes, size_t length, off_t offset)
{
    return fails(fd, "read") ? -1 : syscall(SYS_pread64, fd, bytes, length, offset);
}

ssize_t pread64(int fd, void *bytes, size_t length, off64_t offset)
{
    return fails(fd, "read") ? -1 : syscall(SYS_pread64, fd, bytes, length, offset);
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    return fails(fd, "write") ? -1 : syscall(SYS_write, fd, bytes, length);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
    return fails(fd, "write") ? -1 : syscall(SYS_pwrite64, fd, bytes, length, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset)
{
    return fails(fd, "write") ? -1 : syscall(SYS_pwrite64, fd, bytes, length, offset);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
    return fails(fd, "write") ? -1 : REAL(pwritev)(fd, parts, count, offset);
}

int fallocate(int fd, int mode, off_t offset, off_t length)
{
    return fails(fd, "write") ? -1 : (int)syscall(SYS_fallocate, fd, mode, offset, length);
}

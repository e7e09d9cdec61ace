/*
 * The calls that change files, defined here so that the libraries' find these first: one of them can be made to fail, or to
 * be the process' last.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/sim/world.h"

static atomic_int calls, last_call, how;

void sim_fault_arm(int n, int errno_or_kill)
{
    atomic_store(&calls, 0);
    atomic_store(&how, errno_or_kill);
    atomic_store(&last_call, n);
}

void sim_fault_disarm(void)
{
    atomic_store(&last_call, 0);
}

/* Whether this call is the one; errno says how it fails. Every later one fails, too: a disk that is full stays so. */
static bool fails(int fd)
{
    struct stat facts;
    int n = atomic_load(&last_call);
    if (n == 0 || fstat(fd, &facts) != 0 || (!S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode)))
        return false;
    int call = atomic_fetch_add(&calls, 1) + 1;
    if (call == n && atomic_load(&how) == 0)
        kill(getpid(), SIGKILL);
    errno = atomic_load(&how);
    return call == n || (call > n && errno == ENOSPC);
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    return fails(fd) ? -1 : syscall(SYS_write, fd, bytes, length);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at)
{
    return fails(fd) ? -1 : syscall(SYS_pwrite64, fd, bytes, length, at);
}

/* On x86-64 the offset goes in two halves, of which the second is for 32-bit systems. */
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
    return fails(fd) ? -1 : syscall(SYS_pwritev, fd, parts, count, at, 0);
}

int fsync(int fd)
{
    return fails(fd) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return fails(fd) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int ftruncate(int fd, off_t length)
{
    return fails(fd) ? -1 : (int)syscall(SYS_ftruncate, fd, length);
}

/*
 * The writer's lock of a book. On a descriptor of its own each time, so that threads exclude each other too; the system
 * drops it when the process dies.
 */
#include "ledger/writelock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "ledger/durable.h"

enum {
    POLL_MS = 5,      /* between two tries for the lock */
    PID_TEXT_MAX = 24 /* decimal process id and newline */
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now); /* for waiting only: nothing that is decided or stored depends on it */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static enum status busy(int fd, const char *book_dir, uint32_t wait_ms, struct err *err)
{
    char pid[PID_TEXT_MAX + 1] = {0};
    ssize_t got = pread(fd, pid, PID_TEXT_MAX, 0);
    size_t digits = got > 0 ? strspn(pid, "0123456789") : 0;
    pid[digits] = '\0';
    return err_set(err, STATUS_BUSY, "%s: process %s is writing to the book, and was not done after %u ms: try again",
                   book_dir, digits > 0 ? pid : "(unknown)", wait_ms);
}

static enum status wait_for(int fd, const char *book_dir, uint32_t wait_ms, struct err *err)
{
    int64_t deadline = now_ms() + wait_ms;
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return durable_fail(errno, book_dir, "lock", err);
        int64_t left = deadline - now_ms();
        if (left <= 0)
            return busy(fd, book_dir, wait_ms, err);
        const struct timespec pause = {.tv_nsec = (left < POLL_MS ? left : POLL_MS) * 1000000};
        nanosleep(&pause, NULL);
    }
    return STATUS_OK;
}

/* Only for the text that others show; a failure to write it is no reason to stop. */
static void name_holder(int fd)
{
    char pid[PID_TEXT_MAX];
    int length = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)length, 0) != length)
        return;
}

enum status writelock_take(const char *book_dir, uint32_t wait_ms, struct writelock *ret_lock, struct err *err)
{
    struct path path;
    enum status status = path_set(&path, err, "%s/lock", book_dir);
    if (status != STATUS_OK)
        return status;
    int fd = open(path.text, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return durable_fail(errno, path.text, "open", err);
    status = wait_for(fd, book_dir, wait_ms, err);
    if (status != STATUS_OK) {
        close(fd);
        return status;
    }
    name_holder(fd);
    ret_lock->fd = fd;
    return STATUS_OK;
}

void writelock_release(struct writelock *lock)
{
    if (lock->fd >= 0)
        close(lock->fd);
    lock->fd = -1;
}

/*
 * A book and its server. On a descriptor of its own each time; the system drops the lock when the process dies, so a server
 * that was killed holds nothing.
 */
#include "ledger/served.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "ledger/durable.h"
#include "ledger/text.h"

enum { POLL_MS = 10 };

static enum status open_file(const char *book_dir, struct path *ret_path, int *ret_fd, struct err *err)
{
    enum status status = path_set(ret_path, err, "%s/served", book_dir);
    if (status != STATUS_OK)
        return status;
    int fd = open(ret_path->text, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return durable_fail(errno, ret_path->text, "open", err);
    *ret_fd = fd;
    return STATUS_OK;
}

/* What the server wrote there; others may have written something else, so it is shown with care. */
static void read_address(int fd, char ret_shown[static TEXT_SHOW_MAX])
{
    char text[TEXT_SHOW_MAX];
    ssize_t length = pread(fd, text, sizeof text - 1, 0);
    text_show(text, length > 0 ? strnlen(text, (size_t)length) : 0, ret_shown);
}

static enum status say_served(const char *book_dir, int fd, struct err *err)
{
    char shown[TEXT_SHOW_MAX];
    read_address(fd, shown);
    return err_set(err, STATUS_BUSY, "%s: a server has this book: give --book %s", book_dir,
                   shown[0] != '\0' ? shown : "unix:PATH");
}

static enum status hold(int fd, const char *book_dir, uint32_t wait_ms, struct err *err)
{
    for (uint32_t waited = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; waited += POLL_MS) {
        const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
        if (errno != EWOULDBLOCK && errno != EINTR)
            return durable_fail(errno, book_dir, "lock", err);
        if (waited >= wait_ms) {
            if (flock(fd, LOCK_SH | LOCK_NB) != 0)
                return say_served(book_dir, fd, err);
            return err_set(err, STATUS_BUSY, "%s: a command has the book open to write, and was not done after %u ms",
                           book_dir, wait_ms);
        }
        nanosleep(&pause, NULL);
    }
    return STATUS_OK;
}

enum status served_hold(const char *book_dir, const char *address, uint32_t wait_ms, struct served *ret_served,
                        struct err *err)
{
    struct path path;
    int fd = -1;
    enum status status = open_file(book_dir, &path, &fd, err);
    if (status != STATUS_OK)
        return status;
    status = hold(fd, book_dir, wait_ms, err);
    if (status == STATUS_OK && ftruncate(fd, 0) != 0)
        status = durable_fail(errno, path.text, "write", err);
    if (status == STATUS_OK)
        status = durable_write(fd, path.text, slice_of(address, strlen(address)), err);
    if (status == STATUS_OK)
        ret_served->fd = fd;
    else
        close(fd);
    return status;
}

enum status served_join(const char *book_dir, struct served *ret_served, struct err *err)
{
    struct path path;
    int fd = -1;
    enum status status = open_file(book_dir, &path, &fd, err);
    if (status != STATUS_OK)
        return status;
    if (flock(fd, LOCK_SH | LOCK_NB) == 0) {
        ret_served->fd = fd;
        return STATUS_OK;
    }
    status = errno == EWOULDBLOCK ? say_served(book_dir, fd, err) : durable_fail(errno, path.text, "lock", err);
    close(fd);
    return status;
}

bool served_is(const char *book_dir)
{
    struct path path;
    if (path_set(&path, NULL, "%s/served", book_dir) != STATUS_OK)
        return false;
    int fd = open(path.text, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    bool served = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(fd);
    return served;
}

void served_release(struct served *served)
{
    if (served->fd >= 0)
        close(served->fd);
    served->fd = -1;
}

/*
 * Making and reading small files that must be whole: key files and their public halves. A file is written under another
 * name, synced, and linked to its own name, which fails if that is taken; then the directory is synced. rename would
 * replace silently, and O_EXCL on the name itself would leave half a file after a crash.
 */
#include "ledger/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/durable.h"

static enum status status_of_errno(int error)
{
    if (error == ENOSPC || error == EDQUOT)
        return STATUS_FULL;
    if (error == EACCES || error == EPERM)
        return STATUS_PERMISSION;
    if (error == ENOENT || error == ENOTDIR)
        return STATUS_NOT_FOUND;
    if (error == EEXIST)
        return STATUS_EXISTS;
    return STATUS_IO;
}

static enum status fail(int error, const char *path, const char *doing, struct err *err)
{
    enum status status = status_of_errno(error);
    return err_set(err, status, "%s: %s%s%s", path, doing, strerror(error),
                   status == STATUS_FULL ? "; free some space or raise the quota" : "");
}

enum status newfile_create(const char *path, const void *bytes, size_t length, mode_t mode, struct err *err)
{
    char other[PATH_MAX];
    enum status status = STATUS_OK;
    bool linked = false;
    int used = snprintf(other, sizeof other, "%s.XXXXXX", path);
    if (used < 0 || (size_t)used >= sizeof other)
        return err_set(err, STATUS_LIMIT, "path over %zu bytes", sizeof other - sizeof ".XXXXXX");
    int fd = mkostemp(other, O_CLOEXEC);
    if (fd < 0)
        return fail(errno, path, "", err);
    if (fchmod(fd, mode) != 0) {
        status = fail(errno, path, "", err);
        goto done;
    }
    status = durable_write(fd, path, slice_of(bytes, length), err);
    if (status != STATUS_OK)
        goto done;
    if (fsync(fd) != 0) {
        status = fail(errno, path, "sync: ", err);
        goto done;
    }
    if (link(other, path) != 0) {
        status = errno == EEXIST ? err_set(err, STATUS_EXISTS, "%s: is there already, and is not replaced", path)
                                 : fail(errno, path, "", err);
        goto done;
    }
    linked = true;
    status = durable_sync_parent(path, err);

done:
    if (status != STATUS_OK && linked)
        unlink(path);
    unlink(other);
    close(fd);
    return status;
}

void newfile_remove(const char *path)
{
    unlink(path);
}

static enum status check_kind(int fd, const char *path, bool only_owner, struct err *err)
{
    struct stat stat;
    if (fstat(fd, &stat) != 0)
        return err_set(err, STATUS_IO, "%s: %m", path);
    if (!S_ISREG(stat.st_mode))
        return err_set(err, STATUS_INPUT, "%s: not a regular file", path);
    if (only_owner && (stat.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return err_set(err, STATUS_PERMISSION, "%s: its mode %04o lets others at it; chmod 600 %s", path,
                       (unsigned)(stat.st_mode & 07777), path);
    return STATUS_OK;
}

enum status newfile_read(const char *path, bool only_owner, void *ret_bytes, size_t size, size_t *ret_length,
                         struct err *err)
{
    size_t used = 0;
    /* O_NONBLOCK: a FIFO of that name must not hang us before check_kind has refused it. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return fail(errno, path, "", err);
    enum status status = check_kind(fd, path, only_owner, err);
    while (status == STATUS_OK) {
        char over;
        ssize_t got = used < size ? read(fd, (char *)ret_bytes + used, size - used) : read(fd, &over, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            status = err_set(err, STATUS_IO, "%s: %m", path);
        else if (got > 0 && used == size)
            status = err_set(err, STATUS_LIMIT, "%s: over %zu bytes", path, size);
        else
            used += (size_t)got;
        if (got == 0)
            break;
    }
    if (status == STATUS_OK)
        *ret_length = used;
    close(fd);
    return status;
}

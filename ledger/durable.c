/*
 * What a crash may not tear: files written beside, synced, renamed, with their directory synced after. Guarantees that
 * a name shows a whole file or none; leaves to the caller who may write at the same time. Error texts name the path.
 */
#include "ledger/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum status path_set(struct path *ret_path, struct err *err, const char *format, ...)
{
    struct path path;
    va_list args;
    va_start(args, format);
    int length = vsnprintf(path.text, sizeof path.text, format, args);
    va_end(args);
    if (length < 0 || length >= PATH_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "a path is longer than %d bytes: use a shorter directory name",
                       PATH_BYTES_MAX - 1);
    *ret_path = path;
    return STATUS_OK;
}

static enum status status_of_errno(int error)
{
    switch (error) {
    case ENOENT:
        return STATUS_NOT_FOUND;
    case EEXIST:
    case ENOTEMPTY:
        return STATUS_EXISTS;
    case EACCES:
    case EPERM:
    case EROFS:
        return STATUS_PERMISSION;
    case ENOSPC:
    case EDQUOT:
        return STATUS_FULL;
    case ENAMETOOLONG:
        return STATUS_LIMIT;
    case ENOMEM:
        return STATUS_MEMORY;
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
        return STATUS_INPUT;
    default:
        return STATUS_IO;
    }
}

enum status durable_fail(int error, const char *path, const char *doing, struct err *err)
{
    enum status status = status_of_errno(error);
    const char *remedy = "";
    if (status == STATUS_FULL)
        remedy = "; free some space or raise the quota";
    else if (error == EROFS)
        remedy = "; the file system is mounted read-only";
    else if (status == STATUS_PERMISSION)
        remedy = "; the owner of the book must do this, or grant it";
    return err_set(err, status, "%s: %s: %s%s", path, doing, strerror(error), remedy);
}

enum status durable_write(int fd, const char *path, struct slice bytes, struct err *err)
{
    while (bytes.length > 0) {
        ssize_t wrote = write(fd, bytes.bytes, bytes.length);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return durable_fail(wrote < 0 ? errno : EIO, path, "write", err);
        bytes.bytes += wrote;
        bytes.length -= (size_t)wrote;
    }
    return STATUS_OK;
}

enum status durable_sync_dir(const char *path, struct err *err)
{
    enum status status = STATUS_OK;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return durable_fail(errno, path, "open directory", err);
    if (fsync(fd) != 0)
        status = durable_fail(errno, path, "sync directory", err);
    close(fd);
    return status;
}

enum status durable_sync_parent(const char *path, struct err *err)
{
    struct path parent;
    enum status status = path_set(&parent, err, "%s", path);
    if (status != STATUS_OK)
        return status;
    size_t length = strlen(parent.text);
    while (length > 1 && parent.text[length - 1] == '/')
        parent.text[--length] = '\0';
    char *slash = strrchr(parent.text, '/');
    if (slash == NULL)
        return durable_sync_dir(".", err);
    slash[slash == parent.text ? 1 : 0] = '\0';
    return durable_sync_dir(parent.text, err);
}

enum status durable_make_dir(const char *path, struct err *err)
{
    if (mkdir(path, 0700) != 0)
        return durable_fail(errno, path, "make directory", err);
    return STATUS_OK;
}

enum status durable_replace(const char *path, struct slice bytes, mode_t mode, struct err *err)
{
    struct path beside;
    enum status status = path_set(&beside, err, "%s.XXXXXX", path);
    if (status != STATUS_OK)
        return status;
    int fd = mkostemp(beside.text, O_CLOEXEC);
    if (fd < 0)
        return durable_fail(errno, path, "make a file beside it", err);
    status = durable_write(fd, beside.text, bytes, err);
    if (status == STATUS_OK && fchmod(fd, mode) != 0)
        status = durable_fail(errno, beside.text, "set mode", err);
    if (status == STATUS_OK && fsync(fd) != 0)
        status = durable_fail(errno, beside.text, "sync", err);
    if (close(fd) != 0 && status == STATUS_OK)
        status = durable_fail(errno, beside.text, "close", err);
    if (status == STATUS_OK && rename(beside.text, path) != 0)
        status = durable_fail(errno, path, "rename into place", err);
    if (status != STATUS_OK) {
        unlink(beside.text);
        return status;
    }
    return durable_sync_parent(path, err);
}

enum status durable_rename_new(const char *from, const char *to, struct err *err)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return STATUS_OK;
    if (errno != ENOSYS && errno != EINVAL)
        return durable_fail(errno, to, "rename into place", err);
    struct stat there;
    if (lstat(to, &there) == 0)
        return durable_fail(EEXIST, to, "rename into place", err);
    if (rename(from, to) != 0)
        return durable_fail(errno, to, "rename into place", err);
    return STATUS_OK;
}

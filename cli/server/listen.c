/*
 * A Unix socket by its path. Guarantees that its mode is never wider than asked for, and that no server takes the path
 * from another one that works.
 */
#include "cli/server/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ledger/durable.h"

enum { BACKLOG = 512 }; /* connections that wait to be accepted */

static enum status address_of(const char *path, struct sockaddr_un *ret_address, struct err *err)
{
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof ret_address->sun_path)
        return err_set(err, STATUS_LIMIT, "%s: the path of a socket has at most %zu bytes", path,
                       sizeof ret_address->sun_path - 1);
    memcpy(ret_address->sun_path, path, strlen(path) + 1);
    return STATUS_OK;
}

/* Whoever may write to the directory may put a socket of his own there. */
static enum status check_directory(const char *path, struct err *err)
{
    struct path dir;
    struct stat facts;
    enum status status = path_set(&dir, err, "%s", path);
    if (status != STATUS_OK)
        return status;
    char *slash = strrchr(dir.text, '/');
    if (slash == NULL)
        (void)snprintf(dir.text, sizeof dir.text, ".");
    else
        slash[slash == dir.text ? 1 : 0] = '\0';
    if (stat(dir.text, &facts) != 0)
        return durable_fail(errno, dir.text, "look at the socket's directory", err);
    if ((facts.st_mode & S_IWOTH) != 0 && (facts.st_mode & S_ISVTX) == 0)
        return err_set(err, STATUS_PERMISSION,
                       "%s: anybody may write to this directory and put another socket there: choose one that only the "
                       "server's user may write to",
                       dir.text);
    return STATUS_OK;
}

static enum status replace_stale(const char *path, const struct sockaddr_un *address, struct err *err)
{
    struct stat facts;
    if (lstat(path, &facts) != 0)
        return errno == ENOENT ? STATUS_OK : durable_fail(errno, path, "look at", err);
    if (!S_ISSOCK(facts.st_mode))
        return err_set(err, STATUS_EXISTS, "%s: is there, and no socket", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return durable_fail(errno, path, "make a socket", err);
    bool answers = connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno != ECONNREFUSED;
    (void)close(fd);
    if (answers)
        return err_set(err, STATUS_BUSY, "%s: another server answers there", path);
    return unlink(path) == 0 || errno == ENOENT ? STATUS_OK : durable_fail(errno, path, "remove", err);
}

static enum status bind_at(const char *path, mode_t mode, const struct sockaddr_un *address, struct listener *listener,
                           struct err *err)
{
    struct stat facts;
    /* The name gets the descriptor's mode: nobody is let in before it is what was asked for. */
    if (fchmod(listener->fd, 0600) != 0 || bind(listener->fd, (const struct sockaddr *)address, sizeof *address) != 0)
        return durable_fail(errno, path, "make the socket", err);
    if (listen(listener->fd, BACKLOG) != 0 || chmod(path, mode) != 0 || lstat(path, &facts) != 0)
        return durable_fail(errno, path, "listen", err);
    listener->device = facts.st_dev;
    listener->inode = facts.st_ino;
    return STATUS_OK;
}

enum status listen_at(const char *path, mode_t mode, struct listener *ret_listener, struct err *err)
{
    struct sockaddr_un address;
    enum status status = address_of(path, &address, err);
    if (status == STATUS_OK)
        status = check_directory(path, err);
    if (status == STATUS_OK)
        status = replace_stale(path, &address, err);
    if (status != STATUS_OK)
        return status;
    struct listener listener = {.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (listener.fd < 0)
        return durable_fail(errno, path, "make a socket", err);
    status = bind_at(path, mode, &address, &listener, err);
    if (status == STATUS_OK)
        *ret_listener = listener;
    else
        (void)close(listener.fd);
    return status;
}

bool listen_is_there(const char *path, const struct listener *listener)
{
    struct stat facts;
    return lstat(path, &facts) == 0 && facts.st_dev == listener->device && facts.st_ino == listener->inode;
}

void listen_remove(const char *path, const struct listener *listener)
{
    if (listen_is_there(path, listener))
        (void)unlink(path);
}

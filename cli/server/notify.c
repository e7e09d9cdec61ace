/*
 * Datagrams to NOTIFY_SOCKET, and descriptor 3.
 */
#include "cli/server/notify.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { HANDED_OVER_FD = 3 }; /* the first, by sd_listen_fds(3) */

void notify_send(const struct cli *cli, const char *text)
{
    const char *path = cli->environment.notify_socket;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = path != NULL ? strlen(path) : 0;
    if (length < 2 || length >= sizeof address.sun_path || (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    ssize_t sent = sendto(fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&address, size);
    (void)sent; /* whoever does not listen is not told */
    (void)close(fd);
}

static int64_t number_of(const char *text)
{
    char *end = NULL;
    if (text == NULL || text[0] < '0' || text[0] > '9')
        return 0;
    long long number = strtoll(text, &end, 10);
    return *end == '\0' && number > 0 && number < INT64_MAX ? number : 0;
}

int64_t notify_watchdog_us(const struct cli *cli)
{
    return number_of(cli->environment.watchdog_usec);
}

static bool is_listening(int fd)
{
    int domain = 0, listens = 0;
    socklen_t size = sizeof domain;
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 || domain != AF_UNIX)
        return false;
    size = sizeof listens;
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0;
}

enum status notify_take_socket(const struct cli *cli, int *ret_fd, struct err *err)
{
    int64_t count = number_of(cli->environment.listen_fds);
    *ret_fd = -1;
    if (number_of(cli->environment.listen_pid) != getpid() || count == 0)
        return STATUS_OK;
    if (count != 1 || !is_listening(HANDED_OVER_FD) || fcntl(HANDED_OVER_FD, F_SETFD, FD_CLOEXEC) != 0)
        return err_set(err, STATUS_INPUT, "the service manager has to hand over one listening Unix socket");
    *ret_fd = HANDED_OVER_FD;
    return STATUS_OK;
}

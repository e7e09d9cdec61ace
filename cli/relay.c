/*
 * A relay: two directions, each with a buffer that is read into when it is empty and written from when it is not. Knows
 * nothing of what it carries.
 */
#include "cli/relay.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BUFFER_BYTES = 64 << 10,
    PIPE_STEP_BYTES = 4096 /* so much a pipe takes without blocking when it says that it can be written */
};

struct direction {
    int from, to;
    bool ended; /* nothing more comes */
    bool done;  /* and all of it was passed on */
    size_t used, sent;
    char bytes[BUFFER_BYTES];
};

static bool is_empty(const struct direction *direction)
{
    return direction->used == direction->sent;
}

static enum status read_some(struct direction *direction, struct err *err)
{
    ssize_t got = read(direction->from, direction->bytes, sizeof direction->bytes);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return STATUS_OK;
    if (got < 0 && errno != ECONNRESET)
        return err_set(err, STATUS_IO, "the line cannot be read: %s", strerror(errno));
    direction->ended = got <= 0;
    direction->used = got > 0 ? (size_t)got : 0;
    direction->sent = 0;
    return STATUS_OK;
}

/* Sockets are asked not to block, pipes are given no more than they take. */
static ssize_t write_step(int fd, const char *bytes, size_t length)
{
    ssize_t sent = send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0 || errno != ENOTSOCK)
        return sent;
    return write(fd, bytes, length < PIPE_STEP_BYTES ? length : PIPE_STEP_BYTES);
}

static enum status write_some(struct direction *direction, struct err *err)
{
    ssize_t sent = write_step(direction->to, direction->bytes + direction->sent, direction->used - direction->sent);
    if (sent >= 0)
        direction->sent += (size_t)sent;
    else if (errno == EPIPE || errno == ECONNRESET)
        direction->ended = direction->done = true;
    else if (errno != EINTR && errno != EAGAIN)
        return err_set(err, STATUS_IO, "the line cannot be written: %s", strerror(errno));
    return STATUS_OK;
}

/* What a direction waits for. */
static struct pollfd wanted(const struct direction *direction)
{
    struct pollfd wait = {.fd = -1};
    if (!direction->done && !is_empty(direction))
        wait = (struct pollfd){.fd = direction->to, .events = POLLOUT};
    else if (!direction->ended)
        wait = (struct pollfd){.fd = direction->from, .events = POLLIN};
    return wait;
}

static enum status step(struct direction *direction, const struct pollfd *wait, struct err *err)
{
    enum status status = STATUS_OK;
    if (wait->fd >= 0 && wait->revents != 0)
        status = is_empty(direction) ? read_some(direction, err) : write_some(direction, err);
    return status;
}

/* Passes an end on, once everything before it has been. */
static void pass_end(struct direction *direction)
{
    if (direction->ended && !direction->done && is_empty(direction)) {
        (void)shutdown(direction->to, SHUT_WR);
        direction->done = true;
    }
}

enum status relay(int in, int out, int socket, struct err *err)
{
    struct direction there = {.from = in, .to = socket}, back = {.from = socket, .to = out};
    enum status status = STATUS_OK;
    while (status == STATUS_OK && !back.done) {
        struct pollfd waits[] = {wanted(&there), wanted(&back)};
        if (poll(waits, 2, -1) < 0) {
            if (errno != EINTR)
                status = err_set(err, STATUS_IO, "the line cannot be watched: %s", strerror(errno));
            continue;
        }
        status = step(&there, &waits[0], err);
        if (status == STATUS_OK)
            status = step(&back, &waits[1], err);
        pass_end(&there);
        pass_end(&back);
    }
    close(out);
    return status;
}

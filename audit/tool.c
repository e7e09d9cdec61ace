/*
 * A child of its own process group, fed by a file without a name, heard through two pipes until both end. What it says is
 * bounded while it comes: more output than there is room for ends it, of its errors only the last words are kept.
 */
#include "audit/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ledger/durable.h"

extern char **environ;

enum { END_OUT, END_ERR, ENDS };

/* A child as it runs. Descriptors are -1 when closed. */
struct running {
    pid_t pid;
    int ends[ENDS]; /* of its output and its errors, to read */
    struct tool_answer *answer;
    size_t said;
    bool over; /* it wrote more than there is room for */
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now); /* for waiting only */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static enum status input_file(struct slice input, int *ret_fd, struct err *err)
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd < 0)
        return err_set(err, STATUS_IO, "no file for a program's input: %s", strerror(errno));
    enum status status = durable_write(fd, "a program's input", input, err);
    if (status == STATUS_OK && lseek(fd, 0, SEEK_SET) != 0)
        status = err_set(err, STATUS_IO, "a program's input: %s", strerror(errno));
    if (status == STATUS_OK)
        *ret_fd = fd;
    else
        close(fd);
    return status;
}

static int spawn(const struct tool_call *call, int input, const int outputs[static ENDS], pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults, none;
    sigfillset(&defaults);
    sigemptyset(&none);
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (error != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return error;
    }
    error = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(&actions, outputs[END_OUT], STDOUT_FILENO);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(&actions, outputs[END_ERR], STDERR_FILENO);
    if (error == 0)
        error = posix_spawnattr_setsigdefault(&attributes, &defaults);
    if (error == 0)
        error = posix_spawnattr_setsigmask(&attributes, &none);
    if (error == 0)
        error = posix_spawnattr_setflags(&attributes,
                                         POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    if (error == 0)
        error = posix_spawn(ret_pid, call->path, &actions, &attributes, (char *const *)(uintptr_t)call->arguments,
                            call->environment != NULL ? call->environment : environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static void close_all(int fds[static ENDS])
{
    for (size_t i = 0; i < ENDS; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
        fds[i] = -1;
    }
}

/* Keeps the last words: the beginning goes when there is no room. */
static void keep_said(struct running *running, const char *bytes, size_t length)
{
    char *said = running->answer->said;
    size_t room = TOOL_SAID_BYTES - 1;
    if (length > room) {
        bytes += length - room;
        length = room;
    }
    if (running->said + length > room) {
        size_t drop = running->said + length - room;
        memmove(said, said + drop, running->said - drop);
        running->said -= drop;
    }
    memcpy(said + running->said, bytes, length);
    running->said += length;
    said[running->said] = '\0';
}

/* One reading of an end; closes it at its end. */
static void hear_end(struct running *running, size_t which)
{
    char bytes[4096];
    struct tool_answer *answer = running->answer;
    ssize_t got = read(running->ends[which], bytes, sizeof bytes);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got <= 0) {
        close(running->ends[which]);
        running->ends[which] = -1;
        return;
    }
    size_t length = (size_t)got;
    if (which == END_ERR) {
        keep_said(running, bytes, length);
        return;
    }
    running->over = running->over || length > answer->output_max - answer->length;
    if (running->over)
        return;
    memcpy(answer->output + answer->length, bytes, length);
    answer->length += length;
}

/* Until both ends are closed. False when the time is over, or the output too long. */
static bool hear(struct running *running, int64_t until_ms)
{
    while (running->ends[END_OUT] >= 0 || running->ends[END_ERR] >= 0) {
        struct pollfd polls[ENDS] = {{.fd = running->ends[END_OUT], .events = POLLIN},
                                     {.fd = running->ends[END_ERR], .events = POLLIN}};
        int64_t left_ms = until_ms - now_ms();
        if (left_ms <= 0)
            return false;
        if (poll(polls, ENDS, left_ms > 60000 ? 60000 : (int)left_ms) < 0 && errno != EINTR)
            return false;
        for (size_t i = 0; i < ENDS; i++)
            if (polls[i].fd >= 0 && polls[i].revents != 0)
                hear_end(running, i);
        if (running->over)
            return false;
    }
    return true;
}

static enum status told(const struct tool_call *call, const struct running *running, bool heard, int wait_status,
                        struct err *err)
{
    struct tool_answer *answer = running->answer;
    if (running->over)
        return err_set(err, STATUS_LIMIT, "%s: answers more than %zu bytes", call->path, answer->output_max);
    if (!heard)
        return err_set(err, STATUS_IO, "%s: was not done after %u s", call->path, call->wait_ms / 1000);
    if (WIFSIGNALED(wait_status))
        return err_set(err, STATUS_IO, "%s: was ended by signal %d", call->path, WTERMSIG(wait_status));
    answer->exit_status = WEXITSTATUS(wait_status);
    if (answer->exit_status == 127 && running->said == 0)
        return err_set(err, STATUS_NOT_FOUND, "%s: cannot be run", call->path);
    if (answer->exit_status != 0)
        return err_set(err, STATUS_REFUSED, "%s: exit status %d: %.300s", call->path, answer->exit_status,
                       answer->said);
    return STATUS_OK;
}

static enum status run_with(const struct tool_call *call, int input, struct tool_answer *answer, struct err *err)
{
    struct running running = {.ends = {-1, -1}, .answer = answer};
    int outputs[ENDS] = {-1, -1};
    int wait_status = 0;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < ENDS; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0)
            status = err_set(err, STATUS_IO, "no pipe for a program: %s", strerror(errno));
        else {
            running.ends[i] = ends[0];
            outputs[i] = ends[1];
        }
    }
    int error = status == STATUS_OK ? spawn(call, input, outputs, &running.pid) : 0;
    close_all(outputs);
    if (error != 0)
        status = err_set(err, error == ENOENT || error == EACCES ? STATUS_NOT_FOUND : STATUS_IO, "%s: %s", call->path,
                         strerror(error));
    if (status == STATUS_OK) {
        bool heard = hear(&running, now_ms() + call->wait_ms);
        if (!heard)
            (void)kill(-running.pid, SIGKILL);
        while (waitpid(running.pid, &wait_status, 0) < 0 && errno == EINTR)
            continue;
        status = told(call, &running, heard, wait_status, err);
    }
    close_all(running.ends);
    return status;
}

enum status tool_run(const struct tool_call *call, struct tool_answer *answer, struct err *err)
{
    int input = -1;
    answer->length = 0;
    answer->exit_status = 0;
    answer->said[0] = '\0';
    if (call->path[0] != '/')
        return err_set(err, STATUS_INPUT, "%s: a program is named by its absolute path", call->path);
    enum status status = input_file(call->input, &input, err);
    if (status != STATUS_OK)
        return status;
    status = run_with(call, input, answer, err);
    close(input);
    return status;
}

/*
 * Connecting to a Unix socket, or through the system's ssh as git and borg do. Arguments go to ssh as they are, never through
 * a shell of ours; on the other host sshd's forced command decides what runs.
 */
#include "cli/remote_line.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum {
    ENDS_BY_ITSELF_MS = 1000, /* an ssh whose input has ended needs one round trip */
    ENDS_WHEN_ASKED_MS = 1000,
    STEP_MS = 5,
    ARGUMENTS_MAX = 24,
    COMMAND_BYTES = REMOTE_NAME_BYTES_MAX + 32
};

static enum status fail(const struct remote_address *address, int error, struct err *err)
{
    switch (error) {
    case ENOENT:
        return err_set(err, STATUS_NOT_FOUND, "unix:%s: there is no socket: does the server run?", address->path);
    case EACCES:
    case EPERM:
        return err_set(err, STATUS_PERMISSION,
                       "unix:%s: you may not open this socket: who operates the server says who may", address->path);
    case ECONNREFUSED:
        return err_set(err, STATUS_IO, "unix:%s: nobody listens there: does the server run?", address->path);
    case EAGAIN:
        return err_set(err, STATUS_BUSY, "unix:%s: too many are waiting there: try again", address->path);
    default:
        return err_set(err, STATUS_IO, "unix:%s: %s", address->path, strerror(error));
    }
}

static enum status open_unix(const struct remote_address *address, struct remote_line *line, struct err *err)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    memcpy(at.sun_path, address->path, strlen(address->path));
    line->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (line->fd < 0 || connect(line->fd, (const struct sockaddr *)&at, sizeof at) != 0)
        return fail(address, errno, err);
    return STATUS_OK;
}

/* What ssh is called with; port and command are storage. */
static void make_arguments(const struct remote_address *address, const struct remote_ssh *ssh, char port[static 8],
                           char command[static COMMAND_BYTES], const char *ret_arguments[static ARGUMENTS_MAX])
{
    size_t count = 0;
    ret_arguments[count++] = ssh->program != NULL ? ssh->program : "ssh";
    ret_arguments[count++] = "-T"; /* bytes as they are */
    ret_arguments[count++] = "-a"; /* whoever rules the other host must not sign with this user's agent */
    ret_arguments[count++] = "-x";
    ret_arguments[count++] = "-o";
    ret_arguments[count++] = "ClearAllForwardings=yes";
    if (!ssh->may_ask) {
        ret_arguments[count++] = "-o";
        ret_arguments[count++] = "BatchMode=yes";
    }
    if (address->port != 0) {
        snprintf(port, 8, "%u", address->port);
        ret_arguments[count++] = "-p";
        ret_arguments[count++] = port;
    }
    if (address->user[0] != '\0') {
        ret_arguments[count++] = "-l";
        ret_arguments[count++] = address->user;
    }
    snprintf(command, COMMAND_BYTES, "countersign connect %s", address->name);
    ret_arguments[count++] = "--";
    ret_arguments[count++] = address->host;
    ret_arguments[count++] = command;
    ret_arguments[count] = NULL;
}

/* In the child: both ends of the pipe in one socket, and signals as any program expects them. */
static int spawn(const char *const arguments[], int end, pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (error != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return error;
    }
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    error = posix_spawn_file_actions_adddup2(&actions, end, STDIN_FILENO);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(&actions, end, STDOUT_FILENO);
    if (error == 0)
        error = posix_spawnattr_setsigdefault(&attributes, &defaults);
    if (error == 0)
        error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    if (error == 0)
        error =
            posix_spawnp(ret_pid, arguments[0], &actions, &attributes, (char *const *)(uintptr_t)arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static enum status open_ssh(const struct remote_address *address, const struct remote_ssh *ssh,
                            struct remote_line *line, struct err *err)
{
    const char *arguments[ARGUMENTS_MAX];
    char port[8], command[COMMAND_BYTES];
    int ends[2];
    make_arguments(address, ssh, port, command, arguments);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return err_set(err, STATUS_IO, "no socket for ssh: %s", strerror(errno));
    line->fd = ends[0];
    int error = spawn(arguments, ends[1], &line->pid);
    close(ends[1]);
    if (error == 0 && fcntl(line->fd, F_SETFL, O_NONBLOCK) != 0)
        error = errno;
    if (error == 0)
        return STATUS_OK;
    return err_set(err, error == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, "%s cannot be run: %s", arguments[0],
                   strerror(error));
}

enum status remote_line_open(const struct remote_address *address, const struct remote_ssh *ssh,
                             struct remote_line *ret_line, struct err *err)
{
    struct remote_line line = {.fd = -1};
    enum status status = address->ssh ? open_ssh(address, ssh, &line, err) : open_unix(address, &line, err);
    if (status == STATUS_OK)
        *ret_line = line;
    else
        (void)remote_line_close(&line);
    return status;
}

/* Waits for the child to end, and no longer. */
static bool wait_child(pid_t pid, int wait_ms, int *ret_status)
{
    for (int waited = 0;; waited += STEP_MS) {
        pid_t ended = waitpid(pid, ret_status, WNOHANG);
        if (ended == pid || (ended < 0 && errno == ECHILD))
            return true;
        if (waited >= wait_ms)
            return false;
        (void)nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
    }
}

int remote_line_close(struct remote_line *line)
{
    int status = 0;
    if (line->fd >= 0)
        close(line->fd);
    line->fd = -1;
    if (line->pid == 0)
        return -1;
    bool ended = wait_child(line->pid, ENDS_BY_ITSELF_MS, &status);
    if (!ended) {
        (void)kill(line->pid, SIGTERM);
        ended = wait_child(line->pid, ENDS_WHEN_ASKED_MS, &status);
    }
    if (!ended) {
        (void)kill(line->pid, SIGKILL);
        while (waitpid(line->pid, &status, 0) < 0 && errno == EINTR)
            ;
    }
    line->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

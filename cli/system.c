/*
 * What a program takes from the system, once, as it starts; and how it ends when jansson gets no memory. That library says so
 * in no way that can be told from malformed text, and builds documents with members missing when it goes unnoticed: so the
 * program ends there and then, which leaves a book as being killed does (tests/scenarios/crash.py, tests/allocations).
 */
#include "cli/system.h"

#include <assert.h>
#include <fcntl.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "audit/child.h"
#include "cli/fault.h"
#include "ledger/random.h"

static_assert(CHILD_NO_MEMORY == (int)EXIT_ENVIRONMENT, "a child that ends so is told from one that a file ends");

static int64_t system_now_ms(void *context)
{
    (void)context;
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t system_monotonic_us(void *context)
{
    (void)context;
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static const char *environment_value(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

static int terminal_width(void)
{
    struct winsize size = {0};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* A descriptor 0, 1 or 2 that is closed would be the next file opened: messages would be written into a book. */
static bool standard_descriptors_open(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return false;
    return true;
}

int system_start(const struct command_table *commands, char *const words[], struct cli *ret_cli)
{
    if (!standard_descriptors_open())
        return EXIT_ENVIRONMENT;
    json_set_alloc_funcs(fault_malloc, free);
    if (sodium_init() < 0) {
        fputs("countersign: libsodium does not start\n", stderr);
        return EXIT_ENVIRONMENT;
    }
    fault_tell();
    *ret_cli = (struct cli){
        .in = stdin,
        .out = stdout,
        .err = stderr,
        .in_is_terminal = isatty(STDIN_FILENO) == 1,
        .out_is_terminal = isatty(STDOUT_FILENO) == 1,
        .err_is_terminal = isatty(STDERR_FILENO) == 1,
        .width = terminal_width(),
        .tty_path = "/dev/tty",
        .now_ms = system_now_ms,
        .monotonic_us = system_monotonic_us,
        .random = random_system(),
        .environment =
            {
                .book = environment_value("COUNTERSIGN_BOOK"),
                .user = environment_value("COUNTERSIGN_USER"),
                .key = environment_value("COUNTERSIGN_KEY"),
                .run = environment_value("COUNTERSIGN_RUN"),
                .ssh = environment_value("COUNTERSIGN_SSH"),
                .preload = environment_value("LD_PRELOAD"),
                .ssh_command = environment_value("SSH_ORIGINAL_COMMAND"),
                .ssh_auth_sock = environment_value("SSH_AUTH_SOCK"),
                .no_color = environment_value("NO_COLOR"),
                .home = environment_value("HOME"),
                .state_home = environment_value("XDG_STATE_HOME"),
                .term = environment_value("TERM"),
                .notify_socket = environment_value("NOTIFY_SOCKET"),
                .watchdog_usec = environment_value("WATCHDOG_USEC"),
                .listen_pid = environment_value("LISTEN_PID"),
                .listen_fds = environment_value("LISTEN_FDS"),
            },
        .words = words,
        .commands = commands,
    };
    return EXIT_DONE;
}

const char *system_sodium_version(void)
{
    return sodium_version_string();
}

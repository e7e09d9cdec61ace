/*
 * What a command gets from outside: streams, terminal facts, clock, randomness and environment, so that a
 * test runs a command in its own process and replays it byte for byte. Only main.c takes them from the
 * system.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ledger/random.h"
#include "ledger/status.h"

struct command;
struct command_table;
struct options;

/* DESIGN 9. */
enum exit_status {
    EXIT_DONE = 0,
    EXIT_REFUSED = 1,     /* refused by a control, or findings of an audit test */
    EXIT_USAGE = 2,       /* usage or bad input */
    EXIT_INTEGRITY = 3,   /* a signature, hash or stored byte is not what it was */
    EXIT_ENVIRONMENT = 4, /* disk, lock, network, memory, clock */
    EXIT_NOT_ALLOWED = 5  /* not allowed in */
};

/* Values of environment variables; NULL where unset or empty. Lent for the life of the program. */
struct environment {
    const char *book;          /* COUNTERSIGN_BOOK */
    const char *user;          /* COUNTERSIGN_USER */
    const char *key;           /* COUNTERSIGN_KEY */
    const char *run;           /* COUNTERSIGN_RUN: of a bot, ID=SHA256 */
    const char *ssh;           /* COUNTERSIGN_SSH: the program to call in place of ssh */
    const char *ssh_command;   /* SSH_ORIGINAL_COMMAND: what was asked of an sshd that forced another command */
    const char *ssh_auth_sock; /* SSH_AUTH_SOCK */
    const char *no_color;      /* NO_COLOR */
    const char *home;          /* HOME */
    const char *state_home;    /* XDG_STATE_HOME */
    const char *term;          /* TERM */
    const char *preload;       /* LD_PRELOAD */
    const char *
        notify_socket; /* NOTIFY_SOCKET, WATCHDOG_USEC, LISTEN_PID, LISTEN_FDS: the service manager's, systemd.exec(5) */
    const char *watchdog_usec;
    const char *listen_pid;
    const char *listen_fds;
};

struct cli {
    FILE *in;
    FILE *out;
    FILE *err;
    bool in_is_terminal;
    bool out_is_terminal;
    bool err_is_terminal;
    int width;            /* columns of the terminal behind out; 0 where out is none: lines are as long as they are */
    const char *tty_path; /* where passphrases are asked: "/dev/tty" */
    bool json;            /* --json was given */
    bool dry_run;         /* --dry-run was given */
    bool yes;             /* --yes was given */

    int64_t (*now_ms)(void *context);       /* wall clock: milliseconds since 1970 */
    int64_t (*monotonic_us)(void *context); /* for rates and waiting, never for decisions */
    void *clock_context;
    struct random_source random; /* the system's in the program */

    struct environment environment;
    char *const *words;                   /* the command line as main got it, closed by NULL */
    const struct command_table *commands; /* the table dispatched over: what help prints */
    const struct command *command;        /* the one that runs, NULL before it is known */
};

/* The book: --book, else COUNTERSIGN_BOOK, else NULL. A command with COMMAND_BOOK never sees NULL. Lends. */
const char *cli_book(const struct cli *cli, const struct options *options);

/* The user acted as: --as, else COUNTERSIGN_USER, else NULL. Lends. */
const char *cli_user(const struct cli *cli, const struct options *options);

/* The key file: --key, else COUNTERSIGN_KEY, else NULL (then ssh-agent). Lends. */
const char *cli_key(const struct cli *cli, const struct options *options);

/* How long to wait for another writer: --wait, else 10 s. errors INPUT. */
MUST_USE enum status cli_wait(const struct options *options, uint32_t *ret_ms, struct err *err);

#endif

/*
 * What `countersign serve` is told on its command line: one table for the command, which starts the server's program, and for
 * that program. Nothing here knows a socket.
 */
#ifndef CLI_SERVE_OPTIONS_H
#define CLI_SERVE_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/options.h"

/* PROTOCOL.md section 7; times in seconds but where the name says ms. */
struct server_limits {
    int64_t connections;
    int64_t connections_per_user;
    int64_t outstanding;   /* requests without an answer, of one connection */
    int64_t snapshots;     /* of one connection */
    int64_t waits;         /* of one connection */
    int64_t waiting;       /* statements that wait for the writer, in all */
    int64_t held_bytes;    /* of messages that are not answered yet, in all */
    int64_t unread_bytes;  /* of answers to one connection that does not take them: then nothing more is done for it */
    int64_t proof_seconds; /* until proven */
    int64_t message_seconds;  /* for a message once begun */
    int64_t idle_seconds;     /* without a request */
    int64_t unread_seconds;   /* that answers wait without a byte taken */
    int64_t snapshot_seconds; /* age of a snapshot */
    int64_t stop_seconds;     /* for an orderly end */
    int64_t reopen_seconds;   /* to open the book again after a failed write */
};

struct serve_options {
    const char *book;
    const char *socket;   /* NULL: the service manager's */
    const char *log;      /* NULL, "-": the error output */
    const char *book_key; /* NULL: no checkpoints */
    const char *tsa;      /* certificates under which time stamps are taken; NULL: none are */
    const char *status_file;
    int64_t status_seconds; /* between two status files */
    int64_t socket_mode;
    uint32_t wait_ms; /* for another writer */
    struct server_limits limits;
};

/*
 * Reads them.
 *
 * out     *ret_serve: lends from options and cli.
 * errors  INPUT: names the option.
 */
MUST_USE enum status serve_options_read(const struct cli *cli, const struct options *options,
                                        struct serve_options *ret_serve, struct err *err);

/* The limits that hold where nothing else is said, and one of them by its place: its name, NULL past the end. */
struct server_limits server_limits_default(void);
const char *server_limit_row(size_t index, int64_t *ret_usual);

extern const struct option_spec serve_option_rows[];

/* The command, but for what it runs: both programs have it in their table. */
#define SERVE_COMMAND(running)                                                                                         \
    {                                                                                                                  \
        .name = "serve", .summary = "lets many people work in a book through a socket", .arguments = "",               \
        .text = SERVE_TEXT, .example = "countersign serve --book /srv/ar --socket /run/countersign/ar",                \
        .group = GROUP_OPERATORS, .flags = COMMAND_BOOK, .options = serve_option_rows, .run = (running),               \
    }
#define SERVE_TEXT                                                                                                     \
    "Owns the book's directory; users reach it with --book unix:/run/countersign/ar and need no access to files. "     \
    "Ends when told to by SIGTERM or SIGINT, after it has answered what it accepted; at the second signal at once. "   \
    "SIGHUP opens the log file anew. Without --socket it takes the socket that the service manager hands over."        \
    "\n\n"                                                                                                             \
    "Cosignatures and time stamps for its checkpoints come back through it too (countersign checkpoint add), from "    \
    "those who have operate or audit.read, and only those of the witnesses and authorities that are named here: "      \
    "whoever adds one has no access to files, so each is verified before it is kept."                                  \
    "\n\n"                                                                                                             \
    "Limits for --limit, with what holds otherwise: outstanding=64, snapshots=4, waits=4, waiting=4096, "              \
    "held-bytes=268435456, unread-bytes=1048576, proof-seconds=60, message-seconds=30, idle-seconds=900, "             \
    "unread-seconds=30, snapshot-seconds=600, stop-seconds=60, reopen-seconds=60."

#endif

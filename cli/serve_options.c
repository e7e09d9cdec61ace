/*
 * The options of `countersign serve`, and the table of limits with what each may be.
 */
#include "cli/serve_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/wire.h"

enum { LIMIT_NAME_BYTES = 32 };

struct limit_row {
    const char *name;
    size_t offset;
    int64_t usual, low, high;
};

#define LIMIT(member) offsetof(struct server_limits, member)

static const struct limit_row limit_rows[] = {
    {"connections", LIMIT(connections), 1024, 1, 16384},
    {"connections-per-user", LIMIT(connections_per_user), 1024, 1, 16384},
    {"outstanding", LIMIT(outstanding), WIRE_OUTSTANDING_MAX, 1, 1024},
    {"snapshots", LIMIT(snapshots), WIRE_SNAPSHOTS_MAX, 1, WIRE_SNAPSHOTS_MAX},
    {"waits", LIMIT(waits), 4, 1, 64},
    {"waiting", LIMIT(waiting), 4096, 1, 65536},
    {"held-bytes", LIMIT(held_bytes), 256 << 20, WIRE_MESSAGE_MAX, INT64_C(1) << 36},
    {"unread-bytes", LIMIT(unread_bytes), 1 << 20, 1 << 12, INT64_C(1) << 30},
    {"proof-seconds", LIMIT(proof_seconds), 60, 1, 3600},
    {"message-seconds", LIMIT(message_seconds), 30, 1, 3600},
    {"idle-seconds", LIMIT(idle_seconds), 900, 1, 86400},
    {"unread-seconds", LIMIT(unread_seconds), 30, 1, 3600},
    {"snapshot-seconds", LIMIT(snapshot_seconds), 600, 1, 86400},
    {"stop-seconds", LIMIT(stop_seconds), 60, 1, 3600},
    {"reopen-seconds", LIMIT(reopen_seconds), 60, 0, 86400},
};

enum { LIMIT_ROWS = sizeof limit_rows / sizeof limit_rows[0] };

static int64_t *limit_at(struct server_limits *limits, const struct limit_row *row)
{
    return (int64_t *)((char *)limits + row->offset);
}

struct server_limits server_limits_default(void)
{
    struct server_limits limits = {0};
    for (size_t i = 0; i < LIMIT_ROWS; i++)
        *limit_at(&limits, &limit_rows[i]) = limit_rows[i].usual;
    return limits;
}

const char *server_limit_row(size_t index, int64_t *ret_usual)
{
    if (index >= LIMIT_ROWS)
        return NULL;
    *ret_usual = limit_rows[index].usual;
    return limit_rows[index].name;
}

static enum status limit_set(struct server_limits *limits, const char *name, size_t length, const char *number,
                             struct err *err)
{
    for (size_t i = 0; i < LIMIT_ROWS; i++) {
        const struct limit_row *row = &limit_rows[i];
        char *end = NULL;
        if (strlen(row->name) != length || memcmp(row->name, name, length) != 0)
            continue;
        long long value = number[0] >= '0' && number[0] <= '9' ? strtoll(number, &end, 10) : -1;
        if (end == NULL || *end != '\0' || value < row->low || value > row->high)
            return err_set(err, STATUS_INPUT, "--limit %s: a number from %lld to %lld", row->name, (long long)row->low,
                           (long long)row->high);
        *limit_at(limits, row) = value;
        return STATUS_OK;
    }
    return err_set(err, STATUS_INPUT, "--limit: there is no limit '%.*s'; see countersign help serve",
                   length < LIMIT_NAME_BYTES ? (int)length : LIMIT_NAME_BYTES, name);
}

static enum status limits_read(const struct options *options, struct server_limits *limits, struct err *err)
{
    size_t count = 0;
    enum status status = STATUS_OK;
    const char *const *given = options_list(options, "limit", &count);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        const char *equals = strchr(given[i], '=');
        status = equals != NULL ? limit_set(limits, given[i], (size_t)(equals - given[i]), equals + 1, err)
                                : err_set(err, STATUS_INPUT, "--limit: give NAME=NUMBER");
    }
    static const char *const own[] = {"connections", "connections-per-user"};
    for (size_t i = 0; status == STATUS_OK && i < sizeof own / sizeof own[0]; i++) {
        const char *number = options_text(options, own[i]);
        if (number != NULL)
            status = limit_set(limits, own[i], strlen(own[i]), number, err);
    }
    return status;
}

static enum status mode_read(const char *text, int64_t *ret_mode, struct err *err)
{
    char *end = NULL;
    long mode = text[0] >= '0' && text[0] <= '7' ? strtol(text, &end, 8) : -1;
    if (end == NULL || *end != '\0' || mode < 0 || mode > 0777)
        return err_set(err, STATUS_INPUT, "--socket-mode: octal digits like 0660");
    *ret_mode = mode;
    return STATUS_OK;
}

enum status serve_options_read(const struct cli *cli, const struct options *options, struct serve_options *ret_serve,
                               struct err *err)
{
    const char *mode = options_text(options, "socket-mode");
    struct serve_options serve = {.book = cli_book(cli, options),
                                  .socket = options_text(options, "socket"),
                                  .log = options_text(options, "log"),
                                  .book_key = options_text(options, "book-key"),
                                  .tsa = options_text(options, "tsa"),
                                  .status_file = options_text(options, "status-file"),
                                  .status_seconds = 15,
                                  .socket_mode = 0660,
                                  .limits = server_limits_default()};
    enum status status = cli_wait(options, &serve.wait_ms, err);
    if (status == STATUS_OK)
        status = options_number(options, "status-seconds", 1, 3600, &serve.status_seconds, err);
    if (status == STATUS_OK && mode != NULL)
        status = mode_read(mode, &serve.socket_mode, err);
    if (status == STATUS_OK)
        status = limits_read(options, &serve.limits, err);
    if (status == STATUS_OK)
        *ret_serve = serve;
    return status;
}

const struct option_spec serve_option_rows[] = {
    {"socket", 0, "PATH", "listen here; without it, on what the service manager hands over", 0},
    {"socket-mode", 0, "MODE", "mode of the socket, 0660 where nothing is said: who may knock", 0},
    {"book-key", 0, "FILE", "sign checkpoints with this key, whose passphrase is asked at the start", 0},
    {"witness", 0, "FILE", "a witness's public key (vkey), whose cosignatures are taken back", OPTION_REPEATS},
    {"tsa", 0, "FILE", "certificates (PEM) of the time-stamping authority whose time stamps are taken", 0},
    {"connections", 0, "N", "at most so many at one time, 1024 where nothing is said", 0},
    {"connections-per-user", 0, "N", "at most so many of one user of the system", 0},
    {"limit", 0, "NAME=N", "another limit, see below", OPTION_REPEATS},
    {"log", 0, "FILE", "append the log to a file; '-' is the error output, where it goes otherwise", 0},
    {"status-file", 0, "FILE", "write counters for Prometheus' textfile collector", 0},
    {"status-seconds", 0, "N", "so often, 15 where nothing is said", 0},
    {0},
};

/*
 * Lines in a queue with a bound, and the thread that writes them. Guarantees that a line is whole or not there, is at most
 * LINE_BYTES_MAX long, and is ASCII.
 */
#include "cli/server/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/durable.h"
#include "ledger/instant.h"

enum {
    LINES_MAX = 4096,     /* that wait: a slow disk costs lines, never time */
    LINE_BYTES_MAX = 2048 /* a longer one is left out but for its name */
};

struct line {
    struct line *next;
    size_t length;
    char text[];
};

struct log {
    const struct cli *cli;
    const char *path; /* NULL: the error output */
    int fd;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t more;
    struct line *first, *last;
    size_t count;
    uint64_t dropped;
    bool reopens, stops;
};

static enum status open_file(const char *path, int *ret_fd, struct err *err)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0640);
    if (fd < 0)
        return durable_fail(errno, path, "open the log", err);
    *ret_fd = fd;
    return STATUS_OK;
}

static void write_out(const struct log *log, struct line *line)
{
    while (line != NULL) {
        struct line *next = line->next;
        struct err err;
        /* A log that cannot be written is no reason to stop: what counts is in the journal. */
        enum status status = durable_write(log->fd, "the log", slice_of(line->text, line->length), &err);
        (void)status;
        free(line);
        line = next;
    }
}

static void open_again(struct log *log)
{
    int fd = -1;
    struct err err;
    if (log->path == NULL || open_file(log->path, &fd, &err) != STATUS_OK)
        return; /* the old one goes on being written */
    (void)close(log->fd);
    log->fd = fd;
}

static void *run(void *context)
{
    struct log *log = context;
    bool stops = false;
    while (!stops) {
        pthread_mutex_lock(&log->mutex);
        while (log->first == NULL && !log->reopens && !log->stops)
            pthread_cond_wait(&log->more, &log->mutex);
        struct line *lines = log->first;
        uint64_t dropped = log->dropped;
        bool reopens = log->reopens;
        stops = log->stops && lines == NULL;
        log->first = log->last = NULL;
        log->count = 0;
        log->dropped = 0;
        log->reopens = false;
        pthread_mutex_unlock(&log->mutex);
        write_out(log, lines);
        if (reopens)
            open_again(log);
        if (dropped > 0)
            log_write(log, "log-lines-dropped", json_pack("{s:I}", "count", (json_int_t)dropped));
    }
    return NULL;
}

static int start_thread(struct log *log)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&log->thread, NULL, run, log);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

enum status log_open(const struct cli *cli, const char *path, struct log **ret_log, struct err *err)
{
    struct log *log = calloc(1, sizeof *log);
    enum status status = STATUS_OK;
    if (log == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the log");
    log->cli = cli;
    log->path = path != NULL && strcmp(path, "-") != 0 ? path : NULL;
    log->fd = STDERR_FILENO;
    if (log->path != NULL)
        status = open_file(log->path, &log->fd, err);
    if (status != STATUS_OK) {
        free(log);
        return status;
    }
    invariant(pthread_mutex_init(&log->mutex, NULL) == 0 && pthread_cond_init(&log->more, NULL) == 0);
    if (start_thread(log) != 0) {
        if (log->path != NULL)
            (void)close(log->fd);
        free(log);
        return err_set(err, STATUS_MEMORY, "no thread for the log");
    }
    *ret_log = log;
    return STATUS_OK;
}

void log_close(struct log *log)
{
    if (log == NULL)
        return;
    pthread_mutex_lock(&log->mutex);
    log->stops = true;
    pthread_cond_signal(&log->more);
    pthread_mutex_unlock(&log->mutex);
    (void)pthread_join(log->thread, NULL);
    if (log->path != NULL)
        (void)close(log->fd);
    (void)pthread_cond_destroy(&log->more);
    (void)pthread_mutex_destroy(&log->mutex);
    free(log);
}

void log_reopen(struct log *log)
{
    pthread_mutex_lock(&log->mutex);
    log->reopens = true;
    pthread_cond_signal(&log->more);
    pthread_mutex_unlock(&log->mutex);
}

static struct line *line_of(const json_t *object)
{
    size_t flags = JSON_COMPACT | JSON_ENSURE_ASCII;
    size_t length = json_dumpb(object, NULL, 0, flags);
    struct line *line = length > 0 && length < LINE_BYTES_MAX ? malloc(sizeof *line + length + 1) : NULL;
    if (line == NULL)
        return NULL;
    (void)json_dumpb(object, line->text, length, flags);
    line->text[length] = '\n';
    line->length = length + 1;
    line->next = NULL;
    return line;
}

void log_write(struct log *log, const char *event, json_t *facts)
{
    char at[INSTANT_TEXT_BYTES];
    int64_t now_ms = log->cli->now_ms(log->cli->clock_context);
    instant_format(now_ms < 0 ? 0 : now_ms, at);
    json_t *object = json_pack("{s:s, s:s}", "at", at, "event", event);
    struct line *line = NULL;
    if (object != NULL && (facts == NULL || json_object_update(object, facts) == 0))
        line = line_of(object);
    json_decref(object);
    json_decref(facts);
    pthread_mutex_lock(&log->mutex);
    if (line == NULL || log->count >= LINES_MAX) {
        log->dropped++;
        free(line);
    } else {
        if (log->last != NULL)
            log->last->next = line;
        else
            log->first = line;
        log->last = line;
        log->count++;
    }
    pthread_cond_signal(&log->more);
    pthread_mutex_unlock(&log->mutex);
}

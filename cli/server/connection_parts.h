/*
 * What the rooms of a connection share: connection.c has its requests, connection_end.c sends and ends, connection_begin.c takes
 * it, connection_time.c holds it to its limits of time.
 */
#ifndef CLI_SERVER_CONNECTION_PARTS_H
#define CLI_SERVER_CONNECTION_PARTS_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "cli/server/frame.h"
#include "cli/server/hub.h"

enum { LAST_WORDS_BYTES = 256 };

struct wait {
    struct job *job; /* NULL: none */
    int64_t until_us;
};

enum { WAITS_MAX = 64 };

struct connection {
    struct connection *next, *prev;
    struct hub *hub;
    uv_pipe_t pipe;
    struct guest guest;
    struct peer *peer;
    struct frame frame;
    char *line; /* cut, and not begun yet */
    size_t line_length;
    bool busy;           /* a worker has a job of the guest's */
    unsigned at_writer;  /* jobs with the writer, or whose answers are being made */
    int64_t outstanding; /* requests begun and not answered, waits left out */
    struct wait waits[WAITS_MAX];
    int64_t wait_count;
    bool greeted, proven;        /* as the guest, when it was last looked at */
    char user[ID_BYTES_MAX + 1]; /* once proven */
    bool reading, ended_sending, ending, closed, handle_closed, cleaned;
    const char *why; /* it ended, for the log */
    char last_words[LAST_WORDS_BYTES];
    enum status last_status; /* OK: no last words */
    int64_t accepted_us, message_us, request_us, progress_us;
    uint64_t sent_bytes, taken_bytes; /* given to the socket; taken by the peer when last looked at */
    int64_t snapshots;
    int64_t snapshot_us; /* the oldest's */
};

/* One thing for a worker. */
struct errand {
    uv_work_t work;
    struct connection *connection;
    struct job *job; /* NULL: of the guest's snapshots */
    int64_t before_us;
    void (*run)(struct errand *errand);
    void (*then)(struct errand *errand);
};

/* Has a worker run it, then the loop `then`. Answers false without memory. */
bool connection_errand(struct connection *c, const struct errand *what);
/* Takes over what the guest has come to; when no worker has a job of it. */
void connection_look(struct connection *c);
/* An errand of no job that ends in this: frees the guest for others. */
void connection_then_free(struct errand *errand);

/* Sends a line; bytes: stolen, NULL closes. How much the peer has not taken. */
void connection_send(struct connection *c, char *bytes, size_t length);
size_t connection_unsent(const struct connection *c);
/* Sends a job's answer and frees the job. */
void connection_answer(struct connection *c, struct job *job);
/* Where the journal stands, to a wait. */
void connection_answer_wait(struct connection *c, struct job *job);

/* Does what can be done now: begins a request, reads on, or ends. Whether it reads on is set by the second. */
void connection_pump(struct connection *c);
void connection_set_reading(struct connection *c);

/* Takes no more requests, and says so when those under way are answered. status OK: says nothing. why: for the log, or NULL. */
void connection_end(struct connection *c, enum status status, const char *words, const char *why);
/* Ends what has nothing under way and nothing to say any more. */
void connection_finish(struct connection *c);
/* Ends it at once. */
void connection_close(struct connection *c);
/* After that: frees it when its last job is back. */
void connection_clean_up(struct connection *c);

#endif

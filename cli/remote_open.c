/*
 * Asking and being answered over a line that may end at any moment. One line of JSON each way, bounded in size and in time;
 * whatever is no answer to something asked ends the conversation, since nothing after it could be believed.
 */
#include "cli/remote.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cli/remote_parts.h"
#include "ledger/schema.h"

enum { READ_BYTES = 64 << 10, AGAIN_FIRST_MS = 50, AGAIN_STEP_MS_MAX = 1000, WHY_BYTES = ERR_TEXT_BYTES / 2 };

int64_t remote_now_us(const struct remote *remote)
{
    return remote->cli->monotonic_us(remote->cli->clock_context);
}

enum status remote_lose(struct remote *remote, enum status status, struct err *err, const char *format, ...)
{
    if (!remote->lost) {
        char text[WHY_BYTES];
        va_list args;
        va_start(args, format);
        (void)vsnprintf(text, sizeof text, format, args);
        va_end(args);
        (void)!err_set(&remote->why, status, "%s: %s", remote->dial->name, text);
        remote->lost = true;
    }
    (void)remote_line_close(&remote->line);
    return err_set(err, remote->why.status, "%s", remote->why.text);
}

/* Waits until bytes can be read or written. A peer that is gone counts as both: the call that follows says so. */
static enum status await(struct remote *remote, short events, int64_t until_us, struct err *err)
{
    for (;;) {
        struct pollfd wait = {.fd = remote->line.fd, .events = events};
        int64_t left_us = until_us - remote_now_us(remote);
        int ready = poll(&wait, 1, left_us <= 0 ? 0 : (int)(left_us / 1000 + 1));
        if (ready > 0)
            return STATUS_OK;
        if (ready == 0)
            return remote_lose(remote, STATUS_IO, err, "no answer from the server");
        if (errno != EINTR)
            return remote_lose(remote, STATUS_IO, err, "%s", strerror(errno));
    }
}

static enum status input_grow(struct remote *remote, struct err *err)
{
    struct remote_input *input = &remote->input;
    if (input->used > WIRE_ANSWER_MAX)
        return remote_lose(remote, STATUS_IO, err, "the server's answer is longer than any that it may give");
    if (input->size - input->used >= READ_BYTES)
        return STATUS_OK;
    size_t size = input->size * 2 < input->used + READ_BYTES ? input->used + READ_BYTES : input->size * 2;
    char *bytes = realloc(input->bytes, size);
    if (bytes == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for an answer");
    input->bytes = bytes;
    input->size = size;
    return STATUS_OK;
}

/* The line ended: with ssh behind it, how that ended says more. */
static enum status ended(struct remote *remote, struct err *err)
{
    bool ssh = remote->line.pid != 0, greeted = remote->greeted;
    int answer = remote_line_close(&remote->line);
    if (!ssh || greeted)
        return remote_lose(remote, STATUS_IO, err,
                           greeted ? "the server ended the connection" : "whoever listens there is no server of ours");
    switch (answer) {
    case EXIT_NOT_ALLOWED:
        return remote_lose(remote, STATUS_PERMISSION, err, "that host does not let you connect to this book");
    case EXIT_USAGE:
        return remote_lose(remote, STATUS_INPUT, err, "that host has no such book");
    case 127:
        return remote_lose(remote, STATUS_NOT_FOUND, err, "there is no countersign on that host");
    default:
        return remote_lose(remote, STATUS_IO, err, "ssh ended (exit status %d) before a server answered", answer);
    }
}

static enum status input_read(struct remote *remote, struct err *err)
{
    struct remote_input *input = &remote->input;
    enum status status = input_grow(remote, err);
    if (status != STATUS_OK)
        return status;
    ssize_t got = recv(remote->line.fd, input->bytes + input->used, input->size - input->used, 0);
    if (got > 0)
        input->used += (size_t)got;
    else if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return STATUS_OK;
    else if (got < 0 && errno != ECONNRESET)
        return remote_lose(remote, STATUS_IO, err, "%s", strerror(errno));
    else
        return ended(remote, err);
    return STATUS_OK;
}

/* The first whole line in the buffer, parsed; NULL when there is none yet. */
static enum status input_line(struct remote *remote, json_t **ret_message, struct err *err)
{
    struct remote_input *input = &remote->input;
    struct err what = {0};
    *ret_message = NULL;
    char *end =
        input->used > input->scanned ? memchr(input->bytes + input->scanned, '\n', input->used - input->scanned) : NULL;
    if (end == NULL) {
        input->scanned = input->used;
        return STATUS_OK;
    }
    size_t length = (size_t)(end - input->bytes);
    enum status status = length >= WIRE_ANSWER_MAX ? err_set(&what, STATUS_LIMIT, "an answer is too long")
                                                   : wire_parse(slice_of(input->bytes, length), ret_message, &what);
    input->used -= length + 1;
    input->scanned = 0;
    memmove(input->bytes, end + 1, input->used);
    if (status == STATUS_MEMORY)
        return err_set(err, status, "%s", what.text);
    return status == STATUS_OK
               ? STATUS_OK
               : remote_lose(remote, STATUS_IO, err, "what answers is no server of ours: %s", what.text);
}

/* A message about no request: what the server has to say before it ends the line. */
static bool is_farewell(const json_t *message)
{
    return json_object_get(message, "error") != NULL && member_integer(message, "id") == 0;
}

static enum status farewell(struct remote *remote, json_t *message, struct err *err)
{
    struct err what = {0};
    enum status status = wire_error_read(message, &what);
    json_decref(message);
    return remote_lose(remote, status == STATUS_INPUT ? STATUS_IO : status, err, "%s", what.text);
}

enum status remote_hear(struct remote *remote, uint32_t wait_ms, json_t **ret_message, struct err *err)
{
    const int64_t begun_us = remote_now_us(remote), whole_us = begun_us + (int64_t)REMOTE_ANSWER_MS * 1000;
    int64_t until_us = begun_us + (int64_t)wait_ms * 1000;
    json_t *message = NULL;
    if (remote->lost)
        return err_set(err, remote->why.status, "%s", remote->why.text);
    enum status status = input_line(remote, &message, err);
    while (status == STATUS_OK && message == NULL) {
        size_t before = remote->input.used;
        status = await(remote, POLLIN, until_us < whole_us ? until_us : whole_us, err);
        if (status == STATUS_OK)
            status = input_read(remote, err);
        if (status == STATUS_OK && remote->input.used > before)
            until_us = remote_now_us(remote) + (int64_t)REMOTE_SILENCE_MS * 1000;
        if (status == STATUS_OK)
            status = input_line(remote, &message, err);
    }
    if (status != STATUS_OK)
        return status;
    if (is_farewell(message))
        return farewell(remote, message, err);
    *ret_message = message;
    return STATUS_OK;
}

bool remote_is_lost(struct remote *remote)
{
    struct pollfd wait = {.fd = remote->line.fd, .events = POLLIN};
    json_t *message = NULL;
    struct err err;
    while (!remote->lost && remote->outstanding == 0 && poll(&wait, 1, 0) > 0) {
        if (remote_hear(remote, 1000, &message, &err) == STATUS_OK) {
            json_decref(message);
            (void)!remote_lose(remote, STATUS_IO, &err, "the server answers what was not asked");
        }
    }
    return remote->lost;
}

unsigned remote_generation(const struct remote *remote)
{
    return remote->generation;
}

/* What the server said before it ended the line, if it said anything. */
static enum status write_failed(struct remote *remote, int error, struct err *err)
{
    json_t *message = NULL;
    while (!remote->lost && remote_hear(remote, 1000, &message, err) == STATUS_OK)
        json_decref(message);
    return remote_lose(remote, STATUS_IO, err, "%s", strerror(error));
}

static enum status write_all(struct remote *remote, const char *bytes, size_t length, struct err *err)
{
    size_t sent = 0;
    while (sent < length) {
        ssize_t count = send(remote->line.fd, bytes + sent, length - sent, MSG_NOSIGNAL);
        if (count > 0) {
            sent += (size_t)count;
        } else if (errno == EAGAIN) {
            enum status status = await(remote, POLLOUT, remote_now_us(remote) + (int64_t)REMOTE_SILENCE_MS * 1000, err);
            if (status != STATUS_OK)
                return status;
        } else if (errno != EINTR) {
            return write_failed(remote, errno, err);
        }
    }
    return STATUS_OK;
}

enum status remote_send(struct remote *remote, json_t *request, int64_t *ret_id, struct err *err)
{
    char *line = NULL;
    size_t length = 0;
    const int64_t id = remote->last_id + 1;
    enum status status = STATUS_OK;
    if (remote_is_lost(remote))
        status = err_set(err, remote->why.status, "%s", remote->why.text);
    if (status != STATUS_OK || (request != NULL && json_object_set_new(request, "id", json_integer(id)) != 0)) {
        json_decref(request);
        return status != STATUS_OK ? status : err_set(err, STATUS_MEMORY, "no memory for a request");
    }
    status = wire_print(request, &line, &length, err);
    if (status == STATUS_OK && length > WIRE_MESSAGE_MAX)
        status = err_set(err, STATUS_LIMIT, "a request of %zu bytes is more than the %d that a server takes", length,
                         WIRE_MESSAGE_MAX);
    if (status == STATUS_OK) {
        remote->last_id = id;
        remote->outstanding++;
        remote->counts.requests++;
        status = write_all(remote, line, length, err);
    }
    free(line);
    if (status == STATUS_OK)
        *ret_id = id;
    return status;
}

static bool was_forgotten(struct remote *remote, int64_t id)
{
    for (size_t i = 0; i < remote->forgotten_count; i++) {
        if (remote->forgotten[i] == id) {
            remote->forgotten[i] = remote->forgotten[--remote->forgotten_count];
            return true;
        }
    }
    return false;
}

/* The next answer that somebody wants. */
static enum status take_next(struct remote *remote, uint32_t wait_ms, json_t **ret_answer, int64_t *ret_id,
                             struct err *err)
{
    for (;;) {
        json_t *answer = NULL;
        enum status status = remote_hear(remote, wait_ms, &answer, err);
        if (status != STATUS_OK)
            return status;
        const json_t *id = json_object_get(answer, "id");
        *ret_id = json_is_integer(id) ? json_integer_value(id) : 0;
        remote->outstanding -= remote->outstanding > 0;
        if (!was_forgotten(remote, *ret_id)) {
            *ret_answer = answer;
            return STATUS_OK;
        }
        json_decref(answer);
    }
}

static enum status take_within(struct remote *remote, int64_t id, uint32_t wait_ms, json_t **ret_answer,
                               struct err *err)
{
    json_t *answer = NULL;
    int64_t answered = 0;
    remote->counts.waits++;
    enum status status = take_next(remote, wait_ms, &answer, &answered, err);
    if (status == STATUS_OK && answered != id)
        status = remote_lose(remote, STATUS_IO, err, "the server answers request %lld, asked was %lld",
                             (long long)answered, (long long)id);
    const json_t *seq = json_object_get(json_object_get(answer, "error"), "seq");
    remote->error_seq = json_is_integer(seq) ? (uint64_t)json_integer_value(seq) : UINT64_MAX;
    if (status == STATUS_OK)
        status = wire_error_read(answer, err);
    if (status == STATUS_OK) {
        (void)json_object_del(answer, "id");
        *ret_answer = answer;
    } else {
        json_decref(answer);
    }
    return status;
}

enum status remote_take(struct remote *remote, int64_t id, json_t **ret_answer, struct err *err)
{
    return take_within(remote, id, REMOTE_SILENCE_MS, ret_answer, err);
}

void remote_forget(struct remote *remote, int64_t id)
{
    if (remote->lost)
        return;
    invariant(remote->forgotten_count < WIRE_OUTSTANDING_MAX);
    remote->forgotten[remote->forgotten_count++] = id;
}

enum status remote_ask_within(struct remote *remote, json_t *request, uint32_t wait_ms, json_t **ret_answer,
                              struct err *err)
{
    int64_t id = 0;
    enum status status = remote_send(remote, request, &id, err);
    if (status != STATUS_OK)
        return status;
    return take_within(remote, id, wait_ms + REMOTE_SILENCE_MS, ret_answer, err);
}

enum status remote_ask(struct remote *remote, json_t *request, json_t **ret_answer, struct err *err)
{
    return remote_ask_within(remote, request, 0, ret_answer, err);
}

/* Nothing of the line before may be left over. */
static void forget_line(struct remote *remote)
{
    (void)remote_line_close(&remote->line);
    remote->input.used = remote->input.scanned = 0;
    remote->last_id = 0;
    remote->forgotten_count = remote->outstanding = 0;
    remote->lost = remote->greeted = false;
    json_decref(remote->reads);
    remote->reads = NULL;
}

static bool may_come_back(enum status status)
{
    return status == STATUS_IO || status == STATUS_BUSY || status == STATUS_NOT_FOUND;
}

enum status remote_again(struct remote *remote, int64_t until_us, struct err *err)
{
    int64_t step_ms = AGAIN_FIRST_MS;
    for (;;) {
        forget_line(remote);
        remote->generation++;
        enum status status = remote_begin(remote, err);
        if (status == STATUS_OK)
            return STATUS_OK;
        if (err != NULL && !remote->lost)
            remote->why = *err;
        remote->lost = true;
        if (!may_come_back(status) || remote_now_us(remote) >= until_us)
            return status;
        (void)nanosleep(&(struct timespec){.tv_sec = step_ms / 1000, .tv_nsec = step_ms % 1000 * 1000000L}, NULL);
        step_ms = step_ms * 2 < AGAIN_STEP_MS_MAX ? step_ms * 2 : AGAIN_STEP_MS_MAX;
    }
}

void remote_drop(struct remote *remote)
{
    enum status status = remote_lose(remote, STATUS_IO, NULL, "its line was used by another process");
    (void)status; /* whoever asks next makes another */
}

int64_t remote_patience_us(const struct remote *remote)
{
    return remote_now_us(remote) + (int64_t)remote->options->wait_ms * 1000;
}

enum status remote_open(struct cli *cli, const struct remote_dial *dial, const struct book_options *options,
                        const char *book, struct remote **ret_remote, struct err *err)
{
    struct remote *remote = calloc(1, sizeof *remote);
    if (remote == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a connection");
    *remote = (struct remote){.cli = cli, .dial = dial, .options = options, .line.fd = -1, .generation = 1};
    snprintf(remote->book, sizeof remote->book, "%s", book != NULL ? book : "");
    enum status status = remote_begin(remote, err);
    if (status == STATUS_BUSY)
        status = remote_again(remote, remote_now_us(remote) + (int64_t)options->wait_ms * 1000, err);
    if (status == STATUS_OK)
        *ret_remote = remote;
    else
        remote_close(remote);
    return status;
}

void remote_close(struct remote *remote)
{
    if (remote == NULL)
        return;
    (void)remote_line_close(&remote->line);
    json_decref(remote->reads);
    free(remote->input.bytes);
    free(remote);
}

const char *remote_name(const struct remote *remote)
{
    return remote->dial->name;
}

const char *remote_book(const struct remote *remote)
{
    return remote->book;
}

bool remote_is_simulated(const struct remote *remote)
{
    return remote->simulated;
}

const json_t *remote_reads(const struct remote *remote)
{
    return remote->reads;
}

uint64_t remote_error_seq(const struct remote *remote)
{
    return remote->error_seq;
}

struct remote_counts remote_counts(const struct remote *remote)
{
    return remote->counts;
}

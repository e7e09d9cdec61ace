/*
 * Answering requests of PROTOCOL.md from a gate in this process.
 */
#include "tests/support/answerer.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/wire.h"
#include "ledger/books.h"
#include "ledger/challenge.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "ledger/store.h"
#include "ledger/tables.h"

#define SERVER_NONCE "5555555555555555555555555555555555555555555555555555555555555555"

enum { SNAPSHOTS = 8, LINE_BYTES = 8 << 20 };

struct snapshot {
    struct tables_txn *books;
    struct journal_snapshot *journal;
};

struct conversation {
    struct answerer *answerer;
    int fd;
    struct snapshot snapshots[SNAPSHOTS];
    struct challenge challenge;
    char user[65];
    bool proven;
};

static json_t *error_of(enum status status, const char *text)
{
    return json_pack("{s:{s:s, s:s}}", "error", "status", status_name(status), "text", text);
}

static json_t *do_hello(struct conversation *c, const json_t *request)
{
    snprintf(c->user, sizeof c->user, "%s", member_text(request, "user"));
    if (strcmp(c->user, "stranger") == 0)
        return error_of(STATUS_PERMISSION, "stranger was never enrolled here");
    const char *key = json_string_value(json_array_get(json_object_get(request, "keys"), 0));
    if (hash_from_hex(gate_book_id(c->answerer->gate), &c->challenge.book) != STATUS_OK ||
        hash_from_hex(member_text(request, "nonce"), &c->challenge.client) != STATUS_OK ||
        hash_from_hex(SERVER_NONCE, &c->challenge.server) != STATUS_OK ||
        sshkey_parse(key, &c->challenge.key, NULL) != STATUS_OK)
        return error_of(STATUS_INPUT, "no hello");
    c->challenge.user = c->user;
    return json_pack("{s:i}", "key", 0);
}

static json_t *do_prove(struct conversation *c, const json_t *request)
{
    uint8_t *blob = NULL;
    size_t length = 0;
    struct sshsig info;
    struct err err = {0};
    enum status status = wire_bytes_read(json_object_get(request, "signature"), 4096, &blob, &length, &err);
    if (status == STATUS_OK)
        status = challenge_verify(&c->challenge, blob, length, &info, &err);
    free(blob);
    if (status != STATUS_OK)
        return error_of(STATUS_PERMISSION, err.text);
    c->proven = true;
    atomic_fetch_add(&c->answerer->proven, 1);
    return json_pack("{s:{s:[s], s:b, s:b, s:b}}", "reads", "books", "US01", "everything", c->answerer->everything,
                     "governance", 1, "operations", 0);
}

static struct store_txn *txn_of(struct conversation *c, const json_t *request)
{
    int64_t number = member_integer(request, "snapshot") - 1;
    if (number < 0 || number >= SNAPSHOTS)
        return NULL;
    struct snapshot *snapshot = &c->snapshots[number];
    return snapshot->books != NULL     ? tables_store(snapshot->books)
           : snapshot->journal != NULL ? journal_store(snapshot->journal)
                                       : NULL;
}

static json_t *do_begin(struct conversation *c, const json_t *request)
{
    struct books *books = gate_books(c->answerer->gate);
    struct journal_head head = {0};
    struct tables_watermark mark;
    struct err err = {0};
    char hex[HASH_HEX_CHARS + 1];
    int64_t number = 0;
    while (number < WIRE_SNAPSHOTS_MAX && (c->snapshots[number].books != NULL || c->snapshots[number].journal != NULL))
        number++;
    if (number == WIRE_SNAPSHOTS_MAX)
        return error_of(STATUS_LIMIT, "too many snapshots");
    struct snapshot *snapshot = &c->snapshots[number];
    enum status status;
    if (strcmp(member_text(request, "store"), "journal") == 0) {
        status = journal_read_begin(books->journal, &snapshot->journal, &err);
        if (status == STATUS_OK)
            status = journal_head(snapshot->journal, &head, &err);
    } else {
        status = tables_read_begin(books->tables, &snapshot->books, &err);
        if (status == STATUS_OK)
            status = tables_watermark_get(snapshot->books, &mark, &err);
        head = (struct journal_head){.size = mark.size, .leaf = mark.leaf};
    }
    if (status != STATUS_OK)
        return error_of(status, err.text);
    hash_to_hex(&head.leaf, hex);
    return json_pack("{s:s, s:I, s:I}", "leaf", hex, "size", (json_int_t)head.size, "snapshot", (json_int_t)number + 1);
}

static json_t *do_end(struct conversation *c, const json_t *request)
{
    struct snapshot *snapshot = &c->snapshots[member_integer(request, "snapshot") - 1];
    tables_abort(snapshot->books);
    journal_read_end(snapshot->journal);
    *snapshot = (struct snapshot){.books = NULL};
    return json_object();
}

static bool is_hidden(const struct conversation *c, const json_t *request, struct slice key)
{
    const char *table = member_text(request, "table"), *prefix = c->answerer->hidden_prefix;
    return c->answerer->hidden_table != NULL && strcmp(c->answerer->hidden_table, table) == 0 &&
           key.length >= strlen(prefix) && memcmp(key.bytes, prefix, strlen(prefix)) == 0;
}

static json_t *do_get(struct conversation *c, const json_t *request)
{
    struct store_txn *txn = txn_of(c, request);
    struct slice value;
    struct err err = {0};
    uint8_t *key = NULL;
    size_t length = 0, table = 0;
    json_t *answer = NULL;
    enum status status = wire_bytes_read(json_object_get(request, "key"), STORE_KEY_BYTES_MAX, &key, &length, &err);
    if (status == STATUS_OK && txn != NULL)
        status = store_table_named(txn, member_text(request, "table"), &table);
    if (status != STATUS_OK || txn == NULL)
        answer = error_of(STATUS_NOT_FOUND, "no such table");
    else if (is_hidden(c, request, slice_of(key, length)))
        answer = error_of(STATUS_PERMISSION, "it is not yours to read");
    else if ((status = store_get(txn, table, slice_of(key, length), &value, &err)) == STATUS_OK)
        answer = json_pack("{s:o}", "value", wire_bytes(value));
    else
        answer = status == STATUS_NOT_FOUND ? json_pack("{s:n}", "value") : error_of(status, err.text);
    free(key);
    return answer;
}

static json_t *do_seek(struct conversation *c, const json_t *request)
{
    static const char *const names[] = {"first", "last", "at-or-after", "after", "before"};
    struct store_txn *txn = txn_of(c, request);
    struct store_record record;
    struct err err = {0};
    uint8_t *key = NULL, next[STORE_KEY_BYTES_MAX];
    size_t length = 0, table = 0, bytes = 0;
    bool passed = false, more = false;
    size_t passed_count = 0;
    json_t *records = json_array(), *reached = NULL;
    int seek = 0;
    while (seek < 4 && strcmp(names[seek], member_text(request, "at")) != 0)
        seek++;
    if (txn == NULL || store_table_named(txn, member_text(request, "table"), &table) != STATUS_OK)
        return error_of(STATUS_NOT_FOUND, "no such table");
    if (seek >= 2 &&
        wire_bytes_read(json_object_get(request, "key"), STORE_KEY_BYTES_MAX, &key, &length, &err) != STATUS_OK)
        return error_of(STATUS_INPUT, err.text);
    bool down = seek == STORE_SEEK_LAST || seek == STORE_SEEK_BEFORE;
    enum status status = store_seek(txn, table, (enum store_seek)seek, slice_of(key, length), &record, &err);
    while (status == STATUS_OK) {
        more = json_array_size(records) == (size_t)member_integer(request, "records") || bytes > WIRE_RECORD_BYTES;
        if (more)
            break;
        if (is_hidden(c, request, record.key)) {
            passed = true;
            if (++passed_count == c->answerer->pass_max) {
                more = true;
                if (json_array_size(records) == 0)
                    reached = wire_bytes(c->answerer->stays ? slice_of(down ? "\xFF" : "\x01", 1) : record.key);
                break;
            }
        } else {
            json_array_append_new(records, json_pack("[o, o]", wire_bytes(record.key), wire_bytes(record.value)));
            bytes += record.key.length + record.value.length;
        }
        memcpy(next, record.key.bytes, record.key.length);
        status = store_seek(txn, table, down ? STORE_SEEK_BEFORE : STORE_SEEK_AFTER, slice_of(next, record.key.length),
                            &record, &err);
    }
    free(key);
    return json_pack("{s:b, s:b, s:o*, s:o}", "more", more, "passed", passed, "reached", reached, "records", records);
}

static json_t *do_count(struct conversation *c, const json_t *request)
{
    struct store_txn *txn = txn_of(c, request);
    size_t table = 0;
    uint64_t count = 0;
    struct err err;
    if (txn == NULL || store_table_named(txn, member_text(request, "table"), &table) != STATUS_OK ||
        store_count(txn, table, &count, &err) != STATUS_OK)
        return error_of(STATUS_NOT_FOUND, "no such table");
    return json_pack("{s:I}", "count", (json_int_t)count);
}

static json_t *do_submit(struct conversation *c, const json_t *request)
{
    struct signature_list *signatures = calloc(1, sizeof *signatures);
    struct gate_answer answer;
    struct err err = {0};
    uint8_t *bytes = NULL;
    size_t length = 0;
    char hex[HASH_HEX_CHARS + 1];
    enum status status = wire_bytes_read(json_object_get(request, "statement"), 4 << 20, &bytes, &length, &err);
    atomic_fetch_add(&c->answerer->submits, 1);
    if (status == STATUS_OK)
        status = signature_list_from_json(json_object_get(request, "signatures"), signatures, &err);
    if (status == STATUS_OK)
        status = gate_submit(c->answerer->gate, slice_of(bytes, length), signatures, &answer, &err);
    free(bytes);
    free(signatures);
    if (status != STATUS_OK)
        return error_of(status, err.text);
    hash_to_hex(&answer.leaf, hex);
    return json_pack("{s:{s:o, s:s, s:b, s:I, s:I}}", "answer", "decision", answer.decision, "leaf", hex, "repeated",
                     answer.repeated, "seq", (json_int_t)answer.seq, "time", (json_int_t)answer.time_ms);
}

static json_t *do_try(struct conversation *c, const json_t *request)
{
    json_t *decision = NULL;
    struct err err = {0};
    uint8_t *bytes = NULL;
    size_t length = 0;
    enum status status = wire_bytes_read(json_object_get(request, "statement"), 4 << 20, &bytes, &length, &err);
    if (status == STATUS_OK)
        status = gate_dry_run(c->answerer->gate, slice_of(bytes, length), &decision, &err);
    free(bytes);
    return status == STATUS_OK ? json_pack("{s:o}", "decision", decision) : error_of(status, err.text);
}

static json_t *do_wait(struct conversation *c, const json_t *request)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head = {0};
    char hex[HASH_HEX_CHARS + 1];
    struct err err;
    (void)request;
    if (journal_read_begin(gate_books(c->answerer->gate)->journal, &snapshot, &err) != STATUS_OK ||
        journal_head(snapshot, &head, &err) != STATUS_OK)
        return error_of(STATUS_IO, "no head");
    journal_read_end(snapshot);
    hash_to_hex(&head.leaf, hex);
    return json_pack("{s:s, s:I}", "leaf", hex, "size", (json_int_t)head.size);
}

static json_t *answer_of(struct conversation *c, const json_t *request)
{
    static const struct {
        const char *name;
        json_t *(*answer)(struct conversation *, const json_t *);
    } rows[] = {{"hello", do_hello}, {"prove", do_prove}, {"begin", do_begin},   {"end", do_end}, {"get", do_get},
                {"seek", do_seek},   {"count", do_count}, {"submit", do_submit}, {"try", do_try}, {"wait", do_wait}};
    const char *name = member_text(request, "do");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return i < 2 || c->proven ? rows[i].answer(c, request) : error_of(STATUS_PERMISSION, "prove first");
    }
    return error_of(STATUS_INPUT, "no such request");
}

static bool send_line(int fd, json_t *message)
{
    char *line = NULL;
    size_t length = 0, sent = 0;
    struct err err;
    if (wire_print(message, &line, &length, &err) != STATUS_OK)
        return false;
    while (sent < length) {
        ssize_t count = send(fd, line + sent, length - sent, MSG_NOSIGNAL);
        if (count < 0)
            break;
        sent += (size_t)count;
    }
    free(line);
    return sent == length;
}

/* Counts a knob down; true when it gets to where it acts. */
static bool due(atomic_int *knob)
{
    return atomic_load(knob) > 0 && atomic_fetch_sub(knob, 1) == 1;
}

static bool answer_line(struct conversation *c, struct slice line)
{
    struct answerer *answerer = c->answerer;
    json_t *request = NULL;
    struct err err;
    if (wire_parse(line, &request, &err) != STATUS_OK)
        return false;
    atomic_fetch_add(&answerer->requests, 1);
    bool go_on = !due(&answerer->cut_before);
    if (due(&answerer->stop_saying)) {
        (void)send_line(
            c->fd, json_pack("{s:{s:s, s:s}, s:i}", "error", "status", "busy", "text", "the server stops", "id", 0));
        go_on = false;
    }
    json_t *answer = go_on ? answer_of(c, request) : NULL;
    if (answer != NULL)
        json_object_set(answer, "id", json_object_get(request, "id"));
    go_on = go_on && !due(&answerer->cut_after);
    if (go_on)
        go_on = send_line(c->fd, json_incref(answer));
    json_decref(answer);
    json_decref(request);
    return go_on;
}

static bool greet(struct conversation *c)
{
    struct answerer *answerer = c->answerer;
    if (answerer->greeting != NULL) {
        (void)!write(c->fd, answerer->greeting, strlen(answerer->greeting));
        return write(c->fd, "\n", 1) == 1;
    }
    return send_line(c->fd, json_pack("{s:s, s:i, s:i, s:{s:i, s:i, s:i, s:i}, s:s, s:s, s:s, s:b}", "book",
                                      answerer->book != NULL ? answerer->book : gate_book_id(answerer->gate), "books",
                                      BOOKS_LAYOUT, "countersign", WIRE_VERSION, "limits", "message", WIRE_MESSAGE_MAX,
                                      "outstanding", WIRE_OUTSTANDING_MAX, "records", WIRE_RECORDS_MAX, "snapshots",
                                      WIRE_SNAPSHOTS_MAX, "name", "example.com/otc", "nonce", SERVER_NONCE, "release",
                                      "0.3.0", "simulated", gate_is_simulated(answerer->gate)));
}

static void converse(struct answerer *answerer, int fd)
{
    struct conversation *c = calloc(1, sizeof *c);
    char *bytes = malloc(LINE_BYTES), *end;
    size_t used = 0;
    c->answerer = answerer;
    c->fd = fd;
    bool go_on = greet(c);
    while (go_on && !atomic_load(&answerer->stopped)) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (poll(&wait, 1, 20) == 0)
            continue;
        ssize_t got = read(fd, bytes + used, LINE_BYTES - used);
        if (got <= 0)
            break;
        used += (size_t)got;
        while (go_on && (end = memchr(bytes, '\n', used)) != NULL) {
            size_t length = (size_t)(end - bytes);
            go_on = answer_line(c, slice_of(bytes, length));
            used -= length + 1;
            memmove(bytes, end + 1, used);
        }
    }
    for (size_t i = 0; i < SNAPSHOTS; i++) {
        tables_abort(c->snapshots[i].books);
        journal_read_end(c->snapshots[i].journal);
    }
    free(bytes);
    free(c);
    close(fd);
}

static void *serve(void *context)
{
    struct answerer *answerer = context;
    while (!atomic_load(&answerer->stopped)) {
        struct pollfd wait = {.fd = answerer->listening, .events = POLLIN};
        if (poll(&wait, 1, 20) <= 0)
            continue;
        int fd = accept(answerer->listening, NULL, NULL);
        if (fd < 0)
            continue;
        atomic_fetch_add(&answerer->connections, 1);
        converse(answerer, fd);
    }
    return NULL;
}

void answerer_start(struct answerer *answerer, struct gate *gate, const char *dir)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    answerer->gate = gate;
    snprintf(answerer->path, sizeof answerer->path, "%s/socket", dir);
    snprintf(answerer->address, sizeof answerer->address, "unix:%s", answerer->path);
    memcpy(at.sun_path, answerer->path, strlen(answerer->path));
    answerer->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    atomic_store(&answerer->stopped, false);
    if (bind(answerer->listening, (const struct sockaddr *)&at, sizeof at) != 0 ||
        listen(answerer->listening, 16) != 0 || pthread_create(&answerer->thread, NULL, serve, answerer) != 0)
        abort();
}

void answerer_stop(struct answerer *answerer)
{
    atomic_store(&answerer->stopped, true);
    (void)pthread_join(answerer->thread, NULL);
    close(answerer->listening);
    unlink(answerer->path);
}

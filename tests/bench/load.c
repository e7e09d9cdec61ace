/*
 * A company at work over real sockets: signed corrections that a server acknowledges, with so many connections that have one
 * request open each, and others beside them that read.
 *
 *   load SERVER DIR WRITERS READERS SECONDS    the server's program; a book made by "book people"
 *
 * Raw syncs in the same directory and bare signature checks on all cores are taken right before and after. What comes in the
 * first tenth is not counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/wire.h"
#include "ledger/challenge.h"
#include "ledger/money.h"
#include "ledger/sshkey.h"
#include "tests/bench/shared/made_book.h"
#include "tests/bench/shared/measure.h"
#include "tests/support/golden.h"

enum {
    SPECIALISTS = 40,
    CONNECTIONS_MAX = 1000,
    SERVED_MAX = 2000, /* connections that the server is told to take */
    ANSWER_MAX = 1 << 19,
    LINES_A_SECOND = 3000, /* made before; a faster server has had its time when they are used up */
    RAW_SYNCS = 100,
    RAW_VERIFIES = 2000
};

struct line {
    char *bytes;
    size_t length;
};

struct connection {
    int fd;
    bool reads; /* asks for records instead of submitting */
    bool idle;
    unsigned turn;
    uint64_t id, snapshot;
    double asked;
    char *in;
    size_t filled;
};

struct load {
    struct made_book made;
    char socket[320], book_id[65];
    pid_t server;
    struct line *lines; /* statements made before, ready to be sent but for their id */
    size_t line_count, next;
    struct connection *connections;
    size_t count;
    int epoll;
    struct samples submits, reads, syncs;
    double raw_rate;
    size_t posted, waiting, refused;
};

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

/* People who post: what one of them did this month is looked at when that one posts again, as in a company of many. */
static const char *specialist(size_t number)
{
    static char user[16];
    snprintf(user, sizeof user, "s%zu", number % SPECIALISTS);
    return user;
}

/* The rest of a request, after its id: so that what is sent costs no more than a copy. */
static struct line line_of(struct load *load, size_t number)
{
    struct prepared prepared;
    struct line line;
    struct err err;
    json_t *document = made_book_correction(&load->made, number % load->made.customers,
                                            1 + load->made.turn + number / load->made.customers);
    prepare_submit(&load->made, specialist(number), json_pack("[o]", document), &prepared);
    const struct signature_blob *blob = &prepared.signatures.items[0];
    json_t *message =
        json_pack("{s:s, s:[o], s:o}", "do", "submit", "signatures", wire_bytes(slice_of(blob->bytes, blob->length)),
                  "statement", wire_bytes(slice_of(prepared.statement.bytes, prepared.statement.length)));
    must(wire_print(message, &line.bytes, &line.length, &err), &err);
    prepared_done(&prepared);
    return line;
}

static void start_server(struct load *load, const char *program)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", load->socket);
    load->server = fork();
    assert_true(load->server >= 0);
    if (load->server == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM); /* it has to end with the load, however that ends */
        execl(program, program, "serve", "--book", load->made.company.book, "--socket", load->socket, "--connections",
              "2000", "--connections-per-user", "2000", (char *)NULL);
        _exit(127);
    }
    for (int tries = 0; tries < 400; tries++) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool there = connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
        (void)close(fd);
        if (there)
            return;
        (void)usleep(50000);
    }
    fail_msg("%s does not serve", program);
}

static void send_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent < 0)
            fail_msg("send: %s", strerror(errno));
        bytes += sent;
        length -= (size_t)sent;
    }
}

/* The next line that came, parsed; NULL: not whole yet. */
static json_t *take(struct connection *connection)
{
    char *end = memchr(connection->in, '\n', connection->filled);
    json_t *message = NULL;
    struct err err;
    if (end == NULL)
        return NULL;
    size_t length = (size_t)(end - connection->in);
    must(wire_parse(slice_of(connection->in, length), &message, &err), &err);
    if (wire_error_read(message, &err) != STATUS_OK)
        fail_msg("the server says %s: %s", status_name(err.status), err.text);
    memmove(connection->in, end + 1, connection->filled - length - 1);
    connection->filled -= length + 1;
    return message;
}

static void fill(struct connection *connection)
{
    if (connection->filled == ANSWER_MAX)
        fail_msg("an answer is too long");
    ssize_t got = recv(connection->fd, connection->in + connection->filled, ANSWER_MAX - connection->filled, 0);
    if (got <= 0)
        fail_msg("recv: %s", got == 0 ? "the server has closed" : strerror(errno));
    connection->filled += (size_t)got;
}

static json_t *wait_for(struct connection *connection)
{
    json_t *message = take(connection);
    while (message == NULL) {
        fill(connection);
        message = take(connection);
    }
    return message;
}

static json_t *ask(struct connection *connection, json_t *request)
{
    char *line = NULL;
    size_t length = 0;
    struct err err;
    json_object_set_new(request, "id", json_integer((json_int_t)++connection->id));
    must(wire_print(request, &line, &length, &err), &err);
    send_all(connection->fd, line, length);
    free(line);
    return wait_for(connection);
}

static void prove(struct load *load, struct connection *connection, const char *user)
{
    const struct company_user *who = company_user(&load->made.company, user);
    json_t *greeting = wait_for(connection);
    struct challenge challenge = {.key = who->signer.key, .user = user};
    uint8_t blob[SSHSIG_BYTES_MAX];
    char nonce[HASH_HEX_CHARS + 1];
    size_t length = 0;
    struct err err;
    randombytes_buf(challenge.client.bytes, HASH_BYTES);
    hash_to_hex(&challenge.client, nonce);
    must(hash_from_hex(json_string_value(json_object_get(greeting, "book")), &challenge.book), NULL);
    must(hash_from_hex(json_string_value(json_object_get(greeting, "nonce")), &challenge.server), NULL);
    snprintf(load->book_id, sizeof load->book_id, "%s", json_string_value(json_object_get(greeting, "book")));
    json_decref(greeting);
    json_decref(ask(connection, json_pack("{s:s, s:[s], s:s, s:s}", "do", "hello", "keys", who->key, "nonce", nonce,
                                          "user", user)));
    must(challenge_sign(&challenge, &who->signer, blob, &length, &err), &err);
    json_decref(
        ask(connection, json_pack("{s:s, s:o}", "do", "prove", "signature", wire_bytes(slice_of(blob, length)))));
}

static void open_one(struct load *load, bool reads)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct connection *connection = &load->connections[load->count];
    char *in = connection->in;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", load->socket);
    *connection = (struct connection){.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), .reads = reads, .in = in};
    if (connection->in == NULL)
        connection->in = malloc(ANSWER_MAX);
    assert_non_null(connection->in);
    if (connect(connection->fd, (const struct sockaddr *)&address, sizeof address) != 0)
        fail_msg("connect: %s", strerror(errno));
    prove(load, connection, reads ? "audrey" : specialist(load->count));
    struct epoll_event event = {.events = EPOLLIN, .data = {.u64 = load->count}};
    assert_int_equal(epoll_ctl(load->epoll, EPOLL_CTL_ADD, connection->fd, &event), 0);
    load->count++;
}

static void submit_next(struct load *load, struct connection *connection)
{
    char head[64];
    const struct line *line = &load->lines[load->next++];
    int length = snprintf(head, sizeof head, "{\"id\":%llu,", (unsigned long long)++connection->id);
    connection->asked = seconds_now();
    send_all(connection->fd, head, (size_t)length);
    send_all(connection->fd, line->bytes + 1, line->length - 1);
}

/* A snapshot, thirty records of it, its end, as a list on a screen is made. */
static void read_next(struct connection *connection)
{
    char request[256];
    unsigned long long id = (unsigned long long)++connection->id, snapshot = (unsigned long long)connection->snapshot;
    if (connection->turn == 0)
        snprintf(request, sizeof request, "{\"do\":\"begin\",\"id\":%llu,\"store\":\"books\"}\n", id);
    else if (connection->turn == 1)
        snprintf(
            request, sizeof request,
            "{\"at\":\"last\",\"do\":\"seek\",\"id\":%llu,\"records\":30,\"snapshot\":%llu,\"table\":\"documents\"}\n",
            id, snapshot);
    else
        snprintf(request, sizeof request, "{\"do\":\"end\",\"id\":%llu,\"snapshot\":%llu}\n", id, snapshot);
    connection->asked = seconds_now();
    send_all(connection->fd, request, strlen(request));
}

static void answered(struct load *load, struct connection *connection, const json_t *answer, bool counts)
{
    double took = seconds_now() - connection->asked;
    if (connection->reads) {
        if (connection->turn == 0)
            connection->snapshot = (uint64_t)json_integer_value(json_object_get(answer, "snapshot"));
        connection->turn = (connection->turn + 1) % 3;
        if (counts)
            samples_add(&load->reads, took);
        return;
    }
    const json_t *decision = json_object_get(json_object_get(answer, "answer"), "decision");
    const char *outcome = result_outcome(json_array_get(json_object_get(decision, "results"), 0));
    load->posted += strcmp(outcome, "posted") == 0;
    load->waiting += strcmp(outcome, "waiting") == 0;
    load->refused += strcmp(outcome, "refused") == 0;
    if (counts)
        samples_add(&load->submits, took);
}

static void go_on(struct load *load, struct connection *connection, bool more)
{
    connection->idle = !more;
    if (!more)
        return;
    if (connection->reads)
        read_next(connection);
    else
        submit_next(load, connection);
}

/*
 * Until the time is over, or the statements made for it are used up, and each has its answer. Returns how long was counted:
 * all but the first tenth.
 */
static double drive(struct load *load, double seconds)
{
    struct epoll_event events[256];
    size_t open = load->count, writers = 0;
    double begin = seconds_now(), counted = begin + seconds / 10, end = begin + seconds;
    for (size_t i = 0; i < load->count; i++)
        writers += !load->connections[i].reads;
    for (size_t i = 0; i < load->count; i++)
        go_on(load, &load->connections[i], true);
    while (open > 0) {
        int ready = epoll_wait(load->epoll, events, 256, 30000);
        if (ready <= 0)
            fail_msg("no answer in 30 s");
        for (int i = 0; i < ready; i++) {
            struct connection *connection = &load->connections[events[i].data.u64];
            fill(connection);
            json_t *answer = take(connection);
            if (answer == NULL)
                continue;
            double at = seconds_now();
            end = load->next + writers > load->line_count && at < end ? at : end;
            answered(load, connection, answer, at >= counted && at < end);
            json_decref(answer);
            bool more = at < end || (connection->reads && connection->turn != 0);
            go_on(load, connection, more);
            open -= connection->idle;
        }
    }
    return end - counted;
}

/* How fast a few hundred bytes reach the disk where the book is, and signatures are checked with nothing round them. */
static void take_raw(struct load *load)
{
    int fd = raw_sync_file(load->made.company.dir);
    for (size_t i = 0; i < RAW_SYNCS; i++)
        samples_add(&load->syncs, raw_sync(fd));
    (void)close(fd);
    load->raw_rate += raw_verify_rate(processors(), RAW_VERIFIES) / 2;
}

/* What is its own, without the pages of the book that are mapped: those the system takes back when it likes. */
static long own_kib(pid_t pid)
{
    char path[64], line[256];
    long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "RssAnon:", 8) == 0)
            kib = strtol(line + 8, NULL, 10);
    (void)fclose(file);
    return kib;
}

static void open_connections(struct load *load, size_t writers, size_t readers)
{
    load->connections = calloc(writers + readers, sizeof *load->connections);
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    assert_true(load->connections != NULL && load->epoll >= 0);
    for (size_t i = 0; i < writers; i++)
        open_one(load, false);
    for (size_t i = 0; i < readers; i++)
        open_one(load, true);
}

static void close_connections(struct load *load)
{
    for (size_t i = 0; i < load->count; i++) {
        (void)close(load->connections[i].fd);
        free(load->connections[i].in);
    }
    free(load->connections);
    (void)close(load->epoll);
}

static void stop_server(struct load *load)
{
    int ended = 0;
    assert_int_equal(kill(load->server, SIGTERM), 0);
    assert_int_equal(waitpid(load->server, &ended, 0), load->server);
    if (!WIFEXITED(ended) || WEXITSTATUS(ended) != 0)
        fail_msg("the server did not end as it was told to");
}

static void tell_all(struct load *load, double span, json_t *line)
{
    tell(line, "count", (double)load->submits.count);
    tell(line, "seconds", span);
    samples_tell(&load->submits, line, "");
    tell(line, "p999_us", samples_part(&load->submits, 0.999) * 1e6);
    samples_tell(&load->syncs, line, "raw");
    tell(line, "raw_rate", load->raw_rate);
    tell(line, "own_kib", (double)own_kib(load->server));
    tell(line, "waiting", (double)load->waiting);
    tell(line, "refused", (double)load->refused);
    if (load->reads.count > 0)
        tell(line, "read_rate", (double)load->reads.count / span);
    samples_tell(&load->reads, line, "read");
}

/* All of the statements have to be made while the gate is open here; then the server has the book. */
static void make_lines(struct load *load, size_t writers, double seconds)
{
    load->made.turn += 100; /* other amounts than in the round before */
    load->line_count = (size_t)(seconds * LINES_A_SECOND) + 4 * writers;
    load->lines = calloc(load->line_count, sizeof *load->lines);
    assert_non_null(load->lines);
    const int64_t now_ms = load->made.company.now_ms;
    for (size_t i = 0; i < load->line_count; i++) {
        load->made.company.now_ms = now_ms; /* they come in any order, and no time may go back */
        load->lines[i] = line_of(load, i);
    }
    made_book_rest(&load->made);
}

static void work(int argc, char **argv, json_t *line)
{
    static struct load load;
    if (argc != 6)
        bench_usage("usage: load SERVER DIR WRITERS READERS SECONDS");
    size_t writers = strtoul(argv[3], NULL, 10), readers = strtoul(argv[4], NULL, 10);
    double seconds = strtod(argv[5], NULL);
    if (writers < 1 || writers + readers > CONNECTIONS_MAX || seconds <= 0)
        bench_usage("load: 1 to 1000 connections, for more than 0 seconds");
    made_book_open(&load.made, argv[2]);
    snprintf(load.socket, sizeof load.socket, "%s/socket", load.made.company.dir);
    make_lines(&load, writers, seconds);
    start_server(&load, argv[1]);
    open_connections(&load, writers, readers);
    take_raw(&load);
    double span = drive(&load, seconds);
    take_raw(&load);
    tell_all(&load, span, line);
    close_connections(&load);
    stop_server(&load);
    for (size_t i = 0; i < load.line_count; i++)
        free(load.lines[i].bytes);
    free(load.lines);
    company_reopen(&load.made.company);
    made_book_wait(&load.made, 1);
    made_book_close(&load.made);
}

int main(int argc, char **argv)
{
    return bench_run(work, argc, argv);
}

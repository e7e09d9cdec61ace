/*
 * A company at work over real sockets: acknowledged signed corrections a second, and how long each waits, with 1, 16, 64 and
 * 1,000 connections that have one request open each; then the same with others who read. README.md says what is measured.
 *
 *   LOAD_SERVER=program LOAD_SECONDS=10 load     the server's program, started here on a book made here; of each round
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
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/wire.h"
#include "ledger/challenge.h"
#include "ledger/money.h"
#include "ledger/sshkey.h"
#include "tests/support/closing.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

enum {
    CUSTOMERS = 20000,
    SPECIALISTS = 40,
    FED = 1000,
    CONNECTIONS_MAX = 1000,
    READERS = 16,
    ANSWER_MAX = 1 << 19,
    SAMPLES_MAX = 1 << 20,
    LINES_MAX = 150000,
    RAW_SYNCS = 200,
    RAW_VERIFIES = 2000,
    ENTRY_BYTES = 600
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
    struct company company;
    char socket[320], book[300], book_id[65];
    pid_t server;
    struct line *lines; /* statements made before, ready to be sent but for their id */
    size_t line_count, next;
    struct connection *connections;
    size_t count;
    int epoll;
    double *submits, *reads; /* seconds that answers took */
    size_t submit_count, read_count, posted, waiting, refused;
};

static double now(void)
{
    struct timespec at;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &at), 0);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

/* Customers with an invoice each. */
static void feed(struct load *load)
{
    char customer[32], invoice[32];
    for (int file = 2, made = 0; made < CUSTOMERS; file++) {
        json_t *customers = json_array(), *invoices = json_array();
        for (int i = 0; i < FED; i++, made++) {
            snprintf(customer, sizeof customer, "C%d", made);
            snprintf(invoice, sizeof invoice, "I%d", made);
            json_array_append_new(customers, company_customer(customer, customer));
            json_array_append_new(invoices, company_invoice(invoice, customer, "100.00", "0.00", "100.00"));
        }
        const struct company_file first = {.user = "feedc", .feed = "customers", .sequence = file};
        const struct company_file second = {
            .user = "feedi", .feed = "invoices", .total = "100000.00", .sequence = file};
        expect_done(company_feed(&load->company, &first, customers), "closed");
        expect_done(company_feed(&load->company, &second, invoices), "closed");
    }
}

/* People who post: what one of them did this month is looked at when that one posts again, as in a company of many. */
static const char *specialist(size_t number)
{
    static char user[16];
    snprintf(user, sizeof user, "s%zu", number % SPECIALISTS);
    return user;
}

static void hire(struct load *load)
{
    for (size_t i = 0; i < SPECIALISTS; i++) {
        char person[16];
        snprintf(person, sizeof person, "P-S%zu", i);
        closing_hire(&load->company, specialist(i), person, "BILLING_SPECIALIST", "US01");
    }
}

/* The rest of a request, after its id: so that what is sent costs no more than a copy. */
static struct line line_of(struct load *load, size_t number)
{
    char customer[32], invoice[32], amount[MONEY_TEXT_MAX], id[32];
    uint8_t blob[SSHSIG_BYTES_MAX];
    size_t length = 0;
    struct statement statement;
    struct line line;
    struct err err;
    snprintf(customer, sizeof customer, "C%zu", number % CUSTOMERS);
    snprintf(invoice, sizeof invoice, "I%zu", number % CUSTOMERS);
    snprintf(id, sizeof id, "load-%zu", number);
    money_format((int64_t)(1 + number / CUSTOMERS), 2, amount);
    json_t *body = json_pack("{s:b, s:[o]}", "atomic", 0, "documents",
                             company_correction(&load->company, customer, invoice, amount, "up"));
    const struct statement_head head = {.verb = VERB_SUBMIT,
                                        .actor = specialist(number),
                                        .book = load->book_id,
                                        .id = id,
                                        .at_ms = load->company.now_ms};
    must(statement_make(&head, body, &statement, &err), &err);
    must(sshsig_sign(&company_user(&load->company, specialist(number))->signer, statement.bytes, statement.length, blob,
                     &length, &err),
         &err);
    json_t *message = json_pack("{s:s, s:[o], s:o}", "do", "submit", "signatures", wire_bytes(slice_of(blob, length)),
                                "statement", wire_bytes(slice_of(statement.bytes, statement.length)));
    must(wire_print(message, &line.bytes, &line.length, &err), &err);
    statement_done(&statement);
    json_decref(body);
    return line;
}

static void start_server(struct load *load, const char *program)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", load->socket);
    load->server = fork();
    assert_true(load->server >= 0);
    if (load->server == 0) {
        execl(program, program, "serve", "--book", load->book, "--socket", load->socket, "--connections", "2000",
              "--connections-per-user", "2000", (char *)NULL);
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
    const struct company_user *who = company_user(&load->company, user);
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

static void close_all(struct load *load)
{
    for (size_t i = 0; i < load->count; i++)
        (void)close(load->connections[i].fd);
    load->count = 0;
}

/* Of those made before; in a long run others are made on the way. */
static void submit_next(struct load *load, struct connection *connection)
{
    char head[64];
    const bool made = load->next < load->line_count;
    struct line line = made ? load->lines[load->next] : line_of(load, load->next);
    load->next++;
    int length = snprintf(head, sizeof head, "{\"id\":%llu,", (unsigned long long)++connection->id);
    connection->asked = now();
    send_all(connection->fd, head, (size_t)length);
    send_all(connection->fd, line.bytes + 1, line.length - 1);
    if (!made)
        free(line.bytes);
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
    connection->asked = now();
    send_all(connection->fd, request, strlen(request));
}

static void answered(struct load *load, struct connection *connection, const json_t *answer, bool counts)
{
    double took = now() - connection->asked;
    if (connection->reads) {
        if (connection->turn == 0)
            connection->snapshot = (uint64_t)json_integer_value(json_object_get(answer, "snapshot"));
        connection->turn = (connection->turn + 1) % 3;
        if (counts && load->read_count < SAMPLES_MAX)
            load->reads[load->read_count++] = took;
        return;
    }
    const json_t *decision = json_object_get(json_object_get(answer, "answer"), "decision");
    const char *outcome = result_outcome(json_array_get(json_object_get(decision, "results"), 0));
    load->posted += strcmp(outcome, "posted") == 0;
    load->waiting += strcmp(outcome, "waiting") == 0;
    load->refused += strcmp(outcome, "refused") == 0;
    if (counts && load->submit_count < SAMPLES_MAX)
        load->submits[load->submit_count++] = took;
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

/* Until the time is over and each has its answer. What came in the first tenth is not counted. */
static double work(struct load *load, double seconds)
{
    struct epoll_event events[256];
    size_t open = load->count;
    load->submit_count = load->read_count = load->posted = load->waiting = load->refused = 0;
    double begin = now(), counted = begin + seconds / 10, end = begin + seconds;
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
            double at = now();
            answered(load, connection, answer, at >= counted && at < end);
            json_decref(answer);
            bool more = at < end || (connection->reads && connection->turn != 0);
            go_on(load, connection, more);
            open -= connection->idle;
        }
    }
    return end - counted;
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double part(double *sorted, size_t count, double share)
{
    return count == 0 ? 0 : sorted[(size_t)((double)(count - 1) * share)];
}

/* How many times a second a few hundred bytes reach the disk where the book is. */
static double raw_syncs(const struct load *load)
{
    char path[340], bytes[ENTRY_BYTES] = {0};
    double times[RAW_SYNCS];
    snprintf(path, sizeof path, "%s/raw", load->company.dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    for (size_t i = 0; i < RAW_SYNCS; i++) {
        double begin = now();
        assert_int_equal(write(fd, bytes, sizeof bytes), sizeof bytes);
        assert_int_equal(fdatasync(fd), 0);
        times[i] = now() - begin;
    }
    (void)close(fd);
    qsort(times, RAW_SYNCS, sizeof *times, ascending);
    return 1 / part(times, RAW_SYNCS, 0.5);
}

/* Signatures a second on one core. */
static double raw_verifies(void)
{
    unsigned char public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES], message[ENTRY_BYTES] = {0};
    unsigned char signature[crypto_sign_BYTES];
    int good = 0;
    crypto_sign_keypair(public, secret);
    crypto_sign_detached(signature, NULL, message, sizeof message, secret);
    double begin = now();
    for (int i = 0; i < RAW_VERIFIES; i++)
        good += crypto_sign_verify_detached(signature, message, sizeof message, public) == 0;
    assert_int_equal(good, RAW_VERIFIES);
    return RAW_VERIFIES / (now() - begin);
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

static void measure(struct load *load, size_t writers, size_t readers, double seconds)
{
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    for (size_t i = 0; i < writers; i++)
        open_one(load, false);
    for (size_t i = 0; i < readers; i++)
        open_one(load, true);
    double syncs = raw_syncs(load), verifies = raw_verifies();
    double span = work(load, seconds);
    long kib = own_kib(load->server);
    syncs = (syncs + raw_syncs(load)) / 2;
    verifies = (verifies + raw_verifies()) / 2;
    qsort(load->submits, load->submit_count, sizeof *load->submits, ascending);
    qsort(load->reads, load->read_count, sizeof *load->reads, ascending);
    double rate = (double)load->submit_count / span;
    printf("| %zu | %zu | %7.0f | %5.2f | %5.2f | %6.2f | %6.2f | %6.2f | %7.0f | %6.2f | %6.1f | %zu/%zu/%zu |\n",
           writers, readers, rate, rate / syncs, rate / verifies, part(load->submits, load->submit_count, 0.5) * 1e3,
           part(load->submits, load->submit_count, 0.99) * 1e3, part(load->submits, load->submit_count, 0.999) * 1e3,
           (double)load->read_count / span, part(load->reads, load->read_count, 0.99) * 1e3, (double)kib / 1024,
           load->posted, load->waiting, load->refused);
    (void)fflush(stdout);
    close_all(load);
    (void)close(load->epoll);
}

static void run(void **state)
{
    static const struct {
        size_t writers, readers;
    } rounds[] = {{1, 0}, {16, 0}, {64, 0}, {CONNECTIONS_MAX, 0}, {64, READERS}};
    static struct load load;
    const char *program = getenv("LOAD_SERVER"), *asked = getenv("LOAD_SECONDS");
    double seconds = asked != NULL ? strtod(asked, NULL) : 10;
    (void)state;
    assert_non_null(program);
    load = (struct load){.company = {.map_bytes = UINT64_C(1) << 34}};
    company_open(&load.company, "tests/policies/currency.yaml");
    load.company.unchecked = true; /* deciding all of it again would take longer than the load */
    hire(&load);
    feed(&load);
    snprintf(load.book, sizeof load.book, "%s", load.company.book);
    snprintf(load.socket, sizeof load.socket, "%s/socket", load.company.dir);
    snprintf(load.book_id, sizeof load.book_id, "%s", gate_book_id(load.company.gate));
    load.company.now_ms += 1000;
    load.line_count = (size_t)(seconds * 5 * 3000) < LINES_MAX ? (size_t)(seconds * 5 * 3000) : LINES_MAX;
    load.lines = calloc(load.line_count, sizeof *load.lines);
    load.connections = calloc(CONNECTIONS_MAX + READERS, sizeof *load.connections);
    load.submits = calloc(SAMPLES_MAX, sizeof *load.submits);
    load.reads = calloc(SAMPLES_MAX, sizeof *load.reads);
    for (size_t i = 0; i < load.line_count; i++)
        load.lines[i] = line_of(&load, i);
    gate_close(load.company.gate);
    load.company.gate = NULL;
    start_server(&load, program);
    printf("\n| writers | readers | acknowledged/s | of raw syncs | of one core's Ed25519 | p50 ms | p99 ms | p99.9 ms "
           "| reads/s | p99 ms | own MiB | "
           "posted/waiting/refused |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof rounds / sizeof rounds[0]; i++)
        measure(&load, rounds[i].writers, rounds[i].readers, seconds);
    int ended = 0;
    assert_int_equal(kill(load.server, SIGTERM), 0);
    assert_int_equal(waitpid(load.server, &ended, 0), load.server);
    assert_true(WIFEXITED(ended) && WEXITSTATUS(ended) == 0);
    company_reopen(&load.company);
    company_close(&load.company);
    for (size_t i = 0; i < load.line_count; i++)
        free(load.lines[i].bytes);
    for (size_t i = 0; i < CONNECTIONS_MAX + READERS; i++)
        free(load.connections[i].in);
    free(load.lines);
    free(load.connections);
    free(load.submits);
    free(load.reads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(run)};
    if (getenv("TMPDIR") == NULL) /* a disk: what memory acknowledges is not durable */
        setenv("TMPDIR", "/var/tmp", 1);
    return sodium_init() < 0 || cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

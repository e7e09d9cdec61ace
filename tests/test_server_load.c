/*
 * A whole server in this process, under load: people who post with several requests open, an auditor who reads all tables,
 * somebody who sends garbage and leaves, the book's status asked for, and the end by a signal. For the sanitizers: that no
 * two of its threads touch the same thing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "cli/serve_options.h"
#include "cli/server/server.h"
#include "cli/wire.h"
#include "controls/issue.h"
#include "ledger/challenge.h"
#include "ledger/schema.h"
#include "ledger/sshsig.h"
#include "tests/support/company.h"

enum { POSTERS = 4, EACH = 40, WINDOW = 8, LINE_MAX_BYTES = 2 << 20 };

struct stage {
    struct company company;
    struct cli cli;
    struct serve_options options;
    char socket[320], status_file[320], log[320];
    pthread_t thread;
    enum status status;
    struct err err;
    char *lines[POSTERS][EACH]; /* submit requests, ready to send */
    atomic_uint accepted;
};

/* One end of a connection, for one thread. */
struct client {
    int fd;
    char *bytes;
    size_t length;
    int64_t id;
};

/* Threads of a test can't fail it: they end the program. */
static void sure(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "wrong: %s\n", what);
    abort();
}

static int64_t wall_ms(void *context)
{
    (void)context;
    return 1767693600000;
}

static int64_t monotonic_us(void *context)
{
    struct timespec now;
    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void pause_ms(long ms)
{
    const struct timespec pause = {.tv_nsec = ms * 1000000};
    nanosleep(&pause, NULL);
}

static bool connect_to(struct client *client, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    *client = (struct client){.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    snprintf(address.sun_path, sizeof address.sun_path, "%.*s", (int)sizeof address.sun_path - 1, path);
    if (connect(client->fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        close(client->fd);
        return false;
    }
    client->bytes = malloc(LINE_MAX_BYTES);
    sure(client->bytes != NULL, "memory");
    return true;
}

static void hang_up(struct client *client)
{
    close(client->fd);
    free(client->bytes);
}

static void send_text(struct client *client, const char *text)
{
    size_t length = strlen(text);
    for (size_t sent = 0; sent < length;) {
        ssize_t count = send(client->fd, text + sent, length - sent, MSG_NOSIGNAL);
        sure(count > 0, "a send");
        sent += (size_t)count;
    }
}

/* The next line as JSON; NULL at the end. */
static json_t *next_line(struct client *client)
{
    for (;;) {
        char *feed = memchr(client->bytes, '\n', client->length);
        if (feed != NULL) {
            size_t length = (size_t)(feed - client->bytes);
            json_t *json = json_loadb(client->bytes, length, 0, NULL);
            sure(json != NULL, "an answer is JSON");
            client->length -= length + 1;
            memmove(client->bytes, feed + 1, client->length);
            return json;
        }
        sure(client->length < LINE_MAX_BYTES, "an answer has an end");
        ssize_t count = recv(client->fd, client->bytes + client->length, LINE_MAX_BYTES - client->length, 0);
        if (count <= 0)
            return NULL;
        client->length += (size_t)count;
    }
}

/* Asks and waits; message is stolen. An error is one of the test. */
static json_t *ask(struct client *client, json_t *message)
{
    char *line = NULL;
    size_t length = 0;
    struct err err;
    sure(message != NULL && json_object_set_new(message, "id", json_integer(++client->id)) == 0, "a message");
    sure(wire_print(message, &line, &length, &err) == STATUS_OK, "a line");
    send_text(client, line);
    free(line);
    json_t *answer = next_line(client);
    sure(answer != NULL, "an answer");
    if (json_object_get(answer, "error") != NULL)
        fprintf(stderr, "%s\n", member_text(json_object_get(answer, "error"), "text"));
    sure(json_object_get(answer, "error") == NULL && member_integer(answer, "id") == client->id, "an answer, no error");
    return answer;
}

static void prove(struct client *client, struct company *company, const char *user)
{
    static const char nonce[] = "abababababababababababababababababababababababababababababababab";
    const struct company_user *who = company_user(company, user);
    struct challenge challenge = {.key = who->signer.key, .user = user};
    uint8_t blob[SSHSIG_BYTES_MAX];
    size_t length;
    struct err err;
    json_t *greeting = next_line(client);
    sure(hash_from_hex(member_text(greeting, "book"), &challenge.book) == STATUS_OK &&
             hash_from_hex(member_text(greeting, "nonce"), &challenge.server) == STATUS_OK &&
             hash_from_hex(nonce, &challenge.client) == STATUS_OK,
         "a greeting");
    json_decref(greeting);
    json_decref(ask(
        client, json_pack("{s:s, s:[s], s:s, s:s}", "do", "hello", "keys", who->key, "nonce", nonce, "user", user)));
    sure(challenge_sign(&challenge, &who->signer, blob, &length, &err) == STATUS_OK, "a proof");
    json_decref(ask(client, json_pack("{s:s, s:o}", "do", "prove", "signature", wire_bytes(slice_of(blob, length)))));
}

/* -- what they do -- */

struct role {
    struct stage *stage;
    size_t number;
    atomic_bool *stops;
};

static void *post(void *context)
{
    const struct role *role = context;
    struct client client;
    sure(connect_to(&client, role->stage->socket), "a connection");
    prove(&client, &role->stage->company, role->number % 2 == 0 ? "maria" : "joe");
    size_t sent = 0, answered = 0;
    while (answered < EACH) {
        while (sent < EACH && sent - answered < WINDOW)
            send_text(&client, role->stage->lines[role->number][sent++]);
        json_t *answer = next_line(&client);
        sure(answer != NULL, "an answer to a statement");
        if (json_object_get(answer, "answer") == NULL)
            fprintf(stderr, "%s\n", member_text(json_object_get(answer, "error"), "text"));
        sure(json_object_get(answer, "answer") != NULL, "a statement is answered");
        json_decref(answer);
        answered++;
        atomic_fetch_add(&role->stage->accepted, 1);
    }
    hang_up(&client);
    return NULL;
}

static void read_table(struct client *client, json_int_t snapshot, const char *table)
{
    json_t *answer = ask(client, json_pack("{s:s, s:s, s:i, s:I, s:s}", "at", "last", "do", "seek", "records", 50,
                                           "snapshot", snapshot, "table", table));
    sure(json_is_array(json_object_get(answer, "records")), "records");
    json_decref(answer);
    json_decref(ask(client, json_pack("{s:s, s:I, s:s}", "do", "count", "snapshot", snapshot, "table", table)));
}

static void *audit(void *context)
{
    static const char *const stores[] = {"books", "journal"};
    static const char *const tables[] = {"documents", "entries"};
    const struct role *role = context;
    struct client client;
    sure(connect_to(&client, role->stage->socket), "a connection");
    prove(&client, &role->stage->company, "audrey");
    for (unsigned turn = 0; !atomic_load(role->stops); turn++) {
        json_t *begun = ask(&client, json_pack("{s:s, s:s}", "do", "begin", "store", stores[turn % 2]));
        json_int_t snapshot = member_integer(begun, "snapshot");
        json_decref(begun);
        read_table(&client, snapshot, tables[turn % 2]);
        json_decref(ask(&client, json_pack("{s:s, s:I}", "do", "end", "snapshot", snapshot)));
        json_decref(ask(&client, json_pack("{s:s}", "do", "status")));
        json_decref(ask(&client, json_pack("{s:s, s:i, s:i}", "do", "wait", "ms", 5, "size", 1 << 30)));
    }
    hang_up(&client);
    return NULL;
}

/* Comes, says what is no request, or nothing, and goes. */
static void *disturb(void *context)
{
    static const char *const sayings[] = {"nonsense\n", "{\"do\":\"hello\",\"id\":1}\n", "{\"do\":", "\n", ""};
    const struct role *role = context;
    for (unsigned turn = 0; !atomic_load(role->stops); turn++) {
        struct client client;
        if (!connect_to(&client, role->stage->socket))
            continue;
        if (send(client.fd, sayings[turn % 5], strlen(sayings[turn % 5]), MSG_NOSIGNAL) > 0 && turn % 3 == 0)
            json_decref(next_line(&client));
        hang_up(&client);
        pause_ms(1);
    }
    return NULL;
}

/* -- the stage -- */

static char *make_line(struct company *company, const char *user, const char *name, int64_t id)
{
    struct statement made;
    struct signature_list signatures = {.count = 0};
    uint8_t blob[SSHSIG_BYTES_MAX];
    size_t length;
    char *line = NULL;
    struct err err;
    const struct statement_head about = {
        .verb = VERB_SUBMIT, .actor = user, .book = gate_book_id(company->gate), .id = name, .at_ms = company->now_ms};
    json_t *body =
        json_pack("{s:b, s:[o]}", "atomic", 0, "documents", company_credit_note(company, "10442", "40251", "1.00"));
    assert_int_equal(statement_make(&about, body, &made, &err), STATUS_OK);
    json_decref(body);
    assert_int_equal(sshsig_sign(&company_user(company, user)->signer, made.bytes, made.length, blob, &length, &err),
                     STATUS_OK);
    assert_int_equal(signature_list_add(&signatures, slice_of(blob, length), &err), STATUS_OK);
    assert_int_equal(wire_print(json_pack("{s:s, s:I, s:o, s:o}", "do", "submit", "id", (json_int_t)id, "signatures",
                                          signature_list_to_json(&signatures), "statement",
                                          wire_bytes(slice_of(made.bytes, made.length))),
                                &line, &length, &err),
                     STATUS_OK);
    statement_done(&made);
    return line;
}

static void *serve(void *context)
{
    struct stage *stage = context;
    const struct issue_terms nobody = {.count = 0};
    const struct server_trust trust = {.terms = &nobody};
    stage->status = server_run(&stage->cli, &stage->options, &trust, &stage->err);
    return NULL;
}

static struct stage *stage_open(void)
{
    struct stage *stage = calloc(1, sizeof *stage);
    assert_non_null(stage);
    company_open(&stage->company, NULL);
    for (size_t i = 0; i < POSTERS; i++)
        for (size_t n = 0; n < EACH; n++) {
            char name[32];
            snprintf(name, sizeof name, "L-%zu-%zu", i, n);
            stage->lines[i][n] = make_line(&stage->company, i % 2 == 0 ? "maria" : "joe", name, (int64_t)n + 10);
        }
    gate_close(stage->company.gate);
    stage->company.gate = NULL;
    snprintf(stage->socket, sizeof stage->socket, "%s/socket", stage->company.dir);
    snprintf(stage->status_file, sizeof stage->status_file, "%s/status", stage->company.dir);
    snprintf(stage->log, sizeof stage->log, "%s/log", stage->company.dir);
    stage->cli = (struct cli){.now_ms = wall_ms, .monotonic_us = monotonic_us, .random = random_system()};
    stage->options = (struct serve_options){.book = stage->company.book,
                                            .socket = stage->socket,
                                            .log = stage->log,
                                            .status_file = stage->status_file,
                                            .status_seconds = 1,
                                            .socket_mode = 0600,
                                            .limits = server_limits_default()};
    stage->options.limits.connections = 64;
    assert_int_equal(pthread_create(&stage->thread, NULL, serve, stage), 0);
    struct client client;
    for (int left = 2000; !connect_to(&client, stage->socket); left--) {
        assert_true(left > 0);
        pause_ms(10);
    }
    hang_up(&client);
    return stage;
}

static void stage_close(struct stage *stage)
{
    assert_int_equal(kill(getpid(), SIGTERM), 0);
    pthread_join(stage->thread, NULL);
    if (stage->status != STATUS_OK)
        fail_msg("%s: %s", status_name(stage->status), stage->err.text);
    for (size_t i = 0; i < POSTERS; i++)
        for (size_t n = 0; n < EACH; n++)
            free(stage->lines[i][n]);
    company_reopen(&stage->company);
    company_close(&stage->company);
    free(stage);
}

static void all_are_served(void **state)
{
    struct stage *stage = stage_open();
    atomic_bool stops = false;
    struct role roles[POSTERS + 3];
    pthread_t threads[POSTERS + 3];
    (void)state;
    for (size_t i = 0; i < POSTERS + 3; i++) {
        roles[i] = (struct role){.stage = stage, .number = i, .stops = &stops};
        void *(*act)(void *) = i < POSTERS ? post : i == POSTERS + 2 ? disturb : audit;
        assert_int_equal(pthread_create(&threads[i], NULL, act, &roles[i]), 0);
    }
    for (size_t i = 0; i < POSTERS; i++)
        pthread_join(threads[i], NULL);
    atomic_store(&stops, true);
    for (size_t i = POSTERS; i < POSTERS + 3; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&stage->accepted), POSTERS * EACH);
    stage_close(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_are_served)};
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

/*
 * Conversations with servers, as they should not be: silent, garrulous, broken, somebody else's. The other end is this
 * test, which writes what a server would before the client reads it. And addresses.
 */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/book.h"
#include "cli/remote.h"
#include "cli/remote_address.h"
#include "cli/remote_known.h"
#include "cli/wire.h"
#include "ledger/books.h"
#include "ledger/keyfile.h"
#include "ledger/schema.h"
#include "tests/support/cli_stub.h"
#include "tests/support/scratch.h"

#define BOOK   "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OTHER  "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define NONCE  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define LIMITS "{\"message\":6291456,\"outstanding\":64,\"records\":1000,\"snapshots\":4}"
#define GREETING_OF(book, books, version)                                                                              \
    "{\"book\":\"" book "\",\"books\":" books ",\"countersign\":" version ",\"limits\":" LIMITS                        \
    ",\"name\":\"x\",\"nonce\":\"" NONCE "\",\"release\":\"9.9.9\",\"simulated\":true}\n"
#define GREETING GREETING_OF(BOOK, "3", "1")
#define HELLO    "{\"id\":1,\"key\":0}\n"
#define PROVED   "{\"id\":2,\"reads\":{\"books\":[],\"everything\":false,\"governance\":true,\"operations\":false}}\n"

static_assert(BOOKS_LAYOUT == 3, "the greeting above says so");

/* The far end: a line at once, and the next with each request; then it ends the line or, where it is open, is silent. */
struct far_end {
    int fd;
    const char *said;
    bool open;
    size_t junk; /* so many bytes without an end after all that */
    pthread_t thread;
};

struct script {
    const char *said[4]; /* on the first connection, the second... */
    struct far_end ends[4];
    size_t dialled;
    struct signer signer;
    bool open;
    size_t junk;
};

static int64_t real_us(void *context)
{
    struct timespec now;
    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static bool say(struct far_end *end, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t count = send(end->fd, bytes, length, MSG_NOSIGNAL);
        if (count <= 0)
            return false;
        bytes += count;
        length -= (size_t)count;
    }
    return true;
}

/* Whether a request came; other bytes than a line of it are not looked at. */
static bool heard_line(struct far_end *end)
{
    char byte;
    while (recv(end->fd, &byte, 1, 0) == 1) {
        if (byte == '\n')
            return true;
    }
    return false;
}

static void *talk(void *context)
{
    struct far_end *end = context;
    const char *at = end->said;
    bool more = true;
    while (more && *at != '\0') {
        const char *line = strchr(at, '\n');
        size_t length = line != NULL ? (size_t)(line - at) + 1 : strlen(at);
        more = say(end, at, length);
        at += length;
        more = more && *at != '\0' && heard_line(end);
    }
    if (end->open)
        more = heard_line(end);
    for (size_t sent = 0; more && sent < end->junk; sent += 4096) {
        char junk[4096];
        memset(junk, 'x', sizeof junk);
        more = say(end, junk, sizeof junk);
    }
    while (end->open && heard_line(end))
        ;
    close(end->fd);
    return NULL;
}

static enum status dial(void *context, struct remote_line *ret_line, struct err *err)
{
    struct script *script = context;
    int ends[2];
    if (script->dialled == 4 || script->said[script->dialled] == NULL)
        return err_set(err, STATUS_IO, "nobody listens there");
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    struct far_end *end = &script->ends[script->dialled];
    *end = (struct far_end){
        .fd = ends[1], .said = script->said[script->dialled++], .open = script->open, .junk = script->junk};
    assert_int_equal(pthread_create(&end->thread, NULL, talk, end), 0);
    *ret_line = (struct remote_line){.fd = ends[0]};
    return STATUS_OK;
}

static enum status offer(void *context, const struct public_key **ret_offered, size_t *ret_count, struct err *err)
{
    struct script *script = context;
    (void)err;
    *ret_offered = &script->signer.key;
    *ret_count = 1;
    return STATUS_OK;
}

static enum status choose(void *context, size_t chosen, const struct signer **ret_signer, struct err *err)
{
    struct script *script = context;
    (void)err;
    assert_int_equal(chosen, 0);
    *ret_signer = &script->signer;
    return STATUS_OK;
}

struct caller {
    struct script script;
    struct cli_stub stub;
    struct remote_dial dial;
    struct book_options options;
    struct remote *remote;
    struct err err;
};

static void caller_init(struct caller *caller, const char *first, const char *second)
{
    const uint8_t seed[32] = {9};
    memset(caller, 0, sizeof *caller);
    cli_stub_init(&caller->stub);
    caller->stub.cli.monotonic_us = real_us;
    assert_int_equal(keyfile_open_seed(seed, &caller->script.signer, NULL), STATUS_OK);
    caller->script.said[0] = first;
    caller->script.said[1] = second;
    caller->dial =
        (struct remote_dial){.dial = dial, .context = &caller->script, .greeting_ms = 20000, .name = "there"};
    caller->options = (struct book_options){
        .user = "maria", .offer = offer, .choose = choose, .key_context = &caller->script, .wait_ms = 50};
}

static void caller_done(struct caller *caller)
{
    remote_close(caller->remote);
    for (size_t i = 0; i < caller->script.dialled; i++)
        assert_int_equal(pthread_join(caller->script.ends[i].thread, NULL), 0);
    signer_close(&caller->script.signer);
    cli_stub_done(&caller->stub);
}

static enum status call(struct caller *caller, const char *book)
{
    return remote_open(&caller->stub.cli, &caller->dial, &caller->options, book, &caller->remote, &caller->err);
}

static void must_fail(const char *said, const char *book, enum status status, const char *text)
{
    struct caller caller;
    caller_init(&caller, said, NULL);
    enum status got = call(&caller, book);
    if (got != status || strstr(caller.err.text, text) == NULL)
        fail_msg("after '%.40s': %s: %s", said, status_name(got), got == STATUS_OK ? "" : caller.err.text);
    caller_done(&caller);
}

static void strangers_are_not_talked_to(void **state)
{
    (void)state;
    must_fail("", NULL, STATUS_IO, "is no server of ours");
    must_fail("SSH-2.0-OpenSSH_9.2\r\n", NULL, STATUS_IO, "is no server of ours");
    must_fail("HTTP/1.1 400 Bad Request\r\n\r\n", NULL, STATUS_IO, "no server of ours");
    must_fail("{}\n", NULL, STATUS_IO, "no server of ours");
    must_fail("[]\n", NULL, STATUS_IO, "no server of ours");
    must_fail(GREETING_OF(BOOK, "3", "2"), NULL, STATUS_INPUT, "version 2");
    must_fail(GREETING_OF(BOOK, "4", "1"), NULL, STATUS_INPUT, "books out as 4");
    must_fail(GREETING_OF("beef", "3", "1"), NULL, STATUS_IO, "no server of ours");
    must_fail(GREETING, OTHER, STATUS_CORRUPT, "another book");
    must_fail("{\"error\":{\"status\":\"busy\",\"text\":\"too many\"},\"id\":0}\n", NULL, STATUS_IO, "nobody listens");
    must_fail("{\"error\":{\"status\":\"permission\",\"text\":\"no\"},\"id\":0}\n", NULL, STATUS_PERMISSION,
              "there: no");
    must_fail("{\"error\":{\"status\":\"what\",\"text\":\"no\"},\"id\":0}\n", NULL, STATUS_IO, "no form");
}

static void answers_have_to_be_answers(void **state)
{
    (void)state;
    must_fail(GREETING, NULL, STATUS_IO, "ended the connection");
    must_fail(GREETING "{\"id\":2,\"key\":0}\n", NULL, STATUS_IO, "answers");
    must_fail(GREETING "{\"id\":1,\"key\":1}\n", NULL, STATUS_IO, "was not offered");
    must_fail(GREETING "{\"id\":1,\"key\":-1}\n", NULL, STATUS_IO, "no server of ours");
    must_fail(GREETING "{\"id\":1,\"key\":0,\"more\":1}\n", NULL, STATUS_IO, "no server of ours");
    must_fail(GREETING "{\"key\":0}\n", NULL, STATUS_IO, "answers");
    must_fail(GREETING "\n", NULL, STATUS_IO, "no server of ours");
    must_fail(GREETING HELLO "{\"id\":2}\n", NULL, STATUS_IO, "no server of ours");
    must_fail(GREETING HELLO "{\"id\":2,\"reads\":{}}\n", NULL, STATUS_IO, "no server of ours");
    must_fail(GREETING "{\"error\":{\"status\":\"permission\",\"text\":\"who?\"},\"id\":1}\n", NULL, STATUS_PERMISSION,
              "there: who?");
    must_fail(GREETING HELLO "{\"error\":{\"status\":\"signature\",\"text\":\"bad\"},\"id\":2}\n", NULL,
              STATUS_SIGNATURE, "there: bad");
}

static void silence_has_an_end(void **state)
{
    struct caller caller;
    (void)state;
    caller_init(&caller, "", NULL);
    caller.script.open = true;
    caller.dial.greeting_ms = 60;
    assert_int_equal(call(&caller, NULL), STATUS_IO);
    assert_non_null(strstr(caller.err.text, "no answer"));
    caller_done(&caller);
}

static void a_line_without_end_is_cut(void **state)
{
    struct caller caller;
    json_t *answer = NULL;
    (void)state;
    caller_init(&caller, GREETING HELLO PROVED, NULL);
    caller.script.open = true;
    caller.script.junk = WIRE_ANSWER_MAX + (1 << 20);
    assert_int_equal(call(&caller, NULL), STATUS_OK);
    assert_int_equal(remote_ask(caller.remote, json_pack("{s:s}", "do", "status"), &answer, &caller.err), STATUS_IO);
    assert_non_null(strstr(caller.err.text, "longer than any"));
    assert_true(remote_is_lost(caller.remote));
    caller_done(&caller);
}

static void what_was_not_asked_ends_it(void **state)
{
    struct caller caller;
    json_t *answer = NULL;
    (void)state;
    caller_init(&caller, GREETING HELLO PROVED, NULL);
    caller.script.open = true;
    assert_int_equal(call(&caller, NULL), STATUS_OK);
    assert_true(say(&caller.script.ends[0], "{\"id\":3}\n", 9));
    assert_true(remote_is_lost(caller.remote));
    assert_int_equal(remote_ask(caller.remote, json_pack("{s:s}", "do", "status"), &answer, &caller.err), STATUS_IO);
    assert_non_null(strstr(caller.err.text, "was not asked"));
    caller_done(&caller);
}

static void forgotten_answers_are_passed_over(void **state)
{
    struct caller caller;
    json_t *answer = NULL;
    int64_t id = 0;
    (void)state;
    caller_init(&caller,
                GREETING HELLO PROVED "{\"error\":{\"status\":\"io\",\"text\":\"x\"},\"id\":3}\n"
                                      "{\"id\":4,\"count\":7}\n",
                NULL);
    assert_int_equal(call(&caller, NULL), STATUS_OK);
    assert_int_equal(remote_send(caller.remote, json_pack("{s:s}", "do", "end"), &id, &caller.err), STATUS_OK);
    remote_forget(caller.remote, id);
    assert_int_equal(remote_ask(caller.remote, json_pack("{s:s}", "do", "count"), &answer, &caller.err), STATUS_OK);
    assert_int_equal(member_integer(answer, "count"), 7);
    assert_null(json_object_get(answer, "id"));
    json_decref(answer);
    caller_done(&caller);
}

static void a_lost_line_is_made_again(void **state)
{
    struct caller caller;
    json_t *answer = NULL;
    (void)state;
    caller_init(&caller, GREETING HELLO PROVED, GREETING HELLO PROVED "{\"id\":3,\"count\":1}\n");
    assert_int_equal(call(&caller, NULL), STATUS_OK);
    assert_int_equal(remote_generation(caller.remote), 1);
    assert_int_equal(remote_ask(caller.remote, json_pack("{s:s}", "do", "count"), &answer, &caller.err), STATUS_IO);
    int64_t now_us = remote_now_us(caller.remote), until_us = remote_patience_us(caller.remote);
    assert_in_range(until_us, now_us + 50000,
                    remote_now_us(caller.remote) + 50000); /* as long as --wait says, no longer */
    assert_int_equal(remote_again(caller.remote, now_us, &caller.err), STATUS_OK);
    assert_int_equal(remote_generation(caller.remote), 2);
    caller_done(&caller);
}

static void another_book_is_not_taken_for_the_same(void **state)
{
    struct caller caller;
    (void)state;
    caller_init(&caller, GREETING HELLO PROVED, GREETING_OF(OTHER, "3", "1"));
    assert_int_equal(call(&caller, NULL), STATUS_OK);
    assert_int_equal(remote_again(caller.remote, remote_now_us(caller.remote), &caller.err), STATUS_CORRUPT);
    assert_non_null(strstr(caller.err.text, "another book"));
    caller_done(&caller);
}

static void nobody_is_no_user(void **state)
{
    struct caller caller;
    (void)state;
    caller_init(&caller, GREETING, NULL);
    caller.options.user = NULL;
    assert_int_equal(call(&caller, NULL), STATUS_INPUT);
    assert_int_equal(caller.script.dialled, 0);
    caller_done(&caller);
}

static void addresses_are_narrow(void **state)
{
    static const char *const good[] = {"unix:/run/x",
                                       "unix:x",
                                       "ssh://h/otc",
                                       "ssh://u@h.example.com:2222/a.b_c-1",
                                       "ssh://[2001:db8::1]:22/x",
                                       "ssh://[fe80::1%eth0]/x",
                                       "ssh://10.0.0.1/x"};
    static const char *const bad[] = {"unix:",
                                      "ssh://",
                                      "ssh://h",
                                      "ssh://h/",
                                      "ssh:///x",
                                      "ssh://-oProxyCommand=x/y",
                                      "ssh://-l@h/x",
                                      "ssh://u@-h/x",
                                      "ssh://h/x/y",
                                      "ssh://h/../x",
                                      "ssh://h/-x",
                                      "ssh://h/.x",
                                      "ssh://h:0/x",
                                      "ssh://h:65536/x",
                                      "ssh://h:22x/x",
                                      "ssh://h:/x",
                                      "ssh://@h/x",
                                      "ssh://u@@h/x",
                                      "ssh://h/x y",
                                      "ssh://h/x;y",
                                      "ssh://h/$x",
                                      "ssh://h\n/x",
                                      "ssh://[]/x",
                                      "ssh://[::1/x",
                                      "ssh://[-1]/x",
                                      "ssh://[::1]x/x",
                                      "http://h/x",
                                      "/x",
                                      "ssh://h/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    struct remote_address address;
    struct err err;
    char longest[200] = "unix:";
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (remote_address_parse(good[i], &address, &err) != STATUS_OK)
            fail_msg("refused: %s: %s", good[i], err.text);
        assert_true(remote_address_is(good[i]));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (remote_address_parse(bad[i], &address, &err) != STATUS_INPUT)
            fail_msg("taken: %s", bad[i]);
    }
    assert_int_equal(remote_address_parse(good[3], &address, &err), STATUS_OK);
    assert_true(address.ssh && address.port == 2222);
    assert_string_equal(address.user, "u");
    assert_string_equal(address.host, "h.example.com");
    assert_string_equal(address.name, "a.b_c-1");
    assert_int_equal(remote_address_parse(good[4], &address, &err), STATUS_OK);
    assert_string_equal(address.host, "2001:db8::1");
    memset(longest + 5, 'p', REMOTE_PATH_BYTES_MAX);
    assert_int_equal(remote_address_parse(longest, &address, &err), STATUS_OK);
    longest[5 + REMOTE_PATH_BYTES_MAX] = 'p';
    assert_int_equal(remote_address_parse(longest, &address, &err), STATUS_INPUT);
}

/* "ssh://<user>@<host>:<port>/<name>" with a user, a host and a name of so many characters; brackets: of an IPv6 host. */
static enum status parse_long(const size_t lengths[static 3], bool brackets, const char *port,
                              struct remote_address *ret_address)
{
    char user[300], host[300], name[300], text[1000];
    struct err err;
    memset(user, 'u', sizeof user);
    memset(host, 'a', sizeof host);
    memset(name, 'n', sizeof name);
    snprintf(text, sizeof text, brackets ? "ssh://%.*s@[%.*s]%s/%.*s" : "ssh://%.*s@%.*s%s/%.*s", (int)lengths[0], user,
             (int)lengths[1], host, port, (int)lengths[2], name);
    return remote_address_parse(text, ret_address, &err);
}

/* Each part at its longest, and one character longer; ports at both ends and with each digit. */
static void addresses_have_bounds(void **state)
{
    static const size_t most[3] = {REMOTE_USER_BYTES_MAX, REMOTE_HOST_BYTES_MAX, REMOTE_NAME_BYTES_MAX};
    static const struct {
        const char *text;
        unsigned port; /* 0: none */
    } ports[] = {{":1", 1}, {":9", 9},     {":2090", 2090}, {":65535", 65535}, {":00022", 22},
                 {":0", 0}, {":65536", 0}, {":000022", 0},  {":-1", 0},        {":2a", 0}};
    struct remote_address address;
    (void)state;
    for (int brackets = 0; brackets < 2; brackets++) {
        assert_int_equal(parse_long(most, brackets == 1, "", &address), STATUS_OK);
        assert_int_equal(strlen(address.user), REMOTE_USER_BYTES_MAX);
        assert_int_equal(strlen(address.host), REMOTE_HOST_BYTES_MAX);
        assert_int_equal(strlen(address.name), REMOTE_NAME_BYTES_MAX);
        for (size_t part = 0; part < 3; part++) {
            size_t over[3];
            memcpy(over, most, sizeof over);
            over[part]++;
            assert_int_equal(parse_long(over, brackets == 1, "", &address), STATUS_INPUT);
        }
        for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
            const enum status status = parse_long((const size_t[3]){1, 1, 1}, brackets == 1, ports[i].text, &address);
            if (status != (ports[i].port != 0 ? STATUS_OK : STATUS_INPUT))
                fail_msg("%s: %s", ports[i].text, status_name(status));
            if (status == STATUS_OK)
                assert_int_equal(address.port, ports[i].port);
        }
    }
    assert_false(remote_address_is("/srv/unix:/x"));
    assert_false(remote_address_is("ssh:/h/x"));
}

/* What an address answered with is kept in a small file, which may be damaged and is never longer than what is read. */
static void a_known_server_is_remembered(void **state)
{
    static const char *const damaged[] = {"",
                                          "x",
                                          OTHER,
                                          OTHER "x",
                                          OTHER "\n/run/x\n",
                                          " " OTHER " /run/x\n",
                                          OTHER " unix:/run/x",
                                          OTHER " unix:/run/y\n",
                                          OTHER " unix:/run/x\nx"};
    struct cli_stub stub;
    struct scratch scratch;
    struct path path;
    struct err err;
    char book[HASH_HEX_CHARS + 1], bytes[2048], address[1024];
    (void)state;
    scratch_open(&scratch);
    cli_stub_init(&stub);
    assert_int_equal(remote_known_put(&stub.cli, "unix:/run/x", BOOK, &err), STATUS_OK); /* there is no place for it */
    stub.cli.environment.state_home = scratch.path;
    assert_int_equal(remote_known_get(&stub.cli, "unix:/run/x", book, &path, &err), STATUS_OK);
    assert_string_equal(book, "");
    assert_int_equal(remote_known_put(&stub.cli, "unix:/run/x", OTHER, &err), STATUS_OK);
    assert_int_equal(remote_known_put(&stub.cli, "unix:/run/x", BOOK, &err), STATUS_OK);
    assert_int_equal(remote_known_get(&stub.cli, "unix:/run/x", book, &path, &err), STATUS_OK);
    assert_string_equal(book, BOOK);
    assert_int_equal(scratch_read_file(path.text, bytes, sizeof bytes), strlen(BOOK " unix:/run/x\n"));
    assert_string_equal(bytes, BOOK " unix:/run/x\n");
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        FILE *file = fopen(path.text, "wb");
        assert_non_null(file);
        assert_true(fputs(damaged[i], file) >= 0 && fclose(file) == 0);
        assert_int_equal(remote_known_get(&stub.cli, "unix:/run/x", book, &path, &err), STATUS_CORRUPT);
        assert_non_null(strstr(err.text, path.text));
    }
    /* As many bytes as fit with the book's id, a blank and an LF; one more, and the address is cut. */
    for (size_t length = 1024 - HASH_HEX_CHARS - 4; length <= 1024 - HASH_HEX_CHARS; length++) {
        memset(address, 'p', length);
        address[length] = '\0';
        assert_int_equal(remote_known_put(&stub.cli, address, BOOK, &err), STATUS_OK);
        assert_int_equal(remote_known_get(&stub.cli, address, book, &path, &err), STATUS_OK);
        assert_string_equal(book, BOOK);
        size_t whole = HASH_HEX_CHARS + 1 + length + 1;
        assert_int_equal(scratch_read_file(path.text, bytes, sizeof bytes), whole < 1023 ? whole : 1023);
        assert_int_equal(strlen(bytes), whole < 1023 ? whole : 1023);
    }
    cli_stub_done(&stub);
    scratch_close(&scratch);
}

static void an_ssh_that_fails_is_reaped(void **state)
{
    struct remote_address address;
    struct remote_line line = {.fd = -1};
    struct err err;
    (void)state;
    assert_int_equal(remote_address_parse("ssh://h/x", &address, &err), STATUS_OK);
    const struct remote_ssh missing = {.program = "/nonexistent/ssh"}, ends = {.program = "false"};
#ifdef UNDER_VALGRIND /* there posix_spawn is a fork, whose caller does not hear that the program is missing */
    assert_int_equal(remote_line_open(&address, &missing, &line, &err), STATUS_OK);
    assert_int_equal(remote_line_close(&line), 127);
#else
    assert_int_equal(remote_line_open(&address, &missing, &line, &err), STATUS_NOT_FOUND);
#endif
    assert_int_equal(remote_line_open(&address, &ends, &line, &err), STATUS_OK);
    assert_true(line.pid > 0);
    assert_int_equal(remote_line_close(&line), 1);
    assert_int_equal(line.fd, -1);
    assert_int_equal(remote_line_close(&line), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strangers_are_not_talked_to), cmocka_unit_test(answers_have_to_be_answers),
        cmocka_unit_test(silence_has_an_end),          cmocka_unit_test(a_line_without_end_is_cut),
        cmocka_unit_test(what_was_not_asked_ends_it),  cmocka_unit_test(forgotten_answers_are_passed_over),
        cmocka_unit_test(a_lost_line_is_made_again),   cmocka_unit_test(another_book_is_not_taken_for_the_same),
        cmocka_unit_test(nobody_is_no_user),           cmocka_unit_test(addresses_are_narrow),
        cmocka_unit_test(addresses_have_bounds),       cmocka_unit_test(a_known_server_is_remembered),
        cmocka_unit_test(an_ssh_that_fails_is_reaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

/*
 * The ssh-agent client against the real ssh-agent, and against answers that no honest agent gives.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "ledger/agent.h"
#include "ledger/sshsig.h"
#include "ledger/sshwire.h"
#include "tests/support/scratch.h"
#include "tests/support/soft_fido.h"

enum { SHORT_MS = 100, ANSWER_BYTES = 4096 };

/* One end of a connection whose other end is an agent; what it answers is written before it is asked. */
struct fake {
    struct agent *agent;
    int peer;
};

static struct fake fake_open(void)
{
    struct fake fake = {0};
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(agent_open_socket(ends[0], SHORT_MS, &fake.agent, NULL), STATUS_OK);
    fake.peer = ends[1];
    return fake;
}

static void fake_close(struct fake *fake)
{
    agent_close(fake->agent);
    close(fake->peer);
}

static void fake_write(const struct fake *fake, const void *bytes, size_t length)
{
    assert_int_equal(write(fake->peer, bytes, length), length);
}

/* Writes body under its length. */
static void fake_answer(const struct fake *fake, const struct sshwire_writer *body)
{
    uint8_t prefix[4];
    struct sshwire_writer writer = {.bytes = prefix, .size = 4};
    assert_false(body->full);
    sshwire_put_u32(&writer, (uint32_t)body->used);
    fake_write(fake, prefix, 4);
    fake_write(fake, body->bytes, body->used);
}

/* Reads what the client has sent and demands exactly these bytes. */
static void fake_expect(const struct fake *fake, const void *bytes, size_t length)
{
    uint8_t got[ANSWER_BYTES];
    ssize_t received = recv(fake->peer, got, sizeof got, MSG_DONTWAIT);
    assert_int_equal(received < 0 ? 0 : received, length);
    assert_memory_equal(got, bytes, length);
}

struct soft_key {
    struct public_key key;
    uint8_t secret[64];
};

static struct soft_key soft_key(enum key_type type)
{
    struct soft_key soft = {.key.type = type};
    const uint8_t seed[32] = {9};
    crypto_sign_ed25519_seed_keypair(soft.key.ed25519, soft.secret, seed);
    if (type == KEY_SK_ED25519)
        memcpy(soft.key.application, "ssh:", 5);
    return soft;
}

static void put_identity(struct sshwire_writer *body, const struct public_key *key, const char *comment)
{
    uint8_t blob[SSHKEY_BLOB_BYTES_MAX];
    sshwire_put_string(body, blob, sshkey_blob(key, blob));
    sshwire_put_text(body, comment);
}

/* A list of one key of another type, one unusable point and the key given. */
static void put_list(struct sshwire_writer *body, const struct public_key *key)
{
    struct public_key weak = {.type = KEY_ED25519, .ed25519 = {1}};
    sshwire_put_u8(body, 12);
    sshwire_put_u32(body, 3);
    sshwire_put_string(body, "\0\0\0\7ssh-rsa", 11);
    sshwire_put_text(body, "an RSA key");
    put_identity(body, &weak, "weak");
    put_identity(body, key, "mine\x1b[31m");
}

static struct signer fake_signer(const struct fake *fake, const struct public_key *key)
{
    uint8_t bytes[ANSWER_BYTES];
    struct sshwire_writer body = {.bytes = bytes, .size = sizeof bytes};
    struct signer signer = {0};
    put_list(&body, key);
    fake_answer(fake, &body);
    assert_int_equal(agent_signer(fake->agent, key, &signer, NULL), STATUS_OK);
    fake_expect(fake, "\0\0\0\1\x0b", 5);
    return signer;
}

static void list_shows_what_can_sign(void **state)
{
    (void)state;
    struct fake fake = fake_open();
    struct soft_key soft = soft_key(KEY_SK_ED25519), other = soft_key(KEY_ED25519);
    struct agent_identity identities[2] = {0};
    struct signer signer = {0};
    struct err err = {0};
    uint8_t bytes[ANSWER_BYTES];
    struct sshwire_writer body = {.bytes = bytes, .size = sizeof bytes};
    char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1];
    size_t count = 99;
    put_list(&body, &soft.key);
    fake_answer(&fake, &body);
    assert_int_equal(agent_list(fake.agent, identities, 2, &count, NULL), STATUS_OK);
    assert_int_equal(count, 1);
    assert_true(sshkey_equal(&identities[0].key, &soft.key));
    assert_string_equal(identities[0].comment, "mine?[31m");
    fake_answer(&fake, &body);
    assert_int_equal(agent_list(fake.agent, identities, 0, &count, NULL), STATUS_LIMIT);
    assert_int_equal(count, 1);

    fake_answer(&fake, &body);
    assert_int_equal(agent_signer(fake.agent, &other.key, &signer, &err), STATUS_NOT_FOUND);
    sshkey_fingerprint(&other.key, fingerprint);
    assert_non_null(strstr(err.text, fingerprint));
    assert_non_null(strstr(err.text, "ssh-add"));
    assert_null(signer.context);

    body.used = 0;
    sshwire_put_u8(&body, 12);
    sshwire_put_u32(&body, 0);
    fake_answer(&fake, &body);
    assert_int_equal(agent_list(fake.agent, identities, 2, &count, NULL), STATUS_OK);
    assert_int_equal(count, 0);
    fake_close(&fake);
    agent_close(NULL);
}

static void long_comments_are_cut(void **state)
{
    (void)state;
    struct fake fake = fake_open();
    struct soft_key soft = soft_key(KEY_ED25519);
    struct agent_identity identity = {0};
    uint8_t bytes[ANSWER_BYTES];
    struct sshwire_writer body = {.bytes = bytes, .size = sizeof bytes};
    char comment[1000];
    size_t count = 0;
    memset(comment, 'x', sizeof comment);
    comment[sizeof comment - 1] = '\0';
    sshwire_put_u8(&body, 12);
    sshwire_put_u32(&body, 1);
    put_identity(&body, &soft.key, comment);
    fake_answer(&fake, &body);
    assert_int_equal(agent_list(fake.agent, &identity, 1, &count, NULL), STATUS_OK);
    assert_int_equal(strlen(identity.comment), AGENT_COMMENT_CHARS_MAX);
    fake_close(&fake);
}

static void request_and_fido_signature_are_exact(void **state)
{
    (void)state;
    struct fake fake = fake_open();
    struct soft_key soft = soft_key(KEY_SK_ED25519);
    struct signer signer = fake_signer(&fake, &soft.key);
    struct raw_signature answer = {.flags = 5, .counter = 0x0A0B0C0D}, got = {0};
    uint8_t bytes[ANSWER_BYTES], inside[256], blob[SSHKEY_BLOB_BYTES_MAX];
    struct sshwire_writer body = {.bytes = bytes, .size = sizeof bytes};
    struct sshwire_writer inner = {.bytes = inside, .size = sizeof inside};
    memset(answer.bytes, 7, sizeof answer.bytes);
    signer_put_signature(&inner, KEY_SK_ED25519, &answer);
    sshwire_put_u8(&body, 14);
    sshwire_put_string(&body, inside, inner.used);
    fake_answer(&fake, &body);
    assert_int_equal(signer.sign(signer.context, "data", 4, &got, NULL), STATUS_OK);
    assert_memory_equal(got.bytes, answer.bytes, 64);
    assert_int_equal(got.flags, 5);
    assert_int_equal(got.counter, 0x0A0B0C0D);

    size_t blob_length = sshkey_blob(&soft.key, blob);
    body.used = 0;
    sshwire_put_u32(&body, (uint32_t)(1 + 4 + blob_length + 4 + 4 + 4));
    sshwire_put_u8(&body, 13);
    sshwire_put_string(&body, blob, blob_length);
    sshwire_put_text(&body, "data");
    sshwire_put_u32(&body, 0);
    fake_expect(&fake, bytes, body.used);

    /* More than a message holds is refused before anything is sent. */
    uint8_t *much = calloc(1, AGENT_MESSAGE_BYTES_MAX);
    assert_non_null(much);
    assert_int_equal(signer.sign(signer.context, much, AGENT_MESSAGE_BYTES_MAX, &got, NULL), STATUS_LIMIT);
    free(much);
    fake_expect(&fake, "", 0);
    signer_close(&signer);
    fake_close(&fake);
}

/* Lets the agent answer a request for the list with these bytes, as they are. */
static void assert_list_fails(const void *bytes, size_t length, enum status want, const char *says)
{
    struct fake fake = fake_open();
    struct agent_identity identities[2];
    struct err err = {0};
    size_t count = 99;
    fake_write(&fake, bytes, length);
    shutdown(fake.peer, SHUT_WR);
    enum status status = agent_list(fake.agent, identities, 2, &count, &err);
    if (status != want || err.status != want || strstr(err.text, says) == NULL)
        fail_msg("status %s, text '%s', wanted %s, '%s'", status_name(status), err.text, status_name(want), says);
    assert_int_equal(count, 99);
    if (want != STATUS_PERMISSION) {
        assert_int_equal(agent_list(fake.agent, identities, 2, &count, &err), STATUS_IO);
        assert_non_null(strstr(err.text, "broke off before"));
    }
    fake_close(&fake);
}

static void senseless_lists_are_refused(void **state)
{
    (void)state;
    assert_list_fails("", 0, STATUS_IO, "closed the connection");
    assert_list_fails("\0\0", 2, STATUS_IO, "closed the connection");
    assert_list_fails("\0\0\0\0", 4, STATUS_INPUT, "its length");
    assert_list_fails("\xFF\xFF\xFF\xFF\x0c", 5, STATUS_INPUT, "its length");
    assert_list_fails("\0\4\0\1\x0c", 5, STATUS_INPUT, "its length");         /* one byte over the bound */
    assert_list_fails("\0\4\0\0\x0c", 5, STATUS_IO, "closed the connection"); /* the bound itself */
    assert_list_fails("\0\0\0\1\x05", 5, STATUS_PERMISSION, "refuses");
    assert_list_fails("\0\0\0\5\x0e\0\0\0\0", 9, STATUS_INPUT, "another type");
    assert_list_fails("\0\0\0\1\x0c", 5, STATUS_INPUT, "number of keys");
    assert_list_fails("\0\0\0\5\x0c\0\0\0\1", 9, STATUS_INPUT, "cut short");
    assert_list_fails("\0\0\0\5\x0c\0\0\x08\0", 9, STATUS_INPUT, "cut short");
    assert_list_fails("\0\0\0\5\x0c\0\0\x08\1", 9, STATUS_INPUT, "number of keys");
    assert_list_fails("\0\0\0\5\x0c\xFF\xFF\xFF\xFF", 9, STATUS_INPUT, "number of keys");
    assert_list_fails("\0\0\0\x0d\x0c\0\0\0\1\xFF\xFF\xFF\xFF\0\0\0\0", 17, STATUS_INPUT, "cut short");
    assert_list_fails("\0\0\0\x0d\x0c\0\0\0\1\0\0\0\0\0\0\0\1", 17, STATUS_INPUT, "cut short");
    assert_list_fails("\0\0\0\x06\x0c\0\0\0\0x", 10, STATUS_INPUT, "bytes after");
    for (size_t round = 0; round < 200; round++) {
        uint8_t garbage[64] = {0};
        struct fake fake = fake_open();
        struct agent_identity identities[2];
        size_t count = 99;
        randombytes_buf(garbage + 3, sizeof garbage - 3);
        garbage[3] = sizeof garbage - 4;
        garbage[4] = 12;
        memset(garbage + 5, 0, 3);
        fake_write(&fake, garbage, sizeof garbage);
        shutdown(fake.peer, SHUT_WR);
        assert_int_not_equal(agent_list(fake.agent, identities, 2, &count, NULL), STATUS_OK);
        fake_close(&fake);
    }
}

static void every_cut_of_a_list_is_refused(void **state)
{
    (void)state;
    struct soft_key soft = soft_key(KEY_ED25519);
    uint8_t bytes[ANSWER_BYTES];
    struct sshwire_writer body = {.bytes = bytes + 4, .size = sizeof bytes - 4};
    put_list(&body, &soft.key);
    for (size_t cut = 1; cut < body.used; cut++) {
        struct sshwire_writer prefix = {.bytes = bytes, .size = 4};
        sshwire_put_u32(&prefix, (uint32_t)cut);
        assert_list_fails(bytes, 4 + cut, STATUS_INPUT, "makes no sense"); /* says that it is shorter */
        prefix.used = 0;
        sshwire_put_u32(&prefix, (uint32_t)body.used);
        assert_list_fails(bytes, 4 + cut, STATUS_IO, "closed the connection"); /* says that it is whole, and stops */
    }
}

static void assert_sign_fails_as(enum key_type type, const void *body_bytes, size_t length, enum status want,
                                 const char *says)
{
    struct fake fake = fake_open();
    struct soft_key soft = soft_key(type);
    struct signer signer = fake_signer(&fake, &soft.key);
    struct raw_signature got = {0}, untouched = {0};
    struct err err = {0};
    uint8_t copy[512];
    memcpy(copy, body_bytes, length);
    struct sshwire_writer body = {.bytes = copy, .size = sizeof copy, .used = length};
    fake_answer(&fake, &body);
    assert_int_equal(signer.sign(signer.context, "data", 4, &got, &err), want);
    assert_int_equal(err.status, want);
    if (strstr(err.text, says) == NULL)
        fail_msg("'%s' does not say '%s'", err.text, says);
    assert_memory_equal(&got, &untouched, sizeof got);
    signer_close(&signer);
    fake_close(&fake);
}

static void senseless_signatures_are_refused(void **state)
{
    (void)state;
    uint8_t bytes[512], inside[256];
    struct raw_signature signature = {.flags = 5, .counter = 9};
    const enum key_type types[] = {KEY_ED25519, KEY_SK_ED25519};
    for (size_t t = 0; t < 2; t++) {
        struct sshwire_writer body = {.bytes = bytes, .size = sizeof bytes};
        struct sshwire_writer inner = {.bytes = inside, .size = sizeof inside};
        signer_put_signature(&inner, types[t], &signature);
        sshwire_put_u8(&body, 14);
        sshwire_put_string(&body, inside, inner.used);
        /* A FIDO answer for a plain key, and the other way round. */
        assert_sign_fails_as(types[1 - t], bytes, body.used, STATUS_INPUT, "not of its key's type");
        sshwire_put_u8(&body, 0); /* a byte behind it */
        assert_sign_fails_as(types[t], bytes, body.used, STATUS_INPUT, "not one signature and nothing more");
        for (size_t cut = 1; cut < body.used - 1; cut++)
            assert_sign_fails_as(types[t], bytes, cut, STATUS_INPUT, "");
        /* The same cut and said to be whole: without counter, without flags, with half a signature; and with more. */
        for (size_t length = 0; length <= inner.used + 1; length++) {
            if (length == inner.used)
                continue;
            body.used = 0;
            inside[inner.used] = 0;
            sshwire_put_u8(&body, 14);
            sshwire_put_string(&body, inside, length);
            assert_sign_fails_as(types[t], bytes, body.used, STATUS_INPUT, "signature:");
        }
        assert_sign_fails_as(types[t], "\x0c\0\0\0\0", 5, STATUS_INPUT, "another type");
        assert_sign_fails_as(types[t], "\x0e\xFF\xFF\xFF\xFF", 5, STATUS_INPUT, "makes no sense");
    }
    assert_sign_fails_as(KEY_ED25519, "\x05", 1, STATUS_PERMISSION, "locked, or the use was not confirmed");
    assert_sign_fails_as(KEY_SK_ED25519, "\x05", 1, STATUS_PERMISSION, "was not touched or did not verify its user");
}

/* What a security key or the agent before it says of the user is not believed: it has to be what was signed. */
static void flags_that_were_not_signed_are_found_out(void **state)
{
    (void)state;
    static const uint8_t said[] = {SIGNATURE_USER_PRESENT | SIGNATURE_USER_VERIFIED, SIGNATURE_USER_PRESENT, 0};
    for (size_t i = 0; i < sizeof said; i++) {
        struct fake fake = fake_open();
        struct soft_fido soft = {.flags = 0};
        const struct signer fido = soft_fido_signer(&soft, 9, SIGNATURE_USER_PRESENT);
        struct signer signer = fake_signer(&fake, &fido.key);
        struct raw_signature signature = {.flags = 0};
        struct err err = {0};
        uint8_t bytes[512], inside[256], blob[SSHSIG_BYTES_MAX], data[256];
        struct sshwire_writer body = {.bytes = bytes, .size = sizeof bytes};
        struct sshwire_writer inner = {.bytes = inside, .size = sizeof inside};
        struct sshwire_writer signed_data = {.bytes = data, .size = sizeof data};
        size_t length = 0;
        uint8_t hash[64];
        crypto_hash_sha512(hash, (const uint8_t *)"m", 1);
        sshwire_put_bytes(&signed_data, "SSHSIG", 6);
        sshwire_put_text(&signed_data, "countersign");
        sshwire_put_text(&signed_data, "");
        sshwire_put_text(&signed_data, "sha512");
        sshwire_put_string(&signed_data, hash, sizeof hash);
        assert_int_equal(fido.sign(fido.context, data, signed_data.used, &signature, NULL), STATUS_OK);
        signature.flags = said[i];
        signer_put_signature(&inner, KEY_SK_ED25519, &signature);
        sshwire_put_u8(&body, 14);
        sshwire_put_string(&body, inside, inner.used);
        fake_answer(&fake, &body);
        enum status want = said[i] == SIGNATURE_USER_PRESENT ? STATUS_OK : STATUS_SIGNATURE;
        assert_int_equal(sshsig_sign(&signer, "m", 1, blob, &length, &err), want);
        assert_true(want == STATUS_OK || strstr(err.text, said[i] == 0 ? "touch" : "does not verify") != NULL);
        signer_close(&signer);
        fake_close(&fake);
    }
}

static void an_agent_that_keeps_a_security_key_waiting_times_out(void **state)
{
    (void)state;
    struct fake fake = fake_open();
    struct soft_key soft = soft_key(KEY_SK_ED25519);
    struct signer signer = fake_signer(&fake, &soft.key);
    struct raw_signature got = {0};
    struct err err = {0};
    assert_int_equal(signer.sign(signer.context, "data", 4, &got, &err), STATUS_IO);
    assert_string_equal(err.text, "the ssh-agent did not answer within 0.100 s");
    /* An answer that comes late is none: nobody would know to which question. */
    assert_int_equal(signer.sign(signer.context, "data", 4, &got, &err), STATUS_IO);
    assert_non_null(strstr(err.text, "broke off before"));
    signer_close(&signer);
    fake_close(&fake);
}

static void lying_agent_is_found_out(void **state)
{
    (void)state;
    struct fake fake = fake_open();
    struct soft_key soft = soft_key(KEY_ED25519);
    struct signer signer = fake_signer(&fake, &soft.key);
    struct raw_signature signature = {.bytes = {1}};
    uint8_t bytes[512], inside[256], blob[SSHSIG_BYTES_MAX];
    struct sshwire_writer body = {.bytes = bytes, .size = sizeof bytes};
    struct sshwire_writer inner = {.bytes = inside, .size = sizeof inside};
    size_t length = 0;
    signer_put_signature(&inner, KEY_ED25519, &signature);
    sshwire_put_u8(&body, 14);
    sshwire_put_string(&body, inside, inner.used);
    fake_answer(&fake, &body);
    assert_int_equal(sshsig_sign(&signer, "m", 1, blob, &length, NULL), STATUS_SIGNATURE);
    signer_close(&signer);
    fake_close(&fake);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Sends a byte of a long answer now and then, until the client has gone. */
static void *dribble(void *context)
{
    const int *peer = context;
    const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
    const uint8_t zero = 0, prefix[4] = {0, 0, 1, 0};
    if (send(*peer, prefix, sizeof prefix, MSG_NOSIGNAL) != sizeof prefix)
        return NULL;
    for (int i = 0; i < 250; i++) {
        if (send(*peer, &zero, 1, MSG_NOSIGNAL) != 1)
            break;
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static void slow_agents_time_out(void **state)
{
    (void)state;
    struct agent_identity identity;
    struct err err = {0};
    size_t count = 0;
    struct fake silent = fake_open();
    int64_t started_ms = now_ms();
    assert_int_equal(agent_list(silent.agent, &identity, 1, &count, &err), STATUS_IO);
    assert_string_equal(err.text, "the ssh-agent did not answer within 0.100 s");
    assert_true(now_ms() - started_ms >= SHORT_MS - 1);
    assert_int_equal(agent_list(silent.agent, &identity, 1, &count, &err), STATUS_IO);
    assert_non_null(strstr(err.text, "broke off before"));
    fake_close(&silent);

    struct fake slow = fake_open();
    pthread_t thread;
    started_ms = now_ms();
    assert_int_equal(pthread_create(&thread, NULL, dribble, &slow.peer), 0);
    enum status status = agent_list(slow.agent, &identity, 1, &count, &err);
    int64_t took_ms = now_ms() - started_ms;
    agent_close(slow.agent);
    assert_int_equal(pthread_join(thread, NULL), 0);
    close(slow.peer);
    assert_int_equal(status, STATUS_IO);
    assert_non_null(strstr(err.text, "did not answer within"));
    assert_true(took_ms < 3000);
}

static void *answer_at_the_bound(void *context)
{
    const int *peer = context;
    uint8_t *bytes = calloc(1, 4 + AGENT_MESSAGE_BYTES_MAX);
    struct sshwire_writer writer = {.bytes = bytes, .size = 4 + AGENT_MESSAGE_BYTES_MAX};
    if (bytes == NULL)
        return NULL;
    sshwire_put_u32(&writer, AGENT_MESSAGE_BYTES_MAX);
    sshwire_put_u8(&writer, 12);
    sshwire_put_u32(&writer, 1);
    sshwire_put_text(&writer, "other");
    sshwire_put_u32(&writer, AGENT_MESSAGE_BYTES_MAX - 1 - 4 - 9 - 4);
    for (size_t sent = 0; sent < writer.size;) {
        ssize_t some = send(*peer, bytes + sent, writer.size - sent, MSG_NOSIGNAL);
        if (some <= 0)
            break;
        sent += (size_t)some;
    }
    free(bytes);
    return NULL;
}

static void largest_answer_is_read(void **state)
{
    (void)state;
    struct agent_identity identity;
    struct err err = {0};
    size_t count = 99;
    int ends[2];
    struct agent *agent = NULL;
    pthread_t thread;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(agent_open_socket(ends[0], AGENT_TIMEOUT_MS, &agent, NULL), STATUS_OK);
    assert_int_equal(pthread_create(&thread, NULL, answer_at_the_bound, &ends[1]), 0);
    enum status status = agent_list(agent, &identity, 1, &count, &err);
    agent_close(agent);
    assert_int_equal(pthread_join(thread, NULL), 0);
    close(ends[1]);
    assert_int_equal(status, STATUS_OK);
    assert_int_equal(count, 0);
}

static void no_agent_is_said_clearly(void **state)
{
    (void)state;
    struct agent *agent = NULL;
    struct err err = {0};
    char long_path[200];
    assert_int_equal(agent_open(NULL, SHORT_MS, &agent, &err), STATUS_NOT_FOUND);
    assert_non_null(strstr(err.text, "SSH_AUTH_SOCK"));
    assert_int_equal(agent_open("", SHORT_MS, &agent, &err), STATUS_NOT_FOUND);
    assert_int_equal(agent_open("/nonexistent/agent", SHORT_MS, &agent, &err), STATUS_NOT_FOUND);
    assert_non_null(strstr(err.text, "no ssh-agent at /nonexistent/agent"));
    memset(long_path, 'x', sizeof long_path);
    long_path[sizeof long_path - 1] = '\0';
    assert_int_equal(agent_open(long_path, SHORT_MS, &agent, &err), STATUS_INPUT);
    assert_null(agent);
}

static void real_agent_signs(void **state)
{
    (void)state;
    struct scratch scratch;
    struct agent *agent = NULL;
    struct agent_identity identities[4] = {0};
    struct public_key key = {0};
    struct signer signer = {0};
    struct sshsig info = {0};
    struct err err = {0};
    char path[SCRATCH_PATH_BYTES], line[512];
    uint8_t blob[SSHSIG_BYTES_MAX];
    size_t count = 0, length = 0;
    scratch_open(&scratch);
    assert_int_equal(scratch_run(&scratch, "timeout 120 ssh-agent -D -a sock & echo $! >pid; "
                                           "for i in $(seq 100); do test -S sock && exit 0; sleep 0.05; done; exit 1"),
                     0);
    assert_int_equal(scratch_run(&scratch, "ssh-keygen -q -t ecdsa -N '' -f other && "
                                           "ssh-keygen -q -t ed25519 -N '' -C 'maria at home' -f key && "
                                           "SSH_AUTH_SOCK=sock ssh-add other key"),
                     0);
    assert_true(scratch_read(&scratch, "key.pub", line, sizeof line) > 0);
    assert_int_equal(sshkey_parse_line(line, &key, NULL), STATUS_OK);
    assert_int_equal(agent_open(scratch_path(&scratch, "sock", path), AGENT_TIMEOUT_MS, &agent, &err), STATUS_OK);
    assert_int_equal(agent_list(agent, identities, 4, &count, &err), STATUS_OK);
    assert_int_equal(count, 1);
    assert_true(sshkey_equal(&identities[0].key, &key));
    assert_string_equal(identities[0].comment, "maria at home");
    assert_int_equal(agent_signer(agent, &key, &signer, &err), STATUS_OK);
    assert_int_equal(sshsig_sign(&signer, "m", 1, blob, &length, &err), STATUS_OK);
    assert_int_equal(sshsig_verify(blob, length, "m", 1, &info, &err), STATUS_OK);
    assert_true(sshkey_equal(&info.key, &key));
    assert_int_equal(scratch_run(&scratch, "SSH_AUTH_SOCK=sock ssh-add -d key"), 0);
    assert_int_equal(sshsig_sign(&signer, "m", 1, blob, &length, &err), STATUS_PERMISSION);
    signer_close(&signer);
    assert_int_equal(agent_signer(agent, &key, &signer, &err), STATUS_NOT_FOUND);
    assert_int_equal(scratch_run(&scratch, "kill $(cat pid)"), 0);
    assert_int_equal(scratch_run(&scratch, "for i in $(seq 100); do test -S sock || exit 0; sleep 0.05; done; exit 1"),
                     0);
    assert_int_equal(agent_list(agent, identities, 4, &count, &err), STATUS_IO);
    agent_close(agent);
    scratch_close(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_shows_what_can_sign),
        cmocka_unit_test(long_comments_are_cut),
        cmocka_unit_test(request_and_fido_signature_are_exact),
        cmocka_unit_test(senseless_lists_are_refused),
        cmocka_unit_test(every_cut_of_a_list_is_refused),
        cmocka_unit_test(senseless_signatures_are_refused),
        cmocka_unit_test(lying_agent_is_found_out),
        cmocka_unit_test(flags_that_were_not_signed_are_found_out),
        cmocka_unit_test(an_agent_that_keeps_a_security_key_waiting_times_out),
        cmocka_unit_test(slow_agents_time_out),
        cmocka_unit_test(largest_answer_is_read),
        cmocka_unit_test(no_agent_is_said_clearly),
        cmocka_unit_test(real_agent_signs),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

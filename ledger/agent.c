/*
 * A client of ssh-agent (draft-miller-ssh-agent) for the two messages that signing needs. Guarantees that whatever
 * stands behind the socket can make us wait no longer than the timeout, hold no more than AGENT_MESSAGE_BYTES_MAX, and
 * at worst fail: answers are read through bounded cursors, and sshsig_sign checks every signature before use.
 */
#include "ledger/agent.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "ledger/sshwire.h"

/* Message numbers, draft-miller-ssh-agent section 5.1. */
enum {
    AGENT_FAILURE = 5,
    AGENT_REQUEST_IDENTITIES = 11,
    AGENT_IDENTITIES_ANSWER = 12,
    AGENT_SIGN_REQUEST = 13,
    AGENT_SIGN_RESPONSE = 14
};

enum { LENGTH_BYTES = 4, SIGN_OVERHEAD_BYTES = 1 + 4 + SSHKEY_BLOB_BYTES_MAX + 4 + 4 };

struct agent {
    int fd;
    int timeout_ms;
    bool broken; /* an answer was cut short or made no sense: what comes next would be answered wrongly */
};

/* What a signer of an agent keeps. */
struct agent_key {
    struct agent *agent;
    struct public_key key;
};

/* An answer in memory of its own; reader stands behind its type byte. */
struct answer {
    uint8_t *bytes;
    struct sshwire_reader reader;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static enum status wait_until_ready(const struct agent *agent, short events, int64_t deadline_ms, struct err *err)
{
    for (;;) {
        int64_t left_ms = deadline_ms - now_ms();
        struct pollfd poll_fd = {.fd = agent->fd, .events = events};
        int ready = left_ms > 0 ? poll(&poll_fd, 1, (int)left_ms) : 0;
        if (ready > 0)
            return STATUS_OK;
        if (ready == 0)
            return err_set(err, STATUS_IO, "the ssh-agent did not answer within %d.%03d s", agent->timeout_ms / 1000,
                           agent->timeout_ms % 1000);
        if (errno != EINTR)
            return err_set(err, STATUS_IO, "ssh-agent: %m");
    }
}

static enum status send_all(const struct agent *agent, const uint8_t *bytes, size_t length, int64_t deadline_ms,
                            struct err *err)
{
    while (length > 0) {
        enum status status = wait_until_ready(agent, POLLOUT, deadline_ms, err);
        if (status != STATUS_OK)
            return status;
        ssize_t sent = send(agent->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (sent < 0)
            return err_set(err, STATUS_IO, "ssh-agent: %m");
        bytes += sent;
        length -= (size_t)sent;
    }
    return STATUS_OK;
}

static enum status receive_all(const struct agent *agent, uint8_t *ret_bytes, size_t length, int64_t deadline_ms,
                               struct err *err)
{
    while (length > 0) {
        enum status status = wait_until_ready(agent, POLLIN, deadline_ms, err);
        if (status != STATUS_OK)
            return status;
        ssize_t got = recv(agent->fd, ret_bytes, length, MSG_DONTWAIT);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got < 0)
            return err_set(err, STATUS_IO, "ssh-agent: %m");
        if (got == 0)
            return err_set(err, STATUS_IO, "the ssh-agent closed the connection instead of answering");
        ret_bytes += got;
        length -= (size_t)got;
    }
    return STATUS_OK;
}

/* Marks the connection as unusable: nobody knows what the next bytes on it mean. */
static enum status break_off(struct agent *agent, struct err *err, const char *text)
{
    agent->broken = true;
    return err_set(err, STATUS_INPUT, "the ssh-agent's answer makes no sense: %s", text);
}

static enum status receive_answer(struct agent *agent, int64_t deadline_ms, struct answer *ret_answer, struct err *err)
{
    uint8_t prefix[LENGTH_BYTES];
    uint32_t length = 0;
    uint8_t *bytes = NULL;
    struct sshwire_reader reader = {.at = prefix, .left = sizeof prefix};
    enum status status = receive_all(agent, prefix, sizeof prefix, deadline_ms, err);
    if (status != STATUS_OK)
        return status;
    if (!sshwire_get_u32(&reader, &length) || length == 0 || length > AGENT_MESSAGE_BYTES_MAX)
        return break_off(agent, err, "its length is out of bounds");
    bytes = malloc(length);
    if (bytes == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the ssh-agent's answer");
    status = receive_all(agent, bytes, length, deadline_ms, err);
    if (status != STATUS_OK) {
        free(bytes);
        return status;
    }
    *ret_answer = (struct answer){.bytes = bytes, .reader = {.at = bytes, .left = length}};
    return STATUS_OK;
}

/* Sends a request, length prefix included, and receives an answer of the type wanted. */
static enum status ask(struct agent *agent, const struct sshwire_writer *request, uint8_t wanted,
                       struct answer *ret_answer, struct err *err)
{
    struct answer answer = {0};
    uint8_t type = 0;
    int64_t deadline_ms = now_ms() + agent->timeout_ms;
    if (agent->broken)
        return err_set(err, STATUS_IO, "the connection to the ssh-agent broke off before");
    enum status status = send_all(agent, request->bytes, request->used, deadline_ms, err);
    if (status == STATUS_OK)
        status = receive_answer(agent, deadline_ms, &answer, err);
    if (status != STATUS_OK) {
        agent->broken = true;
        return status;
    }
    if (!sshwire_get_u8(&answer.reader, &type) || (type != wanted && type != AGENT_FAILURE))
        status = break_off(agent, err, "another type than asked for");
    else if (type == AGENT_FAILURE)
        status = err_set(err, STATUS_PERMISSION, "the ssh-agent refuses (locked, or the use was not confirmed)");
    if (status != STATUS_OK) {
        free(answer.bytes);
        return status;
    }
    *ret_answer = answer;
    return STATUS_OK;
}

/* Asks for the list and reads how many there are. The caller frees the answer's bytes. */
static enum status ask_identities(struct agent *agent, struct answer *ret_answer, uint32_t *ret_count, struct err *err)
{
    uint8_t bytes[LENGTH_BYTES + 1];
    struct sshwire_writer request = {.bytes = bytes, .size = sizeof bytes};
    struct answer answer = {0};
    sshwire_put_u32(&request, 1);
    sshwire_put_u8(&request, AGENT_REQUEST_IDENTITIES);
    enum status status = ask(agent, &request, AGENT_IDENTITIES_ANSWER, &answer, err);
    if (status != STATUS_OK)
        return status;
    if (!sshwire_get_u32(&answer.reader, ret_count) || *ret_count > AGENT_IDENTITIES_MAX) {
        free(answer.bytes);
        return break_off(agent, err, "the number of keys is out of bounds");
    }
    *ret_answer = answer;
    return STATUS_OK;
}

/* Reads one key of the list; *ret_usable says whether it is one that signs here. */
static enum status next_identity(struct agent *agent, struct answer *answer, struct agent_identity *ret_identity,
                                 bool *ret_usable, struct err *err)
{
    struct sshwire_reader blob = {0}, comment = {0};
    struct agent_identity identity = {0};
    if (!sshwire_get_string(&answer->reader, &blob) || !sshwire_get_string(&answer->reader, &comment))
        return break_off(agent, err, "the list of keys is cut short");
    *ret_usable = sshkey_from_blob(blob.at, blob.left, &identity.key, NULL) == STATUS_OK;
    size_t length = comment.left < AGENT_COMMENT_CHARS_MAX ? comment.left : AGENT_COMMENT_CHARS_MAX;
    for (size_t i = 0; i < length; i++) {
        bool printable = comment.at[i] >= ' ' && comment.at[i] < 0x7F;
        identity.comment[i] = printable ? (char)comment.at[i] : '?';
    }
    *ret_identity = identity;
    return STATUS_OK;
}

enum status agent_open_socket(int fd, int timeout_ms, struct agent **ret_agent, struct err *err)
{
    invariant(timeout_ms > 0);
    struct agent *agent = calloc(1, sizeof *agent);
    if (agent == NULL) {
        close(fd);
        return err_set(err, STATUS_MEMORY, "no memory for the ssh-agent's connection");
    }
    agent->fd = fd;
    agent->timeout_ms = timeout_ms;
    *ret_agent = agent;
    return STATUS_OK;
}

enum status agent_open(const char *socket_path, int timeout_ms, struct agent **ret_agent, struct err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (socket_path == NULL || socket_path[0] == '\0')
        return err_set(err, STATUS_NOT_FOUND,
                       "no ssh-agent: SSH_AUTH_SOCK is not set; start one with eval \"$(ssh-agent)\", then ssh-add");
    size_t length = strlen(socket_path);
    if (length >= sizeof address.sun_path)
        return err_set(err, STATUS_INPUT, "the ssh-agent's socket path is over %zu bytes", sizeof address.sun_path - 1);
    memcpy(address.sun_path, socket_path, length + 1);
    /* Not blocking: an agent that accepts nobody is an error here, not a wait without end. */
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return err_set(err, STATUS_IO, "ssh-agent: %m");
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        if (error == ENOENT || error == ECONNREFUSED || error == ENOTDIR)
            return err_set(err, STATUS_NOT_FOUND, "no ssh-agent at %s: %m", socket_path);
        return err_set(err, error == EACCES || error == EPERM ? STATUS_PERMISSION : STATUS_IO, "ssh-agent at %s: %m",
                       socket_path);
    }
    return agent_open_socket(fd, timeout_ms, ret_agent, err);
}

void agent_close(struct agent *agent)
{
    if (agent == NULL)
        return;
    close(agent->fd);
    free(agent);
}

enum status agent_list(struct agent *agent, struct agent_identity *ret_identities, size_t size, size_t *ret_count,
                       struct err *err)
{
    struct answer answer = {0};
    uint32_t left_count = 0;
    size_t used = 0;
    enum status status = ask_identities(agent, &answer, &left_count, err);
    for (; status == STATUS_OK && left_count > 0; left_count--) {
        struct agent_identity identity;
        bool usable = false;
        status = next_identity(agent, &answer, &identity, &usable, err);
        if (status != STATUS_OK || !usable || sshkey_check(&identity.key, NULL) != STATUS_OK)
            continue;
        if (used == size)
            status = err_set(err, STATUS_LIMIT, "the ssh-agent holds more than %zu usable keys", size);
        else
            ret_identities[used++] = identity;
    }
    if (status == STATUS_OK && answer.reader.left != 0)
        status = break_off(agent, err, "bytes after the list of keys");
    if (status == STATUS_OK)
        *ret_count = used;
    free(answer.bytes);
    return status;
}

static enum status agent_key_sign(void *context, const void *data, size_t length, struct raw_signature *ret_signature,
                                  struct err *err)
{
    const struct agent_key *key = context;
    uint8_t blob[SSHKEY_BLOB_BYTES_MAX];
    struct answer answer = {0};
    struct sshwire_reader signature = {0};
    if (length > AGENT_MESSAGE_BYTES_MAX - SIGN_OVERHEAD_BYTES)
        return err_set(err, STATUS_LIMIT, "%zu bytes are too many for an ssh-agent to sign", length);
    size_t blob_length = sshkey_blob(&key->key, blob);
    size_t body_length = 1 + 4 + blob_length + 4 + length + 4;
    struct sshwire_writer request = {.size = LENGTH_BYTES + body_length};
    request.bytes = malloc(request.size);
    if (request.bytes == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a request to the ssh-agent");
    sshwire_put_u32(&request, (uint32_t)body_length);
    sshwire_put_u8(&request, AGENT_SIGN_REQUEST);
    sshwire_put_string(&request, blob, blob_length);
    sshwire_put_string(&request, data, length);
    sshwire_put_u32(&request, 0); /* no flags: they choose among RSA hashes */
    invariant(!request.full);
    enum status status = ask(key->agent, &request, AGENT_SIGN_RESPONSE, &answer, err);
    if (status == STATUS_PERMISSION && key->key.type == KEY_SK_ED25519)
        status = err_set(err, STATUS_PERMISSION,
                         "the ssh-agent refuses: the security key is not there, was not touched or did not verify its "
                         "user, the use was not confirmed, or the agent is locked");
    if (status == STATUS_OK && (!sshwire_get_string(&answer.reader, &signature) || answer.reader.left != 0))
        status = break_off(key->agent, err, "not one signature and nothing more");
    if (status == STATUS_OK)
        status = signer_get_signature(key->key.type, signature.at, signature.left, ret_signature, err);
    free(answer.bytes);
    free(request.bytes);
    return status;
}

enum status agent_signer(struct agent *agent, const struct public_key *wanted, struct signer *ret_signer,
                         struct err *err)
{
    struct answer answer = {0};
    uint32_t left_count = 0;
    bool found = false;
    enum status status = ask_identities(agent, &answer, &left_count, err);
    for (; status == STATUS_OK && left_count > 0; left_count--) {
        struct agent_identity identity;
        bool usable = false;
        status = next_identity(agent, &answer, &identity, &usable, err);
        found = found || (status == STATUS_OK && usable && sshkey_equal(&identity.key, wanted));
    }
    free(answer.bytes);
    if (status != STATUS_OK)
        return status;
    if (!found) {
        char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1];
        sshkey_fingerprint(wanted, fingerprint);
        return err_set(err, STATUS_NOT_FOUND, "the key %s is not in the ssh-agent; add it with ssh-add", fingerprint);
    }
    struct agent_key *key = malloc(sizeof *key);
    if (key == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a key");
    *key = (struct agent_key){.agent = agent, .key = *wanted};
    *ret_signer = (struct signer){.key = *wanted, .sign = agent_key_sign, .close = free, .context = key};
    return STATUS_OK;
}

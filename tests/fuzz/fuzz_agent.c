/*
 * Attacks the reader of what an ssh-agent answers, which may be anybody who owns that socket: the input is all that it will ever
 * say. What is listed are keys that can sign; what it gives for a signature is one over these bytes by that key, or is refused.
 */
#include <sys/socket.h>

#include "ledger/agent.h"
#include "ledger/sshsig.h"
#include "tests/fuzz/fuzz.h"

enum { ANSWERS_MAX = 128 << 10, KEYS_MAX = 64 };

static void check_signer(struct agent *agent, const struct public_key *key)
{
    static const char message[] = "{\"hello\":\"world\"}";
    struct signer signer = {.sign = NULL};
    uint8_t blob[SSHSIG_BYTES_MAX];
    size_t length = 0;
    struct sshsig info;
    if (agent_signer(agent, key, &signer, NULL) != STATUS_OK)
        return;
    must(sshkey_equal(&signer.key, key));
    if (sshsig_sign(&signer, message, sizeof message - 1, blob, &length, NULL) == STATUS_OK)
        must(sshsig_verify(blob, length, message, sizeof message - 1, &info, NULL) == STATUS_OK &&
             sshkey_equal(&info.key, key));
    signer_close(&signer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct agent_identity identities[KEYS_MAX];
    struct agent *agent = NULL;
    size_t count = 0;
    int ends[2], room = ANSWERS_MAX;
    struct err err = {.status = STATUS_OK, .text = ""};
    if (size > ANSWERS_MAX / 2)
        return 0;
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    must(setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof room) == 0);
    must(send(ends[1], data, size, MSG_DONTWAIT) == (ssize_t)size && shutdown(ends[1], SHUT_WR) == 0);
    must(agent_open_socket(ends[0], 1000, &agent, NULL) == STATUS_OK);
    enum status status = agent_list(agent, identities, KEYS_MAX, &count, &err);
    must(status == STATUS_OK || err.text[0] != '\0');
    if (status == STATUS_OK) {
        for (size_t i = 0; i < count; i++) {
            must(sshkey_check(&identities[i].key, NULL) == STATUS_OK);
            for (const char *at = identities[i].comment; *at != '\0'; at++)
                must(*at >= ' ' && *at <= '~');
        }
        if (count > 0)
            check_signer(agent, &identities[count - 1].key);
    }
    agent_close(agent);
    close(ends[1]);
    return 0;
}

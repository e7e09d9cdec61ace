/*
 * Signing with keys that an ssh-agent holds: plain Ed25519 ones and FIDO ones.
 *
 * Source: draft-miller-ssh-agent, sections 3.5 and 3.6.
 */
#ifndef LEDGER_AGENT_H
#define LEDGER_AGENT_H

#include <stddef.h>

#include "ledger/signer.h"
#include "ledger/sshkey.h"
#include "ledger/status.h"

enum {
    AGENT_MESSAGE_BYTES_MAX = 256 << 10, /* OpenSSH's own bound */
    AGENT_IDENTITIES_MAX = 2048,         /* OpenSSH's own bound on one agent's keys */
    AGENT_COMMENT_CHARS_MAX = 95,
    AGENT_TIMEOUT_MS = 60 * 1000 /* for one question and its answer; a PIN and a touch have to fit */
};

struct agent;

/* A usable key in an agent. comment is cut to its size, what is not printable ASCII shown as '?'. */
struct agent_identity {
    struct public_key key;
    char comment[AGENT_COMMENT_CHARS_MAX + 1];
};

/*
 * Connects to the agent at socket_path (the value of SSH_AUTH_SOCK; NULL or "" when there is none).
 *
 * in      timeout_ms for each question, usually AGENT_TIMEOUT_MS; > 0.
 * out     *ret_agent: gives; closed with agent_close. One thread at a time.
 * errors  NOT_FOUND (no agent), PERMISSION, INPUT (path too long), IO, MEMORY.
 */
MUST_USE enum status agent_open(const char *socket_path, int timeout_ms, struct agent **ret_agent, struct err *err);

/* The same over a connected stream socket, which it keeps and closes (on an error too). errors MEMORY. */
MUST_USE enum status agent_open_socket(int fd, int timeout_ms, struct agent **ret_agent, struct err *err);

/* NULL is nothing to do. Signers of this agent are dead afterwards: close them first. */
void agent_close(struct agent *agent);

/*
 * Lists the keys that can sign here; other types and unusable points are passed over.
 *
 * out     ret_identities[0..*ret_count), *ret_count <= size.
 * errors  LIMIT (more than size), INPUT (the agent's answer makes no sense), IO (gone, timed out), PERMISSION
 * (refuses), MEMORY. After INPUT or IO the agent answers only IO: open it again.
 */
MUST_USE enum status agent_list(struct agent *agent, struct agent_identity *ret_identities, size_t size,
                                size_t *ret_count, struct err *err);

/*
 * A signer with the key wanted.
 *
 * out     *ret_signer: closed with signer_close, before the agent, which it borrows until then.
 * errors  NOT_FOUND (the key is not in the agent: its fingerprint, and ssh-add), and those of agent_list.
 */
MUST_USE enum status agent_signer(struct agent *agent, const struct public_key *wanted, struct signer *ret_signer,
                                  struct err *err);

#endif

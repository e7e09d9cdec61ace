/*
 * What a session holds, for its own rooms only (session.c, session_sign.c).
 */
#ifndef CLI_SESSION_PARTS_H
#define CLI_SESSION_PARTS_H

#include "cli/program.h"
#include "cli/receipts.h"
#include "cli/session.h"
#include "ledger/agent.h"
#include "ledger/entry.h"
#include "ledger/limits.h"

/* Which files an embedded book was opened from, to see when others were put in their place. */
struct session_files {
    uint64_t device, journal, books;
};

struct session {
    struct cli *cli;
    const struct options *options;
    const char *book_dir;
    const char *user;
    unsigned flags;
    uint32_t wait_ms;
    struct gate_options gate_options;
    struct program program;
    char book_id[HASH_HEX_CHARS + 1];
    struct gate *gate;
    bool simulated;
    bool time_given;
    int64_t time_ms;

    struct session_files files; /* zeros until session_wait looked */

    bool facts_begun;
    struct facts facts;
    bool has_seen;
    struct journal_head seen;

    struct agent *agent;
    struct signer signer;
    bool has_signer;
    const struct signer *cosigner; /* NULL: the user alone signs */

    bool has_statement;
    struct statement statement;
};

struct receipt_owner session_receipt_owner(const struct session *session);
/* Opens the gate (again). errors of gate_open. */
MUST_USE enum status session_open_gate(struct session *session, struct err *err);

#endif

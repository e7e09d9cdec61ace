/*
 * A session with a book, as one user: opening it, reading it, making statements, signing them, letting them in. What the
 * commands have in common and nothing else.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "controls/facts.h"
#include "controls/gate.h"
#include "ledger/signer.h"
#include "ledger/statement.h"
#include "ledger/status.h"

struct session;

enum session_flags {
    SESSION_READ = 0,
    SESSION_WRITE = 1, /* statements will be let in: a user is needed (--as or COUNTERSIGN_USER) */
};

/*
 * Opens the book that the options name. The journal's write lock is taken only when a statement is let in, after any
 * passphrase has been asked.
 *
 * errors  INPUT (no user where one is needed, --at on a real book), those of gate_open; CORRUPT when the book does not
 *         extend the last receipt that this user kept.
 */
MUST_USE enum status session_open(struct cli *cli, const struct options *options, unsigned flags,
                                  struct session **ret_session, struct err *err);
void session_close(struct session *session);

struct gate *session_gate(struct session *session);
const char *session_user(const struct session *session); /* NULL when none was named */
bool session_is_simulated(const struct session *session);

/* The time to put into a statement: --at on a simulated book (else the head's time), the clock on a real one. */
int64_t session_time(const struct session *session);
/* Sets it for the statements that follow (a batch's `at` column). errors INPUT on a real book. */
MUST_USE enum status session_set_time(struct session *session, int64_t time_ms, struct err *err);

/*
 * Facts for reading: a snapshot of the books with the policy in force now. One at a time.
 *
 * out     *ret_facts: lends until session_end_facts.
 */
MUST_USE enum status session_begin_facts(struct session *session, const struct facts **ret_facts, struct err *err);
void session_end_facts(struct session *session);

/*
 * The user's signer, asked for once: --key FILE (passphrase), else a key enrolled for the user in ssh-agent.
 *
 * errors  INPUT (neither given), PERMISSION (wrong passphrase, no enrolled key in the agent: names what is there).
 */
MUST_USE enum status session_signer(struct session *session, const struct signer **ret_signer, struct err *err);

/* A random statement id or document ref with a prefix, from the cli's random source. */
enum { SESSION_ID_BYTES = 40 };
void session_new_id(struct session *session, const char *prefix, char ret_id[static SESSION_ID_BYTES]);

/*
 * Makes a statement of the session's user over body, signs it and lets it in; with --dry-run asks what would be decided;
 * with --to FILE leaves statement and signature in a file for others to sign (STATUS_OK, *ret_answer untouched, *ret_left
 * true).
 *
 * in      verb; body: borrowed. see: fills `seen` with the journal's head (required to approve and to govern).
 * out     *ret_answer: gives (gate_answer_done); in a dry run seq is UINT64_MAX.
 * errors  those of statement_make, session_signer and gate_submit. After UNKNOWN it has reopened and submitted the same
 *         bytes again before answering.
 */
MUST_USE enum status session_submit(struct session *session, enum verb verb, const json_t *body, bool see,
                                    struct gate_answer *ret_answer, bool *ret_left, struct err *err);

/*
 * A statement in a file: {"signatures": [...], "statement": {...}}, canonical JSON and one line feed.
 *
 * errors  INPUT (form), SIGNATURE (a signature does not verify), EXISTS (write: the file is there), IO.
 */
MUST_USE enum status statement_file_read(const char *path, struct statement *ret_statement,
                                         struct signature_list *ret_signatures, struct err *err);
MUST_USE enum status statement_file_write(const char *path, const struct statement *statement,
                                          const struct signature_list *signatures, bool replace, struct err *err);

#endif

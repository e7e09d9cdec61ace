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
#include "ledger/journal.h"
#include "ledger/signer.h"
#include "ledger/statement.h"
#include "ledger/status.h"

struct book;
struct judge;
struct session;

enum session_flags {
    SESSION_READ = 0,
    SESSION_WRITE = 1,    /* statements will be let in: a user is needed (--as or COUNTERSIGN_USER) */
    SESSION_RESTORED = 4, /* about a restore itself: what this user saw before is looked at by the command */
    SESSION_ANY_TIME = 2  /* with WRITE: the statements come from files, so no user is needed and --at means nothing */
};

/*
 * Opens the book that the options name. The journal's write lock is taken only when a statement is let in, after any
 * passphrase has been asked. A book with a simulated clock says so on err.
 *
 * in      options: kept until session_close.
 * errors  INPUT (no user where one is needed, --at on a real book), those of book_open; CORRUPT when the book does not
 *         extend the last receipt that this user kept.
 */
MUST_USE enum status session_open(struct cli *cli, const struct options *options, unsigned flags,
                                  struct session **ret_session, struct err *err);
void session_close(struct session *session);

/* Lend until session_close; what is to be read, until the next statement is let in: it may have been reopened then. */
struct book *session_book(struct session *session);
struct books *session_books(struct session *session);
struct judge *session_judge(struct session *session);
struct cli *session_cli(struct session *session);
const struct options *session_options(const struct session *session);
const char *session_user(const struct session *session); /* NULL when none was named */
bool session_is_simulated(const struct session *session);

/* Size and last leaf of the journal as far as the books show it, so that both agree while others write. errors CORRUPT, IO, BUSY. */
MUST_USE enum status session_head(struct session *session, struct journal_head *ret_head, struct err *err);

/*
 * Waits until the book holds more than `beyond` entries (or fewer: it was set back), at most so long. Where it cannot be
 * reached for a while, it is opened again. Facts are ended before; what session_book and session_books lent is over.
 *
 * out     *ret_head: as session_head, also when the time is over with nothing new.
 * errors  CORRUPT (another book lies there now); those of book_open and book_wait, when it could not be reached in all that
 *         time: another call tries again. Left early once interrupt_seen().
 */
enum { SESSION_LOOK_MS = 1000 };
MUST_USE enum status session_wait(struct session *session, uint64_t beyond, uint32_t timeout_ms,
                                  struct journal_head *ret_head, struct err *err);

/* The time to put into a statement: --at on a simulated book (else the head's time), the clock on a real one. */
int64_t session_time(const struct session *session);
/* Sets it for the statements that follow (a batch's `at` column). errors INPUT on a real book. */
MUST_USE enum status session_set_time(struct session *session, int64_t time_ms, struct err *err);
/* Reads an instant as people may write it: YYYY-MM-DD, YYYY-MM-DDTHH:MM:SSZ or the format's own. errors INPUT. */
MUST_USE enum status session_read_time(const char *text, int64_t *ret_ms, struct err *err);

/*
 * Facts for reading: a snapshot of the books with the policy in force now. One at a time; to be ended before
 * session_submit, session_let_in and session_begin_facts. The head at this moment is what `seen` will say.
 *
 * out     *ret_facts: lends until session_end_facts.
 */
MUST_USE enum status session_begin_facts(struct session *session, const struct facts **ret_facts, struct err *err);
void session_end_facts(struct session *session);

/*
 * The user's signer, asked for once: --key FILE (passphrase) or FILE.pub (ssh-agent), else a key of ssh-agent's that counts
 * for the user, security keys first. Tells on err when there was a choice, and when the key ends soon.
 *
 * errors  INPUT (neither given), PERMISSION (wrong passphrase, no key in the agent that counts: says what is there).
 */
MUST_USE enum status session_signer(struct session *session, const struct signer **ret_signer, struct err *err);

/*
 * The same for what is signed to stand outside the journal: who reads it finds the key in the book under the user's name, or has
 * nothing.
 *
 * errors  also PERMISSION: the book knows no such key of the user's that counts now.
 */
MUST_USE enum status session_known_signer(struct session *session, const struct signer **ret_signer, struct err *err);

/*
 * Tells on the error output when a key ends soon, whoever's it is: session_signer does so itself, once. Says nothing where it is
 * not known.
 *
 * errors  MEMORY, and no other.
 */
MUST_USE enum status session_warn_of_key(struct session *session, const struct public_key *key, struct err *err);

/* What the user is warned of, as a list for --json; gives, NULL when there is nothing. */
json_t *session_warnings(const struct session *session);

/*
 * Another key that signs the statements that follow, besides the user's: proof of possession of a key that is being
 * enrolled. NULL: none any more.
 *
 * in      cosigner: kept until session_close or the next call.
 */
void session_set_cosigner(struct session *session, const struct signer *cosigner);

/* A random statement id or document ref with a prefix of a few letters, from the cli's random source. */
enum { SESSION_ID_BYTES = 40 };
void session_new_id(struct session *session, const char *prefix, char ret_id[static SESSION_ID_BYTES]);

/*
 * Makes a statement of the session's user over body, signs it and lets it in; with --dry-run asks what would be decided;
 * with --to FILE leaves statement and signature in a file for others to sign (STATUS_OK, *ret_answer untouched, *ret_left
 * true).
 *
 * in      verb; body: borrowed. see: fills `seen` with the head that the last session_begin_facts saw, else the
 *         journal's (required to approve and to govern).
 * out     *ret_answer: gives (gate_answer_done); in a dry run seq is UINT64_MAX.
 * errors  those of statement_make, session_signer and gate_submit. After UNKNOWN it has reopened and submitted the same
 *         bytes again before answering.
 */
MUST_USE enum status session_submit(struct session *session, enum verb verb, const json_t *body, bool see,
                                    struct gate_answer *ret_answer, bool *ret_left, struct err *err);

/* The statement that session_submit made last; NULL before the first. Lends until the next. */
const struct statement *session_statement(const struct session *session);

/* Lets in a statement that is made and signed already, or with --dry-run asks. out and errors as session_submit. */
MUST_USE enum status session_let_in(struct session *session, const struct statement *statement,
                                    const struct signature_list *signatures, struct gate_answer *ret_answer,
                                    struct err *err);

#endif

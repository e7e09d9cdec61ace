/*
 * The gate: the only door to writing (DESIGN 3). A statement comes in with its signatures; what comes out is the entry
 * that records the decision, durable, or an error and a journal that is as it was.
 */
#ifndef CONTROLS_GATE_H
#define CONTROLS_GATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "ledger/books_open.h"
#include "ledger/entry.h"
#include "ledger/hash.h"
#include "ledger/slice.h"
#include "ledger/statement.h"
#include "ledger/status.h"

struct gate;
struct judge;

struct gate_options {
    const struct gate_facts *facts; /* release, executable, mode, OS user; borrowed until gate_close */
    /* The clock: milliseconds since 1970. Called once for each statement on a real book, never on a simulated one. */
    int64_t (*now_ms)(void *context);
    void *clock_context;
    uint32_t wait_ms; /* for another writer */
    bool read_only;
    bool rebuild; /* drop the books first */
    bool
        serves; /* the caller holds the book for a server (served.h); otherwise only one that none has is opened to write */
    books_progress *progress;
    void *progress_context;
};

/*
 * Opens a book: journal, books in step.
 *
 * in      options: borrowed until gate_close.
 * errors  those of journal_open and books_open; BUSY also where a server has the book and it is opened to write.
 */
MUST_USE enum status gate_open(const char *book_dir, const struct gate_options *options, struct gate **ret_gate,
                               struct err *err);
void gate_close(struct gate *gate);

/* What a command reads. Lend until gate_close. */
struct books *gate_books(struct gate *gate);
/* The book's id in hex, its charter's body without the policy. Lend until gate_close. */
const char *gate_book_id(const struct gate *gate);
const json_t *gate_charter(const struct gate *gate);
bool gate_is_simulated(const struct gate *gate);

struct gate_answer {
    uint64_t seq; /* of the entry that records it */
    struct hash leaf;
    int64_t time_ms;
    json_t *decision;
    bool repeated; /* the statement was there already: this is the first result */
};
void gate_answer_done(struct gate_answer *answer);

/*
 * Whether bytes are a statement for this book, and signatures are its own: what can be found out without the books. Any
 * thread may ask at any time.
 *
 * in      bytes, signatures: borrowed.
 * out     *ret_statement: gives, with a copy of the bytes; statement_done.
 * errors  INPUT, LIMIT (form), SIGNATURE (does not verify), MEMORY.
 */
MUST_USE enum status gate_check(const struct gate *gate, struct slice bytes, const struct signature_list *signatures,
                                struct statement *ret_statement, struct err *err);

/* A statement that gate_check has passed, on its way in, and what came of it. */
struct gate_submission {
    const struct statement *statement; /* borrowed, as are its signatures */
    const struct signature_list *signatures;
    const struct gate_facts *facts; /* of whoever brought it; NULL: the gate's own. Borrowed */
    enum status status;             /* as gate_submit answers; err says why */
    struct err err;
    struct gate_answer answer; /* on OK; on UNKNOWN as gate_submit's. gate_answer_done */
};

/*
 * Lets several statements in, in their order, by one commit: each is judged against books that know the ones before it, has
 * an entry of its own, and an answer of its own. One that fails leaves no trace and does not touch the others; when the
 * commit fails, all that it held fail. One thread at a time.
 *
 * in      submissions[0..count), count 1..GATE_GROUP_MAX.
 * after   whatever is OK is durable, by two syncs for all.
 */
enum { GATE_GROUP_MAX = 256 };
void gate_submit_group(struct gate *gate, struct gate_submission *submissions, size_t count);

/*
 * Lets one statement in: gate_check, and a group of one.
 *
 * in      bytes of the statement and its signatures, at least the actor's; borrowed.
 * out     *ret_answer: gives; gate_answer_done. A refusal by controls is an answer, not an error.
 * after   on OK the entry is durable. On UNKNOWN: close the gate, open again, submit the same bytes again; ret_answer
 *         then holds nothing but seq, the number of the entry if it is known to be durable, else UINT64_MAX.
 * errors  no entry was written for any of them: INPUT, LIMIT (form), SIGNATURE (does not verify), PERMISSION (no key of the
 *         actor's among the signers), EXISTS (the id was used for other bytes), CLOCK (skew, or behind the head), REFUSED
 *         (too many refusals of this user today), BUSY, FULL, IO, CORRUPT, UNKNOWN.
 */
MUST_USE enum status gate_submit(struct gate *gate, struct slice bytes, const struct signature_list *signatures,
                                 struct gate_answer *ret_answer, struct err *err);

/*
 * What would be decided, if the actor signed this now. Nothing is written, nothing needs to be signed.
 *
 * out     *ret_decision: gives.
 */
MUST_USE enum status gate_dry_run(struct gate *gate, struct slice bytes, json_t **ret_decision, struct err *err);

/*
 * Records a checkpoint that is about to be handed out. size and root must be this journal's.
 *
 * errors  those of append.h.
 */
MUST_USE enum status gate_record_checkpoint(struct gate *gate, uint64_t size, const struct hash *root,
                                            struct slice note, struct err *err);

#endif

/*
 * The port through which commands reach a book, wherever it is: a directory (book_directory.c) or a server behind a Unix
 * socket or ssh (book_remote.c). Who asks cannot tell which, but by what it may read and by how long it takes.
 */
#ifndef CLI_BOOK_H
#define CLI_BOOK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/cli.h"
#include "controls/gate.h"
#include "ledger/beside.h"
#include "ledger/books_open.h"
#include "ledger/journal.h"
#include "ledger/slice.h"
#include "ledger/status.h"
#include "ledger/timestamps.h"

struct book;
struct public_key;
struct signer;

struct book_options {
    const struct gate_facts *facts; /* of this program; for a directory. Borrowed until book_close */
    uint32_t wait_ms;               /* for another writer, or for a server that is busy */
    bool writes;                    /* statements will be let in */
    const char *user;               /* who asks; a server wants to know. NULL: nobody was named */
    /*
     * The user's key for a challenge, asked for once and only by a server. offered[0..count) are those that the server
     * may choose from; then the signer of the chosen one. Errors as session_signer.
     */
    enum status (*offer)(void *context, const struct public_key **ret_offered, size_t *ret_count, struct err *err);
    enum status (*choose)(void *context, size_t chosen, const struct signer **ret_signer, struct err *err);
    void *key_context;
};

/*
 * Opens the book at an address: a directory, `unix:/path` or `ssh://[user@]host[:port]/name`.
 *
 * in      cli: for clock, randomness, environment, progress; address, options: borrowed until book_close.
 * errors  INPUT (an address of no such form, a server of another release), NOT_FOUND, PERMISSION (the server does not let
 *         the user in), BUSY, IO, CORRUPT, and those of gate_open.
 */
MUST_USE enum status book_open(struct cli *cli, const char *address, const struct book_options *options,
                               struct book **ret_book, struct err *err);
void book_close(struct book *book);

/* Whether an address is a server's, and not a directory. */
bool book_is_remote(const char *address);
/* The address, for people. Lends until book_close. */
const char *book_address(const struct book *book);

/* The book's id in hex, its charter's body without the policy. Lend until book_close. */
const char *book_id(const struct book *book);
const json_t *book_charter(const struct book *book);
bool book_is_simulated(const struct book *book);

/* Journal and books, to be read. Lend until book_close or the next book_submit: it may have had to open them again. */
struct books *book_books(struct book *book);

/*
 * From now on nothing is passed over: for what would take a record that may not be read for one that is missing.
 *
 * in      what: needs it, for the text.
 * errors  PERMISSION (the user has no audit.read); later the same from a walk that would pass over something after all.
 */
MUST_USE enum status book_read_all(struct book *book, const char *what, struct err *err);

/*
 * A child of this process has used the book, and the book is used on here: a server's line is made again by whatever is asked next,
 * since nobody knows any more what was said on the old one. Nothing is to be done for a directory, which the child opens itself.
 */
void book_used_by_child(struct book *book);

/*
 * How often a walk over the books has passed over what may not be read so far. Where it is the same before and after, a count
 * or a sum is whole; else there may be more of it, or only something beside it.
 */
uint64_t book_passed(const struct book *book);

/*
 * Lets a statement in, as gate_submit. After UNKNOWN it has opened again and submitted the same bytes again before
 * answering.
 *
 * errors  those of gate_submit; for UNKNOWN and for what came of the second try the text says what to do.
 */
MUST_USE enum status book_submit(struct book *book, struct slice bytes, const struct signature_list *signatures,
                                 struct gate_answer *ret_answer, struct err *err);

/*
 * A checkpoint signed by a server with its book key and recorded; a directory's is signed with a key at hand (checkpoint.c).
 *
 * out     *ret_note: gives (free), closed by a NUL; *ret_size.
 * errors  INPUT (this book is a directory), PERMISSION, NOT_FOUND (the server has no book key), BUSY, IO.
 */
MUST_USE enum status book_checkpoint(struct book *book, char **ret_note, uint64_t *ret_size, struct err *err);

/*
 * Gives a server a checkpoint that came back with cosignatures; a directory's is recorded with issue_record.
 *
 * out     *ret_size: of the checkpoint. *ret_known: the very same note was there.
 * errors  INPUT (this book is a directory; form), PERMISSION, NOT_FOUND (the server knows no such witness; not this book's),
 *         EXISTS, SIGNATURE, CORRUPT, BUSY, IO.
 */
MUST_USE enum status book_checkpoint_add(struct book *book, struct slice note, uint64_t *ret_size, bool *ret_known,
                                         struct err *err);

/*
 * Time stamps of issued checkpoints, as timestamps.h has them: put for a note of that size, get by name, each name. A server
 * keeps what it can verify itself, and gives to those who operate or audit.
 *
 * errors  those of timestamps.h; PERMISSION, SIGNATURE, and NOT_FOUND where a server knows no authority.
 */
MUST_USE enum status book_timestamp_put(struct book *book, uint64_t size, struct slice note, struct slice reply,
                                        struct err *err);
MUST_USE enum status book_timestamp_get(struct book *book, const char *name,
                                        uint8_t ret_reply[static TIMESTAMP_REPLY_BYTES_MAX], size_t *ret_length,
                                        struct err *err);
MUST_USE enum status book_timestamps_each(struct book *book, timestamps_step *step, void *context, struct err *err);

/* What would be decided now, as gate_dry_run. out *ret_decision: gives. */
MUST_USE enum status book_try(struct book *book, struct slice bytes, json_t **ret_decision, struct err *err);

/*
 * Files beside the journal, as beside.h has them. A document names evidence by its SHA-256 and personal data by a salted
 * hash; a server gives them to whoever knows the hash and may read books, so what tells the hash decides who.
 *
 * errors  those of beside.h; PERMISSION.
 */
MUST_USE enum status book_evidence_put(struct book *book, const char *source, struct evidence *ret_evidence,
                                       struct err *err);
MUST_USE enum status book_evidence_exists(struct book *book, const struct hash *hash, bool *ret_there, struct err *err);
/* Verifies it, then writes it to the descriptor out. */
MUST_USE enum status book_evidence_copy(struct book *book, const struct hash *hash, int out, struct err *err);
MUST_USE enum status book_personal_put(struct book *book, const uint8_t salt[static PERSONAL_SALT_BYTES],
                                       struct slice payload, struct hash *ret_hash, struct err *err);
MUST_USE enum status book_personal_get(struct book *book, const struct hash *hash, struct personal *ret_personal,
                                       struct err *err);
/*
 * Removes the personal data that an erasure in force names, as erasure_run. in time_ms: now; a server takes its own. out
 * *ret_gone: how many were there still.
 */
MUST_USE enum status book_erase(struct book *book, const char *number, int64_t time_ms, size_t *ret_gone,
                                struct err *err);

/*
 * How a server does: counters, queue, latencies.
 *
 * out     *ret_status: gives; NULL for a directory.
 * errors  PERMISSION (it is for those who operate or audit), IO.
 */
MUST_USE enum status book_server_status(struct book *book, json_t **ret_status, struct err *err);

/*
 * Waits until the journal is longer than size, or for that many milliseconds.
 *
 * out     *ret_head: what it is then.
 */
MUST_USE enum status book_wait(struct book *book, uint64_t size, uint32_t wait_ms, struct journal_head *ret_head,
                               struct err *err);

#endif

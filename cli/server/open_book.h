/*
 * The one book of a server: its gate, which several threads use at once, the snapshots that clients read, and how the gate is
 * opened again after a write whose outcome is open (DESIGN 4). A process may not open a directory twice, so readers use
 * the gate's own handles, and all snapshots end before it is closed.
 */
#ifndef CLI_SERVER_OPEN_BOOK_H
#define CLI_SERVER_OPEN_BOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "controls/facts.h"
#include "controls/gate.h"
#include "controls/read_access.h"
#include "ledger/journal.h"
#include "ledger/status.h"

struct open_book;
struct snapshot;
struct store_txn;

/* Opens it. in: options: kept. errors of gate_open. */
MUST_USE enum status open_book_open(const char *dir, const struct gate_options *options, struct open_book **ret_book,
                                    struct err *err);
/* Nobody may be inside. NULL is fine. */
void open_book_close(struct open_book *book);

/* What stays the same however often it is opened. Lend until close. */
const char *open_book_id(const struct open_book *book);
const char *open_book_name(const struct open_book *book);
const char *open_book_dir(const struct open_book *book);
uint64_t open_book_map_bytes(const struct open_book *book); /* how far the journal can grow */
bool open_book_is_simulated(const struct open_book *book);

/*
 * Goes inside: until open_book_leave the gate stays open. Any thread; not twice by one.
 *
 * out     *ret_gate: lends until open_book_leave.
 * errors  BUSY (it is being opened again).
 */
MUST_USE enum status open_book_enter(struct open_book *book, struct gate **ret_gate, struct err *err);
void open_book_leave(struct open_book *book);

/* The gate, for the one thread that writes and opens again: it needs not go inside. */
struct gate *open_book_gate(struct open_book *book);

/*
 * Closes, opens, and checks that what was acknowledged is there. Only by the thread that writes.
 *
 * in      acknowledged: the last entry that anybody was told of.
 * out     *ret_head: where the journal stands.
 * after   every snapshot has ended. On an error the book is closed, whoever enters is told BUSY, and this may be called
 *         again.
 * errors  CORRUPT (an entry that was acknowledged is not there), those of gate_open.
 */
MUST_USE enum status open_book_reopen(struct open_book *book, const struct journal_head *acknowledged,
                                      struct journal_head *ret_head, struct err *err);

/* Where the journal stands. Inside, or by the thread that writes. errors of journal_head. */
MUST_USE enum status open_book_head(struct gate *gate, struct journal_head *ret_head, struct err *err);

/* Who reads, and what the time is where the book has a real clock. */
struct snapshot_owner {
    const char *user; /* NULL: nobody, and nothing may be asked of snapshot_reader */
    const char *key;  /* as sshkey_format writes it */
    int64_t now_ms;
    int64_t now_us; /* of the clock that measures ages */
};

/*
 * A snapshot of journal or books, and what its owner may read in it. From inside.
 *
 * in      owner: user and key are kept.
 * out     *ret_snapshot: snapshot_free; may move between threads, one at a time.
 * errors  BUSY (too many readers; the books are behind), those of reader_open.
 */
MUST_USE enum status snapshot_begin(struct open_book *book, bool journal, const struct snapshot_owner *owner,
                                    struct snapshot **ret_snapshot, struct err *err);
/* Ends it, from inside or outside. NULL is fine. */
void snapshot_free(struct snapshot *snapshot);

/* From inside only, all of them. Whether it has ended because the book was opened again: nothing below may be asked then. */
bool snapshot_has_ended(const struct snapshot *snapshot);
bool snapshot_is_journal(const struct snapshot *snapshot);
struct store_txn *snapshot_store(const struct snapshot *snapshot);
const struct facts *snapshot_facts(const struct snapshot *snapshot);
struct reader *snapshot_reader(const struct snapshot *snapshot);
struct journal_head snapshot_head(const struct snapshot *snapshot);
/* From anywhere. */
int64_t snapshot_begun_us(const struct snapshot *snapshot);

#endif

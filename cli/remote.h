/*
 * A conversation with a server (PROTOCOL.md): connecting, proving who asks, asking, and what an end of the line means.
 * What is asked for is the business of others: remote_store.h for reading, book_remote.c for the rest.
 *
 * Nothing that the server says is believed before its form is checked; it may be silent, garrulous, slow or somebody else.
 */
#ifndef CLI_REMOTE_H
#define CLI_REMOTE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/cli.h"
#include "cli/remote_line.h"
#include "ledger/hash.h"
#include "ledger/status.h"

enum {
    REMOTE_GREETING_MS = 20000,   /* until a server on this host has said who it is */
    REMOTE_SSH_MS = 180000,       /* the same through ssh, where a person may have to type a passphrase */
    REMOTE_SILENCE_MS = 90000,    /* without a byte of the answer that is waited for */
    REMOTE_ANSWER_MS = 15 * 60000 /* for a whole answer, however slowly it comes */
};

struct remote;
struct book_options;

/* How a line is made, again whenever one was lost. A test has its own. */
struct remote_dial {
    enum status (*dial)(void *context, struct remote_line *ret_line, struct err *err);
    void *context;
    uint32_t greeting_ms;
    const char *name; /* the address, for error texts */
};

/*
 * Connects, hears who is there, proves who asks.
 *
 * in      cli, dial, options (user, offer, choose, wait_ms): borrowed until remote_close. book: the id in hex of the book
 *         that is meant, NULL: whichever answers.
 * errors  INPUT (no user; another version or release), PERMISSION (not let in), CORRUPT (another book), BUSY, those of the
 *         dial and of options' functions; IO (no such server, silence, the line ended), MEMORY.
 */
MUST_USE enum status remote_open(struct cli *cli, const struct remote_dial *dial, const struct book_options *options,
                                 const char *book, struct remote **ret_remote, struct err *err);
void remote_close(struct remote *remote);

/* What the server said of itself. Lend until remote_close. */
const char *remote_name(const struct remote *remote); /* the address */
const char *remote_book(const struct remote *remote); /* hex */
bool remote_is_simulated(const struct remote *remote);
/* What the user may read: the answer to the proof. Lends until the line is lost. */
const json_t *remote_reads(const struct remote *remote);

/*
 * Whether the line is lost. A line that ended while nobody asked is found out here.
 */
bool remote_is_lost(struct remote *remote);
/* Gives the line up: somebody else has used it. */
void remote_drop(struct remote *remote);
/* Which line this is: 1, and one more after each remote_again. What was begun on another line is gone. */
unsigned remote_generation(const struct remote *remote);

/*
 * Connects and proves again, trying until a time is over: a server that is started again is away for a moment.
 *
 * in      until_us: of the cli's monotonic clock; it tries at least once.
 * errors  as remote_open; CORRUPT when another book answers now.
 */
MUST_USE enum status remote_again(struct remote *remote, int64_t until_us, struct err *err);
/* Until when a server that went is looked for, from now on: as long as options say. */
int64_t remote_patience_us(const struct remote *remote);
int64_t remote_now_us(const struct remote *remote);

/*
 * Asks and waits for the answer.
 *
 * in      request: stolen; NULL is MEMORY, so that json_pack can stand in the call. Its id is put in.
 * out     *ret_answer: gives, without its id.
 * errors  those that the server answers; IO when the line is lost (remote_is_lost then): whether the request was carried
 *         out is open.
 */
MUST_USE enum status remote_ask(struct remote *remote, json_t *request, json_t **ret_answer, struct err *err);
/* The same with a time that the answer may take at least. */
MUST_USE enum status remote_ask_within(struct remote *remote, json_t *request, uint32_t wait_ms, json_t **ret_answer,
                                       struct err *err);

/* The entry that the last error named, which is durable all the same; UINT64_MAX: none. */
uint64_t remote_error_seq(const struct remote *remote);

/* The two halves of it: several may be asked before their answers are taken, in the order in which they were asked. */
MUST_USE enum status remote_send(struct remote *remote, json_t *request, int64_t *ret_id, struct err *err);
MUST_USE enum status remote_take(struct remote *remote, int64_t id, json_t **ret_answer, struct err *err);
/* Nobody will take this answer. */
void remote_forget(struct remote *remote, int64_t id);

/* How many requests were sent, and how often an answer was waited for: round trips. */
struct remote_counts {
    uint64_t requests;
    uint64_t waits;
};
struct remote_counts remote_counts(const struct remote *remote);

#endif

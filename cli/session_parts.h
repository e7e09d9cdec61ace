/*
 * What a session holds, for its own rooms only (session_*.c).
 */
#ifndef CLI_SESSION_PARTS_H
#define CLI_SESSION_PARTS_H

#include "cli/book.h"
#include "cli/hand.h"
#include "cli/key_ending.h"
#include "cli/program.h"
#include "cli/receipts.h"
#include "cli/session.h"
#include "ledger/entry.h"
#include "ledger/limits.h"

/* Which files an embedded book was opened from, to see when others were put in their place. */
struct session_files {
    uint64_t device, journal, books;
};

struct judge;

struct session {
    struct cli *cli;
    const struct options *options;
    const char *user;
    unsigned flags;
    struct program program;
    char book_id[HASH_HEX_CHARS + 1];
    struct book *book;
    struct judge *judge; /* reads policies */
    bool simulated;
    bool keeps; /* receipts: what is seen now takes the place of what was */
    bool time_given;
    int64_t time_ms;

    struct session_files files; /* zeros until session_wait looked */
    int behind;                 /* how often its books were behind the journal, one look after the other */

    bool facts_begun;
    struct facts facts;
    bool has_seen;
    struct journal_head seen;

    struct hand *hand;           /* NULL before a signer was wanted */
    const struct signer *signer; /* of the hand; NULL before it was chosen */
    char key_text[PUBLIC_KEY_TEXT_MAX];
    struct key_ending ending;
    struct public_key *offered; /* to a server */
    bool has_proven;            /* who the user is, with the key at this place in the hand */
    size_t proven;
    const struct signer *cosigner; /* NULL: the user alone signs */

    bool has_statement;
    struct statement statement;
};

struct receipt_owner session_receipt_owner(const struct session *session);
/* Opens the book at the session's address. errors of book_open. */
MUST_USE enum status session_open_book(struct session *session, struct err *err);

/* For book_options: what the user can sign a server's challenge with. context: the session. */
MUST_USE enum status session_offer_keys(void *context, const struct public_key **ret_offered, size_t *ret_count,
                                        struct err *err);
MUST_USE enum status session_choose_key(void *context, size_t chosen, const struct signer **ret_signer,
                                        struct err *err);

#endif

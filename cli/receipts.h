/*
 * Receipts that a user keeps: the newest entry of a book that this account has seen. A book that no longer holds that
 * entry was cut, rolled back or replaced, and says so to nobody else (DESIGN 4, "what is detected, and what is not").
 */
#ifndef CLI_RECEIPTS_H
#define CLI_RECEIPTS_H

#include <jansson.h>
#include <stdint.h>

#include "cli/cli.h"
#include "ledger/durable.h"
#include "ledger/hash.h"
#include "ledger/journal.h"
#include "ledger/status.h"

/* Whose receipt of which book. */
struct receipt_owner {
    const char *book; /* the book's id in hex */
    const char *user; /* NULL: nobody was named */
};

/*
 * Where the receipt lies: $XDG_STATE_HOME/countersign/<book>.<user>.json, else under $HOME/.local/state.
 *
 * errors  NOT_FOUND (neither variable is set; err is left alone), LIMIT.
 */
MUST_USE enum status receipts_path(const struct cli *cli, const struct receipt_owner *owner, struct path *ret_path,
                                   struct err *err);

/* A receipt as it was kept. */
struct receipt_kept {
    char book[HASH_HEX_CHARS + 1];
    uint64_t seq;
    struct hash leaf;
};

/* errors INPUT (it is none), NOT_FOUND, PERMISSION, LIMIT, IO. */
MUST_USE enum status receipts_read(const char *path, struct receipt_kept *ret_kept, struct err *err);

/* What a receipt that is there shows of the book. */
enum receipt_standing {
    RECEIPT_NONE,     /* there is none */
    RECEIPT_HELD,     /* the book holds the entry */
    RECEIPT_AWAITED,  /* it does not, and waits for officers to say so: it was restored to less */
    RECEIPT_LOST,     /* it does not, and officers have said so */
    RECEIPT_UNDENIED, /* it does not, and nobody has said so: it was cut, rolled back or replaced */
};

struct receipt_look {
    enum receipt_standing standing;
    struct path path;
    struct receipt_kept kept;
    json_t *restore; /* LOST: the record of BOOKS_RESTORES; receipt_look_done */
};

/* errors INPUT (the receipt is none: remove it when it is known why), CORRUPT, IO. */
struct books;
MUST_USE enum status receipts_look(const struct cli *cli, const struct receipt_owner *owner, struct books *books,
                                   struct receipt_look *ret_look, struct err *err);
void receipt_look_done(struct receipt_look *look);

/* The directory of it. errors NOT_FOUND (err is left alone), LIMIT. */
MUST_USE enum status receipts_dir(const struct cli *cli, struct path *ret_dir, struct err *err);
/* Makes the directories above a file that lack. What cannot be made shows when the file is written. */
void receipts_make_dirs(const char *file);

/*
 * Checks that the book still holds what was seen last. Without a receipt there is nothing to check. A book that waits for
 * officers to say what was lost is let pass, with a word on err: nothing else can be written to it.
 *
 * out     *ret_keeps: what is seen now may take the receipt's place; not while it shows what is lost.
 * errors  CORRUPT (it does not: names the entry, the receipt's file, and the restore that lost it), and those of receipts_look.
 */
MUST_USE enum status receipts_check(const struct cli *cli, const struct receipt_owner *owner, struct books *books,
                                    bool *ret_keeps, struct err *err);

/* Forgets a receipt of what officers have said is lost. errors IO, PERMISSION. */
MUST_USE enum status receipts_forget(const struct receipt_look *look, struct err *err);

/*
 * Keeps an entry as the newest seen, unless the one kept is as new.
 *
 * errors  PERMISSION, FULL, IO: nothing depends on it but the next check.
 */
MUST_USE enum status receipts_keep(const struct cli *cli, const struct receipt_owner *owner, uint64_t seq,
                                   const struct hash *leaf, struct err *err);

#endif

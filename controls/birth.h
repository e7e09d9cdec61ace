/*
 * How a book comes to be: its charter, signed by all founding officers, judged by fixed rules, is entry 0 of a directory
 * that appears at its name whole or not at all.
 */
#ifndef CONTROLS_BIRTH_H
#define CONTROLS_BIRTH_H

#include <stdint.h>

#include "ledger/entry.h"
#include "ledger/hash.h"
#include "ledger/slice.h"
#include "ledger/status.h"

struct book_birth {
    const char *book_dir;
    const struct gate_facts *facts;
    int64_t now_ms;      /* the entry's time on a real book; a simulated one takes the charter's `at` */
    uint64_t map_bytes;  /* 0: default */
    uint64_t nonce;      /* random */
    const uint8_t *salt; /* the book's, PERSONAL_SALT_BYTES, to be put beside the journal; NULL: none. Borrowed */
};

/*
 * Makes a book from a signed charter.
 *
 * in      charter: the statement's bytes; signatures: of all founding officers; borrowed.
 * out     *ret_book: the book's id. *ret_leaf: entry 0's leaf hash.
 * errors  INPUT, LIMIT (form, or the policy's), REFUSED (officers, keys, signatures missing: names the rule), SIGNATURE,
 *         CLOCK (a real book's `at` out of skew), EXISTS, FULL, IO, UNKNOWN.
 */
MUST_USE enum status book_create(const struct book_birth *birth, struct slice charter,
                                 const struct signature_list *signatures, struct hash *ret_book, struct hash *ret_leaf,
                                 struct err *err);

#endif

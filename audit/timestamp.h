/*
 * Time stamps of checkpoints: what a time-stamping authority signed over a signed note, asked and checked by stock openssl.
 * Source: RFC 3161; openssl-ts(1).
 */
#ifndef AUDIT_TIMESTAMP_H
#define AUDIT_TIMESTAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/slice.h"
#include "ledger/status.h"

enum { TIMESTAMP_QUERY_BYTES_MAX = 1024 }; /* one takes 91 bytes */

/*
 * The query for a signed note: its SHA-512, with the authority's certificate asked for and without a nonce, so that the same
 * note makes the same query. (A nonce shows that a reply is new; an older reply for the same bytes is as good and better.)
 *
 * out     ret_query[0..*ret_length).
 * errors  NOT_FOUND (no openssl on this system), REFUSED (it failed: its words), LIMIT, IO.
 */
MUST_USE enum status timestamp_query(struct slice note, uint8_t ret_query[static TIMESTAMP_QUERY_BYTES_MAX],
                                     size_t *ret_length, struct err *err);

/* Whether a reply speaks of this note at all: cheap, and no proof. */
bool timestamp_names(struct slice reply, struct slice note);

/*
 * Checks a reply: granted, over this note, signed by an authority under one of the certificates in ca_file, which held at the
 * time that it states (a certificate that has run out since does not undo it; one that was revoked is not known here).
 *
 * in      ca_file: PEM. All borrowed.
 * out     *ret_seconds: POSIX time that it states: the note existed then.
 * errors  SIGNATURE (it proves nothing of the kind: openssl's words), NOT_FOUND (no openssl), IO, LIMIT.
 * cost    two runs of openssl, 10 ms each.
 */
MUST_USE enum status timestamp_check(struct slice reply, struct slice note, const char *ca_file, int64_t *ret_seconds,
                                     struct err *err);

#endif

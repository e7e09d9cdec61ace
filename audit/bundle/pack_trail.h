/*
 * What follows the entries of a part, and what follows that: users, policies and permits lead to entries, which lead to others.
 */
#ifndef AUDIT_PACK_TRAIL_H
#define AUDIT_PACK_TRAIL_H

#include <jansson.h>

#include "ledger/status.h"

struct entry;
struct journal_snapshot;
struct pack_work;

struct pack_trail {
    struct pack_work *work; /* its follow has taken in every entry once pack_trail_follow is called; borrowed */
    json_t *users;          /* who acts, for whom one acts, whose keys sign -> whether they are still to be followed */
    json_t *policies;       /* numbers of entries that put policies in force -> the same */
    json_t *permits;        /* request numbers that decisions name -> the same */
    json_t *read;           /* numbers of entries that were noted here, of those that follow -> true */
};

MUST_USE enum status pack_trail_init(struct pack_trail *trail, struct pack_work *work, struct err *err);
void pack_trail_done(struct pack_trail *trail);

/* Takes note of what it takes to look at an entry of the part. errors INPUT (a signature that cannot be read), MEMORY. */
MUST_USE enum status pack_trail_note(struct pack_trail *trail, const struct entry *entry, struct err *err);

/* Adds to the part's entries what follows them, each with its reason, until nothing new comes. errors CORRUPT, MEMORY. */
MUST_USE enum status pack_trail_follow(struct pack_trail *trail, struct journal_snapshot *snapshot, struct err *err);

#endif

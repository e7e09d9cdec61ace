/*
 * Which entries a part of a book has, and why: numbers with reasons, in order.
 */
#ifndef AUDIT_PACK_CHOSEN_H
#define AUDIT_PACK_CHOSEN_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/status.h"

/* A number and one of its reasons. */
struct pack_reason {
    uint64_t seq;
    size_t text; /* its place in texts */
};

struct pack_chosen {
    struct pack_reason *items; /* sorted by seq and text, none twice, once pack_chosen_sort was called */
    size_t count, room;
    json_t *texts;  /* list */
    json_t *places; /* text -> its place */
};

MUST_USE enum status pack_chosen_init(struct pack_chosen *chosen, struct err *err);
void pack_chosen_done(struct pack_chosen *chosen);

/* Takes an entry with a reason: "period", "document CN-2". errors MEMORY. cost amortised O(1), 16 bytes. */
MUST_USE enum status pack_chosen_add(struct pack_chosen *chosen, uint64_t seq, const char *sort, const char *what,
                                     struct err *err);

/* To be called once, with one number at least, before they are walked. errors MEMORY. */
MUST_USE enum status pack_chosen_sort(struct pack_chosen *chosen, struct err *err);

/* The reason at a place. Lends. */
const char *pack_chosen_text(const struct pack_chosen *chosen, size_t place);

/* The place after the last reason of the entry whose first is at place. */
size_t pack_chosen_after(const struct pack_chosen *chosen, size_t place);

#endif

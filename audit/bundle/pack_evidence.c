/*
 * The list of evidence files that documents name. Many documents may name one file, so the list is thinned out before it
 * grows.
 */
#include "audit/bundle/pack_evidence.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 256 };

static int by_hash(const void *a, const void *b)
{
    const struct pack_evidence_item *left = a, *right = b;
    int order = memcmp(left->hash.bytes, right->hash.bytes, HASH_BYTES);
    if (order != 0)
        return order;
    if (left->state != right->state)
        return left->state < right->state ? -1 : 1;
    return left->seq < right->seq ? -1 : left->seq > right->seq;
}

void pack_evidence_sort(struct pack_evidence *evidence)
{
    size_t kept = 0;
    if (evidence->count > 0)
        qsort(evidence->items, evidence->count, sizeof *evidence->items, by_hash);
    for (size_t i = 0; i < evidence->count; i++) {
        if (kept == 0 || !hash_equal(&evidence->items[kept - 1].hash, &evidence->items[i].hash))
            evidence->items[kept++] = evidence->items[i];
    }
    evidence->count = kept;
}

enum status pack_evidence_add(struct pack_evidence *evidence, const struct pack_evidence_item *item, struct err *err)
{
    if (evidence->count == evidence->room)
        pack_evidence_sort(evidence);
    if (evidence->count >= evidence->room - evidence->room / 2) {
        size_t room = evidence->room == 0 ? ROOM_FIRST : evidence->room * 2;
        struct pack_evidence_item *items = realloc(evidence->items, room * sizeof *items);
        if (items == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for the list of evidence");
        evidence->items = items;
        evidence->room = room;
    }
    evidence->items[evidence->count++] = *item;
    return STATUS_OK;
}

void pack_evidence_done(struct pack_evidence *evidence)
{
    free(evidence->items);
    *evidence = (struct pack_evidence){.count = 0};
}

const char *pack_evidence_why(enum pack_evidence_state state)
{
    switch (state) {
    case EVIDENCE_ABSENT:
        return "absent";
    case EVIDENCE_ERASED:
        return "erased";
    case EVIDENCE_WANTED:
    case EVIDENCE_LEFT_OUT:
        return "left-out";
    case EVIDENCE_THERE:
        break;
    }
    invariant(false);
    return NULL;
}

/*
 * Holds what was looked at of an entry where it lies against what came out of its tree. Shared by the unit test and the fuzzer.
 */
#ifndef TESTS_FUZZ_ITEM_PAIR_H
#define TESTS_FUZZ_ITEM_PAIR_H

#include <stdbool.h>
#include <string.h>

#include "audit/verify/parts.h"

static inline bool item_pair_same_slice(struct slice a, struct slice b)
{
    return a.length == b.length && (a.bytes == NULL) == (b.bytes == NULL) &&
           (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

static inline bool item_pair_same_facts(const struct item_facts *a, const struct item_facts *b)
{
    return a->seq == b->seq && a->time_ms == b->time_ms && a->at_ms == b->at_ms && hash_equal(&a->prev, &b->prev) &&
           a->has_seen == b->has_seen &&
           (!a->has_seen || (hash_equal(&a->seen_hash, &b->seen_hash) && a->seen_seq == b->seen_seq)) &&
           a->refused == b->refused && a->no_effect == b->no_effect && a->embedded == b->embedded &&
           a->verb == b->verb && strcmp(a->actor, b->actor) == 0 && strcmp(a->book, b->book) == 0 &&
           strcmp(a->exe, b->exe) == 0 && strcmp(a->release, b->release) == 0 && strcmp(a->policy, b->policy) == 0;
}

/* whole was checked with TREES_WHOLE. */
static inline bool item_pair_agrees(const struct verify_item *item, const struct verify_item *whole)
{
    bool agrees = item->readable == whole->readable && item->sound == whole->sound &&
                  hash_equal(&item->leaf, &whole->leaf) &&
                  (item->sound || strcmp(item->trouble, whole->trouble) == 0) &&
                  (!whole->readable || (whole->whole && item_pair_same_facts(&item->facts, &whole->facts))) &&
                  item->signature_count == whole->signature_count && item->result_count == whole->result_count;
    for (size_t i = 0; agrees && i < item->signature_count; i++)
        agrees = item->signatures[i].good == whole->signatures[i].good &&
                 sshkey_equal(&item->signatures[i].key, &whole->signatures[i].key);
    for (size_t i = 0; agrees && i < item->result_count; i++)
        agrees = item_pair_same_slice(item->results[i].outcome, whole->results[i].outcome) &&
                 item_pair_same_slice(item->results[i].document, whole->results[i].document) &&
                 item_pair_same_slice(item->results[i].number, whole->results[i].number);
    return agrees;
}

#endif

/*
 * Signatures checked on all processors ahead of the one who writes, for streams of corrections where each bears its own: what
 * somebody careful does before he lets one thread check them all.
 */
#ifndef TESTS_BENCH_PEER_AHEAD_H
#define TESTS_BENCH_PEER_AHEAD_H

#include "tests/bench/peer/work.h"

struct peer_ahead;

/* Begins with the first batch of so many corrections; borrows people and work until peer_ahead_end. */
struct peer_ahead *peer_ahead_begin(const struct peer_people *people, const struct peer_correction *work, size_t count,
                                    size_t per_batch);

/* Waits until the batch that begins at this correction is checked; a signature that is not good ends the program. */
void peer_ahead_wait(struct peer_ahead *ahead, size_t first);

/* NULL: there is none. */
void peer_ahead_end(struct peer_ahead *ahead);

#endif

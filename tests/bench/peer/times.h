/*
 * How long commits took, beside bare writes with fdatasync of as many bytes as a correction has, made between the commits in
 * the same directory: so that their ratio says what a machine's noise cannot. The line of JSON that a peer answers.
 */
#ifndef TESTS_BENCH_PEER_TIMES_H
#define TESTS_BENCH_PEER_TIMES_H

#include <stdbool.h>
#include <stddef.h>

struct peer_times {
    double *commits, *raws; /* seconds */
    size_t commit_count, raw_count, most;
    size_t stride; /* commits from one bare write to the next; 0: they come before the first and after the last */
    int raw;
    double committing; /* sum of the commits' seconds */
};

/* Seconds of a clock that does not go back. */
double peer_now(void);

/*
 * For so many commits at most; ends the program where the directory cannot be written.
 *
 * in      between: bare writes are made between commits; else, where others would work meanwhile, before and after them all.
 */
void peer_times_open(struct peer_times *times, const char *dir, size_t commits, bool between);

/* A commit took so long. Now and then a bare write follows, which is not counted into anything else. */
void peer_times_commit(struct peer_times *times, double seconds);

/* The one line of an answer: version says what the peer is and how it was set up, how what it did. */
void peer_times_print(struct peer_times *times, size_t count, double seconds, const char *version, const char *how);

void peer_times_close(struct peer_times *times);

/* The one line of an answer without commits. */
void peer_seconds_print(size_t count, double seconds, const char *version, const char *how);

#endif

/*
 * A small server for tests of its clients: one thread, one connection at a time, a company's book. It speaks PROTOCOL.md as a
 * client may expect it, and does what a test tells it to: cuts lines, hides records, says something else.
 */
#ifndef TESTS_SUPPORT_ANSWERER_H
#define TESTS_SUPPORT_ANSWERER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "controls/gate.h"

struct answerer {
    struct gate *gate;
    char path[108];           /* of its socket */
    char address[120];        /* the same as a book's address */
    const char *hidden_table; /* records of it whose key begins so may not be read */
    const char *hidden_prefix;
    size_t pass_max;       /* so many of them a seek passes over at most; 0: any number */
    bool everything;       /* what it says that the user reads */
    bool stays;            /* what it says that a seek has reached is always the first key of all, downwards the last */
    atomic_int cut_before; /* so many requests from now on, the line is cut instead of an answer; 0: never */
    atomic_int cut_after;  /* the same, but what was asked for is done */
    atomic_int stop_saying; /* so many requests from now on it says that it stops, and cuts */
    const char *greeting;   /* in place of its own: a line without LF, "%s" is the nonce */
    const char *book;       /* in place of its own */

    atomic_uint connections, requests, submits, proven;
    atomic_bool stopped;
    int listening;
    pthread_t thread;
};

/* Listens in a directory. The gate belongs to it until answerer_stop. */
void answerer_start(struct answerer *answerer, struct gate *gate, const char *dir);
void answerer_stop(struct answerer *answerer);

#endif

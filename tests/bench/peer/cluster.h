/*
 * A PostgreSQL of its own for one round: made, started and stopped by the program that measures it, on a socket in its directory
 * and nowhere else. It is gone when that program ends, however it ends.
 */
#ifndef TESTS_BENCH_PEER_CLUSTER_H
#define TESTS_BENCH_PEER_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>

enum { PEER_CLUSTER_INFO_MAX = 128 };

/* Where Debian's PostgreSQL 15 keeps its programs: whether they are there. */
bool peer_cluster_installed(void);

/* Whether there is one in DIR. */
bool peer_cluster_there(const char *dir);

/* Makes one in DIR/cluster, which must not be there yet. Fails by peer_fail. */
void peer_cluster_make(const char *dir);

/* Starts what is in DIR/cluster and waits until it answers. One at a time; ret_info: how libpq comes to it. */
void peer_cluster_start(const char *dir, char ret_info[static PEER_CLUSTER_INFO_MAX]);

/* Stops it in order. */
void peer_cluster_stop(void);

#endif

/* Latencies, bare writes and the answer's line (times.h). */
#include "tests/bench/peer/times.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/peer/work.h"

enum { RAWS_MAX = 2000, RAWS_AROUND = 200 };

double peer_now(void)
{
    struct timespec at = {.tv_sec = 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void bare_writes(struct peer_times *times, size_t writes)
{
    const char bytes[PEER_STATEMENT_BYTES] = {0};
    for (; writes > 0 && times->raw_count < RAWS_MAX; writes--) {
        double begin = peer_now();
        if (write(times->raw, bytes, sizeof bytes) != (ssize_t)sizeof bytes || fdatasync(times->raw) != 0)
            peer_fail("a bare write of %zu bytes: %s", sizeof bytes, strerror(errno));
        times->raws[times->raw_count++] = peer_now() - begin;
    }
}

void peer_times_open(struct peer_times *times, const char *dir, size_t commits, bool between)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/raw", dir);
    *times = (struct peer_times){.most = commits, .stride = between ? 1 + commits / RAWS_MAX : 0};
    times->commits = calloc(commits, sizeof *times->commits);
    times->raws = calloc(RAWS_MAX, sizeof *times->raws);
    if (times->commits == NULL || times->raws == NULL)
        peer_fail("no memory for the times of %zu commits", commits);
    times->raw = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (times->raw < 0)
        peer_fail("%s: %s", path, strerror(errno));
    if (!between)
        bare_writes(times, RAWS_AROUND);
}

void peer_times_commit(struct peer_times *times, double seconds)
{
    if (times->commit_count == times->most)
        peer_fail("more than %zu commits", times->most);
    times->commits[times->commit_count++] = seconds;
    times->committing += seconds;
    if (times->stride > 0 && times->commit_count % times->stride == 0)
        bare_writes(times, 1);
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* In microseconds, of what is sorted. */
static double part(const double *sorted, size_t count, double share)
{
    return count == 0 ? 0 : 1e6 * sorted[(size_t)((double)(count - 1) * share)];
}

void peer_times_print(struct peer_times *times, size_t count, double seconds, const char *version, const char *how)
{
    if (times->stride == 0)
        bare_writes(times, RAWS_AROUND);
    qsort(times->commits, times->commit_count, sizeof *times->commits, ascending);
    qsort(times->raws, times->raw_count, sizeof *times->raws, ascending);
    printf("{\"count\": %zu, \"seconds\": %.6f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"raw_p50_us\": %.1f, "
           "\"raw_p99_us\": %.1f, \"version\": \"%s\", \"how\": \"%s\"}\n",
           count, seconds, part(times->commits, times->commit_count, 0.5),
           part(times->commits, times->commit_count, 0.99), part(times->raws, times->raw_count, 0.5),
           part(times->raws, times->raw_count, 0.99), version, how);
}

void peer_times_close(struct peer_times *times)
{
    (void)close(times->raw);
    free(times->commits);
    free(times->raws);
}

void peer_seconds_print(size_t count, double seconds, const char *version, const char *how)
{
    printf("{\"count\": %zu, \"seconds\": %.6f, \"version\": \"%s\", \"how\": \"%s\"}\n", count, seconds, version, how);
}

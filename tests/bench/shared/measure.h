/*
 * What the bench's programs share: clocks, samples, what the machine itself can do beside them, and the one line of JSON
 * that each prints (tests/bench/measure.py says what it may hold).
 */
#ifndef TESTS_BENCH_SHARED_MEASURE_H
#define TESTS_BENCH_SHARED_MEASURE_H

#include <jansson.h>
#include <stddef.h>

enum { ENTRY_BYTES = 600, THREADS_MAX = 64 };

/*
 * Runs work, whose failed assertions end it with a reason on standard error, and then prints the line that it gave.
 * Returns the exit status of the program.
 */
int bench_run(void (*work)(int argc, char **argv, json_t *line), int argc, char **argv);

/* Says how the program is called and ends it. */
void bench_usage(const char *text) __attribute__((noreturn));

/* Seconds of a clock that does not go back; of the processor, for all threads of this process. */
double seconds_now(void);
double seconds_worked(void);

/* Durations, in seconds. Zero-initialised it is empty; samples_done frees. */
struct samples {
    double *seconds;
    size_t count, room;
};
void samples_add(struct samples *samples, double seconds);
/* The sample below which that share of them lies (0.5: the median); sorts them. 0 where there are none. */
double samples_part(struct samples *samples, double share);
double samples_sum(const struct samples *samples);
/* Adds name_p50_us and name_p99_us to the line. */
void samples_tell(struct samples *samples, json_t *line, const char *name);
void samples_done(struct samples *samples);

/* Appends ENTRY_BYTES to a descriptor and syncs it, as fdatasync does. Returns how long that took. */
double raw_sync(int fd);
/* A new file for raw_sync in a directory. The caller closes. */
int raw_sync_file(const char *directory);

/* Seconds of the processor that one Ed25519 check of ENTRY_BYTES takes, the median of several tens. */
double raw_verify_seconds(void);
/* Checks a second by the clock on so many threads, each doing count. */
double raw_verify_rate(unsigned threads, size_t count);

/* How many processors this process may use, at most THREADS_MAX. */
unsigned processors(void);

/* A line of what the system says of this process's memory, "VmHWM:", in KiB; 0 where it has none. */
long memory_kib(const char *name);

/* Sets a number of the line. */
void tell(json_t *line, const char *name, double value);

#endif

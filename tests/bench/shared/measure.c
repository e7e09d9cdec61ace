/*
 * Clocks, samples, the machine's own speed, the line; see the header.
 */
#include "tests/bench/shared/measure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { VERIFY_SAMPLES = 60, VERIFY_EACH = 5, NAME_BYTES = 64 };

/* ---------------------------------------------------------------- the program */

static struct {
    void (*work)(int argc, char **argv, json_t *line);
    int argc;
    char **argv;
    json_t *line;
} program;

static void work(void **state)
{
    (void)state;
    program.work(program.argc, program.argv, program.line);
}

/* cmocka talks on standard output, where nothing but the line is to stand. */
int bench_run(void (*todo)(int argc, char **argv, json_t *line), int argc, char **argv)
{
    const struct CMUnitTest tests[] = {{.name = argv[0], .test_func = work}};
    program.work = todo;
    program.argc = argc;
    program.argv = argv;
    program.line = json_object();
    (void)fflush(stdout);
    int out = dup(STDOUT_FILENO);
    if (sodium_init() < 0 || out < 0 || program.line == NULL || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return 4;
    int failed = cmocka_run_group_tests_name(argv[0], tests, NULL, NULL);
    (void)fflush(stdout);
    if (failed == 0 && dup2(out, STDOUT_FILENO) >= 0) {
        tell(program.line, "peak_kib", (double)memory_kib("VmHWM:"));
        failed = json_dumpf(program.line, stdout, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(6));
        failed |= putchar('\n') == EOF || fflush(stdout) != 0;
    }
    (void)close(out);
    json_decref(program.line);
    return failed == 0 ? 0 : 1;
}

void bench_usage(const char *text)
{
    fprintf(stderr, "%s\n", text);
    exit(2);
}

void tell(json_t *line, const char *name, double value)
{
    json_object_set_new(
        line, name, floor(value) == value && fabs(value) < 1e15 ? json_integer((json_int_t)value) : json_real(value));
}

/* ---------------------------------------------------------------- clocks and samples */

static double clock_seconds(clockid_t clock)
{
    struct timespec at;
    assert_int_equal(clock_gettime(clock, &at), 0);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

double seconds_now(void)
{
    return clock_seconds(CLOCK_MONOTONIC);
}

double seconds_worked(void)
{
    return clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
}

void samples_add(struct samples *samples, double seconds)
{
    if (samples->count == samples->room) {
        samples->room = samples->room == 0 ? 1024 : samples->room * 2;
        samples->seconds = realloc(samples->seconds, samples->room * sizeof *samples->seconds);
        assert_non_null(samples->seconds);
    }
    samples->seconds[samples->count++] = seconds;
}

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

double samples_part(struct samples *samples, double share)
{
    if (samples->count == 0)
        return 0;
    qsort(samples->seconds, samples->count, sizeof *samples->seconds, ascending);
    return samples->seconds[(size_t)((double)(samples->count - 1) * share + 0.5)];
}

double samples_sum(const struct samples *samples)
{
    double sum = 0;
    for (size_t i = 0; i < samples->count; i++)
        sum += samples->seconds[i];
    return sum;
}

void samples_tell(struct samples *samples, json_t *line, const char *name)
{
    static const struct {
        const char *name;
        double share;
    } parts[] = {{"p50_us", 0.5}, {"p99_us", 0.99}};
    for (size_t i = 0; samples->count > 0 && i < sizeof parts / sizeof parts[0]; i++) {
        char full[NAME_BYTES];
        snprintf(full, sizeof full, "%s%s%s", name, name[0] == '\0' ? "" : "_", parts[i].name);
        tell(line, full, samples_part(samples, parts[i].share) * 1e6);
    }
}

void samples_done(struct samples *samples)
{
    free(samples->seconds);
    *samples = (struct samples){.count = 0};
}

/* ---------------------------------------------------------------- the machine */

int raw_sync_file(const char *directory)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/raw-syncs", directory);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        fail_msg("%s: cannot be made", path);
    return fd;
}

double raw_sync(int fd)
{
    static const char bytes[ENTRY_BYTES];
    double begin = seconds_now();
    if (write(fd, bytes, sizeof bytes) != (ssize_t)sizeof bytes || fdatasync(fd) != 0)
        fail_msg("the disk does not take a raw write of %d bytes: is it full?", ENTRY_BYTES);
    return seconds_now() - begin;
}

struct raw {
    unsigned char public[crypto_sign_PUBLICKEYBYTES], signature[crypto_sign_BYTES], message[ENTRY_BYTES];
    size_t count;
};

static void raw_make(struct raw *raw)
{
    unsigned char secret[crypto_sign_SECRETKEYBYTES];
    memset(raw, 0, sizeof *raw);
    crypto_sign_keypair(raw->public, secret);
    crypto_sign_detached(raw->signature, NULL, raw->message, sizeof raw->message, secret);
}

static void *raw_check(void *context)
{
    const struct raw *raw = context;
    size_t good = 0;
    for (size_t i = 0; i < raw->count; i++)
        good += crypto_sign_verify_detached(raw->signature, raw->message, sizeof raw->message, raw->public) == 0;
    return good == raw->count ? context : NULL;
}

double raw_verify_seconds(void)
{
    struct raw raw;
    struct samples samples = {.count = 0};
    raw_make(&raw);
    raw.count = VERIFY_EACH;
    for (size_t i = 0; i < VERIFY_SAMPLES; i++) {
        double begin = seconds_worked();
        assert_non_null(raw_check(&raw));
        samples_add(&samples, seconds_worked() - begin);
    }
    double median = samples_part(&samples, 0.5) / VERIFY_EACH;
    samples_done(&samples);
    return median;
}

double raw_verify_rate(unsigned threads, size_t count)
{
    struct raw raw;
    pthread_t started[THREADS_MAX];
    raw_make(&raw);
    raw.count = count;
    double begin = seconds_now();
    for (unsigned i = 0; i < threads; i++)
        assert_int_equal(pthread_create(&started[i], NULL, raw_check, &raw), 0);
    for (unsigned i = 0; i < threads; i++) {
        void *good = NULL;
        assert_int_equal(pthread_join(started[i], &good), 0);
        assert_non_null(good);
    }
    return (double)count * threads / (seconds_now() - begin);
}

unsigned processors(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return count < 1 ? 1 : count > THREADS_MAX ? THREADS_MAX : (unsigned)count;
}

long memory_kib(const char *name)
{
    char line[256];
    long kib = 0;
    FILE *file = fopen("/proc/self/status", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            kib = strtol(line + strlen(name), NULL, 10);
    if (file != NULL)
        (void)fclose(file);
    return kib;
}

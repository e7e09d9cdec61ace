/*
 * The simulator's command: runs seeds, each in a process of its own; shrinks one that fails to the steps that it takes.
 *
 *     sim [--seed S] [--count N] [--steps N] [--jobs N] [--only A,B-C,...] [--every N] [--leave DIR] [--verbose] [--wrong]
 *
 * --seed S --count N: seeds S to S + N - 1 (S 0: any). --only: these steps and no others. --every N: the whole book is judged and
 * folded again after every N-th step, and at the end in any case. --leave DIR: each book stays there as DIR/<seed>.
 * --wrong: the model is wrong by a cent from step 60 on, for the test of this program.
 *
 * Exit status: 0 all agree, 1 one did not: its seed and steps stand in the last line, which is the command to see it again.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/sim/steps.h"

enum { STEPS_MAX = 4000, COMPARE_EVERY = 16, WRONG_STEP = 60 };

struct run {
    unsigned long long seed;
    int steps, every;
    bool verbose, quiet, wrong;
    const char *leave;
    const bool *taken; /* of the steps; NULL: all */
};

static void live(const struct run *run)
{
    char leave[512];
    struct sim_world *world = calloc(1, sizeof *world);
    if (world == NULL)
        exit(2);
    sim_world_open(world, run->seed);
    world->verbose = run->verbose;
    for (int step = 0; step < run->steps; step++) {
        if (run->taken != NULL && !run->taken[step])
            continue;
        sim_step(world, step);
        if (run->wrong && step == WRONG_STEP)
            world->model.invoices[0].open++;
        if (step % COMPARE_EVERY == 0)
            sim_compare(world, true);
        if (run->every > 0 && step % run->every == run->every - 1)
            sim_replay(world);
    }
    snprintf(leave, sizeof leave, "%s/%llu", run->leave != NULL ? run->leave : "", run->seed);
    sim_world_close(world, run->leave != NULL ? leave : NULL);
    if (!run->quiet)
        printf("seed %llu: %u entries (%u refused as a whole), %u documents took effect, %u waited, %u approvals, %u "
               "refused, "
               "%u left no trace, %u again, %u calls failed, %u deaths\n",
               run->seed, world->entries, world->refused_whole, world->took_effect, world->waited, world->approved,
               world->refused, world->rejected, world->repeats, world->failures, world->deaths);
    free(world);
}

static pid_t start(const struct run *run)
{
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) {
        perror("fork");
        exit(2);
    }
    if (child > 0)
        return child;
    if (run->quiet && (freopen("/dev/null", "w", stdout) == NULL || freopen("/dev/null", "w", stderr) == NULL))
        _exit(2);
    live(run);
    exit(0);
}

static bool holds(const struct run *run)
{
    int how = 0;
    pid_t child = start(run);
    return waitpid(child, &how, 0) == child && WIFEXITED(how) && WEXITSTATUS(how) == 0;
}

/* Leaves steps out, in halves, quarters, ... and at last one by one, as long as it still fails. */
static int shrink(const struct run *failed, bool *taken)
{
    struct run run = *failed;
    int count = 0;
    run.quiet = true;
    run.taken = taken;
    for (int size = failed->steps / 2; size > 0; size /= 2)
        for (int from = 0; from < failed->steps; from += size) {
            bool without[STEPS_MAX];
            bool any = false;
            memcpy(without, taken, sizeof without);
            for (int i = from; i < from + size && i < failed->steps; i++) {
                any = any || without[i];
                without[i] = false;
            }
            run.taken = without;
            if (any && !holds(&run))
                memcpy(taken, without, sizeof without);
        }
    for (int i = 0; i < failed->steps; i++)
        count += taken[i];
    return count;
}

static void report(const struct run *failed)
{
    bool taken[STEPS_MAX];
    const char *comma = "";
    for (int i = 0; i < STEPS_MAX; i++)
        taken[i] = failed->taken != NULL ? failed->taken[i] : i < failed->steps;
    fprintf(stderr, "seed %llu does not hold; looking for the steps that it takes\n", failed->seed);
    int count = shrink(failed, taken);
    struct run run = *failed;
    run.taken = taken;
    run.quiet = false;
    (void)holds(&run);
    fprintf(stderr, "%d steps are enough: sim --verbose --seed %llu --steps %d --only ", count, failed->seed,
            failed->steps);
    for (int i = 0; i < failed->steps; i++)
        if (taken[i]) {
            fprintf(stderr, "%s%d", comma, i);
            comma = ",";
        }
    fprintf(stderr, "%s\n", count == 0 ? "none" : "");
}

static bool only_read(const char *text, bool *ret_taken)
{
    memset(ret_taken, 0, STEPS_MAX * sizeof *ret_taken);
    while (*text >= '0' && *text <= '9') {
        char *end = NULL;
        long from = strtol(text, &end, 10), to = from;
        if (*end == '-')
            to = strtol(end + 1, &end, 10);
        for (long i = from; i <= to && i < STEPS_MAX; i++)
            ret_taken[i] = true;
        text = *end == ',' ? end + 1 : end;
    }
    return *text == '\0' || strcmp(text, "none") == 0;
}

/* Seeds side by side. Answers the first that did not hold, or 0. */
static unsigned long long run_all(const struct run *first, unsigned long long count, int jobs)
{
    struct {
        pid_t child;
        unsigned long long seed;
    } running[16] = {{0, 0}};
    unsigned long long next = 0, failed = 0;
    int alive = 0;
    while ((next < count && failed == 0) || alive > 0) {
        while (alive < jobs && next < count && failed == 0) {
            struct run run = *first;
            int slot = 0;
            while (running[slot].child != 0)
                slot++;
            run.seed = first->seed + next++;
            running[slot].child = start(&run);
            running[slot].seed = run.seed;
            alive++;
        }
        int how = 0;
        pid_t child = wait(&how);
        for (int slot = 0; slot < jobs; slot++)
            if (running[slot].child == child) {
                if (failed == 0 && (!WIFEXITED(how) || WEXITSTATUS(how) != 0))
                    failed = running[slot].seed;
                running[slot].child = 0;
                alive--;
            }
    }
    return failed;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"seed", 1, NULL, 's'},  {"count", 1, NULL, 'c'},   {"steps", 1, NULL, 'n'},
                                            {"jobs", 1, NULL, 'j'},  {"only", 1, NULL, 'o'},    {"every", 1, NULL, 'e'},
                                            {"leave", 1, NULL, 'l'}, {"verbose", 0, NULL, 'v'}, {"wrong", 0, NULL, 'w'},
                                            {NULL, 0, NULL, 0}};
    static bool taken[STEPS_MAX];
    struct run run = {.seed = 1, .steps = 150};
    unsigned long long count = 1;
    int jobs = 2, option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0)
        switch (option) {
        case 's':
            run.seed = strtoull(optarg, NULL, 10);
            break;
        case 'c':
            count = strtoull(optarg, NULL, 10);
            break;
        case 'n':
            run.steps = atoi(optarg);
            break;
        case 'j':
            jobs = atoi(optarg);
            break;
        case 'o':
            if (!only_read(optarg, taken))
                return 2;
            run.taken = taken;
            break;
        case 'e':
            run.every = atoi(optarg);
            break;
        case 'l':
            run.leave = optarg;
            break;
        case 'v':
            run.verbose = true;
            break;
        case 'w':
            run.wrong = true;
            break;
        default:
            return 2;
        }
    if (run.steps > STEPS_MAX || jobs < 1 || jobs > 16 || optind != argc) {
        fprintf(stderr, "sim: at most %d steps, 1 to 16 jobs\n", STEPS_MAX);
        return 2;
    }
    if (run.seed == 0)
        run.seed = (unsigned long long)time(NULL) * 1000 + 1;
    unsigned long long failed = run_all(&run, count, jobs);
    if (failed == 0)
        return 0;
    run.seed = failed;
    report(&run);
    return 1;
}

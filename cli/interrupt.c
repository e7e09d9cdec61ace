/*
 * Signals noted: one flag for the process, since a signal is the process's.
 */
#include "cli/interrupt.h"

#include <string.h>

static const int numbers[2] = {SIGINT, SIGTERM};
static volatile sig_atomic_t seen;

static void note(int number)
{
    (void)number;
    seen = 1;
}

void interrupt_begin(struct interrupt *ret_interrupt)
{
    struct sigaction action = {.sa_handler = note, .sa_flags = (int)SA_RESETHAND};
    seen = 0;
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < 2; i++)
        (void)sigaction(numbers[i], &action, &ret_interrupt->before[i]);
}

void interrupt_end(struct interrupt *interrupt)
{
    if (interrupt == NULL)
        return;
    for (size_t i = 0; i < 2; i++)
        (void)sigaction(numbers[i], &interrupt->before[i], NULL);
}

bool interrupt_seen(void)
{
    return seen != 0;
}

void interrupt_hold(bool held)
{
    sigset_t set;
    (void)sigemptyset(&set);
    for (size_t i = 0; i < 2; i++)
        (void)sigaddset(&set, numbers[i]);
    (void)sigprocmask(held ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

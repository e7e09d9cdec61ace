/*
 * Signals noted: one for the process, since a signal is the process's.
 */
#include "cli/interrupt.h"

#include <stddef.h>

static const int numbers[INTERRUPT_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};
static volatile sig_atomic_t seen; /* the signal's number */

static void note(int number)
{
    seen = number;
}

void interrupt_begin(struct interrupt *ret_interrupt)
{
    struct sigaction action = {.sa_handler = note, .sa_flags = (int)SA_RESETHAND};
    seen = 0;
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < INTERRUPT_SIGNALS; i++) {
        (void)sigaction(numbers[i], &action, &ret_interrupt->before[i]);
        if (ret_interrupt->before[i].sa_handler == SIG_IGN) /* nohup: ignored stays ignored */
            (void)sigaction(numbers[i], &ret_interrupt->before[i], NULL);
    }
}

void interrupt_end(struct interrupt *interrupt)
{
    if (interrupt == NULL)
        return;
    for (size_t i = 0; i < INTERRUPT_SIGNALS; i++)
        (void)sigaction(numbers[i], &interrupt->before[i], NULL);
}

void interrupt_pass_on(struct interrupt *interrupt)
{
    interrupt_end(interrupt);
    if (seen != 0)
        (void)raise(seen);
}

bool interrupt_seen(void)
{
    return seen != 0;
}

enum status interrupt_check(struct err *err)
{
    return interrupt_seen() ? err_set(err, STATUS_IO, "ended by a signal; nothing is left of it") : STATUS_OK;
}

void interrupt_hold(bool held)
{
    sigset_t set;
    (void)sigemptyset(&set);
    for (size_t i = 0; i < INTERRUPT_SIGNALS; i++)
        (void)sigaddset(&set, numbers[i]);
    (void)sigprocmask(held ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

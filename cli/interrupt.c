/*
 * Signals that would end the process, held back while something is half done. No SA_RESTART: a write that waits for a pipe
 * has to come back and hear of it.
 */
#include "cli/interrupt.h"

#include <string.h>

static volatile sig_atomic_t noted_signal;

static const int held[INTERRUPT_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};

static void note_signal(int number)
{
    noted_signal = number;
}

void interrupt_begin(struct interrupt *interrupt)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note_signal;
    sigemptyset(&action.sa_mask);
    noted_signal = 0;
    for (size_t i = 0; i < INTERRUPT_SIGNALS; i++) {
        (void)sigaction(held[i], &action, &interrupt->before[i]);
        if (interrupt->before[i].sa_handler == SIG_IGN) /* nohup: ignored stays ignored */
            (void)sigaction(held[i], &interrupt->before[i], NULL);
    }
}

bool interrupt_noted(void)
{
    return noted_signal != 0;
}

enum status interrupt_check(struct err *err)
{
    return interrupt_noted() ? err_set(err, STATUS_IO, "ended by a signal; nothing is left of it") : STATUS_OK;
}

void interrupt_end(struct interrupt *interrupt)
{
    int number = noted_signal;
    for (size_t i = 0; i < INTERRUPT_SIGNALS; i++)
        (void)sigaction(held[i], &interrupt->before[i], NULL);
    noted_signal = 0;
    if (number != 0)
        (void)raise(number);
}

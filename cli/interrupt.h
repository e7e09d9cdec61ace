/*
 * Being asked to stop: long work that has to end in order at SIGINT or SIGTERM notes the signal and looks for it. A second
 * one ends the program as ever.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>

struct interrupt {
    struct sigaction before[2];
};

/* From now on the signals are noted. Calls that block are left with EINTR. */
void interrupt_begin(struct interrupt *ret_interrupt);
/* As it was before. NULL is fine. */
void interrupt_end(struct interrupt *interrupt);
/* Whether one came since interrupt_begin. */
bool interrupt_seen(void);

/* Keeps the signals away while something must not be cut in two; they come when it is over. */
void interrupt_hold(bool held);

#endif

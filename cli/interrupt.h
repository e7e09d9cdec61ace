/*
 * Being asked to stop: long work that has to end in order at SIGINT, SIGTERM or SIGHUP notes the signal and looks for it. A
 * second one ends the program as ever. One at a time in a process.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>

#include "ledger/status.h"

enum { INTERRUPT_SIGNALS = 3 };

struct interrupt {
    struct sigaction before[INTERRUPT_SIGNALS];
};

/* From now on the signals are noted, but for those that are ignored. Calls that block are left with EINTR. */
void interrupt_begin(struct interrupt *ret_interrupt);

/* As it was before: what came was the way to end the work, and is over with it. NULL is fine. */
void interrupt_end(struct interrupt *interrupt);
/* The same, and what came does now what it would have done: the work did not get to its end. */
void interrupt_pass_on(struct interrupt *interrupt);

/* Whether one came since interrupt_begin. */
bool interrupt_seen(void);
/* errors IO: one has come; for the steps of long work to end it with. */
MUST_USE enum status interrupt_check(struct err *err);

/* Keeps the signals away while something must not be cut in two; they come when it is over. */
void interrupt_hold(bool held);

#endif

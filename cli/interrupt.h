/*
 * Work that cleans up after itself when somebody ends it: SIGINT, SIGTERM and SIGHUP are noted, and given back afterwards.
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

/* From here on the signals are noted. One at a time in a process. */
void interrupt_begin(struct interrupt *interrupt);

/* Whether one has come. */
bool interrupt_noted(void);

/* errors IO: one has come; for the steps of long work to end it with. */
MUST_USE enum status interrupt_check(struct err *err);

/* Gives them back, and lets one that has come do what it would have done. */
void interrupt_end(struct interrupt *interrupt);

#endif

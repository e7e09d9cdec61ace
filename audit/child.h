/*
 * Verification in a child process: a file that ends the process which reads it is a finding, not the end of the audit.
 */
#ifndef AUDIT_CHILD_H
#define AUDIT_CHILD_H

#include "audit/verify/verify.h"
#include "ledger/status.h"

/* What a process ends with for want of memory, where the program has it end there and then (cli/system.c): no finding. */
enum { CHILD_NO_MEMORY = 4 };

/* verify_book or verify_bundle. */
typedef enum status verify_work(const struct verify_options *options, struct verify_result *ret_result,
                                struct err *err);

/*
 * As work by itself, in a child that can hold no more than options->memory_max bytes of data. The caller may have no store open (a child must not inherit one) and should be a single
 * thread.
 *
 * in      options->scratch_dir: an existing directory in which a new one is made, and removed afterwards.
 * out     *ret_result: complete is false when the child was ended; the last finding then says where.
 * errors  as work; IO (no process, no pipe); MEMORY.
 */
MUST_USE enum status child_verify(const struct verify_options *options, verify_work *work,
                                  struct verify_result *ret_result, struct err *err);

#endif

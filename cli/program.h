/*
 * Which program lets entries in, and for which account of the system: chained into each entry (FORMAT.md section 4).
 */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include <stdbool.h>

#include "ledger/entry.h"
#include "ledger/limits.h"
#include "ledger/status.h"

enum { EXE_HEX_CHARS = 16 };

struct program {
    char exe[EXE_HEX_CHARS + 1];
    char os_user[ID_BYTES_MAX + 1];
    struct gate_facts facts; /* points into this struct, which must not be copied */
};

/*
 * Fills *ret_program.
 *
 * in      hash_exe: read the executable through; false leaves zeros, for a program that will not write.
 * errors  MEMORY: an entry would name no program, or another account.
 * cost    some milliseconds for the hash.
 */
MUST_USE enum status program_identify(struct program *ret_program, bool hash_exe, struct err *err);

#endif

/*
 * A verification's memory as JSON: what the state of an incremental one holds besides its files (state.h).
 */
#ifndef AUDIT_VERIFY_RESUME_H
#define AUDIT_VERIFY_RESUME_H

#include <jansson.h>

#include "ledger/hash.h"
#include "ledger/status.h"
#include "ledger/tree.h"

enum { VERIFY_STATE_FORMAT = 2 };

struct verify;

/* After a good run. Gives; NULL without memory. */
json_t *verify_resume_save(const struct verify *verify);

/* What it is of. errors INPUT (no state, or another release's: begin with an empty one). */
MUST_USE enum status verify_resume_look(const json_t *json, struct tree_head *ret_head,
                                        char ret_book[static HASH_HEX_CHARS + 1], struct err *err);

/*
 * Puts it into a verification that has not begun, which then stands where the saved one ended; what the book itself records
 * is told again.
 *
 * errors  INPUT (a part lacks), MEMORY.
 */
MUST_USE enum status verify_resume_load(const json_t *json, struct verify *verify, struct err *err);

#endif

/*
 * A directory for books that a replay builds for the time being. Who has opened what lies in it removes it at once: what is
 * open stays so, and nothing is left behind however the process ends. So nothing in it is ever synced, and nobody may rely on it
 * later: what a verification keeps (verify/state.h) or a restore puts in place is made elsewhere, and synced before it has its name.
 */
#ifndef AUDIT_SCRATCH_H
#define AUDIT_SCRATCH_H

#include "ledger/durable.h"
#include "ledger/status.h"

/* Makes an empty one in parent (NULL: $TMPDIR where it is a path from / on, else /tmp). errors IO, PERMISSION, FULL, LIMIT. */
MUST_USE enum status scratch_make(const char *parent, struct path *ret_dir, struct err *err);

/* Removes it with all tables in it. What cannot be removed stays: it is scratch. */
void scratch_remove(const struct path *dir);

#endif

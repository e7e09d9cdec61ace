/*
 * The books or the journal of a server, as a store that is elsewhere (ledger/store.h). Few round trips: what is read of a
 * snapshot is kept, walks ask for more records the further they go, and gets of neighbouring keys are taken for a walk.
 *
 * A walk over the books shows what may be read and remembers that it passed over the rest. A walk over the journal's entries
 * is for whoever may read all of them: entries that are missing in it would look like a journal that was cut.
 */
#ifndef CLI_REMOTE_STORE_H
#define CLI_REMOTE_STORE_H

#include <stdint.h>

#include "cli/remote.h"
#include "ledger/status.h"
#include "ledger/store.h"

enum {
    REMOTE_STORE_PARKED_MS = 1000 /* a snapshot that was ended is begun again where it is no older */
};

struct remote_store;

/*
 * in      remote: borrowed until remote_store_free. store: "books" or "journal"; kept.
 * errors  MEMORY.
 */
MUST_USE enum status remote_store_new(struct remote *remote, const char *store, struct remote_store **ret_store,
                                      struct err *err);
void remote_store_free(struct remote_store *store);

/* The port, for store_open_remote. Its context is this store. */
struct store_remote remote_store_port(struct remote_store *store);

/* How often a walk has passed over records so far because they may not be read. */
uint64_t remote_store_passed(const struct remote_store *store);

/* From now on a walk over the books that passes over records fails with PERMISSION, as one over entries does. */
void remote_store_whole(struct remote_store *store);

/* Something was written, or waited for: the next snapshot is a new one. */
void remote_store_refresh(struct remote_store *store);

#endif

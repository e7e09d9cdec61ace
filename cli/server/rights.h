/*
 * What one user may read in one snapshot (PROTOCOL.md section 3): the one place where the server asks.
 */
#ifndef CLI_SERVER_RIGHTS_H
#define CLI_SERVER_RIGHTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "controls/facts.h"
#include "ledger/slice.h"
#include "ledger/status.h"

struct rights;

/*
 * in      facts: kept, with its transaction and policy; user, key: copied.
 * errors  CORRUPT, IO, MEMORY.
 */
MUST_USE enum status rights_open(const struct facts *facts, const char *user, const char *key,
                                 struct rights **ret_rights, struct err *err);
void rights_close(struct rights *rights);

/* Whether a record of a table of the books may be read, an entry, and how many a table has. errors CORRUPT, IO, MEMORY. */
MUST_USE enum status rights_may_record(const struct rights *rights, size_t table, struct slice key, struct slice value,
                                       bool *ret_may, struct err *err);
MUST_USE enum status rights_may_entry(const struct rights *rights, struct slice entry, bool *ret_may, struct err *err);
MUST_USE enum status rights_may_count(const struct rights *rights, size_t table, bool *ret_may, struct err *err);

bool rights_audit(const struct rights *rights);
bool rights_operate(const struct rights *rights);

/* {"books", "governance", "operations"} of the answer to a proof. NULL: no memory. */
json_t *rights_tell(const struct rights *rights);

#endif

/*
 * What the journal recorded about a document: the answers of its controls, and its content hash taken again from the
 * stored bytes rather than from the books, which are derived.
 */
#ifndef CLI_RECORDED_H
#define CLI_RECORDED_H

#include <jansson.h>

#include "cli/session.h"
#include "ledger/entry.h"
#include "ledger/status.h"

/*
 * An entry, its bytes checked against their hash. ret_entry->decision_bytes is not to be used.
 *
 * out     fills *ret_entry; entry_done.
 * errors  NOT_FOUND, CORRUPT, IO.
 */
MUST_USE enum status recorded_entry(struct session *session, uint64_t seq, struct entry *ret_entry,
                                    struct err *err);

/*
 * The result of a document's current version as it was decided at submission, with the entry that holds it.
 *
 * in      record: the document's record in the books.
 * out     *ret_entry: fills; *ret_result: lends until entry_done.
 * errors  those of recorded_entry; CORRUPT when the entry has no such result, or when content or document in the books
 *         are not those of the entry: nobody should sign then.
 */
MUST_USE enum status recorded_version(struct session *session, const json_t *record, struct entry *ret_entry,
                                      const json_t **ret_result, struct err *err);

#endif

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

/* Remembers the entry that was read last: documents of one batch stand in one entry. The caller's storage. */
struct recorded {
    struct session *session;
    struct entry entry;
    bool has_entry;
};

void recorded_init(struct recorded *recorded, struct session *session);
void recorded_done(struct recorded *recorded);

/*
 * The result of a document's current version as it was decided at submission.
 *
 * in      record: the document's record in the books.
 * out     *ret_result: lends until the next call or recorded_done.
 * errors  PERMISSION (a server keeps the entry back, since it also holds documents of books that this user may not read: the
 *         document may be looked at, but not signed, for its hash needs the whole statement), NOT_FOUND, IO; CORRUPT when the entry's bytes are not those of its hash, when it has no such result, or when
 *         content or document in the books are not those of the entry: nobody should sign then.
 * cost    O(bytes of the entry), once for documents of one entry in a row.
 */
MUST_USE enum status recorded_version(struct recorded *recorded, const json_t *record, const json_t **ret_result,
                                      struct err *err);

#endif

/*
 * The policies of a book.
 */
#ifndef CLI_POLICY_BOOK_H
#define CLI_POLICY_BOOK_H

#include <jansson.h>

#include "cli/session.h"
#include "controls/facts.h"
#include "ledger/status.h"

struct policy_of_book {
    const struct policy *policy; /* lends until session_close */
    uint64_t seq;                /* the entry that put it in force */
    json_t *record;              /* {document, effective, hash, seq}; document "" for the charter's */
};

/*
 * The policy in force at a time.
 *
 * out     fills *ret_policy; policy_of_book_done.
 */
MUST_USE enum status policy_of_book(struct session *session, const struct facts *facts, int64_t time_ms,
                                    struct policy_of_book *ret_policy, struct err *err);
void policy_of_book_done(struct policy_of_book *policy);

/* Its compiled form. gives. */
MUST_USE enum status policy_of_book_compiled(const struct facts *facts, const struct policy_of_book *policy,
                                             json_t **ret_compiled, struct err *err);

/* The YAML that it was compiled from. gives (free), NUL closed. */
MUST_USE enum status policy_of_book_yaml(struct session *session, const struct facts *facts,
                                         const struct policy_of_book *policy, char **ret_yaml, struct err *err);

#endif

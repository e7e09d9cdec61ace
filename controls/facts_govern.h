/*
 * Facts about governance: officers, reviews of access, emergency access, keys in other hands, book keys, releases, holds.
 * The words of facts.h hold here too: read-only, pure, "not there" is an answer.
 */
#ifndef CONTROLS_FACTS_GOVERN_H
#define CONTROLS_FACTS_GOVERN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "controls/facts.h"
#include "ledger/sshkey.h"

/* Officers */

/* Whether a role of the policy in force governs; one that is unknown, or NULL, does not. */
bool role_governs(const struct policy *policy, const char *role);
/* Whether the user holds a standing grant of a role that governs. */
MUST_USE enum status facts_governs(const struct facts *facts, const char *user, bool *ret_governs, struct err *err);
/* How many persons may govern access over all entities and have a valid key, when this grant and this key are left out
 * (each may be NULL). */
MUST_USE enum status facts_officers(const struct facts *facts, const char *not_grant, const char *not_key,
                                    size_t *ret_count, struct err *err);

/* Reviews of access. Records give; NULL when there is none. */

MUST_USE enum status facts_review(const struct facts *facts, const char *number, json_t **ret_record, struct err *err);
MUST_USE enum status facts_review_row(const struct facts *facts, const char *review, const char *grant,
                                      json_t **ret_row, struct err *err);
/* What a row of a review is about: the grant, or the delegation, of this number. */
MUST_USE enum status facts_reviewed(const struct facts *facts, const char *number, json_t **ret_record,
                                    struct err *err);
/* A grant of the user that would allow the function if no review had suspended it; NULL when there is none. */
MUST_USE enum status facts_suspended_grant(const struct facts *facts, const char *user, const char *function,
                                           const char *entity, json_t **ret_grant, struct err *err);

/* Emergency access */

MUST_USE enum status facts_break_glass(const struct facts *facts, const char *number, json_t **ret_record,
                                       struct err *err);
/* What the user has now; function NULL asks for any; NULL when there is none. */
MUST_USE enum status facts_emergency(const struct facts *facts, const char *user, const char *function,
                                     const char *entity, json_t **ret_record, struct err *err);
/* Calls step for each emergency access that the user has now. errors also those of the step. */
typedef enum status facts_emergency_step(void *context, const json_t *access, struct err *err);
MUST_USE enum status facts_each_emergency(const struct facts *facts, const char *user, facts_emergency_step *step,
                                          void *context, struct err *err);
/* Emergency access of this person that nobody has reviewed in time; NULL when there is none. */
MUST_USE enum status facts_unreviewed(const struct facts *facts, const char *person, json_t **ret_record,
                                      struct err *err);

/* Keys that were in other hands */

/* Whether a key in other hands at that time signed the entry; ret_key: which. */
MUST_USE enum status facts_suspect(const struct facts *facts, uint64_t seq, bool *ret_suspect,
                                   char ret_key[static PUBLIC_KEY_TEXT_MAX], struct err *err);
/* Whether this key signed the entry when it was in other hands. */
MUST_USE enum status facts_suspect_under(const struct facts *facts, uint64_t seq, const char *key_text,
                                         bool *ret_suspect, struct err *err);
/* Whether a version or an approval of the document's record is suspect under this key. */
MUST_USE enum status facts_document_suspect(const struct facts *facts, const json_t *record, const char *key_text,
                                            bool *ret_suspect, struct err *err);
/* What was concluded of a document (number) or an entry (number NULL) under the key; NULL when nothing was. */
MUST_USE enum status facts_affirmation(const struct facts *facts, const char *key_text, const char *number,
                                       uint64_t seq, json_t **ret_record, struct err *err);

/* Keys of the book, releases, holds */

/* One of the charter's recovery keys. */
MUST_USE enum status facts_recovery(const struct facts *facts, json_t **ret_recovery, struct err *err);
MUST_USE enum status facts_book_key(const struct facts *facts, const char *key_text, json_t **ret_record,
                                    struct err *err);
/* The legal hold on a customer; NULL when there is none. */
MUST_USE enum status facts_hold(const struct facts *facts, const char *customer, json_t **ret_record, struct err *err);
/*
 * A customer under legal hold to whom one of these hashes of personal data belongs: the customer's own, or the name of a
 * file of one of its documents. "" when there is none.
 *
 * cost    O(documents of the customers under hold).
 */
MUST_USE enum status facts_held_personal(const struct facts *facts, const json_t *hashes,
                                         char ret_customer[static ID_BYTES_MAX + 1], struct err *err);

#endif

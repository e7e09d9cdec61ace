/*
 * The two verbs that officers or the recovery keys sign together, `recover` and `clock`: judged for C-31, who signs them
 * for C-52. Their rules stand in controls/rules/governance_verbs.c.
 */
#ifndef CONTROLS_RULES_GOVERNANCE_H
#define CONTROLS_RULES_GOVERNANCE_H

#include "controls/control.h"
#include "ledger/sshkey.h"

/* C-31 of a whole statement; nothing for other verbs. errors of the facts. */
MUST_USE enum status governance_verbs_judge(const struct request *request, const struct facts *facts,
                                            struct answers *answers, struct err *err);
/* Whether the answer is one of those; then its sentence. */
bool governance_verbs_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES]);

/* Text of the key that made signature index; false when the blob is not in form, which the gate has refused before. */
bool signer_text(const struct signature_list *list, size_t index, char ret_text[static PUBLIC_KEY_TEXT_MAX]);

/* How many of the signatures are by recovery keys of the charter, and how many it asks for (0: it has none). */
struct recovery_signed {
    int64_t count, threshold;
};
MUST_USE enum status recovery_signed(const struct request *request, const struct facts *facts,
                                     struct recovery_signed *ret_signed, struct err *err);
/* Whether the key recovers the book. */
MUST_USE enum status is_recovery_key(const struct facts *facts, const char *key_text, bool *ret_is, struct err *err);
/* Whether this is a valid key of a user who governs access over all entities; ret_person: who. */
MUST_USE enum status is_officer_key(const struct facts *facts, const char *key_text, bool *ret_is,
                                    char ret_person[static ID_BYTES_MAX + 1], struct err *err);

#endif

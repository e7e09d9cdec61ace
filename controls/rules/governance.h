/*
 * The verbs that officers or the recovery keys sign together, `recover`, `clock` and `restore`: judged for C-31, who signs
 * them for C-52. Their rules stand in controls/rules/governance_verbs.c and governance_restore.c.
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

/* Users whose valid officers' keys have signed, sorted; how many persons they are. out *ret_users: gives. */
MUST_USE enum status officers_signed(const struct request *request, const struct facts *facts, json_t **ret_users,
                                     int64_t *ret_persons, struct err *err);

/* governance_restore.c: C-31 of `restore`. errors of the facts. */
MUST_USE enum status restore_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                   struct err *err);
bool restore_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES]);
/* What an admitted `restore` does, FORMAT.md section 5.6: the epoch that it opens, the officers. out *ret_result: gives. */
MUST_USE enum status restore_result(const struct request *request, const struct facts *facts, json_t **ret_result,
                                    struct err *err);

#endif

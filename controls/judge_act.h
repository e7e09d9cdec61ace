/*
 * Acts on documents: submitting, amending, approving, ending. Each gives the result of one member of a statement's list.
 */
#ifndef CONTROLS_JUDGE_ACT_H
#define CONTROLS_JUDGE_ACT_H

#include <jansson.h>
#include <stddef.h>

#include "controls/control.h"
#include "ledger/status.h"

struct act {
    const struct statement *statement;
    const struct signature_list *signatures; /* NULL in a dry run */
    const struct actor *actor;
    const struct facts *facts;
    size_t index;
};

/* Each gives *ret_result, FORMAT.md section 6. errors CORRUPT, IO, MEMORY; refusals are results. */
MUST_USE enum status act_submit(const struct act *act, json_t **ret_result, struct err *err);
MUST_USE enum status act_amend(const struct act *act, json_t **ret_result, struct err *err);
MUST_USE enum status act_approve(const struct act *act, json_t **ret_result, struct err *err);
MUST_USE enum status act_end(const struct act *act, json_t **ret_result, struct err *err);

/*
 * Whether the controls would let somebody sign a document at a level now, were it that level's turn: what `inbox` and
 * "could sign" ask, so that they know as much of conflicts and histories as the gate does.
 *
 * in      record: the document's, or one that is only being considered: then document, kind, entity and makers suffice.
 */
MUST_USE enum status act_may_approve(const struct facts *facts, const json_t *record, const struct actor *actor,
                                     int level, bool *ret_may, struct err *err);

#endif

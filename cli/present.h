/*
 * How decisions and documents are shown: the manner of TOUR.md, in one place for all commands.
 */
#ifndef CLI_PRESENT_H
#define CLI_PRESENT_H

#include <jansson.h>

#include "cli/cli.h"
#include "cli/session.h"
#include "controls/facts.h"
#include "controls/gate.h"
#include "ledger/status.h"

/*
 * Prints what a statement came to: one block for each result (document, amount, customer; waits for, because, could sign;
 * or posted as, ledger lines; or refused, with the control's sentence and what would satisfy it), then entry and signer.
 * With --json one object for each result and one for the entry.
 *
 * in      statement: what was submitted; answer: what came back.
 * out     *ret_exit: EXIT_DONE, or EXIT_REFUSED when any result was refused.
 */
MUST_USE enum status present_answer(struct session *session, struct cli *cli, const struct statement *statement,
                                    const struct gate_answer *answer, int *ret_exit, struct err *err);

/* The whole document as `show` prints it: TOUR.md, "An approver". record: from facts_document. */
MUST_USE enum status present_document(struct session *session, struct cli *cli, const struct facts *facts,
                                      const json_t *record, struct err *err);

/* "credit note 1,200.00 USD customer 16446 invoice 581483" for one line; into the caller's storage, cut to fit. */
void present_summary(const json_t *document, char *ret_text, size_t bytes);

/*
 * Users who could sign a document at a level now: hold the function, are no makers, have not signed already.
 *
 * out     *ret_users: gives a JSON list of user ids, sorted.
 */
MUST_USE enum status present_could_sign(const struct facts *facts, const json_t *record, int level, json_t **ret_users,
                                        struct err *err);

#endif

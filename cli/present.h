/*
 * How decisions and documents are shown: the manner of TOUR.md, in one place for all commands.
 */
#ifndef CLI_PRESENT_H
#define CLI_PRESENT_H

#include <jansson.h>

#include "cli/block.h"
#include "cli/cli.h"
#include "cli/session.h"
#include "controls/facts.h"
#include "controls/gate.h"
#include "ledger/status.h"

/*
 * The whole of a command that submits one statement: session_submit, then present_answer; says where the statement was
 * left with --to. Prints errors.
 *
 * out     the exit status, so that a command can end with it.
 */
int present_submit(struct session *session, enum verb verb, const json_t *body, bool see);

/*
 * Prints what a statement came to: one block for each result (document, amount, customer; waits for, because, could sign;
 * or posted as, ledger lines; or refused, with the control's sentence and what would satisfy it), then entry and signer.
 * With --json one object for each result and one for the entry.
 *
 * in      statement: what was submitted; answer: what came back; its seq UINT64_MAX: a dry run. No facts are open.
 * out     *ret_exit: EXIT_DONE, or EXIT_REFUSED when any result was refused.
 */
MUST_USE enum status present_answer(struct session *session, const struct statement *statement,
                                    const struct gate_answer *answer, int *ret_exit, struct err *err);

/* The whole document as `show` prints it: TOUR.md, "An approver". record: from facts_document. */
MUST_USE enum status present_document(struct session *session, const struct facts *facts, const json_t *record,
                                      struct err *err);

enum { SUMMARY_BYTES = 512 };

/* "credit note  1,200.00 USD  customer 16446  invoice 581483" for one line, cut to fit. */
void present_summary(const json_t *document, char ret_text[static SUMMARY_BYTES]);

/* "1,200.00 USD"; "" when one of the two lacks. */
enum { MONEY_SHOWN_BYTES = 64 };
void present_money(const char *amount_text, const char *currency, char ret_text[static MONEY_SHOWN_BYTES]);
/* The same from minor units. */
void present_minor(int64_t minor, const char *currency, char ret_text[static MONEY_SHOWN_BYTES]);

/* "4b1f0c…77": the start and end of a hash. "" for NULL. */
enum { HASH_SHOWN_BYTES = 16 };
void present_hash(const char *hex, char ret_text[static HASH_SHOWN_BYTES]);

/* "2 d", "3 h", "5 min". */
enum { AGE_BYTES = 32 };
void present_age(int64_t age_ms, char ret_text[static AGE_BYTES]);

/* Adds one line for each answer of a decision: "because" for a need, "noted" for a flag, "refused" for a deny. */
void present_controls(struct block *block, const json_t *answers);

/* Only the flags among them: what was needed is told where something still waits. */
void present_flags(struct block *block, const json_t *answers);

/* A copy of the answers with the sentence of each as `text`; gives, NULL without memory. For --json. */
json_t *present_controls_json(const json_t *answers);

/* "Dr 1290 Allowance 4,120.55" and so on, one block line each. */
void present_lines(struct block *block, const struct facts *facts, const char *label, const json_t *lines);

/*
 * Users who could sign a document at a level now: hold the function, are no makers, have not signed already.
 *
 * out     *ret_users: gives a JSON list of user ids, sorted.
 */
MUST_USE enum status present_could_sign(const struct facts *facts, const json_t *record, int level, json_t **ret_users,
                                        struct err *err);

/* Whether this user is among them. */
MUST_USE enum status present_may_sign(const struct facts *facts, const json_t *record, int level, const char *user,
                                      bool *ret_may, struct err *err);

#endif

/*
 * What waits for approval, and for whom.
 */
#ifndef CLI_WAITING_H
#define CLI_WAITING_H

#include <jansson.h>

#include "cli/session.h"
#include "controls/facts.h"
#include "ledger/status.h"

/* The lowest level of a document that is still to be signed; 0: none. */
int waiting_lowest_level(const json_t *record);

/*
 * The level at which the user can sign the document now: the lowest that is open to this user, 0 when none is.
 *
 * errors  of the facts.
 */
MUST_USE enum status waiting_level_of(const struct facts *facts, const json_t *record, const char *user, int *ret_level,
                                      struct err *err);

/*
 * Documents that wait, by deadline, those whose time is over left out.
 *
 * in      user: only documents whose lowest open level this user can sign; NULL: all.
 * out     *ret_records: gives a JSON list of document records.
 * errors  of the facts.
 * cost    O(documents that wait).
 */
MUST_USE enum status waiting_list(const struct facts *facts, const char *user, json_t **ret_records, struct err *err);

/*
 * Documents that wait or were returned, made by somebody who has left and whose successor this user's person is: to be
 * withdrawn or amended in the leaver's stead.
 *
 * out     *ret_records: gives a JSON list of document records, by maker and number.
 * errors  of the facts.
 * cost    O(documents that wait or were returned).
 */
MUST_USE enum status waiting_passed_on(const struct facts *facts, const char *user, json_t **ret_records,
                                       struct err *err);

/*
 * Documents that were returned to this user's person, who made or amended them: to be amended or withdrawn. `ended` of a
 * record says by whom, when and why.
 *
 * out     *ret_records: gives a JSON list of document records, by number.
 * errors  of the facts.
 * cost    O(documents of this person that wait or were returned).
 */
MUST_USE enum status waiting_returned(const struct facts *facts, const char *user, json_t **ret_records,
                                      struct err *err);

#endif

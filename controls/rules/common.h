/*
 * What rules share: asking a request simple questions, amounts as text, and pieces of sentences.
 */
#ifndef CONTROLS_RULES_COMMON_H
#define CONTROLS_RULES_COMMON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "controls/control.h"
#include "controls/kind.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/statement.h"

enum { STAGE_DOCUMENT = STAGE_SUBMIT | STAGE_POST };

/* Whether the request is about a document that officers govern. */
bool request_governs(const struct request *request);
bool request_is_kind(const struct request *request, enum kind_id kind);

/* Whether the person who acts, or the one acted for, stands in a record's list (makers or approvals). */
bool acting_in(const json_t *list, const struct request *request);
/* Whether a person is who acts, or the one acted for; false for NULL and "". */
bool acting_is(const char *person, const struct request *request);
/* The same for one member of such a list: whoever signed it, or for whom it was signed. */
bool acting_as(const json_t *member, const struct request *request);
/* {person} of who acts, and {behalf} the user acted for where there is one; NULL without memory. */
json_t *acting_inputs(const struct request *request);
/* The one whose authority counts: the one acted for, where there is one. */
const struct actor *request_authority(const struct request *request);

/* The function that the act takes: prepare at submission, approve at the level that is signed. "" when the document names
 * an original that is not there, which C-43 denies. errors of the facts. */
MUST_USE enum status request_function(const struct request *request, const struct facts *facts,
                                      char ret_name[static FUNCTION_NAME_BYTES], struct err *err);

/* Whether the person who acts holds the function for the whole book, or for one of its entities: what auditors need. */
MUST_USE enum status acting_may_somewhere(const struct request *request, const struct facts *facts,
                                          const char *function, bool *ret_may, struct err *err);

/* A new JSON text of an amount in base currency; NULL without memory. */
json_t *base_text(const struct facts *facts, int64_t minor);
json_t *amount_text(int64_t minor, int digits);

/* An amount member of a checked document. errors INPUT, LIMIT. */
MUST_USE enum status money_member_of(const json_t *object, const char *name, int digits, int64_t *ret_minor,
                                     struct err *err);

/* The bound that an amount is above: the highest tier bound below it; "0" form when none. Gives. */
json_t *bound_text(const struct facts *facts, const struct policy_row *row, int64_t minor);

/* The authority row that judges a document's reason for its entity; NULL when reason or row is unknown. */
const struct policy_row *request_row(const struct request *request, const struct facts *facts);

/* Members of an answer for a sentence: "?" instead of NULL. Lends. */
const char *said(const json_t *answer, const char *name);
/* The same for amounts, with thousands grouped, into the caller's storage. */
const char *said_amount(const json_t *answer, const char *name, char ret_text[static MONEY_TEXT_MAX]);
/* "level 1, level 2" of an answer's levels. */
void said_levels(const json_t *answer, char *ret_text, size_t bytes);
bool code_is(const json_t *answer, const char *code);

/*
 * The persons who made what is judged, as the members of an object in order of first appearance: those of the record, and
 * at submission the one who acts and the one who asked for it.
 *
 * out     *ret_makers: gives.
 */
MUST_USE enum status request_makers(const struct request *request, json_t **ret_makers, struct err *err);

/* Judges a document against the policy's windows of one grouping (C-06, C-07, C-08). */
MUST_USE enum status window_judge(const struct request *request, const struct facts *facts, enum window_by by,
                                  struct answers *answers, const char *control, struct err *err);

/* The sentence of their answers; scope says what was added up, e.g. "corrections of invoice 581483, ever". */
void window_sentence(const json_t *answer, const char *scope, char ret_text[static SENTENCE_BYTES]);

#endif

/*
 * Pieces that the rooms of facts share; rules ask facts.h and facts_govern.h. Errors as there.
 */
#ifndef CONTROLS_FACTS_PARTS_H
#define CONTROLS_FACTS_PARTS_H

#include <jansson.h>
#include <stdbool.h>

#include "ledger/books.h"
#include "ledger/status.h"
#include "ledger/window.h"

struct facts;
struct window_query;
struct window_row;

/* A record, NULL when there is none; gives. */
MUST_USE enum status facts_get(const struct facts *facts, enum books_table table, const struct books_key *key,
                               json_t **ret_record, struct err *err);
bool facts_text_in(const json_t *list, const char *text);
/* Whether a grant's entities hold this one; "" asks for all of them, NULL for any. */
bool facts_entity_in(const json_t *entities, const char *entity);
/* Whether a grant stands: not revoked, not over, and begun and not suspended by a review, unless what is to come counts. */
MUST_USE enum status facts_grant_stands(const struct facts *facts, const json_t *grant, bool future_too,
                                        bool *ret_stands, struct err *err);

/*
 * Each row of a window backwards from the query's place: those later than after_ms, of its kinds, without not_number.
 *
 * errors  of the step, CORRUPT, IO. cost O(documents in the window).
 */
MUST_USE enum status facts_window_rows(const struct facts *facts, const struct window_query *query, window_step *step,
                                       void *context, struct err *err);

#endif

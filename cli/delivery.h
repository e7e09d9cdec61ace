/*
 * Deliveries to the ERP: what was posted and has not been acknowledged, as lines for a program, and how a delivery stands in
 * words.
 */
#ifndef CLI_DELIVERY_H
#define CLI_DELIVERY_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "controls/facts.h"
#include "ledger/status.h"

enum { DELIVERY_STATE_BYTES = 512 };

/* "not acknowledged by the ERP", "in the ERP as 4711", "twice in the ERP: 4711, 4712", "rejected by the ERP: period closed" */
void delivery_state(const json_t *delivery, char ret_text[static DELIVERY_STATE_BYTES]);

/* Since when it waits: posted, or taken back by the ERP. errors CORRUPT. */
MUST_USE enum status delivery_since(const json_t *delivery, int64_t *ret_ms, struct err *err);

/* By when the policy wants it acknowledged; 0: it does not ask. */
int64_t delivery_due(const struct facts *facts, const char *entity, int64_t since_ms);

/*
 * What is handed over: the posting with all its ledger lines.
 *
 * in      delivery: its record.
 * out     *ret_object: gives {amount, currency, date, delivery, document, entity, entry, kind, lines, number, reason?,
 *         reverses?, time}; each line has its number in `line`.
 * errors  CORRUPT, those of facts_document, MEMORY.
 */
MUST_USE enum status delivery_object(const struct facts *facts, const json_t *delivery, json_t **ret_object,
                                     struct err *err);

/* The same as rows of CSV, one a ledger line. errors IO. */
MUST_USE enum status delivery_csv_header(FILE *out, struct err *err);
MUST_USE enum status delivery_csv(const json_t *object, FILE *out, struct err *err);

#endif

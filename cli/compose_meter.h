/*
 * Corrections composed from corrected meter reads: what each bill comes to by them, as one document down, one up, or both.
 */
#ifndef CLI_COMPOSE_METER_H
#define CLI_COMPOSE_METER_H

#include <jansson.h>

#include "cli/session.h"
#include "ledger/status.h"

/*
 * From the session's options --read, --source, --replaced and those of any correction.
 *
 * out     *ret_documents: gives a list of one or two, the one down first; the table of reads and bills is printed.
 * errors  INPUT: names the option, or says why the reads cannot be, or that they move nothing; those of compose_from_options.
 */
MUST_USE enum status compose_meter(struct session *session, json_t **ret_documents, struct err *err);

#endif

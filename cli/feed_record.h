/*
 * A record of a feed as its file has it, and who is told of its problems.
 */
#ifndef CLI_FEED_RECORD_H
#define CLI_FEED_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/attributes.h"
#include "ledger/currency.h"
#include "ledger/status.h"

/* One record, made of one row or of adjacent rows that name the same thing. */
struct feed_record {
    json_t *record;                    /* without `personal` */
    const char *id;                    /* lends from record */
    char *name;                        /* of a customer: personal data, not in the record; NULL where none is given */
    char *attributes[ATTRIBUTE_COUNT]; /* of a customer: as the file has them; NULL where not given */
    char currency[CURRENCY_CODE_BYTES];
    int64_t amount_minor; /* of a feed with a total: gross of an invoice, amount of a receipt */
    bool has_at;
    int64_t at_ms;
    int64_t line; /* where it begins */
};

/* A problem of one field or record: "invoices.csv:17:5: net ...". err is lent during the call. */
typedef void feed_report(void *context, const struct err *err);

#endif

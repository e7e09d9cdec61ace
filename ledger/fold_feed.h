/*
 * How a feed's record enters the books, for the rooms of fold_feed only. To add a feed: write its function in a
 * ledger/fold_feed_<name>.c, declare it here, give it a row in fold_feed.c. Errors as in fold.h throughout.
 */
#ifndef LEDGER_FOLD_FEED_H
#define LEDGER_FOLD_FEED_H

#include <jansson.h>
#include <stdint.h>

#include "ledger/limits.h"
#include "ledger/status.h"

struct fold;

/* A file that is being folded. */
struct fold_file {
    const struct fold *fold;
    const char *entity;
    const char *feed;
    const char *currency; /* of the file; NULL where its records have none, or their own */
    int64_t sequence;
    char person[ID_BYTES_MAX + 1]; /* who brings it: the person behind the feed's user */
};

/* Enters one record of a file that has closed. record: borrowed. */
typedef enum status fold_feed_enter(const struct fold_file *file, const json_t *record, struct err *err);

fold_feed_enter fold_feed_customer;
fold_feed_enter fold_feed_invoice;
fold_feed_enter fold_feed_receipt;
fold_feed_enter fold_feed_people;
fold_feed_enter fold_feed_contact;
fold_feed_enter fold_feed_contract; /* fold_meter.c */
fold_feed_enter fold_feed_read;
fold_feed_enter fold_feed_order;
fold_feed_enter fold_feed_acknowledgement; /* fold_delivery.c */

/* An amount member in the file's currency. errors CORRUPT (member or currency lacks). */
MUST_USE enum status fold_feed_amount(const struct fold_file *file, const json_t *record, const char *member,
                                      int64_t *ret_minor, struct err *err);
/* Lists the record among what the feeds brought for its customer, under its own id, which member `what` holds. */
MUST_USE enum status fold_feed_item(const struct fold_file *file, const json_t *record, const char *what,
                                    struct err *err);

#endif

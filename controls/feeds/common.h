/*
 * What the feeds share: reading an amount of a record, refusing a record by C-44.
 */
#ifndef CONTROLS_FEEDS_COMMON_H
#define CONTROLS_FEEDS_COMMON_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "controls/feed_sort.h"
#include "ledger/status.h"

/* An amount member of a checked object. errors INPUT, LIMIT: names the member. */
MUST_USE enum status feed_amount(const json_t *object, const char *name, int digits, int64_t *ret_minor,
                                 struct err *err);

/* Denies by C-44 with the id that is in the way. index: of the record; SIZE_MAX: of an earlier part, told as record 0. */
MUST_USE enum status feed_deny(struct answers *answers, const char *code, size_t index, const char *id,
                               struct err *err);

/* The record at index of a part. Lends. */
const json_t *feed_part_record(const struct feed_part *part, size_t index);
const char *feed_part_entity(const struct feed_part *part);

#endif

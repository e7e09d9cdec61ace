/*
 * What an entry's bytes tell before they are parsed: canonical JSON says a thing in one way, and a quotation mark inside a text
 * never stands unescaped. So a narrow question over a long journal parses little.
 */
#ifndef AUDIT_PACK_LOOK_H
#define AUDIT_PACK_LOOK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "ledger/slice.h"

/* Whether the bytes hold "member":"value". */
bool pack_look_has(struct slice bytes, const char *member, const char *value);

/* Whether the statement's verb is this one. */
bool pack_look_does(struct slice bytes, const char *verb);

/* Whether any "member":"..." names one of a set: "document" stands so in results, items and links. */
bool pack_look_names(struct slice bytes, const char *member, const json_t *set);

/* The UTC day of the entry, as instant.h counts; -1 where its end is not that of an entry. */
int32_t pack_look_day(struct slice bytes);

#endif

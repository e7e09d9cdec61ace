/*
 * Keys that end soon: when somebody is told, how urgently, and in which words. One table for every command that tells it.
 */
#ifndef CLI_KEY_ENDING_H
#define CLI_KEY_ENDING_H

#include <jansson.h>
#include <stdint.h>

#include "controls/facts.h"
#include "ledger/sshkey.h"
#include "ledger/status.h"

/* Where a key that counts now stands before its end. */
struct key_ending {
    int stage_days; /* the stage: 30, 14 or 3, the last that has begun; 0: none yet, or it counts no more */
    int64_t end_ms; /* INT64_MAX: it does not end */
    int64_t left_ms;
};

/* The stage of a key with so long to live, which has begun at exactly so many days; 0 for none, and for what is over. */
int key_ending_stage(int64_t left_ms);

/* Of a key's record at the facts' time. errors CORRUPT. */
MUST_USE enum status key_ending_of(const struct facts *facts, const json_t *record, struct key_ending *ret_ending,
                                   struct err *err);

/* A stage in a few words, for a column: "ends within 14 days: rotate it". "" for none. Lends for ever. */
const char *key_ending_words(int stage_days);

/* What its user is told. In the last stage: what happens then, and what to type. "" for none. */
enum { KEY_ENDING_BYTES = 512 };
void key_ending_sentence(const struct key_ending *ending, const char *key_text, char ret_text[static KEY_ENDING_BYTES]);

/* The same for programs: {days_left, ends, fingerprint, stage, text, warning: "key-ends"}; gives, NULL without memory. */
json_t *key_ending_json(const struct key_ending *ending, const char *key_text);

/* All of a user's keys that are in a stage, as a list of those; gives. errors CORRUPT, IO, MEMORY. */
MUST_USE enum status key_endings_of_user(const struct facts *facts, const char *user, json_t **ret_list,
                                         struct err *err);

#endif

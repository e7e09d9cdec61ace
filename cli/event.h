/*
 * What an entry did, document by document, in words and for programs: what `log` and `watch` print.
 */
#ifndef CLI_EVENT_H
#define CLI_EVENT_H

#include <jansson.h>
#include <stddef.h>

#include "controls/facts.h"
#include "ledger/entry.h"
#include "ledger/status.h"

/* What an entry did to one document. */
struct event {
    const struct entry *entry;
    const json_t *result;   /* NULL: the statement was refused as a whole */
    const json_t *item;     /* of the statement's list; NULL in a feed */
    const json_t *document; /* borrowed; NULL when it is not known */
    const char *number;     /* NULL: none was given */
};

/* How many an entry has; one at least. */
size_t event_count(const struct entry *entry);

/*
 * One of them.
 *
 * in      facts: open, at or after the entry.
 * out     *ret_event: borrows from entry and *ret_record, which it gives (json_decref; it may stay NULL).
 * errors  those of facts_document.
 */
MUST_USE enum status event_of(const struct facts *facts, const struct entry *entry, size_t index,
                              struct event *ret_event, json_t **ret_record, struct err *err);

enum { EVENT_WHAT_BYTES = 160, EVENT_OUTCOME_BYTES = 256 };

/* "submitted credit note", "approved write-off, level 2" */
void event_what(const struct event *event, char ret_text[static EVENT_WHAT_BYTES]);
/* "posted US01-CN-2026-000001", "waiting, level 1, level 2", "refused C-01 C-07" */
void event_outcome(const struct event *event, char ret_text[static EVENT_OUTCOME_BYTES]);

/* What became of the document: outcome, what, document, number, controls with their sentences, and what the document is
 * about. Gives; NULL without memory. */
json_t *event_json(const struct event *event);
/* Adds what the entry is: seq, hash, time, user, do. */
void event_entry_json(const struct entry *entry, json_t *object);

#endif

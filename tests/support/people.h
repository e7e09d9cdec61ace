/*
 * HR in the company for tests: its feed, and events to bring. Policy tests/policies/people.yaml.
 */
#ifndef TESTS_SUPPORT_PEOPLE_H
#define TESTS_SUPPORT_PEOPLE_H

#include <jansson.h>

#include "tests/support/company.h"

/* The company under people.yaml, and feedp (P-34, FEED_PEOPLE). HR has told nothing yet. */
void people_open(struct company *company);

/* One event; manager and successor may be NULL. */
json_t *people_event(const char *event, const char *change, const char *person, const char *date, const char *manager,
                     const char *successor);
/* A whole file of events (stolen), and its result. */
json_t *people_file(struct company *company, int sequence, json_t *records);
/* The same, has to close. */
void people_events(struct company *company, int sequence, json_t *records);

/* Submits a document; returns the whole decision when the statement was refused as such, else its result. */
json_t *people_whole(struct company *company, const char *user, json_t *document);

#endif

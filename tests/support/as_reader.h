/*
 * A company's book as one user may read it, without a server: stores that somebody else answers for, and who answers asks
 * controls/read_access.h first, as the server does. What is read through them, facts and commands included, is what that
 * user would get. Functions fail the test on any error but those that say otherwise.
 */
#ifndef TESTS_SUPPORT_AS_READER_H
#define TESTS_SUPPORT_AS_READER_H

#include "controls/facts.h"
#include "ledger/books_open.h"
#include "tests/support/company.h"

struct as_reader;

/* key_text NULL: the user's own of the company. The company's gate must stay open, and nobody write meanwhile. */
struct as_reader *as_reader_open(struct company *company, const char *user, const char *key_text);
void as_reader_close(struct as_reader *as);

/* The rights themselves; lends until as_reader_close. */
struct reader *as_reader_rights(struct as_reader *as);

/* Journal and books through the user's eyes. Lends until as_reader_close. */
struct books *as_reader_books(struct as_reader *as);

/* Facts through the user's eyes, one at a time, for what the command line asks. Ended by as_reader_facts_end. */
const struct facts *as_reader_facts(struct as_reader *as);
void as_reader_facts_end(struct as_reader *as);

/* reader_open alone, now: its status. On OK it is closed again. */
enum status as_reader_try(struct company *company, const char *user, const char *key_text, struct err *err);

#endif

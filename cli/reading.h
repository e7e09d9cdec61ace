/*
 * What the reading commands share: parts of keys, walks over the entities of the books, sums by entity and currency.
 */
#ifndef CLI_READING_H
#define CLI_READING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/options.h"
#include "controls/facts.h"
#include "ledger/books.h"
#include "ledger/money.h"
#include "ledger/slice.h"
#include "ledger/status.h"

/*
 * The text that stands at a place of a key, up to its closing zero byte or the end.
 *
 * in      *at: where to begin; moved behind it.
 * out     ret_text. errors CORRUPT (too long for an id: no key of ours).
 */
MUST_USE enum status reading_key_text(struct slice key, size_t *at, char ret_text[static ID_BYTES_MAX + 1],
                                      struct err *err);

/* Whether a table that is of no entity may be read, but for what is about the user himself: a report about everybody would
 * say that there is nothing. errors PERMISSION (a server keeps it from this user), of the facts. */
MUST_USE enum status reading_table_check(const struct facts *facts, enum books_table table, struct err *err);

/* Whether the books of an entity may be read at all: a list that leaves them out would look like one without them.
 * errors PERMISSION (a server keeps them from this user), of the facts. */
MUST_USE enum status reading_entity_check(const struct facts *facts, const char *entity, struct err *err);

/* The entities that have customers in the books and may be read, sorted; gives. With entity not NULL only that one.
 * errors also PERMISSION for that one. */
MUST_USE enum status reading_entities(const struct facts *facts, const char *entity, json_t **ret_entities,
                                      struct err *err);

/* The entity's own date at a time; by UTC where the policy does not know the entity. */
int32_t reading_date(const struct facts *facts, const char *entity, int64_t time_ms);

/* The time to ask at: --as-of TIME, else that of the book's last entry. errors INPUT (the option), of the facts. */
MUST_USE enum status reading_as_of(const struct facts *facts, const struct options *options, int64_t *ret_ms,
                                   struct err *err);

/* --from and the like: a date, or the default where not given. errors INPUT: names the option. */
MUST_USE enum status reading_date_option(const struct options *options, const char *name, int32_t *ret_days,
                                         struct err *err);

/* --customer and the like: an id or a code, NULL where not given; never a text that no key can hold. errors INPUT. */
MUST_USE enum status reading_id_option(const struct options *options, const char *name, const char **ret_id,
                                       struct err *err);
MUST_USE enum status reading_code_option(const struct options *options, const char *name, const char **ret_code,
                                         struct err *err);

/* Minor units as the text of their currency, or with commas for people. */
const char *reading_amount(int64_t minor, const char *currency, char ret_text[static MONEY_TEXT_MAX]);
const char *reading_grouped(int64_t minor, const char *currency, char ret_text[static MONEY_TEXT_MAX]);

/* The texts of a list as "a, b, c", cut where they are longer than the room. */
void reading_texts(const json_t *list, char *ret_text, size_t room);

/* How to say that nobody of that name is there: NOT_FOUND, names the id and where it was looked for. */
MUST_USE enum status reading_no_customer(const char *customer, const char *entity, struct err *err);

#endif

/*
 * A feed: one file under controls/feeds, one row of the table in controls/feeds.c. It says what a record has to hold,
 * which member is its id, what the manifest adds up, and what is asked of a record or a part beyond what feed.c asks of
 * all. To add one: copy a file, register it, give its records a place in the books (ledger/fold_feed.c), its columns a
 * reader (cli/feed_<name>.c), its members a line in FORMAT.md 5.4.
 */
#ifndef CONTROLS_FEED_SORT_H
#define CONTROLS_FEED_SORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "controls/control.h"
#include "ledger/books.h"
#include "ledger/schema.h"
#include "ledger/status.h"

/* A part that is being judged. */
struct feed_part {
    const struct request *request;
    const struct facts *facts;
    struct answers *answers;
};

struct feed_sort {
    const char *name; /* FORMAT.md's word */
    const struct schema *schema;
    const char *id;         /* the member that names a record */
    const char *total;      /* the amount that the manifest adds up; NULL: files have neither currency nor total */
    enum books_table table; /* <entity, id> is there when a record is */
    bool follows;           /* a record may stand already: judge_record says what may follow it, and what not */
    bool of_customer;       /* records name a customer, who has to be in the master */

    /* Form beyond the schema; NULL: none. digits: of the file's currency, 0 without one. errors INPUT, LIMIT. */
    enum status (*check)(const json_t *record, int digits, struct err *err);

    /* Asked of each record while nothing is denied, after its id and its customer; NULL: nothing more. index: of records. */
    enum status (*judge_record)(const struct feed_part *part, size_t index, struct err *err);

    /* Asked once of the part, when all its records stand; NULL: nothing. */
    enum status (*judge_part)(const struct feed_part *part, struct err *err);
};

/* NULL for feeds that there are not. Lends for ever. */
const struct feed_sort *feed_sort_find(const char *name);

#endif

/*
 * What was read of a snapshot: runs of neighbouring records, each with the stretch of keys that it tells everything about.
 * A question that lies in a run is answered from it, whether a record is there or not. Knows no connection.
 *
 * A stretch goes from a key (included) to another (not included) or to the table's end; "after k" is "from k and a zero
 * byte", so one kind of bound is enough. Runs that were not looked at for the longest time go when all hold too much.
 */
#ifndef CLI_REMOTE_RUNS_H
#define CLI_REMOTE_RUNS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/slice.h"
#include "ledger/status.h"
#include "ledger/store.h"

enum { RUNS_KEY_BYTES_MAX = STORE_KEY_BYTES_MAX + 1 }; /* a key, and the zero byte of what stands just after it */

struct runs;

/* Storage for a bound. */
struct runs_key {
    uint8_t bytes[RUNS_KEY_BYTES_MAX];
    size_t length;
};
/* A key, or with after what comes next after it. in: key of at most STORE_KEY_BYTES_MAX bytes. */
struct runs_key runs_key(struct slice key, bool after);
struct slice runs_slice(const struct runs_key *key);

/* The order of keys: negative, 0, positive. */
int runs_compare(struct slice a, struct slice b);

/* What an answer tells: of which table, from where to where. */
struct runs_stretch {
    size_t table;
    struct slice from;
    struct slice to; /* not looked at when to_end */
    bool to_end;
    bool passed; /* some records in it may not be read */
};

enum runs_found { RUNS_RECORD, RUNS_NONE, RUNS_UNKNOWN };

/*
 * in      bytes_max: when runs hold more, the oldest go, never the newest one.
 * errors  MEMORY.
 */
MUST_USE enum status runs_new(size_t bytes_max, struct runs **ret_runs, struct err *err);
void runs_free(struct runs *runs);

/*
 * Adds an answer's records.
 *
 * in      stretch: borrowed. records: [[key, value], ...] in base64, in the order of the walk; downward: the last comes
 *         first. When more follow, the stretch is cut to what they reach.
 * errors  CORRUPT (no such form, order, or outside of the stretch), LIMIT, MEMORY.
 */
struct runs_answer {
    struct runs_stretch stretch;
    const json_t *records;
    bool downward;
    bool more;
};
MUST_USE enum status runs_add(struct runs *runs, const struct runs_answer *answer, struct err *err);

/* A run of one key, that is there with a value, in base64 or not at all (NULL). */
MUST_USE enum status runs_add_one(struct runs *runs, size_t table, struct slice key, const json_t *value,
                                  struct err *err);

/*
 * The first record from a key on; the last one before a key (or of all, before_end); the record at a key. What is answered
 * lends until the run goes: not before bytes_max more, or a few thousand others, have been looked at.
 */
enum runs_found runs_up(struct runs *runs, size_t table, struct slice from, struct store_record *ret_record);
enum runs_found runs_down(struct runs *runs, size_t table, struct slice before, bool before_end,
                          struct store_record *ret_record);
enum runs_found runs_at(struct runs *runs, size_t table, struct slice key, struct slice *ret_value);

/* Whether a run that passed over records reaches over a key. */
bool runs_hide(const struct runs *runs, size_t table, struct slice key);

/* Whether the run that answered last passed over records. */
bool runs_passed(const struct runs *runs);

/* The newest run of a table: its bounds, and whether more than one of its records was asked for. false: there is none. */
struct runs_newest {
    struct slice from, to;
    bool to_end;
    bool used;
    size_t count;
};
bool runs_newest(const struct runs *runs, size_t table, struct runs_newest *ret_newest);

/* Bytes held now. */
size_t runs_bytes(const struct runs *runs);

#endif

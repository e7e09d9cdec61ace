/*
 * Inside of a server's tables, for remote_store.c (walks, gets, snapshots) and remote_question.c (asking) only.
 */
#ifndef CLI_REMOTE_STORE_PARTS_H
#define CLI_REMOTE_STORE_PARTS_H

#include "cli/remote.h"
#include "cli/remote_runs.h"
#include "ledger/store.h"

/* What is known of a table, and how it was asked for. */
struct table_state {
    const char *name;
    bool counted;
    uint64_t count;
    size_t want;          /* records asked for last */
    unsigned misses;      /* gets that had to be asked for */
    unsigned walks;       /* walks whose beginning had to be */
    bool begun;           /* its first records were asked for, in case they are all */
    struct runs_key last; /* key of the last get */
};

struct remote_snapshot {
    struct remote_store *store;
    unsigned generation;
    int64_t number;
    int64_t begun_us;
    uint64_t size; /* entries of the journal, or folded into the books */
    struct runs *runs;
    struct table_state tables[STORE_TABLES_MAX];
    size_t table_count;
};

struct remote_store {
    struct remote *remote;
    const char *name;
    bool journal;
    uint64_t passed;                /* over records, so often in walks that were answered */
    bool whole;                     /* what may not be read may not be passed over */
    struct remote_snapshot *parked; /* ended, and kept for whoever begins soon */
};

/*
 * A seek as it is asked for, and the stretch of keys that its answer is about. A server that passed over too much for one answer
 * says what it has reached: what is asked from there on is about the same stretch.
 */
struct question {
    size_t table;
    enum store_seek seek;
    struct slice key;
    size_t records;
    bool unanswered; /* but for the way to: */
    struct runs_key reached;
};

/* errors  IO: the line on which the snapshot was begun is lost. */
MUST_USE enum status question_check_line(const struct remote_snapshot *snapshot, struct err *err);
/* What the server says, with what was asked; absence is never said so. Returns the status to answer with. */
MUST_USE enum status question_explain(const struct remote_snapshot *snapshot, const char *table, enum status status,
                                      struct err *err);
/* The same of a get: where it may not be read, the parts of its key too. */
MUST_USE enum status question_explain_get(const struct remote_snapshot *snapshot, const char *table, struct slice key,
                                          enum status status, struct err *err);

bool question_is_downward(enum store_seek seek);

/*
 * The two halves of asking a seek, and both.
 *
 * after   what was answered is in the snapshot's runs; or question->unanswered: to be asked on, or given up.
 */
MUST_USE enum status question_send(struct remote_snapshot *snapshot, const struct question *question, int64_t *ret_id,
                                   struct err *err);
MUST_USE enum status question_take(struct remote_snapshot *snapshot, struct question *question, int64_t id,
                                   struct err *err);
MUST_USE enum status question_ask(struct remote_snapshot *snapshot, struct question *question, struct err *err);
/* A get, whose answer is a run of its own. */
MUST_USE enum status question_get(struct remote_snapshot *snapshot, size_t table, struct slice key, struct err *err);

/* The same with the beginning of the table besides, in the same round trip, where it was not asked for yet. */
MUST_USE enum status question_ask_and_first(struct remote_snapshot *snapshot, struct question *question,
                                            struct err *err);
MUST_USE enum status question_get_and_first(struct remote_snapshot *snapshot, size_t table, struct slice key,
                                            struct err *err);

#endif

/*
 * The parts of verification, for the rooms of verify only: what they hold in common and what each is asked.
 * Errors throughout: what keeps verification from going on (MEMORY, IO, FULL); what is wrong with the book is a finding.
 */
#ifndef AUDIT_VERIFY_PARTS_H
#define AUDIT_VERIFY_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "audit/findings.h"
#include "audit/verify/register.h"
#include "audit/verify/source.h"
#include "audit/verify/verify.h"
#include "ledger/entry.h"
#include "ledger/limits.h"
#include "ledger/outline.h"
#include "ledger/sshkey.h"
#include "ledger/tree.h"

struct replay;
struct tables;
struct tree_file;
struct tree_multi;
struct why;

/* One signature, as a worker left it. */
struct item_signature {
    struct public_key key;
    bool good;
};

/* What the decision says of one member of a statement. Lends from the item; bytes NULL: it says nothing. */
struct item_result {
    struct slice outcome, document, number; /* number: the legal one */
};

/* What an entry says that is judged in order, whether or not a tree was made of it. */
struct item_facts {
    uint64_t seq;
    int64_t time_ms, at_ms;
    struct hash prev, seen_hash;
    uint64_t seen_seq;
    bool has_seen;
    bool refused;   /* as a whole */
    bool no_effect; /* none of its results took any */
    bool embedded;  /* the gate's mode */
    enum verb verb;
    char actor[ID_BYTES_MAX + 1], book[HASH_HEX_CHARS + 1];
    char exe[16 + 1], release[64 + 1]; /* of the gate */
    char policy[HASH_HEX_CHARS + 1];   /* that decided; "" where the item is not sound */
};

/* An entry on its way through. Workers fill it, the main thread judges it in order. */
struct verify_item {
    uint64_t seq;       /* where it lies */
    struct slice bytes; /* lent by the source, or in owned */
    uint8_t *owned;     /* freed with the item; NULL: nothing */
    struct hash leaf;   /* of the bytes as they are */
    bool readable;      /* facts and signatures are filled */
    bool sound;         /* and everything in it has the form that folding relies on: results are filled */
    bool has_entry;     /* entry is filled, as far as it is asked for, */
    bool whole;         /* and with its decision: an act of officers, keys, or somebody asked for all */
    bool starved;       /* no memory for its signatures or results */
    struct item_facts facts;
    struct item_signature *signatures, one_signature;
    size_t signature_count;
    struct item_result *results, one_result; /* where the statement has a list, and was not refused as a whole */
    size_t result_count;
    char *texts; /* what results lend from, where not bytes */
    struct entry entry;
    char *trouble; /* what is wrong with its form; NULL: nothing */
};

/* Of which entries trees are asked for; of those that need one they are always made (item.c). */
enum item_trees {
    TREES_NEEDED,     /* no others */
    TREES_STATEMENTS, /* the statement of each: for a replay, and what a bundle names */
    TREES_WHOLE       /* each, with its decision */
};

/* What a thread checks items with. */
struct item_tools {
    enum item_trees trees;
    struct outline outline;
};

/* A root that a checkpoint speaks of. */
struct wanted_root {
    uint64_t size;
    struct hash root;
    bool known;
    int64_t latest_ms; /* the latest time that one of its entries bears; when known */
};

/* A time by which the first size entries existed, and that one of them at least is later than. */
struct time_bound {
    uint64_t size;
    int64_t seconds;
    const char *who; /* lent by the options, or for ever */
    bool broken;     /* by an entry that was read again */
};

struct verify {
    const struct verify_options *options;
    struct finding_list findings;
    struct verify_result *result;
    const struct verify_source *source;
    struct tree_file *computed; /* hashes of the tree as they are computed, where the source stores none */

    bool part;                /* of a bundle: entries between are missing, and nothing before them is known */
    bool dense;               /* a part, and no entry of it may be missing: an extension */
    struct tree_multi *multi; /* of a part: the proof that its entries are under the checkpoint; borrowed */
    struct tree_head claimed; /* of a part: the checkpoint */
    bool proven;              /* the proof has led to it */
    struct why *why;          /* of a part that is no extension: reasons for its entries; NULL: none are asked for */

    /* what was verified before (state.h) */
    uint64_t before;        /* entries of it */
    const char *tables_dir; /* the replay's tables, which are kept; NULL: scratch */
    int64_t before_ms;      /* the latest time that one of them bears, */
    uint64_t before_seq;    /* and which */
    bool forked;            /* this is not what came of it: nothing more is verified */
    json_t *recorded;       /* findings that the book itself records, to be told each time */

    /* chain and tree */
    uint64_t next_seq;
    bool tree_unreadable; /* the store has failed on it: said once */
    bool gap;             /* an entry is missing: no root can be computed after it */
    uint64_t gap_seq;
    bool has_previous;
    struct hash previous_leaf, previous_stored;
    int64_t previous_ms;
    bool has_time;
    struct tree_frontier frontier;
    struct wanted_root *wanted; /* sorted by size */
    size_t wanted_count, wanted_next;
    int64_t latest_ms;   /* the latest time so far, */
    uint64_t latest_seq; /* and which entry bears it first */
    struct time_bound *late;
    size_t late_count, late_room;

    /* the charter */
    bool chartered;
    char book[HASH_HEX_CHARS + 1];
    json_t *charter; /* its body */

    struct key_register *keys;
    struct known_keys *known;      /* keys that were met here */
    json_t *signers;               /* key text -> true */
    json_t *signed_here;           /* those that signed entries which were read here, not before */
    json_t *series;                /* number series -> last number */
    struct replay *replay;         /* NULL when fast */
    struct reperform *reperform;   /* looks on; NULL: nobody asked */
    struct verify_release release; /* that let the entry before in */
};

/* course.c */

/* What a verification starts with. errors LIMIT, MEMORY. */
MUST_USE enum status verify_new(const struct verify_options *options, struct verify_result *result,
                                struct verify **ret_verify, struct err *err);
/* Everything, from the source's first entry to its last. Its source is set. */
MUST_USE enum status verify_run(struct verify *verify, struct err *err);
/* Also counts the findings into the result. */
void verify_free(struct verify *verify);
/* A hash of the tree so far, as stored or else as computed. errors NOT_FOUND, CORRUPT, IO. */
MUST_USE enum status verify_node(const struct verify *verify, unsigned level, uint64_t index, struct hash *ret_hash,
                                 struct err *err);

/* A finding that the book itself records (findings.h), remembered for those who go on from here. */
void verify_recorded(struct verify *verify, enum finding_check check, uint64_t seq, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* item.c: on any thread, each with tools of its own */

/* out fills *ret_tools; verify_tools_done. errors MEMORY. */
MUST_USE enum status verify_tools_init(enum item_trees trees, struct item_tools *ret_tools, struct err *err);
void verify_tools_done(struct item_tools *tools);
void verify_item_check(struct item_tools *tools, struct verify_item *item);
void verify_item_done(struct verify_item *item);

/* chain.c */

MUST_USE enum status verify_chain(struct verify *verify, const struct verify_item *item, struct err *err);
/* After the last entry: nodes without entries. */
MUST_USE enum status verify_chain_end(struct verify *verify, struct err *err);

/* charter.c: what the other checks take from the charter, book id, time */

MUST_USE enum status verify_charter(struct verify *verify, const struct verify_item *item, struct err *err);
void verify_place(struct verify *verify, const struct verify_item *item);

/* signers.c */

MUST_USE enum status verify_signers(struct verify *verify, const struct verify_item *item, struct err *err);

/* numbers.c */

MUST_USE enum status verify_numbers(struct verify *verify, const struct verify_item *item, struct err *err);

/* policy.c: policies that the entry brings are compiled again */

MUST_USE enum status verify_policies(struct verify *verify, const struct verify_item *item, struct err *err);

/* checkpoints.c: which roots will be asked for, and at the end whether they are right */

MUST_USE enum status verify_checkpoints_gather(struct verify *verify, struct err *err);
MUST_USE enum status verify_checkpoints(struct verify *verify, struct err *err);

/* times.c: entry times against those at which others saw the entries */

MUST_USE enum status verify_times_bound(struct verify *verify, const struct wanted_root *root,
                                        const struct time_bound *bound, struct err *err);
MUST_USE enum status verify_times_end(struct verify *verify, struct err *err);

/* stamps.c: time-stamp replies beside the journal */

/* Of one good checkpoint. out *ret_seconds: 0 where it has none that is good. */
MUST_USE enum status verify_stamp(struct verify *verify, uint64_t size, struct slice note, int64_t *ret_seconds,
                                  struct err *err);
/* Those that are of no checkpoint. */
MUST_USE enum status verify_stamps_end(struct verify *verify, struct err *err);

/* restore.c: what officers said was lost, and whether what was known to be lost was said */

void verify_restore(struct verify *verify, const struct verify_item *item);
void verify_restore_end(struct verify *verify);

/* decision.c: form of a stored decision, as far as folding relies on it. errors INPUT: names the member. */

MUST_USE enum status verify_decision_form(const struct statement *statement, const json_t *decision, struct err *err);

/* replay.c */

MUST_USE enum status replay_open(struct verify *verify, struct err *err);
void replay_close(struct replay *replay);
/* Closes it with its tables on the disk, for another replay to go on from. errors IO, FULL. */
MUST_USE enum status replay_keep(struct replay *replay, struct err *err);
/* Decides a chunk of entries again, in order. items are those that were taken apart. */
MUST_USE enum status replay_chunk(struct verify *verify, struct verify_item *items, size_t count, struct err *err);
/* What waits at the end. */
MUST_USE enum status replay_count_waiting(struct verify *verify, struct err *err);

struct tables *replay_tables(struct replay *replay);

/* books.c: the live books of a journal */

struct journal;
MUST_USE enum status verify_books(struct verify *verify, struct journal *journal, struct tables *replayed,
                                  struct err *err);

#endif

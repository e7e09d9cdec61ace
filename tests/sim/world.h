/*
 * A simulated world: a company's book behind the real gate, and the model beside it. Every statement goes to both; the gate has to
 * answer what the model says, also where the disk fails or the process dies under it.
 */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/entry.h"
#include "ledger/hash.h"
#include "tests/sim/model.h"
#include "tests/support/company.h"

enum {
    SIM_ENTRIES = 4000,
    SIM_KEPT = 64,       /* statements kept to be brought again */
    SIM_CHECKPOINTS = 64 /* roots that are held against later trees */
};

enum sim_trouble { SIM_NO_TROUBLE, SIM_CALL_FAILS, SIM_IS_KILLED };

/* A statement as it was brought, and what was answered. */
struct sim_kept {
    uint8_t *bytes;
    size_t length;
    struct signature_list signatures;
    uint64_t seq;
};

struct sim_world {
    struct company company; /* the first member: what the gate's clock is given */
    struct sim_model model;
    bool real;      /* a real book: entries bear the gate's time; else what their statements say */
    int64_t now_ms; /* the gate's clock */
    struct hash leaves[SIM_ENTRIES];
    struct sim_kept kept[SIM_KEPT];
    unsigned kept_count, refs, ids;
    struct {
        uint64_t size;
        struct hash root;
    } checkpoints[SIM_CHECKPOINTS];
    int checkpoint_count;
    /* of the step that is taken: what happens to it, and at which call */
    enum sim_trouble trouble;
    int trouble_at, trouble_errno;
    bool verbose;
    unsigned long long seed;
    int step;
    /* what happened, for the run's summary */
    unsigned entries, refused_whole, refused, took_effect, waited, approved, failures, deaths, repeats, rejected;
};

/* Ends the program: what was wrong, with seed and step. */
void sim_wrong(const struct sim_world *world, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));

/* A company with its first people, customers and invoices; each of these statements is held against the model too. */
void sim_world_open(struct sim_world *world, unsigned long long seed);
/* Holds everything against the model, replays the book, and removes it; leave: NULL, or where a copy is left. */
void sim_world_close(struct sim_world *world, const char *leave);

/* Who acts and how, with what the model is told of it; see sim_moment. */
struct sim_act {
    struct sim_moment moment;
    int64_t at_ms; /* by the signer's clock, which need not be the gate's */
    int extra_key; /* signs too; SIM_NONE */
    uint64_t seen; /* an entry; the head unless it says other */
    bool seen_null;
};
/* An act of a user by a key, now, who has seen the head. */
struct sim_act sim_act_of(const struct sim_world *world, int user, int key);

/* Each brings one statement to the gate and to the model, and compares. */
void sim_do_submit(struct sim_world *world, const struct sim_act *act, const struct sim_content *contents, int count,
                   bool atomic);
void sim_do_amend(struct sim_world *world, const struct sim_act *act, const struct sim_item *item,
                  const struct sim_content *content);
void sim_do_approve(struct sim_world *world, const struct sim_act *act, const struct sim_item *item);
void sim_do_end(struct sim_world *world, const struct sim_act *act, const struct sim_item *item, enum sim_end how);
void sim_do_feed(struct sim_world *world, const struct sim_act *act, const struct sim_file *file);
/* Brings an earlier one again, unchanged: the same answer, no entry; and with other bytes under its id: nothing. */
void sim_do_again(struct sim_world *world, unsigned which);
/* Brings what must leave no trace. */
enum sim_forgery { SIM_FLIPPED, SIM_STRANGER, SIM_OTHER_BOOK, SIM_WRONG_TIME, SIM_CUT, SIM_FORGERIES };
void sim_do_forge(struct sim_world *world, int user, enum sim_forgery forgery, const struct sim_content *content);
/* The gate's clock was ahead and is right again: nothing is let in, until two officers have said so. */
void sim_do_clock(struct sim_world *world, int user, const struct sim_content *content);
void sim_do_reopen(struct sim_world *world, bool rebuild);
/* Notes the root of the tree; every one noted has to stand in the tree as it is now. */
void sim_do_checkpoint(struct sim_world *world);
void sim_checkpoints_hold(struct sim_world *world);

/* The books say what the model says: all of it, or invoices and balances only. */
void sim_compare(struct sim_world *world, bool all);
/* The journal judged and folded again is the books as they are. */
void sim_replay(struct sim_world *world);

/* A reference that nothing else has; the key that a user signs with, SIM_NONE where he has none. */
unsigned sim_ref(struct sim_world *world);
int sim_key_of(const struct sim_model *model, int user);
const char *sim_number(const struct sim_model *model, int document, char ret_text[static 24]);

/* ---- the disk under it (faults.c) ---- */

/* From now on the n-th call that changes a file fails with that errno, or kills the process (errno_or_kill 0). n 0: none. */
void sim_fault_arm(int n, int errno_or_kill);
void sim_fault_disarm(void);

#endif

/*
 * What a report's header says of the book itself: which one, how far, under which head, and who vouches for that.
 */
#ifndef AUDIT_REPORT_FACTS_H
#define AUDIT_REPORT_FACTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "audit/report/source.h"
#include "ledger/hash.h"
#include "ledger/status.h"

struct journal;
struct verify_result;

struct report_facts {
    char release[64];              /* of the program that makes the report */
    char exe[HASH_HEX_CHARS + 1];  /* and its hash, as far as decisions record one */
    char book[HASH_HEX_CHARS + 1]; /* its id */
    char name[132];
    char base[8]; /* currency of thresholds and reporting amounts; "" unknown */
    uint64_t entries, last_seq;
    bool dense; /* 0 .. entries - 1, none missing */
    char head[HASH_HEX_CHARS + 1], root[HASH_HEX_CHARS + 1];
    uint64_t embedded; /* entries that an embedded gate let in */
    int engine;
    bool simulated;
    json_t *checkpoints; /* list of {number, signature_count, signatures: [names], size}, newest first; owned */
    uint64_t checkpoint_count;
};

enum {
    REPORT_CHECKPOINTS_MAX = 5, /* that are told */
    REPORT_SIGNERS_MAX = 16     /* of each */
};

/* From the tables. errors CORRUPT (they hold no book), MEMORY, those of the source. */
MUST_USE enum status report_facts_query(const struct report_source *source, struct report_facts *ret_facts,
                                        struct err *err);

/* Sorts a finding of a verification: report_verified.unknown_keys. */
struct finding;
void report_verified_hear(struct report_verified *verified, const struct finding *finding);

/* From a verification, which may have found that the book cannot be read. */
void report_facts_verified(const struct verify_result *verified, struct report_facts *ret_facts);

/* Adds the checkpoints that the journal has, with the names of those whose signatures they bear. errors MEMORY, CORRUPT, IO. */
MUST_USE enum status report_facts_checkpoints(struct report_facts *facts, struct journal *journal, struct err *err);

/* What a journal that may be damaged still says of itself: its name, and checkpoints; what cannot be read is left out. */
void report_facts_journal(struct report_facts *facts, struct journal *journal);

void report_facts_done(struct report_facts *facts);

#endif

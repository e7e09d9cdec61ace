/*
 * What an audit finds: each finding files under one check, names an entry where it can, and says in one sentence what is
 * wrong. Findings are handed on as they come; what is kept is a count for each check and which entries are bad.
 */
#ifndef AUDIT_FINDINGS_H
#define AUDIT_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/status.h"

enum finding_check {
    CHECK_ENTRIES,     /* there, readable, in canonical form, one after the other */
    CHECK_CHAIN,       /* each names the hash of the one before */
    CHECK_TREE,        /* stored hashes are those of the bytes */
    CHECK_SIGNATURES,  /* by keys that were valid there, over exactly these bytes */
    CHECK_NUMBERS,     /* ids unique, request and legal numbers dense */
    CHECK_TIME,        /* never back, within the skew */
    CHECK_CHECKPOINTS, /* signed by the book, of this journal's root */
    CHECK_DECISIONS,   /* every control again, to the byte */
    CHECK_BOOKS,       /* what stands in the books is what the journal makes of them */
    CHECK_BUNDLE,      /* files, manifest, its signature, and the proof that entries are under the checkpoint */
    CHECK_COUNT
};

enum {
    FINDING_TEXT_BYTES = 512,
    FINDING_TOLD_MAX = 200,     /* of one check; the others are only counted */
    FINDING_ENTRIES_MAX = 65536 /* bad entries told apart; beyond, they count as one more each time */
};

struct finding {
    enum finding_check check;
    bool has_seq;
    uint64_t seq;
    bool follows; /* it may only be a consequence of what was found at entry follows_from */
    uint64_t follows_from;
    bool recorded; /* the book itself says so, under two persons: told each time, and nothing that was changed since */
    char text[FINDING_TEXT_BYTES];
};

/* Is handed each finding; lent during the call. */
typedef void finding_report(void *context, const struct finding *finding);

struct finding_list {
    finding_report *report; /* may be NULL */
    void *context;
    uint64_t counts[CHECK_COUNT];
    uint64_t count;
    uint64_t recorded;    /* of them */
    uint64_t bad_entries; /* entries that at least one finding names */
    bool has_first;
    uint64_t first_seq; /* the first of them, consequences left aside when there is anything else */
    bool first_follows;
    uint64_t *seqs; /* sorted */
    size_t seq_count, seq_room;
    bool lost; /* what later entries are judged against is no longer sure, since entry lost_at */
    uint64_t lost_at;
};

void finding_list_init(struct finding_list *list, finding_report *report, void *context);
void finding_list_done(struct finding_list *list);

/* A finding about an entry, and one about the whole. The text is one sentence without a full stop. */
void finding_at(struct finding_list *list, enum finding_check check, uint64_t seq, const char *format, ...)
    PRINTF_LIKE(4, 5);
void finding_whole(struct finding_list *list, enum finding_check check, const char *format, ...) PRINTF_LIKE(3, 4);

/* The same for a finding that depends on entries before it: says so when one of those was lost. */
void finding_after(struct finding_list *list, enum finding_check check, uint64_t seq, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* A finding that the entry itself records: officers set a clock back, or said what was lost. */
void finding_recorded(struct finding_list *list, enum finding_check check, uint64_t seq, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* From here on, findings by finding_after may follow from entry seq. The first call counts. */
void finding_lose(struct finding_list *list, uint64_t seq);

/* Takes a finding that was made elsewhere. Borrowed. */
void finding_list_add(struct finding_list *list, const struct finding *finding);

/* Whether a finding names this entry. */
bool finding_list_has(const struct finding_list *list, uint64_t seq);

/* "signatures". Lends for ever. */
const char *finding_check_name(enum finding_check check);

#endif

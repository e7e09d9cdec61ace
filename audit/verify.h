/*
 * Verification: everything that a book's files say, checked again from the stored bytes, and every decision made again.
 * Nothing is believed but the charter, the keys that witnesses gave the auditor, and the code. It reads only.
 *
 * Hostile files may end the process that reads them: run it through child.h.
 */
#ifndef AUDIT_VERIFY_H
#define AUDIT_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/findings.h"
#include "audit/reperform.h"
#include "ledger/hash.h"
#include "ledger/note.h"
#include "ledger/slice.h"
#include "ledger/status.h"

enum {
    VERIFY_WITNESSES_MAX = 16,
    VERIFY_NOTES_MAX = 100, /* checkpoint files that an auditor brings along */
    VERIFY_THREADS_MAX = 64,
    VERIFY_RELEASES_MAX = 64, /* changes of release that are told */
    VERIFY_NOTICE_BYTES = 256
};

/* A checkpoint that somebody kept outside. */
struct verify_note {
    const char *name; /* of the file, for findings */
    struct slice bytes;
};

/* How far it is; also kept where a parent can see it when the process ends. */
struct verify_position {
    const char *what; /* "reading the journal" */
    uint64_t done, total;
};
typedef void verify_progress(void *context, const struct verify_position *position);

struct books;

struct verify_options {
    const char *book_dir;
    struct books *books;     /* instead of those in book_dir: a server's, opened already. Borrowed; NULL: none */
    bool fast;               /* decisions are not made again, books not compared, ids not looked up */
    unsigned threads;        /* that check signatures; 0: one for each processor */
    const char *scratch_dir; /* an empty or new directory for the replay's tables; not removed. Unused when fast */
    const struct note_key *witnesses;
    size_t witness_count;
    const struct verify_note *notes;
    size_t note_count;
    finding_report *report; /* these four may be NULL */
    verify_progress *progress;
    const struct reperform_filter *reperform; /* which decisions are handed on; NULL: none. Not when fast */
    reperform_report *decided;                /* takes them */
    bool (*stopped)(void *context); /* asked when a signal comes: whether to give up */
    void *context;                  /* of all */
};

struct verify_witnessed {
    uint64_t size;   /* the largest checkpoint that this witness cosigned; 0: none */
    int64_t seconds; /* POSIX time of the cosignature */
};

/* From which entry on a gate of this executable let statements in. */
struct verify_release {
    uint64_t seq;
    bool approved; /* by a release document before that entry */
    char exe[17];
    char release[64];
};

struct verify_result {
    uint64_t entries, signatures, keys; /* keys: different ones that signed */
    uint64_t documents, posted, waiting, refused;
    uint64_t policies;
    uint64_t checkpoints, checkpoint_size; /* issued ones, and the size of the largest that is good */
    uint64_t embedded;                     /* entries let in by an embedded gate: preventive controls not isolated */
    int engine;
    bool simulated;
    bool complete;                    /* false: ended early, the counts are of what was reached */
    bool redecided;                   /* decisions were made again */
    bool books_equal;                 /* the books were compared, and no difference was found */
    char notice[VERIFY_NOTICE_BYTES]; /* why the books were not compared; "" when they were */
    char book[HASH_HEX_CHARS + 1];
    struct hash head, root;
    struct verify_witnessed witnessed[VERIFY_WITNESSES_MAX];
    struct verify_release releases[VERIFY_RELEASES_MAX];
    size_t release_count;
    uint64_t release_changes; /* release_count, and those for which there was no room */
    uint64_t findings[CHECK_COUNT];
    uint64_t finding_count, bad_entries;
    uint64_t recorded_count; /* findings that the book itself records (findings.h) */
    uint64_t epoch;          /* of its checkpoints from now on */
    bool has_first;
    uint64_t first_seq; /* the first bad entry */
};

/*
 * Verifies the book at options->book_dir, or options->books.
 *
 * in      options: borrowed.
 * out     *ret_result: kept up to date while it works, so that whoever shares its memory sees how far it came. Findings
 *         are no error.
 * errors  what keeps it from working: NOT_FOUND, PERMISSION, IO, MEMORY, FULL (scratch), LIMIT. A file that is no store
 *         any more is a finding.
 * cost    bound by one Ed25519 check for each signature, on all threads; flat memory, but for the replay's tables.
 */
MUST_USE enum status verify_book(const struct verify_options *options, struct verify_result *ret_result,
                                 struct err *err);

/* Fills the counts of findings in result from list. */
void verify_result_count(struct verify_result *result, const struct finding_list *list);

#endif

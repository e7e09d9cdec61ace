/*
 * Verification: everything that a book's files say, checked again from the stored bytes, and every decision made again.
 * Nothing is believed but the charter, the keys that witnesses gave the auditor, and the code. It reads only.
 *
 * Hostile files may end the process that reads them: run it through child.h.
 */
#ifndef AUDIT_VERIFY_H
#define AUDIT_VERIFY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/findings.h"
#include "ledger/hash.h"
#include "ledger/instant.h"
#include "ledger/limits.h"
#include "ledger/note.h"
#include "ledger/slice.h"
#include "ledger/sshkey.h"
#include "ledger/status.h"
#include "ledger/timestamps.h"

enum {
    VERIFY_WITNESSES_MAX = 16,
    VERIFY_NOTES_MAX = 101, /* checkpoint files that an auditor brings along, and that of a bundle */
    VERIFY_THREADS_MAX = 64,
    VERIFY_RELEASES_MAX = 64, /* changes of release that are told */
    VERIFY_NOTICE_BYTES = 256,
    VERIFY_OFFICERS_MAX = SIGNATURES_MAX, /* founding officers: all of them sign the charter */
    VERIFY_SCOPE_BYTES = 160
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

/* Re-performance: which decisions are told as they are made again (reperform.h). */
enum { REPERFORM_ANSWERS_MAX = 100 }; /* answers told of one result on one side; more are counted */

/* What is told. The replay decides every entry, whatever is asked for here. */
struct reperform_filter {
    bool all;             /* every decision; else those alone that differ */
    uint64_t from, to;    /* entries, both included */
    const char *document; /* a request number; NULL: any */
    const char *control;  /* that answered then or now: "C-07"; NULL: any */
};

/*
 * Is handed one row for each result of a decision, and at the end the totals. Lent during the call.
 *
 * row     {actor, do, document?, entry, index, now?, ref?, same, then, time, why?}; then and now are {answers: [{answer,
 *         code, control}], more?, outcome}; no now where it could not be decided; why says what differs.
 * totals  {totals: {controls: {"C-07": {now, then}}, decisions, differ, entries, first?, outcomes: {posted: {now, then}},
 *         selected}}: decisions, differ, entries and first (the entry that differs first; what differs after it may follow
 *         from it) of the whole book, the others of what the filter leaves whether it differs or not.
 */
typedef void reperform_report(void *context, const json_t *row);

struct books;

/* Time stamps that lie elsewhere than in the book's directory; each as the function of ledger/timestamps.h of that name. */
struct verify_stamps {
    enum status (*get)(void *context, const char *name, uint8_t ret_reply[static TIMESTAMP_REPLY_BYTES_MAX],
                       size_t *ret_length, struct err *err);
    enum status (*each)(void *context, timestamps_step *step, void *step_context, struct err *err);
    void *context;
};

struct verify_options {
    const char *book_dir;
    struct books *books; /* instead of those in book_dir: a server's, opened already. Borrowed; NULL: none */
    const struct verify_stamps *stamps; /* with books: its server's. Borrowed; NULL: none are looked at */
    const char *bundle_dir;             /* for verify_bundle instead of book_dir */
    const char *state_dir;   /* for verify_bundle: what was verified before, kept there; NULL: nothing is kept */
    const char *book;        /* the id that the book has to have; NULL: any */
    const char *packer;      /* the key by which a bundle's manifest has to be signed; NULL: any */
    uint64_t memory_max;     /* bytes of data that a child may hold (child.h); 0: as many as the system lets it */
    bool fast;               /* decisions are not made again, books not compared, ids not looked up */
    unsigned threads;        /* that check signatures; 0: one for each processor */
    const char *scratch_dir; /* an empty or new directory for the replay's tables; not removed. Unused when fast */
    const struct note_key *witnesses;
    size_t witness_count;
    const struct verify_note *notes;
    size_t note_count;
    const char *tsa_file;   /* PEM: certificates of time-stamping authorities; NULL: time stamps are not checked */
    finding_report *report; /* these four may be NULL */
    verify_progress *progress;
    const struct reperform_filter *reperform; /* which decisions are handed on; NULL: none. Not when fast */
    reperform_report *decided;                /* takes them */
    bool (*stopped)(void *context);           /* asked when a signal comes: whether to give up */
    void *context;                            /* of all */
};

/* Who saw the book from outside, and when: a witness by his cosignatures, an authority by its time stamps. */
struct verify_witnessed {
    uint64_t size;          /* the largest good checkpoint that he signed; 0: none */
    int64_t seconds;        /* POSIX time by which its entries existed: the earliest of his over that size */
    int64_t newest_seconds; /* the latest of his over any */
    uint64_t count;         /* of his */
};

/* From which entry on a gate of this executable let statements in. */
struct verify_release {
    uint64_t seq;
    bool approved; /* by a release document before that entry */
    char exe[17];
    char release[64];
};

/* A founding officer: whose key the charter was signed with. Who that really is the auditor has to ask elsewhere. */
struct verify_officer {
    char user[ID_BYTES_MAX + 1];
    char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1];
};

/* What a bundle is, and how far it could be checked. */
struct verify_bundle_told {
    bool given;   /* it is a bundle that was verified */
    bool part;    /* decisions are not re-performed: what came before is not there */
    bool keyless; /* no charter either: whose keys these are, and who signed the checkpoint, is not known */
    bool is_signed;
    char scope[VERIFY_SCOPE_BYTES]; /* "the book", "period 2026-07-01 to 2026-09-30" */
    char packer[ID_BYTES_MAX + 1];  /* as the manifest says */
    char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1];
    char at[INSTANT_TEXT_BYTES];
    uint64_t size; /* of the checkpoint */
    uint64_t count, first, last;
    uint64_t files, evidence, missing; /* listed; of them evidence; said not to be here */
    uint64_t uncompared;               /* checkpoints of other sizes, which a part cannot be held against */
    uint64_t untimed; /* times from outside that could not be held against entries: these are not here */
    uint64_t before;  /* entries that were verified earlier and stand in the state */
    bool kept;        /* the state was written */
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
    struct verify_witnessed stamped; /* by time stamps that are good */
    uint64_t stamps;                 /* time stamps that are there, checked or not */
    bool stamps_checked;             /* certificates to check them with were brought */
    struct verify_release releases[VERIFY_RELEASES_MAX];
    size_t release_count;
    uint64_t release_changes; /* release_count, and those for which there was no room */
    struct verify_bundle_told bundle;
    struct verify_officer officers[VERIFY_OFFICERS_MAX];
    size_t officer_count;
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

/*
 * Verifies the bundle at options->bundle_dir (BUNDLE.md). As verify_book; a bundle of a part shows that its entries are in
 * the book under its checkpoint and well signed, and no decision is made again.
 *
 * errors  INPUT besides: no folder; options that do not fit it.
 */
MUST_USE enum status verify_bundle(const struct verify_options *options, struct verify_result *ret_result,
                                   struct err *err);

/* Fills the counts of findings in result from list. */
void verify_result_count(struct verify_result *result, const struct finding_list *list);

#endif

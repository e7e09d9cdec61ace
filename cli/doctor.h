/*
 * Whether an installation is fit to hold a book: facts that are looked up once, checks that are pure functions of them, rows
 * that say what was seen and what would mend it. The looking reads and never writes; the judging asks nobody, so that a test
 * gives it the facts of any machine.
 */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cli/cli.h"
#include "ledger/journal.h"
#include "ledger/note.h"
#include "ledger/slice.h"
#include "ledger/status.h"
#include "ledger/tables.h"

struct brought;
struct session;

enum {
    DOCTOR_FILES_MAX = 200000, /* looked at; a book with more files beside it is said to have been looked at in part */
    DOCTOR_RELEASE_BYTES = 65, /* of a release's name */
    DOCTOR_BACKUP_DAYS = 1,    /* entries older than this are in a backup, where nobody says otherwise */
    DOCTOR_WITNESS_DAYS = 7,   /* entries older than this are cosigned, where nobody says otherwise */
    DOCTOR_DAYS_MAX = 3650
};
#define DOCTOR_ALL     ((int64_t)-1) /* in place of the time of a first entry that is not covered: there is none */
#define DOCTOR_UNKNOWN ((int64_t)-2) /* or it may not be read */
#define DOCTOR_DAY_MS  ((int64_t)24 * 60 * 60 * 1000)

/* What a file is to the book decides who may do what with it. */
enum doctor_part {
    PART_BOOK,     /* the book's folder */
    PART_INSIDE,   /* what lies in it */
    PART_PERSONAL, /* personal data in it */
    PART_KEY,      /* a private key */
    PART_SOCKET,   /* of the server */
    PART_LOG,      /* of the server */
    PART_PARENT,   /* a folder above the book's, up to the root */
    PART_PROGRAM,  /* this program, and the folders above it */
    PART_LEFTOVER  /* what a killed command left behind */
};

struct doctor_file {
    char *path;
    enum doctor_part part;
    mode_t mode;
    uid_t uid;
    gid_t gid;
    int64_t changed_ms;
    bool group_shared; /* its group has more in it than the account that it was made for, or root */
    bool acl;          /* an access list says more than the mode */
    bool with_book;    /* a key in the book's own folder */
    bool unnamed;      /* a record of personal data, older than a day, that no entry names */
};

struct doctor_files {
    struct doctor_file *items;
    size_t count, room;
    bool cut; /* there were more than DOCTOR_FILES_MAX */
    uid_t reader;
};

/* The machine. Numbers that could not be had are -1, texts "". */
struct doctor_host {
    int64_t now_ms;
    int clock_state;           /* 0 synchronised, 1 not, -1 cannot be seen */
    int64_t clock_error_us;    /* the kernel's estimate */
    unsigned long file_system; /* statfs: f_type */
    int64_t free_bytes, total_inodes, free_inodes;
    char mount[256], mount_options[1024];
    const char *preload;               /* LD_PRELOAD; "" none */
    char preload_file[256];            /* first line of /etc/ld.so.preload */
    char mapped[256];                  /* a library in this process that is known to undo syncs or clocks */
    int64_t core_bytes, memlock_bytes; /* limits; INT64_MAX none */
    int dumpable;                      /* 0: no core is ever written of this process */
    char core_pattern[256];
    char swap[256]; /* the first swap that is not encrypted */
    char kernel[65];
    char libraries[256]; /* names and versions */
    bool no_memory;      /* there was none to look with: then nothing that was not seen is a fact */
};

/* Journal, books and what lies beside them. Where opened is false the rest says nothing, but for why. */
struct doctor_book {
    bool opened;
    char why[ERR_TEXT_BYTES];
    uint64_t entries;
    int64_t first_ms, head_ms, skew_ms;
    bool simulated;
    int64_t engine;
    uint64_t map_bytes, file_bytes;
    char newest_release[DOCTOR_RELEASE_BYTES]; /* among the gates of the entries */
    uint64_t newest_release_seq;
    uint64_t evidence_named, evidence_missing;
    bool salt_named, salt_there;

    bool tables_opened;
    char tables_why[ERR_TEXT_BYTES];
    enum tables_trust trust;
    uint64_t behind;            /* entries that the books do not hold yet */
    bool lost_marked, lost_due; /* it was made without entries that are known of; nobody has answered for them */
    struct journal_lost lost;
};

struct doctor_checkpoints {
    bool looked;
    char why[ERR_TEXT_BYTES];              /* where not */
    uint64_t count, size;                  /* of the newest one */
    int64_t since_ms;                      /* time of the first entry that it does not cover, or one of the two above */
    bool root_differs;                     /* from that of the entries */
    size_t others;                         /* lines under any of them that are not the book's */
    size_t witnesses;                      /* keys that were brought */
    char witness[NOTE_NAME_BYTES_MAX + 1]; /* whose cosignature covers most; "" none */
    uint64_t cosigned_size;
    int64_t cosigned_ms, uncosigned_since_ms; /* when; and the time of the first entry beyond, as above */
    bool cosignature_bad;
};

struct doctor_backup {
    bool given, read;
    char name[256];
    char why[ERR_TEXT_BYTES]; /* not read, or of another history */
    uint64_t size;
    int64_t since_ms; /* time of the first entry that is in no backup, as above */
    bool same_device;
};

struct doctor_facts {
    const char *book;
    bool far; /* behind a server: what needs the host is not known */
    uid_t owner;
    bool served;
    int64_t backup_days, witness_days;
    struct doctor_files files;
    struct doctor_host host;
    struct doctor_book state;
    struct doctor_checkpoints checkpoints;
    struct doctor_backup backup;
    bool no_memory; /* the same of the rest */
};

/* What is to be looked at. */
struct doctor_order {
    const char *book;
    const char *key, *book_key, *socket, *log, *backup; /* NULL: none named */
    const struct brought *brought;
    struct session *session; /* with a server; NULL: the book is a directory */
};

/*
 * Look. doctor_look fills *ret_facts from a directory and the machine, or from a server, calling the others;
 * doctor_facts_done releases it, also after an error. errors NOT_FOUND, PERMISSION, IO (the folder cannot be looked at),
 * MEMORY: what else goes wrong is a fact.
 */
MUST_USE enum status doctor_look(struct cli *cli, const struct doctor_order *order, struct doctor_facts *ret_facts,
                                 struct err *err);
void doctor_facts_done(struct doctor_facts *facts);

MUST_USE enum status doctor_look_files(const struct doctor_order *order, struct doctor_facts *facts, struct err *err);
void doctor_look_host(struct cli *cli, const struct doctor_order *order, struct doctor_facts *facts);
void doctor_look_book(struct cli *cli, const struct doctor_order *order, struct doctor_facts *facts);
void doctor_look_checkpoints(const struct doctor_order *order, struct journal *journal, struct doctor_facts *facts);
void doctor_look_backup(struct cli *cli, const struct doctor_order *order, struct journal *journal,
                        struct doctor_facts *facts);

/*
 * The records of personal data among the files: begin, take every entry's bytes, and end marks (unnamed) those that none of them
 * named. Younger ones than a day may be of a statement that waits for a signature. *ret_personal is the caller's until end or
 * free. errors MEMORY.
 */
struct doctor_personal;
MUST_USE enum status doctor_personal_begin(const struct doctor_files *files, struct doctor_personal **ret_personal,
                                           struct err *err);
void doctor_personal_take(struct doctor_personal *personal, struct slice entry);
void doctor_personal_end(struct doctor_personal *personal, struct doctor_files *files, int64_t now_ms);
void doctor_personal_free(struct doctor_personal *personal);

/* Time of an entry. errors as entry_at. */
MUST_USE enum status doctor_time_of(struct journal_snapshot *snapshot, uint64_t seq, int64_t *ret_ms, struct err *err);

/* What a look came to, worst last. UNSEEN: it could not be had from here. */
enum doctor_result { DOCTOR_OK, DOCTOR_UNSEEN, DOCTOR_ADVICE, DOCTOR_FINDING };

struct doctor_row {
    const char *check;
    enum doctor_result result;
    char *seen;
    const char *mend; /* "" where nothing is to be mended */
};

struct doctor_report {
    struct doctor_row *rows;
    size_t count, room;
    const char *check; /* that is being made */
    bool no_memory;
};

/* Adds a row. in mend: a constant. A lack of memory is remembered. */
void doctor_say(struct doctor_report *report, enum doctor_result result, const char *mend, const char *format, ...)
    PRINTF_LIKE(4, 5);

typedef void doctor_judge(const struct doctor_facts *facts, struct doctor_report *report);

/* The table of checks, which ends with a NULL name. One that says nothing has found nothing wrong. */
struct doctor_check {
    const char *name;
    doctor_judge *judge;
    const char *fine; /* what is said then */
    bool far;         /* can be made through a server */
};
extern const struct doctor_check doctor_checks[];

/* Makes every check. out fills *ret_report; doctor_report_done. errors MEMORY. */
MUST_USE enum status doctor_run(const struct doctor_facts *facts, struct doctor_report *ret_report, struct err *err);
void doctor_report_done(struct doctor_report *report);

/* Whether a release's name is of a later one than another's: by three numbers. */
bool doctor_release_later(const char *one, const char *other);

/* "ok", "unseen", "advice", "finding". Lends for ever. */
const char *doctor_result_word(enum doctor_result result);

/* The judges, by the file that has them. */
doctor_judge doctor_folder, doctor_inside, doctor_keys, doctor_socket, doctor_log, doctor_parents, doctor_program,
    doctor_leftovers;
doctor_judge doctor_sync, doctor_preload, doctor_clock, doctor_file_system, doctor_space, doctor_secrets,
    doctor_versions;
doctor_judge doctor_journal, doctor_books, doctor_release, doctor_checkpoint, doctor_witness, doctor_backups,
    doctor_lost, doctor_personal, doctor_evidence;

#endif

/*
 * Making a book from its backups, step by step: read, held against what people kept, verified whole, put in place.
 */
#ifndef CLI_RESTORE_RUN_H
#define CLI_RESTORE_RUN_H

#include <stddef.h>

#include "audit/backup/backup.h"
#include "audit/verify/verify.h"
#include "cli/cli.h"
#include "ledger/status.h"

struct restore_order {
    const char *const *files; /* of one backup and those that go on from it, in their order */
    size_t file_count;
    const char *book_dir;    /* to be made */
    const char *const *told; /* checkpoints and receipts that people kept */
    size_t told_count;
    const char *beside;    /* a directory with evidence and personal; NULL: none */
    const char *scratch;   /* for verification; NULL: /tmp */
    bool despite_findings; /* of signatures, decisions, numbers: as the book had them */
    bool check_only;       /* nothing is put in place */
};

struct restore_report {
    char book[HASH_HEX_CHARS + 1], name[NAME_BYTES_MAX + 1];
    struct backup_place place;
    bool due; /* two officers have to say what was lost first */
    struct journal_lost lost;
    size_t evidence, personal; /* files brought along */
    struct verify_result result;
};

/*
 * Restores.
 *
 * after   on OK the book is at its name, whole, verified and durable (with check_only: nothing is left). On any error nothing
 *         is at the name; a process that is killed leaves `<dir>.new-<number>`, which can be removed.
 * errors  EXISTS (the name is taken), CORRUPT (a file of the backup is damaged, or verification has findings that the book
 *         itself does not record: they are told on err), INPUT, those of birth.h, IO when a signal ended it.
 */
MUST_USE enum status restore_run(struct cli *cli, const struct restore_order *order, struct restore_report *ret_report,
                                 struct err *err);

#endif

/*
 * A bundle opened and checked by itself: manifest, who signed it, files, checkpoint (BUNDLE.md sections 1, 2 and 6). What its
 * entries say is for audit/verify/bundle.c.
 */
#ifndef AUDIT_BUNDLE_READ_H
#define AUDIT_BUNDLE_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/bundle/manifest.h"
#include "audit/findings.h"
#include "ledger/journal.h"
#include "ledger/slice.h"
#include "ledger/sshkey.h"
#include "ledger/status.h"

/* An issued checkpoint's file: checkpoints/<number>-<size>.note. */
struct bundle_note {
    const char *name; /* lent by the manifest */
    uint64_t number, size;
};

struct bundle {
    int folder;
    struct finding_list *findings; /* takes what is wrong; borrowed */
    bool readable;                 /* there is a manifest: what follows is filled */
    struct bundle_manifest manifest;
    bool is_signed; /* by packer */
    struct public_key packer;
    char *note; /* checkpoint.note; NULL: it could not be read */
    size_t note_length;
    struct bundle_note *notes; /* issued checkpoints, in order */
    size_t note_count;
    char *lent; /* the issued note that was read last */
};

/*
 * Opens the bundle in a folder and holds everything but its entries against the manifest.
 *
 * in      findings: borrowed until bundle_close.
 * out     *ret_bundle: end it with bundle_close. Not readable where the manifest is of no use, which has been told.
 * errors  NOT_FOUND, INPUT (no folder), PERMISSION, IO, MEMORY.
 */
MUST_USE enum status bundle_open(const char *path, struct finding_list *findings, struct bundle **ret_bundle,
                                 struct err *err);
void bundle_close(struct bundle *bundle);

/* Opens entries.jsonl. errors as bundle_file_open; err names the file. */
MUST_USE enum status bundle_entries_open(const struct bundle *bundle, int *ret_fd, struct err *err);

/* Issued checkpoint number index. Lends until the next call. errors NOT_FOUND, CORRUPT (it cannot be read), MEMORY. */
MUST_USE enum status bundle_issued(struct bundle *bundle, uint64_t index, struct journal_checkpoint *ret_checkpoint,
                                   struct err *err);

#endif

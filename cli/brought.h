/*
 * What an auditor brings along: keys of witnesses (--witness) and checkpoints that were kept outside (--checkpoint), both
 * from files. Any command with these two options reads them here.
 */
#ifndef CLI_BROUGHT_H
#define CLI_BROUGHT_H

#include <stddef.h>

#include "audit/verify/verify.h"
#include "cli/options.h"
#include "ledger/note.h"
#include "ledger/status.h"

struct brought {
    struct note_key witnesses[VERIFY_WITNESSES_MAX];
    size_t witness_count;
    struct verify_note notes[VERIFY_NOTES_MAX];
    size_t note_count;
};

/*
 * Reads the files of both options.
 *
 * out     fills *ret_brought; brought_done releases it, also after an error.
 * errors  INPUT, LIMIT, SIGNATURE (no key), NOT_FOUND, IO, MEMORY: name the option and the file.
 */
MUST_USE enum status brought_read(const struct options *options, struct brought *ret_brought, struct err *err);
/* The keys of --witness alone. errors as brought_read. */
MUST_USE enum status brought_witnesses(const struct options *options, struct brought *ret_brought, struct err *err);
void brought_done(struct brought *brought);

#endif

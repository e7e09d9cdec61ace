/*
 * Questions to a person: passphrases and yes or no. A passphrase comes from the terminal with its echo off
 * (restored on every way out, signals included) or from a descriptor, never from an argument or the
 * environment, and is in no error.
 */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "ledger/status.h"

struct signer;

enum { PASSPHRASE_BYTES_MAX = 1024 }; /* longer is a file by mistake */

/*
 * A passphrase that exists: the first line of --passphrase-fd where given, else asked on the terminal.
 *
 * in      question: "Passphrase for priya.nair: ", borrowed.
 * out     ret_text: fills, NUL closed; wiped on failure. The caller owns it, in locked memory, and wipes it.
 * errors  INPUT (empty line, NUL, no terminal and no descriptor, a bad descriptor), LIMIT, IO (interrupted).
 */
MUST_USE enum status prompt_passphrase(struct cli *cli, const struct options *options, const char *question,
                                       char ret_text[static PASSPHRASE_BYTES_MAX + 1], struct err *err);

/* A new passphrase: asked twice on the terminal until both agree, at most three times; once from a
 * descriptor.
 * errors  as above; INPUT where they never agree. */
MUST_USE enum status prompt_new_passphrase(struct cli *cli, const struct options *options, const char *question,
                                           char ret_text[static PASSPHRASE_BYTES_MAX + 1], struct err *err);

/*
 * A key file opened with the passphrase that is asked for it, as prompt_passphrase; it is wiped on every way out.
 *
 * out     *ret_signer: gives (signer_close).
 * errors  those of prompt_passphrase and keyfile_open; MEMORY.
 */
MUST_USE enum status prompt_key_file(struct cli *cli, const struct options *options, const char *question,
                                     const char *path, struct signer *ret_signer, struct err *err);

/*
 * A question for yes or no, asked on err and answered on in: y, yes, n, no; an empty line is no.
 *
 * out     *ret_yes; true without asking where --yes was given.
 * errors  INPUT where in is no terminal (--yes is the way then) or the answers are neither.
 */
MUST_USE enum status prompt_yes(struct cli *cli, const char *question, bool *ret_yes, struct err *err);

#endif

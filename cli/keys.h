/*
 * Keys as the command line meets them: public keys in files, and new ones.
 */
#ifndef CLI_KEYS_H
#define CLI_KEYS_H

#include "cli/cli.h"
#include "cli/options.h"
#include "ledger/limits.h"
#include "ledger/sshkey.h"
#include "ledger/status.h"

/*
 * Reads a .pub file: one line, a comment may follow the key.
 *
 * out     ret_text: the key as the format has it, without comment.
 * errors  NOT_FOUND, INPUT, LIMIT, SIGNATURE: name the file.
 */
MUST_USE enum status keys_read_public(const char *path, char ret_text[static PUBLIC_KEY_TEXT_MAX], struct err *err);

/*
 * Makes a key file and its .pub, under a passphrase that is asked for twice; the command has --kdf and --passphrase-fd.
 *
 * errors  those of prompt_new_passphrase and keyfile_create; INPUT (--kdf).
 */
MUST_USE enum status keys_create(struct cli *cli, const struct options *options, const char *path,
                                 struct public_key *ret_key, struct err *err);

#endif

/*
 * Keys as the command line meets them: public keys in files, and signing without a book.
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

#endif

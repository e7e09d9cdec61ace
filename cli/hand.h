/*
 * The keys at hand: those that a user can sign with, in a key file or in ssh-agent, the same to whoever asks. A passphrase is
 * asked for only when one of them is to sign.
 */
#ifndef CLI_HAND_H
#define CLI_HAND_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "ledger/signer.h"
#include "ledger/sshkey.h"
#include "ledger/status.h"

struct hand;

/* What a file that --key or --new-key names is: FILE.pub is a public key whose other half ssh-agent holds, as ssh has it. */
bool hand_is_public(const char *path);

/*
 * Opens a key file, the one key of ssh-agent that a FILE.pub names, or, where path is NULL, all keys that ssh-agent holds.
 *
 * in      cli, options: kept until hand_close. path: the value of --key.
 * out     *ret_hand: gives.
 * errors  INPUT (no key and no agent; a file of another sort), NOT_FOUND (no such file, no agent there, FILE.pub's key is not
 *         in it), and those of keyfile_public and agent_list.
 */
MUST_USE enum status hand_open(struct cli *cli, const struct options *options, const char *path, struct hand **ret_hand,
                               struct err *err);

/* NULL is nothing to do. Wipes what was unlocked. */
void hand_close(struct hand *hand);

/* Those of an agent: security keys first, because they satisfy every policy, then as the agent has them. Lends. */
const struct public_key *hand_keys(const struct hand *hand, size_t *ret_count);

/* Whether nobody has said which key it is to be: all of ssh-agent's are offered. */
bool hand_is_open_choice(const struct hand *hand);

/*
 * The signer of one of the keys; a key file's passphrase is asked for once.
 *
 * in      index < count; whose: for the question, "Passphrase for maria.lopez: ".
 * out     *ret_signer: lends until hand_close.
 * errors  those of prompt_passphrase, keyfile_open and agent_signer.
 */
MUST_USE enum status hand_signer(struct hand *hand, size_t index, const char *whose, const struct signer **ret_signer,
                                 struct err *err);

#endif

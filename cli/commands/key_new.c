/*
 * countersign key new: a key pair of one's own, the private half sealed under a passphrase. Prints what others need to
 * enrol it: the fingerprint to read out and the public key line to send.
 */
#include <jansson.h>

#include "cli/block.h"
#include "cli/commands.h"
#include "cli/keys.h"
#include "cli/output.h"
#include "ledger/sshkey.h"

static int show(struct cli *cli, const char *path, const struct public_key *key)
{
    char text[PUBLIC_KEY_TEXT_MAX];
    char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1];
    struct err err = {0};
    sshkey_format(key, text);
    sshkey_fingerprint(key, fingerprint);
    if (cli->json)
        return out_json(cli,
                        json_pack("{s:s, s:s, s:s}", "fingerprint", fingerprint, "key_file", path, "public_key", text));
    struct block *block = block_new(cli);
    block_head(block, STYLE_STRONG, fingerprint, "%s", "");
    block_line(block, "private", "%s   keep it: nobody can bring it back", path);
    block_line(block, "public", "%s.pub   send it to the officers who enrol you", path);
    block_line(block, "key", "%s", text);
    enum status status = block_print(block, &err);
    block_free(block);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static int run(struct cli *cli, const struct options *options)
{
    const char *path = options_text(options, "key");
    struct public_key key;
    struct err err = {0};
    enum status status = keys_create(cli, options, path, &key, &err);
    return status == STATUS_OK ? show(cli, path, &key) : cli_error(cli, &err);
}

static const struct option_spec options_of_key_new[] = {
    {"key", 0, "FILE", "where the private key goes; the public one goes to FILE.pub", OPTION_REQUIRED},
    {"kdf", 0, "COST", "what a guess of the passphrase costs: moderate, interactive, minimal (tests only)", 0},
    {"passphrase-fd", 0, "NUMBER", "read the new passphrase from this descriptor, its first line", 0},
    {0},
};

const struct command command_key_new = {
    .name = "key new",
    .summary = "makes a key pair to sign with",
    .arguments = "",
    .text = "The private key is sealed under a passphrase, asked twice. FILE and FILE.pub must not be there yet.",
    .example = "countersign key new --key maria.key",
    .group = GROUP_SETUP,
    .options = options_of_key_new,
    .run = run,
};

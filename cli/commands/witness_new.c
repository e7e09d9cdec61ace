/*
 * countersign witness new: a witness's directory and key. Prints what auditors need: the verifier key of his cosignatures.
 */
#include <string.h>

#include "cli/block.h"
#include "cli/commands.h"
#include "cli/keys.h"
#include "cli/output.h"
#include "ledger/witness_state.h"

static int show(struct cli *cli, const char *dir, const struct note_key *key)
{
    char vkey[NOTE_VKEY_TEXT_MAX];
    struct err err = {0};
    note_key_format(key, vkey);
    if (cli->json)
        return out_json(cli, json_pack("{s:s, s:s, s:s}", "name", key->name, "state", dir, "vkey", vkey));
    struct block *block = block_new(cli);
    block_head(block, STYLE_STRONG, key->name, "%s", "is a witness");
    block_line(block, "private", "%s/key   keep it, and never put an older copy of %s in its place", dir, dir);
    block_line(block, "public", "%s/vkey   give it to auditors: audit verify --witness", dir);
    block_line(block, "vkey", "%s", vkey);
    enum status status = block_print(block, &err);
    block_free(block);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static int run(struct cli *cli, const struct options *options)
{
    const char *dir = options_text(options, "state"), *name = options_text(options, "name");
    struct path path;
    struct public_key public;
    struct note_key key;
    struct err err = {0};
    enum status status = note_name_check(name, strlen(name), &err);
    if (status == STATUS_OK)
        status = witness_state_key_path(dir, &path, &err);
    if (status == STATUS_OK)
        status = witness_state_create(dir, &err);
    if (status == STATUS_OK)
        status = keys_create(cli, options, path.text, &public, &err);
    if (status == STATUS_OK)
        status = note_key_init(NOTE_COSIGNATURE, name, public.ed25519, &key, &err);
    if (status == STATUS_OK)
        status = witness_state_name(dir, &key, &err);
    return status == STATUS_OK ? show(cli, dir, &key) : cli_error(cli, &err);
}

static const struct option_spec options_of_witness_new[] = {
    {"state", 0, "DIR", "the witness's own directory, a new one", OPTION_REQUIRED},
    {"name", 0, "NAME", "what the witness is called in cosignatures, like witness.example/audit", OPTION_REQUIRED},
    {"kdf", 0, "COST", "what a guess of the passphrase costs: moderate, interactive, minimal (tests only)", 0},
    {"passphrase-fd", 0, "NUMBER", "read the new passphrase from this descriptor, its first line", 0},
    {0},
};

const struct command command_witness_new = {
    .name = "witness new",
    .summary = "makes a witness, who cosigns checkpoints of others",
    .arguments = "",
    .text =
        "A witness is somebody who does not run the book, on a machine of his own: internal audit, an outside auditor, "
        "a customer. He needs no book. Files are carried to him and back.",
    .example = "countersign witness new --state audit-witness --name witness.example/audit",
    .group = GROUP_AUDITORS,
    .options = options_of_witness_new,
    .run = run,
};

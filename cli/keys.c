/*
 * Public keys in files, and new key files.
 */
#include "cli/keys.h"

#include <string.h>

#include "cli/prompt.h"
#include "ledger/keyfile.h"
#include "ledger/newfile.h"
#include "ledger/secret.h"

enum { PUBLIC_FILE_BYTES_MAX = 2 * PUBLIC_KEY_TEXT_MAX }; /* a key line and its comment */

enum status keys_read_public(const char *path, char ret_text[static PUBLIC_KEY_TEXT_MAX], struct err *err)
{
    char line[PUBLIC_FILE_BYTES_MAX + 1];
    size_t length = 0;
    struct public_key key;
    enum status status = newfile_read(path, false, line, PUBLIC_FILE_BYTES_MAX, &length, err);
    if (status != STATUS_OK)
        return status;
    line[length] = '\0';
    status = sshkey_parse_line(line, &key, err);
    if (status == STATUS_OK)
        sshkey_format(&key, ret_text);
    else
        err_prefix(err, "%s: ", path);
    return status;
}

/* libsodium's own steps; "minimal" protects against nothing and is for tests and demonstrations. */
static enum status cost_named(const char *name, struct keyfile_cost *ret_cost, struct err *err)
{
    if (name == NULL || strcmp(name, "moderate") == 0)
        *ret_cost = keyfile_cost_default();
    else if (strcmp(name, "interactive") == 0)
        *ret_cost = (struct keyfile_cost){.operations = 2, .memory_bytes = 64U << 20};
    else if (strcmp(name, "minimal") == 0)
        *ret_cost = keyfile_cost_cheap();
    else
        return err_set(err, STATUS_INPUT, "--kdf is one of moderate, interactive, minimal");
    return STATUS_OK;
}

enum status keys_create(struct cli *cli, const struct options *options, const char *path, struct public_key *ret_key,
                        struct err *err)
{
    struct keyfile_seal seal = {0};
    char *passphrase = secret_new(PASSPHRASE_BYTES_MAX + 1);
    enum status status = passphrase != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for the passphrase");
    if (status == STATUS_OK)
        status = cost_named(options_text(options, "kdf"), &seal.cost, err);
    if (status == STATUS_OK)
        status = prompt_new_passphrase(cli, options, "New passphrase: ", passphrase, err);
    if (status == STATUS_OK) {
        seal.passphrase = passphrase;
        seal.passphrase_length = strlen(passphrase);
        status = keyfile_create(path, &seal, &cli->random, ret_key, err);
    }
    secret_free(passphrase);
    return status;
}

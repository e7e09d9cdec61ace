/*
 * Attacks keyfile_public and keyfile_open. One file opens under the passphrase, that of the corpus; its check covers every byte,
 * so nothing else does: whatever is opened is that file byte for byte, and what only shows a public key is canonical.
 */
#include "ledger/canon.h"
#include "ledger/keyfile.h"
#include "tests/fuzz/fuzz.h"

#define PASSPHRASE "correct horse"
#define ONE_FILE   "tests/vectors/keyfile/key"

enum { COST_MAX = 64 << 10 };

/* Whoever wrote the file says what it costs to try: the dear ones are left to the unit test. */
static bool is_cheap(const json_t *json)
{
    const json_t *cost = json_object_get(json, "argon2id");
    return json_integer_value(json_object_get(cost, "memory_bytes")) <= COST_MAX &&
           json_integer_value(json_object_get(cost, "operations")) <= 2;
}

static void check_is_the_one(const uint8_t *data, size_t size)
{
    char bytes[KEYFILE_BYTES_MAX];
    FILE *file = fopen(ONE_FILE, "r");
    must(file != NULL && fread(bytes, 1, sizeof bytes, file) == size && memcmp(bytes, data, size) == 0);
    fclose(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[160];
    struct public_key key;
    struct signer signer = {.sign = NULL};
    json_t *json = NULL;
    struct err err = {.status = STATUS_OK, .text = ""};
    if (size > KEYFILE_BYTES_MAX + 1)
        return 0;
    fuzz_file("key", data, size, path);
    enum status status = keyfile_public(path, &key, &err);
    must(status == STATUS_OK || err.text[0] != '\0');
    if (status != STATUS_OK)
        return 0;
    must(size > 1 && data[size - 1] == '\n' && sshkey_check(&key, NULL) == STATUS_OK);
    must(canon_parse((const char *)data, size - 1, KEYFILE_BYTES_MAX, &json, NULL) == STATUS_OK);
    if (is_cheap(json) && keyfile_open(path, PASSPHRASE, strlen(PASSPHRASE), &signer, NULL) == STATUS_OK) {
        must(sshkey_equal(&signer.key, &key));
        check_is_the_one(data, size);
        signer_close(&signer);
    }
    json_decref(json);
    return 0;
}

/*
 * Challenges as they are signed: the canonical JSON of cli/PROTOCOL.md section 2, so that a person can look at what a client
 * was asked to sign. Guarantees that two challenges with any difference have different bytes: hex has fixed lengths, and
 * neither a key's text nor an id holds a quote.
 */
#include "ledger/challenge.h"

#include <stdio.h>
#include <string.h>

#include "ledger/text.h"

enum { MESSAGE_BYTES_MAX = 3 * HASH_HEX_CHARS + PUBLIC_KEY_TEXT_MAX + ID_BYTES_MAX + 64 };

static enum status compose(const struct challenge *challenge, char ret_bytes[static MESSAGE_BYTES_MAX],
                           struct sshsig_message *ret_message, struct err *err)
{
    char book[HASH_HEX_CHARS + 1], client[HASH_HEX_CHARS + 1], server[HASH_HEX_CHARS + 1], key[PUBLIC_KEY_TEXT_MAX];
    if (!text_is_id(challenge->user, strlen(challenge->user)))
        return err_set(err, STATUS_INPUT, "a user is letters, digits and . _ : / @ -, at most %d", ID_BYTES_MAX);
    hash_to_hex(&challenge->book, book);
    hash_to_hex(&challenge->client, client);
    hash_to_hex(&challenge->server, server);
    sshkey_format(&challenge->key, key);
    int length = snprintf(ret_bytes, MESSAGE_BYTES_MAX,
                          "{\"book\":\"%s\",\"client\":\"%s\",\"key\":\"%s\",\"server\":\"%s\",\"user\":\"%s\"}", book,
                          client, key, server, challenge->user);
    invariant(length > 0 && length < MESSAGE_BYTES_MAX);
    *ret_message = (struct sshsig_message){.purpose = SSHSIG_CONNECT, .bytes = ret_bytes, .length = (size_t)length};
    return STATUS_OK;
}

enum status challenge_sign(const struct challenge *challenge, const struct signer *signer,
                           uint8_t ret_blob[static SSHSIG_BYTES_MAX], size_t *ret_length, struct err *err)
{
    char bytes[MESSAGE_BYTES_MAX];
    struct sshsig_message message;
    if (!sshkey_equal(&challenge->key, &signer->key))
        return err_set(err, STATUS_INPUT, "a challenge for another key than the one that is to sign it");
    enum status status = compose(challenge, bytes, &message, err);
    return status == STATUS_OK ? sshsig_sign_message(signer, &message, ret_blob, ret_length, err) : status;
}

enum status challenge_verify(const struct challenge *challenge, const uint8_t *blob, size_t blob_length,
                             struct sshsig *ret_info, struct err *err)
{
    char bytes[MESSAGE_BYTES_MAX];
    struct sshsig_message message;
    struct sshsig info = {0};
    enum status status = compose(challenge, bytes, &message, err);
    if (status == STATUS_OK)
        status = sshsig_verify_message(blob, blob_length, &message, &info, err);
    if (status != STATUS_OK)
        return status;
    if (!sshkey_equal(&info.key, &challenge->key))
        return err_set(err, STATUS_SIGNATURE, "the challenge was signed with another key");
    *ret_info = info;
    return STATUS_OK;
}

/*
 * The signer port's own part: closing, and the wire form of signatures, which the agent and SSHSIG share.
 * Guarantees that a signature read has the type of its key and nothing behind it. Verifies nothing: that is
 * sshsig's.
 */
#include "ledger/signer.h"

#include <string.h>

#include "ledger/sshwire.h"

void signer_close(struct signer *signer)
{
    if (signer == NULL)
        return;
    if (signer->close != NULL)
        signer->close(signer->context);
    *signer = (struct signer){0};
}

void signer_put_signature(struct sshwire_writer *writer, enum key_type type, const struct raw_signature *signature)
{
    sshwire_put_text(writer, sshkey_type_name(type));
    sshwire_put_string(writer, signature->bytes, sizeof signature->bytes);
    if (type == KEY_SK_ED25519) {
        sshwire_put_u8(writer, signature->flags);
        sshwire_put_u32(writer, signature->counter);
    }
}

enum status signer_get_signature(enum key_type type, const uint8_t *bytes, size_t length,
                                 struct raw_signature *ret_signature, struct err *err)
{
    struct sshwire_reader reader = {.at = bytes, .left = length};
    struct sshwire_reader inside = {0};
    struct raw_signature signature = {0};
    if (!sshwire_expect_string(&reader, sshkey_type_name(type)))
        return err_set(err, STATUS_INPUT, "signature: not of its key's type %s", sshkey_type_name(type));
    if (!sshwire_get_string(&reader, &inside))
        return err_set(err, STATUS_INPUT, "signature: truncated");
    if (inside.left != sizeof signature.bytes)
        return err_set(err, STATUS_INPUT, "signature: %zu bytes where Ed25519 has %zu", inside.left,
                       sizeof signature.bytes);
    memcpy(signature.bytes, inside.at, sizeof signature.bytes);
    if (type == KEY_SK_ED25519 &&
        (!sshwire_get_u8(&reader, &signature.flags) || !sshwire_get_u32(&reader, &signature.counter)))
        return err_set(err, STATUS_INPUT, "signature: flags or counter of the authenticator missing");
    if (reader.left != 0)
        return err_set(err, STATUS_INPUT, "signature: %zu bytes too many", reader.left);
    *ret_signature = signature;
    return STATUS_OK;
}

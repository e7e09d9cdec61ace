/*
 * Attacks sshsig_parse, sshsig_verify, sshsig_dearmour, sshkey_parse and sshkey_parse_line.
 */
#include "ledger/sshkey.h"
#include "ledger/sshsig.h"
#include "ledger/sshwire.h"
#include "tests/fuzz/fuzz.h"

/* A blob that is taken apart is the only encoding of its parts; one that verifies was taken apart the same way. */
static void sshsig_blob_property(const uint8_t *blob, size_t length)
{
    static const char message[] = "{\"hello\":\"world\"}";
    uint8_t again[SSHSIG_BYTES_MAX], key[SSHKEY_BLOB_BYTES_MAX], inner[SSHKEY_BLOB_BYTES_MAX];
    struct sshsig parsed = {0}, verified = {0};
    enum status form = sshsig_parse(blob, length, &parsed, NULL);
    enum status status = sshsig_verify(blob, length, message, sizeof message - 1, &verified, NULL);
    if (form != STATUS_OK) {
        must(status == form);
        return;
    }
    must(status == STATUS_SIGNATURE || (status == STATUS_OK && memcmp(&parsed, &verified, sizeof parsed) == 0));
    struct sshwire_writer writer = {.bytes = again, .size = sizeof again};
    struct sshwire_writer signature = {.bytes = inner, .size = sizeof inner};
    sshwire_put_bytes(&writer, "SSHSIG\0\0\0\1", 10);
    sshwire_put_string(&writer, key, sshkey_blob(&parsed.key, key));
    sshwire_put_text(&writer, "countersign");
    sshwire_put_text(&writer, "");
    sshwire_put_text(&writer, "sha512");
    signer_put_signature(&signature, parsed.key.type, &parsed.signature);
    sshwire_put_string(&writer, inner, signature.used);
    must(!writer.full && writer.used == length && memcmp(again, blob, length) == 0);
}

/* A text that is read is exactly what would be written. */
static void sshsig_text_property(const char *text)
{
    uint8_t blob[SSHSIG_BYTES_MAX];
    char again[SSHSIG_ARMOUR_BYTES_MAX], key_text[PUBLIC_KEY_TEXT_MAX];
    size_t length = 0;
    struct public_key key = {0}, line_key = {0};
    if (sshsig_dearmour(text, blob, &length, NULL) == STATUS_OK) {
        sshsig_armour(blob, length, again);
        must(strcmp(again, text) == 0);
        sshsig_blob_property(blob, length);
    }
    enum status line_status = sshkey_parse_line(text, &line_key, NULL);
    if (sshkey_parse(text, &key, NULL) == STATUS_OK) {
        sshkey_format(&key, key_text);
        must(strcmp(key_text, text) == 0);
        must(line_status == STATUS_OK && sshkey_equal(&key, &line_key));
    }
}

static void sshsig_property(const uint8_t *data, size_t length)
{
    sshsig_blob_property(data, length);
    char *text = malloc(length + 1);
    if (text == NULL)
        return;
    if (length > 0)
        memcpy(text, data, length);
    text[length] = '\0';
    sshsig_text_property(text);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sshsig_property(data, size);
    return 0;
}

/*
 * Challenges of a connection: signed by every kind of signer, accepted for exactly what was signed, and never to be
 * mistaken for a statement, nor a statement for one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "ledger/challenge.h"
#include "ledger/keyfile.h"
#include "tests/support/scratch.h"
#include "tests/support/soft_fido.h"

#define BOOK   "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define CLIENT "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"
#define SERVER "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
/* What is signed, written out here and not with the code under test. */
#define BYTES                                                                                                          \
    "{\"book\":\"" BOOK "\",\"client\":\"" CLIENT "\",\"key\":\"%s\",\"server\":\"" SERVER "\",\"user\":\"maria\"}"

struct blob {
    uint8_t bytes[SSHSIG_BYTES_MAX];
    size_t length;
};

static struct signer plain_signer(void)
{
    const uint8_t seed[32] = {4};
    struct signer signer = {0};
    assert_int_equal(keyfile_open_seed(seed, &signer, NULL), STATUS_OK);
    return signer;
}

static struct challenge challenge_of(const struct signer *signer, const char *user)
{
    struct challenge challenge = {.key = signer->key, .user = user};
    assert_int_equal(hash_from_hex(BOOK, &challenge.book), STATUS_OK);
    assert_int_equal(hash_from_hex(CLIENT, &challenge.client), STATUS_OK);
    assert_int_equal(hash_from_hex(SERVER, &challenge.server), STATUS_OK);
    return challenge;
}

/* The bytes of that challenge for maria. */
static void bytes_of(const struct signer *signer, char ret_bytes[static 1024])
{
    char key[PUBLIC_KEY_TEXT_MAX];
    sshkey_format(&signer->key, key);
    snprintf(ret_bytes, 1024, BYTES, key);
}

static struct blob answer(const struct challenge *challenge, const struct signer *signer)
{
    struct blob blob = {.length = 0};
    struct err err = {0};
    if (challenge_sign(challenge, signer, blob.bytes, &blob.length, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    return blob;
}

static enum status check(const struct challenge *challenge, const struct blob *blob)
{
    struct sshsig info = {0};
    return challenge_verify(challenge, blob->bytes, blob->length, &info, NULL);
}

static void answer_is_for_one_challenge_only(void **state)
{
    (void)state;
    struct soft_fido soft = {.flags = 0};
    struct signer signers[] = {plain_signer(),
                               soft_fido_signer(&soft, 5, SIGNATURE_USER_PRESENT | SIGNATURE_USER_VERIFIED)};
    for (size_t s = 0; s < 2; s++) {
        const struct challenge asked = challenge_of(&signers[s], "maria");
        struct challenge others[] = {asked, asked, asked, asked, asked, asked};
        struct blob blob = answer(&asked, &signers[s]);
        struct sshsig info = {0};
        struct err err = {0};
        others[0].book.bytes[31] ^= 1;
        others[1].client.bytes[0] ^= 0x80;
        others[2].server.bytes[31] ^= 1;
        others[3].user = "mari";
        others[4].user = "maria2";
        others[5].client = asked.server;
        others[5].server = asked.client;
        assert_int_equal(challenge_verify(&asked, blob.bytes, blob.length, &info, NULL), STATUS_OK);
        assert_true(sshkey_equal(&info.key, &signers[s].key));
        assert_int_equal(info.signature.flags, s == 0 ? 0 : 5);
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
            assert_int_equal(check(&others[i], &blob), STATUS_SIGNATURE);
        for (size_t i = 0; i < blob.length; i++) {
            blob.bytes[i] ^= 1;
            assert_int_not_equal(check(&asked, &blob), STATUS_OK);
            blob.bytes[i] ^= 1;
        }
        /* Not for another key to sign, and not by another key than the one in it. */
        blob.length = 0;
        assert_int_equal(challenge_sign(&asked, &signers[1 - s], blob.bytes, &blob.length, &err), STATUS_INPUT);
        char bytes[1024];
        bytes_of(&signers[s], bytes);
        const struct sshsig_message message = {.purpose = SSHSIG_CONNECT, .bytes = bytes, .length = strlen(bytes)};
        assert_int_equal(sshsig_sign_message(&signers[1 - s], &message, blob.bytes, &blob.length, NULL), STATUS_OK);
        assert_int_equal(challenge_verify(&asked, blob.bytes, blob.length, &info, &err), STATUS_SIGNATURE);
        assert_string_equal(err.text, "the challenge was signed with another key");
    }
    signer_close(&signers[0]);
}

static void challenges_and_statements_are_never_one_another(void **state)
{
    (void)state;
    struct soft_fido soft = {.flags = 0};
    struct signer signers[] = {plain_signer(), soft_fido_signer(&soft, 5, SIGNATURE_USER_PRESENT)};
    for (size_t s = 0; s < 2; s++) {
        char bytes[1024];
        bytes_of(&signers[s], bytes);
        const size_t length = strlen(bytes);
        const struct challenge asked = challenge_of(&signers[s], "maria");
        const struct sshsig_message message = {.purpose = SSHSIG_CONNECT, .bytes = bytes, .length = length};
        /* The same bytes, the same key: only the namespace differs. */
        struct blob challenge = answer(&asked, &signers[s]), statement = {.length = 0};
        struct sshsig info = {0};
        struct err err = {0};
        assert_int_equal(sshsig_verify_message(challenge.bytes, challenge.length, &message, &info, NULL), STATUS_OK);
        assert_int_equal(sshsig_verify(challenge.bytes, challenge.length, bytes, length, &info, &err), STATUS_INPUT);
        assert_string_equal(err.text, "signature: not made under the namespace countersign");
        assert_int_equal(sshsig_parse(challenge.bytes, challenge.length, &info, NULL), STATUS_INPUT);

        assert_int_equal(sshsig_sign(&signers[s], bytes, length, statement.bytes, &statement.length, NULL), STATUS_OK);
        assert_int_equal(sshsig_verify(statement.bytes, statement.length, bytes, length, &info, NULL), STATUS_OK);
        assert_int_equal(challenge_verify(&asked, statement.bytes, statement.length, &info, &err), STATUS_INPUT);
        assert_string_equal(err.text, "signature: not made under the namespace countersign-connect");

        /* The name of the namespace changed in the blob does not help: it is among what is signed. */
        struct blob forged = {.length = challenge.length - 8};
        const uint8_t *name = memmem(challenge.bytes, challenge.length, "countersign-connect", 19);
        assert_non_null(name);
        size_t before = (size_t)(name - challenge.bytes);
        memcpy(forged.bytes, challenge.bytes, before + 11);
        forged.bytes[before - 1] = 11;
        memcpy(forged.bytes + before + 11, name + 19, challenge.length - before - 19);
        assert_int_equal(sshsig_parse(forged.bytes, forged.length, &info, NULL), STATUS_OK);
        assert_int_equal(sshsig_verify(forged.bytes, forged.length, bytes, length, &info, NULL), STATUS_SIGNATURE);
        signer_close(&signers[s]);
    }
}

static void presence_and_form_are_demanded(void **state)
{
    (void)state;
    struct soft_fido soft = {.flags = 0};
    struct signer absent = soft_fido_signer(&soft, 5, SIGNATURE_USER_VERIFIED), plain = plain_signer();
    struct blob blob = {.length = 0};
    struct err err = {0};
    const struct challenge asked = challenge_of(&plain, "maria"), untouched = challenge_of(&absent, "maria");
    assert_int_equal(challenge_sign(&untouched, &absent, blob.bytes, &blob.length, &err), STATUS_SIGNATURE);
    assert_non_null(strstr(err.text, "touch"));
    static const char *const users[] = {"", "maria\"", "maria lopez", "-maria", "{}", "m\xC3\xA1ria"};
    struct blob good = answer(&asked, &plain);
    for (size_t i = 0; i < sizeof users / sizeof users[0]; i++) {
        const struct challenge bad = challenge_of(&plain, users[i]);
        assert_int_equal(challenge_sign(&bad, &plain, blob.bytes, &blob.length, &err), STATUS_INPUT);
        assert_int_equal(check(&bad, &good), STATUS_INPUT);
    }
    char longest[ID_BYTES_MAX + 2];
    memset(longest, 'm', sizeof longest);
    longest[ID_BYTES_MAX] = '\0';
    const struct challenge at_the_bound = challenge_of(&plain, longest);
    blob = answer(&at_the_bound, &plain);
    assert_int_equal(check(&at_the_bound, &blob), STATUS_OK);
    signer_close(&plain);
}

static void ssh_keygen_agrees(void **state)
{
    (void)state;
    struct scratch scratch;
    struct signer signer = plain_signer();
    char armour[SSHSIG_ARMOUR_BYTES_MAX], key[PUBLIC_KEY_TEXT_MAX], line[PUBLIC_KEY_TEXT_MAX + 64];
    const struct challenge asked = challenge_of(&signer, "maria");
    struct blob blob = answer(&asked, &signer);
    char bytes[1024];
    bytes_of(&signer, bytes);
    scratch_open(&scratch);
    sshsig_armour(blob.bytes, blob.length, armour);
    sshkey_format(&signer.key, key);
    snprintf(line, sizeof line, "maria namespaces=\"countersign*\" %s\n", key);
    scratch_write(&scratch, "m", bytes, strlen(bytes));
    scratch_write(&scratch, "m.sig", armour, strlen(armour));
    scratch_write(&scratch, "allowed", line, strlen(line));
    assert_int_equal(
        scratch_run(&scratch, "ssh-keygen -Y verify -f allowed -I maria -n countersign-connect -s m.sig <m"), 0);
    assert_int_not_equal(scratch_run(&scratch, "ssh-keygen -Y verify -f allowed -I maria -n countersign -s m.sig <m"),
                         0);
    scratch_close(&scratch);
    signer_close(&signer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answer_is_for_one_challenge_only),
        cmocka_unit_test(challenges_and_statements_are_never_one_another),
        cmocka_unit_test(presence_and_form_are_demanded),
        cmocka_unit_test(ssh_keygen_agrees),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

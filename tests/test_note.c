/*
 * Signed notes: the published and our own vectors byte for byte, and a case for every rule
 * that makes a text unreadable.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "ledger/checkpoint.h"
#include "ledger/note.h"
#include "ledger/receipt.h"
#include "tests/support/vector_file.h"

#define VECTORS "tests/vectors/note/"

static const char log_vkey[] = "ledger.example/ar+6a3c5859+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
static const char witness_vkey[] = "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X";
static const char spec_vkey[] = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

/* The time that the vector's witness vouches for. */
static const int64_t witness_seconds = 0x641850CB;

struct keys {
    struct note_key log, witness;
    uint8_t log_secret[NOTE_SECRET_KEY_BYTES], witness_secret[NOTE_SECRET_KEY_BYTES];
};

/* Seeds 00..1f and 20..3f. */
static struct keys make_keys(void)
{
    struct keys keys;
    uint8_t seed[32];
    uint8_t public_key[NOTE_PUBLIC_KEY_BYTES];
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t)i;
    assert_int_equal(crypto_sign_seed_keypair(public_key, keys.log_secret, seed), 0);
    assert_int_equal(note_key_init(NOTE_ED25519, "ledger.example/ar", public_key, &keys.log, NULL), STATUS_OK);
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t)(i + 0x20);
    assert_int_equal(crypto_sign_seed_keypair(public_key, keys.witness_secret, seed), 0);
    assert_int_equal(note_key_init(NOTE_COSIGNATURE, "witness.example/w1", public_key, &keys.witness, NULL), STATUS_OK);
    return keys;
}

static void keys_have_the_vectors_text(void **state)
{
    (void)state;
    struct keys keys = make_keys();
    struct note_key key;
    char text[NOTE_VKEY_TEXT_MAX];
    note_key_format(&keys.log, text);
    assert_string_equal(text, log_vkey);
    note_key_format(&keys.witness, text);
    assert_string_equal(text, witness_vkey);
    static const char *const vkeys[] = {log_vkey, witness_vkey, spec_vkey};
    for (size_t i = 0; i < sizeof vkeys / sizeof vkeys[0]; i++) {
        assert_int_equal(note_key_parse(vkeys[i], strlen(vkeys[i]), &key, NULL), STATUS_OK);
        note_key_format(&key, text);
        assert_string_equal(text, vkeys[i]);
    }
    assert_string_equal(key.name, "example.com/foo");
    assert_int_equal(key.type, NOTE_ED25519);
}

static void malformed_keys_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum status status;
    } bad[] = {
        {"", STATUS_INPUT},
        {"+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", STATUS_INPUT},
        {"example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", STATUS_INPUT},
        {"example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", STATUS_INPUT},
        {"example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", STATUS_INPUT},
        {"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2l", STATUS_INPUT},
        {"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2", STATUS_INPUT},
        {"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k ", STATUS_INPUT},
        {"example.com/foo+530d903a AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", STATUS_INPUT},
        {"example.com/foo 530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", STATUS_INPUT},
        {"example com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", STATUS_INPUT},
        {"example+com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", STATUS_INPUT},
        {"example.com/foo+530d903a+BukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", STATUS_INPUT},     /* type 6 */
        {"example.com/foo+61a0818a+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", STATUS_SIGNATURE}, /* identity */
        {"example.com/foo+ae0599c0+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", STATUS_SIGNATURE}, /* order 4 */
        {"example.com/foo+7e32d046+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2l", STATUS_SIGNATURE}, /* off the curve */
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct note_key key;
        if (note_key_parse(bad[i].text, strlen(bad[i].text), &key, NULL) != bad[i].status)
            fail_msg("'%s'", bad[i].text);
    }
}

static void names_are_checked(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      " ",
                                      "a b",
                                      "a+b",
                                      "a\tb",
                                      "a\nb",
                                      "a\302\240b",
                                      "a\342\200\203b",
                                      "a\xE3\x80\x80",
                                      "a\xE1\x9A\x80",
                                      "a\xE2\x81\x9F",
                                      "a\xE2\x80\xAF",
                                      "a\xC2\x85",
                                      "a\xFF",
                                      "a\xE2\x80\xAE"};
    char name[NOTE_NAME_BYTES_MAX + 2];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (note_name_check(bad[i], strlen(bad[i]), NULL) != STATUS_INPUT)
            fail_msg("name %zu", i);
    assert_int_equal(note_name_check("Zo\xC3\xAB.example/1", 14, NULL), STATUS_OK);
    memset(name, 'n', sizeof name);
    assert_int_equal(note_name_check(name, NOTE_NAME_BYTES_MAX, NULL), STATUS_OK);
    assert_int_equal(note_name_check(name, NOTE_NAME_BYTES_MAX + 1, NULL), STATUS_LIMIT);
    name[sizeof name - 1] = '\0';
    struct keys keys = make_keys();
    struct note_key key;
    assert_int_equal(note_key_init(NOTE_ED25519, name, keys.log.public_key, &key, NULL), STATUS_LIMIT);
}

static void the_vector_verifies_and_is_made_again(void **state)
{
    (void)state;
    struct keys keys = make_keys();
    size_t length = 0;
    char *bytes = vector_file(VECTORS "checkpoint-7", &length);
    struct note note;
    struct checkpoint checkpoint;
    int64_t seconds = 0;
    assert_int_equal(checkpoint_open(bytes, length, &keys.log, &checkpoint, &note, NULL), STATUS_OK);
    assert_int_equal(note.signature_count, 2);
    assert_string_equal(checkpoint.origin, "ledger.example/ar");
    assert_int_equal(checkpoint.head.size, 7);
    assert_int_equal(note_verify_cosignature(&note, &keys.witness, &seconds, NULL), STATUS_OK);
    assert_true(seconds == witness_seconds);

    char again[CHECKPOINT_NOTE_MAX + NOTE_LINE_TEXT_MAX];
    char line[NOTE_LINE_TEXT_MAX];
    struct note_cosigner cosigner = {&keys.witness, keys.witness_secret, NULL, witness_seconds};
    assert_int_equal(checkpoint_sign(&checkpoint, &keys.log, keys.log_secret, again, NULL), STATUS_OK);
    assert_int_equal(note_cosign(note.text, note.text_length, &cosigner, line, NULL), STATUS_OK);
    size_t used = strlen(again);
    assert_int_equal(used + strlen(line), length);
    memcpy(again + used, line, strlen(line) + 1);
    assert_string_equal(again, bytes);
    free(bytes);
}

/* Blank lines may stand inside the text. */
static void text_ends_at_the_last_blank_line(void **state)
{
    (void)state;
    static const char bytes[] = "one\n\ntwo\n\nthree\n\n\xE2\x80\x94 a AAAAAAA=\n\xE2\x80\x94 b AAAAAQI=\n";
    struct note note;
    assert_int_equal(note_parse(bytes, sizeof bytes - 1, &note, NULL), STATUS_OK);
    assert_int_equal(note.text_length, 16);
    assert_int_equal(note.signature_count, 2);
    assert_int_equal(note.signatures[1].name_length, 1);
    assert_int_equal(note.signatures[1].name[0], 'b');
    assert_int_equal(note.signatures[1].id[3], 1);
}

/* The shortest text there is: one newline. */
static void a_text_may_be_one_newline(void **state)
{
    (void)state;
    static const char bytes[] = "\n\n\xE2\x80\x94 a AAAAAAA=\n";
    struct note note;
    assert_int_equal(note_parse(bytes, sizeof bytes - 1, &note, NULL), STATUS_OK);
    assert_int_equal(note.text_length, 1);
}

static void malformed_notes_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "\n",
        "\n\n",
        "text",
        "text\n",
        "text\n\n",
        "\n\xE2\x80\x94 a AAAAAAA=\n",                   /* no text */
        "text\n\xE2\x80\x94 a AAAAAAA=\n",               /* no blank line */
        "text\n\n\xE2\x80\x94 a AAAAAAA=",               /* no newline at the end */
        "text\n\n\xE2\x80\x94 a AAAAAAA=\n\n",           /* blank line at the end */
        "text\n\n\xE2\x80\x94 a AAAAAAA=\nmore\n",       /* a line that is no signature */
        "text\n\n- a AAAAAAA=\n",                        /* hyphen */
        "text\n\n\xE2\x80\x93 a AAAAAAA=\n",             /* en dash */
        "text\n\n\342\200\224a AAAAAAA=\n",              /* no space */
        "text\n\n\xE2\x80\x94  a AAAAAAA=\n",            /* empty name */
        "text\n\n\xE2\x80\x94 a  AAAAAAA=\n",            /* two spaces */
        "text\n\n\xE2\x80\x94 a\n",                      /* no base64 */
        "text\n\n\xE2\x80\x94 a \n",                     /* empty base64 */
        "text\n\n\xE2\x80\x94 a AAAAAA==\n",             /* an id and no signature */
        "text\n\n\xE2\x80\x94 a AAAAAAB=\n",             /* unused bits */
        "text\n\n\xE2\x80\x94 a AAAAAAA\n",              /* no padding */
        "text\n\n\xE2\x80\x94 a AAAA-AA=\n",             /* the other alphabet */
        "text\n\n\xE2\x80\x94 a AAAAAAA= \n",            /* blank after */
        "text\n\n\xE2\x80\x94 a+b AAAAAAA=\n",           /* plus in the name */
        "text\n\n\xE2\x80\x94 a\302\240b AAAAAAA=\n",    /* Unicode space in the name */
        "text\n\n\xE2\x80\x94 a\tb AAAAAAA=\n",          /* control character in the name */
        "te\txt\n\n\xE2\x80\x94 a AAAAAAA=\n",           /* control character in the text */
        "text\r\n\n\xE2\x80\x94 a AAAAAAA=\n",           /* carriage return */
        "te\xFFxt\n\n\xE2\x80\x94 a AAAAAAA=\n",         /* not UTF-8 */
        "te\xED\xA0\x80xt\n\n\xE2\x80\x94 a AAAAAAA=\n", /* surrogate */
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct note note = {.signature_count = 77};
        if (note_parse(bad[i], strlen(bad[i]), &note, NULL) != STATUS_INPUT || note.signature_count != 77)
            fail_msg("note %zu was read", i);
    }
    struct note note;
    static const char fine[] = "text\n\n\xE2\x80\x94 a AAAAAAA=\n";
    static const char nul[] = "te\0t\n\n\xE2\x80\x94 a AAAAAAA=\n";
    assert_int_equal(note_parse(fine, sizeof fine - 1, &note, NULL), STATUS_OK);
    assert_int_equal(note_parse(nul, sizeof nul - 1, &note, NULL), STATUS_INPUT);
}

static void notes_are_bounded(void **state)
{
    (void)state;
    static const char line[] = "\xE2\x80\x94 a AAAAAAA=\n";
    const size_t line_length = sizeof line - 1;
    struct note note;
    char *bytes = malloc(NOTE_SIGNED_BYTES_MAX + 100);
    assert_non_null(bytes);
    memcpy(bytes, "t\n\n", 3);
    for (size_t i = 0; i <= NOTE_SIGNATURES_MAX; i++)
        memcpy(bytes + 3 + i * line_length, line, line_length);
    assert_int_equal(note_parse(bytes, 3 + NOTE_SIGNATURES_MAX * line_length, &note, NULL), STATUS_OK);
    assert_int_equal(note.signature_count, NOTE_SIGNATURES_MAX);
    assert_int_equal(note_parse(bytes, 3 + (NOTE_SIGNATURES_MAX + 1) * line_length, &note, NULL), STATUS_LIMIT);
    assert_int_equal(note_parse(bytes, NOTE_SIGNED_BYTES_MAX + 1, &note, NULL), STATUS_LIMIT);
    for (int over = 0; over < 2; over++) {
        size_t text_length = (size_t)NOTE_TEXT_BYTES_MAX + (size_t)over;
        memset(bytes, 'x', text_length);
        bytes[text_length - 1] = '\n';
        bytes[text_length] = '\n';
        memcpy(bytes + text_length + 1, line, line_length);
        assert_int_equal(note_parse(bytes, text_length + 1 + line_length, &note, NULL),
                         over == 0 ? STATUS_OK : STATUS_LIMIT);
    }
    for (int over = 0; over < 2; over++) { /* a signature as long as it may be, and a byte longer */
        uint8_t payload[NOTE_SIGNATURE_BYTES_MAX + 1] = {1};
        size_t length = (size_t)snprintf(bytes, 100, "t\n\n\xE2\x80\x94 a ");
        size_t payload_length = (size_t)NOTE_SIGNATURE_BYTES_MAX + (size_t)over;
        assert_int_equal(base64_encode(payload, payload_length, bytes + length, NOTE_SIGNED_BYTES_MAX, NULL),
                         STATUS_OK);
        length += BASE64_CHARS(payload_length);
        bytes[length++] = '\n';
        assert_int_equal(note_parse(bytes, length, &note, NULL), over == 0 ? STATUS_OK : STATUS_LIMIT);
    }
    free(bytes);
}

/* Every single bit of a signed checkpoint is covered: by its form, its signature, or the key's name and id. */
static void every_flipped_bit_shows(void **state)
{
    (void)state;
    struct keys keys = make_keys();
    size_t length = 0;
    char *bytes = vector_file(VECTORS "checkpoint-7", &length);
    for (size_t bit = 0; bit < length * 8; bit++) {
        struct note note;
        struct checkpoint checkpoint;
        int64_t seconds = 0;
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
        bool both = checkpoint_open(bytes, length, &keys.log, &checkpoint, &note, NULL) == STATUS_OK &&
                    note_verify_cosignature(&note, &keys.witness, &seconds, NULL) == STATUS_OK;
        if (both)
            fail_msg("bit %zu of byte %zu", bit % 8, bit / 8);
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
    }
    free(bytes);
}

static void verifying_picks_its_key(void **state)
{
    (void)state;
    struct keys keys = make_keys();
    struct note_key other = keys.log;
    struct note note;
    struct err err;
    int64_t seconds = 7;
    char line[NOTE_LINE_TEXT_MAX];
    char bytes[3 * NOTE_LINE_TEXT_MAX];
    assert_int_equal(note_sign("t\n", 2, &keys.log, keys.log_secret, line, NULL), STATUS_OK);

    /* An unknown key of the same name does not disturb. */
    snprintf(bytes, sizeof bytes, "t\n\n\xE2\x80\x94 ledger.example/ar AAAAAAA=\n%s", line);
    assert_int_equal(note_parse(bytes, strlen(bytes), &note, NULL), STATUS_OK);
    assert_int_equal(note_verify(&note, &keys.log, &err), STATUS_OK);
    other.id[0] ^= 1;
    assert_int_equal(note_verify(&note, &other, &err), STATUS_NOT_FOUND);
    assert_string_equal(err.text, "the note is not signed by ledger.example/ar with this key");
    assert_int_equal(note_verify_cosignature(&note, &keys.log, &seconds, &err), STATUS_INPUT);
    assert_int_equal(note_verify(&note, &keys.witness, &err), STATUS_INPUT);
    assert_int_equal(note_verify_cosignature(&note, &keys.witness, &seconds, &err), STATUS_NOT_FOUND);
    assert_true(seconds == 7);

    /* Signed twice, once wrongly: refused, in either order. */
    char wrong[NOTE_LINE_TEXT_MAX];
    assert_int_equal(note_sign("u\n", 2, &keys.log, keys.log_secret, wrong, NULL), STATUS_OK);
    snprintf(bytes, sizeof bytes, "t\n\n%s%s", line, wrong);
    assert_int_equal(note_parse(bytes, strlen(bytes), &note, NULL), STATUS_OK);
    assert_int_equal(note_verify(&note, &keys.log, &err), STATUS_SIGNATURE);
    assert_string_equal(err.text, "signature 2 of the note, by ledger.example/ar, does not verify");
    snprintf(bytes, sizeof bytes, "t\n\n%s%s", wrong, line);
    assert_int_equal(note_parse(bytes, strlen(bytes), &note, NULL), STATUS_OK);
    assert_int_equal(note_verify(&note, &keys.log, &err), STATUS_SIGNATURE);
    snprintf(bytes, sizeof bytes, "t\n\n%s%s", line, line);
    assert_int_equal(note_parse(bytes, strlen(bytes), &note, NULL), STATUS_OK);
    assert_int_equal(note_verify(&note, &keys.log, &err), STATUS_OK);
}

/* The id of a known key over a payload of another length. */
static void payloads_have_their_length(void **state)
{
    (void)state;
    struct keys keys = make_keys();
    for (size_t length = 5; length <= 100; length++) {
        uint8_t payload[100] = {0};
        char base64[BASE64_CHARS(sizeof payload) + 1];
        char bytes[400];
        struct note note;
        int64_t seconds = 0;
        memcpy(payload, keys.log.id, NOTE_KEY_ID_BYTES);
        assert_int_equal(base64_encode(payload, length, base64, sizeof base64, NULL), STATUS_OK);
        snprintf(bytes, sizeof bytes, "t\n\n\xE2\x80\x94 ledger.example/ar %s\n", base64);
        assert_int_equal(note_parse(bytes, strlen(bytes), &note, NULL), STATUS_OK);
        assert_int_equal(note_verify(&note, &keys.log, NULL), STATUS_SIGNATURE);
        memcpy(payload, keys.witness.id, NOTE_KEY_ID_BYTES);
        assert_int_equal(base64_encode(payload, length, base64, sizeof base64, NULL), STATUS_OK);
        snprintf(bytes, sizeof bytes, "t\n\n\xE2\x80\x94 witness.example/w1 %s\n", base64);
        assert_int_equal(note_parse(bytes, strlen(bytes), &note, NULL), STATUS_OK);
        assert_int_equal(note_verify_cosignature(&note, &keys.witness, &seconds, NULL), STATUS_SIGNATURE);
    }
}

/* Payload of a cosignature over "t\n" at a time that may not fit. */
static void cosign_raw(const struct keys *keys, uint64_t seconds, char *ret_bytes, size_t bytes_max)
{
    char message[100];
    uint8_t payload[76];
    char base64[BASE64_CHARS(sizeof payload) + 1];
    int length = snprintf(message, sizeof message, "cosignature/v1\ntime %llu\nt\n", (unsigned long long)seconds);
    memcpy(payload, keys->witness.id, NOTE_KEY_ID_BYTES);
    for (size_t i = 0; i < 8; i++)
        payload[4 + i] = (uint8_t)(seconds >> (56 - 8 * i));
    crypto_sign_detached(payload + 12, NULL, (unsigned char *)message, (unsigned long long)length,
                         keys->witness_secret);
    assert_int_equal(base64_encode(payload, sizeof payload, base64, sizeof base64, NULL), STATUS_OK);
    snprintf(ret_bytes, bytes_max, "\xE2\x80\x94 witness.example/w1 %s\n", base64);
}

static void cosigned_times_are_bounded_and_the_earliest_counts(void **state)
{
    (void)state;
    struct keys keys = make_keys();
    struct note note;
    char first[NOTE_LINE_TEXT_MAX];
    char second[NOTE_LINE_TEXT_MAX];
    char bytes[3 * NOTE_LINE_TEXT_MAX];
    int64_t seconds = 7;
    cosign_raw(&keys, (uint64_t)INT64_MAX, first, sizeof first);
    snprintf(bytes, sizeof bytes, "t\n\n%s", first);
    assert_int_equal(note_parse(bytes, strlen(bytes), &note, NULL), STATUS_OK);
    assert_int_equal(note_verify_cosignature(&note, &keys.witness, &seconds, NULL), STATUS_OK);
    assert_true(seconds == INT64_MAX);
    seconds = 7;
    cosign_raw(&keys, (uint64_t)INT64_MAX + 1, first, sizeof first);
    snprintf(bytes, sizeof bytes, "t\n\n%s", first);
    assert_int_equal(note_parse(bytes, strlen(bytes), &note, NULL), STATUS_OK);
    assert_int_equal(note_verify_cosignature(&note, &keys.witness, &seconds, NULL), STATUS_SIGNATURE);
    assert_true(seconds == 7);

    struct note_cosigner late = {&keys.witness, keys.witness_secret, NULL, 2000};
    struct note_cosigner early = {&keys.witness, keys.witness_secret, NULL, 1000};
    assert_int_equal(note_cosign("t\n", 2, &late, first, NULL), STATUS_OK);
    assert_int_equal(note_cosign("t\n", 2, &early, second, NULL), STATUS_OK);
    for (int order = 0; order < 2; order++) {
        snprintf(bytes, sizeof bytes, "t\n\n%s%s", order == 0 ? first : second, order == 0 ? second : first);
        assert_int_equal(note_parse(bytes, strlen(bytes), &note, NULL), STATUS_OK);
        assert_int_equal(note_verify_cosignature(&note, &keys.witness, &seconds, NULL), STATUS_OK);
        assert_true(seconds == 1000);
    }
}

static void signing_is_checked_first(void **state)
{
    (void)state;
    struct keys keys = make_keys();
    char line[NOTE_LINE_TEXT_MAX] = "untouched";
    struct note_cosigner cosigner = {&keys.witness, keys.witness_secret, NULL, -1};
    static char long_text[NOTE_TEXT_BYTES_MAX + 1];
    memset(long_text, '\n', sizeof long_text);
    assert_int_equal(note_sign("t", 1, &keys.log, keys.log_secret, line, NULL), STATUS_INPUT);
    assert_int_equal(note_sign("", 0, &keys.log, keys.log_secret, line, NULL), STATUS_INPUT);
    assert_int_equal(note_sign("\x1B\n", 2, &keys.log, keys.log_secret, line, NULL), STATUS_INPUT);
    assert_int_equal(note_sign("t\n", 2, &keys.log, keys.witness_secret, line, NULL), STATUS_INPUT);
    assert_int_equal(note_sign("t\n", 2, &keys.witness, keys.witness_secret, line, NULL), STATUS_INPUT);
    assert_int_equal(note_sign(long_text, sizeof long_text, &keys.log, keys.log_secret, line, NULL), STATUS_LIMIT);
    assert_int_equal(note_cosign("t\n", 2, &cosigner, line, NULL), STATUS_INPUT);
    cosigner.seconds = 1;
    cosigner.secret_key = keys.log_secret;
    assert_int_equal(note_cosign("t\n", 2, &cosigner, line, NULL), STATUS_INPUT);
    cosigner.key = &keys.log;
    assert_int_equal(note_cosign("t\n", 2, &cosigner, line, NULL), STATUS_INPUT);
    assert_string_equal(line, "untouched");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_have_the_vectors_text),
        cmocka_unit_test(malformed_keys_are_refused),
        cmocka_unit_test(names_are_checked),
        cmocka_unit_test(the_vector_verifies_and_is_made_again),
        cmocka_unit_test(text_ends_at_the_last_blank_line),
        cmocka_unit_test(a_text_may_be_one_newline),
        cmocka_unit_test(malformed_notes_are_refused),
        cmocka_unit_test(notes_are_bounded),
        cmocka_unit_test(every_flipped_bit_shows),
        cmocka_unit_test(verifying_picks_its_key),
        cmocka_unit_test(payloads_have_their_length),
        cmocka_unit_test(cosigned_times_are_bounded_and_the_earliest_counts),
        cmocka_unit_test(signing_is_checked_first),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

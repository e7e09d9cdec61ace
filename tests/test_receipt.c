/*
 * Checkpoints and receipts: the vectors byte for byte, and a case for every rule that makes a text unreadable.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "ledger/checkpoint.h"
#include "ledger/decimal.h"
#include "ledger/receipt.h"
#include "ledger/signer.h"
#include "tests/support/vector_file.h"

#define RECEIPT "tests/vectors/note/receipt-3-of-7.tlog-proof"
#define ROOT    "mgGvw6L2mDaOYUO4ESTDYkWZFs4W9iynuWkz/IYnNe0="

static struct note_key log_key(void)
{
    static const char vkey[] = "ledger.example/ar+6a3c5859+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
    struct note_key key;
    assert_int_equal(note_key_parse(vkey, sizeof vkey - 1, &key, NULL), STATUS_OK);
    return key;
}

static void log_secret(uint8_t ret_secret[static NOTE_SECRET_KEY_BYTES])
{
    uint8_t seed[32];
    uint8_t public_key[NOTE_PUBLIC_KEY_BYTES];
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t)i;
    assert_int_equal(crypto_sign_seed_keypair(public_key, ret_secret, seed), 0);
}

static void decimals_have_one_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t number;
    } good[] = {{"0", 0}, {"7", 7}, {"10", 10}, {"9223372036854775807", INT64_MAX}};
    static const char *const bad[] = {"", "00", "07", "+7", "-7", "-0", " 7", "7 ", "0x7", "7.0", "7e1", "a"};
    static const char *const large[] = {"9223372036854775808", "18446744073709551616", "99999999999999999999"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        uint64_t number = 99;
        assert_int_equal(decimal_parse(good[i].text, strlen(good[i].text), &number, NULL), STATUS_OK);
        assert_true(number == good[i].number);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint64_t number = 99;
        if (decimal_parse(bad[i], strlen(bad[i]), &number, NULL) != STATUS_INPUT || number != 99)
            fail_msg("'%s' was read", bad[i]);
    }
    for (size_t i = 0; i < sizeof large / sizeof large[0]; i++) {
        uint64_t number = 99;
        assert_int_equal(decimal_parse(large[i], strlen(large[i]), &number, NULL), STATUS_LIMIT);
        assert_true(number == 99);
    }
}

static void checkpoints_have_one_text(void **state)
{
    (void)state;
    static const char *const good[] = {"ledger.example/ar\n7\n" ROOT "\n", "o\n0\n" ROOT "\n",
                                       "o\n9223372036854775807\n" ROOT "\n"};
    static const char *const extended[] = {"o\n7\n" ROOT "\nmore\n", "o\n7\n" ROOT "\nmore\nand more\n"};
    static const char *const bad[] = {
        "",
        "\n",
        "o\n",
        "o\n7\n",
        "o\n7\n" ROOT,
        "o\n7\n\n",
        "\n7\n" ROOT "\n",
        "o p\n7\n" ROOT "\n",
        "o+p\n7\n" ROOT "\n",
        "o\n07\n" ROOT "\n",
        "o\n-7\n" ROOT "\n",
        "o\n\n" ROOT "\n",
        "o\n7 \n" ROOT "\n",
        "o\n7\n" ROOT " \n",
        "o\n7\n " ROOT "\n",
        "o\n7\n" ROOT "\n\n",
        "o\n7\n" ROOT "\nmore\n\n",
        "o\n7\n" ROOT "\n\nmore\n",
        "o\n7\n" ROOT "\nmore",
        "o\n7\nmgGvw6L2mDaOYUO4ESTDYkWZFs4W9iynuWkz/IYnNe1=\n", /* unused bits */
        "o\n7\nmgGvw6L2mDaOYUO4ESTDYkWZFs4W9iynuWkz/IYnNe0AAA==\n",
        "o\n7\nmgGvw6L2mDaOYUO4ESTDYkWZFs4W9iynuWkz/IYn\n",
        "o\r\n7\r\n" ROOT "\r\n",
    };
    struct checkpoint checkpoint;
    char text[CHECKPOINT_TEXT_MAX];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(checkpoint_parse(good[i], strlen(good[i]), &checkpoint, NULL), STATUS_OK);
        assert_int_equal(checkpoint_format(&checkpoint, text, NULL), STATUS_OK);
        assert_string_equal(text, good[i]);
    }
    for (size_t i = 0; i < sizeof extended / sizeof extended[0]; i++)
        assert_int_equal(checkpoint_parse(extended[i], strlen(extended[i]), &checkpoint, NULL), STATUS_OK);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        checkpoint.head.size = 77;
        if (checkpoint_parse(bad[i], strlen(bad[i]), &checkpoint, NULL) != STATUS_INPUT || checkpoint.head.size != 77)
            fail_msg("checkpoint %zu was read", i);
    }
    static const char large[] = "o\n9223372036854775808\n" ROOT "\n";
    assert_int_equal(checkpoint_parse(large, sizeof large - 1, &checkpoint, NULL), STATUS_LIMIT);
}

static void the_longest_checkpoint_fits(void **state)
{
    (void)state;
    struct note_key key = log_key();
    struct note_key longest;
    struct checkpoint checkpoint = {.head.size = TREE_SIZE_MAX};
    struct checkpoint back;
    uint8_t secret[NOTE_SECRET_KEY_BYTES];
    char note[CHECKPOINT_NOTE_MAX];
    char vkey[NOTE_VKEY_TEXT_MAX];
    struct note_key parsed;
    log_secret(secret);
    memset(checkpoint.origin, 'o', NOTE_NAME_BYTES_MAX);
    assert_int_equal(note_key_init(NOTE_ED25519, checkpoint.origin, key.public_key, &longest, NULL), STATUS_OK);
    assert_int_equal(checkpoint_sign(&checkpoint, &longest, secret, note, NULL), STATUS_OK);
    assert_int_equal(checkpoint_open(note, strlen(note), &longest, &back, NULL, NULL), STATUS_OK);
    assert_memory_equal(&back.head, &checkpoint.head, sizeof back.head);
    note_key_format(&longest, vkey);
    assert_int_equal(note_key_parse(vkey, strlen(vkey), &parsed, NULL), STATUS_OK);
    assert_int_equal(strlen(vkey), NOTE_VKEY_TEXT_MAX - 1);
    checkpoint.head.size = TREE_SIZE_MAX + 1;
    assert_int_equal(checkpoint_sign(&checkpoint, &longest, secret, note, NULL), STATUS_LIMIT);
    memset(checkpoint.origin, 'o', sizeof checkpoint.origin); /* no NUL */
    assert_int_equal(checkpoint_format(&checkpoint, note, NULL), STATUS_LIMIT);
}

static void a_key_speaks_for_its_journal_only(void **state)
{
    (void)state;
    struct note_key key = log_key();
    struct checkpoint checkpoint = {.origin = "ledger.example/other", .head.size = 7};
    struct err err;
    uint8_t secret[NOTE_SECRET_KEY_BYTES];
    char note[CHECKPOINT_NOTE_MAX] = "untouched";
    log_secret(secret);
    assert_int_equal(checkpoint_sign(&checkpoint, &key, secret, note, &err), STATUS_INPUT);
    assert_string_equal(err.text, "the key of ledger.example/ar can't sign a checkpoint of ledger.example/other");
    assert_string_equal(note, "untouched");
    char text[CHECKPOINT_TEXT_MAX];
    char line[NOTE_LINE_TEXT_MAX];
    char bytes[CHECKPOINT_NOTE_MAX];
    assert_int_equal(checkpoint_format(&checkpoint, text, NULL), STATUS_OK);
    assert_int_equal(note_sign(text, strlen(text), &key, secret, line, NULL), STATUS_OK);
    snprintf(bytes, sizeof bytes, "%s\n%s", text, line);
    assert_int_equal(checkpoint_open(bytes, strlen(bytes), &key, &checkpoint, NULL, &err), STATUS_INPUT);
}

/* Notes know no authenticator's signatures: a key that needs one is not asked. */
static void a_checkpoint_takes_a_plain_key(void **state)
{
    (void)state;
    struct note_key key = log_key();
    struct checkpoint checkpoint = {.origin = "ledger.example/ar", .head.size = 7};
    const struct signer token = {.key = {.type = KEY_SK_ED25519}};
    char note[CHECKPOINT_NOTE_MAX] = "untouched";
    struct err err = {.text = ""};
    assert_int_equal(checkpoint_sign_by(&checkpoint, &key, &token, note, &err), STATUS_INPUT);
    assert_string_equal(err.text, "a checkpoint is signed by a plain Ed25519 key");
    assert_string_equal(note, "untouched");
}

static void the_vector_verifies_and_is_written_again(void **state)
{
    (void)state;
    struct note_key key = log_key();
    size_t length = 0, again_length = 0;
    char *text = vector_file(RECEIPT, &length);
    char *again = NULL;
    struct receipt receipt;
    struct checkpoint checkpoint;
    struct hash leaf;
    assert_int_equal(receipt_parse(text, length, &receipt, NULL), STATUS_OK);
    assert_int_equal(receipt.index, 3);
    assert_int_equal(receipt.proof.count, 3);
    assert_null(receipt.extra);
    tree_leaf("L3", 2, &leaf);
    assert_int_equal(receipt_verify(&receipt, &leaf, &key, &checkpoint, NULL), STATUS_OK);
    assert_int_equal(checkpoint.head.size, 7);
    assert_int_equal(receipt_verify(&receipt, &leaf, &key, NULL, NULL), STATUS_OK);
    assert_int_equal(receipt_format(&receipt, &again, &again_length, NULL), STATUS_OK);
    assert_int_equal(again_length, length);
    assert_string_equal(again, text);
    free(again);

    struct err err;
    checkpoint.head.size = 77;
    tree_leaf("L4", 2, &leaf);
    assert_int_equal(receipt_verify(&receipt, &leaf, &key, &checkpoint, &err), STATUS_CORRUPT);
    assert_string_equal(err.text, "entry 3 is not in the tree of 7 with this root");
    tree_leaf("L3", 2, &leaf);
    receipt.index = 2;
    assert_int_equal(receipt_verify(&receipt, &leaf, &key, &checkpoint, &err), STATUS_CORRUPT);
    receipt.index = 7;
    assert_int_equal(receipt_verify(&receipt, &leaf, &key, &checkpoint, &err), STATUS_INPUT);
    receipt.index = 3;
    key.public_key[0] ^= 1;
    assert_int_equal(receipt_verify(&receipt, &leaf, &key, &checkpoint, &err), STATUS_SIGNATURE);
    assert_int_equal(checkpoint.head.size, 77);
    free(text);
}

static void extra_data_is_carried(void **state)
{
    (void)state;
    size_t length = 0, again_length = 0, third_length = 0;
    char *text = vector_file(RECEIPT, &length);
    char *again = NULL, *third = NULL;
    char extra[RECEIPT_EXTRA_CHARS_MAX + 5];
    struct receipt receipt, back;
    assert_int_equal(receipt_parse(text, length, &receipt, NULL), STATUS_OK);
    memset(extra, 'A', sizeof extra);
    receipt.extra = extra;
    receipt.extra_length = RECEIPT_EXTRA_CHARS_MAX;
    assert_int_equal(receipt_format(&receipt, &again, &again_length, NULL), STATUS_OK);
    assert_memory_equal(again, "c2sp.org/tlog-proof@v1\nextra AAAA", 33);
    assert_int_equal(receipt_parse(again, again_length, &back, NULL), STATUS_OK);
    assert_int_equal(back.extra_length, RECEIPT_EXTRA_CHARS_MAX);
    assert_int_equal(receipt_format(&back, &third, &third_length, NULL), STATUS_OK);
    assert_string_equal(third, again);
    free(third);
    free(again);
    again = NULL;
    receipt.extra_length = RECEIPT_EXTRA_CHARS_MAX + 4;
    assert_int_equal(receipt_format(&receipt, &again, &again_length, NULL), STATUS_LIMIT);
    receipt.extra_length = 3;
    assert_int_equal(receipt_format(&receipt, &again, &again_length, NULL), STATUS_INPUT);
    receipt.extra = NULL;
    receipt.index = TREE_SIZE_MAX + 1;
    assert_int_equal(receipt_format(&receipt, &again, &again_length, NULL), STATUS_LIMIT);
    receipt.index = 3;
    receipt.proof.count = TREE_PROOF_MAX + 1;
    assert_int_equal(receipt_format(&receipt, &again, &again_length, NULL), STATUS_LIMIT);
    receipt.proof.count = 3;
    receipt.note_length--;
    assert_int_equal(receipt_format(&receipt, &again, &again_length, NULL), STATUS_INPUT);
    assert_null(again);
    free(text);
}

#define HEAD "c2sp.org/tlog-proof@v1\n"
#define NOTE "o\n7\n" ROOT "\n\n\xE2\x80\x94 o AAAAAAA=\n"

static void malformed_receipts_are_refused(void **state)
{
    (void)state;
    static const char fine[] = HEAD "index 3\n" ROOT "\n\n" NOTE;
    static const char none[] = HEAD "index 0\n\n" NOTE;
    static const char *const bad[] = {
        "",
        HEAD,
        "c2sp.org/tlog-proof@v2\nindex 3\n\n" NOTE,
        "c2sp.org/tlog-proof@v1\r\nindex 3\n\n" NOTE,
        "\n" HEAD "index 3\n\n" NOTE,
        HEAD "index 03\n\n" NOTE,
        HEAD "index -3\n\n" NOTE,
        HEAD "index \n\n" NOTE,
        HEAD "index  3\n\n" NOTE,
        HEAD "index 3 \n\n" NOTE,
        HEAD "index\t3\n\n" NOTE,
        HEAD "Index 3\n\n" NOTE,
        HEAD "\nindex 3\n\n" NOTE,
        HEAD "index 3",
        HEAD "index 3\n",
        HEAD "index 3\n" ROOT,
        HEAD "index 3\n" ROOT "\n",
        HEAD "index 3\n" ROOT "\n\n",
        HEAD "index 3\n" NOTE,
        HEAD "index 3\n" ROOT " \n\n" NOTE,
        HEAD "index 3\nAAAA\n\n" NOTE,
        HEAD "index 3\nmgGvw6L2mDaOYUO4ESTDYkWZFs4W9iynuWkz/IYnNe1=\n\n" NOTE,
        HEAD "index 3\n\n\n" NOTE,
        HEAD "extra AAAA\n\n" NOTE,
        HEAD "extra \nindex 3\n\n" NOTE,
        HEAD "extra AAA\nindex 3\n\n" NOTE,
        HEAD "extra AAAB=\nindex 3\n\n" NOTE,
        HEAD "extra AAAA\nextra AAAA\nindex 3\n\n" NOTE,
        HEAD "index 3\nextra AAAA\n\n" NOTE,
        HEAD "index 3\n\no\n7\n" ROOT "\n",
        HEAD "index 3\n\n" NOTE "more",
    };
    struct receipt receipt;
    assert_int_equal(receipt_parse(fine, sizeof fine - 1, &receipt, NULL), STATUS_OK);
    assert_int_equal(receipt.proof.count, 1);
    assert_int_equal(receipt_parse(none, sizeof none - 1, &receipt, NULL), STATUS_OK);
    assert_int_equal(receipt.proof.count, 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        receipt.index = 77;
        if (receipt_parse(bad[i], strlen(bad[i]), &receipt, NULL) != STATUS_INPUT || receipt.index != 77)
            fail_msg("receipt %zu was read", i);
    }
    static const char large[] = HEAD "index 9223372036854775808\n\n" NOTE;
    assert_int_equal(receipt_parse(large, sizeof large - 1, &receipt, NULL), STATUS_LIMIT);
}

static void receipts_are_bounded(void **state)
{
    (void)state;
    char *text = calloc(1, RECEIPT_BYTES_MAX + 1);
    struct receipt receipt;
    assert_non_null(text);
    assert_int_equal(receipt_parse(text, RECEIPT_BYTES_MAX + 1, &receipt, NULL), STATUS_LIMIT);
    for (size_t count = TREE_PROOF_MAX; count <= TREE_PROOF_MAX + 1; count++) {
        size_t length = (size_t)snprintf(text, RECEIPT_BYTES_MAX, HEAD "index 3\n");
        for (size_t i = 0; i < count; i++)
            length += (size_t)snprintf(text + length, RECEIPT_BYTES_MAX - length, ROOT "\n");
        length += (size_t)snprintf(text + length, RECEIPT_BYTES_MAX - length, "\n" NOTE);
        assert_int_equal(receipt_parse(text, length, &receipt, NULL),
                         count == TREE_PROOF_MAX ? STATUS_OK : STATUS_LIMIT);
    }
    free(text);
}

/* Cut anywhere, a receipt is no receipt; with any bit flipped it does not verify. */
static void every_cut_and_flipped_bit_shows(void **state)
{
    (void)state;
    struct note_key key = log_key();
    size_t length = 0;
    char *text = vector_file(RECEIPT, &length);
    struct hash leaf;
    tree_leaf("L3", 2, &leaf);
    /* The witness's line is the last; this key does not cover it. */
    char *witness = strstr(text, "\xE2\x80\x94 witness");
    assert_non_null(witness);
    size_t covered = (size_t)(witness - text);
    for (size_t cut = 0; cut < covered; cut++) {
        struct receipt receipt;
        char *exact = malloc(cut == 0 ? 1 : cut);
        assert_non_null(exact);
        memcpy(exact, text, cut);
        assert_int_not_equal(receipt_parse(exact, cut, &receipt, NULL), STATUS_OK);
        free(exact);
    }
    for (size_t bit = 0; bit < covered * 8; bit++) {
        struct receipt receipt;
        text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
        if (receipt_parse(text, length, &receipt, NULL) == STATUS_OK &&
            receipt_verify(&receipt, &leaf, &key, NULL, NULL) == STATUS_OK)
            fail_msg("bit %zu of byte %zu", bit % 8, bit / 8);
        text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals_have_one_text),         cmocka_unit_test(checkpoints_have_one_text),
        cmocka_unit_test(the_longest_checkpoint_fits),    cmocka_unit_test(a_key_speaks_for_its_journal_only),
        cmocka_unit_test(a_checkpoint_takes_a_plain_key), cmocka_unit_test(the_vector_verifies_and_is_written_again),
        cmocka_unit_test(extra_data_is_carried),          cmocka_unit_test(malformed_receipts_are_refused),
        cmocka_unit_test(receipts_are_bounded),           cmocka_unit_test(every_cut_and_flipped_bit_shows),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

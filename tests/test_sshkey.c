/*
 * Public keys: one text and one wire form, weak points refused, and what ssh-keygen says of the same keys.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "ledger/sshkey.h"
#include "ledger/sshwire.h"
#include "tests/support/scratch.h"

#define VECTOR     "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
#define BASE64     "AAAAC3NzaC1lZDI1NTE5AAAAIAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
#define VECTOR_HEX "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"

static struct public_key vector_key(enum key_type type)
{
    struct public_key key = {.type = type};
    assert_int_equal(sodium_hex2bin(key.ed25519, 32, VECTOR_HEX, 64, NULL, NULL, NULL), 0);
    if (type == KEY_SK_ED25519)
        memcpy(key.application, "ssh:", 5);
    return key;
}

/* Text of a key with any bytes inside, right or wrong. */
static void text_of(const char *name, const char *inner_name, const void *point, size_t point_length,
                    const char *application, char ret_text[static 1024])
{
    uint8_t blob[512];
    struct sshwire_writer writer = {.bytes = blob, .size = sizeof blob};
    sshwire_put_text(&writer, inner_name);
    sshwire_put_string(&writer, point, point_length);
    if (application != NULL)
        sshwire_put_text(&writer, application);
    assert_false(writer.full);
    int used = snprintf(ret_text, 1024, "%s ", name);
    sodium_bin2base64(ret_text + used, 1024 - (size_t)used, blob, writer.used, sodium_base64_VARIANT_ORIGINAL);
}

static void assert_refused(const char *text, enum status want, const char *says)
{
    struct public_key key = {0}, untouched = {0};
    struct err err = {0};
    enum status status = sshkey_parse(text, &key, &err);
    if (status != want || err.status != want || strstr(err.text, says) == NULL)
        fail_msg("'%s': status %s, text '%s', wanted %s, '%s'", text, status_name(status), err.text, status_name(want),
                 says);
    assert_memory_equal(&key, &untouched, sizeof key);
    assert_int_equal(sshkey_parse(text, &key, NULL), want);
}

static void vector_key_round_trips(void **state)
{
    (void)state;
    struct public_key want = vector_key(KEY_ED25519), key = {0};
    char text[PUBLIC_KEY_TEXT_MAX];
    uint8_t blob[SSHKEY_BLOB_BYTES_MAX];
    assert_int_equal(sshkey_parse(VECTOR, &key, NULL), STATUS_OK);
    assert_true(sshkey_equal(&key, &want));
    sshkey_format(&key, text);
    assert_string_equal(text, VECTOR);
    size_t length = sshkey_blob(&key, blob);
    assert_int_equal(length, 51);
    struct public_key back = {0};
    assert_int_equal(sshkey_from_blob(blob, length, &back, NULL), STATUS_OK);
    assert_true(sshkey_equal(&back, &key));
    for (size_t cut = 0; cut < length; cut++)
        assert_int_equal(sshkey_from_blob(blob, cut, &back, NULL), STATUS_INPUT);
    assert_int_equal(sshkey_from_blob(blob, length + 1, &back, NULL), STATUS_INPUT);
}

static void fido_key_round_trips(void **state)
{
    (void)state;
    struct public_key want = vector_key(KEY_SK_ED25519), plain = vector_key(KEY_ED25519), key = {0};
    char text[PUBLIC_KEY_TEXT_MAX], built[1024];
    sshkey_format(&want, text);
    text_of("sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com", want.ed25519, 32, "ssh:", built);
    assert_string_equal(text, built);
    assert_int_equal(sshkey_parse(text, &key, NULL), STATUS_OK);
    assert_true(sshkey_equal(&key, &want));
    assert_false(sshkey_equal(&key, &plain));
    key.ed25519[31] ^= 1;
    assert_false(sshkey_equal(&key, &want));
    uint8_t blob[SSHKEY_BLOB_BYTES_MAX];
    size_t length = sshkey_blob(&want, blob);
    for (size_t cut = 0; cut < length; cut++)
        assert_int_equal(sshkey_from_blob(blob, cut, &key, NULL), STATUS_INPUT);
}

static void other_forms_are_refused(void **state)
{
    (void)state;
    uint8_t copy[33] = {0};
    char text[1024], long_text[PUBLIC_KEY_TEXT_MAX + 100];
    struct public_key vector = vector_key(KEY_ED25519);
    memcpy(copy, vector.ed25519, 32);

    assert_refused("", STATUS_INPUT, "ssh-ed25519");
    assert_refused("ssh-ed25519", STATUS_INPUT, "no key after it");
    assert_refused("ssh-ed25519 ", STATUS_INPUT, "truncated");
    assert_refused(" " VECTOR, STATUS_INPUT, "key type");
    assert_refused(VECTOR " ", STATUS_INPUT, "base64");
    assert_refused(VECTOR "\n", STATUS_INPUT, "base64");
    assert_refused(VECTOR " maria@example", STATUS_INPUT, "base64");
    assert_refused("ssh-ed25519  " BASE64, STATUS_INPUT, "base64");
    assert_refused("ssh-ed25519\t" BASE64, STATUS_INPUT, "key type");
    assert_refused("SSH-ED25519 " BASE64, STATUS_INPUT, "'SSH-ED25519'");
    assert_refused("ssh-rsa AAAA", STATUS_INPUT,
                   "'ssh-rsa' is not accepted; use ssh-ed25519 or sk-ssh-ed25519@openssh.com");
    assert_refused("ssh-ed25519-cert-v01@openssh.com AAAA", STATUS_INPUT, "'ssh-ed25519-cert-v01@openssh.com'");
    assert_refused("\x1b[31mssh AAAA", STATUS_INPUT, "unreadable");
    assert_refused("sk-ssh-ed25519@openssh.com " BASE64, STATUS_INPUT, "differ");

    text_of("ssh-ed25519", "ssh-ed25519", copy, 32, "", text);
    assert_refused(text, STATUS_INPUT, "4 bytes too many");
    text_of("ssh-ed25519", "ssh-ed25519", copy, 31, NULL, text);
    assert_refused(text, STATUS_INPUT, "31 bytes");
    text_of("ssh-ed25519", "ssh-ed25519", copy, 33, NULL, text);
    assert_refused(text, STATUS_INPUT, "33 bytes");
    text_of("ssh-ed25519", "ssh-rsa", copy, 32, NULL, text);
    assert_refused(text, STATUS_INPUT, "'ssh-rsa'");
    text_of("sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com", copy, 32, "ssh:work", text);
    assert_refused(text, STATUS_INPUT, "application");
    text_of("sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com", copy, 32, NULL, text);
    assert_refused(text, STATUS_INPUT, "application");

    /* The same bytes in base64 with padding, without need of it, or with bits left over. */
    assert_refused(VECTOR "====", STATUS_INPUT, "base64");
    text_of("sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com", copy, 32, "ssh:", text);
    assert_int_equal(text[strlen(text) - 1], '=');
    text[strlen(text) - 1] = '\0';
    assert_refused(text, STATUS_INPUT, "base64");
    text_of("sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com", copy, 32, "ssh:", text);
    char *last = strchr(text, '=') - 1;
    (*last)++;
    assert_refused(text, STATUS_INPUT, "base64");

    memset(long_text, 'A', sizeof long_text);
    memcpy(long_text, "ssh-ed25519 ", 12);
    long_text[PUBLIC_KEY_TEXT_MAX] = '\0';
    assert_refused(long_text, STATUS_LIMIT, "over");
}

static void weak_points_are_refused(void **state)
{
    (void)state;
    static const char *const weak[] = {
        "0100000000000000000000000000000000000000000000000000000000000000", /* identity */
        "0000000000000000000000000000000000000000000000000000000000000000", /* order 4 */
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* order 2 */
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", /* order 8 */
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", /* order 8 */
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* identity, not canonical */
        "0200000000000000000000000000000000000000000000000000000000000000", /* not on the curve */
    };
    uint8_t point[32], mixed[32];
    char text[1024];
    for (size_t i = 0; i < sizeof weak / sizeof weak[0]; i++) {
        assert_int_equal(sodium_hex2bin(point, 32, weak[i], 64, NULL, NULL, NULL), 0);
        text_of("ssh-ed25519", "ssh-ed25519", point, 32, NULL, text);
        assert_refused(text, STATUS_SIGNATURE, "not a usable point");
    }
    /* A good key plus a point of order 8: two verifiers may disagree about its signatures. */
    struct public_key key = vector_key(KEY_ED25519);
    assert_int_equal(sodium_hex2bin(point, 32, weak[3], 64, NULL, NULL, NULL), 0);
    assert_int_equal(crypto_core_ed25519_add(mixed, key.ed25519, point), 0);
    text_of("ssh-ed25519", "ssh-ed25519", mixed, 32, NULL, text);
    assert_refused(text, STATUS_SIGNATURE, "not a usable point");
}

static void pub_lines_may_have_a_comment(void **state)
{
    (void)state;
    static const char *const good[] = {VECTOR, VECTOR "\n", VECTOR " maria", VECTOR " maria at home\n", VECTOR " \n"};
    static const char *const bad[] = {"",
                                      "\n",
                                      VECTOR "\n\n",
                                      VECTOR "\n" VECTOR,
                                      " " VECTOR,
                                      "ssh-ed25519  " BASE64,
                                      "no-pty " VECTOR,
                                      VECTOR "\r\n",
                                      "# " VECTOR};
    struct public_key want = vector_key(KEY_ED25519), key;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        key = (struct public_key){0};
        assert_int_equal(sshkey_parse_line(good[i], &key, NULL), STATUS_OK);
        assert_true(sshkey_equal(&key, &want));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(sshkey_parse_line(bad[i], &key, NULL), STATUS_INPUT);
    struct err err = {0};
    assert_int_equal(sshkey_parse_line(VECTOR "\n" VECTOR, &key, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "more than one line"));
    char endless[5000];
    memset(endless, 'x', sizeof endless);
    endless[sizeof endless - 1] = '\0';
    assert_int_equal(sshkey_parse_line(endless, &key, NULL), STATUS_LIMIT);
}

static void ssh_keygen_agrees(void **state)
{
    (void)state;
    struct scratch scratch;
    struct public_key key = {0};
    char line[512], fingerprint[SSHKEY_FINGERPRINT_CHARS + 1], want[128];
    scratch_open(&scratch);
    assert_int_equal(scratch_run(&scratch, "ssh-keygen -q -t ed25519 -N '' -C 'a comment' -f key"), 0);
    assert_true(scratch_read(&scratch, "key.pub", line, sizeof line) > 0);
    assert_int_equal(sshkey_parse_line(line, &key, NULL), STATUS_OK);
    assert_int_equal(scratch_run(&scratch, "ssh-keygen -lf key.pub | cut -d' ' -f2 | tr -d '\\n' >print"), 0);
    assert_true(scratch_read(&scratch, "print", want, sizeof want) > 0);
    sshkey_fingerprint(&key, fingerprint);
    assert_string_equal(fingerprint, want);

    struct public_key fido = vector_key(KEY_SK_ED25519);
    sshkey_format(&fido, line);
    scratch_write(&scratch, "fido.pub", line, strlen(line));
    assert_int_equal(scratch_run(&scratch, "ssh-keygen -lf fido.pub | cut -d' ' -f2 | tr -d '\\n' >print"), 0);
    assert_true(scratch_read(&scratch, "print", want, sizeof want) > 0);
    sshkey_fingerprint(&fido, fingerprint);
    assert_string_equal(fingerprint, want);

    assert_int_equal(scratch_run(&scratch, "ssh-keygen -q -t ecdsa -N '' -f other"), 0);
    assert_true(scratch_read(&scratch, "other.pub", line, sizeof line) > 0);
    struct err err;
    assert_int_equal(sshkey_parse_line(line, &key, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "'ecdsa-sha2-nistp256' is not accepted"));
    scratch_close(&scratch);
}

static void allowed_line_has_one_form(void **state)
{
    (void)state;
    struct public_key key = vector_key(KEY_ED25519);
    struct key_window both = {.after = "2026-01-02T03:04:05.678Z", .before = "2027-01-02T03:04:05.678Z"};
    struct key_window after = {.after = both.after}, before = {.before = both.before};
    char line[SSHKEY_ALLOWED_LINE_MAX], name[NAME_BYTES_MAX + 2];
    assert_int_equal(sshkey_allowed_line(&key, "maria", NULL, line, NULL), STATUS_OK);
    assert_string_equal(line, "maria namespaces=\"countersign\" " VECTOR);
    assert_int_equal(sshkey_allowed_line(&key, "maria", &both, line, NULL), STATUS_OK);
    assert_string_equal(line, "maria namespaces=\"countersign\",valid-after=\"20260102030405Z\","
                              "valid-before=\"20270102030405Z\" " VECTOR);
    assert_int_equal(sshkey_allowed_line(&key, "maria", &after, line, NULL), STATUS_OK);
    assert_string_equal(line, "maria namespaces=\"countersign\",valid-after=\"20260102030405Z\" " VECTOR);
    assert_int_equal(sshkey_allowed_line(&key, "maria", &before, line, NULL), STATUS_OK);
    assert_string_equal(line, "maria namespaces=\"countersign\",valid-before=\"20270102030405Z\" " VECTOR);

    static const char *const names[] = {"", "a b", "a,b", "*", "!a", "a\"", "#a", "a\n", "a?", "\xC3\xA9"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(sshkey_allowed_line(&key, names[i], NULL, line, NULL), STATUS_INPUT);
    memset(name, 'a', sizeof name);
    name[NAME_BYTES_MAX + 1] = '\0';
    assert_int_equal(sshkey_allowed_line(&key, name, NULL, line, NULL), STATUS_INPUT);
    name[NAME_BYTES_MAX] = '\0';
    struct public_key fido = vector_key(KEY_SK_ED25519);
    assert_int_equal(sshkey_allowed_line(&fido, name, &both, line, NULL), STATUS_OK);

    static const char *const times[] = {"",
                                        "20260102030405Z",
                                        "2026-01-02T03:04:05Z",
                                        "2026-01-02T03:04:05.678",
                                        "2026-01-02 03:04:05.678Z",
                                        "2026-01-02T03:04:05.678ZZ",
                                        "2026-01-0\"T03:04:05.678Z"};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        struct key_window bad_after = {.after = times[i]}, bad_before = {.before = times[i]};
        assert_int_equal(sshkey_allowed_line(&key, "maria", &bad_after, line, NULL), STATUS_INPUT);
        assert_int_equal(sshkey_allowed_line(&key, "maria", &bad_before, line, NULL), STATUS_INPUT);
    }
}

static void wire_reads_and_writes_stay_inside(void **state)
{
    (void)state;
    const uint8_t bytes[] = {0, 0, 0, 2, 'a', 'b', 0xFF, 0xFF, 0xFF, 0xFF, 'c'};
    struct sshwire_reader reader = {.at = bytes, .left = sizeof bytes}, inside = {0};
    uint32_t number = 7;
    uint8_t byte = 7;
    assert_false(sshwire_expect_string(&reader, "a"));
    assert_false(sshwire_expect_string(&reader, "abc"));
    assert_false(sshwire_expect(&reader, "xx", 2));
    assert_true(sshwire_expect_string(&reader, "ab"));
    assert_false(sshwire_get_string(&reader, &inside));
    assert_int_equal(reader.left, 5);
    assert_true(sshwire_get_u32(&reader, &number));
    assert_true(number == 0xFFFFFFFFu);
    assert_false(sshwire_get_u32(&reader, &number));
    assert_true(sshwire_get_u8(&reader, &byte));
    assert_int_equal(byte, 'c');
    assert_false(sshwire_get_u8(&reader, &byte));
    assert_true(sshwire_expect(&reader, "", 0));
    assert_false(sshwire_expect(&reader, "x", 1));

    uint8_t room[8] = {0};
    struct sshwire_writer writer = {.bytes = room, .size = 7};
    sshwire_put_string(&writer, "abc", 3);
    assert_false(writer.full);
    assert_memory_equal(room, "\0\0\0\3abc\0", 8);
    sshwire_put_u8(&writer, 1);
    assert_true(writer.full);
    sshwire_put_bytes(&writer, "", 0);
    assert_true(writer.full);
    assert_int_equal(writer.used, 7);
    assert_int_equal(room[7], 0);
    /* What did not fit is not followed by what would. */
    writer = (struct sshwire_writer){.bytes = room, .size = 7};
    sshwire_put_bytes(&writer, "12345678", 8);
    sshwire_put_u8(&writer, 1);
    assert_true(writer.full);
    assert_int_equal(writer.used, 0);
    assert_int_equal(room[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vector_key_round_trips),       cmocka_unit_test(fido_key_round_trips),
        cmocka_unit_test(other_forms_are_refused),      cmocka_unit_test(weak_points_are_refused),
        cmocka_unit_test(pub_lines_may_have_a_comment), cmocka_unit_test(ssh_keygen_agrees),
        cmocka_unit_test(allowed_line_has_one_form),    cmocka_unit_test(wire_reads_and_writes_stay_inside),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

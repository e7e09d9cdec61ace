/*
 * Key files: what is written opens, nothing else does, and nothing that was there is replaced.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "ledger/keyfile.h"
#include "ledger/newfile.h"
#include "ledger/sshsig.h"
#include "tests/support/scratch.h"

#define PASSPHRASE "correct horse"
#define VECTOR     "tests/vectors/keyfile/key"

static struct scratch scratch;

static struct keyfile_seal cheap_seal(void)
{
    return (struct keyfile_seal){
        .passphrase = PASSPHRASE, .passphrase_length = strlen(PASSPHRASE), .cost = keyfile_cost_cheap()};
}

static enum status create(const char *name, const struct keyfile_seal *seal, uint8_t seed_byte,
                          struct public_key *ret_key, struct err *err)
{
    char path[SCRATCH_PATH_BYTES];
    const uint8_t seed[RANDOM_SEED_BYTES] = {seed_byte};
    struct random_seeded seeded;
    struct random_source random = random_from_seed(seed, &seeded);
    return keyfile_create(scratch_path(&scratch, name, path), seal, &random, ret_key, err);
}

static enum status open_key(const char *name, const char *passphrase, struct signer *ret_signer, struct err *err)
{
    char path[SCRATCH_PATH_BYTES];
    return keyfile_open(scratch_path(&scratch, name, path), passphrase, strlen(passphrase), ret_signer, err);
}

static void write_private(const char *name, const void *bytes, size_t length)
{
    char path[SCRATCH_PATH_BYTES];
    scratch_write(&scratch, name, bytes, length);
    assert_int_equal(chmod(scratch_path(&scratch, name, path), 0600), 0);
}

/* Opens text as a key file and demands a refusal with this status and word. */
static void assert_refused(const char *text, size_t length, enum status want, const char *says)
{
    struct signer signer = {0}, untouched = {0};
    struct err err = {0};
    write_private("refused", text, length);
    enum status status = open_key("refused", PASSPHRASE, &signer, &err);
    if (status != want || err.status != want || strstr(err.text, says) == NULL)
        fail_msg("%s: status %s, text '%s', wanted %s, '%s'", text, status_name(status), err.text, status_name(want),
                 says);
    assert_memory_equal(&signer, &untouched, sizeof signer);
}

static int start(void **state)
{
    (void)state;
    scratch_open(&scratch);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    scratch_close(&scratch);
    return 0;
}

static void created_key_opens_and_signs(void **state)
{
    (void)state;
    struct keyfile_seal seal = cheap_seal();
    struct public_key key = {0}, read = {0}, pub = {0};
    struct signer signer = {0};
    struct sshsig info = {0};
    char path[SCRATCH_PATH_BYTES], text[KEYFILE_BYTES_MAX];
    uint8_t blob[SSHSIG_BYTES_MAX];
    size_t length = 0;
    struct stat stats;
    assert_int_equal(create("key", &seal, 1, &key, NULL), STATUS_OK);
    assert_int_equal(sshkey_check(&key, NULL), STATUS_OK);
    assert_int_equal(keyfile_public(scratch_path(&scratch, "key", path), &read, NULL), STATUS_OK);
    assert_true(sshkey_equal(&key, &read));
    assert_int_equal(stat(path, &stats), 0);
    assert_int_equal(stats.st_mode & 07777, 0600);
    assert_true(scratch_read(&scratch, "key.pub", text, sizeof text) > 0);
    assert_int_equal(sshkey_parse_line(text, &pub, NULL), STATUS_OK);
    assert_true(sshkey_equal(&key, &pub));
    assert_int_equal(scratch_run(&scratch, "ssh-keygen -lf key.pub && test $(stat -c %%a key.pub) = 644"), 0);
    assert_int_equal(scratch_run(&scratch, "test \"$(ls)\" = \"$(printf 'key\\nkey.pub')\""), 0);

    assert_int_equal(open_key("key", PASSPHRASE, &signer, NULL), STATUS_OK);
    assert_true(sshkey_equal(&key, &signer.key));
    assert_int_equal(sshsig_sign(&signer, "m", 1, blob, &length, NULL), STATUS_OK);
    assert_int_equal(sshsig_verify(blob, length, "m", 1, &info, NULL), STATUS_OK);
    assert_true(sshkey_equal(&key, &info.key));
    signer_close(&signer);
    assert_null(signer.context);
}

static void same_randomness_makes_the_same_file(void **state)
{
    (void)state;
    struct keyfile_seal seal = cheap_seal();
    struct public_key key = {0}, other = {0};
    char a[KEYFILE_BYTES_MAX], b[KEYFILE_BYTES_MAX];
    assert_int_equal(create("same1", &seal, 2, &key, NULL), STATUS_OK);
    assert_int_equal(create("same2", &seal, 2, &other, NULL), STATUS_OK);
    assert_true(sshkey_equal(&key, &other));
    assert_true(scratch_read(&scratch, "same1", a, sizeof a) > 0);
    assert_true(scratch_read(&scratch, "same2", b, sizeof b) > 0);
    assert_string_equal(a, b);
    assert_int_equal(create("same3", &seal, 3, &other, NULL), STATUS_OK);
    assert_false(sshkey_equal(&key, &other));
}

static void vector_still_opens(void **state)
{
    (void)state;
    char text[KEYFILE_BYTES_MAX], line[512];
    struct public_key want = {0};
    struct signer signer = {0};
    long length = scratch_read_file(VECTOR, text, sizeof text);
    assert_true(length > 0);
    assert_true(scratch_read_file(VECTOR ".pub", line, sizeof line) > 0);
    assert_int_equal(sshkey_parse_line(line, &want, NULL), STATUS_OK);
    write_private("vector", text, (size_t)length);
    assert_int_equal(open_key("vector", PASSPHRASE, &signer, NULL), STATUS_OK);
    assert_true(sshkey_equal(&want, &signer.key));
    signer_close(&signer);
}

static void nothing_is_replaced(void **state)
{
    (void)state;
    struct keyfile_seal seal = cheap_seal();
    struct public_key key = {0}, untouched = {0};
    struct err err = {0};
    char text[64];
    scratch_write(&scratch, "there", "mine", 4);
    assert_int_equal(create("there", &seal, 1, &key, &err), STATUS_EXISTS);
    assert_non_null(strstr(err.text, "is there already"));
    assert_int_equal(scratch_read(&scratch, "there", text, sizeof text), 4);
    assert_false(scratch_exists(&scratch, "there.pub"));

    scratch_write(&scratch, "half.pub", "mine", 4);
    assert_int_equal(create("half", &seal, 1, &key, &err), STATUS_EXISTS);
    assert_non_null(strstr(err.text, "half.pub"));
    assert_int_equal(scratch_read(&scratch, "half.pub", text, sizeof text), 4);
    assert_false(scratch_exists(&scratch, "half"));

    assert_int_equal(scratch_run(&scratch, "ln -s nowhere dangling"), 0);
    assert_int_equal(create("dangling", &seal, 1, &key, &err), STATUS_EXISTS);
    assert_false(scratch_exists(&scratch, "nowhere"));

    assert_int_equal(create("nodir/key", &seal, 1, &key, &err), STATUS_NOT_FOUND);
    assert_memory_equal(&key, &untouched, sizeof key);
    assert_int_equal(scratch_run(&scratch, "test -z \"$(ls | grep -E '^(there|half|dangling)\\..{6}$')\""), 0);
}

static void passphrases_are_judged(void **state)
{
    (void)state;
    struct keyfile_seal seal = cheap_seal();
    struct public_key key = {0};
    struct signer signer = {0};
    struct err err = {0};
    char path[SCRATCH_PATH_BYTES], want[SCRATCH_PATH_BYTES + 64];
    char long_one[KEYFILE_PASSPHRASE_BYTES_MAX + 2] = {0};
    assert_int_equal(create("pass", &seal, 4, &key, NULL), STATUS_OK);
    static const char *const wrong[] = {"correct hors", "correct horse ", "Correct horse", "x"};
    snprintf(want, sizeof want, "wrong passphrase for %s", scratch_path(&scratch, "pass", path));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(open_key("pass", wrong[i], &signer, &err), STATUS_PERMISSION);
        assert_string_equal(err.text, want);
    }
    assert_int_equal(open_key("pass", "", &signer, &err), STATUS_INPUT);
    memset(long_one, 'x', sizeof long_one - 1);
    assert_int_equal(open_key("pass", long_one, &signer, &err), STATUS_LIMIT);
    assert_null(strstr(err.text, "xxx"));
    seal.passphrase = long_one;
    seal.passphrase_length = sizeof long_one - 1;
    assert_int_equal(create("pass2", &seal, 4, &key, &err), STATUS_LIMIT);
    seal.passphrase_length = 0;
    assert_int_equal(create("pass2", &seal, 4, &key, &err), STATUS_INPUT);
    assert_false(scratch_exists(&scratch, "pass2"));

    /* Any bytes will do, a NUL among them. */
    seal.passphrase = "a\0b";
    seal.passphrase_length = 3;
    assert_int_equal(create("pass3", &seal, 4, &key, &err), STATUS_OK);
    scratch_path(&scratch, "pass3", path);
    assert_int_equal(keyfile_open(path, "a\0c", 3, &signer, &err), STATUS_PERMISSION);
    assert_int_equal(keyfile_open(path, "a\0b", 3, &signer, &err), STATUS_OK);
    signer_close(&signer);
}

static void files_that_others_reach_are_refused(void **state)
{
    (void)state;
    struct keyfile_seal seal = cheap_seal();
    struct public_key key = {0};
    struct signer signer = {0};
    struct err err = {0};
    char path[SCRATCH_PATH_BYTES], remedy[SCRATCH_PATH_BYTES + 64];
    assert_int_equal(create("mode", &seal, 5, &key, NULL), STATUS_OK);
    scratch_path(&scratch, "mode", path);
    snprintf(remedy, sizeof remedy, "chmod 600 %s", path);
    static const mode_t modes[] = {0640, 0604, 0620, 0602, 0610, 0601, 0644, 0777};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        assert_int_equal(chmod(path, modes[i]), 0);
        assert_int_equal(open_key("mode", PASSPHRASE, &signer, &err), STATUS_PERMISSION);
        assert_non_null(strstr(err.text, remedy));
    }
    assert_int_equal(keyfile_public(path, &key, NULL), STATUS_OK);
    assert_int_equal(chmod(path, 0400), 0);
    assert_int_equal(open_key("mode", PASSPHRASE, &signer, &err), STATUS_OK);
    signer_close(&signer);

    assert_int_equal(open_key("absent", PASSPHRASE, &signer, &err), STATUS_NOT_FOUND);
    assert_int_equal(scratch_run(&scratch, "mkdir -m 700 dir; mkfifo -m 600 fifo"), 0);
    assert_int_equal(open_key("dir", PASSPHRASE, &signer, &err), STATUS_INPUT);
    assert_int_equal(open_key("fifo", PASSPHRASE, &signer, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "not a regular file"));
}

static void every_changed_byte_is_refused(void **state)
{
    (void)state;
    struct keyfile_seal seal = cheap_seal();
    struct public_key key = {0};
    struct signer signer = {0};
    char text[KEYFILE_BYTES_MAX], changed[KEYFILE_BYTES_MAX];
    assert_int_equal(create("bytes", &seal, 6, &key, NULL), STATUS_OK);
    long length = scratch_read(&scratch, "bytes", text, sizeof text);
    assert_true(length > 300);
    static const char flips[] = {0x01, 0x20, (char)0x80};
    for (long i = 0; i < length; i++) {
        for (size_t f = 0; f < sizeof flips; f++) {
            memcpy(changed, text, (size_t)length);
            changed[i] = (char)(changed[i] ^ flips[f]);
            write_private("changed", changed, (size_t)length);
            if (open_key("changed", PASSPHRASE, &signer, NULL) == STATUS_OK)
                fail_msg("byte %ld changed, and the file opens", i);
        }
    }
    for (long cut = 0; cut < length; cut++) {
        write_private("changed", text, (size_t)cut);
        assert_int_equal(open_key("changed", PASSPHRASE, &signer, NULL), STATUS_INPUT);
    }
    memcpy(changed, text, (size_t)length);
    changed[length] = '\n';
    assert_refused(changed, (size_t)length + 1, STATUS_INPUT, "not written as key files are");
    char endless[KEYFILE_BYTES_MAX + 1];
    memset(endless, ' ', sizeof endless);
    memcpy(endless, text, (size_t)length);
    assert_refused(endless, KEYFILE_BYTES_MAX, STATUS_INPUT, "not written as key files are");
    assert_refused(endless, sizeof endless, STATUS_LIMIT, "over 2048 bytes");
}

/* Replaces the first from in text by to. */
static void replace(const char *text, const char *from, const char *to, char ret_text[static KEYFILE_BYTES_MAX])
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    snprintf(ret_text, KEYFILE_BYTES_MAX, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static void hostile_members_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *says;
        enum status status;
    } cases[] = {
        {"8192", "8191", "memory of 8191", STATUS_LIMIT},
        {"8192", "1073741825", "memory of 1073741825", STATUS_LIMIT},
        {"8192", "4294967295", "memory of", STATUS_LIMIT},
        {"8192", "4294975488", "out of all bounds", STATUS_LIMIT},
        {"8192", "-8192", "out of all bounds", STATUS_LIMIT},
        {"8192", "9223372036854775808", "not a key file", STATUS_INPUT},
        {"8192", "8192.0", "wrong type", STATUS_INPUT},
        {"8192", "\"8192\"", "wrong type", STATUS_INPUT},
        {"\"operations\":1", "\"operations\":0", "operations 0", STATUS_LIMIT},
        {"\"operations\":1", "\"operations\":-0", "not written as", STATUS_INPUT},
        {"\"operations\":1", "\"operations\":9", "operations 9", STATUS_LIMIT},
        {"\"operations\":1", "\"operations\":1,\"operations\":1", "not a key file", STATUS_INPUT},
        {"\"v\":1", "\"v\":2", "version 2", STATUS_INPUT},
        {"\"v\":1", "\"w\":1", "not a key file", STATUS_INPUT},
        {"\"v\":1", "\"v\":1,\"w\":1", "unknown", STATUS_INPUT},
        {"countersign-key", "countersign-keg", "not a key file", STATUS_INPUT},
        {"{\"argon2id\"", "{ \"argon2id\"", "not written as", STATUS_INPUT},
        {"ssh-ed25519", "\\u0073sh-ed25519", "not written as", STATUS_INPUT},
        {"ssh-ed25519 ", "ssh-rsa ", "'ssh-rsa' is not accepted", STATUS_INPUT},
        {"\"salt\":\"", "\"salt\":\"AAAA", "right length", STATUS_INPUT},
        {"\"nonce\":\"", "\"nonce\":\"AAAA", "right length", STATUS_INPUT},
        {"\"sealed\":\"", "\"sealed\":\"AAAA", "right length", STATUS_INPUT},
        {"\"check\":\"", "\"check\":\"AAAA", "right length", STATUS_INPUT},
    };
    struct keyfile_seal seal = cheap_seal();
    struct public_key key = {0}, other = {0};
    char text[KEYFILE_BYTES_MAX], changed[KEYFILE_BYTES_MAX], mine[PUBLIC_KEY_TEXT_MAX], theirs[PUBLIC_KEY_TEXT_MAX];
    assert_int_equal(create("members", &seal, 7, &key, NULL), STATUS_OK);
    assert_true(scratch_read(&scratch, "members", text, sizeof text) > 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        replace(text, cases[i].from, cases[i].to, changed);
        assert_refused(changed, strlen(changed), cases[i].status, cases[i].says);
    }
    assert_refused("", 0, STATUS_INPUT, "not a key file");
    assert_refused("[]\n", 3, STATUS_INPUT, "not a key file");
    assert_refused("{\"format\":\"countersign-key\",\"v\":1}\n", 35, STATUS_INPUT, "missing");

    /* Another's good public key put into the file shows when the file is opened, and only then. */
    assert_int_equal(create("others", &seal, 8, &other, NULL), STATUS_OK);
    sshkey_format(&key, mine);
    sshkey_format(&other, theirs);
    replace(text, mine, theirs, changed);
    assert_refused(changed, strlen(changed), STATUS_CORRUPT, "without its passphrase");
    /* The same memory to Argon2id, which counts KiB, so that only the check over the line can tell. */
    replace(text, "8192", "8193", changed);
    assert_refused(changed, strlen(changed), STATUS_CORRUPT, "without its passphrase");
    other.type = KEY_SK_ED25519;
    memcpy(other.application, "ssh:", 5);
    sshkey_format(&other, theirs);
    replace(text, mine, theirs, changed);
    assert_refused(changed, strlen(changed), STATUS_INPUT, "plain keys only");
}

static void costs_have_bounds(void **state)
{
    (void)state;
    const struct keyfile_cost bad[] = {{0, KEYFILE_MEMORY_BYTES_MIN},
                                       {KEYFILE_OPERATIONS_MAX + 1, KEYFILE_MEMORY_BYTES_MIN},
                                       {1, KEYFILE_MEMORY_BYTES_MIN - 1},
                                       {1, KEYFILE_MEMORY_BYTES_MAX + 1}};
    struct keyfile_seal seal = cheap_seal();
    struct public_key key = {0};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        seal.cost = bad[i];
        assert_int_equal(create("cost", &seal, 9, &key, NULL), STATUS_LIMIT);
        assert_false(scratch_exists(&scratch, "cost"));
    }
    struct keyfile_cost usual = keyfile_cost_default();
    assert_int_equal(usual.operations, 3);
    assert_int_equal(usual.memory_bytes, 256 << 20);
}

static void seed_makes_the_vector_key(void **state)
{
    (void)state;
    uint8_t seed[KEYFILE_SEED_BYTES];
    struct signer signer = {0};
    char text[PUBLIC_KEY_TEXT_MAX];
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t)i;
    assert_int_equal(keyfile_open_seed(seed, &signer, NULL), STATUS_OK);
    sshkey_format(&signer.key, text);
    assert_string_equal(text, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4");
    signer_close(&signer);
}

static void whole_files_are_bounded(void **state)
{
    (void)state;
    char path[SCRATCH_PATH_BYTES], bytes[8], long_path[5000];
    struct err err = {0};
    size_t length = 99;
    scratch_path(&scratch, "small", path);
    assert_int_equal(newfile_create(path, "12345678", 8, 0640, NULL), STATUS_OK);
    assert_int_equal(scratch_run(&scratch, "test $(stat -c %%a small) = 640"), 0);
    assert_int_equal(newfile_read(path, false, bytes, 8, &length, NULL), STATUS_OK);
    assert_int_equal(length, 8);
    assert_memory_equal(bytes, "12345678", 8);
    length = 99;
    assert_int_equal(newfile_read(path, false, bytes, 7, &length, NULL), STATUS_LIMIT);
    assert_int_equal(newfile_read(path, true, bytes, 8, &length, NULL), STATUS_PERMISSION);
    assert_int_equal(length, 99);
    memset(long_path, 'x', sizeof long_path);
    long_path[sizeof long_path - 1] = '\0';
    assert_int_equal(newfile_create(long_path, "", 0, 0600, &err), STATUS_LIMIT);
    newfile_remove(path);
    assert_false(scratch_exists(&scratch, "small"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(created_key_opens_and_signs),
        cmocka_unit_test(same_randomness_makes_the_same_file),
        cmocka_unit_test(vector_still_opens),
        cmocka_unit_test(nothing_is_replaced),
        cmocka_unit_test(passphrases_are_judged),
        cmocka_unit_test(files_that_others_reach_are_refused),
        cmocka_unit_test(every_changed_byte_is_refused),
        cmocka_unit_test(hostile_members_are_refused),
        cmocka_unit_test(costs_have_bounds),
        cmocka_unit_test(seed_makes_the_vector_key),
        cmocka_unit_test(whole_files_are_bounded),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, start, finish) != 0;
}

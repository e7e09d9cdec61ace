/*
 * Evidence and personal data: what is read back is what was put, damage shows, an erasure leaves nothing.
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

#include "ledger/beside.h"
#include "ledger/checksum.h"
#include "ledger/durable.h"
#include "tests/support/folder.h"

enum { EVIDENCE_BYTES = 200000 };

static const uint8_t salt[PERSONAL_SALT_BYTES] = "0123456789abcdef0123456789abcde";

static int set_up(void **state)
{
    struct folder *folder = malloc(sizeof *folder);
    folder_make(folder);
    const char *const names[] = {"evidence", "personal"};
    for (size_t i = 0; i < 2; i++) {
        char *path = folder_path(folder, "%s", names[i]);
        assert_int_equal(mkdir(path, 0700), 0);
        free(path);
    }
    *state = folder;
    return 0;
}

static int tear_down(void **state)
{
    folder_remove(*state);
    free(*state);
    return 0;
}

static void evidence_round_trip(void **state)
{
    const struct folder *folder = *state;
    struct evidence evidence = {0};
    struct err err = {0};
    struct stat facts;
    struct hash expected;
    char hex[HASH_HEX_CHARS + 1];
    uint64_t found = 0;
    size_t length = 0;
    char *source = folder_path(folder, "scan.pdf"), *out = folder_path(folder, "out");
    uint8_t *bytes = malloc(EVIDENCE_BYTES);
    for (size_t i = 0; i < EVIDENCE_BYTES; i++)
        bytes[i] = (uint8_t)(i * 31 >> 3);
    folder_write(source, bytes, EVIDENCE_BYTES);
    hash_of(bytes, EVIDENCE_BYTES, &expected);
    assert_false(evidence_exists(folder->dir, &expected));
    assert_int_equal(evidence_verify(folder->dir, &expected, &found, &err), STATUS_NOT_FOUND);
    assert_int_equal(evidence_put(folder->dir, source, EVIDENCE_BYTES - 1, &evidence, &err), STATUS_LIMIT);
    assert_int_equal(evidence_put(folder->dir, folder->dir, 1 << 20, &evidence, &err), STATUS_INPUT);
    assert_int_equal(evidence_put(folder->dir, "/nonexistent", 1 << 20, &evidence, &err), STATUS_NOT_FOUND);
    assert_false(evidence_exists(folder->dir, &expected));
    assert_int_equal(evidence_put(folder->dir, source, EVIDENCE_BYTES, &evidence, &err), STATUS_OK);
    assert_int_equal(evidence_put(folder->dir, source, EVIDENCE_BYTES, &evidence, &err), STATUS_OK);
    assert_true(hash_equal(&evidence.hash, &expected));
    assert_int_equal(evidence.bytes, EVIDENCE_BYTES);
    assert_true(evidence_exists(folder->dir, &expected));
    assert_int_equal(evidence_verify(folder->dir, &expected, &found, &err), STATUS_OK);
    assert_int_equal(found, EVIDENCE_BYTES);
    int fd = open(out, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(evidence_copy(folder->dir, &expected, fd, &err), STATUS_OK);
    close(fd);
    uint8_t *copied = folder_read(out, &length);
    assert_int_equal(length, EVIDENCE_BYTES);
    assert_memory_equal(copied, bytes, length);
    free(copied);
    hash_to_hex(&expected, hex);
    char *stored = folder_path(folder, "evidence/%.2s/%s", hex, hex);
    assert_int_equal(stat(stored, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0400);
    chmod(stored, 0600);
    bytes[77] ^= 1;
    folder_write(stored, bytes, EVIDENCE_BYTES);
    assert_int_equal(evidence_verify(folder->dir, &expected, &found, &err), STATUS_CORRUPT);
    assert_int_equal(evidence_copy(folder->dir, &expected, -1, &err), STATUS_CORRUPT);
    assert_int_equal(evidence_put(folder->dir, source, EVIDENCE_BYTES, &evidence, &err), STATUS_OK); /* mends it */
    assert_int_equal(evidence_verify(folder->dir, &expected, &found, &err), STATUS_OK);
    free(stored);
    free(bytes);
    free(source);
    free(out);
}

/* The parent of a name that is written with slashes behind it is that of the name without: a file that lies there is no folder. */
static void the_parent_of_a_name_is_synced(void **state)
{
    const struct folder *folder = *state;
    struct err err = {.text = ""};
    char *file = folder_path(folder, "file"), *slashes = folder_path(folder, "file//"),
         *in = folder_path(folder, "file/x");
    folder_write(file, "x", 1);
    assert_int_equal(durable_sync_parent(file, &err), STATUS_OK);
    assert_int_equal(durable_sync_parent(slashes, &err), STATUS_OK);
    assert_int_not_equal(durable_sync_parent(in, &err), STATUS_OK);
    free(file);
    free(slashes);
    free(in);
}

static void personal_data_can_be_erased(void **state)
{
    const struct folder *folder = *state;
    struct hash hash, other;
    struct personal personal = {0};
    struct err err = {0};
    struct stat facts;
    char hex[HASH_HEX_CHARS + 1];
    uint8_t other_salt[PERSONAL_SALT_BYTES] = {1};
    uint8_t *big = calloc(1, PERSONAL_BYTES_MAX + 1);
    assert_int_equal(personal_put(folder->dir, salt, slice_of("Ada Lovelace", 12), &hash, &err), STATUS_OK);
    assert_int_equal(personal_put(folder->dir, other_salt, slice_of("Ada Lovelace", 12), &other, &err), STATUS_OK);
    assert_false(hash_equal(&hash, &other));
    assert_int_equal(personal_get(folder->dir, &hash, &personal, &err), STATUS_OK);
    assert_int_equal(personal.payload.length, 12);
    assert_memory_equal(personal.payload.bytes, "Ada Lovelace", 12);
    personal_done(&personal);
    personal_done(&personal);
    hash_to_hex(&hash, hex);
    char *path = folder_path(folder, "personal/%s", hex);
    char *alias = folder_path(folder, "alias");
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    assert_int_equal(link(path, alias), 0);
    assert_int_equal(personal_erase(folder->dir, &hash, &err), STATUS_OK);
    size_t length = 0;
    uint8_t *left = folder_read(alias, &length); /* what the disk holds where it was */
    for (size_t i = 0; i < length; i++)
        assert_int_equal(left[i], 0);
    free(left);
    assert_int_equal(personal_get(folder->dir, &hash, &personal, &err), STATUS_NOT_FOUND);
    assert_int_equal(personal_erase(folder->dir, &hash, &err), STATUS_NOT_FOUND);
    assert_int_equal(personal_get(folder->dir, &other, &personal, &err), STATUS_OK);
    personal_done(&personal);
    hash_to_hex(&other, hex);
    char *damaged = folder_path(folder, "personal/%s", hex);
    folder_write(damaged, "short", 5);
    assert_int_equal(personal_get(folder->dir, &other, &personal, &err), STATUS_CORRUPT);
    folder_write(damaged, big, 100);
    assert_int_equal(personal_get(folder->dir, &other, &personal, &err), STATUS_CORRUPT);
    assert_int_equal(personal_put(folder->dir, salt, slice_of(big, PERSONAL_BYTES_MAX), &hash, &err), STATUS_OK);
    assert_int_equal(personal_put(folder->dir, salt, slice_of(big, PERSONAL_BYTES_MAX + 1), &hash, &err), STATUS_LIMIT);
    free(damaged);
    free(alias);
    free(path);
    free(big);
}

/* The checksum depends on all that names a value, and on where one part ends and the next begins. */
static void checksum_covers_place_and_value(void **state)
{
    (void)state;
    uint8_t sum[CHECKSUM_BYTES], other[CHECKSUM_BYTES];
    checksum_value("t", slice_of("ab", 2), slice_of("c", 1), sum);
    checksum_value("t", slice_of("ab", 2), slice_of("c", 1), other);
    assert_memory_equal(sum, other, CHECKSUM_BYTES);
    checksum_value("u", slice_of("ab", 2), slice_of("c", 1), other);
    assert_memory_not_equal(sum, other, CHECKSUM_BYTES);
    checksum_value("t", slice_of("a", 1), slice_of("bc", 2), other);
    assert_memory_not_equal(sum, other, CHECKSUM_BYTES);
    checksum_value("t", slice_of("ab", 2), slice_of("d", 1), other);
    assert_memory_not_equal(sum, other, CHECKSUM_BYTES);
    checksum_value("t", slice_of("ab", 2), slice_of("c\0", 2), other);
    assert_memory_not_equal(sum, other, CHECKSUM_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(evidence_round_trip, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_parent_of_a_name_is_synced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(personal_data_can_be_erased, set_up, tear_down),
        cmocka_unit_test(checksum_covers_place_and_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

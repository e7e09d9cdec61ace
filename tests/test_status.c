/*
 * Error texts: cut at a character, prefixed without losing the status; classes of failures of the system.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/durable.h"
#include "ledger/hash.h"
#include "ledger/status.h"
#include "tests/support/folder.h"

static void text_names_place_and_keeps_status(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(err_set(&err, STATUS_INPUT, "amount '%s': use a dot", "12,50"), STATUS_INPUT);
    err_prefix(&err, "%s:%d:%d: ", "corrections.csv", 17, 5);
    assert_string_equal(err.text, "corrections.csv:17:5: amount '12,50': use a dot");
    assert_int_equal(err.status, STATUS_INPUT);
    assert_int_equal(err_set(NULL, STATUS_IO, "nobody listens"), STATUS_IO);
}

static void long_text_is_cut_at_a_character(void **state)
{
    (void)state;
    char euro[3 * 400 + 1];
    for (size_t i = 0; i < 400; i++)
        memcpy(euro + 3 * i, "\xE2\x82\xAC", 3);
    euro[1200] = '\0';
    struct err err;
    assert_int_equal(err_set(&err, STATUS_INPUT, "%s", euro), STATUS_INPUT);
    assert_int_equal(strlen(err.text) % 3, 0);
    assert_true(strlen(err.text) >= ERR_TEXT_BYTES - 4);
    err_prefix(&err, "x: ");
    assert_memory_equal(err.text, "x: \xE2\x82\xAC", 6);
    assert_int_equal((strlen(err.text) - 3) % 3, 0);
}

static void hash_hex_is_strict(void **state)
{
    (void)state;
    struct hash hash, back;
    char hex[HASH_HEX_CHARS + 1];
    hash_of("", 0, &hash);
    hash_to_hex(&hash, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_int_equal(hash_from_hex(hex, &back), STATUS_OK);
    assert_true(hash_equal(&hash, &back));
    assert_int_equal(hash_from_hex("E3", &back), STATUS_INPUT);
    hex[0] = 'E';
    assert_int_equal(hash_from_hex(hex, &back), STATUS_INPUT);
    assert_int_equal(hash_from_hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8550", &back),
                     STATUS_INPUT);
}

static void every_failure_has_its_class_and_remedy(void **state)
{
    static const struct {
        int error;
        enum status status;
        const char *says;
    } cases[] = {
        {ENOENT, STATUS_NOT_FOUND, ""},
        {EEXIST, STATUS_EXISTS, ""},
        {ENOTEMPTY, STATUS_EXISTS, ""},
        {EACCES, STATUS_PERMISSION, "; the owner of the book must do this, or grant it"},
        {EPERM, STATUS_PERMISSION, "; the owner of the book must do this, or grant it"},
        {EROFS, STATUS_PERMISSION, "; the file system is mounted read-only"},
        {ENOSPC, STATUS_FULL, "; free some space or raise the quota"},
        {EDQUOT, STATUS_FULL, "; free some space or raise the quota"},
        {ENAMETOOLONG, STATUS_LIMIT, ""},
        {ENOMEM, STATUS_MEMORY, ""},
        {ENOTDIR, STATUS_INPUT, ""},
        {EISDIR, STATUS_INPUT, ""},
        {ELOOP, STATUS_INPUT, ""},
        {EIO, STATUS_IO, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err;
        char wanted[256];
        assert_int_equal(durable_fail(cases[i].error, "book/lock", "open", &err), cases[i].status);
        snprintf(wanted, sizeof wanted, "book/lock: open: %s%s", strerror(cases[i].error), cases[i].says);
        assert_string_equal(err.text, wanted);
    }
}

static void a_path_is_whole_or_refused(void **state)
{
    char name[PATH_BYTES_MAX + 1];
    struct path path = {.text = "as before"};
    struct err err;
    (void)state;
    memset(name, 'n', sizeof name - 1);
    name[PATH_BYTES_MAX - 1] = '\0';
    assert_int_equal(path_set(&path, &err, "%s", name), STATUS_OK);
    assert_int_equal(strlen(path.text), PATH_BYTES_MAX - 1);
    assert_int_equal(path_set(&path, &err, "%s/", name), STATUS_LIMIT);
    assert_int_equal(strlen(path.text), PATH_BYTES_MAX - 1);
}

static void statuses_have_names_of_their_own(void **state)
{
    (void)state;
    assert_string_equal(status_name(STATUS_OK), "ok");
    for (int a = STATUS_OK; a <= STATUS_PERMISSION; a++) {
        assert_string_not_equal(status_name((enum status)a), "?");
        for (int b = STATUS_OK; b < a; b++)
            assert_string_not_equal(status_name((enum status)a), status_name((enum status)b));
    }
}

/* What a prefix leaves no room for is cut at a character too. */
static void long_prefix_is_cut_at_a_character(void **state)
{
    char euro[3 * 400 + 1];
    struct err err;
    (void)state;
    for (size_t i = 0; i < 400; i++)
        memcpy(euro + 3 * i, "\xE2\x82\xAC", 3);
    euro[1200] = '\0';
    assert_int_equal(err_set(&err, STATUS_INPUT, "what was wrong"), STATUS_INPUT);
    err_prefix(&err, "%s", euro);
    assert_int_equal(strlen(err.text), 3 * ((ERR_TEXT_BYTES - 1) / 3));
    assert_int_equal(err.status, STATUS_INPUT);
}

static int breaks(void *context)
{
    (void)context;
    invariant(1 + 1 == 3);
    return 0;
}

static void a_broken_invariant_ends_the_program(void **state)
{
    (void)state;
    assert_int_equal(folder_child(breaks, NULL), 1000 + SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_names_place_and_keeps_status),
        cmocka_unit_test(long_text_is_cut_at_a_character),
        cmocka_unit_test(hash_hex_is_strict),
        cmocka_unit_test(every_failure_has_its_class_and_remedy),
        cmocka_unit_test(a_path_is_whole_or_refused),
        cmocka_unit_test(statuses_have_names_of_their_own),
        cmocka_unit_test(long_prefix_is_cut_at_a_character),
        cmocka_unit_test(a_broken_invariant_ends_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

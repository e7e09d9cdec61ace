/*
 * What a person writes becomes an exact amount or an error that says what to write; statements in files and receipts keep
 * what they were given and notice when it was changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/compose.h"
#include "cli/present.h"
#include "cli/session.h"
#include "cli/statement_file.h"
#include "ledger/keyfile.h"
#include "ledger/sshsig.h"
#include "tests/support/scratch.h"

static void amounts_are_exact(void **state)
{
    (void)state;
    static const char *const good[][3] = {
        {"1200.00", "USD", "1200.00"},
        {"1200", "USD", "1200.00"},
        {"0.5", "USD", "0.50"},
        {"-3.1", "USD", "-3.10"},
        {"7", "JPY", "7"},
        {"1.5", "KWD", "1.500"},
        {"92233720368547758.07", "USD", "92233720368547758.07"},
    };
    static const char *const bad[][3] = {
        {"12,50", "USD", "use a dot, 12.50"},
        {"1,200.00", "USD", "leave the comma out, 1200.00"},
        {"1,200", "USD", "leave the comma out, 1200"},
        {"1,200", "JPY", "leave the comma out, 1200"},
        {"a,bcd", "USD", "leave the comma out, 1200.00"},
        {"1.234", "USD", "USD has 2 decimals"},
        {"1.5", "JPY", "JPY has 0 decimals"},
        {"1.", "USD", "digits have to follow"},
        {"+1", "USD", "amount '+1'"},
        {"1e3", "USD", "amount '1e3'"},
        {"01", "USD", "amount '01'"},
        {"", "USD", "amount is empty"},
        {" 1", "USD", "amount ' 1'"},
        {"-0", "USD", "amount '-0'"},
        {"92233720368547758.08", "USD", "92233720368547758.08"},
        {"1111111111111111111111111111111111", "USD", "too long"},
        {"1", "XXX", "no minor unit"},
        {"\x1b[1m", "USD", "\\x1B"},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char amount[MONEY_TEXT_MAX];
        struct err err = {0};
        assert_int_equal(compose_amount(good[i][0], good[i][1], amount, &err), STATUS_OK);
        assert_string_equal(amount, good[i][2]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char amount[MONEY_TEXT_MAX] = "untouched";
        struct err err = {0};
        assert_int_not_equal(compose_amount(bad[i][0], bad[i][1], amount, &err), STATUS_OK);
        if (strcasestr(err.text, bad[i][2]) == NULL)
            fail_msg("'%s': \"%s\" does not say \"%s\"", bad[i][0], err.text, bad[i][2]);
        assert_string_equal(amount, "untouched");
    }
}

static void times_have_three_forms(void **state)
{
    (void)state;
    int64_t ms = 0;
    struct err err = {0};
    assert_int_equal(session_read_time("2026-01-05", &ms, &err), STATUS_OK);
    assert_true(ms == INT64_C(1767571200000));
    assert_int_equal(session_read_time("2026-01-05T09:00:00Z", &ms, &err), STATUS_OK);
    assert_true(ms == INT64_C(1767603600000));
    assert_int_equal(session_read_time("2026-01-05T09:00:00.250Z", &ms, &err), STATUS_OK);
    assert_true(ms == INT64_C(1767603600250));
    static const char *const bad[] = {"",        "today", "2026-13-01", "2026-01-05 09:00", "2026-01-05T09:00:00+01:00",
                                      "2026-1-5"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(session_read_time(bad[i], &ms, &err), STATUS_INPUT);
}

static void small_pieces_are_shown(void **state)
{
    (void)state;
    char money[MONEY_SHOWN_BYTES], hash[HASH_SHOWN_BYTES], age[AGE_BYTES];
    present_money("1200.00", "USD", money);
    assert_string_equal(money, "1,200.00 USD");
    present_money("1200.00", NULL, money);
    assert_string_equal(money, "");
    present_minor(-123456, "USD", money);
    assert_string_equal(money, "-1,234.56 USD");
    present_hash("4b1f0c4444444444444444444444444444444444444444444444444444444477", hash);
    assert_string_equal(hash, "4b1f0c\xe2\x80\xa6"
                              "77");
    present_hash(NULL, hash);
    assert_string_equal(hash, "");
    present_age(0, age);
    assert_string_equal(age, "0 min");
    present_age(59 * 60000, age);
    assert_string_equal(age, "59 min");
    present_age(INT64_C(47) * 3600000, age);
    assert_string_equal(age, "47 h");
    present_age(INT64_C(48) * 3600000, age);
    assert_string_equal(age, "2 d");
}

/* A statement and a list with one signature over it. */
static void make_signed(struct statement *statement, struct signature_list *signatures)
{
    static const uint8_t seed[KEYFILE_SEED_BYTES] = {7};
    struct err err = {0};
    struct signer signer = {.context = NULL};
    uint8_t blob[SSHSIG_BYTES_MAX];
    size_t length = 0;
    json_t *body = json_pack("{s:[{s:s, s:s, s:s, s:i}]}", "items", "content",
                             "4b1f0c4444444444444444444444444444444444444444444444444444444477", "document", "CN-1",
                             "reason", "no", "version", 1);
    const struct statement_head head = {.verb = VERB_WITHDRAW,
                                        .actor = "maria",
                                        .book = "4b1f0c4444444444444444444444444444444444444444444444444444444477",
                                        .id = "S-1",
                                        .at_ms = 1};
    assert_int_equal(statement_make(&head, body, statement, &err), STATUS_OK);
    json_decref(body);
    assert_int_equal(keyfile_open_seed(seed, &signer, &err), STATUS_OK);
    assert_int_equal(sshsig_sign(&signer, statement->bytes, statement->length, blob, &length, &err), STATUS_OK);
    signatures->count = 0;
    assert_int_equal(signature_list_add(signatures, slice_of(blob, length), &err), STATUS_OK);
    signer_close(&signer);
}

static void a_statement_in_a_file_stays_what_it_is(void **state)
{
    (void)state;
    struct scratch scratch;
    char path[SCRATCH_PATH_BYTES];
    struct statement statement, again;
    struct signature_list *signatures = calloc(2, sizeof *signatures);
    struct err err = {0};
    scratch_open(&scratch);
    scratch_path(&scratch, "statement.json", path);
    make_signed(&statement, &signatures[0]);
    assert_int_equal(statement_file_write(path, &statement, &signatures[0], false, &err), STATUS_OK);
    assert_int_equal(statement_file_write(path, &statement, &signatures[0], false, &err), STATUS_EXISTS);
    assert_int_equal(statement_file_write(path, &statement, &signatures[0], true, &err), STATUS_OK);
    assert_int_equal(statement_file_read(path, &again, &signatures[1], &err), STATUS_OK);
    assert_true(hash_equal(&statement.hash, &again.hash));
    assert_int_equal(signatures[1].count, 1);
    statement_done(&again);
    signatures[0].count = 0;
    assert_int_equal(statement_file_write(path, &statement, &signatures[0], true, &err), STATUS_OK);
    assert_int_equal(statement_file_read(path, &again, &signatures[1], &err), STATUS_OK);
    assert_int_equal(signatures[1].count, 0);
    statement_done(&again);
    assert_int_equal(statement_file_read("/nowhere/at/all", &again, &signatures[1], &err), STATUS_NOT_FOUND);
    statement_done(&statement);
    free(signatures);
    scratch_close(&scratch);
}

/* One letter of the statement, one of the signature, and things that are no such file. */
static void a_changed_file_is_refused(void **state)
{
    (void)state;
    static const char *const others[] = {"",
                                         "{}",
                                         "[]",
                                         "{\"signatures\":[],\"statement\":{}}",
                                         "{\"signatures\":[],\"statement\":{},\"x\":1}",
                                         "{\"statement\":{}}",
                                         "\xff"};
    struct scratch scratch;
    char path[SCRATCH_PATH_BYTES], bytes[8192];
    struct statement statement, again;
    struct signature_list *signatures = calloc(2, sizeof *signatures);
    struct err err = {0};
    scratch_open(&scratch);
    scratch_path(&scratch, "statement.json", path);
    make_signed(&statement, &signatures[0]);
    assert_int_equal(statement_file_write(path, &statement, &signatures[0], false, &err), STATUS_OK);
    long length = scratch_read(&scratch, "statement.json", bytes, sizeof bytes);
    assert_true(length > 0 && bytes[length - 1] == '\n');
    char *reason = strstr(bytes, "\"no\"");
    assert_non_null(reason);
    reason[2] = 'x';
    scratch_write(&scratch, "statement.json", bytes, (size_t)length);
    assert_int_equal(statement_file_read(path, &again, &signatures[1], &err), STATUS_SIGNATURE);
    reason[2] = 'o';
    char *signature = strstr(bytes, "signatures\":[\"");
    assert_non_null(signature);
    signature[14 + 200] = signature[14 + 200] == 'A' ? 'B' : 'A';
    scratch_write(&scratch, "statement.json", bytes, (size_t)length);
    assert_int_not_equal(statement_file_read(path, &again, &signatures[1], &err), STATUS_OK);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        scratch_write(&scratch, "statement.json", others[i], strlen(others[i]));
        assert_int_equal(statement_file_read(path, &again, &signatures[1], &err), STATUS_INPUT);
        assert_non_null(strstr(err.text, "statement.json"));
    }
    statement_done(&statement);
    free(signatures);
    scratch_close(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_exact),         cmocka_unit_test(times_have_three_forms),
        cmocka_unit_test(small_pieces_are_shown),    cmocka_unit_test(a_statement_in_a_file_stays_what_it_is),
        cmocka_unit_test(a_changed_file_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

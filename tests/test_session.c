/*
 * What an approver is shown comes from the bytes that the preparer signed: a record that was changed in the books, with a
 * good checksum and all, is neither shown nor signed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/cli.h"
#include "controls/gate.h"
#include "ledger/books_open.h"
#include "ledger/schema.h"
#include "ledger/tables.h"
#include "tests/support/cli_stub.h"
#include "tests/support/company.h"

/* A document that waits for level 1; its number. */
static const char *waiting_document(struct company *company, char number[static 32])
{
    json_t *result = company_submit(company, "maria", company_credit_note(company, "16446", "581483", "1200.00"));
    assert_string_equal(result_outcome(result), "waiting");
    snprintf(number, 32, "%s", result_number(result));
    json_decref(result);
    return number;
}

/* Changes a text in the document's record, past the gate. */
static void change_record(struct company *company, const char *number, const char *member, const char *text)
{
    struct tables_txn *txn = NULL;
    json_t *record = NULL;
    struct err err = {0};
    struct books_key key = books_key(number);
    assert_int_equal(tables_write_begin(gate_books(company->gate)->tables, &txn, &err), STATUS_OK);
    assert_int_equal(books_get(txn, BOOKS_DOCUMENTS, &key, &record, &err), STATUS_OK);
    json_t *where = json_object_get(record, member) != NULL ? record : json_object_get(record, "document");
    assert_int_equal(json_object_set_new(where, member, json_string(text)), 0);
    assert_int_equal(books_put(txn, BOOKS_DOCUMENTS, &key, record, &err), STATUS_OK);
    assert_int_equal(tables_commit(txn, &err), STATUS_OK);
    json_decref(record);
}

/* Runs a command on the company's book, whose own gate is closed meanwhile. */
static int run_on(struct company *company, struct cli_stub *stub, const char *const words[])
{
    gate_close(company->gate);
    company->gate = NULL;
    cli_stub_clear(stub);
    stub->cli.environment.book = company->book;
    stub->cli.environment.user = "ana";
    int answered = cli_stub_run(stub, words);
    company_reopen(company);
    return answered;
}

static void a_changed_record_is_not_shown(void **state)
{
    (void)state;
    static const char *const changes[][2] = {
        {"content", "4b1f0c4444444444444444444444444444444444444444444444444444444477"},
        {"amount", "12.00"},
        {"note", "all agreed"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct company company = {.keep = false};
        struct cli_stub stub;
        char number[32];
        company_open(&company, NULL);
        company.unchecked = true; /* its books are changed on purpose */
        cli_stub_init(&stub);
        waiting_document(&company, number);
        const char *const show[] = {"show", number, NULL};
        const char *const approve[] = {"approve", number, "--dry-run", NULL};
        const char *const inbox[] = {"inbox", NULL};
        assert_int_equal(run_on(&company, &stub, show), EXIT_DONE);
        assert_non_null(strstr(cli_stub_out(&stub), "1,200.00 USD"));
        assert_int_equal(run_on(&company, &stub, approve), EXIT_DONE);
        assert_non_null(strstr(cli_stub_out(&stub), "You sign this content"));
        change_record(&company, number, changes[i][0], changes[i][1]);
        assert_int_equal(run_on(&company, &stub, show), EXIT_INTEGRITY);
        assert_non_null(strstr(cli_stub_err(&stub), "run rebuild"));
        assert_int_equal(run_on(&company, &stub, approve), EXIT_INTEGRITY);
        assert_null(strstr(cli_stub_out(&stub), "You sign this content"));
        assert_int_equal(run_on(&company, &stub, inbox), EXIT_INTEGRITY);
        cli_stub_done(&stub);
        company_close(&company);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_changed_record_is_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

/*
 * What leaves a book for others: stretches of entries, files of the Audit Data Standards, text on its way into a sink; findings
 * beyond those told apart, and programs that are called.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/emit.h"
#include "audit/export/ads.h"
#include "audit/export/export.h"
#include "audit/findings.h"
#include "audit/period.h"
#include "audit/sql/sql.h"
#include "audit/tool.h"
#include "ledger/journal.h"
#include "ledger/journal_layout.h"
#include "tests/support/company.h"
#include "tests/support/small_book.h"

struct kept {
    size_t calls, length;
    enum status status; /* what is answered */
    char text[1 << 16];
};

static enum status keep(void *context, struct slice bytes, struct err *err)
{
    struct kept *kept = context;
    kept->calls++;
    if (kept->status != STATUS_OK)
        return err_set(err, kept->status, "the disk is full");
    assert_in_range(kept->length + bytes.length, 0, sizeof kept->text - 1);
    memcpy(kept->text + kept->length, bytes.bytes, bytes.length);
    kept->length += bytes.length;
    kept->text[kept->length] = '\0';
    return STATUS_OK;
}

static void entries_of_a_stretch(void **state)
{
    static struct kept kept;
    struct small_book book;
    struct journal *journal = NULL;
    struct export_told told;
    struct err err = {.status = STATUS_OK};
    const struct journal_options read_only = {.read_only = true};
    const struct export_sink sink = {.write = keep, .context = &kept};
    const struct journal_key key = journal_key_of(5);
    (void)state;
    small_book_make(&book);
    assert_int_equal(journal_open(book.dir, &read_only, &journal, &err), STATUS_OK);
    assert_int_equal(export_entries(journal, 5, 4, &sink, &told, &err), STATUS_INPUT);
    assert_string_equal(err.text, "entries 5 to 4: the second is before the first");
    assert_int_equal(export_entries(journal, SMALL_ENTRIES, UINT64_MAX, &sink, &told, &err), STATUS_INPUT);
    assert_string_equal(err.text, "there is no entry 15");
    assert_int_equal(kept.length, 0);
    assert_int_equal(export_entries(journal, 4, 6, &sink, &told, &err), STATUS_OK);
    assert_int_equal(told.count, 3);
    assert_int_equal(told.changed, 0);
    journal_close(journal);
    /* A book from which one was cut out is not opened at all. */
    raw_delete(&book, false, JOURNAL_ENTRIES, slice_of(key.bytes, sizeof key.bytes));
    assert_int_equal(journal_open(book.dir, &read_only, &journal, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "has 14 entries but 15 leaves in its tree"));
    /* With another in its place somewhere else it is, and the next one tells. */
    raw_entry_put(&book, 40, "{}", 2);
    assert_int_equal(journal_open(book.dir, &read_only, &journal, &err), STATUS_OK);
    assert_int_equal(export_entries(journal, 4, 7, &sink, &told, &err), STATUS_OK);
    assert_int_equal(told.count, 3);
    assert_int_equal(told.changed, 1);
    assert_int_equal(told.first_changed, 6);
    journal_close(journal);
    small_book_free(&book);
}

static enum status file_open(void *context, const char *name, struct export_sink *ret_sink, struct err *err)
{
    (void)name;
    (void)err;
    *ret_sink = (struct export_sink){.write = keep, .context = context};
    return STATUS_OK;
}

static enum status file_close(void *context, enum status status, struct err *err)
{
    (void)context;
    (void)err;
    return status;
}

/* A note that a spreadsheet would run, with the equals sign of a wide font, is text in the files too. */
static void standard_files_hold_no_formulas(void **state)
{
    static struct kept kept;
    struct company company = {.keep = false};
    struct sql *sql = NULL;
    struct audit_period period;
    struct err err = {.status = STATUS_OK};
    const struct sql_options options = {.release = "1", .exe = "0"};
    (void)state;
    company_open(&company, NULL);
    json_t *note = company_credit_note(&company, "16446", "581483", "10.00");
    free(company_post(&company, "maria",
                      company_with(note, "note",
                                   json_string("\xEF\xBC\x9D"
                                               "1+1")),
                      0));
    assert_int_equal(sql_build(gate_books(company.gate)->journal, &options, &sql, &err), STATUS_OK);
    assert_int_equal(audit_period_parse("2020-01-01..2030-12-31", FISCAL_UNKNOWN, &period, &err), STATUS_OK);
    const struct ads_folder folder = {.open = file_open, .close = file_close, .context = &kept};
    struct ads_ask ask = {
        .entity = "US01", .period = &period, .by = "book-key", .signer = &company_user(&company, "book-key")->signer};
    if (ads_write(sql, &ask, &folder, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    assert_non_null(strstr(kept.text, "'\xEF\xBC\x9D"
                                      "1+1"));
    assert_null(strstr(kept.text, "|\xEF\xBC\x9D"
                                  "1+1"));
    ask.entity = "XX99";
    kept.length = 0;
    assert_int_equal(ads_write(sql, &ask, &folder, &err), STATUS_NOT_FOUND);
    assert_string_equal(err.text, "entity XX99: the book has none of that name");
    assert_int_equal(kept.length, 0);
    sql_close(sql);
    company_close(&company);
}

/* What failed once is not asked again, however much more comes. */
static void the_first_failure_of_a_sink_sticks(void **state)
{
    static struct kept kept = {.status = STATUS_FULL};
    static char more[2 * EMIT_BUFFER_BYTES + 1];
    static struct emit emit;
    const struct export_sink sink = {.write = keep, .context = &kept};
    struct err err = {.status = STATUS_OK};
    (void)state;
    memset(more, 'x', sizeof more - 1);
    emit_begin(&emit, &sink);
    emit_raw(&emit, "begun");
    emit_flush(&emit);
    emit_raw(&emit, more);
    emit_raw(&emit, "end");
    assert_int_equal(emit_end(&emit, &err), STATUS_FULL);
    assert_string_equal(err.text, "the disk is full");
    assert_int_equal(kept.calls, 1);
}

/* So many entries are told apart; those beyond count each time, and none is lost. */
static void more_bad_entries_than_are_told_apart(void **state)
{
    struct finding_list list;
    (void)state;
    finding_list_init(&list, NULL, NULL);
    for (int twice = 0; twice < 2; twice++)
        for (uint64_t seq = 0; seq < FINDING_ENTRIES_MAX + 2; seq++)
            finding_at(&list, CHECK_SIGNATURES, seq, "bad");
    assert_int_equal(list.count, 2 * (FINDING_ENTRIES_MAX + 2));
    assert_int_equal(list.bad_entries, FINDING_ENTRIES_MAX + 4);
    assert_true(finding_list_has(&list, FINDING_ENTRIES_MAX - 1));
    assert_false(finding_list_has(&list, FINDING_ENTRIES_MAX));
    assert_int_equal(list.seq_count, FINDING_ENTRIES_MAX);
    finding_list_done(&list);
}

static void programs_are_named_by_their_absolute_path(void **state)
{
    static const char *const arguments[] = {"true", NULL};
    uint8_t room[8];
    struct tool_answer answer = {.output = room, .output_max = sizeof room};
    const struct tool_call call = {.path = "bin/true", .arguments = arguments, .wait_ms = 1000};
    struct err err = {.status = STATUS_OK};
    (void)state;
    assert_int_equal(tool_run(&call, &answer, &err), STATUS_INPUT);
    assert_string_equal(err.text, "bin/true: a program is named by its absolute path");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_of_a_stretch),
        cmocka_unit_test(standard_files_hold_no_formulas),
        cmocka_unit_test(the_first_failure_of_a_sink_sticks),
        cmocka_unit_test(more_bad_entries_than_are_told_apart),
        cmocka_unit_test(programs_are_named_by_their_absolute_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

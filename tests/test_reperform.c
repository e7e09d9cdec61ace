/*
 * Re-performance shows each decision as it was and as it comes out now, by the replay that verification uses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/verify/verify.h"
#include "cli/cli.h"
#include "ledger/schema.h"
#include "tests/support/cli_stub.h"
#include "tests/support/small_book.h"

enum { ROWS_MAX = 64 };

/* What a run printed with --json. */
struct answer {
    json_t *rows[ROWS_MAX];
    size_t count;
    json_t *totals;
    int status;
};

static void answer_free(struct answer *answer)
{
    for (size_t i = 0; i < answer->count; i++)
        json_decref(answer->rows[i]);
    json_decref(answer->totals);
    *answer = (struct answer){.count = 0};
}

static void ask(const struct small_book *book, const char *const more[], struct answer *answer)
{
    struct cli_stub stub;
    const char *words[16] = {"audit", "reperform", "--json", "--book", book->dir};
    for (size_t i = 0; more[i] != NULL; i++)
        words[5 + i] = more[i];
    *answer = (struct answer){.count = 0};
    cli_stub_init(&stub);
    answer->status = cli_stub_run(&stub, words);
    for (const char *line = cli_stub_out(&stub); *line != '\0'; line = strchr(line, '\n') + 1) {
        json_t *row = json_loadb(line, strcspn(line, "\n"), 0, NULL);
        assert_non_null(row);
        if (json_object_get(row, "totals") != NULL) {
            answer->totals = json_incref(json_object_get(row, "totals"));
            json_decref(row);
        } else {
            assert_true(answer->count < ROWS_MAX);
            answer->rows[answer->count++] = row;
        }
    }
    assert_non_null(answer->totals);
    cli_stub_done(&stub);
}

static int64_t total(const struct answer *answer, const char *name)
{
    return member_integer(answer->totals, name);
}

static void forge(const struct small_book *book, uint64_t seq, const char *old, const char *new)
{
    size_t length = 0;
    char *bytes = raw_entry(book, seq, &length);
    char *at = strstr(bytes, old);
    if (at == NULL)
        fail_msg("entry %d has no %s: %s", (int)seq, old, bytes);
    char *forged = malloc(length + strlen(new) + 1);
    int used = sprintf(forged, "%.*s%s%s", (int)(at - bytes), bytes, new, at + strlen(old));
    raw_entry_put(book, seq, forged, (size_t)used);
    raw_rechain(book, seq, book->head_seq + 1);
    free(forged);
    free(bytes);
}

static void what_is_right_comes_out_the_same(void **state)
{
    struct small_book book;
    struct answer answer;
    (void)state;
    small_book_make(&book);
    ask(&book, (const char *const[]){NULL}, &answer);
    assert_int_equal(answer.status, EXIT_DONE);
    assert_int_equal(answer.count, 0); /* only what differs is shown */
    assert_int_equal(total(&answer, "entries"), SMALL_ENTRIES);
    assert_int_equal(total(&answer, "differ"), 0);
    assert_int_equal(total(&answer, "selected"), total(&answer, "decisions"));
    int64_t decisions = total(&answer, "decisions");
    answer_free(&answer);

    ask(&book, (const char *const[]){"--all", NULL}, &answer);
    assert_int_equal(answer.count, decisions);
    assert_int_equal(answer.status, EXIT_DONE);
    for (size_t i = 0; i < answer.count; i++) {
        assert_true(json_is_true(json_object_get(answer.rows[i], "same")));
        assert_true(json_equal(json_object_get(answer.rows[i], "then"), json_object_get(answer.rows[i], "now")));
    }
    answer_free(&answer);
    small_book_free(&book);
}

static void what_is_shown_can_be_narrowed(void **state)
{
    struct small_book book;
    struct answer answer;
    (void)state;
    small_book_make(&book);
    ask(&book, (const char *const[]){"--all", "--document", "CN-2", NULL}, &answer);
    assert_int_equal(answer.count, 2);
    assert_int_equal(member_integer(answer.rows[0], "entry"), 8);
    assert_string_equal(member_text(answer.rows[0], "do"), "submit");
    assert_string_equal(member_text(json_object_get(answer.rows[0], "then"), "outcome"), "waiting");
    assert_int_equal(member_integer(answer.rows[1], "entry"), 9);
    assert_string_equal(member_text(answer.rows[1], "do"), "approve");
    assert_string_equal(member_text(json_object_get(answer.rows[1], "now"), "outcome"), "posted");
    assert_int_equal(total(&answer, "selected"), 2);
    assert_int_equal(total(&answer, "entries"), SMALL_ENTRIES); /* decided all the same */
    answer_free(&answer);

    ask(&book, (const char *const[]){"--all", "--from", "10", "--to", "11", NULL}, &answer);
    assert_int_equal(answer.count, 2);
    answer_free(&answer);

    ask(&book, (const char *const[]){"--all", "--control", "C-01", NULL}, &answer);
    assert_int_equal(answer.count, 1); /* maria would have approved her own */
    assert_int_equal(member_integer(answer.rows[0], "entry"), 11);
    json_t *counts = json_object_get(json_object_get(answer.totals, "controls"), "C-01");
    assert_int_equal(member_integer(counts, "then"), 1);
    assert_int_equal(member_integer(counts, "now"), 1);
    answer_free(&answer);

    /* The atomic statement: each of its documents by itself. */
    ask(&book, (const char *const[]){"--all", "--from", "13", "--to", "13", NULL}, &answer);
    assert_int_equal(answer.count, 2);
    assert_int_equal(member_integer(answer.rows[1], "index"), 1);
    answer_free(&answer);
    small_book_free(&book);
}

static void what_was_decided_otherwise_is_shown_with_both(void **state)
{
    struct small_book book;
    struct answer answer;
    const json_t *counts = NULL;
    (void)state;
    small_book_make(&book);
    forge(&book, 11, "\"outcome\":\"refused\"", "\"outcome\":\"posted\"");
    ask(&book, (const char *const[]){NULL}, &answer);
    assert_int_equal(answer.status, EXIT_INTEGRITY);
    assert_true(answer.count >= 1);
    assert_int_equal(member_integer(answer.rows[0], "entry"), 11);
    assert_string_equal(member_text(answer.rows[0], "document"), "CN-3");
    assert_string_equal(member_text(json_object_get(answer.rows[0], "then"), "outcome"), "posted");
    assert_string_equal(member_text(json_object_get(answer.rows[0], "now"), "outcome"), "refused");
    assert_non_null(strstr(member_text(answer.rows[0], "why"), "CN-3 has to be refused by C-"));
    answer_free(&answer);
    /* What is shown is narrowed, whether anything differs is not. */
    ask(&book, (const char *const[]){"--to", "5", NULL}, &answer);
    assert_int_equal(answer.count, 0);
    assert_true(total(&answer, "differ") >= 1);
    assert_int_equal(answer.status, EXIT_INTEGRITY);
    answer_free(&answer);
    small_book_free(&book);

    /* Which policy was in force concerns the statement, not one of its results. */
    small_book_make(&book);
    forge(&book, 7, "\"engine\":1", "\"engine\":0");
    ask(&book, (const char *const[]){NULL}, &answer);
    assert_int_equal(answer.status, EXIT_INTEGRITY);
    assert_int_equal(total(&answer, "first"), 7); /* the others follow from it */
    assert_non_null(strstr(member_text(answer.rows[0], "why"), "decided by engine 1, recorded is engine 0"));
    answer_free(&answer);
    small_book_free(&book);

    /* A statement that was refused as a whole has no results. */
    small_book_make(&book);
    small_book_open(&book);
    json_t *documents =
        json_pack("{s:b, s:[{s:s, s:s, s:s, s:s, s:[s], s:s}]}", "atomic", 0, "documents", "channel", "cli", "kind",
                  "grant", "ref", "R-900", "role", "AUDITOR", "entities", "US01", "user", "ana");
    json_decref(small_book_submit(&book, USER_OFFICER_1, VERB_SUBMIT, documents, 1U << USER_MARIA));
    small_book_close(&book);
    forge(&book, SMALL_ENTRIES, "foreign-signature", "key-not-valid");
    ask(&book, (const char *const[]){NULL}, &answer);
    assert_int_equal(answer.status, EXIT_INTEGRITY);
    assert_int_equal(answer.count, 1);
    assert_int_equal(member_integer(answer.rows[0], "entry"), SMALL_ENTRIES);
    assert_string_equal(member_text(answer.rows[0], "why"),
                        "the statement: C-52 answered foreign-signature, recorded is key-not-valid");
    answer_free(&answer);
    small_book_free(&book);

    /* A control that no engine has is counted with the others of its sort; of too many answers the rest are counted. */
    small_book_make(&book);
    char more[8192] = "";
    for (size_t i = 0, used = 0; i <= REPERFORM_ANSWERS_MAX; i++)
        used += (size_t)snprintf(more + used, sizeof more - used,
                                 "{\"answer\":\"flag\",\"code\":\"x\",\"control\":\"%s\"},", i == 0 ? "C-97x" : "C-98");
    more[strlen(more) - 1] = '\0';
    char controls[sizeof more + 32];
    snprintf(controls, sizeof controls, "\"controls\":[%s],\"document\"", more);
    forge(&book, 7, "\"controls\":[],\"document\"", controls);
    ask(&book, (const char *const[]){NULL}, &answer);
    assert_int_equal(answer.status, EXIT_INTEGRITY);
    assert_int_equal(member_integer(answer.rows[0], "entry"), 7);
    const json_t *then = json_object_get(answer.rows[0], "then");
    assert_int_equal(json_array_size(json_object_get(then, "answers")), REPERFORM_ANSWERS_MAX);
    assert_int_equal(member_integer(then, "more"), 1);
    counts = json_object_get(answer.totals, "controls");
    assert_int_equal(member_integer(json_object_get(counts, "other"), "then"), 1);
    assert_null(json_object_get(counts, "C-97"));
    assert_int_equal(member_integer(json_object_get(counts, "C-98"), "then"), 1);
    assert_int_equal(member_integer(json_object_get(counts, "C-98"), "now"), 0);
    answer_free(&answer);
    small_book_free(&book);

    /* Without a policy that can be read nothing comes out. */
    small_book_make(&book);
    forge(&book, 0, "\"compiled\":{", "\"compiled\":{\"0\":0,");
    ask(&book, (const char *const[]){"--to", "1", NULL}, &answer);
    assert_int_equal(answer.status, EXIT_INTEGRITY);
    assert_int_equal(answer.count, 5);
    assert_int_equal(answer.count, total(&answer, "selected"));
    for (size_t i = 0; i < answer.count; i++) {
        assert_null(json_object_get(answer.rows[i], "now"));
        assert_string_equal(member_text(answer.rows[i], "why"), "cannot be decided again: policy: unknown member '0'");
    }
    answer_free(&answer);
    small_book_free(&book);

    /* An entry that is none any more is not decided, and said. */
    small_book_make(&book);
    size_t length = 0;
    char *bytes = raw_entry(&book, 12, &length);
    bytes[0] = '[';
    raw_entry_put(&book, 12, bytes, length);
    free(bytes);
    struct cli_stub stub;
    cli_stub_init(&stub);
    const char *const words[] = {"audit", "reperform", "--book", book.dir, NULL};
    assert_int_equal(cli_stub_run(&stub, words), EXIT_INTEGRITY);
    assert_non_null(strstr(cli_stub_out(&stub), "on 14 of 15 entries"));
    assert_non_null(strstr(cli_stub_out(&stub), "1 entry could not be taken apart"));
    assert_non_null(strstr(cli_stub_out(&stub), "countersign audit verify tells them"));
    cli_stub_done(&stub);
    small_book_free(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_right_comes_out_the_same),
        cmocka_unit_test(what_is_shown_can_be_narrowed),
        cmocka_unit_test(what_was_decided_otherwise_is_shown_with_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The files of a book's stores cut off, at each border of a page and at places within: no reader answers as if nothing were missing
 * but where nothing is, none ends by a signal, and verification finds every cut of the journal.
 *
 * TAMPER=all takes every place (make tampering), else a sample.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/output.h"
#include "tests/support/tampered.h"

enum { PAGE_BYTES = 4096 };

static struct tampered tampered;

/* Where in a page: at its border, behind its head, at its pointers, in its middle, before its last byte. */
static const size_t places[] = {0, 1, 16, 40, PAGE_BYTES / 2, PAGE_BYTES - 1};

/* Verification may have nothing to say of books that can be made anew, but it does not call them checked. */
static bool verify_is_fair(const char *title)
{
    flipped_book_lay(&tampered.flipped);
    flipped_book_ask(&tampered.flipped, ASK_VERIFY);
    tampered.asked++;
    enum flipped_outcome outcome = flipped_book_judge(&tampered.flipped, ASK_VERIFY);
    const struct flipped_answer *now = tampered.flipped.now;
    if (outcome == OUTCOME_WRONG && now->status == EXIT_DONE && strstr(now->out, "\"books\":\"not checked\"") != NULL &&
        strstr(now->out, "there are no books") != NULL)
        outcome = OUTCOME_WORD;
    tampered.outcomes[ASK_VERIFY][outcome]++;
    if (outcome >= OUTCOME_WRONG)
        tampered_tell(&tampered, title, ASK_VERIFY);
    return outcome < OUTCOME_WRONG;
}

/* Everybody is asked about what lies there. must_tell: verification has to miss what is gone. */
static bool ask_all(const char *title, bool must_tell)
{
    tampered.cases++;
    bool good = must_tell ? tampered_verify_finds(&tampered, title, -1) : verify_is_fair(title);
    return tampered_readers_say(&tampered, title, true, false) && good;
}

static bool cut_and_ask(const char *name, size_t length, bool must_tell)
{
    char title[160];
    snprintf(title, sizeof title, "%s cut to %zu bytes", name, length);
    flipped_book_restore(&tampered.flipped);
    flipped_file(&tampered.flipped, name)->length = length;
    return ask_all(title, must_tell);
}

static void cut_everywhere(const char *name, bool must_tell, unsigned long each)
{
    const size_t whole = flipped_file(&tampered.flipped, name)->length;
    unsigned long bad = 0, number = 0;
    assert_true(whole % PAGE_BYTES == 0 && whole > 2 * PAGE_BYTES);
    for (size_t page = 0; page < whole; page += PAGE_BYTES)
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
            if (tampered_takes(number++, each))
                bad += !cut_and_ask(name, page + places[i], must_tell);
    assert_int_equal(bad, 0);
}

/* What a journal ends with is its newest entries: one that is too short is not a shorter journal. */
static void a_cut_journal_is_missed(void **state)
{
    (void)state;
    cut_everywhere("journal/data.mdb", true, 67);
}

/* The books can be made anew of the journal, and are, or it is said. */
static void cut_books_answer_nothing_else(void **state)
{
    (void)state;
    cut_everywhere("books/data.mdb", false, 131);
}

/* Without its file there is no journal, and nobody begins an empty one in its place. */
static void a_journal_that_is_gone_is_missed(void **state)
{
    (void)state;
    flipped_book_restore(&tampered.flipped);
    flipped_file(&tampered.flipped, "journal/data.mdb")->gone = true;
    tampered.cases++;
    for (enum flipped_question question = 0; question < ASK_VERIFY_AFTER; question++) {
        flipped_book_lay(&tampered.flipped);
        flipped_book_ask(&tampered.flipped, question);
        tampered.asked++;
        tampered.outcomes[question][OUTCOME_WORD]++;
        assert_int_equal(tampered.flipped.now->status, EXIT_USAGE);
        assert_non_null(strstr(tampered.flipped.now->err, "journal/data.mdb: open: No such file"));
    }
}

static void books_that_are_gone_are_made_anew(void **state)
{
    (void)state;
    flipped_book_restore(&tampered.flipped);
    flipped_file(&tampered.flipped, "books/data.mdb")->gone = true;
    assert_true(ask_all("books/data.mdb is gone", false));
}

/* Who reads stands in there, and nothing else: whoever comes first begins it anew. */
static void what_is_left_of_lock_files_changes_no_answer(void **state)
{
    static const char *const names[] = {"journal/lock.mdb", "books/lock.mdb"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const size_t cuts[] = {0, 1, 64, flipped_file(&tampered.flipped, names[i])->length};
        for (size_t j = 0; j < sizeof cuts / sizeof cuts[0]; j++) {
            if (!tampered_takes(i * 4 + j, 5))
                continue;
            flipped_book_restore(&tampered.flipped);
            flipped_file(&tampered.flipped, names[i])->length = cuts[j];
            flipped_file(&tampered.flipped, names[i])->hole = 0;
            for (enum flipped_question question = 0; question < ASK_VERIFY_AFTER; question++) {
                flipped_book_lay(&tampered.flipped);
                flipped_book_ask(&tampered.flipped, question);
                tampered.asked++;
                enum flipped_outcome outcome = flipped_book_judge(&tampered.flipped, question);
                tampered.outcomes[question][outcome]++;
                if (outcome != OUTCOME_SAME)
                    tampered_tell(&tampered, names[i], question);
                assert_int_equal(outcome, OUTCOME_SAME);
            }
            tampered.cases++;
        }
    }
}

static int set_up(void **state)
{
    (void)state;
    flipped_book_make(&tampered.flipped);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tampered_tally(&tampered);
    flipped_book_free(&tampered.flipped);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_journal_is_missed),
        cmocka_unit_test(cut_books_answer_nothing_else),
        cmocka_unit_test(a_journal_that_is_gone_is_missed),
        cmocka_unit_test(books_that_are_gone_are_made_anew),
        cmocka_unit_test(what_is_left_of_lock_files_changes_no_answer),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down) != 0;
}

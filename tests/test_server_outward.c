/*
 * What a server's client is told of an error: the status always, what to do always, the book's directory never.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/server/outward.h"

#define DIR "/srv/books of ours/ar"

static struct err told_of(enum status status, const char *text, bool withheld)
{
    struct err err, told;
    (void)!err_set(&err, status, "%s", text);
    assert_int_equal(outward_tell(&err, DIR, &told), withheld);
    assert_int_equal(told.status, status);
    assert_null(strstr(told.text, "/srv"));
    return told;
}

static void what_names_no_file_stays(void **state)
{
    static const char *const texts[] = {"amount: '12,50': use a dot", "the table 'srv/books' is none",
                                        "a /path of the user's", "maria may not read this record", ""};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        for (int status = STATUS_INPUT; status <= STATUS_PERMISSION; status++) {
            if (status != STATUS_FULL && status != STATUS_IO)
                assert_string_equal(told_of((enum status)status, texts[i], false).text, texts[i]);
        }
}

static void faults_of_the_files_are_said_by_status(void **state)
{
    static const struct {
        enum status status;
        const char *text, *words;
    } rows[] = {
        {STATUS_IO, DIR "/journal/data.mdb: read: Input/output error", "tell whoever runs it"},
        {STATUS_IO, "evidence: write: Input/output error", "tell whoever runs it"},
        {STATUS_FULL, "evidence: write: No space left on device; free some space or raise the quota", "try again when"},
        {STATUS_FULL, DIR "/journal: commit: MDB_MAP_FULL; its map is full", "try again when"},
        {STATUS_CORRUPT, DIR ": seq 8: has the impossible length 0", "audit verify"},
        {STATUS_PERMISSION, DIR "/evidence/ab: open: Permission denied; the owner of the book must do this",
         "whoever runs it"},
        {STATUS_MEMORY, DIR ": no memory", "in a moment"},
        {STATUS_BUSY, "after a failed write: " DIR ": a command has the book open to write", "in a moment"},
        {STATUS_UNKNOWN, DIR "/journal: commit: Input/output error; whether it was written is open", "it is open"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_non_null(strstr(told_of(rows[i].status, rows[i].text, true).text, rows[i].words));
}

static void else_the_path_gives_way(void **state)
{
    (void)state;
    assert_string_equal(told_of(STATUS_EXISTS, DIR ": has 5 entries, and 7 were expected: look again", true).text,
                        "the book: has 5 entries, and 7 were expected: look again");
    assert_string_equal(told_of(STATUS_NOT_FOUND, DIR "/evidence/ab/abcd: open: No such file", true).text,
                        "the book: open: No such file");
    assert_string_equal(told_of(STATUS_NOT_FOUND, "neither '" DIR "/a' nor " DIR "/b", true).text,
                        "neither 'the book' nor the book");
    assert_string_equal(told_of(STATUS_INPUT, "see " DIR, true).text, "see the book");
}

/* A text that was cut may end in the middle of the directory: as much of it as there is, is kept back. */
static void a_path_that_was_cut_is_one(void **state)
{
    char text[ERR_TEXT_BYTES];
    (void)state;
    for (size_t kept = 1; kept < sizeof DIR - 1; kept++) {
        struct err err, told;
        memset(text, 'x', sizeof text);
        memcpy(text + sizeof text - 1 - kept, DIR, kept);
        text[sizeof text - 1] = '\0';
        (void)!err_set(&err, STATUS_LIMIT, "%s", text);
        assert_true(outward_tell(&err, DIR, &told));
        assert_null(strchr(told.text, '/'));
        (void)!err_set(&err, STATUS_LIMIT, "%s", text + 10); /* and where nothing was cut it is no path of ours */
        assert_false(outward_tell(&err, DIR, &told));
    }
}

/* A text is cut before a character that does not fit whole: up to three bytes sooner. */
static void a_cut_is_seen_before_a_wide_character(void **state)
{
    static const char dir[] = "/srv/\xF0\x9F\x93\x92/ar";
    char text[ERR_TEXT_BYTES + 8];
    (void)state;
    for (size_t fits = 0; fits < 4; fits++) {
        struct err err, told;
        memset(text, 'x', sizeof text);
        memcpy(text + ERR_TEXT_BYTES - 1 - fits - 5, dir, sizeof dir);
        (void)!err_set(&err, STATUS_LIMIT, "%s", text);
        assert_int_equal(strlen(err.text), ERR_TEXT_BYTES - 1 - fits);
        assert_true(outward_tell(&err, dir, &told));
        assert_null(strchr(told.text, '/'));
    }
}

static void without_a_directory_only_the_system_is_kept_back(void **state)
{
    static const char *const dirs[] = {NULL, "/", "relative"};
    struct err err, told;
    (void)state;
    for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++) {
        (void)!err_set(&err, STATUS_CORRUPT, "/ relative is no path here");
        assert_false(outward_tell(&err, dirs[i], &told));
        assert_string_equal(told.text, err.text);
        (void)!err_set(&err, STATUS_IO, "/etc/somewhere: read: Input/output error");
        assert_true(outward_tell(&err, dirs[i], &told));
        assert_null(strstr(told.text, "/etc"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_names_no_file_stays),
        cmocka_unit_test(faults_of_the_files_are_said_by_status),
        cmocka_unit_test(else_the_path_gives_way),
        cmocka_unit_test(a_path_that_was_cut_is_one),
        cmocka_unit_test(a_cut_is_seen_before_a_wide_character),
        cmocka_unit_test(without_a_directory_only_the_system_is_kept_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

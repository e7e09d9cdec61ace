/*
 * Verification finds what was changed and names it; what is whole it calls whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/child.h"
#include "audit/verify.h"
#include "tests/support/small_book.h"

struct heard {
    struct finding findings[400];
    size_t count;
};

static void hear(void *context, const struct finding *finding)
{
    struct heard *heard = context;
    if (heard->count < 400)
        heard->findings[heard->count++] = *finding;
}

static struct heard heard;
static struct verify_result result;

static void print_heard(void)
{
    for (size_t i = 0; i < heard.count; i++)
        print_message("  %s %lld: %s\n", finding_check_name(heard.findings[i].check),
                      heard.findings[i].has_seq ? (long long)heard.findings[i].seq : -1,
                      heard.findings[i].text);
}

/* In this process, so that a crash is seen where it happens. */
static void verify_with(const struct small_book *book, struct verify_options options)
{
    static unsigned number;
    char name[32], scratch[SCRATCH_PATH_BYTES];
    struct err err = {.status = STATUS_OK};
    snprintf(name, sizeof name, "replay-%u", number++);
    options.book_dir = book->dir;
    options.scratch_dir = scratch_path(&book->scratch, name, scratch);
    options.report = hear;
    options.context = &heard;
    heard.count = 0;
    enum status status = verify_book(&options, &result, &err);
    if (status != STATUS_OK)
        fail_msg("%s", err.text);
    if (!options.fast)
        scratch_run(&book->scratch, "rm -rf '%s'", scratch);
}

static void a_whole_book_is_good(void **state)
{
    struct small_book book;
    (void)state;
    small_book_make(&book);
    for (unsigned threads = 1; threads <= 3; threads++) {
        verify_with(&book, (struct verify_options){.threads = threads});
        print_heard();
        assert_int_equal(result.finding_count, 0);
        assert_true(result.complete);
        assert_true(result.redecided);
        assert_true(result.books_equal);
        assert_int_equal(result.entries, SMALL_ENTRIES);
        assert_int_equal(result.keys, 6);
    }
    small_book_free(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_book_is_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

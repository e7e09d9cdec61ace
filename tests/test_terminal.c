/*
 * What is printed cannot steer the terminal, columns stand under each other, and progress is seen by terminals only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/block.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "tests/support/cli_stub.h"

static void data_cannot_steer_the_terminal(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"plain, \xC3\xA9 \xE6\x97\xA5 \xF0\x9F\x98\x80 \\x1b", "plain, \xC3\xA9 \xE6\x97\xA5 \xF0\x9F\x98\x80 \\x1b"},
        {"\x1b[31mred", "<U+001B>[31mred"},
        {"a\r\n\tb\x7f", "a<U+000D><U+000A><U+0009>b<U+007F>"},
        {"\xC2\x9B"
         "31m",
         "<U+009B>31m"},
        {"1\xE2\x80\xAE"
         "2\xE2\x81\xA6\xE2\x80\x8F\xD8\x9C",
         "1<U+202E>2<U+2066><U+200F><U+061C>"},
        {"\xEF\xBB\xBF\xE2\x80\x8B\xE2\x80\xA8\xF3\xA0\x80\xA1", "<U+FEFF><U+200B><U+2028><U+E0021>"},
        {"\xC3", "<0xC3>"},
        {"\xC0\x80\xED\xA0\x80\xFF", "<0xC0><0x80><0xED><0xA0><0x80><0xFF>"},
        {"\xF4\x90\x80\x80", "<0xF4><0x90><0x80><0x80>"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char *escaped = terminal_escape(pairs[i][0]);
        assert_string_equal(escaped, pairs[i][1]);
        free(escaped);
    }
}

static void numbers_are_grouped(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"0", "0"},
        {"999", "999"},
        {"1000", "1,000"},
        {"-1200.00", "-1,200.00"},
        {"-123.4", "-123.4"},
        {"1234567.8901", "1,234,567.8901"},
        {"12,50", "12,50"},
        {"1e5", "1e5"},
        {"", ""},
        {"-", "-"},
        {"1.", "1."},
        {".5", ".5"},
    };
    char text[GROUPED_BYTES];
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        assert_string_equal(terminal_group_decimal(pairs[i][0], text), pairs[i][1]);
    assert_string_equal(terminal_group_integer(INT64_MIN, text), "-9,223,372,036,854,775,808");
    assert_string_equal(terminal_group_integer(12418, text), "12,418");
    char longest[GROUPED_BYTES + 1];
    memset(longest, '1', sizeof longest - 1);
    longest[GROUPED_BYTES] = '\0';
    assert_int_equal(strlen(terminal_group_decimal(longest, text)), GROUPED_BYTES - 1);
    longest[36] = '\0'; /* 36 digits and 11 commas fit, 37 and 12 do not */
    assert_int_equal(strlen(terminal_group_decimal(longest, text)), 47);
    longest[36] = '1';
    longest[37] = '\0';
    assert_string_equal(terminal_group_decimal(longest, text), longest);
}

static void colour_is_for_terminals_that_want_it(void **state)
{
    (void)state;
    struct cli_stub stub;
    cli_stub_init(&stub);
    terminal_print_styled(&stub.cli, stub.cli.out, STYLE_BAD, "BAD");
    assert_string_equal(cli_stub_out(&stub), "BAD");
    stub.cli.out_is_terminal = true;
    cli_stub_clear(&stub);
    terminal_print_styled(&stub.cli, stub.cli.out, STYLE_BAD, "B\x1b[0mAD");
    assert_string_equal(cli_stub_out(&stub), "\x1b[1;31mB<U+001B>[0mAD\x1b[0m");
    cli_stub_clear(&stub);
    terminal_print_styled(&stub.cli, stub.cli.err, STYLE_BAD, "BAD"); /* err is no terminal */
    assert_string_equal(cli_stub_err(&stub), "BAD");
    stub.cli.environment.no_color = "1";
    terminal_print_styled(&stub.cli, stub.cli.out, STYLE_BAD, "BAD");
    assert_string_equal(cli_stub_out(&stub), "BAD");
    stub.cli.environment.no_color = NULL;
    stub.cli.environment.term = "dumb";
    cli_stub_clear(&stub);
    terminal_print_styled(&stub.cli, stub.cli.out, STYLE_GOOD, "ok");
    assert_string_equal(cli_stub_out(&stub), "ok");
    cli_stub_done(&stub);
}

static void a_block_breaks_between_words(void **state)
{
    (void)state;
    struct cli_stub stub;
    struct err err;
    cli_stub_init(&stub);
    stub.cli.width = 30;
    struct block *block = block_new(&stub.cli);
    block_line(block, "because", "%s", "190.00 here makes 4,428.20 over 3");
    block_line(block, "x", "%s", "a-word-that-is-longer-than-the-line b");
    assert_int_equal(block_print(block, &err), STATUS_OK);
    assert_string_equal(cli_stub_out(&stub), "  because   190.00 here makes\n"
                                             "            4,428.20 over 3\n"
                                             "  x         a-word-that-is-longer-than-the-line\n"
                                             "            b\n");
    block_free(block);
    cli_stub_done(&stub);
}

static void a_block_is_aligned(void **state)
{
    (void)state;
    struct cli_stub stub;
    struct err err;
    cli_stub_init(&stub);
    struct block *block = block_new(&stub.cli);
    block_head(block, STYLE_STRONG, "CN-42", "credit note  %s USD", "1,200.00");
    block_line(block, "waits for", "level 1, level %d", 2);
    block_line(block, "could sign", "%s", "ana\x1b[1A");
    block_line(block, "entr\xC3\xA9", "%s", "signed");
    block_line(block, "", "%s", "");
    assert_int_equal(block_print(block, &err), STATUS_OK);
    assert_string_equal(cli_stub_out(&stub), "CN-42   credit note  1,200.00 USD\n"
                                             "  waits for    level 1, level 2\n"
                                             "  could sign   ana<U+001B>[1A\n"
                                             "  entr\xC3\xA9        signed\n"
                                             "  \n");
    cli_stub_clear(&stub);
    block_head(block, STYLE_PLAIN, "next", "%s", ""); /* a printed block is an empty one */
    assert_int_equal(block_print(block, &err), STATUS_OK);
    assert_string_equal(cli_stub_out(&stub), "next\n");
    block_free(block);
    block_head(NULL, STYLE_PLAIN, "x", "%s", "");
    block_line(NULL, "x", "%s", "");
    assert_int_equal(block_print(NULL, &err), STATUS_MEMORY);
    block_free(NULL);
    cli_stub_done(&stub);
}

static const struct column inbox[] = {{"DOCUMENT", 0}, {"AMOUNT", COLUMN_RIGHT}, {"FROM", COLUMN_CUT}, {"WHY", 0}, {0}};

static struct table *inbox_table(const struct cli *cli)
{
    struct table *table = table_new(cli, inbox);
    table_row(table, (const char *const[]){"WO-7", "4,120.55", "\xE6\x97\xA5\xE6\x9C\xAC", "level 2"});
    table_row(table, (const char *const[]){"CN-42", "12.00", "evil\x1b[8m\xE2\x80\xAE", NULL});
    table_cell(table, 3, "level %d", 1);
    table_style(table, 3, STYLE_WARN);
    return table;
}

static void a_table_is_aligned_and_harmless(void **state)
{
    (void)state;
    struct cli_stub stub;
    struct err err;
    cli_stub_init(&stub);
    struct table *table = inbox_table(&stub.cli);
    assert_int_equal(table_print(table, &err), STATUS_OK);
    assert_string_equal(cli_stub_out(&stub),
                        "DOCUMENT    AMOUNT  FROM                     WHY\n"
                        "WO-7      4,120.55  \xE6\x97\xA5\xE6\x9C\xAC                     level 2\n"
                        "CN-42        12.00  evil<U+001B>[8m<U+202E>  level 1\n");
    table_free(table);
    cli_stub_done(&stub);
}

static void a_table_on_a_terminal_has_colour_and_fits(void **state)
{
    (void)state;
    struct cli_stub stub;
    struct err err;
    cli_stub_init(&stub);
    stub.cli.out_is_terminal = true;
    stub.cli.width = 40;
    struct table *table = inbox_table(&stub.cli);
    assert_int_equal(table_print(table, &err), STATUS_OK);
    const char *text = cli_stub_out(&stub);
    assert_non_null(strstr(text, "\x1b[33mlevel 1"));
    assert_null(strstr(text, "<U+202E>")); /* cut */
    assert_null(strstr(text, "\x1b[8m"));
    table_free(table);
    cli_stub_done(&stub);
}

static void tables_may_lack_headings_or_rows(void **state)
{
    (void)state;
    static const struct column bare[] = {{"", 0}, {"", COLUMN_RIGHT}, {0}};
    struct cli_stub stub;
    struct err err;
    cli_stub_init(&stub);
    struct table *table = table_new(&stub.cli, bare);
    table_cell(table, 0, "%s", "no row yet");
    assert_int_equal(table_print(table, &err), STATUS_OK);
    assert_string_equal(cli_stub_out(&stub), "");
    table_row(table, (const char *const[]){"chain", "5"});
    table_row(table, (const char *const[]){"signatures", "12,431"});
    assert_int_equal(table_print(table, &err), STATUS_OK);
    assert_string_equal(cli_stub_out(&stub), "chain            5\nsignatures  12,431\n");
    table_free(table);
    table_row(NULL, NULL);
    table_cell(NULL, 0, "%s", "");
    table_style(NULL, 0, STYLE_BAD);
    assert_int_equal(table_print(NULL, &err), STATUS_MEMORY);
    table_free(NULL);
    cli_stub_done(&stub);
}

static void json_is_one_compact_sorted_line(void **state)
{
    (void)state;
    struct cli_stub stub;
    cli_stub_init(&stub);
    assert_int_equal(out_json(&stub.cli, json_pack("{s:i, s:s}", "b", 1, "a", "\xC3\xA9")), EXIT_DONE);
    assert_string_equal(cli_stub_out(&stub), "{\"a\":\"\xC3\xA9\",\"b\":1}\n");
    cli_stub_clear(&stub);
    stub.cli.out_is_terminal = true;
    assert_int_equal(out_json(&stub.cli, json_pack("{s:s}", "a", "\xC2\x9B\xE2\x80\xAE")), EXIT_DONE);
    assert_string_equal(cli_stub_out(&stub), "{\"a\":\"\\u009B\\u202E\"}\n");
    cli_stub_clear(&stub);
    assert_int_equal(out_json(&stub.cli, NULL), EXIT_ENVIRONMENT);
    cli_stub_done(&stub);
}

static void errors_are_a_line_and_json(void **state)
{
    (void)state;
    struct cli_stub stub;
    cli_stub_init(&stub);
    struct err err = {.status = STATUS_CORRUPT, .text = "file \xFF: entry\n4,711"};
    assert_int_equal(cli_error(&stub.cli, &err), EXIT_INTEGRITY);
    assert_string_equal(cli_stub_err(&stub), "countersign: file <0xFF>: entry<U+000A>4,711\n");
    assert_string_equal(cli_stub_out(&stub), "");
    stub.cli.json = true;
    assert_int_equal(cli_error(&stub.cli, &err), EXIT_INTEGRITY);
    assert_string_equal(
        cli_stub_out(&stub),
        "{\"error\":{\"exit\":3,\"status\":\"corrupt\",\"text\":\"file <0xFF>: entry<U+000A>4,711\"}}\n");
    stub.cli.json = false;
    cli_stub_clear(&stub);
    assert_int_equal(cli_fail(&stub.cli, STATUS_PERMISSION, "not for %s", "you"), EXIT_NOT_ALLOWED);
    assert_string_equal(cli_stub_err(&stub), "countersign: not for you\n");
    cli_stub_done(&stub);
}

static void progress_is_seen_by_terminals_ten_times_a_second(void **state)
{
    (void)state;
    struct cli_stub stub;
    struct progress progress;
    cli_stub_init(&stub);
    stub.monotonic_us = 5000000;
    progress_begin(&progress, &stub.cli, "verifying", 10000);
    stub.monotonic_us += 2000000;
    progress_step(&progress, 5000);
    progress_end(&progress);
    assert_string_equal(cli_stub_err(&stub), "");

    stub.cli.err_is_terminal = true;
    progress_begin(&progress, &stub.cli, "verifying\x1b", 10000);
    stub.monotonic_us += 499999;
    progress_step(&progress, 1);
    assert_string_equal(cli_stub_err(&stub), ""); /* short work shows nothing */
    stub.monotonic_us += 1500001;
    progress_step(&progress, 5000);
    stub.monotonic_us += 99999;
    progress_step(&progress, 5001); /* too early */
    stub.monotonic_us += 1;
    progress_step(&progress, 5002);
    progress_end(&progress);
    progress_end(&progress);
    assert_string_equal(cli_stub_err(&stub), "\rverifying<U+001B>  5,000 of 10,000  2,500/s, 2 s left\x1b[K"
                                             "\rverifying<U+001B>  5,002 of 10,000  2,381/s, 2 s left\x1b[K\r\x1b[K");

    cli_stub_clear(&stub);
    progress_begin(&progress, &stub.cli, "reading", 0);
    stub.monotonic_us += 1000000;
    progress_step(&progress, 1234);
    assert_string_equal(cli_stub_err(&stub), "\rreading  1,234  1,234/s\x1b[K");
    cli_stub_clear(&stub);
    progress_begin(&progress, &stub.cli, "slow", 10000);
    stub.monotonic_us += 1000000;
    progress_step(&progress, 1);
    stub.monotonic_us += 1000000;
    progress_step(&progress, 50);
    assert_string_equal(cli_stub_err(&stub), "\rslow  1 of 10,000  1/s, 2 h 46 min left\x1b[K"
                                             "\rslow  50 of 10,000  25/s, 6 min 38 s left\x1b[K");
    cli_stub_done(&stub);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_cannot_steer_the_terminal),
        cmocka_unit_test(numbers_are_grouped),
        cmocka_unit_test(colour_is_for_terminals_that_want_it),
        cmocka_unit_test(a_block_is_aligned),
        cmocka_unit_test(a_block_breaks_between_words),
        cmocka_unit_test(a_table_is_aligned_and_harmless),
        cmocka_unit_test(a_table_on_a_terminal_has_colour_and_fits),
        cmocka_unit_test(tables_may_lack_headings_or_rows),
        cmocka_unit_test(json_is_one_compact_sorted_line),
        cmocka_unit_test(errors_are_a_line_and_json),
        cmocka_unit_test(progress_is_seen_by_terminals_ten_times_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

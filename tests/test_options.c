/*
 * Options are strict, suggestions are near, and what the frame refuses it refuses in two lines with exit status 2.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/command.h"
#include "cli/nearest.h"
#include "cli/options.h"
#include "cli/output.h"
#include "tests/support/cli_stub.h"

static const struct option_spec post_rows[] = {
    {"amount", 'a', "AMOUNT", "how much", 0},
    {"evidence", 0, "FILE", "a file", OPTION_REPEATS},
    {"draft", 'd', NULL, "only a draft", 0},
    {"days", 0, "NUMBER", "how many", 0},
    {0},
};
static const struct option_spec shared_rows[] = {
    {"json", 0, NULL, "JSON", 0},
    {"amount", 0, NULL, "shadowed by the first table", 0},
    {"help", 'h', NULL, "help", 0},
    {0},
};
static const struct option_spec *const post_tables[] = {post_rows, shared_rows, NULL};

struct refusal {
    const char *words[6];
    const char *text;
};

static enum status parse(const char *const words[], struct options **ret_options, struct err *err)
{
    char *argv[16];
    int argc = 0;
    for (; words[argc] != NULL; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc];
    return options_parse(post_tables, argc, argv, ret_options, err);
}

static void options_come_in_every_form(void **state)
{
    (void)state;
    struct options *options = NULL;
    struct err err;
    size_t count = 0;
    const char *const words[] = {"one", "--amount", "-5.00", "two", "--evidence=a b", "--evidence", "c",
                                 "-d",  "-5",       "-",     "--",  "--json",         NULL};
    assert_int_equal(parse(words, &options, &err), STATUS_OK);
    assert_string_equal(options_text(options, "amount"), "-5.00");
    assert_true(options_flag(options, "amount"));
    assert_true(options_flag(options, "draft"));
    assert_false(options_flag(options, "json"));
    assert_null(options_text(options, "days"));
    const char *const *list = options_list(options, "evidence", &count);
    assert_int_equal(count, 2);
    assert_string_equal(list[0], "a b");
    assert_string_equal(list[1], "c");
    static const char *const arguments[] = {"one", "two", "-5", "-", "--json"};
    assert_int_equal(options_argument_count(options), 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(options_argument(options, i), arguments[i]);
    assert_null(options_argument(options, 5));
    options_close(options);

    const char *const other[] = {"--amount=--x", "-a", NULL};
    assert_int_equal(parse(other, &options, &err), STATUS_INPUT);
    const char *const empty[] = {"--amount=", NULL};
    assert_int_equal(parse(empty, &options, &err), STATUS_OK);
    assert_string_equal(options_text(options, "amount"), "");
    options_list(options, "evidence", &count);
    assert_int_equal(count, 0);
    options_close(options);
}

static void what_is_not_exact_is_refused(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {{"--amont", "5"}, "unknown option --amont, did you mean --amount?"},
        {{"--am", "5"}, "unknown option --am: options are spelled out, did you mean --amount?"},
        {{"--amoun=5"}, "unknown option --amoun: options are spelled out, did you mean --amount?"},
        {{"--passwort=secret"}, "unknown option --passwort"},
        {{"--"
          "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
          "xx"},
         "unknown option of 100 characters"},
        {{"--amount"}, "--amount needs a value: --amount AMOUNT"},
        {{"--amount", "--draft"},
         "--amount needs a value: --amount AMOUNT; one that begins with -- is written "
         "--amount=VALUE"},
        {{"--amount", "5", "--amount", "5"}, "--amount is given twice"},
        {{"--draft", "-d"}, "--draft is given twice"},
        {{"--draft=yes"}, "--draft takes no value"},
        {{"-x"}, "unknown option -x"},
        {{"-draft"}, "unknown option -draft, did you mean --draft?"},
        {{"-a5"}, "-a stands alone, its value comes after a space"},
        {{"-dh"}, "-d stands alone, its value comes after a space"},
        {{"--=5"}, "unknown option --"},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct options *options = NULL;
        struct err err;
        assert_int_equal(parse(refusals[i].words, &options, &err), STATUS_INPUT);
        assert_string_equal(err.text, refusals[i].text);
        assert_null(options);
    }
}

static void required_options_are_required_but_for_help(void **state)
{
    (void)state;
    static const struct option_spec rows[] = {
        {"key", 0, "FILE", "a key", OPTION_REQUIRED},
        {"help", 'h', NULL, "help", 0},
        {0},
    };
    const struct option_spec *const tables[] = {rows, NULL};
    struct options *options = NULL;
    struct err err;
    assert_int_equal(options_parse(tables, 0, NULL, &options, &err), STATUS_INPUT);
    assert_string_equal(err.text, "--key FILE is missing");
    char *const help[] = {"--help"};
    assert_int_equal(options_parse(tables, 1, help, &options, &err), STATUS_OK);
    options_close(options);
}

static void numbers_are_whole_and_in_range(void **state)
{
    (void)state;
    static const char *const bad[] = {"",   "x",  "-1", "+1", "1.0", " 1", "0x10", "101", "9223372036854775808",
                                      "1 ", "1e1"};
    struct options *options = NULL;
    struct err err;
    int64_t number = 7;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char word[64];
        snprintf(word, sizeof word, "--days=%s", bad[i]);
        const char *const words[] = {word, NULL};
        assert_int_equal(parse(words, &options, &err), STATUS_OK);
        assert_int_equal(options_number(options, "days", 0, 100, &number, &err), STATUS_INPUT);
        assert_string_equal(err.text, "--days wants a whole number from 0 to 100");
        assert_int_equal(number, 7);
        options_close(options);
    }
    const char *const none[] = {NULL};
    assert_int_equal(parse(none, &options, &err), STATUS_OK);
    assert_int_equal(options_number(options, "days", 0, 100, &number, &err), STATUS_OK);
    assert_int_equal(number, 7);
    options_close(options);
    const char *const good[] = {"--days", "0100", NULL};
    assert_int_equal(parse(good, &options, &err), STATUS_OK);
    assert_int_equal(options_number(options, "days", 0, 100, &number, &err), STATUS_OK);
    assert_int_equal(number, 100);
    options_close(options);
}

static void nearest_finds_slips_and_nothing_far(void **state)
{
    (void)state;
    const char *const words[] = {"amount", "approve", "amend", "post", NULL, "poster", "log"};
    size_t count = sizeof words / sizeof words[0];
    assert_string_equal(nearest_word("amonut", words, count), "amount"); /* neighbours swapped */
    assert_string_equal(nearest_word("aprove", words, count), "approve");
    assert_string_equal(nearest_word("pst", words, count), "post");
    assert_string_equal(nearest_word("postt", words, count), "post");
    assert_string_equal(nearest_word("app", words, count), "approve");
    assert_string_equal(nearest_word("lgo", words, count), "log");
    assert_null(nearest_word("am", words, count)); /* two begin so */
    assert_null(nearest_word("xyz", words, count));
    assert_null(nearest_word("", words, count));
    assert_null(nearest_word("a", words, count));
    char huge[5000];
    memset(huge, 'a', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    assert_null(nearest_word(huge, words, count));
}

static int run_stub(struct cli *cli, const struct options *options)
{
    fprintf(cli->out, "%s%s%s%s\n", options_argument(options, 0), cli->json ? " json" : "", cli->dry_run ? " dry" : "",
            cli->yes ? " yes" : "");
    return EXIT_REFUSED;
}

static const struct command command_post = {.name = "post",
                                            .summary = "posts",
                                            .arguments = "KIND",
                                            .example = "countersign post x",
                                            .group = GROUP_SPECIALISTS,
                                            .flags = COMMAND_BOOK | COMMAND_WRITES,
                                            .arguments_min = 1,
                                            .arguments_max = 1,
                                            .options = post_rows,
                                            .run = run_stub};
static const struct command command_verify = {.name = "audit verify",
                                              .summary = "verifies",
                                              .arguments = "",
                                              .example = "countersign audit verify",
                                              .group = GROUP_AUDITORS,
                                              .run = run_stub};
static const struct command command_prove = {.name = "audit prove",
                                             .summary = "proves",
                                             .arguments = "ENTRY",
                                             .example = "countersign audit prove 5",
                                             .group = GROUP_AUDITORS,
                                             .arguments_min = 1,
                                             .arguments_max = 1,
                                             .run = run_stub};
static const struct command *const some_rows[] = {&command_post, &command_verify, &command_prove};
static const struct command_table some_commands = {some_rows, 3};

static void dispatch_runs_and_refuses(void **state)
{
    (void)state;
    struct cli_stub stub;
    cli_stub_init(&stub);
    stub.cli.commands = &some_commands;
    stub.cli.environment.book = "/book";
    const char *const good[] = {"post", "x", "--dry-run", "--yes", "--json", NULL};
    assert_int_equal(cli_stub_run(&stub, good), EXIT_REFUSED);
    assert_string_equal(cli_stub_out(&stub), "x json dry yes\n");
    static const struct refusal refusals[] = {
        {{"post", "x", "--amont", "5"},
         "countersign post: unknown option --amont, did you mean --amount?\ntry 'countersign help post'\n"},
        {{"post"}, "countersign post: an argument is missing: countersign post KIND\ntry 'countersign help post'\n"},
        {{"post", "x", "y\x1b[2J"},
         "countersign post: unexpected argument 'y<U+001B>[2J'\ntry 'countersign help post'\n"},
        {{"pots", "x"}, "countersign: unknown command 'pots', did you mean 'post'?\ntry 'countersign help'\n"},
        {{"audit", "verfy"},
         "countersign: unknown command 'audit verfy', did you mean 'audit verify'?\ntry 'countersign "
         "help'\n"},
        {{"audti", "verify"},
         "countersign: unknown command 'audti verify', did you mean 'audit verify'?\ntry 'countersign "
         "help'\n"},
        {{"audit", "nonsense"},
         "countersign: unknown command 'audit nonsense': audit knows verify, prove\ntry 'countersign "
         "help'\n"},
        {{"audit"}, "countersign: audit what: verify, prove?\ntry 'countersign help'\n"},
        {{"audit", "--json"}, "countersign: audit what: verify, prove?\ntry 'countersign help'\n"},
        {{"nothing\n"}, "countersign: unknown command 'nothing<U+000A>'\ntry 'countersign help'\n"},
        {{NULL}, "countersign: no command given\ntry 'countersign help'\n"},
        {{"--book", "x", "post"}, "countersign: options come after the command\ntry 'countersign help'\n"},
        {{"audit", "verify", "--dry-run"},
         "countersign audit verify: unknown option --dry-run\ntry 'countersign help audit verify'\n"},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        cli_stub_clear(&stub);
        assert_int_equal(cli_stub_run(&stub, refusals[i].words), EXIT_USAGE);
        assert_string_equal(cli_stub_err(&stub), refusals[i].text);
    }
    const char *const blank[] = {"audi", " verify", NULL}; /* the words, not the letters */
    assert_int_equal(cli_stub_run(&stub, blank), EXIT_USAGE);
    cli_stub_done(&stub);
}

static void a_book_comes_from_option_or_environment(void **state)
{
    (void)state;
    struct cli_stub stub;
    cli_stub_init(&stub);
    stub.cli.commands = &some_commands;
    const char *const bare[] = {"post", "x", NULL};
    assert_int_equal(cli_stub_run(&stub, bare), EXIT_USAGE);
    assert_string_equal(cli_stub_err(&stub), "countersign post: which book? give --book BOOK or set COUNTERSIGN_BOOK\n"
                                             "try 'countersign help post'\n");
    const char *const empty[] = {"post", "x", "--book=", NULL};
    assert_int_equal(cli_stub_run(&stub, empty), EXIT_USAGE);
    const char *const given[] = {"post", "x", "--book", "b", NULL};
    assert_int_equal(cli_stub_run(&stub, given), EXIT_REFUSED);
    cli_stub_done(&stub);
}

static void usage_errors_are_json_too(void **state)
{
    (void)state;
    struct cli_stub stub;
    cli_stub_init(&stub);
    stub.cli.commands = &some_commands;
    const char *const words[] = {"post", "--json", "--amont", NULL};
    assert_int_equal(cli_stub_run(&stub, words), EXIT_USAGE);
    assert_string_equal(
        cli_stub_out(&stub),
        "{\"error\":{\"exit\":2,\"status\":\"input\",\"text\":\"unknown option --amont, did you mean --amount?\"}}\n");
    cli_stub_done(&stub);
}

static void lost_output_is_an_error(void **state)
{
    (void)state;
    struct cli_stub stub;
    cli_stub_init(&stub);
    FILE *kept = stub.cli.out;
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    stub.cli.out = full;
    const char *const words[] = {"help", NULL};
    assert_int_equal(cli_stub_run(&stub, words), EXIT_ENVIRONMENT);
    assert_string_equal(cli_stub_err(&stub), "countersign: cannot write the output: No space left on device\n");
    stub.cli.out = kept;
    fclose(full);
    cli_stub_done(&stub);
}

static void each_status_has_its_exit(void **state)
{
    (void)state;
    static const int exits[] = {0, 2, 2, 2, 2, 1, 3, 3, 4, 4, 4, 4, 4, 4, 5};
    for (int status = STATUS_OK; status <= STATUS_PERMISSION; status++)
        assert_int_equal(exit_status_of((enum status)status), exits[status]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_come_in_every_form),
        cmocka_unit_test(what_is_not_exact_is_refused),
        cmocka_unit_test(required_options_are_required_but_for_help),
        cmocka_unit_test(numbers_are_whole_and_in_range),
        cmocka_unit_test(nearest_finds_slips_and_nothing_far),
        cmocka_unit_test(dispatch_runs_and_refuses),
        cmocka_unit_test(a_book_comes_from_option_or_environment),
        cmocka_unit_test(usage_errors_are_json_too),
        cmocka_unit_test(lost_output_is_an_error),
        cmocka_unit_test(each_status_has_its_exit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

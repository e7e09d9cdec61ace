/*
 * Help, manual and completion show every command and option of the table and no others; the manual's pages pass scdoc and
 * mandoc where they are there, the completion is run by bash; every example in the table is a line that the program accepts as far as its options.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/limits.h"
#include "tests/support/cli_stub.h"

typedef void print_table(FILE *out, const struct command_table *table);

static char *printed(print_table *print)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    print(out, &commands);
    fclose(out);
    return text;
}

static char *printed_command(const struct command *command)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    help_print_command(out, command);
    fclose(out);
    return text;
}

static void assert_has(const char *text, const char *format, const char *word)
{
    char wanted[200];
    snprintf(wanted, sizeof wanted, format, word);
    if (strstr(text, wanted) == NULL)
        fail_msg("lacks '%s' in:\n%s", wanted, text);
}

/* How often a text stands at the start of a line. */
static size_t lines_with(const char *text, const char *start)
{
    size_t count = 0;
    for (const char *line = text; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
        line += *line == '\n';
        count += strncmp(line, start, strlen(start)) == 0;
    }
    return count;
}

static char *printed_page(const struct command *command)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    help_print_manual_of(out, command);
    fclose(out);
    return text;
}

/* The options that a command takes, in order, each once; as the completion lists them. Freed by the caller. */
static char *option_list(const struct command *command, size_t *ret_count)
{
    const struct option_spec *tables[OPTION_TABLES_MAX];
    char *list = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&list, &length);
    *ret_count = 0;
    command_option_tables(command, tables);
    for (size_t t = 0; tables[t] != NULL; t++) {
        for (const struct option_spec *row = tables[t]; row->name != NULL; row++) {
            char word[100];
            fflush(out);
            snprintf(word, sizeof word, "--%s ", row->name);
            if (strstr(list, word) != NULL) /* the command's own stands for the common one */
                continue;
            fputs(word, out);
            ++*ret_count;
        }
    }
    fclose(out);
    list[length - 1] = '\0';
    return list;
}

/* Each option is told once in help and page, and no other; the completion offers these and no others. */
static void options_are_everywhere(const struct command *command, const char *completion)
{
    const struct option_spec *tables[OPTION_TABLES_MAX];
    size_t count = 0;
    char wanted[4000];
    char *own = printed_command(command), *page = printed_page(command), *list = option_list(command, &count);
    assert_has(own, "countersign %s", command->name);
    assert_has(own, "example  %s\n", command->example);
    assert_has(page, "*countersign %s*", command->name);
    assert_has(page, "\n```\n%s\n```\n", command->example);
    command_option_tables(command, tables);
    for (size_t t = 0; tables[t] != NULL; t++) {
        for (const struct option_spec *row = tables[t]; row->name != NULL; row++) {
            assert_has(page, "*--%s*", row->name);
            assert_has(own, "--%s", row->name);
        }
    }
    const char *options = strstr(own, "\noptions\n");
    assert_int_equal(lines_with(options, "  -"), count);
    options = strstr(page, "# OPTIONS");
    assert_int_equal(lines_with(options, "*-"), count);
    snprintf(wanted, sizeof wanted, "    '%s')\n        options='%s'\n", command->name, list);
    if (strstr(completion, wanted) == NULL)
        fail_msg("the completion lacks '%s'", wanted);
    free(list);
    free(page);
    free(own);
}

static void every_command_and_option_is_everywhere(void **state)
{
    (void)state;
    char *help = printed(help_print_all), *manual = printed(help_print_manual);
    char *completion = printed(help_print_completion);
    for (size_t i = 0; i < commands.count; i++) {
        const struct command *command = commands.rows[i];
        char page[HELP_PAGE_BYTES];
        assert_has(help, "  %s  ", command->name);
        assert_has(help, "  %s\n", command->summary);
        help_page_name(command, page);
        assert_has(manual, "\n*%s*(1)\n", page);
        options_are_everywhere(command, completion);
    }
    const char *list = strstr(help, "\nsetting up\n");
    assert_int_equal(lines_with(list, "  ") - lines_with(strstr(help, "\nexit status\n"), "  "), commands.count);
    assert_int_equal(lines_with(manual, "*countersign-"), commands.count + 1); /* and the service's page */
    assert_int_equal(lines_with(completion, "        options='"), commands.count);
    free(completion);
    free(manual);
    free(help);
}

static void rows_are_complete_and_well_formed(void **state)
{
    (void)state;
    assert_true(commands.count > 0 && commands.count <= COMMANDS_MAX);
    for (size_t i = 0; i < commands.count; i++) {
        const struct command *command = commands.rows[i];
        assert_non_null(command->run);
        assert_true(command->arguments_min <= command->arguments_max);
        assert_true(command->summary[strlen(command->summary) - 1] != '.');
        assert_true(command->text == NULL || (command->text[0] != '.' && strstr(command->text, "\n\n.") == NULL));
        assert_true((command_arguments(command)[0] != '\0') == (command->arguments_max > 0));
        assert_true(strspn(command->name, "abcdefghijklmnopqrstuvwxyz- ") == strlen(command->name));
        assert_true(strlen(command->name) <= COMMAND_WORD_BYTES_MAX);
        assert_int_equal(strncmp(command->example, "countersign ", 12), 0);
        assert_int_equal(strncmp(command->example + 12, command->name, strlen(command->name)), 0);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(commands.rows[j]->name, command->name);
        for (const struct option_spec *row = command->options; row != NULL && row->name != NULL; row++) {
            assert_true(strspn(row->name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(row->name));
            assert_true(strlen(row->name) <= COMMAND_WORD_BYTES_MAX);
            assert_true(row->help[0] != '.' && row->help[strlen(row->help) - 1] != '.');
        }
    }
}

/* Splits an example at blanks, quotes kept together as a shell does with '"'. */
static int split(char *line, char *ret_words[], int max)
{
    int count = 0;
    for (char *at = line; *at != '\0' && count < max;) {
        bool quoted = *at == '"';
        at += quoted ? 1 : 0;
        ret_words[count++] = at;
        at += strcspn(at, quoted ? "\"" : " ");
        if (*at == '\0')
            break;
        *at++ = '\0';
        at += strspn(at, " ");
    }
    return count;
}

static void examples_are_lines_the_program_accepts(void **state)
{
    (void)state;
    for (size_t i = 0; i < commands.count; i++) {
        const struct option_spec *tables[OPTION_TABLES_MAX];
        const struct command *command = NULL;
        struct options *options = NULL;
        struct err err = {0};
        char *words[64];
        int used = 0;
        char *line = strdup(commands.rows[i]->example);
        int count = split(line, words, 64);
        assert_int_equal(command_find(&commands, count - 1, words + 1, &command, &used, &err), STATUS_OK);
        assert_ptr_equal(command, commands.rows[i]);
        command_option_tables(command, tables);
        if (options_parse(tables, count - 1 - used, words + 1 + used, &options, &err) != STATUS_OK)
            fail_msg("%s: %s", commands.rows[i]->example, err.text);
        assert_true(options_argument_count(options) >= (size_t)command->arguments_min);
        assert_true(options_argument_count(options) <= (size_t)command->arguments_max);
        options_close(options);
        free(line);
    }
}

static void help_answers_in_its_ways(void **state)
{
    (void)state;
    struct cli_stub stub;
    cli_stub_init(&stub);
    char *all = printed(help_print_all);
    static const char *const ways[][3] = {{"help"}, {"--help"}, {"-h"}};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(cli_stub_run(&stub, ways[i]), EXIT_DONE);
        assert_string_equal(cli_stub_out(&stub), all);
        cli_stub_clear(&stub);
    }
    free(all);
    char *own = printed_command(&command_key_new);
    static const char *const own_ways[][4] = {{"help", "key", "new"}, {"key", "new", "--help"}, {"key", "new", "-h"}};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(cli_stub_run(&stub, own_ways[i]), EXIT_DONE);
        assert_string_equal(cli_stub_out(&stub), own);
        cli_stub_clear(&stub);
    }
    free(own);
    assert_int_equal(cli_stub_run(&stub, (const char *const[]){"--version", NULL}), EXIT_DONE);
    assert_string_equal(cli_stub_out(&stub), "countersign " COUNTERSIGN_VERSION "\n");
    cli_stub_clear(&stub);
    assert_int_equal(cli_stub_run(&stub, (const char *const[]){"help", "nothing", NULL}), EXIT_USAGE);
    assert_int_equal(cli_stub_run(&stub, (const char *const[]){"help", "help", "new", NULL}), EXIT_USAGE);
    assert_string_equal(cli_stub_out(&stub), "");
    cli_stub_done(&stub);
}

/* Runs a shell command with text on its input; answers its exit status and what it printed. */
static int shell(const char *command, const char *text, char *ret_out, size_t size)
{
    char path[] = "/tmp/countersign_help_XXXXXX";
    char line[1000];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    fputs(text, file);
    fclose(file);
    snprintf(line, sizeof line, "FILE=%s; %s", path, command);
    FILE *pipe = popen(line, "r");
    assert_non_null(pipe);
    size_t used = fread(ret_out, 1, size - 1, pipe);
    ret_out[used] = '\0';
    int status = pclose(pipe);
    remove(path);
    return status;
}

static void page_is_good(const char *text)
{
    char out[4000];
    if (shell("scdoc <$FILE >$FILE.1 && mandoc -T lint -W error $FILE.1 2>&1; E=$?; rm -f $FILE.1; exit $E", text, out,
              sizeof out) != 0)
        fail_msg("%s\n%s", out, text);
}

static void the_manual_pages_are_good(void **state)
{
    (void)state;
    if (system("command -v mandoc >/dev/null 2>&1 && command -v scdoc >/dev/null 2>&1") != 0)
        skip();
    char *manual = printed(help_print_manual);
    page_is_good(manual);
    free(manual);
    for (size_t i = 0; i < commands.count; i++) {
        char *page = printed_page(commands.rows[i]);
        page_is_good(page);
        free(page);
    }
}

/* A row that leaves out what may be left out: no text, no options, no arguments. */
static void a_row_may_leave_its_arguments_out(void **state)
{
    static const struct command bare = {
        .name = "bare row", .summary = "has nothing more", .example = "countersign bare row"};
    static const struct command *const rows[] = {&bare};
    const struct command_table table = {.rows = rows, .count = 1};
    print_table *const prints[] = {help_print_all, help_print_completion, help_print_manual};
    struct cli_stub stub;
    (void)state;
    for (size_t i = 0; i < sizeof prints / sizeof prints[0]; i++) {
        char *text = NULL;
        size_t length = 0;
        FILE *out = open_memstream(&text, &length);
        prints[i](out, &table);
        fclose(out);
        assert_has(text, "%s", "bare");
        free(text);
    }
    char *own = printed_command(&bare), *page = printed_page(&bare);
    assert_has(own, "countersign %s [OPTION...]", "bare row");
    assert_has(page, "*countersign %s* _[OPTION...]_", "bare row");
    free(page);
    free(own);
    cli_stub_init(&stub);
    stub.cli.commands = &table;
    assert_int_equal(cli_stub_run(&stub, (const char *const[]){"bare", "row", "more", NULL}), EXIT_USAGE);
    assert_has(cli_stub_err(&stub), "%s", "unexpected argument 'more'");
    cli_stub_done(&stub);
}

/* No character of the table becomes markup. */
static void a_page_shows_what_the_table_says(void **state)
{
    static const struct option_spec options[] = {
        {"odd", 0, "[A_B:]*C*", "-leading _under_ *bold* \\slash ~tilde `tick` 'quote' #3 - a", OPTION_REQUIRED}, {0}};
    static const struct command odd = {.name = "odd page",
                                       .summary = "has _odd_ *characters* in it",
                                       .arguments = "[X_Y|Z*]",
                                       .text = "# no heading\n- no list __here__\n\n'no request'\n\n| no table "
                                               "++\n```\n\n    Laid *out*\n        as it \\ is",
                                       .example = "countersign odd page --odd '*_*' \\x",
                                       .options = options};
    static const char *const shown[] = {"has _odd_ *characters* in it",
                                        "[X_Y|Z*]",
                                        "# no heading - no list __here__",
                                        "'no request'",
                                        "| no table ++",
                                        "[A_B:]*C*",
                                        "-leading _under_ *bold* \\slash ~tilde `tick` 'quote' #3 - a",
                                        "countersign odd page --odd '*_*' \\x",
                                        "    Laid *out*\n",
                                        "        as it \\ is\n"};
    char out[8000];
    (void)state;
    if (system("command -v mandoc >/dev/null 2>&1 && command -v scdoc >/dev/null 2>&1") != 0)
        skip();
    char *page = printed_page(&odd);
    page_is_good(page);
    assert_int_equal(shell("scdoc <$FILE | mandoc -T ascii -O width=200 | sed 's/.\\x08//g'", page, out, sizeof out),
                     0);
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        assert_has(out, "%s", shown[i]);
    free(page);
}

/* What bash answers on a command line: the words, and which is being completed. */
static void completes(const char *completion, const char *words, int at, const char *expected)
{
    char out[20000], script[1000];
    snprintf(script, sizeof script,
             "CASE=\"COMP_WORDS=(%s) COMP_CWORD=%d\"; COUNTERSIGN_BOOK=/tmp bash -u -c \"countersign() { printf "
             "'%%s\\n' 'reasons: why' "
             "'REASON  TITLE' 'PRICE_ERR  Price' 'PROMPT_PAY  x' 'QTY  y'; }; . $FILE; eval \\\"\\$0\\\"; "
             "_countersign; echo "
             "\\\"\\${COMPREPLY[*]-}\\\"\" \"$CASE\" 2>&1",
             words, at);
    assert_int_equal(shell(script, completion, out, sizeof out), 0);
    out[strcspn(out, "\n")] = '\0';
    if (strcmp(out, expected) != 0)
        fail_msg("%s: '%s', expected '%s'", words, out, expected);
}

static void bash_completes_words_options_and_values(void **state)
{
    static const struct {
        const char *words;
        int at;
        const char *expected;
    } cases[] = {
        {"countersign ke", 1, "key"},
        {"countersign key ro", 2, "rotate"},
        {"countersign hel", 1, "help"},
        {"countersign hol ''", 2, ""},
        {"countersign key new --kd", 3, "--kdf"},
        {"countersign help --sc", 2, "--scdoc"},
        {"countersign help key --sc", 3, "--scdoc"},
        {"countersign --ver", 1, "--version"},
        {"countersign nothing x", 2, ""},
        {"countersign grant rev", 2, "revoke"}, /* a command and the first word of others */
        {"countersign grant --ent", 2, "--entity"},
        {"countersign grant revoke --rea", 3, "--reason"},
        {"countersign post cre", 2, "credit-note credit-limit"},
        {"countersign post credit-note --direction ''", 4, "down up"},
        {"countersign post credit-note --direction d", 4, "down"},
        {"countersign post credit-note --direction = u", 5, "up"},
        {"countersign charter new --clock sim", 4, "simulated"},
        {"countersign post credit-note --reason PR", 4, "PRICE_ERR PROMPT_PAY"},
        {"countersign post credit-note --reason ''", 4, "PRICE_ERR PROMPT_PAY QTY"},
        {"countersign grant revoke x --reason PR", 5, ""}, /* a text, no code */
        {"countersign post credit-note --amount 1", 4, ""},
        {"countersign post --batch tests/test_hel", 3, "tests/test_help.c"},
        {"countersign post credit-note --evidence proof : tests/test_hel", 6, ""},
        {"countersign log --book controls/pol", 3, "controls/policies"},
        {"countersign submit tests/test_hel", 2, "tests/test_help.c"},
        {"countersign case X re", 3, "resolved"},
    };
    (void)state;
    char *completion = printed(help_print_completion);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        completes(completion, cases[i].words, cases[i].at, cases[i].expected);
    free(completion);
}

/* Every command and option of the table, asked of bash itself. */
static void bash_offers_every_option(void **state)
{
    (void)state;
    char *completion = printed(help_print_completion);
    for (size_t i = 0; i < commands.count; i++) {
        size_t count = 0;
        char words[200];
        char *list = option_list(commands.rows[i], &count);
        bool two = strchr(commands.rows[i]->name, ' ') != NULL;
        snprintf(words, sizeof words, "countersign %s --", commands.rows[i]->name);
        completes(completion, words, two ? 3 : 2, list);
        free(list);
    }
    free(completion);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_and_option_is_everywhere),
        cmocka_unit_test(rows_are_complete_and_well_formed),
        cmocka_unit_test(a_row_may_leave_its_arguments_out),
        cmocka_unit_test(examples_are_lines_the_program_accepts),
        cmocka_unit_test(help_answers_in_its_ways),
        cmocka_unit_test(the_manual_pages_are_good),
        cmocka_unit_test(a_page_shows_what_the_table_says),
        cmocka_unit_test(bash_completes_words_options_and_values),
        cmocka_unit_test(bash_offers_every_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

/*
 * Help, manual and completion show every command and option of the table; the manual passes mandoc where it is there,
 * the completion is run by bash; every example in the table is a line that the program accepts as far as its options.
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

/* A name as the manual has it: hyphens escaped. */
static void hyphens_escaped(const char *name, char ret_text[static 2 * COMMAND_WORD_BYTES_MAX + 1])
{
    size_t used = 0;
    for (; *name != '\0' && used < 2 * COMMAND_WORD_BYTES_MAX - 1; name++) {
        if (*name == '-')
            ret_text[used++] = '\\';
        ret_text[used++] = *name;
    }
    ret_text[used] = '\0';
}

static void every_command_and_option_is_everywhere(void **state)
{
    (void)state;
    char *help = printed(help_print_all);
    char *manual = printed(help_print_manual);
    char *completion = printed(help_print_completion);
    for (size_t i = 0; i < commands.count; i++) {
        const struct command *command = commands.rows[i];
        const struct option_spec *tables[OPTION_TABLES_MAX];
        char escaped[2 * COMMAND_WORD_BYTES_MAX + 1];
        char *own = printed_command(command);
        assert_has(help, "  %s  ", command->name);
        assert_has(help, "  %s\n", command->summary);
        hyphens_escaped(command->name, escaped);
        assert_has(manual, ".SS %s\n", escaped);
        bool two_words = strchr(command->name, ' ') != NULL;
        assert_has(completion, two_words ? "    '%s') words='" : "    '%s'|", command->name);
        assert_has(own, "countersign %s", command->name);
        assert_has(own, "example  %s\n", command->example);
        command_option_tables(command, tables);
        for (size_t t = 0; tables[t] != NULL; t++) {
            for (const struct option_spec *row = tables[t]; row->name != NULL; row++) {
                hyphens_escaped(row->name, escaped);
                assert_has(manual, "\\-\\-%s", escaped);
                assert_has(completion, "--%s", row->name);
                assert_has(own, "--%s", row->name);
            }
        }
        free(own);
    }
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
        assert_true((command->arguments[0] != '\0') == (command->arguments_max > 0));
        assert_true(strspn(command->name, "abcdefghijklmnopqrstuvwxyz- ") == strlen(command->name));
        assert_true(strlen(command->name) <= COMMAND_WORD_BYTES_MAX);
        assert_int_equal(strncmp(command->example, "countersign ", 12), 0);
        assert_int_equal(strncmp(command->example + 12, command->name, strlen(command->name)), 0);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(commands.rows[j]->name, command->name);
        for (const struct option_spec *row = command->options; row != NULL && row->name != NULL; row++) {
            assert_true(strspn(row->name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(row->name));
            assert_true(strlen(row->name) <= COMMAND_WORD_BYTES_MAX);
            assert_true(row->help[strlen(row->help) - 1] != '.');
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

static void the_manual_is_a_good_page(void **state)
{
    (void)state;
    char out[4000];
    if (system("command -v mandoc >/dev/null 2>&1") != 0)
        skip();
    char *manual = printed(help_print_manual);
    if (shell("mandoc -T lint -W warning $FILE 2>&1", manual, out, sizeof out) != 0)
        fail_msg("%s", out);
    free(manual);
}

static void bash_completes_words_and_options(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"COMP_WORDS=(countersign ke) COMP_CWORD=1", "key\n"},
        {"COMP_WORDS=(countersign key ro) COMP_CWORD=2", "rotate\n"},
        {"COMP_WORDS=(countersign key new --kd) COMP_CWORD=3", "--kdf\n"},
        {"COMP_WORDS=(countersign help --ma) COMP_CWORD=2", "--man\n"},
        {"COMP_WORDS=(countersign help key --ma) COMP_CWORD=3", "--man\n"},
        {"COMP_WORDS=(countersign --ver) COMP_CWORD=1", "--version\n"},
        {"COMP_WORDS=(countersign nothing x) COMP_CWORD=2", "\n"},
    };
    char *completion = printed(help_print_completion);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[1000];
        char script[700];
        snprintf(script, sizeof script,
                 "CASE=\"%s\"; bash -u -c \". $FILE; eval \\\"\\$0\\\"; _countersign; echo "
                 "\\\"\\${COMPREPLY[*]-}\\\"\" \"$CASE\" 2>&1",
                 cases[i][0]);
        assert_int_equal(shell(script, completion, out, sizeof out), 0);
        assert_string_equal(out, cases[i][1]);
    }
    free(completion);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_and_option_is_everywhere),
        cmocka_unit_test(rows_are_complete_and_well_formed),
        cmocka_unit_test(examples_are_lines_the_program_accepts),
        cmocka_unit_test(help_answers_in_its_ways),
        cmocka_unit_test(the_manual_is_a_good_page),
        cmocka_unit_test(bash_completes_words_and_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

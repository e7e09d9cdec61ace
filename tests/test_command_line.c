/*
 * Command lines nobody would type, for every command: words of the table, its options, and values that are hostile or nearly
 * right, in any number and order, from a fixed seed. What must hold of each is in tests/fuzz/fuzz_cli.c, which runs them.
 * COMMAND_LINES=<seed>:<count> takes others, or more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "tests/support/vector_file.h"

enum { LINES_DEFAULT = 112, LINE_BYTES_MAX = 1 << 15, VALUE_LONG = 5000 };

int fuzz_cli(const uint8_t *data, size_t size);

/* A command line while it is made: words with NUL between. */
struct line {
    char bytes[LINE_BYTES_MAX];
    size_t length;
};

static uint64_t random_state;

static uint64_t below(uint64_t bound)
{
    return vector_random(&random_state) % bound;
}

static void add(struct line *line, const char *word)
{
    size_t length = strlen(word);
    if (line->length + length + 1 > sizeof line->bytes)
        return;
    if (line->length > 0)
        line->bytes[line->length++] = '\0';
    memcpy(line->bytes + line->length, word, length);
    line->length += length;
}

static const char *const values[] = {"CN-1",
                                     "CN-4",
                                     "CN-99",
                                     "1.00",
                                     "100.00",
                                     "-1.00",
                                     "0.00",
                                     "9999999999999.99",
                                     "1e5",
                                     "0x10",
                                     "1,00",
                                     "US01",
                                     "C-1",
                                     "I-1",
                                     "maria",
                                     "ana",
                                     "olga",
                                     "T0",
                                     "USD",
                                     "KWD",
                                     "XXX",
                                     "credit-note",
                                     "correction",
                                     "write-off",
                                     "customers",
                                     "invoices",
                                     "cash",
                                     "people",
                                     "table",
                                     "csv",
                                     "json",
                                     "jsonl",
                                     "xlsx",
                                     "all",
                                     "on",
                                     "off",
                                     "0",
                                     "1",
                                     "-1",
                                     "9",
                                     "9223372036854775807",
                                     "9223372036854775808",
                                     "18446744073709551616",
                                     "2026-01-05",
                                     "2026-02-30",
                                     "0000-00-00",
                                     "9999-12-31",
                                     "2026-06-01T00:00:00.000Z",
                                     "2026-06-01T25:00:00.000Z",
                                     "2026-01",
                                     "5%",
                                     "101%",
                                     "",
                                     " ",
                                     "-",
                                     "--",
                                     "---",
                                     "=",
                                     "-x",
                                     "\xFF\xFE",
                                     "\xC3\x28",
                                     "\xED\xA0\x80",
                                     "\xE2\x80\xAE-live",
                                     "\x1B[31mred",
                                     "\x7F",
                                     "a\nb",
                                     "\xF0\x9F\x98\x80",
                                     "%s%n%d",
                                     "$(true)",
                                     "*",
                                     "nothing-there",
                                     "here.json",
                                     "0000000000000000000000000000000000000000000000000000000000000000",
                                     "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAOhB7",
                                     "@",
                                     "@{}",
                                     "@{\"statement\":{},\"signatures\":[]}\n",
                                     "@invoice,customer\n1,2\n",
                                     "@name: x\n",
                                     "@\xFF",
                                     "@\n\n\xE2\x80\x94 a b\n",
                                     "@{\"invoice\":\"A\"}\n"};

static void add_value(struct line *line, const char *before)
{
    char word[VALUE_LONG + 128];
    int used = snprintf(word, sizeof word, "%s", before);
    if (below(16) == 0) { /* longer than an id, than a key of the books, than a text */
        static const size_t lengths[] = {65, 300, 600, VALUE_LONG};
        size_t length = lengths[below(sizeof lengths / sizeof lengths[0])];
        memset(word + used, 'a', length);
        word[(size_t)used + length] = '\0';
    } else {
        snprintf(word + used, sizeof word - (size_t)used, "%s", values[below(sizeof values / sizeof values[0])]);
    }
    add(line, word);
}

static void add_option(struct line *line, const struct option_spec *option)
{
    char word[128];
    if (option->letter != 0 && below(3) == 0)
        snprintf(word, sizeof word, "-%c", option->letter);
    else if (below(20) == 0)
        snprintf(word, sizeof word, "--%.*s", (int)strlen(option->name) - 1, option->name);
    else
        snprintf(word, sizeof word, "--%s", option->name);
    if (option->argument != NULL && below(2) == 0) {
        snprintf(word + strlen(word), sizeof word - strlen(word), "=");
        add_value(line, word);
        return;
    }
    add(line, word);
    if (option->argument != NULL && below(12) != 0)
        add_value(line, "");
}

/* Of the options those that are required nearly always, the others now and then. */
static void add_options(struct line *line, const struct command *command)
{
    const struct option_spec *tables[OPTION_TABLES_MAX];
    command_option_tables(command, tables);
    for (size_t i = 0; tables[i] != NULL; i++)
        for (const struct option_spec *option = tables[i]; option->name != NULL; option++) {
            if (strcmp(option->name, "book") == 0 || strcmp(option->name, "passphrase-fd") == 0)
                continue;
            if (below(8) == 0 || ((option->flags & OPTION_REQUIRED) != 0 && below(8) != 0))
                add_option(line, option);
        }
    if ((command->flags & (COMMAND_BOOK | COMMAND_SIGNS)) != 0 && below(2) == 0)
        add(line, "--passphrase-fd=9");
    if (below(10) == 0)
        add_value(line, "--book=");
}

static void make(struct line *line, const struct command *command)
{
    char name[64];
    line->length = 0;
    snprintf(name, sizeof name, "%s", command->name);
    for (char *rest = name, *word = strtok_r(name, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
        if (below(60) != 0)
            add(line, word);
    bool options_first = below(2) == 0;
    if (options_first)
        add_options(line, command);
    uint64_t arguments = below(4) != 0 ? (uint64_t)command->arguments_min : below(5);
    while (arguments-- > 0)
        add_value(line, "");
    if (!options_first)
        add_options(line, command);
}

static void any_command_line_ends_in_order(void **state)
{
    static struct line line;
    unsigned long long seed = 1, count = LINES_DEFAULT;
    const char *given = getenv("COMMAND_LINES");
    (void)state;
    if (given != NULL && *given != '\0')
        assert_true(sscanf(given, "%llu:%llu", &seed, &count) >= 1);
    random_state = seed * 0x9E3779B97F4A7C15u | 1;
    for (unsigned long long i = 0; i < count; i++) {
        make(&line, commands.rows[i % commands.count]);
        fprintf(stderr, "%llu:", i);
        for (size_t at = 0; at < line.length && at < 400; at++)
            fprintf(stderr, line.bytes[at] >= ' ' && line.bytes[at] <= '~' ? "%c" : "\\%02X", (uint8_t)line.bytes[at]);
        fputc('\n', stderr);
        assert_int_equal(fuzz_cli((const uint8_t *)line.bytes, line.length), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_command_line_ends_in_order)};
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

/*
 * Help, manual and completion, all from the table of commands: a command or option that one of them shows and another
 * lacks can't be. The only text of its own is what holds for the program as a whole.
 */
#include "cli/help.h"

#include <stdbool.h>
#include <string.h>

#include "cli/command.h"
#include "cli/limits.h"

struct exit_line {
    int status;
    const char *meaning;
};

static const struct exit_line exit_lines[] = {
    {EXIT_DONE, "done"},
    {EXIT_REFUSED, "refused by a control, or an audit test has findings"},
    {EXIT_USAGE, "wrong usage or bad input"},
    {EXIT_INTEGRITY, "integrity failure: a signature, hash or stored byte is not what it was"},
    {EXIT_ENVIRONMENT, "the environment failed: disk, lock, network, memory, clock"},
    {EXIT_NOT_ALLOWED, "not allowed in"},
};
enum { EXIT_LINES = sizeof exit_lines / sizeof exit_lines[0] };

struct environment_line {
    const char *name;
    const char *meaning;
};

static const struct environment_line environment_lines[] = {
    {"COUNTERSIGN_BOOK", "the book, where --book is not given"},
    {"COUNTERSIGN_USER", "the user to act as, where --as is not given"},
    {"COUNTERSIGN_KEY", "the key file, where --key is not given"},
    {"COUNTERSIGN_SSH", "the program that reaches ssh:// books, in place of ssh"},
    {"SSH_AUTH_SOCK", "the agent that signs where there is no key file"},
    {"NO_COLOR", "no colour where it is set to anything"},
};

static const char purpose[] = "a book of original entry for corrections, with controls, signatures and audit";

static bool group_has_rows(const struct command_table *table, enum command_group group)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->rows[i]->group == group)
            return true;
    return false;
}

void help_print_all(FILE *out, const struct command_table *table)
{
    size_t widest = 0;
    for (size_t i = 0; i < table->count; i++) {
        size_t width = strlen(table->rows[i]->name);
        widest = width > widest ? width : widest;
    }
    fprintf(out, "countersign: %s\n\nusage  countersign COMMAND [ARGUMENT...] [OPTION...]\n", purpose);
    for (enum command_group group = 0; group < GROUP_COUNT; group++) {
        if (!group_has_rows(table, group))
            continue;
        fprintf(out, "\n%s\n", command_group_name(group));
        for (size_t i = 0; i < table->count; i++)
            if (table->rows[i]->group == group)
                fprintf(out, "  %-*s  %s\n", (int)widest, table->rows[i]->name, table->rows[i]->summary);
    }
    fputs("\nexit status\n", out);
    for (size_t i = 0; i < EXIT_LINES; i++)
        fprintf(out, "  %d  %s\n", exit_lines[i].status, exit_lines[i].meaning);
    fputs("\n'countersign help COMMAND' says more about one.\n", out);
}

/* How an option is written: "-h, --help", "--amount AMOUNT". Returns its length; out may be NULL. */
static size_t print_option(FILE *out, const struct option_spec *row)
{
    char text[4 * COMMAND_WORD_BYTES_MAX];
    char letter[8] = "";
    if (row->letter != 0)
        snprintf(letter, sizeof letter, "-%c, ", row->letter);
    snprintf(text, sizeof text, "%s--%s%s%s", letter, row->name, row->argument != NULL ? " " : "",
             row->argument != NULL ? row->argument : "");
    if (out != NULL)
        fputs(text, out);
    return strlen(text);
}

static const char *option_note(const struct option_spec *row)
{
    bool repeats = (row->flags & OPTION_REPEATS) != 0;
    if ((row->flags & OPTION_REQUIRED) != 0)
        return repeats ? " (required, may repeat)" : " (required)";
    return repeats ? " (may repeat)" : "";
}

/* Whether an earlier table has an option of this row's name, which then is the one. */
static bool shadowed(const struct option_spec *const tables[], size_t table, const char *name)
{
    for (size_t t = 0; t < table; t++)
        for (const struct option_spec *row = tables[t]; row->name != NULL; row++)
            if (strcmp(row->name, name) == 0)
                return true;
    return false;
}

static void print_synopsis(FILE *out, const struct command *command)
{
    fprintf(out, "countersign %s", command->name);
    if (command->arguments[0] != '\0')
        fprintf(out, " %s", command->arguments);
    for (const struct option_spec *row = command->options; row != NULL && row->name != NULL; row++) {
        if ((row->flags & OPTION_REQUIRED) == 0)
            continue;
        fputc(' ', out);
        (void)print_option(out, row);
    }
    fputs(" [OPTION...]", out);
}

void help_print_command(FILE *out, const struct command *command)
{
    const struct option_spec *tables[OPTION_TABLES_MAX];
    size_t widest = 0;
    command_option_tables(command, tables);
    for (size_t t = 0; tables[t] != NULL; t++) {
        for (const struct option_spec *row = tables[t]; row->name != NULL; row++) {
            size_t width = print_option(NULL, row);
            widest = width > widest ? width : widest;
        }
    }
    fprintf(out, "countersign %s: %s\n\nusage    ", command->name, command->summary);
    print_synopsis(out, command);
    fprintf(out, "\nexample  %s\n", command->example);
    if (command->text != NULL)
        fprintf(out, "\n%s\n", command->text);
    fputs("\noptions\n", out);
    for (size_t t = 0; tables[t] != NULL; t++) {
        for (const struct option_spec *row = tables[t]; row->name != NULL; row++) {
            if (shadowed(tables, t, row->name))
                continue;
            fputs("  ", out);
            size_t width = print_option(out, row);
            fprintf(out, "%*s%s%s\n", (int)(widest - width) + 2, "", row->help, option_note(row));
        }
    }
}

/* Words of a command that complete after it: its options. */
static void print_option_words(FILE *out, const struct command *command)
{
    const struct option_spec *tables[OPTION_TABLES_MAX];
    command_option_tables(command, tables);
    const char *gap = "";
    for (size_t t = 0; tables[t] != NULL; t++) {
        for (const struct option_spec *row = tables[t]; row->name != NULL; row++) {
            if (shadowed(tables, t, row->name))
                continue;
            fprintf(out, "%s--%s", gap, row->name);
            gap = " ";
        }
    }
}

static size_t first_word_length(const struct command *command)
{
    return strcspn(command->name, " ");
}

/* Whether row i is the first of the table whose first word is its own. */
static bool first_of_its_word(const struct command_table *table, size_t row)
{
    size_t length = first_word_length(table->rows[row]);
    for (size_t i = 0; i < row; i++)
        if (first_word_length(table->rows[i]) == length &&
            memcmp(table->rows[i]->name, table->rows[row]->name, length) == 0)
            return false;
    return true;
}

/* The case of a first word alone: the second words that may follow it, and its options where it is a command too. */
static void print_word_case(FILE *out, const struct command_table *table, size_t first)
{
    const char *name = table->rows[first]->name;
    int length = (int)first_word_length(table->rows[first]);
    const char *gap = "";
    fprintf(out, "    '%.*s'|'%.*s '*) words='", length, name, length, name);
    for (size_t i = 0; i < table->count; i++) {
        const struct command *row = table->rows[i];
        if ((int)first_word_length(row) != length || memcmp(row->name, name, (size_t)length) != 0)
            continue;
        fputs(gap, out);
        if (row->name[length] == ' ')
            fputs(row->name + length + 1, out);
        else
            print_option_words(out, row);
        gap = " ";
    }
    fputs("' ;;\n", out);
}

void help_print_completion(FILE *out, const struct command_table *table)
{
    fputs("# bash completion for countersign, made by: countersign help --completion\n"
          "_countersign()\n{\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} at=${COMP_WORDS[1]} words=\n"
          "    [ \"$COMP_CWORD\" -lt 2 ] && at=\n"
          "    [ \"$COMP_CWORD\" -gt 2 ] && at=\"$at ${COMP_WORDS[2]}\"\n"
          "    case $at in\n"
          "    '') words='",
          out);
    for (size_t i = 0; i < table->count; i++)
        if (first_of_its_word(table, i))
            fprintf(out, "%.*s ", (int)first_word_length(table->rows[i]), table->rows[i]->name);
    fputs("--help --version' ;;\n", out);
    for (size_t i = 0; i < table->count; i++) {
        if (strchr(table->rows[i]->name, ' ') == NULL)
            continue;
        fprintf(out, "    '%s') words='", table->rows[i]->name);
        print_option_words(out, table->rows[i]);
        fputs("' ;;\n", out);
    }
    for (size_t i = 0; i < table->count; i++)
        if (first_of_its_word(table, i))
            print_word_case(out, table, i);
    fputs("    esac\n"
          "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
          "}\n"
          "complete -o default -F _countersign countersign\n",
          out);
}

/* Text for man(7): backslashes, hyphens that are typed, and control characters at the start of a line. */
static void roff(FILE *out, const char *text)
{
    bool line_start = true;
    for (const char *at = text; *at != '\0'; at++) {
        if (line_start && (*at == '.' || *at == '\''))
            fputs("\\&", out);
        if (*at == '\\')
            fputs("\\e", out);
        else if (*at == '-')
            fputs("\\-", out);
        else if (*at == '\n' && at[1] == '\n')
            fputs("\n.PP", out);
        else
            fputc(*at, out);
        line_start = *at == '\n';
        if (*at == '\n' && at[1] == '\n') {
            fputc('\n', out);
            at++;
        }
    }
}

static void manual_command(FILE *out, const struct command *command)
{
    const struct option_spec *tables[OPTION_TABLES_MAX];
    command_option_tables(command, tables);
    fputs(".SS ", out);
    roff(out, command->name);
    fputs("\n.B countersign ", out);
    roff(out, command->name);
    fputs("\n", out);
    roff(out, command->arguments);
    fputs("\n.RI [ OPTION ...]\n.PP\n", out);
    roff(out, command->summary);
    fputs(".\n", out);
    if (command->text != NULL) {
        fputs(".PP\n", out);
        roff(out, command->text);
        fputs("\n", out);
    }
    for (size_t t = 0; tables[t] != NULL; t++) {
        for (const struct option_spec *row = tables[t]; row->name != NULL; row++) {
            if (shadowed(tables, t, row->name))
                continue;
            fputs(".TP\n.B ", out);
            if (row->letter != 0)
                fprintf(out, "\\-%c, ", row->letter);
            fputs("\\-\\-", out);
            roff(out, row->name);
            if (row->argument != NULL) {
                fputs(" ", out);
                roff(out, row->argument);
            }
            fputs("\n", out);
            roff(out, row->help);
            fprintf(out, "%s\n", option_note(row));
        }
    }
    fputs(".PP\nExample:\n.PP\n.nf\n", out);
    roff(out, command->example);
    fputs("\n.fi\n", out);
}

void help_print_manual(FILE *out, const struct command_table *table)
{
    fprintf(out, ".TH COUNTERSIGN 1 \"" COUNTERSIGN_DATE "\" \"countersign %s\" \"countersign\"\n",
            COUNTERSIGN_VERSION);
    fputs(".SH NAME\ncountersign \\- ", out);
    roff(out, purpose);
    fputs("\n.SH SYNOPSIS\n.B countersign\n.I COMMAND\n.RI [ ARGUMENT ...]\n.RI [ OPTION ...]\n", out);
    fputs(".SH DESCRIPTION\nEvery correction is signed by the person who makes it, decided by the controls "
          "of the "
          "policy in force,\nand kept in a journal that an auditor can check and decide again.\n"
          "Options are spelled out in full and follow the command; \\-\\- ends them.\n",
          out);
    for (enum command_group group = 0; group < GROUP_COUNT; group++) {
        if (!group_has_rows(table, group))
            continue;
        fprintf(out, ".SH COMMANDS FOR ");
        for (const char *letter = command_group_name(group); *letter != '\0'; letter++)
            fputc(*letter >= 'a' && *letter <= 'z' ? *letter - 'a' + 'A' : *letter, out);
        fputs("\n", out);
        for (size_t i = 0; i < table->count; i++)
            if (table->rows[i]->group == group)
                manual_command(out, table->rows[i]);
    }
    fputs(".SH ENVIRONMENT\n", out);
    for (size_t i = 0; i < sizeof environment_lines / sizeof environment_lines[0]; i++) {
        fprintf(out, ".TP\n.B %s\n", environment_lines[i].name);
        roff(out, environment_lines[i].meaning);
        fputc('\n', out);
    }
    fputs(".SH EXIT STATUS\n", out);
    for (size_t i = 0; i < EXIT_LINES; i++)
        fprintf(out, ".TP\n.B %d\n%s\n", exit_lines[i].status, exit_lines[i].meaning);
}

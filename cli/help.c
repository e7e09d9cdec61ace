/*
 * Help, from the table of commands as manual and completion are: a command or option that one of them shows and another
 * lacks can't be. The only text of its own is what holds for the program as a whole.
 */
#include "cli/help.h"

#include <string.h>

#include "cli/command.h"
#include "cli/help_parts.h"
#include "cli/limits.h"

const struct help_line help_exits[] = {
    {EXIT_DONE, NULL, "done"},
    {EXIT_REFUSED, NULL, "refused by a control, or an audit test has findings"},
    {EXIT_USAGE, NULL, "wrong usage or bad input"},
    {EXIT_INTEGRITY, NULL, "integrity failure: a signature, hash or stored byte is not what it was"},
    {EXIT_ENVIRONMENT, NULL, "the environment failed: disk, lock, network, memory, clock"},
    {EXIT_NOT_ALLOWED, NULL, "not allowed in"},
    {0},
};

const struct help_line help_environment[] = {
    {0, "COUNTERSIGN_BOOK", "the book, where --book is not given"},
    {0, "COUNTERSIGN_USER", "the user to act as, where --as is not given"},
    {0, "COUNTERSIGN_KEY", "the key file, where --key is not given"},
    {0, "COUNTERSIGN_RUN", "a bot's run, where --run is not given: ID=SHA256"},
    {0, "COUNTERSIGN_SSH", "the program that reaches ssh:// books, in place of ssh"},
    {0, "SSH_AUTH_SOCK", "the agent that signs where there is no key file"},
    {0, "NO_COLOR", "no colour where it is set to anything"},
    {0},
};

const char help_purpose[] = "a book of original entry for corrections, with controls, signatures and audit";

bool help_group_has_rows(const struct command_table *table, enum command_group group)
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
    fprintf(out, "countersign: %s\n\nusage  countersign COMMAND [ARGUMENT...] [OPTION...]\n", help_purpose);
    for (enum command_group group = 0; group < GROUP_COUNT; group++) {
        if (!help_group_has_rows(table, group))
            continue;
        fprintf(out, "\n%s\n", command_group_name(group));
        for (size_t i = 0; i < table->count; i++)
            if (table->rows[i]->group == group)
                fprintf(out, "  %-*s  %s\n", (int)widest, table->rows[i]->name, table->rows[i]->summary);
    }
    fputs("\nexit status\n", out);
    for (const struct help_line *line = help_exits; line->meaning != NULL; line++)
        fprintf(out, "  %d  %s\n", line->status, line->meaning);
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

const char *help_option_note(const struct option_spec *row)
{
    bool repeats = (row->flags & OPTION_REPEATS) != 0;
    if ((row->flags & OPTION_REQUIRED) != 0)
        return repeats ? " (required, may repeat)" : " (required)";
    return repeats ? " (may repeat)" : "";
}

bool help_option_shadowed(const struct option_spec *const tables[], size_t table, const char *name)
{
    for (size_t t = 0; t < table; t++)
        for (const struct option_spec *row = tables[t]; row->name != NULL; row++)
            if (strcmp(row->name, name) == 0)
                return true;
    return false;
}

static void print_synopsis(FILE *out, const struct command *command)
{
    fprintf(out, "countersign%s%s", command_joint(command), command->name);
    if (command_arguments(command)[0] != '\0')
        fprintf(out, " %s", command_arguments(command));
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
    fprintf(out, "countersign%s%s: %s\n\nusage    ", command_joint(command), command->name, command->summary);
    print_synopsis(out, command);
    fprintf(out, "\nexample  %s\n", command->example);
    if (command->text != NULL)
        fprintf(out, "\n%s\n", command->text);
    fputs("\noptions\n", out);
    for (size_t t = 0; tables[t] != NULL; t++) {
        for (const struct option_spec *row = tables[t]; row->name != NULL; row++) {
            if (help_option_shadowed(tables, t, row->name))
                continue;
            fputs("  ", out);
            size_t width = print_option(out, row);
            fprintf(out, "%*s%s%s\n", (int)(widest - width) + 2, "", row->help, help_option_note(row));
        }
    }
}

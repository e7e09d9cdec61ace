/*
 * Manual pages from the table of commands, in the text that scdoc turns into man(7): one of the program, with its commands
 * by the person they are for, and one of each command. Text of the table is escaped, so that no character of it is markup.
 */
#include <stdbool.h>
#include <string.h>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/help_parts.h"
#include "cli/limits.h"

static_assert(HELP_PAGE_BYTES > COMMAND_WORD_BYTES_MAX + (int)sizeof "countersign-", "a name and its prefix");

/* Characters that scdoc reads as markup, anywhere or at the start of a line. */
static bool is_markup(char letter, bool line_start)
{
    return strchr("\\*_~`", letter) != NULL || (line_start && strchr("#-[|;:+", letter) != NULL);
}

/* Text of the table: paragraphs stay apart, other line ends are blanks. None begins with a point, which scdoc can't say. */
static void escaped(FILE *out, const char *text)
{
    bool line_start = true;
    for (const char *at = text; *at != '\0'; at++) {
        bool paragraph = at[0] == '\n' && at[1] == '\n';
        if (paragraph) {
            fputs("\n\n", out);
            at++;
        } else if (*at == '\n') {
            fputc(' ', out);
        } else {
            if (is_markup(*at, line_start))
                fputc('\\', out);
            fputc(*at, out);
        }
        line_start = paragraph;
    }
}

static void bold(FILE *out, const char *text)
{
    fputc('*', out);
    escaped(out, text);
    fputc('*', out);
}

static void underlined(FILE *out, const char *text)
{
    fputc('_', out);
    escaped(out, text);
    fputc('_', out);
}

void help_page_name(const struct command *command, char ret_name[static HELP_PAGE_BYTES])
{
    snprintf(ret_name, HELP_PAGE_BYTES, "countersign-%s", command->name);
    for (char *at = ret_name; *at != '\0'; at++)
        if (*at == ' ')
            *at = '-';
}

static void head(FILE *out, const char *page, const char *summary)
{
    fprintf(out, "%s(1) \"countersign " COUNTERSIGN_VERSION "\" \"countersign\"\n\n# NAME\n\n%s - ", page, page);
    escaped(out, summary);
    fputs("\n\n# SYNOPSIS\n\n", out);
}

static void synopsis(FILE *out, const struct command *command)
{
    fputs("*countersign ", out);
    escaped(out, command->name);
    fputc('*', out);
    if (command->arguments[0] != '\0') {
        fputc(' ', out);
        underlined(out, command->arguments);
    }
    for (const struct option_spec *row = command->options; row != NULL && row->name != NULL; row++) {
        if ((row->flags & OPTION_REQUIRED) == 0)
            continue;
        fprintf(out, " *--%s*", row->name);
        if (row->argument != NULL) {
            fputc(' ', out);
            underlined(out, row->argument);
        }
    }
    fputs(" _[OPTION...]_\n", out);
}

static void option(FILE *out, const struct option_spec *row)
{
    fputc('*', out);
    if (row->letter != 0)
        fprintf(out, "-%c*, *", row->letter);
    fprintf(out, "--%s*", row->name);
    if (row->argument != NULL) {
        fputc(' ', out);
        underlined(out, row->argument);
    }
    fputs("\n\t", out);
    escaped(out, row->help);
    fprintf(out, "%s\n\n", help_option_note(row));
}

void help_print_manual_of(FILE *out, const struct command *command)
{
    const struct option_spec *tables[OPTION_TABLES_MAX];
    char page[HELP_PAGE_BYTES];
    help_page_name(command, page);
    head(out, page, command->summary);
    synopsis(out, command);
    if (command->text != NULL) {
        fputs("\n# DESCRIPTION\n\n", out);
        escaped(out, command->text);
        fputc('\n', out);
    }
    fputs("\n# OPTIONS\n\n", out);
    command_option_tables(command, tables);
    for (size_t t = 0; tables[t] != NULL; t++)
        for (const struct option_spec *row = tables[t]; row->name != NULL; row++)
            if (!help_option_shadowed(tables, t, row->name))
                option(out, row);
    fputs("# EXAMPLES\n\n```\n", out);
    for (const char *at = command->example; *at != '\0'; at++)
        fputs(*at == '\\' ? "\\\\" : (const char[]){*at, 0}, out);
    fputs("\n```\n\n# SEE ALSO\n\n*countersign*(1): exit status and environment\n", out);
}

static void commands_of_group(FILE *out, const struct command_table *table, enum command_group group)
{
    char page[HELP_PAGE_BYTES];
    fprintf(out, "## %s\n\n", command_group_name(group));
    for (size_t i = 0; i < table->count; i++) {
        if (table->rows[i]->group != group)
            continue;
        help_page_name(table->rows[i], page);
        bold(out, page);
        fputs("(1)\n\t", out);
        escaped(out, table->rows[i]->summary);
        fputs("\n\n", out);
    }
}

void help_print_manual(FILE *out, const struct command_table *table)
{
    head(out, "countersign", help_purpose);
    fputs("*countersign* _COMMAND_ _[ARGUMENT...]_ _[OPTION...]_\n\n# DESCRIPTION\n\n"
          "Every correction is signed by the person who makes it, decided by the controls of the policy in force, and "
          "kept in "
          "a journal that an auditor can check and decide again.\n\n"
          "Options are spelled out in full and stand after the command; *\\--* ends them.\n\n# COMMANDS\n\n",
          out);
    for (enum command_group group = 0; group < GROUP_COUNT; group++)
        if (help_group_has_rows(table, group))
            commands_of_group(out, table, group);
    fputs("# ENVIRONMENT\n\n", out);
    for (const struct help_line *line = help_environment; line->meaning != NULL; line++) {
        bold(out, line->name);
        fputs("\n\t", out);
        escaped(out, line->meaning);
        fputs("\n\n", out);
    }
    fputs("# EXIT STATUS\n\n", out);
    for (const struct help_line *line = help_exits; line->meaning != NULL; line++) {
        fprintf(out, "*%d*\n\t", line->status);
        escaped(out, line->meaning);
        fputs("\n\n", out);
    }
    fputs("# SEE ALSO\n\n*countersign-service*(7), *ssh-agent*(1)\n", out);
}

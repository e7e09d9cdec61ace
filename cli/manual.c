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

enum { PARAGRAPH_BYTES = 4096 }; /* the longest paragraph of the table has a quarter of it */

/* Characters that scdoc reads as markup, anywhere or at the start of a line. */
static bool is_markup(char letter, bool line_start)
{
    return strchr("\\*_~`", letter) != NULL || (line_start && strchr("#-[|;:+", letter) != NULL);
}

/* Text of the table; line ends are blanks. None begins with a point, which scdoc can't say. */
static void escaped(FILE *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (is_markup(*at, at == text))
            fputc('\\', out);
        fputc(*at == '\n' ? ' ' : *at, out);
    }
}

/* Bytes as they are: scdoc reads backslashes in a literal block too. */
static void literal(FILE *out, const char *text, size_t length)
{
    fputs("```\n", out);
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\\')
            fputc('\\', out);
        fputc(text[i], out);
    }
    fputs("\n```\n", out);
}

/* Paragraphs; one that begins with blanks is to be shown as it is laid out. */
static void paragraphs(FILE *out, const char *text)
{
    char paragraph[PARAGRAPH_BYTES];
    while (*text != '\0') {
        const char *end = strstr(text, "\n\n");
        size_t length = end != NULL ? (size_t)(end - text) : strlen(text);
        invariant(length < sizeof paragraph);
        fputc('\n', out);
        if (*text == ' ') {
            literal(out, text, length);
        } else {
            memcpy(paragraph, text, length);
            paragraph[length] = '\0';
            escaped(out, paragraph);
            fputc('\n', out);
        }
        text += length;
        text += strspn(text, "\n");
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
    fprintf(out, "*countersign%s", command_joint(command));
    escaped(out, command->name);
    fputc('*', out);
    if (command_arguments(command)[0] != '\0') {
        fputc(' ', out);
        underlined(out, command_arguments(command));
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
        fputs("\n# DESCRIPTION\n", out);
        paragraphs(out, command->text);
    }
    fputs("\n# OPTIONS\n\n", out);
    command_option_tables(command, tables);
    for (size_t t = 0; tables[t] != NULL; t++)
        for (const struct option_spec *row = tables[t]; row->name != NULL; row++)
            if (!help_option_shadowed(tables, t, row->name))
                option(out, row);
    fputs("# EXAMPLES\n\n", out);
    literal(out, command->example, strlen(command->example));
    fputs("\n# SEE ALSO\n\n*countersign*(1): exit status and environment\n", out);
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

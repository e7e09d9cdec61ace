/*
 * A completion for bash, from the table of commands. Each command has a case with its options, those of them that name
 * files or directories, and the values that the table spells out with bars ("down|up"); what is common to all stands in
 * one function. The only thing asked of the program are the reason codes of a book that is a directory here.
 */
#include <stdbool.h>
#include <string.h>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/help_parts.h"

/* What an option's or command's argument is made of. */
enum argument_sort { ARGUMENT_WORD, ARGUMENT_FILE, ARGUMENT_DIRECTORY, ARGUMENT_CHOICE, ARGUMENT_REASON };

static enum argument_sort argument_sort(const char *name, const char *argument)
{
    if (strchr(argument, '|') != NULL)
        return ARGUMENT_CHOICE;
    if (strcmp(argument, "DIR") == 0 || strcmp(argument, "BOOK") == 0)
        return ARGUMENT_DIRECTORY;
    if (strstr(argument, "FILE") != NULL || strstr(argument, "PATH") != NULL || strstr(argument, "EXECUTABLE") != NULL)
        return ARGUMENT_FILE;
    return strcmp(name, "reason") == 0 && strcmp(argument, "CODE") == 0 ? ARGUMENT_REASON : ARGUMENT_WORD;
}

/* The words between bars, without the brackets round them. */
static void print_choices(FILE *out, const char *argument)
{
    bool gap = false;
    for (const char *at = argument; *at != '\0'; at++) {
        bool parts = strchr("|[] ", *at) != NULL;
        if (!parts) {
            fprintf(out, "%s%c", gap ? " " : "", *at);
            gap = false;
        } else {
            gap = gap || (at > argument && *at == '|');
        }
    }
}

/* Options of a command that have an argument of this sort; every option when sort is negative. */
static void print_options(FILE *out, const struct command *command, int sort)
{
    const struct option_spec *tables[OPTION_TABLES_MAX];
    const char *gap = "";
    command_option_tables(command, tables);
    for (size_t t = 0; tables[t] != NULL; t++) {
        for (const struct option_spec *row = tables[t]; row->name != NULL; row++) {
            if (help_option_shadowed(tables, t, row->name))
                continue;
            if (sort >= 0 && (row->argument == NULL || (int)argument_sort(row->name, row->argument) != sort))
                continue;
            fprintf(out, "%s--%s", gap, row->name);
            gap = " ";
        }
    }
}

/* "--clock: real simulated;" for each option whose values the table spells out. */
static void print_choice_options(FILE *out, const struct command *command)
{
    const struct option_spec *tables[OPTION_TABLES_MAX];
    command_option_tables(command, tables);
    for (size_t t = 0; tables[t] != NULL; t++) {
        for (const struct option_spec *row = tables[t]; row->name != NULL; row++) {
            if (row->argument == NULL || argument_sort(row->name, row->argument) != ARGUMENT_CHOICE)
                continue;
            fprintf(out, "--%s: ", row->name);
            print_choices(out, row->argument);
            fputc(';', out);
        }
    }
}

/* The case of one command: assignments to the variables of the function below. */
static void print_command(FILE *out, const struct command *command)
{
    const struct {
        const char *variable;
        int sort;
    } lists[] = {{"options", -1},
                 {"words", ARGUMENT_WORD},
                 {"files", ARGUMENT_FILE},
                 {"directories", ARGUMENT_DIRECTORY},
                 {"reasons", ARGUMENT_REASON}};
    fprintf(out, "    '%s')\n", command->name);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        fprintf(out, "        %s='", lists[i].variable);
        print_options(out, command, lists[i].sort);
        fputs("'\n", out);
    }
    fputs("        choices='", out);
    print_choice_options(out, command);
    fputs("'\n        arguments='", out);
    enum argument_sort sort = argument_sort("", command_arguments(command));
    if (sort == ARGUMENT_CHOICE)
        print_choices(out, command_arguments(command));
    fprintf(out, "'\n        anyfile=%s ;;\n", sort == ARGUMENT_FILE ? "yes" : "");
}

static size_t first_word_length(const struct command *command)
{
    return strcspn(command->name, " ");
}

static bool same_first_word(const struct command *a, const struct command *b)
{
    size_t length = first_word_length(a);
    return first_word_length(b) == length && memcmp(a->name, b->name, length) == 0;
}

/* Whether row i is the first of the table whose first word is its own. */
static bool first_of_its_word(const struct command_table *table, size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (same_first_word(table->rows[i], table->rows[row]))
            return false;
    return true;
}

/* The second words that may follow a first one. */
static void print_second_words(FILE *out, const struct command_table *table, size_t first)
{
    int length = (int)first_word_length(table->rows[first]);
    const char *gap = "";
    bool any = false;
    for (size_t i = 0; i < table->count; i++) {
        const char *name = table->rows[i]->name;
        if (!same_first_word(table->rows[i], table->rows[first]) || name[length] != ' ')
            continue;
        if (!any)
            fprintf(out, "    '%.*s') second='", length, name);
        any = true;
        fprintf(out, "%s%s", gap, name + length + 1);
        gap = " ";
    }
    if (any)
        fputs("' ;;\n", out);
}

static const char beginning[] =
    "# bash completion for countersign, made by: countersign help --completion\n"
    "_countersign_reasons()\n{\n"
    "    local book=${COUNTERSIGN_BOOK-} i\n"
    "    for ((i = 1; i < COMP_CWORD - 1; i++)); do\n"
    "        [ \"${COMP_WORDS[i]}\" = --book ] && book=${COMP_WORDS[i + 1]}\n"
    "    done\n"
    "    [ -d \"$book\" ] || return 0\n"
    "    \"${COMP_WORDS[0]}\" policy show reasons --book \"$book\" 2>/dev/null </dev/null |\n"
    "        while read -r code _; do [[ $code =~ ^[A-Z][A-Z0-9_]*$ && $code != REASON ]] && echo \"$code\"; done\n"
    "}\n"
    "_countersign()\n{\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} before= command= second= at=1 IFS=$' \\t\\n'\n"
    "    local options= words= files= directories= reasons= choices= arguments= anyfile=\n"
    "    COMPREPLY=()\n"
    "    [ \"$COMP_CWORD\" -gt 0 ] && before=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    if [ \"$word\" = = ]; then\n"
    "        word=\n"
    "    elif [ \"$before\" = = ] && [ \"$COMP_CWORD\" -gt 1 ]; then\n"
    "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n"
    "    [ \"$COMP_CWORD\" -gt 1 ] && command=${COMP_WORDS[1]}\n"
    "    case $command in\n"
    "    '') COMPREPLY=($(compgen -W '";

static const char middle[] =
    "    esac\n"
    "    if [ -n \"$second\" ] && [ \"$COMP_CWORD\" -gt 2 ] && [[ \" $second \" == *\" ${COMP_WORDS[2]} \"* ]]; then\n"
    "        command=\"$command ${COMP_WORDS[2]}\" at=2\n"
    "    fi\n"
    "    case $command in\n";

static const char end[] =
    "    esac\n"
    "    if [ \"$COMP_CWORD\" -gt \"$((at + 1))\" ]; then\n"
    "        case \" $files \" in *\" $before \"*) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "
    "\"${word##*:}\")); return ;; esac\n"
    "        case \" $directories \" in *\" $before \"*) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "
    "\"$word\")); return ;; esac\n"
    "        case \" $reasons \" in *\" $before \"*) COMPREPLY=($(compgen -W \"$(_countersign_reasons)\" -- "
    "\"$word\")); return ;; esac\n"
    "        case \" $words \" in *\" $before \"*) return ;; esac\n"
    "        case \";$choices\" in *\";$before: \"*)\n"
    "            choices=\";$choices\" choices=${choices#*\";$before: \"}\n"
    "            COMPREPLY=($(compgen -W \"${choices%%;*}\" -- \"$word\")); return ;;\n"
    "        esac\n"
    "    fi\n"
    "    [ \"$at\" -eq 2 ] || [ \"$COMP_CWORD\" -ne 2 ] || arguments=\"$second $arguments\"\n"
    "    case $word in\n"
    "    -*) arguments=$options anyfile= ;;\n"
    "    '') arguments=\"$arguments $options\" ;;\n"
    "    esac\n"
    "    COMPREPLY=($(compgen -W \"$arguments\" -- \"$word\"))\n"
    "    [ -z \"$anyfile\" ] || { compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -f -- \"$word\")); }\n"
    "}\n"
    "complete -F _countersign countersign\n";

void help_print_completion(FILE *out, const struct command_table *table)
{
    fputs(beginning, out);
    for (size_t i = 0; i < table->count; i++)
        if (first_of_its_word(table, i))
            fprintf(out, "%.*s ", (int)first_word_length(table->rows[i]), table->rows[i]->name);
    fputs("--help --version' -- \"$word\")); return ;;\n", out);
    for (size_t i = 0; i < table->count; i++)
        if (first_of_its_word(table, i))
            print_second_words(out, table, i);
    fputs(middle, out);
    for (size_t i = 0; i < table->count; i++)
        print_command(out, table->rows[i]);
    fputs(end, out);
}

/*
 * Commands as data: which common options a command takes, and which command the first words of a command line name.
 */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "cli/limits.h"
#include "cli/nearest.h"

static const struct option_spec options_of_book[] = {
    {"book", 0, "BOOK", "a directory, unix:/PATH or ssh://HOST/NAME (COUNTERSIGN_BOOK)", 0},
    {"at", 0, "TIME", "the time of the statement, in a book with a simulated clock only", 0},
    {"wait", 0, "SECONDS", "how long to wait for another writer, or for a server that went", 0},
    {0},
};

static const struct option_spec options_of_signer[] = {
    {"as", 0, "USER", "the user to act as (COUNTERSIGN_USER)", 0},
    {"key", 0, "FILE", "the key file to sign with, or FILE.pub for a key in ssh-agent (COUNTERSIGN_KEY)", 0},
    {"passphrase-fd", 0, "NUMBER", "read the passphrase from this descriptor, its first line", 0},
    {0},
};

static const struct option_spec options_of_writer[] = {
    {"dry-run", 0, NULL, "show what would be decided and what is missing, write nothing", 0},
    {0},
};

static const struct option_spec options_of_leaver[] = {
    {"to", 0, "FILE", "leave the signed statement in this file for others to sign; 'submit' lets it in", 0},
    {0},
};

static const struct option_spec options_of_asker[] = {
    {"yes", 0, NULL, "answer yes to every question", 0},
    {0},
};

static const struct option_spec options_of_all[] = {
    {"json", 0, NULL, "answer in JSON, one object a line", 0},
    {"help", 'h', NULL, "show this help", 0},
    {0},
};

const char *command_arguments(const struct command *command)
{
    return command->arguments != NULL ? command->arguments : "";
}

void command_option_tables(const struct command *command,
                           const struct option_spec *ret_tables[static OPTION_TABLES_MAX])
{
    size_t count = 0;
    if (command->options != NULL)
        ret_tables[count++] = command->options;
    if ((command->flags & (COMMAND_BOOK | COMMAND_LOOKS)) != 0)
        ret_tables[count++] = options_of_book;
    if ((command->flags & (COMMAND_BOOK | COMMAND_LOOKS | COMMAND_SIGNS)) != 0)
        ret_tables[count++] = options_of_signer;
    if ((command->flags & COMMAND_WRITES) != 0)
        ret_tables[count++] = options_of_writer;
    if ((command->flags & COMMAND_LEAVES) != 0)
        ret_tables[count++] = options_of_leaver;
    if ((command->flags & (COMMAND_WRITES | COMMAND_ASKS)) != 0)
        ret_tables[count++] = options_of_asker;
    ret_tables[count++] = options_of_all;
    ret_tables[count] = NULL;
}

const char *command_joint(const struct command *command)
{
    return command->alone ? "-" : " ";
}

const char *command_group_name(enum command_group group)
{
    switch (group) {
    case GROUP_SETUP:
        return "setting up";
    case GROUP_FEEDS:
        return "feeds";
    case GROUP_SPECIALISTS:
        return "specialists";
    case GROUP_APPROVERS:
        return "approvers";
    case GROUP_EVERYONE:
        return "everyone";
    case GROUP_CONTROLLERS:
        return "controllers";
    case GROUP_AUDITORS:
        return "auditors";
    case GROUP_OPERATORS:
        return "operators";
    case GROUP_COUNT:
        break;
    }
    return "?";
}

/* Whether name is first, or first and second with a space between. */
static bool name_is(const char *name, const char *first, const char *second)
{
    size_t length = strlen(first);
    if (strncmp(name, first, length) != 0)
        return false;
    if (second == NULL)
        return name[length] == '\0';
    return name[length] == ' ' && strcmp(name + length + 1, second) == 0;
}

static const struct command *row_named(const struct command_table *table, const char *first, const char *second)
{
    for (size_t i = 0; i < table->count; i++)
        if (name_is(table->rows[i]->name, first, second))
            return table->rows[i];
    return NULL;
}

/* "did you mean": the nearest whole name, or the nearest first word. NULL where nothing is near. */
static const char *nearest_command(const struct command_table *table, const char *typed)
{
    const char *names[COMMANDS_MAX];
    invariant(table->count <= COMMANDS_MAX);
    for (size_t i = 0; i < table->count; i++)
        names[i] = table->rows[i]->name;
    return nearest_word(typed, names, table->count);
}

/* The second words that follow first, as "new, show"; false where no command begins with it. */
static bool seconds_of(const struct command_table *table, const char *first, char *ret_text, size_t size)
{
    size_t used = 0;
    size_t length = strlen(first);
    ret_text[0] = '\0';
    for (size_t i = 0; i < table->count; i++) {
        const char *name = table->rows[i]->name;
        if (strncmp(name, first, length) != 0 || name[length] != ' ')
            continue;
        int added = snprintf(ret_text + used, size - used, "%s%s", used > 0 ? ", " : "", name + length + 1);
        if (added < 0 || (size_t)added >= size - used)
            break;
        used += (size_t)added;
    }
    return used > 0;
}

static enum status unknown_command(const struct command_table *table, const char *first, const char *second,
                                   struct err *err)
{
    char typed[2 * COMMAND_WORD_BYTES_MAX + 2];
    char seconds[ERR_TEXT_BYTES / 2];
    if (strlen(first) > COMMAND_WORD_BYTES_MAX)
        return err_set(err, STATUS_NOT_FOUND, "unknown command of %zu characters", strlen(first));
    bool group = seconds_of(table, first, seconds, sizeof seconds);
    if (group && (second == NULL || second[0] == '-'))
        return err_set(err, STATUS_NOT_FOUND, "%s what: %s?", first, seconds);
    bool both = second != NULL && strlen(second) <= COMMAND_WORD_BYTES_MAX;
    snprintf(typed, sizeof typed, "%s %s", first, both ? second : "");
    const char *near = both ? nearest_command(table, typed) : NULL;
    if (near == NULL && !group)
        near = nearest_command(table, first);
    if (near != NULL)
        return err_set(err, STATUS_NOT_FOUND, "unknown command '%s', did you mean '%s'?",
                       group || strchr(near, ' ') != NULL ? typed : first, near);
    if (group)
        return err_set(err, STATUS_NOT_FOUND, "unknown command '%s': %s knows %s", both ? typed : first, first,
                       seconds);
    return err_set(err, STATUS_NOT_FOUND, "unknown command '%s'", first);
}

enum status command_find(const struct command_table *table, int count, char *const words[],
                         const struct command **ret_command, int *ret_words, struct err *err)
{
    const char *second = count > 1 ? words[1] : NULL;
    if (count < 1)
        return err_set(err, STATUS_NOT_FOUND, "no command given");
    const struct command *both = second != NULL ? row_named(table, words[0], second) : NULL;
    const struct command *one = both == NULL ? row_named(table, words[0], NULL) : NULL;
    if (both == NULL && one == NULL)
        return unknown_command(table, words[0], second, err);
    *ret_command = both != NULL ? both : one;
    *ret_words = both != NULL ? 2 : 1;
    return STATUS_OK;
}

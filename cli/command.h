/*
 * What a command is: one constant, in the file that holds its code. Help, manual page and completion are
 * printed from these constants and from nothing else.
 *
 *   cli/commands/key_new.c:   const struct command command_key_new = { .name = "key new", ... };
 *   cli/commands.h:           extern const struct command command_key_new;
 *   cli/commands.c:           &command_key_new,
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"
#include "cli/options.h"

/* Whom a command is for; help prints them in this order (DESIGN 9). */
enum command_group {
    GROUP_SETUP,
    GROUP_FEEDS,
    GROUP_SPECIALISTS,
    GROUP_APPROVERS,
    GROUP_EVERYONE,
    GROUP_CONTROLLERS,
    GROUP_AUDITORS,
    GROUP_OPERATORS,
    GROUP_COUNT
};

/* What a command does decides which common options it takes; an option without effect is not accepted. */
enum command_flags {
    COMMAND_BOOK = 1,   /* needs a book: --book, --as, --key, --passphrase-fd, --at, --wait */
    COMMAND_SIGNS = 2,  /* uses a key, book or not: --as, --key, --passphrase-fd */
    COMMAND_WRITES = 4, /* writes: --dry-run (which the command has to honour, see cli->dry_run) and --yes */
    COMMAND_ASKS = 8,   /* asks a question without writing to a book: --yes */
    COMMAND_LOOKS = 32, /* may be given a book, and does without */
    COMMAND_LEAVES = 16 /* can leave its one statement in a file for others to sign: --to */
};

enum { ARGUMENTS_ANY = 1 << 20 }; /* arguments_max of a command that takes a list */

struct command {
    const char *name;      /* one or two words: "post", "audit verify" */
    const char *summary;   /* one line, lower case, no full stop: "makes a key pair" */
    const char *arguments; /* "KIND", "[DOCUMENT...]"; "" or NULL: none. Asked for through command_arguments */
    const char *text;      /* paragraphs for the manual and the command's own help, or NULL */
    const char *example;   /* one command line: "countersign key new --key maria.key" */
    enum command_group group;
    unsigned flags; /* enum command_flags */
    bool alone;     /* the only command of a program of its own, which is called countersign-NAME */
    int arguments_min;
    int arguments_max;
    const struct option_spec *options; /* ends with a NULL name; NULL: none of its own */

    /* Returns an enum exit_status. Errors go through cli_error (cli/output.h). */
    int (*run)(struct cli *cli, const struct options *options);
};

struct command_table {
    const struct command *const *rows;
    size_t count;
};

enum { OPTION_TABLES_MAX = 8 }; /* seven kinds and the closing NULL */

/*
 * The option tables of a command, its own first, then the common ones that its flags ask for.
 *
 * out     ret_tables: fills, ends with NULL. The tables are constants.
 */
void command_option_tables(const struct command *command,
                           const struct option_spec *ret_tables[static OPTION_TABLES_MAX]);

/* What a command takes, "" when nothing. Lends for ever. */
const char *command_arguments(const struct command *command);

/* What stands between "countersign" and the command's name. Lends for ever. */
const char *command_joint(const struct command *command);

/* The group's heading in help: "approvers". Lends for ever. */
const char *command_group_name(enum command_group group);

/*
 * Finds the command that the first one or two words name; two words win over one.
 *
 * in      words[0..count), borrowed.
 * out     *ret_command, and *ret_words: how many words its name took.
 * errors  NOT_FOUND with the nearest name, or with the names that begin with the first word.
 */
MUST_USE enum status command_find(const struct command_table *table, int count, char *const words[],
                                  const struct command **ret_command, int *ret_words, struct err *err);

#endif

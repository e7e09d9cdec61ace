/*
 * What help, manual and completion share, for these three only.
 */
#ifndef CLI_HELP_PARTS_H
#define CLI_HELP_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/command.h"

struct help_line {
    int status;       /* of an exit */
    const char *name; /* of a variable */
    const char *meaning;
};

/* Each ends with a line without meaning. */
extern const struct help_line help_exits[];
extern const struct help_line help_environment[];
extern const char help_purpose[];

bool help_group_has_rows(const struct command_table *table, enum command_group group);

/* " (required)", " (may repeat)", both, or "". Lends for ever. */
const char *help_option_note(const struct option_spec *row);

/* Whether a table before tables[table] has an option of this name, which then is the one. */
bool help_option_shadowed(const struct option_spec *const tables[], size_t table, const char *name);

#endif

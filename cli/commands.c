/*
 * The table of commands, in the order that help shows within each group.
 */
#include "cli/commands.h"

static const struct command *const rows[] = {
    /* setting up */
    &command_key_new,
    /* everyone */
    &command_help,
    /* auditors */
    &command_audit_verify,
    &command_audit_prove,
    &command_audit_export,
    &command_checkpoint,
};

const struct command_table commands = {.rows = rows, .count = sizeof rows / sizeof rows[0]};

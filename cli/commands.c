/*
 * The table of commands, in the order that help shows within each group.
 */
#include "cli/commands.h"

static const struct command *const rows[] = {
    /* setting up */
    &command_key_new,
    &command_charter_new,
    &command_sign,
    &command_init,
    &command_submit,
    &command_status,
    /* feeds */
    &command_load,
    /* specialists */
    &command_post,
    &command_amend,
    &command_attach,
    &command_withdraw,
    &command_reverse,
    &command_case,
    /* approvers */
    &command_inbox,
    &command_show,
    &command_approve,
    &command_reject,
    &command_return,
    /* everyone */
    &command_log,
    &command_balance,
    &command_aging,
    &command_statement,
    &command_exposure,
    &command_disputes,
    &command_exceptions,
    &command_controls,
    &command_key_list,
    &command_key_rotate,
    &command_help,
    /* controllers */
    &command_policy_check,
    &command_policy_show,
    &command_policy_simulate,
    &command_policy_diff,
    &command_policy_propose,
    &command_rates_load,
    &command_rates_propose,
    &command_rates_list,
    &command_trial_balance,
    &command_entity_open,
    &command_entity_list,
    &command_period_close,
    &command_period_open,
    &command_period_exception,
    &command_period_list,
    &command_user_add,
    &command_user_list,
    &command_user_show,
    &command_grant,
    &command_grant_list,
    &command_grant_revoke,
    &command_key_revoke,
    /* auditors */
    &command_audit_verify,
    &command_audit_prove,
    &command_audit_export,
    &command_checkpoint,
    /* operators */
    &command_rebuild,
};

const struct command_table commands = {.rows = rows, .count = sizeof rows / sizeof rows[0]};

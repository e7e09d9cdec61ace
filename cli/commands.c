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
    &command_controls,
    &command_key_list,
    &command_key_rotate,
    &command_help,
    /* controllers */
    &command_policy_check,
    &command_policy_show,
    &command_policy_diff,
    &command_policy_propose,
    &command_user_add,
    &command_user_list,
    &command_user_show,
    &command_grant,
    &command_grant_list,
    &command_grant_revoke,
    &command_key_revoke,
    &command_key_compromise,
    &command_key_add,
    &command_key_suspects,
    &command_key_affirm,
    &command_review_open,
    &command_review_list,
    &command_review_show,
    &command_review_attest,
    &command_break_glass_open,
    &command_break_glass_list,
    &command_break_glass_review,
    &command_book_key_add,
    &command_book_key_list,
    &command_release_propose,
    &command_release_list,
    &command_hold_set,
    &command_hold_lift,
    &command_hold_list,
    &command_erase_propose,
    &command_recover,
    &command_clock,
    &command_outstanding,
    /* auditors */
    &command_audit_verify,
    &command_audit_prove,
    &command_audit_export,
    &command_audit_record,
    &command_checkpoint,
    /* operators */
    &command_rebuild,
    &command_erase_run,
};

const struct command_table commands = {.rows = rows, .count = sizeof rows / sizeof rows[0]};

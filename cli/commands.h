/*
 * The one table of commands. A new command is a file in cli/commands/, a line here and a line in commands.c.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/command.h"

extern const struct command_table commands;

/* One line a command, in the order of the alphabet. */
extern const struct command command_aging;
extern const struct command command_amend;
extern const struct command command_approve;
extern const struct command command_attach;
extern const struct command command_audit_changes;
extern const struct command command_audit_completeness;
extern const struct command command_audit_export;
extern const struct command command_audit_extract;
extern const struct command command_audit_pack;
extern const struct command command_audit_prove;
extern const struct command command_audit_record;
extern const struct command command_audit_report;
extern const struct command command_audit_reperform;
extern const struct command command_audit_sample;
extern const struct command command_audit_test;
extern const struct command command_audit_verify;
extern const struct command command_balance;
extern const struct command command_book_key_add;
extern const struct command command_book_key_list;
extern const struct command command_bot_start;
extern const struct command command_bot_stop;
extern const struct command command_break_glass_list;
extern const struct command command_break_glass_open;
extern const struct command command_break_glass_review;
extern const struct command command_case;
extern const struct command command_charter_new;
extern const struct command command_checkpoint;
extern const struct command command_checkpoint_add;
extern const struct command command_clock;
extern const struct command command_controls;
extern const struct command command_erase_propose;
extern const struct command command_erase_run;
extern const struct command command_evidence;
extern const struct command command_disputes;
extern const struct command command_doctor;
extern const struct command command_exceptions;
extern const struct command command_exposure;
extern const struct command command_entity_list;
extern const struct command command_entity_open;
extern const struct command command_grant;
extern const struct command command_grant_list;
extern const struct command command_grant_revoke;
extern const struct command command_delegations;
extern const struct command command_mitigate;
extern const struct command command_mitigate_review;
extern const struct command command_relate;
extern const struct command command_conflicts;
extern const struct command command_help;
extern const struct command command_hold_lift;
extern const struct command command_hold_list;
extern const struct command command_hold_set;
extern const struct command command_inbox;
extern const struct command command_init;
extern const struct command command_key_add;
extern const struct command command_key_affirm;
extern const struct command command_key_compromise;
extern const struct command command_key_list;
extern const struct command command_key_new;
extern const struct command command_key_revoke;
extern const struct command command_key_rotate;
extern const struct command command_key_suspects;
extern const struct command command_load;
extern const struct command command_log;
extern const struct command command_meter;
extern const struct command command_outbox;
extern const struct command command_outbox_take;
extern const struct command command_period_close;
extern const struct command command_period_exception;
extern const struct command command_period_list;
extern const struct command command_period_open;
extern const struct command command_policy_check;
extern const struct command command_policy_diff;
extern const struct command command_policy_propose;
extern const struct command command_rates_list;
extern const struct command command_rates_load;
extern const struct command command_rates_propose;
extern const struct command command_trial_balance;
extern const struct command command_policy_show;
extern const struct command command_policy_simulate;
extern const struct command command_post;
extern const struct command command_backup;
extern const struct command command_restore;
extern const struct command command_restore_declare;
extern const struct command command_restore_accept;
extern const struct command command_rebuild;
extern const struct command command_recover;
extern const struct command command_reject;
extern const struct command command_release_list;
extern const struct command command_release_propose;
extern const struct command command_return;
extern const struct command command_delegate;
extern const struct command command_reverse;
extern const struct command command_review_attest;
extern const struct command command_review_list;
extern const struct command command_review_open;
extern const struct command command_review_show;
extern const struct command command_show;
extern const struct command command_serve;
extern const struct command command_connect;
extern const struct command command_sign;
extern const struct command command_statement;
extern const struct command command_status;
extern const struct command command_submit;
extern const struct command command_user_add;
extern const struct command command_user_list;
extern const struct command command_user_show;
extern const struct command command_user_leavers;
extern const struct command command_user_reactivate;
extern const struct command command_watch;
extern const struct command command_withdraw;
extern const struct command command_witness_cosign;
extern const struct command command_witness_new;
extern const struct command command_witness_trust;

#endif

/*
 * The numeric parameters of a policy: one table. The compiler, the check of the form, the rules and POLICY.md take name,
 * unit, bounds and default from it. A compiled policy holds only those that its file gives; the defaults are part of the
 * engine. An entity may have values of its own.
 */
#ifndef CONTROLS_POLICY_PARAMETERS_H
#define CONTROLS_POLICY_PARAMETERS_H

#include <stddef.h>
#include <stdint.h>

enum parameter_unit {
    UNIT_COUNT,
    UNIT_DAYS,          /* of 86,400 seconds, or of the calendar where dates are compared */
    UNIT_BUSINESS_DAYS, /* of the entity's calendar */
    UNIT_HOURS,
    UNIT_MONTHS,
    UNIT_PERCENT,
    UNIT_AMOUNT, /* of the base currency: minor units in a policy, whole units in this table */
    UNIT_SWITCH  /* 0 or 1 */
};

enum policy_parameter {
    /* controls/policy_parameters.c, in this order */
    PARAMETER_ACKNOWLEDGEMENT_DAYS,
    PARAMETER_APPROVAL_DAYS,
    PARAMETER_APPROVER_DAYS,
    PARAMETER_APPROVER_SUM_MAX,
    PARAMETER_AUTOMATIC_DAY_MAX,
    PARAMETER_AUTOMATIC_MONTH_MAX,
    PARAMETER_BACKDATE_DAYS,
    PARAMETER_BREAK_GLASS_HOURS_MAX,
    PARAMETER_BREAK_GLASS_REVIEW_DAYS,
    PARAMETER_DELEGATION_DAYS_MAX,
    PARAMETER_DELEGATIONS_IN_MAX,
    PARAMETER_DELEGATIONS_OUT_MAX,
    PARAMETER_DISPUTE_DAYS_MAX,
    PARAMETER_DISPUTES_MAX,
    PARAMETER_DORMANT_BOT_DAYS,
    PARAMETER_DORMANT_DAYS,
    PARAMETER_DUPLICATE_DAYS,
    PARAMETER_ESCALATION_DAYS,
    PARAMETER_FEED_DAYS_MAX,
    PARAMETER_HISTORY_DAYS,
    PARAMETER_HOLD_RELEASE_DAYS_MAX,
    PARAMETER_HOLD_RELEASES_DAYS,
    PARAMETER_HOLD_RELEASES_MAX,
    PARAMETER_KEY_DAYS_MAX,
    PARAMETER_LIMIT_DAYS,
    PARAMETER_LIMIT_JUMP_PERCENT,
    PARAMETER_LIMIT_REVIEW_DAYS,
    PARAMETER_MITIGATION_DAYS_MAX,
    PARAMETER_MITIGATION_REVIEW_DAYS,
    PARAMETER_MOVE_DAYS,
    PARAMETER_PAIR_COUNT_MIN,
    PARAMETER_PAIR_DAYS,
    PARAMETER_PAIR_FLAG_PERCENT,
    PARAMETER_PAIR_NEED_PERCENT,
    PARAMETER_PEOPLE_KNOWN,
    PARAMETER_PERIOD_EXCEPTION_DAYS_MAX,
    PARAMETER_PERIOD_HARD_DAYS,
    PARAMETER_PERIOD_SOFT_DAYS,
    PARAMETER_RATE_DAYS_MAX,
    PARAMETER_REPOST_DAYS,
    PARAMETER_REVIEW_ANSWER_DAYS,
    PARAMETER_REVIEW_MONTHS,
    PARAMETER_ROUNDING_MONTH_MAX,
    PARAMETER_SLA_DISPUTE_DAYS,
    PARAMETER_SLA_EXCEPTION_DAYS,
    PARAMETER_SLA_INQUIRY_DAYS,
    PARAMETER_SMALL_BALANCE_DUE_DAYS,
    PARAMETER_SMALL_BALANCE_MAX,
    PARAMETER_TEMPORARY_LIMIT_DAYS_MAX,
    PARAMETER_TEMPORARY_LIMIT_GAP_DAYS,
    PARAMETER_TEMPORARY_LIMIT_NEW_DAYS_MAX,
    PARAMETER_TEMPORARY_LIMIT_RENEWALS_MAX,
    PARAMETER_WRITE_OFF_CASH_DAYS,
    PARAMETER_WRITE_OFF_CONTACT_DAYS,
    PARAMETER_WRITE_OFF_CONTACTS_MIN,
    PARAMETER_WRITE_OFF_DUE_DAYS,
    PARAMETER_COUNT
};

struct parameter {
    const char *name; /* in the file and in the compiled form */
    enum parameter_unit unit;
    int64_t fallback, min, max; /* amounts: whole units; max is not asked of them */
    const char *control;        /* the control that reads it */
    const char *meaning;        /* one line for POLICY.md */
};

/* By enum policy_parameter, sorted by name. Lends for ever. */
extern const struct parameter policy_parameters[PARAMETER_COUNT];

/* NULL when there is none. */
const struct parameter *parameter_find(const char *name);
/* "days", "business days", ... Lends for ever. */
const char *parameter_unit_word(enum parameter_unit unit);

#endif

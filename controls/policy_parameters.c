/*
 * The table of a policy's numeric parameters; see the header. Zero switches a bound off where the meaning says so.
 */
#include "controls/policy_parameters.h"

#include <string.h>

const struct parameter policy_parameters[PARAMETER_COUNT] = {
    {"acknowledgement_days", UNIT_BUSINESS_DAYS, 0, 0, 366, "C-44",
     "a posting that the ERP has not acknowledged within so long is an exception; 0: it acknowledges none"},
    {"approval_days", UNIT_DAYS, 14, 1, 366, "C-16", "an approval counts for so long after it was signed"},
    {"approver_days", UNIT_DAYS, 30, 1, 366, "C-08", "the window of approver_sum_max"},
    {"approver_sum_max", UNIT_AMOUNT, 0, 0, 0, "C-08", "what one person may approve in the window; 0: no bound"},
    {"automatic_day_max", UNIT_AMOUNT, 2000, 0, 0, "C-08",
     "what one person may post in a local day without a second signature; 0: no bound"},
    {"automatic_month_max", UNIT_AMOUNT, 10000, 0, 0, "C-08", "the same in 30 days; 0: no bound"},
    {"backdate_days", UNIT_DAYS, 5, 0, 366, "C-40", "an effective date further back asks for one level more"},
    {"break_glass_hours_max", UNIT_HOURS, 4, 1, 72, "C-51", "how long emergency access may last"},
    {"break_glass_review_days", UNIT_BUSINESS_DAYS, 2, 1, 30, "C-51",
     "by when somebody outside it has to review emergency access"},
    {"delegation_days_max", UNIT_DAYS, 30, 1, 366, "C-17", "how long a delegation may last"},
    {"delegations_in_max", UNIT_COUNT, 2, 1, 100, "C-17", "delegations that one person may hold at a time"},
    {"delegations_out_max", UNIT_COUNT, 1, 1, 100, "C-17", "delegations that one person may have given at a time"},
    {"dispute_days_max", UNIT_DAYS, 60, 1, 3660, "C-33", "a dispute that is open longer is flagged"},
    {"disputes_max", UNIT_COUNT, 2, 1, 100, "C-33", "disputes of one invoice; one more is flagged"},
    {"dormant_bot_days", UNIT_DAYS, 0, 0, 3660, "C-28", "a bot that signed nothing for so long is suspended; 0: never"},
    {"dormant_days", UNIT_DAYS, 0, 0, 3660, "C-28",
     "a person's user that signed nothing so long is suspended; 0: never"},
    {"duplicate_days", UNIT_DAYS, 30, 0, 366, "C-38",
     "a customer's correction like one within so long is flagged: same amount, or same reference; 0: never"},
    {"escalation_days", UNIT_BUSINESS_DAYS, 3, 1, 366, "C-18",
     "a level that waits longer may be signed by the next one up"},
    {"feed_days_max", UNIT_DAYS, 0, 0, 366, "C-44",
     "credits wait for an invoice file, write-offs for a cash file, closed within so long; 0: for none"},
    {"history_days", UNIT_DAYS, 90, 0, 3660, "C-23",
     "how far back a customer's history keeps duties apart; 0: not at all"},
    {"hold_release_days_max", UNIT_DAYS, 5, 1, 366, "C-15", "how long a hold release may stay open"},
    {"hold_releases_days", UNIT_DAYS, 30, 1, 366, "C-15", "the window of hold_releases_max"},
    {"hold_releases_max", UNIT_COUNT, 3, 1, 1000, "C-15", "hold releases of a customer; more ask for one level more"},
    {"key_days_max", UNIT_DAYS, 0, 0, 3660, "C-52", "a key ends so long after it was enrolled at the latest; 0: never"},
    {"limit_days", UNIT_DAYS, 90, 1, 3660, "C-13", "the window over temporary limits and hold releases of a customer"},
    {"limit_jump_percent", UNIT_PERCENT, 25, 0, 10000, "C-13", "a limit that rises by more asks for one level more"},
    {"limit_review_days", UNIT_DAYS, 366, 1, 3660, "C-13", "a limit is reviewed again within so long"},
    {"mitigation_days_max", UNIT_DAYS, 180, 1, 3660, "C-24", "how long a mitigation may last"},
    {"mitigation_review_days", UNIT_DAYS, 10, 1, 366, "C-24", "by when its reviewer answers for each use"},
    {"move_days", UNIT_DAYS, 14, 0, 366, "C-29",
     "a mover's grants count so long after the move; then only those given since"},
    {"pair_count_min", UNIT_COUNT, 20, 1, 1000000, "C-09", "documents of a preparer from which pairs are looked at"},
    {"pair_days", UNIT_DAYS, 90, 1, 3660, "C-09", "the window over a preparer and an approver"},
    {"pair_flag_percent", UNIT_PERCENT, 80, 0, 100, "C-09",
     "more of a preparer's documents by one approver is flagged"},
    {"pair_need_percent", UNIT_PERCENT, 95, 0, 100, "C-09", "still more takes another approver"},
    {"people_known", UNIT_SWITCH, 1, 0, 1, "C-05",
     "once people come from HR, nobody whom HR does not know approves; 0: it is only flagged"},
    {"period_exception_days_max", UNIT_DAYS, 5, 1, 366, "C-39", "how long an exception to a closed period may last"},
    {"period_hard_days", UNIT_DAYS, 0, 0, 366, "C-39",
     "a month is closed for good so many days after its end; 0: only when somebody closes it"},
    {"period_soft_days", UNIT_DAYS, 0, 0, 366, "C-39",
     "a month is closed but for the closers so many days after its end; 0: only when somebody closes it"},
    {"rate_days_max", UNIT_DAYS, 35, 1, 366, "C-10", "an exchange rate counts for so long"},
    {"repost_days", UNIT_DAYS, 5, 0, 366, "C-43",
     "a reversal followed so soon by the same elsewhere is flagged; 0: never"},
    {"review_answer_days", UNIT_DAYS, 15, 1, 366, "C-30", "by when a review of access has its answers"},
    {"review_months", UNIT_MONTHS, 0, 0, 36, "C-30", "how often access is reviewed; 0: when somebody opens a review"},
    {"rounding_month_max", UNIT_AMOUNT, 100, 0, 0, "C-44", "what may go to the rounding account in a calendar month"},
    {"sla_dispute_days", UNIT_BUSINESS_DAYS, 20, 1, 366, "C-33", "by when a dispute is resolved"},
    {"sla_exception_days", UNIT_BUSINESS_DAYS, 10, 1, 366, "C-33", "by when an exception is resolved"},
    {"sla_inquiry_days", UNIT_BUSINESS_DAYS, 5, 1, 366, "C-33", "by when an inquiry is answered"},
    {"small_balance_due_days", UNIT_DAYS, 90, 0, 3660, "C-41", "a small balance is past due so long at least"},
    {"small_balance_max", UNIT_AMOUNT, 25, 0, 0, "C-41", "what a small balance is"},
    {"temporary_limit_days_max", UNIT_DAYS, 60, 1, 366, "C-14", "how long a temporary limit may last"},
    {"temporary_limit_gap_days", UNIT_DAYS, 30, 0, 366, "C-14",
     "temporary limits with a shorter gap between them are in a row"},
    {"temporary_limit_new_days_max", UNIT_DAYS, 30, 1, 366, "C-14", "the same for a customer new within a year"},
    {"temporary_limit_renewals_max", UNIT_COUNT, 2, 0, 100, "C-14", "renewals of a temporary limit in a row"},
    {"write_off_cash_days", UNIT_DAYS, 30, 0, 3660, "C-41", "no cash of the customer came in for so long"},
    {"write_off_contact_days", UNIT_DAYS, 90, 1, 3660, "C-41", "the window of write_off_contacts_min"},
    {"write_off_contacts_min", UNIT_COUNT, 3, 0, 1000, "C-41", "contacts with the customer that show effort"},
    {"write_off_due_days", UNIT_DAYS, 180, 0, 3660, "C-41", "a bad debt is past due so long at least"},
};

const struct parameter *parameter_find(const char *name)
{
    for (size_t i = 0; i < PARAMETER_COUNT; i++)
        if (strcmp(policy_parameters[i].name, name) == 0)
            return &policy_parameters[i];
    return NULL;
}

const char *parameter_unit_word(enum parameter_unit unit)
{
    static const char *const words[] = {
        [UNIT_COUNT] = "number",  [UNIT_DAYS] = "days",     [UNIT_BUSINESS_DAYS] = "business days",
        [UNIT_HOURS] = "hours",   [UNIT_MONTHS] = "months", [UNIT_PERCENT] = "percent",
        [UNIT_AMOUNT] = "amount", [UNIT_SWITCH] = "0 or 1",
    };
    return words[unit];
}

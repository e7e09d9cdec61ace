/*
 * Which step of the generated year is taken on which day.
 */
#include "tests/support/year_steps.h"

/* What happens when: on the first day, and every so many days from there (0: once). Of one day, in this order. */
static const struct step {
    int first, every;
    void (*take)(struct year *year);
} steps[] = {
    /* clang-format off: one a line, so that branches add theirs without conflict */
    {0, 0, year_step_feed_people},
    {1, 0, year_step_contract},
    {0, 1, year_step_feed_invoices},
    {3, 20, year_step_feed_customers},
    {5, 25, year_step_feed_debtor},
    {2, 2, year_step_feed_cash},
    {6, 25, year_step_feed_contacts},
    {25, 30, year_step_meter},
    {0, 1, year_step_credit_note},
    {4, 6, year_step_credit_note_wide},
    {2, 5, year_step_correction},
    {20, 15, year_step_write_off},
    {50, 30, year_step_recovery},
    {3, 4, year_step_adjustment},
    {30, 30, year_step_credit_balance},
    {10, 13, year_step_transfer},
    {9, 11, year_step_reversal},
    {7, 18, year_step_rebill},
    {6, 15, year_step_limit},
    {10, 40, year_step_temporary},
    {12, 14, year_step_hold},
    {4, 9, year_step_dispute},
    {8, 21, year_step_inquiry},
    {13, 30, year_step_exception},
    {5, 6, year_step_ends},
    {0, 1, year_step_periods},
    {15, 30, year_step_grants},
    {40, 60, year_step_rotation},
    {200, 0, year_step_key_lost},
    {60, 120, year_step_delegation},
    {66, 120, year_step_delegate},
    {11, 175, year_step_mitigate},
    {13, 7, year_step_mitigation_reviews},
    {45, 90, year_step_related},
    {100, 0, year_step_mover},
    {104, 0, year_step_mover_granted},
    {250, 0, year_step_leaver},
    {252, 0, year_step_leaver_followed},
    {170, 0, year_step_policy},
    {175, 0, year_step_entity},
    {180, 12, year_step_acquired_note},
    {50, 17, year_step_wrong},
    {27, 30, year_step_rates},
    {33, 0, year_step_release},
    {120, 180, year_step_review},
    {130, 90, year_step_emergency},
    {131, 90, year_step_emergency_review},
    {355, 0, year_step_stolen_key},
    {240, 0, year_step_hold_and_erasure},
    {90, 91, year_step_audit},
    {150, 0, year_step_book_key},
    {59, 91, year_step_checkpoint},
    {28, 0, year_step_abroad_open},
    {28, 15, year_step_abroad_bills},
    {29, 6, year_step_abroad_note},
    {70, 60, year_step_abroad_reversal},
    {130, 60, year_step_abroad_write_off},
    {41, 70, year_step_large},
    {100, 60, year_step_small_balance},
    {75, 100, year_step_insolvency},
    {136, 180, year_step_review_late},
    {364, 0, year_step_recover},
    {31, 60, year_step_wrong_money},
    {32, 60, year_step_wrong_lists},
    {33, 60, year_step_wrong_cases},
    {34, 60, year_step_wrong_customers},
    {35, 60, year_step_wrong_signatures},
    {42, 60, year_step_escalated},
    {61, 90, year_step_pair},
    {62, 90, year_step_busy},
    {1, 1, year_step_feed_acknowledgements},
    /* clang-format on */
};

void year_live_day(struct year *year)
{
    year_hour(year, 14);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        int since = year->day - steps[i].first;
        if (since == 0 || (since > 0 && steps[i].every > 0 && since % steps[i].every == 0))
            steps[i].take(year);
    }
}

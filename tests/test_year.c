/*
 * A company lives for a year: 365 days of feeds, corrections of every kind, limits, disputes, closes, a new policy, an
 * entity acquired, people who come, move and leave. Whatever kind of document this engine has, the year brings at least one
 * of it into force. At the end everything is judged and folded again.
 *
 * COUNTERSIGN_YEAR=<seed>:<days> takes another walk; COUNTERSIGN_YEAR_SHOW=1 tells what the days' documents were refused for;
 * COUNTERSIGN_YEAR_LEAVE=<directory> leaves the book there unchecked for tests/scenarios/year.sh, with what an auditor brings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/kind.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "tests/support/company_check.h"
#include "tests/support/year_expect.h"
#include "tests/support/year_steps.h"

enum { DAYS = 365, CHECK_EVERY = 61 };

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
    /* clang-format on */
};

static void day_live(struct year *year)
{
    year_hour(year, 14);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        int since = year->day - steps[i].first;
        if (since == 0 || (since > 0 && steps[i].every > 0 && since % steps[i].every == 0))
            steps[i].take(year);
    }
}

/* Kinds that no year brings in force, each with its reason; none so far. */
static const char *const not_expected[] = {NULL};

static bool expected(const char *name)
{
    for (size_t i = 0; not_expected[i] != NULL; i++)
        if (strcmp(not_expected[i], name) == 0)
            return false;
    return true;
}

static const char *const unfinished[] = {"waiting", "returned", "withdrawn", "rejected", "lapsed"};
enum { UNFINISHED = sizeof unfinished / sizeof unfinished[0] };

/* A row of the table: what took effect (and was reversed or used up since, maybe), then what did not. Returns the first. */
static json_int_t kind_print(const char *name, const json_t *states, json_int_t ret_sums[static UNFINISHED])
{
    json_int_t done = 0, counts[UNFINISHED];
    const char *state;
    json_t *count;
    json_object_foreach((json_t *)states, state, count) done += json_integer_value(count);
    for (size_t i = 0; i < UNFINISHED; i++) {
        counts[i] = json_integer_value(json_object_get(states, unfinished[i]));
        done -= counts[i];
        ret_sums[i] += counts[i];
    }
    print_message("%-18s %9lld", name, (long long)done);
    for (size_t i = 0; i < UNFINISHED; i++)
        print_message(" %9lld", (long long)counts[i]);
    print_message("%s\n", done == 0 && expected(name) ? "  never in effect" : "");
    return done;
}

/* Prints the table. True when all kinds took effect, and documents ended in every other way, too. */
static bool kinds_complete(const json_t *kinds)
{
    bool complete = true;
    json_int_t sums[UNFINISHED] = {0};
    print_message("%-18s %9s", "kind", "in effect");
    for (size_t i = 0; i < UNFINISHED; i++)
        print_message(" %9s", unfinished[i]);
    print_message("\n");
    for (int id = 0; id < KIND_COUNT; id++) {
        const char *name = kind_name((enum kind_id)id);
        if (kind_find(name) == NULL)
            continue;
        if ((kind_print(name, json_object_get(kinds, name), sums) == 0) == expected(name))
            complete = false;
    }
    /* What waits on the last day is chance, and what was returned is amended. */
    for (size_t i = 0; i < UNFINISHED; i++)
        if (sums[i] == 0 && strcmp(unfinished[i], "waiting") != 0 && strcmp(unfinished[i], "returned") != 0) {
            print_message("never happened: %s\n", unfinished[i]);
            complete = false;
        }
    return complete;
}

static void refusals_print(const struct year *year)
{
    const char *name;
    json_t *count;
    json_object_foreach(year->refused, name, count)
    {
        print_message("refused %4lld  %s\n", (long long)json_integer_value(count), name);
    }
}

/* What the days are about, beyond kinds: each of it took effect at least once. */
static bool courses_complete(const struct year *year)
{
    static const char *const names[] = {"credit-note",
                                        "on-account-note",
                                        "on-two",
                                        "correction",
                                        "correction-up",
                                        "meter-up",
                                        "meter-down",
                                        "bad-debt",
                                        "recovery",
                                        "adjustment",
                                        "credit-balance",
                                        "transfer",
                                        "transfer of credit",
                                        "reversal",
                                        "rebill",
                                        "amended",
                                        "late",
                                        "delegated",
                                        "left",
                                        "acquired",
                                        "lapses",
                                        "emergency",
                                        "emergency note",
                                        "affirmed",
                                        "EUR",
                                        "GBP",
                                        "JPY",
                                        "KWD",
                                        "reversal abroad",
                                        "direct",
                                        "direct recovery",
                                        "small-balance",
                                        "insolvent",
                                        "four levels",
                                        "five levels",
                                        "level 1",
                                        "level 2",
                                        "level 3",
                                        "level 4",
                                        "level 5",
                                        "recovered",
                                        "pair",
                                        "unanswered"};
    bool complete = true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (year_noted(year, names[i]) == NULL) {
            print_message("never happened: %s\n", names[i]);
            complete = false;
        }
    return complete;
}

/* Nothing is credited beyond what is open, and nothing waits for more than that. */
static void invoices_check(const struct year *year)
{
    for (size_t i = 0; i < json_array_size(year->invoices); i++) {
        const char *invoice = member_text(json_array_get(year->invoices, i), "invoice");
        json_t *record = company_invoice_record((struct company *)&year->company, invoice);
        int64_t open = member_integer(record, "open"), pending = member_integer(record, "pending");
        if (open < 0 || pending < 0 || member_integer(record, "gross") <= 0)
            fail_msg("invoice %s has %" PRId64 " open, %" PRId64 " pending", invoice, open, pending);
        json_decref(record);
    }
}

static void a_year_with_every_kind(void **state)
{
    unsigned long long seed = 20261231;
    int days = DAYS;
    const char *other = getenv("COUNTERSIGN_YEAR"), *leave = getenv("COUNTERSIGN_YEAR_LEAVE");
    struct year year;
    (void)state;
    if (other != NULL && *other != '\0') {
        char *end = NULL;
        seed = strtoull(other, &end, 10);
        days = *end == ':' ? atoi(end + 1) : DAYS;
    }
    year_open(&year, seed);
    for (year.day = 0; year.day < days; year.day++) {
        day_live(&year);
        if (leave == NULL && year.day % CHECK_EVERY == 0) {
            company_check_books(&year.company);
            invoices_check(&year);
        }
    }
    invoices_check(&year);
    json_t *kinds = year_documents(&year);
    print_message("seed %llu, %d days: %u statements, %u refused as a whole\n", seed, days, year.let_in,
                  year.wholly_refused);
    bool complete = kinds_complete(kinds);
    complete = courses_complete(&year) && complete;
    complete = year_complete(&year) && complete;
    refusals_print(&year);
    json_decref(kinds);
    assert_true(days < DAYS || complete);
    if (leave != NULL)
        year_leave(&year, leave);
    year_close(&year);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_year_with_every_kind)};
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

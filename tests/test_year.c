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
#include "tests/support/sanitized.h"
#include "tests/support/year_expect.h"
#include "tests/support/year_steps.h"

enum { DAYS = 365, CHECK_EVERY = 61 };

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
    int days = SANITIZED ? DAYS / 4 : DAYS; /* under a sanitizer test_read_access lives through all of them */
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
        year_live_day(&year);
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

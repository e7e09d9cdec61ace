/*
 * The policy of the year: what companies in the United States start from, with an entity that keeps its books in euros and
 * gives debt up directly, by rules of its own; later with an entity acquired.
 */
#include "tests/support/year_steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define POLICY   "controls/policies/us.yaml"
#define ENTITIES "timezone: America/New_York }\n"
#define ACQUIRED                                                                                                       \
    "  - entity: AC01\n    currency: USD\n    fiscal_year_begins: 1\n    timezone: America/New_York\n"                 \
    "    parameters: { acknowledgement_days: 0 }\n"
#define ABROAD                                                                                                         \
    "  - entity: EU01\n    currency: EUR\n    fiscal_year_begins: 4\n    timezone: Europe/Berlin\n"                    \
    "    parameters: { write_off_contacts_min: 1, write_off_due_days: 90, pair_count_min: 3 }\n"
#define BAD_DEBT   "  - row: BAD_DEBT\n"
#define PARAMETERS "\nparameters:\n"
#define BOUNDS     "  automatic_day_max: 250.00\n  acknowledgement_days: 2\n"
#define BAD_DEBT_ABROAD                                                                                                \
    BAD_DEBT "    entities: [EU01]\n    tiers:\n"                                                                      \
             "      - { upto: 100.00, levels: [1] }\n      - { levels: [1, 2] }\n"

void year_policy_make(bool acquired, char ret_path[static VARIANT_PATH_BYTES])
{
    const struct edit edits[] = {
        {ENTITIES, ENTITIES ABROAD},
        {BAD_DEBT, BAD_DEBT_ABROAD BAD_DEBT},
        {PARAMETERS, PARAMETERS BOUNDS},
        {acquired ? ENTITIES : NULL, ENTITIES ACQUIRED},
        {NULL, NULL},
    };
    variant_make_of(POLICY, edits, ret_path);
}

void year_step_policy(struct year *year)
{
    char effective[32], path[VARIANT_PATH_BYTES];
    year_policy_make(true, path);
    json_t *document = year_document(year, "policy", company_policy_body(path));
    variant_done(path);
    year_settled(
        year, "policy",
        year_settle(year, "olga", company_with(document, "effective", json_string(year_instant(year, 2, effective)))));
}

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
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define POLICY   "controls/policies/us.yaml"
#define ENTITIES "timezone: America/New_York }\n"
#define ACQUIRED "  - { entity: AC01, currency: USD, fiscal_year_begins: 1, timezone: America/New_York }\n"
#define ABROAD                                                                                                         \
    "  - entity: EU01\n    currency: EUR\n    fiscal_year_begins: 4\n    timezone: Europe/Berlin\n"                    \
    "    parameters: { write_off_contacts_min: 1, write_off_due_days: 90, pair_count_min: 3 }\n"
#define BAD_DEBT   "  - row: BAD_DEBT\n"
#define PARAMETERS "\nparameters:\n"
#define BOUNDS     "  automatic_day_max: 250.00\n"
#define BAD_DEBT_ABROAD                                                                                                \
    BAD_DEBT "    entities: [EU01]\n    tiers:\n"                                                                      \
             "      - { upto: 100.00, levels: [1] }\n      - { levels: [1, 2] }\n"

enum { TEXT_MAX = 1 << 17 };

/* Puts what comes before or after the first place of mark. */
static void insert(char *text, const char *mark, bool before, const char *what)
{
    char *at = strstr(text, mark);
    assert_non_null(at);
    if (!before)
        at += strlen(mark);
    assert_true(strlen(text) + strlen(what) < TEXT_MAX);
    memmove(at + strlen(what), at, strlen(at) + 1);
    memcpy(at, what, strlen(what));
}

void year_policy_make(bool acquired, char ret_path[static YEAR_POLICY_PATH_BYTES])
{
    char *text = calloc(1, TEXT_MAX);
    FILE *from = fopen(POLICY, "rb");
    assert_non_null(text);
    assert_non_null(from);
    assert_true(fread(text, 1, TEXT_MAX - 1, from) > 0);
    assert_int_equal(fclose(from), 0);
    insert(text, ENTITIES, false, ABROAD);
    insert(text, BAD_DEBT, true, BAD_DEBT_ABROAD);
    insert(text, PARAMETERS, false, BOUNDS);
    if (acquired)
        insert(text, ENTITIES, false, ACQUIRED);
    snprintf(ret_path, YEAR_POLICY_PATH_BYTES, "/tmp/countersign-year-XXXXXX");
    int fd = mkstemp(ret_path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(close(fd), 0);
    free(text);
}

void year_step_policy(struct year *year)
{
    char effective[32], path[YEAR_POLICY_PATH_BYTES];
    year_policy_make(true, path);
    json_t *document = year_document(year, "policy", company_policy_body(path));
    assert_int_equal(unlink(path), 0);
    year_settled(
        year, "policy",
        year_settle(year, "olga", company_with(document, "effective", json_string(year_instant(year, 2, effective)))));
}

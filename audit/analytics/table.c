/*
 * The table of tests.
 */
#include "audit/analytics/analytics.h"

#include <string.h>

const struct analytic *const analytics[] = {
    &analytic_c45,  &analytic_c46,  &analytic_c47,  &analytic_c48,  &analytic_c49,  &analytic_c50,  &analytic_je01,
    &analytic_je02, &analytic_je03, &analytic_je04, &analytic_je05, &analytic_je06, &analytic_je07, &analytic_je08,
};
const size_t analytic_count = sizeof analytics / sizeof analytics[0];

const struct analytic *analytic_find(const char *id)
{
    for (size_t i = 0; i < analytic_count; i++)
        if (strcmp(analytics[i]->id, id) == 0)
            return analytics[i];
    return NULL;
}

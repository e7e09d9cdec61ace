/*
 * The table of reports, in order of their ids.
 */
#include <string.h>

#include "audit/report.h"
#include "audit/reports/reports.h"

const struct report *const reports[] = {
    &report_r01, &report_r02, &report_r04, &report_r05, &report_r06,
    &report_r07, &report_r08, &report_r09, &report_r11, &report_r17,
};
const size_t report_count = sizeof reports / sizeof reports[0];

const struct report *report_find(const char *id)
{
    for (size_t i = 0; i < report_count; i++)
        if (strcmp(reports[i]->id, id) == 0)
            return reports[i];
    return NULL;
}

/*
 * The table of reports, in order of their ids.
 */
#include <string.h>

#include "audit/report/report.h"
#include "audit/reports/reports.h"

const struct report *const reports[] = {
    &report_l01, &report_p01, &report_r01, &report_r02, &report_r03, &report_r04, &report_r05, &report_r06,
    &report_r07, &report_r08, &report_r09, &report_r10, &report_r11, &report_r12, &report_r13, &report_r14,
    &report_r15, &report_r16, &report_r17, &report_r18, &report_r19, &report_r20, &report_s01,
};
const size_t report_count = sizeof reports / sizeof reports[0];

const struct report *report_find(const char *id)
{
    for (size_t i = 0; i < report_count; i++)
        if (strcmp(reports[i]->id, id) == 0)
            return reports[i];
    return NULL;
}

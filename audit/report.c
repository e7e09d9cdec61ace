/*
 * The table of reports, and the words that go with it.
 */
#include "audit/report.h"

#include <stdio.h>
#include <string.h>

#include "audit/reports/reports.h"

const struct report *const reports[] = {
    &report_r01, &report_r02, &report_r04, &report_r05, &report_r06,
    &report_r07, &report_r08, &report_r09, &report_r11, &report_r17,
};
const size_t report_count = sizeof reports / sizeof reports[0];

const char *const report_parameters[] = {"period", "entity", "kind", "customer", "user", "control", NULL};

const struct report *report_find(const char *id)
{
    for (size_t i = 0; i < report_count; i++)
        if (strcmp(reports[i]->id, id) == 0)
            return reports[i];
    return NULL;
}

const char *report_value(const struct report_row *row, const char *name)
{
    for (size_t i = 0; i < row->count; i++)
        if (strcmp(row->names[i], name) == 0)
            return row->values[i];
    return NULL;
}

const char *report_column_title(const char *name, char ret_title[static REPORT_TITLE_BYTES])
{
    snprintf(ret_title, REPORT_TITLE_BYTES, "%s", name);
    for (char *at = ret_title; *at != '\0'; at++)
        if (*at == '_')
            *at = ' ';
    if (ret_title[0] >= 'a' && ret_title[0] <= 'z')
        ret_title[0] = (char)(ret_title[0] - 'a' + 'A');
    return ret_title;
}

const char *report_type_name(enum report_type type)
{
    switch (type) {
    case REPORT_TEXT:
        return "text";
    case REPORT_COUNT:
        return "count";
    case REPORT_AMOUNT:
        return "amount";
    case REPORT_DATE:
        return "date";
    case REPORT_INSTANT:
        return "instant";
    case REPORT_HASH:
        return "hash";
    case REPORT_PERCENT:
        return "percent";
    }
    return "";
}

/*
 * The words that go with reports: parameters, titles, types.
 */
#include "audit/report/report.h"

#include <stdio.h>
#include <string.h>

const char *const report_parameters[] = {"period", "entity", "kind", "customer", "user", "control", NULL};

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

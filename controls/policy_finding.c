/*
 * Findings of the policy check: formats place and sentence, counts the errors, calls the report.
 */
#include "controls/policy_finding.h"

#include <stdarg.h>
#include <stdio.h>

const char *policy_place(char ret_path[static POLICY_PATH_BYTES], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(ret_path, POLICY_PATH_BYTES, format, args);
    va_end(args);
    if (length < 0)
        ret_path[0] = '\0';
    return ret_path;
}

static void finding_report(struct policy_findings *findings, bool warning, const char *path, const char *text)
{
    if (!warning)
        findings->errors++;
    if (findings->report == NULL)
        return;
    const struct policy_finding finding = {.warning = warning, .path = path, .text = text};
    findings->report(findings->context, &finding);
}

/* One text buffer for both severities; ERR_TEXT_BYTES because a finding becomes an error text. */
void policy_error(struct policy_findings *findings, const char *path, const char *format, ...)
{
    char text[ERR_TEXT_BYTES] = "";
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    finding_report(findings, false, path, text);
}

void policy_warning(struct policy_findings *findings, const char *path, const char *format, ...)
{
    char text[ERR_TEXT_BYTES] = "";
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    finding_report(findings, true, path, text);
}

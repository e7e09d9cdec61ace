/*
 * The filter before the YAML parser. It is a safety rule, not a courtesy: libfyaml 0.7.12 reads beyond its buffer or
 * loops for ever on some inputs that are not UTF-8 or begin a line with '%'. It also keeps out of a policy what could
 * hide or reorder what its approver sees.
 */
#include "controls/compiler/filter.h"

#include <stdint.h>

#include "ledger/limits.h"
#include "ledger/text.h"

enum { CODE_POINT_BOM = 0xFEFF };

static void character_check(struct findings *findings, size_t offset, uint32_t code_point)
{
    if (code_point == '\t')
        findings_error(findings, offset, "a tab: indent with blanks");
    else if (code_point == '\r')
        findings_error(findings, offset, "a carriage return: lines end in a line feed only");
    else if (code_point == CODE_POINT_BOM)
        findings_error(findings, offset, "a byte order mark: save the file as UTF-8 without one");
    else
        findings_error(findings, offset, "character U+%04X is not allowed in a policy", (unsigned)code_point);
}

void filter_check(struct findings *findings)
{
    if (findings->length > POLICY_YAML_BYTES_MAX) {
        findings_error(findings, 0, "%zu bytes, a policy has at most %d", findings->length, POLICY_YAML_BYTES_MAX);
        return;
    }
    bool line_begins = true;
    for (size_t i = 0; i < findings->length && findings->errors < FINDINGS_MAX;) {
        uint32_t code_point = 0;
        size_t size = text_step(findings->source + i, findings->length - i, &code_point);
        if (size == 0) {
            findings_error(findings, i, "byte 0x%02X is not UTF-8", (unsigned char)findings->source[i]);
            return;
        }
        if (line_begins && code_point == '%')
            findings_error(findings, i, "a directive: no line of a policy begins with %%");
        else if (code_point != '\n' && text_forbidden(code_point))
            character_check(findings, i, code_point);
        line_begins = code_point == '\n';
        i += size;
    }
}

/*
 * Attacks filter_check, which alone keeps libfyaml from bytes on which it loops or reads beyond its buffer. What it lets through
 * is what a second reading of POLICY.md's rule, written here by hand over bytes, lets through: UTF-8 in its shortest form, no
 * control characters but the line feed, none of FORMAT.md section 1, no line that begins with '%'.
 */
#include "controls/compiler/filter.h"
#include "ledger/limits.h"
#include "tests/fuzz/fuzz.h"

/* The bytes that a code point takes, by the table of well-formed sequences in the Unicode standard; 0: none. */
static size_t well_formed(const uint8_t *at, size_t left)
{
    static const struct {
        uint8_t first_low, first_high, second_low, second_high, length;
    } rows[] = {{0x00, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
                {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
                {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (at[0] < rows[i].first_low || at[0] > rows[i].first_high)
            continue;
        if (left < rows[i].length ||
            (rows[i].length > 1 && (at[1] < rows[i].second_low || at[1] > rows[i].second_high)))
            return 0;
        for (size_t j = 2; j < rows[i].length; j++)
            if (at[j] < 0x80 || at[j] > 0xBF)
                return 0;
        return rows[i].length;
    }
    return 0;
}

/* Forbidden code points by their bytes. */
static bool hides(const uint8_t *at, size_t length)
{
    if (length == 1)
        return (at[0] < 0x20 && at[0] != '\n') || at[0] == 0x7F;
    if (length == 2)
        return (at[0] == 0xC2 && at[1] <= 0x9F) || (at[0] == 0xD8 && at[1] == 0x9C);
    if (length == 3 && at[0] == 0xE2 && at[1] == 0x80)
        return at[2] == 0x8E || at[2] == 0x8F || (at[2] >= 0xA8 && at[2] <= 0xAE);
    if (length == 3 && at[0] == 0xE2 && at[1] == 0x81)
        return at[2] >= 0xA6 && at[2] <= 0xA9;
    return length == 3 && at[0] == 0xEF && at[1] == 0xBB && at[2] == 0xBF;
}

static bool harmless(const uint8_t *bytes, size_t size)
{
    if (size > POLICY_YAML_BYTES_MAX)
        return false;
    for (size_t i = 0, length = 0; i < size; i += length) {
        length = well_formed(bytes + i, size - i);
        if (length == 0 || hides(bytes + i, length) || (bytes[i] == '%' && (i == 0 || bytes[i - 1] == '\n')))
            return false;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct findings findings = {.source = text, .length = size};
    filter_check(&findings);
    must(!findings.failed && (findings.errors == 0) == harmless(data, size));
    findings_done(&findings);
    free(text);
    return 0;
}

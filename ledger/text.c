/*
 * Text safety. Guarantees that what passes here is UTF-8 in its only form and shows what it holds: nothing invisible
 * from the control ranges, nothing that reorders a line on a terminal. Look-alike letters are not its matter: ids and
 * codes are ASCII. Implements the text rules of FORMAT.md.
 */
#include "ledger/text.h"

#include "ledger/limits.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* True when bytes[1..count) are continuation bytes. */
static bool continues(const char *bytes, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (((unsigned char)bytes[i] & 0xC0) != 0x80)
            return false;
    return true;
}

static uint32_t bits(char byte)
{
    return (uint32_t)((unsigned char)byte & 0x3F);
}

size_t text_step(const char *bytes, size_t left, uint32_t *ret_code_point)
{
    if (left == 0)
        return 0;
    uint32_t lead = (unsigned char)bytes[0];
    if (lead < 0x80) {
        *ret_code_point = lead;
        return 1;
    }
    if (lead >= 0xC2 && lead < 0xE0 && left >= 2 && continues(bytes, 2)) {
        *ret_code_point = (lead & 0x1F) << 6 | bits(bytes[1]);
        return 2;
    }
    if (lead >= 0xE0 && lead < 0xF0 && left >= 3 && continues(bytes, 3)) {
        uint32_t code_point = (lead & 0x0F) << 12 | bits(bytes[1]) << 6 | bits(bytes[2]);
        if (code_point < 0x800 || (code_point >= 0xD800 && code_point <= 0xDFFF))
            return 0;
        *ret_code_point = code_point;
        return 3;
    }
    if (lead >= 0xF0 && lead < 0xF5 && left >= 4 && continues(bytes, 4)) {
        uint32_t code_point = (lead & 0x07) << 18 | bits(bytes[1]) << 12 | bits(bytes[2]) << 6 | bits(bytes[3]);
        if (code_point < 0x10000 || code_point > 0x10FFFF)
            return 0;
        *ret_code_point = code_point;
        return 4;
    }
    return 0;
}

/* Eight copies of a byte. */
static uint64_t eight(unsigned char byte)
{
    return UINT64_C(0x0101010101010101) * byte;
}

/* Nonzero when one of the eight bytes is zero. */
static uint64_t has_zero(uint64_t word)
{
    return (word - eight(0x01)) & ~word & eight(0x80);
}

/* Nonzero when one of the eight bytes is not plain; the lowest bit set then stands in the lowest such byte. */
static uint64_t has_other(uint64_t word)
{
    uint64_t below_blank = (word - eight(0x20)) & ~word & eight(0x80);
    return (word & eight(0x80)) | below_blank | has_zero(word ^ eight('"')) | has_zero(word ^ eight('\\')) |
           has_zero(word ^ eight(0x7F));
}

size_t text_plain_run(const char *bytes, size_t left)
{
    size_t run = 0;
    while (left - run >= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, bytes + run, sizeof word);
        uint64_t other = has_other(le64toh(word));
        if (other != 0) /* exact up to the first: borrows run only upwards from a true one */
            return run + (size_t)__builtin_ctzll(other) / 8;
        run += sizeof word;
    }
    while (run < left && bytes[run] >= 0x20 && bytes[run] < 0x7F && bytes[run] != '"' && bytes[run] != '\\')
        run++;
    return run;
}

bool text_forbidden(uint32_t code_point)
{
    if (code_point < 0x20 || (code_point >= 0x7F && code_point <= 0x9F))
        return true; /* C0, DEL, C1 */
    if (code_point < 0x061C)
        return false;
    return code_point == 0x061C || code_point == 0x200E || code_point == 0x200F ||
           (code_point >= 0x2028 && code_point <= 0x202E) || /* line and paragraph separator, bidi embedding */
           (code_point >= 0x2066 && code_point <= 0x2069) || /* bidi isolates */
           code_point == 0xFEFF;
}

enum status text_check(const char *text, size_t length, struct err *err)
{
    for (size_t at = text_plain_run(text, length); at < length; at += text_plain_run(text + at, length - at)) {
        uint32_t code_point = 0;
        size_t step = text_step(text + at, length - at, &code_point);
        if (step == 0)
            return err_set(err, STATUS_INPUT, "byte %zu: not UTF-8 (0x%02X)", at, (unsigned char)text[at]);
        if (text_forbidden(code_point))
            return err_set(err, STATUS_INPUT, "byte %zu: character U+%04X is not allowed", at, (unsigned)code_point);
        at += step;
    }
    return STATUS_OK;
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_id_mark(char c)
{
    return c == '.' || c == '_' || c == ':' || c == '/' || c == '@' || c == '-';
}

bool text_is(const char *text, const char *wanted)
{
    return text != NULL && strcmp(text, wanted) == 0;
}

bool text_is_id(const char *text, size_t length)
{
    if (length == 0 || length > ID_BYTES_MAX || is_id_mark(text[0]))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!is_lower(text[i]) && !is_upper(text[i]) && !is_digit(text[i]) && !is_id_mark(text[i]))
            return false;
    return true;
}

bool text_is_code(const char *text, size_t length)
{
    if (length == 0 || length > TEXT_CODE_BYTES_MAX || text[0] == '_' || text[0] == '-')
        return false;
    for (size_t i = 0; i < length; i++)
        if (!is_upper(text[i]) && !is_digit(text[i]) && text[i] != '_' && text[i] != '-')
            return false;
    return true;
}

size_t text_key_run(const char *text, size_t left)
{
    enum { NAME = 1 };
    static const uint8_t kinds[256] = {
        ['a'] = NAME, ['b'] = NAME, ['c'] = NAME, ['d'] = NAME, ['e'] = NAME, ['f'] = NAME, ['g'] = NAME, ['h'] = NAME,
        ['i'] = NAME, ['j'] = NAME, ['k'] = NAME, ['l'] = NAME, ['m'] = NAME, ['n'] = NAME, ['o'] = NAME, ['p'] = NAME,
        ['q'] = NAME, ['r'] = NAME, ['s'] = NAME, ['t'] = NAME, ['u'] = NAME, ['v'] = NAME, ['w'] = NAME, ['x'] = NAME,
        ['y'] = NAME, ['z'] = NAME, ['0'] = NAME, ['1'] = NAME, ['2'] = NAME, ['3'] = NAME, ['4'] = NAME, ['5'] = NAME,
        ['6'] = NAME, ['7'] = NAME, ['8'] = NAME, ['9'] = NAME, ['_'] = NAME, ['.'] = NAME, ['-'] = NAME};
    size_t run = 0;
    while (run < left && kinds[(unsigned char)text[run]] == NAME)
        run++;
    return run;
}

bool text_is_key(const char *text, size_t length)
{
    return length > 0 && length <= JSON_KEY_BYTES_MAX && text_key_run(text, length) == length;
}

void text_show(const char *text, size_t length, char ret_shown[static TEXT_SHOW_MAX])
{
    const size_t room = TEXT_SHOW_MAX - sizeof "\\x00...";
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        if (used > room) {
            memcpy(ret_shown + used, "...", 3);
            used += 3;
            break;
        }
        if (text[i] >= 0x20 && text[i] < 0x7F) {
            ret_shown[used++] = text[i];
        } else {
            snprintf(ret_shown + used, sizeof "\\x00", "\\x%02X", (unsigned)(unsigned char)text[i]);
            used += 4;
        }
    }
    ret_shown[used] = '\0';
}

void text_add(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text + used, size - used, format, args);
    va_end(args);
}

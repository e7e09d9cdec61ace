/*
 * CSV out. Formula injection is somebody else's name or note becoming a formula in an auditor's spreadsheet; the guard
 * is a quote in front, and plain numbers, which begin with a minus too, stay numbers.
 */
#include "cli/csv_write.h"

#include <stdbool.h>
#include <string.h>

static bool is_plain_number(const char *cell)
{
    const char *at = cell + (cell[0] == '-' ? 1 : 0);
    size_t whole = strspn(at, "0123456789");
    if (whole == 0)
        return false;
    at += whole;
    if (*at != '.')
        return *at == '\0';
    size_t digits = strspn(at + 1, "0123456789");
    return digits > 0 && at[1 + digits] == '\0';
}

static bool begins_formula(const char *cell)
{
    static const char *const wide[] = {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"}; /* = + - @ */
    if (cell[0] != '\0' && strchr("=+-@\t\r\n", cell[0]) != NULL)
        return !is_plain_number(cell);
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        if (strncmp(cell, wide[i], 3) == 0)
            return true;
    return false;
}

/* Blanks at an end are quoted too: readers, ours included, drop them elsewhere. */
static bool needs_quotes(const char *cell)
{
    size_t length = strlen(cell);
    return strpbrk(cell, ",\"\r\n") != NULL || (length > 0 && (cell[0] == ' ' || cell[0] == '\t')) ||
           (length > 0 && (cell[length - 1] == ' ' || cell[length - 1] == '\t'));
}

static void write_cell(FILE *out, const char *cell)
{
    bool guard = begins_formula(cell);
    bool quotes = needs_quotes(cell);
    if (quotes)
        fputc('"', out);
    if (guard)
        fputc('\'', out);
    for (const char *at = cell; *at != '\0'; at++) {
        if (*at == '"')
            fputc('"', out);
        fputc(*at, out);
    }
    if (quotes)
        fputc('"', out);
}

enum status csv_write_row(FILE *out, const char *const cells[], size_t count, struct err *err)
{
    /* A row of one empty cell would be a blank line, which readers skip. */
    bool lone = count == 1 && (cells[0] == NULL || cells[0][0] == '\0');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            fputc(',', out);
        if (lone)
            fputs("\"\"", out);
        else if (cells[i] != NULL)
            write_cell(out, cells[i]);
    }
    fputs("\r\n", out);
    return ferror(out) ? err_set(err, STATUS_IO, "cannot write the CSV") : STATUS_OK;
}

/*
 * Text that comes from outside cannot steer the terminal or hide: every code point outside the plain ones is printed by
 * its number. The list is by number, not by Unicode category, so that it is the same everywhere (DESIGN 4); it is wider
 * than what the journal forbids, because it also shows file names, CSV cells and error texts.
 */
#include "cli/terminal.h"

#include <inttypes.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "cli/fault.h"
#include "ledger/text.h"

struct range {
    uint32_t first;
    uint32_t last;
};

static const struct range hidden[] = {
    {0x0000, 0x001F},   /* C0 */
    {0x007F, 0x009F},   /* DEL, C1 */
    {0x00AD, 0x00AD},   /* soft hyphen */
    {0x061C, 0x061C},   /* Arabic letter mark */
    {0x115F, 0x1160},   /* Hangul fillers */
    {0x180E, 0x180E},   /* Mongolian vowel separator */
    {0x200B, 0x200B},   /* zero width space; its joiners belong to words and stay */
    {0x200E, 0x200F},   /* left-to-right and right-to-left mark */
    {0x2028, 0x202E},   /* line and paragraph separator, bidi embeddings and overrides */
    {0x2060, 0x206F},   /* invisible operators, bidi isolates, deprecated controls */
    {0x3164, 0x3164},   /* Hangul filler */
    {0xFEFF, 0xFEFF},   /* byte order mark */
    {0xFFA0, 0xFFA0},   /* half-width Hangul filler */
    {0xFFF0, 0xFFFB},   /* specials: interlinear annotation */
    {0xFFFE, 0xFFFF},   /* noncharacters */
    {0xE0000, 0xE0FFF}, /* tags and what else is ignored by default */
};

static bool is_hidden(uint32_t point)
{
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        if (point >= hidden[i].first && point <= hidden[i].last)
            return true;
    return (point & 0xFFFE) == 0xFFFE;
}

void terminal_print_text(FILE *out, const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        uint32_t point = 0;
        size_t length = text_step(text, left, &point);
        if (length == 0)
            fprintf(out, "<0x%02X>", (unsigned char)*text);
        else if (is_hidden(point))
            fprintf(out, "<U+%04" PRIX32 ">", point);
        else
            fwrite(text, 1, length, out);
        text += length == 0 ? 1 : length;
        left -= length == 0 ? 1 : length;
    }
}

static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text > '~')
            return false;
    return true;
}

/*
 * wcwidth in the one locale that is always there, for this call only: the process itself stays in the C locale. Nearly all text
 * is plain, and a page of it would read the locale's file a hundred times.
 */
size_t terminal_columns(const char *text)
{
    size_t columns = 0;
    if (is_plain(text))
        return strlen(text);
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    locale_t before = utf8 != (locale_t)0 ? uselocale(utf8) : (locale_t)0;
    size_t left = strlen(text);
    while (left > 0) {
        uint32_t point = 0;
        size_t length = text_step(text, left, &point);
        int width = length > 0 ? wcwidth((wchar_t)point) : 1;
        columns += width >= 0 ? (size_t)width : 1;
        text += length == 0 ? 1 : length;
        left -= length == 0 ? 1 : length;
    }
    if (utf8 != (locale_t)0) {
        uselocale(before);
        freelocale(utf8);
    }
    return columns;
}

static char *format_text(const char *format, va_list args)
{
    char *text = NULL;
    return vasprintf(&text, format, args) < 0 ? NULL : text;
}

void terminal_printf(FILE *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = format_text(format, args);
    va_end(args);
    if (text != NULL)
        terminal_print_text(out, text);
    else
        fault_no_memory();
    free(text);
}

char *terminal_escape(const char *text)
{
    char *escaped = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&escaped, &size);
    if (memory == NULL)
        return NULL;
    terminal_print_text(memory, text);
    bool bad = ferror(memory);
    if (fclose(memory) != 0 || bad) {
        free(escaped);
        return NULL;
    }
    return escaped;
}

/* Colour only where a person looks and did not say no; a dumb terminal has none. */
static bool has_colour(const struct cli *cli, FILE *out)
{
    bool terminal = (out == cli->out && cli->out_is_terminal) || (out == cli->err && cli->err_is_terminal);
    bool dumb = cli->environment.term != NULL && strcmp(cli->environment.term, "dumb") == 0;
    return terminal && !dumb && cli->environment.no_color == NULL;
}

const char *terminal_style_begin(const struct cli *cli, FILE *out, enum style style)
{
    if (!has_colour(cli, out))
        return "";
    switch (style) {
    case STYLE_PLAIN:
        return "";
    case STYLE_STRONG:
        return "\x1b[1m";
    case STYLE_DIM:
        return "\x1b[2m";
    case STYLE_GOOD:
        return "\x1b[32m";
    case STYLE_WARN:
        return "\x1b[33m";
    case STYLE_BAD:
        return "\x1b[1;31m";
    }
    return "";
}

const char *terminal_style_end(const struct cli *cli, FILE *out, enum style style)
{
    return has_colour(cli, out) && style != STYLE_PLAIN ? "\x1b[0m" : "";
}

void terminal_print_styled(const struct cli *cli, FILE *out, enum style style, const char *text)
{
    fputs(terminal_style_begin(cli, out, style), out);
    terminal_print_text(out, text);
    fputs(terminal_style_end(cli, out, style), out);
}

const char *terminal_group_integer(int64_t number, char ret_text[static GROUPED_BYTES])
{
    char plain[GROUPED_BYTES];
    snprintf(plain, sizeof plain, "%" PRId64, number);
    return terminal_group_decimal(plain, ret_text);
}

/* Whether text is -?digits(.digits)? ; *ret_whole is where its whole digits begin and end. */
static bool is_decimal(const char *text, size_t *ret_begin, size_t *ret_end)
{
    size_t at = text[0] == '-' ? 1 : 0;
    *ret_begin = at;
    at += strspn(text + at, "0123456789");
    *ret_end = at;
    if (at == *ret_begin)
        return false;
    if (text[at] != '.')
        return text[at] == '\0';
    size_t digits = strspn(text + at + 1, "0123456789");
    return digits > 0 && text[at + 1 + digits] == '\0';
}

const char *terminal_group_decimal(const char *decimal, char ret_text[static GROUPED_BYTES])
{
    size_t begin = 0, end = 0, used = 0;
    size_t length = strlen(decimal);
    if (!is_decimal(decimal, &begin, &end) || length + (end - begin - 1) / 3 >= GROUPED_BYTES) {
        snprintf(ret_text, GROUPED_BYTES, "%s", decimal);
        return ret_text;
    }
    for (size_t i = 0; i < length; i++) {
        if (i > begin && i < end && (end - i) % 3 == 0)
            ret_text[used++] = ',';
        ret_text[used++] = decimal[i];
    }
    ret_text[used] = '\0';
    return ret_text;
}

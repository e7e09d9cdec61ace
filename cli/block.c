/*
 * Blocks: a head line and aligned, labelled lines. Texts are kept escaped until print, when the widest label is known.
 * A lack of memory is remembered and reported once, by block_print, so that a command adds lines without ceremony.
 */
#include "cli/block.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/terminal.h"

enum { BLOCK_LINES_MAX = 4096 }; /* a document shown in full has some hundred lines */

struct block_row {
    char *label; /* NULL for a head */
    char *text;
    enum style style;
};

struct block {
    const struct cli *cli;
    struct block_row *rows;
    size_t count;
    size_t room;
    bool broken; /* memory ran out: something is missing */
};

struct block *block_new(const struct cli *cli)
{
    struct block *block = calloc(1, sizeof *block);
    if (block != NULL)
        block->cli = cli;
    return block;
}

static char *escaped_format(const char *format, va_list args)
{
    char *text = NULL;
    if (vasprintf(&text, format, args) < 0)
        return NULL;
    char *escaped = terminal_escape(text);
    free(text);
    return escaped;
}

/* Takes label and text, which are freed where there is no room. */
static void add_row(struct block *block, char *label, char *text, enum style style)
{
    if (block->count == block->room && block->room < BLOCK_LINES_MAX) {
        size_t room = block->room == 0 ? 16 : 2 * block->room;
        struct block_row *rows = reallocarray(block->rows, room, sizeof *rows);
        if (rows != NULL) {
            block->rows = rows;
            block->room = room;
        }
    }
    if (block->count == block->room || text == NULL) {
        block->broken = true;
        free(label);
        free(text);
        return;
    }
    block->rows[block->count++] = (struct block_row){.label = label, .text = text, .style = style};
}

void block_head(struct block *block, enum style style, const char *id, const char *format, ...)
{
    if (block == NULL)
        return;
    char *joined = NULL;
    va_list args;
    va_start(args, format);
    char *text = escaped_format(format, args);
    va_end(args);
    char *escaped = terminal_escape(id);
    const char *gap = escaped != NULL && escaped[0] != '\0' && text != NULL && text[0] != '\0' ? "   " : "";
    bool made = escaped != NULL && text != NULL &&
                asprintf(&joined, "%s%s%s%s%s", terminal_style_begin(block->cli, block->cli->out, style), escaped,
                         terminal_style_end(block->cli, block->cli->out, style), gap, text) >= 0;
    free(escaped);
    free(text);
    add_row(block, NULL, made ? joined : NULL, style);
}

void block_line(struct block *block, const char *label, const char *format, ...)
{
    if (block == NULL)
        return;
    va_list args;
    va_start(args, format);
    char *text = escaped_format(format, args);
    va_end(args);
    char *escaped = terminal_escape(label);
    if (escaped == NULL) {
        free(text);
        text = NULL;
    }
    add_row(block, escaped, text, STYLE_PLAIN);
}

/* Columns of text[0..length). */
static size_t columns_of(const char *text, size_t length)
{
    char *word = strndup(text, length);
    size_t columns = word != NULL ? terminal_columns(word) : length;
    free(word);
    return columns;
}

/* The text from column indent on, broken between words where the terminal ends; width 0: never. */
static void print_wrapped(FILE *out, const char *text, size_t indent, size_t width)
{
    size_t column = indent;
    while (*text != '\0') {
        size_t blanks = strspn(text, " ");
        size_t letters = strcspn(text + blanks, " ");
        size_t columns = columns_of(text + blanks, letters);
        if (width > 0 && column > indent && column + blanks + columns > width) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
            text += blanks;
            blanks = 0;
        }
        fprintf(out, "%.*s", (int)(blanks + letters), text);
        column += blanks + columns;
        text += blanks + letters;
    }
    fputc('\n', out);
}

enum status block_print(struct block *block, struct err *err)
{
    if (block == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the answer");
    FILE *out = block->cli->out;
    size_t widest = 0;
    for (size_t i = 0; i < block->count; i++) {
        size_t width = block->rows[i].label != NULL ? terminal_columns(block->rows[i].label) : 0;
        widest = width > widest ? width : widest;
    }
    for (size_t i = 0; i < block->count; i++) {
        const struct block_row *row = &block->rows[i];
        if (row->label == NULL) {
            fprintf(out, "%s\n", row->text);
            continue;
        }
        size_t pad = widest - terminal_columns(row->label) + 3;
        fprintf(out, "  %s%*s", row->label, row->text[0] != '\0' ? (int)pad : 0, "");
        print_wrapped(out, row->text, 2 + widest + 3, block->cli->width > 0 ? (size_t)block->cli->width : 0);
    }
    bool broken = block->broken;
    for (size_t i = 0; i < block->count; i++) {
        free(block->rows[i].label);
        free(block->rows[i].text);
    }
    block->count = 0;
    block->broken = false;
    if (broken)
        return err_set(err, STATUS_MEMORY, "no memory for the whole answer");
    if (ferror(out))
        return err_set(err, STATUS_IO, "cannot write the output");
    return STATUS_OK;
}

void block_free(struct block *block)
{
    if (block == NULL)
        return;
    for (size_t i = 0; i < block->count; i++) {
        free(block->rows[i].label);
        free(block->rows[i].text);
    }
    free(block->rows);
    free(block);
}

/*
 * Tables through libsmartcols. Cells are escaped here first, so that nothing depends on what the library or the locale
 * take for printable; the library then measures, aligns, cuts and wraps. It needs a UTF-8 locale to count columns: the
 * thread has one while a table is filled and printed, the process stays in the C locale.
 */
#include "cli/table.h"

#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct table {
    const struct cli *cli;
    struct libscols_table *scols;
    struct libscols_line *line; /* the last row */
    size_t columns;
    size_t rows;
    bool broken; /* memory ran out: something is missing */
};

static locale_t locale_enter(locale_t *ret_before)
{
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (utf8 != (locale_t)0)
        *ret_before = uselocale(utf8);
    return utf8;
}

static void locale_leave(locale_t utf8, locale_t before)
{
    if (utf8 == (locale_t)0)
        return;
    uselocale(before);
    freelocale(utf8);
}

static int scols_flags(const struct table *table, unsigned flags)
{
    int answer = (flags & COLUMN_RIGHT) != 0 ? SCOLS_FL_RIGHT : 0;
    if (table->cli->out_is_terminal && (flags & COLUMN_CUT) != 0)
        answer |= SCOLS_FL_TRUNC;
    if (table->cli->out_is_terminal && (flags & COLUMN_WRAP) != 0)
        answer |= SCOLS_FL_WRAP;
    return answer;
}

static void set_up(struct table *table, const struct column *columns)
{
    struct libscols_table *scols = table->scols;
    bool headings = false;
    for (const struct column *column = columns; column->name != NULL; column++) {
        headings = headings || column->name[0] != '\0';
        if (scols_table_new_column(scols, column->name, 0, scols_flags(table, column->flags)) == NULL)
            table->broken = true;
        table->columns++;
    }
    bool failed = scols_table_enable_noheadings(scols, !headings) != 0;
    failed = scols_table_set_column_separator(scols, "  ") != 0 || failed;
    failed = scols_table_set_stream(scols, table->cli->out) != 0 || failed;
    if (table->cli->out_is_terminal && table->cli->width > 0) {
        failed = scols_table_set_termforce(scols, SCOLS_TERMFORCE_ALWAYS) != 0 || failed;
        failed = scols_table_set_termwidth(scols, (size_t)table->cli->width) != 0 || failed;
    } else {
        failed = scols_table_set_termforce(scols, SCOLS_TERMFORCE_NEVER) != 0 || failed;
    }
    bool colour = terminal_style_begin(table->cli, table->cli->out, STYLE_STRONG)[0] != '\0';
    failed = scols_table_enable_colors(scols, colour) != 0 || failed;
    table->broken = table->broken || failed;
}

struct table *table_new(const struct cli *cli, const struct column *columns)
{
    struct table *table = calloc(1, sizeof *table);
    if (table == NULL)
        return NULL;
    table->cli = cli;
    table->scols = scols_new_table();
    if (table->scols == NULL) {
        free(table);
        return NULL;
    }
    set_up(table, columns);
    return table;
}

/* Stores the text escaped; the library keeps a copy. */
static void set_cell(struct table *table, size_t column, const char *text)
{
    char *escaped = terminal_escape(text);
    if (escaped == NULL || scols_line_set_data(table->line, column, escaped) != 0)
        table->broken = true;
    free(escaped);
}

void table_row(struct table *table, const char *const cells[])
{
    if (table == NULL)
        return;
    table->line = scols_table_new_line(table->scols, NULL);
    if (table->line == NULL) {
        table->broken = true;
        return;
    }
    table->rows++;
    for (size_t i = 0; i < table->columns; i++)
        if (cells != NULL && cells[i] != NULL && cells[i][0] != '\0')
            set_cell(table, i, cells[i]);
}

void table_cell(struct table *table, size_t column, const char *format, ...)
{
    if (table == NULL || table->line == NULL)
        return;
    invariant(column < table->columns);
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0) {
        table->broken = true;
        return;
    }
    set_cell(table, column, text);
    free(text);
}

void table_style(struct table *table, size_t column, enum style style)
{
    if (table == NULL || table->line == NULL)
        return;
    invariant(column < table->columns);
    const char *begin = terminal_style_begin(table->cli, table->cli->out, style);
    struct libscols_cell *cell = scols_line_get_cell(table->line, column);
    if (begin[0] != '\0' && (cell == NULL || scols_cell_set_color(cell, begin) != 0))
        table->broken = true;
}

enum status table_print(struct table *table, struct err *err)
{
    if (table == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the table");
    locale_t before = (locale_t)0;
    int printed = 0;
    if (table->rows > 0) {
        locale_t utf8 = locale_enter(&before);
        errno = 0; /* the library prints an empty cell where it has no memory to escape it, and says nothing */
        printed = scols_print_table(table->scols);
        table->broken = table->broken || errno == ENOMEM;
        locale_leave(utf8, before);
    }
    if (table->broken || printed != 0)
        return err_set(err, STATUS_MEMORY, "no memory for the whole table");
    if (ferror(table->cli->out))
        return err_set(err, STATUS_IO, "cannot write the output");
    return STATUS_OK;
}

void table_free(struct table *table)
{
    if (table == NULL)
        return;
    scols_unref_table(table->scols);
    free(table);
}

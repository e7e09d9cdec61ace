/*
 * Where a batch's rows come from: CSV or JSON lines, a file or a stream, as the same cells. Both are told apart by the first
 * character, since no column begins with '{'.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/batch_parts.h"
#include "cli/jsonl.h"

const struct csv_column batch_columns[] = {
    {"kind", CSV_REQUIRED},
    {"ref", 0},
    {"entity", 0},
    {"customer", 0},
    {"currency", 0},
    {"amount", 0},
    {"reason", 0},
    {"date", 0},
    {"allocations", CSV_LIST},
    {"on_account", 0},
    {"direction", 0},
    {"field", 0},
    {"method", 0},
    {"limit", 0},
    {"previous", 0},
    {"reverses", 0},
    {"duplicate_of", 0},
    {"note", 0},
    {"evidence", CSV_LIST},
    {"requested_by", 0},
    {"taxes", CSV_LIST},
    {"case", 0},
    {"charge", 0},
    {"recovers", 0},
    {"receipt", 0},
    {"bill_to", 0},
    {"bill_date", 0},
    {"bill_due", 0},
    {"bill_ref", 0},
    {"bill_taxes", CSV_LIST},
    {"from", 0},
    {"to", 0},
    {"review", 0},
    {"order", 0},
    {"expires", 0},
    {"owner", 0},
    {"promised", 0},
    {"customer_ref", 0},
    {"about", 0},
    {"dispute", 0},
    {"behalf", 0},
    {"state", 0},
    {"outcome", 0},
    {"root_cause", 0},
    {"settled_by", 0},
    {"to_customer", 0},
    {"to_allocations", CSV_LIST},
    {"at", 0},
    {NULL, 0},
};

struct batch_source {
    struct csv *csv; /* or */
    struct jsonl *jsonl;
    struct jsonl_row row;
    FILE *opened; /* a stream of ours */
};

bool batch_source_is_stream(const char *path)
{
    struct stat facts;
    return strcmp(path, "-") == 0 || (stat(path, &facts) == 0 && !S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode));
}

/* The first character of a file that is no blank and no byte order mark; EOF also where it cannot be read. */
static int first_of_file(const char *path)
{
    int byte = EOF;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return EOF;
    do
        byte = getc(file);
    while (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n' || byte == 0xEF || byte == 0xBB || byte == 0xBF);
    (void)fclose(file);
    return byte;
}

enum status batch_source_open(struct cli *cli, const char *path, struct batch_source **ret_source, struct err *err)
{
    struct batch_source *source = calloc(1, sizeof *source);
    bool input = strcmp(path, "-") == 0;
    const char *name = input ? "stdin" : path;
    if (source == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a batch");
    if (!input && batch_source_is_stream(path))
        source->opened = fopen(path, "re");
    FILE *stream = input ? cli->in : source->opened;
    int first = stream != NULL ? ungetc(getc(stream), stream) : first_of_file(path);
    enum status status = first == '{' ? jsonl_open(name, stream, batch_columns, &source->jsonl, err)
                                      : csv_open(name, stream, batch_columns, &source->csv, err);
    if (status == STATUS_OK)
        *ret_source = source;
    else
        batch_source_close(source);
    return status;
}

static void cells_of_line(const struct jsonl_row *row, struct batch_cells *ret_cells)
{
    ret_cells->number = row->number;
    ret_cells->line = row->line;
    memcpy(ret_cells->fields, row->fields, sizeof row->fields);
    ret_cells->bad = row->bad;
    ret_cells->bad_column = row->bad_column;
    ret_cells->err = row->err;
}

enum status batch_source_next(struct batch_source *source, struct batch_cells *ret_cells, bool *ret_more,
                              struct err *err)
{
    struct csv_row row;
    enum status status = STATUS_OK;
    if (source->jsonl != NULL) {
        status = jsonl_next(source->jsonl, &source->row, ret_more, err);
        if (status == STATUS_OK && *ret_more)
            cells_of_line(&source->row, ret_cells);
        return status;
    }
    status = csv_next(source->csv, &row, ret_more, err);
    if (status != STATUS_OK || !*ret_more)
        return status;
    ret_cells->number = row.number;
    ret_cells->line = row.line;
    ret_cells->bad = false;
    for (size_t i = 0; batch_columns[i].name != NULL; i++)
        ret_cells->fields[i] = csv_field_at(&row, i);
    return STATUS_OK;
}

void batch_source_close(struct batch_source *source)
{
    if (source == NULL)
        return;
    jsonl_close(source->jsonl);
    csv_close(source->csv);
    if (source->opened != NULL)
        (void)fclose(source->opened);
    free(source);
}

struct csv_field batch_field(const struct batch_cells *cells, const char *name)
{
    size_t i = 0;
    while (batch_columns[i].name != NULL && strcmp(batch_columns[i].name, name) != 0)
        i++;
    invariant(batch_columns[i].name != NULL);
    return cells->fields[i];
}

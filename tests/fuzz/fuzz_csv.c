/*
 * Attacks csv_open and csv_next on any bytes: no harm, and what they answer holds together: places ascend, texts end where their
 * length says and hold no control character.
 */
#include "cli/csv.h"
#include "ledger/text.h"
#include "tests/fuzz/fuzz.h"

static const char *const names[] = {"invoice", "amount", "note"};
static const struct csv_column columns[] = {{"invoice", CSV_REQUIRED}, {"amount", 0}, {"note", 0}, {0}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct csv *csv = NULL;
    struct csv_row row;
    struct err err;
    bool more = true;
    int64_t line = 0;
    if (size == 0)
        return 0;
    FILE *file = fmemopen((void *)(uintptr_t)data, size, "r");
    if (file == NULL)
        return 0;
    enum status status = csv_open("f.csv", file, columns, &csv, &err);
    while (status == STATUS_OK && more) {
        status = csv_next(csv, &row, &more, &err);
        if (status != STATUS_OK || !more)
            continue;
        invariant(row.line > line);
        line = row.line;
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            struct csv_field field = csv_field(&row, names[i]);
            invariant(strlen(field.text) == field.length);
            invariant(field.line >= row.line);
            invariant(text_check(field.text, field.length, &err) == STATUS_OK);
        }
    }
    csv_close(csv);
    fclose(file);
    return 0;
}

/*
 * CSV out to a stream. What a cell may be, and the guard against formulas, is audit/emit's: reports have the same.
 */
#include "cli/csv_write.h"

#include "audit/emit.h"

static enum status to_stream(void *context, struct slice bytes, struct err *err)
{
    if (fwrite(bytes.bytes, 1, bytes.length, (FILE *)context) != bytes.length)
        return err_set(err, STATUS_IO, "cannot write the CSV");
    return STATUS_OK;
}

enum status csv_write_row(FILE *out, const char *const cells[], size_t count, struct err *err)
{
    const struct export_sink sink = {.write = to_stream, .context = out};
    struct emit emit;
    emit_begin(&emit, &sink);
    emit_csv_row(&emit, cells, count);
    enum status status = emit_end(&emit, err);
    if (status == STATUS_OK && ferror(out))
        status = err_set(err, STATUS_IO, "cannot write the CSV");
    return status;
}

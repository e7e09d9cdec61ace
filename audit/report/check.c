/*
 * Reports checked by themselves; see the header.
 */
#include "audit/report/check.h"

#include "audit/report/header.h"
#include "audit/report/page.h"
#include "audit/report/read.h"
#include "ledger/checksum.h"

/* The body's hash is that of the CSV. */
static enum status to_hash(void *context, struct slice bytes, struct err *err)
{
    (void)err;
    hash_stream_add(context, bytes);
    return STATUS_OK;
}

static enum status check_copy(const struct report_checking *checking, struct report_copy *copy, struct err *err)
{
    struct hash_stream stream;
    struct hash body;
    const struct export_sink hashing = {.write = to_hash, .context = &stream};
    const struct report_rows rows = report_copy_rows(copy);
    struct report_compare compared = {.file = checking->file};
    const struct export_sink comparing = report_compare_sink(&compared);
    hash_stream_init(&stream);
    enum status status = report_write(REPORT_CSV, copy->header, &rows, &hashing, err);
    if (status == STATUS_OK) {
        hash_stream_end(&stream, &body);
        status = report_check_hashes(checking, copy->header, &body, err);
    }
    if (status == STATUS_OK) {
        if ((json_int_t)json_array_size(copy->rows) != json_integer_value(json_object_get(copy->header, "rows")))
            report_found(checking, "it has %zu rows, and its header block says %lld", json_array_size(copy->rows),
                         (long long)json_integer_value(json_object_get(copy->header, "rows")));
        status = report_write(checking->format, copy->header, &rows, &comparing, err);
    }
    if (status == STATUS_OK)
        report_compare_end(&compared, "its own header block and rows give", checking);
    return status;
}

static enum status check_csv(const struct report_checking *checking, json_t **ret_header, struct err *err)
{
    json_t *header = NULL;
    struct hash body;
    struct report_compare compared = {.file = checking->sidecar};
    const struct export_sink comparing = report_compare_sink(&compared);
    enum status status = report_read_sidecar(checking->sidecar, &header, err);
    hash_of(checking->file.bytes, checking->file.length, &body);
    if (status == STATUS_OK)
        status = report_check_hashes(checking, header, &body, err);
    if (status == STATUS_OK)
        status = report_write_sidecar(header, &comparing, err);
    if (status == STATUS_OK)
        report_compare_end(&compared, "the header block gives that stands beside it", checking);
    if (status == STATUS_OK)
        *ret_header = header;
    else
        json_decref(header);
    return status;
}

enum status report_check(const struct report_checking *checking, json_t **ret_header, struct err *err)
{
    struct report_copy copy = {.header = NULL};
    if (checking->format == REPORT_CSV)
        return check_csv(checking, ret_header, err);
    if (checking->format == REPORT_HTML && report_page_is(checking->file))
        return report_page_check(checking, ret_header, err);
    enum status status = report_read(checking->format, checking->file, &copy, err);
    if (status == STATUS_OK)
        status = check_copy(checking, &copy, err);
    if (status == STATUS_OK)
        *ret_header = json_incref(copy.header);
    report_copy_done(&copy);
    return status;
}

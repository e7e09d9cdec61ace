/*
 * Records of a file of a feed cut into the bodies of statements: the manifest unchanged in each, parts numbered from 1,
 * the last one marked (FORMAT.md 5.4). Memory is that of one part.
 */
#include <string.h>

#include "cli/feed_file.h"
#include "controls/feed_sort.h"
#include "ledger/money.h"

enum {
    ENVELOPE_BYTES = 4096, /* statement and body around the records: ids, hashes and the manifest take under 1,000 */
    RECORDS_BYTES_MAX = STATEMENT_BYTES_MAX - ENVELOPE_BYTES
};

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory for a part of a feed");
}

enum status feed_cutter_init(struct feed_cutter *cutter, const struct feed_manifest *manifest, struct err *err)
{
    *cutter = (struct feed_cutter){.manifest = *manifest, .kept = json_array()};
    return cutter->kept != NULL ? STATUS_OK : no_memory(err);
}

void feed_cutter_done(struct feed_cutter *cutter)
{
    if (cutter == NULL)
        return;
    json_decref(cutter->kept);
    json_decref(cutter->second);
    cutter->kept = NULL;
    cutter->second = NULL;
}

static json_t *make_manifest(const struct feed_manifest *manifest)
{
    char total[MONEY_TEXT_MAX];
    json_t *file =
        json_pack("{s:I, s:I}", "count", (json_int_t)manifest->count, "sequence", (json_int_t)manifest->sequence);
    if (file == NULL || feed_format_sort(manifest->format)->total == NULL)
        return file;
    money_format(manifest->total_minor, currency_digits(manifest->currency), total);
    if (json_object_set_new(file, "currency", json_string(manifest->currency)) != 0 ||
        json_object_set_new(file, "total", json_string(total)) != 0) {
        json_decref(file);
        return NULL;
    }
    return file;
}

/* The part that was filled; a new one begins. */
static enum status make_body(struct feed_cutter *cutter, bool last, json_t **ret_body, struct err *err)
{
    json_t *records = cutter->kept;
    cutter->kept = json_array();
    cutter->bytes = 0;
    cutter->part++;
    json_t *file = make_manifest(&cutter->manifest);
    json_t *body = json_pack("{s:s, s:s, s:o?, s:b, s:I, s:o?}", "entity", cutter->manifest.entity, "feed",
                             feed_format_name(cutter->manifest.format), "file", file, "last", last, "part",
                             (json_int_t)cutter->part, "records", records);
    if (cutter->kept == NULL || file == NULL || body == NULL) {
        json_decref(body);
        return no_memory(err);
    }
    *ret_body = body;
    return STATUS_OK;
}

enum status feed_cutter_add(struct feed_cutter *cutter, json_t *record, json_t **ret_body, struct err *err)
{
    size_t bytes = json_dumpb(record, NULL, 0, JSON_COMPACT) + 1; /* and a comma */
    enum status status = STATUS_OK;
    *ret_body = NULL;
    if (bytes > RECORDS_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "one record of %zu bytes, a statement holds %d", bytes, RECORDS_BYTES_MAX);
    if (cutter->added == cutter->manifest.count)
        return err_set(err, STATUS_LIMIT, "more records than the %lld that were counted",
                       (long long)cutter->manifest.count);
    if (json_array_size(cutter->kept) == DOCUMENTS_MAX || cutter->bytes + bytes > RECORDS_BYTES_MAX)
        status = make_body(cutter, false, ret_body, err);
    if (status == STATUS_OK && json_array_append(cutter->kept, record) != 0)
        status = no_memory(err);
    if (status != STATUS_OK)
        return status;
    cutter->bytes += bytes;
    cutter->added++;
    if (cutter->added < cutter->manifest.count)
        return STATUS_OK;
    return make_body(cutter, true, *ret_body == NULL ? ret_body : &cutter->second, err);
}

json_t *feed_cutter_more(struct feed_cutter *cutter)
{
    json_t *body = cutter->second;
    cutter->second = NULL;
    return body;
}

enum status feed_cutter_empty(struct feed_cutter *cutter, json_t **ret_body, struct err *err)
{
    return make_body(cutter, true, ret_body, err);
}

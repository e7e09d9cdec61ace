/*
 * Files of feeds that were begun and not closed: what they brought counts nowhere, and what depends on it is denied.
 */
#include <string.h>

#include "cli/exceptions.h"
#include "cli/reading.h"
#include "ledger/books.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"

static enum status total_read(const json_t *open, struct exception_row *row, struct err *err)
{
    const char *currency = member_text(json_object_get(open, "file"), "currency"), *total = member_text(open, "total");
    if (currency == NULL || total == NULL)
        return STATUS_OK;
    row->currency = currency;
    return money_parse(total, strlen(total), currency_digits(currency), &row->amount_minor, err);
}

static enum status file_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    const struct exceptions *asked = context;
    const json_t *open = json_object_get(record, "open");
    char entity[ID_BYTES_MAX + 1], feed[ID_BYTES_MAX + 1], number[2 * ID_BYTES_MAX], note[64];
    json_t *entry = NULL;
    size_t at = 0;
    (void)ret_more;
    enum status status = reading_key_text(key, &at, entity, err);
    if (status == STATUS_OK)
        status = reading_key_text(key, &at, feed, err);
    if (status != STATUS_OK || open == NULL)
        return status;
    const json_t *manifest = json_object_get(open, "file");
    snprintf(number, sizeof number, "%s %lld", feed, (long long)member_integer(manifest, "sequence"));
    snprintf(note, sizeof note, "part %lld, %lld of %lld records", (long long)member_integer(open, "part"),
             (long long)member_integer(open, "count"), (long long)member_integer(manifest, "count"));
    /* Who brought the last part, and when. */
    status = exception_entry(asked, (uint64_t)member_integer(open, "seq"), &entry, err);
    if (status != STATUS_OK)
        return status;
    struct exception_row row = {.number = number, .entity = entity, .owner = member_text(entry, "actor"), .note = note};
    const char *time = member_text(entry, "time");
    status = instant_parse(time, strlen(time), &row.since_ms, err);
    if (status == STATUS_OK)
        status = total_read(open, &row, err);
    if (status == STATUS_OK)
        status = exception_add(asked, &row, err);
    json_decref(entry);
    return status;
}

static enum status collect(struct exceptions *asked, struct err *err)
{
    const struct books_walk walk = {.table = BOOKS_FILES, .step = file_step, .context = asked};
    return books_each(asked->facts->books, &walk, err);
}

const struct exception_source exceptions_feeds = {.name = "feeds", .title = "file not finished", .collect = collect};

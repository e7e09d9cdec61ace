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

struct walk {
    const struct facts *facts;
    const char *entity;
    exception_step *step;
    void *context;
};

/* Who brought the last part, and when. */
static enum status last_part(const struct facts *facts, uint64_t seq, json_t **ret_entry, struct err *err)
{
    struct books_key key = books_key(NULL);
    books_key_add_number(&key, seq);
    enum status status = books_get(facts->books, BOOKS_ENTRIES, &key, ret_entry, err);
    return status == STATUS_NOT_FOUND
               ? err_set(err, STATUS_CORRUPT, "entry %llu is not in the books; run rebuild", (unsigned long long)seq)
               : status;
}

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
    const struct walk *walk = context;
    const json_t *open = json_object_get(record, "open");
    char entity[ID_BYTES_MAX + 1], feed[ID_BYTES_MAX + 1], number[2 * ID_BYTES_MAX], note[64];
    json_t *entry = NULL;
    size_t at = 0;
    (void)ret_more;
    enum status status = reading_key_text(key, &at, entity, err);
    if (status == STATUS_OK)
        status = reading_key_text(key, &at, feed, err);
    if (status != STATUS_OK || open == NULL || !exception_in(walk->entity, entity))
        return status;
    const json_t *manifest = json_object_get(open, "file");
    snprintf(number, sizeof number, "%s %lld", feed, (long long)member_integer(manifest, "sequence"));
    snprintf(note, sizeof note, "part %lld, %lld of %lld records", (long long)member_integer(open, "part"),
             (long long)member_integer(open, "count"), (long long)member_integer(manifest, "count"));
    status = last_part(walk->facts, (uint64_t)member_integer(open, "seq"), &entry, err);
    if (status != STATUS_OK)
        return status;
    struct exception_row row = {.number = number, .entity = entity, .owner = member_text(entry, "actor"), .note = note};
    const char *time = member_text(entry, "time");
    status = instant_parse(time, strlen(time), &row.since_ms, err);
    if (status == STATUS_OK)
        status = total_read(open, &row, err);
    if (status == STATUS_OK)
        status = walk->step(walk->context, &row, err);
    json_decref(entry);
    return status;
}

static enum status collect(const struct facts *facts, const char *entity, exception_step *step, void *context,
                           struct err *err)
{
    struct walk walk = {.facts = facts, .entity = entity, .step = step, .context = context};
    const struct books_walk books = {.table = BOOKS_FILES, .step = file_step, .context = &walk};
    return books_each(facts->books, &books, err);
}

const struct exception_source exceptions_feeds = {.name = "feeds", .title = "file not finished", .collect = collect};

/*
 * Rows of customers. The name is read but is no member of the record: it goes beside the journal (load.c).
 */
#include <string.h>

#include "cli/feed_parts.h"
#include "ledger/limits.h"
#include "ledger/schema.h"

enum { TERMS_DAYS_MAX = 3650 }; /* ten years to pay: more is a slip */

static const struct csv_column columns[] = {
    {"customer", CSV_REQUIRED},
    {"group", 0},
    {"currency", CSV_REQUIRED},
    {"limit", CSV_REQUIRED},
    {"terms_days", CSV_REQUIRED},
    {"related", 0},
    {"name", 0},
    {"at", 0},
    {NULL, 0},
};

static void take_name(struct feed_reader *reader, struct feed_group *group)
{
    const struct csv_field field = csv_field(&reader->row, "name");
    if (!field.present)
        return;
    if (field.length > NOTE_BYTES_MAX)
        feed_bad(reader, group, "name", "is longer than %d bytes", NOTE_BYTES_MAX);
    else if ((group->made.name = strdup(field.text)) == NULL)
        feed_bad(reader, group, "name", "cannot be kept");
}

static void begin(struct feed_reader *reader, struct feed_group *group)
{
    char limit[MONEY_TEXT_MAX];
    int64_t minor;
    feed_take_id(reader, group, "customer");
    if (csv_field(&reader->row, "group").present)
        feed_take_id(reader, group, "group");
    else if (member_text(group->made.record, "customer") != NULL)
        feed_take_text(reader, group, "group", member_text(group->made.record, "customer"));
    feed_take_currency(reader, group);
    feed_take_text(reader, group, "currency", group->made.currency);
    if (feed_read_amount(reader, group, "limit", limit, &minor)) {
        if (minor < 0)
            feed_bad(reader, group, "limit", "\"%s\": zero or more", limit);
        feed_take_text(reader, group, "limit", limit);
    }
    feed_take_days(reader, group, "terms_days", TERMS_DAYS_MAX);
    feed_take_yes(reader, group, "related");
    take_name(reader, group);
}

const struct feed_format feed_customers = {
    .name = "customers",
    .columns = columns,
    .begin = begin,
};

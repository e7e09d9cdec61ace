/*
 * Rows of contacts with customers: whom collections reached, how, what came of it.
 */
#include "cli/feed_parts.h"

static const struct csv_column columns[] = {
    {"contact", CSV_REQUIRED},
    {"customer", CSV_REQUIRED},
    {"date", CSV_REQUIRED},
    {"channel", CSV_REQUIRED},
    {"outcome", CSV_REQUIRED},
    {"until", 0},
    {"at", 0},
    {NULL, 0},
};

/* Words are the gate's: the record is checked against its schema when it is whole. */
static void take_word(struct feed_reader *reader, struct feed_group *group, const char *name)
{
    const struct csv_field field = csv_field(&reader->row, name);
    if (!field.present)
        feed_bad(reader, group, name, "is missing");
    else
        feed_take_text(reader, group, name, field.text);
}

static void begin(struct feed_reader *reader, struct feed_group *group)
{
    struct err err;
    feed_take_id(reader, group, "contact");
    feed_take_id(reader, group, "customer");
    feed_take_date(reader, group, "date");
    take_word(reader, group, "channel");
    take_word(reader, group, "outcome");
    if (csv_field(&reader->row, "until").present)
        feed_take_date(reader, group, "until");
    if (group->bad)
        return;
    enum status status = schema_check(reader->sort->schema, group->made.record, "", &err);
    if (status == STATUS_OK)
        status = reader->sort->check(group->made.record, 0, &err);
    if (status != STATUS_OK)
        feed_bad(reader, group, "outcome", "%s", err.text);
}

const struct feed_format feed_contacts = {
    .name = "contacts",
    .columns = columns,
    .begin = begin,
};

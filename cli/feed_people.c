/*
 * Rows of people: one event a row, as HR has them.
 */
#include <string.h>

#include "cli/feed_parts.h"
#include "ledger/schema.h"

static const struct csv_column columns[] = {
    {"event", CSV_REQUIRED},
    {"person", CSV_REQUIRED},
    {"change", CSV_REQUIRED},
    {"date", CSV_REQUIRED},
    {"manager", 0},
    {"successor", 0},
    {"at", 0},
    {NULL, 0},
};

static void take_change(struct feed_reader *reader, struct feed_group *group)
{
    static const char *const words[] = {"join", "move", "leave"};
    const struct csv_field field = csv_field(&reader->row, "change");
    char text[TEXT_SHOW_MAX];
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (field.present && strcmp(field.text, words[i]) == 0) {
            feed_take_text(reader, group, "change", words[i]);
            return;
        }
    }
    feed_bad(reader, group, "change", "\"%s\": join, move or leave", field.present ? feed_shown(&field, text) : "");
}

static void begin(struct feed_reader *reader, struct feed_group *group)
{
    feed_take_id(reader, group, "event");
    feed_take_id(reader, group, "person");
    take_change(reader, group);
    feed_take_date(reader, group, "date");
    if (csv_field(&reader->row, "manager").present)
        feed_take_id(reader, group, "manager");
    if (csv_field(&reader->row, "successor").present)
        feed_take_id(reader, group, "successor");
}

static enum status finish(struct feed_group *group, struct err *err)
{
    const struct feed_sort *people = feed_sort_find("people");
    return people->check(group->made.record, 0, err);
}

const struct feed_format feed_people = {
    .name = "people",
    .columns = columns,
    .begin = begin,
    .finish = finish,
};

/*
 * Rows of contracts: one row a meter of a device, adjacent rows of one contract are its meters. Meters with the same pool
 * share its allowance and rate, which the pool's first row gives and later rows repeat or leave empty.
 */
#include <stdio.h>
#include <string.h>

#include "cli/feed_parts.h"
#include "controls/meter_form.h"
#include "ledger/schema.h"
#include "ledger/usage.h"

static const struct csv_column columns[] = {
    {"contract", CSV_REQUIRED},
    {"customer", CSV_REQUIRED},
    {"currency", CSV_REQUIRED},
    {"from", CSV_REQUIRED},
    {"device", CSV_REQUIRED},
    {"meter", CSV_REQUIRED},
    {"pool", 0},
    {"allowance", CSV_REQUIRED},
    {"rate", CSV_REQUIRED},
    {"at", 0},
    {NULL, 0},
};

/* A row's meter on its own, before it goes among the others. */
struct meter_row {
    struct feed_group cells; /* device, meter, pool? */
    int64_t allowance;
    const char *rate; /* lends from the row */
    bool has_allowance, has_rate;
};

static const json_t *find(const json_t *list, const char *name, const char *id, const char *meter)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        if (strcmp(member_text(one, name), id) == 0 && strcmp(member_text(one, "meter"), meter) == 0)
            return one;
    }
    return NULL;
}

static void read_rate(struct feed_reader *reader, struct feed_group *group, bool needed, struct meter_row *row)
{
    struct err err;
    int64_t billionths;
    const struct csv_field field = csv_field(&reader->row, "rate");
    if (!field.present && needed)
        feed_bad(reader, group, "rate", "is missing");
    else if (field.present && usage_parse_rate(field.text, field.length, &billionths, &err) != STATUS_OK)
        feed_bad(reader, group, "rate", "%s", err.text);
    else if (field.present) {
        row->rate = field.text;
        row->has_rate = true;
    }
}

static void set_terms(json_t *object, const struct meter_row *row)
{
    json_object_set_new(object, "allowance", json_integer((json_int_t)row->allowance));
    json_object_set_new(object, "rate", json_string(row->rate));
}

static void add_to_pool(struct feed_reader *reader, struct feed_group *group, const struct meter_row *row,
                        const json_t *known)
{
    json_t *pools = json_object_get(group->made.record, "pools"), *cells = row->cells.made.record;
    if (known == NULL) {
        json_t *pool =
            json_pack("{s:O, s:O}", "meter", json_object_get(cells, "meter"), "pool", json_object_get(cells, "pool"));
        set_terms(pool, row);
        json_array_append_new(pools, pool);
        return;
    }
    if (row->has_allowance && row->allowance != member_integer(known, "allowance"))
        feed_bad(reader, group, "allowance", "the pool has %lld in a row before",
                 (long long)member_integer(known, "allowance"));
    if (row->has_rate && strcmp(row->rate, member_text(known, "rate")) != 0)
        feed_bad(reader, group, "rate", "the pool has %s in a row before", member_text(known, "rate"));
}

static void add_meter(struct feed_reader *reader, struct feed_group *group)
{
    struct meter_row row = {.cells = {.made = {.record = json_object()}}};
    json_t *cells = row.cells.made.record;
    feed_take_id(reader, &row.cells, "device");
    feed_take_word(reader, &row.cells, "meter", meter_words);
    feed_take_id_given(reader, &row.cells, "pool");
    const char *device = member_text(cells, "device"), *meter = member_text(cells, "meter");
    const char *pool = member_text(cells, "pool");
    group->bad = group->bad || row.cells.bad;
    if (!row.cells.bad) {
        const json_t *known =
            pool != NULL ? find(json_object_get(group->made.record, "pools"), "pool", pool, meter) : NULL;
        row.has_allowance = feed_read_count(reader, group, "allowance", known == NULL, &row.allowance);
        read_rate(reader, group, known == NULL, &row);
        if (find(group->parts, "device", device, meter) != NULL)
            feed_bad(reader, group, "device", "%s: its %s stands twice in one contract", device, meter);
        if (!group->bad && pool != NULL)
            add_to_pool(reader, group, &row, known);
        else if (!group->bad)
            set_terms(cells, &row);
        if (json_array_append(group->parts, cells) != 0)
            feed_bad(reader, group, "device", "cannot be kept");
    }
    json_decref(cells);
}

static void begin(struct feed_reader *reader, struct feed_group *group)
{
    feed_take_id(reader, group, "contract");
    feed_take_id(reader, group, "customer");
    feed_take_currency(reader, group);
    feed_take_text(reader, group, "currency", group->made.currency);
    feed_take_date(reader, group, "from");
    json_object_set_new(group->made.record, "meters", json_array());
    json_object_set_new(group->made.record, "pools", json_array());
    group->parts = json_object_get(group->made.record, "meters");
    add_meter(reader, group);
}

static void extend(struct feed_reader *reader, struct feed_group *group)
{
    feed_check_same(reader, group, "customer", member_text(group->made.record, "customer"));
    feed_check_same(reader, group, "currency", group->made.currency[0] != '\0' ? group->made.currency : NULL);
    feed_check_same(reader, group, "from", member_text(group->made.record, "from"));
    add_meter(reader, group);
}

const struct feed_format feed_contracts = {
    .name = "contracts",
    .columns = columns,
    .begin = begin,
    .extend = extend,
};

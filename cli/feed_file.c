/*
 * Rows of a feed's file into records (FORMAT.md 5.4): adjacent rows of one id become one record where the feed's format
 * says so. Every field of a row is looked at, so that one run tells all there is to mend. Columns and members of each feed
 * are in cli/feed_<name>.c, bodies of statements are cut by feed_cutter.c.
 */
#include "cli/feed_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/csv.h"
#include "cli/feed_parts.h"
#include "cli/session.h"
#include "ledger/schema.h"

enum { ROW_ID_BYTES = ID_BYTES_MAX + 2 }; /* an id that is too long stays too long when cut */

/* One row a line. */
/* clang-format off */
extern const struct feed_format feed_customers;
extern const struct feed_format feed_invoices;
extern const struct feed_format feed_cash;
extern const struct feed_format feed_people;
extern const struct feed_format feed_contacts;
extern const struct feed_format feed_contracts;
extern const struct feed_format feed_reads;
extern const struct feed_format feed_orders;
extern const struct feed_format feed_acknowledgements;

static const struct feed_format *const formats[] = {
    &feed_customers,
    &feed_invoices,
    &feed_cash,
    &feed_people,
    &feed_contacts,
    &feed_contracts,
    &feed_reads,
    &feed_orders,
    &feed_acknowledgements,
};
/* clang-format on */

enum { FORMAT_COUNT = sizeof formats / sizeof formats[0] };

enum status feed_format_find(const char *name, const struct feed_format **ret_format, struct err *err)
{
    char names[256] = "";
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        size_t used = strlen(names);
        if (strcmp(formats[i]->name, name) == 0) {
            *ret_format = formats[i];
            return STATUS_OK;
        }
        snprintf(names + used, sizeof names - used, "%s%s",
                 i == 0                  ? ""
                 : i + 1 == FORMAT_COUNT ? " or "
                                         : ", ",
                 formats[i]->name);
    }
    return err_set(err, STATUS_INPUT, "a feed is %s", names);
}

const char *feed_format_name(const struct feed_format *format)
{
    return format->name;
}

const struct feed_sort *feed_format_sort(const struct feed_format *format)
{
    return feed_sort_find(format->name);
}

void feed_record_done(struct feed_record *record)
{
    if (record == NULL)
        return;
    json_decref(record->record);
    free(record->name);
    for (int i = 0; i < ATTRIBUTE_COUNT; i++)
        free(record->attributes[i]);
    *record = (struct feed_record){.record = NULL};
}

enum status feed_reader_open(const char *path, const struct feed_format *format, feed_report *report, void *context,
                             struct feed_reader **ret_reader, struct err *err)
{
    struct feed_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return err_set(err, STATUS_MEMORY, "no memory to read %s", path);
    *reader =
        (struct feed_reader){.format = format, .sort = feed_format_sort(format), .report = report, .context = context};
    enum status status = csv_open(path, NULL, format->columns, &reader->csv, err);
    if (status != STATUS_OK) {
        free(reader);
        return status;
    }
    *ret_reader = reader;
    return STATUS_OK;
}

void feed_reader_close(struct feed_reader *reader)
{
    if (reader == NULL)
        return;
    csv_close(reader->csv);
    free(reader);
}

int64_t feed_reader_problems(const struct feed_reader *reader)
{
    return reader->problems;
}

void feed_reader_problem(struct feed_reader *reader, const struct feed_record *record, const char *format, ...)
{
    struct err err;
    char text[ERR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    (void)!err_set(&err, STATUS_INPUT, "%s:%lld: %s %s: %s", csv_path(reader->csv), (long long)record->line,
                   reader->sort->id, record->id, text);
    feed_tell(reader, &err);
}

enum status feed_reader_check(struct feed_reader *reader, const struct facts *facts, const char *entity,
                              const struct feed_record *record, struct err *err)
{
    return reader->format->check != NULL ? reader->format->check(reader, facts, entity, record, err) : STATUS_OK;
}

static void take_at(struct feed_reader *reader, struct feed_group *group)
{
    struct err err;
    const struct csv_field field = csv_field(&reader->row, "at");
    if (!field.present)
        return;
    if (session_read_time(field.text, &group->made.at_ms, &err) != STATUS_OK)
        feed_bad(reader, group, "at", "%s", err.text);
    else
        group->made.has_at = true;
}

static void begin_group(struct feed_reader *reader, struct feed_group *group)
{
    group->made.line = reader->row.line;
    take_at(reader, group);
    reader->format->begin(reader, group);
}

static void extend_group(struct feed_reader *reader, struct feed_group *group)
{
    struct feed_group again = {.made = {.at_ms = group->made.at_ms}};
    take_at(reader, &again);
    if (again.made.has_at != group->made.has_at || again.made.at_ms != group->made.at_ms)
        feed_bad(reader, group, "at", "another time than in the row before, for the same %s", reader->sort->id);
    reader->format->extend(reader, group);
}

static bool row_belongs(const struct feed_reader *reader, const char *id)
{
    return reader->format->extend != NULL && id[0] != '\0' &&
           strcmp(csv_field(&reader->row, reader->sort->id).text, id) == 0;
}

static enum status read_row(struct feed_reader *reader, struct err *err)
{
    bool more = false;
    enum status status = csv_next(reader->csv, &reader->row, &more, err);
    reader->has_row = status == STATUS_OK && more;
    reader->ended = status == STATUS_OK && !more;
    return status;
}

/* The rows of one record, from the one at hand. */
static enum status read_group(struct feed_reader *reader, struct feed_group *group, struct err *err)
{
    char id[ROW_ID_BYTES];
    snprintf(id, sizeof id, "%s", csv_field(&reader->row, reader->sort->id).text);
    begin_group(reader, group);
    enum status status = read_row(reader, err);
    while (status == STATUS_OK && reader->has_row && row_belongs(reader, id)) {
        extend_group(reader, group);
        status = read_row(reader, err);
    }
    return status;
}

static enum status finish_group(struct feed_reader *reader, struct feed_group *group, struct err *err)
{
    group->made.id = member_text(group->made.record, reader->sort->id);
    enum status status = reader->format->finish != NULL ? reader->format->finish(group, err) : STATUS_OK;
    if (status != STATUS_INPUT)
        return status;
    feed_reader_problem(reader, &group->made, "%s", err->text);
    group->bad = true;
    return STATUS_OK;
}

enum status feed_reader_next(struct feed_reader *reader, struct feed_record *ret_record, bool *ret_more,
                             struct err *err)
{
    enum status status = STATUS_OK;
    if (!reader->has_row && !reader->ended)
        status = read_row(reader, err);
    while (status == STATUS_OK && reader->has_row) {
        struct feed_group group = {.made = {.record = json_object()}};
        if (group.made.record == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for a record");
        status = read_group(reader, &group, err);
        if (status == STATUS_OK && !group.bad)
            status = finish_group(reader, &group, err);
        if (status == STATUS_OK && !group.bad) {
            *ret_record = group.made;
            *ret_more = true;
            return STATUS_OK;
        }
        feed_record_done(&group.made);
    }
    if (status == STATUS_OK)
        *ret_more = false;
    return status;
}

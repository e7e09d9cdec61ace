/*
 * Numbers that may stand on two documents: those given since officers said that entries were lost, in series of which lost
 * entries may have given the same. What was lost is not known, so every number since is told, for ever.
 */
#include <stdio.h>
#include <string.h>

#include "cli/exceptions.h"
#include "ledger/books.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

enum { NUMBER_BYTES = 2 * ID_BYTES_MAX, ROW_NOTE_BYTES = 2 * ID_BYTES_MAX + 128 };

struct since_restore {
    const struct exceptions *asked;
    const json_t *restore;
    int64_t since_ms;
};

/* A legal number's series ends in its fiscal year, that of request numbers is a kind's prefix alone. */
static void number_format(const char *series, int64_t number, char ret_text[static NUMBER_BYTES])
{
    snprintf(ret_text, NUMBER_BYTES, strchr(series, '-') != NULL ? "%s-%06lld" : "%s-%lld", series, (long long)number);
}

/* <entity>-<prefix>-<year>; "" for request numbers. */
static void series_entity(const char *series, char ret_entity[static ID_BYTES_MAX + 1])
{
    snprintf(ret_entity, ID_BYTES_MAX + 1, "%s", series);
    char *dash = strrchr(ret_entity, '-');
    if (dash != NULL)
        *dash = '\0';
    dash = dash != NULL ? strrchr(ret_entity, '-') : NULL;
    if (dash != NULL)
        *dash = '\0';
    else
        ret_entity[0] = '\0';
}

static enum status series_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    const struct since_restore *since = context;
    char series[ID_BYTES_MAX + 1], entity[ID_BYTES_MAX + 1], first[NUMBER_BYTES], last[NUMBER_BYTES];
    char note[ROW_NOTE_BYTES];
    (void)ret_more;
    snprintf(series, sizeof series, "%.*s", (int)key.length, (const char *)key.bytes);
    int64_t then = member_integer(json_object_get(since->restore, "numbers"), series);
    int64_t now = member_integer(record, "last");
    if (now <= then)
        return STATUS_OK;
    number_format(series, then + 1, first);
    number_format(series, now, last);
    series_entity(series, entity);
    snprintf(note, sizeof note, "%s%s given since the restore in entry %lld: lost documents may bear the same",
             now > then + 1 ? "to " : "", now > then + 1 ? last : "", (long long)member_integer(since->restore, "seq"));
    const struct exception_row row = {
        .number = first, .entity = entity, .owner = "", .since_ms = since->since_ms, .note = note};
    return exception_add(since->asked, &row, err);
}

static enum status restore_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct since_restore since = {.asked = context, .restore = record};
    const struct books_walk walk = {.table = BOOKS_NUMBERS, .step = series_step, .context = &since};
    const char *time = member_text(record, "time");
    (void)key;
    (void)ret_more;
    enum status status = instant_parse(time, strlen(time), &since.since_ms, err);
    return status == STATUS_OK ? books_each(since.asked->facts->books, &walk, err) : status;
}

static enum status restores_collect(struct exceptions *asked, struct err *err)
{
    const struct books_walk walk = {.table = BOOKS_RESTORES, .step = restore_step, .context = asked};
    return books_each(asked->facts->books, &walk, err);
}

const struct exception_source exceptions_restores = {
    .name = "restores", .title = "number given twice?", .collect = restores_collect};

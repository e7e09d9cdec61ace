/*
 * What the readers of feeds share, for the rooms cli/feed_*.c only. A feed's columns and how its rows become a record
 * stand in one file, cli/feed_<name>.c, with a row of struct feed_format that feed_file.c lists. To add one: copy a
 * file, register it there, name its columns in cli/commands/load.c.
 */
#ifndef CLI_FEED_PARTS_H
#define CLI_FEED_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/csv.h"
#include "cli/feed_record.h"
#include "controls/feed_sort.h"
#include "ledger/money.h"
#include "ledger/text.h"

struct facts;
struct feed_reader;

/* A record while its rows come in. */
struct feed_group {
    struct feed_record made;
    json_t *parts; /* a list that rows add to (taxes, applied); lends from made.record; NULL: none */
    int64_t parts_minor;
    bool bad;
};

struct feed_format {
    const char *name;                 /* that of its struct feed_sort, which has the id and whether there is a total */
    const struct csv_column *columns; /* with "at" */

    /* The first row of a record. */
    void (*begin)(struct feed_reader *reader, struct feed_group *group);
    /* A further row of the same id; NULL: each row is a record. */
    void (*extend)(struct feed_reader *reader, struct feed_group *group);
    /* When its rows are in and none was bad; NULL: nothing. errors MEMORY, and INPUT: kept as a problem. */
    enum status (*finish)(struct feed_group *group, struct err *err);
    /* Against the books, beyond its id and customer, with feed_reader_problem; NULL: nothing. errors of the facts. */
    enum status (*check)(struct feed_reader *reader, const struct facts *facts, const char *entity,
                         const struct feed_record *record, struct err *err);
};

struct feed_reader {
    const struct feed_format *format;
    const struct feed_sort *sort;
    struct csv *csv;
    feed_report *report;
    void *context;
    int64_t problems;
    struct csv_row row; /* read, and not yet in a record */
    bool has_row;
    bool ended;
};

/* Counts and reports a problem. */
void feed_tell(struct feed_reader *reader, const struct err *err);
/* A problem with a field of the row at hand: the record is bad. */
void feed_bad(struct feed_reader *reader, struct feed_group *group, const char *name, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* The text of a field, shown harmlessly and short. */
const char *feed_shown(const struct csv_field *field, char ret_text[static TEXT_SHOW_MAX]);

/* Each takes the field of the column `name` of the row at hand into the record's member of that name. */
void feed_take_text(struct feed_reader *reader, struct feed_group *group, const char *name, const char *text);
void feed_take_id(struct feed_reader *reader, struct feed_group *group, const char *name);
void feed_take_date(struct feed_reader *reader, struct feed_group *group, const char *name);
/* Into made.currency, not into the record. */
void feed_take_currency(struct feed_reader *reader, struct feed_group *group);
/* An amount in the record's currency; canonical text and minor units. Where the currency is bad, nothing more is told. */
bool feed_read_amount(struct feed_reader *reader, struct feed_group *group, const char *name,
                      char ret_text[static MONEY_TEXT_MAX], int64_t *ret_minor);
/* 0..max days. */
void feed_take_days(struct feed_reader *reader, struct feed_group *group, const char *name, int max);
/* yes is true; no and an empty cell leave the member out. */
void feed_take_yes(struct feed_reader *reader, struct feed_group *group, const char *name);

/* What a later row of the same record says again has to be what the first one said. first: NULL: it was bad. */
void feed_check_same(struct feed_reader *reader, struct feed_group *group, const char *name, const char *first);

#endif

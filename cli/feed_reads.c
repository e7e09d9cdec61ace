/*
 * Rows of reads: one row a read.
 */
#include <stdio.h>
#include <string.h>

#include "cli/feed_file.h"
#include "cli/feed_parts.h"
#include "controls/facts_meter.h"
#include "controls/meter_form.h"
#include "ledger/schema.h"

static const struct csv_column columns[] = {
    {"read", CSV_REQUIRED},
    {"contract", CSV_REQUIRED},
    {"device", CSV_REQUIRED},
    {"meter", CSV_REQUIRED},
    {"date", CSV_REQUIRED},
    {"value", CSV_REQUIRED},
    {"source", CSV_REQUIRED},
    {"invoice", 0},
    {"line", 0},
    {"final", 0},
    {"start", 0},
    {"at", 0},
    {NULL, 0},
};

/* An exchanged counter: what the old one showed last and the new one first. */
static void take_replaced(struct feed_reader *reader, struct feed_group *group)
{
    int64_t final = 0, start = 0;
    bool any = csv_field(&reader->row, "final").present || csv_field(&reader->row, "start").present;
    bool ended = feed_read_count(reader, group, "final", any, &final);
    bool began = feed_read_count(reader, group, "start", any, &start);
    if (ended && began &&
        json_object_set_new(group->made.record, "replaced",
                            json_pack("{s:I, s:I}", "final", (json_int_t) final, "start", (json_int_t)start)) != 0)
        feed_bad(reader, group, "final", "cannot be kept");
}

static void begin(struct feed_reader *reader, struct feed_group *group)
{
    int64_t value;
    feed_take_id(reader, group, "read");
    feed_take_id(reader, group, "contract");
    feed_take_id(reader, group, "device");
    feed_take_word(reader, group, "meter", meter_words);
    feed_take_date(reader, group, "date");
    if (feed_read_count(reader, group, "value", true, &value) &&
        json_object_set_new(group->made.record, "value", json_integer((json_int_t)value)) != 0)
        feed_bad(reader, group, "value", "cannot be kept");
    feed_take_word(reader, group, "source", meter_source_words);
    feed_take_id_given(reader, group, "invoice");
    feed_take_id_given(reader, group, "line");
    if (csv_field(&reader->row, "line").present && !csv_field(&reader->row, "invoice").present)
        feed_bad(reader, group, "line", "of which invoice?");
    take_replaced(reader, group);
}

static enum status check_meter(struct feed_reader *reader, const struct facts *facts, const char *entity,
                               const struct feed_record *made, struct err *err)
{
    const char *id = member_text(made->record, "contract"), *date = member_text(made->record, "date");
    const struct meter_place place = {.entity = entity,
                                      .contract = id,
                                      .device = member_text(made->record, "device"),
                                      .meter = member_text(made->record, "meter")};
    char last[DATE_TEXT_BYTES];
    json_t *contract = NULL;
    enum status status = facts_contract(facts, entity, id, &contract, err);
    if (status == STATUS_OK)
        status = facts_meter_last(facts, &place, last, err);
    if (status == STATUS_OK && contract == NULL)
        feed_reader_problem(reader, made, "contract %s is not in the books", id);
    else if (status == STATUS_OK && meter_of_contract(contract, place.device, place.meter) == NULL)
        feed_reader_problem(reader, made, "contract %s has no meter %s of device %s", id, place.meter, place.device);
    else if (status == STATUS_OK && strcmp(date, member_text(contract, "from")) < 0)
        feed_reader_problem(reader, made, "contract %s begins on %s", id, member_text(contract, "from"));
    else if (status == STATUS_OK && strcmp(date, last) <= 0)
        feed_reader_problem(reader, made, "the meter has a read of %s already; reads come in order", last);
    json_decref(contract);
    return status;
}

static enum status check_invoice(struct feed_reader *reader, const struct facts *facts, const char *entity,
                                 const struct feed_record *made, struct err *err)
{
    const char *id = member_text(made->record, "invoice");
    json_t *invoice = NULL;
    enum status status = id != NULL ? facts_invoice(facts, entity, id, &invoice, err) : STATUS_OK;
    if (status == STATUS_OK && id != NULL && invoice == NULL)
        feed_reader_problem(reader, made, "invoice %s is not in the books", id);
    json_decref(invoice);
    return status;
}

static enum status check(struct feed_reader *reader, const struct facts *facts, const char *entity,
                         const struct feed_record *made, struct err *err)
{
    enum status status = check_meter(reader, facts, entity, made, err);
    return status == STATUS_OK ? check_invoice(reader, facts, entity, made, err) : status;
}

const struct feed_format feed_reads = {
    .name = "reads",
    .columns = columns,
    .begin = begin,
    .check = check,
};

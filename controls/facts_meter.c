/*
 * Facts about meters, from the tables that ledger/fold_meter.c keeps.
 */
#include "controls/facts_meter.h"

#include <stdio.h>
#include <string.h>

#include "ledger/fold.h"
#include "ledger/schema.h"

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory to read meters");
}

static enum status record_read(const struct facts *facts, enum books_table table, const struct books_key *key,
                               json_t **ret_record, struct err *err)
{
    *ret_record = NULL;
    enum status status = books_get(facts->books, table, key, ret_record, err);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status facts_contract(const struct facts *facts, const char *entity, const char *contract, json_t **ret_record,
                           struct err *err)
{
    struct books_key key = books_key_pair(entity, contract);
    return record_read(facts, BOOKS_CONTRACTS, &key, ret_record, err);
}

enum status facts_read(const struct facts *facts, const char *entity, const char *read, json_t **ret_record,
                       struct err *err)
{
    struct books_key key = books_key_pair(entity, read);
    return record_read(facts, BOOKS_READS, &key, ret_record, err);
}

static const json_t *term_find(const json_t *list, const char *name, const char *id, const char *meter)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *term = json_array_get(list, i);
        if (strcmp(member_text(term, name), id) == 0 && strcmp(member_text(term, "meter"), meter) == 0)
            return term;
    }
    return NULL;
}

const json_t *meter_of_contract(const json_t *contract, const char *device, const char *meter)
{
    return term_find(json_object_get(contract, "meters"), "device", device, meter);
}

const json_t *read_standing(const json_t *record)
{
    const json_t *corrections = json_object_get(record, "corrections");
    size_t count = json_array_size(corrections);
    return count > 0 ? json_array_get(corrections, count - 1) : record;
}

static enum status last_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    (void)key;
    (void)err;
    snprintf(context, DATE_TEXT_BYTES, "%s", member_text(record, "date"));
    *ret_more = false;
    return STATUS_OK;
}

enum status facts_meter_last(const struct facts *facts, const struct meter_place *place,
                             char ret_date[static DATE_TEXT_BYTES], struct err *err)
{
    struct books_key prefix;
    meter_reads_key(&prefix, place->entity, place->contract, place->device, place->meter);
    books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_METER_READS, .prefix = &prefix, .backward = true, .step = last_step, .context = ret_date};
    ret_date[0] = '\0';
    return books_each(facts->books, &walk, err);
}

/* Ids of reads that an index lists; the records are read when its walk is over. */
static enum status ids_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    (void)key;
    (void)ret_more;
    return json_array_append(context, json_object_get(record, "read")) == 0 ? STATUS_OK : no_memory(err);
}

static enum status reads_listed(const struct facts *facts, const char *entity, const struct books_walk *index,
                                json_t **ret_reads, struct err *err)
{
    json_t *ids = json_array(), *reads = json_array();
    struct books_walk walk = *index;
    walk.step = ids_step;
    walk.context = ids;
    enum status status = ids != NULL && reads != NULL ? books_each(facts->books, &walk, err) : no_memory(err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(ids); i++) {
        json_t *record = NULL;
        const char *id = json_string_value(json_array_get(ids, i));
        status = facts_read(facts, entity, id, &record, err);
        if (status == STATUS_OK && record == NULL)
            status = err_set(err, STATUS_CORRUPT, "read %s is not in the books", id);
        else if (status == STATUS_OK && json_array_append_new(reads, record) != 0)
            status = no_memory(err);
    }
    json_decref(ids);
    if (status == STATUS_OK)
        *ret_reads = reads;
    else
        json_decref(reads);
    return status;
}

enum status facts_meter_reads(const struct facts *facts, const struct meter_place *place, json_t **ret_reads,
                              struct err *err)
{
    struct books_key prefix;
    meter_reads_key(&prefix, place->entity, place->contract, place->device, place->meter);
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_METER_READS, .prefix = &prefix};
    return reads_listed(facts, place->entity, &walk, ret_reads, err);
}

enum status facts_bill_reads(const struct facts *facts, const struct meter_bill *bill, json_t **ret_reads,
                             struct err *err)
{
    struct books_key prefix;
    meter_bill_key(&prefix, bill->entity, bill->contract, bill->invoice, bill->line);
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_BILL_READS, .prefix = &prefix};
    return reads_listed(facts, bill->entity, &walk, ret_reads, err);
}

enum status facts_bill_settled(const struct facts *facts, const struct meter_bill *bill, const json_t *term,
                               int64_t *ret_minor, struct err *err)
{
    struct books_key key;
    json_t *record = NULL;
    meter_bill_key(&key, bill->entity, bill->contract, bill->invoice, bill->line);
    meter_term_key(&key, term);
    enum status status = record_read(facts, BOOKS_SETTLED, &key, &record, err);
    if (status == STATUS_OK)
        *ret_minor = member_integer(record, "minor");
    json_decref(record);
    return status;
}

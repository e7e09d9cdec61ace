/*
 * A population as it is written: ids, sums, the hash over all items (SAMPLING.md section 3), and the filter in words that
 * let anybody make it again.
 */
#include "audit/sample/population.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/checksum.h"
#include "ledger/instant.h"
#include "ledger/money.h"

void sample_population_done(struct sample_population *population)
{
    free(population->items);
    *population = (struct sample_population){.items = NULL};
}

static struct sample_sum *sum_of(struct sample_population *population, const struct sample_item *item)
{
    return !item->has_amount ? &population->bare
           : item->minor > 0 ? &population->positive
           : item->minor < 0 ? &population->negative
                             : &population->zero;
}

enum status sample_population_seal(struct sample_population *population, struct err *err)
{
    struct hash_stream stream;
    enum status status = STATUS_OK;
    hash_stream_init(&stream);
    for (size_t i = 0; status == STATUS_OK && i < population->count; i++) {
        const struct sample_item *item = &population->items[i];
        struct sample_sum *sum = sum_of(population, item);
        char id[SAMPLE_ID_BYTES], amount[MONEY_TEXT_MAX] = "-", line[SAMPLE_ID_BYTES + MONEY_TEXT_MAX + 2];
        sample_item_id(population, item, id);
        if (item->has_amount)
            money_format(item->minor, population->digits, amount);
        int length = snprintf(line, sizeof line, "%s %s\n", id, amount);
        hash_stream_add(&stream, slice_of(line, (size_t)length));
        sum->count++;
        if (item->has_amount)
            status = money_add(sum->minor, item->minor, &sum->minor, err);
    }
    hash_stream_end(&stream, &population->hash);
    if (status != STATUS_OK)
        err_prefix(err, "the sum of the population: ");
    return status;
}

void sample_item_id(const struct sample_population *population, const struct sample_item *item,
                    char ret_id[static SAMPLE_ID_BYTES])
{
    if (population->decisions)
        snprintf(ret_id, SAMPLE_ID_BYTES, "%" PRIu64 ".%" PRIu32, item->seq, item->index);
    else
        sample_item_document(item, ret_id);
}

void sample_item_document(const struct sample_item *item, char ret_number[static SAMPLE_ID_BYTES])
{
    ret_number[0] = '\0';
    if (item->number != 0)
        snprintf(ret_number, SAMPLE_ID_BYTES, "%s-%" PRIu64, kind_prefix(item->kind), item->number);
}

bool sample_number_parse(const char *text, enum kind_id *ret_kind, uint64_t *ret_number)
{
    size_t letters = text == NULL ? 0 : strcspn(text, "-");
    uint64_t number = 0;
    if (letters == 0 || text[letters] == '\0' || text[letters + 1] == '0' || strlen(text + letters + 1) > 15)
        return false;
    for (const char *digit = text + letters + 1; *digit != '\0'; digit++) {
        if (*digit < '0' || *digit > '9')
            return false;
        number = number * 10 + (uint64_t)(*digit - '0');
    }
    for (enum kind_id kind = KIND_UNKNOWN + 1; kind < KIND_COUNT; kind++) {
        const char *prefix = kind_prefix(kind);
        if (number > 0 && strlen(prefix) == letters && strncmp(prefix, text, letters) == 0) {
            *ret_kind = kind;
            *ret_number = number;
            return true;
        }
    }
    return false;
}

static void set_words(json_t *json, const char *name, const struct sample_words *words)
{
    json_t *list = json_array();
    for (size_t i = 0; i < words->count; i++)
        json_array_append_new(list, json_string(words->words[i]));
    if (words->count > 0)
        json_object_set_new(json, name, list);
    else
        json_decref(list);
}

static void set_days(json_t *json, const char *name, int32_t from, int32_t to)
{
    char first[DATE_TEXT_BYTES], last[DATE_TEXT_BYTES];
    date_format(from, first);
    date_format(to, last);
    json_object_set_new(json, name, json_pack("{s:s, s:s}", "from", first, "to", last));
}

json_t *sample_filter_json(const struct sample_filter *filter)
{
    json_t *json = json_object();
    if (json == NULL)
        return NULL;
    json_object_set_new(json, "unit", json_string(filter->decisions ? "decision" : "document"));
    set_words(json, "kinds", &filter->kinds);
    set_words(json, "entities", &filter->entities);
    set_words(json, "reasons", &filter->reasons);
    set_words(json, "customers", &filter->customers);
    set_words(json, "states", &filter->states);
    set_words(json, "controls", &filter->controls);
    set_words(json, "documents", &filter->documents);
    if (filter->currency != NULL)
        json_object_set_new(json, "currency", json_string(filter->currency));
    if (filter->absolute)
        json_object_set_new(json, "absolute", json_true());
    if (filter->has_entered)
        set_days(json, "entered", filter->entered_from, filter->entered_to);
    if (filter->has_dated)
        set_days(json, "dated", filter->dated_from, filter->dated_to);
    if (filter->has_low)
        json_object_set_new(json, "min", json_string(filter->low_text));
    if (filter->has_high)
        json_object_set_new(json, "max", json_string(filter->high_text));
    return json;
}

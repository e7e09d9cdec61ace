/*
 * A delivery shown and written. Its lines are those of the document, as they were posted.
 */
#include "cli/delivery.h"

#include <stdlib.h>
#include <string.h>

#include "cli/csv_write.h"
#include "cli/reading.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

static bool state_is(const json_t *delivery, const char *state)
{
    return strcmp(member_text(delivery, "state"), state) == 0;
}

void delivery_state(const json_t *delivery, char ret_text[static DELIVERY_STATE_BYTES])
{
    const json_t *numbers = json_object_get(delivery, "erp"), *rejected = json_object_get(delivery, "rejected");
    char erp[DELIVERY_STATE_BYTES - 64];
    reading_texts(numbers, erp, sizeof erp);
    if (state_is(delivery, "acknowledged"))
        snprintf(ret_text, DELIVERY_STATE_BYTES, "in the ERP as %s", erp);
    else if (state_is(delivery, "twice"))
        snprintf(ret_text, DELIVERY_STATE_BYTES, "twice in the ERP: %s", erp);
    else if (state_is(delivery, "rejected"))
        snprintf(ret_text, DELIVERY_STATE_BYTES, "rejected by the ERP: %.400s", member_text(rejected, "reason"));
    else
        snprintf(ret_text, DELIVERY_STATE_BYTES, "not acknowledged by the ERP");
}

enum status delivery_since(const json_t *delivery, int64_t *ret_ms, struct err *err)
{
    const char *since = member_text(delivery, "since");
    return instant_parse(since, strlen(since), ret_ms, err);
}

int64_t delivery_due(const struct facts *facts, const char *entity, int64_t since_ms)
{
    const struct policy_entity *place = policy_find_entity(facts->policy, entity);
    int64_t days = policy_parameter(facts->policy, entity, PARAMETER_ACKNOWLEDGEMENT_DAYS);
    return place != NULL && days > 0 ? entity_business_deadline(place, since_ms, days) : 0;
}

static enum status lines_copy(const json_t *record, json_t **ret_lines, struct err *err)
{
    json_t *lines = json_array();
    for (size_t i = 0; lines != NULL && i < json_array_size(json_object_get(record, "lines")); i++) {
        json_t *line = json_copy(json_array_get(json_object_get(record, "lines"), i));
        if (line == NULL || json_object_set_new(line, "line", json_integer((json_int_t)i + 1)) != 0 ||
            json_array_append_new(lines, line) != 0) {
            json_decref(lines);
            lines = NULL;
        }
    }
    *ret_lines = lines;
    return lines != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a delivery");
}

/* The legal number of what this one reverses. */
static enum status reverses_set(const struct facts *facts, const json_t *document, json_t *object, struct err *err)
{
    const char *reverses = member_text(document, "reverses");
    json_t *original = NULL;
    if (reverses == NULL)
        return STATUS_OK;
    enum status status = facts_document(facts, reverses, &original, err);
    if (status == STATUS_OK && member_text(original, "legal") != NULL)
        json_object_set(object, "reverses", json_object_get(original, "legal"));
    json_decref(original);
    return status;
}

enum status delivery_object(const struct facts *facts, const json_t *delivery, json_t **ret_object, struct err *err)
{
    json_t *record = NULL, *lines = NULL, *object = NULL;
    char amount[MONEY_TEXT_MAX];
    const char *number = member_text(delivery, "document"), *currency = member_text(delivery, "currency");
    enum status status = facts_document(facts, number, &record, err);
    if (status == STATUS_OK && record == NULL)
        status = err_set(err, STATUS_CORRUPT, "books: document %s is not there; run rebuild", number);
    if (status == STATUS_OK)
        status = lines_copy(record, &lines, err);
    if (status != STATUS_OK)
        goto done;
    const json_t *document = json_object_get(record, "document");
    object = json_pack("{s:s, s:s, s:s*, s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:s*, s:O}", "amount",
                       reading_amount(member_integer(delivery, "amount"), currency, amount), "currency", currency,
                       "date", member_text(document, "date"), "delivery", json_object_get(delivery, "delivery"),
                       "document", json_object_get(delivery, "document"), "entity", json_object_get(record, "entity"),
                       "entry", json_object_get(delivery, "seq"), "kind", json_object_get(record, "kind"), "lines",
                       lines, "number", json_object_get(delivery, "number"), "reason", member_text(document, "reason"),
                       "time", json_object_get(delivery, "time"));
    if (object == NULL)
        status = err_set(err, STATUS_MEMORY, "no memory for a delivery");
    if (status == STATUS_OK)
        status = reverses_set(facts, document, object, err);
done:
    json_decref(lines);
    json_decref(record);
    if (status == STATUS_OK)
        *ret_object = object;
    else
        json_decref(object);
    return status;
}

enum delivery_cell {
    CELL_DELIVERY,
    CELL_ENTITY,
    CELL_NUMBER,
    CELL_DOCUMENT,
    CELL_KIND,
    CELL_DATE,
    CELL_REASON,
    CELL_REVERSES,
    CELL_ENTRY,
    CELL_TIME,
    CELL_AMOUNT,
    CELL_LINE,
    CELL_ACCOUNT,
    CELL_CUSTOMER,
    CELL_INVOICE,
    CELL_DR,
    CELL_CR,
    CELL_CURRENCY,
    CELL_FUNCTIONAL_DR,
    CELL_FUNCTIONAL_CR,
    CELLS
};

static const char *const cell_names[CELLS] = {"delivery", "entity", "number",   "document",      "kind",
                                              "date",     "reason", "reverses", "entry",         "time",
                                              "amount",   "line",   "account",  "customer",      "invoice",
                                              "dr",       "cr",     "currency", "functional_dr", "functional_cr"};

enum status delivery_csv_header(FILE *out, struct err *err)
{
    return csv_write_row(out, cell_names, CELLS, err);
}

enum status delivery_csv(const json_t *object, FILE *out, struct err *err)
{
    const json_t *lines = json_object_get(object, "lines");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        const char *cells[CELLS];
        char entry[24], number[24];
        bool debit = strcmp(member_text(line, "side"), "dr") == 0;
        snprintf(entry, sizeof entry, "%lld", (long long)member_integer(object, "entry"));
        snprintf(number, sizeof number, "%zu", i + 1);
        for (size_t cell = 0; cell < CELLS; cell++) {
            const char *text = member_text(line, cell_names[cell]);
            cells[cell] = text != NULL && cell > CELL_LINE ? text : member_text(object, cell_names[cell]);
        }
        cells[CELL_ENTRY] = entry;
        cells[CELL_LINE] = number;
        cells[CELL_DR] = debit ? member_text(line, "amount") : NULL;
        cells[CELL_CR] = debit ? NULL : member_text(line, "amount");
        cells[CELL_FUNCTIONAL_DR] = debit ? member_text(line, "functional") : NULL;
        cells[CELL_FUNCTIONAL_CR] = debit ? NULL : member_text(line, "functional");
        for (size_t cell = 0; cell < CELLS; cell++)
            cells[cell] = cells[cell] != NULL ? cells[cell] : "";
        status = csv_write_row(out, cells, CELLS, err);
    }
    return status;
}

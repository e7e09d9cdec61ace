/*
 * Rows of acknowledgements: what the ERP says of each delivery that it was given.
 */
#include <stdio.h>
#include <string.h>

#include "cli/feed_file.h"
#include "cli/feed_parts.h"
#include "controls/facts_delivery.h"
#include "ledger/currency.h"
#include "ledger/schema.h"

static const struct csv_column columns[] = {
    {"delivery", CSV_REQUIRED},
    {"date", CSV_REQUIRED},
    {"currency", CSV_REQUIRED},
    {"amount", CSV_REQUIRED},
    {"state", CSV_REQUIRED},
    {"erp", 0},
    {"reason", 0},
    {"at", 0},
    {NULL, 0},
};

/* Either the one or the other, by state. */
static void take_outcome(struct feed_reader *reader, struct feed_group *group, bool rejected)
{
    const struct csv_field erp = csv_field(&reader->row, "erp"), reason = csv_field(&reader->row, "reason");
    if (rejected && erp.present)
        feed_bad(reader, group, "erp", "what was rejected has no number there");
    else if (!rejected)
        feed_take_id(reader, group, "erp");
    if (rejected && !reason.present)
        feed_bad(reader, group, "reason", "is missing");
    else if (!rejected && reason.present)
        feed_bad(reader, group, "reason", "only of what was rejected");
    else if (rejected && reason.length > NOTE_BYTES_MAX)
        feed_bad(reader, group, "reason", "more than %d bytes", NOTE_BYTES_MAX);
    else if (rejected)
        feed_take_text(reader, group, "reason", reason.text);
}

static void begin(struct feed_reader *reader, struct feed_group *group)
{
    static const char *const states[] = {"posted", "rejected", "reversed", NULL};
    char amount[MONEY_TEXT_MAX];
    feed_take_id(reader, group, "delivery");
    feed_take_date(reader, group, "date");
    feed_take_currency(reader, group);
    if (feed_read_amount(reader, group, "amount", amount, &group->made.amount_minor))
        feed_take_text(reader, group, "amount", amount);
    feed_take_word(reader, group, "state", states);
    take_outcome(reader, group, strcmp(csv_field(&reader->row, "state").text, "rejected") == 0);
}

static enum status check(struct feed_reader *reader, const struct facts *facts, const char *entity,
                         const struct feed_record *made, struct err *err)
{
    json_t *delivery = NULL;
    enum status status = facts_delivery(facts, entity, made->id, &delivery, err);
    if (status != STATUS_OK)
        return status;
    if (delivery == NULL)
        feed_reader_problem(reader, made, "was never posted here");
    else if (strcmp(member_text(delivery, "currency"), made->currency) != 0 ||
             member_integer(delivery, "amount") != made->amount_minor)
        feed_reader_problem(reader, made, "was posted with another amount or currency");
    json_decref(delivery);
    return STATUS_OK;
}

const struct feed_format feed_acknowledgements = {
    .name = "acknowledgements",
    .columns = columns,
    .begin = begin,
    .check = check,
};

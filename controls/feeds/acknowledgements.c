/*
 * Acknowledgements: what the ERP says of the postings that were delivered to it. It has posted one under a number of its own,
 * rejected it, or taken back what it had posted. Deliveries come at least once, so answers may: the same again changes
 * nothing. What was never posted, another amount and an unknown ERP number stop the file; a second ERP number is a fact about
 * the ERP that has to be known, so it is taken and flagged.
 */
#include <string.h>

#include "controls/facts_delivery.h"
#include "controls/feed_sort.h"
#include "controls/feeds/common.h"
#include "ledger/currency.h"
#include "ledger/money.h"
#include "ledger/statement.h"

static const char *const state_words[] = {"posted", "rejected", "reversed", NULL};

static const struct field fields[] = {
    {.name = "amount", .type = FIELD_AMOUNT},
    {.name = "date", .type = FIELD_DATE},
    {.name = "delivery", .type = FIELD_ID},
    {.name = "erp", .type = FIELD_ID, .optional = true},
    {.name = "reason", .type = FIELD_TEXT, .optional = true},
    {.name = "state", .type = FIELD_WORD, .words = state_words},
};
static const struct schema schema = SCHEMA("acknowledgement", fields, NULL);

static enum status check(const json_t *record, int digits, struct err *err)
{
    int64_t amount;
    bool rejected = strcmp(member_text(record, "state"), "rejected") == 0;
    if (rejected == (member_text(record, "erp") != NULL))
        return err_set(err, STATUS_INPUT, "erp: %s",
                       rejected ? "what was rejected has no number there" : "the ERP's number is missing");
    if (rejected != (member_text(record, "reason") != NULL))
        return err_set(err, STATUS_INPUT, "reason: %s", rejected ? "is missing" : "only of what was rejected");
    return feed_amount(record, "amount", digits, &amount, err);
}

static enum status differs(const struct feed_part *part, size_t index, const json_t *delivery, struct err *err)
{
    const json_t *record = feed_part_record(part, index);
    const char *currency = member_text(delivery, "currency");
    char amount[MONEY_TEXT_MAX];
    money_format(member_integer(delivery, "amount"), currency_digits(currency), amount);
    return answer_deny(part->answers, "C-44", "delivery-differs",
                       json_pack("{s:s, s:s, s:s, s:s, s:I, s:s}", "acknowledged", member_text(record, "amount"),
                                 "amount", amount, "currency", currency, "id", member_text(record, "delivery"),
                                 "record", (json_int_t)(index + 1), "says",
                                 member_text(json_object_get(part->request->statement->body, "file"), "currency")),
                       err);
}

static enum status number_judge(const struct feed_part *part, size_t index, const json_t *delivery, struct err *err)
{
    const json_t *record = feed_part_record(part, index), *numbers = json_object_get(delivery, "erp");
    const char *erp = member_text(record, "erp"), *state = member_text(record, "state");
    const char *there = json_string_value(json_array_get(numbers, 0));
    bool known = false;
    for (size_t i = 0; erp != NULL && i < json_array_size(numbers); i++)
        known = known || strcmp(json_string_value(json_array_get(numbers, i)), erp) == 0;
    if (strcmp(state, "reversed") == 0 && !known)
        return answer_deny(part->answers, "C-44", "unknown-erp",
                           json_pack("{s:s, s:s, s:I}", "erp", erp, "id", member_text(record, "delivery"), "record",
                                     (json_int_t)(index + 1)),
                           err);
    if (strcmp(state, "posted") != 0 || known || there == NULL)
        return STATUS_OK;
    return answer_flag(part->answers, "C-44", "erp-twice",
                       json_pack("{s:s, s:s, s:I, s:s}", "erp", erp, "id", member_text(record, "delivery"), "record",
                                 (json_int_t)(index + 1), "there", there),
                       err);
}

static enum status judge_record(const struct feed_part *part, size_t index, struct err *err)
{
    const json_t *record = feed_part_record(part, index);
    const json_t *manifest = json_object_get(part->request->statement->body, "file");
    const char *currency = member_text(manifest, "currency");
    json_t *delivery = NULL;
    int64_t amount = 0;
    enum status status =
        facts_delivery(part->facts, feed_part_entity(part), member_text(record, "delivery"), &delivery, err);
    if (status == STATUS_OK && delivery == NULL)
        return feed_deny(part->answers, "unknown-delivery", index, member_text(record, "delivery"), err);
    if (status == STATUS_OK)
        status = feed_amount(record, "amount", currency_digits(currency), &amount, err);
    if (status == STATUS_OK &&
        (strcmp(currency, member_text(delivery, "currency")) != 0 || amount != member_integer(delivery, "amount")))
        status = differs(part, index, delivery, err);
    else if (status == STATUS_OK)
        status = number_judge(part, index, delivery, err);
    json_decref(delivery);
    return status;
}

const struct feed_sort feed_sort_acknowledgements = {
    .name = "acknowledgements",
    .schema = &schema,
    .id = "delivery",
    .total = "amount",
    .table = BOOKS_DELIVERIES,
    .follows = true,
    .check = check,
    .judge_record = judge_record,
};

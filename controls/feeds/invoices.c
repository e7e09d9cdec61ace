/*
 * Invoices: what was billed, by tax code and, where the source system has them, by line. Both add up to the gross. One that
 * closes a rebill is what was intended when that was approved, and closes it once.
 */
#include <stdint.h>
#include <string.h>

#include "controls/facts_money.h"
#include "controls/feed_sort.h"
#include "controls/feeds/common.h"
#include "ledger/currency.h"
#include "ledger/money.h"
#include "ledger/statement.h"

static const struct field tax_fields[] = {
    {.name = "code", .type = FIELD_CODE},
    {.name = "net", .type = FIELD_AMOUNT},
    {.name = "tax", .type = FIELD_AMOUNT},
};
static const struct schema tax_schema = SCHEMA("tax", tax_fields, NULL);

static const struct field line_fields[] = {
    {.name = "code", .type = FIELD_CODE},
    {.name = "line", .type = FIELD_ID},
    {.name = "net", .type = FIELD_AMOUNT},
    {.name = "tax", .type = FIELD_AMOUNT},
};
static const struct schema line_schema = SCHEMA("invoice line", line_fields, NULL);

static const struct field fields[] = {
    {.name = "customer", .type = FIELD_ID},
    {.name = "date", .type = FIELD_DATE},
    {.name = "due", .type = FIELD_DATE},
    {.name = "gross", .type = FIELD_AMOUNT},
    {.name = "invoice", .type = FIELD_ID},
    {.name = "lines", .type = FIELD_LIST, .schema = &line_schema, .max = 5000, .optional = true},
    {.name = "rebills", .type = FIELD_ID, .optional = true},
    {.name = "taxes", .type = FIELD_LIST, .schema = &tax_schema, .min = 1, .max = 64},
};
static const struct schema schema = SCHEMA("invoice", fields, NULL);

/* Sum of net and tax over a list. */
static enum status parts_sum(const json_t *list, int digits, int64_t *ret_sum, struct err *err)
{
    *ret_sum = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        int64_t net, tax;
        enum status status = feed_amount(json_array_get(list, i), "net", digits, &net, err);
        if (status == STATUS_OK)
            status = feed_amount(json_array_get(list, i), "tax", digits, &tax, err);
        if (status == STATUS_OK)
            status = money_add(*ret_sum, net, ret_sum, err);
        if (status == STATUS_OK)
            status = money_add(*ret_sum, tax, ret_sum, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status check(const json_t *record, int digits, struct err *err)
{
    int64_t gross, sum;
    enum status status = feed_amount(record, "gross", digits, &gross, err);
    if (status == STATUS_OK)
        status = parts_sum(json_object_get(record, "taxes"), digits, &sum, err);
    if (status == STATUS_OK && sum != gross)
        status = err_set(err, STATUS_INPUT, "gross: is not the sum of net and tax in taxes");
    if (status == STATUS_OK && json_object_get(record, "lines") != NULL) {
        status = parts_sum(json_object_get(record, "lines"), digits, &sum, err);
        if (status == STATUS_OK && sum != gross)
            status = err_set(err, STATUS_INPUT, "gross: is not the sum of net and tax in lines");
    }
    return status;
}

/* The taxes of an intended invoice and of one that came: the same codes with the same amounts, in any order. */
static bool taxes_equal(const json_t *intended, const json_t *came)
{
    size_t count = json_array_size(intended);
    if (json_array_size(came) != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (size_t k = 0; k < count && !found; k++)
            found = json_equal(json_array_get(intended, i), json_array_get(came, k));
        if (!found)
            return false; /* no code stands twice among the intended ones, so none is found twice */
    }
    return true;
}

/* The member in which an invoice is not what was intended; NULL when it is. */
static const char *differs(const json_t *rebill, const json_t *record, const char *currency)
{
    static const char *const members[] = {"customer", "date", "due", "gross"};
    const json_t *intended = json_object_get(rebill, "invoice");
    if (strcmp(member_text(rebill, "currency"), currency) != 0)
        return "currency";
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (strcmp(member_text(intended, members[i]), member_text(record, members[i])) != 0)
            return members[i];
    return taxes_equal(json_object_get(intended, "taxes"), json_object_get(record, "taxes")) ? NULL : "taxes";
}

struct rebilling {
    const struct feed_part *part;
    json_t *seen; /* references that the file has so far */
};

/* An invoice that names a rebill: posted, still open, as intended, and named by no other invoice of the file. */
static enum status rebill_judge(struct rebilling *rebilling, const json_t *record, size_t index, struct err *err)
{
    const struct feed_part *part = rebilling->part;
    const char *ref = member_text(record, "rebills"), *id = member_text(record, "invoice");
    const char *currency = member_text(json_object_get(part->request->statement->body, "file"), "currency");
    json_t *rebill = NULL;
    if (ref == NULL)
        return STATUS_OK;
    enum status status = facts_rebill(part->facts, feed_part_entity(part), ref, &rebill, err);
    if (status != STATUS_OK)
        return status;
    bool again = json_object_get(rebilling->seen, ref) != NULL;
    if (rebill == NULL || strcmp(member_text(rebill, "state"), "posted") != 0)
        status = feed_deny(part->answers, "unknown-rebill", index, ref, err);
    else if (again || json_object_get(rebill, "rebilled") != NULL)
        status = feed_deny(part->answers, "rebill-closed", index, ref, err);
    else {
        const char *member = differs(json_object_get(rebill, "document"), record, currency);
        if (member != NULL)
            status = answer_deny(part->answers, "C-44", "rebill-differs",
                                 json_pack("{s:s, s:s, s:s, s:I}", "document", member_text(rebill, "number"), "id", id,
                                           "member", member, "record", (json_int_t)(index + 1)),
                                 err);
    }
    if (status == STATUS_OK && json_object_set_new(rebilling->seen, ref, json_true()) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory");
    json_decref(rebill);
    return status;
}

static enum status staged_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct rebilling *rebilling = context;
    (void)key;
    enum status status = rebill_judge(rebilling, record, SIZE_MAX, err);
    *ret_more = !rebilling->part->answers->denied;
    return status;
}

static enum status staged_judge(struct rebilling *rebilling, struct err *err)
{
    const json_t *body = rebilling->part->request->statement->body;
    bool before = false;
    if (member_integer(body, "part") == 1 || !json_is_true(json_object_get(body, "last")))
        return STATUS_OK;
    enum status status = facts_file_rebills(rebilling->part->facts, member_text(body, "entity"), &before, err);
    return status == STATUS_OK && before ? facts_staged_each(rebilling->part->facts, member_text(body, "entity"),
                                                             "invoices", staged_step, rebilling, err)
                                         : status;
}

static enum status judge_part(const struct feed_part *part, struct err *err)
{
    const json_t *records = json_object_get(part->request->statement->body, "records");
    struct rebilling rebilling = {.part = part, .seen = json_object()};
    enum status status =
        rebilling.seen != NULL ? staged_judge(&rebilling, err) : err_set(err, STATUS_MEMORY, "no memory");
    for (size_t i = 0; status == STATUS_OK && !part->answers->denied && i < json_array_size(records); i++)
        status = rebill_judge(&rebilling, json_array_get(records, i), i, err);
    json_decref(rebilling.seen);
    return status;
}

const struct feed_sort feed_sort_invoices = {
    .name = "invoices",
    .schema = &schema,
    .id = "invoice",
    .total = "gross",
    .table = BOOKS_INVOICES,
    .of_customer = true,
    .check = check,
    .judge_part = judge_part,
};

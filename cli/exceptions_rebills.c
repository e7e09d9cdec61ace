/*
 * Rebills whose new invoice has not come: the customer was credited, and nobody has billed him again.
 */
#include "cli/exceptions.h"
#include "controls/facts_money.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"

#include <stdio.h>
#include <string.h>

static enum status rebill_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    const json_t *document = json_object_get(record, "document"), *invoice = json_object_get(document, "invoice");
    const char *gross = member_text(invoice, "gross");
    const char *time = member_text(json_object_get(record, "posted"), "time");
    char note[2 * ID_BYTES_MAX + 64];
    struct exception_row row = {.number = member_text(record, "number"),
                                .entity = member_text(record, "entity"),
                                .owner = member_text(record, "preparer"),
                                .currency = member_text(document, "currency"),
                                .note = note};
    (void)key;
    (void)ret_more;
    snprintf(note, sizeof note, "to bill %s under %s", member_text(invoice, "customer"), member_text(invoice, "ref"));
    enum status status = instant_parse(time, strlen(time), &row.since_ms, err);
    if (status == STATUS_OK)
        status = money_parse(gross, strlen(gross), currency_digits(row.currency), &row.amount_minor, err);
    return status == STATUS_OK ? exception_add(context, &row, err) : status;
}

static enum status collect(struct exceptions *asked, struct err *err)
{
    return facts_open_rebills(asked->facts, asked->entity, rebill_step, asked, err);
}

const struct exception_source exceptions_rebills = {.name = "rebills", .title = "not billed again", .collect = collect};

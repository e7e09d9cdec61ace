/*
 * Functional amounts of ledger lines; see the header. Each amount is converted once, half to even; what that leaves over is
 * at most half a minor unit for each part that was converted, and stands in a line of its own.
 */
#include "controls/kinds/functional.h"

#include <string.h>

#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"

struct functional functional_begin(const json_t *document, const struct facts *facts)
{
    const char *name = member_text(document, "entity"), *currency = member_text(document, "currency");
    const struct policy_entity *entity = name != NULL ? policy_find_entity(facts->policy, name) : NULL;
    if (entity == NULL || currency == NULL || strcmp(entity->currency, currency) == 0)
        return (struct functional){.wanted = false};
    return (struct functional){
        .wanted = true, .currency = entity->currency, .digits = currency_digits(entity->currency)};
}

enum status functional_convert(const struct facts_rate *rate, int64_t minor, int64_t *ret_minor, struct err *err)
{
    if (rate->verdict == RATE_NONE || rate->verdict == RATE_OLD)
        return err_set(err, STATUS_NOT_FOUND, "no rate of %s in %s, which C-10 asks for", rate->currency, rate->base);
    return rate_convert(rate, minor, ret_minor, err);
}

enum status functional_rate(const json_t *document, const struct facts *facts, struct facts_rate *ret_rate,
                            struct err *err)
{
    const char *entity = member_text(document, "entity"), *date = member_text(document, "date");
    const struct functional functional = functional_begin(document, facts);
    const char *const pair[2] = {functional.currency, member_text(document, "currency")};
    int32_t days;
    enum status status = date_parse(date, strlen(date), &days, err);
    return status == STATUS_OK ? facts_rate(facts, entity, pair, days, ret_rate, err) : status;
}

static enum status difference_add(const struct functional *functional, const json_t *document, const char *account,
                                  const char *name, int64_t minor, json_t *lines, struct err *err)
{
    char zero[MONEY_TEXT_MAX], amount[MONEY_TEXT_MAX];
    const char *currency = member_text(document, "currency");
    if (minor == 0)
        return STATUS_OK;
    money_format(0, currency_digits(currency), zero);
    money_format(minor < 0 ? -minor : minor, functional->digits, amount);
    /* Without an account in the policy it stays empty, and C-44 denies. */
    json_t *line =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "account", account != NULL ? account : "", "amount", zero,
                  "currency", currency, "difference", name, "functional", amount, "side", minor > 0 ? "dr" : "cr");
    return json_array_append_new(lines, line) == 0 ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
}

enum status functional_differences(const struct functional *functional, const json_t *document,
                                   const struct facts *facts, bool debit, json_t *lines, struct err *err)
{
    const struct policy *policy = facts->policy;
    int64_t fx = debit ? functional->fx_minor : -functional->fx_minor;
    int64_t rounding = debit ? functional->rounding_minor : -functional->rounding_minor;
    enum status status = difference_add(functional, document, policy->fx_account, "fx", fx, lines, err);
    return status == STATUS_OK
               ? difference_add(functional, document, policy->rounding_account, "rounding", rounding, lines, err)
               : status;
}

/* The rate of one line: its invoice's, as carried, or where it has none the document's. C-10 has asked for both. */
static enum status line_rate(const json_t *document, const struct facts *facts, const json_t *line,
                             struct facts_rate *ret_rate, struct err *err)
{
    const char *entity = member_text(document, "entity"), *invoice = member_text(line, "invoice");
    const char *date = member_text(document, "date");
    const struct functional functional = functional_begin(document, facts);
    struct invoice_rates rates;
    json_t *record = NULL;
    int32_t days;
    enum status status = date_parse(date, strlen(date), &days, err);
    if (status == STATUS_OK && invoice != NULL)
        status = facts_invoice(facts, entity, invoice, &record, err);
    if (status != STATUS_OK)
        return status;
    if (record == NULL)
        return functional_rate(document, facts, ret_rate, err);
    status = facts_invoice_rates(facts, entity, functional.currency, record, days, &rates, err);
    json_decref(record);
    if (status == STATUS_OK)
        *ret_rate = rates.carried;
    return status;
}

static enum status line_complete(const struct functional *functional, const json_t *document, const struct facts *facts,
                                 json_t *line, int64_t *ret_signed, struct err *err)
{
    const char *text = member_text(line, "amount");
    char amount[MONEY_TEXT_MAX];
    struct facts_rate rate;
    int64_t minor;
    enum status status = line_rate(document, facts, line, &rate, err);
    if (status == STATUS_OK)
        status = money_parse(text, strlen(text), currency_digits(member_text(line, "currency")), &minor, err);
    if (status == STATUS_OK)
        status = functional_convert(&rate, minor, &minor, err);
    if (status != STATUS_OK)
        return status;
    money_format(minor, functional->digits, amount);
    *ret_signed = strcmp(member_text(line, "side"), "dr") == 0 ? minor : -minor;
    return json_object_set_new(line, "functional", json_string(amount)) == 0 ? STATUS_OK
                                                                             : err_set(err, STATUS_MEMORY, "no memory");
}

enum status functional_complete(const json_t *document, const struct facts *facts, json_t *lines, struct err *err)
{
    struct functional functional = functional_begin(document, facts);
    size_t count = json_array_size(lines);
    enum status status = STATUS_OK;
    if (!functional.wanted || count == 0 || json_object_get(json_array_get(lines, 0), "functional") != NULL)
        return STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        int64_t minor = 0;
        status = line_complete(&functional, document, facts, json_array_get(lines, i), &minor, err);
        if (status == STATUS_OK)
            status = money_sub(functional.fx_minor, minor, &functional.fx_minor, err);
    }
    return status == STATUS_OK ? functional_differences(&functional, document, facts, true, lines, err) : status;
}

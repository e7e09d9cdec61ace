/*
 * Rates are looked up backwards from the date that is asked for, so the cost is one step whatever the book holds. Amounts
 * are converted once, in 128 bits, half to even (ledger/money.h).
 */
#include "controls/facts_rates.h"

#include <stdio.h>
#include <string.h>

#include "controls/facts.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

static enum status rate_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct facts_rate *rate = context;
    const char *text = member_text(record, "rate"), *document = member_text(record, "document");
    *ret_more = false;
    if (text == NULL || document == NULL)
        return err_set(err, STATUS_CORRUPT, "books: a rate is not whole; run rebuild");
    rate->verdict = RATE_FOUND;
    rate->date = (int32_t)books_key_number(key, 0);
    snprintf(rate->text, sizeof rate->text, "%s", text);
    snprintf(rate->document, sizeof rate->document, "%s", document);
    return money_parse_rate(text, strlen(text), &rate->trillionths, err);
}

enum status facts_rate(const struct facts *facts, const char *entity, const char *const pair[2], int32_t date,
                       struct facts_rate *ret_rate, struct err *err)
{
    struct facts_rate rate = {.verdict = RATE_NONE,
                              .wanted = date,
                              .date = date,
                              .days_max = policy_parameter(facts->policy, entity, PARAMETER_RATE_DAYS_MAX)};
    snprintf(rate.base, sizeof rate.base, "%s", pair[0]);
    snprintf(rate.currency, sizeof rate.currency, "%s", pair[1]);
    if (strcmp(pair[0], pair[1]) == 0) {
        rate.verdict = RATE_SAME;
        *ret_rate = rate;
        return STATUS_OK;
    }
    struct books_key prefix = books_key_pair(pair[0], pair[1]), before = prefix;
    books_key_close(&prefix);
    books_key_add_number(&before, (uint64_t)date + 1);
    const struct books_walk walk = {.table = BOOKS_RATES,
                                    .prefix = &prefix,
                                    .backward = true,
                                    .before = &before,
                                    .step = rate_step,
                                    .context = &rate};
    enum status status = books_each(facts->books, &walk, err);
    if (status != STATUS_OK)
        return status;
    if (rate.verdict == RATE_FOUND && date - rate.date > rate.days_max)
        rate.verdict = RATE_OLD;
    *ret_rate = rate;
    return STATUS_OK;
}

enum status rate_convert(const struct facts_rate *rate, int64_t minor, int64_t *ret_minor, struct err *err)
{
    invariant(rate->verdict == RATE_SAME || rate->verdict == RATE_FOUND);
    if (rate->verdict == RATE_SAME) {
        *ret_minor = minor;
        return STATUS_OK;
    }
    const struct money_rate money = {.trillionths = rate->trillionths,
                                     .digits_from = currency_digits(rate->currency),
                                     .digits_to = currency_digits(rate->base)};
    return money_convert(minor, &money, ret_minor, err);
}

json_t *rate_to_json(const struct facts_rate *rate)
{
    char date[DATE_TEXT_BYTES];
    date_format(rate->date, date);
    return json_pack("{s:s, s:s, s:s, s:s}", "base", rate->base, "date", date, "document", rate->document, "rate",
                     rate->text);
}

/* The last day of the month before the one in which the date falls. */
static int32_t month_end_before(int32_t date)
{
    return date - date_split(date).day;
}

enum status facts_invoice_rates(const struct facts *facts, const char *entity, const char *functional,
                                const json_t *invoice, int32_t date, struct invoice_rates *ret_rates, struct err *err)
{
    const char *const pair[2] = {functional, member_text(invoice, "currency")};
    const char *text = member_text(invoice, "date");
    int32_t booked, end = month_end_before(date);
    enum status status = date_parse(text, strlen(text), &booked, err);
    if (status == STATUS_OK)
        status = facts_rate(facts, entity, pair, booked, &ret_rates->booked, err);
    if (status != STATUS_OK)
        return status;
    if (booked > end) {
        ret_rates->carried = ret_rates->booked;
        return STATUS_OK;
    }
    return facts_rate(facts, entity, pair, end, &ret_rates->carried, err);
}

enum status facts_rounding(const struct facts *facts, const char *entity, int32_t date, int64_t *ret_minor,
                           struct err *err)
{
    char text[DATE_TEXT_BYTES];
    json_t *record = NULL;
    date_format(date, text);
    text[sizeof "YYYY-MM" - 1] = '\0';
    const struct books_key key = books_key_pair(entity, text);
    enum status status = books_get(facts->books, BOOKS_ROUNDING, &key, &record, err);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    *ret_minor = member_integer(record, "minor");
    json_decref(record);
    return STATUS_OK;
}

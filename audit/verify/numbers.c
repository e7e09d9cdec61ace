/*
 * Numbers: request numbers dense for each prefix, legal numbers dense for each series (FORMAT.md section 6). Read from the
 * stored decisions; that each document got the right one is for the replay.
 */
#include <string.h>

#include "audit/verify/parts.h"

enum { SERIES_BYTES = 2 * ID_BYTES_MAX, NUMBER_DIGITS_MAX = 15 };

/* "US01-CN-2026-000001" -> "US01-CN-2026", 1. False for any other form. */
static bool number_split(const char *number, char ret_series[static SERIES_BYTES], int64_t *ret_last)
{
    const char *dash = strrchr(number, '-');
    size_t length = dash == NULL ? 0 : (size_t)(dash - number);
    size_t digits = dash == NULL ? 0 : strlen(dash + 1);
    if (length == 0 || length >= SERIES_BYTES || digits == 0 || digits > NUMBER_DIGITS_MAX ||
        strspn(dash + 1, "0123456789") != digits)
        return false;
    int64_t last = 0;
    for (const char *digit = dash + 1; *digit != '\0'; digit++)
        last = last * 10 + (*digit - '0');
    memcpy(ret_series, number, length);
    ret_series[length] = '\0';
    *ret_last = last;
    return true;
}

static enum status number_next(struct verify *verify, uint64_t seq, struct slice text, struct err *err)
{
    char series[SERIES_BYTES], number[ID_BYTES_MAX + 1];
    int64_t given = 0;
    invariant(text.length < sizeof number); /* the form of a decision has been seen to */
    memcpy(number, text.bytes, text.length);
    number[text.length] = '\0';
    if (!number_split(number, series, &given)) {
        finding_after(&verify->findings, CHECK_NUMBERS, seq, "'%.64s' is no number", number);
        return STATUS_OK;
    }
    int64_t last = json_integer_value(json_object_get(verify->series, series));
    if (given <= last)
        finding_after(&verify->findings, CHECK_NUMBERS, seq, "%s is given again, or after %s-%lld", number, series,
                      (long long)last);
    else if (given != last + 1)
        finding_after(&verify->findings, CHECK_NUMBERS, seq, "%s is given, the next in %s is %lld", number, series,
                      (long long)(last + 1));
    if (json_object_set_new(verify->series, series, json_integer(given > last ? given : last)) != 0)
        return err_set(err, STATUS_MEMORY, "no memory for number series");
    return STATUS_OK;
}

static void count_result(struct verify_result *result, enum verb verb, struct slice outcome)
{
    bool submits = verb == VERB_SUBMIT || verb == VERB_AMEND;
    if (submits && !slice_is(outcome, "repeat"))
        result->documents++;
    if (slice_is(outcome, "posted") || slice_is(outcome, "in-force"))
        result->posted++;
    else if (submits && slice_is(outcome, "refused"))
        result->refused++;
}

enum status verify_numbers(struct verify *verify, const struct verify_item *item, struct err *err)
{
    const enum verb verb = item->facts.verb;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && item->sound && i < item->result_count; i++) {
        const struct item_result *one = &item->results[i];
        bool admitted = verb == VERB_SUBMIT && !slice_is(one->outcome, "refused") && !slice_is(one->outcome, "repeat");
        count_result(verify->result, verb, one->outcome);
        if (admitted && one->document.bytes != NULL)
            status = number_next(verify, item->seq, one->document, err);
        if (status == STATUS_OK && one->number.bytes != NULL)
            status = number_next(verify, item->seq, one->number, err);
    }
    return status;
}

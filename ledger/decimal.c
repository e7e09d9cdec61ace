/*
 * Strict decimals of checkpoints and receipts. One text for a number, so that a signed text can't be said in two ways.
 */
#include "ledger/decimal.h"

#include "ledger/text.h"

enum status decimal_parse(const char *text, size_t length, uint64_t *ret_number, struct err *err)
{
    char shown[TEXT_SHOW_MAX];
    uint64_t number = 0;
    text_show(text, length, shown);
    if (length == 0 || (length > 1 && text[0] == '0'))
        return err_set(err, STATUS_INPUT, "number '%s': a decimal without leading zeros is due", shown);
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return err_set(err, STATUS_INPUT, "number '%s': a decimal without leading zeros is due", shown);
        if (i == DECIMAL_TEXT_MAX - 1)
            return err_set(err, STATUS_LIMIT, "number '%s' is too large", shown);
        number = number * 10 + (uint64_t)(text[i] - '0');
    }
    if (number > INT64_MAX)
        return err_set(err, STATUS_LIMIT, "number '%s' is too large", shown);
    *ret_number = number;
    return STATUS_OK;
}

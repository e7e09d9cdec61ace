/*
 * Money as checked integers. Products go through 128 bits, where int64 times int64 always fits; results are brought
 * back with a check. The canonical text is one to one with (minor, digits): what money_parse accepts, money_format
 * gives back. Implements "Amounts" of FORMAT.md.
 */
#include "ledger/money.h"

#include "ledger/currency.h"
#include "ledger/text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef __int128 wide; /* the one type that standard C has no name for */
__extension__ typedef unsigned __int128 unsigned_wide;

static const int64_t powers_of_ten[] = {1,
                                        10,
                                        100,
                                        1000,
                                        10000,
                                        100000,
                                        1000000,
                                        10000000,
                                        100000000,
                                        1000000000,
                                        10000000000,
                                        100000000000,
                                        1000000000000,
                                        10000000000000,
                                        100000000000000,
                                        1000000000000000,
                                        10000000000000000};

/* Where a text stops to be an amount. */
struct amount_form {
    size_t integer_digits;
    size_t decimals; /* after the dot */
    bool has_dot;
    bool is_whole; /* nothing follows */
};

static size_t digit_run(const char *text, size_t length)
{
    size_t run = 0;
    while (run < length && text[run] >= '0' && text[run] <= '9')
        run++;
    return run;
}

static struct amount_form amount_form(const char *text, size_t length)
{
    struct amount_form form = {0};
    size_t at = form.integer_digits = digit_run(text, length);
    if (at < length && text[at] == '.') {
        form.has_dot = true;
        at++;
        form.decimals = digit_run(text + at, length - at);
        at += form.decimals;
    }
    form.is_whole = at == length;
    return form;
}

/* The wrong amount with its one comma as a dot, when that mends it. */
static enum status refuse_comma(const char *text, size_t length, int digits, struct err *err)
{
    char shown[TEXT_SHOW_MAX];
    char mended[MONEY_TEXT_MAX];
    int64_t minor = 0;
    text_show(text, length, shown);
    if (length < sizeof mended) {
        memcpy(mended, text, length);
        char *comma = memchr(mended, ',', length);
        if (comma != NULL)
            *comma = '.';
        if (money_parse(mended, length, digits, &minor, NULL) == STATUS_OK)
            return err_set(err, STATUS_INPUT, "amount '%s': use a dot, %.*s", shown, (int)length, mended);
    }
    return err_set(err, STATUS_INPUT, "amount '%s': no comma, write it like %s", shown,
                   digits == 0   ? "1200"
                   : digits == 3 ? "1200.000"
                                 : "1200.00");
}

/* Says what is wrong with an amount that is not in the canonical form. */
static enum status refuse_amount(const char *text, size_t length, int digits, struct err *err)
{
    char shown[TEXT_SHOW_MAX];
    text_show(text, length, shown);
    if (length == 0)
        return err_set(err, STATUS_INPUT, "amount is empty");
    if (memchr(text, ',', length) != NULL)
        return refuse_comma(text, length, digits, err);
    if (text[0] == '+')
        return err_set(err, STATUS_INPUT, "amount '%s': no plus sign", shown);
    size_t sign = text[0] == '-' ? 1 : 0;
    struct amount_form form = amount_form(text + sign, length - sign);
    if (!form.is_whole || form.integer_digits == 0)
        return err_set(err, STATUS_INPUT, "amount '%s': a plain decimal number is due", shown);
    if (digits == 0 && form.has_dot)
        return err_set(err, STATUS_INPUT, "amount '%s': this currency has no decimals", shown);
    if (form.decimals > (size_t)digits)
        return err_set(err, STATUS_INPUT, "amount '%s': too many digits after the dot, %d are due", shown, digits);
    if (form.decimals < (size_t)digits)
        return err_set(err, STATUS_INPUT, "amount '%s': exactly %d digits after the dot are due", shown, digits);
    return err_set(err, STATUS_INPUT, "amount '%s': no leading zeros", shown);
}

enum status money_parse(const char *text, size_t length, int digits, int64_t *ret_minor, struct err *err)
{
    invariant(digits >= 0 && digits <= CURRENCY_DIGITS_MAX);
    size_t sign = length > 0 && text[0] == '-' ? 1 : 0;
    struct amount_form form = amount_form(text + sign, length - sign);
    if (!form.is_whole || form.integer_digits == 0 || form.decimals != (size_t)digits || form.has_dot != (digits > 0) ||
        (text[sign] == '0' && form.integer_digits > 1))
        return refuse_amount(text, length, digits, err);
    int64_t minor = 0;
    for (size_t i = sign; i < length; i++) {
        if (text[i] == '.')
            continue;
        if (__builtin_mul_overflow(minor, 10, &minor) || __builtin_add_overflow(minor, text[i] - '0', &minor)) {
            char shown[TEXT_SHOW_MAX];
            text_show(text, length, shown);
            return err_set(err, STATUS_LIMIT, "amount '%s' is too large", shown);
        }
    }
    if (sign == 1 && minor == 0)
        return err_set(err, STATUS_INPUT, "amount '%.*s': zero has no sign", (int)length, text);
    *ret_minor = sign == 1 ? -minor : minor;
    return STATUS_OK;
}

/* Writes from the end, as digits come. */
static void format(int64_t minor, int digits, bool is_grouped, char ret_text[static MONEY_TEXT_MAX])
{
    invariant(digits >= 0 && digits <= CURRENCY_DIGITS_MAX);
    char reversed[MONEY_TEXT_MAX];
    size_t used = 0;
    uint64_t left = minor < 0 ? -(uint64_t)minor : (uint64_t)minor;
    int written = 0;
    do {
        if (digits > 0 && written == digits)
            reversed[used++] = '.';
        else if (is_grouped && written > digits && (written - digits) % 3 == 0)
            reversed[used++] = ',';
        reversed[used++] = (char)('0' + left % 10);
        left /= 10;
        written++;
    } while (left > 0 || written <= digits);
    if (minor < 0)
        reversed[used++] = '-';
    for (size_t i = 0; i < used; i++)
        ret_text[i] = reversed[used - 1 - i];
    ret_text[used] = '\0';
}

void money_format(int64_t minor, int digits, char ret_text[static MONEY_TEXT_MAX])
{
    format(minor, digits, false, ret_text);
}

void money_format_grouped(int64_t minor, int digits, char ret_text[static MONEY_TEXT_MAX])
{
    format(minor, digits, true, ret_text);
}

enum status money_add(int64_t a, int64_t b, int64_t *ret_sum, struct err *err)
{
    int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum) || sum == INT64_MIN)
        return err_set(err, STATUS_LIMIT, "the sum of two amounts is too large");
    *ret_sum = sum;
    return STATUS_OK;
}

enum status money_sub(int64_t a, int64_t b, int64_t *ret_difference, struct err *err)
{
    int64_t difference = 0;
    if (__builtin_sub_overflow(a, b, &difference) || difference == INT64_MIN)
        return err_set(err, STATUS_LIMIT, "the difference of two amounts is too large");
    *ret_difference = difference;
    return STATUS_OK;
}

enum status money_abs(int64_t a, int64_t *ret_absolute, struct err *err)
{
    if (a == INT64_MIN)
        return err_set(err, STATUS_LIMIT, "the amount is too large");
    *ret_absolute = a < 0 ? -a : a;
    return STATUS_OK;
}

/* What the division left a part short of, and whose part it is. */
struct remainder {
    wide left;
    size_t position;
};

static int remainder_compare(const void *a, const void *b)
{
    const struct remainder *x = a;
    const struct remainder *y = b;
    if (x->left != y->left)
        return x->left > y->left ? -1 : 1;
    return x->position < y->position ? -1 : x->position > y->position;
}

enum status money_split(int64_t total, const int64_t *weights, size_t count, int64_t *ret_parts, struct err *err)
{
    wide weight_sum = 0;
    if (count == 0 || count > MONEY_SPLIT_PARTS_MAX)
        return err_set(err, STATUS_LIMIT, "an amount is split into 1 to %d parts, not %zu", MONEY_SPLIT_PARTS_MAX,
                       count);
    for (size_t i = 0; i < count; i++) {
        if (weights[i] < 0)
            return err_set(err, STATUS_INPUT, "part %zu of %zu has a negative weight", i + 1, count);
        weight_sum += weights[i];
    }
    if (weight_sum == 0)
        return err_set(err, STATUS_INPUT, "an amount can't be split in proportion to nothing");
    if (total == INT64_MIN)
        return err_set(err, STATUS_LIMIT, "the amount is too large");
    struct remainder *remainders = malloc(count * sizeof *remainders);
    if (remainders == NULL)
        return err_set(err, STATUS_MEMORY, "no memory to split an amount");
    int64_t magnitude = total < 0 ? -total : total;
    int64_t sign = total < 0 ? -1 : 1;
    int64_t left_over = magnitude;
    for (size_t i = 0; i < count; i++) {
        wide share = (wide)magnitude * weights[i];
        ret_parts[i] = (int64_t)(share / weight_sum); /* <= magnitude */
        left_over -= ret_parts[i];
        remainders[i] = (struct remainder){.left = share % weight_sum, .position = i};
    }
    qsort(remainders, count, sizeof *remainders, remainder_compare);
    invariant(left_over >= 0 && (uint64_t)left_over < count);
    for (size_t i = 0; i < (size_t)left_over; i++)
        ret_parts[remainders[i].position]++;
    for (size_t i = 0; i < count; i++)
        ret_parts[i] *= sign;
    free(remainders);
    return STATUS_OK;
}

enum status money_convert(int64_t minor, const struct money_rate *rate, int64_t *ret_minor, struct err *err)
{
    invariant(rate->digits_from >= 0 && rate->digits_from <= CURRENCY_DIGITS_MAX);
    invariant(rate->digits_to >= 0 && rate->digits_to <= CURRENCY_DIGITS_MAX);
    if (rate->trillionths <= 0)
        return err_set(err, STATUS_INPUT, "a rate of exchange is above zero");
    /* minor / 10^from * trillionths / 10^12 * 10^to: one division by 10^8 to 10^16. */
    unsigned_wide divisor = (unsigned_wide)powers_of_ten[MONEY_RATE_DIGITS + rate->digits_from - rate->digits_to];
    uint64_t magnitude = minor < 0 ? -(uint64_t)minor : (uint64_t)minor;
    unsigned_wide product = (unsigned_wide)magnitude * (uint64_t)rate->trillionths;
    unsigned_wide quotient = product / divisor;
    unsigned_wide twice_left = product % divisor * 2;
    if (twice_left > divisor || (twice_left == divisor && quotient % 2 == 1))
        quotient++;
    if (quotient > INT64_MAX)
        return err_set(err, STATUS_LIMIT, "the converted amount is too large");
    *ret_minor = minor < 0 ? -(int64_t)quotient : (int64_t)quotient;
    return STATUS_OK;
}

enum status money_parse_rate(const char *text, size_t length, int64_t *ret_trillionths, struct err *err)
{
    char shown[TEXT_SHOW_MAX];
    text_show(text, length, shown);
    struct amount_form form = amount_form(text, length);
    if (!form.is_whole || form.integer_digits == 0 || (text[0] == '0' && form.integer_digits > 1))
        return err_set(err, STATUS_INPUT, "rate '%s': a plain decimal number above zero is due, like 1.0825", shown);
    if (form.decimals > MONEY_RATE_DIGITS)
        return err_set(err, STATUS_INPUT, "rate '%s': at most %d decimals", shown, MONEY_RATE_DIGITS);
    if (form.has_dot && (form.decimals == 0 || text[length - 1] == '0'))
        return err_set(err, STATUS_INPUT, "rate '%s': decimals do not end in 0", shown);
    int64_t value = 0;
    bool is_over = false;
    for (size_t i = 0; i < length && !is_over; i++)
        if (text[i] != '.')
            is_over = __builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, text[i] - '0', &value);
    if (is_over || __builtin_mul_overflow(value, powers_of_ten[MONEY_RATE_DIGITS - form.decimals], &value))
        return err_set(err, STATUS_LIMIT, "rate '%s' is too large", shown);
    if (value == 0)
        return err_set(err, STATUS_INPUT, "rate '%s': a rate of exchange is above zero", shown);
    *ret_trillionths = value;
    return STATUS_OK;
}

void money_format_rate(int64_t trillionths, char ret_text[static MONEY_TEXT_MAX])
{
    invariant(trillionths > 0);
    int length =
        snprintf(ret_text, MONEY_TEXT_MAX, "%" PRId64 ".%012" PRId64, trillionths / powers_of_ten[MONEY_RATE_DIGITS],
                 trillionths % powers_of_ten[MONEY_RATE_DIGITS]);
    size_t end = (size_t)length;
    while (ret_text[end - 1] == '0')
        end--;
    if (ret_text[end - 1] == '.')
        end--;
    ret_text[end] = '\0';
}

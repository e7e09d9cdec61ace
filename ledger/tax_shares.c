/*
 * Shares of an invoice; see the header. Weights are absolute: a discount that was billed below zero is given back like any
 * other part.
 */
#include "ledger/tax_shares.h"

#include <string.h>

#include "ledger/currency.h"
#include "ledger/money.h"
#include "ledger/schema.h"

static enum status amount_abs(const json_t *object, const char *name, int digits, int64_t *ret_minor, struct err *err)
{
    const char *text = member_text(object, name);
    if (text == NULL || digits < 0)
        return err_set(err, STATUS_CORRUPT, "a %s of an invoice lacks", name);
    enum status status = money_parse(text, strlen(text), digits, ret_minor, err);
    return status == STATUS_OK ? money_abs(*ret_minor, ret_minor, err) : status;
}

static int digits_of(const json_t *invoice)
{
    const char *currency = member_text(invoice, "currency");
    return currency != NULL ? currency_digits(currency) : -1;
}

/* What was billed of each share. */
static enum status shares_billed(const json_t *invoice, struct tax_shares *ret_shares, struct err *err)
{
    const json_t *taxes = json_object_get(invoice, "taxes");
    size_t count = json_array_size(taxes);
    int digits = digits_of(invoice);
    struct tax_shares shares = {.count = 2 * count};
    enum status status = STATUS_OK;
    if (count > TAX_CODES_MAX)
        return err_set(err, STATUS_LIMIT, "an invoice has more than %d tax codes", TAX_CODES_MAX);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        status = amount_abs(json_array_get(taxes, i), "net", digits, &shares.minor[2 * i], err);
        if (status == STATUS_OK)
            status = amount_abs(json_array_get(taxes, i), "tax", digits, &shares.minor[2 * i + 1], err);
    }
    if (status == STATUS_OK)
        *ret_shares = shares;
    return status;
}

void tax_shares_read(const json_t *list, struct tax_shares *ret_shares)
{
    struct tax_shares shares = {.count = json_array_size(list)};
    invariant(shares.count <= TAX_SHARES_MAX);
    for (size_t i = 0; i < shares.count; i++)
        shares.minor[i] = json_integer_value(json_array_get(list, i));
    *ret_shares = shares;
}

enum status tax_shares_left(const json_t *invoice, struct tax_shares *ret_left, struct err *err)
{
    struct tax_shares left, credited;
    enum status status = shares_billed(invoice, &left, err);
    tax_shares_read(json_object_get(invoice, "credited"), &credited);
    for (size_t i = 0; status == STATUS_OK && i < left.count && i < credited.count; i++)
        status = money_sub(left.minor[i], credited.minor[i], &left.minor[i], err);
    if (status == STATUS_OK)
        *ret_left = left;
    return status;
}

enum status tax_shares_note(json_t *record, const char *name, const struct tax_shares *parts, int sign, struct err *err)
{
    struct tax_shares noted;
    json_t *list = json_array();
    tax_shares_read(json_object_get(record, name), &noted);
    enum status status = list != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
    for (size_t i = 0; status == STATUS_OK && (i < parts->count || i < noted.count); i++) {
        int64_t sum;
        status =
            money_add(i < noted.count ? noted.minor[i] : 0, i < parts->count ? sign * parts->minor[i] : 0, &sum, err);
        if (status == STATUS_OK && json_array_append_new(list, json_integer(sum)) != 0)
            status = err_set(err, STATUS_MEMORY, "no memory");
    }
    if (status == STATUS_OK && json_object_set(record, name, list) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory");
    json_decref(list);
    return status;
}

static size_t code_index(const json_t *taxes, const char *code)
{
    size_t i = 0;
    while (i < json_array_size(taxes) && strcmp(member_text(json_array_get(taxes, i), "code"), code) != 0)
        i++;
    return i;
}

static enum status parts_stated(const json_t *invoice, const json_t *taxes, struct tax_shares *parts, struct err *err)
{
    const json_t *codes = json_object_get(invoice, "taxes");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(taxes); i++) {
        const json_t *tax = json_array_get(taxes, i);
        size_t at = code_index(codes, member_text(tax, "code"));
        if (at == json_array_size(codes))
            continue;
        status = amount_abs(tax, "net", digits_of(invoice), &parts->minor[2 * at], err);
        if (status == STATUS_OK)
            status = amount_abs(tax, "tax", digits_of(invoice), &parts->minor[2 * at + 1], err);
    }
    return status;
}

/* In proportion to weights, none of them taken below zero. */
static enum status parts_split(int64_t amount_minor, const struct tax_shares *weights, struct tax_shares *parts,
                               struct err *err)
{
    int64_t plain[TAX_SHARES_MAX];
    bool any = false;
    for (size_t i = 0; i < weights->count; i++) {
        plain[i] = weights->minor[i] > 0 ? weights->minor[i] : 0;
        any = any || plain[i] > 0;
    }
    if (any)
        return money_split(amount_minor, plain, weights->count, parts->minor, err);
    parts->loose_minor = amount_minor;
    return STATUS_OK;
}

/* The line of that name; the first, should a name stand twice. NULL when there is none. */
static const json_t *line_find(const json_t *invoice, const char *line)
{
    const json_t *lines = json_object_get(invoice, "lines");
    for (size_t i = 0; line != NULL && i < json_array_size(lines); i++)
        if (strcmp(member_text(json_array_get(lines, i), "line"), line) == 0)
            return json_array_get(lines, i);
    return NULL;
}

/*
 * A line by its own net and tax, within what is left of its code. *ret_done is false when its code cannot hold it, or the
 * invoice does not have it: then it is split as the rest is.
 */
static enum status parts_of_line(const json_t *invoice, const json_t *line, int64_t amount_minor,
                                 const struct tax_shares *left, struct tax_shares *parts, bool *ret_done,
                                 struct err *err)
{
    const json_t *taxes = json_object_get(invoice, "taxes");
    size_t at = code_index(taxes, member_text(line, "code"));
    int64_t weights[2], both[2], room;
    *ret_done = false;
    if (at == json_array_size(taxes))
        return STATUS_OK;
    const int64_t *code_left = &left->minor[2 * at];
    enum status status = amount_abs(line, "net", digits_of(invoice), &weights[0], err);
    if (status == STATUS_OK)
        status = amount_abs(line, "tax", digits_of(invoice), &weights[1], err);
    if (status != STATUS_OK || (weights[0] | weights[1]) == 0 || code_left[0] < 0 || code_left[1] < 0)
        return status;
    status = money_add(code_left[0], code_left[1], &room, err);
    if (status != STATUS_OK || room < amount_minor)
        return status == STATUS_LIMIT ? STATUS_OK : status;
    status = money_split(amount_minor, weights, 2, both, err);
    if (status != STATUS_OK)
        return status;
    if (both[1] > code_left[1])
        both[1] = code_left[1];
    if (amount_minor - both[1] > code_left[0])
        both[1] = amount_minor - code_left[0];
    parts->minor[2 * at] = amount_minor - both[1];
    parts->minor[2 * at + 1] = both[1];
    *ret_done = true;
    return STATUS_OK;
}

enum status tax_shares_take(json_t *invoice, const struct tax_taking *taking, struct tax_shares *ret_parts,
                            struct err *err)
{
    struct tax_shares left;
    bool done = taking->taxes != NULL;
    enum status status = taking->up ? shares_billed(invoice, &left, err) : tax_shares_left(invoice, &left, err);
    struct tax_shares parts = {.count = status == STATUS_OK ? left.count : 0};
    const json_t *line = line_find(invoice, taking->line);
    if (status == STATUS_OK && done)
        status = parts_stated(invoice, taking->taxes, &parts, err);
    if (status == STATUS_OK && !done && line != NULL)
        status = parts_of_line(invoice, line, taking->amount_minor, &left, &parts, &done, err);
    if (status == STATUS_OK && !done)
        status = parts_split(taking->amount_minor, &left, &parts, err);
    if (status == STATUS_OK)
        status = tax_shares_note(invoice, "credited", &parts, taking->up ? -1 : 1, err);
    if (status == STATUS_OK)
        *ret_parts = parts;
    return status;
}

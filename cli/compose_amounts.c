/*
 * Amounts of a document as a person writes them: the whole, what goes to each invoice, what goes to the account. One of
 * them may be left out where the others leave no choice; nothing is ever rounded or spread.
 */
#include <stdio.h>
#include <string.h>

#include "cli/compose_parts.h"
#include "ledger/currency.h"
#include "ledger/limits.h"
#include "ledger/schema.h"
#include "ledger/text.h"

static enum status comma_error(const char *text, int digits, struct err *err)
{
    char shown[TEXT_SHOW_MAX], better[MONEY_TEXT_MAX] = "";
    const char *comma = strrchr(text, ',');
    size_t after = strlen(comma + 1), used = 0;
    bool decimal = strchr(text, '.') == NULL && strchr(text, ',') == comma && after > 0 && after <= (size_t)digits;
    for (const char *at = text; *at != '\0' && used + 1 < sizeof better; at++) {
        if (*at != ',')
            better[used++] = *at;
        else if (decimal)
            better[used++] = '.';
    }
    better[used] = '\0';
    text_show(text, strlen(text), shown);
    return err_set(err, STATUS_INPUT, "\"%s\": %s, %s", shown, decimal ? "use a dot" : "leave the comma out",
                   strspn(better, "-0123456789.") == used ? better : "1200.00");
}

enum status compose_amount(const char *text, const char *currency, char ret_amount[static MONEY_TEXT_MAX],
                           struct err *err)
{
    char shown[TEXT_SHOW_MAX], padded[MONEY_TEXT_MAX];
    int64_t minor;
    int digits = currency_digits(currency);
    if (digits < 0)
        return err_set(err, STATUS_INPUT, "%s has no minor unit in ISO 4217", currency);
    if (strchr(text, ',') != NULL)
        return comma_error(text, digits, err);
    const char *dot = strchr(text, '.');
    size_t length = strlen(text), decimals = dot != NULL ? strlen(dot + 1) : 0;
    text_show(text, length, shown);
    if (decimals > (size_t)digits)
        return err_set(err, STATUS_INPUT, "\"%s\": %s has %d decimals", shown, currency, digits);
    if (dot != NULL && decimals == 0)
        return err_set(err, STATUS_INPUT, "\"%s\": digits have to follow the dot", shown);
    if (length + 2 + (size_t)digits >= sizeof padded)
        return err_set(err, STATUS_LIMIT, "\"%s\": too long for an amount", shown);
    snprintf(padded, sizeof padded, "%s%s%.*s", text, dot == NULL && digits > 0 ? "." : "", digits - (int)decimals,
             "0000");
    /* First as it was typed, so that an error quotes that. */
    enum status status = money_parse(text, length, (int)decimals, &minor, err);
    if (status == STATUS_OK)
        status = money_parse(padded, strlen(padded), digits, &minor, err);
    if (status == STATUS_OK)
        money_format(minor, digits, ret_amount);
    return status;
}

enum status compose_set_amount(struct compose *compose, json_t *document, enum compose_field field, const char *text,
                               struct err *err)
{
    char amount[MONEY_TEXT_MAX] = "";
    const char *currency = member_text(document, "currency");
    compose->wrong = field;
    enum status status = compose_amount(text, currency, amount, err);
    if (status == STATUS_OK && amount[0] == '-')
        status =
            compose_wrong(compose, field, err, "\"%s\": has to be above zero; the kind says which way it goes", amount);
    return status == STATUS_OK ? compose_set_text(document, compose_field_name(field), amount, err) : status;
}

/* allocations */

struct allocation_text {
    char invoice[ID_BYTES_MAX + 1];
    char line[ID_BYTES_MAX + 1]; /* "": the whole invoice */
    const char *amount;          /* NULL: not given; lends from the text */
    json_t *record;              /* of the invoice; NULL: not in the books */
};

/* INVOICE, INVOICE/LINE: ids may hold '/' too, so an invoice that is in the books is taken whole. */
static enum status find_invoice(struct compose *compose, const char *entity, struct allocation_text *allocation,
                                struct err *err)
{
    enum status status = compose_check_id(compose, COMPOSE_ALLOCATIONS, allocation->invoice, err);
    compose->wrong = COMPOSE_ALLOCATIONS;
    if (status == STATUS_OK)
        status = facts_invoice(compose->facts, entity, allocation->invoice, &allocation->record, err);
    char *slash = strrchr(allocation->invoice, '/');
    if (status != STATUS_OK || allocation->record != NULL || slash == NULL)
        return status;
    snprintf(allocation->line, sizeof allocation->line, "%s", slash + 1);
    *slash = '\0';
    status = compose_check_id(compose, COMPOSE_ALLOCATIONS, allocation->invoice, err);
    if (status == STATUS_OK)
        status = compose_check_id(compose, COMPOSE_ALLOCATIONS, allocation->line, err);
    return status == STATUS_OK ? facts_invoice(compose->facts, entity, allocation->invoice, &allocation->record, err)
                               : status;
}

/* The amount stands after '=', or after the last ':' when an amount follows it (ids may hold ':'). */
static enum status read_allocation(struct compose *compose, const char *entity, const char *text,
                                   struct allocation_text *ret_allocation, struct err *err)
{
    const char *split = strchr(text, '=');
    const char *colon = strrchr(text, ':');
    if (split == NULL && colon != NULL && strspn(colon + 1, "0123456789.,-") == strlen(colon + 1))
        split = colon;
    size_t length = split != NULL ? (size_t)(split - text) : strlen(text);
    if (length > ID_BYTES_MAX)
        return compose_wrong(compose, COMPOSE_ALLOCATIONS, err, "an invoice number has at most %d characters",
                             ID_BYTES_MAX);
    *ret_allocation = (struct allocation_text){.amount = split != NULL ? split + 1 : NULL};
    memcpy(ret_allocation->invoice, text, length);
    return find_invoice(compose, entity, ret_allocation, err);
}

/* Customer and currency follow from the first invoice where they are not given. */
static enum status take_from_invoice(struct compose *compose, json_t *document,
                                     const struct allocation_text *allocation, struct err *err)
{
    const char *entity = member_text(document, "entity");
    bool customer = member_text(document, "customer") != NULL, currency = member_text(document, "currency") != NULL;
    if (customer && currency)
        return STATUS_OK;
    if (allocation->record == NULL)
        return compose_wrong(compose, COMPOSE_ALLOCATIONS, err, "invoice %s is not in the books of %s",
                             allocation->invoice, entity);
    enum status status = STATUS_OK;
    if (!customer)
        status = compose_set_text(document, "customer", member_text(allocation->record, "customer"), err);
    if (status == STATUS_OK && !currency)
        status = compose_set_text(document, "currency", member_text(allocation->record, "currency"), err);
    return status;
}

static enum status add_allocation(struct compose *compose, json_t *document, const char *text, json_t *list,
                                  struct err *err)
{
    struct allocation_text allocation = {.record = NULL};
    char amount[MONEY_TEXT_MAX] = "";
    enum status status = read_allocation(compose, member_text(document, "entity"), text, &allocation, err);
    if (status == STATUS_OK)
        status = take_from_invoice(compose, document, &allocation, err);
    if (status == STATUS_OK && allocation.amount != NULL) {
        compose->wrong = COMPOSE_ALLOCATIONS;
        status = compose_amount(allocation.amount, member_text(document, "currency"), amount, err);
    }
    if (status == STATUS_OK) {
        json_t *one = json_pack("{s:s, s:s}", "amount", amount, "invoice", allocation.invoice);
        if (one != NULL && allocation.line[0] != '\0')
            json_object_set_new(one, "line", json_string(allocation.line));
        if (json_array_append_new(list, one) != 0)
            status = err_set(err, STATUS_MEMORY, "no memory for allocations");
    }
    json_decref(allocation.record);
    return status;
}

enum status compose_set_allocations(struct compose *compose, json_t *document, struct err *err)
{
    if (compose->allocations.count == 0)
        return json_object_get(document, "allocations") != NULL ||
                       json_object_set_new(document, "allocations", json_array()) == 0
                   ? STATUS_OK
                   : err_set(err, STATUS_MEMORY, "no memory for allocations");
    json_t *list = json_array();
    enum status status = list != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for allocations");
    if (compose->allocations.count > ALLOCATIONS_MAX)
        status =
            compose_wrong(compose, COMPOSE_ALLOCATIONS, err, "at most %d invoices in one document", ALLOCATIONS_MAX);
    for (size_t i = 0; status == STATUS_OK && i < compose->allocations.count; i++)
        status = add_allocation(compose, document, compose->allocations.items[i], list, err);
    if (status == STATUS_OK)
        json_object_set(document, "allocations", list);
    json_decref(list);
    return status;
}

/* amounts: of the whole, and of a single invoice that has none of its own */

static enum status parse_member(const json_t *object, const char *currency, int64_t *ret_minor, struct err *err)
{
    const char *text = json_string_value(object);
    return money_parse(text, strlen(text), currency_digits(currency), ret_minor, err);
}

/* What the allocations name, and how many name nothing. */
static enum status sum_allocations(const json_t *document, int64_t *ret_sum, size_t *ret_open, struct err *err)
{
    const json_t *list = json_object_get(document, "allocations");
    const json_t *on_account = json_object_get(document, "on_account");
    const char *currency = member_text(document, "currency");
    enum status status = STATUS_OK;
    *ret_sum = 0;
    *ret_open = 0;
    if (on_account != NULL)
        status = parse_member(on_account, currency, ret_sum, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(list); i++) {
        const json_t *amount = json_object_get(json_array_get(list, i), "amount");
        int64_t minor = 0;
        if (json_string_length(amount) == 0) {
            ++*ret_open;
            continue;
        }
        status = parse_member(amount, currency, &minor, err);
        if (status == STATUS_OK)
            status = money_add(*ret_sum, minor, ret_sum, err);
    }
    return status;
}

static enum status fill_allocation(struct compose *compose, json_t *document, int64_t rest_minor, struct err *err)
{
    json_t *list = json_object_get(document, "allocations");
    char text[MONEY_TEXT_MAX];
    if (rest_minor <= 0)
        return compose_wrong(compose, COMPOSE_AMOUNT, err, "nothing of it is left for the invoice");
    money_format(rest_minor, currency_digits(member_text(document, "currency")), text);
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *one = json_array_get(list, i);
        if (json_string_length(json_object_get(one, "amount")) == 0)
            return compose_set_text(one, "amount", text, err);
    }
    return STATUS_OK;
}

/* An amended amount of a document with one invoice is that invoice's too. */
static void forget_single_amount(struct compose *compose, json_t *document)
{
    json_t *list = json_object_get(document, "allocations");
    if (compose->before != NULL && compose->allocations.count == 0 && json_array_size(list) == 1)
        json_object_set_new(json_array_get(list, 0), "amount", json_string(""));
}

enum status compose_settle_amounts(struct compose *compose, json_t *document, struct err *err)
{
    int64_t sum = 0, amount = 0;
    size_t open = 0;
    char text[MONEY_TEXT_MAX];
    const char *currency = member_text(document, "currency");
    enum status status = STATUS_OK;
    if (compose_given(compose, COMPOSE_ON_ACCOUNT) != NULL)
        status =
            compose_set_amount(compose, document, COMPOSE_ON_ACCOUNT, compose_given(compose, COMPOSE_ON_ACCOUNT), err);
    if (status == STATUS_OK && compose_given(compose, COMPOSE_AMOUNT) != NULL) {
        forget_single_amount(compose, document);
        status = compose_set_amount(compose, document, COMPOSE_AMOUNT, compose_given(compose, COMPOSE_AMOUNT), err);
    } else if (status == STATUS_OK && compose->allocations.count > 0) {
        json_object_del(document, "amount"); /* an amendment's new invoices say their own amounts */
    }
    if (status == STATUS_OK)
        status = sum_allocations(document, &sum, &open, err);
    if (status != STATUS_OK)
        return status;
    const json_t *whole = json_object_get(document, "amount");
    if (open > 1 || (open == 1 && whole == NULL))
        return compose_wrong(compose, COMPOSE_AMOUNT, err, "say how much goes to each invoice: INVOICE=AMOUNT");
    if (whole == NULL) {
        money_format(sum, currency_digits(currency), text);
        return compose_set_text(document, "amount", text, err);
    }
    status = parse_member(whole, currency, &amount, err);
    if (status == STATUS_OK && open == 1)
        return fill_allocation(compose, document, amount - sum, err);
    if (status == STATUS_OK && amount != sum) {
        money_format(sum, currency_digits(currency), text);
        return compose_wrong(compose, COMPOSE_AMOUNT, err, "%s is not what the invoices add up to, %s",
                             json_string_value(whole), text);
    }
    return status;
}

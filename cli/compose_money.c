/*
 * Rebills, recoveries, adjustments and stated taxes as a person writes them. What the books leave no choice about is taken
 * from there: a recovery's customer from its write-off, a rebill's dates from the invoice that it credits.
 */
#include <stdio.h>
#include <string.h>

#include "cli/compose_parts.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/limits.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/text.h"

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory for a document");
}

/* CODE=NET+TAX, the tax left out where there is none. */
static enum status tax_read(struct compose *compose, enum compose_field field, const char *currency, char *word,
                            json_t *list, struct err *err)
{
    char net[MONEY_TEXT_MAX], tax[MONEY_TEXT_MAX];
    char *equals = strpbrk(word, "=:"), *plus = equals != NULL ? strchr(equals, '+') : NULL;
    char shown[TEXT_SHOW_MAX];
    text_show(word, strlen(word), shown);
    if (equals == NULL || !text_is_code(word, (size_t)(equals - word)))
        return compose_wrong(compose, field, err, "\"%s\": CODE=NET+TAX, like SALES_TAX=100.00+8.25", shown);
    *equals = '\0';
    if (plus != NULL)
        *plus = '\0';
    compose->wrong = field;
    enum status status = compose_amount(equals + 1, currency, net, err);
    if (status == STATUS_OK)
        status = compose_amount(plus != NULL ? plus + 1 : "0", currency, tax, err);
    return status != STATUS_OK ||
                   json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "code", word, "net", net, "tax", tax)) == 0
               ? status
               : no_memory(err);
}

enum status compose_taxes(struct compose *compose, enum compose_field field, const char *currency, json_t **ret_list,
                          struct err *err)
{
    char text[4096], *rest = NULL;
    const char *given = compose_given(compose, field);
    json_t *list = json_array();
    enum status status = list != NULL ? STATUS_OK : no_memory(err);
    if (status == STATUS_OK && strlen(given) >= sizeof text)
        status = compose_wrong(compose, field, err, "too long");
    if (status == STATUS_OK) {
        snprintf(text, sizeof text, "%s", given);
        for (char *word = strtok_r(text, " ", &rest); status == STATUS_OK && word != NULL;
             word = strtok_r(NULL, " ", &rest))
            status = tax_read(compose, field, currency, word, list, err);
    }
    if (status == STATUS_OK)
        *ret_list = list;
    else
        json_decref(list);
    return status;
}

enum status compose_set_taxes(struct compose *compose, json_t *document, struct err *err)
{
    json_t *list = NULL;
    if (compose_given(compose, COMPOSE_TAXES) == NULL)
        return STATUS_OK;
    enum status status = compose_taxes(compose, COMPOSE_TAXES, member_text(document, "currency"), &list, err);
    return status != STATUS_OK || json_object_set_new(document, "taxes", list) == 0 ? status : no_memory(err);
}

static enum status set_id(struct compose *compose, json_t *document, enum compose_field field, const char *name,
                          struct err *err)
{
    const char *text = compose_given(compose, field);
    if (text == NULL)
        return STATUS_OK;
    enum status status = compose_check_id(compose, field, text, err);
    return status == STATUS_OK ? compose_set_text(document, name, text, err) : status;
}

/* Customer and currency are the write-off's, and its invoice where it has but one and none is given. */
static enum status take_write_off(struct compose *compose, json_t *document, const json_t *record, struct err *err)
{
    const json_t *write_off = json_object_get(record, "document");
    const json_t *allocations = json_object_get(write_off, "allocations");
    enum status status = STATUS_OK;
    if (member_text(document, "customer") == NULL && member_text(write_off, "customer") != NULL)
        status = compose_set_text(document, "customer", member_text(write_off, "customer"), err);
    if (status == STATUS_OK && member_text(document, "currency") == NULL && member_text(write_off, "currency") != NULL)
        status = compose_set_text(document, "currency", member_text(write_off, "currency"), err);
    if (status != STATUS_OK || compose->allocations.count > 0 || json_array_size(allocations) != 1 ||
        json_object_get(document, "allocations") != NULL)
        return status;
    json_t *one =
        json_pack("[{s:s, s:s}]", "amount", "", "invoice", member_text(json_array_get(allocations, 0), "invoice"));
    return json_object_set_new(document, "allocations", one) == 0 ? STATUS_OK : no_memory(err);
}

enum status compose_fill_recovery(struct compose *compose, json_t *document, struct err *err)
{
    json_t *record = NULL;
    enum status status = set_id(compose, document, COMPOSE_RECOVERS, "recovers", err);
    if (status == STATUS_OK)
        status = set_id(compose, document, COMPOSE_RECEIPT, "receipt", err);
    if (status != STATUS_OK)
        return status;
    const char *number = member_text(document, "recovers");
    if (number == NULL)
        return compose_wrong(compose, COMPOSE_RECOVERS, err, "of which write-off? give its number");
    if (member_text(document, "receipt") == NULL)
        return compose_wrong(compose, COMPOSE_RECEIPT, err, "which receipt brought the money?");
    compose->wrong = COMPOSE_RECOVERS;
    status = facts_document(compose->facts, number, &record, err);
    if (status == STATUS_OK && record == NULL)
        status = compose_wrong(compose, COMPOSE_RECOVERS, err, "document %s is not in the books", number);
    if (status == STATUS_OK)
        status = take_write_off(compose, document, record, err);
    json_decref(record);
    return status;
}

static enum status set_date_of(struct compose *compose, json_t *invoice, enum compose_field field, const char *name,
                               const char *otherwise, struct err *err)
{
    const char *text = compose_given(compose, field);
    int32_t days;
    compose->wrong = field;
    if (text == NULL && member_text(invoice, name) == NULL)
        text = otherwise;
    if (text == NULL)
        return member_text(invoice, name) != NULL
                   ? STATUS_OK
                   : compose_wrong(compose, field, err, "is missing: the invoice to credit is not in the books");
    enum status status = date_parse(text, strlen(text), &days, err);
    return status == STATUS_OK ? compose_set_text(invoice, name, text, err) : status;
}

static enum status set_gross(json_t *invoice, const char *currency, struct err *err)
{
    const json_t *taxes = json_object_get(invoice, "taxes");
    char text[MONEY_TEXT_MAX];
    int64_t sum = 0, minor;
    for (size_t i = 0; i < json_array_size(taxes); i++)
        for (size_t k = 0; k < 2; k++) {
            const char *part = member_text(json_array_get(taxes, i), k == 0 ? "net" : "tax");
            enum status status = money_parse(part, strlen(part), currency_digits(currency), &minor, err);
            if (status == STATUS_OK)
                status = money_add(sum, minor, &sum, err);
            if (status != STATUS_OK)
                return status;
        }
    money_format(sum, currency_digits(currency), text);
    return compose_set_text(invoice, "gross", text, err);
}

static enum status fill_intended(struct compose *compose, json_t *document, json_t *invoice, const json_t *credited,
                                 struct err *err)
{
    const char *currency = member_text(document, "currency");
    json_t *list = NULL;
    enum status status = set_id(compose, invoice, COMPOSE_BILL_TO, "customer", err);
    if (status == STATUS_OK && member_text(invoice, "customer") == NULL)
        status = compose_set_text(invoice, "customer", member_text(document, "customer"), err);
    if (status == STATUS_OK)
        status = set_id(compose, invoice, COMPOSE_BILL_REF, "ref", err);
    if (status == STATUS_OK && member_text(invoice, "ref") == NULL)
        status = compose_set_text(invoice, "ref", member_text(document, "ref"), err);
    if (status == STATUS_OK)
        status = set_date_of(compose, invoice, COMPOSE_BILL_DATE, "date", member_text(credited, "date"), err);
    if (status == STATUS_OK)
        status = set_date_of(compose, invoice, COMPOSE_BILL_DUE, "due", member_text(credited, "due"), err);
    if (status == STATUS_OK && compose_given(compose, COMPOSE_BILL_TAXES) != NULL) {
        status = compose_taxes(compose, COMPOSE_BILL_TAXES, currency, &list, err);
        if (status == STATUS_OK && json_object_set_new(invoice, "taxes", list) != 0)
            status = no_memory(err);
        if (status == STATUS_OK)
            status = set_gross(invoice, currency, err);
    }
    if (status == STATUS_OK && json_object_get(invoice, "taxes") == NULL)
        status =
            compose_wrong(compose, COMPOSE_BILL_TAXES, err, "what is to be billed? CODE=NET+TAX for each tax code");
    return status;
}

enum status compose_fill_rebill(struct compose *compose, json_t *document, struct err *err)
{
    const json_t *first = json_array_get(json_object_get(document, "allocations"), 0);
    json_t *invoice = json_object_get(document, "invoice"), *credited = NULL;
    enum status status = STATUS_OK;
    if (invoice == NULL) {
        invoice = json_object();
        if (json_object_set_new(document, "invoice", invoice) != 0)
            return no_memory(err);
    }
    if (first != NULL)
        status = facts_invoice(compose->facts, member_text(document, "entity"), member_text(first, "invoice"),
                               &credited, err);
    if (status == STATUS_OK)
        status = fill_intended(compose, document, invoice, credited, err);
    json_decref(credited);
    return status;
}

bool compose_gives_balance(const json_t *document)
{
    const char *charge = member_text(document, "charge");
    return charge != NULL && strcmp(charge, "credit-balance") == 0;
}

/* A credit balance is an amount and no invoice. */
enum status compose_fill_balance(struct compose *compose, json_t *document, struct err *err)
{
    const char *amount = compose_given(compose, COMPOSE_AMOUNT);
    if (compose->allocations.count > 0)
        return compose_wrong(compose, COMPOSE_ALLOCATIONS, err, "a credit balance stands on no invoice");
    if (json_object_set_new(document, "allocations", json_array()) != 0)
        return no_memory(err);
    if (amount != NULL)
        return compose_set_amount(compose, document, COMPOSE_AMOUNT, amount, err);
    return member_text(document, "amount") != NULL ? STATUS_OK
                                                   : compose_wrong(compose, COMPOSE_AMOUNT, err, "how much of it?");
}

/*
 * From fields as a person writes them to a document of FORMAT.md 5. Errors are told here, by field and before anything is
 * signed, where a person can mend them; whether the document may be posted is the gate's question.
 */
#include "cli/compose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/nearest.h"
#include "controls/kind.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/limits.h"
#include "ledger/schema.h"
#include "ledger/text.h"

static const char *const field_names[COMPOSE_FIELD_COUNT] = {
    "kind",     "ref",         "entity",       "customer",  "currency", "amount",       "reason",
    "date",     "allocations", "on_account",   "direction", "field",    "method",       "limit",
    "previous", "reverses",    "duplicate_of", "note",      "evidence", "requested_by",
};

const char *compose_field_name(enum compose_field field)
{
    return field_names[field];
}

static const char *given(const struct compose *compose, enum compose_field field)
{
    const char *value = compose->values[field];
    return value != NULL && value[0] != '\0' ? value : NULL;
}

static enum status wrong(struct compose *compose, enum compose_field field, struct err *err,
                         const char *format, ...) PRINTF_LIKE(4, 5);
static enum status wrong(struct compose *compose, enum compose_field field, struct err *err,
                         const char *format, ...)
{
    char text[ERR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    compose->wrong = field;
    return err_set(err, STATUS_INPUT, "%s", text);
}

static enum status set_text(json_t *document, const char *name, const char *text, struct err *err)
{
    return json_object_set_new(document, name, json_string(text)) == 0
               ? STATUS_OK
               : err_set(err, STATUS_INPUT, "%s: cannot hold this text", name);
}

/* Ids and codes are checked before the books are asked with them. */
static enum status check_id(struct compose *compose, enum compose_field field, const char *text,
                            struct err *err)
{
    char shown[TEXT_SHOW_MAX];
    if (text_is_id(text, strlen(text)))
        return STATUS_OK;
    text_show(text, strlen(text), shown);
    return wrong(compose, field, err, "\"%s\": letters, digits and . _ : / @ -, at most %d", shown,
                 ID_BYTES_MAX);
}

static enum status comma_error(const char *text, int digits, struct err *err)
{
    char shown[TEXT_SHOW_MAX], better[MONEY_TEXT_MAX] = "";
    const char *comma = strrchr(text, ',');
    size_t after = strlen(comma + 1), used = 0;
    bool decimal =
        strchr(text, '.') == NULL && strchr(text, ',') == comma && after > 0 && after <= (size_t)digits;
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
    snprintf(padded, sizeof padded, "%s%s%.*s", text, dot == NULL && digits > 0 ? "." : "",
             digits - (int)decimals, "0000");
    enum status status = money_parse(padded, strlen(padded), digits, &minor, err);
    if (status == STATUS_OK)
        money_format(minor, digits, ret_amount);
    else
        err_prefix(err, "\"%s\": ", shown);
    return status;
}

static enum status set_amount(struct compose *compose, json_t *document, enum compose_field field,
                              const char *text, struct err *err)
{
    char amount[MONEY_TEXT_MAX];
    const char *currency = member_text(document, "currency");
    compose->wrong = field;
    enum status status = compose_amount(text, currency, amount, err);
    if (status == STATUS_OK && amount[0] == '-')
        status = wrong(compose, field, err, "\"%s\": has to be above zero; the kind says which way it goes",
                       amount);
    return status == STATUS_OK ? set_text(document, field_names[field], amount, err) : status;
}

/* entity */

static enum status no_entity(struct compose *compose, const char *text, struct err *err)
{
    char list[256] = "", shown[TEXT_SHOW_MAX];
    const struct policy *policy = compose->facts->policy;
    size_t used = 0;
    for (size_t i = 0; i < policy->entity_count && used + 40 < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "",
                                 policy->entities[i].entity);
    if (text == NULL)
        return wrong(compose, COMPOSE_ENTITY, err, "which one? the policy has %s", list);
    text_show(text, strlen(text), shown);
    return wrong(compose, COMPOSE_ENTITY, err, "\"%s\": the policy has %s", shown, list);
}

static enum status set_entity(struct compose *compose, json_t *document, struct err *err)
{
    const struct policy *policy = compose->facts->policy;
    const char *text = given(compose, COMPOSE_ENTITY);
    if (text == NULL && member_text(document, "entity") != NULL)
        return STATUS_OK;
    if (text == NULL && policy->entity_count == 1)
        text = policy->entities[0].entity;
    if (text == NULL || policy_find_entity(policy, text) == NULL)
        return no_entity(compose, text, err);
    return set_text(document, "entity", text, err);
}

/* allocations */

struct allocation_text {
    char invoice[ID_BYTES_MAX + 1];
    char line[ID_BYTES_MAX + 1]; /* "": the whole invoice */
    const char *amount;          /* NULL: not given; lends from the text */
    json_t *record;              /* of the invoice; NULL: not in the books */
};

/* INVOICE, INVOICE/LINE: ids may hold '/' too, so an invoice that is in the books is taken whole. */
static enum status find_invoice(struct compose *compose, const char *entity,
                                struct allocation_text *allocation, struct err *err)
{
    enum status status = check_id(compose, COMPOSE_ALLOCATIONS, allocation->invoice, err);
    if (status == STATUS_OK)
        status = facts_invoice(compose->facts, entity, allocation->invoice, &allocation->record, err);
    char *slash = strrchr(allocation->invoice, '/');
    if (status != STATUS_OK || allocation->record != NULL || slash == NULL)
        return status;
    snprintf(allocation->line, sizeof allocation->line, "%s", slash + 1);
    *slash = '\0';
    status = check_id(compose, COMPOSE_ALLOCATIONS, allocation->invoice, err);
    if (status == STATUS_OK)
        status = check_id(compose, COMPOSE_ALLOCATIONS, allocation->line, err);
    return status == STATUS_OK
               ? facts_invoice(compose->facts, entity, allocation->invoice, &allocation->record, err)
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
        return wrong(compose, COMPOSE_ALLOCATIONS, err, "an invoice number has at most %d characters",
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
    bool customer = member_text(document, "customer") != NULL,
         currency = member_text(document, "currency") != NULL;
    if (customer && currency)
        return STATUS_OK;
    if (allocation->record == NULL)
        return wrong(compose, COMPOSE_ALLOCATIONS, err, "invoice %s is not in the books of %s",
                     allocation->invoice, entity);
    enum status status = STATUS_OK;
    if (!customer)
        status = set_text(document, "customer", member_text(allocation->record, "customer"), err);
    if (status == STATUS_OK && !currency)
        status = set_text(document, "currency", member_text(allocation->record, "currency"), err);
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

static enum status set_allocations(struct compose *compose, json_t *document, struct err *err)
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
            wrong(compose, COMPOSE_ALLOCATIONS, err, "at most %d invoices in one document", ALLOCATIONS_MAX);
    for (size_t i = 0; status == STATUS_OK && i < compose->allocations.count; i++)
        status = add_allocation(compose, document, compose->allocations.items[i], list, err);
    if (status == STATUS_OK)
        json_object_set(document, "allocations", list);
    json_decref(list);
    return status;
}

/* amounts: of the whole, and of a single invoice that has none of its own */

static enum status parse_member(const json_t *object, const char *currency, int64_t *ret_minor,
                                struct err *err)
{
    const char *text = json_string_value(object);
    return money_parse(text, strlen(text), currency_digits(currency), ret_minor, err);
}

/* What the allocations name, and how many name nothing. */
static enum status sum_allocations(const json_t *document, int64_t *ret_sum, size_t *ret_open,
                                   struct err *err)
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

static enum status fill_allocation(struct compose *compose, json_t *document, int64_t rest_minor,
                                   struct err *err)
{
    json_t *list = json_object_get(document, "allocations");
    char text[MONEY_TEXT_MAX];
    if (rest_minor <= 0)
        return wrong(compose, COMPOSE_AMOUNT, err, "nothing of it is left for the invoice");
    money_format(rest_minor, currency_digits(member_text(document, "currency")), text);
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *one = json_array_get(list, i);
        if (json_string_length(json_object_get(one, "amount")) == 0)
            return set_text(one, "amount", text, err);
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

static enum status settle_amounts(struct compose *compose, json_t *document, struct err *err)
{
    int64_t sum = 0, amount = 0;
    size_t open = 0;
    char text[MONEY_TEXT_MAX];
    const char *currency = member_text(document, "currency");
    enum status status = STATUS_OK;
    if (given(compose, COMPOSE_ON_ACCOUNT) != NULL)
        status = set_amount(compose, document, COMPOSE_ON_ACCOUNT, given(compose, COMPOSE_ON_ACCOUNT), err);
    if (status == STATUS_OK && given(compose, COMPOSE_AMOUNT) != NULL) {
        forget_single_amount(compose, document);
        status = set_amount(compose, document, COMPOSE_AMOUNT, given(compose, COMPOSE_AMOUNT), err);
    } else if (status == STATUS_OK && compose->allocations.count > 0) {
        json_object_del(document, "amount"); /* an amendment's new invoices say their own amounts */
    }
    if (status == STATUS_OK)
        status = sum_allocations(document, &sum, &open, err);
    if (status != STATUS_OK)
        return status;
    const json_t *whole = json_object_get(document, "amount");
    if (open > 1 || (open == 1 && whole == NULL))
        return wrong(compose, COMPOSE_AMOUNT, err, "say how much goes to each invoice: INVOICE=AMOUNT");
    if (whole == NULL) {
        money_format(sum, currency_digits(currency), text);
        return set_text(document, "amount", text, err);
    }
    status = parse_member(whole, currency, &amount, err);
    if (status == STATUS_OK && open == 1)
        return fill_allocation(compose, document, amount - sum, err);
    if (status == STATUS_OK && amount != sum) {
        money_format(sum, currency_digits(currency), text);
        return wrong(compose, COMPOSE_AMOUNT, err, "%s is not what the invoices add up to, %s",
                     json_string_value(whole), text);
    }
    return status;
}

/* the other members */

static enum status set_plain(struct compose *compose, json_t *document, enum compose_field field,
                             const char *otherwise, struct err *err)
{
    const char *text = given(compose, field);
    if (text == NULL && member_text(document, field_names[field]) == NULL)
        text = otherwise;
    compose->wrong = field;
    return text != NULL ? set_text(document, field_names[field], text, err) : STATUS_OK;
}

static enum status set_reason(struct compose *compose, json_t *document, struct err *err)
{
    const struct policy *policy = compose->facts->policy;
    const char *text = given(compose, COMPOSE_REASON);
    const char *names[POLICY_LIST_MAX];
    char shown[TEXT_SHOW_MAX];
    if (text == NULL && member_text(document, "reason") != NULL)
        return STATUS_OK;
    if (text == NULL)
        return wrong(compose, COMPOSE_REASON, err, "why? a reason code is needed");
    if (policy_find_reason(policy, text) != NULL)
        return set_text(document, "reason", text, err);
    for (size_t i = 0; i < policy->reason_count; i++)
        names[i] = policy->reasons[i].reason;
    const char *near = nearest_word(text, names, policy->reason_count);
    text_show(text, strlen(text), shown);
    return wrong(compose, COMPOSE_REASON, err, "\"%s\": the policy has no such reason%s%s%s", shown,
                 near != NULL ? ", did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "");
}

static enum status set_date(struct compose *compose, json_t *document, struct err *err)
{
    const struct policy_entity *entity =
        policy_find_entity(compose->facts->policy, member_text(document, "entity"));
    const char *text = given(compose, COMPOSE_DATE);
    char today[DATE_TEXT_BYTES];
    int32_t days;
    compose->wrong = COMPOSE_DATE;
    if (text != NULL) {
        enum status status = date_parse(text, strlen(text), &days, err);
        return status == STATUS_OK ? set_text(document, "date", text, err) : status;
    }
    if (member_text(document, "date") != NULL)
        return STATUS_OK;
    if (compose->first != NULL && member_text(compose->first, "date") != NULL)
        return set_text(document, "date", member_text(compose->first, "date"), err);
    if (entity == NULL)
        return no_entity(compose, member_text(document, "entity"), err);
    date_format(entity_date(entity, compose->facts->time_ms), today);
    return set_text(document, "date", today, err);
}

static enum status set_links(struct compose *compose, json_t *document, struct err *err)
{
    const char *other = given(compose, COMPOSE_DUPLICATE_OF);
    if (other == NULL)
        return STATUS_OK;
    enum status status = check_id(compose, COMPOSE_DUPLICATE_OF, other, err);
    if (status != STATUS_OK)
        return status;
    json_t *links = json_pack("[{s:s, s:s}]", "document", other, "rel", "duplicate-of");
    return json_object_set_new(document, "links", links) == 0
               ? STATUS_OK
               : err_set(err, STATUS_MEMORY, "no memory for links");
}

static enum status set_customer(struct compose *compose, json_t *document, struct err *err)
{
    const char *text = given(compose, COMPOSE_CUSTOMER);
    if (text == NULL)
        return STATUS_OK;
    enum status status = check_id(compose, COMPOSE_CUSTOMER, text, err);
    return status == STATUS_OK ? set_text(document, "customer", text, err) : status;
}

/* The customer's currency, and for a limit what it replaces. */
static enum status take_from_customer(struct compose *compose, json_t *document, bool limit, struct err *err)
{
    json_t *record = NULL;
    const char *customer = member_text(document, "customer");
    if (customer == NULL)
        return wrong(compose, COMPOSE_CUSTOMER, err, "which customer? give one, or an invoice");
    enum status status =
        facts_customer(compose->facts, member_text(document, "entity"), customer, &record, err);
    if (status != STATUS_OK)
        return status;
    if (member_text(document, "currency") == NULL) {
        if (record == NULL)
            status = wrong(compose, COMPOSE_CUSTOMER, err, "customer %s is not in the books of %s", customer,
                           member_text(document, "entity"));
        else
            status = set_text(document, "currency", member_text(record, "currency"), err);
    }
    const char *previous = compose->first != NULL ? member_text(compose->first, "previous") : NULL;
    if (previous == NULL)
        previous = member_text(record, "limit_text");
    if (status == STATUS_OK && limit && member_text(document, "previous") == NULL && previous != NULL)
        status = set_text(document, "previous", previous, err);
    json_decref(record);
    return status;
}

static enum status fill_money(struct compose *compose, json_t *document, struct err *err)
{
    enum status status = set_allocations(compose, document, err);
    if (status == STATUS_OK)
        status = take_from_customer(compose, document, false, err);
    if (status == STATUS_OK)
        status = settle_amounts(compose, document, err);
    return status;
}

static enum status fill_limit(struct compose *compose, json_t *document, struct err *err)
{
    enum status status = STATUS_OK;
    if (given(compose, COMPOSE_LIMIT) == NULL && member_text(document, "limit") == NULL)
        return wrong(compose, COMPOSE_LIMIT, err, "what is the new limit?");
    status = take_from_customer(compose, document, true, err);
    if (status == STATUS_OK && given(compose, COMPOSE_LIMIT) != NULL)
        status = set_amount(compose, document, COMPOSE_LIMIT, given(compose, COMPOSE_LIMIT), err);
    if (status == STATUS_OK && given(compose, COMPOSE_PREVIOUS) != NULL)
        status = set_amount(compose, document, COMPOSE_PREVIOUS, given(compose, COMPOSE_PREVIOUS), err);
    return status;
}

/* The entity is the original's. */
static enum status fill_reversal(struct compose *compose, json_t *document, struct err *err)
{
    const char *number = given(compose, COMPOSE_REVERSES);
    json_t *record = NULL;
    if (number == NULL)
        return member_text(document, "reverses") != NULL
                   ? STATUS_OK
                   : wrong(compose, COMPOSE_REVERSES, err, "which document?");
    enum status status = check_id(compose, COMPOSE_REVERSES, number, err);
    if (status == STATUS_OK)
        status = facts_document(compose->facts, number, &record, err);
    if (status == STATUS_OK && record == NULL)
        status = wrong(compose, COMPOSE_REVERSES, err, "document %s is not in the books", number);
    if (status == STATUS_OK)
        status = set_text(document, "reverses", number, err);
    if (status == STATUS_OK)
        status = set_text(document, "entity", member_text(record, "entity"), err);
    json_decref(record);
    return status;
}

/* What the kinds have of their own. */
static enum status fill_kind(struct compose *compose, json_t *document, enum kind_id kind, struct err *err)
{
    enum status status = STATUS_OK;
    if (kind == KIND_REVERSAL)
        return fill_reversal(compose, document, err);
    status = set_customer(compose, document, err);
    if (status == STATUS_OK)
        status = set_plain(compose, document, COMPOSE_CURRENCY, NULL, err);
    if (status == STATUS_OK)
        status = kind == KIND_CREDIT_LIMIT ? fill_limit(compose, document, err)
                                           : fill_money(compose, document, err);
    if (status == STATUS_OK && kind == KIND_CORRECTION) {
        status = set_plain(compose, document, COMPOSE_DIRECTION, "down", err);
        if (status == STATUS_OK)
            status = set_plain(compose, document, COMPOSE_FIELD, NULL, err);
        if (status == STATUS_OK && member_text(document, "field") == NULL)
            status = wrong(compose, COMPOSE_FIELD, err,
                           "what was wrong: price, quantity, meter, tax, duplicate, terms");
    }
    if (status == STATUS_OK && kind == KIND_WRITE_OFF)
        status = set_plain(compose, document, COMPOSE_METHOD, "allowance", err);
    return status;
}

static enum status fill_common(struct compose *compose, json_t *document, struct err *err)
{
    enum status status = set_reason(compose, document, err);
    if (status == STATUS_OK)
        status = set_date(compose, document, err);
    if (status == STATUS_OK)
        status = set_plain(compose, document, COMPOSE_NOTE, NULL, err);
    if (status == STATUS_OK)
        status = set_plain(compose, document, COMPOSE_REQUESTED_BY, NULL, err);
    if (status == STATUS_OK)
        status = set_links(compose, document, err);
    return status;
}

static enum status read_kind(struct compose *compose, json_t *document, enum kind_id *ret_kind,
                             struct err *err)
{
    static const enum kind_id posted[] = {KIND_CREDIT_NOTE, KIND_CORRECTION, KIND_WRITE_OFF,
                                          KIND_CREDIT_LIMIT, KIND_REVERSAL};
    const char *name = given(compose, COMPOSE_KIND);
    char shown[TEXT_SHOW_MAX];
    if (name == NULL)
        name = member_text(document, "kind");
    enum kind_id kind = name != NULL ? kind_from_name(name) : KIND_UNKNOWN;
    for (size_t i = 0; i < sizeof posted / sizeof posted[0]; i++) {
        if (posted[i] != kind)
            continue;
        *ret_kind = kind;
        return set_text(document, "kind", name, err);
    }
    text_show(name != NULL ? name : "", name != NULL ? strlen(name) : 0, shown);
    return wrong(compose, COMPOSE_KIND, err,
                 "\"%s\": one of credit-note, correction, write-off, credit-limit, reversal", shown);
}

/* A field that another kind has would be lost without a word. */
static enum status refuse_strangers(struct compose *compose, enum kind_id kind, struct err *err)
{
    static const struct {
        enum compose_field field;
        uint64_t kinds;
    } owners[] = {
        {COMPOSE_AMOUNT, 1U << KIND_CREDIT_NOTE | 1U << KIND_CORRECTION | 1U << KIND_WRITE_OFF},
        {COMPOSE_CUSTOMER,
         1U << KIND_CREDIT_NOTE | 1U << KIND_CORRECTION | 1U << KIND_WRITE_OFF | 1U << KIND_CREDIT_LIMIT},
        {COMPOSE_CURRENCY,
         1U << KIND_CREDIT_NOTE | 1U << KIND_CORRECTION | 1U << KIND_WRITE_OFF | 1U << KIND_CREDIT_LIMIT},
        {COMPOSE_ON_ACCOUNT, 1U << KIND_CREDIT_NOTE},
        {COMPOSE_DIRECTION, 1U << KIND_CORRECTION},
        {COMPOSE_FIELD, 1U << KIND_CORRECTION},
        {COMPOSE_METHOD, 1U << KIND_WRITE_OFF},
        {COMPOSE_LIMIT, 1U << KIND_CREDIT_LIMIT},
        {COMPOSE_PREVIOUS, 1U << KIND_CREDIT_LIMIT},
        {COMPOSE_REVERSES, 1U << KIND_REVERSAL},
    };
    for (size_t i = 0; i < sizeof owners / sizeof owners[0]; i++)
        if (given(compose, owners[i].field) != NULL && (owners[i].kinds >> kind & 1) == 0)
            return wrong(compose, owners[i].field, err, "a %s has none", kind_name(kind));
    if (compose->allocations.count > 0 && (kind == KIND_CREDIT_LIMIT || kind == KIND_REVERSAL))
        return wrong(compose, COMPOSE_ALLOCATIONS, err, "a %s has none", kind_name(kind));
    return STATUS_OK;
}

static enum status fill(struct compose *compose, json_t *document, struct err *err)
{
    enum kind_id kind = KIND_UNKNOWN;
    enum status status = read_kind(compose, document, &kind, err);
    if (status == STATUS_OK)
        status = refuse_strangers(compose, kind, err);
    if (status == STATUS_OK && given(compose, COMPOSE_REF) != NULL)
        status = check_id(compose, COMPOSE_REF, given(compose, COMPOSE_REF), err);
    if (status == STATUS_OK)
        status = set_text(document, "ref",
                          given(compose, COMPOSE_REF) != NULL ? given(compose, COMPOSE_REF) : "", err);
    if (status == STATUS_OK)
        status = set_text(document, "channel", compose->channel, err);
    if (status == STATUS_OK && kind != KIND_REVERSAL)
        status = set_entity(compose, document, err);
    if (status == STATUS_OK)
        status = fill_kind(compose, document, kind, err);
    if (status == STATUS_OK)
        status = fill_common(compose, document, err);
    if (status != STATUS_OK)
        return status;
    compose->wrong = COMPOSE_EVIDENCE;
    status = compose_evidence(compose, document, err);
    if (status != STATUS_OK)
        return status;
    compose->wrong = COMPOSE_FIELD_COUNT;
    return kind_check_document(document, "", err);
}

enum status compose_document(struct compose *compose, json_t **ret_document, struct err *err)
{
    json_t *document = compose->before != NULL ? json_deep_copy(compose->before) : json_object();
    compose->wrong = COMPOSE_FIELD_COUNT;
    if (document == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a document");
    enum status status = fill(compose, document, err);
    if (status == STATUS_OK)
        *ret_document = document;
    else
        json_decref(document);
    return status;
}

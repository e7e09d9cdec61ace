/*
 * Members, amounts and ledger lines that money documents share. Implements FORMAT.md 5.2 and the ledger lines of section
 * 6; which account a reason moves is the policy's word, never the poster's (C-27).
 */
#include "controls/kinds/common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/kinds/functional.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/limits.h"
#include "ledger/money.h"
#include "ledger/tax_shares.h"
#include "ledger/transfer.h"

static const char *const channel_words[] = {"cli", "batch", "bot", "api", "migration", "break-glass", NULL};
static const char *const rel_words[] = {"corrects", "dispute",    "duplicate-of", "rebills",
                                        "recovers", "supersedes", "successor-of", NULL};

static const struct field evidence_fields[] = {
    {.name = "bytes", .type = FIELD_INTEGER, .min = 0, .max = INT64_C(1) << 50},
    {.name = "kind", .type = FIELD_ID},
    {.name = "media", .type = FIELD_TEXT, .min = 1, .max = 128},
    {.name = "name", .type = FIELD_HASH, .optional = true},
    {.name = "sha256", .type = FIELD_HASH},
};
static const struct schema evidence_schema = SCHEMA("piece of evidence", evidence_fields, NULL);

static const struct field link_fields[] = {
    {.name = "document", .type = FIELD_ID},
    {.name = "rel", .type = FIELD_WORD, .words = rel_words},
};
static const struct schema link_schema = SCHEMA("link", link_fields, NULL);

static const struct field run_fields[] = {
    {.name = "id", .type = FIELD_ID},
    {.name = "sha256", .type = FIELD_HASH},
};
static const struct schema run_schema = SCHEMA("run", run_fields, NULL);

static const struct field document_fields[] = {
    {.name = "kind", .type = FIELD_ID},
    {.name = "ref", .type = FIELD_ID},
    {.name = "channel", .type = FIELD_WORD, .words = channel_words},
    {.name = "behalf", .type = FIELD_ID, .optional = true},
    {.name = "evidence", .type = FIELD_LIST, .schema = &evidence_schema, .max = EVIDENCE_MAX, .optional = true},
    {.name = "links", .type = FIELD_LIST, .schema = &link_schema, .max = EVIDENCE_MAX, .optional = true},
    {.name = "note", .type = FIELD_TEXT, .min = 1, .optional = true},
    {.name = "requested_by", .type = FIELD_ID, .optional = true},
    {.name = "run", .type = FIELD_OBJECT, .schema = &run_schema, .optional = true},
};
const struct schema document_schema = SCHEMA("document", document_fields, NULL);

static const struct field money_fields[] = {
    {.name = "entity", .type = FIELD_CODE},       {.name = "customer", .type = FIELD_ID},
    {.name = "currency", .type = FIELD_CURRENCY}, {.name = "amount", .type = FIELD_AMOUNT_POSITIVE},
    {.name = "reason", .type = FIELD_CODE},       {.name = "date", .type = FIELD_DATE},
};
const struct schema money_schema = SCHEMA("money document", money_fields, &document_schema);

static const struct field allocation_fields[] = {
    {.name = "amount", .type = FIELD_AMOUNT_POSITIVE},
    {.name = "invoice", .type = FIELD_ID},
    {.name = "line", .type = FIELD_ID, .optional = true},
};
const struct schema allocation_schema = SCHEMA("allocation", allocation_fields, NULL);

static const struct field stated_tax_fields[] = {
    {.name = "code", .type = FIELD_CODE},
    {.name = "net", .type = FIELD_AMOUNT},
    {.name = "tax", .type = FIELD_AMOUNT},
};
const struct schema stated_tax_schema = SCHEMA("stated tax", stated_tax_fields, NULL);

enum status money_member(const json_t *document, const char *name, int64_t *ret_minor, struct err *err)
{
    const char *text = member_text(document, name);
    const char *currency = member_text(document, "currency");
    enum status status = money_parse(text, strlen(text), currency_digits(currency), ret_minor, err);
    if (status != STATUS_OK)
        err_prefix(err, "%s: ", name);
    return status;
}

static int allocation_compare(const void *a, const void *b)
{
    const json_t *x = *(const json_t *const *)a, *y = *(const json_t *const *)b;
    int order = strcmp(member_text(x, "invoice"), member_text(y, "invoice"));
    if (order != 0)
        return order;
    const char *x_line = member_text(x, "line"), *y_line = member_text(y, "line");
    return strcmp(x_line != NULL ? x_line : "", y_line != NULL ? y_line : "");
}

static enum status allocations_check(const json_t *document, struct err *err)
{
    const json_t *allocations = json_object_get(document, "allocations");
    size_t count = json_array_size(allocations);
    const char *currency = member_text(document, "currency");
    enum status status = STATUS_OK;
    if (count == 0)
        return STATUS_OK;
    const json_t **sorted = calloc(count, sizeof *sorted);
    if (sorted == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        int64_t minor;
        sorted[i] = json_array_get(allocations, i);
        const char *text = member_text(sorted[i], "amount");
        status = money_parse(text, strlen(text), currency_digits(currency), &minor, err);
        if (status != STATUS_OK)
            err_prefix(err, "allocations[%zu].amount: ", i);
    }
    qsort(sorted, count, sizeof *sorted, allocation_compare);
    for (size_t i = 1; status == STATUS_OK && i < count; i++)
        if (allocation_compare(&sorted[i - 1], &sorted[i]) == 0)
            status = err_set(err, STATUS_INPUT, "allocations: invoice %s stands twice; add the amounts up",
                             member_text(sorted[i], "invoice"));
    free(sorted);
    return status;
}

/* A list of {code, net, tax}: no code twice, nothing below zero, nothing for nothing. */
enum status taxes_check(const json_t *taxes, const char *currency, int64_t *ret_sum, struct err *err)
{
    int64_t sum = 0, parts[2];
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(taxes); i++) {
        const json_t *tax = json_array_get(taxes, i);
        const char *code = member_text(tax, "code");
        const char *texts[] = {member_text(tax, "net"), member_text(tax, "tax")};
        for (size_t k = 0; status == STATUS_OK && k < 2; k++)
            status = money_parse(texts[k], strlen(texts[k]), currency_digits(currency), &parts[k], err);
        if (status == STATUS_OK && (parts[0] < 0 || parts[1] < 0 || (parts[0] | parts[1]) == 0))
            status = err_set(err, STATUS_INPUT, "net and tax: zero or more, and one of them above");
        for (size_t k = 0; status == STATUS_OK && k < i; k++)
            if (strcmp(member_text(json_array_get(taxes, k), "code"), code) == 0)
                status = err_set(err, STATUS_INPUT, "code %s stands twice; add the amounts up", code);
        for (size_t k = 0; status == STATUS_OK && k < 2; k++)
            status = money_add(sum, parts[k], &sum, err);
        if (status != STATUS_OK)
            err_prefix(err, "taxes[%zu]: ", i);
    }
    if (status == STATUS_OK)
        *ret_sum = sum;
    return status;
}

/* A split that a document states itself is of one invoice, and whole. */
static enum status stated_check(const json_t *document, struct err *err)
{
    const json_t *taxes = json_object_get(document, "taxes"), *allocations = json_object_get(document, "allocations");
    const char *currency = member_text(document, "currency");
    int64_t sum = 0;
    if (taxes == NULL)
        return STATUS_OK;
    enum status status = taxes_check(taxes, currency, &sum, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(allocations); i++) {
        const json_t *one = json_array_get(allocations, i);
        const char *text = member_text(one, "amount");
        int64_t minor = 0;
        if (strcmp(member_text(one, "invoice"), member_text(json_array_get(allocations, 0), "invoice")) != 0)
            return err_set(err, STATUS_INPUT, "taxes: are stated where one invoice is credited, here are several");
        status = money_parse(text, strlen(text), currency_digits(currency), &minor, err);
        if (status == STATUS_OK)
            status = money_sub(sum, minor, &sum, err);
    }
    if (status == STATUS_OK && (sum != 0 || json_array_size(allocations) == 0))
        status = err_set(err, STATUS_INPUT, "taxes: do not add up to what is allocated");
    return status;
}

enum status money_check(const json_t *document, struct err *err)
{
    int64_t minor;
    enum status status = money_member(document, "amount", &minor, err);
    if (status == STATUS_OK && member_text(document, "on_account") != NULL)
        status = money_member(document, "on_account", &minor, err);
    if (status == STATUS_OK)
        status = allocations_check(document, err);
    return status == STATUS_OK ? stated_check(document, err) : status;
}

enum status money_measure(const json_t *document, const struct facts *facts, struct measure *ret_measure,
                          struct err *err)
{
    const char *direction = member_text(document, "direction");
    const char *date = member_text(document, "date");
    json_t *customer = NULL;
    struct measure measure = {.entity = member_text(document, "entity"),
                              .customer = member_text(document, "customer"),
                              .currency = member_text(document, "currency"),
                              .reason = member_text(document, "reason"),
                              .reduces = direction == NULL || strcmp(direction, "up") != 0};
    enum status status = date_parse(date, strlen(date), &measure.date, err);
    if (status == STATUS_OK)
        status = money_member(document, "amount", &measure.amount_minor, err);
    if (status == STATUS_OK && member_text(document, "on_account") != NULL)
        status = money_member(document, "on_account", &measure.on_account_minor, err);
    if (status == STATUS_OK)
        status = facts_customer(facts, measure.entity, measure.customer, &customer, err);
    if (status != STATUS_OK)
        return status;
    if (customer != NULL)
        snprintf(measure.group, sizeof measure.group, "%s", member_text(customer, "group"));
    json_decref(customer);
    *ret_measure = measure;
    return STATUS_OK;
}

/* Ledger lines under construction. */
struct lines {
    json_t *list;
    const char *currency;
    int digits;
    struct functional functional;
};

/* customer, invoice and tax may be NULL. debit: side dr. */
struct line {
    const char *account;
    bool debit;
    int64_t amount_minor;
    int64_t functional_minor; /* where it is wanted */
    const char *customer, *invoice, *tax;
};

/* Adds a line; an amount of zero adds none. */
static enum status lines_add(struct lines *lines, const struct line *line, struct err *err)
{
    char amount[MONEY_TEXT_MAX];
    if (line->amount_minor == 0)
        return STATUS_OK;
    money_format(line->amount_minor, lines->digits, amount);
    json_t *json = json_pack("{s:s, s:s, s:s, s:s}", "account", line->account, "amount", amount, "currency",
                             lines->currency, "side", line->debit ? "dr" : "cr");
    if (json != NULL && line->customer != NULL)
        json_object_set_new(json, "customer", json_string(line->customer));
    if (json != NULL && line->invoice != NULL)
        json_object_set_new(json, "invoice", json_string(line->invoice));
    if (json != NULL && line->tax != NULL)
        json_object_set_new(json, "tax", json_string(line->tax));
    if (json != NULL && lines->functional.wanted) {
        money_format(line->functional_minor, lines->functional.digits, amount);
        json_object_set_new(json, "functional", json_string(amount));
    }
    return json_array_append_new(lines->list, json) == 0 ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
}

/* What goes to the reason's account and to each tax code, summed over the allocations. */
struct split {
    int64_t net_minor, net_functional;
    const char *codes[TAX_CODES_MAX]; /* lent from invoices */
    int64_t taxes_minor[TAX_CODES_MAX], taxes_functional[TAX_CODES_MAX];
    size_t code_count;
    struct functional *functional;
    const struct facts_rate *rate; /* of the allocation that is split: as its invoice was booked */
    json_t *invoices;              /* id -> record: keeps them, read once each */
};

/* A part's functional amount is added to its sum, and to what the parts come to. */
static enum status split_functional(struct split *split, int64_t minor, int64_t *sum, struct err *err)
{
    int64_t part;
    if (!split->functional->wanted)
        return STATUS_OK;
    enum status status = functional_convert(split->rate, minor, &part, err);
    if (status == STATUS_OK)
        status = money_add(*sum, part, sum, err);
    return status == STATUS_OK
               ? money_add(split->functional->rounding_minor, part, &split->functional->rounding_minor, err)
               : status;
}

static enum status split_net_add(struct split *split, int64_t minor, struct err *err)
{
    enum status status = money_add(split->net_minor, minor, &split->net_minor, err);
    return status == STATUS_OK ? split_functional(split, minor, &split->net_functional, err) : status;
}

static enum status split_tax_add(struct split *split, const char *code, int64_t minor, struct err *err)
{
    size_t i = 0;
    while (i < split->code_count && strcmp(split->codes[i], code) != 0)
        i++;
    if (i == TAX_CODES_MAX)
        return err_set(err, STATUS_LIMIT, "a document touches more than %d tax codes", TAX_CODES_MAX);
    if (i == split->code_count) {
        split->codes[i] = code;
        split->taxes_minor[i] = 0;
        split->taxes_functional[i] = 0;
        split->code_count++;
    }
    enum status status = money_add(split->taxes_minor[i], minor, &split->taxes_minor[i], err);
    return status == STATUS_OK ? split_functional(split, minor, &split->taxes_functional[i], err) : status;
}

/* What is taken of one invoice. The record is this split's own, so that a second taking sees what the first one left. */
static enum status split_take(struct split *split, json_t *invoice, const struct tax_taking *taking, struct err *err)
{
    const json_t *taxes = json_object_get(invoice, "taxes");
    struct tax_shares parts;
    enum status status = tax_shares_take(invoice, taking, &parts, err);
    if (status == STATUS_OK && parts.loose_minor != 0)
        status = split_net_add(split, parts.loose_minor, err);
    for (size_t i = 0; status == STATUS_OK && i < parts.count / 2; i++) {
        status = split_net_add(split, parts.minor[2 * i], err);
        if (status == STATUS_OK && parts.minor[2 * i + 1] != 0)
            status = split_tax_add(split, member_text(json_array_get(taxes, i), "code"), parts.minor[2 * i + 1], err);
    }
    return status;
}

/* Lends until the split is done. */
static enum status split_invoice(struct split *split, const struct facts *facts, const char *entity, const char *id,
                                 json_t **ret_invoice, struct err *err)
{
    json_t *invoice = json_object_get(split->invoices, id);
    enum status status = STATUS_OK;
    if (invoice == NULL) {
        status = facts_invoice_own(facts, entity, id, &invoice, err);
        if (status == STATUS_OK && invoice == NULL)
            status = err_set(err, STATUS_CORRUPT, "invoice %s is not in the books", id);
        if (status == STATUS_OK && json_object_set_new(split->invoices, id, invoice) != 0)
            status = err_set(err, STATUS_MEMORY, "no memory");
    }
    if (status == STATUS_OK)
        *ret_invoice = invoice;
    return status;
}

/* The part that is on account: no invoice's, so at the rate of the document's date, and no difference comes of it. */
static enum status split_on_account(struct split *split, const json_t *document, const struct facts *facts,
                                    struct err *err)
{
    struct facts_rate rate;
    int64_t minor;
    if (member_text(document, "on_account") == NULL)
        return STATUS_OK;
    enum status status = money_member(document, "on_account", &split->net_minor, err);
    if (status != STATUS_OK || !split->functional->wanted)
        return status;
    status = functional_rate(document, facts, &rate, err);
    if (status == STATUS_OK)
        status = functional_convert(&rate, split->net_minor, &minor, err);
    if (status == STATUS_OK)
        split->net_functional = minor;
    return status;
}

/* What the whole allocation comes to: the parts are held against it, and it against what the invoice is carried at. */
static enum status split_differences(struct split *split, const struct invoice_rates *rates, int64_t amount_minor,
                                     struct err *err)
{
    struct functional *functional = split->functional;
    int64_t booked, carried;
    if (!functional->wanted)
        return STATUS_OK;
    enum status status = functional_convert(split->rate, amount_minor, &booked, err);
    if (status == STATUS_OK)
        status = functional_convert(&rates->carried, amount_minor, &carried, err);
    if (status == STATUS_OK)
        status = money_sub(functional->rounding_minor, booked, &functional->rounding_minor, err);
    if (status == STATUS_OK)
        status = money_add(functional->fx_minor, booked, &functional->fx_minor, err);
    return status == STATUS_OK ? money_sub(functional->fx_minor, carried, &functional->fx_minor, err) : status;
}

/* What is taken of one invoice, with tax: a stated split is of one invoice, and whole, so it is taken once. */
static enum status split_allocated(struct split *split, const json_t *document, size_t index, json_t *invoice,
                                   int64_t amount_minor, struct err *err)
{
    const json_t *stated = json_object_get(document, "taxes");
    const char *direction = member_text(document, "direction");
    const struct tax_taking taking = {
        .taxes = stated,
        .up = direction != NULL && strcmp(direction, "up") == 0,
        .line = member_text(json_array_get(json_object_get(document, "allocations"), index), "line"),
        .amount_minor = amount_minor};
    return stated != NULL && index > 0 ? STATUS_OK : split_take(split, invoice, &taking, err);
}

static enum status split_one(struct split *split, const json_t *document, const struct facts *facts, size_t index,
                             bool split_tax, struct err *err)
{
    const json_t *allocation = json_array_get(json_object_get(document, "allocations"), index);
    const char *text = member_text(allocation, "amount"), *entity = member_text(document, "entity");
    const char *date = member_text(document, "date");
    json_t *invoice = NULL;
    struct invoice_rates rates;
    int32_t days;
    int64_t amount;
    enum status status =
        money_parse(text, strlen(text), currency_digits(member_text(document, "currency")), &amount, err);
    if (status == STATUS_OK && (split_tax || split->functional->wanted))
        status = split_invoice(split, facts, entity, member_text(allocation, "invoice"), &invoice, err);
    if (status == STATUS_OK && split->functional->wanted) {
        status = date_parse(date, strlen(date), &days, err);
        if (status == STATUS_OK)
            status = facts_invoice_rates(facts, entity, split->functional->currency, invoice, days, &rates, err);
        /* Without tax it is what the invoice is carried at that is given up: no difference. */
        split->rate = split_tax ? &rates.booked : &rates.carried;
    }
    if (status == STATUS_OK)
        status = split_tax ? split_allocated(split, document, index, invoice, amount, err)
                           : split_net_add(split, amount, err);
    if (status == STATUS_OK)
        status = split_differences(split, &rates, amount, err);
    split->rate = NULL;
    return status;
}

static enum status split_document(struct split *split, const json_t *document, const struct facts *facts,
                                  bool split_tax, struct err *err)
{
    const json_t *allocations = json_object_get(document, "allocations");
    split->invoices = json_object();
    if (split->invoices == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    enum status status = split_on_account(split, document, facts, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(allocations); i++)
        status = split_one(split, document, facts, i, split_tax, err);
    return status;
}

static enum status lines_reason(struct lines *lines, const struct split *split, const char *account,
                                const struct facts *facts, bool debit, struct err *err)
{
    const struct line net = {.account = account,
                             .debit = debit,
                             .amount_minor = split->net_minor,
                             .functional_minor = split->net_functional};
    enum status status = lines_add(lines, &net, err);
    for (size_t i = 0; status == STATUS_OK && i < split->code_count; i++) {
        const struct policy_tax *tax = policy_find_tax(facts->policy, split->codes[i]);
        const struct line line = {.account = tax != NULL ? tax->account : "",
                                  .debit = debit,
                                  .amount_minor = split->taxes_minor[i],
                                  .functional_minor = split->taxes_functional[i],
                                  .tax = split->codes[i]};
        status = lines_add(lines, &line, err);
    }
    return status;
}

/* What a receivable is taken down, or raised, by in functional currency: as its invoice is carried. */
static enum status receivable_functional(const struct lines *lines, const json_t *document, const struct facts *facts,
                                         const json_t *invoice, struct line *line, struct err *err)
{
    const char *date = member_text(document, "date");
    struct invoice_rates rates;
    int32_t days;
    if (!lines->functional.wanted)
        return STATUS_OK;
    enum status status = date_parse(date, strlen(date), &days, err);
    if (status == STATUS_OK)
        status = facts_invoice_rates(facts, member_text(document, "entity"), lines->functional.currency, invoice, days,
                                     &rates, err);
    return status == STATUS_OK ? functional_convert(&rates.carried, line->amount_minor, &line->functional_minor, err)
                               : status;
}

/* A member of the document that moves the customer's account, where it has one. */
static enum status lines_account(struct lines *lines, const json_t *document, const struct facts *facts,
                                 const char *name, bool debit, struct err *err)
{
    struct facts_rate rate;
    struct line line = {
        .account = facts->policy->on_account_account, .debit = debit, .customer = member_text(document, "customer")};
    if (member_text(document, name) == NULL)
        return STATUS_OK;
    enum status status = money_member(document, name, &line.amount_minor, err);
    if (status == STATUS_OK && lines->functional.wanted) {
        status = functional_rate(document, facts, &rate, err);
        if (status == STATUS_OK)
            status = functional_convert(&rate, line.amount_minor, &line.functional_minor, err);
    }
    return status == STATUS_OK ? lines_add(lines, &line, err) : status;
}

/* split: NULL where no functional amounts are wanted. */
static enum status lines_receivable(struct lines *lines, const struct split *split, const json_t *document,
                                    const struct facts *facts, bool debit, struct err *err)
{
    const json_t *allocations = json_object_get(document, "allocations");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(allocations); i++) {
        const json_t *allocation = json_array_get(allocations, i);
        const char *text = member_text(allocation, "amount");
        struct line line = {.account = facts->policy->receivable_account,
                            .debit = debit,
                            .customer = member_text(document, "customer"),
                            .invoice = member_text(allocation, "invoice")};
        status = money_parse(text, strlen(text), lines->digits, &line.amount_minor, err);
        if (status == STATUS_OK)
            status = receivable_functional(lines, document, facts,
                                           split != NULL ? json_object_get(split->invoices, line.invoice) : NULL, &line,
                                           err);
        if (status == STATUS_OK)
            status = lines_add(lines, &line, err);
    }
    return status == STATUS_OK ? lines_account(lines, document, facts, "on_account", debit, err) : status;
}

static struct lines lines_of(const json_t *document, json_t *list)
{
    const char *currency = member_text(document, "currency");
    return (struct lines){.list = list, .currency = currency, .digits = currency_digits(currency)};
}

/* The side that is not the reason's: the whole amount on the customer's account, or invoices and what is on account. */
static enum status lines_other(struct lines *lines, const struct split *split, const json_t *document,
                               const struct facts *facts, const struct money_lines_options *options, struct err *err)
{
    return options->account ? lines_account(lines, document, facts, "amount", !options->debit, err)
                            : lines_receivable(lines, split, document, facts, !options->debit, err);
}

enum status money_lines(const json_t *document, const struct facts *facts, const struct money_lines_options *options,
                        json_t **ret_lines, struct err *err)
{
    struct lines lines = lines_of(document, json_array());
    struct split split = {.net_minor = 0, .functional = &lines.functional};
    /* Lines of another order than reason and invoices are completed when they are judged (functional_complete). */
    if (!options->account && !options->reason_last)
        lines.functional = functional_begin(document, facts);
    const struct policy_reason *reason = policy_find_reason(facts->policy, member_text(document, "reason"));
    const char *account = reason != NULL && reason->account != NULL ? reason->account : "";
    enum status status = lines.list != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK)
        status = split_document(&split, document, facts, options->split_tax, err);
    if (status == STATUS_OK && options->account)
        status = money_member(document, "amount", &split.net_minor, err);
    if (status == STATUS_OK && options->reason_last)
        status = lines_other(&lines, &split, document, facts, options, err);
    if (status == STATUS_OK)
        status = lines_reason(&lines, &split, account, facts, options->debit, err);
    if (status == STATUS_OK && !options->reason_last)
        status = lines_other(&lines, &split, document, facts, options, err);
    if (status == STATUS_OK && lines.functional.wanted)
        status = functional_differences(&lines.functional, document, facts, !options->debit, lines.list, err);
    json_decref(split.invoices);
    if (status == STATUS_OK)
        *ret_lines = lines.list;
    else
        json_decref(lines.list);
    return status;
}

enum status money_lines_payment(const json_t *document, const struct facts *facts, json_t *lines, struct err *err)
{
    struct lines payment = lines_of(document, lines);
    enum status status = lines_account(&payment, document, facts, "amount", true, err);
    return status == STATUS_OK ? lines_receivable(&payment, NULL, document, facts, false, err) : status;
}

/* One side of a transfer: its invoices, or its customer's account. */
static enum status lines_side(struct lines *lines, const json_t *document, const struct facts *facts, bool debit,
                              struct err *err)
{
    return json_array_size(json_object_get(document, "allocations")) > 0
               ? lines_receivable(lines, NULL, document, facts, debit, err)
               : lines_account(lines, document, facts, "amount", debit, err);
}

enum status money_lines_transfer(const json_t *document, const struct facts *facts, json_t **ret_lines, struct err *err)
{
    struct lines lines = lines_of(document, json_array());
    const bool credit = transfer_of_credit(document);
    json_t *receiving = NULL;
    enum status status = lines.list != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK)
        status = transfer_receiving(document, &receiving, err);
    if (status == STATUS_OK)
        status = lines_side(&lines, document, facts, credit, err);
    if (status == STATUS_OK)
        status = lines_side(&lines, receiving, facts, !credit, err);
    json_decref(receiving);
    if (status == STATUS_OK)
        *ret_lines = lines.list;
    else
        json_decref(lines.list);
    return status;
}

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

enum status money_check(const json_t *document, struct err *err)
{
    int64_t minor;
    enum status status = money_member(document, "amount", &minor, err);
    if (status == STATUS_OK && member_text(document, "on_account") != NULL)
        status = money_member(document, "on_account", &minor, err);
    return status == STATUS_OK ? allocations_check(document, err) : status;
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

enum { TAX_CODES_MAX = 64 }; /* tax codes over all invoices of a document */

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

static enum status tax_weights(const json_t *taxes, int digits, int64_t *weights, struct err *err)
{
    for (size_t i = 0; i < json_array_size(taxes); i++) {
        const json_t *tax = json_array_get(taxes, i);
        const char *net_text = member_text(tax, "net"), *tax_text = member_text(tax, "tax");
        enum status status = money_parse(net_text, strlen(net_text), digits, &weights[2 * i], err);
        if (status == STATUS_OK)
            status = money_parse(tax_text, strlen(tax_text), digits, &weights[2 * i + 1], err);
        if (status == STATUS_OK)
            status = money_abs(weights[2 * i], &weights[2 * i], err);
        if (status == STATUS_OK)
            status = money_abs(weights[2 * i + 1], &weights[2 * i + 1], err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* One allocation over its invoice's net and tax amounts. An invoice of nothing but zeros has no tax to give back. */
static enum status split_allocation(struct split *split, const json_t *invoice, int64_t amount_minor, int digits,
                                    struct err *err)
{
    const json_t *taxes = json_object_get(invoice, "taxes");
    size_t count = json_array_size(taxes);
    int64_t weights[2 * TAX_CODES_MAX], parts[2 * TAX_CODES_MAX], total = 0;
    if (count > TAX_CODES_MAX)
        return err_set(err, STATUS_LIMIT, "an invoice has more than %d tax codes", TAX_CODES_MAX);
    enum status status = tax_weights(taxes, digits, weights, err);
    for (size_t i = 0; status == STATUS_OK && i < 2 * count; i++)
        total |= weights[i];
    if (status != STATUS_OK || total == 0)
        return status != STATUS_OK ? status : split_net_add(split, amount_minor, err);
    status = money_split(amount_minor, weights, 2 * count, parts, err);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        status = split_net_add(split, parts[2 * i], err);
        if (status == STATUS_OK && parts[2 * i + 1] != 0)
            status = split_tax_add(split, member_text(json_array_get(taxes, i), "code"), parts[2 * i + 1], err);
    }
    return status;
}

/* Lends until the split is done. */
static enum status split_invoice(struct split *split, const struct facts *facts, const char *entity, const char *id,
                                 const json_t **ret_invoice, struct err *err)
{
    json_t *invoice = json_object_get(split->invoices, id);
    enum status status = STATUS_OK;
    if (invoice == NULL) {
        status = facts_invoice(facts, entity, id, &invoice, err);
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

static enum status split_one(struct split *split, const json_t *document, const struct facts *facts,
                             const json_t *allocation, bool split_tax, struct err *err)
{
    const char *text = member_text(allocation, "amount"), *entity = member_text(document, "entity");
    const char *date = member_text(document, "date");
    int digits = currency_digits(member_text(document, "currency"));
    const json_t *invoice = NULL;
    struct invoice_rates rates;
    int32_t days;
    int64_t amount;
    enum status status = money_parse(text, strlen(text), digits, &amount, err);
    if (status == STATUS_OK)
        status = split_invoice(split, facts, entity, member_text(allocation, "invoice"), &invoice, err);
    if (status == STATUS_OK && split->functional->wanted) {
        status = date_parse(date, strlen(date), &days, err);
        if (status == STATUS_OK)
            status = facts_invoice_rates(facts, entity, split->functional->currency, invoice, days, &rates, err);
        /* Without tax it is what the invoice is carried at that is given up: no difference. */
        split->rate = split_tax ? &rates.booked : &rates.carried;
    }
    if (status == STATUS_OK)
        status = split_tax ? split_allocation(split, invoice, amount, digits, err) : split_net_add(split, amount, err);
    return status == STATUS_OK ? split_differences(split, &rates, amount, err) : status;
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
        status = split_one(split, document, facts, json_array_get(allocations, i), split_tax, err);
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

static enum status lines_on_account(struct lines *lines, const json_t *document, const struct facts *facts, bool debit,
                                    struct err *err)
{
    struct facts_rate rate;
    struct line line = {
        .account = facts->policy->on_account_account, .debit = debit, .customer = member_text(document, "customer")};
    if (member_text(document, "on_account") == NULL)
        return STATUS_OK;
    enum status status = money_member(document, "on_account", &line.amount_minor, err);
    if (status == STATUS_OK && lines->functional.wanted) {
        status = functional_rate(document, facts, &rate, err);
        if (status == STATUS_OK)
            status = functional_convert(&rate, line.amount_minor, &line.functional_minor, err);
    }
    return status == STATUS_OK ? lines_add(lines, &line, err) : status;
}

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
            status = receivable_functional(lines, document, facts, json_object_get(split->invoices, line.invoice),
                                           &line, err);
        if (status == STATUS_OK)
            status = lines_add(lines, &line, err);
    }
    return status == STATUS_OK ? lines_on_account(lines, document, facts, debit, err) : status;
}

enum status money_lines(const json_t *document, const struct facts *facts, const struct money_lines_options *options,
                        json_t **ret_lines, struct err *err)
{
    const char *currency = member_text(document, "currency");
    struct lines lines = {.list = json_array(),
                          .currency = currency,
                          .digits = currency_digits(currency),
                          .functional = functional_begin(document, facts)};
    struct split split = {.net_minor = 0, .functional = &lines.functional};
    const struct policy_reason *reason = policy_find_reason(facts->policy, member_text(document, "reason"));
    const char *account = reason != NULL && reason->account != NULL ? reason->account : "";
    enum status status = lines.list != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK)
        status = split_document(&split, document, facts, options->split_tax, err);
    if (status == STATUS_OK)
        status = lines_reason(&lines, &split, account, facts, options->debit, err);
    if (status == STATUS_OK)
        status = lines_receivable(&lines, &split, document, facts, !options->debit, err);
    if (status == STATUS_OK)
        status = functional_differences(&lines.functional, document, facts, !options->debit, lines.list, err);
    json_decref(split.invoices);
    if (status == STATUS_OK)
        *ret_lines = lines.list;
    else
        json_decref(lines.list);
    return status;
}

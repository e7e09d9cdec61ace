/*
 * C-35 Credit within what remains: what is posted, what waits, cash and this document together stay within the invoice,
 * and within its line where a line is named. Excess goes on account, on a track of its own. The first allocation that
 * does not fit is answered.
 */
#include "controls/rules/common.h"
#include "ledger/currency.h"

struct claim {
    const char *invoice;
    const char *line;
    int64_t amount_minor;
    int64_t invoice_minor; /* what the whole document takes from this invoice */
};

/* What the document holds already, on the invoice or on one line of it: it waits when it is posted or amended. */
static int64_t own_held(const struct request *request, const struct claim *claim, bool of_line)
{
    const json_t *own = json_object_get(request->record, "document");
    const char *state = request->record != NULL ? member_text(request->record, "state") : "";
    const json_t *allocations = json_object_get(own, "allocations");
    int digits = request->measure.currency != NULL ? currency_digits(request->measure.currency) : -1;
    int64_t sum = 0;
    if (strcmp(state, "waiting") != 0 || digits < 0)
        return 0;
    for (size_t i = 0; i < json_array_size(allocations); i++) {
        const json_t *allocation = json_array_get(allocations, i);
        const char *text = member_text(allocation, "amount");
        int64_t minor = 0;
        const char *line = member_text(allocation, "line");
        if (of_line && (line == NULL || strcmp(line, claim->line) != 0))
            continue;
        if (strcmp(member_text(allocation, "invoice"), claim->invoice) == 0 &&
            money_parse(text, strlen(text), digits, &minor, NULL) == STATUS_OK)
            sum += minor;
    }
    return sum;
}

static enum status line_judge(const struct request *request, const json_t *invoice, const struct claim *claim, int digits,
                              struct answers *answers, struct err *err)
{
    const json_t *lines = json_object_get(invoice, "lines"), *found = NULL;
    for (size_t i = 0; i < json_array_size(lines) && found == NULL; i++)
        if (strcmp(member_text(json_array_get(lines, i), "line"), claim->line) == 0)
            found = json_array_get(lines, i);
    if (found == NULL)
        return answer_deny(answers, "C-35", "unknown-line", json_pack("{s:s, s:s}", "invoice", claim->invoice, "line", claim->line), err);
    const char *net_text = member_text(found, "net"), *tax_text = member_text(found, "tax");
    int64_t net, tax, gross, used = member_integer(json_object_get(invoice, "lines_used"), claim->line);
    enum status status = money_parse(net_text, strlen(net_text), digits, &net, err);
    if (status == STATUS_OK)
        status = money_parse(tax_text, strlen(tax_text), digits, &tax, err);
    if (status == STATUS_OK)
        status = money_add(net, tax, &gross, err);
    if (status != STATUS_OK)
        return status;
    int64_t left = gross - used + own_held(request, claim, true);
    if (claim->amount_minor <= left)
        return STATUS_OK;
    return answer_deny(answers, "C-35", "over-line",
                       json_pack("{s:o, s:s, s:s, s:o}", "amount", amount_text(claim->amount_minor, digits), "invoice",
                                 claim->invoice, "line", claim->line, "remaining", amount_text(left, digits)), err);
}

static enum status remaining_judge(const struct request *request, const json_t *invoice, const struct claim *claim,
                                   struct answers *answers, struct err *err)
{
    int digits = currency_digits(request->measure.currency);
    int64_t open = member_integer(invoice, "open");
    int64_t pending = member_integer(invoice, "pending") - own_held(request, claim, false);
    int64_t remaining;
    enum status status = money_sub(open, pending, &remaining, err);
    if (status != STATUS_OK)
        return status;
    if (claim->invoice_minor > remaining)
        return answer_deny(answers, "C-35", "over-credit",
                           json_pack("{s:o, s:s, s:o, s:o, s:o}", "amount", amount_text(claim->invoice_minor, digits), "invoice",
                                     claim->invoice, "open", amount_text(open, digits), "pending", amount_text(pending, digits),
                                     "remaining", amount_text(remaining, digits)), err);
    return claim->line != NULL ? line_judge(request, invoice, claim, digits, answers, err) : STATUS_OK;
}

static enum status claim_judge(const struct request *request, const struct facts *facts, const struct claim *claim,
                               struct answers *answers, struct err *err)
{
    json_t *invoice = NULL;
    enum status status = facts_invoice(facts, request->measure.entity, claim->invoice, &invoice, err);
    if (status != STATUS_OK)
        return status;
    if (invoice == NULL)
        status = answer_deny(answers, "C-35", "unknown-invoice", json_pack("{s:s}", "invoice", claim->invoice), err);
    else if (strcmp(member_text(invoice, "customer"), request->measure.customer) != 0)
        status = answer_deny(answers, "C-35", "other-customer", json_pack("{s:s, s:s}", "customer", member_text(invoice, "customer"), "invoice", claim->invoice), err);
    else if (strcmp(member_text(invoice, "currency"), request->measure.currency) != 0)
        status = answer_deny(answers, "C-35", "other-currency", json_pack("{s:s, s:s}", "currency", member_text(invoice, "currency"), "invoice", claim->invoice), err);
    else if (request->measure.reduces)
        status = remaining_judge(request, invoice, claim, answers, err);
    json_decref(invoice);
    return status;
}

/* What the document takes from one invoice over all its lines. errors LIMIT. */
static enum status claim_total(const json_t *allocations, const char *invoice, int digits, int64_t *ret_minor, struct err *err)
{
    *ret_minor = 0;
    for (size_t i = 0; i < json_array_size(allocations); i++) {
        const json_t *allocation = json_array_get(allocations, i);
        const char *text = member_text(allocation, "amount");
        int64_t minor;
        if (strcmp(member_text(allocation, "invoice"), invoice) != 0)
            continue;
        enum status status = money_parse(text, strlen(text), digits, &minor, err);
        if (status == STATUS_OK)
            status = money_add(*ret_minor, minor, ret_minor, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers, struct err *err)
{
    const json_t *allocations = json_object_get(request->document, "allocations");
    enum status status = STATUS_OK;
    if (!request->kind->posts || allocations == NULL)
        return STATUS_OK;
    int digits = currency_digits(request->measure.currency);
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < json_array_size(allocations); i++) {
        const json_t *allocation = json_array_get(allocations, i);
        const char *text = member_text(allocation, "amount");
        struct claim claim = {.invoice = member_text(allocation, "invoice"), .line = member_text(allocation, "line")};
        status = money_parse(text, strlen(text), digits, &claim.amount_minor, err);
        if (status == STATUS_OK)
            status = claim_total(allocations, claim.invoice, digits, &claim.invoice_minor, err);
        if (status == STATUS_LIMIT)
            return answer_deny(answers, "C-35", "sum-too-large", json_pack("{s:s}", "invoice", claim.invoice), err);
        if (status == STATUS_OK)
            status = claim_judge(request, facts, &claim, answers, err);
    }
    return status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char amount[MONEY_TEXT_MAX], remaining[MONEY_TEXT_MAX], pending[MONEY_TEXT_MAX];
    if (code_is(answer, "over-credit"))
        snprintf(ret_text, SENTENCE_BYTES, "credit %s, invoice %s has %s left (%s is pending); credit less, or the rest on account",
                 said_amount(answer, "amount", amount), said(answer, "invoice"), said_amount(answer, "remaining", remaining),
                 said_amount(answer, "pending", pending));
    else if (code_is(answer, "over-line"))
        snprintf(ret_text, SENTENCE_BYTES, "credit %s, line %s of invoice %s has %s left", said_amount(answer, "amount", amount),
                 said(answer, "line"), said(answer, "invoice"), said_amount(answer, "remaining", remaining));
    else if (code_is(answer, "unknown-line"))
        snprintf(ret_text, SENTENCE_BYTES, "invoice %s has no line %s", said(answer, "invoice"), said(answer, "line"));
    else if (code_is(answer, "unknown-invoice"))
        snprintf(ret_text, SENTENCE_BYTES, "there is no invoice %s; check the number, or load the invoices first", said(answer, "invoice"));
    else if (code_is(answer, "other-customer"))
        snprintf(ret_text, SENTENCE_BYTES, "invoice %s is customer %s's", said(answer, "invoice"), said(answer, "customer"));
    else if (code_is(answer, "other-currency"))
        snprintf(ret_text, SENTENCE_BYTES, "invoice %s is in %s", said(answer, "invoice"), said(answer, "currency"));
    else
        snprintf(ret_text, SENTENCE_BYTES, "the parts on invoice %s are too large to be added up", said(answer, "invoice"));
}

const struct control control_c35 = {
    .id = "C-35",
    .title = "Credit within what remains",
    .objective = "No over-credit",
    .assertion = "existence, accuracy",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_DOCUMENT,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "",
    .framework = "COSO 10; COBIT DSS06.02",
    .codes = "over-credit over-line unknown-invoice unknown-line other-customer other-currency sum-too-large",
    .judge = judge,
    .sentence = sentence,
};

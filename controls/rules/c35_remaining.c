/*
 * C-35 Credit within what remains: what is posted, what waits, cash and this document together stay within the invoice,
 * within its line where a line is named, and within the net and tax that its tax codes have left. Excess goes on account,
 * on a track of its own; what is taken from there, and recovered, stays within it (c35_account.c). The first allocation
 * that does not fit is answered.
 */
#include "controls/rules/c35_account.h"
#include "controls/rules/common.h"
#include "ledger/currency.h"
#include "ledger/fold.h"
#include "ledger/tax_shares.h"
#include "ledger/transfer.h"

struct claim {
    const char *invoice;
    const char *line;    /* NULL: none named */
    const json_t *taxes; /* how the document states its split; NULL: not */
    bool first;          /* of the document's claims */
    int64_t amount_minor;
};

/* What a document takes, read once: so many invoices and lines are looked up often. */
struct taking {
    const struct request *request;
    const struct facts *facts;
    int digits;
    json_t *sums;     /* invoice -> what the whole document takes from it */
    json_t *held;     /* invoice, and "invoice line" -> what the document holds already */
    json_t *invoices; /* invoice -> its record, or null, with by_line: line -> the line */
};

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory");
}

/* Kinds whose amounts are split over net and tax. */
static bool splits(const struct request *request)
{
    return request_is_kind(request, KIND_CREDIT_NOTE) || request_is_kind(request, KIND_CORRECTION) ||
           request_is_kind(request, KIND_REBILL);
}

static enum status held_add(json_t *held, const char *key, int64_t minor, struct err *err)
{
    int64_t sum;
    enum status status = money_add(member_integer(held, key), minor, &sum, err);
    return status != STATUS_OK || json_object_set_new(held, key, json_integer(sum)) == 0 ? status : no_memory(err);
}

static void line_key(const char *invoice, const char *line, char ret_key[static 2 * ID_BYTES_MAX + 2])
{
    snprintf(ret_key, 2 * ID_BYTES_MAX + 2, "%s %s", invoice, line);
}

/* What a side of the document holds. One that raises holds nothing. */
static enum status side_held_read(struct taking *taking, const json_t *own, struct err *err)
{
    const json_t *allocations = json_object_get(own, "allocations");
    const char *direction = member_text(own, "direction"), *currency = member_text(own, "currency");
    enum status status = STATUS_OK;
    if (currency == NULL || (direction != NULL && strcmp(direction, "up") == 0))
        return STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(allocations); i++) {
        const json_t *allocation = json_array_get(allocations, i);
        const char *text = member_text(allocation, "amount"), *invoice = member_text(allocation, "invoice");
        const char *line = member_text(allocation, "line");
        char key[2 * ID_BYTES_MAX + 2];
        int64_t minor;
        status = money_parse(text, strlen(text), currency_digits(currency), &minor, err);
        if (status == STATUS_OK)
            status = held_add(taking->held, invoice, minor, err);
        if (status == STATUS_OK && line != NULL) {
            line_key(invoice, line, key);
            status = held_add(taking->held, key, minor, err);
        }
    }
    return status;
}

/* What the document holds while it waits: it is posted or amended now. */
static enum status held_read(struct taking *taking, struct err *err)
{
    const json_t *record = taking->request->record, *own = json_object_get(record, "document");
    json_t *receiving = NULL;
    if (record == NULL || strcmp(member_text(record, "state"), "waiting") != 0 ||
        request_is_kind(taking->request, KIND_RECOVERY))
        return STATUS_OK;
    enum status status = side_held_read(taking, own, err);
    if (status == STATUS_OK)
        status = transfer_receiving(own, &receiving, err);
    if (status == STATUS_OK && receiving != NULL)
        status = side_held_read(taking, receiving, err);
    json_decref(receiving);
    return status;
}

static enum status by_line_add(json_t *invoice, struct err *err)
{
    const json_t *lines = json_object_get(invoice, "lines");
    json_t *by_line = json_object();
    bool all = by_line != NULL;
    for (size_t i = json_array_size(lines); all && i-- > 0;) { /* backwards: the first of a name stays */
        json_t *line = json_array_get(lines, i);
        all = json_object_set(by_line, member_text(line, "line"), line) == 0;
    }
    return json_object_set_new(invoice, "by_line", by_line) == 0 && all ? STATUS_OK : no_memory(err);
}

/*
 * What waiting documents state to take counts as taken, but for what this one states itself: it is posted or amended now.
 * The record is this judgement's own.
 */
static enum status stated_count(const struct taking *taking, json_t *invoice, struct err *err)
{
    const json_t *record = taking->request->record, *own = json_object_get(record, "document");
    const json_t *first = json_array_get(json_object_get(own, "allocations"), 0);
    const struct tax_taking held = {.taxes = json_object_get(own, "taxes"), .up = true};
    struct tax_shares stated;
    tax_shares_read(json_object_get(invoice, "stated"), &stated);
    enum status status = tax_shares_note(invoice, "credited", &stated, 1, err);
    const char *direction = member_text(own, "direction");
    if (status != STATUS_OK || held.taxes == NULL || strcmp(member_text(record, "state"), "waiting") != 0 ||
        strcmp(member_text(first, "invoice"), member_text(invoice, "invoice")) != 0 ||
        (direction != NULL && strcmp(direction, "up") == 0))
        return status;
    return tax_shares_take(invoice, &held, &stated, err);
}

/* Lends; NULL when there is no such invoice. */
static enum status invoice_get(struct taking *taking, const char *id, json_t **ret_invoice, struct err *err)
{
    json_t *invoice = json_object_get(taking->invoices, id);
    enum status status = STATUS_OK;
    if (invoice == NULL) {
        status = facts_invoice_own(taking->facts, taking->request->measure.entity, id, &invoice, err);
        if (status == STATUS_OK && invoice != NULL)
            status = by_line_add(invoice, err);
        if (status == STATUS_OK && invoice != NULL)
            status = stated_count(taking, invoice, err);
        if (status != STATUS_OK)
            json_decref(invoice);
        else if (json_object_set_new(taking->invoices, id, invoice != NULL ? invoice : json_null()) != 0)
            status = no_memory(err);
    }
    if (status == STATUS_OK)
        *ret_invoice = json_is_null(invoice) ? NULL : invoice;
    return status;
}

static enum status line_judge(const struct taking *taking, const json_t *invoice, const struct claim *claim,
                              struct answers *answers, struct err *err)
{
    const json_t *line = json_object_get(json_object_get(invoice, "by_line"), claim->line);
    char key[2 * ID_BYTES_MAX + 2];
    if (line == NULL)
        return answer_deny(answers, "C-35", "unknown-line",
                           json_pack("{s:s, s:s}", "invoice", claim->invoice, "line", claim->line), err);
    const char *net_text = member_text(line, "net"), *tax_text = member_text(line, "tax");
    int64_t net, tax, left, used = member_integer(json_object_get(invoice, "lines_used"), claim->line);
    enum status status = money_parse(net_text, strlen(net_text), taking->digits, &net, err);
    if (status == STATUS_OK)
        status = money_parse(tax_text, strlen(tax_text), taking->digits, &tax, err);
    if (status == STATUS_OK)
        status = money_add(net, tax, &left, err);
    if (status == STATUS_OK)
        status = money_sub(left, used, &left, err);
    line_key(claim->invoice, claim->line, key);
    if (status == STATUS_OK)
        status = money_add(left, member_integer(taking->held, key), &left, err);
    if (status != STATUS_OK || claim->amount_minor <= left)
        return status;
    return answer_deny(answers, "C-35", "over-line",
                       json_pack("{s:o, s:s, s:s, s:o}", "amount", amount_text(claim->amount_minor, taking->digits),
                                 "invoice", claim->invoice, "line", claim->line, "remaining",
                                 amount_text(left, taking->digits)),
                       err);
}

static enum status remaining_judge(const struct taking *taking, const char *id, const json_t *invoice,
                                   struct answers *answers, struct err *err)
{
    int64_t open = member_integer(invoice, "open"), takes = member_integer(taking->sums, id), pending, remaining;
    int digits = taking->digits;
    enum status status = money_sub(member_integer(invoice, "pending"), member_integer(taking->held, id), &pending, err);
    if (status == STATUS_OK)
        status = money_sub(open, pending, &remaining, err);
    if (status != STATUS_OK || takes <= remaining)
        return status;
    return answer_deny(answers, "C-35", "over-credit",
                       json_pack("{s:o, s:s, s:o, s:o, s:o}", "amount", amount_text(takes, digits), "invoice", id,
                                 "open", amount_text(open, digits), "pending", amount_text(pending, digits),
                                 "remaining", amount_text(remaining, digits)),
                       err);
}

static enum status code_deny(const struct taking *taking, const struct claim *claim, const json_t *invoice,
                             size_t share, const int64_t minor[2], struct answers *answers, struct err *err)
{
    const json_t *tax = json_array_get(json_object_get(invoice, "taxes"), share / 2);
    return answer_deny(answers, "C-35", "over-code",
                       json_pack("{s:o, s:s, s:s, s:s, s:o}", "amount", amount_text(minor[0], taking->digits),
                                 "tax_code", member_text(tax, "code"), "invoice", claim->invoice, "part",
                                 share % 2 == 0 ? "net" : "tax", "remaining", amount_text(minor[1], taking->digits)),
                       err);
}

/* The net and tax of the invoice's codes that are left, this claim and the document's earlier ones taken. */
static enum status shares_judge(const struct taking *taking, const struct claim *claim, json_t *invoice,
                                struct answers *answers, struct err *err)
{
    const struct tax_taking take = {.amount_minor = claim->amount_minor, .line = claim->line, .taxes = claim->taxes};
    struct tax_shares parts, left;
    if (!splits(taking->request) || (claim->taxes != NULL && !claim->first))
        return STATUS_OK;
    enum status status = tax_shares_take(invoice, &take, &parts, err);
    if (status == STATUS_LIMIT)
        return answer_deny(answers, "C-35", "sum-too-large", NULL, err);
    if (status == STATUS_OK)
        status = tax_shares_left(invoice, &left, err);
    struct tax_shares credited;
    tax_shares_read(json_object_get(invoice, "credited"), &credited);
    for (size_t i = 0; status == STATUS_OK && i < left.count; i++) {
        /* All was credited, and an adjustment has opened the invoice again: that is not billed. */
        const int64_t none[2] = {parts.loose_minor, 0};
        if (parts.loose_minor > 0 && credited.minor[i] > 0)
            return code_deny(taking, claim, invoice, i, none, answers, err);
        const int64_t minor[2] = {parts.minor[i], parts.minor[i] + left.minor[i]};
        if (left.minor[i] < 0 && parts.minor[i] > 0)
            return code_deny(taking, claim, invoice, i, minor, answers, err);
    }
    return status;
}

static enum status claim_judge(struct taking *taking, const struct claim *claim, struct answers *answers,
                               struct err *err)
{
    const struct measure *measure = &taking->request->measure;
    json_t *invoice = NULL;
    enum status status = invoice_get(taking, claim->invoice, &invoice, err);
    if (status != STATUS_OK)
        return status;
    if (invoice == NULL)
        return answer_deny(answers, "C-35", "unknown-invoice", json_pack("{s:s}", "invoice", claim->invoice), err);
    if (strcmp(member_text(invoice, "customer"), measure->customer) != 0)
        return answer_deny(
            answers, "C-35", "other-customer",
            json_pack("{s:s, s:s}", "customer", member_text(invoice, "customer"), "invoice", claim->invoice), err);
    if (strcmp(member_text(invoice, "currency"), measure->currency) != 0)
        return answer_deny(
            answers, "C-35", "other-currency",
            json_pack("{s:s, s:s}", "currency", member_text(invoice, "currency"), "invoice", claim->invoice), err);
    if (!measure->reduces) {
        int64_t sum;
        status = money_add(member_integer(invoice, "open"), member_integer(taking->sums, claim->invoice), &sum, err);
        return status == STATUS_LIMIT ? answer_deny(answers, "C-35", "sum-too-large", NULL, err) : status;
    }
    status = remaining_judge(taking, claim->invoice, invoice, answers, err);
    if (status == STATUS_OK && !answers->denied && claim->line != NULL)
        status = line_judge(taking, invoice, claim, answers, err);
    return status == STATUS_OK && !answers->denied ? shares_judge(taking, claim, invoice, answers, err) : status;
}

static enum status claims_judge(struct taking *taking, struct answers *answers, struct err *err)
{
    const json_t *allocations = json_object_get(taking->request->document, "allocations");
    enum status status = held_read(taking, err);
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < json_array_size(allocations); i++) {
        const json_t *allocation = json_array_get(allocations, i);
        const char *text = member_text(allocation, "amount");
        struct claim claim = {.invoice = member_text(allocation, "invoice"),
                              .line = member_text(allocation, "line"),
                              .taxes = json_object_get(taking->request->document, "taxes"),
                              .first = i == 0};
        status = money_parse(text, strlen(text), taking->digits, &claim.amount_minor, err);
        if (status == STATUS_OK)
            status = claim_judge(taking, &claim, answers, err);
    }
    return status;
}

/* The reversal of a correction upwards takes from its invoices, too. */
static enum status reversal_judge(struct taking *taking, struct answers *answers, struct err *err)
{
    const char *id;
    json_t *sum;
    enum status status = STATUS_OK;
    json_object_foreach(taking->sums, id, sum)
    {
        json_t *invoice = NULL;
        if (status != STATUS_OK || answers->denied)
            break;
        status = invoice_get(taking, id, &invoice, err);
        if (status == STATUS_OK && invoice != NULL)
            status = remaining_judge(taking, id, invoice, answers, err);
    }
    return status;
}

/* Credit that stands on a customer's account is taken from there again when its document is reversed. */
static enum status reversed_account_judge(const struct request *request, const struct facts *facts,
                                          struct answers *answers, struct err *err)
{
    json_t *original = NULL;
    enum status status = facts_document(facts, member_text(request->document, "reverses"), &original, err);
    const json_t *document = json_object_get(original, "document"), *to = json_object_get(document, "to");
    bool moved = transfer_of_credit(document) && json_array_size(json_object_get(to, "allocations")) == 0;
    const char *member = moved ? "amount" : "on_account";
    struct account_taking taking = {.entity = member_text(original, "entity"),
                                    .customer = member_text(moved ? to : document, "customer"),
                                    .currency = member_text(document, "currency")};
    if (status == STATUS_OK && member_text(document, member) != NULL) {
        status = money_member_of(document, member, currency_digits(taking.currency), &taking.amount_minor, err);
        if (status == STATUS_OK)
            status = account_judge(&taking, facts, answers, err);
    }
    json_decref(original);
    return status;
}

/* What is taken from a customer's account, by a recovery, by a credit balance given up or moved, by a reversal. */
static enum status accounts_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                  struct err *err)
{
    const struct measure *measure = &request->measure;
    const char *charge = member_text(request->document, "charge");
    struct account_taking taking = {
        .entity = measure->entity, .customer = measure->customer, .currency = measure->currency};
    if (request_is_kind(request, KIND_RECOVERY))
        return recovery_judge(request, facts, answers, err);
    if (request_is_kind(request, KIND_REVERSAL))
        return reversed_account_judge(request, facts, answers, err);
    if ((charge == NULL || strcmp(charge, "credit-balance") != 0) && !transfer_of_credit(request->document))
        return STATUS_OK;
    enum status status = held_amount(request, &taking.own_minor, err);
    if (status == STATUS_OK)
        status =
            money_member_of(request->document, "amount", currency_digits(measure->currency), &taking.amount_minor, err);
    return status == STATUS_OK ? account_judge(&taking, facts, answers, err) : status;
}

/* Whose allocations are taken: the document's own, or those that what it reverses has raised; NULL: nobody's. */
static enum status taker_find(const struct request *request, const struct facts *facts, json_t **ret_document,
                              struct err *err)
{
    json_t *original = NULL;
    if (!request_is_kind(request, KIND_REVERSAL)) {
        *ret_document = json_incref((json_t *)request->document);
        return STATUS_OK;
    }
    enum status status = facts_document(facts, member_text(request->document, "reverses"), &original, err);
    json_t *document = json_incref(json_object_get(original, "document")), *receiving = NULL;
    if (status == STATUS_OK)
        status = transfer_receiving(document, &receiving, err);
    if (receiving != NULL) {
        json_decref(document);
        document = receiving;
    }
    const char *direction = member_text(document, "direction");
    if (status == STATUS_OK)
        *ret_document = direction != NULL && strcmp(direction, "up") == 0 ? json_incref(document) : NULL;
    json_decref(document);
    json_decref(original);
    return status;
}

static enum status invoices_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                  struct err *err)
{
    struct taking taking = {.request = request, .facts = facts};
    json_t *document = NULL;
    enum status status = taker_find(request, facts, &document, err);
    if (status != STATUS_OK || document == NULL)
        return status;
    taking.digits = currency_digits(member_text(document, "currency"));
    taking.held = json_object();
    taking.invoices = json_object();
    status =
        taking.held != NULL && taking.invoices != NULL ? allocations_sum(document, &taking.sums, err) : no_memory(err);
    if (status == STATUS_LIMIT)
        status = answer_deny(answers, "C-35", "sum-too-large", NULL, err);
    else if (status == STATUS_OK)
        status = request_is_kind(request, KIND_REVERSAL) ? reversal_judge(&taking, answers, err)
                                                         : claims_judge(&taking, answers, err);
    json_decref(taking.sums);
    json_decref(taking.held);
    json_decref(taking.invoices);
    json_decref(document);
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    if (!request->kind->posts)
        return STATUS_OK;
    enum status status = invoices_judge(request, facts, answers, err);
    return status == STATUS_OK && !answers->denied ? accounts_judge(request, facts, answers, err) : status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char amount[MONEY_TEXT_MAX], remaining[MONEY_TEXT_MAX], pending[MONEY_TEXT_MAX];
    if (account_sentence(answer, ret_text))
        return;
    if (code_is(answer, "over-code"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "credits %s %s of tax code %s, invoice %s has %s of it left; state the split (taxes) or credit less",
                 said_amount(answer, "amount", amount), said(answer, "part"), said(answer, "tax_code"),
                 said(answer, "invoice"), said_amount(answer, "remaining", remaining));
    else if (code_is(answer, "over-credit"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "credit %s, invoice %s has %s left (%s is pending); credit less, or the rest on account",
                 said_amount(answer, "amount", amount), said(answer, "invoice"),
                 said_amount(answer, "remaining", remaining), said_amount(answer, "pending", pending));
    else if (code_is(answer, "over-line"))
        snprintf(ret_text, SENTENCE_BYTES, "credit %s, line %s of invoice %s has %s left",
                 said_amount(answer, "amount", amount), said(answer, "line"), said(answer, "invoice"),
                 said_amount(answer, "remaining", remaining));
    else if (code_is(answer, "unknown-line"))
        snprintf(ret_text, SENTENCE_BYTES, "invoice %s has no line %s", said(answer, "invoice"), said(answer, "line"));
    else if (code_is(answer, "unknown-invoice"))
        snprintf(ret_text, SENTENCE_BYTES, "there is no invoice %s; check the number, or load the invoices first",
                 said(answer, "invoice"));
    else if (code_is(answer, "other-customer"))
        snprintf(ret_text, SENTENCE_BYTES, "invoice %s is customer %s's", said(answer, "invoice"),
                 said(answer, "customer"));
    else if (code_is(answer, "other-currency"))
        snprintf(ret_text, SENTENCE_BYTES, "invoice %s is in %s", said(answer, "invoice"), said(answer, "currency"));
    else
        snprintf(ret_text, SENTENCE_BYTES,
                 "what is moved on one invoice, or open on it then, is too large to be counted");
}

const struct control control_c35 = {
    .id = "C-35",
    .title = "Credit within what remains",
    .objective = "No over-credit",
    .assertion = "existence, accuracy",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_DOCUMENT,
    .receiving = RECEIVING_TRANSFER,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "",
    .framework = "COSO 10; COBIT DSS06.02",
    .codes = "over-credit over-line over-code unknown-invoice unknown-line other-customer other-currency sum-too-large "
             "over-recovery over-receipt over-account unknown-receipt not-written-off reversal-waits",
    .judge = judge,
    .sentence = sentence,
};

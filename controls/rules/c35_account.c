/*
 * C-35, what is taken from a customer's account: see the header. Waiting documents count, as everywhere; what the document
 * that is judged holds itself is given back to it first.
 */
#include "controls/rules/c35_account.h"

#include "controls/facts_money.h"
#include "controls/rules/common.h"
#include "ledger/currency.h"
#include "ledger/fold.h"
#include "ledger/transfer.h"

enum status held_amount(const struct request *request, int64_t *ret_minor, struct err *err)
{
    const json_t *record = request->record, *own = json_object_get(record, "document");
    const char *charge = member_text(own, "charge");
    *ret_minor = 0;
    /* An amendment may have been of another customer, or of a charge that takes from invoices. */
    if (record == NULL || strcmp(member_text(record, "state"), "waiting") != 0 ||
        (charge != NULL && strcmp(charge, "credit-balance") != 0 && !transfer_of_credit(own)) ||
        strcmp(member_text(own, "customer"), request->measure.customer) != 0 ||
        strcmp(member_text(own, "currency"), request->measure.currency) != 0)
        return STATUS_OK;
    return money_member_of(own, "amount", currency_digits(request->measure.currency), ret_minor, err);
}

enum status account_judge(const struct account_taking *taking, const struct facts *facts, struct answers *answers,
                          struct err *err)
{
    json_t *balance = NULL;
    int64_t waits, left;
    int digits = currency_digits(taking->currency);
    enum status status = facts_balance(facts, taking->entity, taking->customer, taking->currency, &balance, err);
    if (status == STATUS_OK)
        status = money_sub(member_integer(balance, "pending"), taking->own_minor, &waits, err);
    if (status == STATUS_OK)
        status = money_add(member_integer(balance, "account"), waits, &left, err);
    json_decref(balance);
    if (status != STATUS_OK || taking->amount_minor <= -left)
        return status;
    return answer_deny(answers, "C-35", "over-account",
                       json_pack("{s:o, s:s, s:o, s:o}", "amount", amount_text(taking->amount_minor, digits),
                                 "customer", taking->customer, "pending", amount_text(waits, digits), "remaining",
                                 amount_text(left < 0 ? -left : 0, digits)),
                       err);
}

/* What was written off of each invoice, less what living recoveries took, this document's own given back. */
static enum status write_off_judge(const struct request *request, const struct facts *facts, const json_t *write_off,
                                   struct answers *answers, struct err *err)
{
    const json_t *own = json_object_get(request->record, "document");
    bool holds = own != NULL && strcmp(member_text(request->record, "state"), "waiting") == 0 &&
                 strcmp(member_text(own, "recovers"), member_text(request->document, "recovers")) == 0;
    json_t *takes = NULL, *written = NULL, *held = NULL, *sum;
    const char *invoice;
    int digits = currency_digits(request->measure.currency);
    enum status status = allocations_sum(request->document, &takes, err);
    if (status == STATUS_OK)
        status = allocations_sum(json_object_get(write_off, "document"), &written, err);
    if (status == STATUS_OK && holds)
        status = allocations_sum(own, &held, err);
    (void)facts;
    json_object_foreach(takes, invoice, sum)
    {
        int64_t recovered = member_integer(json_object_get(write_off, "recovering"), invoice), left;
        if (status != STATUS_OK || answers->denied)
            break;
        status = money_sub(recovered, member_integer(held, invoice), &recovered, err);
        if (status == STATUS_OK)
            status = money_sub(member_integer(written, invoice), recovered, &left, err);
        if (status == STATUS_OK && json_integer_value(sum) > left)
            status = answer_deny(answers, "C-35", "over-recovery",
                                 json_pack("{s:o, s:s, s:s, s:o, s:o}", "amount",
                                           amount_text(json_integer_value(sum), digits), "document",
                                           member_text(write_off, "number"), "invoice", invoice, "recovered",
                                           amount_text(recovered, digits), "remaining", amount_text(left, digits)),
                                 err);
    }
    json_decref(takes);
    json_decref(written);
    json_decref(held);
    return status;
}

/* What the receipt left on account and no other recovery took. */
static enum status receipt_judge(const struct request *request, const struct facts *facts, int64_t own_minor,
                                 struct answers *answers, struct err *err)
{
    const struct measure *measure = &request->measure;
    const char *id = member_text(request->document, "receipt"), *held;
    const json_t *own = json_object_get(request->record, "document");
    int digits = currency_digits(measure->currency);
    json_t *receipt = NULL;
    int64_t amount, left = 0, part;
    enum status status = money_member_of(request->document, "amount", digits, &amount, err);
    if (status == STATUS_OK)
        status = facts_receipt(facts, measure->entity, id, &receipt, err);
    if (status == STATUS_OK && (receipt == NULL || strcmp(member_text(receipt, "customer"), measure->customer) != 0 ||
                                strcmp(member_text(receipt, "currency"), measure->currency) != 0)) {
        json_decref(receipt);
        return answer_deny(answers, "C-35", "unknown-receipt",
                           json_pack("{s:s, s:s}", "customer", measure->customer, "receipt", id), err);
    }
    if (status == STATUS_OK)
        status = money_member_of(receipt, "amount", digits, &left, err);
    const json_t *applied = json_object_get(receipt, "applied");
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(applied); i++) {
        status = money_member_of(json_array_get(applied, i), "amount", digits, &part, err);
        if (status == STATUS_OK)
            status = money_sub(left, part, &left, err);
    }
    held = member_text(own, "receipt");
    if (status == STATUS_OK)
        status = money_sub(left, member_integer(receipt, "recovering"), &left, err);
    if (status == STATUS_OK && held != NULL && strcmp(held, id) == 0)
        status = money_add(left, own_minor, &left, err);
    json_decref(receipt);
    if (status != STATUS_OK || amount <= left)
        return status;
    return answer_deny(answers, "C-35", "over-receipt",
                       json_pack("{s:o, s:s, s:o}", "amount", amount_text(amount, digits), "receipt", id, "remaining",
                                 amount_text(left, digits)),
                       err);
}

/* Posted, of this customer's entity, and not about to be reversed. */
static enum status written_off_judge(const struct request *request, const struct facts *facts, const json_t *write_off,
                                     struct answers *answers, struct err *err)
{
    const char *number = member_text(request->document, "recovers");
    char reversal[ID_BYTES_MAX + 1];
    struct books_key key;
    if (write_off == NULL || strcmp(member_text(write_off, "kind"), "write-off") != 0 ||
        strcmp(member_text(write_off, "state"), "posted") != 0 ||
        strcmp(member_text(write_off, "entity"), request->measure.entity) != 0)
        return answer_deny(answers, "C-35", "not-written-off",
                           json_pack("{s:s, s:s}", "document", number, "state",
                                     write_off != NULL ? member_text(write_off, "state") : "unknown"),
                           err);
    reversal_key(number, &key);
    enum status status = facts_duplicate(facts, &key, NULL, reversal, err);
    if (status == STATUS_OK && reversal[0] != '\0')
        status = answer_deny(answers, "C-35", "reversal-waits",
                             json_pack("{s:s, s:s}", "document", number, "reversal", reversal), err);
    return status;
}

enum status recovery_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                           struct err *err)
{
    const struct measure *measure = &request->measure;
    struct account_taking taking = {
        .entity = measure->entity, .customer = measure->customer, .currency = measure->currency};
    json_t *write_off = NULL;
    enum status status = facts_document(facts, member_text(request->document, "recovers"), &write_off, err);
    if (status == STATUS_OK)
        status = written_off_judge(request, facts, write_off, answers, err);
    if (status == STATUS_OK && !answers->denied)
        status = write_off_judge(request, facts, write_off, answers, err);
    if (status == STATUS_OK)
        status = held_amount(request, &taking.own_minor, err);
    if (status == STATUS_OK && !answers->denied)
        status = receipt_judge(request, facts, taking.own_minor, answers, err);
    if (status == STATUS_OK)
        status =
            money_member_of(request->document, "amount", currency_digits(measure->currency), &taking.amount_minor, err);
    if (status == STATUS_OK && !answers->denied)
        status = account_judge(&taking, facts, answers, err);
    json_decref(write_off);
    return status;
}

bool account_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char amount[MONEY_TEXT_MAX], remaining[MONEY_TEXT_MAX], other[MONEY_TEXT_MAX];
    if (code_is(answer, "over-recovery"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "recovers %s of invoice %s, of what %s wrote off %s is left (%s is recovered already)",
                 said_amount(answer, "amount", amount), said(answer, "invoice"), said(answer, "document"),
                 said_amount(answer, "remaining", remaining), said_amount(answer, "recovered", other));
    else if (code_is(answer, "over-receipt"))
        snprintf(ret_text, SENTENCE_BYTES, "takes %s, receipt %s has %s that is neither applied nor recovered from",
                 said_amount(answer, "amount", amount), said(answer, "receipt"),
                 said_amount(answer, "remaining", remaining));
    else if (code_is(answer, "over-account"))
        snprintf(ret_text, SENTENCE_BYTES, "takes %s, customer %s has %s on account (%s more is pending)",
                 said_amount(answer, "amount", amount), said(answer, "customer"),
                 said_amount(answer, "remaining", remaining), said_amount(answer, "pending", other));
    else if (code_is(answer, "unknown-receipt"))
        snprintf(ret_text, SENTENCE_BYTES, "customer %s has no receipt %s in this currency; load the cash first",
                 said(answer, "customer"), said(answer, "receipt"));
    else if (code_is(answer, "not-written-off"))
        snprintf(ret_text, SENTENCE_BYTES, "%s is no posted write-off of this entity (%s); name the one to recover",
                 said(answer, "document"), said(answer, "state"));
    else if (code_is(answer, "reversal-waits"))
        snprintf(ret_text, SENTENCE_BYTES, "%s waits to reverse %s: there would be nothing to recover",
                 said(answer, "reversal"), said(answer, "document"));
    else
        return false;
    return true;
}

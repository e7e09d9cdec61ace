/*
 * What a rebill changes besides the price; see the header. Invoices that are not in the books are C-35's.
 */
#include "controls/rules/rebill.h"

#include "controls/rules/common.h"

static bool has_code(const json_t *taxes, const char *code)
{
    for (size_t i = 0; i < json_array_size(taxes); i++)
        if (strcmp(member_text(json_array_get(taxes, i), "code"), code) == 0)
            return true;
    return false;
}

/* A code that one list has and the other has not; NULL when they have the same. */
static const char *code_apart(const json_t *intended, const json_t *billed)
{
    const json_t *lists[] = {intended, billed};
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < json_array_size(lists[side]); i++) {
            const char *code = member_text(json_array_get(lists[side], i), "code");
            if (!has_code(lists[1 - side], code))
                return code;
        }
    return NULL;
}

/* Asks one of the invoices that are credited; *ret_more false ends the walk. */
typedef enum status invoice_ask(const json_t *intended, const json_t *invoice, struct answers *answers, bool *ret_more,
                                struct err *err);

static enum status invoices_ask(const struct request *request, const struct facts *facts, invoice_ask *ask,
                                struct answers *answers, struct err *err)
{
    const json_t *allocations = json_object_get(request->document, "allocations");
    const json_t *intended = json_object_get(request->document, "invoice");
    enum status status = STATUS_OK;
    bool more = true;
    for (size_t i = 0; status == STATUS_OK && more && i < json_array_size(allocations); i++) {
        json_t *invoice = NULL;
        status = facts_invoice(facts, request->measure.entity, member_text(json_array_get(allocations, i), "invoice"),
                               &invoice, err);
        if (status == STATUS_OK && invoice != NULL)
            status = ask(intended, invoice, answers, &more, err);
        json_decref(invoice);
    }
    return status;
}

static enum status tax_ask(const json_t *intended, const json_t *invoice, struct answers *answers, bool *ret_more,
                           struct err *err)
{
    const char *code = code_apart(json_object_get(intended, "taxes"), json_object_get(invoice, "taxes"));
    if (code == NULL)
        return STATUS_OK;
    *ret_more = false;
    return answer_need_more(answers, "C-02", "rebill-tax",
                            json_pack("{s:s, s:s}", "tax_code", code, "invoice", member_text(invoice, "invoice")), err);
}

enum status rebill_level_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                               struct err *err)
{
    const char *customer = member_text(json_object_get(request->document, "invoice"), "customer");
    if (!request_is_kind(request, KIND_REBILL))
        return STATUS_OK;
    if (strcmp(customer, request->measure.customer) != 0)
        return answer_need_more(answers, "C-02", "rebill-customer",
                                json_pack("{s:s, s:s}", "billed", customer, "customer", request->measure.customer),
                                err);
    return invoices_ask(request, facts, tax_ask, answers, err);
}

static enum status age_ask(const json_t *intended, const json_t *invoice, struct answers *answers, bool *ret_more,
                           struct err *err)
{
    const char *date = member_text(intended, "date"), *due = member_text(intended, "due");
    const char *was = member_text(invoice, "date"), *was_due = member_text(invoice, "due");
    if (strcmp(date, was) == 0 && strcmp(due, was_due) == 0)
        return STATUS_OK;
    *ret_more = false;
    return answer_flag(answers, "C-40", "re-aged",
                       json_pack("{s:s, s:s, s:s, s:s, s:s}", "date", date, "due", due, "invoice",
                                 member_text(invoice, "invoice"), "was", was, "was_due", was_due),
                       err);
}

enum status rebill_age_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                             struct err *err)
{
    return request_is_kind(request, KIND_REBILL) && request->stage == STAGE_SUBMIT
               ? invoices_ask(request, facts, age_ask, answers, err)
               : STATUS_OK;
}

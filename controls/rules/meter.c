/*
 * Corrected meter reads: the reads can be, every bill up to the next actual read is recomputed, and the document moves
 * exactly the differences of its direction, with their tax (FORMAT.md 5.4). The other direction is another document's.
 */
#include "controls/rules/meter.h"

#include "controls/meter.h"
#include "controls/rules/common.h"
#include "ledger/currency.h"

/* The first charge that one list has and the other has not: of what is expected, or else of what is stated. */
static const json_t *charge_differing(const json_t *expected, const json_t *stated)
{
    size_t i = 0;
    while (json_equal(json_array_get(expected, i), json_array_get(stated, i))) /* never so behind an end */
        i++;
    const json_t *charge = json_array_get(expected, i);
    return charge != NULL ? charge : json_array_get(stated, i);
}

static enum status charges_judge(const struct request *request, const struct meter_side *side, struct answers *answers,
                                 struct err *err)
{
    const json_t *stated = json_object_get(request->document, "charges");
    if (json_equal(stated, side->charges))
        return STATUS_OK;
    const json_t *charge = charge_differing(side->charges, stated);
    const char *line = member_text(charge, "line");
    bool expected = charge != json_array_get(stated, json_array_size(side->charges));
    json_t *inputs = json_pack("{s:s, s:s, s:s, s:s, s:b}", "billed", member_text(charge, "billed"), "corrected",
                               member_text(charge, "corrected"), "invoice", member_text(charge, "invoice"), "meter",
                               member_text(charge, "meter"), "expected", expected);
    if (inputs != NULL && line != NULL)
        json_object_set_new(inputs, "line", json_string(line));
    return answer_deny(answers, "C-11", "not-the-usage", inputs, err);
}

static enum status side_judge(const struct request *request, const struct meter_side *side, struct answers *answers,
                              struct err *err)
{
    int digits = currency_digits(request->measure.currency);
    enum status status = charges_judge(request, side, answers, err);
    if (status != STATUS_OK || answers->denied ||
        json_equal(json_object_get(request->document, "allocations"), side->allocations))
        return status;
    return answer_deny(answers, "C-11", "not-the-difference",
                       json_pack("{s:o, s:o}", "amount", amount_text(request->measure.minor, digits), "difference",
                                 amount_text(side->amount_minor, digits)),
                       err);
}

/* Neither amount is in base currency only: C-11 tells amounts in the document's. */
enum status meter_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                        struct err *err)
{
    const json_t *document = request->document;
    const char *direction = member_text(document, "direction");
    struct meter_outcome outcome = {.code = NULL};
    const struct meter_claim claim = {.entity = request->measure.entity,
                                      .customer = request->measure.customer,
                                      .currency = request->measure.currency,
                                      .contract = member_text(document, "contract"),
                                      .reads = json_object_get(document, "reads"),
                                      .shows_replaced = meter_replaced_shown(document)};
    if (claim.reads == NULL)
        return STATUS_OK;
    enum status status = meter_compute(facts, &claim, &outcome, err);
    if (status == STATUS_LIMIT)
        status = answer_deny(answers, "C-11", "sum-too-large", NULL, err);
    else if (status == STATUS_OK && outcome.code != NULL)
        status = answer_deny(answers, "C-11", outcome.code, json_incref(outcome.inputs), err);
    else if (status == STATUS_OK)
        status = side_judge(request, strcmp(direction, "up") == 0 ? &outcome.up : &outcome.down, answers, err);
    meter_outcome_done(&outcome);
    return status;
}

static void reads_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "trued-up"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "read %s was estimated and %s has trued it up; once is all, reverse that document first",
                 said(answer, "read"), said(answer, "document"));
    else if (code_is(answer, "not-replaced"))
        snprintf(ret_text, SENTENCE_BYTES, "read %s: a counter that was exchanged wants evidence of the kind %s",
                 said(answer, "read"), METER_REPLACED_EVIDENCE);
    else if (code_is(answer, "below-actual"))
        snprintf(
            ret_text, SENTENCE_BYTES,
            "read %s: %lld is below the last actual read, %lld in %s; only an exchanged counter, shown by evidence of "
            "the kind %s, begins again",
            said(answer, "read"), (long long)member_integer(answer, "value"),
            (long long)member_integer(answer, "actual_value"), said(answer, "actual"), METER_REPLACED_EVIDENCE);
    else
        snprintf(ret_text, SENTENCE_BYTES,
                 "read %s of %lld does not follow %s of %lld; correct the other of the two, too", said(answer, "read"),
                 (long long)member_integer(answer, "value"), said(answer, "previous"),
                 (long long)member_integer(answer, "previous_value"));
}

void meter_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char billed[MONEY_TEXT_MAX], right[MONEY_TEXT_MAX];
    if (code_is(answer, "unknown-contract"))
        snprintf(ret_text, SENTENCE_BYTES, "there is no contract %s of this customer in this currency",
                 said(answer, "contract"));
    else if (code_is(answer, "unknown-read"))
        snprintf(ret_text, SENTENCE_BYTES, "there is no read %s", said(answer, "read"));
    else if (code_is(answer, "other-contract"))
        snprintf(ret_text, SENTENCE_BYTES, "read %s is of contract %s; one document is about one contract",
                 said(answer, "read"), said(answer, "contract"));
    else if (code_is(answer, "not-the-usage") && json_is_true(json_object_get(answer, "expected")))
        snprintf(ret_text, SENTENCE_BYTES,
                 "by the reads, meter %s on invoice %s was billed %s and comes to %s; the document says otherwise",
                 said(answer, "meter"), said(answer, "invoice"), said_amount(answer, "billed", billed),
                 said_amount(answer, "corrected", right));
    else if (code_is(answer, "not-the-usage"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "the document moves meter %s on invoice %s from %s to %s; by the reads nothing of it goes this way",
                 said(answer, "meter"), said(answer, "invoice"), said_amount(answer, "billed", billed),
                 said_amount(answer, "corrected", right));
    else if (code_is(answer, "not-the-difference"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "the reads make a difference of %s with tax, the document moves %s, or to other invoices or lines",
                 said_amount(answer, "difference", right), said_amount(answer, "amount", billed));
    else
        reads_sentence(answer, ret_text);
}

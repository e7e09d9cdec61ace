/*
 * Cumulative thresholds, the part that C-06, C-07 and C-08 share: the sum over a window decides the levels as a single
 * amount of that size would. Windows are half-open, (t - n days, t], over the times of the submitting entries; what waits
 * counts, and so does the document itself; what was submitted later does not (DESIGN 7). What was reversed counts, unless the
 * window leaves it out and the reversal's reason is an error.
 */
#include "controls/rules/common.h"
#include "ledger/fold.h"

#define DAY_MS INT64_C(86400000)

struct window_case {
    const struct policy_window *window;
    struct books_key group;
    const char *group_name;
    const char *group_member; /* how the group is called in the answer */
    int64_t amount_minor;     /* what the document adds to this group */
};

static int64_t window_after(const struct request *request, const struct facts *facts,
                            const struct policy_window *window)
{
    const struct policy_entity *entity;
    switch (window->span) {
    case WINDOW_LIFE:
        return -1;
    case WINDOW_DAYS:
        return request->time_ms - window->days * DAY_MS;
    case WINDOW_QUARTER:
        entity = policy_find_entity(facts->policy, request->measure.entity);
        return entity == NULL ? -1 : entity_quarter_start(entity, request->time_ms) - 1;
    }
    return -1;
}

static json_t *window_name(const struct policy_window *window)
{
    char text[32];
    switch (window->span) {
    case WINDOW_LIFE:
        return json_string("life");
    case WINDOW_QUARTER:
        return json_string("quarter");
    case WINDOW_DAYS:
        break;
    }
    snprintf(text, sizeof text, "%d days", window->days);
    return json_string(text);
}

static struct window_query case_query(const struct request *request, const struct facts *facts,
                                      const struct window_case *one)
{
    return (struct window_query){.group = &one->group,
                                 .kinds = one->window->kinds,
                                 .after_ms = window_after(request, facts, one->window),
                                 .before_seq = request->seq,
                                 .before_index = request->index,
                                 .not_number = request->number,
                                 .reversed_out = one->window->reversed == WINDOW_REVERSED_LEAVE_OUT};
}

/* The strictest case so far: its levels and what to answer. */
struct strictest {
    uint16_t levels;
    json_t *inputs;
};

static enum status case_judge(const struct request *request, const struct facts *facts, const struct window_case *one,
                              struct strictest *strictest, struct err *err)
{
    const struct policy_row *row = request_row(request, facts);
    const struct window_query query = case_query(request, facts, one);
    struct window_sum sum;
    char members[65];
    enum status status = facts_window(facts, &query, one->amount_minor, &sum, err);
    if (status != STATUS_OK)
        return status;
    uint16_t levels = row_levels(row, sum.sum_minor);
    if ((levels & ~row_levels(row, request->measure.amount_minor)) == 0 || levels <= strictest->levels)
        return STATUS_OK;
    status = facts_window_members(facts, &query, members, err);
    if (status != STATUS_OK)
        return status;
    json_decref(strictest->inputs);
    strictest->levels = levels;
    strictest->inputs = json_pack("{s:o, s:I, s:o, s:s, s:o, s:s, s:o}", "amount", base_text(facts, one->amount_minor),
                                  "count", (json_int_t)sum.count, "limit", bound_text(facts, row, sum.sum_minor),
                                  "members", members, "sum", base_text(facts, sum.sum_minor), one->group_member,
                                  one->group_name, "window", window_name(one->window));
    return strictest->inputs != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
}

static enum status side_invoices_judge(const struct request *request, const struct facts *facts,
                                       const struct policy_window *window, struct strictest *strictest, struct err *err)
{
    const char *invoice;
    json_t *sums = NULL, *sum;
    enum status status = allocations_sum(request->document, &sums, err);
    json_object_foreach(sums, invoice, sum)
    {
        struct window_case one = {.window = window, .group_name = invoice, .group_member = "invoice"};
        window_key_invoice(&one.group, request->measure.entity, invoice);
        if (status == STATUS_OK)
            status = rate_convert(&request->measure.rate, json_integer_value(sum), &one.amount_minor, err);
        if (status == STATUS_OK)
            status = case_judge(request, facts, &one, strictest, err);
    }
    json_decref(sums);
    return status;
}

static enum status invoices_judge(const struct request *request, const struct facts *facts,
                                  const struct policy_window *window, struct strictest *strictest, struct err *err)
{
    enum status status = side_invoices_judge(request, facts, window, strictest, err);
    return status == STATUS_OK && request->receiving != NULL
               ? side_invoices_judge(request->receiving, facts, window, strictest, err)
               : status;
}

static enum status group_judge(const struct request *request, const struct facts *facts,
                               const struct policy_window *window, struct strictest *strictest, struct err *err)
{
    struct window_case one = {.window = window,
                              .amount_minor = request->measure.amount_minor,
                              .group_name = request->measure.group,
                              .group_member = "group"};
    window_key_customer(&one.group, one.group_name);
    return case_judge(request, facts, &one, strictest, err);
}

/* A transfer counts in both customers' groups; one group that they share gives the same case again. */
static enum status customer_judge(const struct request *request, const struct facts *facts,
                                  const struct policy_window *window, struct strictest *strictest, struct err *err)
{
    enum status status = group_judge(request, facts, window, strictest, err);
    return status == STATUS_OK && request->receiving != NULL && request->receiving->measure.group[0] != '\0'
               ? group_judge(request->receiving, facts, window, strictest, err)
               : status;
}

/* Everybody who made it: who only amends, or asks for it, is bound like the one who began. */
static enum status makers_judge(const struct request *request, const struct facts *facts,
                                const struct policy_window *window, struct strictest *strictest, struct err *err)
{
    json_t *makers = NULL, *ignored;
    const char *person;
    enum status status = request_makers(request, &makers, err);
    json_object_foreach(makers, person, ignored)
    {
        struct window_case one = {.window = window,
                                  .amount_minor = request->measure.amount_minor,
                                  .group_name = person,
                                  .group_member = "person"};
        window_key_preparer(&one.group, person);
        if (status == STATUS_OK)
            status = case_judge(request, facts, &one, strictest, err);
    }
    json_decref(makers);
    return status;
}

static enum status window_one(const struct request *request, const struct facts *facts,
                              const struct policy_window *window, struct strictest *strictest, struct err *err)
{
    switch (window->by) {
    case WINDOW_BY_INVOICE:
        return invoices_judge(request, facts, window, strictest, err);
    case WINDOW_BY_CUSTOMER:
        return customer_judge(request, facts, window, strictest, err);
    case WINDOW_BY_PREPARER:
        break;
    }
    return makers_judge(request, facts, window, strictest, err);
}

enum status window_judge(const struct request *request, const struct facts *facts, enum window_by by,
                         struct answers *answers, const char *control, struct err *err)
{
    struct strictest strictest = {.levels = 0};
    enum status status = STATUS_OK;
    /* Unknown customers, reasons and rates are denied by the controls that name them. */
    if (request_row(request, facts) == NULL || request->measure.group[0] == '\0' || request->measure.currency == NULL ||
        !request->measure.in_base)
        return STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < facts->policy->window_count; i++) {
        const struct policy_window *window = &facts->policy->windows[i];
        if (window->by != by || (window->kinds >> request->kind->id & 1) == 0)
            continue;
        status = window_one(request, facts, window, &strictest, err);
    }
    if (status == STATUS_LIMIT) {
        json_decref(strictest.inputs);
        return answer_deny(answers, control, "sum-too-large", NULL, err);
    }
    if (status == STATUS_OK && strictest.inputs != NULL)
        return answer_need(answers, control, "sum", strictest.levels, strictest.inputs, err);
    json_decref(strictest.inputs);
    return status;
}

void window_sentence(const json_t *answer, const char *scope, char ret_text[static SENTENCE_BYTES])
{
    char levels[96], amount[MONEY_TEXT_MAX], sum[MONEY_TEXT_MAX], limit[MONEY_TEXT_MAX];
    if (code_is(answer, "sum-too-large")) {
        snprintf(ret_text, SENTENCE_BYTES, "the sum is too large to be counted");
        return;
    }
    said_levels(answer, levels, sizeof levels);
    snprintf(ret_text, SENTENCE_BYTES, "%s here makes %s over %lld documents (%s), above %s: %s",
             said_amount(answer, "amount", amount), said_amount(answer, "sum", sum),
             (long long)member_integer(answer, "count"), scope, said_amount(answer, "limit", limit), levels);
}

/*
 * The model's money documents: what a credit note, correction, write-off or reversal is asked, and what it does. Sums are made
 * by looking at every document each time, which is slow and plain.
 */
#include "tests/sim/model.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

enum { WINDOW_DAYS = 30, ONE = 1, TWO = 2, THREE = 4 };

/* Bits of levels, by where an amount stands among the ends of three tiers. */
static unsigned tier(int64_t minor, const int64_t ends[3], const unsigned levels[4])
{
    for (int i = 0; i < 3; i++)
        if (minor <= ends[i])
            return levels[i];
    return levels[3];
}

static unsigned row_levels(const struct sim_model *model, enum sim_kind kind, int64_t minor, int64_t now_ms)
{
    static const int64_t debt[3] = {50000, 500000, INT64_MAX}, reversal[3] = {100000, INT64_MAX, INT64_MAX};
    static const unsigned credit_levels[4] = {0, ONE, ONE | TWO, ONE | TWO | THREE};
    static const unsigned debt_levels[4] = {ONE, ONE | TWO, ONE | TWO | THREE, 0};
    static const unsigned reversal_levels[4] = {ONE, ONE | TWO, 0, 0};
    if (kind == SIM_WRITE_OFF)
        return tier(minor, debt, debt_levels);
    if (kind == SIM_REVERSAL)
        return tier(minor, reversal, reversal_levels);
    return tier(minor, sim_tiers[sim_variant(model, now_ms)], credit_levels);
}

static unsigned account_levels(int64_t minor)
{
    return minor == 0 ? 0 : minor <= 5000 ? ONE : ONE | TWO;
}

static bool lives(const struct sim_document *document)
{
    return document->state == SIM_WAITING || document->state == SIM_DONE || document->state == SIM_REVERSED;
}

/* What a content takes off an invoice; what it puts there is less than zero. */
static int64_t takes(const struct sim_content *content, int invoice)
{
    int64_t sum = 0;
    for (int i = 0; i < content->count; i++)
        if (content->allocations[i].invoice == invoice)
            sum += content->up ? -content->allocations[i].minor : content->allocations[i].minor;
    return sum;
}

/* A reversal holds what its original put on an invoice. */
static int64_t holds_of(const struct sim_model *model, const struct sim_content *content, int invoice)
{
    int64_t sum = content->kind == SIM_REVERSAL ? -takes(&model->documents[content->reverses].content, invoice)
                                                : takes(content, invoice);
    return sum > 0 ? sum : 0;
}

int64_t sim_pending(const struct sim_model *model, int invoice, int but)
{
    int64_t sum = 0;
    for (int i = 0; i < model->document_count; i++) {
        const struct sim_document *document = &model->documents[i];
        if (i != but && document->state == SIM_WAITING && sim_is_money(document->content.kind) &&
            document->content.kind != SIM_REVERSAL) /* which holds nothing while it waits */
            sum += holds_of(model, &document->content, invoice);
    }
    return sum;
}

/* What a reversal takes of the account: what its original put there. */
static int64_t account_takes(const struct sim_model *model, const struct sim_content *content)
{
    return content->kind == SIM_REVERSAL ? model->documents[content->reverses].content.on_account : 0;
}

/* ---- windows ---- */

struct window {
    int invoice, customer; /* one of them, the other SIM_NONE */
    int64_t after_ms;
    bool write_offs, leave_out;
};

static bool window_has(const struct window *window, const struct sim_document *document)
{
    const struct sim_content *content = &document->content;
    bool kind = content->kind == SIM_CREDIT_NOTE || content->kind == SIM_CORRECTION ||
                (window->write_offs && content->kind == SIM_WRITE_OFF);
    return kind && lives(document);
}

/* Those of the same invoice or customer at places before, in order from the latest: the first that is too old ends it. */
static int in_group(const struct sim_model *model, const struct window *window, const struct sim_case *one,
                    const struct sim_document *ret_list[SIM_DOCUMENTS])
{
    int count = 0;
    for (int i = 0; i < model->document_count; i++) {
        const struct sim_document *document = &model->documents[i];
        bool before = document->seq < one->seq || (document->seq == one->seq && document->index < one->index);
        bool member = window->invoice != SIM_NONE ? takes(&document->content, window->invoice) != 0
                                                  : document->content.customer == window->customer;
        if (i == one->self || !sim_is_money(document->content.kind) || document->content.kind == SIM_REVERSAL ||
            !before || !member || !lives(document))
            continue;
        int place = count++;
        while (place > 0 &&
               (ret_list[place - 1]->seq < document->seq ||
                (ret_list[place - 1]->seq == document->seq && ret_list[place - 1]->index < document->index))) {
            ret_list[place] = ret_list[place - 1];
            place--;
        }
        ret_list[place] = document;
    }
    return count;
}

static int64_t window_sum(const struct sim_model *model, const struct window *window, const struct sim_case *one,
                          int *ret_count)
{
    const struct sim_document *list[SIM_DOCUMENTS];
    int count = in_group(model, window, one, list);
    int64_t sum = window->invoice != SIM_NONE ? llabs(takes(one->content, window->invoice)) : one->content->amount;
    *ret_count = 1;
    for (int i = 0; i < count; i++) {
        const struct sim_document *document = list[i];
        if (document->time_ms <= window->after_ms)
            break;
        if (!window_has(window, document))
            continue;
        if (window->leave_out && document->state == SIM_REVERSED &&
            model->documents[document->reversal].content.reason == 0)
            continue;
        sum +=
            window->invoice != SIM_NONE ? llabs(takes(&document->content, window->invoice)) : document->content.amount;
        (*ret_count)++;
    }
    return sum;
}

/* The strictest of the cases of one control. */
struct strictest {
    unsigned levels;
    int64_t sum;
    int count;
};

static void window_judge(const struct sim_model *model, const struct window *window, const struct sim_case *one,
                         int64_t now_ms, struct strictest *strictest)
{
    int count;
    int64_t sum = window_sum(model, window, one, &count);
    unsigned levels = row_levels(model, one->content->kind, sum, now_ms);
    unsigned own = row_levels(model, one->content->kind, one->content->amount, now_ms);
    if ((levels & ~own) != 0 && levels > strictest->levels)
        *strictest = (struct strictest){.levels = levels, .sum = sum, .count = count};
}

static int64_t quarter_before(int64_t time_ms)
{
    int month = sim_month(sim_date(time_ms));
    return sim_month_first(month - month % 3) * DAY_MS - 1;
}

static unsigned windows_judge(const struct sim_model *model, const struct sim_case *one, int64_t now_ms,
                              struct sim_answers *answers)
{
    struct strictest by_invoice = {.levels = 0}, by_customer = {.levels = 0};
    const struct sim_content *content = one->content;
    if (content->kind == SIM_REVERSAL)
        return 0;
    for (int i = 0; i < content->count; i++) {
        const struct window life = {
            .invoice = content->allocations[i].invoice, .customer = SIM_NONE, .after_ms = -1, .write_offs = true};
        window_judge(model, &life, one, now_ms, &by_invoice);
    }
    const struct window days = {.invoice = SIM_NONE,
                                .customer = content->customer,
                                .write_offs = true,
                                .after_ms = one->time_ms - WINDOW_DAYS * DAY_MS};
    const struct window quarter = {.invoice = SIM_NONE,
                                   .customer = content->customer,
                                   .leave_out = true,
                                   .after_ms = quarter_before(one->time_ms)};
    window_judge(model, &days, one, now_ms, &by_customer);
    if (content->kind != SIM_WRITE_OFF)
        window_judge(model, &quarter, one, now_ms, &by_customer);
    if (by_invoice.levels != 0)
        sim_need(answers, "C-06 sum %" PRId64 " of %d", by_invoice.sum, by_invoice.count);
    if (by_customer.levels != 0)
        sim_need(answers, "C-07 sum %" PRId64 " of %d", by_customer.sum, by_customer.count);
    return by_invoice.levels | by_customer.levels;
}

/* ---- the questions ---- */

static enum sim_kind authority(const struct sim_model *model, const struct sim_content *content)
{
    return content->kind == SIM_REVERSAL ? model->documents[content->reverses].content.kind : content->kind;
}

static unsigned amount_judge(const struct sim_model *model, const struct sim_moment *moment, const struct sim_case *one,
                             struct sim_answers *answers)
{
    const struct sim_content *content = one->content;
    enum sim_role role = authority(model, content) == SIM_WRITE_OFF ? SIM_COLLECTOR : SIM_SPECIALIST;
    int64_t amount =
        content->kind == SIM_REVERSAL ? model->documents[content->reverses].content.amount : content->amount;
    if (one->stage == SIM_AT_SUBMIT && !sim_holds(model, moment->user, role, moment->now_ms))
        sim_say(answers, "C-02 no-function");
    unsigned levels = row_levels(model, content->kind, amount, moment->now_ms),
             more = account_levels(content->on_account);
    if (levels != 0)
        sim_need(answers, "C-02 amount");
    if ((more & ~levels) != 0)
        sim_need(answers, "C-02 on-account");
    return levels | more;
}

bool sim_material_changed(const struct sim_model *model, const struct sim_content *content, uint64_t seen)
{
    const struct sim_content *about =
        content->kind == SIM_REVERSAL ? &model->documents[content->reverses].content : content;
    for (int i = 0; sim_is_money(content->kind) && i < about->count; i++)
        if (model->invoices[about->allocations[i].invoice].known > seen)
            return true;
    return false;
}

static void remaining_judge(const struct sim_model *model, const struct sim_case *one, struct sim_answers *answers)
{
    const struct sim_content *content = one->content;
    const struct sim_content *about =
        content->kind == SIM_REVERSAL ? &model->documents[content->reverses].content : content;
    if (answers->lowest < 35)
        return;
    for (int i = 0; i < about->count; i++) {
        int invoice = about->allocations[i].invoice;
        if (content->kind != SIM_REVERSAL && model->invoices[invoice].customer != content->customer) {
            sim_say(answers, "C-35 other-customer");
            return;
        }
        int64_t taken = holds_of(model, content, invoice);
        if (taken > model->invoices[invoice].open - sim_pending(model, invoice, one->self) && taken > 0) {
            sim_say(answers, "C-35 over-credit");
            return;
        }
    }
    int64_t wanted = account_takes(model, content);
    if (wanted > 0 && wanted > -model->account[about->customer])
        sim_say(answers, "C-35 over-account");
}

static void duplicate_judge(const struct sim_model *model, const struct sim_case *one, struct sim_answers *answers)
{
    const struct sim_content *content = one->content;
    for (int a = 0; a < content->count; a++)
        for (int i = 0; i < model->document_count; i++) {
            const struct sim_document *other = &model->documents[i];
            bool reason = (other->content.kind == SIM_WRITE_OFF) == (content->kind == SIM_WRITE_OFF);
            if (i == one->self || !sim_is_money(other->content.kind) || other->content.kind == SIM_REVERSAL ||
                !reason || (other->state != SIM_WAITING && other->state != SIM_DONE) ||
                other->content.customer != content->customer)
                continue;
            for (int b = 0; b < other->content.count; b++)
                if (other->content.allocations[b].invoice == content->allocations[a].invoice &&
                    other->content.allocations[b].minor == content->allocations[a].minor) {
                    sim_say(answers, "C-38 duplicate");
                    return;
                }
        }
}

void sim_judge_month(const struct sim_model *model, const struct sim_content *content, struct sim_answers *answers)
{
    enum sim_month state = model->months[sim_month(content->date)];
    if (state == SIM_HARD)
        sim_say(answers, "C-39 hard-closed");
    else if (state == SIM_SOFT)
        sim_say(answers, "C-39 soft-closed");
}

static void date_judge(const struct sim_model *model, const struct sim_case *one, int64_t now_ms,
                       struct sim_answers *answers)
{
    const struct sim_content *content = one->content;
    if (content->date > sim_date(now_ms)) {
        sim_say(answers, "C-40 forward-dated");
        return;
    }
    bool before = content->kind == SIM_REVERSAL && content->date < model->documents[content->reverses].content.date;
    for (int i = 0; i < content->count; i++)
        before = before || content->date < model->invoices[content->allocations[i].invoice].date;
    if (before && (content->kind == SIM_REVERSAL || answers->lowest == 99))
        sim_say(answers, "C-40 before-original");
}

static unsigned reversal_judge(const struct sim_model *model, const struct sim_case *one, struct sim_answers *answers)
{
    const struct sim_document *original = &model->documents[one->content->reverses];
    unsigned levels = ONE;
    if (original->content.kind == SIM_REVERSAL) {
        sim_say(answers, "C-43 not-reversible");
        return 0;
    }
    if (original->state != SIM_DONE) {
        sim_say(answers, "C-43 not-posted");
        return 0;
    }
    if (answers->lowest < 99)
        return 0; /* a denial before this silences the rest */
    for (int i = 0; i < model->document_count; i++)
        if (i != one->self && model->documents[i].content.kind == SIM_REVERSAL &&
            model->documents[i].state == SIM_WAITING &&
            model->documents[i].content.reverses == one->content->reverses) {
            sim_say(answers, "C-43 reversal-waits");
            return 0;
        }
    for (int i = 0; i < original->approval_count; i++)
        levels |= 1U << (original->approvals[i].level - 1);
    sim_need(answers, "C-43 mirror");
    return levels;
}

unsigned sim_judge_money(const struct sim_model *model, const struct sim_moment *moment, const struct sim_case *one,
                         struct sim_answers *answers)
{
    unsigned levels = amount_judge(model, moment, one, answers);
    levels |= windows_judge(model, one, moment->now_ms, answers);
    remaining_judge(model, one, answers);
    duplicate_judge(model, one, answers);
    sim_judge_month(model, one->content, answers);
    date_judge(model, one, moment->now_ms, answers);
    if (one->content->kind == SIM_REVERSAL)
        levels |= reversal_judge(model, one, answers);
    return levels;
}

/* ---- what it does ---- */

static void money_effect(struct sim_model *model, const struct sim_content *content, int sign, uint64_t known)
{
    for (int i = 0; i < content->count; i++) {
        struct sim_invoice *invoice = &model->invoices[content->allocations[i].invoice];
        invoice->open -= sign * (content->up ? -content->allocations[i].minor : content->allocations[i].minor);
        if (invoice->known < known)
            invoice->known = known;
    }
    model->account[content->customer] -= sign * content->on_account;
}

static void governance_effect(struct sim_model *model, const struct sim_content *content)
{
    if (content->kind == SIM_REVOCATION)
        model->documents[content->target].ended = true;
    if (content->kind == SIM_ENROLMENT) {
        model->users[content->user].enrolled = true;
        model->users[content->user].person = content->person;
    }
    if (content->kind == SIM_ENROLMENT || content->kind == SIM_ROTATION) {
        model->keys[content->key].valid = model->keys[content->key].known = true;
        model->keys[content->key].user = content->user;
        model->keys[content->key].since_ms = SIM_NEVER;
    }
    if (content->kind == SIM_ROTATION)
        model->keys[content->old_key].valid = false;
    if (content->kind == SIM_KEY_REVOCATION) {
        model->keys[content->key].valid = false;
        model->keys[content->key].since_ms = content->since_ms;
    }
    if (content->kind == SIM_POLICY) {
        model->policies[model->policy_count].variant = content->variant;
        model->policies[model->policy_count++].effective_ms = content->effective_ms;
    }
    if (content->kind == SIM_PERIOD && model->months[content->month] != SIM_HARD)
        model->months[content->month] = (enum sim_month)content->state;
}

void sim_take_effect(struct sim_model *model, int number)
{
    struct sim_document *document = &model->documents[number];
    document->state = SIM_DONE;
    document->needed = 0;
    if (!sim_is_money(document->content.kind)) {
        governance_effect(model, &document->content);
        return;
    }
    document->legal = ++model->legals[document->content.kind][sim_month(document->content.date) / 12];
    if (document->content.kind == SIM_REVERSAL) {
        struct sim_document *original = &model->documents[document->content.reverses];
        money_effect(model, &original->content, -1, document->seq);
        original->state = SIM_REVERSED;
        original->reversal = number;
    } else {
        money_effect(model, &document->content, 1, document->seq);
    }
}

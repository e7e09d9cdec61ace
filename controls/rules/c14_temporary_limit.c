/*
 * C-14 Temporary limit expiry: a temporary limit is above the permanent one, short, shorter for a customer who is new
 * within a year, and renewed so many times in a row at most; then the permanent limit has to be changed, which begins a new
 * row. Lapse needs no act: who asks for the limit after its last day finds the permanent one.
 */
#include "controls/facts_limits.h"
#include "controls/rules/common.h"
#include "ledger/instant.h"

/* ROW_MAX: temporary limits of one customer between two changes of the permanent one, above what a policy can allow in a row. */
enum { NEW_DAYS = 365, ROW_MAX = 128 };

struct span {
    int32_t from, to;
};

/* Of a document in the journal. */
struct place {
    int64_t seq, index;
};

/* The others of the customer since the permanent limit last changed. */
struct row {
    const struct request *request;
    const struct facts *facts;
    struct place since;
    struct span spans[ROW_MAX];
    size_t count;
    bool full; /* there are more */
};

static enum status span_read(const json_t *document, struct span *ret_span, struct err *err)
{
    enum status status = date_parse(member_text(document, "from"), DATE_TEXT_BYTES - 1, &ret_span->from, err);
    return status == STATUS_OK ? date_parse(member_text(document, "to"), DATE_TEXT_BYTES - 1, &ret_span->to, err)
                               : status;
}

static bool before(struct place one, struct place other)
{
    return one.seq < other.seq || (one.seq == other.seq && one.index < other.index);
}

/* Between the permanent limit's change and the document that is judged. */
static bool in_reach(const struct row *row, const json_t *record)
{
    const struct place now = {.seq = (int64_t)row->request->seq, .index = (int64_t)row->request->index};
    const struct place place = {.seq = member_integer(record, "seq"), .index = member_integer(record, "index")};
    return before(place, now) && before(row->since, place);
}

static enum status row_step(void *context, struct slice key, const json_t *one, bool *ret_more, struct err *err)
{
    struct row *row = context;
    const char *number = member_text(one, "number");
    json_t *record = NULL;
    (void)key;
    if (row->request->number != NULL && strcmp(row->request->number, number) == 0)
        return STATUS_OK;
    enum status status = facts_document(row->facts, number, &record, err);
    if (status == STATUS_OK && record == NULL)
        status = err_set(err, STATUS_CORRUPT, "books: limit %s is not there", number);
    if (status == STATUS_OK && in_reach(row, record)) {
        row->full = row->count == ROW_MAX;
        *ret_more = !row->full;
        if (!row->full)
            status = span_read(json_object_get(record, "document"), &row->spans[row->count++], err);
    }
    json_decref(record);
    return status;
}

/* How many stand in a row with the span: what touches it within the gap, and what touches that. */
static int64_t row_count(struct row *row, struct span span, int64_t gap_days)
{
    int64_t count = 0;
    for (bool found = true; found;) {
        found = false;
        for (size_t i = 0; i < row->count; i++) {
            struct span *other = &row->spans[i];
            if (other->to < other->from || other->to + gap_days < span.from || span.to + gap_days < other->from)
                continue;
            span.from = other->from < span.from ? other->from : span.from;
            span.to = other->to > span.to ? other->to : span.to;
            *other = (struct span){.from = 1, .to = 0}; /* counted */
            found = true;
            count++;
        }
    }
    return count;
}

static enum status renewals_judge(const struct request *request, const struct facts *facts, const json_t *customer,
                                  struct span span, struct answers *answers, struct err *err)
{
    const struct policy *policy = facts->policy;
    const char *entity = request->measure.entity;
    int64_t most = policy_parameter(policy, entity, PARAMETER_TEMPORARY_LIMIT_RENEWALS_MAX);
    struct row row = {
        .request = request,
        .facts = facts,
        .since = {.seq = member_integer(customer, "limit_seq"), .index = member_integer(customer, "limit_index")}};
    enum status status = facts_temporary_each(facts, entity, request->measure.customer, row_step, &row, err);
    if (status != STATUS_OK)
        return status;
    if (row.full)
        return answer_deny(answers, "C-14", "too-many", json_pack("{s:i}", "limit", (int)ROW_MAX), err);
    int64_t renewals = row_count(&row, span, policy_parameter(policy, entity, PARAMETER_TEMPORARY_LIMIT_GAP_DAYS));
    return renewals <= most
               ? STATUS_OK
               : answer_deny(answers, "C-14", "renewals",
                             json_pack("{s:I, s:I}", "limit", (json_int_t)most, "renewals", (json_int_t)renewals), err);
}

/* New within a year of the local day on which a feed first brought the customer. */
static enum status length_judge(const struct request *request, const struct facts *facts, const json_t *customer,
                                struct span span, struct answers *answers, struct err *err)
{
    const struct policy_entity *entity = policy_find_entity(facts->policy, request->measure.entity);
    const char *since = member_text(customer, "since");
    int64_t since_ms = 0;
    if (entity == NULL)
        return STATUS_OK; /* C-02 denies an unknown entity */
    enum status status = instant_parse(since, strlen(since), &since_ms, err);
    if (status != STATUS_OK)
        return status;
    bool new = span.from < entity_date(entity, since_ms) + NEW_DAYS;
    int64_t most = policy_parameter(facts->policy, entity->entity,
                                    new ? PARAMETER_TEMPORARY_LIMIT_NEW_DAYS_MAX : PARAMETER_TEMPORARY_LIMIT_DAYS_MAX);
    if (span.to - span.from <= most)
        return STATUS_OK;
    return answer_deny(answers, "C-14", new ? "too-long-new" : "too-long",
                       json_pack("{s:I, s:I}", "days", (json_int_t)(span.to - span.from), "limit", (json_int_t)most),
                       err);
}

static enum status over_judge(const struct request *request, const struct facts *facts, struct span span,
                              struct answers *answers, struct err *err)
{
    const struct policy_entity *entity = policy_find_entity(facts->policy, request->measure.entity);
    return entity != NULL && span.to < entity_date(entity, facts->time_ms)
               ? answer_deny(answers, "C-14", "over", json_pack("{s:s}", "to", member_text(request->document, "to")),
                             err)
               : STATUS_OK;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    json_t *customer = NULL;
    struct span span;
    if (!request_is_kind(request, KIND_TEMPORARY_LIMIT))
        return STATUS_OK;
    enum status status = span_read(request->document, &span, err);
    if (status == STATUS_OK)
        status = facts_customer(facts, request->measure.entity, request->measure.customer, &customer, err);
    if (status != STATUS_OK || customer == NULL)
        return status; /* C-34 denies an unknown customer */
    if (request->measure.minor == 0)
        status = answer_deny(answers, "C-14", "not-above",
                             json_pack("{s:s, s:s}", "limit", member_text(request->document, "limit"), "previous",
                                       member_text(request->document, "previous")),
                             err);
    if (status == STATUS_OK)
        status = over_judge(request, facts, span, answers, err);
    if (status == STATUS_OK)
        status = length_judge(request, facts, customer, span, answers, err);
    if (status == STATUS_OK)
        status = renewals_judge(request, facts, customer, span, answers, err);
    json_decref(customer);
    return status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char limit[MONEY_TEXT_MAX], previous[MONEY_TEXT_MAX];
    if (code_is(answer, "not-above"))
        snprintf(ret_text, SENTENCE_BYTES, "%s is not above the permanent limit %s; change that one instead",
                 said_amount(answer, "limit", limit), said_amount(answer, "previous", previous));
    else if (code_is(answer, "over"))
        snprintf(ret_text, SENTENCE_BYTES, "its last day, %s, is over", said(answer, "to"));
    else if (code_is(answer, "too-many"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "more than %lld temporary limits since the permanent limit changed; change that one instead",
                 (long long)member_integer(answer, "limit"));
    else if (code_is(answer, "renewals"))
        snprintf(
            ret_text, SENTENCE_BYTES,
            "%lld temporary limits stand in a row before it, renewed %lld times at most; change the permanent limit",
            (long long)member_integer(answer, "renewals"), (long long)member_integer(answer, "limit"));
    else
        snprintf(ret_text, SENTENCE_BYTES, "it lasts %lld days; %s %lld at most",
                 (long long)member_integer(answer, "days"),
                 code_is(answer, "too-long-new") ? "a customer new within a year gets" : "a temporary limit lasts",
                 (long long)member_integer(answer, "limit"));
}

const struct control control_c14 = {
    .id = "C-14",
    .title = "Temporary limit expiry",
    .objective = "No temporary limit becomes perpetual",
    .assertion = "authorisation, valuation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_DOCUMENT,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "temporary_limit_days_max, temporary_limit_gap_days, temporary_limit_new_days_max, "
                  "temporary_limit_renewals_max",
    .framework = "COSO 10; COBIT DSS06.02",
    .codes = "not-above over too-long too-long-new renewals too-many",
    .judge = judge,
    .sentence = sentence,
};

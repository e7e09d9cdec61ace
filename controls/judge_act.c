/*
 * What one member of a statement comes to. A document is judged when it is submitted or amended, at each approval, and
 * again in full when its last level has been signed: two that wait can together breach what each alone does not.
 */
#include "controls/judge_act.h"

#include <stdio.h>
#include <string.h>

#include "controls/facts_delegation.h"
#include "controls/kind.h"
#include "controls/kinds/functional.h"
#include "ledger/books.h"
#include "ledger/canon.h"
#include "ledger/entry.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/statement.h"

#define DAY_MS INT64_C(86400000)

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory for a result");
}

/* A result with the members that all have; list is borrowed. */
static enum status result_make(const char *outcome, const char *content, json_t *list, json_t **ret_result,
                               struct err *err)
{
    *ret_result = json_pack("{s:s, s:O, s:s}", "content", content, "controls", list, "outcome", outcome);
    return *ret_result != NULL ? STATUS_OK : no_memory(err);
}

static enum status content_hex(const struct act *act, char ret_hex[static HASH_HEX_CHARS + 1], struct err *err)
{
    struct hash content;
    enum status status = statement_content(act->statement, act->index, &content, err);
    if (status == STATUS_OK)
        hash_to_hex(&content, ret_hex);
    return status;
}

/* What the document amounts to in base currency, by the rate of its date. No rate, or too much: C-10 denies. */
static enum status measure_in_base(struct measure *measure, const struct facts *facts, struct err *err)
{
    int64_t amount = 0, on_account = 0;
    measure->minor = measure->amount_minor;
    measure->on_account_base_minor = measure->on_account_minor;
    measure->in_base = true;
    if (measure->currency == NULL)
        return STATUS_OK; /* a reversal takes its original's amount in base */
    const char *const pair[2] = {facts->policy->base, measure->currency};
    enum status status = facts_rate(facts, measure->entity, pair, measure->date, &measure->rate, err);
    if (status != STATUS_OK || measure->rate.verdict == RATE_SAME)
        return status;
    measure->in_base = measure->rate.verdict == RATE_FOUND &&
                       rate_convert(&measure->rate, measure->minor, &amount, NULL) == STATUS_OK &&
                       rate_convert(&measure->rate, measure->on_account_minor, &on_account, NULL) == STATUS_OK;
    measure->amount_minor = measure->in_base ? amount : 0;
    measure->on_account_base_minor = measure->in_base ? on_account : 0;
    return STATUS_OK;
}

static enum status request_measure(struct request *request, const struct facts *facts, struct err *err)
{
    if (request->kind->measure == NULL)
        return STATUS_OK;
    enum status status = request->kind->measure(request->document, facts, &request->measure, err);
    return status == STATUS_OK ? measure_in_base(&request->measure, facts, err) : status;
}

/* The levels that are needed in the end: all that controls ask, and further ones of the row where they want more. */
static uint16_t levels_needed(const struct request *request, const struct facts *facts, const struct answers *answers)
{
    uint16_t levels = answers->levels;
    const struct policy_reason *reason =
        request->measure.reason != NULL ? policy_find_reason(facts->policy, request->measure.reason) : NULL;
    const struct policy_row *row =
        reason != NULL ? policy_find_row(facts->policy, reason->row, request->measure.entity) : NULL;
    uint16_t highest = row != NULL && row->tier_count > 0 ? row->tiers[row->tier_count - 1].levels : 0;
    for (int more = answers->more_levels; more > 0; more--)
        for (int level = 1; level <= LEVELS_MAX; level++) {
            uint16_t bit = (uint16_t)(1U << (level - 1));
            if ((highest & bit) != 0 && (levels & bit) == 0) {
                levels |= bit;
                break;
            }
        }
    return levels;
}

/* The ledger lines that posting makes, judged. *ret_lines stays NULL for kinds without. */
static enum status lines_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                               json_t **ret_lines, struct err *err)
{
    json_t *lines = NULL;
    if (request->kind->lines == NULL)
        return STATUS_OK;
    enum status status = request->kind->lines(request->document, facts, &lines, err);
    if (status == STATUS_OK)
        status = functional_complete(request->document, facts, lines, err);
    if (status != STATUS_OK)
        json_decref(lines);
    if (status == STATUS_LIMIT)
        return answer_deny(answers, "C-44", "lines-too-large", NULL, err);
    if (status != STATUS_OK)
        return status;
    struct request at_lines = *request;
    at_lines.stage = STAGE_LINES;
    at_lines.lines = lines;
    status = controls_judge(&at_lines, facts, answers, err);
    if (status == STATUS_OK)
        *ret_lines = lines;
    else
        json_decref(lines);
    return status;
}

static enum status legal_number(const struct request *request, const struct facts *facts, json_t *result,
                                struct err *err)
{
    const struct policy_entity *entity =
        request->measure.entity != NULL ? policy_find_entity(facts->policy, request->measure.entity) : NULL;
    char series[ID_BYTES_MAX + 1], number[2 * ID_BYTES_MAX];
    int64_t last;
    if (!request->kind->numbered || entity == NULL)
        return STATUS_OK;
    snprintf(series, sizeof series, "%s-%s-%d", entity->entity, kind_prefix(request->kind->id),
             entity_fiscal_year(entity, request->measure.date));
    enum status status = facts_last_number(facts, series, &last, err);
    if (status != STATUS_OK)
        return status;
    snprintf(number, sizeof number, "%s-%06lld", series, (long long)last + 1);
    return json_object_set_new(result, "number", json_string(number)) == 0 ? STATUS_OK : no_memory(err);
}

/* Puts lines and legal number into the result of a document that takes effect. */
static enum status result_effect(const struct request *request, const struct facts *facts, json_t *result,
                                 json_t *lines, struct err *err)
{
    if (lines != NULL && json_object_set(result, "lines", lines) != 0)
        return no_memory(err);
    return legal_number(request, facts, result, err);
}

static enum status result_base(const struct request *request, const struct facts *facts, json_t *result,
                               struct err *err)
{
    char text[MONEY_TEXT_MAX];
    if (request->measure.entity == NULL)
        return STATUS_OK;
    money_format(request->measure.amount_minor, facts->policy->base_digits, text);
    if (json_object_set_new(result, "base", json_string(text)) != 0)
        return no_memory(err);
    return request->measure.rate.verdict != RATE_FOUND ||
                   json_object_set_new(result, "rate", rate_to_json(&request->measure.rate)) == 0
               ? STATUS_OK
               : no_memory(err);
}

static enum status result_waits(const struct facts *facts, json_t *result, uint16_t levels, struct err *err)
{
    char until[INSTANT_TEXT_BYTES];
    int64_t until_ms;
    enum status status = instant_add(facts->time_ms, facts->policy->lapse_days * DAY_MS, &until_ms, err);
    if (status != STATUS_OK)
        return status;
    instant_format(until_ms, until);
    return json_object_set_new(result, "levels", levels_to_json(levels)) == 0 &&
                   json_object_set_new(result, "until", json_string(until)) == 0
               ? STATUS_OK
               : no_memory(err);
}

static enum status request_number(const struct request *request, const struct facts *facts,
                                  char ret_number[static ID_BYTES_MAX + 1], struct err *err)
{
    int64_t last;
    if (request->number != NULL) {
        snprintf(ret_number, ID_BYTES_MAX + 1, "%s", request->number);
        return STATUS_OK;
    }
    enum status status = facts_last_number(facts, kind_prefix(request->kind->id), &last, err);
    if (status == STATUS_OK)
        snprintf(ret_number, ID_BYTES_MAX + 1, "%s-%lld", kind_prefix(request->kind->id), (long long)last + 1);
    return status;
}

static const char *effect_outcome(const struct kind *kind)
{
    return kind->posts ? "posted" : "in-force";
}

/* The result of a document that no control denied. */
static enum status result_admitted(const struct request *request, const struct facts *facts,
                                   const struct answers *answers, json_t *lines, const char *content,
                                   json_t **ret_result, struct err *err)
{
    char number[ID_BYTES_MAX + 1];
    uint16_t levels = levels_needed(request, facts, answers);
    json_t *result = NULL;
    enum status status = request_number(request, facts, number, err);
    if (status == STATUS_OK)
        status =
            result_make(levels == 0 ? effect_outcome(request->kind) : "waiting", content, answers->list, &result, err);
    if (status != STATUS_OK)
        return status;
    int64_t version = request->record != NULL ? member_integer(request->record, "version") + 1 : 1;
    json_object_set_new(result, "document", json_string(number));
    json_object_set_new(result, "version", json_integer(version));
    status = result_base(request, facts, result, err);
    if (status == STATUS_OK && request->kind->tell != NULL)
        status = request->kind->tell(request->document, facts, result, err);
    if (status == STATUS_OK)
        status =
            levels == 0 ? result_effect(request, facts, result, lines, err) : result_waits(facts, result, levels, err);
    if (status == STATUS_OK)
        *ret_result = result;
    else
        json_decref(result);
    return status;
}

/* Whether the document's ref is taken: a repeat of the same document, or another one under the same ref. */
static enum status ref_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                             char ret_repeat[static ID_BYTES_MAX + 1], struct err *err)
{
    json_t *ref = NULL;
    struct hash hash;
    char hex[HASH_HEX_CHARS + 1];
    const char *entity = member_text(request->document, "entity"), *text = member_text(request->document, "ref");
    struct books_key key = books_key_pair(entity != NULL ? entity : "", text);
    ret_repeat[0] = '\0';
    enum status status = books_get(facts->books, BOOKS_REFS, &key, &ref, err);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status == STATUS_OK)
        status = canon_hash(request->document, &hash, err);
    if (status == STATUS_OK) {
        hash_to_hex(&hash, hex);
        if (strcmp(hex, member_text(ref, "hash")) == 0)
            snprintf(ret_repeat, ID_BYTES_MAX + 1, "%s", member_text(ref, "document"));
        else
            status = answer_deny(answers, "C-38", "ref-taken",
                                 json_pack("{s:s, s:s}", "document", member_text(ref, "document"), "ref", text), err);
    }
    json_decref(ref);
    return status;
}

static enum status result_repeat(const char *number, const char *content, const struct answers *answers,
                                 json_t **ret_result, struct err *err)
{
    enum status status = result_make("repeat", content, answers->list, ret_result, err);
    if (status == STATUS_OK && json_object_set_new(*ret_result, "document", json_string(number)) != 0)
        status = no_memory(err);
    return status;
}

/* For whom the act is done; a user that is not there leaves the person empty, and C-17 denies. */
static enum status request_behalf(struct request *request, const struct facts *facts, const char *user, struct err *err)
{
    if (user == NULL)
        return STATUS_OK;
    snprintf(request->behalf.user, sizeof request->behalf.user, "%s", user);
    enum status status = facts_actor(facts, user, &request->behalf, err);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* The decision names the delegation that an act for another counts under. */
static enum status result_delegation(const struct request *request, int level, const struct facts *facts,
                                     json_t *result, struct err *err)
{
    char function[FUNCTION_NAME_BYTES];
    const char *outcome = member_text(result, "outcome");
    enum kind_id authority = KIND_UNKNOWN;
    enum delegation_state state = DELEGATION_NONE;
    json_t *delegation = NULL;
    if (request->behalf.user[0] == '\0' || strcmp(outcome, "refused") == 0 || strcmp(outcome, "repeat") == 0)
        return STATUS_OK;
    enum status status = kind_authority(request->kind, request->document, facts, &authority, err);
    if (status != STATUS_OK)
        return status;
    kind_function(request->kind, authority, level, function);
    const struct delegation_ask ask = {.from_user = request->behalf.user,
                                       .to_user = request->actor.user,
                                       .function = function,
                                       .entity = request->measure.entity != NULL ? request->measure.entity : "",
                                       .amount_minor = request->measure.amount_minor};
    status = facts_delegation(facts, &ask, &state, &delegation, err);
    if (status == STATUS_OK && json_object_set(result, "delegation", json_object_get(delegation, "number")) != 0)
        status = no_memory(err);
    json_decref(delegation);
    return status;
}

/* A document of submit or amend: ref, controls, and what they come to. */
static enum status document_judge(struct request *request, const struct act *act, struct answers *answers,
                                  json_t **ret_result, struct err *err)
{
    char content[HASH_HEX_CHARS + 1], repeat[ID_BYTES_MAX + 1];
    json_t *lines = NULL;
    enum status status = content_hex(act, content, err);
    if (status == STATUS_OK)
        status = request_behalf(request, act->facts, member_text(request->document, "behalf"), err);
    if (status == STATUS_OK)
        status = ref_judge(request, act->facts, answers, repeat, err);
    if (status != STATUS_OK)
        return status;
    if (repeat[0] != '\0')
        return result_repeat(repeat, content, answers, ret_result, err);
    if (!answers->denied)
        status = controls_judge(request, act->facts, answers, err);
    if (status == STATUS_OK && !answers->denied && levels_needed(request, act->facts, answers) == 0)
        status = lines_judge(request, act->facts, answers, &lines, err);
    if (status == STATUS_OK)
        status = answers->denied ? result_make("refused", content, answers->list, ret_result, err)
                                 : result_admitted(request, act->facts, answers, lines, content, ret_result, err);
    if (status == STATUS_OK)
        status = result_delegation(request, 0, act->facts, *ret_result, err);
    json_decref(lines);
    return status;
}

static struct request request_begin(const struct act *act, enum stage stage)
{
    return (struct request){.stage = stage,
                            .statement = act->statement,
                            .signatures = act->signatures,
                            .actor = *act->actor,
                            .seq = act->facts->seq,
                            .index = act->index,
                            .act_index = act->index,
                            .time_ms = act->facts->time_ms};
}

enum status act_submit(const struct act *act, json_t **ret_result, struct err *err)
{
    struct request request = request_begin(act, STAGE_SUBMIT);
    struct answers answers;
    request.document = statement_document(act->statement, act->index);
    request.kind = kind_find(member_text(request.document, "kind"));
    enum status status = answers_init(&answers, err);
    if (status == STATUS_OK)
        status = request_measure(&request, act->facts, err);
    if (status == STATUS_OK)
        status = document_judge(&request, act, &answers, ret_result, err);
    answers_done(&answers);
    return status;
}

enum status act_amend(const struct act *act, json_t **ret_result, struct err *err)
{
    struct request request = request_begin(act, STAGE_ITEM);
    struct answers answers;
    json_t *record = NULL;
    char content[HASH_HEX_CHARS + 1];
    request.item = json_array_get(statement_list(act->statement), act->index);
    request.number = member_text(request.item, "document");
    request.document = statement_document(act->statement, act->index);
    request.kind = kind_find(member_text(request.document, "kind"));
    enum status status = answers_init(&answers, err);
    if (status == STATUS_OK)
        status = content_hex(act, content, err);
    if (status == STATUS_OK)
        status = facts_document(act->facts, request.number, &record, err);
    request.record = record;
    if (status == STATUS_OK)
        status = request_measure(&request, act->facts, err);
    if (status == STATUS_OK) {
        char repeat[ID_BYTES_MAX + 1] = "";
        /* An amendment sent again is a repeat, before its claim on an older version is looked at. */
        status = ref_judge(&request, act->facts, &answers, repeat, err);
        if (status == STATUS_OK && repeat[0] != '\0') {
            status = result_repeat(repeat, content, &answers, ret_result, err);
            goto done;
        }
    }
    if (status == STATUS_OK && !answers.denied)
        status = controls_judge(&request, act->facts, &answers, err);
    if (status == STATUS_OK && answers.denied) {
        status = result_make("refused", content, answers.list, ret_result, err);
    } else if (status == STATUS_OK) {
        request.stage = STAGE_SUBMIT;
        status = document_judge(&request, act, &answers, ret_result, err);
    }
done:
    json_decref(record);
    answers_done(&answers);
    return status;
}

/* A request about a document that is in the books: its current version, at its own place and time. */
static enum status request_of_record(struct request *request, const struct facts *facts, const json_t *record,
                                     struct err *err)
{
    const char *time = member_text(record, "time");
    request->record = record;
    request->number = member_text(record, "number");
    request->document = json_object_get(record, "document");
    request->kind = kind_find(member_text(record, "kind"));
    request->seq = (uint64_t)member_integer(record, "seq");
    request->index = (uint64_t)member_integer(record, "index");
    enum status status = instant_parse(time, strlen(time), &request->time_ms, err);
    return status == STATUS_OK ? request_measure(request, facts, err) : status;
}

static uint16_t levels_signed(const json_t *record)
{
    const json_t *approvals = json_object_get(record, "approvals");
    uint16_t levels = 0;
    for (size_t i = 0; i < json_array_size(approvals); i++)
        levels = (uint16_t)(levels | 1U << (member_integer(json_array_get(approvals, i), "level") - 1));
    return levels;
}

static enum status approval_result(const char *outcome, const struct request *request, json_t *list,
                                   json_t **ret_result, struct err *err)
{
    enum status status = result_make(outcome, member_text(request->item, "content"), list, ret_result, err);
    if (status == STATUS_OK &&
        (json_object_set_new(*ret_result, "document", json_string(member_text(request->item, "document"))) != 0 ||
         json_object_set_new(*ret_result, "level", json_integer(request->level)) != 0))
        status = no_memory(err);
    return status;
}

/* Recorded, and more is needed. */
static enum status approval_waits(const struct request *request, const struct answers *answers, uint16_t levels,
                                  json_t **ret_result, struct err *err)
{
    enum status status = approval_result("approved", request, answers->list, ret_result, err);
    if (status == STATUS_OK && (json_object_set_new(*ret_result, "levels", levels_to_json(levels)) != 0 ||
                                json_object_set(*ret_result, "until", json_object_get(request->record, "until")) != 0))
        status = no_memory(err);
    return status;
}

/* The last level that was asked has been signed: the document is judged again in full. */
static enum status posting_judge(struct request *request, const struct facts *facts, struct answers *answers,
                                 json_t **ret_result, struct err *err)
{
    json_t *lines = NULL;
    invariant(request->kind != NULL); /* what is not in the books was denied before */
    request->stage = STAGE_POST;
    answers->levels = 0;
    answers->more_levels = 0;
    answers->again = 0;
    enum status status = controls_judge(request, facts, answers, err);
    uint16_t given = (uint16_t)((levels_signed(request->record) & ~answers->again) | 1U << (request->level - 1));
    uint16_t missing = (uint16_t)(levels_needed(request, facts, answers) & ~given);
    if (status == STATUS_OK && !answers->denied && missing == 0)
        status = lines_judge(request, facts, answers, &lines, err);
    if (status != STATUS_OK)
        return status;
    if (answers->denied)
        status = approval_result("refused", request, answers->list, ret_result, err);
    else if (missing != 0)
        status = approval_waits(request, answers, missing, ret_result, err);
    else {
        status = approval_result(effect_outcome(request->kind), request, answers->list, ret_result, err);
        if (status == STATUS_OK && request->kind->tell != NULL)
            status = request->kind->tell(request->document, facts, *ret_result, err);
        if (status == STATUS_OK)
            status = result_effect(request, facts, *ret_result, lines, err);
    }
    json_decref(lines);
    return status;
}

enum status act_approve(const struct act *act, json_t **ret_result, struct err *err)
{
    struct request request = request_begin(act, STAGE_APPROVE);
    struct answers answers;
    json_t *record = NULL;
    request.item = json_array_get(statement_list(act->statement), act->index);
    request.level = (int)member_integer(request.item, "level");
    enum status status = answers_init(&answers, err);
    if (status == STATUS_OK)
        status = facts_document(act->facts, member_text(request.item, "document"), &record, err);
    if (status == STATUS_OK && record != NULL)
        status = request_of_record(&request, act->facts, record, err);
    if (status == STATUS_OK)
        status = request_behalf(&request, act->facts, member_text(request.item, "behalf"), err);
    if (status == STATUS_OK)
        status = controls_judge(&request, act->facts, &answers, err);
    if (status == STATUS_OK) {
        uint16_t rest = (uint16_t)(levels_from_json(json_object_get(record, "levels")) & ~(1U << (request.level - 1)));
        if (answers.denied)
            status = approval_result("refused", &request, answers.list, ret_result, err);
        else if (rest != 0)
            status = approval_waits(&request, &answers, rest, ret_result, err);
        else
            status = posting_judge(&request, act->facts, &answers, ret_result, err);
    }
    if (status == STATUS_OK)
        status = result_delegation(&request, request.level, act->facts, *ret_result, err);
    json_decref(record);
    answers_done(&answers);
    return status;
}

/* The record as it would be with only this level open; what a document under consideration lacks is filled in. */
static json_t *record_at_level(const struct facts *facts, const json_t *record, int level)
{
    char time[INSTANT_TEXT_BYTES];
    instant_format(facts->time_ms, time);
    json_t *at_level =
        json_pack("{s:s, s:s, s:s, s:I, s:i, s:i, s:s, s:[]}", "content", "", "number", "", "state", "waiting", "seq",
                  (json_int_t)facts->seq, "index", 0, "version", 1, "time", time, "approvals");
    if (at_level == NULL || json_object_update(at_level, (json_t *)record) != 0 ||
        json_object_set_new(at_level, "levels", json_pack("[i]", level)) != 0) {
        json_decref(at_level);
        return NULL;
    }
    return at_level;
}

enum status act_may_approve(const struct facts *facts, const json_t *record, const struct actor *actor, int level,
                            bool *ret_may, struct err *err)
{
    struct answers answers = {.list = NULL};
    struct request request = {.stage = STAGE_APPROVE, .actor = *actor, .level = level};
    json_t *at_level = record_at_level(facts, record, level);
    json_t *body = at_level == NULL ? NULL
                                    : json_pack("{s:[{s:O, s:O, s:i, s:O}]}", "items", "content",
                                                json_object_get(at_level, "content"), "document",
                                                json_object_get(at_level, "number"), "level", level, "version",
                                                json_object_get(at_level, "version"));
    const struct statement statement = {.verb = VERB_APPROVE, .actor = actor->user, .book = facts->book, .body = body};
    enum status status = body != NULL ? answers_init(&answers, err) : no_memory(err);
    request.statement = &statement;
    request.item = json_array_get(json_object_get(body, "items"), 0);
    if (status == STATUS_OK)
        status = request_of_record(&request, facts, at_level, err);
    if (status == STATUS_OK)
        status = controls_judge(&request, facts, &answers, err);
    if (status == STATUS_OK)
        *ret_may = !answers.denied;
    answers_done(&answers);
    json_decref(body);
    json_decref(at_level);
    return status;
}

enum status act_end(const struct act *act, json_t **ret_result, struct err *err)
{
    static const char *const outcomes[VERB_COUNT] = {
        [VERB_WITHDRAW] = "withdrawn", [VERB_REJECT] = "rejected", [VERB_RETURN] = "returned"};
    struct request request = request_begin(act, STAGE_ITEM);
    struct answers answers;
    json_t *record = NULL;
    request.item = json_array_get(statement_list(act->statement), act->index);
    enum status status = answers_init(&answers, err);
    if (status == STATUS_OK)
        status = facts_document(act->facts, member_text(request.item, "document"), &record, err);
    if (status == STATUS_OK && record != NULL)
        status = request_of_record(&request, act->facts, record, err);
    if (status == STATUS_OK)
        status = controls_judge(&request, act->facts, &answers, err);
    if (status == STATUS_OK)
        status = result_make(answers.denied ? "refused" : outcomes[act->statement->verb],
                             member_text(request.item, "content"), answers.list, ret_result, err);
    if (status == STATUS_OK &&
        json_object_set_new(*ret_result, "document", json_string(member_text(request.item, "document"))) != 0)
        status = no_memory(err);
    json_decref(record);
    answers_done(&answers);
    return status;
}

/*
 * C-02 Multi-level thresholds: authority matches kind, amount, reason and entity. At submission who prepares has to hold
 * the function, and the authority table says which levels sign; at approval levels go in order, and each is signed by
 * somebody who holds exactly that level: a higher one does not stand for a lower one,
 * unless that has waited too long (C-18). Acts for another are measured by the other's functions (C-17).
 */
#include "controls/escalation.h"
#include "controls/rules/common.h"
#include "controls/rules/rebill.h"

static enum status function_deny(struct answers *answers, const char *code, const char *function, const char *entity,
                                 struct err *err)
{
    return answer_deny(answers, "C-02", code, json_pack("{s:s, s:s}", "entity", entity, "function", function), err);
}

static enum status preparer_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                  struct err *err)
{
    char function[FUNCTION_NAME_BYTES];
    enum kind_id authority = KIND_UNKNOWN;
    bool may = false;
    if (request->behalf.user[0] != '\0')
        return STATUS_OK; /* C-17 */
    enum status status = kind_authority(request->kind, request->document, facts, &authority, err);
    if (status != STATUS_OK || authority == KIND_UNKNOWN)
        return status;
    kind_function(request->kind, authority, 0, function);
    status = facts_user_may(facts, request->actor.user, function, request->measure.entity, &may, err);
    if (status == STATUS_OK && !may)
        status = function_deny(answers, "no-function", function, request->measure.entity, err);
    return status;
}

static enum status amount_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                struct err *err)
{
    const struct measure *measure = &request->measure;
    const struct policy_row *row = request_row(request, facts);
    if (row == NULL || measure->no_row || !measure->in_base)
        return STATUS_OK; /* C-10 denies what has no rate, C-37 an unknown reason; the policy's check gives every reason a row */
    uint16_t levels = row_levels(row, measure->amount_minor);
    enum status status = STATUS_OK;
    if (levels != 0)
        status = answer_need(answers, "C-02", "amount", levels,
                             json_pack("{s:o, s:o, s:s}", "amount", base_text(facts, measure->amount_minor), "limit",
                                       bound_text(facts, row, measure->amount_minor), "row", row->row),
                             err);
    if (status != STATUS_OK || measure->on_account_base_minor == 0)
        return status;
    const struct policy_row *track = policy_find_row(facts->policy, facts->policy->on_account_row, measure->entity);
    if (track == NULL)
        return answer_deny(answers, "C-02", "no-row", json_pack("{s:s}", "row", facts->policy->on_account_row), err);
    uint16_t more = row_levels(track, measure->on_account_base_minor);
    if ((more & ~levels) == 0)
        return STATUS_OK;
    return answer_need(answers, "C-02", "on-account", more,
                       json_pack("{s:o, s:o, s:s}", "amount", base_text(facts, measure->on_account_base_minor), "limit",
                                 bound_text(facts, track, measure->on_account_base_minor), "row", track->row),
                       err);
}

static enum status document_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                  struct err *err)
{
    enum status status = STATUS_OK;
    if (policy_find_entity(facts->policy, request->measure.entity) == NULL)
        return answer_deny(answers, "C-02", "unknown-entity", json_pack("{s:s}", "entity", request->measure.entity),
                           err);
    if (request->stage == STAGE_SUBMIT)
        status = preparer_judge(request, facts, answers, err);
    if (status == STATUS_OK)
        status = amount_judge(request, facts, answers, err);
    return status == STATUS_OK ? rebill_level_judge(request, facts, answers, err) : status;
}

static enum status approval_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                  struct err *err)
{
    uint16_t open = levels_from_json(json_object_get(request->record, "levels"));
    uint16_t asked = (uint16_t)(1U << (request->level - 1));
    char function[FUNCTION_NAME_BYTES];
    enum kind_id authority = KIND_UNKNOWN;
    bool may = false;
    if ((open & asked) == 0)
        return answer_deny(answers, "C-02", "level-not-asked",
                           json_pack("{s:i, s:o}", "level", request->level, "levels", levels_to_json(open)), err);
    if ((open & (asked - 1)) != 0)
        return answer_deny(answers, "C-02", "level-order",
                           json_pack("{s:i, s:o}", "level", request->level, "levels", levels_to_json(open)), err);
    if (request_governs(request))
        return STATUS_OK; /* C-31 */
    if (request->behalf.user[0] != '\0')
        return STATUS_OK; /* C-17 */
    enum status status = kind_authority(request->kind, request->document, facts, &authority, err);
    if (status != STATUS_OK)
        return status;
    kind_function(request->kind, authority, request->level, function);
    status = facts_user_may(facts, request->actor.user, function, request->measure.entity, &may, err);
    if (status == STATUS_OK && !may) {
        const struct escalation_ask ask = {.record = request->record, .authority = authority, .level = request->level};
        struct escalation escalation;
        status = escalation_find(facts, &ask, request->actor.user, &escalation, err);
        may = escalation.by_level != 0; /* C-18 says so in the decision */
    }
    return status == STATUS_OK && !may ? function_deny(answers, "no-authority", function, request->measure.entity, err)
                                       : status;
}

/* To reject or return takes authority at any level. */
static enum status refusal_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                 struct err *err)
{
    char function[FUNCTION_NAME_BYTES];
    enum kind_id authority = KIND_UNKNOWN;
    bool may = false;
    if (request->statement->verb != VERB_REJECT && request->statement->verb != VERB_RETURN)
        return STATUS_OK;
    if (request_governs(request))
        return STATUS_OK; /* C-31 */
    enum status status = kind_authority(request->kind, request->document, facts, &authority, err);
    for (int level = 1; status == STATUS_OK && !may && level <= LEVELS_MAX; level++) {
        kind_function(request->kind, authority, level, function);
        status = facts_user_may(facts, request->actor.user, function, request->measure.entity, &may, err);
    }
    if (status == STATUS_OK && !may) {
        kind_function(request->kind, authority, 1, function);
        status = function_deny(answers, "no-authority", function, request->measure.entity, err);
    }
    return status;
}

static enum status feed_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                              struct err *err)
{
    char function[FUNCTION_NAME_BYTES];
    bool may = false;
    const char *entity = member_text(request->statement->body, "entity");
    snprintf(function, sizeof function, "feed.%s", member_text(request->statement->body, "feed"));
    if (policy_find_entity(facts->policy, entity) == NULL)
        return answer_deny(answers, "C-02", "unknown-entity", json_pack("{s:s}", "entity", entity), err);
    enum status status = facts_user_may(facts, request->actor.user, function, entity, &may, err);
    return status == STATUS_OK && !may ? function_deny(answers, "no-function", function, entity, err) : status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    switch (request->stage) {
    case STAGE_SUBMIT:
    case STAGE_POST:
        return request_governs(request) ? STATUS_OK : document_judge(request, facts, answers, err);
    case STAGE_APPROVE:
        return request->record == NULL ? STATUS_OK : approval_judge(request, facts, answers, err);
    case STAGE_ITEM:
        return request->record == NULL ? STATUS_OK : refusal_judge(request, facts, answers, err);
    case STAGE_FEED:
        return feed_judge(request, facts, answers, err);
    case STAGE_STATEMENT:
    case STAGE_LINES:
        break;
    }
    return STATUS_OK;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char levels[96], amount[MONEY_TEXT_MAX], limit[MONEY_TEXT_MAX];
    said_levels(answer, levels, sizeof levels);
    const char *part = code_is(answer, "on-account") ? " on account" : "";
    if ((code_is(answer, "amount") || part[0] != '\0') &&
        strspn(said(answer, "limit"), "0.") == strlen(said(answer, "limit")))
        snprintf(ret_text, SENTENCE_BYTES, "%s%s is above %s, nothing is automatic in row %s: %s",
                 said_amount(answer, "amount", amount), part, said_amount(answer, "limit", limit), said(answer, "row"),
                 levels);
    else if (code_is(answer, "amount") || part[0] != '\0')
        snprintf(ret_text, SENTENCE_BYTES, "%s%s is above %s: %s (row %s)", said_amount(answer, "amount", amount), part,
                 said_amount(answer, "limit", limit), levels, said(answer, "row"));
    else if (code_is(answer, "rebill-customer"))
        snprintf(ret_text, SENTENCE_BYTES, "bills customer %s for what customer %s was billed: one level more",
                 said(answer, "billed"), said(answer, "customer"));
    else if (code_is(answer, "rebill-tax"))
        snprintf(ret_text, SENTENCE_BYTES, "bills under other tax codes than invoice %s (%s): one level more",
                 said(answer, "invoice"), said(answer, "tax_code"));
    else if (code_is(answer, "no-function"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "you do not hold %s for %s; somebody who does has to prepare it, or two officers grant you a role",
                 said(answer, "function"), said(answer, "entity"));
    else if (code_is(answer, "no-authority"))
        snprintf(ret_text, SENTENCE_BYTES, "you do not hold %s for %s; somebody who does has to sign",
                 said(answer, "function"), said(answer, "entity"));
    else if (code_is(answer, "level-order"))
        snprintf(ret_text, SENTENCE_BYTES, "levels are signed in order; still open: %s", levels);
    else if (code_is(answer, "level-not-asked"))
        snprintf(ret_text, SENTENCE_BYTES, "level %lld is not asked for; still open: %s",
                 (long long)member_integer(answer, "level"), levels[0] != '\0' ? levels : "none");
    else if (code_is(answer, "unknown-entity"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "the policy has no entity %s; withdraw what waits, or a new policy has to name it",
                 said(answer, "entity"));
    else
        snprintf(ret_text, SENTENCE_BYTES, "the authority table has no row %s for this entity", said(answer, "row"));
}

const struct control control_c02 = {
    .id = "C-02",
    .title = "Multi-level thresholds",
    .objective = "Authority matches amount, kind, entity and reason",
    .assertion = "authorisation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_SUBMIT | STAGE_POST | STAGE_APPROVE | STAGE_ITEM | STAGE_FEED,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "authority, reasons, roles, on_account",
    .framework = "COSO 10; COBIT DSS06.03",
    .codes = "amount on-account no-function no-authority level-order level-not-asked unknown-entity no-row "
             "rebill-customer rebill-tax",
    .judge = judge,
    .sentence = sentence,
};

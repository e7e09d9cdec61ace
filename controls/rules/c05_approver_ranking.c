/*
 * C-05 Approver ranking: nobody signs for a superior. By HR's managers, no approver, nor the one an approver acts for, is a
 * direct or indirect report of a maker. A row of the authority table may also ask that the approver stands on the
 * preparer's own chain of managers (chain mode). Somebody whom HR does not know approves no business document while HR's
 * people are in the book, unless the policy only wants that flagged; what officers govern is flagged at most, since nobody
 * else could put it right.
 */
#include "controls/facts_people.h"
#include "controls/rules/common.h"

static enum status unknown_answer(const struct request *request, const struct facts *facts, const char *person,
                                  struct answers *answers, struct err *err)
{
    json_t *inputs = json_pack("{s:s}", "person", person);
    bool deny = !request_governs(request) &&
                policy_parameter(facts->policy, request->measure.entity, PARAMETER_PEOPLE_KNOWN) != 0;
    return deny ? answer_deny(answers, "C-05", "unknown-person", inputs, err)
                : answer_flag(answers, "C-05", "unknown-person", inputs, err);
}

/* One person of the approving side against one maker; *ret_more: whether the other makers are still to be asked about. */
static enum status pair_judge(const struct request *request, const struct facts *facts, const char *person,
                              const char *maker, struct answers *answers, bool *ret_more, struct err *err)
{
    enum reporting reporting = REPORTING_NO;
    if (strcmp(person, maker) == 0)
        return STATUS_OK; /* C-01 */
    enum status status = facts_reports_to(facts, person, maker, &reporting, err);
    if (status != STATUS_OK || reporting == REPORTING_NO)
        return status;
    *ret_more = false;
    switch (reporting) {
    case REPORTING_YES:
        return answer_deny(answers, "C-05", "subordinate", json_pack("{s:s, s:s}", "maker", maker, "person", person),
                           err);
    case REPORTING_UNKNOWN:
        return unknown_answer(request, facts, person, answers, err);
    case REPORTING_ENDLESS:
        return answer_deny(answers, "C-05", "chain-endless",
                           json_pack("{s:i, s:s}", "limit", REPORTING_CHAIN_MAX, "person", person), err);
    case REPORTING_NO:
        break;
    }
    return STATUS_OK;
}

static enum status person_judge(const struct request *request, const struct facts *facts, const char *person,
                                struct answers *answers, struct err *err)
{
    const json_t *makers = json_object_get(request->record, "makers");
    enum status status = STATUS_OK;
    bool more = true;
    for (size_t i = 0; status == STATUS_OK && more && i < json_array_size(makers); i++)
        status =
            pair_judge(request, facts, person, member_text(json_array_get(makers, i), "person"), answers, &more, err);
    return status;
}

/* Chain mode: the one whose authority counts stands above the preparer. */
static enum status chain_judge(const struct request *request, const struct facts *facts, bool used,
                               struct answers *answers, struct err *err)
{
    const struct policy_row *row = request_row(request, facts);
    const json_t *maker = json_array_get(json_object_get(request->record, "makers"), 0);
    const char *preparer = member_text(maker, "person"), *approver = request_authority(request)->person;
    enum reporting reporting = REPORTING_UNKNOWN;
    if (row == NULL || !row->chain)
        return STATUS_OK;
    if (!used)
        return answer_deny(answers, "C-05", "no-people", json_pack("{s:s}", "row", row->row), err);
    enum status status = facts_reports_to(facts, preparer, approver, &reporting, err);
    if (status != STATUS_OK || reporting == REPORTING_YES)
        return status;
    return answer_deny(answers, "C-05", "not-on-chain",
                       json_pack("{s:s, s:s, s:s}", "person", approver, "preparer", preparer, "row", row->row), err);
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    bool used = false;
    if (request->record == NULL)
        return STATUS_OK;
    enum status status = facts_people_used(facts, &used, err);
    if (status == STATUS_OK && used)
        status = person_judge(request, facts, request->actor.person, answers, err);
    if (status == STATUS_OK && used && request->behalf.person[0] != '\0')
        status = person_judge(request, facts, request->behalf.person, answers, err);
    if (status == STATUS_OK && !request_governs(request))
        status = chain_judge(request, facts, used, answers, err);
    return status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "subordinate"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "by HR %s reports to %s, who made this document; somebody who does not report to a maker has to sign",
                 said(answer, "person"), said(answer, "maker"));
    else if (code_is(answer, "unknown-person"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "HR does not know %s, so nobody can say whose report that is; HR has to bring the "
                 "person in, or somebody else signs",
                 said(answer, "person"));
    else if (code_is(answer, "chain-endless"))
        snprintf(ret_text, SENTENCE_BYTES, "the managers above %s have no end within %lld; HR has to put them right",
                 said(answer, "person"), (long long)member_integer(answer, "limit"));
    else if (code_is(answer, "not-on-chain"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "row %s asks for a manager of the preparer's: %s is not above %s; somebody on that chain has to sign",
                 said(answer, "row"), said(answer, "person"), said(answer, "preparer"));
    else if (code_is(answer, "manager-cycle"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "event %s: %s would report to %s, whose managers come back to where they began or have no end; put "
                 "the file "
                 "right",
                 said(answer, "event"), said(answer, "person"), said(answer, "manager"));
    else
        snprintf(ret_text, SENTENCE_BYTES,
                 "row %s asks for a manager of the preparer's, and no people have come from HR; load them first",
                 said(answer, "row"));
}

const struct control control_c05 = {
    .id = "C-05",
    .title = "Approver ranking",
    .objective = "No subordinate approves a superior",
    .assertion = "authorisation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_APPROVE,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "people_known, authority (chain)",
    .framework = "COSO 10; COBIT DSS06.03",
    .codes = "subordinate unknown-person chain-endless not-on-chain no-people manager-cycle",
    .judge = judge,
    .sentence = sentence,
};

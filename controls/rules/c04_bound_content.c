/*
 * C-04 Approval bound to content: what is signed is the content hash of one version, seen in a state of the books that
 * holds it. An amendment makes a new version, so every approval before it is void.
 */
#include "controls/rules/common.h"
#include "ledger/instant.h"

static enum status seen_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                              struct err *err)
{
    const struct statement *statement = request->statement;
    char hex[65];
    bool needed = statement->verb == VERB_APPROVE || statement->verb == VERB_REJECT || statement->verb == VERB_RETURN ||
                  statement->verb == VERB_RESTORE;
    const json_t *list = statement_list(statement);
    for (size_t i = 0; !needed && i < json_array_size(list); i++) {
        const char *name = member_text(statement_document(statement, i), "kind");
        const struct kind *kind = name != NULL ? kind_find(name) : NULL;
        needed = kind != NULL && kind->govern != NULL;
    }
    if (statement->seen_hash == NULL)
        return needed ? answer_deny(answers, "C-04", "seen-missing", NULL, err) : STATUS_OK;
    enum status status = facts_entry_hash(facts, statement->seen_seq, hex, err);
    if (status == STATUS_OK && strcmp(hex, statement->seen_hash) != 0)
        status = answer_deny(answers, "C-04", "unknown-seen",
                             json_pack("{s:I}", "seq", (json_int_t)statement->seen_seq), err);
    return status;
}

static bool state_allows(const struct request *request)
{
    const char *state = member_text(request->record, "state");
    bool returned_too = request->statement->verb == VERB_WITHDRAW || request->statement->verb == VERB_AMEND;
    return strcmp(state, "waiting") == 0 || (returned_too && strcmp(state, "returned") == 0);
}

static int year_of(const struct facts *facts, const json_t *document)
{
    const char *date = member_text(document, "date");
    const struct policy_entity *entity = member_text(document, "entity") != NULL
                                             ? policy_find_entity(facts->policy, member_text(document, "entity"))
                                             : NULL;
    int32_t days;
    if (date == NULL || entity == NULL || date_parse(date, strlen(date), &days, NULL) != STATUS_OK)
        return 0;
    return entity_fiscal_year(entity, days);
}

/* An amendment changes neither kind, entity nor fiscal year: the number it was given says all three. */
static enum status amendment_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                   struct err *err)
{
    const json_t *old = json_object_get(request->record, "document");
    const char *entity = member_text(request->document, "entity");
    const char *changed = NULL;
    if (strcmp(member_text(request->document, "kind"), member_text(old, "kind")) != 0)
        changed = "kind";
    else if (strcmp(entity != NULL ? entity : "", member_text(request->record, "entity")) != 0)
        changed = "entity";
    else if (year_of(facts, request->document) != year_of(facts, old))
        changed = "year";
    return changed == NULL
               ? STATUS_OK
               : answer_deny(answers, "C-04", "amendment-changes", json_pack("{s:s}", "member", changed), err);
}

static enum status version_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                 struct err *err)
{
    const char *document = member_text(request->item, "document");
    if (request->record == NULL)
        return answer_deny(answers, "C-04", "unknown-document", json_pack("{s:s}", "document", document), err);
    if (!state_allows(request))
        return answer_deny(answers, "C-04", "not-waiting",
                           json_pack("{s:s}", "state", member_text(request->record, "state")), err);
    int64_t version = member_integer(request->record, "version");
    bool amends = request->statement->verb == VERB_AMEND;
    if (member_integer(request->item, "version") != version ||
        (!amends && strcmp(member_text(request->item, "content"), member_text(request->record, "content")) != 0))
        return answer_deny(answers, "C-04", "content", json_pack("{s:I}", "version", (json_int_t)version), err);
    if (amends)
        return amendment_judge(request, facts, answers, err);
    if (request->stage == STAGE_APPROVE && request->statement->seen_hash != NULL &&
        (int64_t)request->statement->seen_seq < member_integer(request->record, "seq"))
        return answer_deny(answers, "C-04", "seen-before",
                           json_pack("{s:I}", "seq", (json_int_t)member_integer(request->record, "seq")), err);
    return STATUS_OK;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    return request->stage == STAGE_STATEMENT ? seen_judge(request, facts, answers, err)
                                             : version_judge(request, facts, answers, err);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "content"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "the content was changed: version %lld stands now; look at it and sign that one",
                 (long long)member_integer(answer, "version"));
    else if (code_is(answer, "not-waiting"))
        snprintf(ret_text, SENTENCE_BYTES, "the document does not wait: it is %s", said(answer, "state"));
    else if (code_is(answer, "unknown-document"))
        snprintf(ret_text, SENTENCE_BYTES, "there is no document %s", said(answer, "document"));
    else if (code_is(answer, "amendment-changes"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "an amendment may not change the %s; withdraw this document and submit a new one",
                 said(answer, "member"));
    else if (code_is(answer, "seen-missing"))
        snprintf(ret_text, SENTENCE_BYTES, "the statement does not say which entry its signer had seen");
    else if (code_is(answer, "unknown-seen"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "entry %lld is not the one the signer saw; this is another history of the book",
                 (long long)member_integer(answer, "seq"));
    else
        snprintf(ret_text, SENTENCE_BYTES, "what the signer saw is older than this version, of entry %lld",
                 (long long)member_integer(answer, "seq"));
}

const struct control control_c04 = {
    .id = "C-04",
    .title = "Approval bound to content",
    .objective = "No edit after approval",
    .assertion = "authorisation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_STATEMENT | STAGE_APPROVE | STAGE_ITEM,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "",
    .framework = "COSO 10; COBIT DSS06.02",
    .codes = "content not-waiting unknown-document amendment-changes seen-missing unknown-seen seen-before",
    .judge = judge,
    .sentence = sentence,
};

/*
 * C-52 Key lifecycle: a statement counts only under a key of its actor that is valid at that moment; a new key comes with
 * proof that somebody holds it, and a rotation is signed by the old key too. Verification asks for the status of a key at
 * the entry's place, not today's. Where the policy asks for it, the key has verified its user (verification.c).
 */
#include <stdlib.h>

#include "controls/facts_govern.h"
#include "controls/rules/common.h"
#include "controls/rules/governance.h"
#include "controls/rules/verification.h"
#include "ledger/entry.h"
#include "ledger/sshsig.h"

/* The place of a key's signature in the list; count when it has not signed. */
static size_t signature_of(const struct signature_list *list, const char *key_text)
{
    char text[PUBLIC_KEY_TEXT_MAX];
    size_t i = 0;
    while (i < list->count && (!signer_text(list, i, text) || strcmp(text, key_text) != 0))
        i++;
    return i;
}

static bool has_signed(const struct signature_list *list, const char *key_text)
{
    return signature_of(list, key_text) < list->count;
}

/* Whether a document of the statement asks for this key's signature. */
static bool is_asked(const struct statement *statement, const char *key_text)
{
    static const char *const members[] = {"key", "old", "new"};
    for (size_t i = 0; i < json_array_size(statement_list(statement)); i++) {
        const json_t *document = statement_document(statement, i);
        const char *name = member_text(document, "kind");
        enum kind_id kind = name != NULL ? kind_from_name(name) : KIND_UNKNOWN;
        if (kind != KIND_ENROLMENT && kind != KIND_KEY_ROTATION && kind != KIND_BOOK_KEY)
            continue;
        for (size_t m = 0; m < sizeof members / sizeof members[0]; m++) {
            const char *asked = member_text(document, members[m]);
            if (asked != NULL && strcmp(asked, key_text) == 0)
                return true;
        }
    }
    return false;
}

/* Nobody signs but the actor and those whose keys the documents ask for. */
static enum status others_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                struct err *err)
{
    char text[PUBLIC_KEY_TEXT_MAX];
    for (size_t i = 0; i < request->signatures->count; i++) {
        bool valid = false;
        if (!signer_text(request->signatures, i, text) || is_asked(request->statement, text))
            continue;
        enum status status = facts_key_valid(facts, text, request->actor.user, &valid, err);
        if (status != STATUS_OK)
            return status;
        if (!valid)
            return answer_deny(answers, "C-52", "foreign-signature", NULL, err);
    }
    return STATUS_OK;
}

static enum status actor_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                               struct err *err)
{
    char text[PUBLIC_KEY_TEXT_MAX];
    bool valid = false;
    for (size_t i = 0; !valid && i < request->signatures->count; i++) {
        if (!signer_text(request->signatures, i, text))
            continue;
        enum status status = facts_key_valid(facts, text, request->actor.user, &valid, err);
        if (status != STATUS_OK)
            return status;
    }
    return valid ? others_judge(request, facts, answers, err)
                 : answer_deny(answers, "C-52", "key-not-valid", json_pack("{s:s}", "user", request->actor.user), err);
}

static enum status possession_judge(const struct request *request, struct answers *answers, const char *member,
                                    struct err *err)
{
    if (has_signed(request->signatures, member_text(request->document, member)))
        return STATUS_OK;
    return answer_deny(answers, "C-52", "no-possession",
                       json_pack("{s:s, s:s}", "key", member, "user", member_text(request->document, "user")), err);
}

/* New officers prove that they hold their keys; beside them only recovery keys sign. */
static enum status recover_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                 struct err *err)
{
    const json_t *officers = json_object_get(request->statement->body, "officers");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < json_array_size(officers); i++) {
        const json_t *officer = json_array_get(officers, i);
        size_t place = signature_of(request->signatures, member_text(officer, "key"));
        if (place == request->signatures->count)
            return answer_deny(answers, "C-52", "no-possession",
                               json_pack("{s:s, s:O}", "key", "new", "user", json_object_get(officer, "user")), err);
        status = verification_of_officer(request, facts, place, answers, err);
    }
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < request->signatures->count; i++) {
        char text[PUBLIC_KEY_TEXT_MAX];
        bool known = false;
        if (!signer_text(request->signatures, i, text))
            continue;
        for (size_t o = 0; !known && o < json_array_size(officers); o++)
            known = strcmp(member_text(json_array_get(officers, o), "key"), text) == 0;
        if (!known)
            status = is_recovery_key(facts, text, &known, err);
        if (status == STATUS_OK && !known)
            status = answer_deny(answers, "C-52", "foreign-signature", NULL, err);
    }
    return status;
}

/* Officers and recovery keys sign a clock, officers a restore, and nobody else. */
static enum status together_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                  struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < request->signatures->count; i++) {
        char text[PUBLIC_KEY_TEXT_MAX], person[ID_BYTES_MAX + 1];
        bool officer = false, recovery = false;
        if (!signer_text(request->signatures, i, text))
            continue;
        status = is_officer_key(facts, text, &officer, person, err);
        if (status == STATUS_OK && !officer && request->statement->verb == VERB_CLOCK)
            status = is_recovery_key(facts, text, &recovery, err);
        if (status == STATUS_OK && !officer && !recovery)
            status = answer_deny(answers, "C-52", "foreign-signature", NULL, err);
        else if (status == STATUS_OK && officer)
            status = verification_of_officer(request, facts, i, answers, err);
    }
    return status;
}

/* What a key signed while it was in other hands does not count until somebody else has affirmed it. */
static enum status suspect_judge(const struct request *request, const struct facts *facts, uint64_t seq,
                                 const char *code, json_t *inputs, struct answers *answers, struct err *err)
{
    char key_text[PUBLIC_KEY_TEXT_MAX];
    json_t *affirmation = NULL, *key = NULL;
    bool suspect = false;
    enum status status = seq == facts->seq ? STATUS_OK : facts_suspect(facts, seq, &suspect, key_text, err);
    if (status == STATUS_OK && suspect)
        status = facts_affirmation(facts, key_text, request->number, 0, &affirmation, err);
    const char *conclusion = member_text(affirmation, "conclusion");
    if (status == STATUS_OK && suspect && (conclusion == NULL || strcmp(conclusion, "affirm") != 0)) {
        status = facts_key(facts, key_text, &key, err);
        if (status == STATUS_OK && json_object_set(inputs, "user", json_object_get(key, "user")) == 0)
            status = answer_deny(answers, "C-52", code, json_incref(inputs), err);
    }
    json_decref(key);
    json_decref(affirmation);
    json_decref(inputs);
    return status;
}

static enum status posting_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                 struct err *err)
{
    const json_t *approvals = json_object_get(request->record, "approvals");
    enum status status = suspect_judge(request, facts, request->seq, "suspect-document",
                                       json_pack("{s:s}", "document", request->number), answers, err);
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < json_array_size(approvals); i++) {
        const json_t *approval = json_array_get(approvals, i);
        status = suspect_judge(
            request, facts, (uint64_t)member_integer(approval, "seq"), "suspect-approval",
            json_pack("{s:s, s:O}", "document", request->number, "level", json_object_get(approval, "level")), answers,
            err);
    }
    return status;
}

static enum status affirmed_judge(const struct request *request, const struct facts *facts, const json_t *row,
                                  struct answers *answers, struct err *err)
{
    const char *key_text = member_text(request->document, "key"), *number = member_text(row, "document");
    json_t *record = NULL, *key = NULL;
    struct actor owner = {.person = ""};
    bool suspect = false, own = false;
    enum status status = facts_key(facts, key_text, &key, err);
    if (status == STATUS_OK && key != NULL)
        status = facts_actor(facts, member_text(key, "user"), &owner, err);
    if (status == STATUS_OK && number != NULL)
        status = facts_document(facts, number, &record, err);
    if (status == STATUS_OK && key != NULL && record != NULL) {
        status = facts_document_suspect(facts, record, key_text, &suspect, err);
        own = acting_in(json_object_get(record, "makers"), request) ||
              acting_in(json_object_get(record, "approvals"), request);
    } else if (status == STATUS_OK && key != NULL && number == NULL) {
        status = facts_suspect_under(facts, (uint64_t)member_integer(row, "entry"), key_text, &suspect, err);
    }
    own = own || strcmp(owner.person, request->actor.person) == 0;
    json_t *inputs = number != NULL ? json_pack("{s:s}", "document", number)
                                    : json_pack("{s:O}", "entry", json_object_get(row, "entry"));
    if (status == STATUS_OK && (!suspect || own))
        status = answer_deny(answers, "C-52", suspect ? "own-act" : "not-suspect", json_incref(inputs), err);
    json_decref(inputs);
    json_decref(record);
    json_decref(key);
    return status;
}

static enum status affirmation_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                     struct err *err)
{
    const json_t *rows = json_object_get(request->document, "rows");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < json_array_size(rows); i++)
        status = affirmed_judge(request, facts, json_array_get(rows, i), answers, err);
    return status;
}

static enum status signers_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                 struct err *err)
{
    if (request->statement->verb == VERB_RECOVER)
        return recover_judge(request, facts, answers, err);
    if (request->statement->verb == VERB_CLOCK || request->statement->verb == VERB_RESTORE)
        return together_judge(request, facts, answers, err);
    return actor_judge(request, facts, answers, err);
}

/* A new key comes with proof that somebody holds it. */
static enum status holding_judge(const struct request *request, struct answers *answers, struct err *err)
{
    if (request_is_kind(request, KIND_ENROLMENT) || request_is_kind(request, KIND_BOOK_KEY))
        return possession_judge(request, answers, "key", err);
    if (!request_is_kind(request, KIND_KEY_ROTATION))
        return STATUS_OK;
    enum status status = possession_judge(request, answers, "new", err);
    return status == STATUS_OK && member_text(request->document, "old") != NULL
               ? possession_judge(request, answers, "old", err)
               : status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    enum status status = STATUS_OK;
    if (request->stage == STAGE_POST)
        return posting_judge(request, facts, answers, err);
    if (request->stage == STAGE_SUBMIT || request->stage == STAGE_APPROVE)
        status = verification_judge(request, facts, answers, err);
    if (status != STATUS_OK || request->stage == STAGE_APPROVE)
        return status;
    if (request_is_kind(request, KIND_AFFIRMATION))
        return affirmation_judge(request, facts, answers, err);
    if (request->signatures == NULL)
        return STATUS_OK; /* a dry run: nothing is signed yet */
    return request->stage == STAGE_STATEMENT ? signers_judge(request, facts, answers, err)
                                             : holding_judge(request, answers, err);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (verification_sentence(answer, ret_text))
        return;
    if (code_is(answer, "suspect-document"))
        snprintf(
            ret_text, SENTENCE_BYTES,
            "%s was signed with a key of %s that was in other hands then; somebody else has to affirm it, or it is "
            "made again",
            said(answer, "document"), said(answer, "user"));
    else if (code_is(answer, "suspect-approval"))
        snprintf(
            ret_text, SENTENCE_BYTES,
            "level %lld of %s was signed with a key of %s that was in other hands then and does not count; somebody "
            "else has to affirm it, or the document is amended and approved again",
            (long long)member_integer(answer, "level"), said(answer, "document"), said(answer, "user"));
    else if (code_is(answer, "not-suspect") || code_is(answer, "own-act")) {
        char what[ID_BYTES_MAX + 32];
        if (member_text(answer, "document") != NULL)
            snprintf(what, sizeof what, "%s", said(answer, "document"));
        else
            snprintf(what, sizeof what, "entry %lld", (long long)member_integer(answer, "entry"));
        snprintf(ret_text, SENTENCE_BYTES,
                 code_is(answer, "own-act") ? "%s is an act of your own or of your key; somebody else looks at it"
                                            : "%s was not signed with this key while it was in other hands",
                 what);
    } else if (code_is(answer, "no-possession"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "the %s key of %s has not signed this statement; leave it in a file with --to and let it be signed",
                 said(answer, "key"), said(answer, "user"));
    else if (code_is(answer, "foreign-signature"))
        snprintf(ret_text, SENTENCE_BYTES, "somebody has signed whose signature this statement does not ask for");
    else
        snprintf(ret_text, SENTENCE_BYTES, "the key that signed is no longer valid for %s; rotate or enrol a new one",
                 said(answer, "user"));
}

const struct control control_c52 = {
    .id = "C-52",
    .title = "Key lifecycle",
    .objective = "Trustworthy signatures",
    .assertion = "authorisation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_STATEMENT | STAGE_DOCUMENT | STAGE_APPROVE,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "key_days_max, verification",
    .framework = "COSO 11; COBIT DSS05.04",
    .codes =
        "key-not-valid no-possession foreign-signature not-verified verification suspect-document suspect-approval "
        "not-suspect own-act",
    .judge = judge,
    .sentence = sentence,
};

/*
 * C-52 Key lifecycle: a statement counts only under a key of its actor that is valid at that moment; a new key comes with
 * proof that somebody holds it, and a rotation is signed by the old key too. Verification asks for the status of a key at
 * the entry's place, not today's.
 */
#include <stdlib.h>

#include "controls/rules/common.h"
#include "ledger/entry.h"
#include "ledger/sshsig.h"

/* Text of the key that made signature index; false when the blob is not in form, which the gate has refused before. */
static bool signer_text(const struct signature_list *list, size_t index, char ret_text[static PUBLIC_KEY_TEXT_MAX])
{
    struct sshsig sshsig;
    if (sshsig_parse(list->items[index].bytes, list->items[index].length, &sshsig, NULL) != STATUS_OK)
        return false;
    sshkey_format(&sshsig.key, ret_text);
    return true;
}

static bool has_signed(const struct signature_list *list, const char *key_text)
{
    char text[PUBLIC_KEY_TEXT_MAX];
    for (size_t i = 0; i < list->count; i++)
        if (signer_text(list, i, text) && strcmp(text, key_text) == 0)
            return true;
    return false;
}

/* Whether a document of the statement asks for this key's signature. */
static bool is_asked(const struct statement *statement, const char *key_text)
{
    static const char *const members[] = {"key", "old", "new"};
    for (size_t i = 0; i < json_array_size(statement_list(statement)); i++) {
        const json_t *document = statement_document(statement, i);
        const char *name = member_text(document, "kind");
        enum kind_id kind = name != NULL ? kind_from_name(name) : KIND_UNKNOWN;
        if (kind != KIND_ENROLMENT && kind != KIND_KEY_ROTATION)
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

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    if (request->signatures == NULL)
        return STATUS_OK; /* a dry run: nothing is signed yet */
    if (request->stage == STAGE_STATEMENT)
        return actor_judge(request, facts, answers, err);
    if (request_is_kind(request, KIND_ENROLMENT))
        return possession_judge(request, answers, "key", err);
    if (!request_is_kind(request, KIND_KEY_ROTATION))
        return STATUS_OK;
    enum status status = possession_judge(request, answers, "new", err);
    return status == STATUS_OK ? possession_judge(request, answers, "old", err) : status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "no-possession"))
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
    .stages = STAGE_STATEMENT | STAGE_SUBMIT,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "",
    .framework = "COSO 11; COBIT DSS05.04",
    .codes = "key-not-valid no-possession foreign-signature",
    .judge = judge,
    .sentence = sentence,
};

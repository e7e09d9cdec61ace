/*
 * User verification, the part of C-52 that is about acts: a FIDO key says in each signature whether it has recognised its
 * user, by PIN or finger, or was merely touched. FORMAT.md section 3, "Verification".
 */
#include "controls/rules/verification.h"

#include "controls/rules/common.h"
#include "controls/rules/governance.h"
#include "ledger/entry.h"
#include "ledger/sshsig.h"

/* How a signature was made; a later one is worth more. */
enum way { WAY_PLAIN, WAY_TOUCHED, WAY_VERIFIED };

static enum way way_of(const struct signature_list *list, size_t index)
{
    struct sshsig sshsig;
    if (sshsig_parse(list->items[index].bytes, list->items[index].length, &sshsig, NULL) != STATUS_OK ||
        sshsig.key.type != KEY_SK_ED25519)
        return WAY_PLAIN;
    return (sshsig.signature.flags & SIGNATURE_USER_VERIFIED) != 0 ? WAY_VERIFIED : WAY_TOUCHED;
}

static enum status way_deny(struct answers *answers, const char *function, enum way way, struct err *err)
{
    return answer_deny(
        answers, "C-52", "not-verified",
        json_pack("{s:s, s:s}", "function", function, "signed", way == WAY_TOUCHED ? "touched" : "plain"), err);
}

/* Whether the policy that a document brings asks it of officers: they show that they can before they are bound to. */
static bool brings_verification(const struct request *request)
{
    const json_t *compiled = json_object_get(request->document, "compiled");
    const json_t *functions = json_object_get(json_object_get(compiled, "verification"), "functions");
    for (size_t i = 0; request_is_kind(request, KIND_POLICY) && i < json_array_size(functions); i++) {
        const char *function = json_string_value(json_array_get(functions, i));
        if (function != NULL && strncmp(function, "govern.", 7) == 0)
            return true;
    }
    return false;
}

/* Who acts on what is his own, or on his people's, without the function: it is not asked of him. */
static enum status own_act(const struct request *request, const struct facts *facts, bool *ret_own, struct err *err)
{
    bool may = false;
    *ret_own = false;
    if (!request_governs(request))
        return STATUS_OK;
    if (request->stage == STAGE_SUBMIT && request_is_kind(request, KIND_KEY_ROTATION) &&
        member_text(request->document, "old") != NULL) {
        *ret_own = true;
        return STATUS_OK;
    }
    enum status status = acting_may_somewhere(request, facts, request->kind->govern, &may, err);
    if (status == STATUS_OK && !may)
        status = facts_user_may(facts, request->actor.user, "govern.policy", "", &may, err);
    *ret_own = !may;
    return status;
}

/* The best way in which a valid key of the actor has signed. */
static enum status actor_way(const struct request *request, const struct facts *facts, enum way *ret_way,
                             struct err *err)
{
    char text[PUBLIC_KEY_TEXT_MAX];
    *ret_way = WAY_PLAIN;
    for (size_t i = 0; i < request->signatures->count; i++) {
        enum way way = way_of(request->signatures, i);
        bool valid = false;
        if (way <= *ret_way || !signer_text(request->signatures, i, text))
            continue;
        enum status status = facts_key_valid(facts, text, request->actor.user, &valid, err);
        if (status != STATUS_OK)
            return status;
        if (valid)
            *ret_way = way;
    }
    return STATUS_OK;
}

enum status verification_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                               struct err *err)
{
    char function[FUNCTION_NAME_BYTES];
    enum way way = WAY_PLAIN;
    bool own = false;
    if (request->kind == NULL || request->document == NULL)
        return STATUS_OK; /* an approval of what is not there: C-04 denies */
    enum status status = request_function(request, facts, function, err);
    if (status != STATUS_OK || (!policy_verifies(facts->policy, function) && !brings_verification(request)))
        return status;
    status = own_act(request, facts, &own, err);
    if (status != STATUS_OK || own)
        return status;
    if (request->signatures == NULL)
        return answer_flag(answers, "C-52", "verification", json_pack("{s:s}", "function", function), err);
    status = actor_way(request, facts, &way, err);
    return status == STATUS_OK && way != WAY_VERIFIED ? way_deny(answers, function, way, err) : status;
}

bool verification_of_officers(const struct policy *policy)
{
    return policy_verifies(policy, "govern.access") || policy_verifies(policy, "govern.policy");
}

enum status verification_of_officer(const struct request *request, const struct facts *facts, size_t index,
                                    struct answers *answers, struct err *err)
{
    enum way way = way_of(request->signatures, index);
    return way == WAY_VERIFIED || !verification_of_officers(facts->policy)
               ? STATUS_OK
               : way_deny(answers, "govern.access", way, err);
}

bool verification_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    bool denied = code_is(answer, "not-verified");
    if (!denied && !code_is(answer, "verification"))
        return false;
    snprintf(ret_text, SENTENCE_BYTES, "%s is signed with a security key that verifies its user, by PIN or finger%s",
             said(answer, "function"),
             !denied                                          ? ""
             : strcmp(said(answer, "signed"), "touched") == 0 ? "; this one was only touched"
                                                              : "; this one is none");
    return true;
}

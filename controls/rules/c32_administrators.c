/*
 * C-32 Administrators have no business power: whoever operates the system prepares, approves, governs and feeds nothing;
 * whoever audits it changes nothing. A floor: no policy and no flag can lift it.
 */
#include "controls/rules/common.h"

struct clash {
    const struct policy_role *role;
    struct answers *answers;
};

static bool apart(enum function_class a, enum function_class b)
{
    if (a == FUNCTION_OPERATE)
        return b != FUNCTION_OPERATE && b != FUNCTION_READ;
    return a == FUNCTION_AUDIT && b != FUNCTION_AUDIT && b != FUNCTION_READ;
}

static enum status held_step(void *context, const struct held_function *held, bool *ret_more, struct err *err)
{
    struct clash *clash = context;
    enum function_class b = function_class(held->function, NULL, NULL);
    for (size_t i = 0; i < clash->role->function_count; i++) {
        enum function_class a = function_class(clash->role->functions[i], NULL, NULL);
        if (!apart(a, b) && !apart(b, a))
            continue;
        *ret_more = false;
        return answer_deny(clash->answers, "C-32", "administrator",
                           json_pack("{s:s, s:s, s:s}", "function", clash->role->functions[i], "grant", held->grant,
                                     "held", held->function),
                           err);
    }
    return STATUS_OK;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    json_t *user = NULL;
    if (!request_is_kind(request, KIND_GRANT))
        return STATUS_OK;
    struct clash clash = {.role = policy_find_role(facts->policy, member_text(request->document, "role")),
                          .answers = answers};
    enum status status = facts_user(facts, member_text(request->document, "user"), &user, err);
    if (status == STATUS_OK && user != NULL && clash.role != NULL)
        status = facts_person_functions(facts, member_text(user, "person"), held_step, &clash, err);
    json_decref(user);
    return status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    snprintf(ret_text, SENTENCE_BYTES,
             "%s may never be joined with %s (grant %s): who operates or audits the book does not act in it",
             said(answer, "function"), said(answer, "held"), said(answer, "grant"));
}

const struct control control_c32 = {
    .id = "C-32",
    .title = "Administrators have no business power",
    .objective = "Operators and auditors change nothing in the books",
    .assertion = "authorisation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_DOCUMENT,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "roles",
    .framework = "COSO 11; COBIT DSS05.04",
    .codes = "administrator",
    .judge = judge,
    .sentence = sentence,
};

/*
 * C-32 Administrators have no business power: whoever operates the system prepares, approves, governs and feeds nothing;
 * whoever audits it changes nothing. A floor: no policy and no flag can lift it.
 */
#include "controls/duties.h"
#include "controls/rules/common.h"

struct joined {
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
    struct joined *clash = context;
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

/* Everybody under another policy: what a role is to hold may join operating or auditing with the rest. */
struct everybody {
    struct facts facts;
    struct answers *answers;
};

static enum status person_judge(void *context, const char *person, bool *ret_more, struct err *err)
{
    struct everybody *all = context;
    struct holding holding = {.items = NULL};
    enum status status = holding_collect(&all->facts, person, false, NULL, &holding, err);
    for (size_t i = 0; status == STATUS_OK && *ret_more && i < holding.count; i++)
        for (size_t k = 0; status == STATUS_OK && *ret_more && k < holding.count; k++) {
            const struct duty_item *a = &holding.items[i], *b = &holding.items[k];
            if (!apart(function_class(a->function, NULL, NULL), function_class(b->function, NULL, NULL)))
                continue;
            *ret_more = false;
            status = answer_deny(all->answers, "C-32", "administrator",
                                 json_pack("{s:s, s:s, s:s, s:s}", "function", a->function, "grant", b->grant, "held",
                                           b->function, "person", person),
                                 err);
        }
    holding_done(&holding);
    return status;
}

static enum status policy_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                struct err *err)
{
    struct everybody all = {.facts = *facts, .answers = answers};
    struct policy *policy = NULL;
    enum status status = policy_read(json_object_get(request->document, "compiled"), &policy, NULL);
    all.facts.policy = policy;
    if (status == STATUS_OK)
        status = facts_persons(&all.facts, person_judge, &all, err);
    else if (status != STATUS_MEMORY)
        status = STATUS_OK; /* C-31 denies */
    policy_free(policy);
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    json_t *user = NULL;
    if (request_is_kind(request, KIND_POLICY))
        return policy_judge(request, facts, answers, err);
    if (!request_is_kind(request, KIND_GRANT))
        return STATUS_OK;
    struct joined clash = {.role = policy_find_role(facts->policy, member_text(request->document, "role")),
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

/*
 * C-17 Delegation: cover for an absence, within what the one who is absent may do. A delegation ends with its date, names
 * functions that its giver holds himself, goes to a human being who could hold them, and is never passed on. Who acts for
 * another acts as both: C-01, C-03, C-05 and the rules on duties look at the two persons; whether the delegation carries
 * the act is asked here.
 */
#include "controls/duties.h"
#include "controls/facts_delegation.h"
#include "controls/rules/common.h"
#include "ledger/instant.h"

/* The terms of a delegation that is to come into force. */
struct terms {
    const struct request *request;
    const struct facts *facts;
    struct answers *answers;
    struct actor from, to;
    const char *function; /* while one is looked at */
};

static enum status function_deny(const struct terms *terms, const char *code, struct err *err)
{
    return answer_deny(terms->answers, "C-17", code,
                       json_pack("{s:s, s:s}", "function", terms->function, "user", terms->from.user), err);
}

/* What the delegate's person holds against one function: a floor, or a pair that nobody may hold. */
static enum status held_step(void *context, const struct held_function *held, bool *ret_more, struct err *err)
{
    struct terms *terms = context;
    const struct policy *policy = terms->facts->policy;
    bool apart = duties_floor(terms->function, held->function) != NULL;
    for (size_t i = 0; !apart && i < policy->conflict_count; i++)
        apart = policy->conflicts[i].mode == CONFLICT_NEVER &&
                conflict_joins(&policy->conflicts[i], terms->function, held->function);
    if (!apart)
        return STATUS_OK;
    *ret_more = false;
    return answer_deny(terms->answers, "C-17", "conflict",
                       json_pack("{s:s, s:s, s:s, s:s}", "function", terms->function, "grant", held->grant, "held",
                                 held->function, "user", terms->to.user),
                       err);
}

struct received {
    const struct facts *facts;
    const char *user, *function;
    bool found;
};

static enum status received_step(void *context, const json_t *delegation, bool *ret_more, struct err *err)
{
    struct received *received = context;
    const json_t *functions = json_object_get(delegation, "functions");
    bool stands = false;
    if (strcmp(member_text(delegation, "to_user"), received->user) != 0)
        return STATUS_OK;
    enum status status = facts_delegation_stands(received->facts, delegation, true, &stands, err);
    for (size_t i = 0; stands && !received->found && i < json_array_size(functions); i++)
        received->found = strcmp(json_string_value(json_array_get(functions, i)), received->function) == 0;
    *ret_more = !received->found;
    return status;
}

static enum status function_judge(struct terms *terms, struct err *err)
{
    enum function_class class = function_class(terms->function, NULL, NULL);
    struct received received = {.facts = terms->facts, .user = terms->from.user, .function = terms->function};
    bool may = false;
    if (class != FUNCTION_PREPARE && class != FUNCTION_APPROVE)
        return function_deny(terms, "not-delegable", err);
    enum status status = facts_user_may(terms->facts, terms->from.user, terms->function, NULL, &may, err);
    if (status == STATUS_OK && !may)
        status = facts_delegations_of(terms->facts, terms->from.user, received_step, &received, err);
    if (status != STATUS_OK)
        return status;
    if (!may)
        return function_deny(terms, received.found ? "sub-delegation" : "not-held", err);
    return facts_person_functions(terms->facts, terms->to.person, held_step, terms, err);
}

static enum status count_judge(const struct terms *terms, bool given, struct err *err)
{
    const json_t *document = terms->request->document;
    const struct actor *whose = given ? &terms->from : &terms->to;
    const struct delegation_count count = {.person = whose->person,
                                           .given = given,
                                           .from = member_text(document, "from"),
                                           .to = member_text(document, "to"),
                                           .not_number = terms->request->number};
    int64_t limit = policy_parameter(terms->facts->policy, NULL,
                                     given ? PARAMETER_DELEGATIONS_OUT_MAX : PARAMETER_DELEGATIONS_IN_MAX);
    size_t found = 0;
    enum status status = facts_delegation_overlaps(terms->facts, &count, &found, err);
    if (status != STATUS_OK || (int64_t)found + 1 <= limit)
        return status;
    return answer_deny(terms->answers, "C-17", given ? "too-many-out" : "too-many-in",
                       json_pack("{s:I, s:I, s:s}", "count", (json_int_t)found + 1, "limit", (json_int_t)limit,
                                 "person", whose->person),
                       err);
}

static enum status dates_judge(const struct terms *terms, struct err *err)
{
    const char *from = member_text(terms->request->document, "from"), *to = member_text(terms->request->document, "to");
    int64_t from_ms, to_ms;
    int64_t days = policy_parameter(terms->facts->policy, NULL, PARAMETER_DELEGATION_DAYS_MAX);
    enum status status = instant_parse(from, strlen(from), &from_ms, err);
    if (status == STATUS_OK)
        status = instant_parse(to, strlen(to), &to_ms, err);
    if (status != STATUS_OK)
        return status;
    if (to_ms <= terms->facts->time_ms)
        return answer_deny(terms->answers, "C-17", "in-the-past", json_pack("{s:s}", "to", to), err);
    if (to_ms - from_ms > days * INSTANT_DAY_MS)
        return answer_deny(terms->answers, "C-17", "too-long",
                           json_pack("{s:s, s:I, s:s}", "from", from, "limit", (json_int_t)days, "to", to), err);
    return STATUS_OK;
}

/* An account of one of the two sides: there, a human being's. */
static enum status side_judge(const struct terms *terms, const char *member, struct actor *ret_side, struct err *err)
{
    const char *user = member_text(terms->request->document, member);
    enum status status = facts_actor(terms->facts, user, ret_side, NULL);
    if (status == STATUS_NOT_FOUND)
        return answer_deny(terms->answers, "C-17", "unknown-user", json_pack("{s:s}", "user", user), err);
    if (status != STATUS_OK)
        return err_set(err, status, "user %s cannot be read", user);
    return strcmp(ret_side->sort, "human") == 0
               ? STATUS_OK
               : answer_deny(terms->answers, "C-17", "no-human",
                             json_pack("{s:s, s:s}", "sort", ret_side->sort, "user", user), err);
}

static enum status terms_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                               struct err *err)
{
    struct terms terms = {.request = request, .facts = facts, .answers = answers};
    const json_t *functions = json_object_get(request->document, "functions");
    const char *currency = member_text(request->document, "currency");
    enum status status = side_judge(&terms, "from_user", &terms.from, err);
    if (status == STATUS_OK)
        status = side_judge(&terms, "to_user", &terms.to, err);
    if (status != STATUS_OK || answers->denied)
        return status;
    if (strcmp(terms.from.person, terms.to.person) == 0)
        return answer_deny(answers, "C-17", "same-person", json_pack("{s:s}", "person", terms.to.person), err);
    if (currency != NULL && strcmp(currency, facts->policy->base) != 0)
        return answer_deny(answers, "C-17", "limit-currency",
                           json_pack("{s:s, s:s}", "base", facts->policy->base, "currency", currency), err);
    status = dates_judge(&terms, err);
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < json_array_size(functions); i++) {
        terms.function = json_string_value(json_array_get(functions, i));
        status = function_judge(&terms, err);
    }
    if (status == STATUS_OK)
        status = count_judge(&terms, true, err);
    return status == STATUS_OK ? count_judge(&terms, false, err) : status;
}

static enum status use_deny(const struct request *request, const json_t *delegation, const char *code,
                            const char *function, struct answers *answers, struct err *err)
{
    json_t *inputs = json_pack("{s:s, s:s}", "behalf", request->behalf.user, "function", function);
    if (inputs != NULL && delegation != NULL) {
        json_object_set(inputs, "delegation", json_object_get(delegation, "number"));
        json_object_set(inputs, strcmp(code, "above-limit") == 0 ? "limit" : "to",
                        json_object_get(delegation, strcmp(code, "above-limit") == 0 ? "limit" : "to"));
    }
    return answer_deny(answers, "C-17", code, inputs, err);
}

/* Whether a delegation carries an act for another. */
static enum status use_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                             struct err *err)
{
    static const char *const codes[] = {[DELEGATION_NONE] = "no-delegation",
                                        [DELEGATION_OVER] = "delegation-over",
                                        [DELEGATION_LOST] = "function-lost",
                                        [DELEGATION_ABOVE] = "above-limit",
                                        [DELEGATION_GOOD] = ""};
    char function[FUNCTION_NAME_BYTES];
    json_t *delegation = NULL;
    enum delegation_state state = DELEGATION_NONE;
    enum status status = request_function(request, facts, function, err);
    if (status != STATUS_OK || function[0] == '\0')
        return status;
    const struct delegation_ask ask = {.from_user = request->behalf.user,
                                       .to_user = request->actor.user,
                                       .function = function,
                                       .entity = request->measure.entity != NULL ? request->measure.entity : "",
                                       .amount_minor = request->measure.amount_minor};
    status = facts_delegation(facts, &ask, &state, &delegation, err);
    if (status == STATUS_OK && state != DELEGATION_GOOD)
        status = use_deny(request, delegation, codes[state], function, answers, err);
    json_decref(delegation);
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    bool acts = (request->stage == STAGE_SUBMIT || request->stage == STAGE_APPROVE) && request->document != NULL &&
                request->behalf.user[0] != '\0';
    enum status status = acts ? use_judge(request, facts, answers, err) : STATUS_OK;
    if (status == STATUS_OK && (request->stage & STAGE_DOCUMENT) != 0 && request_is_kind(request, KIND_DELEGATION))
        status = terms_judge(request, facts, answers, err);
    return status;
}

static void terms_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    long long count = (long long)member_integer(answer, "count"), limit = (long long)member_integer(answer, "limit");
    const char *function = said(answer, "function"), *user = said(answer, "user");
    if (code_is(answer, "unknown-user"))
        snprintf(ret_text, SENTENCE_BYTES, "there is no user %s", user);
    else if (code_is(answer, "no-human"))
        snprintf(ret_text, SENTENCE_BYTES, "%s is a %s; delegations go from a human being to another", user,
                 said(answer, "sort"));
    else if (code_is(answer, "same-person"))
        snprintf(ret_text, SENTENCE_BYTES, "both users are %s; a delegation goes to another person",
                 said(answer, "person"));
    else if (code_is(answer, "limit-currency"))
        snprintf(ret_text, SENTENCE_BYTES, "a delegation's limit is in %s, not in %s", said(answer, "base"),
                 said(answer, "currency"));
    else if (code_is(answer, "in-the-past"))
        snprintf(ret_text, SENTENCE_BYTES, "it would have ended on %.10s already", said(answer, "to"));
    else if (code_is(answer, "too-long"))
        snprintf(ret_text, SENTENCE_BYTES, "from %.10s to %.10s is more than %lld days; a longer absence takes a grant",
                 said(answer, "from"), said(answer, "to"), limit);
    else if (code_is(answer, "not-delegable"))
        snprintf(ret_text, SENTENCE_BYTES, "%s is not delegated; only preparing and approving documents is", function);
    else if (code_is(answer, "not-held"))
        snprintf(ret_text, SENTENCE_BYTES, "%s does not hold %s and cannot delegate it", user, function);
    else if (code_is(answer, "sub-delegation"))
        snprintf(ret_text, SENTENCE_BYTES, "%s holds %s by delegation only; what is delegated is not delegated on",
                 user, function);
    else if (code_is(answer, "conflict"))
        snprintf(ret_text, SENTENCE_BYTES, "%s holds %s (%s), which one person may not join with %s", user,
                 said(answer, "held"), said(answer, "grant"), function);
    else if (code_is(answer, "too-many-in"))
        snprintf(ret_text, SENTENCE_BYTES, "%s would hold %lld delegations at a time, %lld is the most",
                 said(answer, "person"), count, limit);
    else
        snprintf(ret_text, SENTENCE_BYTES, "%s would have %lld delegations given at a time, %lld is the most",
                 said(answer, "person"), count, limit);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char limit[MONEY_TEXT_MAX];
    const char *behalf = said(answer, "behalf"), *function = said(answer, "function");
    if (code_is(answer, "no-delegation"))
        snprintf(ret_text, SENTENCE_BYTES, "%s has not delegated %s to you", behalf, function);
    else if (code_is(answer, "delegation-over"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s, by which %s delegated %s to you, does not count now (to %.10s, or revoked)",
                 said(answer, "delegation"), behalf, function, said(answer, "to"));
    else if (code_is(answer, "function-lost"))
        snprintf(ret_text, SENTENCE_BYTES, "%s does not hold %s here any more, so %s carries nothing", behalf, function,
                 said(answer, "delegation"));
    else if (code_is(answer, "above-limit"))
        snprintf(ret_text, SENTENCE_BYTES, "this is above %s, the limit of %s; somebody who holds %s has to act",
                 said_amount(answer, "limit", limit), said(answer, "delegation"), function);
    else
        terms_sentence(answer, ret_text);
}

const struct control control_c17 = {
    .id = "C-17",
    .title = "Delegation",
    .objective = "An absence is covered, and the cover is bounded",
    .assertion = "authorisation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_DOCUMENT | STAGE_APPROVE,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "delegation_days_max, delegations_in_max, delegations_out_max, duties, conflicts",
    .framework = "COSO 10; COBIT DSS06.03",
    .codes = "no-delegation delegation-over function-lost above-limit unknown-user no-human same-person limit-currency "
             "in-the-past too-long not-delegable not-held sub-delegation conflict too-many-in too-many-out",
    .judge = judge,
    .sentence = sentence,
};

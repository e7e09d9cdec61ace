/*
 * C-29 Leavers and movers: from the end of the last day that HR gives, every act by any user of that person is refused, bots
 * and feeds that the person owns included, and nothing is given to the person any more; what the person held counts no
 * longer (facts_user_may). Who moved keeps what he held for some days; then only what was granted since the move counts.
 * When HR tells of a leave late, what was done in between is flagged with the file.
 */
#include "controls/facts_people.h"
#include "controls/rules/common.h"
#include "ledger/instant.h"

static json_t *leaver_inputs(const char *name, const char *value, const char *person, const struct hr_person *hr)
{
    char date[DATE_TEXT_BYTES];
    date_format(hr->left_date, date);
    return json_pack("{s:s, s:s, s:s}", "date", date, "person", person, name, value);
}

static enum status actor_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                               struct err *err)
{
    struct hr_person hr = {.left = false};
    enum status status = facts_hr_person(facts, request->actor.person, &hr, err);
    return status == STATUS_OK && hr.left
               ? answer_deny(answers, "C-29", "left",
                             leaver_inputs("user", request->actor.user, request->actor.person, &hr), err)
               : status;
}

static enum status person_gift(const struct request *request, const struct facts *facts, const char *person,
                               struct answers *answers, struct err *err)
{
    struct hr_person hr = {.left = false};
    enum status status = facts_hr_person(facts, person, &hr, err);
    return status == STATUS_OK && hr.left
               ? answer_deny(answers, "C-29", "to-leaver",
                             leaver_inputs("kind", kind_name(request->kind->id), person, &hr), err)
               : status;
}

static enum status user_gift(const struct request *request, const struct facts *facts, const char *user,
                             struct answers *answers, struct err *err)
{
    struct actor to = {.person = ""};
    enum status status = facts_actor(facts, user, &to, NULL);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK; /* C-20, C-17, C-28 and C-51 deny an unknown user */
    return status == STATUS_OK ? person_gift(request, facts, to.person, answers, err) : status;
}

/* Nothing is given to a person who has left: no account, no role, no delegation, no emergency access. */
static enum status gift_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                              struct err *err)
{
    const json_t *users = json_object_get(request->document, "users");
    enum status status = STATUS_OK;
    if (request_is_kind(request, KIND_ENROLMENT))
        return person_gift(request, facts, member_text(request->document, "person"), answers, err);
    if (request_is_kind(request, KIND_GRANT) || request_is_kind(request, KIND_REACTIVATION))
        return user_gift(request, facts, member_text(request->document, "user"), answers, err);
    if (request_is_kind(request, KIND_DELEGATION))
        return user_gift(request, facts, member_text(request->document, "to_user"), answers, err);
    for (size_t i = 0; request_is_kind(request, KIND_BREAK_GLASS) && status == STATUS_OK && i < json_array_size(users);
         i++)
        status = user_gift(request, facts, json_string_value(json_array_get(users, i)), answers, err);
    return status;
}

/* A function that is lacking only since the move: C-02 refuses it, this says why. */
static enum status mover_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                               struct err *err)
{
    char function[FUNCTION_NAME_BYTES], moved[INSTANT_TEXT_BYTES];
    const char *user = request_authority(request)->user;
    struct hr_person hr = {.moved_ms = -1};
    bool may = false, once = false;
    enum status status = request_function(request, facts, function, err);
    if (status == STATUS_OK && function[0] != '\0')
        status = facts_hr_user(facts, user, &hr, err);
    if (status != STATUS_OK || hr.left)
        return status;
    status = facts_user_may(facts, user, function, request->measure.entity, &may, err);
    if (status == STATUS_OK && !may)
        status = facts_user_may_unmoved(facts, user, function, request->measure.entity, &once, err);
    if (status != STATUS_OK || may || !once)
        return status;
    instant_format(hr.moved_ms, moved);
    return answer_deny(answers, "C-29", "moved",
                       json_pack("{s:I, s:s, s:s, s:s}", "days",
                                 (json_int_t)policy_parameter(facts->policy, NULL, PARAMETER_MOVE_DAYS), "function",
                                 function, "moved", moved, "user", user),
                       err);
}

struct late {
    const struct facts *facts;
    struct answers *answers;
    const char *person;
    int64_t left_ms;
};

/* A user of a leaver who has acted since. */
static enum status user_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    const struct late *late = context;
    char user[ID_BYTES_MAX + 1], last[INSTANT_TEXT_BYTES];
    const size_t stem = strlen(late->person) + 1;
    int64_t last_ms = 0;
    uint64_t seq = 0;
    (void)record;
    (void)ret_more;
    snprintf(user, sizeof user, "%.*s", (int)(key.length - stem), (const char *)key.bytes + stem);
    enum status status = facts_last_act(late->facts, user, &last_ms, &seq, err);
    if (status != STATUS_OK || last_ms < late->left_ms)
        return status;
    instant_format(last_ms, last);
    return answer_flag(
        late->answers, "C-29", "acted-after",
        json_pack("{s:s, s:s, s:I, s:s}", "last", last, "person", late->person, "seq", (json_int_t)seq, "user", user),
        err);
}

static enum status late_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                              struct err *err)
{
    const json_t *body = request->statement->body, *records = json_object_get(body, "records");
    enum status status = STATUS_OK;
    if (strcmp(member_text(body, "feed"), "people") != 0)
        return STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(records); i++) {
        const json_t *event = json_array_get(records, i);
        if (strcmp(member_text(event, "change"), "leave") != 0)
            continue;
        struct late late = {.facts = facts,
                            .answers = answers,
                            .person = member_text(event, "person"),
                            .left_ms = hr_event_effective(facts, member_text(body, "entity"), event)};
        struct books_key prefix = books_key(late.person);
        books_key_close(&prefix);
        const struct books_walk walk = {.table = BOOKS_PERSONS, .prefix = &prefix, .step = user_step, .context = &late};
        status = books_each(facts->books, &walk, err);
    }
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    bool used = false;
    if (request->stage == STAGE_FEED)
        return late_judge(request, facts, answers, err);
    enum status status = facts_people_used(facts, &used, err);
    if (status != STATUS_OK || !used)
        return status;
    if (request->stage == STAGE_STATEMENT)
        return actor_judge(request, facts, answers, err);
    if (request_governs(request))
        return request->stage == STAGE_APPROVE ? STATUS_OK : gift_judge(request, facts, answers, err);
    return request->stage == STAGE_POST || request->document == NULL ? STATUS_OK
                                                                     : mover_judge(request, facts, answers, err);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "left"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s is a user of %s, whose last day was %s by HR: nothing that this account signs counts any more",
                 said(answer, "user"), said(answer, "person"), said(answer, "date"));
    else if (code_is(answer, "to-leaver"))
        snprintf(ret_text, SENTENCE_BYTES, "%s left on %s by HR; no %s goes to somebody who left",
                 said(answer, "person"), said(answer, "date"), said(answer, "kind"));
    else if (code_is(answer, "moved"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s moved on %.10s by HR; %s was granted before and counted %lld days longer: two officers have to "
                 "grant it "
                 "again",
                 said(answer, "user"), said(answer, "moved"), said(answer, "function"),
                 (long long)member_integer(answer, "days"));
    else
        snprintf(
            ret_text, SENTENCE_BYTES,
            "%s, a user of %s, acted after the last day that this file gives: on %.10s, entry %lld; look at each such "
            "entry",
            said(answer, "user"), said(answer, "person"), said(answer, "last"),
            (long long)member_integer(answer, "seq"));
}

const struct control control_c29 = {
    .id = "C-29",
    .title = "Leavers and movers",
    .objective = "Access ends with the job",
    .assertion = "authorisation",
    .type = CONTROL_BOTH,
    .stages = STAGE_STATEMENT | STAGE_DOCUMENT | STAGE_APPROVE | STAGE_FEED,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "move_days",
    .framework = "COSO 11; COBIT DSS05.04",
    .codes = "left to-leaver moved acted-after",
    .judge = judge,
    .sentence = sentence,
};

/*
 * The model's acts: what each verb is asked, what it answers, and the life of a document through them. See model.h.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/model.h"

#define DAY_MS INT64_C(86400000)

enum { LAPSE_DAYS = 14, DELEGATION_DAYS = 30, BOT_DOCUMENT = 50000, BOT_DAY = 80000, BOT_COUNT = 3 };

static uint64_t bit_of(int person)
{
    return UINT64_C(1) << person;
}

/* ---- who holds what, for duties kept apart ---- */

enum duty { PREPARES, APPROVES, GOVERNS, CLOSES, FEEDS, DUTIES };

static enum duty duty_of(enum sim_role role)
{
    switch (role) {
    case SIM_SPECIALIST:
    case SIM_COLLECTOR:
        return PREPARES;
    case SIM_CLOSER:
        return CLOSES;
    case SIM_FEEDER:
        return FEEDS;
    case SIM_LEAD:
    case SIM_MANAGER:
    case SIM_DIRECTOR:
    case SIM_ROLES:
        break;
    }
    return APPROVES;
}

static bool apart(enum duty a, enum duty b)
{
    return a != b && !((a == PREPARES && b == CLOSES) || (a == CLOSES && b == PREPARES));
}

static bool in_force(const struct sim_document *document, enum sim_kind kind)
{
    return document->content.kind == kind && document->state == SIM_DONE && !document->ended;
}

/* How many duties a person holds that do not go with one: by an officer's functions, grants, delegations that are not over. */
static int holds_against(const struct sim_model *model, int person, enum duty duty, int64_t now_ms)
{
    bool held[DUTIES] = {[GOVERNS] = person < SIM_OFFICERS};
    int count = 0;
    for (int i = 0; i < model->document_count; i++) {
        const struct sim_document *document = &model->documents[i];
        const struct sim_content *content = &document->content;
        if (in_force(document, SIM_GRANT) && model->users[content->user].person == person)
            held[duty_of((enum sim_role)content->role)] = true;
        if (in_force(document, SIM_DELEGATION) && model->users[content->to_user].person == person &&
            now_ms < content->to_ms)
            held[APPROVES] = true;
    }
    for (int i = 0; i < DUTIES; i++)
        count += held[i] && apart((enum duty)i, duty);
    return count;
}

/* ---- governance documents ---- */

static void period_judge(const struct sim_model *model, const struct sim_content *content, int64_t now_ms,
                         struct sim_answers *answers)
{
    enum sim_month state = model->months[content->month];
    int today = sim_date(now_ms);
    int from = content->state == SIM_HARD ? sim_month_first(content->month + 1) : sim_month_first(content->month);
    if (state == SIM_HARD && content->state != SIM_HARD)
        sim_say(answers, "C-39 never-again");
    else if (content->state != SIM_OPEN && today < from)
        sim_say(answers, "C-39 too-early");
    else if (content->state != SIM_OPEN && state == (enum sim_month)content->state)
        sim_say(answers, "C-39 closed-already");
    else if (content->state == SIM_OPEN && state == SIM_OPEN)
        sim_say(answers, "C-39 open-already");
}

static bool received(const struct sim_model *model, int user, int level, int64_t now_ms)
{
    for (int i = 0; i < model->document_count; i++)
        if (in_force(&model->documents[i], SIM_DELEGATION) && model->documents[i].content.to_user == user &&
            model->documents[i].content.level == level && now_ms < model->documents[i].content.to_ms)
            return true;
    return false;
}

static void delegation_judge(const struct sim_model *model, const struct sim_content *content, int64_t now_ms,
                             struct sim_answers *answers)
{
    int person = model->users[content->to_user].person;
    const int sides[] = {content->user, content->to_user};
    for (int i = 0; i < 2; i++)
        if (!model->users[sides[i]].enrolled)
            sim_say(answers, "C-17 unknown-user");
        else if (model->users[sides[i]].sort != SIM_HUMAN)
            sim_say(answers, "C-17 no-human");
    if (answers->lowest < 99)
        return;
    if (model->users[content->user].person == person)
        sim_say(answers, "C-17 same-person");
    else if (content->to_ms <= now_ms)
        sim_say(answers, "C-17 in-the-past");
    else if (content->to_ms - content->from_ms > DELEGATION_DAYS * DAY_MS)
        sim_say(answers, "C-17 too-long");
    else if (!sim_may_approve(model, content->user, content->level, now_ms))
        sim_say(answers,
                received(model, content->user, content->level, now_ms) ? "C-17 sub-delegation" : "C-17 not-held");
    else if (holds_against(model, person, APPROVES, now_ms) > 0)
        sim_say(answers, "C-17 conflict");
}

/* Officers with a key that signs; but for one key. */
static int officers_left(const struct sim_model *model, int but_key, int64_t now_ms)
{
    int count = 0;
    for (int user = 0; user < SIM_OFFICERS; user++) {
        bool signs = false;
        for (int key = 0; key < model->key_count; key++)
            signs = signs || (key != but_key && model->keys[key].valid && model->keys[key].user == user);
        count += signs && !sim_has_left(model, user, now_ms);
    }
    return count;
}

static unsigned key_revocation_judge(const struct sim_model *model, const struct sim_moment *moment,
                                     const struct sim_case *one, struct sim_answers *answers)
{
    const struct sim_content *content = one->content;
    if (!model->keys[content->key].valid || model->keys[content->key].user != content->user) {
        sim_say(answers, "C-31 unknown-key");
        return 0;
    }
    if (answers->lowest < 99 || content->user >= SIM_OFFICERS) /* one who has left is one still, by the grant */
        return 0;
    int before = officers_left(model, SIM_NONE, moment->now_ms),
        after = officers_left(model, content->key, moment->now_ms);
    if (after < before && after < 2) {
        sim_say(answers, "C-31 last-officers");
        return 0;
    }
    if (one->stage == SIM_AT_SUBMIT && content->user == moment->user)
        return 0;
    sim_need(answers, "C-31 second-officer");
    return 1;
}

/* Whether the actor may submit this. */
static void rights_judge(const struct sim_model *model, const struct sim_moment *moment,
                         const struct sim_content *content, struct sim_answers *answers)
{
    bool officer = sim_is_officer(model, moment->user, moment->now_ms), own = false;
    switch (content->kind) {
    case SIM_PERIOD:
        if (!sim_holds(model, moment->user, SIM_CLOSER, moment->now_ms))
            sim_say(answers, "C-31 not-a-closer");
        return;
    case SIM_ROTATION:
        if (content->user != moment->user)
            sim_say(answers, "C-31 not-the-owner");
        return;
    case SIM_REVOCATION: {
        const struct sim_document *target = &model->documents[content->target];
        int holder = target->content.user;
        /* Who gave it takes a delegation back; whose bot or feed it is, a grant. */
        own = target->state == SIM_DONE && (target->content.kind == SIM_DELEGATION
                                                ? holder == moment->user
                                                : model->users[holder].sort != SIM_HUMAN &&
                                                      model->users[holder].person == model->users[moment->user].person);
        break;
    }
    case SIM_KEY_REVOCATION:
    case SIM_DELEGATION:
        own = content->user == moment->user;
        break;
    case SIM_CREDIT_NOTE:
    case SIM_CORRECTION:
    case SIM_WRITE_OFF:
    case SIM_REVERSAL:
    case SIM_ENROLMENT:
    case SIM_GRANT:
    case SIM_POLICY:
    case SIM_KINDS:
        break;
    }
    if (!own && !officer)
        sim_say(answers, "C-31 not-an-officer");
}

static void gift_judge(const struct sim_model *model, const struct sim_content *content, int64_t now_ms,
                       struct sim_answers *answers)
{
    int person = content->kind == SIM_ENROLMENT ? content->person
                 : content->kind == SIM_GRANT   ? model->users[content->user].person
                                                : model->users[content->to_user].person;
    bool known = content->kind == SIM_ENROLMENT ||
                 model->users[content->kind == SIM_GRANT ? content->user : content->to_user].enrolled;
    if (known && sim_has_left(model, person, now_ms))
        sim_say(answers, "C-29 to-leaver");
}

static void access_judge(const struct sim_model *model, const struct sim_content *content, int64_t now_ms,
                         struct sim_answers *answers)
{
    if (content->kind == SIM_GRANT && !model->users[content->user].enrolled)
        sim_say(answers, "C-20 unknown-user");
    else if (content->kind == SIM_GRANT)
        for (int i = holds_against(model, model->users[content->user].person, duty_of((enum sim_role)content->role),
                                   now_ms);
             i > 0; i--)
            sim_say(answers, "C-20 floor");
    if (content->kind == SIM_ENROLMENT && model->users[content->user].enrolled)
        sim_say(answers, "C-26 user-exists");
    if ((content->kind == SIM_ENROLMENT || content->kind == SIM_ROTATION) && model->keys[content->key].known)
        sim_say(answers, "C-26 key-in-use");
    if (content->kind == SIM_ENROLMENT || content->kind == SIM_GRANT || content->kind == SIM_DELEGATION)
        gift_judge(model, content, now_ms, answers);
}

/* What may not be granted to this sort of account. */
static void role_judge(const struct sim_model *model, const struct sim_content *content, struct sim_answers *answers)
{
    enum duty duty = duty_of((enum sim_role)content->role);
    enum sim_sort sort = model->users[content->user].sort;
    bool fits = sort == SIM_FEEDS_IN ? duty == FEEDS : sort == SIM_BOT ? duty == PREPARES : duty != FEEDS;
    if (model->users[content->user].enrolled && !fits)
        sim_say(answers, "C-25 role");
}

unsigned sim_judge_governance(const struct sim_model *model, const struct sim_moment *moment,
                              const struct sim_case *one, struct sim_answers *answers)
{
    const struct sim_content *content = one->content;
    int64_t now_ms = moment->now_ms;
    bool submitted = one->stage == SIM_AT_SUBMIT;
    if (content->kind == SIM_DELEGATION)
        delegation_judge(model, content, now_ms, answers);
    access_judge(model, content, now_ms, answers);
    if (submitted && model->users[moment->user].sort == SIM_BOT)
        sim_say(answers, "C-25 bot-governs");
    else if (content->kind == SIM_GRANT)
        role_judge(model, content, answers);
    if (submitted)
        rights_judge(model, moment, content, answers);
    if (submitted && moment->unsigned_key)
        sim_say(answers, "C-52 no-possession");
    switch (content->kind) {
    case SIM_KEY_REVOCATION:
        return key_revocation_judge(model, moment, one, answers);
    case SIM_REVOCATION: {
        const struct sim_document *target = &model->documents[content->target];
        if (!in_force(target, SIM_GRANT) && !in_force(target, SIM_DELEGATION))
            sim_say(answers, "C-31 unknown-grant");
        return 0;
    }
    case SIM_ROTATION:
        if (!model->keys[content->old_key].valid || model->keys[content->old_key].user != content->user)
            sim_say(answers, "C-31 unknown-key");
        break;
    case SIM_POLICY:
        if (content->effective_ms < (sim_date(now_ms) + 1) * DAY_MS)
            sim_say(answers, "C-31 too-early");
        break;
    case SIM_PERIOD:
        period_judge(model, content, now_ms, answers);
        if (content->state != SIM_OPEN)
            return 0;
        sim_need(answers, "C-31 second-closer");
        return 1;
    case SIM_CREDIT_NOTE:
    case SIM_CORRECTION:
    case SIM_WRITE_OFF:
    case SIM_REVERSAL:
    case SIM_ENROLMENT:
    case SIM_GRANT:
    case SIM_DELEGATION:
    case SIM_KINDS:
        break;
    }
    sim_need(answers, "C-31 second-officer");
    return 1;
}

/* ---- every statement ---- */

/* Counts the entry and lets lapse what waited too long. False: the statement is refused as a whole. */
static bool begin(struct sim_model *model, const struct sim_moment *moment, bool seen_wanted,
                  struct sim_verdict *verdict)
{
    struct sim_answers *answers = &verdict->answers;
    memset(verdict, 0, sizeof *verdict);
    answers->lowest = 99;
    model->size++;
    model->head_ms = moment->now_ms;
    for (int i = 0; i < model->document_count; i++)
        if (model->documents[i].state == SIM_WAITING && model->documents[i].until_ms < moment->now_ms) {
            model->documents[i].state = SIM_LAPSED;
            model->documents[i].needed = 0;
        }
    if (moment->seen_missing && seen_wanted)
        sim_say(answers, "C-04 seen-missing");
    else if (moment->seen_unknown)
        sim_say(answers, "C-04 unknown-seen");
    if (sim_has_left(model, model->users[moment->user].person, moment->now_ms))
        sim_say(answers, "C-29 left");
    if (!model->keys[moment->key].valid || model->keys[moment->key].user != moment->user)
        sim_say(answers, "C-52 key-not-valid");
    else if (moment->foreign)
        sim_say(answers, "C-52 foreign-signature");
    verdict->refused = answers->count > 0;
    return !verdict->refused;
}

static struct sim_result *result_new(struct sim_verdict *verdict, enum sim_outcome outcome)
{
    struct sim_result *result = &verdict->results[verdict->count++];
    result->outcome = outcome;
    result->answers.lowest = 99;
    result->document = SIM_NONE;
    return result;
}

static int64_t base_of(const struct sim_model *model, const struct sim_content *content)
{
    return content->kind == SIM_REVERSAL ? model->documents[content->reverses].content.amount : content->amount;
}

/* Which of a bot's days it is; a clock that was set back begins no new one. */
static int bot_day(const struct sim_model *model, const struct sim_moment *moment)
{
    for (int i = 0; i < model->bot_day_count; i++)
        if (model->bot_days[i].user == moment->user && model->bot_days[i].day == sim_date(moment->now_ms))
            return i;
    return SIM_NONE;
}

/* What a bot prepares in a day. */
static void bot_judge(const struct sim_model *model, const struct sim_moment *moment, const struct sim_case *one,
                      struct sim_answers *answers)
{
    int day = bot_day(model, moment);
    int64_t amount = base_of(model, one->content), sum = day != SIM_NONE ? model->bot_days[day].sum : 0;
    int documents = day != SIM_NONE ? model->bot_days[day].documents : 0;
    if (amount > BOT_DOCUMENT)
        sim_say(answers, "C-25 bot-amount");
    else if (sum + amount > BOT_DAY)
        sim_say(answers, "C-25 bot-sum");
    else if (documents + one->index + 1 > BOT_COUNT)
        sim_say(answers, "C-25 bot-count");
}

static void bot_note(struct sim_model *model, const struct sim_moment *moment, int documents, int64_t sum)
{
    int day = bot_day(model, moment);
    if (model->users[moment->user].sort != SIM_BOT)
        return;
    if (day == SIM_NONE) {
        day = model->bot_day_count++;
        model->bot_days[day].user = moment->user;
        model->bot_days[day].day = sim_date(moment->now_ms);
    }
    model->bot_days[day].documents += documents;
    model->bot_days[day].sum += sum;
}

static unsigned judge(const struct sim_model *model, const struct sim_moment *moment, const struct sim_case *one,
                      struct sim_answers *answers)
{
    if (sim_is_money(one->content->kind) && one->stage == SIM_AT_SUBMIT && model->users[moment->user].sort == SIM_BOT)
        bot_judge(model, moment, one, answers);
    return sim_is_money(one->content->kind) ? sim_judge_money(model, moment, one, answers)
                                            : sim_judge_governance(model, moment, one, answers);
}

/* A version that was let in: it waits, or takes effect at once. */
static void settle(struct sim_model *model, int number, unsigned levels, struct sim_result *result)
{
    struct sim_document *document = &model->documents[number];
    model->refs[model->ref_count].content = document->content;
    model->refs[model->ref_count++].document = number;
    document->until_ms = document->time_ms + LAPSE_DAYS * DAY_MS;
    document->needed = levels;
    document->state = SIM_WAITING;
    document->approval_count = 0;
    if (levels == 0)
        sim_take_effect(model, number);
    result->outcome = levels == 0 ? SIM_TOOK_EFFECT : SIM_WAITS;
    result->levels = levels;
    result->document = number;
    result->legal = document->legal;
}

/* True when the ref is taken: then it is answered. */
static bool ref_judge(const struct sim_model *model, const struct sim_content *content, struct sim_result *result)
{
    for (int i = 0; i < model->ref_count; i++) {
        if (model->refs[i].content.ref != content->ref)
            continue;
        if (memcmp(&model->refs[i].content, content, sizeof *content) == 0) {
            result->outcome = SIM_REPEAT;
            result->document = model->refs[i].document;
        } else {
            sim_say(&result->answers, "C-38 ref-taken");
        }
        return true;
    }
    return false;
}

static uint64_t makers_of(const struct sim_model *model, const struct sim_moment *moment,
                          const struct sim_content *content)
{
    uint64_t makers = bit_of(model->users[moment->user].person);
    return sim_is_money(content->kind) && content->requested_by != SIM_NONE ? makers | bit_of(content->requested_by)
                                                                            : makers;
}

static void submit_one(struct sim_model *model, const struct sim_moment *moment, const struct sim_content *content,
                       int index, struct sim_result *result)
{
    const struct sim_case one = {.content = content,
                                 .self = SIM_NONE,
                                 .seq = model->size - 1,
                                 .index = index,
                                 .time_ms = moment->now_ms,
                                 .stage = SIM_AT_SUBMIT};
    if (ref_judge(model, content, result))
        return;
    unsigned levels = judge(model, moment, &one, &result->answers);
    if (result->answers.lowest < 99)
        return;
    struct sim_document *document = &model->documents[model->document_count];
    memset(document, 0, sizeof *document);
    document->content = *content;
    document->version = 1;
    document->number = ++model->numbers[content->kind];
    document->key = moment->key;
    document->seq = one.seq;
    document->index = index;
    document->time_ms = moment->now_ms;
    document->makers = makers_of(model, moment, content);
    settle(model, model->document_count++, levels, result);
    if (sim_is_money(content->kind))
        bot_note(model, moment, 0, base_of(model, content));
}

void sim_submit(struct sim_model *model, const struct sim_moment *moment, const struct sim_content *contents, int count,
                bool atomic, struct sim_verdict *ret_verdict)
{
    bool governs = false, refused = false;
    for (int i = 0; i < count; i++)
        governs = governs || !sim_is_money(contents[i].kind);
    if (!begin(model, moment, governs, ret_verdict))
        return;
    struct sim_model *before = malloc(sizeof *before);
    if (before == NULL)
        abort();
    *before = *model;
    for (int i = 0; i < count; i++) {
        struct sim_result *result = result_new(ret_verdict, SIM_REFUSED);
        submit_one(model, moment, &contents[i], i, result);
        refused = refused || result->outcome == SIM_REFUSED;
    }
    if (atomic && refused) {
        *model = *before;
        for (int i = 0; i < count; i++) {
            struct sim_result *result = &ret_verdict->results[i];
            if (result->outcome == SIM_REFUSED || result->outcome == SIM_REPEAT)
                continue;
            result->answers.count = 0;
            sim_say(&result->answers, "C-12 atomic");
            result->outcome = SIM_REFUSED;
            result->levels = 0;
            result->legal = 0;
            result->document = SIM_NONE;
        }
    }
    free(before);
    bot_note(model, moment, count, 0);
}

/* What an item claims of its document. */
static bool claim_judge(const struct sim_model *model, const struct sim_item *item, bool returned_too,
                        struct sim_answers *answers)
{
    const struct sim_document *document = &model->documents[item->document];
    if (document->state != SIM_WAITING && !(returned_too && document->state == SIM_RETURNED))
        sim_say(answers, "C-04 not-waiting");
    else if (item->version != document->version || item->other_content)
        sim_say(answers, "C-04 content");
    else
        return true;
    return false;
}

void sim_amend(struct sim_model *model, const struct sim_moment *moment, const struct sim_item *item,
               const struct sim_content *content, struct sim_verdict *ret_verdict)
{
    if (!begin(model, moment, !sim_is_money(content->kind), ret_verdict))
        return;
    struct sim_result *result = result_new(ret_verdict, SIM_REFUSED);
    struct sim_document *document = &model->documents[item->document];
    const struct sim_case one = {.content = content,
                                 .self = item->document,
                                 .seq = model->size - 1,
                                 .time_ms = moment->now_ms,
                                 .stage = SIM_AT_SUBMIT};
    if (ref_judge(model, content, result) || !claim_judge(model, item, true, &result->answers))
        return;
    unsigned levels = judge(model, moment, &one, &result->answers);
    if (result->answers.lowest < 99)
        return;
    document->content = *content;
    document->version++;
    document->key = moment->key;
    document->seq = one.seq;
    document->index = 0;
    document->time_ms = moment->now_ms;
    document->makers |= makers_of(model, moment, content);
    settle(model, item->document, levels, result);
    bot_note(model, moment, 0, base_of(model, content));
}

/* ---- approvals ---- */

static bool has_signed(const struct sim_document *document, int person)
{
    for (int i = 0; i < document->approval_count; i++)
        if (document->approvals[i].person == person || document->approvals[i].behalf == person)
            return true;
    return false;
}

static void behalf_judge(const struct sim_model *model, const struct sim_moment *moment, const struct sim_item *item,
                         struct sim_answers *answers)
{
    static const char *const codes[] = {"C-17 no-delegation", "C-17 delegation-over", "C-17 function-lost"};
    int best = 0;
    for (int i = 0; i < model->document_count; i++) {
        const struct sim_document *document = &model->documents[i];
        const struct sim_content *content = &document->content;
        if (content->kind != SIM_DELEGATION || document->state != SIM_DONE || content->user != item->behalf ||
            content->to_user != moment->user || content->level != item->level)
            continue;
        bool stands = !document->ended && moment->now_ms >= content->from_ms && moment->now_ms < content->to_ms;
        int state = !stands ? 1 : !sim_may_approve(model, item->behalf, item->level, moment->now_ms) ? 2 : 3;
        best = state > best ? state : best;
    }
    if (best < 3)
        sim_say(answers, "%s", codes[best]);
}

static void act_judge(const struct sim_model *model, const struct sim_moment *moment, const struct sim_item *item,
                      struct sim_answers *answers)
{
    const struct sim_document *document = &model->documents[item->document];
    int person = model->users[moment->user].person;
    int behalf = item->behalf == SIM_NONE ? SIM_NONE : model->users[item->behalf].person;
    unsigned asked = 1U << (item->level - 1);
    bool money = sim_is_money(document->content.kind);
    if ((document->makers & bit_of(person)) != 0 || (behalf != SIM_NONE && (document->makers & bit_of(behalf)) != 0))
        sim_say(answers, "C-01 own-document");
    if ((document->needed & asked) == 0)
        sim_say(answers, "C-02 level-not-asked");
    else if ((document->needed & (asked - 1)) != 0)
        sim_say(answers, "C-02 level-order");
    else if (money && behalf == SIM_NONE && !sim_may_approve(model, moment->user, item->level, moment->now_ms))
        sim_say(answers, "C-02 no-authority");
    if (has_signed(document, person) || (behalf != SIM_NONE && has_signed(document, behalf)))
        sim_say(answers, "C-03 signed-already");
    if (claim_judge(model, item, false, answers) && moment->seen < document->seq)
        sim_say(answers, "C-04 seen-before");
    if (document->state == SIM_LAPSED)
        sim_say(answers, "C-16 lapsed");
    else if (document->state == SIM_WAITING && sim_material_changed(model, &document->content, moment->seen))
        sim_say(answers, "C-16 seen-changed");
    if (behalf != SIM_NONE)
        behalf_judge(model, moment, item, answers);
    if (model->users[moment->user].sort == SIM_BOT)
        sim_say(answers, "C-25 bot-approves");
    bool officer = sim_is_officer(model, moment->user, moment->now_ms);
    if (document->content.kind == SIM_PERIOD) {
        if (!officer && !sim_holds(model, moment->user, SIM_CLOSER, moment->now_ms))
            sim_say(answers, "C-31 not-a-closer");
    } else if (!money && !officer) {
        sim_say(answers, "C-31 not-an-officer");
    }
    if (money && document->state == SIM_WAITING)
        sim_judge_month(model, &document->content, answers);
    if (document->content.kind == SIM_PERIOD)
        period_judge(model, &document->content, moment->now_ms, answers);
    if (document->content.kind == SIM_REVERSAL) {
        const struct sim_document *original = &model->documents[document->content.reverses];
        if (has_signed(original, person) || (behalf != SIM_NONE && has_signed(original, behalf)))
            sim_say(answers, "C-43 same-approver");
    }
}

static bool suspect(const struct sim_model *model, int key, int64_t signed_ms)
{
    return model->keys[key].since_ms <= signed_ms;
}

/* What is asked when the last level has been signed. Answers the levels needed; *ret_again: those to be signed again. */
static unsigned posting_judge(const struct sim_model *model, const struct sim_moment *moment, int number,
                              struct sim_answers *answers, unsigned *ret_again)
{
    const struct sim_document *document = &model->documents[number];
    const struct sim_case one = {.content = &document->content,
                                 .self = number,
                                 .seq = document->seq,
                                 .index = document->index,
                                 .time_ms = document->time_ms,
                                 .stage = SIM_AT_POST};
    *ret_again = 0;
    for (int i = 0; i < document->approval_count; i++)
        if (sim_material_changed(model, &document->content, document->approvals[i].seen)) {
            sim_need(answers, "C-16 changed");
            *ret_again |= 1U << (document->approvals[i].level - 1);
        }
    unsigned levels = judge(model, moment, &one, answers);
    if (suspect(model, document->key, document->time_ms))
        sim_say(answers, "C-52 suspect-document");
    for (int i = 0; answers->lowest == 99 && i < document->approval_count; i++)
        if (suspect(model, document->approvals[i].key, document->approvals[i].time_ms))
            sim_say(answers, "C-52 suspect-approval");
    return levels;
}

static void approvals_aside(struct sim_document *document, unsigned levels)
{
    int kept = 0;
    for (int i = 0; i < document->approval_count; i++)
        if ((levels & 1U << (document->approvals[i].level - 1)) == 0)
            document->approvals[kept++] = document->approvals[i];
    document->approval_count = kept;
}

void sim_approve(struct sim_model *model, const struct sim_moment *moment, const struct sim_item *item,
                 struct sim_verdict *ret_verdict)
{
    if (!begin(model, moment, true, ret_verdict))
        return;
    struct sim_result *result = result_new(ret_verdict, SIM_REFUSED);
    struct sim_document *document = &model->documents[item->document];
    act_judge(model, moment, item, &result->answers);
    if (result->answers.lowest < 99)
        return;
    unsigned asked = 1U << (item->level - 1), open = document->needed & ~asked, again = 0, borne = asked;
    if (open == 0) {
        unsigned levels = posting_judge(model, moment, item->document, &result->answers, &again);
        if (result->answers.lowest < 99)
            return;
        for (int i = 0; i < document->approval_count; i++)
            borne |= (1U << (document->approvals[i].level - 1)) & ~again;
        open = (levels | again) & ~borne;
    }
    /* A level that was signed before and is asked again no longer counts as signed. */
    approvals_aside(document, open);
    document->approvals[document->approval_count++] =
        (struct sim_approval){.person = model->users[moment->user].person,
                              .behalf = item->behalf == SIM_NONE ? SIM_NONE : model->users[item->behalf].person,
                              .level = item->level,
                              .key = moment->key,
                              .seen = moment->seen,
                              .time_ms = moment->now_ms};
    document->needed = open;
    result->document = item->document;
    result->levels = open;
    result->outcome = SIM_APPROVED;
    if (open != 0)
        return;
    sim_take_effect(model, item->document);
    result->outcome = SIM_TOOK_EFFECT;
    result->legal = document->legal;
}

void sim_end(struct sim_model *model, const struct sim_moment *moment, const struct sim_item *item, enum sim_end how,
             struct sim_verdict *ret_verdict)
{
    static const enum sim_state states[] = {SIM_REJECTED, SIM_RETURNED, SIM_WITHDRAWN};
    if (!begin(model, moment, how != SIM_WITHDRAW, ret_verdict))
        return;
    struct sim_result *result = result_new(ret_verdict, SIM_REFUSED);
    struct sim_document *document = &model->documents[item->document];
    struct sim_answers *answers = &result->answers;
    bool own = (document->makers & bit_of(model->users[moment->user].person)) != 0;
    bool may = false;
    if (how == SIM_WITHDRAW && !own)
        sim_say(answers, "C-01 not-yours");
    if (how != SIM_WITHDRAW && own)
        sim_say(answers, "C-01 own-document");
    for (int level = 1; level <= SIM_LEVELS; level++)
        may = may || sim_may_approve(model, moment->user, level, moment->now_ms);
    if (how != SIM_WITHDRAW && sim_is_money(document->content.kind) && !may)
        sim_say(answers, "C-02 no-authority");
    claim_judge(model, item, how == SIM_WITHDRAW, answers);
    if (how != SIM_WITHDRAW && model->users[moment->user].sort == SIM_BOT)
        sim_say(answers, "C-25 bot-approves");
    bool officer = sim_is_officer(model, moment->user, moment->now_ms);
    bool closer = sim_holds(model, moment->user, SIM_CLOSER, moment->now_ms);
    if (how != SIM_WITHDRAW && document->content.kind == SIM_PERIOD && !officer && !closer)
        sim_say(answers, "C-31 not-a-closer");
    else if (how != SIM_WITHDRAW && !sim_is_money(document->content.kind) && document->content.kind != SIM_PERIOD &&
             !officer)
        sim_say(answers, "C-31 not-an-officer");
    if (answers->lowest < 99)
        return;
    document->state = states[how];
    document->needed = 0;
    result->outcome = SIM_ENDED;
    result->document = item->document;
}

void sim_clock(struct sim_model *model, int64_t now_ms)
{
    model->size++;
    model->head_ms = now_ms;
}

void sim_feed(struct sim_model *model, const struct sim_moment *moment, const struct sim_file *file,
              struct sim_verdict *ret_verdict)
{
    if (!begin(model, moment, false, ret_verdict))
        return;
    struct sim_result *result = result_new(ret_verdict, SIM_REFUSED);
    if (!sim_holds(model, moment->user, SIM_FEEDER, moment->now_ms))
        sim_say(&result->answers, "C-02 no-function");
    if (model->users[moment->user].sort != SIM_FEEDS_IN)
        sim_say(&result->answers, "C-25 not-a-feed");
    if (result->answers.lowest < 99)
        return;
    if (file->sequence != model->files[file->feed] + 1)
        sim_say(&result->answers, "C-44 file-sequence");
    else if (file->feed == SIM_FEED_CASH && file->applied > model->invoices[file->invoice].open)
        sim_say(&result->answers, "C-44 over-applied");
    if (result->answers.lowest < 99)
        return;
    model->files[file->feed]++;
    result->outcome = SIM_CLOSED;
    if (file->feed == SIM_FEED_INVOICES) {
        model->invoices[model->invoice_count++] = (struct sim_invoice){
            .customer = file->customer, .date = file->date, .open = file->amount, .known = model->size - 1};
    } else if (file->feed == SIM_FEED_CASH) {
        struct sim_invoice *invoice = &model->invoices[file->invoice];
        invoice->open -= file->applied;
        if (file->applied != 0)
            invoice->known = model->size - 1;
        model->account[file->customer] -= file->amount - file->applied;
    } else if (file->feed == SIM_FEED_PEOPLE) {
        int64_t left = (file->date + 1) * DAY_MS;
        model->people_used = true;
        model->left_ms[file->person] = left < model->left_ms[file->person] ? left : model->left_ms[file->person];
    }
}

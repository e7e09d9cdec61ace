/*
 * The steps; see the header. People mostly do what is theirs to do, now and then what is not; the model says what comes of it.
 */
#include "tests/sim/steps.h"

#include <errno.h>
#include <string.h>

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)

struct draw {
    uint64_t state;
};

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t next(struct draw *draw)
{
    uint64_t z = draw->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static int below(struct draw *draw, int bound)
{
    return (int)(next(draw) % (uint64_t)bound);
}

static bool one_in(struct draw *draw, int n)
{
    return below(draw, n) == 0;
}

/* ---- who ---- */

static int any_user(const struct sim_world *world, struct draw *draw)
{
    const struct sim_model *model = &world->model;
    int user = below(draw, model->user_count);
    for (int i = 0; i < model->user_count; i++) {
        int one = (user + i) % model->user_count;
        if (model->users[one].enrolled && model->users[one].sort != SIM_FEEDS_IN)
            return one;
    }
    return 0;
}

/* Somebody with a role, most times; whoever, where nobody has it. */
static int holder(const struct sim_world *world, struct draw *draw, enum sim_role role)
{
    const struct sim_model *model = &world->model;
    int start = below(draw, model->user_count);
    bool wrong = one_in(draw, 12);
    for (int i = 0; i < model->user_count && !wrong; i++)
        if (sim_holds(model, (start + i) % model->user_count, role, world->now_ms))
            return (start + i) % model->user_count;
    return any_user(world, draw);
}

static int officer(const struct sim_world *world, struct draw *draw)
{
    return one_in(draw, 12) ? any_user(world, draw) : below(draw, SIM_OFFICERS);
}

/* As somebody who signs now: with a good key, an ended one now and then, having seen the head or something older. */
static bool act_as(struct sim_world *world, struct draw *draw, int user, struct sim_act *ret_act)
{
    int key = sim_key_of(&world->model, user);
    bool old_key = one_in(draw, 15), foreign = one_in(draw, 40), unseen = one_in(draw, 40), unknown = one_in(draw, 40);
    int back = one_in(draw, 15) ? below(draw, 30) : 0;
    for (int k = 0; (old_key || key == SIM_NONE) && k < world->model.key_count; k++)
        if (world->model.keys[k].known && world->model.keys[k].user == user &&
            (key == SIM_NONE || !world->model.keys[k].valid))
            key = k;
    if (key == SIM_NONE)
        return false;
    *ret_act = sim_act_of(world, user, key);
    if (world->real) /* within the skew */
        ret_act->at_ms += (below(draw, 599) - 299) * SECOND_MS;
    ret_act->seen -= (uint64_t)back < ret_act->seen ? (uint64_t)back : ret_act->seen;
    ret_act->moment.seen = ret_act->seen;
    if (unseen)
        ret_act->seen_null = ret_act->moment.seen_missing = true;
    else if (unknown)
        ret_act->moment.seen_unknown = true;
    else if (foreign && user != 0 && world->model.keys[0].valid) {
        ret_act->extra_key = 0;
        ret_act->moment.foreign = true;
    }
    return true;
}

/* ---- what ---- */

static int any_document(const struct sim_model *model, struct draw *draw, enum sim_state state, bool money)
{
    int start = model->document_count > 0 ? below(draw, model->document_count) : 0;
    for (int i = 0; i < model->document_count; i++) {
        int one = (start + i) % model->document_count;
        if (model->documents[one].state == state && (!money || sim_is_money(model->documents[one].content.kind)))
            return one;
    }
    return SIM_NONE;
}

/* Cents: small, about the thresholds, what splitting is made of, or large. */
static int64_t some_amount(const struct sim_world *world, struct draw *draw)
{
    const int64_t *ends = sim_tiers[sim_variant(&world->model, world->now_ms)];
    switch (below(draw, 6)) {
    case 0:
        return ends[0] - 3 + below(draw, 7);
    case 1:
        return ends[1] - 3 + below(draw, 7);
    case 2:
        return ends[0] / 2 + below(draw, 4000);
    case 3:
        return ends[1] / 2 + below(draw, 20000);
    case 4:
        return 1 + below(draw, 1200000);
    default:
        return 100 + below(draw, 9000);
    }
}

static int date_of(const struct sim_world *world, struct draw *draw)
{
    int today = sim_date(world->now_ms);
    return one_in(draw, 5) ? today - below(draw, 45) : one_in(draw, 60) ? today + 1 : today;
}

static void money_content(struct sim_world *world, struct draw *draw, enum sim_kind kind,
                          struct sim_content *ret_content)
{
    const struct sim_model *model = &world->model;
    struct sim_content *content = ret_content;
    memset(content, 0, sizeof *content);
    content->kind = kind;
    content->ref = sim_ref(world);
    content->requested_by = one_in(draw, 10) ? below(draw, model->person_count) : SIM_NONE;
    content->date = date_of(world, draw);
    int invoice = below(draw, model->invoice_count), second = below(draw, model->invoice_count);
    content->customer = model->invoices[invoice].customer;
    content->count = 1;
    content->allocations[0].invoice = invoice;
    content->allocations[0].minor = some_amount(world, draw);
    if (one_in(draw, 4) && second != invoice &&
        (model->invoices[second].customer == content->customer || one_in(draw, 10))) {
        content->count = 2;
        content->allocations[1].invoice = second;
        content->allocations[1].minor = some_amount(world, draw);
    }
    if (kind == SIM_CREDIT_NOTE && one_in(draw, 6))
        content->on_account = 1 + below(draw, 12000);
    content->up = kind == SIM_CORRECTION && one_in(draw, 3);
    content->amount = content->allocations[0].minor + content->on_account;
    if (content->count == 2)
        content->amount += content->allocations[1].minor;
}

static bool reversal_content(struct sim_world *world, struct draw *draw, struct sim_content *ret_content)
{
    int original = any_document(&world->model, draw, one_in(draw, 8) ? SIM_REVERSED : SIM_DONE, true);
    memset(ret_content, 0, sizeof *ret_content);
    if (original == SIM_NONE || world->model.documents[original].content.kind == SIM_REVERSAL)
        return false;
    ret_content->kind = SIM_REVERSAL;
    ret_content->ref = sim_ref(world);
    ret_content->requested_by = SIM_NONE;
    ret_content->reverses = original;
    ret_content->reason = below(draw, 2);
    ret_content->date = date_of(world, draw);
    return true;
}

static void governance_content(struct sim_world *world, enum sim_kind kind, struct sim_content *ret_content)
{
    memset(ret_content, 0, sizeof *ret_content);
    ret_content->kind = kind;
    ret_content->ref = sim_ref(world);
    ret_content->requested_by = SIM_NONE;
    ret_content->since_ms = SIM_NEVER;
}

/* ---- the steps ---- */

static void step_submit(struct sim_world *world, struct draw *draw)
{
    static const enum sim_kind kinds[] = {SIM_CREDIT_NOTE, SIM_CREDIT_NOTE, SIM_CORRECTION, SIM_WRITE_OFF,
                                          SIM_REVERSAL};
    struct sim_content contents[SIM_LIST];
    struct sim_act act;
    enum sim_kind kind = kinds[below(draw, 5)];
    int count = one_in(draw, 4) ? 1 + below(draw, SIM_LIST) : 1;
    bool again = one_in(draw, 15);
    for (int i = 0; i < count; i++) {
        if (kind == SIM_REVERSAL) {
            if (!reversal_content(world, draw, &contents[i]))
                return;
            count = 1;
        } else {
            money_content(world, draw, kind, &contents[i]);
        }
    }
    /* The same again, by its ref, as it was or otherwise; a split into equal halves. */
    if (again && world->model.ref_count > 0) {
        int which = below(draw, world->model.ref_count);
        if (sim_is_money(world->model.refs[which].content.kind)) {
            if (one_in(draw, 2))
                contents[0] = world->model.refs[which].content;
            else
                contents[0].ref = world->model.refs[which].content.ref;
            count = 1;
        }
    }
    bool writes_off =
        kind == SIM_WRITE_OFF ||
        (kind == SIM_REVERSAL && world->model.documents[contents[0].reverses].content.kind == SIM_WRITE_OFF);
    if (act_as(world, draw, holder(world, draw, writes_off ? SIM_COLLECTOR : SIM_SPECIALIST), &act))
        sim_do_submit(world, &act, contents, count, one_in(draw, 3));
}

static int lowest_level(unsigned levels)
{
    int level = 1;
    while (levels != 0 && (levels & 1U << (level - 1)) == 0)
        level++;
    return level <= SIM_LEVELS ? level : 1;
}

/* Whoever may sign at that level and, most times, did not make it. */
static int signer_of(const struct sim_world *world, struct draw *draw, const struct sim_document *document, int level)
{
    const struct sim_model *model = &world->model;
    int start = below(draw, model->user_count);
    bool wrong = one_in(draw, 10), careless = one_in(draw, 12);
    for (int i = 0; i < model->user_count && !wrong; i++) {
        int user = (start + i) % model->user_count;
        bool may = sim_is_money(document->content.kind)   ? sim_may_approve(model, user, level, world->now_ms)
                   : document->content.kind == SIM_PERIOD ? sim_holds(model, user, SIM_CLOSER, world->now_ms)
                                                          : sim_is_officer(model, user, world->now_ms);
        if (may && (careless || (document->makers & UINT64_C(1) << model->users[user].person) == 0))
            return user;
    }
    return any_user(world, draw);
}

static struct sim_item item_of(const struct sim_world *world, struct draw *draw, int number)
{
    const struct sim_document *document = &world->model.documents[number];
    struct sim_item item = {
        .document = number, .version = document->version, .behalf = SIM_NONE, .level = lowest_level(document->needed)};
    if (one_in(draw, 25))
        item.other_content = true;
    if (one_in(draw, 25) && item.version > 1)
        item.version--;
    if (one_in(draw, 20))
        item.level = 1 + below(draw, SIM_LEVELS);
    return item;
}

static void step_approve(struct sim_world *world, struct draw *draw)
{
    struct sim_act act;
    int number =
        any_document(&world->model, draw, one_in(draw, 15) ? (enum sim_state)below(draw, SIM_LAPSED + 1) : SIM_WAITING,
                     one_in(draw, 2));
    if (number == SIM_NONE)
        return;
    struct sim_item item = item_of(world, draw, number);
    const struct sim_document *document = &world->model.documents[number];
    int user = signer_of(world, draw, document, item.level);
    /* For somebody who is away, by a delegation, or so he says. */
    if (sim_is_money(document->content.kind) && one_in(draw, 3))
        for (int i = 0; i < world->model.document_count; i++) {
            const struct sim_document *delegation = &world->model.documents[i];
            if (delegation->content.kind != SIM_DELEGATION || delegation->state != SIM_DONE ||
                (delegation->content.level != item.level && !one_in(draw, 6)) || one_in(draw, 3))
                continue;
            user = delegation->content.to_user;
            item.behalf = delegation->content.user;
        }
    if (act_as(world, draw, user, &act))
        sim_do_approve(world, &act, &item);
}

static void step_end(struct sim_world *world, struct draw *draw)
{
    struct sim_act act;
    int number = any_document(&world->model, draw, one_in(draw, 4) ? SIM_RETURNED : SIM_WAITING, true);
    enum sim_end how = (enum sim_end)below(draw, 3);
    if (number == SIM_NONE)
        return;
    const struct sim_item item = item_of(world, draw, number);
    int user = how == SIM_WITHDRAW
                   ? holder(world, draw, SIM_SPECIALIST)
                   : signer_of(world, draw, &world->model.documents[number], 1 + below(draw, SIM_LEVELS));
    if (act_as(world, draw, user, &act))
        sim_do_end(world, &act, &item, how);
}

static void step_amend(struct sim_world *world, struct draw *draw)
{
    struct sim_act act;
    struct sim_content content;
    int number = any_document(&world->model, draw, one_in(draw, 2) ? SIM_RETURNED : SIM_WAITING, true);
    if (number == SIM_NONE || world->model.documents[number].content.kind == SIM_REVERSAL)
        return;
    const struct sim_document *document = &world->model.documents[number];
    struct sim_item item = item_of(world, draw, number);
    item.other_content = false; /* an amendment names the version alone */
    money_content(world, draw, document->content.kind, &content);
    content.up = document->content.up;
    content.date = document->content.date;
    enum sim_role role = content.kind == SIM_WRITE_OFF ? SIM_COLLECTOR : SIM_SPECIALIST;
    /* An approver who amends, and may sign no more. */
    int user = one_in(draw, 8) ? holder(world, draw, SIM_LEAD) : holder(world, draw, role);
    if (act_as(world, draw, user, &act))
        sim_do_amend(world, &act, &item, &content);
}

static int key_new(struct sim_world *world, int user)
{
    char name[24];
    struct sim_model *model = &world->model;
    int key = model->key_count++;
    model->keys[key].user = user;
    model->keys[key].valid = model->keys[key].known = false;
    model->keys[key].since_ms = SIM_NEVER;
    snprintf(name, sizeof name, "key-%d", key);
    company_new_user(&world->company, name);
    return key;
}

static void govern(struct sim_world *world, struct draw *draw, int user, const struct sim_content *content,
                   int extra_key)
{
    struct sim_act act;
    if (!act_as(world, draw, user, &act))
        return;
    if (extra_key != SIM_NONE) {
        act.moment.foreign = false;
        act.extra_key = one_in(draw, 12) ? SIM_NONE : extra_key;
        act.moment.unsigned_key = act.extra_key == SIM_NONE;
    }
    sim_do_submit(world, &act, content, 1, false);
}

/* Somebody new, or a second account of somebody. */
static void step_enrol(struct sim_world *world, struct draw *draw)
{
    struct sim_model *model = &world->model;
    struct sim_content content;
    if (model->user_count == SIM_USERS || model->key_count + 2 > SIM_KEYS - 1 || model->person_count == SIM_PERSONS)
        return;
    governance_content(world, SIM_ENROLMENT, &content);
    bool second = one_in(draw, 3), there = one_in(draw, 10);
    content.user = there ? below(draw, model->user_count) : model->user_count++;
    content.person = second ? below(draw, model->person_count) : model->person_count++;
    if (!there)
        model->users[content.user].person = content.person;
    if (model->users[content.user].sort != SIM_HUMAN)
        return;
    content.key = key_new(world, content.user);
    govern(world, draw, officer(world, draw), &content, content.key);
}

static void step_grant(struct sim_world *world, struct draw *draw)
{
    struct sim_content content;
    governance_content(world, SIM_GRANT, &content);
    content.user = any_user(world, draw);
    content.role = below(draw, one_in(draw, 8) ? SIM_ROLES : SIM_FEEDER);
    govern(world, draw, officer(world, draw), &content, SIM_NONE);
}

static void step_revoke(struct sim_world *world, struct draw *draw)
{
    struct sim_content content;
    struct sim_model *model = &world->model;
    governance_content(world, SIM_REVOCATION, &content);
    int start = below(draw, model->document_count);
    bool delegations = one_in(draw, 2);
    content.target = SIM_NONE;
    for (int i = 0; i < model->document_count && content.target == SIM_NONE; i++) {
        const struct sim_document *document = &model->documents[(start + i) % model->document_count];
        if (document->content.kind == (delegations ? SIM_DELEGATION : SIM_GRANT) &&
            model->users[document->content.user].sort != SIM_FEEDS_IN)
            content.target = (start + i) % model->document_count;
    }
    if (content.target == SIM_NONE)
        return;
    int user = delegations && one_in(draw, 2) ? model->documents[content.target].content.user : officer(world, draw);
    govern(world, draw, user, &content, SIM_NONE);
}

static void step_rotate(struct sim_world *world, struct draw *draw)
{
    struct sim_content content;
    struct sim_act act;
    int user = any_user(world, draw), old_key = sim_key_of(&world->model, user);
    if (old_key == SIM_NONE || world->model.key_count + 2 > SIM_KEYS - 1)
        return;
    governance_content(world, SIM_ROTATION, &content);
    content.user = user;
    content.old_key = old_key;
    content.key = key_new(world, user);
    act = sim_act_of(world, user, old_key);
    act.extra_key = one_in(draw, 8) ? SIM_NONE : content.key;
    act.moment.unsigned_key = act.extra_key == SIM_NONE;
    sim_do_submit(world, &act, &content, 1, false);
}

/* A key was stolen some days ago: it ends, and what it signed since is suspect. */
static void step_key_lost(struct sim_world *world, struct draw *draw)
{
    struct sim_content content;
    int user = any_user(world, draw), key = sim_key_of(&world->model, user);
    if (key == SIM_NONE)
        return;
    governance_content(world, SIM_KEY_REVOCATION, &content);
    content.user = user;
    content.key = key;
    if (one_in(draw, 2))
        content.since_ms = world->now_ms - below(draw, 5) * DAY_MS - below(draw, 1000);
    govern(world, draw, one_in(draw, 3) ? user : officer(world, draw), &content, SIM_NONE);
}

static void step_delegate(struct sim_world *world, struct draw *draw)
{
    struct sim_content content;
    governance_content(world, SIM_DELEGATION, &content);
    content.level = 1 + below(draw, SIM_LEVELS);
    content.user = holder(world, draw, SIM_LEAD + (enum sim_role)content.level - 1);
    content.to_user =
        one_in(draw, 2) ? holder(world, draw, SIM_LEAD + (enum sim_role)below(draw, 3)) : any_user(world, draw);
    content.from_ms = world->now_ms + (one_in(draw, 3) ? DAY_MS : -HOUR_MS);
    content.to_ms = content.from_ms + (1 + below(draw, one_in(draw, 10) ? 40 : 20)) * DAY_MS;
    govern(world, draw, one_in(draw, 2) ? content.user : officer(world, draw), &content, SIM_NONE);
}

static void step_policy(struct sim_world *world, struct draw *draw)
{
    struct sim_content content;
    if (world->model.policy_count + 8 > SIM_POLICIES)
        return;
    governance_content(world, SIM_POLICY, &content);
    content.variant = below(draw, SIM_VARIANTS);
    content.effective_ms = (sim_date(world->now_ms) + (one_in(draw, 8) ? 0 : 1) + below(draw, 3)) * DAY_MS;
    govern(world, draw, officer(world, draw), &content, SIM_NONE);
}

static void step_period(struct sim_world *world, struct draw *draw)
{
    struct sim_content content;
    governance_content(world, SIM_PERIOD, &content);
    int now = sim_month(sim_date(world->now_ms));
    content.month = now - (one_in(draw, 4) ? 0 : 1 + below(draw, 2)) + (one_in(draw, 10) ? 1 : 0);
    content.state = one_in(draw, 6)                                  ? SIM_HARD
                    : world->model.months[content.month] == SIM_SOFT ? (one_in(draw, 8) ? SIM_SOFT : SIM_OPEN)
                                                                     : (one_in(draw, 8) ? SIM_OPEN : SIM_SOFT);
    govern(world, draw, holder(world, draw, SIM_CLOSER), &content, SIM_NONE);
}

static void bring_file(struct sim_world *world, struct draw *draw, struct sim_file *file)
{
    struct sim_act act;
    int user = 14; /* the feed's own (world_open) */
    if (one_in(draw, 15))
        user = any_user(world, draw);
    file->sequence = world->model.files[file->feed] + 1 + (one_in(draw, 20) ? 1 : 0);
    if (!act_as(world, draw, user, &act))
        return;
    act.moment.seen_missing = act.moment.seen_unknown = false; /* a feed has seen nothing */
    act.seen_null = true;
    sim_do_feed(world, &act, file);
}

static void step_invoice(struct sim_world *world, struct draw *draw)
{
    struct sim_file file = {.feed = SIM_FEED_INVOICES,
                            .customer = below(draw, SIM_CUSTOMERS),
                            .invoice = world->model.invoice_count,
                            .amount = 5000 + below(draw, 3000000),
                            .date = sim_date(world->now_ms) - below(draw, 20)};
    if (world->model.invoice_count < SIM_INVOICES)
        bring_file(world, draw, &file);
}

static void step_cash(struct sim_world *world, struct draw *draw)
{
    int invoice = below(draw, world->model.invoice_count);
    int64_t open = world->model.invoices[invoice].open;
    struct sim_file file = {.feed = SIM_FEED_CASH,
                            .customer = world->model.invoices[invoice].customer,
                            .invoice = invoice,
                            .date = sim_date(world->now_ms)};
    file.applied = one_in(draw, 10) ? 0 : 1 + (int64_t)(next(draw) % (uint64_t)(open > 0 ? open + open / 8 + 1 : 1000));
    file.amount = file.applied + (one_in(draw, 3) || file.applied == 0 ? 1 + below(draw, 5000) : 0);
    bring_file(world, draw, &file);
}

static void step_leave(struct sim_world *world, struct draw *draw)
{
    int user = any_user(world, draw);
    struct sim_file file = {.feed = SIM_FEED_PEOPLE,
                            .person = world->model.users[user].person,
                            .date = sim_date(world->now_ms) - 1 + below(draw, 6)};
    if (user >= SIM_OFFICERS || one_in(draw, 6))
        bring_file(world, draw, &file);
}

static void step_again(struct sim_world *world, struct draw *draw)
{
    sim_do_again(world, (unsigned)below(draw, SIM_KEPT));
}

static void step_forge(struct sim_world *world, struct draw *draw)
{
    struct sim_content content;
    int user = any_user(world, draw);
    money_content(world, draw, SIM_CREDIT_NOTE, &content);
    if (sim_key_of(&world->model, user) != SIM_NONE)
        sim_do_forge(world, user, (enum sim_forgery)below(draw, SIM_FORGERIES), &content);
}

/* The gate's clock goes back a little, or was ahead for a while; on a simulated book there is none. */
static void step_clock(struct sim_world *world, struct draw *draw)
{
    struct sim_content content;
    int64_t now_ms = world->now_ms, ahead_ms = (1 + below(draw, 72)) * HOUR_MS;
    int user = any_user(world, draw);
    if (!world->real)
        return;
    if (one_in(draw, 2)) {
        int64_t back_ms = world->model.head_ms - 1 - below(draw, 5000);
        world->now_ms = back_ms < now_ms ? back_ms : now_ms;
        return;
    }
    for (int i = 0; i < 2; i++)
        if (sim_key_of(&world->model, i) == SIM_NONE || sim_has_left(&world->model, i, now_ms + ahead_ms))
            return;
    if (sim_key_of(&world->model, user) == SIM_NONE)
        return;
    world->now_ms += ahead_ms;
    step_submit(world, draw);
    world->now_ms = now_ms;
    money_content(world, draw, SIM_CREDIT_NOTE, &content);
    if (world->model.head_ms - now_ms > 5 * SECOND_MS)
        sim_do_clock(world, user, &content);
}

static void step_time(struct sim_world *world, struct draw *draw)
{
    switch (below(draw, 5)) {
    case 0:
        world->now_ms += below(draw, 600) * MINUTE_MS;
        break;
    case 1:
        world->now_ms += (1 + below(draw, 3)) * DAY_MS;
        break;
    case 2: /* to the last second of the day, or the first of the next */
        world->now_ms = (sim_date(world->now_ms) + 1) * DAY_MS - below(draw, 2);
        break;
    case 3:
        if (one_in(draw, 4))
            world->now_ms += (5 + below(draw, 20)) * DAY_MS;
        break;
    default:
        world->now_ms += below(draw, 24) * HOUR_MS;
        break;
    }
}

static void step_reopen(struct sim_world *world, struct draw *draw)
{
    sim_do_reopen(world, one_in(draw, 3));
}

static void step_checkpoint(struct sim_world *world, struct draw *draw)
{
    (void)draw;
    sim_do_checkpoint(world);
}

static const struct {
    int weight;
    void (*take)(struct sim_world *world, struct draw *draw);
} kinds[] = {
    {30, step_submit}, {60, step_approve}, {6, step_end},        {6, step_amend},    {3, step_enrol},  {5, step_grant},
    {3, step_revoke},  {3, step_rotate},   {2, step_key_lost},   {4, step_delegate}, {2, step_policy}, {4, step_period},
    {5, step_invoice}, {5, step_cash},     {1, step_leave},      {4, step_again},    {4, step_forge},  {9, step_time},
    {2, step_clock},   {2, step_reopen},   {3, step_checkpoint},
};

void sim_step(struct sim_world *world, int step)
{
    struct draw draw = {.state =
                            world->seed * UINT64_C(0xd1342543de82ef95) + (uint64_t)step * UINT64_C(0x2545f4914f6cdd1d)};
    int sum = 0, at;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        sum += kinds[i].weight;
    at = below(&draw, sum);
    world->step = step;
    world->trouble = SIM_NO_TROUBLE;
    if (one_in(&draw, 12)) {
        static const int errors[] = {EIO, ENOSPC};
        world->trouble = one_in(&draw, 2) ? SIM_CALL_FAILS : SIM_IS_KILLED;
        world->trouble_at = 1 + below(&draw, 12);
        world->trouble_errno = errors[below(&draw, 2)];
    }
    size_t kind = 0;
    while (at >= kinds[kind].weight)
        at -= kinds[kind++].weight;
    kinds[kind].take(world, &draw);
    world->trouble = SIM_NO_TROUBLE;
}

/*
 * The first days of a simulated company: its people, customers and invoices. Every statement of it is held against the model, as
 * all later ones are.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/world.h"

static const struct {
    int person;
    enum sim_role role; /* SIM_ROLES: none */
    enum sim_sort sort;
} cast[] = {
    {3, SIM_SPECIALIST, SIM_HUMAN}, {4, SIM_SPECIALIST, SIM_HUMAN}, {5, SIM_COLLECTOR, SIM_HUMAN},
    {6, SIM_LEAD, SIM_HUMAN},       {7, SIM_LEAD, SIM_HUMAN},       {8, SIM_MANAGER, SIM_HUMAN},
    {9, SIM_MANAGER, SIM_HUMAN},    {10, SIM_DIRECTOR, SIM_HUMAN},  {11, SIM_DIRECTOR, SIM_HUMAN},
    {12, SIM_CLOSER, SIM_HUMAN},    {13, SIM_CLOSER, SIM_HUMAN},    {14, SIM_FEEDER, SIM_FEEDS_IN},
    {4, SIM_SPECIALIST, SIM_BOT}, /* of the second specialist */
    {3, SIM_ROLES, SIM_HUMAN},    /* a second account of the first specialist */
};
enum { CAST = sizeof cast / sizeof cast[0], PERSONS = 15, INVOICES = 8 };

static void governed(struct sim_world *world, struct sim_content *content, int extra_key)
{
    struct sim_act act = sim_act_of(world, 0, 0);
    content->ref = sim_ref(world);
    content->requested_by = SIM_NONE;
    content->since_ms = SIM_NEVER;
    act.extra_key = extra_key;
    sim_do_submit(world, &act, content, 1, false);
    const struct sim_item item = {
        .document = world->model.document_count - 1, .version = 1, .level = 1, .behalf = SIM_NONE};
    act = sim_act_of(world, 1, 1);
    sim_do_approve(world, &act, &item);
}

static void hire(struct sim_world *world, int person, enum sim_role role, enum sim_sort sort)
{
    char name[24];
    struct sim_model *model = &world->model;
    struct sim_content content;
    int user = model->user_count++, key = model->key_count++;
    memset(&content, 0, sizeof content);
    model->users[user].person = person;
    model->users[user].sort = sort;
    snprintf(name, sizeof name, "key-%d", key);
    company_new_user(&world->company, name);
    content.kind = SIM_ENROLMENT;
    content.user = user;
    content.person = person;
    content.key = key;
    governed(world, &content, key);
    if (role == SIM_ROLES)
        return;
    memset(&content, 0, sizeof content);
    content.kind = SIM_GRANT;
    content.user = user;
    content.role = (int)role;
    governed(world, &content, SIM_NONE);
}

static void feeds(struct sim_world *world)
{
    struct sim_act act = sim_act_of(world, 14, sim_key_of(&world->model, 14));
    struct sim_file file = {.feed = SIM_FEED_CUSTOMERS, .sequence = 1};
    act.seen_null = true;
    sim_do_feed(world, &act, &file);
    for (int i = 0; i < INVOICES; i++) {
        act = sim_act_of(world, 14, sim_key_of(&world->model, 14));
        act.seen_null = true;
        file = (struct sim_file){.feed = SIM_FEED_INVOICES,
                                 .sequence = i + 1,
                                 .customer = i % SIM_CUSTOMERS,
                                 .invoice = i,
                                 .amount = 50000 + 400000 * i,
                                 .date = sim_date(world->now_ms) - 40 - i};
        sim_do_feed(world, &act, &file);
    }
}

static int64_t gate_clock(void *context)
{
    return ((struct sim_world *)context)->now_ms;
}

void sim_world_open(struct sim_world *world, unsigned long long seed)
{
    memset(world, 0, sizeof *world);
    world->seed = seed;
    world->step = -1;
    world->real = seed % 3 == 0;
    world->company.real_now = world->real ? gate_clock : NULL;
    company_found(&world->company, "tests/sim/policy.yaml");
    world->company.unchecked = true;
    world->leaves[0] = company_head(&world->company).leaf;
    sim_model_begin(&world->model, world->company.now_ms);
    world->now_ms = world->company.now_ms + 1000;
    world->model.person_count = PERSONS;
    for (int i = 0; i < CAST; i++)
        hire(world, cast[i].person, cast[i].role, cast[i].sort);
    feeds(world);
    char name[24];
    snprintf(name, sizeof name, "key-%d", SIM_KEYS - 1); /* a stranger's */
    company_new_user(&world->company, name);
}

void sim_world_close(struct sim_world *world, const char *leave)
{
    sim_compare(world, true);
    sim_replay(world);
    if (leave != NULL) {
        char command[800];
        gate_close(world->company.gate);
        snprintf(command, sizeof command, "cp -r '%s' '%s'", world->company.book, leave);
        if (system(command) != 0)
            sim_wrong(world, "the book cannot be left at %s", leave);
        world->company.gate = NULL;
        company_reopen(&world->company);
    }
    company_close(&world->company);
    for (int i = 0; i < SIM_KEPT; i++)
        free(world->kept[i].bytes);
}

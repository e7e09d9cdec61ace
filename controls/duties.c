/*
 * Static segregation of duties; see the header. Floors come first, then the policy's pairs in its order, then its sets.
 * Nothing here answers a request: the rules make answers of the clashes.
 */
#include "controls/duties.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/functions.h"
#include "ledger/books.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

/* Floors that no policy can lower: classes of function that one person may not join. */
static const struct {
    enum function_class a, b;
    const char *name;
} floors[] = {
    {FUNCTION_APPROVE, FUNCTION_GOVERN, "approve-govern"},   {FUNCTION_APPROVE, FUNCTION_CLOSE, "approve-close"},
    {FUNCTION_GOVERN, FUNCTION_CLOSE, "govern-close"},       {FUNCTION_GOVERN, FUNCTION_PREPARE, "govern-prepare"},
    {FUNCTION_GOVERN, FUNCTION_FEED, "govern-feed"},         {FUNCTION_FEED, FUNCTION_PREPARE, "feed-prepare"},
    {FUNCTION_FEED, FUNCTION_APPROVE, "feed-approve"},       {FUNCTION_FEED, FUNCTION_CLOSE, "feed-close"},
    {FUNCTION_GOVERN, FUNCTION_OVERRIDE, "govern-override"},
};

const char *duties_floor(const char *a, const char *b)
{
    enum kind_id a_kind = KIND_UNKNOWN, b_kind = KIND_UNKNOWN;
    int level;
    enum function_class x = function_class(a, &a_kind, &level), y = function_class(b, &b_kind, &level);
    if (((x == FUNCTION_PREPARE && y == FUNCTION_APPROVE) || (x == FUNCTION_APPROVE && y == FUNCTION_PREPARE)) &&
        a_kind == b_kind)
        return "prepare-approve";
    for (size_t i = 0; i < sizeof floors / sizeof floors[0]; i++)
        if ((x == floors[i].a && y == floors[i].b) || (x == floors[i].b && y == floors[i].a))
            return floors[i].name;
    return NULL;
}

const char *clash_rule_word(enum clash_rule rule)
{
    static const char *const words[] = {[CLASH_FLOOR] = "floor",
                                        [CLASH_NEVER] = "never",
                                        [CLASH_MITIGATED] = "mitigated",
                                        [CLASH_EXCLUSIVE] = "exclusive"};
    return words[rule];
}

void holding_done(struct holding *holding)
{
    free(holding->items);
    *holding = (struct holding){.items = NULL};
}

static enum status item_add(struct holding *holding, const struct duty_item *item, struct err *err)
{
    if (holding->count == holding->capacity) {
        size_t capacity = holding->capacity == 0 ? 32 : holding->capacity * 2;
        struct duty_item *items = realloc(holding->items, capacity * sizeof *items);
        if (items == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for a person's functions");
        holding->items = items;
        holding->capacity = capacity;
    }
    holding->items[holding->count++] = *item;
    return STATUS_OK;
}

/* The policy's own text of a function; NULL when none of its roles has it. */
static const char *policy_function(const struct policy *policy, const char *function)
{
    for (size_t i = 0; i < policy->role_count; i++)
        for (size_t k = 0; k < policy->roles[i].function_count; k++)
            if (strcmp(policy->roles[i].functions[k], function) == 0)
                return policy->roles[i].functions[k];
    return NULL;
}

struct waiting_walk {
    const struct facts *facts;
    struct holding *holding;
    const char *not_number;
};

/* What was delegated is lent by its record, so the policy's text of the function is kept. */
static enum status held_step(void *context, const struct held_function *held, bool *ret_more, struct err *err)
{
    struct waiting_walk *walk = context;
    struct duty_item item = {.function = policy_function(walk->facts->policy, held->function), .role = held->role};
    (void)ret_more;
    if (item.function == NULL)
        return STATUS_OK;
    snprintf(item.grant, sizeof item.grant, "%s", held->grant);
    snprintf(item.user, sizeof item.user, "%s", held->user);
    return item_add(walk->holding, &item, err);
}

static enum status role_add(struct holding *holding, const struct policy_role *role, const struct duty_item *from,
                            struct err *err)
{
    struct duty_item item = *from;
    enum status status = STATUS_OK;
    item.role = role->role;
    for (size_t i = 0; status == STATUS_OK && i < role->function_count; i++) {
        item.function = role->functions[i];
        status = item_add(holding, &item, err);
    }
    return status;
}

/* The text after the first zero byte of a key of two texts. */
static enum status second_text(struct slice key, char ret_text[static ID_BYTES_MAX + 1], struct err *err)
{
    const uint8_t *zero = memchr(key.bytes, 0, key.length);
    if (zero == NULL || key.length - (size_t)(zero + 1 - key.bytes) > ID_BYTES_MAX)
        return err_set(err, STATUS_CORRUPT, "books: a key of two ids is not whole");
    snprintf(ret_text, ID_BYTES_MAX + 1, "%.*s", (int)(key.length - (size_t)(zero + 1 - key.bytes)),
             (const char *)zero + 1);
    return STATUS_OK;
}

static enum status waiting_step(void *context, struct slice key, const json_t *ignored, bool *ret_more, struct err *err)
{
    struct waiting_walk *walk = context;
    struct duty_item item = {.waits = true};
    json_t *record = NULL;
    (void)ignored;
    (void)ret_more;
    enum status status = second_text(key, item.grant, err);
    if (status != STATUS_OK || (walk->not_number != NULL && strcmp(item.grant, walk->not_number) == 0))
        return status;
    status = facts_document(walk->facts, item.grant, &record, err);
    const json_t *document = json_object_get(record, "document");
    const char *role_code = member_text(document, "role");
    const struct policy_role *role = role_code != NULL ? policy_find_role(walk->facts->policy, role_code) : NULL;
    if (status == STATUS_OK && role != NULL) {
        snprintf(item.user, sizeof item.user, "%s", member_text(document, "user"));
        status = role_add(walk->holding, role, &item, err);
    }
    json_decref(record);
    return status;
}

static enum status waiting_user(void *context, const char *user, bool *ret_more, struct err *err)
{
    struct waiting_walk *walk = context;
    struct books_key prefix = books_key(user);
    (void)ret_more;
    books_key_close(&prefix);
    const struct books_walk books = {
        .table = BOOKS_WAITING_GRANTS, .prefix = &prefix, .step = waiting_step, .context = walk};
    return books_each(walk->facts->books, &books, err);
}

enum status holding_collect(const struct facts *facts, const char *person, bool waiting, const char *not_number,
                            struct holding *holding, struct err *err)
{
    struct waiting_walk walk = {.facts = facts, .holding = holding, .not_number = not_number};
    enum status status = facts_person_functions(facts, person, held_step, &walk, err);
    if (status == STATUS_OK && waiting)
        status = facts_person_users(facts, person, waiting_user, &walk, err);
    holding->first_new = holding->count;
    return status;
}

enum status holding_consider(struct holding *holding, const struct policy_role *role, const char *user, struct err *err)
{
    struct duty_item item = {.waits = false};
    snprintf(item.user, sizeof item.user, "%s", user);
    return role_add(holding, role, &item, err);
}

/* Which items matter to a clash: all pairs, or those with a considered one, which is then told first. */
struct sides {
    const struct duty_item *a, *b;
};

typedef bool item_is(const void *context, const char *function);

static const struct duty_item *item_find(const struct holding *holding, size_t from, item_is *is, const void *context)
{
    for (size_t i = from; i < holding->count; i++)
        if (is(context, holding->items[i].function))
            return &holding->items[i];
    return NULL;
}

/* One item on each side; false when a side has none, or none is considered although some are. */
static bool sides_find(const struct holding *holding, item_is *is, const void *const side[2], struct sides *ret_sides)
{
    bool considers = holding->first_new < holding->count;
    for (int turn = 0; turn < 2; turn++) {
        const struct duty_item *newer = item_find(holding, considers ? holding->first_new : 0, is, side[turn]);
        const struct duty_item *other = newer != NULL ? item_find(holding, 0, is, side[1 - turn]) : NULL;
        if (other != NULL) {
            *ret_sides = (struct sides){.a = newer, .b = other};
            return true;
        }
        if (!considers)
            return false;
    }
    return false;
}

static bool is_of_duty(const void *context, const char *function)
{
    return duty_has_function(context, function);
}

struct class_of {
    enum function_class class;
    enum kind_id kind; /* KIND_UNKNOWN: any */
};

static bool is_of_class(const void *context, const char *function)
{
    const struct class_of *wanted = context;
    enum kind_id kind = KIND_UNKNOWN;
    return function_class(function, &kind, NULL) == wanted->class &&
           (wanted->kind == KIND_UNKNOWN || wanted->kind == kind);
}

static bool floor_find(const struct holding *holding, const struct class_of side[2], struct sides *ret_sides)
{
    const void *const both[2] = {&side[0], &side[1]};
    return sides_find(holding, is_of_class, both, ret_sides);
}

/* Each floor once, whatever the number of kinds that trip over it. */
static enum status floor_clashes(const struct holding *holding, clash_step *step, void *context, struct err *err)
{
    struct sides sides;
    enum status status = STATUS_OK;
    bool found = false;
    for (int kind = 0; !found && kind < KIND_COUNT; kind++) {
        const struct class_of side[2] = {{FUNCTION_PREPARE, (enum kind_id)kind},
                                         {FUNCTION_APPROVE, (enum kind_id)kind}};
        found = floor_find(holding, side, &sides);
    }
    if (found) {
        const struct clash clash = {.rule = CLASH_FLOOR, .name = "prepare-approve", .a = sides.a, .b = sides.b};
        status = step(context, &clash, err);
    }
    for (size_t i = 0; status == STATUS_OK && i < sizeof floors / sizeof floors[0]; i++) {
        const struct class_of side[2] = {{floors[i].a, KIND_UNKNOWN}, {floors[i].b, KIND_UNKNOWN}};
        if (!floor_find(holding, side, &sides))
            continue;
        const struct clash clash = {.rule = CLASH_FLOOR, .name = floors[i].name, .a = sides.a, .b = sides.b};
        status = step(context, &clash, err);
    }
    return status;
}

static enum status exclusive_clash(const struct holding *holding, const struct policy_exclusive *exclusive,
                                   clash_step *step, void *context, struct err *err)
{
    bool considers = holding->first_new < holding->count;
    const struct duty_item *newer = NULL;
    size_t held = 0;
    for (size_t i = 0; i < exclusive->duty_count; i++) {
        if (item_find(holding, 0, is_of_duty, exclusive->duties[i]) == NULL)
            continue;
        const struct duty_item *item =
            item_find(holding, considers ? holding->first_new : 0, is_of_duty, exclusive->duties[i]);
        newer = newer == NULL ? item : newer;
        held++;
    }
    if (held < exclusive->fewer_than || newer == NULL)
        return STATUS_OK;
    const struct clash clash = {
        .rule = CLASH_EXCLUSIVE, .name = exclusive->set, .a = newer, .held = held, .fewer_than = exclusive->fewer_than};
    return step(context, &clash, err);
}

enum status holding_clashes(const struct policy *policy, const struct holding *holding, clash_step *step, void *context,
                            struct err *err)
{
    enum status status = floor_clashes(holding, step, context, err);
    for (size_t i = 0; status == STATUS_OK && i < policy->conflict_count; i++) {
        const struct policy_conflict *conflict = &policy->conflicts[i];
        const void *const both[2] = {conflict->a, conflict->b};
        struct sides sides;
        if (conflict->mode == CONFLICT_DOCUMENT || !sides_find(holding, is_of_duty, both, &sides))
            continue;
        const struct clash clash = {.rule = conflict->mode == CONFLICT_NEVER ? CLASH_NEVER : CLASH_MITIGATED,
                                    .a_duty = conflict->a->duty,
                                    .b_duty = conflict->b->duty,
                                    .a = sides.a,
                                    .b = sides.b};
        status = step(context, &clash, err);
    }
    for (size_t i = 0; status == STATUS_OK && i < policy->exclusive_count; i++)
        status = exclusive_clash(holding, &policy->exclusives[i], step, context, err);
    return status;
}

struct mitigation_find {
    const struct facts *facts;
    json_t *record;
};

static enum status mitigation_step(void *context, struct slice key, const json_t *marker, bool *ret_more,
                                   struct err *err)
{
    struct mitigation_find *find = context;
    json_t *record = NULL;
    int64_t until;
    (void)key;
    struct books_key number = books_key(member_text(marker, "number"));
    enum status status = books_get(find->facts->books, BOOKS_MITIGATIONS, &number, &record, err);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? err_set(err, STATUS_CORRUPT, "books: a mitigation is not there") : status;
    const char *text = member_text(record, "until");
    status = instant_parse(text, strlen(text), &until, err);
    if (status == STATUS_OK && find->facts->time_ms < until && json_object_get(record, "revoked") == NULL) {
        find->record = record;
        *ret_more = false;
    } else {
        json_decref(record);
    }
    return status;
}

enum status facts_mitigation(const struct facts *facts, const char *person, const char *a, const char *b,
                             json_t **ret_record, struct err *err)
{
    struct mitigation_find find = {.facts = facts};
    bool swap = strcmp(a, b) > 0;
    struct books_key prefix = books_key_pair(person, swap ? b : a);
    books_key_add_text(&prefix, swap ? a : b);
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_PERSON_MITIGATIONS,
                                    .prefix = &prefix,
                                    .backward = true,
                                    .step = mitigation_step,
                                    .context = &find};
    enum status status = books_each(facts->books, &walk, err);
    if (status == STATUS_OK)
        *ret_record = find.record;
    else
        json_decref(find.record);
    return status;
}

struct persons_walk {
    person_step *step;
    void *context;
    char last[ID_BYTES_MAX + 1];
};

static enum status persons_step(void *context, struct slice key, const json_t *ignored, bool *ret_more, struct err *err)
{
    struct persons_walk *walk = context;
    const uint8_t *zero = memchr(key.bytes, 0, key.length);
    char person[ID_BYTES_MAX + 1];
    (void)ignored;
    if (zero == NULL || zero - key.bytes > ID_BYTES_MAX)
        return err_set(err, STATUS_CORRUPT, "books: a person has no user");
    snprintf(person, sizeof person, "%.*s", (int)(zero - key.bytes), (const char *)key.bytes);
    if (strcmp(person, walk->last) == 0)
        return STATUS_OK;
    snprintf(walk->last, sizeof walk->last, "%s", person);
    return walk->step(walk->context, person, ret_more, err);
}

enum status facts_persons(const struct facts *facts, person_step *step, void *context, struct err *err)
{
    struct persons_walk walk = {.step = step, .context = context};
    const struct books_walk books = {.table = BOOKS_PERSONS, .step = persons_step, .context = &walk};
    return books_each(facts->books, &books, err);
}

struct users_walk {
    user_step *step;
    void *context;
};

static enum status users_step(void *context, struct slice key, const json_t *ignored, bool *ret_more, struct err *err)
{
    struct users_walk *walk = context;
    char user[ID_BYTES_MAX + 1];
    (void)ignored;
    enum status status = second_text(key, user, err);
    return status == STATUS_OK ? walk->step(walk->context, user, ret_more, err) : status;
}

enum status facts_person_users(const struct facts *facts, const char *person, user_step *step, void *context,
                               struct err *err)
{
    struct users_walk walk = {.step = step, .context = context};
    struct books_key prefix = books_key(person);
    books_key_close(&prefix);
    const struct books_walk books = {.table = BOOKS_PERSONS, .prefix = &prefix, .step = users_step, .context = &walk};
    return books_each(facts->books, &books, err);
}

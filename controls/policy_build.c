/*
 * Builds a struct policy from a compiled form that has passed the check of its form, and frees it. Strings are lent
 * from a copy of the form that the policy keeps; lists are blocks in one chain, so freeing knows nothing of their
 * contents.
 */
#include "controls/policy_build.h"

#include <stdlib.h>
#include <string.h>

#include "controls/functions.h"
#include "controls/policy_words.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/money.h"

struct block {
    struct block *next;
    max_align_t data[];
};

struct holder {
    struct policy policy; /* first: a struct policy that was given out is its holder */
    json_t *compiled;
    struct block *blocks;
    bool failed; /* no memory for one of the lists */
};

static void *list_new(struct holder *holder, size_t count, size_t size)
{
    if (count == 0 || holder->failed)
        return NULL;
    struct block *block = NULL;
    if (count <= (SIZE_MAX - sizeof *block) / size)
        block = calloc(1, sizeof *block + count * size);
    if (block == NULL) {
        holder->failed = true;
        return NULL;
    }
    block->next = holder->blocks;
    holder->blocks = block;
    return block->data;
}

/* The list of that name and its length; an empty one when memory ran out, so that the loops below end. */
static const json_t *list_of(const struct holder *holder, const json_t *object, const char *name, size_t *ret_count)
{
    const json_t *list = json_object_get(object, name);
    *ret_count = holder->failed ? 0 : json_array_size(list);
    return list;
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static int64_t integer_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static int word_of(const json_t *object, const char *name, const char *(*word)(int))
{
    return word_value(word, text_of(object, name));
}

static int64_t amount_of(const struct holder *holder, const json_t *object, const char *name)
{
    const char *text = text_of(object, name);
    int64_t minor = INT64_MAX;
    bool read = text == NULL || money_parse(text, strlen(text), holder->policy.base_digits, &minor, NULL) == STATUS_OK;
    invariant(read); /* its form was checked */
    return minor;
}

/* The first word where the member is not given. */
static int optional_word(const json_t *object, const char *name, const char *(*word)(int))
{
    return json_object_get(object, name) != NULL ? word_of(object, name, word) : 0;
}

static const char **texts_of(struct holder *holder, const json_t *object, const char *name, size_t *ret_count)
{
    size_t count = 0;
    const json_t *list = list_of(holder, object, name, &count);
    const char **texts = list_new(holder, count, sizeof texts[0]);
    for (size_t i = 0; texts != NULL && i < count; i++)
        texts[i] = json_string_value(json_array_get(list, i));
    *ret_count = texts == NULL ? 0 : count;
    return texts;
}

static uint64_t kinds_of(const json_t *object)
{
    const json_t *list = json_object_get(object, "kinds");
    uint64_t kinds = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        kinds |= UINT64_C(1) << kind_from_name(json_string_value(json_array_get(list, i)));
    return kinds;
}

static const int32_t *dates_of(struct holder *holder, const json_t *object, const char *name, size_t *ret_count)
{
    size_t count = 0;
    const json_t *list = list_of(holder, object, name, &count);
    int32_t *dates = list_new(holder, count, sizeof dates[0]);
    for (size_t i = 0; dates != NULL && i < count; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        bool read = date_parse(text, strlen(text), &dates[i], NULL) == STATUS_OK;
        invariant(read); /* its form was checked */
    }
    *ret_count = dates == NULL ? 0 : count;
    return dates;
}

/* Values that an object gives; the others stay as they are. */
static void read_parameters(struct holder *holder, const json_t *object, int64_t *values)
{
    const json_t *given = json_object_get(object, "parameters");
    for (size_t i = 0; i < PARAMETER_COUNT; i++) {
        const struct parameter *parameter = &policy_parameters[i];
        if (json_object_get(given, parameter->name) != NULL)
            values[i] = parameter->unit == UNIT_AMOUNT ? amount_of(holder, given, parameter->name)
                                                       : integer_of(given, parameter->name);
    }
}

static void read_fallbacks(struct holder *holder)
{
    int64_t whole = 1;
    for (int digits = holder->policy.base_digits; digits > 0; digits--)
        whole *= 10;
    for (size_t i = 0; i < PARAMETER_COUNT; i++)
        holder->policy.parameters[i] =
            policy_parameters[i].fallback * (policy_parameters[i].unit == UNIT_AMOUNT ? whole : 1);
    read_parameters(holder, holder->compiled, holder->policy.parameters);
}

static void read_entities(struct holder *holder)
{
    size_t count = 0;
    const json_t *list = list_of(holder, holder->compiled, "entities", &count);
    struct policy_entity *entities = list_new(holder, count, sizeof entities[0]);
    for (size_t i = 0; entities != NULL && i < count; i++) {
        const json_t *from = json_array_get(list, i);
        size_t offset_count = 0;
        const json_t *offset_list = list_of(holder, from, "offsets", &offset_count);
        struct policy_offset *offsets = list_new(holder, offset_count, sizeof offsets[0]);
        for (size_t k = 0; offsets != NULL && k < offset_count; k++) {
            const json_t *offset = json_array_get(offset_list, k);
            const char *text = text_of(offset, "from");
            bool read = instant_parse(text, strlen(text), &offsets[k].from_ms, NULL) == STATUS_OK;
            invariant(read); /* its form was checked */
            offsets[k].minutes = (int32_t)integer_of(offset, "minutes");
        }
        entities[i] = (struct policy_entity){.entity = text_of(from, "entity"),
                                             .currency = text_of(from, "currency"),
                                             .fiscal_month = (int)integer_of(from, "fiscal_month"),
                                             .offsets = offsets,
                                             .offset_count = offset_count};
        entities[i].holidays = dates_of(holder, from, "holidays", &entities[i].holiday_count);
        memcpy(entities[i].parameters, holder->policy.parameters, sizeof entities[i].parameters);
        read_parameters(holder, from, entities[i].parameters);
    }
    holder->policy.entities = entities;
    holder->policy.entity_count = count;
}

static void read_accounts(struct holder *holder)
{
    size_t count = 0;
    const json_t *list = list_of(holder, holder->compiled, "accounts", &count);
    struct policy_account *accounts = list_new(holder, count, sizeof accounts[0]);
    for (size_t i = 0; accounts != NULL && i < count; i++) {
        const json_t *from = json_array_get(list, i);
        accounts[i] = (struct policy_account){.account = text_of(from, "account"),
                                              .class = (enum account_class)word_of(from, "class", account_class_word),
                                              .title = text_of(from, "title")};
    }
    holder->policy.accounts = accounts;
    holder->policy.account_count = count;
}

static void read_taxes(struct holder *holder)
{
    size_t count = 0;
    const json_t *list = list_of(holder, holder->compiled, "taxes", &count);
    struct policy_tax *taxes = list_new(holder, count, sizeof taxes[0]);
    for (size_t i = 0; taxes != NULL && i < count; i++) {
        const json_t *from = json_array_get(list, i);
        taxes[i] = (struct policy_tax){.code = text_of(from, "code"), .account = text_of(from, "account")};
    }
    holder->policy.taxes = taxes;
    holder->policy.tax_count = count;
}

static void read_reasons(struct holder *holder)
{
    size_t count = 0;
    const json_t *list = list_of(holder, holder->compiled, "reasons", &count);
    struct policy_reason *reasons = list_new(holder, count, sizeof reasons[0]);
    for (size_t i = 0; reasons != NULL && i < count; i++) {
        const json_t *from = json_array_get(list, i);
        reasons[i] = (struct policy_reason){.reason = text_of(from, "reason"),
                                            .title = text_of(from, "title"),
                                            .row = text_of(from, "row"),
                                            .account = text_of(from, "account"),
                                            .kinds = kinds_of(from),
                                            .dispute_required = json_object_get(from, "dispute") != NULL,
                                            .note_bytes_min = (size_t)integer_of(from, "note_bytes_min"),
                                            .error = optional_word(from, "error", yes_word) == 1};
        if (json_object_get(from, "precondition") != NULL)
            reasons[i].precondition = (enum policy_precondition)word_of(from, "precondition", precondition_word);
        reasons[i].evidence = texts_of(holder, from, "evidence", &reasons[i].evidence_count);
    }
    holder->policy.reasons = reasons;
    holder->policy.reason_count = count;
}

static uint16_t levels_of(const json_t *tier)
{
    const json_t *list = json_object_get(tier, "levels");
    unsigned levels = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        levels |= 1u << (json_integer_value(json_array_get(list, i)) - 1);
    return (uint16_t)levels;
}

static void read_rows(struct holder *holder)
{
    size_t count = 0;
    const json_t *list = list_of(holder, holder->compiled, "authority", &count);
    struct policy_row *rows = list_new(holder, count, sizeof rows[0]);
    for (size_t i = 0; rows != NULL && i < count; i++) {
        const json_t *from = json_array_get(list, i);
        rows[i].row = text_of(from, "row");
        rows[i].chain = json_is_true(json_object_get(from, "chain"));
        rows[i].entities = texts_of(holder, from, "entities", &rows[i].entity_count);
        size_t tier_count = 0;
        const json_t *tier_list = list_of(holder, from, "tiers", &tier_count);
        struct policy_tier *tiers = list_new(holder, tier_count, sizeof tiers[0]);
        for (size_t k = 0; tiers != NULL && k < tier_count; k++) {
            const json_t *tier = json_array_get(tier_list, k);
            tiers[k] = (struct policy_tier){.upto_minor = amount_of(holder, tier, "upto"), .levels = levels_of(tier)};
        }
        rows[i].tiers = tiers;
        rows[i].tier_count = tier_count;
    }
    holder->policy.rows = rows;
    holder->policy.row_count = count;
}

static size_t role_index(const struct policy_role *roles, size_t count, const char *role)
{
    size_t i = 0;
    while (i < count && strcmp(roles[i].role, role) != 0)
        i++;
    return i;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The functions of a role and of every role that it inherits from, near or far; each role is visited once, so that
 * roles which inherit each other, an error of their own, end the walk too. */
static void close_role(struct holder *holder, struct policy_role *roles, size_t count, size_t which)
{
    bool taken[POLICY_ROWS_MAX] = {false};
    size_t queue[POLICY_ROWS_MAX], queued = 0, found = 0, kept = 0;
    queue[queued++] = which;
    taken[which] = true;
    for (size_t next = 0; next < queued; next++) {
        const struct policy_role *role = &roles[queue[next]];
        found += role->own_count;
        for (size_t k = 0; k < role->inherit_count; k++) {
            size_t parent = role_index(roles, count, role->inherits[k]);
            if (parent == count || taken[parent])
                continue;
            taken[parent] = true;
            queue[queued++] = parent;
        }
    }
    const char **functions = list_new(holder, found, sizeof functions[0]);
    for (size_t next = 0, used = 0; functions != NULL && next < queued; next++) {
        const struct policy_role *role = &roles[queue[next]];
        for (size_t k = 0; k < role->own_count; k++)
            functions[used++] = role->own[k];
    }
    if (functions != NULL)
        qsort(functions, found, sizeof functions[0], compare_texts);
    for (size_t i = 0; functions != NULL && i < found; i++)
        if (kept == 0 || strcmp(functions[kept - 1], functions[i]) != 0)
            functions[kept++] = functions[i];
    roles[which].functions = functions;
    roles[which].function_count = kept;
}

static void read_roles(struct holder *holder)
{
    size_t count = 0;
    const json_t *list = list_of(holder, holder->compiled, "roles", &count);
    struct policy_role *roles = list_new(holder, count, sizeof roles[0]);
    for (size_t i = 0; roles != NULL && i < count; i++) {
        const json_t *from = json_array_get(list, i);
        roles[i].role = text_of(from, "role");
        roles[i].title = text_of(from, "title");
        roles[i].own = texts_of(holder, from, "functions", &roles[i].own_count);
        roles[i].inherits = texts_of(holder, from, "inherits", &roles[i].inherit_count);
    }
    for (size_t i = 0; roles != NULL && i < count; i++)
        close_role(holder, roles, count, i);
    holder->policy.roles = roles;
    holder->policy.role_count = count;
}

static void read_duties(struct holder *holder)
{
    size_t count = 0;
    const json_t *list = list_of(holder, holder->compiled, "duties", &count);
    struct policy_duty *duties = list_new(holder, count, sizeof duties[0]);
    for (size_t i = 0; duties != NULL && i < count; i++) {
        const json_t *from = json_array_get(list, i);
        duties[i].duty = text_of(from, "duty");
        duties[i].title = text_of(from, "title");
        duties[i].functions = texts_of(holder, from, "functions", &duties[i].function_count);
    }
    holder->policy.duties = duties;
    holder->policy.duty_count = count;
}

static const struct policy_duty *duty_named(const struct policy *policy, const char *duty)
{
    for (size_t i = 0; i < policy->duty_count; i++) {
        if (strcmp(policy->duties[i].duty, duty) == 0)
            return &policy->duties[i];
    }
    return NULL;
}

static void read_conflicts(struct holder *holder)
{
    size_t count = 0;
    const json_t *list = list_of(holder, holder->compiled, "conflicts", &count);
    struct policy_conflict *conflicts = list_new(holder, count, sizeof conflicts[0]);
    for (size_t i = 0; conflicts != NULL && i < count; i++) {
        const json_t *from = json_array_get(list, i);
        conflicts[i] = (struct policy_conflict){.a = duty_named(&holder->policy, text_of(from, "a")),
                                                .b = duty_named(&holder->policy, text_of(from, "b")),
                                                .mode = (enum conflict_mode)word_of(from, "mode", conflict_mode_word)};
    }
    holder->policy.conflicts = conflicts;
    holder->policy.conflict_count = count;
}

static void read_exclusives(struct holder *holder)
{
    size_t count = 0;
    const json_t *list = list_of(holder, holder->compiled, "exclusive", &count);
    struct policy_exclusive *sets = list_new(holder, count, sizeof sets[0]);
    for (size_t i = 0; sets != NULL && i < count; i++) {
        const json_t *from = json_array_get(list, i);
        const char **names = texts_of(holder, from, "duties", &sets[i].duty_count);
        sets[i].set = text_of(from, "set");
        sets[i].title = text_of(from, "title");
        sets[i].fewer_than = (size_t)integer_of(from, "fewer_than");
        sets[i].duties = list_new(holder, sets[i].duty_count, sizeof sets[i].duties[0]);
        for (size_t k = 0; names != NULL && sets[i].duties != NULL && k < sets[i].duty_count; k++)
            sets[i].duties[k] = duty_named(&holder->policy, names[k]);
    }
    holder->policy.exclusives = sets;
    holder->policy.exclusive_count = count;
}

static void read_windows(struct holder *holder)
{
    size_t count = 0;
    const json_t *list = list_of(holder, holder->compiled, "cumulative", &count);
    struct policy_window *windows = list_new(holder, count, sizeof windows[0]);
    for (size_t i = 0; windows != NULL && i < count; i++) {
        const json_t *from = json_array_get(list, i);
        windows[i] = (struct policy_window){
            .by = (enum window_by)word_of(from, "by", window_by_word),
            .span = (enum window_span)word_of(from, "span", window_span_word),
            .days = (int)integer_of(from, "days"),
            .kinds = kinds_of(from),
            .reversed = (enum window_reversed)optional_word(from, "reversed", window_reversed_word)};
    }
    holder->policy.windows = windows;
    holder->policy.window_count = count;
}

static void read_scalars(struct holder *holder)
{
    const json_t *compiled = holder->compiled;
    const json_t *approval = json_object_get(compiled, "approval");
    const json_t *bots = json_object_get(compiled, "bots");
    const json_t *postings = json_object_get(compiled, "postings");
    struct policy *policy = &holder->policy;
    policy->name = text_of(compiled, "name");
    policy->base = text_of(compiled, "base");
    policy->base_digits = currency_digits(policy->base);
    policy->lapse_days = (int)integer_of(approval, "lapse_days");
    policy->approve_list_max = (size_t)integer_of(approval, "list_max");
    policy->bot_document_minor_max = amount_of(holder, bots, "document_max");
    policy->bot_documents_per_day_max = integer_of(bots, "documents_per_day_max");
    policy->bot_sum_minor_max = amount_of(holder, bots, "sum_per_day_max");
    policy->bot_kinds = json_object_get(bots, "kinds") != NULL ? kinds_of(bots) : UINT64_MAX;
    policy->bot_reasons = texts_of(holder, bots, "reasons", &policy->bot_reason_count);
    policy->bot_run = json_object_get(bots, "run") != NULL;
    policy->receivable_account = text_of(postings, "receivable_account");
    policy->on_account_account = text_of(postings, "on_account_account");
    policy->on_account_row = text_of(postings, "on_account_row");
    policy->relaxed = texts_of(holder, json_object_get(compiled, "break_glass"), "controls", &policy->relaxed_count);
    policy->releases_deny =
        json_object_get(compiled, "releases") != NULL && word_of(compiled, "releases", release_rule_word) == 1;
    policy->verified_level = (int)integer_of(json_object_get(compiled, "verification"), "from_level");
    policy->verified =
        texts_of(holder, json_object_get(compiled, "verification"), "functions", &policy->verified_count);
    policy->fx_account = text_of(postings, "fx_account");
    policy->rounding_account = text_of(postings, "rounding_account");
}

enum status policy_build(const json_t *compiled, struct policy **ret_policy, struct err *err)
{
    struct holder *holder = calloc(1, sizeof *holder);
    if (holder == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a policy");
    holder->compiled = json_deep_copy(compiled);
    holder->failed = holder->compiled == NULL;
    if (!holder->failed) {
        read_scalars(holder);
        read_fallbacks(holder);
        read_entities(holder);
        read_accounts(holder);
        read_taxes(holder);
        read_reasons(holder);
        read_rows(holder);
        read_roles(holder);
        read_duties(holder);
        read_conflicts(holder);
        read_exclusives(holder);
        holder->policy.public_domains =
            texts_of(holder, holder->compiled, "public_email_domains", &holder->policy.public_domain_count);
        read_windows(holder);
    }
    if (holder->failed) {
        policy_free(&holder->policy);
        return err_set(err, STATUS_MEMORY, "no memory for a policy");
    }
    *ret_policy = &holder->policy;
    return STATUS_OK;
}

void policy_free(struct policy *policy)
{
    if (policy == NULL)
        return;
    struct holder *holder = (struct holder *)policy;
    struct block *block = holder->blocks;
    while (block != NULL) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
    json_decref(holder->compiled);
    free(holder);
}

/*
 * Differences of meaning, not of text: what a row asks is compared level by level, lists as sets, so that another order
 * or another way of writing the same says nothing. Every section of struct policy is compared; a test counts them.
 */
#include "cli/policy_diff.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/policy_show.h"
#include "controls/policy_words.h"
#include "ledger/money.h"

struct diff {
    const struct policy *before;
    const struct policy *after;
    policy_change *report;
    void *context;
};

enum { WHAT_BYTES = 256, CHANGE_BYTES = 3 * POLICY_WORDS_BYTES };

static void changed(const struct diff *diff, const char *what, const char *format, ...) PRINTF_LIKE(3, 4);
static void changed(const struct diff *diff, const char *what, const char *format, ...)
{
    char text[CHANGE_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    diff->report(diff->context, what, text);
}

static const char *or_none(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : "none";
}

static void compare_text(const struct diff *diff, const char *what, const char *name, const char *before,
                         const char *after)
{
    if (strcmp(or_none(before), or_none(after)) != 0)
        changed(diff, what, "%s from %s to %s", name, or_none(before), or_none(after));
}

static void compare_number(const struct diff *diff, const char *what, const char *name, int64_t before, int64_t after)
{
    if (before != after)
        changed(diff, what, "%s from %lld to %lld", name, (long long)before, (long long)after);
}

static bool list_holds(const char *const *list, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], text) == 0)
            return true;
    return false;
}

struct list {
    const char *const *items;
    size_t count;
};

static void list_minus(struct list from, struct list taken, char ret_text[static POLICY_WORDS_BYTES])
{
    size_t used = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < from.count && used < POLICY_WORDS_BYTES; i++)
        if (!list_holds(taken.items, taken.count, from.items[i]))
            used += (size_t)snprintf(ret_text + used, POLICY_WORDS_BYTES - used, "%s%s", used > 0 ? ", " : "",
                                     from.items[i]);
}

static void compare_list(const struct diff *diff, const char *what, const char *name, struct list before,
                         struct list after)
{
    char gained[POLICY_WORDS_BYTES], lost[POLICY_WORDS_BYTES];
    list_minus(after, before, gained);
    list_minus(before, after, lost);
    if (gained[0] != '\0')
        changed(diff, what, "%s gains %s", name, gained);
    if (lost[0] != '\0')
        changed(diff, what, "%s loses %s", name, lost);
}

static void compare_kinds(const struct diff *diff, const char *what, uint64_t before, uint64_t after)
{
    char words[POLICY_WORDS_BYTES];
    policy_words_kinds(after & ~before, words);
    if (words[0] != '\0')
        changed(diff, what, "serves %s too", words);
    policy_words_kinds(before & ~after, words);
    if (words[0] != '\0')
        changed(diff, what, "no longer serves %s", words);
}

/* authority */

static bool same_entities(const struct policy_row *one, const struct policy_row *other)
{
    if (one->entity_count != other->entity_count)
        return false;
    for (size_t i = 0; i < one->entity_count; i++)
        if (!list_holds(other->entities, other->entity_count, one->entities[i]))
            return false;
    return true;
}

static const struct policy_row *row_like(const struct policy *policy, const struct policy_row *wanted)
{
    for (size_t i = 0; i < policy->row_count; i++)
        if (strcmp(policy->rows[i].row, wanted->row) == 0 && same_entities(&policy->rows[i], wanted))
            return &policy->rows[i];
    return NULL;
}

static void row_words(const struct policy_row *row, char ret_text[static WHAT_BYTES])
{
    char entities[POLICY_WORDS_BYTES];
    policy_words_list(row->entities, row->entity_count, entities);
    snprintf(ret_text, WHAT_BYTES, "row %s%s%.150s", row->row, row->entity_count > 0 ? " for " : "", entities);
}

static void level_words(const struct policy *policy, const struct policy_row *row, int level,
                        char ret_text[static MONEY_TEXT_MAX + 8])
{
    char amount[MONEY_TEXT_MAX];
    int64_t above = 0;
    if (!policy_row_level(row, level, &above)) {
        snprintf(ret_text, MONEY_TEXT_MAX + 8, "never");
    } else if (above == 0) {
        snprintf(ret_text, MONEY_TEXT_MAX + 8, "any amount");
    } else {
        money_format_grouped(above, policy->base_digits, amount);
        snprintf(ret_text, MONEY_TEXT_MAX + 8, "%s", amount);
    }
}

static void compare_row(const struct diff *diff, const struct policy_row *before, const struct policy_row *after)
{
    char what[WHAT_BYTES], from[MONEY_TEXT_MAX + 8], to[MONEY_TEXT_MAX + 8];
    row_words(after, what);
    if (before->chain != after->chain)
        changed(diff, what, "%s",
                after->chain ? "signed by the preparer's managers only"
                             : "signed by others than the preparer's managers too");
    for (int level = 1; level <= LEVELS_MAX; level++) {
        level_words(diff->before, before, level, from);
        level_words(diff->after, after, level, to);
        if (strcmp(from, to) != 0)
            changed(diff, what, "level %d from %s to %s", level, from, to);
    }
}

static void new_row(const struct diff *diff, const struct policy_row *row)
{
    char what[WHAT_BYTES], levels[POLICY_WORDS_BYTES] = "", amount[MONEY_TEXT_MAX + 8];
    size_t used = 0;
    row_words(row, what);
    for (int level = 1; level <= LEVELS_MAX && used < sizeof levels; level++) {
        int64_t above;
        level_words(diff->after, row, level, amount);
        if (policy_row_level(row, level, &above))
            used += (size_t)snprintf(levels + used, sizeof levels - used, "%slevel %d from %s", used > 0 ? ", " : "",
                                     level, amount);
    }
    changed(diff, what, "new: %s%s", levels[0] != '\0' ? levels : "no level ever",
            row->chain ? ", signed by the preparer's managers only" : "");
}

static void diff_authority(const struct diff *diff)
{
    char what[WHAT_BYTES];
    for (size_t i = 0; i < diff->after->row_count; i++) {
        const struct policy_row *before = row_like(diff->before, &diff->after->rows[i]);
        if (before != NULL)
            compare_row(diff, before, &diff->after->rows[i]);
        else
            new_row(diff, &diff->after->rows[i]);
    }
    for (size_t i = 0; i < diff->before->row_count; i++) {
        if (row_like(diff->after, &diff->before->rows[i]) != NULL)
            continue;
        row_words(&diff->before->rows[i], what);
        changed(diff, what, "dropped");
    }
}

/* cumulative */

static bool same_window(const struct policy_window *one, const struct policy_window *other)
{
    return one->by == other->by && one->span == other->span && one->days == other->days;
}

static const struct policy_window *window_like(const struct policy *policy, const struct policy_window *wanted)
{
    for (size_t i = 0; i < policy->window_count; i++)
        if (same_window(&policy->windows[i], wanted) && policy->windows[i].kinds == wanted->kinds &&
            policy->windows[i].reversed == wanted->reversed)
            return &policy->windows[i];
    return NULL;
}

static void diff_windows(const struct diff *diff)
{
    char words[POLICY_WORDS_BYTES];
    for (size_t i = 0; i < diff->after->window_count; i++) {
        policy_words_window(&diff->after->windows[i], words);
        if (window_like(diff->before, &diff->after->windows[i]) == NULL)
            changed(diff, "cumulative", "new: by %s", words);
    }
    for (size_t i = 0; i < diff->before->window_count; i++) {
        policy_words_window(&diff->before->windows[i], words);
        if (window_like(diff->after, &diff->before->windows[i]) == NULL)
            changed(diff, "cumulative", "dropped: by %s", words);
    }
}

/* reasons */

static void compare_reason(const struct diff *diff, const struct policy_reason *before,
                           const struct policy_reason *after)
{
    char what[WHAT_BYTES];
    snprintf(what, sizeof what, "reason %s", after->reason);
    compare_text(diff, what, "title", before->title, after->title);
    compare_text(diff, what, "row", before->row, after->row);
    compare_text(diff, what, "account", before->account, after->account);
    compare_kinds(diff, what, before->kinds, after->kinds);
    compare_text(diff, what, "an error", yes_word(before->error), yes_word(after->error));
    compare_list(diff, what, "evidence", (struct list){before->evidence, before->evidence_count},
                 (struct list){after->evidence, after->evidence_count});
    compare_text(diff, what, "precondition", precondition_word((int)before->precondition),
                 precondition_word((int)after->precondition));
    compare_text(diff, what, "dispute", before->dispute_required ? "required" : NULL,
                 after->dispute_required ? "required" : NULL);
    compare_number(diff, what, "bytes of note", (int64_t)before->note_bytes_min, (int64_t)after->note_bytes_min);
}

static void diff_reasons(const struct diff *diff)
{
    char what[WHAT_BYTES], kinds[POLICY_WORDS_BYTES];
    for (size_t i = 0; i < diff->after->reason_count; i++) {
        const struct policy_reason *after = &diff->after->reasons[i];
        const struct policy_reason *before = policy_find_reason(diff->before, after->reason);
        snprintf(what, sizeof what, "reason %s", after->reason);
        policy_words_kinds(after->kinds, kinds);
        if (before != NULL)
            compare_reason(diff, before, after);
        else
            changed(diff, what, "new: %s, for %s, row %s, account %s", after->title, kinds, after->row,
                    or_none(after->account));
    }
    for (size_t i = 0; i < diff->before->reason_count; i++) {
        snprintf(what, sizeof what, "reason %s", diff->before->reasons[i].reason);
        if (policy_find_reason(diff->after, diff->before->reasons[i].reason) == NULL)
            changed(diff, what, "dropped");
    }
}

/* roles and duties */

static void diff_roles(const struct diff *diff)
{
    char what[WHAT_BYTES], words[POLICY_WORDS_BYTES];
    for (size_t i = 0; i < diff->after->role_count; i++) {
        const struct policy_role *after = &diff->after->roles[i];
        const struct policy_role *before = policy_find_role(diff->before, after->role);
        snprintf(what, sizeof what, "role %s", after->role);
        policy_words_list(after->functions, after->function_count, words);
        if (before == NULL) {
            changed(diff, what, "new: %s", words);
            continue;
        }
        compare_text(diff, what, "title", before->title, after->title);
        compare_list(diff, what, "it", (struct list){before->functions, before->function_count},
                     (struct list){after->functions, after->function_count});
        compare_list(diff, what, "inheritance", (struct list){before->inherits, before->inherit_count},
                     (struct list){after->inherits, after->inherit_count});
    }
    for (size_t i = 0; i < diff->before->role_count; i++) {
        snprintf(what, sizeof what, "role %s", diff->before->roles[i].role);
        if (policy_find_role(diff->after, diff->before->roles[i].role) == NULL)
            changed(diff, what, "dropped");
    }
}

static const struct policy_duty *duty_named(const struct policy *policy, const char *duty)
{
    for (size_t i = 0; i < policy->duty_count; i++)
        if (strcmp(policy->duties[i].duty, duty) == 0)
            return &policy->duties[i];
    return NULL;
}

static void diff_duties(const struct diff *diff)
{
    char what[WHAT_BYTES], words[POLICY_WORDS_BYTES];
    for (size_t i = 0; i < diff->after->duty_count; i++) {
        const struct policy_duty *after = &diff->after->duties[i];
        const struct policy_duty *before = duty_named(diff->before, after->duty);
        snprintf(what, sizeof what, "duty %s", after->duty);
        policy_words_list(after->functions, after->function_count, words);
        if (before == NULL) {
            changed(diff, what, "new: %s", words);
            continue;
        }
        compare_text(diff, what, "title", before->title, after->title);
        compare_list(diff, what, "it", (struct list){before->functions, before->function_count},
                     (struct list){after->functions, after->function_count});
    }
    for (size_t i = 0; i < diff->before->duty_count; i++) {
        snprintf(what, sizeof what, "duty %s", diff->before->duties[i].duty);
        if (duty_named(diff->after, diff->before->duties[i].duty) == NULL)
            changed(diff, what, "dropped");
    }
}

/* conflicts */

static const char *conflict_of(const struct policy *policy, const struct policy_conflict *pair)
{
    for (size_t i = 0; i < policy->conflict_count; i++) {
        const struct policy_conflict *conflict = &policy->conflicts[i];
        bool same = strcmp(conflict->a->duty, pair->a->duty) == 0 && strcmp(conflict->b->duty, pair->b->duty) == 0;
        bool turned = strcmp(conflict->a->duty, pair->b->duty) == 0 && strcmp(conflict->b->duty, pair->a->duty) == 0;
        if (same || turned)
            return conflict_mode_word((int)conflict->mode);
    }
    return NULL;
}

static void diff_conflicts(const struct diff *diff)
{
    char what[WHAT_BYTES];
    for (size_t i = 0; i < diff->after->conflict_count; i++) {
        const struct policy_conflict *after = &diff->after->conflicts[i];
        snprintf(what, sizeof what, "conflict %s and %s", after->a->duty, after->b->duty);
        compare_text(diff, what, "kept apart", conflict_of(diff->before, after), conflict_mode_word((int)after->mode));
    }
    for (size_t i = 0; i < diff->before->conflict_count; i++) {
        const struct policy_conflict *before = &diff->before->conflicts[i];
        snprintf(what, sizeof what, "conflict %s and %s", before->a->duty, before->b->duty);
        if (conflict_of(diff->after, before) == NULL)
            changed(diff, what, "dropped: one person may hold both");
    }
}

/* "fewer than 3 of A, B, C"; NULL where the policy has no such set. */
static const char *exclusive_text(const struct policy *policy, const char *set,
                                  char ret_text[static POLICY_WORDS_BYTES])
{
    for (size_t i = 0; i < policy->exclusive_count; i++) {
        const struct policy_exclusive *one = &policy->exclusives[i];
        if (strcmp(one->set, set) != 0)
            continue;
        size_t used = (size_t)snprintf(ret_text, POLICY_WORDS_BYTES, "fewer than %zu of", one->fewer_than);
        for (size_t k = 0; k < one->duty_count && used < POLICY_WORDS_BYTES; k++)
            used += (size_t)snprintf(ret_text + used, POLICY_WORDS_BYTES - used, "%s %s", k > 0 ? "," : "",
                                     one->duties[k]->duty);
        return ret_text;
    }
    return NULL;
}

static void diff_exclusives(const struct diff *diff)
{
    char what[WHAT_BYTES], from[POLICY_WORDS_BYTES], to[POLICY_WORDS_BYTES];
    for (size_t i = 0; i < diff->after->exclusive_count; i++) {
        const char *set = diff->after->exclusives[i].set;
        snprintf(what, sizeof what, "exclusive set %s", set);
        compare_text(diff, what, "one person holds", exclusive_text(diff->before, set, from),
                     exclusive_text(diff->after, set, to));
    }
    for (size_t i = 0; i < diff->before->exclusive_count; i++) {
        const char *set = diff->before->exclusives[i].set;
        snprintf(what, sizeof what, "exclusive set %s", set);
        if (exclusive_text(diff->after, set, to) == NULL)
            changed(diff, what, "dropped: one person may hold all of it");
    }
    compare_list(diff, "related customers", "public e-mail domains",
                 (struct list){diff->before->public_domains, diff->before->public_domain_count},
                 (struct list){diff->after->public_domains, diff->after->public_domain_count});
}

/* entities */

static bool same_offsets(const struct policy_entity *one, const struct policy_entity *other)
{
    if (one->offset_count != other->offset_count)
        return false;
    for (size_t i = 0; i < one->offset_count; i++)
        if (one->offsets[i].from_ms != other->offsets[i].from_ms ||
            one->offsets[i].minutes != other->offsets[i].minutes)
            return false;
    return true;
}

static bool same_holidays(const struct policy_entity *one, const struct policy_entity *other)
{
    return one->holiday_count == other->holiday_count &&
           (one->holiday_count == 0 ||
            memcmp(one->holidays, other->holidays, one->holiday_count * sizeof one->holidays[0]) == 0);
}

static void diff_entities(const struct diff *diff)
{
    char what[WHAT_BYTES];
    for (size_t i = 0; i < diff->after->entity_count; i++) {
        const struct policy_entity *after = &diff->after->entities[i];
        const struct policy_entity *before = policy_find_entity(diff->before, after->entity);
        snprintf(what, sizeof what, "entity %s", after->entity);
        if (before == NULL) {
            changed(diff, what, "new: %s, fiscal year from month %d", after->currency, after->fiscal_month);
            continue;
        }
        compare_text(diff, what, "currency", before->currency, after->currency);
        compare_number(diff, what, "first month of the fiscal year", before->fiscal_month, after->fiscal_month);
        if (!same_offsets(before, after))
            changed(diff, what, "other clock: days begin at another time");
        if (!same_holidays(before, after))
            changed(diff, what, "other holidays: %zu days, before %zu", after->holiday_count, before->holiday_count);
    }
    for (size_t i = 0; i < diff->before->entity_count; i++) {
        snprintf(what, sizeof what, "entity %s", diff->before->entities[i].entity);
        if (policy_find_entity(diff->after, diff->before->entities[i].entity) == NULL)
            changed(diff, what, "dropped");
    }
}

static void compare_parameter(const struct diff *diff, const char *what, size_t index, int64_t before, int64_t after)
{
    char name[WHAT_BYTES], from[MONEY_TEXT_MAX], to[MONEY_TEXT_MAX];
    const struct parameter *parameter = &policy_parameters[index];
    snprintf(name, sizeof name, "%s (%s)", parameter->name, parameter_unit_word(parameter->unit));
    if (parameter->unit != UNIT_AMOUNT) {
        compare_number(diff, what, name, before, after);
        return;
    }
    money_format_grouped(before, diff->before->base_digits, from);
    money_format_grouped(after, diff->after->base_digits, to);
    compare_text(diff, what, name, from, to);
}

/* An entity's value is told where it is not simply the policy's own change. */
static void diff_parameters(const struct diff *diff)
{
    char what[WHAT_BYTES];
    for (size_t i = 0; i < PARAMETER_COUNT; i++) {
        int64_t before = diff->before->parameters[i], after = diff->after->parameters[i];
        compare_parameter(diff, "parameters", i, before, after);
        for (size_t k = 0; k < diff->after->entity_count; k++) {
            const struct policy_entity *entity = &diff->after->entities[k];
            int64_t was = policy_parameter(diff->before, entity->entity, (enum policy_parameter)i);
            snprintf(what, sizeof what, "parameters of %s", entity->entity);
            if (was != before || entity->parameters[i] != after)
                compare_parameter(diff, what, i, was, entity->parameters[i]);
        }
    }
}

/* accounts, taxes and numbers */

static void diff_accounts(const struct diff *diff)
{
    char what[WHAT_BYTES];
    for (size_t i = 0; i < diff->after->account_count; i++) {
        const struct policy_account *after = &diff->after->accounts[i];
        const struct policy_account *before = policy_find_account(diff->before, after->account);
        snprintf(what, sizeof what, "account %s", after->account);
        if (before == NULL) {
            changed(diff, what, "new: %s, %s", account_class_word((int)after->class), after->title);
            continue;
        }
        compare_text(diff, what, "class", account_class_word((int)before->class),
                     account_class_word((int)after->class));
        compare_text(diff, what, "title", before->title, after->title);
    }
    for (size_t i = 0; i < diff->before->account_count; i++) {
        snprintf(what, sizeof what, "account %s", diff->before->accounts[i].account);
        if (policy_find_account(diff->after, diff->before->accounts[i].account) == NULL)
            changed(diff, what, "dropped");
    }
}

static void diff_taxes(const struct diff *diff)
{
    char what[WHAT_BYTES];
    for (size_t i = 0; i < diff->after->tax_count; i++) {
        const struct policy_tax *after = &diff->after->taxes[i];
        const struct policy_tax *before = policy_find_tax(diff->before, after->code);
        snprintf(what, sizeof what, "tax %s", after->code);
        compare_text(diff, what, "account", before != NULL ? before->account : NULL, after->account);
    }
    for (size_t i = 0; i < diff->before->tax_count; i++) {
        snprintf(what, sizeof what, "tax %s", diff->before->taxes[i].code);
        if (policy_find_tax(diff->after, diff->before->taxes[i].code) == NULL)
            changed(diff, what, "dropped");
    }
}

static void diff_bots(const struct diff *diff)
{
    const struct policy *before = diff->before, *after = diff->after;
    char from[POLICY_WORDS_BYTES], to[POLICY_WORDS_BYTES];
    money_format_grouped(before->bot_document_minor_max, before->base_digits, from);
    money_format_grouped(after->bot_document_minor_max, after->base_digits, to);
    compare_text(diff, "bots", "largest document", from, to);
    compare_number(diff, "bots", "documents in a day", before->bot_documents_per_day_max,
                   after->bot_documents_per_day_max);
    compare_text(diff, "bots", "sum in a day", policy_words_bot_sum(before, from), policy_words_bot_sum(after, to));
    compare_text(diff, "bots", "kinds", policy_words_bot_kinds(before, from), policy_words_bot_kinds(after, to));
    compare_text(diff, "bots", "reasons", policy_words_bot_reasons(before, from), policy_words_bot_reasons(after, to));
    compare_text(diff, "bots", "run", before->bot_run ? "required" : "optional",
                 after->bot_run ? "required" : "optional");
}

static void diff_numbers(const struct diff *diff)
{
    const struct policy *before = diff->before, *after = diff->after;
    compare_text(diff, "policy", "name", before->name, after->name);
    compare_text(diff, "policy", "base currency", before->base, after->base);
    compare_number(diff, "approval", "days until a waiting document lapses", before->lapse_days, after->lapse_days);
    compare_number(diff, "approval", "documents in one approval", (int64_t)before->approve_list_max,
                   (int64_t)after->approve_list_max);
    diff_bots(diff);
    compare_text(diff, "postings", "receivables", before->receivable_account, after->receivable_account);
    compare_text(diff, "postings", "credit on account", before->on_account_account, after->on_account_account);
    compare_text(diff, "postings", "exchange differences", before->fx_account, after->fx_account);
    compare_text(diff, "postings", "rounding", before->rounding_account, after->rounding_account);
    compare_text(diff, "postings", "row of credit on account", before->on_account_row, after->on_account_row);
    compare_list(diff, "emergency access", "controls it may relax",
                 (struct list){before->relaxed, before->relaxed_count},
                 (struct list){after->relaxed, after->relaxed_count});
    compare_number(diff, "verification", "approvals from level (0: none)", before->verified_level,
                   after->verified_level);
    compare_list(diff, "verification", "functions", (struct list){before->verified, before->verified_count},
                 (struct list){after->verified, after->verified_count});
    compare_text(diff, "releases", "what is not approved", release_rule_word(before->releases_deny),
                 release_rule_word(after->releases_deny));
}

void policy_diff(const struct policy *before, const struct policy *after, policy_change *report, void *context)
{
    const struct diff diff = {.before = before, .after = after, .report = report, .context = context};
    diff_numbers(&diff);
    diff_authority(&diff);
    diff_windows(&diff);
    diff_reasons(&diff);
    diff_roles(&diff);
    diff_duties(&diff);
    diff_conflicts(&diff);
    diff_exclusives(&diff);
    diff_entities(&diff);
    diff_accounts(&diff);
    diff_taxes(&diff);
    diff_parameters(&diff);
}

/*
 * Whether a policy's entities, accounts, reasons, authority rows and windows fit together: order and duplicates,
 * references, the accounts that each kind may move (C-27), tiers that only ever ask for more, rows that are there for
 * each entity, and somebody for each level that can be asked. Reports everything; changes nothing.
 */
#include "controls/policy_meaning.h"

#include <string.h>

#include "controls/functions.h"
#include "controls/policy_words.h"

#define BIT(value) (UINT64_C(1) << (value))

/* Kinds with ledger lines of their own: a reason for one of them names the account on the other side. */
static const uint64_t kinds_with_lines = BIT(KIND_CREDIT_NOTE) | BIT(KIND_CORRECTION) | BIT(KIND_WRITE_OFF) |
                                         BIT(KIND_REBILL) | BIT(KIND_RECOVERY) | BIT(KIND_ADJUSTMENT);
/* Kinds that a reason may serve: those that are prepared and approved under functions of their own. */
/* Cases are opened without a signature, whatever the row. */
static const uint64_t kinds_without_row = BIT(KIND_DISPUTE) | BIT(KIND_INQUIRY) | BIT(KIND_EXCEPTION);
static const uint64_t kinds_with_reason = BIT(KIND_EXCEPTION + 1) - 1;

static const struct {
    enum kind_id kind;
    uint64_t classes;
} kind_classes[] = {
    {KIND_CREDIT_NOTE, BIT(ACCOUNT_REVENUE) | BIT(ACCOUNT_TAX) | BIT(ACCOUNT_ROUNDING)},
    {KIND_CORRECTION, BIT(ACCOUNT_REVENUE) | BIT(ACCOUNT_TAX) | BIT(ACCOUNT_ROUNDING)},
    {KIND_REBILL, BIT(ACCOUNT_REVENUE) | BIT(ACCOUNT_TAX) | BIT(ACCOUNT_ROUNDING)},
    {KIND_WRITE_OFF, BIT(ACCOUNT_ALLOWANCE) | BIT(ACCOUNT_EXPENSE) | BIT(ACCOUNT_LIABILITY)},
    {KIND_RECOVERY, BIT(ACCOUNT_ALLOWANCE) | BIT(ACCOUNT_EXPENSE) | BIT(ACCOUNT_LIABILITY)},
    {KIND_ADJUSTMENT, BIT(ACCOUNT_REVENUE) | BIT(ACCOUNT_TAX) | BIT(ACCOUNT_EXPENSE) | BIT(ACCOUNT_LIABILITY) |
                          BIT(ACCOUNT_FX) | BIT(ACCOUNT_ROUNDING) | BIT(ACCOUNT_RECEIVABLE)},
};

/* Reports ids that stand twice or out of order; `name` is the list, `id` the member that holds the id. */
static void order_check(struct policy_findings *findings, const char *name, const char *id, size_t i,
                        const char *const pair[2])
{
    char path[POLICY_PATH_BYTES];
    int order = strcmp(pair[0], pair[1]);
    if (order == 0)
        policy_error(findings, policy_place(path, "%s[%zu].%s", name, i, id), "%s stands twice", pair[1]);
    else if (order > 0)
        policy_error(findings, policy_place(path, "%s[%zu]", name, i), "the list is not sorted by %s", id);
}

static void orders_check(const struct policy *policy, struct policy_findings *findings)
{
    for (size_t i = 1; i < policy->account_count; i++)
        order_check(findings, "accounts", "account", i,
                    (const char *[]){policy->accounts[i - 1].account, policy->accounts[i].account});
    for (size_t i = 1; i < policy->tax_count; i++)
        order_check(findings, "taxes", "code", i, (const char *[]){policy->taxes[i - 1].code, policy->taxes[i].code});
    for (size_t i = 1; i < policy->entity_count; i++)
        order_check(findings, "entities", "entity", i,
                    (const char *[]){policy->entities[i - 1].entity, policy->entities[i].entity});
    for (size_t i = 1; i < policy->reason_count; i++)
        order_check(findings, "reasons", "reason", i,
                    (const char *[]){policy->reasons[i - 1].reason, policy->reasons[i].reason});
}

static void entities_check(const struct policy *policy, struct policy_findings *findings)
{
    char path[POLICY_PATH_BYTES];
    for (size_t i = 0; i < policy->entity_count; i++) {
        const struct policy_entity *entity = &policy->entities[i];
        if (entity->offsets[0].from_ms != 0)
            policy_error(findings, policy_place(path, "entities[%zu].offsets[0].from", i),
                         "the first offset is in force from 1970-01-01T00:00:00.000Z");
        for (size_t k = 1; k < entity->offset_count; k++) {
            const struct policy_offset *offset = &entity->offsets[k];
            if (offset->from_ms <= offset[-1].from_ms)
                policy_error(findings, policy_place(path, "entities[%zu].offsets[%zu].from", i, k),
                             "an offset begins after the one before it");
            else if (offset->minutes == offset[-1].minutes)
                policy_error(findings, policy_place(path, "entities[%zu].offsets[%zu].minutes", i, k),
                             "the same offset as before is no change");
        }
    }
}

/* An account that is there and of one of the classes; `what` says who wants it. */
static void account_check(const struct policy *policy, struct policy_findings *findings, const char *path,
                          const char *account, uint64_t classes, const char *what)
{
    const struct policy_account *found = policy_find_account(policy, account);
    if (found == NULL)
        policy_error(findings, path, "account %s is not in accounts", account);
    else if ((BIT(found->class) & classes) == 0)
        policy_error(findings, path, "%s cannot move account %s of class %s (C-27)", what, account,
                     account_class_word((int)found->class));
}

static void accounts_check(const struct policy *policy, struct policy_findings *findings)
{
    char path[POLICY_PATH_BYTES];
    account_check(policy, findings, "postings.receivable_account", policy->receivable_account, BIT(ACCOUNT_RECEIVABLE),
                  "receivables");
    account_check(policy, findings, "postings.on_account_account", policy->on_account_account, BIT(ACCOUNT_LIABILITY),
                  "on-account credit");
    if (policy->fx_account != NULL)
        account_check(policy, findings, "postings.fx_account", policy->fx_account, BIT(ACCOUNT_FX),
                      "exchange differences");
    if (policy->rounding_account != NULL)
        account_check(policy, findings, "postings.rounding_account", policy->rounding_account, BIT(ACCOUNT_ROUNDING),
                      "rounding");
    for (size_t i = 0; i < policy->tax_count; i++)
        account_check(policy, findings, policy_place(path, "taxes[%zu].account", i), policy->taxes[i].account,
                      BIT(ACCOUNT_TAX), "a tax code");
}

static void reason_account_check(const struct policy *policy, struct policy_findings *findings, size_t i)
{
    char path[POLICY_PATH_BYTES];
    const struct policy_reason *reason = &policy->reasons[i];
    policy_place(path, "reasons[%zu].account", i);
    if (reason->account == NULL) {
        if ((reason->kinds & kinds_with_lines) != 0)
            policy_error(findings, path, "reason %s serves a kind with ledger lines and needs an account",
                         reason->reason);
        return;
    }
    if ((reason->kinds & kinds_with_lines) == 0)
        policy_error(findings, path, "reason %s serves no kind with ledger lines and has no use for an account",
                     reason->reason);
    if (policy_find_account(policy, reason->account) == NULL) {
        policy_error(findings, path, "account %s is not in accounts", reason->account);
        return;
    }
    for (size_t k = 0; k < sizeof kind_classes / sizeof kind_classes[0]; k++) {
        if ((reason->kinds & BIT(kind_classes[k].kind)) != 0)
            account_check(policy, findings, path, reason->account, kind_classes[k].classes,
                          kind_name(kind_classes[k].kind));
    }
}

static size_t row_first(const struct policy *policy, const char *row)
{
    size_t i = 0;
    while (i < policy->row_count && strcmp(policy->rows[i].row, row) != 0)
        i++;
    return i;
}

/* The first entity for which there is no row of that name; NULL when each has one. */
static const char *row_lacks(const struct policy *policy, const char *row)
{
    for (size_t i = 0; i < policy->entity_count; i++) {
        if (policy_find_row(policy, row, policy->entities[i].entity) == NULL)
            return policy->entities[i].entity;
    }
    return NULL;
}

static void row_wanted(const struct policy *policy, struct policy_findings *findings, const char *path, const char *row)
{
    if (row_first(policy, row) == policy->row_count) {
        policy_error(findings, path, "authority has no row %s", row);
        return;
    }
    const char *entity = row_lacks(policy, row);
    if (entity != NULL)
        policy_error(findings, path, "authority has no row %s for entity %s", row, entity);
}

static bool row_asks_anybody(const struct policy *policy, const char *row)
{
    for (size_t i = 0; i < policy->row_count; i++) {
        if (strcmp(policy->rows[i].row, row) == 0 && policy->rows[i].tiers[policy->rows[i].tier_count - 1].levels != 0)
            return true;
    }
    return false;
}

/* Receivables against receivables are transfers: nothing shows in the ledger's totals, so somebody always signs. */
static void transfer_check(const struct policy *policy, struct policy_findings *findings, size_t i)
{
    char path[POLICY_PATH_BYTES];
    const struct policy_reason *reason = &policy->reasons[i];
    const struct policy_account *account =
        reason->account != NULL ? policy_find_account(policy, reason->account) : NULL;
    if (account == NULL || account->class != ACCOUNT_RECEIVABLE || (reason->kinds & BIT(KIND_ADJUSTMENT)) == 0)
        return;
    for (size_t k = 0; k < policy->row_count; k++) {
        const struct policy_row *row = &policy->rows[k];
        if (strcmp(row->row, reason->row) == 0 && row->tier_count > 0 && row->tiers[0].levels == 0)
            policy_error(findings, policy_place(path, "reasons[%zu].row", i),
                         "reason %s moves receivables, which somebody always signs; row %s asks nobody", reason->reason,
                         row->row);
    }
}

static void reasons_check(const struct policy *policy, struct policy_findings *findings)
{
    char path[POLICY_PATH_BYTES];
    for (size_t i = 0; i < policy->reason_count; i++) {
        const struct policy_reason *reason = &policy->reasons[i];
        if ((reason->kinds & ~kinds_with_reason) != 0)
            policy_error(findings, policy_place(path, "reasons[%zu].kinds", i),
                         "reason %s names a kind that no reason serves", reason->reason);
        reason_account_check(policy, findings, i);
        transfer_check(policy, findings, i);
        row_wanted(policy, findings, policy_place(path, "reasons[%zu].row", i), reason->row);
        if (reason->precondition != PRECONDITION_NONE &&
            (reason->kinds & (BIT(KIND_WRITE_OFF) | BIT(KIND_ADJUSTMENT))) == 0)
            policy_error(findings, policy_place(path, "reasons[%zu].precondition", i),
                         "reason %s gives up no debt: preconditions are for write-offs and adjustments",
                         reason->reason);
        if (reason->evidence_count == 0 && row_asks_anybody(policy, reason->row))
            policy_warning(findings, policy_place(path, "reasons[%zu].evidence", i), "reason %s asks for no evidence",
                           reason->reason);
    }
    row_wanted(policy, findings, "postings.on_account_row", policy->on_account_row);
}

/* Tiers: amounts ascend, levels only grow, the last has no upper end and no other lacks one. */
static void tiers_check(const struct policy_row *row, struct policy_findings *findings, size_t i)
{
    char path[POLICY_PATH_BYTES];
    for (size_t k = 0; k < row->tier_count; k++) {
        const struct policy_tier *tier = &row->tiers[k];
        bool last = k + 1 == row->tier_count;
        policy_place(path, "authority[%zu].tiers[%zu].upto", i, k);
        if (last && tier->upto_minor != INT64_MAX)
            policy_error(findings, path, "the last tier of row %s has no upto: it says what larger amounts need",
                         row->row);
        else if (!last && tier->upto_minor == INT64_MAX)
            policy_error(findings, path, "only the last tier of row %s may leave out upto", row->row);
        else if (k > 0 && tier[-1].upto_minor != INT64_MAX && tier->upto_minor <= tier[-1].upto_minor)
            policy_error(findings, path, "amounts of a row ascend; this one is not above the tier before");
        if (k > 0 && (tier[-1].levels & ~(unsigned)tier->levels) != 0)
            policy_error(findings, policy_place(path, "authority[%zu].tiers[%zu].levels", i, k),
                         "a larger amount needs every level of the smaller one");
    }
}

/* Rows of one name: none of their entities twice, one at most for all others, and that one of some use. */
static void row_entities_check(const struct policy *policy, struct policy_findings *findings, size_t i)
{
    char path[POLICY_PATH_BYTES];
    const struct policy_row *row = &policy->rows[i];
    for (size_t k = 0; k < row->entity_count; k++) {
        policy_place(path, "authority[%zu].entities[%zu]", i, k);
        const struct policy_row *first = policy_find_row(policy, row->row, row->entities[k]);
        if (policy_find_entity(policy, row->entities[k]) == NULL)
            policy_error(findings, path, "entity %s is not in entities", row->entities[k]);
        else if (first != row)
            policy_error(findings, path, "entity %s has another row %s already", row->entities[k], row->row);
    }
    if (row->entity_count > 0)
        return;
    policy_place(path, "authority[%zu].row", i);
    if (i > 0 && policy->rows[i - 1].entity_count == 0 && strcmp(policy->rows[i - 1].row, row->row) == 0) {
        policy_error(findings, path, "row %s stands twice", row->row);
        return;
    }
    for (size_t k = 0; k < policy->entity_count; k++) {
        if (policy_find_row(policy, row->row, policy->entities[k].entity) == row)
            return;
    }
    policy_error(findings, path, "row %s is for the other entities, and there is none", row->row);
}

/* Kinds that can be judged by the rows of this name. */
static uint64_t row_kinds(const struct policy *policy, const char *row)
{
    uint64_t kinds = strcmp(row, policy->on_account_row) == 0 ? BIT(KIND_CREDIT_NOTE) : 0;
    for (size_t i = 0; i < policy->reason_count; i++) {
        if (strcmp(policy->reasons[i].row, row) == 0)
            kinds |= policy->reasons[i].kinds;
    }
    return kinds & kinds_with_reason;
}

/* For each kind, the levels at which some role may approve it. */
static void approvers_collect(const struct policy *policy, uint16_t ret_levels[static KIND_COUNT])
{
    memset(ret_levels, 0, KIND_COUNT * sizeof ret_levels[0]);
    for (size_t i = 0; i < policy->role_count; i++) {
        for (size_t k = 0; k < policy->roles[i].function_count; k++) {
            enum kind_id kind = KIND_UNKNOWN;
            int level = 0;
            if (function_class(policy->roles[i].functions[k], &kind, &level) == FUNCTION_APPROVE)
                ret_levels[kind] = (uint16_t)(ret_levels[kind] | 1u << (level - 1));
        }
    }
}

/* Reports a level that no role may give, at the first tier that asks it. */
static void level_report(const struct policy_row *row, struct policy_findings *findings, size_t i, int level,
                         enum kind_id kind)
{
    char path[POLICY_PATH_BYTES];
    size_t tier = 0;
    while (tier + 1 < row->tier_count && (row->tiers[tier].levels & 1u << (level - 1)) == 0)
        tier++;
    size_t position = 0;
    for (int lower = 1; lower < level; lower++)
        position += (row->tiers[tier].levels >> (lower - 1)) & 1u;
    policy_place(path, "authority[%zu].tiers[%zu].levels[%zu]", i, tier, position);
    policy_error(findings, path, "level %d has no role that may approve %s%s%s", level, kind_name(kind),
                 row->entity_count > 0 ? " in entity " : "", row->entity_count > 0 ? row->entities[0] : "");
}

static void row_approvers_check(const struct policy *policy, struct policy_findings *findings, size_t i,
                                const uint16_t approvers[static KIND_COUNT])
{
    const struct policy_row *row = &policy->rows[i];
    uint64_t kinds = row_kinds(policy, row->row) & ~kinds_without_row;
    unsigned asked = 0;
    for (size_t k = 0; k < row->tier_count; k++)
        asked |= row->tiers[k].levels;
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        for (int level = 1; level <= LEVELS_MAX; level++) {
            unsigned bit = 1u << (level - 1);
            if ((kinds & BIT(kind)) != 0 && (asked & bit) != 0 && (approvers[kind] & bit) == 0)
                level_report(row, findings, i, level, (enum kind_id)kind);
        }
    }
}

static int compare_rows(const struct policy_row *a, const struct policy_row *b)
{
    int order = strcmp(a->row, b->row);
    for (size_t i = 0; order == 0; i++) {
        if (i == a->entity_count || i == b->entity_count)
            return (a->entity_count > b->entity_count) - (a->entity_count < b->entity_count);
        order = strcmp(a->entities[i], b->entities[i]);
    }
    return order;
}

static void rows_check(const struct policy *policy, struct policy_findings *findings)
{
    char path[POLICY_PATH_BYTES];
    uint16_t approvers[KIND_COUNT];
    approvers_collect(policy, approvers);
    for (size_t i = 0; i < policy->row_count; i++) {
        if (i > 0 && compare_rows(&policy->rows[i - 1], &policy->rows[i]) > 0)
            policy_error(findings, policy_place(path, "authority[%zu]", i), "the list is not sorted by row, entities");
        tiers_check(&policy->rows[i], findings, i);
        row_entities_check(policy, findings, i);
        if (row_kinds(policy, policy->rows[i].row) == 0)
            policy_error(findings, policy_place(path, "authority[%zu].row", i), "no reason leads to row %s",
                         policy->rows[i].row);
        row_approvers_check(policy, findings, i, approvers);
    }
}

static void windows_check(const struct policy *policy, struct policy_findings *findings)
{
    char path[POLICY_PATH_BYTES];
    for (size_t i = 0; i < policy->window_count; i++) {
        const struct policy_window *window = &policy->windows[i];
        if ((window->kinds & ~kinds_with_lines) != 0)
            policy_error(findings, policy_place(path, "cumulative[%zu].kinds", i),
                         "names a kind that moves no receivable, so there is nothing to add up");
        if (window->kinds == 0)
            policy_warning(findings, policy_place(path, "cumulative[%zu].kinds", i),
                           "a window without a kind never adds anything up");
        if ((window->span == WINDOW_DAYS) != (window->days > 0))
            policy_error(findings, policy_place(path, "cumulative[%zu].days", i),
                         "a span of days has a number of them, any other has 0");
        for (size_t k = 0; k < i; k++) {
            const struct policy_window *other = &policy->windows[k];
            if (other->by == window->by && other->span == window->span && other->days == window->days &&
                other->kinds == window->kinds) {
                policy_error(findings, policy_place(path, "cumulative[%zu]", i), "the same window stands twice");
                break;
            }
        }
    }
}

static bool soft_never_holds(const int64_t *parameters)
{
    int64_t soft = parameters[PARAMETER_PERIOD_SOFT_DAYS], hard = parameters[PARAMETER_PERIOD_HARD_DAYS];
    return hard > 0 && hard < soft;
}

/* Months that are closed for good before they would be closed softly; said once where entities take the policy's days. */
static void calendar_check(const struct policy *policy, struct policy_findings *findings)
{
    char path[POLICY_PATH_BYTES];
    bool said = false;
    for (size_t i = 0; i < policy->entity_count; i++) {
        const int64_t *own = policy->entities[i].parameters;
        int64_t soft = own[PARAMETER_PERIOD_SOFT_DAYS], hard = own[PARAMETER_PERIOD_HARD_DAYS];
        bool common = soft == policy->parameters[PARAMETER_PERIOD_SOFT_DAYS] &&
                      hard == policy->parameters[PARAMETER_PERIOD_HARD_DAYS];
        if (!soft_never_holds(own) || (common && said))
            continue;
        said = said || common;
        policy_warning(
            findings,
            common ? "parameters.period_hard_days" : policy_place(path, "entities[%zu].parameters.period_hard_days", i),
            "a month is closed for good on day %lld after its end, period_soft_days %lld comes too late (C-39)",
            (long long)hard, (long long)soft);
    }
}

/* Verification is asked of persons' acts: of statements that say what somebody prepares, approves, governs or closes. */
static void verification_check(const struct policy *policy, struct policy_findings *findings)
{
    char path[POLICY_PATH_BYTES];
    for (size_t i = 0; i < policy->verified_count; i++) {
        const char *function = policy->verified[i];
        enum function_class class = function_class(function, NULL, NULL);
        bool acts = class == FUNCTION_PREPARE || class == FUNCTION_APPROVE || class == FUNCTION_GOVERN ||
                    class == FUNCTION_CLOSE || strcmp(function, "audit.commit") == 0;
        if (!acts)
            policy_error(findings, policy_place(path, "verification.functions[%zu]", i),
                         "nothing is signed under %s that verification could be asked of", function);
    }
}

/* What bots are bound to has to be there, and has to be theirs to prepare. */
static void bots_check(const struct policy *policy, struct policy_findings *findings)
{
    static const uint64_t prepared = BIT(KIND_CASE_NOTE + 1) - 1;
    char path[POLICY_PATH_BYTES];
    if (policy->bot_kinds != UINT64_MAX && (policy->bot_kinds & ~prepared) != 0)
        policy_error(findings, "bots.kinds", "a bot governs nothing: the list names a kind that only persons prepare");
    for (size_t i = 0; i < policy->bot_reason_count; i++)
        if (policy_find_reason(policy, policy->bot_reasons[i]) == NULL)
            policy_error(findings, policy_place(path, "bots.reasons[%zu]", i), "reason %s is not in reasons",
                         policy->bot_reasons[i]);
}

void policy_meaning_check(const struct policy *policy, struct policy_findings *findings)
{
    orders_check(policy, findings);
    entities_check(policy, findings);
    accounts_check(policy, findings);
    reasons_check(policy, findings);
    rows_check(policy, findings);
    windows_check(policy, findings);
    calendar_check(policy, findings);
    verification_check(policy, findings);
    bots_check(policy, findings);
}

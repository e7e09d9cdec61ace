/*
 * Policies as tables. The authority table is a matrix: a row of it per line, a level per column, in each cell the amount
 * above which the level signs, which is how a controller reads it.
 */
#include "cli/policy_show.h"

#include <stdio.h>
#include <string.h>

#include "cli/table.h"
#include "cli/terminal.h"
#include "controls/functions.h"
#include "controls/policy_words.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/text.h"

typedef enum status section_show(struct cli *cli, const struct policy *policy, struct err *err);

void policy_words_kinds(uint64_t kinds, char ret_text[static POLICY_WORDS_BYTES])
{
    ret_text[0] = '\0';
    for (int kind = 0; kind < KIND_COUNT; kind++)
        if ((kinds >> kind & 1) != 0)
            text_add(ret_text, POLICY_WORDS_BYTES, "%s%s", ret_text[0] != '\0' ? ", " : "",
                     kind_name((enum kind_id)kind));
}

void policy_words_list(const char *const *list, size_t count, char ret_text[static POLICY_WORDS_BYTES])
{
    ret_text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        text_add(ret_text, POLICY_WORDS_BYTES, "%s%s", i > 0 ? ", " : "", list[i]);
}

const char *policy_words_bot_sum(const struct policy *policy, char ret_text[static POLICY_WORDS_BYTES])
{
    if (policy->bot_sum_minor_max == INT64_MAX)
        snprintf(ret_text, POLICY_WORDS_BYTES, "no bound");
    else
        money_format_grouped(policy->bot_sum_minor_max, policy->base_digits, ret_text);
    return ret_text;
}

const char *policy_words_bot_kinds(const struct policy *policy, char ret_text[static POLICY_WORDS_BYTES])
{
    if (policy->bot_kinds == UINT64_MAX)
        snprintf(ret_text, POLICY_WORDS_BYTES, "all");
    else
        policy_words_kinds(policy->bot_kinds, ret_text);
    return ret_text;
}

const char *policy_words_bot_reasons(const struct policy *policy, char ret_text[static POLICY_WORDS_BYTES])
{
    if (policy->bot_reason_count == 0)
        snprintf(ret_text, POLICY_WORDS_BYTES, "all");
    else
        policy_words_list(policy->bot_reasons, policy->bot_reason_count, ret_text);
    return ret_text;
}

void policy_words_window(const struct policy_window *window, char ret_text[static POLICY_WORDS_BYTES])
{
    char kinds[POLICY_WORDS_BYTES];
    policy_words_kinds(window->kinds, kinds);
    const char *reversed = window->reversed == WINDOW_REVERSED_LEAVE_OUT ? ", reversed errors left out" : "";
    if (window->span == WINDOW_DAYS)
        snprintf(ret_text, POLICY_WORDS_BYTES, "%s, %d days: %.900s%s", window_by_word((int)window->by), window->days,
                 kinds, reversed);
    else
        snprintf(ret_text, POLICY_WORDS_BYTES, "%s, %s: %.900s%s", window_by_word((int)window->by),
                 window_span_word((int)window->span), kinds, reversed);
}

bool policy_row_level(const struct policy_row *row, int level, int64_t *ret_above)
{
    int64_t above = 0;
    for (size_t i = 0; i < row->tier_count; i++) {
        if ((row->tiers[i].levels >> (level - 1) & 1) != 0) {
            *ret_above = above;
            return true;
        }
        above = row->tiers[i].upto_minor;
    }
    return false;
}

static void heading(struct cli *cli, const char *text)
{
    fputc('\n', cli->out);
    terminal_print_styled(cli, cli->out, STYLE_STRONG, text);
    fputc('\n', cli->out);
}

static enum status finish(struct table *table, struct err *err)
{
    enum status status = table_print(table, err);
    table_free(table);
    return status;
}

static const char *base_amount(const struct policy *policy, int64_t minor, char ret_text[static MONEY_TEXT_MAX])
{
    money_format_grouped(minor, policy->base_digits, ret_text);
    return ret_text;
}

static int levels_used(const struct policy *policy)
{
    int most = 0;
    for (size_t i = 0; i < policy->row_count; i++)
        for (size_t k = 0; k < policy->rows[i].tier_count; k++)
            for (int level = most + 1; level <= LEVELS_MAX; level++)
                if ((policy->rows[i].tiers[k].levels >> (level - 1) & 1) != 0)
                    most = level;
    return most;
}

static enum status show_authority(struct cli *cli, const struct policy *policy, struct err *err)
{
    char names[LEVELS_MAX][16];
    struct column columns[LEVELS_MAX + 3] = {{"ROW", 0}, {"ENTITIES", COLUMN_WRAP}};
    int levels = levels_used(policy);
    for (int level = 1; level <= levels; level++) {
        snprintf(names[level - 1], sizeof names[0], "LEVEL %d", level);
        columns[level + 1] = (struct column){names[level - 1], COLUMN_RIGHT};
    }
    struct table *table = table_new(cli, columns);
    for (size_t i = 0; i < policy->row_count; i++) {
        const struct policy_row *row = &policy->rows[i];
        char amounts[LEVELS_MAX][MONEY_TEXT_MAX + 8], entities[POLICY_WORDS_BYTES];
        char name[64];
        const char *cells[LEVELS_MAX + 2] = {name, entities};
        snprintf(name, sizeof name, "%s%s", row->row, row->chain ? " (managers of the preparer)" : "");
        policy_words_list(row->entities, row->entity_count, entities);
        if (row->entity_count == 0)
            snprintf(entities, sizeof entities, "all%s", "");
        for (int level = 1; level <= levels; level++) {
            int64_t above = 0;
            char text[MONEY_TEXT_MAX];
            if (!policy_row_level(row, level, &above))
                snprintf(amounts[level - 1], sizeof amounts[0], "never");
            else if (above == 0)
                snprintf(amounts[level - 1], sizeof amounts[0], "always");
            else
                snprintf(amounts[level - 1], sizeof amounts[0], "> %s", base_amount(policy, above, text));
            cells[level + 1] = amounts[level - 1];
        }
        table_row(table, cells);
    }
    char text[64];
    snprintf(text, sizeof text, "authority: who signs above which amount, %s", policy->base);
    heading(cli, text);
    return finish(table, err);
}

static enum status show_windows(struct cli *cli, const struct policy *policy, struct err *err)
{
    static const struct column columns[] = {{"BY", 0}, {"OVER", 0}, {"KINDS THAT ADD UP", COLUMN_WRAP}, {0}};
    struct table *table = table_new(cli, columns);
    for (size_t i = 0; i < policy->window_count; i++) {
        const struct policy_window *window = &policy->windows[i];
        char kinds[POLICY_WORDS_BYTES], span[32];
        policy_words_kinds(window->kinds, kinds);
        if (window->span == WINDOW_DAYS)
            snprintf(span, sizeof span, "%d days", window->days);
        else
            snprintf(span, sizeof span, "%s", window->span == WINDOW_LIFE ? "its life" : "the fiscal quarter");
        const char *cells[] = {window_by_word((int)window->by), span, kinds};
        table_row(table, cells);
    }
    heading(cli, "cumulative: what adds up against splitting");
    return finish(table, err);
}

static enum status show_reasons(struct cli *cli, const struct policy *policy, struct err *err)
{
    static const struct column columns[] = {{"REASON", 0},
                                            {"TITLE", COLUMN_WRAP},
                                            {"KINDS", COLUMN_WRAP},
                                            {"ROW", 0},
                                            {"ACCOUNT", 0},
                                            {"EVIDENCE", COLUMN_WRAP},
                                            {"NOTE", COLUMN_RIGHT},
                                            {"DISPUTE", 0},
                                            {0}};
    struct table *table = table_new(cli, columns);
    for (size_t i = 0; i < policy->reason_count; i++) {
        const struct policy_reason *reason = &policy->reasons[i];
        char kinds[POLICY_WORDS_BYTES], evidence[POLICY_WORDS_BYTES];
        policy_words_kinds(reason->kinds, kinds);
        policy_words_list(reason->evidence, reason->evidence_count, evidence);
        if (reason->error)
            text_add(kinds, sizeof kinds, " (an error)");
        const char *cells[] = {reason->reason,  reason->title, kinds, reason->row,
                               reason->account, evidence,      "",    reason->dispute_required ? "required" : ""};
        table_row(table, cells);
        if (reason->note_bytes_min > 0)
            table_cell(table, 6, "%zu", reason->note_bytes_min);
    }
    heading(cli, "reasons: why a document is made");
    return finish(table, err);
}

static enum status show_roles(struct cli *cli, const struct policy *policy, struct err *err)
{
    static const struct column columns[] = {
        {"ROLE", 0}, {"TITLE", COLUMN_WRAP}, {"INHERITS", COLUMN_WRAP}, {"FUNCTIONS", COLUMN_WRAP}, {0}};
    struct table *table = table_new(cli, columns);
    for (size_t i = 0; i < policy->role_count; i++) {
        const struct policy_role *role = &policy->roles[i];
        char functions[POLICY_WORDS_BYTES];
        policy_words_list(role->functions, role->function_count, functions);
        char inherits[POLICY_WORDS_BYTES];
        policy_words_list(role->inherits, role->inherit_count, inherits);
        const char *cells[] = {role->role, role->title, inherits, functions};
        table_row(table, cells);
    }
    heading(cli, "roles: sets of functions");
    return finish(table, err);
}

static enum status show_duties(struct cli *cli, const struct policy *policy, struct err *err)
{
    static const struct column columns[] = {{"DUTY", 0}, {"TITLE", COLUMN_WRAP}, {"FUNCTIONS", COLUMN_WRAP}, {0}};
    struct table *table = table_new(cli, columns);
    for (size_t i = 0; i < policy->duty_count; i++) {
        const struct policy_duty *duty = &policy->duties[i];
        char functions[POLICY_WORDS_BYTES];
        policy_words_list(duty->functions, duty->function_count, functions);
        const char *cells[] = {duty->duty, duty->title, functions};
        table_row(table, cells);
    }
    heading(cli, "duties: what is kept apart");
    return finish(table, err);
}

/* The duties that conflict with one in a mode; each pair stands with both. */
static void conflicting(const struct policy *policy, const struct policy_duty *duty, enum conflict_mode mode,
                        char ret_text[static POLICY_WORDS_BYTES])
{
    ret_text[0] = '\0';
    for (size_t i = 0; i < policy->conflict_count; i++) {
        const struct policy_conflict *conflict = &policy->conflicts[i];
        const struct policy_duty *other = conflict->a == duty ? conflict->b : conflict->b == duty ? conflict->a : NULL;
        if (other != NULL && conflict->mode == mode)
            text_add(ret_text, POLICY_WORDS_BYTES, "%s%s", ret_text[0] != '\0' ? ", " : "", other->duty);
    }
}

static enum status show_exclusives(struct cli *cli, const struct policy *policy, struct err *err)
{
    static const struct column columns[] = {
        {"SET", 0}, {"TITLE", COLUMN_WRAP}, {"FEWER THAN", COLUMN_RIGHT}, {"OF", COLUMN_WRAP}, {0}};
    struct table *table = table_new(cli, columns);
    for (size_t i = 0; i < policy->exclusive_count; i++) {
        const struct policy_exclusive *one = &policy->exclusives[i];
        char duties[POLICY_WORDS_BYTES] = "";
        for (size_t k = 0; k < one->duty_count; k++)
            text_add(duties, sizeof duties, "%s%s", k > 0 ? ", " : "", one->duties[k]->duty);
        const char *cells[] = {one->set, one->title, "", duties};
        table_row(table, cells);
        table_cell(table, 2, "%zu", one->fewer_than);
    }
    heading(cli, "exclusive: duties of which one person holds fewer");
    return finish(table, err);
}

static enum status show_conflicts(struct cli *cli, const struct policy *policy, struct err *err)
{
    static const struct column columns[] = {{"DUTY", 0},
                                            {"NEVER WITH", COLUMN_WRAP},
                                            {"NOT ON ONE DOCUMENT WITH", COLUMN_WRAP},
                                            {"MITIGATED WITH", COLUMN_WRAP},
                                            {0}};
    struct table *table = table_new(cli, columns);
    for (size_t i = 0; i < policy->duty_count; i++) {
        char never[POLICY_WORDS_BYTES], document[POLICY_WORDS_BYTES], mitigated[POLICY_WORDS_BYTES];
        conflicting(policy, &policy->duties[i], CONFLICT_NEVER, never);
        conflicting(policy, &policy->duties[i], CONFLICT_DOCUMENT, document);
        conflicting(policy, &policy->duties[i], CONFLICT_MITIGATED, mitigated);
        const char *cells[] = {policy->duties[i].duty, never, document, mitigated};
        table_row(table, cells);
    }
    heading(cli, "conflicts: duties of one person");
    enum status status = finish(table, err);
    return status == STATUS_OK && policy->exclusive_count > 0 ? show_exclusives(cli, policy, err) : status;
}

/* UTC offset in force at the end of the table: what a reader asks first; --json has all of them. */
static enum status show_entities(struct cli *cli, const struct policy *policy, struct err *err)
{
    static const struct column columns[] = {
        {"ENTITY", 0}, {"CURRENCY", 0}, {"FISCAL YEAR FROM", COLUMN_RIGHT}, {"CLOCK CHANGES", COLUMN_RIGHT}, {0}};
    struct table *table = table_new(cli, columns);
    for (size_t i = 0; i < policy->entity_count; i++) {
        const struct policy_entity *entity = &policy->entities[i];
        const char *cells[] = {entity->entity, entity->currency, "", ""};
        table_row(table, cells);
        table_cell(table, 2, "month %d", entity->fiscal_month);
        table_cell(table, 3, "%zu", entity->offset_count - 1);
    }
    heading(cli, "entities");
    return finish(table, err);
}

static enum status show_accounts(struct cli *cli, const struct policy *policy, struct err *err)
{
    static const struct column columns[] = {{"ACCOUNT", 0}, {"CLASS", 0}, {"TITLE", COLUMN_WRAP}, {"USED FOR", 0}, {0}};
    struct table *table = table_new(cli, columns);
    for (size_t i = 0; i < policy->account_count; i++) {
        const struct policy_account *account = &policy->accounts[i];
        char used[POLICY_WORDS_BYTES] = "";
        if (strcmp(account->account, policy->receivable_account) == 0)
            text_add(used, sizeof used, "receivables");
        if (strcmp(account->account, policy->on_account_account) == 0)
            text_add(used, sizeof used, "credit on account, row %s", policy->on_account_row);
        if (policy->fx_account != NULL && strcmp(account->account, policy->fx_account) == 0)
            text_add(used, sizeof used, "exchange differences");
        if (policy->rounding_account != NULL && strcmp(account->account, policy->rounding_account) == 0)
            text_add(used, sizeof used, "rounding");
        for (size_t k = 0; k < policy->tax_count; k++)
            if (strcmp(policy->taxes[k].account, account->account) == 0)
                text_add(used, sizeof used, "%stax %s", used[0] != '\0' ? ", " : "", policy->taxes[k].code);
        const char *cells[] = {account->account, account_class_word((int)account->class), account->title, used};
        table_row(table, cells);
    }
    heading(cli, "accounts");
    return finish(table, err);
}

static const char *list_or_none(const char *const *list, size_t count, char ret_text[static POLICY_WORDS_BYTES])
{
    snprintf(ret_text, POLICY_WORDS_BYTES, "%s", count == 0 ? "none" : "");
    for (size_t i = 0; i < count; i++)
        text_add(ret_text, POLICY_WORDS_BYTES, "%s%s", i > 0 ? ", " : "", list[i]);
    return ret_text;
}

static enum status show_numbers(struct cli *cli, const struct policy *policy, struct err *err)
{
    static const struct column columns[] = {{"", 0}, {"", COLUMN_WRAP}, {0}};
    char amount[MONEY_TEXT_MAX], lapse[32], list[32], bot[32];
    char sum[POLICY_WORDS_BYTES], kinds[POLICY_WORDS_BYTES], reasons[POLICY_WORDS_BYTES];
    char relaxed[POLICY_WORDS_BYTES], domains[POLICY_WORDS_BYTES], verified[POLICY_WORDS_BYTES], level[32] = "none";
    if (policy->verified_level > 0)
        snprintf(level, sizeof level, "from level %d on", policy->verified_level);
    snprintf(lapse, sizeof lapse, "%d", policy->lapse_days);
    snprintf(list, sizeof list, "%zu", policy->approve_list_max);
    snprintf(bot, sizeof bot, "%lld", (long long)policy->bot_documents_per_day_max);
    const char *const rows[][2] = {
        {"base currency", policy->base},
        {"a waiting document lapses after, days", lapse},
        {"documents in one approval, at most", list},
        {"a bot's document, at most", base_amount(policy, policy->bot_document_minor_max, amount)},
        {"a bot's documents in a day, at most", bot},
        {"what a bot prepares in a day, at most", policy_words_bot_sum(policy, sum)},
        {"kinds that bots prepare", policy_words_bot_kinds(policy, kinds)},
        {"reasons that bots give", policy_words_bot_reasons(policy, reasons)},
        {"a bot's run, with the hash of its code", policy->bot_run ? "required" : "optional"},
        {"emergency access may relax", list_or_none(policy->relaxed, policy->relaxed_count, relaxed)},
        {"a gate whose release is not approved", policy->releases_deny ? "lets nothing in" : "is told of by the audit"},
        {"approvals by keys that verify their user", level},
        {"functions of keys that verify their user", list_or_none(policy->verified, policy->verified_count, verified)},
        {"public e-mail domains", list_or_none(policy->public_domains, policy->public_domain_count, domains)},
    };
    struct table *table = table_new(cli, columns);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        table_row(table, rows[i]);
    heading(cli, "numbers");
    return finish(table, err);
}

static void parameter_cell(struct table *table, const struct policy *policy, size_t index, int64_t value)
{
    char amount[MONEY_TEXT_MAX];
    if (policy_parameters[index].unit == UNIT_AMOUNT)
        table_cell(table, 2, "%s", base_amount(policy, value, amount));
    else
        table_cell(table, 2, "%lld", (long long)value);
}

/* Each parameter with its value, default or not, and a line for each entity that has another one. */
static enum status show_parameters(struct cli *cli, const struct policy *policy, struct err *err)
{
    static const struct column columns[] = {{"PARAMETER", 0}, {"ENTITY", 0},  {"VALUE", COLUMN_RIGHT},
                                            {"UNIT", 0},      {"CONTROL", 0}, {0}};
    struct table *table = table_new(cli, columns);
    for (size_t i = 0; i < PARAMETER_COUNT; i++) {
        const struct parameter *parameter = &policy_parameters[i];
        const char *cells[] = {parameter->name, "", "", parameter_unit_word(parameter->unit), parameter->control};
        table_row(table, cells);
        parameter_cell(table, policy, i, policy->parameters[i]);
        for (size_t k = 0; k < policy->entity_count; k++) {
            if (policy->entities[k].parameters[i] == policy->parameters[i])
                continue;
            const char *own[] = {"", policy->entities[k].entity, "", parameter_unit_word(parameter->unit),
                                 parameter->control};
            table_row(table, own);
            parameter_cell(table, policy, i, policy->entities[k].parameters[i]);
        }
    }
    heading(cli, "parameters");
    return finish(table, err);
}

static const struct {
    const char *name;
    section_show *show;
} sections[] = {
    {"authority", show_authority},   {"cumulative", show_windows}, {"reasons", show_reasons},
    {"roles", show_roles},           {"duties", show_duties},      {"conflicts", show_conflicts},
    {"entities", show_entities},     {"accounts", show_accounts},  {"numbers", show_numbers},
    {"parameters", show_parameters},
};

enum { SECTION_COUNT = sizeof sections / sizeof sections[0] };

const char *policy_section_name(size_t index)
{
    return index < SECTION_COUNT ? sections[index].name : NULL;
}

enum status policy_show_section(struct cli *cli, const struct policy *policy, const char *section, struct err *err)
{
    char names[POLICY_WORDS_BYTES] = "";
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        if (strcmp(sections[i].name, section) == 0)
            return sections[i].show(cli, policy, err);
        text_add(names, sizeof names, "%s%s", i > 0 ? ", " : "", sections[i].name);
    }
    return err_set(err, STATUS_NOT_FOUND, "a policy has the sections %s", names);
}

enum status policy_show(struct cli *cli, const struct policy *policy, struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < SECTION_COUNT; i++)
        status = sections[i].show(cli, policy, err);
    return status;
}

/*
 * Samples for people; see the header. The selection file is what counts and is repeated to the byte; this is a view of it.
 */
#include "cli/sample_show.h"

#include <inttypes.h>
#include <string.h>

#include "cli/block.h"
#include "cli/csv_write.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "ledger/money.h"
#include "ledger/schema.h"

enum { TEXT_BYTES = 256, COLUMNS = 9, COLUMN_ITEM = 0 };

const struct csv_column sample_worksheet_columns[] = {
    {"item", CSV_REQUIRED}, {"document", 0},  {"entry", 0},   {"amount", 0}, {"hits", 0},
    {"stratum", 0},         {"deviation", 0}, {"audited", 0}, {"remark", 0}, {NULL, 0}};

static void money_text(const struct sample_population *population, int64_t minor, char ret_text[static TEXT_BYTES])
{
    char amount[MONEY_TEXT_MAX];
    money_format_grouped(minor, population->digits, amount);
    snprintf(ret_text, TEXT_BYTES, "%s %s", amount, population->currency);
}

static void size_text(const struct sample_draft *draft, char ret_text[static TEXT_BYTES])
{
    const struct sample_plan *plan = draft->plan;
    const struct sample_population *population = &draft->basis->population;
    char confidence[SAMPLE_PERCENT_BYTES], rate[SAMPLE_PERCENT_BYTES], a[TEXT_BYTES], b[TEXT_BYTES];
    sample_percent(PROBABILITY_ONE - plan->risk_ppm, confidence);
    sample_percent(plan->attribute.tolerable_ppm, rate);
    if (plan->method == SAMPLE_JUDGEMENTAL) {
        snprintf(ret_text, TEXT_BYTES, "chosen by judgement: %.160s", plan->because);
    } else if (plan->method == SAMPLE_MUS) {
        money_text(population, draft->selection->interval_minor, a);
        money_text(population, draft->drawn->start_minor, b);
        snprintf(ret_text, TEXT_BYTES, "interval %s (%s, %s %%), start %s", a, plan->given ? "given" : "planned",
                 confidence, b);
    } else if (plan->given) {
        snprintf(ret_text, TEXT_BYTES, "%" PRId64 ", given", draft->selection->size);
    } else {
        snprintf(ret_text, TEXT_BYTES,
                 "%" PRId64 ", planned: %s, %s %% confidence, %s %% tolerable, %" PRId64 " %s allowed",
                 draft->selection->size, sample_distribution_name(plan->attribute.distribution), confidence, rate,
                 plan->allowed, plan->allowed == 1 ? "deviation" : "deviations");
    }
}

static void add_seed(struct block *block, const struct sample_draft *draft)
{
    const struct sample_basis *basis = draft->basis;
    char hash[HASH_HEX_CHARS + 1], shown[HASH_SHOWN_BYTES];
    if (!basis->seeded)
        return;
    hash_to_hex(&basis->draw, hash);
    present_hash(hash, shown);
    block_line(block, "seed", "%s by %s in entry %" PRIu64 "%s: %s", basis->document, basis->actor, basis->before,
               basis->sealed ? ", sealed" : "", basis->purpose);
    if (basis->cosigned)
        block_line(block, "checkpoint", "%" PRIu64 " entries, cosigned by %s; draw value %s", basis->size,
                   basis->witness, shown);
    else
        block_line(block, "checkpoint", "%" PRIu64 " entries, signed by the book alone; draw value %s", basis->size,
                   shown);
}

static void add_population(struct block *block, const struct sample_draft *draft)
{
    const struct sample_population *population = &draft->basis->population;
    char hash[HASH_HEX_CHARS + 1], shown[HASH_SHOWN_BYTES], count[GROUPED_BYTES], sum[TEXT_BYTES];
    hash_to_hex(&population->hash, hash);
    present_hash(hash, shown);
    money_text(population, population->positive.minor, sum);
    block_line(block, "population", "%s %s before entry %" PRIu64 ", %s; hash %s",
               terminal_group_integer((int64_t)population->count, count),
               population->decisions ? "decisions" : "documents", draft->basis->before, sum, shown);
    money_text(population, population->negative.minor, sum);
    if (population->negative.count + population->zero.count + population->bare.count > 0)
        block_line(block, "apart", "%" PRIu64 " below zero (%s), %" PRIu64 " of zero, %" PRIu64 " without an amount%s",
                   population->negative.count, sum, population->zero.count, population->bare.count,
                   draft->plan->method == SAMPLE_MUS ? ": not drawn from" : "");
}

/* What is drawn with a seed should be drawn once: what stands on record of it. */
static void add_uses(struct block *block, const struct sample_draft *draft, const struct sample_written *written)
{
    char hash[HASH_HEX_CHARS + 1], shown[HASH_SHOWN_BYTES];
    hash_to_hex(&written->hash, hash);
    for (size_t i = 0; i < draft->basis->use_count; i++) {
        const struct sample_use *use = &draft->basis->uses[i];
        present_hash(use->result, shown);
        if (strcmp(use->result, hash) == 0)
            block_line(block, "on record", "this selection, in entry %" PRIu64, use->entry);
        else
            block_line(block, "USED BEFORE", "%s was drawn with already: entry %" PRIu64 " records the selection %s",
                       draft->basis->document, use->entry, shown);
    }
}

static const char *steering(json_t *header)
{
    return member_text(header, "steering");
}

static enum status print_block(struct cli *cli, const struct sample_draft *draft, const struct sample_written *written,
                               struct err *err)
{
    char text[TEXT_BYTES], hash[HASH_HEX_CHARS + 1];
    struct block *block = block_new(cli);
    json_t *header = sample_header_json(draft);
    hash_to_hex(&written->hash, hash);
    block_head(block, STYLE_PLAIN, sample_method_name(draft->plan->method), "sample of %zu", draft->drawn->count);
    add_population(block, draft);
    add_seed(block, draft);
    size_text(draft, text);
    block_line(block, "size", "%s", text);
    for (size_t i = 0; i < draft->drawn->stratum_count; i++)
        block_line(block, "stratum", "%zu: %" PRId64 " of %" PRId64, i + 1, draft->drawn->strata[i].selected,
                   draft->drawn->strata[i].items);
    if (steering(header) != NULL)
        block_line(block, "could steer", "%s", steering(header));
    block_line(block, "selection", "SHA-256 %s", hash);
    add_uses(block, draft, written);
    if (draft->basis->seeded && draft->basis->use_count == 0)
        block_line(block, "next",
                   "countersign audit record test-run --control \"sample %s\" --first 0 --last %" PRIu64
                   " --count %zu --result %s",
                   draft->basis->document, draft->basis->before - 1, draft->drawn->count, hash);
    enum status status = block_print(block, err);
    block_free(block);
    json_decref(header);
    return status;
}

/* Cells of an item as text; rooms hold what is not in the JSON as text. */
static void integer_cell(const json_t *item, const char *name, char ret_text[static GROUPED_BYTES])
{
    const json_t *value = json_object_get(item, name);
    ret_text[0] = '\0';
    if (value != NULL)
        snprintf(ret_text, GROUPED_BYTES, "%lld", (long long)json_integer_value(value));
}

static enum status print_items(struct cli *cli, const struct sample_draft *draft, struct err *err)
{
    static const struct column columns[] = {{"ITEM", 0},
                                            {"DOCUMENT", 0},
                                            {"ENTRY", COLUMN_RIGHT},
                                            {"AMOUNT", COLUMN_RIGHT},
                                            {"HITS", COLUMN_RIGHT},
                                            {"STRATUM", COLUMN_RIGHT},
                                            {"", 0},
                                            {NULL, 0}};
    struct table *table = table_new(cli, columns);
    for (size_t i = 0; i < draft->drawn->count; i++) {
        json_t *item = sample_item_json(draft, i);
        char entry[GROUPED_BYTES], hits[GROUPED_BYTES], stratum[GROUPED_BYTES];
        integer_cell(item, "entry", entry);
        integer_cell(item, "hits", hits);
        integer_cell(item, "stratum", stratum);
        const char *cells[] = {member_text(item, "item"),
                               member_text(item, "document"),
                               entry,
                               member_text(item, "amount"),
                               hits,
                               stratum,
                               draft->drawn->picks[i].top ? "all of its size" : ""};
        table_row(table, cells);
        json_decref(item);
    }
    enum status status = table_print(table, err);
    table_free(table);
    return status;
}

enum status sample_show_draw(struct cli *cli, const struct sample_draft *draft, const struct sample_written *written,
                             bool table, struct err *err)
{
    enum status status = print_block(cli, draft, written, err);
    return status == STATUS_OK && table ? print_items(cli, draft, err) : status;
}

enum status sample_worksheet_write(FILE *file, const struct sample_draft *draft, struct err *err)
{
    const char *names[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++)
        names[i] = sample_worksheet_columns[i].name;
    enum status status = csv_write_row(file, names, COLUMNS, err);
    for (size_t i = 0; status == STATUS_OK && i < draft->drawn->count; i++) {
        json_t *item = sample_item_json(draft, i);
        char entry[GROUPED_BYTES], hits[GROUPED_BYTES], stratum[GROUPED_BYTES];
        integer_cell(item, "entry", entry);
        integer_cell(item, "hits", hits);
        integer_cell(item, "stratum", stratum);
        const char *cells[COLUMNS] = {member_text(item, "item"),
                                      member_text(item, "document"),
                                      entry,
                                      member_text(item, "amount"),
                                      hits,
                                      stratum,
                                      "",
                                      "",
                                      ""};
        status = item == NULL ? err_set(err, STATUS_MEMORY, "no memory for a worksheet")
                              : csv_write_row(file, cells, COLUMNS, err);
        json_decref(item);
    }
    return status;
}

static void amount_line(struct block *block, const char *label, const struct sample_outcome *outcome, int64_t count,
                        int64_t found_minor, const struct mus_limit *limit)
{
    char found[MONEY_TEXT_MAX], projected[MONEY_TEXT_MAX], upper[MONEY_TEXT_MAX];
    money_format_grouped(found_minor, outcome->digits, found);
    money_format_grouped(limit->projected_minor, outcome->digits, projected);
    money_format_grouped(limit->upper_minor, outcome->digits, upper);
    block_line(block, label, "%" PRId64 " items, %s found, %s projected, at most %s %s", count, found, projected, upper,
               outcome->currency);
}

static void add_rates(struct block *block, const struct sample_outcome *outcome)
{
    char confidence[SAMPLE_PERCENT_BYTES], upper[SAMPLE_PERCENT_BYTES];
    sample_percent(PROBABILITY_ONE - outcome->risk_ppm, confidence);
    for (enum sample_distribution i = SAMPLE_BINOMIAL; i < SAMPLE_DISTRIBUTIONS; i++) {
        sample_percent(outcome->upper_ppm[i], upper);
        block_line(block, i == SAMPLE_BINOMIAL ? "upper limit" : "", "%s %% of %" PRId64 " at %s %% confidence (%s)",
                   upper, outcome->population, confidence, sample_distribution_name(i));
    }
}

static void add_verdict(struct block *block, const struct sample_outcome *outcome)
{
    char tolerable[MONEY_TEXT_MAX + SAMPLE_PERCENT_BYTES];
    if (outcome->method == SAMPLE_MUS)
        money_format_grouped(outcome->tolerable_minor, outcome->digits, tolerable);
    else
        sample_percent(outcome->tolerable_ppm, tolerable);
    if (!outcome->bounded)
        block_line(block, "says", "nothing about what was not chosen: the selection was one of judgement");
    else if (!outcome->has_verdict)
        block_line(block, "tolerable", "not given: whether to rely is not said");
    else
        block_line(block, outcome->supported ? "rely" : "DO NOT RELY", "the limit is %s the tolerable %s%s",
                   outcome->supported ? "within" : "above", tolerable, outcome->method == SAMPLE_MUS ? "" : " %");
}

static enum status print_outcome(struct cli *cli, const struct sample_file *file, const struct sample_outcome *outcome,
                                 struct err *err)
{
    char hash[HASH_HEX_CHARS + 1];
    struct block *block = block_new(cli);
    hash_to_hex(&file->hash, hash);
    block_head(block, STYLE_PLAIN, sample_method_name(outcome->method), "sample evaluated");
    block_line(block, "selection", "SHA-256 %s", hash);
    if (outcome->method == SAMPLE_MUS) {
        block_line(block, "tested", "%" PRId64 " items, and %" PRId64 " of an interval or more", outcome->tested,
                   outcome->top_tested);
        amount_line(block, "overstated", outcome, outcome->over_count, outcome->over_minor, &outcome->over);
        amount_line(block, "understated", outcome, outcome->under_count, outcome->under_minor, &outcome->under);
    } else {
        block_line(block, "tested", "%" PRId64 " items, %" PRId64 " deviations", outcome->tested, outcome->deviations);
        if (outcome->top_tested > 0)
            block_line(block, "top stratum", "all %" PRId64 " tested, %" PRId64 " deviations", outcome->top_tested,
                       outcome->top_deviations);
        if (outcome->bounded && outcome->tested > 0)
            add_rates(block, outcome);
    }
    add_verdict(block, outcome);
    enum status status = block_print(block, err);
    block_free(block);
    return status;
}

static json_t *limit_json(const struct sample_outcome *outcome, int64_t count, int64_t found_minor,
                          const struct mus_limit *limit)
{
    char found[MONEY_TEXT_MAX], projected[MONEY_TEXT_MAX], upper[MONEY_TEXT_MAX], basic[MONEY_TEXT_MAX];
    money_format(found_minor, outcome->digits, found);
    money_format(limit->projected_minor, outcome->digits, projected);
    money_format(limit->upper_minor, outcome->digits, upper);
    money_format(limit->basic_minor, outcome->digits, basic);
    return json_pack("{s:s, s:I, s:s, s:s, s:s}", "basic_precision", basic, "count", (json_int_t)count, "found", found,
                     "projected", projected, "upper_limit", upper);
}

static json_t *outcome_json(const struct sample_file *file, const struct sample_outcome *outcome)
{
    char hash[HASH_HEX_CHARS + 1], text[SAMPLE_PERCENT_BYTES];
    hash_to_hex(&file->hash, hash);
    json_t *json = json_pack("{s:s, s:s, s:I, s:I}", "method", sample_method_name(outcome->method), "selection", hash,
                             "tested", (json_int_t)outcome->tested, "top_tested", (json_int_t)outcome->top_tested);
    if (json == NULL)
        return NULL;
    if (outcome->bounded) {
        sample_percent(PROBABILITY_ONE - outcome->risk_ppm, text);
        json_object_set_new(json, "confidence", json_string(text));
    }
    if (outcome->has_verdict)
        json_object_set_new(json, "supported", json_boolean(outcome->supported));
    if (outcome->method == SAMPLE_MUS) {
        json_object_set_new(json, "overstated",
                            limit_json(outcome, outcome->over_count, outcome->over_minor, &outcome->over));
        json_object_set_new(json, "understated",
                            limit_json(outcome, outcome->under_count, outcome->under_minor, &outcome->under));
        return json;
    }
    json_object_set_new(json, "deviations", json_integer((json_int_t)outcome->deviations));
    json_object_set_new(json, "top_deviations", json_integer((json_int_t)outcome->top_deviations));
    json_t *upper = json_object();
    for (enum sample_distribution i = SAMPLE_BINOMIAL; i < SAMPLE_DISTRIBUTIONS; i++) {
        sample_percent(outcome->upper_ppm[i], text);
        json_object_set_new(upper, sample_distribution_name(i), json_string(text));
    }
    json_object_set_new(json, "upper_limit_percent", upper);
    return json;
}

enum status sample_show_outcome(struct cli *cli, const struct sample_file *file, const struct sample_outcome *outcome,
                                struct err *err)
{
    if (!cli->json)
        return print_outcome(cli, file, outcome, err);
    (void)out_json(cli, outcome_json(file, outcome));
    return STATUS_OK;
}

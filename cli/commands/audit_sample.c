/*
 * countersign audit sample: how large a sample has to be (size), which items it is of (draw), what the results of testing
 * bound (evaluate). audit/sample/SAMPLING.md says how a draw is made, so that anybody can make it again.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/period.h"
#include "audit/sample/read.h"
#include "cli/block.h"
#include "cli/book.h"
#include "cli/brought.h"
#include "cli/commands.h"
#include "cli/journal_source.h"
#include "cli/outlet.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/sample_options.h"
#include "cli/sample_results.h"
#include "cli/sample_show.h"
#include "cli/session.h"
#include "cli/table.h"
#include "ledger/currency.h"
#include "ledger/durable.h"
#include "ledger/money.h"
#include "ledger/newfile.h"
#include "ledger/schema.h"

enum { SEQ_MAX_SHIFT = 53, DIGITS_USUAL = 2 };

/* A draw as it goes on; too large for a stack. */
struct drawing {
    struct cli *cli;
    const struct options *options;
    struct progress progress;
    struct brought brought;
    struct sample_filter filter;
    struct sample_plan plan;
    struct sample_basis basis;
    struct sample_selection selection;
    struct sample_drawn drawn;
    struct journal_source source;
};

static void hear_progress(void *context, uint64_t done, uint64_t total)
{
    struct drawing *drawing = context;
    drawing->progress.total = (int64_t)total;
    progress_step(&drawing->progress, (int64_t)done);
}

static enum status check_witnessing(const struct drawing *drawing, const char *seed, struct err *err)
{
    bool own = options_flag(drawing->options, "own-checkpoint");
    if (seed == NULL && drawing->plan.method != SAMPLE_JUDGEMENTAL)
        return err_set(
            err, STATUS_INPUT,
            "with which seed? put one on record with 'countersign audit record seed', and name it with --seed");
    if (seed != NULL && options_text(drawing->options, "before") != NULL)
        return err_set(err, STATUS_INPUT, "--before: with a seed the population ends where the seed stands");
    if (seed == NULL || own || drawing->brought.witness_count > 0)
        return STATUS_OK;
    return err_set(err, STATUS_INPUT,
                   "whose cosignature counts? bring the witness's key with --witness, or take the book's own word for "
                   "its checkpoint with --own-checkpoint");
}

static enum status read_basis(struct drawing *drawing, struct err *err)
{
    const struct options *options = drawing->options;
    const char *seed = options_text(options, "seed");
    int64_t before = -1;
    enum status status = sample_plan_read(options, &drawing->plan, err);
    if (status == STATUS_OK)
        status = sample_filter_read(options, &drawing->filter, err);
    if (status == STATUS_OK)
        status = brought_read(options, &drawing->brought, err);
    if (status == STATUS_OK)
        status = check_witnessing(drawing, seed, err);
    if (status == STATUS_OK)
        status = options_number(options, "before", 1, INT64_C(1) << SEQ_MAX_SHIFT, &before, err);
    if (status == STATUS_OK)
        status = journal_source_open(drawing->cli, options, false, &drawing->source, err);
    if (status == STATUS_OK && drawing->source.session != NULL)
        status = book_read_all(session_book(drawing->source.session), "audit sample draw", err);
    if (status == STATUS_OK)
        status = sample_filter_days(options, drawing->source.journal, &drawing->filter, err);
    if (status != STATUS_OK)
        return status;
    const struct sample_request request = {.journal = drawing->source.journal,
                                           .seed = seed,
                                           .reveal = options_text(options, "reveal"),
                                           .before = before < 0 ? UINT64_MAX : (uint64_t)before,
                                           .witnesses = drawing->brought.witnesses,
                                           .witness_count = drawing->brought.witness_count,
                                           .notes = drawing->brought.notes,
                                           .note_count = drawing->brought.note_count,
                                           .own_checkpoint = options_flag(options, "own-checkpoint"),
                                           .filter = &drawing->filter,
                                           .progress = hear_progress,
                                           .context = drawing};
    progress_begin(&drawing->progress, drawing->cli, "reading entries", 0);
    status = sample_read(&request, &drawing->basis, err);
    progress_end(&drawing->progress);
    return status;
}

static enum status outlet_write(void *context, struct slice bytes, struct err *err)
{
    struct outlet *outlet = context;
    if (fwrite(bytes.bytes, 1, bytes.length, outlet->file) == bytes.length)
        return STATUS_OK;
    return durable_fail(errno, outlet->name, "write", err);
}

/* For whoever only looks: nothing is written, the hash is made all the same. */
static enum status write_nowhere(void *context, struct slice bytes, struct err *err)
{
    (void)context;
    (void)bytes;
    (void)err;
    return STATUS_OK;
}

/* To --out, with --json alone to the output, else nowhere. */
static enum status selection_out(struct drawing *drawing, const struct sample_draft *draft,
                                 struct sample_written *ret_written, struct err *err)
{
    const char *path = options_text(drawing->options, "out");
    struct outlet outlet = {.file = NULL};
    if (path == NULL && drawing->cli->json)
        path = "-";
    const struct export_sink sink = {.write = path != NULL ? outlet_write : write_nowhere, .context = &outlet};
    if (path == NULL)
        return sample_file_write(draft, &sink, ret_written, err);
    enum status status = outlet_open_whole(drawing->cli, path, &outlet, err);
    if (status != STATUS_OK)
        return status;
    status = sample_file_write(draft, &sink, ret_written, err);
    return outlet_close(drawing->cli, &outlet, status, err);
}

static enum status worksheet_out(struct drawing *drawing, const struct sample_draft *draft, struct err *err)
{
    const char *path = options_text(drawing->options, "worksheet");
    struct outlet outlet = {.file = NULL};
    if (path == NULL)
        return STATUS_OK;
    enum status status = outlet_open_whole(drawing->cli, path, &outlet, err);
    if (status != STATUS_OK)
        return status;
    status = sample_worksheet_write(outlet.file, draft, err);
    return outlet_close(drawing->cli, &outlet, status, err);
}

static enum status draw(struct drawing *drawing, struct err *err)
{
    const char *out = options_text(drawing->options, "out");
    struct cli *cli = drawing->cli;
    struct sample_written written;
    enum status status = read_basis(drawing, err);
    if (status == STATUS_OK)
        status = sample_selection_read(drawing->options, &drawing->basis.population, &drawing->plan,
                                       &drawing->selection, err);
    drawing->selection.draw = drawing->basis.draw;
    if (status == STATUS_OK)
        status = sample_draw(&drawing->basis.population, &drawing->selection, &drawing->drawn, err);
    const struct sample_draft draft = {.plan = &drawing->plan,
                                       .filter = &drawing->filter,
                                       .reveal = options_text(drawing->options, "reveal"),
                                       .basis = &drawing->basis,
                                       .selection = &drawing->selection,
                                       .drawn = &drawing->drawn};
    if (status == STATUS_OK)
        status = worksheet_out(drawing, &draft, err);
    if (status == STATUS_OK)
        status = selection_out(drawing, &draft, &written, err);
    if (status != STATUS_OK || (out != NULL && strcmp(out, "-") == 0) || (cli->json && out == NULL))
        return status;
    if (!cli->json)
        return sample_show_draw(cli, &draft, &written, out == NULL, err);
    char hash[HASH_HEX_CHARS + 1];
    hash_to_hex(&written.hash, hash);
    (void)out_json(cli, json_pack("{s:I, s:s, s:s}", "items", (json_int_t)written.items, "out", out, "sha256", hash));
    return STATUS_OK;
}

static enum status run_draw(struct cli *cli, const struct options *options, struct err *err)
{
    if (cli_book(cli, options) == NULL)
        return err_set(err, STATUS_INPUT, "which book? give it with --book or COUNTERSIGN_BOOK");
    struct drawing *drawing = calloc(1, sizeof *drawing);
    if (drawing == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a draw");
    drawing->cli = cli;
    drawing->options = options;
    enum status status = draw(drawing, err);
    journal_source_close(&drawing->source);
    sample_drawn_done(&drawing->drawn);
    sample_basis_done(&drawing->basis);
    brought_done(&drawing->brought);
    free(drawing);
    return status;
}

/* How likely a sample of this size shows that something is wrong at all. */
static enum status show_detection(struct cli *cli, int64_t size, struct err *err)
{
    static const int32_t rates[] = {100000, 50000, 20000, 10000};
    static const struct column columns[] = {
        {"DEVIATION RATE", COLUMN_RIGHT}, {"FOUND AT ALL", COLUMN_RIGHT}, {NULL, 0}};
    struct table *table = table_new(cli, columns);
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        char rate[SAMPLE_PERCENT_BYTES], found[SAMPLE_PERCENT_BYTES];
        int32_t ppm = binomial_detection_ppm(size, rates[i]);
        sample_percent(rates[i], rate);
        sample_percent((ppm + 500) / 1000 * 1000, found);
        if (cli->json)
            (void)out_json(cli, json_pack("{s:s, s:s, s:I}", "found_percent", found, "rate_percent", rate, "size",
                                          (json_int_t)size));
        const char *cells[] = {NULL, NULL};
        table_row(table, cells);
        table_cell(table, 0, "%s %%", rate);
        table_cell(table, 1, "%s %%", found);
    }
    enum status status = cli->json ? STATUS_OK : table_print(table, err);
    table_free(table);
    return status;
}

static enum status show_rate_sizes(struct cli *cli, const struct sample_plan *plan, int64_t population, struct err *err)
{
    static const struct column columns[] = {
        {"BY", 0}, {"ITEMS", COLUMN_RIGHT}, {"DEVIATIONS ALLOWED", COLUMN_RIGHT}, {NULL, 0}};
    struct table *table = table_new(cli, columns);
    enum status status = STATUS_OK;
    for (enum sample_distribution i = SAMPLE_BINOMIAL; status == STATUS_OK && i < SAMPLE_DISTRIBUTIONS; i++) {
        struct attribute_plan attribute = plan->attribute;
        int64_t size = 0, allowed = 0;
        attribute.distribution = i;
        attribute.population = population;
        if (i == SAMPLE_HYPERGEOMETRIC && population == 0)
            continue;
        status = sample_attribute_size(&attribute, &size, &allowed, err);
        if (status == STATUS_OK && cli->json)
            (void)out_json(cli, json_pack("{s:s, s:I, s:I}", "by", sample_distribution_name(i), "deviations_allowed",
                                          (json_int_t)allowed, "size", (json_int_t)size));
        const char *cells[] = {sample_distribution_name(i), NULL, NULL};
        table_row(table, cells);
        table_cell(table, 1, "%" PRId64, size);
        table_cell(table, 2, "%" PRId64, allowed);
    }
    if (status == STATUS_OK && !cli->json)
        status = table_print(table, err);
    table_free(table);
    return status;
}

static enum status show_money_size(struct cli *cli, const struct options *options, struct sample_plan *plan,
                                   struct err *err)
{
    const char *currency = options_text(options, "currency");
    int digits = currency == NULL ? DIGITS_USUAL : currency_digits(currency);
    int64_t interval = 0, total = 0;
    char text[MONEY_TEXT_MAX];
    if (digits < 0)
        return err_set(err, STATUS_INPUT, "--currency: no currency of ISO 4217");
    enum status status = sample_plan_amounts(options, digits, plan, err);
    if (status == STATUS_OK)
        status = sample_amount_read(options, "population-amount", digits, &total, err);
    if (status == STATUS_OK && plan->mus.tolerable_minor == 0)
        status = err_set(err, STATUS_INPUT, "what is tolerable? give --tolerable-amount");
    if (status == STATUS_OK)
        status = sample_mus_interval(&plan->mus, &interval, err);
    if (status != STATUS_OK)
        return status;
    int64_t items = total / interval + (total % interval != 0);
    int64_t factor = sample_factor_e4(0, plan->risk_ppm);
    money_format(interval, digits, text);
    if (cli->json) {
        (void)out_json(cli, json_pack("{s:s, s:I, s:I}", "interval", text, "items", (json_int_t)items, "r0_e4",
                                      (json_int_t)factor));
        return STATUS_OK;
    }
    struct block *block = block_new(cli);
    money_format_grouped(interval, digits, text);
    block_head(block, STYLE_PLAIN, "mus", "interval %s", text);
    block_line(block, "factor", "R0 %" PRId64 ".%04" PRId64, factor / PROBABILITY_MEAN_ONE,
               factor % PROBABILITY_MEAN_ONE);
    if (total > 0)
        block_line(block, "items", "%" PRId64 " at most", items);
    status = block_print(block, err);
    block_free(block);
    return status;
}

static enum status run_size(struct cli *cli, const struct options *options, struct err *err)
{
    struct sample_plan plan;
    int64_t population = 0, size = 0;
    enum status status = sample_plan_read(options, &plan, err);
    if (status == STATUS_OK)
        status = options_number(options, "population", 1, PROBABILITY_TRIALS_MAX, &population, err);
    if (status == STATUS_OK)
        status = options_number(options, "size", 1, SAMPLE_SIZE_MAX, &size, err);
    if (status != STATUS_OK)
        return status;
    if (plan.method == SAMPLE_JUDGEMENTAL)
        return err_set(err, STATUS_INPUT, "a judgemental selection has no size that anything follows from");
    if (plan.method == SAMPLE_MUS)
        return show_money_size(cli, options, &plan, err);
    if (size > 0)
        return show_detection(cli, size, err);
    if (plan.attribute.tolerable_ppm == 0)
        return err_set(err, STATUS_INPUT, "what is tolerable? give --tolerable-rate, or --size to see what that finds");
    return show_rate_sizes(cli, &plan, population, err);
}

static enum status selection_read(const char *path, struct sample_file *ret_file, struct err *err)
{
    size_t length = 0;
    char *bytes = malloc(SAMPLE_FILE_BYTES_MAX);
    if (bytes == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a selection");
    enum status status = newfile_read(path, false, bytes, SAMPLE_FILE_BYTES_MAX, &length, err);
    if (status == STATUS_OK) {
        status = sample_file_parse(slice_of(bytes, length), ret_file, err);
        if (status != STATUS_OK)
            err_prefix(err, "%s: ", path);
    }
    free(bytes);
    return status;
}

static enum status run_evaluate(struct cli *cli, const struct options *options, int *ret_exit, struct err *err)
{
    const char *path = options_argument(options, 1), *selection = options_text(options, "selection");
    struct sample_file file = {.header = NULL};
    struct sample_results results = {.count = 0};
    struct sample_criteria criteria;
    struct sample_outcome outcome;
    if (path == NULL || selection == NULL)
        return err_set(err, STATUS_INPUT,
                       "give the worksheet with the results, and with --selection the file that the draw wrote");
    enum status status = selection_read(selection, &file, err);
    if (status != STATUS_OK)
        return status;
    const char *currency = member_text(json_object_get(file.header, "population"), "currency");
    int digits = currency == NULL ? DIGITS_USUAL : currency_digits(currency);
    digits = digits < 0 ? DIGITS_USUAL : digits; /* sample_evaluate refuses it */
    status = sample_results_read(path, digits, &results, err);
    if (status == STATUS_OK)
        status = sample_criteria_read(options, digits, &criteria, err);
    if (status == STATUS_OK) {
        status = sample_evaluate(&file, results.tested, results.count, &criteria, &outcome, err);
        if (status != STATUS_OK)
            err_prefix(err, "%s: ", path);
    }
    if (status == STATUS_OK)
        status = sample_show_outcome(cli, &file, &outcome, err);
    if (status == STATUS_OK && outcome.has_verdict && !outcome.supported)
        *ret_exit = EXIT_REFUSED;
    sample_results_done(&results);
    sample_file_done(&file);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    const char *what = options_argument(options, 0);
    int answer = EXIT_DONE;
    struct err err = {0};
    enum status status = STATUS_OK;
    if (strcmp(what, "evaluate") != 0 && options_argument_count(options) > 1)
        status = err_set(&err, STATUS_INPUT, "%.64s takes no further argument", what);
    else if (strcmp(what, "size") == 0)
        status = run_size(cli, options, &err);
    else if (strcmp(what, "draw") == 0)
        status = run_draw(cli, options, &err);
    else if (strcmp(what, "evaluate") == 0)
        status = run_evaluate(cli, options, &answer, &err);
    else
        status = err_set(&err, STATUS_INPUT, "%.64s is none of size, draw, evaluate", what);
    return status == STATUS_OK ? answer : cli_error(cli, &err);
}

static const struct option_spec options_of_audit_sample[] = {
    {"method", 0, "METHOD", "attribute (the default), mus, stratified or judgemental", 0},
    {"seed", 0, "NUMBER", "draw: the seed on record (SE-1)", 0},
    {"reveal", 0, "TEXT", "draw: the text that a sealed seed hides", 0},
    {"witness", 0, "FILE", "draw: key of a witness (vkey): the first checkpoint after the seed that it cosigned counts",
     OPTION_REPEATS},
    {"checkpoint", 0, "FILE", "draw: a checkpoint that was kept outside, with its cosignatures", OPTION_REPEATS},
    {"own-checkpoint", 0, NULL, "draw: a checkpoint that the book alone signed will do", 0},
    {"confidence", 0, "PERCENT", "how sure to be (95)", 0},
    {"tolerable-rate", 0, "PERCENT", "deviation rate at which the control is not relied on", 0},
    {"expected-deviations", 0, "NUMBER", "deviations that the sample is to bear (0)", 0},
    {"expected-rate", 0, "PERCENT", "the same as a share of the sample", 0},
    {"distribution", 0, "NAME", "binomial (the default), poisson or hypergeometric", 0},
    {"tolerable-amount", 0, "AMOUNT", "mus: misstatement that can be tolerated", 0},
    {"expected-amount", 0, "AMOUNT", "mus: misstatement that is expected (0)", 0},
    {"size", 0, "NUMBER", "how many items, instead of a plan; size: what so many find", 0},
    {"interval", 0, "AMOUNT", "mus: the interval, instead of a plan", 0},
    {"strata", 0, "AMOUNTS", "stratified: amounts that part the strata, with commas", 0},
    {"top", 0, "AMOUNT", "stratified: everything from here on is selected", 0},
    {"unit", 0, "UNIT", "document (the default), or decision: each time that controls were asked", 0},
    {"kind", 0, "KIND", "documents of this kind", OPTION_REPEATS},
    {"entity", 0, "ENTITY", "of this entity", OPTION_REPEATS},
    {"customer", 0, "CUSTOMER", "of this customer", OPTION_REPEATS},
    {"reason", 0, "REASON", "with this reason", OPTION_REPEATS},
    {"state", 0, "STATE", "posted, in-force, waiting, lapsed ... before the seed; of decisions: their outcome",
     OPTION_REPEATS},
    {"control", 0, "CONTROL", "in whose decisions this control answered (C-02)", OPTION_REPEATS},
    {"document", 0, "NUMBER", "this document", OPTION_REPEATS},
    {"period", 0, "PERIOD", "entered on these UTC days: " AUDIT_PERIOD_FORMS, 0},
    {"effective", 0, "PERIOD", "whose date lies in a period of the same form", 0},
    {"currency", 0, "CURRENCY", "in this currency, and amounts in it; else amounts are in base currency", 0},
    {"min", 0, "AMOUNT", "of this amount or more", 0},
    {"max", 0, "AMOUNT", "of this amount or less", 0},
    {"absolute", 0, NULL, "amounts of what takes back count without their sign", 0},
    {"because", 0, "TEXT", "judgemental: why these", 0},
    {"before", 0, "ENTRY", "judgemental: only what stands before this entry", 0},
    {"out", 0, "FILE", "draw: write the selection to a new file; - is the output", 0},
    {"worksheet", 0, "FILE", "draw: write a CSV file to fill in while testing", 0},
    {"selection", 0, "FILE", "evaluate: the selection that was tested", 0},
    {"population", 0, "NUMBER", "size: items in the population", 0},
    {"population-amount", 0, "AMOUNT", "size: money in the population", 0},
    {0},
};

const struct command command_audit_sample = {
    .name = "audit sample",
    .summary = "sizes, draws and evaluates samples that anybody can draw again",
    .arguments = "size|draw|evaluate [WORKSHEET]",
    .text =
        "First put a seed on record ('countersign audit record seed'), then have a witness cosign a checkpoint: the "
        "draw "
        "comes from both, out of what stood in the book before the seed. A seed \"sha256:HASH\" is sealed: it hides a "
        "text whose SHA-256 it is until the draw reveals it, so that nobody who lets entries in could try what comes "
        "out.\n\nThe selection is the same bytes whenever and by whomever it is drawn; audit/sample/SAMPLING.md says "
        "how. "
        "What is shown without --out goes into no file.\n\nevaluate ends with status 1 where the limit is above what "
        "is "
        "tolerable.",
    .example =
        "countersign audit sample draw --seed SE-1 --witness corp-audit.pub --kind credit-note --tolerable-rate 5 "
        "--out selection.jsonl",
    .group = GROUP_AUDITORS,
    .flags = COMMAND_LOOKS,
    .arguments_min = 1,
    .arguments_max = 2,
    .options = options_of_audit_sample,
    .run = run,
};

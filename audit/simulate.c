/*
 * Simulation of a policy; see the header. Folds the journal's own decisions entry by entry into books of its own, and asks
 * the judge about each business document just before its recorded result is folded. Reads the journal and nothing else.
 */
#include "audit/simulate.h"

#include <string.h>

#include "audit/scratch.h"
#include "controls/judge.h"
#include "controls/kind.h"
#include "ledger/books.h"
#include "ledger/entry.h"
#include "ledger/fold.h"
#include "ledger/journal.h"
#include "ledger/limits.h"
#include "ledger/schema.h"
#include "ledger/statement.h"
#include "ledger/tables.h"

enum { COMMIT_EVERY = 1000 }; /* entries in one transaction */

struct simulation {
    const struct simulate_options *options;
    struct simulate_totals *totals;
    struct judge *judge;
    struct tables *tables;
    struct tables_txn *txn;
};

static uint16_t levels_of(const json_t *result)
{
    return levels_from_json(json_object_get(result, "levels"));
}

static bool is_refused(const json_t *result)
{
    return strcmp(member_text(result, "outcome"), "refused") == 0;
}

static enum simulated_change change_of(const json_t *then, const json_t *now)
{
    uint16_t before = levels_of(then), after = levels_of(now);
    if (is_refused(now) || is_refused(then))
        return is_refused(now) == is_refused(then) ? SIMULATED_SAME
               : is_refused(now)                   ? SIMULATED_REFUSED
                                                   : SIMULATED_ADMITTED;
    if ((after & ~before) != 0)
        return SIMULATED_MORE;
    return after == before ? SIMULATED_SAME : SIMULATED_FEWER;
}

static void levels_count(int64_t counts[static 10], uint16_t levels)
{
    for (int level = 1; level <= LEVELS_MAX; level++)
        if ((levels & 1U << (level - 1)) != 0)
            counts[level]++;
}

static enum status document_simulate(struct simulation *simulation, const struct entry *entry, size_t index,
                                     struct err *err)
{
    const struct judged judged = {.tables = simulation->tables,
                                  .txn = &simulation->txn,
                                  .statement = &entry->statement,
                                  .signatures = entry->signatures,
                                  .seq = entry->seq,
                                  .time_ms = entry->time_ms};
    struct simulated simulated = {.seq = entry->seq,
                                  .index = index,
                                  .user = entry->statement.actor,
                                  .document = statement_document(&entry->statement, index),
                                  .then = json_array_get(json_object_get(entry->decision, "results"), index)};
    const char *name = member_text(simulated.document, "kind");
    const struct kind *kind = name != NULL ? kind_find(name) : NULL;
    json_t *now = NULL;
    if (kind == NULL || kind->govern != NULL || simulated.then == NULL ||
        strcmp(member_text(simulated.then, "outcome"), "repeat") == 0)
        return STATUS_OK;
    enum status status = judge_under(simulation->judge, &judged, simulation->options->policy, index, &now, err);
    if (status != STATUS_OK)
        return status;
    simulated.now = now;
    simulated.change = change_of(simulated.then, now);
    simulation->totals->documents++;
    simulation->totals->changes[simulated.change]++;
    levels_count(simulation->totals->levels_then, levels_of(simulated.then));
    levels_count(simulation->totals->levels_now, levels_of(now));
    if (simulated.change != SIMULATED_SAME)
        simulation->options->report(simulation->options->context, &simulated);
    json_decref(now);
    return STATUS_OK;
}

/* An entry whose documents are asked about one by one, each after those before it have been folded. */
static enum status entry_simulate(struct simulation *simulation, const struct entry *entry, struct err *err)
{
    const struct fold fold = {
        .txn = simulation->txn, .statement = &entry->statement, .seq = entry->seq, .time_ms = entry->time_ms};
    const json_t *results = json_object_get(entry->decision, "results");
    enum status status = fold_begin(&fold, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(results); i++) {
        status = document_simulate(simulation, entry, i, err);
        if (status == STATUS_OK)
            status = fold_result(&fold, i, json_array_get(results, i), err);
    }
    return status == STATUS_OK ? fold_end(&fold, entry->decision, &entry->leaf, err) : status;
}

static enum status entry_take(struct simulation *simulation, uint64_t seq, struct slice bytes, struct err *err)
{
    struct entry entry;
    enum status status = entry_read(bytes, &entry, err);
    if (status != STATUS_OK)
        return status;
    bool asked = entry.time_ms >= simulation->options->since_ms &&
                 (entry.statement.verb == VERB_SUBMIT || entry.statement.verb == VERB_AMEND);
    if (simulation->txn == NULL)
        status = tables_write_begin(simulation->tables, &simulation->txn, err);
    if (status == STATUS_OK)
        status = asked ? entry_simulate(simulation, &entry, err) : fold_entry(simulation->txn, &entry, err);
    if (status == STATUS_OK && (seq + 1) % COMMIT_EVERY == 0) {
        struct tables_txn *txn = simulation->txn;
        simulation->txn = NULL;
        status = tables_commit(txn, err);
    }
    entry_done(&entry);
    return status;
}

static enum status entries_take(struct simulation *simulation, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head = {.size = 0};
    enum status status = journal_read_begin(simulation->options->journal, &snapshot, err);
    if (status == STATUS_OK)
        status = journal_head(snapshot, &head, err);
    for (uint64_t seq = 0; status == STATUS_OK && seq < head.size; seq++) {
        const char *bytes = NULL;
        size_t length = 0;
        status = journal_entry_checked(snapshot, seq, &bytes, &length, err);
        if (status == STATUS_OK)
            status = entry_take(simulation, seq, slice_of(bytes, length), err);
        if (status != STATUS_OK)
            err_prefix(err, "entry %llu: ", (unsigned long long)seq);
        if (simulation->options->progress != NULL)
            simulation->options->progress(simulation->options->context, seq + 1, head.size);
    }
    journal_read_end(snapshot);
    return status;
}

/* Sums of the past are in the base currency of their time. */
static enum status base_check(struct simulation *simulation, struct err *err)
{
    const struct policy *in_force = NULL;
    uint64_t seq = 0;
    enum status status = STATUS_OK;
    if (simulation->txn == NULL)
        status = tables_write_begin(simulation->tables, &simulation->txn, err);
    if (status == STATUS_OK)
        status = judge_policy(simulation->judge, simulation->txn, INT64_MAX, &in_force, &seq, err);
    if (status == STATUS_OK && strcmp(in_force->base, simulation->options->policy->base) != 0)
        status =
            err_set(err, STATUS_INPUT, "base_currency: the book's is %s, this policy's %s; sums cannot be compared",
                    in_force->base, simulation->options->policy->base);
    return status;
}

enum status simulate_policy(const struct simulate_options *options, struct simulate_totals *ret_totals, struct err *err)
{
    const struct tables_options layout = books_layout(journal_map_bytes(options->journal));
    struct simulation simulation = {.options = options, .totals = ret_totals};
    *ret_totals = (struct simulate_totals){.documents = 0};
    struct path dir;
    enum status status = scratch_make(options->scratch_dir, &dir, err);
    if (status != STATUS_OK)
        return status;
    status = tables_create_scratch(dir.text, &layout, &simulation.tables, err);
    scratch_remove(&dir); /* the tables are open: a signal that ends the process leaves nothing */
    if (status == STATUS_OK)
        status = judge_new(&simulation.judge, err);
    if (status == STATUS_OK)
        status = entries_take(&simulation, err);
    if (status == STATUS_OK)
        status = base_check(&simulation, err);
    tables_abort(simulation.txn);
    judge_free(simulation.judge);
    tables_close(simulation.tables);
    return status;
}

/*
 * Restoring. Guarantees that nothing is put at the book's name before every byte, signature and decision of it was verified as
 * audit verify does, and that what people kept of the book was asked. Who may go on with a book that lacks entries is the
 * gate's: here the journal is only told of them.
 */
#include "cli/restore_run.h"

#include <stdlib.h>
#include <string.h>

#include "audit/child.h"
#include "audit/verify/register.h"
#include "cli/backup_source.h"
#include "cli/beside_copy.h"
#include "cli/interrupt.h"
#include "cli/lost_told.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "controls/restoring.h"
#include "ledger/durable.h"
#include "ledger/entry.h"
#include "ledger/schema.h"

enum { FINDINGS_SHOWN = 20 };

struct run {
    struct cli *cli;
    const struct restore_order *order;
    struct restoring *restoring;
    struct key_register *keys;
    struct restore_report report;
    struct progress progress;
    uint64_t last_restore; /* number of the last admitted `restore`; 0: none */
    size_t shown;
};

static enum status take_entry(void *context, const struct entry *entry, struct slice bytes, struct err *err)
{
    struct run *run = context;
    if (entry->seq == 0 && entry->statement.verb != VERB_CHARTER)
        return err_set(err, STATUS_CORRUPT, "entry 0 is no charter");
    if (entry->seq == 0)
        snprintf(run->report.name, sizeof run->report.name, "%s", member_text(entry->statement.body, "name"));
    if (entry->statement.verb == VERB_RESTORE && json_array_size(json_object_get(entry->decision, "results")) == 1)
        run->last_restore = entry->seq;
    enum status status = key_register_apply(run->keys, entry, err);
    return status == STATUS_OK ? restoring_entry(run->restoring, bytes, err) : status;
}

static enum status take_checkpoint(void *context, uint64_t number, struct slice note, struct err *err)
{
    struct run *run = context;
    enum status status = restoring_checkpoint(run->restoring, note, err);
    if (status == STATUS_INPUT) {
        err_prefix(err, "checkpoint %llu: ", (unsigned long long)number);
        return err == NULL ? STATUS_CORRUPT : (err->status = STATUS_CORRUPT);
    }
    return status;
}

static enum status step(void *context, uint64_t done, uint64_t total, struct err *err)
{
    struct run *run = context;
    (void)total;
    progress_step(&run->progress, (int64_t)done);
    return interrupt_check(err);
}

static enum status read_file(struct run *run, const char *path, struct backup_reading *reading, struct err *err)
{
    struct backup_file file = {.file = NULL};
    const struct backup_source source = {.read = backup_file_read, .context = &file};
    enum status status = backup_file_open(run->cli, path, &file, err);
    if (status == STATUS_OK) {
        reading->name = file.name;
        reading->source = &source;
        status = backup_read(reading, err);
        reading->source = NULL;
    }
    backup_file_close(&file);
    return status;
}

static enum status read_files(struct run *run, struct backup_reading *reading, struct err *err)
{
    enum status status = STATUS_OK;
    progress_begin(&run->progress, run->cli, "reading entries", 0);
    for (size_t i = 0; status == STATUS_OK && i < run->order->file_count; i++)
        status = read_file(run, run->order->files[i], reading, err);
    progress_end(&run->progress);
    return status;
}

/*
 * What the book is known to lack: what its backups knew already and nobody has answered for, and what people show now.
 */
static enum status weigh_lost(struct run *run, const struct backup_reading *reading, struct err *err)
{
    const struct restored_book book = {.book = reading->book,
                                       .name = run->report.name,
                                       .size = reading->place.size,
                                       .book_keys = key_register_book_keys(run->keys),
                                       .restoring = run->restoring};
    struct journal_lost lost = {.kept = reading->place.size};
    bool waits = reading->has_lost && run->last_restore < reading->lost.kept, due = waits;
    if (waits) {
        lost = reading->lost;
        lost.kept = lost.kept < reading->place.size ? lost.kept : reading->place.size;
    }
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < run->order->told_count; i++) {
        bool beyond = false;
        status = lost_told(run->order->told[i], &book, &lost, &beyond, err);
        due = due || beyond;
    }
    run->report.due = due;
    run->report.lost = lost;
    return status;
}

static void hear_finding(void *context, const struct finding *finding)
{
    struct run *run = context;
    if (finding->recorded || run->shown >= FINDINGS_SHOWN)
        return;
    progress_end(&run->progress);
    if (finding->has_seq)
        terminal_printf(run->cli->err, "%s: entry %llu: %s", finding_check_name(finding->check),
                        (unsigned long long)finding->seq, finding->text);
    else
        terminal_printf(run->cli->err, "%s: %s", finding_check_name(finding->check), finding->text);
    fputc('\n', run->cli->err);
    run->shown++;
}

static void hear_progress(void *context, const struct verify_position *position)
{
    struct run *run = context;
    run->progress.total = (int64_t)position->total;
    progress_step(&run->progress, (int64_t)position->done);
}

static bool stopped(void *context)
{
    (void)context;
    return interrupt_seen();
}

static enum status verify(struct run *run, struct err *err)
{
    struct verify_result *result = &run->report.result;
    const struct verify_options options = {.book_dir = restoring_dir(run->restoring),
                                           .scratch_dir = run->order->scratch,
                                           .report = hear_finding,
                                           .progress = hear_progress,
                                           .stopped = stopped,
                                           .context = run};
    (void)fflush(run->cli->out); /* what waits in the buffers is this process's, not the child's */
    (void)fflush(run->cli->err);
    progress_begin(&run->progress, run->cli, "verifying entries", 0);
    enum status status = child_verify(&options, verify_book, result, err);
    progress_end(&run->progress);
    if (interrupt_seen())
        return interrupt_check(err);
    if (status != STATUS_OK)
        return status;
    uint64_t wrong = result->finding_count - result->recorded_count;
    bool whole = result->complete && result->entries == run->report.place.size;
    if (whole && (wrong == 0 || run->order->despite_findings))
        return STATUS_OK;
    return err_set(err, STATUS_CORRUPT, "verification has %llu finding%s, nothing was put in place%s",
                   (unsigned long long)wrong, wrong == 1 ? "" : "s",
                   whole ? "; if the book had them when it was backed up, --despite-findings takes it as it is" : "");
}

static enum status build(struct run *run, struct err *err)
{
    struct restore_report *report = &run->report;
    const struct backup_steps steps = {
        .entry = take_entry, .checkpoint = take_checkpoint, .progress = step, .context = run};
    struct backup_reading reading = {.steps = &steps};
    enum status status = read_files(run, &reading, err);
    if (status == STATUS_OK)
        status = weigh_lost(run, &reading, err);
    if (status != STATUS_OK)
        return status;
    report->place = reading.place;
    memcpy(report->book, reading.book, sizeof report->book);
    status = restoring_rest(run->restoring, report->due ? &report->lost : NULL, err);
    if (status == STATUS_OK)
        status = verify(run, err);
    if (status == STATUS_OK && run->order->beside != NULL)
        status =
            beside_copy(run->order->beside, restoring_dir(run->restoring), &report->evidence, &report->personal, err);
    return status == STATUS_OK ? interrupt_check(err) : status;
}

static enum status begin(struct run *run, struct err *err)
{
    struct path path;
    uint64_t nonce = 0;
    random_fill(&run->cli->random, &nonce, sizeof nonce);
    enum status status = key_register_new(&run->keys, err);
    if (status == STATUS_OK && run->order->check_only)
        status = path_set(&path, err, "%s/countersign-check-%016llx",
                          run->order->scratch != NULL ? run->order->scratch : "/tmp", (unsigned long long)nonce);
    else if (status == STATUS_OK)
        status = path_set(&path, err, "%s", run->order->book_dir);
    return status == STATUS_OK ? restoring_begin(path.text, nonce, &run->restoring, err) : status;
}

enum status restore_run(struct cli *cli, const struct restore_order *order, struct restore_report *ret_report,
                        struct err *err)
{
    struct run *run = calloc(1, sizeof *run);
    if (run == NULL)
        return err_set(err, STATUS_MEMORY, "no memory to restore a book");
    run->cli = cli;
    run->order = order;
    enum status status = begin(run, err);
    if (status == STATUS_OK)
        status = build(run, err);
    if (status == STATUS_OK && !order->check_only) {
        struct restoring *whole = run->restoring;
        run->restoring = NULL;
        status = restoring_finish(whole, err);
    }
    restoring_abort(run->restoring);
    key_register_free(run->keys);
    if (status == STATUS_OK)
        *ret_report = run->report;
    free(run);
    return status;
}

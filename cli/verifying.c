/*
 * A verification from its options to its report, for `audit verify` and for countersign-verify alike: files that the auditor
 * brings are read, the work is done in a child, findings are kept as they come.
 */
#include "cli/verifying.h"

#include <stdlib.h>

#include "cli/audit_report.h"
#include "cli/brought.h"
#include "cli/interrupt.h"
#include "cli/progress.h"

enum { TOLD_MAX = FINDING_TOLD_MAX * CHECK_COUNT };

/* Findings as they come, and what the command line brought. */
struct hearing {
    struct finding *findings;
    size_t count;
    struct progress progress;
    struct brought brought;
};

static void hear_finding(void *context, const struct finding *finding)
{
    struct hearing *hearing = context;
    if (hearing->count < TOLD_MAX)
        hearing->findings[hearing->count++] = *finding;
}

static void hear_progress(void *context, const struct verify_position *position)
{
    struct hearing *hearing = context;
    hearing->progress.total = (int64_t)position->total;
    progress_step(&hearing->progress, (int64_t)position->done);
}

static void hearing_free(struct hearing *hearing)
{
    if (hearing == NULL)
        return;
    brought_done(&hearing->brought);
    free(hearing->findings);
    free(hearing);
}

static enum status hearing_new(struct hearing **ret_hearing, struct err *err)
{
    struct hearing *hearing = calloc(1, sizeof *hearing);
    if (hearing != NULL)
        hearing->findings = calloc(TOLD_MAX, sizeof *hearing->findings);
    if (hearing == NULL || hearing->findings == NULL) {
        hearing_free(hearing);
        return err_set(err, STATUS_MEMORY, "no memory for findings");
    }
    *ret_hearing = hearing;
    return STATUS_OK;
}

static enum status verify_and_show(struct cli *cli, const struct options *options, struct hearing *hearing,
                                   const struct verifying *what, int *ret_exit, struct err *err)
{
    int64_t threads = 0;
    struct verify_result result;
    struct verify_options verify = *what->options;
    int64_t begun_us = cli->monotonic_us(cli->clock_context);
    enum status status = options_number(options, "threads", 1, VERIFY_THREADS_MAX, &threads, err);
    if (status == STATUS_OK)
        status = brought_read(options, &hearing->brought, err);
    if (status != STATUS_OK)
        return status;
    verify.fast = options_flag(options, "fast");
    verify.threads = (unsigned)threads;
    verify.scratch_dir = options_text(options, "scratch");
    verify.witnesses = hearing->brought.witnesses;
    verify.witness_count = hearing->brought.witness_count;
    verify.notes = hearing->brought.notes;
    verify.note_count = hearing->brought.note_count;
    verify.report = hear_finding;
    verify.progress = hear_progress;
    verify.context = hearing;
    (void)fflush(cli->out); /* what waits in the buffers is this process's, not the child's */
    (void)fflush(cli->err);
    progress_begin(&hearing->progress, cli, "verifying entries", 0);
    status = verifying_in_child(&verify, what->work, &result, err);
    progress_end(&hearing->progress);
    if (status != STATUS_OK)
        return status;
    const struct audit_report report = {.options = &verify,
                                        .result = &result,
                                        .findings = hearing->findings,
                                        .count = hearing->count,
                                        .took_us = cli->monotonic_us(cli->clock_context) - begun_us};
    return audit_report_print(cli, &report, ret_exit, err);
}

static bool stopped(void *context)
{
    (void)context;
    return interrupt_seen();
}

enum status verifying_in_child(const struct verify_options *options, verify_work *work,
                               struct verify_result *ret_result, struct err *err)
{
    struct verify_options heeding = *options;
    struct interrupt interrupt;
    heeding.stopped = stopped;
    interrupt_begin(&interrupt);
    enum status status = child_verify(&heeding, work, ret_result, err);
    interrupt_pass_on(&interrupt);
    return status;
}

enum status verifying_run(struct cli *cli, const struct options *options, const struct verifying *what, int *ret_exit,
                          struct err *err)
{
    struct hearing *hearing = NULL;
    enum status status = hearing_new(&hearing, err);
    if (status == STATUS_OK)
        status = verify_and_show(cli, options, hearing, what, ret_exit, err);
    hearing_free(hearing);
    return status;
}

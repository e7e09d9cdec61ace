/*
 * A verification from its options to its report, for `audit verify` and for countersign-verify alike: files that the auditor
 * brings are read, the work is done in a child, findings are kept as they come.
 */
#include "cli/verifying.h"

#include <stdlib.h>
#include <string.h>

#include "cli/audit_report.h"
#include "cli/progress.h"
#include "ledger/newfile.h"

enum { TOLD_MAX = FINDING_TOLD_MAX * CHECK_COUNT, VKEY_FILE_BYTES = 8192, GIVEN_MAX = VERIFY_NOTES_MAX - 1 };

/* Findings as they come, and what the command line brought. */
struct hearing {
    struct finding *findings;
    size_t count;
    struct progress progress;
    struct note_key witnesses[VERIFY_WITNESSES_MAX];
    size_t witness_count;
    struct verify_note notes[VERIFY_NOTES_MAX];
    size_t note_count;
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

/* A file of vkeys, one a line. */
static enum status witnesses_read(struct hearing *hearing, const char *path, struct err *err)
{
    char text[VKEY_FILE_BYTES];
    size_t length = 0;
    enum status status = newfile_read(path, false, text, sizeof text, &length, err);
    for (size_t at = 0; status == STATUS_OK && at < length;) {
        const char *newline = memchr(text + at, '\n', length - at);
        size_t line = newline == NULL ? length - at : (size_t)(newline - (text + at));
        if (line > 0 && hearing->witness_count == VERIFY_WITNESSES_MAX)
            status = err_set(err, STATUS_LIMIT, "at most %d witnesses can be given", VERIFY_WITNESSES_MAX);
        else if (line > 0)
            status = note_key_parse(text + at, line, &hearing->witnesses[hearing->witness_count++], err);
        at += line + 1;
    }
    if (status != STATUS_OK)
        err_prefix(err, "--witness %s: ", path);
    return status;
}

static enum status note_read(struct hearing *hearing, const char *path, struct err *err)
{
    size_t length = 0;
    if (hearing->note_count == GIVEN_MAX)
        return err_set(err, STATUS_LIMIT, "at most %d checkpoints can be given", GIVEN_MAX);
    char *bytes = malloc(NOTE_SIGNED_BYTES_MAX);
    if (bytes == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for %s", path);
    enum status status = newfile_read(path, false, bytes, NOTE_SIGNED_BYTES_MAX, &length, err);
    if (status != STATUS_OK) {
        err_prefix(err, "--checkpoint: ");
        free(bytes);
        return status;
    }
    hearing->notes[hearing->note_count++] = (struct verify_note){.name = path, .bytes = slice_of(bytes, length)};
    return STATUS_OK;
}

static enum status files_read(struct hearing *hearing, const struct options *options, struct err *err)
{
    size_t count = 0;
    const char *const *paths = options_list(options, "witness", &count);
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = witnesses_read(hearing, paths[i], err);
    paths = options_list(options, "checkpoint", &count);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = note_read(hearing, paths[i], err);
    return status;
}

static void hearing_free(struct hearing *hearing)
{
    if (hearing == NULL)
        return;
    for (size_t i = 0; i < hearing->note_count; i++)
        free((void *)(uintptr_t)hearing->notes[i].bytes.bytes);
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
        status = files_read(hearing, options, err);
    if (status != STATUS_OK)
        return status;
    verify.fast = options_flag(options, "fast");
    verify.threads = (unsigned)threads;
    verify.scratch_dir = options_text(options, "scratch");
    verify.witnesses = hearing->witnesses;
    verify.witness_count = hearing->witness_count;
    verify.notes = hearing->notes;
    verify.note_count = hearing->note_count;
    verify.report = hear_finding;
    verify.progress = hear_progress;
    verify.context = hearing;
    (void)fflush(cli->out); /* what waits in the buffers is this process's, not the child's */
    (void)fflush(cli->err);
    progress_begin(&hearing->progress, cli, "verifying entries", 0);
    status = child_verify(&verify, what->work, &result, err);
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

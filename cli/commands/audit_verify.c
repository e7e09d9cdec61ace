/*
 * countersign audit verify: everything in the book's files checked again from the stored bytes, every decision made again.
 */
#include <stdlib.h>

#include "audit/child.h"
#include "cli/audit_report.h"
#include "cli/book.h"
#include "cli/brought.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/session.h"

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
                                   struct books *books, int *ret_exit, struct err *err)
{
    int64_t threads = 0;
    struct verify_result result;
    int64_t begun_us = cli->monotonic_us(cli->clock_context);
    enum status status = options_number(options, "threads", 1, VERIFY_THREADS_MAX, &threads, err);
    if (status == STATUS_OK)
        status = brought_read(options, &hearing->brought, err);
    if (status != STATUS_OK)
        return status;
    const struct verify_options verify_options = {.book_dir = cli_book(cli, options),
                                                  .books = books,
                                                  .fast = options_flag(options, "fast"),
                                                  .threads = (unsigned)threads,
                                                  .scratch_dir = options_text(options, "scratch"),
                                                  .witnesses = hearing->brought.witnesses,
                                                  .witness_count = hearing->brought.witness_count,
                                                  .notes = hearing->brought.notes,
                                                  .note_count = hearing->brought.note_count,
                                                  .tsa_file = options_text(options, "tsa"),
                                                  .report = hear_finding,
                                                  .progress = hear_progress,
                                                  .context = hearing};
    (void)fflush(cli->out); /* what waits in the buffers is this process's, not the child's */
    (void)fflush(cli->err);
    progress_begin(&hearing->progress, cli, "verifying entries", 0);
    status = child_verify(&verify_options, &result, err);
    progress_end(&hearing->progress);
    if (status != STATUS_OK)
        return status;
    const struct audit_report report = {.options = &verify_options,
                                        .result = &result,
                                        .findings = hearing->findings,
                                        .count = hearing->count,
                                        .took_us = cli->monotonic_us(cli->clock_context) - begun_us};
    return audit_report_print(cli, &report, ret_exit, err);
}

static int run(struct cli *cli, const struct options *options)
{
    struct hearing *hearing = NULL;
    int answer = EXIT_DONE;
    struct err err = {0};
    /* A server is asked over the connection that is made here; the child alone uses it. A directory the child opens. */
    struct session *session = NULL;
    enum status status = hearing_new(&hearing, &err);
    if (status == STATUS_OK && options_flag(options, "tsa") && book_is_remote(cli_book(cli, options)))
        status = err_set(&err, STATUS_INPUT, "time stamps lie beside the journal: --tsa takes the book's directory");
    if (status == STATUS_OK && book_is_remote(cli_book(cli, options)))
        status = session_open(cli, options, SESSION_READ, &session, &err);
    if (session != NULL && status == STATUS_OK)
        status = book_read_all(session_book(session), "audit verify", &err);
    if (status == STATUS_OK)
        status = verify_and_show(cli, options, hearing, session != NULL ? session_books(session) : NULL, &answer, &err);
    session_close(session);
    hearing_free(hearing);
    return status == STATUS_OK ? answer : cli_error(cli, &err);
}

static const struct option_spec options_of_audit_verify[] = {
    {"witness", 0, "FILE", "a witness's public key (vkey): its cosignature must be on a checkpoint", OPTION_REPEATS},
    {"checkpoint", 0, "FILE", "a checkpoint that was kept outside, to hold the book against", OPTION_REPEATS},
    {"tsa", 0, "FILE", "certificates (PEM) of the time-stamping authority: time stamps beside the journal are checked",
     0},
    {"fast", 0, NULL, "bytes, chain, tree and signatures only: no decision is made again", 0},
    {"threads", 0, "NUMBER", "threads that check signatures (as many as processors)", 0},
    {"scratch", 0, "DIR", "where the replay's books are built for the time being (/tmp)", 0},
    {0},
};

const struct command command_audit_verify = {
    .name = "audit verify",
    .summary = "checks every byte, signature and decision of a book again",
    .arguments = "",
    .text = "Nothing is believed but the charter and the keys that the auditor brings; who the founding "
            "officers really "
            "are has to be confirmed by other means. A book that was cut off or put back shows only against "
            "a checkpoint, a "
            "receipt or a witness from outside.\n\n"
            "Cosignatures and time stamps also bound times: entries that a witness had seen by then cannot bear a "
            "later time "
            "(beyond the charter's skew). What a simulated book says of time is not held against anything.\n\nExit "
            "status 3 when there is any finding.",
    .example = "countersign audit verify --witness corp-audit.pub",
    .group = GROUP_AUDITORS,
    .flags = COMMAND_BOOK,
    .options = options_of_audit_verify,
    .run = run,
};

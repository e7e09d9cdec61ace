/*
 * countersign audit reperform: every decision made again from the stored bytes, with what it came to then and what it comes
 * to now. It is the verification of `audit verify` with somebody looking on, so what that finds besides is told too.
 */
#include <string.h>

#include "cli/book.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "cli/verifying.h"
#include "ledger/schema.h"
#include "ledger/statement.h"

enum { SEQ_MAX_SHIFT = 53, LIST_BYTES = 512, PLACE_BYTES = 40 };

struct hearing {
    struct cli *cli;
    struct progress progress;
    json_t *totals;
    bool streams;    /* rows and the line of progress would stand on one terminal */
    int exit_status; /* of a row that could not be printed */
};

static void hear_progress(void *context, const struct verify_position *position)
{
    struct hearing *hearing = context;
    hearing->progress.total = (int64_t)position->total;
    if (!hearing->streams)
        progress_step(&hearing->progress, (int64_t)position->done);
}

/* "C-02 need C-07 flag": which controls answered and how. */
static void answers_text(const json_t *side, char ret_text[static LIST_BYTES])
{
    const json_t *answers = json_object_get(side, "answers");
    size_t used = 0, more = (size_t)member_integer(side, "more");
    ret_text[0] = '\0';
    for (size_t i = 0; i < json_array_size(answers); i++) {
        const json_t *answer = json_array_get(answers, i);
        if (used + 80 > LIST_BYTES) {
            more += json_array_size(answers) - i;
            break;
        }
        used += (size_t)snprintf(ret_text + used, LIST_BYTES - used, "%s%s %s", used > 0 ? ", " : "",
                                 member_text(answer, "control"), member_text(answer, "answer"));
    }
    if (more > 0)
        snprintf(ret_text + used, LIST_BYTES - used, " and %zu more", more);
}

static void print_row(struct cli *cli, const json_t *row)
{
    const json_t *then = json_object_get(row, "then"), *now = json_object_get(row, "now");
    const char *document = member_text(row, "document"), *time = member_text(row, "time");
    char place[PLACE_BYTES], controls[LIST_BYTES], other[LIST_BYTES];
    bool same = json_is_true(json_object_get(row, "same"));
    snprintf(place, sizeof place, "%lld.%lld", (long long)member_integer(row, "entry"),
             (long long)member_integer(row, "index"));
    answers_text(then, controls);
    answers_text(now, other);
    if (document == NULL)
        document = member_text(row, "ref");
    terminal_printf(cli->out, "%-9s %.10s %.8s  %-9s %-12s then %-9s  now %-9s  ", place, time, time + 11,
                    member_text(row, "do"), document != NULL ? document : "-", member_text(then, "outcome"),
                    now != NULL ? member_text(now, "outcome") : "undecided");
    if (same)
        terminal_printf(cli->out, "same%s%s", controls[0] != '\0' ? "   " : "", controls);
    else if (strcmp(controls, other) == 0)
        terminal_printf(cli->out, "DIFFERS: %s", member_text(row, "why"));
    else
        terminal_printf(cli->out, "DIFFERS: %s; controls then: %s; now: %s", member_text(row, "why"),
                        controls[0] != '\0' ? controls : "none", other[0] != '\0' ? other : "none");
    fputc('\n', cli->out);
}

static void hear_decided(void *context, const json_t *row)
{
    struct hearing *hearing = context;
    if (json_object_get(row, "totals") != NULL) {
        json_decref(hearing->totals);
        hearing->totals = json_incref(json_object_get(row, "totals"));
    } else if (hearing->cli->json) {
        hearing->exit_status = out_json(hearing->cli, json_incref((json_t *)(uintptr_t)row));
    } else {
        progress_end(&hearing->progress);
        print_row(hearing->cli, row);
    }
}

static void print_counts(struct cli *cli, const char *what, const json_t *counts)
{
    const char *name = NULL;
    json_t *count = NULL;
    bool first = true;
    json_object_foreach((json_t *)(uintptr_t)counts, name, count)
    {
        long long then = (long long)member_integer(count, "then"), now = (long long)member_integer(count, "now");
        terminal_printf(cli->out, "%-9s %-9s then %6lld   now %6lld%s", first ? what : "", name, then, now,
                        then == now ? "" : "   DIFFERS");
        fputc('\n', cli->out);
        first = false;
    }
}

/* What reperformance is not about, and what it could not reach. */
static void print_besides(struct cli *cli, const struct verify_result *result, uint64_t again)
{
    uint64_t others = result->finding_count - result->findings[CHECK_DECISIONS];
    char count[GROUPED_BYTES];
    if (!result->complete)
        fputs("it did not come to the end of the book\n", cli->out);
    if (again < result->entries) {
        terminal_printf(cli->out, "%s %s could not be taken apart and %s not decided",
                        terminal_group_integer((int64_t)(result->entries - again), count),
                        result->entries - again == 1 ? "entry" : "entries",
                        result->entries - again == 1 ? "was" : "were");
        fputc('\n', cli->out);
    }
    if (others > 0) {
        terminal_printf(cli->out, "the book has %s %s besides: countersign audit verify tells them",
                        terminal_group_integer((int64_t)others, count), others == 1 ? "finding" : "findings");
        fputc('\n', cli->out);
    }
}

static void print_summary(struct cli *cli, const struct hearing *hearing, const struct verify_result *result)
{
    const json_t *totals = hearing->totals;
    uint64_t differ = (uint64_t)member_integer(totals, "differ");
    uint64_t selected = (uint64_t)member_integer(totals, "selected");
    uint64_t decisions = (uint64_t)member_integer(totals, "decisions");
    uint64_t again = (uint64_t)member_integer(totals, "entries");
    char a[GROUPED_BYTES], b[GROUPED_BYTES], c[GROUPED_BYTES];
    print_counts(cli, "outcomes", json_object_get(totals, "outcomes"));
    print_counts(cli, "controls", json_object_get(totals, "controls"));
    if (selected != decisions) {
        terminal_printf(cli->out, "counted above: %s of them, as asked", terminal_group_integer((int64_t)selected, a));
        fputc('\n', cli->out);
    }
    terminal_printf(cli->out, "%s decisions on %s of %s entries made again by engine %d%s, signatures checked: ",
                    terminal_group_integer((int64_t)decisions, a), terminal_group_integer((int64_t)again, b),
                    terminal_group_integer((int64_t)result->entries, c), result->engine,
                    result->engine == ENGINE_DRAFT ? ", a draft" : "");
    if (differ == 0)
        terminal_printf(cli->out, "all come out the same");
    else
        terminal_printf(cli->out, "%s %s, the first in entry %lld%s", terminal_group_integer((int64_t)differ, a),
                        differ == 1 ? "differs" : "differ", (long long)member_integer(totals, "first"),
                        differ == 1 ? "" : "; the others may follow from it");
    fputc('\n', cli->out);
    print_besides(cli, result, again);
}

static enum status filter_read(const struct options *options, struct reperform_filter *ret_filter, struct err *err)
{
    int64_t from = 0, to = -1;
    enum status status = options_number(options, "from", 0, INT64_C(1) << SEQ_MAX_SHIFT, &from, err);
    if (status == STATUS_OK)
        status = options_number(options, "to", 0, INT64_C(1) << SEQ_MAX_SHIFT, &to, err);
    if (status == STATUS_OK && to >= 0 && to < from)
        status = err_set(err, STATUS_INPUT, "--to %lld is before --from %lld", (long long)to, (long long)from);
    *ret_filter = (struct reperform_filter){.all = options_flag(options, "all"),
                                            .from = (uint64_t)from,
                                            .to = to < 0 ? UINT64_MAX : (uint64_t)to,
                                            .document = options_text(options, "document"),
                                            .control = options_text(options, "control")};
    return status;
}

static int show(struct cli *cli, struct hearing *hearing, const struct verify_result *result)
{
    bool bad = result->finding_count > 0 || !result->complete || member_integer(hearing->totals, "differ") > 0;
    if (cli->json && hearing->totals != NULL) {
        json_object_set_new(hearing->totals, "complete", json_boolean(result->complete));
        json_object_set_new(hearing->totals, "findings", json_integer((json_int_t)result->finding_count));
        (void)out_json(cli, json_pack("{s:O}", "totals", hearing->totals));
    } else if (!cli->json) {
        print_summary(cli, hearing, result);
    }
    return bad ? EXIT_INTEGRITY : hearing->exit_status;
}

static enum status reperform(struct cli *cli, const struct options *options, struct books *books, int *ret_exit,
                             struct err *err)
{
    struct hearing hearing = {.cli = cli, .streams = options_flag(options, "all") && cli->out_is_terminal};
    struct reperform_filter filter;
    struct verify_result result;
    int64_t threads = 0;
    enum status status = filter_read(options, &filter, err);
    if (status == STATUS_OK)
        status = options_number(options, "threads", 1, VERIFY_THREADS_MAX, &threads, err);
    if (status != STATUS_OK)
        return status;
    const struct verify_options verify_options = {.book_dir = cli_book(cli, options),
                                                  .books = books,
                                                  .threads = (unsigned)threads,
                                                  .scratch_dir = options_text(options, "scratch"),
                                                  .progress = hear_progress,
                                                  .reperform = &filter,
                                                  .decided = hear_decided,
                                                  .context = &hearing};
    (void)fflush(cli->out); /* what waits in the buffers is this process's, not the child's */
    (void)fflush(cli->err);
    progress_begin(&hearing.progress, cli, "deciding again", 0);
    status = verifying_in_child(&verify_options, verify_book, &result, err);
    progress_end(&hearing.progress);
    if (status == STATUS_OK)
        *ret_exit = show(cli, &hearing, &result);
    json_decref(hearing.totals);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    int answer = EXIT_DONE;
    struct err err = {0};
    struct session *session = NULL; /* with a server; a directory the child opens */
    enum status status = STATUS_OK;
    if (book_is_remote(cli_book(cli, options)))
        status = session_open(cli, options, SESSION_READ, &session, &err);
    if (session != NULL && status == STATUS_OK)
        status = book_read_all(session_book(session), "audit reperform", &err);
    if (status == STATUS_OK)
        status = reperform(cli, options, session != NULL ? session_books(session) : NULL, &answer, &err);
    session_close(session);
    return status == STATUS_OK ? answer : cli_error(cli, &err);
}

static const struct option_spec options_of_audit_reperform[] = {
    {"all", 0, NULL, "show every decision, not only those that differ", 0},
    {"document", 0, "NUMBER", "show only what was decided about this document", 0},
    {"control", 0, "CONTROL", "show only decisions in which this control answered, then or now (C-07)", 0},
    {"from", 0, "ENTRY", "show only decisions from this entry on", 0},
    {"to", 0, "ENTRY", "show only decisions up to this entry", 0},
    {"threads", 0, "NUMBER", "threads that check signatures (as many as processors)", 0},
    {"scratch", 0, "DIR", "where the replay's books are built for the time being (TMPDIR, or /tmp)", 0},
    {0},
};

const struct command command_audit_reperform = {
    .name = "audit reperform",
    .summary = "makes every decision again and shows what it came to then and now",
    .arguments = "",
    .text = "Each entry is decided again from entry 0 on, by the same rules over books made of the entries before it. "
            "Shown are counts by outcome and by control, then and now, and each decision that differs; controls that "
            "allowed leave no answer.\n\nWhat is shown can be narrowed; the replay always runs over all entries, and "
            "whether any decision differs is asked of all. Exit status 3 when one does, or when there is any other "
            "finding.",
    .example = "countersign audit reperform --control C-07 --all",
    .group = GROUP_AUDITORS,
    .flags = COMMAND_BOOK,
    .options = options_of_audit_reperform,
    .run = run,
};

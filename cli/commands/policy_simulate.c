/*
 * countersign policy simulate: what a policy file would have asked of the documents of the past, next to what was asked.
 */
#include <string.h>

#include "audit/simulate.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/policy_text.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/table.h"
#include "controls/control.h"
#include "controls/policy.h"
#include "ledger/schema.h"

enum { WORD_BYTES = 64 };

struct showing {
    struct cli *cli;
    struct table *table;
    struct progress progress;
    int64_t shown, shown_max;
};

/* "posted", "levels 1, 2", "refused". */
static void result_words(const json_t *result, char ret_text[static WORD_BYTES])
{
    const json_t *levels = json_object_get(result, "levels");
    size_t used = (size_t)snprintf(ret_text, WORD_BYTES, "%s",
                                   json_array_size(levels) > 0 ? "level " : member_text(result, "outcome"));
    for (size_t i = 0; i < json_array_size(levels) && used < WORD_BYTES; i++)
        used += (size_t)snprintf(ret_text + used, WORD_BYTES - used, "%s%lld", i > 0 ? ", " : "",
                                 (long long)json_integer_value(json_array_get(levels, i)));
}

/* The first answer of one result that the other does not have: why they differ. NULL when there is none. */
static const json_t *answer_only_in(const json_t *result, const json_t *other)
{
    const json_t *list = json_object_get(result, "controls"), *others = json_object_get(other, "controls");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *answer = json_array_get(list, i);
        size_t k = 0;
        while (k < json_array_size(others) && !json_equal(answer, json_array_get(others, k)))
            k++;
        if (k == json_array_size(others))
            return answer;
    }
    return NULL;
}

static void show_one(void *context, const struct simulated *simulated)
{
    static const char *const words[SIMULATED_CHANGES] = {"same", "more", "fewer", "refused", "admitted"};
    struct showing *showing = context;
    char then[WORD_BYTES], now[WORD_BYTES], why[SENTENCE_BYTES + 16] = "", sentence[SENTENCE_BYTES];
    const json_t *answer = answer_only_in(simulated->now, simulated->then);
    const char *number = member_text(simulated->then, "document");
    if (answer == NULL)
        answer = answer_only_in(simulated->then, simulated->now);
    result_words(simulated->then, then);
    result_words(simulated->now, now);
    if (answer != NULL) {
        answer_sentence(answer, sentence);
        snprintf(why, sizeof why, "%s: %s", member_text(answer, "control"), sentence);
    }
    showing->shown++;
    if (showing->cli->json) {
        progress_end(&showing->progress);
        (void)out_json(showing->cli,
                       json_pack("{s:s, s:s?, s:I, s:s, s:O, s:O, s:s}", "change", words[simulated->change], "document",
                                 number, "entry", (json_int_t)simulated->seq, "kind",
                                 member_text(simulated->document, "kind"), "now", simulated->now, "then",
                                 simulated->then, "user", simulated->user));
        return;
    }
    if (showing->shown > showing->shown_max)
        return;
    const char *cells[] = {"", number != NULL ? number : "-", simulated->user, then, now, why};
    table_row(showing->table, cells);
    table_cell(showing->table, 0, "%llu", (unsigned long long)simulated->seq);
}

static void show_progress(void *context, uint64_t done, uint64_t total)
{
    struct showing *showing = context;
    showing->progress.total = (int64_t)total;
    progress_step(&showing->progress, (int64_t)done);
}

static enum status levels_show(struct cli *cli, const struct simulate_totals *totals, struct err *err)
{
    static const struct column columns[] = {
        {"SIGNATURES", 0}, {"ASKED", COLUMN_RIGHT}, {"WOULD BE", COLUMN_RIGHT}, {"DIFFERENCE", COLUMN_RIGHT}, {0}};
    struct table *table = table_new(cli, columns);
    for (int level = 1; level <= LEVELS_MAX; level++) {
        int64_t then = totals->levels_then[level], now = totals->levels_now[level];
        const char *cells[] = {"", "", "", ""};
        if (then == 0 && now == 0)
            continue;
        table_row(table, cells);
        table_cell(table, 0, "level %d", level);
        table_cell(table, 1, "%lld", (long long)then);
        table_cell(table, 2, "%lld", (long long)now);
        table_cell(table, 3, "%+lld", (long long)(now - then));
    }
    enum status status = table_print(table, err);
    table_free(table);
    return status;
}

static enum status totals_show(struct showing *showing, const struct simulate_totals *totals, struct err *err)
{
    struct cli *cli = showing->cli;
    const int64_t *changes = totals->changes;
    if (cli->json) {
        (void)out_json(
            cli, json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "admitted", (json_int_t)changes[SIMULATED_ADMITTED],
                           "documents", (json_int_t)totals->documents, "fewer", (json_int_t)changes[SIMULATED_FEWER],
                           "more", (json_int_t)changes[SIMULATED_MORE], "refused",
                           (json_int_t)changes[SIMULATED_REFUSED], "same", (json_int_t)changes[SIMULATED_SAME]));
        return STATUS_OK;
    }
    enum status status = table_print(showing->table, err);
    if (status == STATUS_OK && showing->shown > showing->shown_max)
        fprintf(cli->out, "... and %lld more; --all shows each\n", (long long)(showing->shown - showing->shown_max));
    if (status == STATUS_OK)
        fprintf(cli->out,
                "%s%lld documents: %lld the same, %lld with more signatures, %lld with fewer, %lld refused, "
                "%lld no longer refused\n",
                showing->shown > 0 ? "\n" : "", (long long)totals->documents, (long long)changes[SIMULATED_SAME],
                (long long)changes[SIMULATED_MORE], (long long)changes[SIMULATED_FEWER],
                (long long)changes[SIMULATED_REFUSED], (long long)changes[SIMULATED_ADMITTED]);
    return status == STATUS_OK ? levels_show(cli, totals, err) : status;
}

static enum status simulate(struct session *session, const struct policy *policy, struct err *err)
{
    static const struct column columns[] = {{"ENTRY", COLUMN_RIGHT}, {"DOCUMENT", 0},      {"BY", 0}, {"THEN", 0},
                                            {"WOULD BE", 0},         {"WHY", COLUMN_WRAP}, {0}};
    enum { SHOWN_MAX = 50 };
    struct cli *cli = session_cli(session);
    const struct options *options = session_options(session);
    struct showing showing = {.cli = cli,
                              .table = table_new(cli, columns),
                              .shown_max = options_flag(options, "all") ? INT64_MAX : SHOWN_MAX};
    struct simulate_options simulate_options = {.journal = session_books(session)->journal,
                                                .policy = policy,
                                                .scratch_dir = options_text(options, "scratch"),
                                                .report = show_one,
                                                .progress = show_progress,
                                                .context = &showing};
    struct simulate_totals totals;
    enum status status = session_read_time(options_text(options, "since"), &simulate_options.since_ms, err);
    if (status != STATUS_OK) {
        err_prefix(err, "--since: ");
    } else {
        progress_begin(&showing.progress, cli, "judging again", 0);
        status = simulate_policy(&simulate_options, &totals, err);
        progress_end(&showing.progress);
    }
    if (status == STATUS_OK)
        status = totals_show(&showing, &totals, err);
    table_free(showing.table);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct policy_text text = {.yaml = NULL};
    struct policy *policy = NULL;
    struct session *session = NULL;
    struct err err = {0};
    enum status status = policy_text_read(cli, options_argument(options, 0), &text, &err);
    if (status == STATUS_OK)
        status = policy_read(text.compiled, &policy, &err);
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = simulate(session, policy, &err);
    session_close(session);
    policy_free(policy);
    policy_text_done(&text);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct option_spec options_of_policy_simulate[] = {
    {"since", 0, "TIME", "the documents submitted or amended from then on", OPTION_REQUIRED},
    {"all", 0, NULL, "every document that differs, not the first 50", 0},
    {"scratch", 0, "DIR", "where the replay's books are built for the time being (TMPDIR, or /tmp)", 0},
    {0},
};

const struct command command_policy_simulate = {
    .name = "policy simulate",
    .summary = "shows what a policy file would have asked of past documents",
    .arguments = "FILE.yaml",
    .text = "Judges each business document since then again under the file, against the books of its own moment. What "
            "people did afterwards stays as it was, so the answer is what the policy would have asked, not what would "
            "have become of it.",
    .example = "countersign policy simulate draft.yaml --since 2026-07-01",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_policy_simulate,
    .run = run,
};

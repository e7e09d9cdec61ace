/*
 * countersign audit changes: whether policy and program are what they were on a day, and what changed since: R-16 from that day on. Whoever
 * tested an automated control then may rely on that test as long as nothing changed (benchmarking, AS 2201 Appendix B).
 */
#include <inttypes.h>
#include <string.h>

#include "audit/report/run.h"
#include "audit/report/write.h"
#include "audit/sql/sql.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/report_book.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "ledger/instant.h"
#include "ledger/text.h"

/* Columns of R-16, in their order. */
enum { CHANGE_ID, OBJECT, BEFORE, AFTER, PROPOSED_BY, APPROVED_BY, EFFECTIVE_FROM };
enum { PERIOD_BYTES = 32 };

struct changes {
    struct cli *cli;
    const char *since;
    struct table *state, *list;
    uint64_t count;
};

static enum status state_heard(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    struct changes *changes = context;
    const char *then = row->cells[1].text, *now = row->cells[2].text;
    const bool same = then != NULL && now != NULL && strcmp(then, now) == 0;
    const char *const cells[] = {row->cells[0].text, then != NULL ? then : "(no entry yet)", now,
                                 same ? "unchanged" : "changed"};
    (void)ret_more;
    (void)err;
    if (changes->cli->json)
        (void)out_json(changes->cli, json_pack("{s:s?, s:s, s:s, s:b}", "now", now, "of", row->cells[0].text, "then",
                                               then != NULL ? then : "", "unchanged", same));
    else
        table_row(changes->state, cells);
    return STATUS_OK;
}

/* What governed the last entry before that day, and what governs the last one. */
static enum status state_ask(struct changes *changes, struct report_book *book, struct err *err)
{
    static const char sql[] =
        "WITH at AS (SELECT (SELECT max(seq) FROM entry WHERE time < :since) AS past, (SELECT max(seq) FROM entry) AS "
        "head), "
        "place AS (SELECT past AS seq, (SELECT time FROM entry WHERE seq = past + 1) AS t FROM at UNION ALL SELECT "
        "head, NULL FROM at), "
        "state AS (SELECT p.seq, p.t IS NULL AS now, e.policy, e.release || ' (' || e.exe || ')' AS program, e.engine, "
        "(SELECT count(*) FROM role_grant g WHERE g.since_seq <= p.seq AND (g.revoked_at IS NULL OR g.revoked_at > "
        "e.time) AND coalesce(g.to_time, '9999') > e.time) AS grants, (SELECT count(*) FROM key k WHERE k.since_seq <= "
        "p.seq AND (k.ended_seq IS NULL OR k.ended_seq > p.seq) AND coalesce(k.until, '9999') > e.time) AS keys FROM "
        "place p LEFT JOIN entry e ON e.seq = p.seq) "
        "SELECT 'policy' AS of, a.policy AS \"then\", b.policy AS now FROM state a JOIN state b ON NOT a.now AND b.now "
        "UNION ALL SELECT 'program', a.program, b.program FROM state a JOIN state b ON NOT a.now AND b.now "
        "UNION ALL SELECT 'engine', CAST(a.engine AS TEXT), CAST(b.engine AS TEXT) FROM state a JOIN state b ON NOT "
        "a.now AND b.now "
        "UNION ALL SELECT 'grants that stand', CASE WHEN a.seq IS NOT NULL THEN CAST(a.grants AS TEXT) END, "
        "CAST(b.grants AS TEXT) FROM state a JOIN state b ON NOT a.now AND b.now "
        "UNION ALL SELECT 'keys that count', CASE WHEN a.seq IS NOT NULL THEN CAST(a.keys AS TEXT) END, CAST(b.keys "
        "AS TEXT) FROM state a JOIN state b ON NOT a.now AND b.now";
    const struct sql_binding bindings[] = {{":since", sql_text(changes->since)}, {NULL, {.type = SQL_NULL}}};
    const struct sql_question question = {.text = sql, .bindings = bindings, .step = state_heard, .context = changes};
    return sql_query(book->sql, &question, err);
}

static enum status change_heard(void *context, const char *const cells[], struct err *err)
{
    struct changes *changes = context;
    (void)err;
    changes->count++;
    if (changes->cli->json)
        (void)out_json(changes->cli, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "after", cells[AFTER],
                                               "approved_by", cells[APPROVED_BY], "before", cells[BEFORE], "change_id",
                                               cells[CHANGE_ID], "effective_from", cells[EFFECTIVE_FROM], "object",
                                               cells[OBJECT], "proposed_by", cells[PROPOSED_BY]));
    else
        table_row(changes->list, (const char *[]){cells[EFFECTIVE_FROM], cells[CHANGE_ID], cells[OBJECT], cells[BEFORE],
                                                  cells[AFTER], cells[PROPOSED_BY], cells[APPROVED_BY]});
    return STATUS_OK;
}

static enum status list_ask(struct changes *changes, const struct options *options, struct report_book *book,
                            struct err *err)
{
    char period[PERIOD_BYTES];
    struct report_made *made = NULL;
    struct report_ask ask = {.report = report_find("R-16"), .now_ms = book->now_ms, .by = book->by};
    snprintf(period, sizeof period, "%s..9999-12-31", changes->since);
    for (size_t i = 0; report_parameters[i] != NULL; i++)
        if (strcmp(report_parameters[i], "period") == 0)
            ask.values[i] = period;
        else if (strcmp(report_parameters[i], "kind") == 0)
            ask.values[i] = options_text(options, "kind");
    enum status status = report_make(&ask, &book->rows, &book->facts, &made, err);
    if (status == STATUS_OK) {
        const struct report_rows rows = report_made_rows(made);
        status = rows.walk(rows.context, change_heard, changes, err);
    }
    report_made_free(made);
    return status;
}

static enum status since_take(const struct options *options, struct changes *changes, struct err *err)
{
    int32_t days;
    changes->since = options_text(options, "since");
    if (changes->since == NULL)
        return err_set(err, STATUS_INPUT, "since when? give --since YYYY-MM-DD");
    if (date_parse(changes->since, strlen(changes->since), &days, NULL) != STATUS_OK)
        return err_set(err, STATUS_INPUT, "--since: no day, as in 2026-07-01");
    return STATUS_OK;
}

static int answer(struct changes *changes, const char *kind, struct err *err)
{
    struct cli *cli = changes->cli;
    if (cli->json) {
        (void)out_json(cli, json_pack("{s:I, s:s, s:b}", "changes", (json_int_t)changes->count, "since", changes->since,
                                      "unchanged", changes->count == 0));
    } else {
        enum status status = table_print(changes->state, err);
        fputc('\n', cli->out);
        if (status == STATUS_OK)
            status = table_print(changes->list, err);
        if (status != STATUS_OK)
            return cli_error(cli, err);
        if (changes->count == 0)
            fprintf(cli->out, "unchanged since %s", changes->since);
        else
            fprintf(cli->out, "%" PRIu64 " %s since %s", changes->count, changes->count == 1 ? "change" : "changes",
                    changes->since);
        if (kind != NULL)
            terminal_printf(cli->out, ", of %s alone", kind);
        fputc('\n', cli->out);
    }
    return changes->count == 0 ? EXIT_DONE : EXIT_REFUSED;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column state[] = {{"OF", 0}, {"THEN", COLUMN_WRAP}, {"NOW", COLUMN_WRAP}, {"", 0}, {0}};
    static const struct column list[] = {{"FROM", 0},
                                         {"CHANGE", 0},
                                         {"OBJECT", COLUMN_WRAP},
                                         {"BEFORE", COLUMN_WRAP},
                                         {"AFTER", COLUMN_WRAP},
                                         {"PROPOSED BY", 0},
                                         {"APPROVED BY", 0},
                                         {0}};
    struct changes changes = {.cli = cli, .state = table_new(cli, state), .list = table_new(cli, list)};
    struct report_book book = {.sql = NULL};
    struct err err = {0};
    enum status status = since_take(options, &changes, &err);
    if (status == STATUS_OK)
        status = report_book_open(cli, options, &book, &err);
    if (status == STATUS_OK)
        status = state_ask(&changes, &book, &err);
    if (status == STATUS_OK)
        status = list_ask(&changes, options, &book, &err);
    const int exit_status =
        status == STATUS_OK ? answer(&changes, options_text(options, "kind"), &err) : cli_error(cli, &err);
    table_free(changes.state);
    table_free(changes.list);
    report_book_close(&book);
    return exit_status;
}

static const struct option_spec options_of_audit_changes[] = {
    {"since", 0, "DATE", "the day from which on nothing should have changed, UTC", 0},
    {"kind", 0, "KIND", "only these changes: policy, program, release, grant, enrolment, rates, period and so on", 0},
    {0},
};

const struct command command_audit_changes = {
    .name = "audit changes",
    .summary = "says what changed since a day of policy, program, roles, keys, calendars and rates",
    .arguments = "",
    .text =
        "First what governed the last entry before that day and what governs the last one: policy hash, release and "
        "executable, engine, grants, keys. Then each change that counts from that day on, as 'audit report R-16' "
        "has it with a header block. An automated control that was tested then is benchmarked by '--kind policy' "
        "and '--kind program' without a change.\n\nExit status 0 when nothing changed, 1 when anything did.",
    .example = "countersign audit changes --since 2026-07-01 --kind policy",
    .group = GROUP_AUDITORS,
    .flags = COMMAND_LOOKS,
    .options = options_of_audit_changes,
    .run = run,
};

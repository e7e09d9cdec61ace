/*
 * countersign user leavers: everybody who has left by HR, and what their accounts still held and did (report R-15). Exit
 * status 1 when an account acted after its person's last day.
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "cli/table.h"
#include "controls/facts_people.h"
#include "ledger/books.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

/* One account of a leaver. */
struct leaver {
    const char *user, *person;
    struct hr_person hr;
    size_t grants, keys;   /* that nobody revoked */
    int64_t revoked_ms;    /* when the last of them was, -1 while one stands */
    int64_t acts, refused; /* entries after the end, and those of them that were wholly refused */
};

struct report {
    struct cli *cli;
    const struct facts *facts;
    struct table *table;
    struct leaver leaver; /* at hand */
    size_t found, acted;
};

static enum status later(int64_t *time_ms, const char *text, struct err *err)
{
    int64_t ms;
    enum status status = instant_parse(text, strlen(text), &ms, err);
    if (status == STATUS_OK && ms > *time_ms)
        *time_ms = ms;
    return status;
}

static enum status key_step(void *context, const char *key_text, const json_t *record, struct err *err)
{
    struct report *report = context;
    const char *revoked = member_text(json_object_get(record, "revoked"), "time");
    char state[STATE_BYTES];
    (void)key_text;
    govern_key_state(report->facts, record, state);
    if (revoked != NULL)
        return later(&report->leaver.revoked_ms, revoked, err);
    if (govern_state_counts(state))
        report->leaver.keys++;
    return STATUS_OK;
}

static enum status grant_step(void *context, const json_t *grant, bool *ret_more, struct err *err)
{
    struct report *report = context;
    (void)ret_more;
    char state[STATE_BYTES];
    govern_grant_state(report->facts, grant, state);
    if (member_text(grant, "revoked") != NULL)
        return later(&report->leaver.revoked_ms, member_text(grant, "revoked"), err);
    if (govern_state_counts(state) || strncmp(state, "from", 4) == 0)
        report->leaver.grants++;
    return STATUS_OK;
}

static enum status entry_step(void *context, struct slice key, const json_t *entry, bool *ret_more, struct err *err)
{
    struct report *report = context;
    const char *time = member_text(entry, "time");
    int64_t ms;
    (void)key;
    (void)ret_more;
    if (strcmp(member_text(entry, "actor"), report->leaver.user) != 0)
        return STATUS_OK;
    enum status status = instant_parse(time, strlen(time), &ms, err);
    if (status != STATUS_OK || ms < report->leaver.hr.left_ms)
        return status;
    report->leaver.acts++;
    if (json_is_true(json_object_get(entry, "refused")))
        report->leaver.refused++;
    return STATUS_OK;
}

static void show(struct report *report)
{
    const struct leaver *leaver = &report->leaver;
    bool stands = leaver->grants + leaver->keys > 0;
    char end[DATE_TEXT_BYTES], revoked[INSTANT_TEXT_BYTES] = "", lag[32] = "";
    date_format(leaver->hr.left_date, end);
    int64_t until_ms = stands || leaver->revoked_ms < 0 ? report->facts->time_ms : leaver->revoked_ms;
    int64_t days = until_ms > leaver->hr.left_ms ? (until_ms - leaver->hr.left_ms) / INSTANT_DAY_MS : 0;
    if (!stands && leaver->revoked_ms >= 0)
        instant_format(leaver->revoked_ms, revoked);
    if (report->cli->json) {
        (void)out_json(report->cli,
                       json_pack("{s:I, s:I, s:s, s:I, s:I, s:I, s:s, s:I, s:s, s:s, s:s}", "acts_after",
                                 (json_int_t)leaver->acts, "acts_refused", (json_int_t)leaver->refused, "end", end,
                                 "grants", (json_int_t)leaver->grants, "keys", (json_int_t)leaver->keys, "lag_days",
                                 (json_int_t)days, "person", leaver->person, "critical",
                                 (json_int_t)(leaver->acts - leaver->refused), "revoked", revoked, "successor",
                                 leaver->hr.successor, "user", leaver->user));
        return;
    }
    snprintf(lag, sizeof lag, "%lld d", (long long)days);
    const char *cells[] = {leaver->user, leaver->person, end, NULL, lag, NULL, leaver->hr.successor};
    table_row(report->table, cells);
    if (stands)
        table_cell(report->table, 3, "no: %zu grants, %zu keys", leaver->grants, leaver->keys);
    else
        table_cell(report->table, 3, "%.10s", revoked[0] != '\0' ? revoked : "nothing held");
    table_cell(report->table, 5, leaver->acts > 0 ? "%lld, %lld refused" : "none", (long long)leaver->acts,
               (long long)leaver->refused);
    if (leaver->acts > leaver->refused)
        table_style(report->table, 5, STYLE_BAD);
}

static enum status user_step(void *context, struct slice key, const json_t *user, bool *ret_more, struct err *err)
{
    struct report *report = context;
    (void)key;
    (void)ret_more;
    report->leaver =
        (struct leaver){.user = member_text(user, "user"), .person = member_text(user, "person"), .revoked_ms = -1};
    enum status status = facts_hr_person(report->facts, report->leaver.person, &report->leaver.hr, err);
    if (status != STATUS_OK || !report->leaver.hr.left)
        return status;
    const struct books_walk entries = {.table = BOOKS_ENTRIES, .step = entry_step, .context = report};
    status = govern_each_key(report->facts, report->leaver.user, key_step, report, err);
    if (status == STATUS_OK)
        status = facts_each_grant(report->facts, report->leaver.user, grant_step, report, err);
    if (status == STATUS_OK)
        status = books_each(report->facts->books, &entries, err);
    if (status != STATUS_OK)
        return status;
    report->found++;
    if (report->leaver.acts > report->leaver.refused)
        report->acted++;
    show(report);
    return STATUS_OK;
}

static enum status list(struct session *session, struct report *report, struct err *err)
{
    const struct books_walk walk = {.table = BOOKS_USERS, .step = user_step, .context = report};
    enum status status = session_begin_facts(session, &report->facts, err);
    if (status == STATUS_OK)
        status = reading_table_check(report->facts, BOOKS_PEOPLE, err);
    if (status == STATUS_OK)
        status = books_each(report->facts->books, &walk, err);
    if (status == STATUS_OK && !report->cli->json)
        status = table_print(report->table, err);
    if (status == STATUS_OK && !report->cli->json)
        fprintf(report->cli->out, "%zu of leavers, %zu acted after the last day\n", report->found, report->acted);
    session_end_facts(session);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {{"USER", 0},           {"PERSON", 0},     {"LAST DAY", 0},  {"REVOKED", 0},
                                            {"LAG", COLUMN_RIGHT}, {"ACTS AFTER", 0}, {"SUCCESSOR", 0}, {0}};
    struct report report = {.cli = cli};
    struct session *session = NULL;
    struct err err = {0};
    report.table = table_new(cli, columns);
    enum status status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = list(session, &report, &err);
    session_close(session);
    table_free(report.table);
    if (status != STATUS_OK)
        return cli_error(cli, &err);
    return report.acted > 0 ? EXIT_REFUSED : EXIT_DONE;
}

const struct command command_user_leavers = {
    .name = "user leavers",
    .summary = "lists the accounts of persons who left, and what they did after",
    .arguments = "",
    .text =
        "By HR's last day: when the last grant and key were revoked, how many days later, and every entry that such "
        "an account signed after the end. What a leaver signs is refused whether or not anything was revoked; an act "
        "that was let in happened before HR told of the leave, and each is to be looked at. Exit status 1 when there "
        "is one.",
    .example = "countersign user leavers --json",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .run = run,
};

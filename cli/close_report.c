/*
 * The report before a close; see the header. Values are what the ledger lines would be if everything were posted now: what
 * a controller accrues for when it will not be.
 */
#include "cli/close_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "cli/present.h"
#include "cli/reading.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/waiting.h"
#include "controls/facts_period.h"
#include "controls/kind.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"

enum { NAMES_SHOWN = 4, NAMES_BYTES = 320 };

struct report {
    struct cli *cli;
    const struct facts *facts;
    const struct policy_entity *entity;
    const char *month;
    int32_t last;
    size_t count;
    json_t *accrual; /* "<kind>|<account>|<currency>" -> {account, base, currency, kind, minor}, debits positive */
};

static bool in_report(const struct report *report, const json_t *record)
{
    const char *date = member_text(json_object_get(record, "document"), "date");
    const char *entity = member_text(record, "entity"), *name = member_text(record, "kind");
    const struct kind *kind = name != NULL ? kind_find(name) : NULL;
    int32_t days;
    if (entity == NULL || strcmp(entity, report->entity->entity) != 0 || kind == NULL || kind->govern != NULL)
        return false;
    return date == NULL || (date_parse(date, strlen(date), &days, NULL) == STATUS_OK && days <= report->last);
}

static void names_join(const json_t *users, char ret_text[static NAMES_BYTES])
{
    size_t used = 0, count = json_array_size(users);
    snprintf(ret_text, NAMES_BYTES, "%s", count == 0 ? "nobody" : "");
    for (size_t i = 0; i < count && i < NAMES_SHOWN && used < NAMES_BYTES; i++)
        used += (size_t)snprintf(ret_text + used, NAMES_BYTES - used, "%s%s", i > 0 ? ", " : "",
                                 json_string_value(json_array_get(users, i)));
    if (count > NAMES_SHOWN && used < NAMES_BYTES)
        snprintf(ret_text + used, NAMES_BYTES - used, " and %zu more", count - NAMES_SHOWN);
}

/* A line's share of the document's amount in base currency. */
static int64_t base_share(const json_t *record, int64_t line_minor, const struct policy *policy)
{
    const json_t *document = json_object_get(record, "document");
    const char *base_text = member_text(record, "base_text"), *text = member_text(document, "amount");
    const char *currency = member_text(document, "currency");
    int64_t base, amount;
    if (currency != NULL && strcmp(currency, policy->base) == 0)
        return line_minor;
    if (base_text == NULL || text == NULL || currency == NULL ||
        money_parse(base_text, strlen(base_text), policy->base_digits, &base, NULL) != STATUS_OK ||
        money_parse(text, strlen(text), currency_digits(currency), &amount, NULL) != STATUS_OK || amount == 0)
        return 0;
    return (int64_t)((__int128)line_minor * base / amount);
}

static enum status line_accrue(struct report *report, const json_t *record, const json_t *line, struct err *err)
{
    const char *account = member_text(line, "account"), *currency = member_text(line, "currency");
    const char *text = member_text(line, "amount"), *kind = member_text(record, "kind");
    char key[3 * (ID_BYTES_MAX + 2)];
    int64_t minor, sum, base;
    enum status status = money_parse(text, strlen(text), currency_digits(currency), &minor, err);
    if (status != STATUS_OK)
        return status;
    minor = strcmp(member_text(line, "side"), "dr") == 0 ? minor : -minor;
    snprintf(key, sizeof key, "%s|%s|%s", kind, account, currency);
    const json_t *row = json_object_get(report->accrual, key);
    status = money_add(member_integer(row, "minor"), minor, &sum, err);
    if (status == STATUS_OK)
        status = money_add(member_integer(row, "base"), base_share(record, minor, report->facts->policy), &base, err);
    if (status == STATUS_OK &&
        json_object_set_new(report->accrual, key,
                            json_pack("{s:s, s:I, s:s, s:s, s:I}", "account", account, "base", (json_int_t)base,
                                      "currency", currency, "kind", kind, "minor", (json_int_t)sum)) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory");
    return status;
}

/* A document whose lines can't be made now (its reason has gone, say) is listed, but comes to nothing. */
static enum status document_accrue(struct report *report, const json_t *record, struct err *err)
{
    const struct kind *kind = kind_find(member_text(record, "kind"));
    const json_t *document = json_object_get(record, "document");
    const char *reason = member_text(document, "reason");
    json_t *lines = NULL;
    if (kind->lines == NULL || (reason != NULL && policy_find_reason(report->facts->policy, reason) == NULL))
        return STATUS_OK;
    enum status status = kind->lines(document, report->facts, &lines, err);
    if (status == STATUS_LIMIT)
        return STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(lines); i++)
        status = line_accrue(report, record, json_array_get(lines, i), err);
    json_decref(lines);
    return status;
}

static enum status waits_row(struct report *report, struct table *table, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    const char *amount = member_text(document, "amount"), *time = member_text(record, "time");
    char money[MONEY_SHOWN_BYTES], age[AGE_BYTES], level[16], next[NAMES_BYTES];
    int64_t time_ms = report->facts->time_ms;
    json_t *users = NULL;
    int lowest = waiting_lowest_level(record);
    enum status status = instant_parse(time, strlen(time), &time_ms, err);
    if (status == STATUS_OK)
        status = present_could_sign(report->facts, record, lowest, &users, err);
    if (status != STATUS_OK)
        return status;
    if (amount == NULL)
        amount = member_text(document, "limit");
    present_money(amount, member_text(document, "currency"), money);
    present_age(report->facts->time_ms - time_ms, age);
    snprintf(level, sizeof level, "%d", lowest);
    names_join(users, next);
    if (report->cli->json) {
        json_t *row =
            json_pack("{s:I, s:s, s:s, s:i, s:O, s:s}", "age_ms", (json_int_t)(report->facts->time_ms - time_ms),
                      "document", member_text(record, "number"), "kind", member_text(record, "kind"), "level", lowest,
                      "next", users, "owner", member_text(record, "preparer"));
        json_object_set(row, "amount",
                        json_object_get(document, amount == member_text(document, "limit") ? "limit" : "amount"));
        json_object_set(row, "currency", json_object_get(document, "currency"));
        json_object_set(row, "base", json_object_get(record, "base_text"));
        json_object_set(row, "date", json_object_get(document, "date"));
        (void)out_json(report->cli, json_pack("{s:o}", "waits", row));
    } else {
        const char *const cells[] = {member_text(record, "number"),
                                     member_text(record, "kind"),
                                     money,
                                     member_text(document, "date"),
                                     level,
                                     member_text(record, "preparer"),
                                     next,
                                     age};
        table_row(table, cells);
    }
    json_decref(users);
    report->count++;
    return document_accrue(report, record, err);
}

static enum status waits_print(struct report *report, struct err *err)
{
    static const struct column columns[] = {{"WAITS", 0},          {"KIND", 0},           {"AMOUNT", COLUMN_RIGHT},
                                            {"DATE", 0},           {"LEVEL", 0},          {"OWNER", 0},
                                            {"NEXT", COLUMN_WRAP}, {"AGE", COLUMN_RIGHT}, {0}};
    struct table *table = table_new(report->cli, columns);
    json_t *records = NULL;
    enum status status = waiting_list(report->facts, NULL, &records, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(records); i++)
        if (in_report(report, json_array_get(records, i)))
            status = waits_row(report, table, json_array_get(records, i), err);
    if (status == STATUS_OK && !report->cli->json && report->count == 0)
        fprintf(report->cli->out, "nothing waits with a date up to the end of %s\n", report->month);
    else if (status == STATUS_OK && !report->cli->json)
        status = table_print(table, err);
    json_decref(records);
    table_free(table);
    return status;
}

static enum status accrual_print(const struct report *report, struct err *err)
{
    static const struct column columns[] = {
        {"ENTITY", 0},          {"KIND", 0}, {"ACCOUNT", 0}, {"", COLUMN_CUT}, {"TO ACCRUE", COLUMN_RIGHT},
        {"BASE", COLUMN_RIGHT}, {0}};
    struct table *table = table_new(report->cli, columns);
    const struct policy *policy = report->facts->policy;
    const char *key;
    json_t *row;
    enum status status = STATUS_OK;
    json_object_foreach(report->accrual, key, row)
    {
        const char *account = member_text(row, "account"), *currency = member_text(row, "currency");
        const struct policy_account *known = policy_find_account(policy, account);
        char minor[MONEY_SHOWN_BYTES], base[MONEY_SHOWN_BYTES], plain[MONEY_TEXT_MAX], base_plain[MONEY_TEXT_MAX];
        present_minor(member_integer(row, "minor"), currency, minor);
        present_minor(member_integer(row, "base"), policy->base, base);
        money_format(member_integer(row, "minor"), currency_digits(currency), plain);
        money_format(member_integer(row, "base"), policy->base_digits, base_plain);
        if (report->cli->json) {
            (void)out_json(report->cli, json_pack("{s:{s:s, s:s, s:s, s:s, s:s, s:s}}", "accrual", "account", account,
                                                  "amount", plain, "base", base_plain, "currency", currency, "entity",
                                                  report->entity->entity, "kind", member_text(row, "kind")));
            continue;
        }
        const char *const cells[] = {
            report->entity->entity, member_text(row, "kind"), account, known != NULL ? known->title : "", minor, base};
        table_row(table, cells);
    }
    if (!report->cli->json)
        status = table_print(table, err);
    table_free(table);
    return status;
}

/* Since when a feed has brought nothing, and whether it stopped in the middle of a file. */
static enum status feed_print(const struct report *report, const char *feed, struct table *table, struct err *err)
{
    struct books_key key = books_key_pair(report->entity->entity, feed);
    json_t *file = NULL;
    char state[128] = "never loaded", age[AGE_BYTES] = "", sequence[32] = "";
    int64_t closed_ms = -1;
    enum status status = books_get(report->facts->books, BOOKS_FILES, &key, &file, err);
    if (status == STATUS_NOT_FOUND)
        status = STATUS_OK;
    if (status == STATUS_OK)
        status = facts_feed_closed(report->facts, report->entity->entity, feed, &closed_ms, err);
    if (status != STATUS_OK)
        return status;
    int64_t days = policy_parameter(report->facts->policy, report->entity->entity, PARAMETER_FEED_DAYS_MAX);
    const json_t *open = json_object_get(file, "open");
    bool stale = days > 0 && (closed_ms < 0 || report->facts->time_ms - closed_ms > days * INSTANT_DAY_MS);
    if (closed_ms >= 0) {
        snprintf(state, sizeof state, "%s", stale ? "stale" : "closed");
        present_age(report->facts->time_ms - closed_ms, age);
        snprintf(sequence, sizeof sequence, "%lld", (long long)member_integer(file, "closed"));
    }
    if (open != NULL)
        snprintf(state + strlen(state), sizeof state - strlen(state), ", file %lld stopped after part %lld",
                 (long long)member_integer(json_object_get(open, "file"), "sequence"),
                 (long long)member_integer(open, "part"));
    if (report->cli->json)
        (void)out_json(report->cli,
                       json_pack("{s:{s:I, s:s, s:I, s:b, s:b}}", "feed", "closed_ms", (json_int_t)closed_ms, "feed",
                                 feed, "sequence", (json_int_t)member_integer(file, "closed"), "stale", stale,
                                 "unfinished", open != NULL));
    const char *const cells[] = {feed, sequence, age, state};
    table_row(table, cells);
    json_decref(file);
    return STATUS_OK;
}

static enum status feeds_print(const struct report *report, struct err *err)
{
    static const char *const feeds[] = {"customers", "invoices", "cash"};
    static const struct column columns[] = {
        {"FEED", 0}, {"LAST FILE", COLUMN_RIGHT}, {"AGE", COLUMN_RIGHT}, {"STATE", 0}, {0}};
    struct table *table = table_new(report->cli, columns);
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < sizeof feeds / sizeof feeds[0]; i++)
        status = feed_print(report, feeds[i], table, err);
    if (status == STATUS_OK && !report->cli->json)
        status = table_print(table, err);
    table_free(table);
    return status;
}

struct cases {
    const struct report *report;
    struct table *table;
};

/* A dispute, inquiry or exception that somebody still owes an answer to. */
static enum status case_step(void *context, struct slice key, const json_t *ignored, bool *ret_more, struct err *err)
{
    struct cases *cases = context;
    const struct report *report = cases->report;
    char entity[ID_BYTES_MAX + 1], number[ID_BYTES_MAX + 1];
    size_t at = 0;
    json_t *one = NULL;
    (void)ignored;
    (void)ret_more;
    enum status status = reading_key_text(key, &at, entity, err);
    if (status == STATUS_OK)
        status = reading_key_text(key, &at, number, err);
    if (status != STATUS_OK)
        return status;
    struct books_key case_key = books_key(number);
    status = books_get(report->facts->books, BOOKS_CASES, &case_key, &one, err);
    if (status != STATUS_OK)
        return status == STATUS_NOT_FOUND ? err_set(err, STATUS_CORRUPT, "case %s is not there; run rebuild", number)
                                          : status;
    if (report->cli->json) {
        (void)out_json(report->cli, json_pack("{s:O}", "case", one));
    } else {
        char due[DATE_TEXT_BYTES] = "";
        snprintf(due, sizeof due, "%.10s", member_text(one, "due") != NULL ? member_text(one, "due") : "");
        const char *const cells[] = {number,
                                     member_text(one, "kind"),
                                     member_text(one, "customer"),
                                     member_text(one, "invoice"),
                                     member_text(one, "owner"),
                                     member_text(one, "state"),
                                     due};
        table_row(cases->table, cells);
    }
    json_decref(one);
    return STATUS_OK;
}

static enum status cases_print(const struct report *report, struct err *err)
{
    static const struct column columns[] = {{"CASE", 0},  {"KIND", 0},  {"CUSTOMER", 0}, {"INVOICE", 0},
                                            {"OWNER", 0}, {"STATE", 0}, {"DUE", 0},      {0}};
    struct cases cases = {.report = report, .table = table_new(report->cli, columns)};
    struct books_key prefix = books_key(report->entity->entity);
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_CASES_OPEN, .prefix = &prefix, .step = case_step, .context = &cases};
    enum status status = books_each(report->facts->books, &walk, err);
    if (status == STATUS_OK && !report->cli->json)
        status = table_print(cases.table, err);
    table_free(cases.table);
    return status;
}

struct excepted {
    const struct report *report;
    const struct period *period;
};

static enum status exception_step(void *context, struct slice key, const json_t *record, bool *ret_more,
                                  struct err *err)
{
    const struct excepted *excepted = context;
    const struct report *report = excepted->report;
    const char *until = member_text(record, "until");
    int64_t until_ms;
    (void)key;
    (void)ret_more;
    enum status status = instant_parse(until, strlen(until), &until_ms, err);
    if (status != STATUS_OK || until_ms <= report->facts->time_ms ||
        (uint64_t)member_integer(record, "seq") < excepted->period->seq)
        return status;
    if (report->cli->json)
        (void)out_json(report->cli, json_pack("{s:O}", "exception", record));
    else
        terminal_printf(report->cli->out, "%s is excepted until %s (%s)", member_text(record, "user"), until,
                        member_text(record, "number"));
    if (!report->cli->json)
        fputc('\n', report->cli->out);
    return STATUS_OK;
}

static enum status period_print(const struct report *report, struct err *err)
{
    struct period period;
    struct books_key prefix = books_key_pair(report->entity->entity, report->month);
    books_key_close(&prefix);
    struct excepted excepted = {.report = report, .period = &period};
    const struct books_walk walk = {
        .table = BOOKS_EXCEPTIONS, .prefix = &prefix, .step = exception_step, .context = &excepted};
    enum status status = facts_period(report->facts, report->entity, report->month, &period, err);
    if (status == STATUS_OK)
        status = books_each(report->facts->books, &walk, err);
    if (status != STATUS_OK)
        return status;
    if (report->cli->json)
        (void)out_json(report->cli, json_pack("{s:{s:s, s:s, s:s, s:I}}", "close", "entity", report->entity->entity,
                                              "period", report->month, "state", period_state_name(period.state),
                                              "waits", (json_int_t)report->count));
    else
        terminal_printf(report->cli->out, "%s of %s is %s; %zu %s", report->month, report->entity->entity,
                        period_state_name(period.state), report->count,
                        report->count == 1 ? "document waits" : "documents wait");
    if (!report->cli->json)
        fputs("\n\n", report->cli->out);
    return STATUS_OK;
}

static enum status parts_print(struct report *report, struct err *err)
{
    enum status status = waits_print(report, err);
    if (status == STATUS_OK)
        status = accrual_print(report, err);
    if (status == STATUS_OK)
        status = feeds_print(report, err);
    if (status == STATUS_OK)
        status = cases_print(report, err);
    return status == STATUS_OK ? period_print(report, err) : status;
}

enum status close_report(struct session *session, const char *entity, const char *month, struct err *err)
{
    struct report report = {.cli = session_cli(session), .month = month, .accrual = json_object()};
    int32_t first;
    enum status status = report.accrual != NULL ? month_parse(month, &first, &report.last, err)
                                                : err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK)
        status = session_begin_facts(session, &report.facts, err);
    if (status == STATUS_OK) {
        report.entity = policy_find_entity(report.facts->policy, entity);
        if (report.entity == NULL)
            status = err_set(err, STATUS_NOT_FOUND, "the policy in force has no entity %s", entity);
        if (status == STATUS_OK)
            status = reading_entity_check(report.facts, entity, err);
        if (status == STATUS_PERMISSION) { /* a decision may be asked for all the same */
            fprintf(report.cli->err, "what the close would leave behind is not for you to read\n");
            status = STATUS_OK;
        } else if (status == STATUS_OK) {
            status = parts_print(&report, err);
        }
        session_end_facts(session);
    }
    json_decref(report.accrual);
    return status;
}

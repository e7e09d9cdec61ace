/*
 * The header block: built once from what was asked and counted, shown by every format through one walk. Whatever a reader
 * is to rely on stands in it, also what the report does not cover (AS 1105.10; DOMAIN 4.5).
 */
#include "audit/report/header.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/statement.h"
#include "ledger/text.h"

static json_t *columns_json(const struct report *report)
{
    json_t *list = json_array();
    for (const struct report_column *column = report->columns; column->name != NULL; column++)
        json_array_append_new(list,
                              json_pack("{s:s, s:s}", "name", column->name, "type", report_type_name(column->type)));
    return list;
}

static json_t *parameters_json(const struct report_ask *ask)
{
    json_t *object = json_object();
    for (size_t i = 0; report_parameters[i] != NULL; i++)
        if (ask->values[i] != NULL)
            json_object_set_new(object, report_parameters[i], json_string(ask->values[i]));
    return object;
}

static json_t *money_json(int64_t minor, const char *currency)
{
    char text[MONEY_TEXT_MAX];
    int digits = currency_digits(currency);
    money_format(minor, digits < 0 ? 0 : digits, text);
    return json_string(text);
}

static json_t *totals_json(const struct report_counts *counts, bool sided)
{
    json_t *list = json_array();
    for (size_t i = 0; i < counts->total_count; i++) {
        const struct report_total *total = &counts->totals[i];
        json_t *one = json_pack("{s:o, s:s}", "absolute", money_json(total->absolute_minor, total->currency),
                                "currency", total->currency);
        if (one != NULL && sided) {
            json_object_set_new(one, "credit", money_json(total->credit_minor, total->currency));
            json_object_set_new(one, "debit", money_json(total->debit_minor, total->currency));
        }
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *excluded_json(const struct report_counts *counts)
{
    json_t *list = json_array();
    for (size_t i = 0; i < counts->excluded_count; i++)
        json_array_append_new(list, json_pack("{s:I, s:s}", "count", (json_int_t)counts->excluded[i].count, "reason",
                                              counts->excluded[i].reason));
    return list;
}

static json_t *labels_json(const struct report_facts *facts)
{
    char text[96];
    json_t *list = json_array();
    if (facts->engine == ENGINE_DRAFT)
        json_array_append_new(list, json_string("Draft engine 0"));
    if (facts->simulated)
        json_array_append_new(list, json_string("SIMULATED: the clock of this book is what statements say"));
    if (facts->embedded > 0) {
        snprintf(text, sizeof text, "embedded: preventive controls not isolated (%" PRIu64 " of %" PRIu64 " entries)",
                 facts->embedded, facts->entries);
        json_array_append_new(list, json_string(text));
    }
    return list;
}

static json_t *period_json(const struct report_ask *ask, const struct audit_period *period)
{
    const char *meaning = NULL;
    for (const struct report_filter *filter = ask->report->filters; filter->parameter != NULL; filter++)
        if (strcmp(filter->parameter, "period") == 0)
            meaning = filter->meaning;
    json_t *object = json_pack("{s:s, s:s}", "from", period->from, "to", period->to);
    if (object != NULL && meaning != NULL)
        json_object_set_new(object, "by", json_string(meaning));
    return object;
}

static json_t *book_json(const struct report_facts *facts)
{
    return json_pack("{s:s, s:s, s:s}", "base", facts->base, "id", facts->book, "name", facts->name);
}

static json_t *entries_json(const struct report_facts *facts)
{
    return json_pack("{s:I, s:b, s:I, s:I}", "count", (json_int_t)facts->entries, "dense", facts->dense, "first",
                     (json_int_t)0, "last", (json_int_t)facts->last_seq);
}

enum status report_header_make(const struct report_ask *ask, const struct report_facts *facts,
                               const struct audit_period *period, const struct report_counts *counts,
                               json_t **ret_header, struct err *err)
{
    char at[INSTANT_TEXT_BYTES], body[HASH_HEX_CHARS + 1];
    const struct report *report = ask->report;
    instant_format(ask->now_ms, at);
    hash_to_hex(&counts->body, body);
    json_t *header = json_pack(
        "{s:s, s:o, s:I, s:O?, s:o, s:o, s:o, s:s, s:o, s:o, s:I, s:s, s:s, s:I, s:s, s:s, s:s, s:o, s:o, s:i}",
        "body_sha256", body, "book", book_json(facts), "checkpoint_count", (json_int_t)facts->checkpoint_count,
        "checkpoints", facts->checkpoints, "columns", columns_json(report), "entries", entries_json(facts), "excluded",
        excluded_json(counts), "head", facts->head, "labels", labels_json(facts), "parameters", parameters_json(ask),
        "population", (json_int_t)counts->population, "question", report->question, "report", report->id, "rows",
        (json_int_t)counts->rows, "root", facts->root, "run_at", at, "run_by", ask->by, "tool",
        json_pack("{s:s, s:s}", "exe", facts->exe, "release", facts->release), "totals",
        totals_json(counts, report->total_side != NULL), "version", report->version);
    enum status status = header != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a report's header");
    if (status == STATUS_OK)
        json_object_set_new(header, "title", json_string(report->title));
    if (status == STATUS_OK && period != NULL)
        json_object_set_new(header, "period", period_json(ask, period));
    if (status == STATUS_OK)
        status = report_header_seal(header, err);
    if (status != STATUS_OK) {
        json_decref(header);
        return status;
    }
    *ret_header = header;
    return STATUS_OK;
}

char *report_header_text(const json_t *header)
{
    return json_dumps(header, JSON_COMPACT | JSON_SORT_KEYS);
}

static enum status seal_of(const json_t *header, char ret_hex[static HASH_HEX_CHARS + 1], struct err *err)
{
    json_t *others = json_copy((json_t *)(uintptr_t)header);
    if (others != NULL)
        (void)json_object_del(others, "header_sha256");
    char *text = others != NULL ? report_header_text(others) : NULL;
    json_decref(others);
    if (text == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a report's header");
    struct hash hash;
    hash_of(text, strlen(text), &hash);
    hash_to_hex(&hash, ret_hex);
    free(text);
    return STATUS_OK;
}

enum status report_header_seal(json_t *header, struct err *err)
{
    char hex[HASH_HEX_CHARS + 1];
    enum status status = seal_of(header, hex, err);
    if (status == STATUS_OK && json_object_set_new(header, "header_sha256", json_string(hex)) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory for a report's header");
    return status;
}

enum status report_header_sealed(const json_t *header, bool *ret_good, struct err *err)
{
    char hex[HASH_HEX_CHARS + 1];
    enum status status = seal_of(header, hex, err);
    if (status == STATUS_OK)
        *ret_good = strcmp(hex, report_header_member(header, "header_sha256")) == 0;
    return status;
}

const char *report_header_member(const json_t *header, const char *name)
{
    const char *text = json_string_value(json_object_get(header, name));
    return text != NULL ? text : "";
}

size_t report_header_columns(const json_t *header)
{
    return json_array_size(json_object_get(header, "columns"));
}

const char *report_header_column(const json_t *header, size_t index)
{
    return report_header_member(json_array_get(json_object_get(header, "columns"), index), "name");
}

enum report_type report_header_type(const json_t *header, size_t index)
{
    const char *name = report_header_member(json_array_get(json_object_get(header, "columns"), index), "type");
    for (int type = REPORT_TEXT; type <= REPORT_PERCENT; type++)
        if (strcmp(name, report_type_name((enum report_type)type)) == 0)
            return (enum report_type)type;
    return REPORT_TEXT;
}

static long long member_count(const json_t *object, const char *name)
{
    return (long long)json_integer_value(json_object_get(object, name));
}

void report_header_footer(const json_t *header, char ret_text[static REPORT_FOOTER_BYTES])
{
    const json_t *entries = json_object_get(header, "entries"), *excluded = json_object_get(header, "excluded");
    long long left_out = 0;
    for (size_t i = 0; i < json_array_size(excluded); i++)
        left_out += member_count(json_array_get(excluded, i), "count");
    snprintf(ret_text, REPORT_FOOTER_BYTES, "%s: sequences %lld..%lld %s, %lld events, %lld excluded by filter",
             json_is_true(json_object_get(entries, "dense")) ? "complete" : "INCOMPLETE",
             member_count(entries, "first"), member_count(entries, "last"),
             json_is_true(json_object_get(entries, "dense")) ? "dense" : "NOT DENSE", member_count(entries, "count"),
             left_out);
    for (size_t i = 0; i < json_array_size(excluded); i++) {
        const json_t *one = json_array_get(excluded, i);
        text_add(ret_text, REPORT_FOOTER_BYTES, "%s%s %lld", i == 0 ? " (" : ", ", report_header_member(one, "reason"),
                 member_count(one, "count"));
    }
    if (json_array_size(excluded) > 0)
        text_add(ret_text, REPORT_FOOTER_BYTES, ")");
}

/* The walk: one function a kind of line. */
struct walking {
    const json_t *header;
    report_field_step *step;
    void *context;
};

enum { FIELD_BYTES = 8192 }; /* a checkpoint's signers with room */

static enum status field(const struct walking *walking, struct err *err, const char *label, const char *format, ...)
    PRINTF_LIKE(4, 5);

static enum status field(const struct walking *walking, struct err *err, const char *label, const char *format, ...)
{
    char text[FIELD_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return walking->step(walking->context, label, text, err);
}

static enum status asked_fields(const struct walking *walking, struct err *err)
{
    const json_t *header = walking->header, *parameters = json_object_get(header, "parameters"),
                 *period = json_object_get(header, "period");
    char typed[FIELD_BYTES] = "";
    for (size_t i = 0; report_parameters[i] != NULL; i++) {
        const char *value = json_string_value(json_object_get(parameters, report_parameters[i]));
        if (value != NULL)
            text_add(typed, sizeof typed, "%s--%s %s", typed[0] != '\0' ? " " : "", report_parameters[i], value);
    }
    const char *entity = report_header_member(parameters, "entity"), *by = report_header_member(period, "by");
    enum status status = field(walking, err, "Report", "%s %s, version %lld", report_header_member(header, "report"),
                               report_header_member(header, "title"), member_count(header, "version"));
    if (status == STATUS_OK)
        status = field(walking, err, "Answers", "%s", report_header_member(header, "question"));
    if (status == STATUS_OK)
        status = field(walking, err, "Entity", "%s", entity[0] != '\0' ? entity : "all");
    if (status == STATUS_OK && period != NULL)
        status = field(walking, err, "Period", "%s to %s%s%s", report_header_member(period, "from"),
                       report_header_member(period, "to"), by[0] != '\0' ? ", by " : "", by);
    else if (status == STATUS_OK)
        status = field(walking, err, "Period", "all");
    if (status == STATUS_OK)
        status = field(walking, err, "Asked", "%s", typed[0] != '\0' ? typed : "no parameters");
    return status;
}

static enum status run_fields(const struct walking *walking, struct err *err)
{
    const json_t *header = walking->header, *book = json_object_get(header, "book"),
                 *tool = json_object_get(header, "tool");
    enum status status = field(walking, err, "Book", "%s", report_header_member(book, "name"));
    if (status == STATUS_OK)
        status = field(walking, err, "Book id", "%s", report_header_member(book, "id"));
    if (status == STATUS_OK)
        status = field(walking, err, "Run", "%s by %s", report_header_member(header, "run_at"),
                       report_header_member(header, "run_by"));
    if (status == STATUS_OK)
        status = field(walking, err, "Tool", "countersign %s, executable %s", report_header_member(tool, "release"),
                       report_header_member(tool, "exe"));
    return status;
}

static enum status checkpoint_fields(const struct walking *walking, struct err *err)
{
    const json_t *list = json_object_get(walking->header, "checkpoints");
    const long long entries = member_count(json_object_get(walking->header, "entries"), "count");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i), *names = json_object_get(one, "signatures");
        const long long size = member_count(one, "size");
        char text[FIELD_BYTES] = "";
        for (size_t k = 0; k < json_array_size(names); k++)
            text_add(text, sizeof text, "%s%s",
                     k == 0   ? "signed by "
                     : k == 1 ? ", cosigned by "
                              : ", ",
                     json_string_value(json_array_get(names, k)));
        if (member_count(one, "signature_count") > (long long)json_array_size(names))
            text_add(text, sizeof text, " and %lld more",
                     member_count(one, "signature_count") - (long long)json_array_size(names));
        status = field(walking, err, i == 0 ? "Checkpoints" : "", "number %lld of %lld entries, %s, %s",
                       member_count(one, "number"), size,
                       size >= entries ? "covers all" : "does not cover what came after", text);
    }
    if (status == STATUS_OK && json_array_size(list) == 0)
        status = field(walking, err, "Checkpoints", "none");
    return status;
}

static enum status count_fields(const struct walking *walking, struct err *err)
{
    const json_t *header = walking->header, *totals = json_object_get(header, "totals"),
                 *entries = json_object_get(header, "entries");
    enum status status = field(walking, err, "Entries", "%lld to %lld, %lld in all", member_count(entries, "first"),
                               member_count(entries, "last"), member_count(entries, "count"));
    if (status == STATUS_OK)
        status = field(walking, err, "Head hash", "%s", report_header_member(header, "head"));
    if (status == STATUS_OK)
        status = field(walking, err, "Root", "%s", report_header_member(header, "root"));
    if (status == STATUS_OK)
        status = checkpoint_fields(walking, err);
    if (status == STATUS_OK)
        status = field(walking, err, "Population", "%lld", member_count(header, "population"));
    if (status == STATUS_OK)
        status = field(walking, err, "Rows", "%lld", member_count(header, "rows"));
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(totals); i++) {
        const json_t *one = json_array_get(totals, i);
        const char *currency = report_header_member(one, "currency");
        if (json_object_get(one, "debit") != NULL)
            status = field(walking, err, i == 0 ? "Totals" : "", "%s debit %s, credit %s, absolute %s", currency,
                           report_header_member(one, "debit"), report_header_member(one, "credit"),
                           report_header_member(one, "absolute"));
        else
            status = field(walking, err, i == 0 ? "Totals" : "", "%s absolute %s", currency,
                           report_header_member(one, "absolute"));
    }
    return status;
}

enum status report_header_walk(const json_t *header, report_field_step *step, void *context, struct err *err)
{
    const struct walking walking = {.header = header, .step = step, .context = context};
    const json_t *labels = json_object_get(header, "labels");
    char footer[REPORT_FOOTER_BYTES];
    enum status status = asked_fields(&walking, err);
    if (status == STATUS_OK)
        status = run_fields(&walking, err);
    if (status == STATUS_OK)
        status = count_fields(&walking, err);
    if (status == STATUS_OK)
        status = field(&walking, err, "Body SHA-256", "%s", report_header_member(header, "body_sha256"));
    if (status == STATUS_OK)
        status = field(&walking, err, "Header SHA-256", "%s", report_header_member(header, "header_sha256"));
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(labels); i++)
        status = field(&walking, err, i == 0 ? "Note" : "", "%s", json_string_value(json_array_get(labels, i)));
    report_header_footer(header, footer);
    return status == STATUS_OK ? field(&walking, err, "Completeness", "%s", footer) : status;
}

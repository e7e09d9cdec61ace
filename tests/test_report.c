/*
 * Reports: what is counted and left out, the header block, the same body in every format, and whatever is changed in a file named.
 * Rows are made up here; the last tests ask the reports of the table of a company's book.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/report/check.h"
#include "audit/report/header.h"
#include "audit/report/page.h"
#include "audit/report/period.h"
#include "audit/report/read.h"
#include "audit/report/run.h"
#include "audit/report/sql.h"
#include "audit/report/write.h"
#include "audit/sql/sql.h"
#include "audit/verify/verify.h"
#include "tests/support/company.h"

/* --- a source of made-up rows --- */

enum { COLUMNS = 9, ROWS = 6 };

static const char *const names[COLUMNS] = {"id", "note", "n", "amount", "currency", "day", "entity", "side", "user"};
static const char *const table[ROWS][COLUMNS] = {
    {"A-1", "<script>alert('x')</script> & \"more\"", "1", "120000", "USD", "2026-01-31", "US01", "credit", "joe"},
    {"A-2", "=1+1", "22", "-5", "USD", "2026-02-01", "US01", "debit", "joe"},
    {"A-3", NULL, NULL, "1200", "JPY", "2026-02-28", "US01", "credit", "mia"},
    {"A-4", "a,b \"c\"", "1234567", NULL, "KWD", "2026-03-01", "UK01", "credit", "mia"},
    {"A-5", " \xC3\xA9t\xC3\xA9 ", "0", "1999", "KWD", "2026-03-31", "UK01", "debit", "joe"},
    {"A-6", "-12.50", "9", "9223372036854775807", "JPY", "2026-04-01", "UK01", NULL, "mia"},
};

struct made_up {
    const char *fiscal_month, *second_month;
    size_t rows;
};

/* A policy of two entities. */
static enum status give_policy(report_row_step *step, void *context, const char *const months[2], struct err *err)
{
    static const char *const name = "compiled";
    char text[256];
    snprintf(text, sizeof text,
             "{\"entities\":[{\"entity\":\"UK01\",\"fiscal_month\":%s},{\"entity\":\"US01\",\"fiscal_month\":%s}]}",
             months[0] != NULL ? months[0] : "1",
             months[1] != NULL   ? months[1]
             : months[0] != NULL ? months[0]
                                 : "1");
    const char *value = text;
    const struct report_row row = {.count = 1, .names = &name, .values = &value};
    return step(context, &row, err);
}

static enum status made_up_query(void *context, const char *sql, const struct report_binding *bindings,
                                 report_row_step *step, void *step_context, struct err *err)
{
    const struct made_up *made_up = context;
    enum status status = STATUS_OK;
    (void)bindings;
    if (strstr(sql, "FROM policy") != NULL) {
        const char *const months[] = {made_up->fiscal_month, made_up->second_month};
        return give_policy(step, step_context, months, err);
    }
    for (size_t i = 0; status == STATUS_OK && i < made_up->rows; i++) {
        const struct report_row row = {.count = COLUMNS, .names = names, .values = table[i]};
        status = step(step_context, &row, err);
    }
    return status;
}

static const struct report_column columns[] = {{.name = "id"},
                                               {.name = "note"},
                                               {.name = "n", .type = REPORT_COUNT},
                                               {.name = "amount", .type = REPORT_AMOUNT, .currency = "currency"},
                                               {.name = "currency"},
                                               {.name = "day", .type = REPORT_DATE},
                                               {.name = NULL}};
static const struct report_filter filters[] = {
    {"period", "day", "day"}, {"entity", "entity", NULL}, {"user", "user", NULL}, {NULL, NULL, NULL}};
static const struct report sample = {.id = "R-99",
                                     .version = 3,
                                     .title = "Sample <title>",
                                     .question = "What & why?",
                                     .columns = columns,
                                     .filters = filters,
                                     .sql = "rows",
                                     .total = "amount",
                                     .total_currency = "currency",
                                     .total_side = "side"};

static struct report_facts facts_of(void)
{
    struct report_facts facts = {.release = "1.2.3",
                                 .exe = "0123456789abcdef",
                                 .name = "ledger.example/ar",
                                 .base = "USD",
                                 .entries = 42,
                                 .last_seq = 41,
                                 .dense = true,
                                 .embedded = 40,
                                 .simulated = true,
                                 .checkpoint_count = 1};
    memset(facts.book, 'b', HASH_HEX_CHARS);
    memset(facts.head, 'e', HASH_HEX_CHARS);
    memset(facts.root, 'f', HASH_HEX_CHARS);
    facts.checkpoints = json_pack("[{s:i, s:i, s:[s, s], s:i}]", "number", 0, "signature_count", 2, "signatures",
                                  "ledger.example/ar/0", "witness.example", "size", 40);
    return facts;
}

struct asked {
    struct made_up made_up;
    struct report_source source;
    struct report_facts facts;
    struct report_made *made;
};

/* Asks the sample; values in the order of report_parameters: period, entity, kind, customer, user, control. */
static enum status ask(struct asked *asked, const char *period, const char *entity, const char *user, struct err *err)
{
    *asked = (struct asked){.made_up = {.fiscal_month = "1", .rows = ROWS}, .facts = facts_of()};
    asked->source = (struct report_source){.query = made_up_query, .context = &asked->made_up};
    const struct report_ask question = {.report = &sample,
                                        .values = {period, entity, NULL, NULL, user, NULL},
                                        .now_ms = INT64_C(1800000000000),
                                        .by = "audrey"};
    return report_make(&question, &asked->source, &asked->facts, &asked->made, err);
}

static void forget(struct asked *asked)
{
    report_made_free(asked->made);
    report_facts_done(&asked->facts);
}

/* --- bytes --- */

struct bytes {
    char *text;
    size_t length;
};

static enum status keep(void *context, struct slice more, struct err *err)
{
    struct bytes *bytes = context;
    (void)err;
    bytes->text = realloc(bytes->text, bytes->length + more.length + 1);
    assert_non_null(bytes->text);
    memcpy(bytes->text + bytes->length, more.bytes, more.length);
    bytes->length += more.length;
    bytes->text[bytes->length] = '\0';
    return STATUS_OK;
}

static struct bytes written(struct asked *asked, enum report_format format)
{
    struct bytes bytes = {.text = NULL};
    const struct export_sink sink = {.write = keep, .context = &bytes};
    const struct report_rows rows = report_made_rows(asked->made);
    struct err err = {.status = STATUS_OK};
    if (report_write(format, report_made_header(asked->made), &rows, &sink, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    return bytes;
}

static struct bytes sidecar(struct asked *asked)
{
    struct bytes bytes = {.text = NULL};
    const struct export_sink sink = {.write = keep, .context = &bytes};
    assert_int_equal(report_write_sidecar(report_made_header(asked->made), &sink, NULL), STATUS_OK);
    return bytes;
}

static long long count_in(const json_t *header, const char *name)
{
    return (long long)json_integer_value(json_object_get(header, name));
}

/* --- what is counted --- */

static void rows_are_filtered_counted_and_added_up(void **state)
{
    struct asked asked;
    char footer[REPORT_FOOTER_BYTES];
    (void)state;
    assert_int_equal(ask(&asked, "2026-Q1", NULL, NULL, NULL), STATUS_OK);
    const json_t *header = report_made_header(asked.made), *totals = json_object_get(header, "totals");
    assert_int_equal(count_in(header, "population"), 6);
    assert_int_equal(count_in(header, "rows"), 5);
    assert_int_equal(json_array_size(totals), 3);
    const json_t *kwd = json_array_get(totals, 1), *usd = json_array_get(totals, 2);
    assert_string_equal(report_header_member(kwd, "currency"), "KWD");
    assert_string_equal(report_header_member(kwd, "debit"), "1.999");
    assert_string_equal(report_header_member(usd, "credit"), "1200.00");
    assert_string_equal(report_header_member(usd, "debit"), "-0.05");
    assert_string_equal(report_header_member(usd, "absolute"), "1200.05");
    report_header_footer(header, footer);
    assert_string_equal(footer, "complete: sequences 0..41 dense, 42 events, 1 excluded by filter (period 1)");
    forget(&asked);

    assert_int_equal(ask(&asked, "2026-02-01..2026-04-01", "UK01", "mia", NULL), STATUS_OK);
    header = report_made_header(asked.made);
    assert_int_equal(count_in(header, "rows"), 2);
    report_header_footer(header, footer);
    assert_non_null(strstr(footer, "4 excluded by filter (period 1, entity 2, user 1)"));
    forget(&asked);
}

static void what_is_not_dense_is_not_called_complete(void **state)
{
    struct asked asked;
    char footer[REPORT_FOOTER_BYTES];
    (void)state;
    assert_int_equal(ask(&asked, NULL, NULL, NULL, NULL), STATUS_LIMIT); /* 1,200 and the largest yen there are */
    forget(&asked);
    asked = (struct asked){.made_up = {.fiscal_month = "1", .rows = 5}, .facts = facts_of()};
    asked.facts.dense = false;
    asked.source = (struct report_source){.query = made_up_query, .context = &asked.made_up};
    const struct report_ask question = {.report = &sample, .by = "audrey"};
    assert_int_equal(report_make(&question, &asked.source, &asked.facts, &asked.made, NULL), STATUS_OK);
    report_header_footer(report_made_header(asked.made), footer);
    assert_string_equal(footer, "INCOMPLETE: sequences 0..41 NOT DENSE, 42 events, 0 excluded by filter");
    forget(&asked);
}

static void parameters_that_mean_nothing_are_refused(void **state)
{
    struct asked asked;
    struct err err = {.status = STATUS_OK};
    (void)state;
    assert_int_equal(ask(&asked, "2026-13", NULL, NULL, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "--period: '2026-13': the months of a year are 01 to 12"));
    forget(&asked);
    assert_int_equal(ask(&asked, NULL, "", NULL, &err), STATUS_INPUT);
    forget(&asked);
    assert_int_equal(ask(&asked, NULL, "a\nb", NULL, &err), STATUS_INPUT);
    forget(&asked);
    const struct report_ask question = {.report = &sample, .values = {[2] = "credit-note"}, .by = "audrey"};
    asked.facts = facts_of();
    assert_int_equal(report_make(&question, &asked.source, &asked.facts, &asked.made, &err), STATUS_INPUT);
    assert_string_equal(err.text, "--kind: R-99 has nothing to choose by it; it takes --period, --entity, --user");
    report_facts_done(&asked.facts);
}

/* --- formats --- */

static void text_from_the_book_is_text_in_every_format(void **state)
{
    struct asked asked;
    (void)state;
    assert_int_equal(ask(&asked, "2026-Q1", NULL, NULL, NULL), STATUS_OK);
    struct bytes csv = written(&asked, REPORT_CSV), json = written(&asked, REPORT_JSON),
                 html = written(&asked, REPORT_HTML);
    assert_non_null(strstr(csv.text, "id,note,n,amount,currency,day\r\n"));
    assert_non_null(strstr(csv.text, "A-2,'=1+1,22,-0.05,USD,2026-02-01\r\n"));
    assert_non_null(strstr(csv.text, "A-3,,,1200,JPY,2026-02-28\r\n"));
    assert_non_null(strstr(csv.text, "A-4,\"a,b \"\"c\"\"\",1234567,,KWD,2026-03-01\r\n"));
    assert_non_null(strstr(json.text, "\"note\":\"=1+1\""));
    assert_non_null(strstr(json.text, "\"amount\":\"1200.00\""));
    assert_non_null(strstr(json.text, "\"n\":1234567"));
    assert_non_null(strstr(json.text, "\"amount\":null"));
    assert_null(strstr(html.text, "<script"));
    assert_non_null(strstr(html.text, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;more&quot;"));
    assert_non_null(strstr(html.text, "<title>R-99 Sample &lt;title&gt;</title>"));
    assert_non_null(strstr(html.text, "default-src 'none'; style-src 'sha256-"));
    assert_non_null(strstr(html.text, ">1,234,567</td>"));
    assert_non_null(strstr(html.text, ">-0.05</td>"));
    free(csv.text);
    free(json.text);
    free(html.text);
    forget(&asked);
}

struct findings {
    size_t count;
    char texts[8][512];
};

static void found(void *context, const char *text)
{
    struct findings *findings = context;
    assert_in_range(findings->count, 0, 7);
    snprintf(findings->texts[findings->count++], sizeof findings->texts[0], "%s", text);
}

static enum status checked(enum report_format format, struct bytes file, struct bytes beside, struct findings *findings)
{
    json_t *header = NULL;
    *findings = (struct findings){.count = 0};
    const struct report_checking checking = {.format = format,
                                             .file = slice_of(file.text, file.length),
                                             .sidecar = slice_of(beside.text, beside.length),
                                             .found = found,
                                             .context = findings};
    enum status status = report_check(&checking, &header, NULL);
    json_decref(header);
    return status;
}

static void the_body_is_the_same_in_every_format_and_twice(void **state)
{
    struct asked asked, again;
    struct findings findings;
    (void)state;
    assert_int_equal(ask(&asked, "2026-Q1", NULL, NULL, NULL), STATUS_OK);
    assert_int_equal(ask(&again, "2026-Q1", NULL, NULL, NULL), STATUS_OK);
    struct bytes beside = sidecar(&asked);
    for (int i = 0; i < REPORT_FORMAT_COUNT; i++) {
        const enum report_format format = (enum report_format)i;
        struct bytes one = written(&asked, format), two = written(&again, format);
        assert_int_equal(one.length, two.length);
        assert_memory_equal(one.text, two.text, one.length);
        assert_int_equal(report_sniff(slice_of(one.text, one.length)), format);
        assert_int_equal(checked(format, one, beside, &findings), STATUS_OK); /* hashes the rows that it reads back */
        assert_int_equal(findings.count, 0);
        free(one.text);
        free(two.text);
    }
    free(beside.text);
    forget(&asked);
    forget(&again);
}

static void another_moment_changes_nothing_else(void **state)
{
    struct asked asked;
    struct report_made *later = NULL;
    (void)state;
    assert_int_equal(ask(&asked, "2026-Q1", NULL, NULL, NULL), STATUS_OK);
    const struct report_ask question = {
        .report = &sample, .values = {"2026-Q1"}, .now_ms = INT64_C(1800000001000), .by = "audrey"};
    assert_int_equal(report_make(&question, &asked.source, &asked.facts, &later, NULL), STATUS_OK);
    json_t *one = json_copy((json_t *)(uintptr_t)report_made_header(asked.made));
    json_t *two = json_copy((json_t *)(uintptr_t)report_made_header(later));
    assert_false(json_equal(one, two));
    static const char *const varies[] = {"run_at", "header_sha256"};
    for (size_t i = 0; i < 2; i++) {
        json_object_del(one, varies[i]);
        json_object_del(two, varies[i]);
    }
    assert_true(json_equal(one, two));
    json_decref(one);
    json_decref(two);
    report_made_free(later);
    forget(&asked);
}

/* Replaces the first `from` by `to`, of the same length or not. */
static struct bytes changed(struct bytes file, const char *from, const char *to)
{
    const char *at = memmem(file.text, file.length, from, strlen(from));
    assert_non_null(at);
    const size_t before = (size_t)(at - file.text), after = file.length - before - strlen(from);
    struct bytes copy = {.text = NULL};
    assert_int_equal(keep(&copy, slice_of(file.text, before), NULL), STATUS_OK);
    assert_int_equal(keep(&copy, slice_of(to, strlen(to)), NULL), STATUS_OK);
    assert_int_equal(keep(&copy, slice_of(at + strlen(from), after), NULL), STATUS_OK);
    return copy;
}

static void each_change_is_named(void **state)
{
    static const struct {
        enum report_format format;
        const char *from, *to, *says;
    } cases[] = {
        {REPORT_CSV, "A-2", "B-2", "the body was changed"},
        {REPORT_CSV, "A-3,,,1200,JPY,2026-02-28\r\n", "", "the body was changed"},
        {REPORT_JSON, "\"A-2\"", "\"B-2\"", "the body was changed"},
        {REPORT_JSON, "\"rows\":5", "\"rows\":4", "the header block was changed"},
        {REPORT_JSON, "\"1200.05\"", "\"1200.06\"", "the header block was changed"},
        {REPORT_JSON, "\"population\":6", "\"population\":7", "the header block was changed"},
        {REPORT_JSON, "]}\n", "]}\n ", "it differs from what"},
        {REPORT_HTML, ">A-2<", ">B-2<", "the body was changed"},
        {REPORT_HTML, ">1,234,567</td>", ">1,234,568</td>", "the body was changed"},
        {REPORT_HTML, ">1,234,567</td>", ">12,34,567</td>", "it differs from what"},
        {REPORT_HTML, "<dd>6</dd>", "<dd>7</dd>", "it differs from what"},
        {REPORT_HTML, "<h1>", "<h1>Not ", "it differs from what"},
        {REPORT_HTML, "default-src 'none'", "default-src *", "it differs from what"},
        {REPORT_HTML, "</tbody>", "</tbody><tbody><tr><td>A-7</td></tr></tbody>", "it differs from what"},
        {REPORT_HTML, "&quot;rows&quot;:5", "&quot;rows&quot;:4", "the header block was changed"},
    };
    struct asked asked;
    struct findings findings;
    (void)state;
    assert_int_equal(ask(&asked, "2026-Q1", NULL, NULL, NULL), STATUS_OK);
    struct bytes beside = sidecar(&asked);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bytes file = written(&asked, cases[i].format);
        struct bytes other = changed(file, cases[i].from, cases[i].to);
        assert_int_equal(checked(cases[i].format, other, beside, &findings), STATUS_OK);
        if (findings.count == 0 || strncmp(findings.texts[0], cases[i].says, strlen(cases[i].says)) != 0)
            fail_msg("case %zu: '%s', expected '%s'", i, findings.count > 0 ? findings.texts[0] : "", cases[i].says);
        free(file.text);
        free(other.text);
    }
    struct bytes file = written(&asked, REPORT_CSV), other = changed(beside, "\"R-99\"", "\"R-98\"");
    assert_int_equal(checked(REPORT_CSV, file, other, &findings), STATUS_OK);
    assert_non_null(strstr(findings.texts[0], "the header block was changed"));
    free(file.text);
    free(other.text);
    free(beside.text);
    forget(&asked);
}

/* Cut anywhere and with any bit turned: an answer, never a crash; and never without a finding. */
static void files_that_are_cut_or_spoiled_are_never_believed(void **state)
{
    static const enum report_format formats[] = {REPORT_JSON, REPORT_HTML, REPORT_XLSX};
    struct asked asked;
    struct findings findings;
    (void)state;
    assert_int_equal(ask(&asked, "2026-Q1", NULL, NULL, NULL), STATUS_OK);
    for (size_t i = 0; i < 3; i++) {
        struct bytes file = written(&asked, formats[i]);
        const size_t step = formats[i] == REPORT_XLSX ? 149 : 31;
        for (size_t at = 0; at < file.length; at += step) {
            const struct bytes cut = {.text = malloc(at + 1), .length = at};
            assert_non_null(cut.text);
            memcpy(cut.text, file.text, at);
            enum status status = checked(formats[i], cut, cut, &findings);
            assert_true(status == STATUS_INPUT || (status == STATUS_OK && findings.count > 0));
            free(cut.text);
            file.text[at] ^= 4;
            status = checked(formats[i], file, file, &findings);
            file.text[at] ^= 4;
            assert_true(status == STATUS_INPUT || status == STATUS_LIMIT ||
                        (status == STATUS_OK && findings.count > 0));
        }
        free(file.text);
    }
    forget(&asked);
}

static void a_workbook_has_numbers_and_exact_text(void **state)
{
    struct asked asked;
    char *sheet = NULL;
    size_t length = 0;
    (void)state;
    assert_int_equal(ask(&asked, "2026-Q1", NULL, NULL, NULL), STATUS_OK);
    struct bytes file = written(&asked, REPORT_XLSX);
    assert_int_equal(report_unzip(slice_of(file.text, file.length), "xl/worksheets/sheet2.xml", &sheet, &length, NULL),
                     STATUS_OK);
    assert_non_null(strstr(sheet, "<t>=1+1</t>"));
    assert_null(strstr(sheet, "<f>"));
    assert_non_null(strstr(sheet, "<v>-0.05</v>"));
    assert_non_null(strstr(sheet, "<t>-0.05</t>"));
    assert_non_null(strstr(sheet, "<t>amount (exact)</t>"));
    assert_non_null(strstr(sheet, "state=\"frozen\""));
    assert_non_null(strstr(sheet, "<autoFilter"));
    free(sheet);
    assert_int_equal(report_unzip(slice_of(file.text, file.length), "xl/worksheets/sheet3.xml", &sheet, &length, NULL),
                     STATUS_INPUT);
    free(file.text);
    forget(&asked);
}

/* --- the table of reports --- */

/* DOMAIN 4.5, in snake_case. */
static const struct {
    const char *id, *columns;
} domain[] = {
    {"R-01", "journal,from_seq,to_seq,events,head_hash,checkpoints_ok,signatures_ok,signatures_bad,gaps,out_of_order,"
             "unknown_keys,control_reperformance_mismatches,result"},
    {"R-02", "seq,doc_id,type,entity,customer,group,invoice,currency,amount,functional,reporting,reason,document_date,"
             "effective,period,entered_by,entered_at,channel,state,approvals,posted_at,policy_version,content_hash"},
    {"R-03",
     "entity,period,type,currency,count_journal,count_extract,count_gl,sum_journal,sum_extract,sum_gl,difference,"
     "explanation"},
    {"R-04", "doc_id,level,approver,person,role,limit,on_behalf_of,delegation_id,decision,at,approved_hash,posted_hash,"
             "match"},
    {"R-05", "doc_id,stage,control_id,result,rule_text,inputs,policy_hash"},
    {"R-06", "group_key,window,documents,sum,limit,level_required,level_obtained"},
    {"R-07", "preparer,approver,n,share,amount,flag"},
    {"R-08", "pair_ids,customer,invoice,amount,days_apart,match_rule,disposition"},
    {"R-09", "id,from,to,scope,limit,valid_from,valid_to,granted_by,used_n,amount,revoked_at"},
    {"R-10", "id,customer,invoice,amount,opened,owner,days,reopened_n,outcome,credit_id"},
    {"R-11",
     "customer,old,new,kind,valid_to,exposure,over_percent,risk_class,requested_by,approvers,expired_at,renewals"},
    {"R-12", "person,accounts,role_a,role_b,rule,severity,since,mitigation_id"},
    {"R-13", "id,rule,owner,reviewer,expiry,uses,last_review,result"},
    {"R-14",
     "user,person,kind,roles,limits,delegations,last_event,manager_decision,role_owner_decision,at,executed_at"},
    {"R-15", "person,hr_start,hr_end,first_grant,revoke,lag_days,events_after_end"},
    {"R-16", "change_id,object,before,after,proposed_by,approved_by,effective_from,ticket"},
    {"R-17", "entity,period,from_state,to_state,by,at,exception_id,docs_posted_under_exception"},
    {"R-18", "id,opened_by,second,reason,scope,start,end,actions,reviewer,reviewed_at,conclusion"},
    {"R-19", "key_id,fingerprint,owner,kind,enrolled,valid_to,rotated_from,revoked,reason,suspect_from,events_signed"},
    {"R-20", "test,doc_id,metric,threshold,disposition,by,at"},
};

static void columns_are_those_of_the_domain(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof domain / sizeof domain[0]; i++) {
        const struct report *report = report_find(domain[i].id);
        char list[1024] = "";
        assert_non_null(report);
        for (const struct report_column *column = report->columns; column->name != NULL; column++) {
            strncat(list, list[0] != '\0' ? "," : "", sizeof list - strlen(list) - 1);
            strncat(list, column->name, sizeof list - strlen(list) - 1);
        }
        assert_string_equal(list, domain[i].columns);
    }
    for (size_t i = 1; i < report_count; i++)
        assert_true(strcmp(reports[i - 1]->id, reports[i]->id) < 0);
}

static void a_certificate_says_what_a_verification_found(void **state)
{
    struct verify_result result = {
        .entries = 100, .signatures = 120, .checkpoints = 2, .complete = true, .redecided = true};
    struct report_verified verified = {.result = &result, .unknown_keys = 1};
    struct report_facts facts;
    struct report_made *made = NULL;
    const struct report_source none = {.query = NULL};
    (void)state;
    const struct finding of_a_key = {.check = CHECK_SIGNATURES, .text = "is not signed by a key of maria"};
    const struct finding of_bytes = {.check = CHECK_SIGNATURES, .text = "maria's signature does not cover these bytes"};
    verified.unknown_keys = 0;
    report_verified_hear(&verified, &of_a_key);
    report_verified_hear(&verified, &of_bytes);
    report_verified_hear(&verified, &of_bytes);
    assert_int_equal(verified.unknown_keys, 1);
    result.findings[CHECK_SIGNATURES] = 3;
    result.findings[CHECK_ENTRIES] = 4;
    result.findings[CHECK_CHAIN] = 5;
    result.findings[CHECK_DECISIONS] = 6;
    result.finding_count = 18;
    const struct report_ask question = {.report = report_find("R-01"), .by = "audrey", .verified = &verified};
    report_facts_verified(&result, &facts);
    assert_int_equal(report_make(&question, &none, &facts, &made, NULL), STATUS_OK);
    struct asked asked = {.facts = facts, .made = made};
    struct bytes csv = written(&asked, REPORT_CSV);
    assert_non_null(strstr(csv.text, ",2,120,2,4,5,1,6,18 findings\r\n"));
    free(csv.text);
    forget(&asked);
}

/* A company that corrected something, was refused something, and let something wait. */
static void a_book(struct company *company)
{
    company_open(company, NULL);
    free(company_post(company, "maria", company_credit_note(company, "16446", "581483", "120.00"), 0));
    free(company_post(company, "joe", company_credit_note(company, "10442", "40251", "1200.00"), 1));
    free(company_post(company, "joe", company_credit_note(company, "16447", "700001", "300.00"), 1));
    free(company_wait(company, "maria", company_credit_note(company, "16446", "581484", "900.00")));
    json_decref(company_submit(company, "joe", company_credit_note(company, "16446", "581484", "5000.00")));
    company_reopen(company);
}

static struct sql *tables_of(const struct company *company, struct report_source *ret_source,
                             struct report_facts *ret_facts)
{
    const struct journal_options read_only = {.read_only = true};
    const struct sql_options options = {.release = "test", .exe = "0000000000000000"};
    struct journal *journal = NULL;
    struct sql *sql = NULL;
    struct err err = {.status = STATUS_OK};
    if (journal_open(company->book, &read_only, &journal, &err) != STATUS_OK ||
        sql_build(journal, &options, &sql, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    *ret_source = report_source_sql(sql);
    assert_int_equal(report_facts_query(ret_source, ret_facts, NULL), STATUS_OK);
    assert_int_equal(report_facts_checkpoints(ret_facts, journal, NULL), STATUS_OK);
    journal_close(journal);
    return sql;
}

static const char *value_for(const char *parameter)
{
    static const char *const values[][2] = {{"period", "2020-01-01..2030-12-31"},
                                            {"entity", "US01"},
                                            {"kind", "credit-note"},
                                            {"customer", "16446"},
                                            {"user", "maria"},
                                            {"control", "C-02"}};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        if (strcmp(values[i][0], parameter) == 0)
            return values[i][1];
    return NULL;
}

/* Each alone and with each of its parameters: it runs, and what stays and what is left out are its population. */
static void every_report_answers_of_a_book(void **state)
{
    struct company company = {.keep = false};
    struct asked asked;
    struct err err = {.status = STATUS_OK};
    (void)state;
    a_book(&company);
    struct sql *sql = tables_of(&company, &asked.source, &asked.facts);
    for (size_t i = 0; i < report_count; i++) {
        if (reports[i]->certify != NULL)
            continue;
        for (size_t k = 0; k == 0 || report_parameters[k - 1] != NULL; k++) {
            struct report_ask question = {.report = reports[i], .by = "audrey"};
            bool takes = k == 0;
            for (const struct report_filter *filter = reports[i]->filters; k > 0 && filter->parameter != NULL; filter++)
                takes = takes || strcmp(filter->parameter, report_parameters[k - 1]) == 0;
            if (k > 0)
                question.values[k - 1] = value_for(report_parameters[k - 1]);
            if (k > 0 && reports[i]->rows != NULL && strcmp(report_parameters[k - 1], "control") == 0)
                question.values[k - 1] = "C-46";
            enum status status = report_make(&question, &asked.source, &asked.facts, &asked.made, &err);
            if (!takes) {
                assert_int_equal(status, STATUS_INPUT);
                continue;
            }
            if (status != STATUS_OK)
                fail_msg("%s: %s", reports[i]->id, err.text);
            const json_t *header = report_made_header(asked.made), *excluded = json_object_get(header, "excluded");
            long long left = json_array_size(excluded) > 0 ? count_in(json_array_get(excluded, 0), "count") : 0;
            if (reports[i]->population == NULL)
                assert_int_equal(count_in(header, "population"), count_in(header, "rows") + left);
            struct bytes html = written(&asked, REPORT_HTML);
            free(html.text);
            report_made_free(asked.made);
        }
    }
    report_facts_done(&asked.facts);
    sql_close(sql);
    company_close(&company);
}

static struct bytes page_of(struct asked *asked, const char *period, struct err *err)
{
    struct bytes bytes = {.text = NULL};
    const struct export_sink sink = {.write = keep, .context = &bytes};
    struct report_page *page = NULL;
    const struct report_ask question = {.values = {period, "US01"}, .now_ms = INT64_C(1800000000000), .by = "audrey"};
    if (report_page_make(&question, &asked->source, &asked->facts, &page, err) == STATUS_OK)
        assert_int_equal(report_page_write(page, &sink, NULL), STATUS_OK);
    report_page_free(page);
    return bytes;
}

static void assert_page_refused(struct bytes page, const char *from, const char *to, const char *said)
{
    struct err err = {.status = STATUS_OK};
    json_t *header = NULL;
    struct bytes other = changed(page, from, to);
    const struct report_checking checking = {.format = REPORT_HTML, .file = slice_of(other.text, other.length)};
    assert_int_equal(report_page_check(&checking, &header, &err), STATUS_INPUT);
    assert_string_equal(err.text, said);
    assert_null(header);
    free(other.text);
}

static void the_period_report_is_one_page_that_can_be_checked(void **state)
{
    struct company company = {.keep = false};
    struct asked asked;
    struct findings findings;
    struct err err = {.status = STATUS_OK};
    (void)state;
    a_book(&company);
    struct sql *sql = tables_of(&company, &asked.source, &asked.facts);
    struct bytes page = page_of(&asked, "2026-Q1", &err), again = page_of(&asked, "2026-Q1", &err);
    assert_int_equal(page.length, again.length);
    assert_memory_equal(page.text, again.text, page.length);
    assert_non_null(
        strstr(page.text, "Corrections posted</span><span class=\"much\">3</span><span class=\"more\">1,620.00 USD"));
    assert_non_null(strstr(page.text, "Waiting</span><span class=\"much\">1</span><span class=\"more\">900.00 USD"));
    assert_null(strstr(page.text, "<script"));
    assert_int_equal(checked(REPORT_HTML, page, page, &findings), STATUS_OK);
    assert_int_equal(findings.count, 0);
    static const char *const changes[][3] = {{"1,620.00", "1,630.00", "the body was changed"},
                                             {"<rect x=", "<rect y=", "the body was changed"},
                                             {"<dt>Population", "<dt>population", "it differs from what"},
                                             {"2026-01-01 to", "2026-01-02 to", "it differs from what"}};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct bytes other = changed(page, changes[i][0], changes[i][1]);
        assert_int_equal(checked(REPORT_HTML, other, other, &findings), STATUS_OK);
        assert_int_not_equal(findings.count, 0);
        assert_non_null(strstr(findings.texts[0], changes[i][2]));
        free(other.text);
    }
    struct bytes empty = page_of(&asked, "2020-01", &err);
    assert_non_null(strstr(empty.text, "nothing in this period"));
    assert_null(page_of(&asked, NULL, &err).text);
    assert_non_null(strstr(err.text, "the period report wants one"));
    /* A time of more than half a year is drawn in months, and what is spoiled around the body is no page. */
    struct bytes years = page_of(&asked, "2024-01-01..2026-12-31", &err);
    assert_non_null(strstr(page.text, "Week of"));
    assert_non_null(strstr(years.text, "Jan 24"));
    assert_page_refused(page, "<main>", "<mein>", "no report: the page has no <main>");
    assert_page_refused(page, "</main>", "</mein>", "no report: its <main> has no end");
    const struct report_ask of_joe = {.values = {"2026-Q1", NULL, NULL, NULL, "joe"}};
    struct report_page *none = NULL;
    assert_int_equal(report_page_make(&of_joe, &asked.source, &asked.facts, &none, &err), STATUS_INPUT);
    assert_string_equal(err.text, "--user: the period report is about all corrections; it takes --period and --entity");
    free(years.text);
    free(empty.text);
    free(page.text);
    free(again.text);
    report_facts_done(&asked.facts);
    sql_close(sql);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_filtered_counted_and_added_up),
        cmocka_unit_test(what_is_not_dense_is_not_called_complete),
        cmocka_unit_test(parameters_that_mean_nothing_are_refused),
        cmocka_unit_test(text_from_the_book_is_text_in_every_format),
        cmocka_unit_test(the_body_is_the_same_in_every_format_and_twice),
        cmocka_unit_test(another_moment_changes_nothing_else),
        cmocka_unit_test(each_change_is_named),
        cmocka_unit_test(files_that_are_cut_or_spoiled_are_never_believed),
        cmocka_unit_test(a_workbook_has_numbers_and_exact_text),
        cmocka_unit_test(columns_are_those_of_the_domain),
        cmocka_unit_test(a_certificate_says_what_a_verification_found),
        cmocka_unit_test(every_report_answers_of_a_book),
        cmocka_unit_test(the_period_report_is_one_page_that_can_be_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Policies in words: the diff names every change and no other, and a document whose text and compiled form differ is not
 * to be signed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "cli/policy_diff.h"
#include "cli/policy_show.h"
#include "cli/policy_text.h"
#include "controls/compiler/compile.h"
#include "ledger/base64.h"
#include "tests/support/cli_stub.h"

static char *yaml;
static size_t yaml_length;

static int read_policy(void **state)
{
    (void)state;
    FILE *file = fopen("controls/policies/us.yaml", "r");
    if (file == NULL)
        return -1;
    yaml = calloc(1, 1 << 20);
    yaml_length = fread(yaml, 1, (1 << 20) - 1, file);
    return fclose(file);
}

static int free_policy(void **state)
{
    (void)state;
    free(yaml);
    return 0;
}

/* The text with the first `from` replaced, which has to be there; gives. */
static char *edited(const char *from, const char *to)
{
    char *at = strstr(yaml, from);
    char *text = calloc(1, yaml_length + strlen(to) + 1);
    assert_non_null(at);
    snprintf(text, yaml_length + strlen(to) + 1, "%.*s%s%s", (int)(at - yaml), yaml, to, at + strlen(from));
    return text;
}

static json_t *compile(const char *text)
{
    const struct compile_input input = {.yaml = text, .length = strlen(text), .file_name = "policy.yaml"};
    json_t *compiled = NULL;
    struct err err = {0};
    if (compile_policy(&input, NULL, NULL, &compiled, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    return compiled;
}

static struct policy *read_compiled(const char *text)
{
    struct policy *policy = NULL;
    struct err err = {0};
    json_t *compiled = compile(text);
    if (policy_read(compiled, &policy, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    json_decref(compiled);
    return policy;
}

static void note(void *context, const char *what, const char *change)
{
    char *text = context;
    size_t used = strlen(text);
    snprintf(text + used, 8192 - used, "%s: %s\n", what, change);
}

static void each_change_is_named_once(void **state)
{
    static const struct {
        const char *from, *to, *there, *back;
    } cases[] = {
        {"{ upto: 2500.00, levels: [1] }", "{ upto: 3000.00, levels: [1] }",
         "row BILLING: level 2 from 2,500.00 to 3,000.00\n", "row BILLING: level 2 from 3,000.00 to 2,500.00\n"},
        {"{ upto: 200.00, levels: [] }", "{ upto: 200.00, levels: [1] }",
         "row BILLING: level 1 from 200.00 to any amount\n", "row BILLING: level 1 from any amount to 200.00\n"},
        {"lapse_days: 14", "lapse_days: 7", "approval: days until a waiting document lapses from 14 to 7\n",
         "approval: days until a waiting document lapses from 7 to 14\n"},
        {"document_max: 500.00", "document_max: 5000.00", "bots: largest document from 500.00 to 5,000.00\n",
         "bots: largest document from 5,000.00 to 500.00\n"},
        {"documents_per_day_max: 200", "documents_per_day_max: 2", "bots: documents in a day from 200 to 2\n",
         "bots: documents in a day from 2 to 200\n"},
        {"sum_per_day_max: 20000.00", "sum_per_day_max: 19999.99", "bots: sum in a day from 20,000.00 to 19,999.99\n",
         "bots: sum in a day from 19,999.99 to 20,000.00\n"},
        {", sum_per_day_max: 20000.00", "", "bots: sum in a day from 20,000.00 to no bound\n",
         "bots: sum in a day from no bound to 20,000.00\n"},
        {"bots: { ", "bots: { kinds: [correction, credit-note], ", "bots: kinds from all to credit-note, correction\n",
         "bots: kinds from credit-note, correction to all\n"},
        {"bots: { ", "bots: { reasons: [TAX, PRICE_ERR], ", "bots: reasons from all to PRICE_ERR, TAX\n",
         "bots: reasons from PRICE_ERR, TAX to all\n"},
        {", run: required", "", "bots: run from required to optional\n", "bots: run from optional to required\n"},
        {"fiscal_year_begins: 1,", "fiscal_year_begins: 7,",
         "entity US01: first month of the fiscal year from 1 to 7\n",
         "entity US01: first month of the fiscal year from 7 to 1\n"},
        {"timezone: America/New_York", "timezone: America/Chicago",
         "entity US01: other clock: days begin at another time\n",
         "entity US01: other clock: days begin at another time\n"},
        {"title: Pricing error", "title: Price wrong", "reason PRICE_ERR: title from Pricing error to Price wrong\n",
         "reason PRICE_ERR: title from Price wrong to Pricing error\n"},
        {"note_bytes_min: 20", "note_bytes_min: 30", "reason GOODWILL: bytes of note from 20 to 30\n",
         "reason GOODWILL: bytes of note from 30 to 20\n"},
        {"evidence: [price-sheet]", "evidence: [contract]",
         "reason PRICE_ERR: evidence gains contract\nreason PRICE_ERR: evidence loses price-sheet\n",
         "reason PRICE_ERR: evidence gains price-sheet\nreason PRICE_ERR: evidence loses contract\n"},
        {"span: 30 days, kinds: [credit-note, correction, write-off, rebill, adjustment]",
         "span: 30 days, kinds: [credit-note]",
         "cumulative: new: by customer, 30 days: credit-note\ncumulative: dropped: by customer, 30 days: "
         "credit-note, correction, write-off, rebill, adjustment\n",
         "cumulative: new: by customer, 30 days: credit-note, correction, write-off, rebill, adjustment\n"
         "cumulative: dropped: by customer, 30 days: credit-note\n"},
        {"functions: [feed.invoices]", "functions: [feed.invoices, read.books]",
         "role FEED_INVOICES: it gains read.books\n", "role FEED_INVOICES: it loses read.books\n"},
        {"    never: [CONTACT, PERIOD, POLICY, ACCESS, AUDIT]\n    document: [DISPUTE]\n",
         "    never: [CONTACT, PERIOD, POLICY, ACCESS]\n    document: [DISPUTE, AUDIT]\n",
         "conflict AUDIT and CASH: kept apart from never to document\n",
         "conflict AUDIT and CASH: kept apart from document to never\n"},
        {"    functions: [feed.invoices]\n", "    functions: [feed.invoices]\n    inherits: [READER]\n",
         "role FEED_INVOICES: it gains read.books\nrole FEED_INVOICES: inheritance gains READER\n",
         "role FEED_INVOICES: it loses read.books\nrole FEED_INVOICES: inheritance loses READER\n"},
        {"cumulative:\n",
         "exclusive:\n  - { set: X, title: X, duties: [LIMIT_PREPARE, CREDIT_PREPARE, WRITE_OFF_PREPARE], fewer_than: "
         "3 }\n"
         "cumulative:\n",
         "exclusive set X: one person holds from none to fewer than 3 of CREDIT_PREPARE, LIMIT_PREPARE, "
         "WRITE_OFF_PREPARE\n",
         "exclusive set X: dropped: one person may hold all of it\n"},
        {"cumulative:\n", "public_email_domains: [gmail.com]\ncumulative:\n",
         "related customers: public e-mail domains gains gmail.com\n",
         "related customers: public e-mail domains loses gmail.com\n"},
        {"    mitigated: [BILLING, DISPUTE, PERIOD]\n", "    mitigated: [BILLING, DISPUTE]\n",
         "conflict MASTER and PERIOD: dropped: one person may hold both\n",
         "conflict MASTER and PERIOD: kept apart from none to mitigated\n"},
        {"{ account: 1000, class: cash, title: Cash at bank }", "{ account: 1000, class: cash, title: Bank }",
         "account 1000: title from Cash at bank to Bank\n", "account 1000: title from Bank to Cash at bank\n"},
        {"title: Exchange differences }\n",
         "title: Exchange differences }\n  - { account: 7911, class: fx, title: Other }\n",
         "account 7911: new: fx, Other\n", "account 7911: dropped\n"},
        {"  - { code: NONE, account: 2200 }\n", "", "tax NONE: dropped\n", "tax NONE: account from none to 2200\n"},
        {"title: Period opening and closing", "title: Closing",
         "duty PERIOD: title from Period opening and closing to Closing\n",
         "duty PERIOD: title from Closing to Period opening and closing\n"},
        {"name: Order-to-cash corrections, United States", "name: Corrections",
         "policy: name from Order-to-cash corrections, United States to Corrections\n",
         "policy: name from Corrections to Order-to-cash corrections, United States\n"},
        {"approval: { lapse_days: 14, list_max: 50 }",
         "break_glass: { controls: [C-37, C-38] }\nreleases: deny\napproval: { lapse_days: 14, list_max: 50 }",
         "emergency access: controls it may relax gains C-37, C-38\nreleases: what is not approved from record to "
         "deny\n",
         "emergency access: controls it may relax loses C-37, C-38\nreleases: what is not approved from deny to "
         "record\n"},
        {"approval: { lapse_days: 14, list_max: 50 }",
         "verification: { from_level: 3, functions: [period.close] }\napproval: { lapse_days: 14, list_max: 50 }",
         "verification: approvals from level (0: none) from 0 to 3\nverification: functions gains period.close\n",
         "verification: approvals from level (0: none) from 3 to 0\nverification: functions loses period.close\n"},
        {"# The policy", "# A policy", "", ""},
    };
    (void)state;
    struct policy *before = read_compiled(yaml);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char there[8192] = "", back[8192] = "";
        char *text = edited(cases[i].from, cases[i].to);
        struct policy *after = read_compiled(text);
        policy_diff(before, after, note, there);
        policy_diff(after, before, note, back);
        assert_string_equal(there, cases[i].there);
        assert_string_equal(back, cases[i].back);
        policy_free(after);
        free(text);
    }
    policy_free(before);
}

static json_t *document_of(const char *text, const char *compiled_from)
{
    char *base64 = NULL;
    struct err err;
    assert_int_equal(base64_encode_new(text, strlen(text), &base64, &err), STATUS_OK);
    json_t *document =
        json_pack("{s:s, s:o, s:i}", "yaml", base64, "compiled", compile(compiled_from), "compiler", COMPILER_VERSION);
    free(base64);
    return document;
}

static void text_and_meaning_have_to_agree(void **state)
{
    struct err err = {0};
    (void)state;
    json_t *document = document_of(yaml, yaml);
    assert_int_equal(policy_document_check(document, &err), STATUS_OK);
    json_object_set_new(document, "compiler", json_integer(2));
    assert_int_equal(policy_document_check(document, &err), STATUS_INPUT);
    json_decref(document);

    char *other = edited("lapse_days: 14", "lapse_days: 15");
    document = document_of(yaml, other);
    assert_int_equal(policy_document_check(document, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "not what its text compiles to"));
    json_decref(document);
    free(other);

    other = edited("lapse_days: 14", "lapse_days: x");
    document = document_of(other, yaml);
    assert_int_equal(policy_document_check(document, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "does not compile"));
    json_object_del(document, "yaml");
    assert_int_equal(policy_document_check(document, &err), STATUS_INPUT);
    json_decref(document);
    free(other);
}

static void every_section_is_shown(void **state)
{
    static const char *const pieces[] = {"ON_ACCOUNT",
                                         "30 days",
                                         "POSTED_IN_ERROR",
                                         "VP_FINANCE",
                                         "WRITE_OFF_PREPARE",
                                         "NEVER WITH",
                                         "US01",
                                         "credit on account",
                                         "> 2,500.00",
                                         "always",
                                         "14",
                                         "is told of by the audit"};
    struct cli_stub stub;
    struct err err;
    (void)state;
    struct policy *policy = read_compiled(yaml);
    cli_stub_init(&stub);
    assert_int_equal(policy_show(&stub.cli, policy, &err), STATUS_OK);
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        if (strstr(cli_stub_out(&stub), pieces[i]) == NULL)
            fail_msg("%s is not shown", pieces[i]);
    for (size_t i = 0; policy_section_name(i) != NULL; i++) {
        cli_stub_clear(&stub);
        assert_int_equal(policy_show_section(&stub.cli, policy, policy_section_name(i), &err), STATUS_OK);
        assert_true(strlen(cli_stub_out(&stub)) > 40);
    }
    assert_int_equal(policy_show_section(&stub.cli, policy, "nothing", &err), STATUS_NOT_FOUND);
    cli_stub_done(&stub);
    policy_free(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_change_is_named_once),
        cmocka_unit_test(text_and_meaning_have_to_agree),
        cmocka_unit_test(every_section_is_shown),
    };
    return cmocka_run_group_tests(tests, read_policy, free_policy) != 0;
}

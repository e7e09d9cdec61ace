/*
 * Compiled policies: each rule of form and meaning broken once, with the path that the finding has to name; look-ups,
 * tiers at their edges, the local calendar, kinds and functions.
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

#include "controls/functions.h"
#include "controls/policy.h"
#include "controls/policy_words.h"
#include "ledger/canon.h"
#include "ledger/instant.h"

/* A policy without a finding. ' stands for ". */
static const char good_text[] =
    "{'accounts':["
    "{'account':'1000','class':'cash','title':'Cash'},"
    "{'account':'1200','class':'receivable','title':'Receivables'},"
    "{'account':'1290','class':'allowance','title':'Allowance'},"
    "{'account':'2150','class':'liability','title':'On account'},"
    "{'account':'2200','class':'tax','title':'Tax'},"
    "{'account':'4000','class':'revenue','title':'Sales'},"
    "{'account':'6800','class':'expense','title':'Written off'}],"
    "'approval':{'lapse_days':14,'list_max':50},"
    "'authority':["
    "{'entities':[],'row':'BILLING','tiers':[{'levels':[],'upto':'200.00'},{'levels':[1],'upto':'2500.00'},"
    "{'levels':[1,2]}]},"
    "{'entities':['DE01'],'row':'BILLING','tiers':[{'levels':[1],'upto':'100.00'},{'levels':[1,2]}]},"
    "{'entities':[],'row':'LIMIT','tiers':[{'levels':[1]}]}],"
    "'base':'USD','bots':{'document_max':'500.00','documents_per_day_max':200},"
    "'conflicts':[{'a':'APPROVE','b':'GOVERN','mode':'never'},{'a':'APPROVE','b':'PREPARE','mode':'never'},"
    "{'a':'GOVERN','b':'PREPARE','mode':'document'}],"
    "'cumulative':[{'by':'invoice','days':0,'kinds':['credit-note','write-off'],'span':'life'},"
    "{'by':'customer','days':30,'kinds':['credit-note'],'span':'days'}],"
    "'duties':["
    "{'duty':'APPROVE','functions':['credit-limit.approve.1','credit-note.approve.1','credit-note.approve.2',"
    "'write-off.approve.1','write-off.approve.2'],'title':'Approving'},"
    "{'duty':'GOVERN','functions':['govern.access','govern.policy'],'title':'Governing'},"
    "{'duty':'PREPARE','functions':['credit-limit.prepare','credit-note.prepare','write-off.prepare'],"
    "'title':'Preparing'}],"
    "'entities':["
    "{'currency':'EUR','entity':'DE01','fiscal_month':1,'offsets':[{'from':'1970-01-01T00:00:00.000Z','"
    "minutes':60},"
    "{'from':'2026-03-29T01:00:00.000Z','minutes':120},{'from':'2026-10-25T01:00:00.000Z','minutes':60}]},"
    "{'currency':'USD','entity':'US01','fiscal_month':1,"
    "'offsets':[{'from':'1970-01-01T00:00:00.000Z','minutes':-300}]}],"
    "'name':'Good',"
    "'postings':{'on_account_account':'2150','on_account_row':'BILLING','receivable_account':'1200'},"
    "'reasons':["
    "{'account':'1290','evidence':['dunning-log'],'kinds':['write-off'],'note_bytes_min':0,'reason':'BAD_"
    "DEBT',"
    "'row':'BILLING','title':'Bad debt'},"
    "{'account':null,'evidence':['financials'],'kinds':['credit-limit'],'note_bytes_min':0,'reason':'CL_"
    "REVIEW',"
    "'row':'LIMIT','title':'Review'},"
    "{'account':'4000','evidence':['price-sheet'],'kinds':['credit-note'],'note_bytes_min':10,'reason':'"
    "PRICE_ERR',"
    "'row':'BILLING','title':'Price'}],"
    "'roles':["
    "{'functions':['credit-limit.prepare','credit-note.prepare','write-off.prepare'],'role':'CLERK','title':'"
    "Clerk'},"
    "{'functions':['credit-limit.approve.1','credit-note.approve.1','write-off.approve.1'],'role':'LEAD',"
    "'title':'Lead'},"
    "{'functions':['credit-note.approve.2','write-off.approve.2'],'role':'MANAGER','title':'Manager'},"
    "{'functions':['govern.access','govern.policy'],'role':'OFFICER','title':'Officer'}],"
    "'taxes':[{'account':'2200','code':'VAT20'}]}";

static json_t *json_of(const char *text)
{
    char *copy = strdup(text);
    assert_non_null(copy);
    for (char *at = copy; *at != '\0'; at++) {
        if (*at == '\'')
            *at = '"';
    }
    json_error_t error;
    json_t *value = json_loads(copy, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    if (value == NULL)
        fail_msg("%s: %s", text, error.text);
    free(copy);
    return value;
}

/* Sets what a path names to a new value; NULL removes it; a path that ends in [+] appends. */
static void set_path(json_t *root, const char *path, const char *text)
{
    json_t *at = root;
    char name[64];
    for (;;) {
        size_t length = strcspn(path, ".[]");
        snprintf(name, sizeof name, "%.*s", (int)length, path);
        path += length;
        if (*path == ']')
            path++;
        bool last = *path == '\0';
        if (*path == '.' || *path == '[')
            path++;
        if (last && json_is_object(at) && text == NULL)
            assert_int_equal(json_object_del(at, name), 0);
        else if (last && json_is_object(at))
            assert_int_equal(json_object_set_new(at, name, json_of(text)), 0);
        else if (last && name[0] == '+')
            assert_int_equal(json_array_append_new(at, json_of(text)), 0);
        else if (last && text == NULL)
            assert_int_equal(json_array_remove(at, strtoul(name, NULL, 10)), 0);
        else if (last)
            assert_int_equal(json_array_set_new(at, strtoul(name, NULL, 10), json_of(text)), 0);
        if (last)
            return;
        at = json_is_object(at) ? json_object_get(at, name) : json_array_get(at, strtoul(name, NULL, 10));
        assert_non_null(at);
        if (*path == '[' || *path == '.')
            path++;
    }
}

struct seen {
    char text[8192];
    size_t errors, warnings;
};

static void see(void *context, const struct policy_finding *finding)
{
    struct seen *seen = context;
    size_t used = strlen(seen->text);
    *(finding->warning ? &seen->warnings : &seen->errors) += 1;
    snprintf(seen->text + used, sizeof seen->text - used, "%s%s: %s\n", finding->warning ? "warning: " : "",
             finding->path, finding->text);
}

struct broken {
    const char *path, *value; /* what is changed in the good policy */
    const char *found;        /* a line that has to be among the findings */
};

/* Each case has to be found, at its path; errors make policy_read refuse and warnings don't. */
static void check_broken(const struct broken *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_t *root = json_of(good_text);
        struct seen seen = {.text = ""};
        struct policy *policy = NULL;
        struct err err = {.text = ""};
        bool warning = strncmp(cases[i].found, "warning: ", 9) == 0;
        set_path(root, cases[i].path, cases[i].value);
        enum status status = policy_check(root, see, &seen);
        if (strstr(seen.text, cases[i].found) == NULL)
            fail_msg("%s = %s: wanted '%s', found:\n%s", cases[i].path, cases[i].value, cases[i].found, seen.text);
        assert_int_equal(status, warning ? STATUS_OK : STATUS_INPUT);
        assert_int_equal(policy_read(root, &policy, &err), warning ? STATUS_OK : STATUS_INPUT);
        if (!warning) {
            assert_null(policy);
            assert_memory_equal(err.text, "policy: ", 8);
        }
        policy_free(policy);
        json_decref(root);
    }
}
#define CHECK_BROKEN(cases) check_broken(cases, sizeof cases / sizeof cases[0])

static void good_policy_has_no_finding(void **state)
{
    (void)state;
    json_t *root = json_of(good_text);
    struct seen seen = {.text = ""};
    assert_int_equal(policy_check(root, see, &seen), STATUS_OK);
    assert_string_equal(seen.text, "");
    json_decref(root);
}

static void form_is_checked(void **state)
{
    (void)state;
    static const struct broken cases[] = {
        {"extra", "1", ": unknown member 'extra'\n"},
        {"verification", "{}", "verification: from_level, functions or both are wanted here\n"},
        {"verification", "[]", "verification: an object is wanted here\n"},
        {"verification", "{'level':2}", "verification: unknown member 'level'\n"},
        {"verification", "{'from_level':0}", "verification.from_level: a whole number from 1 to 9 is wanted\n"},
        {"verification", "{'from_level':10}", "verification.from_level: a whole number from 1 to 9 is wanted\n"},
        {"verification", "{'functions':[]}", "verification.functions: 0 members"},
        {"verification", "{'functions':['approve']}", "verification.functions[0]: 'approve' is not a function\n"},
        {"verification", "{'functions':['period.close','govern.access']}", "verification.functions[1]: stands twice"},
        {"reasons[0].colour", "'red'", "reasons[0]: unknown member 'colour'\n"},
        {"taxes", NULL, ": 'taxes' is missing\n"},
        {"roles[1].title", NULL, "roles[1]: 'title' is missing\n"},
        {"accounts", "{}", "accounts: a list is wanted here\n"},
        {"accounts[0]", "7", "accounts[0]: an object is wanted here\n"},
        {"bots", "[]", "bots: an object is wanted here\n"},
        {"parameters", "[]", "parameters: an object is wanted here\n"},
        {"parameters", "{'no_such_days':1}", "parameters: unknown parameter 'no_such_days'\n"},
        {"authority[0].chain", "false", "authority[0].chain: true is wanted, or nothing\n"},
        {"name", "''", "name: 0 bytes of text, 1 to 200 are wanted\n"},
        {"name", "12", "name: text is wanted here\n"},
        {"name", "'a\\u0007b'", "name: byte 1: character U+0007 is not allowed\n"},
        {"base", "'XXX'", "base: 'XXX' is not a currency of ISO 4217\n"},
        {"entities[0].currency", "'eur'", "entities[0].currency: 'eur' is not a currency of ISO 4217\n"},
        {"accounts[0].account", "'12 00'", "accounts[0].account: '12 00' is not a code"},
        {"accounts[0].class", "'asset'",
         "accounts[0].class: 'asset' is none of receivable, revenue, tax, allowance, expense, liability, "
         "cash, fx, "
         "rounding\n"},
        {"conflicts[0].mode", "'sometimes'", "conflicts[0].mode: 'sometimes' is none of never, document, mitigated\n"},
        {"cumulative[0].by", "'day'", "cumulative[0].by: 'day' is none of invoice, customer, preparer\n"},
        {"cumulative[0].span", "'week'", "cumulative[0].span: 'week' is none of life, days, quarter\n"},
        {"approval.lapse_days", "0", "approval.lapse_days: a whole number from 1 to 366 is wanted\n"},
        {"approval.list_max", "'50'", "approval.list_max: a whole number from 1 to 1000 is wanted\n"},
        {"entities[0].fiscal_month", "13", "entities[0].fiscal_month: a whole number from 1 to 12 is wanted\n"},
        {"entities[0].offsets[0].minutes", "841", "entities[0].offsets[0].minutes: a whole number from -840 to 840"},
        {"entities[0].offsets[0].from", "'1970-01-01'", "entities[0].offsets[0].from: "},
        {"bots.document_max", "'500'", "bots.document_max: "},
        {"bots.sum_per_day_max", "'-0.01'", "bots.sum_per_day_max: amount '-0.01': zero or more"},
        {"bots.sum_per_day_max", "'92233720368547758.07'", "bots.sum_per_day_max: amount"},
        {"bots.kinds", "[]", "bots.kinds: 0 members, the list has to have 1 to"},
        {"bots.kinds", "['write-off','correction']", "bots.kinds[1]: stands twice, or the list is not"},
        {"bots.kinds", "['case-note','enrolment']",
         "bots.kinds: a bot governs nothing: the list names a kind that only persons prepare\n"},
        {"bots.reasons", "['PRICE_ERR','PRICE_ERR']", "bots.reasons[1]: stands twice, or the list is not"},
        {"bots.reasons", "['NO_SUCH']", "bots.reasons[0]: reason NO_SUCH is not in reasons\n"},
        {"bots.run", "'optional'", "bots.run: 'optional' is none of required\n"},
        {"bots.document_max", "'-1.00'", "bots.document_max: amount '-1.00': zero or more"},
        {"authority[0].tiers[0].upto", "'92233720368547758.07'", "authority[0].tiers[0].upto: amount"},
        {"authority[0].tiers[2].levels", "[1,10]", "authority[0].tiers[2].levels[1]: a whole number from 1 to 9"},
        {"authority[0].tiers[2].levels", "[2,1]", "authority[0].tiers[2].levels[1]: stands twice, or the list is not"},
        {"authority[0].tiers[2].levels", "[1,'2']", "authority[0].tiers[2].levels[1]: a whole number from 1 to 9"},
        {"authority[0].tiers", "[]", "authority[0].tiers: 0 members, the list has to have 1 to 50\n"},
        {"reasons[0].kinds", "['invoice']", "reasons[0].kinds[0]: 'invoice' is not a kind of document\n"},
        {"reasons[0].kinds", "[]", "reasons[0].kinds: 0 members"},
        {"reasons[0].evidence", "['b','a']", "reasons[0].evidence[1]: stands twice, or the list is not sorted\n"},
        {"reasons[0].evidence", "['a','a']", "reasons[0].evidence[1]: stands twice, or the list is not sorted\n"},
        {"reasons[0].evidence", "['A b']", "reasons[0].evidence[0]: 'A b' is not a kind of evidence"},
        {"reasons[0].account", "1290", "reasons[0].account: text is wanted here\n"},
        {"reasons[0].note_bytes_min", "2001", "reasons[0].note_bytes_min: a whole number from 0 to 2000"},
        {"roles[0].functions", "['credit-note.approve.0']", "'credit-note.approve.0' is not a function\n"},
        {"roles[0].functions", "['grant.prepare']", "roles[0].functions[0]: 'grant.prepare' is not a function\n"},
    };
    CHECK_BROKEN(cases);
}

static void ids_are_sorted_and_stand_once(void **state)
{
    (void)state;
    static const struct broken cases[] = {
        {"accounts[2].account", "'1200'", "accounts[2].account: 1200 stands twice\n"},
        {"accounts[2].account", "'1100'", "accounts[2]: the list is not sorted by account\n"},
        {"taxes[+]", "{'account':'2200','code':'VAT20'}", "taxes[1].code: VAT20 stands twice\n"},
        {"entities[1].entity", "'DE01'", "entities[1].entity: DE01 stands twice\n"},
        {"reasons[1].reason", "'BAD_DEBT'", "reasons[1].reason: BAD_DEBT stands twice\n"},
        {"roles[1].role", "'CLERK'", "roles[1].role: CLERK stands twice\n"},
        {"roles[1].role", "'ACLERK'", "roles[1]: the list is not sorted by role\n"},
        {"duties[1].duty", "'APPROVE'", "duties[1].duty: APPROVE stands twice\n"},
        {"duties[1].duty", "'AA'", "duties[1]: the list is not sorted by duty\n"},
        {"conflicts[1].b", "'GOVERN'", "conflicts[1]: duties APPROVE and GOVERN stand twice\n"},
        {"conflicts[0].b", "'PREPARE'", "conflicts[1]: duties APPROVE and PREPARE stand twice\n"},
        {"conflicts[0].a", "'GOVERN'", "conflicts[1]: the list is not sorted by a, b\n"},
        {"authority[1].entities", "[]", "authority[1].row: row BILLING stands twice\n"},
        {"authority[0].entities", "['US01']", "authority[1]: the list is not sorted by row, entities\n"},
        {"cumulative[1]", "{'by':'invoice','days':0,'kinds':['credit-note','write-off'],'span':'life'}",
         "cumulative[1]: the same window stands twice\n"},
        {"entities[0].offsets[0].from", "'1970-01-01T00:00:00.001Z'", "entities[0].offsets[0].from: the first offset"},
        {"entities[0].offsets[2].from", "'2026-03-29T01:00:00.000Z'", "entities[0].offsets[2].from: an offset begins"},
        {"entities[0].offsets[1].minutes", "60", "entities[0].offsets[1].minutes: the same offset as before"},
    };
    CHECK_BROKEN(cases);
}

static void references_and_accounts_are_checked(void **state)
{
    (void)state;
    static const struct broken cases[] = {
        {"postings.receivable_account", "'9'", "postings.receivable_account: account 9 is not in accounts\n"},
        {"postings.receivable_account", "'4000'",
         "postings.receivable_account: receivables cannot move account 4000 of class revenue (C-27)\n"},
        {"postings.on_account_account", "'4000'",
         "postings.on_account_account: on-account credit cannot move account 4000 of class revenue (C-27)\n"},
        {"postings.on_account_row", "'NOWHERE'", "postings.on_account_row: authority has no row NOWHERE\n"},
        {"taxes[0].account", "'4000'", "taxes[0].account: a tax code cannot move account 4000 of class revenue"},
        {"reasons[2].account", "'9'", "reasons[2].account: account 9 is not in accounts\n"},
        {"reasons[2].account", "'1290'", "reasons[2].account: credit-note cannot move account 1290 of class allowance"},
        {"reasons[2].account", "'6800'", "reasons[2].account: credit-note cannot move account 6800 of class expense"},
        {"reasons[2].account", "'1200'",
         "reasons[2].account: credit-note cannot move account 1200 of class receivable"},
        {"reasons[0].account", "'4000'", "reasons[0].account: write-off cannot move account 4000 of class revenue"},
        {"reasons[0].account", "'1000'", "reasons[0].account: write-off cannot move account 1000 of class cash"},
        {"reasons[2]",
         "{'account':'1200','evidence':['x'],'kinds':['adjustment'],'note_bytes_min':0,'reason':'PRICE_ERR',"
         "'row':'BILLING','title':'Moved'}",
         "reasons[2].row: reason PRICE_ERR moves receivables, which somebody always signs; row BILLING asks nobody\n"},
        {"reasons[0].account", "null", "reasons[0].account: reason BAD_DEBT serves a kind with ledger lines"},
        {"reasons[1].account", "'4000'", "reasons[1].account: reason CL_REVIEW serves no kind with ledger lines"},
        {"reasons[1].kinds", "['grant']", "reasons[1].kinds: reason CL_REVIEW names a kind that no reason serves\n"},
        {"verification", "{'functions':['feed.cash']}",
         "verification.functions[0]: nothing is signed under feed.cash that verification could be asked of\n"},
        {"verification", "{'functions':['audit.commit','audit.read']}",
         "verification.functions[1]: nothing is signed under audit.read that verification could be asked of\n"},
        {"verification", "{'functions':['credit-note.approve.1','read.books']}", "verification.functions[1]: nothing"},
        {"verification", "{'functions':['operate']}", "verification.functions[0]: nothing"},
        {"verification", "{'functions':['credit.override']}", "verification.functions[0]: nothing"},
        {"reasons[0].row", "'NOWHERE'", "reasons[0].row: authority has no row NOWHERE\n"},
        {"reasons[2].precondition", "'bad-debt'", "reasons[2].precondition: reason PRICE_ERR gives up no debt"},
        {"authority[2].entities", "['DE01']", "reasons[1].row: authority has no row LIMIT for entity US01\n"},
        {"authority[1].entities", "['FR01']", "authority[1].entities[0]: entity FR01 is not in entities\n"},
        {"conflicts[0].a", "'ABSENT'", "conflicts[0].a: the duty is not in duties\n"},
        {"conflicts[0].b", "'NOBODY'", "conflicts[0].b: the duty is not in duties\n"},
        {"conflicts[0].b", "'APPROVE'", "conflicts[0]: duty APPROVE in conflict with itself\n"},
        {"conflicts[2]", "{'a':'PREPARE','b':'GOVERN','mode':'document'}",
         "conflicts[2]: the duties of a pair are sorted\n"},
        {"duties[2].functions", "['credit-limit.prepare','credit-note.prepare','govern.access','write-off.prepare']",
         "conflicts[2]: duties GOVERN and PREPARE have a function in common\n"},
        {"cumulative[0].kinds", "['credit-limit']", "cumulative[0].kinds: names a kind that moves no receivable"},
        {"cumulative[0].days", "5", "cumulative[0].days: a span of days has a number of them"},
        {"cumulative[1].days", "0", "cumulative[1].days: a span of days has a number of them"},
    };
    CHECK_BROKEN(cases);
}

static void authority_is_checked(void **state)
{
    (void)state;
    static const struct broken cases[] = {
        {"authority[0].tiers[1].upto", "'200.00'", "authority[0].tiers[1].upto: amounts of a row ascend"},
        {"authority[0].tiers[1].upto", NULL, "authority[0].tiers[1].upto: only the last tier of row BILLING may leave"},
        {"authority[0].tiers[2].upto", "'9999.00'", "authority[0].tiers[2].upto: the last tier of row BILLING has no"},
        {"authority[0].tiers[2].levels", "[2]", "authority[0].tiers[2].levels: a larger amount needs every level"},
        {"authority[2].row", "'LIMITS'", "authority[2].row: no reason leads to row LIMITS\n"},
        {"authority[1].entities", "['DE01','US01']",
         "authority[0].row: row BILLING is for the other entities, and there is none\n"},
        {"authority[2]", "{'entities':['DE01'],'row':'BILLING','tiers':[{'levels':[1]}]}",
         ".entities[0]: entity DE01 has another row BILLING already\n"},
        {"authority[0].tiers[2].levels", "[1,2,3]",
         "authority[0].tiers[2].levels[2]: level 3 has no role that may approve write-off\n"},
        {"authority[0].tiers[2].levels", "[1,2,3]",
         "authority[0].tiers[2].levels[2]: level 3 has no role that may approve credit-note\n"},
        {"authority[1].tiers[1].levels", "[1,2,3]",
         "authority[1].tiers[1].levels[2]: level 3 has no role that may approve write-off in entity DE01\n"},
        {"roles[2].functions", "['write-off.approve.2']",
         "authority[0].tiers[2].levels[1]: level 2 has no role that may approve credit-note\n"},
    };
    CHECK_BROKEN(cases);
}

/* A role that by itself joins too many duties of a set. */
static void no_role_joins_a_set(void **state)
{
    json_t *root = json_of(good_text);
    struct seen seen = {.text = ""};
    (void)state;
    set_path(root, "duties[2].functions", "['credit-limit.prepare','credit-note.prepare']");
    set_path(root, "duties[+]", "{'duty':'WRITE','functions':['write-off.prepare'],'title':'Writing off'}");
    set_path(root, "exclusive", "[{'duties':['PREPARE','WRITE'],'fewer_than':2,'set':'X','title':'X'}]");
    assert_int_equal(policy_check(root, see, &seen), STATUS_INPUT);
    assert_string_equal(seen.text, "roles[0].functions: role CLERK joins 2 duties of the set X, of which one person "
                                   "holds fewer than 2\n");
    json_decref(root);
}

static void floors_hold(void **state)
{
    (void)state;
    static const struct broken cases[] = {
        {"roles[3]", NULL, "roles: role OFFICER is missing"},
        {"roles[3].functions", "['govern.access']", "roles[3].functions: role OFFICER holds exactly"},
        {"roles[3].functions", "['govern.access','govern.policy','read.books']", "role OFFICER holds exactly"},
        {"roles[0].inherits", "['LEAD']",
         "roles[0].functions: role CLERK joins preparing and approving credit-limit\n"},
        {"roles[0].inherits", "['OFFICER']",
         "roles[0].functions[0]: role CLERK joins credit-limit.prepare and govern.access: governance officers do no"},
        {"roles[0].inherits", "['PIPE']", "roles[0].inherits[0]: role PIPE is not in roles\n"},
        {"roles[0].inherits", "['CLERK']", "roles[0].inherits: role CLERK inherits from itself\n"},
        {"roles[0].inherits", "[]", "roles[0].inherits: 0 members, the list has to have 1 to 200\n"},
        {"roles[0].functions", "[]", "roles[0].functions: role CLERK has no function, of its own or inherited\n"},
        {"exclusive", "[{'duties':['APPROVE','NONE'],'fewer_than':2,'set':'X','title':'X'}]",
         "exclusive[0].duties[1]: the duty is not in duties\n"},
        {"exclusive", "[{'duties':['APPROVE','PREPARE'],'fewer_than':3,'set':'X','title':'X'}]",
         "exclusive[0].fewer_than: the set has 2 duties, so nobody could ever hold 3\n"},
        {"exclusive",
         "[{'duties':['APPROVE','PREPARE'],'fewer_than':2,'set':'X','title':'X'},"
         "{'duties':['APPROVE','GOVERN'],'fewer_than':2,'set':'X','title':'X'}]",
         "exclusive[1].set: X stands twice\n"},
        {"exclusive",
         "[{'duties':['APPROVE','PREPARE'],'fewer_than':2,'set':'Y','title':'Y'},"
         "{'duties':['APPROVE','GOVERN'],'fewer_than':2,'set':'X','title':'X'}]",
         "exclusive[1]: the list is not sorted by set\n"},
        {"roles[0].inherits", "['LEAD','OFFICER']",
         "roles[0].inherits: role CLERK joins credit-limit.approve.1 and govern.access: approvers are no"},
        {"exclusive", "[{'duties':['APPROVE','PREPARE'],'fewer_than':1,'set':'X','title':'X'}]",
         "exclusive[0].fewer_than: a whole number from 2 to 64 is wanted\n"},
        {"public_email_domains", "['Gmail.com']", "'Gmail.com' is not a domain in small letters"},
        {"public_email_domains", "['gmail']", "'gmail' is not a domain in small letters"},
        {"roles[0].functions", "['credit-note.approve.1','credit-note.prepare']",
         "roles[0].functions: role CLERK joins preparing and approving credit-note\n"},
        {"roles[0].functions", "['credit-note.approve.1','govern.access']",
         "roles[0].functions[0]: role CLERK joins credit-note.approve.1 and govern.access: approvers are no"},
        {"roles[0].functions", "['credit-note.approve.1','period.close']",
         "role CLERK joins credit-note.approve.1 and period.close: approvers close no periods\n"},
        {"roles[0].functions", "['credit-note.prepare','govern.policy']",
         "joins credit-note.prepare and govern.policy: governance officers do no business\n"},
        {"roles[0].functions", "['feed.cash','govern.policy']", "governance officers feed no records\n"},
        {"roles[0].functions", "['govern.policy','period.close']", "governance officers close no periods\n"},
        {"roles[0].functions", "['audit.read','govern.policy']", "governance officers are not auditors\n"},
        {"roles[0].functions", "['operate','read.books']",
         "roles[0].functions[0]: role CLERK joins operate and read.books: administrators hold no other "
         "function\n"},
        {"roles[0].functions", "['credit-note.prepare','operate']", "administrators hold no other function\n"},
        {"roles[0].functions", "['credit-note.approve.1','operate']", "administrators hold no other function\n"},
        {"roles[0].functions", "['operate','period.close']", "administrators hold no other function\n"},
        {"roles[0].functions", "['feed.cash','operate']", "administrators hold no other function\n"},
        {"roles[0].functions", "['govern.access','operate']", "administrators hold no other function\n"},
        {"roles[0].functions", "['audit.read','operate']", "administrators hold no other function\n"},
        {"roles[0].functions", "['audit.commit','credit-note.prepare']", "auditors write nothing but their own work\n"},
        {"roles[0].functions", "['audit.read','credit-note.approve.1']", "auditors write nothing but their own work\n"},
        {"roles[0].functions", "['audit.read','feed.cash']", "auditors write nothing but their own work\n"},
        {"roles[0].functions", "['audit.read','period.close']", "auditors write nothing but their own work\n"},
        {"roles[0].functions", "['credit-note.prepare','feed.cash']", "a feed can do nothing else\n"},
        {"roles[0].functions", "['credit-note.approve.1','feed.cash']", "a feed can do nothing else\n"},
        {"roles[0].functions", "['feed.cash','period.close']", "a feed can do nothing else\n"},
        {"roles[1].functions", "['credit-limit.approve.1','credit-limit.prepare']",
         "roles[1].functions: role LEAD joins preparing and approving credit-limit\n"},
        {"roles[1].functions", "['credit-note.approve.1','write-off.prepare']",
         "roles[1].functions: role LEAD joins the duties APPROVE and PREPARE, which nobody may hold "
         "together\n"},
    };
    CHECK_BROKEN(cases);
}

static void warnings_stop_nothing(void **state)
{
    (void)state;
    static const struct broken cases[] = {
        {"reasons[0].evidence", "[]", "warning: reasons[0].evidence: reason BAD_DEBT asks for no evidence\n"},
        {"roles[0].functions", "['credit-limit.prepare','credit-note.prepare']",
         "warning: reasons[0].kinds: reason BAD_DEBT serves write-off, which no role may prepare\n"},
        {"roles[+]", "{'functions':['feed.cash'],'role':'PIPE','title':'Pipe'}",
         "warning: roles[4].functions[0]: feed.cash is in no duty"},
        {"cumulative[0].kinds", "[]", "warning: cumulative[0].kinds: a window without a kind"},
    };
    CHECK_BROKEN(cases);
}

static void evidence_is_free_within_the_automatic_tier(void **state)
{
    (void)state;
    json_t *root = json_of(good_text);
    struct seen seen = {.text = ""};
    set_path(root, "authority[2].tiers[0].levels", "[]");
    set_path(root, "reasons[1].evidence", "[]");
    assert_int_equal(policy_check(root, see, &seen), STATUS_OK);
    assert_null(strstr(seen.text, "asks for no evidence"));
    json_decref(root);
}

static void all_findings_of_a_stage_are_reported(void **state)
{
    (void)state;
    json_t *root = json_of(good_text);
    struct seen seen = {.text = ""};
    set_path(root, "reasons[2].account", "'1290'");
    set_path(root, "authority[0].tiers[2].levels", "[1,2,4]");
    set_path(root, "roles[3].functions", "['govern.access']");
    assert_int_equal(policy_check(root, see, &seen), STATUS_INPUT);
    assert_int_equal(seen.errors, 4); /* level 4 is missing for two kinds */
    assert_int_equal(policy_check(root, NULL, NULL), STATUS_INPUT);
    json_decref(root);
}

static void any_json_is_refused_without_harm(void **state)
{
    (void)state;
    static const char *const values[] = {"[]", "{}", "null", "7", "'x'", "{'base':7}", "{'accounts':[[[[]]]]}"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        json_t *root = json_of(values[i]);
        struct policy *policy = NULL;
        assert_int_equal(policy_read(root, &policy, NULL), STATUS_INPUT);
        json_decref(root);
    }
    policy_free(NULL);
}

static struct policy *good_policy(void)
{
    json_t *root = json_of(good_text);
    struct policy *policy = NULL;
    struct err err = {.text = ""};
    if (policy_read(root, &policy, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    json_decref(root); /* the policy holds its own copies */
    return policy;
}

static void reads_every_member(void **state)
{
    (void)state;
    struct policy *policy = good_policy();
    json_t *root = json_of(good_text);
    struct hash hash;
    assert_int_equal(canon_hash(root, &hash, NULL), STATUS_OK);
    assert_true(hash_equal(&hash, &policy->hash));
    json_decref(root);
    assert_string_equal(policy->name, "Good");
    assert_string_equal(policy->base, "USD");
    assert_int_equal(policy->base_digits, 2);
    assert_int_equal(policy->lapse_days, 14);
    assert_int_equal(policy->approve_list_max, 50);
    assert_int_equal(policy->bot_document_minor_max, 50000);
    assert_int_equal(policy->bot_documents_per_day_max, 200);
    assert_true(policy->bot_sum_minor_max == INT64_MAX && policy->bot_kinds == UINT64_MAX && !policy->bot_run);
    assert_int_equal(policy->bot_reason_count, 0);
    assert_string_equal(policy->receivable_account, "1200");
    assert_string_equal(policy->on_account_account, "2150");
    assert_string_equal(policy->on_account_row, "BILLING");
    assert_int_equal(policy->entity_count, 2);
    assert_int_equal(policy->account_count, 7);
    assert_int_equal(policy->tax_count, 1);
    assert_int_equal(policy->reason_count, 3);
    assert_int_equal(policy->row_count, 3);
    assert_int_equal(policy->role_count, 4);
    assert_int_equal(policy->duty_count, 3);
    assert_int_equal(policy->conflict_count, 3);
    assert_int_equal(policy->window_count, 2);
    assert_int_equal(policy->entities[0].offset_count, 3);
    assert_int_equal(policy->entities[0].offsets[1].minutes, 120);
    assert_int_equal(policy->windows[0].by, WINDOW_BY_INVOICE);
    assert_int_equal(policy->windows[1].span, WINDOW_DAYS);
    assert_int_equal(policy->windows[1].days, 30);
    assert_int_equal(policy->windows[0].kinds, 1 << KIND_CREDIT_NOTE | 1 << KIND_WRITE_OFF);
    assert_ptr_equal(policy->conflicts[2].a, &policy->duties[1]);
    assert_int_equal(policy->conflicts[2].mode, CONFLICT_DOCUMENT);
    policy_free(policy);
}

static void look_ups_find_what_is_there(void **state)
{
    (void)state;
    struct policy *policy = good_policy();
    assert_string_equal(policy_find_entity(policy, "US01")->currency, "USD");
    assert_null(policy_find_entity(policy, "US02"));
    assert_int_equal(policy_find_account(policy, "6800")->class, ACCOUNT_EXPENSE);
    assert_null(policy_find_account(policy, ""));
    assert_string_equal(policy_find_tax(policy, "VAT20")->account, "2200");
    assert_null(policy_find_tax(policy, "VAT"));
    const struct policy_reason *reason = policy_find_reason(policy, "PRICE_ERR");
    assert_int_equal(reason->note_bytes_min, 10);
    assert_int_equal(reason->kinds, 1 << KIND_CREDIT_NOTE);
    assert_string_equal(reason->evidence[0], "price-sheet");
    assert_null(policy_find_reason(policy, "CL_REVIEW")->account);
    assert_null(policy_find_reason(policy, "OTHER"));
    const struct policy_role *role = policy_find_role(policy, "LEAD");
    assert_true(role_has_function(role, "credit-note.approve.1"));
    assert_false(role_has_function(role, "credit-note.approve.2"));
    assert_null(policy_find_role(policy, "BOSS"));
    assert_true(duty_has_function(&policy->duties[0], "write-off.approve.2"));
    assert_false(duty_has_function(&policy->duties[0], "write-off.prepare"));
    assert_ptr_equal(policy_find_row(policy, "BILLING", "DE01"), &policy->rows[1]);
    assert_ptr_equal(policy_find_row(policy, "BILLING", "US01"), &policy->rows[0]);
    assert_ptr_equal(policy_find_row(policy, "LIMIT", "DE01"), &policy->rows[2]);
    assert_null(policy_find_row(policy, "GOODWILL", "US01"));
    policy_free(policy);
}

static void levels_change_just_above_a_tier(void **state)
{
    (void)state;
    struct policy *policy = good_policy();
    const struct policy_row *row = policy_find_row(policy, "BILLING", "US01");
    assert_int_equal(row_levels(row, 0), 0);
    assert_int_equal(row_levels(row, 20000), 0);
    assert_int_equal(row_levels(row, 20001), 1);
    assert_int_equal(row_levels(row, 250000), 1);
    assert_int_equal(row_levels(row, 250001), 3);
    assert_int_equal(row_levels(row, INT64_MAX), 3);
    assert_int_equal(row_levels(policy_find_row(policy, "LIMIT", "US01"), 0), 1);
    policy_free(policy);
}

static int64_t ms(const char *text)
{
    int64_t value = 0;
    assert_int_equal(instant_parse(text, strlen(text), &value, NULL), STATUS_OK);
    return value;
}

static int32_t day(const char *text)
{
    int32_t value = 0;
    assert_int_equal(date_parse(text, strlen(text), &value, NULL), STATUS_OK);
    return value;
}

/* An entity with one change there and one back. */
static struct policy_entity entity_at(struct policy_offset offsets[3], const char *there, const char *back,
                                      int32_t standard, int32_t summer)
{
    offsets[0] = (struct policy_offset){0, standard};
    offsets[1] = (struct policy_offset){ms(there), summer};
    offsets[2] = (struct policy_offset){ms(back), standard};
    return (struct policy_entity){
        .entity = "X", .currency = "USD", .fiscal_month = 1, .offsets = offsets, .offset_count = 3};
}

static void local_days_follow_summer_time(void **state)
{
    (void)state;
    struct policy_offset offsets[3];
    struct policy_entity london = entity_at(offsets, "2026-03-29T01:00:00.000Z", "2026-10-25T01:00:00.000Z", 0, 60);
    assert_int_equal(entity_date(&london, ms("2026-03-28T23:59:59.999Z")), day("2026-03-28"));
    assert_int_equal(entity_date(&london, ms("2026-06-30T22:59:59.999Z")), day("2026-06-30"));
    assert_int_equal(entity_date(&london, ms("2026-06-30T23:00:00.000Z")), day("2026-07-01"));
    /* The day of the change has 23 hours, the day of the change back 25. */
    assert_int_equal(entity_next_midnight(&london, ms("2026-03-29T00:00:00.000Z")), ms("2026-03-29T23:00:00.000Z"));
    assert_int_equal(entity_next_midnight(&london, ms("2026-03-28T23:59:59.999Z")), ms("2026-03-29T00:00:00.000Z"));
    assert_int_equal(entity_next_midnight(&london, ms("2026-10-24T23:00:00.000Z")), ms("2026-10-26T00:00:00.000Z"));
    assert_int_equal(entity_next_midnight(&london, ms("2026-10-25T23:59:59.999Z")), ms("2026-10-26T00:00:00.000Z"));
    struct policy_offset west[3];
    struct policy_entity york = entity_at(west, "2026-03-08T07:00:00.000Z", "2026-11-01T06:00:00.000Z", -300, -240);
    assert_int_equal(entity_date(&york, ms("2026-01-01T04:59:59.999Z")), day("2025-12-31"));
    assert_int_equal(entity_next_midnight(&york, ms("2026-03-08T05:00:00.000Z")), ms("2026-03-09T04:00:00.000Z"));
    assert_int_equal(entity_next_midnight(&york, ms("2026-11-01T04:00:00.000Z")), ms("2026-11-02T05:00:00.000Z"));
}

static void days_begin_once_where_midnight_moves(void **state)
{
    (void)state;
    struct policy_offset offsets[3];
    /* Local midnight of 29 March jumps to 01:00; that of 25 October falls back to 23:00 of the 24th. */
    struct policy_entity entity = entity_at(offsets, "2026-03-29T00:00:00.000Z", "2026-10-24T23:00:00.000Z", 0, 60);
    assert_int_equal(entity_next_midnight(&entity, ms("2026-03-28T12:00:00.000Z")), ms("2026-03-29T00:00:00.000Z"));
    assert_int_equal(entity_next_midnight(&entity, ms("2026-03-29T00:00:00.000Z")), ms("2026-03-29T23:00:00.000Z"));
    assert_int_equal(entity_next_midnight(&entity, ms("2026-10-24T12:00:00.000Z")), ms("2026-10-25T00:00:00.000Z"));
    assert_int_equal(entity_next_midnight(&entity, ms("2026-10-24T23:30:00.000Z")), ms("2026-10-25T00:00:00.000Z"));
    /* A zone that skips a whole day: the 30th begins nowhere, so the day after the 29th is the 31st. */
    struct policy_offset samoa[3];
    struct policy_entity apia = entity_at(samoa, "2011-12-30T10:00:00.000Z", "2040-01-01T00:00:00.000Z", -600, 840);
    assert_int_equal(entity_date(&apia, ms("2011-12-30T09:59:59.999Z")), day("2011-12-29"));
    assert_int_equal(entity_date(&apia, ms("2011-12-30T10:00:00.000Z")), day("2011-12-31"));
    assert_int_equal(entity_next_midnight(&apia, ms("2011-12-30T09:00:00.000Z")), ms("2011-12-30T10:00:00.000Z"));
}

static void leap_days_and_the_ends_of_time(void **state)
{
    (void)state;
    struct policy_offset offsets[3];
    struct policy_entity entity = entity_at(offsets, "2026-03-29T01:00:00.000Z", "2026-10-25T01:00:00.000Z", 0, 60);
    assert_int_equal(entity_next_midnight(&entity, ms("2028-02-28T10:00:00.000Z")), ms("2028-02-29T00:00:00.000Z"));
    assert_int_equal(entity_next_midnight(&entity, ms("2028-02-29T10:00:00.000Z")), ms("2028-03-01T00:00:00.000Z"));
    assert_int_equal(entity_date(&entity, 0), 0);
    assert_int_equal(entity_date(&entity, INSTANT_MAX), DATE_MAX);
    assert_int_equal(entity_quarter_start(&entity, 0), 0);
    entity.fiscal_month = 2;
    assert_int_equal(entity_quarter_start(&entity, 0), 0); /* began in November 1969 */
}

static void fiscal_years_are_named_by_their_end(void **state)
{
    (void)state;
    struct policy_offset offsets[3];
    struct policy_entity entity = entity_at(offsets, "2026-03-29T01:00:00.000Z", "2026-10-25T01:00:00.000Z", 0, 60);
    assert_int_equal(entity_fiscal_year(&entity, day("2026-01-01")), 2026);
    assert_int_equal(entity_fiscal_year(&entity, day("2026-12-31")), 2026);
    entity.fiscal_month = 4;
    assert_int_equal(entity_fiscal_year(&entity, day("2026-03-31")), 2026);
    assert_int_equal(entity_fiscal_year(&entity, day("2026-04-01")), 2027);
    entity.fiscal_month = 12;
    assert_int_equal(entity_fiscal_year(&entity, day("2026-11-30")), 2026);
    assert_int_equal(entity_fiscal_year(&entity, day("2026-12-01")), 2027);
}

static void fiscal_quarters_begin_at_local_midnight(void **state)
{
    (void)state;
    static const struct {
        int month;
        const char *at, *begins;
    } cases[] = {
        {1, "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"},
        {1, "2025-12-31T23:59:59.999Z", "2025-09-30T23:00:00.000Z"}, /* summer time, see below */
        {1, "2026-03-31T22:59:59.999Z", "2026-01-01T00:00:00.000Z"},
        {1, "2026-03-31T23:00:00.000Z", "2026-03-31T23:00:00.000Z"},
        {1, "2026-12-31T23:59:59.999Z", "2026-09-30T23:00:00.000Z"},
        {4, "2026-05-05T00:00:00.000Z", "2026-03-31T23:00:00.000Z"},
        {2, "2026-01-15T00:00:00.000Z", "2025-11-01T00:00:00.000Z"},
        {2, "2026-02-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"},
        {3, "2028-02-29T12:00:00.000Z", "2027-12-01T00:00:00.000Z"},
        {12, "2026-11-30T12:00:00.000Z", "2026-08-31T23:00:00.000Z"},
    };
    struct policy_offset offsets[] = {{0, 0},
                                      {ms("2025-03-30T01:00:00.000Z"), 60},
                                      {ms("2025-10-26T01:00:00.000Z"), 0},
                                      {ms("2026-03-29T01:00:00.000Z"), 60},
                                      {ms("2026-10-25T01:00:00.000Z"), 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct policy_entity entity = {.fiscal_month = cases[i].month, .offsets = offsets, .offset_count = 5};
        int64_t begins = entity_quarter_start(&entity, ms(cases[i].at));
        if (begins != ms(cases[i].begins))
            fail_msg("%d %s: %lld", cases[i].month, cases[i].at, (long long)begins);
    }
}

static void kinds_have_names_and_prefixes(void **state)
{
    (void)state;
    assert_string_equal(kind_name(KIND_CREDIT_NOTE), "credit-note");
    assert_string_equal(kind_prefix(KIND_WRITE_OFF), "WO");
    assert_string_equal(kind_prefix(KIND_TEST_RUN), "TR");
    assert_int_equal(kind_from_name("invoice"), KIND_UNKNOWN);
    assert_null(kind_name(KIND_UNKNOWN));
    assert_null(kind_prefix(KIND_COUNT));
    for (int a = 0; a < KIND_COUNT; a++) {
        assert_int_equal(kind_from_name(kind_name((enum kind_id)a)), a);
        assert_int_equal(strlen(kind_prefix((enum kind_id)a)), 2);
        for (int b = 0; b < a; b++)
            assert_string_not_equal(kind_prefix((enum kind_id)a), kind_prefix((enum kind_id)b));
    }
}

static void functions_are_a_closed_list(void **state)
{
    (void)state;
    enum kind_id kind = KIND_UNKNOWN;
    int level = -1;
    assert_int_equal(function_class("credit-limit.approve.9", &kind, &level), FUNCTION_APPROVE);
    assert_int_equal(kind, KIND_CREDIT_LIMIT);
    assert_int_equal(level, 9);
    assert_int_equal(function_class("correction.prepare", &kind, &level), FUNCTION_PREPARE);
    assert_int_equal(kind, KIND_CORRECTION);
    assert_int_equal(level, 0);
    assert_int_equal(function_class("govern.access", NULL, NULL), FUNCTION_GOVERN);
    assert_int_equal(function_class("period.close", NULL, NULL), FUNCTION_CLOSE);
    assert_int_equal(function_class("feed.customers", NULL, NULL), FUNCTION_FEED);
    assert_int_equal(function_class("operate", NULL, NULL), FUNCTION_OPERATE);
    assert_int_equal(function_class("audit.commit", NULL, NULL), FUNCTION_AUDIT);
    assert_int_equal(function_class("read.books", NULL, NULL), FUNCTION_READ);
    static const char *const unknown[] = {"",
                                          "credit-note",
                                          "credit-note.",
                                          "credit-note.approve",
                                          "credit-note.approve.0",
                                          "credit-note.approve.10",
                                          "credit-note.prepare.1",
                                          "credit-note.prepared",
                                          "Credit-note.prepare",
                                          "policy.prepare",
                                          "feed.everything",
                                          "govern",
                                          "govern.accessx"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        assert_int_equal(function_class(unknown[i], NULL, NULL), FUNCTION_UNKNOWN);
        assert_int_equal(function_number(unknown[i]), -1);
    }
}

static void function_numbers_are_their_own(void **state)
{
    (void)state;
    bool taken[FUNCTION_NUMBERS] = {false};
    static const char *const plain[] = {"audit.commit",   "audit.read",     "feed.cash",     "feed.contacts",
                                        "feed.contracts", "feed.customers", "feed.invoices", "feed.orders",
                                        "feed.people",    "feed.reads",     "govern.access", "govern.policy",
                                        "operate",        "period.close",   "read.books"};
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        int number = function_number(plain[i]);
        assert_in_range(number, 0, FUNCTION_NUMBERS - 1);
        assert_false(taken[number]);
        taken[number] = true;
    }
    for (int kind = 0; kind <= KIND_EXCEPTION; kind++) {
        for (int level = 0; level <= LEVELS_MAX; level++) {
            char name[64];
            snprintf(name, sizeof name, level == 0 ? "%s.prepare" : "%s.approve.%d", kind_name((enum kind_id)kind),
                     level);
            int number = function_number(name);
            assert_in_range(number, 0, FUNCTION_NUMBERS - 1);
            assert_false(taken[number]);
            taken[number] = true;
        }
    }
}

static void words_go_both_ways(void **state)
{
    (void)state;
    for (int class = 0; class < ACCOUNT_CLASS_COUNT; class ++)
        assert_int_equal(word_value(account_class_word, account_class_word(class)), class);
    assert_int_equal(word_value(conflict_mode_word, "document"), CONFLICT_DOCUMENT);
    assert_int_equal(word_value(window_by_word, "preparer"), WINDOW_BY_PREPARER);
    assert_int_equal(word_value(window_span_word, "quarter"), WINDOW_QUARTER);
    assert_int_equal(word_value(window_span_word, "month"), -1);
    assert_null(account_class_word(-1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_policy_has_no_finding),
        cmocka_unit_test(form_is_checked),
        cmocka_unit_test(ids_are_sorted_and_stand_once),
        cmocka_unit_test(references_and_accounts_are_checked),
        cmocka_unit_test(authority_is_checked),
        cmocka_unit_test(floors_hold),
        cmocka_unit_test(no_role_joins_a_set),
        cmocka_unit_test(warnings_stop_nothing),
        cmocka_unit_test(evidence_is_free_within_the_automatic_tier),
        cmocka_unit_test(all_findings_of_a_stage_are_reported),
        cmocka_unit_test(any_json_is_refused_without_harm),
        cmocka_unit_test(reads_every_member),
        cmocka_unit_test(look_ups_find_what_is_there),
        cmocka_unit_test(levels_change_just_above_a_tier),
        cmocka_unit_test(local_days_follow_summer_time),
        cmocka_unit_test(days_begin_once_where_midnight_moves),
        cmocka_unit_test(leap_days_and_the_ends_of_time),
        cmocka_unit_test(fiscal_years_are_named_by_their_end),
        cmocka_unit_test(fiscal_quarters_begin_at_local_midnight),
        cmocka_unit_test(kinds_have_names_and_prefixes),
        cmocka_unit_test(functions_are_a_closed_list),
        cmocka_unit_test(function_numbers_are_their_own),
        cmocka_unit_test(words_go_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

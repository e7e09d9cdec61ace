/*
 * Form of documents and of feed records beyond their schemas: of each a good one, and the same with one thing that it may not say.
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

#include "controls/feed_sort.h"
#include "controls/kind.h"
#include "ledger/schema.h"

#define HASH_A "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'"
#define HASH_B "'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'"
#define MONEY                                                                                                          \
    "'ref':'R-1','channel':'cli','entity':'US01','customer':'C1','currency':'USD','amount':'10.00','reason':'A',"      \
    "'date':'2026-01-05'"
#define GOVERN "'ref':'R-1','channel':'cli'"

/* What changes in the good one before it: members that get another value, or null for none; "" where all is well. */
struct change {
    const char *of; /* a kind or a feed whose good one this is; NULL: as before */
    const char *members;
    const char *refused;
};

static json_t *json_of(const char *text)
{
    json_error_t error;
    char *copy = strdup(text);
    for (char *at = copy; *at != '\0'; at++)
        *at = *at == '\'' ? '"' : *at;
    json_t *json = json_loads(copy, 0, &error);
    if (json == NULL)
        fail_msg("%s: %s", error.text, copy);
    free(copy);
    return json;
}

static json_t *changed(const json_t *good, const char *members)
{
    json_t *json = json_deep_copy(good), *change = json_of(members);
    const char *name;
    json_t *value;
    json_object_foreach(change, name, value)
    {
        if (json_is_null(value))
            json_object_del(json, name);
        else
            json_object_set(json, name, value);
    }
    json_decref(change);
    return json;
}

static void answers(const struct change *change, enum status status, const struct err *err)
{
    if (change->refused[0] == '\0' && status != STATUS_OK)
        fail_msg("%s: %s", change->members, err->text);
    if (change->refused[0] != '\0' && (status != STATUS_INPUT || strstr(err->text, change->refused) == NULL))
        fail_msg("%s: wanted '%s', answer: %s", change->members, change->refused, err->text);
}

static const struct change documents[] = {
    {"delegation",
     "{'kind':'delegation'," GOVERN ",'from_user':'ana','to_user':'tom','functions':['credit-note.approve.1',"
     "'write-off.approve.1'],'from':'2026-01-05T00:00:00.000Z','to':'2026-01-06T00:00:00.000Z','reason':'away'}",
     ""},
    {NULL, "{'limit':'5.00','currency':'USD'}", ""},
    {NULL, "{'to':'2026-01-05T00:00:00.000Z'}", "to: has to be after from"},
    {NULL, "{'limit':'5.00'}", "limit: stands with its currency"},
    {NULL, "{'currency':'USD'}", "limit: stands with its currency"},
    {NULL, "{'functions':['b','a']}", "functions: have to be sorted, each once"},
    {NULL, "{'functions':['a','a']}", "functions: have to be sorted, each once"},
    {"grant", "{'kind':'grant'," GOVERN ",'user':'ana','role':'APPROVER','entities':['UK01','US01']}", ""},
    {NULL, "{'from':'2026-01-05T00:00:00.000Z','to':'2026-01-06T00:00:00.000Z'}", ""},
    {NULL, "{'entities':['*']}", ""},
    {NULL, "{'entities':['*','US01']}", "entities: * stands alone"},
    {NULL, "{'from':'2026-01-06T00:00:00.000Z','to':'2026-01-06T00:00:00.000Z'}", "to: has to be after from"},
    {"review", "{'kind':'review'," GOVERN ",'entities':['UK01','US01']}", ""},
    {NULL, "{'entities':['*','US01']}", "entities: * stands alone"},
    {"attestation",
     "{'kind':'attestation'," GOVERN ",'review':'RV-1','rows':[{'decision':'keep','grant':'GR-1'},{'decision':'remove',"
     "'grant':'GR-2'}]}",
     ""},
    {NULL, "{'rows':[{'decision':'keep','grant':'GR-1'},{'decision':'keep','grant':'GR-1'}]}",
     "rows[1].grant: rows are sorted"},
    {NULL, "{'rows':[{'decision':'keep','grant':'GR-2'},{'decision':'keep','grant':'GR-1'}]}",
     "rows[1].grant: rows are sorted"},
    {"affirmation",
     "{'kind':'affirmation'," GOVERN
     ",'key':'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILQzzgPhe2GZmrA8Dzv85p5Zagpd1apS13L3ntX07NWV','rows':[{'"
     "conclusion':'affirm','document':'CN-1'},{'conclusion':'reverse','entry':7}]}",
     ""},
    {NULL, "{'rows':[{'conclusion':'affirm','document':'CN-1','entry':7}]}",
     "rows[0]: names either a document or an entry"},
    {NULL, "{'rows':[{'conclusion':'affirm'}]}", "rows[0]: names either a document or an entry"},
    {"temporary-limit",
     "{'kind':'temporary-limit'," GOVERN ",'entity':'US01','customer':'C1','currency':'USD','reason':'A','date':"
     "'2026-01-05','limit':'20.00','previous':'10.00','from':'2026-01-05','to':'2026-01-05'}",
     ""},
    {NULL, "{'from':'2026-01-04'}", "from: may not be before the date"},
    {NULL, "{'from':'2026-01-07','to':'2026-01-06'}", "to: may not be before from"},
    {"credit-limit",
     "{'kind':'credit-limit'," GOVERN ",'entity':'US01','customer':'C1','currency':'USD','reason':'A','date':"
     "'2026-01-05','limit':'20.00','previous':'0.00','review':'2026-06-05'}",
     ""},
    {NULL, "{'limit':'-1.00'}", "limit and previous: may not be below zero"},
    {NULL, "{'previous':'-0.01'}", "limit and previous: may not be below zero"},
    {"dispute", "{'kind':'dispute'," GOVERN ",'entity':'US01','customer':'C1','reason':'A','owner':'ana'}", ""},
    {NULL, "{'invoice':'I-1','line':'1'}", ""},
    {NULL, "{'line':'1'}", "line: of which invoice?"},
    {"related",
     "{'kind':'related'," GOVERN ",'customers':[{'customer':'C1','entity':'US01'},{'customer':'C2','entity':"
     "'US01'}],'persons':['p1','p2'],'group':'G','reason':'one owner'}",
     ""},
    {NULL, "{'customers':[{'customer':'C1','entity':'US01'},{'customer':'C1','entity':'US01'}]}",
     "customers[1]: stands twice"},
    {NULL, "{'persons':['p2','p1']}", "persons[1]: stands twice, or the list is not sorted"},
    {"rebill",
     "{'kind':'rebill'," MONEY ",'allocations':[{'amount':'10.00','invoice':'I-1'}],'invoice':{'customer':'C1','date':"
     "'2026-01-05','due':'2026-02-05','gross':'12.00','ref':'X','taxes':[{'code':'T','net':'10.00','tax':'2.00'}]}}",
     ""},
    {NULL,
     "{'invoice':{'customer':'C1','date':'2026-01-05','due':'2026-02-05','gross':'12.01','ref':'X','taxes':[{'code':'T'"
     ","
     "'net':'10.00','tax':'2.00'}]}}",
     "invoice.gross: is not the sum of net and tax in taxes"},
    {NULL,
     "{'invoice':{'customer':'C1','date':'2026-01-05','due':'2026-01-04','gross':'12.00','ref':'X','taxes':[{'code':'T'"
     ","
     "'net':'10.00','tax':'2.00'}]}}",
     "invoice.due: is before its date"},
    {"correction",
     "{'kind':'correction'," MONEY
     ",'allocations':[{'amount':'10.00','invoice':'I-1'}],'direction':'down','field':'meter',"
     "'contract':'K','reads':[{'read':'r1','source':'technician','value':5},{'read':'r2','source':'technician','value':"
     "6}],"
     "'charges':[{'billed':'12.00','corrected':'2.00','device':'D','invoice':'I-1','meter':'bw'}]}",
     ""},
    {NULL, "{'contract':null}", "contract, reads and charges come together"},
    {NULL, "{'field':'price'}", "the field of a correction of reads is meter"},
    {NULL, "{'reads':[{'read':'r2','source':'technician','value':5},{'read':'r2','source':'technician','value':6}]}",
     "reads: sorted by read, none twice"},
    {NULL, "{'charges':[{'billed':'12.00','corrected':'2.00','invoice':'I-1','meter':'bw'}]}",
     "charges[0]: device or pool, one of them"},
    {NULL, "{'charges':[{'billed':'12.00','corrected':'2.00','device':'D','pool':'P','invoice':'I-1','meter':'bw'}]}",
     "charges[0]: device or pool, one of them"},
    {NULL, "{'charges':[{'billed':'12.00','corrected':'2.001','device':'D','invoice':'I-1','meter':'bw'}]}",
     "charges[0]: "},
    {NULL, "{'allocations':[{'amount':'10.001','invoice':'I-1'}]}", "allocations[0].amount: "},
    {"adjustment",
     "{'kind':'adjustment'," MONEY ",'allocations':[{'amount':'10.00','invoice':'I-1'}],'charge':'freight','direction':"
     "'down'}",
     ""},
    {NULL, "{'direction':null}", "direction: is missing, down or up"},
    {NULL, "{'allocations':[]}", "allocations: is empty"},
    {NULL, "{'to':{'allocations':[],'customer':'C2'}}", "to: only a transfer has it"},
    {NULL, "{'charge':'credit-balance','allocations':[]}", "direction: a credit balance has none"},
    {NULL, "{'charge':'credit-balance','direction':null}", "allocations: a credit balance stands on no invoice"},
    {NULL, "{'charge':'credit-balance','direction':null,'allocations':[]}", ""},
    {NULL,
     "{'charge':'transfer','direction':null,'to':{'allocations':[{'amount':'9.001','invoice':'I-2'}],'customer':'C2'}}",
     "to.allocations[0].amount: "},
};

static void documents_have_their_form(void **state)
{
    json_t *good = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
        struct err err = {0};
        if (documents[i].of != NULL) {
            json_decref(good);
            good = json_of(documents[i].members);
        }
        json_t *document = documents[i].of != NULL ? json_incref(good) : changed(good, documents[i].members);
        answers(&documents[i], kind_check_document(document, "body", &err), &err);
        json_decref(document);
    }
    json_decref(good);
}

static const struct change records[] = {
    {"acknowledgements", "{'amount':'10.00','date':'2026-01-05','delivery':'D-1','erp':'4711','state':'posted'}", ""},
    {NULL, "{'erp':null}", "erp: the ERP's number is missing"},
    {NULL, "{'reason':'no'}", "reason: only of what was rejected"},
    {NULL, "{'state':'rejected','reason':'no'}", "erp: what was rejected has no number there"},
    {NULL, "{'state':'rejected','erp':null}", "reason: is missing"},
    {NULL, "{'state':'rejected','erp':null,'reason':'no'}", ""},
    {"cash",
     "{'amount':'10.00','applied':[{'amount':'4.00','invoice':'I-1'},{'amount':'6.00','invoice':'I-2'}],'customer':'C1'"
     ","
     "'date':'2026-01-05','receipt':'Q-1'}",
     ""},
    {NULL, "{'amount':'9.99'}", "applied: adds up to more than the amount"},
    {"contacts", "{'channel':'call','contact':'T-1','customer':'C1','date':'2026-01-05','outcome':'message'}", ""},
    {NULL, "{'until':'2026-01-06'}", "until: only a promise to pay has one"},
    {NULL, "{'outcome':'promise-to-pay'}", "until: a promise to pay says by when"},
    {NULL, "{'outcome':'promise-to-pay','until':'2026-01-04'}", "until: is before the contact"},
    {NULL, "{'outcome':'promise-to-pay','until':'2026-01-05'}", ""},
    {"contracts",
     "{'contract':'K','currency':'USD','customer':'C1','from':'2026-01-05','meters':[{'device':'D','meter':'bw','pool':"
     "'P'}],"
     "'pools':[{'allowance':5,'meter':'bw','pool':'P','rate':'0.01'}]}",
     ""},
    {NULL, "{'meters':[{'device':'D','meter':'bw','pool':'P','rate':'0.01'}]}",
     "meters[0]: allowance and rate are its pool's"},
    {NULL, "{'meters':[{'device':'D','meter':'bw'}]}", "meters[0]: allowance and rate are due"},
    {NULL, "{'meters':[{'device':'D','meter':'bw','pool':'Q'}]}", "meters[0]: there is no pool Q bw"},
    {NULL, "{'pools':[{'allowance':5,'meter':'bw','pool':'P','rate':'x'}]}", "pools[0]: "},
    {NULL,
     "{'pools':[{'allowance':5,'meter':'bw','pool':'P','rate':'1'},{'allowance':5,'meter':'bw','pool':'P','rate':'1'}]"
     "}",
     "pools[1]: pools: P bw stands twice"},
    {"customers",
     "{'attributes':[{'hash':" HASH_A ",'name':'tax_id'},{'hash':" HASH_B
     ",'name':'tax_id'}],'currency':'USD','customer':"
     "'C1','group':'C1','limit':'0.00','terms_days':30}",
     ""},
    {NULL, "{'limit':'-0.01'}", "limit: may not be below zero"},
    {NULL, "{'attributes':[{'hash':" HASH_A ",'name':'tax_id'},{'hash':" HASH_A ",'name':'tax_id'}]}",
     "attributes[1]: stands twice"},
    {NULL, "{'attributes':[{'hash':" HASH_A ",'name':'tax_id'},{'hash':" HASH_B ",'name':'address'}]}",
     "attributes[1]: stands twice, or the list is not sorted"},
    {"people", "{'change':'leave','date':'2026-01-05','event':'E-1','person':'p1','successor':'p2'}", ""},
    {NULL, "{'manager':'p3'}", "manager: whoever leaves has no new one"},
    {NULL, "{'successor':'p1'}", "successor: nobody is his own"},
    {NULL, "{'change':'move'}", "successor: only of somebody who leaves"},
    {NULL, "{'change':'move','successor':null,'manager':'p1'}", "manager: nobody is his own"},
    {"reads",
     "{'contract':'K','date':'2026-01-05','device':'D','invoice':'I-1','line':'1','meter':'bw','read':'r1','source':'"
     "remote',"
     "'value':5}",
     ""},
    {NULL, "{'invoice':null}", "line: of which invoice?"},
};

static void records_have_their_form(void **state)
{
    const struct feed_sort *feed = NULL;
    json_t *good = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        struct err err = {0};
        if (records[i].of != NULL) {
            json_decref(good);
            good = json_of(records[i].members);
            feed = feed_sort_find(records[i].of);
            assert_non_null(feed);
        }
        json_t *record = records[i].of != NULL ? json_incref(good) : changed(good, records[i].members);
        enum status status = schema_check(feed->schema, record, "record", &err);
        answers(&records[i], status == STATUS_OK ? feed->check(record, 2, &err) : status, &err);
        json_decref(record);
    }
    json_decref(good);
    assert_null(feed_sort_find("gossip"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_have_their_form),
        cmocka_unit_test(records_have_their_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

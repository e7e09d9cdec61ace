/*
 * Form of stored decisions: folding believes them, so a decision without what folding reads is told of before. Of each verb a
 * good one, and then the same with one thing wrong in its first result.
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

#include "audit/verify/decision_diff.h"
#include "audit/verify/parts.h"
#include "ledger/statement.h"

#define HASH    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'"
#define INSTANT "'2026-01-05T09:00:00.000Z'"
#define LINE(members)                                                                                                  \
    "'lines':[{'account':'1200','amount':'5.00','currency':'USD','side':'dr'" members                                  \
    "},{'account':'4000','amount':'5.00','currency':'USD','side':'cr'}]"

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

/* A decision with that one result (NULL: none), of a statement with so many documents. */
static enum status look(enum verb verb, const char *outcome, size_t documents, json_t *result, struct err *err)
{
    json_t *decision =
        json_pack("{s:[], s:i, s:s, s:{s:s, s:i}, s:[]}", "controls", "engine", 0, "outcome", outcome, "policy", "hash",
                  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "seq", 0, "results");
    json_t *list = json_array(), *body = json_object();
    const char *name = verb == VERB_SUBMIT ? "documents" : verb == VERB_AMEND ? "amendments" : "items";
    for (size_t i = 0; i < documents; i++)
        json_array_append_new(list, json_object());
    json_object_set_new(body, name, list);
    if (result != NULL)
        json_array_append(json_object_get(decision, "results"), result);
    const struct statement statement = {.verb = verb, .body = body};
    enum status status = verify_decision_form(&statement, decision, err);
    json_decref(decision);
    json_decref(body);
    return status;
}

static const struct {
    enum verb verb;
    const char *good;    /* NULL: as before */
    const char *members; /* that are other than in it; null: none */
    const char *refused; /* "": it is not */
} cases[] = {
    {VERB_SUBMIT,
     "{'content':" HASH ",'controls':[],'document':'CN-1','number':'CN-1','outcome':'posted','version':1," LINE("") "}",
     "{}", ""},
    {VERB_SUBMIT, NULL, "{'outcome':'approved'}", "results[0].outcome: is none that submit can have"},
    {VERB_SUBMIT, NULL, "{'document':null}", "results[0].document: is missing"},
    {VERB_SUBMIT, NULL, "{'document':null,'outcome':'refused'}", ""},
    {VERB_SUBMIT, NULL, "{'content':null}", "results[0].content: is missing"},
    {VERB_SUBMIT, NULL, "{'version':null}", "results[0].version: is missing"},
    {VERB_SUBMIT, NULL, "{'version':null,'outcome':'repeat'}", ""},
    {VERB_SUBMIT, NULL, "{'version':0}", "version"},
    {VERB_SUBMIT, NULL, "{'gift':1}", "gift"},
    {VERB_SUBMIT, NULL, "{'controls':[{'answer':'deny','code':'x'}]}", "results[0].controls[0]: has to be an answer"},
    {VERB_SUBMIT, NULL, "{'controls':[{'answer':'bless','code':'x','control':'C-01'}]}", "results[0].controls[0]: "},
    {VERB_SUBMIT, NULL, "{'lines':[{'account':'1200','amount':'-5.00','currency':'USD','side':'dr'}]}",
     "results[0].lines[0]: has to have an amount above zero"},
    {VERB_SUBMIT, NULL, "{'lines':[{'account':'1200','amount':'0.00','currency':'USD','side':'dr'}]}",
     "results[0].lines[0]: has to have an amount above zero"},
    {VERB_SUBMIT, NULL,
     "{'lines':[{'account':'1200','amount':'0.00','currency':'USD','difference':'fx','functional':'0.01','side':'dr'}]"
     "}",
     ""},
    {VERB_SUBMIT, NULL, "{'lines':[{'account':'1200','amount':'0.00','currency':'USD','difference':'fx','side':'dr'}]}",
     "results[0].lines[0]: has to have an amount above zero"},
    {VERB_AMEND, NULL, "{'outcome':'waiting','levels':[1,2],'until':" INSTANT "}", ""},
    {VERB_AMEND, NULL, "{'outcome':'waiting','levels':[1,2]}", "results[0]: waits, but has no levels or until"},
    {VERB_AMEND, NULL, "{'outcome':'waiting','until':" INSTANT "}", "results[0]: waits, but has no levels or until"},
    {VERB_AMEND, NULL, "{'outcome':'waiting','levels':1,'until':" INSTANT "}", "levels: has to be a list of levels"},
    {VERB_AMEND, NULL, "{'levels':[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]}", "levels: has to be a list of levels"},
    {VERB_AMEND, NULL, "{'levels':[2,1]}", "levels: has to be a sorted list of levels"},
    {VERB_AMEND, NULL, "{'levels':[0]}", "levels: has to be a sorted list of levels"},
    {VERB_APPROVE,
     "{'content':" HASH ",'controls':[],'document':'CN-1','level':1,'levels':[2],'outcome':'approved','until':" INSTANT
     "}",
     "{}", ""},
    {VERB_APPROVE, NULL, "{'until':null}", "results[0]: waits, but has no levels or until"},
    {VERB_APPROVE, NULL, "{'document':null,'outcome':'refused'}", "results[0].document: is missing"},
    {VERB_APPROVE, NULL, "{'outcome':'waiting'}", "results[0].outcome: is none that approve can have"},
    {VERB_WITHDRAW, "{'content':" HASH ",'controls':[],'document':'CN-1','outcome':'withdrawn'}", "{}", ""},
    {VERB_WITHDRAW, NULL, "{'outcome':'posted'}", "results[0].outcome: is none that withdraw can have"},
    {VERB_REJECT, NULL, "{'outcome':'rejected'}", ""},
    {VERB_REJECT, NULL, "{'outcome':'returned'}", "results[0].outcome: is none that reject can have"},
    {VERB_RETURN, NULL, "{'outcome':'returned'}", ""},
    {VERB_RETURN, NULL, "{'outcome':'rejected'}", "results[0].outcome: is none that return can have"},
};

static void results_of_lists(void **state)
{
    json_t *good = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *name;
        json_t *value;
        struct err err = {0};
        if (cases[i].good != NULL) {
            json_decref(good);
            good = json_of(cases[i].good);
        }
        json_t *result = json_deep_copy(good), *members = json_of(cases[i].members);
        json_object_foreach(members, name, value)
        {
            if (json_is_null(value))
                json_object_del(result, name);
            else
                json_object_set(result, name, value);
        }
        enum status status = look(cases[i].verb, "done", 1, result, &err);
        if (cases[i].refused[0] == '\0' ? status != STATUS_OK
                                        : status != STATUS_INPUT || strstr(err.text, cases[i].refused) == NULL)
            fail_msg("%s %s: wanted '%s', answer: %s", verb_name(cases[i].verb), cases[i].members, cases[i].refused,
                     err.text);
        json_decref(result);
        json_decref(members);
    }
    json_decref(good);
}

static const struct {
    enum verb verb;
    const char *result;
    const char *refused;
} whole[] = {
    {VERB_FEED, "{'controls':[],'count':3,'outcome':'open'}", ""},
    {VERB_FEED, "{'controls':[],'outcome':'open'}", "results[0].count: is missing"},
    {VERB_FEED, "{'controls':[],'count':3,'outcome':'posted'}", "results[0].outcome: is none that feed can have"},
    {VERB_CLOCK, "{'controls':[],'outcome':'in-force'}", ""},
    {VERB_RECOVER, "{'controls':[],'outcome':'posted'}", "results[0].outcome: is none that recover can have"},
    {VERB_RESTORE, "{'controls':[],'epoch':1,'officers':['olga','oscar'],'outcome':'in-force'}", ""},
    {VERB_RESTORE, "{'controls':[],'officers':['olga','oscar'],'outcome':'in-force'}",
     "has to have epoch and officers"},
    {VERB_RESTORE, "{'controls':[],'epoch':1,'outcome':'in-force'}", "results[0]: has to have epoch and officers"},
};

static void results_of_whole_acts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        struct err err = {0};
        json_t *result = json_of(whole[i].result);
        enum status status = look(whole[i].verb, "done", 0, result, &err);
        if (whole[i].refused[0] == '\0' ? status != STATUS_OK
                                        : status != STATUS_INPUT || strstr(err.text, whole[i].refused) == NULL)
            fail_msg("%s: wanted '%s', answer: %s", whole[i].result, whole[i].refused, err.text);
        json_decref(result);
    }
}

/* As many results as the statement has members; none where it was refused as a whole. */
static void results_are_as_many_as_members(void **state)
{
    struct err err = {0};
    json_t *result = json_of(cases[0].good);
    (void)state;
    assert_int_equal(look(VERB_SUBMIT, "done", 2, result, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "results: 1 for 2 members of the statement"));
    assert_int_equal(look(VERB_SUBMIT, "refused", 1, NULL, &err), STATUS_OK);
    assert_int_equal(look(VERB_SUBMIT, "refused", 1, result, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "results: 1 for 0 members of the statement"));
    assert_int_equal(look(VERB_SUBMIT, "posted", 1, result, &err), STATUS_INPUT);
    json_decref(result);
}

/* What an auditor is told where what is recorded and what is decided again differ: the member of most weight first. */
static void differences_in_words(void **state)
{
    static const struct {
        const char *stored, *again, *words;
    } rows[] = {
        {"{'results':[{'controls':[{'code':'none','control':'C-01'},{'code':'late','control':'C-02'}]}]}",
         "{'results':[{'controls':[{'code':'none','control':'C-01'}]}]}",
         "item 1: C-02 (late) stands among its controls and did not apply"},
        {"{'results':[{'controls':[{'code':'none','control':'C-01'}]}]}",
         "{'results':[{'controls':[{'code':'none','control':'C-01'},{'code':'late','control':'C-02'}]}]}",
         "item 1: C-02 (late) is missing among its controls"},
        {"{'results':[{'document':'IN-1','lines':[{'account':'1'},{'account':'2'}]}]}",
         "{'results':[{'document':'IN-1','lines':[{'account':'1'}]}]}", "IN-1 posts 1 ledger lines, recorded are 2"},
        {"{'results':[{'lines':[{'account':'1','amount':'1.00','side':'dr'},{'account':'2','amount':'1.00','side':'cr'}"
         "]}"
         "]}",
         "{'results':[{'lines':[{'account':'1','amount':'1.00','side':'dr'},{'account':'3','amount':'1.00','side':'cr'}"
         "]}"
         "]}",
         "item 1: ledger line 2 is cr 3 1.00, recorded is cr 2 1.00"},
        {"{'results':[{'document':'IN-1','else':1}]}", "{'results':[{'document':'IN-1','else':2}]}",
         "IN-1 is decided in other members"},
        {"{'controls':[{'code':'none','control':'C-01'}],'results':[]}",
         "{'controls':[{'code':'none','control':'C-03'}],'results':[]}",
         "the statement: C-03 answered, recorded is C-01"},
        {"{'engine':1,'else':1}", "{'engine':1,'else':2}", "decided in other bytes"},
    };
    const struct statement statement = {.verb = VERB_SUBMIT};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[DECISION_DIFF_BYTES] = "";
        json_t *stored = json_of(rows[i].stored), *again = json_of(rows[i].again);
        decision_difference(&statement, stored, again, text);
        assert_string_equal(text, rows[i].words);
        json_decref(stored);
        json_decref(again);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences_in_words),
        cmocka_unit_test(results_of_lists),
        cmocka_unit_test(results_of_whole_acts),
        cmocka_unit_test(results_are_as_many_as_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

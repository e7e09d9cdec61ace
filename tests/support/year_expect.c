/*
 * What has to have happened in a whole year: every verb, every feed, every account that documents move, every control that can
 * answer. What is not expected is named here, with its reason; when it happens all the same, it has to go from the list.
 */
#include "tests/support/year_expect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "controls/control.h"
#include "ledger/books.h"
#include "ledger/schema.h"
#include "ledger/tables.h"
#include "tests/support/year_steps.h"

struct unexpected {
    const char *name, *why;
};

static const struct unexpected verbs_unexpected[] = {
    {"clock", "a clock set back is a finding of every verification"},
    {"restore", "says which entries were lost: none were"},
    {NULL, NULL},
};
static const struct unexpected feeds_unexpected[] = {{NULL, NULL}};
static const struct unexpected accounts_unexpected[] = {
    {"1000", "cash moves in the ERP; corrections do not touch it"},
    {NULL, NULL},
};
static const struct unexpected controls_unexpected[] = {{NULL, NULL}};

static const char *why_not(const struct unexpected *list, const char *name)
{
    for (; list->name != NULL; list++)
        if (strcmp(list->name, name) == 0)
            return list->why;
    return NULL;
}

/* Whether it happened as often as it should; says so when not. */
static bool as_expected(const struct unexpected *list, const char *what, const char *name, bool happened)
{
    const char *why = why_not(list, name);
    if (happened == (why == NULL))
        return true;
    if (happened)
        print_message("%s %s happened, although %s\n", what, name, why);
    else
        print_message("never happened: %s %s\n", what, name);
    return false;
}

static enum status verb_count(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    (void)key;
    (void)ret_more;
    (void)err;
    json_object_set_new(context, member_text(record, "do"), json_true());
    return STATUS_OK;
}

static bool verbs_complete(struct tables_txn *txn)
{
    json_t *seen = json_object();
    bool complete = true;
    struct err err;
    const struct books_walk walk = {.table = BOOKS_ENTRIES, .step = verb_count, .context = seen};
    assert_int_equal(books_each(txn, &walk, &err), STATUS_OK);
    for (int verb = 0; verb < VERB_COUNT; verb++) {
        const char *name = verb_name((enum verb)verb);
        complete = as_expected(verbs_unexpected, "verb", name, json_object_get(seen, name) != NULL) && complete;
    }
    json_decref(seen);
    return complete;
}

static bool feeds_complete(const struct year *year)
{
    static const char *const feeds[] = {"acknowledgements", "cash",   "contacts", "contracts", "customers",
                                        "invoices",         "orders", "people",   "reads"};
    bool complete = true;
    for (size_t i = 0; i < sizeof feeds / sizeof feeds[0]; i++) {
        char name[32];
        snprintf(name, sizeof name, "US01/%s", feeds[i]);
        complete =
            as_expected(feeds_unexpected, "feed", feeds[i], json_object_get(year->files, name) != NULL) && complete;
    }
    return complete;
}

static enum status any_seen(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    (void)key;
    (void)record;
    (void)err;
    *(bool *)context = true;
    *ret_more = false;
    return STATUS_OK;
}

/* Whether documents moved an account of any entity in any of the year's currencies. */
static bool account_moved(struct tables_txn *txn, const char *account)
{
    static const char *const entities[] = {"US01", "EU01", "AC01"};
    bool moved = false;
    for (size_t i = 0; i < 3 && !moved; i++) {
        struct err err;
        struct books_key prefix = books_key_pair(entities[i], account);
        books_key_close(&prefix);
        const struct books_walk walk = {
            .table = BOOKS_ACCOUNTS, .prefix = &prefix, .step = any_seen, .context = &moved};
        assert_int_equal(books_each(txn, &walk, &err), STATUS_OK);
    }
    return moved;
}

static bool accounts_complete(struct tables_txn *txn)
{
    char path[VARIANT_PATH_BYTES];
    bool complete = true;
    year_policy_make(true, path);
    json_t *body = company_policy_body(path);
    variant_done(path);
    const json_t *accounts = json_object_get(json_object_get(body, "compiled"), "accounts");
    for (size_t i = 0; i < json_array_size(accounts); i++) {
        const char *account = member_text(json_array_get(accounts, i), "account");
        complete = as_expected(accounts_unexpected, "account", account, account_moved(txn, account)) && complete;
    }
    json_decref(body);
    return complete;
}

/* Each control answered something but that it allows. */
static bool controls_complete(const struct year *year)
{
    bool complete = true;
    for (size_t i = 0; i < control_count; i++) {
        bool answered = controls[i]->judge == NULL; /* kept by structure */
        const char *code;
        json_t *count;
        json_object_foreach(year->answered, code, count)
        {
            if (strncmp(code, controls[i]->id, strlen(controls[i]->id)) == 0)
                answered = true;
        }
        complete = as_expected(controls_unexpected, "answer of", controls[i]->id, answered) && complete;
    }
    print_message("%zu codes of controls answered\n", json_object_size(year->answered));
    return complete;
}

/* Codes that have to have been answered, beside one of each control. */
static bool answers_complete(const struct year *year)
{
    static const char *const codes[] = {"C-44 erp-twice"};
    bool complete = true;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        complete =
            as_expected(controls_unexpected, "answer", codes[i], json_object_get(year->answered, codes[i]) != NULL) &&
            complete;
    return complete;
}

bool year_complete(struct year *year)
{
    struct tables_txn *txn = NULL;
    struct err err;
    assert_int_equal(tables_read_begin(gate_books(year->company.gate)->tables, &txn, &err), STATUS_OK);
    bool complete = verbs_complete(txn);
    complete = accounts_complete(txn) && complete;
    tables_abort(txn);
    complete = feeds_complete(year) && complete;
    complete = answers_complete(year) && complete;
    complete = year_deliveries_complete(year) && complete;
    return controls_complete(year) && complete;
}

/*
 * A company through a year; see the header.
 */
#include "tests/support/year.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/tables.h"
#include "tests/support/golden.h"
#include "tests/support/money_documents.h"
#include "tests/support/year_steps.h"

#define RUN_HASH "4444444444444444444444444444444444444444444444444444444444444444"

enum { HOUR_MS = 3600 * 1000, NEW_YORK = -300, ROUNDS_MAX = 8 };

unsigned year_below(struct year *year, unsigned bound)
{
    year->random ^= year->random >> 12;
    year->random ^= year->random << 25;
    year->random ^= year->random >> 27;
    return (unsigned)((year->random * UINT64_C(2685821657736338717)) >> 33) % bound;
}

const char *year_date(const struct year *year, int days, char ret_text[static 16])
{
    date_format(date_from_instant(year->company.now_ms, NEW_YORK) + days, ret_text);
    return ret_text;
}

const char *year_instant(const struct year *year, int days, char ret_text[static 32])
{
    instant_format(year->company.now_ms + days * INSTANT_DAY_MS, ret_text);
    return ret_text;
}

void year_hour(struct year *year, int hour)
{
    int64_t at = ((int64_t)year->begins + year->day) * INSTANT_DAY_MS + (int64_t)hour * HOUR_MS;
    if (at > year->company.now_ms)
        year->company.now_ms = at;
}

const char *year_amount(int64_t minor, char ret_text[static YEAR_AMOUNT_BYTES])
{
    char text[MONEY_TEXT_MAX];
    money_format(minor, 2, text);
    snprintf(ret_text, YEAR_AMOUNT_BYTES, "%s", text);
    return ret_text;
}

static void count_up(json_t *counts, const json_t *answer)
{
    char name[128];
    snprintf(name, sizeof name, "%s %s", member_text(answer, "control"), member_text(answer, "code"));
    json_object_set_new(counts, name, json_integer(json_integer_value(json_object_get(counts, name)) + 1));
}

static void answers_count(struct year *year, const json_t *result)
{
    const json_t *list = json_object_get(result, "controls");
    for (size_t i = 0; i < json_array_size(list); i++)
        count_up(year->answered, json_array_get(list, i));
}

static void refusals_count(struct year *year, const json_t *result)
{
    const json_t *list = json_object_get(result, "controls");
    if (getenv("COUNTERSIGN_YEAR_SHOW") != NULL) {
        char *shown = json_dumps(result, JSON_COMPACT);
        print_message("day %d: %s\n", year->day, shown);
        free(shown);
    }
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(member_text(json_array_get(list, i), "answer"), "deny") == 0)
            count_up(year->refused, json_array_get(list, i));
}

static json_t *once(struct year *year, const char *user, enum verb verb, json_t *body, const char *extra)
{
    json_t *decision = company_do_with(&year->company, user, verb, body, extra);
    json_t *result = json_incref(json_array_get(json_object_get(decision, "results"), 0));
    year->let_in++;
    if (result == NULL) {
        year->wholly_refused++;
        answers_count(year, decision);
        refusals_count(year, decision);
        return decision;
    }
    json_decref(decision);
    answers_count(year, result);
    const char *outcome = result_outcome(result);
    if (outcome != NULL && strcmp(outcome, "refused") == 0)
        refusals_count(year, result);
    return result;
}

static json_t *signing(struct year *year, const char *number, int level)
{
    json_t *record = company_record(&year->company, number);
    json_t *body =
        json_pack("{s:[{s:s, s:s, s:i, s:I}]}", "items", "content", member_text(record, "content"), "document", number,
                  "level", level, "version", (json_int_t)member_integer(record, "version"));
    json_decref(record);
    return body;
}

/* Two officers; they wake each other, as any two do though they sleep themselves. */
static bool wake(struct year *year, const char *user)
{
    static const char *const officers[] = {"olga", "oscar", "owen"};
    unsigned first = strcmp(user, officers[0]) == 0 ? 1 : 0, second = first + 1;
    if (strcmp(user, officers[second]) == 0)
        second = 2;
    json_t *document = company_with(company_document(&year->company, "reactivation"), "user", json_string(user));
    company_with(document, "reason", json_string("Back at work, checked with the team"));
    json_t *result =
        once(year, officers[first], VERB_SUBMIT, json_pack("{s:b, s:[o]}", "atomic", 0, "documents", document), NULL);
    bool woken = false;
    if (result_number(result) != NULL && strcmp(result_outcome(result), "waiting") == 0) {
        json_t *answer = once(year, officers[second], VERB_APPROVE, signing(year, result_number(result), 1), NULL);
        woken = strcmp(result_outcome(answer) != NULL ? result_outcome(answer) : "", "in-force") == 0;
        json_decref(answer);
    }
    json_decref(result);
    return woken;
}

json_t *year_do(struct year *year, const char *user, enum verb verb, json_t *body, const char *extra)
{
    json_t *again = json_deep_copy(body), *result = once(year, user, verb, body, extra);
    if (result_has(result, "C-28", "dormant") && wake(year, user)) {
        json_decref(result);
        return once(year, user, verb, again, extra);
    }
    json_decref(again);
    return result;
}

json_t *year_submit(struct year *year, const char *user, json_t *document)
{
    if (strcmp(user, "bot1") == 0) /* the policy asks bots for their run */
        company_with(document, "run", json_pack("{s:s, s:s}", "id", "nightly", "sha256", RUN_HASH));
    return year_do(year, user, VERB_SUBMIT, json_pack("{s:b, s:[o]}", "atomic", 0, "documents", document), NULL);
}

json_t *year_approve(struct year *year, const char *user, const char *number, int level)
{
    return year_do(year, user, VERB_APPROVE, signing(year, number, level), NULL);
}

static bool outcome_is(const json_t *result, const char *outcome)
{
    const char *text = result_outcome(result);
    return text != NULL && strcmp(text, outcome) == 0;
}

/* Who signs at a level. Who approves limits signs nothing else of these customers, nor do those of hold releases. */
static const char *const *signers(const char *kind, int level)
{
    static const char *const levels[][3] = {
        {"ana", "tom", NULL}, {"priya", "mona", NULL}, {"dora", "dan", NULL}, {"vera", NULL}, {"carl", NULL}};
    static const char *const holds[][2] = {{"rita", NULL}, {"ron", NULL}, {"rolf", NULL}};
    static const char *const limits[][2] = {{"rick", NULL}, {"rosa", NULL}, {"ruth", NULL}};
    static const char *const officers[] = {"oscar", "owen", "olga", NULL};
    static const char *const closers[] = {"clive", "cleo", "oscar", NULL};
    static const char *const governed[] = {"enrolment",      "key-rotation", "grant",      "delegation",   "policy",
                                           "related",        "mitigation",   "entity",     "reactivation", "rates",
                                           "release",        "break-glass",  "legal-hold", "erasure",      "book-key",
                                           "key-revocation", "affirmation"};
    for (size_t i = 0; i < sizeof governed / sizeof governed[0]; i++)
        if (strcmp(governed[i], kind) == 0)
            return officers;
    if (strcmp(kind, "period") == 0)
        return closers;
    if (level <= 3 && strcmp(kind, "hold-release") == 0)
        return holds[level - 1];
    if (level <= 3 && (strcmp(kind, "credit-limit") == 0 || strcmp(kind, "temporary-limit") == 0))
        return limits[level - 1];
    return levels[level - 1];
}

/* Now and then somebody tries who must not. */
static void wrong_sign(struct year *year, const char *number, int level)
{
    static const char *const users[] = {"maria", "joe", "mia", "audrey", "bot1", "adam", "carl", "feedm"};
    const char *user = users[year_below(year, 8)];
    if (year_below(year, 10) != 0 || (level == 5 && strcmp(user, "carl") == 0))
        return;
    json_t *result = year_approve(year, user, number, level);
    if (!outcome_is(result, "refused")) {
        char *shown = json_dumps(result, 0);
        fail_msg("%s signed %s at level %d: %s", user, number, level, shown);
    }
    json_decref(result);
}

static void level_note(struct year *year, int level)
{
    char name[16];
    snprintf(name, sizeof name, "level %d", level);
    year_note(year, name, "signed");
}

/* One level. True when somebody signed it; *ret_done: it took effect. */
static bool level_sign(struct year *year, const char *number, const json_t *record, bool *ret_done)
{
    int level = (int)json_integer_value(json_array_get(json_object_get(record, "levels"), 0));
    const char *const *list = signers(member_text(record, "kind"), level);
    size_t count = 0;
    wrong_sign(year, number, level);
    while (list[count] != NULL)
        count++;
    size_t start = strcmp(list[0], "oscar") == 0 ? 0 : year_below(year, (unsigned)count);
    for (size_t i = 0; i < count; i++) {
        json_t *result = year_approve(year, list[(start + i) % count], number, level);
        bool goes_on = outcome_is(result, "approved");
        *ret_done = outcome_is(result, "posted") || outcome_is(result, "in-force");
        json_decref(result);
        if (goes_on || *ret_done) {
            level_note(year, level);
            return true;
        }
    }
    return false;
}

bool year_sign(struct year *year, const char *number)
{
    bool done = false;
    for (int i = 0; i < ROUNDS_MAX && !done; i++) {
        json_t *record = company_record(&year->company, number);
        bool waits = strcmp(member_text(record, "state"), "waiting") == 0;
        done = strcmp(member_text(record, "state"), "posted") == 0 ||
               strcmp(member_text(record, "state"), "in-force") == 0;
        bool goes_on = waits && level_sign(year, number, record, &done);
        json_decref(record);
        if (!goes_on)
            return done;
    }
    return done;
}

char *year_wait(struct year *year, const char *user, json_t *document)
{
    json_t *result = year_submit(year, user, document);
    char *number = outcome_is(result, "waiting") ? strdup(result_number(result)) : NULL;
    json_decref(result);
    return number;
}

char *year_settle(struct year *year, const char *user, json_t *document)
{
    json_t *result = year_submit(year, user, document);
    bool done = outcome_is(result, "posted") || outcome_is(result, "in-force"), waits = outcome_is(result, "waiting");
    char *number = done || waits ? strdup(result_number(result)) : NULL;
    json_decref(result);
    if (waits && !year_sign(year, number)) {
        free(number);
        return NULL;
    }
    return number;
}

bool year_feed_of(struct year *year, const struct company_file *file, json_t *records)
{
    char name[64];
    const char *entity = file->entity != NULL ? file->entity : "US01";
    snprintf(name, sizeof name, "%s/%s", entity, file->feed);
    json_int_t sequence = 1 + json_integer_value(json_object_get(year->files, name));
    json_t *manifest = json_pack("{s:I, s:I}", "count", (json_int_t)json_array_size(records), "sequence", sequence);
    if (file->total != NULL) {
        company_with(manifest, "currency", json_string(file->currency != NULL ? file->currency : "USD"));
        company_with(manifest, "total", json_string(file->total));
    }
    json_t *result = year_do(year, file->user, VERB_FEED,
                             json_pack("{s:s, s:s, s:o, s:b, s:i, s:o}", "entity", entity, "feed", file->feed, "file",
                                       manifest, "last", 1, "part", 1, "records", records),
                             NULL);
    if (!outcome_is(result, "closed")) {
        char *shown = json_dumps(result, 0);
        fail_msg("day %d, %s: %s", year->day, name, shown);
    }
    json_object_set_new(year->files, name, json_integer(sequence));
    json_decref(result);
    return true;
}

bool year_feed(struct year *year, const char *user, const char *feed, int64_t total, bool has_total, json_t *records)
{
    char text[YEAR_AMOUNT_BYTES];
    const struct company_file file = {.user = user, .feed = feed, .total = has_total ? year_amount(total, text) : NULL};
    return year_feed_of(year, &file, records);
}

json_t *year_invoice(struct year *year, int64_t least, int64_t *ret_free)
{
    size_t count = json_array_size(year->invoices), latest = count < 60 ? count : 60;
    for (int i = 0; i < 40 && latest > 0; i++) {
        const json_t *one = json_array_get(year->invoices, count - 1 - year_below(year, (unsigned)latest));
        json_t *record = company_invoice_record(&year->company, member_text(one, "invoice"));
        *ret_free = record == NULL ? 0 : member_integer(record, "open") - member_integer(record, "pending");
        if (record != NULL && *ret_free >= least)
            return record;
        json_decref(record);
    }
    return NULL;
}

void year_note(struct year *year, const char *name, const char *number)
{
    json_object_set_new(year->numbers, name, json_string(number));
}

const char *year_noted(const struct year *year, const char *name)
{
    return json_string_value(json_object_get(year->numbers, name));
}

static enum status document_count(void *context, struct slice key, const json_t *record, bool *ret_more,
                                  struct err *err)
{
    json_t *kinds = context;
    const char *kind = member_text(record, "kind"), *state = member_text(record, "state");
    (void)key;
    (void)ret_more;
    (void)err;
    json_t *states = json_object_get(kinds, kind);
    if (states == NULL) {
        states = json_object();
        json_object_set_new(kinds, kind, states);
    }
    json_object_set_new(states, state, json_integer(json_integer_value(json_object_get(states, state)) + 1));
    return STATUS_OK;
}

json_t *year_documents(struct year *year)
{
    struct tables_txn *txn = NULL;
    struct err err;
    json_t *kinds = json_object();
    const struct books_walk walk = {.table = BOOKS_DOCUMENTS, .step = document_count, .context = kinds};
    assert_int_equal(tables_read_begin(gate_books(year->company.gate)->tables, &txn, &err), STATUS_OK);
    assert_int_equal(books_each(txn, &walk, &err), STATUS_OK);
    tables_abort(txn);
    return kinds;
}

static void hire_all(struct year *year)
{
    static const char *const cast[][4] = {
        {"feedp", "P-34", "feed", "FEED_PEOPLE"},
        {"feedt", "P-35", "feed", "FEED_CONTACTS"},
        {"feedr", "P-36", "feed", "FEED_METERS"},
        {"feedo", "P-37", "feed", "FEED_ORDERS"},
        {"feede", "P-38", "feed", "FEED_ACKNOWLEDGEMENTS"},
        {"mona", "P-27", "human", "MANAGER"},
        {"dan", "P-28", "human", "DIRECTOR"},
        {"rita", "P-71", "human", "CREDIT_RISK_1"},
        {"ron", "P-72", "human", "CREDIT_RISK_2"},
        {"rolf", "P-73", "human", "CREDIT_RISK_3"},
        {"rick", "P-74", "human", "CREDIT_RISK_1"},
        {"rosa", "P-75", "human", "CREDIT_RISK_2"},
        {"ruth", "P-76", "human", "CREDIT_RISK_3"},
        {"cleo", "P-51", "human", "PERIOD_CLOSER"},
        {"clive", "P-52", "human", "PERIOD_CLOSER"},
        {"lena", "P-61", "human", "BILLING_SPECIALIST"},
        {"mia", "P-62", "human", "BILLING_SPECIALIST"},
        {"nora", "P-63", "human", "READER"},
        {"carla", "P-64", "human", "COLLECTIONS_SPECIALIST"},
        {"alan", "P-65", "human", "CREDIT_ANALYST"},
    };
    for (size_t i = 0; i < sizeof cast / sizeof cast[0]; i++)
        money_hire(&year->company, cast[i][0], cast[i][1], cast[i][2], cast[i][3]);
}

void year_open(struct year *year, unsigned long long seed)
{
    static const char *const begun[] = {"US01/customers", "US01/invoices"};
    char policy[VARIANT_PATH_BYTES];
    memset(year, 0, sizeof *year);
    year->random = seed * 2 + 1;
    year->files = json_object();
    year->invoices = json_array();
    year->debtors = json_array();
    year->payers = json_pack("[s, s, s]", "16446", "16447", "10442");
    year->answered = json_object();
    year->refused = json_object();
    year->numbers = json_object();
    year->checkpoints = json_array();
    year_note(year, "custodian", "book-key");
    for (size_t i = 0; i < sizeof begun / sizeof begun[0]; i++)
        json_object_set_new(year->files, begun[i], json_integer(1));
    year->company.recovery = true;
    year_policy_make(false, policy);
    company_open(&year->company, policy);
    variant_done(policy);
    year->begins = (int32_t)(year->company.now_ms / INSTANT_DAY_MS);
    hire_all(year);
}

void year_close(struct year *year)
{
    json_decref(year->files);
    json_decref(year->invoices);
    json_decref(year->debtors);
    json_decref(year->payers);
    json_decref(year->answered);
    json_decref(year->refused);
    json_decref(year->numbers);
    json_decref(year->checkpoints);
    company_close(&year->company);
}

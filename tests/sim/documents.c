/*
 * The model's documents as the JSON that people sign. Names of things are made of their places in the model.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/instant.h"
#include "tests/sim/documents.h"
#include "tests/support/closing.h"

static const char *const prefixes[SIM_KINDS] = {"CN", "IC", "WO", "RV", "EN", "GR", "RG", "KR", "KX", "DG", "PO", "PE"};
static const char *const kinds[SIM_KINDS] = {"credit-note",    "correction", "write-off",  "reversal",
                                             "enrolment",      "grant",      "revocation", "key-rotation",
                                             "key-revocation", "delegation", "policy",     "period"};
static const char *const roles[SIM_ROLES] = {"SPECIALIST", "COLLECTOR", "LEAD",  "MANAGER",
                                             "DIRECTOR",   "CLOSER",    "FEEDER"};
static const char *const sorts[] = {"human", "bot", "feed"};
static const char *const officers[SIM_OFFICERS] = {"olga", "oscar", "owen"};

const char *sim_user_name(int user, char ret_text[static 24])
{
    if (user < SIM_OFFICERS)
        snprintf(ret_text, 24, "%s", officers[user]);
    else
        snprintf(ret_text, 24, "user-%d", user);
    return ret_text;
}

static const char *person_name(int person, char ret_text[static 24])
{
    if (person < SIM_OFFICERS)
        snprintf(ret_text, 24, "P-0%d", person + 1);
    else
        snprintf(ret_text, 24, "P-%d", person + 7);
    return ret_text;
}

/* Whose name in the company the key has: the officers' own, else one made of its place. */
const char *sim_key_name(int key, char ret_text[static 24])
{
    if (key < SIM_OFFICERS)
        snprintf(ret_text, 24, "%s", officers[key]);
    else
        snprintf(ret_text, 24, "key-%d", key);
    return ret_text;
}

const char *sim_number(const struct sim_model *model, int document, char ret_text[static 24])
{
    snprintf(ret_text, 24, "%s-%d", prefixes[model->documents[document].content.kind],
             model->documents[document].number);
    return ret_text;
}

const char *sim_legal(const struct sim_model *model, int document, char ret_text[static 32])
{
    char date[DATE_TEXT_BYTES];
    date_format(model->documents[document].content.date, date);
    snprintf(ret_text, 32, "US01-%s-%.4s-%06d", prefixes[model->documents[document].content.kind], date,
             model->documents[document].legal);
    return ret_text;
}

const char *sim_amount(int64_t minor, char ret_text[static 32])
{
    snprintf(ret_text, 32, "%s%lld.%02lld", minor < 0 ? "-" : "", llabs(minor) / 100, llabs(minor) % 100);
    return ret_text;
}

static json_t *amount_new(int64_t minor)
{
    char text[32];
    return json_string(sim_amount(minor, text));
}

static json_t *instant_new(int64_t ms)
{
    char text[INSTANT_TEXT_BYTES];
    instant_format(ms, text);
    return json_string(text);
}

static json_t *text_new(const char *format, int number)
{
    char text[32];
    snprintf(text, sizeof text, format, number);
    return json_string(text);
}

json_t *sim_date_new(int date)
{
    char text[DATE_TEXT_BYTES];
    date_format(date, text);
    return json_string(text);
}

static json_t *user_new(int user)
{
    char name[24];
    return json_string(sim_user_name(user, name));
}

json_t *sim_person_new(int person)
{
    char name[24];
    return json_string(person_name(person, name));
}

static json_t *key_new(struct sim_world *world, int key)
{
    char name[24];
    return json_string(company_user(&world->company, sim_key_name(key, name))->key);
}

static void money_add(json_t *document, const struct sim_model *model, const struct sim_content *content)
{
    char number[24];
    static const char *const reasons[] = {"MISTAKE", "UNDONE"};
    json_t *allocations = json_array();
    company_with(document, "entity", json_string("US01"));
    company_with(document, "date", sim_date_new(content->date));
    if (content->requested_by != SIM_NONE)
        company_with(document, "requested_by", sim_person_new(content->requested_by));
    if (content->kind == SIM_REVERSAL) {
        json_decref(allocations);
        company_with(document, "reverses", json_string(sim_number(model, content->reverses, number)));
        company_with(document, "reason", json_string(reasons[content->reason]));
        return;
    }
    for (int i = 0; i < content->count; i++)
        json_array_append_new(allocations, json_pack("{s:o, s:o}", "amount", amount_new(content->allocations[i].minor),
                                                     "invoice", text_new("I-%d", content->allocations[i].invoice)));
    company_with(document, "customer", text_new("C-%d", content->customer));
    company_with(document, "currency", json_string("USD"));
    company_with(document, "amount", amount_new(content->amount));
    company_with(document, "reason", json_string(content->kind == SIM_WRITE_OFF ? "BAD_DEBT" : "PRICE_ERR"));
    company_with(document, "allocations", allocations);
    if (content->on_account != 0)
        company_with(document, "on_account", amount_new(content->on_account));
    if (content->kind == SIM_WRITE_OFF)
        company_with(document, "method", json_string("allowance"));
    if (content->kind == SIM_CORRECTION) {
        company_with(document, "direction", json_string(content->up ? "up" : "down"));
        company_with(document, "field", json_string("price"));
    }
}

/* The simulation's policy with the amounts of a variant, compiled. */
static void policy_add(json_t *document, const struct sim_content *content)
{
    char path[VARIANT_PATH_BYTES], self[64], lead[64], manager[64];
    snprintf(self, sizeof self, "{ upto: %" PRId64 ".00, levels: [] }", sim_tiers[content->variant][0] / 100);
    snprintf(lead, sizeof lead, "{ upto: %" PRId64 ".00, levels: [1] }", sim_tiers[content->variant][1] / 100);
    snprintf(manager, sizeof manager, "{ upto: %" PRId64 ".00, levels: [1, 2] }", sim_tiers[content->variant][2] / 100);
    const struct edit edits[] = {{"{ upto: 100.00, levels: [] }", self},
                                 {"{ upto: 1000.00, levels: [1] }", lead},
                                 {"{ upto: 10000.00, levels: [1, 2] }", manager},
                                 {NULL, NULL}};
    variant_make_of("tests/sim/policy.yaml", edits, path);
    json_t *body = company_policy_body(path);
    variant_done(path);
    json_object_update(document, body);
    json_decref(body);
    company_with(document, "effective", instant_new(content->effective_ms));
}

static json_t *functions_new(int level)
{
    static const char *const names[] = {"correction", "credit-note", "reversal", "write-off"};
    json_t *functions = json_array();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char function[40];
        snprintf(function, sizeof function, "%s.approve.%d", names[i], level);
        json_array_append_new(functions, json_string(function));
    }
    return functions;
}

static void period_add(json_t *document, const struct sim_content *content)
{
    static const char *const states[] = {"open", "soft", "hard"};
    char date[DATE_TEXT_BYTES];
    date_format(sim_month_first(content->month), date);
    date[7] = '\0';
    company_with(document, "entity", json_string("US01"));
    company_with(document, "period", json_string(date));
    company_with(document, "state", json_string(states[content->state]));
    company_with(document, "reason", json_string("The calendar of the close"));
}

static void governance_add(json_t *document, struct sim_world *world, const struct sim_content *content)
{
    char number[24];
    switch (content->kind) {
    case SIM_ENROLMENT:
        company_with(document, "user", user_new(content->user));
        company_with(document, "person", sim_person_new(content->person));
        company_with(document, "sort", json_string(sorts[world->model.users[content->user].sort]));
        company_with(document, "key", key_new(world, content->key));
        break;
    case SIM_GRANT:
        company_with(document, "user", user_new(content->user));
        company_with(document, "role", json_string(roles[content->role]));
        company_with(document, "entities", json_pack("[s]", "US01"));
        break;
    case SIM_REVOCATION:
        company_with(document, "grant", json_string(sim_number(&world->model, content->target, number)));
        company_with(document, "reason", json_string("No longer needed"));
        break;
    case SIM_ROTATION:
        company_with(document, "user", user_new(content->user));
        company_with(document, "old", key_new(world, content->old_key));
        company_with(document, "new", key_new(world, content->key));
        break;
    case SIM_KEY_REVOCATION:
        company_with(document, "user", user_new(content->user));
        company_with(document, "key", key_new(world, content->key));
        company_with(document, "reason", json_string("It was seen elsewhere"));
        if (content->since_ms != SIM_NEVER)
            company_with(document, "since", instant_new(content->since_ms));
        break;
    case SIM_DELEGATION:
        company_with(document, "from_user", user_new(content->user));
        company_with(document, "to_user", user_new(content->to_user));
        company_with(document, "functions", functions_new(content->level));
        company_with(document, "from", instant_new(content->from_ms));
        company_with(document, "to", instant_new(content->to_ms));
        company_with(document, "reason", json_string("Away"));
        break;
    case SIM_POLICY:
        policy_add(document, content);
        break;
    case SIM_PERIOD:
        period_add(document, content);
        break;
    case SIM_CREDIT_NOTE:
    case SIM_CORRECTION:
    case SIM_WRITE_OFF:
    case SIM_REVERSAL:
    case SIM_KINDS:
        break;
    }
}

json_t *sim_document_new(struct sim_world *world, const struct sim_content *content)
{
    json_t *document = json_pack("{s:s, s:o, s:s}", "kind", kinds[content->kind], "ref",
                                 text_new("r-%d", (int)content->ref), "channel", "cli");
    if (sim_is_money(content->kind))
        money_add(document, &world->model, content);
    else
        governance_add(document, world, content);
    return document;
}

static json_t *cash_new(const struct sim_file *file)
{
    json_t *applied = file->applied == 0 ? json_array()
                                         : json_pack("[{s:o, s:o}]", "amount", amount_new(file->applied), "invoice",
                                                     text_new("I-%d", file->invoice));
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "amount", amount_new(file->amount), "applied", applied, "customer",
                     text_new("C-%d", file->customer), "date", sim_date_new(file->date), "receipt",
                     text_new("RCT-%d", file->sequence));
}

static json_t *records_new(const struct sim_file *file)
{
    json_t *records = json_array();
    switch (file->feed) {
    case SIM_FEED_CUSTOMERS:
        for (int i = 0; i < SIM_CUSTOMERS; i++)
            json_array_append_new(records, json_pack("{s:s, s:o, s:o, s:s, s:i}", "currency", "USD", "customer",
                                                     text_new("C-%d", i), "group", text_new("C-%d", i), "limit",
                                                     "10000.00", "terms_days", 30));
        break;
    case SIM_FEED_INVOICES:
        json_array_append_new(records,
                              json_pack("{s:o, s:o, s:o, s:o, s:o, s:[{s:s, s:o, s:s}]}", "customer",
                                        text_new("C-%d", file->customer), "date", sim_date_new(file->date), "due",
                                        sim_date_new(file->date + 30), "gross", amount_new(file->amount), "invoice",
                                        text_new("I-%d", file->invoice), "taxes", "code", "NONE", "net",
                                        amount_new(file->amount), "tax", "0.00"));
        break;
    case SIM_FEED_CASH:
        json_array_append_new(records, cash_new(file));
        break;
    case SIM_FEED_PEOPLE:
        json_array_append_new(records, json_pack("{s:s, s:o, s:o, s:o}", "change", "leave", "date",
                                                 sim_date_new(file->date), "event", text_new("E-%d", file->sequence),
                                                 "person", sim_person_new(file->person)));
        break;
    case SIM_FEEDS:
        break;
    }
    return records;
}

json_t *sim_file_new(const struct sim_file *file)
{
    static const char *const feeds[SIM_FEEDS] = {"customers", "invoices", "cash", "people"};
    json_t *records = records_new(file);
    json_t *manifest =
        json_pack("{s:I, s:i}", "count", (json_int_t)json_array_size(records), "sequence", file->sequence);
    if (file->feed == SIM_FEED_INVOICES || file->feed == SIM_FEED_CASH) {
        company_with(manifest, "currency", json_string("USD"));
        company_with(manifest, "total", amount_new(file->amount));
    }
    return json_pack("{s:s, s:s, s:o, s:b, s:i, s:o}", "entity", "US01", "feed", feeds[file->feed], "file", manifest,
                     "last", 1, "part", 1, "records", records);
}

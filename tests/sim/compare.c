/*
 * The books held against the model: invoices, accounts, documents, users' grants and keys, whatever the books say of them.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/books.h"
#include "ledger/schema.h"
#include "tests/sim/documents.h"
#include "tests/sim/world.h"

struct reading {
    const struct sim_world *world;
    struct tables_txn *txn;
};

static json_t *record_get(const struct reading *reading, enum books_table table, const struct books_key *key)
{
    json_t *record = NULL;
    struct err err;
    enum status status = books_get(reading->txn, table, key, &record, &err);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        sim_wrong(reading->world, "the books cannot be read: %s", err.text);
    return record;
}

static void equal(const struct reading *reading, const char *what, int number, int64_t got, int64_t wanted)
{
    if (got != wanted)
        sim_wrong(reading->world, "%s of %d is %" PRId64 " in the books, the model says %" PRId64, what, number, got,
                  wanted);
}

static void invoices_compare(const struct reading *reading)
{
    const struct sim_model *model = &reading->world->model;
    int64_t open[SIM_CUSTOMERS] = {0};
    for (int i = 0; i < model->invoice_count; i++) {
        char name[24];
        snprintf(name, sizeof name, "I-%d", i);
        const struct books_key key = books_key_pair("US01", name);
        json_t *record = record_get(reading, BOOKS_INVOICES, &key);
        if (record == NULL)
            sim_wrong(reading->world, "invoice %d is not in the books", i);
        equal(reading, "what is open", i, member_integer(record, "open"), model->invoices[i].open);
        equal(reading, "what is pending", i, member_integer(record, "pending"), sim_pending(model, i, SIM_NONE));
        open[model->invoices[i].customer] += model->invoices[i].open;
        json_decref(record);
    }
    for (int c = 0; c < SIM_CUSTOMERS; c++) {
        char name[24];
        snprintf(name, sizeof name, "C-%d", c);
        struct books_key key = books_key_pair("US01", name);
        books_key_add_text(&key, "USD");
        json_t *record = record_get(reading, BOOKS_BALANCES, &key);
        equal(reading, "what a customer owes", c, member_integer(record, "open"), open[c]);
        equal(reading, "what stands on the account", c, member_integer(record, "account"), model->account[c]);
        json_decref(record);
    }
}

static const char *state_word(const struct sim_document *document)
{
    static const char *const words[] = {"waiting", "returned", "posted", "reversed", "withdrawn", "rejected", "lapsed"};
    return document->state == SIM_DONE && !sim_is_money(document->content.kind) ? "in-force" : words[document->state];
}

static void document_compare(const struct reading *reading, int number)
{
    char name[24];
    const struct sim_document *document = &reading->world->model.documents[number];
    const struct books_key key = books_key(sim_number(&reading->world->model, number, name));
    json_t *record = record_get(reading, BOOKS_DOCUMENTS, &key);
    if (record == NULL)
        sim_wrong(reading->world, "%s is not in the books", name);
    /* The books let lapse at the next entry, as the model does. */
    if (strcmp(member_text(record, "state"), state_word(document)) != 0)
        sim_wrong(reading->world, "%s is %s in the books, the model says %s", name, member_text(record, "state"),
                  state_word(document));
    equal(reading, "the version", number, member_integer(record, "version"), document->version);
    equal(reading, "the entry", number, member_integer(record, "seq"), (int64_t)document->seq);
    equal(reading, "the levels open", number, (int64_t)json_array_size(json_object_get(record, "levels")),
          __builtin_popcount(document->needed));
    equal(reading, "the approvals", number, (int64_t)json_array_size(json_object_get(record, "approvals")),
          document->approval_count);
    json_decref(record);
}

/* Whoever made it signed none of its levels, and nobody signed two. */
static void persons_compare(const struct reading *reading, int number)
{
    const struct sim_document *document = &reading->world->model.documents[number];
    uint64_t persons = document->makers;
    if (document->state != SIM_DONE && document->state != SIM_REVERSED)
        return;
    for (int i = 0; i < document->approval_count; i++) {
        uint64_t person = UINT64_C(1) << document->approvals[i].person;
        if ((persons & person) != 0)
            sim_wrong(reading->world, "document %d took effect by one person's two acts", number);
        persons |= person;
    }
}

static void keys_compare(const struct reading *reading)
{
    const struct sim_model *model = &reading->world->model;
    for (int k = 0; k < model->key_count; k++) {
        char name[24];
        const struct books_key key =
            books_key(company_user((struct company *)&reading->world->company, sim_key_name(k, name))->key);
        json_t *record = record_get(reading, BOOKS_KEYS, &key);
        equal(reading, "whether a key was ever in force", k, record != NULL, model->keys[k].known);
        if (record != NULL)
            equal(reading, "whether a key signs", k, json_object_get(record, "revoked") == NULL, model->keys[k].valid);
        json_decref(record);
    }
}

static void grants_compare(const struct reading *reading)
{
    const struct sim_model *model = &reading->world->model;
    for (int i = 0; i < model->document_count; i++) {
        const struct sim_document *document = &model->documents[i];
        char name[24];
        if (document->content.kind != SIM_GRANT && document->content.kind != SIM_DELEGATION)
            continue;
        const struct books_key key = books_key(sim_number(model, i, name));
        json_t *record =
            record_get(reading, document->content.kind == SIM_GRANT ? BOOKS_GRANTS : BOOKS_DELEGATIONS, &key);
        equal(reading, "whether a grant is in force", i, record != NULL && json_object_get(record, "revoked") == NULL,
              document->state == SIM_DONE && !document->ended);
        json_decref(record);
    }
}

void sim_compare(struct sim_world *world, bool all)
{
    struct reading reading = {.world = world};
    struct err err;
    if (tables_read_begin(gate_books(world->company.gate)->tables, &reading.txn, &err) != STATUS_OK)
        sim_wrong(world, "the books cannot be read: %s", err.text);
    invoices_compare(&reading);
    for (int i = 0; i < world->model.document_count; i++) {
        bool recent = world->model.documents[i].seq + 8 > world->model.size;
        if (all || recent)
            document_compare(&reading, i);
        persons_compare(&reading, i);
    }
    if (all) {
        keys_compare(&reading);
        grants_compare(&reading);
    }
    tables_abort(reading.txn);
}

/*
 * Facts that an approval rests on; see the header. What changed when is noted in the records (ledger/fold_material.c).
 */
#include "controls/facts_material.h"

#include <stdio.h>
#include <string.h>

#include "ledger/schema.h"
#include "ledger/transfer.h"

static const char *const invoice_facts[] = {"open", "dispute", NULL};
static const char *const customer_facts[] = {"limit", "related", NULL};

static void record_look(const json_t *record, const char *id, const char *const *names, uint64_t after_seq,
                        struct material_change *change)
{
    const json_t *moved = json_object_get(record, "moved");
    for (; *names != NULL && change->fact == NULL; names++) {
        const json_t *one = json_object_get(moved, *names);
        if (one == NULL || (uint64_t)member_integer(one, "known") <= after_seq)
            continue;
        change->fact = *names;
        change->entry = (uint64_t)member_integer(one, "entry");
        snprintf(change->id, sizeof change->id, "%s", id);
    }
}

static enum status document_look(const struct facts *facts, const json_t *document, uint64_t after_seq,
                                 struct material_change *change, struct err *err)
{
    const json_t *allocations = json_object_get(document, "allocations");
    const char *entity = member_text(document, "entity"), *customer = member_text(document, "customer");
    json_t *record = NULL;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && change->fact == NULL && i < json_array_size(allocations); i++) {
        const char *id = member_text(json_array_get(allocations, i), "invoice");
        status = facts_invoice(facts, entity, id, &record, err);
        if (status == STATUS_OK)
            record_look(record, id, invoice_facts, after_seq, change);
        json_decref(record);
        record = NULL;
    }
    if (status != STATUS_OK || change->fact != NULL || customer == NULL || entity == NULL)
        return status;
    status = facts_customer(facts, entity, customer, &record, err);
    if (status == STATUS_OK)
        record_look(record, customer, customer_facts, after_seq, change);
    json_decref(record);
    return status;
}

static enum status sides_look(const struct facts *facts, const json_t *document, uint64_t after_seq,
                              struct material_change *change, struct err *err)
{
    json_t *receiving = NULL;
    enum status status = document_look(facts, document, after_seq, change, err);
    if (status == STATUS_OK && change->fact == NULL)
        status = transfer_receiving(document, &receiving, err);
    if (status == STATUS_OK && receiving != NULL)
        status = document_look(facts, receiving, after_seq, change, err);
    json_decref(receiving);
    return status;
}

enum status facts_material(const struct facts *facts, const json_t *document, uint64_t after_seq,
                           struct material_change *ret_change, struct err *err)
{
    struct material_change change = {.fact = NULL};
    const char *reverses = member_text(document, "reverses");
    json_t *original = NULL;
    enum status status = STATUS_OK;
    if (reverses != NULL)
        status = facts_document(facts, reverses, &original, err);
    if (status == STATUS_OK)
        status = sides_look(facts, original != NULL ? json_object_get(original, "document") : document, after_seq,
                            &change, err);
    json_decref(original);
    if (status == STATUS_OK)
        *ret_change = change;
    return status;
}

/*
 * What an entry that stands in the journal leaves in the model: people and keys, documents and signatures, invoices, files, policies.
 */
#include <stdlib.h>

#include "ledger/canon.h"
#include "tests/support/gate_model_parts.h"

static void take_person(struct gate_model *model, const char *user, const char *person, const char *key,
                        const json_t *until)
{
    json_object_set_new(model->users, user, json_string(person));
    json_object_set_new(model->keys, key, json_pack("{s:s, s:O*}", "user", user, "until", until));
}

/* What a document does that has come into force. */
static void take_effect(struct gate_model *model, const json_t *document, const json_t *result)
{
    const char *kind = text(document, "kind");
    const json_t *lines = at(result, "lines");
    char name[512];
    if (is(kind, "enrolment"))
        take_person(model, text(document, "user"), text(document, "person"), text(document, "key"),
                    at(document, "until"));
    if (is(kind, "key-rotation")) {
        json_object_del(model->keys, text(document, "old"));
        json_object_set_new(model->keys, text(document, "new"),
                            json_pack("{s:s, s:O*}", "user", text(document, "user"), "until", at(document, "until")));
    }
    if (is(kind, "key-revocation"))
        json_object_del(model->keys, text(document, "key"));
    if (is(kind, "policy")) {
        struct hash hash;
        char hex[HASH_HEX_CHARS + 1];
        if (canon_hash(at(document, "compiled"), &hash, NULL) != STATUS_OK)
            abort();
        hash_to_hex(&hash, hex);
        json_object_set(model->policies, hex, at(document, "compiled"));
    }
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        json_t *invoice = at(model->invoices, pair(text(document, "entity"), text(line, "invoice"), name));
        int64_t amount = minor(text(line, "amount"));
        if (at(line, "invoice") != NULL && invoice != NULL)
            json_object_set_new(invoice, "open",
                                json_integer(json_integer_value(at(invoice, "open")) +
                                             (is(text(line, "side"), "dr") ? amount : -amount)));
    }
}

static void take_document(struct gate_model *model, const struct look *look, size_t index)
{
    const json_t *document = document_at(look, index), *result = json_array_get(look->results, index);
    const char *number = text(result, "document"), *outcome = text(result, "outcome");
    const char *behalf = text(document, "behalf");
    char name[512];
    json_object_set(model->refs, pair(text(document, "entity"), text(document, "ref"), name), at(result, "content"));
    json_t *known = at(model->documents, number);
    json_t *makers = known != NULL ? json_incref(at(known, "makers")) : json_array();
    json_array_append_new(makers, json_string(look->person));
    if (at(document, "requested_by") != NULL)
        json_array_append(makers, at(document, "requested_by"));
    if (*behalf != '\0')
        json_array_append_new(makers, json_string(text(model->users, behalf)));
    json_object_set_new(model->documents, number,
                        json_pack("{s:O, s:O*, s:O, s:I, s:{}, s:s, s:O, s:o}", "content", at(result, "content"),
                                  "levels", at(result, "levels"), "version", at(result, "version"), "seq", look->seq,
                                  "signed", "state", outcome, "document", document, "makers", makers));
    if (is(outcome, "posted") || is(outcome, "in-force"))
        take_effect(model, document, result);
}

static void take_item(struct gate_model *model, const struct look *look, size_t index)
{
    const json_t *item = json_array_get(members(look), index), *result = json_array_get(look->results, index);
    json_t *document = at(model->documents, text(item, "document"));
    const char *outcome = text(result, "outcome");
    char level[32];
    snprintf(level, sizeof level, "%lld", (long long)json_integer_value(at(item, "level")));
    if (is(look->verb, "approve"))
        json_object_set_new(at(document, "signed"), level, json_string(look->person));
    if (is(outcome, "approved")) {
        const json_t *levels = at(result, "levels");
        json_object_set(document, "levels", at(result, "levels"));
        for (size_t i = 0; i < json_array_size(levels); i++) { /* asked again */
            snprintf(level, sizeof level, "%lld", (long long)json_integer_value(json_array_get(levels, i)));
            json_object_del(at(document, "signed"), level);
        }
        return;
    }
    json_object_set_new(document, "state", json_string(outcome));
    if (is(look->verb, "approve"))
        take_effect(model, at(document, "document"), result);
}

static void take_applied(struct gate_model *model, const char *entity, const json_t *applied)
{
    char name[512];
    for (size_t i = 0; i < json_array_size(applied); i++) {
        const json_t *one = json_array_get(applied, i);
        json_t *invoice = at(model->invoices, pair(entity, text(one, "invoice"), name));
        if (invoice != NULL)
            json_object_set_new(invoice, "open",
                                json_integer(json_integer_value(at(invoice, "open")) - minor(text(one, "amount"))));
    }
}

static void take_file(struct gate_model *model, const struct look *look)
{
    char name[512], invoice_name[512];
    const char *entity = text(look->body, "entity"), *feed = text(look->body, "feed");
    const json_t *records = at(look->body, "records"), *manifest = at(look->body, "file");
    bool closes = is(text(json_array_get(look->results, 0), "outcome"), "closed");
    json_t *file = at(model->files, gate_model_file_name(look, name));
    if (file == NULL) {
        file = json_pack("{s:i, s:i, s:i, s:[], s:b}", "parts", 0, "count", 0, "total", 0, "applied", "closed", 0);
        json_object_set_new(model->files, name, file);
    }
    json_object_set_new(file, "total", json_integer(json_integer_value(at(file, "total")) + gate_model_file_sum(look)));
    json_object_set_new(file, "parts", json_integer(json_integer_value(at(file, "parts")) + 1));
    json_object_set_new(file, "count",
                        json_integer(json_integer_value(at(file, "count")) + (json_int_t)json_array_size(records)));
    for (size_t i = 0; i < json_array_size(records); i++) {
        const json_t *record = json_array_get(records, i);
        if (is(feed, "invoices"))
            json_object_set_new(model->invoices, pair(entity, text(record, "invoice"), invoice_name),
                                json_pack("{s:O, s:O, s:I}", "customer", at(record, "customer"), "currency",
                                          at(manifest, "currency"), "open", (json_int_t)minor(text(record, "gross"))));
        json_array_extend(at(file, "applied"), at(record, "applied"));
    }
    if (closes) {
        take_applied(model, entity, at(file, "applied"));
        json_object_set_new(file, "closed", json_true());
    }
}

static void take_charter(struct gate_model *model, const struct look *look)
{
    const json_t *officers = at(look->body, "officers");
    char *bytes = json_dumps(look->statement, JSON_COMPACT | JSON_SORT_KEYS);
    struct hash hash;
    hash_of(bytes, strlen(bytes), &hash);
    hash_to_hex(&hash, model->book);
    free(bytes);
    for (size_t i = 0; i < json_array_size(officers); i++) {
        const json_t *one = json_array_get(officers, i);
        take_person(model, text(one, "user"), text(one, "person"), text(one, "key"), NULL);
    }
    const json_t *policy =
        json_pack("{s:s, s:O}", "kind", "policy", "compiled", at(at(look->body, "policy"), "compiled"));
    take_effect(model, policy, NULL);
    json_decref((json_t *)(uintptr_t)policy);
}

static void take_officers(struct gate_model *model, const struct look *look)
{
    const json_t *officers = at(look->body, "officers");
    for (size_t i = 0; i < json_array_size(officers); i++) {
        const json_t *one = json_array_get(officers, i);
        take_person(model, text(one, "user"), text(one, "person"), text(one, "key"), NULL);
    }
}

void gate_model_take(struct gate_model *model, struct slice entry)
{
    struct look look = gate_model_look_at(model, entry);
    char name[512], hex[HASH_HEX_CHARS + 1];
    struct hash leaf;
    uint8_t *prefixed = malloc(entry.length + 1);
    prefixed[0] = 0;
    memcpy(prefixed + 1, entry.bytes, entry.length);
    hash_of(prefixed, entry.length + 1, &leaf);
    hash_to_hex(&leaf, hex);
    free(prefixed);
    json_array_append_new(model->leaves, json_string(hex));
    json_object_set_new(model->ids, pair(look.actor, text(look.statement, "id"), name), json_true());
    if (is(look.verb, "charter"))
        take_charter(model, &look);
    if (is(look.verb, "recover") && gate_model_admits(entry))
        take_officers(model, &look);
    for (size_t i = 0; i < json_array_size(look.results); i++) {
        if (!admitted(json_array_get(look.results, i)))
            continue;
        if (is(look.verb, "submit") || is(look.verb, "amend"))
            take_document(model, &look, i);
        else if (is(look.verb, "feed"))
            take_file(model, &look);
        else if (members(&look) != NULL)
            take_item(model, &look, i);
    }
    json_decref(look.json);
}

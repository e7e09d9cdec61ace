/*
 * The model of what was let in; see the header: one entry as a whole, its place in the journal and who signs it. All that it keeps is
 * JSON: it is small, and it can be printed. Its other rooms: documents and their approvals (gate_model_documents.c), money and files
 * (gate_model_money.c), what an entry leaves behind (gate_model_take.c).
 */
#include "tests/support/gate_model.h"

#include <stdlib.h>

#include "ledger/base64.h"
#include "ledger/sshkey.h"
#include "ledger/sshsig.h"
#include "tests/support/gate_model_parts.h"

struct gate_model *gate_model_new(void)
{
    struct gate_model *model = calloc(1, sizeof *model);
    json_t **all[] = {&model->users, &model->keys,     &model->documents, &model->refs,
                      &model->ids,   &model->invoices, &model->files,     &model->policies};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        *all[i] = json_object();
    model->leaves = json_array();
    return model;
}

void gate_model_free(struct gate_model *model)
{
    json_t *all[] = {model->users,    model->keys,  model->documents, model->refs,  model->ids,
                     model->invoices, model->files, model->policies,  model->leaves};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        json_decref(all[i]);
    free(model);
}

struct look gate_model_look_at(const struct gate_model *model, struct slice entry)
{
    struct look look = {.json = json_loadb((const char *)entry.bytes, entry.length, 0, NULL)};
    look.statement = at(look.json, "statement");
    look.body = at(look.statement, "body");
    look.decision = at(look.json, "decision");
    look.results = at(look.decision, "results");
    look.verb = text(look.statement, "do");
    look.actor = text(look.statement, "actor");
    look.person = model != NULL ? text(model->users, look.actor) : "";
    look.seq = json_integer_value(at(look.json, "seq"));
    return look;
}

int gate_model_admits(struct slice entry)
{
    struct look look = gate_model_look_at(NULL, entry);
    bool any = false;
    for (size_t i = 0; i < json_array_size(look.results); i++)
        any = any || admitted(json_array_get(look.results, i));
    json_decref(look.json);
    return any;
}

/* Whether some document of the statement brings the key, or gives it up, and so has it sign too. */
static bool key_is_brought(const struct look *look, const char *key)
{
    const json_t *list = members(look);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *document = document_at(look, i);
        const char *kind = text(document, "kind");
        if ((is(kind, "enrolment") || is(kind, "book-key")) && is(text(document, "key"), key))
            return true;
        if (is(kind, "key-rotation") && (is(text(document, "new"), key) || is(text(document, "old"), key)))
            return true;
    }
    return false;
}

static bool key_counts(const struct gate_model *model, const struct look *look, const char *key)
{
    const json_t *known = at(model->keys, key);
    const char *until = text(known, "until");
    return known != NULL && is(text(known, "user"), look->actor) &&
           (*until == '\0' || strcmp(text(look->json, "time"), until) < 0);
}

static bool signatures_are_right(struct gate_model *model, const struct look *look, struct slice statement)
{
    const json_t *list = at(look->json, "signatures");
    bool of_actor = false;
    char before[PUBLIC_KEY_TEXT_MAX] = "";
    for (size_t i = 0; i < json_array_size(list); i++) {
        uint8_t blob[SSHSIG_BYTES_MAX];
        size_t length = 0;
        struct sshsig info;
        char key[PUBLIC_KEY_TEXT_MAX];
        const char *base64 = json_string_value(json_array_get(list, i));
        if (base64_decode(base64, strlen(base64), blob, sizeof blob, &length, NULL) != STATUS_OK ||
            sshsig_verify(blob, length, statement.bytes, statement.length, &info, NULL) != STATUS_OK)
            return wrong(model, "signature %zu is not one of the statement", i);
        sshkey_format(&info.key, key);
        if (is(key, before))
            return wrong(model, "one key signs twice");
        memcpy(before, key, sizeof before);
        if (is(look->verb, "charter") || is(look->verb, "recover") || is(look->verb, "clock") ||
            is(look->verb, "restore"))
            continue;
        bool counts = key_counts(model, look, key);
        if (!counts && !key_is_brought(look, key))
            return wrong(model, "a key signs that is none of %s's", look->actor);
        of_actor = of_actor || counts;
    }
    bool common = at(model->users, look->actor) != NULL && !is(look->verb, "recover") && !is(look->verb, "clock") &&
                  !is(look->verb, "restore");
    return !common || of_actor || wrong(model, "no valid key of %s signs", look->actor);
}

/* The place in the journal, and that nothing is let in twice. */
static bool envelope_is_right(struct gate_model *model, const struct look *look)
{
    char name[512], *last = NULL;
    const json_t *seen = at(look->statement, "seen");
    size_t size = json_array_size(model->leaves);
    if (look->seq != (json_int_t)size)
        return wrong(model, "entry %lld stands at place %zu", (long long)look->seq, size);
    last = (char *)(uintptr_t)json_string_value(json_array_get(model->leaves, size - 1));
    if (size > 0 && !is(text(look->json, "prev"), last))
        return wrong(model, "it does not follow the entry before");
    if (size > 0 && !is(text(look->statement, "book"), model->book))
        return wrong(model, "it is for another book");
    if (!is(text(look->json, "time"), text(look->statement, "at")))
        return wrong(model, "a simulated book's time is what the statement says");
    if (at(model->ids, pair(look->actor, text(look->statement, "id"), name)) != NULL)
        return wrong(model, "the id was used");
    if (size > 0 && at(model->users, look->actor) == NULL && !is(look->verb, "recover"))
        return wrong(model, "there is no user %s", look->actor);
    if (json_is_object(seen)) {
        json_int_t seq = json_integer_value(at(seen, "seq"));
        const char *leaf = json_string_value(json_array_get(model->leaves, seq < 0 ? size : (size_t)seq));
        if (leaf == NULL || !is(leaf, text(seen, "hash")))
            return wrong(model, "seen is of no entry");
    }
    return true;
}

static bool entry_is_right(struct gate_model *model, const struct look *look, struct slice entry)
{
    char *bytes = json_dumps(look->statement, JSON_COMPACT | JSON_SORT_KEYS);
    const void *span = memmem(entry.bytes, entry.length, bytes, strlen(bytes));
    bool right = span != NULL && signatures_are_right(model, look, slice_of(bytes, strlen(bytes))) &&
                 envelope_is_right(model, look);
    free(bytes);
    bool documents = is(look->verb, "submit") || is(look->verb, "amend");
    bool items = is(look->verb, "amend") || is(look->verb, "approve") || is(look->verb, "withdraw") ||
                 is(look->verb, "reject") || is(look->verb, "return");
    if (right && (documents || items) && json_array_size(look->results) != json_array_size(members(look)))
        right = is(text(look->decision, "outcome"), "refused") || wrong(model, "results are left out");
    for (size_t i = 0; right && i < json_array_size(look->results); i++) {
        if (!admitted(json_array_get(look->results, i)))
            continue;
        right = (!documents || gate_model_document_is_right(model, look, i)) &&
                (!items || gate_model_item_is_right(model, look, i)) &&
                (!is(look->verb, "feed") || gate_model_file_is_right(model, look));
    }
    return right;
}

const char *gate_model_wrong(struct gate_model *model, struct slice entry)
{
    struct look look = gate_model_look_at(model, entry);
    snprintf(model->why, sizeof model->why, "the entry does not hold the statement");
    bool right = !gate_model_admits(entry) || entry_is_right(model, &look, entry);
    json_decref(look.json);
    return right ? NULL : model->why;
}
